"""Readings on the map: figures of stations and districts, their validity, their classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_readings import CHONGMING, OTHERS, PUDONG, REFERENCE, hours, write_readings

from bsh_geo import air_figures, charts, compose, station_charts
from bsh_geo.air_classes import SAFE_COLOURS
from bsh_geo.compose import Request
from bsh_geo.errors import UnknownNameError
from bsh_geo.mapspec import MapSpec
from bsh_geo.periods import parse
from bsh_geo.project import Project, open_project
from bsh_geo.store import BatchInfo, open_store


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return write_readings(tmp_path_factory.mktemp("air"))


def spec(project: Project, metric: str, period: str | None, **more: object) -> MapSpec:
    return compose.build(
        project,
        Request("air_quality", metric=metric, period=period, **more),  # type: ignore[arg-type]
    )


def districts(project: Project, metric: str, period: str, **more: object) -> pd.DataFrame:
    return spec(project, metric, period, **more).tables[0].export.set_index("id")


def stations(project: Project, metric: str, period: str) -> pd.DataFrame:
    return spec(project, metric, period).tables[1].export.set_index("code")


def where(project: Project, code: str) -> str:
    """The district that a station lies in."""
    return str(air_figures.join.stations(project, compose.areas.Selection()).at[code, "in_adcode"])


def test_readings_are_offered_only_where_there_are_some(project):
    box = open_project()
    layer = compose.layer_of(box, "air_quality")
    assert not [one for one in compose.offered(box, layer) if one.source == "readings"]
    assert len([one for one in compose.offered(project, layer) if one.source == "readings"]) == 7


def test_a_district_is_the_mean_of_its_stations_and_says_how_many(project):
    assert where(project, PUDONG[0]) == where(project, PUDONG[1]) == "310115"
    row = districts(project, "live_pm25", "2025-02").loc["310115"]
    assert (row["value"], row["stations"], row["valid_days"]) == (30.0, 2.0, 28.0)
    assert row["quality"] == "derived"


def test_the_reference_station_is_shown_but_in_no_mean(project):
    assert stations(project, "live_pm25", "2025-02").at[REFERENCE, "value"] == 200.0
    area = where(project, REFERENCE)
    row = districts(project, "live_pm25", "2025-02").loc[area]
    others = [one for one in stations(project, "live_pm25", "2025-02").itertuples()
              if one.in_adcode == area and one.Index != REFERENCE]  # fmt: skip
    assert not any(one.value == one.value for one in others)
    assert np.isnan(row["value"])
    # The city: 浦东 20 and 40, 崇明 10 until the 24th: 24 days of 23.3 and 4 of 30.
    key = spec(project, "live_pm25", "2025-02").key
    assert key is not None and key.value == "24"


def test_a_month_with_too_few_days_has_no_figure_and_says_why(project):
    area = where(project, CHONGMING)
    row = districts(project, "live_pm25", "2025-02").loc[area]
    assert np.isnan(row["value"])
    assert row["note"] == "有效日 24 天，应不少于 25 天"
    drawn = spec(project, "live_pm25", "2025-02").parts[0].frame.loc[area]
    assert drawn["key"] == "nodata"
    assert ("原因", "有效日 24 天，应不少于 25 天") in drawn["lines"]


def test_a_year_that_lacks_a_valid_month_has_no_figure_and_names_it(project):
    row = districts(project, "live_pm25", "2025").loc["310115"]
    assert np.isnan(row["value"])
    assert "有效日 38 天，应不少于 324 天" in row["note"]
    assert "1 月有效日 0 天，应不少于 27 天" in row["note"]


def test_the_hour_of_24_belongs_to_its_day(project):
    row = stations(project, "live_pm25", "2025-02-24T24").loc[CHONGMING]
    assert row["value"] == 10.0
    assert np.isnan(stations(project, "live_pm25", "2025-02-25T01").loc[CHONGMING]["value"])


def test_the_aqi_of_an_hour_is_judged_by_the_version_of_its_day(project):
    # PM2.5 40 μg/m³ in 2025: (100 − 50) / (75 − 35) × (40 − 35) + 50 = 56.25 → 57
    shown = spec(project, "live_aqi", "2025-02-10T08")
    row = shown.tables[1].export.set_index("code").loc[PUDONG[1]]
    assert (row["value"], row["level"], row["primary"]) == (57.0, 2, "pm25")
    assert "适用标准：HJ 633-2012、GB 3095-2012、HJ 663-2013。" in shown.notes


def test_hours_have_the_official_colours_or_the_safe_ones(project):
    official = spec(project, "live_aqi", "2025-02-10T08").legend[0].items
    assert [one.style.fill for one in official[:6]] == [
        "#00E400", "#FFFF00", "#FF7E00", "#FF0000", "#99004C", "#7E0023",
    ]  # fmt: skip
    assert official[0].label == "≤ 50 优"
    safe = spec(project, "live_aqi", "2025-02-10T08", colours="safe").legend[0].items
    assert [one.style.fill for one in safe[:6]] == list(SAFE_COLOURS)
    with pytest.raises(UnknownNameError, match="配色“neon”不存在"):
        spec(project, "live_aqi", "2025-02-10T08", colours="neon")


def test_the_change_from_a_year_before_needs_both_years(project):
    rows = districts(project, "live_pm25", "2025-02", mode="change")
    # 30 now (two stations), 30 a year before (one).
    assert rows.at["310115", "value"] == 0.0
    assert rows.at["310115", "note"] == "本期 30，上年同期 30"
    alone = rows.loc[where(project, CHONGMING)]
    assert np.isnan(alone["value"])


def test_the_default_period_is_the_last_whole_month(project):
    assert air_figures.period_of(project, None).key == "2025-02"
    with pytest.raises(
        UnknownNameError, match="时期“2019”没有读数；读数为 2024-02-01 至 2025-03-10"
    ):
        air_figures.period_of(project, "2019")


def test_a_selection_without_a_station_says_so(project):
    key = spec(project, "live_pm25", "2025-02", areas=("奉贤区",)).key
    listed = air_figures.join.stations(project, compose.areas.select(project, ["奉贤区"]))
    assert key is not None and key.value == "无数据"
    assert key.note == ("没有数据" if len(listed) else "所选区域内没有站点")


def test_the_source_of_the_import_is_named(project):
    assert spec(project, "live_pm25", "2025-02").sources[0] == "市环境监测中心导出"


def test_another_import_is_seen_at_once(project, tmp_path):
    (tmp_path / "data").mkdir()
    here = open_project(tmp_path)
    rows = hours(PUDONG[0], "2025-02-01", "2025-02-28", pm25=20.0, **OTHERS)
    open_store(here).write("air", rows, BatchInfo(file="a"))
    assert districts(here, "live_pm25", "2025-02").at["310115", "value"] == 20.0
    open_store(here).write("air", rows.assign(pm25=24.0), BatchInfo(file="b"))
    assert districts(here, "live_pm25", "2025-02").at["310115", "value"] == 24.0


def test_every_chart_of_a_station_can_be_drawn_and_says_what_it_lacks(project):
    made = station_charts.station_charts(project, PUDONG[0], "pm25", parse("2025-02"), "zh")
    assert [one.id for one in made] == ["series", "calendar", "hours", "trend"]
    for one in made:
        assert one.render().startswith(b"\x89PNG")
    with charts.settings():
        trend = made[3].made()()
    texts = [text.get_text() for text in trend.texts]
    assert any("36" in text for text in texts), texts
    with pytest.raises(UnknownNameError, match="站点“9999Z”不存在"):
        station_charts.station_charts(project, "9999Z", "pm25", parse("2025"), "zh")
