"""Covered shares of cells: against exactextract, an independent implementation, and by hand."""

from __future__ import annotations

import exactextract
import numpy as np
import pytest
import shapely
from exactextract.raster import NumPyRasterSource
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import box

from bsh_geo import coverage

ROWS, COLS = 12, 15
WINDOW = box(0, 0, COLS, ROWS)


def covered(shape: shapely.Geometry) -> np.ndarray:
    """Shares on cells of 1 with their corner at (0, 12)."""
    return coverage.fractions(coverage.edges(shape), 0, ROWS, 1, 1, ROWS, COLS)


def by_exactextract(shape: shapely.Geometry) -> np.ndarray:
    """The same from exactextract; cells are numbered from the north-west."""
    blank = NumPyRasterSource(np.zeros((ROWS, COLS), np.uint8), 0, 0, COLS, ROWS)
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)}
    (found,) = exactextract.exact_extract(blank, [feature], ["cell_id", "coverage"])
    shares = np.zeros(ROWS * COLS)
    shares[found["properties"]["cell_id"]] = found["properties"]["coverage"]
    return shares.reshape(ROWS, COLS)


def test_a_quarter_of_four_cells_is_a_quarter_of_each():
    found = covered(box(2.5, 4.5, 3.5, 5.5))
    assert found[6:8, 2:4].tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert found.sum() == 1.0


def test_whole_cells_are_covered_whole_and_their_neighbours_not_at_all():
    found = covered(box(2, 3, 5, 7))
    assert found.sum() == 12
    assert set(np.unique(found)) == {0.0, 1.0}


def test_half_a_cell_by_its_diagonal():
    assert covered(shapely.Polygon([(0, 11), (1, 12), (0, 12)]))[0, 0] == pytest.approx(0.5)


SHAPES = {
    "with a hole": box(1, 1, 11, 11).difference(box(2.3, 3.7, 8.2, 9.9)),
    "hole on the border": box(1, 1, 11, 11).difference(box(1, 4.5, 6.5, 7.1)),
    "parts": shapely.MultiPolygon([box(0.2, 0.2, 3.3, 3.3), box(5.1, 6.2, 9.9, 11.4)]),
    "parts meeting in a point": shapely.MultiPolygon([box(1, 1, 4, 4), box(4, 4, 7.5, 7.5)]),
    "a sliver": shapely.Polygon([(0.1, 0.1), (14.9, 11.8), (14.9, 11.81), (0.1, 0.11)]),
    "beyond the window": box(-5, -3, 4.5, 30),
    "around the window": box(-5, -3, 40, 30),
    "right and below": box(10.5, -9, 44, 3.25),
    "smaller than a cell": shapely.Point(4.4, 4.6).buffer(0.21),
    "of many vertices": shapely.Point(7, 6).buffer(4.9, quad_segs=200),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shares_are_those_of_exactextract(name):
    assert covered(SHAPES[name]) == pytest.approx(by_exactextract(SHAPES[name]), abs=1e-6)


@pytest.mark.parametrize("name", SHAPES)
def test_shares_sum_to_the_area_within_the_window(name):
    within = SHAPES[name].intersection(WINDOW).area
    assert covered(SHAPES[name]).sum() == pytest.approx(within, abs=1e-7)


def test_a_shape_beside_the_window_covers_nothing():
    for shape in (box(-5, 2, -1, 9), box(20, 2, 30, 9), box(2, 13, 5, 20), box(2, -9, 5, 0)):
        assert covered(shape).max() == 0


@settings(max_examples=100, deadline=None)
@given(
    points=st.lists(
        st.tuples(st.integers(-4000, 19_000), st.integers(-4000, 16_000)), min_size=3, max_size=9
    ),
    whole=st.booleans(),
)
def test_any_polygon_has_its_area_cell_by_cell(points, whole):
    # To a thousandth of a cell, or wholly on the lines between cells.
    shape = shapely.Polygon(np.round(np.array(points) / 1000, 0 if whole else 3)).buffer(0)
    assume(not shape.is_empty and shape.geom_type in ("Polygon", "MultiPolygon"))
    found = covered(shape)
    left, top = np.meshgrid(np.arange(COLS), ROWS - np.arange(ROWS))
    cells = shapely.box(left, top - 1, left + 1, top)
    expected = shapely.area(shapely.intersection(shape, cells))
    assert found == pytest.approx(expected, abs=1e-7)
    assert found.min() >= 0
    assert found.max() <= 1
