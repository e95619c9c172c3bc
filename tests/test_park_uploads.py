"""Uploads of the park access page: what is taken, what it becomes, what is told and left."""

from __future__ import annotations

import gc
import html
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from conftest import OwnProject
from land_rasters import tif
from openpyxl import Workbook
from shapely.geometry import LineString
from streamlit.testing.v1 import AppTest
from test_parks import EAST, MIDDLE, WEST, city

from bsh_geo import park_access, park_report, park_uploads
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.park_access import Band
from bsh_geo.park_uploads import Folder

STREET = LineString([(121.46, 31.2), (121.54, 31.2)])
"""It runs through the middle of both districts, and past the park."""
HALF_KM = Band("500m", 500.0)
TWO = "区名,常住人口\n黄浦区,100000\n徐汇区,300000\n合计,400000\n"


def written(frame: gpd.GeoDataFrame, name: str, folder: Path) -> bytes:
    """The bytes of a frame as a vector file; ``.zip`` is a Shapefile."""
    if not name.endswith(".zip"):
        frame.to_file(folder / name)
        return (folder / name).read_bytes()
    frame.to_file(folder / "inner.shp", encoding="utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.glob("inner.*")):
            archive.write(path, path.name)
    return packed.getvalue()


def streets(*tags: dict[str, str]) -> gpd.GeoDataFrame:
    rows = list(tags) or [{"highway": "residential"}]
    return gpd.GeoDataFrame(rows, geometry=[STREET] * len(rows), crs=DISPLAY)


def book(rows: list[list[object]]) -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


@pytest.fixture
def folder() -> Folder:
    return Folder()


@pytest.mark.parametrize("name", ["ways.gpkg", "ways.geojson", "ways.fgb", "ways.zip"])
def test_uploaded_ways_of_every_form_give_one_network(
    own_project: OwnProject, folder: Folder, tmp_path: Path, name: str
) -> None:
    frame = streets({"highway": "residential"}, {"highway": "motorway"})
    of = park_access.basis(city(own_project, MIDDLE))
    made = park_uploads.ways(written(frame, name, tmp_path), name, folder)
    assert made.shown == name
    found = park_access.ways(replace(of, network=made))
    assert (found.read, found.left_out) == (2, 1)
    assert found.length_km == pytest.approx(7.62, abs=0.02)


def test_an_osm_extract_is_read_as_the_command_reads_it(
    own_project: OwnProject, folder: Folder
) -> None:
    nodes = "".join(
        f'<node id="{at}" lat="31.2" lon="{lon}" version="1"/>'
        for at, lon in ((1, 121.46), (2, 121.48), (3, 121.54))
    )
    way = "".join(f'<nd ref="{at}"/>' for at in (1, 2, 3))
    content = (
        f'<?xml version="1.0"?><osm version="0.6">{nodes}<way id="9" version="1">{way}'
        '<tag k="highway" v="footway"/></way></osm>'
    )
    of = park_access.basis(city(own_project, MIDDLE))
    made = park_uploads.ways(content.encode(), "上海.osm", folder)
    of = replace(of, network=made)
    park_access.check(of)
    assert park_access.ways(of).length_km == pytest.approx(7.62, abs=0.02)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("人口.csv", TWO.encode("gb18030")),
        ("人口.xlsx", book([["各区人口"], ["区", "人口（万人）"], ["黄浦", 10], ["310104", "30"]])),
    ],
)
def test_a_sheet_of_districts_lays_people_on_their_land(
    own_project: OwnProject, folder: Folder, name: str, content: bytes
) -> None:
    project = city(own_project, MIDDLE)
    made = park_uploads.people(project, content, name, folder)
    assert made.shown == name
    assert park_uploads.columns(made) == ("population",)
    rows = park_access.shares(replace(park_access.basis(project), people=made), HALF_KM)
    assert rows.at["310101", "people"] == pytest.approx(100_000, rel=1e-6)
    assert rows.at["310104", "people"] == pytest.approx(300_000, rel=1e-6)
    # Evenly spread: the share of people is that of the land.
    assert rows.at["310101", "people_share"] == pytest.approx(rows.at["310101", "land_share"])
    # The toy city has two districts of the central city's seven.
    assert rows.at["central", "people"] == pytest.approx(400_000, rel=1e-6)


@pytest.mark.parametrize("name", ["people.gpkg", "people.geojson", "people.fgb", "people.zip"])
def test_counts_of_sub_districts_are_areas_with_a_column_of_people(
    own_project: OwnProject, folder: Folder, tmp_path: Path, name: str
) -> None:
    frame = gpd.GeoDataFrame(
        {"no": [1, 2], "人口": [5_000, 10]}, geometry=[WEST, EAST], crs=DISPLAY
    )
    project = city(own_project, MIDDLE)
    made = park_uploads.people(project, written(frame, name, tmp_path), name, folder)
    assert park_uploads.columns(made) == ("人口", "no")
    of = park_access.basis(project, column="人口")
    rows = park_access.shares(replace(of, people=made), HALF_KM)
    assert rows.at["310101", "people"] == pytest.approx(5_000, rel=0.001)


