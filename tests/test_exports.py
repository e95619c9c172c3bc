"""Tables as files: what an office program and a GIS read back."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from shapely.geometry import Point
from small_readings import write_readings

from bsh_geo import (
    catalogue,
    columns,
    compose,
    export_files,
    exports,
    frames,
    gis_files,
    gis_layers,
)
from bsh_geo.compose import Request
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.gis_layers import GisLayer
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


def test_parks_without_a_location_are_exported_without_geometry(
    project: Project, tmp_path: Path
) -> None:
    content = asked(project, Request("park_coverage"), "gpkg", "park_coverage.parks")
    found = gis_rows(content, "gpkg", tmp_path)
    assert (len(found), int(found.geometry.isna().sum())) == (444, 73)


def test_district_figures_are_exported_with_full_precision_land(
    project: Project, tmp_path: Path
) -> None:
    request = Request("air_quality", "pm25", ("崇明区",), "2025")
    found = read_back(asked(project, request, "geojson"), "geojson", tmp_path)
    assert found[["id", "value", "period"]].values.tolist() == [["310151", 19.5, "2025"]]
    # 1,535.6 km² of land in the full outline (boundaries.toml).
    assert found.to_crs(32651).area.iloc[0] / 1e6 == pytest.approx(1535.6, rel=0.002)


def asked(project: Project, request: Request, form: str, table: str | None = None) -> bytes:
    return export_files.asked_bytes(project, request, form, "x", table)


# What every layer of the shipped project says of itself.


@pytest.fixture(scope="module")
def layers(project: Project) -> dict[str, GisLayer]:
    found = {one.id: one for one in gis_layers.of_project(project)}
    assert len(found) >= 15
    return found


def test_every_part_and_metric_of_every_layer_is_exported(
    project: Project, layers: dict[str, GisLayer]
) -> None:
    known, _ = catalogue.load_layers(project)
    wanted = {
        f"{layer.id}_{one.id}"
        for layer in known.values()
        for one in (*compose.offered(project, layer), *layer.parts)
    }
    assert wanted
    assert wanted - {one.removesuffix("_schematic") for one in layers} == set()


def test_every_row_has_source_quality_and_the_quality_of_its_geometry(
    layers: dict[str, GisLayer],
) -> None:
    for one in layers.values():
        frame = one.frame
        assert {"source", "quality", "geometry_quality"} <= set(frame.columns), one.id
        known = set(frame["quality"].dropna()) | set(frame["geometry_quality"].dropna())
        assert known <= set(catalogue.QUALITY_TITLES), one.id
        said = frame["geometry_quality"].notna()
        assert (said == frame.geometry.notna()).all(), one.id
        if "value" in frame:
            frame = frame[frame["value"].notna()]
        assert frame["source"].notna().all(), one.id
        assert frame["quality"].notna().all(), one.id


def test_a_layer_with_sketches_says_so_in_name_title_and_rows(layers: dict[str, GisLayer]) -> None:
    sketched = {one.id for one in layers.values() if one.schematic}
    assert sketched >= {
        "wetlands_wetlands_schematic",
        "ecological_red_line_patches_schematic",
        "beautiful_bays_bays_schematic",
    }
    for one in layers.values():
        drawn = bool((one.frame["geometry_quality"] == "schematic").any())
        assert one.id.endswith("_schematic") == one.schematic
        assert one.schematic >= drawn
        if one.schematic:
            assert "示意" in one.title
        if drawn:
            assert "示意" in set(one.shown["图形质量"])


def test_the_wetlands_with_a_sketch_are_told_from_those_with_an_outline(
    layers: dict[str, GisLayer],
) -> None:
    frame = layers["wetlands_wetlands_schematic"].frame
    counts = frame["geometry_quality"].value_counts(dropna=False)
    assert (counts["schematic"], counts["open"], int(frame.geometry.isna().sum())) == (9, 4, 12)


def test_places_known_as_points_only_have_a_layer_of_their_own(
    layers: dict[str, GisLayer],
) -> None:
    points = layers["wetlands_wetlands_points"]
    areas_of = layers["wetlands_wetlands_schematic"].frame
    assert len(points.frame) == 6
    assert set(points.frame.geometry.geom_type) == {"Point"}
    without = areas_of[areas_of["id"].isin(points.frame["id"])]
    assert len(without) == 6 and without.geometry.isna().all()


def test_the_land_that_parks_serve_is_a_layer_with_its_areas(layers: dict[str, GisLayer]) -> None:
    frame = layers["park_coverage_service"].frame.set_index("id")
    share = layers["park_coverage_park_land_share"].frame.set_index("id")["value"]
    assert len(frame) == 16
    made = frame["covered_km2"] / frame["land_km2"] * 100
    assert made.to_numpy() == pytest.approx(share.loc[made.index].to_numpy())


def test_every_column_is_described_in_both_languages(layers: dict[str, GisLayer]) -> None:
    for one in layers.values():
        assert [note.name for note in one.columns] == [
            str(name) for name in one.frame.columns if name != "geometry"
        ]
        for note in one.columns:
            assert note.title.zh != note.name, (one.id, note.name)
            assert note.title.en != note.name, (one.id, note.name)


def test_a_column_of_a_dataset_is_described_as_it_is_declared(
    layers: dict[str, GisLayer],
) -> None:
    notes = {one.name: one for one in layers["park_coverage_parks"].columns}
    area = notes["area_ha"]
    assert (area.title.zh, area.unit, area.type, area.origin) == ("面积", "公顷", "number", "parks")
    assert columns.title_of(area, "zh") == "面积 (公顷)"


def test_the_document_names_every_column_and_format(layers: dict[str, GisLayer]) -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / "exports.md").read_text("utf-8")
    names = {note.name for one in layers.values() for note in one.columns}
    names -= {one for one in names if re.fullmatch(r"class_\d+_(km2|pct)", one)}
    assert len(names) > 40
    assert {one for one in names if f"`{one}`" not in text} == set()
    assert {one for one in export_files.FORMATS if f"`{one}`" not in text} == set()


def test_figures_of_readings_are_exported_with_their_stations_and_source(tmp_path: Path) -> None:
    here = write_readings(tmp_path)
    request = Request("air_quality", "live_pm25", period="2025-02")
    found = {one.id: one for one in gis_layers.of_view(here, request)}
    districts = found["air_quality_live_pm25"].frame.set_index("id")
    # 浦东新区: stations of 20 and 40, each constant; the reference station is left out.
    assert districts.at["310115", "value"] == 30.0
    assert districts.at["310115", "source"] == "市环境监测中心导出"
    assert districts["value"].notna().sum() == districts["source"].notna().sum()
    stations = found["air_quality_live_pm25_stations"]
    assert len(stations.frame) == 20
    labels = {one.key: one.label for one in stations.classes}
    assert labels[""] == "无有效数据"
    assert any(label.endswith("（对照点）") for label in labels.values())
    assert all(note.title.zh != note.name for note in stations.columns)


# Round trips: the same rows, values, text and places come back from every format.

GIS_FORMS = ("geojson", "gpkg", "fgb", "parquet", "shp")
SAMPLES = (
    "air_quality_pm25",
    "air_quality_stations",
    "park_coverage_parks",
    "wetlands_wetlands_schematic",
    "beautiful_bays_bays_schematic",
)


def gis_rows(content: bytes, form: str, folder: Path) -> gpd.GeoDataFrame:
    path = folder / f"rows.{export_files.ENDINGS[form]}"
    path.write_bytes(content)
    if form == "parquet":
        return gpd.read_parquet(path)
    if form == "shp":
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        return gpd.read_file(next(folder.glob("*.shp")))
    return gpd.read_file(path, layer=pyogrio.list_layers(path)[0][0])


def longs(layer: GisLayer) -> dict[str, str]:
    return gis_files.short_names([one.name for one in layer.columns])


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("form", GIS_FORMS)
def test_values_text_and_geometry_come_back(
    project: Project, layers: dict[str, GisLayer], form: str, name: str, tmp_path: Path
) -> None:
    layer = layers[name]
    found = gis_rows(export_files.to_bytes(project, layer, form), form, tmp_path)
    if form == "shp":
        back = {short: long for long, short in longs(layer).items()}
        found = found.rename(columns=back)
    assert found.crs == "EPSG:4326"
    assert len(found) == len(layer.frame)
    key = "id" if "id" in found else "code"
    # FlatGeobuf with its index has the rows in the order of their places.
    found = found.set_index(key, drop=False).loc[layer.frame[key]]
    same_geometry(found, layer.frame)
    for note in layer.columns:
        same_cells(found[note.name], layer.frame[note.name], note.type, form, note.name)


def same_geometry(found: gpd.GeoDataFrame, wanted: gpd.GeoDataFrame) -> None:
    for one, other in zip(found.geometry, wanted.geometry, strict=True):
        assert (one is None) == (other is None)
        if other is None:
            continue
        # Within 1e-7 degrees, whatever order the rings are in.
        assert shapely.hausdorff_distance(one, other) < 1e-7
        assert one.symmetric_difference(other).area < 1e-9


def same_cells(found: pd.Series, wanted: pd.Series, kind: str, form: str, name: str) -> None:
    for one, other in zip(found, wanted, strict=True):
        # A Shapefile has no empty text: it reads as missing.
        if pd.isna(other) or (form == "shp" and other == ""):
            assert pd.isna(one), name
        elif kind in ("number", "integer"):
            assert float(one) == pytest.approx(float(other), rel=1e-12), name
        elif kind == "boolean":
            assert one == ("true" if other else "false"), name
        else:
            assert one == str(other), name


@pytest.mark.parametrize("encoding", gis_files.ENCODINGS)
def test_a_shapefile_says_its_encoding_and_what_its_names_stand_for(
    layers: dict[str, GisLayer], encoding: str, tmp_path: Path
) -> None:
    layer = layers["park_coverage_parks"]
    content = gis_files.shapefile(layer, encoding)
    found = gis_rows(content, "shp", tmp_path)
    assert found["name_zh"].iloc[2] == "世纪公园"
    cpg = next(tmp_path.glob("*.cpg")).read_text()
    assert cpg.upper() == encoding.upper()
    raw = next(tmp_path.glob("*.dbf")).read_bytes()
    assert "世纪公园".encode(encoding) in raw
    mapping = csv_rows(next(tmp_path.glob("*_columns.csv")).read_bytes())
    assert ["location_g", "location_grade"] in [row[:2] for row in mapping]
    assert all(len(name) <= 10 for name in found.columns.drop("geometry"))
    assert (tmp_path / f"{layer.id}.qml").read_text("utf-8").startswith("<!DOCTYPE qgis")


def test_a_text_too_long_for_a_shapefile_is_whole_in_the_file_beside_it(
    layers: dict[str, GisLayer], tmp_path: Path
) -> None:
    layer = layers["park_coverage_parks"]
    long = "滨" * 200  # 600 bytes in UTF-8, 400 in GB18030
    changed = replace(layer, frame=layer.frame.assign(note_zh=long))
    found = gis_rows(gis_files.shapefile(changed), "shp", tmp_path)
    assert set(found["note_zh"]) == {"滨" * 84}  # 252 of 254 bytes: no character is broken
    mapping = csv_rows(next(tmp_path.glob("*_columns.csv")).read_bytes())
    assert next(row for row in mapping if row[1] == "note_zh")[-1] == "444"
    whole = csv_rows(next(tmp_path.glob("*_full.csv")).read_bytes())
    assert whole[1][whole[0].index("note_zh")] == long


def test_names_of_ten_characters_are_never_the_same() -> None:
    short = gis_files.short_names(
        ["geometry_quality", "geometry_quantity", "class", "说明", "备注"]
    )
    assert list(short.values()) == ["geometry_q", "geometry_2", "class", "__", "__2"]


def test_an_unknown_encoding_is_refused(layers: dict[str, GisLayer]) -> None:
    with pytest.raises(UnknownNameError) as raised:
        gis_files.shapefile(layers["park_coverage_parks"], "latin-1")
    assert "gb18030" in raised.value.zh


@pytest.mark.parametrize("form", export_files.FORMATS)
def test_the_same_layer_gives_the_same_bytes(
    project: Project, layers: dict[str, GisLayer], form: str
) -> None:
    layer = layers["wetlands_wetlands_schematic"]
    first = export_files.to_bytes(project, layer, form)
    assert export_files.to_bytes(project, layer, form) == first


@pytest.mark.parametrize("form", export_files.FORMATS)
def test_every_layer_is_written_in_every_format(
    project: Project, layers: dict[str, GisLayer], form: str
) -> None:
    for one in layers.values():
        assert len(export_files.to_bytes(project, one, form)) > 100, one.id
    assert set(export_files.MIME) == set(export_files.ENDINGS) == set(export_files.TITLES)


def test_geojson_holds_what_limits_the_layer_and_no_crs_member(
    layers: dict[str, GisLayer],
) -> None:
    content = json.loads(gis_files.geojson(layers["wetlands_wetlands_schematic"]))
    assert content["schematic"] is True
    assert any("示意" in note for note in content["notes"])
    assert "crs" not in content  # RFC 7946, 4


def test_geoparquet_holds_the_description_of_its_columns(
    layers: dict[str, GisLayer],
) -> None:
    content = gis_files.parquet(layers["park_coverage_parks"])
    told = json.loads(pq.read_schema(io.BytesIO(content)).metadata[b"bsh_geo"])
    units = {one["column"]: one["unit"] for one in told["columns"]}
    assert units["area_ha"] == "公顷"


# CSV and Excel: a reader's rows.


def test_csv_and_excel_hold_a_reader_s_rows_with_place_quality_and_source(
    project: Project, layers: dict[str, GisLayer]
) -> None:
    layer = layers["park_coverage_parks"]
    head, *rows = csv_rows(export_files.to_bytes(project, layer, "csv"))
    assert {"名称", "编号", "质量", "来源", "图形质量", "经度 (WGS 84)"} <= set(head)
    assert len(rows) == 444
    at = {name: number for number, name in enumerate(head)}
    park = next(row for row in rows if row[at["编号"]] == "p003")
    assert (park[at["名称"]], park[at["面积 (公顷)"]]) == ("世纪公园", "140.3")
    lon, lat = float(park[at["经度 (WGS 84)"]]), float(park[at["纬度 (WGS 84)"]])
    assert (lon, lat) == (121.54828, 31.21787)
    without = [row for row in rows if row[at["经度 (WGS 84)"]] == ""]
    assert len(without) == 73
    assert {row[at["图形质量"]] for row in without} == {""}


def test_a_workbook_has_data_columns_and_sources(
    project: Project, layers: dict[str, GisLayer]
) -> None:
    layer = layers["ecological_red_line_patches_schematic"]
    book = load_workbook(io.BytesIO(export_files.to_bytes(project, layer, "xlsx")))
    assert book.sheetnames == ["数据", "字段", "来源与口径"]
    assert book["数据"].max_row == len(layer.frame) + 1
    described = [row[0].value for row in book["字段"].iter_rows(min_row=2)]
    assert described == [note.name for note in layer.columns]
    facts = [tuple(cell.value for cell in row) for row in book["来源与口径"].iter_rows()]
    assert any(row[0] == "示意图形" for row in facts)
    sources = [row for row in facts if row[0] == "来源"]
    assert sources and all(row[1] for row in sources)


def test_values_come_back_from_a_workbook(project: Project, layers: dict[str, GisLayer]) -> None:
    layer = layers["air_quality_pm25"]
    book = load_workbook(io.BytesIO(export_files.to_bytes(project, layer, "xlsx")))
    rows = list(book["数据"].iter_rows(values_only=True))
    at = rows[0].index("PM2.5平均浓度 (μg/m³)")
    wanted = [None if pd.isna(one) else one for one in layer.frame["value"]]
    assert [row[at] for row in rows[1:]] == wanted
    assert wanted.count(None) == 9


def test_no_cell_of_any_table_file_is_a_formula(
    project: Project, layers: dict[str, GisLayer], tmp_path: Path
) -> None:
    layer = layers["park_coverage_parks"]
    bad = '=HYPERLINK("http://x","y")'
    shown = layer.shown.assign(名称=bad)
    hostile = replace(layer, shown=shown, frame=layer.frame.assign(name_zh=bad))
    text = csv_rows(export_files.to_bytes(project, hostile, "csv"))
    assert {row[0] for row in text[1:]} == {"'" + bad}
    book = load_workbook(io.BytesIO(export_files.to_bytes(project, hostile, "xlsx")))
    types = {row[0].data_type for row in book["数据"].iter_rows(min_row=2)}
    assert types == {"s"}


# Many at once.


def tables_of(content: bytes, folder: Path) -> dict[str, str]:
    path = folder / "all.gpkg"
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as file:
        return dict(file.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall())


def test_the_whole_project_is_one_geopackage(project: Project, tmp_path: Path) -> None:
    content = export_files.asked_bytes(project, Request("all"), "gpkg", "all.gpkg")
    found = tables_of(content, tmp_path)
    wanted = {one.id for one in gis_layers.of_project(project)}
    assert {name for name, kind in found.items() if kind == "features"} == wanted
    assert {name for name, kind in found.items() if kind == "attributes"} == {
        *("bsh_layers", "bsh_columns", "bsh_sources", "bsh_observations", "bsh_targets"),
        "layer_styles",
    }
    sources = gpd.read_file(tmp_path / "all.gpkg", layer="bsh_sources")
    assert sources["title_zh"].notna().all()
    named = gpd.read_file(tmp_path / "all.gpkg", layer="bsh_layers")
    assert set(named.loc[named["schematic"] == "true", "layer"]) == {
        one for one in wanted if one.endswith("_schematic")
    }
    figures = gpd.read_file(tmp_path / "all.gpkg", layer="bsh_observations")
    assert len(figures) == len(frames.table(project, "observations"))


@pytest.mark.parametrize("form", ["csv", "shp", "geojson"])
def test_all_tables_of_a_layer_are_one_archive(project: Project, form: str) -> None:
    content = export_files.asked_bytes(
        project, Request("wetlands"), form, "w.zip", None, every=True
    )
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    for stem in ("wetlands_wetlands_schematic", "wetlands_wetlands_points"):
        assert f"{stem}.{form}" in names
    assert {"bsh_columns.csv", "bsh_sources.csv"} <= set(names)


def test_all_of_a_layer_keeps_to_the_area_asked_for(project: Project, tmp_path: Path) -> None:
    request = Request("wetlands", areas=("崇明区",))
    content = export_files.asked_bytes(project, request, "gpkg", "w.gpkg", None, every=True)
    (tmp_path / "w.gpkg").write_bytes(content)
    rows = gpd.read_file(tmp_path / "w.gpkg", layer="wetlands_wetlands_schematic")
    assert set(rows["adcode"]) == {"310151"}


@pytest.mark.parametrize(
    ("request_", "form", "name", "said"),
    [
        (Request("wetlands"), "csv", "w.csv", ".zip"),
        (Request("all"), "csv", "w.csv", ".zip"),
        (Request("all"), "gpkg", "w.zip", ".gpkg"),
        (Request("all", areas=("崇明区",)), "gpkg", "w.gpkg", "all"),
    ],
)
def test_many_tables_are_not_put_where_one_belongs(
    project: Project, request_: Request, form: str, name: str, said: str
) -> None:
    with pytest.raises(DataError) as raised:
        export_files.asked_bytes(project, request_, form, name, None, every=True)
    assert said in raised.value.zh


@pytest.mark.parametrize(
    ("name", "form", "wanted"),
    [
        ("a.zip", None, "shp"),
        ("a.json", None, "geojson"),
        ("a.PARQUET", None, "parquet"),
        ("a.zip", "csv", "csv"),
    ],
)
def test_the_format_is_that_asked_for_or_that_of_the_name(
    name: str, form: str | None, wanted: str
) -> None:
    assert export_files.form_of(name, form) == wanted


def test_a_name_without_a_format_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        export_files.form_of("rows", None)
