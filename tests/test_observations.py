"""Published figures: one per indicator, area and period, shown as they were printed."""

from __future__ import annotations

import pytest

from bsh_geo import observations
from bsh_geo.errors import DataError
from bsh_geo.project import Project


def test_a_figure_is_unique_in_indicator_area_and_period(project: Project) -> None:
    rows = observations.observations(project)
    assert len(rows) > 300
    assert not rows.duplicated(["indicator", "area", "period"]).any()


@pytest.mark.parametrize(
    ("indicator", "area", "period", "printed"),
    [
        ("pm25", "310000", "2023", "28"),
        ("pm25", "310104", "2025", "28.0"),
        ("redline_area", "310000", "2023", "2,527.3"),
        ("greenway_length", "310000", "2024", "1,998.81"),
        ("population", "310101", "2024", "503,400"),
    ],
)
def test_a_figure_is_printed_with_the_decimals_it_was_published_with(
    project: Project, indicator: str, area: str, period: str, printed: str
) -> None:
    assert observations.at(project, indicator, period).at[area, "printed"] == printed


def test_the_latest_figure_is_annual_where_there_is_one(project: Project) -> None:
    # 黄浦区 has August and December of 2025 as well as the year.
    row = observations.latest(project, "pm25", "310101")
    assert row is not None
    assert (row["period"], row["value"]) == ("2025", 27.2)


def test_the_latest_figure_is_the_newest_month_where_there_is_no_year(project: Project) -> None:
    # 虹口区: 2024-08 (19) and 2025-12 (36.1), no year.
    row = observations.latest(project, "pm25", "310109")
    assert row is not None
    assert (row["period"], row["value"]) == ("2025-12", 36.1)


def test_there_is_no_latest_figure_where_there_is_none(project: Project) -> None:
    assert observations.latest(project, "redline_area", "310101") is None


@pytest.mark.parametrize(
    ("indicator", "period", "count"),
    [
        # 黄浦、徐汇、长宁、静安、普陀、嘉定、崇明; the city is not a district.
        ("pm25", "2025", 7),
        ("pm25", "2024-08", 16),
        # 崇明; the group 中心城区 and the city are not districts.
        ("forest_cover_old", "2022", 1),
        ("pm25", "2013", 0),
        ("pm25", "1999", 0),
    ],
)
def test_districts_with_a_figure_are_counted_without_the_city_and_groups(
    project: Project, indicator: str, period: str, count: int
) -> None:
    assert observations.district_count(project, indicator, period) == count


def test_periods_are_years_before_months_newest_first(project: Project) -> None:
    # Surface water has one year, 2024, and one month of it.
    assert observations.periods(project, "surface_water_good_rate") == ["2024", "2024-12"]
    # Ozone at its 90th percentile: 2021 and 2022, then the months.
    found = observations.periods(project, "o3_8h_p90")
    assert found == ["2022", "2021", "2025-08", "2025-02", "2024-08"]


def test_a_series_is_annual_and_runs_from_the_oldest(project: Project) -> None:
    rows = observations.series(project, "pm25", "310000")
    assert rows["period"].to_list() == [str(year) for year in range(2013, 2026)]
    assert rows["value"].to_list()[:3] == [62, 52, 53]


def test_a_figure_of_a_group_is_kept_under_the_group(project: Project) -> None:
    assert observations.at(project, "forest_cover_old", "2022").at["central", "value"] == 13.46


def test_an_unknown_indicator_is_named(project: Project) -> None:
    with pytest.raises(DataError) as raised:
        observations.indicator_of(project, "pm52")
    for text in (raised.value.zh, raised.value.en):
        assert "pm52" in text
        assert "indicators.toml" in text


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [("μg/m³", "μg/m³", "μg/m³"), ("公顷", "公顷", "ha"), ("m²/人", "m²/人", "m²/person")],
)
def test_a_unit_is_written_in_the_language_of_the_reader(unit: str, zh: str, en: str) -> None:
    assert observations.unit_text(unit, "zh") == zh
    assert observations.unit_text(unit, "en") == en


def test_no_unit_is_left_in_chinese_for_the_english_reader(project: Project) -> None:
    units = sorted(set(observations.observations(project)["unit"]))
    assert len(units) > 5
    left = [
        unit for unit in units if any("一" <= c <= "鿿" for c in observations.unit_text(unit, "en"))
    ]
    assert left == []
