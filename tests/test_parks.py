"""Land within the radius of a park: circles merged, cut to land, shared out by district."""

from __future__ import annotations

import math

import pytest
from conftest import OwnProject
from pyproj import Geod
from shapely.geometry import box

from bsh_geo import catalogue, parks
from bsh_geo.project import Project

CIRCLE_KM2 = math.pi * 0.25
"""π · (0.5 km)² = 0.7854 km²."""

LENS_KM2 = 0.25 * (2 * math.pi / 3 - math.sqrt(3) / 2)
"""What two circles of 0.5 km radius share whose centres are 0.5 km apart: 0.3071 km²."""

WEST, EAST = box(121.46, 31.18, 121.50, 31.22), box(121.50, 31.18, 121.54, 31.22)
"""Two districts of about 3.8 km × 4.4 km that share the border 121.50° E."""

MIDDLE = (121.48, 31.20)
"""The middle of the western one."""


SHAPES = """
id = "park_shapes"
file = "parks/shapes.geojson"
title = { zh = "公园边界", en = "Park shapes" }
rows = { zh = "每行一个公园", en = "A park per row" }
key = ["id"]
source = ["osm-parks"]
licence = { zh = "ODbL", en = "ODbL" }
date = "2024"
quality = "open"
missing = { zh = "无", en = "none" }
limitations = { zh = "无", en = "none" }
crs = "EPSG:4326"
geometry = "Polygon"
[columns.id]
type = "str"
zh = "编号"
en = "Id"
[columns.source]
type = "source"
zh = "来源"
en = "Source"
[columns.quality]
type = "quality"
zh = "质量"
en = "Quality"
"""


def away(place: tuple[float, float], east_m: float) -> tuple[float, float]:
    """The place so many metres east of another."""
    lon, lat, _ = Geod(ellps="GRS80").fwd(*place, 90, east_m)
    return lon, lat


def city(own: OwnProject, *places: tuple[float, float] | None) -> Project:
    """A city of two square districts, 310101 and 310104, with a park at each place."""
    declared = own.shipped("data/boundaries/boundaries.toml").split("[[boundary]]")
    land = next(entry for entry in declared if 'id = "land"' in entry)
    own.write(
        "data/boundaries/boundaries.toml",
        "[[boundary]]" + land.replace("features = 16", "features = 2"),
    )
    own.write_shapes(
        "data/boundaries/land.geojson",
        [
            ({"adcode": "310101", "name_zh": "西", "name_en": "West"}, WEST),
            ({"adcode": "310104", "name_zh": "东", "name_en": "East"}, EAST),
        ],
    )
    rows = [
        {
            "id": f"p{number}",
            "name_zh": "公园",
            "name_en": "Park",
            "adcode": "310101",
            "lon": place[0] if place else "",
            "lat": place[1] if place else "",
            "location_grade": "A" if place else "none",
            "kind_zh": "公园",
            "kind_en": "Park",
            "source": "ctrip-poi",
            "quality": "derived",
        }
        for number, place in enumerate(places)
    ]
    own.write_rows("data/parks/parks.csv", rows, like="data/parks/parks.csv")
    return own.open()


def covered(project: Project) -> dict[str, float]:
    return parks.service_areas(project, 500.0)["covered_km2"].to_dict()


def test_a_park_covers_a_circle_of_its_radius(own_project: OwnProject) -> None:
    found = covered(city(own_project, MIDDLE))
    assert found["310101"] == pytest.approx(CIRCLE_KM2, rel=0.005)
    assert found["310104"] == 0


def test_another_radius_covers_a_circle_of_that_radius(own_project: OwnProject) -> None:
    areas = parks.service_areas(city(own_project, MIDDLE), 1000.0)
    assert areas.at["310101", "covered_km2"] == pytest.approx(math.pi, rel=0.005)


def test_a_circle_is_cut_at_the_border_of_the_land(own_project: OwnProject) -> None:
    # On the western edge, so that half of the circle lies outside of both districts.
    found = covered(city(own_project, (121.46, 31.20)))
    assert found["310101"] == pytest.approx(CIRCLE_KM2 / 2, rel=0.005)
    assert found["310104"] == 0


def test_a_park_serves_across_the_border_of_its_district(own_project: OwnProject) -> None:
    found = covered(city(own_project, (121.50, 31.20)))
    assert found["310101"] == pytest.approx(CIRCLE_KM2 / 2, rel=0.005)
    assert found["310104"] == pytest.approx(CIRCLE_KM2 / 2, rel=0.005)


def test_where_two_circles_overlap_the_land_counts_once(own_project: OwnProject) -> None:
    found = covered(city(own_project, MIDDLE, away(MIDDLE, 500)))
    assert found["310101"] == pytest.approx(2 * CIRCLE_KM2 - LENS_KM2, rel=0.005)


def test_two_parks_at_one_place_cover_one_circle(own_project: OwnProject) -> None:
    found = covered(city(own_project, MIDDLE, MIDDLE))
    assert found["310101"] == pytest.approx(CIRCLE_KM2, rel=0.005)


def test_a_park_without_a_location_covers_nothing(own_project: OwnProject) -> None:
    found = covered(city(own_project, MIDDLE, None))
    assert found["310101"] == pytest.approx(CIRCLE_KM2, rel=0.005)


def test_the_share_of_a_district_is_covered_land_by_its_land(own_project: OwnProject) -> None:
    project = city(own_project, MIDDLE)
    land_km2 = abs(Geod(ellps="GRS80").geometry_area_perimeter(WEST)[0]) / 1e6
    share = parks.land_share(project)["value"]
    assert share["310101"] == pytest.approx(CIRCLE_KM2 / land_km2 * 100, rel=0.005)
    assert share["310104"] == 0


