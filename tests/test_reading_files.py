"""Files of readings: every container and encoding gives the same cells, and none can do harm."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from bsh_geo import reading_archives, reading_files, reading_text
from bsh_geo.errors import DataError
from bsh_geo.reading_archives import Blob, Limits, blob_from, blob_of
from bsh_geo.reading_files import Part, parts

HEAD = ["监测时间", "站点名称", "PM2.5"]
ROWS = [
    ["2019-01-01 08:00", "普陀", "35"],
    ["2019-01-01 09:00", "虹口", "36.5"],
    ["2019-01-01 10:00", "普陀", ""],
]


def csv_text(rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    return "\r\n".join(separator.join(row) for row in rows) + "\r\n"


TEXT = csv_text([HEAD, *ROWS])


def found(blob: Blob, limits: Limits | None = None) -> list[Part]:
    return list(parts(blob, limits or Limits()))


def cells(part: Part, head: int = 0) -> list[list[str]]:
    """All rows of the first table, read through its chunks."""
    assert part.fault is None, part.fault
    table = part.tables[0]
    width = len(table.peek[head])
    rows = []
    for chunk in table.chunks(head, range(width), [1]):
        columns = [
            chunk.columns[at].cast("string").to_pylist() for at in range(width)
        ]  # dictionaries too
        rows += [list(row) for row in zip(*columns, strict=True)]
    return rows


def fault(blob: Blob, limits: Limits | None = None) -> DataError:
    """The fault of the one part, found when it is opened or when it is read."""
    (part,) = found(blob, limits)
    if part.fault is not None:
        return part.fault
    with pytest.raises(DataError) as caught:
        cells(part)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_of_every_encoding_and_separator_gives_the_same_cells(
    encoding: str, separator: str
) -> None:
    content = csv_text([HEAD, *ROWS], separator).encode(encoding)
    (part,) = found(blob_from("a.csv", content))
    assert part.tables[0].peek[0] == tuple(HEAD)
    assert cells(part) == ROWS


def test_a_file_that_begins_in_ascii_and_goes_on_in_gb18030_is_read() -> None:
    start = "time,station,PM2.5,note\r\n" + "2019-01-01 08:00,1141A,35,\r\n" * 20_000
    content = start.encode() + "2019-01-01 09:00,1141A,36,校准\r\n".encode("gb18030")
    assert len(start) > reading_text.PEEK
    (part,) = found(blob_from("a.csv", content))
    assert cells(part)[-1] == ["2019-01-01 09:00", "1141A", "36", "校准"]


def test_a_file_larger_than_memory_is_read_from_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_archives, "MEMORY", 100)
    for name, content in (
        ("utf8.csv", (TEXT * 5).encode()),
        ("gb.csv", (TEXT * 5).encode("gb18030")),
        ("late.csv", ("a,b,c\r\n" * 40_000).encode() + TEXT.encode("gb18030")),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        (part,) = found(blob_of(path))
        assert cells(part)[-1] == ROWS[-1]
    (part,) = found(blob_from("a.csv.gz", gzip.compress((TEXT * 5).encode("gb18030"))))
    assert cells(part)[-1] == ROWS[-1]


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    text = "标题,,\r\n" + csv_text([HEAD, ROWS[0], [], ROWS[1], ["x", "y"], ROWS[2]])
    (part,) = found(blob_from("a.csv", text.encode()))
    chunks = list(part.tables[0].chunks(1, range(3), []))
    numbers = [int(row) for chunk in chunks for row in chunk.rows]
    assert numbers == [3, 4, 5, 7]  # row 4 is blank
    (ragged,) = [one for chunk in chunks for one in chunk.faults]
    assert (ragged.row, ragged.zh) == (6, "有2个单元格，表头有3个")


def test_ragged_rows_keep_their_numbers_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_text, "BLOCK", 64)
    rows = [[str(at), "x", "1"] if at % 7 else [str(at)] for at in range(2, 100)]
    (part,) = found(blob_from("a.csv", csv_text([HEAD, *rows]).encode()))
    good, bad = [], []
    for chunk in part.tables[0].chunks(0, range(3), []):
        good += list(zip(chunk.rows.tolist(), chunk.columns[0].to_pylist(), strict=True))
        bad += [(one.row, one.text) for one in chunk.faults]
    assert len(good) == 84
    assert all(number == int(text) for number, text in good)
    assert [number for number, _ in bad] == list(range(7, 100, 7))
    assert all(number == int(text) for number, text in bad)


def test_a_separator_behind_each_row_but_not_the_head_is_no_further_cell() -> None:
    text = "a,b,c\r\n1,2,3,\r\n4,5,6,\r\n"
    (part,) = found(blob_from("a.csv", text.encode()))
    assert cells(part) == [["1", "2", "3"], ["4", "5", "6"]]


def test_quoted_cells_may_hold_separators_and_quotes() -> None:
    (part,) = found(blob_from("a.csv", b'a,b\r\n"1,5","say ""x"""\r\n'))
    assert cells(part) == [["1,5", 'say "x"']]


