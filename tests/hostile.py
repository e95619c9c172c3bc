"""Bad and hostile files, made in memory: what an upload may hold when nobody means well.

``corpus(port)`` gives them by name. Those that try to fetch something ask a server of the test's at
that port; those that try to read something ask for ``SECRET`` in the folder given.
"""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyproj
from pyarrow import parquet
from shapely.geometry import Point, box

SECRET = "top-secret-of-another-user"
MB = 1 << 20
PLACE = (121.47, 31.23)

Files = dict[str, Callable[[], bytes]]


def corpus(port: int, secret: Path) -> Files:
    """Every file by its name, made when it is asked for."""
    groups = (archives(), json_files(), shapefiles(), packages(), xml_files(port, secret))
    more = (disguised(port, secret), rasters(), texts(), workbooks(port), columnar(), odd())
    found: Files = {}
    for group in (*groups, *more):
        assert not found.keys() & group.keys()
        found |= group
    return found


# Archives -------------------------------------------------------------------------------------

GOOD_CSV = "站点,时间,PM2.5(μg/m³)\n1141A,2024-01-01 00:00,35\n".encode()


def zipped(
    parts: Iterable[tuple[str | zipfile.ZipInfo, bytes]], how: int = zipfile.ZIP_DEFLATED
) -> bytes:
    made = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of double names, which are wanted here
        with zipfile.ZipFile(made, "w", how) as archive:
            for name, content in parts:
                archive.writestr(name, content)
    return made.getvalue()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info, target.encode()


def nested(depth: int) -> bytes:
    inner = GOOD_CSV
    for at in range(depth):
        inner = zipped([(f"{at}.zip" if at else "a.csv", inner)])
    return inner


def overlapping(count: int, size: int) -> bytes:
    """Many entries of the directory for the same packed bytes."""
    one = zipped([("a.csv", bytes(size))])
    end = one.rindex(b"PK\x05\x06")
    start = one.rindex(b"PK\x01\x02", 0, end)
    body, entry = one[:start], one[start:end]
    entries = entry * count
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(entries), len(body), 0)
    return body + entries + tail


def lying(content: bytes, size: int) -> bytes:
    """A zip whose heads claim another unpacked size."""
    made = bytearray(zipped([("a.csv", content)]))
    start = made.rindex(b"PK\x01\x02")
    made[start + 24 : start + 28] = struct.pack("<I", size)
    made[22:26] = struct.pack("<I", size)
    return bytes(made)


def moved(content: bytes, by: int) -> bytes:
    """A zip whose list of contents claims to begin elsewhere, and so do all its members."""
    made = bytearray(content)
    end = made.rindex(b"PK\x05\x06")
    (start,) = struct.unpack("<I", made[end + 16 : end + 20])
    made[end + 16 : end + 20] = struct.pack("<I", start + by)
    return bytes(made)


