"""The two coordinate systems of the product, each named once, and measures taken in them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pyproj
from shapely.geometry.base import BaseGeometry

DISPLAY = "EPSG:4326"
"""Everything stored and drawn in the browser: WGS 84 longitude and latitude in degrees."""

MEASURE = "+proj=laea +lat_0=31.2 +lon_0=121.5 +ellps=GRS80 +units=m +no_defs"
"""Areas, lengths and buffers, in metres.

Lambert azimuthal equal-area about the middle of the city on the CGCS2000 ellipsoid: areas are
true everywhere, and lengths are off by less than 0.01 % within 120 km.
"""


def on_earth(crs: pyproj.CRS) -> bool:
    """Whether a system leads to longitude and latitude: a grid of works without a place does not,
    nor does one of the Moon."""
    try:
        pyproj.Transformer.from_crs(crs, DISPLAY, always_xy=True)
    except pyproj.exceptions.ProjError:
        return False
    return True


def to_measure(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> gpd.GeoDataFrame | gpd.GeoSeries:
    """``frame`` in metres, for measuring. A frame without CRS is an error of the caller."""
    return frame.to_crs(MEASURE)


def area_km2(geometry: gpd.GeoSeries) -> pd.Series:
    """Area of each geometry in km², in ``MEASURE``; the index is kept."""
    areas: pd.Series = to_measure(geometry).area / 1e6
    return areas


def measured(shape: BaseGeometry) -> BaseGeometry:
    """One geometry of ``DISPLAY`` in metres."""
    moved: BaseGeometry = gpd.GeoSeries([shape], crs=DISPLAY).to_crs(MEASURE).iloc[0]
    return moved


def displayed(shape: BaseGeometry) -> BaseGeometry:
    """One geometry of ``MEASURE`` in degrees of ``DISPLAY``."""
    moved: BaseGeometry = gpd.GeoSeries([shape], crs=MEASURE).to_crs(DISPLAY).iloc[0]
    return moved
