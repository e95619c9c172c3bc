"""What the browser is sent: data and never markup, nothing from outside, and not too much of it."""

from __future__ import annotations

import gzip
import json
import re

import geopandas as gpd
import pytest
from conftest import OwnProject
from shapely.geometry import Point, box

from bsh_geo import catalogue, compose, folium_map
from bsh_geo.compose import Request
from bsh_geo.mapspec import DrawnPart, MapSpec, Style
from bsh_geo.project import Project

EVIL = "<img src=x onerror=alert(1)>"
LAYERS = ("air_quality", "beautiful_bays", "wetlands", "park_coverage", "ecological_red_line")


@pytest.mark.parametrize(
    "text",
    ["</script><script>alert(1)</script>", "a`b", "${alert(1)}", "<!--", "]]>", "\u2028", '"\\'],
)
def test_json_keeps_any_text_as_it_is(text: str) -> None:
    assert json.loads(folium_map.as_json({"name": text})) == {"name": text}


@pytest.mark.parametrize("sign", ["<", "</script>", "`", "${"])
def test_json_never_holds_what_ends_a_script_or_a_template(sign: str) -> None:
    assert sign not in folium_map.as_json({f"key {sign}": [f"a {sign} b", {"c": sign}]})


def test_json_refuses_numbers_that_are_none() -> None:
    with pytest.raises(ValueError, match="JSON"):
        folium_map.as_json({"radius": float("nan")})


def part(name: str) -> DrawnPart:
    frame = gpd.GeoDataFrame(
        {"key": ["all"], "name": [name], "lines": [((name, name),)], "radius": [3.0]},
        geometry=[Point(121.123456789, 31.2)],
        index=["p1"],
        crs="EPSG:4326",
    )
    return DrawnPart("parks", name, "point", frame, {"all": Style("#1d5a40", "#ffffff")})


def test_a_feature_has_its_id_class_name_lines_and_radius() -> None:
    payload = folium_map.part_payload(part("世纪公园"))
    assert payload["data"]["features"] == [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [121.12346, 31.2]},
            "properties": {
                "id": "p1",
                "key": "all",
                "name": "世纪公园",
                "lines": [["世纪公园", "世纪公园"]],
                "radius": 3.0,
            },
        }
    ]


def test_coordinates_have_at_most_5_decimals(project: Project) -> None:
    spec = compose.build(project, Request("air_quality"))
    assert spec.parts
    for one in spec.parts:
        text = json.dumps(folium_map.part_payload(one)["data"])
        numbers = re.findall(r"12[012]\.(\d+)", text)
        assert numbers
        assert max(map(len, numbers)) <= 5, one.id


def test_rounding_keeps_areas_of_districts_valid_enough_to_draw(project: Project) -> None:
    spec = compose.build(project, Request("air_quality"))
    data = folium_map.geojson(spec.ground)
    found = gpd.GeoDataFrame.from_features(data, crs="EPSG:4326")
    assert len(found) == 16
    assert not found.geometry.is_empty.any()


def script_with(own: OwnProject, name: str) -> str:
    own.change("data/parks/parks.csv", "p003,世纪公园,Century Park", f"p003,{name},{name}")
    spec = compose.build(own.open(), Request("park_coverage"))
    return folium_map.view_script(spec, "city")


@pytest.mark.parametrize(
    "name", [EVIL, "</script><script>alert(1)</script>", "`${alert(1)}`", "{{ 7*7 }}", "{% raw %}"]
)
def test_a_name_with_markup_stays_data(own_project: OwnProject, name: str) -> None:
    script = script_with(own_project, name)
    assert "<" not in script.replace("\\u003c", "")
    assert "`" not in script
    assert "${" not in script
    escaped = folium_map.as_json(name)
    assert escaped in script


# branca makes a Jinja template of any text that it is given to render.
@pytest.mark.parametrize("name", [EVIL, "{{ 7*7 }}", "{% raw %}", "{# x #}", "{parent}", "{{{0}}}"])
def test_a_rendered_map_shows_a_name_as_it_is_written(own_project: OwnProject, name: str) -> None:
    script = script_with(own_project, name)
    group = folium_map.feature_group(script)
    base = folium_map.base_map(compose.build(own_project.open(), Request("wetlands")), "leaflet")
    group.add_to(base)
    page = base.get_root().render()
    assert EVIL not in page
    # What the browser will read from the script is the name, character by character.
    read = [json.loads(f'"{text}"') for text in re.findall(r'"name":"((?:[^"\\]|\\.)*)"', page)]
    assert name in read


def base_page(project: Project) -> str:
    spec = compose.build(project, Request("air_quality"))
    return folium_map.base_map(spec, "leaflet", font_url="font.ttf").get_root().render()


def test_the_base_map_asks_nothing_of_the_network(project: Project) -> None:
    page = base_page(project)
    urls = {
        url
        for url in re.findall(r"(?:https?:)?//[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}[^\s\"')]*", page)
        if not re.match(r"https?://www\.w3\.org/", url)  # XML namespaces
    }
    assert urls == set()


