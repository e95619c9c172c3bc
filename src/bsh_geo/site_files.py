"""The bytes of a file with sites in, its features with their CRS out; nothing else is opened.

The name's ending chooses the one driver that reads the file, and the content must look like it.
GDAL itself guesses by the content: ``drivers`` leaves it none that would follow a VRT or a pipeline
to other files and addresses.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import lzma
import re
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import shapely
from pyogrio.errors import CRSError as LayerCRSError
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError
from shapely.errors import GEOSException

from bsh_geo import dbf_names, drivers, parquet_bounds
from bsh_geo.crs import DISPLAY, on_earth
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.limits_in import MOST_BYTES, MOST_FEATURES, MOST_FIELDS, MOST_VERTICES, told
from bsh_geo.site_guards import kml_body, plain_geopackage
from bsh_geo.site_tables import (
    bounded,
    damaged,
    decoded,
    fault,
    read_csv,
    read_xlsx,
    shown,
)

MOST_SITES = 100_000

_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_BROKEN = (
    DataSourceError,
    DataLayerError,
    FeatureError,
    FieldError,
    LayerCRSError,
    pyproj.exceptions.CRSError,
    GEOSException,
    ValueError,
    OSError,
)


@dataclass(frozen=True, eq=False)
class Raw:
    """Features as they stand in a file.

    Attributes
    ----------
    frame : GeoDataFrame
        One row per feature, ``crs`` None where the file names none.
    form : str
        The format's name.
    geographic : bool
        Whether the format itself says that it is longitude and latitude of WGS 84.
    layers : tuple of str
        The layers that were read, one after the other.
    encoding : str
        How the text was read, where the format leaves that open.
    """

    frame: gpd.GeoDataFrame
    form: str
    geographic: bool = False
    layers: tuple[str, ...] = ()
    encoding: str = ""


def read(content: bytes, name: str, most: int = MOST_SITES, layer: str | None = None) -> Raw:
    """The features of a file of that name, at most ``most``; of all its layers, or of one.

    Raises
    ------
    UnknownNameError
        The name's ending is none of ``FORMS``.
    DataError
        The file is too large, damaged, empty, or not what its name says, or has no such layer.
    """
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if ending in (".shp", ".dbf", ".shx", ".prj"):
        raise DataError(
            f"{shown(name)}：Shapefile 由几个文件组成，请将 .shp、.shx、.dbf、.prj 压缩成 zip。",
            f"{shown(name)}: a Shapefile is several files; put .shp, .shx, .dbf and .prj into "
            "one zip.",
        )
    if ending not in FORMS:
        raise unknown_name("文件格式", "file format", ending or shown(name), FORMS)
    if len(content) > MOST_BYTES:
        raise fault(
            name,
            f"有 {len(content) / 2**20:,.0f} MB，最多 {MOST_BYTES // 2**20} MB",
            f"{len(content) / 2**20:,.0f} MB; {MOST_BYTES // 2**20} MB are the most",
        )
    if not content:
        raise fault(name, "是空文件", "the file is empty")
    try:
        raw = FORMS[ending](content, name, layer)
    except MemoryError as error:
        raise fault(
            name, "读入所需的内存过多，请拆分文件", "it needs too much memory; divide it"
        ) from error
    if not len(raw.frame):
        raise fault(name, "中没有要素，应至少有一个", "no features; at least one was expected")
    if len(raw.frame) > most:
        raise fault(
            name,
            f"有 {len(raw.frame):,} 个要素，最多 {most:,} 个",
            f"{len(raw.frame):,} features; {most:,} are the most",
        )
    vertices = int(shapely.get_num_coordinates(raw.frame.geometry.to_numpy()).sum())
    if vertices > MOST_VERTICES:
        raise told(shown(name), "个顶点", "vertices", vertices, MOST_VERTICES)
    return raw


def _layers(
    path: Path, name: str, driver: tuple[str, ...], encoding: str | None, only: str | None
) -> dict[str, gpd.GeoDataFrame]:
    """Each layer of a file that has geometry, read by one of the drivers named and no other."""
    found: dict[str, gpd.GeoDataFrame] = {}
    listed = [str(one) for one, kind in pyogrio.list_layers(path) if kind is not None]
    if only is not None and only not in listed:
        raise unknown_name("图层", "layer", only, listed)
    for layer in listed if only is None else [only]:
        about = pyogrio.read_info(path, layer=layer)
        if about["driver"] not in driver:
            raise ValueError(f"{path.suffix} is not {driver[0]}")
        if len(about["fields"]) > MOST_FIELDS:
            raise told(shown(name), "个字段", "fields", len(about["fields"]), MOST_FIELDS)
        if about["features"] > MOST_FEATURES:
            raise told(shown(name), "个要素", "features", about["features"], MOST_FEATURES)
        found[layer] = gpd.read_file(
            path, engine=drivers.ENGINE, layer=layer, encoding=encoding, on_invalid="ignore"
        )
    return found


def _opened(
    path: Path,
    name: str,
    driver: tuple[str, ...],
    encoding: str | None = None,
    layer: str | None = None,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """All layers with geometry of a file (or one), in the first one's CRS, and their names."""
    try:
        # What GDAL would only remark on (an odd version, a ring that was closed) is no fault.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            # Measures along a line (M) are no heights and are not used.
            warnings.filterwarnings("ignore", "Measured", UserWarning)
            frames = _layers(path, name, driver, encoding, layer)
    except _BROKEN as error:
        raise damaged(name, driver[0]) from error
    filled = {
        layer: one
        for layer, one in frames.items()
        if isinstance(one, gpd.GeoDataFrame) and len(one)
    }
    kept = list(filled.values())
    if not kept:
        return gpd.GeoDataFrame(geometry=[], crs=None), ()
    for one in kept:
        _check_place(one, name)
    if any((one.crs is None) != (kept[0].crs is None) for one in kept):
        raise fault(
            name, "有的图层有坐标系，有的没有", "some of its layers have a CRS and others have none"
        )
    same = [one if one.crs == kept[0].crs else one.to_crs(kept[0].crs) for one in kept]
    whole = gpd.GeoDataFrame(pd.concat(same, ignore_index=True), crs=kept[0].crs)
    return whole, tuple(filled)


