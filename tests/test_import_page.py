"""The page 导入 as Streamlit runs it, without a browser: upload, questions, report, write, undo."""

from __future__ import annotations

import io
import json
import re
import zipfile
from html import escape
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from shapely.geometry import LineString, Point, Polygon, box
from streamlit.testing.v1 import AppTest
from test_app import html_of

from bsh_geo import folium_map, own_import, template
from bsh_geo.errors import DataError
from bsh_geo.own_report import Planned
from bsh_geo.project import Project, open_project
from bsh_geo.ui import (
    import_html,
    import_look,
    import_map,
    import_own,
    import_page,
    import_past,
    import_readings,
    import_said,
    import_steps,
)
from bsh_geo.ui.import_look import Done, Told
from bsh_geo.ui.import_steps import KINDS, Access, Given, Past
from bsh_geo.ui.text import WORDS

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
from bsh_geo.ui import import_page
import_page.page()
"""

PARKS = """公园名称,所在区,经度,纬度,面积(万平方米)
甲公园,浦东新区,121.53,31.22,12.5
乙公园,徐汇区,121.44,31.19,"1,203"
丙公园,火星区,121.46,31.25,3
丁公园,松江区,121.3,31.1,很大
""".encode()

READINGS = """站点编码,监测时间,PM2.5,NO2
1141A,2026-01-02 01:00,20,30
1141A,2026-01-02 02:00,21,-5
1142A,2026-01-02 01:00,22,31
""".encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty project folder."""
    root = tmp_path / "own"
    (root / "data").mkdir(parents=True)
    return root


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch):
    """The page alone, over a project folder or without one."""

    def start(root: Path | None = None, lang: str = "zh") -> AppTest:
        monkeypatch.chdir(ROOT)
        monkeypatch.delenv("BSH_IMPORT", raising=False)
        monkeypatch.delenv("BSH_PROJECT", raising=False)
        if root is not None:
            monkeypatch.setenv("BSH_PROJECT", str(root))
        app = AppTest.from_string(SCRIPT, default_timeout=90)
        if lang == "en":
            app.query_params["lang"] = "en"
        return app.run()

    return start


def given(app: AppTest, kind: str, *files: tuple[str, bytes]) -> AppTest:
    """The page after files of a kind were uploaded."""
    app.radio(key="import-kind").set_value(kind).run()
    for name, content in files:
        app.file_uploader[0].upload(name, content)
    app.run()
    assert not app.exception
    return app


def answered(app: AppTest, name: str, value: str) -> AppTest:
    """The page after a question was answered."""
    box = next(one for one in app.radio if str(one.key).startswith(f"import-answer-{name}"))
    box.set_value(value)
    app.run()
    assert not app.exception
    return app


def confirm(app: AppTest):
    """The button that writes."""
    return next(one for one in app.button if str(one.key).startswith("import-confirm"))


def inside(root: Path) -> list[str]:
    """All files of a folder but those of the history and locks."""
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and ".history" not in path.parts
    )


def workbook(project: Project, **cells: object) -> bytes:
    """The template with one target in it."""
    book = openpyxl.load_workbook(io.BytesIO(template.template(project)))
    sheet = book["目标 Targets"]
    heads = [cell.value for cell in sheet[2]]
    row = {
        "id": "own-pm25-2028", "document": "004", "clause": "一", "quote": "不高于22",
        "area": "崇明区", "indicator": "pm25", "operator": "≤", "value": 22, "unit": "μg/m³",
        "year": 2028, **cells,
    }  # fmt: skip
    for name, value in row.items():
        sheet.cell(4, heads.index(name) + 1).value = value
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


