"""Tables as files: what an office program and a GIS read back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from bsh_geo import compose, exports
from bsh_geo.compose import Request
from bsh_geo.errors import UnknownNameError
from bsh_geo.mapspec import TableView
from bsh_geo.project import Project


def view() -> TableView:
    """Two parks, the second without a location."""
    shown = pd.DataFrame(
        {
            "名称": ["世纪公园", "=HYPERLINK(1)"],
            "面积 (公顷)": [140.3, None],
            "说明": ["+1", "-2"],
            "@列": ["@x", "\t=1"],
        }
    )
    export = gpd.GeoDataFrame(
        {
            "id": ["p003", "p004"],
            "name_zh": ["世纪公园", "=HYPERLINK(1)"],
            "area_ha": [140.3, None],
            "star": pd.array([5, None], dtype="Int64"),
            "open_24h": pd.array([True, None], dtype="boolean"),
        },
        geometry=[Point(121.54828, 31.21787), None],
        crs="EPSG:4326",
    )
    return TableView("park_coverage.parks", "公园", shown, export)


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_back(content: bytes, form: str, folder: Path) -> gpd.GeoDataFrame:
    path = folder / f"rows.{form}"
    path.write_bytes(content)
    return gpd.read_file(path)


def test_csv_begins_with_a_byte_order_mark() -> None:
    assert exports.to_bytes(view(), "csv").startswith(b"\xef\xbb\xbf")
    assert not exports.to_bytes(view(), "csv").startswith(b"\xef\xbb\xbf\xef\xbb\xbf")


def test_csv_has_the_titles_and_rows_of_the_table() -> None:
    rows = csv_rows(exports.to_bytes(view(), "csv"))
    assert rows[0][:2] == ["名称", "面积 (公顷)"]
    assert [row[1] for row in rows[1:]] == ["140.3", ""]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"],
)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert exports.neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["世纪公园", "2025", "a=1", "", "−3.0", None, -1.5, 3])
def test_any_other_cell_stays_as_it_is(cell: object) -> None:
    assert exports.neutral(cell) == cell


def test_csv_neutralises_cells_and_titles() -> None:
    rows = csv_rows(exports.to_bytes(view(), "csv"))
    assert rows[0][3] == "'@列"
    assert [row[0] for row in rows[1:]] == ["世纪公园", "'=HYPERLINK(1)"]
    assert [row[2] for row in rows[1:]] == ["'+1", "'-2"]
    assert [row[3] for row in rows[1:]] == ["'@x", "'\t=1"]


def test_a_negative_number_stays_a_number() -> None:
    shown = pd.DataFrame({"差": [-1.5]})
    one = TableView("x", "x", shown, view().export)
    assert csv_rows(exports.to_bytes(one, "csv"))[1] == ["-1.5"]


@pytest.mark.parametrize("form", ["geojson", "gpkg"])
def test_a_gis_reads_back_the_same_rows_in_wgs_84(form: str, tmp_path: Path) -> None:
    found = read_back(exports.to_bytes(view(), form), form, tmp_path)
    assert found["id"].to_list() == ["p003", "p004"]
    assert found["name_zh"].to_list() == ["世纪公园", "=HYPERLINK(1)"]
    assert found["area_ha"].iloc[0] == 140.3
    assert found.crs == "EPSG:4326"


@pytest.mark.parametrize("form", ["geojson", "gpkg"])
def test_a_row_without_a_location_is_kept_without_geometry(form: str, tmp_path: Path) -> None:
    found = read_back(exports.to_bytes(view(), form), form, tmp_path)
    assert found.geometry.iloc[0].equals(Point(121.54828, 31.21787))
    assert found.geometry.iloc[1] is None


@pytest.mark.parametrize("form", ["geojson", "gpkg"])
def test_a_missing_value_is_missing_in_the_file(form: str, tmp_path: Path) -> None:
    found = read_back(exports.to_bytes(view(), form), form, tmp_path)
    assert found[["area_ha", "star", "open_24h"]].iloc[1].isna().all()


def test_geojson_is_json_without_nan() -> None:
    text = exports.to_bytes(view(), "geojson").decode("utf-8")
    content = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in GeoJSON"))
    assert content["features"][1]["geometry"] is None
    assert "世纪公园" in text


def test_the_exported_table_is_left_as_it_was() -> None:
    one = view()
    for form in exports.FORMATS:
        exports.to_bytes(one, form)
    assert one.shown["说明"].to_list() == ["+1", "-2"]
    assert str(one.export["star"].dtype) == "Int64"


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError) as raised:
        exports.to_bytes(view(), "xlsx")
    for text in (raised.value.zh, raised.value.en):
        assert "xlsx" in text
        assert "gpkg" in text


def test_every_format_has_its_media_type() -> None:
    assert set(exports.MIME) == set(exports.FORMATS)


LAYERS = ("air_quality", "beautiful_bays", "wetlands", "park_coverage", "ecological_red_line")


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("form", exports.FORMATS)
def test_every_table_of_a_shipped_layer_is_exported_whole(
    project: Project, layer: str, form: str, tmp_path: Path
) -> None:
    spec = compose.build(project, Request(layer))
    assert spec.tables
    for table in spec.tables:
        assert len(table.shown) == len(table.export) > 0, table.id
        content = exports.to_bytes(table, form)
        if form == "csv":
            assert len(csv_rows(content)) == len(table.shown) + 1, table.id
        else:
            found = read_back(content, form, tmp_path)
            assert len(found) == len(table.export), table.id
            assert found.crs == "EPSG:4326"
            assert {"source", "quality"} <= set(found.columns), table.id


def test_parks_without_a_location_are_exported_without_geometry(
    project: Project, tmp_path: Path
) -> None:
    spec = compose.build(project, Request("park_coverage"))
    table = next(one for one in spec.tables if one.id == "park_coverage.parks")
    found = read_back(exports.to_bytes(table, "gpkg"), "gpkg", tmp_path)
    assert (len(found), int(found.geometry.isna().sum())) == (444, 73)


def test_district_figures_are_exported_with_full_precision_land(
    project: Project, tmp_path: Path
) -> None:
    spec = compose.build(project, Request("air_quality", "pm25", ("崇明区",), "2025"))
    found = read_back(exports.to_bytes(spec.tables[0], "geojson"), "geojson", tmp_path)
    assert found[["id", "value", "period"]].values.tolist() == [["310151", 19.5, "2025"]]
    # 1,535.6 km² of land in the full outline (boundaries.toml).
    assert found.to_crs(32651).area.iloc[0] / 1e6 == pytest.approx(1535.6, rel=0.002)
