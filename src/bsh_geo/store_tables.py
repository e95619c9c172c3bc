"""Rows in, tables of a PostgreSQL database out: made, filled in one transaction, and asked."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis.expr.types as ir
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv

from bsh_geo import store_queries
from bsh_geo.networks import Network
from bsh_geo.store_records import (
    BATCH_COLUMNS,
    CORRECTION_COLUMNS,
    SHOWN_CORRECTIONS,
    BatchInfo,
    Written,
    batch_row,
    busy,
    empty,
)

_TYPES = {
    "str": "text NOT NULL",
    "int64": "bigint NOT NULL",
    "float64": "double precision",
    "datetime64[us]": "timestamp",
}
_ARROW = {
    "str": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "datetime64[us]": pa.timestamp("us"),
}


def sql_of(expression: ir.Table) -> str:
    """The expression in PostgreSQL's SQL."""
    return store_queries.sql(expression, "postgres")


def one_row(connection: psycopg.Connection, expression: ir.Table) -> tuple[Any, ...]:
    """The one row of an aggregate."""
    row = connection.execute(sql_of(expression)).fetchone()
    return tuple(row or ())


def table_of(network: str) -> str:
    """The name of a network's table; ids of networks and items need no quotes."""
    return f"bsh_readings_{network}"


def is_there(connection: psycopg.Connection, table: str) -> bool:
    """Whether the database has the table."""
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return bool(row and row[0])


def has_rows(connection: psycopg.Connection, network: str) -> bool:
    """Whether there is any reading of the network."""
    table = table_of(network)
    if not is_there(connection, table):
        return False
    row = connection.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchone()
    return bool(row and row[0])


def readings(connection: psycopg.Connection, network: Network) -> ir.Table:
    """The table of readings; an item declared since it was last written is all missing."""
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 "
        "AND NOT attisdropped ORDER BY attnum",
        [table_of(network.id)],
    )
    columns = [str(name) for (name,) in rows]
    return store_queries.readings(network, table_of(network.id), columns)


def fetched(connection: psycopg.Connection, query: str, columns: dict[str, str]) -> pd.DataFrame:
    """The answer by COPY: numbers come in digits that give the same number again."""
    made = io.BytesIO()
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        for part in copy:
            made.write(part)
    if not made.tell():
        return empty(columns)
    made.seek(0)
    table = pacsv.read_csv(
        made,
        read_options=pacsv.ReadOptions(column_names=list(columns)),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types={name: _ARROW[kind] for name, kind in columns.items()},
            null_values=[""],
            strings_can_be_null=False,
        ),
    )
    frame: pd.DataFrame = table.to_pandas().astype(columns)
    return frame


# Writing


def lock(connection: psycopg.Connection, network: str, patience: float) -> None:
    """The right to write, held to the end of the transaction; one for all networks."""
    end = time.monotonic() + patience
    while True:
        row = connection.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('bsh_geo'), 0)"
        ).fetchone()
        if row and row[0]:
            return
        if time.monotonic() > end:
            raise busy(table_of(network))
        time.sleep(0.1)


def make_tables(connection: psycopg.Connection, network: Network) -> None:
    """Make the tables that lack, and the columns of items declared since."""
    table = table_of(network.id)
    items = ", ".join(f'"{name}" double precision' for name in network.items)
    connection.execute(
        f'CREATE TABLE IF NOT EXISTS {table} (station text, "time" timestamp, {items}, '
        'batch integer NOT NULL, PRIMARY KEY (station, "time"))'
    )
    for name in network.items:
        connection.execute(
            f'ALTER TABLE {table} ADD COLUMN IF NOT EXISTS "{name}" double precision'
        )
    for log, columns in (("bsh_batches", BATCH_COLUMNS), ("bsh_corrections", CORRECTION_COLUMNS)):
        listed = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind in columns.items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {log} (network text NOT NULL, {listed})")
        connection.execute(f"CREATE INDEX IF NOT EXISTS {log}_of ON {log} (network, batch)")


@dataclass(frozen=True)
class Came:
    """What was copied to the server: values, and the first and last label."""

    values: int
    first: pd.Timestamp | None
    last: pd.Timestamp | None


