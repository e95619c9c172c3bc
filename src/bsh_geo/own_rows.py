"""A file of places in, rows as a dataset declares them with their geometry out, faults by row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import (
    areas,
    own_crs,
    own_datum,
    own_frame,
    own_names,
    own_places,
    own_shapes,
    own_values,
    site_tables,
)
from bsh_geo.catalogue import CITY, Column
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import DataError
from bsh_geo.own_crs import Located
from bsh_geo.own_fields import Columns
from bsh_geo.own_files import Found
from bsh_geo.own_kinds import Kind
from bsh_geo.own_names import Match
from bsh_geo.own_options import Options
from bsh_geo.own_places import Codes
from bsh_geo.own_report import Ledger
from bsh_geo.own_suspicion import Clues
from bsh_geo.own_tables import Ints
from bsh_geo.project import Project
from bsh_geo.reading_cells import BLANKS
from bsh_geo.site_geometry import Shapes

NEAR_DEGREES = 1.5
"""What lies farther from the city than this, in degrees, is no place at sea before it."""

_PARTS = re.compile(r"(\d{1,3})[ :-]+([0-5]?\d)[ :-]+([0-5]?\d(?:\.\d+)?)")
"""Degrees, minutes and seconds without their signs."""

Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows that can be imported.

    Attributes
    ----------
    frame : GeoDataFrame
        The dataset's columns as text, ``geometry`` in ``DISPLAY`` (None for rows without place),
        indexed by row number in the file.
    crs, datum : str
        How the coordinates were read.
    seen : GeoDataFrame or None
        Every row that has a geometry, also those that are lost: ``name`` as the file has it and
        the geometry in ``DISPLAY`` before anything was mended, indexed by row number.
    """

    frame: gpd.GeoDataFrame
    crs: str
    datum: str
    seen: gpd.GeoDataFrame | None = None


def build(
    project: Project,
    kind: Kind,
    declared: Mapping[str, Column],
    found: Found,
    columns: Columns,
    options: Options,
    ledger: Ledger,
) -> Rows:
    """The rows of a file of places.

    Raises
    ------
    DataError
        The CRS that is named is not known, or contradicts the file's own.
    """
    count = len(found.numbers)
    texts = {name: found.cells[at].astype(str) for name, at in columns.places.items()}
    stated = _districts(project, texts.get("adcode"), options, ledger, found.numbers)
    shapes, there = _geometry(found, texts, columns, ledger)
    located = _located(project, shapes, there, found, texts, stated, options, ledger)
    if located is None or located.shapes is None:
        made: Shapes = np.full(count, None, dtype=object)
        known = located is None
        frame = own_frame.rows(
            project, kind, declared, found, texts, columns, stated, made, ledger, options, known
        )
        return Rows(frame, "", "wgs84")
    placed: Shapes = np.full(count, None, dtype=object)
    want = kind.want or "any"
    good_shapes, good = own_shapes.checked(
        located.shapes, found.numbers[there], want, options.repair, ledger
    )
    at = np.flatnonzero(there)[good]
    placed[at] = good_shapes[good]
    codes = _settled(project, placed, stated, found.numbers, texts.get("adcode"), kind, ledger)
    frame = own_frame.rows(
        project, kind, declared, found, texts, columns, codes, placed, ledger, options, True
    )
    seen = _seen(texts, there, found.numbers, located.shapes)
    return Rows(frame, located.crs, located.datum, seen)


def _seen(
    texts: Mapping[str, pd.Series], there: Flags, numbers: Ints, shapes: Shapes
) -> gpd.GeoDataFrame:
    names = [texts[one] for one in ("name_zh", "name_en", "id", "code") if one in texts]
    geometry = gpd.GeoSeries(shapes, index=numbers[there], crs=DISPLAY)
    named = names[0].array[there] if names else np.full(len(shapes), "")
    return gpd.GeoDataFrame({"name": named}, index=geometry.index, geometry=geometry)


