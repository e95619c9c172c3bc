"""The page 导入数据: files in; mapping, preview, report and, once confirmed, a changed project.

Uploaded bytes are kept in the session that gave them and nowhere else; nothing is cached across
sessions, and nothing is written before it is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from bsh_geo import catalogue, folium_map, own_import, own_raster_classes, template
from bsh_geo.errors import BshError, ManyPartsError
from bsh_geo.networks import networks
from bsh_geo.own_kinds import RASTER
from bsh_geo.own_report import Question
from bsh_geo.project import Project
from bsh_geo.ui import (
    app_state,
    import_html,
    import_looks,
    import_map,
    import_raster,
    import_steps,
    shell,
    visitor,
)
from bsh_geo.ui.import_beside import XLSX, beside
from bsh_geo.ui.import_columns import columns
from bsh_geo.ui.import_database import database_box
from bsh_geo.ui.import_look import Look
from bsh_geo.ui.import_own import Own
from bsh_geo.ui.import_past import history
from bsh_geo.ui.import_said import (
    ASKED,
    BASE,
    DONE,
    FAULT,
    FOUND,
    GIVEN,
    KEPT,
    ROUND,
    answers,
    begin,
    choice_box,
    keep,
    text_box,
    tick_box,
    widget_key,
)
from bsh_geo.ui.import_steps import (
    KINDS,
    PLACES,
    READINGS,
    TARGETS,
    UPLOAD_MB,
    Access,
    Given,
    plain,
)
from bsh_geo.ui.import_targets import Targets
from bsh_geo.ui.map_frame import show_script
from bsh_geo.ui.text import word

KIND, PICTURE = "import-kind", "import-picture"


def page() -> None:
    """Draw the page for what was given so far."""
    lang = shell.current_lang()
    project, digest = app_state.current_project()
    shell.keep_query(lang)
    left, middle, right = st.columns([0.19, 0.56, 0.25], gap="medium")
    try:
        access = import_steps.access(project, visitor.address())
    except BshError as error:
        with middle:
            shell.fault(error, lang)
        return
    with left:
        kind = _kind(lang)
        _upload(kind, lang)
        if st.session_state.get(GIVEN) is None:
            database_box(project, access, kind, lang)
    given: Given | None = st.session_state.get(GIVEN)
    found = _found(project, digest, given, lang)
    with left:
        _options(project, kind, given, lang)
    with middle:
        _head(access, lang)
        _middle(project, access, kind, given, found, lang)
    with right:
        beside(project, access, given, found, lang)


# What the user says ---------------------------------------------------------------------------


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
    if given is not None and given.origin is None:  # rows of a table were chosen for their kind
        try:
            kept = import_steps.taken(state[KIND], None, given.files)
        except BshError:
            kept = None
    begin(kept)


def _upload(kind: str, lang: str) -> None:
    given: Given | None = st.session_state.get(GIVEN)
    state = "done" if given else ""
    st.html(import_html.step(2, word("import_step_files", lang), state))
    key = widget_key("upload")
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
            word("import_remove", lang), key=widget_key("remove"), on_click=begin, args=(None,),
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
    begin(given)


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
    text_box("source", word("import_source", lang), word("import_source_hint", lang))
    if kind == READINGS:
        titles = {name: one.title.get(lang) for name, one in networks(project).items()}
        choice_box("network", word("import_network", lang), titles, titles["air"])
        text_box("station", word("import_station", lang), word("import_station_hint", lang))
        text_box("zone", word("import_zone", lang), "Asia/Shanghai")
        tick_box("all_stations", word("import_all_stations", lang))
        return
    if kind == RASTER:
        _options_of_raster(lang)
        return
    _options_of_own(project, kind, lang)


def _options_of_raster(lang: str) -> None:
    text_box("title", word("import_title", lang))
    with st.expander(word("import_further", lang)):
        ramps = {one: word(f"import_ramp_{one}", lang) for one in own_raster_classes.RAMPS}
        choice_box("ramp", word("import_ramp", lang), ramps, ramps["green"])
        text_box("breaks", word("import_breaks", lang), "10, 20, 30")
        text_box("crs", word("import_crs", lang), "EPSG:4549")


def _options_of_own(project: Project, kind: str, lang: str) -> None:
    if kind not in ("boundary", "areas"):
        modes = {str(one): word(f"import_mode_{one}", lang) for one in own_import.MODES}
        usual = modes[own_import.KINDS[kind].mode]
        choice_box("mode", word("import_mode", lang), modes, word("import_usual", lang, what=usual))
    if kind in PLACES:
        tick_box("repair", word("import_repair", lang))
    with st.expander(word("import_further", lang)):
        text_box("part", word("import_part", lang))
        if kind in ("boundary", "areas"):
            text_box("title", word("import_title", lang))
        if kind == "areas":
            text_box("id", word("import_id", lang), "own_units")
            sets = catalogue.load_boundaries(project)
            titles = {name: one.title.get(lang) for name, one in sets.items()}
            choice_box("within", word("import_within", lang), titles, word("import_none", lang))
        if kind == "indicators":
            known = catalogue.load_indicators(project)
            titles = {name: one.en if lang == "en" else one.zh for name, one in known.items()}
            unsaid = word("import_as_file", lang)
            choice_box("indicator", word("import_indicator", lang), titles, unsaid)
            text_box("period", word("import_period", lang), "2025")
            text_box("unit", word("import_unit", lang))
        if kind in PLACES:
            text_box("crs", word("import_crs", lang), "EPSG:4549")


# What the files hold --------------------------------------------------------------------------


def _found(project: Project, digest: str, given: Given | None, lang: str) -> Look | None:
    """The look at the files for the answers so far; kept in this session alone."""
    state = st.session_state
    if given is None:
        return None
    key = f"{digest}|{given.mark}|{sorted(answers().items(), key=str)!r}"
    kept = state.get(FOUND)
    if kept is None or kept[0] != key:
        with st.spinner(word("import_looking", lang)):
            kept = (key, *_looked(project, given))
        state[FOUND] = kept
    found: Look | None = kept[1]
    if found is not None:
        asked: dict[str, Question] = state.setdefault(ASKED, {})
        asked.update({one.id: one for one in found.questions()})
        if isinstance(found, Own) and not answers().get("columns"):
            state[BASE] = found.found.mapping
    return found


def _looked(project: Project, given: Given) -> tuple[Look | None, BshError | None]:
    try:
        return import_looks.look(project, given, answers()), None
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
        start, past = st.tabs(
            [word(one, lang) for one in names], key=widget_key("start"), on_change="rerun"
        )
        with start:
            if st.session_state.get(DONE):
                st.html(import_html.done_html(st.session_state[DONE], lang))
            else:
                st.html(import_html.start_html(project, kind, lang))
        if past.open:
            with past:
                history(project, access, lang)
        return
    # These tabs stand at a place of their own: in that of the former ones, the browser may take
    # the default for one of those, and show the history.
    st.empty()
    names = ["import_tab_columns", "import_tab_preview", "import_tab_report", "import_tab_history"]
    titles = [word(one, lang) for one in names]
    tabs = st.tabs(titles, key=widget_key("tabs"), on_change="rerun", default=titles[1])
    drawn: list[Callable[[], None]] = [
        lambda: columns(project, given, found, lang),
        lambda: _preview(project, found, lang),
        lambda: _report(found, lang),
        lambda: history(project, access, lang),
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
    if isinstance(error, ManyPartsError):
        _parts(error.parts, lang)


def _parts(parts: Sequence[str], lang: str) -> None:
    """The layers or sheets of a file, one of which is to be chosen."""
    key = widget_key("choose-part")
    st.radio(word("import_part", lang), parts, index=None, key=key, on_change=_choose, args=(key,))


def _choose(key: str) -> None:
    keep("part", key)
    st.session_state.pop(widget_key("part"), None)  # the box shows what was chosen here


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
        if places is not None and places.is_part:
            st.html(f'<div class="bsh-meta">{spec.subtitle}</div>')
        mark = st.session_state[FOUND][0] if places is not None else "city"
        script = folium_map.view_script(spec, mark, word("credit", lang))
        with st.container(key="import-map"):
            show_script(project, spec, script, "import-map-frame")
    if isinstance(found, Own) and found.kind == RASTER and found.planned():
        _raster(project, found, title, lang)
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
    if found.kind == RASTER:
        st.caption(word("import_codes", lang))
    elif found.kind != READINGS and kept > len(rows):
        st.caption(word("import_first", lang, n=len(rows), of=f"{kept:,}"))
    else:
        st.caption(word("import_first_rows", lang))
    tall = 250 if found.kind in (*PLACES, READINGS, RASTER) else 620
    st.dataframe(
        rows, hide_index=True, height="content" if len(rows) * 35 < tall - 40 else tall,
        width="stretch",
        placeholder="—",
    )  # fmt: skip


def _raster(project: Project, found: Own, title: str, lang: str) -> None:
    """The picture of a raster, drawn once for each set of answers."""
    mark = f"{st.session_state[FOUND][0]}|{lang}"
    kept = st.session_state.get(PICTURE)
    if kept is None or kept[0] != mark:
        kept = (mark, import_raster.map_spec(project, found.found, title, lang))
        st.session_state[PICTURE] = kept
    spec = kept[1]
    script = folium_map.view_script(spec, mark, word("credit", lang))
    with st.container(key="import-map"):
        show_script(project, spec, script, "import-map-frame")


def _report(found: Look | None, lang: str) -> None:
    if found is None:
        return
    st.html(import_html.facts_html(found.facts(lang)))
    told = found.told(lang)
    if told:
        st.html(import_html.told_html(told, lang, 200))
    else:
        st.caption(word("import_no_findings", lang))
