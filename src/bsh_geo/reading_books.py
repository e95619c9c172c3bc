"""Workbooks, GeoJSON and Parquet in, the same chunks of text out as of a CSV file."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from openpyxl import load_workbook
from pyarrow import parquet

from bsh_geo import parquet_bounds
from bsh_geo.book_bounds import BROKEN, sheet_rows
from bsh_geo.book_bounds import check as check_book
from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_JSON_CELLS, MOST_JSON_NAMES, told
from bsh_geo.reading_cells import Chunk, Fault, plain, text_array
from bsh_geo.reading_text import LONGEST, PEEK_ROWS

ROWS = 100_000
"""Rows per chunk."""

FORMULA = "="
"""The first sign of a cell that is a formula."""

Opened = Callable[[], BinaryIO]


@dataclass(frozen=True)
class Sheet:
    """One table of a file that is no text: its title, its first rows, and how to read the rest."""

    title: str
    peek: tuple[tuple[str, ...], ...]
    chunks: Callable[[int, Sequence[int]], Iterator[Chunk]]


def book_sheets(opened: Opened, name: str) -> list[Sheet]:
    """The worksheets of an xlsx file that hold anything.

    Formulas stay as they are typed, so that they can be refused: the value that a program last
    wrote beside a formula may be of another day.
    """
    titles = _with_book(opened, name, lambda book: [page.title for page in book.worksheets])
    sheets = []
    for title in titles:
        peek = tuple(islice(_page_rows(opened, name, title), PEEK_ROWS))
        if any(any(row) for row in peek):
            sheets.append(Sheet(title, peek, _page_chunks(opened, name, title)))
    return sheets


def _no_book(name: str) -> DataError:
    return DataError(
        f"{name} 不是可读的 Excel 工作簿（.xlsx）。",
        f"{name} is not a readable Excel workbook (.xlsx).",
    )


def _with_book(opened: Opened, name: str, asked: Callable[[Any], Any]) -> Any:
    try:
        with opened() as file:
            check_book(file, name)
            book = load_workbook(file, read_only=True)
            try:
                return asked(book)
            finally:
                book.close()
    except BROKEN as error:
        raise _no_book(name) from error


def _page_rows(opened: Opened, name: str, title: str) -> Iterator[tuple[str, ...]]:
    """All rows of a worksheet as text, blank ones too, so that they can be counted."""
    with opened() as file:
        try:
            book = load_workbook(file, read_only=True)
            page = book[title]
            page.reset_dimensions()  # some programs write wrong ones
            for row in sheet_rows(page.iter_rows(values_only=True), name):
                yield _filled(row)
            book.close()
        except BROKEN as error:
            raise _no_book(name) from error


def _filled(row: Sequence[object]) -> tuple[str, ...]:
    """The cells of a row up to the last that is not blank: a row may claim 16,384 of them."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return tuple(cell_text(cell) for cell in row[:end])


