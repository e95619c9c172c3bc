"""A MapSpec in, everything on the printed page that is not the map out: blocks of marks.

Lengths are millimetres from the top left of the page or block, x to the right, y downwards; text
sizes and line widths are points.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from bsh_geo import fonts
from bsh_geo.classes import number
from bsh_geo.mapspec import Figure, LegendBlock, LegendItem, MapSpec, Style, Trend
from bsh_geo.targets import TargetLine

INK, MUTED, ACCENT, OCHRE = "#22302f", "#6b7471", "#1f6f78", "#a5681a"
PAPER, SEA, HAIRLINE, TRACK = "#f7f3e8", "#d7e3e8", "#c9cdc6", "#e4e6e1"
OCHRE_TINT = "#fbf3e4"
POINTS_PER_PIXEL = 0.75
MM_PER_PIXEL = 25.4 / 96

MOST_TARGETS, MOST_FIGURES = 4, 6

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "legend": "图例",
        "targets": "目标与差距",
        "figures": "相关数据",
        "notes": "说明",
        "sources": "数据来源",
        "date": "数据时间",
        "crs": "制图坐标系",
        "crs_name": "CGCS2000 兰勃特等积方位投影（121.5°E，31.2°N）",
        "approval": "审图号",
        "quality": "数据质量",
        "level": "{year}目标 {value}",
        "more": "另有 {n} 项，见数据表",
        "north": "北",
        "colon": "：",
        "join": "；",
        "open": "（",
        "close": "）",
    },
    "en": {
        "legend": "Legend",
        "targets": "Targets and distance",
        "figures": "Related figures",
        "notes": "Notes",
        "sources": "Sources",
        "date": "Data as of",
        "crs": "Projection",
        "crs_name": "Lambert azimuthal equal-area (121.5°E, 31.2°N), CGCS2000",
        "approval": "Map approval no.",
        "quality": "Data quality",
        "level": "{year} target {value}",
        "more": "{n} more in the data table",
        "north": "N",
        "colon": ": ",
        "join": "; ",
        "open": " (",
        "close": ")",
    },
}


@dataclass(frozen=True)
class Words:
    """One line of text; ``x`` is its left end, middle or right end, ``y`` its baseline."""

    x: float
    y: float
    text: str
    size: float
    colour: str = INK
    align: Literal["left", "center", "right"] = "left"
    strong: bool = False
    halo: str | None = None
    turned: float = 0.0


@dataclass(frozen=True, eq=False)
class Shape:
    """A path in mm with fill, stroke (``width`` in points), hatch and dashes as in a Style."""

    path: Path
    fill: str | None = None
    stroke: str | None = None
    width: float = 0.5
    dashed: bool = False
    hatch: str | None = None
    opacity: float = 1.0


Mark = Words | Shape


@dataclass(frozen=True)
class Block:
    """Marks that belong together, and the height in mm that they take.

    The width is given where something must keep clear of the block.
    """

    height: float
    marks: tuple[Mark, ...] = ()
    width: float = 0.0


@dataclass(frozen=True)
class Setting:
    """How a column is set: language, width in mm, text scale, height in mm of the trend's plot.

    ``most`` is the largest number of targets and of figures that are written out.
    """

    lang: str
    width: float
    scale: float = 1.0
    trend: float = 20.0
    most: int = 6
    words: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", WORDS["en" if self.lang == "en" else "zh"])

    def points(self, size: float) -> float:
        """``size`` at this scale, never below the smallest printed size."""
        return max(fonts.SMALLEST, size * self.scale)


def moved(mark: Mark, dx: float, dy: float) -> Mark:
    """The mark shifted by mm."""
    if isinstance(mark, Words):
        return replace(mark, x=mark.x + dx, y=mark.y + dy)
    return replace(mark, path=mark.path.transformed(Affine2D().translate(dx, dy)))


def stacked(blocks: Iterable[Block], gap: float = 0.0) -> Block:
    """Blocks one under the other as one block."""
    top, marks = 0.0, list[Mark]()
    for block in blocks:
        top += gap if marks else 0.0
        marks.extend(moved(mark, 0.0, top) for mark in block.marks)
        top += block.height
    return Block(top, tuple(marks))


def over(*blocks: Block) -> Block:
    """Blocks that share their top, side by side or one above the other, as one block."""
    marks = tuple(mark for block in blocks for mark in block.marks)
    return Block(max(block.height for block in blocks), marks)


def space(height: float) -> Block:
    """An empty block."""
    return Block(height)


def box(
    x: float, y: float, width: float, height: float, fill: str | None, stroke: str | None = None
) -> Shape:
    """A rectangle from its top left."""
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return Shape(Path(corners, closed=True), fill, stroke)


def line(points: Sequence[tuple[float, float]], stroke: str, width: float = 0.5) -> Shape:
    """An open line."""
    return Shape(Path(points), None, stroke, width)


def disc(x: float, y: float, radius: float, fill: str | None, stroke: str | None = None) -> Shape:
    """A circle about its centre."""
    return Shape(Path.circle((x, y), radius), fill, stroke)


def paragraph(
    text: str,
    width: float,
    size: float,
    colour: str = INK,
    *,
    x: float = 0.0,
    align: Literal["left", "right"] = "left",
    strong: bool = False,
) -> Block:
    """``text`` wrapped to ``width`` mm, as many lines as it needs."""
    return set_lines(fonts.wrap(text, width, size), size, colour, x=x, align=align, strong=strong)


def set_lines(
    lines: Sequence[str],
    size: float,
    colour: str = INK,
    *,
    x: float = 0.0,
    align: Literal["left", "right"] = "left",
    strong: bool = False,
) -> Block:
    """Lines that are broken already, one under the other."""
    step = fonts.line_height(size)
    # The em square stands in the middle of the line.
    base = (step + (fonts.ASCENT - fonts.DESCENT) * size * fonts.MM_PER_POINT) / 2
    marks = (
        Words(x, base + step * place, text, size, colour, align, strong)
        for place, text in enumerate(lines)
    )
    return Block(step * len(lines), tuple(marks))


def heading(text: str, setting: Setting, tail: str = "") -> Block:
    """A block's heading in accent with a hairline above it; ``tail`` follows, quieter."""
    size, quiet = setting.points(8.2), setting.points(6.8)
    rule = Block(1.3, (line([(0, 0), (setting.width, 0)], HAIRLINE, 0.5),))
    title = paragraph(text, setting.width, size, ACCENT, strong=True)
    if not tail:
        return stacked([rule, title, space(0.6)])
    before = fonts.width(text, size) + 1.2
    if before + fonts.width(tail, quiet) > setting.width:
        below = paragraph(tail, setting.width, quiet, MUTED)
        return stacked([rule, title, below, space(0.6)])
    beside = Words(before, _baseline(title), tail, quiet, MUTED)
    return stacked([rule, over(title, Block(0.0, (beside,))), space(0.6)])


