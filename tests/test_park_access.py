"""Who reaches a park, on a toy city by hand: shares, blind spots, a new park, heads."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from conftest import OwnProject
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, Point, Polygon
from test_parks import CIRCLE_KM2, EAST, MIDDLE, WEST, city

from bsh_geo import (
    check,
    park_access,
    park_gaps,
    park_map,
    park_people,
    park_report,
    park_words,
    parks,
)
from bsh_geo.areas import Selection
from bsh_geo.crs import DISPLAY, displayed, measured
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.park_access import Band, Basis
from bsh_geo.project import Project

LAND_KM2 = abs(Geod(ellps="GRS80").geometry_area_perimeter(WEST)[0]) / 1e6
"""Of each of the two districts: about 16.9 km²."""

BOW = Polygon([(121.47, 31.19), (121.48, 31.21), (121.48, 31.19), (121.47, 31.21)])
"""It crosses itself."""

HALF_KM = Band("500m", 500.0)


def residents(own: OwnProject, west: float, east: float, **more: str) -> None:
    """Counts for the two districts, named in the project's config."""
    frame = gpd.GeoDataFrame({"population": [west, east]}, geometry=[WEST, EAST], crs=DISPLAY)
    (own.root / "given").mkdir(exist_ok=True)
    frame.to_file(own.root / "given" / "people.gpkg")
    table = {"file": "given/people.gpkg", "year": "2020", **more}
    config(own, "residents", **table)


def config(own: OwnProject, table: str, **values: object) -> None:
    path = own.root / "config.toml"
    before = path.read_text("utf-8") if path.exists() else ""
    lines = [f"{name} = {value!r}" for name, value in values.items()]
    own.write("config.toml", before + "\n".join([f"[{table}]", *lines]) + "\n")


def network(own: OwnProject, *lines: LineString) -> None:
    """Ways in degrees, named in the project's config."""
    (own.root / "given").mkdir(exist_ok=True)
    frame = gpd.GeoDataFrame(geometry=list(lines), crs=DISPLAY)
    frame.to_file(own.root / "given" / "ways.gpkg")
    config(own, "paths", file="given/ways.gpkg")


def square(middle: tuple[float, float], side_m: float) -> Polygon:
    shape = measured(Point(middle)).buffer(side_m / 2, cap_style="square")
    found = displayed(shape)
    assert isinstance(found, Polygon)
    return found


@pytest.mark.parametrize(
    ("text", "metres", "minutes", "key"),
    [
        ("size", None, None, "size"),
        ("300m", 300, None, "300m"),
        ("500 M", 500, None, "500m"),
        ("5min", 360, 5, "5min"),
        ("15分钟", 1080, 15, "15min"),
        ("500米", 500, None, "500m"),
        ("2.5min", 180, 2.5, "2.5min"),
    ],
)
def test_a_band_is_a_size_a_distance_or_a_walk(
    text: str, metres: float | None, minutes: float | None, key: str
) -> None:
    assert park_access.band(text, 1.2) == Band(key, metres, minutes)


@pytest.mark.parametrize("text", ["", "far", "0m", "-5min", "9km", "6000m", "80min", "5"])
def test_what_is_no_band_is_told_with_an_example(text: str) -> None:
    with pytest.raises(UnknownNameError) as raised:
        park_access.band(text, 1.2)
    assert "500m" in raised.value.zh
    assert "5min" in raised.value.en


def test_minutes_follow_the_walking_speed() -> None:
    assert park_access.band("5min", 1.0).metres == 300
    assert park_access.band("15min", 1.5).metres == 1350


