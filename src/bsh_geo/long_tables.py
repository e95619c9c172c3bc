"""Long tables as Parquet files: columns of text in, the file out; a file in, its columns out.

A table of a million rows is a quarter of its size as CSV and opens in a tenth of the time. Any
tool that reads Parquet opens it; blank cells are null.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from bsh_geo import parquet_bounds
from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_FIELDS, told

LONG = 50_000
"""Rows above which a table is stored as Parquet and not as CSV, which people edit."""

ENDING = ".parquet"

MOST_ROWS, UNFOLDED = 5_000_000, 2 << 30
"""Rows of a file, and bytes of its cells when each is written out."""

_KINDS = {"int": pa.int64(), "float": pa.float64()}
_GROUP_ROWS, _LOOKED = 1 << 17, 10_000

FEW = 4
"""A text that stands in so many rows on average is judged once, as a category."""


def content(table: pd.DataFrame, types: Mapping[str, str]) -> bytes:
    """The columns named in ``types`` as a Parquet file; "int" and "float" are numbers.

    Cells are text, blank where there is none.
    """
    columns = {name: _column(table[name], kind) for name, kind in types.items()}
    made = pa.BufferOutputStream()
    parquet.write_table(
        pa.table(columns),
        made,
        compression="zstd",
        compression_level=1,
        row_group_size=_GROUP_ROWS,
        use_dictionary=[name for name, column in columns.items() if _repeats(column)],
    )
    written: bytes = made.getvalue().to_pybytes()
    return written


def _repeats(column: pa.Array | pa.ChunkedArray) -> bool:
    """Whether a column of text has few different ones, as its first rows show."""
    first = column.slice(0, _LOOKED)
    return bool(pa.types.is_string(first.type) and len(pc.unique(first)) * FEW <= len(first))


def _column(cells: pd.Series, kind: str) -> pa.Array:
    text = pa.array(cells.astype(str), from_pandas=True).cast(pa.string())
    filled = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    return filled.cast(_KINDS[kind]) if kind in _KINDS else filled


def read(path: Path, shown: str) -> pd.DataFrame:
    """The columns of a Parquet file: numbers as numbers, text as text or as categories.

    Categories are what a column has few different texts of; missing cells are missing.

    Raises
    ------
    DataError
        The file is damaged, has too many rows, or unfolds to more than is read.
    """
    try:
        with path.open("rb") as file:
            book = parquet_bounds.opened(file)
            if book.metadata.num_rows > MOST_ROWS:
                raise told(shown, "行", "rows", book.metadata.num_rows, MOST_ROWS)
            if book.metadata.num_columns > MOST_FIELDS:
                raise told(shown, "个字段", "fields", book.metadata.num_columns, MOST_FIELDS)
            texts = parquet_bounds.text_columns(book, binary=False)
            # Text is read with each different one once: no column grows beyond its file.
            found = parquet_bounds.opened(file, read_dictionary=texts).read()
        found.validate(full=True)
        _check_unfolded(found, shown)
        return pd.DataFrame({name: _series(found[name]) for name in found.column_names})
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(
            f"{shown} 无法按 Parquet 读取，文件可能已损坏。",
            f"{shown} cannot be read as Parquet; the file may be damaged.",
        ) from error


def _check_unfolded(table: pa.Table, shown: str) -> None:
    """Raise where the cells of a table, each written out, are too many bytes."""
    total = 0
    for column in table.columns:
        for chunk in column.chunks:
            if pa.types.is_dictionary(chunk.type):
                lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
                total += pc.sum(lengths.take(chunk.indices)).as_py() or 0
            else:
                total += chunk.nbytes
    if total > UNFOLDED:
        raise DataError(
            f"{shown} 展开后超过 {UNFOLDED >> 20} MB，未读入。",
            f"{shown} unfolds to more than {UNFOLDED >> 20} MB and is not read.",
        )


def _series(column: pa.ChunkedArray) -> pd.Series:
    kind = column.type
    if pa.types.is_floating(kind) or (pa.types.is_integer(kind) and not column.null_count):
        return pd.Series(column.to_numpy())
    if pa.types.is_dictionary(kind):
        different = sum(len(chunk.dictionary) for chunk in column.chunks)
        if different * FEW <= len(column):
            few: pd.Series = column.to_pandas()
            return few
    text: pd.Series = column.cast(pa.string()).to_pandas().astype("str")
    return text
