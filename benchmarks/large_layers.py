"""Large own layers in a real browser: a red line of 200,000 vertices and 100,000 points.

Run it from anywhere: ``python benchmarks/large_layers.py [--runs 3]``. It ends with 1 when a
request left the machine or a view of points took more than 200 KB; no time makes it fail.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from browsing import FLAGS, LIMIT, App, Session, chromium, memory, running
from own_data import points_csv, redline_geojson
from playwright.sync_api import Browser, Frame, Response, sync_playwright
from report import Timing, options, print_machine, print_table, ratio, seconds_of, size

from bsh_geo import intake, own_import, project_folder
from bsh_geo.own_import import Options

POINTS, VERTICES = 100_000, 200_000
VIEW_LIMIT = 200_000
"""Bytes that a view of points may fetch."""

PEER = App(
    "peer",
    (
        *("-m", "streamlit", "run", "benchmarks/peer_large.py", "--server.port={port}"),
        *("--server.address=127.0.0.1", "--server.headless=true", "--logger.level=warning"),
        *("--browser.gatherUsageStats=false", "--server.maxMessageSize=500"),
    ),
    "h1",
    "map.getSize().y > 50",
)
SHOWN = "bsh.group.getLayers().find(one => one.bshShown)"
COUNTED = f"[{SHOWN}.bshShown.all, {SHOWN}.bshShown.marks]"
DRAWN = "(() => { let n = 0; map.eachLayer(one => { n += one.feature ? 1 : 0 }); return n })()"
Record = dict[str, list[float]]


def ours(folder: Path) -> App:
    """Our app on the project of the large layers."""
    command = ("-m", "bsh_geo", "serve", "--no-browser", "--port", "{port}")
    project = ("--project", str(folder))
    return App("ours", (*command, *project), ".bsh-brand", "bsh.view && !bsh.pending")


def imported(folder: Path, files: Path, record: Record) -> None:
    """Both files, imported into a new project folder."""
    project_folder.init(folder)
    line, points = redline_geojson(VERTICES), points_csv(POINTS)
    (files / "redline.geojson").write_bytes(line)
    (files / "points.csv").write_bytes(points)
    mapped = Options(quality="official", crs="EPSG:4490", id="outlets", title="排口")
    replaced = Options(quality="official", mode="replace")

    def bring(kind: str, name: str, data: bytes, said: Options) -> None:
        given = own_import.preview(intake.target_project(folder), kind, name, data, said)
        own_import.confirm(folder, given)

    for name, kind, data, said in (
        ("red line: imported", "redline", line, replaced),
        ("points: imported", "areas", points, mapped),
    ):
        suffix = "geojson" if kind == "redline" else "csv"
        record[name].append(seconds_of(lambda: bring(kind, f"x.{suffix}", data, said)))  # noqa: B023


def timed(record: Record, session: Session, name: str, label: str, until: str) -> Frame:
    """A click on a layer until the map holds it, and what came over the socket."""
    before = session.socket_bytes
    start = time.perf_counter()
    session.click_layer(label)
    frame = session.shown(until)
    record[name].append(time.perf_counter() - start)
    session.settle()
    record[f"{name}: socket"].append(session.socket_bytes - before)
    return frame


def measure_ours(browser: Browser, folder: Path, record: Record) -> list[str]:
    """Both layers for the first time and again, then points from the city to a street."""
    with running(ours(folder)) as server, Session(browser) as session:
        fetched: list[Response] = []
        session.page.on("response", lambda one: fetched.append(one) if "mapdata" in one.url else 0)
        session.page.goto(server.url, wait_until="commit")
        session.shown("bsh.view && !bsh.pending")
        session.settle()
        for turn in ("first time", "seen before"):
            line = "bsh.view.layer === 'ecological_red_line'"
            timed(record, session, f"red line: shown, {turn}", "生态保护红线", line)
            shown = f"bsh.view.layer === 'outlets' && {SHOWN}"
            frame = timed(record, session, f"points: shown, {turn}", "排口", shown)
        for zoom in (9, 10, 11, 12, 13, 14, 15, 16):
            session.page.wait_for_load_state("networkidle")
            fetched.clear()
            start = time.perf_counter()
            frame.evaluate(f"bsh.map.setView([31.22, 121.45], {zoom}, {{animate: false}})")
            session.page.wait_for_load_state("networkidle")
            # Playwright calls the network idle after half a second without a request.
            record["points: a view"].append(max(0.0, time.perf_counter() - start - 0.5))
            total = sum(one.request.sizes()["responseBodySize"] for one in fetched)
            record["points: bytes of a view"].append(total)
        record["memory"].append(memory(server.pid) or 0)
        return session.outside


def measure_peer(browser: Browser, record: Record) -> None:
    """The same layers on the peer's page, opened anew for each: it keeps no map."""
    with running(PEER) as server:
        for name, label, count in (("red line", "红线", 40), ("points", "点位", POINTS)):
            for turn in ("first time", "seen before"):
                with Session(browser) as session:
                    session.page.goto(server.url, wait_until="commit")
                    session.shown(PEER.first_map)
                    session.settle()
                    until = f"{DRAWN} >= {count}"
                    try:
                        timed(record, session, f"{name}: shown, {turn}", label, until)
                    except RuntimeError:
                        record[f"{name}: shown, {turn}"].append(LIMIT)
        record["memory"].append(memory(server.pid) or 0)


