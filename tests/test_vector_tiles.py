"""Vector tiles hold what the layer holds: read back by GDAL, which had no part in making them."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import subprocess
import sys
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bsh_geo import tile_files, tile_job, tile_pyramid, tile_sets, vector_tiles
from bsh_geo.mapspec import DrawnPart, Style
from bsh_geo.tile_pyramid import Features
from bsh_geo.tile_sets import TileSet

STYLE = Style("#1d5a40", "#ffffff")


def points_part(count: int, seed: int = 1) -> DrawnPart:
    """Points of two classes around the middle of the city."""
    draw = np.random.default_rng(seed)
    places = shapely.points(draw.uniform(121.3, 121.6, count), draw.uniform(31.1, 31.35, count))
    frame = gpd.GeoDataFrame(
        {
            "key": ["a" if at % 3 else "b" for at in range(count)],
            "name": [f"点{at}" for at in range(count)],
            "lines": [(("编号", str(at)),) for at in range(count)],
            "radius": 4.5,
        },
        geometry=places,
        index=[f"p{at}" for at in range(count)],
        crs="EPSG:4326",
    )
    return DrawnPart("places", "排口", "point", frame, {"a": STYLE, "b": STYLE})


def areas_part() -> DrawnPart:
    """A grid of 8 × 6 parcels that share their edges, one with a hole, and a very small one."""
    shapes = [
        shapely.box(121.4 + 0.01 * x, 31.1 + 0.01 * y, 121.41 + 0.01 * x, 31.11 + 0.01 * y)
        for x in range(8)
        for y in range(6)
    ]
    shapes[0] = shapes[0].difference(shapes[0].centroid.buffer(0.003))
    shapes.append(shapely.box(121.6, 31.2, 121.60005, 31.20005))
    frame = gpd.GeoDataFrame(
        {"key": "all", "name": "地块", "lines": [()] * len(shapes)},
        geometry=shapes,
        index=[f"a{at}" for at in range(len(shapes))],
        crs="EPSG:4326",
    )
    return DrawnPart("plots", "地块", "area", frame, {"all": STYLE})


def made(part: DrawnPart, folder: Path) -> tuple[TileSet, Path]:
    """The set of a part, made here and now."""
    source = tile_sets.source_of(part)
    work, place = folder / "work", folder / source.digest
    work.mkdir()
    tile_files.write_source(source, work)
    assert tile_job.main(str(work), str(place)) == 0
    return TileSet(source.digest, place), place / tile_files.TILES


READER = """
import sys, pickle, pyogrio
read = lambda zoom: pyogrio.read_dataframe(sys.argv[1], ZOOM_LEVEL=str(zoom))
zooms = {zoom: read(zoom) for zoom in range(8, 15 + ("point" in sys.argv[2]))}
sys.stdout.buffer.write(pickle.dumps(zooms))
"""
"""In a process of its own: ours has taken the driver out of GDAL (see bsh_geo.drivers)."""


@cache
def zooms(path: Path, kind: str) -> dict[int, gpd.GeoDataFrame]:
    """The features of every zoom, as GDAL reads them."""
    command = [sys.executable, "-c", READER, str(path), kind]
    found: dict[int, gpd.GeoDataFrame] = pickle.loads(subprocess.check_output(command))
    return found


def read(path: Path, zoom: int, kind: str = "point") -> gpd.GeoDataFrame:
    """All features of a zoom in WGS 84; ``count`` is missing where none has one."""
    found = zooms(path, kind)[zoom].to_crs("EPSG:4326")
    return found if "count" in found else found.assign(count=np.nan)


def counted(found: gpd.GeoDataFrame) -> int:
    """How many features the marks stand for."""
    return int(found["count"].fillna(1).sum())


@pytest.fixture(scope="module")
def points(tmp_path_factory) -> tuple[DrawnPart, TileSet, Path]:
    part = points_part(5000)
    return part, *made(part, tmp_path_factory.mktemp("points"))


@pytest.fixture(scope="module")
def areas(tmp_path_factory) -> tuple[DrawnPart, TileSet, Path]:
    part = areas_part()
    return part, *made(part, tmp_path_factory.mktemp("areas"))


@pytest.mark.parametrize("zoom", range(tile_pyramid.FIRST, tile_pyramid.LAST["point"] + 1))
def test_the_marks_of_every_zoom_stand_for_every_point(points, zoom: int) -> None:
    _, _, path = points
    found = read(path, zoom)
    assert counted(found) == 5000
    of_class = found.groupby("key")["count"].apply(lambda one: int(one.fillna(1).sum()))
    # Classes are numbered in the order of their keys: a, b.
    assert of_class.to_dict() == {0: 3333, 1: 1667}


def test_few_marks_at_the_first_zoom_and_every_point_at_the_last(points) -> None:
    _, _, path = points
    assert len(read(path, tile_pyramid.FIRST)) < 200
    last = read(path, tile_pyramid.LAST["point"])
    assert len(last) == 5000
    assert last["count"].isna().all()


def test_at_the_last_zoom_each_point_lies_where_the_layer_has_it(points) -> None:
    part, _, path = points
    found = read(path, tile_pyramid.LAST["point"]).set_index("mvt_id").sort_index()
    assert list(found.index) == list(range(5000))
    here, there = part.frame.to_crs(32651).geometry, found.to_crs(32651).geometry
    # A unit of a tile of zoom 15 is 0.26 m here; a place is cut to whole ones.
    assert here.reset_index(drop=True).distance(there.reset_index(drop=True)).max() < 0.5


def test_areas_keep_their_extent_and_their_holes(areas) -> None:
    part, _, path = areas
    found = read(path, tile_pyramid.LAST["area"], "area").dissolve("mvt_id")
    assert list(found.index) == list(range(49))
    here = part.frame.to_crs(32651).geometry.reset_index(drop=True)
    there = found.to_crs(32651).geometry
    assert len(there[0].interiors if there[0].geom_type == "Polygon" else []) == 1
    # Half a metre along the edge of each.
    assert (here.symmetric_difference(there).area < 0.5 * here.length + 1).all()


def test_neighbours_meet_without_gap_at_every_zoom(areas) -> None:
    _, _, path = areas
    for zoom in range(10, tile_pyramid.LAST["area"] + 1):
        found = read(path, zoom, "area")
        polygons = found[found.geom_type != "Point"]
        whole = shapely.union_all(polygons.geometry.to_numpy())
        # Inside the outer edges, which move by up to half a quarter of a pixel.
        holes = shapely.box(121.4004, 31.1004, 121.4796, 31.1596).difference(whole)
        # GDAL's own rounding leaves lines of no width.
        assert holes.area == pytest.approx(0.003**2 * np.pi, rel=0.1), zoom


def test_an_area_too_small_to_be_seen_is_a_mark_until_it_can_be(areas) -> None:
    _, _, path = areas
    # 0.01 degrees are 2 pixels at zoom 8 and 7 at zoom 10; 5 m are none before the last zoom.
    for zoom, small in ((8, 49), (10, 1), (13, 1), (14, 0)):
        found = read(path, zoom, "area")
        marks = found[found.geom_type == "Point"]
        assert counted(marks) == small, zoom
        assert found[found.geom_type != "Point"]["mvt_id"].nunique() == 49 - small, zoom


def test_the_facts_of_a_feature_come_in_its_block(points) -> None:
    _, tiles, _ = points
    block = json.loads(gzip.decompress(tiles.facts(300 // tile_files.BLOCK)))
    assert block[300 % tile_files.BLOCK] == {
        "id": "p300",
        "name": "点300",
        "lines": [["编号", "300"]],
    }
    assert tiles.facts(10_000) is None


def test_a_set_says_what_it_holds_and_has_no_tile_elsewhere(points) -> None:
    _, tiles, _ = points
    about = tiles.about()
    assert about["state"] == "ready"
    assert about["keys"] == ["a", "b"]
    assert about["features"] == 5000
    assert tiles.tile(8, 214, 104) is not None
    assert tiles.tile(8, 0, 0) is None
    assert tiles.tile(8, 999, 0) is None


def test_a_view_of_100_000_points_takes_at_most_200_kb_at_any_zoom(tmp_path) -> None:
    part = points_part(100_000)
    sizes: dict[tuple[int, int, int], int] = {}
    for tile, content in tile_pyramid.tiles(tile_sets.source_of(part).features):
        sizes[tile] = len(gzip.compress(content, 6, mtime=0))
    assert {zoom for zoom, _, _ in sizes} == set(range(8, 16))
    for zoom, west, north in sizes:
        # A map of 960 × 760 pixels and a tenth around it, at the widest that a zoom is shown.
        view = [(zoom, west + x, north + y) for x in range(6) for y in range(5)]
        assert sum(sizes.get(one, 0) for one in view) <= 200_000


def test_the_same_part_has_the_same_digest_and_another_text_another() -> None:
    part = points_part(10)
    again, other = points_part(10), points_part(10)
    other.frame.loc["p3", "name"] = "另一处"
    digests = [tile_sets.source_of(one).digest for one in (part, again, other)]
    assert digests[0] == digests[1] != digests[2]


def test_a_set_is_made_once_by_a_process_of_its_own(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(tile_sets.CACHE_VARIABLE, str(tmp_path))
    source = tile_sets.source_of(points_part(50))
    first = tile_sets.begin(source)
    assert first.about()["state"] in ("making", "ready")
    assert first.wait(60)
    assert first.about()["state"] == "ready"
    assert [one.name for one in (tmp_path / "tiles").iterdir()] == [source.digest]
    second = tile_sets.begin(source)
    assert second.about()["state"] == "ready"
    assert second.tile(8, 214, 104) == first.tile(8, 214, 104)


def test_a_set_that_cannot_be_made_says_so_and_leaves_nothing(tmp_path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "input.json").write_text("broken")
    with pytest.raises(json.JSONDecodeError):
        tile_job.main(str(work), str(tmp_path / "place"))
    assert list(tmp_path.iterdir()) == []
    assert TileSet("x", tmp_path / "place").about() == {"state": "failed"}


def test_old_sets_go_first_and_unfinished_ones_after_a_day(tmp_path) -> None:
    for name, seen in (("old", 1_000), ("new", 2_000)):
        (tmp_path / name).mkdir()
        (tmp_path / name / tile_files.ABOUT).write_text("x" * 100)
        os.utime(tmp_path / name / tile_files.ABOUT, (seen, seen))
    (tmp_path / "half").mkdir()
    os.utime(tmp_path / "half", (0, 0))
    tile_files.clean(tmp_path, keep=150, now=3_000)
    assert {one.name for one in tmp_path.iterdir()} == {"new", "half"}
    tile_files.clean(tmp_path, keep=150, now=100_000)
    assert {one.name for one in tmp_path.iterdir()} == {"new"}


@given(st.lists(st.integers(0, 2**40), max_size=30))
def test_whole_numbers_survive_as_varints(numbers: list[int]) -> None:
    content = vector_tiles.varints(np.array(numbers, dtype=np.uint64))
    found, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append(value)
            value = shift = 0
    assert found == numbers


@given(st.integers(1, 300), st.integers(0, 5))
def test_no_point_is_lost_at_any_zoom(count: int, seed: int) -> None:
    part = points_part(count, seed)
    features = tile_sets.source_of(part).features
    units = np.floor(shapely.get_coordinates(tile_pyramid.to_units(features.shapes, 10)))
    marks = tile_pyramid._merged(units.astype(np.int64), np.arange(count), features, 16)
    assert int(marks.counts.sum()) == count
    assert len(set(marks.ids.tolist())) == len(marks.ids)


def test_web_mercator_begins_in_the_north_west() -> None:
    corners = shapely.points([[-180.0, 85.0511287798], [0.0, 0.0], [121.5, 31.2]])
    units = shapely.get_coordinates(tile_pyramid.to_units(corners, 0))
    assert units[0] == pytest.approx([0, 0], abs=1e-5)
    assert units[1] == pytest.approx([2048, 2048])
    # 121.5 / 360 + 0.5 and the tables of zoom 8: column 214, row 104.
    assert (units[2] * 2**8 // 4096).tolist() == [214, 104]


def test_features_without_shapes_make_no_tiles() -> None:
    none = np.array([], dtype=object)
    assert list(tile_pyramid.tiles(Features("area", none, np.array([], dtype=np.int64)))) == []
