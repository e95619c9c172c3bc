"""A filled template in, its rows out: checked whole, every fault told at once by sheet and row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bsh_geo import areas, catalogue
from bsh_geo.catalogue import QUALITY_TITLES, Closed, Column, Text
from bsh_geo.errors import BshError, FaultsError, UnknownNameError
from bsh_geo.project import Project
from bsh_geo.sheet_rows import Faults, Row, opened, typed_rows
from bsh_geo.sheets import HELP, MODELS, TITLES, Sheet, sheets
from bsh_geo.targets import NUMERIC

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)


@dataclass(frozen=True)
class Entered:
    """The rows of a workbook without faults, by sheet id."""

    rows: dict[str, list[Row]]


def read_targets(path: Path, project: Project) -> Entered:
    """The rows of a filled template, normalised; area names have become codes.

    Raises
    ------
    FaultsError
        Anything is wrong, with a line for every fault; nothing is taken in part.
    DataError
        The file is not there or not an Excel workbook.
    """
    book = opened(path)
    known = sheets(project)
    faults = Faults()
    for title in sorted(set(book.sheetnames) - {HELP, *TITLES.values()}):
        faults.add(title, None, "未知的工作表。", "unknown sheet.")
    rows = {}
    for sheet in known.values():
        if sheet.title in book.sheetnames:
            rows[sheet.id] = list(typed_rows(book[sheet.title], sheet, faults))
        else:
            faults.add(sheet.title, None, "缺少这张工作表。", "this sheet is missing.")
            rows[sheet.id] = []
    book.close()
    _check(project, known, rows, faults)
    if not faults.found and not any(rows.values()):
        faults.found.append(("没有可读入的行，只有示例。", "no rows but the examples."))
    if faults.found:
        n = len(faults.found)
        raise FaultsError(
            f"{path.name} 有 {n} 处问题，没有写入任何内容：",
            f"{path.name} has {n} fault{'s' if n > 1 else ''}; nothing was written:",
            faults.found,
        )
    return Entered(rows)


def _check(
    project: Project, known: dict[str, Sheet], rows: dict[str, list[Row]], faults: Faults
) -> None:
    for sheet in known.values():
        for row in rows[sheet.id]:
            for name, column in sheet.columns.items():
                _check_cell(sheet, row, name, column, faults)
    _check_references(project, known, rows, faults)
    for sheet in known.values():
        _check_key(sheet, rows[sheet.id], faults)
    for sheet_id, model in MODELS.items():
        for row in rows[sheet_id]:
            _check_model(known[sheet_id], row, model, faults)
    _check_sources(project, known["sources"], rows["sources"], faults)


def _check_cell(sheet: Sheet, row: Row, name: str, column: Column, faults: Faults) -> None:
    """Required, a number within its bounds, one of the allowed values, a period."""
    text = row.cells[name]
    if (sheet.title, row.number, name) in faults.wrong:
        return
    allowed = column.allowed or (tuple(QUALITY_TITLES) if column.type == "quality" else ())
    fault: tuple[str, str] | None = None
    if not text:
        fault = ("为空，此列必填。", "is blank; a value is required.") if column.required else None
    elif column.type in ("int", "float"):
        fault = _number_fault(row, name, column)
    elif allowed and text not in allowed:
        fault = (f"应为 {'、'.join(allowed)} 之一。", f"should be one of {', '.join(allowed)}.")
    elif column.type == "period" and not PERIOD.fullmatch(text):
        fault = ("应为 YYYY 或 YYYY-MM。", "should be YYYY or YYYY-MM.")
    elif name == "id" and not NAME.fullmatch(text):
        fault = ("只能用英文字母、数字和 - _ .。", "may hold letters, digits and - _ . only.")
    if fault:
        shown_zh, shown_en = (f"“{text}”", f" “{text}”") if text else ("", "")
        zh, en = f"{column.zh}{shown_zh}{fault[0]}", f"{name}{shown_en} {fault[1]}"
        faults.add(sheet.title, row.number, zh, en, name)


def _number_fault(row: Row, name: str, column: Column) -> tuple[str, str] | None:
    text = row.cells[name]
    if not NUMBER.fullmatch(text):
        return "不是数字。", "is not a number."
    value = float(text)
    if column.type == "int":
        if value % 1:
            return "应为整数。", "should be a whole number."
        row.cells[name] = str(int(value))
    low = float("-inf") if column.min is None else column.min
    high = float("inf") if column.max is None else column.max
    if not low <= value <= high:
        return f"超出范围 [{low:g}, {high:g}]。", f"is outside [{low:g}, {high:g}]."
    return None


def _check_key(sheet: Sheet, rows: list[Row], faults: Faults) -> None:
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row.cells[name] for name in sheet.key)
        if not faults.fine(sheet.title, row, *sheet.key):
            continue
        if key in first:
            told, at = "、".join(key), first[key]
            zh, en = f"编号 {told} 与第 {at} 行重复。", f"{told} repeats row {at}."
            faults.add(sheet.title, row.number, zh, en)
        first.setdefault(key, row.number)


def _check_references(
    project: Project, known: dict[str, Sheet], rows: dict[str, list[Row]], faults: Faults
) -> None:
    """Every id that a row refers to exists, in the project or in the workbook."""
    ids: dict[str, set[str]] = {
        "document": set(catalogue.load_documents(project)),
        "indicator": set(catalogue.load_indicators(project)),
        "source": set(catalogue.load_sources(project)),
        "layer": set(catalogue.load_layers(project)[0]),
    }
    for name, sheet_id in (
        ("document", "documents"), ("indicator", "indicators"), ("source", "sources")
    ):  # fmt: skip
        ids[name] |= {row.cells["id"] for row in rows[sheet_id]}
    ids["not_comparable"] = ids["indicator"]
    for sheet in known.values():
        for row in rows[sheet.id]:
            for name in set(row.cells) & set(ids):
                _check_known(sheet, row, name, ids[name], faults)
            for name in set(row.cells) & {"area", "scope"}:
                _to_code(project, sheet, row, name, faults)
    measures = _measures(project, rows["indicators"])
    for sheet_id in ("targets", "observations"):
        for row in rows[sheet_id]:
            _check_value(known[sheet_id], row, measures, faults)


def _check_known(sheet: Sheet, row: Row, name: str, ids: set[str], faults: Faults) -> None:
    many = name in ("source", "not_comparable")
    named = catalogue.source_ids(row.cells[name]) if many else [row.cells[name]]
    for one in named:
        if one and one not in ids:
            head = sheet.columns[name].zh
            zh, en = f"{head}“{one}”不存在。", f"there is no {name} “{one}”."
            faults.add(sheet.title, row.number, zh, en, name)


def _to_code(project: Project, sheet: Sheet, row: Row, name: str, faults: Faults) -> None:
    """The area of a cell as its code."""
    if not row.cells[name]:
        return
    try:
        code = areas.select(project, [row.cells[name]]).area
    except UnknownNameError as error:
        faults.add(sheet.title, row.number, error.zh, error.en, name)
        return
    row.cells[name] = code or row.cells[name]


@dataclass(frozen=True)
class Measure:
    """The unit and the valid range of an indicator."""

    unit: str
    low: float
    high: float


def _measures(project: Project, typed: list[Row]) -> dict[str, Measure]:
    """Those of every indicator; of one that is typed only where its range is a number."""
    found = {
        one.id: Measure(one.unit, *one.valid) for one in catalogue.load_indicators(project).values()
    }
    for row in typed:
        low, high = row.cells["valid_min"], row.cells["valid_max"]
        if NUMBER.fullmatch(low) and NUMBER.fullmatch(high):
            found[row.cells["id"]] = Measure(row.cells["unit"], float(low), float(high))
    return found


def _check_value(sheet: Sheet, row: Row, measures: dict[str, Measure], faults: Faults) -> None:
    """The value fits its operator and its indicator's unit and valid range."""
    cells, title = row.cells, sheet.title
    operator = cells.get("operator", "=")
    if faults.fine(title, row, "operator") if "operator" in cells else True:
        if operator in NUMERIC and not cells["value"] and sheet.id == "targets":
            zh, en = f"“{operator}”需要目标值。", f"“{operator}” needs a value."
            faults.add(title, row.number, zh, en, "value")
        if operator not in NUMERIC and cells["value"]:
            zh, en = f"“{operator}”不应有目标值。", f"“{operator}” takes no value."
            faults.add(title, row.number, zh, en, "value")
    measure = measures.get(cells["indicator"])
    if measure is None:
        return
    if cells["unit"] and _same(cells["unit"]) != _same(measure.unit):
        zh = f"单位“{cells['unit']}”应为指标的单位“{measure.unit}”。"
        en = f"the unit “{cells['unit']}” should be the indicator's, “{measure.unit}”."
        faults.add(title, row.number, zh, en, "unit")
    elif cells["unit"]:
        cells["unit"] = measure.unit
    if (
        faults.fine(title, row, "value")
        and not measure.low <= float(cells["value"]) <= measure.high
    ):
        between = f"[{measure.low:g}, {measure.high:g}]"
        zh = f"数值 {cells['value']} 超出指标的有效范围 {between}。"
        en = f"the value {cells['value']} is outside the indicator's valid range {between}."
        faults.add(title, row.number, zh, en, "value")