# The page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_explains_itself_before_there_is_a_file(open_page, kind: str, lang: str) -> None:
    app = open_page(lang=lang)
    app.radio(key="import-kind").set_value(kind).run()
    assert not app.exception
    shown = html_of(app)
    assert escape(WORDS[f"import_about_{kind}"][lang == "en"]) in shown
    assert WORDS["import_point_atomic"][lang == "en"] in shown


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "bsh-geo serve --project 文件夹"), ("en", "bsh-geo serve --project FOLDER")],
)
def test_without_a_project_folder_the_page_says_how_to_start_with_one_and_only_previews(
    open_page, lang: str, said: str
) -> None:
    app = given(open_page(lang=lang), "parks", ("parks.csv", PARKS))
    answered(app, "crs", "EPSG:4490")
    answered(app, "quality", "official")
    shown = html_of(app)
    assert said in shown
    assert "甲公园" in str(app.dataframe[0].value)
    assert not [one for one in app.button if str(one.key).startswith("import-confirm")]


def test_nothing_is_written_before_the_questions_are_answered_and_it_is_confirmed(
    open_page, folder: Path
) -> None:
    app = given(open_page(folder), "parks", ("parks.csv", PARKS))
    assert "有 3 项待回答" in html_of(app)
    assert confirm(app).disabled
    answered(app, "crs", "EPSG:4490")
    assert confirm(app).disabled
    answered(app, "quality", "official")
    assert not confirm(app).disabled
    assert inside(folder) == []


def test_the_report_counts_and_names_rejected_rows_with_their_numbers(
    open_page, folder: Path
) -> None:
    app = given(open_page(folder), "parks", ("parks.csv", PARKS))
    answered(app, "crs", "EPSG:4490")
    answered(app, "quality", "official")
    shown = html_of(app)
    assert '<div class="bsh-key bsh-key-long">3<span>共读到 4 行</span></div>' in shown
    assert "拒收 <b>1</b>" in shown
    assert "名称不识 <b>1</b>" in shown
    assert '面积“很大”不是数字</span><div class="bsh-meta">第 5 行</div>' in shown
    assert "--" not in re.sub(r"<!--.*?-->", "", shown)


def test_confirming_writes_tells_what_changed_and_undo_brings_the_former_state_back(
    open_page, folder: Path
) -> None:
    app = given(open_page(folder), "parks", ("parks.csv", PARKS))
    answered(app, "crs", "EPSG:4490")
    answered(app, "quality", "official")
    confirm(app).click().run()
    assert not app.exception
    shown = html_of(app)
    assert "已写入" in shown
    assert "parks.csv：3 行已进入项目。" in shown
    assert 'href="./?layer=park_coverage"' in shown
    assert inside(folder) == ["data/parks/parks.csv", "data/sources/own.csv"]
    text = (folder / "data/parks/parks.csv").read_text(encoding="utf-8")
    assert "甲公园" in text
    assert "丁公园" not in text
    import_past.undo(Access(folder), own_import.history(folder)[-1].number)
    assert inside(folder) == []
    told = import_steps.past(open_project(folder), folder)
    assert [(one.what, one.undone) for one in told] == [("undo", False), ("parks", True)]


def test_a_district_that_is_not_known_can_be_named(open_page, folder: Path) -> None:
    app = given(open_page(folder), "parks", ("parks.csv", PARKS))
    answered(app, "crs", "EPSG:4490")
    assert "区名“火星区”不识" in html_of(app)
    app.session_state[import_said.SAID]["names"] = {"火星区": "310106"}
    app.run()
    assert "区名“火星区”不识" not in html_of(app)


def test_a_column_that_is_used_otherwise_is_looked_at_again(open_page, folder: Path) -> None:
    app = given(open_page(folder), "parks", ("parks.csv", PARKS))
    answered(app, "crs", "EPSG:4490")
    assert "不是数字" in html_of(app)
    app.session_state[import_said.SAID]["columns"] = {"面积(万平方米)": ""}
    app.run()
    shown = html_of(app)
    assert "不是数字" not in shown
    assert '<div class="bsh-key bsh-key-long">4<span>共读到 4 行</span></div>' in shown


def test_uploads_of_one_session_are_unseen_by_another(open_page, folder: Path) -> None:
    one = given(open_page(folder), "parks", ("parks.csv", PARKS))
    other = open_page(folder)
    assert import_said.GIVEN in one.session_state
    assert import_said.GIVEN not in other.session_state
    assert "parks.csv" not in html_of(other)


