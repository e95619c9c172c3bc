"""Three rolling years of readings on the map: means by hand, reasons, the control, links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT
from small_readings import CHONGMING, OTHERS, PUDONG, hours
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from bsh_geo import air_figures, cli, compose
from bsh_geo.compose import Request
from bsh_geo.errors import UnknownNameError
from bsh_geo.mapspec import MapSpec
from bsh_geo.project import Project, open_project
from bsh_geo.store import BatchInfo, open_store
from bsh_geo.ui import state

KEY = "2022/2024"


def write_three_years(folder: Path) -> Project:
    """PM2.5 of 30, 24 and 21 at one station of 浦东新区; another without 2022, one without 2024."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    here = open_project(folder)
    years = {2022: 30.0, 2023: 24.0, 2024: 21.0}
    rows = [
        hours(station, f"{year}-01-01", f"{year}-12-31", pm25=value, **OTHERS)
        for year, value in years.items()
        for station, left_out in ((PUDONG[0], None), (PUDONG[1], 2022), (CHONGMING, 2024))
        if year != left_out
    ]
    # Ten days of 2024 with a mean of 201: they are not good, and the mean of the year rises.
    bad = rows[-2]["time"].between("2024-03-01 01:00", "2024-03-11 00:00")
    assert rows[-2]["station"].iloc[0] == PUDONG[0]
    rows[-2].loc[bad, "pm25"] = 201.0
    info = BatchInfo(file="t", source="市环境监测中心导出", quality="official")
    open_store(here).write("air", iter(rows), info)
    return open_project(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("years")
    write_three_years(root)
    return root


@pytest.fixture(scope="module")
def here(folder: Path) -> Project:
    return open_project(folder)


def spec_of(here: Project, metric: str = "live_pm25", period: str = KEY, **more: Any) -> MapSpec:
    return compose.build(here, Request("air_quality", metric, period=period, **more))


def stations(here: Project, metric: str = "live_pm25") -> pd.DataFrame:
    return spec_of(here, metric).tables[1].export.set_index("code")


def test_three_years_are_the_mean_of_three_annual_figures(here: Project) -> None:
    row = stations(here).loc[PUDONG[0]]
    # 2024 has 366 days: (356 · 21 + 10 · 201) / 366 = 25.918; (30 + 24 + 25.918) / 3 = 26.639.
    ruling = air_figures.ruling_of(here, air_figures.period_of(here, KEY))
    decimals = ruling.evaluation.period_decimals.values["pm25"]
    assert decimals == 0
    assert row["value"] == 27
    assert (row["valid_days"], row["days"], row["period"]) == (1096, 1096, KEY)


def test_the_share_of_good_days_is_that_of_all_three_years(here: Project) -> None:
    # 201 μg/m³ is an AQI above 100: 1086 of 1096 days are good.
    assert stations(here, "live_aqi").at[PUDONG[0], "value"] == pytest.approx(
        1086 / 1096 * 100, abs=0.05
    )


def test_a_year_without_a_valid_figure_is_told_as_the_reason(here: Project) -> None:
    rows = stations(here)
    assert pd.isna(rows.at[PUDONG[1], "value"])
    assert rows.at[PUDONG[1], "note_zh"] == "2022 年无有效年值"
    assert pd.isna(rows.at[CHONGMING, "value"])
    assert rows.at[CHONGMING, "note_zh"] == "2024 年无有效年值"
    assert rows.at[CHONGMING, "note_en"] == "no valid figure for 2024"
    districts = spec_of(here).tables[0].export.set_index("id")
    # Both stations make the district: (201 + 21) / 2 = 111 on ten days of 2024, so that its year
    # is (356 · 21 + 10 · 111) / 366 = 23.459, and (30 + 24 + 23.459) / 3 = 25.820.
    assert districts.at["310115", "value"] == 26
    assert districts.at["310151", "note"] == "2024 年无有效年值"
    assert districts.at["310104", "note"] == "没有数据"


def test_the_map_says_what_three_years_are(here: Project) -> None:
    spec = spec_of(here)
    assert spec.title == "空气质量 · 实测PM2.5·三年平均浓度"
    assert spec.subtitle == "上海市 · 2022—2024年"
    assert any(note.startswith("三年值：三个年评价值都有效时取其平均") for note in spec.notes)
    assert not any("三年值" in note for note in spec_of(here, period="2024").notes)
    assert spec_of(here, lang="en").subtitle.endswith("2022–2024")
    part = next(one for one in spec.parts if one.opens)
    lines = dict(part.frame.at[PUDONG[1], "lines"])
    assert (lines["时期"], lines["原因"]) == ("2022—2024年", "2022 年无有效年值")


def test_three_years_are_offered_where_the_readings_are_of_so_many(
    here: Project, tmp_path: Path
) -> None:
    assert air_figures.grains(here)[0] == "three_years"
    (tmp_path / "data").mkdir()
    other = open_project(tmp_path)
    rows = hours(PUDONG[0], "2023-12-01", "2024-01-31", pm25=30.0)
    open_store(other).write("air", rows, BatchInfo(file="t", quality="official"))
    assert air_figures.grains(other) == ("year", "quarter", "month", "day", "hour")


@pytest.mark.parametrize("period", ["2021/2023", "2023/2025"])
def test_three_years_beyond_the_readings_are_refused(here: Project, period: str) -> None:
    with pytest.raises(UnknownNameError, match=f"没有“{period}”的全部三年"):
        spec_of(here, period=period)


def test_three_years_have_no_difference_from_a_year_before(here: Project) -> None:
    metric = compose.metric_of(compose.layer_of(here, "air_quality"), "live_pm25")
    assert "change" in compose.modes(metric, "2024")
    assert "change" not in compose.modes(metric, KEY)
    with pytest.raises(UnknownNameError, match="着色方式“change”不存在"):
        spec_of(here, mode="change")


def test_three_years_go_round_through_a_link(here: Project) -> None:
    query = {"layer": "air_quality", "metric": "live_pm25", "period": KEY}
    view, error = state.parse(here, query)
    assert (view.period, error) == (KEY, None)
    assert state.query_of(here, view) == query
    _, error = state.parse(here, {**query, "mode": "change"})
    assert error is not None


def test_the_command_takes_three_years(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    words = ("export", "air_quality", "--metric", "live_pm25", "--period", KEY, "-o", str(out))
    done = CliRunner().invoke(cli.app, [*words, "--project", str(folder)])
    assert done.exit_code == 0, done.output
    lines = out.read_text("utf-8-sig").splitlines()
    assert any(line.startswith("浦东新区,26") and "2022—2024年" in line for line in lines)


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch) -> Any:
    def start(root: Path, **query: str) -> AppTest:
        monkeypatch.chdir(ROOT)
        monkeypatch.setenv("BSH_PROJECT", str(root))
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return start


def test_the_control_goes_from_a_year_to_three_and_back(open_app: Any, folder: Path) -> None:
    app = open_app(folder, layer="air_quality", metric="live_pm25", period="2022")
    assert not app.exception
    assert app.button_group(key="grain").options[0] == "三年"
    app.button_group(key="grain").set_value("three_years").run()
    assert not app.exception
    # The three years that end with 2022 are not all there: the first that are.
    assert app.query_params["period"] == KEY
    assert "同比" not in [one for group in app.button_group for one in group.options]
    app.button_group(key="grain").set_value("year").run()
    assert app.query_params["period"] == "2024"
