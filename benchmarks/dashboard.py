"""The dashboard and its peer in a real browser: starts, switches, bytes, memory, requests.

Run it from anywhere: ``python benchmarks/dashboard.py [--runs 5]``. It ends with 1 when a request
left the machine or a switch of ours lost the view; no time makes it fail.
"""

from __future__ import annotations

import gzip
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from browsing import FLAGS, App, Running, Session, chromium, memory, running
from playwright.sync_api import Browser, Frame, sync_playwright
from report import Timing, options, print_machine, print_table, ratio, size


def peer_shows(period: str) -> str:
    """The condition that the peer's map holds 16 districts of the period."""
    return (
        "(() => { let n = 0; map.eachLayer(one => { if (one.feature &&"
        f" one.feature.properties.period === '{period}') n += 1; }});"
        " return n === 16 && map.getSize().y > 50; })()"
    )


OURS = App(
    "ours",
    ("-m", "bsh_geo", "serve", "--no-browser", "--port", "{port}"),
    ".bsh-brand",
    "bsh.view && !bsh.pending",
)
PEER = App(
    "peer",
    (
        "-m",
        "streamlit",
        "run",
        "benchmarks/peer_app.py",
        "--server.port={port}",
        "--server.address=127.0.0.1",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        "--logger.level=warning",
    ),
    "h1",
    peer_shows("2025"),
)
LAYERS = {
    "beautiful_bays": "美丽海湾",
    "wetlands": "湿地",
    "park_coverage": "公园覆盖",
    "ecological_red_line": "生态保护红线",
    "air_quality": "空气质量",
}
PERIODS = {
    "2024-08": "2024年8月",
    "2025-12": "2025年12月",
    "2025-08": "2025年8月",
    "2025-02": "2025年2月",
    "2025": "2025年",
}
METRICS = {
    "aqi_good_rate": "AQI优良率",
    "o3_8h_p90": "臭氧8小时第90百分位",
    "pm25": "PM2.5平均浓度",
}
PLACES = {"310151": (31.63, 121.5), "310116": (30.83, 121.23), "310120": (30.9, 121.6)}
"""A place inside each district where no station lies over it."""

NEW, SEEN = "first time", "seen before"
LOOK = "[map.getZoom(), map.getCenter().lat.toFixed(4), map.getCenter().lng.toFixed(4)].join()"
CLOSE_UP = "map.setView([31.2, 121.5], 10.5, {animate: false})"


