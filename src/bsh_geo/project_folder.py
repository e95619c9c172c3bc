"""A folder in, a project folder out; a project in, what overrides what, and what is broken, out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from bsh_geo import catalogue, frames, own_crs
from bsh_geo.catalogue import Text
from bsh_geo.errors import BshError, DataError
from bsh_geo.project import Project, box_root

State = Literal["replaces", "adds", "unused", "broken"]

STATES: dict[State, Text] = {
    "replaces": Text(zh="替换内置", en="replaces the shipped one"),
    "adds": Text(zh="新增", en="added"),
    "unused": Text(zh="没有用到", en="not used"),
    "broken": Text(zh="有误", en="broken"),
}

FOLDERS = ("data", "layers")

CONFIG = """\
# 项目设置 · Settings of this project. Every line is optional; take the # away to use one.

# 审图号，印在导出的地图上 · map approval number, printed on exported maps
# approval = "审图号：沪S(2025)000号"

# 地方坐标系，导入时写 --crs local · the city's own grid, used as --crs local
# [crs]
# local = "+proj=tmerc +lat_0=31.2352 +lon_0=121.4671 +k=1 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"

# 底图 · base map tiles
# [basemap]
# title = "内网底图"
# url = "https://tiles.example/{z}/{x}/{y}.png"
# attribution = "© 某单位"

# 步行路网 · ways for park access
# [paths]
# file = "data/paths.gpkg"

# 居住人口 · residents
# [residents]
# file = "data/residents.gpkg"
# column = "population"
"""


@dataclass(frozen=True)
class Part:
    """A file of the project folder: what it declares or holds, and what it does."""

    file: str
    what: Text
    state: State
    fault: BshError | None = None


def init(folder: Path) -> list[str]:
    """Make a project folder; gives what was made, nothing where it is one already.

    Raises
    ------
    DataError
        The folder holds something else, or cannot be written.
    """
    root = folder.expanduser()
    if root.is_file():
        raise DataError(f"{folder} 是文件，应为文件夹。", f"{folder} is a file, not a folder.")
    inside = {one.name for one in root.iterdir()} if root.is_dir() else set()
    if inside and not inside & {*FOLDERS, "config.toml", "readings"}:
        raise DataError(
            f"{folder} 不是空文件夹，也不是项目文件夹。",
            f"{folder} is neither empty nor a project folder.",
        )
    made = []
    try:
        for name in FOLDERS:
            if not (root / name).is_dir():
                (root / name).mkdir(parents=True)
                made.append(f"{name}/")
        if not (root / "config.toml").exists():
            (root / "config.toml").write_text(CONFIG, encoding="utf-8", newline="\n")
            made.append("config.toml")
    except OSError as error:
        raise DataError(
            f"无法写入 {folder}：{error.strerror}。", f"Cannot write {folder}: {error.strerror}."
        ) from error
    return made


def doctor(project: Project) -> list[Part]:
    """Every file of the project folder, what it overrides or adds, and what is wrong with it.

    A broken file does not keep the others from being looked at.
    """
    if len(project.roots) < 2:
        return []
    root = project.roots[0]
    files = [
        path
        for name in FOLDERS
        for path in sorted((root / name).rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".part"
    ]
    files += [path for path in (root / "config.toml",) if path.is_file()]
    tables, faults = _tables(project)
    return [_part(project, path, tables, faults) for path in files]


Faults = dict[str, BshError]


def _tables(project: Project) -> tuple[dict[str, tuple[str, str]], Faults]:
    """Declared data files by path: what they are and their id; faults of each file by path."""
    found: dict[str, tuple[str, str]] = {}
    faults: Faults = {}
    for load, folder, kind in (
        (catalogue.load_datasets, "", "dataset"),
        (catalogue.load_boundaries, "boundaries/", "boundary"),
        (catalogue.load_rasters, "", "raster"),
    ):
        try:
            declared = load(project)
        except BshError as fault:
            faults[f"data/{folder}{kind}"] = fault
            continue
        for name, one in declared.items():
            found[f"data/{folder}{one.file}"] = (kind, name)
    for layer_fault in catalogue.load_layers(project)[1]:
        faults[layer_fault.zh] = layer_fault
    return found, faults


def _part(project: Project, path: Path, tables: dict[str, tuple[str, str]], faults: Faults) -> Part:
    relative = project.shown(path)
    shipped = (box_root() / relative).is_file()
    what, opened = _what(project, relative, tables)
    fault = next((one for one in faults.values() if one.zh.startswith(relative)), None)
    if fault is None and opened is not None:
        try:
            opened()
        except BshError as found:
            fault = found
    if fault is not None:
        return Part(relative, what, "broken", fault)
    if opened is None:
        return Part(relative, what, "unused")
    return Part(relative, what, "replaces" if shipped else "adds")


def _what(
    project: Project, relative: str, tables: dict[str, tuple[str, str]]
) -> tuple[Text, Callable[[], object] | None]:
    """What a file is, and how it is opened; None where nothing reads it."""
    name, folder = Path(relative).stem, relative.rsplit("/", 1)[0]
    if relative in tables:
        kind, one = tables[relative]
        return _data(project, kind, one)
    if relative == "config.toml":
        return Text(zh="设置", en="settings"), lambda: (project.config, own_crs.local_crs(project))
    if relative == "data/boundaries/boundaries.toml":
        return Text(zh="边界声明", en="boundaries"), lambda: catalogue.load_boundaries(project)
    if folder == "layers" and relative.endswith(".toml"):
        return Text(zh=f"图层 {name}", en=f"layer {name}"), lambda: None
    if folder == "data/datasets" and relative.endswith(".toml"):
        text = Text(zh=f"数据集声明 {name}", en=f"dataset {name}")
        return text, lambda: frames.dataset_of(project, name)
    if folder == "data/sources" and relative.endswith(".csv"):
        return Text(zh="来源", en="sources"), lambda: catalogue.load_sources(project)
    if relative.endswith(".toml") and (box_root() / folder).is_dir():
        return Text(zh=f"声明 {name}", en=f"declaration {name}"), lambda: _toml(project, relative)
    if relative in ("data/targets/documents.toml", "data/targets/indicators.toml"):
        return Text(zh="目标声明", en="targets"), lambda: catalogue.load_indicators(project)
    return Text(zh="未声明的文件", en="a file that nothing declares"), None


def _toml(project: Project, relative: str) -> object:
    from bsh_geo.project import read_toml

    return read_toml(project.path(relative), relative)


def _data(project: Project, kind: str, one: str) -> tuple[Text, Callable[[], object]]:
    if kind == "boundary":
        return Text(zh=f"边界 {one}", en=f"boundary {one}"), lambda: frames.boundary(project, one)
    if kind == "raster":
        return Text(zh=f"栅格 {one}", en=f"raster {one}"), lambda: catalogue.raster_of(project, one)
    return Text(zh=f"数据集 {one}", en=f"dataset {one}"), lambda: frames.table(project, one)


def rows(parts: list[Part], lang: str) -> pd.DataFrame:
    """The parts as a table of text."""
    heads = ("File", "What", "State", "Fault") if lang == "en" else ("文件", "内容", "状态", "问题")
    return pd.DataFrame(
        [
            (
                one.file,
                one.what.get(lang),
                STATES[one.state].get(lang),
                one.fault.text(lang) if one.fault else "",
            )
            for one in parts
        ],
        columns=list(heads),
    )
