"""Templates: their schema, what their faults say, and what their fields become."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from briefing_help import both, filled, made_of
from conftest import ROOT, OwnProject
from small_world import small_world

from bsh_geo import briefing, briefing_fill, check
from bsh_geo.briefing_fill import Occasion
from bsh_geo.briefing_pages import Figures, MapPicture, Paragraph, Ranking, Sources, Table
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.project import Project

SHIPPED = {"city_monthly": "市级月报", "district_report": "区级专报", "single": "单图"}


def text_of(project: Project, text: str, area: str = "310151", lang: str = "zh", **more) -> str:
    """A text with fields on a page of PM2.5, filled."""
    block = {"kind": "text", "text": both(text)}
    page = {"title": both("t"), "layer": "air_quality", "metric": "pm25", "blocks": [block]}
    made = made_of(project, [page], area, lang, **more)
    return "\n".join(one.text for one in made.pages[0].blocks if isinstance(one, Paragraph))


def broken(own: OwnProject, content: str) -> str:
    """The sentence that a template with this content gives."""
    own.write("data/briefings/own.toml", content)
    with pytest.raises(BshError) as raised:
        briefing.template_of(own.open(), "own")
    return raised.value.zh


def template_text(**changes: str) -> str:
    """A small template as TOML, keys of its page replaced."""
    page = {
        "title": '{ zh = "页", en = "Page" }',
        "layer": '"air_quality"',
        "blocks": '[{ kind = "map" }]',
    } | changes
    lines = "\n".join(f"{key} = {value}" for key, value in page.items() if value)
    named = "\n".join(
        f'{key} = {{ zh = "题", en = "T" }}' for key in ("title", "summary", "heading")
    )
    return f'id = "own"\n{named}\n\n[[pages]]\n{lines}\n'


def test_three_templates_are_shipped_in_their_order(project):
    found = briefing.templates(project)
    assert {key: one.title.zh for key, one in found.items()} == SHIPPED
    assert list(found) == ["city_monthly", "district_report", "single"]
    assert all(one.summary.en and one.heading.en for one in found.values())


def test_an_office_s_template_of_the_same_name_takes_the_place_of_the_shipped_one(own_project):
    shipped = own_project.shipped("data/briefings/single.toml")
    own_project.write("data/briefings/single.toml", shipped.replace("单图", "本局单图"))
    assert briefing.template_of(own_project.open(), "single").title.zh == "本局单图"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"colour": '"red"'},
            "data/briefings/own.toml：pages.0 处未知的键 colour，可用的键：title",
        ),
        ({"blocks": "[]"}, "data/briefings/own.toml 第 1 页：blocks 为空。"),
        ({"blocks": '[{ kind = "mapp" }]'}, "pages.0.blocks.0.kind 的值 'mapp' 不合要求"),
        ({"layer": '"air_qualty"'}, "第 1 页：图层“air_qualty”不存在。是否指 air_quality？"),
        ({"metric": '"pm26"'}, "第 1 页：指标“pm26”不存在。是否指 pm25"),
        ({"mode": '"best"'}, "着色方式“best”不存在。"),
        ({"show": '["nothing"]'}, "叠加内容“nothing”不存在。"),
        ({"layer": ""}, "第 1 页：map 需要本页有 layer。"),
        ({"blocks": '[{ kind = "text" }]'}, "text 缺少 text。"),
        ({"blocks": '[{ kind = "map", indicators = ["pm25"] }]'}, "map 不应有 indicators。"),
        ({"blocks": '[{ kind = "targets", indicators = ["pm26"] }]'}, "指标“pm26”不存在。"),
        ({"blocks": '[{ kind = "map", needs = ["valu"] }]'}, "字段“valu”不存在。可用：area"),
        ({"title": '{ zh = "{nowhere}", en = "x" }'}, "字段“nowhere”不存在。可用：area、period"),
        ({"title": '{ zh = "{value:pm26}", en = "x" }'}, "指标“pm26”不存在。是否指 pm25"),
        ({"title": '{ zh = "{area", en = "x" }'}, "“{area”中有单独的大括号"),
    ],
)
def test_a_faulty_template_is_told_in_one_sentence(own_project, changes, said):
    found = broken(own_project, template_text(**changes))
    assert said in found
    assert "\n" not in found


def test_an_unknown_field_lists_all_fields(own_project):
    found = broken(own_project, template_text(title='{ zh = "{qqqqqqq}", en = "x" }'))
    for name in (*briefing.PLAIN, *briefing.OF_FIGURE, "value:pm25"):
        assert name in found


def test_a_field_of_a_layer_on_a_page_without_one_says_what_to_write(own_project):
    content = template_text(
        layer="",
        title='{ zh = "{value}", en = "x" }',
        blocks='[{ kind = "comparison", indicators = ["pm25"] }]',
    )
    assert "字段 {value} 需要本页有 layer，或写明指标，如 {value:pm25}。" in broken(
        own_project, content
    )


def test_an_unknown_template_and_a_missing_file_are_told(project, tmp_path):
    with pytest.raises(UnknownNameError, match=r"模板“singel”不存在。是否指 single"):
        briefing.template_of(project, "singel")
    with pytest.raises(DataError, match=r"无法读取模板 none\.toml"):
        briefing.template_of(project, str(tmp_path / "none.toml"))


def test_a_template_may_be_any_file(project, tmp_path):
    path = tmp_path / "本局.toml"
    path.write_text(template_text(), encoding="utf-8")
    assert briefing.template_of(project, str(path)).id == "own"


def test_a_broken_template_is_found_by_the_check(own_project):
    own_project.write("data/briefings/own.toml", template_text(layer='"nowhere"'))
    count, faults = check._run(own_project.open(), check._briefings)
    assert count > 5
    assert ["nowhere" in one.zh for one in faults] == [True]


FIELDS = {
    "{area}": "崇明区",
    "{period}": "2025年",
    "{office}": "某局",
    "{layer}": "空气质量",
    "{metric}": "PM2.5平均浓度",
    "{page}": "1",
    "{name}": "PM2.5平均浓度",
    "{value}": "19.5",
    "{unit}": "μg/m³",
    "{when}": "2025年",
    "{quality}": "官方",
    "{target}": "25 μg/m³左右",
    "{target_year}": "2027",
    "{gap}": "−5.5",  # 19.5 − 25
    "{state}": "已达成",
    "{rank}": "1",
    "{ranked}": "4",
    "{change}": "−1.6",  # 19.5 − 21.1
    "{value:no2}": "15",
    "{name:no2}": "二氧化氮（NO2）浓度",
    "{rank:no2}": "1",
    "{{area}}": "{area}",
}


@pytest.mark.parametrize(("text", "wanted"), FIELDS.items())
def test_a_field_is_filled_with_the_published_figure(own_project, text, wanted):
    world = small_world(own_project)
    # Districts with PM2.5 of 2025: 崇明 19.5, 黄浦 29.2, 金山 25.0, 闵行 26.
    assert text_of(world, text, period="2025", office="某局") == wanted


def test_a_sentence_is_the_one_of_the_sentences(own_project):
    world = small_world(own_project)
    found = text_of(world, "{sentence:pm25}", period="2025")
    assert found.startswith("截至2025年，崇明区细颗粒物年均浓度为19.5微克/立方米，较2027年目标")


def test_what_is_not_published_is_said_and_never_replaced(own_project):
    world = small_world(own_project)
    # 宝山 has no figure at all; 浦东 only one of August 2024.
    assert text_of(world, "{value}|{gap}|{rank}", "310113", period="2025") == "无数据|—|—"
    assert text_of(world, "{value}", "310115", period="2025") == "无数据"
    assert text_of(world, "{value}", "310115", "en", period="2025") == "No data"


def test_a_block_that_needs_a_figure_is_left_out_without_it(own_project):
    world = small_world(own_project)
    page = {
        "title": both("t"),
        "blocks": [
            {"kind": "text", "text": both("第{rank:pm25}位"), "needs": ["rank:pm25"]},
            {"kind": "text", "text": both("总在")},
        ],
    }
    told = {
        area: [one.text for one in made_of(world, [page], area, period="2025").pages[0].blocks
               if isinstance(one, Paragraph)]
        for area in ("310151", "310113")
    }  # fmt: skip
    assert told == {"310151": ["第1位", "总在"], "310113": ["总在"]}


def test_the_page_of_a_layer_without_the_period_says_which_it_shows(project):
    page = {"title": both("{metric}"), "layer": "air_quality", "blocks": [{"kind": "map"}]}
    made = made_of(project, [page], "310000", period="2011")
    note = "空气质量 · PM2.5平均浓度没有2011年的数值，所示为2025年。"
    assert made.notes == (note,)
    assert note in [one.text for one in made.pages[0].blocks if isinstance(one, Paragraph)]
    assert made.pages[0].request.period == "2025"
    assert "2025年" in made.pages[0].subtitle


def test_a_page_of_a_layer_is_never_without_its_sources(project):
    page = {"title": both("t"), "layer": "wetlands", "blocks": [{"kind": "map"}]}
    made = made_of(project, [page], "310151")
    (last,) = [one for one in made.pages[0].blocks if isinstance(one, Sources)]
    assert "湿地保护规划" in last.lines[0]
    assert any("不是法定边界" in line for line in last.lines)


def test_a_page_of_indicators_names_their_sources_dates_and_qualities(project):
    block = {"kind": "comparison", "indicators": ["pm25"]}
    made = made_of(project, [{"title": both("t"), "blocks": [block]}], "310000", period="2025")
    table, sources = made.pages[0].blocks
    assert len(table.rows) == 17
    assert table.rows[0] == ("上海市", "26.3")
    assert table.titles[1].endswith("(μg/m³, 2025年)")
    assert [line.partition("：")[0] for line in sources.lines] == ["来源", "数据时间", "数据质量"]


def test_a_page_for_each_district_is_made_sixteen_times(project):
    page = {"title": both("{area}{page}"), "layer": "air_quality", "areas": "districts",
            "blocks": [{"kind": "figures"}]}  # fmt: skip
    made = made_of(project, [page], "310000", period="2025")
    assert len(made.pages) == 16
    assert made.pages[0].title == "黄浦区1"
    assert made.pages[-1].title == "崇明区16"
    key = next(one for one in made.pages[-1].blocks if isinstance(one, Figures)).figures[0]
    assert key.value == "19.5"


@pytest.mark.parametrize(
    ("template", "area", "period", "said"),
    [
        ("city_monthly", "310151", "2025-12", "模板“市级月报”用于全市。"),
        ("district_report", "310000", "2025", "模板“区级专报”用于一个区。"),
        ("city_monthly", "310000", "2025", "时期应为 YYYY-MM，而不是 2025"),
        ("district_report", "310151", "2025-12", "时期应为 YYYY，而不是 2025-12"),
        ("single", "310151", "25年", "时期“25年”应为 YYYY 或 YYYY-MM。"),
    ],
)
def test_an_area_or_period_that_the_template_is_not_for_is_told(
    project, template, area, period, said
):
    with pytest.raises(BshError, match=re.escape(said)):
        filled(project, template, area, period)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("area", ["310101", "310115", "310151", "310109"])
def test_the_district_report_is_filled_for_any_district(project, area, lang):
    made = filled(project, "district_report", area, "2025", lang)
    assert len(made.pages) == 5
    for page in made.pages:
        assert page.title and page.subtitle and page.blocks
        assert "{" not in page.title
    for page in made.pages[1:]:
        assert any(isinstance(one, Sources) for one in page.blocks)
    maps = [one for page in made.pages for one in page.blocks if isinstance(one, MapPicture)]
    assert len(maps) == 4


def test_the_ranking_and_the_table_of_a_district_show_all_and_mark_its_own(project):
    made = filled(project, "district_report", "310151", "2025")
    blocks = made.pages[1].blocks
    ranking = next(one for one in blocks if isinstance(one, Ranking))
    assert [one.name for one in ranking.bars if one.chosen] == ["崇明区"]
    assert "虹口区" in ranking.note
    table = next(one for one in blocks if isinstance(one, Table))
    assert [table.rows[at][0] for at in table.marked] == ["崇明区"]
    assert len(table.rows) == 16


def test_a_table_says_how_many_columns_a_page_leaves_out(project):
    pages = [{"title": both("{layer}"), "layer": "wetlands", "blocks": [{"kind": "table"}]}]
    (table, _) = made_of(project, pages, "310000").pages[0].blocks
    assert len(table.titles) == 6
    assert re.search(r"另有 \d+ 列，见数据表。$", table.note)
    english = made_of(project, pages, "310000", "en").pages[0].blocks[0]
    assert re.search(r"\d+ more columns are in the table of figures\.$", english.note)


def test_a_table_of_plain_numbers_has_room_for_more_columns_and_no_codes(project):
    pages = [{"title": both("{layer}"), "layer": "land_cover", "blocks": [{"kind": "table"}]}]
    table = made_of(project, pages, "310000").pages[0].blocks[0]
    assert table.titles[:2] == ("分区", "计入面积 (km²)")
    assert len(table.titles) == 7
    assert table.rows[-1][:2] == ("合计", "8,004.50")
    assert table.note == ""


def test_a_group_is_an_area_of_its_own(project):
    code = briefing_fill.area_code(project, "五个新城") if _has_group(project) else None
    if code is None:
        pytest.skip("the project declares no group")
    made = briefing_fill.fill(project, briefing.template_of(project, "single"), Occasion(code))
    assert made.pages


def _has_group(project: Project) -> bool:
    from bsh_geo import areas

    return "五个新城" in areas.group_names(project, "zh").values()


def test_the_document_names_every_key_kind_and_field():
    said = (ROOT / "docs" / "briefings.md").read_text("utf-8")
    keys = {
        key
        for model in (briefing.Template, briefing.PageTemplate, briefing.Block)
        for key in model.model_fields
    }
    kinds = get_args(briefing.Kind)
    assert {key for key in (*keys, *kinds) if f"`{key}`" not in said} == set()
    fields = (*briefing.PLAIN, *briefing.OF_FIGURE)
    assert {name for name in fields if f"`{{{name}}}`" not in said} == set()


def test_the_template_of_the_document_can_be_copied_into_a_file_and_filled(project, tmp_path):
    said = (ROOT / "docs" / "briefings.md").read_text("utf-8")
    path = tmp_path / "weekly.toml"
    path.write_text(re.search(r"```toml\n(.*?)```", said, re.DOTALL).group(1), encoding="utf-8")
    template = briefing.template_of(project, str(path))
    made = briefing_fill.fill(project, template, Occasion("310151", "2025"))
    assert made.title == "崇明区空气质量（2025年）"
    texts = [one.text for one in made.pages[0].blocks if isinstance(one, Paragraph)]
    assert texts[1] == "较上年 −1.6μg/m³。"
