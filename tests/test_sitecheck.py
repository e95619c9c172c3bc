"""How sites stand to places: relations and measures by hand, edge cases, totals, files and page."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import OwnProject
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader
from pyproj import Geod
from shapely.geometry import (
    LineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
    mapping,
)

from bsh_geo import (
    registers,
    relations,
    sitecheck,
    sitecheck_map,
    sitecheck_print,
    sitecheck_report,
    sites,
)
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.project import Project
from bsh_geo.site_geometry import divided, moved
from bsh_geo.sitecheck import SiteCheck

GEOD = Geod(ellps="GRS80")


def stands(site: Any, place: Any, buffer_m: float = 0.0) -> tuple[str, float, float, float]:
    """Relation, distance, shared area and shared length of one site and one place, in metres."""
    rows, _ = relations.relate(np.array([site]), np.array([place]), buffer_m)
    if not len(rows):
        (distance,) = relations.nearest(np.array([site]), np.array([place]))[1]
        return "outside", float(distance), np.nan, np.nan
    row = rows.iloc[0]
    return row["relation"], row["distance_m"], row["overlap_m2"], row["overlap_m"]


SQUARE = box(0, 0, 100, 100)
RING = Polygon(SQUARE.exterior, [box(40, 40, 60, 60).exterior])
TWO = MultiPolygon([box(0, 0, 10, 10), box(50, 0, 60, 10)])
# Two triangles that meet in one point: valid as one polygon whose ring touches itself.
HOURGLASS = Polygon([(0, 0), (100, 0), (50, 50), (100, 100), (0, 100), (50, 50), (0, 0)]).buffer(0)


@pytest.mark.parametrize(
    ("site", "place", "relation", "area"),
    [
        pytest.param(box(10, 10, 20, 20), SQUARE, "inside", 100.0, id="within"),
        pytest.param(SQUARE, SQUARE, "inside", 10_000.0, id="the same"),
        pytest.param(box(90, 90, 110, 110), SQUARE, "overlaps", 100.0, id="over a corner"),
        pytest.param(box(-10, -10, 110, 110), SQUARE, "overlaps", 10_000.0, id="around it"),
        pytest.param(box(100, 0, 200, 100), SQUARE, "touches", 0.0, id="border on border"),
        pytest.param(box(100, 100, 110, 110), SQUARE, "touches", 0.0, id="corner on corner"),
        pytest.param(box(100.0005, 0, 200, 9), SQUARE, "touches", 0.0, id="half a millimetre off"),
        pytest.param(box(99.9995, 0, 200, 9), SQUARE, "touches", 0.0, id="half a millimetre over"),
        pytest.param(box(99.99, 0, 200, 100), SQUARE, "overlaps", 1.0, id="a sliver of 1 cm"),
        pytest.param(box(40, 40, 60, 60), RING, "touches", 0.0, id="filling the hole"),
        pytest.param(box(45, 45, 65, 55), RING, "overlaps", 50.0, id="half in the hole"),
        pytest.param(box(35, 35, 65, 65), RING, "overlaps", 500.0, id="over the hole"),
        pytest.param(box(5, 0, 55, 10), TWO, "overlaps", 100.0, id="over two parts"),
        pytest.param(TWO, box(0, 0, 10, 10), "overlaps", 100.0, id="one of two parts"),
        pytest.param(TWO, SQUARE, "inside", 200.0, id="both parts"),
        pytest.param(box(0, 0, 100, 50), HOURGLASS, "overlaps", 2500.0, id="touching itself"),
    ],
)
def test_polygons(site: Any, place: Any, relation: str, area: float) -> None:
    found = stands(site, place)
    assert found[:2] == (relation, 0.0)
    assert found[2] == pytest.approx(area, abs=1e-6)


def test_a_site_in_a_hole_is_outside_and_as_far_as_the_hole_s_edge() -> None:
    assert stands(box(45, 45, 50, 50), RING)[:2] == ("outside", 5.0)
    assert stands(Point(50, 50), RING)[:2] == ("outside", 10.0)


@pytest.mark.parametrize(
    ("site", "relation"),
    [
        (Point(50, 50), "inside"),
        (Point(100, 50), "touches"),
        (Point(100.0004, 50), "touches"),
        (Point(99.9996, 50), "touches"),
        (Point(99.99, 50), "inside"),
        (Point(0, 0), "touches"),
        (MultiPoint([(50, 50), (10, 10)]), "inside"),
        (MultiPoint([(50, 50), (100, 50)]), "inside"),
        (MultiPoint([(50, 50), (500, 50)]), "overlaps"),
        (MultiPoint([(100, 50), (500, 50)]), "touches"),
    ],
)
def test_points(site: Any, relation: str) -> None:
    found = stands(site, SQUARE)
    assert found[:2] == (relation, 0.0)
    assert np.isnan(found[2])


@pytest.mark.parametrize(
    ("site", "relation", "length"),
    [
        (LineString([(10, 50), (90, 50)]), "inside", 80.0),
        (LineString([(50, 50), (150, 50)]), "overlaps", 50.0),
        (LineString([(-50, 50), (150, 50)]), "overlaps", 100.0),
        (LineString([(0, 0), (100, 0)]), "touches", 0.0),
        (LineString([(0, 0), (200, 0)]), "touches", 0.0),
        (LineString([(100, 50), (200, 50)]), "touches", 0.0),
        (LineString([(0, 50), (100, 50)]), "inside", 100.0),
        (LineString([(0, 0), (100, 100)]), "inside", 141.4213562),
    ],
)
def test_lines(site: Any, relation: str, length: float) -> None:
    found = stands(site, SQUARE)
    assert found[:2] == (relation, 0.0)
    assert found[3] == pytest.approx(length, abs=1e-6)
    assert np.isnan(found[2])


def test_of_a_place_known_by_a_point_only_the_distance_is_measured() -> None:
    assert stands(SQUARE, Point(50, 50))[:2] == ("holds", 0.0)
    assert stands(SQUARE, Point(103, 104))[:2] == ("outside", 5.0)
    assert stands(SQUARE, Point(103, 104), buffer_m=5.0)[:2] == ("near", 5.0)
    assert np.isnan(stands(SQUARE, Point(50, 50))[2])


def test_a_buffer_lists_what_is_near_and_measures_the_ground_within() -> None:
    rows, _ = relations.relate(np.array([Point(110, 50)]), np.array([SQUARE]), 20.0)
    (row,) = rows.to_dict("records")
    assert (row["relation"], row["distance_m"]) == ("near", 10.0)
    # The segment of a circle of 20 m beyond 10 m: r² acos(½) − 10 √300
    segment = 400 * np.arccos(0.5) - 10 * np.sqrt(300)
    assert row["buffer_m2"] == pytest.approx(segment, rel=2e-3)


def test_a_place_just_beyond_the_buffer_is_outside() -> None:
    assert stands(Point(110, 50), SQUARE, 9.99)[0] == "outside"
    assert stands(Point(110, 50), SQUARE, 10.0)[0] == "near"


def test_the_nearest_of_equals_is_the_first() -> None:
    places = np.array([box(10, 0, 20, 10), box(-20, 0, -10, 10), box(500, 0, 510, 10)])
    item, distance = relations.nearest(np.array([Point(0, 5), Point(480, 5)]), places)
    assert item.tolist() == [0, 2]
    assert distance.tolist() == [10.0, 20.0]


# Measured on the ellipsoid ---------------------------------------------------------------------


def plane(shape: Any) -> Any:
    from pyproj import CRS

    from bsh_geo.crs import DISPLAY, MEASURE

    cut = divided(np.array([shape]), CRS(DISPLAY))
    return moved(cut, DISPLAY, MEASURE)[0]


@settings(deadline=None, max_examples=60)
@given(
    st.floats(120.9, 122.2),
    st.floats(30.7, 31.8),
    st.floats(0, 360),
    st.floats(1.0, 50_000.0),
)
def test_distances_are_the_geodesic_ones_within_a_thousandth(
    lon: float, lat: float, azimuth: float, metres: float
) -> None:
    far_lon, far_lat, _ = GEOD.fwd(lon, lat, azimuth, metres)
    found = plane(Point(lon, lat)).distance(plane(Point(far_lon, far_lat)))
    assert found == pytest.approx(metres, rel=1e-3)


@settings(deadline=None, max_examples=40)
@given(st.floats(120.9, 121.9), st.floats(30.7, 31.6), st.floats(0.001, 0.3))
def test_areas_are_the_geodesic_ones_within_a_two_thousandth(
    lon: float, lat: float, size: float
) -> None:
    shape = box(lon, lat, lon + size, lat + size)
    ground = shapely.segmentize(shape, 0.001)
    expected = abs(GEOD.geometry_area_perimeter(ground)[0])
    assert plane(shape).area == pytest.approx(expected, rel=5e-4)


# Against registers -----------------------------------------------------------------------------


@pytest.fixture
def toy(own_project: OwnProject) -> Project:
    """Registers of three squares of 0.1°, two of them overlapping, a point, and one unlocated."""
    shapes = [
        ("dongtan", box(121.0, 31.0, 121.1, 31.1)),
        ("jiuduansha", box(121.05, 31.0, 121.15, 31.1)),
        ("sheshan", box(121.5, 31.0, 121.6, 31.1)),
    ]
    import json

    shipped = json.loads(own_project.shipped("data/redline/patches.geojson"))
    kept = {one["properties"]["id"]: one for one in shipped["features"]}
    for name, shape in shapes:
        kept[name]["geometry"] = mapping(shape)
    shipped["features"] = [kept[name] for name, _ in shapes]
    own_project.write("data/redline/patches.geojson", json.dumps(shipped, ensure_ascii=False))
    return own_project.open()


def checked(
    project: Project, *shapes: Any, against: list[str] | None = None, buffer_m: float = 0.0
) -> SiteCheck:
    found = sites.drawn(project, [mapping(one) for one in shapes])
    return sitecheck.check(project, found, against or ["redline"], buffer_m)


def geodesic(shape: Any) -> float:
    return abs(float(GEOD.geometry_area_perimeter(shapely.segmentize(shape, 0.001))[0]))


def test_ground_that_places_share_is_listed_twice_and_counted_once(toy: Project) -> None:
    site = box(121.02, 31.02, 121.12, 31.04)
    found = checked(toy, site)
    overlaps = found.pairs[found.pairs["relation"] == "overlaps"]
    assert overlaps["overlap_m2"].tolist() == pytest.approx(
        [
            geodesic(box(121.02, 31.02, 121.10, 31.04)),
            geodesic(box(121.05, 31.02, 121.12, 31.04)),
        ],
        rel=5e-4,
    )
    assert overlaps["share"].tolist() == pytest.approx([80.0, 70.0], abs=0.01)
    assert found.totals.loc[0, "overlap_m2"] == pytest.approx(geodesic(site), rel=5e-4)
    assert found.sums.loc[1, "share"] == pytest.approx(100.0, abs=1e-6)
    assert found.totals.loc[0, "places"] == 2


def test_ground_that_sites_share_is_counted_once_in_all(toy: Project) -> None:
    one, other = box(121.0, 31.0, 121.02, 31.02), box(121.01, 31.0, 121.03, 31.02)
    found = checked(toy, one, other, one)
    expected = geodesic(box(121.0, 31.0, 121.03, 31.02))
    assert found.ground.at["redline", "overlap_m2"] == pytest.approx(expected, rel=5e-4)
    assert found.ground.at["all", "sites"] == 3


def test_a_place_on_two_registers_is_listed_in_both_and_counted_once(project: Project) -> None:
    site = box(121.98, 31.50, 122.0, 31.52)
    found = checked(project, site, against=["redline", "reserves", "wetlands"])
    assert found.totals["relation"].tolist() == ["inside"] * 3
    assert found.sums.loc[1, "overlap_m2"] == pytest.approx(geodesic(site), rel=5e-4)


def test_the_nearest_place_is_named_where_none_meets_the_site(toy: Project) -> None:
    found = checked(toy, Point(121.3, 31.05))
    (row,) = found.pairs.to_dict("records")
    assert (row["relation"], row["overlap_m2"]) == ("outside", pytest.approx(np.nan, nan_ok=True))
    assert found.items.frame["id"].iloc[row["item"]] == "jiuduansha"
    # To 121.15° E along 31.05° N, but for the bow of the parallel
    expected = GEOD.inv(121.3, 31.05, 121.15, 31.05)[2]
    assert row["distance_m"] == pytest.approx(expected, rel=1e-3)


def test_a_site_on_the_border_of_a_place_touches_it(toy: Project) -> None:
    # The edge from 121.1 to 121.15 along 31° N; in the plane the parallel bows.
    beside = box(121.11, 30.95, 121.14, 31.0)
    found = checked(toy, beside, Point(121.13, 31.0), LineString([(121.11, 31.0), (121.14, 31.0)]))
    assert found.sums["relation"].tolist() == ["touches"] * 3
    assert found.sums["overlap_m2"].fillna(0).tolist() == [0, 0, 0]


def test_every_site_has_a_row_for_every_register(project: Project) -> None:
    every = [one.id for one in registers.registers_of(project)]
    found = checked(project, Point(121.47, 31.23), box(121.9, 31.4, 122.0, 31.5), against=every)
    rows = found.totals.groupby("number")["register"].apply(list).tolist()
    assert rows == [every, every]


def test_a_line_has_lengths_and_no_areas(toy: Project) -> None:
    found = checked(toy, LineString([(121.0, 31.05), (121.4, 31.05)]))
    row = found.sums.loc[1]
    whole = plane(LineString([(121.0, 31.05), (121.15, 31.05)])).length
    assert row["overlap_m"] == pytest.approx(whole, abs=0.1)
    assert row["share"] == pytest.approx(15 / 40 * 100, abs=0.01)
    assert np.isnan(row["overlap_m2"])


@pytest.mark.parametrize("buffer_m", [-1, float("nan"), 50_001])
def test_a_buffer_out_of_range_is_refused(project: Project, buffer_m: float) -> None:
    with pytest.raises(DataError, match="缓冲距离"):
        checked(project, Point(121.5, 31.2), buffer_m=buffer_m)


def test_an_unknown_register_is_refused_with_the_known_ones(project: Project) -> None:
    with pytest.raises(UnknownNameError, match="redline"):
        checked(project, Point(121.5, 31.2), against=["red-line"])
    with pytest.raises(DataError):
        checked(project, Point(121.5, 31.2), against=[""])


# The registers ---------------------------------------------------------------------------------


def test_the_five_registers_are_those_of_the_data(project: Project) -> None:
    known = registers.load_registers(project)
    assert list(known) == ["redline", "reserves", "wetlands", "water_sources", "parks"]
    found = registers.items(project, tuple(known.values()))
    count = found.frame.groupby(["register", "form"], sort=False).size().to_dict()
    assert count == {
        ("redline", "area"): 9,
        ("reserves", "area"): 3,
        ("wetlands", "area"): 9,
        ("wetlands", "point"): 6,
        ("water_sources", "area"): 1,
        ("parks", "point"): 371,
    }
    assert found.untested.groupby("register", sort=False).size().to_dict() == {
        "redline": 5,
        "reserves": 1,
        "wetlands": 2,
        "water_sources": 3,
        "parks": 73,
    }


def test_water_sources_without_a_boundary_are_named_as_not_tested(project: Project) -> None:
    found = checked(project, Point(121.5, 31.2), against=["water_sources"])
    (said,) = sitecheck.untested(found, "zh")
    assert "数据中没有位置" in said
    assert all(name in said for name in ("陈行水库", "东风西沙水库", "金泽水库"))
    assert "没有饮用水水源保护区" in found.registers[0].note.zh


def test_no_place_is_on_two_of_the_registers_of_wetlands(project: Project) -> None:
    chosen = registers.registers_of(project, ["reserves", "wetlands", "water_sources"])
    ids = registers.items(project, chosen).frame["id"]
    assert ids.is_unique
    assert len(ids) == 19


def test_a_project_adds_a_register_of_its_own(own_project: OwnProject) -> None:
    own_project.write(
        "data/sitecheck/bays.toml",
        'id = "bays"\ntitle = { zh = "美丽海湾", en = "Bays" }\n'
        'short = { zh = "海湾", en = "Bays" }\n'
        'dataset = "bays"\nshapes = "bay_shapes"\ncolour = "#336699"\n'
        'note = { zh = "示意岸段", en = "Schematic" }\n',
    )
    found = checked(own_project.open(), Point(121.5, 30.7), against=["bays"])
    assert len(found.totals) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('shapes = "wetland_shapes"', 'shapes = "wetland_shape"', "wetland_shape"),
        ("keep = { level", "keep = { lvl", "lvl"),
        ("order = 20", "odrer = 20", "odrer"),
        ('id = "reserves"', 'id = "reserve"', "reserve"),
    ],
)
def test_a_broken_register_is_named(own_project: OwnProject, old: str, new: str, said: str) -> None:
    own_project.change("data/sitecheck/reserves.toml", old, new)
    project = own_project.open()
    with pytest.raises(BshError, match=said):
        registers.items(project, registers.registers_of(project))


# Tables, files and the printed page ------------------------------------------------------------


@pytest.fixture(scope="module")
def result(project: Project) -> SiteCheck:
    """Two polygons and a point of shipped places, one name a formula, one site out of range."""
    text = "=1+1:\n121.90,31.50\n122.0,31.50\n122.0,31.55\n121.90,31.55\n\n"
    text += "浦东: 121.75,31.1; 121.80,31.1; 121.80,31.14\n\n远: 100,31.1; 100.1,31.1; 100,31.2"
    return sitecheck.check(project, sites.pasted(project, text, "polygon"), buffer_m=1000)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_tables_name_place_source_and_quality_of_every_row(
    project: Project, result: SiteCheck, lang: str
) -> None:
    rows = sitecheck_report.details(project, result, lang)
    for name in ("place", "source", "quality", "relation"):
        assert rows[sitecheck_report.title(name, lang)].str.len().gt(0).all()
    assert len(rows) == len(result.pairs)


def test_a_site_that_was_not_tested_has_its_row_and_reason(result: SiteCheck) -> None:
    rows = sitecheck_report.results(result, "zh")
    assert rows["场址"].tolist() == ["=1+1", "浦东", "远"]
    assert rows["结论"].tolist()[2].startswith("未核查：坐标 (100.")


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
def test_the_same_result_gives_the_same_bytes(
    project: Project, result: SiteCheck, form: str
) -> None:
    first, second = (sitecheck_report.to_bytes(project, result, form) for _ in range(2))
    assert first == second


def test_the_workbook_has_three_sheets_and_no_formula(project: Project, result: SiteCheck) -> None:
    book = load_workbook(io.BytesIO(sitecheck_report.to_bytes(project, result, "xlsx")))
    assert book.sheetnames == ["结果", "明细", "说明"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert any(cell.value == "'=1+1" for cell in cells)
    about = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert about["声明"] == sitecheck.STATEMENT.zh
    assert "兰勃特" in about["方法与坐标系"]
    assert {"场址坐标系", "数据质量", "数据时间", "来源", "未核查"} <= set(about)
    english = load_workbook(io.BytesIO(sitecheck_report.to_bytes(project, result, "xlsx", "en")))
    assert english.sheetnames == ["Results", "Details", "About"]


def test_the_csv_is_for_excel_and_runs_no_formula(project: Project, result: SiteCheck) -> None:
    content = sitecheck_report.to_bytes(project, result, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    assert ",'=1+1," in content.decode("utf-8-sig")


@pytest.mark.parametrize("form", ["geojson", "gpkg"])
def test_gis_files_hold_the_sites_with_their_results(
    project: Project, result: SiteCheck, form: str, tmp_path: Path
) -> None:
    path = tmp_path / f"sites.{form}"
    path.write_bytes(sitecheck_report.to_bytes(project, result, form))
    frame = gpd.read_file(path)
    assert frame.crs == "EPSG:4326"
    assert frame["redline_relation"].tolist() == ["overlaps", "outside"]
    assert frame["redline_quality"].tolist() == ["schematic", "schematic"]
    assert frame["redline_share"].iloc[0] == pytest.approx(52.59, abs=0.01)
    assert frame["statement"].iloc[0] == sitecheck.STATEMENT.zh


def test_an_unknown_form_is_refused(project: Project, result: SiteCheck) -> None:
    with pytest.raises(UnknownNameError, match="xlsx"):
        sitecheck_report.to_bytes(project, result, "doc")


def pdf_text(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text().replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_printed_page_is_one_page_with_statement_and_all_sources(
    project: Project, result: SiteCheck, lang: str
) -> None:
    text = pdf_text(sitecheck_print.to_pdf(project, result, lang, "沪S(2026)001号"))
    said = [sitecheck.STATEMENT.get(lang), sitecheck.METHOD.get(lang), "沪S(2026)001号"]
    said += sitecheck.sources(project, result, lang)
    assert len(said) > 40
    missing = [one for one in said if one.replace(" ", "") not in text]
    assert missing == []


def test_the_printed_page_counts_the_rows_that_it_leaves_out(project: Project) -> None:
    many = [Point(121.1 + number / 100, 31.1) for number in range(60)]
    found = checked(project, *many)
    text = pdf_text(sitecheck_print.to_pdf(project, found))
    shown = sum(f"{number}" in text for number in range(1, 61))
    assert "项见附表" in text
    left = int(text.split("其余")[1].split("项")[0])
    assert 0 < left < 60
    assert shown >= 60 - left


def test_the_printed_page_has_the_same_bytes_and_tells_nothing_of_the_machine(
    project: Project, result: SiteCheck
) -> None:
    first, second = (sitecheck_print.to_pdf(project, result) for _ in range(2))
    assert first == second
    data = PdfReader(io.BytesIO(first)).metadata
    assert data is not None
    assert {key: value for key, value in data.items() if key != "/Producer"} == {
        "/Creator": "bsh_geo",
        "/Title": "选址核查",
    }


def test_nothing_of_the_printed_page_leaves_it_or_meets_the_footer(
    project: Project, result: SiteCheck
) -> None:
    from bsh_geo.marks import Words

    for lang in ("zh", "en"):
        spec = sitecheck_map.map_spec(project, result, lang)
        laid = sitecheck_print.laid_out(result, spec)
        words = [mark for mark in laid.around if isinstance(mark, Words)]
        assert len(words) > 60
        assert all(0 < one.x < 297 and 0 < one.y < 206 for one in words)


def test_the_map_draws_registers_sites_and_buffer_and_names_what_is_a_sketch(
    project: Project, result: SiteCheck
) -> None:
    spec = sitecheck_map.map_spec(project, result, "zh")
    ids = [part.id for part in spec.parts]
    assert ids[-2:] == ["sites-buffer", "sites-areas"]
    assert {"redline", "reserves", "wetlands", "water_sources", "parks-points"} <= set(ids)
    redline = next(part for part in spec.parts if part.id == "redline")
    assert set(redline.frame["key"]) == {"sketch"}
    assert redline.styles["sketch"].dashed
    assert spec.quality_note == sitecheck.STATEMENT.zh


def test_the_map_without_sites_shows_the_registers_chosen(project: Project) -> None:
    spec = sitecheck_map.map_spec(project, None, "en", ["redline"])
    assert [part.id for part in spec.parts] == ["redline"]
    assert spec.legend[0].items[0].label == "Ecological red line"
