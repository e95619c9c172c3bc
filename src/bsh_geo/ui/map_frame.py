"""The map's frame: streamlit-folium with a constant base map and one exchanged feature group."""

from __future__ import annotations

from typing import Any

import folium
import streamlit as st
from streamlit_folium import st_folium

from bsh_geo import folium_map
from bsh_geo.deliveries import shelf
from bsh_geo.errors import DataError
from bsh_geo.mapspec import MapSpec
from bsh_geo.project import Project
from bsh_geo.ui import app_state, served
from bsh_geo.ui.state import View
from bsh_geo.ui.text import word

HEIGHT = 760
"""Height in pixels before the style sheet stretches the frame to the window."""

TILES = {
    "osm": (
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        "© OpenStreetMap contributors",
    ),
    "tianditu": (
        "https://t0.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
        "&LAYER=vec&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}"
        "&TILECOL={x}&tk=",
        "天地图",
    ),
}
"""Online basemaps; used only where a project's config.toml names one ([basemap] name, key)."""


def show_map(
    project: Project, digest: str, view: View, spec: MapSpec, more: str = ""
) -> dict[str, Any] | None:
    """Draw the view, then run ``more``; returns the last click on a district, if there was one."""
    area_key = ",".join(view.areas) or "city"
    credit = word("credit", view.lang)
    fetches = shelf().served
    shown = app_state.view_of(project, digest, view.request(), area_key, credit, fetches)
    # What the browser of this session may still fetch is kept as long as the session shows it.
    st.session_state.shown_view = shown
    return show_script(project, spec, shown.script + more)


def show_script(
    project: Project, spec: MapSpec, script: str, key: str = "map"
) -> dict[str, Any] | None:
    """Draw a view of which the script is given; returns the last click, if there was one."""
    base_url = ""
    if shelf().served:
        st.session_state.shown_base = app_state.base_of(project.roots, project.version, spec)
        base_url = st.session_state.shown_base.url
    click: dict[str, Any] | None = st_folium(
        _base(project, spec, base_url),
        key=key,
        height=HEIGHT,
        width=None,
        returned_objects=[],
        feature_group_to_add=folium_map.feature_group(script),
    )
    return click


def _base(project: Project, spec: MapSpec, base_url: str) -> folium.Map:
    return folium_map.base_map(
        spec,
        leaflet_url=f"../{served.LEAFLET}",
        font_url=f"../{served.FONT}/{served.FONT_FILE}",
        tiles=_tiles(project),
        base_url=base_url,
    )


def _tiles(project: Project) -> tuple[str, str] | None:
    chosen = project.config.get("basemap", {})
    name = chosen.get("name")
    if name is None:
        return None
    if name not in TILES:
        raise DataError(
            f"config.toml：basemap.name 为 {name}，可用：{'、'.join(TILES)}。",
            f"config.toml: basemap.name is {name}; known: {', '.join(TILES)}.",
        )
    url, credit = TILES[name]
    return url + str(chosen.get("key", "")), credit
