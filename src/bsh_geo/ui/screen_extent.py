"""What the browser's map shows in, the extent of pictures out.

The map tells its bounds only while an extent “as on screen” is chosen: by default a move of the map
runs no page again. For pages without a map the browser keeps the last bounds of its tab.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st
import streamlit.components.v1 as components

from bsh_geo.errors import BshError
from bsh_geo.folium_map import ASSETS
from bsh_geo.mapspec import Bounds, MapSpec
from bsh_geo.print_options import extent_text, parse_extent
from bsh_geo.ui.text import word

AREA, CITY, SCREEN = "extent_area", "extent_city", "extent_screen"
CHOICE = "print-map_extent"
BOUNDS, LOOK = "screen-bounds", "screen-look"

_KEPT = components.declare_component("screen", path=str(ASSETS / "screen"))
"""A frame without a face that tells what the map of the tab showed last."""


def take_link(query: Mapping[str, str]) -> None:
    """Open the map on the extent of a link, and print that extent.

    Raises
    ------
    DataError
        The link's extent is none.
    """
    if "extent" not in query:
        return
    extent = parse_extent(query["extent"])
    st.session_state[BOUNDS] = st.session_state[LOOK] = extent
    st.session_state[CHOICE] = SCREEN


def script() -> str:
    """What is added to the script of a view: whether the map tells, where it looks at first."""
    tells = st.session_state.get(CHOICE) == SCREEN
    look = st.session_state.get(LOOK)
    return f"\n{_asset()}\nbsh.tellBounds({json.dumps(tells)}, {json.dumps(look)});"


@cache
def _asset() -> str:
    return (ASSETS / "bounds.js").read_text(encoding="utf-8")


def take(told: Mapping[str, Any] | None) -> None:
    """Keep the bounds that the map has told; anything else is left alone."""
    found = (told or {}).get("bounds")
    try:
        text = ",".join(f"{float(side)}" for side in found or ())
        st.session_state[BOUNDS] = parse_extent(text)
    except (TypeError, ValueError, BshError):
        return
    st.session_state.pop(LOOK, None)


def choice(spec: MapSpec, lang: str) -> tuple[Bounds | None, bool]:
    """The extent that is chosen (None: the area's own), and whether it is known yet."""
    known = [AREA, *([] if spec.outline.empty else [CITY]), SCREEN]
    if st.session_state.get(CHOICE) not in known:
        st.session_state[CHOICE] = AREA
    chosen = st.segmented_control(
        word("map_extent", lang),
        known,
        key=CHOICE,
        format_func=lambda one: word(
            CITY if one == AREA and spec.outline.empty else str(one), lang
        ),
        required=True,
    )
    if chosen != SCREEN:
        return (spec.whole if chosen == CITY else None), True
    found = st.session_state.get(BOUNDS)
    st.caption(word("extent_screen_hint", lang) if found else word("extent_screen_wait", lang))
    return found, found is not None


def shown() -> Bounds | None:
    """The extent of the screen where that is what is printed, for the address of the page."""
    return st.session_state.get(BOUNDS) if st.session_state.get(CHOICE) == SCREEN else None


def kept(key: str) -> Bounds | None:
    """What the map of this browser tab showed last; None where none was open, or not told yet."""
    text = _KEPT(key=key, default=None)
    try:
        return parse_extent(text) if isinstance(text, str) else None
    except BshError:
        return None


def said(extent: Bounds) -> str:
    """The extent as a reader is told it."""
    return extent_text(extent).replace(",", ", ")
