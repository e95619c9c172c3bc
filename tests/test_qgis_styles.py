"""Styles for QGIS: what stands in the file is what our map draws."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from bsh_geo import gis_files, gis_layers, qgis_styles
from bsh_geo.gis_classes import DrawnClass
from bsh_geo.gis_layers import GisLayer
from bsh_geo.mapspec import Style
from bsh_geo.project import Project


@pytest.fixture(scope="module")
def layers(project: Project) -> dict[str, GisLayer]:
    found = {one.id: one for one in gis_layers.of_project(project)}
    assert found
    return found


def parsed(layer: GisLayer) -> ET.Element:
    return ET.fromstring(qgis_styles.qml(layer))


def settings(layer: ET.Element) -> dict[str, str]:
    """The settings of a symbol layer, which newer and older versions of QGIS find alike."""
    options = layer.find("Option")
    assert options is not None
    new = {str(one.get("name")): str(one.get("value")) for one in options}
    old = {str(one.get("k")): str(one.get("v")) for one in layer.findall("prop")}
    assert new == old
    return new


def symbols(layer: GisLayer) -> dict[str, ET.Element]:
    """The symbol of each class by its key."""
    root = parsed(layer)
    named = {one.get("name"): one for one in root.findall("renderer-v2/symbols/symbol")}
    entries = root.findall("renderer-v2/categories/category")
    assert entries
    return {str(one.get("value")): named[one.get("symbol")] for one in entries}


def made(style: Style, shape: str = "area", **columns: object) -> GisLayer:
    place = box(121, 31, 122, 32) if shape == "area" else Point(121, 31)
    frame = gpd.GeoDataFrame(
        {"id": ["a"], "class": ["x"], **columns}, geometry=[place], crs="EPSG:4326"
    )
    return GisLayer(
        "one", "一", "one", frame, pd.DataFrame(frame.drop(columns="geometry")),
        shape, (DrawnClass("x", "类", style, 3.0),), (), "zh", False,
    )  # fmt: skip


def test_a_style_has_the_parts_that_qgis_reads(layers: dict[str, GisLayer]) -> None:
    for one in layers.values():
        if one.shape == "none":
            continue
        root = parsed(one)
        assert root.tag == "qgis"
        assert root.get("styleCategories") == "Symbology|Labeling"
        assert root.get("labelsEnabled") == "1"
        renderer = root.find("renderer-v2")
        assert renderer is not None
        if one.classes:
            assert renderer.get("type") == "categorizedSymbol"
            assert renderer.get("attr") == "class"
        else:
            assert renderer.get("type") == "singleSymbol"
        kind = {"area": "fill", "point": "marker"}[one.shape]
        found = renderer.findall("symbols/symbol")
        assert found
        assert {symbol.get("type") for symbol in found} == {kind}


def test_every_class_of_the_rows_has_an_entry_and_every_entry_a_symbol(
    layers: dict[str, GisLayer],
) -> None:
    counted = 0
    for one in layers.values():
        if not one.classes:
            continue
        entries = symbols(one)
        drawn = one.frame[one.frame.geometry.notna()]
        assert set(drawn["class"]) <= set(entries), one.id
        counted += len(entries)
    assert counted > 30


def test_colours_and_labels_are_those_of_the_map(layers: dict[str, GisLayer]) -> None:
    layer = layers["air_quality_pm25"]
    entries = parsed(layer).findall("renderer-v2/categories/category")
    labels = [one.get("label") for one in entries]
    assert labels == ["≤ 20", "20 – 25", "25 – 28", "28 – 30", "30 – 35", "> 35", "无数据"]
    fills = [settings(one.find("layer"))["color"] for one in symbols(layer).values()]  # type: ignore[arg-type]
    wanted = [qgis_styles.colour(one.style.fill) for one in layer.classes]
    assert fills == wanted
    assert fills[0] == "251,230,194,255"  # #fbe6c2


def test_a_missing_figure_is_hatched_and_last(layers: dict[str, GisLayer]) -> None:
    found = list(symbols(layers["air_quality_pm25"]).items())[-1]
    kinds = [one.get("class") for one in found[1].findall("layer")]
    assert (found[0], kinds) == ("", ["SimpleFill", "LinePatternFill"])


def test_a_sketch_is_dashed_and_says_so_and_an_outline_is_not(
    layers: dict[str, GisLayer],
) -> None:
    layer = layers["wetlands_wetlands_schematic"]
    labels = {
        str(one.get("value")): str(one.get("label"))
        for one in parsed(layer).findall("renderer-v2/categories/category")
    }
    for key, symbol in symbols(layer).items():
        first = symbol.find("layer")
        assert first is not None
        solid = key.endswith("|solid")
        assert settings(first)["outline_style"] == ("solid" if solid else "dash")
        assert ("示意" in labels[key]) != solid


@pytest.mark.parametrize(
    ("hatch", "kinds", "angles"),
    [
        (None, ["SimpleFill"], []),
        ("diagonal", ["SimpleFill", "LinePatternFill"], ["45"]),
        ("cross", ["SimpleFill", "LinePatternFill", "LinePatternFill"], ["45", "135"]),
        ("dots", ["SimpleFill", "PointPatternFill"], []),
    ],
)
def test_a_hatch_is_a_pattern_with_a_symbol_of_its_own(
    hatch: str | None, kinds: list[str], angles: list[str]
) -> None:
    layer = made(Style("#112233", "#445566", hatch=hatch))  # type: ignore[arg-type]
    found = symbols(layer)["x"].findall("layer")
    assert [one.get("class") for one in found] == kinds
    turned = [settings(one) for one in found if one.get("class") == "LinePatternFill"]
    assert [one["angle"] for one in turned] == angles
    assert all(len(one.findall("symbol/layer")) == 1 for one in found[1:])


def test_opacity_width_and_no_fill_are_kept() -> None:
    symbol = symbols(made(Style(None, "#445566", 4.0, opacity=0.72)))["x"]
    assert symbol.get("alpha") == "0.72"
    first = symbol.find("layer")
    assert first is not None
    held = settings(first)
    assert (held["style"], held["outline_color"]) == ("no", "68,85,102,255")
    assert held["outline_width"] == "1.06"  # 4 px of 25.4 / 96 mm


def test_a_point_is_as_wide_as_on_the_map() -> None:
    style = Style("#112233", "#445566")
    first = symbols(made(style, "point"))["x"].find("layer")
    assert first is not None
    assert settings(first)["size"] == "1.59"  # twice 3 px
    sized = symbols(made(style, "point", map_radius=[5.0]))["x"].find("layer")
    assert sized is not None
    told = [one.get("value") for one in sized.iter("Option") if one.get("name") == "expression"]
    assert told == ['2 * 0.264583 * coalesce("map_radius", 3)']


def test_names_are_written_with_a_halo(layers: dict[str, GisLayer]) -> None:
    for one in layers.values():
        text = parsed(one).find("labeling/settings/text-style")
        assert text is not None
        assert 'coalesce("name_zh"' in str(text.get("fieldName"))
        halo = text.find("text-buffer")
        assert halo is not None
        assert (halo.get("bufferDraw"), halo.get("bufferColor")) == ("1", "255,255,255,255")


def test_a_figure_is_written_under_the_name(layers: dict[str, GisLayer]) -> None:
    assert qgis_styles.label_expression(layers["air_quality_pm25"]) == (
        'coalesce("name_zh", "id") || coalesce(\'\\n\' || format_number("value", 1), \'\')'
    )


def test_text_of_the_data_cannot_break_the_style() -> None:
    layer = made(Style("#112233", "#445566"))
    hostile = "<b>&\"'x"
    found = replace(layer, classes=(DrawnClass("x", hostile, layer.classes[0].style),))
    entry = parsed(found).find("renderer-v2/categories/category")
    assert entry is not None
    assert entry.get("label") == hostile


def test_the_table_of_styles_is_the_one_that_qgis_looks_for(
    project: Project, layers: dict[str, GisLayer], tmp_path: Path
) -> None:
    listed = [layers["air_quality_pm25"], layers["park_coverage_parks"]]
    path = tmp_path / "a.gpkg"
    path.write_bytes(gis_files.geopackage(project, listed))
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute(
            "SELECT f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
            "useAsDefault, styleQML FROM layer_styles ORDER BY id"
        ).fetchall()
        geometry = dict(
            file.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
        )
        fault = file.execute("PRAGMA integrity_check").fetchone()[0]
        columns = [row[1] for row in file.execute("PRAGMA table_info(layer_styles)")]
    assert fault == "ok"
    assert columns == [
        *("id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column"),
        *("styleName", "styleQML", "styleSLD", "useAsDefault", "description", "owner", "ui"),
        "update_time",
    ]
    assert [row[:3] for row in rows] == [("", "", one.id) for one in listed]
    assert all(row[3] == geometry[row[2]] and row[4] == 1 for row in rows)
    assert [row[5] for row in rows] == [qgis_styles.qml(one) for one in listed]
