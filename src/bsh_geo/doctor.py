"""A project in, what its folder overrides, adds and leaves unused out, and what is broken in it.

Every file of the folder is looked at, and opened as the product opens it; a broken one does not
keep the others from being looked at. What a file replaces is told by id: a declaration's own, the
keys of a table's rows.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from bsh_geo import (
    __version__,
    bays,
    briefing,
    catalogue,
    compose,
    frames,
    land_classes,
    limits,
    networks,
    own_crs,
    park_access,
    registers,
    roles,
    settings,
    standards,
    water_standards,
    wetlands,
)
from bsh_geo.catalogue import Dataset, Text
from bsh_geo.errors import BshError
from bsh_geo.print_options import imprint
from bsh_geo.project import Project, box_root, read_toml
from bsh_geo.project_folder import FOLDERS

State = Literal["replaces", "adds", "same", "unused", "broken"]

STATES: dict[State, Text] = {
    "replaces": Text(zh="替换内置", en="replaces the shipped one"),
    "adds": Text(zh="新增", en="added"),
    "same": Text(zh="与内置相同", en="same as shipped"),
    "unused": Text(zh="没有用到", en="not used"),
    "broken": Text(zh="有误", en="broken"),
}

NAMED = 3
"""Ids that a line names; ``--json`` has all."""

LIKE = 0.75
"""How like a known name a file's must be to be taken for a misspelling of it."""

LISTS = {
    "data/boundaries/boundaries.toml": (
        "boundary",
        catalogue.load_boundaries,
        "边界",
        "boundaries",
    ),
    "data/targets/indicators.toml": ("indicator", catalogue.load_indicators, "指标", "indicators"),
    "data/targets/documents.toml": ("document", catalogue.load_documents, "文件", "documents"),
}
"""Files that hold a list of declarations: its table, what opens it, and how it is named."""

SINGLE: dict[str, tuple[str, str, Callable[[Project], object]]] = {
    bays.SHORES_FILE: ("岸线", "shores", bays.shorelines),
    "data/wetlands/places.toml": ("湿地归并", "places of wetlands", wetlands.declared_places),
    land_classes.GROUPS: ("地类分组", "groups of land", land_classes.groups),
    settings.FILE: (
        "设置",
        "settings",
        lambda project: (
            settings.settings(project),
            roles.rules(project),
            own_crs.local_crs(project),
            imprint(project),
            park_access.basis(project),
        ),
    ),
}
"""Files of one kind each."""


def _dataset(project: Project, name: str) -> object:
    return frames.dataset_of(project, name)


FOLDERS_OF: dict[str, tuple[str, str, Callable[[Project, str], object]]] = {
    "layers": ("图层", "layer", compose.layer_of),
    "data/datasets": ("数据集声明", "dataset", _dataset),
    "data/rasters": ("栅格声明", "raster", catalogue.raster_of),
    "data/landcover": ("地类表", "class table", land_classes.table_of),
    "data/sitecheck": ("核查对象", "register", lambda here, _: registers.load_registers(here)),
    "data/readings": ("读数网络", "network", networks.network_of),
    "data/standards": ("AQI 标准", "AQI standard", lambda here, _: standards.aqi_standards(here)),
    "data/standards/limits": ("限值", "limits", lambda here, _: limits.limits(here)),
    "data/standards/evaluation": ("评价规则", "rules", lambda here, _: limits.evaluations(here)),
    "data/standards/water": (
        "水质标准", "water standard", lambda here, _: water_standards.water_standards(here)
    ),
    briefing.FOLDER: ("简报模板", "briefing", briefing.template_of),
}  # fmt: skip
"""Folders of declarations, a file each, named by its id."""


