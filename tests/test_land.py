"""Land by raster and zone: shares against the hand and brute force, amounts, classes, change."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from land_rasters import tif, zones
from pyproj import Geod
from shapely import box

from bsh_geo import (
    catalogue,
    land,
    land_change,
    land_change_report,
    land_classes,
    land_files,
    land_job,
    land_published,
    land_report,
    land_walk,
    land_zone_files,
    land_zones,
    rasters,
)
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.land_job import Source
from bsh_geo.land_zones import Zones
from bsh_geo.project import Project

GEOD = Geod(ellps="WGS84")
FOUR = np.array([[10, 20], [30, 40]], np.uint8)
"""Four cells of 0.01°, their north-west corner at 121 °E, 31.5 °N."""


def measured(
    values, shapes: gpd.GeoDataFrame, kind: land.Kind | None = None, **place
) -> land.Measured:
    with rasters.opened(tif(values, **place), name="a.tif") as raster:
        return land.measure(raster, shapes, kind)


def geodesic_km2(shape: shapely.Polygon) -> float:
    return abs(GEOD.geometry_area_perimeter(shapely.segmentize(shape, 0.001))[0]) / 1e6


# Classes ----------------------------------------------------------------------------------------


def test_a_zone_over_a_quarter_of_each_cell_has_a_quarter_of_each():
    zone = box(121.005, 31.485, 121.015, 31.495)
    found = measured(FOUR, zones(zone), "classes")
    shares = found.classes.loc["a"] / geodesic_km2(zone)
    assert shares.to_dict() == pytest.approx({10: 0.25, 20: 0.25, 30: 0.25, 40: 0.25}, rel=2e-4)
    assert found.areas.own["a"] == pytest.approx(geodesic_km2(zone), rel=1e-5)
    assert found.areas.counted["a"] == pytest.approx(geodesic_km2(zone), rel=1e-5)
    assert (found.areas.nodata["a"], found.areas.beyond["a"]) == (0, 0)


def test_cells_of_a_geographic_raster_shrink_to_the_north():
    # A cell of 1° at 60.5 °N is 0.4924 as wide as at the equator, and 1.01 as high.
    values = np.array([[1], [2]], np.uint8)
    north = measured(values, zones(box(0, 59, 1, 61)), "classes", west=0, north=61, step=1)
    south = measured(values, zones(box(0, 0, 1, 2)), "classes", west=0, north=2, step=1)
    ratio = north.classes.loc["a", 1] / south.classes.loc["a", 2]
    assert ratio == pytest.approx(geodesic_km2(box(0, 60, 1, 61)) / geodesic_km2(box(0, 0, 1, 1)))
    assert ratio == pytest.approx(0.4924 * 1.0103, rel=1e-4)


def test_no_data_is_a_share_of_its_own():
    found = measured(FOUR, zones(box(121, 31.48, 121.02, 31.5)), "classes", nodata=40)
    assert set(found.classes) == {10, 20, 30}
    assert found.areas.nodata["a"] / found.areas.own["a"] == pytest.approx(0.25, rel=2e-4)


def test_what_lies_beyond_the_raster_is_told_and_not_filled_in():
    zone = box(121, 31.46, 121.02, 31.5)  # twice as high as the raster
    found = measured(FOUR, zones(zone), "classes")
    assert found.areas.beyond["a"] == pytest.approx(geodesic_km2(zone) / 2, rel=1e-3)
    assert found.areas.counted["a"] + found.areas.beyond["a"] == pytest.approx(
        found.areas.own["a"], rel=1e-6
    )


def test_zones_that_overlap_are_each_measured_whole():
    one = box(121, 31.48, 121.02, 31.5)
    found = measured(FOUR, zones(one, one, box(121, 31.49, 121.01, 31.5)), "classes")
    assert found.classes.loc["a"].tolist() == found.classes.loc["b"].tolist()
    assert found.classes.loc["c"].to_dict() == pytest.approx(
        {10: found.classes.loc["a", 10], 20: 0, 30: 0, 40: 0}, abs=1e-9
    )


@pytest.mark.parametrize(
    ("crs", "west", "north", "step"),
    [
        ("EPSG:3857", 13_470_000, 3_690_000, 1000),
        ("EPSG:4549", 600_000, 3_480_000, 1000),
        ("EPSG:32651", 310_000, 3_480_000, 1000),
        ("EPSG:4490", 121.05, 31.42, 0.01),
    ],
)
def test_the_same_ground_is_measured_the_same_in_any_crs(crs, west, north, step):
    zone = box(121.1, 31.3, 121.25, 31.4)
    values = np.full((60, 60), 5, np.uint8)
    found = measured(values, zones(zone), "classes", crs=crs, west=west, north=north, step=step)
    assert found.classes.loc["a", 5] == pytest.approx(geodesic_km2(zone), rel=2e-4)
    assert found.areas.beyond["a"] == 0


def brute_force(codes, zone, step=0.01, fine=40) -> dict[int, float]:
    """Shares of classes from a grid of points ``fine`` times as dense as the cells."""
    side = (np.arange(len(codes) * fine) + 0.5) / fine
    col, row = np.meshgrid(side, side)
    inside = shapely.contains_xy(zone, 121 + col * step, 31.5 - row * step)
    weight = np.cos(np.radians(31.5 - row * step))  # a parallel's length
    code = codes[row.astype(int), col.astype(int)]
    total = weight[inside].sum()
    return {int(one): weight[inside & (code == one)].sum() / total for one in np.unique(code)}


SHAPES = {
    "with a hole": box(121.01, 31.42, 121.09, 31.49).difference(box(121.03, 31.44, 121.06, 31.47)),
    "several parts": shapely.union_all(
        [box(121.003, 31.481, 121.012, 31.497), box(121.05, 31.43, 121.077, 31.462)]
    ),
    "touching itself": shapely.Polygon(
        [
            *((121.01, 31.41), (121.05, 31.45), (121.09, 31.41)),
            *((121.09, 31.49), (121.05, 31.45), (121.01, 31.49)),
        ]
    ).buffer(0),
    "a sliver": shapely.Polygon(
        [(121.002, 31.405), (121.095, 31.493), (121.0955, 31.4925), (121.0025, 31.4045)]
    ),
    "round": shapely.Point(121.047, 31.453).buffer(0.037),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shares_are_those_of_a_fine_grid_of_points(name):
    codes = np.random.default_rng(4).integers(1, 4, (10, 10)).astype(np.uint8)
    zone = SHAPES[name]
    found = measured(codes, zones(zone), "classes")
    shares = (found.classes.loc["a"] / found.areas.counted["a"]).to_dict()
    fine = 300 if name == "a sliver" else 80
    assert shares == pytest.approx(brute_force(codes, zone, fine=fine), abs=0.004)
    assert found.areas.counted["a"] == pytest.approx(found.areas.own["a"], rel=1e-5)


@settings(max_examples=25, deadline=None)
@given(
    corners=st.lists(
        st.tuples(st.floats(121.0, 121.3), st.floats(31.2, 31.5)), min_size=3, max_size=8
    ),
    seed=st.integers(0, 99),
)
def test_classes_no_data_and_beyond_make_up_the_zone(corners, seed):
    shape = shapely.MultiPoint(corners).convex_hull
    assume(shape.intersection(box(121, 31.3, 121.2, 31.5)).area > 1e-6)
    codes = np.random.default_rng(seed).integers(0, 4, (20, 20)).astype(np.uint8)
    found = measured(codes, zones(shape), "classes", nodata=0)
    parts = found.classes.loc["a"].sum() + found.areas.nodata["a"] + found.areas.beyond["a"]
    assert parts == pytest.approx(found.areas.own["a"], rel=3e-5)
    assert (found.classes.to_numpy() >= 0).all()


def test_blocks_and_chunks_change_nothing(monkeypatch):
    codes = np.random.default_rng(4).integers(1, 6, (300, 300)).astype(np.uint8)
    shapes = zones(
        shapely.Point(121.15, 31.35).buffer(0.13),
        SHAPES["with a hole"],
        box(121, 31.2, 121.3, 31.5),
    )
    once = measured(codes, shapes, "classes", step=0.001)
    monkeypatch.setattr(land_walk, "CHUNK", 64)
    monkeypatch.setattr(land_walk, "BLOCK", 17)
    again = measured(codes, shapes, "classes", step=0.001)
    pd.testing.assert_frame_equal(once.classes, again.classes, rtol=1e-9)


def test_zones_that_only_touch_a_block_add_nothing():
    codes = np.full((256, 256), 3, np.uint8)
    touching = box(121 + 0.128, 31.5 - 0.256, 121 + 0.256, 31.5)  # on the edge of the first block
    found = measured(codes, zones(touching), "classes", step=0.001)
    assert found.classes.loc["a", 3] == pytest.approx(found.areas.own["a"], rel=1e-5)


def test_codes_may_be_whole_floats_and_large_integers():
    found = measured(FOUR.astype(np.float32), zones(box(121, 31.48, 121.02, 31.5)))
    assert found.kind == "classes"
    assert list(found.classes) == [10, 20, 30, 40]
    large = FOUR.astype(np.int32) * 1_000_000
    assert list(measured(large, zones(box(121, 31.48, 121.02, 31.5)), "classes").classes) == [
        10_000_000,
        20_000_000,
        30_000_000,
        40_000_000,
    ]


def test_fractions_are_no_codes():
    with pytest.raises(DataError, match="不是整数编码") as raised:
        measured(FOUR / 7, zones(box(121, 31.48, 121.02, 31.5)), "classes")
    assert "no class code" in raised.value.en


def test_zones_far_from_the_raster_are_told_with_both_places():
    with pytest.raises(DataError, match="没有重叠") as raised:
        measured(FOUR, zones(box(100, 20, 101, 21)))
    assert "121.000–121.020°E" in raised.value.en
    assert "100.000–101.000°E" in raised.value.en


def test_a_zone_beside_the_raster_in_its_box_does_not_overlap():
    around = box(120, 30, 123, 33).difference(box(120.5, 31, 122, 32))
    with pytest.raises(DataError, match="没有重叠"):
        measured(FOUR, zones(around))


def test_too_many_cells_are_refused(monkeypatch):
    monkeypatch.setattr(land, "MOST_CELLS", 3)
    with pytest.raises(DataError, match="上限 3"):
        measured(FOUR, zones(box(121, 31.48, 121.02, 31.5)))


def test_progress_rises_to_the_whole():
    told = []
    with rasters.opened(tif(FOUR)) as raster:
        land.measure(raster, zones(box(121, 31.48, 121.02, 31.5)), "values", told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_long_edges_follow_the_ground_not_the_grid():
    # A parallel is straight in degrees and bent in the grid's CRS, by 52 m over 50 km.
    zone = box(121.0, 31.2, 121.5, 31.21)
    found = measured(
        np.full((300, 700), 1, np.uint8), zones(zone), "classes", crs="EPSG:32651",
        west=300_000, north=3_460_000, step=100,
    )  # fmt: skip
    assert found.classes.loc["a", 1] == pytest.approx(geodesic_km2(zone), rel=2e-4)


# Amounts ----------------------------------------------------------------------------------------


def test_people_are_summed_by_covered_share_alone():
    people = np.array([[100, 200], [300, 400]], np.int32)
    found = measured(people, zones(box(121.005, 31.485, 121.015, 31.495)), "values").values
    assert found.at["a", "sum"] == pytest.approx(250, rel=1e-9)
    assert found.at["a", "cells"] == pytest.approx(1)
    assert (found.at["a", "min"], found.at["a", "max"]) == (100, 400)


def test_a_sum_is_not_distorted_by_the_projection():
    people = np.full((40, 40), 7.0)
    found = measured(
        people, zones(box(121.06, 31.31, 121.1, 31.35)), "values", crs="EPSG:3857",
        west=13_470_000, north=3_680_000, step=500,
    )  # fmt: skip
    move = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    west, south = move.transform(121.06, 31.31)
    east, north = move.transform(121.1, 31.35)
    assert found.values.at["a", "sum"] == pytest.approx(
        7 * (east - west) * (north - south) / 500**2, rel=1e-6
    )


def test_the_mean_is_weighted_by_area():
    values = np.array([[1.5], [3.5]])
    found = measured(values, zones(box(0, 59, 1, 61)), "values", west=0, north=61, step=1)
    north, south = geodesic_km2(box(0, 60, 1, 61)), geodesic_km2(box(0, 59, 1, 60))
    expected = (1.5 * north + 3.5 * south) / (north + south)
    assert found.values.at["a", "mean"] == pytest.approx(expected, rel=1e-4)


def test_quantiles_of_whole_numbers_are_exact():
    values = np.arange(1, 101, dtype=np.int32).reshape(10, 10)
    found = measured(values, zones(box(121, 31.4, 121.1, 31.5)), "values").values
    # Southern cells are a little larger, and hold the larger numbers.
    assert found.loc["a", ["p10", "p50", "p90"]].tolist() == [11, 51, 91]


def test_quantiles_of_fractions_are_within_a_bin():
    values = np.random.default_rng(2).normal(0.4, 0.1, (200, 200)).astype(np.float32)
    found = measured(values, zones(box(121, 31.3, 121.2, 31.5)), "values", step=0.001).values
    span = float(values.max() - values.min())
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        assert found.at["a", name] == pytest.approx(np.quantile(values, share), abs=2 * span / 4096)


def test_a_zone_without_data_has_no_figures():
    values = np.array([[1.5, np.nan]])
    found = measured(values, zones(box(121.01, 31.49, 121.02, 31.5)), "values")
    assert found.values.loc["a", ["mean", "sum", "min", "max", "p50"]].isna().all()
    assert found.areas.nodata["a"] == pytest.approx(found.areas.own["a"], rel=1e-5)


def test_fractions_and_many_whole_numbers_are_amounts():
    zone = zones(box(121, 31.4, 121.1, 31.5))
    assert measured(np.full((10, 10), 0.5), zone).kind == "values"
    assert measured(np.arange(100, dtype=np.int16).reshape(10, 10), zone).kind == "values"
    assert measured(np.full((10, 10), 3, np.int16), zone).kind == "classes"


def test_one_figure_everywhere_has_itself_as_every_quantile():
    found = measured(np.full((4, 4), 0.25), zones(box(121, 31.46, 121.04, 31.5)), "values").values
    assert found.loc["a", ["mean", "min", "max"]].tolist() == [0.25, 0.25, 0.25]
    assert found.loc["a", ["p10", "p50", "p90"]].tolist() == pytest.approx([0.25] * 3)


# Class tables -----------------------------------------------------------------------------------

PRODUCTS = {"worldcover": 11, "clcd": 9, "globeland30": 11, "glc_fcs30": 41, "bsh_land": 5}


@pytest.mark.parametrize(("table_id", "count"), PRODUCTS.items())
def test_a_class_table_is_whole_and_bilingual(project: Project, table_id, count):
    table = land_classes.table_of(project, table_id)
    assert len(table.classes) == count
    assert table.source.zh and table.source.en
    for one in table.classes:
        assert one.title.zh and one.title.en
        assert not any("一" <= sign <= "鿿" for sign in one.title.en)


def test_worldcover_s_codes_are_those_of_its_manual(project: Project):
    table = land_classes.table_of(project, "worldcover")
    groups = {one.code: one.group for one in table.classes}
    assert groups[10] == "forest"
    assert groups[40] == "crop"
    assert groups[50] == "built"
    assert groups[80] == "water"
    assert groups[90] == groups[95] == "wetland"


@pytest.mark.parametrize(
    ("codes", "tables"),
    [
        ([1, 2, 8], ["clcd"]),
        ([0, 1, 2, 8], ["clcd"]),
        ([10, 20, 95], ["worldcover"]),
        ([0, 10, 51, 190], ["glc_fcs30"]),
        ([10, 20, 30], ["globeland30", "worldcover"]),
        ([10], []),
        ([7, 13], []),
    ],
)
def test_a_table_fits_when_it_names_every_code(project: Project, codes, tables):
    assert [one.id for one in land_classes.fitting(project, codes)] == tables


def own_zones(shapes: gpd.GeoDataFrame) -> Zones:
    return Zones("file", land_zones.TITLES["districts"], shapes, False)


def named_codes(project: Project, codes, asked=None):
    zone = own_zones(zones(box(121, 31.48, 121.02, 31.5)))
    array = np.array(codes, np.uint8).reshape(2, 2)
    with rasters.opened(tif(array), name="a.tif") as raster:
        found = land.measure(raster, zone.frame, "classes")
    return land_report.report(project, found, zone, asked)


def test_the_one_table_that_fits_is_used_and_said(project: Project):
    found = named_codes(project, [1, 2, 5, 8])
    assert found.table is not None
    assert found.table.id == "clcd"
    assert "推断为" in found.remarks[0].zh


def test_codes_that_fit_two_tables_stay_unnamed_and_both_are_named(project: Project):
    found = named_codes(project, [10, 20, 30, 40])
    assert found.table is None
    assert [one.title.zh for one in found.classes] == ["编码 10", "编码 20", "编码 30", "编码 40"]
    assert "GlobeLand30" in found.remarks[0].zh
    assert "ESA WorldCover" in found.remarks[0].zh


def test_unknown_codes_are_listed_with_their_area(project: Project):
    found = named_codes(project, [1, 2, 77, 78], "clcd")
    assert [one.code for one in found.classes if not one.known] == [77, 78]
    assert any("77、78" in one.zh for one in found.remarks)
    assert land_report.by_group(found)["unknown"].sum() == pytest.approx(
        found.measured.areas.own.sum() / 2, rel=1e-3
    )
    assert land_report.shares(found).sum(axis=1).tolist() == pytest.approx([100.0])


def test_codes_that_a_table_calls_blank_are_no_data(project: Project):
    found = named_codes(project, [0, 10, 51, 190])
    assert found.table is not None
    assert found.table.blank == (0, 250)
    assert 0 not in found.measured.classes
    assert found.measured.areas.nodata["a"] > 0


def test_codes_are_left_as_numbers_when_asked(project: Project):
    found = named_codes(project, [1, 2, 5, 8], land_report.NO_TABLE)
    assert [one.known for one in found.classes] == [False] * 4


def test_there_is_no_such_table(project: Project):
    with pytest.raises(UnknownNameError, match="worldcover"):
        named_codes(project, [1, 2, 5, 8], "worldcovr")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('group = "crop" },', 'group = "corp" },', "corp"),
        ("code = 2,", "code = 1,", "重复"),
        ('colour = "#446f33"', 'colour = "green"', "green"),
    ],
)
def test_a_broken_class_table_is_told(own_project, old, new, said):
    text = own_project.shipped("data/landcover/clcd.toml")
    own_project.write("data/landcover/clcd.toml", text.replace(old, new, 1))
    with pytest.raises(DataError, match=said):
        land_classes.tables(own_project.open())


# Change -----------------------------------------------------------------------------------------


def changed(before, after, shapes, **later) -> land_change.Changed:
    with (
        rasters.opened(tif(before), name="old.tif") as first,
        rasters.opened(tif(after, **later), name="new.tif") as second,
    ):
        return land_change.change(first, second, shapes)


def test_what_became_what_is_counted_cell_by_cell():
    before = np.array([[1, 1], [2, 2]], np.uint8)
    after = np.array([[1, 2], [2, 3]], np.uint8)
    found = changed(before, after, zones(box(121, 31.48, 121.02, 31.5)))
    assert found.same_grid
    pairs = list(zip(found.transitions["before"], found.transitions["after"], strict=True))
    assert pairs == [(1, 1), (1, 2), (2, 2), (2, 3)]
    cell = geodesic_km2(box(121, 31.49, 121.01, 31.5))
    assert found.transitions["km2"].tolist() == pytest.approx([cell] * 4, rel=3e-4)


def test_gains_and_losses_of_a_class_make_up_its_change():
    before = np.array([[1, 1], [2, 2]], np.uint8)
    after = np.array([[1, 2], [2, 3]], np.uint8)
    found = changed(before, after, zones(box(121, 31.48, 121.02, 31.5)))
    rows = land_change.gains(found.transitions).set_index("code")
    cell = geodesic_km2(box(121, 31.49, 121.01, 31.5))
    assert (rows["net_km2"] - (rows["gain_km2"] - rows["loss_km2"])).abs().max() < 1e-9
    assert rows.loc[1, ["loss_km2", "gain_km2"]].tolist() == pytest.approx([cell, 0], rel=3e-4)
    assert rows.loc[2, ["loss_km2", "gain_km2"]].tolist() == pytest.approx([cell, cell], rel=3e-4)
    assert rows["net_km2"].sum() == pytest.approx(0, abs=1e-9)


def test_a_gap_in_one_raster_is_no_loss():
    before = np.array([[1, 1], [1, 1]], np.uint8)
    after = np.array([[1, 1], [0, 0]], np.uint8)
    found = changed(before, after, zones(box(121, 31.48, 121.02, 31.5)), nodata=0)
    assert found.transitions["after"].isna().sum() == 1
    rows = land_change.gains(found.transitions)
    assert rows["loss_km2"].tolist() == [0.0]


def test_another_grid_is_read_at_the_middles_and_said(project: Project):
    before = np.array([[1, 1], [2, 2]], np.uint8)
    after = np.kron(np.array([[1, 2], [2, 3]], np.uint8), np.ones((3, 3), np.uint8))
    where = zones(box(121, 31.48, 121.02, 31.5))
    found = changed(before, after, where, step=0.01 / 3)
    assert not found.same_grid
    same = changed(before, after[1::3, 1::3], where)
    assert found.transitions["km2"].tolist() == pytest.approx(same.transitions["km2"].tolist())
    zone = own_zones(where)
    with rasters.opened(tif(before), name="old.tif") as raster:
        report = land_report.report(project, land.measure(raster, where, "classes"), zone)
    said = land_change_report.change_report(project, report, found).remarks
    assert "格网不同" in said[0].zh


def test_rasters_of_too_unlike_cells_are_not_compared():
    with pytest.raises(DataError, match="相差过大"):
        changed(
            FOUR, np.ones((200, 200), np.uint8), zones(box(121, 31.48, 121.02, 31.5)), step=1e-4
        )


# Zones ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "count", "overlap", "schematic"),
    [
        ("districts", 16, False, False),
        ("districts_land", 16, False, False),
        ("red_line", 9, False, True),
        ("wetlands", 13, True, True),
    ],
)
def test_the_zones_in_the_box(project: Project, which, count, overlap, schematic):
    found = land_zones.zones_of(project, which)
    assert (len(found.frame), found.overlap, found.schematic) == (count, overlap, schematic)
    assert found.remarks
    assert found.frame["name_en"].notna().all()


def test_there_are_no_such_zones(project: Project):
    with pytest.raises(UnknownNameError, match="districts_land"):
        land_zones.zones_of(project, "district")


def geojson(*shapes, **columns) -> bytes:
    frame = gpd.GeoDataFrame(columns or {"n": range(len(shapes))}, geometry=list(shapes), crs=4326)
    return frame.to_json().encode()


def test_polygons_of_a_file_keep_their_ids_and_names():
    content = geojson(
        box(121, 31, 121.1, 31.1), box(122, 31, 122.1, 31.1), id=["x", "y"], 名称=["甲", "乙"]
    )
    found = land_zone_files.zones_in(content, "mine.geojson")
    assert found.frame.index.tolist() == ["x", "y"]
    assert found.frame["name_zh"].tolist() == ["甲", "乙"]
    assert not found.overlap


def test_polygons_without_ids_are_numbered():
    content = geojson(box(121, 31, 121.1, 31.1), box(122, 31, 122.1, 31.1), id=["x", "x"])
    assert land_zone_files.zones_in(content, "a.geojson").frame.index.tolist() == ["1", "2"]


def test_a_polygon_that_crosses_itself_is_repaired_and_that_is_said():
    bow = shapely.Polygon([(121, 31), (121.1, 31.1), (121.1, 31), (121, 31.1)])
    found = land_zone_files.zones_in(geojson(bow), "a.geojson")
    assert found.frame.geometry.is_valid.all()
    assert "自相交" in found.remarks[0].zh


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (geojson(shapely.Point(121, 31)), "Point"),
        (geojson(shapely.Polygon([(121, 31), (121.1, 31), (121.2, 31)])), "没有面积"),
        (b"{", "a.geojson"),
    ],
)
def test_a_file_that_holds_no_zones_is_told(content, said):
    with pytest.raises(DataError, match=said):
        land_zone_files.zones_in(content, "a.geojson")


# Reports ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped(project: Project) -> land_report.Report:
    source = land_job.declared_source(project, "land_cover")
    return land_job.run(project, source, land_zones.zones_of(project, "districts_land"))[0]


def test_the_shipped_raster_agrees_with_the_vectors_it_was_made_from(project, shipped):
    total = land_report.with_total(shipped)
    shares = land_report.shares(total)
    assert shares.sum(axis=1).tolist() == pytest.approx([100.0] * 17)
    assert shares["nodata"].max() < 0.05
    # 滴水湖 4.31 km² in Pudong and 淀山湖 in Qingpu are the only lakes on land but 明珠湖 1.46.
    lakes = shipped.measured.classes[103]
    assert lakes["310115"] == pytest.approx(4.31, abs=0.15)
    assert lakes["310151"] == pytest.approx(1.46, abs=0.25)
    assert lakes["310101"] == 0


def test_the_shipped_raster_says_what_it_is(shipped):
    said = " ".join(one.zh for one in shipped.remarks)
    assert "不是遥感分类" in said
    assert land_report.quality_text(shipped.declared, shipped.zones, "zh") == "推算（含示意）"
    assert "EPSG:4549" in land_report.method_text(shipped.measured, "zh")


def test_all_districts_together_are_their_sum(shipped):
    rows = land_report.wide(shipped, "zh")
    assert rows["分区"].tolist()[-1] == "合计"
    areas = rows["图形面积 (km²)"]
    assert areas.iloc[-1] == pytest.approx(areas.iloc[:-1].sum())


def test_zones_that_overlap_have_no_sum(project):
    source = land_job.declared_source(project, "land_cover")
    found = land_job.run(project, source, land_zones.zones_of(project, "wetlands"))[0]
    assert "合计" not in land_report.wide(found, "zh")["分区"].tolist()


def test_a_report_in_english_holds_no_chinese(project, shipped):
    tables = [
        land_report.wide(shipped, "en"),
        land_report.long(shipped, "en"),
        land_report.about(shipped, "en"),
    ]
    for rows in tables:
        cells = [*rows.columns, *itertools.chain(*rows.astype(str).to_numpy().tolist())]
        assert [one for one in cells if any("一" <= sign <= "鿿" for sign in str(one))] == []


def test_published_figures_stand_beside_with_their_definition(project, shipped):
    rows = {one.group: one for one in land_published.beside(shipped, "310000", "zh")}
    assert rows["forest"].share is None
    figures = {one.indicator: one for one in rows["forest"].published}
    assert (figures["forest_cover_old"].value, figures["forest_cover_old"].period) == (
        "19.5",
        "2025年",
    )
    assert figures["forest_cover"].value == ""
    assert figures["forest_cover_old"].definition != figures["forest_cover"].definition
    assert rows["water"].share == pytest.approx(0.84, abs=0.02)
    assert rows["wetland"].published[0].source


def test_a_district_is_compared_with_its_own_figures(project, shipped):
    rows = {one.group: one for one in land_published.beside(shipped, "310151", "zh")}
    assert rows["forest"].published[0].value == "25.36"
    assert rows["wetland"].published[0].value == ""
    assert rows["wetland"].area == pytest.approx(shipped.measured.classes.at["310151", 104])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_files_hold_raster_method_and_quality(project, shipped, lang):
    text = land_files.to_bytes(shipped, "csv", lang).decode("utf-8-sig")
    assert "land_100m.tif" in text
    assert "EPSG:4549" in text
    assert ("含示意" if lang == "zh" else "partly schematic") in text


def test_there_is_no_such_format(shipped):
    with pytest.raises(UnknownNameError, match="csv"):
        land_files.to_bytes(shipped, "shp", "zh")


def test_a_raster_in_another_crs_than_declared_is_a_fault(own_project):
    own_project.change("data/rasters/land_cover.toml", 'crs = "EPSG:4549"', 'crs = "EPSG:4326"')
    project = own_project.open()
    with pytest.raises(DataError, match="声明为 EPSG:4326"):
        land_job.run(
            project,
            land_job.declared_source(project, "land_cover"),
            land_zones.zones_of(project, "districts"),
        )


def test_a_declared_raster_with_an_unnamed_code_fails_the_check(own_project):
    own_project.write("data/land/land_100m.tif", tif(np.full((9, 9), 99, np.uint8), crs="EPSG:4549",
                      west=600_000, north=3_450_000, step=100))  # fmt: skip
    with pytest.raises(DataError, match="编码 99"):
        land_job.check(own_project.open(), "land_cover")


def test_the_raster_script_gives_the_shipped_bytes(project, tmp_path):
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, str(root / "scripts" / "land_raster.py"), str(tmp_path / "a.tif")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
    )
    assert done.returncode == 0, done.stderr
    shipped_bytes = (root / "data" / "land" / "land_100m.tif").read_bytes()
    with (
        rasters.opened(tmp_path / "a.tif") as made,
        rasters.opened(shipped_bytes) as known,
    ):
        assert made.grid == known.grid
        shape = (0, made.grid.rows, 0, made.grid.cols)
        assert (made.read(*shape)[0] == known.read(*shape)[0]).all()
    assert len(shipped_bytes) < 300_000


def test_a_raster_of_bytes_is_measured_as_one_of_a_file(project, tmp_path):
    content = tif(np.random.default_rng(1).integers(1, 9, (50, 50)).astype(np.uint8), step=0.02)
    (tmp_path / "a.tif").write_bytes(content)
    where = land_zones.zones_of(project, "districts")
    first = land_job.run(project, Source(content, "a.tif"), where)[0]
    second = land_job.run(project, Source(tmp_path / "a.tif", "a.tif"), where)[0]
    pd.testing.assert_frame_equal(first.measured.classes, second.measured.classes)


@pytest.mark.parametrize(
    "model", [catalogue.RasterFile, land_classes.ClassTable, land_classes.LandClass]
)
def test_the_land_document_names_every_key(model):
    said = (Path(__file__).resolve().parents[1] / "docs" / "land.md").read_text("utf-8")
    assert {key for key in model.model_fields if f"`{key}`" not in said} == set()


def test_the_land_document_names_every_option():
    said = (Path(__file__).resolve().parents[1] / "docs" / "land.md").read_text("utf-8")
    for option in ("--zones", "--zones-crs", "--classes", "--values", "--change", "--band", "-o"):
        assert f"`{option}`" in said
