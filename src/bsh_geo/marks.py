"""Texts and lengths in, blocks of marks for the printed page out; its colours and fixed words too.

Lengths are millimetres from the top left of the page or block, x to the right, y downwards; text
sizes and line widths are points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from bsh_geo import fonts
from bsh_geo.classes import number
from bsh_geo.mapspec import Style

INK, MUTED, ACCENT, OCHRE = "#22302f", "#6b7471", "#1f6f78", "#a5681a"
PAPER, SEA, HAIRLINE, TRACK = "#f7f3e8", "#d7e3e8", "#c9cdc6", "#e4e6e1"
OCHRE_TINT = "#fbf3e4"
POINTS_PER_PIXEL = 0.75
MM_PER_PIXEL = 25.4 / 96

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "legend": "图例",
        "targets": "目标与差距",
        "figures": "相关数据",
        "notes": "说明",
        "sources": "数据来源",
        "date": "数据时间",
        "crs": "制图坐标系",
        "crs_name": "CGCS2000 兰勃特等积方位投影（121.5°E，31.2°N）",
        "approval": "审图号",
        "quality": "数据质量",
        "level": "{year}目标 {value}",
        "more": "另有 {n} 项，见数据表",
        "north": "北",
        "none": "无数据",
        "enlarged": "放大 {n} 倍",
        "colon": "：",
        "join": "；",
        "open": "（",
        "close": "）",
    },
    "en": {
        "legend": "Legend",
        "targets": "Targets and distance",
        "figures": "Related figures",
        "notes": "Notes",
        "sources": "Sources",
        "date": "Data as of",
        "crs": "Projection",
        "crs_name": "Lambert azimuthal equal-area (121.5°E, 31.2°N), CGCS2000",
        "approval": "Map approval no.",
        "quality": "Data quality",
        "level": "{year} target {value}",
        "more": "{n} more in the data table",
        "north": "N",
        "none": "no data",
        "enlarged": "{n} × larger",
        "colon": ": ",
        "join": "; ",
        "open": " (",
        "close": ")",
    },
}


@dataclass(frozen=True)
class Words:
    """One line of text; ``x`` is its left end, middle or right end, ``y`` its baseline."""

    x: float
    y: float
    text: str
    size: float
    colour: str = INK
    align: Literal["left", "center", "right"] = "left"
    strong: bool = False
    halo: str | None = None
    turned: float = 0.0


@dataclass(frozen=True, eq=False)
class Shape:
    """A path in mm with fill, stroke (``width`` in points), hatch and dashes as in a Style."""

    path: Path
    fill: str | None = None
    stroke: str | None = None
    width: float = 0.5
    dashed: bool = False
    hatch: str | None = None
    opacity: float = 1.0


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG file drawn into a box from its top left."""

    x: float
    y: float
    width: float
    height: float
    data: bytes


Mark = Words | Shape | Picture


@dataclass(frozen=True)
class Block:
    """Marks that belong together, and the height in mm that they take.

    The width is given where something must keep clear of the block.
    """

    height: float
    marks: tuple[Mark, ...] = ()
    width: float = 0.0


