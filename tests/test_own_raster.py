"""GeoTIFF files of a user's own, imported as raster layers through the command and the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from conftest import OwnProject
from land_rasters import tif
from rasterio.io import MemoryFile
from small_own import fresh, tree
from streamlit.testing.v1 import AppTest
from test_app import html_of
from typer.testing import CliRunner

from bsh_geo import (
    catalogue,
    cli,
    land_job,
    land_zones,
    own_import,
    own_raster_classes,
    own_raster_look,
    rasters,
)
from bsh_geo.errors import BshError, DataError
from bsh_geo.own_import import Options, Preview

ROOT = Path(__file__).resolve().parents[1]
PAGE = """
from bsh_geo.ui import import_page
import_page.page()
"""

SAID = Options(quality="official", period="2023", id="cover", title="2023 年土地覆盖")


def cover(**more: Any) -> bytes:
    """Codes of WorldCover over the city: 40 rows of trees, 40 of water, 20 of built-up land."""
    rows = np.repeat(np.array([10, 80, 50], np.uint8), [40, 40, 20])
    return tif(np.repeat(rows[:, None], 100, axis=1), west=121.0, north=31.7, step=0.01, **more)


def amounts(**more: Any) -> bytes:
    """0.00 to 0.99 from west to east, without data in the first ten rows."""
    values = np.tile(np.arange(100, dtype=np.float32) / 100, (100, 1))
    values[:10] = -1
    return tif(values, west=121.0, north=31.7, step=0.01, nodata=-1, **more)


def look(root: Path, data: bytes, **said: Any) -> Preview:
    options = Options(**{**vars(SAID), **said})
    return own_import.preview(fresh(root), "raster", "土地.tif", data, options)


def asked(found: Preview) -> list[str]:
    return [one.id for one in found.report.questions]


def add(root: Path, file: Path, *arguments: str) -> Any:
    return CliRunner().invoke(
        cli.app, ["add", "raster", str(file), "--project", str(root), *arguments]
    )


def values_of(content: bytes | None) -> Any:
    assert content is not None
    with MemoryFile(content) as memory, memory.open() as dataset:
        return dataset.read(1), dataset


# Classes --------------------------------------------------------------------------------------


def test_a_raster_of_classes_is_stored_cell_by_cell_and_declared(own_project: OwnProject) -> None:
    found = look(own_project.root, cover(), classes="worldcover")
    assert not asked(found)
    assert list(found.files) == [
        "data/rasters/cover.tif",
        "data/rasters/cover.toml",
        "layers/cover.toml",
        "data/sources/own.csv",
    ]
    assert (found.report.read, found.report.kept) == (10_000, 10_000)
    counted = dict(zip(found.frame["code"], found.frame["cells"], strict=True))
    assert counted == {"10": "4,000", "80": "4,000", "50": "2,000"}
    content, _ = values_of(found.files["data/rasters/cover.tif"])
    assert np.array_equal(content, np.repeat([10, 80, 50], [40, 40, 20])[:, None] + np.zeros(100))


def test_the_stored_file_is_tiled_compressed_and_has_overviews(own_project: OwnProject) -> None:
    data = tif(np.full((1200, 1200), 10, np.uint8), west=121.0, north=31.8, step=0.0008)
    content = look(own_project.root, data, classes="worldcover").files["data/rasters/cover.tif"]
    assert content is not None
    with MemoryFile(content) as memory, memory.open() as dataset:
        assert dataset.profile["tiled"] is True
        assert dataset.profile["compress"] == "deflate"
        assert dataset.block_shapes == [(256, 256)]
        assert dataset.overviews(1) == [2, 4, 8]
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_only_the_cells_over_the_city_are_taken(own_project: OwnProject) -> None:
    data = tif(np.full((300, 400), 10, np.uint8), west=119.0, north=33.0, step=0.01)
    found = look(own_project.root, data, classes="worldcover")
    project = fresh(own_project.root)
    with rasters.opened(data, 1) as raster:
        window = own_raster_look.city_window(project, raster.grid, "x.tif")
    assert 0 < window.cells < 120_000
    assert found.report.read == window.cells
    said = [one.text.zh for one in found.report.findings]
    assert f"只取本市范围内的 {window.cells:,} 格（全图 120,000 格）" in said
    _, dataset = values_of(found.files["data/rasters/cover.tif"])
    assert dataset.bounds.left == pytest.approx(119.0 + 0.01 * window.left)
    assert dataset.bounds.top == pytest.approx(33.0 - 0.01 * window.top)


def test_without_a_class_table_it_is_asked_and_fitting_ones_stand_first(
    own_project: OwnProject,
) -> None:
    found = look(own_project.root, cover())
    assert asked(found) == ["classes"]
    (question,) = found.report.questions
    whole = [text.zh.endswith("（含全部编码）") for _, text in question.choices]
    assert whole == sorted(whole, reverse=True)
    fitting = [name for (name, _), one in zip(question.choices, whole, strict=True) if one]
    assert sorted(fitting) == ["glc_fcs30", "globeland30", "worldcover"]
    assert question.choices[-1][0] == "none"
    assert not found.files


def test_unknown_codes_are_listed_and_nothing_is_written_before_they_are_settled(
    own_project: OwnProject,
) -> None:
    rows = np.full((100, 100), 10, np.uint8)
    rows[0] = 77
    data = tif(rows, west=121.0, north=31.7, step=0.01)
    found = look(own_project.root, data, classes="worldcover")
    assert asked(found) == ["unknown"]
    said = [one.text.zh for one in found.report.findings if one.sort == "unmatched"]
    assert said == ["编码 77 不在类别表 worldcover 中：100 格，占 1 %"]
    assert not found.files
    settled = look(own_project.root, data, classes="worldcover", unknown="nodata")
    assert not asked(settled)
    content, dataset = values_of(settled.files["data/rasters/cover.tif"])
    assert dataset.nodata == 0
    assert (content[0] == 0).all()
    assert (content[1:] == 10).all()


def test_cells_without_data_stay_so(own_project: OwnProject) -> None:
    rows = np.full((100, 100), 10, np.uint8)
    rows[:5] = 255
    data = tif(rows, west=121.0, north=31.7, step=0.01, nodata=255)
    found = look(own_project.root, data, classes="worldcover")
    assert (found.report.read, found.report.kept) == (10_000, 9_500)
    content, dataset = values_of(found.files["data/rasters/cover.tif"])
    assert dataset.nodata == 255
    assert (content == 255).sum() == 500


def test_codes_in_a_raster_of_fractions_are_stored_as_whole_numbers(
    own_project: OwnProject,
) -> None:
    rows = np.full((100, 100), 10, np.float32)
    rows[:3] = np.nan
    data = tif(rows, west=121.0, north=31.7, step=0.01, nodata=float("nan"))
    found = look(own_project.root, data, classes="worldcover")
    assert found.report.kept == 9_700
    content, dataset = values_of(found.files["data/rasters/cover.tif"])
    assert (content.dtype, dataset.nodata) == (np.int32, 0)
    assert (content[:3] == 0).all()
    assert (content[3:] == 10).all()


def test_classes_of_fractions_are_refused(own_project: OwnProject) -> None:
    with pytest.raises(DataError, match="不能按类别表 worldcover 读取"):
        look(own_project.root, amounts(), classes="worldcover")


# Amounts --------------------------------------------------------------------------------------


def test_amounts_have_breaks_at_fifths_a_unit_and_colours(own_project: OwnProject) -> None:
    asks = look(own_project.root, amounts())
    assert asked(asks) == ["unit"]
    found = look(own_project.root, amounts(), unit="1", ramp="blue")
    assert not asked(found)
    assert (found.report.read, found.report.kept) == (10_000, 9_000)
    declared = (found.files["data/rasters/cover.toml"] or b"").decode()
    assert "breaks = [0.2, 0.4, 0.59, 0.79]" in declared
    assert 'palette = ["#eef4f7", "#bed6e4", "#8fb8d0", "#5a88a5", "#24577a"]' in declared
    assert 'unit = ""' in declared
    content, dataset = values_of(found.files["data/rasters/cover.tif"])
    assert np.isnan(dataset.nodata)
    assert np.isnan(content[:10]).all()
    assert content[10, 37] == np.float32(0.37)


def test_breaks_that_are_named_are_taken(own_project: OwnProject) -> None:
    found = look(own_project.root, amounts(), unit="人/格", breaks=(0.25, 0.5))
    declared = (found.files["data/rasters/cover.toml"] or b"").decode()
    assert "breaks = [0.25, 0.5]" in declared
    assert 'unit = "人/格"' in declared
    with pytest.raises(DataError, match="应由小到大"):
        look(own_project.root, amounts(), unit="1", breaks=(3.0, 2.0))


def test_a_scale_of_the_file_is_applied_once(own_project: OwnProject, tmp_path: Path) -> None:
    path = tmp_path / "ndvi.tif"
    path.write_bytes(tif(np.full((100, 100), 2500, np.int16), west=121.0, north=31.7))
    with rasterio.open(path, "r+") as dataset:
        dataset.scales = (0.0001,)
    data = path.read_bytes()
    found = look(own_project.root, data, unit="1", classes="none")
    content, _ = values_of(found.files["data/rasters/cover.tif"])
    assert content[0, 0] == pytest.approx(0.25)


def test_colours_run_from_the_first_of_a_ramp_to_its_last() -> None:
    assert own_raster_classes.colours("green", 3) == ("#f4f1de", "#a9c48f", "#2f6b4f")
    assert own_raster_classes.colours("green", 2) == ("#f4f1de", "#2f6b4f")


# What has to be said --------------------------------------------------------------------------


def test_a_missing_system_is_asked_for_with_those_that_fit(own_project: OwnProject) -> None:
    found = look(own_project.root, cover(crs=None), classes="worldcover")
    assert asked(found) == ["crs"]
    assert [value for value, _ in found.report.questions[0].choices] == ["EPSG:4490"]
    said = look(own_project.root, cover(crs=None), classes="worldcover", crs="EPSG:4490")
    assert not asked(said)
    assert said.report.crs == "China Geodetic Coordinate System 2000 (EPSG:4490)"
    assert 'crs = "EPSG:4490"' in (said.files["data/rasters/cover.toml"] or b"").decode()


def test_a_system_that_contradicts_the_file_is_refused(own_project: OwnProject) -> None:
    with pytest.raises(DataError, match="与指定的"):
        look(own_project.root, cover(), classes="worldcover", crs="EPSG:4549")


def test_what_the_file_does_not_say_is_asked(own_project: OwnProject) -> None:
    found = look(
        own_project.root, cover(), classes="worldcover", quality=None, period=None, id=None
    )
    assert asked(found) == ["quality", "period", "id"]


def test_several_bands_are_asked_for(own_project: OwnProject) -> None:
    data = tif(np.stack([np.full((90, 90), one, np.uint8) for one in (10, 80)]), north=31.7)
    found = look(own_project.root, data, classes="worldcover")
    assert asked(found) == ["band"]
    assert [value for value, _ in found.report.questions[0].choices] == ["1", "2"]
    second = look(own_project.root, data, classes="worldcover", band=2)
    assert list(second.frame["code"]) == ["80"]
    assert "band" not in (second.files["data/rasters/cover.toml"] or b"").decode()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Cover", "应为小写字母"),
        ("wetlands", "已被使用"),
        ("land_cover", "已被使用"),
    ],
)
def test_an_id_in_use_is_refused(own_project: OwnProject, name: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        look(own_project.root, cover(), classes="worldcover", id=name)


# Files that are no rasters of the city --------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<VRTDataset/>", "不是 GeoTIFF 文件"),
        (b"", "不是 GeoTIFF 文件"),
        (b"PK\x03\x04", "不是 GeoTIFF 文件"),
        (cover()[:200], "不完整或已损坏"),
        (tif(np.zeros((10, 10), np.uint8), west=10.0, north=50.0), "不在本市"),
        (tif(np.zeros((10, 10), np.complex64)), "数值类型"),
    ],
)
def test_each_fault_is_one_sentence(own_project: OwnProject, data: bytes, said: str) -> None:
    with pytest.raises(BshError) as caught:
        look(own_project.root, data, classes="worldcover")
    assert said in caught.value.zh
    assert "\n" not in caught.value.zh + caught.value.en


def test_a_sparse_raster_of_a_thousand_million_cells_is_cut_to_the_city(
    own_project: OwnProject,
) -> None:
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            dtype="uint8",
            count=1,
            width=40_000,
            height=40_000,
            crs="EPSG:4326",
            transform=Affine(0.001, 0.0, 100.0, 0.0, -0.001, 50.0),
            tiled=True,
            sparse_ok=True,
        ) as _:
            pass
        data = bytes(memory.read())
    found = look(own_project.root, data, classes="none", unit="1")
    assert found.report.read < 3_000_000


def test_more_cells_than_are_stored_are_refused(
    own_project: OwnProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_raster_look, "MOST_CELLS", 9_999)
    with pytest.raises(DataError, match=r"有 10,000 个本市范围内的格，最多 9,999"):
        look(own_project.root, cover(), classes="worldcover")


def test_a_city_without_data_is_not_imported(own_project: OwnProject) -> None:
    data = tif(np.zeros((100, 100), np.uint8), north=31.7, nodata=0)
    found = look(own_project.root, data, classes="worldcover")
    assert not found.report.ready
    assert "本市范围内没有数据" in [one.text.zh for one in found.report.findings]


# What becomes of it ---------------------------------------------------------------------------


def test_the_command_imports_measures_and_undoes(own_project: OwnProject, tmp_path: Path) -> None:
    file = tmp_path / "土地.tif"
    file.write_bytes(cover())
    said = ["--classes", "worldcover", "--quality", "official", "--period", "2023", "--id", "cover"]
    refused = add(own_project.root, file, *said)
    assert refused.exit_code == 2
    assert "核对报告后加 --yes" in refused.output
    before = {name: one for name, one in tree(own_project.root).items() if one}
    done = add(own_project.root, file, *said, "--yes")
    assert done.exit_code == 0, done.output
    assert "读入 10,000 格，有数据 10,000 格" in done.output
    project = fresh(own_project.root)
    assert catalogue.raster_of(project, "cover").classes == "worldcover"
    assert land_job.check(project, "cover") == 10_000
    layer = catalogue.load_layers(project)[0]["cover"]
    assert [(one.kind, one.dataset) for one in layer.parts] == [("raster", "cover")]
    source = catalogue.load_sources(project)[layer.source[0]]
    assert source.note_zh == (
        "文件 土地.tif；第 1 波段；坐标系 WGS 84 (EPSG:4326)；本市范围内 10,000 格。"
    )
    zones = land_zones.zones_of(project, "districts_land")
    found, _ = land_job.run(project, land_job.declared_source(project, "cover"), zones)
    areas = found.measured.classes
    assert sorted(areas.columns) == [10, 50, 80]
    (entry,) = own_import.history(own_project.root)
    assert (entry.what, entry.file, entry.rows) == ("raster", "土地.tif", 10_000)
    own_import.undo(own_project.root)
    assert {name: one for name, one in tree(own_project.root).items() if one} == before


def test_the_same_raster_again_replaces_itself(own_project: OwnProject, tmp_path: Path) -> None:
    file = tmp_path / "land.tif"
    file.write_bytes(cover())
    said = ["--classes", "worldcover", "--quality", "official", "--period", "2023", "--id", "cover"]
    for _ in range(2):
        assert add(own_project.root, file, *said, "--yes").exit_code == 0
    report = tmp_path / "report.json"
    done = add(own_project.root, file, *said, "--dry-run", "--report", str(report))
    assert done.exit_code == 0, done.output
    written = {one["file"]: one for one in json.loads(report.read_text("utf-8"))["files"]}
    assert written["data/rasters/cover.tif"]["replaced"] == 1


def test_breaks_that_are_no_numbers_are_refused(own_project: OwnProject, tmp_path: Path) -> None:
    file = tmp_path / "land.tif"
    file.write_bytes(amounts())
    done = add(own_project.root, file, "--breaks", "1,x")
    assert done.exit_code == 2
    assert "--breaks 应为用逗号分开的数" in done.output


# The page -------------------------------------------------------------------------------------


@pytest.fixture
def page(own_project: OwnProject, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("BSH_IMPORT", raising=False)
    monkeypatch.setenv("BSH_PROJECT", str(own_project.root))
    app = AppTest.from_string(PAGE, default_timeout=90).run()
    app.radio(key="import-kind").set_value("raster").run()
    return app


def upload(app: AppTest, data: bytes) -> None:
    app.file_uploader[0].upload("土地.tif", data)
    app.run()
    assert not app.exception


def choose(app: AppTest, name: str, value: str) -> None:
    box = next(one for one in app.radio if str(one.key).startswith(f"import-answer-{name}"))
    box.set_value(value).run()
    assert not app.exception


def say(app: AppTest, name: str, value: str) -> None:
    box = next(one for one in app.text_input if str(one.key).startswith(f"import-{name}"))
    box.set_value(value).run()
    assert not app.exception


def test_the_page_asks_shows_writes_and_undoes(page: AppTest, own_project: OwnProject) -> None:
    assert "只取本市范围内的格" in html_of(page)
    upload(page, cover())
    choose(page, "classes", "worldcover")
    choose(page, "quality", "official")
    say(page, "typed-period", "2023")
    say(page, "typed-id", "cover")
    shown = html_of(page)
    assert "10,000" in shown
    assert "layers/cover.toml" in shown
    (table,) = page.dataframe
    assert list(table.value.columns) == ["编码", "类别", "格", "占有数据的格"]
    assert list(table.value["编码"]) == ["10", "80", "50"]
    spec = page.session_state["import-picture"][1]
    (image,) = spec.images
    assert len(image.palette) == 3
    assert set(np.unique(image.cells)) == {0, 1, 2, 3}
    button = next(one for one in page.button if str(one.key).startswith("import-confirm"))
    button.click().run()
    assert not page.exception
    assert "./?layer=cover" in html_of(page)
    assert catalogue.raster_of(fresh(own_project.root), "cover").date == "2023"
    own_import.undo(own_project.root)
    assert "cover" not in catalogue.load_rasters(fresh(own_project.root))


def test_the_page_asks_the_unit_of_amounts(page: AppTest) -> None:
    upload(page, amounts())
    say(page, "typed-unit", "kg/m²")
    choose(page, "quality", "derived")
    say(page, "typed-period", "2024-06")
    say(page, "typed-id", "carbon")
    spec = page.session_state["import-picture"][1]
    assert spec.legend[0].unit == "kg/m²"
    assert len(spec.legend[0].items) == 5


def test_the_page_refuses_what_is_no_raster(page: AppTest) -> None:
    upload(page, b"<VRTDataset/>")
    assert "不是 GeoTIFF 文件" in html_of(page)
