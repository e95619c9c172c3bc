"""A filled briefing in, printed pages out: its blocks one under the other, each in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import geopandas as gpd

from bsh_geo import page_layout
from bsh_geo.briefing_pages import (
    Block,
    Briefing,
    Figures,
    MapPicture,
    Page,
    Paragraph,
    Ranking,
    Sources,
    Table,
    TrendChart,
)
from bsh_geo.crs import DISPLAY
from bsh_geo.flow_blocks import (
    caption_block,
    chart_block,
    figures_block,
    legends_block,
    ranking_block,
    sources_block,
    table_blocks,
    text_block,
)
from bsh_geo.map_pictures import map_options
from bsh_geo.mapspec import MapSpec
from bsh_geo.marks import ACCENT, INK, MUTED, Mark, Picture, Words, moved, paragraph, space, stacked
from bsh_geo.marks import Block as Marks
from bsh_geo.page_layout import opened
from bsh_geo.print_frame import MapFrame
from bsh_geo.print_options import PrintOptions, page_size
from bsh_geo.themes import themed

TOP, BOTTOM, SIDE = 18.0, 17.0, 13.0
"""Upper, lower and side margins of a page in mm."""
_LOGO = 13.0


@dataclass(eq=False)
class Laid:
    """A page in the making: marks so far, the map if there is one, how far down it is filled.

    ``whole`` are the options of a printed page that fills the sheet.
    """

    marks: list[Mark] = field(default_factory=list)
    map: page_layout.Page | None = None
    spec: MapSpec | None = None
    down: float = TOP
    whole: PrintOptions | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing stands on it."""
        return not self.marks and self.map is None and self.whole is None


def pages(briefing: Briefing) -> list[Laid]:
    """The pages in order."""
    flow = _Flow(briefing)
    for number, page in enumerate(briefing.pages):
        if number:
            flow.new()
        else:
            flow.head()
        flow.page(page)
    made = [one for one in flow.made if not one.empty]
    for number, one in enumerate(made, start=1):
        if one.whole is None:
            one.marks += _foot(briefing, flow.size, number, len(made))
    return made


class _Flow:
    """Pages in the making."""

    def __init__(self, briefing: Briefing) -> None:
        self.briefing = briefing
        self.size = page_size(PrintOptions(size=briefing.size, orientation="portrait"))  # type: ignore[arg-type]
        self.width = self.size[0] - 2 * SIDE
        self.made = [Laid()]

    @property
    def now(self) -> Laid:
        """The page that is being filled."""
        return self.made[-1]

    def room(self) -> float:
        """What is left of the page, mm."""
        return self.size[1] - BOTTOM - self.now.down

    def new(self) -> None:
        """A new page, unless this one is still empty."""
        if not self.now.empty:
            self.made.append(Laid())

    def put(self, block: Marks, keep: float = 0.0) -> None:
        """A block at the next free place; on a new page where it and ``keep`` mm do not fit."""
        if block.height + keep > self.room():
            self.new()
        self.now.marks += [moved(mark, SIDE, self.now.down) for mark in block.marks]
        self.now.down += block.height

    def head(self) -> None:
        """Title, subtitle, office and logo over the first page."""
        briefing = self.briefing
        shown = " · ".join(text for text in (briefing.subtitle, briefing.office) if text)
        lines = [paragraph(briefing.title, self.width - 40.0, 20.0, INK, strong=True)]
        lines += [paragraph(shown, self.width - 40.0, 10.5, MUTED)] if shown else []
        self.put(stacked([*lines, space(4.0)]))
        if briefing.logo is not None:
            image = opened(briefing.logo)
            wide = min(_LOGO * image.width / image.height, 38.0)
            high = wide * image.height / image.width
            place = self.size[0] - SIDE - wide
            self.now.marks.append(Picture(place, TOP - 3.0, wide, high, briefing.logo))

    def page(self, page: Page) -> None:
        """A heading, then the blocks."""
        only = len(page.blocks) == 1 and isinstance(page.blocks[0], MapPicture)
        if not (only and page.blocks[0].whole):  # type: ignore[union-attr]
            title = paragraph(page.title, self.width, 14.0, ACCENT, strong=True)
            where = paragraph(page.subtitle, self.width, 9.0, MUTED)
            self.put(stacked([title, where, space(2.5)]), keep=20.0)
        for block in page.blocks:
            self.block(block)

    def block(self, block: Block) -> None:
        """One block as marks, tables row by row."""
        lang = self.briefing.lang
        if isinstance(block, MapPicture):
            self.whole(block) if block.whole else self.map(block)
        elif isinstance(block, Table):
            self.table(block)
        elif isinstance(block, Paragraph):
            self.put(text_block(block.text, self.width))
        elif isinstance(block, Figures):
            self.put(figures_block(block, self.width))
        elif isinstance(block, TrendChart):
            self.put(chart_block(block, self.width, lang))
        elif isinstance(block, Ranking):
            self.put(ranking_block(block, self.width))
        elif isinstance(block, Sources):
            self.put(sources_block(block.lines, self.width))

    def whole(self, block: MapPicture) -> None:
        """The printed page of a map as a page of its own."""
        self.new()
        options = map_options(block, self.briefing.size, self.briefing)
        self.now.spec, self.now.whole = block.spec, options
        self.made.append(Laid())

    def map(self, block: MapPicture) -> None:
        """The map, its legend and caption; a page holds one map."""
        options = map_options(block, self.briefing.size, self.briefing)
        spec = themed(block.spec, options.theme)
        legend = legends_block(spec.legend, self.width, spec.lang)
        caption = caption_block(block.caption, self.width)
        if self.now.map is not None:
            self.new()
        high = page_size(options)[1]
        if high + legend.height + caption.height > self.room():
            self.new()
        laid = page_layout.page(spec, options)
        left = SIDE + (self.width - laid.size[0]) / 2
        self.now.map, self.now.spec = _shifted(laid, left, self.now.down), spec
        self.now.down += high
        self.put(caption)
        self.put(legend)

    def table(self, block: Table) -> None:
        """Rows one by one; the head again at the top of each further page."""
        head, *rows = table_blocks(block, self.width)
        self.put(head, keep=12.0)
        for row in rows:
            if row.height > self.room() and row.marks:
                self.new()
                self.put(head)
            self.put(row) if row.marks else self._air(row)

    def _air(self, block: Marks) -> None:
        self.now.down += block.height


