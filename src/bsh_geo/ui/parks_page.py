"""The park access page: band, area and a place for a new park in; map, figures and tables out."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from shapely.geometry import Point, Polygon

from bsh_geo import (
    areas,
    coordinates,
    exports,
    folium_map,
    listing,
    park_access,
    park_gaps,
    park_map,
    park_report,
    park_uploads,
    park_words,
)
from bsh_geo.errors import BshError
from bsh_geo.mapspec import MapSpec, TableView
from bsh_geo.park_access import Basis
from bsh_geo.park_gaps import Gaps, Probe
from bsh_geo.park_map import Asked
from bsh_geo.project import Project
from bsh_geo.ui import app_state, parks_files, parks_html, shell
from bsh_geo.ui.facts import title_html
from bsh_geo.ui.map_frame import show_script
from bsh_geo.ui.text import word
from bsh_geo.wording import NO_DATA_TITLE

AREAS, BAND, AT, SIZE, GAPS, DRAW = (
    f"parks-{one}" for one in ("areas", "band", "at", "size", "gaps", "draw")
)
NEXT = "parks-next"
CLICK = "parks-click"

Places = tuple[tuple[float, float], ...]
"""Corners as (longitude, latitude)."""

FORMS = ("csv", "xlsx", "geojson", "gpkg")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page() -> None:
    """Draw the page for the widgets, which the first time take what the URL says."""
    lang = shell.current_lang()
    project, _ = app_state.current_project()
    left, middle, right = st.columns([0.152, 0.648, 0.2], gap="small")
    try:
        of = park_access.basis(project)
        _first(project, of, lang)
        with left:
            asked, corners, size = _controls(project, of, lang)
        with middle:
            spots = bool(st.session_state[GAPS])
            steps = park_uploads.steps(asked.of, asked.band, asked.selection.codes, spots)
            parks_files.work(steps, ("view", asked, spots), lang)
            found = _gaps(asked) if spots else None
            probe = _probed(asked, corners, size)
            spec = park_map.build(asked, found, probe, () if probe else corners)
    except BshError as error:
        with middle:
            shell.fault(error, lang)
        return
    with middle:
        try:
            _middle(project, asked, spec, found, probe)
        except BshError as error:
            shell.fault(error, lang)
    with right:
        st.html(_facts(asked, spec, probe))
    _keep(asked, corners, size)


def _first(project: Project, of: Basis, lang: str) -> None:
    """The widgets' state before they are made: of a click on the map, of the URL at first."""
    state = st.session_state
    if NEXT in state:
        state[AT] = state.pop(NEXT)
    query = st.query_params
    for key, value in (
        (SIZE, _number(query.get("size", ""))),
        (AT, query.get("at", "")),
        (GAPS, query["gaps"] == "1" if "gaps" in query else _homes_known(of)),
    ):
        state.setdefault(key, value)
    if AREAS not in state:
        state[AREAS] = list(_read(lambda: shell.current_areas(project), (), lang))
    if BAND not in state:
        first = query.get("band", park_access.BANDS[0])
        known = _read(lambda: park_access.band(first, of.walk.speed_m_s).key, "size", lang)
        state[BAND] = known


def _homes_known(of: Basis) -> bool:
    """Without residents or homes all of the countryside is a blind spot: not shown at first."""
    return of.people is not None or of.homes is not None


def _read(action: Any, otherwise: Any, lang: str) -> Any:
    """What the URL says; a word about a faulty one, and the default."""
    try:
        return action()
    except BshError as error:
        shell.banner(word("bad_link", lang) + error.text(lang))
        return otherwise


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 < found < 10_000 else None


def _controls(project: Project, of: Basis, lang: str) -> tuple[Asked, Places, float | None]:
    # What is given decides what the controls above it say.
    above, files = st.container(), st.container()
    with files:
        of = parks_files.basis(of, lang)
    with above:
        chosen, names = _reach(project, of, lang)
    place, size = _place(lang)
    band = park_access.band(chosen, of.walk.speed_m_s)
    return Asked(of, band, areas.select(project, names), lang), place, size


