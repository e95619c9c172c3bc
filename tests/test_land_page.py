"""The land page and the raster layer: AppTest without a browser, both renderers in one palette."""

from __future__ import annotations

import io
import re

import geopandas as gpd
import numpy as np
import pypdf
import pytest
from land_rasters import tif
from PIL import Image
from shapely import box
from streamlit.testing.v1 import AppTest

from bsh_geo import compose, folium_map, land_layer, page_layout, raster_image, snapshot
from bsh_geo.compose import Request
from bsh_geo.errors import DataError, LayerError
from bsh_geo.mapspec import MapSpec
from bsh_geo.print_frame import framed
from bsh_geo.print_options import PrintOptions
from bsh_geo.project import Project
from bsh_geo.themes import themed

# The layer --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city(project: Project) -> MapSpec:
    return compose.build(project, Request("land_cover"))


def own_layer(own, values, *, more: str = "", raster: str = "", **place) -> MapSpec:
    """A project's own raster as a layer of its own."""
    own.write("data/land/own.tif", tif(values, **place))
    own.write(
        "data/rasters/own.toml",
        f"""id = "own"
file = "land/own.tif"
title = {{ zh = "自有栅格", en = "Own raster" }}
source = ["bsh-land-raster"]
licence = {{ zh = "内部", en = "internal" }}
date = "2025"
quality = "official"
crs = "{place.get("crs", "EPSG:4326")}"
limitations = {{ zh = "试验。", en = "A trial." }}
{raster}
""",
    )
    own.write(
        "layers/own.toml",
        """id = "own"
title = { zh = "自有", en = "Own" }
group = { zh = "空间之美", en = "Space" }
summary = { zh = "自有", en = "own" }
source = ["bsh-land-raster"]
quality = "official"
figures = ["wetland_area"]
[[parts]]
id = "own"
title = { zh = "自有栅格", en = "Own raster" }
kind = "raster"
dataset = "own"
"""
        + more,
    )
    return compose.build(own.open(), Request("own"))


def browser_pixels(spec: MapSpec) -> np.ndarray:
    """The picture as the browser gets it, RGBA."""
    content = raster_image.png(spec.images[0])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))


def test_the_browser_s_picture_holds_the_legend_s_colours_and_no_other(city):
    pixels = browser_pixels(city)
    drawn = {
        "#{:02x}{:02x}{:02x}".format(*one[:3])
        for one in np.unique(pixels.reshape(-1, 4), axis=0)
        if one[3] == 255
    }
    legend = {item.style.fill for block in city.legend for item in block.items}
    assert drawn == legend
    assert set(np.unique(pixels[..., 3])) == {0, 255}


def test_the_printed_map_has_the_browser_s_colours_at_the_same_places(project, city):
    image = city.images[0]
    dpi = 100
    page = np.asarray(Image.open(io.BytesIO(snapshot.render(city, "png", dpi=dpi))).convert("RGB"))
    with snapshot.settings():
        frame = page_layout.page(city, PrintOptions()).frame
    cells = raster_image.in_metres(image, frame.ground, 400, 400)
    left, top, _, _ = frame.box
    agreed = seen = 0
    for row, col in ((r, c) for r in range(2, 398, 9) for c in range(2, 398, 9)):
        around = cells[row - 2 : row + 3, col - 2 : col + 3]
        if around.min() == 0 or around.min() != around.max():
            continue  # borders and names stand on some of the rest
        x = (left + frame.width * (col + 0.5) / 400) / 25.4 * dpi
        y = (top + frame.height * (row + 0.5) / 400) / 25.4 * dpi
        wanted = raster_image.colours(image)[cells[row, col], :3].astype(int)
        seen += 1
        agreed += int(np.abs(page[int(y), int(x)].astype(int) - wanted).max() <= 3)
    assert seen > 300
    assert agreed / seen > 0.9


def test_the_picture_and_its_script_are_small(city):
    assert len(raster_image.data_uri(city.images[0])) < 60_000
    assert len(folium_map.view_script(city, "city")) < 200_000


def test_a_detailed_picture_gives_way_to_its_limit(own_project):
    noise = np.random.default_rng(1).choice([10, 30, 40, 50, 60, 80, 95], (1300, 1400))
    spec = own_layer(
        own_project, noise.astype(np.uint8), west=120.8, north=31.95, step=0.001,
        raster='classes = "worldcover"',
    )  # fmt: skip
    assert 100_000 < len(raster_image.data_uri(spec.images[0])) <= 180_000
    drawn = set(np.unique(spec.images[0].cells))
    assert drawn == set(range(8))


