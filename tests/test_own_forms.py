"""Files as offices really send them: merged cells, cut names, curves, serial days, old formats."""

from __future__ import annotations

import datetime
import io
import json
import sqlite3
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from shapely.geometry import box
from small_own import REDLINE, tree, workbook
from typer.testing import CliRunner, Result

from bsh_geo import (
    book_merges,
    own_import,
    own_report,
    own_report_files,
    own_tables,
    own_values,
    project_folder,
)
from bsh_geo.book_merges import Merged
from bsh_geo.cli import app
from bsh_geo.errors import BshError
from bsh_geo.own_import import Options, Preview
from bsh_geo.project import Project

LONGLAT = Options(quality="official", crs="EPSG:4490")
OFFICIAL = Options(quality="official")


def told(given: Preview) -> str:
    return "\n".join(one.text.zh for one in given.report.findings)


def rows_of(given: Preview, sort: str) -> list[tuple[int, ...]]:
    return [one.rows for one in given.report.findings if one.sort == sort]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project_folder.init(tmp_path / "p")
    return tmp_path / "p"


# Tables ------------------------------------------------------------------------------------------


def test_a_district_merged_over_several_months_stands_for_each_of_them(project: Project) -> None:
    rows = [
        ["区", "月份", "PM2.5(μg/m³)"],
        ["浦东", "2024年8月", 20], [None, "2024年9月", 22],
        ["闵行", "2024年8月", 21], [None, "2024年9月", 23],
    ]  # fmt: skip
    data = workbook(rows, ["A2:A3", "A4:A5"])
    given = own_import.preview(project, "indicators", "a.xlsx", data, OFFICIAL)
    found = given.frame.set_index(["area", "period"])["value"].to_dict()
    assert found == {
        ("310115", "2024-08"): "20", ("310115", "2024-09"): "22",
        ("310112", "2024-08"): "21", ("310112", "2024-09"): "23",
    }  # fmt: skip
    assert "合并单元格 2 处，其文字用于所含各行" in told(given)
    bare = own_import.preview(project, "indicators", "a.xlsx", workbook(rows), OFFICIAL)
    assert rows_of(bare, "rejected") == [(3, 5)], "what is blank and not merged is not filled"


def test_a_figure_merged_over_two_districts_is_given_to_neither_but_the_first_row(
    project: Project,
) -> None:
    rows = [["区", "时间", "湿地总面积（公顷）"], ["浦东", 2024, 100], ["闵行", None, None]]
    data = workbook(rows, ["B2:B3", "C2:C3"])
    given = own_import.preview(project, "indicators", "a.xlsx", data, OFFICIAL)
    assert given.frame["value"].to_dict() == {2: "100"}
    assert given.frame["period"].to_dict() == {2: "2024"}
    assert "数字的合并单元格 1 处（第 2–3 行），只用于第一行" in told(given)


def test_very_many_merged_cells_and_those_over_each_other_are_read_in_a_moment() -> None:
    rows = [["区", "值"]] + [[f"区{at}" if at % 2 == 0 else None, at] for at in range(4_000)]
    merged = [f"A{at}:A{at + 1}" for at in range(2, 4_002, 2)]
    made = own_tables.read(workbook(rows, merged), "a.xlsx", lambda text: text in ("区", "值"))
    assert list(made.cells[0].head(4)) == ["区0", "区0", "区2", "区2"]
    assert [one.zh for one in made.notes] == ["合并单元格 2000 处，其文字用于所含各行"]
    over = workbook(rows[:9], ["A2:A3", "A2:A7", "A8:B8", "B4:B5"], "表")
    assert book_merges.merged_down(over, "表") == [Merged(2, 3, 0), Merged(4, 5, 1)]
    assert book_merges.merged_down(b"PK\x03\x04", "表") == []


