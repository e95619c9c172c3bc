"""Boundary sets on maps: units in place of districts, with their figures, filter, names, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import OwnProject
from shapely.geometry import Point, box
from small_own import fresh

from bsh_geo import (
    areas,
    check,
    compose,
    exports,
    frames,
    gis_layers,
    grids,
    observations,
    own_import,
    project_folder,
    units,
)
from bsh_geo.areas import Selection
from bsh_geo.compose import Request
from bsh_geo.crs import area_km2
from bsh_geo.errors import BshError, DataError, LayerError
from bsh_geo.intake import target_project
from bsh_geo.project import Project

# Four squares of 0.02° side by side in 浦东新区, but for the last, which lies out at sea.
CORNERS = {"a": 121.60, "b": 121.62, "c": 121.64, "sea": 122.60}
NAMES = {"a": "甲街道", "b": "乙街道", "c": "丙镇", "sea": "外海"}

BOUNDARY = """
[[boundary]]
id = "streets"
file = "streets.geojson"
id_column = "id"
name_column = "name_zh"
crs = "EPSG:4326"
features = 4
geometry = "Polygon"
source = ["osm-lands-2017"]
licence = { zh = "测试", en = "test" }
date = "2025"
quality = "QUALITY"
title = { zh = "街镇", en = "Streets" }
purpose = { zh = "统计", en = "Counting" }
limitations = { zh = "测试用的方格。", en = "Squares of a test." }
"""

LAYER = """
id = "own"
title = { zh = "街镇图", en = "Streets" }
group = { zh = "环境", en = "Environment" }
summary = { zh = "测试", en = "test" }
source = ["osm-lands-2017"]
quality = "published"

[[metrics]]
id = "pm"
title = { zh = "细颗粒物", en = "Fine particles" }
indicator = "pm25"
boundary = "streets"
valid = [0, 500]
breaks = [20, 30]
palette = ["#aaaaaa", "#bbbbbb", "#cccccc"]
MORE
"""

SITES = """
id = "sites"
file = "sites/sites.csv"
title = { zh = "点位", en = "Sites" }
rows = { zh = "每行一处", en = "One per row" }
key = ["id"]
source = ["osm-lands-2017"]
licence = { zh = "无", en = "none" }
date = "2025"
quality = "published"
missing = { zh = "无", en = "none" }
limitations = { zh = "测试点位。", en = "Sites of a test." }
crs = "EPSG:4326"
lon = "lon"
lat = "lat"

[columns]
id = { type = "str", zh = "编号", en = "Id", required = true }
lon = { type = "float", zh = "经度", en = "Longitude" }
lat = { type = "float", zh = "纬度", en = "Latitude" }
size = { type = "float", zh = "面积", en = "Size" }
source = { type = "source", zh = "来源", en = "Source", required = true }
quality = { type = "quality", zh = "质量", en = "Quality", required = true }
"""

SITE_ROWS = """id,lon,lat,size,source,quality
1,121.605,31.205,10,osm-lands-2017,published
2,121.606,31.206,,osm-lands-2017,published
3,121.625,31.205,4,ctrip-poi;osm-lands-2017,published
4,121.626,31.205,7,osm-lands-2017,schematic
5,,,9,osm-lands-2017,published
6,121.900,31.205,9,osm-lands-2017,published
"""
"""Two in a, one of unknown size; one and a sketch in b; one without a place; one outside."""

HEAD = "indicator,area,period,value,unit,source,quality,basis,note_zh,note_en\n"
FIGURES = (
    "pm25,streets:a,2025,18.5,μg/m³,fyp14-results,published,stated,,\n"
    "pm25,streets:b,2025,31,μg/m³,fyp14-results,derived,derived,说明乙,about b\n"
    "pm25,streets:b,2024,33,μg/m³,fyp14-results,published,stated,,\n"
)


def computed(compute: str, rest: str = "") -> str:
    """One more metric, computed of the sites."""
    return f"""
