"""Planned files in, a batch of the project's store out, and the report of it; or a preview."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from bsh_geo import reading_mapping
from bsh_geo.catalogue import Quality, Text
from bsh_geo.errors import DataError
from bsh_geo.exports import neutral
from bsh_geo.project import Project
from bsh_geo.reading_archives import Limits, blob_from
from bsh_geo.reading_cells import NUMBER
from bsh_geo.reading_plan import MAPPINGS, ImportPlan, PlannedTable, Settings, known_stations, plan
from bsh_geo.reading_rows import Refused
from bsh_geo.reading_run import FileReport, Progress, Reading, rows_of
from bsh_geo.store import BatchInfo, Written, open_store

UPLOAD = Limits(members=500, size=1 << 30, ratio=200, json=128 << 20)
"""What an upload may grow to."""

REJECTED = "readings/rejected"
IMPORTS = "readings/imports"

SHOWN = 50
"""Rows and refused values that a preview carries."""

COLUMNS = ("文件", "行", "站点", "时间", "项目", "值", "原因")
"""Columns of the file of refused values."""


@dataclass(frozen=True)
class Report:
    """What one import did: file by file, and what the store made of it.

    ``written`` is None where no value was taken; then nothing was stored. ``outside`` are values
    left out by station, ``other`` values of items that are not read, ``reasons`` refused values.
    """

    network: str
    files: tuple[FileReport, ...]
    written: Written | None
    outside: dict[str, int]
    other: dict[str, int]
    reasons: dict[Text, int]
    rejected_file: str = ""

    def total(self, name: str) -> int:
        """The sum of a count over all files."""
        return sum(int(getattr(one, name)) for one in self.files)

    @property
    def faulty(self) -> list[FileReport]:
        """Files of which something was not read."""
        return [one for one in self.files if one.faults]

    def rows(self, lang: str = "zh") -> pd.DataFrame:
        """A row per file, the sum and what the store did in the last one."""
        heads = HEADS_EN if lang == "en" else HEADS_ZH
        listed = [
            [one.file, *(getattr(one, name) for name in COUNTS), _faults(one, lang)]
            for one in self.files
        ]
        total = ["Total" if lang == "en" else "合计", *(self.total(name) for name in COUNTS), ""]
        made = pd.DataFrame([*listed, total], columns=heads[: len(COUNTS) + 2])
        for place, name in enumerate(("stored", "replaced", "unchanged"), len(COUNTS) + 2):
            count = getattr(self.written, name) if self.written else 0
            made[heads[place]] = pd.array([pd.NA] * len(listed) + [count], dtype="Int64")
        return made

    def record(self, lang: str = "zh") -> dict[str, Any]:
        """The report as plain data for JSON."""
        written = self.written
        done = {
            name: getattr(written, name) if written else 0
            for name in ("stored", "replaced", "unchanged", "repeated")
        }
        return {
            "network": self.network,
            "batch": written.batch if written else None,
            "first": _iso(written.first if written else None),
            "last": _iso(written.last if written else None),
            **{name: self.total(name) for name in COUNTS},
            "stored": done["stored"],
            "replaced": done["replaced"],
            "unchanged": done["unchanged"],
            "repeated_between_files": done["repeated"],
            "rejected_file": self.rejected_file or None,
            "reasons": {reason.get(lang): count for reason, count in self.reasons.items()},
            "stations_left_out": self.outside,
            "items_left_out": self.other,
            "files": [
                {
                    "file": one.file,
                    "sha256": one.sha256,
                    **{name: getattr(one, name) for name in COUNTS},
                    "faults": [fault.get(lang) for fault in one.faults],
                }
                for one in self.files
            ],
        }


COUNTS = ("read", "taken", "left_out", "rejected", "repeated", "missing")
HEADS_ZH = [
    *("文件", "读到", "采用", "站点不在项目中", "拒收", "重复", "缺测", "未读原因"),
    *("新存", "替换", "未变"),
]
HEADS_EN = [
    *("File", "Read", "Taken", "Left out", "Rejected", "Repeated", "Missing", "Not read because"),
    *("Stored", "Replaced", "Unchanged"),
]


def _faults(one: FileReport, lang: str) -> str:
    return " ".join(fault.get(lang) for fault in one.faults)


def _iso(when: pd.Timestamp | None) -> str | None:
    return None if when is None else when.isoformat(" ", "minutes")


def run(
    planned: ImportPlan,
    source: str = "",
    quality: Quality = "open",
    note: str = "",
    progress: Progress | None = None,
) -> Report:
    """Read the planned files and store their readings, all at once.

    A file that cannot be read gives nothing and is reported; the others are stored. What is
    refused goes to a file under ``readings/rejected`` of the project folder, mappings and the
    report to ``readings/mappings`` and ``readings/imports``.

    Raises
    ------
    DataError
        The store or the folder cannot be written; nothing is stored then.
    """
    project, network = planned.project, planned.network
    reading = Reading(known_stations(project, network, planned.settings.keep))
    with _refused_file() as (path, refuse):
        rows = rows_of(planned, reading, refuse, progress)
        first = next(rows, None)
        written = None
        if first is not None:
            info = _batch(planned, source, quality, note)
            written = open_store(project).write(network.id, chain([first], rows), info)
        count = sum(one.rejected for one in reading.reports)
        name = f"{network.id}-{written.batch if written else f'{datetime.now():%Y%m%d-%H%M%S}'}"
        kept = f"{REJECTED}/{name}.csv" if count else ""
        report = Report(
            network.id,
            tuple(reading.reports),
            written,
            dict(reading.outside),
            dict(reading.other.most_common()),
            dict(reading.reasons.most_common()),
            kept,
        )
        _keep(planned, report, path, name)
    return report


@contextmanager
def _refused_file() -> Iterator[tuple[Path, Any]]:
    """A temporary CSV file of refused values, and what to give them to."""
    with tempfile.TemporaryDirectory(prefix="bsh-geo-") as folder:
        path = Path(folder) / "rejected.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow(COLUMNS)

            def refuse(listed: Sequence[Refused]) -> None:
                writer.writerows([_line(one) for one in listed])
                file.flush()

            yield path, refuse


def _line(one: Refused) -> list[object]:
    """A refused value as a row of the file, safe to open in a spreadsheet."""
    texts = (one.station, one.time, one.item, one.value)
    return [
        neutral(one.table),
        one.row,
        *(text if NUMBER.fullmatch(text) else neutral(text) for text in texts),
        one.reason.zh,
    ]


def _batch(planned: ImportPlan, source: str, quality: str, note: str) -> BatchInfo:
    """The record of the import: its files as one name and one digest."""
    files = [one for one in planned.files if any(table.readable for table in one.tables)]
    names = [one.name for one in files]
    label = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]} ({len(names)})"
    marks = sorted({one.sha256 for one in files})
    sha256 = marks[0] if len(marks) == 1 else hashlib.sha256("\n".join(marks).encode()).hexdigest()
    mapping: dict[str, str] = {}
    for tables in planned.kinds.values():
        mapping |= reading_mapping.flat(tables[0].found.mapping)
    return BatchInfo(label, sha256, source or label, quality, mapping, note)


def _keep(planned: ImportPlan, report: Report, refused: Path, name: str) -> None:
    """The files beside the store: refused values, mappings by head, the report."""
    root = planned.project.roots[0]
    record = json.dumps(report.record(), ensure_ascii=False, indent=1)
    try:
        if report.rejected_file:
            _put(root / report.rejected_file, refused.read_bytes())
        if report.written is not None:
            _put(root / IMPORTS / f"{name}.json", record.encode("utf-8"))
            for mark, tables in planned.kinds.items():
                found = tables[0].found
                text = reading_mapping.as_toml(found.mapping, found.header)
                _put(root / MAPPINGS / f"{mark}.toml", text.encode("utf-8"))
    except OSError as error:
        raise DataError(
            f"读数已存入，但无法写入导入记录：{error.strerror}。",
            f"The readings are stored, but the record of the import cannot be written: "
            f"{error.strerror}.",
        ) from error


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


@dataclass(frozen=True)
class Preview:
    """What an upload holds and how it would be read; nothing is stored.

    ``rows`` are the first readings that would be taken, ``refused`` the first that would not.
    """

    planned: ImportPlan
    files: tuple[FileReport, ...]
    rows: pd.DataFrame
    refused: tuple[Refused, ...]
    outside: dict[str, int]
    other: dict[str, int]
    reasons: dict[Text, int]

    def mappings(self, lang: str = "zh") -> list[tuple[str, str, list[tuple[str, str, str]]]]:
        """For each kind of table its first one, its shape, and column, use and note of each."""
        return [shown(self.planned, tables, lang) for tables in self.planned.kinds.values()]


def shown(
    planned: ImportPlan, tables: Sequence[PlannedTable], lang: str
) -> tuple[str, str, list[tuple[str, str, str]]]:
    """How the tables of one head are read: names of them, shape and origin, a row per column."""
    first, found = tables[0], tables[0].found
    more = len(tables) - 1
    rest = (f" and {more} more" if lang == "en" else f" 等 {len(tables)} 个") if more else ""
    title = reading_mapping.SHAPES[found.mapping.shape].get(lang)
    comma = ", " if lang == "en" else "，"
    station = found.station if not more else ""
    rows = reading_mapping.shown(found.mapping, found.header, planned.network, station, lang)
    return f"{first.table.name}{rest}", f"{title}{comma}{first.origin.get(lang)}", rows


def preview(
    name: str,
    data: bytes,
    project: Project,
    settings: Settings | None = None,
    limits: Limits = UPLOAD,
) -> Preview:
    """What an uploaded file holds: all of it is read and checked, and nothing is stored.

    The name is only shown. The result's ``planned`` can be given to ``run``.
    """
    planned = plan(project, [blob_from(name, data)], settings or Settings(), limits)
    reading = Reading(known_stations(project, planned.network, planned.settings.keep))
    refused: list[Refused] = []

    def refuse(listed: Sequence[Refused]) -> None:
        refused.extend(listed[: SHOWN - len(refused)])

    heads: list[pd.DataFrame] = []
    for rows in rows_of(planned, reading, refuse):
        if sum(len(one) for one in heads) < SHOWN:
            heads.append(rows.head(SHOWN))
    columns = ["station", "time", *planned.network.items]
    first = pd.concat(heads).head(SHOWN) if heads else pd.DataFrame(columns=columns)
    return Preview(
        planned,
        tuple(reading.reports),
        first.reset_index(drop=True),
        tuple(refused),
        dict(reading.outside),
        dict(reading.other.most_common()),
        dict(reading.reasons.most_common()),
    )
