"""Values on fixed breaks: the class, its colour and its label."""

from __future__ import annotations

import pandas as pd
import pytest

from bsh_geo import catalogue, classes, compose
from bsh_geo.catalogue import Metric, Text
from bsh_geo.project import Project

WORD = Text(zh="浓度", en="Mean")
METRIC = Metric(
    id="pm25",
    title=WORD,
    indicator="pm25",
    valid=(0, 500),
    breaks=(20, 25, 30),
    palette=("#000001", "#000002", "#000003", "#000004"),
)


def key_of(value: float | None) -> str:
    return str(classes.classify(pd.Series([value]), METRIC).iloc[0])


@pytest.mark.parametrize(("value", "key"), [(20.0, "0"), (25.0, "1"), (30.0, "2")])
def test_a_value_on_a_break_falls_in_the_class_below(value: float, key: str) -> None:
    assert key_of(value) == key


@pytest.mark.parametrize(("value", "key"), [(20.1, "1"), (25.1, "2"), (30.1, "3")])
def test_a_value_just_above_a_break_falls_in_the_class_above(value: float, key: str) -> None:
    assert key_of(value) == key


def test_a_value_above_the_last_break_falls_in_the_top_class() -> None:
    assert key_of(499.0) == "3"


def test_a_value_below_the_first_break_falls_in_the_lowest_class() -> None:
    assert key_of(3.0) == "0"


@pytest.mark.parametrize(("value", "key"), [(0.0, "0"), (500.0, "3")])
def test_the_ends_of_the_valid_range_are_valid(value: float, key: str) -> None:
    assert key_of(value) == key


@pytest.mark.parametrize("value", [float("nan"), None])
def test_a_missing_value_is_no_data(value: float | None) -> None:
    assert key_of(value) == classes.NO_DATA


@pytest.mark.parametrize("value", [-0.1, 500.1, float("inf"), float("-inf")])
def test_a_value_outside_the_valid_range_is_no_data(value: float) -> None:
    assert key_of(value) == classes.NO_DATA


def test_classes_keep_the_index_of_the_values() -> None:
    values = pd.Series([31.0, None, 19.0], index=["310151", "310101", "310104"])
    found = classes.classify(values, METRIC)
    assert found.to_dict() == {"310151": "3", "310101": classes.NO_DATA, "310104": "0"}


def test_values_are_left_as_they_were() -> None:
    values = pd.Series([31.0, None])
    classes.classify(values, METRIC)
    assert values.iloc[0] == 31.0
    assert pd.isna(values.iloc[1])


def test_classes_run_from_low_to_high_without_a_gap() -> None:
    found = [(one.key, one.low, one.high, one.colour) for one in classes.bins(METRIC)]
    assert found == [
        ("0", 0, 20, "#000001"),
        ("1", 20, 25, "#000002"),
        ("2", 25, 30, "#000003"),
        ("3", 30, 500, "#000004"),
    ]


def test_labels_name_the_breaks_and_never_the_ends_of_the_valid_range() -> None:
    labels = [classes.bin_label(one, METRIC, "zh").replace(" ", "") for one in classes.bins(METRIC)]
    assert labels == ["≤20", "20–25", "25–30", ">30"]


def test_a_label_keeps_the_decimals_of_its_break() -> None:
    metric = METRIC.model_copy(update={"breaks": (2.5, 10, 12.25)})
    labels = [classes.bin_label(one, metric, "en").replace(" ", "") for one in classes.bins(metric)]
    assert labels == ["≤2.5", "2.5–10", "10–12.25", ">12.25"]


def test_a_legend_has_one_colour_more_than_breaks(project: Project) -> None:
    layers, _ = catalogue.load_layers(project)
    metrics = [metric for layer in layers.values() for metric in layer.metrics]
    assert metrics
    for metric in metrics:
        assert len(classes.bins(metric)) == len(metric.breaks) + 1, metric.id


def test_no_data_is_hatched_and_stands_last_in_the_legend(project: Project) -> None:
    # 虹口区 has no annual figure of 2025.
    spec = compose.build(project, compose.Request("air_quality", "pm25", ("虹口区",), "2025"))
    part = next(one for one in spec.parts if one.id == "pm25")
    assert part.frame["key"].to_list() == [classes.NO_DATA]
    assert part.styles[classes.NO_DATA].hatch is not None
    assert spec.legend[0].items[-1].label == "无数据"
    assert spec.legend[0].items[-1].style == part.styles[classes.NO_DATA]


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1234.5, 1, "1,234.5"), (28.0, 0, "28"), (-3.0, 1, "−3.0"), (0.0, 2, "0.00")],
)
def test_numbers_are_written_with_separators_and_a_true_minus(
    value: float, decimals: int, text: str
) -> None:
    assert classes.number(value, decimals) == text
