"""A MapSpec and a place in; the map's frame out, with inset, scale bar and arrow in corners.

The inset shows where the frame lies in the city, with the islands that the frame leaves out. None
of them stands on the selected area where a corner is free of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import shapely
from matplotlib.transforms import Affine2D

from bsh_geo.furniture import north_arrow, scale_bar
from bsh_geo.mapspec import Bounds, MapSpec
from bsh_geo.marks import ACCENT, INK, MM_PER_PIXEL, Block, Shape, box
from bsh_geo.print_frame import AIR, Box, MapFrame, framed, in_metres, shape_path
from bsh_geo.themes import Look
from bsh_geo.zoom import crowd, enlarged, sizes

EDGE = 3.0
"""Distance of furniture from the frame, mm at text scale 1."""
_INSET = 29.0
"""The longer side of the inset, mm at text scale 1."""
_SIMPLE_M = 250.0
"""Tolerance of the inset's outlines: a tenth of a millimetre at its scale."""
_WIDER = (1.0, 1.06, 1.12, 1.2, 1.3)
"""How much more ground is shown, step by step, until furniture has a free corner."""

_CORNERS = ("bottom left", "top right", "bottom right", "top left")
_LIKED = {
    "bar": (0.0, 3.0, 1.0, 2.0),
    "arrow": (2.0, 0.0, 3.0, 1.0),
    "inset": (2.5, 1.5, 0.0, 1.0),
    "zoom": (2.5, 1.5, 1.0, 0.0),
}
"""What each corner costs by its place in ``_CORNERS``; only their order counts."""


class Placed(NamedTuple):
    """A block and where its top left stands on the page, mm."""

    block: Block
    x: float
    y: float

    @property
    def box(self) -> Box:
        """left, top, right, bottom on the page."""
        return self.x, self.y, self.x + self.block.width, self.y + self.block.height


@dataclass(frozen=True)
class Furnished:
    """The map's frame with its furniture, and how much of it covers the selected area, mm².

    ``zoom`` is the frame of a crowded part of the map, shown larger in a corner.
    """

    frame: MapFrame
    furniture: tuple[Placed, ...]
    covered: float
    zoom: MapFrame | None = None


def furnished(
    spec: MapSpec, place: Box, look: Look, extent: Bounds | None = None, text: float = 1.0
) -> Furnished:
    """The frame at ``place`` with furniture, a little wider where that frees the selected area.

    With a given ``extent`` the frame stays as it is, so that a series has one scale.
    """
    found = None
    for wider in _WIDER if extent is None else _WIDER[:1]:
        frame = framed(spec, place, extent, text, AIR * wider)
        zoomed = _zoomed(spec, frame, look)
        if zoomed is not None:
            return zoomed
        made = _in_corners(spec, frame, look)
        if found is None or made.covered < found.covered:
            found = made
        if found.covered <= 0:
            break
    assert found is not None
    return found


def _zoomed(spec: MapSpec, frame: MapFrame, look: Look) -> Furnished | None:
    """Furniture with a crowded part shown larger, as large as a free corner allows; None else."""
    ground = crowd(spec, frame)
    if ground is None:
        return None
    for _, width, height in sizes(ground, frame):
        border = replace(box(0, 0, width, height, look.sea, INK), width=0.6)
        made = _in_corners(spec, frame, look, Block(height, (border,), width))
        if made.covered <= 0:
            return replace(made, zoom=enlarged(ground, frame, made.furniture[-1].box))
    return None


def _in_corners(spec: MapSpec, frame: MapFrame, look: Look, zoom: Block | None = None) -> Furnished:
    """Each piece in the corner where all together cover least; ``zoom`` is the last of them."""
    pieces = {
        "bar": scale_bar(frame.scale, min(36.0 * frame.text, frame.width / 4), frame.text,
                         look.paper),
        "arrow": north_arrow(spec.lang, frame.text, look.paper),
    }  # fmt: skip
    small = inset_block(spec, frame, look)
    if small is not None:
        pieces["inset"] = small
    if zoom is not None:
        pieces["zoom"] = zoom
    names = list(pieces)
    spots = {name: [_spot(pieces[name], frame, corner) for corner in _CORNERS] for name in names}
    selected, drawn = _selected(spec), _Drawn.of(spec, frame)
    struck = {name: [_covered(selected, spot, frame) for spot in spots[name]] for name in names}
    cost = {
        name: [
            struck[name][place] * 100 + drawn.covered(spot) * 3 + _LIKED[name][place]
            for place, spot in enumerate(spots[name])
        ]
        for name in names
    }
    best = min(
        itertools.permutations(range(len(_CORNERS)), len(names)),
        key=lambda order: sum(cost[name][at] for name, at in zip(names, order, strict=True)),
    )
    chosen = tuple(spots[name][at] for name, at in zip(names, best, strict=True))
    covered = sum(struck[name][at] for name, at in zip(names, best, strict=True))
    return Furnished(frame, chosen, covered)


