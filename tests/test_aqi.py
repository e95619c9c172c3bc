"""IAQI, AQI and primary pollutants as HJ 633 says, and as the national platform published them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
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
