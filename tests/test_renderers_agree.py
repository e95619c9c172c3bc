"""The browser's map and the printed page are told the same by one MapSpec."""

from __future__ import annotations

import pytest

from bsh_geo import catalogue, compose, folium_map, marks, page_layout, snapshot
from bsh_geo.compose import Request
from bsh_geo.mapspec import MapSpec
from bsh_geo.project import Project, open_project


def requests() -> list[Request]:
    """A request for each metric of each shipped layer, for the city, in both languages."""
    layers, _ = catalogue.load_layers(open_project())
    found = [
        Request(layer.id, metric.id if metric else None, lang=lang)
        for layer in layers.values()
        for metric in compose.offered(open_project(), layer) or (None,)
        for lang in ("zh", "en")
    ]
    assert len(found) >= 10
    return found


@pytest.fixture(params=requests(), ids=lambda one: f"{one.layer}-{one.metric}-{one.lang}")
def spec(project: Project, request: pytest.FixtureRequest) -> MapSpec:
    return compose.build(project, request.param)


def labels(spec: MapSpec) -> list[tuple[str, str, list[str]]]:
    """Title, unit and labels of each block of the legend."""
    return [(one.title, one.unit, [item.label for item in one.items]) for one in spec.legend]


def test_every_view_has_a_legend_and_parts(spec: MapSpec) -> None:
    assert spec.parts or spec.images
    assert spec.legend
    assert all(block.items for block in spec.legend)


def test_the_browser_s_legend_is_the_spec_s(spec: MapSpec) -> None:
    legend = folium_map.view_payload(spec, "city")["legend"]
    found = [
        (one["title"], one["unit"], [item["label"] for item in one["items"]]) for one in legend
    ]
    assert found == labels(spec)


def test_the_browser_s_legend_has_the_colours_of_the_spec(spec: MapSpec) -> None:
    legend = folium_map.view_payload(spec, "city")["legend"]
    for block, drawn in zip(spec.legend, legend, strict=True):
        for item, shown in zip(block.items, drawn["items"], strict=True):
            assert shown["style"] == folium_map.leaflet_style(item.style), item.label
            assert shown["style"]["color"] == item.style.stroke
            if item.style.hatch is None and item.style.fill is not None:
                assert shown["style"]["fillColor"] == item.style.fill


def test_the_browser_draws_every_part_in_the_spec_s_classes_and_colours(spec: MapSpec) -> None:
    for part in spec.parts:
        payload = folium_map.part_payload(part)
        features = payload["data"]["features"]
        assert [one["properties"]["key"] for one in features] == part.frame["key"].to_list()
        assert set(payload["styles"]) == set(part.styles)
        for key, style in part.styles.items():
            assert payload["styles"][key] == folium_map.leaflet_style(style)


def test_every_class_of_a_feature_has_a_style(spec: MapSpec) -> None:
    for part in spec.parts:
        assert len(part.frame) > 0, part.id
        assert set(part.frame["key"]) <= set(part.styles), part.id


def test_every_style_that_is_drawn_stands_in_the_legend(spec: MapSpec) -> None:
    swatches = [(one.style.fill, one.style.stroke) for block in spec.legend for one in block.items]
    missing = [
        (part.id, key)
        for part in spec.parts
        for key in sorted(set(part.frame["key"]))
        if (part.styles[key].fill, part.styles[key].stroke) not in swatches
    ]
    assert missing == []


def test_both_renderers_show_the_same_features(spec: MapSpec) -> None:
    for part in spec.parts:
        features = folium_map.part_payload(part)["data"]["features"]
        assert [one["properties"]["id"] for one in features] == list(map(str, part.frame.index))
        assert [one["properties"]["name"] for one in features] == part.frame["name"].to_list()


def printed_words(spec: MapSpec) -> str:
    """All words of the printed page without white space, as lines are broken anywhere."""
    with snapshot.settings():
        page = page_layout.page(spec)
    words = [mark for mark in (*page.around, *page.upon) if isinstance(mark, marks.Words)]
    assert words
    return "".join("".join(mark.text.split()) for mark in words)


def test_the_printed_page_has_the_title_and_the_legend_of_the_spec(spec: MapSpec) -> None:
    printed = printed_words(spec)
    wanted = [spec.title, *(text for block in labels(spec) for text in (block[0], *block[2]))]
    missing = [text for text in wanted if "".join(text.split()) not in printed]
    assert missing == []


def test_the_printed_page_has_the_notes_and_the_first_source_of_the_spec(spec: MapSpec) -> None:
    printed = printed_words(spec)
    wanted = [*spec.notes, spec.sources[0], spec.quality_note]
    missing = [text for text in wanted if "".join(text.split()) not in printed]
    assert missing == []


def test_the_classes_of_a_metric_are_the_same_for_a_filtered_subset(project: Project) -> None:
    whole = compose.build(project, Request("air_quality", "pm25", (), "2024-08"))
    part = compose.build(project, Request("air_quality", "pm25", ("黄浦区",), "2024-08"))
    assert labels(whole)[0] == labels(part)[0]
    assert whole.parts[0].styles == part.parts[0].styles
    assert whole.parts[0].frame.at["310101", "key"] == part.parts[0].frame.at["310101", "key"]
