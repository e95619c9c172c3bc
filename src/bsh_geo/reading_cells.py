"""Columns of text in (as pyarrow holds them), codes and numbers out: a million cells at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BLANKS = frozenset(
    {
        *("", "-", "--", "---", "—", "——", "–", "/", "\\", "*", "#", "."),
        *("NA", "N/A", "na", "n/a", "NaN", "nan", "NAN", "null", "NULL", "Null", "None", "none"),
        *("缺测", "缺失", "无", "无数据", "无效", "停电", "维护", "故障", "校准", "<NA>"),
    }
)
"""Cells that say that there is no value."""

MARKS = (-99.0, -999.0, -9999.0, 9999.0)
"""Numbers that stations and platforms write where there is no value."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MINUS = str.maketrans({"−": "-", "－": "-", "﹣": "-"})


@dataclass(frozen=True)
class Fault:
    """A row that could not be read at all: its number in the file, its text, and why."""

    row: int
    text: str
    zh: str
    en: str


@dataclass(frozen=True)
class Chunk:
    """Rows of a table: the number of each in its file, and columns of text by their place."""

    rows: Ints
    columns: dict[int, pa.Array]
    faults: tuple[Fault, ...] = field(default=())


@dataclass(frozen=True)
class Numbers:
    """Cells as numbers: NaN is missing, ``wrong`` are those that are neither number nor blank."""

    values: Floats
    wrong: Flags


def text_array(cells: Sequence[str | None]) -> pa.Array:
    """A column of text; None is blank."""
    return pa.array(cells, type=pa.string()).fill_null("")


def plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column in one piece, as text or as a dictionary of text, without nulls."""
    if isinstance(column, pa.StringArray) and column.null_count == 0:
        return column
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):  # of no chunk, or of too long ones
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    if pa.types.is_dictionary(whole.type):
        return whole if whole.null_count == 0 else whole.dictionary_decode().fill_null("")
    text = whole if pa.types.is_string(whole.type) else whole.cast(pa.string())
    return text.fill_null("") if text.null_count else text


def coded(column: pa.Array) -> tuple[list[str], Ints]:
    """The different texts of a column, stripped, and for each cell the place of its text."""
    found = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = [text.strip() for text in found.dictionary.to_pylist()]
    places: Ints = found.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return texts, places


def together(columns: Sequence[pa.Array]) -> pa.Array:
    """Columns of text one below the other."""
    if not columns:
        return pa.array([], pa.string())
    texts = [
        one.dictionary_decode() if pa.types.is_dictionary(one.type) else one for one in columns
    ]
    return texts[0] if len(texts) == 1 else pa.concat_arrays(texts)


def numbers(cells: pa.Array, missing: Collection[str] = ()) -> Numbers:
    """Cells of text as numbers; ``missing`` are further cells that stand for no value.

    Surrounding space, full-width digits and signs are read; separators of thousands, ``<0.5`` and
    ``inf`` are not numbers. The values of ``MARKS`` are missing.
    """
    blank = pc.equal(cells, "")
    found = _cast(pc.if_else(blank, None, cells))
    if found is None:
        marks = pa.array(sorted({*BLANKS, *missing}), pa.string())
        blank = pc.is_in(pc.utf8_trim_whitespace(cells), value_set=marks)
        found = _cast(pc.if_else(blank, None, cells))
    result = _one_by_one(cells, {*BLANKS, *missing}) if found is None else found
    declared = [float(one) for one in missing if NUMBER.fullmatch(one)]
    values = result.values
    values[np.isin(values, [*MARKS, *declared])] = np.nan
    return result


def _cast(cells: pa.Array) -> Numbers | None:
    """What pyarrow makes of the cells at once; None if any is no number to it."""
    try:
        found = cells.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    values: Floats = found.to_numpy(zero_copy_only=False).copy()
    wrong = np.isinf(values)
    values[wrong] = np.nan
    return Numbers(values, wrong)


def _one_by_one(cells: pa.Array, blanks: Collection[str]) -> Numbers:
    """Each different text judged once."""
    encoded = cells.dictionary_encode()
    values, wrong = [], []
    for text in encoded.dictionary.to_pylist():
        number = _number(text, blanks)
        values.append(np.nan if number is None else number)
        wrong.append(number is None)
    at = encoded.indices.to_numpy(zero_copy_only=False)
    return Numbers(np.array(values, dtype=float)[at], np.array(wrong, dtype=bool)[at])


def _number(text: str, blanks: Collection[str]) -> float | None:
    """The number of a cell, NaN if it says that there is none, None if it is neither."""
    if text.strip() in blanks:
        return float("nan")
    plain_text = unicodedata.normalize("NFKC", text).translate(_MINUS).strip()
    if plain_text in blanks:
        return float("nan")
    if not NUMBER.fullmatch(plain_text):
        return None
    value = float(plain_text)
    return value if np.isfinite(value) else None


def filled(cells: pa.Array) -> Flags:
    """Which cells hold anything but a blank or a mark of a missing value, number or not."""
    found = numbers(cells)
    held: Flags = found.wrong | ~np.isnan(found.values)
    return held


def texts_at(cells: pa.Array, places: Ints) -> list[str]:
    """The texts of these cells, as they stand in the file."""
    found: list[str] = cells.take(pa.array(places)).to_pylist()
    return found


def sliced(chunk: Chunk, start: int) -> Chunk:
    """The chunk without its first ``start`` rows."""
    return Chunk(
        chunk.rows[start:],
        {place: column.slice(start) for place, column in chunk.columns.items()},
        chunk.faults,
    )