def _check_place(frame: gpd.GeoDataFrame, name: str) -> None:
    """The CRS of a frame, if it has one, leads to places on earth."""
    if frame.crs is not None and not on_earth(frame.crs):
        called = str(frame.crs.name)[:60]
        raise fault(
            name,
            f"坐标系“{called}”不能换算为经纬度，请先转换，如转为 EPSG:4490 或 EPSG:4549",
            f"its CRS “{called}” leads to no longitude and latitude; transform it to a geographic "
            "or projected one first, such as EPSG:4490 or EPSG:4549",
        )


def _geojson(content: bytes, name: str, layer: str | None = None) -> Raw:
    """A FeatureCollection, a Feature or a bare geometry; WGS 84 unless a ``crs`` member speaks."""
    try:
        parsed = json.loads(decoded(content, name))
    except (ValueError, RecursionError) as error:
        raise damaged(name, "GeoJSON") from error
    kind = parsed.get("type") if isinstance(parsed, dict) else None
    if kind == "Feature":
        parsed = {"type": "FeatureCollection", "features": [parsed]}
    elif kind in _GEOMETRIES:
        feature = {"type": "Feature", "properties": {}, "geometry": parsed}
        parsed = {"type": "FeatureCollection", "features": [feature]}
    elif kind != "FeatureCollection" or not isinstance(parsed.get("features"), list):
        raise damaged(name, "GeoJSON")
    if not parsed["features"]:
        return Raw(gpd.GeoDataFrame(geometry=[]), "GeoJSON")
    said = "crs" in parsed
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sites.geojson"
        # Letters beyond ASCII stay as they are; half of a pair of surrogates is none.
        text = json.dumps(parsed, ensure_ascii=False)
        path.write_text(text, encoding="utf-8", errors="replace")
        frame, _ = _opened(path, name, ("GeoJSON",))
    return Raw(frame if said else frame.set_crs(None, allow_override=True), "GeoJSON", not said)


