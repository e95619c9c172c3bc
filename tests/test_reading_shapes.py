"""Which column is what: recognised by names, settled by the user, refused where it is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bsh_geo import reading_mapping, reading_times
from bsh_geo.errors import BshError, DataError, UnknownNameError
from bsh_geo.networks import Network, network_of
from bsh_geo.project import Project, open_project
from bsh_geo.reading_mapping import Mapping, as_toml, fingerprint, head_of
from bsh_geo.reading_shapes import Given, Recognised, recognise, stem_station
from bsh_geo.reading_stations import BLANK, OUT, TWICE, UNKNOWN, Stations
from bsh_geo.reading_times import day_and_hour, moment
from bsh_geo.reading_units import factor, spelled

AIR: Network = network_of(open_project(), "air")
KNOWN = {"1141A", "普陀", "1143A", "虹口"}


def look(*rows: Sequence[str], stems: Sequence[str] = (), said: Given | None = None) -> Recognised:
    return recognise(rows, AIR, KNOWN.__contains__, stems, said)


def settled(found: Recognised) -> dict[str, object]:
    """The mapping without what is as usual."""
    assert found.recognised, found.problems
    assert [one.zh for one in found.problems] == []
    return found.mapping.model_dump(exclude_defaults=True, exclude={"network"})


def test_the_national_file_has_a_column_per_station() -> None:
    found = look(["date", "hour", "type", "1001A", "1141A"], ["20190101", "0", "PM2.5", "1", "2"])
    assert settled(found) == {
        "shape": "national", "date": "date", "hour": "hour", "item": "type",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("head", "row", "mapping"),
    [
        (
            ["监测时间", "站点编号", "监测项目", "浓度"],
            ["2019-01-01 08:00", "1141A", "PM2.5", "35"],
            {"time": "监测时间", "station": "站点编号", "item": "监测项目", "value": "浓度"},
        ),
        (
            ["time", "station", "item", "value"],
            ["2019-01-01T08:00:00+08:00", "1141A", "pm25", "35"],
            {"time": "time", "station": "station", "item": "item", "value": "value"},
        ),
        (
            ["日期", "小时", "点位名称", "污染物", "监测值", "单位"],
            ["2019/1/1", "8", "普陀", "SO2", "3", "μg/m³"],
            {
                "date": "日期", "hour": "小时", "station": "点位名称", "item": "污染物",
                "value": "监测值", "unit": "单位",
            },
        ),
    ],
)  # fmt: skip
def test_a_long_table_has_a_row_per_value(
    head: list[str], row: list[str], mapping: dict[str, str]
) -> None:
    assert settled(look(head, row)) == {"shape": "long", **mapping}


def test_a_wide_table_has_a_column_per_item_and_derived_ones_are_left_out() -> None:
    found = look(
        ["监测时间", "站点名称", "PM2.5(μg/m³)", "PM₁₀", "CO（mg/m3）", "AQI", "O3_8h", "备注"],
        ["2019-01-01 08:00", "普陀", "35", "50", "0.6", "60", "70", ""],
    )
    assert settled(found) == {
        "shape": "wide", "time": "监测时间", "station": "站点名称",
        "items": {"PM2.5(μg/m³)": "pm25", "PM₁₀": "pm10", "CO（mg/m3）": "co"},
    }  # fmt: skip
    rows = reading_mapping.shown(found.mapping, found.header, AIR, "", "zh")
    assert rows == [
        ("站点名称", "站点", ""),
        ("监测时间", "时间", ""),
        ("PM2.5(μg/m³)", "细颗粒物（PM2.5）", "μg/m³"),
        ("PM₁₀", "可吸入颗粒物（PM10）", "μg/m³（未注明）"),
        ("CO（mg/m3）", "一氧化碳（CO）", "mg/m³"),
        ("AQI、O3_8h", "—", "不是小时值，不读"),
    ]


def test_the_head_may_stand_below_a_title() -> None:
    found = look(
        ["上海市空气质量小时值", "", ""],
        [],
        ["制表日期", "2019-02-01", ""],
        ["监测时间", "站点名称", "PM2.5"],
        ["2019-01-01 08:00", "普陀", "35"],
    )
    assert found.head == 3
    assert settled(found)["time"] == "监测时间"


def test_a_code_is_preferred_to_a_name_unless_only_the_name_is_known() -> None:
    head = ["时间", "站点名称", "站点编号", "PM2.5"]
    assert settled(look(head, ["2019010108", "普陀", "1141A", "1"]))["station"] == "站点编号"
    assert settled(look(head, ["2019010108", "普陀", "310-7", "1"]))["station"] == "站点名称"


def test_a_date_column_that_holds_times_is_the_time() -> None:
    found = settled(look(["日期", "站点", "PM2.5"], ["2019-01-01 08:00", "普陀", "1"]))
    assert (found["time"], "date" in found) == ("日期", False)


def test_a_column_called_time_may_hold_the_hour_of_a_date_column() -> None:
    found = settled(look(["日期", "时间", "站点", "PM2.5"], ["2019-01-01", "08:00", "普陀", "1"]))
    assert (found["date"], found["hour"]) == ("日期", "时间")


@pytest.mark.parametrize(
    ("stems", "station"),
    [
        (("普陀",), "普陀"),
        (("1141A_2019",), "1141A"),
        (("Sheet1", "虹口（2019年）"), "虹口"),
        (("2019 普陀 小时值",), "普陀"),
        (("普陀_虹口",), ""),
        (("2019年",), ""),
    ],
)
def test_the_station_may_be_in_the_name_of_the_file_or_sheet(
    stems: tuple[str, ...], station: str
) -> None:
    assert stem_station(stems, KNOWN.__contains__) == station
    found = look(["时间", "PM2.5"], ["2019-01-01 08:00", "1"], stems=stems)
    told = [one.zh for one in found.problems]
    assert found.station == station
    assert told == ([] if station else ["没有站点列，文件名或表名也不是站点；请用 --station 指定"])


def test_the_station_may_be_given() -> None:
    found = look(["时间", "PM2.5"], ["2019-01-01 08:00", "1"], said=Given(station="1141A"))
    assert (found.station, found.problems) == ("1141A", ())


@pytest.mark.parametrize(
    ("head", "row", "problem"),
    [
        (
            ["时间", "站点", "PM2.5", "PM2.5浓度"],
            ["2019-01-01 08:00", "普陀", "1", "2"],
            "列“PM2.5”和“PM2.5浓度”都是 pm25；请用 --mapping 在 [items] 中只留一列",
        ),
        (
            ["时间", "站点", "PM2.5", "SO2(ppb)"],
            ["2019-01-01 08:00", "普陀", "1", "2"],
            "二氧化硫（SO₂）的单位为 ppb，是体积浓度，换算取决于温度和气压，"
            "请换算成 μg/m³ 后再导入",
        ),
        (
            ["时间", "站点", "项目", "浓度（μg/m³）"],
            ["2019-01-01 08:00", "普陀", "CO", "600"],
            "一氧化碳（CO）的单位写为 μg/m³，应为 mg/m³；确认要换算请用 --unit co=μg/m³，"
            "数值其实已是 mg/m³ 请用 --unit co=mg/m³",
        ),
        (
            ["时间", "站点", "PM2.5"],
            ["2019-01-01", "普陀", "1"],
            "时间列“时间”的值“2019-01-01”认不出日期和小时",
        ),
        (
            ["时间", "时间", "站点", "PM2.5"],
            ["2019-01-01 08:00", "2019-01-01 09:00", "普陀", "1"],
            "有两列都叫“时间”",
        ),
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_a_problem(
    head: list[str], row: list[str], problem: str
) -> None:
    found = look(head, row)
    assert found.recognised
    assert [one.zh for one in found.problems] == [problem]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "没有任何行"),
        (
            [["x", "y"], ["1", "2"]],
            "没有认出时间和监测项目或浓度的列，表头为：x、y；请用 --mapping 说明各列",
        ),
        (
            [["监测时间", "站点"], ["2019-01-01 08:00", "普陀"]],
            "没有认出监测项目或浓度的列，表头为：监测时间、站点；请用 --mapping 说明各列",
        ),
        (
            [["站点", "PM2.5", "SO2"], ["普陀", "1", "2"]],
            "没有认出时间的列，表头为：站点、PM2.5、SO2；请用 --mapping 说明各列",
        ),
    ],
)
def test_a_table_that_is_none_of_readings_is_told(rows: list[list[str]], problem: str) -> None:
    found = look(*rows)
    assert not found.recognised
    assert [one.zh for one in found.problems] == [problem]


def test_a_unit_that_the_file_states_is_converted_only_when_agreed_to() -> None:
    head, row = ["时间", "站点", "CO(μg/m³)"], ["2019-01-01 08:00", "普陀", "600"]
    found = look(head, row)
    assert [one.zh for one in found.questions] == [
        "一氧化碳（CO）的单位为 μg/m³，将乘以 0.001 换算成 mg/m³"
    ]
    assert found.mapping.units == {"co": "μg/m³"}
    agreed = look(head, row, said=Given(units={"co": "μg/m³"}))
    assert agreed.questions == ()
    assert agreed.mapping.units == {"co": "μg/m³"}
    denied = look(head, row, said=Given(units={"co": "mg/m³"}))
    assert (denied.questions, denied.mapping.units) == ((), {"co": "mg/m³"})


def test_a_column_of_units_is_looked_at_row_by_row() -> None:
    head = ["时间", "站点", "项目", "值", "单位"]
    found = look(
        head,
        ["2019-01-01 08:00", "普陀", "PM2.5", "35", "微克/立方米"],
        ["2019-01-01 08:00", "普陀", "CO", "600", "ug/m3"],
    )
    assert [one.zh for one in found.questions] == [
        "一氧化碳（CO）的单位为 ug/m3，将乘以 0.001 换算成 mg/m³"
    ]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("ug/m3", "μg/m³"), ("µg/m³", "μg/m³"), ("μg·m-3", "μg/m³"), ("微克/立方米", "μg/m³"),
        ("mg/m^3", "mg/m³"), ("毫克每立方米", "mg/m³"), ("MG/L", "mg/L"), (" ppb ", "ppb"),
    ],
)  # fmt: skip
def test_units_have_one_spelling(text: str, unit: str) -> None:
    assert spelled(text) == unit


@pytest.mark.parametrize(
    ("found", "wanted", "times"),
    [
        ("μg/m³", "mg/m³", 0.001), ("mg/m³", "μg/m³", 1000), ("ng/m3", "μg/m³", 0.001),
        ("mg/m³", "mg/m3", 1), ("ppb", "μg/m³", None), ("mg/L", "mg/m³", None), ("", "mg/m³", None),
    ],
)  # fmt: skip
def test_only_masses_in_the_same_volume_are_converted(
    found: str, wanted: str, times: float | None
) -> None:
    assert factor(found, wanted) == times


WHEN = datetime(2019, 1, 1, 8)


@pytest.mark.parametrize(
    "text",
    [
        "2019-01-01 08:00", "2019-01-01T08:00:00", "2019-01-01T08:00:00+08:00", "2019/1/1 8:00",
        "2019年1月1日8时", "2019年01月01日 08时00分", "2019.1.1 8点", "2019010108", "201901010800",
        "20190101 08:00", "20190101T080000", "2019-01-01T00:00:00Z", "2018-12-31 19:00-05:00",
        "2019-01-01 00:00:00.000000Z", "43466.3333333333", "2019-01-01 07:59:59.9996",
        "２０１９－０１－０１　０８：００", "2019-01-01 08:00:00 +0800",
    ],
)  # fmt: skip
def test_times_are_read_as_they_are_written(text: str) -> None:
    assert moment(text) == (WHEN, "")


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", "blank"), ("昨天8点", "unread"), ("2019-01-01", "no_hour"), ("20190101", "no_hour"),
        ("2019-02-29 08:00", "no_day"), ("2019-01-01 25:00", "no_day"),
        ("2019-13-01 8:00", "no_day"), ("2019-01-01 24:30", "no_day"),
        ("1970-01-01 08:00", "early"), ("9999-12-31 23:00", "future"),
        ("9999-12-31 24:00", "no_day"), ("2019-01-01 08:00+25:00", "unread"), ("35", "unread"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_told(text: str, trouble: str) -> None:
    assert moment(text) == (None, trouble)


def test_24_00_is_0_00_of_the_next_day_at_the_end_of_february_too() -> None:
    assert moment("2020-02-28 24:00")[0] == datetime(2020, 2, 29)
    assert moment("2019-02-28 24:00")[0] == datetime(2019, 3, 1)
    assert moment("2020-02-29 24:00")[0] == datetime(2020, 3, 1)
    assert moment("2019-12-31 24:00:00")[0] == datetime(2020, 1, 1)
    assert day_and_hour("20191231", "24")[0] == datetime(2020, 1, 1)


def test_a_time_without_zone_is_of_the_zone_that_is_given() -> None:
    assert moment("2019-01-01 00:00", "UTC") == (WHEN, "")
    assert moment("2019-01-01 08:00+08:00", "UTC") == (WHEN, "")
    assert day_and_hour("20190101", "0", "UTC") == (WHEN, "")
    with pytest.raises(UnknownNameError, match="时区“Shanghai”不存在"):
        reading_times.checked_zone("Shanghai")


@pytest.mark.parametrize("hour", ["8", "08", "8.0", "08:00", "8:00:00", "8时", "8点", " ８ "])
@pytest.mark.parametrize("day", ["20190101", "2019-1-1", "2019年1月1日", "2019-01-01 00:00:00"])
def test_a_day_and_an_hour_make_a_time(day: str, hour: str) -> None:
    assert day_and_hour(day, hour) == (WHEN, "")


@pytest.mark.parametrize(
    ("day", "hour", "trouble"),
    [
        ("20190101", "", "no_hour"), ("20190101", "25", "no_day"), ("20190101", "8:30", "unread"),
        ("20190101", "x", "unread"), ("", "8", "blank"), ("20190229", "8", "no_day"),
    ],
)  # fmt: skip
def test_a_day_and_an_hour_that_make_none_are_told(day: str, hour: str, trouble: str) -> None:
    assert day_and_hour(day, hour) == (None, trouble)


@given(st.datetimes(datetime(1980, 1, 1), datetime(2170, 12, 31)))
def test_any_whole_hour_survives_any_way_of_writing_it(when: datetime) -> None:
    whole = when.replace(minute=0, second=0, microsecond=0)
    serial = (whole - datetime(1899, 12, 30)).total_seconds() / 86400
    for text in (
        f"{whole:%Y-%m-%d %H:%M}",
        f"{whole.year}/{whole.month}/{whole.day} {whole.hour}:00",
        f"{whole.year}年{whole.month}月{whole.day}日{whole.hour}时",
        f"{whole:%Y%m%d%H}",
        f"{serial:.10f}",
    ):
        assert moment(text) == (whole, "")
    assert day_and_hour(f"{whole:%Y%m%d}", str(whole.hour)) == (whole, "")


def stations(keep: str = "known") -> Stations:
    named = {"1a": ["1A"], "普陀": ["1A"], "2b": ["2B"], "监测站": ["1A", "2B"]}
    return Stations("all" if keep == "all" else "known", named=named)


def test_stations_are_known_by_code_and_name() -> None:
    one = stations()
    assert [one.number(text) for text in ("1A", "普陀", " 普 陀 ", "2b", "１Ａ")] == [0, 0, 0, 1, 0]
    assert one.codes == ["1A", "2B"]


def test_other_stations_are_left_out_refused_or_kept() -> None:
    one = stations()
    texts = ("", "9999Z", "某站", "监测站")
    assert [one.number(text) for text in texts] == [BLANK, OUT, UNKNOWN, TWICE]
    assert (one.codes, one.knows("监测站"), one.knows("普陀")) == ([], False, True)
    every = stations("all")
    assert [every.number(text) for text in texts] == [BLANK, 0, 1, TWICE]
    assert every.codes == ["9999Z", "某站"]


HEADER = ("监测时间", "站点", "PM2.5", "CO(μg/m³)")
WIDE = Mapping(
    network="air",
    shape="wide",
    time="监测时间",
    station="站点",
    items={"PM2.5": "pm25", "CO(μg/m³)": "co"},
    units={"co": "μg/m³"},
    missing=("7777", "坏"),
)


def test_a_mapping_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(as_toml(WIDE, HEADER), encoding="utf-8")
    assert reading_mapping.checked(reading_mapping.read(path), AIR, "m.toml") == WIDE


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.just("pm25"), min_size=1, max_size=3))
def test_any_name_of_a_column_survives_the_file(
    tmp_path_factory: pytest.TempPathFactory, items: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("m") / "m.toml"
    made = WIDE.model_copy(update={"items": items})
    try:
        content = as_toml(made, (*HEADER, *items)).encode("utf-8")
    except UnicodeEncodeError:  # half a character cannot be in a file
        return
    path.write_bytes(content)
    assert reading_mapping.read(path) == made


def test_a_mapping_finds_its_head(tmp_path: Path) -> None:
    assert head_of([["标题"], ["监测 时间", *HEADER[1:], "更多"]], WIDE, "a.csv") == 1
    with pytest.raises(DataError) as caught:
        head_of([["标题"], list(HEADER[:3])], WIDE, "a.csv")
    assert str(caught.value) == "a.csv：没有映射所说的列“CO(μg/m³)”。"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("network = 1", "m.toml：network 的值 1 不合要求"),
        ('network = "air"\nshape = "wide"\nkind = 1', "m.toml：未知的键 kind"),
        ('network = "sea"\nshape = "wide"', "m.toml 属于监测网络 sea，现在导入的是 air。"),
        ('network = "air"\nshape = "wide"\ntime = "t"', "m.toml 缺少 items，宽表"),
        ('network = "air"\nshape = "long"\ntime = "t"\nitem = "i"', "m.toml 缺少 value，长表"),
        ('network = "air"\nshape = "national"\ntime = "t"', "m.toml 缺少 item，全国"),
        ('network = "air"\nshape = "wide"\ndate = "d"', "m.toml 缺少 time（或 date 与 hour）"),
        ('network = "air"\nshape = "wide"\ntime = "t"\n[items]\na = "x"', "监测项目“x”不存在"),
        (
            'network = "air"\nshape = "wide"\ntime = "t"\n[items]\na = "co"\n[units]\nco = "ppm"',
            "m.toml：一氧化碳（CO）的单位为 ppm，是体积浓度",
        ),
        (
            'network = "air"\nshape = "wide"\ntime = "t"\nzone = "X"\n[items]\na = "co"',
            "时区“X”不存在",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_is_told(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BshError) as caught:
        reading_mapping.checked(reading_mapping.read(path), AIR, path.name)
    assert sentence in str(caught.value)


def test_heads_with_other_stations_have_the_same_fingerprint() -> None:
    first = fingerprint(("date", "hour", "type", "1001A", "1002A"))
    assert first == fingerprint(("date", "hour", "type", "1001A", "1003A", "3544A"))
    assert first != fingerprint(("date", "hour", "type", "普陀"))
    assert fingerprint(HEADER) == fingerprint(("监测 时间", "站点", "pm2.5", "CO (μg/m3)"))


def test_the_roles_of_columns_do_not_clash(project: Project) -> None:
    names = [name for names in reading_mapping.ROLES.values() for name in names]
    assert len(names) == len(set(names)) > 80
    assert {name for name in names if name in AIR.item_names} == set()
