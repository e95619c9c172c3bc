"""The map page: layer, area, period in; map, figures and table out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from bsh_geo import air_classes, air_figures, catalogue, compose, export_files, join
from bsh_geo.catalogue import Layer, Metric
from bsh_geo.errors import BshError
from bsh_geo.mapspec import MapSpec, TableView
from bsh_geo.print_options import ORIENTATIONS, SIZES, THEMES, PrintOptions
from bsh_geo.project import Project
from bsh_geo.ui import (
    app_state,
    period_control,
    screen_extent,
    shell,
    state,
    station_panel,
    traced_rows,
    water_control,
)
from bsh_geo.ui.facts import facts_html, title_html
from bsh_geo.ui.map_frame import show_map
from bsh_geo.ui.state import View
from bsh_geo.ui.text import word
from bsh_geo.wording import NO_DATA_TITLE, period_text

TABLE_HEIGHT = 500
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
            if error is None:
                screen_extent.take_link(st.query_params)
        view: View = st.session_state.view
        if "layer" not in st.session_state:
            # Widgets lose their state while another page is shown; the view does not.
            _fill_widgets(project, view)
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


def _of_readings(layers: dict[str, Layer]) -> set[str]:
    """The ids of the metrics that are statistics of readings."""
    every = [metric for layer in layers.values() for metric in layer.metrics]
    return {metric.id for metric in every if metric.source == "readings"}


def _fill_widgets(project: Project, view: View) -> None:
    """Put a view into the widgets' own state, before they are drawn."""
    layers, _ = catalogue.load_layers(project)
    st.session_state.layer = view.layer
    st.session_state.areas = list(view.areas)
    st.session_state[f"metric-{view.layer}"] = view.metric
    st.session_state[f"period-{view.layer}-{view.metric}"] = view.period
    if view.metric and view.metric in _of_readings(layers):
        period_control.set_period(view.period)
    st.session_state.colours = view.colours == "safe"
    water_control.set_period(view.water)
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
    metric = _metric_control(project, layer, lang)
    chosen = shell.area_control(project, lang, "areas")
    st.caption(word("area_hint", lang))
    period = _period_control(project, layer, metric, lang)
    mode = _mode_control(layer, metric, period, lang)
    colours = _colours_control(metric, period, lang)
    show = _show_controls(project, layer, lang)
    water = water_control.water_control(project, compose.water_networks(project, layer, show), lang)
    measure = metric.id if metric else None
    found = View(layer.id, measure, chosen, period, show, lang, mode, colours, water)
    st.session_state.view = found
    return found


def _metric_control(project: Project, layer: Layer, lang: str) -> Metric | None:
    offered = compose.offered(project, layer)
    if len(offered) < 2:
        return compose.metric_of(layer, None)
    key = f"metric-{layer.id}"
    titles = {metric.id: metric.title.get(lang) for metric in offered}
    if st.session_state.get(key) not in titles:
        st.session_state[key] = offered[0].id
    chosen = st.selectbox(
        word("metric", lang), list(titles), key=key, format_func=titles.__getitem__
    )
    return layer.metric(str(chosen))


def _period_control(project: Project, layer: Layer, metric: Metric | None, lang: str) -> str | None:
    if metric is None:
        return None
    if metric.source == "readings":
        return _readings_period(project, lang)
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


def _readings_period(project: Project, lang: str) -> str:
    """Year to hour by slider, steps and play; at first the last whole month."""
    if period_control.STATE not in st.session_state:
        period_control.set_period(air_figures.period_of(project, None).key)
    extent, grains = air_figures.extent(project), air_figures.grains(project)
    return period_control.period_control(extent, grains, lang).key


def _colours_control(metric: Metric | None, period: str | None, lang: str) -> str:
    """The official colours of the AQI or those that need no telling red from green."""
    if metric is None or metric.source != "readings" or not air_classes.is_coloured(period):
        return "official"
    if "colours" not in st.session_state:
        st.session_state.colours = False
    safe = st.toggle(word("colours_safe", lang), key="colours")
    return "safe" if safe else "official"


def _mode_control(layer: Layer, metric: Metric | None, period: str | None, lang: str) -> str:
    """By value or by the distance to the target, where the metric can be coloured so."""
    known = compose.modes(metric, period)
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
    count = join.with_figure(project, metric, period)
    if metric.boundary is not None:
        return f"{shown} · {word('units_with', lang, n=count)}"
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
    _, in_table = st.tabs(
        [word("tab_map", view.lang), word("tab_table", view.lang)], key="tab", on_change="rerun"
    )
    # Tabs are made anew when their words change with the language. The map stands outside them, so
    # that its frame and what it shows stay; the style sheet hides it while the table is looked at.
    with st.container(key="map-pane"):
        click = show_map(project, digest, view, spec, screen_extent.script())
    screen_extent.take(click)
    if in_table.open:
        with in_table:
            _tables(project, digest, view, spec)
    _take_click(project, digest, view, click)


