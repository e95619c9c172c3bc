"""The page 导入数据: files in; mapping, preview, report and, once confirmed, a changed project.

Uploaded bytes are kept in the session that gave them and nowhere else; nothing is cached across
sessions, and nothing is written before it is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from bsh_geo import areas, catalogue, folium_map, own_import, template
from bsh_geo.errors import BshError
from bsh_geo.networks import networks
from bsh_geo.own_report import Question, Used
from bsh_geo.project import Project
from bsh_geo.reading_import import shown as shown_mapping
from bsh_geo.reading_mapping import USES
from bsh_geo.ui import app_state, import_html, import_looks, import_map, import_steps, shell
from bsh_geo.ui.import_looks import AGREE, Look, Own, Readings, Targets
from bsh_geo.ui.import_steps import (
    KINDS,
    PLACES,
    READINGS,
    TARGETS,
    UNMATCHED,
    UPLOAD_MB,
    Access,
    Given,
    plain,
)
from bsh_geo.ui.map_frame import show_script
from bsh_geo.ui.text import word

GIVEN, SAID, ASKED, FOUND, BASE, DONE = (
    f"import-{one}" for one in ("given", "said", "asked", "found", "base", "done")
)
ROUND, FAULT, KEPT, UNDO_FAULT = (
    f"import-{one}" for one in ("round", "fault", "kept", "undo-fault")
)
KIND = "import-kind"
TYPED = ("crs", "period", "id")
"""Questions that may be answered by what none of the choices says."""

MOST_COLUMNS = 60
"""Columns with a box of their own."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page() -> None:
    """Draw the page for what was given so far."""
    lang = shell.current_lang()
    project, digest = app_state.current_project()
    shell.keep_query(lang)
    left, middle, right = st.columns([0.19, 0.56, 0.25], gap="medium")
    try:
        access = import_steps.access(project, _user())
    except BshError as error:
        with middle:
            shell.fault(error, lang)
        return
    with left:
        kind = _kind(lang)
        _upload(kind, lang)
    given: Given | None = st.session_state.get(GIVEN)
    found = _found(project, digest, given, lang)
    with left:
        _options(project, kind, given, lang)
    with middle:
        _head(access, lang)
        _middle(project, access, kind, given, found, lang)
    with right:
        _beside(project, access, given, found, lang)


def _user() -> str:
    """The address of whoever logged in; blank where the server asks nobody to."""
    return str(st.user.get("email") or "")


# What the user says ---------------------------------------------------------------------------


def _said() -> dict[str, Any]:
    said: dict[str, Any] = st.session_state.setdefault(SAID, {})
    return said


def _key(name: str) -> str:
    """The key of a widget: another one after each upload, so that it begins anew."""
    return f"import-{name}-{st.session_state.setdefault(ROUND, 0)}"


def _say(name: str, key: str) -> None:
    """Keep an answer; a widget that is not drawn forgets its own."""
    _said()[name] = st.session_state[key]


def _begin(given: Given | None) -> None:
    """Start over with other files: no answer of the former ones is taken along."""
    state = st.session_state
    for name in (SAID, ASKED, FOUND, BASE, DONE, FAULT):
        state.pop(name, None)
    state[GIVEN] = given
    state[ROUND] = state.get(ROUND, 0) + 1


def _kind(lang: str) -> str:
    state = st.session_state
    state.setdefault(KIND, state.get(KEPT, KINDS[0]))
    st.html(import_html.step(1, word("import_step_kind", lang)))
    picked = st.radio(
        word("import_step_kind", lang),
        KINDS,
        key=KIND,
        format_func=lambda one: word(f"import_kind_{one}", lang),
        label_visibility="collapsed",
        on_change=_other_kind,
        width="stretch",
    )
    state[KEPT] = picked
    return str(picked)


def _other_kind() -> None:
    """Files that were given for one kind may have been meant for another."""
    state = st.session_state
    given: Given | None = state.get(GIVEN)
    kept = None
    if given is not None:
        try:
            kept = import_steps.taken(state[KIND], None, given.files)
        except BshError:
            kept = None
    _begin(kept)


def _upload(kind: str, lang: str) -> None:
    given: Given | None = st.session_state.get(GIVEN)
    state = "done" if given else ""
    st.html(import_html.step(2, word("import_step_files", lang), state))
    key = _key("upload")
    st.file_uploader(
        word("import_step_files", lang),
        accept_multiple_files=True,
        key=key,
        max_upload_size=UPLOAD_MB,
        label_visibility="collapsed",
        on_change=_take,
        args=(kind, key),
    )
    st.caption(import_html.forms_text(kind, UPLOAD_MB, lang))
    fault: BshError | None = st.session_state.get(FAULT)
    if fault is not None:
        shell.banner(fault.text(lang))
    if given is not None:
        st.html(import_html.files_html(given))
        st.button(
            word("import_remove", lang), key=_key("remove"), on_click=_begin, args=(None,),
            width="stretch",
        )  # fmt: skip


