"""The bytes of a user's file in, a preview with its report out; confirmed, files of a project.

Bytes come in, never paths or addresses. A preview writes nothing; what it would write is opened
once in a folder of its own, as the product will. Confirming writes all files or none.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from bsh_geo import (
    catalogue,
    frames,
    own_fields,
    own_figures,
    own_files,
    own_journal,
    own_report,
    own_rows,
    own_targets,
    own_values,
    own_write,
)
from bsh_geo.catalogue import QUALITY_TITLES, Column, Text
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.networks import folded
from bsh_geo.own_fields import Columns
from bsh_geo.own_files import Found
from bsh_geo.own_history import Entry, confirm, history, undo
from bsh_geo.own_kinds import KINDS, MODES, RASTER, Kind, kind_of
from bsh_geo.own_options import Options
from bsh_geo.own_preview import Preview
from bsh_geo.own_report import Ledger, Report
from bsh_geo.own_rows import Rows
from bsh_geo.own_write import Files
from bsh_geo.project import Project
from bsh_geo.reading_books import FORMULA

__all__ = [
    "KINDS",
    "MODES",
    "Entry",
    "Options",
    "Preview",
    "confirm",
    "history",
    "preview",
    "read",
    "undo",
]

TRIED_ROWS = 100_000
"""Longer tables are not opened a second time to be tried: their cells were checked when made."""


def read(project: Project, kind: str, name: str, data: bytes, part: str | None = None) -> Found:
    """A file of that name as it stands, for ``preview`` with one set of answers after another.

    Raises
    ------
    BshError
        The kind is not known, or the file cannot be read at all.
    """
    return own_files.read(data, name, _is_head(project, kind_of(kind)), part)


def preview(
    project: Project,
    kind: str,
    name: str,
    data: bytes,
    options: Options | None = None,
    found: Found | None = None,
) -> Preview:
    """What a file of that name holds, and what its import would do; nothing is written.

    ``found`` is what ``read`` gave for this file, kind and part; without it the file is read here.

    Raises
    ------
    BshError
        The kind or an option is not known, or the file cannot be read at all. What is wrong with
        its rows is in the report, as is what has to be asked.
    """
    said = _checked(options or Options())
    wanted = kind_of(kind)
    if wanted.id == RASTER:
        from bsh_geo import own_raster  # GDAL's raster half is loaded where there is a raster

        return own_raster.preview(project, name, data, said)
    ledger = Ledger()
    found = found or read(project, kind, name, data, said.part)
    for fault in found.faults:
        ledger.add("rejected", fault.zh, fault.en, [fault.row])
    for note in found.notes:
        ledger.add("note", note.zh, note.en)
    cut = found.form == "Shapefile"
    columns = own_fields.mapped(project, wanted, found.names(), said.columns, cut)
    _formulas(found, columns, ledger)
    found = _without_totals(found, columns, ledger)
    sha = hashlib.sha256(data).hexdigest()
    source = own_targets.source_of(project, said.source, found.name, sha, found.origin)
    count = len(found.numbers) + len(found.faults) + _totals(ledger)
    declared = own_targets.columns_of(project, wanted, found, columns, said)
    made = _rows(project, wanted, declared, found, columns, said, ledger)
    _ask_quality(made.frame, said, ledger)
    files = Files()
    if not ledger.questions and len(made.frame):
        made = _planned(
            project, wanted, declared, found, columns, said, made, source, files, ledger
        )
    report = Report(
        wanted.id, found.name, sha, found.form, found.encoding, found.sample, made.crs,
        made.datum, source["id"], said.quality or "", count, _kept(made.frame, ledger),
        _used(project, wanted, found, columns), tuple(ledger.findings), tuple(ledger.questions),
        tuple(files.planned), _matched(made.frame),
        source.get("title_zh", ""),
    )  # fmt: skip
    root = project.roots[0]
    before = {relative: own_journal.digest(root / relative) for relative in files.content}
    return Preview(wanted, report, made.frame, files.content, before, said, made.seen)


def _checked(options: Options) -> Options:
    if options.quality is not None and options.quality not in QUALITY_TITLES:
        raise unknown_name("数据性质", "quality", options.quality, QUALITY_TITLES)
    if options.mode is not None and options.mode not in MODES:
        raise unknown_name("方式", "mode", options.mode, MODES)
    return options


def _is_head(project: Project, kind: Kind) -> Callable[[str], bool]:
    heads = own_fields.known_heads(project, kind)
    figure = own_figures.is_head(project) if kind.id == "indicators" else None

    def known(text: str) -> bool:
        if own_fields.plain_head(text) in heads or folded(text) in heads:
            return True
        return figure is not None and figure(text)

    return known


def _without_totals(found: Found, columns: Columns, ledger: Ledger) -> Found:
    """The file without rows of sums and means, which are named in the report."""
    looked = [
        columns.places[one]
        for one in ("name_zh", "adcode", "area", "id", "code")
        if one in columns.places
    ]
    looked += [0] if len(found.heads) and 0 not in looked else []
    total = np.zeros(len(found.numbers), dtype=bool)
    for at in looked:
        total |= own_values.totals(found.cells[at])
    if not total.any():
        return found
    ledger.add(
        "total",
        "合计或平均行，不导入",
        "Rows of totals or means are not imported",
        found.numbers[total],
    )
    shapes = None if found.shapes is None else found.shapes[~total]
    return replace(
        found,
        cells=found.cells[~total].reset_index(drop=True),
        numbers=found.numbers[~total],
        shapes=shapes,
    )


def _formulas(found: Found, columns: Columns, ledger: Ledger) -> None:
    """Rows with formulas in columns that are used: what they show is not in the file for sure."""
    if found.form != "XLSX":
        return
    wrong = np.zeros(len(found.numbers), dtype=bool)
    for at in columns.places.values():
        wrong |= found.cells[at].str.startswith(FORMULA).to_numpy(dtype=bool)
    if wrong.any():
        ledger.add(
            "rejected",
            "单元格是公式，请粘贴为数值",
            "A cell is a formula; paste its value",
            found.numbers[wrong],
        )


def _totals(ledger: Ledger) -> int:
    return sum(len(one.rows) for one in ledger.findings if one.sort == "total")


def _rows(
    project: Project,
    kind: Kind,
    declared: dict[str, Column],
    found: Found,
    columns: Columns,
    options: Options,
    ledger: Ledger,
) -> Rows:
    if kind.id == "indicators":
        rows = own_figures.build(project, found, columns, options, ledger)
        if "value" in rows:
            rows = own_figures.as_cells(rows, declared, options)
        return Rows(gpd.GeoDataFrame(rows), "", "")
    whole = own_targets.with_own_columns(kind, found, columns)
    return own_rows.build(project, kind, declared, found, whole, options, ledger)


def _ask_quality(frame: pd.DataFrame, options: Options, ledger: Ledger) -> None:
    if options.quality or not len(frame):
        return
    if "quality" in frame and frame["quality"].ne("").all():
        return
    ledger.ask(
        "quality",
        "--quality",
        "文件没有写明数据性质，请说明：",
        "The file does not say what its data are; say it:",
        list(QUALITY_TITLES.items()),
    )


def _kept(frame: pd.DataFrame, ledger: Ledger) -> int:
    lost = ledger.lost()
    return len(set(frame.index.unique()) - lost) if lost else int(frame.index.nunique())


def _matched(frame: pd.DataFrame) -> int:
    """How many rows have a district."""
    for name in ("adcode", "area"):
        if name in frame:
            return int(frame.index[frame[name].ne("")].nunique())
    return 0


def _used(
    project: Project, kind: Kind, found: Found, columns: Columns
) -> tuple[own_report.Used, ...]:
    notes = {name: Text(zh=unit, en=unit) for name, unit in columns.units.items()}
    names = found.names()
    if kind.id == "indicators":
        figures = own_figures.figure_columns(project, found, columns)
        return own_fields.used(columns, names, notes, figures)
    if kind.id == "areas":
        return own_fields.used(columns, names, notes, columns.left(len(names)))
    return own_fields.used(columns, names, notes)


def _planned(
    project: Project,
    kind: Kind,
    declared: dict[str, Column],
    found: Found,
    columns: Columns,
    options: Options,
    made: Rows,
    source: dict[str, str],
    files: Files,
    ledger: Ledger,
) -> Rows:
    """The files of an import; the rows with what was added to them."""
    told = own_targets.provenance(source, found, made, ledger)
    frame = made.frame
    lost = ledger.lost()
    if lost and kind.id != "indicators":
        frame = frame[~frame.index.isin(sorted(lost))]
    if "source" in frame:
        frame = frame.assign(source=source["id"])
    if len(frame):
        frame = own_targets.files_of(
            project, kind, frame, declared, columns, options, told, files, ledger
        )
    if len(frame) and not ledger.questions:
        if "known" not in told:
            own_write.add_source(project, files, told)
        _try(project, files, len(frame), kind)
    return replace(made, frame=frame)


def _try(project: Project, files: Files, count: int, kind: Kind) -> None:
    """Open the files as the product will; what breaks a declaration is raised here."""
    with tempfile.TemporaryDirectory() as folder:
        for relative, content in files.content.items():
            if content is None or (count > TRIED_ROWS and not relative.endswith(".toml")):
                continue
            path = Path(folder) / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        trial = Project((Path(folder).resolve(), *project.roots), version=folder)
        catalogue.load_sources(trial)
        datasets = catalogue.load_datasets(trial)
        faults = catalogue.load_layers(trial)[1]
        own = [fault for fault in faults if any(one in fault.zh for one in files.content)]
        if own:
            raise own[0]
        if count > TRIED_ROWS:
            return
        touched = {name for name, one in datasets.items() if f"data/{one.file}" in files.content}
        for name in touched:
            frames.table(trial, name)
        for name, one in catalogue.load_boundaries(trial).items():
            if f"data/boundaries/{one.file}" in files.content:
                frames.boundary(trial, name)
        _references(trial, touched)


def _references(trial: Project, touched: set[str]) -> None:
    """Rows elsewhere that refer to rows of a changed table must still find them."""
    for name, dataset in catalogue.load_datasets(trial).items():
        for column, target in dataset.refers.items():
            other, key = target.split(".")
            if other not in touched and name not in touched:
                continue
            if other not in catalogue.load_datasets(trial):
                continue
            known = {str(one) for one in frames.table(trial, other)[key].dropna()}
            cells = frames.table(trial, name)[column].dropna()
            lacking = sorted({str(one) for one in cells} - known)
            if lacking:
                raise DataError(
                    f"data/{dataset.file} 引用的 {column} {lacking[0]} 在导入后不再存在，"
                    "请改用合并（merge）。",
                    f"data/{dataset.file} refers to {column} {lacking[0]}, which would be gone "
                    "after this import; use the mode merge.",
                )
