"""What a filled briefing is: pages in one language, each with its blocks in their order.

Slides, Word, PDF and HTML show these and nothing else, so that all of them say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from bsh_geo.compose import Request
from bsh_geo.mapspec import Bounds, Figure, MapSpec, Trend
from bsh_geo.print_options import Theme


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text."""

    text: str


@dataclass(frozen=True, eq=False)
class MapPicture:
    """The map alone, or with ``whole`` the printed page around it.

    ``alt`` is what it says to those who cannot see it.
    """

    spec: MapSpec
    caption: str
    alt: str
    whole: bool = False
    extent: Bounds | None = None


@dataclass(frozen=True)
class Figures:
    """The key figure and those beside it."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class TrendChart:
    """Annual figures as a line, targets as levels."""

    trend: Trend
    caption: str


@dataclass(frozen=True)
class Bar:
    """A district's figure; ``chosen`` is whom the page is about."""

    name: str
    value: float
    colour: str
    chosen: bool = False


@dataclass(frozen=True)
class Ranking:
    """Districts by their figure, the highest first; ``without`` names those that have none."""

    caption: str
    unit: str
    decimals: int
    bars: tuple[Bar, ...]
    note: str


@dataclass(frozen=True)
class Table:
    """Rows of texts under titles; columns in ``numeric`` stand right. ``note`` says what is left.

    ``marked`` are the rows of whom the page is about.
    """

    caption: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    note: str = ""
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sources:
    """Where the figures are from, of when, of which quality, and what limits them."""

    lines: tuple[str, ...]


Block = Paragraph | MapPicture | Figures | TrendChart | Ranking | Table | Sources


@dataclass(frozen=True, eq=False)
class Page:
    """A page about one area; ``spoken`` are the notes of a speaker."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    spoken: tuple[str, ...] = ()
    request: Request | None = None


@dataclass(frozen=True, eq=False)
class Briefing:
    """A template filled for one area and period. ``stamp`` is the line at the foot of each page.

    ``notes`` say what differs from what was asked for, such as another period of a layer.
    """

    title: str
    subtitle: str
    lang: str
    pages: tuple[Page, ...]
    office: str = ""
    approval: str = ""
    logo: bytes | None = None
    stamp: str = ""
    size: str = "A4"
    theme: Theme = "screen"
    notes: tuple[str, ...] = ()
