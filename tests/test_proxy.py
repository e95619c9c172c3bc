"""The shipped proxy settings before the real server: who gets a session, and what pages may do.

Where nginx, openssl or a Chromium is missing, what needs it is left out and says so; the text of
the settings is always tested by ``test_security``.
"""

from __future__ import annotations

import http.client
import json
import math
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, Request, Response

from bsh_geo import own_import, project_folder, server
from bsh_geo.intake import target_project

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = os.environ.get("BSH_CHROMIUM", "")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
OPENSSL = shutil.which("openssl")
LACKING = [name for name, path in (("nginx", NGINX), ("openssl", OPENSSL)) if not path]

needs_proxy = pytest.mark.skipif(
    bool(LACKING),
    reason=f"not installed here: {', '.join(LACKING)}; the text is tested all the same",
)
needs_browser = pytest.mark.skipif(not CHROMIUM, reason="no Chromium found")

PAGES = ("", "progress", "compare", "parks", "land", "sitecheck", "briefing", "import", "data")
POINTS = 21_000
"""Of an own layer: above 20,000 a map fetches vector tiles."""


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def points(rows: int) -> bytes:
    """A table of places on a grid over the city."""
    lines = [
        f"P{at},点位{at},{121.3 + at % 150 * 0.002:.4f},{31.1 + at // 150 * 0.0017:.4f}\n"
        for at in range(rows)
    ]
    return ("编号,名称,经度,纬度\n" + "".join(lines)).encode()


