"""The commands of readings: what they show, what they ask, what they store, and how they exit."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from openpyxl import load_workbook
from test_cli import one_sentence, run
from typer.testing import CliRunner

from bsh_geo import cli_readings
from bsh_geo.cli import app

NATIONAL = ROOT.parent / "shared" / "samples" / "china_sites_20190101.csv"
SNAPSHOT = ROOT.parent / "shared" / "samples" / "airnow_shanghai_84b4a0f.geojson"

WIDE = "监测时间,站点名称,PM2.5,CO\r\n2019-01-01 08:00,普陀,35,0.6\r\n2019-01-01 09:00,虹口,36,\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty project folder."""
    made = tmp_path / "mine"
    made.mkdir()
    return made


def file(folder: Path, name: str, text: str) -> Path:
    path = folder.parent / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize(
    "words", [("import",), ("import", "readings"), ("readings",), ("aqi",)], ids=" ".join
)
def test_every_command_has_help_in_both_languages(words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert any("一" <= sign <= "鿿" for sign in result.stdout)
    assert " / " in result.stdout


def test_the_mapping_is_shown_and_applied_where_nothing_is_open(folder: Path) -> None:
    result = run("import", "readings", file(folder, "a.csv", WIDE), "--project", folder)
    assert result.exit_code == 0
    shown = [line.split() for line in result.stderr.splitlines()]
    assert shown[0] == ["a.csv"]
    assert ["站点名称", "站点"] in shown
    assert ["PM2.5", "细颗粒物（PM2.5）", "μg/m³（未注明）"] in shown
    assert "批次 1：新存 3，替换 0，未变 0；2019-01-01 08:00 – 2019-01-01 09:00" in result.stdout
    again = run("import", "readings", folder.parent / "a.csv", "--project", folder, "--lang", "en")
    assert "as the last file with this head was read" in again.stderr
    assert "Batch 2: 0 stored, 0 replaced, 3 unchanged" in again.stdout


def test_an_import_into_a_folder_makes_it_a_project(folder: Path) -> None:
    run("import", "readings", file(folder, "a.csv", WIDE), "--project", folder, "--yes")
    assert [one.name for one in folder.iterdir()] == ["readings"]
    assert run("layers", "--project", folder).exit_code == 0
    (told,) = json.loads(
        run("readings", "--network", "air", "--project", folder, "--format", "json").stdout
    )
    assert (told["stations"], told["rows"], told["batches"]) == (2, 2, 1)
    assert (told["first"], told["last"]) == ("2019-01-01 08:00", "2019-01-01 09:00")
    # Two stations and two hours make four values; two of PM2.5 and one of CO are there.
    assert told["complete_percent"]["pm25"] == 50
    assert told["complete_percent"]["co"] == 25
    assert told["corrections"] == 0


def test_readings_lists_items_and_imports(folder: Path) -> None:
    run("import", "readings", file(folder, "a.csv", WIDE), "--project", folder, "--source", "站内")
    changed = WIDE.replace(",35,", ",34,")
    run("import", "readings", file(folder, "b.csv", changed), "--project", folder)
    lines = run("readings", "--network", "air", "--project", folder).stdout.splitlines()
    assert "2 个站点，2 行，2 次导入，更正 1 个数值" in lines[0]
    assert lines[2].split() == ["细颗粒物（PM2.5）", "μg/m³", "2", "50"]
    assert lines[-2].split()[3:] == ["a.csv", "站内", "open", "3", "0", "0"]
    assert lines[-1].split()[3:] == ["b.csv", "b.csv", "open", "0", "1", "2"]
    assert "没有读数" in run("readings", "--network", "air").stdout
    assert "no readings" in run("readings", "--network", "air", "--lang", "en").stdout


def test_the_national_sample_is_imported_and_told(folder: Path) -> None:
    result = run("import", "readings", NATIONAL, "--project", folder)
    assert result.exit_code == 0
    assert "新存 1,388，替换 0，未变 0" in result.stdout
    # The first ten in the order of the file.
    assert (
        "1,438 个站点不在项目的站点表中，其 187,212 个数值未读入："
        "1001A、1002A、1003A、1004A、1005A、1006A、1007A、1008A、1009A、1010A …；"
    ) in result.stdout
    assert "未读的项目：" in result.stdout and "PM2.5_24h" in result.stdout
    every = run("import", "readings", NATIONAL, "--project", folder, "--all-stations")
    assert "新存 187,212，替换 0，未变 1,388" in every.stdout


def test_a_stated_unit_is_converted_only_with_yes_or_unit(folder: Path) -> None:
    path = file(folder, "a.csv", WIDE.replace(",CO", ",CO(μg/m³)").replace("0.6", "600"))
    words = ("import", "readings", path, "--project", folder)
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "错误: 一氧化碳（CO）的单位为 μg/m³，将乘以 0.001 换算成 mg/m³；"
        "请加 --yes 确认，或用 --unit 说明。"
    )
    assert not (folder / "readings").exists()
    assert run(*words, "--unit", "CO=ug/m3").exit_code == 0
    assert run(*words, "--yes").exit_code == 0