def _baseline(block: Block) -> float:
    """The baseline of the first line of a block of text."""
    return next(mark.y for mark in block.marks if isinstance(mark, Words))


def bracketed(unit: str, setting: Setting) -> str:
    """A unit as it follows a heading; nothing for no unit."""
    return f"{setting.words['open']}{unit}{setting.words['close']}".strip() if unit else ""


def plain(value: float) -> str:
    """A number with the decimals it has (six significant digits), thousands separated."""
    digits = f"{value:.6g}".partition(".")[2]
    return number(value, 0 if "e" in digits else len(digits))


# The key figure ------------------------------------------------------------------------------


def key_block(figure: Figure, setting: Setting) -> Block:
    """The large figure: label and period above, value and unit, quality and note below."""
    head = paragraph(figure.label, setting.width, setting.points(8.8), INK, strong=True)
    period = paragraph(figure.period, setting.width, setting.points(7.2), MUTED)
    quality = f"{setting.words['quality']}{setting.words['colon']}{figure.quality}"
    under = [quality] if figure.quality else []
    below = [
        paragraph(text, setting.width, setting.points(6.6), MUTED)
        for text in [*under, figure.note]
        if text
    ]
    return stacked([head, period, space(0.8), _large(figure, setting), space(0.8), *below])


def _large(figure: Figure, setting: Setting) -> Block:
    unit_size = setting.points(10.5)
    tail = fonts.width(figure.unit, unit_size) + 1.6 if figure.unit else 0.0
    own_line = tail > setting.width / 2
    room = setting.width - (0.0 if own_line else tail)
    size = fonts.shrink(figure.value, room, [32 * setting.scale, 28, 24, 20, 17, 14, 11, 9, 7])
    base = 0.80 * size * fonts.MM_PER_POINT
    value = Words(0.0, base, figure.value, size, INK, strong=True)
    if own_line:
        unit = paragraph(figure.unit, setting.width, setting.points(8), MUTED)
        return stacked([Block(base + 0.8, (value,)), unit])
    unit_x = fonts.width(figure.value, size) + 1.6
    return Block(base + 1.0, (value, Words(unit_x, base, figure.unit, unit_size, MUTED)))


