"""Declarations with a closed schema: what is wrong is said in one sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import OwnProject

from bsh_geo import catalogue
from bsh_geo.catalogue import Boundary, Column, Dataset, Layer, Metric, Part
from bsh_geo.errors import BshError, DataError, LayerError
from bsh_geo.project import Project

SHIPPED = [
    *("air_quality", "beautiful_bays", "wetlands", "park_coverage", "ecological_red_line"),
    "land_cover",
]

LAYER = """
id = "noise"
title = { zh = "噪声", en = "Noise" }
group = { zh = "环境之美", en = "Environment" }
summary = { zh = "噪声", en = "Noise" }
source = ["doc-000"]
quality = "published"

[[metrics]]
id = "pm25"
title = { zh = "浓度", en = "Mean" }
indicator = "pm25"
valid = [0, 500]
breaks = [20, 25]
palette = ["#000001", "#000002", "#000003"]
"""


def layer_fault(own: OwnProject, text: str, name: str = "noise") -> BshError:
    """The one fault that a layer file gives."""
    own.write(f"layers/{name}.toml", text)
    layers, faults = catalogue.load_layers(own.open())
    assert "noise" not in layers
    assert len(faults) == 1
    return faults[0]


def assert_both(fault: BshError, *facts: str) -> None:
    """Both sentences, of one line each, state the facts."""
    for text in (fault.zh, fault.en):
        assert "\n" not in text
        for fact in facts:
            assert fact in text, text


def test_six_layers_are_shipped_in_their_order(project: Project) -> None:
    layers, faults = catalogue.load_layers(project)
    assert list(layers) == SHIPPED
    assert faults == []


def test_a_layer_is_added_by_adding_a_file(own_project: OwnProject) -> None:
    own_project.write("layers/noise.toml", LAYER)
    layers, faults = catalogue.load_layers(own_project.open())
    assert list(layers) == [*SHIPPED, "noise"]
    assert faults == []


def test_a_layer_file_of_the_user_replaces_the_shipped_one(own_project: OwnProject) -> None:
    own_project.change(
        "layers/wetlands.toml",
        'title = { zh = "湿地", en = "Wetlands" }\ngroup',
        'title = { zh = "我的湿地", en = "My wetlands" }\ngroup',
    )
    layers, _ = catalogue.load_layers(own_project.open())
    assert layers["wetlands"].title.zh == "我的湿地"
    assert len(layers) == len(SHIPPED)


def test_an_unknown_key_is_named_with_its_file_and_the_allowed_keys(
    own_project: OwnProject,
) -> None:
    fault = layer_fault(own_project, 'colour = "red"\n' + LAYER)
    assert isinstance(fault, LayerError)
    assert_both(fault, "layers/noise.toml", "colour", "title", "metrics", "limitations")


def test_an_unknown_key_inside_a_metric_is_named_with_its_place(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, LAYER + "colours = 3\n")
    assert_both(fault, "layers/noise.toml", "colours", "metrics.0", "palette")


def test_an_id_other_than_the_file_name_is_refused(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, LAYER, name="nois")
    assert_both(fault, "layers/nois.toml", "noise", "nois")


def test_a_palette_needs_one_colour_more_than_breaks(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, LAYER.replace("breaks = [20, 25]", "breaks = [20, 25, 30]"))
    assert_both(fault, "layers/noise.toml", "pm25", "breaks", "3")


@pytest.mark.parametrize("breaks", ["[25, 20]", "[20, 20]"])
def test_breaks_must_rise(own_project: OwnProject, breaks: str) -> None:
    fault = layer_fault(own_project, LAYER.replace("[20, 25]", breaks))
    assert_both(fault, "layers/noise.toml", "pm25", "breaks")


def test_breaks_must_lie_inside_the_valid_range(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, LAYER.replace("[0, 500]", "[0, 22]"))
    assert_both(fault, "layers/noise.toml", "pm25")


def test_a_colour_must_be_a_hexadecimal_one(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, LAYER.replace("#000002", "red"))
    assert_both(fault, "layers/noise.toml", "palette", "red")


def test_a_missing_key_is_named(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, LAYER.replace('quality = "published"', ""))
    assert_both(fault, "layers/noise.toml", "quality")


def test_a_quality_outside_the_closed_list_is_refused(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, LAYER.replace('"published"', '"good"'))
    assert_both(fault, "layers/noise.toml", "quality", "good")


def test_a_daily_metric_needs_its_dataset_and_column(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, LAYER + 'source = "daily"\n')
    assert_both(fault, "layers/noise.toml", "pm25", "dataset")


def test_broken_toml_is_named_with_its_line(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, 'id = "noise"\ntitle = = 3\n')
    assert isinstance(fault, DataError)
    assert_both(fault, "layers/noise.toml", "line 2")


def test_a_layer_file_that_is_not_utf8_is_named(own_project: OwnProject) -> None:
    own_project.write("layers/noise.toml", LAYER.encode("gb18030"))
    _, faults = catalogue.load_layers(own_project.open())
    assert len(faults) == 1
    assert_both(faults[0], "layers/noise.toml", "UTF-8")


def test_one_broken_layer_leaves_the_others(own_project: OwnProject) -> None:
    own_project.write("layers/wetlands.toml", 'id = "wetlands"\n')
    layers, faults = catalogue.load_layers(own_project.open())
    assert list(layers) == [name for name in SHIPPED if name != "wetlands"]
    assert len(faults) == 1
    assert_both(faults[0], "layers/wetlands.toml")


def test_markup_in_a_fault_is_kept_as_the_text_it_is(own_project: OwnProject) -> None:
    fault = layer_fault(own_project, '"<b>x</b>" = 1\n' + LAYER)
    assert_both(fault, "<b>x</b>")


def test_an_unknown_key_in_a_dataset_is_named(own_project: OwnProject) -> None:
    name = "data/datasets/stations.toml"
    own_project.change(name, 'crs = "EPSG:4326"', 'crs = "EPSG:4326"\ndatum = "GCJ-02"')
    with pytest.raises(DataError) as raised:
        catalogue.load_datasets(own_project.open())
    assert_both(raised.value, name, "datum", "crs")


def test_a_dataset_whose_id_is_not_its_file_name_is_refused(own_project: OwnProject) -> None:
    own_project.write(
        "data/datasets/sites.toml", own_project.shipped("data/datasets/stations.toml")
    )
    with pytest.raises(DataError) as raised:
        catalogue.load_datasets(own_project.open())
    assert_both(raised.value, "data/datasets/sites.toml", "stations", "sites")


def test_an_unknown_key_of_a_boundary_is_named_with_the_boundary(own_project: OwnProject) -> None:
    name = "data/boundaries/boundaries.toml"
    own_project.change(name, 'id = "lakes"', 'id = "lakes"\ncolour = "blue"')
    with pytest.raises(DataError) as raised:
        catalogue.load_boundaries(own_project.open())
    assert_both(raised.value, name, "lakes", "colour", "features")


def test_a_source_id_used_twice_is_named(own_project: OwnProject) -> None:
    own_project.write("data/sources/mine.csv", "id,title_zh,title_en\ndoc-000,我的来源,My source\n")
    with pytest.raises(DataError) as raised:
        catalogue.load_sources(own_project.open())
    assert_both(raised.value, "doc-000", "data/sources/")


def test_source_ids_are_split_at_semicolons_of_either_script() -> None:
    assert catalogue.source_ids("a; b；c;") == ["a", "b", "c"]


@pytest.mark.parametrize("model", [Layer, Metric, Part, Dataset, Column, Boundary])
def test_every_declaration_has_a_closed_schema(model: type[catalogue.Closed]) -> None:
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"] is True


def test_layers_refer_to_indicators_datasets_and_sources_that_exist(project: Project) -> None:
    layers, _ = catalogue.load_layers(project)
    assert layers
    indicators = set(catalogue.load_indicators(project))
    datasets = {*catalogue.load_datasets(project), *catalogue.load_rasters(project)}
    sources = set(catalogue.load_sources(project))
    for layer in layers.values():
        assert {*layer.figures, *layer.targets} <= indicators, layer.id
        assert {part.dataset for part in layer.parts} <= datasets, layer.id
        assert {part.shapes for part in layer.parts if part.shapes} <= datasets, layer.id
        assert set(layer.source) <= sources, layer.id


@pytest.mark.parametrize(
    ("file", "table", "first", "load"),
    [
        ("data/boundaries/boundaries.toml", "boundary", "lakes", catalogue.load_boundaries),
        ("data/targets/indicators.toml", "indicator", "so2", catalogue.load_indicators),
        ("data/targets/documents.toml", "document", "001", catalogue.load_documents),
    ],
)
def test_an_id_listed_twice_is_refused(
    own_project: OwnProject,
    file: str,
    table: str,
    first: str,
    load: Callable[[Project], dict[str, object]],
) -> None:
    text = own_project.shipped(file)
    entry = text[text.index(f'id = "{first}"') :].split("[[")[0]
    own_project.write(file, f"{text}\n[[{table}]]\n{entry}")
    with pytest.raises(DataError) as raised:
        load(own_project.open())
    assert_both(raised.value, file, first)