def test_on_a_terminal_the_mapping_is_asked_about(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_readings, "_on_terminal", lambda: True)
    path = file(folder, "a.csv", WIDE)
    words = ["import", "readings", str(path), "--project", str(folder)]
    no = CliRunner().invoke(app, words, input="n\n")
    assert no.exit_code == 1
    assert "按此读入？" in no.stderr
    assert not (folder / "readings").exists()
    assert CliRunner().invoke(app, words, input="\n").exit_code == 0
    assert (folder / "readings").exists()


def test_a_file_that_cannot_be_read_exits_1_when_others_were(folder: Path) -> None:
    good, bad = file(folder, "a.csv", WIDE), file(folder, "b.csv", "x,y\r\n1,2\r\n")
    result = run("import", "readings", good, bad, "--project", folder)
    assert result.exit_code == 1
    assert "批次 1：新存 3" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("b.csv：没有认出时间和监测项目")


@pytest.mark.parametrize(
    ("text", "words", "sentence"),
    [
        ("x,y\r\n1,2\r\n", (), "a.csv：没有认出时间和监测项目或浓度的列，表头为：x、y；"),
        ("", (), "a.csv 是空文件。"),
        (WIDE.replace("站点名称", "备注"), (), "a.csv：没有站点列，文件名或表名也不是站点；"),
        (WIDE.replace("CO", "PM2.5浓度"), (), "a.csv：列“PM2.5”和“PM2.5浓度”都是 pm25；"),
        (WIDE, ("--quality", "schematic"), "质量“schematic”不存在。"),
        (WIDE, ("--quality", "good"), "质量“good”不存在。"),
        (WIDE, ("--network", "sea-air"), "监测网络“sea-air”不存在。"),
        (WIDE, ("--unit", "CO"), "--unit 的值“CO”应如 CO=mg/m3。"),
        (WIDE, ("--unit", "XX=mg/m3"), "监测项目“XX”不存在。"),
        (WIDE, ("--unit", "CO=ppm"), "--unit：一氧化碳（CO）的单位为 ppm，是体积浓度"),
        (WIDE, ("--unit", "CO=km"), "--unit：一氧化碳（CO）的单位“km”不能换算成 mg/m³。"),
        (WIDE, ("--zone", "Moon"), "时区“Moon”不存在。"),
        (WIDE, ("--mapping", "no.toml"), "无法读取映射文件 no.toml"),
        (WIDE, ("--report", "a.pdf"), "报告格式“pdf”不存在。"),
        (WIDE, ("--lang", "fr"), "语言“fr”不存在。"),
    ],
)
def test_what_is_wrong_exits_2_with_a_sentence_and_stores_nothing(
    folder: Path, text: str, words: tuple[str, ...], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    result = run("import", "readings", file(folder, "a.csv", text), "--project", folder, *words)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"错误: {sentence}")
    assert "Traceback" not in result.stderr
    assert list(folder.iterdir()) == []


def test_a_missing_file_or_folder_is_told(folder: Path) -> None:
    result = run("import", "readings", "no.csv", "--project", folder)
    assert (result.exit_code, one_sentence(result)) == (2, "错误: 文件 no.csv 不存在。")
    result = run("import", "readings", NATIONAL, "--project", folder / "no")
    assert result.exit_code == 2
    assert "项目文件夹" in one_sentence(result)