def test_a_sheet_as_offices_make_it_is_read_row_by_row(project: Project) -> None:
    rows = [
        ["表3  各区耕地与绿地（2024年）"], ["制表单位：某局"], [],
        ["序号", "区", "耕地保有量（万亩）", "湿地总面积（万亩）", "森林覆盖率（‰）"],
        [1, "浦东", "３０．５", "1.2", "185"],
        [2, "闵行", 4.2, 0.3, "190‰"],
        ["小计", None, 34.7, 1.5, None],
        [],
        [3, "崇明", "1,0.5", 3, 260],
        ["合计", None, 34.7, 4.5, None],
    ]  # fmt: skip
    said = Options(quality="official", period="2024")
    given = own_import.preview(project, "indicators", "a.xlsx", workbook(rows), said)
    found = given.frame.set_index(["indicator", "area"])["value"].to_dict()
    assert found[("farmland_area", "310115")] == "30.5"
    assert found[("wetland_area", "310115")] == "800", "1.2 万亩 are 12 000 / 15 ha"
    assert found[("wetland_area", "310112")] == "200"
    assert found[("forest_cover_old", "310115")] == "18.5"
    assert found[("forest_cover_old", "310112")] == "19"
    assert rows_of(given, "total") == [(7, 10)]
    assert rows_of(given, "rejected") == [(9,)]
    assert "耕地保有量“1,0.5”不是数字" in told(given)
    assert "表头在第 4 行" in told(given)
    assert "空行 1 行" in told(given)


def test_a_day_that_excel_counts_is_its_month_and_told(project: Project) -> None:
    rows = [["区", "日期", "PM2.5(μg/m³)"], ["浦东", datetime.date(2024, 8, 1), 20]]
    rows += [["闵行", 45505, 21], ["徐汇", 12345, 22]]
    given = own_import.preview(project, "indicators", "a.xlsx", workbook(rows), OFFICIAL)
    assert given.frame["period"].to_dict() == {2: "2024-08", 3: "2024-08"}
    assert rows_of(given, "proposed") == [(3,)]
    assert "时间“45505”按 Excel 的日期序号读作 2024-08" in told(given)
    assert "时间“12345”不是年或月" in told(given)


@pytest.mark.parametrize(
    ("text", "month"),
    [("45505", "2024-08"), ("45505.0", "2024-08"), ("36526", "2000-01"), ("310115", None),
     ("4550", None), ("99999", None), ("2024", None)],
)  # fmt: skip
def test_days_are_counted_as_excel_does(text: str, month: str | None) -> None:
    assert own_values.counted_day(text) == month


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("旧.xls", b"\xd0\xcf\x11\xe0" + bytes(2000), "旧的 Excel 或 WPS 格式，请另存为 .xlsx"),
        ("旧.xlsx", b"\xd0\xcf\x11\xe0" + bytes(2000), "旧的 .xls 格式，请在 Excel 中另存为"),
        (
            "密.xlsx",
            b"\xd0\xcf\x11\xe0" + bytes(1500) + "EncryptedPackage".encode("utf-16-le"),
            "有打开密码，请在 Excel 中取消密码后再导入",
        ),
        ("图.dwg", b"AC1032", "是 CAD 图，请在 GIS 软件中导出"),
        ("包.rar", b"Rar!", "是压缩包，请解压，或改用 zip"),
        ("表.docx", b"PK\x03\x04", "是文档，请把其中的表另存为"),
        ("点.kmz", b"PK\x03\x04", "是压缩的 KML"),
    ],
)
def test_formats_that_are_not_read_say_what_to_do(
    project: Project, name: str, data: bytes, said: str
) -> None:
    with pytest.raises(BshError) as raised:
        own_import.preview(project, "stations", name, data, LONGLAT)
    assert said in raised.value.zh
    assert name in raised.value.zh
    assert name in raised.value.en


