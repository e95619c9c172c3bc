"""The worked examples of docs/examples: their very commands are run, and do what is said."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from bsh_geo import areas, compose, frames, observations
from bsh_geo.project import Project, open_project

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "docs" / "examples"


class Played:
    """A page whose commands were run in a folder of its own: what each printed, and the project."""

    def __init__(self, folder: Path, page: str) -> None:
        self.folder = folder
        shutil.copytree(EXAMPLES, folder / "docs" / "examples")
        self.text = (EXAMPLES / page).read_text(encoding="utf-8")
        self.said: list[tuple[str, str]] = []
        for block in re.findall(r"```sh\n(.*?)```", self.text, re.DOTALL):
            for line in block.splitlines():
                self._run(line)
        assert len(self.said) > 4

    def _run(self, line: str) -> None:
        words = shlex.split(line)
        if words[:2] == ["cp", "-R"]:
            shutil.copytree(self.folder / words[2], self.folder / words[3], dirs_exist_ok=True)
            return
        assert words[0] == "bsh-geo", line
        done = subprocess.run(
            [sys.executable, "-m", "bsh_geo", *words[1:]],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        self.said.append((line, done.stdout))

    def output(self, start: str) -> str:
        """What the last command that begins so printed."""
        return [text for line, text in self.said if line.startswith(start)][-1]

    def open(self) -> Project:
        """The project of the page."""
        return open_project(self.folder / "P")


def is_picture(path: Path) -> bool:
    return path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 20_000


def test_an_indicator_and_its_layer(tmp_path: Path) -> None:
    made = Played(tmp_path, "indicator.md")
    listed = made.output("bsh-geo doctor")
    for block in re.findall(r"```text\n(.*?)```", made.text, re.DOTALL):
        for line in block.splitlines():
            assert line in listed
    assert "没有问题" in made.output("bsh-geo check")
    spec = compose.build(made.open(), compose.Request("population_density"))
    rows = spec.tables[0].export.set_index("id")["value"]
    assert (rows["310101"], rows["310151"], len(rows)) == (32357, 538, 16)
    assert spec.key is not None and (spec.key.value, spec.key.quality) == ("3,923", "推算")
    assert is_picture(tmp_path / "density.png")
    with (tmp_path / "density.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.reader(lines))) >= 17
    assert "黄浦区人口密度为32,357" in made.output("bsh-geo sentence")


def test_the_density_is_that_of_the_shipped_table(project: Project) -> None:
    with (EXAMPLES / "indicator/data/indicators/observations.own.csv").open(
        encoding="utf-8", newline=""
    ) as lines:
        own = {row["area"]: row for row in csv.DictReader(lines)}
    table = areas.district_table(project)
    for code, row in table.iterrows():
        assert int(own[str(code)]["value"]) == round(row["pop_2020"] / row["area_km2"])
        assert own[str(code)]["source"] == row["source"]
    whole = table["pop_2020"].sum() / table["area_km2"].sum()
    assert int(own["310000"]["value"]) == round(whole)
    assert {row["quality"] for row in own.values()} == {"derived"}


def test_squares_instead_of_districts(tmp_path: Path) -> None:
    made = Played(tmp_path, "grid.md")
    assert "grid5：372 个 5 km 方格" in made.output("bsh-geo import grid")
    assert "新增 1（grid5）" in made.output("bsh-geo doctor")
    assert "没有问题" in made.output("bsh-geo check")
    here = made.open()
    assert frames.boundary_of(here, "grid5").quality == "derived"
    spec = compose.build(here, compose.Request("parks_by_square"))
    rows = spec.tables[0].export
    assert (len(rows), rows["value"].max()) == (372, 23)
    assert spec.legend[0].title == "已定位公园数 · 5 km 网格（推算）"
    assert any("没有位置 73" in note for note in spec.notes)
    mean = compose.build(here, compose.Request("parks_by_square", "park_size_in_square"))
    empty = rows["value"].eq(0).to_numpy()
    assert mean.tables[0].export["value"][empty].isna().all()
    assert is_picture(tmp_path / "squares.png") and is_picture(tmp_path / "size.png")
    features = json.loads((tmp_path / "squares.geojson").read_bytes())["features"]
    assert {one["properties"]["geometry_quality"] for one in features} == {"derived"}


def test_a_standard_changes_the_assessment(tmp_path: Path) -> None:
    made = Played(tmp_path, "standard.md")
    asked = [text for line, text in made.said if "progress --area 长宁区" in line]
    assert [text.count("长宁区  ") for text in asked] == [2, 3]
    new = next(line for line in asked[1].splitlines() if "GB 3095-2026" in line)
    for word in ("25.8", "≤", "2031", "0.8", "-0.13", "按进度", "较新"):
        assert word in new
    assert "较严" in asked[1] and "较严" not in asked[0]
    assert "GB 3095-2026" not in made.output("bsh-geo progress --area 崇明区")
    assert "gb-3095-2026-pm25" in made.output("bsh-geo doctor")
    assert "没有问题" in made.output("bsh-geo check")
    assert is_picture(tmp_path / "limit.png")
    spec = compose.build(made.open(), compose.Request("air_quality", areas=("长宁区",)))
    assert any(one.document == "GB 3095-2026" for one in spec.targets)


def test_every_file_of_the_examples_is_named_in_their_pages() -> None:
    for folder in ("indicator", "grid", "standard"):
        page = (EXAMPLES / f"{folder}.md").read_text(encoding="utf-8")
        files = [one for one in (EXAMPLES / folder).rglob("*") if one.is_file()]
        assert files
        for one in files:
            assert one.relative_to(EXAMPLES / folder).as_posix() in page
            assert one.stat().st_size < 10_000


def test_the_examples_change_nothing_that_is_shipped(project: Project) -> None:
    assert "population_density" not in set(observations.observations(project)["indicator"])