def test_a_head_alone_has_no_rows() -> None:
    for text in ("a,b", "a,b\r\n"):
        (part,) = found(blob_from("a.csv", text.encode()))
        assert cells(part) == []


def book(sheets: dict[str, list[list[object]]]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets.items():
        page = made.create_sheet(title)
        for row in rows:
            page.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def test_each_sheet_of_a_workbook_is_a_table_with_its_title_as_a_name() -> None:
    rows = [HEAD, [datetime(2019, 1, 1, 8), "普陀", 35], [43466.375, "虹口", 36.5]]
    content = book({"普陀": rows, "空": [], "虹口": rows})
    (part,) = found(blob_from("a.xlsx", content))
    assert [(one.name, one.stems) for one in part.tables] == [
        ("a.xlsx [普陀]", ("普陀", "a")),
        ("a.xlsx [虹口]", ("虹口", "a")),
    ]
    assert cells(part) == [["2019-01-01 08:00:00", "普陀", "35"], ["43466.375", "虹口", "36.5"]]


def test_a_formula_stays_a_formula() -> None:
    (part,) = found(blob_from("a.xlsx", book({"S": [["a", "b", "c"], [1, "=A2*2", True]]})))
    assert cells(part) == [["1", "=A2*2", "true"]]


def test_a_cell_of_a_workbook_beyond_the_head_is_a_fault_of_its_row() -> None:
    (part,) = found(blob_from("a.xlsx", book({"S": [["a", "b"], [1, 2], [3, 4, 5], [6]]})))
    (chunk,) = part.tables[0].chunks(0, [0, 1], [])
    assert chunk.rows.tolist() == [2, 4]
    assert chunk.columns[1].to_pylist() == ["2", ""]
    assert [(one.row, one.zh) for one in chunk.faults] == [(3, "有3个单元格，表头有2个")]


def test_the_properties_of_geojson_are_a_table_row_one_being_the_first_feature() -> None:
    features = [
        {"type": "Feature", "geometry": None, "properties": {"code": "1141A", "pm2_5": "35"}},
        {"type": "Feature", "geometry": None, "properties": {"code": "1142A", "co": 0.5}},
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    (part,) = found(blob_from("a.geojson", content))
    assert part.tables[0].peek == (
        ("code", "pm2_5", "co"), ("1141A", "35", ""), ("1142A", "", "0.5"),
    )  # fmt: skip
    (chunk,) = part.tables[0].chunks(0, [0, 2], [])
    assert chunk.rows.tolist() == [1, 2]
    assert chunk.columns[2].to_pylist() == ["", "0.5"]


def test_parquet_gives_times_and_numbers_as_text() -> None:
    frame = pd.DataFrame(
        {
            "time": pd.to_datetime(["2019-01-01 08:00", "2019-01-01 09:00"]).tz_localize("UTC"),
            "station": ["1141A", None],
            "PM2.5": [35.0, None],
            "list": [[1], [2]],
        }
    )
    content = io.BytesIO()
    frame.to_parquet(content)
    (part,) = found(blob_from("a.parquet", content.getvalue()))
    (chunk,) = part.tables[0].chunks(0, [0, 1, 2], [])
    assert chunk.columns[0].to_pylist()[0].startswith("2019-01-01 08:00:00")
    assert chunk.columns[0].to_pylist()[0].endswith("Z")
    assert chunk.columns[1].to_pylist() == ["1141A", ""]
    assert chunk.columns[2].to_pylist() == ["35", ""]
    assert part.tables[0].peek[1][3] == ""
    with pytest.raises(DataError, match=r"a\.parquet 有一列的类型为 list"):
        list(part.tables[0].chunks(0, [3], []))


def zipped(members: dict[str, bytes], **kwargs: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def test_an_archive_gives_each_of_its_files_and_no_path_of_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = zipped(
        {
            "2019/普陀.csv": TEXT.encode(),
            "../../虹口.csv": TEXT.encode("gb18030"),
            "/etc/c.csv.gz": gzip.compress(TEXT.encode()),
            "d.xlsx": book({"S": [HEAD, *ROWS]}),
            "__MACOSX/2019/._普陀.csv": b"x",
            "2019/.DS_Store": b"x",
        }
    )
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    for blob in (blob_from("a.zip", content), blob_of(path)):
        listed = found(blob)
        assert [one.name for one in listed] == [
            "a.zip/普陀.csv", "a.zip/虹口.csv", "a.zip/c.csv", "a.zip/d.xlsx",
        ]  # fmt: skip
        assert listed[1].tables[0].stems == ("虹口",)
        assert [cells(one) for one in listed[:3]] == [ROWS] * 3
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


def test_names_in_an_archive_of_chinese_windows_are_read() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("AAAA.csv")
        archive.writestr(entry, TEXT.encode())
    renamed = content.getvalue().replace(b"AAAA.csv", "普陀".encode("gb18030") + b".csv")
    assert [one.name for one in found(blob_from("a.zip", renamed))] == ["a.zip/普陀.csv"]


def test_one_broken_member_does_not_hide_the_others() -> None:
    content = zipped({"a.csv": TEXT.encode(), "b.xls": b"\xd0\xcf\x11\xe0xx", "c.csv": b""})
    first, second, third = found(blob_from("z.zip", content))
    assert cells(first) == ROWS
    assert str(second.fault) == "z.zip/b.xls 是旧的 .xls 格式，请在 Excel 中另存为 .xlsx 或 CSV。"
    assert str(third.fault) == "z.zip/c.csv 是空文件。"


SMALL = Limits(members=3, size=1 << 20, ratio=20, json=1 << 10, free=1 << 10)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "a.csv 是空文件。"),
        ("a.csv", b"\x00\x01\x02", "a.csv 不是文本，也不是能识别的表格文件。"),
        (
            "a.csv",
            b"time,\xff\xff\xff\r\n",
            "a.csv 既不是 UTF-8 也不是 GB18030 编码（第 6 字节起），请另存为 CSV UTF-8。",
        ),
        (
            "a.csv",
            b'a,b\r\n1,"2\r\n' + b"3,4\r\n" * 2000,
            "a.csv 第 2 行以后有一个单元格超过 4096 字节，可能有引号没有闭合。",
        ),
        ("a.gz", b"\x1f\x8bxx", "a 解压失败，文件可能不完整。"),
        (
            "a.csv.gz",
            gzip.compress(TEXT.encode() * 100)[:-20],
            "a.csv 解压失败，文件可能不完整。",
        ),
        (
            "a.gz",
            gzip.compress(b"1,2\r\n" * 20_000),
            "a.gz 解压后膨胀超过 20 倍，不像监测数据，未读入。",
        ),
        ("a.zip", b"PK\x03\x04xx", "a.zip 解压失败，文件可能不完整。"),
        ("a.zip", zipped({"x/": b""}), "a.zip 中没有文件。"),
        (
            "a.zip",
            zipped({"a.csv": b"1,2\r\n" * 20_000}),
            "a.zip 解压后膨胀超过 20 倍，不像监测数据，未读入。",
        ),
        (
            "a.zip",
            zipped({f"{at}.csv": b"1" for at in range(4)}),
            "a.zip 有 4 个文件，最多 3 个。",
        ),
        (
            "a.zip",
            zipped({"a.csv": bytes(range(256)) * 5000}),
            "a.zip 解压后超过 1 MB，请分批导入。",
        ),
        ("a.json", b"{", "a.json 不是有效的 JSON，文件可能不完整。"),
        (
            "a.geojson",
            b'{"type": "FeatureCollection", "features": []}',
            "a.geojson 应为 GeoJSON（FeatureCollection）或由对象组成的列表，且至少有一项。",
        ),
        (
            "a.json",
            b"[1]",
            "a.json 应为 GeoJSON（FeatureCollection）或由对象组成的列表，且至少有一项。",
        ),
        ("a.json", b"[" + b" " * 2000, "a.json 超过 0 MB，请分成几个文件。"),
        ("a.parquet", b"PAR1xxxx", "a.parquet 无法按 Parquet 读取，文件可能已损坏。"),
        (
            "a.xlsx",
            zipped({"[Content_Types].xml": b"<x/>"}),
            "a.xlsx 不是可读的 Excel 工作簿（.xlsx）。",
        ),
    ],
    ids=lambda one: "" if isinstance(one, bytes) else one[:24],
)
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(
    name: str, content: bytes, sentence: str
) -> None:
    told = fault(blob_from(name, content), SMALL)
    assert str(told) == sentence
    assert told.en and "\n" not in told.en and told.en != told.zh


