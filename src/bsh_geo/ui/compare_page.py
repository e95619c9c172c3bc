"""The comparison page: two periods or two areas in; both maps, the difference and history out."""

from __future__ import annotations

import base64
from functools import partial
from html import escape

import pandas as pd
import streamlit as st

from bsh_geo import (
    areas,
    catalogue,
    comparison,
    comparison_page,
    compose,
    observations,
    origins,
)
from bsh_geo.classes import number
from bsh_geo.compose import Request
from bsh_geo.errors import BshError
from bsh_geo.observations import indicator_of, unit_text
from bsh_geo.origins import Origin
from bsh_geo.print_options import PrintOptions, imprint
from bsh_geo.project import Project
from bsh_geo.ui import app_state, shell
from bsh_geo.ui.facts import spark_image
from bsh_geo.ui.text import word
from bsh_geo.ui.traces import cell, figure_line, traced

SCREEN_DPI = 130
KINDS = ("periods", "areas")
MIME = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


def page() -> None:
    """Draw the page."""
    project, digest = app_state.current_project()
    lang = shell.current_lang()
    left, right = st.columns([0.19, 0.81], gap="small")
    try:
        with left:
            asked = _controls(project, lang)
        with right:
            _result(project, digest, asked, lang)
        with left:
            _exports(project, digest, asked, lang)
    except BshError as error:
        with right:
            shell.fault(error, lang)


def _controls(project: Project, lang: str) -> tuple[str, Request, str, str]:
    """Kind, request, first and second."""
    known = comparison.comparable(project)
    layers, _ = catalogue.load_layers(project)
    kind = st.segmented_control(
        word("compare_kind", lang),
        KINDS,
        default=KINDS[0],
        format_func=lambda one: word(f"compare_{one}", lang),
        required=True,
        width="stretch",
        key="compare-kind",
    )
    choices = known if kind == "periods" else {name: _metrics(project, name) for name in layers}
    layer = st.selectbox(
        word("layer", lang),
        list(choices),
        format_func=lambda one: layers[one].title.get(lang),
        key=f"compare-layer-{kind}",
    )
    metric = _metric(project, str(layer), choices[str(layer)], lang)
    request = Request(str(layer), metric, lang=lang)
    if kind == "areas":
        return str(kind), request, *_two_areas(project, lang)
    chosen = shell.area_control(project, lang, "compare-areas")
    request = Request(str(layer), metric, chosen, lang=lang)
    return str(kind), request, *_two_periods(project, str(layer), str(metric), lang)


def _metrics(project: Project, layer: str) -> tuple[str, ...]:
    return tuple(one.id for one in compose.offered(project, compose.layer_of(project, layer)))


def _metric(project: Project, layer: str, metrics: tuple[str, ...], lang: str) -> str | None:
    if not metrics:
        return None
    declared = {one.id: one for one in compose.layer_of(project, layer).metrics}
    return st.selectbox(
        word("metric", lang),
        metrics,
        format_func=lambda one: declared[one].title.get(lang),
        key=f"compare-metric-{layer}",
    )


def _two_periods(project: Project, layer: str, metric: str, lang: str) -> tuple[str, str]:
    names = comparison.period_names(project, layer, metric, lang)
    found = []
    for place, at in (("first", min(1, len(names) - 1)), ("second", 0)):
        found.append(
            st.selectbox(
                word(f"compare_{place}", lang),
                list(names),
                index=at,
                format_func=names.__getitem__,
                key=f"compare-{place}-{layer}-{metric}",
            )
        )
    return str(found[0]), str(found[1])


def _two_areas(project: Project, lang: str) -> tuple[str, str]:
    codes = [str(code) for code in areas.district_table(project).index]
    codes += list(areas.group_names(project, lang))
    found = []
    for place, at in (("first", 0), ("second", 15)):
        found.append(
            st.selectbox(
                word(f"compare_{place}", lang),
                codes,
                index=at,
                format_func=lambda code: areas.area_name(project, code, lang),
                key=f"compare-area-{place}",
            )
        )
    return str(found[0]), str(found[1])


@st.cache_resource(max_entries=60, show_spinner=False)
def compared(
    _project: Project, digest: str, kind: str, request: Request, first: str, second: str
) -> comparison.Comparison:
    """The comparison; frozen, so that users may share it."""
    make = comparison.of_periods if kind == "periods" else comparison.of_areas
    return make(_project, request, first, second)


