"""Files in, checked frames out: each kind of broken file is refused with its name and row."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from conftest import OwnProject
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from bsh_geo import crs, frames
from bsh_geo.errors import DataError
from bsh_geo.project import Project

WELLS = "data/wells/wells.csv"
PLOTS = "data/boundaries/plots.geojson"
PONDS = "data/wells/ponds.geojson"

DATASET = """
id = "wells"
file = "wells/wells.csv"
title = { zh = "水井", en = "Wells" }
rows = { zh = "每行一口井", en = "One well per row" }
key = ["id"]
source = ["doc-000"]
licence = { zh = "无", en = "none" }
date = "2025"
quality = "published"
missing = { zh = "无", en = "none" }
limitations = { zh = "无", en = "none" }
crs = "EPSG:4326"
lon = "lon"
lat = "lat"

[columns]
id = { type = "str", zh = "编号", en = "Id", required = true }
lon = { type = "float", zh = "经度", en = "Longitude", min = -180, max = 180 }
lat = { type = "float", zh = "纬度", en = "Latitude", min = -90, max = 90 }
depth = { type = "int", zh = "深度", en = "Depth", min = 0 }
open = { type = "bool", zh = "开放", en = "Open" }
month = { type = "period", zh = "月份", en = "Month" }
day = { type = "date", zh = "日期", en = "Day" }
quality = { type = "quality", zh = "质量", en = "Quality", required = true }
"""

HEAD = "id,lon,lat,depth,open,month,day,quality\n"
FIRST = "w1,121.5,31.2,30,true,2025-01,2025-01-31,published\n"

PONDS_DATASET = (
    DATASET.split("crs = ")[0]
    .replace('"wells"', '"ponds"')
    .replace("wells/wells.csv", "wells/ponds.geojson")
    + 'crs = "EPSG:4326"\ngeometry = "Polygon"\n\n[columns]\n'
    'id = { type = "str", zh = "编号", en = "Id", required = true }\n'
)

BOUNDARY = """
[[boundary]]
id = "plots"
file = "plots.geojson"
id_column = "adcode"
name_column = "name_zh"
crs = "EPSG:4326"
features = 2
geometry = "Polygon"
source = ["doc-000"]
licence = { zh = "无", en = "none" }
date = "2025"
quality = "open"
title = { zh = "地块", en = "Plots" }
purpose = { zh = "测试", en = "Tests" }
limitations = { zh = "无", en = "none" }
"""

WEST = box(121.0, 31.0, 121.1, 31.1)
EAST = box(121.1, 31.0, 121.2, 31.1)
BOW_TIE = Polygon([(121.1, 31.0), (121.2, 31.1), (121.2, 31.0), (121.1, 31.1)])

Read = Callable[[], pd.DataFrame]


@pytest.fixture
def own(own_project: OwnProject) -> OwnProject:
    """A project with a declared table, a declared geometry file and a declared boundary."""
    own_project.write("data/datasets/wells.toml", DATASET)
    own_project.write("data/datasets/ponds.toml", PONDS_DATASET)
    own_project.write("data/boundaries/boundaries.toml", BOUNDARY)
    return own_project


def plot(code: str, shape: BaseGeometry | None) -> tuple[dict[str, str], BaseGeometry | None]:
    return {"adcode": code, "name_zh": "地块", "name_en": "Plot"}, shape


def refused(read: Read, *facts: str) -> None:
    """``read`` is refused, in both languages, by one sentence that states the facts."""
    with pytest.raises(DataError) as raised:
        read()
    for text in (raised.value.zh, raised.value.en):
        assert "\n" not in text
        for fact in facts:
            assert fact in text, text


def refused_row(read: Read, row: int, *facts: str) -> None:
    """The same, naming the wells' file and the row as a spreadsheet counts it."""
    with pytest.raises(DataError) as raised:
        read()
    for text in (raised.value.zh, raised.value.en):
        assert WELLS in text
        assert re.search(rf"(第 {row} 行|(row|line) {row}\b)", text), text
        for fact in facts:
            assert fact in text, text


def wells(own: OwnProject) -> Read:
    project = own.open()
    return lambda: frames.table(project, "wells")


