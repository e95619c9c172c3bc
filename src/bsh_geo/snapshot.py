"""MapSpec in, a printed A4 page out: PNG, SVG or PDF bytes, the same for the same input.

Nothing is fetched and no browser is needed. The picture is drawn in ``crs.MEASURE``, so that the
scale bar holds everywhere. ``page`` lays out, ``_drawn`` puts marks on a matplotlib figure,
``render`` writes the file.
"""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import matplotlib
import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import CircleCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox
from PIL import Image
from shapely.geometry.base import BaseGeometry

from bsh_geo import crs, fonts
from bsh_geo import furniture as fur
from bsh_geo.errors import UnknownNameError
from bsh_geo.furniture import Block, Mark, Setting, Words
from bsh_geo.mapspec import DrawnPart, Label, MapSpec, Style

FORMATS = ("png", "svg", "pdf")

PAGE = (297.0, 210.0)
"""A4 landscape, mm."""

MARGIN, TOP, BOTTOM, GUTTER = 14.0, 12.0, 202.0, 8.0
"""Left and right margin, upper and lower limit of what is printed, map to column; mm."""

_NEIGHBOUR = Style("#efece3", "#d9d3c3", 0.6)
_GROUND = Style(fur.PAPER, "#8a8f87", 0.5 / fur.POINTS_PER_PIXEL)
_CASING = Style(None, fur.PAPER, 2.6 / fur.POINTS_PER_PIXEL, opacity=0.9)
_OUTLINE = Style(None, fur.INK, 1.1 / fur.POINTS_PER_PIXEL)
_HATCHES = {"diagonal": "////", "dots": "....", "cross": "xxxx"}

# Settings of matplotlib are of the whole process and so are their changes: one picture at a time.
_LOCK = threading.Lock()
_RC: dict[str, Any] = {
    "pdf.fonttype": 42,  # TrueType, so that the text of a PDF stays text
    "svg.fonttype": "none",
    "svg.hashsalt": "bsh_geo",
    "hatch.linewidth": 0.4,
    "text.hinting": "none",  # hinted glyphs would not have the widths that were measured
    "path.simplify": True,
}

_CREATOR = "bsh_geo"
Box = tuple[float, float, float, float]
"""left, top, right, bottom in mm of the page."""


def render(spec: MapSpec, form: str = "png", *, approval: str = "", dpi: int = 300) -> bytes:
    """The page of ``spec`` as the bytes of a PNG, SVG or PDF file.

    ``approval`` is the map approval number (审图号), printed where given; ``dpi`` holds for PNG.
    Raises UnknownNameError for another form and GlyphError for a character without glyph.
    """
    if form not in FORMATS:
        raise UnknownNameError(
            f"不能输出为“{form}”。可用：{'、'.join(FORMATS)}。",
            f"There is no output form “{form}”. Known: {', '.join(FORMATS)}.",
        )
    with settings():
        figure = figure_of(spec, approval=approval, dpi=dpi)
        return {"png": _png, "svg": _svg, "pdf": _pdf}[form](figure, spec.title)


@contextmanager
def settings() -> Iterator[None]:
    """matplotlib set for one page: what is drawn or measured must be within."""
    with _LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()  # a user's own matplotlibrc changes no picture
        parameters: Any = matplotlib.rcParams  # typed by literal keys
        parameters.update(_RC)
        yield


def _png(figure: Figure, title: str) -> bytes:
    canvas: Any = FigureCanvasAgg(figure)  # matplotlib's canvases have no types
    canvas.draw()
    made = io.BytesIO()
    # Level 3 takes half the time of the usual 6 and gives files a tenth larger.
    Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).save(
        made, "png", dpi=(figure.dpi, figure.dpi), compress_level=3
    )
    return made.getvalue()


def _pdf(figure: Figure, title: str) -> bytes:
    made = io.BytesIO()
    metadata = {"CreationDate": None, "Creator": _CREATOR, "Title": title}
    canvas: Any = FigureCanvasPdf(figure)
    canvas.print_pdf(made, metadata=metadata)
    return made.getvalue()


