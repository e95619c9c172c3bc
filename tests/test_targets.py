"""Targets of the plans: which hold for an area, whether they are met, whether they are quoted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import OwnProject

from bsh_geo import catalogue, frames, observations, targets
from bsh_geo.areas import Selection
from bsh_geo.project import Project
from bsh_geo.targets import TargetLine

CHONGMING, HUANGPU, JINSHAN = (Selection((code,)) for code in ("310151", "310101", "310116"))


def line_of(
    own: OwnProject, indicator: str, operator: str, value: float | None, current: float | None
) -> TargetLine:
    """The line of one hand-made target of the city, in Chinese."""
    row: dict[str, Any] = {
        "id": "one",
        "document": "000",
        "clause": "一",
        "quote": "原文",
        "area": "310000",
        "indicator": indicator,
        "operator": operator,
        "value": "" if value is None else value,
        "unit": observations.indicator_of(own.open(), indicator).unit,
        "year": "2030",
    }
    own.write_rows("data/targets/targets.csv", [row], like="data/targets/targets.csv")
    found = targets.lines(own.open(), indicator, Selection(), current, "zh")
    assert len(found) == 1
    return found[0]


# pm25: lower is better; park_area_per_capita: higher is better; redline_area: exactly so.
@pytest.mark.parametrize(
    ("indicator", "operator", "value", "current", "met"),
    [
        ("pm25", "≤", 25, 24.9, True),
        ("pm25", "≤", 25, 25.0, True),
        ("pm25", "≤", 25, 25.1, False),
        ("pm25", "≈", 25, 24.9, True),
        ("pm25", "≈", 25, 25.0, True),
        ("pm25", "≈", 25, 26.3, False),
        ("pm25", "=", 25, 19.5, True),
        ("pm25", "=", 25, 26.3, False),
        ("park_area_per_capita", "≥", 13, 9.5, False),
        ("park_area_per_capita", "≥", 13, 13.0, True),
        ("park_area_per_capita", "≥", 13, 13.5, True),
        ("park_area_per_capita", ">", 13, 13.0, False),
        ("park_area_per_capita", ">", 13, 13.01, True),
        ("park_area_per_capita", "≈", 13, 12.9, False),
        ("park_area_per_capita", "≈", 13, 13.0, True),
        ("park_area_per_capita", "=", 15, 15.2, True),
        ("park_area_per_capita", "=", 15, 14.9, False),
        ("redline_area", "=", 2527.3, 2527.3, True),
        ("redline_area", "=", 2527.3, 2527.29, False),
        ("redline_area", "=", 2527.3, 2600.0, False),
    ],
)
def test_a_target_is_met_as_it_is_worded(
    own_project: OwnProject,
    indicator: str,
    operator: str,
    value: float,
    current: float,
    met: bool,
) -> None:
    assert line_of(own_project, indicator, operator, value, current).met is met


def test_the_gap_is_the_figure_minus_the_target(own_project: OwnProject) -> None:
    line = line_of(own_project, "pm25", "≈", 25, 26.3)
    assert line.gap == pytest.approx(1.3)
    assert "1.3 μg/m³" in line.distance


def test_the_distance_below_a_target_is_written_without_a_sign(own_project: OwnProject) -> None:
    line = line_of(own_project, "park_area_per_capita", ">", 13, 9.5)
    assert line.gap == pytest.approx(-3.5)
    assert "3.5" in line.distance
    assert "-" not in line.distance
    assert "−" not in line.distance


def test_a_figure_equal_to_the_target_has_no_amount_of_distance(own_project: OwnProject) -> None:
    line = line_of(own_project, "pm25", "≈", 25, 25.0)
    assert line.gap == 0
    assert line.distance
    assert not re.search(r"\d", line.distance)


def test_a_figure_that_is_met_by_a_rounding_error_is_equal(own_project: OwnProject) -> None:
    # 0.1 + 0.2 is 0.30000000000000004 in binary.
    line = line_of(own_project, "co_p95", "≤", 0.3, 0.1 + 0.2)
    assert line.met is True


def test_without_a_figure_nothing_is_said_of_the_distance(own_project: OwnProject) -> None:
    line = line_of(own_project, "pm25", "≈", 25, None)
    assert (line.gap, line.met, line.distance) == (None, None, "")


def test_a_target_without_a_number_has_no_distance(own_project: OwnProject) -> None:
    line = line_of(own_project, "bay_built", "done", None, 1.0)
    assert (line.value, line.gap, line.met, line.distance) == (None, None, None, "")


@pytest.mark.parametrize(
    ("operator", "zh", "en"),
    [
        ("≈", "25 μg/m³左右", "about 25 μg/m³"),
        ("=", "25 μg/m³", "25 μg/m³"),
        ("≤", "≤ 25 μg/m³", "≤ 25 μg/m³"),
    ],
)
def test_a_target_is_worded_with_its_operator_value_and_unit(
    own_project: OwnProject, operator: str, zh: str, en: str
) -> None:
    assert line_of(own_project, "pm25", operator, 25, None).wording == zh
    english = targets.lines(own_project.open(), "pm25", Selection(), None, "en")
    assert english[0].wording == en


def test_targets_stand_in_the_order_of_their_years(project: Project) -> None:
    found = targets.lines(project, "pm25", Selection(), 26.3, "zh")
    assert [(line.year, line.value) for line in found] == [("2027", 25), ("2035", 20)]


def test_chongming_is_held_against_its_own_targets(project: Project) -> None:
    found = targets.lines(project, "pm25", CHONGMING, 19.5, "zh")
    assert [(line.year, line.value, line.own) for line in found] == [
        ("2027", 25, True),
        ("2035", 20, True),
    ]
    assert {line.area for line in found} == {"崇明区"}
    assert [line.met for line in found] == [True, True]


def test_jinshan_has_a_target_of_28_by_2026(project: Project) -> None:
    found = targets.lines(project, "pm25", JINSHAN, None, "zh")
    assert [(line.year, line.value, line.own) for line in found] == [("2026", 28, True)]


def test_a_district_without_targets_of_its_own_is_held_against_the_city_s(
    project: Project,
) -> None:
    found = targets.lines(project, "pm25", HUANGPU, 27.2, "zh")
    assert [(line.value, line.own, line.area) for line in found] == [
        (25, False, "上海市"),
        (20, False, "上海市"),
    ]
    assert [line.gap for line in found] == [pytest.approx(2.2), pytest.approx(7.2)]


def test_several_districts_are_not_held_against_the_targets_of_one_of_them(
    project: Project,
) -> None:
    found = targets.lines(project, "pm25", Selection(("310101", "310151")), None, "zh")
    assert "上海市" in {line.area for line in found}


def test_the_red_line_of_the_city_equals_its_target(project: Project) -> None:
    row = observations.latest(project, "redline_area", "310000")
    assert row is not None
    found = targets.lines(project, "redline_area", Selection(), float(row["value"]), "zh")
    assert [(line.value, line.gap, line.met, line.year) for line in found] == [
        (2527.3, 0, True, "")
    ]


def test_the_jinshan_bay_keeps_all_three_years_that_documents_give(project: Project) -> None:
    found = targets.lines(project, "bay_built", JINSHAN, None, "zh")
    assert [line.year for line in found] == ["2025", "2027", "2030"]
    assert len({line.document for line in found}) == 3


def quoted(project: Project) -> list[dict[str, Any]]:
    rows = frames.table(project, "targets").to_dict("records")
    assert len(rows) == 278
    return rows


def test_every_quote_stands_in_the_document_that_it_is_given_for(
    project: Project, policy_documents: Path
) -> None:
    documents = catalogue.load_documents(project)
    texts = {
        code: re.sub(r"\s", "", (policy_documents / one.file).read_text(encoding="utf-8"))
        for code, one in documents.items()
    }
    missing = [
        row["id"]
        for row in quoted(project)
        if re.sub(r"\s", "", row["quote"]) not in texts[row["document"]]
    ]
    assert missing == []


def test_a_target_year_stands_in_the_quote_or_is_explained_in_the_note(project: Project) -> None:
    unexplained = [
        row["id"]
        for row in quoted(project)
        if row["year"] and str(row["year"]) not in row["quote"] and not row["note_zh"]
    ]
    assert unexplained == []


def test_a_target_without_a_number_is_a_task_or_something_built(project: Project) -> None:
    rows = [row for row in quoted(project) if row["value"] != row["value"]]
    assert rows
    assert {row["operator"] for row in rows} == {"done", "任务"}


def test_every_target_has_the_unit_of_its_indicator(project: Project) -> None:
    indicators = catalogue.load_indicators(project)
    wrong = [
        row["id"]
        for row in quoted(project)
        if (row["unit"] or "") not in ("", indicators[row["indicator"]].unit)
    ]
    assert wrong == []