def cell_text(cell: object) -> str:
    """A cell of a worksheet, a JSON property or the like as a CSV file would hold it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return "" if math.isnan(cell) else repr(int(cell) if cell.is_integer() else cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, (int, datetime.date, datetime.time)):
        return str(cell)
    # Formulas over an area, and what a JSON file nests.
    return f"{FORMULA}{getattr(cell, 'text', '')}" if hasattr(cell, "ref") else _nested(cell)


def _nested(cell: object) -> str:
    """A list or object of a JSON file as text; a mark where it is nested too deep to be told."""
    try:
        return json.dumps(cell, default=str)
    except RecursionError:
        return "…"


def _page_chunks(
    opened: Opened, name: str, title: str
) -> Callable[[int, Sequence[int]], Iterator[Chunk]]:
    def chunks(head: int, wanted: Sequence[int]) -> Iterator[Chunk]:
        rows = _page_rows(opened, name, title)
        names = next(islice(rows, head, None), ())
        return _row_chunks(rows, head + 2, len(names), wanted)

    return chunks


def _row_chunks(
    rows: Iterable[Sequence[str]], first: int, width: int, wanted: Sequence[int]
) -> Iterator[Chunk]:
    """Chunks of rows of text; cells beyond the head are a fault, missing ones are blank."""
    left = iter(rows)
    while block := list(islice(left, ROWS)):
        numbers = np.arange(first, first + len(block), dtype=np.int64)
        first += len(block)
        faults = tuple(
            Fault(
                int(number),
                ",".join(row),
                f"有{len(row)}个单元格，表头有{width}个",
                f"the row has {len(row)} cells, the head {width}",
            )
            for number, row in zip(numbers, block, strict=True)
            if any(row[width:])
        )
        wide = {fault.row for fault in faults}
        kept = [row for number, row in zip(numbers, block, strict=True) if number not in wide]
        columns = {
            place: text_array([row[place] if place < len(row) else "" for row in kept])
            for place in wanted
        }
        yield Chunk(numbers[~np.isin(numbers, sorted(wide))], columns, faults)


def json_sheets(content: Callable[[], bytes], name: str) -> list[Sheet]:
    """The properties of a GeoJSON file's features, or the objects of a JSON list, as one table.

    Row 1 is the first feature.
    """
    names, rows = _records(content(), name)

    def chunks(head: int, wanted: Sequence[int]) -> Iterator[Chunk]:
        names, rows = _records(content(), name)
        return _row_chunks(rows, 1, len(names), wanted)

    return [Sheet("", (names, *rows[: PEEK_ROWS - 1]), chunks)]


def _records(content: bytes, name: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The names of all properties, and a row per feature."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{name} 不是有效的 JSON，文件可能不完整。",
            f"{name} is not valid JSON; it may be incomplete.",
        ) from error
    listed = found.get("features") if isinstance(found, dict) else found
    records: list[Any] = [
        one.get("properties") if isinstance(found, dict) and isinstance(one, dict) else one
        for one in (listed if isinstance(listed, list) else [])
    ]
    if not records or not all(isinstance(one, dict) for one in records):
        raise DataError(
            f"{name} 应为 GeoJSON（FeatureCollection）或由对象组成的列表，且至少有一项。",
            f"{name} should be a GeoJSON FeatureCollection or a list of objects, with at least "
            "one entry.",
        )
    names = tuple(dict.fromkeys(key for one in records for key in one))
    if len(names) > MOST_JSON_NAMES:
        raise told(name, "个不同的字段", "different fields", len(names), MOST_JSON_NAMES)
    if len(names) * len(records) > MOST_JSON_CELLS:
        cells = len(names) * len(records)
        raise told(name, "个单元格", "cells", cells, MOST_JSON_CELLS)
    rows = [tuple(_whole(cell_text(one.get(key))) for key in names) for one in records]
    return tuple(map(_whole, names)), rows


def _whole(text: str) -> str:
    """A text without halves of surrogate pairs, which JSON may spell and no encoding has."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def parquet_sheets(opened: Opened, name: str, most: int | None = None) -> list[Sheet]:
    """The columns of a Parquet file as text, at most so many cells; row 1 is the first of data."""
    try:
        with opened() as file:
            book = _parquet(file)
            cells = book.metadata.num_rows * book.metadata.num_columns
            if most is not None and cells > most:
                raise told(name, "个单元格", "cells", cells, most)
            names = tuple(book.schema_arrow.names)
            first = next(book.iter_batches(batch_size=PEEK_ROWS - 1), None)
            if first is not None:
                first.validate(full=True)  # what should be UTF-8 is
            rows = [] if first is None else _text_rows(first)
    except (pa.ArrowException, OSError) as error:
        raise _no_parquet(name) from error

    def chunks(head: int, wanted: Sequence[int]) -> Iterator[Chunk]:
        return _parquet_chunks(opened, name, wanted)

    return [Sheet("", (names, *rows), chunks)]


def _parquet(file: BinaryIO) -> parquet.ParquetFile:
    """A Parquet file whose texts come once each: a long one repeated would fill the memory."""
    texts = parquet_bounds.text_columns(parquet_bounds.opened(file), binary=False)
    file.seek(0)
    return parquet_bounds.opened(file, read_dictionary=texts)


def _no_parquet(name: str) -> DataError:
    return DataError(
        f"{name} 无法按 Parquet 读取，文件可能已损坏。",
        f"{name} cannot be read as Parquet; the file may be damaged.",
    )


def _text_rows(batch: pa.RecordBatch) -> list[tuple[str, ...]]:
    """The first rows; a column that is no text, number or time is blank in them."""
    columns = []
    for column in batch.columns:
        try:
            columns.append(_shown_text(column))
        except _NO_TEXT:
            columns.append([""] * len(column))
    return [tuple(row) for row in zip(*columns, strict=True)]


def _shown_text(column: pa.Array) -> list[str]:
    """The first cells of a column, none longer than a cell of readings can be."""
    if pa.types.is_dictionary(column.type) and parquet_bounds.longest(column) > LONGEST:
        raise pa.ArrowInvalid("long")
    found = plain(column)
    return [str(one) for one in found.to_pylist()]


_NO_TEXT = (pa.ArrowNotImplementedError, pa.ArrowInvalid)


def _text(column: pa.Array, name: str) -> pa.Array:
    if pa.types.is_dictionary(column.type) and parquet_bounds.longest(column) > LONGEST:
        raise DataError(
            f"{name} 有一个单元格超过 {LONGEST} 字节，不像监测数据。",
            f"{name} has a cell of more than {LONGEST} bytes, which no reading has.",
        )
    try:
        return plain(column)
    except _NO_TEXT as error:
        raise DataError(
            f"{name} 有一列的类型为 {column.type}，应为文本、数字或时间。",
            f"{name} has a column of type {column.type}; text, a number or a time was expected.",
        ) from error


def _parquet_chunks(opened: Opened, name: str, wanted: Sequence[int]) -> Iterator[Chunk]:
    first = 1
    try:
        with opened() as file:
            book = _parquet(file)
            columns = [book.schema_arrow.names[place] for place in wanted]
            for batch in book.iter_batches(batch_size=ROWS, columns=columns):
                batch.validate(full=True)
                rows = np.arange(first, first + batch.num_rows, dtype=np.int64)
                first += batch.num_rows
                texts = [_text(batch.column(column), name) for column in columns]
                yield Chunk(rows, dict(zip(wanted, texts, strict=True)))
    except (pa.ArrowException, OSError) as error:
        raise _no_parquet(name) from error