# Targets -------------------------------------------------------------------------------------


def targets_block(spec: MapSpec, setting: Setting) -> Block:
    """Up to four targets with year, wording, distance, a bar where comparable, and document."""
    shown = spec.targets[: min(MOST_TARGETS, setting.most)]
    sizes = setting.points(8)
    year = min(max(fonts.width(one.year, sizes) for one in shown) + 2.0, setting.width * 0.3)
    most = {one.indicator: 0.0 for one in shown}
    for one in shown:
        most[one.indicator] = max(most[one.indicator], one.value or 0.0, _current(one))
    labels = list(dict.fromkeys(one.label for one in shown))
    common = labels[0] if len(labels) == 1 else ""
    shown = tuple(replace(one, label="") for one in shown) if common else shown
    rows = [_target(one, spec.area, year, most[one.indicator], setting) for one in shown]
    rest = _more(len(spec.targets) - len(shown), setting)
    return stacked(
        [heading(setting.words["targets"], setting, common), stacked([*rows, *rest], 1.5)]
    )


def _more(count: int, setting: Setting) -> list[Block]:
    if count <= 0:
        return []
    text = setting.words["more"].format(n=count)
    return [paragraph(text, setting.width, setting.points(6), MUTED)]


def _current(target: TargetLine) -> float:
    """The latest figure that the target is held against; 0 without one."""
    return (target.value or 0.0) + target.gap if target.gap is not None else 0.0


def _target(target: TargetLine, area: str, year: float, most: float, setting: Setting) -> Block:
    """One target; ``most`` is the largest figure of its indicator, the end of the bar's scale."""
    room = setting.width - year
    stated = paragraph(target.year, year - 1.0, setting.points(8), INK, strong=True)
    about = [] if target.area == area else [target.area]
    document = "·".join([*about, *(t for t in (target.document, target.status) if t)])
    small = paragraph(document, room, setting.points(6), MUTED, x=year)
    bars = [_bar(target, year, room, most * 1.08)] if target.gap is not None else []
    right = stacked([_wording(target, year, room, setting), *bars, small])
    return over(stated, right)


