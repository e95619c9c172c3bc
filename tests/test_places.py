"""Bays, wetlands and rivers as the map draws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import OwnProject
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from bsh_geo import catalogue, frames, places
from bsh_geo.bays import controlled_rivers
from bsh_geo.errors import LayerError
from bsh_geo.project import Project


def bays(adcode: str, kind: str = "green_industry") -> pd.DataFrame:
    """The row of one bay."""
    names = {"name_zh": "湾", "name_en": "Bay"}
    return pd.DataFrame([{"id": "bay", "adcode": adcode, "type": kind, **names}])


def bay(project: Project, adcode: str, kind: str = "green_industry") -> pd.Series:
    return places.bay_targets(project, bays(adcode, kind)).iloc[0]


def test_a_bay_shows_the_year_of_every_document(project: Project) -> None:
    jinshan = bay(project, "310116")
    for lang in ("zh", "en"):
        text = jinshan[f"target_text_{lang}"]
        assert [year for year in ("2025", "2027", "2030") if year in text] == [
            "2025",
            "2027",
            "2030",
        ]
    assert bool(jinshan["conflict"]) is True


def test_a_bay_is_classed_by_the_year_of_the_city_opinions(project: Project) -> None:
    assert bay(project, "310116")["bay_class"] == "green_industry-2027"
    assert bay(project, "310115")["bay_class"] == "green_industry-2035"
    assert bay(project, "310151", "conservation")["bay_class"] == "conservation-2035"


def test_a_bay_that_the_city_opinions_leave_out_has_the_year_of_the_other_document(
    project: Project,
) -> None:
    baoshan = bay(project, "310113")
    assert baoshan["bay_class"] == "green_industry-2030"
    assert bool(baoshan["conflict"]) is False


def test_every_class_of_a_shipped_bay_is_in_the_legend_of_the_layer(project: Project) -> None:
    layers, _ = catalogue.load_layers(project)
    part = next(one for one in layers["beautiful_bays"].parts if one.id == "bays")
    rows = places.bay_targets(project, frames.table(project, "bays"))
    assert len(rows) == 5
    assert set(rows["bay_class"]) <= {one.key for one in part.categories}


def test_rows_are_left_as_they_were(project: Project) -> None:
    rows = bays("310116")
    places.bay_targets(project, rows)
    assert list(rows.columns) == ["id", "adcode", "type", "name_zh", "name_en"]


def shape(own: OwnProject, dataset: str, place: str) -> dict[str, Any]:
    """Properties of a schematic shape of ``place``, as its dataset declares them."""
    columns = frames.dataset_of(own.open(), dataset).columns
    known = {"id": place, "source": "doc-000", "quality": "schematic", "area_km2": 1.0}
    return {
        name: known.get(name, column.allowed[0] if column.allowed else "x")
        for name, column in columns.items()
    }


def wetland(own: OwnProject, *redline: BaseGeometry) -> pd.Series:
    """A wetland of 0.02° by 0.02°, with red-line patches around it."""
    square = box(121.90, 31.50, 121.92, 31.52)
    own.write_shapes(
        "data/wetlands/wetlands.geojson", [(shape(own, "wetland_shapes", "w"), square)]
    )
    patches = [
        (shape(own, "redline_shapes", f"r{number}"), patch) for number, patch in enumerate(redline)
    ]
    own.write_shapes("data/redline/patches.geojson", patches)
    rows = pd.DataFrame([{"id": "w", "level": "自然保护区", "restoration": "000;001"}])
    return places.wetland_overlap(own.open(), rows).iloc[0]


def test_the_share_inside_the_red_line_is_measured_on_the_shapes(own_project: OwnProject) -> None:
    found = wetland(own_project, box(121.91, 31.49, 121.95, 31.53))
    assert found["redline_share"] == pytest.approx(50, abs=0.05)


def test_patches_of_the_red_line_that_overlap_count_once(own_project: OwnProject) -> None:
    half = box(121.91, 31.49, 121.95, 31.53)
    assert wetland(own_project, half, half)["redline_share"] == pytest.approx(50, abs=0.05)


def test_a_wetland_away_from_the_red_line_has_a_share_of_zero(own_project: OwnProject) -> None:
    assert wetland(own_project, box(121.0, 31.0, 121.1, 31.1))["redline_share"] == 0


def test_the_area_of_a_wetland_s_shape_is_measured_and_not_the_stated_one(
    own_project: OwnProject,
) -> None:
    # 0.02° of longitude at 31.51° N are 1.899 km, 0.02° of latitude 2.217 km: 4.21 km².
    found = wetland(own_project, box(121.0, 31.0, 121.1, 31.1))
    assert found["shape_km2"] == pytest.approx(4.21, rel=0.005)


def test_a_wetland_names_the_documents_that_would_restore_it(own_project: OwnProject) -> None:
    found = wetland(own_project, box(121.0, 31.0, 121.1, 31.1))
    assert "美丽上海实施意见" in found["restoration_text_zh"]
    assert "十五五" in found["restoration_text_zh"]
    assert found["restoration_text_en"].isascii() or "–" in found["restoration_text_en"]


@pytest.mark.parametrize(
    ("level", "key"),
    [
        ("国际重要湿地", "ramsar"),
        ("自然保护区", "reserve"),
        ("市级重要湿地", "municipal"),
        ("湿地公园", "park"),
        (None, "other"),
    ],
)
def test_a_wetland_is_classed_by_its_level(project: Project, level: str | None, key: str) -> None:
    rows = pd.DataFrame([{"id": "nowhere", "level": level, "restoration": None}])
    found = places.wetland_overlap(project, rows).iloc[0]
    assert found["level_class"] == key


def test_a_wetland_without_a_shape_has_neither_area_nor_share(project: Project) -> None:
    rows = pd.DataFrame([{"id": "nowhere", "level": None, "restoration": None}])
    found = places.wetland_overlap(project, rows).iloc[0]
    assert pd.isna(found["shape_km2"])
    assert pd.isna(found["redline_share"])


def test_the_rivers_under_nitrogen_control_are_the_three_that_the_plan_names(
    project: Project, policy_documents: Path
) -> None:
    rivers = controlled_rivers(project)
    assert rivers == ("金汇港", "南竹港", "龙泉港")
    printed = (policy_documents / "000_c2b2bec18e16c5bb.txt").read_text(encoding="utf-8")
    text = "".join(printed.split())
    assert all(river in text for river in rivers)


def test_only_sections_on_those_rivers_are_drawn(project: Project) -> None:
    rows = pd.DataFrame({"river_zh": ["金汇港", "川杨河", "龙泉港", None]})
    assert places.nitrogen_rivers(project, rows)["river_zh"].to_list() == ["金汇港", "龙泉港"]


def test_an_unknown_derivation_is_refused_with_the_known_ones(project: Project) -> None:
    with pytest.raises(LayerError) as raised:
        places.derived_rows(project, "bay_target", pd.DataFrame())
    for text in (raised.value.zh, raised.value.en):
        assert "bay_target" in text
        assert "nitrogen_rivers" in text


def test_rows_without_a_derivation_stay_as_they_are(project: Project) -> None:
    rows = pd.DataFrame({"id": ["a"]})
    assert places.derived_rows(project, None, rows) is rows


def test_a_drawn_place_has_the_quality_of_its_shape(own_project: OwnProject) -> None:
    square = box(121.0, 31.0, 121.1, 31.1)
    own_project.write_shapes(
        "data/redline/patches.geojson", [(shape(own_project, "redline_shapes", "r"), square)]
    )
    rows = pd.DataFrame({"id": ["r", "s"], "quality": ["published", "published"]})
    drawn = places.with_shapes(own_project.open(), rows, "redline_shapes")
    assert drawn["id"].to_list() == ["r"]
    assert drawn["quality"].to_list() == ["schematic"]
    assert drawn.crs == "EPSG:4326"
