"""People inside areas, from counts and from a grid, checked by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio import Affine
from rasterio.crs import CRS
from shapely.geometry import Polygon, box

from bsh_geo import residents
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.residents import Residents

MARK = (0, 0)


def counts(folder: Path, people: list[object], *areas: Polygon, name: str = "people.gpkg") -> Path:
    """A file of areas in metres with so many people each."""
    path = folder / name
    gpd.GeoDataFrame({"population": people}, geometry=list(areas), crs=MEASURE).to_file(path)
    return path


def grid(folder: Path, cells: list[list[float]], side: float = 100.0, nodata: float = -1) -> Path:
    """A grid of people per cell in metres, its north-western corner at (0, 0)."""
    path = folder / "people.tif"
    values = np.array(cells, dtype="float32")
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype="float32",
        crs=CRS.from_string(MEASURE),
        transform=Affine(side, 0, 0, 0, -side, 0),
        nodata=nodata,
    ) as made:
        made.write(values, 1)
    return path


def load(path: Path, column: str = "population") -> Residents:
    return residents.load(path, path.name, column, "2020", "试验", MARK)


def within(found: Residents, *zones: Polygon) -> list[float]:
    return found.within(gpd.GeoSeries(list(zones), crs=MEASURE)).tolist()


def test_people_of_counts_are_shared_out_by_area(tmp_path: Path) -> None:
    found = load(counts(tmp_path, [1000, 300], box(0, 0, 100, 100), box(100, 0, 200, 100)))
    # A quarter of the first; half of it and a third of the second; both; none.
    zones = (
        box(0, 0, 50, 50),
        box(50, 0, 100 + 100 / 3, 100),
        box(-10, -10, 210, 110),
        box(500, 0, 600, 100),
    )
    assert within(found, *zones) == pytest.approx([250, 600, 1300, 0])


def test_the_parts_of_a_zone_hold_the_people_of_the_whole(tmp_path: Path) -> None:
    found = load(counts(tmp_path, [777], box(0, 0, 130, 70)))
    halves = within(found, box(0, 0, 40, 70), box(40, 0, 130, 70))
    assert sum(halves) == pytest.approx(777)


def test_people_of_a_grid_count_by_the_covered_share_of_a_cell(tmp_path: Path) -> None:
    found = load(grid(tmp_path, [[100, 40], [8, 0]]))
    # A cell and a half of the upper row; a quarter of each of the four; nothing.
    zones = (box(0, -100, 150, 0), box(50, -150, 150, -50), box(300, 0, 400, 100))
    expected = [100 + 20, (100 + 40 + 8) / 4, 0]
    assert within(found, *zones) == pytest.approx(expected, rel=1e-3)


def test_cells_without_data_hold_nobody(tmp_path: Path) -> None:
    found = load(grid(tmp_path, [[100, -1]]))
    assert within(found, box(0, -100, 200, 0)) == pytest.approx([100], rel=1e-3)


def test_a_zone_that_reaches_beyond_the_grid_counts_what_the_grid_has(tmp_path: Path) -> None:
    found = load(grid(tmp_path, [[100, 40]]))
    assert within(found, box(-500, -500, 500, 500)) == pytest.approx([140], rel=1e-3)


def test_a_grid_with_fewer_than_no_people_is_refused_when_it_is_used(tmp_path: Path) -> None:
    found = load(grid(tmp_path, [[100, -99]], nodata=-1))
    with pytest.raises(DataError) as raised:
        within(found, box(0, -100, 200, 0))
    assert "-99" in raised.value.zh
    assert "people.tif" in raised.value.en


def test_the_method_names_file_source_and_year_and_how_people_are_shared_out(
    tmp_path: Path,
) -> None:
    of_counts = load(counts(tmp_path, [10], box(0, 0, 10, 10)))
    assert "按面积加权" in of_counts.method("zh")
    assert "weighted by area" in of_counts.method("en")
    of_grid = load(grid(tmp_path, [[1]]))
    for found, name in ((of_counts, "people.gpkg"), (of_grid, "people.tif")):
        for lang in ("zh", "en"):
            assert all(text in found.method(lang) for text in (name, "试验", "2020"))


def test_an_unknown_column_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    path = counts(tmp_path, [10], box(0, 0, 10, 10))
    with pytest.raises(UnknownNameError) as raised:
        load(path, "popul")
    assert "population" in raised.value.zh


@pytest.mark.parametrize("people", [["many"], [-3], [None]])
def test_people_that_are_no_number_are_told_with_the_feature(
    tmp_path: Path, people: list[object]
) -> None:
    path = counts(tmp_path, ["5" if isinstance(people[0], str) else 5, *people],
                  box(0, 0, 10, 10), box(10, 0, 20, 10))  # fmt: skip
    with pytest.raises(DataError) as raised:
        load(path)
    assert "第 2 个要素" in raised.value.zh
    assert "feature 2" in raised.value.en


def test_a_grid_that_is_none_or_far_away_is_told_in_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"not a grid")
    with pytest.raises(DataError, match=r"broken\.tif"):
        load(broken)
    with pytest.raises(DataError, match=r"gone\.tif"):
        load(tmp_path / "gone.tif")
    far = tmp_path / "far.tif"
    with rasterio.open(
        far, "w", driver="GTiff", height=1, width=1, count=1, dtype="float32",
        crs=DISPLAY, transform=Affine(0.1, 0, 2.3, 0, -0.1, 48.9),
    ) as made:  # fmt: skip
        made.write(np.ones((1, 1, 1), "float32"))
    with pytest.raises(DataError, match="没有重叠"):
        load(far)