def _svg(figure: Figure, title: str) -> bytes:
    made = io.StringIO()
    metadata = {"Date": None, "Creator": _CREATOR, "Title": title}
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(made, metadata=metadata)
    shown = {c for text in figure.findobj(Text) if isinstance(text, Text) for c in text.get_text()}
    font = base64.b64encode(fonts.woff(shown)).decode()
    face = (
        f"<style>@font-face{{font-family:'{fonts.FAMILY}';"
        f"src:url(data:font/woff;base64,{font}) format('woff');}}</style>\n "
    )
    return made.getvalue().replace("<defs>", f"{face}<defs>", 1).encode()


# The page ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapFrame:
    """Where the map stands on the page (mm) and what it shows (metres of ``crs.MEASURE``).

    ``west`` and ``north`` are the metres at its top left, ``scale`` is mm per metre.
    """

    left: float
    top: float
    width: float
    height: float
    west: float
    north: float
    scale: float

    @property
    def box(self) -> Box:
        """left, top, right, bottom on the page, mm."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    @property
    def ground(self) -> Box:
        """west, south, east, north in metres."""
        east, south = self.west + self.width / self.scale, self.north - self.height / self.scale
        return self.west, south, east, self.north

    @property
    def to_page(self) -> Affine2D:
        """Metres to mm of the page."""
        moved = Affine2D().translate(-self.west, -self.north)
        return moved.scale(self.scale, -self.scale).translate(self.left, self.top)


@dataclass(frozen=True, eq=False)
class Page:
    """What is laid out: the map's frame, and the marks around it and those upon it."""

    frame: MapFrame
    around: tuple[Mark, ...]
    upon: tuple[Mark, ...]


# Column width (mm), text scale, height of the trend's plot (mm), most targets and figures: the
# first of these that holds everything is taken.
_TRIES = (
    *((78.0, scale, trend, 6) for scale, trend in ((1.0, 30.0), (1.0, 25.0), (1.0, 21.0))),
    *((78.0, scale, 18.0, 6) for scale in (0.94, 0.88, 0.82, 0.76)),
    (92.0, 0.74, 16.0, 6),
    *((92.0, 0.72, 15.0, most) for most in (5, 4, 3, 2)),
    *((width, 0.7, 15.0, 1) for width in (92.0, 106.0, 120.0)),
)


def page(spec: MapSpec, approval: str = "") -> Page:
    """Everything of ``spec`` in its place."""
    for width, scale, trend, most in _TRIES:
        setting = Setting(spec.lang, width, scale, trend, most)
        foot = _footer(spec, approval, width)
        room = BOTTOM - foot.height - 3.5 - TOP
        blocks = _column(spec, setting)
        if sum(block.height for block in blocks) + 3.2 * (len(blocks) - 1) <= room:
            break
    map_width = PAGE[0] - 2 * MARGIN - GUTTER - width
    head = _header(spec, map_width)
    top = TOP + head.height + 2.5
    frame = _framed(spec, (MARGIN, top, map_width, BOTTOM - foot.height - 7.0 - top))
    around = (
        *_placed(head, MARGIN, TOP),
        *_placed(_spaced(blocks, room), MARGIN + map_width + GUTTER, TOP),
        *_placed(foot, MARGIN, BOTTOM - foot.height),
        *_graticule(frame),
        replace(fur.box(*frame.box[:2], frame.width, frame.height, None, fur.INK), width=0.6),
    )
    furniture = [mark for one in _furniture(frame, spec.lang) for mark in _placed(*one)]
    return Page(frame, around, (*_labels(spec, frame), *furniture))


def _placed(block: Block, x: float, y: float) -> list[Mark]:
    return [fur.moved(mark, x, y) for mark in block.marks]


def _header(spec: MapSpec, width: float) -> Block:
    size = fonts.shrink(spec.title, width, (21, 19, 17, 15))
    title = fur.paragraph(spec.title, width, size, fur.INK, strong=True)
    subtitle = fur.paragraph(spec.subtitle, width, 9.0, fur.MUTED)
    return fur.stacked([title, subtitle] if spec.subtitle else [title])


