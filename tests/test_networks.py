"""Networks: what their files may declare, and what columns of other people's files are called."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, OwnProject
from hypothesis import given
from hypothesis import strategies as st

from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.networks import (
    Network,
    days_of,
    folded,
    is_derived,
    item_of,
    network_of,
    networks,
    on_grain,
)
from bsh_geo.project import Project, open_project

AIR = "data/readings/air.toml"
RIVER = """
id = "river"
title = { zh = "河流", en = "Rivers" }
stations = "water_sections"
grain = "sample"
[items.nh3n]
title = { zh = "氨氮", en = "Ammonia nitrogen" }
unit = "mg/L"
min = 0
max = 300
decimals = 2
aliases = ["NH3-N", "NH₃-N", "氨氮"]
"""


@pytest.fixture(scope="module")
def air() -> Network:
    return network_of(open_project(), "air")


def test_air_has_the_six_hourly_items_of_the_standard(air: Network) -> None:
    assert list(air.items) == ["pm25", "pm10", "so2", "no2", "co", "o3"]
    assert {name: item.unit for name, item in air.items.items()} == {
        **dict.fromkeys(("pm25", "pm10", "so2", "no2", "o3"), "μg/m³"),
        "co": "mg/m³",
    }
    assert (air.grain, air.stations, air.counted) == ("hour", "stations", "hours")


def test_the_days_of_air_have_the_eight_hour_columns_for_ozone_alone(air: Network) -> None:
    assert air.day_columns == [
        *("pm25", "pm25_hours", "pm10", "pm10_hours", "so2", "so2_hours"),
        *("no2", "no2_hours", "co", "co_hours"),
        *("o3_8h", "o3_8h_windows", "o3_1h", "o3_hours"),
    ]


@pytest.mark.parametrize(
    ("header", "item", "unit"),
    [
        ("PM2.5", "pm25", None),
        ("pm25", "pm25", None),
        ("pm2_5", "pm25", None),
        (" PM₂.₅ ", "pm25", None),
        ("ＰＭ２．５（㎍/㎥）", "pm25", "μg/m³"),
        ("PM2.5(μg/m³)", "pm25", "μg/m³"),
        ("PM2.5 [ug/m3]", "pm25", "μg/m³"),
        ("PM10，μg/m³", "pm10", "μg/m³"),
        ("pm2.5浓度 μg/m3", "pm25", "μg/m³"),
        ("细颗粒物", "pm25", None),
        ("细颗粒物(PM2.5)浓度(ug/m3)", "pm25", "μg/m³"),
        ("细颗粒物（PM2.5）", "pm25", None),
        ("可吸入颗粒物（PM₁₀）", "pm10", None),
        ("二氧化硫", "so2", None),
        ("SO₂小时浓度", "so2", None),
        ("SO2 [ppb]", "so2", "ppb"),
        ("二氧化氮浓度（微克）", None, None),
        ("Nitrogen dioxide", "no2", None),
        ("一氧化碳(CO)", "co", None),
        ("CO (mg/m³)", "co", "mg/m³"),
        ("CO/mg/m3", "co", "mg/m³"),
        ("CO/(mg·m⁻³)", "co", "mg/m³"),
        ("CO (mg/m3) 小时均值", "co", "mg/m³"),
        ("CO(μg/m³)", "co", "μg/m³"),
        ("臭氧1小时平均", "o3", None),
        ("O3_1h", "o3", None),
        ("Ozone (O₃)", "o3", None),
        ("O3 (mg/L)", "o3", "mg/L"),
    ],
)
def test_a_head_is_recognised_with_its_unit(
    air: Network, header: str, item: str | None, unit: str | None
) -> None:
    assert item_of(air, header) == ((item, unit) if item else None)
    assert not is_derived(air, header)


@pytest.mark.parametrize(
    "header",
    [
        *("PM2.5_24h", "PM10_24h", "SO2_24h", "NO2_24h", "CO_24h", "O3_24h", "O3_8h", "O3_8h_24h"),
        *("AQI", "IAQI", "PM2.5 IAQI", "首要污染物", "空气质量指数(AQI)", "空气质量级别"),
        *(
            "臭氧8小时滑动平均(μg/m3)",
            "臭氧（8小时）",
            "O3 (24h)",
            "CO日均值(mg/m³)",
            "PM2.5 24小时平均",
        ),
    ],
)
def test_a_running_mean_or_an_index_is_no_hourly_item(air: Network, header: str) -> None:
    assert item_of(air, header) is None
    assert is_derived(air, header)


@pytest.mark.parametrize(
    "header", ["time", "监测点", "NO", "NOx", "PM1", "CO2", "臭氧(NO2)", "", "μg/m³", "O3滑动"]
)
def test_an_unknown_head_is_neither_an_item_nor_derived(air: Network, header: str) -> None:
    assert item_of(air, header) is None
    assert not is_derived(air, header)


def test_every_row_type_of_a_file_of_the_platform_is_an_item_or_derived(air: Network) -> None:
    path = ROOT.parent / "shared" / "samples" / "china_sites_20190101.csv"
    assert path.is_file(), f"{path} is missing: the platform's types cannot be compared"
    with path.open(encoding="utf-8", newline="") as lines:
        types = {row["type"] for row in csv.DictReader(lines)}
    assert len(types) == 15
    items = {one: item_of(air, one) for one in types}
    assert {one: found[0] for one, found in items.items() if found} == {
        "PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3",
    }  # fmt: skip
    assert all(is_derived(air, one) for one, found in items.items() if not found)


@given(st.sampled_from(["PM2.5", "SO2", "臭氧", "二氧化氮"]), st.data())
def test_case_width_and_signs_between_letters_do_not_matter(name: str, data: st.DataObject) -> None:
    spelled = "".join(
        data.draw(st.sampled_from([one, one.upper(), one.lower()]))
        + data.draw(st.sampled_from(["", " ", "_", ".", "-"]))
        for one in name
    )
    assert folded(spelled) == folded(name)


# Time


def moments(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[us]")


def test_midnight_ends_the_day_before(air: Network) -> None:
    labels = moments("2025-01-01T00:00", "2025-01-01T01:00", "2025-01-02T00:00")
    assert days_of(air, labels).astype(str).tolist() == ["2024-12-31", "2025-01-01", "2025-01-01"]


def test_only_full_hours_are_on_the_grain_of_air(air: Network) -> None:
    labels = moments("2025-01-01T01:00", "2025-01-01T01:30", "2025-01-01T01:00:00.000001")
    assert on_grain(air, labels).tolist() == [True, False, False]


def test_a_sample_belongs_to_its_date_and_may_be_taken_at_any_time(own_project: OwnProject) -> None:
    own_project.write("data/readings/river.toml", RIVER)
    river = network_of(own_project.open(), "river")
    labels = moments("2025-01-01T00:00", "2025-01-01T11:17")
    assert days_of(river, labels).astype(str).tolist() == ["2025-01-01", "2025-01-01"]
    assert on_grain(river, labels).all()
    assert river.day_columns == ["nh3n", "nh3n_count"]
    assert item_of(river, "氨氮(mg/L)") == ("nh3n", "mg/L")


def test_daily_values_stand_at_midnight(own_project: OwnProject) -> None:
    own_project.write("data/readings/river.toml", RIVER.replace('"sample"', '"day"'))
    river = network_of(own_project.open(), "river")
    assert on_grain(river, moments("2025-01-01", "2025-01-01T08:00")).tolist() == [True, False]
    assert days_of(river, moments("2025-01-01")).astype(str).tolist() == ["2025-01-01"]


# Declarations


def test_a_project_adds_a_network_beside_those_shipped(own_project: OwnProject) -> None:
    shipped = set(networks(open_project()))
    own_project.write("data/readings/creek.toml", RIVER.replace('id = "river"', 'id = "creek"'))
    assert set(networks(own_project.open())) == {"creek", *shipped}
    assert "air" in shipped


def test_an_unknown_network_is_named_with_what_there_is(project: Project) -> None:
    with pytest.raises(UnknownNameError) as fault:
        network_of(project, "aire")
    assert str(fault.value).startswith("监测网络“aire”不存在。是否指 air")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('grain = "hour"', 'grain = "week"', "grain"),
        ('grain = "hour"', 'grain = "day"', "items.o3 的 daily 为 eight_hour，但 grain 不是 hour"),
        ('stations = "stations"', 'stations = "posts"', "stations 为 posts"),
        ('stations = "stations"', 'stations = "stations"\nunit = "m"', "未知的键 unit"),
        ("[items.co]", "[items.CO]", "编号 CO 应以小写字母开头"),
        ("[items.co]", "[items.time]", "编号 time"),
        ("max = 150\n", "max = -1\n", "min 0 应小于 max -1"),
        ("max = 150\n", "max = inf\n", "有限数"),
        ("max = 150\n", "", "缺少键 items.co.max"),
        ("max = 150\n", "max = 150\nlimit = 4\n", "未知的键 limit"),
        ("decimals = 1\n", "decimals = -1\n", "items.co.decimals 的值 -1"),
        ('"carbon monoxide"', '"PM 10"', "列名 pm10 既属于 pm10 又属于 co"),
        ('"carbon monoxide"', '"AQI"', "列名 aqi 既属于 ignored 又属于 co"),
        ("[items.co]", "[items.o3_8h]", "日值表的列 o3_8h 由两个项目得出"),
    ],
)
def test_a_broken_declaration_is_told_with_its_file_and_key(
    own_project: OwnProject, old: str, new: str, told: str
) -> None:
    own_project.change(AIR, old, new)
    with pytest.raises(DataError) as fault:
        networks(own_project.open())
    assert str(fault.value).startswith(AIR)
    assert told in str(fault.value)
    assert AIR in fault.value.en


def test_the_id_is_the_name_of_the_file(own_project: OwnProject) -> None:
    path: Path = own_project.write("data/readings/lake.toml", RIVER)
    with pytest.raises(DataError, match="id 为 river，应与文件名 lake 相同"):
        networks(own_project.open())
    assert path.exists()
