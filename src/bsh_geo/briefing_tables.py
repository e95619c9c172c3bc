"""A view and what the page is about in, its ranking or its table for a briefing out."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from bsh_geo import areas, compose
from bsh_geo import briefing as templates
from bsh_geo.briefing_fields import Subject
from bsh_geo.briefing_pages import Bar, Block, Ranking, Table
from bsh_geo.briefing_words import word
from bsh_geo.classes import number
from bsh_geo.compose import Request
from bsh_geo.mapspec import BRIEF_DECIMALS, MapSpec, TableView
from bsh_geo.wording import NO_DATA_TITLE, unit_of

ROWS = 20
"""Rows that a table shows where the template does not say how many."""
_COLUMNS, _NUMBERS = 6, 8
"""Most columns of a table on a page, and of one of plain numbers; the files of figures hold all."""


def of_districts(block: templates.Block, about: Subject, request: Request) -> list[Block]:
    """The ranking or the table; of a metric by district it shows all districts on every page."""
    assert about.spec is not None
    spec, metric = about.spec, about.metric
    by_district = metric is not None and metric.places == "districts" and metric.boundary is None
    if by_district and request.areas:
        spec = compose.build(about.project, replace(request, areas=()))
    if block.kind == "table":
        return [_table(view, block, about) for view in spec.tables[:1] if len(view.shown)]
    if not by_district or not spec.tables:
        return []
    return _ranking(spec, about)


def _ranking(spec: MapSpec, about: Subject) -> list[Block]:
    metric, lang = about.metric, about.lang
    assert metric is not None
    view = spec.tables[0]
    rows = view.export
    known = rows[rows["value"].notna()].sort_values(["value", "id"], ascending=[False, True])
    if known.empty:
        return []
    drawn = next(part for part in spec.parts if part.selects)
    fills = {str(code): str(drawn.styles[key].fill) for code, key in drawn.frame["key"].items()}
    decimals = view.decimals if view.decimals is not None else metric.decimals
    bars = tuple(
        Bar(str(row[f"name_{lang}"]), round(float(row["value"]), decimals), fills[str(row["id"])],
            str(row["id"]) == about.area)
        for _, row in known.iterrows()
    )  # fmt: skip
    lacking = [str(name) for name in rows[rows["value"].isna()][f"name_{lang}"]]
    mark = "、" if lang == "zh" else ", "
    note = word("without", lang, names=mark.join(lacking)) if lacking else ""
    unit = unit_of(about.project, metric, lang)
    caption = word("ranking", lang, title=metric.title.get(lang), unit=unit)
    return [Ranking(caption, unit, decimals, bars, note)]


def _table(view: TableView, block: templates.Block, about: Subject) -> Table:
    """The rows of a table view as texts; columns that say one thing of all rows are left out."""
    shown = view.printed
    most = block.rows or ROWS
    titles, cut = _columns(shown, about.lang)
    decimals = view.decimals if view.brief is None else BRIEF_DECIMALS
    numeric = frozenset(
        at for at, name in enumerate(titles) if pd.api.types.is_numeric_dtype(shown[name])
    )
    none = NO_DATA_TITLE[about.lang]
    rows = tuple(
        tuple(
            _cell(cell, decimals, none if at == 1 and at in numeric else "")
            for at, cell in enumerate(row)
        )
        for row in shown[titles].head(most).itertuples(index=False)
    )
    left = len(shown) > most
    notes = [word("more", about.lang, n=len(shown), shown=most)] if left else []
    notes += [word("columns_more", about.lang, n=cut)] if cut else []
    note = ("" if about.lang == "zh" else " ").join(notes)
    own = areas.area_name(about.project, about.area, about.lang)
    marked = frozenset(at for at, row in enumerate(rows) if row[0] == own)
    return Table(view.title, tuple(titles), rows, numeric, note, marked)


def _columns(shown: pd.DataFrame, lang: str) -> tuple[list[str], int]:
    """The columns that tell rows apart, without sources, which the page names as a whole.

    Beside them how many the page has no room for; of plain numbers more stand side by side.
    """
    source = {"zh": "来源", "en": "Source"}[lang]
    names = [str(name) for name in shown.columns if name != source]
    first, *rest = names
    telling = [name for name in rest if shown[name].replace("", None).notna().any()]
    varied = [
        name
        for at, name in enumerate(telling)
        if at == 0 or len(shown) < 2 or shown[name].nunique(dropna=False) > 1
    ]
    plain = all(pd.api.types.is_numeric_dtype(shown[name]) for name in varied)
    most = _NUMBERS if plain else _COLUMNS
    return [first, *varied][:most], max(0, 1 + len(varied) - most)


def _cell(cell: object, decimals: int | None, none: str) -> str:
    if cell is None or cell is pd.NA or cell != cell:
        return none
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float):
        if decimals is None:
            decimals = len(f"{round(float(cell), 2):.10g}".partition(".")[2])
        return number(float(cell), decimals)
    return str(cell)
