"""Points to districts by geometry, and figures to districts and stations."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point, box

from bsh_geo import catalogue, frames, join, within
from bsh_geo.areas import Selection
from bsh_geo.catalogue import Metric
from bsh_geo.crs import MEASURE
from bsh_geo.errors import DataError, LayerError
from bsh_geo.project import Project

# Two squares of 1 km that share the border x = 351,000 in UTM zone 51 (metres).
WEST = box(350_000, 3_450_000, 351_000, 3_451_000)
EAST = box(351_000, 3_450_000, 352_000, 3_451_000)


def squares(order: tuple[str, ...] = ("000001", "000002")) -> gpd.GeoDataFrame:
    shapes = {"000001": WEST, "000002": EAST}
    return gpd.GeoDataFrame(
        geometry=[shapes[code] for code in order], index=list(order), crs="EPSG:32651"
    )


def joined(*places: tuple[float, float]) -> pd.DataFrame:
    points = gpd.GeoDataFrame(geometry=[Point(place) for place in places], crs="EPSG:32651")
    return join.to_districts(points, squares())


def metric(project: Project, layer: str, metric_id: str) -> Metric:
    layers, _ = catalogue.load_layers(project)
    return layers[layer].metric(metric_id)


def test_a_point_inside_belongs_to_its_district() -> None:
    found = joined((351_500, 3_450_500)).iloc[0]
    assert (found["adcode"], found["how"], found["distance_m"]) == ("000002", "within", 0)


def test_a_point_150_m_outside_belongs_to_the_nearest_district_and_is_flagged() -> None:
    found = joined((349_850, 3_450_500)).iloc[0]
    assert (found["adcode"], found["how"]) == ("000001", "near")
    assert found["distance_m"] == pytest.approx(150, abs=0.5)


def test_a_point_300_m_outside_belongs_to_no_district() -> None:
    found = joined((349_700, 3_450_500)).iloc[0]
    assert found["adcode"] is None
    assert found["how"] == "outside"
    assert np.isnan(found["distance_m"])


@pytest.mark.parametrize("order", [("000001", "000002"), ("000002", "000001")])
def test_a_point_on_a_shared_border_belongs_to_the_lower_code(order: tuple[str, ...]) -> None:
    corner = gpd.GeoDataFrame(geometry=[Point(351_000, 3_451_000)], crs="EPSG:32651")
    found = join.to_districts(corner, squares(order)).iloc[0]
    assert (found["adcode"], found["how"]) == ("000001", "within")


def test_points_in_degrees_and_districts_in_metres_meet() -> None:
    points = gpd.GeoDataFrame(geometry=[Point(350_500, 3_450_500)], crs="EPSG:32651")
    found = join.to_districts(points.to_crs("EPSG:4326"), squares()).iloc[0]
    assert found["adcode"] == "000001"


def test_the_join_keeps_the_order_and_index_of_the_points() -> None:
    points = gpd.GeoDataFrame(
        geometry=[Point(351_500, 3_450_500), Point(340_000, 3_450_500), Point(350_500, 3_450_500)],
        index=["east", "far", "west"],
        crs="EPSG:32651",
    )
    found = join.to_districts(points, squares())
    assert found["adcode"].to_dict() == {"east": "000002", "far": None, "west": "000001"}


def test_the_joined_frames_are_left_as_they_were() -> None:
    points = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(1, 1)], crs="EPSG:32651")
    districts = squares()
    join.to_districts(points, districts)
    assert list(points.columns) == ["name", "geometry"]
    assert list(districts.columns) == ["geometry"]


def shipped_stations(project: Project) -> gpd.GeoDataFrame:
    return frames.points(project, "stations").set_index("code", drop=False)


def test_all_20_stations_lie_within_the_district_that_the_list_states(project: Project) -> None:
    stations = shipped_stations(project)
    found = join.to_districts(stations, frames.boundary(project, "districts"))
    assert len(found) == 20
    assert set(found["how"]) == {"within"}
    assert found["adcode"].to_dict() == stations["adcode"].to_dict()


def test_station_1147A_lies_in_jingan_but_its_gcj02_position_does_not(project: Project) -> None:
    station = shipped_stations(project).loc[["1147A"]]
    districts = frames.boundary(project, "districts")
    shifted = station.set_geometry(station.geometry.translate(0.0045, -0.0020))
    assert join.to_districts(station, districts)["adcode"].to_list() == ["310106"]
    assert join.to_districts(shifted, districts)["adcode"].to_list() != ["310106"]


def test_pudong_has_five_stations_and_the_reference_site_is_in_qingpu(project: Project) -> None:
    # 19 sites in the mean: four in 浦东新区, one in each of the other 15; and 1146A besides.
    everywhere = join.stations(project, Selection())
    counts = everywhere["in_adcode"].value_counts()
    reference = everywhere[everywhere["reference"].astype(bool)]
    assert reference.index.to_list() == ["1146A"]
    assert counts.drop([reference["in_adcode"].iloc[0], "310115"]).unique().tolist() == [1]
    assert counts["310115"] == 4


def test_stations_are_limited_to_the_selection(project: Project) -> None:
    found = join.stations(project, Selection(("310106",)))
    assert found.index.to_list() == ["1147A"]


def test_every_selected_district_has_a_row_even_without_a_figure(project: Project) -> None:
    rows = join.district_frame(project, metric(project, "air_quality", "pm25"), "2025", Selection())
    assert len(rows) == 16
    assert rows.at["310151", "value"] == 19.5
    assert pd.isna(rows.at["310109", "value"])


def test_a_district_figure_carries_its_source_and_quality(project: Project) -> None:
    rows = join.district_frame(project, metric(project, "air_quality", "pm25"), "2024", Selection())
    assert rows.at["310101", "source"] == "shb-air-2025-12"
    assert (rows.at["310101", "quality"], rows.at["310101", "basis"]) == ("derived", "derived")


def test_a_daily_value_is_that_of_the_station_on_that_day(project: Project) -> None:
    daily = metric(project, "air_quality", "station_pm25")
    rows = join.station_frame(project, daily, "2021-04-13", Selection())
    assert rows.at["1141A", "value"] == 58.8
    assert rows.at["1147A", "value"] == 56.9


def test_a_station_without_a_value_on_a_day_has_none(project: Project) -> None:
    daily = metric(project, "air_quality", "station_pm25")
    table = frames.table(project, "station_daily_2021")
    date = table["date"].value_counts().idxmin()
    rows = join.station_frame(project, daily, str(date), Selection())
    measured = set(table[(table["date"] == date) & table["pm25"].notna()]["station"])
    assert 0 < len(measured) < 20
    assert set(rows.index[rows["value"].notna()]) == measured


def test_a_daily_value_carries_the_source_and_quality_of_the_daily_table(project: Project) -> None:
    daily = metric(project, "air_quality", "station_pm25")
    rows = join.station_frame(project, daily, "2021-04-13", Selection())
    measured = rows[rows["value"].notna()]
    assert len(measured) > 0
    assert set(measured["source"]) == {"cnemc-hourly-2021"}
    assert set(measured["quality"]) == {"derived"}


def test_a_figure_outside_the_valid_range_is_refused(project: Project) -> None:
    narrow = metric(project, "air_quality", "pm25").model_copy(update={"valid": (0, 28)})
    with pytest.raises(DataError) as raised:
        join.district_frame(project, narrow, "2025", Selection())
    for text in (raised.value.zh, raised.value.en):
        assert "28.4" in text
        assert "310114" in text


def test_an_unknown_computation_is_refused_with_the_known_ones(project: Project) -> None:
    odd = metric(project, "park_coverage", "park_land_share").model_copy(
        update={"compute": "park_share"}
    )
    with pytest.raises(LayerError) as raised:
        join.computed(project, odd)
    assert "park_land_share" in raised.value.zh
    assert "park_land_share" in raised.value.en


def test_every_located_park_lies_in_the_district_that_the_list_states(project: Project) -> None:
    parks = frames.points(project, "parks")
    found = join.to_districts(parks, frames.boundary(project, "districts"))
    assert len(found) == 371
    wrong = parks[found["adcode"] != parks["adcode"]]
    assert wrong["name_zh"].to_list() == []


def plainly_joined(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """The same answers from geopandas alone: every point moved into metres and measured."""
    areas = districts.geometry.sort_index()
    plane, measured = areas.to_crs(MEASURE), points.geometry.to_crs(MEASURE)
    placed = points.geometry.to_crs(districts.crs)
    rows: list[tuple[str | None, str, float]] = []
    for place, metres in zip(placed, measured, strict=True):
        held = [code for code, area in areas.items() if area.intersects(place)]
        away = plane.distance(metres)
        if held:
            rows.append((held[0], "within", 0.0))
        elif away.min() <= join.REACH_M:
            rows.append((str(away.idxmin()), "near" if away.min() > 0 else "within", away.min()))
        else:
            rows.append((None, "outside", np.nan))
    codes, how, distances = zip(*rows, strict=True)
    found = pd.DataFrame({"adcode": pd.Series(codes, index=points.index, dtype=object)})
    return found.assign(how=list(how), distance_m=list(distances))


def border_points(districts: gpd.GeoDataFrame, seed: int, count: int) -> gpd.GeoDataFrame:
    """Corners of the districts, points up to 400 m off them, and points anywhere around."""
    draw = np.random.default_rng(seed)
    corners = shapely.get_coordinates(districts.geometry.to_numpy())
    chosen = corners[draw.integers(0, len(corners), count)]
    off = chosen + draw.uniform(-0.004, 0.004, chosen.shape)
    west, south, east, north = districts.total_bounds
    anywhere = draw.uniform([west - 0.3, south - 0.3], [east + 0.3, north + 0.3], chosen.shape)
    x, y = np.vstack([chosen, off, anywhere]).T
    index = [f"p{at}" for at in range(3 * count)]
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=4326), index=index)


@pytest.mark.parametrize("many", [0, 10**9])
def test_the_join_is_that_of_every_point_measured_against_every_district(
    project: Project, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(within, "MANY", many)
    districts = frames.boundary(project, "districts")
    points = border_points(districts, 11, 250)
    expected = plainly_joined(points, districts)
    assert set(expected["how"]) == {"within", "near", "outside"}
    pd.testing.assert_frame_equal(join.to_districts(points, districts), expected)


def test_many_points_have_the_district_that_sjoin_finds(project: Project) -> None:
    districts = frames.boundary(project, "districts")
    west, south, east, north = districts.total_bounds
    draw = np.random.default_rng(3)
    x, y = draw.uniform(west, east, 60_000), draw.uniform(south, north, 60_000)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=4326))
    found = join.to_districts(points, districts)
    peer = points.sjoin(districts[["geometry"]].rename_axis("adcode"), predicate="within")
    assert len(peer) > 20_000
    assert (found.loc[peer.index, "adcode"] == peer["adcode"]).all()
    assert (found.loc[peer.index, "how"] == "within").all()
    rest = found.drop(peer.index)
    assert rest["distance_m"].dropna().between(0, join.REACH_M).all()
