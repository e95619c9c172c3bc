"""Hours into days, days held to the rules and judged, stations into areas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bsh_geo import air_areas, air_days, air_reasons, limits
from bsh_geo.errors import DataError
from bsh_geo.project import open_project

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"
BY_DATE = limits.rulings(open_project())
OLD = limits.rulings(open_project(), "2012")
NEW = limits.rulings(open_project(), "2026")
NAN = float("nan")
FEW = settings(deadline=None, max_examples=25)
"""Each example computes some hundred hours or days several times."""


def hours(values, item="pm25", day="2024-05-06", station="A"):
    """A day's hourly values, the first labelled 01:00."""
    first = pd.Timestamp(day) + pd.Timedelta(hours=1)
    times = pd.date_range(first, periods=len(values), freq="h", unit="us")
    return pd.DataFrame({"station": station, "time": times, item: values})


def only(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


def same(first: pd.DataFrame, second: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(first, second, check_categorical=False)


def test_a_day_has_the_labels_1_to_24_and_midnight_belongs_to_the_day_before():
    found = air_days.days(hours([1.0] * 23 + [25.0, 100.0]))
    assert found["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-05-06", "2024-05-07"]
    # (23 × 1 + 25) / 24 = 2
    assert found["pm25"].tolist() == [2, 100]
    assert found["pm25_hours"].tolist() == [24, 1]
    assert found["date"].dtype == "datetime64[us]"


def test_the_natural_day_of_a_label():
    labels = pd.Series(pd.to_datetime(["2024-03-01 00:00", "2024-03-01 01:00", "2026-03-01 00:00"]))
    found = air_days.natural_day(labels)
    assert found.dt.strftime("%Y-%m-%d").tolist() == ["2024-02-29", "2024-03-01", "2026-02-28"]


def test_missing_values_count_for_nothing():
    found = only(air_days.days(hours([10.0, NAN, -99.0, -1.0, np.inf, 20.0])))
    assert (found["pm25"], found["pm25_hours"]) == (15, 2)


def test_zero_is_a_value():
    found = only(air_days.days(hours([0.0, 10.0])))
    assert (found["pm25"], found["pm25_hours"]) == (5, 2)


def test_an_item_without_a_column_has_no_value_and_no_hour():
    found = only(air_days.days(hours([1.0])))
    assert np.isnan(found["so2"])
    assert found["so2_hours"] == 0
    assert np.isnan(found["o3_8h"])
    assert (found["o3_8h_windows"], found["o3_hours"]) == (0, 0)


def test_a_row_that_is_there_twice_counts_once():
    whole = hours([10.0, 20.0])
    twice = pd.concat([whole, whole.iloc[[0]], whole.iloc[[1]].assign(pm25=NAN)])
    same(air_days.days(twice), air_days.days(whole))


def test_two_values_for_one_hour_are_a_fault_that_names_both():
    whole = hours([10.0, 20.0])
    twice = pd.concat([whole, whole.iloc[[1]].assign(pm25=21.0)])
    with pytest.raises(DataError) as fault:
        air_days.days(twice)
    for fact in ("A", "2024-05-06T02:00", "pm25", "20", "21"):
        assert fact in fault.value.zh
        assert fact in fault.value.en


@pytest.mark.parametrize(
    ("time", "fact"),
    [("2024-05-06 01:30", "01:30"), (None, "NaT")],
)
def test_a_time_that_is_no_full_hour_is_a_fault(time, fact):
    rows = pd.DataFrame({"station": ["A"], "time": pd.to_datetime([time]), "pm25": [1.0]})
    with pytest.raises(DataError, match=fact):
        air_days.days(rows)


def test_a_time_with_a_zone_is_a_fault():
    rows = hours([1.0])
    rows["time"] = rows["time"].dt.tz_localize("Asia/Shanghai")
    with pytest.raises(DataError, match="Asia/Shanghai"):
        air_days.days(rows)


def test_a_reading_without_a_station_is_a_fault():
    with pytest.raises(DataError, match="没有站点编号"):
        air_days.days(hours([1.0]).assign(station=None))


def test_29_february_is_a_day():
    found = only(air_days.days(hours([3.0] * 24, day="2024-02-29")))
    assert f"{found['date']:%Y-%m-%d}" == "2024-02-29"
    assert found["pm25_hours"] == 24


def test_no_hours_give_no_days():
    found = air_days.days(hours([]))
    assert found.empty
    assert "o3_8h_windows" in found
    assert air_days.judged(found, BY_DATE).empty


def test_the_8_hour_means_of_ozone_end_at_8_to_24():
    # 100 from 17:00 to 24:00, else 20: the mean that ends at 24:00 is 100, 17 windows in all.
    found = only(air_days.days(hours([20.0] * 16 + [100.0] * 8, "o3")))
    assert (found["o3_8h"], found["o3_8h_windows"]) == (100, 17)
    assert (found["o3_1h"], found["o3_hours"]) == (100, 24)


def test_a_mean_does_not_reach_into_the_day_before():
    # 300 up to midnight, then 8: a window with hours of both days would exceed 8.
    both = pd.concat([hours([300.0] * 24, "o3"), hours([8.0] * 24, "o3", "2024-05-07")])
    assert air_days.days(both)["o3_8h"].tolist() == [300, 8]


def test_an_8_hour_mean_needs_6_of_its_hours():
    six = only(air_days.days(hours([NAN, 60.0, 60, 60, NAN, 60, 60, 120], "o3")))
    # Of 8 labels, 6 have values: (5 × 60 + 120) / 6 = 70; the window to 09:00 has 6 of 8 too.
    assert (six["o3_8h"], six["o3_8h_windows"]) == (70, 2)
    five = only(air_days.days(hours([NAN, 60.0, 60, 60, NAN, NAN, 60, 120], "o3")))
    assert np.isnan(five["o3_8h"])
    assert (five["o3_8h_windows"], five["o3_1h"]) == (0, 120)


@FEW
@given(seed=st.integers(0, 10_000))
def test_neither_the_order_of_rows_nor_chunks_matter(seed):
    numbers = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "station": np.repeat(["A", "B", "C"], 72),
            "time": np.tile(
                pd.date_range("2024-02-28 01:00", periods=72, freq="h", unit="us").to_numpy(), 3
            ),
        }
    )
    for item in air_days.ITEMS:
        rows[item] = np.where(numbers.random(216) < 0.2, -99, numbers.uniform(0, 300, 216))
    rows = rows[numbers.random(216) < 0.9]
    whole = air_days.days(rows)
    same(air_days.days(rows.sample(frac=1, random_state=seed)), whole)
    chunks = [air_days.days(part) for _, part in rows.groupby("station")]
    same(pd.concat(chunks, ignore_index=True), whole)
    day = air_days.natural_day(rows["time"])
    chunks = [air_days.days(part) for _, part in rows.groupby(day)]
    by_day = pd.concat(chunks).sort_values(["station", "date"], ignore_index=True)
    same(by_day, whole)


