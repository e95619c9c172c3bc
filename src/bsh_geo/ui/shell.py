"""What both pages share: the head line, the language switch, the style sheet, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from bsh_geo import areas
from bsh_geo.errors import BshError
from bsh_geo.project import Project
from bsh_geo.ui import served, visitor
from bsh_geo.ui.text import word

LIBRARY_WORDS = {
    "drop": "drop_here",
    "browse": "browse",
    "none": "no_match",
    "enter": "press_enter",
    "skip": "skip",
    "lost": "connection_lost",
    "wait": "connection_wait",
    "fault": "fault_run",
}
"""Custom properties ``--bsh-…`` of the style sheet, and the keys of their words."""

STYLE = Path(__file__).parents[1] / "assets" / "app.css"


def current_lang() -> str:
    """The language of the session, at first that of the URL."""
    view = st.session_state.get("view")
    if view is not None:
        return str(view.lang)
    return "en" if st.query_params.get("lang") == "en" else "zh"


def current_areas(project: Project) -> tuple[str, ...]:
    """The areas of the session's map; at first those of the URL.

    Raises
    ------
    UnknownNameError
        The URL names an area that does not exist.
    """
    view = st.session_state.get("view")
    if view is not None:
        return tuple(view.areas)
    names = [name for name in st.query_params.get("area", "").split(",") if name]
    selection = areas.select(project, names)
    return (selection.group,) if selection.group else selection.codes


def area_control(project: Project, lang: str, key: str) -> tuple[str, ...]:
    """Choose districts and groups; nothing chosen is the city. A group stays one by name."""
    names = areas.group_names(project, lang)
    for code in areas.district_table(project).index:
        names[str(code)] = areas.area_name(project, str(code), lang)
    picked = st.multiselect(
        word("area", lang),
        list(names),
        key=key,
        format_func=names.__getitem__,
        placeholder=word("area_placeholder", lang),
        select_all=False,
    )
    selection = areas.select(project, picked)
    return (selection.group,) if selection.group else selection.codes


def keep_query(lang: str, chosen: tuple[str, ...] = ()) -> None:
    """Write language and areas into the address bar of a page that has no other state."""
    wanted = ({"area": ",".join(chosen)} if chosen else {}) | (
        {"lang": "en"} if lang == "en" else {}
    )
    if dict(st.query_params) != wanted:
        st.query_params.from_dict(wanted)


def head(pages: Mapping[str, Any], lang: str, role: str = "") -> None:
    """Brand, pages and language in one slim line; the login where the server has one."""
    font = f"component/{served.FONT}/{served.FONT_FILE}"
    face = f'@font-face{{font-family:"Bsh Noto Sans SC";src:url("{font}")}}'
    # Some words are the library's own, in English: the style sheet puts ours over them.
    words = "".join(f'--bsh-{one}:"{word(key, lang)}";' for one, key in LIBRARY_WORDS.items())
    own = f":root{{{words}}}"
    st.html(f"<style>{face}{own}{STYLE.read_text(encoding='utf-8')}</style>")
    widths = [0.2, 0.56, 0.12, 0.12] if visitor.offered() else [0.2, 0.68, 0.12]
    brand, links, switch, *login = st.columns(widths, vertical_alignment="center")
    with brand:
        st.html(f'<div class="bsh-brand">{escape(word("brand", lang))}</div>')
    with links, st.container(horizontal=True, gap="small", key="pages"):
        for key, page in pages.items():
            st.page_link(page, label=word(f"page_{key}", lang), width="content")
    with switch:
        st.segmented_control(
            "Language",
            ["zh", "en"],
            format_func=lambda one: {"zh": "中文", "en": "EN"}[one],
            default=lang,
            key="lang",
            label_visibility="collapsed",
            on_change=_switch,
        )
    for place in login:
        with place:
            visitor.account(role, lang)


def _switch() -> None:
    lang = st.session_state.lang or current_lang()
    if "view" in st.session_state:
        st.session_state.view = replace(st.session_state.view, lang=lang)
    else:
        st.query_params["lang"] = lang


def banner(text: str) -> None:
    """A slim line over the page about something that does not keep it from working."""
    st.html(f'<div class="bsh-banner">{escape(text)}</div>')


def fault(error: BshError, lang: str) -> None:
    """One clear sentence in place of what cannot be shown."""
    st.html(
        f'<div class="bsh-fault"><b>{escape(word("fault", lang))}</b><br>'
        f"{escape(error.text(lang))}</div>"
    )
