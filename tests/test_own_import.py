"""Own files in, the project's files out: the three ways of the acceptance, and undoing them."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_own import STATIONS, fresh, indicator_book, shapefile, station_csv, tree

from bsh_geo import (
    assessment,
    briefing,
    briefing_fill,
    catalogue,
    compose,
    frames,
    own_import,
    own_report,
    own_report_files,
    project_folder,
    registers,
    sitecheck,
    sites,
)
from bsh_geo.briefing_fill import Occasion
from bsh_geo.errors import DataError
from bsh_geo.own_import import Options
from bsh_geo.own_report import Report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project_folder.init(tmp_path / "p")
    return tmp_path / "p"


def asked(report: Report) -> set[str]:
    return {one.id for one in report.questions}


def rows_of(report: Report, sort: str) -> list[tuple[int, ...]]:
    return [one.rows for one in report.findings if one.sort == sort]


def test_a_zipped_gbk_shapefile_in_gauss_krueger_becomes_the_red_line(folder: Path) -> None:
    before = tree(folder)
    given = own_import.preview(
        fresh(folder), "redline", "红线.zip", shapefile(), Options(quality="official")
    )
    report = given.report
    assert asked(report) == set()
    assert (report.read, report.kept, report.rejected) == (3, 3, 0)
    assert report.encoding == "GB18030"
    assert "东滩核心区" in report.sample
    assert "EPSG:4549" in report.crs
    assert tree(folder) == before
    entry = own_import.confirm(folder, given)
    assert (entry.number, entry.what, entry.rows) == (1, "redline", 3)
    here = fresh(folder)
    shapes = frames.shapes(here, "redline_shapes").set_index("name_zh")
    assert list(shapes["adcode"]) == ["310151", "310117", "310118"]
    assert list(shapes["quality"]) == ["official"] * 3
    assert shapes.at["佘山林地", "area_km2"] == pytest.approx(4.24, abs=0.02)
    west, south, east, north = shapes.geometry.iloc[1].bounds
    assert (west, south) == pytest.approx((121.18, 31.08), abs=1e-6)
    assert (east, north) == pytest.approx((121.20, 31.10), abs=1e-6)
    spec = compose.build(here, compose.Request("ecological_red_line"))
    drawn = next(part for part in spec.parts if part.id == "patches")
    assert set(drawn.frame["name"]) == {"东滩核心区", "佘山林地", "淀山湖东岸"}
    assert "示意" not in spec.legend[-1].title
    register = registers.registers_of(here, ["redline"])
    tested = registers.items(here, register)
    assert set(tested.frame["quality"]) == {"official"}
    found = sitecheck.check(here, sites.pasted(here, "核查点: 121.19, 31.09"), against=["redline"])
    met = found.pairs[found.pairs["relation"] == "inside"]["item"]
    assert list(found.items.frame["name_zh"].iloc[met]) == ["佘山林地"]
    own_import.undo(folder)
    assert tree(folder) == before


def test_a_missing_crs_is_asked_for_with_where_each_would_put_the_data(folder: Path) -> None:
    data = shapefile(crs=None)
    given = own_import.preview(
        fresh(folder), "redline", "红线.zip", data, Options(quality="official")
    )
    question = next(one for one in given.report.questions if one.id == "crs")
    offered = dict(question.choices)
    assert list(offered) == ["EPSG:4549"]
    assert "100% 在本市" in offered["EPSG:4549"].zh
    with pytest.raises(DataError, match="没有坐标系信息"):
        own_import.confirm(folder, given)
    said = own_import.preview(
        fresh(folder), "redline", "红线.zip", data, Options(quality="official", crs="EPSG:4549")
    )
    assert said.report.ready


def test_a_sheet_with_a_head_of_two_rows_and_short_names_becomes_figures(folder: Path) -> None:
    before = tree(folder)
    given = own_import.preview(
        fresh(folder), "indicators", "各区.xlsx", indicator_book(), Options(quality="official")
    )
    report = given.report
    assert asked(report) == set()
    assert rows_of(report, "total") == [(9,)]
    assert (8,) in rows_of(report, "rejected")
    assert (10,) in rows_of(report, "rejected")
    assert rows_of(report, "unmatched") == [(10,)]
    told = " ".join(one.text.zh for one in report.findings)
    assert "表头占第 2–3 行" in told
    assert "空行 1 行" in told
    assert "闸北区" in told
    assert "浦东新区" in told
    frame = given.frame.set_index(["indicator", "area", "period"])["value"]
    assert frame[("pm25", "310101", "2025")] == "27.5"
    assert frame[("aqi_good_rate", "310101", "2025")] == "90.1"
    assert frame[("aqi_good_rate", "310115", "2024")] == "89"
    assert frame[("pm25", "310151", "2024")] == "24"
    assert len(frame) == 12
    own_import.confirm(folder, given)
    table = frames.table(fresh(folder), "observations")
    row = table[
        (table["indicator"] == "pm25") & (table["area"] == "310101") & (table["period"] == "2025")
    ].iloc[0]
    assert (row["value"], row["quality"], row["source"]) == (27.5, "official", report.source)
    here = fresh(folder)
    spec = compose.build(here, compose.Request("air_quality", "pm25", period="2025"))
    assert "27.5" in str(spec.tables)
    judged = assessment.assess(here, ["310151"], "pm25")
    assert {(one.current, one.current_year, one.quality) for one in judged} == {
        (22.0, 2025, "official")
    }
    made = briefing_fill.fill(
        here, briefing.template_of(here, "district_report"), Occasion("310151", "2025")
    )
    assert "22" in made.pages[0].blocks[0].text
    assert report.source in catalogue.load_sources(here)
    own_import.undo(folder)
    assert tree(folder) == before


def test_a_station_csv_in_gcj02_is_suspected_corrected_and_drawn(folder: Path) -> None:
    before = tree(folder)
    data = station_csv()
    given = own_import.preview(
        fresh(folder), "stations", "站点.csv", data, Options(quality="official", crs="EPSG:4326")
    )
    question = next(one for one in given.report.questions if one.id == "datum")
    assert "GCJ-02" in question.text.zh
    assert "3 处已知点" in question.text.zh
    assert [value for value, _ in question.choices] == ["gcj02", "wgs84"]
    said = own_import.preview(
        fresh(folder), "stations", "站点.csv", data, Options(quality="official", datum="gcj02")
    )
    assert asked(said.report) == set()
    assert said.report.datum == "gcj02"
    own_import.confirm(folder, said)
    table = frames.table(fresh(folder), "stations").set_index("code")
    assert len(table) == 21
    for code, _, _, lon, lat in STATIONS:
        assert table.at[code, "lon"] == pytest.approx(lon, abs=2e-6)
        assert table.at[code, "lat"] == pytest.approx(lat, abs=2e-6)
    assert table.at["1141A", "name_en"] == "Putuo"
    assert table.at["9001A", "adcode"] == "310112"
    assert "GCJ-02" in (folder / "data/sources/own.csv").read_text("utf-8")
    spec = compose.build(fresh(folder), compose.Request("air_quality"))
    names = {name for part in spec.parts if "name" in part.frame for name in part.frame["name"]}
    assert "莘庄自建" in names
    own_import.undo(folder)
    assert tree(folder) == before


def test_the_report_names_rows_in_both_languages_and_all_forms(folder: Path) -> None:
    given = own_import.preview(
        fresh(folder), "indicators", "各区.xlsx", indicator_book(), Options(quality="official")
    )
    zh = "\n".join(own_report.lines(given.report, "zh"))
    en = "\n".join(own_report.lines(given.report, "en"))
    assert "第 8 行" in zh
    assert "row 8" in en
    assert own_report_files.to_bytes(given.report, "xlsx").startswith(b"PK")
    assert b'"rejected": 3' in own_report_files.to_bytes(given.report, "json")
    with pytest.raises(DataError, match="json 或 xlsx"):
        own_report_files.to_bytes(given.report, "csv")
