"""A configured table of a database in, a file of its rows out: what an import then reads.

The database chooses the rows by the city's extent or by district, and the columns; what comes is
kept as the bytes of a GeoParquet or CSV file, so that a table is previewed, asked about, confirmed
and undone as any file.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from bsh_geo import (
    areas,
    database_link,
    database_reader,
    database_tables,
    frames,
    own_crs,
    own_fields,
    own_import,
    own_kinds,
    own_names,
    own_places,
)
from bsh_geo.catalogue import Text
from bsh_geo.database_link import Connection
from bsh_geo.database_reader import Filter
from bsh_geo.database_sources import Offered, source_of
from bsh_geo.database_tables import Table
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.networks import folded
from bsh_geo.own_files import Found, Origin
from bsh_geo.own_kinds import Kind
from bsh_geo.own_options import Options
from bsh_geo.project import Project
from bsh_geo.reading_times import LOCAL

SEA_DEGREES = (0.5, 0.5, 1.5, 0.5)
"""How far beyond the city kinds with areas at sea are read: west, south, east, north."""

STEPS = 21
"""Points along each side of an extent that is moved into another system."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Taken:
    """What was read of a table: a file's name and bytes, and where it came from."""

    name: str
    content: bytes
    origin: Origin


def taken(
    project: Project,
    kind_id: str,
    name: str,
    options: Options | None = None,
    district: str | None = None,
    every_column: bool = False,
) -> Taken:
    """The rows of a configured table that an import of a kind would want.

    Parameters
    ----------
    name : str
        ``database/source`` of ``config.toml``, with ``db:`` in front or without.
    district : str, optional
        Only rows of this district: by the table's column of districts, else by its extent.
    every_column : bool
        Read columns too that no field of the kind has a use for, so that one can be named later.

    Raises
    ------
    BshError
        There is no such source or district; the database cannot be reached or read; nothing of
        the table is in the city; or it is too much.
    """
    said = options or Options()
    kind = own_kinds.kind_of(kind_id)
    source = source_of(project, name)
    code = None if district is None else _district(project, district)
    with database_link.connected(source) as connection:
        found = database_tables.table(connection, source, shapes=kind.want is not None)
        if kind.want == "area" and not found.geometry:
            raise DataError(
                f"数据库来源 {source.name} 的 {source.table} 没有几何列，{kind.title.zh}需要面。",
                f"{source.table} of the database source {source.name} has no geometry; "
                f"{kind.title.en} need areas.",
            )
        columns, left = _columns(project, kind, found, said, every_column)
        chosen, notes = _filter(project, kind, source, found, said, code, connection)
        rows = database_reader.rows(connection, source, found, columns, chosen)
    count = (
        len(rows.shapes) if rows.shapes is not None else len(next(iter(rows.cells.values()), []))
    )
    if not count:
        raise _nothing(source, found, chosen, said)
    if left:
        notes.append(
            Text(
                zh=f"没有用途的列未读取：{'、'.join(left)}（可用 --map 列=字段 指定）",
                en=f"Columns without a use were not read: {', '.join(left)} (name one with --map)",
            )
        )
    if rows.unread:
        notes.append(
            Text(
                zh=f"{rows.unread:,} 行的几何是曲线等类型或已损坏，不能读取，按空几何处理",
                en=f"The geometry of {rows.unread:,} rows is a curve or damaged; it is "
                "not read and counts as empty",
            )
        )
    return _file(source, found, rows, tuple(notes))


def found(project: Project, kind_id: str, given: Taken) -> Found:
    """The rows that were read, as ``own_import.preview`` takes those of a file.

    Row numbers count the rows of the table as it was read, from 1.
    """
    read = own_import.read(project, kind_id, given.name, given.content)
    return of_table(read, given.origin)


