"""Coordinates and files in, sites out: forms, CRS, encodings, and a sentence for each fault."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from bsh_geo import coordinates, sites
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.project import Project, open_project
from bsh_geo.site_files import FORMS

# Coordinates -----------------------------------------------------------------------------------

PEOPLES_SQUARE = (121 + 28 / 60 + 32.5 / 3600, 31 + 13 / 60 + 43 / 3600)


@pytest.mark.parametrize(
    "text",
    [
        "121°28′32.5″E 31°13′43″N",
        "31°13′43″N 121°28′32.5″E",
        "N31°13′43″ E121°28′32.5″",
        "121°28'32.5\"E, 31°13'43\"N",
        "121°28'32.5''E 31°13'43''N",
        "121º28’32.5”e 31º13’43”n",
        "东经121度28分32.5秒，北纬31度13分43秒",
        "北纬31°13′43″、东经121°28′32.5″",
        "１２１°２８′３２．５″Ｅ　３１°１３′４３″Ｎ",
        "人民广场：121°28′32.5″E 31°13′43″N",
        "121°28.541666666666668′E 31°13.716666666666667′N",
    ],
)
def test_degrees_minutes_and_seconds_are_read_however_they_are_written(text: str) -> None:
    ((found,),) = coordinates.parse(text)
    assert (found.lon, found.lat) == pytest.approx(PEOPLES_SQUARE, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "121.4757, 31.2286",
        "31.2286 121.4757",
        "121.4757\t31.2286",
        "(121.4757，31.2286)",
        "31.2286N 121.4757E",
        "E121.4757N31.2286",
        "东经121.4757° 北纬31.2286°",
    ],
)
def test_decimal_degrees_are_read_in_either_order(text: str) -> None:
    assert coordinates.parse(text) == [[coordinates.Coordinate(121.4757, 31.2286)]]


def test_names_groups_and_several_on_a_line() -> None:
    text = "甲: 121.1,31.1\nSITE 121.2 31.2\n\n码头：\n121.3,31.3;121.4,31.4"
    first, second = coordinates.parse(text)
    assert [(one.label, one.lon) for one in first] == [("甲", 121.1), ("SITE", 121.2)]
    assert [(one.label, one.lon) for one in second] == [("码头", 121.3), ("码头", 121.4)]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("121.4757", "有 1 个角度", "1 angles"),
        ("121.4, 31.2, 4.5", "有 3 个角度", "3 angles"),
        ("31, 32", "分不清经纬度", "order cannot be told"),
        ("121, 122", "都大于 90", "above 90"),
        ("351234.5, 3456789", "米制坐标", "metres"),
        ("121°61′E 31°N", "分为 61", "61 minutes"),
        ("121°10′60″E 31°N", "秒为 60", "60 seconds"),
        ("121.5°30′E 31°N", "有小数又有分", "decimals"),
        ("121.4E 121.5E", "都是经度", "both are longitudes"),
        ("-121.4E 31.2N", "既有负号又有方位", "minus and a letter"),
        ("120E 95N", "纬度 95", "latitude 95"),
        ("1号 121.4 31.2", "号", "not understood"),
        ("here", "here", "not understood"),
        ("", "没有坐标", "no coordinates"),
    ],
)
def test_what_is_no_coordinate_is_said(text: str, zh: str, en: str) -> None:
    with pytest.raises(DataError) as raised:
        coordinates.parse(text)
    assert zh in raised.value.zh
    assert en in raised.value.en
    assert "\n" not in raised.value.zh


def test_a_fault_names_its_line() -> None:
    with pytest.raises(DataError, match="第 3 行"):
        coordinates.parse("121.4,31.2\n\n121.4")


@given(
    st.floats(90.001, 179.99),
    st.floats(-89.99, 89.99),
    st.booleans(),
    st.sampled_from([", ", " ", "\t", "，"]),
)
def test_a_written_pair_is_read_again(lon: float, lat: float, swapped: bool, mark: str) -> None:
    pair = [f"{lon:.7f}", f"{lat:.7f}"]
    ((found,),) = coordinates.parse(mark.join(reversed(pair) if swapped else pair))
    assert (found.lon, found.lat) == (float(pair[0]), float(pair[1]))


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        coordinates.parse(text)
    except DataError as error:
        assert "\n" not in error.zh


# Pasted and drawn ------------------------------------------------------------------------------


def test_pasted_lines_are_points_a_line_or_polygons(project: Project) -> None:
    text = "121.4,31.2\n121.5,31.2\n121.5,31.3\n\n121.6,31.2\n121.7,31.2\n121.7,31.3"
    assert sites.pasted(project, text).frame["kind"].tolist() == ["point"] * 6
    assert sites.pasted(project, text, "line").frame["kind"].tolist() == ["line"] * 2
    areas = sites.pasted(project, text, "polygon")
    assert areas.frame["kind"].tolist() == ["area"] * 2
    assert areas.frame.index.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("text", "shape", "said"),
    [
        ("121.4,31.2\n121.5,31.2", "polygon", "至少需要 3 个"),
        ("121.4,31.2\n121.4,31.2", "line", "至少需要 2 个"),
        ("121.4,31.2", "blob", "blob"),
    ],
)
def test_too_few_corners_are_said(project: Project, text: str, shape: str, said: str) -> None:
    with pytest.raises(BshError, match=said):
        sites.pasted(project, text, shape)


def test_drawn_shapes_are_sites_and_nonsense_is_refused(project: Project) -> None:
    found = sites.drawn(project, [{"type": "Point", "coordinates": [121.5, 31.2]}])
    assert found.frame["name"].tolist() == ["1"]
    for wrong in ({"type": "Pint", "coordinates": [1, 2]}, {"coordinates": []}, {"type": "Point"}):
        with pytest.raises(BshError):
            sites.drawn(project, [wrong])


# What is mended, and what is refused -----------------------------------------------------------


def drawn_as(project: Project, *shapes: Any) -> sites.Sites:
    """Shapes through a GeoJSON file, as a user would give them."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"s{number}"},
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
        }
        for number, shape in enumerate(shapes, start=1)
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features})
    return sites.read(project, content.encode(), "sites.geojson")


