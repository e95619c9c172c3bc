"""A map's scale and language in, its scale bar, north arrow and names of degrees out."""

from __future__ import annotations

import math
from dataclasses import replace

from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from bsh_geo import fonts
from bsh_geo.legend import legend_block, quality_block
from bsh_geo.marks import INK, PAPER, WORDS, Block, Mark, Setting, Shape, Words, box, plain
from bsh_geo.trend import spread

# The names that callers of this module also take from it.
__all__ = [
    "WORDS",
    "Setting",
    "Shape",
    "Words",
    "degree",
    "legend_block",
    "north_arrow",
    "quality_block",
    "round_length",
    "scale_bar",
    "spread",
]


def round_length(most: float) -> float:
    """The longest 1, 2 or 5 times a power of ten that is not above ``most``; same unit."""
    power = 10.0 ** math.floor(math.log10(most))
    return float(max(step for step in (1, 2, 5) if step * power <= most * (1 + 1e-9)) * power)


def scale_bar(scale: float, most: float, text: float = 1.0, paper: str = PAPER) -> Block:
    """A bar of round length, at most ``most`` mm, on its patch; ``scale`` is mm per metre.

    ``text`` is how large it is set, 1 for an A4 page. The second mark is the dark half, the third
    the light half; together they are the length.
    """
    metres = round_length(most / scale)
    length = metres * scale
    size = 6.0 * text
    unit, shown = ("km", metres / 1000) if metres >= 1000 else ("m", metres)
    texts = ["0", plain(shown / 2), f"{plain(shown)} {unit}"]
    left, y = 3.0 * text, 4.6 * text
    over_end = fonts.width(texts[2], size) / 2
    width = left + length + over_end + 1.5
    patch = replace(box(0, 0, width, 7.2 * text, paper), opacity=0.82)
    dark = box(left, y, length / 2, 0.9 * text, INK, INK)
    light = box(left + length / 2, y, length / 2, 0.9 * text, "#ffffff", INK)
    marks: list[Mark] = [patch, replace(dark, width=0.4), replace(light, width=0.4)]
    for place, said in enumerate(texts):
        marks.append(Words(left + length * place / 2, 3.4 * text, said, size, INK, "center"))
    return Block(7.2 * text, tuple(marks), width)


def north_arrow(lang: str, text: float = 1.0, paper: str = PAPER) -> Block:
    """A slim arrow to grid north, half filled, with its letter; 8 mm wide at ``text`` 1."""
    word = WORDS["en" if lang == "en" else "zh"]["north"]
    patch = replace(box(0, 0, 8.0 * text, 12.6 * text, paper), opacity=0.82)
    larger = Affine2D().scale(text)
    right = Path([(4, 4.6), (5.7, 11.4), (4, 9.9), (4, 4.6)], closed=True)
    left = Path([(4, 4.6), (2.3, 11.4), (4, 9.9), (4, 4.6)], closed=True)
    marks = (
        patch,
        Shape(left.transformed(larger), INK, INK, 0.4),
        Shape(right.transformed(larger), "#ffffff", INK, 0.4),
        Words(4.0 * text, 3.7 * text, word, 6.5 * text, INK, "center", True),
    )
    return Block(12.6 * text, marks, 8.0 * text)


def degree(value: float, letters: str) -> str:
    """An angle as 121°30′E; ``letters`` name the positive and the negative side."""
    seconds = round(abs(value) * 3600)
    parts = [f"{seconds // 3600}°"]
    if seconds % 3600:
        parts.append(f"{seconds % 3600 // 60:02d}′")
    if seconds % 60:
        parts.append(f"{seconds % 60:02d}″")
    return "".join(parts) + letters[value < 0]
