"""What the scripts share: the folder of the data, polygons of a geometry, and GeoJSON writing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

DATA = Path(__file__).parents[1] / "data"
COASTAL = ("310113", "310115", "310116", "310120", "310151")
"""Districts on the estuary or on Hangzhou Bay; the others are land throughout."""
SLIVER_KM2 = 0.05  # what is smaller comes from the tens of metres between the two sources


def rounded_shapes(shapes: gpd.GeoSeries, decimals: int) -> gpd.GeoSeries:
    """Coordinates rounded, which keeps shared points shared; parts that vanish are dropped."""
    rounded = shapely.transform(shapes.array, lambda points: np.round(points, decimals))
    return gpd.GeoSeries(rounded, index=shapes.index, crs=shapes.crs)


def write_features(path: Path, frame: gpd.GeoDataFrame, decimals: int = 6) -> None:
    """GeoJSON with one feature per line; properties are the index and the columns."""
    rows = frame.set_geometry(rounded_shapes(frame.geometry, decimals)).reset_index()
    shapes = shapely.orient_polygons(shapely.normalize(rows.geometry.array))
    features = []
    for properties, shape in zip(
        rows.drop(columns="geometry").to_dict("records"), shapes, strict=True
    ):
        feature = {"type": "Feature", "properties": properties, "geometry": _geojson(shape)}
        features.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.relative_to(DATA)}: {len(rows)} features, {path.stat().st_size / 1000:.0f} kB")


def _geojson(shape: BaseGeometry) -> dict[str, Any]:
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return geometry


def polygons(shape: BaseGeometry) -> list[shapely.Polygon]:
    """The polygons of a geometry of any type; points and lines are left out."""
    parts: Iterable[BaseGeometry] = shapely.get_parts(shape, return_index=False)
    flat = [inner for part in parts for inner in shapely.get_parts(part)]
    return [part for part in flat if part.geom_type == "Polygon"]
