"""The land polygons of geo-maps, an npm package of OpenStreetMap's coast and waters of 2017.

The package keeps the world in one MultiPolygon of 130 MB, cut into tiles and thinned: inland waters
are only the corners of tiles. Its 1 m edition and its water bodies were compared for Shanghai: the
same triangles, and a coast that differs by less than 10 m.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import shapely
from features import polygons
from shapely.geometry.base import BaseGeometry

NPM_PACKAGE = "@geo-maps/earth-lands-10m@0.6.0"

SOURCE_BOX = (119.9, 29.9, 123.0, 32.6)
"""Part of the world's land that is read: west, south, east, north. Wider than what is drawn."""


def read_land(npm_dir: Path | None) -> list[BaseGeometry]:
    """OpenStreetMap's land within ``SOURCE_BOX``, in degrees, as polygons with their holes."""
    if npm_dir is not None:
        text = (npm_dir / "map.geo.json").read_text(encoding="utf-8")
    else:
        text = _pack()
    rings = json.loads(text)["geometries"][0]["coordinates"]
    clipped = (clip_polygon(polygon) for polygon in rings)
    parts = [part for shape in clipped if shape for part in shapely.get_parts(shape)]
    return [shape for part in parts for shape in polygons(shapely.make_valid(part))]


def _pack() -> str:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", NPM_PACKAGE], cwd=folder, check=True, timeout=300)
        archive = next(Path(folder).glob("*.tgz"))
        with tarfile.open(archive) as packed:
            member = packed.extractfile("package/map.geo.json")
            assert member is not None, f"{NPM_PACKAGE}: package/map.geo.json"
            return member.read().decode()


def clip_polygon(rings: list[list[list[float]]]) -> BaseGeometry | None:
    """A polygon of the source within ``SOURCE_BOX``, or None.

    Rings outside are left out before a polygon is built: Eurasia alone has millions of points.
    """
    shell, *holes = (np.asarray(ring, dtype=float)[:, :2] for ring in rings)
    if not _meets_box(shell):
        return None
    polygon = shapely.Polygon(shell, [hole for hole in holes if _meets_box(hole)])
    return shapely.clip_by_rect(polygon, *SOURCE_BOX)


def _meets_box(ring: np.ndarray) -> bool:
    west, south, east, north = SOURCE_BOX
    low, high = ring.min(axis=0), ring.max(axis=0)
    return bool(low[0] < east and high[0] > west and low[1] < north and high[1] > south)
