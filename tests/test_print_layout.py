"""Pages of every size and orientation: nothing overlaps, nothing is cut, a series compares."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pypdf
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image
from shapely.geometry import Point
from test_snapshot import crowded_spec, small_spec
from typer.testing import CliRunner, Result

from bsh_geo import compose, inset, page_layout, print_frame, snapshot
from bsh_geo.cli import app
from bsh_geo.compose import Request
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.mapspec import DrawnPart, Label, MapSpec, Style, TableView
from bsh_geo.marks import Picture, Words
from bsh_geo.page_grid import grid_of
from bsh_geo.print_options import (
    ORIENTATIONS,
    SIZES,
    THEMES,
    PrintOptions,
    extent_of,
    imprint,
    page_size,
    parse_extent,
)
from bsh_geo.project import Project
from bsh_geo.themes import LOOKS

LAYERS = (
    *("air_quality", "beautiful_bays", "wetlands"),
    *("park_coverage", "ecological_red_line", "land_cover"),
)
AREAS = ((), ("310151",), ("310101",), ("310115",), ("central",))
PAGES = tuple(itertools.product(SIZES, ORIENTATIONS))
PIXELS = 60
"""Dots per inch at which the text is measured."""


def png(width: int, height: int) -> bytes:
    made = io.BytesIO()
    Image.new("RGBA", (width, height), (31, 111, 120, 255)).save(made, "png")
    return made.getvalue()


def text_boxes(
    spec: MapSpec, options: PrintOptions
) -> tuple[list[str], np.ndarray, tuple[float, float]]:
    """Every text of the page once, its left, bottom, right, top, and the page's size, in pixels."""
    with snapshot.settings():
        figure = snapshot.figure_of(spec, replace(options, dpi=PIXELS))
        renderer = FigureCanvasAgg(figure).get_renderer()
        texts = [one for one in figure.artists if isinstance(one, Text)]
        plain = [one for one in texts if not one.get_path_effects()]
        boxes = np.array([one.get_window_extent(renderer).extents for one in plain])
    size = (figure.bbox.width, figure.bbox.height)
    return [one.get_text() for one in plain], boxes, size


def faults(spec: MapSpec, options: PrintOptions) -> list[tuple[str, ...]]:
    """Texts that leave the page, and pairs of texts that touch."""
    texts, boxes, (width, height) = text_boxes(spec, options)
    assert len(texts) > 5
    outside = (boxes[:, :2] <= 0).any(axis=1) | (boxes[:, 2] >= width) | (boxes[:, 3] >= height)
    shared = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - np.maximum(
        boxes[:, None, :2], boxes[None, :, :2]
    )
    # Half a pixel for the rounding of glyphs to pixels, as in test_snapshot.
    touching = np.triu((shared > 0.5).all(axis=2), 1)
    found: list[tuple[str, ...]] = [(texts[place],) for place in np.flatnonzero(outside)]
    return found + [(texts[a], texts[b]) for a, b in np.argwhere(touching)]


