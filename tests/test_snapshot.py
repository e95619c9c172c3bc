"""The printed page: size, sameness, text that stays text, a true scale bar, no overlaps."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pypdf
import pytest
from fontTools.ttLib import TTFont
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image
from shapely.geometry import Point, box

from bsh_geo import crs, fonts, furniture, snapshot
from bsh_geo.errors import GlyphError, UnknownNameError
from bsh_geo.furniture import Shape, Words
from bsh_geo.mapspec import (
    DrawnPart,
    Figure,
    Label,
    LegendBlock,
    LegendItem,
    MapSpec,
    Style,
    Trend,
)
from bsh_geo.print_options import PrintOptions
from bsh_geo.targets import TargetLine

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LOW = Style("#b9d9d0", "#8a8f87", 0.8)
NO_DATA = Style("#eceae4", "#9aa19e", 0.8, hatch="diagonal")
SKETCH = Style("#c9a66b", "#a5681a", 1.4, dashed=True, opacity=0.5)
STATION = Style("#ffffff", "#22302f", 1.2)

SQUARES = {
    "310101": ("黄浦区", "Huangpu", box(121.45, 31.19, 121.51, 31.25)),
    "310115": ("浦东新区", "Pudong New Area", box(121.51, 30.95, 121.90, 31.30)),
    "310151": ("崇明区", "Chongming", box(121.20, 31.50, 121.95, 31.80)),
}


def districts() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name_zh": [zh for zh, _, _ in SQUARES.values()]},
        geometry=[shape for _, _, shape in SQUARES.values()],
        index=list(SQUARES),
        crs="EPSG:4326",
    )


def parts() -> tuple[DrawnPart, ...]:
    areas = districts()[["geometry"]]
    areas["key"] = ["low", "low", "nodata"]
    points = gpd.GeoDataFrame(
        {"key": ["station"], "radius": [4.0]}, geometry=[Point(121.7, 31.1)], crs="EPSG:4326"
    )
    return (
        DrawnPart("districts", "PM2.5", "area", areas, {"low": LOW, "nodata": NO_DATA}, True),
        DrawnPart("stations", "stations", "point", points, {"station": STATION}),
    )


def target(lang: str) -> TargetLine:
    zh = lang == "zh"
    return TargetLine(
        indicator="pm25",
        label="PM2.5年均浓度" if zh else "Annual mean PM2.5",
        place="",
        area="上海市" if zh else "Shanghai",
        own=False,
        operator="≈",
        wording="25 μg/m³左右" if zh else "about 25 μg/m³",
        document="三年行动计划" if zh else "three-year plan",
        status="已印发" if zh else "issued",
        year="2027",
        value=25.0,
        gap=3.0,
        met=False,
        distance="未达到，高 3 μg/m³" if zh else "not reached, 3 μg/m³ above",
        quote="",
    )


def small_spec(lang: str = "zh", selected: str = "", **changes: object) -> MapSpec:
    zh = lang == "zh"
    ground = districts()
    outline = ground.loc[[selected]] if selected else ground.iloc[:0]
    west, south, east, north = (outline if selected else ground).total_bounds
    labels = tuple(
        Label(name[0 if zh else 1], name[2].centroid.x, name[2].centroid.y)
        for name in SQUARES.values()
    )
    items = (
        LegendItem("≤ 25", LOW),
        LegendItem("无数据" if zh else "no data", NO_DATA),
        LegendItem("监测点" if zh else "station", STATION, "point", 4.0),
    )
    plain = MapSpec(
        layer="air_quality",
        lang=lang,
        title="PM2.5年均浓度" if zh else "Annual mean PM2.5",
        subtitle="上海市 · 2024年" if zh else "Shanghai · 2024",
        area="上海市" if zh else "Shanghai",
        period="2024",
        extent=(west, south, east, north),
        whole=tuple(ground.total_bounds),
        ground=ground,
        neighbours=gpd.GeoDataFrame(geometry=[box(120.5, 30.5, 121.1, 31.6)], crs="EPSG:4326"),
        outline=outline,
        parts=parts(),
        labels=labels,
        legend=(LegendBlock("PM2.5", "μg/m³", items),),
        key=Figure("年均浓度" if zh else "Annual mean", "28", "μg/m³", "2024", ""),
        figures=(Figure("优良率" if zh else "Good days", "88.0", "%", "2024", ""),),
        targets=(target(lang),),
        trend=Trend("PM2.5", "μg/m³", (("2022", 25.0), ("2023", 28.0), ("2024", 28.0))),
        notes=("区级数值为站点均值。" if zh else "Means of the stations.",),
        quality_note="示意：虚线范围不是法定边界。" if zh else "Schematic: no legal limits.",
        sources=("生态环境状况公报" if zh else "State of the environment",),
        data_date="2024",
    )
    return replace(plain, **changes)


LONG = {
    "zh": "本图各区数值按国控评价点均值计算（共19个），站点不足的区为无数据；"
    "2021年春季35天的日值不完整。",
    "en": "District values are means of the national stations that count; districts without any "
    "station have no data, and daily values of the spring of 2021 are incomplete.",
}


def crowded_spec(lang: str) -> MapSpec:
    """More of everything than a layer of the product has."""
    long = LONG[lang]
    name = {"zh": "长江口国家级水产种质资源保护区", "en": "National aquatic germplasm reserve"}[
        lang
    ]
    items = tuple(LegendItem(f"{name} {number}", SKETCH) for number in range(14))
    figures = tuple(
        Figure(f"{name} {number}", f"{number},640.37", "km²", "2024", name) for number in range(9)
    )
    targets = tuple(
        replace(
            target(lang), year=str(2025 + n), label=f"{name} {n}", document=f"{name} · {long[:30]}"
        )
        for n in range(7)
    )
    around = tuple(
        Label(f"{name[:6]}{n}", 121.5 + n % 4 * 0.03, 31.1 + n // 4 * 0.03, n % 3)
        for n in range(16)
    )
    base = small_spec(lang)
    return replace(
        base,
        title=f"{base.title} · {name} · {name}",
        subtitle=long,
        labels=(*base.labels, *around),
        legend=(*base.legend, LegendBlock(name, "", items)),
        figures=figures,
        targets=targets,
        trend=replace(base.trend, targets=(("2027", 25.0), ("2030", 24.8), ("2035", 20.0))),
        notes=(long,) * 4,
        quality_note=long,
        sources=(long,) * 30,
    )


def text_boxes(spec: MapSpec) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Every text of the page once, with its left, bottom, right, top in pixels at 100 dpi."""
    with snapshot.settings():
        figure = snapshot.figure_of(spec, PrintOptions(dpi=100))
        renderer = FigureCanvasAgg(figure).get_renderer()
        texts = [one for one in figure.artists if isinstance(one, Text)]
        plain = [one for one in texts if not one.get_path_effects()]
        return [(one.get_text(), one.get_window_extent(renderer).extents) for one in plain]