def test_no_function_of_the_page_caches_across_sessions() -> None:
    pages = sorted(Path(str(import_page.__file__)).parent.glob("import_*.py"))
    assert len(pages) > 10
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert "cache_data" not in text
        assert "cache_resource" not in text


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("parks", "a.geojson", b"{"),
        ("parks", "a.zip", b"PK\x03\x04broken"),
        ("readings", "a.csv", b"\x00\x01\x02\x03"),
        ("indicators", "a.xlsx", b"PK\x03\x04broken"),
        ("targets", "a.xlsx", b"PK\x03\x04broken"),
        ("targets", "a.xlsx", b"no archive"),
    ],
)
def test_a_file_that_cannot_be_read_gives_its_sentence_and_no_traceback(
    open_page, folder: Path, kind: str, name: str, content: bytes
) -> None:
    app = given(open_page(folder), kind, (name, content))
    assert f"{name}" in html_of(app)
    assert all(one.disabled for one in app.button if str(one.key).startswith("import-confirm"))
    assert "/tmp/" not in html_of(app)
    assert inside(folder) == []


def test_a_name_with_markup_is_text(open_page, folder: Path) -> None:
    app = given(open_page(folder), "parks", ("<img src=x>.csv", PARKS))
    shown = html_of(app)
    assert "<img" not in shown
    assert "&lt;img src=x&gt;.csv" in shown


def test_another_file_takes_no_answer_along(open_page, folder: Path) -> None:
    app = given(open_page(folder), "parks", ("parks.csv", PARKS))
    answered(app, "crs", "EPSG:4490")
    app.file_uploader[0].upload("other.csv", PARKS)
    app.run()
    assert app.session_state[import_said.SAID] == {}
    assert "有 3 项待回答" in html_of(app)


def test_an_ending_that_is_not_read_is_refused_in_one_sentence(open_page, folder: Path) -> None:
    app = given(open_page(folder), "targets", ("a.csv", b"x"))
    assert "a.csv 不是这一类能读的格式，可用：xlsx。" in html_of(app)
    assert "确认写入" not in [one.label for one in app.button]


def test_readings_are_counted_previewed_and_stored_on_confirmation(open_page, folder: Path) -> None:
    app = given(open_page(folder), "readings", ("hours.csv", READINGS))
    shown = html_of(app)
    assert '<div class="bsh-key bsh-key-long">5<span>共读到 6 个数值</span></div>' in shown
    assert "超出范围" in shown
    assert "第 3 行" in shown
    answered(app, "quality", "official")
    confirm(app).click().run()
    assert not app.exception
    assert "hours.csv：5 个数值已进入项目。" in html_of(app)
    (batch,) = import_steps.past(open_project(folder), folder)
    assert (batch.what, batch.rows, batch.undoable) == ("readings", 5, False)


def test_a_conversion_of_units_is_agreed_to_before_readings_are_stored(
    open_page, folder: Path
) -> None:
    text = "站点编码,监测时间,CO(μg/m³)\n1141A,2026-01-02 01:00,500\n".encode()
    app = given(open_page(folder), "readings", ("co.csv", text))
    answered(app, "quality", "official")
    assert confirm(app).disabled
    next(one for one in app.checkbox if "0.001" in one.label).check().run()
    assert not confirm(app).disabled


def test_a_workbook_of_targets_is_written_at_once_and_can_be_undone(
    open_page, folder: Path, project: Project
) -> None:
    app = given(open_page(folder), "targets", ("mine.xlsx", workbook(project)))
    confirm(app).click().run()
    assert not app.exception
    assert "mine.xlsx：1 行已进入项目。" in html_of(app)
    assert inside(folder) == ["data/targets/targets.csv"]
    import_past.undo(Access(folder), 1)
    assert inside(folder) == []