def test_shares_of_land_of_districts_groups_and_the_city(own_project: OwnProject) -> None:
    of = park_access.basis(city(own_project, MIDDLE))
    rows = park_access.shares(of, HALF_KM)
    share = CIRCLE_KM2 / LAND_KM2 * 100
    assert rows.at["310101", "land_share"] == pytest.approx(share, rel=0.005)
    assert rows.at["310104", "land_share"] == 0
    assert rows.at["310000", "land_share"] == pytest.approx(share / 2, rel=0.005)
    # The toy city has two districts of the central city's seven.
    assert rows.at["central", "land_share"] == pytest.approx(share / 2, rel=0.005)
    assert rows["people_share"].isna().all()
    assert list(rows["level"].drop_duplicates()) == ["city", "group", "district"]


def test_a_district_without_ways_is_said_not_to_be_measured(own_project: OwnProject) -> None:
    network(own_project, LineString([(121.47, 31.2), (121.49, 31.2)]))
    of = park_access.basis(city(own_project, MIDDLE))
    assert park_access.without_ways(of) == ("310104",)
    told = " ".join(park_words.method(of, HALF_KM, "zh"))
    assert "道路文件中没有这些区的道路，其 0 不是量得的，含它们的合计偏低：徐汇区。" in told
    rows = park_report.shares(of, HALF_KM, "en").shown.set_index("Area")
    assert rows.at["Xuhui", "Note"].endswith("its 0 is not measured.")
    assert rows.at["Huangpu", "Note"] == ""
    assert park_access.without_ways(park_access.straight(of)) == ()


def test_shares_of_residents_are_those_of_people_not_of_land(own_project: OwnProject) -> None:
    residents(own_project, 100_000, 300_000)
    of = park_access.basis(city(own_project, MIDDLE))
    rows = park_access.shares(of, HALF_KM)
    covered = CIRCLE_KM2 / LAND_KM2 * 100_000
    assert rows.at["310101", "people"] == pytest.approx(100_000, rel=1e-3)
    assert rows.at["310101", "people_covered"] == pytest.approx(covered, rel=0.005)
    assert rows.at["310000", "people_share"] == pytest.approx(covered / 400_000 * 100, rel=0.005)
    assert rows.at["310104", "people_share"] == 0


def test_a_group_that_takes_parts_of_districts_says_so(project: Project) -> None:
    of = park_access.basis(project)
    rows = park_access.shares(of, HALF_KM)
    assert rows.index[rows["in_part"]].tolist() == ["new_towns", "hongqiao"]
    shown = park_report.shares(of, HALF_KM, "zh").shown
    assert "全域" in shown.loc[shown["区域"] == "五个新城", "备注"].item()


def test_the_size_band_is_that_of_the_map(project: Project) -> None:
    of = park_access.basis(project)
    rows = park_access.shares(of, Band("size", None))
    share = parks.land_share(project)["value"]
    assert rows.loc[share.index, "land_share"].tolist() == pytest.approx(share.tolist())


def test_on_foot_less_is_reached_than_in_a_straight_line(own_project: OwnProject) -> None:
    straight = park_access.basis(city(own_project, MIDDLE))
    network(own_project, LineString([(121.47, 31.20), (121.49, 31.20)]))
    on_foot = park_access.basis(own_project.open())
    assert on_foot.on_foot
    walked = park_access.reach(on_foot, HALF_KM).areas
    # 450 m of street to both sides and the last 50 m in any direction.
    expected = (900 * 100 + math.pi * 50**2) / 1e6
    assert walked.at["310101", "covered_km2"] == pytest.approx(expected, rel=0.005)
    circle = park_access.reach(straight, HALF_KM).areas.geometry.loc["310101"]
    assert walked.geometry.loc["310101"].difference(circle).area < 5


def test_by_size_each_park_is_walked_from_as_far_as_its_size_says(own_project: OwnProject) -> None:
    project = city(own_project, MIDDLE, (121.52, 31.20))
    text = (own_project.root / "data/parks/parks.csv").read_text("utf-8")
    own_project.write("data/parks/parks.csv", text.replace("31.2,A,,", "31.2,A,0.3,", 1))
    streets = [LineString([(x - 0.01, 31.20), (x + 0.01, 31.20)]) for x in (121.48, 121.52)]
    network(own_project, *streets)
    project = own_project.open()
    found = park_access.reach(park_access.basis(project), Band("size", None)).areas["covered_km2"]
    cap = math.pi * 50**2
    assert found["310101"] == pytest.approx((500 * 100 + cap) / 1e6, rel=0.005)
    assert found["310104"] == pytest.approx((900 * 100 + cap) / 1e6, rel=0.005)


