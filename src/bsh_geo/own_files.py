"""The bytes of a user's file in, its rows as text with geometry and CRS as found out.

Vector formats by the drivers of ``site_files``, tables by ``own_tables``; nothing is changed yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from bsh_geo import own_tables, site_files
from bsh_geo.catalogue import Text
from bsh_geo.errors import DataError, ManyPartsError, unknown_name
from bsh_geo.own_tables import Ints
from bsh_geo.reading_books import cell_text
from bsh_geo.reading_cells import Fault
from bsh_geo.site_geometry import Shapes
from bsh_geo.site_tables import shown, text_of

TABLES = (".csv", ".txt", ".tsv", ".xlsx")
VECTORS = tuple(one for one in site_files.FORMS if one not in TABLES)

_OLD = Text(
    zh="是旧的 Excel 或 WPS 格式，请另存为 .xlsx 或 CSV",
    en="is in an old format of Excel or WPS; save it as .xlsx or CSV",
)
_PACKED = Text(zh="是压缩包，请解压，或改用 zip", en="is an archive; unpack it, or use zip")
_CAD = Text(
    zh="是 CAD 图，请在 GIS 软件中导出为 Shapefile 或 GeoPackage",
    en="is a CAD drawing; export it from a GIS as Shapefile or GeoPackage",
)
_MAPINFO = Text(
    zh="是 MapInfo 格式，请在 GIS 软件中导出为 Shapefile 或 GeoPackage",
    en="is in a format of MapInfo; export it from a GIS as Shapefile or GeoPackage",
)
_DOCUMENT = Text(
    zh="是文档，请把其中的表另存为 .xlsx 或 CSV", en="is a document; save its table as .xlsx or CSV"
)
OTHERS: dict[str, Text] = {
    **dict.fromkeys((".xls", ".et", ".xlsb"), _OLD),
    **dict.fromkeys((".rar", ".7z"), _PACKED),
    **dict.fromkeys((".dwg", ".dxf"), _CAD),
    **dict.fromkeys((".tab", ".mif", ".mid"), _MAPINFO),
    **dict.fromkeys((".doc", ".docx", ".pdf", ".wps", ".ods"), _DOCUMENT),
    ".mdb": Text(
        zh="是 Access 数据库，请导出为 Shapefile、GeoPackage 或 CSV",
        en="is an Access database; export it as Shapefile, GeoPackage or CSV",
    ),
    ".kmz": Text(zh="是压缩的 KML，请解压后导入其中的 .kml", en="is a packed KML; unpack its .kml"),
}
"""Endings that offices send often and that are not read, with what to do."""

MOST_FEATURES, MOST_VERTICES = 500_000, 5_000_000

MOST_BYTES = 400 << 20


@dataclass(frozen=True)
class Origin:
    """Where rows came from that are of no file of the user's: how a reader is told of it.

    ``name`` stands for the file's, ``title`` for the source's; ``told`` is the whole of it.
    """

    name: str
    form: str
    title: Text
    told: Text
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, eq=False)
class Found:
    """A file as it stands.

    Attributes
    ----------
    heads : tuple of tuple of str
        The head of each column, of one row or two.
    cells : DataFrame
        Text by column place (0, 1, …); blank cells are "".
    shapes : ndarray of geometries or None
        None for a table.
    crs : CRS or None
        The file's own, or the one that its format prescribes.
    numbers : ndarray
        Row numbers; features are counted from 1.
    sample : str
        Some text of the file as it was decoded, where the encoding was found by trial.
    """

    name: str
    form: str
    heads: tuple[tuple[str, ...], ...]
    cells: pd.DataFrame
    shapes: Shapes | None
    crs: pyproj.CRS | None
    numbers: Ints
    encoding: str
    sample: str
    faults: tuple[Fault, ...] = ()
    above: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()
    origin: Origin | None = None

    def names(self) -> list[str]:
        """The head of each column in one text."""
        return [own_tables.JOINED.join(one) for one in self.heads]


def read(content: bytes, name: str, known: Callable[[str], bool], part: str | None = None) -> Found:
    """The rows of a file whose name's ending says the format.

    Parameters
    ----------
    known : callable
        Whether a text is the head of a column that is looked for.
    part : str, optional
        The layer or worksheet, for a file with several.

    Raises
    ------
    UnknownNameError
        The ending is not known, or there is no such layer or sheet.
    DataError
        The file is damaged, empty, too large, or has several layers and none is named.
    """
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if len(content) > MOST_BYTES:
        raise DataError(
            f"{shown(name)} 有 {len(content) / 2**20:,.0f} MB，最多 {MOST_BYTES >> 20} MB。",
            f"{shown(name)} has {len(content) / 2**20:,.0f} MB; {MOST_BYTES >> 20} MB are the "
            "most.",
        )
    if ending in TABLES:
        return _table(content, name, known, part)
    if ending in OTHERS:
        raise other_form(ending, name)
    if ending not in VECTORS and ending not in (".shp", ".shx", ".dbf", ".prj"):
        raise unknown_name("文件格式", "file format", ending or shown(name), (*VECTORS, *TABLES))
    return _vector(content, name, part)


def other_form(ending: str, name: str) -> DataError:
    """The sentence about a file of one of ``OTHERS``."""
    said = OTHERS[ending]
    return DataError(f"{shown(name)} {said.zh}。", f"{shown(name)} {said.en}.")


def _table(content: bytes, name: str, known: Callable[[str], bool], part: str | None) -> Found:
    rows = own_tables.read(content, shown(name), known, part)
    form = "XLSX" if content.startswith(b"PK\x03\x04") else "CSV"
    sample = _sample(rows.names(), rows.cells) if rows.encoding not in ("", "utf-8-sig") else ""
    return Found(
        shown(name), form, rows.heads, rows.cells, None, None, rows.numbers,
        rows.encoding, sample, rows.faults, rows.above, rows.notes,
    )  # fmt: skip


def _vector(content: bytes, name: str, part: str | None) -> Found:
    raw = site_files.read(content, name, MOST_FEATURES, part)
    if len(raw.layers) > 1:
        listed = "、".join(raw.layers)
        raise ManyPartsError(
            f"{shown(name)} 有几个图层：{listed}；请指定一个（--layer）。",
            f"{shown(name)} holds several layers: {listed}; name one with --layer.",
            raw.layers,
        )
    frame = raw.frame
    shapes: Shapes = frame.geometry.to_numpy()
    vertices = _vertices(shapes)
    if vertices > MOST_VERTICES:
        raise DataError(
            f"{shown(name)} 有 {vertices:,} 个顶点，最多 {MOST_VERTICES:,} 个。",
            f"{shown(name)} has {vertices:,} vertices; {MOST_VERTICES:,} are the most.",
        )
    names = [str(one) for one in frame.columns if one != frame.geometry.name]
    cells = pd.DataFrame({at: _texts(frame[one]) for at, one in enumerate(names)})
    crs = site_files.known_crs("EPSG:4326") if raw.geographic else frame.crs
    sample = _sample(names, cells) if raw.encoding else ""
    numbers = np.arange(1, len(frame) + 1, dtype=np.int64)
    heads = tuple((one,) for one in names)
    return Found(
        shown(name), raw.form, heads, cells.reindex(range(len(frame))), shapes, crs, numbers,
        raw.encoding, sample,
    )  # fmt: skip


def _vertices(shapes: Shapes) -> int:
    return int(shapely.get_num_coordinates(shapes).sum())


def _texts(column: pd.Series) -> pd.Series:
    """A column of a vector file as a table would hold it."""
    if pd.api.types.is_datetime64_any_dtype(column):
        dates: pd.Series = column.dt.strftime("%Y-%m-%d").fillna("").astype(str)
        return dates
    return pd.Series([_text(one) for one in column], index=column.index, dtype=str)


def _text(cell: Any) -> str:
    if isinstance(cell, (list, np.ndarray)):
        return text_of(cell)
    if cell is None or cell is pd.NA or cell is pd.NaT or cell != cell:
        return ""
    return cell_text(cell.item() if hasattr(cell, "item") else cell).strip()


def _sample(names: list[str], cells: pd.DataFrame) -> str:
    """The first words that are not ASCII: a reader sees whether they were decoded well."""
    found = [one for one in names if not one.isascii()]
    for row in cells.head(20).itertuples(index=False):
        found += [str(one) for one in row if not str(one).isascii()]
        if len(found) > 6:
            break
    return " ".join(re.sub(r"\s+", " ", one)[:16] for one in dict.fromkeys(found[:8]))