def test_every_fault_of_a_workbook_is_told_by_sheet_and_row(
    open_page, folder: Path, project: Project
) -> None:
    content = workbook(project, value="abc", area="火星")
    app = given(open_page(folder), "targets", ("mine.xlsx", content))
    shown = html_of(app)
    assert "目标 Targets 第 4 行：目标值“abc”不是数字。" in shown
    assert "目标 Targets 第 4 行：区“火星”不存在。" in shown
    assert confirm(app).disabled


def test_of_several_layers_one_is_chosen_with_a_click(
    open_page, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "two.gpkg"
    frame = FAULTY.iloc[[0]]
    frame.to_file(path, layer="红线", engine="pyogrio")
    frame.to_file(path, layer="示例", engine="pyogrio")
    app = given(open_page(folder), "redline", ("two.gpkg", path.read_bytes()))
    assert "有几个图层：红线、示例" in html_of(app)
    (box,) = [one for one in app.radio if str(one.key).startswith("import-choose-part")]
    assert list(box.options) == ["红线", "示例"]
    assert box.value is None
    box.set_value("红线").run()
    assert not app.exception
    assert "共读到 1 行" in html_of(app)
    answered(app, "quality", "official")
    assert not confirm(app).disabled


def test_what_was_answered_takes_one_line_once_all_is(open_page, folder: Path) -> None:
    app = given(open_page(folder), "parks", ("parks.csv", PARKS))
    answered(app, "crs", "EPSG:4490")
    assert "EPSG:4490 · 官方" not in [one.label for one in app.expander]
    answered(app, "quality", "official")
    assert "EPSG:4490 · 官方" in [one.label for one in app.expander]


def test_a_name_that_is_not_known_has_the_close_ones_first_and_says_what_becomes_of_its_row(
    open_page, folder: Path
) -> None:
    text = "公园名称,所在区,经度,纬度\n甲公园,闵航区,121.38,31.11\n".encode()
    app = given(open_page(folder), "parks", ("parks.csv", text))
    answered(app, "crs", "EPSG:4490")
    assert "第 2 行 · 仍导入" in html_of(app)
    app.session_state[f"import-tabs-{app.session_state[import_said.ROUND]}"] = "3 对应关系"
    app.run()
    (box,) = [one for one in app.selectbox if str(one.key).startswith("import-name")]
    assert list(box.options)[:2] == ["未指定", "闵行区（名称相近）"]
    assert box.value == ""
    figures = "区,PM2.5(μg/m³)\n闵航区,20\n徐汇,21\n".encode()
    app = given(open_page(folder), "indicators", ("f.csv", figures))
    answered(app, "quality", "official")
    assert "第 2 行 · 不导入" in html_of(app)


# Who may write -----------------------------------------------------------------------------------


def with_config(folder: Path, text: str) -> Project:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return open_project(folder)


def test_writing_is_open_by_default_and_closed_by_the_config_or_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BSH_IMPORT", raising=False)
    assert import_steps.access(open_project(folder)).folder == folder
    closed = with_config(folder, "[access]\nimport = false\n")
    assert import_steps.access(closed) == Access(None, "switched_off")
    (folder / "config.toml").unlink()
    monkeypatch.setenv("BSH_IMPORT", "OFF")
    assert import_steps.access(open_project(folder)) == Access(None, "switched_off")


def test_a_list_of_editors_lets_only_them_write(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BSH_IMPORT", raising=False)
    listed = with_config(folder, '[access]\nimport = ["li@bureau.example", ""]\n')
    assert import_steps.access(listed, "Li@bureau.example").folder == folder
    assert import_steps.access(listed, "wang@bureau.example") == Access(None, "not_editor")
    assert import_steps.access(listed, "") == Access(None, "not_editor")


def test_a_setting_of_another_kind_is_a_fault(folder: Path) -> None:
    with pytest.raises(DataError, match=r"\[access\] import 为 3，应为 true、false 或邮箱列表"):
        import_steps.access(with_config(folder, "[access]\nimport = 3\n"))


def test_the_page_says_that_writing_is_switched_off(open_page, folder: Path) -> None:
    with_config(folder, "[access]\nimport = false\n")
    app = given(open_page(folder), "parks", ("parks.csv", PARKS))
    assert WORDS["import_switched_off"][0] in html_of(app)
    assert not [one for one in app.button if str(one.key).startswith("import-confirm")]


# What is given -----------------------------------------------------------------------------------


def test_readings_add_up_and_files_of_other_kinds_replace_each_other() -> None:
    one = import_steps.taken("readings", None, [("a.csv", b"1")])
    both = import_steps.taken("readings", one, [("b.csv", b"2")])
    assert both.files == (("a.csv", b"1"), ("b.csv", b"2"))
    first = import_steps.taken("parks", None, [("a.csv", b"1")])
    assert import_steps.taken("parks", first, [("b.csv", b"2")]).files == (("b.csv", b"2"),)


def test_the_parts_of_a_shapefile_become_one_archive() -> None:
    parts = [("x.shp", b"1"), ("x.dbf", b"2")]
    first = import_steps.taken("parks", None, parts)
    whole = import_steps.taken("parks", first, [("x.prj", b"3")])
    name, content = whole.one()
    assert name == "x.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {one: archive.read(one) for one in archive.namelist()} == {
            "x.shp": b"1", "x.dbf": b"2", "x.prj": b"3"
        }  # fmt: skip


def test_two_files_that_do_not_belong_together_are_refused() -> None:
    two = Given("parks", (("a.shp", b"1"), ("b.dbf", b"2")))
    with pytest.raises(DataError, match="一次读入一个文件，现有 2 个"):
        two.one()


def test_more_than_the_page_takes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_steps, "UPLOAD_MB", 1)
    with pytest.raises(DataError, match="文件共 2 MB，网页一次最多 1 MB"):
        import_steps.taken("readings", None, [("a.csv", b"x" * (2 << 20))])