def test_a_park_away_from_every_way_is_counted_as_such(own_project: OwnProject) -> None:
    city(own_project, MIDDLE, (121.52, 31.20))
    network(own_project, LineString([(121.47, 31.20), (121.49, 31.20)]))
    of = park_access.basis(own_project.open())
    assert park_access.reach(of, HALF_KM).off == ("p1",)
    assert any("1 座公园附近没有路" in text for text in park_words.method(of, HALF_KM, "zh"))
    assert any("1 parks have none" in text for text in park_words.method(of, HALF_KM, "en"))


def test_ways_that_no_park_is_near_to_are_refused(own_project: OwnProject) -> None:
    city(own_project, MIDDLE)
    network(own_project, LineString([(121.53, 31.19), (121.535, 31.19)]))
    with pytest.raises(DataError) as raised:
        park_access.check(park_access.basis(own_project.open()))
    assert "ways.gpkg" in raised.value.zh


def test_a_command_s_own_settings_take_the_place_of_the_project_s(own_project: OwnProject) -> None:
    city(own_project, MIDDLE)
    network(own_project, LineString([(121.47, 31.20), (121.49, 31.20)]))
    project = own_project.open()
    assert park_access.basis(project).walk.speed_m_s == 1.2
    changed = park_access.basis(project, speed_m_s=1.0, width_m=None, column="n")
    assert (changed.walk.speed_m_s, changed.walk.width_m) == (1.0, 50)
    assert changed.living.column == "n"


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("paths", {"file": "given/ways.gpkg", "speed": 1.2}),
        ("paths", {"speed_m_s": 0}),
        ("paths", {"crossings": "maybe"}),
        ("residents", {"file": "given/people.gpkg", "colum": "n"}),
    ],
)
def test_settings_of_the_project_are_a_closed_schema(
    own_project: OwnProject, table: str, values: dict[str, object]
) -> None:
    config(own_project, table, **values)
    with pytest.raises(DataError) as raised:
        park_access.basis(own_project.open())
    assert f"config.toml [{table}]" in raised.value.zh


def test_a_file_that_the_project_names_must_be_there(own_project: OwnProject) -> None:
    config(own_project, "paths", file="given/gone.gpkg")
    with pytest.raises(DataError) as raised:
        park_access.basis(own_project.open())
    assert "given/gone.gpkg" in raised.value.zh
    with pytest.raises(DataError, match="/nowhere/ways"):
        park_access.basis(own_project.open(), "/nowhere/ways.gpkg")


def test_blind_spots_and_what_is_reached_are_all_the_land(own_project: OwnProject) -> None:
    of = park_access.basis(city(own_project, MIDDLE))
    found = park_gaps.gaps(of, HALF_KM, (), 0.0, 0.0)
    covered = park_access.reach(of, HALF_KM).areas["covered_km2"].sum()
    whole = parks.land(of.project)["land_km2"].sum()
    assert found.patches.area.sum() / 1e6 + covered == pytest.approx(whole, rel=1e-9)
    assert found.patches["adcode"].tolist() == ["310104", "310101"]  # the larger one first
    assert (found.by, found.within, found.dropped) == ("area", "land", 0)
    assert found.patches.index.tolist() == [1, 2]
    assert found.patches["people"].isna().all()


def test_squares_cut_blind_spots_without_losing_or_doubling_any(own_project: OwnProject) -> None:
    of = park_access.basis(city(own_project, MIDDLE))
    whole = park_gaps.gaps(of, HALF_KM, (), 0.0, 0.0).patches
    cut = park_gaps.gaps(of, HALF_KM, (), 0.0, 1000.0).patches
    assert len(cut) > 30
    assert cut.area.sum() == pytest.approx(whole.area.sum(), rel=1e-9)
    assert cut.area.max() <= 1e6 + 1e-3
    assert cut.union_all().area == pytest.approx(cut.area.sum(), rel=1e-9)


