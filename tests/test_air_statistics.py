"""Statistics of months, quarters, years and three years, held to the rules of validity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bsh_geo import air_areas, air_days, air_statistics, limits
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.project import open_project

BY_DATE = limits.rulings(open_project())
OLD = limits.rulings(open_project(), "2012")
FEW = settings(deadline=None, max_examples=25)
"""Each example judges some 300 days several times."""


def station_days(first: str, last: str, station: str = "A", **values) -> pd.DataFrame:
    """Complete clean days; ``values`` replaces columns of them."""
    dates = pd.date_range(first, last, unit="us")
    rows = pd.DataFrame({"station": station, "date": dates})
    for item in air_days.MEANS:
        rows[item], rows[f"{item}_hours"] = (0.5 if item == "co" else 10.0), 24
    rows = rows.assign(o3_8h=50.0, o3_8h_windows=17, o3_1h=60.0, o3_hours=24)
    return rows.assign(**values)


def spoilt(days: pd.DataFrame, spoil: dict[str, int], item: str = "pm25") -> pd.DataFrame:
    """The days with so many of a month's first ones short of hours (19 of 20)."""
    found = days.copy()
    for month, count in spoil.items():
        at = found.index[found["date"].dt.strftime("%Y-%m") == month][:count]
        assert len(at) == count
        found.loc[at, f"{item}_hours"] = 19
    return found


def periods(days: pd.DataFrame, grain, judging=OLD) -> pd.DataFrame:
    return air_statistics.periods(air_days.judged(days, judging), grain, judging)


