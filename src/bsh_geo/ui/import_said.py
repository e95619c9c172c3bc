"""What the user says on the import page: kept in the session, asked by boxes that keep it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from bsh_geo.ui.import_steps import Given

GIVEN, SAID, ASKED, FOUND, BASE, DONE = (
    f"import-{one}" for one in ("given", "said", "asked", "found", "base", "done")
)
ROUND, FAULT, KEPT, UNDO_FAULT = (
    f"import-{one}" for one in ("round", "fault", "kept", "undo-fault")
)
"""Keys of the session."""


def answers() -> dict[str, Any]:
    """What was said so far, by name."""
    said: dict[str, Any] = st.session_state.setdefault(SAID, {})
    return said


def widget_key(name: str) -> str:
    """The key of a widget: another one after each upload, so that it begins anew."""
    return f"import-{name}-{st.session_state.setdefault(ROUND, 0)}"


def keep(name: str, key: str) -> None:
    """Keep an answer; a widget that is not drawn forgets its own."""
    answers()[name] = st.session_state[key]


def begin(given: Given | None) -> None:
    """Start over with other files: no answer of the former ones is taken along."""
    state = st.session_state
    for name in (SAID, ASKED, FOUND, BASE, DONE, FAULT):
        state.pop(name, None)
    state[GIVEN] = given
    state[ROUND] = state.get(ROUND, 0) + 1


def text_box(name: str, label: str, hint: str = "") -> None:
    """A line of text that may be said."""
    key = widget_key(name)
    st.text_input(
        label, value=str(answers().get(name, "")), key=key, placeholder=hint, on_change=keep,
        args=(name, key), max_chars=200,
    )  # fmt: skip


def choice_box(name: str, label: str, options: dict[str, str], none: str) -> None:
    """One of several; blank is what the importer would do by itself."""
    key, ids = widget_key(name), ["", *options]
    now = str(answers().get(name) or "")
    st.selectbox(
        label,
        ids,
        index=ids.index(now) if now in ids else 0,
        key=key,
        format_func=lambda one: options.get(one, none),
        on_change=keep,
        args=(name, key),
    )


def tick_box(name: str, label: str) -> None:
    """Something that is said with a tick."""
    key = widget_key(name)
    st.checkbox(label, value=bool(answers().get(name)), key=key, on_change=keep, args=(name, key))


def map_to(column: str, base: str, key: str, where: str) -> None:
    """Keep what a column is used for where that is not the guess."""
    chosen = dict(answers().get(where, {}))
    value = st.session_state[key]
    if value == base:
        chosen.pop(column, None)
    else:
        chosen[column] = value
    answers()[where] = chosen
