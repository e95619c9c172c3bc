"""A MapSpec in, a page out: the map's frame and every mark around and upon it in its place, mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bsh_geo import fonts
from bsh_geo.legend import legend_block, quality_block
from bsh_geo.mapspec import MapSpec
from bsh_geo.marks import (
    HAIRLINE,
    INK,
    MUTED,
    WORDS,
    Block,
    Mark,
    Setting,
    box,
    line,
    moved,
    over,
    paragraph,
    set_lines,
    stacked,
)
from bsh_geo.panel import figures_block, key_block, targets_block
from bsh_geo.print_frame import MapFrame, framed, graticule, map_furniture
from bsh_geo.print_labels import map_labels
from bsh_geo.trend import trend_block

PAGE = (297.0, 210.0)
"""A4 landscape, mm."""

MARGIN, TOP, BOTTOM, GUTTER = 14.0, 12.0, 202.0, 8.0
"""Left and right margin, upper and lower limit of what is printed, map to column; mm."""


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
    frame = framed(spec, (MARGIN, top, map_width, BOTTOM - foot.height - 7.0 - top))
    around = (
        *_placed(head, MARGIN, TOP),
        *_placed(_spaced(blocks, room), MARGIN + map_width + GUTTER, TOP),
        *_placed(foot, MARGIN, BOTTOM - foot.height),
        *graticule(frame),
        replace(box(*frame.box[:2], frame.width, frame.height, None, INK), width=0.6),
    )
    furniture = [mark for one in map_furniture(frame, spec.lang) for mark in _placed(*one)]
    return Page(frame, around, (*map_labels(spec, frame), *furniture))


def _placed(block: Block, x: float, y: float) -> list[Mark]:
    """The block's marks in mm of the page, its top left at ``x`` and ``y``."""
    return [moved(mark, x, y) for mark in block.marks]


def _header(spec: MapSpec, width: float) -> Block:
    """The title, smaller the longer it is, and the subtitle under it where there is one."""
    size = fonts.shrink(spec.title, width, (21, 19, 17, 15))
    title = paragraph(spec.title, width, size, INK, strong=True)
    subtitle = paragraph(spec.subtitle, width, 9.0, MUTED)
    return stacked([title, subtitle] if spec.subtitle else [title])


def _column(spec: MapSpec, setting: Setting) -> list[Block]:
    """The blocks of the right column from top to bottom; what the spec lacks is left out."""
    blocks = [key_block(spec.key, setting)] if spec.key else []
    if spec.targets:
        blocks.append(targets_block(spec, setting))
    if spec.trend and spec.trend.points:
        blocks.append(trend_block(spec.trend, setting))
    if spec.figures:
        blocks.append(figures_block(spec.figures, setting))
    blocks.extend(legend_block(one, setting) for one in spec.legend if one.items)
    if spec.quality_note:
        blocks.append(quality_block(spec.quality_note, setting))
    return blocks


def _spaced(blocks: Sequence[Block], room: float) -> Block:
    """The blocks with what is left of ``room`` shared between them, up to a limit."""
    spare = room - sum(block.height for block in blocks)
    return stacked(blocks, min(7.5, max(3.2, spare / max(len(blocks) - 1, 1))))


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
    rule = line([(0, 0), (total, 0)], HAIRLINE, 0.5)
    return stacked([Block(1.2, (rule,)), whole])


def _foot_columns(
    spec: MapSpec, approval: str, column: float, size: float, most: float | None
) -> Block:
    """The footer at ``size`` points; with ``most`` the sources are cut to that height in mm."""
    words = WORDS["en" if spec.lang == "en" else "zh"]
    left = PAGE[0] - 2 * MARGIN - GUTTER - column
    colon = words["colon"]
    facts = [f"{words['date']}{colon}{spec.data_date}"] if spec.data_date else []
    facts.append(f"{words['crs']}{colon}{words['crs_name']}")
    facts += [f"{words['approval']}{colon}{approval}"] if approval else []
    third = stacked([paragraph(fact, column, size, MUTED) for fact in facts])
    half = (left - 6.0) * 0.54 if spec.notes and spec.sources else left
    notes = [paragraph(note, half, size, MUTED) for note in spec.notes]
    first = [_foot_title(words["notes"], size), *notes] if notes else []
    rest = left - 6.0 - half if notes else left
    limit = None if most is None else max(most, third.height, stacked(first).height)
    second = _sources(spec, rest, size, limit) if spec.sources else []
    placed = [(first, 0.0), (second, half + 6.0 if notes else 0.0), ([third], left + GUTTER)]
    return over(*(_shifted(stacked(blocks), x) for blocks, x in placed))


def _foot_title(text: str, size: float) -> Block:
    """The word above notes or sources, strong where they are muted."""
    return paragraph(text, 100.0, size, INK, strong=True)


def _sources(spec: MapSpec, width: float, size: float, most: float | None) -> list[Block]:
    """Title and sources as one run of text, cut with an ellipsis at ``most`` mm."""
    words = WORDS["en" if spec.lang == "en" else "zh"]
    text = words["join"].join(spec.sources)
    lines = 1000 if most is None else max(int(most / fonts.line_height(size)) - 1, 1)
    cut = fonts.cut(text, width, size, lines)
    return [_foot_title(words["sources"], size), set_lines(cut, size, MUTED)]


def _shifted(block: Block, x: float) -> Block:
    """The block ``x`` mm further right, its height unchanged."""
    return Block(block.height, tuple(moved(mark, x, 0.0) for mark in block.marks))