def _take(kind: str, key: str) -> None:
    """Take the bytes of an upload into the session; the widget begins anew without them."""
    files = [(one.name, one.getvalue()) for one in st.session_state.get(key) or ()]
    if not files:
        return
    try:
        given = import_steps.taken(kind, st.session_state.get(GIVEN), files)
    except BshError as error:
        st.session_state[FAULT] = error
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        return
    _begin(given)


def _text(name: str, label: str, hint: str = "") -> None:
    key = _key(name)
    st.text_input(
        label, value=str(_said().get(name, "")), key=key, placeholder=hint, on_change=_say,
        args=(name, key), max_chars=200,
    )  # fmt: skip


def _choice(name: str, label: str, options: dict[str, str], none: str) -> None:
    """One of several; blank is what the importer would do by itself."""
    key, ids = _key(name), ["", *options]
    now = str(_said().get(name) or "")
    st.selectbox(
        label,
        ids,
        index=ids.index(now) if now in ids else 0,
        key=key,
        format_func=lambda one: options.get(one, none),
        on_change=_say,
        args=(name, key),
    )


def _tick(name: str, label: str) -> None:
    key = _key(name)
    st.checkbox(label, value=bool(_said().get(name)), key=key, on_change=_say, args=(name, key))


def _options(project: Project, kind: str, given: Given | None, lang: str) -> None:
    """What may be said of the files beside what is asked."""
    if kind == TARGETS:
        st.download_button(
            word("import_template", lang),
            data=partial(template.template, project),
            file_name="targets-template.xlsx",
            mime=XLSX,
            key="import-template",
            on_click="ignore",
            width="stretch",
        )
        return
    if given is None:
        return
    _text("source", word("import_source", lang), word("import_source_hint", lang))
    if kind == READINGS:
        titles = {name: one.title.get(lang) for name, one in networks(project).items()}
        _choice("network", word("import_network", lang), titles, titles["air"])
        _text("station", word("import_station", lang), word("import_station_hint", lang))
        _text("zone", word("import_zone", lang), "Asia/Shanghai")
        _tick("all_stations", word("import_all_stations", lang))
        return
    _options_of_own(project, kind, lang)


def _options_of_own(project: Project, kind: str, lang: str) -> None:
    if kind not in ("boundary", "areas"):
        modes = {one: word(f"import_mode_{one}", lang) for one in own_import.MODES}
        usual = modes[own_import.KINDS[kind].mode]
        _choice("mode", word("import_mode", lang), modes, word("import_usual", lang, what=usual))
    if kind in PLACES:
        _tick("repair", word("import_repair", lang))
    with st.expander(word("import_further", lang)):
        _text("part", word("import_part", lang))
        if kind in ("boundary", "areas"):
            _text("title", word("import_title", lang))
        if kind == "areas":
            _text("id", word("import_id", lang), "own_units")
        if kind == "indicators":
            known = catalogue.load_indicators(project)
            titles = {name: one.en if lang == "en" else one.zh for name, one in known.items()}
            unsaid = word("import_as_file", lang)
            _choice("indicator", word("import_indicator", lang), titles, unsaid)
            _text("period", word("import_period", lang), "2025")
            _text("unit", word("import_unit", lang))
        if kind in PLACES:
            _text("crs", word("import_crs", lang), "EPSG:4549")


# What the files hold --------------------------------------------------------------------------


def _found(project: Project, digest: str, given: Given | None, lang: str) -> Look | None:
    """The look at the files for the answers so far; kept in this session alone."""
    state = st.session_state
    if given is None:
        return None
    key = f"{digest}|{given.mark}|{sorted(_said().items(), key=str)!r}"
    kept = state.get(FOUND)
    if kept is None or kept[0] != key:
        with st.spinner(word("import_looking", lang)):
            kept = (key, *_looked(project, given))
        state[FOUND] = kept
    found: Look | None = kept[1]
    if found is not None:
        asked: dict[str, Question] = state.setdefault(ASKED, {})
        asked.update({one.id: one for one in found.questions()})
        if isinstance(found, Own) and not _said().get("columns"):
            state[BASE] = found.found.mapping
    return found


