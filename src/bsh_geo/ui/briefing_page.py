"""The briefing page: what to make in; a preview, the pack in the making and its download out."""

from __future__ import annotations

import os
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from bsh_geo import areas, atlas, briefing, briefing_fill, catalogue, compose, orders
from bsh_geo.briefing import Template
from bsh_geo.catalogue import CITY
from bsh_geo.errors import BshError
from bsh_geo.mapspec import Bounds
from bsh_geo.orders import DOCUMENTS, FORMS, Order
from bsh_geo.pack_run import PackRun, PackRuns
from bsh_geo.print_options import SIZES, THEMES
from bsh_geo.project import Project
from bsh_geo.ui import app_state, screen_extent, shell
from bsh_geo.ui.text import word
from bsh_geo.wording import period_text

NEWEST = "newest"
VIEWS = "views"
"""The choice of no template: pictures of layers."""
PREVIEW_DPI = 110
RUN = "briefing-run"


@st.cache_resource(show_spinner=False)
def runs() -> PackRuns:
    """The packs of this server."""
    return PackRuns()


@st.cache_data(max_entries=40, show_spinner=False)
def preview_of(_project: Project, digest: str, order: str) -> bytes:
    """The first picture of an order, small; the order as text, which alone is compared."""
    return atlas.preview(_project, orders.order_of_text(order), PREVIEW_DPI)


def page() -> None:
    """Draw the page."""
    lang = shell.current_lang()
    project, digest = app_state.current_project()
    shell.keep_query(lang)
    try:
        _page(project, digest, lang)
    except BshError as error:
        shell.fault(error, lang)


def _page(project: Project, digest: str, lang: str) -> None:
    left, right = st.columns([0.29, 0.71], gap="large")
    with left:
        st.html(
            f'<div class="bsh-page-head"><h2>{escape(word("briefing_title", lang))}</h2>'
            f"<p>{escape(word('briefing_intro', lang))}</p></div>"
        )
        order = _controls(project, lang)
    if order is None:
        return
    try:
        orders.check(project, order)
        count = len(atlas.planned(project, order))
    except BshError as error:
        with right:
            shell.fault(error, lang)
        return
    with left:
        _start(order, count, lang)
    with right:
        _progress(lang)
        _preview(project, digest, order, lang)


def _controls(project: Project, lang: str) -> Order | None:
    """The order that the widgets ask for; None with a word where something is not chosen."""
    found = briefing.templates(project)
    kind = st.selectbox(
        word("briefing_kind", lang),
        [VIEWS, *found],
        key="briefing-kind",
        format_func=lambda key: _kind_title(found, key, lang),
    )
    template = found.get(str(kind))
    layers = (
        _layers(project, lang) if template is None else tuple(catalogue.load_layers(project)[0])
    )
    codes = _areas(project, template, lang)
    period = _period(project, layers, template, lang)
    forms = _forms(template, lang)
    size, orientation, theme = _look(lang) if template is None else ("A4", "landscape", "screen")
    if not layers or not forms:
        st.caption(word("briefing_nothing", lang))
        return None
    content = None if template is None else template.model_dump(mode="json", exclude_defaults=True)
    extent = _extent(lang) if template is None or template.scope == "any" else None
    return Order(
        layers, codes, forms, period, lang, content, size, orientation, theme, extent=extent
    )


def _extent(lang: str) -> Bounds | None:
    """What all maps show: each area, or what the map page showed last in this browser tab."""
    chosen = st.segmented_control(
        word("map_extent", lang),
        [screen_extent.AREA, screen_extent.SCREEN],
        key="briefing-extent",
        default=screen_extent.AREA,
        format_func=lambda one: word(
            "briefing_extent_area" if one == screen_extent.AREA else str(one), lang
        ),
        required=True,
    )
    if chosen != screen_extent.SCREEN:
        return None
    extent = screen_extent.kept("briefing-screen")
    if extent is None:
        st.caption(word("extent_screen_none", lang))
    else:
        st.caption(word("extent_screen_is", lang, extent=screen_extent.said(extent)))
    return extent


def _kind_title(found: dict[str, Template], key: str, lang: str) -> str:
    if key == VIEWS:
        return word("briefing_views", lang)
    mark = "：" if lang == "zh" else ": "
    return f"{word('briefing_template', lang)}{mark}{found[key].title.get(lang)}"


def _layers(project: Project, lang: str) -> tuple[str, ...]:
    known, _ = catalogue.load_layers(project)
    chosen = st.multiselect(
        word("layer", lang),
        list(known),
        key="briefing-layers",
        format_func=lambda key: known[key].title.get(lang),
        placeholder=word("briefing_all_layers", lang),
        select_all=False,
    )
    return tuple(key for key in known if key in chosen) or tuple(known)


def _areas(project: Project, template: Template | None, lang: str) -> tuple[str, ...]:
    """Nothing chosen is all that the template is written for."""
    scope = "any" if template is None else template.scope
    districts = [str(code) for code in areas.district_table(project).index]
    known = {"city": [CITY], "district": districts, "any": [CITY, *districts]}[scope]
    chosen = st.multiselect(
        word("area", lang),
        known,
        key=f"briefing-areas-{scope}",
        format_func=lambda code: areas.area_name(project, code, lang),
        placeholder=word(f"briefing_areas_{scope}", lang),
        select_all=False,
    )
    return tuple(code for code in known if code in chosen) or tuple(known)


def _period(
    project: Project, layers: tuple[str, ...], template: Template | None, lang: str
) -> str | None:
    grain = "any" if template is None else template.grain
    known = [one for one in _periods(project, layers) if _fits(one, grain)]
    chosen = st.selectbox(
        word("period", lang),
        [NEWEST, *known] if grain != "month" else known or [NEWEST],
        key=f"briefing-period-{grain}",
        format_func=lambda one: (
            word("briefing_newest", lang) if one == NEWEST else period_text(one, lang)
        ),
    )
    return None if chosen in (None, NEWEST) else str(chosen)


