"""The report of an import in, the bytes of a file out: JSON, or Excel with four sheets."""

from __future__ import annotations

import json
from typing import Any, cast

import pandas as pd

from bsh_geo import own_book, own_datum
from bsh_geo.catalogue import QUALITY_TITLES, Text
from bsh_geo.errors import DataError
from bsh_geo.own_report import (
    COUNTS,
    MATCHED,
    NAMED,
    SORTS,
    Question,
    Report,
    Sort,
    as_dict,
    planned_text,
)

MOST_SHEET_ROWS = 200_000

TONES: dict[Sort, str] = {
    **dict.fromkeys(("rejected", "unmatched"), "bad"),
    **dict.fromkeys(("duplicate", "outside", "repaired", "proposed"), "warn"),
}


def table(report: Report, lang: str = "zh") -> pd.DataFrame:
    """A row for each row of the file and finding, by row; whether it is imported after all."""
    en = lang == "en"
    heads = ("Row", "Finding", "Imported", "What") if en else ("行", "类别", "导入", "说明")
    yes, no = ("yes", "no") if en else ("是", "否")
    made = [
        (row, SORTS[one.sort].get(lang), no if row in report.lost else yes, one.text.get(lang))
        for one in report.findings
        for row in one.rows
    ]
    made.sort(key=lambda one: one[0])
    return pd.DataFrame(made[:MOST_SHEET_ROWS], columns=list(heads))


def findings_table(report: Report, lang: str = "zh") -> pd.DataFrame:
    """A row for each finding, with how many rows it is about and the first of them."""
    en = lang == "en"
    heads = ("Finding", "Rows", "What", "Which rows") if en else ("类别", "行数", "说明", "行号")
    made = [
        (
            SORTS[one.sort].get(lang),
            len(one.rows) or None,
            one.text.get(lang),
            ", ".join(map(str, one.rows[:NAMED])) + (" …" if len(one.rows) > NAMED else ""),
        )
        for one in sorted(report.findings, key=lambda one: list(SORTS).index(one.sort))
    ]
    frame = pd.DataFrame(made, columns=list(heads))
    frame[heads[1]] = frame[heads[1]].astype("Int64")
    return frame


def columns_table(report: Report, lang: str = "zh") -> pd.DataFrame:
    """What each column of the file is used for."""
    en = lang == "en"
    heads = ("Column", "Used as", "Unit") if en else ("文件的列", "用作", "单位")
    unused = "not used" if en else "不用"
    made = [(one.column, one.field or unused, one.note.get(lang)) for one in report.mapping]
    return pd.DataFrame(made, columns=list(heads))


def _blocks(report: Report, lang: str) -> list[tuple[str, list[tuple[str, object]]]]:
    """The summary: what was read, what became of its rows, what is asked, what is written."""
    en = lang == "en"
    heads = ("File", "Rows", "To be answered", "Files written") if en else (
        "文件", "行数", "待回答", "写入的文件"
    )  # fmt: skip
    names = ("File", "SHA-256", "Format", "Encoding", "Sample", "CRS", "Datum", "Source", "Quality")
    names_zh = ("文件", "SHA-256", "格式", "编码", "文字样例", "坐标系", "基准", "来源", "数据性质")
    quality = QUALITY_TITLES[report.quality].get(lang) if report.quality else ""
    cells = (
        report.file, report.sha256, report.form, report.encoding, report.sample, report.crs,
        own_datum.NAMES.get(cast(Any, report.datum), ""), _source(report), quality,
    )  # fmt: skip
    told = [(name, cell) for name, cell in zip(names if en else names_zh, cells, strict=True)]
    counts: list[tuple[str, object]] = [
        ("Read" if en else "读入", report.read),
        ("Imported" if en else "导入", report.kept),
        (MATCHED.get(lang), report.matched),
        ("Rejected" if en else "拒收", report.rejected),
        *((SORTS[one].get(lang), report.count(one)) for one in COUNTS),
    ]
    asked = [
        (_asked(one, lang), "\n".join([one.text.get(lang), *_choices(one, lang)]))
        for one in report.questions
    ]
    written = [(one.file, planned_text(one, en).split(": " if en else "：", 1)[1])
               for one in report.files]  # fmt: skip
    said: list[tuple[str, object]] = [one for one in told if one[1]]
    blocks: list[list[tuple[str, object]]] = [said, counts, [*asked], [*written]]
    return [(head, block) for head, block in zip(heads, blocks, strict=True) if block]


ASKED: dict[str, Text] = {
    "crs": Text(zh="坐标系", en="CRS"),
    "datum": Text(zh="基准", en="Datum"),
    "quality": Text(zh="数据性质", en="Quality"),
    "columns": Text(zh="列", en="Columns"),
    "area": Text(zh="区", en="District"),
    "indicator": Text(zh="指标", en="Indicator"),
    "period": Text(zh="时间", en="Period"),
    "id": Text(zh="编号", en="Id"),
}
"""What a question is about, in a word."""


def _asked(one: Question, lang: str) -> str:
    return ASKED[one.id].get(lang) if one.id in ASKED else one.option


def _source(report: Report) -> str:
    same = report.source_title in ("", report.source)
    return report.source if same else f"{report.source_title}（{report.source}）"


def _choices(one: Question, lang: str) -> list[str]:
    return [f"· {value}  {text.get(lang)}" for value, text in one.choices]


def to_bytes(report: Report, form: str, lang: str = "zh") -> bytes:
    """The report as a file: ``json``, or ``xlsx`` with a summary, findings, rows and columns.

    Raises
    ------
    DataError
        The format is another one.
    """
    if form == "json":
        return (json.dumps(as_dict(report), ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    if form != "xlsx":
        raise DataError(
            f"报告的格式为 {form}，应为 json 或 xlsx。",
            f"The report's format is {form}; json or xlsx was expected.",
        )
    en = lang == "en"
    titles = ("Summary", "Findings", "Rows", "Columns") if en else (
        "摘要", "发现", "逐行", "对应关系"
    )  # fmt: skip
    tones = {SORTS[sort].get(lang): tone for sort, tone in TONES.items()}
    toned = "Finding" if en else "类别"
    heading = f"Import report: {report.file}" if en else f"导入报告：{report.file}"
    summary = own_book.Summary(titles[0], heading, _blocks(report, lang))
    sheets = (
        own_book.Sheet(titles[1], findings_table(report, lang), (14, 9, 74, 40), toned, tones),
        own_book.Sheet(titles[2], table(report, lang), (9, 14, 9, 100), toned, tones),
        own_book.Sheet(titles[3], columns_table(report, lang), (40, 30, 16)),
    )
    return own_book.to_bytes(summary, sheets)
