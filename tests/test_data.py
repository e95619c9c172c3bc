"""The data in the box against the facts that they were taken from, figure by figure."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import pytest
from pyproj import Geod

from bsh_geo import areas, catalogue, crs, frames
from bsh_geo.project import Project

GROUPS = {"上海市": "310000", "中心城区": "central"}


def read(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a file of facts, which must have some."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows, f"{name} is empty"
    return rows


def table(project: Project, dataset: str) -> list[dict[str, object]]:
    """The rows of a dataset, of which there must be some."""
    rows = frames.table(project, dataset).to_dict("records")
    assert rows, f"{dataset} is empty"
    return rows


def number(cell: object) -> float | None:
    """A cell as a number; None where it is blank."""
    if cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        return None
    return None if str(cell) == "<NA>" else float(str(cell))


def adcodes(project: Project) -> dict[str, str]:
    """Area codes by Chinese name."""
    districts = areas.district_table(project)
    return dict(zip(districts["name_zh"], districts.index, strict=True)) | GROUPS


def folded(name: str) -> str:
    """A name whatever the width of its brackets."""
    return name.replace("(", "（").replace(")", "）")


# Districts ------------------------------------------------------------------------------------


def test_district_areas_and_populations_are_those_of_the_facts(
    project: Project, facts: Path
) -> None:
    stated = {
        row["adcode"]: (
            row["name_zh"],
            row["name_en"],
            number(row["area_km2"]),
            int(row["pop_census_2020"]),
        )
        for row in read(facts, "districts.csv")
    }
    found = {
        str(row["adcode"]): (row["name_zh"], row["name_en"], row["area_km2"], row["pop_2020"])
        for row in table(project, "districts")
    }
    assert len(found) == 16
    assert found == stated


def test_district_areas_sum_to_6340_50_km2(project: Project) -> None:
    assert areas.district_table(project)["area_km2"].sum() == pytest.approx(6340.50, abs=1e-6)


def test_the_census_of_the_districts_sums_to_24870895(project: Project) -> None:
    assert int(areas.district_table(project)["pop_2020"].sum()) == 24_870_895


@pytest.mark.parametrize("boundary", ["districts", "land"])
def test_areas_agree_with_those_on_the_ellipsoid(project: Project, boundary: str) -> None:
    geod = Geod(ellps="WGS84")
    polygons = frames.boundary(project, boundary)
    measured = crs.area_km2(polygons.geometry)
    assert len(measured) == 16
    for code, shape in polygons.geometry.items():
        on_ellipsoid = abs(geod.geometry_area_perimeter(shape)[0]) / 1e6
        assert measured[code] == pytest.approx(on_ellipsoid, rel=0.0005), code


def test_inland_districts_measure_their_official_area_within_4_per_cent(project: Project) -> None:
    official = areas.district_table(project)["area_km2"]
    measured = crs.area_km2(frames.boundary(project, "land").geometry)
    inland = [code for code in official.index if code not in COASTAL]
    assert len(inland) == 11
    for code in inland:
        assert measured[code] == pytest.approx(official[code], rel=0.04), code


COASTAL = ("310113", "310115", "310116", "310120", "310151")
"""宝山、浦东、金山、奉贤、崇明: their shore moves with tide and reclamation."""


def test_only_the_five_coastal_districts_have_near_shore_waters(project: Project) -> None:
    assert sorted(frames.boundary(project, "nearshore").index) == sorted(COASTAL)


# Stations -------------------------------------------------------------------------------------


def test_stations_stand_at_their_best_known_position(project: Project, facts: Path) -> None:
    stated = {
        row["code"]: (number(row["best_lon_wgs84"]), number(row["best_lat_wgs84"]))
        for row in read(facts, "air_stations.csv")
    }
    found = {str(row["code"]): (row["lon"], row["lat"]) for row in table(project, "stations")}
    assert len(found) == 20
    assert found == stated


def test_stations_have_the_names_and_districts_of_the_facts(project: Project, facts: Path) -> None:
    codes = adcodes(project)
    stated = {
        row["code"]: (row["name_zh"].removesuffix("(对照点)"), codes[row["district_zh"]])
        for row in read(facts, "air_stations.csv")
    }
    found = {
        str(row["code"]): (row["name_zh"], row["adcode"]) for row in table(project, "stations")
    }
    assert found == stated


def test_only_1146A_is_a_reference_site(project: Project, facts: Path) -> None:
    stated = {
        row["code"] for row in read(facts, "air_stations.csv") if row["is_reference_point"] == "Y"
    }
    found = {str(row["code"]) for row in table(project, "stations") if row["reference"]}
    assert found == stated == {"1146A"}


def test_corrected_coordinates_are_marked_as_derived(project: Project, facts: Path) -> None:
    moved = {
        row["code"]
        for row in read(facts, "air_stations.csv")
        if (row["lon"], row["lat"]) != (row["best_lon_wgs84"], row["best_lat_wgs84"])
    }
    assert "3265A" in moved
    found = {str(row["code"]) for row in table(project, "stations") if row["quality"] == "derived"}
    assert found == moved


def test_daily_values_are_those_of_the_facts(project: Project, facts: Path) -> None:
    names = {"co": "co_mg"}
    columns = ("pm25", "pm10", "so2", "no2", "co", "o3_8h_max", "hours_pm25")
    stated = {
        (row["code"], row["date"]): [number(row[names.get(one, one)]) for one in columns]
        for row in read(facts, "air_daily_2021.csv")
    }
    found = {
        (row["station"], row["date"]): [number(row[one]) for one in columns]
        for row in table(project, "station_daily_2021")
    }
    assert len(found) == 640
    assert found == stated


def test_daily_values_have_at_least_20_valid_hours(project: Project) -> None:
    days = frames.table(project, "station_daily_2021")
    assert days[days["pm25"].notna()]["hours_pm25"].min() >= 20


# Figures --------------------------------------------------------------------------------------

POLLUTANTS = {
    "PM2.5": "pm25",
    "PM10": "pm10",
    "SO2": "so2",
    "NO2": "no2",
    "CO-95per": "co_p95",
    "O3-8h-90per": "o3_8h_p90",
    "AQI优良率": "aqi_good_rate",
    "AQI优良天数": "aqi_good_days",
}
MONTHLY = {
    "aqi_good_rate_pct": "aqi_good_rate",
    "pm25_ugm3": "pm25",
    "o3_8h_p90_ugm3": "o3_8h_p90",
    "road_pm10_ugm3": "road_pm10",
    "pm10_ugm3": "pm10",
    "so2_ugm3": "so2",
    "no2_ugm3": "no2",
    "co_p95_mgm3": "co_p95",
}
Key = tuple[str, str, str]


def observed(project: Project, indicators: set[str], months: bool) -> dict[Key, float]:
    """Observations by indicator, area and period, of years or of months."""
    return {
        (str(row["indicator"]), str(row["area"]), str(row["period"])): float(str(row["value"]))
        for row in table(project, "observations")
        if row["indicator"] in indicators and ("-" in str(row["period"])) is months
    }


def test_annual_air_figures_are_those_of_the_facts(project: Project, facts: Path) -> None:
    codes = adcodes(project)
    stated: dict[Key, set[float]] = {}
    for row in read(facts, "air_annual.csv"):
        key = (POLLUTANTS[row["pollutant"]], codes[row["area_zh"]], row["year"])
        stated.setdefault(key, set()).add(float(row["value"]))
    found = observed(project, set(POLLUTANTS.values()), months=False)
    assert len(found) > 80
    assert set(found) == set(stated)
    assert {key: value for key, value in found.items() if value not in stated[key]} == {}


def test_a_stated_annual_figure_is_not_replaced_by_a_derived_one(
    project: Project, facts: Path
) -> None:
    codes = adcodes(project)
    stated = {
        (POLLUTANTS[row["pollutant"]], codes[row["area_zh"]], row["year"]): float(row["value"])
        for row in read(facts, "air_annual.csv")
        if row["basis"] == "stated"
    }
    found = observed(project, set(POLLUTANTS.values()), months=False)
    assert len(stated) > 40
    assert {key: found[key] for key in stated if found[key] != stated[key]} == {}


def test_derived_annual_figures_are_marked_as_derived(project: Project, facts: Path) -> None:
    codes = adcodes(project)
    every: dict[Key, set[str]] = {}
    for row in read(facts, "air_annual.csv"):
        key = (POLLUTANTS[row["pollutant"]], codes[row["area_zh"]], row["year"])
        every.setdefault(key, set()).add(row["basis"])
    derived = {key for key, bases in every.items() if bases == {"derived"}}
    marked = {
        (str(row["indicator"]), str(row["area"]), str(row["period"])): row["basis"]
        for row in table(project, "observations")
    }
    assert len(derived) > 15
    assert {key for key in derived if marked[key] != "derived"} == set()


def test_monthly_air_figures_are_those_of_the_facts(project: Project, facts: Path) -> None:
    codes = adcodes(project)
    stated = {
        (indicator, codes[row["area_zh"]], row["month"]): float(row[column])
        for row in read(facts, "air_monthly_district.csv")
        for column, indicator in MONTHLY.items()
        if row[column]
    }
    found = observed(project, set(MONTHLY.values()), months=True)
    assert len(found) > 150
    assert found == stated


PARK_INDICATORS = {
    "公园总数": "parks_total",
    "公园数量": "parks_total",
    "城市公园数量": "parks_city",
    "口袋公园数量": "parks_pocket",
    "乡村公园数量": "parks_rural",
    "主题公园数量": "parks_theme",
    "24小时开放公园数量": "parks_24h_count",
    "24小时开放率": "parks_24h_rate",
    "绿道总长度": "greenway_length",
    "新建绿地": "green_new",
    "新建公园绿地": "park_green_new",
    "人均公园绿地面积": "park_area_per_capita",
    "森林覆盖率": "forest_cover_old",
    "湿地保护率": "wetland_protection_rate",
}


def test_city_park_figures_are_those_of_the_facts(project: Project, facts: Path) -> None:
    found = observed(project, set(PARK_INDICATORS.values()), months=False)
    compared = 0
    for row in read(facts, "park_indicators.csv"):
        if row["indicator"] in PARK_INDICATORS and "-" not in row["year"]:
            key = (PARK_INDICATORS[row["indicator"]], "310000", row["year"])
            assert found[key] == float(row["value"]), key
            compared += 1
    assert compared > 25


DISTRICT_INDICATORS = {
    "口袋公园建成(新建改建)": "pocket_parks_built",
    "延长开放公园数": "extended_opening_parks",
    "新增城市公园": "new_city_parks",
    "公园数量": "parks_total",
    "公园数量-城市公园": "parks_city",
    "公园数量-口袋公园": "parks_pocket",
    "公园数量-乡村公园": "parks_rural",
    "公园数量-郊野公园": "parks_country",
    "24小时开放公园数": "parks_24h_count",
    "24小时开放公园占比": "parks_24h_rate",
    "绿道长度": "greenway_length",
    "绿地总量": "green_total",
    "人均公园绿地": "park_area_per_capita",
    "森林面积": "forest_area_mu",
    "森林覆盖率": "forest_cover_old",
    "地表水优Ⅲ断面比例": "surface_water_good_rate",
    "地表水Ⅳ类断面数": "surface_water_iv_sections",
    "常住人口": "population",
}


def test_district_figures_are_those_of_the_facts(project: Project, facts: Path) -> None:
    codes = adcodes(project)
    wanted = set(DISTRICT_INDICATORS.values())
    found = observed(project, wanted, months=False) | observed(project, wanted, months=True)
    compared = 0
    for row in read(facts, "districts_indicators.csv"):
        if row["indicator"] in DISTRICT_INDICATORS:
            key = (DISTRICT_INDICATORS[row["indicator"]], codes[row["district_zh"]], row["year"])
            assert found[key] == float(row["value"]), key
            compared += 1
    assert compared > 45


def test_red_line_areas_are_those_of_the_facts(project: Project, facts: Path) -> None:
    codes = adcodes(project)
    columns = {"redline_area": "area_km2", "redline_land": "land_km2", "redline_sea": "sea_km2"}
    stated = {
        (indicator, codes[row["scope_zh"]], row["version_year"]): float(row[column])
        for row in read(facts, "redline.csv")
        if row["area_km2"] and row["scope_zh"] in codes
        for indicator, column in columns.items()
    }
    assert len(stated) == 9
    assert observed(project, set(columns), months=False) == stated


def test_the_red_line_of_2023_is_land_and_sea_together(project: Project) -> None:
    found = observed(project, {"redline_area", "redline_land", "redline_sea"}, months=False)
    for area, whole in (("310000", 2527.30), ("310151", 1640.37)):
        land, sea = (found[(f"redline_{part}", area, "2023")] for part in ("land", "sea"))
        assert land + sea == pytest.approx(whole, abs=1e-9)
        assert found[("redline_area", area, "2023")] == whole


def test_observations_have_the_unit_and_range_of_their_indicator(project: Project) -> None:
    indicators = catalogue.load_indicators(project)
    for row in table(project, "observations"):
        indicator = indicators[str(row["indicator"])]
        low, high = indicator.valid
        assert row["unit"] == indicator.unit, row
        assert low <= float(str(row["value"])) <= high, row


# Places ---------------------------------------------------------------------------------------


def test_parks_stand_where_the_facts_place_them(project: Project, facts: Path) -> None:
    codes = adcodes(project)
    stated = [
        (
            folded(row["name_zh"]),
            codes[row["district_zh"]],
            number(row["lon_wgs84"]),
            number(row["lat_wgs84"]),
        )
        for row in read(facts, "parks.csv")
    ]
    found = [
        (folded(str(row["name_zh"])), row["adcode"], number(row["lon"]), number(row["lat"]))
        for row in table(project, "parks")
    ]
    assert len(found) == 444
    assert sorted(found, key=str) == sorted(stated, key=str)


def test_park_areas_are_those_of_the_facts(project: Project, facts: Path) -> None:
    stated = [(folded(row["name_zh"]), number(row["area_ha"])) for row in read(facts, "parks.csv")]
    found = [
        (folded(str(row["name_zh"])), number(row["area_ha"])) for row in table(project, "parks")
    ]
    assert sorted(found, key=str) == sorted(stated, key=str)


def test_371_parks_are_located_and_89_have_an_area(project: Project) -> None:
    parks = frames.table(project, "parks")
    assert (len(parks), int(parks["lon"].notna().sum()), int(parks["area_ha"].notna().sum())) == (
        444,
        371,
        89,
    )


def test_wetlands_have_the_location_and_area_of_the_facts(project: Project, facts: Path) -> None:
    stated = {
        row["name_zh"]: (
            number(row["area_ha"]),
            number(row["lon"]),
            number(row["lat"]),
            [number(edge) for edge in row["bbox_wsen"].split(",")]
            if row["bbox_wsen"]
            else [None] * 4,
        )
        for row in read(facts, "wetlands.csv")
        if row["district_zh"] != "上海市"
    }
    found = {
        row["name_zh"]: (
            number(row["area_ha"]),
            number(row["lon"]),
            number(row["lat"]),
            [number(row[edge]) for edge in ("west", "south", "east", "north")],
        )
        for row in table(project, "wetlands")
    }
    assert len(found) == 25
    assert found == stated


def test_water_sections_stand_where_the_facts_place_them(project: Project, facts: Path) -> None:
    stated = [
        (folded(row["name_zh"]), number(row["lon_wgs84"]), number(row["lat_wgs84"]))
        for row in read(facts, "water_stations.csv")
    ]
    found = [
        (folded(str(row["name_zh"])), number(row["lon"]), number(row["lat"]))
        for row in table(project, "water_sections")
    ]
    assert len(found) == 77
    assert sorted(found, key=str) == sorted(stated, key=str)


def test_bays_are_the_five_segments_of_the_facts(project: Project, facts: Path) -> None:
    codes = adcodes(project)
    kinds = {"绿色产业型美丽海湾": "green_industry", "生态保育型美丽海湾": "conservation"}
    stated = {
        (row["name_zh"], codes[row["district_zh"]], kinds[row["status_type"]])
        for row in read(facts, "bays.csv")
        if row["status_type"] in kinds
    }
    found = {(row["name_zh"], row["adcode"], row["type"]) for row in table(project, "bays")}
    assert len(found) == 5
    assert found == stated


def test_red_line_patches_are_the_candidates_of_the_facts(project: Project, facts: Path) -> None:
    candidates = {row["item_zh"] for row in read(facts, "redline.csv") if not row["area_km2"]}
    found = {str(row["name_zh"]) for row in table(project, "redline_patches")}
    assert found
    assert found <= candidates


@pytest.mark.parametrize("dataset", ["wetland_shapes", "redline_shapes", "bay_shapes"])
def test_shapes_measure_the_area_that_they_state(project: Project, dataset: str) -> None:
    shapes = frames.shapes(project, dataset)
    measured = crs.area_km2(shapes.geometry)
    assert len(shapes) > 0
    for name, stated, found in zip(shapes["id"], shapes["area_km2"], measured, strict=True):
        assert found == pytest.approx(stated, rel=0.001, abs=0.01), name


@pytest.mark.parametrize("dataset", ["redline_shapes", "bay_shapes"])
def test_shapes_that_nobody_published_are_schematic(project: Project, dataset: str) -> None:
    assert set(frames.shapes(project, dataset)["quality"]) == {"schematic"}


def test_bays_lie_in_the_water(project: Project) -> None:
    land = crs.to_measure(frames.boundary(project, "land")).union_all()
    bays = crs.to_measure(frames.shapes(project, "bay_shapes"))
    assert len(bays) == 5
    for name, shape in zip(bays["id"], bays.geometry, strict=True):
        assert shape.intersection(land).area / shape.area < 0.01, name


# Words ----------------------------------------------------------------------------------------


def bilingual(project: Project) -> list[tuple[str, str, str, str]]:
    """Dataset, row's key, Chinese and English text of every pair of text columns."""
    found = []
    for dataset in catalogue.load_datasets(project).values():
        pairs = [
            name.removesuffix("_zh")
            for name in dataset.columns
            if name.endswith("_zh") and f"{name.removesuffix('_zh')}_en" in dataset.columns
        ]
        for row in table(project, dataset.id):
            key = " ".join(str(row[name]) for name in dataset.key)
            found += [
                (
                    dataset.id,
                    f"{key} {name}",
                    str(row[f"{name}_zh"] or ""),
                    str(row[f"{name}_en"] or ""),
                )
                for name in pairs
            ]
    assert len(found) > 1000
    return found


