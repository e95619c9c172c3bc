"""A MapSpec and a theme in, the same spec in the theme's colours and the look of its ground out.

Theme ``screen`` shows the colours of the layer files. Theme ``print`` stays legible in greyscale:
classes that would be of one grey are set apart in lightness, arms of a diverging scale by dots.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bsh_geo.classes import NO_DATA
from bsh_geo.mapspec import DrawnImage, DrawnPart, LegendBlock, LegendItem, MapSpec, Style
from bsh_geo.marks import PAPER, SEA


@dataclass(frozen=True)
class Look:
    """Colours of the ground: land without data, sea, neighbours and borders."""

    paper: str = PAPER
    sea: str = SEA
    neighbour: str = "#efece3"
    neighbour_border: str = "#d9d3c3"
    border: str = "#8a8f87"


LOOKS = {
    "screen": Look(),
    "print": Look("#ffffff", "#e6ecef", "#f6f6f4", "#c4c7c4", "#6f746f"),
}

LEAST_GREY = 6.0
"""Least CIEDE2000 in grey between neighbouring classes of the print theme, and between any two
categories; 2.3 is just noticeable side by side, patches apart from their legend need more."""

_LIGHT, _DARK = 95.0, 24.0
"""CIE L* of the lightest and darkest class that is set."""
_STEP = 8.0
"""CIEDE2000 in grey between two classes that are set, where there is room for it: no more, because
what is drawn over dark classes is lost."""
_THINNED = 0.88
"""Least opacity of a fill of the print theme: thinned colours come closer to each other."""


def themed(spec: MapSpec, theme: str) -> MapSpec:
    """The spec in the colours of ``theme``; ``screen`` gives it back as it is."""
    if theme == "screen":
        return spec
    changes = {part.title: _changes(part) for part in spec.parts if part.shape == "area"}
    changes |= {
        part.title: _changes(part) | changes.get(part.title, {})
        for part in spec.parts
        if part.shape == "point"
    }
    for image in spec.images:
        changes[image.title] = _of_categories({one: Style(one, one) for one in image.palette})
    return replace(
        spec,
        images=tuple(_image(image, changes[image.title]) for image in spec.images),
        parts=tuple(_part(part, changes[part.title]) for part in spec.parts),
        legend=tuple(_block(block, changes.get(block.title, {})) for block in spec.legend),
    )


Changes = dict[str, tuple[str, str | None]]
"""Fill to the fill and hatch that take its place."""


def _changes(part: DrawnPart) -> Changes:
    """What becomes of the fills of a part: classes keep their order, categories their hue."""
    classes = [one for key, one in part.styles.items() if key.isdigit()]
    if classes:
        return _of_classes([str(one.fill) for one in classes if one.fill])
    styles = [one for key, one in part.styles.items() if key not in (NO_DATA, "all", "unsized")]
    return _of_categories({one.fill: one for one in styles if one.fill})


def _of_classes(fills: Sequence[str]) -> Changes:
    """Classes from low to high: one ramp, or two arms of which the one of high values is dotted."""
    levels = [lightness(fill) for fill in fills]
    steps = np.diff(levels)
    if len(fills) < 2 or (steps < 0).all() or (steps > 0).all():
        return {old: (new, None) for old, new in zip(fills, _ramp(fills), strict=True)}
    top = int(np.argmax(levels))
    # The lightest class may be on either side of zero: the arms are as even as they can be.
    middle = min((top, top + 1), key=lambda place: abs(place - len(fills) / 2))
    low, high = fills[:middle], fills[middle:]
    changes: Changes = {old: (new, None) for old, new in zip(low, _ramp(low), strict=True)}
    return changes | {old: (new, "dots") for old, new in zip(high, _ramp(high), strict=True)}


def _ramp(fills: Sequence[str]) -> list[str]:
    """The colours, their lightness in even steps where two would look the same in grey."""
    levels = [lightness(fill) for fill in fills]
    if all(grey_difference(a, b) >= LEAST_GREY for a, b in itertools.pairwise(levels)):
        return list(fills)
    even = _even(len(fills))
    if levels[-1] > levels[0]:
        even = even[::-1]
    return [with_lightness(fill, level) for fill, level in zip(fills, even, strict=True)]


def _even(count: int) -> list[float]:
    """L* of so many classes from light to dark, each as far from the next to the eye."""
    fine = np.arange(_LIGHT, _DARK - 0.01, -0.25)
    seen = np.cumsum([0.0, *(grey_difference(a, b) for a, b in itertools.pairwise(fine))])
    step = min(_STEP, float(seen[-1]) / max(count - 1, 1))
    return [float(np.interp(step * place, seen, fine)) for place in range(count)]


def _of_categories(styles: dict[str, Style]) -> Changes:
    """Categories, apart in grey from each other; hatches of the layer file stay."""
    fills = list(styles)
    order = sorted(fills, key=lightness)
    levels = [lightness(fill) for fill in order]
    thin = min([1.0, *(max(one.opacity, _THINNED) for one in styles.values())])
    apart = all(
        grey_difference(a, b) * thin >= LEAST_GREY + 1.0 for a, b in itertools.pairwise(levels)
    )
    kept: Changes = {fill: (fill, styles[fill].hatch) for fill in fills}
    if apart or len(fills) < 2:
        return kept
    even = np.linspace(_DARK + 8, _LIGHT - 3, len(order))
    return {
        fill: (with_lightness(fill, level), styles[fill].hatch)
        for fill, level in zip(order, even, strict=True)
    }


def _image(image: DrawnImage, changes: Changes) -> DrawnImage:
    return replace(image, palette=tuple(changes[one][0] for one in image.palette))


def _part(part: DrawnPart, changes: Changes) -> DrawnPart:
    return replace(part, styles={key: _style(one, changes) for key, one in part.styles.items()})


def _block(block: LegendBlock, changes: Changes) -> LegendBlock:
    items: tuple[LegendItem, ...] = tuple(
        replace(item, style=_style(item.style, changes)) for item in block.items
    )
    return replace(block, items=items)


def _style(style: Style, changes: Changes) -> Style:
    """The style with the fill that takes the place of its own; others stay as they are."""
    if style.fill not in changes:
        return style
    fill, hatch = changes[style.fill]
    opacity = max(style.opacity, _THINNED) if style.dashed else style.opacity
    return replace(style, fill=fill, hatch=hatch or style.hatch, opacity=opacity)  # type: ignore[arg-type]


def grey_difference(one: float, other: float) -> float:
    """CIEDE2000 between two greys of L* ``one`` and ``other`` (Sharma, Wu, Dalal 2005, S_L)."""
    middle = ((one + other) / 2 - 50.0) ** 2
    return float(abs(one - other) / (1 + 0.015 * middle / np.sqrt(20 + middle)))


_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
"""Linear sRGB to CIE XYZ (IEC 61966-2-1)."""
_WHITE = _TO_XYZ.sum(axis=1)
_LINEAR_END = 6 / 29


def lightness(colour: str) -> float:
    """CIE L* of a colour #rrggbb, 0 to 100."""
    return float(_lab(colour)[0])