def _wording(target: TargetLine, x: float, room: float, setting: Setting) -> Block:
    """Indicator, target and distance in one line where they fit, else one under the other."""
    size, quiet = setting.points(8), setting.points(7)
    colour = MUTED if target.met is None else ACCENT if target.met else OCHRE
    whole = " ".join(text for text in (target.place, target.label, target.wording) if text)
    for above, first in (([], whole), ([target.label], target.wording)):
        label = [paragraph(text, room, size, INK, x=x) for text in above if text]
        wording = paragraph(first, room, size, INK, x=x)
        if fonts.width(first, size) + fonts.width(target.distance, quiet) + 2.5 <= room:
            far = Words(x + room, _baseline(wording), target.distance, quiet, colour, "right")
            return stacked([*label, over(wording, Block(0.0, (far,)))])
    return stacked([*label, wording, paragraph(target.distance, room, quiet, colour, x=x)])


def _bar(target: TargetLine, x: float, room: float, most: float) -> Block:
    """The latest figure as a bar from zero to ``most``, the target as a tick across it."""
    end, tick = (
        room * min(max(value, 0.0) / most, 1.0) if most > 0 else 0.0
        for value in (_current(target), target.value or 0.0)
    )
    marks = (
        box(x, 0.9, room, 1.2, TRACK),
        box(x, 0.9, end, 1.2, ACCENT if target.met else OCHRE),
        line([(x + tick, 0.3), (x + tick, 2.7)], INK, 1.1),
    )
    return Block(3.0, marks)


# Trend ---------------------------------------------------------------------------------------


def trend_block(trend: Trend, setting: Setting) -> Block:
    """A small line of annual figures, the levels of the targets dashed."""
    return stacked(
        [heading(trend.title, setting, bracketed(trend.unit, setting)), _plot(trend, setting)]
    )


@dataclass(frozen=True)
class _Plot:
    """Where values and years fall in the small plot, mm."""

    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def _plot(trend: Trend, setting: Setting) -> Block:
    size = setting.points(6)
    level = setting.words["level"]
    levels = [level.format(year=y, value=plain(v)).strip() for y, v in trend.targets]
    margin = max((fonts.width(text, size) for text in levels), default=0.0)
    end = fonts.width(plain(trend.points[-1][1]), size) / 2 + 0.5  # the last value stands out
    margin = min(margin + 1.0 + end, setting.width * 0.45)
    values = [value for _, value in (*trend.points, *trend.targets)]
    low, high = min(values), max(values)
    pad = (high - low) * 0.06 or 1.0
    step = fonts.line_height(size)
    right, bottom = setting.width - max(margin, 3.0), setting.trend - 2 * step - 1.2
    plot = _Plot(3.0, right, step, bottom, low - pad, high + pad)
    axis = plot.bottom + step + 0.4  # a value may stand under the lowest point
    marks = [
        line([(0, axis), (plot.right + end, axis)], HAIRLINE, 0.5),
        *_levels(trend, levels, plot, setting, end),
        *_series(trend, plot, size, axis),
    ]
    return Block(setting.trend, tuple(marks))


def _levels(
    trend: Trend, texts: list[str], plot: _Plot, setting: Setting, end: float
) -> list[Mark]:
    """Dashed lines of the targets; their labels stand right of them and never on each other."""
    size = setting.points(6)
    room, step = setting.width - plot.right - end - 1.0, 1.1 * size * fonts.MM_PER_POINT
    ordered = sorted(zip(trend.targets, texts, strict=True), key=lambda pair: -pair[0][1])
    heights = spread([plot.y(target[1]) for target, _ in ordered], step, 0.0, plot.bottom + step)
    marks: list[Mark] = []
    for ((_, value), text), height in zip(ordered, heights, strict=True):
        y = plot.y(value)
        marks.append(Shape(Path([(0, y), (plot.right + end, y)]), None, OCHRE, 0.6, dashed=True))
        shown = fonts.cut(text, room, size, 1)[0]
        base = height + 0.33 * size * fonts.MM_PER_POINT
        marks.append(Words(setting.width, base, shown, size, OCHRE, "right"))
    return marks