GOOD = Point(121.5, 31.2)


def test_an_empty_geometry_is_not_tested_and_said(project: Project) -> None:
    found = drawn_as(project, GOOD, None, Polygon())
    assert found.frame.index.tolist() == [1]
    assert [(one.number, one.reason.zh) for one in found.rejected] == [
        (2, "几何为空"),
        (3, "几何为空"),
    ]


def test_a_polygon_without_area_is_tested_as_the_line_that_it_is(project: Project) -> None:
    flat = Polygon([(121.4, 31.2), (121.5, 31.2), (121.4, 31.2), (121.4, 31.2)])
    found = drawn_as(project, flat)
    assert found.frame["kind"].tolist() == ["line"]
    assert any("面积或长度为零" in one.zh for one in found.notes)


def test_a_polygon_that_crosses_itself_is_mended_and_said(project: Project) -> None:
    bow = Polygon([(121.4, 31.2), (121.5, 31.3), (121.5, 31.2), (121.4, 31.3)])
    found = drawn_as(project, bow)
    assert shapely.is_valid(found.plane).all()
    assert any("自相交" in one.zh for one in found.notes)


def test_heights_are_left_out_and_said(project: Project) -> None:
    found = drawn_as(project, Point(121.5, 31.2, 4.5))
    assert not shapely.has_z(found.plane).any()
    assert any("高程" in one.zh for one in found.notes)


def test_sites_with_the_same_geometry_are_named(project: Project) -> None:
    square = box(121.4, 31.2, 121.5, 31.3)
    turned = Polygon([*square.exterior.coords[1:], square.exterior.coords[1]])
    found = drawn_as(project, square, GOOD, turned)
    assert [one.zh for one in found.notes] == ["几何相同的场址，合计中只计一次：1=3"]
    assert len(found) == 3


def test_points_and_areas_in_one_geometry_are_refused(project: Project) -> None:
    mixed = shapely.GeometryCollection([GOOD, box(121.4, 31.2, 121.5, 31.3)])
    found = drawn_as(project, GOOD, mixed)
    assert "混合" in found.rejected[0].reason.zh


