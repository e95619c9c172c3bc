"""The rows of each kind in, the files that they become out: tables, shapes, layers, boundaries."""

from __future__ import annotations

import hashlib
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import catalogue, frames, own_units, own_values, own_write
from bsh_geo.catalogue import Column
from bsh_geo.crs import DISPLAY, area_km2, to_measure
from bsh_geo.own_fields import Columns
from bsh_geo.own_files import Found, Origin
from bsh_geo.own_kinds import Kind, Mode
from bsh_geo.own_options import Options
from bsh_geo.own_report import Ledger
from bsh_geo.own_rows import Rows, names_of_datum
from bsh_geo.own_write import Files
from bsh_geo.project import Project


def source_of(
    project: Project, said: str | None, name: str, sha256: str, origin: Origin | None = None
) -> dict[str, str]:
    """The source of a file: a known id, or the file itself under the title that the user gives.

    Rows that are of no file have the title of their origin.
    """
    known = catalogue.load_sources(project)
    if said is not None and said.strip() in known:
        one = known[said.strip()]
        return {field: str(getattr(one, field)) for field in own_write.SOURCE_COLUMNS} | {
            "known": "1"
        }
    title = (said or "").strip()
    mark = hashlib.sha256(f"{title}|{sha256}".encode()).hexdigest()[:10]
    plain = (f"自有文件 {name}", f"Own file {name}")
    zh, en = plain if origin is None else (origin.title.zh, origin.title.en)
    return {"id": f"own-{mark}", "title_zh": title or zh, "title_en": title or en}


def provenance(source: dict[str, str], found: Found, made: Rows, ledger: Ledger) -> dict[str, str]:
    """The source with what was done to its data in its note."""
    if "known" in source:
        return source | {"file": found.name}
    zh = [f"文件 {found.name}" if found.origin is None else found.origin.told.zh]
    en = [f"File {found.name}" if found.origin is None else found.origin.told.en]
    if made.crs:
        zh.append(f"坐标系 {made.crs}")
        en.append(f"CRS {made.crs}")
    if made.datum not in ("", "wgs84"):
        zh.append(f"由 {names_of_datum(made.datum)} 换算为 WGS 84")
        en.append(f"turned from {names_of_datum(made.datum)} into WGS 84")
    repaired = {row for one in ledger.findings if one.sort == "repaired" for row in one.rows}
    if repaired:
        zh.append(f"修复几何 {len(repaired)} 个")
        en.append(f"{len(repaired)} geometries mended")
    notes = {"note_zh": "；".join(zh) + "。", "note_en": "; ".join(en) + "."}
    return source | notes | {"file": found.name}


def columns_of(
    project: Project, kind: Kind, found: Found, columns: Columns, options: Options
) -> dict[str, Column]:
    """The columns that rows of a kind get."""
    if kind.table is not None:
        return dict(frames.dataset_of(project, kind.table).columns)
    made = {
        "id": own_units.column("str", "编号", "Id", True),
        "name_zh": own_units.column("str", "名称", "Name (Chinese)", True),
        "name_en": own_units.column("str", "英文名称", "Name", True),
        "adcode": own_units.column("area", "区", "District"),
    }
    if kind.id == "boundary":
        return made
    if options.within is not None:
        title = frames.boundary_of(project, options.within).title
        made["unit_id"] = own_units.column("str", title.zh, title.en)
    for name, head in own_columns(found, columns).items():
        made[name] = _own_column(found, columns, head)
    if _areal(found):
        made["area_km2"] = own_units.column("float", "图形面积", "Area of the shape", unit="km²")
    else:
        made["lon"] = own_units.column("float", "经度", "Longitude", True, unit="°")
        made["lat"] = own_units.column("float", "纬度", "Latitude", True, unit="°")
    made["source"] = own_units.column("source", "来源", "Source", True)
    made["quality"] = own_units.column("quality", "质量", "Quality", True)
    return made


def _areal(found: Found) -> bool:
    """Whether a file holds areas: its geometry, where it has any, is not of points alone."""
    if found.shapes is None:
        return False
    kinds = shapely.get_dimensions(found.shapes)
    return bool((kinds == 2).sum() >= (kinds == 0).sum())


