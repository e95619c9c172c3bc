"""Frames of readings in, a new state of a network's folder out: spilled, merged, then published."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

from bsh_geo import store_manifest, store_queries
from bsh_geo.errors import DataError
from bsh_geo.networks import Network, days_of
from bsh_geo.store_engine import ask, engine, reading_columns, show
from bsh_geo.store_manifest import Manifest, Month, Piece
from bsh_geo.store_records import (
    BATCH_COLUMNS,
    CORRECTION_COLUMNS,
    SHOWN_CORRECTIONS,
    BatchInfo,
    Written,
    batch_row,
    empty,
)

HELD = 128 * 1024 * 1024
"""Bytes of rows that wait in memory before they go to temporary files."""

ROW_GROUP = 16_384
"""Rows per group: a month of some 23 stations, so that one station is read without the others."""

PIECE_ROWS = {"batches": 1_000, "corrections": 100_000}
"""Rows that a piece of a log grows to before another one is begun."""


@dataclass
class Spill:
    """Rows on their way into the store, by month of their day."""

    network: Network
    folder: Path
    held: dict[str, list[pa.Table]] = field(default_factory=dict)
    parts: dict[str, list[Path]] = field(default_factory=dict)
    size: int = 0
    rows: int = 0
    values: int = 0
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None

    @property
    def months(self) -> list[str]:
        """Months with any row, in order."""
        return sorted({*self.held, *self.parts})


def add(spill: Spill, frame: pd.DataFrame) -> None:
    """Take the rows of a checked frame, in order after those before."""
    times = frame["time"].to_numpy()
    first, last = pd.Timestamp(times.min()), pd.Timestamp(times.max())
    spill.first = first if spill.first is None else min(first, spill.first)
    spill.last = last if spill.last is None else max(last, spill.last)
    table = _numbered(spill, frame)
    spill.values += sum(table.num_rows - table[name].null_count for name in spill.network.items)
    spill.rows += table.num_rows
    for month, part in _by_month(days_of(spill.network, times).astype("datetime64[M]"), table):
        spill.held.setdefault(month, []).append(part)
    spill.size += table.nbytes
    if spill.size > HELD:
        _to_files(spill)


def _numbered(spill: Spill, frame: pd.DataFrame) -> pa.Table:
    columns = {
        "station": pa.array(frame["station"], pa.string()),
        "time": pa.array(frame["time"], pa.timestamp("us")),
    }
    for name in spill.network.items:
        columns[name] = (
            pa.array(frame[name].to_numpy(), pa.float64(), from_pandas=True)
            if name in frame.columns
            else pa.nulls(len(frame), pa.float64())
        )
    columns["row"] = pa.array(np.arange(spill.rows, spill.rows + len(frame)))
    return pa.table(columns)


def _by_month(months: np.ndarray[Any, Any], table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each month, in their order."""
    order = np.argsort(months, kind="stable")
    if months[order[0]] == months[order[-1]]:
        yield str(months[0]), table
        return
    if (np.diff(order) < 0).any():
        table = table.take(pa.array(order))
    found, starts = np.unique(months[order], return_index=True)
    ends = [*starts[1:], len(months)]
    for month, start, end in zip(found, starts, ends, strict=True):
        yield str(month), table.slice(start, end - start)


def _to_files(spill: Spill) -> None:
    for month, tables in spill.held.items():
        parts = spill.parts.setdefault(month, [])
        path = spill.folder / f"{month}-{len(parts)}.arrow"
        feather.write_feather(pa.concat_tables(tables), str(path), compression="lz4")
        parts.append(path)
    spill.held.clear()
    spill.size = 0


def rows_of(spill: Spill, month: str) -> pa.Table:
    """All rows of a month, in the order in which they came."""
    parts = [feather.read_table(str(path)) for path in spill.parts.get(month, [])]
    return pa.concat_tables([*parts, *spill.held.get(month, [])])


@dataclass
class Merge:
    """What the months merged so far come to."""

    folder: Path
    """The network's folder."""

    work: Path
    """The import's own folder for what is not finished."""

    batch: int
    when: datetime
    months: dict[str, tuple[Path, dict[str, Any]]] = field(default_factory=dict)
    stored: int = 0
    replaced: int = 0
    unchanged: int = 0
    stations: set[str] = field(default_factory=set)
    corrections: pq.ParquetWriter | None = None
    shown: list[pd.DataFrame] = field(default_factory=list)


def write(
    network: Network, folder: Path, shown: str, frames: Iterable[pd.DataFrame], info: BatchInfo
) -> Written:
    """Store checked frames in a network's folder: all of them, or none.

    The caller holds the right to write.
    """
    state = store_manifest.read(folder, shown)
    if state is None:
        state = Manifest(network.id)
        store_manifest.publish(folder, state, state)
    _items_are_known(network, state, shown)
    store_manifest.clean(folder, state)
    work = folder / "tmp" / f"{state.next_batch:06d}"
    work.mkdir()
    try:
        spill = Spill(network, work)
        for frame in frames:
            add(spill, frame)
        when = datetime.now(UTC).replace(tzinfo=None)
        merge = merged(spill, state, Merge(folder, work, state.next_batch, when))
        return _published(spill, merge, state, info)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _items_are_known(network: Network, state: Manifest, shown: str) -> None:
    """A month is rewritten with the items of the declaration: none may get lost by that."""
    stored = {name for month in state.months.values() for name, n in month.values.items() if n}
    lost = sorted(stored - set(network.items))
    if lost:
        raise DataError(
            f"{shown} 中存有项目 {lost[0]}，但 data/readings/{network.id}.toml 不再声明它；"
            "请保留该项目的声明。",
            f"{shown} holds the item {lost[0]}, which data/readings/{network.id}.toml declares no "
            "longer; keep its declaration.",
        )


