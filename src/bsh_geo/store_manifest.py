"""A folder of immutable files in, the one list of those that count out: the manifest of a network.

``manifest.json`` names every file of a state with its size and digest. It is replaced as a whole,
when all files of the new state are on the disk, so that a reader and a killed import see the old
state or the new one. Files of no state are removed by the next writer.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bsh_geo.errors import DataError
from bsh_geo.store_records import PATIENCE, busy

FORMAT = 1
NAME = "manifest.json"
FOLDERS = ("months", "logs", "days", "tmp")

GRACE = 60.0
"""Seconds that a superseded file is kept for readers that still hold the list it was on."""


@dataclass(frozen=True)
class Month:
    """The readings of one month of judged days: one Parquet file under ``months/``."""

    file: str
    size: int
    sha256: str
    rows: int
    first: str
    last: str
    values: dict[str, int]


@dataclass(frozen=True)
class Piece:
    """Some rows of a log, oldest first: one Parquet file under ``logs/``."""

    file: str
    size: int
    sha256: str
    rows: int


@dataclass(frozen=True)
class Retired:
    """A file that the state before this one had, and when it was left (seconds since 1970)."""

    file: str
    since: float


@dataclass(frozen=True)
class Manifest:
    """One state of a network's readings; months by ``YYYY-MM``."""

    network: str
    format: int = FORMAT
    next_batch: int = 1
    months: dict[str, Month] = field(default_factory=dict)
    stations: tuple[str, ...] = ()
    batches: tuple[Piece, ...] = ()
    corrections: tuple[Piece, ...] = ()
    retired: tuple[Retired, ...] = ()

    @property
    def pieces(self) -> list[Piece]:
        """Every file of this state, months first."""
        months = self.months.values()
        return [
            *(Piece(one.file, one.size, one.sha256, one.rows) for one in months),
            *self.batches,
            *self.corrections,
        ]

    @property
    def files(self) -> set[str]:
        """Paths of every file of this state, relative to the network's folder."""
        return {piece.file for piece in self.pieces}

    @property
    def digest(self) -> str:
        """Fingerprint of the readings alone; empty without any."""
        if not self.months:
            return ""
        marks = "\n".join(f"{name} {self.months[name].sha256}" for name in sorted(self.months))
        return hashlib.sha256(marks.encode()).hexdigest()[:12]


def read(folder: Path, shown: str) -> Manifest | None:
    """The present state, or None where there is none yet.

    Raises
    ------
    DataError
        The manifest is broken, of another format, or gone while its files are there.
    """
    path = folder / NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        # The first import writes an empty manifest before any month.
        if any((folder / "months").glob("*.parquet")):
            raise _missing(shown) from None
        return None
    except OSError as error:
        raise unreadable(f"{shown}/{NAME}", error) from error
    try:
        return _parsed(json.loads(content), shown)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(
            f"{shown}/{NAME} 已损坏，无法读取；请从备份恢复该文件夹。",
            f"{shown}/{NAME} is damaged and cannot be read; restore the folder from a backup.",
        ) from error


def _missing(shown: str) -> DataError:
    return DataError(
        f"{shown} 中有读数文件，但缺少 {NAME}；请从备份恢复该文件。",
        f"{shown} holds files of readings but no {NAME}; restore it from a backup.",
    )


def unreadable(shown: str, error: OSError) -> DataError:
    """The fault of a file that the system does not give."""
    return DataError(
        f"无法读取 {shown}：{error.strerror}。", f"Cannot read {shown}: {error.strerror}."
    )


def unwritable(shown: str, error: OSError) -> DataError:
    """The fault of a folder that nothing can be written to."""
    return DataError(
        f"无法写入读数库 {shown}：{error.strerror}；未写入任何读数。",
        f"Cannot write to the readings store {shown}: {error.strerror}; nothing was stored.",
    )


def _parsed(content: dict[str, Any], shown: str) -> Manifest:
    if content["format"] != FORMAT:
        raise DataError(
            f"{shown}/{NAME} 的格式为 {content['format']}，本版本只认 {FORMAT}。",
            f"{shown}/{NAME} has format {content['format']}; this version knows {FORMAT}.",
        )
    return Manifest(
        **{
            **content,
            "months": {name: Month(**one) for name, one in content["months"].items()},
            "stations": tuple(content["stations"]),
            "batches": tuple(Piece(**one) for one in content["batches"]),
            "corrections": tuple(Piece(**one) for one in content["corrections"]),
            "retired": tuple(Retired(**one) for one in content["retired"]),
        }
    )


def publish(folder: Path, old: Manifest, new: Manifest) -> None:
    """Make ``new`` the state, in one step; files only ``old`` had are kept for a while."""
    now = time.time()
    left = tuple(Retired(name, now) for name in sorted(old.files - new.files))
    kept = tuple(one for one in old.retired if (folder / one.file).exists())
    content = asdict(replace(new, retired=kept + left))
    part = folder / "tmp" / NAME
    write_synced(part, json.dumps(content, ensure_ascii=False, indent=1).encode())
    for name in ("months", "logs"):
        sync_folder(folder / name)
    os.replace(part, folder / NAME)
    sync_folder(folder)


def write_synced(path: Path, content: bytes) -> None:
    """A file whose content is on the disk when this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def settle(folder: Path, part: Path, name: str) -> tuple[str, int, str]:
    """Move a finished file to its place: its path in the folder, its size and digest.

    ``name`` is completed by the digest, so that no two contents ever share a path.
    """
    sha256 = digest_of(part)
    placed = f"{name}-{sha256[:8]}.parquet"
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    size = part.stat().st_size
    os.replace(part, folder / placed)
    return placed, size, sha256


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Bring the names of a folder to the disk; Windows has no such call and needs none."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def writing(folder: Path, shown: str, patience: float = PATIENCE) -> Iterator[None]:
    """The right to write to a network's folder, for one process at a time.

    Raises
    ------
    DataError
        Another import still runs after ``patience`` seconds, or the folder cannot be written.
    """
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise busy(shown) from error
    except OSError as error:
        raise unwritable(shown, error) from error
    try:
        yield
    finally:
        lock.release()


def clean(folder: Path, state: Manifest, grace: float = GRACE) -> None:
    """Remove what a killed import left, and superseded files that no reader can want any more."""
    now = time.time()
    wanted = state.files | {one.file for one in state.retired if now - one.since < grace}
    for name in ("months", "logs"):
        for path in (folder / name).iterdir():
            if f"{name}/{path.name}" not in wanted:
                _remove(path)
    current = {month.sha256[:16] for month in state.months.values()}
    for path in (folder / "days").iterdir():
        if path.name.split(".")[0] not in current:
            _remove(path)
    for path in (folder / "tmp").iterdir():
        _remove(path)


def _remove(path: Path) -> None:
    # What Windows will not let go while a reader has it open is for the next writer.
    with contextlib.suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