def test_a_grid_is_held_as_it_is(own_project: OwnProject, folder: Folder) -> None:
    project = city(own_project, MIDDLE)
    content = tif(np.full((10, 10), 7.0, np.float32), west=121.45, north=31.25)
    made = park_uploads.people(project, content, "people.tif", folder)
    assert park_uploads.columns(made) == ()
    assert made.path.read_bytes() == content
    rows = park_access.shares(replace(park_access.basis(project), people=made), HALF_KM)
    # 4 × 4 cells of 7 people in each district.
    assert rows.at["310101", "people"] == pytest.approx(112, rel=0.01)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("p.csv", "区名,人口\n黄浦区,1\n", "p.csv 缺少这些区的人数：徐汇区"),
        ("p.csv", "区名,人口\n黄浦区,1\n黄浦,2\n徐汇区,3\n", "第 3 行“黄浦”前面已有一行"),
        ("p.csv", "区名,人口\n黄浦区,1\n外滩街道,2\n", "第 3 行“外滩街道”不是区名"),
        ("p.csv", "区名,人口\n黄浦区,很多\n徐汇区,3\n", "第 2 行的人口为“很多”"),
        ("p.csv", "区名,人口\n黄浦区,-5\n徐汇区,3\n", "第 2 行的人口为“-5”"),
        ("p.csv", "区名,人口\n黄浦区,\n徐汇区,3\n", "第 2 行的人口为“”"),
        ("p.csv", "区名,面积\n黄浦区,1\n徐汇区,3\n", "应有一列区名和一列人口"),
        ("p.csv", "", "p.csv 是空文件"),
        ("p.doc", "x", "文件格式“doc”不存在"),
        ("p.gpkg", "not a database", "p.gpkg"),
        ("p.tif", "II*", "p.tif"),
        ("../../p.zip", "x", "p.zip"),
    ],
)
def test_a_faulty_file_of_residents_is_one_sentence(
    own_project: OwnProject, folder: Folder, name: str, text: str, said: str
) -> None:
    project = city(own_project, MIDDLE)
    with pytest.raises(BshError) as raised:
        made = park_uploads.people(project, text.encode(), name, folder)
        park_uploads.columns(made)
        park_access.people(replace(park_access.basis(project), people=made))
    assert said in raised.value.zh
    assert "/" not in raised.value.zh.replace(" / ", "")


def test_a_geopackage_that_computes_is_refused(folder: Folder, tmp_path: Path) -> None:
    import sqlite3

    content = written(streets(), "ways.gpkg", tmp_path)
    path = tmp_path / "view.gpkg"
    path.write_bytes(content)
    with sqlite3.connect(path) as base:
        base.execute("CREATE VIEW endless AS SELECT * FROM ways")
        base.execute("UPDATE gpkg_contents SET table_name = 'endless'")
    base.close()
    with pytest.raises(DataError, match="图层 endless 是视图"):
        park_uploads.ways(path.read_bytes(), "view.gpkg", folder)