@dataclass(frozen=True)
class Ids:
    """What a file does by id: those that it replaces with others, adds, leaves out, repeats."""

    replaces: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    same: int = 0

    def text(self, lang: str) -> str:
        """In a line, with the first few of each."""
        told = [
            (self.replaces, "替换", "replaced"),
            (self.adds, "新增", "added"),
            (self.drops, "不再有", "left out"),
        ]
        parts = [
            f"{zh if lang == 'zh' else en} {len(ids):,}{_some(ids, lang)}"
            for ids, zh, en in told
            if ids
        ]
        if self.same:
            parts.append(f"相同 {self.same:,}" if lang == "zh" else f"same {self.same:,}")
        return ("，" if lang == "zh" else ", ").join(parts)


def _some(ids: tuple[str, ...], lang: str) -> str:
    mark, more = ("、", "…") if lang == "zh" else (", ", " …")
    listed = mark.join(ids[:NAMED]) + (more if len(ids) > NAMED else "")
    return f"（{listed}）" if lang == "zh" else f" ({listed})"


@dataclass(frozen=True)
class Part:
    """A file of the project folder: what it is, what it does, and what is wrong with it.

    ``near`` is the path that an unused file may have been meant for.
    """

    file: str
    what: Text
    state: State
    ids: Ids = Ids()
    near: str = ""
    fault: BshError | None = None


@dataclass(frozen=True)
class Diagnosis:
    """All files of a project folder, and the version that made it (blank where it is not said)."""

    parts: tuple[Part, ...]
    made_by: str

    @property
    def broken(self) -> tuple[Part, ...]:
        """The files that something is wrong with."""
        return tuple(one for one in self.parts if one.fault is not None)

    @property
    def of_another_version(self) -> bool:
        """Whether another version of the product made the folder."""
        return bool(self.made_by) and self.made_by != __version__

    def notices(self, lang: str) -> list[str]:
        """What is no fault but has to be looked at, a sentence each."""
        told = []
        if self.of_another_version:
            told.append(
                f"项目由 {self.made_by} 版建立，本产品为 {__version__} 版；请核对替换内置的文件。"
                if lang == "zh"
                else f"The folder was made by version {self.made_by}, this is {__version__}: look "
                "at the files that replace shipped ones."
            )
        for one in self.parts:
            if one.state == "unused" and one.near:
                told.append(
                    f"{one.file} 没有用到，是否应为 {one.near}？"
                    if lang == "zh"
                    else f"{one.file} is not used; was {one.near} meant?"
                )
        return told


def diagnosis(project: Project) -> Diagnosis:
    """What the folder of a project does, file by file; nothing for the shipped data alone."""
    if len(project.roots) < 2:
        return Diagnosis((), "")
    try:
        made_by = str(project.config.get("version", ""))
    except BshError:  # the file itself is told as broken below
        made_by = ""
    found = _Folder(project)
    return Diagnosis(tuple(found.part(path) for path in found.files()), made_by)


