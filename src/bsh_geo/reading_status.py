"""A project's stores of readings in, what they hold out: extent, completeness, imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from bsh_geo import listing
from bsh_geo.networks import Network, network_of, networks
from bsh_geo.project import Project
from bsh_geo.store import Extent, open_store

LAST = 10
"""Imports that are listed."""

HEADS = {
    "zh": ("批次", "导入时间（UTC）", "文件", "来源", "质量", "新存", "替换", "未变"),
    "en": ("Batch", "When (UTC)", "File", "Source", "Quality", "Stored", "Replaced", "Unchanged"),
}
ITEMS = {"zh": ("项目", "单位", "数值", "完整率%"), "en": ("Item", "Unit", "Values", "Complete %")}


@dataclass(frozen=True)
class Status:
    """What is stored of a network; ``replaced`` values have been corrected since."""

    network: Network
    extent: Extent
    batches: pd.DataFrame
    replaced: int

    @property
    def expected(self) -> int | None:
        """Values of one item if no station had missed a step from the first to the last time."""
        step = {"hour": pd.Timedelta(hours=1), "day": pd.Timedelta(days=1)}.get(self.network.grain)
        first, last = self.extent.first, self.extent.last
        if step is None or first is None or last is None:
            return None
        return len(self.extent.stations) * (int((last - first) / step) + 1)

    def share(self, item: str) -> float | None:
        """Percent of the expected values that are there; None where nothing is expected."""
        expected = self.expected
        return 100 * self.extent.values.get(item, 0) / expected if expected else None

    def record(self) -> dict[str, Any]:
        """The status as plain data."""
        first, last = self.extent.first, self.extent.last
        return {
            "network": self.network.id,
            "first": None if first is None else first.isoformat(" ", "minutes"),
            "last": None if last is None else last.isoformat(" ", "minutes"),
            "stations": len(self.extent.stations),
            "rows": self.extent.rows,
            "batches": len(self.batches),
            "corrections": self.replaced,
            "values": dict(self.extent.values),
            "complete_percent": {
                name: None if (share := self.share(name)) is None else round(share, 2)
                for name in self.network.items
            },
        }


def status(project: Project, network: str | None = None) -> list[Status]:
    """What is stored of one network, or of each that is declared."""
    known = [network_of(project, network)] if network else list(networks(project).values())
    store = open_store(project)
    found = []
    for one in known:
        batches = store.batches(one.id)
        found.append(Status(one, store.extent(one.id), batches, int(batches["replaced"].sum())))
    return found


def lines(one: Status, lang: str) -> list[str]:
    """The status for a terminal."""
    en, extent = lang == "en", one.extent
    title = f"{one.network.title.get(lang)} ({one.network.id})"
    if extent.first is None or extent.last is None:
        return [f"{title}: no readings" if en else f"{title}：没有读数"]
    span = f"{extent.first:%Y-%m-%d %H:%M} – {extent.last:%Y-%m-%d %H:%M}"
    head = (
        f"{title}: {span}, {len(extent.stations)} stations, {extent.rows:,} rows, "
        f"{len(one.batches)} imports, {one.replaced:,} values corrected"
        if en
        else f"{title}：{span}，{len(extent.stations)} 个站点，{extent.rows:,} 行，"
        f"{len(one.batches)} 次导入，更正 {one.replaced:,} 个数值"
    )
    items = pd.DataFrame(
        [
            [item.title.get(lang), item.unit, extent.values.get(name, 0), one.share(name)]
            for name, item in one.network.items.items()
        ],
        columns=list(ITEMS[lang]),
    )
    names = ("batch", "when", "file", "source", "quality", "stored", "replaced", "unchanged")
    batches = one.batches.tail(LAST)[list(names)].copy()
    batches["when"] = batches["when"].dt.strftime("%Y-%m-%d %H:%M")
    batches.columns = pd.Index(HEADS[lang])
    return [head, *listing.lines(items), *listing.lines(batches)]
