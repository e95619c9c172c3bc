"""A picture of classes in; its PNG for the browser and its cells in metres for print out.

Both are the same cells in the same colours: nothing is blended on the way to either.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyproj

from bsh_geo.crs import MEASURE
from bsh_geo.mapspec import DrawnImage
from bsh_geo.nodes import Numbers, spread

MERCATOR = "EPSG:3857"
"""The projection of the browser's map: an image in it needs no warping there."""

Indices = npt.NDArray[np.uint8]
Bytes4 = npt.NDArray[np.uint8]
Real = TypeVar("Real", np.float32, np.float64)

NODE_CELLS = 32


def colours(image: DrawnImage) -> Bytes4:
    """RGBA by index; index 0 is transparent."""
    found = np.zeros((len(image.palette) + 1, 4), np.uint8)
    for at, colour in enumerate(image.palette, start=1):
        found[at] = [*bytes.fromhex(colour[1:]), 255]
    return found


def png(image: DrawnImage) -> bytes:
    """The picture as a PNG with a palette."""
    cells = image.cells
    rows, cols = cells.shape
    depth = 4 if len(image.palette) < 16 else 8
    if depth == 4:
        even = np.pad(cells, ((0, 0), (0, cols % 2)))
        packed = (even[:, 0::2] << 4 | even[:, 1::2]).astype(np.uint8)
    else:
        packed = cells
    lines = np.pad(packed, ((0, 0), (1, 0)))  # each line starts with its filter: none
    table = colours(image)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", cols, rows, depth, 3, 0, 0, 0)),
            _chunk(b"PLTE", table[:, :3].tobytes()),
            _chunk(b"tRNS", b"\0"),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    checked = name + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def data_uri(image: DrawnImage) -> str:
    """The PNG as an address that holds it whole, so that nothing is requested."""
    return "data:image/png;base64," + b64encode(png(image)).decode("ascii")


def mercator_bounds(image: DrawnImage) -> tuple[float, float, float, float]:
    """west, south, east, north in metres of Web Mercator."""
    west, south, east, north = image.bounds
    move = pyproj.Transformer.from_crs("EPSG:4326", MERCATOR, always_xy=True)
    x, y = move.transform([west, east], [south, north])
    return float(x[0]), float(y[0]), float(x[1]), float(y[1])


def in_metres(
    image: DrawnImage, ground: tuple[float, float, float, float], cols: int, rows: int
) -> Indices:
    """Indices on a grid over ``ground`` (west, south, east, north in ``crs.MEASURE``), 0 outside.

    Each cell takes the picture's cell at its middle.
    """
    west, south, east, north = ground
    x = west + (np.arange(cols) + 0.5) * (east - west) / cols
    y = north - (np.arange(rows) + 0.5) * (north - south) / rows
    at_x, at_y = spread(x, NODE_CELLS), spread(y, NODE_CELLS)
    move = pyproj.Transformer.from_crs(MEASURE, MERCATOR, always_xy=True)
    there = move.transform(*np.meshgrid(at_x, at_y))
    left, bottom, right, top = mercator_bounds(image)
    high, wide = image.cells.shape
    col = _filled((there[0] - left) / (right - left) * wide, (x, y), (at_x, at_y))
    row = _filled((top - there[1]) / (top - bottom) * high, (x, y), (at_x, at_y))
    # A border of nothing around the picture takes what lies outside, so that no mask is needed.
    edged = np.pad(image.cells, 1).ravel()
    at = np.clip(row, -1, high, out=row)
    at += 1
    at *= wide + 2
    at += np.clip(col, -1, wide, out=col)
    at += 1
    found: Indices = edged.take(at)
    return found


def dots(image: DrawnImage, cells: Indices) -> Bytes4:
    """RGBA of each index: rows × columns × 4."""
    whole = colours(image).view(np.uint32).ravel()  # four bytes moved at once
    return np.take(whole, cells).view(np.uint8).reshape(*cells.shape, 4)


def _filled(
    known: Numbers, places: tuple[Numbers, Numbers], nodes: tuple[Numbers, Numbers]
) -> npt.NDArray[np.int32]:
    """Values known at nodes (rows of y, columns of x), between them at all places, rounded down."""
    downward = _along(known.T, places[1], nodes[1]).T
    # Single precision is a ten-thousandth of a cell here, and half the time.
    found = _along(downward.astype(np.float32), places[0], nodes[0])
    return np.floor(found, out=found).astype(np.int32)


def _along(known: npt.NDArray[Real], places: Numbers, nodes: Numbers) -> npt.NDArray[Real]:
    """Values known at evenly spaced nodes (columns), on straight lines between them at places."""
    at = (places - nodes[0]) / (nodes[1] - nodes[0])
    before = np.clip(np.floor(at).astype(int), 0, len(nodes) - 2)
    found: npt.NDArray[Real] = known[:, before]
    after = known[:, before + 1]
    after -= found
    after *= (at - before).astype(known.dtype)
    found += after
    return found
