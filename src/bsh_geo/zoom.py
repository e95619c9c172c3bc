"""A MapSpec and the map's frame in; the part of the map that is too small to read out, enlarged.

In a view of the whole city seven districts share two centimetres: their colours and names are
shown a second time, larger, where the map has a free corner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bsh_geo import fonts
from bsh_geo.mapspec import MapSpec
from bsh_geo.marks import INK, WORDS, Block, Mark, Words, box
from bsh_geo.print_frame import Box, MapFrame, in_metres

_SMALL = 18.0
"""Districts whose sides are all below this on the map are hard to read; mm at text scale 1."""
_LEAST = 4
"""So many of them are needed: one small district is no reason."""
_FACTORS = (2.4, 2.2, 2.0, 1.8, 1.6)
"""How much larger they may be shown, the best first."""
_MOST = 0.5
"""The largest part of the map's width or height that the enlarged part may take."""
_AIR = 1.08


def crowd(spec: MapSpec, frame: MapFrame) -> Box | None:
    """west, south, east, north in metres around the small coloured districts; None for few."""
    if not spec.outline.empty or not any(part.coloured for part in spec.parts):
        return None
    bounds = in_metres(spec.ground).bounds.to_numpy()
    sides = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    small = bounds[sides * frame.scale < _SMALL * frame.text]
    if len(small) < _LEAST:
        return None
    low, high = small[:, :2].min(axis=0), small[:, 2:].max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * _AIR
    (west, south), (east, north) = middle - half, middle + half
    return float(west), float(south), float(east), float(north)


def sizes(ground: Box, frame: MapFrame) -> Iterator[tuple[float, float, float]]:
    """Factor, width and height in mm of the enlarged part, the largest first."""
    wide, tall = (ground[2] - ground[0]) * frame.scale, (ground[3] - ground[1]) * frame.scale
    for factor in _FACTORS:
        if wide * factor < frame.width * _MOST and tall * factor < frame.height * _MOST:
            yield factor, wide * factor, tall * factor


def enlarged(ground: Box, frame: MapFrame, place: Box) -> MapFrame:
    """The frame of the enlarged part at ``place`` (left, top, right, bottom in mm)."""
    left, top, right, bottom = place
    scale = (right - left) / (ground[2] - ground[0])
    return MapFrame(left, top, right - left, bottom - top, ground[0], ground[3], scale, frame.text)


def caption(shown: MapFrame, frame: MapFrame, lang: str) -> Block:
    """How much larger the part is shown than the map around it."""
    text = WORDS["en" if lang == "en" else "zh"]["enlarged"].format(
        n=f"{shown.scale / frame.scale:.1f}"
    )
    size = fonts.SMALLEST * max(frame.text, 1.0)
    high = fonts.line_height(size)
    words = Words(0.8, 0.74 * high, text, size, INK)
    width = fonts.width(text, size) + 1.6
    patch = replace(box(0, 0, width, high, "#ffffff"), opacity=0.8)
    return Block(high, (patch, words), width)


def where(ground: Box, frame: MapFrame) -> Mark:
    """The outline of the enlarged part on the map itself."""
    (left, top), (right, bottom) = frame.to_page.transform(
        [(ground[0], ground[3]), (ground[2], ground[1])]
    )
    return replace(box(left, top, right - left, bottom - top, None, INK), width=0.5)