def plots(own: OwnProject) -> Read:
    project = own.open()
    return lambda: frames.boundary(project, "plots")


# Tables ---------------------------------------------------------------------------------------


def test_a_table_is_read_with_its_declared_types(own: OwnProject) -> None:
    own.write(WELLS, HEAD + FIRST + "007,,,,,,,derived\n")
    rows = wells(own)()
    assert rows["id"].to_list() == ["w1", "007"]
    assert rows["depth"].to_list() == [30, pd.NA]
    assert rows["open"].to_list() == [True, pd.NA]
    assert rows["month"].to_list() == ["2025-01", None]
    assert rows["lon"].iloc[0] == 121.5
    assert pd.isna(rows["lon"].iloc[1])


def test_text_that_pandas_takes_for_missing_stays_text(own: OwnProject) -> None:
    own.write(WELLS, HEAD + FIRST.replace("w1", "NA"))
    assert wells(own)()["id"].to_list() == ["NA"]


def test_a_byte_order_mark_is_not_part_of_the_first_column(own: OwnProject) -> None:
    own.write(WELLS, ("\ufeff" + HEAD + FIRST).encode())
    assert wells(own)()["id"].to_list() == ["w1"]


def test_rows_without_a_location_are_no_points(own: OwnProject) -> None:
    own.write(WELLS, HEAD + FIRST + "w2,,,,,,,derived\n")
    points = frames.points(own.open(), "wells")
    assert points["id"].to_list() == ["w1"]
    assert points.crs == "EPSG:4326"


def test_a_missing_file_is_named(own: OwnProject) -> None:
    refused(wells(own), WELLS)


def test_an_undeclared_dataset_is_named_with_the_file_that_should_declare_it(
    project: Project,
) -> None:
    refused(lambda: frames.table(project, "wels"), "wels", "data/datasets/wels.toml")


def test_a_file_that_is_not_utf8_is_named(own: OwnProject) -> None:
    own.write(WELLS, (HEAD + FIRST.replace("w1", "一号井")).encode("gb18030"))
    refused(wells(own), WELLS, "UTF-8")


def test_an_empty_file_is_named(own: OwnProject) -> None:
    own.write(WELLS, "")
    refused(wells(own), WELLS)


def test_a_missing_column_is_named(own: OwnProject) -> None:
    own.write(WELLS, "id,lon,lat,open,month,day,quality\n")
    refused(wells(own), WELLS, "depth")


def test_an_undeclared_column_is_named(own: OwnProject) -> None:
    own.write(WELLS, HEAD.replace("quality", "quality,colour") + "w1,,,,,,,published,red\n")
    refused(wells(own), WELLS, "colour")


def test_a_repeated_id_is_named_with_its_row(own: OwnProject) -> None:
    own.write(WELLS, HEAD + FIRST + FIRST)
    refused_row(wells(own), 3, "w1")


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("w2,121.5,31.2,deep,,,,published\n", "deep"),
        ("w2,121.5,31.2,-1,,,,published\n", "-1"),
        ("w2,312.4,31.2,,,,,published\n", "312.4"),
        ("w2,121.5,91.0,,,,,published\n", "91.0"),
        ("w2,121.5,31.2,30.5,,,,published\n", "30.5"),
        ("w2,nan,31.2,,,,,published\n", "nan"),
        ("w2,121.5,31.2,,maybe,,,published\n", "maybe"),
        ("w2,121.5,31.2,,,2025-13,,published\n", "2025-13"),
        ("w2,121.5,31.2,,,,2025-02-30,published\n", "2025-02-30"),
        ("w2,121.5,31.2,,,,,good\n", "good"),
    ],
    ids=[
        "a number that is none",
        "a number below its bounds",
        "a longitude out of range",
        "a latitude out of range",
        "a whole number with decimals",
        "a number that is not a number",
        "a truth value that is none",
        "a month that is none",
        "a date that is none",
        "a quality outside the list",
    ],
)
def test_a_wrong_cell_is_named_with_its_row(own: OwnProject, row: str, found: str) -> None:
    own.write(WELLS, HEAD + FIRST + row)
    refused_row(wells(own), 3, found)


