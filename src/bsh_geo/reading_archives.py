"""Files, uploads and archives in, bytes with a name out; nothing is unpacked to a path of theirs.

An archive that grows without measure is refused before, or while, it is unpacked.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import shutil
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from bsh_geo.errors import DataError

MEMORY = 64 << 20
"""Bytes of a file that are held in memory; a larger one is read from disk."""


UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Categories of signs that a name is shown without."""


@dataclass(frozen=True)
class Limits:
    """How large an archive may be: files in it, bytes when unpacked, growth from packed bytes."""

    members: int = 5_000
    size: int = 16 << 30
    ratio: int = 300
    json: int = 512 << 20
    free: int = 16 << 20
    """Bytes below which the ratio is not looked at: short repetitive files pack very well."""

    spent: dict[int, tuple[object, int]] = field(default_factory=dict, compare=False, repr=False)
    """Each archive met so far with the bytes unpacked of it: archives in archives share a limit."""

    def fresh(self) -> Limits:
        """The same limits for another file, of which nothing is spent."""
        return replace(self, spent={})

    def spend(self, archive: object, size: int) -> bool:
        """Note that so many bytes of an archive are unpacked; whether all are within ``size``."""
        before = self.spent.get(id(archive), (archive, 0))[1]
        self.spent[id(archive)] = (archive, max(before, size))
        return sum(one for _, one in self.spent.values()) <= self.size


@dataclass(frozen=True)
class Blob:
    """Bytes with a name: a file, a part of an archive, an upload."""

    name: str
    size: int
    opened: Callable[[], BinaryIO]
    path: Path | None = None
    depth: int = 0
    inside: int | None = None
    """Bytes that it takes of the file that was given, where it is a part of an archive."""

    @property
    def packed(self) -> int:
        """Bytes that were given for it: growth is measured from them, however deep it lies."""
        return self.size if self.inside is None else self.inside


def blob_of(path: Path, name: str = "") -> Blob:
    """A file on disk, shown under ``name``.

    Raises
    ------
    DataError
        There is no such file, or it cannot be read.
    """
    try:
        size = path.stat().st_size
        path.open("rb").close()
    except FileNotFoundError as error:
        raise DataError(f"文件 {path} 不存在。", f"There is no file {path}.") from error
    except OSError as error:
        raise DataError(
            f"无法读取 {path}：{error.strerror}。", f"Cannot read {path}: {error.strerror}."
        ) from error
    return Blob(name or path.name, size, lambda: path.open("rb"), path)


def blob_from(name: str, content: bytes) -> Blob:
    """Uploaded bytes; of the name only the last part is kept, and it is only shown."""
    return Blob(shown_name(name), len(content), lambda: io.BytesIO(content))


def shown_name(name: str) -> str:
    """The last part of a name that somebody else chose, to be shown.

    Signs that are not seen are left out: some turn the order of the letters round.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    seen = "".join(sign for sign in last if unicodedata.category(sign) not in UNSEEN)
    return seen[:120] or "?"


def digest(blob: Blob) -> str:
    """SHA-256 of the file as it is."""
    with blob.opened() as file:
        return hashlib.file_digest(cast(Any, file), "sha256").hexdigest()


def start_of(blob: Blob, count: int) -> bytes:
    """The first bytes of a file."""
    with readable(blob), blob.opened() as file:
        found = b""
        while len(found) < count and (more := file.read(count - len(found))):
            found += more
    if not found:
        raise DataError(f"{blob.name} 是空文件。", f"{blob.name} is empty.")
    return found


@contextmanager
def readable(blob: Blob) -> Iterator[None]:
    """What broken archives raise becomes a sentence."""
    try:
        yield
    except (zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile, EOFError) as error:
        raise DataError(
            f"{blob.name} 解压失败，文件可能不完整。",
            f"{blob.name} cannot be unpacked; it may be incomplete.",
        ) from error
    except (RuntimeError, NotImplementedError) as error:
        raise DataError(
            f"{blob.name} 已加密或用了不支持的压缩方式，请解压后再导入。",
            f"{blob.name} is encrypted or packed in an unknown way; unpack it first.",
        ) from error
    except OSError as error:
        raise DataError(
            f"无法读取 {blob.name}：{error.strerror or error}。",
            f"Cannot read {blob.name}: {error.strerror or error}.",
        ) from error


def archive_of(blob: Blob) -> zipfile.ZipFile:
    """The zip archive that a file is."""
    try:
        with readable(blob):
            # Names without the UTF-8 mark were written by Chinese Windows.
            return zipfile.ZipFile(blob.path or blob.opened(), metadata_encoding="gb18030")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{blob.name} 内的文件名无法识别，请解压后再导入。",
            f"{blob.name} holds file names that cannot be read; unpack it first.",
        ) from error


def members(blob: Blob, archive: zipfile.ZipFile, limits: Limits) -> list[Blob]:
    """The files of a zip archive; what the system of a Mac adds to them is left out."""
    _not_nested(blob)
    files = [
        one
        for one in archive.infolist()
        if one.filename
        and not one.is_dir()
        and not one.filename.startswith("__MACOSX/")
        and not shown_name(one.filename).startswith(".")
    ]
    if not files:
        raise DataError(f"{blob.name} 中没有文件。", f"{blob.name} holds no files.")
    no_bomb(blob, files, limits)
    return [_member(blob, archive, one) for one in files]


def _not_nested(blob: Blob) -> None:
    if blob.depth > 1:
        raise DataError(
            f"{blob.name} 是压缩包中的压缩包，请先解压。",
            f"{blob.name} is an archive inside archives; unpack it first.",
        )


def no_bomb(blob: Blob, files: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse an archive of too many files, or one that grows too much."""
    if len(files) > limits.members:
        raise DataError(
            f"{blob.name} 有 {len(files)} 个文件，最多 {limits.members} 个。",
            f"{blob.name} holds {len(files)} files; at most {limits.members} are read.",
        )
    size = sum(one.file_size for one in files)
    if not limits.spend(blob, size):
        raise _too_large(blob.name, limits)
    packed = max(1, min(blob.packed, sum(one.compress_size for one in files)))
    if size > limits.free and size / packed > limits.ratio:
        raise _bomb(blob.name, limits)