def own_columns(found: Found, columns: Columns) -> dict[str, int]:
    """Names for the columns that no field uses, by the place of each."""
    taken = {
        *("id", "name_zh", "name_en", "adcode", "lon", "lat", "area_km2", "source", "quality"),
        *("geometry", "shape_class", "unit_id"),
    }
    made: dict[str, int] = {}
    for at in columns.left(len(found.heads)):
        if not found.names()[at] or found.cells[at].eq("").all():
            continue
        head = found.names()[at]
        # What is left of a Chinese head, such as its unit, is no name.
        plain = re.sub(r"[^a-z0-9]+", "_", head.lower()).strip("_") if head.isascii() else ""
        name = plain if re.fullmatch(r"[a-z][a-z0-9_]*", plain) else f"column_{at + 1}"
        name = name if name not in taken else f"{name}_{at + 1}"
        taken.add(name)
        made[name] = at
    return made


def _own_column(found: Found, columns: Columns, at: int) -> Column:
    name, unit = own_values.unit_of(found.names()[at])
    cells = found.cells[at]
    numeric = _numeric(cells.head(1000)) and _numeric(cells)
    return own_units.column(
        "float" if numeric else "str", name or f"#{at + 1}", name or f"#{at + 1}", unit=unit or None
    )


def _numeric(cells: pd.Series) -> bool:
    """Whether every cell is a number; a code such as 007 is none."""
    plain = ~np.isnan(own_values.plain_numbers(cells))
    if not (plain | cells.eq("").to_numpy(dtype=bool)).all():
        return False
    return not own_values.any_code(cells)


def with_own_columns(kind: Kind, found: Found, columns: Columns) -> Columns:
    """The columns of a file, for a kind that keeps those that no field uses."""
    if kind.id != "areas":
        return columns
    return Columns({**columns.places, **own_columns(found, columns)}, columns.units)


def files_of(
    project: Project,
    kind: Kind,
    rows: gpd.GeoDataFrame,
    declared: dict[str, Column],
    columns: Columns,
    options: Options,
    source: dict[str, str],
    files: Files,
    ledger: Ledger,
) -> gpd.GeoDataFrame:
    """Add the files of a kind's rows; gives the rows as they are stored."""
    mode = options.mode or kind.mode
    if kind.id == "boundary":
        stated = "adcode" in columns.places
        return own_units.boundary(project, rows, options, source, files, ledger, stated)
    if kind.id == "areas":
        return own_units.places(project, rows, declared, options, source, files, ledger)
    assert kind.table is not None
    given = {*columns.places, "source", "quality", kind.key}
    if kind.id == "indicators":
        own_write.merge_table(project, files, kind.table, rows, set(rows.columns), mode)
        return rows
    if kind.key not in columns.places and mode == "merge":
        known = own_write.with_known_ids(project, kind.table, rows, kind.key, ledger)
        rows = gpd.GeoDataFrame(known, geometry="geometry", crs=DISPLAY)
    there = ~rows.geometry.isna()
    given |= {"lon", "lat", "adcode", "location_grade"} if there.any() else {"adcode"}
    if kind.shapes is not None:
        _shapes(project, kind, rows[there], mode, source, files)
    own_write.merge_table(project, files, kind.table, rows, given, mode)
    if kind.id == "redline" and mode == "replace":
        quality = own_units.lowest(rows["quality"])
        own_write.as_measured(project, files, "ecological_red_line", "redline_shapes", quality)
    return rows


def _shapes(
    project: Project,
    kind: Kind,
    rows: gpd.GeoDataFrame,
    mode: Mode,
    source: dict[str, str],
    files: Files,
) -> None:
    """The features of a kind with areas; points have none."""
    areal = rows[shapely.get_dimensions(rows.geometry.to_numpy()) == 2].copy()
    if areal.empty:
        return
    areal["method_zh"] = f"导入的图形：{source['title_zh']}"
    areal["method_en"] = f"Imported shape: {source['title_en']}"
    sizes = area_km2(areal.geometry).to_numpy(dtype=float)
    areal["area_km2"] = [repr(round(float(one), 6)) for one in sizes]
    if kind.id == "redline":
        areal["realm"] = _realm(project, areal)
    assert kind.shapes is not None
    own_write.merge_shapes(project, files, kind.shapes, areal, mode)


def _realm(project: Project, rows: gpd.GeoDataFrame) -> list[str]:
    """Where the larger part of each area lies: "land" or "sea"."""
    land = to_measure(frames.boundary(project, "land")).geometry.to_numpy()
    plane = to_measure(rows).geometry.to_numpy()
    shapely.prepare(land)
    on = np.zeros(len(plane))
    tree = shapely.STRtree(plane)
    for one in land:
        at = tree.query(one, predicate="intersects")
        inside = shapely.contains_properly(one, plane[at])
        on[at[inside]] += shapely.area(plane[at[inside]])
        cut = at[~inside]
        on[cut] += shapely.area(shapely.intersection(plane[cut], one))
    return ["land" if one else "sea" for one in on >= 0.5 * shapely.area(plane)]