def of_table(read: Found, origin: Origin) -> Found:
    """A file that was made of a table, told of as the table."""
    first = 0 if read.shapes is not None else 1  # a table's head is its row 1
    return replace(
        read, name=origin.name, form=origin.form, encoding="", sample="", origin=origin,
        numbers=read.numbers - first, notes=(*read.notes, *origin.notes),
    )  # fmt: skip


def _district(project: Project, text: str) -> str:
    code = own_names.match(project, text).code
    known = areas.district_table(project)
    if code not in set(known["adcode"].astype(str)):
        raise unknown_name("区", "district", text, [str(one) for one in known["name_zh"]])
    return str(code)


# Columns --------------------------------------------------------------------------------------


def _columns(
    project: Project, kind: Kind, found: Table, options: Options, every: bool
) -> tuple[list[str], list[str]]:
    """The columns to read, and those that the kind has no use for."""
    names = list(found.columns)
    if every or kind.table is None or kind.want is None:
        return names, []
    mapped = own_fields.mapped(project, kind, names, options.columns)
    wanted = set(mapped.places.values()) | {
        at for at, one in enumerate(names) if one in options.columns
    }
    if not wanted:
        return names, []
    used = [one for at, one in enumerate(names) if at in wanted]
    return used, [one for at, one in enumerate(names) if at not in wanted]


# Which rows -----------------------------------------------------------------------------------


def _filter(
    project: Project,
    kind: Kind,
    source: Offered,
    found: Table,
    options: Options,
    district: str | None,
    connection: Connection,
) -> tuple[Filter, list[Text]]:
    """What the database is asked to choose by, and how a reader is told."""
    notes: list[Text] = []
    column = source.settings.district or _district_column(found) if district else ""
    if district and column:
        values = _spellings(project, source, column, district, connection)
        name, name_en = (areas.area_name(project, district, lang) for lang in ("zh", "en"))
        notes.append(
            Text(
                zh=f"数据库按列“{column}”只取{name}的行",
                en=f"The database gave the rows of {name_en} alone, by the column “{column}”",
            )
        )
        return Filter(None, column, values), notes
    if district and not found.geometry:
        raise DataError(
            f"{source.table} 既没有几何列，也没有区一列，不能按区读取；请在配置中写明 district。",
            f"{source.table} has neither geometry nor a column of districts to choose one by; name "
            "it as district in the configuration.",
        )
    crs = _system(project, found, options)
    if not found.geometry or crs is None:
        return Filter(), notes
    box = _box(project, kind, district)
    notes.append(_told_box(project, district))
    return Filter(_moved(box, crs)), notes


def _system(project: Project, found: Table, options: Options) -> pyproj.CRS | None:
    """The system of the table's coordinates: as the user says, else its own."""
    if options.crs is not None and (found.crs is None or not found.geography):
        return own_crs.named(project, options.crs)
    return found.crs


def _told_box(project: Project, district: str | None) -> Text:
    if district is None:
        return Text(
            zh="数据库只给出与本市范围相交的行，其余未读取",
            en="The database gave the rows that meet the city's extent; others were not read",
        )
    name, name_en = (areas.area_name(project, district, lang) for lang in ("zh", "en"))
    return Text(
        zh=f"没有区一列：数据库按{name}的范围框取行，可能含邻区的行",
        en=f"There is no column of districts: the database gave the rows that meet the extent of "
        f"{name_en}, which may hold some of its neighbours",
    )


def _box(project: Project, kind: Kind, district: str | None) -> Box:
    """west, south, east, north in degrees of what is read."""
    if district is not None:
        shapes = frames.boundary(project, "districts").geometry
        west, south, east, north = shapes.loc[[district]].total_bounds
        return float(west), float(south), float(east), float(north)
    west, south, east, north = own_places.city_bounds(project)
    if kind.shapes is None and kind.id != "boundary":
        return west, south, east, north
    a, b, c, d = SEA_DEGREES
    return west - a, south - b, east + c, north + d


