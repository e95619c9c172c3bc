"""The limits of GB 3095 and the rules of HJ 663, as the tables print them, and which one judges."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import OwnProject

from bsh_geo import air_days, catalogue, limits
from bsh_geo.check import CHECKS
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.project import Project

LIMITS = [
    # item, average, 2012 I, II, 2026 transition I, II, 2026 final I, II
    ("so2", "year", 20, 60, 20, 60, 20, 20),
    ("so2", "day", 50, 150, 50, 150, 50, 50),
    ("so2", "hour", 150, 500, 150, 500, 150, 150),
    ("no2", "year", 40, 40, 40, 40, 30, 30),
    ("no2", "day", 80, 80, 80, 80, 50, 50),
    ("no2", "hour", 200, 200, 200, 200, 200, 200),
    ("co", "day", 4, 4, 4, 4, 4, 4),
    ("co", "hour", 10, 10, 10, 10, 10, 10),
    ("o3", "day_8h", 100, 160, 100, 160, 100, 160),
    ("o3", "hour", 160, 200, 160, 200, 160, 200),
    ("pm10", "year", 40, 70, 40, 60, 20, 50),
    ("pm10", "day", 50, 150, 50, 120, 50, 100),
    ("pm25", "year", 15, 35, 15, 30, 10, 25),
    ("pm25", "day", 35, 75, 35, 60, 25, 50),
]


@pytest.mark.parametrize(("item", "average", "numbers"), [(a, b, c) for a, b, *c in LIMITS])
def test_every_limit_is_that_of_table_1(project: Project, item, average, numbers):
    found = [
        one.limit(item, average, grade) for one in limits.all_rulings(project) for grade in (1, 2)
    ]
    assert found == numbers


def test_no_other_limit_is_set(project: Project):
    for ruling in limits.all_rulings(project):
        found = {
            (item, average)
            for item, limit in ruling.stage.limits.items()
            for average in ("year", "day", "day_8h", "hour")
            if getattr(limit, average) is not None
        }
        assert found == {(item, average) for item, average, *_ in LIMITS}
        units = {item: limit.unit for item, limit in ruling.stage.limits.items()}
        assert units.pop("co") == "mg/m³"
        assert units == dict.fromkeys(["so2", "no2", "o3", "pm10", "pm25"], "μg/m³")


def test_a_limit_that_is_not_set_is_named(project: Project):
    with pytest.raises(UnknownNameError, match="co year"):
        limits.all_rulings(project)[0].limit("co", "year")


@pytest.mark.parametrize("version", ["hj-663-2013", "hj-663-2026"])
def test_the_numbers_of_validity(project: Project, version):
    rules = limits.evaluations(project)[version]
    assert rules.day_hours.value == 20
    assert rules.window_hours.value == air_days.WINDOW_HOURS == 6
    assert rules.windows.value == 14
    assert rules.month_days.value == 27
    assert rules.february_days.value == 25
    assert rules.year_days.value == 324
    assert rules.percentiles.values == {
        "so2": 98, "no2": 98, "pm10": 95, "pm25": 95, "co": 95, "o3_8h": 90,
    }  # fmt: skip


def test_only_what_was_read_in_an_official_text_is_confirmed(project: Project):
    found = limits.evaluations(project)
    assert {name for name, rule in found["hj-663-2013"].cited().items() if rule.confirmed} == set()
    assert {name for name, rule in found["hj-663-2026"].cited().items() if rule.confirmed} == {
        *("day_hours", "window_hours", "month_days", "february_days", "year_days"),
        "day_decimals",
    }
    confirmed = {name: one.confirmed for name, one in limits.limits(project).items()}
    assert confirmed == {"gb-3095-2012": False, "gb-3095-2026": True}


def test_every_rule_names_a_source_that_is_listed(project: Project):
    sources = catalogue.load_sources(project)
    rules = [rule for one in limits.evaluations(project).values() for rule in one.cited().values()]
    assert len(rules) == 20
    assert {rule.source for rule in rules} <= set(sources)


def test_a_date_picks_its_versions(project: Project):
    judging = limits.rulings(project)
    days = pd.Series(
        pd.to_datetime(["2016-01-01", "2026-02-28", "2026-03-01", "2030-12-31", "2031-01-01"])
    )
    found = [judging[place] for place in limits.places(days, judging)]
    assert [one.id for one in found] == [
        "2012", "2012", "2026-transition", "2026-transition", "2026-final",
    ]  # fmt: skip
    assert [one.aqi.id for one in found] == ["hj-633-2012"] * 2 + ["hj-633-2026"] * 3
    assert [one.evaluation.id for one in found] == ["hj-663-2013"] * 2 + ["hj-663-2026"] * 3


def test_another_version_can_be_asked_for(project: Project):
    early = pd.Series(pd.to_datetime(["1999-01-01", "2035-01-01"]))
    old = limits.rulings(project, "2012")
    assert [old[place].id for place in limits.places(early, old)] == ["2012", "2012"]
    new = limits.rulings(project, "2026")
    assert [new[place].id for place in limits.places(early, new)] == [
        "2026-transition", "2026-final",
    ]  # fmt: skip
    final = limits.rulings(project, "2026-final")
    assert [final[place].id for place in limits.places(early, final)] == ["2026-final"] * 2


def test_a_day_before_every_version_is_a_fault_by_date(project: Project):
    with pytest.raises(DataError, match=r"2015-12-31.*2016-01-01"):
        limits.places(pd.Series(pd.to_datetime(["2015-12-31"])), limits.rulings(project))


def test_a_row_without_a_day_is_a_fault(project: Project):
    with pytest.raises(DataError, match="1 行没有日期"):
        limits.places(pd.Series(pd.to_datetime(["2024-01-01", None])), limits.rulings(project))


def test_an_unknown_version_is_named(project: Project):
    with pytest.raises(UnknownNameError, match="2020"):
        limits.rulings(project, "2020")


@pytest.mark.parametrize(
    ("file", "old", "new", "facts"),
    [
        ("limits/gb-3095-2012", "year = [20, 60]", "year = [60, 20]", ["limits.so2", "60"]),
        ("limits/gb-3095-2012", "year = [20, 60]", "year = [20]", ["limits.so2.year"]),
        ("evaluation/hj-663-2026", "co = 95, ", "", ["percentiles", "co"]),
        ("evaluation/hj-663-2026", "co = 95, ", "co = 95, tsp = 95, ", ["percentiles", "tsp"]),
        ("evaluation/hj-663-2013", "weights = { so2 = 1, ", "weights = { ", ["composite", "so2"]),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(own_project: OwnProject, file, old, new, facts):
    path = f"data/standards/{file}.toml"
    content = own_project.shipped(path)
    assert old in content
    own_project.write(path, content.replace(old, new, 1))
    with pytest.raises(DataError) as fault:
        limits.all_rulings(own_project.open())
    assert file.split("/")[1] in fault.value.zh
    assert [fact for fact in facts if fact not in fault.value.en] == []


def test_an_unconfirmed_rule_without_a_note_is_a_fault(own_project: OwnProject):
    path = "data/standards/evaluation/hj-663-2026.toml"
    content = own_project.shipped(path)
    own_project.write(path, content.replace("confirmed = true", "confirmed = false", 1))
    with pytest.raises(DataError, match="day_hours"):
        limits.evaluations(own_project.open())


def found_by_check(own: OwnProject) -> list[str]:
    check = next(one for _, en, one in CHECKS if en == "limits and rules of air quality")
    return [fault.en for fault in check(own.open()) if isinstance(fault, BshError)]


def test_the_check_passes_what_is_shipped(own_project: OwnProject):
    assert found_by_check(own_project) == []


def test_the_check_finds_a_gap_between_stages(own_project: OwnProject):
    own_project.change(
        "data/standards/limits/gb-3095-2026.toml", "end = 2030-12-31", "end = 2030-11-30"
    )
    assert found_by_check(own_project) == [
        "data/standards/limits/gb-3095-2026.toml: the stage 2026-transition ends on 2030-11-30; "
        "the next one starts on 2031-01-01."
    ]


def test_the_check_finds_an_unknown_source_and_another_window(own_project: OwnProject):
    path = "data/standards/evaluation/hj-663-2013.toml"
    own_project.change(path, 'source = "hj-663-percentile"', 'source = "hearsay"')
    own_project.change(path, "value = 6\n", "value = 5\n")
    assert found_by_check(own_project) == [
        f"The source “hearsay” of {path} is not registered.",
        f"{path}: window_hours is 5; 6 is computed with.",
    ]
