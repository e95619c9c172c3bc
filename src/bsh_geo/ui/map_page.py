"""The map page: layer, area, period in; map, figures and table out."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from bsh_geo import catalogue, compose, exports, observations
from bsh_geo.catalogue import Layer, Metric
from bsh_geo.errors import BshError
from bsh_geo.mapspec import MapSpec, TableView
from bsh_geo.project import Project
from bsh_geo.ui import app_state, shell, state
from bsh_geo.ui.facts import facts_html, title_html
from bsh_geo.ui.map_frame import show_map
from bsh_geo.ui.state import View
from bsh_geo.ui.text import word
from bsh_geo.wording import NO_DATA_TITLE, period_text

TABLE_HEIGHT = 640
"""Pixels: sixteen districts and the heading without scrolling."""


def page() -> None:
    """Draw the page for the state of the URL and of the widgets."""
    project, digest = app_state.current_project()
    start = _start(project)
    if start is None:
        return
    left, middle, right = st.columns([0.152, 0.668, 0.18], gap="small")
    with left:
        view = _controls(project, start)
    try:
        spec = app_state.spec_of(project, digest, view.request())
    except BshError as error:
        with middle:
            shell.fault(error, view.lang)
        return
    with middle:
        _map_and_table(project, digest, view, spec)
    with right:
        st.html(facts_html(spec))
    with left:
        _exports(project, digest, view, spec)
    _keep(project, view)


def before_widgets() -> None:
    """Carry out what a click on the map asked for, before the widgets of this run are made."""
    if "next_areas" in st.session_state:
        st.session_state.areas = st.session_state.pop("next_areas")


def _start(project: Project) -> View | None:
    """The view of the session; at its first run that of the URL, with a word if that is faulty."""
    try:
        if "view" not in st.session_state:
            opened, error = state.parse(project, dict(st.query_params))
            st.session_state.view = opened
            st.session_state.link_error = error
        view: View = st.session_state.view
        if "layer" not in st.session_state:
            # Widgets lose their state while another page is shown; the view does not.
            _fill_widgets(view)
        error = st.session_state.pop("link_error", None)
        if error is not None:
            shell.banner(word("bad_link", view.lang) + error.text(view.lang))
    except BshError as error:
        shell.fault(error, "zh")
        return None
    _broken_layers(project, view.lang)
    return view


def _broken_layers(project: Project, lang: str) -> None:
    _, faults = catalogue.load_layers(project)
    if faults:
        text = " ".join(fault.text(lang) for fault in faults)
        shell.banner(word("broken_layers", lang) + text)


def _fill_widgets(view: View) -> None:
    """Put a view into the widgets' own state, before they are drawn."""
    st.session_state.layer = view.layer
    st.session_state.areas = list(view.areas)
    st.session_state[f"metric-{view.layer}"] = view.metric
    st.session_state[f"period-{view.layer}-{view.metric}"] = view.period
    st.session_state[f"mode-{view.layer}-{view.metric}"] = view.mode
    for key in view.show:
        st.session_state[f"show-{view.layer}-{key}"] = True
    st.session_state[f"show-{view.layer}"] = set(view.show)


def _controls(project: Project, view: View) -> View:
    lang = view.lang
    layers, _ = catalogue.load_layers(project)
    layer_id = st.radio(
        word("layer", lang),
        list(layers),
        key="layer",
        format_func=lambda key: layers[key].title.get(lang),
    )
    layer = layers[layer_id]
    metric = _metric_control(layer, lang)
    chosen = shell.area_control(project, lang, "areas")
    st.caption(word("area_hint", lang))
    period = _period_control(project, layer, metric, lang)
    mode = _mode_control(layer, metric, lang)
    show = _show_controls(project, layer, lang)
    found = View(layer.id, metric.id if metric else None, chosen, period, show, lang, mode)
    st.session_state.view = found
    return found


def _metric_control(layer: Layer, lang: str) -> Metric | None:
    if len(layer.metrics) < 2:
        return compose.metric_of(layer, None)
    key = f"metric-{layer.id}"
    titles = {metric.id: metric.title.get(lang) for metric in layer.metrics}
    if st.session_state.get(key) not in titles:
        st.session_state[key] = layer.metrics[0].id
    chosen = st.selectbox(
        word("metric", lang), list(titles), key=key, format_func=titles.__getitem__
    )
    return layer.metric(str(chosen))


def _period_control(project: Project, layer: Layer, metric: Metric | None, lang: str) -> str | None:
    if metric is None:
        return None
    known = compose.periods(project, metric)
    if len(known) < 2:
        return compose.period_of(project, metric, None)
    key = f"period-{layer.id}-{metric.id}"
    if st.session_state.get(key) not in known:
        st.session_state[key] = compose.default_period(project, metric)
    return st.selectbox(
        word("period", lang),
        known,
        key=key,
        format_func=lambda period: _period_title(project, metric, period, lang),
    )


