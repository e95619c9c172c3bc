"""The commands of water, wetlands and bays, as a shell sees them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from conftest import ROOT
from typer.testing import CliRunner, Result

from bsh_geo import cli

SAMPLE = ROOT.parent / "shared" / "samples" / "river_daily_sample.csv"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the sample in its store, imported by the command."""
    assert SAMPLE.is_file(), f"{SAMPLE} is missing"
    here = tmp_path_factory.mktemp("project")
    (here / "data").mkdir()
    done = run("import", "readings", SAMPLE, "--network", "river", "--project", here, "--yes")
    assert done.exit_code == 0, done.output
    return here


def test_a_file_is_graded_reading_by_reading(tmp_path: Path) -> None:
    out = tmp_path / "classes.csv"
    done = run("water", "grade", SAMPLE, "-o", out)
    assert done.exit_code == 0, done.output
    rows = rows_of(out)
    assert len(rows) == 59
    first = rows[0]
    assert (first["站点编号"], first["名称"], first["水质类别"]) == ("w01", "七效港西桥", "Ⅱ类")
    assert first["定类项目"] == "高锰酸盐指数、总磷"
    assert first["项目齐全"] == "否"
    assert "化学需氧量" in first["缺测项目"]
    assert {row["标准"] for row in rows} == {"GB 3838-2002"}