def wavy_areas(count: int, corners: int) -> bytes:
    """Areas beside each other, each with so many corners."""
    turns = [2 * math.pi * at / corners for at in range(corners)]
    features = []
    for number in range(count):
        ring = [
            [121.2 + 0.02 * number + 0.008 * math.cos(one), 31.1 + 0.008 * math.sin(one)]
            for one in turns
        ]
        shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        told = {"编号": f"r{number}", "名称": f"斑块{number}", "类型": "水源涵养"}
        features.append({"type": "Feature", "properties": told, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


# Servers -----------------------------------------------------------------------------------------


def answers(port: int, child: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens at a port."""
    for _ in range(600):
        assert child.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer in 60 s")


def serve(project: Path, **variables: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start ``bsh-geo serve`` and wait until it answers."""
    port = free_port()
    environment = {key: text for key, text in os.environ.items() if key != server.HOSTS}
    command = [sys.executable, "-m", "bsh_geo", "serve", "--no-browser", "--port", str(port)]
    child = subprocess.Popen(
        [*command, "--project", str(project)], cwd=ROOT, env={**environment, **variables}
    )
    answers(port, child)
    return child, port


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server without a proxy, as ``bsh-geo serve`` starts it."""
    root = tmp_path_factory.mktemp("alone") / "project"
    project_folder.init(root)
    child, port = serve(root)
    yield port
    child.terminate()
    child.wait(20)


def settings(folder: Path, dashboard: int, api: int) -> tuple[Path, int]:
    """``docs/nginx.conf`` as it stands, but for ports, names and certificates of this machine."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    assert OPENSSL
    subprocess.run(
        [*(OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"),
         *("/CN=localhost", "-keyout", str(key), "-out", str(certificate))],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    text = (ROOT / "docs" / "nginx.conf").read_text("utf-8")
    plain, secure = free_port(), free_port()
    for old, new in (
        ("/etc/ssl/geo.bureau.example.pem", str(certificate)),
        ("/etc/ssl/private/geo.bureau.example.key", str(key)),
        ("geo.bureau.example", "localhost"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("127.0.0.1:8501", f"127.0.0.1:{dashboard}"),
        ("127.0.0.1:8700", f"127.0.0.1:{api}"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    temporary = "".join(
        f"{one}_temp_path {folder}/{one};\n"
        for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log warn;\ndaemon off;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{text}\n}}\n",
        encoding="utf-8",
    )
    return path, secure


@dataclass(frozen=True)
class Site:
    """What a browser sees: its address behind the proxy, and the file of the proxy's complaints."""

    url: str
    port: int
    complaints: Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The dashboard with a large layer of its own, behind nginx."""
    folder = tmp_path_factory.mktemp("proxy")
    project = folder / "project"
    project_folder.init(project)
    said = own_import.Options(crs="EPSG:4490", quality="open", id="outlets", title="排口")
    given = own_import.preview(target_project(project), "areas", "a.csv", points(POINTS), said)
    own_import.confirm(project, given)
    cache = str(folder / "cache")
    child, port = serve(project, BSH_CACHE=cache, **{server.HOSTS: "localhost"})
    path, secure = settings(folder, port, free_port())
    assert NGINX
    proxy = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(path)])
    answers(secure, proxy)
    yield Site(f"https://localhost:{secure}", secure, folder / "error.log")
    for one in (proxy, child):
        one.terminate()
        one.wait(20)


# Who gets a session ------------------------------------------------------------------------------


def handshake(port: int, host: str, origin: str, secure: bool = False) -> int:
    """The status of an answer to a browser that asks for the session's connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = (
        http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
        if secure
        else http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    )
    heads = {
        "Host": host,
        "Origin": origin,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    try:
        connection.request("GET", "/_stcore/stream", headers=heads)
        with connection.getresponse() as answer:
            return answer.status
    finally:
        connection.close()


def test_a_session_opens_for_the_names_of_this_machine_alone(alone: int) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]"):
        assert handshake(alone, f"{name}:{alone}", f"http://{name}:{alone}") == 101
    # A name of another site that was made to lead here.
    assert handshake(alone, "evil.example", "http://evil.example") == 403
    assert handshake(alone, f"evil.example:{alone}", f"http://evil.example:{alone}") == 403


def test_a_page_of_another_site_gets_no_session(alone: int) -> None:
    assert handshake(alone, f"127.0.0.1:{alone}", "https://evil.example") == 403
    assert handshake(alone, f"127.0.0.1:{alone}", "null") == 403


def test_an_upload_without_the_session_s_token_is_refused(alone: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", alone, timeout=20)
    try:
        connection.request("PUT", "/_stcore/upload_file/a/b", body=b"x")
        with connection.getresponse() as answer:
            assert answer.status == 403
    finally:
        connection.close()


def test_names_that_are_said_to_be_served_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(server.HOSTS, raising=False)
    assert server._environment("127.0.0.1", None)[server.HOSTS] == "127.0.0.1 localhost ::1"
    assert server.HOSTS not in server._environment("0.0.0.0", None)
    monkeypatch.setenv(server.HOSTS, "geo.bureau.example")
    assert server._environment("127.0.0.1", None)[server.HOSTS] == "geo.bureau.example"


# The proxy ---------------------------------------------------------------------------------------


@needs_proxy
def test_nginx_takes_the_settings_as_they_are(tmp_path: Path) -> None:
    path, _ = settings(tmp_path, 8501, 8700)
    assert NGINX
    told = subprocess.run(
        [NGINX, "-t", "-p", str(tmp_path), "-c", str(path)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "[warn]" not in told.stderr


@needs_proxy
def test_behind_the_proxy_a_session_opens_for_its_name_alone(site: Site) -> None:
    own = f"localhost:{site.port}"
    assert handshake(site.port, own, f"https://{own}", secure=True) == 101
    assert handshake(site.port, own, "https://evil.example", secure=True) == 403
    assert handshake(site.port, "evil.example", "https://evil.example", secure=True) == 403


# In a browser ------------------------------------------------------------------------------------

LISTEN = """
addEventListener("securitypolicyviolation", (event) => console.error(
  "VIOLATION", event.effectiveDirective, event.blockedURI, event.sourceFile));
"""


class Watched:
    """A page behind the proxy, and all that its policy forbade or that failed."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        self.faults: list[str] = []
        self.tiles = 0
        page.add_init_script(LISTEN)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if "VIOLATION" in message.text or "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.site.url, "data:")):
            self.faults.append(f"another host: {request.url}")

    def _response(self, response: Response) -> None:
        self.tiles += bool(re.search(r"/mapdata/\w+/\d+/\d+/\d+$", response.url) and response.ok)
        # Of each page Streamlit asks first below the page's own address whether it is served there.
        if response.status >= 400 and "/_stcore/" not in response.url:
            self.faults.append(f"{response.status} {response.url}")

    def open(self, path: str) -> None:
        """Go to a page and wait until it has run."""
        self.page.goto(f"{self.site.url}/{path}")
        self.page.locator(".bsh-brand").first.wait_for(timeout=60_000)
        self.settled()

    def settled(self) -> None:
        """Wait until the page's script no longer runs."""
        self.page.wait_for_timeout(1_000)
        running = "[data-testid='stStatusWidget']"
        self.page.wait_for_function(f'!document.querySelector("{running}")', timeout=90_000)

    def map(self) -> Frame:
        """The frame of the map, once it shows a view."""
        frames = self.page.frame_locator('iframe[title*="st_folium"]')
        frames.locator(".bsh-legend").wait_for(timeout=60_000)
        found = next(one for one in self.page.frames if "st_folium" in one.url)
        found.wait_for_function("bsh.area && !bsh.pending", timeout=30_000)
        return found


@pytest.fixture
def watched(site: Site) -> Iterator[Watched]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, ignore_https_errors=True
        )
        found = Watched(context.new_page(), site)
        yield found
        browser.close()
    assert found.faults == []
    assert "limiting requests" not in site.complaints.read_text("utf-8")


@needs_proxy
@needs_browser
@pytest.mark.browser
def test_every_page_runs_within_the_policy(watched: Watched) -> None:
    told = re.findall(r'url_path="(\w+)"', (ROOT / "app.py").read_text("utf-8"))
    assert {*PAGES, "map"} == {*told, ""}
    for path in PAGES:
        watched.open(path)
        assert watched.page.locator(".bsh-fault").count() == 0, path
        if path in ("", "parks", "sitecheck"):
            drawn = watched.map().evaluate("document.querySelectorAll('path, canvas').length")
            assert drawn > 0, path
    cookies = watched.page.context.cookies()
    assert cookies
    assert [one["name"] for one in cookies if not one["secure"]] == []


@needs_proxy
@needs_browser
@pytest.mark.browser
def test_a_large_layer_is_browsed_and_a_picture_made(watched: Watched) -> None:
    watched.open("?layer=outlets")
    frame = watched.map()
    for zoom in (12, 13, 14, 15):
        frame.evaluate(f"bsh.map.setView([31.2, 121.45], {zoom}, {{animate: false}})")
        watched.page.wait_for_timeout(500)
    watched.page.wait_for_timeout(2_000)
    assert watched.tiles > 20
    assert frame.evaluate("document.querySelectorAll('canvas').length") > 0
    with watched.page.expect_download(timeout=90_000) as download:
        watched.page.get_by_role("button", name="导出图片 PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


@needs_proxy
@needs_browser
@pytest.mark.browser
def test_a_file_of_megabytes_comes_through_and_is_previewed(
    watched: Watched, tmp_path: Path
) -> None:
    path = tmp_path / "红线.geojson"
    path.write_bytes(wavy_areas(12, 4_000))
    assert path.stat().st_size > 1 << 20
    watched.open("import")
    watched.page.locator('[data-testid="stRadio"]').get_by_text("生态红线").click()
    watched.settled()
    watched.page.locator('input[type="file"]').first.set_input_files(path)
    watched.page.get_by_text("共读到 12 行").wait_for(timeout=60_000)
    watched.map()


@needs_proxy
@needs_browser
@pytest.mark.browser
def test_a_script_that_got_into_a_page_is_not_run_and_is_seen_here(watched: Watched) -> None:
    watched.open("data")
    watched.page.evaluate(
        "() => { const one = document.createElement('script');"
        " one.textContent = 'window.hacked = 1'; document.body.append(one); }"
    )
    watched.page.wait_for_timeout(300)
    assert watched.page.evaluate("window.hacked") is None
    assert any("script-src" in one for one in watched.faults)
    watched.faults.clear()