def test_a_blank_required_cell_is_named_with_its_row(own: OwnProject) -> None:
    own.write(WELLS, HEAD + FIRST + ",121.5,31.2,,,,,published\n")
    refused_row(wells(own), 3)


def test_a_row_with_one_cell_too_many_is_refused(own: OwnProject) -> None:
    own.write(WELLS, HEAD + FIRST + "w2,121.5,31.2,30,true,2025-01,2025-01-31,published,more\n")
    refused(wells(own), WELLS)


def test_rows_that_all_have_one_cell_too_many_are_refused(own: OwnProject) -> None:
    # pandas would take the first column for an index and shift the others by one.
    wide = "x,w1,121.5,31.2,30,true,2025-01,2025-01-31,published\n"
    own.write(WELLS, HEAD + wide)
    refused(wells(own), WELLS)


def test_an_unclosed_quote_is_refused(own: OwnProject) -> None:
    own.write(WELLS, HEAD + '"w1,121.5,31.2,30,true,2025-01,2025-01-31,published\n')
    refused(wells(own), WELLS)


def test_markup_in_a_cell_is_kept_as_text(own: OwnProject) -> None:
    own.write(WELLS, HEAD + FIRST.replace("w1", "<script>alert(1)</script>"))
    assert wells(own)()["id"].to_list() == ["<script>alert(1)</script>"]


# Geometry -------------------------------------------------------------------------------------


def test_a_boundary_is_indexed_by_its_id_as_text(own: OwnProject) -> None:
    own.write_shapes(PLOTS, [plot("310101", WEST), plot("310104", EAST)])
    found = plots(own)()
    assert found.index.to_list() == ["310101", "310104"]
    assert found.crs == "EPSG:4326"


def test_an_id_written_as_a_number_becomes_text(own: OwnProject) -> None:
    shapes = [({"adcode": code, "name_zh": "一"}, one) for code, one in ((1, WEST), (2, EAST))]
    own.write_shapes(PLOTS, shapes)
    assert plots(own)().index.to_list() == ["1", "2"]


def test_a_missing_boundary_file_is_named(own: OwnProject) -> None:
    refused(plots(own), PLOTS)


def test_a_bow_tie_is_refused_by_its_id(own: OwnProject) -> None:
    own.write_shapes(PLOTS, [plot("310101", WEST), plot("310104", BOW_TIE)])
    refused(plots(own), PLOTS, "310104", "Self-intersection")


@pytest.mark.parametrize("shape", [None, Polygon()], ids=["no geometry", "empty geometry"])
def test_an_empty_geometry_is_refused_by_its_id(own: OwnProject, shape: Polygon | None) -> None:
    own.write_shapes(PLOTS, [plot("310101", WEST), plot("310104", shape)])
    refused(plots(own), PLOTS, "310104")


def test_a_geometry_of_another_kind_than_declared_is_refused(own: OwnProject) -> None:
    own.write_shapes(PLOTS, [plot("310101", WEST), plot("310104", LineString(EAST.exterior))])
    refused(plots(own), PLOTS, "310104")


def test_another_crs_than_declared_is_refused(own: OwnProject) -> None:
    name = "urn:ogc:def:crs:EPSG::32651"
    own.write_shapes(PLOTS, [plot("310101", WEST), plot("310104", EAST)], crs=name)
    refused(plots(own), PLOTS, "32651", "4326")


def test_coordinates_in_metres_are_out_of_range(own: OwnProject) -> None:
    metres = box(350_000, 3_450_000, 351_000, 3_451_000)
    own.write_shapes(PLOTS, [plot("310101", WEST), plot("310104", metres)])
    refused(plots(own), PLOTS, "310104")


def test_latitude_before_longitude_is_out_of_range(own: OwnProject) -> None:
    swapped = box(31.0, 121.0, 31.1, 121.1)
    own.write_shapes(PLOTS, [plot("310101", WEST), plot("310104", swapped)])
    refused(plots(own), PLOTS, "310104")


def test_a_repeated_boundary_id_is_refused(own: OwnProject) -> None:
    own.write_shapes(PLOTS, [plot("310101", WEST), plot("310101", EAST)])
    refused(plots(own), PLOTS, "310101")