def test_a_file_that_is_too_large_is_not_written(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(park_uploads, "MOST_BYTES", 10)
    with pytest.raises(DataError, match="最多 0 MB"):
        park_uploads.ways(b"x" * 11, "ways.osm", folder)
    assert list(folder.path.iterdir()) == []


def test_a_way_needs_the_ending_of_a_vector_file(folder: Folder) -> None:
    with pytest.raises(UnknownNameError, match="csv"):
        park_uploads.ways(b"a,b\n", "ways.csv", folder)


def test_the_folder_of_a_session_goes_with_it() -> None:
    folder = Folder()
    path = folder.path
    folder.file(b"x", "x.osm", "osm")
    assert len(list(path.iterdir())) == 1
    del folder
    gc.collect()
    assert not path.exists()


def test_bands_stand_straight_beside_on_foot(own_project: OwnProject, folder: Folder) -> None:
    project = city(own_project, MIDDLE)
    frame = streets()
    content = frame.to_json().encode()
    network = park_uploads.ways(content, "ways.geojson", folder)
    people = park_uploads.people(project, TWO.encode(), "people.csv", folder)
    of = replace(park_access.basis(project), network=network, people=people)
    view = park_report.bands(of, "zh")
    assert list(view.shown.columns)[:5] == [
        "层级", "区域", "300 m直线（%）", "300 m步行（%）", "300 m居民（%）",
    ]  # fmt: skip
    assert "15 分钟（1080 m）步行（%）" in view.shown.columns
    row = view.export.set_index("code").loc["310101"]
    for key in ("300m", "500m", "5min", "15min"):
        assert 0 < row[f"walk_{key}"] < row[f"straight_{key}"]
    # 500 m of street to both sides, 50 m wide, of 16.9 km²: about 0.1 of 16.9.
    assert row["walk_500m"] == pytest.approx(0.59, abs=0.03)
    assert row["straight_500m"] == pytest.approx(4.65, abs=0.05)


def test_without_ways_the_bands_are_straight_alone(own_project: OwnProject) -> None:
    view = park_report.bands(park_access.basis(city(own_project, MIDDLE)), "en", ("310101",))
    assert list(view.shown.columns) == [
        "Level", "Area", "300 m straight (%)", "500 m straight (%)",
        "5 minutes (360 m) straight (%)", "15 minutes (1080 m) straight (%)",
    ]  # fmt: skip
    assert "Huangpu" in set(view.shown["Area"])
    assert "Xuhui" not in set(view.shown["Area"])


# The page ---------------------------------------------------------------------------------------

Open = Callable[..., AppTest]


def script() -> None:
    """The page alone, as the app runs it."""
    from bsh_geo.ui import parks_page

    parks_page.page()


@pytest.fixture
def page(own_project: OwnProject, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of one district, in a project without files of its own."""
    monkeypatch.setenv("BSH_PROJECT", str(own_project.root))
    app = AppTest.from_function(script, default_timeout=60)
    app.query_params["band"] = "500m"
    app.query_params["area"] = "310101"
    return app.run()


def text_of(page: AppTest) -> str:
    bodies = [element.proto.body for element in page.get("html")]
    bodies += [str(one.value) for one in page.caption]
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(bodies)))


def given(page: AppTest, key: str, name: str, content: bytes) -> AppTest:
    page.file_uploader(key=f"{key}-file").set_value((name, content, "application/octet-stream"))
    return page.run()


def residents_of(page: AppTest) -> float:
    """The residents of the district that the page names."""
    found = re.search(r"/ ([\d,]+) 人", text_of(page))
    assert found is not None
    return float(found[1].replace(",", ""))


def test_uploaded_ways_are_walked_until_they_are_removed(page: AppTest) -> None:
    assert "直线" in text_of(page)
    page = given(page, "parks-ways", "路网.geojson", streets().to_json().encode())
    assert not page.exception
    shown = text_of(page)
    assert "已上传：路网.geojson" in shown
    assert "沿道路步行" in shown
    assert "未提供道路网络" not in shown
    page.button(key="parks-ways-away").click().run()
    assert not page.exception
    assert "未提供道路网络" in text_of(page)


def test_uploaded_people_are_reached_and_named(page: AppTest) -> None:
    names = "黄浦 徐汇 长宁 静安 普陀 虹口 杨浦 闵行 宝山 嘉定 浦东 金山 松江 青浦 奉贤 崇明"
    rows = ["区,人口（万人）", *(f"{name},{at + 1}" for at, name in enumerate(names.split()))]
    page = given(page, "parks-people", "人口.csv", "\n".join(rows).encode())
    assert not page.exception
    shown = text_of(page)
    assert "居民覆盖率" in shown
    assert "/ 10,000 人" in shown
    assert "人口.csv" in shown
    assert "未提供人口数据" not in shown
    page.text_input(key="parks-people-origin").set_value("2020，七普").run()
    assert "人口.csv，2020，七普" in text_of(page)


def test_the_column_of_people_can_be_chosen(page: AppTest, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"人口": [5_000, 10], "老年人口": [1_000, 5]}, geometry=[WEST, EAST], crs=DISPLAY
    )
    page = given(page, "parks-people", "p.gpkg", written(frame, "p.gpkg", tmp_path))
    assert not page.exception
    assert page.selectbox(key="parks-people-column").options == ["人口", "老年人口"]
    before = residents_of(page)
    page.selectbox(key="parks-people-column").set_value("老年人口").run()
    assert not page.exception
    assert residents_of(page) == pytest.approx(before / 5, rel=0.05)


def test_a_faulty_upload_is_one_sentence_and_the_page_stays(page: AppTest) -> None:
    page = given(page, "parks-ways", "路网.geojson", b"{}")
    assert not page.exception
    (told,) = [one.value for one in page.error]
    assert told.startswith("路网.geojson 不是可读的格式，应为 GeoPackage、GeoJSON")
    assert "陆域覆盖率" in text_of(page)
    page = given(page, "parks-ways", "路网.geojson", streets().to_json().encode())
    assert not page.error
    assert "沿道路步行" in text_of(page)