def _too_large(name: str, limits: Limits) -> DataError:
    most = f"{limits.size / (1 << 20):,.0f} MB"
    return DataError(
        f"{name} 解压后超过 {most}，请分批导入。",
        f"{name} is larger than {most} when unpacked; import it in pieces.",
    )


def _bomb(name: str, limits: Limits) -> DataError:
    return DataError(
        f"{name} 解压后膨胀超过 {limits.ratio} 倍，不像监测数据，未读入。",
        f"{name} grows more than {limits.ratio} times when unpacked; it is not read.",
    )


def _member(blob: Blob, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Blob:
    def opened() -> BinaryIO:
        # zipfile gives no more than the size that was declared, and that has been checked.
        try:
            return cast(BinaryIO, archive.open(entry))
        except (ValueError, OverflowError) as error:
            # The list of contents says that it begins before the file does, or beyond any file.
            raise zipfile.BadZipFile(entry.filename) from error

    name = f"{blob.name}/{shown_name(entry.filename)}"
    inside = min(entry.compress_size, blob.packed)
    return Blob(name, entry.file_size, opened, None, blob.depth + 1, inside)


class _Measured(io.RawIOBase):
    """The content of a gz file, which stops when it grows beyond the limits."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self.packed = blob.opened()
        self.file = gzip.GzipFile(fileobj=self.packed, mode="rb")
        self.blob, self.limits, self.out = blob, limits, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self.file.read(memoryview(buffer).nbytes)
        memoryview(buffer).cast("B")[: len(found)] = found
        self.out += len(found)
        if not self.limits.spend(self.blob, self.out):
            raise _too_large(self.blob.name, self.limits)
        if self.out > self.limits.free and self.out > self.blob.packed * self.limits.ratio:
            raise _bomb(self.blob.name, self.limits)
        return len(found)

    def close(self) -> None:
        self.file.close()
        self.packed.close()
        super().close()


def unzipped(blob: Blob, limits: Limits) -> Blob:
    """The content of a gz file, measured while it is read."""
    _not_nested(blob)
    name = blob.name[:-3] if blob.name.lower().endswith(".gz") else blob.name

    def opened() -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Measured(blob, limits), 1 << 20))

    return Blob(name, blob.size, opened, None, blob.depth + 1, blob.packed)


def content_of(blob: Blob, most: int) -> bytes:
    """All bytes of a file that has to be read at once."""
    with readable(blob), blob.opened() as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise DataError(
            f"{blob.name} 超过 {most >> 20} MB，请分成几个文件。",
            f"{blob.name} is larger than {most >> 20} MB; split it.",
        )
    return found


def held(blob: Blob) -> BinaryIO:
    """The file as one in which a reader can jump back and forth."""
    if blob.path is not None or blob.depth == 0:
        return blob.opened()
    copy = tempfile.SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115  closed by its reader
    with readable(blob), blob.opened() as file:
        shutil.copyfileobj(file, copy, 1 << 20)
    copy.seek(0)
    return cast(BinaryIO, copy)


def stem_of(blob: Blob) -> str:
    """The name of a file without folder and ending."""
    return PurePosixPath(blob.name).name.split(".")[0]
