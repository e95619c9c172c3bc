"""A clicked station in, its panel out: charts of its readings, each to be taken away as a file."""

from __future__ import annotations

import base64
from html import escape

import streamlit as st

from bsh_geo import air_figures, compose, periods, station_charts
from bsh_geo.errors import BshError
from bsh_geo.project import Project
from bsh_geo.ui import shell
from bsh_geo.ui.state import View
from bsh_geo.ui.text import word

ITEMS = {
    "aqi": "AQI", "pm25": "PM2.5", "pm10": "PM10", "o3": "O₃", "no2": "NO₂", "so2": "SO₂",
    "co": "CO",
}  # fmt: skip


def show(project: Project, digest: str, view: View, station: str) -> None:
    """Open the panel of a station over the page."""
    title = station_charts.station_title(project, station, view.lang)
    layer = compose.layer_of(project, view.layer)
    metric = compose.metric_of(layer, view.metric)
    item = metric.item if metric is not None and metric.item else "aqi"

    @st.dialog(title, width="large")
    def panel() -> None:
        _panel(project, digest, view, station, item)

    panel()


def _panel(project: Project, digest: str, view: View, station: str, item: str) -> None:
    left, right = st.columns([0.6, 0.4])
    with left:
        chosen = _item_control(view.lang, station, item)
    with right:
        kind = st.segmented_control(
            word("chart", view.lang),
            station_charts.KINDS,
            default=station_charts.KINDS[0],
            format_func=lambda one: station_charts.TITLES[one][view.lang],
            label_visibility="collapsed",
            key=f"panel-kind-{station}",
            required=True,
        )
    period = str(view.period or air_figures.period_of(project, None).key)
    try:
        _chart(project, digest, view, (station, chosen, period, str(kind)))
    except BshError as error:
        shell.fault(error, view.lang)


def _item_control(lang: str, station: str, item: str) -> str:
    chosen = st.segmented_control(
        word("pollutant", lang),
        list(ITEMS),
        default=item,
        format_func=ITEMS.__getitem__,
        label_visibility="collapsed",
        key=f"panel-item-{station}",
        required=True,
    )
    return str(chosen)


def _chart(project: Project, digest: str, view: View, key: tuple[str, str, str, str]) -> None:
    """The chart as a picture, and the same picture as files."""
    title = f"{ITEMS[key[1]]} {station_charts.TITLES[key[3]][view.lang]}"
    png = chart_of(project, digest, *key, view.lang, "png")
    data = base64.b64encode(png).decode("ascii")
    width = "44%" if key[3] == "hours" else "100%"
    st.html(
        '<div style="min-height:470px;text-align:center">'
        f'<img alt="{escape(title)}" style="width:{width}" '
        f'src="data:image/png;base64,{data}"></div>'
    )
    left, right, _ = st.columns([0.16, 0.16, 0.68])
    for column, form in ((left, "png"), (right, "svg")):
        with column:
            st.download_button(
                form.upper(),
                # Made at once: what is deferred is lost when the dialog runs again by itself.
                data=chart_of(project, digest, *key, view.lang, form),
                file_name="_".join((*key, form)).rsplit("_", 1)[0] + f".{form}",
                mime="image/png" if form == "png" else "image/svg+xml",
                key=f"chart-{'-'.join(key)}-{form}",
                on_click="ignore",
                width="stretch",
            )


@st.cache_data(max_entries=80, show_spinner=False)
def chart_of(
    _project: Project,
    digest: str,
    station: str,
    item: str,
    period: str,
    kind: str,
    lang: str,
    form: str,
) -> bytes:
    """A chart of a station as a file."""
    made = station_charts.station_charts(_project, station, item, periods.parse(period), lang)
    return next(one for one in made if one.id == kind).render(form)
