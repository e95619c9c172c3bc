"""Coordinates as a file has them in, degrees of WGS 84 out: nothing is assumed that is not said.

A missing CRS is asked for, with where each candidate would put the data; swapped axes are turned
round where only that puts the data into the city, and told; what looks like GCJ-02 or BD-09 is
held against known places and district borders.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from bsh_geo import own_datum, own_places, own_suspicion, site_files
from bsh_geo.catalogue import Text
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.own_datum import DATUMS, NAMES, Datum
from bsh_geo.own_places import points_of
from bsh_geo.own_report import Ledger
from bsh_geo.own_suspicion import Clues
from bsh_geo.project import Project
from bsh_geo.site_geometry import Shapes, moved

LOCAL = "local"

CANDIDATES: tuple[tuple[str, Text], ...] = (
    ("EPSG:4490", Text(zh="CGCS2000 经纬度（与 WGS 84 相差不到一米）", en="CGCS2000 degrees")),
    ("EPSG:4549", Text(zh="CGCS2000 三度带 120°E，无带号", en="CGCS2000 Gauss–Krüger 120°E")),
    (
        "EPSG:4528",
        Text(zh="CGCS2000 三度带 40 带，带号在前", en="CGCS2000 Gauss–Krüger zone 40"),
    ),
    ("EPSG:4550", Text(zh="CGCS2000 三度带 123°E，无带号", en="CGCS2000 Gauss–Krüger 123°E")),
    (
        "EPSG:4529",
        Text(zh="CGCS2000 三度带 41 带，带号在前", en="CGCS2000 Gauss–Krüger zone 41"),
    ),
    ("EPSG:32651", Text(zh="WGS 84 / UTM 51N", en="WGS 84 / UTM zone 51N")),
    ("EPSG:3857", Text(zh="网络墨卡托", en="Web Mercator")),
)

SAMPLE = 2_000
"""Rows that are looked at to compare systems."""

FITS = 0.5
"""A system that puts at least so much of the data into the city is a candidate."""


@dataclass(frozen=True, eq=False)
class Located:
    """Geometries in degrees of WGS 84, and how they were understood; None while that is asked."""

    shapes: Shapes | None
    crs: str
    datum: Datum
    swapped: bool


def local_crs(project: Project) -> pyproj.CRS | None:
    """The city's own grid: ``[crs] local`` of ``config.toml``, a PROJ string.

    Raises
    ------
    DataError
        It is no PROJ string, names a file, or is not understood.
    """
    declared = project.config.get("crs", {})
    text = declared.get(LOCAL) if isinstance(declared, dict) else declared
    if not text:
        return None
    try:
        if not isinstance(text, str) or not text.startswith("+proj=") or "grids" in text:
            raise pyproj.exceptions.CRSError(str(text))
        return pyproj.CRS.from_proj4(text)
    except pyproj.exceptions.CRSError as error:
        raise DataError(
            f"config.toml 的 [crs] local 应为 PROJ 参数，如 “+proj=tmerc +lat_0=… +lon_0=…”，"
            f"现为“{text}”。",
            "[crs] local of config.toml should be PROJ parameters, such as “+proj=tmerc +lat_0=… "
            f"+lon_0=…”; found “{text}”.",
        ) from error


def named(project: Project, text: str) -> pyproj.CRS:
    """The system of an EPSG code, or of ``local``.

    Raises
    ------
    DataError
        It is not known, or there is no local one.
    """
    if text.strip().lower() != LOCAL:
        return site_files.known_crs(text)
    found = local_crs(project)
    if found is None:
        raise DataError(
            'config.toml 没有写明地方坐标系，应有 [crs] local = "+proj=…"。',
            'config.toml names no local grid; [crs] local = "+proj=…" was expected.',
        )
    return found


def checked_datum(text: str | None) -> Datum | None:
    """The datum of a name, None for none."""
    if text is None:
        return None
    plain = text.strip().lower().replace("-", "").replace(" ", "")
    for one in DATUMS:
        if plain == one:
            return one
    raise unknown_name("基准", "datum", text, DATUMS)


def is_degrees(crs: pyproj.CRS) -> bool:
    """Whether a system is longitude and latitude."""
    return bool(crs.is_geographic)


def _swapped(found: Shapes) -> Shapes:
    made: Shapes = shapely.transform(found, lambda pairs: pairs[:, ::-1])
    return made


def _degrees(found: Shapes, crs: pyproj.CRS, swapped: bool) -> Shapes:
    turned = _swapped(found) if swapped else found
    # CGCS2000 and WGS 84 differ by decimetres, which PROJ leaves as they are.
    if crs.is_geographic and crs.to_epsg() in (4326, 4490):
        return turned
    return moved(turned, crs, DISPLAY)


def sampled(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The places of the rows that systems are compared on."""
    made = np.unique(np.linspace(0, max(count - 1, 0), min(count, SAMPLE)).astype(np.int64))
    return made if count else np.empty(0, np.int64)


