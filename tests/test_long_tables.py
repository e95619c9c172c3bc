"""Long tables as Parquet: read as the same table in CSV is, and refused where they are broken."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from bsh_geo import frames, long_tables
from bsh_geo.errors import DataError
from bsh_geo.project import Project, box_root

DECLARED = """
title = { zh = "甲", en = "A" }
source = ["osm-lands-2017"]
quality = "open"
rows = { zh = "每行一处", en = "One per row" }
key = ["id"]
licence = { zh = "自有", en = "Own" }
date = ""
missing = { zh = "空", en = "Blank" }
limitations = { zh = "无", en = "None" }
crs = "EPSG:4326"
lon = "lon"
lat = "lat"
columns.id = { type = "str", zh = "编号", en = "Id", required = true }
columns.kind = { type = "str", zh = "类别", en = "Kind", allowed = ["湖", "河"] }
columns.number = { type = "int", zh = "数目", en = "Number", min = 0, max = 99 }
columns.open = { type = "bool", zh = "开放", en = "Open" }
columns.since = { type = "period", zh = "时间", en = "Since" }
columns.lon = { type = "float", zh = "经度", en = "Longitude" }
columns.lat = { type = "float", zh = "纬度", en = "Latitude" }
columns.quality = { type = "quality", zh = "质量", en = "Quality", required = true }
"""
TYPES = {
    "id": "str", "kind": "str", "number": "int", "open": "bool", "since": "period",
    "lon": "float", "lat": "float", "quality": "quality",
}  # fmt: skip


def project_with(folder: Path, table: pd.DataFrame, form: str) -> Project:
    """A project folder with one dataset, stored in a form."""
    (folder / "data/datasets").mkdir(parents=True, exist_ok=True)
    content = (
        table.to_csv(index=False).encode()
        if form == "csv"
        else long_tables.content(table, TYPES)
    )  # fmt: skip
    (folder / f"data/ponds.{form}").write_bytes(content)
    declared = f'id = "ponds"\nfile = "ponds.{form}"{DECLARED}'
    (folder / "data/datasets/ponds.toml").write_text(declared, encoding="utf-8")
    return Project((folder, box_root()), version=f"{form}-{hash(content)}-{folder}")


def both(folder: Path, table: pd.DataFrame) -> list[pd.DataFrame | str]:
    """What each form is read as: the table, or what is said of its fault."""
    made: list[pd.DataFrame | str] = []
    for form in ("csv", "parquet"):
        try:
            made.append(frames.table(project_with(folder, table, form), "ponds"))
        except DataError as error:
            made.append(error.zh.replace(f".{form}", ""))
    return made


def ponds(**columns: list[str]) -> pd.DataFrame:
    """Some ponds; the columns named are as given, the others plain."""
    count = len(next(iter(columns.values())))
    plain = {name: [""] * count for name in TYPES}
    plain |= {"id": [f"p{at}" for at in range(count)], "quality": ["open"] * count}
    return pd.DataFrame({**plain, **columns}, dtype="str")


cell = st.sampled_from
ROWS = st.lists(
    st.tuples(
        cell(["湖", "河", "", " 湖"]), cell(["1", "98", ""]), cell(["true", "false", "", "True"]),
        cell(["2024", "2024-08", ""]), cell(["121.5", "121.123456789", ""]),
        cell(["31.2", "31", ""]), cell(["open", "official"]),
    ),
    min_size=1,
    max_size=30,
)  # fmt: skip


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS)
def test_a_table_is_the_same_from_csv_and_from_parquet(
    tmp_path: Path, rows: list[tuple[str, ...]]
) -> None:
    names = [name for name in TYPES if name != "id"]
    table = ponds(**{name: [row[at] for row in rows] for at, name in enumerate(names)})
    plain, long = both(tmp_path, table)
    assert isinstance(plain, pd.DataFrame)
    assert isinstance(long, pd.DataFrame)
    pd.testing.assert_frame_equal(long, plain)
    assert long["kind"].map(lambda one: one is None or isinstance(one, str)).all()


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"id": ["a", "b", "a"]}, "第 4 行：编号 a 重复"),
        ({"id": ["a", "", "c"]}, "第 3 行：编号 的值“”为空"),
        ({"kind": ["湖", "湖", "海"]}, "第 4 行：类别 的值“海”应为 湖、河 之一"),
        ({"kind": ["海"] * 40}, "第 2 行：类别 的值“海”应为"),
        ({"quality": ["open", "", "open"]}, "第 3 行：质量 的值“”为空"),
        ({"quality": ["open"] * 40 + [""]}, "第 42 行：质量 的值“”为空"),
        ({"since": ["2024", "2024-13", ""]}, "第 3 行：时间 的值“2024-13”应为 YYYY 或 YYYY-MM"),
        ({"open": ["true", "false", "是"]}, "第 4 行：开放 的值“是”应为 true 或 false"),
        ({"number": ["1", "", "100"]}, "第 4 行：数目"),
    ],
)
def test_a_fault_is_told_with_its_row_from_either(
    tmp_path: Path, column: dict[str, list[str]], said: str
) -> None:
    plain, long = both(tmp_path, ponds(**column))
    assert isinstance(plain, str)
    assert isinstance(long, str)
    assert said in plain
    assert said in long


def test_missing_cells_are_null_and_numbers_are_numbers_to_other_programs() -> None:
    content = long_tables.content(ponds(number=["3", ""], kind=["", "湖"]), TYPES)
    table = parquet.read_table(io.BytesIO(content))
    assert table["number"].to_pylist() == [3, None]
    assert table["kind"].to_pylist() == [None, "湖"]
    assert table.schema.field("lon").type == pa.float64()


def test_points_of_a_parquet_table_are_located_where_they_say(tmp_path: Path) -> None:
    table = ponds(lon=["121.5", "", "121.4"], lat=["31.2", "31.2", "31.1"])
    found = frames.points(project_with(tmp_path, table, "parquet"), "ponds")
    assert list(found["id"]) == ["p0", "p2"]
    assert list(found.geometry.x) == [121.5, 121.4]


def read(tmp_path: Path, content: bytes) -> pd.DataFrame:
    (tmp_path / "a.parquet").write_bytes(content)
    return long_tables.read(tmp_path / "a.parquet", "data/a.parquet")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(40) + b"PAR1"])
def test_a_broken_file_is_told_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"data/a\.parquet 无法按 Parquet 读取"):
        read(tmp_path, content)


def test_a_file_cut_short_is_told_in_a_sentence(tmp_path: Path) -> None:
    whole = long_tables.content(ponds(kind=["湖"] * 500), TYPES)
    for end in (len(whole) // 3, len(whole) - 9):
        with pytest.raises(DataError, match="无法按 Parquet 读取"):
            read(tmp_path, whole[:end])


def test_a_small_file_that_unfolds_to_gigabytes_is_refused(tmp_path: Path) -> None:
    texts = pa.DictionaryArray.from_arrays(np.zeros(3_000, np.int32), ["x" * (1 << 20)])
    made = pa.BufferOutputStream()
    parquet.write_table(pa.table({"id": texts}), made, compression="zstd")
    content = made.getvalue().to_pybytes()
    assert len(content) < 1 << 20
    with pytest.raises(DataError, match="展开后超过 2048 MB"):
        read(tmp_path, content)


def test_more_rows_than_are_read_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_tables, "MOST_ROWS", 2)
    with pytest.raises(DataError, match="3"):
        read(tmp_path, long_tables.content(ponds(kind=["湖"] * 3), TYPES))


def test_columns_of_other_programs_are_read_as_text_or_numbers(tmp_path: Path) -> None:
    made = pa.BufferOutputStream()
    table = pa.table(
        {
            "id": pa.array([7, 8], pa.int32()),
            "number": pa.array([7, None], pa.int64()),
            "day": pa.array([0, 1], pa.date32()),
            "large": pa.array(["a", None], pa.large_string()),
        }
    )
    parquet.write_table(table, made)
    found = read(tmp_path, made.getvalue().to_pybytes())
    assert found["id"].tolist() == [7, 8]
    assert found["number"].fillna("").tolist() == ["7", ""]
    assert found["day"].tolist() == ["1970-01-01", "1970-01-02"]
    assert found["large"].fillna("").tolist() == ["a", ""]
