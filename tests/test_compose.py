"""A request to a MapSpec: defaults, limits to the selection, and what the reader is told."""

from __future__ import annotations

import pytest
from conftest import OwnProject

from bsh_geo import areas, catalogue, compose
from bsh_geo.compose import Request
from bsh_geo.errors import BshError, DataError, LayerError, UnknownNameError
from bsh_geo.mapspec import DrawnPart, MapSpec
from bsh_geo.project import Project


def part(spec: MapSpec, part_id: str) -> DrawnPart:
    return next(one for one in spec.parts if one.id == part_id)


def refused(project: Project, request: Request, *facts: str) -> None:
    with pytest.raises(UnknownNameError) as raised:
        compose.build(project, request)
    for text in (raised.value.zh, raised.value.en):
        for fact in facts:
            assert fact in text, text


def test_the_default_view_is_the_first_metric_of_the_newest_year_for_the_city(
    project: Project,
) -> None:
    spec = compose.build(project, Request("air_quality"))
    assert "PM2.5" in spec.title
    assert (spec.area, spec.period) == ("上海市", "2025年")


def test_the_default_period_is_the_newest_with_a_district_s_figure(project: Project) -> None:
    layers, _ = catalogue.load_layers(project)
    ozone = layers["air_quality"].metric("o3_8h_p90")
    # 2022 and 2021 are the city's alone; districts have figures by month only.
    assert compose.periods(project, ozone)[0] == "2022"
    assert compose.default_period(project, ozone) == "2025-08"


@pytest.mark.parametrize(
    ("request_", "facts"),
    [
        (Request("air_qualty"), ("air_qualty", "air_quality")),
        (Request("air_quality", "pm52"), ("pm52", "pm25")),
        (Request("air_quality", period="2052"), ("2052", "2025")),
        (Request("air_quality", period="2025-13"), ("2025-13", "2025-12")),
        (Request("air_quality", areas=("崇名区",)), ("崇名区", "崇明区")),
        (Request("air_quality", parts=("station",)), ("station", "stations")),
        (Request("wetlands", "pm25"), ("pm25",)),
    ],
    ids=["layer", "metric", "period", "month", "district", "overlay", "metric of none"],
)
def test_an_unknown_name_is_answered_with_what_is_known(
    project: Project, request_: Request, facts: tuple[str, ...]
) -> None:
    refused(project, request_, *facts)


def test_a_period_for_a_layer_without_periods_is_not_passed_over(project: Project) -> None:
    with pytest.raises(BshError):
        compose.build(project, Request("wetlands", period="2052"))


def test_a_view_of_a_district_is_limited_to_it_in_map_table_and_figures(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "pm25", ("崇明区",), "2025"))
    assert part(spec, "pm25").frame.index.to_list() == ["310151"]
    assert spec.tables[0].export["id"].to_list() == ["310151"]
    assert spec.outline.index.to_list() == ["310151"]
    assert spec.key is not None
    assert (spec.key.value, spec.key.period) == ("19.5", "2025年")
    assert spec.stations == 1
    assert len(part(spec, "stations").frame) == 1


def test_the_city_view_has_16_districts_and_20_stations(project: Project) -> None:
    spec = compose.build(project, Request("air_quality"))
    assert len(part(spec, "pm25").frame) == 16
    assert len(part(spec, "stations").frame) == 20
    assert spec.stations == 20
    assert len(spec.outline) == 0


def test_the_key_figure_of_the_city_is_its_own_published_figure(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "pm25", (), "2025"))
    assert spec.key is not None
    assert (spec.key.value, spec.key.unit) == ("26.3", "μg/m³")


def test_several_districts_are_summed_up_as_a_range_and_never_a_mean(project: Project) -> None:
    # 黄浦 27.2, 徐汇 28.0, 虹口 none.
    names = ("黄浦区", "徐汇区", "虹口区")
    spec = compose.build(project, Request("air_quality", "pm25", names, "2025"))
    assert spec.key is not None
    assert spec.key.value.replace(" ", "") == "27.2–28.0"
    assert "2" in spec.key.note
    assert "3" in spec.key.note


def test_a_district_without_a_figure_is_told_to_have_none(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "pm25", ("虹口区",), "2025"))
    assert spec.key is not None
    assert spec.key.value == "无数据"
    assert part(spec, "pm25").frame.at["310109", "key"] == "nodata"


def test_a_group_with_one_district_is_shown_with_that_district_s_figure(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "pm25", ("eco_island",), "2025"))
    assert spec.key is not None
    assert spec.key.value == "19.5"


