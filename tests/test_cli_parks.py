"""The commands of parks: what they print, what they write, and how they exit."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import geopandas as gpd
import pytest
from conftest import OwnProject
from openpyxl import load_workbook
from shapely.geometry import LineString, box
from test_cli import one_sentence, run
from test_parks import EAST, MIDDLE, WEST, city

from bsh_geo import park_access
from bsh_geo.crs import DISPLAY
from bsh_geo.project import Project

COMMANDS = ("access", "bands", "gaps", "probe", "people")


def ways(folder: Path) -> Path:
    path = folder / "ways.gpkg"
    gpd.GeoDataFrame(geometry=[LineString([(121.47, 31.2), (121.49, 31.2)])], crs=DISPLAY).to_file(
        path
    )
    return path


def people(folder: Path) -> Path:
    path = folder / "people.geojson"
    gpd.GeoDataFrame({"n": [1000, 3000]}, geometry=[WEST, EAST], crs=DISPLAY).to_file(path)
    return path


def toy(own: OwnProject) -> Path:
    """A folder with the two districts of ``test_parks`` and one park."""
    city(own, MIDDLE)
    return own.root


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    return {row["区域"]: row for row in rows}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_both_languages(command: str) -> None:
    result = run("parks", command, "--help")
    assert result.exit_code == 0
    assert any("一" <= sign <= "鿿" for sign in result.stdout)
    assert " / " in result.stdout


def test_bands_stand_side_by_side_on_the_terminal_and_in_a_file(
    own_project: OwnProject, tmp_path: Path
) -> None:
    folder = toy(own_project)
    path = tmp_path / "bands.csv"
    words = ("--network", ways(tmp_path), "--residents", people(tmp_path), "--column", "n")
    result = run("parks", "bands", *words, "--project", folder, "-o", path)
    assert result.exit_code == 0, result.stderr
    assert "道路文件中没有这些区的道路" in result.stdout
    rows = rows_of(path)
    west = rows["黄浦区"]
    assert float(west["500 m直线（%）"]) == pytest.approx(4.65, abs=0.05)
    assert 0 < float(west["500 m步行（%）"]) < 1
    # People are spread evenly: their share is that of the land.
    assert west["500 m居民（%）"] == west["500 m步行（%）"]
    assert rows["徐汇区"]["备注"] == "道路文件中没有本区的道路，0 不是量得的。"
    shown = run("parks", "bands", "--project", folder, "--lang", "en")
    assert "15 minutes (1080 m) straight (%)" in shown.stdout


def test_access_prints_shares_and_what_limits_them() -> None:
    result = run("parks", "access", "--area", "黄浦")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert sum(line.startswith("区 ") for line in lines) == 1
    assert "不估算覆盖居民" in result.stdout
    assert "居民覆盖率" not in result.stdout
    english = run("parks", "access", "--lang", "en", "--band", "5min").stdout
    assert "5 minutes (360 m)" in english
    assert "straight line" in english


def test_access_writes_what_python_measures(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "access.csv"
    assert run("parks", "access", "--band", "300m", "-o", out).exit_code == 0
    rows = rows_of(out)
    of = park_access.basis(project)
    wanted = park_access.shares(of, park_access.band("300m", 1.2))
    assert len(rows) == len(wanted) == 25
    assert float(rows["上海市"]["陆域覆盖率（%）"]) == round(wanted.at["310000", "land_share"], 2)
    assert {row["测法"] for row in rows.values()} == {"直线"}
    assert {row["质量"] for row in rows.values()} == {"推算"}


def test_access_with_ways_and_residents_of_the_user(
    own_project: OwnProject, tmp_path: Path
) -> None:
    folder = toy(own_project)
    out = tmp_path / "access.csv"
    given = ("--network", ways(tmp_path), "--residents", people(tmp_path), "--column", "n")
    result = run("parks", "access", "--project", folder, *given, "--band", "500m", "-o", out)
    assert result.exit_code == 0, result.stderr
    row = rows_of(out)["黄浦区"]
    # 900 m × 100 m of street and a circle of 50 m: 0.0979 km² of 16.9.
    assert float(row["覆盖陆域（km²）"]) == pytest.approx(0.0979, abs=0.005)
    share = float(row["陆域覆盖率（%）"])
    assert float(row["居民覆盖率（%）"]) == pytest.approx(share, abs=0.01)
    assert float(row["居民（人）"]) == 1000
    assert row["测法"] == "沿道路步行"
    assert "按面积加权" in result.stdout


def test_a_walking_speed_and_a_width_are_settings(own_project: OwnProject, tmp_path: Path) -> None:
    folder = toy(own_project)
    found = {}
    for speed in ("1.0", "1.5"):
        out = tmp_path / f"{speed}.csv"
        words = ("--network", ways(tmp_path), "--band", "5min", "--width", "20", "--speed", speed)
        assert run("parks", "access", "--project", folder, *words, "-o", out).exit_code == 0
        found[speed] = float(rows_of(out)["黄浦区"]["覆盖陆域（km²）"])
    # 2 · (300 − 20) · 40 m and 2 · (450 − 20) · 40 m, and a circle of 20 m.
    assert found["1.0"] == pytest.approx(0.0237, abs=0.005)
    assert found["1.5"] == pytest.approx(0.0357, abs=0.005)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "geojson", "gpkg"])
def test_every_format_is_written(form: str, tmp_path: Path) -> None:
    out = tmp_path / f"access.{form}"
    assert run("parks", "access", "-o", out).exit_code == 0
    if form == "xlsx":
        sheet = load_workbook(out).worksheets[0]
        assert sheet.max_row == 26
    elif form == "json":
        assert len(json.loads(out.read_text("utf-8"))) == 25
    elif form == "csv":
        assert len(rows_of(out)) == 25
    else:
        shapes = gpd.read_file(out)
        assert len(shapes) == 25
        assert shapes.crs == DISPLAY
        assert shapes.geometry.notna().sum() == 16
        assert {"source", "quality"} <= set(shapes.columns)


def test_gaps_are_written_as_a_ranked_layer(tmp_path: Path) -> None:
    out = tmp_path / "gaps.gpkg"
    result = run("parks", "gaps", "--area", "黄浦", "--cell", "0", "--min-ha", "5", "-o", out)
    assert result.exit_code == 0
    assert "按面积排名" in result.stdout
    shapes = gpd.read_file(out)
    assert len(shapes) == 2
    assert shapes["rank"].tolist() == list(range(1, len(shapes) + 1))
    assert shapes["area_ha"].is_monotonic_decreasing
    assert shapes["area_ha"].min() >= 5
    assert set(shapes["adcode"]) == {"310101"}


def test_gaps_are_limited_to_given_homes(own_project: OwnProject, tmp_path: Path) -> None:
    homes = tmp_path / "homes.geojson"
    gpd.GeoDataFrame(geometry=[box(121.52, 31.19, 121.525, 31.195)], crs=DISPLAY).to_file(homes)
    out = tmp_path / "gaps.csv"
    result = run("parks", "gaps", "--project", toy(own_project), "--homes", homes, "-o", out)
    assert result.exit_code == 0, result.stderr
    assert "居住用地" in result.stdout
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert {row["区"] for row in rows} == {"徐汇区"}
    # 0.005° × 0.005° at 31.19° N: 476.6 m × 554.3 m.
    assert sum(float(row["面积（公顷）"]) for row in rows) == pytest.approx(26.42, abs=0.05)


def test_a_probe_says_what_a_park_would_add(own_project: OwnProject) -> None:
    result = run(
        "parks", "probe", "--project", toy(own_project), "--at", "121.52,31.2", "--size", "0.5"
    )
    assert result.exit_code == 0, result.stderr
    assert "新增覆盖陆域 0.78" in result.stdout
    assert "徐汇区" in result.stdout
    assert "不估算居民" in result.stdout


def test_a_place_is_read_in_degrees_minutes_and_seconds(own_project: OwnProject) -> None:
    folder = toy(own_project)
    decimal, angles = (
        run("parks", "probe", "--project", folder, "--at", text).stdout
        for text in ("121.52,31.2", "121°31′12″E 31°12′N")
    )
    assert decimal == angles


def test_a_probe_takes_an_area_from_a_file(own_project: OwnProject, tmp_path: Path) -> None:
    area, out = tmp_path / "new.geojson", tmp_path / "probe.geojson"
    gpd.GeoDataFrame(geometry=[box(121.52, 31.2, 121.5204, 31.2004)], crs=DISPLAY).to_file(area)
    result = run("parks", "probe", "--project", toy(own_project), "--polygon", area, "-o", out)
    assert result.exit_code == 0, result.stderr
    # 0.17 ha: 300 m from an edge of 38 m × 44 m.
    assert "服务半径 300 m" in result.stdout
    shapes = gpd.read_file(out)
    (added,) = shapes.loc[shapes.geometry.notna(), "added_km2"]
    assert added == pytest.approx(0.334, abs=0.002)


def test_people_gives_heads_year_and_the_published_figure(tmp_path: Path) -> None:
    out = tmp_path / "people.csv"
    assert run("parks", "people", "-o", out).exit_code == 0
    row = rows_of(out)["闵行区"]
    assert (row["人口（人）"], row["人口年份"]) == ("2653489", "2020")
    assert (row["公布的人均公园绿地（m²/人）"], row["公布时期"]) == ("11.1", "2025年8月")
    assert row["人口来源"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("access", "--band", "far"), "500m"),
        (("access", "--area", "浦西"), "浦西"),
        (("access", "-o", "a.doc"), "doc"),
        (("access", "--network", "gone.gpkg"), "gone.gpkg"),
        (("access", "--speed", "9"), "speed_m_s"),
        (("gaps", "--cell", "5"), "100"),
        (("gaps", "--residents", "gone.tif"), "gone.tif"),
        (("probe",), "--polygon"),
        (("probe", "--at", "121.47"), "121.47"),
        (("probe", "--at", "121.47,30"), "陆域"),
        (("probe", "--at", "121.47,31.23", "--size", "-1"), "大于 0"),
        (("probe", "--at", "121.47,31.23;121.48,31.23"), "2 个位置"),
        (("people", "-o", "a.gpkg"), "gpkg"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_exit_code_2(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("parks", *words)
    assert result.exit_code == 2
    assert told in one_sentence(result)
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_is_damaged_leaves_no_file(tmp_path: Path) -> None:
    bad, out = tmp_path / "bad.geojson", tmp_path / "out.csv"
    bad.write_text("{}")
    result = run("parks", "access", "--network", bad, "-o", out)
    assert result.exit_code == 2
    assert "bad.geojson" in one_sentence(result)
    assert not out.exists()
