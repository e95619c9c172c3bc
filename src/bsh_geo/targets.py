"""The plans' targets in, those of an area out, and how far its figure is from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bsh_geo import areas, catalogue, frames, observations, origins
from bsh_geo.areas import Selection
from bsh_geo.catalogue import CITY, Document, Indicator
from bsh_geo.classes import number
from bsh_geo.errors import unknown_name
from bsh_geo.observations import difference_unit, unit_text
from bsh_geo.origins import Origin
from bsh_geo.project import Project

NUMERIC = ("≤", "≥", "<", ">", "=", "≈")


@dataclass(frozen=True)
class TargetLine:
    """One target of one document, worded for a reader.

    ``gap`` is value − target in the indicator's unit (None without a comparable figure), ``met``
    whether the latest figure satisfies the target as worded (≈, 左右, counts as reached when the
    figure is at least as good).
    """

    indicator: str
    label: str
    place: str
    area: str
    own: bool
    operator: str
    wording: str
    document: str
    status: str
    year: str
    value: float | None
    gap: float | None
    met: bool | None
    distance: str
    quote: str
    origin: Origin = ()


def of_indicator(project: Project, indicator: str, selection: Selection) -> pd.DataFrame:
    """Targets of an indicator for the selection's area; the city's where it has none of its own.

    For the city, an indicator with targets of single places only (bays) gives all of them;
    several districts together are held against the city's, not against one district's own.
    """
    every = frames.table(project, "targets")
    rows = every[every["indicator"] == indicator]
    if selection.is_city and CITY not in set(rows["area"]):
        return rows
    city = rows[rows["area"] == CITY]
    if selection.area is None and len(city):
        return city
    codes = set(selection.codes) | ({selection.group} if selection.group else set())
    own = rows[rows["area"].isin(codes)]
    return own if len(own) else city


def lines(
    project: Project,
    indicator_id: str,
    selection: Selection,
    current: float | None,
    lang: str,
) -> list[TargetLine]:
    """Every target that holds for the selection, by year, with its distance from ``current``."""
    indicator = observations.indicator_of(project, indicator_id)
    rows = of_indicator(project, indicator_id, selection).copy()
    rows["sort"] = rows["year"].astype(str).str.extract(r"(\d{4})", expand=False).fillna("9999")
    ordered = rows.sort_values(["sort", "document"], kind="stable")
    return [_line(project, row, indicator, current, lang) for _, row in ordered.iterrows()]


def _line(
    project: Project, row: pd.Series, indicator: Indicator, current: float | None, lang: str
) -> TargetLine:
    document = catalogue.load_documents(project)[str(row["document"])]
    value = None if pd.isna(row["value"]) else float(row["value"])
    comparable = value is not None and current is not None and row["operator"] in NUMERIC
    gap = (
        float(current) - value if comparable and current is not None and value is not None else None
    )
    met = is_met(gap, str(row["operator"]), indicator.direction) if gap is not None else None
    year = "" if pd.isna(row["year"]) else str(row["year"])
    return TargetLine(
        indicator=indicator.id,
        label=indicator.en if lang == "en" else indicator.zh,
        place=_place(row, lang),
        area=areas.area_name(project, str(row["area"]), lang),
        own=str(row["area"]) != CITY,
        operator=str(row["operator"]),
        wording=wording(str(row["operator"]), value, indicator, lang),
        document=document.short.get(lang),
        status=_status(document, lang),
        year=year,
        value=value,
        gap=gap,
        met=met,
        distance=_distance(gap, met, indicator, lang),
        quote=str(row["quote"]),
        origin=origins.of_target(row, document, lang),
    )


def _place(row: pd.Series, lang: str) -> str:
    """The named place of a target without a number: the first clause of its note."""
    note = row[f"note_{lang}"]
    if not pd.isna(row["value"]) or note is None or pd.isna(note):
        return ""
    return clause_of(str(note))


def clause_of(note: str) -> str:
    """The first clause of a note."""
    return re.split(r"[；，。;]|\. |\.$", note)[0].strip()


def _status(document: Document, lang: str) -> str:
    """The document's status, blank where its short title says it already."""
    return "" if document.status.zh in document.short.zh else document.status.get(lang)


def is_met(gap: float, operator: str, direction: str) -> bool:
    """Whether a figure that differs by ``gap`` from a target satisfies it as worded.

    ``≈`` (左右) and ``=`` (达到) are satisfied by a figure at least as good; where the direction is
    "exactly" only by an equal one.
    """
    rounded = round(gap, 9)
    if operator == "<":
        return rounded < 0
    if operator == ">":
        return rounded > 0
    if operator == "=" and direction == "exactly":
        return rounded == 0
    return rounded <= 0 if direction == "lower" else rounded >= 0


