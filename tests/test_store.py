"""The store of readings on files: idempotent, corrected, all or nothing, and read while written."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, OwnProject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_readings import INFO, ITEMS, assert_same, expected_days, hourly

from bsh_geo import air_days, store_engine, store_manifest, store_writer
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.project import Project
from bsh_geo.store import FileStore, Store, open_store
from bsh_geo.store_engine import EngineError, engine
from bsh_geo.store_records import BATCH_COLUMNS, CORRECTION_COLUMNS

WINTER = ("2024-12-30 01:00", "2025-02-03 00:00")
"""Labels of 35 days in three months."""


@pytest.fixture
def files(own_project: OwnProject) -> FileStore:
    found = open_store(own_project.open())
    assert isinstance(found, FileStore)
    return found


def folder_of(store: FileStore) -> Path:
    assert store.folder is not None
    return store.folder / "air"


def one(value: float, item: str = "co", at: str = "2025-01-01 08:00") -> pd.DataFrame:
    """One reading of one station."""
    return pd.DataFrame({"station": ["1141A"], "time": [pd.Timestamp(at)], item: [value]})


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["station", "time"], ignore_index=True)


# What is there


def test_the_shipped_data_alone_have_no_readings_and_take_none(project: Project) -> None:
    store = open_store(project)
    assert not store.exists("air")
    assert store.digest("air") == ""
    assert store.hours("air").columns.tolist() == ["station", "time", *ITEMS, "batch"]
    assert len(store.days("air")) == len(store.batches("air")) == len(store.corrections("air")) == 0
    with pytest.raises(DataError, match="内置数据不能写入读数"):
        store.write("air", one(1), INFO)


def test_a_project_folder_has_a_store_before_its_first_reading(files: FileStore) -> None:
    assert not files.exists("air")
    extent = files.extent("air")
    assert (extent.first, extent.last, extent.stations, extent.rows) == (None, None, (), 0)
    assert extent.values == dict.fromkeys(ITEMS, 0)
    assert not folder_of(files).exists()


def test_an_unknown_network_is_refused_by_every_question(files: FileStore) -> None:
    for ask in (files.exists, files.hours, files.days, files.extent, files.batches, files.digest):
        with pytest.raises(UnknownNameError, match="监测网络“sky”不存在"):
            ask("sky")


def test_what_was_written_is_read_as_it_was(files: FileStore) -> None:
    rows = hourly(*WINTER)
    written = files.write("air", rows.sample(frac=1, random_state=1), INFO)
    values = int(rows[list(ITEMS)].count().sum())
    assert (written.batch, written.read_values, written.stored) == (1, values, values)
    assert (written.replaced, written.unchanged, written.repeated) == (0, 0, 0)
    assert (written.first, written.last) == (rows["time"].min(), rows["time"].max())
    found = files.hours("air")
    assert found["batch"].tolist() == [1] * len(rows)
    assert_same(found.drop(columns="batch"), in_order(rows))
    extent = files.extent("air")
    assert extent.stations == ("1141A", "1142A")
    assert extent.rows == len(rows)
    assert extent.values == {item: int(rows[item].count()) for item in ITEMS}
    assert (extent.first, extent.last) == (rows["time"].min(), rows["time"].max())


def test_months_are_those_of_the_judged_day(files: FileStore) -> None:
    files.write("air", hourly(*WINTER), INFO)
    state = store_manifest.read(folder_of(files), "readings/air")
    assert state
    assert list(state.months) == ["2024-12", "2025-01", "2025-02"]
    assert state.months["2024-12"].last == "2025-01-01T00:00:00"
    assert state.months["2025-01"].last == "2025-02-01T00:00:00"


def test_hours_are_those_of_the_stations_items_and_labels_asked_for(files: FileStore) -> None:
    rows = hourly(*WINTER)
    files.write("air", rows, INFO)
    first, last = pd.Timestamp("2025-01-31 22:00"), pd.Timestamp("2025-02-01 00:00")
    found = files.hours("air", ["1142A"], first, last, ["co", "o3"])
    wanted = rows[(rows["station"] == "1142A") & rows["time"].between(first, last)]
    assert found.columns.tolist() == ["station", "time", "co", "o3", "batch"]
    assert_same(found.drop(columns="batch"), wanted[["station", "time", "co", "o3"]])
    assert files.hours("air", ["1142A"], first, "2025-02-01").equals(
        files.hours("air", ["1142A"], str(first), last)
    )
    assert len(files.hours("air", [])) == 0
    assert len(files.hours("air", ["no such"])) == 0
    assert len(files.hours("air", first="2031-01-01")) == 0


def test_a_question_that_cannot_be_is_told(files: FileStore) -> None:
    with pytest.raises(DataError, match="没有项目 pb，可用：pm25"):
        files.hours("air", items=["pb"])
    with pytest.raises(DataError, match="first 的值“soon”不是时间"):
        files.hours("air", first="soon")
    with pytest.raises(DataError, match=r"last 的值.*应为不带时区"):
        files.days("air", last=pd.Timestamp("2025-01-01", tz="UTC"))


# Importing again, correcting


def test_importing_the_same_again_changes_no_reading(files: FileStore) -> None:
    rows = hourly(*WINTER)
    first = files.write("air", rows, INFO)
    digest, months = files.digest("air"), sorted((folder_of(files) / "months").iterdir())
    again = files.write("air", rows, INFO)
    assert (again.stored, again.replaced, again.unchanged) == (0, 0, first.stored)
    assert files.digest("air") == digest
    assert sorted((folder_of(files) / "months").iterdir()) == months
    assert files.hours("air")["batch"].unique().tolist() == [1]
    assert files.batches("air")["batch"].tolist() == [1, 2]


def test_another_value_replaces_and_the_old_one_is_kept(files: FileStore) -> None:
    files.write("air", one(0.8), INFO)
    before = files.digest("air")
    written = files.write("air", one(0.9), INFO)
    assert (written.stored, written.replaced, written.unchanged) == (0, 1, 0)
    assert files.hours("air", items=["co"])["co"].tolist() == [0.9]
    assert files.digest("air") != before
    kept = files.corrections("air")
    assert kept.columns.tolist() == list(CORRECTION_COLUMNS)
    assert kept.dtypes.astype(str).to_dict() == CORRECTION_COLUMNS
    row = kept.iloc[0]
    assert (row["station"], row["item"], row["old"], row["new"], row["batch"]) == (
        *("1141A", "co", 0.8, 0.9, 2),
    )
    assert row["time"] == pd.Timestamp("2025-01-01 08:00")
    assert written.corrections.equals(kept)


def test_corrections_of_several_imports_stand_in_their_order(files: FileStore) -> None:
    for value in (1.0, 2.0, 3.0, 2.0):
        files.write("air", one(value), INFO)
    kept = files.corrections("air")
    assert kept["old"].tolist() == [1, 2, 3]
    assert kept["new"].tolist() == [2, 3, 2]
    assert files.corrections("air", batch=3)["new"].tolist() == [3]


def test_a_missing_value_deletes_nothing_and_another_item_is_added(files: FileStore) -> None:
    files.write("air", one(0.8), INFO)
    added = one(35.0, "pm25").assign(co=np.nan)
    written = files.write("air", added, INFO)
    assert (written.read_values, written.stored, written.replaced) == (1, 1, 0)
    row = files.hours("air").iloc[0]
    assert (row["co"], row["pm25"], row["batch"]) == (0.8, 35.0, 2)


def test_of_values_given_twice_the_last_counts_for_each_item(files: FileStore) -> None:
    rows = pd.concat(
        [one(1.0).assign(o3=10.0), one(2.0).assign(o3=np.nan), one(np.nan).assign(o3=30.0)]
    )
    written = files.write("air", rows, INFO)
    assert (written.read_values, written.stored, written.repeated) == (4, 2, 2)
    row = files.hours("air").iloc[0]
    assert (row["co"], row["o3"]) == (2.0, 30.0)


def test_a_row_without_any_value_is_no_row(files: FileStore) -> None:
    written = files.write("air", one(np.nan), INFO)
    assert (written.read_values, written.stored) == (0, 0)
    assert not files.exists("air")
    assert files.batches("air")["batch"].tolist() == [1]


def test_an_import_is_logged_with_where_it_came_from(files: FileStore) -> None:
    written = files.write("air", one(0.8), INFO)
    log = files.batches("air")
    assert log.dtypes.astype(str).to_dict() == BATCH_COLUMNS
    row = log.iloc[0]
    assert (row["file"], row["sha256"], row["source"]) == (INFO.file, INFO.sha256, INFO.source)
    assert json.loads(row["mapping"]) == {"PM2.5": "pm25"}
    assert (row["batch"], row["read_values"], row["stored"]) == (1, 1, 1)
    assert row["first"] == row["last"] == written.first


def test_logs_begin_another_piece_when_one_is_full(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store_writer.PIECE_ROWS, "batches", 2)
    monkeypatch.setitem(store_writer.PIECE_ROWS, "corrections", 2)
    for value in range(1, 7):
        files.write("air", one(float(value)), INFO)
    state = store_manifest.read(folder_of(files), "readings/air")
    assert state
    assert [piece.rows for piece in state.batches] == [2, 2, 2]
    assert [piece.rows for piece in state.corrections] == [2, 2, 1]
    assert files.batches("air")["batch"].tolist() == [1, 2, 3, 4, 5, 6]
    assert files.corrections("air")["new"].tolist() == [2, 3, 4, 5, 6]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    readings=st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]), st.integers(0, 30), st.sampled_from(["co", "o3"]),
            st.integers(0, 3),
        ),
        min_size=1, max_size=30,
    ),
    cuts=st.lists(st.integers(0, 30), max_size=4),
)  # fmt: skip
def test_chunks_and_imports_do_not_change_what_is_stored(
    tmp_path_factory: pytest.TempPathFactory,
    project: Project,
    readings: list[tuple[str, int, str, int]],
    cuts: list[int],
) -> None:
    """The last value of each station, time and item counts, however the rows are cut."""
    start = pd.Timestamp("2025-01-31 10:00")
    rows = pd.DataFrame(
        [
            {"station": code, "time": start + pd.Timedelta(hours=at), "co": np.nan, "o3": np.nan}
            | {item: float(value)}
            for code, at, item, value in readings
        ]
    )
    ends = sorted({*cuts, 0, len(rows)})
    parts = [rows.iloc[a:b] for a, b in itertools.pairwise(ends) if a < b]
    ways = [FileStore(project, tmp_path_factory.mktemp("way")) for _ in range(3)]
    ways[0].write("air", rows, INFO)
    ways[1].write("air", iter(parts), INFO)
    for part in parts:
        ways[2].write("air", part, INFO)
    wanted = {(code, at, item): float(value) for code, at, item, value in readings}
    for way in ways:
        found = way.hours("air", items=["co", "o3"])
        hours = (found["time"] - start) / pd.Timedelta(hours=1)
        held = {
            (row.station, int(at), item): getattr(row, item)
            for row, at in zip(found.itertuples(), hours, strict=True)
            for item in ("co", "o3")
            if not np.isnan(getattr(row, item))
        }
        assert held == wanted


# Rows that are none


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"co": -99.0}, "co 为 -99，超出范围 \\[0, 150\\]"),
        ({"co": np.inf}, "co 为 inf，超出范围"),
        ({"time": pd.Timestamp("2025-01-01 08:30")}, "时间 2025-01-01 08:30:00 不合粒度 hour"),
        ({"time": pd.NaT}, "time 应为不带时区且不缺的时间"),
        ({"time": pd.Timestamp("2025-01-01 08:00", tz="Asia/Shanghai")}, "time 应为不带时区"),
        ({"time": "2025-01-01 08:00"}, "time 应为不带时区"),
        ({"station": ""}, "站点编码 '' 应为不空的文本"),
        ({"station": None}, "站点编码 .* 应为不空的文本"),
        ({"pb": 1.0}, "列为 station, time, co, pb，应为 station, time, pm25"),
    ],
)
def test_a_row_that_is_no_reading_is_told_and_nothing_is_stored(
    files: FileStore, change: dict[str, object], told: str
) -> None:
    files.write("air", one(0.8), INFO)
    with pytest.raises(DataError, match=told):
        files.write("air", iter([one(0.9), one(1.0).assign(**change)]), INFO)
    assert files.hours("air")["co"].tolist() == [0.8]
    assert files.batches("air")["batch"].tolist() == [1]


def test_a_source_that_fails_midway_stores_nothing(files: FileStore) -> None:
    def rows() -> Iterator[pd.DataFrame]:
        yield hourly(*WINTER)
        raise DataError("第 3 个文件已损坏。", "File 3 is damaged.")

    with pytest.raises(DataError, match="第 3 个文件已损坏"):
        files.write("air", rows(), INFO)
    assert not files.exists("air")
    assert list((folder_of(files) / "tmp").iterdir()) == []


def test_a_source_that_cannot_be_read_is_not_taken_for_a_store_that_cannot_be_written(
    files: FileStore,
) -> None:
    def rows() -> Iterator[pd.DataFrame]:
        yield one(0.8)
        raise FileNotFoundError(2, "No such file or directory", "gone.csv")

    with pytest.raises(DataError, match=r"要导入的数据无法读取：.*gone\.csv.*未写入任何读数"):
        files.write("air", rows(), INFO)
    assert not files.exists("air")


# Days


@pytest.mark.parametrize("keeps", [True, False])
def test_days_are_those_worked_out_hour_by_hour(files: FileStore, keeps: bool) -> None:
    rows = hourly(*WINTER)
    store = replace(files, keeps_days=keeps)
    store.write("air", rows, INFO)
    assert_same(store.days("air"), expected_days(rows))
    assert_same(store.days("air"), expected_days(rows))
    assert (len(list((folder_of(files) / "days").iterdir())) == 3) is keeps


def test_days_are_those_of_the_reference_in_numpy(files: FileStore) -> None:
    rows = hourly(*WINTER, seed=7)
    files.write("air", rows, INFO)
    reference = air_days.days(rows)
    found = files.days("air")
    assert set(reference.columns) == set(found.columns)
    reference = reference[found.columns].astype(found.dtypes)
    assert_same(found, reference)


def test_an_eight_hour_mean_needs_six_hours_and_lies_within_the_day(files: FileStore) -> None:
    def day(hours: dict[int, float]) -> pd.Series:
        start = pd.Timestamp("2025-03-01")
        rows = pd.concat(
            [one(v, "o3", str(start + pd.Timedelta(hours=h))) for h, v in hours.items()]
        )
        store = FileStore(files.project, folder_of(files) / str(len(hours)) / str(sum(hours)))
        store.write("air", rows, INFO)
        return store.days("air", first="2025-03-01").iloc[0]

    six = day({1: 10, 2: 20, 3: 30, 4: 40, 5: 50, 6: 60})
    assert (six["o3_8h"], six["o3_8h_windows"], six["o3_1h"], six["o3_hours"]) == (35, 1, 60, 6)
    five = day({1: 10, 2: 20, 3: 30, 4: 40, 5: 50})
    assert np.isnan(five["o3_8h"])
    assert (five["o3_8h_windows"], five["o3_1h"]) == (0, 50)
    whole = day({hour: float(hour) for hour in range(1, 25)})
    assert (whole["o3_8h"], whole["o3_8h_windows"]) == (20.5, 17)  # 17 … 24
    late = day({19: 1, 20: 2, 21: 3, 22: 4, 23: 5, 24: 6})
    assert (late["o3_8h"], late["o3_8h_windows"]) == (3.5, 1)


def test_days_of_some_stations_and_dates_are_the_same_as_among_all(files: FileStore) -> None:
    rows = hourly(*WINTER, stations=tuple(f"{n}A" for n in range(1000, 1025)))
    replace(files, keeps_days=False).write("air", rows, INFO)
    every = expected_days(rows)
    wanted = every[
        (every["station"] == "1003A") & every["date"].between("2024-12-31", "2025-02-01")
    ]
    asked = ("air", ["1003A"], "2024-12-31", "2025-02-01 15:00")
    assert_same(files.days(*asked), wanted)
    assert list((folder_of(files) / "days").iterdir()) == []  # one of 25 stations is no reason
    assert_same(files.days("air"), every)
    assert len(list((folder_of(files) / "days").iterdir())) == 3
    assert_same(files.days(*asked), wanted)


def test_days_follow_a_correction(files: FileStore) -> None:
    rows = hourly(*WINTER)
    files.write("air", rows, INFO)
    files.days("air")
    rows.loc[5, "pm25"] = 999.0
    files.write("air", rows.iloc[[5]], INFO)
    assert_same(files.days("air"), expected_days(rows))


def test_a_large_import_makes_its_days_and_an_hour_leaves_them(files: FileStore) -> None:
    files.write("air", hourly(*WINTER), INFO)
    folder = folder_of(files) / "days"
    assert len(list(folder.iterdir())) == 3
    files.write("air", one(7.7, at="2025-01-01 08:00"), INFO)
    assert len(list(folder.iterdir())) == 3  # January's is that of the month before the hour
    assert len(files.days("air")) == 70
    assert len(list(folder.iterdir())) == 4
    files.write("air", one(7.8, at="2025-01-01 08:00"), INFO)
    assert len(list(folder.iterdir())) == 3


def test_days_that_were_kept_may_be_deleted_or_damaged(files: FileStore) -> None:
    rows = hourly(*WINTER)
    files.write("air", rows, INFO)
    files.days("air")
    first, second, _ = sorted((folder_of(files) / "days").iterdir())
    first.unlink()
    second.write_bytes(b"PAR1 no longer")
    assert_same(files.days("air"), expected_days(rows))


def test_days_are_told_where_nothing_can_be_kept(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = hourly(*WINTER)
    replace(files, keeps_days=False).write("air", rows, INFO)

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("bsh_geo.store_reader.os.replace", refused)
    assert_same(files.days("air"), expected_days(rows))
    assert list((folder_of(files) / "days").iterdir()) == []


def test_another_network_has_daily_means_and_counts(own_project: OwnProject) -> None:
    own_project.write(
        "data/readings/river.toml",
        'id = "river"\ntitle = { zh = "河流", en = "Rivers" }\nstations = "water_sections"\n'
        'grain = "sample"\n[items.nh3n]\ntitle = { zh = "氨氮", en = "NH3-N" }\nunit = "mg/L"\n'
        "min = 0\nmax = 300\ndecimals = 2\n",
    )
    store = open_store(own_project.open())
    times = pd.to_datetime(["2025-01-31 00:00", "2025-01-31 12:20", "2025-02-01 00:00"])
    rows = pd.DataFrame({"station": "s", "time": times.as_unit("us"), "nh3n": [0.5, 1.0, 2.0]})
    store.write("river", rows, INFO)
    days = store.days("river")
    assert days.columns.tolist() == ["station", "date", "nh3n", "nh3n_count"]
    assert days["nh3n"].tolist() == [0.75, 2.0]
    assert days["nh3n_count"].tolist() == [2, 1]
    assert not store.exists("air")


def test_an_item_declared_later_is_missing_in_older_months(own_project: OwnProject) -> None:
    air = own_project.shipped("data/readings/air.toml")
    open_store(own_project.open()).write("air", one(0.8, at="2025-01-01 08:00"), INFO)
    own_project.write(
        "data/readings/air.toml",
        air + '\n[items.bc]\ntitle = { zh = "黑碳", en = "Black carbon" }\nunit = "μg/m³"\n'
        "min = 0\nmax = 1000\ndecimals = 1\n",
    )
    store = open_store(replace(own_project.open(), version="more"))
    assert store.hours("air", items=["co", "bc"])["bc"].isna().all()
    assert store.days("air")["bc_hours"].tolist() == [0]
    store.write("air", one(3.5, "bc", "2025-02-01 08:00"), INFO)
    found = store.hours("air", items=["co", "bc"])
    assert found["bc"].isna().tolist() == [True, False]
    assert found["co"].isna().tolist() == [False, True]
    own_project.write("data/readings/air.toml", air)
    with pytest.raises(DataError, match=r"存有项目 bc，但 data/readings/air\.toml 不再声明它"):
        open_store(replace(own_project.open(), version="less")).write("air", one(0.7), INFO)


# Faults of the folder


def test_a_damaged_manifest_is_told(files: FileStore) -> None:
    files.write("air", one(0.8), INFO)
    manifest = folder_of(files) / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8")[:-40], "utf-8")
    for ask in (files.exists, files.hours, files.days):
        with pytest.raises(DataError, match=r"readings/air/manifest\.json 已损坏") as fault:
            ask("air")
        assert "readings/air/manifest.json is damaged" in fault.value.en


def test_a_manifest_of_another_format_is_told(files: FileStore) -> None:
    files.write("air", one(0.8), INFO)
    manifest = folder_of(files) / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"format": 1', '"format": 9'), "utf-8")
    with pytest.raises(DataError, match="格式为 9，本版本只认 1"):
        files.exists("air")


def test_a_lost_manifest_is_told_and_never_taken_for_an_empty_store(files: FileStore) -> None:
    files.write("air", one(0.8), INFO)
    (folder_of(files) / "manifest.json").unlink()
    for ask in (lambda: files.hours("air"), lambda: files.write("air", one(1.0), INFO)):
        with pytest.raises(DataError, match=r"readings/air 中有读数文件，但缺少 manifest\.json"):
            ask()
    assert len(list((folder_of(files) / "months").iterdir())) == 1


@pytest.mark.parametrize("harm", ["cut", "gone", "changed"])
def test_a_broken_month_is_named(files: FileStore, harm: str) -> None:
    files.write("air", hourly(*WINTER), INFO)
    month = next((folder_of(files) / "months").glob("2025-01-*"))
    if harm == "gone":
        month.unlink()
    else:
        content = month.read_bytes()
        month.write_bytes(content[:500] if harm == "cut" else content[:-8] + b"\0" * 8)
    told = f"readings/air/months/{month.name}"
    asked = [
        lambda: files.hours("air"),
        lambda: replace(files, keeps_days=False).days("air"),
        lambda: files.verify("air"),
        lambda: files.write("air", one(0.1, at="2025-01-05 08:00"), INFO),
    ]
    if harm != "changed":  # else the days that were kept still are what they were made from
        asked.append(lambda: files.days("air"))
    for ask in asked:
        with pytest.raises(DataError) as fault:
            ask()
        assert told in fault.value.zh
        assert told in fault.value.en
    assert len(files.hours("air", last="2025-01-01")) > 0  # December is whole


def test_all_files_are_compared_with_their_digests(files: FileStore) -> None:
    files.write("air", hourly(*WINTER), INFO)
    assert files.verify("air") == 4  # three months and a log
    month = next((folder_of(files) / "months").glob("2025-01-*"))
    content = bytearray(month.read_bytes())
    content[200] ^= 1
    month.write_bytes(bytes(content))
    with pytest.raises(DataError, match=f"{month.name} 已损坏"):
        files.verify("air")


def test_a_folder_that_cannot_be_written_is_told(own_project: OwnProject) -> None:
    own_project.write("readings", "a file where the folder should be")
    store = open_store(own_project.open())
    with pytest.raises(DataError, match=r"无法写入读数库 readings/air.*未写入任何读数"):
        store.write("air", one(0.8), INFO)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM '{outside}'",
        "COPY (SELECT 1) TO '{outside}'",
        "SELECT * FROM read_parquet('https://example.org/a.parquet')",
        "ATTACH '{outside}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET autoload_known_extensions = true",
    ],
)
def test_the_engine_keeps_to_its_folder_and_off_the_network(tmp_path: Path, query: str) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n", "utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    with engine(inside) as connection, pytest.raises(EngineError):
        connection.execute(query.format(outside=outside))
    assert outside.read_text("utf-8") == "a\n1\n"


def test_a_question_that_outgrows_the_memory_is_answered_from_the_disk(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_engine, "MEMORY", "24MB")
    with engine(folder_of(files)) as connection:
        wide = "SELECT hash(i) AS a, hash(i + 1) AS b, hash(i + 2) AS c FROM range(1500000) t(i)"
        connection.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM ({wide}) ORDER BY a")
        spilled = list(Path(tempfile.gettempdir()).glob(f"bsh-geo-{os.getpid()}-*/*"))
        assert connection.execute("SELECT count(*) FROM kept").fetchall() == [(1_500_000,)]
    assert spilled
    assert not list(Path(tempfile.gettempdir()).glob(f"bsh-geo-{os.getpid()}-*"))


def test_a_folder_may_have_any_name(tmp_path: Path, project: Project) -> None:
    store = FileStore(project, tmp_path / "读数 [2025] it's*")
    rows = hourly(*WINTER)
    store.write("air", rows, INFO)
    store.write("air", rows, INFO)
    assert_same(store.days("air"), expected_days(rows))


# Several at once


def test_a_second_import_waits_briefly_and_then_says_so(files: FileStore) -> None:
    files.write("air", one(0.8), INFO)
    impatient = replace(files, patience=0.2)
    with (
        store_manifest.writing(folder_of(files), "readings/air"),
        pytest.raises(DataError, match="另一个导入正在写入 readings/air") as fault,
    ):
        impatient.write("air", one(0.9), INFO)
    assert "Nothing was stored" in fault.value.en
    assert impatient.write("air", one(0.9), INFO).replaced == 1


def test_a_second_import_follows_when_the_first_ends_in_time(files: FileStore) -> None:
    files.write("air", one(0.8), INFO)
    done: list[int] = []
    second = threading.Thread(target=lambda: done.append(files.write("air", one(0.9), INFO).batch))
    with store_manifest.writing(folder_of(files), "readings/air"):
        second.start()
        time.sleep(0.3)
        assert done == []
    second.join(timeout=20)
    assert done == [2]


def test_readers_see_whole_states_while_imports_run(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every station has the same value at any moment, as each import changes them all."""
    monkeypatch.setattr(store_manifest, "GRACE", 0.0)  # superseded files go at once
    monkeypatch.setattr(store_manifest.clean, "__defaults__", (0.0,))
    rows = pd.concat(
        [one(0.0, at=f"2025-{month:02d}-01 08:00") for month in range(1, 7)], ignore_index=True
    )
    files.write("air", rows, INFO)
    seen: list[set[float]] = []
    faults: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                seen.append(set(files.hours("air", items=["co"])["co"]))
                seen.append(set(files.days("air")["co"]))
        except DataError as fault:
            faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for value in range(1, 13):
        files.write("air", rows.assign(co=float(value)), INFO)
    stop.set()
    for reader in readers:
        reader.join(timeout=60)
    assert faults == []
    assert len(seen) > 4
    assert {len(values) for values in seen} == {1}
    assert set(files.hours("air")["co"]) == {12.0}