def test_the_report_can_be_had_as_json_and_excel(folder: Path) -> None:
    path = file(folder, "a.csv", WIDE + "2019-01-01 10:00,普陀,x,\r\n")
    for form in ("json", "xlsx"):
        told = folder.parent / f"report.{form}"
        result = run("import", "readings", path, "--project", folder, "--report", told)
        assert result.exit_code == 0
    assert "拒收：不是数字 1。见 readings/rejected/air-1.csv。" in run(
        "import", "readings", path, "--project", folder
    ).stdout.replace("air-3", "air-1")
    record = json.loads((folder.parent / "report.json").read_text("utf-8"))
    assert (record["stored"], record["rejected"], record["reasons"]) == (3, 1, {"不是数字": 1})
    page = load_workbook(folder.parent / "report.xlsx").worksheets[0]
    assert [cell.value for cell in page[1]][:3] == ["文件", "读到", "采用"]
    assert [cell.value for cell in page[3]][:3] == ["合计", 4, 3]


def test_a_mapping_file_says_what_the_columns_are(folder: Path) -> None:
    mapping = file(
        folder,
        "m.toml",
        'network = "air"\nshape = "wide"\ntime = "t"\nstation = "s"\n[items]\nA = "pm25"\n',
    )
    path = file(folder, "a.csv", "t,s,A,B\r\n2019-01-01 08:00,普陀,35,1\r\n")
    result = run("import", "readings", path, "--project", folder, "--mapping", mapping)
    assert result.exit_code == 0
    assert "按 --mapping 文件" in result.stderr
    assert "新存 1" in result.stdout
    # The same head is known from now on.
    assert run("import", "readings", path, "--project", folder).exit_code == 0


def test_the_station_of_a_file_without_one_is_named(folder: Path) -> None:
    path = file(folder, "a.csv", "时间,PM2.5\r\n2019-01-01 08:00,35\r\n")
    result = run("import", "readings", path, "--project", folder, "--station", "普陀")
    assert result.exit_code == 0
    assert "新存 1" in result.stdout


def test_import_names_its_kinds() -> None:
    result = run("import", "layers", "a.xlsx", "--project", ".")
    assert result.exit_code == 2
    assert one_sentence(result) == "错误: 导入内容“layers”不存在。可用：targets、readings、grid。"


def aqi_rows(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("standard", ["2012", "by-date", "hj-633-2012"])
def test_the_aqi_of_every_complete_station_hour_is_the_published_one(
    tmp_path: Path, standard: str
) -> None:
    out = tmp_path / "aqi.csv"
    result = run("aqi", NATIONAL, "-o", out, "--standard", standard)
    assert (result.exit_code, result.stdout.strip()) == (0, str(out))
    rows = aqi_rows(out)
    assert list(rows[0]) == [
        "time", "station", "aqi", "class", "primary", "standard", "complete",
    ]  # fmt: skip
    raw = pd.read_csv(NATIONAL).set_index(["date", "hour", "type"])
    long = raw.rename_axis(columns="station").stack().unstack("type")
    published = {
        (f"2019-01-01 {hour:02d}:00", station): value
        for (_, hour, station), value in long["AQI"].dropna().items()
    }
    # A zero is a concentration that the platform did not count as measured.
    zero = {
        (f"2019-01-01 {hour:02d}:00", station)
        for (_, hour, station), low in (
            long[["PM2.5", "PM10", "SO2", "NO2", "CO", "O3"]].min(axis=1).items()
        )
        if low <= 0
    }
    compared = [
        (row, published[row["time"], row["station"]])
        for row in rows
        if row["complete"] == "true"
        and (row["time"], row["station"]) in published
        and (row["time"], row["station"]) not in zero
    ]
    assert len(compared) > 20_000
    assert [row for row, value in compared if int(row["aqi"]) != value] == []


def test_class_and_primary_are_named_in_the_language_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "time,station,PM2.5,PM10,SO2,NO2,CO,O3\n"
        "2019-01-01 08:00,甲,75,150,1,1,0.1,200\n"
        "2019-01-01 08:00,=乙,10,10,1,1,0.1,10\n"
        "2026-03-01 00:00,甲,75,150,1,1,0.1,\n"
        "2026-03-01 01:00,甲,75,150,1,1,0.1,\n",
        encoding="utf-8",
    )
    out = tmp_path / "out.csv"
    assert run("aqi", path, "-o", out).exit_code == 0
    second, first, third, fourth = aqi_rows(out)  # by time and station
    assert [first[name] for name in ("station", "aqi", "class", "complete")] == [
        "甲", "100", "良", "true",
    ]  # fmt: skip
    assert set(first["primary"].split(",")) == {"PM2.5", "PM10", "O3"}
    assert [second[name] for name in ("station", "aqi", "class", "primary")] == [
        "'=乙", "15", "优", "",
    ]  # fmt: skip
    # 75 is 15/55 of the way from 60 (100) to 115 (150): 113.6, rounded up.
    # 00:00 of 1 March belongs to February, which HJ 633-2012 judges; 01:00 is judged by 2026.
    assert (third["standard"], third["aqi"], third["complete"]) == ("hj-633-2012", "100", "false")
    assert (fourth["standard"], fourth["aqi"]) == ("hj-633-2026", "114")
    assert run("aqi", path, "-o", out, "--lang", "en", "--standard", "2012").exit_code == 0
    assert [row["class"] for row in aqi_rows(out)] == ["Excellent", "Good", "Good", "Good"]


