"""From files of readings to the store: each value is taken, left out or refused with a reason."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, OwnProject
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bsh_geo import reading_import, reading_run, reading_tables, reading_text
from bsh_geo.errors import DataError
from bsh_geo.project import Project, open_project
from bsh_geo.reading_archives import Limits, blob_from
from bsh_geo.reading_import import Report, preview, run
from bsh_geo.reading_mapping import Mapping
from bsh_geo.reading_plan import Settings, known_stations, named_files, plan
from bsh_geo.reading_rows import Refused
from bsh_geo.reading_run import FileReport, Reading, rows_of
from bsh_geo.store import open_store

NOW = datetime(2026, 1, 1)
AIR = Settings(now=NOW)
EVERY = Settings(now=NOW, keep="all")
SAMPLES = ROOT.parent / "shared" / "samples"

NAMES = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3"}
Values = dict[tuple[str, datetime, str], float]


def read(
    name: str, data: bytes, said: Settings = AIR, project: Project | None = None
) -> tuple[Values, FileReport, list[Refused]]:
    """The readings of a file by station, time and item, what became of the others, and why."""
    planned = plan(project or open_project(), [blob_from(name, data)], said)
    reading = Reading(known_stations(planned.project, planned.network, said.keep))
    refused: list[Refused] = []
    found: Values = {}
    for rows in rows_of(planned, reading, refused.extend):
        assert not rows.duplicated(["station", "time"]).any()
        long = rows.melt(["station", "time"], var_name="item").dropna()
        for one in long.itertuples(index=False):
            found[one.station, one.time.to_pydatetime(), one.item] = one.value
    (report,) = reading.reports
    told = report.left_out + report.rejected + report.repeated + report.taken
    assert (report.read, report.taken) == (told, len(found))
    return found, report, refused


def wide(*rows: str, head: str = "监测时间,站点名称,PM2.5,CO,O3") -> bytes:
    return "\r\n".join([head, *rows, ""]).encode()


GOOD = "2019-01-01 08:00,普陀,35,0.6,120"
EIGHT = datetime(2019, 1, 1, 8)


def test_a_row_of_a_wide_table_is_read() -> None:
    found, report, _ = read("a.csv", wide(GOOD))
    assert found == {
        ("1141A", EIGHT, "pm25"): 35,
        ("1141A", EIGHT, "co"): 0.6,
        ("1141A", EIGHT, "o3"): 120,
    }
    assert (report.read, report.missing, report.rejected) == (3, 0, 0)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        "-99",
        "-999",
        "-99.0",
        "9999",
        "NA",
        "—",
        "/",
        "缺测",
        "－９９",
        "−999",
        "nan",
        "NULL",
    ],
)
def test_a_mark_of_a_missing_value_is_missing(cell: str) -> None:
    found, report, refused = read("a.csv", wide(f"2019-01-01 08:00,普陀,{cell},0.6,120"))
    assert ("1141A", EIGHT, "pm25") not in found
    assert (len(found), report.missing, report.read, refused) == (2, 1, 2, [])


@pytest.mark.parametrize(
    ("row", "item", "value", "reason"),
    [
        ("2019-01-01 08:00,普陀,abc,,", "PM2.5", "abc", "不是数字"),
        ("2019-01-01 08:00,普陀,<5,,", "PM2.5", "<5", "不是数字"),
        ("2019-01-01 08:00,普陀,inf,,", "PM2.5", "inf", "不是数字"),
        ('2019-01-01 08:00,普陀,"1,234",,', "PM2.5", "1,234", "不是数字"),
        ("2019-01-01 08:00,普陀,=1+1,,", "PM2.5", "=1+1", "是公式，请粘贴为数值"),
        ("2019-01-01 08:00,普陀,-1,,", "PM2.5", "-1", "超出范围 [0, 10000] μg/m³"),
        ("2019-01-01 08:00,普陀,,150.5,", "CO", "150.5", "超出范围 [0, 150] mg/m³"),
        ("2019-01-01 08:00,普陀,,,1201", "O3", "1201", "超出范围 [0, 1200] μg/m³"),
        ("2019-02-29 08:00,普陀,35,,", "PM2.5", "35", "没有这一天或这一时刻"),
        ("昨天,普陀,35,,", "PM2.5", "35", "时间无法识别"),
        ("2019-01-01,普陀,35,,", "PM2.5", "35", "只有日期，缺少小时"),
        (",普陀,35,,", "PM2.5", "35", "时间为空"),
        ("2019-01-01 08:30,普陀,35,,", "PM2.5", "35", "时间不是整点"),
        ("2026-01-01 01:00,普陀,35,,", "PM2.5", "35", "时间在将来"),
        ("1970-01-01 08:00,普陀,35,,", "PM2.5", "35", "时间早于1980年"),
        ("2019-01-01 08:00,,35,,", "PM2.5", "35", "站点为空"),
        ("2019-01-01 08:00,某某站,35,,", "PM2.5", "35", "站点不在项目的站点表中"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_with_row_and_reason(
    row: str, item: str, value: str, reason: str
) -> None:
    found, report, (one,) = read("a.csv", wide(GOOD, row))
    assert (one.table, one.row, one.item, one.value, one.reason.zh) == (
        "a.csv", 3, item, value, reason,
    )  # fmt: skip
    assert one.reason.en and one.reason.en != reason
    assert (len(found), report.rejected) == (3, 1)


def test_a_row_of_another_width_is_refused_as_a_whole() -> None:
    found, report, (one,) = read("a.csv", wide(GOOD, "2019-01-01 09:00,普陀,35", GOOD))
    assert (one.row, one.value, one.reason.zh) == (
        3, "2019-01-01 09:00,普陀,35", "有3个单元格，表头有5个",
    )  # fmt: skip
    assert (len(found), report.rejected, report.repeated) == (3, 1, 3)


def test_the_same_value_twice_counts_once_and_different_ones_are_all_refused() -> None:
    found, report, refused = read(
        "a.csv",
        wide(GOOD, "2019-01-01T08:00:00+08:00,1141A,35,0.7,", "2019-01-01 08:00,普陀,,0.6,121"),
    )
    assert found == {("1141A", EIGHT, "pm25"): 35}
    assert (report.read, report.repeated, report.rejected) == (7, 1, 5)
    assert [(one.row, one.item, one.value) for one in refused] == [
        (2, "一氧化碳（CO）", "0.6"),
        (2, "臭氧（O₃）", "120"),
        (3, "一氧化碳（CO）", "0.7"),
        (4, "一氧化碳（CO）", "0.6"),
        (4, "臭氧（O₃）", "121"),
    ]
    assert {one.reason.zh for one in refused} == {"同一站点、时间和项目有不同的值"}
    assert {(one.station, one.time) for one in refused} == {("1141A", "2019-01-01 08:00:00")}


def test_contradictions_are_found_across_chunks_and_on_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [f"2019-{month:02d}-01 08:00,普陀,{month},," for month in range(1, 13)]
    data = wide(*rows, *rows, "2019-03-01 08:00,普陀,99,,")
    whole = read("a.csv", data)
    monkeypatch.setattr(reading_text, "BLOCK", 100)
    monkeypatch.setattr(reading_tables, "HELD", 2)
    pieces = read("a.csv", data)
    assert (pieces[0], pieces[1]) == (whole[0], whole[1])
    assert sorted(pieces[2], key=lambda one: one.row) == sorted(whole[2], key=lambda one: one.row)
    assert (len(whole[0]), whole[1].repeated, whole[1].rejected) == (11, 11, 3)
    assert sorted(one.row for one in whole[2]) == [4, 16, 26]


def test_contradictions_are_found_between_the_sheets_of_a_workbook() -> None:
    book = Workbook()
    for title, value in (("一", 35), ("二", 36)):
        page = book.create_sheet(title)
        page.append(["时间", "站点", "PM2.5"])
        page.append([datetime(2019, 1, 1, 8), "普陀", value])
    book.remove(book.worksheets[0])
    content = io.BytesIO()
    book.save(content)
    found, _, refused = read("a.xlsx", content.getvalue())
    assert found == {}
    assert [one.table for one in refused] == ["a.xlsx [一]", "a.xlsx [二]"]


def test_formulas_in_a_workbook_are_refused() -> None:
    book = Workbook()
    page = book.worksheets[0]
    page.title = "普陀"
    page.append(["上海市", None, None])
    page.append(["监测时间", "PM2.5", "CO"])
    page.append([datetime(2019, 1, 1, 8), "=30+5", 0.6])
    page.append([43466.375, 36, "-"])
    content = io.BytesIO()
    book.save(content)
    found, _, (one,) = read("2019.xlsx", content.getvalue())
    assert found == {
        ("1141A", EIGHT, "co"): 0.6,
        ("1141A", datetime(2019, 1, 1, 9), "pm25"): 36,
    }
    assert (one.row, one.value, one.reason.zh) == (3, "=30+5", "是公式，请粘贴为数值")


def test_stations_that_the_project_does_not_know_are_left_out_unless_kept() -> None:
    data = wide(GOOD, "2019-01-01 08:00,1001A,1,,2", "2019-01-01 08:00,1002A,1,,")
    planned = plan(open_project(), [blob_from("a.csv", data)], AIR)
    reading = Reading(known_stations(planned.project, planned.network, "known"))
    rows = list(rows_of(planned, reading, lambda refused: None))
    assert [len(one) for one in rows] == [1]
    assert reading.outside == {"1001A": 2, "1002A": 1}
    assert reading.reports[0].left_out == 3
    found, report, _ = read("a.csv", data, EVERY)
    assert {station for station, _, _ in found} == {"1141A", "1001A", "1002A"}
    assert report.left_out == 0


def test_the_day_s_24_00_and_the_zone_of_a_time_are_understood() -> None:
    found, _, _ = read(
        "a.csv",
        wide("2020-02-28 24:00,普陀,1,,", "2020-02-28T17:00:00Z,普陀,2,,", "2020022902,普陀,3,,"),
    )
    assert found == {
        ("1141A", datetime(2020, 2, 29, 0), "pm25"): 1,
        ("1141A", datetime(2020, 2, 29, 1), "pm25"): 2,
        ("1141A", datetime(2020, 2, 29, 2), "pm25"): 3,
    }


def test_a_zone_may_be_given_for_times_without_one() -> None:
    said = Settings(now=NOW, zone="UTC")
    found, _, _ = read("a.csv", wide("2019-01-01 00:00,普陀,35,,"), said)
    assert found == {("1141A", EIGHT, "pm25"): 35}


def co(values: Sequence[float], head: str = "时间,站点,CO") -> bytes:
    rows = [
        f"{EIGHT + timedelta(hours=at):%Y-%m-%d %H:%M},普陀,{value}"
        for at, value in enumerate(values)
    ]
    return wide(*rows, head=head)


def test_carbon_monoxide_that_looks_like_micrograms_is_never_scaled_unasked() -> None:
    found, report, _ = read("a.csv", co([600, 700, 800]))
    assert found == {}
    assert [fault.zh for fault in report.faults] == [
        "a.csv：一氧化碳（CO）的中位数为 700，像是 μg/m³ 而不是 mg/m³；"
        "请用 --unit co=μg/m³ 或 --unit co=mg/m³ 说明。"
    ]
    told = Settings(now=NOW, units={"co": "μg/m³"})
    assert list(read("a.csv", co([600, 700, 1100]), told)[0].values()) == [0.6, 0.7, 1.1]
    denied = Settings(now=NOW, units={"co": "mg/m³"})
    assert read("a.csv", co([100, 110, 120]), denied)[1].taken == 3
    assert read("a.csv", co([600, 700, 0.8]), denied)[1].rejected == 2


def test_particles_that_look_like_milligrams_are_refused() -> None:
    data = wide(
        *[f"{EIGHT + timedelta(hours=at):%Y-%m-%d %H:%M},普陀,0.035" for at in range(24)],
        head="时间,站点,PM10",
    )
    assert "像是 mg/m³ 而不是 μg/m³" in read("a.csv", data)[1].faults[0].zh


def test_a_unit_that_turns_up_later_in_a_file_stops_it_before_anything_is_taken() -> None:
    rows = [f"{EIGHT + timedelta(hours=at):%Y-%m-%d %H:%M},普陀,PM2.5,35,μg/m³" for at in range(50)]
    head = "时间,站点,项目,值,单位"
    found, report, _ = read("a.csv", wide(*rows, "2019-02-01 08:00,普陀,CO,600,ug/m3", head=head))
    assert found == {}
    assert [fault.zh for fault in report.faults] == [
        "a.csv：一氧化碳（CO）的单位写为 ug/m3，应为 mg/m³；确认要换算请用 --unit co=ug/m3，"
        "数值其实已是 mg/m³ 请用 --unit co=mg/m³。"
    ]
    found, report, _ = read("a.csv", wide(*rows, "2019-02-01 08:00,普陀,SO2,6,ppb", head=head))
    assert "是体积浓度" in report.faults[0].zh


def test_items_that_are_not_hourly_are_counted_and_left_out() -> None:
    data = wide(
        "2019-01-01 08:00,普陀,PM2.5,35", "2019-01-01 08:00,普陀,PM2.5_24h,40",
        "2019-01-01 08:00,普陀,AQI,60", "2019-01-01 09:00,普陀,AQI,", head="时间,站点,项目,值",
    )  # fmt: skip
    planned = plan(open_project(), [blob_from("a.csv", data)], AIR)
    reading = Reading(known_stations(planned.project, planned.network, "known"))
    list(rows_of(planned, reading, lambda refused: None))
    assert reading.other == {"PM2.5_24h": 1, "AQI": 1}
    assert reading.reports[0].read == 1


def test_the_national_sample_gives_the_stations_of_the_city() -> None:
    found, report, refused = read("n.csv", (SAMPLES / "china_sites_20190101.csv").read_bytes())
    assert (report.read, report.taken, report.left_out) == (188_600, 1388, 187_212)
    assert refused == []
    # The row of PM2.5 at hour 8 and the column 1141A of the file.
    text = (SAMPLES / "china_sites_20190101.csv").read_text("utf-8")
    raw = list(csv.reader(io.StringIO(text)))
    at = raw[0].index("1141A")
    (row,) = [one for one in raw if one[1:3] == ["8", "PM2.5"]]
    assert found["1141A", EIGHT, "pm25"] == float(row[at])


def test_the_sample_of_a_snapshot_is_read() -> None:
    found, report, _ = read("s.geojson", (SAMPLES / "airnow_shanghai_84b4a0f.geojson").read_bytes())
    assert (report.taken, len({station for station, _, _ in found})) == (60, 10)
    assert found["1141A", datetime(2018, 2, 20, 7), "co"] == 0.6


# Every shape from one table, and back.

HOURS = st.integers(0, 366 * 24 - 1).map(lambda at: datetime(2020, 1, 1) + timedelta(hours=at))
CODES = {"1141A": "普陀", "1143A": "虹口", "1149A": "浦东新区监测站", "3269A": "金山新城"}
TABLES = st.dictionaries(
    st.tuples(st.sampled_from(sorted(CODES)), HOURS, st.sampled_from(sorted(NAMES))),
    st.integers(0, 1500).map(lambda tenths: tenths / 10),
    min_size=1,
    max_size=40,
)


def cells(values: Values) -> dict[tuple[str, datetime], dict[str, float]]:
    found: dict[tuple[str, datetime], dict[str, float]] = {}
    for (station, when, item), value in values.items():
        found.setdefault((station, when), {})[item] = value
    return found


def lines(rows: Sequence[Sequence[object]], separator: str = ",") -> str:
    return "\n".join(separator.join(str(cell) for cell in row) for row in rows) + "\n"


def as_long(values: Values) -> bytes:
    rows = [(f"{w:%Y-%m-%dT%H:%M:%S+08:00}", s, NAMES[i], v) for (s, w, i), v in values.items()]
    return lines([("time", "station", "item", "value"), *rows]).encode()


def as_wide(values: Values) -> bytes:
    rows = [
        (f"{w.year}/{w.month}/{w.day} {w.hour}:00", CODES[s], *(row.get(i, "") for i in NAMES))
        for (s, w), row in cells(values).items()
    ]
    return lines([("监测时间", "点位名称", *NAMES.values()), *rows], ";").encode("gb18030")


def as_national(values: Values) -> bytes:
    times = sorted({when for _, when, _ in values})
    rows = [
        # Midnight as 24:00 of the day before.
        (
            f"{when - timedelta(hours=1):%Y%m%d}" if when.hour == 0 else f"{when:%Y%m%d}",
            when.hour or 24,
            NAMES[item],
            *(values.get((station, when, item), "") for station in CODES),
        )
        for when in times
        for item in NAMES
    ]
    return gzip.compress(lines([("date", "hour", "type", *CODES), *rows]).encode("utf-8-sig"))


def as_geojson(values: Values) -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": None,
            "properties": {
                "stationcode": s,
                "timepoint": w.isoformat(),
                **{"pm2_5" if i == "pm25" else i: str(v) for i, v in row.items()},
            },
        }
        for (s, w), row in cells(values).items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def as_book(values: Values) -> bytes:
    book = Workbook()
    for station, name in CODES.items():
        page = book.create_sheet(name)
        page.append(["小时值"])
        page.append(["日期", "小时", *NAMES.values()])
        for (own, when), row in cells(values).items():
            if own == station:
                day = datetime(when.year, when.month, when.day)
                page.append([day, when.hour, *(row.get(item) for item in NAMES)])
    book.remove(book.worksheets[0])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_parquet(values: Values) -> bytes:
    rows = [{"time": w, "station": s, **row} for (s, w), row in cells(values).items()]
    frame = pd.DataFrame(rows)
    frame["time"] = frame["time"].dt.tz_localize("Asia/Shanghai").dt.tz_convert("UTC")
    content = io.BytesIO()
    frame.to_parquet(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.csv", as_long),
        ("a.csv", as_wide),
        ("a.csv.gz", as_national),
        ("a.geojson", as_geojson),
        ("a.xlsx", as_book),
        ("a.parquet", as_parquet),
    ],
)
@settings(max_examples=20, deadline=None)
@given(values=TABLES)
def test_any_table_survives_any_shape(
    name: str, made: Callable[[Values], bytes], values: Values
) -> None:
    # CO would be refused for a median that looks like μg/m³, particles for one like mg/m³.
    said = Settings(now=NOW, units={"co": "mg/m³", "pm25": "μg/m³"})
    found, report, refused = read(name, made(values), said)
    assert found == values
    assert (refused, report.faults) == ([], ())


@settings(max_examples=20, deadline=None)
@given(values=TABLES, data=st.data())
def test_the_order_of_rows_does_not_matter(values: Values, data: st.DataObject) -> None:
    head, *rows = as_long(values).decode().splitlines()
    doubtful = [*rows, *data.draw(st.lists(st.sampled_from(rows), max_size=5))]
    mixed = data.draw(st.permutations(doubtful))
    said = Settings(now=NOW, units={"co": "mg/m³"})
    one = read("a.csv", "\n".join([head, *doubtful, ""]).encode(), said)
    other = read("a.csv", "\n".join([head, *mixed, ""]).encode(), said)
    assert one[0] == other[0] == values
    assert replace(one[1], sha256="") == replace(other[1], sha256="")


# The whole way into the store.


def imported(
    own: OwnProject, files: dict[str, bytes], said: Settings = AIR, **kwargs: str
) -> Report:
    folder = own.root.parent / "files"
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    planned = plan(own.open(), named_files([folder / name for name in files]), said)
    assert planned.unsettled == []
    return run(planned, **kwargs)  # type: ignore[arg-type]


def stored(own: OwnProject) -> pd.DataFrame:
    return open_store(own.open()).hours("air")


def test_an_import_is_one_batch_and_a_second_one_changes_nothing(own_project: OwnProject) -> None:
    files = {"a.csv": wide(GOOD), "b.csv": wide("2019-01-02 08:00,虹口,36,,")}
    first = imported(own_project, files, source="区环境监测站", quality="official", note="测试")
    assert first.written is not None
    assert (first.written.batch, first.written.stored, first.total("taken")) == (1, 4, 4)
    assert [one.file for one in first.files] == ["a.csv", "b.csv"]
    (batch,) = open_store(own_project.open()).batches("air").to_dict("records")
    assert (batch["file"], batch["source"], batch["quality"], batch["note"]) == (
        "a.csv … b.csv (2)", "区环境监测站", "official", "测试",
    )  # fmt: skip
    assert json.loads(batch["mapping"])["监测时间"] == "time"
    assert len(batch["sha256"]) == 64
    second = imported(own_project, files)
    assert second.written is not None
    assert (second.written.stored, second.written.replaced, second.written.unchanged) == (0, 0, 4)
    assert stored(own_project)["pm25"].tolist() == [35, 36]


def test_a_correction_replaces_and_is_counted(own_project: OwnProject) -> None:
    imported(own_project, {"a.csv": wide(GOOD)})
    again = imported(own_project, {"b.csv": wide("2019-01-01 08:00,普陀,33,0.6,")})
    assert again.written is not None
    assert (again.written.replaced, again.written.unchanged) == (1, 1)
    row = stored(own_project).iloc[0]
    assert (row["pm25"], row["co"], row["o3"]) == (33, 0.6, 120)


def test_a_faulty_file_is_told_and_the_others_are_stored(own_project: OwnProject) -> None:
    whole = gzip.compress(wide(*[f"2019-01-{day:02d} 08:00,虹口,1,," for day in range(1, 29)]))
    found = imported(
        own_project,
        {
            "a.csv": wide(GOOD),
            "b.csv": b"x,y\r\n1,2\r\n",
            "c.csv.gz": whole[:-12],
            "d.csv": wide("2019-01-02 08:00,虹口,36,,"),
        },
    )
    assert [one.file for one in found.faulty] == ["b.csv", "c.csv"]
    assert [one.taken for one in found.files] == [3, 0, 0, 1]
    assert found.faulty[1].faults[0].zh == "c.csv 解压失败，文件可能不完整。"
    assert len(stored(own_project)) == 2


def test_what_is_refused_is_kept_in_a_file_that_a_spreadsheet_can_open(
    own_project: OwnProject,
) -> None:
    found = imported(own_project, {"a.csv": wide(GOOD, "2019-01-01 09:00,普陀,=cmd(),-5,")})
    assert found.rejected_file == "readings/rejected/air-1.csv"
    content = (own_project.root / found.rejected_file).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows == [
        ["文件", "行", "站点", "时间", "项目", "值", "原因"],
        ["a.csv", "3", "普陀", "2019-01-01 09:00", "PM2.5", "'=cmd()", "是公式，请粘贴为数值"],
        ["a.csv", "3", "普陀", "2019-01-01 09:00", "CO", "-5", "超出范围 [0, 150] mg/m³"],
    ]


def test_where_nothing_is_taken_nothing_is_stored_and_the_reasons_are_kept(
    own_project: OwnProject,
) -> None:
    found = imported(own_project, {"a.csv": wide("2019-01-01 08:00,普陀,abc,,")})
    assert found.written is None
    assert not open_store(own_project.open()).exists("air")
    (kept,) = (own_project.root / "readings" / "rejected").iterdir()
    assert "不是数字" in kept.read_text("utf-8-sig")
    assert not (own_project.root / "readings" / "imports").exists()


def test_the_report_has_every_file_and_the_sum(own_project: OwnProject) -> None:
    files = {"a.csv": wide(GOOD, "2019-01-01 09:00,1001A,1,-99,x"), "b.csv": b"x,y\r\n1,2\r\n"}
    found = imported(own_project, files)
    record = json.loads(json.dumps(found.record()))
    assert record == json.loads((own_project.root / "readings/imports/air-1.json").read_bytes())
    counts = ("read", "taken", "left_out", "rejected", "repeated", "missing")
    assert [record[name] for name in counts] == [5, 3, 2, 0, 0, 1]
    assert (record["batch"], record["stored"], record["stations_left_out"]) == (1, 3, {"1001A": 2})
    assert record["files"][1]["faults"] == [
        "b.csv：没有认出时间和监测项目或浓度的列，表头为：x、y；请用 --mapping 说明各列。"
    ]
    rows = found.rows()
    assert rows["文件"].tolist() == ["a.csv", "b.csv", "合计"]
    assert rows.iloc[2][["读到", "采用", "站点不在项目中", "新存"]].tolist() == [5, 3, 2, 3]
    assert list(found.rows("en").columns)[:2] == ["File", "Read"]


def test_a_mapping_is_kept_by_its_head_and_used_again(own_project: OwnProject) -> None:
    head = "时间,站点,颗粒物甲,PM2.5"
    data = wide("2019-01-01 08:00,普陀,50,35", head=head)
    mapping = Mapping(
        network="air", shape="wide", time="时间", station="站点",
        items={"颗粒物甲": "pm10", "PM2.5": "pm25"},
    )  # fmt: skip
    imported(own_project, {"a.csv": data}, Settings(now=NOW, mapping=mapping))
    (kept,) = (own_project.root / "readings" / "mappings").iterdir()
    assert '"颗粒物甲" = "pm10"' in kept.read_text("utf-8")
    later = wide("2019-01-01 09:00,普陀,51,36", head=head)
    planned = plan(own_project.open(), [blob_from("b.csv", later)], AIR)
    assert planned.tables[0].origin.zh == "沿用上次同一表头的映射"
    assert planned.tables[0].found.mapping == mapping
    other = wide("2019-01-01 09:00,普陀,51,36", head=f"{head},CO".replace(",CO", ""))
    kept.write_text(kept.read_text("utf-8").replace('"pm10"', '"o3"'), "utf-8")
    planned = plan(own_project.open(), [blob_from("b.csv", other)], AIR)
    assert planned.tables[0].found.mapping.items["颗粒物甲"] == "o3"


def test_a_conversion_is_asked_about_again_for_the_next_file(own_project: OwnProject) -> None:
    said = Settings(now=NOW, units={"co": "μg/m³"})
    imported(own_project, {"a.csv": co([600])}, said)
    planned = plan(own_project.open(), [blob_from("b.csv", co([0.6]))], AIR)
    assert [ask.zh for _, ask in planned.questions] == [
        "一氧化碳（CO）的单位为 μg/m³，将乘以 0.001 换算成 mg/m³"
    ]
    assert plan(own_project.open(), [blob_from("b.csv", co([0.6]))], said).questions == []


def test_a_mapping_that_names_other_columns_is_told_file_by_file() -> None:
    mapping = Mapping(network="air", shape="wide", time="时刻表", items={"x": "pm25"})
    said = Settings(now=NOW, mapping=mapping, station="1141A")
    _, report, _ = read("a.csv", wide(GOOD), said)
    assert [fault.zh for fault in report.faults] == ["a.csv：没有映射所说的列“时刻表”。"]


def test_further_marks_of_a_missing_value_can_be_declared() -> None:
    mapping = Mapping(
        network="air", shape="wide", time="监测时间", station="站点名称",
        items={"PM2.5": "pm25", "CO": "co"}, missing=("7777", "坏"),
    )  # fmt: skip
    said = Settings(now=NOW, mapping=mapping)
    _, report, refused = read("a.csv", wide("2019-01-01 08:00,普陀,7777,坏,1"), said)
    assert (report.missing, report.read, refused) == (2, 0, [])


def test_a_value_in_two_files_counts_as_the_last_file_has_it(own_project: OwnProject) -> None:
    found = imported(
        own_project, {"a.csv": wide(GOOD), "b.csv": wide("2019-01-01 08:00,普陀,40,,")}
    )
    assert found.written is not None
    assert (found.written.stored, found.written.repeated) == (3, 1)
    assert stored(own_project)["pm25"].tolist() == [40]


def test_a_folder_and_an_archive_give_the_same(own_project: OwnProject, tmp_path: Path) -> None:
    folder = tmp_path / "year"
    (folder / "1").mkdir(parents=True)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for day in range(1, 6):
            data = wide(f"2019-01-{day:02d} 08:00,普陀,{day},,")
            (folder / "1" / f"{day}.csv").write_bytes(data)
            archive.writestr(f"1/{day}.csv", data)
    planned = plan(own_project.open(), named_files([folder]), AIR)
    assert [one.name for one in planned.files] == [f"1/{day}.csv" for day in range(1, 6)]
    seen: list[str] = []
    found = run(planned, progress=lambda file: seen.append(file.name))
    assert found.written is not None and found.written.stored == 5
    assert seen == [one.name for one in planned.files]
    again = imported(own_project, {"year.zip": content.getvalue()})
    assert again.written is not None and again.written.unchanged == 5
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="没有 csv、txt、xlsx"):
        named_files([tmp_path / "empty"])


def test_a_store_that_cannot_be_written_leaves_nothing_behind(project: Project) -> None:
    planned = plan(project, [blob_from("a.csv", wide(GOOD))], AIR)
    with pytest.raises(DataError, match="--project"):
        run(planned)
    assert not (project.roots[0] / "readings").exists()


def test_a_preview_tells_all_and_stores_nothing(own_project: OwnProject) -> None:
    data = wide(GOOD, "2019-01-01 09:00,普陀,abc,0.7,", "2019-01-01 09:00,1001A,1,,")
    found = preview("../../a.csv", data, own_project.open(), AIR)
    assert found.rows.to_dict("records")[0]["pm25"] == 35
    assert list(found.rows.columns) == ["station", "time", *NAMES]
    assert [(one.row, one.reason.zh) for one in found.refused] == [(3, "不是数字")]
    assert (found.outside, found.files[0].taken) == ({"1001A": 1}, 4)
    ((name, how, rows),) = found.mappings()
    assert (name, how) == ("a.csv", "宽表（每个项目一列），按列名识别")
    assert ("PM2.5", "细颗粒物（PM2.5）", "μg/m³（未注明）") in rows
    assert not (own_project.root / "readings").exists()
    report = run(found.planned)
    assert report.written is not None and report.written.stored == 4


def test_a_preview_refuses_what_is_too_large() -> None:
    bomb = gzip.compress(wide(*[GOOD] * 50_000))
    limits = Limits(size=1 << 20, free=1 << 10)
    found = preview("a.csv.gz", bomb, open_project(), AIR, limits)
    assert "解压后" in found.files[0].faults[0].zh
    assert found.rows.empty


def test_values_of_the_next_hour_are_no_fault_of_a_slow_clock() -> None:
    now = datetime.now() + timedelta(days=2)  # whatever the zone of this machine
    _, report, _ = read("a.csv", wide(f"{now:%Y-%m-%d %H}:00,普陀,35,,"), Settings())
    assert report.rejected == 1
    assert timedelta(hours=1) == reading_run.SLACK


def test_every_value_is_accounted_for_in_the_sample_with_all_stations() -> None:
    data = (SAMPLES / "china_sites_20190101.csv").read_bytes()
    raw = pd.read_csv(io.BytesIO(data))
    of_items = raw[raw["type"].isin(NAMES.values())].iloc[:, 3:]
    found, report, _ = read("n.csv", data, EVERY)
    assert report.taken == len(found) == int(of_items.count().sum())
    assert report.missing == int(of_items.isna().sum().sum())


def test_the_module_of_imports_names_its_columns() -> None:
    assert len(reading_import.HEADS_ZH) == len(reading_import.HEADS_EN) == 11
