"""The account of the red line: published areas kept apart from shapes, and what must agree."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import shapely
from conftest import OwnProject
from pyproj import Geod
from shapely.geometry import box, mapping

from bsh_geo import frames, redline, redline_report
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.project import Project

CITY, CHONGMING, PUDONG = "310000", "310151", "310115"


def faults(project: Project) -> list[BshError]:
    return [one for one in redline.reconciliation(project) if isinstance(one, BshError)]


def test_the_published_areas_are_those_of_the_notice_and_of_the_plan(project: Project) -> None:
    official = redline.account(project).official
    assert official.loc[CITY, ["area", "land", "sea"]].tolist() == [2527.3, 130.05, 2397.25]
    assert official.loc[CHONGMING, ["area", "land", "sea"]].tolist() == [1640.37, 91.78, 1548.59]
    assert official.loc[CITY, "quality"] == "official"
    assert official.loc[CHONGMING, "quality"] == "published"


def test_the_rest_of_the_city_is_the_difference_and_says_that_it_is_derived(
    project: Project,
) -> None:
    rest = redline.account(project).official.loc["rest"]
    # 2527.30 − 1640.37, 130.05 − 91.78, 2397.25 − 1548.59
    assert rest[["area", "land", "sea"]].tolist() == [886.93, 38.27, 848.66]
    assert rest["quality"] == "derived"
    assert rest["source"] == "hufufa-2023-4;doc-003"


def test_no_district_without_a_published_figure_has_one(project: Project) -> None:
    table = redline_report.table(project, "district", "zh").set_index("区域")
    assert pd.isna(table.loc["浦东新区", "公布 合计 (km²)"])
    assert table["公布 合计 (km²)"].notna().sum() == 3


def test_columns_of_shapes_say_that_they_are_schematic_and_those_of_documents_do_not(
    project: Project,
) -> None:
    names = list(redline_report.table(project, "district", "zh").columns)
    shapes = [name for name in names if "图形" in name]
    assert len(shapes) == 6
    assert all(name.startswith("示意图形") for name in shapes)
    assert not any("示意" in name for name in names if name.startswith("公布"))


def test_shapes_divide_into_land_and_sea_without_a_rest(project: Project) -> None:
    patches = redline.account(project).patches.dropna(subset=["area"])
    assert len(patches) == 9
    assert (patches["land"] + patches["sea"] - patches["area"]).abs().max() < 1e-9
    # The largest patch lies off the coast, but for the shoal that counts as land.
    assert patches.at["jiuduansha", "land"] == pytest.approx(35.58, abs=0.01)
    assert patches.at["qingcaosha", "land"] == pytest.approx(0.0, abs=0.01)


def test_a_place_without_a_shape_has_no_area(project: Project) -> None:
    row = redline.account(project).patches.loc["sturgeon"]
    assert row[["area", "land", "sea", "in_share"]].isna().all()
    assert pd.isna(row["in_adcode"])


def test_the_districts_by_geometry_sum_to_the_union_of_the_shapes(project: Project) -> None:
    districts = redline.account(project).districts
    assert districts["geo_area"].sum() == pytest.approx(787.17, abs=0.01)
    assert districts.at["beyond", "geo_sea"] == pytest.approx(524.62, abs=0.01)
    found = districts["geo_area"] - districts["area"]
    assert (districts["difference"] - found).abs().max() == 0


def square(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return box(west, south, east, north)


@pytest.fixture
def squares(own_project: OwnProject) -> OwnProject:
    """Two overlapping patches of 崇明 over its north-eastern coast, one said to lie in 浦东."""
    shipped = json.loads(own_project.shipped("data/redline/patches.geojson"))
    kept = {one["properties"]["id"]: one for one in shipped["features"]}
    shapes = {
        "dongtan": square(121.80, 31.50, 122.00, 31.60),
        "dongping": square(121.90, 31.50, 122.10, 31.60),
    }
    features = []
    for name, shape in shapes.items():
        feature = kept[name]
        feature["geometry"] = mapping(shape)
        feature["properties"]["area_km2"] = 1.0
        features.append(feature)
    shipped["features"] = features
    own_project.write("data/redline/patches.geojson", json.dumps(shipped, ensure_ascii=False))
    return own_project


def test_ground_that_two_patches_share_is_counted_once(squares: OwnProject) -> None:
    found = redline.account(squares.open())
    geod = Geod(ellps="GRS80")
    whole = abs(geod.geometry_area_perimeter(square(121.80, 31.50, 122.10, 31.60))[0]) / 1e6
    assert found.patches["area"].sum() > whole * 1.3
    # Straight edges in degrees bow a little in the plane: 30 km along a parallel.
    assert found.districts["area"].sum() == pytest.approx(whole, rel=5e-4)
    assert found.districts["geo_area"].sum() == pytest.approx(whole, rel=5e-4)


def test_a_patch_across_the_coast_is_divided_by_the_outline_of_the_land(
    squares: OwnProject,
) -> None:
    project = squares.open()
    row = redline.account(project).patches.loc["dongtan"]
    land = frames.boundary(project, "land").geometry.union_all()
    geod = Geod(ellps="GRS80")
    on_land = shapely.segmentize(square(121.80, 31.50, 122.00, 31.60).intersection(land), 0.01)
    expected = abs(geod.geometry_area_perimeter(on_land)[0]) / 1e6
    assert row["land"] == pytest.approx(expected, rel=5e-4)
    assert 0 < row["land"] < row["area"]


def test_the_shipped_red_line_is_reconciled(project: Project) -> None:
    counts = [one for one in redline.reconciliation(project) if not isinstance(one, BshError)]
    assert faults(project) == []
    # 4 figures of the city, 4 of 崇明, 4 targets, 9 located patches
    assert sum(counts) == 21


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("redline_land,310151,2023,91.78", "redline_land,310151,2023,91.87", "1640.46"),
        ("redline_area,310000,2023,2527.3", "redline_area,310000,2023,2572.3", "2572.3"),
        ("redline_sea,310000,2023,2397.25", "redline_sea,310000,2023,2379.25", "2509.3"),
    ],
)
def test_a_figure_that_does_not_add_up_is_a_fault(
    own_project: OwnProject, old: str, new: str, said: str
) -> None:
    own_project.change("data/indicators/observations.csv", old, new)
    found = faults(own_project.open())
    assert found
    assert any(said in one.zh for one in found)


def test_a_later_notice_is_not_held_against_the_figures_of_2023(own_project: OwnProject) -> None:
    text = own_project.shipped("data/indicators/observations.csv")
    for name, old, new in (("area", "2527.3", "2600"), ("land", "130.05", "140"),
                           ("sea", "2397.25", "2460")):  # fmt: skip
        line = next(
            one for one in text.splitlines() if one.startswith(f"redline_{name},310000,2023,{old},")
        )
        later = line.replace(",2023,", ",2026,").replace(f",{old},", f",{new},")
        text = text.replace(line, f"{line}\n{later}")
    own_project.write("data/indicators/observations.csv", text)
    found = faults(own_project.open())
    # Only the target of 2,527.3 km² no longer fits; the sums do.
    assert [one.zh.split(" ")[0] for one in found] == ["000-redline_area-310000-none"]


def test_a_patch_in_another_district_than_stated_is_a_fault(own_project: OwnProject) -> None:
    own_project.change(
        "data/redline/patches.csv",
        "gongqing,共青国家森林公园,Gongqing National Forest Park,310110",
        "gongqing,共青国家森林公园,Gongqing National Forest Park,310120",
    )
    (found,) = faults(own_project.open())
    assert isinstance(found, DataError)
    assert "gongqing" in found.zh
    assert "310110" in found.zh


def test_an_unknown_view_is_refused(project: Project) -> None:
    with pytest.raises(UnknownNameError, match="district"):
        redline_report.table(project, "distrikt", "zh")


@pytest.mark.parametrize("by", redline_report.VIEWS)
def test_every_view_has_the_same_rows_in_both_languages(project: Project, by: str) -> None:
    zh, en = (redline_report.table(project, by, lang) for lang in ("zh", "en"))
    assert zh.shape == en.shape
    assert len(zh) > 3
    assert not set(zh.columns) & set(en.columns)


def test_the_layer_s_table_divides_each_shape_into_land_and_sea(project: Project) -> None:
    from bsh_geo import compose

    (table,) = compose.build(project, compose.Request("ecological_red_line")).tables
    rows = table.shown.set_index("名称")
    row = rows.loc["九段沙湿地国家级自然保护区"]
    assert row["图形陆域部分 (km²)"] == pytest.approx(35.58, abs=0.01)
    assert row["图形海域部分 (km²)"] == pytest.approx(384.62, abs=0.01)
    assert row["图形所在区"] == "浦东新区"
    assert pd.isna(rows.loc["陈行水源", "图形陆域部分 (km²)"])
