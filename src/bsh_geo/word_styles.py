"""A title and a language in, an empty Word document out: A4, our styles, fonts that Office has."""

from __future__ import annotations

from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from bsh_geo.marks import ACCENT, INK, MUTED

LATIN, TEXT, HEADS = "Arial", "等线", "微软雅黑"
"""Latin letters; Chinese of running text and of headings. Every Office of today has them."""
SIZES = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
MARGINS = (20.0, 18.0, 22.0, 22.0)
"""Top, bottom, left, right in mm."""

_STYLES: dict[str, tuple[float, bool, str, float, float, str]] = {
    # size, bold, colour, before, after (points), Chinese font
    "Normal": (11.0, False, INK, 0.0, 6.0, TEXT),
    "Title": (22.0, True, INK, 0.0, 2.0, HEADS),
    "Subtitle": (12.0, False, MUTED, 0.0, 12.0, TEXT),
    "Heading 1": (15.0, True, ACCENT, 16.0, 6.0, HEADS),
    "Heading 2": (12.0, True, INK, 10.0, 4.0, HEADS),
    "Caption": (9.5, False, MUTED, 3.0, 8.0, TEXT),
    "Header": (8.5, False, MUTED, 0.0, 0.0, TEXT),
    "Footer": (8.0, False, MUTED, 0.0, 0.0, TEXT),
}


def document(title: str, lang: str, size: str) -> Any:
    """The document without content."""
    made = docx.Document()
    _without_extras(made)
    _page(made.sections[0], size)
    for name, settings in _STYLES.items():
        _style(made.styles[name], *settings)
    made.styles["Caption"].paragraph_format.keep_with_next = False
    _defaults(made, lang)
    about = made.core_properties
    about.title, about.author, about.last_modified_by = title, "bsh_geo", "bsh_geo"
    about.comments, about.language = "", "en-GB" if lang == "en" else "zh-CN"
    return made


def inner_width(size: str) -> float:
    """Width in mm between the margins."""
    return SIZES[size][0] - MARGINS[2] - MARGINS[3]


def _without_extras(made: Any) -> None:
    """Drop what the library's own template carries: preview, custom data, old styles."""
    for holder in (made.part.package, made.part):
        for name, relation in list(holder.rels.items()):
            if relation.reltype.endswith(("/thumbnail", "/customXml", "/stylesWithEffects")):
                holder.rels.pop(name)
    settings = made.settings.element
    for tag in ("w:rsids", "w:savePreviewPicture"):
        for one in settings.findall(qn(tag)):
            settings.remove(one)


def _page(section: Any, size: str) -> None:
    width, height = SIZES[size]
    top, bottom, left, right = (Mm(side) for side in MARGINS)
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.top_margin, section.bottom_margin = top, bottom
    section.left_margin, section.right_margin = left, right
    section.header_distance, section.footer_distance = Mm(11), Mm(9)


def _style(
    style: Any, size: float, bold: bool, ink: str, before: float, after: float, chinese: str
) -> None:
    font = style.font
    font.size, font.bold, font.italic = Pt(size), bold, False
    font.color.rgb = RGBColor.from_string(ink[1:].upper())
    set_fonts(style.element.get_or_add_rPr(), chinese)
    layout = style.paragraph_format
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    layout.line_spacing = 1.35 if style.name == "Normal" else 1.15
    if style.name == "Title":
        layout.alignment = WD_ALIGN_PARAGRAPH.LEFT
        for border in style.element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
    if style.name.startswith("Heading"):
        layout.keep_with_next = True


def set_fonts(properties: Any, chinese: str) -> None:
    """Fonts of a run or style by name, for Latin and for Chinese; the theme's no longer count."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, font in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{name}"), font)


def _defaults(made: Any, lang: str) -> None:
    """Fonts and languages of everything that no style names."""
    properties = made.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    set_fonts(properties, TEXT)
    languages = properties.find(qn("w:lang"))
    languages.set(qn("w:val"), "en-GB")
    languages.set(qn("w:eastAsia"), "zh-CN")
    theme = made.settings.element.find(qn("w:themeFontLang"))
    theme.set(qn("w:val"), "en-GB" if lang == "en" else "zh-CN")
    theme.set(qn("w:eastAsia"), "zh-CN")


def field(paragraph: Any, instruction: str, shown: str) -> None:
    """A field such as the number of a page; ``shown`` is what stands there until it is updated."""
    made = OxmlElement("w:fldSimple")
    made.set(qn("w:instr"), instruction)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = shown
    run.append(text)
    made.append(run)
    paragraph._p.append(made)


def shaded(cell: Any, fill: str, pattern: str = "clear", ink: str = "auto") -> None:
    """Paint a cell; ``pattern`` is one of Word's, in the colour ``ink``."""
    properties = cell._tc.get_or_add_tcPr()
    made = OxmlElement("w:shd")
    made.set(qn("w:val"), pattern)
    made.set(qn("w:color"), ink.lstrip("#").upper() if ink != "auto" else ink)
    made.set(qn("w:fill"), fill.lstrip("#").upper())
    properties.append(made)


def bordered(cell: Any, sides: dict[str, tuple[str, int]], kind: str = "single") -> None:
    """Lines of a cell by side, colour and eighths of a point; ``kind`` is one of Word's."""
    properties = cell._tc.get_or_add_tcPr()
    made = OxmlElement("w:tcBorders")
    for side in ("top", "left", "bottom", "right"):
        if side not in sides:
            continue
        ink, width = sides[side]
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), kind)
        line.set(qn("w:sz"), str(width))
        line.set(qn("w:color"), ink.lstrip("#").upper())
        made.append(line)
    properties.append(made)