def test_the_legend_names_classes_with_their_share(city):
    (block,) = city.legend
    shares = [float(re.search(r"([\d.]+) %$", item.label).group(1)) for item in block.items]
    assert sum(shares) == pytest.approx(100, abs=0.3)
    assert [item.label.split(" · ")[0] for item in block.items] == [
        "公园（示意圆）", "湿地（含示意）", "湖库", "近岸水域", "陆地（未细分）",
    ]  # fmt: skip


def test_a_selected_district_shows_its_own_shares_and_picture(project, city):
    spec = compose.build(project, Request("land_cover", areas=("310101",)))
    image = spec.images[0]
    assert list(image.cards) == ["310101"]
    assert image.bounds[0] > city.images[0].bounds[0]
    assert dict(image.cards["310101"][1])["陆地（未细分）"].startswith("20.32 km²")


def test_a_sketch_in_the_raster_is_said_on_the_map(city):
    assert "含示意" in city.quality_note
    assert any("EPSG:4549" in note for note in city.notes)


def test_the_table_has_a_row_for_each_district_and_all_together(city):
    (table,) = city.tables
    assert len(table.shown) == 17
    assert len(table.export) == 16
    assert "class_103_km2" in table.export


def test_a_page_has_the_share_of_each_class_by_district_and_no_codes(city):
    (table,) = city.tables
    assert list(table.printed.columns) == [
        "分区", "计入面积 (km²)", "公园（示意圆）（%）", "湿地（含示意）（%）", "湖库（%）",
        "近岸水域（%）", "陆地（未细分）（%）",
    ]  # fmt: skip
    assert list(table.printed["分区"])[-2:] == ["崇明区", "合计"]
    assert table.printed.iloc[:, 2:].sum(axis=1).to_numpy() == pytest.approx(100, abs=0.01)
    assert "310101" in set(table.shown["编号"]), "the table of the page and the files keep codes"


def test_a_page_of_one_district_has_a_row_for_each_class(project):
    for lang, titles in (("zh", ["类别", "面积（km²）", "占比（%）"]),
                         ("en", ["Class", "Area (km²)", "Share (%)"])):  # fmt: skip
        spec = compose.build(project, Request("land_cover", areas=("310151",), lang=lang))
        (table,) = spec.tables
        assert list(table.printed.columns) == titles
        assert table.printed.iloc[:, 1].sum() == pytest.approx(2118.99, abs=0.05)
        assert table.printed.iloc[:, 2].sum() == pytest.approx(100, abs=0.05)


def test_a_dot_of_a_picture_is_a_cell_and_a_vector_file_has_cells_of_its_own(project, city):
    """No dot between two classes: the colours of the map's own cells are not blended."""
    page = Image.open(io.BytesIO(snapshot.render(city, "png", dpi=150))).convert("RGB")
    with snapshot.settings():
        left, top, right, bottom = page_layout.page(city, PrintOptions()).frame.box
    sea = tuple(round(side / 25.4 * 150) for side in (right - 20, top + 40, right - 5, top + 60))
    assert len(set(page.crop(sea).get_flattened_data())) == 1
    pdf = pypdf.PdfReader(io.BytesIO(snapshot.render(city, "pdf")))
    (image,) = pdf.pages[0].images
    assert image.image.size == (
        round((right - left) / 25.4 * 200),
        round((bottom - top) / 25.4 * 200),
    )


def test_the_print_theme_changes_picture_and_legend_alike(city):
    spec = themed(city, "print")
    legend = [item.style.fill for item in spec.legend[0].items]
    assert list(spec.images[0].palette) == legend


def test_a_bureau_s_classification_in_another_crs_is_drawn_where_it_lies(own_project):
    # West half forest, east half built-up, of 300–370 km E, 3440–3500 km N (UTM 51).
    values = np.repeat([[2] * 35 + [8] * 35], 60, axis=0).astype(np.uint8)
    spec = own_layer(
        own_project, values, crs="EPSG:32651", west=300_000, north=3_500_000, step=1000,
        raster='classes = "clcd"',
    )  # fmt: skip
    image = spec.images[0]
    west, _, east, _ = image.bounds
    seam = 121.264  # 165 km west of 123 °E where a degree measures 95.1 km
    row = image.cells.shape[0] // 2
    line = image.cells[row]
    turns = np.flatnonzero((line[:-1] == 1) & (line[1:] == 2))
    place = west + (turns[0] + 1) / image.cells.shape[1] * (east - west)
    assert place == pytest.approx(seam, abs=0.02)
    assert image.palette == ("#446f33", "#e24290")
    assert spec.quality_note == ""