[[metrics]]
id = "m_{compute}"
title = {{ zh = "计算", en = "Computed" }}
indicator = "parks_total"
boundary = "streets"
source = "computed"
compute = "{compute}"
dataset = "sites"
unit = "个"
valid = [0, 100000]
breaks = [1, 3]
palette = ["#aaaaaa", "#bbbbbb", "#cccccc"]
{rest}
"""


def streets(
    own: OwnProject, quality: str = "published", more: str = "", district: bool = False
) -> Project:
    """A project with the four units, figures of two of them, and sites to count."""
    declared = BOUNDARY.replace("QUALITY", quality)
    declared += 'district_column = "adcode"\n' if district else ""
    own.write("data/boundaries/boundaries.toml", declared)
    squares: list[tuple[dict[str, Any], Any]] = []
    for name, west in CORNERS.items():
        cells = {"id": name, "name_zh": NAMES[name]}
        # The set says that b belongs to 黄浦区, whatever the map says.
        stated = {"b": "310101", "sea": None}.get(name, "310115")
        squares.append((cells | ({"adcode": stated} if district else {}),
                        box(west, 31.20, west + 0.02, 31.22)))  # fmt: skip
    own.write_shapes("data/boundaries/streets.geojson", squares)
    own.write("data/indicators/observations.own.csv", HEAD + FIGURES)
    own.write("data/datasets/sites.toml", SITES)
    own.write("data/sites/sites.csv", SITE_ROWS)
    own.write("layers/own.toml", LAYER.replace("MORE", more))
    return fresh(own.root)


def values(here: Project, metric: str) -> dict[str, float]:
    spec = compose.build(here, Request("own", metric))
    return spec.tables[0].export.set_index("id")["value"].to_dict()


def test_units_are_coloured_by_their_own_figures_and_lack_what_they_lack(
    own_project: OwnProject,
) -> None:
    spec = compose.build(streets(own_project), Request("own"))
    part = spec.parts[0]
    assert (part.boundary, part.selects, part.coloured) == ("streets", False, True)
    assert part.frame["key"].to_dict() == {"a": "0", "b": "2", "c": "nodata", "sea": "nodata"}
    assert spec.legend[0].title == "细颗粒物 · 街镇（公开发布）"
    assert [one.label for one in spec.legend[0].items] == ["≤ 20", "20 – 30", "> 30", "无数据"]
    assert part.frame.at["a", "lines"][0] == ("细颗粒物", "18.5 μg/m³")
    assert ("区", "浦东新区") in part.frame.at["a", "lines"]
    assert part.frame.at["c", "lines"][0] == ("细颗粒物", "无数据")
    assert ("说明", "说明乙") in part.frame.at["b", "lines"]


def test_the_rows_of_the_map_are_in_its_table_and_its_export(own_project: OwnProject) -> None:
    here = streets(own_project)
    view = compose.build(here, Request("own", lang="en")).tables[0]
    assert view.id == "units"
    assert list(view.shown.columns[:3]) == ["Streets", "District", "Fine particles (μg/m³)"]
    assert view.shown.iloc[:, 2].tolist()[:2] == [18.5, 31.0]
    assert view.shown.iloc[2:, 2].isna().all()
    export = view.export
    assert export["boundary"].tolist() == ["streets"] * 4
    assert export["adcode"].tolist()[:3] == ["310115"] * 3
    assert export["class"].tolist() == ["0", "2", "", ""]
    assert export.geometry.iloc[0].equals(frames.boundary(here, "streets").geometry["a"])
    layer = gis_layers.of_view(here, Request("own"))[0]
    assert set(layer.frame["geometry_quality"]) == {"published"}


def test_the_periods_are_those_of_the_units_and_each_shows_its_own(own_project: OwnProject) -> None:
    here = streets(own_project)
    metric = compose.layer_of(here, "own").metric("pm")
    assert compose.periods(here, metric) == ["2025", "2024"]
    old = compose.build(here, Request("own", period="2024")).tables[0].export
    assert old.set_index("id")["value"].dropna().to_dict() == {"b": 33.0}


def test_the_figures_of_units_are_no_figures_of_districts(own_project: OwnProject) -> None:
    here = streets(own_project)
    city = compose.build(here, Request("air_quality", period="2025"))
    rows = city.tables[0].export
    assert set(rows["id"]) == set(areas.district_table(here).index)
    assert observations.district_count(here, "pm25", "2025") == 7
    assert areas.area_name(here, "streets:a", "zh") == "甲街道"
    assert areas.area_name(here, "streets:zz", "zh") == "streets:zz"


def test_a_district_is_filtered_by_the_set_s_own_column(own_project: OwnProject) -> None:
    here = streets(own_project, district=True)
    spec = compose.build(here, Request("own", areas=("黄浦区",)))
    assert list(spec.parts[0].frame.index) == ["b"]
    assert not any("面积最大" in note for note in spec.notes)
    found = units.table(here, "streets")
    assert found["how"].to_dict() == {"a": "stated", "b": "stated", "c": "stated", "sea": "outside"}


def test_without_a_column_units_go_by_geometry_and_the_map_says_so(own_project: OwnProject) -> None:
    here = streets(own_project)
    spec = compose.build(here, Request("own", areas=("浦东新区",)))
    assert list(spec.parts[0].frame.index) == ["a", "b", "c"]
    assert any("按面积最大部分所在的区" in note for note in spec.notes)
    city = compose.build(here, Request("own"))
    assert any("1 个单元不在任何区内" in note for note in city.notes)
    assert any(note.startswith("统计单元：街镇（公开发布）") for note in city.notes)


def test_a_district_column_that_names_no_district_is_a_fault(own_project: OwnProject) -> None:
    streets(own_project, district=True)
    path = own_project.root / "data/boundaries/streets.geojson"
    path.write_text(path.read_text("utf-8").replace("310101", "310199"), encoding="utf-8")
    with pytest.raises(DataError, match=r"b 的 adcode 为“310199”"):
        units.table(fresh(own_project.root), "streets")


def test_a_set_that_is_a_sketch_is_dashed_and_says_so_everywhere(own_project: OwnProject) -> None:
    here = streets(own_project, "schematic")
    spec = compose.build(here, Request("own"))
    assert all(one.dashed for one in spec.parts[0].styles.values())
    assert all(item.style.dashed for item in spec.legend[0].items)
    assert "示意" in spec.quality_note and "（示意）" in spec.legend[0].title
    layer = gis_layers.of_view(here, Request("own"), spec)[0]
    assert layer.schematic and layer.id.endswith("_schematic")


def test_the_borders_of_the_districts_lie_over_the_units(own_project: OwnProject) -> None:
    spec = compose.build(streets(own_project), Request("own", areas=("浦东新区",)))
    borders = spec.parts[1]
    assert (borders.id, list(borders.frame.index)) == ("district-borders", ["310115"])
    assert borders.styles["all"].fill is None


def test_units_are_named_where_there_are_few_and_not_where_they_are_slivers(
    own_project: OwnProject, tmp_path: Path
) -> None:
    here = streets(own_project)
    named = {one.text for one in compose.build(here, Request("own")).labels}
    assert set(NAMES.values()) <= named
    project_folder.init(tmp_path / "p")
    grids.add(tmp_path / "p", "squares", 5)
    text = LAYER.replace("MORE", "").replace('"streets"', '"squares"')
    (tmp_path / "p/layers/own.toml").write_text(
        text.replace('indicator = "pm25"', 'indicator = "pm25"\nsource = "computed"\n'
                     'compute = "count"\ndataset = "parks"'), encoding="utf-8"
    )  # fmt: skip
    whole = compose.build(fresh(tmp_path / "p"), Request("own"))
    assert not any(one.text.startswith(("东", "西")) and one.rank == 2 for one in whole.labels)
    one = compose.build(fresh(tmp_path / "p"), Request("own", areas=("青浦区",)))
    cells = one.parts[0].frame
    assert 0 < sum(label.rank == 2 for label in one.labels) < len(cells) <= 40


@pytest.mark.parametrize(
    ("compute", "rest", "expected"),
    [
        ("count", "", {"a": 2.0, "b": 1.0, "c": 0.0}),
        ("sum", 'column = "size"', {"a": 10.0, "b": 4.0, "c": 0.0}),
        ("mean", 'column = "size"', {"a": 10.0, "b": 4.0, "c": None}),
    ],
)
def test_places_are_counted_summed_and_averaged_in_each_unit(
    own_project: OwnProject, compute: str, rest: str, expected: dict[str, float | None]
) -> None:
    here = streets(own_project, more=computed(compute, rest))
    found = values(here, f"m_{compute}")
    for unit, value in expected.items():
        assert found[unit] == value if value is not None else found[unit] != found[unit]
    spec = compose.build(here, Request("own", f"m_{compute}"))
    told = " ".join(spec.notes)
    assert "没有位置 1、为示意图形 1、不在任何单元内 1" in told
    assert "测试点位。" in told
    assert spec.key is not None and spec.key.quality == "推算"
    assert spec.tables[0].export.set_index("id").at["b", "source"] == "ctrip-poi;osm-lands-2017"


def test_a_density_is_of_the_unit_s_own_area(own_project: OwnProject) -> None:
    here = streets(own_project, more=computed("density"))
    area = float(area_km2(frames.boundary(here, "streets").geometry)["a"])
    # 0.02° by 0.02° at 31.21° N: 1.905 km by 2.217 km.
    assert area == pytest.approx(4.224, abs=0.005)
    assert values(here, "m_density")["a"] == pytest.approx(2 / area, rel=1e-12)


def test_a_cover_counts_what_overlaps_once(own_project: OwnProject) -> None:
    more = computed("cover").replace('"sites"', '"plots"')
    streets(own_project)
    plots = SITES.replace('"sites"', '"plots"').replace("sites/sites.csv", "sites/plots.geojson")
    plots = plots.replace('lon = "lon"\nlat = "lat"', 'geometry = "Polygon"')
    lines = [one for one in plots.splitlines() if not one.startswith(("lon =", "lat =", "size ="))]
    own_project.write("data/datasets/plots.toml", "\n".join(lines))
    cells = {"source": "osm-lands-2017", "quality": "published"}
    own_project.write_shapes(
        "data/sites/plots.geojson",
        [
            ({"id": "1", **cells}, box(121.60, 31.20, 121.61, 31.22)),
            ({"id": "2", **cells}, box(121.605, 31.20, 121.61, 31.22)),
            ({"id": "3", **cells, "quality": "schematic"}, box(121.62, 31.2, 121.64, 31.22)),
        ],
    )
    own_project.write("layers/own.toml", LAYER.replace("MORE", more))
    found = values(fresh(own_project.root), "m_cover")
    assert found["a"] == pytest.approx(50.0, abs=0.01)
    assert (found["b"], found["c"]) == (0.0, 0.0)


def test_every_place_on_land_is_counted_in_one_square_of_a_grid(tmp_path: Path) -> None:
    project_folder.init(tmp_path / "p")
    entry = grids.add(tmp_path / "p", "squares", 10)
    here = fresh(tmp_path / "p")
    cells = frames.boundary(here, "squares")
    assert entry.rows == len(cells)
    land = area_km2(frames.boundary(here, "land").geometry).sum()
    assert area_km2(cells.geometry).sum() == pytest.approx(land, rel=1e-5)
    assert area_km2(cells.geometry).max() <= 100.001
    inside = frames.points(here, "parks")
    within = frames.boundary(here, "land").geometry.union_all()
    own = (tmp_path / "p/layers/own.toml").write_text
    own(LAYER.replace("MORE", computed("count").replace('"sites"', '"parks"'))
        .replace('"streets"', '"squares"'), encoding="utf-8")  # fmt: skip
    found = compose.build(fresh(tmp_path / "p"), Request("own", "m_count")).tables[0].export
    assert found["value"].sum() == inside.geometry.intersects(within).sum()


def test_a_grid_is_an_import_that_can_be_undone_and_refuses_what_it_cannot_be(
    tmp_path: Path,
) -> None:
    project_folder.init(tmp_path / "p")
    grids.add(tmp_path / "p", "squares", 20)
    assert frames.boundary_of(fresh(tmp_path / "p"), "squares").quality == "derived"
    with pytest.raises(DataError, match=r"0\.5–50 km"):
        grids.add(tmp_path / "p", "tiny", 0.1)
    with pytest.raises(DataError, match="land 已被使用"):
        grids.add(tmp_path / "p", "land", 20)
    own_import.undo(tmp_path / "p")
    assert not (tmp_path / "p/data/boundaries").exists() or not any(
        (tmp_path / "p/data/boundaries").iterdir()
    )


def test_figures_are_imported_by_the_name_or_id_of_a_unit(own_project: OwnProject) -> None:
    streets(own_project)
    data = "街镇,数值\n甲街道,21\nc,24.5\n丁街道,3\n".encode()
    options = own_import.Options(
        quality="published", indicator="pm25", period="2026", unit="μg/m³",
        columns={"街镇": "area", "数值": "value"}, within="streets",
    )  # fmt: skip
    given = own_import.preview(
        target_project(own_project.root), "indicators", "街镇.csv", data, options
    )
    assert given.frame["area"].tolist() == ["streets:a", "streets:c"]
    assert any("丁街道" in one.text.zh for one in given.report.findings)
    own_import.confirm(own_project.root, given)
    here = fresh(own_project.root)
    new = compose.build(here, Request("own", period="2026")).tables[0].export
    assert new.set_index("id")["value"].dropna().to_dict() == {"a": 21.0, "c": 24.5}


def test_a_name_that_two_units_have_is_taken_for_neither(own_project: OwnProject) -> None:
    from bsh_geo import own_names

    streets(own_project)
    path = own_project.root / "data/boundaries/streets.geojson"
    path.write_text(path.read_text("utf-8").replace("乙街道", "甲街道"), encoding="utf-8")
    here = fresh(own_project.root)
    found = own_names.match_unit(here, "streets", "甲街道")
    assert (found.code, found.near) == (None, ("a", "b"))
    assert own_names.match_unit(here, "streets", "B").code == "streets:b"
    said = own_names.match_unit(here, "streets", "甲街道", {"甲街道": "b"})
    assert (said.code, said.how) == ("streets:b", "said")


def test_check_names_a_figure_of_a_unit_that_does_not_exist(own_project: OwnProject) -> None:
    here = streets(own_project)
    assert not any("streets" in fault.zh for fault in check.run_checks(here).faults)
    wrong = FIGURES.replace("streets:a", "streets:x")
    own_project.write("data/indicators/observations.own.csv", HEAD + wrong)
    faults = [one.zh for one in check.run_checks(fresh(own_project.root)).faults]
    assert any("streets:x" in one for one in faults)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('boundary = "streets"', 'boundary = "nowhere"', "未声明边界 nowhere"),
        ('boundary = "streets"', 'boundary = "streets"\nplaces = "stations"', "不能再有 places"),
        ('boundary = "streets"', 'source = "computed"\ncompute = "count"', "应以 boundary 指定"),
        ('boundary = "streets"',
         'boundary = "streets"\nsource = "computed"\ncompute = "count"', "以 dataset 指定"),
        ('boundary = "streets"',
         'boundary = "streets"\nsource = "computed"\ncompute = "sum"\ndataset = "sites"',
         "缺少 column"),
        ('boundary = "streets"',
         'boundary = "streets"\nsource = "computed"\ncompute = "sum"\ndataset = "sites"\n'
         'column = "colour"', "不是数据集 sites 的数值列"),
        ('boundary = "streets"',
         'boundary = "streets"\nsource = "computed"\ncompute = "count"\ndataset = "targets"',
         "没有位置"),
        ('boundary = "streets"',
         'boundary = "streets"\nsource = "computed"\ncompute = "cover"\ndataset = "sites"',
         "数据集应为面"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_by_unit_is_said_in_a_sentence(
    own_project: OwnProject, old: str, new: str, said: str
) -> None:
    streets(own_project)
    text = LAYER.replace("MORE", "").replace(old, new)
    own_project.write("layers/own.toml", text)
    with pytest.raises(BshError, match=said):
        compose.build(fresh(own_project.root), Request("own"))


def test_sketches_alone_are_not_counted_at_all(own_project: OwnProject) -> None:
    streets(own_project, more=computed("count"))
    rows = SITE_ROWS.replace("published", "schematic")
    own_project.write("data/sites/sites.csv", rows)
    with pytest.raises(LayerError, match="都是示意"):
        compose.build(fresh(own_project.root), Request("own", "m_count"))


def test_a_unit_belongs_to_the_district_that_most_of_it_lies_in(own_project: OwnProject) -> None:
    here = streets(own_project)
    districts = frames.boundary(here, "districts")
    for unit, west in list(CORNERS.items())[:3]:
        middle = Point(west + 0.01, 31.21)
        code = districts.index[districts.geometry.intersects(middle)][0]
        assert units.table(here, "streets").at[unit, "adcode"] == code
    assert units.selected(here, "streets", Selection(("310101",))).empty


def test_a_table_of_units_is_written_with_a_source_and_quality(own_project: OwnProject) -> None:
    here = streets(own_project)
    view = compose.build(here, Request("own")).tables[0]
    text = exports.to_bytes(view, "csv").decode("utf-8-sig")
    assert "甲街道" in text and "公开发布" in text