def with_lightness(colour: str, level: float) -> str:
    """The hue of ``colour`` at L* ``level``, with as much of its chroma as sRGB can show."""
    _, a, b = _lab(colour)
    for share in np.arange(1.0, -0.01, -0.05):
        linear = _linear_of(np.array([level, a * share, b * share]))
        if linear.min() > -1e-4 and linear.max() < 1 + 1e-4:
            break
    return _hex(linear)


def _lab(colour: str) -> np.ndarray:
    """CIE L*a*b* under D65 of a colour #rrggbb."""
    shown = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    share = _TO_XYZ @ linear / _WHITE
    root = np.where(share > _LINEAR_END**3, np.cbrt(share), share / (3 * _LINEAR_END**2) + 4 / 29)
    x, y, z = root
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _linear_of(lab: np.ndarray) -> np.ndarray:
    """Linear sRGB of CIE L*a*b*, outside 0 to 1 where sRGB cannot show it."""
    y = (lab[0] + 16) / 116
    root = np.array([y + lab[1] / 500, y, y - lab[2] / 200])
    share = np.where(root > _LINEAR_END, root**3, 3 * _LINEAR_END**2 * (root - 4 / 29))
    return np.asarray(np.linalg.solve(_TO_XYZ, share * _WHITE))


def _hex(linear: np.ndarray) -> str:
    """A colour #rrggbb of linear sRGB."""
    inside = np.clip(linear, 0.0, 1.0)
    shown = np.where(inside <= 0.0031308, inside * 12.92, 1.055 * inside ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(one) * 255):02x}" for one in shown)
