"""The account of wetlands: places counted once, exact overlaps, tasks, and change of surveys."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from conftest import OwnProject
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from bsh_geo import catalogue, frames, wetland_change, wetland_report, wetlands
from bsh_geo.errors import DataError
from bsh_geo.project import Project

GEOD = Geod(ellps="GRS80")
"""The ellipsoid of CGCS2000, on which ``crs.MEASURE`` projects."""


def geodesic_km2(shape: BaseGeometry) -> float:
    """Area on the ellipsoid of a shape in degrees, edges densified: a second opinion."""
    parts = [orient(part) for part in shapely.get_parts(shape.segmentize(0.001))]
    return sum(abs(GEOD.geometry_area_perimeter(part)[0]) for part in parts) / 1e6


def properties(own: OwnProject, dataset: str, place: str, **given: Any) -> dict[str, Any]:
    columns = frames.dataset_of(own.open(), dataset).columns
    known = {"id": place, "source": "doc-000", "quality": "schematic", "area_km2": 1.0, **given}
    return {
        name: known.get(name, column.allowed[0] if column.allowed else "x")
        for name, column in columns.items()
    }


def row(place: str, **given: Any) -> dict[str, Any]:
    """A row of the list of wetlands."""
    known = {"name_zh": place, "name_en": place, "adcode": "310151", "source": "doc-000"}
    return {"id": place, **known, "quality": "published", **given}


WEST = box(121.0, 31.0, 121.1, 31.1)
"""On land, in 松江区 and its neighbours."""
SEA = box(122.0, 31.4, 122.1, 31.5)
"""In the estuary, off every land."""


def world(
    own: OwnProject,
    rows: list[dict[str, Any]],
    shapes: dict[str, tuple[str | None, BaseGeometry]],
    redline: BaseGeometry = SEA,
    places: str = "",
) -> Project:
    """A project with these wetlands, shapes (level, polygon) and one red-line patch."""
    own.write_rows("data/wetlands/wetlands.csv", rows, like="data/wetlands/wetlands.csv")
    own.write_shapes(
        "data/wetlands/wetlands.geojson",
        [
            (properties(own, "wetland_shapes", name, level=level), shape)
            for name, (level, shape) in shapes.items()
        ],
    )
    own.write_shapes(
        "data/redline/patches.geojson", [(properties(own, "redline_shapes", "r"), redline)]
    )
    own.write("data/wetlands/places.toml", places)
    return own.open()


ONE_PLACE = """
[[place]]
id = "p"
title = { zh = "一处", en = "One place" }
members = ["a", "b"]
basis = { zh = "同一处", en = "the same" }
"""


def test_two_designations_of_a_place_are_listed_and_counted_once(own_project: OwnProject) -> None:
    here = world(
        own_project,
        [row("a", level="国际重要湿地", area_ha=300), row("b", level="自然保护区", area_ha=200)],
        {"a": ("国际重要湿地", SEA), "b": ("自然保护区", affinity.scale(SEA, 0.5, 1.0))},
        places=ONE_PLACE,
    )
    found = wetlands.account(here)
    assert len(found.wetlands) == 2
    assert (found.total["wetlands"], found.total["places"]) == (2, 1)
    assert found.total["area_ha"] == 300
    assert found.total["area"] == pytest.approx(geodesic_km2(SEA), rel=5e-4)
    place = found.places.loc["p"]
    assert place["ids"] == ("a", "b")
    assert place["levels"] == ("国际重要湿地", "自然保护区")
    assert (place["area_ha"], place["area_of"]) == (300, "a")
    assert found.levels["area_ha"].to_dict() == {"国际重要湿地": 300, "自然保护区": 200}


def test_without_a_declared_place_each_designation_is_one(own_project: OwnProject) -> None:
    here = world(own_project, [row("a", area_ha=300), row("b", area_ha=200)], {"a": (None, SEA)})
    found = wetlands.account(here)
    assert (found.total["places"], found.total["area_ha"]) == (2, 500)


def test_ground_that_two_places_share_counts_once(own_project: OwnProject) -> None:
    moved = affinity.translate(SEA, 0.05)
    here = world(own_project, [row("a"), row("b")], {"a": (None, SEA), "b": (None, moved)})
    found = wetlands.account(here)
    assert found.total["area"] == pytest.approx(1.5 * geodesic_km2(SEA), rel=5e-4)
    assert found.wetlands["area"].sum() == pytest.approx(2 * geodesic_km2(SEA), rel=5e-4)


def test_overlaps_are_exact_shares_of_the_shape(own_project: OwnProject) -> None:
    half = box(122.0, 31.4, 122.05, 31.5)
    here = world(
        own_project,
        [row("a"), row("b", level="自然保护区")],
        {"a": (None, SEA), "b": ("自然保护区", box(122.075, 31.4, 122.2, 31.5))},
        redline=half,
    )
    found = wetlands.account(here).wetlands.loc["a"]
    assert found["redline_share"] == pytest.approx(50, abs=0.03)
    assert found["reserve_share"] == pytest.approx(25, abs=0.03)
    assert found["redline"] == pytest.approx(geodesic_km2(half), rel=5e-4)


def test_a_wetland_without_a_shape_has_no_measures(own_project: OwnProject) -> None:
    here = world(own_project, [row("a", area_ha=10), row("b")], {"b": (None, SEA)})
    found = wetlands.account(here)
    assert pd.isna(found.wetlands.at["a", "area"])
    assert pd.isna(found.wetlands.at["a", "redline_share"])
    assert (found.total["published"], found.total["shaped"]) == (1, 1)


@pytest.mark.parametrize(
    "shape",
    [
        SEA,
        Polygon(SEA.exterior, [box(122.03, 31.43, 122.06, 31.46).exterior.coords]),
        MultiPolygon([SEA, box(122.3, 31.4, 122.31, 31.41)]),
        # Two triangles that touch in one point.
        MultiPolygon(
            [
                Polygon([(122.0, 31.4), (122.05, 31.45), (122.0, 31.5)]),
                Polygon([(122.1, 31.4), (122.05, 31.45), (122.1, 31.5)]),
            ]
        ),
        box(122.0, 31.4, 122.1, 31.40001),
    ],
    ids=["plain", "hole", "parts", "touching", "sliver"],
)
def test_areas_agree_with_the_geodesic_ones(own_project: OwnProject, shape: BaseGeometry) -> None:
    here = world(own_project, [row("a")], {"a": (None, shape)})
    found = wetlands.account(here).wetlands.at["a", "area"]
    assert found == pytest.approx(geodesic_km2(shape), rel=5e-4)


def test_areas_of_the_shipped_shapes_agree_with_the_geodesic_ones(project: Project) -> None:
    shapes = frames.shapes(project, wetlands.SHAPES).set_index("id").geometry
    found = wetlands.account(project).wetlands["area"].dropna()
    assert len(found) == 13
    for name, area in found.items():
        assert area == pytest.approx(geodesic_km2(shapes[name]), rel=5e-4)


def test_land_outside_and_sea_make_up_each_shape(project: Project) -> None:
    rows = wetlands.account(project).wetlands.dropna(subset=["area"])
    parts = rows[["land", "outside", "sea"]].sum(axis=1)
    assert (abs(parts - rows["area"]) < 0.001).all()
    lake = rows.loc["dianshan-lake"]
    # The part in Jiangsu is neither the city's land nor sea.
    assert lake["outside"] == pytest.approx(21.84, abs=0.01)
    assert lake["sea"] == pytest.approx(0, abs=0.01)


def test_the_shipped_account_is_that_of_22_places(project: Project) -> None:
    found = wetlands.account(project)
    assert (found.total["wetlands"], found.total["places"]) == (25, 22)
    assert found.total["area_ha"] == pytest.approx(128267.6)
    assert found.places.loc["chongming-dongtan", "area_ha"] == 32600
    assert found.total["area"] == pytest.approx(1067.34, abs=0.01)
    # Adding up rows would count Dongtan and the islands twice.
    assert found.wetlands["area"].sum() == pytest.approx(1309.63, abs=0.01)
    assert found.quality == "schematic"


def test_a_shape_is_counted_where_it_lies_as_well_as_where_it_is_stated(project: Project) -> None:
    rows = wetlands.account(project).districts
    assert rows.loc["310115", "area"] == pytest.approx(546.74, abs=0.01)
    assert rows.loc["310115", "geo_area"] == pytest.approx(177.41, abs=0.01)
    assert rows["geo_area"].sum() == pytest.approx(wetlands.account(project).total["area"])
    assert pd.isna(rows.loc[wetlands.BEYOND, "area"])


def test_a_designation_of_two_places_is_refused(own_project: OwnProject) -> None:
    twice = ONE_PLACE + ONE_PLACE.replace('"p"', '"q"')
    own_project.write("data/wetlands/places.toml", twice)
    with pytest.raises(DataError, match="a 属于两处"):
        wetlands.declared_places(own_project.open())


def test_every_task_of_the_plans_that_names_wetlands_is_linked_or_says_why_not(
    project: Project,
) -> None:
    tasks = wetlands.account(project).tasks
    assert len(tasks) == 11
    assert tasks["linked"].all()
    known = set(wetlands.account(project).places.index)
    for code, task in tasks.iterrows():
        assert set(task["places"]) <= known, code
        assert bool(task["places"]) is not (task["note"] is not None), code


def test_the_documents_of_the_list_are_those_of_its_tasks(project: Project) -> None:
    found = wetlands.account(project)
    targets = frames.table(project, "targets").set_index("id")
    for wetland, own in found.wetlands.iterrows():
        tasks = found.places.at[own["place"], "tasks"]
        documents = {
            str(targets.at[code, "document"])
            for code in tasks
            if targets.at[code, "indicator"] == "wetland_restoration"
        }
        cell = own["restoration"]
        stated = set(catalogue.source_ids(cell)) if isinstance(cell, str) else set()
        assert stated == documents, wetland


def test_the_list_stands_beside_the_published_protection_rate_as_a_lower_bound(
    project: Project,
) -> None:
    found = wetlands.protection(project)
    assert found is not None
    assert (found.period, found.published) == ("2020", 50.35)
    # 32600 + 27600 + 42020 + 46 + 300 + 106.6 ha of 465,500.
    assert found.listed_ha == pytest.approx(102672.6)
    assert (found.listed, found.without) == (6, 3)
    assert found.listed_share == pytest.approx(22.056, abs=0.001)


# Change between two surveys


def survey(**shapes: BaseGeometry) -> gpd.GeoDataFrame:
    names = [name.replace("_", "-") for name in shapes]
    return gpd.GeoDataFrame(
        {"name_zh": names, "name_en": names},
        geometry=list(shapes.values()),
        index=names,
        crs="EPSG:4326",
    )


def test_a_wetland_that_grew_on_one_side_gained_and_one_that_shrank_lost() -> None:
    grown = box(122.0, 31.4, 122.15, 31.5)
    found = wetland_change.compared(
        survey(a=SEA, b=WEST), survey(a=grown, b=box(121, 31, 121.05, 31.1))
    )
    rows = found.wetlands.set_index("id")
    strip = geodesic_km2(box(122.1, 31.4, 122.15, 31.5))
    assert rows.loc["a", "gained"] == pytest.approx(strip, rel=5e-4)
    # A parallel drawn with other vertices is another line, by some metres.
    assert rows.loc["a", "lost"] == pytest.approx(0, abs=0.02)
    assert rows.loc["a", "net_share"] == pytest.approx(50, abs=0.05)
    assert rows.loc["b", "lost"] == pytest.approx(geodesic_km2(WEST) / 2, rel=5e-4)
    assert set(rows["state"]) == {"changed"}
    assert set(rows["match"]) == {"id"}


def test_new_and_lost_wetlands_are_told_apart() -> None:
    found = wetland_change.compared(survey(a=SEA), survey(b=WEST)).wetlands.set_index("id")
    assert found["state"].to_dict() == {"a": "gone", "b": "new"}
    assert found.loc["a", "after"] == 0
    assert pd.isna(found.loc["b", "net_share"])


def test_wetlands_are_found_again_by_id_then_name_then_ground() -> None:
    before = survey(a=SEA, b=WEST, c=box(121.5, 31.9, 121.6, 32.0))
    before["name_zh"] = ["东滩", "西沙湿地", "北湖"]
    after = survey(a=SEA, x=affinity.translate(WEST, 0.5), y=box(121.5, 31.9, 121.58, 32.0))
    after["name_zh"] = ["东滩（新）", "西沙 湿地", "北湖一带"]
    rows = wetland_change.compared(before, after).wetlands.set_index("before_id")
    assert rows["match"].to_dict() == {"a": "id", "b": "name", "c": "ground"}
    assert rows["id"].to_dict() == {"a": "a", "b": "x", "c": "y"}


def test_running_numbers_of_two_files_are_no_ids() -> None:
    before, after = survey(a=SEA), survey(a=WEST)
    before.index, after.index = pd.Index(["1"]), pd.Index(["1"])
    before["name_zh"], after["name_zh"] = "东滩", "西沙"
    states = wetland_change.compared(before, after).wetlands["state"]
    assert sorted(states) == ["gone", "new"]


def test_the_same_survey_twice_has_no_change(project: Project) -> None:
    own = wetland_change.shipped(project)
    found = wetland_change.compared(own, own)
    assert set(found.wetlands["state"]) == {"same"}
    assert found.total["gained"] == pytest.approx(0, abs=1e-6)
    # Shapes of one place overlap: the total counts their ground once.
    assert found.total["before"] == pytest.approx(wetlands.account(project).total["area"])


@settings(deadline=None, max_examples=40)
@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(0.2, 2.0))
def test_what_was_kept_gained_and_lost_adds_up(dx: float, dy: float, size: float) -> None:
    later = affinity.scale(affinity.translate(SEA, dx, dy), size, size)
    total = wetland_change.compared(survey(a=SEA), survey(a=later)).total
    assert total["kept"] + total["gained"] == pytest.approx(total["after"], abs=1e-6)
    assert total["kept"] + total["lost"] == pytest.approx(total["before"], abs=1e-6)
    assert total["net"] == pytest.approx(total["gained"] - total["lost"], abs=1e-6)


def test_a_sketch_of_an_earlier_extent_is_said_to_be_one(project: Project) -> None:
    own = wetland_change.shipped(project)
    found = wetland_change.compared(own, own)
    drafts = wetland_change.sketched(project)
    assert "dishui-lake" not in drafts
    _, rows = wetland_report.change_sheets(found, drafts, "zh")[0]
    marked = rows.set_index("编号")["说明"]
    assert "示意" in marked["dongtan-reserve"]
    assert marked["dishui-lake"] == ""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sums_of_shapes_say_that_some_are_schematic(project: Project, lang: str) -> None:
    sheets = dict(wetland_report.sheets(project, lang))
    title = {"zh": "按级别", "en": "By grade"}[lang]
    mark = {"zh": "含示意", "en": "some schematic"}[lang]
    assert any(mark in str(name) for name in sheets[title].columns)
    assert "官方总数" in wetland_report.statements(project, "zh")[0]


def test_the_english_tables_hold_no_chinese_but_quotes(project: Project) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for title, rows in wetland_report.sheets(project, "en"):
        assert not chinese.search(title)
        for name in rows.columns:
            if "Chinese" in str(name):
                continue
            assert not chinese.search(str(name))
            cells = [str(cell) for cell in rows[name] if chinese.search(str(cell))]
            assert cells == [], (title, name)
