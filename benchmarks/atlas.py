"""A pack of 17 areas and five layers as PNG: seconds, memory of all processes, and its pictures.

There is no peer: the alternative is a person who exports 85 maps by hand.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

from report import options, print_machine, print_table, size

from bsh_geo import orders, pack
from bsh_geo.project import open_project

LAYERS = ("air_quality", "beautiful_bays", "wetlands", "park_coverage", "ecological_red_line")
TARGET = "≤ 60 s, ≤ 1 GB"


def resident(pid: int) -> int:
    """Proportional memory in bytes of a process and all its children: shared pages count once."""
    total = 0
    for one in [pid, *children(pid)]:
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text("ascii")
        except OSError:  # it has ended meanwhile
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total * 1024


def children(pid: int) -> list[int]:
    """All processes below one."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            direct = [int(one) for one in task.read_text("ascii").split()]
        except OSError:
            continue
        found += [one for child in direct for one in (child, *children(child))]
    return found


class Watch:
    """The most memory that this process and its workers held at once."""

    def __init__(self) -> None:
        self.most, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.2):
            self.most = max(self.most, resident(os.getpid()))


def main() -> None:
    """Measure and print."""
    parser = options("A pack of 17 areas and five layers.", runs=1)
    parser.add_argument("--jobs", type=int, default=None, help="processes; one for each core")
    arguments = parser.parse_args()
    print_machine("matplotlib", "geopandas", "pillow")
    project = open_project()
    rows = []
    for dpi in (200, 300):
        order = orders.Order(LAYERS, orders.chosen_areas(project, "all"), ("png",), "2025", dpi=dpi)
        for _ in range(arguments.runs):
            with tempfile.TemporaryDirectory() as folder, Watch() as watch:
                out = Path(folder) / "pack.zip"
                start = time.perf_counter()
                made = pack.make_pack(project, order, out, arguments.jobs)
                taken = time.perf_counter() - start
                rows.append(
                    [f"{dpi} dpi", str(len(made.files)), str(len(made.failures)), TARGET,
                     f"{taken:.1f} s", size(watch.most), size(out.stat().st_size)]
                )  # fmt: skip
    heads = ["pictures", "files", "failed", "target", "time", "memory, all processes", "pack"]
    print_table("17 areas × 5 layers, A4 PNG", heads, rows)


if __name__ == "__main__":
    main()