def test_an_index_is_drawn_in_the_classes_of_its_breaks(own_project):
    values = np.tile(np.linspace(0.05, 0.95, 140, dtype=np.float32), (120, 1))
    palette = 'breaks = [0.2, 0.5]\npalette = ["#f4f3dc", "#a3c98b", "#1d5a40"]\nunit = "NDVI"'
    spec = own_layer(own_project, values, west=120.8, north=31.95, step=0.01, raster=palette)
    (block,) = spec.legend
    assert block.unit == "NDVI"
    assert [item.label.split(" · ")[0] for item in block.items] == ["≤ 0.2", "0.2–0.5", "> 0.5"]
    assert spec.images[0].palette == ("#f4f3dc", "#a3c98b", "#1d5a40")


def test_a_large_raster_is_counted_by_every_nth_cell_and_that_is_said(own_project, monkeypatch):
    monkeypatch.setattr(land_layer, "EXACT_CELLS", 5_000)
    values = np.full((130, 150), 2, np.uint8)
    spec = own_layer(
        own_project, values, west=120.8, north=31.95, step=0.01, raster='classes = "clcd"'
    )
    assert spec.legend[0].items[0].label.startswith("森林 · ≈ ")
    assert any("取一格估算" in note for note in spec.notes)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("overlay = true", "不能叠加"),
        (
            '[[metrics]]\nid = "m"\ntitle = { zh = "a", en = "a" }\nindicator = "pm25"\n'
            'valid = [0, 9]\nbreaks = [1]\npalette = ["#ffffff", "#000000"]',
            "不能同时有区级指标",
        ),
    ],
)
def test_a_raster_that_nobody_would_see_is_refused(own_project, more, said):
    with pytest.raises(LayerError, match=said):
        own_layer(own_project, np.ones((3, 3), np.uint8), more=more, raster='classes = "clcd"')


@pytest.mark.parametrize(
    "raster",
    ["", 'classes = "clcd"\nbreaks = [1]\npalette = ["#ffffff", "#000000"]', "breaks = [1, 2]"],
)
def test_a_raster_needs_classes_or_breaks(own_project, raster):
    with pytest.raises(DataError, match="classes"):
        own_layer(own_project, np.ones((3, 3), np.uint8), raster=raster)


def test_the_script_of_a_view_holds_data_alone(own_project):
    values = np.full((130, 150), 2, np.uint8)
    own_layer(own_project, values, west=120.8, north=31.95, step=0.01, raster='classes = "clcd"')
    own_project.change("layers/own.toml", 'zh = "自有栅格"', 'zh = "</script>${1}`"')
    spec = compose.build(own_project.open(), Request("own"))
    script = folium_map.view_script(spec, "city")
    assert "</script>" not in script
    assert "bsh.image(" in script


def test_a_frame_shows_the_picture_in_both_languages(project):
    spec = compose.build(project, Request("land_cover", lang="en"))
    assert spec.images[0].cards["310101"][0] == "Huangpu"
    assert framed(spec, (0, 0, 100, 100)).scale > 0


# The page ---------------------------------------------------------------------------------------


def html_of(app: AppTest) -> str:
    """All HTML that the page shows."""
    return "\n".join(element.proto.body for element in app.get("html"))


SCRIPT = """
from bsh_geo.ui import land_page
land_page.page()
"""


@pytest.fixture
def open_page(monkeypatch):
    """Run the page alone, in a language and with a project."""

    def start(lang: str = "zh", project: str = "") -> AppTest:
        monkeypatch.setenv("BSH_PROJECT", project)
        app = AppTest.from_string(SCRIPT, default_timeout=90)
        if lang == "en":
            app.query_params["lang"] = "en"
        return app.run()

    return start


def upload(app: AppTest, content: bytes, name: str = "own.tif") -> AppTest:
    """Choose to upload a raster, and do it."""
    app.selectbox(key="land-raster").set_value("upload").run()
    app.file_uploader(key="land-raster-file").set_value((name, content, "image/tiff"))
    return app.run()


def worldcover(step: float = 0.01) -> bytes:
    values = np.random.default_rng(1).choice([10, 40, 50, 80, 95], (140, 160)).astype(np.uint8)
    return tif(values, west=120.8, north=31.95, step=step)


