"""A MapSpec and options in, the head and the foot of the printed page out."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image, UnidentifiedImageError

from bsh_geo import fonts
from bsh_geo.errors import DataError
from bsh_geo.mapspec import MapSpec
from bsh_geo.marks import (
    HAIRLINE,
    INK,
    MUTED,
    WORDS,
    Block,
    Mark,
    Picture,
    Words,
    line,
    moved,
    over,
    paragraph,
    set_lines,
    space,
    stacked,
)
from bsh_geo.page_grid import Grid
from bsh_geo.print_options import PrintOptions

_LEAD_LINES = 2
"""Lines kept for the sentence under the title; a longer one is set smaller."""
_LEAD_MOST = 5
"""Lines that it may take at the smallest size before it is cut."""


def head(spec: MapSpec, options: PrintOptions, grid: Grid, width: float) -> Block:
    """Title, subtitle and sentence at the left, logo and name of the unit at the right."""
    mark = _imprint(options, grid, width)
    room = width - (mark.width + 6.0 if mark.width else 0.0)
    sizes = [size * grid.scale for size in (21, 19, 17, 15, 13)]
    title = paragraph(spec.title, room, fonts.shrink(spec.title, room, sizes), INK, strong=True)
    small = fonts.shrink(spec.subtitle, room, [size * grid.scale for size in (9.0, 8.2, 7.4)])
    subtitle = set_lines(fonts.cut(spec.subtitle, room, small, 2), small, MUTED)
    named = over(stacked([title, subtitle] if spec.subtitle else [title]), mark)
    return stacked([named, *_lead(spec, grid, width)])


def _lead(spec: MapSpec, grid: Grid, width: float) -> list[Block]:
    """The sentences in a fixed number of lines, smaller where they need it."""
    if not spec.sentences:
        return []
    text = ("" if spec.lang == "zh" else " ").join(spec.sentences)
    for size in (8.8, 8.4, 8.0, 7.6, 7.2, 6.8):
        made = paragraph(text, width, size * grid.scale, INK)
        if len(made.marks) <= _LEAD_LINES:
            break
    else:
        shown = fonts.cut(text, width, size * grid.scale, _LEAD_MOST)
        made = set_lines(shown, size * grid.scale, INK)
    kept = _LEAD_LINES * fonts.line_height(8.8 * grid.scale)
    return [space(1.2), Block(max(made.height, kept), made.marks)]


def _imprint(options: PrintOptions, grid: Grid, width: float) -> Block:
    """Logo and name of the unit as one group that ends at ``width``; nothing for neither."""
    marks: list[Mark] = []
    x, high = width, 10.0 * grid.scale
    if options.office:
        size = 8.6 * grid.scale
        lines = fonts.cut(options.office, min(width * 0.4, 70 * grid.scale), size, 2)
        text = set_lines(lines, size, INK, x=x, align="right")
        marks.extend(moved(one, 0.0, (high - text.height) / 2) for one in text.marks)
        x -= max(fonts.width(one, size) for one in lines) + 2.5
    if options.logo is not None:
        wide, tall = opened(options.logo).size
        drawn = min(high, 40.0 * grid.scale * tall / wide)
        side = drawn * wide / tall
        marks.append(Picture(x - side, (high - drawn) / 2, side, drawn, options.logo))
        x -= side
    return Block(high, tuple(marks), width - x) if marks else Block(0.0)


def opened(logo: bytes) -> Image.Image:
    """The picture of a logo; a DataError for a file that cannot be read."""
    try:
        return Image.open(io.BytesIO(logo)).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise DataError(
            "徽标文件已损坏，无法读取。", "The logo is broken and cannot be read."
        ) from error


def foot(spec: MapSpec, options: PrintOptions, grid: Grid) -> Block:
    """Notes and sources side by side under a hairline; date, projection, approval below.

    It is as high as the grid keeps for it: the text is set smaller, then sources are cut; only
    notes that do not fit make it higher.
    """
    kept = grid.foot_height(spec.lang)
    last = _last_lines(spec, options, grid)
    room = kept - 1.2 - last.height
    body = None
    for size in _sizes(grid):
        body = _columns(spec, grid, size, None)
        if body.height <= room:
            break
    else:
        body = _columns(spec, grid, fonts.SMALLEST, room)
    rule = Block(1.2, (line([(0, 0), (grid.inner, 0)], HAIRLINE, 0.5),))
    gap = space(max(room - body.height, 0.0))
    return stacked([rule, body, gap, last])


def _sizes(grid: Grid) -> Iterator[float]:
    """Sizes of notes and sources, from the one that is wished for to the smallest, points."""
    size = 6.8 * grid.scale
    while size > fonts.SMALLEST:
        yield size
        size -= 0.3
    yield fonts.SMALLEST


def _last_lines(spec: MapSpec, options: PrintOptions, grid: Grid) -> Block:
    """Date, projection and approval number in one run."""
    words = WORDS["en" if spec.lang == "en" else "zh"]
    colon = words["colon"]
    facts = [f"{words['date']}{colon}{spec.data_date}"] if spec.data_date else []
    facts.append(f"{words['crs']}{colon}{words['crs_name']}")
    facts += [f"{words['approval']}{colon}{options.approval}"] if options.approval else []
    size = fonts.SMALLEST + 0.5 if grid.slide else 6.2 * max(grid.scale, 1.0)
    return stacked([space(0.8), _run(facts, grid, size)])


def stamp(options: PrintOptions, grid: Grid) -> Block:
    """The stamp in one line of the smallest size, cut where it is longer; nothing without one."""
    if not options.stamp:
        return Block(0.0)
    return set_lines(fonts.cut(options.stamp, grid.inner, fonts.SMALLEST, 1), fonts.SMALLEST, MUTED)


def _run(facts: list[str], grid: Grid, size: float) -> Block:
    """Facts one after the other, in as many lines as they need; none is broken if it fits one."""
    gap = 3.5 * grid.scale
    marks: list[Mark] = []
    x, top, step = 0.0, 0.0, fonts.line_height(size)
    for fact in facts:
        made = paragraph(fact, grid.inner, size, MUTED)
        width = max(fonts.width(one.text, size) for one in made.marks if isinstance(one, Words))
        if x and x + width > grid.inner:
            x, top = 0.0, top + step
        marks.extend(moved(one, x, top) for one in made.marks)
        x += width + gap
        top += made.height - step
    return Block(top + step, tuple(marks))


def _columns(spec: MapSpec, grid: Grid, size: float, most: float | None) -> Block:
    """Notes and sources at ``size`` points; with ``most`` the sources are cut to that height."""
    words = WORDS["en" if spec.lang == "en" else "zh"]
    share = _share(spec)
    gap = grid.gutter if 0 < share < 1 else 0.0
    left = (grid.inner - gap) * share
    notes = [paragraph(note, left, size, MUTED) for note in spec.notes]
    first = stacked([_title(words["notes"], size), *notes]) if notes else Block(0.0)
    limit = None if most is None else max(most, first.height)
    second = _sources(spec, grid.inner - gap - left, size, limit) if spec.sources else Block(0.0)
    moved_marks = tuple(moved(mark, left + gap, 0.0) for mark in second.marks)
    return over(first, Block(second.height, moved_marks))


def _share(spec: MapSpec) -> float:
    """The part of the width that the notes take: by the length of both texts, in thirds at most."""
    if not spec.notes or not spec.sources:
        return 1.0 if spec.notes else 0.0
    notes = sum(fonts.em_width(one) + 8.0 for one in spec.notes)
    sources = sum(fonts.em_width(one) for one in spec.sources) + 8.0
    return min(max(notes / (notes + sources), 0.33), 0.67)


def _title(text: str, size: float) -> Block:
    """The word above notes or sources, strong where they are muted."""
    return paragraph(text, 100.0, size, INK, strong=True)


def _sources(spec: MapSpec, width: float, size: float, most: float | None) -> Block:
    """Title and sources as one run of text, cut with an ellipsis at ``most`` mm."""
    words = WORDS["en" if spec.lang == "en" else "zh"]
    text = words["join"].join(spec.sources)
    lines = 1000 if most is None else max(int(most / fonts.line_height(size)) - 1, 1)
    cut = fonts.cut(text, width, size, lines)
    return stacked([_title(words["sources"], size), set_lines(cut, size, MUTED)])
