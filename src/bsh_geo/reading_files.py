"""Files of readings in (CSV, xlsx, GeoJSON, Parquet; plain, gz or zip), tables of text out.

What a file is, its content says, not its name.
"""

from __future__ import annotations

import codecs
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from bsh_geo import reading_archives
from bsh_geo.errors import DataError
from bsh_geo.reading_archives import (
    Blob,
    Limits,
    archive_of,
    content_of,
    held,
    members,
    no_bomb,
    readable,
    start_of,
    stem_of,
    unzipped,
)
from bsh_geo.reading_books import Sheet, book_sheets, json_sheets, parquet_sheets
from bsh_geo.reading_cells import Chunk
from bsh_geo.reading_text import (
    PEEK,
    EncodingError,
    Text,
    as_utf8,
    encoding_of,
    layout,
    no_text,
    text_chunks,
)

WALKED = (".csv", ".txt", ".tsv", ".xlsx", ".json", ".geojson", ".parquet", ".gz", ".zip")
"""Names that are taken from a folder; a file that is named itself may be called anything."""

_ZIP, _GZIP, _PARQUET, _OLE = b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"\xd0\xcf\x11\xe0"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
"""What a workbook with a password holds instead of its parts ([MS-OFFCRYPTO] 2.3.4)."""


@dataclass(frozen=True)
class Table:
    """One table of a file: its first rows, and its rows below a head as chunks of text.

    ``stems`` are the names that may be a station's: of the sheet, then of the file.
    """

    name: str
    stems: tuple[str, ...]
    peek: tuple[tuple[str, ...], ...]
    chunks: Callable[[int, Sequence[int], Sequence[int]], Iterator[Chunk]]


@dataclass(frozen=True)
class Part:
    """A file as a report names it: its tables, or why it has none."""

    name: str
    size: int
    tables: tuple[Table, ...] = ()
    fault: DataError | None = None


def folder_files(folder: Path) -> list[Path]:
    """The files of a folder and its folders that may hold readings, by name; hidden ones not."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix.lower() in WALKED
        and not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    )


def parts(blob: Blob, limits: Limits) -> Iterator[Part]:
    """The file, or the files of an archive, each with its tables or its fault.

    The limits are those of the whole file, with all archives in it.
    """
    return _parts(blob, limits.fresh())


def _parts(blob: Blob, limits: Limits) -> Iterator[Part]:
    try:
        start = start_of(blob, 4)
        if start == _ZIP:
            archive = archive_of(blob)
            if "[Content_Types].xml" not in archive.NameToInfo:
                for one in members(blob, archive, limits):
                    yield from _parts(one, limits)
                return
            no_bomb(blob, archive.infolist(), limits)
        if start.startswith(_GZIP):
            yield from _parts(unzipped(blob, limits), limits)
            return
        yield Part(blob.name, blob.size, tuple(_tables(blob, start, limits)))
    except DataError as fault:
        yield Part(blob.name, blob.size, fault=fault)


def _tables(blob: Blob, start: bytes, limits: Limits) -> Iterator[Table]:
    """The tables of a file that is no archive."""
    if start == _ZIP:
        sheets = book_sheets(lambda: held(blob), blob.name)
    elif start == _PARQUET:
        most = max(limits.free, min(limits.size, limits.ratio * blob.packed))
        sheets = parquet_sheets(lambda: held(blob), blob.name, most)
    elif start == _OLE:
        if _LOCKED in start_of(blob, 64 << 20):
            raise DataError(
                f"{blob.name} 有打开密码，请在 Excel 中取消密码后再导入。",
                f"{blob.name} is locked with a password; save it without one first.",
            )
        raise DataError(
            f"{blob.name} 是旧的 .xls 格式，请在 Excel 中另存为 .xlsx 或 CSV。",
            f"{blob.name} is in the old .xls format; save it as .xlsx or CSV.",
        )
    elif start_of(blob, 1024).removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        sheets = json_sheets(lambda: content_of(blob, limits.json), blob.name)
    else:
        yield _text_table(blob)
        return
    if not sheets:
        raise DataError(f"{blob.name} 是空工作簿。", f"{blob.name} is an empty workbook.")
    for sheet in sheets:
        yield _sheet_table(blob, sheet)


def _sheet_table(blob: Blob, sheet: Sheet) -> Table:
    def chunks(head: int, wanted: Sequence[int], shared: Sequence[int]) -> Iterator[Chunk]:
        return sheet.chunks(head, wanted)

    name = f"{blob.name} [{sheet.title}]" if sheet.title else blob.name
    stems = (sheet.title, stem_of(blob)) if sheet.title else (stem_of(blob),)
    return Table(name, stems, sheet.peek, chunks)


def _text_table(blob: Blob) -> Table:
    start = start_of(blob, PEEK)
    found = layout(start, blob.name, len(start) < PEEK)
    encoding, separator = found.encoding, found.separator
    widths = [_width(found.peek, at) for at in range(len(found.peek))]

    def chunks(head: int, wanted: Sequence[int], shared: Sequence[int]) -> Iterator[Chunk]:
        with readable(blob), _utf8(blob, encoding) as opened:
            text = Text(opened, blob.name, separator, head, widths[head])
            yield from text_chunks(text, wanted, shared)

    return Table(blob.name, (stem_of(blob),), found.peek, chunks)


def _width(peek: Sequence[Sequence[str]], head: int) -> int:
    """Cells of a row; some programs end each row, but not the head, with a separator."""
    width = len(peek[head])
    below = next((row for row in peek[head + 1 :] if row), peek[head])
    return len(below) if len(below) > width and not any(below[width:]) else width


@contextmanager
def _utf8(blob: Blob, encoding: str) -> Iterator[Callable[[], pa.NativeFile]]:
    """The text as UTF-8, all of it checked: in memory, else the file itself or a temporary one.

    The first bytes told the encoding; a file that begins in ASCII may turn out to be GB18030.
    """
    with blob.opened() as file:
        start = file.read(reading_archives.MEMORY + 1)
    if len(start) <= reading_archives.MEMORY:
        real = encoding_of(start, blob.name)
        try:
            text = start if real.startswith("utf-8") else start.decode(real).encode("utf-8")
        except UnicodeDecodeError as error:
            raise no_text(blob.name, error.start + 1) from error
        yield lambda: pa.BufferReader(text)
        return
    if blob.path is not None and encoding.startswith("utf-8") and _is_utf8(blob):
        yield lambda: pa.OSFile(str(blob.path))
        return
    with tempfile.TemporaryDirectory(prefix="bsh-geo-") as folder:
        copy = Path(folder) / "text"
        for real in dict.fromkeys((encoding, "gb18030")):
            if _copied(blob, copy, real, last=real == "gb18030" or encoding == "utf-16"):
                break
        yield lambda: pa.OSFile(str(copy))


def _is_utf8(blob: Blob) -> bool:
    try:
        with blob.opened() as file, open(os.devnull, "wb") as nowhere:
            as_utf8(file, nowhere, "utf-8", blob.name)
    except EncodingError:
        return False
    return True


def _copied(blob: Blob, path: Path, encoding: str, last: bool) -> bool:
    """Whether the text could be copied in this encoding; the last one tried must do."""
    try:
        with blob.opened() as file, path.open("wb") as target:
            as_utf8(file, target, encoding, blob.name)
    except EncodingError:
        if last:
            raise
        return False
    return True