def test_superseded_files_are_kept_for_a_while_and_then_removed(files: FileStore) -> None:
    folder = folder_of(files) / "months"
    files.write("air", one(1.0), INFO)
    files.write("air", one(2.0), INFO)
    files.write("air", one(3.0), INFO)
    assert len(list(folder.iterdir())) == 3
    state = store_manifest.read(folder_of(files), "readings/air")
    assert state
    store_manifest.clean(folder_of(files), state, grace=0)
    assert [f"months/{path.name}" for path in folder.iterdir()] == [state.months["2025-01"].file]
    assert files.hours("air")["co"].tolist() == [3.0]


# Killed


IMPORT = """
import os, signal, sys
sys.path[:0] = {path!r}
from stored_readings import INFO, hourly
from bsh_geo import store_manifest
from bsh_geo.project import open_project
from bsh_geo.store import open_store

step = int(sys.argv[2])
steps = iter(range(1, 1_000_000))

def counted(call):
    def made(*args, **more):
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **more)
    return made

os.fsync = counted(os.fsync)
os.replace = counted(os.replace)
os.unlink = counted(os.unlink)
store = open_store(open_project(sys.argv[1]))
stations = tuple(f"{{n}}A" for n in range(int(sys.argv[3])))
print("ready", flush=True)
span = ("2024-12-01 01:00", "2025-04-01 00:00")
parts = (hourly(*span, (code,), n) for n, code in enumerate(stations))
store.write("air", parts, INFO)
print(next(steps), flush=True)
"""

