"""The progress page: areas × indicators, an indicator, a document, with the map's filter kept."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from bsh_geo import areas, catalogue
from bsh_geo.assessment import Assessment
from bsh_geo.catalogue import CITY
from bsh_geo.errors import BshError, UnknownNameError
from bsh_geo.project import Project
from bsh_geo.ui import app_state, progress_html, shell, state
from bsh_geo.ui.text import word

ALL = "all"
AREAS = "progress-areas"


def page() -> None:
    """Draw the page for the area of the map and the filters of this page."""
    lang = shell.current_lang()
    project, digest = app_state.current_project()
    try:
        if AREAS not in st.session_state:
            st.session_state[AREAS] = list(_first_areas(project, lang))
        found = app_state.assessments(project, digest)
        _page(project, found, lang)
    except BshError as error:
        shell.fault(error, lang)


def _first_areas(project: Project, lang: str) -> tuple[str, ...]:
    """The map's areas or the URL's; where the URL is faulty, the city and a word about it."""
    try:
        return shell.current_areas(project)
    except UnknownNameError as error:
        shell.banner(word("bad_link", lang) + error.text(lang))
        return ()


def _choose(project: Project, lang: str) -> tuple[str, ...]:
    """The areas of this page, kept for the map and in the URL."""
    chosen = shell.area_control(project, lang, AREAS)
    view = st.session_state.get("view") or state.default_view(project, lang)
    st.session_state.view = replace(view, areas=chosen)
    shell.keep_query(lang, chosen)
    return chosen


def _page(project: Project, found: list[Assessment], lang: str) -> None:
    title, filters = st.columns([0.68, 0.32], vertical_alignment="bottom")
    with filters:
        chosen = _choose(project, lang)
    title.html(
        f'<div class="bsh-page-head"><h2>{word("progress_title", lang)}</h2>'
        f"<p>{word('progress_intro', lang)}</p></div>"
    )
    matrix, indicator, document = st.tabs(
        [word(key, lang) for key in ("tab_matrix", "tab_indicator", "tab_document")]
    )
    with matrix:
        _matrix(project, found, chosen, lang)
    with indicator:
        _indicator(project, found, chosen, lang)
    with document:
        _document(project, found, lang)


def _shown_areas(project: Project, chosen: tuple[str, ...]) -> list[str]:
    """The rows: the city, and the selected districts or all of them."""
    selection = areas.select(project, chosen)
    groups = [selection.group] if selection.group else []
    return [CITY, *areas.all_codes(project, selection), *groups]


def _matrix(project: Project, found: list[Assessment], chosen: tuple[str, ...], lang: str) -> None:
    indicators = catalogue.load_indicators(project)
    themes = list(dict.fromkeys(one.theme for one in indicators.values()))
    documents = catalogue.load_documents(project)
    years = sorted({one.year for one in found if one.year})
    row = st.columns([0.2, 0.3, 0.2, 0.3], vertical_alignment="bottom")
    with row[0]:
        theme = st.selectbox(
            word("theme", lang), [ALL, *themes], format_func=lambda key: _theme(key, lang)
        )
    with row[1]:
        code = st.selectbox(
            word("document", lang),
            [ALL, *documents],
            format_func=lambda key: (
                word("all", lang) if key == ALL else documents[key].short.get(lang)
            ),
        )
    with row[2]:
        year = st.selectbox(
            word("target_year", lang),
            [ALL, *years],
            format_func=lambda key: word("all", lang) if key == ALL else str(key),
        )
    with row[3]:
        measured = st.checkbox(word("measured_only", lang), value=True)
    rows = _shown_areas(project, chosen)
    with_figures = {one.indicator for one in found if one.current is not None}
    shown = [
        one
        for one in found
        if one.area in rows
        and theme in (ALL, indicators[one.indicator].theme)
        and code in (ALL, one.document)
        and year in (ALL, one.year)
        and (not measured or one.indicator in with_figures)
    ]
    st.html(progress_html.legend_html(lang) + progress_html.matrix_html(project, shown, lang))


THEMES_EN = {
    "空间": "Space",
    "发展": "Development",
    "环境": "Environment",
    "人居": "Living",
    "生态": "Ecology",
    "安全": "Safety",
    "人文": "Culture",
    "科技": "Technology",
    "合作": "Cooperation",
    "制度": "Institutions",
}


def _theme(key: str, lang: str) -> str:
    if key == ALL:
        return word("all", lang)
    return THEMES_EN.get(key, key) if lang == "en" else f"{key}之美"


def _indicator(
    project: Project, found: list[Assessment], chosen: tuple[str, ...], lang: str
) -> None:
    rows = _shown_areas(project, chosen)
    left, right = st.columns([0.55, 0.45])
    with left:
        area = st.selectbox(
            word("area", lang),
            rows,
            index=1 if chosen and len(rows) > 1 else 0,
            format_func=lambda code: areas.area_name(project, code, lang),
        )
    mine = [one for one in found if one.area == area]
    indicators = catalogue.load_indicators(project)
    ids = list(
        dict.fromkeys(one.indicator for one in sorted(mine, key=lambda a: a.current is None))
    )
    with right:
        chosen_id = st.selectbox(
            word("metric", lang),
            ids,
            format_func=lambda key: indicators[key].en if lang == "en" else indicators[key].zh,
        )
    if chosen_id:
        of_it = [one for one in mine if one.indicator == chosen_id]
        st.html(progress_html.indicator_html(project, of_it, chosen_id, str(area), lang))


def _document(project: Project, found: list[Assessment], lang: str) -> None:
    documents = catalogue.load_documents(project)
    code = st.selectbox(
        word("document", lang),
        list(documents),
        key="document",
        format_func=lambda key: documents[key].title.get(lang),
    )
    own = [one for one in found if one.document == code and one.own]
    own.sort(key=lambda one: progress_html.clause_order(one.clause))
    st.html(progress_html.document_html(project, documents[str(code)], own, lang))