def test_the_share_of_several_districts_is_sum_by_sum(own_project: OwnProject) -> None:
    project = city(own_project, MIDDLE, (121.51, 31.20), (121.53, 31.20))
    areas = parks.service_areas(project, 500.0)
    expected = areas["covered_km2"].sum() / areas["land_km2"].sum() * 100
    assert parks.share_of(project, ("310101", "310104")) == pytest.approx(expected)
    # Three circles apart from each other: 3 · 0.7854 of about 33.8 km².
    assert expected == pytest.approx(3 * CIRCLE_KM2 / areas["land_km2"].sum() * 100, rel=0.005)


def test_the_city_s_share_is_that_of_all_districts_together(own_project: OwnProject) -> None:
    project = city(own_project, MIDDLE, (121.51, 31.20))
    share = parks.land_share(project)["value"]
    assert share["310000"] == pytest.approx(parks.share_of(project, ("310101", "310104")))


def test_the_radius_of_parks_of_unknown_size_is_that_of_the_layer_file(
    own_project: OwnProject,
) -> None:
    own_project.change(
        "layers/park_coverage.toml", "\nradius_m = 500\ncolour", "\nradius_m = 300\ncolour"
    )
    project = city(own_project, MIDDLE)
    assert parks.radii(project).unknown == 300
    land_km2 = parks.service_areas(project, 300.0).at["310101", "land_km2"]
    expected = math.pi * 0.09 / land_km2 * 100
    assert parks.land_share(project).at["310101", "value"] == pytest.approx(expected, rel=0.005)


def test_the_radius_follows_the_size_and_a_size_on_a_step_is_of_the_larger_class() -> None:
    radii = parks.Radii(450, ((0, 300), (0.5, 500), (10, 1000)))
    sizes = (0.0, 0.49, 0.5, 9.99, 10, 2235, None, float("nan"))
    assert [radii.of(size) for size in sizes] == [300, 300, 500, 500, 1000, 1000, 450, 450]
    assert radii.shown == "300–1000"
    assert parks.Radii(500).shown == "500"


def test_a_small_park_of_the_city_serves_less_than_one_of_unknown_size(
    own_project: OwnProject,
) -> None:
    project = city(own_project, MIDDLE, (121.52, 31.20))
    text = (own_project.root / "data/parks/parks.csv").read_text("utf-8")
    own_project.write("data/parks/parks.csv", text.replace("31.2,A,,", "31.2,A,0.3,", 1))
    project = own_project.open()
    found = parks.service_areas(project, parks.radii(project))["covered_km2"]
    assert found["310101"] == pytest.approx(math.pi * 0.09, rel=0.005)
    assert found["310104"] == pytest.approx(CIRCLE_KM2, rel=0.005)


def test_the_shipped_radii_are_500_m_and_300_m_below_half_a_hectare(project: Project) -> None:
    assert parks.radii(project) == parks.Radii(500, ((0, 300), (0.5, 500)))
    part = parks.service_part(project)
    assert part is not None
    assert all(one.basis.zh and one.basis.en for one in part.radii)
    assert "条文未核到" in part.radii[0].basis.zh


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("min_ha = 0\n", "min_ha = 0.1\n"),
        ("min_ha = 0.5\n", "min_ha = 0\n"),
        ("\nradius_m = 500\ncolour", "\ncolour"),
    ],
)
def test_radii_that_leave_a_size_without_one_are_refused(
    own_project: OwnProject, old: str, new: str
) -> None:
    own_project.change("layers/park_coverage.toml", old, new)
    _, faults = catalogue.load_layers(own_project.open())
    (fault,) = faults
    assert "radii" in fault.zh
    assert "radius_m" in fault.en


def test_a_park_with_a_shape_serves_from_its_edge(own_project: OwnProject) -> None:
    own_project.write("data/datasets/park_shapes.toml", SHAPES)
    square = box(121.478, 31.198, 121.482, 31.202)
    own_project.write_shapes(
        "data/parks/shapes.geojson",
        [({"id": "p0", "source": "osm-parks", "quality": "open"}, square)],
    )
    own_project.change(
        "layers/park_coverage.toml", 'kind = "service"', 'kind = "service"\nshapes = "park_shapes"'
    )
    project = city(own_project, MIDDLE)
    assert parks.counts(project).with_shape == 1
    width, height = 381.1, 443.5  # metres of 0.004° of longitude and latitude at 31.2° N
    expected = (width * height + 2 * (width + height) * 500) / 1e6 + CIRCLE_KM2
    found = parks.service_areas(project, parks.radii(project), "parks", "park_shapes")
    assert found.at["310101", "covered_km2"] == pytest.approx(expected, rel=0.005)


def test_the_shipped_parks_are_counted_by_what_is_known_of_them(project: Project) -> None:
    assert parks.counts(project) == parks.Counts(
        listed=444, located=371, with_area=89, located_with_area=36, with_shape=0
    )


def test_no_shipped_district_is_covered_beyond_its_land(project: Project) -> None:
    share = parks.land_share(project)["value"]
    assert len(share) == 17
    assert share.between(0, 100).all()
    assert share["310101"] > share["310151"] > 0


def test_the_service_areas_of_districts_do_not_overlap(project: Project) -> None:
    areas = parks.service_areas(project, 500.0)
    assert areas["covered_km2"].sum() == pytest.approx(areas.union_all().area / 1e6, rel=1e-6)
