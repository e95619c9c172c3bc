"""Sentences for a briefing, held against golden ones over a world small enough to judge by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import OwnProject
from small_world import small_world

from bsh_geo import catalogue, compose, observations, sentences
from bsh_geo.project import Project

GOLDEN = [
    # falling, on track, two years
    (
        "pm25",
        "310000",
        None,
        "截至2025年，上海市细颗粒物年均浓度为26.3微克/立方米，"
        "较2027年目标（25微克/立方米左右）高1.3微克/立方米，尚未达成，"
        "进度符合要求；较2035年目标（20微克/立方米左右）高6.3微克/立方米，"
        "尚未达成，进度符合要求。",
    ),
    # as of a past year
    (
        "pm25",
        "310000",
        "2023",
        "截至2023年，上海市细颗粒物年均浓度为28.4微克/立方米，"
        "较2027年目标（25微克/立方米左右）高3.4微克/立方米，尚未达成，"
        "进度符合要求；较2035年目标（20微克/立方米左右）高8.4微克/立方米，"
        "尚未达成，进度符合要求。",
    ),
    # the example of the issue
    (
        "pm25",
        "310151",
        None,
        "截至2025年，崇明区细颗粒物年均浓度为19.5微克/立方米，"
        "较2027年目标（25微克/立方米左右）低5.5微克/立方米，已达成。",
    ),
    # a month is stated and not judged
    (
        "pm25",
        "310151",
        "2025-02",
        "2025年2月，崇明区细颗粒物月均浓度为34微克/立方米（月度数值不与年度目标比较）。",
    ),
    # a month without a figure
    (
        "pm25",
        "310151",
        "2025-03",
        "未见2025年3月崇明区细颗粒物月均浓度的公布数值。",
    ),
    # derived value; the city"s target held against a district
    (
        "pm25",
        "310101",
        None,
        "截至2025年，黄浦区细颗粒物年均浓度为29.2微克/立方米（推算值），"
        "较市级2027年目标（25微克/立方米左右）高4.2微克/立方米，尚未达成，"
        "滞后于进度；较市级2035年目标（20微克/立方米左右）高9.2微克/立方米，"
        "尚未达成，滞后于进度。",
    ),
    # equal to the target; one figure only
    (
        "pm25",
        "310116",
        None,
        "截至2025年，金山区细颗粒物年均浓度为25.0微克/立方米，"
        "与市级2027年目标（25微克/立方米左右）持平，已达成；"
        "较市级2035年目标（20微克/立方米左右）高5.0微克/立方米，尚未达成，"
        "数据不足以判断进度。",
    ),
    # months only
    (
        "pm25",
        "310115",
        None,
        "未见浦东新区细颗粒物年均浓度的年度公布数值（2024年8月为18微克/立方米）；"
        "市级2027年目标为25微克/立方米左右；"
        "市级2035年目标为20微克/立方米左右。",
    ),
    # missing data
    (
        "pm25",
        "310117",
        None,
        "未见松江区细颗粒物年均浓度的公布数值；市级2027年目标为25微克/立方米左右；"
        "市级2035年目标为20微克/立方米左右。",
    ),
    # missing data of a year
    (
        "pm25",
        "310117",
        "2024",
        "未见2024年松江区细颗粒物年均浓度的公布数值；"
        "市级2027年目标为25微克/立方米左右；"
        "市级2035年目标为20微克/立方米左右。",
    ),
    # no target
    (
        "no2",
        "310151",
        None,
        "截至2025年，崇明区二氧化氮（NO2）浓度为15微克/立方米。",
    ),
    # two documents conflict; percentage points
    (
        "good_rate",
        "310000",
        None,
        "截至2025年，上海市空气质量优良率为89.4%，"
        "较《市实施意见》2030年目标（不低于90%）低0.6个百分点，尚未达成，"
        "进度符合要求；"
        "较《市“十五五”规划》2030年目标（大于92%）低2.6个百分点，尚未达成，"
        "进度符合要求。",
    ),
    # two documents conflict, no figure
    (
        "good_rate",
        "310151",
        None,
        "未见崇明区空气质量优良率的公布数值；"
        "《市实施意见》市级2030年目标为不低于90%；"
        "《市“十五五”规划》市级2030年目标为大于92%。",
    ),
    # deadline past; one percentage point
    (
        "water",
        "310000",
        None,
        "截至2025年，上海市水质优良比例为49%，较2025年目标（50%）低1个百分点，到期未达成。",
    ),
    # rising, a total
    (
        "parks",
        "310000",
        None,
        "截至2025年，上海市公园总数为1,100座，"
        "较2035年目标（2,000座）低900座，尚未达成，进度符合要求。",
    ),
    # the city"s total says nothing of a district
    (
        "parks",
        "310101",
        None,
        "截至2025年，黄浦区公园总数为50座。",
    ),
    # exactly; no year
    (
        "redline",
        "310000",
        None,
        "截至2023年，上海市生态保护红线面积为2,527.30平方公里，"
        "与目标（2,527.3平方公里）持平，已达成。",
    ),
    # behind
    (
        "forest_old",
        "310000",
        None,
        "截至2025年，上海市森林覆盖率（原口径）为19.5%，"
        "较2035年目标（23%左右）低3.5个百分点，尚未达成，滞后于进度。",
    ),
    # overshoot
    (
        "forest_old",
        "310151",
        None,
        "截至2022年，崇明区森林覆盖率（原口径）为25.36%，"
        "较市级2035年目标（23%左右）高2.36个百分点，已达成。",
    ),
    # another definition
    (
        "forest",
        "310000",
        None,
        "未见上海市森林覆盖率（新口径）的公布数值；2030年目标为14.6%；"
        "已公布的是“森林覆盖率（原口径）”，口径不同，不作比较。",
    ),
    # another definition, the city"s target
    (
        "forest",
        "310151",
        None,
        "未见崇明区森林覆盖率（新口径）的公布数值；市级2030年目标为14.6%；"
        "已公布的是“森林覆盖率（原口径）”，口径不同，不作比较。",
    ),
    # not reached, no year
    (
        "greenway",
        "310000",
        None,
        "截至2025年，上海市骨干绿道长度为1,040公里，较目标（不低于2,000公里）低960公里，尚未达成。",
    ),
    # two years in two documents
    (
        "bay",
        "310116",
        None,
        "金山区美丽海湾建成的目标为2027年（市实施意见）、2025年（区行动方案），"
        "各文件年限不一致；未见完成情况的公布。",
    ),
    # done
    (
        "bay",
        "310151",
        None,
        "崇明区美丽海湾建成的目标为2035年（市实施意见）；已完成。",
    ),
    # a task at two places
    (
        "wetland",
        "310151",
        None,
        "崇明区重要湿地修复的目标为2030年（市“十五五”规划）；未见完成情况的公布。",
    ),
]

ENGLISH = [
    (
        "pm25",
        "310151",
        None,
        "As of 2025, the annual mean of fine particles in Chongming was 19.5 μg/m³, "
        "5.5 μg/m³ below the 2027 target (about 25 μg/m³), reached.",
    ),
    (
        "good_rate",
        "310000",
        None,
        "As of 2025, share of days with good air in Shanghai was 89.4%, "
        "0.6 percentage points below the 2030 target of City Opinions (at least 90%), "
        "not reached, on track; "
        "2.6 percentage points below the 2030 target of City Plan 2026–2030 (over 92%), "
        "not reached, on track.",
    ),
    (
        "water",
        "310000",
        None,
        "As of 2025, share of good water in Shanghai was 49%, "
        "1 percentage point below the 2025 target (50%), not reached in time.",
    ),
    (
        "no2",
        "310151",
        None,
        "As of 2025, NO2, annual mean in Chongming was 15 μg/m³.",
    ),
    (
        "forest",
        "310151",
        None,
        "No figure for forest cover (new) in Chongming is published; "
        "the city's 2030 target is 14.6%; what is published is “Forest cover (old)”, "
        "another definition.",
    ),
    (
        "pm25",
        "310151",
        "2025-02",
        "In 2025-02, the monthly mean of fine particles in Chongming was 34 μg/m³; "
        "months are not held against annual targets.",
    ),
    (
        "bay",
        "310116",
        None,
        "Jinshan, beautiful bay built: 2027 (City Opinions), 2025 (District Plan); "
        "the documents differ; nothing is published about its completion.",
    ),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    root: Path = tmp_path_factory.mktemp("world")
    (root / "data").mkdir()
    yield small_world(OwnProject(root))


def test_there_are_at_least_twenty_golden_sentences() -> None:
    assert len(GOLDEN) >= 20
    assert len(ENGLISH) >= 3


@pytest.mark.parametrize(("indicator", "area", "period", "golden"), GOLDEN)
def test_a_chinese_sentence_is_the_golden_one(
    world: Project, indicator: str, area: str, period: str | None, golden: str
) -> None:
    assert sentences.sentence(world, indicator, area, period) == golden


@pytest.mark.parametrize(("indicator", "area", "period", "golden"), ENGLISH)
def test_an_english_sentence_is_the_golden_one(
    world: Project, indicator: str, area: str, period: str | None, golden: str
) -> None:
    assert sentences.sentence(world, indicator, area, period, "en") == golden


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("Fine particles (PM2.5)", "fine particles (PM2.5)"),
        ("NO2, annual mean", "NO2, annual mean"),
        ("PM10", "PM10"),
        ("AQI of the city", "AQI of the city"),
        ("Zero-waste cells", "zero-waste cells"),
    ],
)
def test_an_english_name_loses_its_capital_unless_it_is_an_acronym(
    world: Project, name: str, phrase: str
) -> None:
    indicator = observations.indicator_of(world, "no2").model_copy(update={"en": name})
    assert sentences.phrase(indicator, "en") == phrase


def test_a_bracket_that_tells_definitions_apart_stays(world: Project) -> None:
    assert sentences.phrase(observations.indicator_of(world, "forest"), "zh").endswith("口径）")


def test_every_indicator_and_area_of_the_shipped_project_has_a_sentence(project: Project) -> None:
    found = [
        sentences.sentence(project, indicator, area, None, lang)
        for indicator in catalogue.load_indicators(project)
        for area in ("310000", "310101", "310116", "310151")
        for lang in ("zh", "en")
    ]
    assert len(found) > 100
    assert [one for one in found if not one.endswith(("。", "."))] == []
    assert [one for one in found if "None" in one or "nan" in one or "  " in one] == []


@pytest.mark.parametrize(
    ("layer", "area", "expected"),
    [
        (
            "air_quality",
            "310151",
            "截至2025年，崇明区细颗粒物年均浓度为19.5微克/立方米，较2027年目标（25微克/立方米左右）"
            "低5.5微克/立方米，已达成；较2035年目标（20微克/立方米左右）低0.5微克/立方米，已达成。",
        ),
        (
            "ecological_red_line",
            "310151",
            "截至2023年，崇明区生态保护红线面积为1,640.37平方公里，"
            "与目标（1,640.37平方公里）持平，已达成。",
        ),
        ("wetlands", "310000", "截至2026年，上海市湿地总面积为439,800公顷。"),
    ],
)
def test_a_layer_has_its_sentence(project: Project, layer: str, area: str, expected: str) -> None:
    shown = compose.layer_of(project, layer)
    metric = compose.metric_of(shown, None)
    assert sentences.layer_sentence(project, shown, metric, area) == expected


def test_a_bay_is_told_by_its_targets_where_no_figure_is_published(project: Project) -> None:
    said = sentences.layer_sentence(
        project, compose.layer_of(project, "beautiful_bays"), None, "310116"
    )
    assert "2025年" in said
    assert "2027年" in said
    assert "不一致" in said
