"""The path network on maps drawn by hand: junctions, bridges, gates, walks cut in the middle."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import networkx
import numpy as np
import pytest
import shapely
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from bsh_geo import given, paths, walks
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.errors import DataError

# A river runs north between x = 100 and x = 200, with a street on each bank and one bridge:
#
#     (50, 1000) ──── bridge, 200 m ──── (250, 1000)
#         │                                  │
#         │ 1000 m          river            │ 1000 m
#         │                                  │
#      (50, 0)                           (250, 0)
WEST = LineString([(50, 0), (50, 1000)])
EAST = LineString([(250, 0), (250, 1000)])
BRIDGE = LineString([(50, 1000), (250, 1000)])


def ways(*lines: LineString, **columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(lines), crs=MEASURE)


def net(*lines: LineString, **columns: list[str]) -> paths.Network:
    return paths.network(ways(*lines, **columns))


def doors(network: paths.Network, *places: object, snap: float = 200.0) -> walks.Gates:
    ids = [f"p{at}" for at in range(len(places))]
    series = gpd.GeoSeries(list(places), index=ids, crs=MEASURE)
    return walks.gates(network, series, snap, 30)


def distance_to(network: paths.Network, found: walks.Gates, x: float, y: float) -> float:
    at = int(np.hypot(network.nodes[:, 0] - x, network.nodes[:, 1] - y).argmin())
    return float(walks.distances(network, found, 1e6)[at])


def whole(areas: gpd.GeoSeries) -> shapely.Geometry:
    return areas.union_all()


def test_a_river_is_crossed_by_its_bridge_only() -> None:
    network = net(WEST, EAST, BRIDGE)
    found = doors(network, Point(50, 0))
    # Straight across it is 200 m; on foot 1000 + 200 + 1000.
    assert distance_to(network, found, 250, 0) == 2200
    assert walks.reached(network, found, 1500).length_m == 1500


def test_without_the_bridge_the_other_bank_is_not_reached() -> None:
    network = net(WEST, EAST)
    found = doors(network, Point(50, 0))
    assert network.components == 2
    assert distance_to(network, found, 250, 0) == np.inf
    assert walks.reached(network, found, 5000).length_m == 1000


def test_a_walk_is_cut_in_the_middle_of_a_way() -> None:
    network = net(LineString([(0, 0), (1000, 0)]))
    pieces = walks.reached(network, doors(network, Point(0, 0)), 300)
    assert (pieces.start.tolist(), pieces.end.tolist()) == ([0.0], [300.0])
    (line,) = walks.lines_of(network, pieces)
    assert line.equals(LineString([(0, 0), (300, 0)]))


def test_a_way_reached_from_both_ends_is_left_out_in_its_middle() -> None:
    network = net(LineString([(0, 0), (1000, 0)]))
    pieces = walks.reached(network, doors(network, Point(0, 0), Point(1000, 0)), 300)
    assert list(zip(pieces.start, pieces.end, strict=True)) == [(0.0, 300.0), (700.0, 1000.0)]
    assert walks.reached(network, doors(network, Point(0, 0), Point(1000, 0)), 500).length_m == 1000


def test_a_park_in_the_middle_of_a_way_is_walked_from_to_both_sides() -> None:
    network = net(LineString([(0, 0), (1000, 0)]))
    found = doors(network, Point(400, 100))
    assert (found.along.tolist(), found.gap.tolist()) == ([400.0], [100.0])
    pieces = walks.reached(network, found, 300)
    # 100 m to the way, 200 m along it.
    assert list(zip(pieces.start, pieces.end, strict=True)) == [(200.0, 600.0)]


def test_a_park_on_a_junction_reaches_into_every_way_there() -> None:
    arms = [LineString([(0, 0), end]) for end in ((500, 0), (-500, 0), (0, 500), (0, -500))]
    network = net(*arms)
    found = doors(network, Point(0, 0))
    assert found.gap.tolist() == [0.0]
    assert walks.reached(network, found, 120).length_m == pytest.approx(480)


def test_a_dead_end_is_reached_to_its_end_and_no_further() -> None:
    network = net(LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 50)]))
    assert walks.reached(network, doors(network, Point(0, 0)), 400).length_m == 150


def test_the_direction_of_a_way_does_not_matter() -> None:
    back = net(LineString(WEST.coords[::-1]), EAST, LineString(BRIDGE.coords[::-1]))
    oneway = net(WEST, EAST, BRIDGE, oneway=["yes", "yes", "yes"])
    for network in (back, oneway):
        assert distance_to(network, doors(network, Point(50, 0)), 250, 0) == 2200


def test_the_shortest_of_parallel_ways_counts() -> None:
    network = net(
        LineString([(0, 0), (0, 300), (400, 300), (400, 0)]), LineString([(0, 0), (400, 0)])
    )
    assert len(network.ends) == 2
    assert distance_to(network, doors(network, Point(0, 0)), 400, 0) == 400


def test_ways_meet_at_a_vertex_that_both_have() -> None:
    network = net(
        LineString([(0, 0), (100, 0), (200, 0)]), LineString([(100, -100), (100, 0), (100, 100)])
    )
    assert len(network.nodes) == 5
    assert len(network.ends) == 4
    assert distance_to(network, doors(network, Point(0, 0)), 100, 100) == 200


def test_ways_that_cross_without_a_shared_vertex_do_not_meet() -> None:
    lines = (LineString([(0, 0), (200, 0)]), LineString([(100, -100), (100, 100)]))
    assert net(*lines).components == 2
    joined = paths.network(ways(*lines), crossings=True)
    assert joined.components == 1
    assert distance_to(joined, doors(joined, Point(0, 0)), 100, 100) == 200


def test_a_bridge_passes_over_a_street_even_where_crossings_are_junctions() -> None:
    lines = (LineString([(0, 0), (200, 0)]), LineString([(100, -100), (100, 100)]))
    assert paths.network(ways(*lines, bridge=["no", "yes"]), crossings=True).components == 2
    assert paths.network(ways(*lines, layer=["0", "1"]), crossings=True).components == 2
    assert paths.network(ways(*lines, bridge=["no", "no"]), crossings=True).components == 1


def test_a_way_that_crosses_itself_at_a_vertex_meets_itself() -> None:
    network = net(LineString([(0, 0), (100, 0), (100, 100), (50, 100), (50, 0), (50, -80)]))
    assert distance_to(network, doors(network, Point(0, 0)), 50, -80) == pytest.approx(430)
    looped = net(LineString([(0, 0), (50, 0), (100, 0), (100, 100), (50, 100), (50, 0), (50, -80)]))
    assert distance_to(looped, doors(looped, Point(0, 0)), 50, -80) == 130


def test_motorways_and_closed_ways_are_not_walked() -> None:
    lines = [LineString([(0, at), (100, at)]) for at in range(6)]
    network = net(
        *lines,
        highway=["footway", "motorway", "residential", "service", "construction", "service"],
        foot=["", "", "no", "yes", "", ""],
        access=["", "", "", "private", "", "private"],
    )
    assert (network.read, network.left_out) == (6, 4)
    assert network.lengths.tolist() == [100, 100]


def test_lines_of_a_map_that_are_no_ways_are_not_walked() -> None:
    lines = [LineString([(0, at), (100, at)]) for at in range(3)]
    network = net(
        *lines,
        highway=["path", "", ""],
        other_tags=['"foot"=>"yes"', '"waterway"=>"river"', '"barrier"=>"wall"'],
    )
    assert network.left_out == 2
    with pytest.raises(DataError) as raised:
        paths.network(ways(lines[0], highway=["motorway"]), "roads.gpkg")
    assert "roads.gpkg" in raised.value.zh
    assert "walk" in raised.value.en


def test_a_park_further_from_every_way_than_the_setting_is_named() -> None:
    network = net(LineString([(0, 0), (1000, 0)]))
    found = doors(network, Point(0, 150), Point(0, 250))
    assert found.off == ("p1",)
    assert found.park.tolist() == ["p0"]


def test_the_gates_of_a_shape_are_the_junctions_near_it_and_where_ways_enter() -> None:
    park = box(100, -50, 200, 50)
    through = LineString([(0, 0), (300, 0)])
    past = LineString([(0, 70), (150, 70), (300, 70)])
    cul = LineString([(150, 70), (150, 200)])
    network = net(through, past, cul)
    found = doors(network, park)
    places = {
        (round(x), round(y)): gap
        for edge, along, gap in zip(found.edge, found.along, found.gap, strict=True)
        for x, y in [network.lines[edge].interpolate(along).coords[0]]
    }
    # The street enters at x = 100 and x = 200; the junction at (150, 70) is 20 m off.
    assert places == {(100, 0): 0, (200, 0): 0, (150, 70): 20}
    pieces = walks.reached(network, found, 60)
    # 60 m to both sides of the park and the 100 m within it, and 40 m into three ways.
    assert pieces.length_m == pytest.approx(60 + 100 + 60 + 3 * 40)


def test_a_shape_that_no_way_comes_near_is_joined_to_the_nearest_one() -> None:
    network = net(LineString([(0, 0), (1000, 0)]))
    found = doors(network, box(400, 100, 500, 200))
    assert found.gap.tolist() == [100]
    assert 400 <= found.along[0] <= 500


def test_the_corridor_of_a_straight_way_has_the_area_of_a_stadium() -> None:
    network = net(LineString([(-1000, 0), (1000, 0)]))
    area = whole(walks.corridor(network, doors(network, Point(0, 0)), 500, 50, None))
    # 450 m along the way to both sides, and the last 50 m in any direction: to 500 m in all.
    assert area.area == pytest.approx(900 * 100 + np.pi * 50**2, rel=0.001)
    assert area.bounds == pytest.approx((-500, -50, 500, 50))


def test_a_band_narrower_than_the_width_is_halved_between_way_and_side() -> None:
    network = net(LineString([(-1000, 0), (1000, 0)]))
    area = whole(walks.corridor(network, doors(network, Point(0, 0)), 30, 50, None))
    assert area.area == pytest.approx(30 * 30 + np.pi * 15**2, rel=0.01)
    assert area.bounds == pytest.approx((-30, -15, 30, 15))


def test_a_barrier_cuts_what_lies_off_the_ways_behind_it() -> None:
    network = net(LineString([(-1000, 0), (1000, 0)]))
    canal = gpd.GeoSeries([box(-1000, 20, 1000, 30)], crs=MEASURE)
    found = doors(network, Point(0, 0))
    area = whole(walks.corridor(network, found, 500, 50, canal))
    assert area.bounds[1] == pytest.approx(-50)
    assert area.bounds[3] == pytest.approx(20)


def test_a_network_that_nothing_reaches_gives_no_area() -> None:
    network = net(WEST)
    found = doors(network, Point(5000, 0))
    assert found.off == ("p0",)
    assert len(walks.corridor(network, found, 500, 50, None)) == 0


COORDINATE = st.integers(-8, 8).map(lambda one: one * 60.0)
PLACE = st.tuples(COORDINATE, COORDINATE)
LINES = st.lists(st.lists(PLACE, min_size=2, max_size=5, unique=True), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@drawn(lines=LINES, places=st.lists(PLACE, min_size=1, max_size=3), band=st.integers(60, 700))
def test_what_is_reached_on_foot_lies_within_the_straight_line_circle(
    lines: list[list[tuple[float, float]]], places: list[tuple[float, float]], band: int
) -> None:
    network = net(*map(LineString, lines))
    points = [Point(x + 7, y - 11) for x, y in places]
    found = doors(network, *points)
    discs = shapely.union_all(shapely.buffer(points, band + 0.01, quad_segs=256))
    reached = shapely.union_all(walks.lines_of(network, walks.reached(network, found, band)))
    assert reached.difference(discs).length < 1e-6
    areas = whole(walks.corridor(network, found, band, 50, None))
    assert areas.difference(discs).area < 0.5


@settings(max_examples=60, deadline=None)
@drawn(lines=LINES, places=st.lists(PLACE, min_size=2, max_size=4), band=st.integers(60, 700))
def test_another_park_never_lowers_what_is_reached(
    lines: list[list[tuple[float, float]]], places: list[tuple[float, float]], band: int
) -> None:
    network = net(*map(LineString, lines))
    points = [Point(x + 7, y - 11) for x, y in places]
    fewer, more = doors(network, *points[:-1]), doors(network, *points)
    less = walks.reached(network, fewer, band).length_m
    assert walks.reached(network, more, band).length_m >= less - 1e-6
    area = whole(walks.corridor(network, fewer, band, 50, None))
    larger = whole(walks.corridor(network, more, band, 50, None))
    assert area.difference(larger).area < 1e-3


@settings(max_examples=60, deadline=None)
@drawn(lines=LINES, places=st.lists(PLACE, min_size=1, max_size=3))
def test_distances_are_those_of_networkx(
    lines: list[list[tuple[float, float]]], places: list[tuple[float, float]]
) -> None:
    network = net(*map(LineString, lines))
    found = doors(network, *[Point(x + 7, y - 11) for x, y in places])
    peer = networkx.Graph()
    peer.add_nodes_from(range(len(network.nodes)))
    for (first, second), length in zip(network.ends.tolist(), network.lengths, strict=True):
        known = peer.get_edge_data(first, second, {"weight": np.inf})["weight"]
        peer.add_edge(first, second, weight=min(length, known))
    for edge, along, gap in zip(found.edge, found.along, found.gap, strict=True):
        for node, rest in zip(
            network.ends[edge].tolist(), (along, network.lengths[edge] - along), strict=True
        ):
            known = peer.get_edge_data("park", node, {"weight": np.inf})["weight"]
            peer.add_edge("park", node, weight=min(gap + rest, known))
    expected = networkx.single_source_dijkstra_path_length(peer, "park") if len(found.park) else {}
    ours = walks.distances(network, found, 1e9)
    assert ours == pytest.approx([expected.get(at, np.inf) for at in range(len(ours))])


def test_a_geojson_and_a_geopackage_of_ways_give_one_network(tmp_path: Path) -> None:
    lines = ways(WEST, EAST, BRIDGE).to_crs(DISPLAY)
    for name in ("ways.geojson", "ways.gpkg"):
        lines.to_file(tmp_path / name)
        network = paths.network(given.shapes(tmp_path / name, name, "line"))
        assert len(network.nodes) == 4
        assert network.lengths.sum() == pytest.approx(2200, rel=1e-4)


OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6" generator="hand">
 <node id="1" lat="31.2300" lon="121.4700" version="1"/>
 <node id="2" lat="31.2310" lon="121.4700" version="1"/>
 <node id="3" lat="31.2320" lon="121.4700" version="1"/>
 <node id="4" lat="31.2310" lon="121.4710" version="1"/>
 <node id="5" lat="31.2320" lon="121.4710" version="1"/>
 <way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
  <tag k="highway" v="footway"/></way>
 <way id="11" version="1"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
 <way id="12" version="1"><nd ref="4"/><nd ref="5"/><tag k="highway" v="motorway"/></way>
 <way id="13" version="1"><nd ref="1"/><nd ref="4"/><tag k="waterway" v="canal"/></way>
 <way id="14" version="1"><nd ref="3"/><nd ref="5"/>
  <tag k="highway" v="path"/><tag k="foot" v="no"/></way>
</osm>
"""


