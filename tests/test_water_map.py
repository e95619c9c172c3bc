"""Overlays of water classes in a period: classes worked out by hand, words, links, the control."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT
from pypdf import PdfReader
from small_water import LISTED, OTHER, SEA, SOURCE, write_water
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from bsh_geo import (
    briefing,
    briefing_fill,
    cli,
    compose,
    exports,
    frames,
    links,
    places,
    snapshot,
    water_map,
)
from bsh_geo.compose import Request
from bsh_geo.errors import UnknownNameError
from bsh_geo.mapspec import DrawnPart, MapSpec
from bsh_geo.project import Project, open_project
from bsh_geo.ui import state

RIVER_PART, SEA_PART = "beautiful_bays.river_classes", "beautiful_bays.sea_classes"
BAYS = "beautiful_bays"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("water")
    write_water(root)
    return root


@pytest.fixture(scope="module")
def here(folder: Path) -> Project:
    return open_project(folder)


def rows_of(here: Project, network: str, asked: str | None) -> pd.DataFrame:
    name = {"river": "river_classes", "sea": "sea_classes"}[network]
    dataset = {"river": "river_stations", "sea": "sea_points"}[network]
    table = frames.table(here, dataset)
    return places.derived_rows(here, name, table, asked).set_index("code")


def spec_of(here: Project, water: str | None = None, lang: str = "zh", **more: Any) -> MapSpec:
    request = Request(BAYS, parts=("river_classes",), lang=lang, water=water)
    return compose.build(here, replace(request, **more))


def part_of(spec: MapSpec, name: str = "river_classes") -> DrawnPart:
    return next(one for one in spec.parts if one.id == name)


# Periods


def test_the_periods_offered_are_those_with_readings_the_newest_first(here: Project) -> None:
    assert water_map.periods(here, ("river",)) == {
        "month": ("2025-06", "2025-05"),
        "quarter": ("2025-Q2",),
        "year": ("2025",),
    }
    assert water_map.periods(here, ("river", "sea")) == {
        "month": ("2025-08", "2025-06", "2025-05"),
        "quarter": ("2025-Q3", "2025-Q2"),
        "year": ("2025",),
    }
    assert water_map.newest(here, ("river", "sea")) == ("2025-08", "2025-06")


def test_the_shipped_project_has_no_period_to_choose(project: Project) -> None:
    known = water_map.periods(project, ("river", "sea"))
    assert known == {"month": (), "quarter": (), "year": ()}
    assert water_map.newest(project, ("river", "sea")) == ()


@pytest.mark.parametrize("asked", ["2025-07", "2024", "2025-05-10", "2025-5", "x"])
def test_a_period_without_readings_is_refused_with_those_that_have_some(
    here: Project, asked: str
) -> None:
    with pytest.raises(UnknownNameError, match=f"水质时期“{asked}”不存在") as raised:
        water_map.checked(here, ("river", "sea"), asked)
    assert raised.value.zh.endswith("可用：2025-08、2025-06、2025-05、2025-Q3、2025-Q2、2025。")
    assert raised.value.en.endswith("2025-08, 2025-06, 2025-05, 2025-Q3, 2025-Q2, 2025.")


def test_a_period_without_an_overlay_of_water_is_refused(here: Project) -> None:
    with pytest.raises(UnknownNameError, match="没有显示"):
        compose.build(here, Request("air_quality", water="2025-05"))


# Classes by hand


def test_the_classes_of_a_month_are_those_of_its_readings(here: Project) -> None:
    may, june = rows_of(here, "river", "2025-05"), rows_of(here, "river", "2025-06")
    assert may.at[LISTED, "class_text_zh"] == "Ⅱ类"  # 0.10 is on the limit of Ⅱ
    assert may.at[LISTED, "items_text_zh"] == "氨氮、总磷"
    assert may.at[LISTED, "graded_text_zh"] == "氨氮 0.4000 mg/L、总磷 0.1000 mg/L"
    assert june.at[LISTED, "class_text_zh"] == "Ⅳ类"  # 0.25 is above 0.2 and below 0.3
    assert june.at[LISTED, "items_text_zh"] == "总磷"
    assert june.at[OTHER, "class_key"] == "class-5"  # the mean of 0.30 and 0.50 is 0.40
    # Of the 21 items of rivers that count two have values.
    assert june.at[LISTED, "missing_text_zh"] == (
        "pH、溶解氧、高锰酸盐指数、化学需氧量、五日生化需氧量等 19 项"
    )
    assert june.at[LISTED, "readings_text_zh"] == SOURCE
    assert june.at[LISTED, "standard_text_zh"] == "GB 3838-2002 地表水环境质量标准"


def test_a_station_without_reading_in_the_period_is_missing_with_the_reason(here: Project) -> None:
    row = rows_of(here, "river", "2025-05").loc[OTHER]
    assert (row["class_key"], row["reason_text_zh"]) == ("none", "该时期没有读数")
    assert row["period_text_zh"] == "2025年5月"
    assert pd.isna(row["class_text_zh"])
    assert pd.isna(row["readings_source"])


def test_a_quarter_and_a_year_need_enough_months(here: Project) -> None:
    quarter = rows_of(here, "river", "2025-Q2")
    # (0.10 + 0.25) / 2 = 0.175: III; the other section has one month of the two that are needed.
    assert (quarter.at[LISTED, "class_text_zh"], quarter.at[LISTED, "items_text_zh"]) == (
        *("Ⅲ类", "总磷"),
    )
    assert quarter.at[OTHER, "reason_text_zh"] == "有数据的月份 1 个，应不少于 2 个"
    year = rows_of(here, "river", "2025")
    assert year.at[LISTED, "reason_text_zh"] == "有数据的月份 2 个，应不少于 8 个"


def test_sea_points_have_their_survey_season_and_month(here: Project) -> None:
    for asked, period in ((None, "2025年8月"), ("2025-Q3", "2025年三季度"), ("2025", "2025年")):
        row = rows_of(here, "sea", asked).loc[SEA]
        assert (row["class_text_zh"], row["items_text_zh"]) == ("第四类", "无机氮")
        assert row["period_text_zh"] == period
    missing = rows_of(here, "sea", "2025-06").loc[SEA]
    assert (missing["class_key"], missing["reason_text_zh"]) == ("none", "该时期没有读数")


def test_without_a_choice_each_network_shows_its_newest_month(here: Project) -> None:
    assert rows_of(here, "river", None).at[LISTED, "water_period"] == "2025-06"
    assert rows_of(here, "sea", None).at[SEA, "water_period"] == "2025-08"


def test_without_readings_every_station_says_so(project: Project) -> None:
    rows = rows_of(project, "river", None)
    assert set(rows["class_key"]) == {"none"}
    assert set(rows["reason_text_zh"]) == {"没有导入读数"}
    assert "water_period" not in rows


# What a map says


@pytest.mark.parametrize(
    ("asked", "zh", "en"),
    [
        (None, "2025年6月", "2025-06"),
        ("2025-05", "2025年5月", "2025-05"),
        ("2025-Q2", "2025年二季度", "2025 Q2"),
        ("2025", "2025年", "2025"),
    ],
)
def test_titles_legend_notes_and_tables_name_the_period(
    here: Project, asked: str | None, zh: str, en: str
) -> None:
    for lang, title in (
        ("zh", f"地表水断面水质类别（{zh}）"),
        ("en", f"Surface-water classes ({en})"),
    ):
        spec = spec_of(here, asked, lang)
        assert part_of(spec).title == title
        assert title in [block.title for block in spec.legend]
        assert title in [table.title for table in spec.tables]
        assert any(note.startswith(title) and "GB 3838-2002" in note for note in spec.notes)
        said = spec.subtitle.rpartition(" · ")[2]
        assert said == spec.water == (f"水质{zh}" if lang == "zh" else f"water {en}")
        assert spec.data_date.endswith(said)
        assert "最近月" not in f"{spec.title}{spec.subtitle}{spec.notes}{spec.legend}"


def test_the_note_counts_the_stations_with_a_class(here: Project) -> None:
    whole = len(frames.table(here, "river_stations"))
    note = next(one for one in spec_of(here, "2025-05").notes if "按平均浓度评价" in one)
    assert note.endswith(f"{whole} 个中 1 个有类别。")
    note = next(one for one in spec_of(here, "2025-06").notes if "按平均浓度评价" in one)
    assert note.endswith(f"{whole} 个中 2 个有类别。")


def test_the_hover_box_tells_class_items_period_and_standard(here: Project) -> None:
    lines = dict(part_of(spec_of(here, "2025-06")).frame.at[LISTED, "lines"])
    assert lines["水质类别"] == "Ⅳ类"
    assert lines["定类项目"] == "总磷"
    assert lines["参评均值"] == "氨氮 0.4000 mg/L、总磷 0.2500 mg/L"
    assert lines["时期"] == "2025年6月"
    assert lines["标准"].startswith("GB 3838-2002")
    other = dict(part_of(spec_of(here, "2025-05")).frame.at[OTHER, "lines"])
    assert "水质类别" not in other
    assert (other["时期"], other["无类别的原因"]) == ("2025年5月", "该时期没有读数")


def test_a_station_without_reading_is_drawn_as_missing(here: Project) -> None:
    part = part_of(spec_of(here, "2025-05"))
    assert part.frame.at[OTHER, "key"] == "none"
    assert part.frame.at[LISTED, "key"] == "class-2"
    assert part.styles["none"].fill == "#ffffff"


def test_the_sources_of_the_readings_are_told(here: Project) -> None:
    assert SOURCE in spec_of(here, "2025-05").sources
    assert SOURCE not in spec_of(here, parts=("bays",)).sources


def test_two_networks_with_other_newest_months_are_both_named(here: Project) -> None:
    spec = spec_of(here, parts=("river_classes", "sea_classes"))
    assert spec.water == "水质2025年6月、2025年8月"
    assert spec_of(here, "2025", parts=("river_classes", "sea_classes")).water == "水质2025年"


def test_a_map_without_these_overlays_says_nothing_of_water(here: Project) -> None:
    spec = spec_of(here, parts=("bays",))
    assert spec.water == ""
    assert "水质2025" not in spec.subtitle + spec.data_date


def test_the_table_exports_the_key_of_the_period_and_the_source(here: Project) -> None:
    spec = spec_of(here, "2025-05")
    table = next(one for one in spec.tables if one.id == RIVER_PART)
    found = json.loads(exports.to_bytes(table, "geojson"))["features"]
    row = next(one["properties"] for one in found if one["properties"]["code"] == LISTED)
    assert (row["water_period"], row["readings_source"]) == ("2025-05", SOURCE)
    assert row["class_text_zh"] == "Ⅱ类"


def test_the_printed_page_names_the_period(here: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(snapshot.render(spec_of(here, "2025-05"), "pdf"))
    text = "".join("".join(page.extract_text() for page in PdfReader(path).pages).split())
    assert "水质2025年5月" in text
    assert "地表水断面水质类别（2025年5月）" in text
    assert "最近月" not in text


def test_a_briefing_follows_its_own_period_where_there_are_readings(here: Project) -> None:
    layer = compose.layer_of(here, "air_quality")
    show = (RIVER_PART,)
    assert briefing_fill.shown_water(here, layer, show, "2025-05", "zh") == ("2025-05", "")
    assert briefing_fill.shown_water(here, layer, show, None, "zh") == (None, "")
    assert briefing_fill.shown_water(here, layer, ("stations",), "2025-05", "zh") == (None, "")
    assert briefing_fill.shown_water(here, layer, show, "2025-07", "zh") == (
        None,
        "水质没有2025年7月的读数，所示为最近月。",
    )


def test_a_filled_briefing_shows_the_water_of_its_period_or_says_that_it_cannot(
    here: Project,
) -> None:
    content: dict[str, Any] = {
        "id": "own",
        "title": {"zh": "水", "en": "Water"},
        "summary": {"zh": "水", "en": "Water"},
        "heading": {"zh": "水", "en": "Water"},
        "pages": [
            {
                "title": {"zh": "{area}", "en": "{area}"},
                "layer": BAYS,
                "show": ["river_classes"],
                "blocks": [{"kind": "map"}],
            }
        ],
    }
    template = briefing.parsed(here, content, "own")
    for asked, water in (("2025-05", "2025-05"), (None, None), ("2025-07", None)):
        made = briefing_fill.fill(here, template, briefing_fill.Occasion("310000", asked))
        request = made.pages[0].request
        assert request is not None
        assert request.water == water
        said = any("水质没有2025年7月的读数" in note for note in made.notes)
        assert said == (asked == "2025-07")


# Links and commands


def test_the_period_goes_round_through_a_link(here: Project) -> None:
    query = {"layer": "air_quality", "show": f"stations,{RIVER_PART}", "water": "2025-Q2"}
    view, error = state.parse(here, query)
    assert error is None
    assert view.water == "2025-Q2"
    assert state.query_of(here, view) == query
    assert links.query_of(here, view.request()) == query
    without, error = state.parse(here, {"layer": "air_quality", "show": RIVER_PART})
    assert (without.water, error) == (None, None)


@pytest.mark.parametrize(
    ("show", "water", "told"),
    [
        (RIVER_PART, "2025-07", "水质时期“2025-07”不存在"),
        (RIVER_PART, "2025-08", "水质时期“2025-08”不存在"),  # of the sea alone
        ("stations", "2025-05", "没有显示"),
    ],
)
def test_a_link_with_a_wrong_period_is_told_in_a_sentence(
    here: Project, show: str, water: str, told: str
) -> None:
    view, error = state.parse(here, {"layer": "air_quality", "show": show, "water": water})
    assert view.water is None
    assert error is not None
    assert told in error.zh


def run(*words: object) -> Any:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def test_the_commands_take_the_period(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    words = ("export", BAYS, "--show", "river_classes", "--table", RIVER_PART)
    done = run(*words, "--water", "2025-Q2", "-o", out, "--project", folder)
    assert done.exit_code == 0, done.output
    lines = out.read_text("utf-8-sig").splitlines()
    assert sum("2025年二季度" in line for line in lines) == len(lines) - 1
    picture = tmp_path / "a.svg"
    words = ("snapshot", BAYS, "--show", "river_classes", "--water", "2025-05")
    assert run(*words, "-o", picture, "--project", folder).exit_code == 0
    assert "地表水断面水质类别（2025年5月）" in picture.read_text("utf-8")


def test_a_wrong_period_of_a_command_is_one_sentence_and_nothing_is_written(
    folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.png"
    words = ("snapshot", BAYS, "--show", "river_classes", "--water", "2031", "-o", out)
    done = run(*words, "--project", folder)
    assert done.exit_code == 2
    assert "水质时期“2031”不存在" in done.output
    assert "2025-06" in done.output
    assert "Traceback" not in done.output
    assert not out.exists()


# The control


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch) -> Any:
    def start(root: Path, **query: str) -> AppTest:
        monkeypatch.chdir(ROOT)
        monkeypatch.setenv("BSH_PROJECT", str(root))
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return start


def said(app: AppTest) -> str:
    bodies = [one.proto.body for one in app.get("html")]
    return html.unescape("\n".join(one for one in bodies if "<style>" not in one))


def keys_of(app: AppTest) -> set[str | None]:
    return {one.key for one in app.selectbox}


def test_the_control_stands_where_an_overlay_of_water_is_shown(open_app: Any, folder: Path) -> None:
    app = open_app(folder, layer=BAYS)
    assert not app.exception
    assert "water_choice" not in keys_of(app)
    app.checkbox(key=f"show-{BAYS}-river_classes").check().run()
    assert app.selectbox(key="water_choice").options == ["最近月 · 2025年6月", "2025年5月"]
    assert "水质2025年6月" in said(app)
    assert "water" not in app.query_params


def test_choosing_a_month_changes_the_map_and_the_address(open_app: Any, folder: Path) -> None:
    app = open_app(folder, layer=BAYS, show="bays,river_classes")
    app.selectbox(key="water_choice").set_value("2025-05").run()
    assert not app.exception
    assert app.query_params["water"] == "2025-05"
    assert "水质2025年5月" in said(app)
    app.selectbox(key="water_choice").set_value("").run()
    assert "water" not in app.query_params
    assert "水质2025年6月" in said(app)


def test_another_grain_shows_the_period_that_meets_the_present_one(
    open_app: Any, folder: Path
) -> None:
    app = open_app(folder, layer=BAYS, show="river_classes,sea_classes", water="2025-05")
    assert app.selectbox(key="water_choice").value == "2025-05"
    app.button_group(key="water_grain").set_value("quarter").run()
    assert not app.exception
    assert app.query_params["water"] == "2025-Q2"
    assert app.selectbox(key="water_choice").options == ["2025年三季度", "2025年二季度"]
    app.button_group(key="water_grain").set_value("year").run()
    assert app.query_params["water"] == "2025"
    app.button_group(key="water_grain").set_value("month").run()
    assert app.query_params["water"] == "2025-08"


def test_a_link_opens_the_period_and_switching_the_overlay_off_drops_it(
    open_app: Any, folder: Path
) -> None:
    app = open_app(folder, layer=BAYS, show="bays,river_classes", water="2025-Q2")
    assert app.selectbox(key="water_choice").value == "2025-Q2"
    assert "水质2025年二季度" in said(app)
    app.checkbox(key=f"show-{BAYS}-river_classes").uncheck().run()
    assert not app.exception
    assert "water" not in app.query_params
    assert "water_choice" not in keys_of(app)


def test_one_month_of_readings_leaves_nothing_to_choose(open_app: Any, tmp_path: Path) -> None:
    write_water(tmp_path, sea=False, months=1)
    app = open_app(tmp_path, layer=BAYS, show="bays,river_classes")
    assert not app.exception
    assert "water_choice" not in keys_of(app)
    assert "水质2025年6月" in said(app)
