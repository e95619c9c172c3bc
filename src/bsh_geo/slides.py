"""A filled briefing in, the bytes of a PowerPoint file out: native titles, charts and tables.

Each page becomes as many slides as it needs; sources stand at the foot of each, all that a
speaker may want in the notes. The same briefing gives the same bytes.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from pptx.util import Mm, Pt

from bsh_geo import fonts, zip_files
from bsh_geo.briefing_pages import (
    Block,
    Briefing,
    MapPicture,
    Page,
    Ranking,
    Sources,
    Table,
    TrendChart,
)
from bsh_geo.map_pictures import map_png
from bsh_geo.marks import INK, MUTED
from bsh_geo.slide_base import (
    FOOT_TOP,
    HEIGHT,
    MARGIN,
    WIDTH,
    Box,
    place,
    presentation,
    slide_number,
    textbox,
)
from bsh_geo.slide_legend import add_legend
from bsh_geo.slide_objects import add_ranking, add_table, add_trend
from bsh_geo.slide_plans import (
    BOTTOM,
    CAPTION,
    CONTINUED,
    INNER,
    TABLE_SIZES,
    TEXT_SIZES,
    Plan,
    height_of,
    legend_of,
    lines_of,
    places,
    plans,
    setting,
    text_place,
)
from bsh_geo.table_widths import heights_of, widths_of


def pptx(briefing: Briefing) -> bytes:
    """The presentation as the bytes of its file."""
    made = presentation(briefing.title, briefing.lang)
    if len(briefing.pages) > 1:
        _cover(made, briefing)
    for page in briefing.pages:
        for plan in plans(page):
            _slide(made, briefing, page, plan)
    content = io.BytesIO()
    made.save(content)
    return zip_files.office_file(content.getvalue())


def _slide(made: Any, briefing: Briefing, page: Page, plan: Plan) -> None:
    slide = made.slides.add_slide(made.slide_layouts[0])
    slide.shapes.title.text = page.title + (CONTINUED[briefing.lang] if plan.continued else "")
    shown = " · ".join(text for text in (page.subtitle, briefing.office) if text)
    subtitle = (MARGIN, 22.5, INNER, 7.0)
    textbox(slide, subtitle, "Subtitle", [(shown, 13, MUTED, False)])
    if plan.texts or legend_of(plan):
        _texts(slide, plan)
    for block, box in zip(plan.objects, places(plan), strict=True):
        _object(slide, box, block, briefing)
    _foot(slide, briefing, page)
    slide_number(slide)
    if page.spoken:
        slide.notes_slide.notes_text_frame.text = "\n".join(page.spoken)


def _texts(slide: Any, plan: Plan) -> None:
    """Key figure, paragraphs and legend; what fits in no size is written in the smallest."""
    x, y, width, height = text_place(plan)
    size = TEXT_SIZES[-1]
    lines = [line for one in plan.texts for line in lines_of(one, size)]
    lines, high, size, small = setting(plan) or (lines, height_of(lines, width) + 4.0, size, 8.5)
    if lines:
        textbox(slide, (x, y, width, high), "Text", lines, gap=size * 0.45)
    legend = legend_of(plan)
    if legend:
        add_legend(slide, (x, y + high, width, height - high), legend, small)


def _object(slide: Any, box: Box, block: Block, briefing: Briefing) -> None:
    if isinstance(block, MapPicture):
        _map(slide, box, block, briefing)
    elif isinstance(block, TrendChart):
        _captioned(slide, box, block.caption)
        add_trend(slide, _below_caption(box), block, briefing.lang)
    elif isinstance(block, Ranking):
        _ranking(slide, box, block)
    elif isinstance(block, Table):
        _table(slide, box, block)


def _map(slide: Any, box: Box, block: MapPicture, briefing: Briefing) -> None:
    """The map as large as its place, with what it shows as its description."""
    picture = map_png(block, "16:9", briefing)
    shape = slide.shapes.add_picture(io.BytesIO(picture), Mm(box[0]), Mm(box[1]))
    share = min(Mm(box[2]) / shape.width, Mm(box[3]) / shape.height)
    shape.width, shape.height = int(shape.width * share), int(shape.height * share)
    about = shape._element.nvPicPr.cNvPr
    about.set("name", block.caption)
    about.set("descr", block.alt)


def _captioned(slide: Any, box: Box, caption: str) -> None:
    size = next(
        (one for one in (12.0, 11.0, 10.0) if fonts.width(caption, one) < box[2] * 0.94), 9.0
    )
    textbox(slide, (box[0], box[1], box[2], 6.0), "Caption", [(caption, size, INK, True)])


def _below_caption(box: Box) -> Box:
    return box[0], box[1] + CAPTION, box[2], box[3] - CAPTION


def _ranking(slide: Any, box: Box, block: Ranking) -> None:
    """The bars, as high as their number wants, and below them who has no figure."""
    _captioned(slide, box, block.caption)
    x, y, width, height = _below_caption(box)
    lines = [(block.note, 10.0, MUTED, False)] if block.note else []
    noted = height_of(lines, width) + 1.0 if lines else 0.0
    high = min(height - noted, 12.0 + 8.0 * len(block.bars))
    add_ranking(slide, (x, y, width, high), block)
    if lines:
        textbox(slide, (x, y + high + 1.0, width, noted), "Note", lines)


def _table(slide: Any, box: Box, block: Table) -> None:
    _captioned(slide, box, block.caption)
    x, y, width, height = _below_caption(box)
    room = height - (6.0 if block.note else 0.0)
    for size in TABLE_SIZES:
        high = sum(heights_of(block, widths_of(block, width, size), size))
        if high <= room:
            break
    add_table(slide, (x, y, width, high), block, size)
    if block.note:
        note = [(block.note, 10.0, MUTED, False)]
        textbox(slide, (x, y + high + 1.5, width, 5.0), "Note", note)


def _foot(slide: Any, briefing: Briefing, page: Page) -> None:
    """Sources, date and quality in two lines at most, all of them in the notes; the stamp below."""
    width = INNER - 24.0
    told = next((one.lines for one in page.blocks if isinstance(one, Sources)), ())
    lines = [*fonts.cut("　".join(told[:3]), width * 0.94, 8.0, 2)] if told else []
    marks = [briefing.stamp]
    if briefing.approval:
        word = "Map approval no." if briefing.lang == "en" else "审图号："
        marks.insert(0, f"{word}{briefing.approval}")
    stamp = [text for text in marks if text]
    told_lines = [(" ".join(lines), 8.0, MUTED, False)] if lines else []
    told_lines += [("　".join(stamp), 7.0, MUTED, False)] if stamp else []
    if told_lines:
        box = (MARGIN, FOOT_TOP + 1.5, width, HEIGHT - FOOT_TOP - 3.0)
        textbox(slide, box, "Sources", told_lines, gap=2.0)


def _cover(made: Any, briefing: Briefing) -> None:
    """The first slide: title, period, office, contents."""
    slide = made.slides.add_slide(made.slide_layouts[0])
    title = slide.shapes.title
    title.text = briefing.title
    place(title, (MARGIN, 34.0, INNER, 20.0))
    title.text_frame.paragraphs[0].font.size = Pt(38)
    shown = " · ".join(text for text in (briefing.subtitle, briefing.office) if text)
    textbox(slide, (MARGIN, 57.0, INNER, 9.0), "Subtitle", [(shown, 18, MUTED, False)])
    titles = [f"{at}　{page.title}　{page.subtitle}" for at, page in enumerate(briefing.pages, 1)]
    size = 15.0 if len(titles) <= 9 else 9.0
    lines = [(text, size, INK, False) for text in titles]
    textbox(slide, (MARGIN, 78.0, INNER, BOTTOM - 78.0), "Contents", lines, gap=size * 0.5)
    if briefing.logo is not None:
        logo = slide.shapes.add_picture(io.BytesIO(briefing.logo), Mm(0), Mm(8), height=Mm(16))
        logo.left = Mm(WIDTH - MARGIN) - logo.width
        logo._element.nvPicPr.cNvPr.set("descr", briefing.office or "logo")
    _foot(slide, briefing, replace(briefing.pages[0], blocks=()))
    slide_number(slide)
