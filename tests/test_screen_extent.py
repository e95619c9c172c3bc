"""The extent “as on screen”: in links, in the address, on pictures, and in packs made again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from test_cli import run

from bsh_geo import links, manifest
from bsh_geo.compose import Request
from bsh_geo.errors import DataError
from bsh_geo.orders import Order, options_of, order_from
from bsh_geo.print_options import PrintOptions, extent_text, parse_extent
from bsh_geo.project import Project
from bsh_geo.ui import app_state, screen_extent, state

EXTENT = (121.18126, 30.98173, 121.81847, 31.41753)
TEXT = "121.18126,30.98173,121.81847,31.41753"
ROOT = Path(__file__).resolve().parents[1]


def test_an_extent_is_told_to_a_metre_and_read_again():
    assert extent_text(EXTENT) == TEXT
    assert extent_text((121.0, 30.5, 122.000001, 31.4)) == "121,30.5,122,31.4"
    assert parse_extent(TEXT) == EXTENT


def test_a_link_with_an_extent_opens_the_same_view(project: Project):
    request = Request("air_quality", areas=("310151",))
    assert links.link_of(project, request, EXTENT) == (
        f"?layer=air_quality&area=310151&extent={TEXT}"
    )
    query = links.query_of(project, request, EXTENT)
    view, error = state.parse(project, query)
    assert error is None
    assert view.areas == ("310151",)
    assert state.query_of(project, view, EXTENT) == query


@pytest.mark.parametrize("text", ["x", "1,2,3", "122,31,121,32", "nan,31,121,32", ""])
def test_a_link_with_a_faulty_extent_opens_the_default_view_and_says_why(
    project: Project, text: str
):
    view, error = state.parse(project, {"layer": "wetlands", "extent": text})
    assert isinstance(error, DataError)
    assert "地图范围" in error.zh
    assert view == state.default_view(project)


def test_the_line_of_a_picture_holds_the_extent(project: Project):
    line = manifest.view_stamp(project, Request("wetlands"), EXTENT)
    assert line.endswith(f" · ?layer=wetlands&extent={TEXT}")
    assert manifest.view_stamp(project, Request("wetlands")).endswith(" · ?layer=wetlands")


def test_an_order_keeps_its_extent_and_hands_it_to_the_command():
    order = Order(("wetlands",), ("310151",), ("png",), extent=EXTENT)
    assert order_from(order.plain()) == order
    told = options_of(order, None)
    assert told[told.index("--extent") + 1] == TEXT


def test_a_manifest_of_before_has_no_extent_and_is_read():
    plain = Order(("wetlands",), ("310151",), ("png",)).plain()
    del plain["extent"]
    assert order_from(plain).extent is None


def test_the_app_and_the_command_make_the_same_picture(project: Project, tmp_path: Path):
    path = tmp_path / "o.svg"
    words = ("--district", "崇明区", "--extent", TEXT)
    assert run("snapshot", "wetlands", *words, "-o", path).exit_code == 0
    options = PrintOptions(extent=EXTENT)
    request = Request("wetlands", areas=("310151",))
    assert app_state.picture_of(project, "0", request, "svg", options) == path.read_bytes()
    assert TEXT in path.read_text("utf-8")


# The page ---------------------------------------------------------------------------------------


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("BSH_PROJECT", raising=False)

    def start(query: dict[str, str], **kept: Any) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for key, value in query.items():
            app.query_params[key] = value
        for key, value in kept.items():
            app.session_state[key] = value
        return app.run()

    return start


def pictures(app: AppTest) -> list[Any]:
    return [one for one in app.get("download_button") if one.proto.id.find("picture-") > 0]


def test_a_move_of_the_map_is_told_only_where_that_is_asked_for(app):
    shown = app({"layer": "wetlands"})
    assert not shown.exception
    assert screen_extent.CHOICE in shown.session_state
    assert shown.session_state[screen_extent.CHOICE] == screen_extent.AREA
    assert shown.segmented_control(key=screen_extent.CHOICE).options == ["全市", "与屏幕一致"]
    shown.segmented_control(key=screen_extent.CHOICE).set_value(screen_extent.SCREEN).run()
    assert not shown.exception
    assert "正在读取地图的范围" in " ".join(one.value for one in shown.caption)
    assert len(pictures(shown)) == 3
    assert all(one.proto.disabled for one in pictures(shown))
    assert dict(shown.query_params) == {"layer": "wetlands"}


def test_a_link_with_an_extent_prints_it_at_once(app):
    shown = app({"layer": "wetlands", "area": "310151", "extent": TEXT})
    assert not shown.exception
    control = shown.segmented_control(key=screen_extent.CHOICE)
    assert control.value == screen_extent.SCREEN
    assert control.options == ["所选区域", "全市", "与屏幕一致"]
    assert not any(one.proto.disabled for one in pictures(shown))
    assert shown.query_params["extent"] == TEXT
    control.set_value(screen_extent.CITY).run()
    assert not shown.exception
    assert "extent" not in shown.query_params


def test_what_the_map_tells_is_kept_and_anything_else_left_alone():
    from streamlit import session_state

    for told in (None, {}, {"district": "310151"}, {"bounds": [1, 2]}, {"bounds": "x"},
                 {"bounds": [122, 31, 121, 32]}, {"bounds": [1, 2, None, 4]}):  # fmt: skip
        screen_extent.take(told)
        assert screen_extent.BOUNDS not in session_state, told
    screen_extent.take({"bounds": list(EXTENT), "at": 1})
    assert session_state[screen_extent.BOUNDS] == EXTENT
    del session_state[screen_extent.BOUNDS]


def test_the_briefing_page_says_what_to_do_where_no_map_was_open(app, monkeypatch):
    from bsh_geo.ui import briefing_page

    page = AppTest.from_string(
        "from bsh_geo.ui import briefing_page\nbriefing_page.page()", default_timeout=120
    ).run()
    page.segmented_control(key="briefing-extent").set_value(screen_extent.SCREEN).run()
    assert not page.exception
    assert "请先打开“地图”页" in " ".join(one.value for one in page.caption)
    monkeypatch.setattr(briefing_page.screen_extent, "kept", lambda key: EXTENT)
    page.run()
    assert not page.exception
    assert "121.18126, 30.98173, 121.81847, 31.41753" in " ".join(one.value for one in page.caption)
