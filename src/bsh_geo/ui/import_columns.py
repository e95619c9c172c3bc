"""The step 对应关系 of the import page: what each column of a file is used for, in boxes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from bsh_geo import areas
from bsh_geo.errors import BshError
from bsh_geo.own_report import Used
from bsh_geo.project import Project
from bsh_geo.reading_import import shown as shown_mapping
from bsh_geo.reading_mapping import USES
from bsh_geo.ui import import_html, import_own, import_uses
from bsh_geo.ui.import_look import Look
from bsh_geo.ui.import_own import Own
from bsh_geo.ui.import_readings import Readings
from bsh_geo.ui.import_said import BASE, answers, map_to, widget_key
from bsh_geo.ui.import_steps import READINGS, TARGETS, UNMATCHED, Given, plain
from bsh_geo.ui.text import word

MOST_COLUMNS = 60
"""Columns with a box of their own."""


def columns(project: Project, given: Given, found: Look | None, lang: str) -> None:
    """How the file was read, and what each column is used for, with the guess in the box."""
    if found is not None:
        st.html(import_html.facts_html(found.facts(lang)))
    if given.kind == TARGETS:
        st.caption(word("import_columns_targets", lang))
    elif isinstance(found, Readings):
        _columns_of_readings(found, lang)
    elif given.kind != READINGS:
        _columns_of_own(project, given, found, lang)


def _columns_of_own(project: Project, given: Given, found: Look | None, lang: str) -> None:
    mapping: tuple[Used, ...] = st.session_state.get(BASE, ())
    if not mapping:
        return
    now = {one.column: one for one in (found.found.mapping if isinstance(found, Own) else mapping)}
    fields = import_own.fields_of(project, given.kind, lang)
    shown = _samples(project, given)
    st.caption(word("import_columns_hint", lang))
    with st.container(key="import-columns"):
        _grid_head(lang)
        for at, one in enumerate(mapping[:MOST_COLUMNS]):
            note = now[one.column].note.get(lang) if one.column in now else ""
            current = (
                answers()
                .get("columns", {})
                .get(one.column, now[one.column].field if one.column in now else one.field)
            )
            names = {"": word("import_not_used", lang), **fields}
            if one.field not in names:
                kept = "import_figure" if given.kind == "indicators" else "import_own_column"
                names[one.field] = word(kept, lang)
            guess = (f"column-{at}", one.column, current, one.field)
            _grid_row(guess, shown.get(one.column, ""), names, note)
    if isinstance(found, Own):
        _names(project, found, lang)


def _samples(project: Project, given: Given) -> dict[str, str]:
    """Some cells of each column, read once."""
    key, part = "import-samples", answers().get("part")
    kept = st.session_state.get(key)
    if kept is None or kept[0] != (given.mark, part):
        try:
            made = import_own.samples(project, given, part)
        except BshError:
            made = {}
        kept = st.session_state[key] = ((given.mark, part), made)
    found: dict[str, str] = kept[1]
    return found


_WIDTHS = [0.24, 0.34, 0.28, 0.14]


def _grid_head(lang: str) -> None:
    heads = ("import_column", "import_sample", "import_used_as", "import_unit_head")
    for place, head in zip(st.columns(_WIDTHS), heads, strict=True):
        place.html(f'<div class="bsh-control-title">{word(head, lang)}</div>')


def _grid_row(
    guess: tuple[str, str, str, str], sample: str, names: dict[str, str], note: str
) -> None:
    """A column: its head, some cells, a box with its use, its unit."""
    name, column, current, base = guess
    one, two, three, four = st.columns(_WIDTHS, vertical_alignment="center")
    one.text(column)
    two.text(sample)
    key = widget_key(name)
    three.selectbox(
        column,
        list(names),
        index=list(names).index(current) if current in names else 0,
        key=key,
        format_func=lambda field: names[field],
        label_visibility="collapsed",
        on_change=map_to,
        args=(column, base, key, "columns"),
    )
    four.text(note)


def _names(project: Project, found: Own, lang: str) -> None:
    """Names of districts that are not known, each with a box."""
    told = [UNMATCHED.match(one.text.zh) for one in found.found.report.findings]
    named = answers().get("names", {})
    near = {one[1]: (one[2] or "").split("、") for one in told if one}
    unknown = list(dict.fromkeys([*near, *named]))
    if not unknown:
        return
    table = areas.district_table(project)
    names = {"": word("import_no_district", lang)}
    names |= {str(code): str(table.at[code, f"name_{lang}"]) for code in table.index}
    st.html(f'<div class="bsh-control-title">{word("import_names", lang)}</div>')
    with st.container(key="import-names"):
        for at, name in enumerate(unknown[:MOST_COLUMNS]):
            one, two, _ = st.columns([0.24, 0.34, 0.42], vertical_alignment="center")
            one.text(name)
            key = widget_key(f"name-{at}")
            now = named.get(name, "")
            first = [
                str(one) for one in table.index if table.at[one, "name_zh"] in near.get(name, ())
            ]
            shown = _near_first(names, first, word("import_near", lang))
            two.selectbox(
                name,
                list(shown),
                index=list(shown).index(now) if now in shown else 0,
                key=key,
                format_func=shown.__getitem__,
                label_visibility="collapsed",
                on_change=map_to,
                args=(name, "", key, "names"),
            )


def _near_first(names: dict[str, str], near: list[str], mark: str) -> dict[str, str]:
    """The districts whose names are close to one that is not known, before all others.

    None of them is taken by itself.
    """
    found = {code: f"{names[code]}{mark}" for code in near}
    return {"": names[""], **found, **{one: names[one] for one in names if one not in found}}


def _columns_of_readings(found: Readings, lang: str) -> None:
    single = import_uses.single_table(found.base)
    if single is None:
        _shown_mappings(found, lang)
        return
    mapping, header = single
    network, said = found.base.network, answers()
    base = import_uses.uses_of(mapping)
    uses = {str(role): text.get(lang) for role, text in USES.items() if role != "name"}
    items = {name: item.title.get(lang) for name, item in network.items.items()}
    names = {"": word("import_not_used", lang), **uses, **items}
    st.caption(word("import_columns_hint", lang))
    with st.container(key="import-columns"):
        _grid_head(lang)
        for at, column in enumerate(name for name in header[:MOST_COLUMNS] if name):
            use = said.get("uses", {}).get(column, base.get(column, ""))
            one, two, three, four = st.columns(_WIDTHS, vertical_alignment="center")
            one.text(column)
            two.text(_reading_sample(found, use))
            key = widget_key(f"use-{at}")
            three.selectbox(
                column,
                list(names),
                index=list(names).index(use),
                key=key,
                format_func=names.__getitem__,
                label_visibility="collapsed",
                on_change=map_to,
                args=(column, base.get(column, ""), key, "uses"),
            )
            if use in items:
                _unit_box(found, use, four)


def _reading_sample(found: Readings, use: str) -> str:
    """The first readings of a column as they would be stored."""
    name = {"code": "station"}.get(use, use)
    if name not in found.head:
        return ""
    cells = [str(one)[:16] for one in found.head[name].dropna().head(30)]
    return " · ".join(list(dict.fromkeys(cells))[:3])


def _unit_box(found: Readings, item: str, place: Any) -> None:
    """The unit of an item in the file: what it is converted from."""
    own = found.base.network.items[item].unit
    mapped = [one.found.mapping.units.get(item) for one in found.planned_files.tables]
    stated = next((one for one in mapped if one), own)
    choices = list(dict.fromkeys([stated, own, "μg/m³", "mg/m³"]))
    key = widget_key(f"unit-{item}")
    place.selectbox(
        item,
        choices,
        key=key,
        label_visibility="collapsed",
        on_change=map_to,
        args=(item, "", key, "units"),
    )


def _shown_mappings(found: Readings, lang: str) -> None:
    """How each kind of table is read, where there are several."""
    for tables in list(found.planned_files.kinds.values())[:20]:
        name, shape, rows = shown_mapping(found.planned_files, tables, lang)
        st.caption(f"{name} · {plain(shape)}")
        heads = [word(one, lang) for one in ("import_column", "import_used_as", "import_note")]
        st.table([dict(zip(heads, row, strict=True)) for row in rows])
