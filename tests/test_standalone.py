"""The HTML file that opens from disk: everything inside, nothing asked for, every text as text."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from html import unescape

import pytest

from bsh_geo import catalogue, compose, standalone
from bsh_geo.compose import Request
from bsh_geo.mapspec import Trend
from bsh_geo.project import Project

CHROMIUM = os.environ.get("BSH_CHROMIUM", "")
HOSTILE = "</script><img src=x onerror=window.hacked=1>`${window.hacked=1}`{{7*7}}"
LAYERS = ["air_quality", "beautiful_bays", "wetlands", "park_coverage", "ecological_red_line"]


def page_of(project: Project, layer: str, *areas: str, lang: str = "zh") -> str:
    spec = compose.build(project, Request(layer, areas=areas, lang=lang))
    return standalone.html(spec, ",".join(areas) or "city", "stamp", "沪S").decode()


def words_of(page: str) -> str:
    """What the column beside the map and the head say."""
    return unescape(re.sub(r"<[^>]+>", "\n", page[page.index("<body>") : page.index("<svg width")]))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_file_is_at_most_2_mb_and_names_no_address_to_fetch(project, layer):
    page = page_of(project, layer)
    assert len(page.encode()) <= 2_000_000
    assert not re.findall(
        r"""(?:src|href)\s*=\s*["']?(?!data:|#)[^\s"'>]""", page.split("<script>")[0]
    )
    assert not re.findall(r"url\((?!data:|#)", page.split("<body>")[0])
    assert "default-src 'none'" in page


def test_figures_sentence_sources_and_date_stand_beside_the_map(project):
    spec = compose.build(project, Request("air_quality", areas=("崇明区",)))
    said = words_of(page_of(project, "air_quality", "崇明区"))
    for text in (spec.key.value, spec.sentences[0], spec.data_date, "stamp", "沪S", *spec.sources):
        assert text in said
    for line in spec.targets:
        assert line.wording in said
        assert line.distance in said


def test_schematic_shapes_are_said_to_be_schematic(project):
    assert "不是法定边界" in words_of(page_of(project, "wetlands"))


def test_the_english_file_says_nothing_in_chinese(project):
    spec = compose.build(project, Request("air_quality", lang="en"))
    quotes = {line.quote for line in spec.targets}
    said = words_of(page_of(project, "air_quality", lang="en"))
    assert quotes
    said = said.replace("沪S", "")
    assert not any("一" <= sign <= "鿿" for sign in said)


def test_the_same_view_gives_the_same_bytes(project):
    assert page_of(project, "wetlands", "崇明区") == page_of(project, "wetlands", "崇明区")


def test_the_font_inside_has_the_characters_of_the_page_and_few_others(project):
    page = page_of(project, "air_quality")
    (font,) = re.findall(r"src:url\(data:font/woff;base64,([^)]*)\)", page)
    assert 10_000 < len(font) < 300_000


def test_markup_in_a_name_stays_text(project):
    spec = compose.build(project, Request("air_quality"))
    hostile = replace(spec, title=HOSTILE, sentences=(HOSTILE,), sources=(HOSTILE,))
    page = standalone.html(hostile).decode()
    assert "<img" not in page
    assert page.count("</script>") == 2
    assert HOSTILE in words_of(page)


def test_a_trend_leaves_missing_years_open_and_equal_values_level():
    gap = standalone.trend_svg(Trend("t", "%", (("2019", 1.0), ("2021", 2.0), ("2022", 3.0))))
    assert gap.count("<path") == 1
    assert gap.count("<circle") == 3
    level = standalone.trend_svg(Trend("t", "%", (("2020", 5.0), ("2021", 5.0))))
    heights = {
        re.search(r'cy="([\d.]+)"', one).group(1) for one in re.findall("<circle[^>]*>", level)
    }
    assert len(heights) == 1


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium found; python run.py test looks for one")
@pytest.mark.parametrize("layer", LAYERS)
def test_the_file_opens_from_disk_and_asks_for_nothing(project, tmp_path, layer):
    from playwright.sync_api import sync_playwright

    assert layer in catalogue.load_layers(project)[0]
    path = tmp_path / "view.html"
    path.write_text(page_of(project, layer, "崇明区"), encoding="utf-8")
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.on("pageerror", lambda one: faults.append(str(one)))
        page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
        page.goto(path.as_uri())
        page.locator(".bsh-legend").wait_for(timeout=15_000)
        drawn = page.locator("#map path.leaflet-interactive").count()
        browser.close()
    assert [one for one in asked if not one.startswith(("data:", "file:"))] == []
    assert faults == []
    assert drawn >= 16