KILLED = -signal.SIGKILL


def importing(own: OwnProject, step: int, stations: int) -> subprocess.Popen[str]:
    """An import in a process of its own, which kills itself before a step on the disk."""
    code = textwrap.dedent(IMPORT.format(path=[str(ROOT / "src"), str(ROOT / "tests")]))
    return subprocess.Popen(
        [sys.executable, "-c", code, str(own.root), str(step), str(stations)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=own.root,
        env={**os.environ, "PYTHONPATH": ""},
    )


def assert_old_or_new(store: Store, old: pd.DataFrame, new: pd.DataFrame) -> bool:
    """The readings of before the import or of after it, and nothing between; True: new."""
    found = store.hours("air").drop(columns="batch")
    done = len(store.batches("air")) == 2
    assert_same(found, new if done else old)
    assert_same(store.days("air"), expected_days(new if done else old))
    store.verify("air")
    return done


def test_an_import_killed_at_any_step_leaves_the_old_state_or_the_new_one(
    own_project: OwnProject,
) -> None:
    own_project.write("config.toml", "")
    store = open_store(own_project.open())
    old = hourly("2025-02-01 01:00", "2025-03-01 00:00", ("0A",), seed=50)
    fresh = pd.concat(
        [hourly("2024-12-01 01:00", "2025-04-01 00:00", (f"{n}A",), n) for n in range(2)]
    )
    both = in_order(fresh.set_index(["station", "time"]).combine_first(
        old.set_index(["station", "time"])
    ).reset_index()[["station", "time", *ITEMS]])  # fmt: skip
    store.write("air", old, INFO)
    outcomes = []
    for step in range(1, 60):
        process = importing(own_project, step, 2)
        told = process.communicate(timeout=120)[0].split()
        outcomes.append(assert_old_or_new(store, old, both))
        if process.returncode == 0:
            assert int(told[1]) > 15  # so many steps there were
            break
        assert process.returncode == KILLED
        if outcomes[-1]:
            break
    assert outcomes[:15] == [False] * 15
    assert outcomes[-1]
    again = store.write("air", fresh, INFO)
    assert (again.stored, again.replaced) == (0, 0)
    assert list((folder_of_any(store) / "tmp").iterdir()) == []


def folder_of_any(store: Store) -> Path:
    assert isinstance(store, FileStore)
    return folder_of(store)


def test_an_import_killed_at_any_moment_leaves_the_old_state(own_project: OwnProject) -> None:
    own_project.write("config.toml", "")
    store = open_store(own_project.open())
    old = hourly(*WINTER, stations=("0A",), seed=50)
    store.write("air", old, INFO)
    chance = random.Random(4)
    killed = 0
    for _ in range(5):
        process = importing(own_project, 0, 200)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.05, 1.5))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        killed += process.returncode == KILLED
        assert_same(store.hours("air").drop(columns="batch"), in_order(old))
        assert store.verify("air") > 0
    assert killed == 5
    assert store.write("air", old, INFO).unchanged == int(old[list(ITEMS)].count().sum())
    assert len(list((folder_of_any(store) / "months").iterdir())) == 3


