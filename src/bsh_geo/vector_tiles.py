"""Points and areas of one tile in, a Mapbox Vector Tile (version 2) out.

Written for whole tiles at once: all numbers of the points of a tile are encoded in one pass.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

EXTENT = 4096
"""Units of a tile's side."""

LAYER = "features"
TAGS = ("key", "count", "radius")
"""Number of the class, how many features a mark stands for (absent: 1), radius in pixels."""

_POINT, _POLYGON = 1, 3
_MOVE, _LINE, _CLOSE = 1, 2, 7
Numbers = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Marks:
    """Points of a tile, each standing for ``counts`` features; ``x`` and ``y`` in its units."""

    ids: npt.NDArray[np.int64]
    x: npt.NDArray[np.int64]
    y: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    radii: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Areas:
    """Polygons of a tile, in its units and with y downwards, outer rings as the format wants them.

    Corners are moved to multiples of ``snap`` units, and those that then repeat are left out.
    """

    ids: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    shapes: npt.NDArray[np.object_]
    snap: int = 1


@dataclass
class _Values:
    """The values that the features of a tile refer to by number."""

    found: dict[int | float, int] = field(default_factory=dict)

    def number(self, value: int | float) -> int:
        return self.found.setdefault(value, len(self.found))

    def numbers(self, values: npt.NDArray[np.generic]) -> Numbers:
        distinct, inverse = np.unique(values, return_inverse=True)
        own = np.array([self.number(one.item()) for one in distinct], dtype=np.uint64)
        numbered: Numbers = own[inverse]
        return numbered


def encode(marks: Marks | None, areas: Areas | None) -> bytes:
    """The tile; areas come before marks, so that marks are drawn over them."""
    values = _Values()
    body = b"" if areas is None else _areas(areas, values)
    if marks is not None:
        single = marks.counts == 1
        body += _marks(marks, single, values, counted=False)
        body += _marks(marks, ~single, values, counted=True)
    keys = b"".join(_text(3, name) for name in TAGS)
    told = b"".join(_message(4, _value(one)) for one in values.found)
    inner = _text(1, LAYER) + body + keys + told + _number(5, EXTENT) + _number(15, 2)
    return _message(3, inner)


def varints(values: Numbers) -> bytes:
    """Whole numbers as base-128 varints, one after the other."""
    lengths = _lengths(values)
    ends = np.cumsum(lengths)
    place = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)
    digits = (np.repeat(values, lengths) >> (place * 7).astype(np.uint64)) & np.uint64(127)
    last = place == np.repeat(lengths, lengths) - 1
    return bytes((digits | np.where(last, 0, 128).astype(np.uint64)).astype(np.uint8))


def _lengths(values: Numbers) -> npt.NDArray[np.int64]:
    """Bytes that each number takes as a varint."""
    found = np.ones(values.shape, dtype=np.int64)
    for bits in range(7, 64, 7):
        found += values >= np.uint64(1 << bits)
    return found


def _zigzag(values: npt.NDArray[np.int64]) -> Numbers:
    return ((values << 1) ^ (values >> 63)).astype(np.uint64)


def _marks(marks: Marks, chosen: npt.NDArray[np.bool_], values: _Values, counted: bool) -> bytes:
    """The point features of the ``chosen`` marks, encoded as one table of numbers."""
    many = int(chosen.sum())
    if not many:
        return b""

    def same(number: int) -> Numbers:
        return np.full(many, number, dtype=np.uint64)

    tags = [same(0), values.numbers(marks.keys[chosen])]
    if counted:
        tags += [same(1), values.numbers(marks.counts[chosen])]
    if marks.radii is not None:
        tags += [same(2), values.numbers(marks.radii[chosen])]
    place = [same(_MOVE | 1 << 3), _zigzag(marks.x[chosen]), _zigzag(marks.y[chosen])]
    ids = marks.ids[chosen].astype(np.uint64)
    columns = [same(8), ids, same(18), _size(tags), *tags]
    columns += [same(24), same(_POINT), same(34), _size(place), *place]
    return varints(np.stack([same(18), _size(columns), *columns], axis=1).ravel())


def _size(columns: list[Numbers]) -> Numbers:
    """Bytes of a row of numbers."""
    found: Numbers = np.sum([_lengths(one) for one in columns], axis=0).astype(np.uint64)
    return found


def _areas(areas: Areas, values: _Values) -> bytes:
    """The features of the polygons, in their order; one that has no corners left has none."""
    points, ring, feature = _corners(areas)
    numbers, owner = _commands(points, ring, feature)
    content = varints(numbers)
    ends = np.cumsum(_lengths(numbers))
    # Where the numbers of each feature end, in bytes.
    last = np.flatnonzero(np.diff(owner, append=-1) != 0)
    starts = [0, *ends[last[:-1]].tolist()] if len(last) else []
    found = []
    for at, start, end in zip(owner[last].tolist(), starts, ends[last].tolist(), strict=True):
        tags = bytes([0]) + _varint(values.number(int(areas.keys[at])))
        head = _number(1, int(areas.ids[at])) + _message(2, tags) + _number(3, _POLYGON)
        found.append(_message(2, head + _message(4, content[start:end])))
    return b"".join(found)


Whole = npt.NDArray[np.int64]


def _corners(areas: Areas) -> tuple[Whole, Whole, Whole]:
    """The corners that are drawn, and the numbers of their rings and features."""
    parts, part_of = shapely.get_parts(areas.shapes, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    points = (np.rint(places / areas.snap) * areas.snap).astype(np.int64)
    # A corner goes where the next one of its ring is the same. The last of a ring goes too: it is
    # the first again, and left to the closing command.
    kept = np.r_[(points[1:] != points[:-1]).any(axis=1) & (ring[1:] == ring[:-1]), False]
    points, ring = points[kept[: len(points)]], ring[kept[: len(ring)]]
    enough = np.bincount(ring)[ring] > 2
    points, ring = points[enough], ring[enough]
    return points, ring, part_of[ring_of[ring]]


def _commands(points: Whole, ring: Whole, feature: Whole) -> tuple[Numbers, Whole]:
    """The rings as commands (move, lines by differences, close), and whose each number is."""
    steps = np.diff(points, axis=0, prepend=0)
    opens = np.flatnonzero(np.diff(feature, prepend=-1) != 0)
    steps[opens] = points[opens]  # a feature begins at the tile's corner
    starts = np.flatnonzero(np.diff(ring, prepend=-1) != 0)
    counts = np.diff(np.r_[starts, len(points)])
    # Each ring takes 3 numbers beside its corners: move, x, y, lines, x, y …, close.
    begins = np.cumsum(2 * counts + 3) - (2 * counts + 3)
    place = np.arange(len(points)) - np.repeat(starts, counts)
    at = np.repeat(begins, counts) + 2 * place + np.where(place == 0, 1, 2)
    numbers = np.zeros(int((2 * counts + 3).sum()), dtype=np.uint64)
    numbers[at], numbers[at + 1] = _zigzag(steps).T
    numbers[begins] = _MOVE | 1 << 3
    numbers[begins + 3] = _LINE | (counts - 1) << 3
    numbers[begins + 2 * counts + 2] = _CLOSE | 1 << 3
    return numbers, np.repeat(feature[starts], 2 * counts + 3)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _message(tag: int, content: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(content)) + content


def _text(tag: int, text: str) -> bytes:
    return _message(tag, text.encode())


def _value(value: int | float) -> bytes:
    """A whole number as ``uint_value``, one with decimals as ``double_value``."""
    if isinstance(value, int):
        return _number(5, value)
    return b"\x19" + struct.pack("<d", value)
