"""The page 选址核查 as Streamlit runs it, without a browser: sites, results, faults, words."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_app import html_of

from bsh_geo import folium_map, registers, sitecheck, sites
from bsh_geo.project import Project
from bsh_geo.ui import sitecheck_html, sitecheck_page
from bsh_geo.ui.text import WORDS

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
from bsh_geo.ui import shell, sitecheck_page
sitecheck_page.before_widgets()
sitecheck_page.page()
"""
SQUARE = "东滩码头:\n121.98,31.50\n122.0,31.50\n122.0,31.52\n121.98,31.52"


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch):
    """The page alone, in a language."""

    def start(lang: str = "zh") -> AppTest:
        monkeypatch.chdir(ROOT)
        monkeypatch.delenv("BSH_PROJECT", raising=False)
        app = AppTest.from_string(SCRIPT, default_timeout=60)
        if lang == "en":
            app.query_params["lang"] = "en"
        return app.run()

    return start


def pasted(app: AppTest, text: str, shape: str = "polygon") -> AppTest:
    """The page after a text was pasted."""
    app.session_state[sitecheck_page.GIVEN] = "paste"
    app.run()
    app.session_state[sitecheck_page.TEXT] = text
    app.session_state[sitecheck_page.SHAPE] = shape
    return app.run()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_without_sites_says_what_to_do_and_what_is_tested(open_page, lang: str) -> None:
    app = open_page(lang)
    assert not app.exception
    shown = html_of(app)
    assert WORDS["sites_start"][lang == "en"] in shown
    assert sitecheck.STATEMENT.get(lang) in shown
    counts = {"zh": "0 处有边界 · 371 处仅点位 · 73 处没有位置",
              "en": "0 with a boundary · 371 points only · 73 not located"}  # fmt: skip
    assert counts[lang] in shown
    assert [box.value for box in app.checkbox] == [True] * 5


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_pasted_polygon_gives_its_result_with_source_and_quality(open_page, lang: str) -> None:
    app = pasted(open_page(lang), SQUARE)
    assert not app.exception
    shown = html_of(app)
    said = {
        "zh": ("东滩码头", "位于其内", "质量：示意", "来源：", "等积方位投影"),
        "en": ("东滩码头", "inside", "Quality: schematic", "Source: ", "equal-area"),
    }[lang]
    for one in said:
        assert one in shown
    assert f'<div class="bsh-key">1<span>{ {"zh": "共 1 个", "en": "of 1"}[lang] }' in shown


def test_a_faulty_text_gives_its_sentence_and_no_traceback(open_page) -> None:
    app = pasted(open_page(), "121.98,31.50\nhere")
    assert not app.exception
    assert "坐标第 2 行“here”" in html_of(app)


def test_without_a_register_the_page_asks_for_one(open_page) -> None:
    app = open_page()
    for box in app.checkbox:
        box.set_value(False)
    app.run()
    assert not app.exception
    assert "没有选择核查对象" in html_of(app)


def test_a_drawn_shape_becomes_a_site(open_page) -> None:
    app = open_page()
    app.session_state[sitecheck_page.DRAWN] = [{"type": "Point", "coordinates": [121.99, 31.51]}]
    app.session_state["sites-next"] = "draw"
    app.run()
    assert not app.exception
    shown = html_of(app)
    assert "已画 1 个" in shown
    assert "位于其内" in shown


def test_names_from_a_file_are_text_and_never_markup(project: Project) -> None:
    text = "<img src=x onerror=alert(1)>: 121.99, 31.51"
    found = sitecheck.check(project, sites.pasted(project, text), ["redline"])
    made = sitecheck_html.result_html(project, found, "zh")
    assert "<img" not in made
    assert "&lt;img" in made


def test_every_number_of_a_card_opens_to_place_quality_and_source(project: Project) -> None:
    found = sitecheck.check(project, sites.pasted(project, "121.99, 31.51"))
    made = sitecheck_html.result_html(project, found, "zh")
    card = made[made.index('<div class="bsh-site ') : made.index("方法与坐标系")]
    assert card.count("<details") == len(registers.load_registers(project))
    assert card.count("质量：") == card.count("来源：") == card.count("<details")


def test_the_drawing_tools_hold_no_text_that_would_run() -> None:
    script = folium_map.drawing_script({"point": "</script>`${x}{{y}}"})
    words = script[script.rindex("bsh.draw(") :]
    assert "</script>" not in words
    assert "`" not in script
    assert "${" not in script
    assert "{{" not in script


def test_every_word_of_the_page_is_in_both_languages() -> None:
    mine = {key: value for key, value in WORDS.items() if key.startswith("sites_")}
    assert len(mine) > 40
    assert [key for key, (zh, en) in mine.items() if not zh or not en] == []