def test_several_parts_are_one_site(project: Project) -> None:
    parts = MultiPolygon([box(121.4, 31.2, 121.41, 31.21), box(121.5, 31.2, 121.51, 31.21)])
    found = drawn_as(project, parts, MultiPoint([(121.4, 31.2), (121.5, 31.2)]))
    assert found.frame["kind"].tolist() == ["area", "point"]


def test_swapped_coordinates_are_said_and_never_turned_round(project: Project) -> None:
    found = drawn_as(project, GOOD, Point(31.2, 121.5 - 90))
    assert "不在本市" in found.rejected[0].reason.zh
    swapped = gpd.GeoDataFrame({"lon": [31.2], "lat": [121.5]})
    content = swapped.to_csv(index=False).encode()
    with pytest.raises(DataError, match="颠倒"):
        sites.read(project, content, "a.csv", "EPSG:4326")


def test_places_far_away_are_refused_with_the_range_expected(project: Project) -> None:
    with pytest.raises(DataError) as raised:
        sites.pasted(project, "2.35E 48.85N")
    assert "不在本市" in raised.value.zh
    assert "E 119.7" in raised.value.en


# Files -----------------------------------------------------------------------------------------


@pytest.fixture
def two() -> gpd.GeoDataFrame:
    """A polygon and a point with Chinese names, WGS 84."""
    return gpd.GeoDataFrame(
        {"名称": ["东滩码头", "人民广场"]},
        geometry=[box(121.9, 31.5, 122.0, 31.55), Point(121.4757, 31.2286)],
        crs="EPSG:4326",
    )


def same(found: gpd.GeoSeries, expected: gpd.GeoSeries) -> bool:
    """Whether two columns of geometry are the same to a centimetre."""
    pairs = zip(found, expected, strict=True)
    return all(one.normalize().equals_exact(other.normalize(), 1e-7) for one, other in pairs)


def written(frame: gpd.GeoDataFrame, folder: Path, name: str, **more: Any) -> bytes:
    path = folder / name
    frame.to_file(path, **more)
    return path.read_bytes()


def zipped(folder: Path, *, without: tuple[str, ...] = ()) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.iterdir()):
            if path.suffix not in without:
                packed.writestr(f"数据/{path.name}", path.read_bytes())
    return made.getvalue()


def shapefile(frame: gpd.GeoDataFrame, folder: Path, **more: Any) -> Path:
    target = folder / "shapes"
    target.mkdir()
    frame.to_file(target / "sites.shp", **more)
    return target


@pytest.mark.parametrize("name", ["a.geojson", "a.json", "a.gpkg", "a.fgb", "a.kml"])
def test_every_form_gives_the_same_sites(
    project: Project, two: gpd.GeoDataFrame, tmp_path: Path, name: str
) -> None:
    frame = two.rename(columns={"名称": "name"})
    drivers = {".kml": "KML", ".json": "GeoJSON"}
    more = {"driver": drivers[Path(name).suffix]} if Path(name).suffix in drivers else {}
    content = written(frame, tmp_path, name, **more)
    found = sites.read(project, content, name)
    order = found.frame.set_index("name").loc[["东滩码头", "人民广场"]]
    assert order["kind"].tolist() == ["area", "point"]
    assert same(order.geometry, two.geometry)