def test_an_empty_workbook_is_told() -> None:
    assert str(fault(blob_from("a.xlsx", book({"S": []})))) == "a.xlsx 是空工作簿。"


def test_a_workbook_that_grows_without_measure_is_refused() -> None:
    made = zipped({"[Content_Types].xml": b"<x/>", "xl/big.xml": b" " * 900_000})
    assert "膨胀超过 20 倍" in str(fault(blob_from("a.xlsx", made), SMALL))


def test_archives_inside_archives_end_somewhere() -> None:
    content = TEXT.encode()
    for _ in range(3):
        content = gzip.compress(content)
    assert "压缩包中的压缩包" in str(fault(blob_from("a.csv.gz.gz.gz", content)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="不存在"):
        blob_of(tmp_path / "no.csv")


def test_an_encrypted_archive_is_told() -> None:
    content = bytearray(zipped({"a.csv": TEXT.encode()}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    assert "已加密" in str(fault(blob_from("a.zip", bytes(content))))


def test_a_folder_gives_its_files_by_name_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.csv", "a/1.xlsx", ".x/c.csv", "~$b.xlsx", "readme.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    listed = reading_files.folder_files(tmp_path)
    assert [one.relative_to(tmp_path).as_posix() for one in listed] == ["a/1.xlsx", "b.csv"]


def test_the_name_of_an_upload_is_only_shown() -> None:
    assert blob_from("..\\..\\win\x00.csv", b"x").name == "win.csv"
    assert blob_from("/", b"x").name == "?"
