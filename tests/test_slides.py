"""PowerPoint files: native titles, charts and tables that say what the view says."""

from __future__ import annotations

import io
import re
from itertools import combinations, pairwise

import pytest
from briefing_help import (
    APPROVAL,
    OFFICE,
    STAMP,
    both,
    check_office_file,
    entries,
    filled,
    made_of,
    pages_in_libreoffice,
)
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE_TYPE

from bsh_geo import compose, slides
from bsh_geo.briefing_pages import Bar, Briefing, MapPicture, Page, Ranking, Table, TrendChart
from bsh_geo.compose import Request
from bsh_geo.mapspec import Trend
from bsh_geo.project import Project


@pytest.fixture(scope="module")
def chongming(project: Project) -> Briefing:
    return filled(project, "district_report", "310151", "2025")


@pytest.fixture(scope="module")
def deck(chongming: Briefing):
    return opened(slides.pptx(chongming))


def opened(content: bytes):
    return Presentation(io.BytesIO(content))


def shapes(deck) -> list:
    return [shape for slide in deck.slides for shape in slide.shapes]


def texts(slide) -> str:
    return "\n".join(one.text_frame.text for one in slide.shapes if one.has_text_frame)


def test_the_slides_are_16_to_9_and_each_has_a_native_title(deck, chongming):
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, abs=0.001)
    titles = [slide.shapes.title.text for slide in deck.slides]
    assert titles[0] == "崇明区生态环境专报"
    assert set(titles[1:]) == {page.title for page in chongming.pages}


def test_the_trend_is_a_native_line_chart_with_a_series_for_each_target(deck, project):
    charts = [one.chart for one in shapes(deck) if one.has_chart]
    # A series without markers makes python-pptx call it LINE.
    kinds = (XL_CHART_TYPE.LINE, XL_CHART_TYPE.LINE_MARKERS)
    (line,) = [one for one in charts if one.chart_type in kinds]
    spec = compose.build(project, Request("air_quality", areas=("310151",), period="2025"))
    plot = line.plots[0]
    assert list(plot.categories) == ["2024", "2025"]
    assert list(plot.series[0].values) == [value for _, value in spec.trend.points] == [21.1, 19.5]
    assert [one.name for one in plot.series][1:] == ["2027年目标 25", "2035年目标 20"]
    assert [list(one.values) for one in plot.series][1:] == [[25, 25], [20, 20]]


def test_a_year_without_a_figure_is_a_gap_in_the_line(project):
    trend = Trend("某区指标", "%", (("2019", 3.0), ("2022", 5.0), ("2023", 4.0)), (("2030", 6.0),))
    page = Page("题", "某区", (TrendChart(trend, "某区指标"),))
    deck = opened(slides.pptx(Briefing("题", "", "zh", (page,))))
    (chart,) = [one.chart for one in shapes(deck) if one.has_chart]
    assert list(chart.plots[0].categories) == ["2019", "2020", "2021", "2022", "2023"]
    assert list(chart.plots[0].series[0].values) == [3.0, None, None, 5.0, 4.0]
    assert chart._chartSpace.find(".//{*}dispBlanksAs").get("val") == "gap"


def test_the_ranking_is_a_native_bar_chart_from_high_to_low_with_the_figures_of_the_map(
    deck, project
):
    bars = [
        one.chart
        for one in shapes(deck)
        if one.has_chart and one.chart.chart_type == XL_CHART_TYPE.BAR_CLUSTERED
    ]
    spec = compose.build(project, Request("air_quality", period="2025"))
    rows = spec.tables[0].export.dropna(subset="value")
    known = dict(zip(rows["name_zh"], rows["value"], strict=True))
    shown = dict(zip(bars[0].plots[0].categories, bars[0].plots[0].series[0].values, strict=True))
    assert shown == known
    assert len(shown) == 7
    values = list(bars[0].plots[0].series[0].values)
    assert all(one >= after for one, after in pairwise(values))


def test_the_table_is_native_and_says_where_there_is_no_figure(deck):
    tables = [one.table for one in shapes(deck) if one.has_table]
    districts = next(one for one in tables if one.cell(0, 0).text == "区")
    cells = [[cell.text for cell in row.cells] for row in districts.rows]
    assert len(cells) == 17
    assert cells[0][:2] == ["区", "PM2.5平均浓度 (μg/m³)"]
    assert cells[1][:2] == ["黄浦区", "27.2"]
    assert cells[6][:2] == ["虹口区", "无数据"]
    assert cells[-1][:2] == ["崇明区", "19.5"]