def _mode_control(layer: Layer, metric: Metric | None, lang: str) -> str:
    """By value or by the distance to the target, where the metric can be coloured so."""
    known = compose.modes(metric)
    if metric is None or len(known) < 2:
        return "value"
    key = f"mode-{layer.id}-{metric.id}"
    if st.session_state.get(key) not in known:
        st.session_state[key] = "value"
    chosen = st.segmented_control(
        word("mode", lang),
        known,
        key=key,
        format_func=lambda mode: word(f"mode_{mode}", lang),
        required=True,
    )
    return str(chosen)


def _period_title(project: Project, metric: Metric, period: str, lang: str) -> str:
    shown = period_text(period, lang)
    if metric.source != "observations":
        return shown
    count = observations.district_count(project, metric.indicator, period)
    extent = word("districts_with", lang, n=count) if count else word("city_only", lang)
    return f"{shown} · {extent}"


def _show_controls(project: Project, layer: Layer, lang: str) -> tuple[str, ...]:
    options = compose.part_options(project, layer, lang)
    if not options:
        return ()
    st.html(f'<div class="bsh-control-title">{word("shown", lang)}</div>')
    defaults = compose.default_parts(layer)
    wanted = st.session_state.pop(f"show-{layer.id}", None)
    chosen = []
    for option in options:
        key = f"show-{layer.id}-{option.key}"
        if key not in st.session_state:
            st.session_state[key] = option.key in (defaults if wanted is None else wanted)
        if st.checkbox(option.title, key=key):
            chosen.append(option.key)
    return tuple(chosen)


def _map_and_table(project: Project, digest: str, view: View, spec: MapSpec) -> None:
    st.html(title_html(spec))
    # The table is drawn only when it is looked at: its widget's code would delay the first map.
    on_map, in_table = st.tabs(
        [word("tab_map", view.lang), word("tab_table", view.lang)], key="tab", on_change="rerun"
    )
    with on_map:
        click = show_map(project, digest, view, spec)
    if in_table.open:
        with in_table:
            _tables(project, digest, view, spec)
    _take_click(project, view, click)


def _take_click(project: Project, view: View, click: dict[str, Any] | None) -> None:
    """Select the clicked district; a click is taken once, whatever reruns follow."""
    if not click or "district" not in click or click.get("at") == st.session_state.get("click"):
        return
    st.session_state.click = click.get("at")
    st.session_state.next_areas = list(
        state.clicked(project, view, str(click["district"]), bool(click.get("more")))
    )
    st.rerun()


def _tables(project: Project, digest: str, view: View, spec: MapSpec) -> None:
    if not spec.tables:
        return
    titles = {one.id: one.title for one in spec.tables}
    row = st.columns([0.4, 0.3, 0.1, 0.1, 0.1], vertical_alignment="bottom")
    with row[0]:
        chosen = st.selectbox(
            word("table_choice", view.lang),
            list(titles),
            format_func=titles.__getitem__,
            label_visibility="collapsed",
        )
    table = next(one for one in spec.tables if one.id == (chosen or spec.tables[0].id))
    with row[1]:
        st.caption(word("table_rows", view.lang, n=len(table.shown)))
    for column, form in zip(row[2:], exports.FORMATS, strict=True):
        with column:
            st.download_button(
                form.upper() if form != "geojson" else "GeoJSON",
                data=partial(app_state.rows_of, project, digest, view.request(), table.id, form),
                file_name=f"{_file_stem(spec)}_{table.title}.{form}".replace(" ", ""),
                mime=exports.MIME[form],
                key=f"rows-{form}",
                on_click="ignore",
                width="stretch",
            )
    _rows(table, view.lang)


def _rows(table: TableView, lang: str) -> None:
    """The sortable rows; a missing figure says so, a missing text stays blank."""
    shown = table.shown.copy()
    numeric = shown.select_dtypes("number").columns
    for name in shown.columns.difference(numeric):
        shown[name] = shown[name].fillna("")
    decimals = table.decimals
    style = {
        name: st.column_config.NumberColumn(format=f"%.{decimals}f")
        for name in numeric
        if decimals is not None
    }
    st.dataframe(
        shown,
        hide_index=True,
        height=TABLE_HEIGHT,
        width="stretch",
        placeholder=NO_DATA_TITLE[lang],
        column_config=style,
    )


def _file_stem(spec: MapSpec) -> str:
    parts = [spec.area, spec.title.replace(" · ", "_"), spec.period]
    stem = "_".join(part for part in parts if part)
    return "".join("_" if mark in '\\/:*?"<>|' else mark for mark in stem)


def _exports(project: Project, digest: str, view: View, spec: MapSpec) -> None:
    st.html(f'<div class="bsh-control-title">{word("export", view.lang)}</div>')
    mimes = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
    stem = _file_stem(spec).replace(" ", "")
    for form in mimes:
        title = f"{word('export_picture', view.lang)} PNG" if form == "png" else form.upper()
        st.download_button(
            title,
            data=partial(app_state.picture_of, project, digest, view.request(), form),
            file_name=f"{stem}.{form}",
            mime=mimes[form],
            key=f"picture-{form}",
            type="primary" if form == "png" else "secondary",
            on_click="ignore",
            width="stretch",
        )


def _keep(project: Project, view: View) -> None:
    """Write the view into the address bar, where it differs from what is there."""
    query = state.query_of(project, view)
    if dict(st.query_params) != query:
        st.query_params.from_dict(query)
