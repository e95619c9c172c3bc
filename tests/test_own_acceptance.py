"""Three files as a bureau has them, by the command line and by the page, and what they change.

The red line as a zipped Shapefile in GBK and Gauss–Krüger coordinates without ``.prj``, figures in
a sheet with a head of two rows, stations in GCJ-02. Every number is written out by hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page
from pptx import Presentation
from small_own import STATIONS, figure_book, fresh, shapefile, station_csv
from test_browser import CHROMIUM, Session, features, serve, session

from bsh_geo import compose, frames, project_folder, sitecheck, sitecheck_map, sites
from bsh_geo.compose import Request
from bsh_geo.mapspec import MapSpec

__all__ = ["session"]  # the fixture of the browser suite

SOURCE = Path(__file__).resolve().parents[1] / "src"
PATCHES = {"东滩核心区", "佘山林地", "淀山湖东岸"}
SITES = "名称,经度,纬度\n甲,121.19,31.09\n乙,121.47,31.23\n"
"""One site in the imported 佘山林地 (121.18–121.20, 31.08–31.10), one in none."""


def hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a project but its history; folders are blank."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        )
        for path in sorted(folder.rglob("*"))
        if ".history" not in path.parts
    }


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bsh_geo", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONIOENCODING": "utf-8"},
        capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@dataclass(frozen=True)
class Bureau:
    """A project folder, the files, and the folder as it was before they came in."""

    folder: Path
    files: Path
    before: dict[str, str]

    def add(self, kind: str, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """``bsh-geo add`` of one of the files."""
        return command("add", kind, self.files / name, "--project", self.folder, *words)

    def spec(self, layer: str, **asked: object) -> MapSpec:
        """The map of a layer, with nothing taken from a cache."""
        return compose.build(fresh(self.folder), Request(layer, **asked))


def bureau_at(root: Path, zone: str | None) -> Bureau:
    """The files of a bureau; ``zone`` None is CM 120°E, else a system with the zone in front."""
    project_folder.init(root / "p")
    files = root / "files"
    files.mkdir()
    (files / "红线.zip").write_bytes(shapefile(zone, prj=False))
    (files / "指标.xlsx").write_bytes(figure_book())
    (files / "站点.csv").write_bytes(station_csv("gcj02"))
    (files / "场址.csv").write_text(SITES, encoding="utf-8")
    return Bureau(root / "p", files, hashes(root / "p"))


ADDED = (
    (
        "redline", "红线.zip", "--crs", "EPSG:4528", "--quality", "official",
        "--source", "市规划资源局2024年红线",
    ),
    ("indicators", "指标.xlsx", "--quality", "official", "--source", "市局2025年数据"),
    ("stations", "站点.csv", "--datum", "gcj02", "--quality", "official"),
)  # fmt: skip


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """The three files brought in by the command line."""
    made = bureau_at(tmp_path_factory.mktemp("bureau"), "EPSG:4528")
    for at, (kind, name, *words) in enumerate(ADDED, 1):
        report = made.files / f"{kind}.json"
        done = made.add(kind, name, *words, "--yes", "--report", str(report))
        assert done.returncode == 0, done.stderr
        assert f"第 {at} 次导入" in done.stdout
    return made


# By the command line -----------------------------------------------------------------------------


def test_the_command_line_asks_what_no_file_says_and_writes_nothing_until_it_is_told(
    tmp_path: Path,
) -> None:
    made = bureau_at(tmp_path, "EPSG:4528")
    red = made.add("redline", "红线.zip", "--yes")
    assert (red.returncode, red.stderr) == (
        2, "错误: 红线.zip：文件没有坐标系信息，请指定（不作假定）。\n",
    )  # fmt: skip
    assert "--crs EPSG:4528  CGCS2000 三度带 40 带，带号在前：100% 在本市" in red.stdout
    assert "3 行写明区，都在该区" in red.stdout
    assert "EPSG:4549" not in red.stdout, "without its zone the file would lie elsewhere"
    assert "文字样例：名称 所在区 类型 东滩核心区" in red.stdout
    points = made.add("stations", "站点.csv", "--crs", "EPSG:4490", "--quality", "open", "--yes")
    assert points.returncode == 2
    assert "坐标疑似 GCJ-02：3 处已知点中位相差 481 m，按 GCJ-02 换算后为 0 m" in points.stdout
    assert hashes(made.folder) == made.before


@pytest.mark.parametrize(
    ("kind", "rows", "crs", "datum"),
    [
        ("redline", (3, 3, 0), "CGCS2000 / 3-degree Gauss-Kruger zone 40 (EPSG:4528)", "wgs84"),
        ("indicators", (3, 2, 1), "", ""),
        ("stations", (4, 4, 0), "WGS 84 (EPSG:4326)", "gcj02"),
    ],
)
def test_the_reports_count_every_row(
    bureau: Bureau, kind: str, rows: tuple[int, int, int], crs: str, datum: str
) -> None:
    told = json.loads((bureau.files / f"{kind}.json").read_text("utf-8"))
    counts = told["rows"]
    assert (counts["read"], counts["imported"], counts["rejected"]) == rows
    assert {counts[one] for one in ("unmatched", "duplicate", "outside", "repaired")} == {0}
    assert (told["crs"], told["datum"]) == (crs, datum)
    assert told["questions"] == []
    lost = [(one["sort"], one["rows"]) for one in told["findings"] if one["lost"]]
    assert lost == ([("total", [6])] if kind == "indicators" else [])


def test_the_map_of_the_red_line_shows_the_official_shapes_and_their_source(
    bureau: Bureau,
) -> None:
    spec = bureau.spec("ecological_red_line")
    (drawn,) = [part for part in spec.parts if part.id == "patches"]
    assert set(drawn.frame["name"]) == PATCHES
    west, south, east, north = drawn.frame.set_index("name").geometry["佘山林地"].bounds
    assert (west, south) == pytest.approx((121.18, 31.08), abs=1e-5)
    assert (east, north) == pytest.approx((121.20, 31.10), abs=1e-5)
    assert spec.quality_note == ""
    assert spec.sources[0] == "市规划资源局2024年红线"
    assert not any(style.hatch for style in drawn.styles.values())
    shapes = frames.shapes(fresh(bureau.folder), "redline_shapes").set_index("name_zh")
    assert set(shapes["quality"]) == {"official"}
    # 0.02° of latitude are 2.218 km, 0.02° of longitude at 31.09° N are 1.907 km.
    assert shapes.at["佘山林地", "area_km2"] == pytest.approx(4.23, abs=0.02)


def test_the_map_of_the_air_shows_the_figures_in_their_units_and_the_stations_in_place(
    bureau: Bureau,
) -> None:
    spec = bureau.spec("air_quality", metric="pm25", period="2025")
    (drawn,) = [part for part in spec.parts if part.id == "pm25"]
    lines = {code: dict(lines) for code, lines in drawn.frame["lines"].items()}
    names = dict(drawn.frame["name"])
    values = {names[code]: next(iter(one.values())) for code, one in lines.items()}
    assert values["浦东新区"] == "24.5 μg/m³"
    assert values["闵行区"] == "25.5 μg/m³"
    assert "市局2025年数据" in spec.sources
    table = frames.table(fresh(bureau.folder), "observations")
    wet = table[table["indicator"].eq("wetland_area") & table["area"].isin(["310115", "310112"])]
    # 1 万亩 = 10 000 / 15 公顷.
    assert dict(zip(wet["area"], wet["value"], strict=True)) == {"310115": 800, "310112": 200}
    assert set(wet["unit"]) == {"公顷"}
    stations = frames.table(fresh(bureau.folder), "stations").set_index("code")
    for code, _, _, lon, lat in STATIONS:
        assert stations.at[code, "lon"] == pytest.approx(lon, abs=2e-6)
        assert stations.at[code, "lat"] == pytest.approx(lat, abs=2e-6)
    told = (bureau.folder / "data/sources/own.csv").read_text("utf-8")
    assert "GCJ-02" in told
    assert "EPSG:4528" in told


def test_the_targets_are_judged_by_the_new_figures(bureau: Bureau) -> None:
    def states(*words: str | Path) -> list[tuple[object, ...]]:
        asked = ("progress", "--area", "闵行", "--indicator", "pm25", "--format", "json", *words)
        return [
            (one["year"], one["current"], one["baseline"], one["gap"], one["share"], one["state"])
            for one in json.loads(command(*asked).stdout)
        ]

    assert states() == [
        (2027, None, None, None, None, "no_data"), (2035, None, None, None, None, "no_data")
    ]  # fmt: skip
    # From 27.0 in 2024 to 25.5 in 2025: 1.5 of 2.0 to 25, 1.5 of 7.0 to 20.
    near, far = states("--project", bureau.folder)
    assert near == (2027, 25.5, 27.0, 0.5, 75.0, "on_track")
    assert far[:4] == (2035, 25.5, 27.0, 5.5)
    assert far[4] == pytest.approx(100 * 1.5 / 7.0, abs=0.01)


def test_a_site_in_the_imported_red_line_is_found_without_the_word_schematic(
    bureau: Bureau,
) -> None:
    here = fresh(bureau.folder)
    given = sites.pasted(here, "甲: 121.19, 31.09\n乙: 121.47, 31.23")
    found = sitecheck.check(here, given, against=["redline"])
    met = found.pairs[found.pairs["relation"] == "inside"]
    assert list(given.frame["name"].loc[met["number"]]) == ["甲"]
    assert list(found.items.frame["name_zh"].iloc[met["item"]]) == ["佘山林地"]
    assert set(found.items.frame["quality"]) == {"official"}
    assert sitecheck_map.map_spec(here, found, "zh").quality_note == ""
    every = sitecheck.check(here, given)
    kinds = every.items.frame.groupby("register")["quality"].agg(set)
    assert kinds["redline"] == {"official"}
    assert "schematic" in kinds["reserves"]
    assert sitecheck_map.map_spec(here, every, "zh").quality_note == sitecheck.STATEMENT.zh


def test_the_command_line_checks_sites_against_the_imported_red_line(bureau: Bureau) -> None:
    done = command(
        "sitecheck", bureau.files / "场址.csv", "--crs", "EPSG:4326", "--against", "redline",
        "--project", bureau.folder,
    )  # fmt: skip
    first = next(line.split() for line in done.stdout.splitlines() if line.startswith("甲"))
    assert first == ["甲", "生态保护红线", "佘山林地", "水土保持", "位于其内", "0", "边界", "官方"]
    assert "生态保护红线：1 个场址位于其内或重叠。" in done.stdout


def slides(path: Path) -> list[str]:
    """The text of each slide, tables included."""
    made = []
    for slide in Presentation(path).slides:
        texts = [one.text_frame.text for one in slide.shapes if one.has_text_frame]
        tables = [one.table for one in slide.shapes if one.has_table]
        texts += [cell.text for table in tables for row in table.rows for cell in row.cells]
        made.append("\n".join(texts))
    return made


def test_a_briefing_prints_the_new_figures_and_their_source(bureau: Bureau) -> None:
    path = bureau.files / "闵行.pptx"
    done = command(
        "briefing", "run", "district_report", "--area", "闵行", "--period", "2025", "-o", path,
        "--project", bureau.folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = slides(path)
    brief = next(one for one in made if one.startswith("要点"))
    assert "闵行区细颗粒物年均浓度为25.5微克/立方米" in brief
    assert "高0.5微克/立方米，尚未达成，进度符合要求" in brief
    assert "来源：市局2025年数据" in brief
    wet = next(one for one in made if "湿地总面积为200公顷" in one)
    assert "来源：市局2025年数据；" in wet, "a sentence's figure has its source on its page"


def test_a_printed_map_names_the_imported_source(bureau: Bureau, tmp_path: Path) -> None:
    path = tmp_path / "红线.pdf"
    done = command("snapshot", "ecological_red_line", "-o", path, "--project", bureau.folder)
    assert done.returncode == 0, done.stderr
    text = pypdf.PdfReader(path).pages[0].extract_text().replace("\n", "")
    assert "市规划资源局2024年红线" in text


def test_history_lists_the_imports_with_their_sources_and_undo_brings_every_byte_back(
    tmp_path: Path,
) -> None:
    made = bureau_at(tmp_path, "EPSG:4528")
    states = [made.before]
    for kind, name, *words in ADDED:
        assert made.add(kind, name, *words, "--yes").returncode == 0
        states.append(hashes(made.folder))
    listed = command("history", "--project", made.folder).stdout.splitlines()
    assert [line.split()[0] for line in listed[1:]] == ["1", "2", "3"]
    assert "市规划资源局2024年红线" in listed[1]
    assert "红线.zip" in listed[1]
    for at in (2, 1, 0):
        assert command("undo", "--project", made.folder).returncode == 0
        assert hashes(made.folder) == states[at]
    shipped = made.spec("ecological_red_line")
    (drawn,) = [part for part in shipped.parts if part.id == "patches"]
    assert not PATCHES & set(drawn.frame["name"])
    assert shipped.quality_note.startswith("示意")
    assert "市规划资源局2024年红线" not in shipped.sources


KILLED = """
import os, signal, sys
real, left = os.replace, [int(sys.argv.pop(1))]
def replace(source, target, **more):
    if ".history" in str(source) or ".history" in str(target):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
    real(source, target, **more)
