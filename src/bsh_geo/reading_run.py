"""Planned files in, their readings as wide rows out, and what became of every value."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from bsh_geo.catalogue import Text
from bsh_geo.errors import DataError
from bsh_geo.reading_plan import ImportPlan, PlannedFile, PlannedTable
from bsh_geo.reading_rows import Plan, Refused, Tally, readings
from bsh_geo.reading_stations import Stations
from bsh_geo.reading_tables import Gathered, wide_rows
from bsh_geo.reading_times import LOCAL

SLACK = timedelta(hours=1)
"""A clock that is this much ahead is no fault: the label is the end of the hour."""


@dataclass(frozen=True)
class FileReport:
    """What became of the values of one file (see ``Tally``); ``taken`` went to the store.

    ``faults`` say why the file, or a table of it, was not read; a file with a fault while being
    read gives nothing at all.
    """

    file: str
    sha256: str = ""
    read: int = 0
    taken: int = 0
    left_out: int = 0
    rejected: int = 0
    repeated: int = 0
    missing: int = 0
    faults: tuple[Text, ...] = ()


@dataclass
class Reading:
    """Files while they are read: their reports, and what is counted over all of them."""

    stations: Stations
    reports: list[FileReport] = field(default_factory=list)
    outside: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    reasons: Counter[Text] = field(default_factory=Counter)


Refusals = Callable[[Sequence[Refused]], None]
Progress = Callable[[PlannedFile], None]


def rows_of(
    planned: ImportPlan, reading: Reading, refuse: Refusals, progress: Progress | None = None
) -> Iterator[pd.DataFrame]:
    """The readings of all files as wide rows, file after file; each is read whole first.

    ``reading`` has the reports when all rows have been taken; ``refuse`` is given the refused
    values of each file.
    """
    now = planned.settings.now or datetime.now(ZoneInfo(LOCAL)).replace(tzinfo=None) + SLACK
    for file in planned.files:
        faults = faults_of(file)
        tally, taken = Tally(), 0
        with tempfile.TemporaryDirectory(prefix="bsh-geo-") as folder:
            gathered = Gathered(Path(folder), planned.network)
            tables = [one for one in file.tables if one.readable]
            try:
                for number, one in enumerate(tables):
                    _gather(planned, one, number, now, reading.stations, tally, gathered)
            except DataError as fault:
                faults.append(_as_text(fault))
                tally, gathered = Tally(), Gathered(Path(folder), planned.network)
            names = [one.table.name for one in tables]
            for piece in gathered.pieces():
                rows = wide_rows(piece, planned.network, reading.stations.codes, names, tally)
                taken += int(rows[list(planned.network.items)].count().sum())
                if len(rows):
                    yield rows
        order = {name: place for place, name in enumerate(names)}
        refuse(sorted(tally.refused, key=lambda one: (order[one.table], one.row)))
        _counted(reading, file, tally, taken, faults)
        if progress is not None:
            progress(file)


def faults_of(file: PlannedFile) -> list[Text]:
    """Why a planned file, or a table of it, cannot be read."""
    whole = [_as_text(file.fault)] if file.fault else []
    return whole + [_told(one) for one in file.tables if not one.readable]


def _gather(
    planned: ImportPlan,
    one: PlannedTable,
    number: int,
    now: datetime,
    stations: Stations,
    tally: Tally,
    gathered: Gathered,
) -> None:
    """Read one table of a file."""
    found, name = one.found, one.table.name
    how = Plan(name, number, planned.network, found.mapping, found.header, found.station, now)
    for chunk in one.table.chunks(found.head, how.wanted, how.shared):
        gathered.add(readings(how, chunk, stations, tally))


def _counted(
    reading: Reading, file: PlannedFile, tally: Tally, taken: int, faults: Sequence[Text]
) -> None:
    reading.outside.update(tally.outside)
    reading.other.update(tally.other)
    reading.reasons.update(tally.reasons)
    counts = (tally.read, taken, tally.left_out, tally.rejected, tally.repeated, tally.missing)
    reading.reports.append(FileReport(file.name, file.sha256, *counts, tuple(faults)))


def _as_text(fault: DataError) -> Text:
    return Text(zh=fault.zh, en=fault.en)


def _told(one: PlannedTable) -> Text:
    """Why a table is not read."""
    zh = "；".join(problem.zh for problem in one.found.problems)
    en = "; ".join(problem.en for problem in one.found.problems)
    return Text(zh=f"{one.table.name}：{zh}。", en=f"{one.table.name}: {en}.")