def _column(spec: MapSpec, setting: Setting) -> list[Block]:
    """The blocks of the right column from top to bottom; what the spec lacks is left out."""
    blocks = [fur.key_block(spec.key, setting)] if spec.key else []
    if spec.targets:
        blocks.append(fur.targets_block(spec, setting))
    if spec.trend and spec.trend.points:
        blocks.append(fur.trend_block(spec.trend, setting))
    if spec.figures:
        blocks.append(fur.figures_block(spec.figures, setting))
    blocks.extend(fur.legend_block(one, setting) for one in spec.legend if one.items)
    if spec.quality_note:
        blocks.append(fur.quality_block(spec.quality_note, setting))
    return blocks


def _spaced(blocks: Sequence[Block], room: float) -> Block:
    """The blocks with what is left of ``room`` shared between them, up to a limit."""
    spare = room - sum(block.height for block in blocks)
    return fur.stacked(blocks, min(7.5, max(3.2, spare / max(len(blocks) - 1, 1))))


_FOOT_MOST = 24.0
"""Height in mm that sources may take at the smallest size before they are cut."""


def _footer(spec: MapSpec, approval: str, column: float) -> Block:
    """Notes, sources, and date, projection and approval number, side by side under a hairline."""
    total = PAGE[0] - 2 * MARGIN
    for size in (6.6, 6.2, 5.8, fonts.SMALLEST):
        whole = _foot_columns(spec, approval, column, size, None)
        if whole.height <= _FOOT_MOST:
            break
    else:
        whole = _foot_columns(spec, approval, column, fonts.SMALLEST, _FOOT_MOST)
    rule = fur.line([(0, 0), (total, 0)], fur.HAIRLINE, 0.5)
    return fur.stacked([Block(1.2, (rule,)), whole])


def _foot_columns(
    spec: MapSpec, approval: str, column: float, size: float, most: float | None
) -> Block:
    """The footer at ``size`` points; with ``most`` the sources are cut to that height in mm."""
    words = fur.WORDS["en" if spec.lang == "en" else "zh"]
    left = PAGE[0] - 2 * MARGIN - GUTTER - column
    colon = words["colon"]
    facts = [f"{words['date']}{colon}{spec.data_date}"] if spec.data_date else []
    facts.append(f"{words['crs']}{colon}{words['crs_name']}")
    facts += [f"{words['approval']}{colon}{approval}"] if approval else []
    third = fur.stacked([fur.paragraph(fact, column, size, fur.MUTED) for fact in facts])
    half = (left - 6.0) * 0.54 if spec.notes and spec.sources else left
    notes = [fur.paragraph(note, half, size, fur.MUTED) for note in spec.notes]
    first = [_foot_title(words["notes"], size), *notes] if notes else []
    rest = left - 6.0 - half if notes else left
    limit = None if most is None else max(most, third.height, fur.stacked(first).height)
    second = _sources(spec, rest, size, limit) if spec.sources else []
    placed = [(first, 0.0), (second, half + 6.0 if notes else 0.0), ([third], left + GUTTER)]
    return fur.over(*(_shifted(fur.stacked(blocks), x) for blocks, x in placed))


def _foot_title(text: str, size: float) -> Block:
    return fur.paragraph(text, 100.0, size, fur.INK, strong=True)


def _sources(spec: MapSpec, width: float, size: float, most: float | None) -> list[Block]:
    words = fur.WORDS["en" if spec.lang == "en" else "zh"]
    text = words["join"].join(spec.sources)
    lines = 1000 if most is None else max(int(most / fonts.line_height(size)) - 1, 1)
    cut = fonts.cut(text, width, size, lines)
    return [_foot_title(words["sources"], size), fur.set_lines(cut, size, fur.MUTED)]


def _shifted(block: Block, x: float) -> Block:
    return Block(block.height, tuple(fur.moved(mark, x, 0.0) for mark in block.marks))


