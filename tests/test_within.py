"""The first area that holds each point: by the grid as by trying every area."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from bsh_geo import frames, within
from bsh_geo.project import Project


def stars(seed: int, count: int, at: float, size: float) -> list[Polygon | MultiPolygon]:
    """Overlapping stars with holes, some of them in two parts."""
    draw = np.random.default_rng(seed)
    made: list[Polygon | MultiPolygon] = []
    for number in range(count):
        turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        middle = at + draw.uniform(0, size, 2)
        radius = size * draw.uniform(0.05, 0.4) * draw.uniform(0.4, 1, 24)
        ring = middle + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
        hole = middle + (ring - middle) * 0.3
        star = Polygon(ring, [hole])
        beside = box(middle[0] + 0.5 * size, middle[1], middle[0] + 0.6 * size, middle[1] + size)
        made.append(star if number % 3 else MultiPolygon([star, beside]))
    return made


def places(areas: np.ndarray, seed: int, count: int) -> np.ndarray:
    """Random points, corners, middles of edges, points a hair off them, and missing ones."""
    west, south, east, north = shapely.total_bounds(areas)
    draw = np.random.default_rng(seed)
    wide, high = east - west, north - south
    random = draw.uniform(
        [west - 0.2 * wide, south - 0.2 * high], [east + 0.2 * wide, north + 0.2 * high], (count, 2)
    )
    corners = shapely.get_coordinates(areas)
    middles = (corners[1:] + corners[:-1]) / 2
    near = corners + draw.uniform(-1e-9, 1e-9, corners.shape) * wide
    return np.vstack([random, corners, middles, near, [[np.nan, south], [west, north]]])


def one_by_one(areas: np.ndarray, pairs: np.ndarray) -> list[int]:
    """The same by asking shapely for every pair of an area and a point."""
    found = []
    for x, y in pairs:
        held = [at for at, one in enumerate(areas) if one.intersects(Point(x, y))]
        found.append(held[0] if held else within.NONE)
    return found


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 9), scale=st.sampled_from([1e-3, 1.0, 4e5]))
def test_the_grid_answers_as_every_area_tried_for_every_point(
    seed: int, count: int, scale: float
) -> None:
    areas = np.array(stars(seed, count, 120 * scale, scale), dtype=object)
    pairs = places(areas, seed, 400)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(within, "MANY", 0)
        found = within.first_area(areas, pairs[:, 0], pairs[:, 1])
    assert found.tolist() == one_by_one(areas, pairs)


def test_a_hundred_thousand_points_are_answered_as_by_prepared_districts(project: Project) -> None:
    areas = frames.boundary(project, "districts").geometry.to_numpy()
    pairs = places(areas, 7, 100_000)
    expected = np.full(len(pairs), within.NONE)
    for at in reversed(range(len(areas))):
        shapely.prepare(areas[at])
        expected[shapely.intersects_xy(areas[at], *pairs.T)] = at
    assert (within.first_area(areas, *pairs.T) == expected).all()


def test_of_two_areas_on_a_shared_edge_the_first_counts() -> None:
    squares = np.array([box(0, 0, 1, 1), box(1, 0, 2, 1)], dtype=object)
    x, y = np.array([1.0, 0.5, 1.5, 2.5, np.nan]), np.array([0.5, 0.5, 0.5, 0.5, 0.5])
    assert within.first_area(squares, x, y).tolist() == [0, 0, 1, -1, -1]
    assert within.first_area(squares[::-1], x, y).tolist() == [0, 1, 0, -1, -1]


@pytest.mark.parametrize(
    "areas",
    [
        np.empty(0, dtype=object),
        np.array([box(1, 1, 1 + 1e-12, 1 + 1e-12)], dtype=object),
        np.array([LineString([(0, 0), (1, 1)])], dtype=object),
    ],
)
def test_areas_that_no_grid_fits_are_tried_one_by_one(
    areas: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(within, "MANY", 0)
    x = y = np.array([0.5, 1.0, 7.0])
    pairs = np.column_stack([x, y])
    assert within.first_area(areas, x, y).tolist() == one_by_one(areas, pairs)


def test_the_coordinates_of_a_missing_or_empty_point_are_missing() -> None:
    x, y = within.coordinates(np.array([Point(1, 2), None, Point()], dtype=object))
    assert x[0] == 1
    assert y[0] == 2
    assert np.isnan(x[1:]).all()
    assert np.isnan(y[1:]).all()
