"""Parquet files and SQL in, Arrow tables out: DuckDB, kept in its folder and off the network."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa

from bsh_geo.networks import Network

EngineError = duckdb.Error
"""What the engine raises; callers turn it into one sentence."""

MEMORY = "800MB"
THREADS = min(4, os.cpu_count() or 1)


@contextlib.contextmanager
def engine(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that reads files of ``folder`` only and loads no extension.

    Each question opens its own, so that threads share nothing.
    """
    spill = Path(tempfile.gettempdir()) / f"bsh-geo-{os.getpid()}-{uuid4().hex[:8]}"
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": THREADS,
            "memory_limit": MEMORY,
            "temp_directory": str(spill),  # made only when a question outgrows the memory
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        connection.execute("SET enable_progress_bar = false")  # it writes into a command's output
        # The folder as it is named and as questions spell it.
        plain = folder.as_posix().replace("'", "''")
        connection.execute(f"SET allowed_directories = ['{plain}/', '{_escaped(folder)}/']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def show(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: dict[str, str],
    files: Iterable[Path],
    present: Iterable[str],
) -> None:
    """Make a view of Parquet files; a column that none of them has is all missing.

    ``present`` are the columns that every file has; the others are matched by name.
    """
    paths = ", ".join(f"'{_escaped(path)}'" for path in files)
    same = set(columns) <= set(present)
    known = set(columns) if same else _columns(connection, paths)
    listed = ", ".join(
        f'"{column}"' if column in known else f'CAST(NULL AS {kind}) AS "{column}"'
        for column, kind in columns.items()
    )
    by_name = "" if same else ", union_by_name = true"
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {name} AS "
        f"SELECT {listed} FROM read_parquet([{paths}]{by_name})"
    )


def _columns(connection: duckdb.DuckDBPyConnection, paths: str) -> set[str]:
    found = connection.execute(
        f"DESCRIBE SELECT * FROM read_parquet([{paths}], union_by_name = true)"
    ).fetchall()
    return {str(row[0]) for row in found}


def _escaped(path: Path) -> str:
    """A path as DuckDB takes it: signs that would be a pattern, and quotes, as themselves."""
    return glob.escape(path.as_posix()).replace("'", "''")


def reading_columns(network: Network) -> dict[str, str]:
    """Columns of the readings and their types in the engine."""
    items = dict.fromkeys(network.items, "DOUBLE")
    return {"station": "VARCHAR", "time": "TIMESTAMP", **items, "batch": "BIGINT"}


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """The answer to a query as an Arrow table."""
    return connection.execute(query).to_arrow_table()