@st.cache_data(max_entries=60, show_spinner=False)
def picture_of(
    _project: Project, digest: str, asked: tuple[str, Request, str, str], form: str, dpi: int
) -> bytes:
    """The comparison as a picture."""
    options = PrintOptions(dpi=dpi, **imprint(_project))
    return comparison_page.render(compared(_project, digest, *asked), form, options)


def _result(project: Project, digest: str, asked: tuple[str, Request, str, str], lang: str) -> None:
    found = compared(project, digest, *asked)
    png = picture_of(project, digest, asked, "png", SCREEN_DPI)
    data = base64.b64encode(png).decode("ascii")
    title = escape(comparison_page.title_of(found))
    st.html(f'<img class="bsh-sheet" alt="{title}" src="data:image/png;base64,{data}">')
    st.html(_keys(found, lang))
    layer = compose.layer_of(project, asked[1].layer)
    metric = compose.metric_of(layer, asked[1].metric)
    if metric is not None and metric.source == "observations":
        st.html(_history(project, metric.indicator, lang))


def _keys(found: comparison.Comparison, lang: str) -> str:
    """The two large figures and the others of both views, each of which opens to its origin."""
    sides = []
    for title, spec in zip(found.titles, (found.first, found.second), strict=True):
        # The other figures are the newest of their area: the same on both sides of one area.
        others = spec.figures if found.first.area != found.second.area else ()
        shown = [*([spec.key] if spec.key else []), *others]
        lines = "".join(traced(figure_line(one), one.origin) for one in shown)
        sides.append(f"<div><h4>{escape(title)}</h4>{lines}</div>")
    hint = f'<span class="bsh-hint">{escape(word("trace_hint", lang))}</span>'
    head = f'<h4 class="bsh-h">{escape(word("figures", lang))}{hint}</h4>'
    return f'{head}<div class="bsh-sides">{"".join(sides)}</div>'


def _history(project: Project, indicator: str, lang: str) -> str:
    """Every district by year, with a small line each; a missing year stays blank."""
    table = comparison.history(project, indicator, lang)
    years = [str(name) for name in table.columns if name != "name"]
    declared = indicator_of(project, indicator)
    head = "".join(f"<th>{year}</th>" for year in years)
    told = {
        (str(row["area"]), str(row["period"])): origins.of_observation(project, row, lang)
        for _, row in observations.of_indicator(project, indicator).iterrows()
    }
    decimals = _decimals(project, indicator)
    rows = "".join(
        _history_row(str(code), row, years, told, decimals) for code, row in table.iterrows()
    )
    title = escape(f"{declared.zh if lang == 'zh' else declared.en} · {word('by_year', lang)}")
    unit = escape(unit_text(declared.unit, lang))
    return (
        f'<h4 class="bsh-h">{title} <span class="bsh-unit">{unit}</span></h4>'
        f'<table class="bsh-history"><thead><tr><th></th>{head}<th></th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _decimals(project: Project, indicator: str) -> int:
    """The most decimals that any figure of the table was published with: equal digits align."""
    printed = observations.of_indicator(project, indicator)["printed"].astype(str)
    return max((len(one.partition(".")[2]) for one in printed), default=0)


def _history_row(
    code: str, row: pd.Series, years: list[str], told: dict[tuple[str, str], Origin], decimals: int
) -> str:
    name = str(row["name"])
    cells = []
    for year in years:
        if pd.isna(row[year]):
            cells.append("<td></td>")
            continue
        shown = number(float(row[year]), decimals)
        origin = told[code, year]
        cells.append(f"<td>{cell(shown, origin, f'h-{code}-{year}', f'{name} {year}')}</td>")
    points = [float(row[year]) for year in years if not pd.isna(row[year])]
    line = spark_image(points) if len(points) > 1 else ""
    return f"<tr><th>{escape(name)}</th>{''.join(cells)}<td>{line}</td></tr>"


def _exports(
    project: Project, digest: str, asked: tuple[str, Request, str, str], lang: str
) -> None:
    st.html(f'<div class="bsh-control-title">{word("export", lang)}</div>')
    stem = comparison_page.title_of(compared(project, digest, *asked))
    stem = "".join("_" if mark in '\\/:*?"<>|：· ' else mark for mark in stem)
    for form, mime in MIME.items():
        st.download_button(
            f"{word('export_picture', lang)} {form.upper()}",
            data=partial(picture_of, project, digest, asked, form, 300),
            file_name=f"{stem}.{form}",
            mime=mime,
            key=f"compare-{form}",
            on_click="ignore",
            type="primary" if form == "png" else "secondary",
            width="stretch",
        )
