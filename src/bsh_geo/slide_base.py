"""A title and a language in, an empty 16:9 presentation out: our theme, one layout, known fonts.

Lengths are millimetres from the top left of the slide, text sizes points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_AUTO_SIZE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Emu, Mm, Pt

from bsh_geo.marks import ACCENT, HAIRLINE, INK, MUTED

WIDTH, HEIGHT = 338.667, 190.5
"""13.333 × 7.5 inches."""
MARGIN = 14.0
LATIN, CHINESE = "Arial", "微软雅黑"
"""Every Office has both."""
TITLE_TOP, TITLE_HEIGHT, TITLE_SIZE = 8.0, 13.0, 26.0
FOOT_TOP = 172.5
"""Where the line above the sources runs."""

_COLOURS = {
    "dk1": INK, "lt1": "#ffffff", "dk2": "#48524f", "lt2": "#f7f3e8", "accent1": ACCENT,
    "accent2": "#c98a3d", "accent3": "#2f6b4a", "accent4": "#a5681a", "accent5": "#54456b",
    "accent6": MUTED, "hlink": ACCENT, "folHlink": "#54456b",
}  # fmt: skip
_LAYOUT = "Title Only"

Box = tuple[float, float, float, float]
"""left, top, width, height in mm."""


def presentation(title: str, lang: str) -> Any:
    """The presentation without slides; its one layout has a title."""
    made = Presentation()
    made.slide_width, made.slide_height = Mm(WIDTH), Mm(HEIGHT)
    _without_extras(made)
    _theme(made)
    for layout in list(made.slide_layouts):
        if layout.name != _LAYOUT:
            made.slide_layouts.remove(layout)
    for one in (made.slide_master, made.slide_layouts[0]):
        _only_title(one)
    _dress(made.slide_master)
    about = made.core_properties
    about.title, about.author, about.last_modified_by = title, "bsh_geo", "bsh_geo"
    about.comments, about.language = "", language(lang)
    return made


def language(lang: str) -> str:
    """The language as office files name it, for spelling and for the choice of fonts."""
    return "en-GB" if lang == "en" else "zh-CN"


def colour(code: str) -> RGBColor:
    """#rrggbb as python-pptx takes it."""
    red, green, blue = (int(code[at : at + 2], 16) for at in (1, 3, 5))
    return RGBColor(red, green, blue)  # type: ignore[no-untyped-call]


def _without_extras(made: Any) -> None:
    """Drop the preview and the printer's settings that the library's own template carries."""
    for holder in (made.part.package, made.part):
        for name, relation in list(holder._rels.items()):
            if relation.reltype.endswith(("/thumbnail", "/printerSettings")):
                holder._rels.pop(name)


def _theme(made: Any) -> None:
    """Our colours and fonts in the theme, so that a bureau's own theme replaces them at once."""
    relations = made.slide_master.part.rels.values()
    part = next(one.target_part for one in relations if one.reltype == RELATIONSHIP_TYPE.THEME)
    text = part.blob.decode("utf-8").replace('name="Office Theme"', 'name="bsh_geo"')
    for name, code in _COLOURS.items():
        value = f'<a:{name}><a:srgbClr val="{code[1:].upper()}"/></a:{name}>'
        text = re.sub(rf"<a:{name}>.*?</a:{name}>", value, text, count=1)
    fonts = '<a:latin typeface="Calibri"/><a:ea typeface=""/>'
    ours = f'<a:latin typeface="{LATIN}"/><a:ea typeface="{CHINESE}"/>'
    chinese = '<a:font script="Hans" typeface="宋体"/>'
    part._blob = (
        text.replace(fonts, ours).replace(chinese, chinese.replace("宋体", CHINESE)).encode("utf-8")
    )


def _only_title(holder: Any) -> None:
    """The title where 16:9 wants it; the other placeholders of the 4:3 template go."""
    for one in list(holder.placeholders):
        if one.placeholder_format.type.name in ("TITLE", "CENTER_TITLE"):
            place(one, (MARGIN, TITLE_TOP, WIDTH - 2 * MARGIN, TITLE_HEIGHT))
        else:
            one._element.getparent().remove(one._element)


def _dress(master: Any) -> None:
    """The style of titles, the mark left of them, and the line above the sources."""
    style = master._element.find(".//{*}titleStyle/{*}lvl1pPr")
    style.set("algn", "l")
    style.find("{*}defRPr").set("sz", str(int(TITLE_SIZE * 100)))
    style.find("{*}defRPr").set("b", "1")
    body = master.placeholders[0]._element.find(".//{*}bodyPr")
    for side in ("lIns", "rIns", "tIns", "bIns"):
        body.set(side, "0")
    tree = master.shapes._spTree
    bars = (
        (0.0, TITLE_TOP + 1.5, 4.4, TITLE_HEIGHT - 3.0, ACCENT),
        (MARGIN, FOOT_TOP, WIDTH - 2 * MARGIN, 0.2, HAIRLINE),
    )
    for number, (x, y, width, height, fill) in enumerate(bars):
        tree.append(_bar(90 + number, (x, y, width, height), fill))


def _bar(number: int, box: Box, fill: str) -> Any:
    """A filled rectangle as an element of a master, which python-pptx cannot add shapes to."""
    x, y, width, height = (int(Mm(side)) for side in box)
    return parse_xml(
        f"<p:sp {nsdecls('p', 'a')}><p:nvSpPr>"
        f'<p:cNvPr id="{number}" name="Bar {number}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/>'
        f'</p:nvSpPr><p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/>'
        f'</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>'
        f'<a:srgbClr val="{fill[1:].upper()}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>'
        "</p:sp>"
    )


def place(shape: Any, box: Box) -> None:
    """Put a shape where the box is."""
    shape.left, shape.top, shape.width, shape.height = (Mm(side) for side in box)


def textbox(slide: Any, box: Box, name: str, lines: Sequence[Any], gap: float = 4.0) -> Any:
    """A text box with a paragraph for each (text, size, colour, bold); ``gap`` points between."""
    made = slide.shapes.add_textbox(*(Mm(side) for side in box))
    made.name = name
    frame = made.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(0)
    for at, (text, size, ink, bold) in enumerate(lines):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.space_before = Pt(gap if at else 0)
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour(ink)
    return made


def slide_number(slide: Any) -> None:
    """The number of the slide at the lower right, as a field that follows the order."""
    box = (WIDTH - MARGIN - 20.0, HEIGHT - 9.5, 20.0, 5.0)
    made = textbox(slide, box, "Slide number", [("", 9, MUTED, False)])
    paragraph = made.text_frame.paragraphs[0]._p
    for run in paragraph.findall("{*}r"):
        paragraph.remove(run)
    number = slide.part.package.presentation_part.presentation.slides.index(slide) + 1
    paragraph.get_or_add_pPr().set("algn", "r")
    paragraph.append(
        parse_xml(
            f'<a:fld {nsdecls("a")} id="{{B5F1D1F0-0000-4000-8000-000000000001}}" '
            f'type="slidenum"><a:rPr lang="zh-CN" sz="900"><a:solidFill><a:srgbClr '
            f'val="{MUTED[1:].upper()}"/></a:solidFill></a:rPr><a:t>{number}</a:t></a:fld>'
        )
    )