def _fits(period: str, grain: str) -> bool:
    of = {4: "year", 7: "month"}.get(len(period))
    known = briefing_fill.PERIOD.fullmatch(period) is not None
    return known and (grain == "any" or of == grain)


def _periods(project: Project, layers: tuple[str, ...]) -> list[str]:
    """Every period that a first measure of the layers has: years before months, newest first."""
    found: set[str] = set()
    for layer_id in layers:
        layer = compose.layer_of(project, layer_id)
        found |= set(compose.periods(project, compose.metric_of(layer, None)))
    return sorted(found, key=lambda one: (len(one) == 4, one), reverse=True)


def _forms(template: Template | None, lang: str) -> tuple[str, ...]:
    known = FORMS if template is None else DOCUMENTS[::-1]
    chosen = st.pills(
        word("briefing_forms", lang),
        known,
        key=f"briefing-forms-{template is None}",
        selection_mode="multi",
        default=["png"] if template is None else ["docx"],
        format_func=lambda form: _FORM_TITLES.get(form, form.upper()),
    )
    return tuple(one for one in known if one in (chosen or []))


_FORM_TITLES = {"pptx": "PowerPoint", "docx": "Word", "xlsx": "Excel", "html": "HTML"}


def _look(lang: str) -> tuple[str, str, str]:
    """Size, orientation and colours of pictures."""
    row = st.columns(3)
    with row[0]:
        size = st.selectbox(word("briefing_size", lang), SIZES, key="briefing-size")
    with row[1]:
        orientation = st.selectbox(
            word("briefing_orientation", lang),
            ("landscape", "portrait"),
            key="briefing-orientation",
            format_func=lambda one: word(f"briefing_{one}", lang),
        )
    with row[2]:
        theme = st.selectbox(
            word("briefing_theme", lang),
            THEMES,
            key="briefing-theme",
            format_func=lambda one: word(f"briefing_theme_{one}", lang),
        )
    return str(size), str(orientation), str(theme)


def _start(order: Order, count: int, lang: str) -> None:
    """The button that starts the pack; one at a time for each session."""
    run = runs().get(st.session_state.get(RUN))
    busy = run is not None and not run.over
    st.button(
        word("briefing_make", lang, n=count),
        type="primary",
        width="stretch",
        disabled=busy,
        key="briefing-make",
        on_click=_begin,
        args=(order,),
    )


def _begin(order: Order) -> None:
    name = "_".join(text for text in (word("page_briefing", order.lang), order.period) if text)
    st.session_state[RUN] = runs().start(
        orders.options_of(order, os.environ.get(app_state.PROJECT_VARIABLE)), name
    )


def _progress(lang: str) -> None:
    """The pack of this session, looked at each second while it is made."""
    run = runs().get(st.session_state.get(RUN))
    if run is None:
        return
    every = None if run.over else "1s"
    st.fragment(_state, run_every=every)(run, lang)


def _state(run: PackRun, lang: str) -> None:
    if run.state in ("waiting", "running"):
        _running(run, lang)
        return
    if st.session_state.get("briefing-seen") is not run:
        # The page outside this fragment must see that the button is free again.
        st.session_state["briefing-seen"] = run
        st.rerun()
    if run.state == "done":
        _done(run, lang)
    elif run.state == "failed":
        shell.banner(run.fault)
    else:
        st.caption(word("briefing_stopped", lang))


def _running(run: PackRun, lang: str) -> None:
    bar, button = st.columns([0.84, 0.16], vertical_alignment="center")
    with bar:
        st.progress(_share(run.progress), text=_told(run, lang))
    with button:
        st.button(
            word("briefing_stop", lang),
            key="briefing-stop",
            width="stretch",
            on_click=run.stop,
        )


def _share(progress: dict[str, Any]) -> float:
    total = progress.get("total") or 0
    return progress["done"] / total if total else 0.0


def _told(run: PackRun, lang: str) -> str:
    """How far it is, and how long it takes."""
    progress = run.progress
    if run.state == "waiting":
        return word("briefing_waiting", lang)
    if not progress:
        return word("briefing_starting", lang)
    told = word("briefing_done_of", lang, done=progress["done"], total=progress["total"])
    left = progress.get("left")
    return told if left is None else f"{told} · {word('briefing_left', lang, n=round(left))}"


def _done(run: PackRun, lang: str) -> None:
    failed = run.progress.get("failed", 0)
    told, button = st.columns([0.7, 0.3], vertical_alignment="center")
    with told:
        text = word("briefing_ready", lang, n=run.progress.get("total", 0) - failed)
        if failed:
            text += word("briefing_failed", lang, n=failed)
        st.html(f'<div class="bsh-sentence">{escape(text)}</div>')
    with button:
        st.download_button(
            word("briefing_download", lang, size=f"{run.path.stat().st_size / 1e6:.1f}"),
            data=run.path.read_bytes,
            file_name=f"{run.name}.zip",
            mime="application/zip",
            type="primary",
            width="stretch",
            key="briefing-download",
            on_click="ignore",
        )


def _preview(project: Project, digest: str, order: Order, lang: str) -> None:
    """The first picture, or the first page of the template for the first area."""
    first = replace(order, areas=order.areas[:1], layers=order.layers[:1])
    name = areas.area_name(project, first.areas[0], lang)
    st.html(
        f'<div class="bsh-control-title">{escape(word("briefing_preview", lang, area=name))}</div>'
    )
    with st.container(key="briefing-preview"):
        st.image(preview_of(project, digest, orders.order_text(first)))