@dataclass
class Record:
    """What was measured of one app, by the name of the figure."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    kept: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    outside: list[str] = field(default_factory=list)
    memory: int | None = None

    def timing(self, name: str) -> Timing | None:
        """The measurements of a figure, None where the app has no such thing."""
        return Timing(tuple(self.seconds[name])) if self.seconds[name] else None


@dataclass(frozen=True)
class Step:
    """One switch: what prepares it, the click, the condition that ends it."""

    name: str
    click: Callable[[], None]
    until: str
    prepare: Callable[[], object] = lambda: None
    moves: bool = False
    """Whether the view is meant to move, as it does to a chosen district."""


def cold_start(browser: Browser, app: App, record: Record) -> None:
    """From the start of the process to the title and to the map, with an open browser."""
    with running(app) as server, Session(browser) as session:
        session.page.goto(server.url, wait_until="commit")
        session.page.locator(app.first_paint).first.wait_for()
        record.seconds["cold start: title"].append(time.perf_counter() - server.started)
        session.shown(app.first_map)
        record.seconds["cold start: map"].append(time.perf_counter() - server.started)
        record.outside += session.outside


def first_map(browser: Browser, app: App, server: Running, record: Record) -> None:
    """From the navigation of a browser that has nothing cached to the map."""
    with Session(browser) as session:
        start = time.perf_counter()
        session.page.goto(server.url, wait_until="commit")
        session.shown(app.first_map)
        record.seconds["first map"].append(time.perf_counter() - start)
        session.settle()
        record.bytes["socket: first map"].append(session.socket_bytes)
        record.outside += session.outside


def take(session: Session, frame: Frame, step: Step, record: Record) -> Frame:
    """Do one switch, note its time and bytes and whether frame and view stayed; the frame after."""
    step.prepare()
    frame.evaluate("window.sameFrame = true")
    look, received = frame.evaluate(LOOK), session.socket_bytes
    start = time.perf_counter()
    step.click()
    frame = session.shown(step.until)
    record.seconds[step.name].append(time.perf_counter() - start)
    session.settle()
    record.bytes[f"socket: {step.name}"].append(session.socket_bytes - received)
    same = frame.evaluate("window.sameFrame === true")
    record.kept[step.name].append(same and (step.moves or frame.evaluate(LOOK) == look))
    return frame


def our_steps(session: Session, frame: Frame, runs: int) -> Iterator[Step]:
    """Layers, periods and metrics in turn: a round of views built anew, then the same again."""
    for turn in range(max(runs, 2)):
        kind = SEEN if turn else NEW
        for period, shown in PERIODS.items():
            name = f"period, {SEEN if period == '2025' else kind}"
            until = f"bsh.view.period === '{shown}'"
            yield _chosen(session, name, "时期", shown, until)
        for metric, title in METRICS.items():
            name = f"metric, {SEEN if metric == 'pm25' else kind}"
            until = f"bsh.view.title.includes('{title}')"
            yield _chosen(session, name, "指标", title, until)
        for layer, title in LAYERS.items():
            name = f"layer, {SEEN if layer == 'air_quality' else kind}"
            click = _bound(session.click_layer, title)
            yield Step(name, click, f"bsh.view.layer === '{layer}'")
        yield from _districts(session, frame, kind)


def _districts(session: Session, frame: Frame, kind: str) -> Iterator[Step]:
    """A click on a district from the whole city, and a second one that leads back."""
    for code, place in PLACES.items():
        click = _bound(session.click_map, frame, *place)
        whole = _bound(frame.evaluate, "map.fitBounds(bsh.view.bounds, {animate: false})")
        until = f"bsh.view.area === '{code}' && !bsh.pending"
        yield Step(f"district, {kind}", click, until, whole, moves=True)
        back = "bsh.view.area === 'city' && !bsh.pending"
        yield Step(f"district, {SEEN}", click, back, moves=True)
    frame.evaluate(CLOSE_UP)


def peer_steps(session: Session, runs: int) -> Iterator[Step]:
    """The same periods in the peer; its map is built anew each time."""
    for turn in range(max(runs, 2)):
        for period in PERIODS:
            name = f"period, {SEEN if turn or period == '2025' else NEW}"
            yield _chosen(session, name, "时期", period, peer_shows(period))


def _chosen(session: Session, name: str, label: str, option: str, until: str) -> Step:
    unfold = _bound(session.unfold, label, option)
    return Step(name, _bound(session.click_option, option), until, unfold)


def _bound(action: Callable[..., object], *arguments: object) -> Callable[[], None]:
    def call() -> None:
        action(*arguments)

    return call


def switches(browser: Browser, app: App, server: Running, record: Record, runs: int) -> None:
    """All switches of an app in one session, close up so that a lost view shows."""
    with Session(browser) as session:
        session.page.goto(server.url, wait_until="commit")
        frame = session.shown(app.first_map)
        session.settle()
        frame.evaluate(CLOSE_UP)
        session.settle()
        steps = our_steps(session, frame, runs) if app is OURS else peer_steps(session, runs)
        for step in steps:
            frame = take(session, frame, step, record)
        record.outside += session.outside
    record.memory = memory(server.pid)


def measured(runs: int) -> dict[str, Record]:
    """Everything, ours and the peer's in turn where the order could matter."""
    apps = {app.name: app for app in (OURS, PEER)}
    records = {name: Record() for name in apps}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for _ in range(runs):
            for name, app in apps.items():
                cold_start(browser, app, records[name])
        with running(OURS) as ours, running(PEER) as peer:
            servers = {"ours": ours, "peer": peer}
            for name, app in apps.items():
                first_map(browser, app, servers[name], Record())  # warms the server
            for _ in range(runs):
                for name, app in apps.items():
                    first_map(browser, app, servers[name], records[name])
            for name, app in apps.items():
                switches(browser, app, servers[name], records[name], runs)
        browser.close()
    return records


