"""Long files of places: what is read at once says what is read cell by cell, row for row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_own import fresh, tree, workbook

from bsh_geo import frames, long_tables, own_files, own_import, own_shapes, own_values, within
from bsh_geo import project_folder as folders
from bsh_geo.own_import import Options, Preview
from bsh_geo.project import Project
from bsh_geo.ui import import_own
from bsh_geo.ui.import_steps import Given

HEAD = ["编号", "名称", "区", "经度", "纬度", "排放量(kg)", "备注"]
SAID = Options(quality="official", crs="EPSG:4490", id="outlets")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folders.init(tmp_path / "p")
    return tmp_path / "p"


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> bytes:
    made = io.StringIO()
    csv.writer(made, lineterminator="\r\n").writerows(rows)
    return made.getvalue().encode(encoding)


def told(given: Preview) -> list[tuple[str, str, tuple[int, ...], bool]]:
    return [(one.sort, one.text.zh, one.rows, one.lost) for one in given.report.findings]


NUMBERS = (
    *("1", "-2.5", "+3", "1e3", "5.", ".5", "007", " 4 ", "1,234.5", "１２", "3公顷", "85%"),
    *("", "-", "—", "nan", "NaN", "inf", "-inf", "0x10", "1_000", "约3", "3-5", "1,23", "无"),
    *("1e999", "true"),
)  # fmt: skip


@given(
    cells=st.lists(
        st.sampled_from(NUMBERS) | st.floats(allow_nan=False, allow_infinity=False).map(repr),
        max_size=12,
    ),
    units=st.sampled_from([("", ""), ("亩", "公顷"), ("kg", ""), ("ppb", "公顷")]),
)
def test_a_column_of_numbers_is_read_as_each_cell_by_itself(
    cells: list[str], units: tuple[str, str]
) -> None:
    column = pd.Series(cells, dtype="str")
    values, wrong, misfit = own_values.numbers(column, *units)
    for at, cell in enumerate(cells):
        alone, odd, _ = own_values._judged(column.iloc[[at]], *units)
        blank = cell == ""
        assert wrong[at] == (odd[0] and not blank)
        np.testing.assert_equal(values[at], np.nan if blank else alone[0])
    assert misfit == any(own_values._judged(column.iloc[[at]], *units)[2]
                         for at, cell in enumerate(cells) if cell)  # fmt: skip


@given(st.lists(st.sampled_from(NUMBERS) | st.text(max_size=6), max_size=8))
def test_plain_numbers_are_those_that_python_reads_too(cells: list[str]) -> None:
    found = own_values.plain_numbers(pd.Series(cells, dtype="str"))
    for value, cell in zip(found, cells, strict=True):
        if not np.isnan(value):
            assert value == float(cell)


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, -0.0, 1.5, 121.4]), st.sampled_from([0.0, 31.2, 1e-300])),
        max_size=30,
    )
)
def test_repeated_points_are_those_that_stand_in_an_earlier_row(
    pairs: list[tuple[float, float]],
) -> None:
    found = own_shapes.repeated(np.array(pairs, dtype=float).reshape(-1, 2))
    assert found.tolist() == [pair in pairs[:at] for at, pair in enumerate(pairs)]


ROW = st.tuples(
    st.sampled_from(["a1", "a2", "b-3", "7", ""]),
    st.sampled_from(["甲", "乙站", "第三处", ""]),
    st.sampled_from(["浦东", "黄浦区", "崇明县", "蒲东新区", ""]),
    st.sampled_from(["121.5", "121.4321", "121°28′12″", "１２１．４", "13a", "", "131.5"]),
    st.sampled_from(["31.2", "31.25", "31°13′48″", "x", ""]),
    st.sampled_from(["1", "2.50", "1,200", "无", "约3", ""]),
    st.sampled_from(["平常", "两\n行", '有"引号"', "有,逗号", ""]),
)
BLANK = st.just(("",) * len(HEAD))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(ROW | BLANK, min_size=1, max_size=12),
    title=st.booleans(),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-8-sig", "utf-16"]),
    long=st.booleans(),
)
def test_a_csv_file_says_what_a_workbook_of_the_same_cells_says(
    project: Project, rows: list[tuple[str, ...]], title: bool, encoding: str, long: bool
) -> None:
    cells = [*([["排口清单", *[""] * 6]] if title else []), HEAD, *map(list, rows)]
    book = workbook([[cell or None for cell in row] for row in cells])
    with pytest.MonkeyPatch.context() as patch:
        if long:
            patch.setattr(within, "MANY", 0)
            patch.setattr(long_tables, "LONG", 0)
        quick = own_import.preview(project, "areas", "a.csv", as_csv(cells, encoding), SAID)
    slow = own_import.preview(project, "areas", "a.xlsx", book, SAID)
    assert told(quick) == told(slow)
    assert (quick.report.read, quick.report.kept) == (slow.report.read, slow.report.kept)
    stated = quick.frame.drop(columns=["source", "geometry"], errors="ignore")
    other = slow.frame.drop(columns=["source", "geometry"], errors="ignore")
    pd.testing.assert_frame_equal(pd.DataFrame(stated), pd.DataFrame(other))


COUNT = 21_000
"""Rows above which points are sorted into a grid."""


def long_rows() -> list[list[str]]:
    draw = np.random.default_rng(5)
    x, y = draw.uniform(121.3, 121.6, COUNT), draw.uniform(31.1, 31.35, COUNT)
    return [
        [f"p{at}", f"点{at}", "", f"{a:.6f}", f"{b:.6f}", str(at), f"第{at % 9}号"]
        for at, (a, b) in enumerate(zip(x, y, strict=True))
    ]


def spoilt() -> list[list[str]]:
    """Long rows under a title, with two rows of one cell and faults at the very end."""
    rows = long_rows()
    rows[10] = [""] * 7
    rows[20][6] = "两\n行"
    rows[COUNT - 5][3] = "经度不详"
    rows[COUNT - 4][4] = ""
    rows[COUNT - 3][0] = "p0"
    rows[COUNT - 2][3:5] = rows[0][3:5]
    rows[COUNT - 1][3] = "131.5"
    return [["排口清单"] + [""] * 6, HEAD, *rows]


def test_faults_at_the_end_of_a_long_file_are_told_with_their_rows(folder: Path) -> None:
    given = own_import.preview(
        fresh(folder), "areas", "点位.csv", as_csv(spoilt(), "gb18030"), SAID
    )
    # Rows count from 1, the title and the head are 1 and 2: the last row is COUNT + 2.
    found = {
        rows: (sort, text, lost)
        for sort, text, rows, lost in told(given)
        if rows and sort != "proposed"
    }
    assert found[COUNT - 2,] == ("rejected", "“经度不详”不是坐标", True)
    assert found[COUNT - 1,] == ("rejected", "只有一个坐标", True)
    assert found[COUNT,] == ("duplicate", "编号重复（如 p0），只取前一行", True)
    assert found[COUNT + 1,] == ("duplicate", "几何与前面的行相同", False)
    assert found[COUNT + 2,][0] == "outside"
    assert len(found) == 5
    notes = [text for sort, text, _, _ in told(given) if sort == "note"]
    assert "表头在第 2 行" in notes
    assert "空行 1 行，略过" in notes
    assert (given.report.read, given.report.kept) == (COUNT - 1, COUNT - 5)
    assert given.report.encoding == "gb18030"


def test_rows_of_another_width_are_told_wherever_they_stand(folder: Path) -> None:
    rows = [HEAD, *long_rows()]
    rows[100] = rows[100][:4]
    rows[COUNT] = [*rows[COUNT], "多", "余"]
    given = own_import.preview(fresh(folder), "areas", "点位.csv", as_csv(rows), SAID)
    wrong = [(text, rows) for sort, text, rows, _ in told(given) if sort == "rejected"]
    assert wrong == [
        ("有4个单元格，表头有7个", (101,)),
        ("有9个单元格，表头有7个", (COUNT + 1,)),
    ]
    assert (given.report.read, given.report.kept) == (COUNT, COUNT - 2)


def stored(folder: Path) -> pd.DataFrame:
    return frames.table(fresh(folder), "outlets")


def test_a_long_layer_is_stored_as_parquet_and_read_as_the_same_rows(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_tables, "LONG", COUNT - 1)
    data = as_csv([HEAD, *long_rows()])
    given = own_import.preview(fresh(folder), "areas", "点位.csv", data, SAID)
    own_import.confirm(folder, given)
    assert (folder / "data/own/outlets.parquet").is_file()
    found, expected = stored(folder), long_rows()
    columns = frames.dataset_of(fresh(folder), "outlets").columns
    weight, note = (
        next(name for name, one in columns.items() if one.zh.startswith(head))
        for head in ("排放量", "备注")
    )
    assert len(found) == COUNT
    for at in (0, 17, COUNT - 1):
        row = found.iloc[at]
        cells = [row["id"], row["name_zh"], row["lon"], row["lat"], row[weight], row[note]]
        a, b, _, c, d, e, f = expected[at]
        assert cells == [a, b, float(c), float(d), float(e), f]
    assert set(found["adcode"]) <= {*map(str, frames.boundary(fresh(folder), "districts").index)}
    points = frames.points(fresh(folder), "outlets")
    assert float(points.geometry.x.iloc[17]) == found["lon"].iloc[17]


def test_a_layer_that_grows_long_leaves_no_file_behind_and_is_undone_to_the_byte(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = as_csv([HEAD, *long_rows()[:20]])
    own_import.confirm(folder, own_import.preview(fresh(folder), "areas", "a.csv", few, SAID))
    assert (folder / "data/own/outlets.csv").is_file()
    before, short = tree(folder), stored(folder)
    monkeypatch.setattr(long_tables, "LONG", 10)
    own_import.confirm(folder, own_import.preview(fresh(folder), "areas", "a.csv", few, SAID))
    assert not (folder / "data/own/outlets.csv").exists()
    assert (folder / "data/own/outlets.parquet").is_file()
    pd.testing.assert_frame_equal(stored(folder), short)
    own_import.undo(folder)
    assert tree(folder) == before


def test_a_file_is_read_once_for_all_answers_of_a_session(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    real = own_files.read

    def counted(*given: object, **named: object) -> own_files.Found:
        reads.append(given[1])
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(own_files, "read", counted)
    uploaded = Given("areas", (("a.csv", as_csv([HEAD, *long_rows()[:5]])),))
    first = import_own.own(project, uploaded, {})
    shown = import_own.samples(project, uploaded, None)
    second = import_own.own(project, uploaded, {"crs": "EPSG:4490", "quality": "official"})
    assert reads == ["a.csv"]
    assert shown["编号"] == "p0 · p1 · p2"
    assert {"crs", "quality"} <= {one.id for one in first.questions()}
    assert second.questions() == ()
    alone = own_import.preview(project, "areas", *uploaded.one(), second.found.options)
    assert second.found.report == alone.report
    import_own.own(project, Given("areas", uploaded.files), {})
    assert reads == ["a.csv", "a.csv", "a.csv"]  # another session reads its own
