"""A GeoTIFF of the user's own in, a preview of it as a raster layer of the project out.

Its cells over the city are stored as they are, in the file's own grid; classes are named by a class
table that the user chooses, amounts have a unit and breaks. What the file does not say is asked.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from bsh_geo import (
    catalogue,
    land_job,
    own_crs,
    own_journal,
    own_kinds,
    own_raster_classes,
    own_raster_look,
    own_targets,
    own_toml,
    own_units,
    own_write,
    periods,
    raster_store,
    rasters,
)
from bsh_geo.catalogue import QUALITY_TITLES, Text
from bsh_geo.errors import DataError
from bsh_geo.own_options import Options
from bsh_geo.own_preview import Preview
from bsh_geo.own_raster_classes import Meant
from bsh_geo.own_raster_look import Look
from bsh_geo.own_report import Ledger, Report
from bsh_geo.own_write import Files
from bsh_geo.project import Project
from bsh_geo.rasters import Mask, Raster, Values
from bsh_geo.site_tables import shown

ENDINGS = (".tif", ".tiff")


def preview(project: Project, name: str, data: bytes, options: Options) -> Preview:
    """What a GeoTIFF holds over the city, and the raster layer it would become.

    ``frame`` has a row for each code or class of amounts: ``code``, ``name_zh``, ``name_en``,
    ``cells``, ``share`` (percent of the cells with data).

    Raises
    ------
    BshError
        It is no GeoTIFF, damaged, too large or not in the city, or an option is not known.
    """
    ledger = Ledger()
    sha = hashlib.sha256(data).hexdigest()
    source = own_targets.source_of(project, options.source, shown(name), sha)
    crs = _crs(project, data, name, options, ledger)
    band = _band(data, name, options, ledger)
    files, frame, found, said = Files(), pd.DataFrame(), None, ""
    if not ledger.questions:
        with rasters.opened(data, band, shown(name), crs) as raster:
            said = _crs_text(raster.grid.crs, options)
            window = own_raster_look.city_window(project, raster.grid, name)
            found = own_raster_look.look(raster, window)
            _tell_cut(raster, found, ledger)
            meant = own_raster_classes.meant_by(project, found, options, ledger)
            frame = own_raster_classes.classes_of(project, found, meant)
            _ask_rest(options, ledger)
            if found.valid and not ledger.questions:
                _plan(project, raster, found, meant, options, source, files, ledger)
    report = Report(
        own_kinds.RASTER, shown(name), sha, "GeoTIFF", "", "", said, "", source["id"],
        options.quality or "", found.cells if found else 0, found.valid if found else 0, (),
        tuple(ledger.findings), tuple(ledger.questions), tuple(files.planned),
    )  # fmt: skip
    root = project.roots[0]
    before = {relative: own_journal.digest(root / relative) for relative in files.content}
    return Preview(own_kinds.KINDS[own_kinds.RASTER], report, frame, files.content, before, options)


# What is asked --------------------------------------------------------------------------------


def _crs(
    project: Project, data: bytes, name: str, options: Options, ledger: Ledger
) -> pyproj.CRS | None:
    """The system that the user names for a file without one; asked for where it is missing."""
    said = None if options.crs is None else own_crs.named(project, options.crs)
    if rasters.names_crs(data, shown(name)):
        if said is not None:
            _agree(data, name, said)
        return None
    if said is None:
        found = own_raster_look.candidates(project, data, 1, name)
        zh, en = "文件没有坐标系信息", "The file names no CRS"
        if found:
            ledger.ask("crs", "--crs", f"{zh}，请指定（不作假定）：", f"{en}; name it:", found)
        else:
            ledger.ask(
                "crs", "--crs", f"{zh}，且没有一种常用坐标系能把它放在本市，请用 --crs 指定",
                f"{en}, and no usual one puts it into the city; name it with --crs",
            )  # fmt: skip
    return said


def _agree(data: bytes, name: str, said: pyproj.CRS) -> None:
    with rasters.opened(data, 1, shown(name)) as raster:
        own = raster.grid.crs
    if not own.equals(said, ignore_axis_order=True):
        raise DataError(
            f"文件自带坐标系 {own.name}，与指定的 {said.name} 不同；请去掉指定的坐标系。",
            f"The file's own CRS is {own.name}, not {said.name} as named; leave the CRS out.",
        )


def _crs_text(crs: pyproj.CRS, options: Options) -> str:
    if options.crs is not None and options.crs.strip().lower() == own_crs.LOCAL:
        return own_crs.LOCAL
    code = crs.to_epsg()
    return f"{crs.name} (EPSG:{code})" if code else str(crs.name)


def _band(data: bytes, name: str, options: Options, ledger: Ledger) -> int | None:
    count = rasters.band_count(data, shown(name))
    if count > 1 and options.band is None:
        ledger.ask(
            "band",
            "--band",
            f"文件有 {count} 个波段，请指定一个：",
            f"The file has {count} bands; name one:",
            [(str(one), Text(zh=f"第 {one} 波段", en=f"band {one}")) for one in range(1, 13)][
                :count
            ],
        )
    return options.band


def _ask_rest(options: Options, ledger: Ledger) -> None:
    if not options.quality:
        ledger.ask(
            "quality", "--quality", "文件没有写明数据性质，请说明：",
            "The file does not say what its data are; say it:", list(QUALITY_TITLES.items()),
        )  # fmt: skip
    if not options.period:
        zh, en = (
            "请说明数据的时间，如 2023 或 2023-06",
            "Say when it is of, such as 2023 or 2023-06",
        )
        ledger.ask("period", "--period", zh, en)
    if not options.id:
        zh, en = "请给这个栅格一个编号", "Name an id for the raster"
        ledger.ask(
            "id", "--id", f"{zh}（小写字母、数字、下划线）", f"{en} (small letters, digits, _)"
        )


def _tell_cut(raster: Raster, found: Look, ledger: Ledger) -> None:
    whole = raster.grid.rows * raster.grid.cols
    if found.cells < whole:
        ledger.add(
            "note",
            f"只取本市范围内的 {found.cells:,} 格（全图 {whole:,} 格）",
            f"The {found.cells:,} cells over the city are taken, of {whole:,} in all",
        )
    if not found.valid:
        zh, en = "本市范围内没有数据", "There is no data over the city"
        ledger.add("rejected", zh, en)
    elif found.valid < found.cells:
        ledger.add(
            "note",
            f"{found.cells - found.valid:,} 格没有数据（NoData），不填补",
            f"{found.cells - found.valid:,} cells have no data, and are not filled in",
        )


# What is written ------------------------------------------------------------------------------


def _plan(
    project: Project,
    raster: Raster,
    found: Look,
    meant: Meant,
    options: Options,
    source: dict[str, str],
    files: Files,
    ledger: Ledger,
) -> None:
    name = _id(project, str(options.id))
    date = periods.parse(str(options.period)).key
    title = options.title.strip() if options.title else source["title_zh"]
    content, crs = _content(raster, found, meant)
    text = own_write.both(title, options.title.strip() if options.title else source["title_en"])
    declared = _declared(name, text, date, crs, meant, options, source)
    known = name in catalogue.load_rasters(project)
    files.add(f"data/rasters/{name}.tif", content, int(not known), int(known))
    files.add(f"data/rasters/{name}.toml", own_toml.text(declared).encode(), int(not known),
              int(known))  # fmt: skip
    layer = _layer(name, text, declared)
    files.add(f"layers/{name}.toml", own_toml.text(layer).encode(), int(not known), int(known))
    if "known" not in source:
        own_write.add_source(project, files, source | _note(raster, found, meant, ledger, options))
    _try(project, files, name)


def _id(project: Project, text: str) -> str:
    """The id of a raster and of its layer: a new one, or one of a raster that there is."""
    if not own_units.ID.fullmatch(text):
        raise DataError(
            f"编号 {text} 应为小写字母、数字和下划线。",
            f"The id {text} should be small letters, digits and underscores.",
        )
    layers, _ = catalogue.load_layers(project)
    one = layers.get(text)
    known = catalogue.load_rasters(project).get(text)
    drawn = {part.dataset for part in one.parts} if one is not None else {text}
    if (one is not None and (known is None or drawn != {text})) or (
        known is not None and known.file != f"rasters/{text}.tif"
    ):
        raise DataError(f"编号 {text} 已被使用。", f"The id {text} is in use.")
    return text


def _content(raster: Raster, found: Look, meant: Meant) -> tuple[bytes, str]:
    """The stored file, and its CRS as its declaration has it."""
    dtype, nodata = _stored_type(raster, found, meant)
    lost = np.array(sorted(meant.dropped))

    def change(values: Values, valid: Mask) -> tuple[Values, Mask]:
        return values, valid & ~np.isin(values, lost) if len(lost) else valid

    overview = "MODE" if meant.table is not None else "AVERAGE"
    content = raster_store.content(raster, found.window, dtype, nodata, overview, change)
    with rasters.opened(content, 1, raster.name) as stored:
        crs = stored.grid.crs
    code = crs.to_epsg()
    return content, f"EPSG:{code}" if code else str(crs.to_wkt())


def _stored_type(raster: Raster, found: Look, meant: Meant) -> tuple[np.dtype[Any], float | None]:
    """The type of the stored values and what stands for no data; whole numbers stay whole."""
    if meant.table is None and not (found.whole and raster.dtype.kind in "ui"):
        return np.dtype(np.float32), float("nan")
    dtype = raster.dtype if raster.dtype.kind in "ui" else np.dtype(np.int32)
    if found.valid == found.cells and not meant.dropped:
        return dtype, None
    taken = set(found.codes) - meant.dropped
    if not found.codes:  # too many to have been counted: only what is out of their range is free
        taken = set(range(max(int(found.low), -1024), min(int(found.high), 1024) + 1))
        taken |= {int(found.low), int(found.high)}
    free = raster_store.free_value(dtype, taken, raster.nodata)
    if free is None or (not found.codes and found.low <= free <= found.high):
        return np.dtype(np.float32), float("nan")
    return dtype, free


def _declared(
    name: str,
    title: dict[str, str],
    date: str,
    crs: str,
    meant: Meant,
    options: Options,
    source: dict[str, str],
) -> dict[str, Any]:
    quality = str(options.quality)
    made: dict[str, Any] = {
        "id": name,
        "file": f"rasters/{name}.tif",
        "title": title,
        "source": [source["id"]],
        "licence": dict(own_units.OWN_LICENCE),
        "date": date,
        "quality": quality,
        "schematic": quality == "schematic",
        "crs": crs,
        "limitations": dict(own_units.NOT_VERIFIED),
    }
    if meant.table is not None:
        return made | {"classes": meant.table.id}
    return made | {
        "breaks": list(meant.breaks),
        "palette": list(meant.palette),
        "unit": meant.unit,
    }


def _layer(name: str, title: dict[str, str], declared: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "order": 900,
        "title": title,
        "group": own_write.both("自有数据", "Own data"),
        "summary": title,
        "source": declared["source"],
        "quality": declared["quality"],
        "limitations": [dict(own_units.NOT_VERIFIED)],
        "parts": [{"id": "cells", "title": title, "kind": "raster", "dataset": name}],
    }


def _note(
    raster: Raster, found: Look, meant: Meant, ledger: Ledger, options: Options
) -> dict[str, str]:
    crs = _crs_text(raster.grid.crs, options)
    zh = [f"文件 {raster.name}", f"第 {raster.band} 波段", f"坐标系 {crs}",
          f"本市范围内 {found.cells:,} 格"]  # fmt: skip
    en = [f"File {raster.name}", f"band {raster.band}", f"CRS {crs}",
          f"{found.cells:,} cells over the city"]  # fmt: skip
    if meant.dropped:
        listed = ", ".join(map(str, sorted(meant.dropped)))
        zh.append(f"编码 {listed} 作为无数据")
        en.append(f"codes {listed} taken as no data")
    return {"note_zh": "；".join(zh) + "。", "note_en": "; ".join(en) + ".", "file": raster.name}


def _try(project: Project, files: Files, name: str) -> None:
    """Open the files as the product will; what breaks a declaration is raised here."""
    with tempfile.TemporaryDirectory() as folder:
        trial = trial_project(project, files.content, Path(folder))
        catalogue.load_sources(trial)
        one = land_job.declared_source(trial, name)
        with rasters.opened(one.content, one.band, one.name) as raster:
            land_job.check_declared(raster, one.declared)
        faults = catalogue.load_layers(trial)[1]
        own = [fault for fault in faults if f"layers/{name}.toml" in fault.zh]
        if own:
            raise own[0]


def trial_project(project: Project, content: dict[str, bytes | None], folder: Path) -> Project:
    """The project as it would be with some files, which are put into a folder of their own."""
    for relative, one in content.items():
        if one is not None:
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one)
    return Project((folder.resolve(), *project.roots), version=str(folder))


def part_of(project: Project, name: str) -> catalogue.Part:
    """The part of a layer that draws a raster."""
    layers, _ = catalogue.load_layers(project)
    return layers[name].parts[0]


def rasters_of(content: dict[str, bytes | None]) -> Sequence[str]:
    """The ids of the rasters among some files."""
    return [
        Path(one).stem for one in content if one.startswith("data/rasters/") and one.endswith("tif")
    ]
