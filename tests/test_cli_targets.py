"""The commands of targets: what they print, what they write, and how they exit."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rich.cells import cell_len
from test_cli import one_sentence, run

from bsh_geo import assessment, frames
from bsh_geo.project import Project

COMMANDS = ["targets", "progress", "sentence", "template", "import"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_both_languages(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert any("一" <= sign <= "鿿" for sign in result.stdout)
    assert " / " in result.stdout


def test_targets_lists_every_row_of_the_registry(project: Project) -> None:
    rows = list(csv.DictReader(io.StringIO(run("targets", "--format", "csv").stdout)))
    assert [row["编号"] for row in rows] == list(frames.table(project, "targets")["id"])
    assert {"文件", "文件状态", "条款", "区域", "指标", "原文", "备注"} <= set(rows[0])


def test_targets_of_an_area_an_indicator_and_a_document() -> None:
    words = ("--area", "金山", "--indicator", "pm25", "--document", "004", "--format", "json")
    (row,) = json.loads(run("targets", *words).stdout)
    assert row["id"] == "004-pm25-310116-2026"
    assert (row["value"], row["year"], row["operator"]) == (28, 2026, "≤")
    assert (row["area_name"], row["document_title"]) == ("金山区", "美丽金山三年行动计划")


def test_the_columns_of_a_table_stand_under_their_heads_in_cells_of_a_terminal() -> None:
    lines = run("progress", "--area", "崇明区").stdout.splitlines()
    assert len(lines) > 10
    place = cell_len(lines[0].split("指标")[0])
    for line in lines[1:]:
        name = line.split()[0]
        assert cell_len(line[: len(name)]) < place
        left = line
        while cell_len(left) > place:
            left = left[:-1]
        assert left.endswith(" ")


def test_progress_of_chongming_agrees_with_the_hand() -> None:
    words = ("--area", "崇明区", "--indicator", "pm25", "--format", "json")
    first, second = json.loads(run("progress", *words).stdout)
    assert (first["current"], first["gap"], first["state_title"]) == (19.5, -5.5, "已达成")
    # (21.1 − 19.5) / (21.1 − 20) of the way to 20
    assert (second["gap"], round(second["share"], 2)) == (-0.5, 145.45)


def test_progress_is_that_of_python(project: Project) -> None:
    found = assessment.assess(project, ["310101"])
    listed = json.loads(run("progress", "--area", "黄浦区", "--format", "json").stdout)
    assert [(one["target"], one["state"]) for one in listed] == [
        (one.target, one.state) for one in found
    ]


def test_progress_as_of_a_year_takes_no_later_figure() -> None:
    words = ("--area", "全市", "--indicator", "pm25", "--as-of", "2022", "--format", "json")
    listed = json.loads(run("progress", *words).stdout)
    assert {one["current_year"] for one in listed} == {2022}


def test_the_baseline_is_a_setting() -> None:
    words = ("--area", "全市", "--indicator", "pm25", "--format", "json", "--baseline", "2022")
    listed = json.loads(run("progress", *words).stdout)
    assert {one["baseline_year"] for one in listed} == {2022}


def test_a_csv_file_has_a_bom_and_the_terminal_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert run("targets", "--area", "金山区", "-o", path).exit_code == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert not run("targets", "--format", "csv").stdout.startswith("\ufeff")
    assert list(tmp_path.iterdir()) == [path]


def test_an_operator_stays_as_it_is_in_a_csv() -> None:
    rows = csv.DictReader(io.StringIO(run("targets", "--format", "csv").stdout))
    assert "=" in {row["要求"] for row in rows}


def test_an_excel_file_has_a_bold_head_widths_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert run("progress", "--area", "全市", "--indicator", "pm25", "-o", path).exit_code == 0
    sheet = load_workbook(path).worksheets[0]
    assert {cell.font.bold for cell in sheet[1]} == {True}
    heads = {cell.value: cell for cell in sheet[1]}
    row = {name: sheet.cell(2, cell.column) for name, cell in heads.items()}
    assert (row["现状"].value, row["现状"].number_format) == (26.3, "0.0##")
    assert row["目标值"].number_format == "0"
    assert row["目标年"].value == 2027
    assert sheet.column_dimensions["B"].width > 15
    assert {cell.data_type for cell in sheet["2"]} <= {"s", "n"}


def test_the_format_wins_over_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert run("targets", "--format", "json", "-o", path).exit_code == 0
    assert json.loads(path.read_text(encoding="utf-8"))


def test_sentence_prints_the_sentence_of_an_area() -> None:
    result = run("sentence", "--indicator", "pm25", "--area", "崇明区")
    assert result.stdout.startswith("截至2025年，崇明区")
    assert "19.5微克/立方米，较2027年目标（25微克/立方米左右）低5.5微克/立方米" in result.stdout
    english = run("sentence", "--indicator", "pm25", "--area", "Chongming", "--lang", "en")
    assert "5.5 μg/m³ below the 2027 target" in english.stdout


@pytest.mark.parametrize(
    ("words", "found", "known"),
    [
        (("targets", "--area", "金三区"), "金三区", "金山区"),
        (("targets", "--indicator", "pm52"), "pm52", "pm25"),
        (("targets", "--document", "009"), "009", "004"),
        (("targets", "--format", "xml"), "xml", "xlsx"),
        (("targets", "-o", "a.pdf"), "pdf", "xlsx"),
        (("targets", "--format", "xlsx"), "xlsx", "-o"),
        (("targets", "--lang", "fr"), "fr", "zh"),
        (("progress", "--area", "崇名区", "-o", "a.csv"), "崇名区", "崇明区"),
        (("progress", "--indicator", "pm52"), "pm52", "pm25"),
        (("progress", "--document", "009", "-o", "a.xlsx"), "009", "004"),
        (("sentence", "--indicator", "pm52"), "pm52", "pm25"),
        (("sentence", "--indicator", "pm25", "--area", "崇名区"), "崇名区", "崇明区"),
        (("sentence", "--indicator", "pm25", "--period", "2025-13"), "2025-13", "YYYY"),
        (("template", "layers", "-o", "a.xlsx"), "layers", "targets"),
        (("template", "targets", "-o", "a.csv"), "csv", "xlsx"),
        (("import", "layers", "a.xlsx", "--project", "."), "layers", "targets"),
        (("import", "targets", "a.xlsx", "--project", "."), "a.xlsx", "不存在"),
        (("import", "targets", "a.xlsx", "--project", "nowhere"), "nowhere", "data/"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else one,
)
def test_a_wrong_choice_exits_2_with_one_sentence_and_writes_nothing(
    words: tuple[str, ...],
    found: str,
    known: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == 2
    sentence = one_sentence(result)
    assert found in sentence
    assert known in sentence
    assert list(tmp_path.iterdir()) == []