def beyond(content: bytes) -> bytes:
    """A zip whose last member begins farther than any file reaches."""
    start, end = content.rindex(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    entry, tail = bytearray(content[start:end]), bytearray(content[end:])
    place = struct.pack("<HHQ", 1, 8, 2**64 - 10)
    (length,) = struct.unpack("<H", entry[30:32])
    assert not length and len(entry) == 46 + struct.unpack("<H", entry[28:30])[0]
    entry[30:32], entry[42:46] = struct.pack("<H", len(place)), b"\xff" * 4
    (size,) = struct.unpack("<I", tail[12:16])
    tail[12:16] = struct.pack("<I", size + len(place))
    return content[:start] + entry + place + tail


def nameless() -> bytes:
    """A zip whose member has a name that ends before it begins."""
    return zipped([("!a.csv", GOOD_CSV)]).replace(b"!a.csv", b"\0a.csv")


def spoiled_inside(how: int, parts: dict[str, bytes]) -> bytes:
    """A zip packed in that way whose first member cannot be unpacked."""
    made = bytearray(zipped(parts.items(), how))
    start = 30 + len(next(iter(parts))) + 12
    made[start : start + 12] = b"\xa5" * 12
    return bytes(made)


def wrong_letters() -> bytes:
    """A zip with a name that is marked as UTF-8 and is none."""
    made = bytearray(zipped([("长.csv", GOOD_CSV)]))
    at = made.rindex("长".encode())
    made[at : at + 3] = b"\xff\xfe\xff"
    return bytes(made)


def wrong_crc() -> bytes:
    made = bytearray(zipped([("a.csv", GOOD_CSV)], zipfile.ZIP_STORED))
    at = made.index(b"1141A")
    made[at : at + 5] = b"9999A"
    return bytes(made)


def encrypted() -> bytes:
    made = bytearray(zipped([("a.csv", GOOD_CSV)]))
    made[6] |= 1
    made[made.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def archives() -> Files:
    names = ("/etc/cron.d/bsh", "../../evil.csv", "..\\..\\evil.csv", "C:\\evil.csv", "a\x00b.csv")
    long = "长" * 20_000 + ".csv"
    return {
        "ratio.zip": lambda: zipped([("a.csv", bytes(64 * MB))]),
        "nested-ratio.zip": lambda: zipped([("b.zip", zipped([("a.csv", bytes(40 * MB))]))] * 3),
        "deep.zip": lambda: nested(12),
        "many.zip": lambda: zipped([(f"{at}.csv", b"") for at in range(6_000)]),
        "many-nested.zip": lambda: zipped(
            [(f"{at}.zip", zipped([(f"{at}.csv", b"a,b\n1,2\n")])) for at in range(300)]
        ),
        "names.zip": lambda: zipped([(name, GOOD_CSV) for name in names]),
        "names-shp.zip": lambda: zipped(
            [(f"../../evil{end}", one) for end, one in shapefile_parts().items()]
        ),
        "long-name.zip": lambda: zipped([(long, GOOD_CSV)]),
        "link.zip": lambda: zipped([link("a.csv", "/etc/passwd"), link("a.shp", "/etc/passwd")]),
        "double.zip": lambda: zipped([("a.csv", GOOD_CSV), ("a.csv", b"x" * 99)]),
        "double-shp.zip": lambda: zipped(
            [(f"a{end}", one) for end, one in shapefile_parts().items()] + [("a.shp", b"")]
        ),
        "overlapping.zip": lambda: overlapping(400, 4 * MB),
        "lying-large.zip": lambda: lying(GOOD_CSV, 0xFFFFFFF0),
        "lying-small.zip": lambda: lying(bytes(8 * MB), 10),
        "wrong-crc.zip": wrong_crc,
        "moved.zip": lambda: moved(zipped([("a.csv", GOOD_CSV)]), 500),
        "moved-shp.zip": lambda: moved(shp({}), 500_000),
        "beyond.zip": lambda: beyond(zipped([("a.csv", GOOD_CSV)])),
        "beyond-shp.zip": lambda: beyond(shp({})),
        "wrong-letters.zip": wrong_letters,
        "nameless.zip": nameless,
        "nameless.xlsx": nameless,
        **{
            f"spoiled-{how}{kind}.zip": partial(spoiled_inside, how, parts)
            for how in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
            for kind, parts in (("", {"a.csv": GOOD_CSV * 9}), ("-shp", named_shapefile()))
        },
        "encrypted.zip": encrypted,
        "truncated.zip": lambda: zipped([("a.csv", GOOD_CSV * 50)])[:-40],
        "cut-in-half.zip": lambda: zipped([("a.shp", np.random.default_rng(1).bytes(9_000))])[
            :4500
        ],
        "empty.zip": lambda: zipped([]),
        "folders.zip": lambda: zipped([("a/", b""), ("a.gdb/", b"")]),
        "gdb-nonsense.zip": lambda: zipped(
            [("a.gdb/gdb", b"\5\0\0\0"), ("a.gdb/a00000001.gdbtable", bytes(200))]
        ),
        "gdb-names.zip": lambda: zipped(
            [("a.gdb/../../evil", b"x"), ("../x.gdb/a.gdbtable", b"y")]
        ),
        "lzma.zip": lambda: zipped([("a.csv", GOOD_CSV)], zipfile.ZIP_LZMA),
        "zip.csv": lambda: zipped([("a.csv", GOOD_CSV)]),
        "bomb.csv.gz": lambda: gzip.compress(bytes(80 * MB)),
        "bomb-in-gz.gz": lambda: gzip.compress(gzip.compress(bytes(80 * MB))),
        "gz-in-zip.zip": lambda: zipped([("a.gz", gzip.compress(bytes(60 * MB)))] * 4),
        "truncated.csv.gz": lambda: gzip.compress(GOOD_CSV * 2_000)[:-30],
        "gz-junk.csv.gz": lambda: gzip.compress(GOOD_CSV) + b"junk behind the end",
        "gz-head-only.gz": lambda: b"\x1f\x8b\x08\x00",
    }


# GeoJSON --------------------------------------------------------------------------------------


def collection(*features: Any, **more: Any) -> bytes:
    found = {"type": "FeatureCollection", **more, "features": list(features)}
    return json.dumps(found, ensure_ascii=True).encode()


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(lon: Any = PLACE[0], lat: Any = PLACE[1]) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


SQUARE = [[121.4, 31.2], [121.5, 31.2], [121.5, 31.3], [121.4, 31.3], [121.4, 31.2]]


def polygon(ring: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def scribble(count: int) -> bytes:
    spots = np.random.default_rng(7).random((count, 2)) / 5 + PLACE
    return collection(feature(polygon([*spots.tolist(), spots[0].tolist()]), name="乱线"))


def round_ring(corners: int) -> bytes:
    turn = np.linspace(0, 2 * np.pi, corners + 1)[:-1]
    spots = np.column_stack([np.cos(turn), np.sin(turn)]).round(7) / 20 + PLACE
    text = "],[".join(f"{x:.7f},{y:.7f}" for x, y in [*spots, spots[0]])
    ring = f'{{"type":"Polygon","coordinates":[[[{text}]]]}}'
    return f'{{"type":"Feature","properties":{{}},"geometry":{ring}}}'.encode()


def nest(depth: int) -> bytes:
    inner = b'{"type":"GeometryCollection","geometries":['
    return inner * depth + json.dumps(point()).encode() + b"]}" * depth


MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
UNSEEN = "\u202egpj.evil\u2066\u200b\u200d\ufeff正常"


def json_files() -> Files:
    head = b'{"type":"FeatureCollection","features":['
    world = [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]
    zigzag = [[121 + (at % 2), 31 + at / 1e5] for at in range(40_000)]
    return {
        "deep-list.geojson": lambda: b"[" * 200_000,
        "deep-coordinates.geojson": lambda: (
            b'{"type":"Polygon","coordinates":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        ),
        "deep-collection.geojson": lambda: nest(50_000),
        "nested-collection.geojson": lambda: nest(200),
        "deep-property.geojson": lambda: (
            head + b'{"type":"Feature","geometry":null,"properties":{"a":' + b'{"a":' * 900
            + b"1" + b"}" * 900 + b"}}]}"
        ),
        "list-names.geojson": lambda: collection(
            feature(polygon(SQUARE), name=[[[121.4, 31.2], [121.5, 31.2]], ["a"]], 编号=[1, 2]),
            feature(polygon(SQUARE), name=["甲", "乙"], 编号={"a": [1]}),
        ),
        "list-columns.geojson": lambda: collection(
            feature(polygon(SQUARE), name=["甲", "乙"], 编号=[1, 2], 面积=[1.5, 2.5]),
            feature(polygon(SQUARE), name=["丙"], 编号=[3], 面积=[]),
        ),
        "beyond-the-pole.geojson": lambda: collection(
            feature(polygon(SQUARE), name="甲"),
            feature(polygon([*SQUARE[:2], [121.4, 121.5], SQUARE[0]]), name="乙"),
        ),
        "deep-names.geojson": lambda: (
            head + b'{"type":"Feature","geometry":{"type":"Point","coordinates":[121.5,31.2]},'
            b'"properties":{"name":' + b"[" * 950 + b'"a"' + b"]" * 950 + b"}}]}"
        ),
        "nan.geojson": lambda: (
            head + b'{"type":"Feature","properties":{"v":NaN},"geometry":{"type":"Point",'
            b'"coordinates":[NaN,Infinity]}}]}'
        ),
        "huge-numbers.geojson": lambda: (
            head + b'{"type":"Feature","properties":{"v":1e400},"geometry":{"type":"Point",'
            b'"coordinates":[1e308,-1e308]}}]}'
        ),
        "long-integer.geojson": lambda: (
            head + b'{"type":"Feature","properties":{"v":' + b"9" * 5_000
            + b'},"geometry":null}]}'
        ),
        "no-coordinates.geojson": lambda: collection(feature({"type": "Polygon"})),
        "wrong-types.geojson": lambda: collection(
            feature({"type": "Polygon", "coordinates": "abc"}), feature(17), 5, None, [], "x"
        ),
        "properties-wrong.geojson": lambda: collection(
            {"type": "Feature", "properties": [1, 2], "geometry": point()}
        ),
        "features-object.geojson": lambda: b'{"type":"FeatureCollection","features":{"a":1}}',
        "unknown-type.geojson": lambda: b'{"type":"Topology","objects":{}}',
        "self-reference.geojson": lambda: (
            b'{"type":"FeatureCollection","features":["$ref"],"$ref":"#"}'
        ),
        "double-keys.geojson": lambda: (
            b'{"type":"FeatureCollection","features":[],"features":[{"type":"Feature",'
            b'"geometry":{"type":"Point","type":"Polygon","coordinates":[121,31]},'
            b'"properties":{"name":"a","name":"b"}}]}'
        ),
        "script.geojson": lambda: collection(
            feature(point(), name=MARKUP, **{MARKUP: MARKUP}), feature(point(121.4), name=UNSEEN)
        ),
        "surrogate.geojson": lambda: (
            head + b'{"type":"Feature","properties":{"name":"\\ud800","\\udfff":"x"},"geometry":'
            + json.dumps(point()).encode() + b"}]}"
        ),
        "nul-in-name.geojson": lambda: collection(feature(point(), **{"na\0me": "a\0b"})),
        "many-names.geojson": lambda: collection(
            *(feature(point(), **{f"n{at}": at}) for at in range(12_000))
        ),
        "long-name.geojson": lambda: collection(feature(point(), name="长" * 400_000)),
        "ring.geojson": lambda: round_ring(100_000),
        "large-ring.geojson": lambda: round_ring(1_000_000),
        "scribble.geojson": lambda: scribble(4_000),
        "small-scribble.geojson": lambda: scribble(600),
        "star.geojson": lambda: scribble(60),
        "world.geojson": lambda: collection(*(feature(polygon(world)) for _ in range(2_000))),
        "zigzag.geojson": lambda: collection(
            *(feature({"type": "LineString", "coordinates": zigzag}) for _ in range(3))
        ),
        "bowties.geojson": lambda: collection(
            *(feature(polygon([[121, 31], [121.1, 31.1], [121.1, 31], [121, 31.1], [121, 31]]))
              for _ in range(2_000))
        ),
        "one-corner.geojson": lambda: collection(feature(polygon([list(PLACE)] * 4))),
        "open-ring.geojson": lambda: collection(
            feature(polygon([[121, 31], [121.1, 31], [121, 31.1]]))
        ),
        "no-features.geojson": lambda: collection(),
        "null-geometry.geojson": lambda: collection(feature(None, name="a"), feature(None)),
        "crs-nonsense.geojson": lambda: collection(
            feature(point()), crs={"type": "link", "properties": {"href": "file:///etc/passwd"}}
        ),
        "crs-moon.geojson": lambda: collection(
            feature(point()), crs={"type": "name", "properties": {"name": "ESRI:104903"}}
        ),
        "crs-pipeline.geojson": lambda: collection(
            feature(point()),
            crs={
                "type": "name",
                "properties": {"name": "+proj=pipeline +step +init=/etc/passwd:1"},
            },
        ),
        "truncated.geojson": lambda: collection(feature(point(), name="a" * 99))[:-20],
        "utf16.geojson": lambda: collection(feature(point())).decode().encode("utf-16"),
        "bom-only.geojson": lambda: b"\xef\xbb\xbf",
        "list.json": lambda: json.dumps([{"站点": "1141A", "a": [1] * 9}] * 3).encode(),
        "numbers.json": lambda: b"[1,2,3]",
    }  # fmt: skip


# Systems of coordinates that lead to no place on earth --------------------------------------

MOON = (
    'GEOGCS["GCS_Moon_2000",DATUM["D_Moon_2000",SPHEROID["Moon_2000_IAU_IAG",1737400,0]],'
    'PRIMEM["Reference_Meridian",0],UNIT["Degree",0.0174532925199433]]'
)
LOCAL = 'LOCAL_CS["works",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]'
HEIGHT = 'VERT_CS["height",VERT_DATUM["sea",2005],UNIT["metre",1],AXIS["up",UP]]'


# Shapefiles -----------------------------------------------------------------------------------


@cache
def shapefile_parts() -> dict[str, bytes]:
    frame = gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=[box(121.4, 31.2, 121.5, 31.3)] * 2,
                             crs="EPSG:4326")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / "a.shp", encoding="UTF-8", engine="pyogrio")
        return {one.suffix: one.read_bytes() for one in sorted(Path(folder).iterdir())}


def named_shapefile() -> dict[str, bytes]:
    """The parts of a Shapefile by name."""
    return {f"a{end}": part for end, part in shapefile_parts().items()}


def shp(changes: dict[str, bytes | None]) -> bytes:
    parts = {**shapefile_parts(), **changes}
    return zipped((f"a{end}", one) for end, one in parts.items() if one is not None)


def patched(end: str, at: int, new: bytes) -> bytes:
    old = shapefile_parts()[end]
    return shp({end: old[:at] + new + old[at + len(new) :]})


def shapefiles() -> Files:
    most = struct.pack(">i", 0x7FFFFFFF)
    return {
        "no-dbf.zip": lambda: shp({".dbf": None}),
        "no-shx.zip": lambda: shp({".shx": None}),
        "no-shp.zip": lambda: shp({".shp": None}),
        "no-prj.zip": lambda: shp({".prj": None}),
        "empty-shp.zip": lambda: shp({".shp": b"", ".shx": b"", ".dbf": b""}),
        "bad-cpg.zip": lambda: shp({".cpg": b"../../etc/passwd\0\xff" * 99}),
        "python-cpg.zip": lambda: shp({".cpg": b"unicode_escape"}),
        "zlib-cpg.zip": lambda: shp({".cpg": b"zlib_codec"}),
        "bad-prj.zip": lambda: shp({".prj": b"PROJCS[" * 5_000}),
        "moon-prj.zip": lambda: shp({".prj": MOON.encode()}),
        "local-prj.zip": lambda: shp({".prj": LOCAL.encode()}),
        "height-prj.zip": lambda: shp({".prj": HEIGHT.encode()}),
        "prj-path.zip": lambda: shp({".prj": b"+init=/etc/passwd:1"}),
        "prj-pipeline.zip": lambda: shp(
            {".prj": b"+proj=pipeline +step +proj=hgridshift +grids=/vsicurl/http://127.0.0.1:1/x"}
        ),
        "long-file.zip": lambda: patched(".shp", 24, most),
        "negative-file.zip": lambda: patched(".shp", 24, struct.pack(">i", -5)),
        "long-record.zip": lambda: patched(".shp", 104, most),
        "negative-parts.zip": lambda: patched(".shp", 144, struct.pack("<i", -1)),
        "many-parts.zip": lambda: patched(".shp", 144, struct.pack("<i", 0x0FFFFFFF)),
        "negative-points.zip": lambda: patched(".shp", 148, struct.pack("<i", -9)),
        "many-points.zip": lambda: patched(".shp", 148, struct.pack("<i", 0x0FFFFFFF)),
        "part-offset.zip": lambda: patched(".shp", 152, struct.pack("<i", 0x7FFFFFF0)),
        "unknown-shape.zip": lambda: patched(".shp", 32, struct.pack("<i", 99)),
        "nan-corner.zip": lambda: patched(".shp", 156, struct.pack("<d", float("nan"))),
        "shx-offset.zip": lambda: patched(".shx", 100, most * 2),
        "dbf-rows.zip": lambda: patched(".dbf", 4, struct.pack("<I", 0xFFFFFFFF)),
        "dbf-width.zip": lambda: patched(".dbf", 10, b"\0\0"),
        "dbf-head.zip": lambda: patched(".dbf", 8, b"\xff\xff"),
        "dbf-nonsense.zip": lambda: shp({".dbf": np.random.default_rng(3).bytes(3_000)}),
        "a.shp": lambda: shapefile_parts()[".shp"],
    }


# GeoPackage and SQLite ------------------------------------------------------------------------


@cache
def package() -> bytes:
    frame = gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=[Point(PLACE)] * 2, crs="EPSG:4326")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        frame.to_file(path, layer="sites", engine="pyogrio")
        return path.read_bytes()


def edited(*statements: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        path.write_bytes(package())
        with closing(sqlite3.connect(path, isolation_level=None)) as base:
            # Triggers of the index ask for functions that only GDAL has.
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
                base.execute(f'DROP TRIGGER "{name}"')
            for statement in statements:
                base.execute(statement)
        return path.read_bytes()


def database(*statements: str, mark: bytes = b"") -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with closing(sqlite3.connect(path)) as base:
            for statement in statements:
                base.execute(statement)
            base.commit()
        made = bytearray(path.read_bytes())
    made[68 : 68 + len(mark)] = mark
    return bytes(made)


ENDLESS = (
    "CREATE VIEW {name} AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
    "SELECT n AS fid, {columns} FROM c"
)
LAYER = (
    "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id) "
    "VALUES ('{0}', 'features', '{0}', 4326)",
    "INSERT INTO gpkg_geometry_columns VALUES ('{0}', 'geom', 'POINT', 4326, 0, 0)",
)
VIRTUAL = (
    "PRAGMA writable_schema = ON",
    "INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING {0}')",
)


def packages() -> Files:
    layer = [one.format("v") for one in LAYER]
    geom = "(SELECT geom FROM sites LIMIT 1) AS geom"
    return {
        "endless-view.gpkg": lambda: edited(ENDLESS.format(name="v", columns=geom), *layer),
        "unlisted-view.gpkg": lambda: edited(ENDLESS.format(name="v", columns="1 AS one")),
        "endless-contents.gpkg": lambda: edited(
            "ALTER TABLE gpkg_contents RENAME TO old",
            ENDLESS.format(
                name="gpkg_contents", columns="'v' AS table_name, 'features' AS data_type"
            ),
        ),
        "endless-systems.gpkg": lambda: edited(
            "ALTER TABLE gpkg_spatial_ref_sys RENAME TO old2",
            ENDLESS.format(name="gpkg_spatial_ref_sys", columns="n AS srs_id, 'x' AS definition"),
        ),
        "bomb-column.gpkg": lambda: edited(
            "ALTER TABLE sites ADD COLUMN big GENERATED ALWAYS AS (zeroblob(500000000)) VIRTUAL"
        ),
        "trigger.gpkg": lambda: edited(
            "CREATE TRIGGER t AFTER INSERT ON sites BEGIN DELETE FROM sites; END"
        ),
        "virtual-text.gpkg": lambda: edited(
            *(one.format("VirtualText(''/etc/passwd'', UTF-8, 0, COMMA)") for one in VIRTUAL)
        ),
        "virtual-ogr.gpkg": lambda: edited(
            *(one.format("VirtualOGR(''/etc/passwd'')") for one in VIRTUAL), *layer
        ),
        "name-sql.gpkg": lambda: edited(
            'ALTER TABLE sites RENAME TO "a\'; DROP TABLE x; --"',
            "UPDATE gpkg_contents SET table_name = 'a''; DROP TABLE x; --'",
            "UPDATE gpkg_geometry_columns SET table_name = 'a''; DROP TABLE x; --'",
        ),
        "fault-no-text.gpkg": lambda: edited(
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET name = CAST(x'9797' AS TEXT), sql = 'CREATE TABLE ('"
            " WHERE name = 'sites'",
        ),
        "wrong-blob.gpkg": lambda: edited("UPDATE sites SET geom = x'47500001ffff'"),
        "huge-blob.gpkg": lambda: edited(
            "UPDATE sites SET geom = x'4750000100000000' || x'0103000000ffffff7fffffff7f'"
        ),
        "text-geometry.gpkg": lambda: edited("UPDATE sites SET geom = 'POINT(1 1)'"),
        "system-missing.gpkg": lambda: edited(
            "PRAGMA foreign_keys = OFF", "UPDATE gpkg_geometry_columns SET srs_id = 987654"
        ),
        "moon.gpkg": lambda: edited(
            f"UPDATE gpkg_spatial_ref_sys SET definition = '{MOON}' WHERE srs_id = 4326"
        ),
        "no-layers.gpkg": lambda: edited("DELETE FROM gpkg_contents"),
        "no-rows.gpkg": lambda: edited("DELETE FROM sites"),
        "many-fields.gpkg": lambda: edited(
            *(f"ALTER TABLE sites ADD COLUMN c{at} TEXT" for at in range(600))
        ),
        "sqlite.gpkg": lambda: database("CREATE TABLE t(a)"),
        "marked.gpkg": lambda: database("CREATE TABLE t(a)", mark=b"GP10"),
        "truncated.gpkg": lambda: package()[: len(package()) // 2],
        "zeroed.gpkg": lambda: package()[:4096] + bytes(len(package()) - 4096),
        "scrambled.gpkg": lambda: package()[:8192] + bytes(one ^ 0x5A for one in package()[8192:]),
    }


# XML ------------------------------------------------------------------------------------------


def kml(inside: str, before: str = "", space: str = "http://www.opengis.net/kml/2.2") -> bytes:
    root = f'<kml xmlns="{space}"><Document>{inside}</Document></kml>'
    return f'<?xml version="1.0"?>{before}{root}'.encode()


def mark(place: str = "121.47,31.23", name: str = "a") -> str:
    point = f"<Point><coordinates>{place}</coordinates></Point>"
    return f"<Placemark><name>{name}</name>{point}</Placemark>"


def laughs() -> str:
    rows = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    return f'<!DOCTYPE kml [<!ENTITY l0 "ha">{rows}]>'


def xml_files(port: int, secret: Path) -> Files:
    url = f"http://127.0.0.1:{port}"
    outside = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "file://{secret}">]>'
    remote = f'<!DOCTYPE kml SYSTEM "{url}/kml.dtd">'
    follow = (
        f"<NetworkLink><Link><href>{url}/a.kml</href></Link></NetworkLink>"
        f"<GroundOverlay><Icon><href>{url}/a.png</href></Icon></GroundOverlay>"
        f"<styleUrl>{url}/style.kml#a</styleUrl><Schema schemaUrl='{url}/x'/>"
    )
    return {
        "laughs.kml": lambda: kml(mark(name="&l9;"), laughs()),
        "laughs-lower.kml": lambda: kml(mark(name="&l9;"), laughs().replace("DOCTYPE", "doctype")),
        "entity.kml": lambda: kml(mark(name="&x;"), outside),
        "late-doctype.kml": lambda: kml(mark(name="&x;"), "<!--" + "x" * 9_000 + "-->" + outside),
        "remote-dtd.kml": lambda: kml(mark(), remote),
        "links.kml": lambda: kml(mark() + follow),
        "far.kml": lambda: kml(mark("1e400,NaN") + mark("99999,99999")),
        "no-places.kml": lambda: kml(""),
        "deep.kml": lambda: kml("<Folder>" * 30_000 + mark() + "</Folder>" * 30_000),
        "unclosed.kml": lambda: kml("<Placemark>")[:-20],
        "utf7.kml": lambda: b'<?xml version="1.0" encoding="UTF-7"?><kml>+ADw-a+AD4-</kml>',
        "utf16.kml": lambda: kml(mark()).decode().encode("utf-16"),
        "script.kml": lambda: kml(mark(name="<![CDATA[" + MARKUP + "]]>")),
        "html.kml": lambda: b"<html><body>not here</body></html>",
        "osm.kml": lambda: b"<osm><kml/><node id='1' lat='31' lon='121'/></osm>",
        "long-text.kml": lambda: kml(mark(name="a" * 12_000_000)),
    }


# Other drivers in the clothes of a known one ---------------------------------------------------


def vrt(source: str) -> str:
    return (
        f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{source}</SrcDataSource>"
        "<SrcLayer>secret</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    )


def raster_vrt(source: str) -> bytes:
    return (
        '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1">'
        f"<SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    ).encode()


def disguised(port: int, secret: Path) -> Files:
    away = vrt(f"/vsicurl/http://127.0.0.1:{port}/a.csv")
    near = vrt(str(secret))
    wfs = f"<OGRWFSDataSource><URL>http://127.0.0.1:{port}/wfs</URL></OGRWFSDataSource>"
    parts = shapefile_parts()
    return {
        "vrt.geojson": lambda: away.encode(),
        "vrt-inside.geojson": lambda: json.dumps(
            {"type": "FeatureCollection", "name": away, "features": [feature(point())]}
        ).encode(),
        "vrt-first.geojson": lambda: json.dumps(
            {"a": near, "type": "FeatureCollection", "features": [feature(point())]}
        ).encode(),
        "vrt.kml": lambda: away.replace("<OGRVRTDataSource>", "<OGRVRTDataSource><kml/>").encode(),
        "vrt-second-root.kml": lambda: kml(mark()) + away.encode(),
        "vrt-near.kml": lambda: kml(mark()) + near.encode(),
        "vrt-comment.kml": lambda: kml(f"<!-- {away} -->{mark()}"),
        "wfs.kml": lambda: f"<kml/>{wfs}".encode(),
        "vrt.fgb": lambda: b"fgb" + away.encode(),
        "vrt-shp.zip": lambda: zipped([("a.shp", away.encode()), ("a.shx", b""), ("a.dbf", b"")]),
        "vrt-near-shp.zip": lambda: zipped(
            [("a.shp", near.encode()), ("a.shx", parts[".shx"]), ("a.dbf", parts[".dbf"])]
        ),
        "vrt-shx.zip": lambda: shp({".shx": away.encode(), ".dbf": away.encode()}),
        "vrt.gpkg": lambda: away.encode(),
        "vrt-gdb.zip": lambda: zipped(
            [("a.gdb/a.vrt", away.encode()), ("a.gdb/gdb", near.encode())]
        ),
        "pipeline.geojson": lambda: json.dumps(
            {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline read {secret}"}
        ).encode(),
        "service.geojson": lambda: json.dumps(
            {"type": "FeatureCollection", "links": [{"href": f"http://127.0.0.1:{port}/next",
             "rel": "next"}], "features": [feature(point())]}
        ).encode(),
        "vrt.tif": lambda: raster_vrt(f"/vsicurl/http://127.0.0.1:{port}/a.tif"),
        "vrt-near.tif": lambda: raster_vrt(str(secret)),
        "wms.tif": lambda: (
            f"<GDAL_WMS><Service name='TMS'><ServerUrl>http://127.0.0.1:{port}/</ServerUrl>"
            "</Service></GDAL_WMS>"
        ).encode(),
        "zarr.tif": lambda: b'{"zarr_format": 2}',
        "picture.csv": lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200),
        "program.csv": lambda: b"\x7fELF" + np.random.default_rng(5).bytes(4_000),
        "old-excel.xlsx": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "page.geojson": lambda: b"<!doctype html><title>404</title>",
    }  # fmt: skip


# GeoTIFF --------------------------------------------------------------------------------------


def tiff(tags: list[tuple[int, int, int, int]], body: bytes = bytes(64), follow: int = 0) -> bytes:
    """A little-endian TIFF of one directory: (tag, type, count, value), which must be sorted."""
    entries = b"".join(struct.pack("<HHII", *one) for one in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", follow) + body


def plain(width: int, height: int, **other: int) -> list[tuple[int, int, int, int]]:
    """Tags of a raster of bytes in one strip."""
    use = {"bits": 8, "compression": 1, "samples": 1, "rows": height, "offset": 200, "count": 64}
    use |= other
    return [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, use["bits"]),
        (259, 3, 1, use["compression"]), (262, 3, 1, 1), (273, 4, 1, use["offset"]),
        (277, 3, 1, use["samples"]), (278, 4, 1, use["rows"]), (279, 4, 1, use["count"]),
        (339, 3, 1, 1),
    ]  # fmt: skip


@cache
def good_tif() -> bytes:
    from land_rasters import tif

    return tif(np.arange(3_600, dtype=np.uint8).reshape(60, 60), step=0.01)


def placed_tif(crs: str) -> bytes:
    """A small raster in a CRS of that text."""
    from land_rasters import tif

    return tif(np.ones((60, 60), np.uint8), step=0.01, crs=crs)


def wrong_system() -> bytes:
    """A raster whose system is of no kind and has a name that is no text."""
    kind = struct.pack("<HHHH", 1024, 0, 1, 2)
    assert good_tif().count(kind) == good_tif().count(b"WGS 84|") == 1
    other = struct.pack("<HHHH", 1126, 0, 1, 2)
    return good_tif().replace(kind, other).replace(b"WGS 84|", b"WGS 8\xe1|")


def sparse(side: int) -> bytes:
    from affine import Affine
    from rasterio.io import MemoryFile

    place = Affine.translation(120.9, 31.9) @ Affine.scale(1.3 / side, -1.3 / side)
    about = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "uint8",
             "crs": "EPSG:4326", "transform": place, "tiled": True, "blockxsize": 1024,
             "blockysize": 1024, "SPARSE_OK": True, "compress": "deflate"}  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**about) as made:
            made.write(np.ones((1, 1), np.uint8), 1, window=((0, 1), (0, 1)))
        return bytes(memory.read())


def rasters() -> Files:
    return {
        "moon.tif": lambda: placed_tif(MOON),
        "wrong-letters.tif": wrong_system,
        "local.tif": lambda: placed_tif(LOCAL),
        "truncated.tif": lambda: good_tif()[: len(good_tif()) // 2],
        "head-only.tif": lambda: b"II*\0",
        "no-directory.tif": lambda: b"II*\0" + struct.pack("<I", 0xFFFFFF00),
        "loop.tif": lambda: tiff(plain(8, 8), follow=8),
        "huge.tif": lambda: tiff(plain(0x7FFFFFFF, 0x7FFFFFFF)),
        "huge-strip.tif": lambda: tiff(plain(400_000, 400_000, rows=400_000)),
        "many-bands.tif": lambda: tiff(plain(4_096, 4_096, samples=65_535)),
        "bad-offset.tif": lambda: tiff(plain(8, 8, offset=0xFFFFFFF0)),
        "no-size.tif": lambda: tiff(plain(0, 0)),
        "unknown-compression.tif": lambda: tiff(plain(8, 8, compression=60_001)),
        "many-tags.tif": lambda: b"II*\0" + struct.pack("<IH", 8, 0xFFFF) + bytes(2_000),
        "tag-counts.tif": lambda: tiff([*plain(8, 8), (33_550, 12, 0xFFFFFFFF, 8)]),
        "big-tiff.tif": lambda: b"II+\0" + struct.pack("<HHQ", 8, 0, 1 << 62),
        "sparse.tif": lambda: sparse(20_000),
        "scrambled.tif": lambda: good_tif()[:400] + bytes(one ^ 0xA5 for one in good_tif()[400:]),
        "empty.tif": lambda: b"",
    }


# Separated text -------------------------------------------------------------------------------


def rows_of(*rows: str, head: str = "站点,时间,PM2.5(μg/m³)") -> bytes:
    return "\n".join([head, *rows, ""]).encode()


SITES = "name,lon,lat"


def texts() -> Files:
    odd_values = (
        "1e400",
        "inf",
        "-inf",
        "NaN",
        "½",
        "１２",
        "0x1F",
        "1_000",
        "1,5",
        "++1",
        "−3",
        "",
    )
    markup = MARKUP.replace('"', '""')
    many = ",".join(f"c{at}" for at in range(50_000))
    dates = ("0000-00-00", "9999-12-31 23:00", "2024-13-45", "1900-01-01", "2024-02-30 25:00")
    return {
        "empty.csv": lambda: b"",
        "bom.csv": lambda: b"\xef\xbb\xbf",
        "bom-line.csv": lambda: b"\xef\xbb\xbf\n",
        "blank.csv": lambda: b"\n" * 100_000,
        "spaces.csv": lambda: b" " * 200_000,
        "head-only.csv": lambda: rows_of(),
        "one-column.csv": lambda: "\n浦东 5.6万\n\n".encode(),
        "no-district.csv": lambda: "指标,区,2023\n森林覆盖率,海淀区,15.5\n".encode(),
        "nul.csv": lambda: rows_of("1141A,2024-01-01 00:00,3\x005"),
        "nul-late.csv": lambda: rows_of(*["1141A,2024-01-01 00:00,35"] * 20_000) + b"\0" * 99,
        "mixed.csv": lambda: rows_of("1141A,2024-01-01 00:00,35") + "普陀站,坏".encode("gb18030"),
        "latin.csv": lambda: "name,lon,lat\ncaf\xe9 \xff\xfe,121.4,31.2\n".encode("latin-1"),
        "utf16.csv": lambda: rows_of("1141A,2024-01-01 00:00,35").decode().encode("utf-16"),
        "bom-then-none.csv": lambda: b"\xef\xbb\xbfa,b\n\xff\xfe,1\n",
        "half-sign.csv": lambda: b"\xff\xfea\0,\0\x00\xdc\n\0",
        "half-sign-late.csv": lambda: (
            rows_of(*["1141A,2024-01-01 00:00,35"] * 9_000).decode().encode("utf-16")
            + b"\x00\xdca\0"
        ),
        "utf16-odd.csv": lambda: b"\xff\xfea\0b\0c",
        "utf32.csv": lambda: rows_of("1141A,2024-01-01 00:00,35").decode().encode("utf-32"),
        "long-field.csv": lambda: rows_of(f"1141A,2024-01-01 00:00,{'9' * MB}"),
        "quote.csv": lambda: rows_of(*['1141A,2024-01-01 00:00,"35'] * 30_000),
        "quotes.csv": lambda: rows_of(*['"""a""","b""c",""'] * 500),
        "wide.csv": lambda: f"{many}\n{',' * 49_999}".encode(),
        "wide-sites.csv": lambda: f"{SITES},{many}\na,121.4,31.2{',' * 50_000}".encode(),
        "commas.csv": lambda: b"," * 6_000_000,
        "ragged.csv": lambda: rows_of("1141A", "1141A,2024-01-01 00:00,35,9,9,9", ",,,,,,", "x"),
        "ragged-sites.csv": lambda: f"{SITES}\na,121.4\nb,121.4,31.2,9\n".encode(),
        "double-heads.csv": lambda: b"lon,lon,lat,name\n121.4,121.4,31.2,a\n",
        "formulas.csv": lambda: rows_of(
            "1141A,2024-01-01 00:00,=1+1", "=cmd|' /C calc'!A0,@SUM(1),-2+3"
        ),
        "formula-sites.csv": lambda: (
            f'{SITES}\n"=HYPERLINK(""http://x"",""a"")",121.4,31.2\n+1,121.41,31.2\n'
        ).encode(),
        "markup.csv": lambda: f'{SITES}\n"{markup}",121.4,31.2\n'.encode(),
        "unseen.csv": lambda: f"{SITES}\n{UNSEEN},121.4,31.2\n\u200b,121.4,31.21\n".encode(),
        "odd-values.csv": lambda: rows_of(
            *(f'1141A,2024-01-{at:02} 00:00,"{one}"' for at, one in enumerate(odd_values, 1))
        ),
        "odd-places.csv": lambda: (
            f"{SITES}\n" + "".join(f'a,"{one}",31.2\n' for one in odd_values)
        ).encode(),
        "dates.csv": lambda: rows_of(*(f"1141A,{one},35" for one in dates)),
        "refused.csv": lambda: rows_of(*["1141A,2024-01-01 00:00,x"] * 400_000),
        "carriage.csv": lambda: rows_of("1141A,2024-01-01 00:00,35").replace(b"\n", b"\r"),
        "separators.csv": lambda: "name\x1flon\x1elat\x85a\u2028b\n".encode(),
        "long-line.txt": lambda: b" " * 19_000 + b"x",
        "many-lines.txt": lambda: b"121.4, 31.2\n" * 30_000,
        "brackets.txt": lambda: b"(" * 15_000,
        "degrees.txt": lambda: "1°" .encode() * 9_000,
        "digits.txt": lambda: b"9" * 19_000,
        "semicolons.txt": lambda: b";" * 19_000,
        "signs.txt": lambda: "+-−E N东经".encode() * 1_000,
    }  # fmt: skip


# Workbooks ------------------------------------------------------------------------------------

SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def relations(**kinds: str) -> str:
    """Which part is related to which, as ``kind="target"``; one of another server is external."""
    outside = ' TargetMode="External"'
    rows = "".join(
        f'<Relationship Id="r{at}" Type="{RELATED}/{kind}" Target="{target}"'
        f"{outside if '//' in target else ''}/>"
        for at, (kind, target) in enumerate(kinds.items(), start=1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def kinds_of_parts() -> str:
    parts = {
        "/xl/workbook.xml": "sheet.main",
        "/xl/worksheets/sheet1.xml": "worksheet",
        "/xl/sharedStrings.xml": "sharedStrings",
    }
    own = "".join(
        f'<Override PartName="{name}" ContentType="{BOOK}.{kind}+xml"/>'
        for name, kind in parts.items()
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    usual = (
        f'<Default Extension="rels" ContentType="{rels}"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{XML}<Types xmlns="{PACKAGE}/content-types">{usual}{own}</Types>'


def workbook(
    sheet: str,
    shared: str = "",
    more: dict[str, bytes] | None = None,
    before: str = "",
    book: str | None = None,
) -> bytes:
    """A workbook of one sheet, whose ``sheetData`` and neighbours are given."""
    sheets = '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
    whole = f'{XML}<workbook {SPACE} xmlns:r="{RELATED}">{sheets}</workbook>'
    parts = {
        "[Content_Types].xml": kinds_of_parts(),
        "_rels/.rels": relations(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": whole if book is None else book,
        "xl/_rels/workbook.xml.rels": relations(
            worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml"
        ),
        "xl/sharedStrings.xml": shared or f"{XML}<sst {SPACE}/>",
        "xl/worksheets/sheet1.xml": f"{XML}{before}<worksheet {SPACE}>{sheet}</worksheet>",
    }
    content = {name: text.encode() for name, text in parts.items()} | (more or {})
    return zipped(content.items())


def cell(value: object, place: str = "") -> str:
    where = f' r="{place}"' if place else ""
    if isinstance(value, str):
        return f'<c{where} t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c{where}><v>{value}</v></c>"


def sheet_of(*rows: str) -> str:
    return f"<sheetData>{''.join(rows)}</sheetData>"


HEAD = f"<row>{cell('name')}{cell('lon')}{cell('lat')}</row>"
ROW = f"<row>{cell('a')}{cell(121.4)}{cell(31.2)}</row>"


def workbooks(port: int) -> Files:
    last = [f'<row r="{at}">{cell("x", f"XFD{at}")}</row>' for at in range(2, 4_000)]
    script = "&lt;script&gt;alert(1)&lt;/script&gt;"
    laugh = laughs().replace("DOCTYPE kml", "DOCTYPE worksheet")
    outside = f'<!DOCTYPE worksheet SYSTEM "http://127.0.0.1:{port}/x.dtd">'
    remote = relations(externalLinkPath=f"http://127.0.0.1:{port}/b.xlsx")
    return {
        "good.xlsx": lambda: workbook(sheet_of(HEAD, ROW)),
        "far-row.xlsx": lambda: workbook(
            sheet_of(HEAD, ROW, f'<row r="99999999999">{cell(1)}</row>')
        ),
        "last-row.xlsx": lambda: workbook(sheet_of(HEAD, f'<row r="1048576">{cell(1)}</row>')),
        "far-column.xlsx": lambda: workbook(sheet_of(f'<row>{cell(1, "ZZZZZZZ1")}</row>')),
        "last-columns.xlsx": lambda: workbook(sheet_of(HEAD, *last)),
        "row.xlsx": lambda: workbook(sheet_of(f"<row>{'<c/>' * 100_000}</row>")),
        "one-row.xlsx": lambda: workbook(sheet_of(f"<row>{'<c/>' * 1_000_000}</row>")),
        "dimension.xlsx": lambda: workbook(
            '<dimension ref="A1:XFD1048576"/>' + sheet_of(HEAD, ROW)
        ),
        "bomb-sheet.xlsx": lambda: workbook(sheet_of(HEAD, " " * (60 * MB))),
        "bomb-shared.xlsx": lambda: workbook(
            sheet_of(HEAD, ROW), f"{XML}<sst {SPACE}>{'<si><t/></si>' * 3_000_000}</sst>"
        ),
        "shared-missing.xlsx": lambda: workbook(
            sheet_of('<row><c t="s"><v>99</v></c><c t="s"><v>-1</v></c></row>')
        ),
        "laughs.xlsx": lambda: workbook(
            sheet_of(f"<row>{cell('&l9;')}</row>"), before=laugh
        ),
        "outside.xlsx": lambda: workbook(sheet_of(HEAD, ROW), before=outside),
        "link.xlsx": lambda: workbook(
            sheet_of(HEAD, ROW),
            more={
                "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
                "xl/externalLinks/_rels/externalLink1.xml.rels": remote.encode(),
            },
        ),
        "macro.xlsx": lambda: workbook(
            sheet_of(HEAD, ROW), more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(5_000)}
        ),
        "formulas.xlsx": lambda: workbook(
            sheet_of(
                HEAD,
                f"<row>{cell('a')}<c><f>1+1</f></c>"
                '<c><f>WEBSERVICE("http://x")</f><v>31.2</v></c></row>',
            )
        ),
        "errors.xlsx": lambda: workbook(
            sheet_of(HEAD, f'<row>{cell("a")}<c t="e"><v>#REF!</v></c><c t="b"><v>1</v></c></row>')
        ),
        "numbers.xlsx": lambda: workbook(
            sheet_of(HEAD, f"<row>{cell('a')}{cell('1e400')}{cell('NaN')}</row>",
                     f"<row>{cell('a')}<c><v>1e999</v></c><c><v>abc</v></c></row>")
        ),
        "dates.xlsx": lambda: workbook(
            sheet_of(
                HEAD,
                f'<row>{cell("a")}<c t="d"><v>99999-01-01</v></c><c t="d"><v>x</v></c></row>',
            )
        ),
        "names.xlsx": lambda: workbook(
            sheet_of(f"<row>{cell('name')}{cell('lon')}{cell('lat')}</row>",
                     f"<row>{cell(script)}{cell(121.4)}{cell(31.2)}</row>")
        ),
        "no-sheet.xlsx": lambda: zipped([("[Content_Types].xml", b"<Types/>")]),
        "empty-sheet.xlsx": lambda: workbook(sheet_of()),
        "not-xml.xlsx": lambda: workbook("<<<<"),
        "truncated.xlsx": lambda: workbook(sheet_of(HEAD, ROW))[:-60],
        "no-book.xlsx": lambda: workbook(sheet_of(HEAD, ROW), book=""),
        "half-book.xlsx": lambda: workbook(sheet_of(HEAD, ROW), book="<workbook"),
        "plain-zip.xlsx": lambda: zipped([("a.csv", GOOD_CSV)]),
    }  # fmt: skip


# Parquet and FlatGeobuf -----------------------------------------------------------------------


def columns_file(table: pa.Table, **more: Any) -> bytes:
    made = io.BytesIO()
    parquet.write_table(table, made, **more)
    return made.getvalue()


def geo_columns(count: int, **columns: Any) -> pa.Table:
    """A GeoParquet table whose points are all one."""
    wkb = Point(PLACE).wkb
    geo = {"version": "1.0.0", "primary_column": "geometry",
           "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}}}  # fmt: skip
    found = {"geometry": pa.array([wkb] * count, pa.binary()), **columns}
    return pa.table(found).replace_schema_metadata({"geo": json.dumps(geo)})


def lying_group() -> bytes:
    """A GeoParquet file of 5 rows whose only group claims 2**28: readers make room for them."""
    good = columns_file(geo_columns(5))
    (length,) = struct.unpack("<I", good[-8:-4])
    footer = good[-8 - length : -8]
    # Thrift's compact protocol: a field of 64 bits, then zigzag in groups of seven bits.
    claimed = footer.replace(b"\x16\x0a\x26", b"\x16\x80\x80\x80\x80\x02\x26")
    assert footer.count(b"\x16\x0a\x26") == 1
    return good[: -8 - length] + claimed + struct.pack("<I", len(claimed)) + b"PAR1"


def wrong_column() -> bytes:
    """A Parquet file with a column whose name is no text."""
    made = columns_file(
        pa.table({"namexname": [1.5], "时间": ["2024-01-01 00:00"]}), store_schema=False
    )
    return made.replace(b"namexname", b"name\xffname")


def wrong_cell(table: pa.Table) -> bytes:
    """A Parquet file with the text ``cellxcell`` in a cell, which then is no text."""
    return columns_file(table, compression="none").replace(b"cellxcell", b"cell\xffcell")


def pickled() -> bytes:
    """An extension type of the old kind, which was unpickled when the file was opened."""
    load = b"cos\nsystem\n(S'echo evil'\ntR."
    kind = pa.field("a", pa.int64(), metadata={
        "ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": load,
    })  # fmt: skip
    return columns_file(pa.table([pa.array([1])], schema=pa.schema([kind])))


@cache
def flat() -> bytes:
    frame = gpd.GeoDataFrame({"name": ["甲"] * 20}, geometry=[Point(PLACE)] * 20, crs="EPSG:4326")
    with tempfile.TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / "a.fgb", driver="FlatGeobuf", engine="pyogrio")
        return (Path(folder) / "a.fgb").read_bytes()


def columnar() -> Files:
    many = 3_000_000
    return {
        "many-rows.parquet": lambda: columns_file(
            pa.table({"站点": pa.array(["1141A"] * many).dictionary_encode(), "v": np.zeros(many)})
        ),
        "many-places.parquet": lambda: columns_file(geo_columns(1_200_000)),
        "long-text.parquet": lambda: columns_file(
            geo_columns(
                200_000,
                name=pa.DictionaryArray.from_arrays(
                    pa.array(np.zeros(200_000, np.int32)), pa.array(["x" * MB])
                ),
            )
        ),
        "pickled.parquet": pickled,
        "lying-group.parquet": lying_group,
        "wrong-column.parquet": wrong_column,
        "wrong-cell.parquet": lambda: wrong_cell(
            pa.table({"站点": ["cellxcell", "1141A"], "时间": ["2024-01-01 00:00"] * 2,
                      "PM2.5": [35.0, 36.0]})
        ),
        "wrong-cell-late.parquet": lambda: wrong_cell(
            pa.table({"站点": ["1141A"] * 90_000 + ["cellxcell"], "PM2.5": [35.0] * 90_001,
                      "时间": ["2024-01-01 00:00"] * 90_001})
        ),
        "wrong-name.parquet": lambda: wrong_cell(
            geo_columns(2, name=pa.array(["cellxcell", "b"]))
        ),
        "nested.parquet": lambda: columns_file(
            pa.table({"站点": [["a", "b"]], "时间": [{"x": {"y": 1}}]})
        ),
        "no-geometry.parquet": lambda: columns_file(pa.table({"a": [1]})),
        "geo-nonsense.parquet": lambda: columns_file(
            pa.table({"geometry": [b"x"]}).replace_schema_metadata({"geo": '{"columns":[]}'})
        ),
        "wrong-wkb.parquet": lambda: columns_file(
            pa.table(
                {"geometry": pa.array([b"\1\3\0\0\0\xff\xff\xff\x7f"])}
            ).replace_schema_metadata(dict(geo_columns(1).schema.metadata))
        ),
        "crs-nonsense.parquet": lambda: columns_file(
            geo_columns(2).replace_schema_metadata({"geo": json.dumps({
                "version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {
                    "encoding": "WKB", "crs": "+proj=pipeline +step +init=/etc/passwd:1"}}})})
        ),
        "moon.parquet": lambda: columns_file(
            geo_columns(2).replace_schema_metadata({"geo": json.dumps({
                "version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {
                    "encoding": "WKB", "geometry_types": [],
                    "crs": pyproj.CRS.from_wkt(MOON).to_json_dict()}}})})
        ),
        "no-rows.parquet": lambda: columns_file(geo_columns(0)),
        "truncated.parquet": lambda: columns_file(geo_columns(200))[:-9],
        "wrong-end.parquet": lambda: b"PAR1" + bytes(80),
        "lying-footer.parquet": lambda: (
            b"PAR1" + bytes(40) + struct.pack("<I", 0x7FFFFFFF) + b"PAR1"
        ),
        "scrambled.parquet": lambda: b"PAR1" + bytes(
            one ^ 0x11 for one in columns_file(geo_columns(200))[4:-400]
        ) + columns_file(geo_columns(200))[-400:],
        "truncated.fgb": lambda: flat()[:200],
        "scrambled.fgb": lambda: flat()[:12] + bytes(one ^ 0x77 for one in flat()[12:]),
        "huge-head.fgb": lambda: flat()[:8] + b"\xff\xff\xff\x7f" + flat()[12:],
        "head-only.fgb": lambda: b"fgb\3fgb\0",
    }  # fmt: skip


def odd() -> Files:
    """Names and files that are nothing."""
    return {
        "empty.geojson": lambda: b"",
        "empty.xlsx": lambda: b"",
        "empty.parquet": lambda: b"",
        "empty.gpkg": lambda: b"",
        "no-ending": lambda: GOOD_CSV,
        "../../etc/passwd.csv": lambda: GOOD_CSV,
        "http://127.0.0.1/a.csv": lambda: GOOD_CSV,
        "/vsicurl/http://127.0.0.1/a.geojson": lambda: collection(feature(point())),
        "a\u202evsc.exe.csv": lambda: GOOD_CSV,
        "<img src=x onerror=alert(1)>.csv": lambda: GOOD_CSV,
        "长" * 300 + ".geojson": lambda: collection(feature(point())),
        ".csv": lambda: GOOD_CSV,
        "random.bin.csv": lambda: np.random.default_rng(9).bytes(50_000),
    }