def shown_text(spec: MapSpec) -> str:
    laid = snapshot.page(spec)
    return "\n".join(one.text for one in (*laid.around, *laid.upon) if isinstance(one, Words))


def font_face(svg: bytes) -> TTFont:
    found = re.search(rb"data:font/woff;base64,([^)]+)\)", svg)
    assert found is not None
    return TTFont(io.BytesIO(base64.b64decode(found.group(1))))


def test_a_png_is_a4_at_300_dpi() -> None:
    picture = Image.open(io.BytesIO(snapshot.render(small_spec())))
    assert picture.size == (3508, 2480)
    assert round(float(picture.info["dpi"][0])) == 300


def test_a_png_at_another_resolution_has_the_size_in_proportion() -> None:
    picture = Image.open(io.BytesIO(snapshot.render(small_spec(), dpi=100)))
    assert picture.size == (1169, 827)


@pytest.mark.parametrize("form", snapshot.FORMATS)
def test_the_same_spec_gives_the_same_bytes(form: str) -> None:
    assert snapshot.render(small_spec(), form) == snapshot.render(small_spec(), form)


def test_the_text_of_a_pdf_can_be_read_and_stands_there_once() -> None:
    page = pypdf.PdfReader(io.BytesIO(snapshot.render(small_spec(), "pdf"))).pages[0]
    text = page.extract_text()
    assert text.count("黄浦区") == 1
    assert text.count("浦东新区") == 1
    assert "数据来源" in text
    assert "PM2.5年均浓度" in text
    assert [round(float(side)) for side in page.mediabox[2:]] == [842, 595]


def test_a_pdf_embeds_the_font_as_truetype() -> None:
    page = pypdf.PdfReader(io.BytesIO(snapshot.render(small_spec(), "pdf"))).pages[0]
    used = [one.get_object() for one in page["/Resources"]["/Font"].values()]
    assert used
    for font in used:
        below = font["/DescendantFonts"][0].get_object()
        assert "NotoSansSC-Regular" in font["/BaseFont"]
        assert below["/Subtype"] == "/CIDFontType2"
        assert "/FontFile2" in below["/FontDescriptor"]


def test_the_text_of_an_svg_stays_text_in_the_embedded_font() -> None:
    svg = snapshot.render(small_spec(), "svg").decode()
    texts = re.findall(r"<text [^>]*font-family: 'Noto Sans SC'[^>]*>([^<]*)</text>", svg)
    assert texts.count("黄浦区") == 1
    assert "数据来源" in texts
    assert len(texts) == svg.count("<text ")