def _shifted(laid: page_layout.Page, x: float, y: float) -> page_layout.Page:
    """The same page, everything on it moved by mm."""

    def frame(one: MapFrame) -> MapFrame:
        return replace(one, left=one.left + x, top=one.top + y)

    return replace(
        laid,
        frame=frame(laid.frame),
        zoom=frame(laid.zoom) if laid.zoom else None,
        around=tuple(moved(mark, x, y) for mark in laid.around),
        upon=tuple(moved(mark, x, y) for mark in laid.upon),
        over=tuple(moved(mark, x, y) for mark in laid.over),
    )


def _foot(briefing: Briefing, size: tuple[float, float], number: int, count: int) -> Iterator[Mark]:
    """Approval number and stamp at the left, the page's number at the right."""
    base = size[1] - 8.0
    word = "Map approval no. " if briefing.lang == "en" else "审图号："
    approval = f"{word}{briefing.approval}" if briefing.approval else ""
    told = "　".join(text for text in (approval, briefing.stamp) if text)
    yield Words(SIDE, base, told, 6.4, MUTED)
    yield Words(size[0] - SIDE, base, f"{number} / {count}", 7.5, MUTED, "right")


def sheet(laid: Laid, size: tuple[float, float]) -> tuple[MapSpec, page_layout.Page]:
    """What ``drawing`` draws: the page's map, or an empty one, and all its marks."""
    if laid.map is not None and laid.spec is not None:
        around = (*laid.map.around, *laid.marks)
        return laid.spec, replace(laid.map, around=around, size=size)
    return bare(laid.marks, size)


def bare(marks: list[Mark], size: tuple[float, float]) -> tuple[MapSpec, page_layout.Page]:
    """Marks alone: a map of nothing, whose frame has no size."""
    frame = MapFrame(-1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    return _nothing(), page_layout.Page(frame, tuple(marks), (), size)


def _nothing() -> MapSpec:
    none = gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=DISPLAY)
    world = (-180.0, -85.0, 180.0, 85.0)
    return MapSpec(
        layer="", lang="zh", title="", subtitle="", area="", period="", extent=world, whole=world,
        ground=none, neighbours=none, outline=none, parts=(), labels=(), legend=(), key=None,
        figures=(), targets=(), trend=None, notes=(), quality_note="", sources=(), data_date="",
    )  # fmt: skip
