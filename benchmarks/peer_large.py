"""The peer of large_layers.py: the same files on a page as streamlit-folium's documentation has it.

Run and measured by ``large_layers.py``, which names the folder of the files in BSH_PEER_DATA.
"""

from __future__ import annotations

import os
from pathlib import Path

import folium
import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from bsh_geo.ui import served

DATA = Path(os.environ["BSH_PEER_DATA"])


@st.cache_data
def red_line() -> gpd.GeoDataFrame:
    """The areas with all their vertices."""
    return gpd.read_file(DATA / "redline.geojson")


@st.cache_data
def outlets() -> gpd.GeoDataFrame:
    """The points."""
    rows = pd.read_csv(DATA / "points.csv", encoding="gb18030")
    return gpd.GeoDataFrame(
        rows[["编号", "名称"]],
        geometry=gpd.points_from_xy(rows["经度"], rows["纬度"]),
        crs="EPSG:4326",
    )


def map_of(shown: str) -> folium.Map:
    """A new map with one of the layers."""
    made = folium.Map(location=[31.2, 121.4], zoom_start=9, tiles=None, prefer_canvas=True)
    # The same local Leaflet as ours: see peer_app.py.
    made.default_js = [("leaflet", f"../{served.LEAFLET}/leaflet.js")]
    made.default_css = [("leaflet_css", f"../{served.LEAFLET}/leaflet.css")]
    tip = folium.GeoJsonTooltip(["编号", "名称"])
    if shown == "红线":
        folium.GeoJson(red_line()[["编号", "名称", "geometry"]], tooltip=tip).add_to(made)
    elif shown == "点位":
        folium.GeoJson(outlets(), marker=folium.CircleMarker(radius=4), tooltip=tip).add_to(made)
    return made


def main() -> None:
    """The page."""
    st.set_page_config(page_title="Peer", layout="wide")
    st.title("自有数据")
    shown = st.radio("图层", ["无", "红线", "点位"])
    st_folium(map_of(str(shown)), width=960, height=760)


if __name__ == "__main__":
    main()