@given(seed=st.integers(0, 10_000))
def test_daily_values_lie_within_the_hours(seed):
    numbers = np.random.default_rng(seed)
    values = np.where(numbers.random(24) < 0.3, np.nan, numbers.uniform(0, 500, 24))
    found = only(air_days.days(hours(values, "pm25").assign(o3=values)))
    there = values[~np.isnan(values)]
    assert found["pm25_hours"] == found["o3_hours"] == len(there)
    if len(there):
        assert there.min() - 1e-9 <= found["pm25"] <= there.max() + 1e-9
        assert found["o3_1h"] == there.max()
    if found["o3_8h_windows"]:
        assert there.min() - 1e-9 <= found["o3_8h"] <= there.max() + 1e-9
    else:
        assert np.isnan(found["o3_8h"])


# Validity and judgement.


def day(station="A", date="2024-05-06", **values):
    """A complete clean day; ``values`` replaces columns of it."""
    row = {"station": station, "date": pd.Timestamp(date)}
    for item in air_days.MEANS:
        row |= {item: 0.5 if item == "co" else 10.0, f"{item}_hours": 24}
    row |= {"o3_8h": 50.0, "o3_8h_windows": 17, "o3_1h": 60.0, "o3_hours": 24}
    return row | values


def judged(*rows, judging=OLD) -> pd.DataFrame:
    return air_days.judged(pd.DataFrame(list(rows)), judging)


