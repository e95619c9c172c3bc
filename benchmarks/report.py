"""Seconds in, readable lines out: what the benchmarks share to time, compare and print."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True)
class Timing:
    """Repeated measurements of one thing, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle measurement: a noisy machine spoils means and extremes."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        low, high = duration(min(self.seconds)), duration(max(self.seconds))
        return f"{duration(self.median)} ({low} – {high})"


def duration(seconds: float) -> str:
    """Seconds with two decimals, below a tenth milliseconds."""
    if seconds >= 0.1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def size(count: float) -> str:
    """Bytes in KB of 1,000, from a million on in MB."""
    return f"{count / 1000:.0f} KB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def ratio(ours: float, peer: float) -> str:
    """Ours as a multiple of the peer's: below 1 is faster or smaller."""
    return f"{ours / peer:.2f}×"


def seconds_of(action: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def in_turn(runs: int, *actions: Callable[[], object]) -> list[Timing]:
    """``runs`` timed calls of each action, one after the other in turn.

    In turn, so that a busy moment of the machine hits all of them alike.
    """
    rounds = [[seconds_of(action) for action in actions] for _ in range(runs)]
    return [Timing(tuple(column)) for column in zip(*rounds, strict=True)]


def options(description: str, runs: int = 5) -> argparse.ArgumentParser:
    """A command line with ``--runs``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=runs, help="measurements of each figure")
    return parser


def print_machine(*packages: str) -> None:
    """What the figures were measured on: cores, system, Python, packages, and how busy it was."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    load = f"; load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}{load}")
    print(f"{versions}\n", flush=True)


def print_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table with aligned columns; nothing is printed for no rows."""
    if not rows:
        return
    lines = [list(heads), *[list(row) for row in rows]]
    widths = [max(_width(line[at]) for line in lines) for at in range(len(heads))]
    print(f"{title}\n")
    for number, line in enumerate(lines):
        cells = [text + " " * (widths[at] - _width(text)) for at, text in enumerate(line)]
        print(f"| {' | '.join(cells)} |")
        if number == 0:
            print(f"|{'|'.join('-' * (width + 2) for width in widths)}|")
    print(flush=True)


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