def copied(
    connection: psycopg.Connection, network: Network, frames: Iterable[pd.DataFrame]
) -> Came:
    """Stream frames into the temporary table ``incoming``, numbered."""
    items = ", ".join(f'"{name}" double precision' for name in network.items)
    connection.execute(
        f'CREATE TEMP TABLE incoming (station text, "time" timestamp, {items}, '
        '"row" bigint GENERATED ALWAYS AS IDENTITY) ON COMMIT DROP'
    )
    values, bounds = 0, []
    for frame in frames:
        listed = ", ".join(f'"{name}"' for name in frame.columns)
        made = io.BytesIO()
        rows = pa.Table.from_pandas(frame, preserve_index=False)
        pacsv.write_csv(rows, made, pacsv.WriteOptions(include_header=False))
        with connection.cursor().copy(f"COPY incoming ({listed}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(made.getbuffer())
        values += sum(int(frame[name].count()) for name in network.items if name in frame.columns)
        bounds += [frame["time"].min(), frame["time"].max()]
    return Came(values, min(bounds, default=None), max(bounds, default=None))


def stored_rows(
    connection: psycopg.Connection, network: Network, came: Came, info: BatchInfo
) -> Written:
    """Lay what was copied over the readings, keep what was replaced, log the import."""
    when = datetime.now(UTC).replace(tzinfo=None)
    old, new = readings(connection, network), store_queries.fresh(network)
    batch = _latest(connection, network)
    counts = one_row(connection, store_queries.outcome(network, new, old))
    stored, replaced, unchanged = (int(count) for count in counts)
    replacing = sql_of(store_queries.corrections(network, new, old))
    connection.execute(
        f"INSERT INTO bsh_corrections SELECT '{network.id}', c.*, {batch}, "
        f"timestamp '{when.isoformat()}' FROM ({replacing}) c"
    )
    connection.execute(_upsert(network, new, old))
    written = Written(
        batch=batch,
        read_values=came.values,
        stored=stored,
        replaced=replaced,
        unchanged=unchanged,
        repeated=came.values - stored - replaced - unchanged,
        first=came.first,
        last=came.last,
        corrections=_corrected(connection, network, batch),
    )
    _log_batch(connection, network, written, info, when)
    return written


def _latest(connection: psycopg.Connection, network: Network) -> int:
    """Make the table ``latest`` of ``incoming``; the number of this import."""
    row = connection.execute(
        "SELECT coalesce(max(batch), 0) + 1 FROM bsh_batches WHERE network = %s", [network.id]
    ).fetchone()
    batch = int(row[0]) if row else 1
    latest = sql_of(store_queries.latest(network, store_queries.incoming(network)))
    connection.execute(
        f"CREATE TEMP TABLE latest ON COMMIT DROP AS SELECT l.*, {batch} AS batch FROM ({latest}) l"
    )
    connection.execute("ANALYZE latest")
    return batch


def _corrected(connection: psycopg.Connection, network: Network, batch: int) -> pd.DataFrame:
    """The first of the values that an import replaced."""
    listed = ", ".join(f'"{name}"' for name in CORRECTION_COLUMNS)
    return fetched(
        connection,
        f"SELECT {listed} FROM bsh_corrections "
        f"WHERE network = '{network.id}' AND batch = {batch} "
        f"ORDER BY time, station, item LIMIT {SHOWN_CORRECTIONS}",
        CORRECTION_COLUMNS,
    )


def _upsert(network: Network, new: ir.Table, old: ir.Table) -> str:
    table = table_of(network.id)
    rows = sql_of(store_queries.changed(network, new, old))
    listed = ", ".join(f'"{name}"' for name in network.items)
    laid = ", ".join(
        f'"{name}" = coalesce(excluded."{name}", r."{name}")' for name in network.items
    )
    return (
        f'INSERT INTO {table} AS r (station, "time", {listed}, batch) '
        f'SELECT c.station, c."time", {listed}, c.batch FROM ({rows}) c '
        f'ON CONFLICT (station, "time") DO UPDATE SET {laid}, batch = excluded.batch'
    )


def _log_batch(
    connection: psycopg.Connection,
    network: Network,
    written: Written,
    info: BatchInfo,
    when: datetime,
) -> None:
    row = batch_row(written, info, when)
    marks = ", ".join(["%s"] * (len(BATCH_COLUMNS) + 1))
    listed = ", ".join(f'"{name}"' for name in BATCH_COLUMNS)
    connection.execute(
        f"INSERT INTO bsh_batches (network, {listed}) VALUES ({marks})",
        [network.id, *(row[name] for name in BATCH_COLUMNS)],
    )
