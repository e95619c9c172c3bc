"""Opening rasters: what is taken, what each fault is told as, and what a window holds."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pyproj
import pytest
from affine import Affine
from land_rasters import tif
from PIL import Image
from rasterio.io import MemoryFile

from bsh_geo import rasters, sampling
from bsh_geo.cell_area import CellAreas
from bsh_geo.errors import DataError
from bsh_geo.rasters import Grid

CODES = np.arange(12, dtype=np.uint8).reshape(3, 4)


def fault(content: bytes | Path, band: int | None = None) -> DataError:
    """The error of opening and reading a raster, with a sentence in each language."""
    with pytest.raises(DataError) as raised, rasters.opened(content, band, "a.tif") as found:
        found.read(0, found.grid.rows, 0, found.grid.cols)
    assert re.search("[一-鿿]", raised.value.zh)
    assert not re.search("[一-鿿]", raised.value.en)
    assert "a.tif" in raised.value.zh or isinstance(content, Path)
    return raised.value


def test_a_window_holds_the_cells_of_the_file():
    with rasters.opened(tif(CODES, nodata=7)) as found:
        values, valid = found.read(1, 3, 1, 4)
    assert values.tolist() == [[5, 6, 7], [9, 10, 11]]
    assert valid.tolist() == [[True, True, False], [True, True, True]]


def test_a_file_that_runs_from_south_to_north_is_read_north_up():
    upward = tif(CODES, transform=Affine(0.01, 0, 121, 0, 0.01, 31))
    with rasters.opened(upward) as found:
        assert found.grid.north == pytest.approx(31.03)
        assert found.read(0, 1, 0, 4)[0].tolist() == [[8, 9, 10, 11]]
        assert found.read(2, 3, 1, 3)[0].tolist() == [[1, 2]]


def test_nan_and_infinity_are_no_data_whatever_the_file_says():
    values = np.array([[1.5, np.nan, np.inf, -3.0]], np.float32)
    with rasters.opened(tif(values)) as found:
        assert found.read(0, 1, 0, 4)[1].tolist() == [[True, False, False, True]]


def test_an_internal_mask_hides_cells():
    with MemoryFile() as memory:
        shape = {"count": 1, "height": 3, "width": 4, "dtype": "uint8", "crs": "EPSG:4326"}
        with memory.open(driver="GTiff", transform=Affine(1, 0, 121, 0, -1, 31.5), **shape) as made:
            made.write(CODES, 1)
            made.write_mask(CODES > 5)
        content = bytes(memory.read())
    with rasters.opened(content) as found:
        assert (found.read(0, 3, 0, 4)[1] == (CODES > 5)).all()


def test_scale_and_offset_of_a_band_are_applied():
    with MemoryFile() as memory:
        shape = {"count": 1, "height": 3, "width": 4, "dtype": "uint8", "crs": "EPSG:4326"}
        with memory.open(driver="GTiff", transform=Affine(1, 0, 121, 0, -1, 31.5), **shape) as made:
            made.write(CODES, 1)
            made.scales, made.offsets = (0.5,), (-1.0,)
        content = bytes(memory.read())
    with rasters.opened(content) as found:
        assert found.dtype == np.float64
        assert found.read(0, 1, 0, 4)[0].tolist() == [[-1.0, -0.5, 0.0, 0.5]]


def test_one_band_of_several_is_named_and_read():
    both = tif(np.stack([CODES, CODES + 100]))
    assert "2 个波段" in fault(both).zh
    assert "没有第 3 波段" in fault(both, 3).zh
    with rasters.opened(both, 2) as found:
        assert found.read(0, 1, 0, 1)[0].tolist() == [[100]]
    assert rasters.band_count(both, "a.tif") == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "不是 GeoTIFF"),
        (b"hello", "不是 GeoTIFF"),
        (b"\x89PNG\r\n\x1a\n", "不是 GeoTIFF"),
        (b"<VRTDataset rasterXSize='1' rasterYSize='1'/>", "不是 GeoTIFF"),
        (b"GTIFF_DIR:1:a.tif", "不是 GeoTIFF"),
        (b"II*\0" + bytes(40), "不完整或已损坏"),
        (tif(CODES, crs=None), "没有坐标系"),
        (tif(CODES, transform=Affine.identity()), "没有地理定位"),
        (tif(CODES, transform=Affine(1, 0.2, 121, 0.2, -1, 31)), "旋转"),
        (tif(CODES, west=300000, north=3400000, step=10), "坐标系可能写错"),
        (tif(CODES, crs="EPSG:4549", west=-5e9, north=5e9, step=10), "坐标系可能写错"),
        (tif(CODES.astype(np.complex64)), "整数或浮点数"),
        (tif(CODES, crs='LOCAL_CS["own",UNIT["metre",1]]'), "不能换算为经纬度"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(content, said):
    assert said in fault(content).zh


@pytest.mark.parametrize(
    "path",
    [
        "missing.tif",
        "/vsicurl/http://127.0.0.1/a.tif",
        "/vsizip/a.zip/a.tif",
        "GTIFF_DIR:1:a.tif",
        "vrt:///etc/hostname",
        "http://127.0.0.1/a.tif",
    ],
)
def test_only_a_file_on_this_machine_is_opened(path):
    assert "没有文件" in fault(Path(path)).zh


def test_a_folder_is_no_raster(tmp_path):
    assert "没有文件" in fault(tmp_path).zh


def test_a_vrt_that_is_called_tif_is_not_followed(tmp_path):
    (tmp_path / "real.tif").write_bytes(tif(CODES))
    trick = tmp_path / "trick.tif"
    trick.write_text(
        '<VRTDataset rasterXSize="4" rasterYSize="3"><VRTRasterBand dataType="Byte" band="1">'
        '<SimpleSource><SourceFilename relativeToVRT="1">real.tif</SourceFilename>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    assert "不是 GeoTIFF" in fault(trick).zh


def test_files_beside_a_raster_are_not_looked_at(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(tif(CODES, crs=None))
    (tmp_path / "a.tif.aux.xml").write_text(
        "<PAMDataset><SRS>EPSG:4326</SRS><PAMRasterBand band='1'>"
        "<NoDataValue>5</NoDataValue></PAMRasterBand></PAMDataset>"
    )
    assert "没有坐标系" in fault(path).zh
    path.write_bytes(tif(CODES))
    with rasters.opened(path) as found:
        assert found.nodata is None


def test_nothing_is_written_beside_a_raster(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(tif(CODES))
    with rasters.opened(path) as found:
        found.read(0, 3, 0, 4)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_cut_off_is_told_with_its_rows(tmp_path):
    noise = np.random.default_rng(1).integers(0, 255, (600, 600)).astype(np.uint8)
    whole = tif(noise, step=0.001, tiled=True, blockxsize=256, blockysize=256)
    path = tmp_path / "a.tif"
    path.write_bytes(whole[: len(whole) // 2])
    assert re.search("第 .* 行无法读取|不完整或已损坏", fault(path).zh)


def test_a_raster_of_several_pages_is_told():
    pages = [Image.fromarray(CODES), Image.fromarray(CODES + 1)]
    made = io.BytesIO()
    pages[0].save(made, "TIFF", save_all=True, append_images=pages[1:])
    assert "子数据集" in fault(made.getvalue()).zh


def test_a_block_too_large_for_the_memory_is_refused():
    with MemoryFile() as memory:
        shape = {"count": 1, "height": 20_000, "width": 20_000, "dtype": "uint8"}
        blocks = {"TILED": True, "BLOCKXSIZE": 32_768, "BLOCKYSIZE": 16_384, "SPARSE_OK": True}
        place = Affine(1e-5, 0, 121, 0, -1e-5, 31.5)
        with memory.open(driver="GTiff", crs="EPSG:4326", transform=place, **blocks, **shape):
            pass
        content = bytes(memory.read())
    assert len(content) < 10_000
    assert "过大" in fault(content).zh


# Views of a raster ------------------------------------------------------------------------------


def test_every_third_cell_stands_for_its_neighbours_unblended():
    codes = np.kron(np.array([[10, 20], [30, 40]], np.uint8), np.ones((3, 3), np.uint8))
    with rasters.opened(tif(codes)) as found:
        fewer = sampling.Reduced(found, 3)
        assert (fewer.grid.rows, fewer.grid.cols) == (2, 2)
        assert fewer.grid.dx == pytest.approx(0.03)
        assert fewer.read(0, 2, 0, 2)[0].tolist() == [[10, 20], [30, 40]]


def test_amounts_fall_in_the_class_up_to_their_break():
    with rasters.opened(tif(np.array([[0.1, 0.2, 0.21, 9.0]]))) as found:
        classed = sampling.Classed(found, (0.2, 0.5))
        assert classed.read(0, 1, 0, 4)[0].tolist() == [[0, 0, 1, 2]]


def test_a_raster_on_a_grid_of_half_the_cells_is_the_cell_under_each_middle():
    with rasters.opened(tif(CODES)) as found:
        whole = found.grid
        finer = Grid(whole.crs, whole.west, whole.north, 0.005, 0.005, 6, 8)
        values, valid = sampling.Sampled(found, finer).read(0, 6, 0, 8)
    assert valid.all()
    assert values.tolist() == np.kron(CODES, np.ones((2, 2), np.uint8)).tolist()


def test_middles_outside_the_raster_hold_no_data():
    with rasters.opened(tif(CODES)) as found:
        moved = Grid(found.grid.crs, 121.02, 31.5, 0.01, 0.01, 3, 4)
        values, valid = sampling.Sampled(found, moved).read(0, 3, 0, 4)
    assert valid[:, :2].all()
    assert not valid[:, 2:].any()
    assert values[0, :2].tolist() == [2, 3]


def test_a_raster_in_another_crs_is_sampled_where_the_point_lies():
    codes = np.random.default_rng(3).integers(1, 200, (300, 300)).astype(np.uint8)
    with rasters.opened(tif(codes, step=0.001)) as found:
        crs = pyproj.CRS("EPSG:4549")
        grid = Grid(crs, 600_000, 3_480_000, 250, 250, 60, 80)
        values, valid = sampling.Sampled(found, grid).read(0, 60, 0, 80)
        assert valid.any()
    move = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    for row, col in ((0, 0), (7, 33), (59, 79), (30, 1)):
        lon, lat = move.transform(600_125 + 250 * col, 3_479_875 - 250 * row)
        at = int((31.5 - lat) // 0.001), int((lon - 121.0) // 0.001)
        there = 0 <= at[0] < 300 and 0 <= at[1] < 300
        assert valid[row, col] == there
        assert not there or values[row, col] == codes[at]


def test_a_large_window_is_sampled_in_halves(monkeypatch):
    codes = np.random.default_rng(3).integers(1, 200, (90, 70)).astype(np.uint8)
    with rasters.opened(tif(codes)) as found:
        view = sampling.Sampled(found, found.grid)
        once = view.read(0, 90, 0, 70)[0]
        monkeypatch.setattr(sampling, "MOST_CELLS", 100)
        assert (view.read(0, 90, 0, 70)[0] == once).all()
        assert (once == codes).all()


# Areas of cells ---------------------------------------------------------------------------------

GRIDS = [
    ("EPSG:4326", 121.0, 31.9, 1 / 1200),
    ("EPSG:4490", 121.0, 31.9, 0.01),
    ("EPSG:3857", 13_470_000, 3_740_000, 10),
    ("EPSG:32651", 300_000, 3_500_000, 10),
    ("EPSG:4549", 600_000, 3_520_000, 100),
    ("EPSG:2385", 600_000, 3_520_000, 30),
    ("ESRI:102025", 1_400_000, 3_700_000, 30),
    ("EPSG:3035", 9_500_000, 6_000_000, 1000),
]


@pytest.mark.parametrize(("crs", "west", "north", "step"), GRIDS)
def test_a_cell_s_area_is_that_of_the_geodesic(crs, west, north, step):
    grid = Grid(pyproj.CRS(crs), west, north, step, step, 700, 900)
    areas = np.broadcast_to(CellAreas(grid).window(0, 700, 0, 900), (700, 900))
    move = pyproj.Transformer.from_crs(crs, grid.crs.geodetic_crs, always_xy=True)
    geod = grid.crs.get_geod()
    side = np.linspace(0, 1, 20)
    for row, col in ((0, 0), (699, 899), (350, 10), (123, 456)):
        x = np.concatenate([side, 0 * side + 1, side[::-1], 0 * side]) + col
        y = np.concatenate([0 * side, side, 0 * side + 1, side[::-1]]) + row
        lon, lat = move.transform(west + x * step, north - y * step)
        expected = abs(geod.polygon_area_perimeter(lon, lat)[0])
        assert areas[row, col] == pytest.approx(expected, rel=5e-5), crs


def test_web_mercator_overstates_shanghai_by_37_percent_and_we_do_not():
    grid = Grid(pyproj.CRS("EPSG:3857"), 13_500_000, 3_660_000, 10, 10, 64, 64)
    assert CellAreas(grid).window(0, 1, 0, 1)[0, 0] == pytest.approx(100 / 1.37, rel=0.01)
