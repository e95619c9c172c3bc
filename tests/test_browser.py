"""The real app in a real browser, with no network: what a user does, and what the map then holds.

Run by ``python run.py test`` where a Chromium is found (BSH_CHROMIUM names it).
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, Request, sync_playwright
from small_readings import PUDONG, write_readings

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = os.environ.get("BSH_CHROMIUM", "")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAYERS = {
    "air_quality": "空气质量",
    "beautiful_bays": "美丽海湾",
    "wetlands": "湿地",
    "park_coverage": "公园覆盖",
    "ecological_red_line": "生态保护红线",
}
HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>`${window.hacked=1}`"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium found; python run.py test looks for one"),
]


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(*options: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start ``bsh-geo serve`` and wait until it answers."""
    port = free_port()
    command = [sys.executable, "-m", "bsh_geo", "serve", "--no-browser", "--port", str(port)]
    child = subprocess.Popen([*command, *options], cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        assert child.poll() is None, "the server ended"
        try:
            opener.open(f"{url}/_stcore/health", timeout=1).close()
            return child, url
        except OSError:
            time.sleep(0.2)
    child.kill()
    raise AssertionError("the server did not answer in 60 s")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    child, url = serve()
    yield url
    child.terminate()
    child.wait(20)


@pytest.fixture(scope="module")
def hostile_server(tmp_path_factory) -> Iterator[str]:
    """A project whose first park carries markup, script and template syntax in its name."""
    root = tmp_path_factory.mktemp("hostile")
    rows = (ROOT / "data/parks/parks.csv").read_text("utf-8").splitlines()
    cells = rows[1].split(",")
    assert cells[1] == "上海野生动物园"
    cells[1] = f'"{HOSTILE}"'
    (root / "data/parks").mkdir(parents=True)
    text = "\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n"
    (root / "data/parks/parks.csv").write_text(text, "utf-8")
    child, url = serve("--project", str(root))
    yield url
    child.terminate()
    child.wait(20)


@pytest.fixture(scope="module")
def readings_server(tmp_path_factory) -> Iterator[str]:
    """A project with hourly readings."""
    root = tmp_path_factory.mktemp("readings")
    write_readings(root)
    child, url = serve("--project", str(root))
    yield url
    child.terminate()
    child.wait(20)


class Session:
    """A page, the requests that it made, and the errors that its scripts raised."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._request)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def open(self, url: str) -> Frame:
        """Go to a map page and wait for its map."""
        self.page.goto(url)
        return self.map()

    def map(self) -> Frame:
        """The frame of the map, once it shows a view."""
        inside = self.page.frame_locator('iframe[title*="st_folium"]')
        inside.locator(".bsh-legend").wait_for(timeout=30_000)
        frame = next(frame for frame in self.page.frames if "st_folium" in frame.url)
        self.until(frame, "bsh.area && !bsh.pending")
        # Nobody clicks before the page has come to rest, which a busy machine may put off.
        self.page.locator('[data-test-script-state="notRunning"]').wait_for(timeout=30_000)
        return frame

    def until(self, frame: Frame, condition: str) -> None:
        """Wait for a JavaScript condition about the map."""
        frame.wait_for_function(condition, timeout=15_000)

    def choose(self, label: str, option: str) -> None:
        """Pick an option of a select box by its text."""
        box = self.page.locator('[data-testid="stSelectbox"]').filter(has_text=label)
        box.get_by_role("combobox").click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def click_map(self, frame: Frame, lat: float, lon: float, **options: object) -> None:
        """Click a place of the map."""
        place = frame.evaluate(
            f"(() => {{ const p = bsh.map.latLngToContainerPoint([{lat}, {lon}]);"
            " return [p.x, p.y]; })()"
        )
        box = self.page.locator('iframe[title*="st_folium"]').bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + place[0], box["y"] + place[1], **options)

    def outside(self) -> list[str]:
        """Requests that left the machine."""
        own = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith(own)]


@pytest.fixture
def session() -> Iterator[Session]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        found = Session(context.new_page())
        yield found
        assert found.outside() == []
        assert found.errors == []
        browser.close()


def features(frame: Frame, part: str) -> list[dict[str, object]]:
    """The properties of what the map really draws for a part."""
    return frame.evaluate(
        "(part) => { const found = []; bsh.group.eachLayer(layer => {"
        " if (layer.bshPart === part) layer.eachLayer(one => found.push(one.feature.properties));"
        " }); return found; }",
        part,
    )


def test_every_layer_opens_and_the_map_frame_is_never_reloaded(server, session):
    frame = session.open(server)
    frame.evaluate("window.sameFrame = true")
    for layer, title in LAYERS.items():
        session.page.locator('[data-testid="stRadio"]').get_by_text(title, exact=True).click()
        session.until(frame, f"bsh.view.layer === '{layer}'")
        assert frame.evaluate("window.sameFrame") is True
        drawn = frame.evaluate("bsh.group.getLayers().length")
        assert drawn > 0
        assert frame.evaluate("document.querySelectorAll('.bsh-legend-row').length") > 1


def test_the_period_changes_the_data_that_the_map_holds(server, session):
    frame = session.open(server)

    def value(district: str) -> str:
        found = {one["id"]: one["lines"] for one in features(frame, "pm25")}
        return found[district][0][1]

    assert value("310151") == "19.5 μg/m³"
    assert value("310115") == "无数据"
    session.choose("时期", "2024年8月 · 16/16 区")
    session.until(frame, "bsh.view.period === '2024年8月'")
    assert value("310151") == "18 μg/m³"
    assert value("310115") == "20 μg/m³"
    session.choose("指标", "AQI优良率")
    session.until(frame, "bsh.view.title.includes('AQI')")
    found = {one["id"]: one["lines"][0] for one in features(frame, "aqi_good_rate")}
    assert found["310151"][0] == "AQI优良率"


def test_the_next_hour_is_shown_in_the_same_view(readings_server, session):
    query = "layer=air_quality&metric=live_pm25&period=2025-02-24T24"
    frame = session.open(f"{readings_server}/?{query}")
    frame.evaluate("bsh.map.setView([31.2, 121.5], 10, {animate: false}); window.same = true")

    def value(district: str) -> str:
        found = {one["id"]: one["lines"] for one in features(frame, "live_pm25")}
        return found[district][0][1]

    assert (value("310115"), value("310151")) == ("30 μg/m³", "10 μg/m³")
    session.page.get_by_role("button", name="›").click()
    session.until(frame, "bsh.view.period === '2025年2月25日1时'")
    assert (value("310115"), value("310151")) == ("30 μg/m³", "无数据")
    assert frame.evaluate("[window.same, bsh.map.getZoom()]") == [True, 10]


def test_a_click_on_a_station_opens_its_charts(readings_server, session):
    frame = session.open(f"{readings_server}/?layer=air_quality&metric=live_pm25&period=2025-02")
    frame.evaluate(
        "(code) => bsh.group.eachLayer(layer => { if (layer.bshPart === 'live_pm25-stations')"
        " layer.eachLayer(one => { if (one.feature.properties.id === code)"
        " one.fire('click', {latlng: one.getLatLng()}); }); })",
        PUDONG[0],
    )
    panel = session.page.get_by_role("dialog")
    panel.locator("img").wait_for()
    assert f"{PUDONG[0]} 浦东新区监测站" in panel.inner_text()
    panel.get_by_text("长期趋势").click()
    panel.get_by_alt_text("PM2.5 长期趋势").wait_for()
    with session.page.expect_download() as download:
        panel.get_by_role("button", name="PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_switching_the_layer_keeps_the_view(server, session):
    frame = session.open(server)
    frame.evaluate("bsh.map.setView([31.2, 121.5], 11, {animate: false})")
    session.page.locator('[data-testid="stRadio"]').get_by_text("湿地", exact=True).click()
    session.until(frame, "bsh.view.layer === 'wetlands'")
    view = frame.evaluate("[bsh.map.getZoom(), bsh.map.getCenter().lat, bsh.map.getCenter().lng]")
    assert view == [11, pytest.approx(31.2, abs=0.01), pytest.approx(121.5, abs=0.01)]


def test_a_click_on_a_district_filters_map_url_and_figures_and_a_second_one_goes_back(
    server, session
):
    frame = session.open(server)
    assert len(features(frame, "pm25")) == 16
    session.click_map(frame, 31.63, 121.5)
    session.until(frame, "bsh.view.area === '310151'")
    assert [one["id"] for one in features(frame, "pm25")] == ["310151"]
    bounds = frame.evaluate("bsh.map.getBounds().toBBoxString()").split(",")
    assert float(bounds[1]) > 31.1, "the map zooms to the district"
    session.page.wait_for_url("**area=310151**")
    session.page.get_by_text("19.5", exact=False).first.wait_for()
    session.click_map(frame, 31.63, 121.5)
    session.until(frame, "bsh.view.area === 'city'")
    assert len(features(frame, "pm25")) == 16


def test_a_click_with_the_control_key_adds_a_district(server, session):
    frame = session.open(f"{server}/?layer=air_quality&area=310120")
    frame.evaluate("bsh.map.setView([31.0, 121.4], 9.5, {animate: false})")
    session.page.keyboard.down("Control")
    session.click_map(frame, 30.83, 121.23)
    session.page.keyboard.up("Control")
    session.until(frame, "bsh.view.area === '310116,310120'")
    assert sorted(one["id"] for one in features(frame, "pm25")) == ["310116", "310120"]


def test_the_english_interface_leaves_no_chinese_on_the_page(server, session):
    session.open(server)
    session.page.get_by_text("EN", exact=True).click()
    session.page.get_by_text("Beautiful Shanghai Monitor").wait_for()
    session.page.get_by_role("button", name="Export picture PNG").wait_for()
    session.page.wait_for_url("**lang=en**")
    session.page.wait_for_timeout(500)  # the tabs are made anew in the other language
    frame = session.map()
    session.until(frame, "bsh.view.title.startsWith('Air quality')")
    text = session.page.locator("body").inner_text() + frame.locator("body").inner_text()
    left = [one for one in text.replace("中文", "").split() if any("一" <= c <= "鿿" for c in one)]
    assert left == []


def test_the_picture_downloads_and_is_an_a4_page(server, session):
    session.open(f"{server}/?layer=ecological_red_line&area=310151")
    with session.page.expect_download() as download:
        session.page.get_by_role("button", name="导出图片 PNG").click()
    assert download.value.suggested_filename == "崇明区_生态保护红线.png"
    content = Path(download.value.path()).read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
    assert (width, height) == (3508, 2480)


def test_the_table_downloads_with_the_rows_of_the_filter(server, session):
    session.open(f"{server}/?layer=air_quality&area=310151")
    session.page.get_by_role("tab", name="数据表").click()
    with session.page.expect_download() as download:
        session.page.get_by_role("button", name="CSV").click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("崇明区,19.5,2025年,")


def test_the_map_survives_a_visit_to_its_table(server, session):
    frame = session.open(server)
    session.page.get_by_role("tab", name="数据表").click()
    session.page.get_by_text("16 行").wait_for()
    session.page.get_by_role("tab", name="地图").click()
    assert frame.evaluate("bsh.map.getSize().y") > 400
    assert len(features(frame, "pm25")) == 16


def test_the_page_fits_the_window_without_scrolling(server, session):
    session.open(server)
    scrolls = session.page.evaluate(
        "(() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollHeight - main.clientHeight; })()"
    )
    assert scrolls <= 4


def test_the_data_page_opens_and_the_map_comes_back_as_it_was(server, session):
    session.open(f"{server}/?layer=wetlands&area=310151")
    session.page.get_by_role("link", name="数据").click()
    session.page.get_by_text("数据目录").wait_for()
    assert session.page.get_by_text("data/indicators/observations.csv").count() == 1
    session.page.get_by_role("link", name="地图").click()
    frame = session.map()
    session.until(frame, "bsh.view.layer === 'wetlands' && bsh.view.area === '310151'")


def test_the_progress_page_keeps_the_filter_of_the_map_in_both_languages(server, session):
    session.open(f"{server}/?layer=air_quality&area=310151")
    session.page.get_by_role("link", name="进程").click()
    session.page.get_by_text("进程评估").wait_for()
    session.page.wait_for_url("**/progress?area=310151")
    matrix = session.page.locator(".bsh-matrix")
    matrix.wait_for()
    assert matrix.locator("tbody tr").count() == 2
    assert "19.5" in matrix.inner_text()
    session.page.get_by_text("EN", exact=True).click()
    session.page.get_by_text("Progress towards the targets").wait_for()
    session.page.wait_for_url("**lang=en**")
    text = session.page.locator(".bsh-matrix").inner_text()
    assert not any("一" <= mark <= "鿿" for mark in text)


def test_markup_and_script_in_an_attribute_are_shown_as_text(hostile_server, session):
    frame = session.open(f"{hostile_server}/?layer=park_coverage&area=310115")
    names = [one["name"] for one in features(frame, "parks")]
    assert HOSTILE in names
    frame.evaluate(
        "(name) => bsh.group.eachLayer(layer => { if (layer.bshPart === 'parks')"
        " layer.eachLayer(one => { if (one.feature.properties.name === name) one.openTooltip(); });"
        " })",
        HOSTILE,
    )
    shown = frame.locator(".bsh-card-title").first
    assert shown.inner_text() == HOSTILE
    assert frame.evaluate("window.hacked") is None
    session.page.get_by_role("tab", name="数据表").click()
    session.page.wait_for_timeout(500)
    assert session.page.evaluate("window.hacked") is None


def test_no_chinese_glyph_is_missing_where_the_system_has_no_chinese_font(server, session):
    """The product's own font is served to machines without one, in the page and in the map."""
    frame = session.open(server)
    for place in (session.page, frame):
        loaded = place.evaluate(
            "document.fonts.ready.then(() => [...document.fonts].filter("
            "face => face.family.includes('Bsh Noto')).map(face => face.status))"
        )
        assert loaded
        assert set(loaded) <= {"loaded", "unloaded"}, "a failed font would be 'error'"


def test_the_picture_is_as_on_screen_and_its_link_opens_it_again(server, session):
    frame = session.open(f"{server}/?layer=wetlands&area=310151")
    frame.evaluate("bsh.map.setView([31.5, 121.7], 11, {animate: false})")
    session.page.wait_for_timeout(600)
    assert "extent" not in session.page.url, "a move runs no page again by default"
    session.page.get_by_role("button", name="图片设置").click()
    session.page.get_by_text("与屏幕一致").click()
    session.page.wait_for_url("**extent=**")
    frame.evaluate("bsh.map.setView([31.2, 121.5], 11, {animate: false})")
    wanted = frame.evaluate(
        "(() => { const b = bsh.map.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(),"
        " b.getNorth()].map(side => String(Math.round(side * 1e5) / 1e5)).join(','); })()"
    )
    session.page.wait_for_url(f"**extent={wanted.replace(',', '%2C')}**")
    session.page.keyboard.press("Escape")
    address = session.page.url
    with session.page.expect_download() as download:
        session.page.get_by_role("button", name="SVG", exact=True).click()
    picture = Path(download.value.path()).read_bytes()
    assert f"?layer=wetlands&amp;area=310151&amp;extent={wanted}".encode() in picture
    session.page.goto("about:blank")
    frame = session.open(address)
    session.until(frame, "bsh.screen.looked !== ''")
    session.page.wait_for_timeout(800)
    assert session.page.url == address
    with session.page.expect_download() as download:
        session.page.get_by_role("button", name="SVG", exact=True).click()
    assert Path(download.value.path()).read_bytes() == picture
    session.page.get_by_role("link", name="简报").click()
    session.page.get_by_text("与屏幕一致").click()
    session.page.get_by_text("屏幕范围：").wait_for(timeout=30_000)


def test_uploaded_ways_and_people_are_measured_on_the_page(server, session, tmp_path):
    """A straight street past a park, and a sheet of the districts' people."""
    street = {"type": "LineString", "coordinates": [[121.44, 31.22], [121.5, 31.24]]}
    feature = {"type": "Feature", "properties": {"highway": "residential"}, "geometry": street}
    ways = tmp_path / "路网.geojson"
    ways.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    names = "黄浦 徐汇 长宁 静安 普陀 虹口 杨浦 闵行 宝山 嘉定 浦东 金山 松江 青浦 奉贤 崇明"
    people = tmp_path / "人口.csv"
    people.write_text("区,人口\n" + "".join(f"{one},100000\n" for one in names.split()), "gb18030")
    page = session.page
    page.goto(f"{server}/parks?area=310101&band=5min")
    page.get_by_text("未提供人口数据，不估算居民。").wait_for(timeout=60_000)
    page.get_by_text("道路与人口数据").click()
    for path in (ways, people):  # what was taken leaves its uploader's place to the next
        page.locator('input[type="file"]').first.set_input_files(path)
        page.get_by_text(f"已上传：{path.name}").wait_for(timeout=60_000)
        left = "document.querySelectorAll('input[type=file]').length"
        page.wait_for_function(f"{left} === {1 if path is ways else 0}", timeout=60_000)
    page.get_by_text("沿道路步行").first.wait_for(timeout=60_000)
    page.get_by_text("居民覆盖率").first.wait_for()
    frame = session.map()
    session.until(frame, "bsh.view.title === '公园可达'")
    assert {"straight", "all"} == {one["key"] for one in features(frame, "service")}
    page.get_by_role("tab", name="各服务范围").click()
    page.get_by_text("直线与沿道路步行并列").wait_for(timeout=60_000)
    page.get_by_role("tab", name="服务盲区").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).first.click()
    head = Path(download.value.path()).read_text("utf-8-sig").splitlines()[0]
    assert head.startswith("名次,区,面积（公顷）,居民（人）,最近的公园")


