"""The doors that bytes come in by, each as one function that raises nothing but a fault of ours."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial

import hostile

from bsh_geo import (
    land_zone_files,
    own_import,
    park_uploads,
    rasters,
    reading_import,
    sites,
)
from bsh_geo.errors import BshError
from bsh_geo.own_import import Options
from bsh_geo.project import Project, open_project
from bsh_geo.ui import state


@cache
def project() -> Project:
    """The shipped one."""
    return open_project()


def _site(name: str, content: bytes) -> None:
    sites.read(project(), content, name, "EPSG:4326")


def _readings(name: str, content: bytes) -> None:
    found = reading_import.preview(name, content, project())
    for one in found.files:
        counted = one.taken + one.left_out + one.rejected + one.repeated
        assert one.read == counted, (one.file, one.read, counted)


def _own(kind: str, name: str, content: bytes) -> None:
    said = Options(crs="EPSG:4326", datum="wgs84", quality="open", repair=True)
    own_import.preview(project(), kind, name, content, said)


def _raster(content: bytes) -> None:
    with rasters.opened(content, 1, "a.tif") as raster:
        rows, cols = min(raster.grid.rows, 64), min(raster.grid.cols, 64)
        raster.read(0, rows, 0, cols)


def _text(content: bytes) -> None:
    sites.pasted(project(), content.decode("utf-8", "replace"))


def _link(content: bytes) -> None:
    """The query of a link: the first parts as keys, whatever follows as values."""
    parts = content.decode("utf-8", "replace").split("&")
    query = dict(part.partition("=")[::2] for part in parts)
    state.parse(project(), query)


def _residents(content: bytes) -> None:
    park_uploads.people(project(), content, "a.csv", park_uploads.Folder())


def _zones(content: bytes) -> None:
    land_zone_files.zones_in(content, "a.geojson")


def _quiet(use: Callable[[bytes], None], content: bytes) -> None:
    """Our own sentences are an answer; anything else is a fault of the code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            use(content)
        except BshError as error:
            assert error.zh and error.en and "Traceback" not in error.zh


_USES: dict[str, Callable[[bytes], None]] = {
    **{f"site-{end}": partial(_site, f"a.{end}") for end in
       ("geojson", "gpkg", "zip", "kml", "fgb", "parquet", "csv", "xlsx")},
    **{f"readings-{end}": partial(_readings, f"a.{end}") for end in
       ("csv", "zip", "gz", "json", "xlsx", "parquet")},
    "own-stations-csv": partial(_own, "stations", "a.csv"),
    "own-redline-zip": partial(_own, "redline", "a.zip"),
    "own-redline-geojson": partial(_own, "redline", "a.geojson"),
    "own-parks-gpkg": partial(_own, "parks", "a.gpkg"),
    "own-indicators-csv": partial(_own, "indicators", "a.csv"),
    "residents-csv": _residents,
    "zones-geojson": _zones,
    "raster": _raster,
    "pasted": _text,
    "link": _link,
}  # fmt: skip

TARGETS: dict[str, Callable[[bytes], None]] = {
    name: partial(_quiet, use) for name, use in _USES.items()
}


def seeds(target: str) -> Iterator[bytes]:
    """Good files for a target."""
    place = hostile.feature(
        hostile.polygon([[121.4, 31.2], [121.5, 31.2], [121.5, 31.3], [121.4, 31.2]]), name="甲"
    )
    table = "name,lon,lat\n甲,121.47,31.23\n乙,121°28′12″E,31°13′N\n".encode()
    long = "站点,时间,PM2.5(μg/m³)\n1141A,2024-01-01 00:00,35\n1142A,2024/1/2 3:00,<5\n".encode()
    made: dict[str, Callable[[], bytes]] = {
        "geojson": lambda: hostile.collection(place, hostile.feature(hostile.point())),
        "gpkg": hostile.package,
        "kml": lambda: hostile.kml(hostile.mark() + hostile.mark("121.4,31.2,5")),
        "fgb": hostile.flat,
        "xlsx": lambda: hostile.workbook(hostile.sheet_of(hostile.HEAD, hostile.ROW)),
        "raster": hostile.good_tif,
        "pasted": (
            "甲：121.47, 31.23\n东经121度28分32.5秒 北纬31°13′43″\n121.4,31.2;121.5,31.2"
        ).encode,
        "link": "layer=air_quality&area=310115,310151&period=2024&lang=en&at=121.4,31.2".encode,
        "gz": lambda: hostile.gzip.compress(long),
        "json": lambda: '[{"站点":"1141A","时间":"2024-01-01 00:00","PM2.5":35}]'.encode(),
    }
    end = target.rpartition("-")[2]
    if end == "zip" and not target.startswith("readings"):
        yield hostile.shp({})
        yield hostile.zipped([("a.gdb/gdb", b"\5\0\0\0"), ("a.gdb/a00000001.gdbtable", bytes(90))])
    elif end == "zip":
        yield hostile.zipped([("a.csv", long), ("b.csv.gz", hostile.gzip.compress(long))])
    elif end == "parquet" and target.startswith("site"):
        yield hostile.columns_file(hostile.geo_columns(5))
    elif end == "parquet":
        yield hostile.columns_file(
            hostile.pa.table({"站点": ["1141A"], "时间": ["2024-01-01 00:00"], "PM2.5": [35.0]})
        )
    elif target == "own-indicators-csv":
        yield "指标,区,2023\n森林覆盖率,浦东新区,18.1\n森林覆盖率,崇明区,30.5\n".encode()
    elif target == "residents-csv":
        yield "区,人口\n黄浦区,100000\n浦东,5.6万\n合计,156000\n".encode()
    elif end == "csv":
        yield long if target.startswith("readings") else table
    else:
        yield made[end]()
