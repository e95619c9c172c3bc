"""The command ``land``: what it writes, what it says, and how it exits."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from land_rasters import tif
from openpyxl import load_workbook
from shapely import box
from test_cli import one_sentence, run


@pytest.fixture
def codes(tmp_path: Path) -> Path:
    """A raster of WorldCover's codes over the whole city."""
    values = np.random.default_rng(1).choice([10, 40, 50, 80, 95], (140, 160)).astype(np.uint8)
    path = tmp_path / "codes.tif"
    path.write_bytes(tif(values, west=120.8, north=31.95, step=0.01))
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_help_is_in_both_languages() -> None:
    said = run("land", "--help").stdout
    assert "按分区统计栅格" in said
    assert "Measure a raster in zones" in said


def test_the_shipped_raster_by_district(tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    result = run("land", "land_cover", "--zones", "districts", "-o", out)
    assert result.exit_code == 0
    assert result.stdout.strip() == str(out)
    rows = rows_of(out)
    assert len(rows) == 17
    assert rows[-1]["分区"] == "合计"
    assert float(rows[0]["图形面积 (km²)"]) == pytest.approx(20.461, abs=0.001)
    assert {row["质量"] for row in rows} == {"推算（含示意）"}
    assert {"EPSG:4549" in row["量算方法"] for row in rows} == {True}


def test_shares_of_a_zone_sum_to_a_hundred(tmp_path: Path, codes: Path) -> None:
    out = tmp_path / "a.csv"
    assert run("land", codes, "--classes", "worldcover", "-o", out).exit_code == 0
    for row in rows_of(out):
        shares = [float(cell) for name, cell in row.items() if name.endswith("(%)")]
        assert sum(shares) == pytest.approx(100)


def test_a_guessed_table_is_said_on_stderr(tmp_path: Path, codes: Path) -> None:
    result = run("land", codes, "-o", tmp_path / "a.csv")
    assert "ESA WorldCover" in result.stderr
    assert result.stdout.strip() == str(tmp_path / "a.csv")


def test_an_excel_file_has_a_sheet_for_each_table(tmp_path: Path, codes: Path) -> None:
    out = tmp_path / "a.xlsx"
    words = ("--zones", "wetlands", "--change", codes, "--lang", "en")
    assert run("land", codes, *words, "-o", out).exit_code == 0
    book = load_workbook(out)
    assert book.sheetnames == [
        "Areas and shares", "By class", "Gains and losses", "Transitions", "About",
    ]  # fmt: skip
    assert [cell.font.bold for cell in book["By class"][1]] == [True] * 7
    about = {row[0].value: row[1].value for row in book["About"].iter_rows(min_row=2)}
    assert about["Raster"] == "codes.tif"
    assert "EPSG:4326" in about["Method"]


def test_a_geopackage_holds_the_zones_with_their_figures(tmp_path: Path, codes: Path) -> None:
    out = tmp_path / "a.gpkg"
    words = ("--zones", "red_line", "--classes", "worldcover", "--change", codes)
    assert run("land", codes, *words, "-o", out).exit_code == 0
    assert sorted(str(name) for name, _ in pyogrio.list_layers(out)) == ["change", "land"]
    land = gpd.read_file(out, layer="land")
    assert land.crs == "EPSG:4326"
    assert len(land) == 9
    assert (land["own_km2"] > 0).all()
    assert land["class_95_pct"].notna().all()
    assert "partly schematic" in land["quality"].iloc[0]


def test_a_raster_against_itself_has_no_change(tmp_path: Path, codes: Path) -> None:
    out = tmp_path / "a.csv"
    assert run("land", codes, "--change", codes, "-o", out).exit_code == 0
    rows = rows_of(out)
    assert rows
    assert {row["变化前"] == row["变化后"] for row in rows} == {True}


def test_amounts_are_measured_when_asked(tmp_path: Path, codes: Path) -> None:
    out = tmp_path / "a.csv"
    assert run("land", codes, "--values", "-o", out).exit_code == 0
    row = rows_of(out)[0]
    assert float(row["最小值"]) == 10
    assert float(row["最大值"]) == 95
    assert row["分区"] == "黄浦区"


def test_polygons_of_a_file_are_zones(tmp_path: Path, codes: Path) -> None:
    own = gpd.GeoDataFrame({"名称": ["甲"]}, geometry=[box(121.2, 31.1, 121.4, 31.3)], crs=4326)
    own.to_file(tmp_path / "own.gpkg", driver="GPKG")
    out = tmp_path / "a.csv"
    assert run("land", codes, "--zones", tmp_path / "own.gpkg", "-o", out).exit_code == 0
    (row,) = rows_of(out)
    assert row["分区"] == "甲"


def test_a_band_is_chosen(tmp_path: Path, codes: Path) -> None:
    both = tmp_path / "both.tif"
    values = np.stack([np.full((140, 160), 1), np.full((140, 160), 2)]).astype(np.uint8)
    both.write_bytes(tif(values, west=120.8, north=31.95, step=0.01))
    out = tmp_path / "a.csv"
    assert "2 个波段" in one_sentence(run("land", both, "-o", out))
    assert run("land", both, "--band", "2", "--classes", "clcd", "-o", out).exit_code == 0
    assert float(rows_of(out)[0]["森林 (%)"]) == pytest.approx(100)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing.tif",), "没有文件 nothing.tif"),
        (("land_cover", "--zones", "district"), "分区“district”不存在"),
        (("land_cover", "--zones", "nothing.gpkg"), "没有分区文件"),
        (("land_cover", "--classes", "wordcover"), "worldcover"),
        (("land_cover", "--values", "--classes", "clcd"), "--values"),
        (("land_cover", "--change", "nothing.tif"), "没有文件 nothing.tif"),
    ],
)
def test_a_fault_is_one_sentence_and_nothing_is_written(tmp_path, words, said) -> None:
    out = tmp_path / "a.csv"
    result = run("land", *words, "-o", out)
    assert said in one_sentence(result)
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_told_before_the_work(tmp_path: Path) -> None:
    assert "shp" in one_sentence(run("land", "land_cover", "-o", tmp_path / "a.shp"))