def _spot(block: Block, frame: MapFrame, corner: str) -> Placed:
    """The block in a corner of the frame."""
    left, top, right, bottom = frame.box
    edge = EDGE * frame.text
    x = left + edge if corner.endswith("left") else right - edge - block.width
    y = top + edge if corner.startswith("top") else bottom - edge - block.height
    return Placed(block, x, y)


def _selected(spec: MapSpec) -> np.ndarray:
    """What must stay free, in metres: the selected districts, all of them for the city."""
    shown = spec.ground if spec.outline.empty else spec.outline
    return np.asarray(in_metres(shown).values)


def _covered(shapes: np.ndarray, spot: Placed, frame: MapFrame) -> float:
    """How much of ``shapes`` (metres) lies under a piece with a millimetre of air, mm²."""
    left, top, right, bottom = spot.box
    air = frame.text
    corners = frame.to_page.inverted().transform(
        [(left - air, bottom + air), (right + air, top - air)]
    )
    (west, south), (east, north) = corners
    seen = shapely.clip_by_rect(shapes, west, south, east, north)
    return float(shapely.area(seen).sum()) * frame.scale**2


@dataclass(frozen=True)
class _Drawn:
    """What the layer draws over the districts: areas in metres, points in mm of the page."""

    frame: MapFrame
    areas: np.ndarray
    points: np.ndarray

    @staticmethod
    def of(spec: MapSpec, frame: MapFrame) -> _Drawn:
        """The parts of ``spec`` but the coloured districts."""
        parts = [part for part in spec.parts if not part.coloured and len(part.frame)]
        areas = [in_metres(part.frame).values for part in parts if part.shape == "area"]
        points = [
            frame.to_page.transform(shapely.get_coordinates(in_metres(part.frame).values))
            for part in parts
            if part.shape == "point"
        ]
        return _Drawn(
            frame,
            np.concatenate([np.asarray(one) for one in areas]) if areas else np.array([]),
            np.vstack([np.empty((0, 2)), *points]),
        )

    def covered(self, spot: Placed) -> float:
        """Area under a piece in mm², a point counting for its disc of four pixels."""
        left, top, right, bottom = spot.box
        inside = (self.points > (left, top)).all(axis=1) & (self.points < (right, bottom)).all(
            axis=1
        )
        discs = inside.sum() * np.pi * (4 * MM_PER_PIXEL) ** 2
        areas = _covered(self.areas, spot, self.frame) if len(self.areas) else 0.0
        return float(discs) + areas


def inset_block(spec: MapSpec, frame: MapFrame, look: Look) -> Block | None:
    """The city with the selected area filled and the frame drawn; None for the whole city."""
    if spec.outline.empty or len(spec.outline) >= len(spec.ground):
        return None
    ground = in_metres(spec.ground)
    west, south, east, north = ground.total_bounds
    side = _INSET * frame.text
    scale = side / 1.1 / max(east - west, north - south)
    width, height = (east - west) * scale + side * 0.1, (north - south) * scale + side * 0.1
    to_block = (
        Affine2D()
        .translate(-(west + east) / 2, -(south + north) / 2)
        .scale(scale, -scale)
        .translate(width / 2, height / 2)
    )
    chosen = ground.index.isin(spec.outline.index)
    marks = (
        box(0, 0, width, height, look.sea, None),
        _outlines(ground[~chosen].values, to_block, look.paper, look.border),
        _outlines(ground[chosen].values, to_block, ACCENT, ACCENT),
        *_frame_line(frame, to_block, (width, height)),
        replace(box(0, 0, width, height, None, INK), width=0.5),
    )
    return Block(height, marks, width)


def _outlines(shapes: Sequence[object], to_block: Affine2D, fill: str, stroke: str) -> Shape:
    """Simplified outlines as one mark."""
    whole = shapely.union_all(np.asarray(shapes))
    # Slivers between two districts would show as holes.
    filled = shapely.polygons([shapely.get_exterior_ring(one) for one in shapely.get_parts(whole)])
    simple = shapely.multipolygons(shapely.simplify(filled, _SIMPLE_M))
    return Shape(shape_path(simple).transformed(to_block), fill, stroke, 0.25)


def _frame_line(frame: MapFrame, to_block: Affine2D, size: tuple[float, float]) -> list[Shape]:
    """The map's frame in the inset, as far as it lies inside; nothing where it holds it all."""
    west, south, east, north = frame.ground
    corners = to_block.transform([(west, north), (east, south)])
    (left, top), (right, bottom) = corners
    whole = left <= 0 and top <= 0 and right >= size[0] and bottom >= size[1]
    if whole:
        return []
    left, top = max(left, 0.0), max(top, 0.0)
    right, bottom = min(right, size[0]), min(bottom, size[1])
    return [replace(box(left, top, right - left, bottom - top, None, INK), width=0.7)]
