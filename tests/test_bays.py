"""The bay segments: shore by hand and on the ellipsoid, rivers, stations, targets, state."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from conftest import OwnProject
from pyproj import Geod
from shapely.geometry import Point, Polygon, box

from bsh_geo import bay_report, bay_texts, bays, frames, places
from bsh_geo.crs import DISPLAY, MEASURE, to_measure
from bsh_geo.errors import UnknownNameError
from bsh_geo.project import Project
from bsh_geo.store import BatchInfo, open_store

GEOD = Geod(ellps="GRS80")


def shore_lengths(land: dict[str, Polygon], *neighbours: Polygon) -> dict[str, float]:
    found = bays.shore(
        gpd.GeoSeries(land, crs=MEASURE), gpd.GeoSeries(list(neighbours), crs=MEASURE)
    )
    return {str(name): float(length) for name, length in found.length.items()}


def test_the_shore_of_an_island_is_its_whole_outline() -> None:
    assert shore_lengths({"a": box(0, 0, 1000, 2000)}) == pytest.approx({"a": 6000})


def test_a_border_with_a_neighbour_is_no_shore() -> None:
    found = shore_lengths(
        {"a": box(0, 0, 1000, 1000), "b": box(1000, 0, 2000, 1000)}, box(2000, 0, 3000, 1000)
    )
    # a: three sides; b: two, being between a and the neighbour. At each end of a border the
    # outline counts for up to 2 m more.
    assert found["a"] == pytest.approx(3000, abs=2 * bays.TOUCH_M)
    assert found["b"] == pytest.approx(2000, abs=4 * bays.TOUCH_M)


def test_outlines_that_meet_within_a_metre_leave_no_shore_between_them() -> None:
    found = shore_lengths({"a": box(0, 0, 1000, 1000)}, box(1001, 0, 2000, 1000))
    assert found["a"] == pytest.approx(3000, abs=2 * bays.TOUCH_M)


def test_water_inside_the_land_is_no_shore() -> None:
    lake = Polygon(box(0, 0, 1000, 1000).exterior.coords, [box(200, 200, 500, 500).exterior.coords])
    assert shore_lengths({"a": lake}) == pytest.approx({"a": 4000})


def test_a_district_without_a_coast_has_no_shore() -> None:
    around = [
        box(-1000, -1000, 2000, 0),
        box(-1000, 1000, 2000, 2000),
        box(-1000, 0, 0, 1000),
        box(1000, 0, 2000, 1000),
    ]
    assert shore_lengths({"a": box(0, 0, 1000, 1000)}, *around) == pytest.approx({"a": 0})


def test_lengths_of_the_shipped_shores_agree_with_geodesic_sums(project: Project) -> None:
    land = to_measure(frames.boundary(project, "land")).geometry
    neighbours = to_measure(frames.boundary(project, "neighbours")).geometry
    lines = bays.shore(land, neighbours).to_crs(DISPLAY)
    measured = bays.shores(project).sum(axis=1)
    codes = bays.account(project).segments["adcode"]
    assert len(codes) == 5
    for code in codes:
        geodesic = GEOD.geometry_length(lines[code]) / 1e3
        assert measured[code] == pytest.approx(geodesic, rel=5e-4)


def test_the_shipped_shores_stand_beside_the_published_ones(project: Project) -> None:
    rows = bays.account(project).segments
    assert rows["shore_km"].round(1).to_dict() == {
        "jinshan": 24.5,
        "fengxian": 34.1,
        "pudong": 102.3,
        "baoshan": 26.4,
        "chongming": 317.3,
    }
    assert rows["published_km"].dropna().to_dict() == {"jinshan": 23.3, "fengxian": 31.6}
    assert rows["difference_km"].round(1).dropna().to_dict() == {"jinshan": 1.2, "fengxian": 2.5}
    # The three islands and the shoals of Jiuduansha are counted apart.
    assert rows["islet_km"].round(1).to_dict()["jinshan"] == 3.8
    assert rows["islet_km"].round(1).to_dict()["pudong"] == 37.5


def test_the_published_lengths_are_those_of_the_facts(project: Project) -> None:
    notes = frames.table(project, "bays").set_index("adcode")["note_zh"]
    for one in bays.shorelines(project).published:
        assert f"{one.km:g}公里" in notes[one.adcode]


def test_rivers_under_nitrogen_control_are_marked_with_their_sections(project: Project) -> None:
    rows = bays.account(project).rivers.set_index("river")
    assert rows["controlled"].to_dict() == {"龙泉港": True, "金汇港": True, "南竹港": True}
    assert rows["bay"].to_dict() == {
        "龙泉港": "jinshan",
        "金汇港": "fengxian",
        "南竹港": "fengxian",
    }
    assert rows.loc["金汇港", "stations"] == ("w14",)


def test_the_targets_of_a_bay_are_those_of_every_document(project: Project) -> None:
    found = bays.account(project)
    years = found.targets.groupby("bay")["year"].agg(list).to_dict()
    assert years == {
        "jinshan": ["2025", "2027", "2030"],
        "fengxian": ["2027", "2030"],
        "pudong": ["2030", "2035"],
        "baoshan": ["2030"],
        "chongming": ["2030", "2035"],
    }
    assert found.segments["conflict"].to_dict() == {
        "jinshan": True,
        "fengxian": False,
        "pudong": True,
        "baoshan": False,
        "chongming": True,
    }


def test_no_bay_is_called_built_before_anything_says_so(project: Project) -> None:
    assert set(bays.account(project).segments["state"]) == {"open"}
    assert bay_texts.state_text("open", "zh") == "未见建成的公布"


def test_a_bay_is_built_when_a_figure_says_so(own_project: OwnProject) -> None:
    text = own_project.shipped("data/indicators/observations.csv")
    own_project.write(
        "data/indicators/observations.csv",
        text + "bay_built,310116,2026,1,个,doc-004,official,stated,,\n",
    )
    rows = bays.account(own_project.open()).segments
    assert rows["state"].to_dict()["jinshan"] == "built"
    assert rows["state_source"].to_dict()["jinshan"] == "doc-004"


def test_without_readings_every_station_says_so(project: Project) -> None:
    rows = bays.waters(project)
    assert rows["station"].tolist() == ["w14", "s01"]
    assert rows["bay"].tolist() == ["fengxian", "pudong"]
    assert set(rows["reason"]) == {"readings"}
    assert rows["class"].isna().all()
    fengxian = rows[rows["bay"] == "fengxian"]
    assert bay_texts.water_text(fengxian, "zh") == "没有导入读数"


def reading(station: str, time: str, **values: float) -> pd.DataFrame:
    moment = pd.to_datetime([time]).as_unit("us")
    return pd.DataFrame({"station": [station], "time": moment, **values})


def with_readings(own: OwnProject) -> Project:
    here = own.open()
    store = open_store(here)
    info = BatchInfo(file="t", source="市监测中心", quality="official")
    store.write("river", reading("w14", "2025-10-08 08:00", do=6.4, tp=0.12, tn=2.81), info)
    store.write("sea", reading("s01", "2025-10-15 00:00", din=1.42, po4p=0.02), info)
    return here


def test_readings_give_the_class_and_the_nitrogen_of_a_bay_s_stations(
    own_project: OwnProject,
) -> None:
    rows = bays.waters(with_readings(own_project)).set_index("station")
    assert rows["class_zh"].to_dict() == {"w14": "Ⅲ类", "s01": "劣四类"}
    assert rows["items"].to_dict() == {"w14": "tp", "s01": "din"}
    assert rows.loc["w14", "tn"] == pytest.approx(2.81)
    assert bool(rows.loc["w14", "controlled"])
    assert set(rows["period"]) == {"2025-10"}


def test_a_period_without_readings_is_refused(own_project: OwnProject) -> None:
    with pytest.raises(UnknownNameError, match="2019"):
        bays.waters(with_readings(own_project), "2019")


def test_the_layer_shows_the_readings_of_a_bay(own_project: OwnProject) -> None:
    here = with_readings(own_project)
    rows = places.bay_targets(here, frames.table(here, "bays")).set_index("id")
    assert rows.loc["fengxian", "water_text_zh"] == "钱桥 Ⅲ类 (2025-10)"
    assert rows.loc["fengxian", "controlled_text_en"] == "Jinhui River, Nanzhu River"
    assert "34.1 km" in rows.loc["fengxian", "shore_text_zh"]
    assert "31.6 km" in rows.loc["fengxian", "shore_text_en"]


def test_a_sea_point_belongs_to_the_strip_it_lies_in_before_its_district(
    own_project: OwnProject,
) -> None:
    here = own_project.open()
    strip = frames.shapes(here, bays.SHAPES).set_index("id").geometry["jinshan"]
    inside = strip.representative_point()
    listed = pd.DataFrame(
        {
            "adcode": ["310115", "310115", None],
            "lon": [inside.x, 123.5, float("nan")],
            "lat": [inside.y, 30.0, float("nan")],
        },
        index=["in", "out", "nowhere"],
    )
    assert Point(inside.x, inside.y).within(strip)
    found = bays.stations_of(here, "sea", listed)
    assert found["in"] == "jinshan"
    assert found["out"] == "pudong"
    assert pd.isna(found["nowhere"])


def test_the_shares_of_the_sea_are_the_published_ones(project: Project) -> None:
    rows = dict(bay_report.sheets(project, None, "zh"))["全市海域"]
    assert rows["数值"].tolist() == [25.4, 34.6, 69.1]
    assert rows["时期"].tolist() == ["2021", "2022", "2015"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_says_how_the_shore_was_measured(project: Project, lang: str) -> None:
    told = bay_report.statements(project, lang)
    assert bays.METHOD.get(lang) in told
    assert "CGCS2000" in told[0]
    assert len(bay_report.sheets(project, None, lang)) == 6
