"""MapSpec: everything that a reader of one map is told, in one language.

Both renderers (the browser's and the printed one) draw this and nothing else, so that they show
the same classes, colours, labels, legend, figures, notes and sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from bsh_geo.catalogue import Layer, Part
from bsh_geo.origins import Origin
from bsh_geo.targets import TargetLine

Bounds = tuple[float, float, float, float]
"""west, south, east, north in degrees of WGS 84."""


@dataclass(frozen=True)
class Style:
    """How an area, line or point of one class is drawn; widths are in screen pixels (1/96 inch)."""

    fill: str | None
    stroke: str
    width: float = 1.0
    dashed: bool = False
    hatch: Literal["diagonal", "dots", "cross"] | None = None
    opacity: float = 1.0


@dataclass(frozen=True)
class LegendItem:
    """One swatch of the legend; ``radius`` (pixels) only for points."""

    label: str
    style: Style
    symbol: Literal["area", "point"] = "area"
    radius: float | None = None


@dataclass(frozen=True)
class LegendBlock:
    """A titled group of swatches, with the unit stated once."""

    title: str
    unit: str
    items: tuple[LegendItem, ...]


@dataclass(frozen=True, eq=False)
class DrawnPart:
    """Features of one kind, in drawing order.

    Attributes
    ----------
    frame : GeoDataFrame
        WGS 84, indexed by feature id; columns ``key`` (class, a key of ``styles``), ``name``,
        ``lines`` (tuple of (label, value) pairs for the hover box) and, for points, ``radius``
        in pixels.
    selects : bool
        Whether a click on a feature selects the district whose adcode is its id.
    boundary : str
        The boundary set whose units these are, coloured by a figure; blank for all else.
    opens : bool
        Whether a click on a feature opens the panel of the station whose code is its id.
    """

    id: str
    title: str
    shape: Literal["area", "point"]
    frame: gpd.GeoDataFrame
    styles: dict[str, Style]
    selects: bool = False
    opens: bool = False
    boundary: str = ""

    @property
    def coloured(self) -> bool:
        """Whether these are districts, or units in their place, coloured by a figure."""
        return self.selects or bool(self.boundary)


@dataclass(frozen=True, eq=False)
class DrawnImage:
    """A picture of classes, drawn above the ground and below everything else.

    Attributes
    ----------
    cells : array of uint8
        Rows from the north in Web Mercator; 0 is transparent, n the n-th colour of ``palette``.
    bounds : Bounds
        Outer edges in degrees of WGS 84.
    cards : dict
        By adcode the name of a district and the (label, value) pairs of its hover box.
    """

    id: str
    title: str
    cells: npt.NDArray[np.uint8]
    palette: tuple[str, ...]
    bounds: Bounds
    cards: dict[str, tuple[str, tuple[tuple[str, str], ...]]]


@dataclass(frozen=True, eq=False)
class Built:
    """What was built of a part or metric: what is drawn, the rows behind it, its legend.

    ``unlocated`` rows have no location and are only listed; ``flagged`` points lie just outside
    their district; ``schematic`` says whether any shape is a sketch. ``sources`` are titles of
    sources that no file registers (those of imports), ``tables`` further tables behind the map,
    ``images`` pictures of rasters, ``caution`` a warning that the view must carry, ``water`` the
    period of classes of water as a reader writes it.
    """

    drawn: tuple[DrawnPart, ...]
    rows: pd.DataFrame
    legend: LegendBlock | None
    unlocated: int = 0
    flagged: int = 0
    schematic: bool = False
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tables: tuple[TableView, ...] = ()
    images: tuple[DrawnImage, ...] = ()
    caution: str = ""
    water: str = ""


Parts = list[tuple[Part, Layer, Built]]
"""The parts of a view, each with the layer it belongs to and what was built of it."""


@dataclass(frozen=True)
class Label:
    """A name on the map; ``rank`` 0 is always drawn, 1 only where there is room."""

    text: str
    lon: float
    lat: float
    rank: int = 0


@dataclass(frozen=True)
class Figure:
    """A number with everything needed to defend it; ``origin`` is told behind it on a page."""

    label: str
    value: str
    unit: str
    period: str
    quality: str
    note: str = ""
    origin: Origin = ()


@dataclass(frozen=True)
class Trend:
    """Annual figures of one area, oldest first, and the levels of its targets."""

    title: str
    unit: str
    points: tuple[tuple[str, float], ...]
    targets: tuple[tuple[str, float], ...] = ()
    origin: Origin = ()


BRIEF_DECIMALS = 2
"""Decimals of the figures of ``TableView.brief``: of squares of kilometres and of per cents."""


@dataclass(frozen=True, eq=False)
class TableView:
    """Rows behind the map: ``shown`` has a reader's column titles, ``export`` the machine's.

    ``decimals`` is how many the figures were published with, where that is known.

    ``export`` is in WGS 84; its geometry is missing for rows without a location. ``brief`` are
    the rows that a page has room for, where ``shown`` has too many columns for one.
    """

    id: str
    title: str
    shown: pd.DataFrame
    export: gpd.GeoDataFrame
    decimals: int | None = None
    brief: pd.DataFrame | None = None

    @property
    def printed(self) -> pd.DataFrame:
        """The rows as a page shows them."""
        return self.shown if self.brief is None else self.brief


@dataclass(frozen=True, eq=False)
class MapSpec:
    """One view: a layer, an area, a period, in one language. See the module's first lines."""

    layer: str
    lang: str
    title: str
    subtitle: str
    area: str
    period: str
    extent: Bounds
    whole: Bounds
    ground: gpd.GeoDataFrame
    neighbours: gpd.GeoDataFrame
    outline: gpd.GeoDataFrame
    parts: tuple[DrawnPart, ...]
    labels: tuple[Label, ...]
    legend: tuple[LegendBlock, ...]
    key: Figure | None
    figures: tuple[Figure, ...]
    targets: tuple[TargetLine, ...]
    trend: Trend | None
    notes: tuple[str, ...]
    quality_note: str
    sources: tuple[str, ...]
    data_date: str
    tables: tuple[TableView, ...] = ()
    stations: int | None = None
    sentences: tuple[str, ...] = ()
    images: tuple[DrawnImage, ...] = ()
    water: str = ""
    """The period of the classes of water that are shown, as a reader writes it."""