def located(
    project: Project,
    shapes: Shapes,
    own: pyproj.CRS | None,
    asked: str | None,
    datum: Datum | None,
    clues: Clues,
    ledger: Ledger,
) -> Located:
    """The geometries of a file in WGS 84; what must be asked goes to ``ledger``.

    Raises
    ------
    DataError
        The CRS that the user names is not known, or the file has another one that fits.
    """
    at = sampled(len(shapes))
    # One point of each is enough to compare systems, and moved far faster than whole outlines.
    some: Shapes = np.asarray(shapely.points(points_of(shapes[at])))
    few = Clues(clues.known[at], clues.stated[at])
    crs = _chosen(project, some, own, asked, datum, ledger)
    if crs is None:
        _ask_crs(project, some, few, own, ledger)
        return Located(None, "", datum or "wgs84", False)
    swapped = _is_swapped(project, some, crs)
    if swapped:
        ledger.add(
            "note",
            "坐标轴颠倒（北坐标或纬度在前），已对调",
            "The axes were swapped (northing or latitude first) and have been turned round",
        )
    if datum is None:
        own_suspicion.ask_where_suspected(project, _degrees(some, crs, swapped), few, ledger)
    made = _degrees(shapes, crs, swapped)
    if datum not in (None, "wgs84"):
        made = own_datum.shapes_moved(made, datum, "wgs84")
        own_suspicion.tell_datum(project, _degrees(some, crs, swapped), datum, few, ledger)
    return Located(made, _text(crs, asked), datum or "wgs84", swapped)


def _text(crs: pyproj.CRS, asked: str | None) -> str:
    if asked is not None and asked.strip().lower() == LOCAL:
        return "local"
    code = crs.to_authority(min_confidence=70)
    return f"{crs.name} ({':'.join(code)})" if code else str(crs.name)


def _chosen(
    project: Project,
    some: Shapes,
    own: pyproj.CRS | None,
    asked: str | None,
    datum: Datum | None,
    ledger: Ledger,
) -> pyproj.CRS | None:
    """The system to read by, None where it has to be asked for."""
    said = None if asked is None else named(project, asked)
    if said is not None and own is not None and not own.equals(said, ignore_axis_order=True):
        if max(_fits(project, some, own)) >= FITS:
            raise DataError(
                f"文件自带坐标系 {own.name}，与指定的 {said.name} 不同；请去掉指定的坐标系。",
                f"The file's own CRS is {own.name}, not {said.name} as named; leave the CRS out.",
            )
        ledger.add(
            "note",
            f"文件自带坐标系 {own.name} 与数据不符，按指定的 {said.name} 读取",
            f"The file's own CRS {own.name} does not fit its data; read as {said.name} as named",
        )
        return said
    if said is None and own is None and datum is not None:
        degrees = site_files.known_crs("EPSG:4326")
        return degrees if max(_fits(project, some, degrees)) >= FITS else None
    if said is None and own is not None and max(_fits(project, some, own)) < FITS:
        fitting = [one for one in candidates(project) if max(_fits(project, some, one[1])) >= FITS]
        return None if fitting else own
    return said or own


def _fits(project: Project, some: Shapes, crs: pyproj.CRS) -> tuple[float, float]:
    """How much of the data a system puts into the city, as it stands and with axes swapped."""
    found = []
    for swapped in (False, True):
        points = points_of(_degrees(some, crs, swapped))
        finite = np.isfinite(points).all(axis=1)
        found.append(own_places.inside_share(project, points[finite]))
    return found[0], found[1]


def _is_swapped(project: Project, some: Shapes, crs: pyproj.CRS) -> bool:
    straight, turned = _fits(project, some, crs)
    return straight == 0 and turned >= FITS


def candidates(project: Project) -> Iterator[tuple[str, pyproj.CRS, Text]]:
    """The usual systems of the city: how each is named, the system, its title."""
    for code, text in CANDIDATES:
        yield code, site_files.known_crs(code), text
    own = local_crs(project)
    if own is not None:
        yield LOCAL, own, Text(zh="地方坐标系（config.toml）", en="the local grid of config.toml")


def _ask_crs(
    project: Project, some: Shapes, clues: Clues, own: pyproj.CRS | None, ledger: Ledger
) -> None:
    choices = []
    for code, crs, text in candidates(project):
        straight, turned = _fits(project, some, crs)
        if max(straight, turned) < FITS:
            continue
        degrees = _degrees(some, crs, swapped=straight == 0)
        found = own_places.evidence(project, points_of(degrees), clues.known, clues.stated)
        choices.append((code, own_suspicion.with_evidence(text, found)))
        if is_degrees(crs) and own is None:
            choices += _datum_choices(project, degrees, clues)
    zh = "文件没有坐标系信息" if own is None else f"文件自带坐标系 {own.name} 把数据放在本市之外"
    en = (
        "The file names no CRS"
        if own is None
        else f"The file's own CRS {own.name} puts the data outside the city"
    )
    if choices:
        zh, en = f"{zh}，请指定（不作假定）：", f"{en}; name it (none is assumed):"
    else:
        x, y = points_of(some)[0] if len(some) else (float("nan"), float("nan"))
        zh = f"{zh}，且没有一种常用坐标系能把 ({x:g}, {y:g}) 放在本市，请用 --crs 指定"
        en = f"{en}, and no usual one puts ({x:g}, {y:g}) into the city; name it with --crs"
    ledger.ask("crs", "--crs", zh, en, [one for one in choices if not one[0].startswith("datum:")])
    offered = [(one[6:], text) for one, text in choices if one.startswith("datum:")]
    if offered:
        ledger.ask(
            "datum",
            "--datum",
            "若坐标取自网络地图，请说明基准：",
            "Where the coordinates come from a web map, say which datum:",
            offered,
        )


def _datum_choices(project: Project, degrees: Shapes, clues: Clues) -> list[tuple[str, Text]]:
    made = []
    for datum in DATUMS[1:]:
        back = own_datum.shapes_moved(degrees, datum, "wgs84")
        found = own_places.evidence(project, points_of(back), clues.known, clues.stated)
        text = Text(zh=f"{NAMES[datum]}，换算为 WGS 84", en=f"{NAMES[datum]}, turned into WGS 84")
        made.append((f"datum:{datum}", own_suspicion.with_evidence(text, found)))
    return made
