"""How a picture is to be printed in, checked; its size on paper in mm out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

from bsh_geo.errors import DataError, unknown_name
from bsh_geo.mapspec import Bounds, MapSpec
from bsh_geo.project import Project

Size = Literal["A4", "A3", "16:9"]
Orientation = Literal["landscape", "portrait"]
Theme = Literal["screen", "print"]

SIZES, ORIENTATIONS, THEMES = get_args(Size), get_args(Orientation), get_args(Theme)
DPI = (40, 600)
"""Least and largest resolution of a PNG; print wants 150 to 600."""

_LANDSCAPE: dict[str, tuple[float, float]] = {
    "A4": (297.0, 210.0),
    "A3": (420.0, 297.0),
    "16:9": (338.7, 190.5),  # 13.333 × 7.5 inches, the wide slide of PowerPoint
}
_MAPS: dict[tuple[str, str], tuple[float, float]] = {
    ("A4", "landscape"): (190.0, 150.0),
    ("A4", "portrait"): (184.0, 132.0),
    ("A3", "landscape"): (270.0, 212.0),
    ("A3", "portrait"): (261.0, 200.0),
    ("16:9", "landscape"): (204.0, 142.0),
    ("16:9", "portrait"): (166.0, 150.0),
}
"""Width and height in mm of a map that stands alone, on a page whose texts are set by others."""
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_LOGO_MOST = 5_000_000
"""Bytes; a larger logo is a photograph by mistake."""


@dataclass(frozen=True)
class PrintOptions:
    """Size, orientation, theme and imprint of a picture.

    Attributes
    ----------
    dpi : int
        Resolution of a PNG; SVG and PDF have none.
    approval, office : str
        Map approval number (审图号) and name of the unit, printed where given.
    logo : bytes, optional
        A PNG or JPEG file.
    extent : Bounds, optional
        What the map shows at least, in degrees; None for the spec's own extent.
    stamp : str
        A small line at the foot, such as version, digest and link.
    map_only : bool
        The map with its frame, names, scale bar, arrow and inset, and nothing around it.

    Raises
    ------
    UnknownNameError, DataError
        An option is not one of the known ones or out of range.
    """

    size: Size = "A4"
    orientation: Orientation = "landscape"
    theme: Theme = "screen"
    dpi: int = 300
    approval: str = ""
    office: str = ""
    logo: bytes | None = None
    extent: Bounds | None = None
    stamp: str = ""
    map_only: bool = False

    def __post_init__(self) -> None:
        """Everything is checked here, so that what lays out and draws need not."""
        for zh, en, found, known in (
            ("纸张", "page size", self.size, SIZES),
            ("方向", "orientation", self.orientation, ORIENTATIONS),
            ("配色", "theme", self.theme, THEMES),
        ):
            if found not in known:
                raise unknown_name(zh, en, str(found), known)
        low, high = DPI
        if not low <= self.dpi <= high:
            raise DataError(
                f"分辨率 {self.dpi} dpi 超出范围，应为 {low} 至 {high}。",
                f"A resolution of {self.dpi} dpi is out of range; {low} to {high} was expected.",
            )
        _check_extent(self.extent)
        _check_logo(self.logo)


def _check_extent(extent: Bounds | None) -> None:
    """Raise a DataError unless the bounds are degrees in order, west < east and south < north."""
    if extent is None:
        return
    west, south, east, north = extent
    inside = -180 <= west < east <= 180 and -85 <= south < north <= 85
    if not (all(math.isfinite(side) for side in extent) and inside):
        found = ", ".join(f"{side:g}" for side in extent)
        raise DataError(
            f"地图范围“{found}”有误，应为“西,南,东,北”四个经纬度（度），西小于东、南小于北。",
            f"The map extent “{found}” is wrong; west, south, east, north in degrees were "
            "expected, west below east and south below north.",
        )


def _check_logo(logo: bytes | None) -> None:
    """Raise a DataError unless the logo looks like a PNG or JPEG of reasonable size."""
    if logo is None:
        return
    if not logo.startswith(_IMAGES):
        raise DataError(
            "徽标不是 PNG 或 JPEG 图片。", "The logo is neither a PNG nor a JPEG picture."
        )
    if len(logo) > _LOGO_MOST:
        raise DataError(
            f"徽标有 {len(logo) / 1e6:.1f} MB，最多 {_LOGO_MOST / 1e6:g} MB。",
            f"The logo has {len(logo) / 1e6:.1f} MB; at most {_LOGO_MOST / 1e6:g} MB are taken.",
        )


def page_size(options: PrintOptions) -> tuple[float, float]:
    """Width and height in mm of the picture: of the page, or of the map that stands alone."""
    if options.map_only:
        return _MAPS[options.size, options.orientation]
    width, height = _LANDSCAPE[options.size]
    return (width, height) if options.orientation == "landscape" else (height, width)


def parse_extent(text: str) -> Bounds:
    """Bounds from ``west,south,east,north`` in degrees.

    Raises
    ------
    DataError
        There are not four numbers, or they are no extent.
    """
    try:
        west, south, east, north = (float(side) for side in text.replace("，", ",").split(","))
    except ValueError as error:
        raise DataError(
            f"地图范围“{text}”有误，应为 area、city 或“西,南,东,北”四个经纬度（度）。",
            f"The map extent “{text}” is wrong; area, city or west,south,east,north in degrees "
            "was expected.",
        ) from error
    _check_extent((west, south, east, north))
    return west, south, east, north


def extent_text(extent: Bounds) -> str:
    """Bounds as ``parse_extent`` reads them, to a hundred-thousandth of a degree: a metre."""
    return ",".join(f"{side:.5f}".rstrip("0").rstrip(".") for side in extent)


def extent_of(text: str, spec: MapSpec) -> Bounds | None:
    """What a map of ``spec`` shows: ``area`` (its own, None), ``city``, or bounds as text.

    Raises
    ------
    DataError
        The text is none of them.
    """
    if text in ("area", ""):
        return None
    return spec.whole if text == "city" else parse_extent(text)


def imprint(project: Project) -> dict[str, Any]:
    """Approval number, office and logo of the project's ``config.toml``, as options.

    ``logo`` there names a file of the project folder.

    Raises
    ------
    DataError
        One of them is no text, or the logo is not there or no picture.
    """
    found: dict[str, Any] = {}
    for name in ("approval", "office", "logo"):
        value = project.config.get(name, "")
        if not isinstance(value, str):
            raise DataError(
                f"config.toml 的 {name} 应为文字，实为 {value!r}。",
                f"{name} of config.toml should be text; found {value!r}.",
            )
        found[name] = value.strip()
    path = found.pop("logo")
    found["logo"] = _logo(project, path) if path else None
    return found


def _logo(project: Project, path: str) -> bytes:
    """The logo's file, which must lie in the project folder."""
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or ":" in path:
        raise DataError(
            f"config.toml 的 logo “{path}”应为项目文件夹内的相对路径。",
            f"logo “{path}” of config.toml should be a path inside the project folder.",
        )
    data = project.path(path).read_bytes()
    _check_logo(data)
    return data