def _reach(project: Project, of: Basis, lang: str) -> tuple[str, tuple[str, ...]]:
    """The band and the areas that are chosen."""
    options = list(dict.fromkeys((*park_access.BANDS, st.session_state[BAND])))
    bands = {key: park_access.band(key, of.walk.speed_m_s) for key in options}
    chosen = st.radio(
        word("parks_band", lang),
        options,
        key=BAND,
        format_func=lambda key: (
            word("parks_band_size", lang) if key == "size" else bands[key].title(lang)
        ),
    )
    if not of.on_foot:
        st.caption(word("parks_no_network", lang))
    names = shell.area_control(project, lang, AREAS)
    st.checkbox(word("parks_gaps", lang), key=GAPS)
    if of.people is None:
        st.caption(word("parks_no_residents", lang))
    return str(chosen), names


def _place(lang: str) -> tuple[Places, float | None]:
    """The corners of a new park (one where it is a point), and its size in hectares."""
    st.html(f'<div class="bsh-control-title">{word("parks_probe", lang)}</div>')
    st.segmented_control(
        word("parks_draw", lang),
        ["point", "area"],
        key=DRAW,
        format_func=lambda one: word(f"parks_draw_{one}", lang),
        default="point",
        required=True,
    )
    text = st.text_input(word("parks_at", lang), key=AT, placeholder="121.47, 31.23")
    size = st.number_input(
        word("parks_size", lang),
        key=SIZE,
        min_value=0.01,
        max_value=9999.0,
        step=0.5,
        value=None,
        placeholder=word("parks_size_unknown", lang),
    )
    st.caption(word("parks_probe_hint", lang))
    if not text.strip():
        return (), size
    st.button(word("parks_clear", lang), on_click=_clear, width="stretch")
    try:
        found = [one for group in coordinates.parse(text) for one in group]
    except BshError as error:
        shell.banner(error.text(lang))
        return (), size
    if len(found) == 2 or (len(found) == 1 and st.session_state[DRAW] == "area"):
        st.caption(word("parks_two_more", lang))
    return tuple((one.lon, one.lat) for one in found), size


def _clear() -> None:
    st.session_state[AT] = ""


def _gaps(asked: Asked) -> Gaps:
    return park_gaps.gaps(asked.of, asked.band, asked.selection.codes)


def _probed(asked: Asked, corners: Places, size: float | None) -> Probe | None:
    """What a park there would add; None without a place, or with two corners only."""
    drawing = st.session_state[DRAW] == "area"
    if not corners or len(corners) == 2 or (drawing and len(corners) == 1):
        return None
    place = Polygon(corners) if len(corners) > 2 else Point(corners[0])
    try:
        return park_gaps.probe(asked.of, asked.band, place, size)
    except BshError as error:
        shell.banner(error.text(asked.lang))
        return None


def _middle(
    project: Project, asked: Asked, spec: MapSpec, found: Gaps | None, probe: Probe | None
) -> None:
    lang = asked.lang
    st.html(title_html(spec))
    kinds = ("shares", "bands", "gaps", "people")
    titles = ["tab_map", *(f"parks_tab_{kind}" for kind in kinds)]
    on_map, shares, bands, spots, heads = st.tabs(
        [word(title, lang) for title in titles], key="parks-tab", on_change="rerun"
    )
    with on_map:
        _map(project, asked, spec)
    if shares.open:
        with shares:
            _table(park_report.shares(asked.of, asked.band, lang, asked.selection.codes), lang)
    if bands.open:
        with bands:
            _bands(asked)
    if spots.open:
        with spots:
            _spots(asked, found or _gaps(asked))
    if heads.open:
        with heads:
            _heads(park_report.per_head(project, lang, asked.selection.codes), lang)


