"""A MapSpec and the map's frame in, names that do not touch each other out, placed on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from bsh_geo import crs, fonts
from bsh_geo.inset import Placed
from bsh_geo.mapspec import Label, MapSpec
from bsh_geo.marks import INK, MM_PER_PIXEL, PAPER, Mark, Words, disc, line
from bsh_geo.print_frame import Box, MapFrame, in_metres

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
_SMALL = (np.abs(_MOVES[:, 0]) <= 0.35) & (np.abs(_MOVES[:, 1]) <= 0.5)
"""The moves of a lower rank, which stays where it belongs."""
_LONGEST = 0.6
"""The part of the map's width that a name may take; a longer one ends with an ellipsis."""
_POINT_COST = 0.5
"""What a square millimetre of a hidden point costs."""

_RINGS = np.vstack(
    [
        radius * np.column_stack([np.sin(turn), np.cos(turn)])
        for radius in (5, 7, 9, 12, 15, 19, 24, 30, 38, 48, 60, 76, 95, 120)
        for turn in [np.arange(24) * np.pi / 12]
    ]
)
"""Where a name is tried that finds no place near its own: mm from it, nearest first."""


def map_labels(
    spec: MapSpec,
    frame: MapFrame,
    furniture: Sequence[Placed] = (),
    paper: str = PAPER,
    zoom: MapFrame | None = None,
    *,
    every: bool = False,
) -> list[Mark]:
    """Names on the map that touch neither each other nor the furniture, and none is cut.

    Rank 0 (with ``every`` any rank) is moved a little where it must, else set aside with a line to
    its place; a lower rank is left out where it collides, and where ``zoom`` shows it larger.
    Points are kept clear where that costs no collision.
    """
    seen = _seen(spec, frame, zoom)
    enlarged = 1.25 if sum(label.rank == 0 for label, _, _ in seen) <= _FEW else 1.0
    taken = [
        (x1 - 0.8, y1 - 0.8, x2 + 0.8, y2 + 0.8) for x1, y1, x2, y2 in (p.box for p in furniture)
    ]
    points = _point_boxes(spec, frame)
    drawn: list[Mark] = []
    for found, x, y in seen:
        size = _RANK_SIZES[min(found.rank, 1)] * enlarged * frame.text
        (text,) = fonts.cut(found.text, frame.width * _LONGEST, size, 1) or ("",)
        label = replace(found, text=text)
        words = _label(label, (x, y), size, frame.box, np.array(taken), points)
        if words is None and (label.rank == 0 or every):
            words = _set_aside(label, (x, y), size, frame.box, np.array(taken), points)
            drawn.extend(_leader(words, (x, y)) if words else [])
        if words:
            words = replace(words, halo=paper)
            drawn.append(words)
            taken.append(extent(words))
    return drawn


def _seen(
    spec: MapSpec, frame: MapFrame, zoom: MapFrame | None
) -> list[tuple[Label, float, float]]:
    """Labels that belong on the map with their places in mm, the first ranks first."""
    places = _label_places(spec.labels, frame)
    inside = _inside(places, frame)
    if zoom is not None:
        low = np.array([label.rank > 0 for label in spec.labels], dtype=bool)
        inside &= ~(low & _inside(_label_places(spec.labels, zoom), zoom))
    found = [
        (label, float(x), float(y))
        for label, (x, y), shown in zip(spec.labels, places, inside, strict=True)
        if shown
    ]
    return sorted(found, key=lambda one: one[0].rank)


def _inside(places: np.ndarray, frame: MapFrame) -> np.ndarray:
    """Which places (mm of the page, a row each) lie in the frame."""
    left, top, right, bottom = frame.box
    return np.asarray(((places > (left, top)) & (places < (right, bottom))).all(axis=1))


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
    """The label at the best of its possible places; None where it would touch something at all."""
    moves = _MOVES if label.rank == 0 else _MOVES[_SMALL]
    x, y, boxes = _at(label.text, place, size, inside, moves)
    struck = _overlaps(boxes, taken)
    # Far moves are worse than a hidden point, anything is better than a hidden name.
    far = _FAR if label.rank == 0 else _FAR[_SMALL]
    cost = struck * 1e3 + _overlaps(boxes, points) * _POINT_COST + far
    best = int(np.argmin(cost))
    if struck[best] > 0:
        return None
    return Words(float(x[best]), float(y[best]), label.text, size, INK, "center", halo=PAPER)


def _at(
    text: str, place: tuple[float, float], size: float, inside: Box, moves: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middles, baselines and boxes of ``text`` moved by ``moves`` from ``place``, in the frame."""
    em = size * fonts.MM_PER_POINT
    half = fonts.width(text, size) / 2
    x = np.clip(place[0] + moves[:, 0] * half, inside[0] + half + 1.5, inside[2] - half - 1.5)
    base = place[1] + (fonts.ASCENT - fonts.DESCENT) / 2 * em + moves[:, 1] * 1.2 * em
    y = np.clip(base, inside[1] + em + 1.5, inside[3] - 1.5)
    return x, y, np.column_stack([x - half - 0.4, y - 0.9 * em, x + half + 0.4, y + 0.22 * em])


def _set_aside(
    label: Label,
    place: tuple[float, float],
    size: float,
    inside: Box,
    taken: np.ndarray,
    points: np.ndarray,
) -> Words | None:
    """The label at the nearest free place of the frame; None where there is none left."""
    em = size * fonts.MM_PER_POINT
    half = max(fonts.width(label.text, size) / 2, 0.1)
    x, y, boxes = _at(label.text, place, size, inside, _RINGS / (half, 1.2 * em))
    middle = np.column_stack([x, y - 0.35 * em])
    far = np.hypot(*(middle - place).T)
    cost = far + _overlaps(boxes, points) + _crossed(middle, place, taken) * 4.0
    cost[_overlaps(boxes, taken) > 0] = np.inf
    best = int(np.argmin(cost))
    if not np.isfinite(cost[best]):
        return None
    return Words(float(x[best]), float(y[best]), label.text, size, INK, "center", halo=PAPER)


def _crossed(middles: np.ndarray, place: tuple[float, float], taken: np.ndarray) -> np.ndarray:
    """How many of ``taken`` the straight lines from ``place`` to each of ``middles`` cross."""
    if not len(taken):
        return np.zeros(len(middles))
    lines = shapely.linestrings(
        np.stack([np.broadcast_to(np.asarray(place), middles.shape), middles], axis=1)
    )
    boxes = np.asarray(shapely.box(*taken.T))
    return np.asarray(shapely.intersects(np.asarray(lines)[:, None], boxes[None, :]).sum(axis=1))


def _leader(words: Words, place: tuple[float, float]) -> list[Mark]:
    """A thin line from a name that was set aside to its place, with a dot at its end."""
    left, top, right, bottom = extent(words)
    start = (min(max(place[0], left), right), min(max(place[1], top), bottom))
    return [line([start, place], INK, 0.45), disc(*place, 0.4, INK)]


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
