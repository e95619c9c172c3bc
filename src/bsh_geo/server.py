"""A port and an address in, the running dashboard out: Streamlit as a child process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import webbrowser
from pathlib import Path
from types import FrameType

from bsh_geo.errors import BshError
from bsh_geo.project import box_root, open_project

START_SECONDS = 60.0

OWN_NAMES = ("127.0.0.1", "localhost", "::1")
"""Names of this machine to itself. A server that listens here answers no other: a page of another
site, whose name was made to lead here, could else open a session (DNS rebinding)."""

HOSTS = "STREAMLIT_SERVER_ALLOWED_HOSTS"
"""Streamlit's own variable; behind a proxy it holds the name that the proxy serves."""


def _free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _command(port: int, address: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        f"--server.port={port}",
        f"--server.address={address}",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        "--logger.level=warning",
    ]


def _environment(address: str, project: str | None) -> dict[str, str]:
    found = {**os.environ, "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}
    if address in OWN_NAMES:
        found.setdefault(HOSTS, " ".join(OWN_NAMES))
    if project:
        found["BSH_PROJECT"] = str(Path(project).expanduser().resolve())
    return found


def run(port: int, address: str, project: str | None, browser: bool) -> None:
    """Serve until interrupted.

    Raises
    ------
    BshError
        The project folder is unusable, or the port is taken.
    """
    open_project(project)
    if not _free(address, port):
        raise BshError(
            f"端口 {port} 已被占用，请用 --port 换一个，例如 --port {port + 1}。",
            f"Port {port} is in use; choose another with --port, such as --port {port + 1}.",
        )
    environment = _environment(address, project)
    url = f"http://{'127.0.0.1' if address == '0.0.0.0' else address}:{port}"
    child = subprocess.Popen(_command(port, address), cwd=box_root(), env=environment)
    # A service manager ends us with SIGTERM: the child must end too, as it does with Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupted)
    threading.Thread(target=_announce, args=(url, browser, child), daemon=True).start()
    try:
        child.wait()
    except KeyboardInterrupt:
        child.terminate()
        child.wait(10)
    if child.returncode not in (0, None, -2, -15):
        raise BshError(
            f"仪表盘意外退出（代码 {child.returncode}），原因见上文。",
            f"The dashboard ended unexpectedly (code {child.returncode}); see above.",
        )


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _announce(url: str, browser: bool, child: subprocess.Popen[bytes]) -> None:
    """Print the address once the server answers, and open it."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        try:
            # Our own server on this machine: no proxy of the office may stand between.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            opener.open(f"{url}/_stcore/health", timeout=2).close()
        except OSError:
            time.sleep(0.1)
            continue
        print(f"美丽上海监测 · Beautiful Shanghai Monitor  {url}", flush=True)
        if browser:
            webbrowser.open(url)
        return