def _same(unit: str) -> str:
    """A unit as it is compared: both signs for micro are one."""
    return unit.replace("\u00b5", "\u03bc").replace(" ", "")


def content(model: type[Closed], cells: dict[str, str]) -> dict[str, Any]:
    """The cells of a row as a declaration; a blank English text is the Chinese one."""
    made: dict[str, Any] = {}
    for name, about in model.model_fields.items():
        zh, low = cells.get(f"{name}_zh"), cells.get(f"{name}_min")
        if zh is not None and name not in cells:
            if zh:
                made[name] = Text(zh=zh, en=cells[f"{name}_en"] or zh)
        elif low is not None:
            made[name] = (float(low or "nan"), float(cells[f"{name}_max"] or "nan"))
        elif name == "not_comparable":
            made[name] = tuple(catalogue.source_ids(cells[name]))
        elif cells[name]:
            made[name] = int(cells[name]) if about.annotation is int else cells[name]
        elif name == "en" or name.endswith("_en"):
            made[name] = cells[f"{name.removesuffix('en')}zh"]
        elif about.is_required():
            made[name] = ""
    return made


def _check_model(sheet: Sheet, row: Row, model: type[Closed], faults: Faults) -> None:
    """What the declaration itself forbids, where no cell of the row is at fault already."""
    if any((sheet.title, row.number, name) in faults.wrong for name in row.cells):
        return
    try:
        catalogue.declared(model, content(model, row.cells), sheet.title)
    except BshError as error:
        faults.add(sheet.title, row.number, error.zh, error.en)


def _check_sources(project: Project, sheet: Sheet, rows: list[Row], faults: Faults) -> None:
    """A source's id is not one of another file's: sources are added, not replaced."""
    own = project.files("data/sources", ".csv").get("own")
    text = own.read_text(encoding="utf-8-sig") if own is not None else ""
    mine = {line.split(",")[0] for line in text.splitlines()[1:]}
    for row in rows:
        if row.cells["id"] in set(catalogue.load_sources(project)) - mine:
            zh = f"来源编号 {row.cells['id']} 已登记，不能改写。"
            en = f"the source {row.cells['id']} is registered already and cannot be replaced."
            faults.add(sheet.title, row.number, zh, en)
