"""A MapSpec and the map's frame in, names that do not touch each other out, placed on the page."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

from bsh_geo import crs, fonts
from bsh_geo.mapspec import Label, MapSpec
from bsh_geo.marks import INK, MM_PER_PIXEL, PAPER, Words
from bsh_geo.print_frame import Box, MapFrame, in_metres, map_furniture

_RANK_SIZES = (7.0, 5.6)
_FEW = 4
"""With so few main names in the frame they are set a quarter larger."""

# Moves from the label's own place in its half width and height, nearest first.
_MOVES = np.array(
    sorted(
        (
            (dx, dy)
            for dx in (0.0, 0.35, -0.35, 0.7, -0.7, 1.05, -1.05)
            for dy in np.arange(-16, 17) / 8
        ),
        key=lambda move: (round(abs(move[0]) * 1.6 + abs(move[1]), 6), move),
    )
)
_FAR = (np.abs(_MOVES[:, 0]) * 1.6 + np.abs(_MOVES[:, 1])) ** 1.5
"""What a move costs: several small ones are better than one into the next district."""


def map_labels(spec: MapSpec, frame: MapFrame) -> list[Words]:
    """Names on the map that do not touch each other, the scale bar or the arrow.

    Rank 0 is moved a little where it must and always drawn; a lower rank is left out where it
    collides. Points are kept clear where that costs no collision.
    """
    left, top, right, bottom = frame.box
    seen = [
        (label, x, y)
        for label, (x, y) in zip(spec.labels, _label_places(spec.labels, frame), strict=True)
        if left < x < right and top < y < bottom
    ]
    enlarged = 1.25 if sum(label.rank == 0 for label, _, _ in seen) <= _FEW else 1.0
    taken: list[Box] = [
        (x - 0.8, y - 0.8, x + block.width + 0.8, y + block.height + 0.8)
        for block, x, y in map_furniture(frame, spec.lang)
    ]
    points = _point_boxes(spec, frame)
    drawn: list[Words] = []
    for label, x, y in sorted(seen, key=lambda one: one[0].rank):
        size = _RANK_SIZES[min(label.rank, 1)] * enlarged
        words = _label(label, (x, y), size, frame.box, np.array(taken), points)
        if words:
            drawn.append(words)
            taken.append(extent(words))
    return drawn


def _label_places(labels: Sequence[Label], frame: MapFrame) -> np.ndarray:
    """Where the labels belong on the page, mm, a row each."""
    if not labels:
        return np.empty((0, 2))
    lons, lats = [one.lon for one in labels], [one.lat for one in labels]
    points = crs.to_measure(gpd.GeoSeries.from_xy(lons, lats, crs=crs.DISPLAY))
    return np.asarray(frame.to_page.transform(shapely.get_coordinates(points.values)))


def _point_boxes(spec: MapSpec, frame: MapFrame) -> np.ndarray:
    """The boxes of all drawn points, mm, a row each."""
    boxes = [np.empty((0, 4))]
    for part in spec.parts:
        if part.shape == "point" and not part.frame.empty:
            metres = shapely.get_coordinates(in_metres(part.frame).values)
            centres = frame.to_page.transform(metres)
            radii = part.frame["radius"].to_numpy(dtype=float)[:, None] * MM_PER_PIXEL
            boxes.append(np.hstack([centres - radii, centres + radii]))
    return np.vstack(boxes)


def _label(
    label: Label,
    place: tuple[float, float],
    size: float,
    inside: Box,
    taken: np.ndarray,
    points: np.ndarray,
) -> Words | None:
    """The label at the best of its possible places; None where a lower rank finds none."""
    em = size * fonts.MM_PER_POINT
    half = fonts.width(label.text, size) / 2
    moves = _MOVES if label.rank == 0 else _MOVES[:1]
    x = np.clip(place[0] + moves[:, 0] * half, inside[0] + half + 1.5, inside[2] - half - 1.5)
    base = place[1] + (fonts.ASCENT - fonts.DESCENT) / 2 * em + moves[:, 1] * 1.2 * em
    y = np.clip(base, inside[1] + em + 1.5, inside[3] - 1.5)
    boxes = np.column_stack([x - half - 0.4, y - 0.9 * em, x + half + 0.4, y + 0.22 * em])
    struck = _overlaps(boxes, taken)
    if label.rank > 0 and struck[0] > 0:
        return None
    # Far moves are worse than a hidden point, anything is better than a hidden name.
    cost = struck * 1e3 + _overlaps(boxes, points) * 0.05 + _FAR[: len(moves)]
    best = int(np.argmin(cost))
    return Words(float(x[best]), float(y[best]), label.text, size, INK, "center", halo=PAPER)


def extent(words: Words) -> Box:
    """The box of centred words with a little air, mm of the page."""
    em = words.size * fonts.MM_PER_POINT
    half = fonts.width(words.text, words.size) / 2 + 0.4
    return words.x - half, words.y - 0.9 * em, words.x + half, words.y + 0.22 * em


def _overlaps(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The area in mm² that each of ``boxes`` shares with all of ``others``."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low, 0.0, None).prod(axis=2).sum(axis=1))