TEXT = "编号,名称,经度,纬度\nt1,站1,121.47,31.23\nt2,站2,121.40,31.12\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", TEXT.encode("utf-8-sig")),
        ("a.csv", TEXT.encode("gb18030")),
        ("a.csv", TEXT.encode("utf-16")),
        ("a.csv", TEXT.replace(",", ";").encode()),
        ("a.tsv", TEXT.replace(",", "\t").encode()),
        ("a.txt", TEXT.replace(",", "\t").encode("utf-8-sig")),
        ("a.csv", TEXT.replace("\n", "\r\n").encode()),
    ],
)
def test_every_separator_and_encoding_gives_the_same_rows(
    project: Project, name: str, data: bytes
) -> None:
    given = own_import.preview(project, "stations", name, data, LONGLAT)
    assert list(given.frame["code"]) == ["t1", "t2"]
    assert list(given.frame["name_zh"]) == ["站1", "站2"]
    assert list(given.frame["lon"]) == ["121.47", "121.4"]
    assert given.report.ready


def test_degrees_minutes_and_seconds_are_read_with_their_signs_and_without(
    project: Project,
) -> None:
    cells = [
        ("121°28′12″", "31°13′48″"), ("121°28.2′", "31°13.8′"), ("121度28分12秒", "31 13 48"),
        ("E121°28'12\"\"", "N31°13'48\"\""), ("121-28-12", "31:13:48"),
    ]  # fmt: skip
    lines = [f'p{at},站{at},"{x}","{y}"' for at, (x, y) in enumerate(cells)]
    data = "\n".join(["编号,名称,经度,纬度", *lines]).encode()
    given = own_import.preview(project, "stations", "a.csv", data, LONGLAT)
    assert list(given.frame["lon"]) == ["121.47"] * 5
    assert list(given.frame["lat"]) == ["31.23"] * 5
    wrong = "编号,名称,经度,纬度\na,甲,121 75 00,31.2\n".encode()
    given = own_import.preview(project, "stations", "a.csv", wrong, LONGLAT)
    assert "“121 75 00”不是坐标" in told(given)


def test_of_two_sheets_the_one_with_the_heads_is_read_and_of_two_alike_one_is_asked_for(
    project: Project,
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([["本表说明"]], title="说明")))
    page = book.create_sheet("站点")
    for row in (["编号", "名称", "经度", "纬度"], ["t1", "站1", 121.47, 31.23]):
        page.append(row)
    made = io.BytesIO()
    book.save(made)
    given = own_import.preview(project, "stations", "a.xlsx", made.getvalue(), LONGLAT)
    assert given.report.kept == 1
    assert "只读工作表“站点”，未读：说明" in told(given)
    book.copy_worksheet(page).title = "另一"
    book.save(made := io.BytesIO())
    with pytest.raises(BshError, match="几张工作表：说明、站点、另一"):
        own_import.preview(project, "stations", "a.xlsx", made.getvalue(), LONGLAT)


# Shapefiles --------------------------------------------------------------------------------------


def long_names(encoding: str) -> bytes:
    """The red line with names of fields that a Shapefile cuts at ten bytes, without ``.cpg``."""
    frame = gpd.GeoDataFrame(
        {
            "红线名称": [one[0] for one in REDLINE],
            "所在行政区划名称": [one[1] for one in REDLINE],
            "生态功能类型": ["维护", "保持", "涵养"],
        },
        geometry=[one[2] for one in REDLINE],
        crs=4326,
    )
    made = io.BytesIO()
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(made, "w") as archive:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL tells that it cuts the names
            frame.to_file(Path(place) / "长名.shp", encoding=encoding, engine="pyogrio")
        for path in sorted(Path(place).iterdir()):
            if path.suffix != ".cpg":
                archive.write(path, path.name)
    return made.getvalue()