def wording(operator: str, value: float | None, indicator: Indicator, lang: str) -> str:
    """The target for a reader: operator, value, unit; 建成 or the indicator without a value."""
    if value is None:
        if operator == "done":
            built = "建成" in indicator.zh
            return ("建成" if built else "完成") if lang == "zh" else ("built" if built else "done")
        return indicator.en if lang == "en" else indicator.zh
    unit = unit_text(indicator.unit, lang)
    shown = f"{number(value, 0) if abs(value) >= 1e5 else format(value, '.10g')} {unit}".strip()
    if operator == "≈":
        return f"{shown}左右" if lang == "zh" else f"about {shown}"
    return shown if operator == "=" else f"{operator} {shown}"


def _distance(gap: float | None, met: bool | None, indicator: Indicator, lang: str) -> str:
    if gap is None:
        return ""
    unit = difference_unit(indicator.unit, lang)
    amount = f"{number(abs(gap), indicator.decimals)} {unit}".strip()
    if round(gap, 9) == 0:
        return "等于目标" if lang == "zh" else "equals the target"
    if lang == "zh":
        side = "低" if gap < 0 else "高"
        return f"已达到，{side} {amount}" if met else f"未达到，{side} {amount}"
    side = "below" if gap < 0 else "above"
    return f"{'reached' if met else 'not reached'}, {amount} {side}"


def registry(
    project: Project,
    area: str | None = None,
    indicator: str | None = None,
    document: str | None = None,
) -> pd.DataFrame:
    """The targets as registered, in the plans' order, of one area, indicator or document or all.

    Raises
    ------
    UnknownNameError
        There is no such indicator or document.
    """
    known_names(project, indicator, document)
    rows = frames.table(project, "targets")
    for name, wanted in (("area", area), ("indicator", indicator), ("document", document)):
        if wanted is not None:
            rows = rows[rows[name] == wanted]
    return rows


def known_names(project: Project, indicator: str | None, document: str | None) -> None:
    """Raise for an indicator or a document that is not registered; None stands for all."""
    if indicator is not None:
        indicators = catalogue.load_indicators(project)
        if indicator not in indicators:
            raise unknown_name("指标", "indicator", indicator, indicators)
    if document is not None:
        documents = catalogue.load_documents(project)
        if document not in documents:
            raise unknown_name("文件", "document", document, documents)


def frame(project: Project, rows: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """Rows of the registry as a table of a reader: names instead of codes, titles in ``lang``."""
    documents = catalogue.load_documents(project)
    indicators = catalogue.load_indicators(project)
    listed = [
        (
            row["id"],
            documents[row["document"]].short.get(lang),
            documents[row["document"]].status.get(lang),
            row["clause"],
            areas.area_name(project, row["area"], lang),
            indicators[row["indicator"]].en if lang == "en" else indicators[row["indicator"]].zh,
            row["operator"],
            row["value"],
            unit_text(row["unit"] or "", lang),
            row["year"],
            row["quote"],
            row[f"note_{lang}"],
        )
        for row in rows.to_dict("records")
    ]
    made = pd.DataFrame(listed, columns=list(COLUMNS_EN if lang == "en" else COLUMNS_ZH))
    years = COLUMNS_EN[9] if lang == "en" else COLUMNS_ZH[9]
    return made.astype({years: "Int64"})


def records(project: Project, rows: pd.DataFrame, lang: str = "zh") -> list[dict[str, Any]]:
    """Rows of the registry under their machine names, with the names of what the codes mean."""
    documents = catalogue.load_documents(project)
    indicators = catalogue.load_indicators(project)
    return [
        {
            **{str(name): cell for name, cell in row.items()},
            "document_title": documents[row["document"]].short.get(lang),
            "document_status": documents[row["document"]].status.get(lang),
            "area_name": areas.area_name(project, row["area"], lang),
            "indicator_name": getattr(indicators[row["indicator"]], lang),
        }
        for row in rows.to_dict("records")
    ]


COLUMNS_ZH = (
    "编号", "文件", "文件状态", "条款", "区域", "指标", "要求", "目标值", "单位", "目标年", "原文",
    "备注",
)  # fmt: skip
COLUMNS_EN = (
    "Id", "Document", "Status", "Clause", "Area", "Indicator", "Operator", "Target", "Unit", "By",
    "Quote", "Note",
)  # fmt: skip