def test_a_text_is_given_in_both_languages_or_in_neither(project: Project) -> None:
    half = [
        (dataset, key) for dataset, key, zh, en in bilingual(project) if bool(zh) is not bool(en)
    ]
    assert half == []


def test_english_texts_hold_no_chinese_but_names_that_have_no_english(project: Project) -> None:
    # 名称 without a published English name stay Chinese.
    names = ("parks", "water_sections", "river_stations")
    chinese = re.compile(r"[\u3400-\u9fff\uff01-\uff5e\u3001-\u3011]")
    left = [
        (dataset, key, en)
        for dataset, key, _, en in bilingual(project)
        if chinese.search(en) and not (dataset in names and key.endswith((" name", " river")))
    ]
    assert left == []


def test_every_source_that_is_listed_is_used(project: Project) -> None:
    used = {"bsh-park-service"}  # computed by the product
    for dataset in catalogue.load_datasets(project).values():
        used |= set(dataset.source)
        if "source" in dataset.columns:
            for row in table(project, dataset.id):
                used |= set(catalogue.source_ids(str(row["source"] or "")))
    layers, _ = catalogue.load_layers(project)
    for declared in (*catalogue.load_boundaries(project).values(), *layers.values()):
        used |= set(declared.source)
    listed = set(catalogue.load_sources(project))
    assert len(listed) > 50
    # Policy documents and standards are cited by targets and notes.
    cited = {one for one in listed if one.startswith(("doc-", "gb-", "hj-"))}
    assert listed - used - cited == set()


def test_a_dataset_lists_the_sources_of_its_rows(project: Project) -> None:
    for dataset in catalogue.load_datasets(project).values():
        if "source" not in dataset.columns:
            continue
        rows = table(project, dataset.id)
        used = {one for row in rows for one in catalogue.source_ids(str(row["source"] or ""))}
        assert used <= set(dataset.source), (dataset.id, sorted(used - set(dataset.source)))