def merged(spill: Spill, state: Manifest, merge: Merge) -> Merge:
    """Merge month after month into files of the import's own folder."""
    network = spill.network
    texts = store_queries.merging_sql(network.model_dump_json(), "duckdb")
    with engine(merge.folder) as connection:
        for month in spill.months:
            _old_rows(connection, network, merge.folder, state.months.get(month))
            connection.register("incoming", rows_of(spill, month))
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE latest AS "
                f"SELECT *, CAST({merge.batch} AS BIGINT) AS batch FROM ({texts['latest']})"
            )
            connection.unregister("incoming")
            _merge_month(connection, month, merge, texts)
    if merge.corrections is not None:
        merge.corrections.close()
    return merge


def _old_rows(
    connection: duckdb.DuckDBPyConnection, network: Network, folder: Path, month: Month | None
) -> None:
    """What is stored of a month as the table ``readings``."""
    columns = reading_columns(network)
    if month is None:
        listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"CREATE OR REPLACE TEMP TABLE readings ({listed})")
        return
    present = ["station", "time", "batch", *month.values]
    show(connection, "stored", columns, [folder / month.file], present)
    connection.execute("CREATE OR REPLACE TEMP TABLE readings AS SELECT * FROM stored")


def _merge_month(
    connection: duckdb.DuckDBPyConnection, month: str, merge: Merge, texts: dict[str, str]
) -> None:
    stored, replaced, unchanged = (
        int(count) for count in connection.execute(texts["outcome"]).fetchall()[0]
    )
    merge.stored += stored
    merge.replaced += replaced
    merge.unchanged += unchanged
    if replaced:
        _keep_corrections(merge, ask(connection, texts["corrections"]))
    if stored or replaced:
        table = ask(connection, texts["merged"])
        path = merge.work / f"{month}.parquet"
        pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)
        merge.months[month] = (path, _bounds(table))
        codes = connection.execute(texts["codes"]).fetchall()
        merge.stations.update(str(code) for (code,) in codes)


def _bounds(table: pa.Table) -> dict[str, Any]:
    """What the manifest says of a month's rows."""
    times = table["time"].to_numpy()
    present = {
        name: table.num_rows - table[name].null_count
        for name in table.column_names
        if name not in ("station", "time", "batch")
    }
    return {
        "rows": table.num_rows,
        "first": pd.Timestamp(times.min()).isoformat(),
        "last": pd.Timestamp(times.max()).isoformat(),
        "values": present,
    }


def _keep_corrections(merge: Merge, rows: pa.Table) -> None:
    number = pa.array(np.full(rows.num_rows, merge.batch, "int64"))
    moments = pa.array(np.full(rows.num_rows, np.datetime64(merge.when, "us")))
    rows = rows.append_column("batch", number).append_column("when", moments)
    if merge.corrections is None:
        merge.corrections = pq.ParquetWriter(
            merge.work / "corrections.parquet", rows.schema, compression="zstd"
        )
    merge.corrections.write_table(rows)
    wanted = SHOWN_CORRECTIONS - sum(len(one) for one in merge.shown)
    if wanted > 0:
        merge.shown.append(rows.slice(0, wanted).to_pandas().astype(CORRECTION_COLUMNS))


def _published(spill: Spill, merge: Merge, state: Manifest, info: BatchInfo) -> Written:
    """Bring every file to its place, then make the new state the one that counts."""
    months = dict(state.months)
    for month, (path, bounds) in merge.months.items():
        placed = store_manifest.settle(merge.folder, path, f"months/{month}-{merge.batch:06d}")
        months[month] = Month(*placed, **bounds)
    written = _told(spill, merge)
    path = merge.work / "batches.parquet"
    pq.write_table(_batch_row(written, info, merge.when), path, compression="zstd")
    new = replace(
        state,
        next_batch=merge.batch + 1,
        months=dict(sorted(months.items())),
        stations=tuple(sorted({*state.stations, *merge.stations})),
        batches=_logged(merge, "batches", state.batches),
        corrections=_logged(merge, "corrections", state.corrections),
    )
    store_manifest.publish(merge.folder, state, new)
    return written


def _told(spill: Spill, merge: Merge) -> Written:
    shown = pd.concat(merge.shown, ignore_index=True) if merge.shown else empty(CORRECTION_COLUMNS)
    return Written(
        batch=merge.batch,
        read_values=spill.values,
        stored=merge.stored,
        replaced=merge.replaced,
        unchanged=merge.unchanged,
        repeated=spill.values - merge.stored - merge.replaced - merge.unchanged,
        first=spill.first,
        last=spill.last,
        corrections=shown,
    )


def _batch_row(written: Written, info: BatchInfo, when: datetime) -> pa.Table:
    row = batch_row(written, info, when)
    moments = {name: pa.timestamp("us") for name in ("when", "first", "last")}
    return pa.table({name: pa.array([row[name]], moments.get(name)) for name in BATCH_COLUMNS})


def _logged(merge: Merge, log: str, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces of a log with those rows of this import: in the last piece while it is small."""
    path = merge.work / f"{log}.parquet"
    if not path.exists():
        return pieces
    kept, rows = list(pieces), pq.read_metadata(path).num_rows
    if kept and kept[-1].rows + rows <= PIECE_ROWS[log]:
        before, came = pq.read_table(merge.folder / kept.pop().file), pq.read_table(path)
        came = came.select(before.column_names).cast(before.schema)
        pq.write_table(pa.concat_tables([before, came]), path, compression="zstd")
        rows += before.num_rows
    placed = store_manifest.settle(merge.folder, path, f"logs/{log}-{merge.batch:06d}")
    return (*kept, Piece(*placed, rows=rows))