_GEOMETRIES = (
    *("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
    "GeometryCollection",
)


def _geopackage(content: bytes, name: str, layer: str | None = None) -> Raw:
    # The application id of the standard: an SQLite database of something else is none.
    if not content.startswith(b"SQLite format 3\0") or content[68:70] != b"GP":
        raise damaged(name, "GeoPackage")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sites.gpkg"
        path.write_bytes(content)
        plain_geopackage(path, name)
        frame, layers = _opened(path, name, ("GPKG",), layer=layer)
    return Raw(frame, "GeoPackage", layers=layers)


def _flatgeobuf(content: bytes, name: str, layer: str | None = None) -> Raw:
    if not content.startswith(b"fgb"):
        raise damaged(name, "FlatGeobuf")
    return Raw(_of_file(content, name, "sites.fgb", ("FlatGeobuf",))[0], "FlatGeobuf")


def _geoparquet(content: bytes, name: str, layer: str | None = None) -> Raw:
    """GeoParquet, whose metadata name its geometry; one without a CRS says that it has none."""
    if not content.startswith(b"PAR1"):
        raise damaged(name, "GeoParquet")
    try:
        parquet_bounds.check(io.BytesIO(content), shown(name), MOST_FEATURES)
        frame = gpd.read_parquet(io.BytesIO(content))
        _check_place(frame, name)
    except DataError:
        raise
    except (
        *_BROKEN, parquet_bounds.BROKEN, TypeError, KeyError, NotImplementedError, AttributeError,
        IndexError,
    ) as error:  # fmt: skip
        raise damaged(name, "GeoParquet") from error
    return Raw(frame.reset_index(drop=True), "GeoParquet")


def _kml(content: bytes, name: str, layer: str | None = None) -> Raw:
    """KML is always WGS 84; a document type, which could name other files, is refused."""
    body = kml_body(decoded(content, name), name)
    frame, layers = _of_file(body, name, "sites.kml", ("LIBKML", "KML"), layer)
    plain_frame = frame.set_crs(None, allow_override=True)
    return Raw(plain_frame, "KML", geographic=True, layers=layers)


def _of_file(
    content: bytes, name: str, called: str, driver: tuple[str, ...], layer: str | None = None
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / called
        path.write_bytes(content)
        return _opened(path, name, driver, layer=layer)


def _zipped(content: bytes, name: str, layer: str | None = None) -> Raw:
    """A zip file: a File Geodatabase where it holds one, else Shapefiles."""
    if not _is_geodatabase(content):
        return _shapefile(content, name, layer)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sites.gdb"
        path.mkdir()
        with _unzipping(content, name) as packed:
            for member in bounded(packed, name):
                inside = PurePosixPath(member.filename.replace("\\", "/"))
                if _GDB_PART.fullmatch(inside.name) and inside.parent.suffix.lower() == ".gdb":
                    (path / inside.name).write_bytes(_member(packed, member, name))
        frame, layers = _opened(path, name, ("OpenFileGDB",), layer=layer)
    return Raw(frame, "File Geodatabase", layers=layers)


_NO_ARCHIVE = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, struct.error, zlib.error,
    ValueError, OverflowError,
)  # fmt: skip
"""What zipfile raises on a damaged archive: the last two where its list of contents names a place
before or beyond the file, or a name that is no text."""

_GDB_PART = re.compile(r"[A-Za-z0-9_]{1,40}(\.[A-Za-z0-9_]{1,20})*")


def _is_geodatabase(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return any(re.search(r"\.gdb[/\\]", one, re.IGNORECASE) for one in packed.namelist())
    except _NO_ARCHIVE:
        return False


@contextmanager
def _unzipping(content: bytes, name: str) -> Iterator[zipfile.ZipFile]:
    """An archive; what is broken or locked in it becomes a sentence."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield packed
    except _NO_ARCHIVE as error:
        raise fault(
            name, "无法解压，文件可能已损坏或有密码", "it cannot be unpacked; damaged, or locked"
        ) from error


def _shapefile(content: bytes, name: str, layer: str | None = None) -> Raw:
    """The Shapefiles of a zip file, all in one folder of our own under names of our own."""
    frames, names, encodings = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        unpacked = _unpacked(content, name, Path(folder))
        known = [one for _, one in unpacked]
        if layer is not None and layer not in known:
            raise unknown_name("图层", "layer", layer, known)
        for path, called in unpacked:
            if layer is None or called == layer:
                dbf_names.mend(path.with_suffix(".dbf"))
                encodings.append(_dbf_encoding(path))
                frames.append(_opened(path, name, ("ESRI Shapefile",), encodings[-1])[0])
                names.append(called)
    crs = {str(one.crs) for one in frames}
    if len(crs) > 1:
        raise fault(name, "有几个 Shapefile，坐标系不同", "it holds Shapefiles of different CRS")
    whole = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
    said = ", ".join(dict.fromkeys(encodings))
    return Raw(whole, "Shapefile", layers=tuple(names), encoding=said)


def _unpacked(content: bytes, name: str, folder: Path) -> list[tuple[Path, str]]:
    """The paths of the ``.shp`` files, and what each is called in the archive."""
    found = []
    with _unzipping(content, name) as packed:
        for number, (stem, parts) in enumerate(sorted(_members(packed, name).items())):
            for ending, member in parts.items():
                target = folder / f"sites{number}{ending}"
                target.write_bytes(_member(packed, member, name))
            found.append((folder / f"sites{number}.shp", PurePosixPath(stem).name))
    return found


def _members(packed: zipfile.ZipFile, name: str) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """Members of each Shapefile by ending; what is too much or lacks a part is told."""
    inside = bounded(packed, name)
    groups: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for one in inside:
        path = PurePosixPath(one.filename)
        if path.suffix.lower() in _SHAPEFILE and not path.name.startswith("."):
            groups.setdefault(str(path.with_suffix("")), {})[path.suffix.lower()] = one
    found = {stem: parts for stem, parts in groups.items() if ".shp" in parts}
    if not found:
        raise fault(name, "中没有 .shp 文件", "it holds no .shp file")
    for stem, parts in found.items():
        lacks = [one for one in (".shx", ".dbf") if one not in parts]
        if lacks:
            inside_name = PurePosixPath(stem).name
            raise fault(
                name, f"中的 {inside_name} 缺少 {lacks[0]}", f"{inside_name} lacks {lacks[0]}"
            )
    return found


def _member(packed: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """A member's bytes, no more than its head says: a head may lie about the size."""
    try:
        with packed.open(member) as stream:
            content = stream.read(member.file_size + 1)
    except (OSError, lzma.LZMAError) as error:  # what other ways of packing raise
        raise zipfile.BadZipFile(member.filename) from error
    if len(content) > member.file_size:
        raise fault(name, "的目录与内容不符", "its list of contents is false")
    return content


def _dbf_encoding(path: Path) -> str:
    """What the ``.cpg`` says where the text can be read so, else UTF-8 or GB18030 by trial."""
    text = path.with_suffix(".dbf").read_bytes()[32:]
    stated = path.with_suffix(".cpg")
    said = stated.read_bytes()[:40].decode("ascii", "ignore").strip() if stated.is_file() else ""
    for encoding in (_codec(said), "UTF-8", "GB18030"):
        if encoding:
            with contextlib.suppress(UnicodeDecodeError):
                text.decode(encoding)
                return encoding
    return "GB18030"


def _codec(said: str) -> str:
    """The encoding that the text of a ``.cpg`` names; blank where it is none that is known."""
    code = re.sub(r"^(ansi|oem|cp|ms)[\s_-]*", "", said.lower())
    named = {"65001": "UTF-8", "936": "GB18030", "gbk": "GB18030", "gb2312": "GB18030"}
    try:
        found = codecs.lookup(named.get(code, said)).name if said else ""
    except (LookupError, ValueError):
        return ""
    # Some of Python's codecs are no encodings of text, or run on what they read.
    if found and not re.fullmatch(_ENCODINGS, found):
        return ""
    return {"utf-8": "UTF-8", "gb18030": "GB18030"}.get(found, found)


_ENCODINGS = (
    r"utf-(8|16|32)(-[lb]e)?|gb\w+|big5\w*|cp\d+|iso8859-\d+|(shift_jis|euc_)\w*|koi8-\w|ascii"
)


FORMS: Mapping[str, Callable[[bytes, str, str | None], Raw]] = {
    ".geojson": _geojson,
    ".json": _geojson,
    ".gpkg": _geopackage,
    ".parquet": _geoparquet,
    ".zip": _zipped,
    ".kml": _kml,
    ".fgb": _flatgeobuf,
    ".csv": lambda content, name, layer: Raw(read_csv(content, name), "CSV"),
    ".xlsx": lambda content, name, layer: Raw(read_xlsx(content, name), "XLSX"),
}
"""The reader of each accepted ending."""


def with_crs(raw: Raw, crs: str | None, name: str) -> Raw:
    """``raw`` with a CRS: the file's own, the format's, else the one the user names.

    Raises
    ------
    DataError
        The CRS is missing, unknown, or contradicts the file's own.
    """
    asked = None if crs is None else known_crs(crs)
    own = raw.frame.crs
    if own is not None and asked is not None and not own.equals(asked, ignore_axis_order=True):
        raise fault(
            name,
            f"自带坐标系 {own.name}，与指定的 {asked.name} 不同；请去掉指定的坐标系",
            f"its own CRS is {own.name}, not {asked.name} as named; leave the CRS out",
        )
    if own is not None:
        return raw
    if asked is None and not raw.geographic:
        raise fault(
            name,
            "没有坐标系信息，请指定（如 EPSG:4326 为 WGS 84 经纬度，EPSG:4549 为 CGCS2000 三度带 "
            "120°E）",
            "it names no CRS; name it (such as EPSG:4326 for WGS 84 degrees, EPSG:4549 for "
            "CGCS2000 in metres about 120°E)",
        )
    return replace(raw, frame=raw.frame.set_crs(asked or DISPLAY))


def known_crs(text: str) -> pyproj.CRS:
    """The CRS that a text such as ``EPSG:4549`` names.

    Raises
    ------
    DataError
        It is not a code of an authority, or names no CRS on the ground.
    """
    try:
        # Only codes: a path or a pipeline given as text would be opened by PROJ.
        if not re.fullmatch(r"[A-Za-z]+:\d{3,6}", text.strip()):
            raise pyproj.exceptions.CRSError(text)
        found = pyproj.CRS.from_user_input(text.strip().upper())
        if not on_earth(found):
            raise pyproj.exceptions.CRSError(text)
    except pyproj.exceptions.CRSError as error:
        raise DataError(
            f"坐标系“{text}”无法识别，应为 EPSG 代码，如 EPSG:4326、EPSG:4490、EPSG:4549。",
            f"The CRS “{text}” is not known; an EPSG code such as EPSG:4326, EPSG:4490 or "
            "EPSG:4549 was expected.",
        ) from error
    return found
