"""A command in, a running app and a browser page on it out: what dashboard.py drives and reads."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Frame, Page, WebSocket

ROOT = Path(__file__).resolve().parents[1]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WINDOW = {"width": 1440, "height": 900}
OWN = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
LIMIT = 60.0
"""Seconds after which something that does not come is an error."""


@dataclass(frozen=True)
class App:
    """How an app is started and when it is there.

    ``first_paint`` is a selector of its title, ``first_map`` a JavaScript condition inside the
    frame of its map.
    """

    name: str
    command: tuple[str, ...]
    first_paint: str
    first_map: str


@dataclass(frozen=True)
class Running:
    """A started server: its address, process, and when it was started (perf_counter)."""

    url: str
    pid: int
    started: float


def chromium() -> str:
    """The browser that run.py would test with: BSH_CHROMIUM, else one that is found."""
    sys.path.insert(0, str(ROOT))
    import run

    found = run.find_browser(os.environ, Path.home())
    if found is None:
        sys.exit(
            "没有找到 Chromium，请用 BSH_CHROMIUM 指定。 / No Chromium found: set BSH_CHROMIUM."
        )
    return str(found)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(app: App) -> Iterator[Running]:
    """The app, started anew, until it answers; ended with all its processes."""
    port = _free_port()
    command = [sys.executable, *(part.format(port=port) for part in app.command)]
    environment = {name: text for name, text in os.environ.items() if name != "BSH_PROJECT"}
    started = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(f"{url}/_stcore/health", child)
        yield Running(url, child.pid, started)
    finally:
        # The server is a child of the process that we started: both are of one group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        child.wait(20)


def _wait_until_it_answers(url: str, child: subprocess.Popen[bytes]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.perf_counter() + LIMIT
    while time.perf_counter() < until and child.poll() is None:
        try:
            opener.open(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.03)
    raise RuntimeError("the server did not answer")


def memory(pid: int) -> int | None:
    """Resident bytes of a process and its descendants; None where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return None
    line = next((one for one in status.read_text().splitlines() if one.startswith("VmRSS")), "")
    if not line:
        return 0  # a process that has just ended
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(line.split()[1]) * 1024 + sum(memory(int(child)) or 0 for child in children)


class Session:
    """A page in a fresh browser context (nothing cached), and what it exchanged."""

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(viewport=WINDOW)  # type: ignore[arg-type]
        self.page: Page = self._context.new_page()
        self.outside: list[str] = []
        self.socket_bytes = 0
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", self._listen)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def _note(self, url: str) -> None:
        if not url.startswith(OWN):
            self.outside.append(url)

    def _listen(self, socket: WebSocket) -> None:
        self._note(socket.url)
        socket.on("framereceived", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.socket_bytes += len(payload)

    def shown(self, condition: str) -> Frame:
        """The map's frame as soon as the JavaScript ``condition`` holds in it.

        Looked for anew each time: the peer's frame is replaced at every switch.
        """
        until = time.perf_counter() + LIMIT
        while time.perf_counter() < until:
            for frame in self.page.frames:
                if "st_folium" in frame.url and _holds(frame, condition):
                    return frame
            self.page.wait_for_timeout(10)
        raise RuntimeError(f"the map never came to: {condition}")

    def settle(self) -> None:
        """Wait until the server has said nothing for a while: reruns that a switch set off end."""
        before = -1
        while self.socket_bytes != before:
            before = self.socket_bytes
            self.page.wait_for_timeout(400)

    def unfold(self, label: str, option: str) -> None:
        """Open a select box and type the option, so that one click is left to choose it."""
        box = self.page.locator('[data-testid="stSelectbox"]').filter(has_text=label)
        box.get_by_role("combobox").click()
        box.get_by_role("combobox").fill(option)
        self.page.get_by_role("option", name=option).first.wait_for()

    def click_option(self, option: str) -> None:
        """Choose an option of the unfolded select box."""
        self.page.get_by_role("option", name=option).first.click()

    def click_layer(self, title: str) -> None:
        """Choose a layer."""
        self.page.locator('[data-testid="stRadio"]').get_by_text(title, exact=True).click()

    def click_map(self, frame: Frame, lat: float, lon: float) -> None:
        """Click a place of the map."""
        x, y = frame.evaluate(
            "place => { const p = map.latLngToContainerPoint(place); return [p.x, p.y]; }",
            [lat, lon],
        )
        box = self.page.locator('iframe[title*="st_folium"]').bounding_box()
        assert box is not None, "the map is on the page"
        self.page.mouse.click(box["x"] + x, box["y"] + y)


def _holds(frame: Frame, condition: str) -> bool:
    try:
        return bool(frame.evaluate(f"(() => {{ try {{ return {condition} }} catch {{}} }})()"))
    except Error:  # the frame went away while we asked
        return False