def spread(wanted: Sequence[float], step: float, top: float, bottom: float) -> list[float]:
    """Rising positions near the ``wanted`` (rising) ones, at least ``step`` apart.

    They stay between ``top`` and ``bottom`` while there is room.
    """
    placed: list[float] = []
    for position in wanted:
        placed.append(max(position, placed[-1] + step) if placed else max(position, top))
    ceiling = bottom
    for place in range(len(placed) - 1, -1, -1):
        placed[place] = min(placed[place], ceiling)
        ceiling = placed[place] - step
    return placed


def _series(trend: Trend, plot: _Plot, size: float, axis: float) -> list[Mark]:
    """The line, broken where years are missing, its points, values and years."""
    years = [_year(label, place) for place, (label, _) in enumerate(trend.points)]
    span = max(years[-1] - years[0], 1) if years else 1
    run = plot.right - plot.left
    xs = [plot.left + run * (year - years[0]) / span for year in years]
    spots = [(x, plot.y(value)) for x, (_, value) in zip(xs, trend.points, strict=True)]
    marks: list[Mark] = [
        line([start, end], ACCENT, 1.1)
        for start, end, gap in zip(spots, spots[1:], _gaps(years), strict=False)
        if gap == 1
    ]
    marks.extend(disc(x, y, 0.62, "#ffffff", ACCENT) for x, y in spots[:-1])
    marks.extend(disc(x, y, 0.85, ACCENT) for x, y in spots[-1:])
    year_base = axis + 0.95 * fonts.line_height(size)
    labels = [label for label, _ in trend.points]
    values = [plain(value) for _, value in trend.points]
    marks.extend(
        Words(xs[i], year_base, labels[i], size, MUTED, "center") for i in _kept(labels, xs, size)
    )
    marks.extend(
        _value(values[i], spots, i, size, i == len(spots) - 1) for i in _kept(values, xs, size)
    )
    return marks


def _year(label: str, place: int) -> int:
    found = re.search(r"\d{4}", label)
    return int(found.group()) if found else place


def _gaps(years: Sequence[int]) -> list[int]:
    return [after - before for before, after in itertools.pairwise(years)]


def _kept(texts: Sequence[str], xs: Sequence[float], size: float) -> list[int]:
    """Which texts to write so that none touches the next: the last and every earlier that fits."""
    kept: list[int] = []
    edge = math.inf
    for place in range(len(texts) - 1, -1, -1):
        half = fonts.width(texts[place], size) / 2
        if xs[place] + half + 1.0 <= edge:
            kept.append(place)
            edge = xs[place] - half
    return kept[::-1]


def _value(
    text: str, spots: Sequence[tuple[float, float]], place: int, size: float, last: bool
) -> Words:
    """A value above its point, or below it where the line comes from above on both sides."""
    x, y = spots[place]
    around = [spots[i][1] for i in (place - 1, place + 1) if 0 <= i < len(spots)]
    below = bool(around) and sum(around) / len(around) < y - 0.3
    em = size * fonts.MM_PER_POINT
    base = y + 1.1 + 0.75 * em if below else y - 1.4
    return Words(x, base, text, size, INK, "center", last, "#ffffff")


# Other figures -------------------------------------------------------------------------------


def figures_block(figures: Sequence[Figure], setting: Setting) -> Block:
    """Up to six figures: label, period and quality at the left, the value at the right."""
    shown = figures[: min(MOST_FIGURES, setting.most)]
    size, quiet = setting.points(8.2), setting.points(6.4)
    values = max(fonts.width(one.value, size) for one in shown)
    units = max(fonts.width(one.unit, quiet) for one in shown) + 0.8
    room = setting.width - values - units - 2.5
    rows = [_figure(one, room, units, setting) for one in shown]
    rest = _more(len(figures) - len(shown), setting)
    return stacked([heading(setting.words["figures"], setting), stacked([*rows, *rest], 1.1)])