def row(name: str, target: str, mine: Record, peer: Record, of_bytes: bool = False) -> list[str]:
    """A line of the table: the largest count of bytes, or the times."""
    here, there = mine[name], peer[name]
    texts = [_text(one, of_bytes) for one in (here, there)]
    if not here or not there:
        return [name, target, *texts, "—"]
    middle = max if of_bytes else statistics.median
    return [name, target, *texts, ratio(middle(here), middle(there))]


def _text(found: list[float], of_bytes: bool) -> str:
    if not found:
        return "—"
    if of_bytes:
        return size(max(found))
    return "nothing in 60 s" if min(found) >= LIMIT else str(Timing(tuple(found)))


def main() -> int:
    """Measure and print."""
    arguments = options("Large own layers in a real browser.", 3).parse_args()
    print_machine("streamlit", "streamlit-folium", "folium", "geopandas", "playwright")
    mine: Record = defaultdict(list)
    peer: Record = defaultdict(list)
    outside: list[str] = []
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        os.environ["BSH_PEER_DATA"] = place
        for run in range(arguments.runs):
            os.environ["BSH_CACHE"] = f"{place}/cache-{run}"
            imported(Path(place) / f"project-{run}", Path(place), mine)
            outside += measure_ours(browser, Path(place) / f"project-{run}", mine)
            measure_peer(browser, peer)
        browser.close()
    told = [
        row("red line: imported", "≤ 3 s", mine, peer),
        row("red line: shown, first time", "≤ 2 s", mine, peer),
        row("red line: shown, seen before", "—", mine, peer),
        row("points: imported", "—", mine, peer),
        row("points: shown, first time", "—", mine, peer),
        row("points: shown, seen before", "—", mine, peer),
        row("points: a view", "—", mine, peer),
        row("points: bytes of a view", "≤ 200 KB", mine, peer, True),
        row("red line: shown, first time: socket", "—", mine, peer, True),
        row("points: shown, first time: socket", "—", mine, peer, True),
        row("memory", "≤ 700 MB", mine, peer, True),
    ]
    heads = ["figure", "target", "ours: median (min – max)", "plain folium GeoJson", "ours / peer"]
    print_table("Large layers", heads, told)
    for url in outside:
        print(f"outbound: {url}")
    return 1 if outside or max(mine["points: bytes of a view"]) > VIEW_LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