@pytest.mark.parametrize("item", air_days.MEANS)
def test_a_daily_mean_needs_20_hours(item):
    found = judged(day(**{f"{item}_hours": 20}), day("B", **{f"{item}_hours": 19}), day("C"))
    assert found[f"{item}_reason"].tolist() == ["", "hours:19/20", ""]
    assert found[item].isna().tolist() == [False, True, False]


def test_a_day_without_any_hour_says_that_there_is_no_data():
    found = only(judged(day(pm25=NAN, pm25_hours=0)))
    assert found["pm25_reason"] == "none"


@pytest.mark.parametrize(
    ("windows", "value", "reason"),
    [
        (14, 90.0, ""),
        (13, 90.0, "windows:13/14"),
        (13, 160.0, "windows:13/14"),
        (13, 160.5, "windows:13/14"),  # rounds to 160
        (13, 161.0, ""),
        (1, 161.0, ""),
        (0, NAN, "none"),
    ],
)
def test_ozone_needs_14_means_or_a_value_above_the_limit(windows, value, reason):
    found = only(judged(day(o3_8h=value, o3_8h_windows=windows)))
    assert found["o3_8h_reason"] == reason
    assert np.isnan(found["o3_8h"]) == bool(reason)


def test_daily_values_are_rounded_half_to_even_carbon_monoxide_to_one_decimal():
    found = judged(day(pm25=34.5, co=0.65, o3_8h=80.5), day("B", pm25=35.5, co=0.75, o3_8h=81.5))
    assert found["pm25"].tolist() == [34, 36]
    assert found["co"].tolist() == [0.6, 0.8]
    assert found["o3_8h"].tolist() == [80, 82]


def test_the_daily_aqi_of_2012_judges_the_largest_hour_of_ozone_too():
    # O3 1 h 250: (150 − 100) / (300 − 200) × (250 − 200) + 100 = 125; O3 8 h 130 → 75
    found = only(judged(day(o3_8h=130.0, o3_1h=250.0)))
    assert (found["aqi"], found["primary"], found["level"]) == (125, "o3_1h", 3)
    assert found["standard"] == "hj-633-2012"
    new = only(judged(day(o3_8h=130.0, o3_1h=250.0), judging=NEW))
    assert (new["aqi"], new["primary"], new["level"]) == (75, "o3_8h", 2)
    assert new["standard"] == "hj-633-2026"


def test_an_invalid_value_does_not_judge():
    found = only(judged(day(pm25=300.0, pm25_hours=10)))
    # O3 1 h 60: 60 / 160 × 50 = 18.75; O3 8 h 50: 25
    assert found["aqi"] == 25
    assert not found["complete"]
    assert found["published"]


def test_by_2026_an_incomplete_clean_day_has_no_aqi_and_says_why():
    found = judged(day(pm25_hours=10), day("B", pm25_hours=10, pm10=200.0), day("C"), judging=NEW)
    assert found["aqi_reason"].tolist() == ["unpublished", "", ""]
    # (150 − 100) / (250 − 120) × (200 − 120) + 100 = 130.8
    assert found["aqi"].tolist()[1:] == [131, 25]
    assert np.isnan(found["aqi"].iloc[0])
    assert found["primary"].iloc[0] == ""