# The map -------------------------------------------------------------------------------------


def _framed(spec: MapSpec, place: Box) -> MapFrame:
    """The frame at ``place`` (left, top, width, height in mm) around all of the spec's extent."""
    left, top, width, height = place
    # A parallel bows in this projection: its middle must be inside too.
    around = [crs.measured(shapely.segmentize(shapely.box(*spec.extent), 0.02)).bounds]
    if not spec.outline.empty:
        around.append(tuple(crs.to_measure(spec.outline.geometry).total_bounds))
    west, south = (min(one[side] for one in around) for side in (0, 1))
    east, north = (max(one[side] for one in around) for side in (2, 3))
    scale = min(width / (east - west), height / (north - south)) / 1.06
    middle = ((west + east) / 2, (south + north) / 2)
    corner = (middle[0] - width / scale / 2, middle[1] + height / scale / 2)
    return MapFrame(left, top, width, height, *corner, scale)


def _furniture(frame: MapFrame, lang: str) -> list[tuple[Block, float, float]]:
    """Scale bar bottom left and north arrow top right, with their left and top, mm."""
    left, top, right, bottom = frame.box
    bar = fur.scale_bar(frame.scale, min(36.0, frame.width / 4))
    arrow = fur.north_arrow(lang)
    return [
        (bar, left + 3.0, bottom - 3.0 - bar.height),
        (arrow, right - 3.0 - arrow.width, top + 3.0),
    ]


_STEPS = tuple(s / 3600 for s in (3600, 1800, 1200, 600, 300, 120, 60, 30, 20, 10))
"""Distances in degrees between two ticks of the graticule."""


def _graticule(frame: MapFrame) -> list[Mark]:
    """Ticks at round degrees, inward on all four sides, named at the left and the bottom."""
    left, top, right, bottom = frame.box
    marks: list[Mark] = []
    for x, _ in _ticks(frame, (left, top), (right, top), 0):
        marks.append(fur.line([(x, top), (x, top + 1.3)], fur.INK, 0.4))
    for x, lon in _ticks(frame, (left, bottom), (right, bottom), 0):
        marks.append(fur.line([(x, bottom), (x, bottom - 1.3)], fur.INK, 0.4))
        name = fur.degree(lon, "EW")
        marks.append(Words(x, bottom + 2.6, name, 5.5, fur.MUTED, "center"))
    for y, _ in _ticks(frame, (right, bottom), (right, top), 1):
        marks.append(fur.line([(right, y), (right - 1.3, y)], fur.INK, 0.4))
    for y, lat in _ticks(frame, (left, bottom), (left, top), 1):
        marks.append(fur.line([(left, y), (left + 1.3, y)], fur.INK, 0.4))
        name = fur.degree(lat, "NS")
        marks.append(Words(left - 1.0, y, name, 5.5, fur.MUTED, "center", turned=90.0))
    return marks


def _ticks(
    frame: MapFrame, start: tuple[float, float], end: tuple[float, float], axis: int
) -> list[tuple[float, float]]:
    """Place (mm) and degree of the ticks on one side of the frame; axis 0 longitude, 1 latitude."""
    share = np.linspace(0.0, 1.0, 60)[:, None]
    side = np.asarray(start) * (1 - share) + np.asarray(end) * share
    metres = frame.to_page.inverted().transform(side)
    degrees = shapely.get_coordinates(crs.displayed(shapely.LineString(metres)))[:, axis]
    span = degrees[-1] - degrees[0]
    step = next((s for s in _STEPS if span / s >= 3), _STEPS[-1])
    round_ones = np.arange(np.ceil(degrees[0] / step), np.floor(degrees[-1] / step) + 1) * step
    places = np.interp(round_ones, degrees, side[:, axis])
    # A name near a corner would leave the side or meet the other side's name.
    inner = np.abs(places - (start[axis] + end[axis]) / 2) < abs(end[axis] - start[axis]) / 2 - 7.0
    return [(float(p), float(d)) for p, d in zip(places[inner], round_ones[inner], strict=True)]


