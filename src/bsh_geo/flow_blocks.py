"""A block of a briefing and a width in, marks for a printed page out, in unbroken pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bsh_geo import fonts
from bsh_geo.briefing_pages import Figures, Ranking, Table, TrendChart
from bsh_geo.classes import number
from bsh_geo.legend import legend_block
from bsh_geo.mapspec import LegendBlock
from bsh_geo.marks import (
    ACCENT,
    HAIRLINE,
    INK,
    MUTED,
    Block,
    Mark,
    Setting,
    Words,
    box,
    bracketed,
    heading,
    line,
    moved,
    over,
    paragraph,
    set_lines,
    space,
    stacked,
)
from bsh_geo.table_widths import PAD, widths_of
from bsh_geo.trend import trend_block

TEXT = 10.0
"""Size of running text in points."""
HEAD_FILL, MARK_FILL = "#e6efee", "#f6eedd"
_ROW = 5.6
_CHART = 38.0
_LEGEND_COLUMNS = 3


def text_block(text: str, width: float, size: float = TEXT, colour: str = INK) -> Block:
    """A paragraph with the air under it."""
    return stacked([paragraph(text, width, size, colour), space(size * 0.16)])


def figures_block(block: Figures, width: float) -> Block:
    """The key figure in large type, then the others, a line each."""
    key, *others = block.figures
    facts = " · ".join(text for text in (key.period, key.quality) if text)
    lines = [
        paragraph(key.label, width, 9.0, MUTED),
        paragraph(f"{key.value} {key.unit}".strip(), width, 22.0, ACCENT, strong=True),
    ]
    lines += [paragraph(facts, width, 8.5, MUTED)] if facts else []
    for one in others:
        facts = " · ".join(text for text in (one.period, one.quality) if text)
        told = f"{one.label}  {one.value} {one.unit}".strip() + (f"  ({facts})" if facts else "")
        lines.append(paragraph(told, width, 9.0))
    return stacked([*lines, space(2.0)])


def caption_block(text: str, width: float) -> Block:
    """The line under a picture."""
    return stacked([space(0.8), paragraph(text, width, 8.5, MUTED), space(2.5)])


def legends_block(blocks: Sequence[LegendBlock], width: float, lang: str) -> Block:
    """The legend's parts beside each other, as many as the width holds."""
    shown = [block for block in blocks if block.items]
    gap = 6.0
    column = (width - gap * (_LEGEND_COLUMNS - 1)) / _LEGEND_COLUMNS
    made = [legend_block(block, Setting(lang, column)) for block in shown]
    rows = [
        over(
            *(
                Block(
                    one.height, tuple(moved(mark, at * (column + gap), 0.0) for mark in one.marks)
                )
                for at, one in enumerate(made[start : start + _LEGEND_COLUMNS])
            )
        )
        for start in range(0, len(made), _LEGEND_COLUMNS)
    ]
    return stacked([*rows, space(2.0)], 2.0)


def chart_block(block: TrendChart, width: float, lang: str) -> Block:
    """Annual figures as a line, the levels of the targets dashed, under their title."""
    return stacked([trend_block(block.trend, Setting(lang, width, 1.1, _CHART)), space(2.0)])


def chart_alone(block: TrendChart, width: float, lang: str) -> Block:
    """The same without its title, for a document whose caption says it."""
    setting = Setting(lang, width, 1.1, _CHART)
    whole = trend_block(block.trend, setting)
    head = heading(block.trend.title, setting, bracketed(block.trend.unit, setting))
    marks = whole.marks[len(head.marks) :]
    return Block(whole.height - head.height, tuple(moved(m, 0.0, -head.height) for m in marks))


def ranking_block(block: Ranking, width: float) -> Block:
    """The bars under their title, and below them who has no figure."""
    note = [paragraph(block.note, width, 8.5, MUTED)] if block.note else []
    title = paragraph(block.caption, width, 9.5, INK, strong=True)
    return stacked([title, space(1.2), bars_block(block, width), space(1.0), *note, space(2.5)])


def bars_block(block: Ranking, width: float) -> Block:
    """Bars from high to low in the map's colours; the page's own district is outlined."""
    size = 8.5
    texts = [number(bar.value, block.decimals) for bar in block.bars]
    names = max(fonts.width(bar.name, size) for bar in block.bars) + 2.5
    room = width - names - max(fonts.width(text, size) for text in texts) - 4.0
    low = min(0.0, *(bar.value for bar in block.bars))
    high = max(0.0, *(bar.value for bar in block.bars))
    scale = room / ((high - low) or 1.0)
    zero = names - low * scale
    marks: list[Mark] = []
    for at, (bar, text) in enumerate(zip(block.bars, texts, strict=True)):
        y = at * _ROW
        base = y + _ROW / 2 + 0.33 * size * fonts.MM_PER_POINT
        marks.append(Words(names - 2.0, base, bar.name, size, INK, "right", bar.chosen))
        left, right = sorted((zero, zero + bar.value * scale))
        drawn = box(left, y + 0.7, max(right - left, 0.2), _ROW - 1.4, bar.colour, INK)
        marks.append(replace(drawn, width=1.4 if bar.chosen else 0.3))
        marks.append(Words(right + 1.5, base, text, size, INK, "left", bar.chosen))
    return Block(_ROW * len(block.bars), tuple(marks))


def table_blocks(block: Table, width: float) -> Iterator[Block]:
    """The head of a table with its caption, then each row; a head may stand again on a new page."""
    size = 8.5 if len(block.titles) <= 5 else 7.8
    widths = widths_of(block, width, size)
    title = paragraph(block.caption, width, 9.5, INK, strong=True)
    head = _row(block.titles, widths, size, block.numeric, HEAD_FILL, strong=True)
    yield stacked([title, space(1.0), head])
    for at, cells in enumerate(block.rows):
        fill = MARK_FILL if at in block.marked else None
        yield _row(cells, widths, size, block.numeric, fill)
    if block.note:
        yield stacked([space(1.0), paragraph(block.note, width, 8.0, MUTED)])
    yield space(3.0)


def _row(
    cells: Sequence[str],
    widths: Sequence[float],
    size: float,
    numeric: frozenset[int],
    fill: str | None,
    strong: bool = False,
) -> Block:
    """Texts side by side over a hairline, a tint behind them."""
    x, made = 0.0, []
    for at, (text, width) in enumerate(zip(cells, widths, strict=True)):
        lines = fonts.wrap(text, width - PAD * 0.8, size)
        right = at in numeric
        place = x + width - PAD * 0.4 if right else x + PAD * 0.4
        align = "right" if right else "left"
        made.append(set_lines(lines, size, x=place, align=align, strong=strong))  # type: ignore[arg-type]
        x += width
    height = max(block.height for block in made) + 1.6
    words = tuple(moved(mark, 0.0, 0.8) for block in made for mark in block.marks)
    back = (box(0.0, 0.0, x, height, fill),) if fill else ()
    edge = line([(0.0, height), (x, height)], INK if strong else HAIRLINE, 0.6 if strong else 0.4)
    return Block(height, (*back, *words, edge))


def sources_block(lines: Sequence[str], width: float) -> Block:
    """Sources, date, quality and limits in small type under a line."""
    rule = Block(1.5, (line([(0.0, 0.0), (width, 0.0)], HAIRLINE, 0.5),))
    return stacked([rule, *(paragraph(text, width, 7.2, MUTED) for text in lines), space(3.0)], 0.4)
