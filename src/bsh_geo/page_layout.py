"""A MapSpec and options in, a page out: the map's frame and every mark in its place, mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bsh_geo.inset import Furnished, Placed, furnished
from bsh_geo.legend import legend_block, quality_block
from bsh_geo.mapspec import MapSpec
from bsh_geo.marks import INK, Block, Mark, Setting, box, moved, stacked
from bsh_geo.page_foot import foot, head, opened, stamp
from bsh_geo.page_grid import GRATICULE, Grid, Try, grid_of, tries
from bsh_geo.panel import figures_block, key_block, targets_block
from bsh_geo.print_frame import Box, MapFrame, graticule
from bsh_geo.print_labels import map_labels
from bsh_geo.print_options import PrintOptions, page_size
from bsh_geo.print_table import table_block
from bsh_geo.themes import LOOKS
from bsh_geo.trend import trend_block
from bsh_geo.zoom import caption, where

__all__ = ["Page", "opened", "page"]

GAP = 3.2
"""Least distance between two blocks of a column, mm."""
_UNDER_HEAD, _UNDER_MAP, _OVER_FOOT, _UNDER_FOOT = 2.5, 7.0, 3.5, 0.6
"""Air under the head, under the map with its degrees, above the footer and under it; mm."""
_LOWEST_MAP = 60.0
"""Height in mm below which a map gives no more room to columns under it."""


@dataclass(frozen=True, eq=False)
class Page:
    """What is laid out: the map's frame, the marks around it and upon it, the size of the page.

    ``zoom`` is the frame of a part that is shown larger, over the map; ``over`` is upon it.
    """

    frame: MapFrame
    around: tuple[Mark, ...]
    upon: tuple[Mark, ...]
    size: tuple[float, float]
    zoom: MapFrame | None = None
    over: tuple[Mark, ...] = ()


def page(spec: MapSpec, options: PrintOptions | None = None) -> Page:
    """Everything of ``spec`` in its place."""
    options = options or PrintOptions()
    if options.map_only:
        return _map_alone(spec, options)
    grid = grid_of(options)
    return _beside(spec, options, grid) if grid.beside else _below(spec, options, grid)


def _map_alone(spec: MapSpec, options: PrintOptions) -> Page:
    """The map with its frame, names and furniture, and the degrees around it."""
    size = page_size(options)
    left, top, right, bottom = GRATICULE
    place = (left, top, size[0] - left - right, size[1] - top - bottom)
    return _page(spec, options, _map(spec, options, place, grid_of(options)), (), size)


def _page(
    spec: MapSpec,
    options: PrintOptions,
    shown: Furnished,
    texts: Sequence[Mark],
    size: tuple[float, float],
) -> Page:
    """The page of a map with the texts around it."""
    around, upon = _map_marks(spec, options, shown)
    over = _zoom_marks(spec, options, shown)
    return Page(shown.frame, (*texts, *around), upon, size, shown.zoom, over)


def _beside(spec: MapSpec, options: PrintOptions, grid: Grid) -> Page:
    """Title and map at the left, one column at the right, the footer under both."""
    below = foot(spec, options, grid)
    room = grid.bottom - below.height - _OVER_FOOT - grid.top
    for one in tries(grid):
        blocks = _blocks(spec, _setting(spec, one), legend_last=True)
        if _height(blocks) <= room:
            break
    width = grid.inner - grid.gutter - one.column
    above = head(spec, options, grid, width)
    top = grid.top + above.height + _UNDER_HEAD
    height = grid.bottom - below.height - _UNDER_MAP - top
    shown = _map(spec, options, (grid.margin, top, width, height), grid)
    texts = (
        *_placed(above, grid.margin, grid.top),
        *_placed(_spaced(blocks, room, grid), grid.margin + width + grid.gutter, grid.top),
        *_placed(below, grid.margin, grid.bottom - below.height),
        *_placed(stamp(options, grid), grid.margin, grid.bottom + _UNDER_FOOT),
    )
    return _page(spec, options, shown, texts, (grid.width, grid.height))


def _below(spec: MapSpec, options: PrintOptions, grid: Grid) -> Page:
    """Title, map over the whole width, two columns under it, the footer."""
    above, below = head(spec, options, grid, grid.inner), foot(spec, options, grid)
    top = grid.top + above.height + _UNDER_HEAD
    end = grid.bottom - below.height - _OVER_FOOT
    room = end - top - grid.map_height - _UNDER_MAP
    for one in tries(grid):
        columns = _split(_blocks(spec, _setting(spec, one), legend_last=False))
        highest = max(_height(column) for column in columns)
        if highest <= room:
            break
    # A page with more to say than any of its kind takes the room from the map.
    lost = min(max(highest - room, 0.0), grid.map_height - _LOWEST_MAP)
    shown = _map(spec, options, (grid.margin, top, grid.inner, grid.map_height - lost), grid)
    start = top + grid.map_height - lost + _UNDER_MAP
    texts = [*_placed(above, grid.margin, grid.top)]
    for place, column in enumerate(columns):
        x = grid.margin + place * (one.column + grid.gutter)
        texts += _placed(_spaced(column, room + lost, grid), x, start)
    texts += _placed(below, grid.margin, grid.bottom - below.height)
    texts += _placed(stamp(options, grid), grid.margin, grid.bottom + _UNDER_FOOT)
    return _page(spec, options, shown, texts, (grid.width, grid.height))


def _setting(spec: MapSpec, one: Try) -> Setting:
    """A try as the blocks want it."""
    return Setting(spec.lang, one.column, one.scale, one.trend, one.most, one.figures, one.rows)


def _map(spec: MapSpec, options: PrintOptions, place: Box, grid: Grid) -> Furnished:
    """The map at ``place`` with its furniture."""
    return furnished(spec, place, LOOKS[options.theme], options.extent, grid.scale)


def _map_marks(
    spec: MapSpec, options: PrintOptions, shown: Furnished
) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """The marks around the map (degrees and frame) and upon it (names and furniture)."""
    frame, look = shown.frame, LOOKS[options.theme]
    border = replace(box(*frame.box[:2], frame.width, frame.height, None, INK), width=0.6)
    names = map_labels(spec, frame, shown.furniture, look.paper, shown.zoom)
    furniture = [mark for one in shown.furniture for mark in _placed(*one)]
    named = [where(shown.zoom.ground, frame)] if shown.zoom else []
    return (*graticule(frame), border), (*names, *named, *furniture)


def _zoom_marks(spec: MapSpec, options: PrintOptions, shown: Furnished) -> tuple[Mark, ...]:
    """Names, how much larger it is, and the border of a part that is shown larger."""
    zoom = shown.zoom
    if zoom is None:
        return ()
    said = caption(zoom, shown.frame, spec.lang)
    corner = Placed(said, zoom.left, zoom.top + zoom.height - said.height)
    names = map_labels(spec, zoom, (corner,), LOOKS[options.theme].paper, every=True)
    border = replace(box(*zoom.box[:2], zoom.width, zoom.height, None, INK), width=0.6)
    return (*names, *_placed(*corner), border)


def _placed(block: Block, x: float, y: float) -> list[Mark]:
    """The block's marks in mm of the page, its top left at ``x`` and ``y``."""
    return [moved(mark, x, y) for mark in block.marks]