def test_an_svg_embeds_every_character_that_it_shows() -> None:
    svg = snapshot.render(small_spec(), "svg")
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", svg.decode())
    shown = {character for text in texts for character in text.replace("&lt;", "<")} - {"&", ";"}
    known = {chr(code) for code in font_face(svg).getBestCmap()}
    assert {"黄", "浦", "区", "2"} <= shown
    assert shown <= known
    assert len(known) < 300


def test_no_picture_asks_for_anything_from_outside() -> None:
    svg = snapshot.render(small_spec(), "svg").decode()
    assert re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?https?:", svg) == []


def test_a_character_without_glyph_is_named_with_its_text() -> None:
    with pytest.raises(GlyphError) as caught:
        snapshot.render(small_spec(title="公园\U0001f333"))
    assert "“\U0001f333”（U+1F333）" in caught.value.zh
    assert "“公园\U0001f333”" in caught.value.zh
    assert "U+1F333" in caught.value.en


def test_an_unknown_form_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError) as caught:
        snapshot.render(small_spec(), "gif")
    assert caught.value.zh == "不能输出为“gif”。可用：png、svg、pdf。"
    assert caught.value.en == "There is no output form “gif”. Known: png, svg, pdf."


@pytest.mark.parametrize(
    ("most", "length"), [(9.99, 5.0), (10.0, 10.0), (21_400.0, 20_000.0), (0.3, 0.2)]
)
def test_a_round_length_is_one_two_or_five(most: float, length: float) -> None:
    assert furniture.round_length(most) == pytest.approx(length)


@pytest.mark.parametrize("selected", ["", "310151", "310101"])
def test_the_scale_bar_is_as_long_as_it_says(selected: str) -> None:
    frame = snapshot.page(small_spec(selected=selected)).frame
    bar = furniture.scale_bar(frame.scale, 36.0)
    halves = [mark for mark in bar.marks if isinstance(mark, Shape)][1:]
    label = [mark.text for mark in bar.marks if isinstance(mark, Words)][-1]
    number, unit = label.split()
    metres = float(number.replace(",", "")) * {"km": 1000, "m": 1}[unit]
    drawn = sum(float(half.path.get_extents().width) for half in halves)
    # One minute of latitude at 31° N is 1848.0 m on the ellipsoid.
    ends = crs.to_measure(gpd.GeoSeries([Point(121.5, 31), Point(121.5, 31 + 1 / 60)], crs=4326))
    mm_per_minute = ends.iloc[0].distance(ends.iloc[1]) * frame.scale
    assert f"{metres:.0f}".rstrip("0") in {"1", "2", "5"}
    assert drawn / mm_per_minute * 1848.0 == pytest.approx(metres, rel=0.01)


@pytest.mark.parametrize("selected", ["", "310151", "310101"])
def test_the_selected_area_lies_within_the_map(selected: str) -> None:
    spec = small_spec(selected=selected)
    frame = snapshot.page(spec).frame
    shown = spec.outline if selected else spec.ground
    west, south, east, north = crs.to_measure(shown).total_bounds
    assert frame.ground[0] < west < east < frame.ground[2]
    assert frame.ground[1] < south < north < frame.ground[3]
    assert frame.width > 150
    assert frame.height > 120


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("crowded", [False, True])
def test_no_text_touches_another_or_leaves_the_page(lang: str, crowded: bool) -> None:
    boxes = text_boxes(crowded_spec(lang) if crowded else small_spec(lang))
    assert len(boxes) > 30
    for place, (text, (left, bottom, right, top)) in enumerate(boxes):
        assert 0 < left < right < 1169, text
        assert 0 < bottom < top < 827, text
        for other, (l2, b2, r2, t2) in boxes[place + 1 :]:
            across, down = min(right, r2) - max(left, l2), min(top, t2) - max(bottom, b2)
            # Half a pixel, 0.13 mm, for the rounding of glyphs to pixels.
            assert across <= 0.5 or down <= 0.5, (text, other)


def test_a_crowded_page_keeps_every_note_and_cuts_only_sources() -> None:
    text = shown_text(crowded_spec("zh")).replace("\n", "")
    assert text.count(LONG["zh"]) >= 4
    assert "…" in text
    assert text.count("长江口国家级水产种质资源保护区 13") == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_printed_text_is_smaller_than_allowed(lang: str) -> None:
    laid = snapshot.page(crowded_spec(lang))
    sizes = [one.size for one in (*laid.around, *laid.upon) if isinstance(one, Words)]
    assert min(sizes) == 5.5


