"""Own layers that are large, in a real browser: what the map then holds, says and fetches."""

from __future__ import annotations

import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from playwright.sync_api import Frame, Response
from test_browser import CHROMIUM, Session, serve, session

from bsh_geo import intake, own_import, project_folder
from bsh_geo.own_import import Options

__all__ = ["session"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium found; python run.py test looks for one"),
]

POINTS = 100_000
SHOWN = (
    "(() => { let found = null; bsh.group.eachLayer(one => { if (one.bshShown) found ="
    " one.bshShown; }); return found; })()"
)
"""How many features the marks in view stand for, and the marks."""


def points_csv() -> bytes:
    """Outlets in the middle of the city, the last one alone in the sea in the east."""
    draw = np.random.default_rng(1)
    made = io.StringIO()
    made.write("编号,名称,经度,纬度\n")
    x, y = draw.uniform(121.3, 121.6, POINTS - 1), draw.uniform(31.1, 31.35, POINTS - 1)
    made.writelines(
        f"P{at},排口{at},{a:.6f},{b:.6f}\n" for at, (a, b) in enumerate(zip(x, y, strict=True))
    )
    made.write("P-east,东滩排口,121.85,31.50\n")
    return made.getvalue().encode()


def redline_geojson() -> bytes:
    """Forty areas with 5,000 corners each."""
    turn = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    radius = 0.008 * (1 + 0.05 * np.sin(turn * 97))
    ring = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
    features = [
        {
            "type": "Feature",
            "properties": {"编号": f"r{at}", "名称": f"斑块{at}", "类型": "水源涵养"},
            "geometry": json.loads(
                shapely.to_geojson(
                    shapely.Polygon(
                        np.add(ring, [121.0 + 0.02 * (at % 8), 30.95 + 0.02 * (at // 8)])
                    )
                )
            ),
        }
        for at in range(40)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture(scope="module")
def large_server(tmp_path_factory) -> Iterator[str]:
    """A project with a red line of 200,000 vertices and 100,000 outlets of its own."""
    root: Path = tmp_path_factory.mktemp("large")
    patch = pytest.MonkeyPatch()
    patch.setenv("BSH_CACHE", str(root / "cache"))
    folder = root / "project"
    project_folder.init(folder)
    for kind, name, data, options in (
        ("redline", "红线.geojson", redline_geojson(), Options(quality="official", mode="replace")),
        (
            "areas",
            "排口.csv",
            points_csv(),
            Options(quality="official", crs="EPSG:4490", id="outlets", title="排口"),
        ),
    ):
        own_import.confirm(
            folder, own_import.preview(intake.target_project(folder), kind, name, data, options)
        )
    child: subprocess.Popen[bytes]
    child, url = serve("--project", str(folder))
    patch.undo()
    yield url
    child.terminate()
    child.wait(20)


class Fetched:
    """The bytes that the map's own route answered with."""

    def __init__(self, opened: Session) -> None:
        self.answers: list[Response] = []
        opened.page.on(
            "response",
            lambda answer: self.answers.append(answer) if "/mapdata/" in answer.url else None,
        )

    def bytes(self) -> int:
        """Of the bodies as they travelled, since it was asked last."""
        done, self.answers = self.answers, []
        return sum(answer.request.sizes()["responseBodySize"] for answer in done)


def look(opened: Session, frame: Frame, lat: float, lon: float, zoom: float) -> dict[str, int]:
    """Go to a place and wait until every tile of the view is drawn."""
    frame.evaluate(f"bsh.map.setView([{lat}, {lon}], {zoom}, {{animate: false}})")
    opened.page.wait_for_load_state("networkidle")
    opened.until(frame, SHOWN)
    opened.page.wait_for_timeout(300)
    return frame.evaluate(SHOWN)


def point_at(opened: Session, frame: Frame, lat: float, lon: float) -> None:
    """Move the mouse over a place of the map."""
    x, y = frame.evaluate(
        f"(() => {{ const p = bsh.map.latLngToContainerPoint([{lat}, {lon}]);"
        " return [p.x, p.y]; })()"
    )
    box = opened.page.locator('iframe[title*="st_folium"]').bounding_box()
    assert box is not None
    opened.page.mouse.move(box["x"] + x - 3, box["y"] + y)
    opened.page.mouse.move(box["x"] + x, box["y"] + y)


def test_100_000_points_are_counted_honestly_and_take_at_most_200_kb_a_view(
    large_server, session
) -> None:
    fetched = Fetched(session)
    frame = session.open(f"{large_server}/?layer=outlets")
    session.until(frame, SHOWN)
    whole = look(session, frame, 31.25, 121.5, 9)
    assert whole["all"] == POINTS
    assert whole["marks"] < 1000
    note = frame.locator(".bsh-note").inner_text()
    assert f"100,000 个点合并为 {whole['marks']:,} 处" in note
    fetched.bytes()
    for zoom in (10, 11, 12, 13, 14, 15, 16):
        look(session, frame, 31.22, 121.45, zoom)
        assert fetched.bytes() <= 200_000, zoom
    near = frame.evaluate(SHOWN)
    assert near["all"] == near["marks"] > 0
    assert frame.locator(".bsh-note").count() == 0


def test_a_point_of_a_large_layer_shows_its_facts_and_lets_a_click_through(
    large_server, session
) -> None:
    frame = session.open(f"{large_server}/?layer=outlets")
    session.until(frame, SHOWN)
    assert look(session, frame, 31.5, 121.85, 15)["all"] == 1
    point_at(session, frame, 31.5, 121.85)
    card = frame.locator(".bsh-card-over")
    card.wait_for()
    assert "东滩排口" in card.inner_text()
    assert frame.evaluate("bsh.over.id") == "P-east"
    point_at(session, frame, 31.505, 121.86)
    card.wait_for(state="detached")
    look(session, frame, 31.63, 121.5, 11)
    session.click_map(frame, 31.63, 121.5)
    session.until(frame, "bsh.view.area === '310151'")


def test_a_mark_for_many_points_says_how_many(large_server, session) -> None:
    frame = session.open(f"{large_server}/?layer=outlets")
    session.until(frame, SHOWN)
    look(session, frame, 31.22, 121.45, 10)
    # Marks stand 16 pixels apart at most: one of these places has one.
    card = frame.locator(".bsh-card-over")
    for step in range(40):
        point_at(session, frame, 31.22 + 0.001 * step, 121.45)
        session.page.wait_for_timeout(50)
        if card.count():
            break
    many = frame.evaluate("document.querySelector('.bsh-card-over').innerText")
    assert re.fullmatch(r"此处 [\d,]+ 个点，放大后逐一显示", many.strip())


def test_switching_from_a_large_layer_and_back_keeps_frame_and_view(large_server, session) -> None:
    frame = session.open(f"{large_server}/?layer=outlets")
    session.until(frame, SHOWN)
    look(session, frame, 31.22, 121.45, 12)
    frame.evaluate("window.same = true")
    for layer, title in (("wetlands", "湿地"), ("outlets", "排口")):
        radio = session.page.locator('[data-testid="stRadio"]')
        radio.get_by_text(title, exact=True).click()
        session.until(frame, f"bsh.view.layer === '{layer}'")
    session.until(frame, SHOWN)
    assert frame.evaluate("[window.same, bsh.map.getZoom()]") == [True, 12]


def test_a_red_line_of_200_000_vertices_is_drawn_and_said_to_be_simplified(
    large_server, session
) -> None:
    fetched = Fetched(session)
    frame = session.open(f"{large_server}/?layer=ecological_red_line")
    names = frame.evaluate(
        "(() => { const found = []; bsh.group.eachLayer(one => { if (one.bshPart === 'patches')"
        " one.eachLayer(area => found.push(area.feature.properties.name)); }); return found; })()"
    )
    assert sorted(names) == sorted(f"斑块{at}" for at in range(40))
    assert "已概化" in frame.locator(".bsh-note").inner_text()
    assert fetched.bytes() < 1_000_000
    frame.evaluate("bsh.map.setView([30.95, 121.0], 13, {animate: false})")
    session.page.wait_for_timeout(300)
    # The canvas really has the colour of the part in the middle of the first area.
    colour = frame.evaluate(
        "(() => { const canvas = bsh.map.getPane('bsh-areas').querySelector('canvas');"
        " const at = bsh.map.latLngToContainerPoint([30.95, 121.0]), box = canvas"
        ".getBoundingClientRect(), scale = canvas.width / box.width; return Array.from(canvas"
        ".getContext('2d').getImageData((at.x - box.x) * scale, (at.y - box.y) * scale, 1, 1)"
        ".data); })()"
    )
    assert colour[3] > 0
    point_at(session, frame, 30.95, 121.0)
    card = frame.locator(".bsh-card-over")
    card.wait_for()
    assert "斑块0" in card.inner_text()
