"""A picture of classes in; its PNG for the browser and its cells in metres for print out.

Both are the same cells in the same colours: nothing is blended on the way to either.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np
import numpy.typing as npt
import pyproj

from bsh_geo.crs import MEASURE
from bsh_geo.mapspec import DrawnImage
from bsh_geo.nodes import between, hats, spread

MERCATOR = "EPSG:3857"
"""The projection of the browser's map: an image in it needs no warping there."""

Indices = npt.NDArray[np.uint8]
Bytes4 = npt.NDArray[np.uint8]

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
    across, down = hats(x, at_x), hats(y, at_y)
    left, bottom, right, top = mercator_bounds(image)
    high, wide = image.cells.shape
    col = np.floor((between(down, there[0], across) - left) / (right - left) * wide).astype(int)
    row = np.floor((top - between(down, there[1], across)) / (top - bottom) * high).astype(int)
    inside = (row >= 0) & (row < high) & (col >= 0) & (col < wide)
    found = np.zeros((rows, cols), np.uint8)
    found[inside] = image.cells[row[inside], col[inside]]
    return found
