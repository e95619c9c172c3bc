"""The land page: a raster, zones and a class table in; shares, tables, changes and files out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from bsh_geo import (
    areas,
    catalogue,
    land_classes,
    land_files,
    land_job,
    land_published,
    land_report,
    land_zone_files,
    land_zones,
    rasters,
)
from bsh_geo.catalogue import CITY
from bsh_geo.errors import BshError
from bsh_geo.land import Kind
from bsh_geo.land_change_report import ChangeReport, transition_rows
from bsh_geo.land_job import Source
from bsh_geo.land_report import Report
from bsh_geo.land_zones import Zones
from bsh_geo.project import Project
from bsh_geo.ui import app_state, land_html, shell
from bsh_geo.ui.text import word

UPLOAD = "upload"
AUTO = "auto"
UPLOAD_MB = 200
"""Megabytes of a raster that is uploaded; larger ones go into the project folder."""

ZONES_MB = 50
"""Megabytes of a file of zones."""

KEPT = 4
"""Results that a session keeps, so that switching back costs nothing."""

KINDS: dict[str, Kind | None] = {AUTO: None, "classes": "classes", "values": "values"}

Result = tuple[Report, ChangeReport | None]


@dataclass(frozen=True, eq=False)
class Asked:
    """What is chosen on the page; None where a file is still missing."""

    source: Source | None
    later: Source | None
    compared: bool
    zones: Zones | None
    classes: str | None
    kind: Kind | None
    key: str


def page() -> None:
    """Draw the page for what is chosen."""
    lang = shell.current_lang()
    project, digest = app_state.current_project()
    shell.keep_query(lang)
    left, middle, right = st.columns([0.18, 0.6, 0.22], gap="medium")
    try:
        with left:
            asked = _controls(project, digest, lang)
        with middle:
            _head(lang)
            found = _result(project, asked, lang)
            if found is not None:
                _results(project, *found, lang)
        if found is not None:
            with right:
                _beside(project, *found, lang)
            with left:
                _downloads(*found, lang)
    except BshError as error:
        with middle:
            shell.fault(error, lang)


def _head(lang: str) -> None:
    st.html(
        f'<div class="bsh-page-head"><h2>{escape(word("land_title", lang))}</h2>'
        f"<p>{escape(word('land_intro', lang))}</p></div>"
    )


# What is chosen -------------------------------------------------------------------------------


def _controls(project: Project, digest: str, lang: str) -> Asked:
    source, mark = _raster(project, "land-raster", word("land_raster", lang), lang)
    zones, zone_mark = _zones(project, lang)
    tables = land_classes.tables(project)
    own = source is not None and source.declared is None
    classes, kind = None, AUTO
    if own:
        names = {AUTO: word("land_auto", lang), land_report.NO_TABLE: word("land_no_table", lang)}
        names |= {key: table.title.get(lang) for key, table in tables.items()}
        kind = st.segmented_control(
            word("land_kind", lang),
            list(KINDS),
            key="land-kind",
            default=AUTO,
            required=True,
            format_func=lambda one: word(f"land_kind_{one}", lang),
        )
        if kind != "values":
            picked = st.selectbox(
                word("land_classes", lang), list(names), format_func=names.__getitem__
            )
            classes = None if picked == AUTO else str(picked)
    compared = kind != "values" and st.checkbox(word("land_compare", lang), key="land-compare")
    later, later_mark = None, ""
    if compared:
        later, later_mark = _raster(project, "land-later", word("land_later", lang), lang)
    key = "|".join([digest, mark, zone_mark, str(classes), str(kind), later_mark])
    return Asked(source, later, compared, zones, classes, KINDS[str(kind)], key)


def _raster(project: Project, key: str, title: str, lang: str) -> tuple[Source | None, str]:
    """A raster of the project or an uploaded one, and a mark that tells it from others."""
    declared = catalogue.load_rasters(project)
    names = {one.id: one.title.get(lang) for one in declared.values()}
    names[UPLOAD] = word("land_upload", lang)
    chosen = str(st.selectbox(title, list(names), key=key, format_func=names.__getitem__))
    if chosen != UPLOAD:
        return land_job.declared_source(project, chosen), chosen
    given = st.file_uploader(
        word("land_upload", lang),
        ["tif", "tiff"],
        key=f"{key}-file",
        max_upload_size=UPLOAD_MB,
        label_visibility="collapsed",
    )
    st.caption(word("land_upload_hint", lang, mb=UPLOAD_MB))
    if given is None:
        return None, ""
    content = given.getvalue()
    band = _band(content, given.name, key, lang)
    mark = hashlib.sha256(content).hexdigest()[:16]
    return Source(content, given.name, band), f"{given.name}:{mark}:{band}"


def _band(content: bytes, name: str, key: str, lang: str) -> int:
    """The band to measure; asked for where there are several."""
    count = rasters.band_count(content, name)
    if count == 1:
        return 1
    title = word("land_band", lang, n=count)
    return int(st.number_input(title, min_value=1, max_value=count, key=f"{key}-band"))


def _zones(project: Project, lang: str) -> tuple[Zones | None, str]:
    names = {key: title.get(lang) for key, title in land_zones.TITLES.items()}
    names[UPLOAD] = word("land_zone_upload", lang)
    chosen = st.selectbox(
        word("land_zones", lang), list(names), key="land-zones", format_func=names.__getitem__
    )
    if chosen != UPLOAD:
        return land_zones.zones_of(project, str(chosen)), str(chosen)
    given = st.file_uploader(
        word("land_zone_upload", lang),
        ["geojson", "json", "gpkg", "zip", "kml", "fgb"],
        key="land-zones-file",
        max_upload_size=ZONES_MB,
        label_visibility="collapsed",
    )
    if given is None:
        return None, ""
    content = given.getvalue()
    mark = hashlib.sha256(content).hexdigest()[:16]
    return land_zone_files.zones_in(content, given.name), f"{given.name}:{mark}"


# Results --------------------------------------------------------------------------------------


def _result(project: Project, asked: Asked, lang: str) -> Result | None:
    """What was asked for, measured with a bar or remembered; None while a file is missing."""
    if asked.source is None or asked.zones is None or (asked.compared and asked.later is None):
        st.html(f'<div class="bsh-land-wait">{escape(word("land_waiting", lang))}</div>')
        return None
    kept: dict[str, Result] = st.session_state.setdefault("land-results", {})
    if asked.key not in kept:
        bar = st.progress(0.0, text=word("land_working", lang))
        try:
            found = land_job.run(
                project,
                asked.source,
                asked.zones,
                asked.classes,
                asked.kind,
                asked.later,
                _slowed(bar, word("land_working", lang)),
            )
        finally:
            bar.empty()
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)))
        kept[asked.key] = found
    return kept[asked.key]


def _slowed(bar: Any, text: str) -> Any:
    """Tells the bar of every whole percent, not of every window that was read."""
    told = [-1]

    def tell(done: float) -> None:
        percent = int(done * 100)
        if percent > told[0]:
            told[0] = percent
            bar.progress(min(done, 1.0), text=text)

    return tell


def _results(project: Project, found: Report, change: ChangeReport | None, lang: str) -> None:
    st.html(land_html.what_html(found, lang))
    if found.measured.kind == "values":
        st.html(land_html.values_html(found, lang))
        return
    keys = ["land_tab_bars", "land_tab_table", *(["land_tab_change"] if change else [])]
    tabs = st.tabs([word(key, lang) for key in keys])
    with tabs[0]:
        grouped = st.segmented_control(
            word("land_by", lang),
            [False, True],
            default=False,
            required=True,
            key="land-grouped",
            label_visibility="collapsed",
            format_func=lambda one: word("land_by_group" if one else "land_by_class", lang),
        )
        st.html(land_html.bars_html(found, bool(grouped), lang, _map_link(project, found, lang)))
    with tabs[1]:
        st.html(land_html.table_html(land_report.wide(found, lang), lang))
    if change is not None:
        with tabs[2]:
            _change(found, change, lang)


def _change(found: Report, change: ChangeReport, lang: str) -> None:
    """All zones together, where none is counted twice, then what changed in each."""
    if not found.zones.overlap:
        st.html(land_html.gains_html(change, lang))
        st.html(land_html.matrix_html(change, lang))
    st.html(land_html.table_html(transition_rows(found, change, lang, True), lang))


def _map_link(project: Project, found: Report, lang: str) -> str:
    """The address of the map that shows this raster in one district; blank where none does."""
    if found.declared is None or found.zones.id not in land_zones.DISTRICTS:
        return ""
    layers, _ = catalogue.load_layers(project)
    for layer in layers.values():
        if any(part.kind == "raster" and part.dataset == found.declared.id for part in layer.parts):
            tail = "&lang=en" if lang == "en" else ""
            return f"./?layer={layer.id}&area={{area}}{tail}"
    return ""


def _beside(project: Project, found: Report, change: ChangeReport | None, lang: str) -> None:
    area = CITY
    if found.zones.id in land_zones.DISTRICTS:
        codes = [CITY, *found.zones.frame.index]
        area = str(
            st.selectbox(
                word("area", lang),
                codes,
                key="land-area",
                format_func=lambda code: areas.area_name(project, str(code), lang),
            )
        )
    name = areas.area_name(project, area, lang)
    rows = land_published.beside(found, area, lang)
    st.html(
        f'<div class="bsh-facts bsh-land-facts">{land_html.beside_html(rows, name, lang)}'
        f"{land_html.about_html(found, change, lang)}</div>"
    )


def _downloads(found: Report, change: ChangeReport | None, lang: str) -> None:
    st.html(f'<div class="bsh-control-title">{word("export", lang)}</div>')
    stem = f"{found.zones.title.get(lang)}_{found.measured.raster.rsplit('.', 1)[0]}"
    stem = "".join("_" if mark in '\\/:*?"<>| ' else mark for mark in stem)
    for form in land_files.FORMATS:
        st.download_button(
            form.upper(),
            data=partial(land_files.to_bytes, found, form, lang, change),
            file_name=f"{stem}.{form}",
            mime=land_files.MIME[form],
            key=f"land-{form}",
            on_click="ignore",
            width="stretch",
        )