@dataclass(frozen=True)
class Setting:
    """How a column is set: language, width in mm, text scale, height in mm of the trend's plot.

    ``most``, ``figures`` and ``rows`` are the largest numbers of targets, of figures and of rows
    of the table that are written out, 0 for none of them.
    """

    lang: str
    width: float
    scale: float = 1.0
    trend: float = 20.0
    most: int = 6
    figures: int = 6
    rows: int = 0
    words: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Any language but English has the Chinese words."""
        object.__setattr__(self, "words", WORDS["en" if self.lang == "en" else "zh"])

    def points(self, size: float) -> float:
        """``size`` at this scale, never below the smallest printed size."""
        return max(fonts.SMALLEST, size * self.scale)


def moved(mark: Mark, dx: float, dy: float) -> Mark:
    """The mark shifted by mm."""
    if isinstance(mark, Words | Picture):
        return replace(mark, x=mark.x + dx, y=mark.y + dy)
    return replace(mark, path=mark.path.transformed(Affine2D().translate(dx, dy)))


def stacked(blocks: Iterable[Block], gap: float = 0.0) -> Block:
    """Blocks one under the other as one block."""
    top, marks = 0.0, list[Mark]()
    for block in blocks:
        top += gap if marks else 0.0
        marks.extend(moved(mark, 0.0, top) for mark in block.marks)
        top += block.height
    return Block(top, tuple(marks))


def over(*blocks: Block) -> Block:
    """Blocks that share their top, side by side or one above the other, as one block."""
    marks = tuple(mark for block in blocks for mark in block.marks)
    return Block(max(block.height for block in blocks), marks)


def space(height: float) -> Block:
    """An empty block."""
    return Block(height)


def box(
    x: float, y: float, width: float, height: float, fill: str | None, stroke: str | None = None
) -> Shape:
    """A rectangle from its top left."""
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return Shape(Path(corners, closed=True), fill, stroke)


def line(points: Sequence[tuple[float, float]], stroke: str, width: float = 0.5) -> Shape:
    """An open line."""
    return Shape(Path(points), None, stroke, width)


def disc(x: float, y: float, radius: float, fill: str | None, stroke: str | None = None) -> Shape:
    """A circle about its centre."""
    return Shape(Path.circle((x, y), radius), fill, stroke)


def styled(path: Path, style: Style) -> Shape:
    """``path`` drawn as the map draws features of ``style``."""
    return Shape(
        path,
        style.fill,
        style.stroke,
        style.width * POINTS_PER_PIXEL,
        style.dashed,
        style.hatch,
        style.opacity,
    )


def paragraph(
    text: str,
    width: float,
    size: float,
    colour: str = INK,
    *,
    x: float = 0.0,
    align: Literal["left", "right"] = "left",
    strong: bool = False,
) -> Block:
    """``text`` wrapped to ``width`` mm, as many lines as it needs."""
    return set_lines(fonts.wrap(text, width, size), size, colour, x=x, align=align, strong=strong)


def set_lines(
    lines: Sequence[str],
    size: float,
    colour: str = INK,
    *,
    x: float = 0.0,
    align: Literal["left", "right"] = "left",
    strong: bool = False,
) -> Block:
    """Lines that are broken already, one under the other."""
    step = fonts.line_height(size)
    # The em square stands in the middle of the line.
    base = (step + (fonts.ASCENT - fonts.DESCENT) * size * fonts.MM_PER_POINT) / 2
    marks = (
        Words(x, base + step * place, text, size, colour, align, strong)
        for place, text in enumerate(lines)
    )
    return Block(step * len(lines), tuple(marks))


def heading(text: str, setting: Setting, tail: str = "") -> Block:
    """A block's heading in accent with a hairline above it; ``tail`` follows, quieter."""
    size, quiet = setting.points(8.2), setting.points(6.8)
    rule = Block(1.3, (line([(0, 0), (setting.width, 0)], HAIRLINE, 0.5),))
    title = paragraph(text, setting.width, size, ACCENT, strong=True)
    if not tail:
        return stacked([rule, title, space(0.6)])
    before = fonts.width(text, size) + 1.2
    if before + fonts.width(tail, quiet) > setting.width:
        below = paragraph(tail, setting.width, quiet, MUTED)
        return stacked([rule, title, below, space(0.6)])
    beside = Words(before, baseline(title), tail, quiet, MUTED)
    return stacked([rule, over(title, Block(0.0, (beside,))), space(0.6)])


def baseline(block: Block) -> float:
    """The baseline of the first line of a block of text."""
    return next(mark.y for mark in block.marks if isinstance(mark, Words))


def bracketed(unit: str, setting: Setting) -> str:
    """A unit as it follows a heading; nothing for no unit."""
    return f"{setting.words['open']}{unit}{setting.words['close']}".strip() if unit else ""


def plain(value: float) -> str:
    """A number with the decimals it has (six significant digits), thousands separated."""
    digits = f"{value:.6g}".partition(".")[2]
    return number(value, 0 if "e" in digits else len(digits))