@pytest.mark.parametrize(
    ("encoding", "heads"),
    [
        ("GBK", ["红线名称", "所在行政区", "生态功能类"]),
        ("UTF-8", ["红线名", "所在行", "生态功"]),
    ],
)
def test_names_of_fields_cut_at_ten_bytes_are_whole_characters_and_recognised(
    project: Project, encoding: str, heads: list[str]
) -> None:
    given = own_import.preview(project, "redline", "a.zip", long_names(encoding), OFFICIAL)
    assert [one.column for one in given.mapping] == heads
    assert [one.field for one in given.mapping] == ["name_zh", "adcode", "type_zh"]
    assert list(given.frame["name_zh"]) == [one[0] for one in REDLINE]
    assert list(given.frame["adcode"]) == ["310151", "310117", "310118"]


# Geometry ----------------------------------------------------------------------------------------

SQUARE = [(121.18, 31.08), (121.2, 31.08), (121.2, 31.1), (121.18, 31.1), (121.18, 31.08)]
CIRCLE = [(121.18, 31.08), (121.19, 31.09), (121.2, 31.08), (121.19, 31.07), (121.18, 31.08)]


def points(found: list[tuple[float, float]], *more: float) -> bytes:
    packed = [struct.pack(f"<{2 + len(more)}d", *one, *more) for one in found]
    return struct.pack("<I", len(found)) + b"".join(packed)


def curve() -> bytes:
    """A CURVEPOLYGON of one CIRCULARSTRING, as ISO WKB."""
    ring = struct.pack("<BI", 1, 8) + points(CIRCLE)
    return struct.pack("<BII", 1, 10, 1) + ring


