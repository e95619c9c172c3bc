"""A CSV file or a worksheet in, its rows as text below one head out, with what was recognised.

The head may stand on a later row and take two rows; merged cells of a head are spread. Rows keep
the numbers that a spreadsheet shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from bsh_geo import book_merges, own_values, reading_files
from bsh_geo.catalogue import Text
from bsh_geo.errors import DataError, ManyPartsError, unknown_name
from bsh_geo.reading_archives import Limits, blob_from
from bsh_geo.reading_cells import Fault
from bsh_geo.reading_text import PEEK, encoding_of

Ints = np.ndarray[Any, np.dtype[np.int64]]

LIMITS = Limits(members=200, size=1 << 30)
MOST_ROWS, MOST_COLUMNS = 2_000_000, 500

_BOOK = b"PK\x03\x04"

JOINED = " / "
"""Between the two rows of a head."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a table as text.

    Attributes
    ----------
    heads : tuple of tuple of str
        For each column the cells of its head, from above: one or two.
    cells : DataFrame
        Text by column place (0, 1, …), blank cells are "".
    numbers : ndarray
        The number of each row in the file, the first being 1.
    faults : tuple of Fault
        Rows that have another number of cells than the head.
    above : tuple of str
        What stands above the head, such as a title.
    head_row : int
        The number of the head's first row.
    """

    heads: tuple[tuple[str, ...], ...]
    cells: pd.DataFrame
    numbers: Ints
    faults: tuple[Fault, ...]
    above: tuple[str, ...]
    head_row: int
    encoding: str
    notes: tuple[Text, ...]

    def names(self) -> list[str]:
        """The head of each column in one text."""
        return [JOINED.join(one) for one in self.heads]


def read(content: bytes, name: str, known: Callable[[str], bool], sheet: str | None = None) -> Rows:
    """The rows of the one table of a file; ``known`` says whether a text is a column's head.

    Raises
    ------
    DataError
        The file is damaged, too large, or holds several sheets and none is named.
    """
    part = _part(content, name)
    table, notes = _table(part.tables, sheet, name, known)
    columns = max(map(len, table.peek), default=0)
    if columns > MOST_COLUMNS:
        raise DataError(
            f"{part.name} 有 {columns} 列，最多 {MOST_COLUMNS} 列。",
            f"{part.name} has {columns} columns; {MOST_COLUMNS} are the most.",
        )
    if not any(map(any, table.peek)):
        raise _empty(name)
    first, last, heads = _heads(table.peek, known)
    widest = max(range(first, last + 1), key=lambda at: len(table.peek[at]))
    cells, numbers, faults = _cells(table, widest, list(range(len(heads))), part.name)
    below = numbers > last + 1
    cells, numbers = cells[below].reset_index(drop=True), numbers[below]
    filled = ~_blank(cells)
    merged: list[Text] = []
    if content.startswith(_BOOK):
        areas = book_merges.merged_down(content, table.stems[0])
        cells, merged = _unmerged(cells, numbers, filled, areas)
    return Rows(
        heads,
        cells[filled].reset_index(drop=True),
        numbers[filled],
        tuple(one for one in faults if one.row > last + 1),
        tuple(cell for row in table.peek[:first] for cell in row if cell),
        first + 1,
        "" if content.startswith(_BOOK) else encoding_of(content[:PEEK], name, False),
        (*notes, *_told(first, last, int((~filled).sum())), *merged),
    )


def _unmerged(
    cells: pd.DataFrame,
    numbers: Ints,
    filled: np.ndarray[Any, np.dtype[np.bool_]],
    areas: Sequence[book_merges.Merged],
) -> tuple[pd.DataFrame, list[Text]]:
    """The text of merged cells in each of their rows; a number stays in the first of them.

    A name that is written once for several rows is meant for all; a figure is one figure.
    """
    carried, kept = 0, []
    columns: dict[int, np.ndarray[Any, np.dtype[np.object_]]] = {}
    for area in areas:
        if area.column not in cells:
            continue
        start, end = np.searchsorted(numbers, [area.first, area.last + 1])
        at = start + np.flatnonzero(filled[start:end])
        if len(at) < 2 or numbers[at[0]] != area.first:
            continue
        if area.column not in columns:
            columns[area.column] = cells[area.column].to_numpy(dtype=object, copy=True)
        text = str(columns[area.column][at[0]])
        read = own_values.number(text)
        if read is not None and own_values.period(text) is None:
            kept += [] if np.isnan(read[0]) else [area]
            continue
        columns[area.column][at[1:]] = text
        carried += 1
    made = cells.copy()
    for name, one in columns.items():
        made[name] = pd.Series(one, index=cells.index, dtype=str)
    return made, _told_merged(carried, kept)


def _told_merged(carried: int, kept: Sequence[book_merges.Merged]) -> list[Text]:
    notes = []
    if carried:
        notes.append(
            Text(
                zh=f"合并单元格 {carried} 处，其文字用于所含各行",
                en=f"{carried} merged cells: their text stands for each of their rows",
            )
        )
    if kept:
        rows = "、".join(f"{one.first}–{one.last}" for one in kept[:6])
        notes.append(
            Text(
                zh=f"数字的合并单元格 {len(kept)} 处（第 {rows} 行），只用于第一行",
                en=f"{len(kept)} merged cells hold a number (rows {rows}); only the first row "
                "takes it",
            )
        )
    return notes


def _part(content: bytes, name: str) -> reading_files.Part:
    """The one file that the bytes are; an archive of several tables is no table."""
    parts = list(islice(reading_files.parts(blob_from(name, content), LIMITS), 2))
    if not parts:
        raise _empty(name)
    if len(parts) > 1:
        raise DataError(
            f"{name} 是含有几个文件的压缩包，请解压后逐个导入。",
            f"{name} is an archive of several files; unpack it and import them one by one.",
        )
    if parts[0].fault is not None:
        raise parts[0].fault
    return parts[0]


def _told(first: int, last: int, blank: int) -> list[Text]:
    """What is to be said of where the head stands and of blank rows."""
    notes = []
    if last > first:
        zh, en = (
            f"表头占第 {first + 1}–{last + 1} 行",
            f"The head takes rows {first + 1} to {last + 1}",
        )
        notes.append(Text(zh=zh, en=en))
    elif first:
        notes.append(Text(zh=f"表头在第 {first + 1} 行", en=f"The head is on row {first + 1}"))
    if blank:
        notes.append(Text(zh=f"空行 {blank} 行，略过", en=f"{blank} blank rows were skipped"))
    return notes


def _empty(name: str) -> DataError:
    return DataError(f"{name} 中没有表。", f"{name} holds no table.")


def _table(
    tables: Sequence[reading_files.Table],
    sheet: str | None,
    name: str,
    known: Callable[[str], bool],
) -> tuple[reading_files.Table, list[Text]]:
    if not tables:
        raise _empty(name)
    titles = [one.stems[0] for one in tables]
    if sheet is not None:
        if sheet not in titles:
            raise unknown_name("工作表", "sheet", sheet, titles)
        return tables[titles.index(sheet)], []
    fitting = [at for at, one in enumerate(tables) if _score(one.peek, known) >= 2]
    if len(tables) == 1 or len(fitting) == 1:
        at = fitting[0] if fitting else 0
        left = [one for place, one in enumerate(titles) if place != at]
        notes = []
        if left:
            notes.append(
                Text(
                    zh=f"只读工作表“{titles[at]}”，未读：{'、'.join(left)}",
                    en=f"Only the sheet “{titles[at]}” was read, not {', '.join(left)}",
                )
            )
        return tables[at], notes
    listed = "、".join(titles)
    raise ManyPartsError(
        f"{name} 有几张工作表：{listed}；请指定一张（--sheet）。",
        f"{name} holds several sheets: {listed}; name one with --sheet.",
        titles,
    )


def _score(peek: Sequence[Sequence[str]], known: Callable[[str], bool]) -> int:
    return max((sum(map(known, filter(None, row[:MOST_COLUMNS]))) for row in peek), default=0)


def _heads(
    peek: Sequence[Sequence[str]], known: Callable[[str], bool]
) -> tuple[int, int, tuple[tuple[str, ...], ...]]:
    """First and last row (from 0) of the head, and its cells by column."""
    scores = [sum(known(cell) for cell in row if cell) for row in peek]
    best = max(scores, default=0)
    filled = [at for at, row in enumerate(peek) if sum(bool(cell) for cell in row) > 1]
    filled = filled or [at for at, row in enumerate(peek) if any(row)]
    at = scores.index(best) if best else (filled[0] if filled else 0)
    lead = next((place for place, cell in enumerate(peek[at]) if cell), 0)
    above = at - 1
    if lead and above >= 0 and sum(bool(cell) for cell in peek[above]) > 1 and peek[above][0]:
        at = above
    first = at
    upper = _spread(peek[first])
    last = first
    if first + 1 < len(peek) and _continues(peek[first], peek[first + 1]):
        last = first + 1
    lower = peek[last] if last > first else ()
    width = max(len(upper), len(lower))
    heads = []
    for place in range(width):
        top = upper[place] if place < len(upper) else (upper[-1] if upper else "")
        below = lower[place] if place < len(lower) else ""
        own = peek[first][place] if place < len(peek[first]) else ""
        heads.append(tuple(one for one in ((top, below) if below else (own,)) if one))
    return first, last, tuple(heads)


def _spread(row: Sequence[str]) -> list[str]:
    """A row of a head with each cell carried over the blank ones behind it."""
    made: list[str] = []
    for cell in row:
        made.append(cell or (made[-1] if made else ""))
    return made


def _continues(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether a row belongs to the head above it.

    It leaves the first column of the head blank and names the columns of a wider cell, or it
    holds nothing but units.
    """
    lead = next((place for place, cell in enumerate(upper) if cell), 0)
    named = [cell for cell in lower if cell]
    if not named:
        return False
    units = [cell for cell in named if cell not in ("单位", "unit", "units")]
    if units and all(own_values.is_unit(cell.strip("()（）")) for cell in units):
        return True
    return not (lower[lead] if lead < len(lower) else "")


def _cells(
    table: reading_files.Table, head: int, places: list[int], name: str
) -> tuple[pd.DataFrame, Ints, list[Fault]]:
    batches, numbers = [], []
    faults: list[Fault] = []
    rows = 0
    for chunk in table.chunks(head, places, ()):
        rows += len(chunk.rows)
        if rows > MOST_ROWS:
            raise DataError(
                f"{name} 超过 {MOST_ROWS:,} 行，请分成几个文件。",
                f"{name} has more than {MOST_ROWS:,} rows; divide it into several files.",
            )
        batches.append(pa.table({str(place): chunk.columns[place] for place in places}))
        numbers.append(chunk.rows)
        faults += chunk.faults
    if not batches:
        return pd.DataFrame(columns=places, dtype=str), np.empty(0, np.int64), faults
    frame = pa.concat_tables(batches).to_pandas()
    frame.columns = pd.Index(places)
    return frame, np.concatenate(numbers), faults


def _blank(cells: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found = np.ones(len(cells), dtype=bool)
    for name in cells:
        found &= cells[name].str.strip().eq("").to_numpy(dtype=bool)
    return found
