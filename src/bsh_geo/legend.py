"""A legend or a warning in, its block in the right column of the printed page out."""

from __future__ import annotations

import math

from matplotlib.path import Path

from bsh_geo import fonts
from bsh_geo.mapspec import LegendBlock, LegendItem
from bsh_geo.marks import (
    INK,
    MM_PER_PIXEL,
    OCHRE,
    OCHRE_TINT,
    Block,
    Setting,
    box,
    bracketed,
    heading,
    moved,
    over,
    paragraph,
    stacked,
    styled,
)


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
    """Two for several labels that all fit half the width, else one."""
    half = (setting.width - 3.0) / 2 - swatch
    size = setting.points(7.2)
    short = all(fonts.width(item.label, size) <= half for item in legend.items)
    return 2 if short and len(legend.items) > 1 else 1


def _radius(item: LegendItem) -> float:
    """Radius in mm of a point of the legend."""
    return (item.radius or 4.0) * MM_PER_PIXEL if item.symbol == "point" else 0.0


def _item(item: LegendItem, swatch: float, width: float, setting: Setting) -> Block:
    """One swatch with its label right of it, as high as the taller of the two."""
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
    """The outline of a swatch centred in ``width``: a circle at the map's radius, or a box."""
    if item.symbol == "point":
        return Path.circle((width / 2, middle), _radius(item))
    return box((width - size[0]) / 2, middle - size[1] / 2, *size, None).path


def quality_block(note: str, setting: Setting) -> Block:
    """The warning about schematic or partial data, framed and tinted so that it is not missed."""
    text = paragraph(note, setting.width - 6.5, setting.points(7.6), OCHRE, x=4.5, strong=True)
    inside = tuple(moved(mark, 0.0, 1.4) for mark in text.marks)
    height = text.height + 2.8
    frame = box(0.0, 0.0, setting.width, height, OCHRE_TINT, OCHRE)
    return Block(height, (frame, box(0.0, 0.0, 1.6, height, OCHRE), *inside))
