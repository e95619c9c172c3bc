"""An order as options of the command in, a pack made by a process of its own out.

The app starts packs here: a pack takes no time of the process that serves pages, and all its
memory goes with it. One pack is made at a time; others wait for their turn.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

State = Literal["waiting", "running", "done", "failed", "stopped"]

KEPT = 6
"""Packs whose files are kept for download; older ones are removed."""
_POLL = 0.2


class PackRun:
    """One pack in the making; what it says may be read from any thread."""

    def __init__(self, options: Sequence[str], name: str, turn: threading.Lock) -> None:
        self.name = name
        self.state: State = "waiting"
        self.progress: dict[str, Any] = {}
        self.fault = ""
        self._options, self._turn = tuple(options), turn
        self._folder = Path(tempfile.mkdtemp(prefix="bsh-run-"))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """Where the pack is once it is done."""
        return self._folder / "pack.zip"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "stopped")

    def stop(self) -> None:
        """Stop it; nothing is left of what was made so far."""
        self._stop.set()

    def remove(self) -> None:
        """Stop it and remove its file."""
        self.stop()
        self._thread.join(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self) -> None:
        while not self._turn.acquire(timeout=_POLL):
            if self._stop.is_set():
                self.state = "stopped"
                return
        try:
            self._make()
        finally:
            self._turn.release()

    def _make(self) -> None:
        if self._stop.is_set():
            self.state = "stopped"
            return
        self.state = "running"
        command = [sys.executable, "-m", "bsh_geo", "atlas", "--watched", *self._options]
        environment = {**os.environ, "PYTHONUTF8": "1"}
        with (
            (self._folder / "faults.txt").open("w+", encoding="utf-8") as faults,
            subprocess.Popen(
                [*command, "-o", str(self.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=faults,
                text=True,
                encoding="utf-8",
                env=environment,
            ) as child,
        ):
            reader = threading.Thread(target=self._read, args=(child,), daemon=True)
            reader.start()
            self._watch(child)
            reader.join(5)
            faults.seek(0)
            told = faults.read().strip().splitlines()
        if self._stop.is_set():
            self.state = "stopped"
        elif child.returncode == 0:
            self.state = "done"
        else:
            self.fault = told[-1] if told else f"{child.returncode}"
            self.state = "failed"

    def _read(self, child: subprocess.Popen[str]) -> None:
        """Take each line of progress as it comes."""
        assert child.stdout is not None
        for line in child.stdout:
            with contextlib.suppress(ValueError):
                found = json.loads(line)
                if isinstance(found, dict):
                    self.progress = found

    def _watch(self, child: subprocess.Popen[str]) -> None:
        """Wait for the end; closing its input asks the process to stop."""
        assert child.stdin is not None
        asked = 0.0
        while child.poll() is None:
            if self._stop.wait(_POLL):
                if not asked:
                    asked = time.monotonic()
                    child.stdin.close()
                elif time.monotonic() - asked > 20:
                    child.kill()
                time.sleep(_POLL)


class PackRuns:
    """The packs of a server by id, the newest few of them."""

    def __init__(self) -> None:
        self._turn, self._lock = threading.Lock(), threading.Lock()
        self._runs: OrderedDict[str, PackRun] = OrderedDict()
        atexit.register(self.close)

    def start(self, options: Sequence[str], name: str) -> str:
        """Start a pack; the id under which it is found again."""
        with self._lock:
            key = f"{time.time_ns():x}"
            self._runs[key] = PackRun(options, name, self._turn)
            old = [one for one, run in self._runs.items() if run.over][: -KEPT or None]
            gone = [self._runs.pop(one) for one in old]
        for run in gone:
            run.remove()
        return key

    def get(self, key: str | None) -> PackRun | None:
        """The pack of that id, unless it is gone."""
        return self._runs.get(key or "")

    def close(self) -> None:
        """Stop and remove all of them."""
        while self._runs:
            self._runs.popitem()[1].remove()