def _districts(
    project: Project, texts: pd.Series | None, options: Options, ledger: Ledger, numbers: Ints
) -> Codes:
    """The district that each row names; None for none or an unknown one."""
    if texts is None:
        return np.full(len(numbers), None, dtype=object)
    places, different = pd.factorize(texts.astype(object))
    known = [own_names.match(project, str(one), options.names) for one in different]
    tell_names(project, known, places, numbers, ledger)
    codes = np.array([one.code for one in known], dtype=object)
    return codes[places] if len(known) else np.full(len(numbers), None, dtype=object)


def tell_names(
    project: Project,
    known: list[Match],
    places: np.ndarray[Any, Any],
    numbers: Ints,
    ledger: Ledger,
    parts: bool = True,
) -> None:
    """Say of each name that is not a district's own how it was taken.

    Without ``parts`` nothing is said of districts that are dissolved into others.
    """
    for at, one in enumerate(known):
        if one.how == "name" or not one.text or (one.how == "part" and not parts):
            continue
        rows = np.unique(numbers[places == at])
        name, name_en = (
            areas.area_name(project, one.code, lang) if one.code else "" for lang in ("zh", "en")
        )
        if one.how in ("alias", "said"):
            ledger.add(
                "note",
                f"“{one.text}”按{name}读取",
                f"“{one.text}” is read as {name_en}",
                rows,
            )
        elif one.how in ("whole", "part"):
            ledger.add(
                "proposed",
                f"“{one.text}”是旧名（{one.since}年变更），归入今{name}",
                f"“{one.text}” is a former name (changed in {one.since}), now in {name_en}",
                rows,
            )
        elif one.how == "none":
            _tell_unknown(one, rows, ledger)


def _tell_unknown(one: Match, rows: Ints, ledger: Ledger) -> None:
    """A name that is no district's, with those that it may be; none of them is taken."""
    near = f"，是否指 {'、'.join(one.near)}？可用 --name {one.text}=…" if one.near else ""
    near_en = f"; did you mean {', '.join(one.near)}? Say --name {one.text}=…" if one.near else ""
    ledger.add(
        "unmatched",
        f"区名“{one.text}”不识{near}",
        f"The district “{one.text}” is not known{near_en}",
        rows,
    )


def _geometry(
    found: Found, texts: Mapping[str, pd.Series], columns: Columns, ledger: Ledger
) -> tuple[Shapes, Flags]:
    """Geometry as it stands in the file, for the rows that have any, and which these are."""
    if found.shapes is not None:
        return found.shapes, np.ones(len(found.shapes), dtype=bool)
    if "lon" not in texts or "lat" not in texts:
        return np.empty(0, dtype=object), np.zeros(len(found.numbers), dtype=bool)
    x = _coordinates(texts["lon"], "lon", found.numbers, ledger)
    y = _coordinates(texts["lat"], "lat", found.numbers, ledger)
    single = np.isnan(x) != np.isnan(y)
    lost = np.isin(found.numbers, sorted(ledger.lost()))
    if (single & ~lost).any():
        ledger.add(
            "rejected",
            "只有一个坐标",
            "There is one coordinate only",
            found.numbers[single & ~lost],
        )
    there = ~(np.isnan(x) | np.isnan(y))
    points: Shapes = shapely.points(x[there], y[there])
    return points, there


def _coordinates(
    texts: pd.Series, axis: str, numbers: Ints, ledger: Ledger
) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = own_values.plain_numbers(texts)
    rest = np.isnan(values) & texts.ne("").to_numpy(dtype=bool)
    if not rest.any():
        return values
    at = np.flatnonzero(rest)
    wrong = []
    for one in at:
        cell = own_values.half(str(texts.iloc[one]))
        values[one] = np.nan
        if not cell or cell in BLANKS:
            continue
        parts = _PARTS.fullmatch(cell)
        if parts is not None:
            cell = f"{parts[1]}°{parts[2]}′{parts[3]}″"
        try:
            values[one] = site_tables.coordinate(cell, axis)
        except ValueError:
            wrong.append(one)
    if wrong:
        example = texts.iloc[wrong[0]]
        ledger.add(
            "rejected", f"“{example}”不是坐标", f"“{example}” is no coordinate", numbers[wrong]
        )
    return values


