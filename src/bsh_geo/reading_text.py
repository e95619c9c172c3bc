"""Separated text in (any usual encoding and separator), chunks of rows out, with their numbers."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from bsh_geo.errors import DataError
from bsh_geo.reading_cells import Chunk, Fault, Ints, plain, sliced, text_array

BLOCK = 16 << 20
"""Bytes of text per chunk; a chunk with its columns takes some ten times as much memory."""

PEEK = 1 << 18
"""Bytes looked at to find separator and head."""

PEEK_ROWS, PEEK_CELLS = 40, 16_000
"""Rows and cells looked at: a national file has 1,600 columns, and ten rows of it are enough."""

LONGEST = 4096
"""Bytes of the longest cell that is taken for one."""

SEPARATORS = (",", "\t", ";", "|")

ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class EncodingError(DataError):
    """A text is not of the encoding it was taken for."""


@dataclass(frozen=True)
class Layout:
    """How the text of a file is written."""

    encoding: str
    separator: str
    peek: tuple[tuple[str, ...], ...]


def layout(start: bytes, name: str, whole: bool) -> Layout:
    """The layout that the first bytes of a file show (``whole``: they are all of it).

    Raises
    ------
    DataError
        The bytes are no text.
    """
    encoding = encoding_of(start, name, whole)
    text = _decoded(start, encoding, name)
    if "\x00" in text:
        raise DataError(
            f"{name} 不是文本，也不是能识别的表格文件。",
            f"{name} is neither text nor a table file that is known.",
        )
    if not whole and "\n" in text:
        text = text[: text.rindex("\n") + 1]
    separator = _separator(text)
    rows: list[tuple[str, ...]] = []
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            rows.append(tuple(map(str.strip, row)))
            cells += len(row)
            if len(rows) == PEEK_ROWS or cells > PEEK_CELLS:
                break
    except csv.Error as error:
        raise DataError(
            f"{name} 无法按 CSV 读取（{error}）。", f"{name} cannot be read as CSV ({error})."
        ) from error
    return Layout(encoding, separator, tuple(rows))


def encoding_of(start: bytes, name: str, whole: bool = True) -> str:
    """``utf-8``, ``utf-8-sig``, ``utf-16`` or ``gb18030``, whichever decodes these bytes."""
    for mark, encoding in ENCODINGS:
        if start.startswith(mark):
            return encoding
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start, whole)
        return "gb18030" if _only_looks_utf8(text) else "utf-8"
    except UnicodeDecodeError as first:
        try:
            codecs.getincrementaldecoder("gb18030")().decode(start, whole)
            return "gb18030"
        except UnicodeDecodeError as error:
            raise no_text(name, first.start + 1) from error


def _only_looks_utf8(text: str) -> bool:
    """Whether the text has foreign letters alone: some Chinese words in GB18030, such as 校准,
    happen to be letters of other scripts in UTF-8."""
    if text.isascii() or re.search("[\u0800-\U0010ffff]", text):
        return False
    return re.search(f"[^\x00-\x7f{SIGNS}]", text) is not None


SIGNS = "μµ²³°±·×÷"
"""Signs of units that a file of readings may well have in UTF-8 without any Chinese."""


def no_text(name: str, byte: int) -> EncodingError:
    """The fault of bytes that are no text from the one of that number on."""
    return EncodingError(
        f"{name} 既不是 UTF-8 也不是 GB18030 编码（第 {byte} 字节起），请另存为 CSV UTF-8。",
        f"{name} is neither UTF-8 nor GB18030 (from byte {byte}); save it as CSV UTF-8.",
    )


def _decoded(start: bytes, encoding: str, name: str) -> str:
    """The first bytes as text: what a mark in front promised may still be none."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError as error:
        raise no_text(name, error.start + 1) from error


def _separator(text: str) -> str:
    """The separator with the most cells in the widest of the first lines."""
    lines = [line for line in text.splitlines()[:PEEK_ROWS] if line.strip()]
    counts = {mark: max((line.count(mark) for line in lines), default=0) for mark in SEPARATORS}
    return max(SEPARATORS, key=lambda mark: counts[mark]) if any(counts.values()) else ","