def test_each_day_is_judged_by_the_versions_of_its_date_in_the_order_given():
    found = judged(
        day(date="2026-03-01", pm25=60.0), day(date="2026-02-28", pm25=60.0), judging=BY_DATE
    )
    assert found["aqi"].tolist() == [100, 82]
    assert found["standard"].tolist() == ["hj-633-2026", "hj-633-2012"]
    assert found["evaluation"].tolist() == ["hj-663-2026", "hj-663-2013"]


def test_the_index_of_the_rows_is_kept():
    rows = pd.DataFrame([day(), day("B", pm25_hours=3)], index=[4, 4])
    found = air_days.judged(rows, OLD)
    assert found.index.tolist() == [4, 4]
    assert found["pm25_reason"].tolist() == ["", "hours:3/20"]


def test_judging_changes_nothing_of_what_is_given():
    rows = pd.DataFrame([day(pm25=34.5, pm25_hours=3)])
    before = rows.copy()
    air_days.judged(rows, OLD)
    pd.testing.assert_frame_equal(rows, before)


@FEW
@given(hours_=st.integers(0, 24), more=st.integers(0, 24))
def test_more_hours_never_make_a_day_invalid(hours_, more):
    few, many = sorted([hours_, more])
    found = judged(day(pm25_hours=few), day("B", pm25_hours=many))["pm25"].notna()
    assert found.iloc[1] or not found.iloc[0]


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("", "", ""),
        ("none", "没有数据", "no data"),
        ("hours:17/20", "有效小时值 17 个，应不少于 20 个",
         "17 valid hours; at least 20 are needed"),
        ("days:323/324;month:2:24/25",
         "有效日 323 天，应不少于 324 天；2 月有效日 24 天，应不少于 25 天",
         "323 valid days; at least 324 are needed; "
         "24 valid days in month 2; at least 25 are needed"),
        ("year:2022", "2022 年无有效年值", "no valid figure for 2022"),
        ("items:pm25,o3_8h", "PM2.5、O3 无有效统计值", "no valid statistic of PM2.5, O3"),
    ],
)  # fmt: skip
def test_a_reason_is_a_sentence_in_both_languages(reason, zh, en):
    assert air_reasons.text(reason) == zh
    assert air_reasons.text(reason, "en") == en


# Areas.


AREAS = pd.Series({"A": "310101", "B": "310101", "C": "310104", "R": "310104"})


def test_an_area_s_day_is_the_mean_of_its_valid_stations():
    rows = pd.DataFrame(
        [day("A", pm25=10.0), day("B", pm25=31.0), day("C", pm25=90.0), day("X", pm25=500.0)]
    )
    found = air_areas.area_days(rows, AREAS, OLD)
    assert found["area"].tolist() == ["310101", "310104"]
    assert found["pm25"].tolist() == [20.5, 90]
    assert found["pm25_stations"].tolist() == [2, 1]
    assert found["stations_listed"].tolist() == [2, 2]
    # 20.5 rounds to the even 20.
    assert air_days.judged(found, OLD)["pm25"].tolist() == [20, 90]


def test_reference_stations_are_left_out():
    rows = pd.DataFrame([day("C", pm25=90.0), day("R", pm25=10.0)])
    found = only(air_areas.area_days(rows, AREAS, OLD, reference=["R"]))
    assert (found["pm25"], found["pm25_stations"], found["stations_listed"]) == (90, 1, 1)


def test_an_invalid_station_is_not_averaged_but_listed():
    rows = pd.DataFrame([day("A", pm25=10.0, pm25_hours=5), day("B", pm25=31.0)])
    found = only(air_areas.area_days(rows, AREAS, OLD))
    assert (found["pm25"], found["pm25_stations"], found["stations_listed"]) == (31, 1, 2)
    assert found["so2_stations"] == 2