def test_readings_of_the_store_are_graded_by_period(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "classes.csv"
    done = run("water", "grade", "--network", "river", "--period", "2021", "-o", out,
               "--project", folder)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert len(rows_of(out)) == 43
    assert {row["时间"][:4] for row in rows_of(out)} == {"2021"}


def test_the_kind_of_water_of_unlisted_stations_can_be_said(tmp_path: Path) -> None:
    file = tmp_path / "lake.csv"
    file.write_text(
        "站点名称,监测时间,总磷,总氮\n某湖心,2025-05-05 08:00,0.1,0.4\n", encoding="utf-8"
    )
    found = {}
    for kind in ("river", "lake"):
        out = tmp_path / f"{kind}.csv"
        assert run("water", "grade", file, "--kind", kind, "-o", out).exit_code == 0
        found[kind] = rows_of(out)[0]["水质类别"]
    assert found == {"river": "Ⅱ类", "lake": "Ⅳ类"}


def test_sea_water_is_graded_by_its_own_standard(tmp_path: Path) -> None:
    file = tmp_path / "sea.csv"
    file.write_text(
        "点位,采样日期,溶解氧,化学需氧量,无机氮,活性磷酸盐,石油类,pH\n"
        "A1,2025-05-05,7.1,1.2,0.25,0.01,0.02,8.1\n",
        encoding="utf-8",
    )
    out = tmp_path / "sea_classes.csv"
    done = run("water", "grade", file, "--network", "sea", "-o", out, "--lang", "en")
    assert done.exit_code == 0, done.output
    row = rows_of(out)[0]
    assert (row["Class"], row["Deciding items"]) == ("Class 2", "Dissolved inorganic nitrogen")
    assert (row["Complete"], row["Standard"]) == ("yes", "GB 3097-1997")


def test_the_status_of_a_month_tells_classes_and_the_good_rate(folder: Path) -> None:
    done = run("water", "status", "--period", "2021-06", "--project", folder)
    assert done.exit_code == 0, done.output
    assert "蕴川路桥" in done.output
    assert "Ⅳ类" in done.output
    assert "优良率" in done.output


def test_a_year_with_too_few_months_has_no_class_and_says_why(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "year.xlsx"
    done = run("water", "status", "--period", "2021", "-o", out, "--project", folder)
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["断面类别", "优良率"]
    head, *rows = book["断面类别"].iter_rows(values_only=True)
    row = dict(zip(head, rows[1], strict=True))
    assert row["名称"] == "蕴川路桥"
    assert row["水质类别"] is None
    assert row["无类别的原因"] == "有数据的月份 4 个，应不少于 8 个"


def test_stations_without_readings_are_listed_when_asked_for(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.csv"
    assert run("water", "status", "--all", "-o", out, "--project", folder).exit_code == 0
    rows = rows_of(out)
    assert len(rows) == 72
    assert sum(row["水质类别"] != "" for row in rows) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("water", "status", "--network", "sea"), "--network sea"),
        (("water", "status", "--network", "air"), "air"),
        (("water", "grade", "-o", "x.csv"), "没有地表水水质读数"),
        (("water", "grade", SAMPLE, "-o", "x.txt"), "txt"),
        (("water", "grade", SAMPLE, "--kind", "pond", "-o", "x.csv"), "pond"),
        (("water", "grade", SAMPLE, "--period", "2021", "-o", "x.csv"), "--period"),
        (("water", "grade", "nowhere.csv", "-o", "x.csv"), "nowhere.csv"),
        (("wetlands", "-o", "x.pdf"), "pdf"),
        (("wetlands", "-o", "x.csv", "--before", "a.geojson"), "--survey"),
        (("wetlands", "-o", "x.csv", "--survey", "nowhere.geojson"), "nowhere.geojson"),
        (("bays", "-o", "x"), "x"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    words: tuple[str | Path, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*words)
    assert done.exit_code == 2, done.output
    assert done.output.startswith("错误")
    assert told in done.output
    assert "Traceback" not in done.output
    assert list(tmp_path.iterdir()) == []


def test_wetlands_are_written_as_a_book_of_tables(tmp_path: Path) -> None:
    out = tmp_path / "wetlands.xlsx"
    done = run("wetlands", "-o", out)
    assert done.exit_code == 0, done.output
    assert "图形面积之和不是官方总数" in done.output
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == [
        *("湿地名录", "归并后的湿地", "按级别", "按区", "规划任务", "保护率", "说明")
    ]
    assert book["湿地名录"].max_row == 26
    assert book["归并后的湿地"].max_row == 23


def test_the_csv_of_wetlands_is_one_plain_table(tmp_path: Path) -> None:
    out = tmp_path / "wetlands.csv"
    assert run("wetlands", "-o", out, "--lang", "en").exit_code == 0
    rows = rows_of(out)
    assert len(rows) == 25
    assert rows[0]["Grade"] == "Ramsar site"


def test_a_second_survey_gives_the_change_of_each_wetland(tmp_path: Path) -> None:
    file = tmp_path / "survey.geojson"
    square = [[[122.0, 31.4], [122.1, 31.4], [122.1, 31.5], [122.0, 31.5], [122.0, 31.4]]]
    feature = {
        "type": "Feature",
        "properties": {"id": "new-shoal", "name_zh": "新沙洲"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    file.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    out = tmp_path / "change.csv"
    done = run("wetlands", "-o", out, "--survey", file, "--before", file)
    assert done.exit_code == 0, done.output
    rows = rows_of(out)
    assert [row["变化"] for row in rows] == ["未变", ""]
    assert float(rows[0]["前次 (km²)"]) == pytest.approx(105.39, abs=0.01)
    done = run("wetlands", "-o", out, "--survey", file)
    assert done.exit_code == 0, done.output
    states = {row["编号"]: row["变化"] for row in rows_of(out)}
    assert states["dishui-lake"] == "后次没有"


def test_bays_are_written_with_their_shore_and_targets(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "bays.xlsx"
    done = run("bays", "-o", out, "--project", folder)
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["湾段", "入海河流", "水质读数", "目标", "全市海域", "说明"]
    head, *rows = book["湾段"].iter_rows(values_only=True)
    first = dict(zip(head, rows[0], strict=True))
    assert (first["量得岸线 (km)"], first["公布岸线 (km)"]) == (24.5, 23.3)
    assert first["各文件是否一致"] == "不一致"


def test_bays_are_written_as_json_with_machine_readable_numbers(tmp_path: Path) -> None:
    out = tmp_path / "bays.json"
    assert run("bays", "-o", out, "--lang", "en").exit_code == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["Segments"][1]["Shore, measured (km)"] == 34.1
    assert found["Segments"][2]["Shore, published (km)"] is None


def test_wetlands_and_bays_are_told_on_the_terminal_without_a_file() -> None:
    wetlands, bays = run("wetlands"), run("bays", "--lang", "en")
    assert wetlands.exit_code == 0 and bays.exit_code == 0
    assert "# 归并后的湿地" in wetlands.stdout
    line = next(one for one in wetlands.stdout.splitlines() if one.startswith("合计（每处一次）"))
    assert line.split()[1:5] == ["25", "22", "11", "128267.6"]
    assert "25 项名录归并为 22 处" in wetlands.stdout
    assert wetlands.stdout.count("25 项名录归并为 22 处") == 1
    assert "# " in bays.stdout and "24.5" in bays.stdout
