"""The choice of a configured table beside the upload in; its rows, as a file's, out.

Only whoever may import is offered any: a look at a table is more than this app shows otherwise.
"""

from __future__ import annotations

import streamlit as st

from bsh_geo import areas, database_sources, own_database
from bsh_geo.errors import BshError
from bsh_geo.project import Project
from bsh_geo.ui import app_state, shell
from bsh_geo.ui.import_said import FAULT, begin, widget_key
from bsh_geo.ui.import_steps import READINGS, TARGETS, Access, Given
from bsh_geo.ui.text import word


def database_box(project: Project, access: Access, kind: str, lang: str) -> None:
    """The tables that the configuration offers for a kind, a district, and the button that reads;
    nothing where none is offered."""
    if access.folder is None or kind in (READINGS, TARGETS):
        return
    try:
        known = database_sources.sources_for(project, kind)
    except BshError as error:
        shell.banner(error.text(lang))
        return
    if not known:
        return
    source, district = widget_key("database"), widget_key("database-district")
    chosen = st.selectbox(
        word("import_database", lang),
        list(known),
        index=None,
        key=source,
        format_func=lambda one: known[one].title(lang),
        placeholder=word("import_database_none", lang),
    )
    if chosen is None:
        return
    codes = [str(one) for one in areas.district_table(project).index]
    st.selectbox(
        word("import_database_district", lang),
        codes,
        index=None,
        key=district,
        format_func=lambda code: areas.area_name(project, code, lang),
        placeholder=word("import_database_whole", lang),
    )
    st.button(
        word("import_database_read", lang),
        key=widget_key("database-read"),
        on_click=_take,
        args=(kind, source, district),
        width="stretch",
    )


def _take(kind: str, source: str, district: str) -> None:
    """Take the rows of the chosen table into the session, as the bytes of a file."""
    project, _ = app_state.current_project()
    state = st.session_state
    name = str(state.get(source) or "")
    try:
        taken = own_database.taken(
            project, kind, name, None, state.get(district), every_column=True
        )
    except BshError as error:
        state[FAULT] = error
        return
    begin(Given(kind, ((taken.name, taken.content),), taken.origin))
