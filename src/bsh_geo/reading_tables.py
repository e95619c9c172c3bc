"""Checked readings of one file in, wide rows out: one per station and time, no contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from bsh_geo.catalogue import Text
from bsh_geo.networks import Network, days_of
from bsh_geo.reading_cells import Flags, Ints
from bsh_geo.reading_rows import READING, Readings, Refused, Tally

HELD = 6_000_000
"""Readings of a file that wait in memory; of a larger file they go to disk by month."""

CONTRADICTS = Text(
    zh="同一站点、时间和项目有不同的值",
    en="there are different values for one station, time and item",
)


@dataclass
class Gathered:
    """The readings of one file: all of it is read before any of it is given on."""

    folder: Path
    network: Network
    held: list[Readings] = field(default_factory=list)
    count: int = 0
    months: set[str] = field(default_factory=set)

    def add(self, found: Readings) -> None:
        """Take the readings of a chunk."""
        if not len(found):
            return
        self.held.append(found)
        self.count += len(found)
        if self.count > HELD:
            self._to_disk()

    def _to_disk(self) -> None:
        while self.held:
            found = self.held.pop(0)
            days = days_of(self.network, found["time"].astype("datetime64[us]"))
            months = days.astype("datetime64[M]")
            for month in np.unique(months):
                here = months == month
                self.months.add(str(month))
                with (self.folder / str(month)).open("ab") as file:
                    (found if here.all() else found[here]).tofile(file)
        self.count = 0

    def pieces(self) -> Iterator[Readings]:
        """All readings, those of one station and time together."""
        if not self.months:
            if self.held:
                yield np.concatenate(self.held)
            self.held = []
            return
        if self.held:
            self._to_disk()
        for month in sorted(self.months):
            yield np.fromfile(self.folder / month, dtype=READING)


def wide_rows(
    found: Readings, network: Network, codes: Sequence[str], tables: Sequence[str], tally: Tally
) -> pd.DataFrame:
    """Rows of ``station``, ``time`` and a column per item, in the order of the file.

    A value that is there twice counts once; where two values differ, none is taken and each is
    refused with its row.
    """
    items = list(network.items)
    row, first = _rows_of(found)
    heads = found[first]
    cell = row * len(items) + found["item"]
    counts = np.bincount(cell, minlength=len(heads) * len(items))
    if (counts > 1).any():
        keep = _settled(found, counts[cell] > 1, cell, tally, _Names(network, codes, tables))
        found, cell = found[keep], cell[keep]
    flat = np.full(len(heads) * len(items), np.nan)
    flat[cell] = found["value"]
    values = flat.reshape(len(heads), len(items))
    filled = ~np.isnan(values).all(axis=1)
    values, heads = values[filled], heads[filled]
    station = pd.array(list(codes), dtype="str").take(heads["station"])
    made = {"station": station, "time": heads["time"].astype("datetime64[us]")}
    return pd.DataFrame({**made, **{name: values[:, at] for at, name in enumerate(items)}})


def _rows_of(found: Readings) -> tuple[Ints, Ints]:
    """For each reading the number of its station and time, and where each of those is first."""
    times, different = pd.factorize(found["time"])
    pairs = found["station"].astype(np.int64) * len(different) + times
    row, kinds = pd.factorize(pairs)
    first = np.empty(len(kinds), dtype=np.int64)
    first[row[::-1]] = np.arange(len(found))[::-1]  # of several, the last one written stays
    return row.astype(np.int64), first


@dataclass(frozen=True)
class _Names:
    """Texts for the numbers in a reading."""

    network: Network
    codes: Sequence[str]
    tables: Sequence[str]


def _settled(found: Readings, several: Flags, cell: Ints, tally: Tally, names: _Names) -> Flags:
    """Which readings stay, where some are of the same station, time and item."""
    places = np.flatnonzero(several)
    groups = pd.Series(found["value"][places]).groupby(cell[places])
    differ = (groups.transform("max") != groups.transform("min")).to_numpy()
    again = ~differ & (groups.cumcount() > 0).to_numpy()
    tally.repeated += int(again.sum())
    for one in found[places[differ]]:
        tally.refuse(_contradiction(one, names))
    keep = np.ones(len(found), dtype=bool)
    keep[places[differ | again]] = False
    return keep


def _contradiction(one: np.void, names: _Names) -> Refused:
    item = list(names.network.items.values())[int(one["item"])]
    return Refused(
        names.tables[int(one["table"])],
        int(one["row"]),
        names.codes[int(one["station"])],
        str(pd.Timestamp(int(one["time"]), unit="us")),
        item.title.zh,
        f"{float(one['value']):.12g}",
        CONTRADICTS,
    )