def test_the_language_changes_and_the_map_s_frame_and_view_stay(server, session):
    frame = session.open(server)
    frame.evaluate("window.sameFrame = true")
    frame.evaluate("bsh.map.setView([31.5, 121.6], 11, {animate: false})")
    session.page.get_by_text("EN", exact=True).click()
    session.until(frame, "bsh.view.title.startsWith('Air quality')")
    assert frame.evaluate("window.sameFrame") is True
    assert frame.evaluate("bsh.map.getZoom()") == 11
    assert frame.evaluate("Math.abs(bsh.map.getCenter().lat - 31.5) < 0.01") is True
    names = frame.evaluate("bsh.labels.map((one) => one.bshText.textContent)")
    assert "Chongming" in names
    assert not [one for one in names if any("一" <= mark <= "鿿" for mark in one)]


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1920, 1080)])
def test_the_legend_covers_no_land_in_the_view_of_the_whole_city(server, session, size):
    session.page.set_viewport_size({"width": size[0], "height": size[1]})
    for layer in (*LAYERS, "land_cover", "wetlands&lang=en"):
        frame = session.open(f"{server}/?layer={layer}")
        session.page.wait_for_timeout(300)
        assert frame.evaluate("bsh.legend.getContainer().offsetHeight") > 40
        assert frame.evaluate("bsh.covered()") == [], layer