def test_an_osm_extract_is_read_with_its_tags(tmp_path: Path) -> None:
    path = tmp_path / "ways.osm"
    path.write_text(OSM, encoding="utf-8")
    network = paths.network(given.shapes(path, path.name, "line"))
    # The footway, cut where the street joins it, and the street.
    assert len(network.ends) == 3
    assert network.components == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("gone.gpkg", None, "缺少文件"),
        ("ways.vrt", b"<OGRVRTDataSource/>", "可读的格式"),
        ("ways.gpkg", b"<OGRVRTDataSource/>", "可读的格式"),
        ("ways.geojson", b"[1, 2", "可读的格式"),
        ("ways.osm", b"<html></html>", "可读的格式"),
        ("ways.gpkg", b"SQLite format 3\0" + b"\0" * 200, "损坏"),
        ("points.geojson", "points", "没有线"),
        ("paris.geojson", "paris", "没有重叠"),
        ("swapped.geojson", "swapped", "没有重叠"),
    ],
)
def test_a_file_that_is_no_network_of_the_city_is_told_in_a_sentence(
    tmp_path: Path, name: str, content: bytes | str | None, told: str
) -> None:
    shapes = {
        "points": {"type": "Point", "coordinates": [121.47, 31.23]},
        "paris": {"type": "LineString", "coordinates": [[2.3, 48.8], [2.4, 48.9]]},
        "swapped": {"type": "LineString", "coordinates": [[31.2, 121.4], [31.3, 121.5]]},
    }
    path = tmp_path / name
    if isinstance(content, str):
        feature = {"type": "Feature", "properties": {}, "geometry": shapes[content]}
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        given.shapes(path, name, "line")
    assert told in raised.value.zh
    assert name in raised.value.en


def test_a_file_without_a_crs_is_refused(tmp_path: Path) -> None:
    bare = gpd.GeoDataFrame(geometry=[WEST])
    with pytest.warns(UserWarning, match="crs"):
        bare.to_file(tmp_path / "bare.gpkg")
    with pytest.raises(DataError, match="没有坐标系"):
        given.shapes(tmp_path / "bare.gpkg", "bare.gpkg", "line")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "ways.gpkg"
    for number, lines in enumerate(([WEST], [WEST, EAST, BRIDGE])):
        path.unlink(missing_ok=True)
        ways(*lines).to_file(path)
        network = paths.load(path, path.name, "pass", (number, number))
        assert len(network.ends) == len(lines)