class _Folder:
    """A project folder while it is looked at: what is declared, and by which file."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.root = project.roots[0]
        self.tables: dict[str, Dataset] = {}
        self.declared: dict[str, tuple[Text, Callable[[], object]]] = {}
        self._declare()

    def files(self) -> list[Path]:
        """Every file that could be meant for the product."""
        found = [
            path
            for name in FOLDERS
            for path in sorted((self.root / name).rglob("*"))
            if path.is_file() and not path.name.startswith(".") and path.suffix != ".part"
        ]
        for path in sorted(self.root.iterdir()):
            known = (*FOLDERS, settings.FILE, "readings")
            near = difflib.get_close_matches(path.name.lower(), known, n=1, cutoff=LIKE)
            if path.name == settings.FILE or (near and path.name not in known):
                inside = sorted(path.rglob("*")) if path.is_dir() else [path]
                found += [one for one in inside if one.is_file()]
        return found

    def _declare(self) -> None:
        here = self.project
        for path in here.files("data/datasets", ".toml").values():
            try:
                one = catalogue.declared_file(here, path, Dataset)
            except BshError:  # told as the fault of its own file
                continue
            text = Text(zh=f"数据集 {one.id}", en=f"dataset {one.id}")
            self.tables[f"data/{one.file}"] = one
            self.declared[f"data/{one.file}"] = (text, partial(frames.table, here, one.id))
            if one.file.endswith(".csv") and not one.geometry:
                own = f"data/{one.file.removesuffix('.csv')}{frames.OWN_ROWS}"
                self.tables[own] = one
                rows = Text(zh=f"数据集 {one.id} 的行", en=f"rows of the dataset {one.id}")
                self.declared[own] = (rows, partial(frames.table, here, one.id))
        self._declare_each(catalogue.load_boundaries, "boundaries/", "边界", "boundary",
                           frames.boundary)  # fmt: skip
        self._declare_each(catalogue.load_rasters, "", "栅格", "raster", catalogue.raster_of)
        try:
            named = settings.files(here)
        except BshError:
            named = ()
        for file in named:
            text = Text(zh="config.toml 指定的文件", en="named by config.toml")
            self.declared[file] = (text, lambda: None)

    def _declare_each(
        self,
        load: Callable[[Project], Any],
        folder: str,
        zh: str,
        en: str,
        opened: Callable[[Project, str], object],
    ) -> None:
        try:
            known = load(self.project)
        except BshError:
            return
        for name, one in known.items():
            text = Text(zh=f"{zh} {name}", en=f"{en} {name}")
            self.declared[f"data/{folder}{one.file}"] = (text, partial(opened, self.project, name))

    def part(self, path: Path) -> Part:
        """What one file does."""
        relative = path.relative_to(self.root).as_posix()
        what, opened = self._what(relative)
        if opened is None:
            return Part(relative, what, "unused", near=self._near(relative))
        try:
            opened()
            ids = self._ids(relative, path)
        except BshError as fault:
            if not _of_another(fault, relative):
                return Part(relative, what, "broken", fault=fault)
            ids = Ids()
        return Part(relative, what, self._state(relative, path, ids), ids)

    def _state(self, relative: str, path: Path, ids: Ids) -> State:
        """Whether a file takes the place of shipped things, or adds to them."""
        shipped = box_root() / relative
        if shipped.is_file() and shipped.read_bytes() == path.read_bytes():
            return "same"
        if relative in LISTS or relative.endswith(frames.OWN_ROWS):  # laid over by id, not whole
            return "replaces" if ids.replaces else "adds"
        return "replaces" if shipped.is_file() or ids.replaces else "adds"

    def _what(self, relative: str) -> tuple[Text, Callable[[], object] | None]:
        """What a file is, and how it is opened; None where nothing reads it."""
        folder, _, name = relative.rpartition("/")
        stem, here = Path(name).stem, self.project
        if relative in self.declared:
            return self.declared[relative]
        if relative in SINGLE:
            zh, en, load = SINGLE[relative]
            return Text(zh=zh, en=en), partial(load, here)
        if relative in LISTS:
            _, load_list, zh, en = LISTS[relative]
            return Text(zh=f"{zh}声明", en=en), partial(load_list, here)
        if folder == "data/sources" and name.endswith(".csv"):
            return Text(zh="来源", en="sources"), partial(catalogue.load_sources, here)
        if folder in FOLDERS_OF and name.endswith(".toml"):
            zh, en, opened = FOLDERS_OF[folder]
            return Text(zh=f"{zh} {stem}", en=f"{en} {stem}"), partial(opened, here, stem)
        return Text(zh="未声明的文件", en="a file that nothing declares"), None

    def _near(self, relative: str) -> str:
        """The path that an unused file may have been meant for; blank for none."""
        known = {*self.declared, *LISTS, *SINGLE, "data/sources/own.csv"}
        known |= {one.relative_to(box_root()).as_posix() for one in _shipped()}
        folder, _, name = relative.rpartition("/")
        stem = name.split(".")[0]
        # A declaration may have any name, but neither another ending nor another folder.
        here = difflib.get_close_matches(folder, [*FOLDERS_OF, "data/sources"], n=1, cutoff=LIKE)
        if here:
            ending = ".csv" if here[0] == "data/sources" else ".toml"
            known.add(f"{here[0]}/{stem}{ending}")
        found = difflib.get_close_matches(relative, sorted(known), n=1, cutoff=LIKE)
        return found[0] if found else ""

    def _ids(self, relative: str, path: Path) -> Ids:
        """What a file replaces and adds, by id."""
        shipped = box_root() / relative
        if relative in LISTS:
            return _compared(_entries(shipped, relative), _entries(path, relative))
        if relative in self.tables:
            key = self.tables[relative].key
            if relative.endswith(frames.OWN_ROWS):
                base = relative.removesuffix(frames.OWN_ROWS) + ".csv"
                return _compared(_rows(self.project.path(base), key), _rows(path, key))
            return _compared(_rows(shipped, key), _rows(path, key), whole=True)
        folder = relative.rpartition("/")[0]
        if folder == "data/sources":
            return _compared(_rows(shipped, ("id",)), _rows(path, ("id",)), whole=True)
        if folder in FOLDERS_OF:
            there = {path.stem: shipped.read_bytes()} if shipped.is_file() else {}
            return _compared(there, {path.stem: path.read_bytes()})
        return Ids()


def _of_another(fault: BshError, relative: str) -> bool:
    """Whether a fault names another file of the same folder, which is told there."""
    folder = relative.rpartition("/")[0]
    named = re.findall(rf"{re.escape(folder)}/[\w.-]+", fault.zh) if folder else []
    return bool(named) and relative not in named


def _shipped() -> Iterable[Path]:
    return (one for name in FOLDERS for one in (box_root() / name).rglob("*") if one.is_file())


def _entries(path: Path, relative: str) -> dict[str, object]:
    if not path.is_file():
        return {}
    table = LISTS[relative][0]
    return {str(one.get("id")): one for one in read_toml(path, relative).get(table, [])}


def _rows(path: Path, key: tuple[str, ...]) -> dict[str, object]:
    """The rows of a CSV or GeoJSON file by key; of a file of another kind none."""
    if not path.is_file():
        return {}
    if path.suffix == ".csv":
        listed = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
        return {_key(row, key): row for row in listed}
    if path.suffix == ".geojson":
        content = json.loads(path.read_bytes())
        return {_key(one["properties"], key): one for one in content["features"]}
    return {}


def _key(row: Any, key: tuple[str, ...]) -> str:
    return "/".join(str(row.get(name) or "").strip() for name in key)


def _compared(old: dict[str, Any], new: dict[str, Any], whole: bool = False) -> Ids:
    """By id; with ``whole`` the new file stands for all, so that what it lacks is gone."""
    both = [one for one in new if one in old]
    return Ids(
        tuple(one for one in both if new[one] != old[one]),
        tuple(one for one in new if one not in old),
        tuple(one for one in old if one not in new) if whole else (),
        sum(new[one] == old[one] for one in both),
    )


def rows(found: Diagnosis, lang: str) -> pd.DataFrame:
    """The files as a table of text: file, what it is, what it does, by id."""
    heads = ("File", "What", "State", "By id") if lang == "en" else ("文件", "内容", "状态", "编号")
    return pd.DataFrame(
        [
            (one.file, one.what.get(lang), STATES[one.state].get(lang), one.ids.text(lang))
            for one in found.parts
        ],
        columns=list(heads),
    )


def as_dict(found: Diagnosis) -> dict[str, Any]:
    """The same for a machine, with every id and both languages."""
    return {
        "version": __version__,
        "made_by": found.made_by,
        "notices": [
            {"zh": zh, "en": en}
            for zh, en in zip(found.notices("zh"), found.notices("en"), strict=True)
        ],
        "broken": len(found.broken),
        "files": [
            {
                "file": one.file,
                "what": one.what.model_dump(),
                "state": one.state,
                "replaces": list(one.ids.replaces),
                "adds": list(one.ids.adds),
                "drops": list(one.ids.drops),
                "same": one.ids.same,
                "near": one.near or None,
                "fault": {"zh": one.fault.zh, "en": one.fault.en} if one.fault else None,
            }
            for one in found.parts
        ],
    }
