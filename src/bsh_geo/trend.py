"""A trend in, the small plot of its years, values and target levels on the printed page out."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.path import Path

from bsh_geo import fonts
from bsh_geo.mapspec import Trend
from bsh_geo.marks import (
    ACCENT,
    HAIRLINE,
    INK,
    MUTED,
    OCHRE,
    Block,
    Mark,
    Setting,
    Shape,
    Words,
    bracketed,
    disc,
    heading,
    line,
    plain,
    stacked,
)


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
        """Height on the page, which falls as ``value`` rises."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def _plot(trend: Trend, setting: Setting) -> Block:
    """Axis, levels and line, with room at the right for the widest label of a level."""
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
    """The four digits in ``label``; without them its place, so that points are evenly spaced."""
    found = re.search(r"\d{4}", label)
    return int(found.group()) if found else place


def _gaps(years: Sequence[int]) -> list[int]:
    """Years from each point to the next; the line is drawn only where it is 1."""
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
