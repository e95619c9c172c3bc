"""The networks whose water classes are shown in, the period chosen for them out."""

from __future__ import annotations

import streamlit as st

from bsh_geo import periods, water_map
from bsh_geo.errors import BshError
from bsh_geo.periods import Grain
from bsh_geo.project import Project
from bsh_geo.ui.text import word

STATE = "water"
"""Key of the session's period; None is each network's newest month, and stays so with new data."""

NEWEST = ""
"""The option of the newest month, first among the months."""

Known = dict[Grain, tuple[str, ...]]


def water_control(project: Project, networks: tuple[str, ...], lang: str) -> str | None:
    """Draw the control where there is more than one month to choose from; the period's key."""
    if not networks:
        return None
    try:
        known = water_map.periods(project, networks)
        newest = water_map.newest(project, networks)
    except BshError:
        return None  # the map itself tells that the store cannot be read
    current = _current(known, newest)
    if len(known["month"]) < 2:
        return current
    grain = periods.parse(current).grain if current else "month"
    st.session_state["water_grain"] = grain
    st.segmented_control(
        word("water_period", lang),
        water_map.GRAINS,
        key="water_grain",
        format_func=lambda one: word(f"grain_{one}", lang),
        required=True,
        width="stretch",
        on_change=_regrain,
        args=(known,),
    )
    st.session_state["water_choice"] = current or NEWEST
    st.selectbox(
        word("water_period", lang),
        _options(known, newest, grain),
        key="water_choice",
        format_func=lambda key: _title(key, newest, lang),
        label_visibility="collapsed",
        on_change=_take,
    )
    return current


def set_period(key: str | None) -> None:
    """Take over a period from a link."""
    st.session_state[STATE] = key


def _current(known: Known, newest: tuple[str, ...]) -> str | None:
    """The session's period; None for one without readings of what is shown now."""
    key = st.session_state.get(STATE)
    there = key is not None and any(key in keys for keys in known.values())
    # What all networks have newest is the newest month, however it was asked for.
    found = key if there and newest != (key,) else None
    st.session_state[STATE] = found
    return found


def _options(known: Known, newest: tuple[str, ...], grain: Grain) -> list[str]:
    if grain != "month":
        return list(known[grain])
    return [NEWEST, *(key for key in known["month"] if newest != (key,))]


def _title(key: str, newest: tuple[str, ...], lang: str) -> str:
    if key:
        return periods.parse(key).text(lang)
    if len(newest) > 1:  # each network has its own
        return word("water_newest", lang)
    return word("water_newest_of", lang, month=periods.parse(newest[0]).text(lang))


def _take() -> None:
    st.session_state[STATE] = st.session_state["water_choice"] or None


def _regrain(known: Known) -> None:
    """Another grain: the newest period of it that has readings and meets the present one."""
    grain: Grain = st.session_state["water_grain"]
    now = periods.parse(st.session_state[STATE] or known["month"][0])
    meeting = [
        key
        for key in known[grain]
        if periods.parse(key).first <= now.last and periods.parse(key).last >= now.first
    ]
    st.session_state[STATE] = meeting[0]