@pytest.mark.parametrize("areas", AREAS, ids=lambda names: "-".join(names) or "city")
@pytest.mark.parametrize("layer", LAYERS)
def test_no_text_touches_another_or_leaves_any_page(
    project: Project, layer: str, areas: tuple[str, ...]
) -> None:
    turn = LAYERS.index(layer) + AREAS.index(areas)
    for place, (size, orientation) in enumerate(PAGES):
        # Each page in one language, so that over all layers and areas both are seen on it.
        spec = compose.build(
            project, Request(layer, areas=areas, lang=("zh", "en")[(turn + place) % 2])
        )
        # Each theme too: over layers and areas a page is seen in both languages in both themes.
        theme = THEMES[(turn // 2 + place) % 2]
        assert faults(spec, PrintOptions(size, orientation, theme)) == [], (size, orientation)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_city_and_district_have_one_frame_on_a_page_in_every_layer(
    project: Project, lang: str
) -> None:
    for layer in LAYERS:
        specs = [
            compose.build(project, Request(layer, areas=areas, lang=lang)) for areas in AREAS[:2]
        ]
        for size, orientation in PAGES:
            options = PrintOptions(size, orientation)
            frames = {
                tuple(round(side, 6) for side in page_layout.page(spec, options).frame.box)
                for spec in specs
            }
            assert len(frames) == 1, (layer, size, orientation)


@pytest.mark.parametrize("code", ["310151", "310101", "310115", "310116", "310114", "310118"])
def test_neither_inset_nor_bar_nor_arrow_covers_the_selected_area(
    project: Project, code: str
) -> None:
    spec = compose.build(project, Request("air_quality", areas=(code,)))
    for size, orientation in PAGES:
        options = PrintOptions(size, orientation)
        frame = page_layout.page(spec, options).frame
        place = (frame.left, frame.top, frame.width, frame.height)
        found = inset.furnished(spec, place, LOOKS["screen"], text=grid_of(options).scale)
        assert len(found.furniture) == 3
        assert found.covered == 0, (size, orientation)


def test_the_inset_is_there_for_a_district_and_not_for_the_city(project: Project) -> None:
    place = (14.0, 40.0, 183.0, 133.0)
    district = compose.build(project, Request("wetlands", areas=("310151",)))
    city = compose.build(project, Request("wetlands"))
    assert len(inset.furnished(district, place, LOOKS["screen"]).furniture) == 3
    assert len(inset.furnished(city, place, LOOKS["screen"]).furniture) == 2


def test_the_crowded_centre_of_a_coloured_city_is_shown_larger(project: Project) -> None:
    spec = compose.build(project, Request("air_quality"))
    laid = page_layout.page(spec)
    assert laid.zoom is not None
    assert laid.zoom.scale / laid.frame.scale >= 1.6
    names = {one.text for one in laid.over if isinstance(one, Words)}
    assert {"黄浦", "徐汇", "长宁", "静安", "普陀", "虹口", "杨浦"} <= names
    assert not names & {one.text for one in laid.upon if isinstance(one, Words)}


def test_every_district_is_named_once_on_the_page_of_the_city(project: Project) -> None:
    for lang in ("zh", "en"):
        spec = compose.build(project, Request("air_quality", lang=lang))
        laid = page_layout.page(spec)
        drawn = [one.text for one in (*laid.upon, *laid.over) if isinstance(one, Words)]
        wanted = [label.text for label in spec.labels]
        assert len(wanted) == 16
        assert {name: drawn.count(name) for name in wanted} == dict.fromkeys(wanted, 1)


def test_extents_of_a_series_give_every_district_one_scale(project: Project) -> None:
    codes = ("310101", "310115", "310116", "310151")
    extents = print_frame.series_extents(project, codes)
    scales = {}
    for code in codes:
        spec = compose.build(project, Request("air_quality", areas=(code,)))
        frame = page_layout.page(spec, PrintOptions(extent=extents[code])).frame
        scales[code] = frame.scale
        west, south, east, north = print_frame.ground_box(spec.extent)
        assert frame.ground[0] < west < east < frame.ground[2], code
        assert frame.ground[1] < south < north < frame.ground[3], code
        assert frame.ground[0] + frame.ground[2] == pytest.approx(west + east, abs=1.0)
    assert list(extents) == list(codes)
    assert max(scales.values()) / min(scales.values()) == pytest.approx(1.0, abs=1e-6)


def test_a_given_extent_is_what_the_map_shows(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", areas=("310101",)))
    bounds = (121.0, 31.0, 121.6, 31.3)
    frame = page_layout.page(spec, PrintOptions(extent=bounds)).frame
    west, south, east, north = print_frame.ground_box(bounds)
    assert frame.ground[0] < west < east < frame.ground[2]
    assert frame.ground[1] < south < north < frame.ground[3]
    assert frame.scale * (east - west) * 1.06 == pytest.approx(frame.width)


@pytest.mark.parametrize(("size", "orientation"), PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_with_too_much_to_say_stays_readable(size: str, orientation: str, lang: str) -> None:
    spec = replace(crowded_spec(lang), sentences=(crowded_spec(lang).subtitle * 3,))
    options = PrintOptions(
        size, orientation, office="上海市生态环境局综合规划与督察处" * 2, logo=png(400, 60),
        approval="沪S(2026)000号", stamp="bsh-geo 1.0 · " + "0123456789abcdef" * 20,
    )  # fmt: skip
    assert faults(spec, options) == []
    frame = page_layout.page(spec, options).frame
    assert min(frame.width, frame.height) >= 60


def parks(count: int) -> DrawnPart:
    points = gpd.GeoDataFrame(
        {
            "key": ["park"] * count,
            "radius": [4.0] * count,
            "name": [f"公园{n}" for n in range(count)],
        },
        geometry=[Point(121.48, 31.22)] * count,
        crs="EPSG:4326",
    )
    return DrawnPart("parks", "公园", "point", points, {"park": Style("#1d5a40", "#ffffff")})


@pytest.mark.parametrize(("size", "orientation"), PAGES)
@pytest.mark.parametrize(
    "changes",
    [
        {"parts": (parks(30),)},
        {"labels": tuple(Label(f"某某街道第{n}公园", 121.48, 31.22, 0) for n in range(30))},
        {"labels": (Label("长江口中华鲟自然保护区" * 6, 121.48, 31.22),)},
        {"parts": (), "legend": (), "tables": (), "figures": (), "trend": None, "key": None,
         "targets": (), "notes": (), "sources": (), "labels": ()},
    ],
    ids=["30 parks in one spot", "30 names in one spot", "a long name", "nothing"],
)  # fmt: skip
def test_odd_maps_are_laid_out_without_a_touch(
    size: str, orientation: str, changes: dict[str, object]
) -> None:
    for theme in THEMES:
        assert faults(small_spec(**changes), PrintOptions(size, orientation, theme)) == [], theme


def test_over_all_layers_and_areas_a_page_is_seen_in_each_language_and_theme() -> None:
    """What the test of touching texts goes through, counted: 6 pages × 2 languages × 2 themes."""
    seen = {
        (page, (turn + place) % 2, (turn // 2 + place) % 2)
        for turn in range(len(LAYERS) + len(AREAS) - 1)
        for place, page in enumerate(PAGES)
    }
    assert len(seen) == 24


def flat(spec: MapSpec, value: float) -> MapSpec:
    """The spec with every district in one class and every figure of its table the same."""
    (part,) = [one for one in spec.parts if one.selects]
    key = part.frame["key"].iloc[0]
    same = replace(part, frame=part.frame.assign(key=key))
    parts = tuple(same if one is part else one for one in spec.parts)
    first = spec.tables[0]
    shown = first.shown.copy()
    shown[shown.columns[1]] = value
    return replace(spec, parts=parts, tables=(replace(first, shown=shown), *spec.tables[1:]))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_districts_that_are_all_equal_are_laid_out_without_a_touch(
    project: Project, lang: str
) -> None:
    spec = flat(compose.build(project, Request("air_quality", lang=lang)), 12345.6)
    for (size, orientation), theme in itertools.product(PAGES, THEMES):
        assert faults(spec, PrintOptions(size, orientation, theme)) == [], (size, orientation)


def test_names_that_find_no_place_near_their_own_get_a_line_to_it() -> None:
    labels = tuple(Label(f"某某街道第{n}公园", 121.48, 31.22, 0) for n in range(30))
    laid = page_layout.page(small_spec(labels=labels))
    names = [one for one in laid.upon if isinstance(one, Words) and one.halo]
    assert len(names) == 30
    lines = [one for one in laid.upon if not isinstance(one, Words | Picture) and not one.fill]
    assert len(lines) >= 5


def table(values: list[float | None], qualities: list[str]) -> TableView:
    shown = pd.DataFrame(
        {
            "区": [f"第{n}区" for n in range(len(values))],
            "PM2.5 (μg/m³)": values,
            "质量": qualities,
        }
    )
    return TableView("districts", "PM2.5", shown, gpd.GeoDataFrame(geometry=[]), 1)


def printed(spec: MapSpec, options: PrintOptions) -> list[str]:
    laid = page_layout.page(spec, options)
    return [one.text for one in (*laid.around, *laid.upon) if isinstance(one, Words)]


def test_the_table_stands_on_a_portrait_page_with_what_is_missing_said() -> None:
    rows = table([25.0, None, 28.4, 28.0], ["官方", "", "官方", "推算"])
    texts = printed(small_spec(tables=(rows,)), PrintOptions(orientation="portrait"))
    assert {"第0区", "25.0", "28.4", "第1区", "无数据", "第3区（推算）"} <= set(texts)
    assert "第0区" not in printed(small_spec(tables=(rows,)), PrintOptions())


def test_a_table_of_one_row_is_left_to_the_key_figure() -> None:
    rows = table([25.0], ["官方"])
    texts = printed(small_spec(tables=(rows,)), PrintOptions(orientation="portrait"))
    assert "第0区" not in texts


def test_equal_values_everywhere_are_printed_each() -> None:
    rows = table([25.0] * 16, ["官方"] * 16)
    texts = printed(small_spec(tables=(rows,)), PrintOptions("A3"))
    assert texts.count("25.0") == 16


def test_facts_stand_under_their_titles_with_a_dash_where_one_is_missing() -> None:
    shown = pd.DataFrame({"名称": ["东滩", "北湖"], "级别": ["自然保护区", None],
                          "公布面积 (公顷)": [24155.0, np.nan]})  # fmt: skip
    view = TableView("wetlands.wetlands", "湿地", shown, gpd.GeoDataFrame(geometry=[]))
    texts = printed(small_spec(tables=(view,)), PrintOptions(orientation="portrait"))
    assert {"公布面积 (公顷)", "24,155", "自然保护区"} <= set(texts)
    assert texts.count("—") == 2


def test_the_sentence_of_the_area_stands_under_the_title(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", areas=("310151",)))
    assert spec.sentences == (
        "截至2025年，崇明区细颗粒物年均浓度为19.5微克/立方米，较2027年目标（25微克/立方米左右）低"
        "5.5微克/立方米，已达成；较2035年目标（20微克/立方米左右）低0.5微克/立方米，已达成。",
    )
    assert spec.sentences[0] in "".join(printed(spec, PrintOptions()))


def test_office_logo_approval_and_stamp_are_printed_where_given() -> None:
    options = PrintOptions(
        office="崇明区生态环境局", logo=png(300, 100), approval="沪S(2026)000号", stamp="v1 · abc"
    )
    texts = printed(small_spec(), options)
    assert {"崇明区生态环境局", "审图号：沪S(2026)000号", "v1·abc"} <= set(texts)
    pictures = [one for one in page_layout.page(small_spec(), options).around
                if isinstance(one, Picture)]  # fmt: skip
    assert [round(one.width / one.height, 6) for one in pictures] == [3.0]


def test_a_stamp_does_not_move_the_map() -> None:
    plain = page_layout.page(small_spec()).frame
    assert page_layout.page(small_spec(), PrintOptions(stamp="v1")).frame == plain


@pytest.mark.parametrize(("size", "orientation"), PAGES)
def test_the_picture_has_the_size_of_its_page(size: str, orientation: str) -> None:
    for alone in (False, True):
        options = PrintOptions(size, orientation, dpi=40, map_only=alone)
        width, height = page_size(options)
        drawn = Image.open(io.BytesIO(snapshot.render(small_spec(), "png", options)))
        assert drawn.size == (round(width / 25.4 * 40), round(height / 25.4 * 40))


def test_the_pages_have_the_sizes_of_iso_216_and_powerpoint() -> None:
    assert page_size(PrintOptions("A4", "portrait")) == (210.0, 297.0)
    assert page_size(PrintOptions("A3")) == (420.0, 297.0)
    assert page_size(PrintOptions("16:9")) == (338.7, 190.5)


def test_a_map_alone_has_no_title_no_legend_and_no_source() -> None:
    texts = printed(small_spec(), PrintOptions(map_only=True))
    assert {"黄浦区", "北"} <= set(texts)
    assert not {"PM2.5年均浓度", "数据来源", "≤ 25"} & set(texts)


@pytest.mark.parametrize("form", ["svg", "pdf"])
@pytest.mark.parametrize("theme", ["screen", "print"])
def test_text_stays_text_on_a_portrait_page(form: str, theme: str) -> None:
    options = PrintOptions("A3", "portrait", theme, logo=png(90, 30))  # type: ignore[arg-type]
    made = snapshot.render(small_spec(), form, options)
    assert made == snapshot.render(small_spec(), form, options)
    if form == "pdf":
        text = pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text()
    else:
        text = made.decode()
    assert "浦东新区" in text
    assert "数据来源" in text


@pytest.mark.parametrize("form", snapshot.FORMATS)
def test_no_picture_tells_the_time_the_user_or_a_path(form: str) -> None:
    made = snapshot.render(small_spec(), form, PrintOptions(dpi=72, logo=png(90, 30)))
    assert b"/home/" not in made
    assert b"CreationDate" not in made
    assert b"<dc:date>" not in made
    if form == "pdf":
        about = pypdf.PdfReader(io.BytesIO(made)).metadata
        assert set(about or {}) == {"/Creator", "/Producer", "/Title"}


def test_a_wrong_option_is_told_in_a_sentence() -> None:
    with pytest.raises(UnknownNameError) as caught:
        PrintOptions("A5")  # type: ignore[arg-type]
    assert caught.value.zh == "纸张“A5”不存在。是否指 A4、A3？"
    with pytest.raises(DataError) as dpi:
        PrintOptions(dpi=1200)
    assert dpi.value.en == "A resolution of 1200 dpi is out of range; 40 to 600 was expected."
    with pytest.raises(DataError, match="徽标不是 PNG 或 JPEG 图片"):
        PrintOptions(logo=b"<svg/>")


def test_a_broken_logo_is_told_in_a_sentence() -> None:
    options = PrintOptions(logo=png(30, 30)[:40])
    with pytest.raises(DataError) as caught:
        snapshot.render(small_spec(), "png", options)
    assert caught.value.zh == "徽标文件已损坏，无法读取。"


@pytest.mark.parametrize("text", ["somewhere", "1,2,3", "122,31,121,32", "1,2,3,nan"])
def test_a_wrong_extent_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(DataError, match=r"地图范围“.*”有误"):
        parse_extent(text)


def test_an_extent_is_the_area_the_city_or_four_degrees() -> None:
    spec = small_spec(selected="310101")
    assert extent_of("area", spec) is None
    assert extent_of("city", spec) == spec.whole
    assert extent_of("121,31,122，31.5", spec) == (121.0, 31.0, 122.0, 31.5)


def test_the_imprint_is_read_from_the_project_folder(tmp_path) -> None:
    (tmp_path / "config.toml").write_text(
        'approval = "沪S(2026)000号"\noffice = "崇明区生态环境局"\nlogo = "logo.png"\n', "utf-8"
    )
    (tmp_path / "logo.png").write_bytes(png(30, 10))
    found = imprint(Project((tmp_path,)))
    assert found["approval"] == "沪S(2026)000号"
    assert PrintOptions(**found).office == "崇明区生态环境局"
    assert found["logo"] == png(30, 10)
    assert imprint(Project(())) == {"approval": "", "office": "", "logo": None}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('logo = "../secret.png"', "应为项目文件夹内的相对路径"),
        ('logo = "absent.png"', "缺少文件 absent.png"),
        ("office = 3", "config.toml 的 office 应为文字，实为 3。"),
    ],
)
def test_a_wrong_imprint_is_told_in_a_sentence(tmp_path, line: str, message: str) -> None:
    (tmp_path / "config.toml").write_text(line, "utf-8")
    with pytest.raises(DataError, match=message):
        imprint(Project((tmp_path,)))


def test_an_empty_choice_of_places_still_gives_a_page(project: Project) -> None:
    spec = compose.build(project, Request("wetlands", areas=("310101",)))
    assert all(part.frame.empty for part in spec.parts)
    assert faults(spec, PrintOptions("16:9")) == []


def invoked(*words: str) -> Result:
    return CliRunner().invoke(app, ["snapshot", *words])


def test_the_command_prints_another_page(tmp_path) -> None:
    path = tmp_path / "a.png"
    result = invoked(
        "air_quality", "--district", "崇明区", "--page", "A3", "--orientation", "portrait",
        "--theme", "print", "--extent", "city", "--dpi", "72", "-o", str(path),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    with Image.open(path) as drawn:
        assert drawn.size == (842, 1191)


def test_the_command_prints_the_map_alone(tmp_path) -> None:
    path = tmp_path / "a.png"
    result = invoked("wetlands", "--map-only", "--page", "16:9", "--dpi", "72", "-o", str(path))
    assert result.exit_code == 0, result.output
    with Image.open(path) as drawn:
        assert drawn.size == (578, 403)  # 204 × 142 mm


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--page", "A5", "纸张“A5”不存在。是否指 A4、A3？"),
        ("--orientation", "upright", "方向“upright”不存在。"),
        ("--theme", "dark", "配色“dark”不存在。"),
        ("--extent", "here", "地图范围“here”有误"),
    ],
)
def test_a_wrong_option_of_the_command_is_told_and_nothing_is_written(
    tmp_path, option: str, value: str, told: str
) -> None:
    path = tmp_path / "a.png"
    result = invoked("wetlands", option, value, "-o", str(path))
    assert result.exit_code == 2
    assert told in result.stderr
    assert not path.exists()


def test_the_document_names_every_option_of_the_command() -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / "pictures.md").read_text("utf-8")
    shown = CliRunner().invoke(app, ["snapshot", "--help"], env={"COLUMNS": "200"}).output
    options = {
        "--page",
        "--orientation",
        "--theme",
        "--dpi",
        "--extent",
        "--map-only",
        "--approval",
    }
    assert {one for one in options if one not in shown} == set()
    assert {one for one in options if f"`{one}`" not in text} == set()