os.replace = replace
from bsh_geo.cli import main
main()
"""


@pytest.mark.parametrize("step", [0, 1, 3, 6])
def test_an_import_killed_while_it_writes_leaves_the_old_state(tmp_path: Path, step: int) -> None:
    """The red line is five files: the change is opened, each is put in place, it is closed."""
    made = bureau_at(tmp_path, "EPSG:4528")
    kind, name, *words = ADDED[0]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(step), "add", kind, str(made.files / name),
         "--project", str(made.folder), *words, "--yes"],
        env={**os.environ, "PYTHONPATH": str(SOURCE)}, capture_output=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert command("doctor", "--project", made.folder).returncode == 0
    assert hashes(made.folder) == made.before
    assert "没有导入记录" in command("history", "--project", made.folder).stdout
    assert made.add(kind, name, *words, "--yes").returncode == 0


# By the page -------------------------------------------------------------------------------------

browser = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium found; python run.py test looks for one"),
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Bureau, str]]:
    """A project of its own, served."""
    made = bureau_at(tmp_path, None)
    child, url = serve("--project", str(made.folder))
    yield made, url
    child.terminate()
    child.wait(20)


class Importing:
    """The page 导入 as an officer uses it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(f"{url}/import")
        page.get_by_text("导入数据").first.wait_for(timeout=30_000)

    def upload(self, kind: str, path: Path) -> None:
        """Choose a kind and give it a file."""
        self.page.locator('[data-testid="stRadio"]').first.get_by_text(kind, exact=True).click()
        self.settled()
        self.page.locator("input[type=file]").set_input_files(path)
        self.page.get_by_role("tab", name="4 预览").wait_for(timeout=30_000)

    def settled(self) -> None:
        """Wait until the script has run and the page shows what it drew."""
        self.page.wait_for_timeout(400)
        idle = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        self.page.locator(idle).wait_for(timeout=30_000)
        self.page.wait_for_timeout(300)

    def answer(self, text: str) -> None:
        """Choose an answer by how it begins; it is kept once the page says so."""
        choice = self.page.locator('[class*="st-key-import-question"] label').filter(has_text=text)
        choice.first.click()
        self.settled()

    def counted(self, text: str) -> None:
        """Wait for what the report counts."""
        self.page.locator(".bsh-key").filter(has_text=text).wait_for(timeout=15_000)

    def map(self, condition: str) -> list[str]:
        """The legend of the preview, once its map holds what it should."""
        self.page.frame_locator('iframe[title*="st_folium"]').locator(
            ".bsh-legend-row"
        ).first.wait_for()
        frame = next(one for one in self.page.frames if "st_folium" in one.url)
        frame.wait_for_function(condition, timeout=15_000)
        return frame.locator(".bsh-legend-row").all_inner_texts()

    def confirm(self) -> None:
        """Write."""
        self.page.get_by_role("button", name="确认写入").click()
        self.page.get_by_text("已写入", exact=True).wait_for(timeout=30_000)


