"""The commands sitecheck and redline: what they print, what they write, and how they exit."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import geopandas as gpd
import pytest
from openpyxl import load_workbook
from test_cli import one_sentence, run

from bsh_geo import sitecheck

TEXT = "甲厂: 121.4737, 31.2304\n乙厂: 31.52N 121.99E\n"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A file of pasted coordinates: one in the city, one in 东滩."""
    path = tmp_path / "in" / "sites.txt"
    path.parent.mkdir()
    path.write_text(TEXT, encoding="gb18030")
    return path


@pytest.mark.parametrize("command", ["sitecheck", "redline"])
def test_every_command_has_help_in_both_languages(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert any("一" <= sign <= "鿿" for sign in result.stdout)
    assert " / " in result.stdout


def test_the_terminal_shows_details_totals_what_was_not_tested_and_the_statement(
    text: Path,
) -> None:
    result = run("sitecheck", text, "--buffer", "800")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("场址")
    assert any(line.startswith("乙厂") and "位于其内" in line for line in lines)
    assert "生态保护红线：1 个场址位于其内或重叠。" in lines
    assert any("陈行水库" in line for line in lines)
    assert lines[-1] == sitecheck.STATEMENT.zh


def test_only_the_registers_asked_for_are_tested(text: Path) -> None:
    out = run("sitecheck", text, "--against", "parks,redline", "--lang", "en").stdout
    assert "Ecological red line: 1 site inside or overlapping." in out
    assert "Nature reserves" not in out


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg", "pdf"])
def test_every_format_is_written_whole(text: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"out.{form}"
    result = run("sitecheck", text, "-o", path)
    assert result.exit_code == 0
    assert result.stdout.strip() == str(path)
    starts = {"csv": b"\xef\xbb\xbf", "xlsx": b"PK", "geojson": b"{", "gpkg": b"SQLite"}
    assert path.read_bytes().startswith(starts.get(form, b"%PDF"))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in", path.name]


def test_pasted_coordinates_of_a_file_are_a_polygon_where_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("121.4,31.2\n121.5,31.2\n121.5,31.3\n", encoding="utf-8")
    out = tmp_path / "a.geojson"
    assert run("sitecheck", path, "--shape", "polygon", "-o", out).exit_code == 0
    assert gpd.read_file(out)["kind"].tolist() == ["area"]


def test_a_table_is_read_in_the_crs_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,经度,纬度\n甲,121.99,31.52\n", encoding="gb18030")
    assert "没有坐标系" in one_sentence(run("sitecheck", path))
    out = tmp_path / "a.xlsx"
    assert run("sitecheck", path, "--crs", "EPSG:4490", "-o", out).exit_code == 0
    sheet = load_workbook(out)["结果"]
    assert [cell.value for cell in sheet[2]][:4] == [1, "甲", "点", "位于其内"]


@pytest.mark.parametrize(
    ("words", "found", "expected"),
    [
        (("sitecheck", "nowhere.gpkg"), "nowhere.gpkg", "不存在"),
        (("sitecheck", "IN", "-o", "a.doc"), "doc", "xlsx"),
        (("sitecheck", "IN", "-o", "a"), "输出格式", "pdf"),
        (("sitecheck", "IN", "--against", "redlines"), "redlines", "redline"),
        (("sitecheck", "IN", "--against", ","), "核查对象", "至少"),
        (("sitecheck", "IN", "--buffer", "-1"), "-1", "50,000"),
        (("sitecheck", "IN", "--buffer", "nan"), "nan", "50,000"),
        (("sitecheck", "IN", "--shape", "blob"), "blob", "polygon"),
        (("sitecheck", "IN", "--shape", "polygon"), "2 个不同的点", "3"),
        (("sitecheck", "IN", "--crs", "EPSG:4549"), "EPSG:4549", "经纬度"),
        (("sitecheck", "IN", "--lang", "fr"), "fr", "zh"),
        (("redline", "--by", "town"), "town", "district"),
        (("redline", "-o", "a.pdf"), "pdf", "xlsx"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else one,
)
def test_a_wrong_choice_exits_2_with_one_sentence_and_writes_nothing(
    words: tuple[str, ...],
    found: str,
    expected: str,
    text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*(text if word == "IN" else word for word in words))
    assert result.exit_code == 2
    sentence = one_sentence(result)
    assert found in sentence
    assert expected in sentence
    assert [one.name for one in tmp_path.iterdir()] == ["in"]


def test_redline_prints_published_areas_beside_those_of_shapes() -> None:
    lines = run("redline").stdout.splitlines()
    chongming = next(line for line in lines if line.startswith("崇明区")).split()
    assert chongming[1:6] == ["1640.37", "91.78", "1548.59", "2023", "公开发布"]
    assert any("不计入公布面积" in line for line in lines)
    assert any("等积方位投影" in line for line in lines)


@pytest.mark.parametrize("by", ["district", "type", "patch"])
def test_redline_writes_each_view_with_its_note(by: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert run("redline", "--by", by, "-o", path).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert len(rows) >= 5
    assert all("不计入公布面积" in row["说明"] for row in rows)


def test_redline_as_json_and_excel(tmp_path: Path) -> None:
    path, book = tmp_path / "a.json", tmp_path / "a.xlsx"
    assert run("redline", "-o", path, "--lang", "en").exit_code == 0
    first = json.loads(path.read_text(encoding="utf-8"))[0]
    assert (first["Area"], first["Published, all (km²)"]) == ("Shanghai", 2527.3)
    assert run("redline", "-o", book).exit_code == 0
    assert load_workbook(book).worksheets[0]["B2"].value == 2527.3
