"""The rules of the project and who is there in, the page or the reason why it is closed out."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from bsh_geo import roles
from bsh_geo.errors import BshError
from bsh_geo.ui import app_state, shell, visitor
from bsh_geo.ui.text import word


@dataclass(frozen=True)
class Entry:
    """What whoever is there may do; ``fault`` where the rules cannot be read."""

    role: roles.Role
    fault: BshError | None = None

    @property
    def open(self) -> bool:
        """Whether the pages are shown."""
        return self.role != "none"


def entry() -> Entry:
    """Asked before anything of the project is read or shown; a broken rule lets nobody in."""
    try:
        stated = roles.rules(app_state.opened())
    except BshError as error:
        return Entry("none", error)
    return Entry(roles.role(stated, visitor.address()))


def closed(found: Entry, lang: str) -> None:
    """Why there is no page, and what can be done about it."""
    if found.fault is not None:
        shell.fault(found.fault, lang)
        return
    if visitor.signed_in():
        who = visitor.address()
        said = word("closed_not_listed" if who else "closed_no_address", lang, who=who)
    else:
        said = word("closed_login" if visitor.offered() else "closed_no_auth", lang)
    _, middle, _ = st.columns([0.3, 0.4, 0.3])
    with middle, st.container(key="closed"):
        title = escape(word("closed_title", lang))
        st.html(f'<div class="bsh-fault"><b>{title}</b><br>{escape(said)}</div>')
        if visitor.signed_in():
            visitor.way_out(lang, "page")
        elif visitor.offered():
            visitor.ways_in(lang, "page")
