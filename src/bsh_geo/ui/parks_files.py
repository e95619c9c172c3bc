"""Uploads of ways and residents in, the basis that the park access page measures by out.

What is uploaded takes the place of the project's own file for this session; it is not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from bsh_geo import park_access, park_uploads
from bsh_geo.errors import BshError
from bsh_geo.limits_in import MOST_BYTES
from bsh_geo.park_access import Basis, File
from bsh_geo.park_uploads import Folder, Step
from bsh_geo.ui.text import word

FOLDER = "parks-folder"
WAYS, PEOPLE = "parks-ways", "parks-people"
COLUMN, ORIGIN = "parks-people-column", "parks-people-origin"
REFUSED = "parks-refused"
DONE = "parks-done"
"""What the session has seen measured: what is done again takes no time and gets no bar."""


def basis(of: Basis, lang: str) -> Basis:
    """What reach is measured by, with the uploads of this session; the widgets for them."""
    with st.expander(word("parks_files", lang), expanded=WAYS in st.session_state):
        network = _upload(of, WAYS, of.network, lang)
        if network is not of.network:
            of = replace(of, network=network)
        people = _upload(of, PEOPLE, of.people, lang)
        if people is not of.people:
            assert people is not None
            of = replace(of, people=people, living=_told(of, people, lang))
        st.caption(word("parks_session", lang, mb=MOST_BYTES >> 20))
    return of


def _told(of: Basis, people: File, lang: str) -> Any:
    """The settings of uploaded residents: their column, their year and source."""
    known = park_uploads.columns(people)
    changes: dict[str, str] = {"year": "", "source": ""}
    if known:
        column = known[0]
        if len(known) > 1:
            column = str(st.selectbox(word("parks_people_column", lang), known, key=COLUMN))
        changes["column"] = column
    changes["source"] = st.text_input(
        word("parks_people_year", lang), key=ORIGIN, max_chars=60, placeholder="2020，七普"
    ).strip()
    return of.living.model_copy(update=changes)


def _upload(of: Basis, key: str, own: File | None, lang: str) -> File | None:
    """The session's file, else the project's own, with the widget to give another."""
    held: File | None = st.session_state.get(key)
    st.html(f'<div class="bsh-control-title">{word(key.replace("-", "_"), lang)}</div>')
    if held is not None:
        st.caption(word("parks_uploaded", lang, name=held.shown))
        st.button(
            word("parks_take_away", lang),
            key=f"{key}-away",
            on_click=_take_away,
            args=(key,),
            width="stretch",
        )
        return held
    if own is not None:
        st.caption(word("parks_of_project", lang, name=own.shown))
    given = st.file_uploader(
        word(key.replace("-", "_"), lang),
        list(park_uploads.WAYS if key == WAYS else park_uploads.PEOPLE),
        key=f"{key}-file",
        max_upload_size=MOST_BYTES >> 20,
        label_visibility="collapsed",
    )
    st.caption(word(f"{key.replace('-', '_')}_hint", lang))
    if given is not None:
        _take(of, key, given, lang)
    return own


def _take_away(key: str) -> None:
    """Remove an upload and the file of it."""
    held: File | None = st.session_state.pop(key, None)
    if held is not None:
        held.path.unlink(missing_ok=True)
    st.session_state.pop(DONE, None)


def _take(of: Basis, key: str, given: Any, lang: str) -> None:
    """Hold what was uploaded where it can be used; a fault is told once for each file."""
    content = given.getvalue()
    mark = hashlib.sha256(content).hexdigest()
    refused: dict[str, tuple[str, BshError]] = st.session_state.setdefault(REFUSED, {})
    if refused.get(key, ("", None))[0] != mark:
        folder = st.session_state.setdefault(FOLDER, Folder())
        try:
            with st.spinner(word("parks_step_file", lang)):
                made = _checked(of, key, content, given.name, folder)
        except BshError as error:
            refused[key] = (mark, error)
        else:
            refused.pop(key, None)
            st.session_state[key] = made
            st.rerun()
    st.error(refused[key][1].text(lang))


def _checked(of: Basis, key: str, content: bytes, name: str, folder: Folder) -> File:
    """The file, after everything in it was read that the page will need."""
    if key == WAYS:
        made = park_uploads.ways(content, name, folder)
        park_access.check(replace(of, network=made, people=None, homes=None))
        return made
    made = park_uploads.people(of.project, content, name, folder)
    first = (*park_uploads.columns(made), of.living.column)[0]
    living = of.living.model_copy(update={"column": first})
    park_access.people(replace(of, people=made, living=living))
    return made


def work(steps: Sequence[Step], key: object, lang: str) -> None:
    """Do what is to be done under a bar; what this session has seen done gets none."""
    seen: set[object] = st.session_state.setdefault(DONE, set())
    if key in seen:
        return
    place: Callable[..., Any] = st.empty().progress
    bar = place(0.0)
    try:
        for at, (name, action) in enumerate(steps):
            bar.progress(at / len(steps), text=word(f"parks_step_{name}", lang))
            action()
    finally:
        bar.empty()
    seen.add(key)
