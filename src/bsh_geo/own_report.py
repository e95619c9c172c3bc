"""What was found in a file of the user's in, the report of its import out, as lines too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from bsh_geo.catalogue import Text

Sort = Literal[
    "rejected", "unmatched", "duplicate", "outside", "repaired", "total", "proposed", "note"
]

SORTS: dict[Sort, Text] = {
    "rejected": Text(zh="拒收", en="rejected"),
    "unmatched": Text(zh="名称不识", en="name not known"),
    "duplicate": Text(zh="重复", en="duplicate"),
    "outside": Text(zh="市外", en="outside the city"),
    "repaired": Text(zh="已修复", en="repaired"),
    "total": Text(zh="合计行", en="row of totals"),
    "proposed": Text(zh="待核对", en="to be looked at"),
    "note": Text(zh="说明", en="note"),
}

About = Literal["", "empty", "invalid", "type", "tiny", "double", "overlap"]
"""What is wrong with a geometry; blank for findings about anything else."""

ROWS, CELLS = Text(zh="行", en="rows"), Text(zh="格", en="cells")

NAMED = 12
"""Row numbers that a line names; the files have all."""


@dataclass(frozen=True)
class Finding:
    """One thing that is to be said, and the rows of the file that it is about."""

    sort: Sort
    text: Text
    rows: tuple[int, ...] = ()
    lost: bool = False
    """Whether these rows are not imported because of it."""
    about: About = ""


@dataclass(frozen=True)
class Question:
    """What the file does not say and nobody may guess: what it is about, and what is possible.

    ``option`` is how the command line is told; each choice is a value with what it would mean.
    """

    id: str
    option: str
    text: Text
    choices: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True)
class Used:
    """What a column of the file is used for; ``field`` is blank where it is left out."""

    column: str
    field: str
    note: Text = Text(zh="", en="")  # noqa: RUF009 -- frozen


@dataclass
class Ledger:
    """What has been found so far."""

    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def add(
        self,
        sort: Sort,
        zh: str,
        en: str,
        rows: Iterable[int] = (),
        lost: bool | None = None,
        about: About = "",
    ) -> None:
        """One finding; rows of rejected, unknown and total ones are lost unless said otherwise."""
        dropped = sort in ("rejected", "total") if lost is None else lost
        told = tuple(int(one) for one in rows)
        self.findings.append(Finding(sort, Text(zh=zh, en=en), told, dropped, about))

    def ask(
        self, id: str, option: str, zh: str, en: str, choices: Iterable[tuple[str, Text]] = ()
    ) -> None:
        """One question, which must be answered before anything is written."""
        if all(one.id != id for one in self.questions):
            self.questions.append(Question(id, option, Text(zh=zh, en=en), tuple(choices)))

    def lost(self) -> set[int]:
        """The numbers of the rows that are not imported."""
        return {row for one in self.findings if one.lost for row in one.rows}


@dataclass(frozen=True)
class Planned:
    """A file that the import writes, and how many of its rows are new, replaced or left out."""

    file: str
    added: int
    replaced: int
    dropped: int = 0


@dataclass(frozen=True)
class Report:
    """What an import of one file would do, or did.

    Row numbers are those that a spreadsheet shows; of a vector file they count features from 1.
    """

    kind: str
    file: str
    sha256: str
    form: str
    encoding: str
    sample: str
    crs: str
    datum: str
    source: str
    quality: str
    read: int
    kept: int
    mapping: tuple[Used, ...]
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    files: tuple[Planned, ...] = ()
    matched: int = 0
    """Rows that would be imported and have a district, by name or by place."""
    source_title: str = ""

    def count(self, sort: Sort) -> int:
        """How many different rows have findings of a sort."""
        return len({row for one in self.findings if one.sort == sort for row in one.rows})

    @cached_property
    def lost(self) -> frozenset[int]:
        """The numbers of the rows that are not imported."""
        return frozenset(row for one in self.findings if one.lost for row in one.rows)

    @property
    def rejected(self) -> int:
        """How many rows were read and are not imported."""
        return len(self.lost)

    @property
    def unit(self) -> Text:
        """What is counted: rows, or the cells of a raster."""
        return CELLS if self.kind == "raster" else ROWS

    @property
    def ready(self) -> bool:
        """Whether it can be confirmed: nothing is left to be answered, and rows are left."""
        return not self.questions and self.kept > 0


COUNTS: tuple[Sort, ...] = ("unmatched", "duplicate", "outside", "repaired")

MATCHED = Text(zh="归入区", en="with a district")


def _numbers(rows: Sequence[int], en: bool) -> str:
    if not rows:
        return ""
    listed = (", " if en else "、").join(str(one) for one in rows[:NAMED])
    more = len(rows) - NAMED
    if more > 0:
        listed += f" and {more:,} more" if en else f" 等共 {len(rows):,} 行"
    return (
        f" (row{'s' if len(rows) > 1 else ''} {listed})"
        if en
        else f"（第 {listed}{'' if more > 0 else ' 行'}）"
    )


def lines(report: Report, lang: str) -> list[str]:
    """The report for the terminal."""
    en = lang == "en"
    head = [report.file, report.form, report.encoding, report.crs]
    made = [" · ".join(one for one in head if one)]
    if report.sample:
        made.append(f"{'Sample' if en else '文字样例'}：{report.sample}")
    made += [
        f"  {one.column} → {one.field or ('(not used)' if en else '（不用）')}"
        + (f"  {one.note.get(lang)}" if one.note.get(lang) else "")
        for one in report.mapping
    ]
    if report.unit != ROWS:
        made.append(_cells(report, en))
        return [*made, *_said(report, lang, en)]
    counted = "，".join(
        [f"{MATCHED.zh} {report.matched:,}"]
        + [f"{SORTS[one].zh} {report.count(one):,}" for one in COUNTS]
    )
    counted_en = ", ".join(
        [f"{MATCHED.en} {report.matched:,}"]
        + [f"{SORTS[one].en} {report.count(one):,}" for one in COUNTS]
    )
    made.append(
        f"Rows read {report.read:,}, imported {report.kept:,}, rejected {report.rejected:,} "
        f"({counted_en})"
        if en
        else f"读入 {report.read:,} 行，导入 {report.kept:,}，拒收 {report.rejected:,}（{counted}）"
    )
    return [*made, *_said(report, lang, en)]


def _cells(report: Report, en: bool) -> str:
    unit = report.unit.get("en" if en else "zh")
    if en:
        return f"{unit.capitalize()} read {report.read:,}, with data {report.kept:,}"
    return f"读入 {report.read:,} {unit}，有数据 {report.kept:,} {unit}"


def _said(report: Report, lang: str, en: bool) -> list[str]:
    made = [
        f"[{SORTS[one.sort].get(lang)}] {one.text.get(lang)}{_numbers(one.rows, en)}"
        for one in report.findings
    ]
    for one in report.questions:
        made.append(f"? {one.text.get(lang)}")
        made += [f"    {one.option} {value}  {text.get(lang)}" for value, text in one.choices]
    made += [planned_text(one, en) for one in report.files]
    return made


def planned_text(one: Planned, en: bool) -> str:
    """A file and what changes in it."""
    if en:
        gone = f", {one.dropped:,} dropped" if one.dropped else ""
        return f"{one.file}: {one.added:,} added, {one.replaced:,} replaced{gone}"
    gone = f"，去掉 {one.dropped:,} 行" if one.dropped else ""
    return f"{one.file}：新增 {one.added:,} 行，替换 {one.replaced:,} 行{gone}"


def row_counts(report: Report) -> dict[str, int]:
    """What became of the rows."""
    return {
        "read": report.read,
        "imported": report.kept,
        "matched": report.matched,
        "rejected": report.rejected,
        **{one: report.count(one) for one in COUNTS},
    }


def as_dict(report: Report) -> dict[str, Any]:
    """The report as JSON has it; texts are in both languages."""

    def both(text: Text) -> dict[str, str]:
        return {"zh": text.zh, "en": text.en}

    plain = ("kind", "file", "sha256", "form", "encoding", "sample", "crs", "datum", "source")
    return {
        **{name: getattr(report, name) for name in (*plain, "quality")},
        "rows": row_counts(report),
        "mapping": [
            {"column": one.column, "field": one.field, "note": both(one.note)}
            for one in report.mapping
        ],
        "findings": [
            {
                "sort": one.sort,
                "about": one.about,
                "text": both(one.text),
                "rows": list(one.rows),
                "lost": one.lost,
            }
            for one in report.findings
        ],
        "questions": [
            {
                "id": one.id,
                "option": one.option,
                "text": both(one.text),
                "choices": [{"value": value, "text": both(text)} for value, text in one.choices],
            }
            for one in report.questions
        ],
        "files": [vars(one) for one in report.files],
    }