def test_small_blind_spots_are_left_out_and_said(own_project: OwnProject) -> None:
    of = park_access.basis(city(own_project, MIDDLE))
    every = park_gaps.gaps(of, HALF_KM, (), 0.0, 1000.0).patches
    found = park_gaps.gaps(of, HALF_KM, (), 60.0, 1000.0)
    small = every[every["area_ha"] < 60]
    assert len(small) > 0
    assert found.dropped == len(small)
    assert found.dropped_km2 == pytest.approx(small["area_ha"].sum() / 100)
    assert f" {len(small)} 块" in park_words.gap_method(found, 60, 1000, "zh")


def test_blind_spots_are_ranked_by_residents_where_they_are_given(own_project: OwnProject) -> None:
    residents(own_project, 1_000, 50_000)
    of = park_access.basis(city(own_project, MIDDLE))
    found = park_gaps.gaps(of, HALF_KM, (), 1.0, 0.0)
    assert (found.by, found.within) == ("people", "inhabited")
    assert found.patches["adcode"].tolist() == ["310104", "310101"]
    assert found.patches["people"].iloc[0] == pytest.approx(50_000, rel=1e-3)
    left = 1_000 * (1 - CIRCLE_KM2 / LAND_KM2)
    assert found.patches["people"].iloc[1] == pytest.approx(left, rel=0.005)


def test_where_nobody_lives_is_no_blind_spot_of_residents(own_project: OwnProject) -> None:
    residents(own_project, 1_000, 0)
    of = park_access.basis(city(own_project, MIDDLE))
    patches = park_gaps.gaps(of, HALF_KM, (), 1.0, 1000.0).patches
    assert set(patches["adcode"]) == {"310101"}


def test_given_residential_areas_limit_blind_spots(own_project: OwnProject) -> None:
    project = city(own_project, MIDDLE)
    home, served = square((121.52, 31.20), 200), square(MIDDLE, 200)
    path = own_project.root / "homes.gpkg"
    gpd.GeoDataFrame(geometry=[home, served], crs=DISPLAY).to_file(path)
    of = park_access.basis(project, homes="homes.gpkg")
    found = park_gaps.gaps(of, HALF_KM, (), 1.0, 0.0)
    assert (found.by, found.within) == ("area", "homes")
    (area,) = found.patches["area_ha"]
    assert area == pytest.approx(4.0, rel=1e-4)


def test_a_blind_spot_names_the_nearest_park(own_project: OwnProject) -> None:
    of = park_access.basis(city(own_project, MIDDLE, (121.46, 31.18)))
    patches = park_gaps.gaps(of, HALF_KM, ("310104",), 1.0, 0.0).patches
    (park,), (distance,) = patches["park"], patches["distance_m"]
    assert park == "p0"
    inside = measured(Point(patches["lon"].iloc[0], patches["lat"].iloc[0]))
    assert distance == pytest.approx(inside.distance(measured(Point(MIDDLE))), rel=1e-6)
    assert patches.geometry.iloc[0].contains(inside)


def test_a_new_park_away_from_others_adds_its_whole_circle(own_project: OwnProject) -> None:
    residents(own_project, 100_000, 300_000)
    of = park_access.basis(city(own_project, MIDDLE))
    found = park_gaps.probe(of, HALF_KM, Point(121.52, 31.20))
    assert found.added_km2 == pytest.approx(CIRCLE_KM2, rel=0.005)
    (row,) = found.rows.itertuples()
    assert row.Index == "310104"
    assert row.land_share == 0
    assert row.new_share == pytest.approx(CIRCLE_KM2 / LAND_KM2 * 100, rel=0.005)
    people = CIRCLE_KM2 / LAND_KM2 * 300_000
    assert found.people_added == pytest.approx(people, rel=0.005)
    assert found.new_city_share == pytest.approx(2 * found.city_share, rel=0.005)
    before = CIRCLE_KM2 / LAND_KM2 * 100_000
    assert found.new_city_people_share == pytest.approx((before + people) / 4_000, rel=0.005)


