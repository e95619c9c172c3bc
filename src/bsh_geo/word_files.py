"""A filled briefing in, the bytes of a Word document out: headings, text, pictures, tables.

Styles carry the look, so that a bureau's own can take their place. The same briefing gives the
same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from bsh_geo import fonts, zip_files
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
from bsh_geo.flow_files import ranking_png, trend_png
from bsh_geo.map_pictures import map_png
from bsh_geo.mapspec import LegendBlock, LegendItem
from bsh_geo.marks import HAIRLINE, INK, MUTED
from bsh_geo.table_widths import PAD, ROOM, widths_of
from bsh_geo.word_styles import bordered, document, field, inner_width, shaded

HEAD_FILL, MARK_FILL = "#e6efee", "#f6eedd"
_PATTERNS = {"diagonal": "thinDiagStripe", "dots": "pct15", "cross": "thinHorzCross"}
_LEGEND_COLUMNS = 4
_MAP = 0.86
"""Share of the text's width that a map takes: legend and trend fit on its page."""


def docx(briefing: Briefing) -> bytes:
    """The document as the bytes of its file."""
    made = document(briefing.title, briefing.lang, briefing.size)
    writer = _Writer(made, briefing)
    writer.head()
    for number, page in enumerate(briefing.pages):
        writer.page(page, number)
    content = io.BytesIO()
    made.save(content)
    return zip_files.office_file(content.getvalue())


class _Writer:
    """A document in the making; figures and tables are counted through."""

    def __init__(self, made: Any, briefing: Briefing) -> None:
        self.made, self.briefing = made, briefing
        self.width = inner_width(briefing.size)
        self.numbers = {"图": 0, "表": 0}

    def head(self) -> None:
        """Title and subtitle, logo, and the running lines of head and foot."""
        briefing = self.briefing
        if briefing.logo is not None:
            self.made.add_paragraph().add_run().add_picture(
                io.BytesIO(briefing.logo), height=Mm(14)
            )
        self.made.add_paragraph(briefing.title, style="Title")
        shown = " · ".join(text for text in (briefing.subtitle, briefing.office) if text)
        self.made.add_paragraph(shown, style="Subtitle")
        section = self.made.sections[0]
        section.header.paragraphs[0].text = " · ".join(
            text for text in (briefing.title, briefing.subtitle) if text
        )
        foot = section.footer.paragraphs[0]
        word = "Map approval no. " if briefing.lang == "en" else "审图号："
        approval = f"{word}{briefing.approval}" if briefing.approval else ""
        foot.text = "　".join(text for text in (approval, briefing.stamp) if text)
        number = section.footer.add_paragraph(style="Footer")
        number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        field(number, "PAGE", "1")

    def page(self, page: Page, number: int) -> None:
        """A heading, then the blocks in their order; each page of the template on a new one."""
        heading = self.made.add_paragraph(page.title, style="Heading 1")
        heading.paragraph_format.page_break_before = number > 0
        line = self.made.add_paragraph(style="Caption")
        line.add_run(page.subtitle)
        line.paragraph_format.keep_with_next = True
        for block in page.blocks:
            self.block(block)

    def block(self, block: Block) -> None:
        """One block as native content."""
        lang = self.briefing.lang
        if isinstance(block, Paragraph):
            self.made.add_paragraph(block.text)
        elif isinstance(block, Figures):
            self.figures(block)
        elif isinstance(block, MapPicture):
            wide = self.width if block.whole else self.width * _MAP
            self.picture(map_png(block, self.briefing.size, self.briefing), block.alt, wide)
            if not block.whole:
                self.legend(block.spec.legend)
            self.caption("图", block.caption)
        elif isinstance(block, TrendChart):
            self.picture(trend_png(block, self.width, lang), block.caption)
            self.caption("图", block.caption)
        elif isinstance(block, Ranking):
            self.picture(ranking_png(block, self.width), f"{block.caption} {block.note}".strip())
            self.caption("图", block.caption)
            if block.note:
                self.quiet(block.note)
        elif isinstance(block, Table):
            self.caption("表", block.caption, above=True)
            self.table(block)
        elif isinstance(block, Sources):
            self.sources(block)

    def figures(self, block: Figures) -> None:
        """The key figure in large type, then those beside it, a line each."""
        for at, one in enumerate(block.figures):
            paragraph = self.made.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(1)
            paragraph.paragraph_format.line_spacing = 1.1
            paragraph.add_run(f"{one.label}　")
            value = paragraph.add_run(f"{one.value} {one.unit}".strip())
            value.bold = True
            value.font.size = Pt(18 if at == 0 else 11)
            facts = " · ".join(text for text in (one.period, one.quality) if text)
            tail = paragraph.add_run(f"　{facts}" if facts else "")
            tail.font.size, tail.font.color.rgb = Pt(9), _rgb(MUTED)

    def picture(self, content: bytes, alt: str, width: float | None = None) -> None:
        """A picture, by default over the whole width, described for those who cannot see it."""
        paragraph = self.made.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.line_spacing = 1.0
        shape = paragraph.add_run().add_picture(io.BytesIO(content), width=Mm(width or self.width))
        about = shape._inline.docPr
        about.set("descr", alt)
        about.set("name", f"Picture {about.get('id')}")

    def caption(self, kind: str, text: str, above: bool = False) -> None:
        """A numbered caption, below a picture or above a table."""
        self.numbers[kind] += 1
        english = {"图": "Figure", "表": "Table"}[kind]
        word = english if self.briefing.lang == "en" else kind
        paragraph = self.made.add_paragraph(style="Caption")
        paragraph.add_run(f"{word} ")
        field(paragraph, f"SEQ {english} \\* ARABIC", str(self.numbers[kind]))
        paragraph.add_run(f"　{text}")
        paragraph.paragraph_format.keep_with_next = above

    def quiet(self, text: str) -> None:
        """A small note."""
        run = self.made.add_paragraph().add_run(text)
        run.font.size, run.font.color.rgb = Pt(9), _rgb(MUTED)

    def legend(self, blocks: tuple[LegendBlock, ...]) -> None:
        """The legend as a table of painted cells, a title row for each part of it."""
        shown = [block for block in blocks if block.items]
        if not shown:
            return
        swatch = 7.0
        count = _legend_columns(shown, self.width, swatch)
        label = self.width / count - swatch
        table = self.made.add_table(rows=0, cols=2 * count)
        _fixed(table, [swatch, label] * count)
        for block in shown:
            cells = table.add_row().cells
            title = f"{block.title} ({block.unit})" if block.unit else block.title
            _write(cells[0].merge(cells[-1]), title, 9.0, bold=True)
            for start in range(0, len(block.items), count):
                cells = table.add_row().cells
                for at, item in enumerate(block.items[start : start + count]):
                    _swatch(cells[2 * at], item)
                    # A figure and its sign stay on one line.
                    _write(cells[2 * at + 1], item.label.replace(" %", "\u00a0%"), 9.0)
        for row in table.rows:
            _whole(row)
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True

    def table(self, block: Table) -> None:
        """A table whose head is repeated on each page and whose rows are not broken."""
        size = 9.5 if len(block.titles) <= 5 else 8.5
        table = self.made.add_table(rows=1 + len(block.rows), cols=len(block.titles))
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        _fixed(table, widths_of(block, self.width, size))
        # ``table.cell`` and ``row.cells`` look through the whole table each time.
        for number, (row, texts) in enumerate(
            zip(table.rows, (block.titles, *block.rows), strict=True)
        ):
            _whole(row)
            for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                _write(cell, text, size, bold=number == 0, right=at in block.numeric)
                line = (INK, 8) if number == 0 else (HAIRLINE, 4)
                bordered(
                    cell, {"top": (INK, 8), "bottom": line} if number == 0 else {"bottom": line}
                )
                if number == 0 or number - 1 in block.marked:
                    shaded(cell, HEAD_FILL if number == 0 else MARK_FILL)
        head = table.rows[0]._tr.get_or_add_trPr()
        head.append(OxmlElement("w:tblHeader"))
        if block.note:
            self.quiet(block.note)
        else:
            gap = self.made.add_paragraph().paragraph_format  # two tables would grow together
            gap.space_after, gap.line_spacing = Pt(0), Pt(8)

    def sources(self, block: Sources) -> None:
        """Sources, date, quality and limits in small type under a line."""
        for at, text in enumerate(block.lines):
            paragraph = self.made.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(1)
            paragraph.paragraph_format.line_spacing = 1.0
            run = paragraph.add_run(text)
            run.font.size, run.font.color.rgb = Pt(8), _rgb(MUTED)
            if at == 0:
                _line_above(paragraph)