def _looked(project: Project, given: Given) -> tuple[Look | None, BshError | None]:
    try:
        return import_looks.look(project, given, _said()), None
    except BshError as error:
        return None, error


# The middle: mapping, preview, report, history ------------------------------------------------


def _head(access: Access, lang: str) -> None:
    st.html(
        import_html.heading(word("import_heading", lang), word("import_intro", lang))
        + import_html.access_html(access, lang)
    )


def _middle(
    project: Project,
    access: Access,
    kind: str,
    given: Given | None,
    found: Look | None,
    lang: str,
) -> None:
    if given is None:
        names = ["import_tab_start", "import_tab_history"]
        start, history = st.tabs(
            [word(one, lang) for one in names], key=_key("start"), on_change="rerun"
        )
        with start:
            if st.session_state.get(DONE):
                st.html(import_html.done_html(st.session_state[DONE], lang))
            else:
                st.html(import_html.start_html(project, kind, lang))
        if history.open:
            with history:
                _history(project, access, lang)
        return
    names = ["import_tab_columns", "import_tab_preview", "import_tab_report", "import_tab_history"]
    titles = [word(one, lang) for one in names]
    tabs = st.tabs(titles, key=_key("tabs"), on_change="rerun", default=titles[1])
    drawn: list[Callable[[], None]] = [
        lambda: _columns(project, given, found, lang),
        lambda: _preview(project, found, lang),
        lambda: _report(found, lang),
        lambda: _history(project, access, lang),
    ]
    for at, (tab, draw) in enumerate(zip(tabs, drawn, strict=True)):
        if tab.open:
            with tab:
                if found is None and at < 3:
                    _fault(lang)
                if found is not None or at in (0, 3):
                    draw()


def _fault(lang: str) -> None:
    """The sentence about files that cannot be read."""
    error: BshError | None = st.session_state[FOUND][2]
    if error is not None:
        shell.banner(plain(error.text(lang)))


def _preview(project: Project, found: Look | None, lang: str) -> None:
    if found is None:
        return
    places = found.places(lang)
    title = word(f"import_kind_{found.kind}", lang)
    if found.kind in (*PLACES, READINGS):
        if places is None:
            waits = any(one.id in ("crs", "datum") for one in found.questions())
            said = word("import_places_wait" if waits else "import_no_places", lang)
            st.html(f'<div class="bsh-meta">{said}</div>')
        spec = import_map.map_spec(project, places, title, lang)
        mark = st.session_state[FOUND][0] if places is not None else "city"
        script = folium_map.view_script(spec, mark, word("credit", lang))
        with st.container(key="import-map"):
            show_script(project, spec, script, "import-map-frame")
    if isinstance(found, Targets) and found.entered:
        for title, table in found.tables(lang).items():
            st.caption(title)
            st.dataframe(table, hide_index=True, height="content", width="stretch")
        return
    rows = found.rows(lang)
    if not len(rows):
        st.caption(word("import_no_rows", lang))
        return
    kept = found.counts()["kept"]
    if found.kind != READINGS and kept > len(rows):
        st.caption(word("import_first", lang, n=len(rows), of=f"{kept:,}"))
    else:
        st.caption(word("import_first_rows", lang))
    tall = 250 if found.kind in (*PLACES, READINGS) else 620
    st.dataframe(
        rows, hide_index=True, height="content" if len(rows) * 35 < tall - 40 else tall,
        width="stretch",
        placeholder="—",
    )  # fmt: skip