def test_the_aqi_of_several_files_is_one_table_and_faults_are_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("x,y\n1,2\n")
    out = tmp_path / "out.csv"
    result = run("aqi", SNAPSHOT, bad, NATIONAL, "-o", out)
    assert result.exit_code == 1
    assert "bad.csv：没有认出时间和监测项目" in result.stderr
    assert {row["time"][:4] for row in aqi_rows(out)} == {"2018", "2019"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("-o", "a.xlsx"), "输出格式“xlsx”不存在。"),
        (("-o", "a.csv", "--standard", "1996"), "AQI 标准“1996”不存在。"),
        (("-o", "no/a.csv"), "无法写入"),
    ],
)
def test_a_wrong_choice_of_aqi_exits_2_and_writes_nothing(
    words: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("aqi", SNAPSHOT, *words)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"错误: {sentence}")
    assert list(tmp_path.iterdir()) == []


def test_an_hour_before_any_standard_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,station,PM2.5\n2013-01-01 08:00,1141A,35\n")
    out = tmp_path / "out.csv"
    result = run("aqi", path, "-o", out)
    assert result.exit_code == 2
    assert "2016-01-01" in result.stderr
    assert not out.exists()
    assert run("aqi", path, "-o", out, "--standard", "2012").exit_code == 0


DOCUMENT = (ROOT / "docs" / "readings.md").read_text("utf-8")
EXAMPLES = re.findall(r"```csv\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_document_is_read_whole(folder: Path, example: str) -> None:
    path = file(folder, "a.csv", example)
    result = run("import", "readings", path, "--project", folder, "--report", folder / "r.json")
    assert result.exit_code == 0
    record = json.loads((folder / "r.json").read_text("utf-8"))
    assert record["taken"] == record["read"] == record["stored"] > 0


def test_the_mapping_of_the_document_can_be_used(folder: Path) -> None:
    assert len(EXAMPLES) == 3
    example = re.search(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert example
    mapping = file(folder, "m.toml", example.group(1))
    path = file(folder, "a.csv", "时刻,测站,颗粒物甲,颗粒物乙\n2019-01-01 08:00,普陀,50,停机\n")
    result = run("import", "readings", path, "--project", folder, "--mapping", mapping)
    assert "新存 1，" in result.stdout


def test_the_document_names_every_option() -> None:
    for words in (("import", "readings"), ("readings",), ("aqi",)):
        options = set(re.findall(r"--[a-z-]+", run(*words, "--help").stdout)) - {"--help"}
        assert len(options) > 3
        assert {name for name in options if name not in DOCUMENT} == set()
