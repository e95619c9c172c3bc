"""The trend of monthly figures: numbers checked by hand, and what it may not be fooled by."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bsh_geo import air_reasons
from bsh_geo.air_trend import MONTHS, _bounds, _pairs, trend
from bsh_geo.errors import DataError


def months(values, first="2020-01") -> pd.Series:
    index = pd.period_range(first, periods=len(values), freq="M")
    return pd.Series(list(values), index.astype(str), dtype=float)


def test_slopes_and_the_test_of_a_tiny_series_by_hand():
    # Months 0, 1, 3, 4 with 1, 3, 2, 4. Steps per month: 2, 1/3, 3/4, −1/2, 1/3, 2; sorted
    # −1/2, 1/3, 1/3, 3/4, 2, 2; five rise and one falls: S = 4.
    slopes, s, deviation = _pairs(np.array([0.0, 1, 3, 4]), np.array([1.0, 3, 2, 4]))
    assert slopes == pytest.approx([-6, 4, 4, 9, 24, 24])
    assert s == 4
    # 4 × 3 × (2 × 4 + 5) / 18 = 8.667
    assert deviation**2 == pytest.approx(26 / 3)


def test_ties_lessen_the_variance():
    # 1, 1, 2: 3 × 2 × 11 = 66, less 2 × 1 × 9 = 18 for the tie: 48 / 18
    _, s, deviation = _pairs(np.arange(3.0), np.array([1.0, 1, 2]))
    assert s == 2
    assert deviation**2 == pytest.approx(48 / 18)


def test_the_bounds_are_ranks_of_the_slopes():
    # 100 slopes, 1.96 × 10 = 19.6: ranks (100 − 19.6) / 2 = 40 and (100 + 19.6) / 2 = 60
    assert _bounds(np.arange(1.0, 101.0), 10.0, 0.95) == (40, 61)


def test_a_steady_fall_below_a_season_is_found():
    number = np.arange(60)
    found = trend(months(50 - 0.25 * number + 20 * np.cos(number * np.pi / 6)))
    assert found.valid
    assert (found.months, found.first, found.last) == (60, "2020-01", "2024-12")
    assert found.slope == pytest.approx(-3)
    assert found.direction == "falling"
    assert found.p < 1e-6


def test_a_year_s_course_does_not_hide_part_of_the_fall():
    season = np.array([9, 7, 5, 3, 2, 1, 1, 2, 3, 5, 7, 9])
    found = trend(months(np.tile(season, 5) + 30 - 0.25 * np.arange(60)))
    # Each of the 60 × 59 / 2 = 1770 pairs falls by 0.25 a month.
    assert found.s == -1770
    assert (found.slope, found.low, found.high) == (-3, -3, -3)
    # (1770 − 1) / √(60 × 59 × 125 / 18) = 11.28
    assert found.p == pytest.approx(math.erfc(1769 / math.sqrt(442_500 / 18) / math.sqrt(2)))
    # The median month is 26.6 or so: 3 of it are a ninth.
    assert found.relative == pytest.approx(-0.11, abs=0.005)


def test_a_season_alone_is_no_trend():
    found = trend(months(np.tile(np.arange(12.0), 4)))
    assert (found.slope, found.s, found.p, found.direction) == (0, 0, 1, "none")
    assert not found.significant


def test_too_few_months_have_no_trend_and_say_so():
    found = trend(months([*range(35)]))
    assert not found.valid
    assert not found.significant
    assert found.direction == "none"
    assert found.reason == "months:35/36"
    assert math.isnan(found.slope)
    assert math.isnan(found.p)
    assert air_reasons.text(found.reason) == "可用的有效月 35 个，应不少于 36 个"


def test_missing_months_are_gaps_in_time_not_in_the_series():
    values = months(np.repeat([30.0, 27, 24, 21, 18], 12))
    values.iloc[[3, 17, 40]] = np.nan
    found = trend(values)
    assert found.months == 57
    assert found.slope == pytest.approx(-3, abs=0.2)


def test_a_calendar_month_of_one_year_only_is_left_out():
    values = months(np.repeat([30.0, 27, 24, 21], 12))
    may = [name for name in values.index if name.endswith("-05")]
    values[may[1:]] = np.nan
    assert trend(values).months == 44


def test_nothing_valid_has_no_first_month():
    found = trend(months([np.nan] * 40))
    assert (found.first, found.last, found.reason) == ("", "", "months:0/36")


def test_a_month_that_is_there_twice_is_a_fault():
    with pytest.raises(DataError, match="2020-01"):
        trend(pd.concat([months([1.0]), months([2.0])]))


def test_months_may_be_named_by_text_dates_or_periods():
    values = np.arange(48.0)
    text = months(values)
    periods = pd.Series(values, pd.period_range("2020-01", periods=48, freq="M"))
    dates = pd.Series(values, pd.date_range("2020-01-01", periods=48, freq="MS"))
    assert trend(periods) == trend(text) == trend(dates)


@given(seed=st.integers(0, 10_000))
def test_the_order_does_not_matter_and_a_mirrored_series_has_the_mirrored_trend(seed):
    numbers = np.random.default_rng(seed)
    values = months(numbers.integers(0, 60, MONTHS + 24))
    found = trend(values)
    assert trend(values.sample(frac=1, random_state=seed)) == found
    mirrored = trend(100 - values)
    assert mirrored.slope == pytest.approx(-found.slope)
    assert (mirrored.s, mirrored.p) == (-found.s, found.p)
    assert found.low <= found.slope <= found.high
    assert 0 <= found.p <= 1