def _located(
    project: Project,
    shapes: Shapes,
    there: Flags,
    found: Found,
    texts: Mapping[str, pd.Series],
    stated: Codes,
    options: Options,
    ledger: Ledger,
) -> Located | None:
    """The geometry in WGS 84; None where the file has none at all."""
    if not there.any():
        return None
    at = np.flatnonzero(there)
    looked = own_crs.sampled(len(at))
    names = [
        texts[one].iloc[at[looked]].tolist()
        for one in ("code", "id", "name_zh", "name_en")
        if one in texts
    ]
    known = np.full((len(at), 2), np.nan)
    known[looked] = own_places.known_at(project, names, len(looked))
    # The city itself is no district that a place could lie outside of.
    districts = stated[at]
    districts[districts == CITY] = None
    clues = Clues(known, districts)
    datum = own_crs.checked_datum(options.datum)
    return own_crs.located(project, shapes, found.crs, options.crs, datum, clues, ledger)


def _settled(
    project: Project,
    shapes: Shapes,
    stated: Codes,
    numbers: Ints,
    texts: pd.Series | None,
    kind: Kind,
    ledger: Ledger,
) -> Codes:
    """The district of each row: the one it names, else the one it lies in."""
    there = ~shapely.is_missing(shapes)
    lies: Codes = np.full(len(shapes), None, dtype=object)
    areal = there & (shapely.get_dimensions(shapes) == 2)
    dots = there & ~areal
    if dots.any():
        lies[dots] = own_places.districts_of(project, shapely.get_coordinates(shapes[dots]))
    if areal.any():
        lies[areal] = own_places.mostly_in(project, shapes[areal])
    named, inside = ~pd.isna(stated), ~pd.isna(lies)
    wrong = named & inside & (stated != lies) & (stated != CITY)
    if wrong.any():
        ledger.add(
            "proposed",
            "位置不在所写的区内，区以文件所写为准",
            "The place does not lie in the district that is named; the name is kept",
            numbers[wrong],
        )
    outside = there & ~inside
    if outside.any():
        _tell_outside(project, shapes, outside, numbers, kind, ledger)
    by_place = there & ~named & inside
    if by_place.any() and texts is not None:
        ledger.add(
            "proposed",
            "没有写明或不识的区，按位置归区",
            "The district is blank or not known, and is taken from the place",
            numbers[by_place],
        )
    codes = np.where(named, stated, lies)
    if "wetland" in str(kind.table) or "redline" in str(kind.table):
        codes[outside & ~named] = CITY
    return codes


def _tell_outside(
    project: Project, shapes: Shapes, outside: Flags, numbers: Ints, kind: Kind, ledger: Ledger
) -> None:
    """Places outside every district are lost, but for shapes at sea before the city."""
    west, south, east, north = own_places.city_bounds(project)
    box = shapely.box(west - 0.5, south - 0.5, east + NEAR_DEGREES, north + 0.5)
    near = outside & shapely.intersects(shapes, box)
    sea = kind.shapes is not None or kind.id == "boundary"
    lost = outside & ~near if sea else outside
    if lost.any():
        x, y = own_places.points_of(shapes[lost])[0]
        ledger.add(
            "outside",
            f"不在本市（如 {x:.4f}, {y:.4f}）",
            f"Not in the city (such as {x:.4f}, {y:.4f})",
            numbers[lost],
            lost=True,
        )
    kept = outside & ~lost
    if kept.any():
        ledger.add(
            "outside", "在各区之外（海域或邻省）", "Outside every district (sea or neighbours)",
            numbers[kept],
        )  # fmt: skip


def names_of_datum(datum: str) -> str:
    """The name of a datum as people write it."""
    found = own_crs.checked_datum(datum)
    if found is None:
        raise DataError(f"基准 {datum} 不识。", f"The datum {datum} is not known.")
    return own_datum.NAMES[found]
