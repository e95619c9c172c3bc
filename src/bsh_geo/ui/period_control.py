"""The stretch of time that readings cover in, the period chosen in it out: slider, steps, play."""

from __future__ import annotations

import time
from datetime import date

import streamlit as st

from bsh_geo import periods
from bsh_geo.errors import UnknownNameError
from bsh_geo.periods import Grain, Period
from bsh_geo.ui.text import word

STATE = "moment"
"""Key of the session's period; it outlives the widgets, which differ from grain to grain."""

STEP_SECONDS = 1.5
"""Time that a picture stands while playing: a switch takes about half a second."""


def period_control(extent: tuple[date, date], grains: tuple[Grain, ...], lang: str) -> Period:
    """Draw the control and return the period; what is stored outside the extent is moved in."""
    current = _current(extent, grains)
    _stop_at_end(current, extent)
    st.session_state["grain"] = current.grain
    st.segmented_control(
        word("period", lang),
        grains,
        key="grain",
        format_func=lambda grain: word(f"grain_{grain}", lang),
        required=True,
        width="stretch",
        on_change=_regrain,
        args=(extent,),
    )
    if current.grain in ("day", "hour"):
        _day_widgets(current, extent, lang)
    else:
        _slider(current, extent, lang)
    _steps(current, extent, lang)
    return current


def set_period(key: str | None) -> None:
    """Take over a period from a link."""
    if key:
        st.session_state[STATE] = key


def _current(extent: tuple[date, date], grains: tuple[Grain, ...]) -> Period:
    """The session's period in the grains that can be shown and inside the extent."""
    first, last = extent
    try:
        found = periods.parse(st.session_state.get(STATE) or "")
    except UnknownNameError:
        found = periods.covering(last, "month")
    if found.grain not in grains:
        found = periods.covering(min(max(found.last, first), last), grains[0], 12)
    if not _inside(found, extent):
        found = _moved_in(found, extent)
    st.session_state[STATE] = found.key
    return found


def _regrain(extent: tuple[date, date]) -> None:
    """Another grain: the period that holds the last day of the present one."""
    now = periods.parse(st.session_state[STATE])
    day = min(max(now.last, extent[0]), extent[1])
    st.session_state[STATE] = periods.covering(day, st.session_state["grain"], 12).key


def _slider(current: Period, extent: tuple[date, date], lang: str) -> None:
    options = [one.key for one in periods.within(*extent, current.grain)]
    if len(options) < 2:
        st.caption(current.text(lang))
        return
    st.session_state["moment_slider"] = current.key
    st.select_slider(
        word("period", lang),
        options,
        key="moment_slider",
        format_func=lambda key: periods.parse(key).text(lang),
        label_visibility="collapsed",
        on_change=_take_slider,
    )


def _take_slider() -> None:
    st.session_state[STATE] = st.session_state["moment_slider"]


def _day_widgets(current: Period, extent: tuple[date, date], lang: str) -> None:
    st.session_state["moment_day"] = current.first
    st.date_input(
        word("grain_day", lang),
        min_value=extent[0],
        max_value=extent[1],
        key="moment_day",
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        on_change=_take_day,
    )
    if current.grain == "hour":
        st.session_state["moment_hour"] = current.hour
        st.slider(
            word("grain_hour", lang),
            1,
            24,
            key="moment_hour",
            label_visibility="collapsed",
            on_change=_take_day,
        )


def _take_day() -> None:
    now = periods.parse(st.session_state[STATE])
    hour = int(st.session_state.get("moment_hour", 12))
    day = st.session_state["moment_day"]
    st.session_state[STATE] = periods.covering(day, now.grain, hour).key


def _steps(current: Period, extent: tuple[date, date], lang: str) -> None:
    """One back, one forward, and play, which goes forward by itself until the end."""
    back, forward, play = st.columns([0.22, 0.22, 0.56], vertical_alignment="center")
    for column, icon, other in (
        (back, "‹", current.previous()),
        (forward, "›", current.next()),
    ):
        with column:
            st.button(
                icon,
                key=f"step{icon}",
                help=other.text(lang),
                disabled=not _inside(other, extent),
                on_click=_go,
                args=(other.key,),
                width="stretch",
            )
    with play:
        if st.toggle(word("play", lang), key="play"):
            _ticker(current.next().key)


def _inside(one: Period, extent: tuple[date, date]) -> bool:
    """Whether a period has days of the extent; three years, whether all three do."""
    if one.grain == "three_years":
        return one in periods.within(*extent, one.grain)
    return one.last >= extent[0] and one.first <= extent[1]


def _moved_in(one: Period, extent: tuple[date, date]) -> Period:
    """The period of the same grain at the end of the extent that is nearer."""
    first, last = extent
    if one.grain == "three_years":
        known = periods.within(first, last, one.grain)
        return known[0] if one < known[0] else known[-1]
    return periods.covering(first if one.last < first else last, one.grain, one.hour)


def _go(key: str) -> None:
    st.session_state[STATE] = key


@st.fragment(run_every=STEP_SECONDS)
def _ticker(following: str) -> None:
    """Step on when the picture has stood long enough; the first run of the fragment waits."""
    shown = st.session_state.setdefault("play_since", time.monotonic())
    if st.session_state.get("play_next") != following:
        st.session_state["play_next"], st.session_state["play_since"] = following, time.monotonic()
    elif time.monotonic() - shown >= STEP_SECONDS * 0.8:
        st.session_state[STATE] = following
        st.rerun()


def _stop_at_end(current: Period, extent: tuple[date, date]) -> None:
    """Playing ends with the last period; done before the toggle is made, which then shows it."""
    if st.session_state.get("play") and not _inside(current.next(), extent):
        st.session_state["play"] = False