def test_a_figure_from_another_period_never_stands_for_the_one_shown(project: Project) -> None:
    # Of 2013 there is the city's figure, 62, and none of a district.
    spec = compose.build(project, Request("air_quality", "pm25", ("黄浦区",), "2013"))
    assert spec.key is not None
    assert spec.key.value == "无数据"
    assert all(line.gap is None for line in spec.targets if line.indicator == "pm25")


def test_the_distance_to_the_target_is_that_of_the_figure_shown(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "pm25", (), "2024"))
    lines = [(line.year, line.gap) for line in spec.targets if line.indicator == "pm25"]
    assert lines == [("2027", pytest.approx(3.4)), ("2035", pytest.approx(8.4))]


def test_a_month_is_not_held_against_an_annual_target(project: Project) -> None:
    # 16.1 μg/m³ in August 2025 does not reach an annual mean of 20.
    spec = compose.build(project, Request("air_quality", "pm25", (), "2025-08"))
    assert [line.met for line in spec.targets if line.indicator == "pm25"] == [None, None]


def test_the_trend_is_the_city_s_annual_series(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "pm25"))
    assert spec.trend is not None
    assert spec.trend.points[0] == ("2013", 62)
    assert spec.trend.points[-1] == ("2025", 26.3)
    assert spec.trend.targets == (("2027", 25.0), ("2035", 20.0))


def test_the_extent_of_a_district_holds_it_and_little_more(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", areas=("黄浦区",)))
    west, south, east, north = spec.extent
    bounds = areas.outlines(project).loc[["310101"]].total_bounds
    assert (west, south, east, north) == pytest.approx(tuple(bounds), abs=0.05)
    assert west < east
    assert south < north


def test_the_whole_extent_does_not_depend_on_the_view(project: Project) -> None:
    one = compose.build(project, Request("air_quality"))
    other = compose.build(project, Request("wetlands", areas=("金山区",)))
    assert one.whole == other.whole


def test_areas_lie_under_points(project: Project) -> None:
    overlay = "ecological_red_line.patches"
    spec = compose.build(project, Request("air_quality", parts=("stations", overlay)))
    shapes = [one.shape for one in spec.parts]
    assert shapes == sorted(shapes)  # "area" before "point"
    assert len(shapes) == 3


@pytest.mark.parametrize("layer", ["air_quality", "beautiful_bays", "wetlands", "park_coverage"])
def test_the_red_line_is_an_overlay_of_every_other_layer(project: Project, layer: str) -> None:
    declared = compose.layer_of(project, layer)
    keys = [one.key for one in compose.part_options(project, declared, "zh")]
    assert "ecological_red_line.patches" in keys
    spec = compose.build(project, Request(layer, parts=("ecological_red_line.patches",)))
    drawn = [one for one in spec.parts if set(one.frame.columns) >= {"key"} and one.shape == "area"]
    patches = drawn[-1]
    assert len(patches.frame) > 0
    assert all(patches.styles[key].hatch for key in set(patches.frame["key"]))
    assert all(patches.styles[key].dashed for key in set(patches.frame["key"]))


def test_schematic_shapes_are_dashed_and_said_to_be_schematic(project: Project) -> None:
    spec = compose.build(project, Request("ecological_red_line"))
    assert "示意" in spec.quality_note
    assert "示意" in " ".join(item.label for block in spec.legend for item in block.items)


def test_a_view_without_schematic_shapes_has_no_such_note(project: Project) -> None:
    spec = compose.build(project, Request("air_quality"))
    assert spec.quality_note == ""


def test_the_red_line_s_official_areas_stand_beside_its_shapes(project: Project) -> None:
    spec = compose.build(project, Request("ecological_red_line", areas=("崇明区",)))
    shown = [spec.key, *spec.figures]
    values = {one.value for one in shown if one is not None}
    assert {"1,640.37", "91.78", "1,548.59", "2,527.3"} <= values


def test_derived_figures_are_said_to_be_derived(project: Project) -> None:
    derived = compose.build(project, Request("air_quality", "pm25", ("黄浦区",), "2024"))
    stated = compose.build(project, Request("air_quality", "pm25", ("黄浦区",), "2025"))
    assert any("推算" in note for note in derived.notes)
    assert not any("推算值" in note for note in stated.notes)


def test_daily_values_name_the_source_that_they_come_from(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "station_pm25"))
    title = catalogue.load_sources(project)["cnemc-hourly-2021"].title("zh")
    assert title in spec.sources


