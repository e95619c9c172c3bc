"""The page 选址核查: sites, registers and a buffer in; map, results and files out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from bsh_geo import (
    exports,
    folium_map,
    redline_report,
    registers,
    sitecheck,
    sitecheck_map,
    sitecheck_print,
    sitecheck_report,
    sites,
)
from bsh_geo.errors import BshError
from bsh_geo.project import Project
from bsh_geo.registers import Register
from bsh_geo.sitecheck import SiteCheck
from bsh_geo.ui import app_state, shell
from bsh_geo.ui.facts import title_html
from bsh_geo.ui.map_frame import show_script
from bsh_geo.ui.sitecheck_html import result_html, start_html
from bsh_geo.ui.text import word
from bsh_geo.wording import NO_DATA_TITLE

GIVEN, UPLOAD, CRS, TEXT, SHAPE, BUFFER, CLICK = (
    f"sites-{one}" for one in ("given", "upload", "crs", "text", "shape", "buffer", "click")
)
DRAWN = "sites-drawings"
WAYS = ("file", "paste", "draw")
ENDINGS = ["geojson", "json", "gpkg", "zip", "kml", "fgb", "csv", "xlsx"]
UPLOAD_MB = 50
"""Megabytes of a file of sites."""

OWN = "own"
SYSTEMS = {
    OWN: "",
    "EPSG:4326": "WGS 84",
    "EPSG:4490": "CGCS2000",
    "EPSG:4549": "CGCS2000 3° 120°E",
    "EPSG:4508": "CGCS2000 6° 123°E",
    "EPSG:32651": "WGS 84 UTM 51N",
}
"""Systems that data of the city come in; any other EPSG code can be typed."""

MIME = exports.MIME | {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TABLE_HEIGHT, TABLE_ROWS = 640, 16
"""Pixels of a long table, and rows above which it is one."""


@dataclass(frozen=True)
class Given:
    """What the user gave: by which way, the content, and what is needed to read it."""

    way: str
    content: bytes
    name: str = ""
    crs: str | None = None
    shape: str = "points"

    @property
    def digest(self) -> str:
        """The same for the same sites, and for no others."""
        about = repr((self.way, self.name, self.crs, self.shape)).encode()
        return hashlib.sha256(about + b"|" + self.content).hexdigest()

    @property
    def mark(self) -> str:
        """A short name of them, so that the map keeps its view."""
        return self.digest[:12]


def page() -> None:
    """Draw the page for the widgets."""
    lang = shell.current_lang()
    project, digest = app_state.current_project()
    shell.keep_query(lang)
    _keep()
    left, middle, right = st.columns([0.175, 0.6, 0.225], gap="small")
    try:
        with left:
            given = _given(lang)
            chosen, buffer = _against(project, lang)
    except BshError as error:
        with middle:
            shell.fault(error, lang)
        return
    with middle:
        found = _found(project, digest, given, chosen, buffer, lang)
        _middle(project, found, chosen, given, lang)
    with right:
        st.html(result_html(project, found, lang) if found else start_html(project, chosen, lang))
    if found:
        with left:
            _downloads(project, found, lang)


def _keep() -> None:
    """Widgets lose their state while another page is shown: what was typed is put back."""
    state = st.session_state
    kept: dict[str, Any] = state.setdefault("sites-kept", {})
    for key, value in kept.items():
        state.setdefault(key, value)
    typed = (GIVEN, TEXT, SHAPE, BUFFER)
    kept.update({key: state[key] for key in typed if key in state})


def _given(lang: str) -> Given | None:
    """The sites as the user gives them; None before there are any."""
    st.session_state.setdefault(GIVEN, WAYS[0])
    way = st.segmented_control(
        word("sites_given", lang),
        WAYS,
        key=GIVEN,
        format_func=lambda one: word(f"sites_{one}", lang),
        required=True,
        width="stretch",
    )
    return {"file": _file, "paste": _pasted, "draw": _drawings}[str(way)](lang)


def _file(lang: str) -> Given | None:
    upload = st.file_uploader(
        word("sites_upload", lang),
        type=ENDINGS,
        key=UPLOAD,
        max_upload_size=UPLOAD_MB,
        label_visibility="collapsed",
    )
    st.caption(word("sites_forms", lang))
    crs = st.selectbox(
        word("sites_crs", lang),
        list(SYSTEMS),
        key=CRS,
        format_func=lambda one: _system(one, lang),
        accept_new_options=True,
        placeholder=word("sites_crs_other", lang),
    )
    if upload is None:
        return None
    named = None if crs in (None, OWN) else str(crs)
    return Given("file", upload.getvalue(), upload.name, named)


def _system(code: str, lang: str) -> str:
    if code == OWN:
        return word("sites_crs_own", lang)
    return f"{SYSTEMS[code]} ({code})" if code in SYSTEMS else code


def _pasted(lang: str) -> Given | None:
    text = st.text_area(
        word("sites_text", lang), key=TEXT, height=190, placeholder=word("sites_example", lang)
    )
    st.session_state.setdefault(SHAPE, sites.SHAPES[0])
    shape = st.segmented_control(
        word("sites_shape", lang),
        sites.SHAPES,
        key=SHAPE,
        format_func=lambda one: word(f"sites_{one}", lang),
        required=True,
    )
    st.caption(word("sites_text_hint", lang))
    return Given("paste", text.encode(), shape=str(shape)) if text.strip() else None


def _drawings(lang: str) -> Given | None:
    st.caption(word("sites_draw_hint", lang))
    drawn: list[dict[str, Any]] = st.session_state.setdefault(DRAWN, [])
    if not drawn:
        return None
    st.html(f'<div class="bsh-meta">{word("sites_drawn", lang, n=len(drawn))}</div>')
    undo, clear = st.columns(2)
    undo.button(
        word("sites_undo", lang), on_click=_shorten, args=(len(drawn) - 1,), width="stretch"
    )
    clear.button(word("sites_clear", lang), on_click=_shorten, args=(0,), width="stretch")
    return Given("draw", json.dumps(drawn).encode())


def _shorten(count: int) -> None:
    """Keep the first drawings."""
    del st.session_state[DRAWN][count:]


def _against(project: Project, lang: str) -> tuple[tuple[Register, ...], float]:
    """The registers and the buffer, chosen."""
    st.html(f'<div class="bsh-control-title">{word("sites_against", lang)}</div>')
    known = registers.load_registers(project)
    ids = [
        one.id
        for one in known.values()
        if st.checkbox(one.title.get(lang), value=True, key=f"sites-against-{one.id}")
    ]
    st.session_state.setdefault(BUFFER, 0)
    buffer = st.number_input(
        word("sites_buffer", lang),
        min_value=0,
        max_value=int(sitecheck.MOST_BUFFER_M),
        step=100,
        key=BUFFER,
    )
    return registers.registers_of(project, ids), float(buffer or 0)


def _found(
    project: Project,
    digest: str,
    given: Given | None,
    chosen: tuple[Register, ...],
    buffer: float,
    lang: str,
) -> SiteCheck | None:
    """The result; None before there are sites, or with a word about what is wrong with them."""
    if given is None:
        return None
    ids = tuple(one.id for one in chosen)
    try:
        with st.spinner(word("sites_working", lang)):
            return _checked(project, digest, given, ids, buffer)
    except BshError as error:
        shell.banner(error.text(lang))
        return None


# What a user gave belongs to that user's session, and is gone with it.
@st.cache_resource(
    scope="session",
    max_entries=12,
    show_spinner=False,
    hash_funcs={Given: lambda given: given.digest},
)
def _checked(
    _project: Project, digest: str, given: Given, ids: tuple[str, ...], buffer: float
) -> SiteCheck:
    """The result; frozen, so that reruns may share it."""
    if given.way == "file":
        found = sites.read(_project, given.content, given.name, given.crs)
    elif given.way == "paste":
        found = sites.pasted(_project, given.content.decode(), given.shape)
    else:
        found = sites.drawn(_project, json.loads(given.content))
    return sitecheck.check(_project, found, ids, buffer)


def _middle(
    project: Project,
    found: SiteCheck | None,
    chosen: tuple[Register, ...],
    given: Given | None,
    lang: str,
) -> None:
    ids = tuple(one.id for one in chosen)
    spec = sitecheck_map.map_spec(project, found, lang, ids)
    st.html(title_html(spec))
    tabs = ["tab_map", "sites_tab_results", "sites_tab_details", "sites_tab_redline"]
    on_map, results, details, account = st.tabs(
        [word(one, lang) for one in tabs], key="sites-tab", on_change="rerun"
    )
    with on_map:
        script = folium_map.view_script(
            spec, given.mark if given and found else "city", word("credit", lang)
        )
        tools = folium_map.drawing_script(_words(lang))
        _take(show_script(project, spec, f"{script}\n{tools}", "sites-map"))
    for tab, rows in ((results, sitecheck_report.results), (details, None)):
        if tab.open:
            with tab:
                if found is None:
                    st.caption(word("sites_start_text", lang))
                elif rows is not None:
                    _table(rows(found, lang), lang)
                else:
                    _table(sitecheck_report.details(project, found, lang), lang)
    if account.open:
        with account:
            _account(project, lang)


def _words(lang: str) -> dict[str, str]:
    """What the drawing tools say."""
    kinds = ("point", "line", "polygon")
    tools = {kind: word(f"sites_tool_{kind}", lang) for kind in kinds}
    return tools | {f"hint_{kind}": word(f"sites_hint_{kind}", lang) for kind in kinds}


def _take(click: dict[str, Any] | None) -> None:
    """A shape drawn on the map becomes a site; it is taken once, whatever reruns follow."""
    state = st.session_state
    if not click or "drawn" not in click or click.get("at") == state.get(CLICK):
        return
    state[CLICK] = click.get("at")
    state.setdefault(DRAWN, []).append(click["drawn"])
    state["sites-next"] = "draw"
    st.rerun()


def before_widgets() -> None:
    """After a drawing the way to give sites is drawing, before the widgets of this run are made."""
    if "sites-next" in st.session_state:
        st.session_state[GIVEN] = st.session_state.pop("sites-next")


def _table(rows: Any, lang: str) -> None:
    shown = rows.copy()
    height: Any = TABLE_HEIGHT if len(shown) > TABLE_ROWS else "content"
    for name in shown.columns.difference(shown.select_dtypes("number").columns):
        shown[name] = shown[name].fillna("")
    st.dataframe(
        shown,
        hide_index=True,
        height=height,
        column_config={
            name: st.column_config.NumberColumn(format="localized")
            for name in shown.select_dtypes("number").columns
        },
        width="stretch",
        placeholder="—",
    )


def _account(project: Project, lang: str) -> None:
    """The red line: published areas beside those of shapes, by district, type or patch."""
    by = st.segmented_control(
        word("sites_by", lang),
        redline_report.VIEWS,
        key="sites-by",
        format_func=lambda one: word(f"sites_by_{one}", lang),
        default="district",
        required=True,
        label_visibility="collapsed",
    )
    rows = redline_report.table(project, str(by), lang)
    st.dataframe(
        rows, hide_index=True, height="content", width="stretch", placeholder=NO_DATA_TITLE[lang]
    )
    for one in redline_report.notes(project, lang):
        st.caption(one)


def _downloads(project: Project, found: SiteCheck, lang: str) -> None:
    st.html(f'<div class="bsh-control-title">{word("export", lang)}</div>')
    stem = sitecheck_map.TITLE.get(lang).replace(" ", "_")
    approval = str(project.config.get("approval", ""))
    pdf = partial(sitecheck_print.to_pdf, project, found, lang, approval)
    _download("PDF", pdf, f"{stem}.pdf", "pdf", primary=True)
    rows = [st.columns(2), st.columns(2)]
    titles = {"xlsx": "Excel", "csv": "CSV", "geojson": "GeoJSON", "gpkg": "GPKG"}
    for place, (form, title) in enumerate(titles.items()):
        with rows[place // 2][place % 2]:
            made = partial(sitecheck_report.to_bytes, project, found, form, lang)
            _download(title, made, f"{stem}.{form}", form)


def _download(title: str, made: Any, name: str, form: str, primary: bool = False) -> None:
    st.download_button(
        title,
        data=made,
        file_name=name,
        mime=MIME[form],
        key=f"sites-save-{form}",
        type="primary" if primary else "secondary",
        on_click="ignore",
        width="stretch",
    )