def test_only_the_last_part_of_an_uploaded_name_is_kept() -> None:
    made = import_steps.taken("parks", None, [("../../etc/a.csv", b"1")])
    assert made.files == (("a.csv", b"1"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "区名“金星”不识，是否指 金山区？可用 --name 金星=…",
            "区名“金星”不识，是否指 金山区？可在“对应关系”中指定",
        ),
        (
            "The geometry is invalid (such as Self-intersection); --repair mends it",
            "The geometry is invalid (such as Self-intersection); tick “Mend geometry” to mend it",
        ),
        ("a.xlsx 有几张工作表：甲、乙；请指定一张（--sheet）。",
         "a.xlsx 有几张工作表：甲、乙；请选择一张。"),
        ("没有认出区名列，请指定（列=area）", "没有认出区名列，请在“对应关系”中指定"),
    ],
)  # fmt: skip
def test_options_of_the_command_line_are_not_shown_on_the_page(text: str, expected: str) -> None:
    assert import_steps.plain(text) == expected


# Readings: what columns are used for -------------------------------------------------------------


def test_a_column_of_readings_can_be_given_to_another_item(project: Project) -> None:
    upload = Given("readings", (("a.csv", READINGS),))
    usual = import_readings.readings(project, upload, {})
    assert usual.head["no2"].tolist()[0] == 30
    changed = import_readings.readings(project, upload, {"uses": {"NO2": "o3"}})
    assert changed.head["o3"].tolist()[0] == 30
    assert changed.head["no2"].isna().all()


def test_two_columns_cannot_have_one_use(project: Project) -> None:
    upload = Given("readings", (("a.csv", READINGS),))
    with pytest.raises(DataError, match=r"列“PM2\.5”和“NO2”不能同为一项用途"):
        import_readings.readings(project, upload, {"uses": {"NO2": "pm25"}})


def test_the_report_of_readings_lists_refused_values_as_json_and_excel(project: Project) -> None:
    found = import_readings.readings(project, Given("readings", (("a.csv", READINGS),)), {})
    told = json.loads(found.report("json", "zh"))
    assert (told["read"], told["taken"], told["rejected"]) == (6, 5, 1)
    assert told["refused"][0]["row"] == 3
    assert told["refused"][0]["value"] == "-5"
    sheet = openpyxl.load_workbook(io.BytesIO(found.report("xlsx", "zh"))).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("文件", "行", "站点", "时间", "项目", "值", "说明")
    assert rows[-1][1] == 3