FIGURES = (
    ("cold start: title", "≤ 6 s"),
    ("cold start: map", "—"),
    ("first map", "≤ 2 s"),
    *(
        (f"{what}, {kind}", "≤ 0.7 s")
        for what in ("layer", "district", "period", "metric")
        for kind in (SEEN, NEW)
    ),
)


def print_times(ours: Record, peer: Record) -> None:
    """The times, the peer's beside them where it has the same."""
    rows = []
    for name, target in FIGURES:
        mine, theirs = ours.timing(name), peer.timing(name)
        if mine is None:
            continue
        compared = [str(theirs), ratio(mine.median, theirs.median)] if theirs else ["—", "—"]
        rows.append([name, target, str(mine), *compared])
    heads = ["figure", "target", "ours: median (min – max)", "peer", "ours / peer"]
    print_table("Times", heads, rows)


def print_facts(ours: Record, peer: Record) -> None:
    """Bytes on the socket, memory, requests, and whether the view was kept."""
    rows = []
    for name in ("socket: first map", f"socket: period, {SEEN}", f"socket: layer, {SEEN}"):
        mine, theirs = (_middle(record.bytes[name]) for record in (ours, peer))
        rows.append([name, "—", *_sizes(mine, theirs)])
    rows.append(["server memory at the end", "≤ 700 MB", *_sizes(ours.memory, peer.memory)])
    for what in ("layer", "district", "period", "metric"):
        texts = [_kept(record, what) for record in (ours, peer)]
        rows.append([f"view kept: {what}", "all", *texts, "—"])
    outside = [str(len(record.outside)) for record in (ours, peer)]
    rows.append(["outbound requests", "0", *outside, "—"])
    print_table("Bytes and facts", ["figure", "target", "ours", "peer", "ours / peer"], rows)


def _middle(counts: list[float]) -> float | None:
    return Timing(tuple(counts)).median if counts else None


def _sizes(mine: float | None, theirs: float | None) -> list[str]:
    texts = [size(one) if one else "—" for one in (mine, theirs)]
    return [*texts, ratio(mine, theirs) if mine and theirs else "—"]


def _kept(record: Record, what: str) -> str:
    found = [one for name, kept in record.kept.items() if name.startswith(what) for one in kept]
    return f"{sum(found)} of {len(found)}" if found else "—"


def print_payloads() -> None:
    """What a browser gets of each layer, straight from the renderer: sent and fetched."""
    from bsh_geo import catalogue, compose, folium_map
    from bsh_geo.deliveries import Parcel, Shelf
    from bsh_geo.project import open_project

    project, shelf = open_project(), Shelf()
    layers, _ = catalogue.load_layers(project)
    specs = {layer: compose.build(project, compose.Request(layer)) for layer in layers}
    ground = folium_map.base_parcel(next(iter(specs.values())), shelf)
    under = len(ground.packed)
    rows = [["script and ground, once", "", "—", "—", size(under), size(under)]]
    for layer, spec in specs.items():
        view = folium_map.delivered(spec, "city", "", shelf)
        fetched = sum(len(one.packed) for one in view.parcels if isinstance(one, Parcel))
        total = _gzipped(view.script) + fetched + under
        rows.append([layer, "≤ 400 KB", *_packed(view.script), size(fetched), size(total)])
    heads = ["payload", "target", "script", "script, gzip", "fetched, gzip", "all, gzip"]
    print_table("Map payload", heads, rows)


def _packed(text: str) -> tuple[str, str]:
    return size(len(text.encode())), size(_gzipped(text))


def _gzipped(text: str) -> int:
    return len(gzip.compress(text.encode()))


def main() -> int:
    """Measure and print."""
    # Ended by a time limit, the servers are to be ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = options("The dashboard and its peer in a real browser.").parse_args()
    print_machine("streamlit", "streamlit-folium", "folium", "geopandas", "playwright")
    records = measured(arguments.runs)
    ours, peer = records["ours"], records["peer"]
    print_times(ours, peer)
    print_facts(ours, peer)
    print_payloads()
    lost = [name for name, kept in ours.kept.items() if not all(kept)]
    for url in ours.outside:
        print(f"outbound: {url}")
    for name in lost:
        print(f"view lost: {name}")
    return 1 if ours.outside or lost else 0


if __name__ == "__main__":
    sys.exit(main())
