"""Text in, measured lines out; and the one Chinese font of the printed maps, whole or subset.

The font is Noto Sans SC Regular (OFL), a TrueType file inside the PyPI package zhplot. It is found
by the package's path: importing zhplot would change matplotlib for the whole process.
"""

from __future__ import annotations

import importlib.util
import io
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties

from bsh_geo.errors import DataError, GlyphError

FAMILY = "Noto Sans SC"
MM_PER_POINT = 25.4 / 72
SMALLEST = 5.5
"""Points; nothing is printed smaller."""

ASCENT, DESCENT = 0.88, 0.12
"""Top and bottom of the Chinese em square about the baseline, in em (OS/2 table of the font)."""

_LINE_START_NEVER = "，。；：、？！）》〉」』】〕”’％…—·,.;:?!)]}%‰°"
_LINE_END_NEVER = "（《〈「『【〔“‘([{"
# A number stays with its unit; a Latin word stays whole; every other character stands alone.
_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’…—·"
_TOKEN = re.compile(
    rf"\s+|[<>≤≥≈−]?\s?\d[\d.,]*\s(?:[μ%‰]|km|ha|m[²³])[^\s{_WIDE}]*|[^\s{_WIDE}]+|[{_WIDE}]"
)


@cache
def font_path() -> Path:
    """The font file of zhplot; a DataError where the package or the file is missing."""
    found = importlib.util.find_spec("zhplot")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "fonts" / "NotoSansSC-Regular.ttf"
        if path.is_file():
            return path
    raise DataError(
        "缺少中文字体：未找到 zhplot 1.0.0 中的 NotoSansSC-Regular.ttf，请安装 zhplot==1.0.0。",
        "The Chinese font is missing: NotoSansSC-Regular.ttf of zhplot 1.0.0 was not found; "
        "install zhplot==1.0.0.",
    )


@cache
def properties() -> FontProperties:
    """The font as matplotlib wants it."""
    return FontProperties(family=[FAMILY], fname=str(font_path()))


@cache
def _advances() -> dict[int, float]:
    """Advance width in em of every character that the font has, by code point."""
    with TTFont(font_path(), lazy=True) as font:
        em = font["head"].unitsPerEm
        widths = font["hmtx"].metrics
        return {code: widths[name][0] / em for code, name in font.getBestCmap().items()}


def check_glyphs(text: str) -> None:
    """Raise a GlyphError for the first character of ``text`` that the font cannot show."""
    known = _advances()
    for character in text:
        if ord(character) not in known:
            code = f"U+{ord(character):04X}"
            name = unicodedata.name(character, "unnamed")
            raise GlyphError(
                f"中文字体中没有“{character}”（{code}），无法出图；所在文字：“{text}”。",
                f"The Chinese font has no glyph for “{character}” ({code}, {name}) of “{text}”.",
            )


@lru_cache(maxsize=20_000)
def em_width(text: str) -> float:
    """Length of ``text`` in em, without kerning; a GlyphError for a character without glyph."""
    check_glyphs(text)
    known = _advances()
    return sum(known[ord(character)] for character in text)


def width(text: str, size: float) -> float:
    """Length in mm of ``text`` set in ``size`` points."""
    return em_width(text) * size * MM_PER_POINT


def line_height(size: float) -> float:
    """Distance in mm between two baselines of text in ``size`` points."""
    return 1.36 * size * MM_PER_POINT


def _tokens(text: str) -> list[str]:
    """Pieces that may not be broken: no closing mark begins a line, no opening mark ends one."""
    pieces: list[str] = []
    for token in _TOKEN.findall(text):
        space = token.isspace()
        closes = token[0] in _LINE_START_NEVER and pieces and not pieces[-1].isspace()
        opened = bool(pieces) and pieces[-1][-1] in _LINE_END_NEVER
        if (closes or opened) and not space:
            pieces[-1] += token
        else:
            pieces.append(" " if space else token)
    return pieces


def _split(token: str, limit: float) -> list[str]:
    """A token longer than a line (an address of the web), cut where ``limit`` em are full."""
    parts = [""]
    for character in token:
        if parts[-1] and em_width(parts[-1] + character) > limit:
            parts.append("")
        parts[-1] += character
    return parts


@lru_cache(maxsize=5_000)
def wrap(text: str, limit: float, size: float) -> tuple[str, ...]:
    """``text`` in lines of at most ``limit`` mm at ``size`` points; newlines of the text stay."""
    room = limit / (size * MM_PER_POINT) + 1e-6  # a text that just fits does fit
    lines: list[str] = []
    # The font's middle dot is as wide as a Chinese character and needs no spaces around it.
    for paragraph in text.replace(" · ", "·").splitlines():
        line = ""
        for token in _tokens(paragraph.strip()):
            if line and em_width((line + token).rstrip()) > room:
                lines.append(line.rstrip())
                line = ""
            *full, rest = _split(token if line else token.lstrip(), room)
            lines.extend([line + full[0], *full[1:]] if full else [])
            line = rest if full else line + rest
        lines.append(line.rstrip())
    return tuple(line for line in lines if line)


def cut(text: str, limit: float, size: float, most: int) -> tuple[str, ...]:
    """``text`` in at most ``most`` lines of ``limit`` mm, ending with … where some is left out."""
    lines = wrap(text, limit, size)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width(last + "…", size) > limit + 1e-6:
        last = last[:-1]
    return (*lines[: most - 1], last.rstrip("，。；：、,.;: ") + "…")


def shrink(text: str, limit: float, sizes: Iterable[float]) -> float:
    """The first of ``sizes`` (points, falling) in which ``text`` fits one line of ``limit`` mm.

    The last one where none does.
    """
    size = SMALLEST
    for size in sizes:
        if width(text, size) <= limit:
            break
    return size


def woff(characters: Iterable[str]) -> bytes:
    """The font with only these characters, as WOFF; the same characters give the same bytes."""
    options = Options(
        flavor="woff", layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2]
    )
    # Time stamps of the moment would make two equal pictures differ.
    with TTFont(font_path(), lazy=True, recalcTimestamp=False) as font:
        font.flavor = "woff"
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=sorted({ord(character) for character in characters}))
        subsetter.subset(font)
        made = io.BytesIO()
        font.save(made)
    return made.getvalue()
