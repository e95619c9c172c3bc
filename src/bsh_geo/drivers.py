"""GDAL's vector drivers in, those that this product uses left: the others are taken out for good.

GDAL chooses a driver by a file's content. A VRT inside a file that is called .geojson, .kml or .shp
would make it open other files and addresses before anybody could ask which driver it was; so would
a pipeline or the description of a web service. Without their drivers such a file is only damaged.

It is done once, when the module is imported, and for the whole process: drivers that come and go
while other threads read would not be safe.
"""

from __future__ import annotations

import pyogrio
from pyogrio._ogr import _register_drivers

ALLOWED = frozenset(
    {
        *("GeoJSON", "GPKG", "FlatGeobuf", "ESRI Shapefile", "OpenFileGDB", "KML", "LIBKML"),
        *("OSM", "MEM", "Memory"),
    }
)
"""Drivers by name; nothing else can open a file."""

ENGINE = "pyogrio"
"""What geopandas reads with, so restricted."""

OPTIONS = {
    # Nothing is fetched, whatever a file points to.
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_MAX_RETRY": "0",
    # No neighbours of the file, no functions of SQL that open others.
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
    "LIBKML_RESOLVE_STYLE": "NO",
    # A feature of GeoJSON is held whole; the default of 200 MB is for servers of one user.
    "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
}


def restrict() -> None:
    """Take out every driver that is not in ``ALLOWED``; nothing happens where none is left.

    Raises
    ------
    RuntimeError
        One is still there: this build of GDAL does not obey, and no file must be opened with it.
    """
    others = sorted(set(pyogrio.list_drivers()) - ALLOWED)
    if not others:
        return  # done before: a list of none would bring all of them back
    pyogrio.set_gdal_config_options({**OPTIONS, "GDAL_SKIP": ",".join(others)})
    # GDAL looks at GDAL_SKIP whenever drivers are registered.
    _register_drivers()
    left = set(pyogrio.list_drivers()) - ALLOWED
    if left:
        raise RuntimeError(f"GDAL keeps the drivers {sorted(left)}")


restrict()
