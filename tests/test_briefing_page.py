"""The briefing page and the packs that it starts: what it offers, makes, stops and keeps."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_app import html_of

from bsh_geo.pack_run import KEPT, PackRun, PackRuns

SMALL = ["--layers", "wetlands", "--districts", "310151", "--dpi", "60", "--jobs", "1"]
SLOW = ["--layers", "all", "--jobs", "1"]


def waited(run: PackRun, *states: str, seconds: float = 90) -> PackRun:
    until = time.monotonic() + seconds
    while run.state not in states and time.monotonic() < until:
        time.sleep(0.05)
    assert run.state in states, (run.state, run.fault)
    return run


@pytest.fixture
def runs():
    made = PackRuns()
    yield made
    made.close()


def test_a_pack_is_made_by_a_process_of_its_own(runs):
    run = waited(runs.get(runs.start(SMALL, "简报")), "done", "failed")
    assert run.state == "done", run.fault
    assert (run.progress["done"], run.progress["total"]) == (1, 1)
    with zipfile.ZipFile(run.path) as archive:
        assert "崇明区_湿地.png" in archive.namelist()


def test_a_pack_that_is_stopped_ends_soon_and_leaves_no_file(runs):
    run = waited(runs.get(runs.start(SLOW, "简报")), "running")
    run.stop()
    waited(run, "stopped", seconds=40)
    assert not run.path.exists()


def test_a_second_pack_waits_for_the_first_and_can_be_stopped_meanwhile(runs):
    first = waited(runs.get(runs.start(SLOW, "1")), "running")
    second = runs.get(runs.start(SMALL, "2"))
    time.sleep(0.5)
    assert second.state == "waiting"
    second.stop()
    waited(second, "stopped", seconds=5)
    assert first.state == "running"


def test_a_fault_is_told_in_its_sentence(runs):
    run = waited(runs.get(runs.start(["--layers", "nowhere"], "简报")), "failed", "done")
    assert run.state == "failed"
    assert run.fault == "错误: 图层“nowhere”不存在。可用：" + run.fault.partition("可用：")[2]


def test_only_the_newest_packs_are_kept_and_nothing_stays_at_the_end(runs):
    keys = []
    for _ in range(KEPT + 2):
        keys.append(runs.start(["--layers", "nowhere"], "简报"))
        waited(runs.get(keys[-1]), "failed")
    assert runs.get(keys[0]) is None
    last = runs.get(keys[-1])
    folder: Path = last.path.parent
    assert folder.is_dir()
    runs.close()
    assert not folder.exists()


PAGE = """
from bsh_geo.ui import briefing_page
briefing_page.page()
"""


@pytest.fixture
def page(monkeypatch):
    """The page alone, in a language."""

    def start(lang: str = "zh", **state: object) -> AppTest:
        monkeypatch.delenv("BSH_PROJECT", raising=False)
        app = AppTest.from_string(PAGE, default_timeout=120)
        if lang == "en":
            app.query_params["lang"] = "en"
        for key, value in state.items():
            app.session_state[key] = value
        return app.run()

    return start


def test_the_page_offers_all_layers_areas_and_the_newest_period_first(page):
    app = page()
    assert not app.exception
    assert app.selectbox(key="briefing-kind").options[1:] == [
        "模板：市级月报", "模板：区级专报", "模板：单图"
    ]  # fmt: skip
    layers = app.multiselect(key="briefing-layers").options
    assert layers[:5] == ["空气质量", "美丽海湾", "湿地", "公园覆盖", "生态保护红线"]
    assert app.button(key="briefing-make").label == f"制作 {17 * len(layers) + 1} 个文件"
    assert app.selectbox(key="briefing-period-any").options[:2] == ["各图层最新", "2025年"]


def test_layers_areas_and_formats_decide_how_many_files_are_made(page):
    app = page()
    app.multiselect(key="briefing-layers").set_value(["air_quality", "wetlands"]).run()
    app.multiselect(key="briefing-areas-any").set_value(["310000", "310151"]).run()
    assert app.button(key="briefing-make").label == "制作 5 个文件"


def test_a_template_offers_the_areas_and_periods_that_it_is_for(page):
    app = page()
    app.selectbox(key="briefing-kind").set_value("district_report").run()
    assert not app.exception
    areas = app.multiselect(key="briefing-areas-district").options
    assert len(areas) == 16
    assert "上海市" not in areas
    assert all(one.endswith("年") for one in app.selectbox(key="briefing-period-year").options[1:])
    app.selectbox(key="briefing-kind").set_value("city_monthly").run()
    assert not app.exception
    assert app.selectbox(key="briefing-period-month").options[0] == "2025年12月"


def test_the_english_page_says_nothing_in_chinese(page):
    app = page("en")
    assert not app.exception
    labels = [one.label for one in (*app.selectbox, *app.multiselect, *app.button)]
    labels += [option for one in (*app.selectbox, *app.multiselect) for option in one.options]
    assert "Make" in app.button(key="briefing-make").label
    assert not any("一" <= sign <= "鿿" for text in labels for sign in text)


def test_a_pack_started_on_the_page_is_offered_for_download(page):
    app = page()
    app.multiselect(key="briefing-layers").set_value(["wetlands"]).run()
    app.multiselect(key="briefing-areas-any").set_value(["310151"]).run()
    app.button(key="briefing-make").click().run()
    assert not app.exception
    from bsh_geo.ui import briefing_page

    run = briefing_page.runs().get(app.session_state[briefing_page.RUN])
    assert run is not None
    waited(run, "done")
    app.run()
    assert not app.exception
    assert "图包已完成，共 1 个文件。" in html_of(app)
    assert app.button(key="briefing-make").disabled is False
    run.remove()