def _blocks(spec: MapSpec, setting: Setting, *, legend_last: bool) -> list[Block]:
    """The blocks in the order in which they are read; what the spec lacks is left out."""
    first = [key_block(spec.key, setting)] if spec.key else []
    if spec.targets:
        first.append(targets_block(spec, setting))
    if spec.trend and spec.trend.points:
        first.append(trend_block(spec.trend, setting))
    legend = [legend_block(one, setting) for one in spec.legend if one.items]
    rest = [figures_block(spec.figures, setting)] if spec.figures and setting.figures else []
    table = table_block(spec.tables[0], setting) if spec.tables else None
    rest += [table] if table else []
    note = [quality_block(spec.quality_note, setting)] if spec.quality_note else []
    ordered = [*first, *rest, *legend, *note] if legend_last else [*first, *legend, *note, *rest]
    return ordered


def _split(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks in two columns in their order, the higher one as low as can be."""
    ways = [(list(blocks[:place]), list(blocks[place:])) for place in range(len(blocks) + 1)]
    first, second = min(ways, key=lambda way: (max(map(_height, way)), -len(way[0])))
    return [first, second]


def _height(blocks: Sequence[Block]) -> float:
    """Height in mm of the blocks at their least distance."""
    return sum(block.height for block in blocks) + GAP * max(len(blocks) - 1, 0)


def _spaced(blocks: Sequence[Block], room: float, grid: Grid) -> Block:
    """The blocks with what is left of ``room`` shared between them, up to a limit."""
    spare = room - sum(block.height for block in blocks)
    return stacked(blocks, min(7.5 * grid.scale, max(GAP, spare / max(len(blocks) - 1, 1))))
