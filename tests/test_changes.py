"""Change from the same period a year before: published figures of both years, or nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from bsh_geo import changes, compose, periods
from bsh_geo.compose import Request
from bsh_geo.errors import UnknownNameError
from bsh_geo.project import open_project

PROJECT = open_project()


def rows_of(period: str, metric: str = "pm25") -> pd.DataFrame:
    spec = compose.build(
        PROJECT, Request("air_quality", metric=metric, period=period, mode="change")
    )
    return spec.tables[0].export.set_index("name_zh")


def test_the_change_is_this_year_minus_the_last_one():
    # 2025年 27.2, 2024年 28.6 μg/m³ in 黄浦区.
    row = rows_of("2025").loc["黄浦区"]
    assert row["value"] == pytest.approx(-1.4)
    assert row["note"] == "本期 27.2，上年同期 28.6"
    assert row["class"] == "2"  # −2 to 0


def test_a_district_with_one_of_both_years_has_no_change_and_says_which_is_known():
    row = rows_of("2025").loc["嘉定区"]
    assert pd.isna(row["value"])
    assert row["note"] == "本期 28.4，上年同期 —"
    assert pd.isna(row["source"]) and pd.isna(row["quality"])


def test_a_change_of_percentages_is_in_percentage_points():
    assert set(rows_of("2025", "aqi_good_rate")["unit"]) == {"个百分点"}
    assert set(rows_of("2025")["unit"]) == {"μg/m³"}


def test_a_metric_without_breaks_for_it_cannot_be_shown_as_a_change():
    layer = compose.layer_of(PROJECT, "air_quality")
    plain = next(one for one in layer.metrics if not one.change_breaks)
    with pytest.raises(UnknownNameError, match="着色方式“change”不存在"):
        compose.build(PROJECT, Request("air_quality", metric=plain.id, mode="change"))


def test_a_leap_day_has_no_same_day_a_year_before():
    assert changes.year_before("2024-02-29") is None
    assert changes.year_before("2024-02") == periods.parse("2023-02").key
    now = pd.DataFrame({"value": [1.0], "source": "s", "quality": "open", "basis": ""}, index=["a"])
    metric = changes.since(compose.layer_of(PROJECT, "air_quality").metric("pm25"))
    assert changes.changed(metric, now, None)["value"].isna().all()