def as_utf8(source: BinaryIO, target: BinaryIO, encoding: str, name: str) -> None:
    """Copy text from one file to another in UTF-8 without a mark in front."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    try:
        while block := source.read(1 << 20):
            target.write(decoder.decode(block).encode("utf-8"))
            done += len(block)
        target.write(decoder.decode(b"", True).encode("utf-8"))
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise no_text(name, done + error.start + 1) from error


@dataclass(frozen=True)
class Text:
    """UTF-8 text of rows: how to open it, where its head stands (from 0), how many columns."""

    opened: Callable[[], pa.NativeFile]
    name: str
    separator: str
    head: int
    width: int


def text_chunks(text: Text, wanted: Sequence[int], shared: Collection[int] = ()) -> Iterator[Chunk]:
    """The rows below the head.

    Only the columns ``wanted`` are made; those of them that are ``shared`` hold few different
    texts and come as dictionaries. A row with more or fewer cells than the head is a fault of the
    chunk. Rows are numbered as a spreadsheet does, the first being 1; blank ones are counted too.

    Raises
    ------
    DataError
        A quotation mark is never closed, or pyarrow cannot read the text.
    """
    done = 0
    ragged: list[arrow_csv.InvalidRow] = []
    try:
        # With all processors pyarrow gives a ragged row no number: at the first one, read on with
        # a single one, from the row where this reading stopped.
        for chunk in _chunks(text, wanted, shared, ragged, True):
            done += len(chunk.rows)
            yield chunk
    except pa.ArrowInvalid as error:
        if not ragged:
            raise _unreadable(text.name, error) from error
        yield from _from_row(_chunks(text, wanted, shared, [], False), done)


def _from_row(chunks: Iterator[Chunk], done: int) -> Iterator[Chunk]:
    """The chunks without their first ``done`` rows."""
    for chunk in chunks:
        here = min(done, len(chunk.rows))
        done -= here
        if here < len(chunk.rows) or chunk.faults:
            yield sliced(chunk, here)


def _unreadable(name: str, error: pa.ArrowInvalid) -> DataError:
    said = str(error).splitlines()[0]
    return DataError(
        f"{name} 无法按 CSV 读取（{said}）。", f"{name} cannot be read as CSV ({said})."
    )


def _chunks(
    text: Text,
    wanted: Sequence[int],
    shared: Collection[int],
    ragged: list[arrow_csv.InvalidRow],
    threads: bool,
) -> Iterator[Chunk]:
    def refused(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "error" if threads else "skip"

    try:
        reader = _reader(text, wanted, shared, refused, threads)
    except pa.ArrowInvalid as error:
        if str(error).startswith(("Could not skip initial", "Empty CSV")):
            return  # nothing stands below the head
        raise
    number = text.head + 2
    for batch in reader:
        rows, here = _row_numbers(number, batch.num_rows, ragged)
        number += batch.num_rows + len(here)
        columns = {place: plain(batch.column(at)) for at, place in enumerate(wanted)}
        _no_open_quote(columns, rows, text.name)
        yield Chunk(rows, columns, tuple(_ragged(row) for row in here))
    if ragged and not threads:
        nothing = {place: text_array([]) for place in wanted}
        yield Chunk(np.empty(0, np.int64), nothing, tuple(_ragged(row) for row in ragged))


def _row_numbers(
    first: int, count: int, ragged: list[arrow_csv.InvalidRow]
) -> tuple[Ints, list[arrow_csv.InvalidRow]]:
    """The numbers of the rows that were kept, and the ragged ones among them, taken off the list.

    The reader is ahead of the batch: the list may hold rows of the next one.
    """
    end = first + count
    here = []
    while ragged and ragged[0].number is not None and ragged[0].number < end:
        here.append(ragged.pop(0))
        end += 1
    numbers = np.arange(first, end, dtype=np.int64)
    return numbers[~np.isin(numbers, [row.number for row in here])] if here else numbers, here


def _ragged(row: arrow_csv.InvalidRow) -> Fault:
    found, expected = row.actual_columns, row.expected_columns
    return Fault(
        row.number or 0,
        row.text,
        f"有{found}个单元格，表头有{expected}个",
        f"the row has {found} cells, the head {expected}",
    )


def _no_open_quote(columns: Mapping[int, pa.Array], rows: Ints, name: str) -> None:
    """A cell of a reading is short; one that holds half a file began with a stray quote."""
    for column in columns.values():
        cells = column.dictionary if pa.types.is_dictionary(column.type) else column
        if cells.nbytes - 4 * len(cells) <= LONGEST:
            continue  # all of them together are shorter
        if (pc.max(pc.binary_length(cells)).as_py() or 0) > LONGEST:
            raise DataError(
                f"{name} 第 {rows[0]} 行以后有一个单元格超过 {LONGEST} 字节，可能有引号没有闭合。",
                f"{name}: after row {rows[0]} a cell is longer than {LONGEST} bytes; a quotation "
                "mark may not be closed.",
            )


def _reader(
    text: Text,
    wanted: Sequence[int],
    shared: Collection[int],
    ragged: Callable[[arrow_csv.InvalidRow], str],
    threads: bool,
) -> arrow_csv.CSVStreamingReader:
    kinds = {
        str(place): pa.dictionary(pa.int32(), pa.string()) if place in shared else pa.string()
        for place in wanted
    }
    return arrow_csv.open_csv(
        text.opened(),
        read_options=arrow_csv.ReadOptions(
            skip_rows=text.head + 1,
            column_names=[str(place) for place in range(text.width)],
            block_size=BLOCK,
            use_threads=threads,
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=text.separator,
            ignore_empty_lines=False,
            newlines_in_values=True,
            invalid_row_handler=ragged,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=kinds,
            include_columns=[str(place) for place in wanted],
            strings_can_be_null=False,
            check_utf8=False,  # checked when the file was opened
        ),
    )
