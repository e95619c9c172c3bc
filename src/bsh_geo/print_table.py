"""The rows of a map in, a compact table in a column of the printed page out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from bsh_geo import fonts
from bsh_geo.classes import number
from bsh_geo.mapspec import BRIEF_DECIMALS, TableView
from bsh_geo.marks import (
    HAIRLINE,
    INK,
    MUTED,
    Block,
    Setting,
    heading,
    line,
    moved,
    over,
    paragraph,
    plain,
    set_lines,
    stacked,
)

Row = tuple[str, ...]

_LEAST = 2
"""Rows; one row says nothing that the key figure does not say."""
_QUALITY = ("质量", "Quality")
_FACT_SHARE = 0.34
"""The largest part of the width that a fact takes; a longer one has two lines."""
_AIR = 2.5
"""Between two columns, mm."""


def table_block(table: TableView, setting: Setting) -> Block | None:
    """Names and what is told of them, in as many rows as ``setting`` allows; None for too few.

    Districts stand in two columns of name and value, all of them or none; places in one with up to
    two facts, as many as there is room for. A figure
    whose quality is not that of most says so.
    """
    shown = table.printed
    if setting.rows <= 0 or len(shown) < _LEAST or len(shown.columns) < 2:
        return None
    if table.id in ("districts", "stations-values"):
        if len(shown) > 2 * setting.rows:
            return None
        body = _in_halves(_valued_rows(table, setting), setting)
        return stacked([heading(str(shown.columns[1]), setting), body])
    decimals = None if table.brief is None else BRIEF_DECIMALS
    rows, titles = _fact_rows(shown, decimals), tuple(str(one) for one in shown.columns[:3])
    blocks = [heading(table.title, setting), _in_one(rows[: setting.rows], titles, setting)]
    if len(rows) > setting.rows:
        text = setting.words["more"].format(n=len(rows) - setting.rows)
        blocks.append(paragraph(text, setting.width, setting.points(6), MUTED))
    return stacked(blocks)


def _in_halves(rows: Sequence[Row], setting: Setting) -> Block:
    """Names and values in two columns side by side; a few in one."""
    halves = 2 if len(rows) > 8 else 1
    width = (setting.width - 4.0 * (halves - 1)) / halves
    size = setting.points(7.0)
    value = max(fonts.width(row[1], size) for row in rows) + _AIR
    made = [_row(row, (width - value, value), width, size) for row in rows]
    each = math.ceil(len(made) / halves)
    sides = [stacked(made[place * each : (place + 1) * each]) for place in range(halves)]
    return over(*(_right(side, place * (width + 4.0)) for place, side in enumerate(sides)))


def _right(block: Block, dx: float) -> Block:
    """The block shifted to the right, its height unchanged."""
    return Block(block.height, tuple(moved(mark, dx, 0.0) for mark in block.marks))


def _in_one(rows: Sequence[Row], titles: Row, setting: Setting) -> Block:
    """Names and facts under their titles; a fact too long for two lines is left to the table."""
    size, width = setting.points(7.0), setting.width
    most, quiet = width * _FACT_SHARE, setting.points(6.0)
    wanted = [max(fonts.width(row[at], size) for row in rows) for at in range(len(titles))]
    kept = [at for at in range(1, len(titles)) if wanted[at] <= 1.6 * most]
    rest = [min(max(wanted[at], fonts.width(titles[at], quiet)) + _AIR, most) for at in kept]
    ends = [width - sum(rest), *rest]
    head = _row([titles[at] for at in (0, *kept)], ends, width, quiet, MUTED, 2)
    return stacked([head, *(_row([row[at] for at in (0, *kept)], ends, width, size, INK, 2)
                            for row in rows)])  # fmt: skip


def _valued_rows(table: TableView, setting: Setting) -> list[Row]:
    """Name and value of each row; a quality that most rows do not have follows the name."""
    shown = table.shown
    qualities = _column(shown, _QUALITY)
    usual = Counter(one for one in qualities if one).most_common(1)
    most = usual[0][0] if usual else ""
    rows: list[Row] = []
    for name, value, quality in zip(shown.iloc[:, 0], shown.iloc[:, 1], qualities, strict=True):
        aside = quality if quality and quality != most and not pd.isna(value) else ""
        words = setting.words
        tail = f"{words['open']}{aside}{words['close']}".rstrip() if aside else ""
        rows.append((f"{name}{tail}", _value(value, table.decimals, setting)))
    return rows


def _column(shown: pd.DataFrame, titles: Sequence[str]) -> list[str]:
    """The texts of the first column with one of ``titles``; blanks where there is none."""
    for title in titles:
        if title in shown.columns:
            return ["" if pd.isna(one) else str(one) for one in shown[title]]
    return [""] * len(shown)


def _value(value: object, decimals: int | None, setting: Setting) -> str:
    """A value as it was published; the words for missing where there is none."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return setting.words["none"]
    figure = float(str(value))
    return plain(figure) if decimals is None else number(figure, decimals)


def _fact_rows(shown: pd.DataFrame, decimals: int | None) -> list[Row]:
    """Name and the first two facts of each row; what is missing is a dash."""
    first = shown.iloc[:, :3]
    return [tuple(_fact(cell, decimals) for cell in row) for row in first.itertuples(index=False)]


def _fact(cell: object, decimals: int | None) -> str:
    """A cell as text."""
    if cell is None or pd.isna(cell) or cell == "":  # type: ignore[call-overload]
        return "—"
    if not isinstance(cell, float):
        return str(cell)
    return plain(cell) if decimals is None else number(cell, decimals)


def _row(
    row: Sequence[str],
    ends: Sequence[float],
    width: float,
    size: float,
    colour: str = INK,
    lines: int = 1,
) -> Block:
    """One row over a hairline: the name at the left, the last value at the right end."""
    cells, x = [], 0.0
    for place, (text, room) in enumerate(zip(row, ends, strict=True)):
        last = place == len(row) - 1
        kept = fonts.cut(text, room - (0.0 if last else _AIR), size, lines)
        quiet = colour if place == 0 or last else MUTED
        at = width if last else x
        cells.append(set_lines(kept, size, quiet, x=at, align="right" if last else "left"))
        x += room
    body = over(*cells)
    rule = line([(0.0, body.height), (width, body.height)], HAIRLINE, 0.3)
    return Block(body.height + 0.1, (*body.marks, rule))