def test_a_map_has_a_description_and_a_native_legend(deck, chongming):
    maps = [block for page in chongming.pages for block in page.blocks
            if isinstance(block, MapPicture)]  # fmt: skip
    pictures = [one for one in shapes(deck) if one.shape_type == MSO_SHAPE_TYPE.PICTURE]
    said = [one._element.nvPicPr.cNvPr.get("descr") for one in pictures]
    assert said == [block.alt for block in maps]
    assert "PM2.5平均浓度 19.5 μg/m³" in said[0]
    legends = [one for one in shapes(deck) if one.name == "Legend"]
    assert len(legends) == len(maps) == 4
    words = {one.text_frame.text for one in legends[0].shapes if one.has_text_frame}
    assert {"≤ 20", "20 – 25", "> 35", "国控站点"} <= words


def test_every_slide_with_figures_names_source_date_and_quality(deck):
    for slide in list(deck.slides)[1:]:
        said = texts(slide)
        assert "来源：" in said
        assert "数据时间：" in said
        assert STAMP in said
        assert APPROVAL in said
        assert OFFICE in said


def test_the_notes_hold_the_sentence_all_sources_and_the_view(deck, project):
    spec = compose.build(project, Request("air_quality", areas=("310151",), period="2025"))
    notes = deck.slides[2].notes_slide.notes_text_frame.text
    assert spec.sentences[0] in notes
    for source in spec.sources:
        assert source in notes
    assert "?layer=air_quality&area=310151" in notes


def test_schematic_shapes_are_said_to_be_schematic(deck):
    marked = [slide for slide in deck.slides if "湿地" in slide.shapes.title.text]
    assert marked
    for slide in marked:
        assert "不是法定边界" in slide.notes_slide.notes_text_frame.text


def test_chinese_and_latin_fonts_are_named_in_the_theme(chongming):
    files = entries(slides.pptx(chongming))
    theme = files["ppt/theme/theme1.xml"].decode()
    assert theme.count('<a:latin typeface="Arial"/><a:ea typeface="微软雅黑"/>') == 2
    assert "Calibri" not in theme


def test_a_file_has_no_time_no_person_and_the_same_bytes_again(chongming):
    content = slides.pptx(chongming)
    check_office_file(content)
    assert slides.pptx(chongming) == content


@pytest.mark.parametrize(
    ("template", "area", "period", "lang"),
    [
        ("district_report", "310151", "2025", "zh"),
        ("district_report", "310109", "2025", "en"),
        ("district_report", "310115", "2025", "en"),
        ("city_monthly", "310000", "2025-12", "zh"),
        ("city_monthly", "310000", "2025-12", "en"),
        ("single", "310000", None, "en"),
    ],
)
def test_nothing_leaves_the_slide_and_nothing_lies_on_anything_else(
    project, template, area, period, lang
):
    deck = opened(slides.pptx(filled(project, template, area, period, lang)))
    for slide in deck.slides:
        boxes = [
            (one.name, one.left, one.top, one.left + one.width, one.top + one.height)
            for one in slide.shapes
        ]
        for name, left, top, right, bottom in boxes:
            assert left >= 0 and top >= 0, name
            assert right <= deck.slide_width, name
            assert bottom <= deck.slide_height, name
        for one, other in combinations(boxes, 2):
            wide = min(one[3], other[3]) - max(one[1], other[1])
            high = min(one[4], other[4]) - max(one[2], other[2])
            # A hundredth of a millimetre is rounding.
            assert min(wide, high) < 360, f"{slide.shapes.title.text}: {one[0]} on {other[0]}"


def test_a_table_longer_than_a_slide_goes_on_with_its_head_on_the_next(project):
    rows = tuple((f"{number}", f"第{number}处 " + "很长的名称" * 8) for number in range(60))
    page = Page("长表", "", (Table("表", ("编号", "名称"), rows),))
    deck = opened(slides.pptx(Briefing("题", "", "zh", (page,))))
    tables = [one.table for one in shapes(deck) if one.has_table]
    assert len(tables) > 2
    assert {one.cell(0, 1).text for one in tables} == {"名称"}
    shown = [row.cells[0].text for one in tables for row in list(one.rows)[1:]]
    assert shown == [f"{number}" for number in range(60)]
    assert [slide.shapes.title.text for slide in deck.slides][1] == "长表（续）"