def test_stations_of_readings_are_drawn_with_their_counts(project: Project) -> None:
    found = import_readings.readings(project, Given("readings", (("a.csv", READINGS),)), {})
    places = found.places("zh")
    assert places is not None
    assert sorted(places.frame.index) == ["1141A", "1142A"]
    assert dict(places.frame.loc["1141A", "lines"])["数值"] == "3"
    spec = import_map.map_spec(project, places, "读数", "zh")
    assert spec.subtitle == "2 处"
    assert [len(part.frame) for part in spec.parts] == [2]


# The map of a preview ----------------------------------------------------------------------------

FAULTY = gpd.GeoDataFrame(
    {"名称": [f"块{at}" for at in range(1, 10)]},
    geometry=[
        box(121.40, 31.20, 121.42, 31.22),
        Polygon([(121.50, 31.20), (121.52, 31.22), (121.52, 31.20), (121.50, 31.22)]),
        None,
        Point(121.4, 31.3),
        box(121.40, 31.20, 121.42, 31.22),
        box(121.41, 31.21, 121.43, 31.23),
        box(100.0, 31.0, 100.1, 31.1),
        box(121.4, 31.3, 121.400001, 31.300001),
        LineString([(121.4, 31.3), (121.45, 31.3)]),
    ],
    crs=4326,
)
"""Twice the same and one across it, a bow, nothing, a point, one far away, a speck, a line."""


def faulty(project: Project, **said: object) -> import_look.Places:
    data = FAULTY.to_json().encode()
    options = own_import.Options(quality="official", **said)
    given = own_import.preview(project, "redline", "a.geojson", data, options)
    places = import_own.Own(project, given).places("zh")
    assert places is not None
    return places


def test_the_map_marks_every_fault_of_geometry_with_its_row_and_reason(project: Project) -> None:
    places = faulty(project)
    assert places.frame["mark"].to_dict() == {
        1: "overlap", 2: "invalid", 4: "type", 5: "double", 6: "overlap", 7: "outside",
        8: "tiny", 9: "type",
    }  # fmt: skip
    told = {one: count for one, count in places.counts.items() if count}
    assert told == {
        "invalid": 1, "type": 2, "tiny": 1, "outside": 1, "double": 1, "overlap": 2, "empty": 1
    }  # fmt: skip
    lines = dict(places.frame.at[2, "lines"])
    assert (lines["行"], lines["导入"]) == ("2", "否")
    assert lines["发现"] == "几何无效（如在 121.5100, 31.2100 自相交），可勾选“修复几何”"
    assert "--" not in str(list(places.frame["lines"]))
    assert dict(places.frame.at[6, "lines"])["导入"] == "是"


def test_the_legend_of_the_preview_counts_each_mark_and_says_what_cannot_be_seen(
    project: Project,
) -> None:
    spec = import_map.map_spec(project, faulty(project), "红线", "zh")
    assert [one.label for one in spec.legend[0].items] == [
        "相互重叠 2", "重复 1", "市外 1（在图外）", "面积过小，拒收 1", "类型不对，拒收 2",
        "几何无效，拒收 1", "几何为空，无从绘出 1",
    ]  # fmt: skip
    styles = [one.style for one in spec.legend[0].items]
    assert len({(one.fill, one.stroke, one.dashed, one.hatch) for one in styles}) == 7
    assert {part.id: sorted(part.frame["key"]) for part in spec.parts} == {
        "import-areas": ["double", "invalid", "outside", "overlap", "overlap"],
        "import-lines": ["type"],
        "import-points": ["tiny", "type"],
    }
    west, _, east, _ = spec.extent
    assert (west, east) == (pytest.approx(121.3, abs=0.1), pytest.approx(121.6, abs=0.1))