def only(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


def percentile(values, rank) -> float:
    return float(air_statistics.percentile(np.array([values], dtype=float), np.array([rank]))[0])


def test_the_worked_example_of_the_percentile():
    # k = 1 + 5 × 0.9 = 5.5: halfway between the fifth (5) and the sixth (8)
    assert percentile([3, 4, 8, 2, 5, 4], 90) == 6.5


def test_missing_values_have_no_rank():
    assert percentile([3, np.nan, 4, 8, 2, np.nan, 5, 4], 90) == 6.5
    assert np.isnan(percentile([np.nan, np.nan], 95))
    assert percentile([7, np.nan], 95) == 7


def test_a_whole_rank_is_found_whole():
    # 101 values: k = 1 + 100 × 0.95 = 96, the 96th of 0, 1, …, 100
    assert percentile(range(101), 95) == 95


@given(
    values=st.lists(st.integers(0, 999), min_size=1, max_size=40),
    rank=st.sampled_from([90, 95, 98]),
)
def test_a_percentile_lies_within_the_values_and_is_the_linear_one(values, rank):
    found = percentile(values, rank)
    assert min(values) <= found <= max(values)
    assert found == pytest.approx(np.percentile(values, rank))


def test_a_month_by_hand():
    values = np.arange(1.0, 31.0)
    days = station_days(
        "2024-04-01", "2024-04-30", pm25=values, so2=values, o3_8h=values, co=values / 10
    )
    found = only(periods(days, "month"))
    assert (found["station"], found["period"], found["days"]) == ("A", "2024-04", 30)
    assert (found["start"], found["end"]) == (
        pd.Timestamp("2024-04-01"),
        pd.Timestamp("2024-04-30"),
    )
    # Mean 15.5, to the even 16. k = 1 + 29 × 0.95 = 28.55; 98: 29.42; 90: 27.1.
    assert (found["pm25_mean"], found["pm25_percentile"]) == (16, 29)
    assert (found["so2_mean"], found["so2_percentile"]) == (16, 29)
    assert (found["o3_8h_mean"], found["o3_8h_percentile"]) == (16, 27)
    # CO: 1.55 to the even 1.6; 2.855 to 2.9.
    assert (found["co_mean"], found["co_percentile"]) == (1.6, 2.9)
    assert (found["pm25_days"], found["pm25_completeness"]) == (30, 1)
    assert found["pm25_valid"]
    assert found["pm25_reason"] == ""
    assert (found["standard"], found["limits"]) == ("hj-633-2012", "gb-3095-2012")
    assert (found["stage"], found["evaluation"]) == ("2012", "hj-663-2013")


def test_the_new_version_keeps_one_decimal_and_two_for_carbon_monoxide():
    values = np.arange(1.0, 31.0)
    days = station_days("2026-04-01", "2026-04-30", pm25=values, co=values / 10)
    found = only(periods(days, "month", BY_DATE))
    assert (found["pm25_mean"], found["pm25_percentile"]) == (15.5, 28.6)
    assert (found["co_mean"], found["co_percentile"]) == (1.55, 2.86)
    assert found["evaluation"] == "hj-663-2026"


@pytest.mark.parametrize(
    ("month", "valid_days", "reason"),
    [
        ("2024-02", 25, ""),
        ("2024-02", 24, "days:24/25"),
        ("2023-02", 25, ""),
        ("2023-02", 24, "days:24/25"),
        ("2023-03", 27, ""),
        ("2023-03", 26, "days:26/27"),
        ("2023-04", 27, ""),
        ("2023-04", 26, "days:26/27"),
        ("2023-04", 0, "none"),
    ],
)
def test_a_month_needs_27_valid_days_and_february_25(month, valid_days, reason):
    last = pd.Period(month).end_time.normalize()
    days = station_days(f"{month}-01", str(last.date()))
    found = only(periods(spoilt(days, {month: len(days) - valid_days}), "month"))
    assert found["pm25_reason"] == reason
    assert found["pm25_valid"] == (not reason)
    assert found["pm25_days"] == valid_days
    assert found["pm25_completeness"] == valid_days / len(days)
    # Invalid is no figure, and the other pollutants are not touched by it.
    assert np.isnan(found["pm25_mean"]) == np.isnan(found["pm25_percentile"]) == bool(reason)
    assert found["so2_mean"] == 10


SPREAD = {
    f"2023-{m:02}": n
    for m, n in zip(range(1, 13), [4, 3, 4, 3, 4, 3, 4, 4, 3, 4, 3, 2], strict=True)
}
"""41 days, so spread that every month of 2023 stays valid."""


def test_a_year_of_324_valid_days_is_valid_and_one_of_323_is_not():
    days = station_days("2023-01-01", "2023-12-31")
    assert sum(SPREAD.values()) == 41
    enough = only(periods(spoilt(days, SPREAD), "year"))
    assert (enough["pm25_days"], enough["pm25_reason"], enough["pm25_mean"]) == (324, "", 10)
    short = only(periods(spoilt(days, SPREAD | {"2023-12": 3}), "year"))
    assert (short["pm25_days"], short["pm25_reason"]) == (323, "days:323/324")
    assert np.isnan(short["pm25_mean"])
    assert np.isnan(short["pm25_percentile"])
    # One of its months alone is still a valid month.
    assert periods(spoilt(days, SPREAD | {"2023-12": 3}), "month")["pm25_valid"].all()


def test_a_year_that_lacks_a_month_names_it():
    days = station_days("2023-01-01", "2023-12-31")
    found = only(periods(spoilt(days, {"2023-07": 5}), "year"))
    assert (found["pm25_days"], found["pm25_reason"]) == (360, "month:7:26/27")
    assert np.isnan(found["pm25_mean"])
    gone = days[days["date"].dt.month != 2]
    found = only(periods(gone, "year"))
    assert (found["pm25_days"], found["pm25_reason"]) == (337, "month:2:0/25")
    assert found["days"] == 365


def test_a_leap_year_has_366_days_and_needs_25_in_february():
    days = station_days("2024-01-01", "2024-12-31")
    found = only(periods(spoilt(days, {"2024-02": 4}), "year"))
    assert (found["days"], found["pm25_days"], found["pm25_reason"]) == (366, 362, "")
    found = only(periods(spoilt(days, {"2024-02": 5}), "year"))
    assert found["pm25_reason"] == "month:2:24/25"


def test_a_quarter_needs_its_three_months():
    days = station_days("2024-01-01", "2024-06-30")
    found = periods(spoilt(days, {"2024-02": 5}), "quarter")
    assert found["period"].tolist() == ["2024-Q1", "2024-Q2"]
    assert found["pm25_reason"].tolist() == ["month:2:24/25", ""]
    assert found["days"].tolist() == [91, 91]
    assert found["pm25_mean"].isna().tolist() == [True, False]


def test_a_day_keeps_the_reason_of_the_day():
    days = station_days("2024-02-28", "2024-02-29", pm25_hours=[24, 3])
    found = periods(days, "day")
    assert found["period"].tolist() == ["2024-02-28", "2024-02-29"]
    assert found["pm25_reason"].tolist() == ["", "hours:3/20"]
    assert found["pm25_mean"].isna().tolist() == [False, True]
    assert found["pm25_percentile"].isna().all()
    assert found["composite_reason"].tolist() == ["grain", "grain"]


def test_good_days_levels_and_primary_pollutants_are_counted():
    # April: 10 days clean; 10 with PM2.5 75 (AQI 100); 9 with PM2.5 76 (102) and 1 with a tie.
    pm25 = np.array([10.0] * 10 + [75.0] * 10 + [76.0] * 9 + [75.0])
    pm10 = np.array([10.0] * 29 + [150.0])
    found = only(periods(station_days("2024-04-01", "2024-04-30", pm25=pm25, pm10=pm10), "month"))
    assert (found["valid_days"], found["good_days"]) == (30, 21)
    assert found["good_rate"] == 0.7
    assert [found[f"level_{number}"] for number in range(1, 7)] == [10, 11, 9, 0, 0, 0]
    assert (found["primary_pm25"], found["primary_pm10"], found["primary_o3"]) == (20, 1, 0)


def test_both_figures_of_ozone_count_as_ozone():
    days = station_days("2024-04-01", "2024-04-30", o3_8h=[130.0] * 15 + [50.0] * 15,
                        o3_1h=[60.0] * 15 + [180.0] * 15)  # fmt: skip
    found = only(periods(days, "month"))
    assert found["primary_o3"] == 30


def test_a_rate_needs_a_valid_month_of_days_with_an_aqi():
    days = station_days("2026-04-01", "2026-04-30")
    found = only(periods(spoilt(days, {"2026-04": 4}), "month", BY_DATE))
    # By HJ 633-2026 a clean day without PM2.5 has no AQI.
    assert (found["valid_days"], found["good_days"]) == (26, 26)
    assert found["aqi_reason"] == "days:26/27"
    assert np.isnan(found["good_rate"])
    old = only(periods(spoilt(days, {"2026-04": 4}), "month", OLD))
    assert (old["valid_days"], old["good_rate"], old["incomplete_days"]) == (30, 1, 4)


def test_the_composite_index_of_2013_by_hand():
    days = station_days("2023-04-01", "2023-04-30", pm25=35.0, pm10=35.0, so2=6.0, no2=20.0,
                        co=1.0, o3_8h=120.0)  # fmt: skip
    found = only(periods(days, "month"))
    # 35/35 + 35/70 + 6/60 + 20/40 + 1/4 + 120/160 = 1 + 0.5 + 0.1 + 0.5 + 0.25 + 0.75
    assert found["composite"] == 3.1
    assert found["composite_reason"] == ""


def test_the_composite_index_needs_all_six():
    days = spoilt(station_days("2023-04-01", "2023-04-30"), {"2023-04": 9}, "pm25")
    days = spoilt(days, {"2023-04": 9}, "co")
    found = only(periods(days, "month"))
    assert np.isnan(found["composite"])
    assert found["composite_reason"] == "items:pm25,co"


def test_the_composite_index_of_2026_is_not_computed_until_its_weights_are_confirmed():
    found = only(periods(station_days("2026-04-01", "2026-04-30"), "month", BY_DATE))
    assert np.isnan(found["composite"])
    assert found["composite_reason"] == "weights"
    assert found["pm25_valid"]


def test_a_year_across_both_versions_names_both_and_is_evaluated_by_the_later():
    found = only(periods(station_days("2026-01-01", "2026-12-31"), "year", BY_DATE))
    assert found["standard"] == "hj-633-2012,hj-633-2026"
    assert (found["evaluation"], found["stage"]) == ("hj-663-2026", "2026-transition")
    months = periods(station_days("2026-01-01", "2026-12-31"), "month", BY_DATE)
    assert months["standard"].tolist() == ["hj-633-2012"] * 2 + ["hj-633-2026"] * 10
    assert months["evaluation"].tolist() == ["hj-663-2013"] * 2 + ["hj-663-2026"] * 10


def test_three_years_are_the_mean_of_three_valid_years():
    years = [
        station_days(f"{year}-01-01", f"{year}-12-31", pm25=value)
        for year, value in ((2021, 10.0), (2022, 20.0), (2023, 40.0), (2024, 40.0))
    ]
    found = periods(pd.concat(years), "three_years")
    assert found["period"].tolist() == ["2019/2021", "2020/2022", "2021/2023", "2022/2024"]
    assert found["pm25_reason"].tolist() == ["year:2019;year:2020", "year:2020", "", ""]
    # (10 + 20 + 40) / 3 = 23.3; (20 + 40 + 40) / 3 = 33.3
    assert found["pm25_mean"].tolist()[2:] == [23, 33]
    assert found["pm25_mean"].isna().tolist() == [True, True, False, False]
    assert found["days"].tolist() == [1096, 1096, 1095, 1096]
    assert found["pm25_days"].tolist() == [365, 730, 1095, 1096]
    assert found["good_days"].tolist() == [365, 730, 1095, 1096]
    assert found["good_rate"].tolist()[2:] == [1, 1]
    assert found["composite_reason"].tolist() == ["grain"] * 4


def test_three_years_with_an_invalid_one_name_it():
    days = pd.concat([station_days("2021-01-01", "2023-12-31"),
                      station_days("2022-01-01", "2023-12-31", "B")])  # fmt: skip
    found = periods(spoilt(days.reset_index(drop=True), {"2022-05": 5}), "three_years")
    last = found[found["period"] == "2021/2023"].set_index("station")
    assert last.loc["A", "pm25_reason"] == "year:2022"
    assert last.loc["A", "so2_reason"] == ""
    # Nothing of one station reaches another.
    assert last.loc["B", "so2_reason"] == "year:2021"


def test_statistics_of_an_area_are_those_of_its_days_with_the_number_of_stations():
    days = pd.concat(
        [station_days("2024-04-01", "2024-04-30", "A", pm25=10.0),
         spoilt(station_days("2024-04-01", "2024-04-30", "B", pm25=31.0), {"2024-04": 15})]
    )  # fmt: skip
    area_of = pd.Series({"A": "310101", "B": "310101", "C": "310101"})
    judged = air_days.judged(air_areas.area_days(days, area_of, OLD), OLD)
    found = only(air_statistics.periods(judged, "month", OLD))
    # 15 days of 10 and 15 of 20.5, each rounded to 20: (150 + 300) / 30 = 15
    assert (found["area"], found["pm25_mean"], found["pm25_days"]) == ("310101", 15, 30)
    assert (found["pm25_stations"], found["so2_stations"]) == (1.5, 2)
    assert found["stations_listed"] == 3


def test_a_place_with_two_rows_for_a_day_is_a_fault():
    days = station_days("2024-04-01", "2024-04-02")
    judged = air_days.judged(pd.concat([days, days.iloc[[1]]]), OLD)
    for grain in ("day", "month", "year"):
        with pytest.raises(DataError, match="A 在 2024-04-02 有两行"):
            air_statistics.periods(judged, grain, OLD)


def test_an_unknown_grain_is_named():
    with pytest.raises(UnknownNameError, match="week"):
        periods(station_days("2024-04-01", "2024-04-02"), "week")


@pytest.mark.parametrize("grain", ["day", "month", "quarter", "year", "three_years"])
def test_no_days_give_no_periods(grain):
    assert periods(station_days("2024-04-01", "2024-04-02").iloc[:0], grain).empty


def random_days(seed: int) -> pd.DataFrame:
    numbers = np.random.default_rng(seed)
    days = pd.concat([station_days("2023-11-01", "2024-03-31", name) for name in "AB"])
    for item in (*air_days.MEANS, "o3_8h"):
        days[item] = numbers.gamma(3, 1 if item == "co" else 20, len(days))
    days["pm25_hours"] = np.where(numbers.random(len(days)) < 0.1, 10, 24)
    return days.reset_index(drop=True)


@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
@FEW
@given(seed=st.integers(0, 10_000))
def test_the_order_of_days_does_not_matter_and_places_do_not_touch_each_other(grain, seed):
    days = random_days(seed)
    whole = periods(days, grain)
    mixed = periods(days.sample(frac=1, random_state=seed), grain)
    pd.testing.assert_frame_equal(mixed, whole, check_categorical=False)
    alone = [periods(part, grain) for _, part in days.groupby("station")]
    pd.testing.assert_frame_equal(
        pd.concat([one.astype(object) for one in alone], ignore_index=True), whole.astype(object)
    )


@FEW
@given(seed=st.integers(0, 10_000))
def test_figures_agree_with_those_of_a_plain_loop(seed):
    judged = air_days.judged(random_days(seed), OLD)
    found = air_statistics.periods(judged, "month", OLD).set_index(["station", "period"])
    assert len(found) == 10
    for (station, month), rows in judged.groupby(["station", judged["date"].dt.strftime("%Y-%m")]):
        values = rows["pm25"].dropna()
        one = found.loc[(station, month)]
        assert one["pm25_days"] == len(values)
        assert one["good_days"] == (rows["aqi"] <= 100).sum()
        assert one["pm25_valid"] == (len(values) >= (25 if month == "2024-02" else 27))
        if one["pm25_valid"]:
            assert abs(one["pm25_mean"] - values.mean()) <= 0.5 + 1e-6
            assert abs(one["pm25_percentile"] - values.quantile(0.95)) <= 0.5 + 1e-6
            assert values.min() <= one["pm25_mean"] <= one["pm25_percentile"] <= values.max()


@FEW
@given(seed=st.integers(0, 10_000), share=st.floats(0, 0.3))
def test_fewer_days_never_make_a_period_valid(seed, share):
    days = random_days(seed)
    fewer = days[np.random.default_rng(seed).random(len(days)) >= share]
    for grain in ("month", "quarter"):
        keys = ["station", "period"]
        whole = periods(days, grain).set_index(keys)["pm25_valid"]
        part = periods(fewer, grain).set_index(keys)["pm25_valid"]
        assert (whole.reindex(part.index) | ~part).all()
