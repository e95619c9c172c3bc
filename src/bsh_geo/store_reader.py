"""A state of a folder and a question in, an Arrow table out; days are kept once they are made."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bsh_geo import store_queries
from bsh_geo.networks import Network, days_of
from bsh_geo.store_engine import EngineError, ask, engine, reading_columns, show
from bsh_geo.store_manifest import Manifest, Month
from bsh_geo.store_records import day_columns

TOGETHER = 12
"""Months whose days are made by one question: more are no faster and need more memory."""

FEW = 10
"""Where fewer than one in so many stations is asked for, days are not made for all of them."""

_ENGINE_TYPES = {"str": "VARCHAR", "datetime64[us]": "TIMESTAMP", "int64": "BIGINT"}


@dataclass(frozen=True)
class Question:
    """Some stations (None: all) from a first moment or day to a last, both included."""

    stations: tuple[str, ...] | None
    first: pd.Timestamp | None
    last: pd.Timestamp | None


def hours(
    network: Network, folder: Path, state: Manifest, question: Question, items: Sequence[str]
) -> pa.Table:
    """Rows of readings; the question's moments are labels."""
    months = _between(state, _month(network, question.first), _month(network, question.last))
    rows = store_queries.chosen(
        store_queries.readings(network), question.stations, question.first, question.last
    )
    query = store_queries.sql(store_queries.hours(rows, items), "duckdb")
    return _asked(network, folder, months, query)


def days(
    network: Network, folder: Path, state: Manifest, question: Question, keeps: bool
) -> pa.Table:
    """Rows of days, from those kept where that is allowed; the question's moments are days."""
    months = _between(state, _text(question.first), _text(question.last))
    _all_whole(folder, months)
    wanted = question.stations
    few = wanted is not None and len(wanted) * FEW < len(state.stations)
    if keeps and months and _all_kept(network, folder, months, fill=not few):
        with contextlib.suppress(EngineError):  # a damaged one; it is made anew by the next import
            return _from_kept(network, folder, months, question)
    rows = store_queries.of_days(network, store_queries.readings(network), *_parts(question))
    query = store_queries.sql(store_queries.days(network, rows), "duckdb")
    return _asked(network, folder, months, query)


def _parts(
    question: Question,
) -> tuple[tuple[str, ...] | None, pd.Timestamp | None, pd.Timestamp | None]:
    return question.stations, question.first, question.last


def _between(state: Manifest, first: str | None, last: str | None) -> list[Month]:
    """The months that a question can touch, oldest first; names sort as their months do."""
    return [
        month
        for name, month in sorted(state.months.items())
        if (first is None or first <= name) and (last is None or name <= last)
    ]


def _month(network: Network, label: pd.Timestamp | None) -> str | None:
    if label is None:
        return None
    return str(days_of(network, np.array([label.to_datetime64()]))[0])[:7]


def _text(day: pd.Timestamp | None) -> str | None:
    return None if day is None else day.strftime("%Y-%m")


def _all_whole(folder: Path, months: Iterable[Month]) -> None:
    """Look at the size of every file that answers, days that are kept or not: a store that lost a
    month should say so at once."""
    for month in months:
        if (folder / month.file).stat().st_size != month.size:
            raise OSError(f"{month.file} has not the size that the manifest records")


def _asked(network: Network, folder: Path, months: Iterable[Month], query: str) -> pa.Table:
    """The answer to a query about ``readings`` that stand in those months."""
    listed = list(months)
    _all_whole(folder, listed)
    columns = reading_columns(network)
    with engine(folder) as connection:
        if listed:
            shared = set.intersection(*(set(month.values) for month in listed))
            present = {"station", "time", "batch", *shared}
            show(connection, "readings", columns, [folder / one.file for one in listed], present)
        else:
            none = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f"CREATE TEMP TABLE readings ({none})")
        return ask(connection, query)


# Days that are kept


def _days_query(network: Network) -> str:
    """The question for the days of all ``readings``."""
    return store_queries.days_sql(network.model_dump_json(), "duckdb")


def _kept_file(folder: Path, month: Month, query: str) -> Path:
    """Where the days of a month are kept: by its digest and by the question they answer."""
    version = hashlib.sha256(query.encode()).hexdigest()[:8]
    return folder / "days" / f"{month.sha256[:16]}.{version}.parquet"


def _all_kept(network: Network, folder: Path, months: list[Month], fill: bool) -> bool:
    """Whether the days of all months are kept, after making those that lack where ``fill``."""
    query = _days_query(network)
    lacking = [one for one in months if not _kept_file(folder, one, query).exists()]
    return not lacking or (fill and keep(network, folder, lacking))


def keep(network: Network, folder: Path, lacking: list[Month]) -> bool:
    """Make and keep the days of months; whether that could be done."""
    try:
        for start in range(0, len(lacking), TOGETHER):
            _keep(network, folder, lacking[start : start + TOGETHER])
    except (
        OSError,
        EngineError,
        pa.ArrowException,
    ):  # told, if it matters, by the question that is then asked
        return False
    return True


def _keep(network: Network, folder: Path, months: list[Month]) -> None:
    query = _days_query(network)
    table = _asked(network, folder, months, query)
    of_row = table["date"].to_numpy().astype("datetime64[M]").astype(str)
    for month in months:
        name = _month(network, pd.Timestamp(month.first))
        path = _kept_file(folder, month, query)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            pq.write_table(table.filter(pa.array(of_row == name)), part, compression="zstd")
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)


def _from_kept(network: Network, folder: Path, months: list[Month], question: Question) -> pa.Table:
    columns = {
        name: _ENGINE_TYPES.get(kind, "DOUBLE") for name, kind in day_columns(network).items()
    }
    rows = store_queries.chosen_days(store_queries.day_rows(network), *_parts(question))
    kept = _days_query(network)
    files = [_kept_file(folder, month, kept) for month in months]
    with engine(folder) as connection:
        show(connection, "days", columns, files, columns)
        return ask(connection, store_queries.sql(rows, "duckdb"))