def geopackage(geometry: bytes, kind: str) -> bytes:
    """A GeoPackage of one feature with a geometry that no library of ours writes."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "a.gpkg"
        frame = gpd.GeoDataFrame({"name": ["弧"]}, geometry=[box(121, 31, 122, 32)], crs=4326)
        frame.to_file(path, layer="a", engine="pyogrio")
        base = sqlite3.connect(path)
        try:
            triggers = base.execute("select name from sqlite_master where type='trigger'")
            for (name,) in triggers.fetchall():
                base.execute(f'drop trigger "{name}"')
            head = b"GP\x00\x01" + struct.pack("<i", 4326)
            base.execute("update a set geom = ?", (head + geometry,))
            base.execute(
                "update gpkg_geometry_columns set geometry_type_name = ?, z = 2, m = 2", (kind,)
            )
            base.commit()
        finally:
            base.close()
        return path.read_bytes()


@pytest.mark.parametrize(
    ("kind", "made", "km2"),
    [
        ("CURVEPOLYGON", curve, 3.33),
        ("MULTISURFACE", lambda: struct.pack("<BII", 1, 12, 1) + curve(), 3.33),
        ("POLYGON", lambda: struct.pack("<BII", 1, 2003, 1) + points(SQUARE, 5.0), 4.24),
        ("POLYGON", lambda: struct.pack("<BII", 1, 3003, 1) + points(SQUARE, 5.0, 6.0), 4.24),
    ],
)
def test_curves_surfaces_heights_and_measures_become_plain_areas(
    project: Project, kind: str, made: Callable[[], bytes], km2: float
) -> None:
    """A circle of 0.01° about 31.08° N has π × 954 m × 1 109 m = 3.32 km²."""
    given = own_import.preview(project, "redline", "a.gpkg", geopackage(made(), kind), OFFICIAL)
    (shape,) = given.frame.geometry
    assert not shape.has_z
    area = gpd.GeoSeries([shape], crs=4326).to_crs(4549).area.iloc[0] / 1e6
    assert area == pytest.approx(km2, abs=0.02)


def test_why_a_geometry_is_invalid_is_said_in_both_languages(project: Project) -> None:
    bow = {"type": "Polygon", "coordinates": [[[121.5, 31.2], [121.54, 31.24], [121.54, 31.2],
                                               [121.5, 31.24], [121.5, 31.2]]]}  # fmt: skip
    data = json.dumps({"type": "Feature", "properties": {"名称": "结"}, "geometry": bow}).encode()
    given = own_import.preview(project, "redline", "a.geojson", data, OFFICIAL)
    (one,) = [one for one in given.report.findings if one.about == "invalid"]
    assert one.text.zh == "几何无效（如在 121.5200, 31.2200 自相交），可用 --repair 修复"
    assert one.text.en == (
        "The geometry is invalid (such as self-intersection at 121.5200, 31.2200); "
        "--repair mends it"
    )


# By the command line -----------------------------------------------------------------------------


def put(path: Path, form: str) -> Path:
    """The red line as a file of a form; of several layers where the form has them."""
    frame = gpd.GeoDataFrame(
        {"名称": [one[0] for one in REDLINE], "所在区": [one[1] for one in REDLINE]},
        geometry=[one[2] for one in REDLINE],
        crs="EPSG:4326",
    )
    file = path / f"红线.{form}"
    if form == "parquet":
        frame.to_parquet(file)
    elif form == "gpkg":
        frame.to_file(file, layer="红线", engine="pyogrio")
        frame.head(1).to_file(file, layer="示例", engine="pyogrio")
    elif form == "gdb":
        frame.to_file(file, driver="OpenFileGDB", engine="pyogrio")
    elif form == "kml":
        frame.rename(columns={"名称": "Name"}).to_file(file, driver="KML", engine="pyogrio")
    else:
        frame.to_file(file, engine="pyogrio")
    return file


@pytest.mark.parametrize("form", ["kml", "gdb", "fgb", "parquet", "gpkg", "shp"])
def test_every_vector_form_comes_in_by_the_command_line_and_goes_again(
    folder: Path, tmp_path: Path, form: str
) -> None:
    before = tree(folder)
    file = put(tmp_path, form)
    words = ["add", "redline", file, "--project", folder, "--quality", "official", "--yes"]
    if form == "gpkg":
        asked = run(*words)
        assert asked.exit_code == 2
        assert "有几个图层：红线、示例" in asked.output
        words += ["--layer", "红线"]
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert "读入 3 行，导入 3，拒收 0" in done.output
    assert "第 1 次导入：3 行" in done.output
    assert "东滩核心区" in (folder / "data/redline/patches.csv").read_text("utf-8")
    assert run("undo", "--project", folder).exit_code == 0
    assert tree(folder) == before


def test_the_local_grid_and_baidu_s_datum_are_recorded_in_the_source(
    folder: Path, tmp_path: Path
) -> None:
    grid = "+proj=tmerc +lat_0=31.2352 +lon_0=121.4671 +k=1 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"
    (folder / "config.toml").write_text(f'[crs]\nlocal = "{grid}"\n', encoding="utf-8")
    moved = gpd.GeoSeries.from_xy([121.47], [31.23], crs=4326).to_crs(grid)
    file = tmp_path / "站.csv"
    file.write_text(f"编号,名称,X,Y\nt1,站1,{moved.x[0]:.3f},{moved.y[0]:.3f}\n", encoding="utf-8")
    words = ("add", "stations", file, "--project", folder, "--quality", "official")
    assert "--crs local" in run(*words, "--yes").output
    assert run(*words, "--crs", "local", "--yes").exit_code == 0
    assert "坐标系 local" in (folder / "data/sources/own.csv").read_text("utf-8")


# Layers of one's own -----------------------------------------------------------------------------


def blocks(name: str) -> bytes:
    frame = gpd.GeoDataFrame(
        {"名称": [name], "排放量(t)": [3]}, geometry=[box(121.4, 31.2, 121.42, 31.22)], crs=4326
    )
    data: str = frame.to_json(drop_id=True)
    return data.encode()


def test_another_file_never_takes_the_place_of_a_layer_and_the_same_one_says_so(
    folder: Path, tmp_path: Path
) -> None:
    def bring(name: str, *words: str) -> Result:
        (tmp_path / name).write_bytes(blocks(name))
        done = run("add", "areas", tmp_path / name, "--project", folder, "--quality", "derived",
                   "--yes", *words)  # fmt: skip
        assert done.exit_code == 0, done.output
        return done

    def layers() -> list[str]:
        return sorted(path.stem for path in (folder / "layers").glob("*.toml"))

    bring("街镇.geojson")
    bring("排口.geojson")
    assert layers() == ["own_areas", "own_areas_2"]
    again = bring("街镇.geojson")
    assert layers() == ["own_areas", "own_areas_2"]
    assert "已有编号为 own_areas 的图层“自有文件 街镇.geojson”，由这次导入替换" in again.output
    named = bring("排口.geojson", "--id", "own_areas")
    assert "由这次导入替换" in named.output
    text = (folder / "data/datasets/own_areas.toml").read_text("utf-8")
    assert '"排放量(t)"' in text
    assert "column_2" in text


# The report --------------------------------------------------------------------------------------


def test_the_report_in_excel_has_a_summary_findings_rows_and_columns(project: Project) -> None:
    rows = [
        ["公园名称", "所在区", "经度", "纬度", "面积（亩）"],
        ["甲公园", "浦东", 121.53, 31.22, 30], ["乙公园", "闵航区", 121.38, 31.11, 15],
        ["丙公园", "徐汇", 121.44, 31.19, "很大"], ["丁公园", "崇明", 131.4, 31.6, 15],
        ["合计", None, None, None, 60],
    ]  # fmt: skip
    given = own_import.preview(project, "parks", "公园.xlsx", workbook(rows), LONGLAT)
    data = own_report_files.to_bytes(given.report, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["摘要", "发现", "逐行", "对应关系"]
    pairs = {one[0]: one[1] for one in book["摘要"].iter_rows(values_only=True) if one[1]}
    counts = ("读入", "导入", "归入区", "拒收", "名称不识", "市外")
    assert [pairs.get(one) for one in counts] == [5, 2, 2, 3, 1, 1]
    assert pairs["数据性质"] == "官方"
    assert pairs["来源"] == f"自有文件 公园.xlsx（{given.report.source}）"
    lines = list(book["逐行"].iter_rows(values_only=True))
    assert lines[0] == ("行", "类别", "导入", "说明")
    assert [one[0] for one in lines[1:]] == sorted(one[0] for one in lines[1:])
    assert (4, "拒收", "否", "面积“很大”不是数字") in lines
    assert (3, "名称不识", "是") in [one[:3] for one in lines]
    found = {one[2]: one[3] for one in book["发现"].iter_rows(values_only=True)}
    assert found["合计或平均行，不导入"] == "6"
    assert ("面积（亩）", "area_ha", "亩") in list(book["对应关系"].iter_rows(values_only=True))
    english = openpyxl.load_workbook(
        io.BytesIO(own_report_files.to_bytes(given.report, "xlsx", "en"))
    )
    assert english.sheetnames == ["Summary", "Findings", "Rows", "Columns"]


def test_every_way_to_report_counts_the_same_rows(project: Project) -> None:
    rows = [
        ["公园名称", "所在区", "经度", "纬度"],
        ["甲", "浦东", 121.53, 31.22],
        ["甲", "浦东", 1, 2],
    ]
    given = own_import.preview(project, "parks", "a.xlsx", workbook(rows), LONGLAT)
    told = json.loads(own_report_files.to_bytes(given.report, "json"))["rows"]
    assert told == {
        "read": 2, "imported": 1, "matched": 1, "rejected": 1, "unmatched": 0, "duplicate": 1,
        "outside": 1, "repaired": 0,
    }  # fmt: skip
    line = "读入 2 行，导入 1，拒收 1（归入区 1，名称不识 0，重复 1，市外 1，已修复 0）"
    assert line in own_report.lines(given.report, "zh")