def _heads(rows: pd.DataFrame, lang: str) -> None:
    """Parks per head, with the files of it."""
    title = word("parks_tab_people", lang)
    row = st.columns([0.76, 0.12, 0.12], vertical_alignment="bottom")
    with row[0]:
        st.caption(word("parks_people_note", lang))
    for column, form in zip(row[1:], ("csv", "xlsx"), strict=True):
        with column:
            st.download_button(
                form.upper(),
                data=partial(listing.to_bytes, rows, (), form, title),
                file_name=f"{title}.{form}",
                mime=XLSX if form == "xlsx" else exports.MIME[form],
                key=f"park-heads-{form}",
                on_click="ignore",
                width="stretch",
            )
    st.dataframe(
        rows, hide_index=True, height=580, width="stretch", placeholder=NO_DATA_TITLE[lang]
    )


def _map(project: Project, asked: Asked, spec: MapSpec) -> None:
    """The map; a click on it is where the new park is to be, taken once."""
    script = folium_map.view_script(spec, park_map.area_key(asked), word("credit", asked.lang))
    click = show_script(project, spec, f"{script}\nbsh.view.picks = true;", "parks-map")
    if not click or "lon" not in click or click.get("at") == st.session_state.get(CLICK):
        return
    st.session_state[CLICK] = click["at"]
    place = f"{float(click['lon']):.5f}, {float(click['lat']):.5f}"
    before = st.session_state[AT].strip() if st.session_state[DRAW] == "area" else ""
    st.session_state[NEXT] = f"{before}; {place}" if before else place
    st.rerun()


def _bands(asked: Asked) -> None:
    """Every distance and walk side by side, straight and on foot."""
    on_foot = asked.of.on_foot
    st.caption(word("parks_bands_note" if on_foot else "parks_bands_straight", asked.lang))
    parks_files.work(park_uploads.band_steps(asked.of), ("bands", asked.of), asked.lang)
    _table(park_report.bands(asked.of, asked.lang, asked.selection.codes), asked.lang)


def _spots(asked: Asked, found: Gaps) -> None:
    st.caption(park_words.gap_method(found, park_gaps.MIN_HA, park_gaps.CELL_M, asked.lang))
    _table(park_report.gap_rows(asked.of, asked.band, found, asked.lang), asked.lang)


def _table(view: TableView, lang: str) -> None:
    """Rows with the files of them."""
    row = st.columns([0.52, 0.12, 0.12, 0.12, 0.12], vertical_alignment="bottom")
    with row[0]:
        st.caption(word("table_rows", lang, n=f"{len(view.shown):,}"))
    for column, form in zip(row[1:], FORMS, strict=True):
        with column:
            st.download_button(
                {"geojson": "GeoJSON"}.get(form, form.upper()),
                data=partial(_bytes, view, form),
                file_name=f"{view.title}.{form}".replace(" ", "_"),
                mime=XLSX if form == "xlsx" else exports.MIME[form],
                key=f"{view.id}-{form}",
                on_click="ignore",
                width="stretch",
            )
    st.dataframe(
        view.shown, hide_index=True, height=580, width="stretch", placeholder=NO_DATA_TITLE[lang]
    )


def _bytes(view: TableView, form: str) -> bytes:
    return listing.xlsx(view.shown, view.title) if form == "xlsx" else exports.to_bytes(view, form)


def _facts(asked: Asked, spec: MapSpec, probe: Probe | None) -> str:
    if probe is None:
        return parks_html.facts_html(spec)
    said = park_words.probe_sentence(asked.of, probe, asked.lang)
    return parks_html.facts_html(
        spec, said, park_report.probe_rows(asked.of, probe, asked.lang).shown
    )


def _keep(asked: Asked, corners: Places, size: float | None) -> None:
    """Write the view into the address bar, where it differs from what is there."""
    selection = asked.selection
    wanted = {
        "band": "" if asked.band.key == "size" else asked.band.key,
        "area": selection.group or ",".join(selection.codes),
        "at": ";".join(f"{lon:.5f},{lat:.5f}" for lon, lat in corners),
        "size": f"{size:g}" if size is not None else "",
        "gaps": (
            ""
            if st.session_state[GAPS] == _homes_known(asked.of)
            else str(int(st.session_state[GAPS]))
        ),
        "lang": "en" if asked.lang == "en" else "",
    }
    query = {key: value for key, value in wanted.items() if value}
    if dict(st.query_params) != query:
        st.query_params.from_dict(query)
