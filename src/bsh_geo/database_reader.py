"""A configured table in, its rows as text with geometry out: it is read, never written.

One transaction that can only read, with a limit of time; a cursor on the server, so that no more
than a batch is on its way; every identifier quoted and taken from the configuration or from the
database's own catalogue.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from psycopg import sql

from bsh_geo.database_link import Connection, named, too_slow
from bsh_geo.database_sources import Offered
from bsh_geo.database_tables import Table, where
from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_BYTES, MOST_VERTICES
from bsh_geo.outlines import Shapes

BATCH = 2_000
"""Rows that are on their way from the server at a time."""

MOST_ROWS = 500_000
MOST_DISTRICTS = 10_000
"""Different values of a column of districts."""

SHAPE_TYPES = 7
"""GEOS type ids up to this one are the plain geometries; curves come behind."""


@dataclass(frozen=True)
class Filter:
    """Which rows are read: those that meet ``box`` (west, south, east, north in the table's own
    system), and those whose ``column`` has one of ``values``."""

    box: tuple[float, float, float, float] | None = None
    column: str = ""
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Fetched:
    """Rows as text by column, their geometry, and how many had one that no reader knows."""

    cells: dict[str, list[str]]
    shapes: Shapes | None
    unread: int


def _conditions(found: Table, chosen: Filter) -> list[sql.Composable]:
    made: list[sql.Composable] = []
    if chosen.box is not None and found.geometry:
        box = sql.SQL("ST_MakeEnvelope({}, {}, {})").format(
            sql.SQL(", ").join(sql.Literal(float(one)) for one in chosen.box[:2]),
            sql.SQL(", ").join(sql.Literal(float(one)) for one in chosen.box[2:]),
            sql.Literal(found.srid),
        )
        globe = sql.SQL("::geography") if found.geography else sql.SQL("")
        made.append(sql.SQL("{} && {}{}").format(sql.Identifier(found.geometry), box, globe))
    if chosen.column:
        listed = sql.SQL(", ").join(sql.Literal(one) for one in chosen.values)
        made.append(sql.SQL("{} IN ({})").format(sql.Identifier(chosen.column), listed))
    return made


def statement(
    source: Offered, found: Table, columns: Sequence[str], chosen: Filter
) -> sql.Composed:
    """The one query that rows are read by; the database does the choosing."""
    texts: list[sql.Composable] = [_text(name, found.columns[name]) for name in columns]
    if found.geometry:
        plain = sql.SQL("::geometry") if found.geography else sql.SQL("")
        texts.append(sql.SQL("ST_AsEWKB({}{})").format(sql.Identifier(found.geometry), plain))
    order = sql.SQL(", ").join(sql.Identifier(one) for one in found.key)
    return sql.SQL("SELECT {} FROM {}{}{} LIMIT {}").format(
        sql.SQL(", ").join(texts),
        sql.Identifier(*source.settings.name),
        where(source, _conditions(found, chosen)),
        sql.SQL(" ORDER BY {}").format(order) if found.key else sql.SQL(""),
        sql.Literal(MOST_ROWS + 1),
    )


def _text(name: str, kind: str) -> sql.Composable:
    """A column as the text that a file would have: a moment as its day."""
    if kind in ("timestamp", "timestamptz"):
        return sql.SQL("{}::date::text").format(sql.Identifier(name))
    return sql.SQL("{}::text").format(sql.Identifier(name))


def values(connection: Connection, source: Offered, column: str) -> list[Any]:
    """The different values of a column.

    Raises
    ------
    DataError
        There are too many for a column of districts.
    """
    query = sql.SQL("SELECT DISTINCT {} FROM {}{} LIMIT {}").format(
        sql.Identifier(column),
        sql.Identifier(*source.settings.name),
        where(source, [sql.SQL("{} IS NOT NULL").format(sql.Identifier(column))]),
        sql.Literal(MOST_DISTRICTS + 1),
    )
    found = [one for (one,) in connection.execute(query).fetchall()]
    if len(found) > MOST_DISTRICTS:
        raise DataError(
            f"{named(source)}的列“{column}”有 {MOST_DISTRICTS:,} 种以上的值，不是区。",
            f"The column “{column}” of {source.table} has more than {MOST_DISTRICTS:,} values; "
            "it holds no districts.",
        )
    return found


def rows(
    connection: Connection,
    source: Offered,
    found: Table,
    columns: Sequence[str],
    chosen: Filter,
) -> Fetched:
    """The rows of a table that a filter leaves.

    Raises
    ------
    DataError
        There are more rows, vertices or bytes than are read, or it takes too long.
    """
    until = time.monotonic() + source.timeout
    cells: list[list[str]] = [[] for _ in columns]
    parts: list[Shapes] = []
    unread = vertices = size = 0
    with connection.cursor(name="bsh_import") as cursor:
        cursor.execute(statement(source, found, columns, chosen))
        while batch := cursor.fetchmany(BATCH):
            for at, column in enumerate(cells):
                column += [str(row[at] or "").strip() for row in batch]
            size += sum(len(one) for row in batch for one in row if one is not None)
            if found.geometry:
                shapes, lost = _shapes([row[-1] for row in batch])
                parts.append(shapes)
                unread += lost
                vertices += int(shapely.get_num_coordinates(shapes).sum())
            count = len(parts) * BATCH if not cells else len(cells[0])
            _bounded(source, count, vertices, size)
            if time.monotonic() > until:
                raise too_slow(source)
    whole = np.concatenate(parts) if parts else np.empty(0, dtype=object)
    return Fetched(
        dict(zip(columns, cells, strict=True)), whole if found.geometry else None, unread
    )


def _shapes(coded: Sequence[bytes | None]) -> tuple[Shapes, int]:
    """Geometries of EWKB, None for those that no reader knows, and how many these are."""
    made: Shapes = np.empty(len(coded), dtype=object)
    try:
        made[:] = shapely.from_wkb(np.array(coded, dtype=object), on_invalid="ignore")
    except NotImplementedError:  # a curve among them
        made[:] = [_shape(one) for one in coded]
    made[shapely.get_type_id(made) > SHAPE_TYPES] = None
    there = sum(one is not None for one in coded)
    return made, there - int((~shapely.is_missing(made)).sum())


def _shape(coded: bytes | None) -> Any:
    try:
        return None if coded is None else shapely.from_wkb(coded, on_invalid="ignore")
    except NotImplementedError:
        return None


def _bounded(source: Offered, rows: int, vertices: int, size: int) -> None:
    bounds = (
        (rows, MOST_ROWS, "行", "rows"),
        (vertices, MOST_VERTICES, "个顶点", "vertices"),
        (size >> 20, MOST_BYTES >> 20, "MB", "MB"),
    )
    for found, most, zh, en in bounds:
        if found > most:
            raise DataError(
                f"{named(source)}所选的超过 {most:,} {zh}，请用 where 或按区缩小范围。",
                f"What is chosen of {source.table} has more than {most:,} {en}; choose less by "
                "where or by district.",
            )
