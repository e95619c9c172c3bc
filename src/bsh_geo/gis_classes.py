"""A drawn part and the legend in, its classes out: key of rows, words of the legend, style."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bsh_geo.mapspec import DrawnPart, LegendItem, MapSpec, Style

_HOVER = re.compile(r"\s*[（(](悬停|hover|point at)[^）)]*[）)]")
"""What a legend says of our own map's hover box, which a GIS does not have."""
REFERENCE = {"zh": "（对照点）", "en": " (reference)"}
SKETCH = {"zh": "（示意）", "en": " (schematic)"}


@dataclass(frozen=True)
class DrawnClass:
    """How the rows of one class are drawn and named; ``radius`` in pixels, for points."""

    key: str
    label: str
    style: Style
    radius: float | None = None


def classes_of(spec: MapSpec, drawn: DrawnPart) -> tuple[DrawnClass, ...]:
    """The classes of a drawn part that any row has, or that its legend names, in their order."""
    used = set(drawn.frame["key"])
    known = [key for key in drawn.styles if key in used]
    if drawn.coloured:  # the classes of a figure belong together, whether a district has it or not
        known = [key for key in drawn.styles if key != "nodata" or key in used]
    radii = drawn.frame.groupby("key")["radius"].median() if "radius" in drawn.frame else {}
    return tuple(
        DrawnClass(
            "" if key == "nodata" else key,
            _label(spec, drawn, key),
            drawn.styles[key],
            float(radii[key]) if key in radii else (None if drawn.shape == "area" else 4.5),
        )
        for key in known
    )


def _label(spec: MapSpec, drawn: DrawnPart, key: str) -> str:
    """The legend's words for a class; a part's title where the legend has none, or several."""
    style = drawn.styles[key]
    every = [item for one in spec.legend for item in one.items]
    named = _alike(_items(spec, drawn), style)
    if not named and style.fill is not None:  # points in the colours that explain areas
        named = list(dict.fromkeys(one.label for one in every if one.style.fill == style.fill))
    text = _HOVER.sub("", named[0] if len(named) == 1 else drawn.title)
    if key.endswith("-reference"):
        text += REFERENCE[spec.lang]
    return sketched(text, style.dashed and drawn.shape == "area", spec.lang)


def _items(spec: MapSpec, drawn: DrawnPart) -> list[LegendItem]:
    blocks = [one for one in spec.legend if one.title == drawn.title] or list(spec.legend)
    return [item for one in blocks for item in one.items if item.symbol == drawn.shape]


def _alike(items: Iterable[LegendItem], style: Style) -> list[str]:
    listed = list(items)
    exact = [item.label for item in listed if item.style == style]
    solid = replace(style, dashed=False, opacity=1.0)
    near = [
        item.label for item in listed if replace(item.style, dashed=False, opacity=1.0) == solid
    ]
    return list(dict.fromkeys(exact or near))


def sketched(title: str, schematic: bool, lang: str) -> str:
    """A title that says of a sketch that it is one, once."""
    said = "示意" in title or "schematic" in title.lower()
    return title + SKETCH[lang] if schematic and not said else title