def test_the_english_slides_hold_no_chinese_sign_but_in_titles_of_documents(project):
    pages = [{"title": both("{layer}"), "layer": "air_quality",
              "blocks": [{"kind": "figures"}, {"kind": "map"}, {"kind": "table"}]}]  # fmt: skip
    deck = opened(slides.pptx(made_of(project, pages, "310151", "en")))
    said = [one.text_frame.text for one in shapes(deck) if one.has_text_frame]
    assert any("(2025 · official)" in text for text in said)
    assert not [text for text in said if re.search("[一-鿿（）；：。，]", text)]


def test_a_small_table_stands_beside_its_map_and_not_on_a_slide_of_its_own(project):
    blocks = [{"kind": kind} for kind in ("figures", "map", "table")]
    pages = [{"title": both("{layer}"), "layer": "land_cover", "blocks": blocks}]
    deck = opened(slides.pptx(made_of(project, pages, "310151")))
    (slide,) = deck.slides
    (table,) = [one.table for one in slide.shapes if one.has_table]
    assert [table.cell(row, 0).text for row in range(6)] == [
        "类别", "公园（示意圆）", "湿地（含示意）", "湖库", "近岸水域", "陆地（未细分）",
    ]  # fmt: skip
    assert table.cell(4, 2).text == "22.86"


def test_a_table_of_two_slides_is_shared_evenly_between_them(project):
    rows = tuple((f"第{number}处", "1.0") for number in range(24))
    page = Page("表", "", (Table("表", ("名称", "值"), rows, frozenset({1})),))
    deck = opened(slides.pptx(Briefing("题", "", "zh", (page,))))
    tables = [one.table for one in shapes(deck) if one.has_table]
    assert [len(one.rows) - 1 for one in tables] == [12, 12]


def test_equal_values_one_value_and_values_below_zero_are_drawn(project):
    for values in ((5.0,) * 16, (3.2,), (-2.0, -2.0, 4.0), (0.0, 0.0)):
        bars = tuple(Bar(f"区{at}", value, "#e9a75c") for at, value in enumerate(values))
        trend = Trend("指标", "", tuple((str(2020 + at), 7.0) for at in range(3)))
        page = Page("题", "", (Ranking("排名", "%", 1, bars, ""), TrendChart(trend, "趋势")))
        deck = opened(slides.pptx(Briefing("题", "", "zh", (page,))))
        charts = [one.chart for one in shapes(deck) if one.has_chart]
        assert list(charts[0].plots[0].series[0].values) == list(values)
        assert list(charts[1].plots[0].series[0].values) == [7.0, 7.0, 7.0]
        axis = charts[1].value_axis
        assert axis.minimum_scale < 7.0 < axis.maximum_scale


def test_a_view_without_anything_in_the_area_says_so(project):
    blocks = [{"kind": "map"}, {"kind": "table"}]
    pages = [{"title": both("{layer}"), "layer": "wetlands", "blocks": blocks}]
    deck = opened(slides.pptx(made_of(project, pages, "310101")))
    (slide,) = deck.slides
    (legend,) = [one for one in slide.shapes if one.name == "Legend"]
    assert "所选区域内没有列入的" in {one.text_frame.text for one in legend.shapes}
    assert not [one for one in slide.shapes if one.has_table]


def test_a_long_name_stays_within_its_slide(project):
    title = "上海市国家生态文明建设示范区与临港新片区及长三角生态绿色一体化发展示范区" * 2
    page = Page(title, title, (Table("表", ("区域", "值"), ((title, "1.0"),), frozenset({1})),))
    deck = opened(slides.pptx(Briefing(title, "", "zh", (page,))))
    (slide,) = deck.slides
    for one in slide.shapes:
        assert one.top + one.height <= deck.slide_height


def test_libreoffice_opens_it_with_as_many_pages_as_slides(chongming, deck, tmp_path):
    found = pages_in_libreoffice(slides.pptx(chongming), ".pptx", tmp_path)
    assert found == len(deck.slides)