def test_stations_are_drawn_once_where_they_carry_values(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "station_pm25", (), "2021-04-13"))
    points = [one for one in spec.parts if one.shape == "point"]
    assert [len(one.frame) for one in points] == [20]
    assert ("站点PM2.5日均浓度", "58.8 μg/m³") in points[0].frame.at["1141A", "lines"]


def test_the_sources_of_the_figures_come_first(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "pm25", ("黄浦区",), "2024-08"))
    first = catalogue.load_sources(project)["huangpu-air-2024-08"].title("zh")
    assert spec.sources[0] == first
    assert len(spec.sources) == len(set(spec.sources))


def test_parks_without_a_location_are_counted_in_a_note_and_kept_in_the_table(
    project: Project,
) -> None:
    spec = compose.build(project, Request("park_coverage"))
    assert any("73" in note for note in spec.notes)
    assert len(next(one for one in spec.tables if one.id == "park_coverage.parks").shown) == 444


def test_every_district_has_a_label_in_the_city_view(project: Project) -> None:
    spec = compose.build(project, Request("air_quality"))
    assert len([one for one in spec.labels if one.rank < 2]) == 16


def test_only_the_selected_districts_have_a_label(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", areas=("崇明区",), lang="en"))
    assert [one.text for one in spec.labels if one.rank < 2] == ["Chongming"]


def test_the_same_request_gives_the_same_map(project: Project) -> None:
    one, other = (compose.build(project, Request("park_coverage")) for _ in range(2))
    assert (one.title, one.legend, one.notes, one.figures) == (
        other.title,
        other.legend,
        other.notes,
        other.figures,
    )


def test_a_broken_layer_is_refused_by_its_file(own_project: OwnProject) -> None:
    own_project.write("layers/wetlands.toml", 'id = "wetlands"\n')
    with pytest.raises(LayerError) as raised:
        compose.build(own_project.open(), Request("wetlands"))
    assert "layers/wetlands.toml" in raised.value.zh


def test_a_broken_layer_leaves_the_other_layers_to_be_drawn(own_project: OwnProject) -> None:
    own_project.write("layers/wetlands.toml", 'id = "wetlands"\n')
    assert compose.build(own_project.open(), Request("air_quality")).parts


def test_a_missing_data_file_is_named_and_leaves_the_other_layers(own_project: OwnProject) -> None:
    own_project.change(
        "data/datasets/wetlands.toml", '"wetlands/wetlands.csv"', '"wetlands/lost.csv"'
    )
    project = own_project.open()
    with pytest.raises(DataError) as raised:
        compose.build(project, Request("wetlands"))
    for text in (raised.value.zh, raised.value.en):
        assert "data/wetlands/lost.csv" in text
    assert compose.build(project, Request("air_quality")).parts


def test_an_unregistered_source_is_named(own_project: OwnProject) -> None:
    own_project.change("layers/wetlands.toml", '["wetland-plan-2026"]', '["wetland-plan-2062"]')
    with pytest.raises(DataError) as raised:
        compose.build(own_project.open(), Request("wetlands"))
    for text in (raised.value.zh, raised.value.en):
        assert "wetland-plan-2062" in text


def test_a_part_with_a_category_that_is_not_declared_is_not_drawn_as_another(
    own_project: OwnProject,
) -> None:
    # 市级重要湿地 has lost its class; drawing it as "other" would be a false legend.
    text = own_project.shipped("layers/wetlands.toml")
    lines = [line for line in text.splitlines() if 'key = "municipal"' not in line]
    assert len(lines) == len(text.splitlines()) - 1
    own_project.write("layers/wetlands.toml", "\n".join(lines))
    with pytest.raises(BshError) as raised:
        compose.build(own_project.open(), Request("wetlands"))
    assert "municipal" in raised.value.zh


def test_points_of_any_table_are_filtered_by_where_they_lie(own_project: OwnProject) -> None:
    layer = own_project.shipped("layers/park_coverage.toml")
    old = 'dataset = "parks"\nsize = "area_ha"'
    assert layer.count(old) == 1
    own_project.write(
        "layers/park_coverage.toml", layer.replace(old, f'{old}\ndistrict = "geometry"')
    )
    spec = compose.build(own_project.open(), Request("park_coverage", areas=("黄浦区",)))
    drawn = next(part for part in spec.parts if part.id == "parks")
    assert len(drawn.frame) == 18
