"""A Parquet file in, nothing out: raised where it holds, or unfolds to, more than is read.

A file of a kilobyte may stand for a billion rows, or for one long text repeated in each of them.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_BYTES, MOST_FIELDS, told

BROKEN = pa.ArrowException
"""What reading a broken file raises, beside errors of values and of the system."""

UNFOLDED = 4 * MOST_BYTES
"""Bytes of a file's columns when each value is written out."""

BATCH = 1_000
"""Rows that are measured together."""


def opened(file: BinaryIO, **how: Any) -> parquet.ParquetFile:
    """A Parquet file that does not contradict itself.

    Raises
    ------
    pyarrow.ArrowException, OSError
        It cannot be read, or its groups do not have the rows of the file: room is made for as many
        as a group claims.
    """
    try:
        book = parquet.ParquetFile(file, **how)
    except UnicodeDecodeError as error:
        raise pa.ArrowInvalid("a column's name is no text") from error
    about = book.metadata
    rows = [about.row_group(at).num_rows for at in range(about.num_row_groups)]
    if min(rows, default=0) < 0 or sum(rows) != about.num_rows:
        raise pa.ArrowInvalid("the rows of its groups are not those of the file")
    return book


def text_columns(book: parquet.ParquetFile, binary: bool = True) -> list[str]:
    """The columns that may be read with each different value once; ``binary`` ones too or not."""
    kinds = [pa.types.is_string, pa.types.is_large_string]
    kinds += [pa.types.is_binary] if binary else []
    return [one.name for one in book.schema_arrow if any(kind(one.type) for kind in kinds)]


def check(file: BinaryIO, name: str, rows: int) -> None:
    """Raise where a file has more than ``rows`` rows, too many columns, or grows too much.

    Raises
    ------
    DataError
        It does.
    pyarrow.ArrowException, OSError
        It cannot be read.
    """
    about = opened(file)
    if about.metadata.num_rows > rows:
        raise told(name, "个要素", "features", about.metadata.num_rows, rows)
    if about.metadata.num_columns > MOST_FIELDS:
        raise told(name, "个字段", "fields", about.metadata.num_columns, MOST_FIELDS)
    file.seek(0)
    book = opened(file, read_dictionary=text_columns(about))
    total = 0
    for batch in book.iter_batches(batch_size=BATCH):
        batch.validate(full=True)
        total += sum(_unfolded(column) for column in batch.columns)
        if total > UNFOLDED:
            raise DataError(
                f"{name} 展开后超过 {UNFOLDED >> 20} MB，未读入。",
                f"{name} unfolds to more than {UNFOLDED >> 20} MB and is not read.",
            )


def longest(column: pa.Array) -> int:
    """Bytes of the longest different value of a dictionary column."""
    texts = column.dictionary
    if len(texts) < 2:
        return int(texts.nbytes)
    return max((len(one.as_buffer()) for one in texts if one.is_valid), default=0)


def _unfolded(column: pa.Array) -> int:
    """Bytes of a column when each value stands for itself; none is longer than the longest."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    return longest(column) * len(column) + int(column.indices.nbytes)