def test_an_area_without_a_valid_station_has_no_value_and_says_why():
    rows = pd.DataFrame([day("A", pm25_hours=5), day("B", pm25_hours=5)])
    found = only(air_days.judged(air_areas.area_days(rows, AREAS, OLD), OLD))
    assert np.isnan(found["pm25"])
    assert (found["pm25_reason"], found["pm25_stations"]) == ("stations", 0)
    assert air_reasons.text("stations") == "没有有效站点"


def test_a_station_in_two_areas_is_a_fault():
    twice = pd.Series(["310101", "310104"], index=["A", "A"])
    with pytest.raises(DataError, match="A"):
        air_areas.area_days(pd.DataFrame([day()]), twice, OLD)


def test_two_rows_of_a_station_for_one_day_are_a_fault():
    with pytest.raises(DataError, match="2024-05-06"):
        air_areas.area_days(pd.DataFrame([day(), day(pm25=11.0)]), AREAS, OLD)


@FEW
@given(seed=st.integers(0, 10_000))
def test_an_area_s_mean_lies_within_its_stations_and_the_order_does_not_matter(seed):
    numbers = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [
            day(station, f"2024-05-{date:02}", pm25=value, pm25_hours=count)
            for station in "ABCR"
            for date, value, count in zip(
                range(1, 6), numbers.uniform(0, 300, 5), numbers.integers(16, 25, 5), strict=True
            )
        ]
    )
    whole = air_areas.area_days(rows, AREAS, OLD)
    same(air_areas.area_days(rows.sample(frac=1, random_state=seed), AREAS, OLD), whole)
    valid = rows[rows["pm25_hours"] >= 20]
    grouped = valid.groupby([valid["station"].map(AREAS), "date"])["pm25"]
    expected = grouped.agg(["min", "max", "count"])
    found = whole[whole["pm25"].notna()].set_index(["area", "date"])
    assert len(found) == len(expected)
    assert (found["pm25"] >= expected["min"] - 1e-9).all()
    assert (found["pm25"] <= expected["max"] + 1e-9).all()
    assert found["pm25_stations"].tolist() == expected["count"].tolist()


# The national platform's own figures.


def test_ozone_agrees_with_what_the_platform_published_for_the_same_hours():
    """``O3_24h`` at 23:00 is the largest of the 24 labels 0:00 to 23:00, and ``O3_8h`` at 8:00 to
    23:00 are running means within the day, in whole numbers; the window that ends at 24:00 has 7
    of its hours in the file. ``O3_8h_24h`` is not compared: it counts the means of 1:00 to 7:00,
    which reach back into the day before.
    """
    path = SAMPLES / "china_sites_20190101.csv"
    assert path.is_file(), f"{path} is missing: the published means cannot be compared"
    wide = pd.read_csv(path).set_index(["date", "hour", "type"])
    long = wide.rename_axis(columns="station").stack().unstack("type").reset_index()
    times = pd.Timestamp("2019-01-01") + pd.to_timedelta(long["hour"], "h")
    found = air_days.days(pd.DataFrame(long[["station"]]).assign(time=times, o3=long["O3"]))
    found = found[(found["date"] == "2019-01-01") & (found["o3_hours"] == 23)].set_index("station")
    assert len(found) == 926
    at = {hour: rows.set_index("station") for hour, rows in long.groupby("hour")}
    midnight = at[0]["O3"].reindex(found.index)
    largest = at[23].loc[found.index, "O3_24h"]
    assert int((np.fmax(found["o3_1h"], midnight) != largest).sum()) == 0
    running = pd.concat([at[hour]["O3_8h"].reindex(found.index) for hour in range(8, 24)], axis=1)
    last = pd.concat([at[hour]["O3"].loc[found.index] for hour in range(17, 24)], axis=1)
    expected = np.fmax(running.max(axis=1), last.mean(axis=1))
    assert int(((found["o3_8h"] - expected).abs() > 0.5).sum()) == 0