def _columns(project: Project, given: Given, found: Look | None, lang: str) -> None:
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
    fields = import_looks.fields_of(project, given.kind, lang)
    shown = _samples(project, given)
    st.caption(word("import_columns_hint", lang))
    with st.container(key="import-columns"):
        _grid_head(lang)
        for at, one in enumerate(mapping[:MOST_COLUMNS]):
            note = now[one.column].note.get(lang) if one.column in now else ""
            current = (
                _said()
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
    key, part = "import-samples", _said().get("part")
    kept = st.session_state.get(key)
    if kept is None or kept[0] != (given.mark, part):
        try:
            made = import_looks.samples(project, given, part)
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
    key = _key(name)
    three.selectbox(
        column,
        list(names),
        index=list(names).index(current) if current in names else 0,
        key=key,
        format_func=lambda field: names[field],
        label_visibility="collapsed",
        on_change=_map_to,
        args=(column, base, key, "columns"),
    )
    four.text(note)


def _map_to(column: str, base: str, key: str, where: str) -> None:
    """Keep what a column is used for where that is not the guess."""
    chosen = dict(_said().get(where, {}))
    value = st.session_state[key]
    if value == base:
        chosen.pop(column, None)
    else:
        chosen[column] = value
    _said()[where] = chosen


def _names(project: Project, found: Own, lang: str) -> None:
    """Names of districts that are not known, each with a box."""
    told = [UNMATCHED.match(one.text.zh) for one in found.found.report.findings]
    unknown = list(dict.fromkeys([one[1] for one in told if one] + list(_said().get("names", {}))))
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
            key = _key(f"name-{at}")
            now = _said().get("names", {}).get(name, "")
            two.selectbox(
                name,
                list(names),
                index=list(names).index(now) if now in names else 0,
                key=key,
                format_func=names.__getitem__,
                label_visibility="collapsed",
                on_change=_map_to,
                args=(name, "", key, "names"),
            )


def _columns_of_readings(found: Readings, lang: str) -> None:
    single = import_looks.single_table(found.base)
    if single is None:
        _shown_mappings(found, lang)
        return
    mapping, header = single
    network, said = found.base.network, _said()
    base = import_looks.uses_of(mapping)
    uses = {role: text.get(lang) for role, text in USES.items() if role != "name"}
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
            key = _key(f"use-{at}")
            three.selectbox(
                column,
                list(names),
                index=list(names).index(use),
                key=key,
                format_func=names.__getitem__,
                label_visibility="collapsed",
                on_change=_map_to,
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
    key = _key(f"unit-{item}")
    place.selectbox(
        item,
        choices,
        key=key,
        label_visibility="collapsed",
        on_change=_map_to,
        args=(item, "", key, "units"),
    )


def _shown_mappings(found: Readings, lang: str) -> None:
    """How each kind of table is read, where there are several."""
    for tables in list(found.planned_files.kinds.values())[:20]:
        name, shape, rows = shown_mapping(found.planned_files, tables, lang)
        st.caption(f"{name} · {plain(shape)}")
        heads = [word(one, lang) for one in ("import_column", "import_used_as", "import_note")]
        st.table([dict(zip(heads, row, strict=True)) for row in rows])


def _report(found: Look | None, lang: str) -> None:
    if found is None:
        return
    st.html(import_html.facts_html(found.facts(lang)))
    told = found.told(lang)
    if told:
        st.html(import_html.told_html(told, lang, 200))
    else:
        st.caption(word("import_no_findings", lang))


def _history(project: Project, access: Access, lang: str) -> None:
    if access.folder is None:
        st.caption(word("import_history_none", lang))
        return
    try:
        found = import_steps.past(project, access.folder)
    except BshError as error:
        shell.banner(error.text(lang))
        return
    fault: BshError | None = st.session_state.get(UNDO_FAULT)
    if fault is not None:
        shell.banner(fault.text(lang))
    if not found:
        st.caption(word("import_history_empty", lang))
        return
    known = catalogue.load_sources(project)
    titles = {name: getattr(one, f"title_{lang}") for name, one in known.items()}
    if any(one.what == READINGS for one in found):
        st.caption(word("import_history_readings", lang))
    undoable = [one.number for one in found if one.undoable]
    for one in found[:100]:
        told, act = st.columns([0.84, 0.16], vertical_alignment="center")
        told.html(import_html.past_html(one, lang, titles))
        if one.undoable:
            later = sum(number > one.number for number in undoable)
            with act.popover(word("import_undo", lang), width="stretch"):
                sure = "import_undo_sure" if later else "import_undo_last"
                st.text(word(sure, lang, n=one.number, later=later))
                st.button(
                    word("import_undo_now", lang), key=f"import-undo-{one.number}",
                    type="primary", on_click=_undo, args=(access, one.number), width="stretch",
                )  # fmt: skip


def _undo(access: Access, number: int) -> None:
    """Bring back what stood before an import; a fault is told on the page."""
    assert access.folder is not None
    state = st.session_state
    state.pop(UNDO_FAULT, None)
    state.pop(DONE, None)
    try:
        own_import.undo(access.folder, number)
    except BshError as error:
        state[UNDO_FAULT] = error


# The right: questions, counts, confirmation ---------------------------------------------------


def _beside(
    project: Project, access: Access, given: Given | None, found: Look | None, lang: str
) -> None:
    if given is None:
        return
    _questions(project, found, lang)
    if found is None:
        return
    st.html(
        import_html.step(5, word("import_step_report", lang))
        + import_html.counts_html(found, lang, bool(found.questions()))
        + import_html.told_html(found.told(lang), lang)
    )
    stem = word("import_report_name", lang)
    for place, form in zip(st.columns(2), ("xlsx", "json"), strict=True):
        place.download_button(
            word(f"import_report_{form}", lang),
            data=partial(found.report, form, lang),
            file_name=f"{stem}.{form}",
            mime=XLSX if form == "xlsx" else "application/json",
            key=f"import-report-{form}",
            on_click="ignore",
            width="stretch",
        )
    _confirm(access, found, lang)


def _questions(project: Project, found: Look | None, lang: str) -> None:
    """What must be answered, and what was: an answer can be changed."""
    open_ids = {one.id for one in found.questions()} if found is not None else set()
    asked: dict[str, Question] = st.session_state.get(ASKED, {})
    agreed = set(_said().get("agreed", ()))
    open_ids -= agreed
    shown = [one for one in asked.values() if one.id in open_ids or _answered(one.id)]
    unsettled = found.unsettled() if isinstance(found, Readings) else []
    if not shown and not unsettled:
        return
    waiting = len(open_ids) + len(unsettled)
    title = word("import_waiting", lang, n=waiting) if waiting else word("import_answered", lang)
    st.html(import_html.step(3, title, "open" if waiting else "done"))
    for text in unsettled:
        shell.banner(plain(text.get(lang)))
    for at, one in enumerate(shown):
        state = "open" if one.id in open_ids else "done"
        with st.container(key=f"import-question-{state}-{at}", border=True):
            _question(project, one, lang)


def _answered(name: str) -> bool:
    return name in _said().get("agreed", ()) if name.startswith(AGREE) else bool(_said().get(name))


def _question(project: Project, one: Question, lang: str) -> None:
    text = plain(one.text.get(lang))
    if one.id.startswith(AGREE):
        key = _key(f"agree-{len(one.id)}")
        now = one.id in _said().get("agreed", ())
        st.checkbox(text, value=now, key=key, on_change=_agree, args=(one.id, key))
        return
    st.text(text)
    if one.id in ("columns", "area"):
        return
    titles = {value: plain(choice.get(lang)) for value, choice in one.choices}
    if one.id == "indicator":
        known = catalogue.load_indicators(project)
        titles = {name: item.en if lang == "en" else item.zh for name, item in known.items()}
        _choice(one.id, text, titles, word("import_choose", lang))
        return
    if titles:
        _radio(one.id, text, titles)
    if one.id in TYPED:
        hint = {"crs": "EPSG:4549", "period": "2025", "id": "own_units"}[one.id]
        key, now = _key(f"typed-{one.id}"), str(_said().get(one.id) or "")
        st.text_input(
            word(f"import_other_{one.id}", lang), value="" if now in titles else now, key=key,
            placeholder=hint, on_change=_say, args=(one.id, key), max_chars=80,
        )  # fmt: skip


def _radio(name: str, label: str, titles: dict[str, str]) -> None:
    """Choices of which none is taken beforehand."""
    now = _said().get(name)
    typed = bool(now) and now not in titles  # what was typed takes the choice away
    key = _key(f"answer-{name}{'-typed' if typed else ''}")
    st.radio(
        label,
        list(titles),
        index=list(titles).index(now) if now in titles else None,
        key=key,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        on_change=_say,
        args=(name, key),
    )


def _agree(name: str, key: str) -> None:
    agreed = set(_said().get("agreed", ()))
    _said()["agreed"] = tuple(sorted(agreed | {name} if st.session_state[key] else agreed - {name}))


def _confirm(access: Access, found: Look, lang: str) -> None:
    """The files that are written, the button, the bar."""
    ready = found.ready(_said())
    st.html(import_html.step(6, word("import_step_confirm", lang), "open" if ready else ""))
    if access.folder is None:
        st.caption(word("import_only_preview", lang))
    elif ready:
        st.html(import_html.planned_html(found.planned(), lang))
    else:
        st.caption(word("import_not_ready", lang))
    pressed = st.button(
        word("import_confirm", lang),
        type="primary",
        disabled=not ready or access.folder is None,
        key=_key("confirm"),
        width="stretch",
    )
    if pressed and access.folder is not None:
        _write(access, found, lang)


def _write(access: Access, found: Look, lang: str) -> None:
    assert access.folder is not None
    bar = st.progress(0.0, text=word("import_writing", lang))

    def step(share: float, what: str) -> None:
        bar.progress(min(share, 1.0), text=f"{word('import_writing', lang)} {what[-40:]}")

    try:
        done = found.write(access.folder, _said(), step)
    except BshError as error:
        bar.empty()
        shell.banner(plain(error.text(lang)))
        return
    _begin(None)
    st.session_state[DONE] = done
    st.rerun()
