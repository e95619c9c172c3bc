"""A configured table in, what the database says of it out: its columns, geometry and CRS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyproj
from psycopg import sql

from bsh_geo.database_link import Connection, named
from bsh_geo.database_sources import Offered
from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_FIELDS

PLAIN_TYPES = ("uuid", "citext")
PLAIN_SORTS = "BDENS"
"""Categories of types that are text when cast: booleans, dates, enumerations, numbers, texts."""


@dataclass(frozen=True)
class Table:
    """What the database says of a table or view.

    Attributes
    ----------
    columns : dict of str to str
        Type by column that may be read as text, in the table's order.
    geometry : str
        The column with the geometry; blank where there is none.
    geography : bool
        Whether that column holds longitude and latitude on a globe.
    srid : int
        0 where the geometry has none.
    crs : CRS or None
        What the SRID stands for, where that is known.
    key : tuple of str
        The primary key, by which rows are ordered.
    """

    columns: dict[str, str]
    geometry: str
    geography: bool
    srid: int
    crs: pyproj.CRS | None
    key: tuple[str, ...]


def table(connection: Connection, source: Offered, shapes: bool = True) -> Table:
    """What the database says of the source's table; without ``shapes`` its geometry is left out.

    Raises
    ------
    DataError
        There is no such table or column, it may not be read, its geometry is in several columns
        of which none is named, or in several systems.
    """
    schema, name = source.settings.name
    found = connection.execute(
        "SELECT c.oid, has_schema_privilege(n.oid, 'USAGE') AND"
        " has_any_column_privilege(c.oid, 'SELECT')"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'v', 'm', 'f', 'p')",
        [schema, name],
    ).fetchone()
    if found is None:
        raise _wrong(source, "没有表或视图", "has no table or view")
    if not found[1]:
        raise _wrong(source, "没有权限读取", "gives no right to read")
    every = _columns(connection, int(found[0]))
    columns = _offered(source, every)
    geometry = _geometry(connection, source) if shapes else None
    key = connection.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
        " WHERE i.indrelid = %s AND i.indisprimary ORDER BY a.attnum",
        [found[0]],
    ).fetchall()
    keys = tuple(str(one) for (one,) in key)
    readable = keys if set(keys) <= set(every) else ()
    if geometry is None:
        return Table(columns, "", False, 0, None, readable)
    column, geography, srid = geometry
    srid = srid or _srid(connection, source, column)
    return Table(columns, column, geography, srid, _crs(connection, srid), readable)


def _wrong(source: Offered, zh: str, en: str) -> DataError:
    return DataError(
        f"数据库 {source.database}（{source.place}）{zh} {source.table}。",
        f"The database {source.database} ({source.place}) {en} {source.table}.",
    )


def _columns(connection: Connection, oid: int) -> dict[str, tuple[str, str]]:
    """Type and category of each column that may be read."""
    rows = connection.execute(
        "SELECT a.attname, t.typname, t.typcategory FROM pg_attribute a"
        " JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped"
        " AND has_column_privilege(a.attrelid, a.attnum, 'SELECT') ORDER BY a.attnum",
        [oid],
    ).fetchall()
    return {str(name): (str(kind), str(sort)) for name, kind, sort in rows}


def _offered(source: Offered, every: dict[str, tuple[str, str]]) -> dict[str, str]:
    settings = source.settings
    for name in (*settings.columns, settings.district, settings.geometry):
        if name and name not in every:
            listed = list(every)[:30]
            raise DataError(
                f"{named(source)}没有可读的列“{name}”，有：{'、'.join(listed)}。",
                f"{source.table} of the database {source.database} has no column “{name}” that "
                f"may be read; it has: {', '.join(listed)}.",
            )
    plain = {
        name: kind
        for name, (kind, sort) in every.items()
        if sort in PLAIN_SORTS or kind in PLAIN_TYPES
    }
    if settings.columns:
        plain = {name: plain[name] for name in settings.columns if name in plain}
    if len(plain) > MOST_FIELDS:
        raise DataError(
            f"{named(source)}有 {len(plain):,} 列，最多 {MOST_FIELDS:,} 列。",
            f"{source.table} has {len(plain):,} columns; {MOST_FIELDS:,} are the most.",
        )
    return plain


def _geometry(connection: Connection, source: Offered) -> tuple[str, bool, int] | None:
    """Column, whether it is a geography, and SRID (0 for none); None where there is no geometry."""
    there = connection.execute(
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " WHERE e.extname = 'postgis'"
    ).fetchone()
    if there is None:
        if source.settings.geometry:
            raise DataError(
                f"数据库 {source.database}（{source.place}）没有 PostGIS 扩展，读不出几何列。",
                f"The database {source.database} ({source.place}) lacks the extension PostGIS, so "
                "that no geometry can be read.",
            )
        return None
    # The functions and operators of PostGIS are found wherever it is installed.
    connection.execute(
        "SELECT set_config('search_path', current_setting('search_path') || ', ' || "
        "quote_ident(%s), true)",
        [there[0]],
    )
    rows = connection.execute(
        "SELECT f_geometry_column::text, false, srid FROM geometry_columns"
        " WHERE f_table_schema = %(schema)s AND f_table_name = %(table)s"
        " UNION ALL SELECT f_geography_column::text, true, srid FROM geography_columns"
        " WHERE f_table_schema = %(schema)s AND f_table_name = %(table)s",
        dict(zip(("schema", "table"), source.settings.name, strict=True)),
    ).fetchall()
    wished = source.settings.geometry
    found = [(str(one), bool(globe), int(srid or 0)) for one, globe, srid in rows]
    chosen = [one for one in found if not wished or one[0] == wished]
    if len(chosen) > 1:
        listed = "、".join(sorted(one[0] for one in chosen))
        raise DataError(
            f"{named(source)}有几个几何列：{listed}；请在配置中写明 geometry。",
            f"{source.table} has several geometry columns: {listed}; name one as geometry in the "
            "configuration.",
        )
    if wished and not chosen:
        raise DataError(
            f"{named(source)}的列“{wished}”不是几何列。",
            f"The column “{wished}” of {source.table} holds no geometry.",
        )
    return chosen[0] if chosen else None


def _srid(connection: Connection, source: Offered, column: str) -> int:
    """The SRID of the geometries themselves, where the column has none: views often lose it."""
    query = sql.SQL("SELECT DISTINCT ST_SRID({shape}) FROM {table}{where} ORDER BY 1").format(
        shape=sql.Identifier(column),
        table=sql.Identifier(*source.settings.name),
        where=where(source, [sql.SQL("{} IS NOT NULL").format(sql.Identifier(column))]),
    )
    found = [int(one) for (one,) in connection.execute(query).fetchmany(20)]
    if len(found) > 1:
        listed = "、".join(str(one) for one in found)
        raise DataError(
            f"{named(source)}的几何混有几种坐标系（SRID {listed}），请先统一。",
            f"The geometry of {source.table} is in several systems (SRID {listed}); bring it into "
            "one first.",
        )
    return found[0] if found else 0


def _crs(connection: Connection, srid: int) -> pyproj.CRS | None:
    """What an SRID stands for by the database's own list; None where that says nothing."""
    if srid <= 0:
        return None
    row = connection.execute(
        "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s", [srid]
    ).fetchone()
    if row is None:
        return None
    try:
        if row[0] == "EPSG" and row[1]:
            return pyproj.CRS.from_epsg(int(row[1]))
        # Text of WKT only: PROJ would open a name that looks like a file.
        text = str(row[2] or "")
        return pyproj.CRS.from_wkt(text) if "[" in text else None
    except pyproj.exceptions.CRSError:
        return None


def where(source: Offered, conditions: Sequence[sql.Composable]) -> sql.Composable:
    """The owner's condition of a source and those that an import adds."""
    own = source.settings.where
    # The condition is the owner's own SQL; nothing of a user gets here.
    every = [*([sql.SQL("({})").format(sql.SQL(own))] if own else []), *conditions]
    return sql.SQL(" WHERE ") + sql.SQL(" AND ").join(every) if every else sql.SQL("")
