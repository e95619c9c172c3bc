"""What defends each number: source, quality, method, CRS, the standard in force, and its HTML."""

from __future__ import annotations

import pandas as pd
import pytest

from bsh_geo import assessment, catalogue, compose, observations, origins
from bsh_geo.compose import Request
from bsh_geo.ui import data_page, facts, progress_html, traces

LAYERS = (
    "air_quality", "beautiful_bays", "wetlands", "park_coverage", "ecological_red_line",
    "land_cover",
)  # fmt: skip
WORDS = {"zh": ("来源", "质量", "坐标系"), "en": ("Source", "Quality", "CRS")}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("layer", LAYERS)
def test_each_number_of_a_view_names_source_quality_and_crs(project, layer, lang):
    spec = compose.build(project, Request(layer, areas=("310151",), lang=lang))
    shown = [one for one in (spec.key, *spec.figures) if one is not None and one.period]
    assert shown
    for one in shown:
        labels = [label for label, _ in one.origin]
        assert set(WORDS[lang]) <= set(labels), one.label


@pytest.mark.parametrize("layer", LAYERS)
def test_each_number_of_the_facts_column_opens_to_its_origin(project, layer):
    spec = compose.build(project, Request(layer, areas=("310151",)))
    page = facts.facts_html(spec)
    told = [one for one in (spec.key, *spec.figures) if one is not None and one.origin]
    trends = int(spec.trend is not None)
    assert told
    assert page.count("<details") == len(told) + len(spec.targets[:10]) + trends
    assert page.count("<details") == page.count("<summary>") == page.count("</details>")


def test_the_pm25_of_the_city_names_its_publisher_year_and_standards(project):
    spec = compose.build(project, Request("air_quality", "pm25", (), "2025"))
    assert spec.key is not None
    told = dict(spec.key.origin)
    assert "上海市生态环境局，2026-01-22" in told["来源"]
    assert told["质量"] == "官方"
    assert told["评价标准"] == "GB 3095-2012 · HJ 633-2012 · HJ 663-2013"
    assert told["坐标系"] == "统计值，不由图形量算，不涉及坐标系"


@pytest.mark.parametrize(
    ("period", "named"),
    [
        ("2015", "GB 3095-2012 · HJ 633-2012 · HJ 663-2013"),
        ("2026-02", "GB 3095-2012 · HJ 633-2012 · HJ 663-2013"),
        ("2026-03", "GB 3095-2026 · HJ 633-2026 · HJ 663-2026"),
        (
            "2026",
            "GB 3095-2012 · HJ 633-2012 · HJ 663-2013 · GB 3095-2026 · HJ 633-2026 · HJ 663-2026",
        ),
    ],
)
def test_a_period_names_the_standards_that_were_in_force(project, period, named):
    assert origins.standards_text(project, period) == named


def test_a_published_area_is_not_said_to_be_measured(project):
    spec = compose.build(project, Request("ecological_red_line", areas=("310151",)))
    assert spec.key is not None
    assert dict(spec.key.origin)["坐标系"].startswith("公布值，来源未注明量算所用坐标系")


def test_a_measured_share_names_the_equal_area_system(project):
    spec = compose.build(project, Request("park_coverage", "park_land_share"))
    assert spec.key is not None
    told = dict(spec.key.origin)
    assert "兰勃特等积方位投影（中心 121.5°E，31.2°N）" in told["坐标系"]
    assert told["质量"] == "推算"


def test_a_target_is_told_with_document_clause_and_quote(project):
    spec = compose.build(project, Request("air_quality", "pm25"))
    assert spec.targets
    for line in spec.targets:
        assert [label for label, _ in line.origin] == ["文件", "状态", "条款", "原文"]
        assert dict(line.origin)["原文"] == line.quote


def test_each_year_of_a_trend_names_its_source(project):
    spec = compose.build(project, Request("air_quality", "pm25"))
    assert spec.trend is not None
    assert [year for year, _ in spec.trend.origin] == [year for year, _ in spec.trend.points]
    assert spec.trend.origin[-1][1].startswith("26.3 · 官方 · 2025年12月及1—12月")


def test_a_row_of_a_map_s_table_is_told_as_its_observation(project):
    spec = compose.build(project, Request("air_quality", "pm25", (), "2025"))
    metric = compose.metric_of(compose.layer_of(project, "air_quality"), "pm25")
    row = spec.tables[0].export.set_index("id", drop=False).loc["310151"]
    told = origins.of_row(project, metric, row, "", "zh")
    at = observations.at(project, "pm25", "2025").loc["310151"]
    assert told == origins.of_observation(project, pd.Series(at), "zh")


def test_a_row_of_places_names_its_sources_and_the_crs(project):
    spec = compose.build(project, Request("wetlands"))
    row = spec.tables[0].export.iloc[0]
    told = dict(origins.of_row(project, None, row, "名录", "zh"))
    known = catalogue.load_sources(project)
    first = catalogue.source_ids(str(row["source"]))[0]
    assert known[first].title_zh in told["来源"] or len(told["来源"]) > 3
    assert told["口径与方法"] == "名录"
    assert told["坐标系"].startswith("位置为 WGS 84 经纬度")


def test_more_sources_than_fit_are_counted(project):
    ids = list(catalogue.load_sources(project))[:6]
    told = origins.of_sources(project, ids, "zh")
    assert [text for _, text in told][-1] == "另有 2 个，逐行列于数据表"
    assert len(told) == 5


def test_every_cell_of_the_matrix_opens_to_its_origin(project):
    found = [one for one in assessment.assess(project) if one.area == "310151"]
    page = progress_html.matrix_html(project, found, "zh")
    cells = page.count("<td>")
    assert cells > 3
    assert page.count("popovertarget=") == page.count('popover="auto"') == cells


def test_every_source_of_a_dataset_stands_behind_its_name(project):
    page = data_page.catalogue_html(project, "zh")
    for dataset in catalogue.load_datasets(project).values():
        for one in dataset.source:
            title = catalogue.load_sources(project)[one].title_zh
            assert traces.escape(title) in page


def test_markup_in_an_origin_is_text():
    page = traces.traced("<b>1</b>", (("来源", "<script>alert(1)</script>"),))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_number_without_an_origin_does_not_pretend_to_open():
    assert traces.traced("<b>1</b>", ()) == "<b>1</b>"
    assert traces.cell("1", (), "k", "t") == "1"


def test_chinese_words_of_a_document_are_marked_on_an_english_page():
    page = traces.origin_html((("Original text", "到2027年"), ("Source", "a plan")))
    assert '<dd lang="zh">到2027年</dd>' in page
    assert "<dd>a plan</dd>" in page
