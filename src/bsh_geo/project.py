"""Where files are: the data in the box, and a user's project folder laid over it.

A project folder has the shape of the shipped one (``data/``, ``layers/``, ``config.toml``); a
file in it takes the place of the shipped file of the same relative path, or adds to them.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bsh_geo import own_journal
from bsh_geo.errors import DataError

PACKAGE = Path(__file__).resolve().parent


def box_root() -> Path:
    """The folder with the shipped ``data/`` and ``layers/``: a checkout's, else the wheel's."""
    checkout = PACKAGE.parents[1]
    if (checkout / "layers").is_dir() and (checkout / "data").is_dir():
        return checkout
    return PACKAGE / "_box"


@dataclass(frozen=True)
class Project:
    """The roots that are searched for files, the user's before the shipped one."""

    roots: tuple[Path, ...]
    version: str = ""
    """Digest of the files it was opened with; frames are cached per project, hence per version."""

    def path(self, relative: str) -> Path:
        """The file that ``relative`` (such as ``data/air/stations.csv``) stands for.

        Raises
        ------
        DataError
            No root has the file.
        """
        for root in self.roots:
            candidate = root / relative
            if candidate.is_file():
                return candidate
        raise DataError(
            f"缺少文件 {relative}：在 {self._searched()} 中都没有找到。",
            f"The file {relative} is missing: it is not in {self._searched()}.",
        )

    def files(self, folder: str, suffix: str) -> dict[str, Path]:
        """Files of ``folder`` by name without ``suffix``; the user's replace shipped ones."""
        found: dict[str, Path] = {}
        for root in reversed(self.roots):
            for path in sorted((root / folder).glob(f"*{suffix}")):
                found[path.name.removesuffix(suffix)] = path
        return dict(sorted(found.items()))

    def shown(self, path: Path) -> str:
        """``path`` as a user should read it: relative to its root."""
        for root in self.roots:
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
        return path.name

    def digest(self) -> str:
        """A short fingerprint of every data and layer file: it changes when any of them does.

        Name, size and time of change are hashed, not the content: this runs at every rerun of
        the app and must cost milliseconds.
        """
        marks = hashlib.sha256()
        for root in self.roots:
            for folder in ("data", "layers"):
                for path in sorted((root / folder).rglob("*")):
                    if path.is_file():
                        stat = path.stat()
                        marks.update(f"{path}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
        return marks.hexdigest()[:12]

    @cached_property
    def config(self) -> dict[str, Any]:
        """``config.toml`` of the project folder (basemaps, 审图号), empty where there is none."""
        for root in self.roots:
            path = root / "config.toml"
            if path.is_file():
                return read_toml(path, self.shown(path))
        return {}

    def _searched(self) -> str:
        return "、".join(str(root) for root in self.roots)


def open_project(folder: str | Path | None = None) -> Project:
    """The shipped project, with the user's ``folder`` laid over it where one is given.

    Raises
    ------
    DataError
        ``folder`` is not a folder, or holds neither ``data`` nor ``layers`` nor ``config.toml``.
    """
    box = box_root()
    if folder is None:
        return Project((box,))
    own = Path(folder).expanduser().resolve()
    if not own.is_dir():
        raise DataError(
            f"项目文件夹 {folder} 不存在，应为一个含 data/ 或 layers/ 的文件夹。",
            f"The project folder {folder} does not exist; a folder with data/ or layers/ "
            "was expected.",
        )
    if not any((own / name).exists() for name in ("data", "layers", "readings", "config.toml")):
        raise DataError(
            f"项目文件夹 {folder} 中没有 data/、layers/、readings/ 或 config.toml。",
            f"The project folder {folder} has neither data/ nor layers/ nor readings/ nor "
            "config.toml.",
        )
    own_journal.recover(own)
    return Project((own, box))


def read_toml(path: Path, shown: str) -> dict[str, Any]:
    """The content of a TOML file; its faults become one sentence naming ``shown`` and the line."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DataError(
            f"{shown} 不是 UTF-8 编码（第 {error.start + 1} 字节），请另存为 UTF-8。",
            f"{shown} is not UTF-8 (byte {error.start + 1}); save it as UTF-8.",
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            f"{shown} 不是有效的 TOML：{error}。", f"{shown} is not valid TOML: {error}."
        ) from error
