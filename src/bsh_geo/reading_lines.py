"""The report of an import and the mapping before it in, lines for a terminal out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from bsh_geo import listing
from bsh_geo.reading_import import Report

LINES = 12
"""Files that are told one by one; of more, those with something to say."""

NAMED = 10
"""Stations, items or reasons that are named; the report has all."""

WIDEST = 36
"""Cells of a terminal for one column."""


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Cells in columns, a Chinese character being two cells wide."""
    widths = [max(cell_len(row[at]) for row in rows) for at in range(len(rows[0]))] if rows else []
    widths = [min(width, WIDEST) for width in widths]
    return [
        "  ".join(
            text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def report_lines(found: Report, lang: str) -> list[str]:
    """What an import did, for the terminal."""
    en = lang == "en"
    rows = found.rows(lang)
    if len(found.files) > LINES:
        special = [
            at for at, one in enumerate(found.files) if one.faults or one.rejected or one.repeated
        ]
        rows = rows.iloc[[*special[:LINES], len(found.files)]]
    lines = listing.lines(rows.drop(columns=rows.columns[7]))
    written = found.written
    if written is None:
        lines.append("Nothing was stored." if en else "没有可存的读数。")
    else:
        span = f"{written.first:%Y-%m-%d %H:%M} – {written.last:%Y-%m-%d %H:%M}"
        lines.append(
            f"Batch {written.batch}: {written.stored:,} stored, {written.replaced:,} replaced, "
            f"{written.unchanged:,} unchanged; {span}"
            if en
            else f"批次 {written.batch}：新存 {written.stored:,}，替换 {written.replaced:,}，"
            f"未变 {written.unchanged:,}；{span}"
        )
        if written.repeated:
            lines.append(
                f"{written.repeated:,} values were in more than one file; the last file counts."
                if en
                else f"{written.repeated:,} 个数值在几个文件中都有，以后面的文件为准。"
            )
    lines += _told(found, lang)
    return lines


def _told(found: Report, lang: str) -> list[str]:
    """What was left out or refused, and why; files that could not be read."""
    en, lines = lang == "en", []
    if found.outside:
        names = _few(found.outside, en)
        count, values = len(found.outside), sum(found.outside.values())
        lines.append(
            f"{values:,} values of {count:,} stations that the project does not know were left "
            f"out: {names}; --all-stations keeps them."
            if en
            else f"{count:,} 个站点不在项目的站点表中，其 {values:,} 个数值未读入：{names}；"
            "要保留请加 --all-stations。"
        )
    if found.other:
        lines.append(
            f"Items that are not read: {_few(found.other, en)}."
            if en
            else f"未读的项目：{_few(found.other, en)}。"
        )
    if found.rejected_file:
        reasons = ("; " if en else "；").join(
            f"{reason.get(lang)} {count:,}" for reason, count in [*found.reasons.items()][:NAMED]
        )
        lines.append(
            f"Rejected: {reasons}. See {found.rejected_file}."
            if en
            else f"拒收：{reasons}。见 {found.rejected_file}。"
        )
    lines += [fault.get(lang) for one in found.faulty for fault in one.faults][: 2 * NAMED]
    return lines


def _few(counts: dict[str, int], en: bool) -> str:
    names = [*counts][:NAMED]
    joined = (", " if en else "、").join(names)
    return joined + (" …" if len(counts) > len(names) else "")
