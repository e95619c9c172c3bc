"""The park access page as Streamlit runs it, without a browser: state, URL, faults, languages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from conftest import OwnProject
from shapely.geometry import LineString
from streamlit.testing.v1 import AppTest
from test_parks import EAST, WEST

from bsh_geo.crs import DISPLAY
from bsh_geo.mapspec import Figure
from bsh_geo.ui import parks_html

Open = Callable[..., AppTest]


def script() -> None:
    """The page alone, as the app runs it."""
    from bsh_geo.ui import parks_page

    parks_page.page()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def start(query: dict[str, str] | None = None, project: Path | None = None) -> AppTest:
        if project is None:
            monkeypatch.delenv("BSH_PROJECT", raising=False)
        else:
            monkeypatch.setenv("BSH_PROJECT", str(project))
        page = AppTest.from_function(script, default_timeout=60)
        for key, value in (query or {}).items():
            page.query_params[key] = value
        return page.run()

    return start


def text_of(page: AppTest) -> str:
    """All that the page shows as HTML and captions, as a reader sees it."""
    bodies = [element.proto.body for element in page.get("html")]
    bodies += [str(one.value) for one in page.caption]
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(bodies)))


def test_the_page_shows_the_city_by_park_size_in_chinese(open_page: Open) -> None:
    page = open_page()
    assert not page.exception
    shown = text_of(page)
    assert "上海市 · 陆域覆盖率" in shown
    assert "3.7" in shown
    assert "名录 444 座公园，371 座有位置、89 座有面积" in shown
    assert "不估算覆盖居民" in shown
    assert "未提供道路网络，按直线计算。" in shown
    assert "未提供人口数据，不估算居民。" in shown
    assert dict(page.query_params) == {}


def test_a_link_opens_the_same_view_in_english(open_page: Open) -> None:
    query = {"lang": "en", "area": "310101", "band": "5min", "at": "121.47,31.23", "size": "0.5"}
    page = open_page(query)
    assert not page.exception
    shown = text_of(page)
    assert "Huangpu · 5 minutes (360 m) · straight line" in shown
    assert "of land newly reached (Huangpu)" in shown
    assert "residents are not estimated" in shown
    assert {key: page.query_params[key] for key in page.query_params} == {
        **query,
        "at": "121.47000,31.23000",
    }


def test_choosing_a_band_changes_the_figure_and_the_address(open_page: Open) -> None:
    page = open_page({"area": "310101"})
    before = text_of(page)
    page.radio(key="parks-band").set_value("300m").run()
    assert not page.exception
    assert page.query_params["band"] == "300m"
    assert "51.6" in before
    assert "51.6" not in text_of(page)


def test_three_points_are_an_area_and_two_are_not_yet_one(open_page: Open) -> None:
    page = open_page({"at": "121.50,31.22;121.505,31.22"})
    assert not page.exception
    assert "至少要三个点" in text_of(page)
    page = open_page({"at": "121.50,31.22;121.505,31.22;121.505,31.225"})
    assert "新增覆盖陆域" in text_of(page)


def test_clearing_takes_the_new_park_away(open_page: Open) -> None:
    page = open_page({"at": "121.47,31.23"})
    assert "at" in page.query_params
    page.button[0].click().run()
    assert not page.exception
    assert "at" not in page.query_params


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"band": "far"}, "服务范围“far”"),
        ({"area": "999999"}, "999999"),
        ({"at": "31.2"}, "坐标第 1 行"),
        ({"at": "121.47,30"}, "不在上海陆域内"),
    ],
)
def test_a_faulty_link_is_told_and_the_page_still_shown(
    open_page: Open, query: dict[str, str], told: str
) -> None:
    page = open_page(query)
    assert not page.exception
    shown = text_of(page)
    assert told in shown
    assert "陆域覆盖率" in shown


def test_a_network_and_residents_of_the_project_are_used_and_named(
    open_page: Open, own_project: OwnProject
) -> None:
    lines = [LineString([(121.46, 31.2), (121.54, 31.2)])]
    gpd.GeoDataFrame(geometry=lines, crs=DISPLAY).to_file(own_project.root / "ways.gpkg")
    counts = gpd.GeoDataFrame({"n": [5000, 10]}, geometry=[WEST, EAST], crs=DISPLAY)
    counts.to_file(own_project.root / "people.gpkg")
    own_project.write(
        "config.toml",
        '[paths]\nfile = "ways.gpkg"\n[residents]\nfile = "people.gpkg"\ncolumn = "n"\n'
        'year = "2020"\n',
    )
    page = open_page({"area": "310101", "band": "500m"}, own_project.root)
    assert not page.exception
    shown = text_of(page)
    assert "沿道路步行" in shown
    assert "ways.gpkg" in shown
    assert "居民覆盖率" in shown
    assert "people.gpkg，2020" in shown
    assert page.checkbox(key="parks-gaps").value is True


def test_a_broken_network_is_one_sentence_in_place_of_the_map(
    open_page: Open, own_project: OwnProject
) -> None:
    own_project.write("ways.geojson", "{}")
    own_project.write("config.toml", '[paths]\nfile = "ways.geojson"\n')
    page = open_page(None, own_project.root)
    assert not page.exception
    assert "ways.geojson 不是可读的格式" in text_of(page)


def test_a_figure_opens_to_what_it_rests_on_and_its_text_is_escaped() -> None:
    figure = Figure("<b>居民", "5 < 6", "%", "2020", "推算", "格网 <i>")
    shown = parks_html._figure(figure, ("第一", "面积在 <等积> 下量算"))
    assert "<details" in shown
    assert "推算 · 格网 &lt;i&gt; · 面积在 &lt;等积&gt; 下量算" in shown
    assert "<b>居民" not in shown
