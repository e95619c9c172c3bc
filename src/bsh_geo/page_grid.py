"""Print options in, the grid of the page out: margins, where map and columns stand, text scale.

The grid of a size and orientation is the same for every layer and area, so that the pictures of a
series lie on each other; only a page with far more to say than its kind leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bsh_geo.print_options import PrintOptions, page_size


@dataclass(frozen=True)
class Grid:
    """Lengths in mm; ``scale`` is the size of text, 1 for A4 landscape.

    Attributes
    ----------
    column : float
        Width of the column right of the map; 0 where the columns stand below it.
    map_height : float
        Height of the map with columns below it; 0 where it takes what is left.
    foot : tuple of float
        Height kept for notes and sources, in Chinese and in English.
    slide : bool
        Whether the page is read from afar: fewer entries rather than smaller text.
    rows : int
        Largest number of rows of the table; 0 where there is never room for one.
    """

    width: float
    height: float
    margin: float
    top: float
    bottom: float
    gutter: float
    scale: float
    foot: tuple[float, float]
    column: float = 0.0
    map_height: float = 0.0
    slide: bool = False
    rows: int = 0

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * self.margin

    @property
    def beside(self) -> bool:
        """Whether the column stands right of the map."""
        return self.column > 0

    def foot_height(self, lang: str) -> float:
        """Height kept for the footer; English takes more lines."""
        return self.foot[lang == "en"]


@dataclass(frozen=True)
class Try:
    """One way to set the columns: their width, text scale, height of the trend, most entries."""

    column: float
    scale: float
    trend: float
    most: int
    figures: int
    rows: int


_GRIDS: dict[tuple[str, str], dict[str, float | int | tuple[float, float]]] = {
    ("A4", "landscape"): {
        "margin": 14.0,
        "top": 12.0,
        "gutter": 8.0,
        "scale": 1.0,
        "foot": (23.5, 24.5),
        "column": 78.0,
    },
    ("A4", "portrait"): {
        "margin": 13.0,
        "top": 12.0,
        "gutter": 8.0,
        "scale": 1.0,
        "foot": (24.0, 29.0),
        "map_height": 112.0,
        "rows": 16,
    },
    ("A3", "landscape"): {
        "margin": 18.0,
        "top": 16.0,
        "gutter": 11.0,
        "scale": 1.22,
        "foot": (24.5, 28.0),
        "column": 112.0,
        "rows": 16,
    },
    ("A3", "portrait"): {
        "margin": 18.0,
        "top": 16.0,
        "gutter": 12.0,
        "scale": 1.25,
        "foot": (27.0, 33.0),
        "map_height": 196.0,
        "rows": 16,
    },
    ("16:9", "landscape"): {
        "margin": 13.0,
        "top": 11.0,
        "gutter": 9.0,
        "scale": 1.18,
        "foot": (23.5, 23.5),
        "column": 108.0,
        "slide": True,
    },
    ("16:9", "portrait"): {
        "margin": 12.0,
        "top": 12.0,
        "gutter": 8.0,
        "scale": 1.05,
        "foot": (26.0, 33.0),
        "map_height": 144.0,
        "rows": 16,
    },
}
_EDGE = 8.0
"""What stays white at the foot of a page but for the stamp, mm."""

GRATICULE = (5.0, 1.5, 1.5, 5.0)
"""Room left, above, right of and below a map that is printed alone, for its degrees; mm."""


def grid_of(options: PrintOptions) -> Grid:
    """The grid of a size and orientation."""
    width, height = page_size(replace(options, map_only=False))
    given = dict(_GRIDS[options.size, options.orientation])
    return Grid(width, height, bottom=height - _EDGE, **given)  # type: ignore[arg-type]


# Share of the text scale, height of the trend (mm at the grid's scale), most targets and figures,
# rows of the table: the first that holds everything is taken.
_PAGE = (
    *((1.0, trend, 6, 6, rows) for rows in (16, 12) for trend in (34.0, 28.0, 23.0)),
    *((share, 21.0, 6, 6, rows) for share in (0.95, 0.9) for rows in (16, 10, 8)),
    *((share, 21.0 * share, 6, 6, 0) for share in (1.0, 0.95, 0.9, 0.85, 0.8)),
    *((0.78, 16.0, count, count, 0) for count in (5, 4, 3)),
    *((0.74, 15.0, count, count, 0) for count in (3, 2, 1)),
)
_SLIDE = (
    *((1.0, 26.0, 3, figures, 0) for figures in (4, 3, 2)),
    *((0.95, 22.0, 3, figures, 0) for figures in (3, 2, 0)),
    *((0.9, 20.0, targets, 0, 0) for targets in (3, 2)),
    *((share, 17.0, 2, 0, 0) for share in (0.84, 0.78, 0.72)),
    (0.68, 15.0, 1, 0, 0),
)
_WIDER = (1.18, 1.36, 1.54)
"""How much wider a column right of the map may grow for a page with more to say than its kind."""


def tries(grid: Grid) -> list[Try]:
    """How the columns may be set, the best first; the first that holds everything is taken.

    Text grows smaller and the trend lower; the table goes before text is small, entries after it
    (on a slide before it); at last the column right of a map grows wider.
    """
    width = grid.column or (grid.inner - grid.gutter) / 2
    whole = grid.scale
    found = [
        Try(width, whole * share, whole * trend, most, figures, min(rows, grid.rows))
        for share, trend, most, figures, rows in (_SLIDE if grid.slide else _PAGE)
    ]
    wider = _WIDER if grid.beside else ()
    found += [Try(width * more, whole * 0.68, whole * 15.0, 1, 1, 0) for more in wider]
    return list(dict.fromkeys(found))
