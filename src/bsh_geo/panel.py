"""Figures and targets in, their blocks in the right column of the printed page out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bsh_geo import fonts
from bsh_geo.mapspec import Figure, MapSpec
from bsh_geo.marks import (
    ACCENT,
    INK,
    MUTED,
    OCHRE,
    TRACK,
    Block,
    Setting,
    Words,
    baseline,
    box,
    heading,
    line,
    over,
    paragraph,
    space,
    stacked,
)
from bsh_geo.targets import TargetLine

MOST_TARGETS, MOST_FIGURES = 4, 6


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
    """Value and unit on one line; the unit goes below where it takes more than half the width."""
    unit_size = setting.points(10.5)
    tail = fonts.width(figure.unit, unit_size) + 1.6 if figure.unit else 0.0
    own_line = tail > setting.width / 2
    room = setting.width - (0.0 if own_line else tail)
    known = any(mark.isdigit() for mark in figure.value)  # else it says that there is none
    largest = 32 if known else 18
    size = fonts.shrink(figure.value, room, [largest * setting.scale, 28, 24, 20, 17, 14, 11, 9, 7])
    base = 0.80 * size * fonts.MM_PER_POINT
    value = Words(0.0, base, figure.value, size, INK if known else MUTED, strong=known)
    if own_line:
        unit = paragraph(figure.unit, setting.width, setting.points(8), MUTED)
        return stacked([Block(base + 0.8, (value,)), unit])
    unit_x = fonts.width(figure.value, size) + 1.6
    # The comma of 439,800 hangs below the line.
    return Block(base + 2.4, (value, Words(unit_x, base, figure.unit, unit_size, MUTED)))


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
    what = " ".join(text for text in (target.place, target.label) if text)
    for above, first in (([], f"{what} {target.wording}".strip()), ([what], target.wording)):
        label = [paragraph(text, room, size, INK, x=x) for text in above if text]
        wording = paragraph(first, room, size, INK, x=x)
        if fonts.width(first, size) + fonts.width(target.distance, quiet) + 2.5 <= room:
            far = Words(x + room, baseline(wording), target.distance, quiet, colour, "right")
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


def figures_block(figures: Sequence[Figure], setting: Setting) -> Block:
    """Up to six figures: label, period and quality at the left, the value at the right."""
    shown = figures[: min(MOST_FIGURES, setting.figures)]
    size, quiet = setting.points(8.2), setting.points(6.4)
    values = max(fonts.width(one.value, size) for one in shown)
    units = max(fonts.width(one.unit, quiet) for one in shown) + 0.8
    room = setting.width - values - units - 2.5
    rows = [_figure(one, room, units, setting) for one in shown]
    rest = _more(len(figures) - len(shown), setting)
    return stacked([heading(setting.words["figures"], setting), stacked([*rows, *rest], 1.1)])


def _figure(figure: Figure, room: float, units: float, setting: Setting) -> Block:
    """One row, the value at the baseline of the label's first line; a long value goes below."""
    size, quiet = setting.points(7.4), setting.points(6)
    meta = "·".join(text for text in (figure.period, figure.quality) if text)
    if room < setting.width * 0.4:  # a long value: on its own line
        own = paragraph(f"{figure.value} {figure.unit}", setting.width, size, INK, strong=True)
        label = paragraph(figure.label, setting.width, size)
        return stacked([label, own, paragraph(meta, setting.width, quiet, MUTED)])
    label = _label_with(figure.label, meta, room, size, quiet)
    base = baseline(label)
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
        replace(mark, x=before, y=baseline(label))
        for mark in under.marks
        if isinstance(mark, Words)
    )
    return over(label, Block(0.0, tail))


def _more(count: int, setting: Setting) -> list[Block]:
    """A quiet line saying how many entries are left to the data table; empty for none."""
    if count <= 0:
        return []
    text = setting.words["more"].format(n=count)
    return [paragraph(text, setting.width, setting.points(6), MUTED)]