class TestByThePage:
    pytestmark = browser

    def test_the_three_files_come_in_are_used_and_go_again(
        self, served: tuple[Bureau, str], session: Session
    ) -> None:
        bureau, url = served
        here = Importing(session.page, url)
        here.upload("生态红线", bureau.files / "红线.zip")
        here.answer("CGCS2000 三度带 120°E，无带号：100% 在本市")
        here.answer("官方")
        here.counted("共读到 3 行")
        legend = here.map("bsh.group && bsh.group.getLayers().length > 0")
        assert legend == ["将导入 3"]
        assert hashes(bureau.folder) == bureau.before
        here.confirm()
        here.upload("指标数值", bureau.files / "指标.xlsx")
        here.answer("官方")
        here.counted("共读到 3 行")
        session.page.get_by_text("合计或平均行，不导入").first.wait_for()
        here.confirm()
        here.upload("空气站点", bureau.files / "站点.csv")
        here.answer("CGCS2000 经纬度")
        session.page.get_by_text("坐标疑似 GCJ-02：3 处已知点中位相差 481 m").first.wait_for()
        here.answer("按 GCJ-02 换算为 WGS 84")
        here.answer("官方")
        here.counted("共读到 4 行")
        here.confirm()
        self.used(session, url)
        self.undone(bureau, session, url)

    @staticmethod
    def used(session: Session, url: str) -> None:
        """The map and the progress show what was brought in."""
        frame = session.open(f"{url}/?layer=ecological_red_line")
        session.until(frame, "bsh.view.layer === 'ecological_red_line'")
        assert {one["name"] for one in features(frame, "patches")} == PATCHES
        frame = session.open(f"{url}/?layer=air_quality&metric=pm25&period=2025")
        session.until(frame, "bsh.view.layer === 'air_quality'")
        shown = {one["id"]: one["lines"] for one in features(frame, "pm25")}
        assert shown["310112"][0][1] == "25.5 μg/m³"
        session.page.goto(f"{url}/progress?area=310112")
        session.page.locator(".bsh-matrix").get_by_text("25.5").first.wait_for(timeout=30_000)

    @staticmethod
    def undone(bureau: Bureau, session: Session, url: str) -> None:
        """The first import and all later ones are taken back on the page."""
        page = session.page
        Importing(page, url)
        page.get_by_role("tab", name="历史").click()
        page.locator(".bsh-past").nth(2).wait_for()
        page.get_by_role("button", name="撤销").nth(2).click()
        page.get_by_text("其后的 2 次导入").wait_for()
        page.get_by_role("button", name="确认撤销").click()
        page.get_by_text("撤销了 #1、#2、#3").wait_for(timeout=15_000)
        assert hashes(bureau.folder) == bureau.before
        frame = session.open(f"{url}/?layer=ecological_red_line")
        session.until(frame, "bsh.view.layer === 'ecological_red_line'")
        names = {one["name"] for one in features(frame, "patches")}
        assert names
        assert not PATCHES & names