# Labels --------------------------------------------------------------------------------------

_RANK_SIZES = (7.0, 5.6)
_FEW = 4
"""With so few main names in the frame they are set a quarter larger."""

# Moves from the label's own place in its half width and height, nearest first.
_MOVES = np.array(
    sorted(
        (
            (dx, dy)
            for dx in (0.0, 0.35, -0.35, 0.7, -0.7, 1.05, -1.05)
            for dy in np.arange(-16, 17) / 8
        ),
        key=lambda move: (round(abs(move[0]) * 1.6 + abs(move[1]), 6), move),
    )
)
_FAR = (np.abs(_MOVES[:, 0]) * 1.6 + np.abs(_MOVES[:, 1])) ** 1.5
"""What a move costs: several small ones are better than one into the next district."""


def _labels(spec: MapSpec, frame: MapFrame) -> list[Words]:
    """Names on the map that do not touch each other, the scale bar or the arrow.

    Rank 0 is moved a little where it must and always drawn; a lower rank is left out where it
    collides. Points are kept clear where that costs no collision.
    """
    left, top, right, bottom = frame.box
    seen = [
        (label, x, y)
        for label, (x, y) in zip(spec.labels, _label_places(spec.labels, frame), strict=True)
        if left < x < right and top < y < bottom
    ]
    enlarged = 1.25 if sum(label.rank == 0 for label, _, _ in seen) <= _FEW else 1.0
    taken: list[Box] = [
        (x - 0.8, y - 0.8, x + block.width + 0.8, y + block.height + 0.8)
        for block, x, y in _furniture(frame, spec.lang)
    ]
    points = _point_boxes(spec, frame)
    drawn: list[Words] = []
    for label, x, y in sorted(seen, key=lambda one: one[0].rank):
        size = _RANK_SIZES[min(label.rank, 1)] * enlarged
        words = _label(label, (x, y), size, frame.box, np.array(taken), points)
        if words:
            drawn.append(words)
            taken.append(extent(words))
    return drawn


def _label_places(labels: Sequence[Label], frame: MapFrame) -> np.ndarray:
    """Where the labels belong on the page, mm, a row each."""
    if not labels:
        return np.empty((0, 2))
    lons, lats = [one.lon for one in labels], [one.lat for one in labels]
    points = crs.to_measure(gpd.GeoSeries.from_xy(lons, lats, crs=crs.DISPLAY))
    return np.asarray(frame.to_page.transform(shapely.get_coordinates(points.values)))


def _point_boxes(spec: MapSpec, frame: MapFrame) -> np.ndarray:
    """The boxes of all drawn points, mm, a row each."""
    boxes = [np.empty((0, 4))]
    for part in spec.parts:
        if part.shape == "point" and not part.frame.empty:
            metres = shapely.get_coordinates(_metres(part.frame).values)
            centres = frame.to_page.transform(metres)
            radii = part.frame["radius"].to_numpy(dtype=float)[:, None] * fur.MM_PER_PIXEL
            boxes.append(np.hstack([centres - radii, centres + radii]))
    return np.vstack(boxes)


def _label(
    label: Label,
    place: tuple[float, float],
    size: float,
    inside: Box,
    taken: np.ndarray,
    points: np.ndarray,
) -> Words | None:
    """The label at the best of its possible places; None where a lower rank finds none."""
    em = size * fonts.MM_PER_POINT
    half = fonts.width(label.text, size) / 2
    moves = _MOVES if label.rank == 0 else _MOVES[:1]
    x = np.clip(place[0] + moves[:, 0] * half, inside[0] + half + 1.5, inside[2] - half - 1.5)
    base = place[1] + (fonts.ASCENT - fonts.DESCENT) / 2 * em + moves[:, 1] * 1.2 * em
    y = np.clip(base, inside[1] + em + 1.5, inside[3] - 1.5)
    boxes = np.column_stack([x - half - 0.4, y - 0.9 * em, x + half + 0.4, y + 0.22 * em])
    struck = _overlaps(boxes, taken)
    if label.rank > 0 and struck[0] > 0:
        return None
    # Far moves are worse than a hidden point, anything is better than a hidden name.
    cost = struck * 1e3 + _overlaps(boxes, points) * 0.05 + _FAR[: len(moves)]
    best = int(np.argmin(cost))
    return Words(
        float(x[best]), float(y[best]), label.text, size, fur.INK, "center", halo=fur.PAPER
    )


