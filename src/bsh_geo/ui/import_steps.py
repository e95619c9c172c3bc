"""What a user gives to the import page in, who may write, what was imported before; plain texts."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from bsh_geo import own_files, own_import, own_journal, roles, zip_files
from bsh_geo.errors import DataError
from bsh_geo.networks import networks
from bsh_geo.own_files import Found, Origin
from bsh_geo.own_kinds import RASTER
from bsh_geo.project import Project, box_root
from bsh_geo.reading_archives import shown_name
from bsh_geo.reading_times import LOCAL
from bsh_geo.store import open_store

READINGS, TARGETS = "readings", "targets"
KINDS = (
    READINGS,
    *("stations", "parks", "wetlands", "redline", "boundary", "areas", "indicators"),
    RASTER,
    TARGETS,
)
"""What can be brought in, in the order of the page."""

PLACES = ("stations", "parks", "wetlands", "redline", "boundary", "areas")
"""Kinds whose rows have a place of their own."""

FORMS: dict[str, tuple[str, ...]] = {
    READINGS: (".csv", ".txt", ".xlsx", ".json", ".parquet", ".gz", ".zip"),
    TARGETS: (".xlsx",),
    "indicators": own_files.TABLES,
    RASTER: (".tif", ".tiff"),
}
"""Endings by kind; those of places are all that own data may have."""

SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")

UPLOAD_MB = 200
"""Megabytes of all files of one import; more goes through the command line."""

VARIABLE = "BSH_IMPORT"
"""Environment variable that switches writing off for everybody: ``BSH_IMPORT=off``."""

OFF = ("off", "0", "false", "no")


def forms_of(kind: str) -> tuple[str, ...]:
    """The endings that files of a kind may have."""
    return FORMS.get(kind, (*own_files.VECTORS, *own_files.TABLES))


@dataclass(frozen=True)
class Access:
    """The folder that may be written; None with the reason why nothing may."""

    folder: Path | None
    why: str = ""


def access(project: Project, user: str = "") -> Access:
    """Whether this server and this user may write into the project.

    ``roles`` tells who may, by the address of the login; the variable ``BSH_IMPORT`` switches it
    off for all.

    Raises
    ------
    DataError
        ``[access]`` of ``config.toml`` is no rule.
    """
    root = project.roots[0]
    if root == box_root():
        return Access(None, "no_project")
    stated = roles.rules(project)
    if stated.edit is False or os.environ.get(VARIABLE, "").strip().lower() in OFF:
        return Access(None, "switched_off")
    if roles.role(stated, user) != "editor":
        return Access(None, "not_editor")
    return Access(root) if os.access(root, os.W_OK) else Access(None, "read_only")


@dataclass(frozen=True)
class Given:
    """The files of one import, as bytes with the names that they were uploaded under.

    Rows of a database are a file too, with their ``origin``.
    """

    kind: str
    files: tuple[tuple[str, bytes], ...]
    origin: Origin | None = None

    @cached_property
    def mark(self) -> str:
        """The same for the same files."""
        marks = hashlib.sha256(self.kind.encode())
        for name, content in self.files:
            marks.update(f"|{name}|".encode() + hashlib.sha256(content).digest())
        return marks.hexdigest()[:16]

    @cached_property
    def kept(self) -> dict[Hashable, Found]:
        """What was read of the files last, so that another answer does not read them again."""
        return {}

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(content) for _, content in self.files)

    def one(self) -> tuple[str, bytes]:
        """The single file that a kind other than readings takes; parts of a Shapefile are one.

        Raises
        ------
        DataError
            There are several.
        """
        if len(self.files) == 1:
            return self.files[0]
        paths = [PurePosixPath(name) for name, _ in self.files]
        stems = {path.stem for path in paths}
        if len(stems) == 1 and {path.suffix.lower() for path in paths} <= set(SHAPEFILE):
            return f"{paths[0].stem}.zip", zip_files.packed(self.files)
        raise DataError(
            f"这一类一次读入一个文件，现有 {len(self.files)} 个；Shapefile 的各部分应同名。",
            f"This kind takes one file at a time; there are {len(self.files)}. The parts of a "
            "Shapefile share one name.",
        )


def taken(kind: str, before: Given | None, files: Sequence[tuple[str, bytes]]) -> Given:
    """What is given after an upload: readings and parts of a Shapefile add up, others replace.

    Raises
    ------
    DataError
        The files are larger than an upload may be, or one has an ending that is not read.
    """
    fresh = {shown_name(name): content for name, content in files}
    for name in fresh:
        ending = PurePosixPath(name).suffix.lower()
        known = (*forms_of(kind), *(SHAPEFILE if kind in PLACES else ()))
        if ending not in known and ending in own_files.OTHERS:
            raise own_files.other_form(ending, name)
        if ending not in known:
            listed = " ".join(one.lstrip(".") for one in forms_of(kind))
            raise DataError(
                f"{name} 不是这一类能读的格式，可用：{listed}。",
                f"{name} is in no format that this kind is read from; there are: {listed}.",
            )
    adds = kind == READINGS or all(_is_part(name) for name in fresh)
    kept = dict(before.files) if before is not None and before.kind == kind and adds else {}
    made = Given(kind, tuple({**kept, **fresh}.items()))
    if made.size > UPLOAD_MB << 20:
        raise DataError(
            f"文件共 {made.size / 2**20:,.0f} MB，网页一次最多 {UPLOAD_MB} MB；更大的请用命令行。",
            f"The files have {made.size / 2**20:,.0f} MB; this page takes {UPLOAD_MB} MB at most, "
            "the command line takes more.",
        )
    return made


def _is_part(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SHAPEFILE


_HINTS: tuple[tuple[str, str], ...] = (
    (r"可用 --name [^；。]*?=…", "可在“对应关系”中指定"),
    (r"\s*Say --name [^;.]*?=…", " Name it under Columns"),
    (r"，可用 --repair 修复", "，可勾选“修复几何”"),
    (r"--repair mends it", "tick “Mend geometry” to mend it"),
    (r"；请指定一个（--layer）", "；请选择一个"),
    (r"; name one with --layer", "; choose one"),
    (r"；请指定一张（--sheet）", "；请选择一张"),
    (r"; name one with --sheet", "; choose one"),
    (r"，请用 --crs 指定", "，请填写坐标系代码"),
    (r"; name it with --crs", "; type its code"),
    (r"，请指定（列=\w+）", "，请在“对应关系”中指定"),
    (r"; name it \(column=\w+\)", "; name it under Columns"),
    (r"请用 --mapping 说明各列", "请改名列头后重新上传"),
    (r"say with --mapping what the columns are", "rename its heads and upload it again"),
    (r"请用 --mapping 在 \[items\] 中只留一列", "请在“对应关系”中只留一列"),
    (r"keep one of them under \[items\] of --mapping", "keep one of them under Columns"),
    (r"请用 --station 指定", "请在左侧填写站点"),
    (r"name it with --station", "name it on the left"),
    (
        r"确认要换算请用 --unit .*? 请用 --unit [^\s。]+",
        "请勾选同意换算，或在“对应关系”中改单位",
    ),
    (
        r"to have it converted say --unit .*? say --unit \S+?(?=\.?$)",
        "agree to the conversion, or change the unit under Columns",
    ),
    (r"按 --mapping 文件", "按您的选择"),
    (r"as the file of --mapping says", "as you chose"),
)
"""What a message tells a user of the command line, and what a reader of the page needs instead."""


def plain(text: str) -> str:
    """A message without options of the command line."""
    for pattern, instead in _HINTS:
        text = re.sub(pattern, instead, text)
    return text


UNMATCHED = re.compile(r"^区名“(.*)”不识(?:，是否指 (.*?)？)?", re.DOTALL)
"""How a finding names a district that is not known, and those it may be (its Chinese text)."""


@dataclass(frozen=True)
class Past:
    """An import of the history; ``number`` counts those that can be undone, else a batch."""

    number: int
    when: str
    what: str
    file: str
    rows: int
    source: str
    files: tuple[str, ...]
    undone: bool = False
    undoable: bool = False
    of: tuple[int, ...] = ()


def past(project: Project, folder: Path) -> list[Past]:
    """Every import into the folder, the newest first; an unfinished one is taken back.

    Raises
    ------
    DataError
        A record is broken, or the store of readings cannot be read.
    """
    own_journal.recover(folder)
    found = [
        Past(
            *(one.number, one.local, one.what, one.file, one.rows, one.source, one.files),
            one.undone,
            not one.undone and one.what != "undo",
            one.of,
        )
        for one in own_import.history(folder)
    ]
    # Those of one second in the order of their numbers.
    newest = [*reversed(found), *_batches(project)]
    return sorted(newest, key=lambda one: one.when, reverse=True)


def _local(text: str) -> str:
    """A moment as a clock in Shanghai shows it; a text that is none stays."""
    try:
        return f"{datetime.fromisoformat(text).astimezone(ZoneInfo(LOCAL)):%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return text


def _batches(project: Project) -> list[Past]:
    """The imports of readings, which the store keeps; a value that was replaced is kept there."""
    store = open_store(project)
    found = []
    for network in networks(project):
        for row in store.batches(network).itertuples():
            when = _local(f"{row.when:%Y-%m-%dT%H:%M:%S}+00:00")  # the store keeps UTC
            count = int(str(row.stored)) + int(str(row.replaced))
            shown = (str(row.file), count, str(row.source), (f"readings/{network}",))
            found.append(Past(int(str(row.batch)), when, READINGS, *shown))
    return found