def _moved(box: Box, crs: pyproj.CRS) -> Box:
    """An extent in degrees as one that holds it in another system."""
    west, south, east, north = box
    x, y = np.meshgrid(np.linspace(west, east, STEPS), np.linspace(south, north, STEPS))
    move = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    there = [np.asarray(one) for one in move.transform(x.ravel(), y.ravel())]
    finite = np.isfinite(there[0]) & np.isfinite(there[1])
    if not finite.any():
        raise DataError(
            f"坐标系 {crs.name} 不能表示本市的位置。",
            f"The CRS {crs.name} cannot hold the place of the city.",
        )
    u, v = there[0][finite], there[1][finite]
    return float(u.min()), float(v.min()), float(u.max()), float(v.max())


def _district_column(found: Table) -> str:
    """The first column whose name says that it holds districts."""
    heads = own_kinds.words("adcode")
    at = {folded(one): one for one in reversed(list(found.columns))}
    return next((at[one] for one in heads if one in at), "")


def _spellings(
    project: Project, source: Offered, column: str, district: str, connection: Connection
) -> tuple[object, ...]:
    """The values of a column that stand for a district, whatever they are spelt like."""
    every = database_reader.values(connection, source, column)
    found = tuple(one for one in every if own_names.match(project, str(one)).code == district)
    if not found:
        name, name_en = (areas.area_name(project, district, lang) for lang in ("zh", "en"))
        raise DataError(
            f"{source.table} 的列“{column}”中没有{name}。",
            f"The column “{column}” of {source.table} names {name_en} nowhere.",
        )
    return found


def _nothing(source: Offered, found: Table, chosen: Filter, options: Options) -> DataError:
    if chosen.box is None:
        return DataError(
            f"数据库来源 {source.name} 的 {source.table} 中没有所选的行。",
            f"{source.table} of the database source {source.name} has no such rows.",
        )
    crs = options.crs or (found.crs.name if found.crs is not None else "")
    return DataError(
        f"数据库来源 {source.name} 的 {source.table} 中没有与所选范围相交的行（坐标系 {crs}）；"
        "如果坐标系写错，请用 --crs 指定。",
        f"{source.table} of the database source {source.name} has no row that meets the extent "
        f"asked for (CRS {crs}); if that CRS is wrong, name it with --crs.",
    )


# The file -------------------------------------------------------------------------------------


def _file(
    source: Offered, found: Table, rows: database_reader.Fetched, notes: Sequence[Text]
) -> Taken:
    when = f"{datetime.datetime.now(ZoneInfo(LOCAL)):%Y-%m-%d %H:%M}"
    own = f"，条件 {source.settings.where}" if source.settings.where else ""
    own_en = f" where {source.settings.where}" if source.settings.where else ""
    told = Text(
        zh=f"数据库 {source.database}（{source.place}）的表 {source.table}{own}，{when} 读取",
        en=f"Table {source.table}{own_en} of the database {source.database} ({source.place}), "
        f"read {when}",
    )
    title = Text(
        zh=f"数据库 {source.database} 的 {source.table}",
        en=f"{source.table} of the database {source.database}",
    )
    form = "PostGIS" if rows.shapes is not None else "PostgreSQL"
    origin = Origin(source.name, form, title, told, tuple(notes))
    plain = pd.DataFrame(rows.cells, dtype=str)
    if rows.shapes is None:
        return Taken(f"{source.source}.csv", _csv(plain), origin)
    taken_names = set(plain.columns)
    geometry = next(one for one in ("geometry", "geom", "_geometry_") if one not in taken_names)
    frame = gpd.GeoDataFrame(
        plain.assign(**{geometry: rows.shapes}).set_index(pd.RangeIndex(len(rows.shapes))),
        geometry=geometry,
        crs=found.crs,
    )
    made = io.BytesIO()
    frame.to_parquet(made, index=False)
    return Taken(f"{source.source}.parquet", made.getvalue(), origin)


def _csv(rows: pd.DataFrame) -> bytes:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.itertuples(index=False))
    return made.getvalue().encode("utf-8")