def extent(words: Words) -> Box:
    """The box of centred words with a little air, mm of the page."""
    em = words.size * fonts.MM_PER_POINT
    half = fonts.width(words.text, words.size) / 2 + 0.4
    return words.x - half, words.y - 0.9 * em, words.x + half, words.y + 0.22 * em


def _overlaps(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The area in mm² that each of ``boxes`` shares with all of ``others``."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low, 0.0, None).prod(axis=2).sum(axis=1))


# Drawing -------------------------------------------------------------------------------------


def figure_of(spec: MapSpec, *, approval: str = "", dpi: int = 300) -> Figure:
    """The page as a figure of matplotlib, not yet drawn; for ``render`` and for measuring."""
    laid = page(spec, approval)
    # A thousandth of a pixel more, because matplotlib rounds the size down.
    width, height = ((round(side / 25.4 * dpi) + 0.001) / dpi for side in PAGE)
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="white")
    to_figure = Affine2D().scale(1 / PAGE[0], -1 / PAGE[1]).translate(0, 1)
    pen = _Pen(figure, to_figure, laid.frame)
    _draw_map(pen, spec)
    for mark in (*laid.upon, *laid.around):
        for artist in _artists(mark):
            pen.put(artist)
    return figure


@dataclass(frozen=True, eq=False)
class _Pen:
    """A figure, how mm of the page become its fractions, and the map's frame on it."""

    figure: Figure
    to_figure: Affine2D
    frame: MapFrame

    def put(self, artist: Artist) -> None:
        """Add something measured in mm of the page."""
        artist.set_transform(self.to_figure + self.figure.transFigure)
        self.figure.add_artist(artist)

    def put_map(self, artist: CircleCollection | PathCollection) -> None:
        """Add something measured in metres, cut at the frame."""
        page_transform = self.to_figure + self.figure.transFigure
        left, top, right, bottom = self.frame.box
        artist.set_clip_box(TransformedBbox(Bbox([[left, top], [right, bottom]]), page_transform))
        if isinstance(artist, CircleCollection):  # its own transform is the one of the radius
            artist.set_offset_transform(self.frame.to_page + page_transform)
        else:
            artist.set_transform(self.frame.to_page + page_transform)
        self.figure.add_artist(artist)


def _artists(mark: Mark) -> list[Artist]:
    if isinstance(mark, Words):
        return [*_backing(mark), _text(mark)]
    colours = _colours(mark.fill, mark.stroke, mark.opacity)
    return [
        PathPatch(
            mark.path,
            **colours,
            linewidth=mark.width if mark.stroke else 0.0,
            linestyle=_dashes(mark.dashed),
            hatch=_HATCHES.get(mark.hatch or ""),
            joinstyle="miter",
            capstyle="butt",
        )
    ]


def _text(words: Words) -> Text:
    return Text(
        words.x,
        words.y,
        words.text,
        fontproperties=fonts.properties(),
        fontsize=words.size,
        color=words.colour,
        ha=words.align,
        va="baseline",
        rotation=words.turned,
        rotation_mode="anchor",
        parse_math=False,
    )


def _backing(words: Words) -> list[Text]:
    """Halo and imitated bold: outlines under the text, which itself stays text in SVG and PDF."""
    strokes = [(words.halo, 2.2)] if words.halo else []
    strokes += [(words.colour, 0.032 * words.size)] if words.strong else []
    backing = []
    for colour, width in strokes:
        text = _text(words)
        text.set_path_effects([Stroke(linewidth=width, foreground=colour, joinstyle="round")])
        backing.append(text)
    return backing