def test_an_upper_case_ending_and_a_folder_do_not_matter(
    project: Project, two: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    content = written(two, tmp_path, "a.geojson")
    assert len(sites.read(project, content, "C:\\数据\\A.GEOJSON")) == 2


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
@pytest.mark.parametrize("without", [(), (".cpg",)])
def test_a_shapefile_is_read_in_chinese_with_or_without_its_code_page(
    project: Project,
    two: gpd.GeoDataFrame,
    tmp_path: Path,
    encoding: str,
    without: tuple[str, ...],
) -> None:
    folder = shapefile(two.iloc[:1], tmp_path, encoding=encoding)
    if without:  # the driver's byte for the language would speak too
        path = folder / "sites.dbf"
        head = bytearray(path.read_bytes())
        head[29] = 0
        path.write_bytes(bytes(head))
    found = sites.read(project, zipped(folder, without=without), "a.zip")
    assert found.frame["name"].tolist() == ["东滩码头"]
    assert found.crs == "WGS 84 (EPSG:4326)"


def test_a_shapefile_without_prj_asks_for_its_crs(
    project: Project, two: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    metric = two.iloc[:1].to_crs("EPSG:4549")
    content = zipped(shapefile(metric, tmp_path), without=(".prj",))
    with pytest.raises(DataError, match="没有坐标系"):
        sites.read(project, content, "a.zip")
    found = sites.read(project, content, "a.zip", "EPSG:4549")
    assert same(found.frame.geometry, two.geometry.iloc[:1])


def test_a_crs_that_contradicts_the_file_is_refused(
    project: Project, two: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    content = written(two, tmp_path, "a.gpkg")
    assert len(sites.read(project, content, "a.gpkg", "EPSG:4326")) == 2
    with pytest.raises(DataError, match="与指定的"):
        sites.read(project, content, "a.gpkg", "EPSG:4549")


def test_geojson_is_wgs_84_unless_it_says_otherwise(
    project: Project, two: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    bare = json.dumps({"type": "Point", "coordinates": [121.5, 31.2]}).encode()
    assert sites.read(project, bare, "a.geojson").crs == "WGS 84 (EPSG:4326)"
    said = written(two.to_crs("EPSG:4549"), tmp_path, "b.geojson")
    found = sites.read(project, said, "b.geojson")
    assert "4549" in found.crs
    assert same(found.frame.geometry, two.geometry)


CSV = "名称,经度,纬度\n东滩,121.95,31.52\n广场,121°28′32.5″,31°13′43″\n,,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_has_columns_of_coordinates_in_either_encoding(
    project: Project, encoding: str
) -> None:
    found = sites.read(project, CSV.encode(encoding), "a.csv", "EPSG:4490")
    assert found.frame["name"].tolist() == ["东滩", "广场"]
    assert found.frame.geometry.x.tolist() == pytest.approx([121.95, PEOPLES_SQUARE[0]])


def test_a_csv_asks_for_its_crs(project: Project) -> None:
    with pytest.raises(DataError, match="EPSG:4549"):
        sites.read(project, CSV.encode(), "a.csv")


def test_eastings_and_northings_are_taken_by_their_titles(project: Project) -> None:
    content = "name\t北坐标\t东坐标\nA\t3456789\t354321\n".encode()
    (place,) = sites.read(project, content, "a.csv", "EPSG:32651").frame.geometry
    assert (place.x, place.y) == pytest.approx((121.4703, 31.2355), abs=2e-3)


def test_a_chinese_x_that_is_a_northing_is_said(project: Project) -> None:
    content = b"name,X,Y\nA,3456789.0,621234.0\n"
    with pytest.raises(DataError, match="颠倒"):
        sites.read(project, content, "a.csv", "EPSG:4549")


def test_an_excel_file_is_read(project: Project) -> None:
    made = io.BytesIO()
    pd.DataFrame({"项目名称": ["甲"], "Lon": [121.5], "Lat": [31.2]}).to_excel(made, index=False)
    found = sites.read(project, made.getvalue(), "a.xlsx", "EPSG:4326")
    assert found.frame["name"].tolist() == ["甲"]


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(3):
            packed.writestr(f"a{number}.shp", b"\0" * (80 * 2**20))
    return made.getvalue()


KML_WITH_ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&x;</name></Placemark></kml>'
)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.geojson", "空文件"),
        (b"{}", "a.geojson", "无法按 GeoJSON"),
        (b"[" * 100_000, "a.geojson", "无法按 GeoJSON"),
        (b'{"type":"FeatureCollection","features":[]}', "a.geojson", "没有要素"),
        (b'<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>', "a.geojson", "无法按"),
        (b'<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>', "a.kml", "无法按 KML"),
        (KML_WITH_ENTITY.encode(), "a.kml", "无法按 KML"),
        (b"SQLite format 3\0" + b"\0" * 200, "a.gpkg", "无法按 GeoPackage"),
        (b"not a database", "a.gpkg", "无法按 GeoPackage"),
        (b"fgb\x03fgb\x00" + b"\xff" * 40, "a.fgb", "没有要素"),
        (b"PK\x03\x04broken", "a.zip", "无法解压"),
        (b"PK\x03\x04broken", "a.xlsx", "无法按 XLSX"),
        (b"a,b\n1,2\n", "a.csv", "没有经度列"),
        (b"lon,lon,lat\n1,2,3\n", "a.csv", "多个经度列"),
        (b"lon,lat\n121.5\n", "a.csv", "第 2 行"),
        (b"lon,lat\n121.5,\n", "a.csv", "第 2 行只有一个坐标"),
        (b"lon,lat\n121.5,north\n", "a.csv", "north"),
        (b"lon,lat\ninf,31\n", "a.csv", "inf"),
        (b"\x81", "a.csv", "编码"),
        (b"\x00\x01", "a.shp", "zip"),
        (b"x", "a.tab", "文件格式"),
        (b"x", "sites", "文件格式"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_a_bad_file_gives_one_sentence(
    project: Project, content: bytes, name: str, said: str
) -> None:
    with pytest.raises(BshError) as raised:
        sites.read(project, content, name, "EPSG:4326")
    assert said in raised.value.zh
    assert "\n" not in raised.value.zh
    assert raised.value.en


def test_a_zip_that_unpacks_to_too_much_is_refused(project: Project) -> None:
    with pytest.raises(DataError, match="解压后超过"):
        sites.read(project, bomb(), "a.zip")


def test_a_zip_without_a_part_of_the_shapefile_names_it(
    project: Project, two: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    folder = shapefile(two.iloc[:1], tmp_path)
    with pytest.raises(DataError, match=r"sites 缺少 \.dbf"):
        sites.read(project, zipped(folder, without=(".dbf",)), "a.zip")


def test_a_truncated_geopackage_is_refused(
    project: Project, two: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    content = written(two, tmp_path, "a.gpkg")
    with pytest.raises(DataError):
        sites.read(project, content[: len(content) // 3], "a.gpkg")


@pytest.mark.parametrize("code", ["EPSG:999999", "/etc/passwd", "+proj=pipeline", "WGS84", ""])
def test_a_crs_is_a_code_of_an_authority(project: Project, code: str) -> None:
    with pytest.raises(DataError, match="坐标系"):
        sites.read(project, CSV.encode(), "a.csv", code)


def test_an_unknown_format_lists_the_known_ones(project: Project) -> None:
    with pytest.raises(UnknownNameError) as raised:
        sites.read(project, b"x", "a.qqqqqq")
    assert all(one in raised.value.zh for one in FORMS)


def test_long_edges_keep_their_course(project: Project) -> None:
    # 121–122 along 31° N: the parallel, not the chord in the plane, which bows by 62 m.
    (line,) = sites.drawn(
        project, [{"type": "LineString", "coordinates": [[121, 31], [122, 31]]}]
    ).plane
    middle = sites.drawn(project, [{"type": "Point", "coordinates": [121.5, 31]}]).plane[0]
    assert line.distance(middle) < 0.01
    chord = LineString([line.coords[0], line.coords[-1]])
    assert chord.distance(middle) > 50


@settings(deadline=None)  # the first transformation of a system takes longer than the others
@given(st.floats(120.9, 122.0), st.floats(30.7, 31.8), st.sampled_from(["EPSG:4549", "EPSG:32651"]))
def test_a_projected_file_gives_the_place_in_degrees_again(
    lon: float, lat: float, crs: str
) -> None:
    project = open_project()
    point = gpd.GeoSeries([Point(lon, lat)], crs="EPSG:4326").to_crs(crs).iloc[0]
    content = f"x,y\n{point.x!r},{point.y!r}\n".encode()
    found = sites.read(project, content, "a.csv", crs).frame.geometry.iloc[0]
    assert np.hypot(found.x - lon, found.y - lat) < 1e-7
