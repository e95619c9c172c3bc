"""Packs: what is planned, what is in them, and what becomes of faults, stops and lost workers."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import re
import signal
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pypdf
import pytest
from briefing_help import check_office_file, made_of
from conftest import OwnProject
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation

from bsh_geo import atlas, briefing, compose, figure_sheets, flow_files, orders, pack, zip_files
from bsh_geo.briefing_pages import Briefing, Page, Paragraph, Table
from bsh_geo.compose import Request
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.mapspec import MapSpec
from bsh_geo.orders import Order
from bsh_geo.pack import Progress, StoppedError
from bsh_geo.project import Project

FIVE = ("air_quality", "beautiful_bays", "wetlands", "park_coverage", "ecological_red_line")
SMALL = Order(("air_quality", "wetlands"), ("310000", "310151"), ("png",), "2025", dpi=60)


def names_of(out: Path) -> list[str]:
    with zipfile.ZipFile(out) as archive:
        return archive.namelist()


def read(out: Path, name: str) -> bytes:
    with zipfile.ZipFile(out) as archive:
        return archive.read(name)


def test_all_areas_are_the_city_and_the_sixteen_districts(project):
    assert len(orders.chosen_areas(project, "all")) == 17
    assert orders.chosen_areas(project, "崇明,全市、310101") == ("310151", "310000", "310101")


@pytest.mark.parametrize(
    ("choose", "text", "said"),
    [
        (orders.chosen_layers, "air_qualty", "图层“air_qualty”不存在。是否指 air_quality"),
        (orders.chosen_layers, "air_quality.pm26", "指标“pm26”不存在。是否指 pm25"),
        (orders.chosen_layers, " , ", "没有选择任何一项。"),
        (orders.chosen_areas, "崇名", "崇名"),
    ],
)
def test_an_unknown_layer_or_area_is_told(project, choose, text, said):
    with pytest.raises(BshError, match=re.escape(said)):
        choose(project, text)


def test_forms_stand_in_the_product_s_order_and_others_are_told():
    assert orders.chosen_forms("docx,PNG") == ("png", "docx")
    with pytest.raises(UnknownNameError, match="格式“gif”不存在"):
        orders.chosen_forms("png,gif")


def test_files_are_named_by_area_layer_and_period(project):
    order = replace(
        SMALL, forms=("png", "pptx"), layers=("air_quality", "air_quality.aqi_good_rate")
    )
    names = [one.name for one in atlas.planned(project, replace(order, period="2024"))]
    assert names == [
        "上海市_空气质量_2024.png",
        "上海市_空气质量_2024.pptx",
        "上海市_空气质量_AQI优良率_2024.png",
        "上海市_空气质量_AQI优良率_2024.pptx",
        "崇明区_空气质量_2024.png",
        "崇明区_空气质量_2024.pptx",
        "崇明区_空气质量_AQI优良率_2024.png",
        "崇明区_空气质量_AQI优良率_2024.pptx",
        "各区对比_2024.csv",
    ]


def test_a_pack_of_all_areas_and_five_layers_has_85_pictures_and_a_table(project):
    order = Order(FIVE, orders.chosen_areas(project, "all"), ("png",), "2025")
    plan = atlas.planned(project, order)
    assert len(plan) == 86
    assert len({one.name for one in plan}) == 86
    assert "崇明区_空气质量_2025.png" in {one.name for one in plan}


def test_a_period_that_a_layer_lacks_is_never_taken_silently(project):
    order = replace(SMALL, layers=("air_quality", "wetlands", "park_coverage"), period="2011")
    plan = {one.name: one for one in atlas.planned(project, order)}
    air = plan["崇明区_空气质量_2025.png"]
    assert air.period == "2025"
    assert air.note == "空气质量 · PM2.5平均浓度没有2011年的数值，所示为2025年。"
    assert plan["崇明区_湿地.png"].note == "湿地不分时期，所示为最新数据，不是2011年的。"
    english = {one.name: one for one in atlas.planned(project, replace(order, lang="en"))}
    assert english["Chongming_Air-quality_2025.png"].note.endswith("2025 is shown.")


def test_a_link_opens_the_same_view_in_the_app(project):
    from bsh_geo.ui import state

    order = Order(("air_quality.aqi_good_rate", "wetlands"), ("310151",), ("png",), "2024", "en")
    for one in atlas.planned(project, order):
        query = dict(part.split("=") for part in one.link.removeprefix("?").split("&"))
        view, fault = state.parse(project, query)
        assert fault is None
        assert view.layer == one.layer
        assert view.areas == ("310151",)
        assert view.metric == one.metric
        assert view.period == one.period
        assert state.query_of(project, view) == query


@pytest.fixture(scope="module")
def packed(project: Project, tmp_path_factory) -> tuple[Path, list[Progress]]:
    """A pack of every form, made by two processes."""
    out = tmp_path_factory.mktemp("pack") / "图包.zip"
    order = replace(SMALL, forms=orders.FORMS)
    told: list[Progress] = []
    pack.make_pack(project, order, out, jobs=2, report=told.append)
    return out, told


def test_a_pack_holds_every_form_tables_log_and_manifest(packed):
    out, _ = packed
    names = names_of(out)
    stems = ["上海市_空气质量_2025", "上海市_湿地", "崇明区_空气质量_2025", "崇明区_湿地"]
    views = [f"{stem}.{form}" for stem in stems for form in orders.FORMS]
    assert names == [
        *views, "各区对比_2025.csv", "各区对比_2025.xlsx", "制作记录.txt", "manifest.json"
    ]  # fmt: skip


def test_progress_counts_every_file_and_says_how_long_it_takes(packed):
    _, told = packed
    assert [one.done for one in told] == list(range(1, 31))
    assert {one.total for one in told} == {30}
    assert {one.failed for one in told} == {0}
    assert told[0].left is None
    assert told[-1].left == 0
    assert all(one.left >= 0 for one in told[5:])


def test_the_log_says_what_is_other_than_asked_for_and_what_has_no_figure(packed):
    out, _ = packed
    said = read(out, "制作记录.txt").decode("utf-8-sig")
    assert "区域：上海市、崇明区" in said
    assert "湿地不分时期，所示为最新数据，不是2025年的。" in said
    assert "该区域没有公布数值。\r\n  崇明区_湿地.png" in said
    assert said.rstrip().endswith("未能制作：0")


def test_the_manifest_names_every_file_with_its_bytes_and_the_data(packed, project):
    import hashlib

    out, _ = packed
    found = json.loads(read(out, "manifest.json"))
    assert len(found["files"]) == 30
    for one in found["files"]:
        content = read(out, one["name"])
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
        assert len(content) == one["size"]
    assert "data/indicators/observations.csv" in found["data"]
    assert found["order"]["period"] == "2025"
    air = next(one for one in found["files"] if one["name"] == "崇明区_空气质量_2025.png")
    assert air["link"] == "?layer=air_quality&area=310151"
    assert str(project.roots[0]) not in json.dumps(found, ensure_ascii=False)


def test_the_pack_and_its_pictures_carry_no_time(packed):
    out, _ = packed
    with zipfile.ZipFile(out) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    for form in ("docx", "pptx", "xlsx"):
        check_office_file(read(out, f"崇明区_空气质量_2025.{form}"))
    check_office_file(read(out, "各区对比_2025.xlsx"))
    reader = pypdf.PdfReader(io.BytesIO(read(out, "崇明区_空气质量_2025.pdf")))
    assert "/CreationDate" not in (reader.metadata or {})


def test_every_form_of_a_view_says_the_same_and_names_data_and_link(packed, project):
    out, _ = packed
    spec = compose.build(project, Request("air_quality", areas=("310151",), period="2025"))
    digest = json.loads(read(out, "manifest.json"))["digest"][:12]
    (printed,) = pypdf.PdfReader(io.BytesIO(read(out, "崇明区_空气质量_2025.pdf"))).pages
    said = {
        "pdf": printed.extract_text(),
        "svg": read(out, "崇明区_空气质量_2025.svg").decode(),
        "html": read(out, "崇明区_空气质量_2025.html").decode(),
        "docx": word_text(read(out, "崇明区_空气质量_2025.docx")),
        "pptx": slide_text(read(out, "崇明区_空气质量_2025.pptx")),
        "xlsx": sheet_text(read(out, "崇明区_空气质量_2025.xlsx")),
    }  # fmt: skip
    for form, text in said.items():
        plain = re.sub(r"\s", "", text)
        assert "19.5" in plain, form
        assert digest in plain, form
        for source in spec.sources[:1]:
            assert re.sub(r"\s", "", source) in plain, form
        if form != "svg":  # its lines are elements of their own
            assert re.sub(r"\s", "", spec.sentences[0]) in plain, form


def word_text(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    foot = document.sections[0].footer.paragraphs
    return "\n".join(one.text for one in (*document.paragraphs, *foot))


def slide_text(content: bytes) -> str:
    deck = Presentation(io.BytesIO(content))
    boxes = [one for slide in deck.slides for one in slide.shapes if one.has_text_frame]
    return "\n".join(one.text_frame.text for one in boxes)


def sheet_text(content: bytes) -> str:
    book = load_workbook(io.BytesIO(content))
    return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_workbook_has_data_figures_with_targets_and_sources(packed):
    out, _ = packed
    book = load_workbook(io.BytesIO(read(out, "上海市_空气质量_2025.xlsx")))
    assert book.sheetnames[0] == "数据"
    assert {"指标与目标", "来源与口径"} <= set(book.sheetnames)
    rows = list(book["数据"].iter_rows(values_only=True))
    assert rows[0][:2] == ("区", "PM2.5平均浓度 (μg/m³)")
    assert rows[1][:2] == ("黄浦区", 27.2)
    assert rows[6][:2] == ("虹口区", None)
    figures = list(book["指标与目标"].iter_rows(values_only=True))
    assert figures[1][:4] == ("PM2.5平均浓度", 26.3, "μg/m³", "2025年")


def test_text_of_a_workbook_is_never_a_formula(project):
    rows = pd.DataFrame(
        {"=1+1": ["=cmd()", "+3", "@x", "-", "安全"], "值": [1.5, None, 2.0, 3.0, 4.0]}
    )
    content = figure_sheets.workbook([("a/b:c*?", rows), ("A B C", rows), ("x" * 40, rows)], "题")
    book = load_workbook(io.BytesIO(content))
    assert [len(name) <= 31 for name in book.sheetnames] == [True] * 3
    assert len({name.lower() for name in book.sheetnames}) == 3
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s"}
    assert (
        figure_sheets.workbook([("a/b:c*?", rows), ("A B C", rows), ("x" * 40, rows)], "题")
        == content
    )


def test_the_comparison_holds_each_area_beside_its_target(packed):
    out, _ = packed
    rows = pd.read_csv(io.BytesIO(read(out, "各区对比_2025.csv")), encoding="utf-8-sig")
    air = rows[(rows["图层"] == "空气质量") & rows["指标"].str.contains("PM2.5")]
    assert list(air["区域"]) == ["上海市", "崇明区"]
    assert list(air["数值"]) == [26.3, 19.5]
    assert list(air["差距"]) == [1.3, -5.5]
    assert list(air["状态"]) == ["按进度", "已达成"]
    assert list(air["排名"].fillna(0)) == [0, 1]
    assert (air["来源"].str.len() > 5).all()
    water = rows[rows["图层"] == "湿地"]
    assert water["数值"].isna().any()
    assert water[water["数值"].isna()]["说明"].str.contains("没有公布数值").all()
    assert load_workbook(io.BytesIO(read(out, "各区对比_2025.xlsx"))).sheetnames == [
        "空气质量",
        "湿地",
    ]


def test_the_same_order_gives_the_same_pack_whatever_the_number_of_processes(
    packed, project, tmp_path
):
    order = replace(SMALL, layers=("wetlands",), areas=("310151",), forms=("png", "docx"))
    outs = [tmp_path / "1.zip", tmp_path / "2.zip"]
    for out, jobs in zip(outs, (1, 2), strict=True):
        pack.make_pack(project, order, out, jobs=jobs)
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_a_picture_that_fails_is_told_and_does_not_lose_the_rest(own_project, tmp_path):
    rows = own_project.shipped("data/wetlands/wetlands.csv").splitlines()
    own_project.write("data/wetlands/wetlands.csv", "\n".join(["wrong,columns", *rows[1:]]) + "\n")
    out = tmp_path / "pack.zip"
    made = pack.make_pack(own_project.open(), SMALL, out, jobs=1)
    assert [one.name for one in made.failures] == ["上海市_湿地.png", "崇明区_湿地.png"]
    assert "上海市_空气质量_2025.png" in names_of(out)
    assert "上海市_湿地.png" not in names_of(out)
    said = read(out, "制作记录.txt").decode("utf-8-sig")
    assert "未能制作：2" in said
    assert f"上海市_湿地.png：{made.failures[0].zh}" in said
    assert "wetlands.csv" in made.failures[0].zh


def test_a_pack_of_which_nothing_can_be_made_is_told_and_nothing_is_written(own_project, tmp_path):
    own_project.write("data/wetlands/wetlands.csv", "wrong,columns\n1,2\n")
    out = tmp_path / "pack.zip"
    order = replace(SMALL, layers=("wetlands",), areas=("310151",))
    with pytest.raises(DataError, match=r"没有一个文件制作成功。崇明区_湿地\.png："):
        pack.make_pack(own_project.open(), order, out, jobs=1)
    assert list(tmp_path.glob("*.zip*")) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_pack_that_is_stopped_leaves_what_was_there_before(project, tmp_path, jobs):
    out = tmp_path / "pack.zip"
    out.write_bytes(b"before")
    done: list[Progress] = []
    with pytest.raises(StoppedError):
        pack.make_pack(project, SMALL, out, jobs, done.append, lambda: bool(done))
    assert out.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["pack.zip"]
    assert 1 <= len(done) < 5


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is killed as POSIX does it")
def test_the_files_of_a_worker_that_dies_are_made_again(project, tmp_path):
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        if not killed:
            child = multiprocessing.active_children()[0]
            killed.append(child.pid)
            os.kill(child.pid, signal.SIGKILL)

    out = tmp_path / "pack.zip"
    order = replace(SMALL, layers=("wetlands",), areas=("310000", "310151", "310101"))
    made = pack.make_pack(project, order, out, jobs=2, report=kill_one)
    assert killed
    assert made.failures == ()
    assert len(made.files) == len(atlas.planned(project, order)) == 4


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"size": "A9"}, "纸张“A9”不存在"),
        ({"theme": "dark"}, "配色“dark”不存在"),
        ({"dpi": 9000}, "分辨率 9000 dpi 超出范围"),
        ({"scale": "half"}, "比例“half”不存在"),
        ({"period": "25"}, "时期“25”应为 YYYY 或 YYYY-MM"),
    ],
)
def test_a_wrong_order_is_told_before_anything_is_made(project, tmp_path, changes, said):
    with pytest.raises(BshError, match=said):
        pack.make_pack(project, replace(SMALL, **changes), tmp_path / "pack.zip", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_pack_is_a_zip_file_in_a_folder_that_is_there(project, tmp_path):
    with pytest.raises(DataError, match=r"图包应为 \.zip 文件"):
        pack.make_pack(project, SMALL, tmp_path / "pack.rar", 1)
    with pytest.raises(DataError, match="没有文件夹"):
        pack.make_pack(project, SMALL, tmp_path / "none" / "pack.zip", 1)


def test_a_template_is_filled_for_each_area_that_it_is_for(project):
    template = briefing.template_of(project, "district_report")
    content = template.model_dump(mode="json", exclude_defaults=True)
    areas = ("310000", "310151", "310101")
    order = Order(FIVE, areas, ("png", "docx", "pdf"), "2025", template=content)
    names = [one.name for one in atlas.planned(project, order)]
    documents = [one for one in names if "专报" in one]
    stems = ("崇明区_区级专报_2025", "黄浦区_区级专报_2025")  # the city is not its area
    assert documents == [f"{stem}.{form}" for stem in stems for form in ("docx", "pdf")]
    assert sum(one.endswith(".png") for one in names) == 15
    assert sum(one.endswith(".pdf") for one in names) == 2


def test_a_template_without_a_form_for_it_is_told(project):
    template = briefing.template_of(project, "single").model_dump(mode="json")
    with pytest.raises(DataError, match="要填入 pdf、docx、pptx 之一"):
        orders.check(project, replace(SMALL, template=template))


def test_districts_at_one_scale_have_one_scale_bar(project):
    order = Order(("wetlands",), ("310101", "310151"), ("svg",), dpi=60, scale="same")
    bars = set()
    for one in atlas.planned(project, order)[:2]:
        content, _ = atlas.make(project, order, one, "0" * 64)
        bars |= set(re.findall(r">(\d+ k?m)<", content.decode()))
    assert len(bars) == 1


def test_a_pdf_of_a_briefing_is_text_with_embedded_fonts(project):
    blocks = [{"kind": kind} for kind in ("figures", "map", "trend", "ranking", "table", "sources")]
    page = {"title": {"zh": "{area}{metric}", "en": "x"}, "layer": "air_quality", "blocks": blocks}
    made = made_of(project, [page], "310151", period="2025", office="某局")
    content = flow_files.pdf(made)
    reader = pypdf.PdfReader(io.BytesIO(content))
    said = re.sub(r"\s", "", "".join(one.extract_text() for one in reader.pages))
    spec = compose.build(project, Request("air_quality", areas=("310151",), period="2025"))
    for text in ("崇明区PM2.5平均浓度", "19.5μg/m³", "嘉定区", "无数据", "某局", *spec.sources):
        assert re.sub(r"\s", "", text) in said
    fonts = reader.pages[0]["/Resources"]["/Font"]
    assert fonts
    for one in fonts.values():
        inner = one.get_object()["/DescendantFonts"][0].get_object()
        assert "/FontFile2" in inner["/FontDescriptor"].get_object()
    assert flow_files.pdf(made) == content


def test_a_long_table_goes_on_with_its_head_and_long_words_stay_on_the_page(project):
    rows = tuple((f"{number}", "很长的名称" * 20) for number in range(80))
    page = Page("长表", "", (Paragraph("字" * 900), Table("表", ("编号", "名称"), rows)))
    reader = pypdf.PdfReader(io.BytesIO(flow_files.pdf(Briefing("题" * 40, "", "zh", (page,)))))
    said = [re.sub(r"\s", "", one.extract_text()) for one in reader.pages]
    assert len(said) > 3
    assert all("编号名称" in one for one in said[1:])


def test_zip_files_are_the_same_whenever_they_are_made(tmp_path):
    content = zip_files.packed([("a.txt", b"1"), ("b.png", b"2")])
    zip_files.packed_into(tmp_path / "x.zip", [("a.txt", b"1"), ("b.png", b"2")])
    assert (tmp_path / "x.zip").read_bytes() == content


def test_a_view_without_anything_has_a_workbook_too(project, own_project: OwnProject):
    spec: MapSpec = compose.build(project, Request("wetlands", areas=("310101",)))
    book = load_workbook(io.BytesIO(figure_sheets.view_xlsx(spec)))
    assert book.sheetnames == ["数据", "指标与目标", "来源与口径"]
    assert book["数据"].max_row == 1


def test_a_layer_without_metrics_and_figures_is_packed_too(own_project, tmp_path):
    own_project.write(
        "layers/bare.toml",
        """id = "bare"
title = { zh = "只有点", en = "Points alone" }
group = { zh = "组", en = "Group" }
summary = { zh = "概要", en = "Summary" }
source = ["park-list-2022"]
quality = "published"

[[parts]]
id = "parks"
title = { zh = "公园", en = "Parks" }
kind = "points"
dataset = "parks"
colour = "#2f6b4a"
""",
    )
    order = replace(SMALL, layers=("bare",), forms=orders.FORMS)
    out = tmp_path / "pack.zip"
    made = pack.make_pack(own_project.open(), order, out, jobs=1)
    assert made.failures == ()
    assert "崇明区_只有点.pptx" in names_of(out)
    assert read(out, "各区对比_2025.csv").decode("utf-8-sig").startswith("图层,区域,指标")
