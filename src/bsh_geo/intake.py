"""The rows of a workbook in, files of a project folder out: merged by id, all files or none."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bsh_geo import catalogue, frames
from bsh_geo.catalogue import Closed, Text
from bsh_geo.errors import DataError
from bsh_geo.project import Project, box_root, open_project
from bsh_geo.sheet_rows import Row
from bsh_geo.sheets import FILES, MODELS, Sheet, sheets
from bsh_geo.workbook import Entered, content

Cells = dict[str, str]


@dataclass(frozen=True)
class Written:
    """A file of the project folder and how many of its rows are new or replaced."""

    file: str
    added: int
    replaced: int

    def text(self, lang: str = "zh") -> str:
        """A line for the terminal."""
        if lang == "en":
            return f"{self.file}: {self.added} added, {self.replaced} replaced"
        return f"{self.file}：新增 {self.added} 行，替换 {self.replaced} 行"


def target_project(folder: Path) -> Project:
    """The project folder to write into, which may still be empty, laid over the shipped one.

    It is opened under the digest of its files: what is cached of it is not taken for what the
    folder holds after writing.
    """
    empty = folder.is_dir() and not any(folder.iterdir())
    roots = (folder.resolve(), box_root()) if empty else open_project(folder).roots
    return Project(roots, Project(roots).digest())


def write(project: Project, entered: Entered) -> list[Written]:
    """Merge the rows with the tables as they stand and write those that change.

    A file of the project folder replaces the shipped one of its path, so whole tables are written.
    They are opened once in a folder of their own before anything is written.
    """
    files: dict[str, str] = {}
    done = []
    for sheet in sheets(project).values():
        rows = entered.rows[sheet.id]
        if rows:
            relative = FILES[sheet.id]
            files[relative], replaced = _merged(project, sheet, rows)
            done.append(Written(relative, len(rows) - replaced, replaced))
    _try(project, files)
    _swap(project.roots[0], {name: text.encode("utf-8") for name, text in files.items()})
    return done


def _merged(project: Project, sheet: Sheet, rows: list[Row]) -> tuple[str, int]:
    """The text of the merged file, and how many of its rows were replaced."""
    if sheet.id in ("documents", "indicators"):
        return _merged_toml(project, sheet, rows)
    names = list(sheet.columns)
    if sheet.id == "sources":
        old = _own_sources(project)
    else:
        columns = {name: frames.column_text(project, sheet.id, name) for name in names}
        old = [
            dict(zip(names, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
        ]
    merged = {tuple(row[name] for name in sheet.key): row for row in old}
    before = set(merged)
    for row in rows:
        cells = dict(row.cells)
        if sheet.id == "sources":
            cells["title_en"] = cells["title_en"] or cells["title_zh"]
        merged[tuple(cells[name] for name in sheet.key)] = cells
    made = io.StringIO()
    writer = csv.DictWriter(made, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(merged.values())
    return made.getvalue(), len(rows) - (len(merged) - len(before))


def _own_sources(project: Project) -> list[Cells]:
    path = project.files("data/sources", ".csv").get(Path(FILES["sources"]).stem)
    if path is None:
        return []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _merged_toml(project: Project, sheet: Sheet, rows: list[Row]) -> tuple[str, int]:
    load: dict[str, Any] = {
        "documents": catalogue.load_documents,
        "indicators": catalogue.load_indicators,
    }
    merged: dict[str, Closed] = dict(load[sheet.id](project))
    model, before = MODELS[sheet.id], set(merged)
    for row in rows:
        merged[row.cells["id"]] = catalogue.declared(model, content(model, row.cells), sheet.title)
    table = sheet.id.removesuffix("s")
    text = "\n".join(f"[[{table}]]\n{_toml(one)}" for one in merged.values())
    return text, len(rows) - (len(merged) - len(before))


def _toml(one: Closed) -> str:
    """A declaration as TOML; what has its default is left out."""
    told = {name: getattr(one, name) for name in type(one).model_fields}
    fields = type(one).model_fields
    return "".join(
        f"{name} = {_value(value)}\n"
        for name, value in told.items()
        if fields[name].is_required() or value != fields[name].default
    )


def _value(value: Any) -> str:
    if isinstance(value, Text):
        return f"{{ zh = {_value(value.zh)}, en = {_value(value.en)} }}"
    if isinstance(value, tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, float):
        return f"{value:g}" if value.is_integer() and abs(value) < 1e6 else repr(value)
    # A JSON string is a TOML basic string.
    return json.dumps(value, ensure_ascii=False)


def _try(project: Project, files: dict[str, str]) -> None:
    """Open the merged files as the product will; what breaks a declaration is raised here."""
    with tempfile.TemporaryDirectory() as folder:
        for relative, text in files.items():
            path = Path(folder) / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        trial = Project((Path(folder).resolve(), *project.roots), version=folder)
        catalogue.load_documents(trial)
        catalogue.load_indicators(trial)
        catalogue.load_sources(trial)
        frames.table(trial, "targets")
        frames.table(trial, "observations")


def _swap(root: Path, files: dict[str, bytes]) -> None:
    """Put all files in place or none: written beside first, and put back where one fails."""
    paths = {root / relative: text for relative, text in files.items()}
    parts = {path: path.with_name(f"{path.name}.part") for path in paths}
    old: dict[Path, bytes | None] = {}
    try:
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            parts[path].write_bytes(text)
        for path, part in parts.items():
            old[path] = path.read_bytes() if path.is_file() else None
            os.replace(part, path)
    except OSError as error:
        for path, before in old.items():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True) if before is None else path.write_bytes(before)
        raise DataError(
            f"无法写入 {root}：{error.strerror}，没有改动任何文件。",
            f"Cannot write into {root}: {error.strerror}; no file was changed.",
        ) from error
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