def test_a_new_park_where_one_is_adds_nothing(own_project: OwnProject) -> None:
    of = park_access.basis(city(own_project, MIDDLE))
    found = park_gaps.probe(of, HALF_KM, Point(MIDDLE))
    assert found.added_km2 == pytest.approx(0, abs=1e-9)
    assert "不增加覆盖" in park_words.probe_sentence(of, found, "zh")
    assert "nothing is added" in park_words.probe_sentence(of, found, "en")


def test_a_new_park_on_the_border_adds_to_both_districts(own_project: OwnProject) -> None:
    of = park_access.basis(city(own_project, (121.46, 31.18)))
    found = park_gaps.probe(of, HALF_KM, Point(121.50, 31.20))
    assert found.rows["added_km2"].tolist() == pytest.approx([CIRCLE_KM2 / 2] * 2, rel=0.005)
    said = park_words.probe_sentence(of, found, "zh")
    assert "黄浦区、徐汇区" in said
    assert "不估算居民" in said


def test_the_size_of_a_new_park_sets_its_radius(own_project: OwnProject) -> None:
    of = park_access.basis(city(own_project, MIDDLE))
    sizes = {None: 500, 0.3: 300, 0.5: 500}
    for size, radius in sizes.items():
        found = park_gaps.probe(of, Band("size", None), Point(121.52, 31.20), size)
        assert found.radius_m == radius
        assert found.added_km2 == pytest.approx(math.pi * (radius / 1000) ** 2, rel=0.005)


def test_a_new_park_given_as_an_area_serves_from_its_edge_by_its_own_size(
    own_project: OwnProject,
) -> None:
    of = park_access.basis(city(own_project, MIDDLE))
    found = park_gaps.probe(of, Band("size", None), square((121.52, 31.20), 40))
    assert found.area_ha == pytest.approx(0.16, rel=1e-3)
    assert found.radius_m == 300
    expected = (40 * 40 + 4 * 40 * 300 + math.pi * 300**2) / 1e6
    assert found.added_km2 == pytest.approx(expected, rel=0.005)


def test_a_new_park_on_foot_adds_what_is_walked_to(own_project: OwnProject) -> None:
    city(own_project, MIDDLE)
    lines = [LineString([(x - 0.01, 31.20), (x + 0.01, 31.20)]) for x in (121.48, 121.52)]
    network(own_project, *lines)
    of = park_access.basis(own_project.open())
    found = park_gaps.probe(of, HALF_KM, Point(121.52, 31.20))
    assert found.added_km2 == pytest.approx((900 * 100 + math.pi * 50**2) / 1e6, rel=0.005)
    nowhere = park_gaps.probe(of, HALF_KM, Point(121.52, 31.215))
    assert nowhere.off
    assert nowhere.added_km2 == 0
    assert "没有道路" in park_words.probe_sentence(of, nowhere, "zh")


@pytest.mark.parametrize(
    ("place", "size", "told"),
    [
        (Point(121.47, 30.0), None, "陆域"),
        (Point(31.2, 121.4), None, "陆域"),
        (Point(MIDDLE), -1.0, "大于 0"),
        (BOW, None, "无效"),
    ],
)  # fmt: skip
def test_a_new_park_that_cannot_be_is_told_in_a_sentence(
    own_project: OwnProject, place: shapely.Geometry, size: float | None, told: str
) -> None:
    of = park_access.basis(city(own_project, MIDDLE))
    with pytest.raises(DataError) as raised:
        park_gaps.probe(of, HALF_KM, place, size)
    assert told in raised.value.zh
    assert "。" not in raised.value.en