def test_a_first_import_killed_leaves_an_empty_store_that_can_be_written(
    own_project: OwnProject,
) -> None:
    own_project.write("config.toml", "")
    store = open_store(own_project.open())
    for step in (1, 3, 6, 9, 12):
        process = importing(own_project, step, 1)
        process.communicate(timeout=120)
        assert process.returncode == KILLED
        assert not store.exists("air")
    assert store.write("air", one(0.8), INFO).stored == 1


# Where it is


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ('[store]\nurl = "mysql://a@b/c"', "store.url 以“mysql”开头，应为 postgresql://"),
        ('[store]\nurl = "postgresql://a:geheim@b:99999/c"', "应为 postgresql://"),
        ('[store]\nuri = "postgresql://a@b/c"', "未知的键 uri"),
        ("[store]\nurl = 5", "url 的值 5 不合要求"),
        ("[store]", "缺少键 url"),
        ('store = "files"', "store.url 以“”开头"),
    ],
)
def test_a_wrong_address_of_the_store_is_told(
    own_project: OwnProject, config: str, told: str
) -> None:
    own_project.write("config.toml", config)
    with pytest.raises(DataError) as fault:
        open_store(own_project.open())
    assert told in fault.value.zh
    assert "geheim" not in fault.value.zh + fault.value.en
    assert fault.value.en.startswith("config.toml")


def test_memory_stays_bounded_when_rows_come_in_parts(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With next to no room in memory every part goes to the disk, and nothing else changes."""
    monkeypatch.setattr(store_writer, "HELD", 10_000)
    spilled: list[int] = []
    to_files = store_writer._to_files
    monkeypatch.setattr(
        store_writer, "_to_files", lambda spill: (spilled.append(spill.size), to_files(spill))
    )
    rows = hourly(*WINTER)
    parts = (rows.iloc[at : at + 100] for at in range(0, len(rows), 100))
    files.write("air", parts, INFO)
    assert len(spilled) > 5
    assert max(spilled) < 20_000
    assert_same(files.hours("air").drop(columns="batch"), in_order(rows))