def _colours(fill: str | None, stroke: str | None, opacity: float) -> dict[str, object]:
    return {
        "facecolor": to_rgba(fill, opacity) if fill else "none",
        "edgecolor": stroke or "none",
    }


def _dashes(dashed: bool) -> str | tuple[float, tuple[float, float]]:
    return (0.0, (4.0, 2.4)) if dashed else "solid"


def _draw_map(pen: _Pen, spec: MapSpec) -> None:
    """Sea, neighbours, districts, the parts in order, the outline of the selected area."""
    frame = pen.frame
    sea = fur.box(*frame.box[:2], frame.width, frame.height, fur.SEA)
    pen.put(_artists(sea)[0])
    _draw_areas(pen, _metres(spec.neighbours), _NEIGHBOUR)
    _draw_areas(pen, _metres(spec.ground), _GROUND)
    for part in spec.parts:
        _draw_part(pen, part)
    outline = _metres(spec.outline)
    _draw_areas(pen, outline, _CASING)
    _draw_areas(pen, outline, _OUTLINE)


def _metres(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    return frame.geometry if frame.empty else crs.to_measure(frame.geometry)


def _draw_part(pen: _Pen, part: DrawnPart) -> None:
    if part.frame.empty:
        return
    shapes = _metres(part.frame)
    if part.shape == "point":
        _draw_points(pen, part, shapes)
        return
    for key, style in part.styles.items():
        _draw_areas(pen, shapes[part.frame["key"] == key], style)


def _draw_areas(pen: _Pen, shapes: gpd.GeoSeries, style: Style) -> None:
    """All areas (or lines) of one style as one collection."""
    west, south, east, north = pen.frame.ground
    beyond = 8.0 / pen.frame.scale  # so that the cut edge of a shape is not seen
    seen = shapely.clip_by_rect(
        np.asarray(shapes.values), west - beyond, south - beyond, east + beyond, north + beyond
    )
    paths = [_path(shape) for shape in seen if shape is not None and not shape.is_empty]
    if not paths:
        return
    pen.put_map(
        PathCollection(
            paths,
            facecolors=[to_rgba(style.fill, style.opacity) if style.fill else (0, 0, 0, 0)],
            edgecolors=style.stroke,
            linewidths=style.width * fur.POINTS_PER_PIXEL,
            linestyles=[_dashes(style.dashed)],
            hatch=_HATCHES.get(style.hatch or ""),
            joinstyle="round",
        )
    )


def _path(shape: BaseGeometry) -> Path:
    """The rings and lines of one geometry as one path, holes running the other way."""
    parts = shapely.get_parts(shapely.orient_polygons(shape))
    rings = [ring for part in parts for ring in _rings(part)]
    return Path.make_compound_path(*rings)


def _rings(part: BaseGeometry) -> Iterable[Path]:
    if part.geom_type == "Polygon":
        return [Path(shapely.get_coordinates(r), closed=True) for r in shapely.get_rings(part)]
    return [Path(shapely.get_coordinates(part))] if part.geom_type == "LineString" else []


def _draw_points(pen: _Pen, part: DrawnPart, shapes: gpd.GeoSeries) -> None:
    """Circles, the large ones first so that they hide no small one."""
    frame = part.frame.assign(metres=shapes.values).sort_values(
        "radius", ascending=False, kind="stable"
    )
    styles = [part.styles[key] for key in frame["key"]]
    radii = frame["radius"].to_numpy(dtype=float) * fur.POINTS_PER_PIXEL
    pen.put_map(
        CircleCollection(
            np.pi * radii**2,
            offsets=shapely.get_coordinates(frame["metres"].values),
            facecolors=[to_rgba(s.fill, s.opacity) if s.fill else (0, 0, 0, 0) for s in styles],
            edgecolors=[s.stroke for s in styles],
            linewidths=[s.width * fur.POINTS_PER_PIXEL for s in styles],
            linestyles=[_dashes(s.dashed) for s in styles],
        )
    )
