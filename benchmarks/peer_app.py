"""The named peer: district PM2.5 and stations, written as streamlit-folium's documentation does.

The map is rebuilt at every rerun, the districts of full precision and the stations are embedded,
the key is the automatic one, and everything that the map reports comes back to the script. Run
and measured by ``dashboard.py``.
"""

from __future__ import annotations

from pathlib import Path

import folium
import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from bsh_geo.ui import served

DATA = Path(__file__).resolve().parents[1] / "data"
BREAKS = [20, 25, 28, 30, 35]
COLOURS = ["#fbe6c2", "#f5cb8b", "#e9a75c", "#d27a3f", "#a94d2e", "#702a22"]


@st.cache_data
def districts() -> gpd.GeoDataFrame:
    """The 16 districts with all their vertices."""
    return gpd.read_file(DATA / "boundaries/districts.geojson")


@st.cache_data
def observations() -> pd.DataFrame:
    """Published PM2.5 of all areas and periods."""
    rows = pd.read_csv(DATA / "indicators/observations.csv", dtype={"area": str, "period": str})
    return rows[rows["indicator"] == "pm25"]


@st.cache_data
def stations() -> pd.DataFrame:
    """The air stations."""
    return pd.read_csv(DATA / "air/stations.csv")


def colour(value: float | None) -> str:
    """The colour of a concentration; grey where there is none."""
    if value is None:
        return "#cccccc"
    return COLOURS[sum(value > limit for limit in BREAKS)]


def map_of(period: str) -> folium.Map:
    """A new map with the districts' values of a period and the stations."""
    at = observations().query("period == @period")[["area", "value"]]
    rows = districts().merge(at, left_on="adcode", right_on="area", how="left")
    made = folium.Map(location=[31.2, 121.5], zoom_start=9, tiles=None)
    # Stock folium asks CDNs for Leaflet, jQuery, Bootstrap and icons: offline none of them loads
    # and no map ever shows. The peer gets the same local Leaflet as we do, so that it can be timed.
    made.default_js = [("leaflet", f"../{served.LEAFLET}/leaflet.js")]
    made.default_css = [("leaflet_css", f"../{served.LEAFLET}/leaflet.css")]
    folium.GeoJson(
        rows[["adcode", "name_zh", "value", "geometry"]].assign(period=period),
        style_function=lambda feature: {
            "fillColor": colour(feature["properties"]["value"]),
            "color": "#8a8f87",
            "weight": 1,
            "fillOpacity": 0.8,
        },
        tooltip=folium.GeoJsonTooltip(["name_zh", "period", "value"]),
    ).add_to(made)
    for station in stations().itertuples():
        folium.CircleMarker(
            [station.lat, station.lon], radius=5, color="#22302f", tooltip=station.name_zh
        ).add_to(made)
    return made


def main() -> None:
    """The page."""
    st.set_page_config(page_title="Peer", layout="wide")
    st.title("PM2.5")
    known = sorted(observations()["period"].unique(), reverse=True)
    period = st.selectbox("时期", known, index=known.index("2025"))
    st_folium(map_of(period), width=960, height=760)


if __name__ == "__main__":
    main()
