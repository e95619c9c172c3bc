"""Files of a project folder in, all of them in place or none, whenever the writer is stopped.

Each change is a folder ``.history/<number>`` with what stood there before. Until it is done the
folder is called ``<number>.open``; the last step is its renaming, which a file system does at once.
Whoever opens the project next takes an unfinished change back.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bsh_geo.errors import DataError

HISTORY = ".history"
READY = "ready"
"""A file of an unfinished change: everything that is needed to take it back is there."""

WAIT_S = 30.0


@dataclass(frozen=True)
class Change:
    """A change that was made: its number, what it is said to be, and its files.

    ``files`` gives the SHA-256 of each file before and after; None where there was none.
    """

    number: int
    record: dict[str, Any]
    files: dict[str, tuple[str | None, str | None]]


def recover(root: Path) -> None:
    """Take an unfinished change back; nothing is done while another process is at work.

    Raises
    ------
    DataError
        The folder cannot be written.
    """
    if not any((root / HISTORY).glob("*.open")):
        return
    try:
        with _lock(root, 0.0):
            _take_back(root)
    except Timeout:
        return
    except OSError as error:
        raise _unwritable(root, error) from error


def _take_back(root: Path) -> None:
    for folder in sorted((root / HISTORY).glob("*.open")):
        if (folder / READY).is_file():
            before = json.loads((folder / "change.json").read_bytes())["files"]
            for relative, (old, _) in before.items():
                _restore(root, relative, folder / "before" / relative if old else None)
            (folder / READY).unlink()
        shutil.rmtree(folder)
    for part in (root / HISTORY).glob("*.part"):
        shutil.rmtree(part, ignore_errors=True)


def _restore(root: Path, relative: str, kept: Path | None) -> None:
    target = root / relative
    if kept is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        _copied(kept, target)
        return
    target.unlink(missing_ok=True)
    _prune(root, target.parent)


def _prune(root: Path, folder: Path) -> None:
    """Remove folders that a file left empty; those at the top of the project stay."""
    while folder.parent != root and folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _copied(source: Path, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    _flush(part)
    os.replace(part, target)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextlib.contextmanager
def _lock(root: Path, seconds: float) -> Iterator[None]:
    (root / HISTORY).mkdir(exist_ok=True)
    with FileLock(root / HISTORY / "lock", timeout=seconds):
        yield


def _unwritable(root: Path, error: OSError) -> DataError:
    return DataError(
        f"无法写入 {root}：{error.strerror or error}，没有改动任何文件。",
        f"Cannot write into {root}: {error.strerror or error}; no file was changed.",
    )


def sha256(content: bytes) -> str:
    """The digest of a file's content."""
    return hashlib.sha256(content).hexdigest()


def digest(path: Path) -> str | None:
    """The digest of a file; None where there is none."""
    return sha256(path.read_bytes()) if path.is_file() else None


def commit(root: Path, files: Mapping[str, bytes | None], record: Mapping[str, Any]) -> Change:
    """Write files (None: remove one) as one change, with what is to be said of it.

    Raises
    ------
    DataError
        The folder cannot be written, or another import is at work; nothing was changed.
    """
    try:
        with _lock(root, WAIT_S):
            _take_back(root)
            return _commit(root, files, record)
    except Timeout as error:
        raise DataError(
            f"{root} 正被另一次导入使用，请稍后再试。",
            f"{root} is in use by another import; try again in a moment.",
        ) from error
    except OSError as error:
        with contextlib.suppress(OSError, Timeout), _lock(root, 0.0):
            _take_back(root)
        raise _unwritable(root, error) from error


def _commit(root: Path, files: Mapping[str, bytes | None], record: Mapping[str, Any]) -> Change:
    history = root / HISTORY
    number = max((one.number for one in changes(root)), default=0) + 1
    states = {
        relative: (digest(root / relative), None if text is None else sha256(text))
        for relative, text in files.items()
    }
    part, opened = history / f"{number:04d}.part", history / f"{number:04d}.open"
    for relative, (old, _) in states.items():
        if old is not None:
            _put(part / "before" / relative, (root / relative).read_bytes())
    for relative, text in files.items():
        if text is not None:
            _put(part / "after" / relative, text)
    told = {"number": number, "record": dict(record), "files": states}
    _put(part / "change.json", json.dumps(told, ensure_ascii=False, indent=2).encode("utf-8"))
    _put(part / READY, b"")
    os.replace(part, opened)
    for relative, text in files.items():
        if text is None:
            _restore(root, relative, None)
        else:
            (root / relative).parent.mkdir(parents=True, exist_ok=True)
            os.replace(opened / "after" / relative, root / relative)
    os.replace(opened, history / f"{number:04d}")
    shutil.rmtree(history / f"{number:04d}" / "after", ignore_errors=True)
    return Change(number, dict(record), states)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def changes(root: Path) -> list[Change]:
    """All changes that were made, the first one first.

    Raises
    ------
    DataError
        A record is broken.
    """
    found = []
    for path in sorted((root / HISTORY).glob("[0-9]*/change.json")):
        if not path.parent.name.isdigit():
            continue
        try:
            told = json.loads(path.read_bytes())
            files = {name: (pair[0], pair[1]) for name, pair in told["files"].items()}
            found.append(Change(int(told["number"]), dict(told["record"]), files))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            shown = path.relative_to(root).as_posix()
            raise DataError(f"{shown} 已损坏。", f"{shown} is broken.") from error
    return found


def before(root: Path, change: Change, relative: str) -> bytes | None:
    """The content that a file had before a change; None where there was none."""
    if change.files[relative][0] is None:
        return None
    return (root / HISTORY / f"{change.number:04d}" / "before" / relative).read_bytes()
