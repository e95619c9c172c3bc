"""A map's legend and a place in, the same legend as native shapes on a slide out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pptx.enum.dml import MSO_LINE, MSO_PATTERN
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Mm, Pt

from bsh_geo import fonts
from bsh_geo.mapspec import LegendBlock, LegendItem, Style
from bsh_geo.marks import INK, MM_PER_PIXEL, POINTS_PER_PIXEL
from bsh_geo.slide_base import Box, colour, textbox

_PATTERNS = {
    "diagonal": MSO_PATTERN.WIDE_UPWARD_DIAGONAL,
    "dots": MSO_PATTERN.PERCENT_20,
    "cross": MSO_PATTERN.SMALL_GRID,
}
_SWATCH = (6.4, 3.6)
_GAP = 2.2


def legend_height(blocks: Sequence[LegendBlock], size: float, width: float) -> float:
    """The height in mm that the legend takes at ``size`` points in that width."""
    step = _step(size)
    return sum(step * (1.15 + _rows(block, width, size)) + 1.0 for block in blocks)


def _columns(block: LegendBlock, width: float, size: float) -> int:
    """How many columns of items the width holds, at most four."""
    longest = max((fonts.width(item.label, size) for item in block.items), default=0.0)
    return max(1, min(4, int(width / (_SWATCH[0] + _GAP + longest / 0.9 + 3.0))))


def _step(size: float) -> float:
    return max(4.4, size * 0.3528 * 1.5)


def _rows(block: LegendBlock, width: float, size: float) -> int:
    return -(-len(block.items) // _columns(block, width, size))


def add_legend(slide: Any, box: Box, blocks: Sequence[LegendBlock], size: float) -> None:
    """Titles and swatches as one group, from the top of the box."""
    x, y, width, _ = box
    step = _step(size)
    group = slide.shapes.add_group_shape()
    group.name = "Legend"
    for block in blocks:
        title = f"{block.title} ({block.unit})" if block.unit else block.title
        _words(group, (x, y, width, step), title, size, True)
        y += step * 1.15
        rows, columns = _rows(block, width, size), _columns(block, width, size)
        for at, item in enumerate(block.items):
            left, top = x + width / columns * (at // rows), y + step * (at % rows)
            _swatch(group, item, left, top + (step - _SWATCH[1]) / 2)
            start = left + _SWATCH[0] + _GAP
            room = width / columns - _SWATCH[0] - _GAP
            _words(group, (start, top, room, step), item.label, size, False)
        y += step * rows + 1.0


def _words(group: Any, box: Box, text: str, size: float, bold: bool) -> None:
    made = textbox(group, box, text, [(text, size, INK, bold)])
    made.text_frame.word_wrap = False


def _swatch(group: Any, item: LegendItem, x: float, y: float) -> None:
    """A rectangle, or a circle for points, as the map draws the class."""
    width, height = _SWATCH
    if item.symbol == "point":
        side = min(2 * (item.radius or 4.0) * MM_PER_PIXEL, height + 1.0)
        box = (x + (width - side) / 2, y + (height - side) / 2, side, side)
    else:
        box = (x, y, width, height)
    kind = MSO_SHAPE.OVAL if item.symbol == "point" else MSO_SHAPE.RECTANGLE
    made = group.shapes.add_shape(kind, *(Mm(side) for side in box))
    made.name = item.label
    made._element.remove(made._element.find("{*}style"))  # of the theme: shadow and accent
    _paint(made, item.style)


def _paint(made: Any, style: Style) -> None:
    if style.fill is None:
        made.fill.background()
    elif style.hatch:
        made.fill.patterned()
        made.fill.pattern = _PATTERNS[style.hatch]
        made.fill.fore_color.rgb = colour(style.stroke)
        made.fill.back_color.rgb = colour(style.fill)
    else:
        made.fill.solid()
        made.fill.fore_color.rgb = colour(style.fill)
    made.line.color.rgb = colour(style.stroke)
    made.line.width = Pt(max(style.width * POINTS_PER_PIXEL, 0.5))
    if style.dashed:
        made.line.dash_style = MSO_LINE.DASH