def test_a_number_of_the_map_page_opens_to_its_source_and_the_map_stays(server, session):
    frame = session.open(server)
    frame.evaluate("bsh.map.setView([31.5, 121.6], 11, {animate: false})")
    shown = frame.evaluate("bsh.view.title")
    page = session.page
    origin = page.locator(".bsh-trace-key .bsh-origin")
    assert not origin.is_visible()
    page.locator(".bsh-key b").click()
    assert "上海市生态环境局，2026-01-22" in origin.inner_text()
    page.keyboard.press("Enter")  # the line has the focus: the same key closes it
    assert not origin.is_visible()
    page.keyboard.press("Enter")
    assert origin.is_visible()
    assert frame.evaluate("bsh.map.getZoom()") == 11
    assert frame.evaluate("bsh.view.title") == shown
    opens = page.locator(".bsh-facts details").count()
    assert opens == page.locator(".bsh-key, .bsh-figure, .bsh-target, .bsh-trace-trend").count()


def test_a_cell_of_the_matrix_opens_its_origin_and_escape_closes_it(server, session):
    page = session.page
    page.goto(f"{server}/progress")
    page.locator(".bsh-cell").first.wait_for()
    card = page.locator(".bsh-popover").first
    assert not card.is_visible()
    page.locator(".bsh-cell").first.press("Enter")
    assert card.is_visible()
    assert "来源" in card.inner_text()
    assert "条款" in card.inner_text()
    page.keyboard.press("Escape")
    assert not card.is_visible()


