"""Parameters in, records out: published figures, targets, their assessment, and what names them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from bsh_geo import api_query, areas, assessment, catalogue, observations, targets
from bsh_geo.api_query import RequestError
from bsh_geo.catalogue import CITY
from bsh_geo.errors import unknown_name
from bsh_geo.project import Project
from bsh_geo.wording import quality_title

Records = list[dict[str, Any]]
_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)


def figures(project: Project, given: Mapping[str, str], lang: str) -> Records:
    """The observations of an indicator, area and period, each with source and quality."""
    targets.known_names(project, given.get("indicator"), None)
    rows = observations.observations(project)
    asked = {"indicator": given.get("indicator"), "area": _area(project, given)}
    period = given.get("period")
    if period is not None and not _PERIOD.fullmatch(period):
        raise RequestError(
            400,
            f"时期“{period[:60]}”应为 YYYY 或 YYYY-MM。",
            f"The period “{period[:60]}” should be YYYY or YYYY-MM.",
        )
    for name, wanted in {**asked, "period": period}.items():
        if wanted is not None:
            rows = rows[rows[name] == wanted]
    indicators = catalogue.load_indicators(project)
    sources = catalogue.load_sources(project)
    return [
        {
            **{str(name): cell for name, cell in row.items()},
            "indicator_name": getattr(indicators[row["indicator"]], lang),
            "area_name": areas.area_name(project, row["area"], lang),
            "quality_title": quality_title(row["quality"], lang),
            "source_titles": [
                sources[one].title(lang)
                for one in catalogue.source_ids(row["source"] or "")
                if one in sources
            ],
        }
        for row in rows.to_dict("records")
    ]


def registered(project: Project, given: Mapping[str, str], lang: str) -> Records:
    """The targets of the plans with their quotes."""
    area = _area(project, given)
    rows = targets.registry(project, area, given.get("indicator"), given.get("document"))
    return targets.records(project, rows, lang)


def assessed(project: Project, given: Mapping[str, str], lang: str) -> Records:
    """Every target held against every area, or those asked for."""
    targets.known_names(project, given.get("indicator"), given.get("document"))
    area = _area(project, given)
    since = api_query.year(given, "baseline") or assessment.BASELINE_FROM
    found = assessment.assess(
        project,
        None if area is None else [area],
        given.get("indicator"),
        given.get("document"),
        since,
        api_query.year(given, "as_of"),
    )
    return list(assessment.records(project, found, lang))


def indicators(project: Project, given: Mapping[str, str], lang: str) -> Records:
    """What each indicator means: name, unit, direction, definition."""
    return [
        {
            "id": one.id,
            "name": getattr(one, lang),
            "theme": one.theme,
            "unit": one.unit,
            "direction": one.direction,
            "definition": one.definition.get(lang),
        }
        for one in catalogue.load_indicators(project).values()
    ]


def places(project: Project, given: Mapping[str, str], lang: str) -> Records:
    """The city, its districts and the groups of them, by code."""
    codes = [CITY, *areas.district_table(project).index]
    listed = [
        {"id": str(one), "name": areas.area_name(project, str(one), lang), "members": []}
        for one in codes
    ]
    groups = areas.group_names(project, lang)
    return listed + [
        {"id": one, "name": name, "members": list(areas.group_members(project, one))}
        for one, name in groups.items()
    ]


def sources(project: Project, given: Mapping[str, str], lang: str) -> Records:
    """Every registered source."""
    return [one.model_dump() for one in catalogue.load_sources(project).values()]


def _area(project: Project, given: Mapping[str, str]) -> str | None:
    """The code of the one area asked for, None where none is."""
    name = given.get("area")
    if name is None:
        return None
    code = areas.select(project, [name]).area
    if code is None:  # a group whose districts another group has too
        raise unknown_name("区", "district", name[:60], areas.group_names(project, "zh").values())
    return code


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as JSON takes it: missing is null, numbers are Python's."""
    return {name: _cell(cell) for name, cell in record.items()}


def _cell(cell: Any) -> Any:
    if isinstance(cell, list | tuple | dict):
        return cell
    if cell is None or cell is pd.NA or cell != cell:
        return None
    return cell.item() if hasattr(cell, "item") else cell


READ: dict[str, Callable[[Project, Mapping[str, str], str], Records]] = {
    "figures": figures,
    "targets": registered,
    "assessment": assessed,
    "indicators": indicators,
    "areas": places,
    "sources": sources,
}
"""The tables by name."""