def _take_click(project: Project, digest: str, view: View, click: dict[str, Any] | None) -> None:
    """Select the clicked district or open the panel of the clicked station, once a click."""
    if not click or click.get("at") == st.session_state.get("click"):
        return
    st.session_state.click = click.get("at")
    if "station" in click:
        station_panel.show(project, digest, view, str(click["station"]))
    if "district" not in click:
        return
    st.session_state.next_areas = list(
        state.clicked(project, view, str(click["district"]), bool(click.get("more")))
    )
    st.rerun()


def _tables(project: Project, digest: str, view: View, spec: MapSpec) -> None:
    if not spec.tables:
        return
    titles = {one.id: one.title for one in spec.tables}
    row = st.columns([0.33, 0.14, 0.1, 0.15, 0.1, 0.18], vertical_alignment="bottom")
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
    for column, form in zip(row[2:5], export_files.FORMATS[:3], strict=True):
        _rows_button(column, project, digest, view, spec, table, form)
    with row[5], st.popover(word("more_formats", view.lang), width="stretch"):
        for form in export_files.FORMATS[3:]:
            _rows_button(st, project, digest, view, spec, table, form)
    about = (" " if view.lang == "en" else "").join([spec.quality_note, *spec.notes])
    metric = compose.metric_of(compose.layer_of(project, view.layer), view.metric)
    _rows(project, table, about.strip(), metric, view.lang)


def _rows_button(
    place: Any,
    project: Project,
    digest: str,
    view: View,
    spec: MapSpec,
    table: TableView,
    form: str,
) -> None:
    """A button that makes the file of a table when it is pressed."""
    ending = export_files.ENDINGS[form]
    place.download_button(
        export_files.TITLES[form],
        data=partial(app_state.rows_of, project, digest, view.request(), table.id, form),
        file_name=f"{_file_stem(spec)}_{table.title}.{ending}".replace(" ", ""),
        mime=export_files.MIME[form],
        key=f"rows-{form}",
        on_click="ignore",
        width="stretch",
    )


def _rows(project: Project, table: TableView, about: str, metric: Metric | None, lang: str) -> None:
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
    traced_rows.show(
        project,
        shown,
        pd.DataFrame(table.export.drop(columns="geometry")),
        about,
        lang,
        f"rows-{table.id}",
        metric,
        height=TABLE_HEIGHT,
        placeholder=NO_DATA_TITLE[lang],
        column_config=style,
    )


def _file_stem(spec: MapSpec) -> str:
    parts = [spec.area, spec.title.replace(" · ", "_"), spec.period, spec.water]
    stem = "_".join(part for part in parts if part)
    return "".join("_" if mark in '\\/:*?"<>|' else mark for mark in stem)


def _exports(project: Project, digest: str, view: View, spec: MapSpec) -> None:
    """One click for a page of the usual kind; what kind that is, in a small popover."""
    st.html(f'<div class="bsh-control-title">{word("export", view.lang)}</div>')
    main = st.container()
    options, known = _print_options(view.lang, spec)
    _picture(main, project, digest, view, spec, "png", options, known)
    for column, form in zip(main.columns(2, gap="small"), ("svg", "pdf"), strict=True):
        _picture(column, project, digest, view, spec, form, options, known)


def _picture(
    place: Any,
    project: Project,
    digest: str,
    view: View,
    spec: MapSpec,
    form: str,
    options: PrintOptions,
    known: bool,
) -> None:
    """A button that makes the picture when it is pressed; not before its extent is known."""
    mimes = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
    first = form == "png"
    place.download_button(
        f"{word('export_picture', view.lang)} PNG" if first else form.upper(),
        data=partial(app_state.picture_of, project, digest, view.request(), form, options),
        file_name=f"{_file_stem(spec).replace(' ', '')}.{form}",
        mime=mimes[form],
        key=f"picture-{form}",
        type="primary" if first else "secondary",
        disabled=not known,
        on_click="ignore",
        width="stretch",
    )


def _print_options(lang: str, spec: MapSpec) -> tuple[PrintOptions, bool]:
    """Size, orientation, colours and extent of the picture, chosen in a popover.

    Beside them whether the extent is known yet.
    """
    with st.popover(word("print_setup", lang), width="stretch"):
        size = _choice("page_size", SIZES, lang, str)
        turned = _choice("orientation", ORIENTATIONS, lang)
        theme = _choice("print_theme", THEMES, lang)
        bounds, known = screen_extent.choice(spec, lang)
    return PrintOptions(size, turned, theme, extent=bounds), known  # type: ignore[arg-type]


def _choice(
    title: str, known: Sequence[str], lang: str, named: Callable[[str], str] | None = None
) -> str:
    """One of ``known``, the first by default; its words are those of the interface."""
    chosen = st.segmented_control(
        word(title, lang),
        known,
        default=known[0],
        key=f"print-{title}",
        format_func=named or (lambda key: word(key, lang)),
        required=True,
    )
    return str(chosen)


def _keep(project: Project, view: View) -> None:
    """Write the view into the address bar, where it differs from what is there."""
    query = state.query_of(project, view, screen_extent.shown())
    if dict(st.query_params) != query:
        st.query_params.from_dict(query)