def test_the_page_shows_the_shipped_raster_by_district(open_page):
    app = open_page()
    assert not app.exception
    page = html_of(app)
    assert page.count("bsh-land-row") == 17
    assert "合计" in page
    assert "推算（含示意）" in page
    assert "EPSG:4549" in page
    assert "./?layer=land_cover&amp;area=310151" in page


def test_published_figures_stand_beside_with_definition_and_source(open_page):
    page = html_of(open_page())
    assert "森林覆盖率（原口径）" in page
    assert "19.5 %" in page
    assert "历年公布的森林覆盖率" in page
    assert "未公布" in page


def test_the_english_page_holds_no_chinese(open_page):
    app = open_page("en")
    assert not app.exception
    page = re.sub("《[^》]*》", "", html_of(app))
    assert "Land indicators" in page
    assert "Pudong New Area" in page
    assert re.findall("[一-鿿]+", page) == []


def test_the_area_of_the_published_figures_can_be_a_district(open_page):
    app = open_page()
    app.selectbox(key="land-area").set_value("310151").run()
    assert "25.36 %" in html_of(app)


def test_zones_without_districts_have_no_links_and_no_total(open_page):
    app = open_page()
    app.selectbox(key="land-zones").set_value("wetlands").run()
    page = html_of(app)
    assert page.count("bsh-land-row") == 13
    assert "./?layer" not in page
    assert "合计" not in page


def test_an_uploaded_raster_is_measured_with_its_guessed_table(open_page):
    app = upload(open_page(), worldcover())
    assert not app.exception
    page = html_of(app)
    assert "树木覆盖" in page
    assert "未注明（用户文件）" in page
    assert "推断为" in page


def test_classes_can_be_gathered_in_groups(open_page):
    app = upload(open_page(), worldcover())
    app.segmented_control(key="land-grouped").set_value(True).run()
    page = html_of(app)
    assert "建设用地" in page
    assert "林地" in page


def test_two_rasters_are_compared(open_page):
    app = upload(open_page(), worldcover())
    app.checkbox(key="land-compare").set_value(True).run()
    app.selectbox(key="land-later").set_value("upload").run()
    later = tif(np.full((140, 160), 50, np.uint8), west=120.8, north=31.95)
    app.file_uploader(key="land-later-file").set_value(("later.tif", later, "image/tiff")).run()
    assert not app.exception
    page = html_of(app)
    assert "变化前 ↓ 变化后 →" in page
    assert page.count('class="bsh-land-gain"') == 5


def test_an_index_is_shown_with_its_mean(open_page):
    values = np.random.default_rng(2).normal(0.4, 0.1, (140, 160)).astype(np.float32)
    app = upload(open_page(), tif(values, west=120.8, north=31.95))
    page = html_of(app)
    assert "面积加权均值" in page
    assert "0.4" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no raster", "不是 GeoTIFF"),
        (tif(np.ones((3, 3), np.uint8), crs=None), "没有坐标系"),
        (tif(np.ones((3, 3), np.uint8), west=10, north=50), "没有重叠"),
    ],
)
def test_a_faulty_upload_is_one_sentence_on_the_page(open_page, content, said):
    app = upload(open_page(), content)
    assert not app.exception
    assert said in html_of(app)


def test_the_band_is_asked_for_where_there_are_several(open_page):
    both = np.stack([np.full((140, 160), 1), np.full((140, 160), 2)]).astype(np.uint8)
    app = upload(open_page(), tif(both, west=120.8, north=31.95))
    assert app.number_input(key="land-raster-band").max == 2
    assert app.number_input(key="land-raster-band").value == 1


def test_a_name_of_a_file_is_shown_as_text(open_page):
    page = html_of(upload(open_page(), worldcover(), "<img src=x onerror=alert(1)>.tif"))
    assert "<img" not in page
    assert "&lt;img" in page


def test_before_a_file_is_chosen_the_page_waits(open_page):
    app = open_page()
    app.selectbox(key="land-raster").set_value("upload").run()
    assert not app.exception
    assert "请选择文件" in html_of(app)


def test_a_polygon_file_is_a_choice_of_zones(open_page):
    app = open_page()
    app.selectbox(key="land-zones").set_value("upload").run()
    shape = box(121.2, 31.1, 121.4, 31.3)
    frame = gpd.GeoDataFrame({"名称": ["我的地块"]}, geometry=[shape], crs=4326)
    given = ("a.geojson", frame.to_json().encode(), "application/json")
    app.file_uploader(key="land-zones-file").set_value(given).run()
    assert "我的地块" in html_of(app)
