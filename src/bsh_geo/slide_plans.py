"""A page of a briefing in, its slides planned out: what stands on each, where and in which size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bsh_geo import fonts
from bsh_geo.briefing_pages import (
    Block,
    Figures,
    MapPicture,
    Page,
    Paragraph,
    Ranking,
    Table,
    TrendChart,
)
from bsh_geo.mapspec import Figure, LegendBlock
from bsh_geo.marks import ACCENT, INK, MUTED
from bsh_geo.slide_base import FOOT_TOP, MARGIN, WIDTH, Box
from bsh_geo.slide_legend import legend_height
from bsh_geo.table_widths import heights_of, widths_of

TOP, BOTTOM = 33.0, FOOT_TOP - 3.0
"""Upper and lower limit of what a slide shows, mm."""
INNER = WIDTH - 2 * MARGIN
MAP = (196.0, 136.0)
"""Most width and height of a map, mm."""
GUTTER = 9.0
CAPTION = 6.5
_CHART = 58.0
TEXT_SIZES = (15.0, 14.0, 13.0, 12.0, 11.0)
TABLE_SIZES = (12.0, 11.0, 10.5, 10.0)
Line = tuple[str, float, str, bool]
"""A paragraph: text, size in points, colour, bold."""
CONTINUED = {"zh": "（续）", "en": " (continued)"}


@dataclass(frozen=True)
class Plan:
    """What stands on one slide: texts and one or two objects; ``continued`` after a cut table."""

    texts: tuple[Paragraph | Figures, ...] = ()
    objects: tuple[Block, ...] = ()
    continued: bool = False


def plans(page: Page) -> list[Plan]:
    """The slides of a page: the map with texts and trend, then ranking and tables in pairs."""
    texts = tuple(one for one in page.blocks if isinstance(one, Paragraph | Figures))
    rest: list[Block] = [
        one for one in page.blocks if isinstance(one, MapPicture | TrendChart | Ranking | Table)
    ]
    plans: list[Plan] = []
    first = next((one for one in rest if isinstance(one, MapPicture)), None)
    if first is not None:
        rest.remove(first)
        trends = (one for one in rest if isinstance(one, TrendChart))
        more: Block | None = next(trends, None)
        if more is None and rest and _fits_beside_map(rest[0]):
            more = rest[0]
        beside = Plan(texts, (first, more)) if more is not None else None
        if beside is not None and more is not None and setting(beside) is not None:
            rest.remove(more)
        else:
            beside = Plan(texts, (first,))
        plans.append(beside)
    elif texts:
        taken = 2 if len(rest) > 1 and _small(rest[1]) and not isinstance(rest[0], Table) else 1
        plans.append(Plan(texts, tuple(rest[:taken])))
        del rest[:taken]
    while rest:
        one = rest.pop(0)
        pair = rest.pop(0) if rest and isinstance(one, Ranking) and _narrow(rest[0]) else None
        plans.append(Plan((), (one, pair) if pair else (one,)))
    return [part for plan in plans or [Plan()] for part in _continued(plan)]


def _narrow(block: Block) -> bool:
    """Whether a table reads well in half a slide."""
    return isinstance(block, Table) and len(block.titles) <= 4


def _small(block: Block) -> bool:
    """Whether a table leaves room for a chart above it."""
    return isinstance(block, Table) and len(block.rows) <= 4


def _fits_beside_map(block: Block) -> bool:
    """Whether a table is so small that a slide of its own would be nearly empty."""
    if not isinstance(block, Table) or len(block.titles) > 3:
        return False
    width, size = WIDTH - 2 * MARGIN - MAP[0] - GUTTER, TABLE_SIZES[-1]
    return sum(heights_of(block, widths_of(block, width, size), size)) <= _CHART - CAPTION


def _continued(plan: Plan) -> Iterator[Plan]:
    """The plan, its table cut where the slide is full and carried on alone on the next ones."""
    table = next((one for one in plan.objects if isinstance(one, Table)), None)
    if table is None:
        yield plan
        return
    _, _, width, height = places(plan)[plan.objects.index(table)]
    alone = len(plan.objects) == 1 and not plan.texts
    kept, left = _cut(table, width, height, _even(table) if alone else len(table.rows))
    yield replace(plan, objects=tuple(kept if one is table else one for one in plan.objects))
    while left is not None:
        kept, left = _cut(left, INNER, BOTTOM - TOP, _even(left))
        yield Plan((), (kept,), continued=True)


def _even(table: Table) -> int:
    """Rows for each of the slides that a table needs alone: no slide is left with two or three."""
    slides, rest = 0, table
    while True:
        slides += 1
        _, left = _cut(rest, INNER, BOTTOM - TOP, len(rest.rows))
        if left is None:
            return -(-len(table.rows) // slides)
        rest = left


def _cut(table: Table, width: float, height: float, most: int) -> tuple[Table, Table | None]:
    """As many rows as a place holds in the smallest size, at most ``most``, and what is left."""
    size = TABLE_SIZES[-1]
    heights = heights_of(table, widths_of(table, width, size), size)
    room, count = height - CAPTION - heights[0] - (6.0 if table.note else 0.0), 0
    for one in heights[1:]:
        room -= one
        if count and (room < 0 or count == most):
            break
        count += 1
    if count >= len(table.rows):
        return table, None
    kept = replace(table, rows=table.rows[:count], note="",
                   marked=frozenset(at for at in table.marked if at < count))  # fmt: skip
    left = replace(table, rows=table.rows[count:],
                   marked=frozenset(at - count for at in table.marked if at >= count))  # fmt: skip
    return kept, left


def places(plan: Plan) -> list[Box]:
    """Where the objects of a slide stand."""
    height = BOTTOM - TOP
    if plan.objects and isinstance(plan.objects[0], MapPicture):
        right = MARGIN + MAP[0] + GUTTER
        chart = (right, BOTTOM - _CHART, WIDTH - MARGIN - right, _CHART)
        return [(MARGIN, TOP, *MAP), chart][: len(plan.objects)]
    if plan.texts:
        left = MARGIN + 112.0 + GUTTER
        width = WIDTH - MARGIN - left
        if len(plan.objects) < 2:
            return [(left, TOP, width, height)]
        return [(left, TOP, width, 76.0), (left, TOP + 80.0, width, height - 80.0)]
    if len(plan.objects) == 2:
        half = (INNER - GUTTER) / 2
        return [(MARGIN, TOP, half, height), (MARGIN + half + GUTTER, TOP, half, height)]
    return [(MARGIN, TOP, INNER, height)] if plan.objects else []


def text_place(plan: Plan) -> Box:
    """Where the texts of a slide stand."""
    if plan.objects and isinstance(plan.objects[0], MapPicture):
        right = MARGIN + MAP[0] + GUTTER
        below = _CHART + 5.0 if len(plan.objects) > 1 else 0.0
        return right, TOP, WIDTH - MARGIN - right, BOTTOM - TOP - below
    return MARGIN, TOP, 112.0 if plan.objects else INNER, BOTTOM - TOP


def setting(plan: Plan) -> tuple[list[Line], float, float, float] | None:
    """Lines, their height, size of the legend and whether both fit: in the largest size that does.

    None where none does.
    """
    width, height = text_place(plan)[2:]
    legend = legend_of(plan)
    for size in TEXT_SIZES:
        lines = [line for one in plan.texts for line in lines_of(one, size)]
        small = min(size - 2.0, 10.5)
        high = height_of(lines, width) + (4.0 if lines else 0.0)
        if high + legend_height(legend, small, width) <= height:
            return lines, high, size, small
    return None


def legend_of(plan: Plan) -> tuple[LegendBlock, ...]:
    """The legend of the slide's map; none without a map."""
    first = plan.objects[0] if plan.objects else None
    blocks = first.spec.legend if isinstance(first, MapPicture) else ()
    return tuple(block for block in blocks if block.items)


def lines_of(one: Paragraph | Figures, size: float) -> list[Line]:
    if isinstance(one, Paragraph):
        return [(one.text, size, INK, False)]
    key, *others = one.figures
    told: list[Line] = [
        (key.label, size - 2, MUTED, False),
        (f"{key.value} {key.unit}".strip(), size * 1.9, ACCENT, True),
        (" · ".join(text for text in (key.period, key.quality) if text), size - 3, MUTED, False),
    ]
    return [line for line in told if line[0]] + [
        (_figure(one), size - 2, INK, False) for one in others
    ]


def _figure(one: Figure) -> str:
    facts = " · ".join(text for text in (one.period, one.quality) if text)
    told = f"{one.label}  {one.value} {one.unit}".strip()
    if not facts:
        return told
    chinese = any("一" <= sign <= "鿿" for sign in one.label + facts)
    return f"{told}（{facts}）" if chinese else f"{told} ({facts})"


def height_of(lines: Sequence[Line], width: float) -> float:
    """Height in mm of paragraphs in a box of that width, rather too much than too little."""
    return sum(
        len(fonts.wrap(text, width * 0.94, size)) * size * 0.3528 * 1.32 + size * 0.16
        for text, size, _, _ in lines
    )