def test_a_part_without_data_is_hatched_on_the_map_and_in_the_legend() -> None:
    figure = snapshot.figure_of(small_spec())
    hatches = [one.get_hatch() for one in figure.artists if hasattr(one, "get_hatch")]
    assert hatches.count("////") == 2


def test_a_schematic_part_is_dashed_as_its_swatch_is() -> None:
    swatch = furniture.legend_block(
        LegendBlock("海湾", "", (LegendItem("示意", SKETCH),)), furniture.Setting("zh", 78.0)
    ).marks
    shapes = [mark for mark in swatch if isinstance(mark, Shape) and mark.dashed]
    assert [(one.fill, one.stroke, one.opacity) for one in shapes] == [("#c9a66b", "#a5681a", 0.5)]
    assert shapes[0].width == pytest.approx(1.05)


def test_the_schematic_note_is_printed_in_a_frame() -> None:
    block = furniture.quality_block("示意：不是法定边界。", furniture.Setting("zh", 78.0))
    framed = [mark for mark in block.marks if isinstance(mark, Shape)]
    assert framed[0].stroke == "#a5681a"
    assert "示意：不是法定边界。" in shown_text(small_spec(quality_note="示意：不是法定边界。"))


def test_an_english_page_has_no_chinese_word() -> None:
    text = shown_text(small_spec("en"))
    assert "Sources" in text
    assert CHINESE.findall(text) == []


def test_both_languages_have_the_same_fixed_words() -> None:
    assert set(furniture.WORDS["zh"]) == set(furniture.WORDS["en"])


def test_the_approval_number_is_printed_where_given() -> None:
    laid = snapshot.page(small_spec(), PrintOptions(approval="沪S(2024)001号"))
    texts = [one.text for one in laid.around if isinstance(one, Words)]
    assert "审图号：沪S(2024)001号" in texts
    assert "审图号" not in shown_text(small_spec())


def test_labels_outside_the_frame_are_not_drawn() -> None:
    laid = snapshot.page(small_spec(selected="310101"))
    names = [one.text for one in laid.upon if isinstance(one, Words) and one.halo]
    assert names == ["黄浦区"]


def test_a_lower_rank_gives_way_and_rank_0_moves() -> None:
    labels = (Label("甲地", 121.5, 31.2), Label("乙地", 121.5, 31.2), Label("丙地", 121.5, 31.2, 1))
    laid = snapshot.page(small_spec(labels=labels))
    drawn = [one for one in laid.upon if isinstance(one, Words) and one.halo]
    assert [one.text for one in drawn] == ["甲地", "乙地"]
    assert (drawn[0].x, drawn[0].y) != (drawn[1].x, drawn[1].y)


def test_a_spec_with_little_to_say_is_printed() -> None:
    bare = small_spec(
        key=None, figures=(), targets=(), trend=None, notes=(), quality_note="", sources=(),
        labels=(), legend=(), subtitle="", data_date="",
    )  # fmt: skip
    assert Image.open(io.BytesIO(snapshot.render(bare, dpi=72))).size == (842, 595)


def test_no_line_begins_with_a_closing_mark_or_breaks_a_number_from_its_unit() -> None:
    text = "陆域面积为91.78 km²，海域面积为1,548.59 km²（不含滩涂）。" * 6
    lines = fonts.wrap(text, 30.0, 7.0)
    assert "".join(lines) == text
    assert [line for line in lines if line[0] in "，。）k" or line[-1] in "（"] == []
    assert max(fonts.width(line, 7.0) for line in lines) <= 30.0 + 1e-6


def test_target_labels_of_the_trend_keep_their_distance() -> None:
    assert furniture.spread([5.0, 5.5, 9.0], 2.0, 0.0, 10.0) == [5.0, 7.0, 9.0]
    assert furniture.spread([9.0, 9.5], 2.0, 0.0, 10.0) == [8.0, 10.0]


def test_a_logo_stands_upright() -> None:
    logo = Image.new("RGB", (60, 60), (0, 0, 255))
    logo.paste((255, 0, 0), (0, 0, 60, 30))  # red above, blue below
    file = io.BytesIO()
    logo.save(file, "PNG")
    made = snapshot.render(small_spec(), "png", PrintOptions(dpi=72, logo=file.getvalue()))
    pixels = np.asarray(Image.open(io.BytesIO(made)).convert("RGB")).astype(int)
    rows = {
        name: np.argwhere((np.abs(pixels - colour).sum(axis=2)) < 60)[:, 0]
        for name, colour in (("red", (255, 0, 0)), ("blue", (0, 0, 255)))
    }
    assert len(rows["red"]) > 50 and len(rows["blue"]) > 50
    assert rows["red"].max() <= rows["blue"].min()
