"""IAQI, AQI and primary pollutants as HJ 633 says, and as the national platform published them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bsh_geo import aqi, standards
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.project import Project, open_project

ROOT = Path(__file__).resolve().parents[1]
OLD, NEW = (standards.aqi_standards(open_project())[f"hj-633-{year}"] for year in (2012, 2026))


@pytest.mark.parametrize(
    ("item", "concentrations"),
    [
        ("so2_24h", [0, 50, 150, 475, 800, 1600, 2100, 2620]),
        ("so2_1h", [0, 150, 500, 650, 800]),
        ("no2_24h", [0, 40, 80, 180, 280, 565, 750, 940]),
        ("no2_1h", [0, 100, 200, 700, 1200, 2340, 3090, 3840]),
        ("co_24h", [0, 2, 4, 14, 24, 36, 48, 60]),
        ("co_1h", [0, 5, 10, 35, 60, 90, 120, 150]),
        ("o3_1h", [0, 160, 200, 300, 400, 800, 1000, 1200]),
        ("o3_8h", [0, 100, 160, 215, 265, 800]),
    ],
)
@pytest.mark.parametrize("standard", [OLD, NEW], ids=["2012", "2026"])
def test_a_break_point_gives_the_index_of_its_row(item, concentrations, standard):
    index = [0, 50, 100, 150, 200, 300, 400, 500][: len(concentrations)]
    assert aqi.iaqi(concentrations, item, standard).tolist() == index


def test_only_the_row_of_100_changed_for_particles_in_2026():
    assert aqi.iaqi([35, 75, 115, 150, 250, 350, 500], "pm25", OLD).tolist() == [
        50, 100, 150, 200, 300, 400, 500,
    ]  # fmt: skip
    assert aqi.iaqi([35, 60, 115, 150, 250, 350, 500], "pm25", NEW).tolist() == [
        50, 100, 150, 200, 300, 400, 500,
    ]  # fmt: skip
    assert aqi.iaqi([50, 150], "pm10", OLD).tolist() == [50, 100]
    assert aqi.iaqi([50, 120], "pm10", NEW).tolist() == [50, 100]


def test_an_index_is_rounded_up():
    # (100 − 50) / (75 − 35) × (53 − 35) + 50 = 72.5
    assert aqi.iaqi([53], "pm25", OLD).tolist() == [73]
    # (100 − 50) / (60 − 35) × (53 − 35) + 50 = 86
    assert aqi.iaqi([53], "pm25", NEW).tolist() == [86]


def test_concentrations_above_the_table():
    assert np.isnan(aqi.iaqi([801], "so2_1h", OLD)).tolist() == [True]
    assert aqi.iaqi([801], "so2_1h", NEW).tolist() == [200]
    assert np.isnan(aqi.iaqi([801], "o3_8h", OLD)).tolist() == [True]
    assert aqi.iaqi([801], "o3_8h", NEW).tolist() == [300]
    assert aqi.iaqi([999], "pm25", OLD).tolist() == [500]


def test_missing_and_negative_values_have_no_index():
    assert np.isnan(aqi.iaqi([np.nan, -99, -1], "pm25", OLD)).tolist() == [True, True, True]


def test_the_new_standard_rounds_its_input_half_to_even():
    # 34.5 → 34 and 35.5 → 36; (36 − 35) × 2 + 50 = 52; 34 / 35 × 50 = 48.57
    assert aqi.iaqi([34.5, 35.5], "pm25", NEW).tolist() == [49, 52]
    # 2.04 mg/m³ → 2.0 → 50; the old one: (2.04 − 2) × 25 + 50 = 51
    assert aqi.iaqi([2.04], "co_24h", NEW).tolist() == [50]
    assert aqi.iaqi([2.04], "co_24h", OLD).tolist() == [51]


def judged(**concentrations: float) -> pd.Series:
    return aqi.aqi(pd.DataFrame([concentrations]), OLD, OLD.real_time).iloc[0]


def test_ties_are_all_primary():
    found = judged(pm25=75, pm10=150, no2_1h=10)
    assert (found["aqi"], found["level"], found["primary"]) == (100, 2, "pm10,pm25")


def test_there_is_no_primary_pollutant_up_to_50():
    found = judged(pm25=35, pm10=10)
    assert (found["aqi"], found["level"], found["primary"]) == (50, 1, "")


def test_an_incomplete_row_says_so_and_an_empty_one_has_no_aqi():
    assert not judged(pm25=35)["complete"]
    empty = judged(pm25=np.nan)
    assert np.isnan(empty["aqi"])
    assert pd.isna(empty["level"])
    assert empty["primary"] == ""


def judged_new(**concentrations: float) -> pd.Series:
    return aqi.aqi(pd.DataFrame([concentrations]), NEW, NEW.daily).iloc[0]


FIVE = {"so2_24h": 10, "no2_24h": 20, "co_24h": 0.5, "o3_8h": 90, "pm10": 40}
"""Every pollutant of a 2026 daily report but PM2.5, none above an index of 50."""


def test_with_a_pollutant_missing_2026_publishes_only_an_aqi_over_100():
    # (150 − 100) / (250 − 120) × (121 − 120) + 100 = 100.4, up to 101
    over = judged_new(**FIVE | {"pm10": 121})
    assert (over["aqi"], over["published"], over["complete"]) == (101, True, False)
    assert (over["level"], over["primary"]) == (3, "pm10")
    at_100 = judged_new(**FIVE | {"pm10": 120})
    assert np.isnan(at_100["aqi"])
    assert pd.isna(at_100["level"])
    assert (at_100["published"], at_100["primary"]) == (False, "")
    assert judged_new(**FIVE | {"pm10": 120, "pm25": 5})["aqi"] == 100


def test_2012_publishes_from_what_there_is():
    found = judged(pm10=120)
    assert (found["aqi"], found["published"], found["complete"]) == (85, True, False)


def test_a_withheld_aqi_can_be_asked_for_and_is_marked():
    rows = pd.DataFrame([FIVE])
    found = aqi.aqi(rows, NEW, NEW.daily, withhold=False).iloc[0]
    # 90 / 100 × 50 = 45
    assert (found["aqi"], found["published"]) == (45, False)


def test_a_pollutant_that_is_not_monitored_by_plan_can_be_left_out():
    items = tuple(item for item in NEW.daily if item != "pm25")
    found = aqi.aqi(pd.DataFrame([FIVE]), NEW, items).iloc[0]
    assert (found["aqi"], found["published"]) == (45, True)


def test_each_day_is_judged_by_the_version_in_force():
    # PM2.5 60: (100 − 50) / 40 × 25 + 50 = 81.25 by 2012; a break point of 2026
    rows = pd.DataFrame([{**FIVE, "pm25": 60.0}] * 3, index=[7, 5, 3])
    days = pd.Series(pd.to_datetime(["2026-03-01", "2026-02-28", "2026-03-02"]), index=rows.index)
    found = aqi.by_date(rows, days, [OLD, NEW], "daily")
    assert found.index.tolist() == [7, 5, 3]
    assert found["aqi"].tolist() == [100, 82, 100]
    assert found["standard"].tolist() == ["hj-633-2026", "hj-633-2012", "hj-633-2026"]
    # 2012 judges seven daily values, and the largest hour of ozone is not there.
    assert found["complete"].tolist() == [True, False, True]
    assert found["primary"].tolist() == ["pm25"] * 3


def test_by_date_needs_a_version_for_every_day():
    rows = pd.DataFrame([FIVE])
    days = pd.Series(pd.to_datetime(["2015-06-01"]))
    with pytest.raises(DataError, match=r"2015-06-01.*2016-01-01"):
        aqi.by_date(rows, days, [OLD, NEW], "daily")


def test_no_rows_give_no_rows():
    empty = pd.DataFrame(columns=list(OLD.real_time), dtype=float)
    days = pd.Series([], dtype="datetime64[us]")
    assert aqi.aqi(empty, OLD, OLD.real_time).empty
    assert aqi.by_date(empty, days, [OLD, NEW]).columns.tolist() == [
        *("aqi", "level", "primary", "complete", "published", "standard"),
    ]


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        (0.5, 0, 0), (1.5, 0, 2), (2.5, 0, 2), (2.51, 0, 3), (0.65, 1, 0.6), (0.75, 1, 0.8),
        # 13 × 0.05 is 0.6500000000000001 in binary.
        (13 * 0.05, 1, 0.6),
    ],
)  # fmt: skip
def test_a_half_is_rounded_to_the_even_neighbour(value, decimals, rounded):
    assert aqi.half_even([value], decimals).tolist() == [rounded]


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_versions_judge_their_rows_as_if_they_were_alone(seed):
    numbers = np.random.default_rng(seed)
    rows = pd.DataFrame(numbers.uniform(-20, 900, (12, 7)), columns=list(OLD.daily))
    days = pd.Series(
        pd.to_datetime("2026-02-20") + pd.to_timedelta(numbers.integers(0, 20, 12), "D")
    )
    found = aqi.by_date(rows, days, [OLD, NEW], "daily")
    late = days >= pd.Timestamp("2026-03-01")
    for version, here in ((OLD, ~late), (NEW, late)):
        alone = aqi.aqi(rows[here], version, version.daily)
        for name in ("aqi", "level", "complete", "published"):
            pd.testing.assert_series_equal(found.loc[here, name], alone[name])
        assert found.loc[here, "primary"].tolist() == alone["primary"].tolist()


def test_more_rows_than_a_chunk_are_judged_like_a_few():
    numbers = np.random.default_rng(1)
    rows = pd.DataFrame(numbers.uniform(-20, 900, (aqi.CHUNK + 7, 6)), columns=list(OLD.real_time))
    whole = aqi.aqi(rows, OLD, OLD.real_time)
    last = aqi.aqi(rows.tail(20), OLD, OLD.real_time)
    pd.testing.assert_frame_equal(whole.tail(20), last)


@pytest.mark.parametrize(
    ("value", "level"),
    [(0, 1), (50, 1), (51, 2), (100, 2), (101, 3), (150, 3), (151, 4), (200, 4), (201, 5), (300, 5),
     (301, 6), (500, 6)],
)  # fmt: skip
def test_the_classes_end_where_table_2_ends_them(value, level):
    assert aqi.levels(pd.Series([value]), OLD).tolist() == [level]


def test_the_official_purple_is_not_the_american_one():
    assert [one.colour for one in NEW.classes] == [
        "#00E400", "#FFFF00", "#FF7E00", "#FF0000", "#99004C", "#7E0023",
    ]  # fmt: skip


def test_a_date_picks_its_standard(project: Project):
    assert standards.in_force(project, date(2026, 2, 28)).id == "hj-633-2012"
    assert standards.in_force(project, date(2026, 3, 1)).id == "hj-633-2026"
    assert standards.named(project, "2012").id == "hj-633-2012"
    with pytest.raises(DataError, match="2015-12-31"):
        standards.in_force(project, date(2015, 12, 31))
    with pytest.raises(UnknownNameError):
        standards.named(project, "2020")


@pytest.mark.parametrize("item", sorted(OLD.items))
@given(values=st.lists(st.floats(0, 800, allow_nan=False), min_size=2, max_size=20))
def test_a_higher_concentration_never_has_a_lower_index(item, values):
    for standard in (OLD, NEW):
        found = aqi.iaqi(sorted(values), item, standard)
        assert (np.diff(found[~np.isnan(found)]) >= 0).all()
        assert ((found >= 0) & (found <= 500) | np.isnan(found)).all()


@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(seed):
    numbers = np.random.default_rng(seed)
    rows = pd.DataFrame(numbers.uniform(-20, 900, (12, 6)), columns=list(OLD.real_time))
    whole = aqi.aqi(rows, OLD, OLD.real_time)
    mixed = rows.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(aqi.aqi(mixed, OLD, OLD.real_time).sort_index(), whole)


def test_the_published_aqi_of_every_complete_station_hour_is_computed():
    path = ROOT.parent / "shared" / "samples" / "china_sites_20190101.csv"
    assert path.is_file(), f"{path} is missing: the published AQI cannot be compared"
    wide = pd.read_csv(path).set_index(["date", "hour", "type"])
    long = wide.rename_axis(columns="station").stack().unstack("type")
    columns = {
        "so2_1h": "SO2", "no2_1h": "NO2", "co_1h": "CO", "o3_1h": "O3", "pm10": "PM10",
        "pm25": "PM2.5",
    }  # fmt: skip
    readings = pd.DataFrame({item: long[name] for item, name in columns.items()})
    complete = readings.notna().all(axis=1) & (readings > 0).all(axis=1) & long["AQI"].notna()
    found = aqi.aqi(readings[complete], OLD, OLD.real_time)["aqi"]
    published = long.loc[complete, "AQI"]
    assert len(found) > 10_000
    assert int((found != published).sum()) == 0
