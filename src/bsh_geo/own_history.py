"""A preview confirmed, or an import to be taken back, in; files of a project folder out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from bsh_geo import intake, own_journal, own_report, own_write
from bsh_geo.errors import DataError
from bsh_geo.own_journal import Change
from bsh_geo.own_preview import Preview
from bsh_geo.own_report import Report
from bsh_geo.reading_times import LOCAL


@dataclass(frozen=True)
class Entry:
    """An import, or the undoing of some, as the history lists it.

    ``undone`` says whether it was taken back; ``what`` is a kind, or "undo".
    """

    number: int
    when: str
    what: str
    file: str
    sha256: str
    rows: int
    source: str
    files: tuple[str, ...]
    undone: bool
    of: tuple[int, ...] = ()

    @property
    def local(self) -> str:
        """``when`` as a clock in Shanghai shows it; a text that is no moment stays."""
        try:
            moment = datetime.datetime.fromisoformat(self.when).astimezone(ZoneInfo(LOCAL))
        except ValueError:
            return self.when
        return f"{moment:%Y-%m-%d %H:%M:%S}"


def confirm(folder: Path, given: Preview) -> Entry:
    """Write what a preview found into a project folder, all files or none.

    Raises
    ------
    DataError
        Something has still to be answered, no row is left, the folder was changed since the
        preview, or it cannot be written.
    """
    report = given.report
    if report.questions:
        raise DataError(
            f"{report.file}：{report.questions[0].text.zh.rstrip('：')}。",
            f"{report.file}: {report.questions[0].text.en.rstrip(':')}.",
        )
    if not report.kept or not given.files:
        raise own_write.no_rows(report.file)
    root = intake.target_project(folder).roots[0]
    changed = [one for one, old in given.before.items() if own_journal.digest(root / one) != old]
    if changed:
        raise DataError(
            f"{changed[0]} 在预览之后被改动，请重新预览。",
            f"{changed[0]} was changed after the preview; preview again.",
        )
    record = {
        "what": report.kind,
        "when": _now(),
        "file": report.file,
        "sha256": report.sha256,
        "rows": report.kept,
        "source": report.source,
        "quality": report.quality,
        "crs": report.crs,
        "datum": report.datum,
        "report": own_report.as_dict(_short(report)),
    }
    return _entry(own_journal.commit(root, dict(given.files), record), set())


MOST_KEPT = 1_000
"""Row numbers of a finding that the history keeps."""


def _short(report: Report) -> Report:
    cut = tuple(replace(one, rows=one.rows[:MOST_KEPT]) for one in report.findings)
    return replace(report, findings=cut)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _entry(change: Change, undone: set[int]) -> Entry:
    told = change.record
    return Entry(
        change.number,
        str(told.get("when", "")),
        str(told.get("what", "")),
        str(told.get("file", "")),
        str(told.get("sha256", "")),
        int(told.get("rows", 0)),
        str(told.get("source", "")),
        tuple(change.files),
        change.number in undone,
        tuple(int(one) for one in told.get("of", ())),
    )


def history(folder: Path) -> list[Entry]:
    """Every import into a project folder and every undoing, the first one first.

    Raises
    ------
    DataError
        The folder is no project, or a record is broken.
    """
    root = intake.target_project(folder).roots[0]
    found = own_journal.changes(root)
    undone = _undone(found)
    return [_entry(one, undone) for one in found]


def _undone(found: list[Change]) -> set[int]:
    return {int(number) for one in found for number in one.record.get("of", ())}


def undo(folder: Path, number: int | None = None) -> Entry:
    """Bring back the state before an import (by default the last), and before all later ones.

    The undoing is itself an entry of the history.

    Raises
    ------
    DataError
        There is nothing to undo, no such import, or a file was changed by other means since.
    """
    root = intake.target_project(folder).roots[0]
    found = own_journal.changes(root)
    gone = _undone(found)
    left = [one for one in found if one.number not in gone and one.record.get("what") != "undo"]
    if not left:
        raise DataError("没有可撤销的导入。", "There is no import to undo.")
    wanted = left[-1].number if number is None else number
    if wanted not in {one.number for one in left}:
        known = "、".join(str(one.number) for one in left)
        raise DataError(
            f"没有可撤销的第 {wanted} 次导入，可撤销：{known}。",
            f"There is no import {wanted} to undo; there are: {known}.",
        )
    taken = [one for one in left if one.number >= wanted]
    files = _former(root, taken)
    record = {
        "what": "undo",
        "when": _now(),
        "of": [one.number for one in taken],
        "file": taken[0].record.get("file", ""),
    }
    return _entry(own_journal.commit(root, files, record), set())


def _former(root: Path, taken: list[Change]) -> dict[str, bytes | None]:
    """What the files of some changes held before the first of them."""
    files: dict[str, bytes | None] = {}
    for change in reversed(taken):
        for relative, (_, after) in change.files.items():
            if relative not in files and own_journal.digest(root / relative) != after:
                raise DataError(
                    f"{relative} 在第 {change.number} 次导入之后被另外改动，不能撤销；"
                    "请先移走或还原该文件。",
                    f"{relative} was changed by other means after import {change.number}; move "
                    "it away or restore it first.",
                )
            files[relative] = own_journal.before(root, change, relative)
    return files