PLACES = st.tuples(st.floats(121.465, 121.535), st.floats(31.185, 31.215))


@settings(max_examples=12, deadline=None)
@drawn(old=st.lists(PLACES, min_size=1, max_size=4), new=PLACES, metres=st.integers(100, 1500))
def test_a_new_park_never_lowers_a_share_and_adds_no_more_than_its_disc(
    tmp_path_factory: pytest.TempPathFactory,
    old: list[tuple[float, float]],
    new: tuple[float, float],
    metres: int,
) -> None:
    def basis(*places: tuple[float, float]) -> Basis:
        root = tmp_path_factory.mktemp("own")
        (root / "data").mkdir()
        return park_access.basis(city(OwnProject(root), *places))

    wanted = Band(f"{metres}m", float(metres))
    of = basis(*old)
    before = park_access.shares(of, wanted)
    found = park_gaps.probe(of, wanted, Point(new))
    after = park_access.shares(basis(*old, new), wanted)
    rise = after["covered_km2"] - before["covered_km2"]
    assert (rise >= -1e-9).all()
    assert 0 <= found.added_km2 <= math.pi * (metres / 1000) ** 2 + 1e-9
    # The probe says beforehand what the table says afterwards.
    assert found.added_km2 == pytest.approx(rise["310000"], abs=1e-7)


def test_per_head_figures_name_whose_heads_and_when(project: Project) -> None:
    rows = park_people.per_head(project)
    huangpu = rows.loc["310101"]
    assert (huangpu["people"], huangpu["year"], huangpu["kind"]) == (503400, "2024", "published")
    jinshan = rows.loc["310116"]
    assert (jinshan["people"], jinshan["year"], jinshan["kind"]) == (822776, "2020", "census")
    # Seven districts' census figures: no years are mixed in a sum.
    assert rows.at["central", "people"] == 6_683_712
    assert rows.at["310000", "people"] == 24_870_895
    assert (rows.at["310000", "published_m2"], rows.at["310000", "published_period"]) == (
        9.5,
        "2025",
    )


def test_per_head_area_is_that_of_the_parks_whose_area_is_known(project: Project) -> None:
    rows = park_people.per_head(project)
    # 16.30 ha of 12 parks by 503,400 people.
    assert rows.at["310101", "with_area"] == 12
    assert rows.at["310101", "known_m2"] == pytest.approx(16.30 * 10_000 / 503_400, abs=5e-4)
    assert math.isnan(rows.at["310116", "known_m2"])
    assert rows.at["310000", "parks"] == 444
    assert rows.at["310000", "per_100k"] == pytest.approx(444 / 24_870_895 * 100_000)


def test_a_published_population_of_the_city_takes_the_place_of_the_census(
    own_project: OwnProject,
) -> None:
    name = "data/indicators/observations.csv"
    row = "population,310000,2024,24802600,人,xzqh-2025,published,stated,,\n"
    own_project.write(name, own_project.shipped(name) + row)
    rows = park_people.per_head(own_project.open())
    assert (rows.at["310000", "people"], rows.at["310000", "year"]) == (24_802_600, "2024")
    assert rows.at["310000", "kind"] == "published"


def test_the_method_says_what_is_not_there(project: Project) -> None:
    of = park_access.basis(project)
    zh = "".join(park_words.method(of, Band("size", None), "zh"))
    for words in ("444", "371", "89", "直线", "不估算覆盖居民", "等积投影", "推算", "条文未核到"):
        assert words in zh
    en = "".join(park_words.method(of, park_access.band("5min", 1.2), "en"))
    for words in ("444", "371", "89", "straight lines", "not estimated", "1.2 m/s", "derived"):
        assert words in en