def _figure(figure: Figure, room: float, units: float, setting: Setting) -> Block:
    size, quiet = setting.points(7.4), setting.points(6)
    meta = "·".join(text for text in (figure.period, figure.quality) if text)
    if room < setting.width * 0.4:  # a long value: on its own line
        own = paragraph(f"{figure.value} {figure.unit}", setting.width, size, INK, strong=True)
        label = paragraph(figure.label, setting.width, size)
        return stacked([label, own, paragraph(meta, setting.width, quiet, MUTED)])
    label = _label_with(figure.label, meta, room, size, quiet)
    base = _baseline(label)
    right = setting.width - units
    value = Words(right, base, figure.value, setting.points(8.2), INK, "right", True)
    unit = Words(right + 0.8, base, figure.unit, setting.points(6.4), MUTED)
    return over(label, Block(0.0, (value, unit)))


def _label_with(text: str, meta: str, room: float, size: float, quiet: float) -> Block:
    """A label and its quieter period and quality, in one line where they fit."""
    label, under = paragraph(text, room, size), paragraph(meta, room, quiet, MUTED)
    before = fonts.width(text, size) + 1.6
    if len(under.marks) > 1 or before + fonts.width(meta, quiet) > room:
        return stacked([label, under])
    tail = tuple(
        replace(mark, x=before, y=_baseline(label))
        for mark in under.marks
        if isinstance(mark, Words)
    )
    return over(label, Block(0.0, tail))


# Legend --------------------------------------------------------------------------------------


def _swatch(setting: Setting) -> tuple[float, float]:
    """Width and height of an area's swatch, mm."""
    return 6.2 * setting.scale, 3.4 * setting.scale


def legend_block(legend: LegendBlock, setting: Setting) -> Block:
    """A titled group of swatches, in two columns where the labels are short."""
    swatch = max([_swatch(setting)[0], *(2 * _radius(item) for item in legend.items)]) + 2.0
    columns = _columns(legend, swatch, setting)
    width = (setting.width - 3.0 * (columns - 1)) / columns
    rows = math.ceil(len(legend.items) / columns)
    stacks = []
    for column in range(columns):
        items = legend.items[column * rows : (column + 1) * rows]
        made = stacked([_item(item, swatch, width, setting) for item in items], 0.5)
        offset = column * (width + 3.0)
        stacks.append(Block(made.height, tuple(moved(m, offset, 0.0) for m in made.marks)))
    if [item.label for item in legend.items] == [legend.title]:
        return stacked([Block(1.8, heading("", setting).marks[:1]), *stacks])  # said once
    return stacked([heading(legend.title, setting, bracketed(legend.unit, setting)), over(*stacks)])


def _columns(legend: LegendBlock, swatch: float, setting: Setting) -> int:
    half = (setting.width - 3.0) / 2 - swatch
    size = setting.points(7.2)
    short = all(fonts.width(item.label, size) <= half for item in legend.items)
    return 2 if short and len(legend.items) > 3 else 1


def _radius(item: LegendItem) -> float:
    """Radius in mm of a point of the legend."""
    return (item.radius or 4.0) * MM_PER_PIXEL if item.symbol == "point" else 0.0


def _item(item: LegendItem, swatch: float, width: float, setting: Setting) -> Block:
    size = setting.points(7.2)
    text = paragraph(item.label, width - swatch, size, INK, x=swatch)
    height = max(text.height, 2 * _radius(item) + 0.6, _swatch(setting)[1] + 0.9)
    # The swatch stands beside the first line of a long label, else both are centred.
    single = len(text.marks) == 1
    shift = (height - text.height) / 2 if single else 0.0
    middle = height / 2 if single else max(fonts.line_height(size), 2 * _radius(item)) / 2 + 0.2
    label = tuple(moved(mark, 0.0, shift) for mark in text.marks)
    return Block(
        height, (styled(_symbol(item, swatch - 2.0, middle, _swatch(setting)), item.style), *label)
    )