def test_a_clicked_row_of_the_table_tells_its_origin(server, session):
    session.open(server)
    page = session.page
    page.get_by_role("tab", name="数据表").click()
    table = page.locator('[data-testid="stDataFrame"] canvas').first
    table.wait_for()
    page.get_by_text("点一个单元格").wait_for()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 250, box["y"] + 90)
    page.get_by_text("徐汇区的来源").wait_for()
    assert "上海市生态环境局" in page.locator(".bsh-row-origin").inner_text()


LATIN = re.compile(r"[A-Za-z][A-Za-z.\-]{2,}")
NAMES = {
    "AQI", "CGCS", "EPSG", "WGS", "GCJ-", "OSM", "OpenStreetMap", "GIS", "ODbL", "MIT",
    "frykit", "data", "geo-maps", "earth-lands-", "Amap",
}  # fmt: skip
"""Standards, coordinate systems, licences and the names of sources."""
FORMATS = {
    "PNG", "SVG", "PDF", "CSV", "GeoJSON", "GPKG", "GeoPackage", "GeoTIFF", "Shapefile",
    "FlatGeobuf", "KML", "XLSX", "Excel", "Word", "PowerPoint", "HTML", "ZIP",
    "csv", "txt", "xlsx", "json", "parquet", "zip", "osm", "pbf", "land", "m.tif",
    "bsh-geo", "serve", "project",
}  # fmt: skip
"""Formats, names of files, and what is typed at a terminal."""
VISIBLE = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), parent = walker.currentNode.parentElement;
    if (!text || !parent || parent.closest("style, script, noscript, svg, code")) continue;
    if (parent.closest("[data-testid=stIconMaterial]")) continue;
    if (parent.closest("details:not([open]) > :not(summary)")) continue;
    const style = getComputedStyle(parent), box = parent.getBoundingClientRect();
    if (style.visibility === "hidden" || !parseFloat(style.fontSize)) continue;
    if (box.width > 1 && box.height > 1 && parent.checkVisibility()) found.push(text);
  }
  for (const one of document.querySelectorAll("input, textarea")) {
    const colour = getComputedStyle(one, "::placeholder").color;
    if (one.placeholder && !/, 0\\)$/.test(colour)) found.push(one.placeholder);
  }
  return found;
}"""
"""Every text of the page that can be seen, with the hints of empty fields."""


@pytest.mark.parametrize(
    "path",
    [
        *("?layer=air_quality", "?layer=park_coverage", "?layer=land_cover", "progress"),
        *("compare", "parks", "land", "sitecheck", "briefing", "import"),
    ],
)
def test_the_chinese_pages_show_no_english_of_the_library(server, session, path):
    page = session.page
    page.goto(f"{server}/{path}")
    page.locator(".bsh-brand").wait_for()
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    )
    page.wait_for_timeout(300)
    texts = page.evaluate(VISIBLE)
    assert len(texts) > 12
    links = re.compile(r"\S+\.(cn|com|net|cc)\b")
    words = {word for text in texts for word in LATIN.findall(links.sub("", text))}
    assert words - NAMES - FORMATS - {"Language"} == set()


def test_the_search_of_a_list_that_finds_nothing_says_so_in_chinese(server, session):
    session.open(server)
    page = session.page
    page.locator('[data-testid="stMultiSelect"] input').fill("zzz")
    page.locator('[role="listbox"][data-empty="true"]').wait_for()
    said = page.evaluate(
        "(() => { const one = document.querySelector('[role=listbox][data-empty=true] span');"
        " return [getComputedStyle(one).fontSize, getComputedStyle(one, '::after').content]; })()"
    )
    assert said == ["0px", '"没有相符的选项"']


def test_a_lost_connection_is_told_in_chinese(session):
    child, url = serve()
    page = session.page
    page.goto(f"{url}/progress")
    page.locator(".bsh-cell").first.wait_for()
    child.terminate()
    child.wait(20)
    dialog = page.locator('section[role="dialog"]')
    dialog.wait_for(timeout=40_000)
    said = page.evaluate(
        "Array.from(document.querySelectorAll('section[role=dialog] > h2, section[role=dialog] >"
        " div')).map((one) => getComputedStyle(one, '::after').content)"
    )
    assert said[0] == '"没有这个页面，或与服务器的通讯中断"'
    assert said[1].startswith('"通讯中断时页面暂不更新，会自动重连')