def test_the_map_of_the_page_draws_what_is_measured(project: Project) -> None:
    of = park_access.basis(project)
    asked = park_map.Asked(of, HALF_KM, Selection(("310101",)), "zh")
    found = park_gaps.gaps(of, HALF_KM, ("310101",))
    probe = park_gaps.probe(of, HALF_KM, Point(121.50, 31.22))
    spec = park_map.build(asked, found, probe)
    drawn = {part.id: part for part in spec.parts}
    assert list(drawn) == ["service", "gaps", "parks", "probe-added", "probe-served", "probe"]
    row = park_access.shares(of, HALF_KM).loc["310101"]
    shown = parks.to_measure(drawn["service"].frame).area.sum() / 1e6
    assert shown == pytest.approx(row["covered_km2"], rel=0.01)
    spots = parks.to_measure(drawn["gaps"].frame).area.sum() / 1e6
    assert shown + spots + found.dropped_km2 == pytest.approx(row["land_km2"], rel=0.01)
    added = parks.to_measure(drawn["probe-added"].frame).area.sum() / 1e6
    assert added == pytest.approx(probe.added_km2, rel=0.02)
    assert spec.key is not None
    assert spec.key.value == f"{row['land_share']:.1f}"
    labels = [item.label for block in spec.legend for item in block.items]
    assert "拟建公园" in labels
    assert not any("覆盖率" in block.title for block in spec.legend)
    assert all(text in "".join(spec.notes) for text in ("直线", "等积投影"))


def test_the_map_names_residents_only_where_they_are_given(own_project: OwnProject) -> None:
    def figures() -> dict[str, str]:
        of = park_access.basis(own_project.open())
        spec = park_map.build(park_map.Asked(of, HALF_KM, Selection(("310101",)), "en"), None, None)
        return {one.label: one.note for one in spec.figures}

    assert "Share of residents" not in figures()
    residents(own_project, 100_000, 1)
    assert "weighted by area" in figures()["Share of residents"]


def test_a_project_without_a_service_part_is_told_so(own_project: OwnProject) -> None:
    own_project.change("layers/park_coverage.toml", 'kind = "service"', 'kind = "areas"')
    asked = park_map.Asked(park_access.basis(own_project.open()), HALF_KM, Selection(), "zh")
    with pytest.raises(BshError) as raised:
        park_map.build(asked, None, None)
    assert "service" in raised.value.zh


def test_the_targets_of_parks_stand_beside_the_figures(project: Project) -> None:
    def wanted(*codes: str) -> set[str]:
        asked = park_map.Asked(park_access.basis(project), HALF_KM, Selection(codes), "zh")
        return {f"{line.wording} {line.year}" for line in park_map.build(asked, None, None).targets}

    of_city = wanted()
    assert {"2000 座 2035", "> 13 m²/人 2035", "≥ 90 % 2030", "90 %左右 2035"} <= of_city
    assert "15 m²/人 2035" in wanted("310151")
    assert "9.75 m²/人 2026" in wanted("310116")


def test_reached_land_lies_within_the_land_and_the_circles(project: Project) -> None:
    of = park_access.basis(project)
    for key in ("300m", "15min"):
        found = park_access.reach(of, park_access.band(key, 1.2)).areas
        assert (found["covered_km2"] <= found["land_km2"]).all()
    near, far = (
        park_access.reach(of, park_access.band(key, 1.2)).areas["covered_km2"]
        for key in ("300m", "500m")
    )
    assert (near < far).all()


def test_files_of_the_project_are_found_in_its_folder(own_project: OwnProject) -> None:
    residents(own_project, 10, 10)
    of = park_access.basis(own_project.open())
    assert isinstance(of, Basis)
    assert of.people is not None
    assert of.people.path == (own_project.root / "given/people.gpkg").resolve()
    assert Path(of.people.shown).name == "people.gpkg"


def test_the_check_of_a_project_tells_a_network_that_cannot_be_used(
    own_project: OwnProject,
) -> None:
    own_project.write("ways.geojson", "{}")
    config(own_project, "paths", file="ways.geojson")
    faults = [one.zh for one in check.run_checks(own_project.open()).faults]
    assert any("ways.geojson" in fault for fault in faults)