def test_the_base_map_loads_leaflet_from_our_own_address_and_nothing_else(
    project: Project,
) -> None:
    page = base_page(project)
    assert re.findall(r'<script[^>]+src="([^"]+)"', page) == ["leaflet/leaflet.js"]
    assert re.findall(r'<link[^>]+href="([^"]+)"', page) == ["leaflet/leaflet.css"]


def test_a_view_asks_nothing_of_the_network(project: Project) -> None:
    spec = compose.build(project, Request("park_coverage"))
    script = folium_map.view_script(spec, "city")
    assert re.findall(r"https?://(?!www\.w3\.org/)[^\s\"]+", script) == []


def test_an_online_basemap_is_asked_for_only_where_one_is_given(project: Project) -> None:
    spec = compose.build(project, Request("air_quality"))
    tiles = ("https://tiles.example/{z}/{x}/{y}.png", "<b>谁</b>")
    page = folium_map.base_map(spec, "leaflet", tiles=tiles).get_root().render()
    assert "tiles.example" in page
    assert "<b>谁</b>" not in page


def test_the_base_map_is_the_same_for_every_view_of_a_language(project: Project) -> None:
    # Were it not, streamlit-folium would reload the frame at each change of the view.
    views = [
        Request("air_quality", "pm25", ("崇明区",), "2024"),
        Request("park_coverage"),
        Request("wetlands", areas=("黄浦区",)),
    ]
    payloads = {
        folium_map.as_json(folium_map.ground_payload(compose.build(project, view)))
        for view in views
    }
    assert len(payloads) == 1
    assert len({compose.build(project, view).whole for view in views}) == 1


def every_view(project: Project) -> list[MapSpec]:
    layers, _ = catalogue.load_layers(project)
    specs = [
        compose.build(project, Request(layer.id, metric.id if metric else None))
        for layer in layers.values()
        for metric in compose.offered(project, layer) or (None,)
    ]
    assert len(specs) >= 5
    return specs


def test_the_script_of_a_view_is_below_1_mb_and_400_kb_gzipped(project: Project) -> None:
    for spec in every_view(project):
        script = folium_map.view_script(spec, "city").encode()
        assert 0 < len(script) < 1_000_000, spec.title
        assert len(gzip.compress(script)) < 400_000, spec.title


def test_the_base_map_is_below_400_kb_gzipped(project: Project) -> None:
    assert len(gzip.compress(base_page(project).encode())) < 400_000


@pytest.mark.parametrize("layer", LAYERS)
def test_with_all_overlays_a_view_is_still_below_400_kb_gzipped(
    project: Project, layer: str
) -> None:
    declared = compose.layer_of(project, layer)
    everything = tuple(one.key for one in compose.part_options(project, declared, "zh"))
    spec = compose.build(project, Request(layer, parts=everything))
    assert len(gzip.compress(folium_map.view_script(spec, "city").encode())) < 400_000


def test_a_period_is_not_mixed_up_with_another(project: Project) -> None:
    scripts = {
        folium_map.view_script(
            compose.build(project, Request("air_quality", "pm25", (), period)), "city"
        )
        for period in ("2024", "2025", "2024-08")
    }
    assert len(scripts) == 3


def test_bounds_are_south_west_and_north_east(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", areas=("黄浦区",)))
    (south, west), (north, east) = folium_map.view_payload(spec, "310101")["bounds"]
    assert 31.1 < south < north < 31.3
    assert 121.4 < west < east < 121.6


def test_a_hatched_style_has_a_pattern_that_the_script_brings_along(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "pm25", (), "2025"))
    script = folium_map.view_script(spec, "city")
    used = set(re.findall(r"url\(#([\w-]+)\)", script))
    made = set(re.findall(r'pattern id=\\"([\w-]+)\\"', script))
    assert used
    assert used <= made


def test_only_districts_select_a_district_when_clicked(project: Project) -> None:
    spec = compose.build(project, Request("park_coverage"))
    selecting = [one for one in spec.parts if folium_map.part_payload(one)["selects"]]
    assert [sorted(one.frame.index) for one in selecting] == [sorted(spec.ground.index)]


def test_an_area_without_fill_is_not_filled() -> None:
    style = folium_map.leaflet_style(Style(None, "#22302f", dashed=True))
    assert style["fill"] is False
    assert style["dashArray"]


def test_a_dashed_outline_is_dashed_and_a_solid_one_is_not() -> None:
    assert folium_map.leaflet_style(Style("#ffffff", "#22302f"))["dashArray"] is None


def test_geojson_of_a_polygon_keeps_its_ring() -> None:
    frame = gpd.GeoDataFrame(geometry=[box(121, 31, 122, 32)], index=["a"], crs="EPSG:4326")
    ring = folium_map.geojson(frame)["features"][0]["geometry"]["coordinates"][0]
    assert sorted({tuple(point) for point in ring}) == [(121, 31), (121, 32), (122, 31), (122, 32)]