def _symbol(item: LegendItem, width: float, middle: float, size: tuple[float, float]) -> Path:
    if item.symbol == "point":
        return Path.circle((width / 2, middle), _radius(item))
    return box((width - size[0]) / 2, middle - size[1] / 2, *size, None).path


def styled(path: Path, style: Style) -> Shape:
    """``path`` drawn as the map draws features of ``style``."""
    return Shape(
        path,
        style.fill,
        style.stroke,
        style.width * POINTS_PER_PIXEL,
        style.dashed,
        style.hatch,
        style.opacity,
    )


def quality_block(note: str, setting: Setting) -> Block:
    """The warning about schematic or partial data, framed and tinted so that it is not missed."""
    text = paragraph(note, setting.width - 6.5, setting.points(7.6), OCHRE, x=4.5, strong=True)
    inside = tuple(moved(mark, 0.0, 1.4) for mark in text.marks)
    height = text.height + 2.8
    frame = box(0.0, 0.0, setting.width, height, OCHRE_TINT, OCHRE)
    return Block(height, (frame, box(0.0, 0.0, 1.6, height, OCHRE), *inside))


# Furniture of the map ------------------------------------------------------------------------


def round_length(most: float) -> float:
    """The longest 1, 2 or 5 times a power of ten that is not above ``most``; same unit."""
    power = 10.0 ** math.floor(math.log10(most))
    return float(max(step for step in (1, 2, 5) if step * power <= most * (1 + 1e-9)) * power)


def scale_bar(scale: float, most: float) -> Block:
    """A bar of round length, at most ``most`` mm, on its patch; ``scale`` is mm per metre.

    The second mark is the dark half, the third the light half; together they are the length.
    """
    metres = round_length(most / scale)
    length = metres * scale
    size = 6.0
    unit, shown = ("km", metres / 1000) if metres >= 1000 else ("m", metres)
    texts = ["0", plain(shown / 2), f"{plain(shown)} {unit}"]
    left, y = 3.0, 4.6
    over_end = fonts.width(texts[2], size) / 2
    width = left + length + over_end + 1.5
    patch = replace(box(0, 0, width, 7.2, PAPER), opacity=0.82)
    dark = box(left, y, length / 2, 0.9, INK, INK)
    light = box(left + length / 2, y, length / 2, 0.9, "#ffffff", INK)
    marks: list[Mark] = [patch, replace(dark, width=0.4), replace(light, width=0.4)]
    for place, text in enumerate(texts):
        marks.append(Words(left + length * place / 2, 3.4, text, size, INK, "center"))
    return Block(7.2, tuple(marks), width)


def north_arrow(lang: str) -> Block:
    """A slim arrow to grid north, half filled, with its letter; 8 mm wide, its patch included."""
    word = WORDS["en" if lang == "en" else "zh"]["north"]
    patch = replace(box(0, 0, 8.0, 12.6, PAPER), opacity=0.82)
    right = Path([(4, 4.6), (5.7, 11.4), (4, 9.9), (4, 4.6)], closed=True)
    left = Path([(4, 4.6), (2.3, 11.4), (4, 9.9), (4, 4.6)], closed=True)
    marks = (
        patch,
        Shape(left, INK, INK, 0.4),
        Shape(right, "#ffffff", INK, 0.4),
        Words(4.0, 3.7, word, 6.5, INK, "center", True),
    )
    return Block(12.6, marks, 8.0)


def degree(value: float, letters: str) -> str:
    """An angle as 121°30′E; ``letters`` name the positive and the negative side."""
    seconds = round(abs(value) * 3600)
    parts = [f"{seconds // 3600}°"]
    if seconds % 3600:
        parts.append(f"{seconds % 3600 // 60:02d}′")
    if seconds % 60:
        parts.append(f"{seconds % 60:02d}″")
    return "".join(parts) + letters[value < 0]
