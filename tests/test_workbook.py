"""The template of targets: typed in and read back, refused whole with every fault named."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from test_cli import run

from bsh_geo import assessment, catalogue, frames, intake, template, workbook
from bsh_geo.check import run_checks
from bsh_geo.errors import DataError, FaultsError
from bsh_geo.project import Project, open_project
from bsh_geo.sheets import HEADS, TITLES, sheets

SHEET = TITLES

DOCUMENT = {
    "id": "005",
    "title_zh": "某某区行动计划",
    "short_zh": "某某计划",
    "issuer_zh": "某某区",
    "date": datetime.datetime(2026, 3, 1),
    "status_zh": "已印发",
    "status_code": "issued",
    "scope": "崇明区",
    "completeness_zh": "全文。",
    "file": "005.txt",
}
INDICATOR = {
    "id": "reed_share",
    "zh": "芦苇覆盖率",
    "theme": "生态",
    "unit": "%",
    "decimals": 1,
    "direction": "higher",
    "valid_min": 0,
    "valid_max": 100,
    "definition_zh": "芦苇面积占湿地面积。",
}
TARGET = {
    "id": "005-reed_share-310151-2030",
    "document": "005",
    "clause": "一",
    "quote": "到2030年，芦苇覆盖率达到40%",
    "area": "崇明区",
    "indicator": "reed_share",
    "operator": "=",
    "value": 40,
    "unit": "%",
    "year": 2030,
}
FIGURE = {
    "indicator": "reed_share",
    "area": "崇明区",
    "period": 2025,
    "value": 31.5,
    "unit": "%",
    "source": "own-2026",
    "quality": "official",
    "basis": "stated",
}
SOURCE = {"id": "own-2026", "title_zh": "崇明区统计"}
WHOLE: dict[str, list[dict[str, Any]]] = {
    "documents": [DOCUMENT],
    "indicators": [INDICATOR],
    "targets": [TARGET],
    "observations": [FIGURE],
    "sources": [SOURCE],
}


def filled(project: Project, path: Path, rows: Mapping[str, list[dict[str, Any]]]) -> Path:
    """The template with these rows typed below the example, as its machine names say."""
    book = load_workbook(io.BytesIO(template.template(project)))
    for sheet_id, typed in rows.items():
        page = book[SHEET[sheet_id]]
        at = {cell.value: cell.column for cell in page[2]}
        for number, row in enumerate(typed, start=4):
            for name, value in row.items():
                cell = page.cell(number, at[name])
                cell.value = value
    book.save(path)
    return path


def refused(project: Project, path: Path) -> list[str]:
    """The lines of the faults, without the head."""
    with pytest.raises(FaultsError) as error:
        workbook.read_targets(path, project)
    head, *lines = str(error.value).splitlines()
    assert f"{len(lines)} 处问题" in head
    assert len(error.value.text("en").splitlines()) == len(lines) + 1
    return [line.strip() for line in lines]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "own"
    path.mkdir()
    return path


def files(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


def test_the_template_has_a_sheet_each_a_help_and_an_example(project: Project) -> None:
    book = load_workbook(io.BytesIO(template.template(project)))
    assert book.sheetnames == [*TITLES.values(), "说明 Help"]
    for title in TITLES.values():
        assert book[title]["A2"].value == "mark"
        assert book[title]["A3"].value == "示例"
        assert book[title]["B1"].font.bold
    help_text = [str(cell.value) for row in book["说明 Help"].iter_rows() for cell in row]
    assert {"310151", "pm25", "≈", "official", "004"} <= set(help_text)


def test_every_head_of_the_template_is_chinese(project: Project) -> None:
    heads = [column.zh for sheet in sheets(project).values() for column in sheet.columns.values()]
    assert len(heads) > 40
    assert [head for head in heads if not re.search("[一-鿿]", head)] == []
    assert HEADS


def test_the_template_as_it_comes_has_nothing_to_read(project: Project, tmp_path: Path) -> None:
    (line,) = refused(project, filled(project, tmp_path / "a.xlsx", {}))
    assert "示例" in line


def test_the_example_is_accepted_where_its_mark_is_blanked(
    project: Project, tmp_path: Path
) -> None:
    path = filled(project, tmp_path / "a.xlsx", {})
    book = load_workbook(path)
    for title in TITLES.values():
        book[title]["A3"].value = None
    book.save(path)
    entered = workbook.read_targets(path, project)
    assert {len(rows) for rows in entered.rows.values()} == {1}


def test_a_changed_example_that_is_still_marked_is_a_fault(
    project: Project, tmp_path: Path
) -> None:
    path = filled(project, tmp_path / "a.xlsx", {})
    book = load_workbook(path)
    book[SHEET["targets"]]["E3"].value = "到2028年，我自己的目标"
    book.save(path)
    lines = refused(project, path)
    assert lines[0].startswith("目标 Targets 第 3 行：")
    assert "示例" in lines[0]


def test_what_is_typed_comes_back_from_the_project(
    project: Project, tmp_path: Path, folder: Path
) -> None:
    path = filled(project, tmp_path / "a.xlsx", WHOLE)
    result = run("import", "targets", path, "--project", folder)
    assert result.exit_code == 0, result.stderr
    assert "data/targets/targets.csv：新增 1 行，替换 0 行" in result.stdout.splitlines()
    assert files(folder) == {
        "data/targets/documents.toml",
        "data/targets/indicators.toml",
        "data/targets/targets.csv",
        "data/indicators/observations.csv",
        "data/sources/own.csv",
    }
    own = open_project(folder)
    assert catalogue.load_documents(own)["005"].date == "2026-03-01"
    assert catalogue.load_indicators(own)["reed_share"].en == "芦苇覆盖率"
    (one,) = assessment.assess(own, ["310151"], "reed_share")
    assert (one.current, one.value, one.gap, one.state) == (31.5, 40, -8.5, "no_data")
    assert run_checks(own).faults == []


def test_the_shipped_rows_are_kept_as_they_are(
    project: Project, tmp_path: Path, folder: Path
) -> None:
    entered = workbook.read_targets(filled(project, tmp_path / "a.xlsx", WHOLE), project)
    intake.write(intake.target_project(folder), entered)
    own = open_project(folder)
    for dataset in ("targets", "observations"):
        before = frames.table(project, dataset)
        assert frames.table(own, dataset).iloc[:-1].equals(before)
    shipped = catalogue.load_indicators(project)
    assert {name: catalogue.load_indicators(own)[name] for name in shipped} == shipped
    documents = catalogue.load_documents(project)
    assert {name: catalogue.load_documents(own)[name] for name in documents} == documents


def test_a_row_with_a_known_id_replaces_it(project: Project, tmp_path: Path, folder: Path) -> None:
    mine = {**TARGET, "document": "004", "indicator": "pm25", "unit": "μg/m³", "value": 27}
    row = {**mine, "id": "004-pm25-310116-2026", "area": "金山区", "operator": "<=", "year": 2026}
    path = filled(project, tmp_path / "a.xlsx", {"targets": [row]})
    (done,) = intake.write(intake.target_project(folder), workbook.read_targets(path, project))
    assert (done.added, done.replaced) == (0, 1)
    (one,) = assessment.assess(open_project(folder), ["310116"], "pm25")
    assert (one.value, one.operator) == (27, "≤")
    assert files(folder) == {"data/targets/targets.csv"}


def test_a_second_workbook_adds_to_the_first(
    project: Project, tmp_path: Path, folder: Path
) -> None:
    first = filled(project, tmp_path / "a.xlsx", WHOLE)
    assert run("import", "targets", first, "--project", folder).exit_code == 0
    later = {**FIGURE, "period": "2026", "value": 33}
    second = filled(project, tmp_path / "b.xlsx", {"observations": [later]})
    result = run("import", "targets", second, "--project", folder)
    assert result.exit_code == 0, result.stderr
    (one,) = assessment.assess(open_project(folder), ["310151"], "reed_share")
    # The line 31.5 (2025) → 40 (2030) stands at 33.2 in 2026.
    assert (one.current, one.baseline, one.state) == (33, 31.5, "behind")


def test_full_width_digits_stray_spaces_and_excel_dates_are_normalised(
    project: Project, tmp_path: Path
) -> None:
    target = {
        **TARGET,
        "document": "　００４ ",
        "indicator": "ｐｍ２５",
        "unit": "\u00b5g/m³",  # the micro sign, which keyboards write for the Greek letter
        "operator": "＞＝",
        "value": " ２７．５　",
        "year": "２０３０",
        "quote": "　到2030年，\n不低于27.5 ",
        "area": " 崇明区　",
    }
    figure = {**FIGURE, "indicator": "pm25", "unit": "μg/m³", "source": "doc-000"}
    typed = {
        "targets": [target],
        "observations": [{**figure, "period": datetime.datetime(2026, 12, 1), "value": 27.1}],
    }
    entered = workbook.read_targets(filled(project, tmp_path / "a.xlsx", typed), project)
    cells = entered.rows["targets"][0].cells
    assert (cells["document"], cells["indicator"], cells["unit"]) == ("004", "pm25", "μg/m³")
    assert (cells["operator"], cells["value"], cells["year"]) == ("≥", "27.5", "2030")
    assert (cells["quote"], cells["area"]) == ("到2030年， 不低于27.5", "310151")
    cells = entered.rows["observations"][0].cells
    assert (cells["period"], cells["value"]) == ("2026-12", "27.1")


TARGET_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"indicator": "pm99"}, "指标“pm99”不存在"),
    ({"document": "099"}, "文件“099”不存在"),
    ({"area": "崇名区"}, "是否指 崇明区"),
    ({"operator": "about"}, "比较“about”应为"),
    ({"quote": "  "}, "原文为空"),
    ({"value": "四十"}, "目标值“四十”不是数字"),
    ({"value": "1,100"}, "目标值“1,100”不是数字"),
    ({"value": "=20+20"}, "公式"),
    ({"value": None}, "需要目标值"),
    ({"value": 140}, "有效范围 [0, 100]"),
    ({"operator": "任务"}, "不应有目标值"),
    ({"year": 1030}, "目标年“1030”超出范围"),
    ({"year": 2030.5}, "目标年“2030.5”应为整数"),
    ({"year": "三〇年"}, "目标年“三〇年”不是数字"),
    ({"unit": "km"}, "单位“km”应为指标的单位“%”"),
    ({"id": "中文"}, "编号“中文”只能用"),
]


def test_every_fault_is_listed_at_once_with_its_sheet_and_row(
    project: Project, tmp_path: Path, folder: Path
) -> None:
    targets = [
        {**TARGET, "id": f"t{number}", **change} for number, (change, _) in enumerate(TARGET_FAULTS)
    ]
    typed = {
        **WHOLE,
        "targets": [*targets, TARGET, TARGET],
        "observations": [
            FIGURE,
            FIGURE,
            {**FIGURE, "period": "2025-13"},
            {**FIGURE, "period": "2024", "source": "hearsay"},
            {**FIGURE, "period": "2023", "quality": "sure"},
        ],
        "indicators": [INDICATOR, {**INDICATOR, "id": "a", "direction": "up", "layer": "moon"}],
        "documents": [DOCUMENT, {**DOCUMENT, "id": "006", "scope": "月球", "title_zh": ""}],
        "sources": [SOURCE, {**SOURCE, "id": "doc-000"}],
    }
    path = filled(project, tmp_path / "a.xlsx", typed)
    lines = refused(project, path)
    expected = [
        (f"目标 Targets 第 {number} 行：", part)
        for number, (_, part) in enumerate(TARGET_FAULTS, start=4)
    ]
    last = 4 + len(TARGET_FAULTS)
    expected += [
        (f"目标 Targets 第 {last + 1} 行：", f"与第 {last} 行重复"),
        ("现状 Observations 第 5 行：", "与第 4 行重复"),
        ("现状 Observations 第 6 行：", "时期“2025-13”应为"),
        ("现状 Observations 第 7 行：", "来源“hearsay”不存在"),
        ("现状 Observations 第 8 行：", "质量“sure”应为"),
        ("指标 Indicators 第 5 行：", "方向“up”应为"),
        ("指标 Indicators 第 5 行：", "所属图层“moon”不存在"),
        ("文件 Documents 第 5 行：", "标题为空"),
        ("文件 Documents 第 5 行：", "月球"),
        ("来源 Sources 第 5 行：", "已登记"),
    ]
    missed = [
        (place, part)
        for place, part in expected
        if not any(line.startswith(place) and part in line for line in lines)
    ]
    assert missed == []
    assert len(lines) == len(expected)

    result = run("import", "targets", path, "--project", folder)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == len(expected) + 1
    assert files(folder) == set()


def test_a_percent_format_is_a_fault_that_names_the_number_to_type(
    project: Project, tmp_path: Path
) -> None:
    path = filled(project, tmp_path / "a.xlsx", {**WHOLE, "targets": [{**TARGET, "value": 0.4}]})
    book = load_workbook(path)
    page = book[SHEET["targets"]]
    at = {cell.value: cell.column for cell in page[2]}["value"]
    page.cell(4, at).number_format = "0%"
    book.save(path)
    (line,) = refused(project, path)
    assert "写 40" in line


def test_a_missing_sheet_and_a_changed_column_are_faults(project: Project, tmp_path: Path) -> None:
    path = filled(project, tmp_path / "a.xlsx", {"documents": [DOCUMENT]})
    book = load_workbook(path)
    del book[SHEET["sources"]]
    book.create_sheet("Sheet1")
    book[SHEET["targets"]]["B2"].value = "number"
    book.save(path)
    lines = refused(project, path)
    assert [line for line in lines if line.startswith("来源 Sources：")]
    assert [line for line in lines if line.startswith("Sheet1：")]
    assert [line for line in lines if line == "目标 Targets 第 2 行：缺少列 id。"]
    assert [line for line in lines if line == "目标 Targets 第 2 行：未知的列 number。"]


@pytest.mark.parametrize("content", [b"", b"id,document\n", b"PK\x03\x04broken"])
def test_a_file_that_is_no_workbook_is_refused(
    project: Project, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.xlsx 不是可读的 Excel 工作簿"):
        workbook.read_targets(path, project)


def test_another_workbook_is_refused_for_its_sheets(project: Project, tmp_path: Path) -> None:
    book = Workbook()
    book.save(tmp_path / "a.xlsx")
    assert len(refused(project, tmp_path / "a.xlsx")) == 1 + len(TITLES)


def test_files_are_put_back_where_one_cannot_be_written(
    project: Project, tmp_path: Path, folder: Path
) -> None:
    # A folder in the place of the fourth file: it cannot be replaced, so the others must not be.
    targets = folder / "data" / "targets" / "targets.csv"
    targets.parent.mkdir(parents=True)
    before = project.path("data/targets/targets.csv").read_bytes()
    targets.write_bytes(before)
    (folder / "data" / "indicators" / "observations.csv").mkdir(parents=True)
    entered = workbook.read_targets(filled(project, tmp_path / "a.xlsx", WHOLE), project)
    with pytest.raises(DataError, match="没有改动任何文件"):
        intake.write(intake.target_project(folder), entered)
    assert targets.read_bytes() == before
    assert files(folder) == {"data/targets/targets.csv"}