def _rgb(ink: str) -> RGBColor:
    return RGBColor.from_string(ink[1:].upper())


def _write(cell: Any, text: str, size: float, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1.5)
    paragraph.paragraph_format.space_before = Pt(1.5)
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold


def _legend_columns(blocks: Sequence[LegendBlock], width: float, swatch: float) -> int:
    """As many columns as leave nearly every label on one line, two at least."""
    wanted = [fonts.width(item.label, 9.0) / ROOM + PAD for one in blocks for item in one.items]
    wide = sorted(wanted)[max(0, math.ceil(len(wanted) * 0.9) - 1)]
    return next((n for n in range(_LEGEND_COLUMNS, 2, -1) if width / n - swatch >= wide), 2)


def _swatch(cell: Any, item: LegendItem) -> None:
    """A class as the map draws it: a painted cell, or a disc for points."""
    style = item.style
    if item.symbol == "point":
        _write(cell, "●" if style.fill not in (None, "#ffffff") else "○", 9.0)
        ink = style.fill if style.fill not in (None, "#ffffff") else style.stroke
        cell.paragraphs[0].runs[0].font.color.rgb = _rgb(str(ink))
        return
    if style.hatch:
        shaded(cell, style.fill or "#ffffff", _PATTERNS[style.hatch], style.stroke)
    elif style.fill is not None:
        shaded(cell, style.fill)
    if style.fill is None:
        edges = dict.fromkeys(("top", "left", "bottom", "right"), (style.stroke, 6))
        bordered(cell, edges, "dashed" if style.dashed else "single")
    else:
        bordered(cell, dict.fromkeys(("top", "bottom"), ("#ffffff", 40)))  # apart from the next
    _write(cell, "", 9.0)


def _fixed(table: Any, widths: list[float]) -> None:
    """Columns of these widths in mm, whatever their content."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    properties = table._tbl.tblPr
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "70")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    properties.append(margins)


def _whole(row: Any) -> None:
    """A row that no page break cuts."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _line_above(paragraph: Any) -> None:
    properties = paragraph._p.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "4"), ("space", "4"), ("color", HAIRLINE[1:])):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    properties.append(borders)