def test_a_mended_area_is_drawn_as_it_is_stored_with_its_former_outline(project: Project) -> None:
    places = faulty(project, repair=True)
    assert places.frame.at[2, "mark"] == "repaired"
    assert places.frame.geometry[2].geom_type == "MultiPolygon"
    assert list(places.mended.index) == [2]
    assert not places.mended.is_valid.any()
    spec = import_map.map_spec(project, places, "红线", "zh")
    assert [one.label for one in spec.legend[0].items][2:4] == ["已修复 1", "市外 1（在图外）"]
    assert spec.legend[0].items[-2].label == "修复前的轮廓"
    assert "import-mended" in [part.id for part in spec.parts]


def test_of_very_many_places_those_with_findings_are_drawn_first_and_all_are_counted(
    project: Project,
) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(121.4, 121.6, 100_000), rng.uniform(31.1, 31.3, 100_000)
    x[::1000] = 110.0
    rows = [f"s{at},站{at},{a:.6f},{b:.6f}" for at, (a, b) in enumerate(zip(x, y, strict=True))]
    data = "\n".join(["编号,名称,经度,纬度", *rows]).encode()
    said = own_import.Options(quality="official", crs="EPSG:4490")
    given = own_import.preview(project, "stations", "s.csv", data, said)
    places = import_own.Own(project, given).places("zh")
    assert places is not None
    assert (places.counts["outside"], places.counts["fine"]) == (100, 99_900)
    assert places.frame["mark"].value_counts().to_dict() == {"fine": 2900, "outside": 100}
    spec = import_map.map_spec(project, places, "站点", "zh")
    assert spec.subtitle == "100,000 处，图上 3,000 处，有问题的优先"
    assert len(folium_map.view_script(spec, "x")) < 1_500_000


# HTML --------------------------------------------------------------------------------------------

EVIL = "<script>alert(1)</script>"


def test_every_text_of_a_file_is_escaped() -> None:
    told = Told("rejected", EVIL, EVIL, (1,), 1)
    done = Done("parks", EVIL, 1, (Planned(EVIL, 1, 0),), 1)
    past = Past(1, EVIL, "parks", EVIL, 1, EVIL, (EVIL,))
    made = [
        import_html.told_html([told], "zh"),
        import_html.done_html(done, "zh"),
        import_html.past_html(past, "zh", {}),
        import_html.facts_html([(EVIL, EVIL)]),
        import_html.files_html(Given("parks", ((EVIL, b""),))),
        import_html.step(1, EVIL),
    ]
    for one in made:
        assert "<script" not in one
        assert "&lt;script&gt;" in one


@pytest.mark.parametrize(
    ("rows", "zh", "en"),
    [
        ((), "", ""),
        ((3,), "第 3 行", "row 3"),
        ((3, 5), "第 3、5 行", "rows 3, 5"),
        ((1, 2, 3), "第 1、2 … 共 3 行", "rows 1, 2 … (3 rows)"),
    ],
)
def test_row_numbers_are_listed_and_long_lists_cut(rows: tuple[int, ...], zh: str, en: str) -> None:
    assert import_html.rows_text(rows, "zh", 2) == zh
    assert import_html.rows_text(rows, "en", 2) == en


@pytest.mark.parametrize(
    ("kind", "file", "href"),
    [
        ("wetlands", "data/wetlands/wetlands.csv", "./?layer=wetlands"),
        ("areas", "layers/plots.toml", "./?layer=plots"),
        ("targets", "data/targets/targets.csv", "progress"),
        ("boundary", "data/boundaries/land.geojson", "data"),
    ],
)
def test_what_was_imported_leads_to_where_it_is_seen(kind: str, file: str, href: str) -> None:
    done = Done(kind, "x", 1, (Planned(file, 1, 0),), 1)
    assert import_html.target_of(done, "zh")[0] == href


def test_a_reading_import_is_no_numbered_change_of_the_history() -> None:
    batch = import_html.past_html(
        Past(3, "2026-01-02 01:00:00", "readings", "a.csv", 5, "", ()), "zh", {}
    )
    assert "#3" not in batch
    assert "5 个数值" in batch
