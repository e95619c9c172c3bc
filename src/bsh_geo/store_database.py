"""A PostgreSQL database as a store of readings: the same questions, asked of tables.

``bsh_readings_<network>`` has the columns of the readings, ``bsh_batches`` and ``bsh_corrections``
the logs. They are made when a network is first written.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import pandas as pd
import psycopg

from bsh_geo import store_queries, store_tables
from bsh_geo.errors import DataError
from bsh_geo.networks import network_of
from bsh_geo.project import Project
from bsh_geo.store_records import (
    BATCH_COLUMNS,
    CORRECTION_COLUMNS,
    PATIENCE,
    BatchInfo,
    Extent,
    Moment,
    Rows,
    Written,
    checked,
    day,
    day_columns,
    empty,
    hour_columns,
    moment,
)

CONNECT_SECONDS = 5


@dataclass(frozen=True)
class DatabaseStore:
    """Readings in the database of ``url``; a password may stand in ``PGPASSWORD`` instead."""

    project: Project
    url: str
    patience: float = PATIENCE

    def exists(self, network: str) -> bool:
        """See ``Store.exists``."""
        network_of(self.project, network)
        with self._connected() as connection:
            return store_tables.has_rows(connection, network)

    def write(self, network: str, rows: Rows, batch: BatchInfo) -> Written:
        """See ``Store.write``."""
        declared = network_of(self.project, network)
        with self._connected() as connection, connection.transaction():
            store_tables.lock(connection, network, self.patience)
            store_tables.make_tables(connection, declared)
            came = store_tables.copied(connection, declared, checked(declared, rows))
            return store_tables.stored_rows(connection, declared, came, batch)

    def batches(self, network: str) -> pd.DataFrame:
        """See ``Store.batches``."""
        return self._log(network, "bsh_batches", BATCH_COLUMNS, "batch")

    def corrections(self, network: str, batch: int | None = None) -> pd.DataFrame:
        """See ``Store.corrections``."""
        rows = self._log(network, "bsh_corrections", CORRECTION_COLUMNS, "batch, station, time")
        return rows if batch is None else rows[rows["batch"] == batch].reset_index(drop=True)

    def extent(self, network: str) -> Extent:
        """See ``Store.extent``."""
        declared = network_of(self.project, network)
        with self._connected() as connection:
            if not store_tables.has_rows(connection, network):
                return Extent(None, None, (), 0, dict.fromkeys(declared.items, 0))
            rows = store_tables.readings(connection, declared)
            row = store_tables.one_row(connection, store_queries.totals(declared, rows))
            codes = connection.execute(store_tables.sql_of(store_queries.codes(rows))).fetchall()
        first, last, count, *values = row
        return Extent(
            first=pd.Timestamp(first).as_unit("us"),
            last=pd.Timestamp(last).as_unit("us"),
            stations=tuple(sorted(str(code) for (code,) in codes)),
            rows=int(count),
            values=dict(zip(declared.items, map(int, values), strict=True)),
        )

    def months(self, network: str) -> tuple[str, ...]:
        """See ``Store.months``."""
        declared = network_of(self.project, network)
        with self._connected() as connection:
            if not store_tables.has_rows(connection, network):
                return ()
            rows = store_tables.readings(connection, declared)
            query = store_tables.sql_of(store_queries.months(declared, rows))
            return tuple(f"{first:%Y-%m}" for (first,) in connection.execute(query).fetchall())

    def digest(self, network: str) -> str:
        """See ``Store.digest``."""
        with self._connected() as connection:
            if not store_tables.has_rows(connection, network):
                return ""
            row = connection.execute(
                "SELECT max(batch), sum(stored + replaced) FROM bsh_batches "
                "WHERE network = %s AND stored + replaced > 0",
                [network],
            ).fetchone()
        return hashlib.sha256(f"{self.shown} {network} {row}".encode()).hexdigest()[:12]

    def hours(
        self,
        network: str,
        stations: Iterable[str] | None = None,
        first: Moment | None = None,
        last: Moment | None = None,
        items: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """See ``Store.hours``."""
        declared = network_of(self.project, network)
        names = list(declared.items if items is None else items)
        columns = hour_columns(declared, names)
        start, end = moment(first, "first"), moment(last, "last")
        with self._connected() as connection:
            if not store_tables.has_rows(connection, network):
                return empty(columns)
            rows = store_tables.readings(connection, declared)
            rows = store_queries.chosen(rows, stations, start, end)
            return store_tables.fetched(
                connection, store_tables.sql_of(store_queries.hours(rows, names)), columns
            )

    def days(
        self,
        network: str,
        stations: Iterable[str] | None = None,
        first: Moment | None = None,
        last: Moment | None = None,
    ) -> pd.DataFrame:
        """See ``Store.days``."""
        declared = network_of(self.project, network)
        columns = day_columns(declared)
        start, end = day(first, "first"), day(last, "last")
        with self._connected() as connection:
            if not store_tables.has_rows(connection, network):
                return empty(columns)
            rows = store_tables.readings(connection, declared)
            rows = store_queries.of_days(declared, rows, stations, start, end)
            return store_tables.fetched(
                connection, store_tables.sql_of(store_queries.days(declared, rows)), columns
            )

    def verify(self, network: str) -> int:
        """Nothing is compared: the server keeps checksums of its own."""
        network_of(self.project, network)
        return 0

    @property
    def shown(self) -> str:
        """The server and database as a user may read them, without a password."""
        parts = urlsplit(self.url)
        return (
            f"{parts.hostname or 'localhost'}{f':{parts.port}' if parts.port else ''}{parts.path}"
        )

    @contextlib.contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        try:
            connection = psycopg.connect(
                self.url,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                options="-c datestyle=ISO -c client_encoding=UTF8 -c extra_float_digits=1",
            )
        except psycopg.Error as error:
            zh, en = f"无法连接 PostgreSQL 读数库 {self.shown}", "Cannot connect to"
            raise self._fault(zh, en, error) from None
        try:
            with contextlib.closing(connection):
                yield connection
        except psycopg.Error as error:
            zh, en = f"PostgreSQL 读数库 {self.shown} 读写出错", "Reading or writing failed in"
            raise self._fault(zh, en, error) from error

    def _fault(self, zh: str, en: str, error: psycopg.Error) -> DataError:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        told = _without_password(lines[0] if lines else type(error).__name__, self.url)
        return DataError(f"{zh}：{told}。", f"{en} the PostgreSQL store {self.shown}: {told}.")

    def _log(self, network: str, table: str, columns: dict[str, str], order: str) -> pd.DataFrame:
        network_of(self.project, network)
        with self._connected() as connection:
            if not store_tables.is_there(connection, table):
                return empty(columns)
            listed = ", ".join(f'"{name}"' for name in columns)
            return store_tables.fetched(
                connection,
                f"SELECT {listed} FROM {table} WHERE network = '{network}' ORDER BY {order}",
                columns,
            )


def _without_password(told: str, url: str) -> str:
    """A server's words with the password blotted out, should they repeat it."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return "***"
    for secret in {password, unquote(password)} if password else ():
        told = told.replace(secret, "***")
    return told
