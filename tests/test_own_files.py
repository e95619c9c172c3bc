"""Every form that a file may have, its systems, names and faults."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import MultiPoint, Point, Polygon, box
from small_own import REDLINE, fresh, shapefile, tree, workbook

from bsh_geo import compose, frames, own_import, own_names, own_values, project_folder
from bsh_geo.check import run_checks
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.own_import import Options
from bsh_geo.project import Project

OFFICIAL = Options(quality="official")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project_folder.init(tmp_path / "p")
    return tmp_path / "p"


def redline_frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": [one[0] for one in REDLINE], "district": [one[1] for one in REDLINE]},
        geometry=[one[2] for one in REDLINE],
        crs="EPSG:4490",
    )


def as_form(form: str) -> tuple[str, bytes]:
    """The red line as a file of a form."""
    frame = redline_frame()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"redline.{form}"
        if form == "parquet":
            frame.to_parquet(path)
        elif form == "gdb":
            frame.to_file(path, driver="OpenFileGDB", engine="pyogrio")
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w") as archive:
                for one in sorted(path.iterdir()):
                    archive.write(one, f"deep/redline.gdb/{one.name}")
            return "redline.gdb.zip", made.getvalue()
        elif form in ("kml", "geojson"):
            frame.to_crs(4326).to_file(path, driver=form.upper() if form == "kml" else "GeoJSON")
        else:
            frame.to_file(path, engine="pyogrio")
        return path.name, path.read_bytes()


@pytest.mark.parametrize("form", ["gpkg", "geojson", "fgb", "parquet", "kml", "gdb"])
def test_every_vector_form_gives_the_same_shapes(project: Project, form: str) -> None:
    name, data = as_form(form)
    given = own_import.preview(project, "redline", name, data, OFFICIAL)
    assert given.report.kept == 3
    assert sorted(given.frame["name_zh"]) == sorted(one[0] for one in REDLINE)
    found = given.frame.set_index("name_zh").geometry
    for label, _, shape in REDLINE:
        assert found[label].symmetric_difference(shape).area < 1e-9


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("cpg", [False, True])
def test_a_shapefile_s_text_is_read_by_its_cpg_or_by_trial(
    project: Project, encoding: str, cpg: bool
) -> None:
    data = shapefile(encoding=encoding, cpg=cpg)
    given = own_import.preview(project, "redline", "a.zip", data, OFFICIAL)
    assert given.frame["name_zh"].iloc[0] == "东滩核心区"
    assert given.report.encoding == ("UTF-8" if encoding == "UTF-8" else "GB18030")


def stations_table(x: list[str], y: list[str], heads: str = "经度,纬度") -> bytes:
    lines = [f"编号,名称,{heads}"]
    lines += [f"t{at},站{at},{a},{b}" for at, (a, b) in enumerate(zip(x, y, strict=True))]
    return "\n".join(lines).encode()


PLACES = np.array([[121.47, 31.23], [121.40, 31.12], [121.52, 31.30]])


@pytest.mark.parametrize(
    "code",
    ["EPSG:4490", "EPSG:4549", "EPSG:4528", "EPSG:4550", "EPSG:4529", "EPSG:32651", "EPSG:3857"],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_every_usual_system_is_offered_and_puts_the_points_in_place(
    project: Project, code: str, swapped: bool
) -> None:
    moved = gpd.GeoSeries.from_xy(*PLACES.T, crs=4326).to_crs(code)
    x, y = [f"{one:.8f}" for one in moved.x], [f"{one:.8f}" for one in moved.y]
    data = stations_table(y, x, "X,Y") if swapped else stations_table(x, y, "X,Y")
    asked = own_import.preview(project, "stations", "s.csv", data, OFFICIAL).report
    question = next(one for one in asked.questions if one.id == "crs")
    assert code in [value for value, _ in question.choices]
    said = own_import.preview(project, "stations", "s.csv", data, Options(quality="open", crs=code))
    assert said.report.ready, said.report.questions
    found = np.column_stack([said.frame.geometry.x, said.frame.geometry.y])
    assert np.abs(found - PLACES).max() < 2e-6
    told = " ".join(one.text.zh for one in said.report.findings)
    assert ("已对调" in told) == swapped


def test_the_city_s_own_grid_is_taken_from_the_config(folder: Path) -> None:
    grid = "+proj=tmerc +lat_0=31.2352 +lon_0=121.4671 +k=1 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"
    (folder / "config.toml").write_text(f'[crs]\nlocal = "{grid}"\n', encoding="utf-8")
    moved = gpd.GeoSeries.from_xy(*PLACES.T, crs=4326).to_crs(grid)
    data = stations_table([f"{a:.4f}" for a in moved.x], [f"{a:.4f}" for a in moved.y], "X,Y")
    asked = own_import.preview(fresh(folder), "stations", "s.csv", data, OFFICIAL).report
    assert "local" in [value for value, _ in asked.questions[0].choices]
    said = Options(quality="official", crs="local")
    given = own_import.preview(fresh(folder), "stations", "s.csv", data, said)
    assert np.abs(given.frame.geometry.x - PLACES[:, 0]).max() < 1e-6
    (folder / "config.toml").write_text('[crs]\nlocal = "+proj=x +nadgrids=@f"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"\[crs\] local"):
        own_import.preview(fresh(folder), "stations", "s.csv", data, said)


def test_degrees_minutes_and_seconds_and_full_width_digits_are_read(project: Project) -> None:
    data = stations_table(
        ["121°28′12″E", "１２１．４０", "121度31分12秒"], ["31°13′48″N", "31.12", "31.3"]
    )
    given = own_import.preview(
        project, "stations", "s.csv", data, Options(quality="open", crs="EPSG:4490")
    )
    found = np.column_stack([given.frame.geometry.x, given.frame.geometry.y])
    assert np.abs(found - PLACES).max() < 1e-9


def test_a_crs_that_contradicts_the_file_s_own_is_refused(project: Project) -> None:
    with pytest.raises(DataError, match="自带坐标系"):
        own_import.preview(
            project, "redline", "a.zip", shapefile(), Options(quality="open", crs="EPSG:4528")
        )


def test_a_crs_that_puts_the_data_elsewhere_is_asked_about(project: Project) -> None:
    frame = redline_frame().to_crs(4549).set_crs(4547, allow_override=True)
    with tempfile.TemporaryDirectory() as place:
        frame.to_file(Path(place) / "a.gpkg", engine="pyogrio")
        data = (Path(place) / "a.gpkg").read_bytes()
    report = own_import.preview(project, "redline", "a.gpkg", data, OFFICIAL).report
    question = next(one for one in report.questions if one.id == "crs")
    assert "本市之外" in question.text.zh
    assert [value for value, _ in question.choices] == ["EPSG:4549"]


@pytest.mark.parametrize(
    ("text", "code", "how"),
    [
        ("浦东", "310115", "name"),
        ("上海市浦东新区", "310115", "name"),
        ("310115", "310115", "name"),
        ("310115000000", "310115", "name"),
        ("Pudong", "310115", "name"),
        ("浦东区", "310115", "alias"),
        (" 黄 浦 区 ", "310101", "name"),
        ("上海市", "310000", "name"),
        ("闸北区", "310106", "part"),
        ("卢湾", "310101", "part"),
        ("南汇区", "310115", "part"),
        ("崇明县", "310151", "whole"),
        ("蒲东新区", None, "none"),
        ("苏州市", None, "none"),
    ],
)
def test_names_of_districts_are_known_and_never_guessed(
    project: Project, text: str, code: str | None, how: str
) -> None:
    found = own_names.match(project, text)
    assert (found.code, found.how) == (code, how)


def test_a_close_name_is_proposed_and_taken_only_where_it_is_said(project: Project) -> None:
    found = own_names.match(project, "蒲东新区")
    assert found.near[0] == "浦东新区"
    assert own_names.match(project, "蒲东新区", {"蒲东新区": "浦东"}).code == "310115"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("1,234.5", (1234.5, "")),
        ("１，２３４", (1234.0, "")),
        ("12.5万亩", (12.5, "万亩")),
        ("85%", (85.0, "%")),
        ("3公顷", (3.0, "公顷")),
        ("约3", None),
        ("1,23", None),
        ("3-5", None),
    ],
)
def test_numbers_are_read_as_offices_write_them(cell: str, found: tuple[float, str] | None) -> None:
    assert own_values.number(cell) == found


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2024年8月", "2024-08"),
        ("2024年", "2024"),
        ("2024/8", "2024-08"),
        ("2024.08", "2024-08"),
        ("202408", "2024-08"),
        ("２０２４年１２月份", "2024-12"),
        ("2024-08-01 00:00:00", "2024-08"),
        ("2024年1-8月", None),
        ("2024年三季度", None),
        ("2024-13", None),
        ("8月", None),
    ],
)
def test_periods_are_years_and_months_and_nothing_else(text: str, period: str | None) -> None:
    assert own_values.period(text) == period


@pytest.mark.parametrize(
    ("unit", "wanted", "times"),
    [
        ("万亩", "公顷", 666.6667),
        ("亩", "公顷", 1 / 15),
        ("km²", "公顷", 100),
        ("㎡", "公顷", 1e-4),
        ("mg/m3", "μg/m³", 1000),
        ("‰", "%", 0.1),
        ("公里", "km", 1),
    ],
)
def test_units_are_turned_into_each_other(unit: str, wanted: str, times: float) -> None:
    assert own_values.factor(unit, wanted) == pytest.approx(times, rel=1e-6)
    assert own_values.factor("ppb", wanted) is None


def test_parks_with_areas_in_mu_merge_with_known_ones_by_name(folder: Path) -> None:
    rows = [
        ["附表1：公园名录"],
        ["序号", "公园名称", "区", "面积（亩）", "经度", "纬度", "24小时开放"],
        [1, "世纪公园", "浦东", "2,104.5", 121.54828, 31.21787, "是"],
        [2, "新建绿地", "崇明", 30, 121.47, 31.65, "否"],
        [3, "天外公园", "崇明", 30, 131.47, 31.65, "否"],
        [None, "合计", None, 2164.5, None, None, None],
    ]
    said = Options(quality="official", crs="EPSG:4490")
    given = own_import.preview(fresh(folder), "parks", "公园.xlsx", workbook(rows), said)
    report = given.report
    assert (report.read, report.kept, report.rejected) == (4, 2, 2)
    assert [one.rows for one in report.findings if one.sort == "outside"] == [(5,)]
    own_import.confirm(folder, given)
    parks = frames.table(fresh(folder), "parks").set_index("id")
    assert len(parks) == 445
    century = parks.loc["p003"]
    assert century["area_ha"] == pytest.approx(140.3)
    assert bool(century["open_24h"])
    assert century["star"] == 5
    assert century["name_en"] == "Century Park"
    assert century["source"].startswith(f"{report.source};")
    compose.build(fresh(folder), compose.Request("park_coverage"))


def test_wetlands_as_areas_bring_their_shapes(folder: Path) -> None:
    feature = {
        "type": "Feature", "properties": {"名称": "测试湿地", "级别": "湿地公园", "面积(公顷)": 12},
        "geometry": box(121.30, 31.40, 121.31, 31.41).__geo_interface__,
    }  # fmt: skip
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    given = own_import.preview(fresh(folder), "wetlands", "湿地.geojson", data, OFFICIAL)
    assert given.report.ready, given.report.questions
    own_import.confirm(folder, given)
    shapes = frames.shapes(fresh(folder), "wetland_shapes").set_index("name_zh")
    assert shapes.at["测试湿地", "adcode"] == "310114"
    assert shapes.at["测试湿地", "quality"] == "official"
    table = frames.table(fresh(folder), "wetlands").set_index("name_zh")
    assert table.at["测试湿地", "area_ha"] == 12
    compose.build(fresh(folder), compose.Request("wetlands"))


def areas_file() -> bytes:
    frame = gpd.GeoDataFrame(
        {"名称": ["甲", "乙"], "人口(万人)": [3.5, 4.0]},
        geometry=[box(121.40, 31.20, 121.42, 31.22), box(121.42, 31.20, 121.44, 31.22)],
        crs=4326,
    )
    return frame.to_json().encode()


def test_areas_become_a_layer_of_their_own_and_units_a_boundary_set(folder: Path) -> None:
    said = Options(quality="official", id="districts_own", title="管控单元")
    given = own_import.preview(fresh(folder), "areas", "单元.geojson", areas_file(), said)
    own_import.confirm(folder, given)
    spec = compose.build(fresh(folder), compose.Request("districts_own"))
    part = next(one for one in spec.parts if one.id == "places")
    assert set(part.frame["name"]) == {"甲", "乙"}
    assert "3.5" in str(part.frame["lines"].iloc[0])
    units = Options(quality="official", id="units", title="街镇")
    given = own_import.preview(fresh(folder), "boundary", "单元.geojson", areas_file(), units)
    own_import.confirm(folder, given)
    assert len(frames.boundary(fresh(folder), "units")) == 2
    assert len(frames.boundary(fresh(folder), "land_display")) == 16
    points = stations_table(["121.41", "121.43"], ["31.21", "31.21"])
    near = Options(quality="open", crs="EPSG:4490", id="outlets", within="units")
    given = own_import.preview(fresh(folder), "areas", "排口.csv", points, near)
    own_import.confirm(folder, given)
    ids = list(frames.boundary(fresh(folder), "units").index)
    assert list(frames.table(fresh(folder), "outlets")["unit_id"]) == ids
    compose.build(fresh(folder), compose.Request("outlets"))
    assert run_checks(fresh(folder)).faults == []


def test_the_land_of_the_sixteen_districts_is_replaced_with_its_version_for_drawing(
    folder: Path,
) -> None:
    known = frames.boundary(fresh(folder), "land")
    frame = gpd.GeoDataFrame(
        {"NAME": known["name_zh"].str.removesuffix("区")}, geometry=known.geometry
    )
    data = frame.to_json(drop_id=True).encode()
    asked = own_import.preview(fresh(folder), "boundary", "区界.geojson", data, OFFICIAL).report
    assert [value for value, _ in asked.questions[0].choices][:2] == ["land", "districts"]
    said = Options(quality="official", id="land")
    given = own_import.preview(fresh(folder), "boundary", "区界.geojson", data, said)
    assert not given.report.count("outside")
    own_import.confirm(folder, given)
    here = fresh(folder)
    assert set(frames.boundary(here, "land").index) == set(known.index)
    assert frames.boundary(here, "land_display").index.is_unique
    compose.build(here, compose.Request("air_quality", "pm25"))


BROKEN = Polygon([(121.40, 31.20), (121.42, 31.22), (121.42, 31.20), (121.40, 31.22)])


def broken_file() -> bytes:
    shapes = [
        box(121.40, 31.20, 121.42, 31.22), BROKEN, None, Point(121.4, 31.2),
        box(121.40, 31.20, 121.42, 31.22), box(121.41, 31.21, 121.43, 31.23),
        box(100.0, 31.0, 100.1, 31.1), box(121.4, 31.3, 121.400001, 31.300001),
        MultiPoint([(121.4, 31.2), (121.5, 31.2)]),
    ]  # fmt: skip
    names = [f"块{at}" for at in range(1, 10)]
    return gpd.GeoDataFrame({"名称": names}, geometry=shapes, crs=4326).to_json().encode()


def test_every_fault_of_geometry_is_counted_with_its_rows(project: Project) -> None:
    report = own_import.preview(project, "redline", "a.geojson", broken_file(), OFFICIAL).report
    told = {one.text.zh.split("（")[0].split("，")[0]: one.rows for one in report.findings}
    assert told["几何为空"] == (3,)
    assert told["几何类型不对"] == (4, 9)
    assert told["几何无效"] == (2,)
    assert told["几何与前面的行相同"] == (5,)
    assert told["面积不足 1 m²"] == (8,)
    assert [one.rows for one in report.findings if "相互重叠" in one.text.zh] == [(1, 5, 6)]
    assert [one.rows for one in report.findings if one.sort == "outside"] == [(7,)]
    assert (report.read, report.kept, report.rejected) == (9, 3, 6)


def test_invalid_geometry_is_mended_only_where_that_is_asked_and_recorded(folder: Path) -> None:
    said = Options(quality="official", repair=True)
    given = own_import.preview(fresh(folder), "redline", "a.geojson", broken_file(), said)
    assert [one.rows for one in given.report.findings if one.sort == "repaired"] == [(2,)]
    assert given.report.kept == 4
    own_import.confirm(folder, given)
    assert "修复几何 1 个" in (folder / "data/sources/own.csv").read_text("utf-8")
    assert run_checks(fresh(folder)).faults == []


def test_a_table_by_month_asks_for_what_it_does_not_say(folder: Path) -> None:
    rows = [["2025年8月各区PM2.5"], ["区", "浓度"], ["黄浦", 20], ["徐汇", 21]]
    first = own_import.preview(fresh(folder), "indicators", "a.xlsx", workbook(rows), OFFICIAL)
    asked = {one.id: one for one in first.report.questions}
    assert set(asked) == {"period", "indicator"}
    assert [value for value, _ in asked["period"].choices] == ["2025-08"]
    said = Options(quality="official", period="2025-08", indicator="pm25")
    given = own_import.preview(fresh(folder), "indicators", "a.xlsx", workbook(rows), said)
    assert list(given.frame["value"]) == ["20", "21"]
    assert list(given.frame["period"]) == ["2025-08"] * 2


def test_districts_across_and_months_down_are_read_too(project: Project) -> None:
    rows = [
        ["月份", "黄浦区", "徐汇", "静安"],
        ["2025年1月", 30, 31, 32],
        ["2025年2月", 28, "—", 29],
    ]
    given = own_import.preview(
        project, "indicators", "a.xlsx", workbook(rows), Options(quality="open", indicator="pm25")
    )
    found = given.frame.set_index(["area", "period"])["value"].to_dict()
    assert found == {
        ("310101", "2025-01"): "30", ("310104", "2025-01"): "31", ("310106", "2025-01"): "32",
        ("310101", "2025-02"): "28", ("310106", "2025-02"): "29",
    }  # fmt: skip


def test_a_long_table_keeps_its_own_units_and_says_each_misfit(project: Project) -> None:
    text = (
        "指标,区,时间,数值,单位\nPM2.5,黄浦,2025,0.02,mg/m3\nPM2.5,徐汇,2025,30,ppb\n"
        "PM2.5,静安,2025,900,μg/m³\n没有的指标,静安,2025,1,个\nPM2.5,长宁,2025年三季度,3,μg/m³\n"
        "PM2.5,普陀,2025,22,μg/m³\nPM2.5,普陀,2025,23,μg/m³\n"
    )
    given = own_import.preview(project, "indicators", "a.csv", text.encode(), OFFICIAL)
    assert given.frame["value"].to_dict() == {2: "20"}
    lost = {row for one in given.report.findings if one.sort == "rejected" for row in one.rows}
    assert lost == {3, 4, 5, 6, 7, 8}


def test_a_folder_changed_after_the_preview_is_left_alone(folder: Path) -> None:
    given = own_import.preview(fresh(folder), "redline", "a.zip", shapefile(), OFFICIAL)
    (folder / "data/redline").mkdir()
    (folder / "data/redline/patches.csv").write_text("x", encoding="utf-8")
    before = tree(folder)
    with pytest.raises(DataError, match="预览之后被改动"):
        own_import.confirm(folder, given)
    assert tree(folder) == before


def test_an_undo_does_not_throw_away_what_was_changed_by_hand(folder: Path) -> None:
    own_import.confirm(
        folder, own_import.preview(fresh(folder), "redline", "a.zip", shapefile(), OFFICIAL)
    )
    path = folder / "data/redline/patches.csv"
    path.write_text(path.read_text("utf-8") + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="另外改动"):
        own_import.undo(folder)


def test_replacing_stations_that_readings_refer_to_is_refused(project: Project) -> None:
    data = stations_table(["121.47"], ["31.23"])
    said = Options(quality="official", crs="EPSG:4490", mode="replace")
    with pytest.raises(DataError, match="请改用合并"):
        own_import.preview(project, "stations", "s.csv", data, said)


def test_a_layer_of_the_user_s_own_does_not_take_the_id_of_a_shipped_one(project: Project) -> None:
    said = Options(quality="official", id="parks")
    with pytest.raises(DataError, match="parks 已被使用"):
        own_import.preview(project, "areas", "a.geojson", areas_file(), said)


def test_a_formula_and_an_archive_of_tables_are_refused_and_told(project: Project) -> None:
    rows = [["编号", "名称", "经度", "纬度"], ["a", "=1+1", 121.4, 31.2], ["b", "乙", 121.41, 31.2]]
    said = Options(quality="open", crs="EPSG:4490")
    report = own_import.preview(project, "stations", "s.xlsx", workbook(rows), said).report
    assert [one.rows for one in report.findings if "公式" in one.text.zh] == [(2,)]
    assert report.kept == 1
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", stations_table(["121.4"], ["31.2"]))
        archive.writestr("b.csv", stations_table(["121.4"], ["31.2"]))
    with pytest.raises(DataError, match="几个文件"):
        own_import.preview(project, "stations", "s.csv", packed.getvalue(), said)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"", "空文件"),
        ("a.shp", b"x", "zip"),
        ("a.exe", b"x", "文件格式"),
        ("a.gpkg", b"x", "损坏"),
        ("a.parquet", b"PAR1x", "损坏"),
        ("a.zip", b"PK\x03\x04", "zip"),
        ("a.gdb.zip", b"x", "解压"),
        ("a.xlsx", b"PK\x03\x04x", "a.xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(
    project: Project, name: str, data: bytes, said: str
) -> None:
    with pytest.raises(BshError) as raised:
        own_import.preview(project, "redline", name, data, OFFICIAL)
    assert said in raised.value.zh


def test_an_unknown_field_or_column_is_named(project: Project) -> None:
    data = stations_table(["121.47"], ["31.23"])
    with pytest.raises(UnknownNameError, match="字段“colour”"):
        own_import.preview(project, "stations", "s.csv", data, Options(columns={"名称": "colour"}))
    with pytest.raises(UnknownNameError, match="列“颜色”"):
        own_import.preview(project, "stations", "s.csv", data, Options(columns={"颜色": "code"}))
