"""The history of the import page: what was imported, and the way back."""

from __future__ import annotations

import streamlit as st

from bsh_geo import catalogue, own_import
from bsh_geo.errors import BshError
from bsh_geo.project import Project
from bsh_geo.ui import app_state, import_html, import_steps, shell, visitor
from bsh_geo.ui.import_said import DONE, UNDO_FAULT
from bsh_geo.ui.import_steps import READINGS, Access
from bsh_geo.ui.text import word


def history(project: Project, access: Access, lang: str) -> None:
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
                    type="primary", on_click=_pressed, args=(one.number,), width="stretch",
                )  # fmt: skip


def _pressed(number: int) -> None:
    """Undo, if whoever pressed still may: the button was drawn a while ago."""
    try:
        access = import_steps.access(app_state.opened(), visitor.address())
    except BshError as error:
        st.session_state[UNDO_FAULT] = error
        return
    if access.folder is not None:
        undo(access, number)


def undo(access: Access, number: int) -> None:
    """Bring back what stood before an import; a fault is told on the page."""
    assert access.folder is not None
    state = st.session_state
    state.pop(UNDO_FAULT, None)
    state.pop(DONE, None)
    try:
        own_import.undo(access.folder, number)
    except BshError as error:
        state[UNDO_FAULT] = error