def test_a_boundary_without_an_id_is_refused(own: OwnProject) -> None:
    shapes = [plot("310101", WEST), ({"adcode": None, "name_zh": "地块"}, EAST)]
    own.write_shapes(PLOTS, shapes)
    refused(plots(own), PLOTS)


def test_another_number_of_features_than_declared_is_refused(own: OwnProject) -> None:
    own.write_shapes(PLOTS, [plot("310101", WEST)])
    refused(plots(own), PLOTS, "1", "2")


def test_a_missing_property_of_a_boundary_is_named(own: OwnProject) -> None:
    own.write_shapes(PLOTS, [({"adcode": "1"}, WEST), ({"adcode": "2"}, EAST)])
    refused(plots(own), PLOTS, "name_zh")


@pytest.mark.parametrize(
    "content",
    ["", "not json", "{", '{"type":"FeatureCollection","features":[]}', '{"type":"Topology"}'],
    ids=["empty", "no JSON", "cut off", "no features", "another JSON format"],
)
def test_a_damaged_geojson_is_named(own: OwnProject, content: str) -> None:
    own.write(PLOTS, content)
    refused(plots(own), PLOTS)


def test_a_geometry_file_of_a_dataset_is_checked_too(own: OwnProject) -> None:
    own.write_shapes(PONDS, [({"id": "a"}, WEST), ({"id": "b"}, BOW_TIE)])
    refused(lambda: frames.shapes(own.open(), "ponds"), PONDS, "b")


def test_a_table_has_no_shapes(project: Project) -> None:
    refused(lambda: frames.shapes(project, "stations"), "stations")


def test_a_dataset_without_coordinates_has_no_points(project: Project) -> None:
    refused(lambda: frames.points(project, "districts"), "districts", "lon")


# Files that would make GDAL read other files --------------------------------------------------


def secret(folder: Path) -> Path:
    """A good file of two features outside the project."""
    path = folder / "secret.geojson"
    shapes = gpd.GeoDataFrame(
        {"adcode": ["310101", "310104"], "name_zh": ["秘密", "秘密"]},
        geometry=[WEST, EAST],
        crs="EPSG:4326",
    )
    shapes.to_file(path, driver="GeoJSON", layer="secret")
    return path


def test_a_vrt_named_geojson_is_refused_unread(own: OwnProject, tmp_path: Path) -> None:
    path = secret(tmp_path)
    own.write(
        PLOTS,
        '<OGRVRTDataSource><OGRVRTLayer name="secret">'
        f"<SrcDataSource>{path}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
    )
    refused(plots(own), PLOTS)


def test_a_vrt_behind_white_space_is_refused_unread(own: OwnProject, tmp_path: Path) -> None:
    path = secret(tmp_path)
    own.write(
        PLOTS,
        ' \n<OGRVRTDataSource><OGRVRTLayer name="secret">'
        f"<SrcDataSource>{path}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
    )
    refused(plots(own), PLOTS)


def test_a_gdal_pipeline_named_geojson_is_refused_unread(own: OwnProject, tmp_path: Path) -> None:
    # GDAL 3.11 and later open such JSON by running the command it holds.
    path = secret(tmp_path)
    own.write(
        PLOTS,
        '{"type": "gdal_streamed_alg", "command_line": '
        f'"gdal vector pipeline ! read {path} ! write --output-format stream foo"}}',
    )
    refused(plots(own), PLOTS)


def test_a_geopackage_named_geojson_is_refused_unread(own: OwnProject, tmp_path: Path) -> None:
    gpd.read_file(secret(tmp_path)).to_file(tmp_path / "a.gpkg", driver="GPKG")
    own.write(PLOTS, (tmp_path / "a.gpkg").read_bytes())
    refused(plots(own), PLOTS)


# Areas ----------------------------------------------------------------------------------------


def test_a_square_of_one_kilometre_measures_one_square_kilometre() -> None:
    square = gpd.GeoSeries([box(350_000, 3_450_000, 351_000, 3_451_000)], crs="EPSG:32651")
    # 32651 is conformal with a scale of 0.9999 here (150 km from the central meridian).
    assert crs.area_km2(square).iloc[0] == pytest.approx(1.0, rel=1e-3)


def test_a_frame_without_crs_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="crs"):
        crs.to_measure(gpd.GeoSeries([WEST]))
