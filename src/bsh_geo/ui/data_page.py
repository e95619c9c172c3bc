"""The data page: every file the dashboard uses, with source, licence, date, quality and gaps."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pandas as pd
import streamlit as st

from bsh_geo import catalogue, frames, land_job, origins
from bsh_geo.catalogue import QUALITY_TITLES, Boundary, Dataset, RasterFile
from bsh_geo.errors import BshError
from bsh_geo.project import Project
from bsh_geo.ui import app_state, shell, traced_rows, traces
from bsh_geo.ui.text import QUALITY_WORDS, word


def page() -> None:
    """Draw the catalogue."""
    lang = shell.current_lang()
    project, _ = app_state.current_project()
    shell.keep_query(lang)
    try:
        st.html(catalogue_html(project, lang))
        _rows(project, lang)
    except BshError as error:
        shell.fault(error, lang)


def catalogue_html(project: Project, lang: str) -> str:
    """The list of every dataset and boundary file, as HTML."""
    datasets = catalogue.load_datasets(project).values()
    boundaries = catalogue.load_boundaries(project).values()
    keys = "".join(
        f"<li><b>{escape(title.get(lang))}</b> {escape(QUALITY_WORDS[key][lang == 'en'])}</li>"
        for key, title in QUALITY_TITLES.items()
    )
    rows = "".join(_dataset(project, one, lang) for one in datasets)
    shapes = "".join(_boundary(project, one, lang) for one in boundaries)
    grids = "".join(_raster(project, one, lang) for one in catalogue.load_rasters(project).values())
    head = _head(lang)
    return (
        f'<div class="bsh-data"><h2>{escape(word("data_title", lang))}</h2>'
        f"<p>{escape(word('data_intro', lang))}</p>"
        f'<ul class="bsh-qualities">{keys}</ul>'
        f"<h3>{escape(word('datasets', lang))}</h3><table>{head}{rows}</table>"
        f"<h3>{escape(word('boundaries', lang))}</h3><table>{head}{shapes}</table>"
        f"<h3>{escape(word('rasters', lang))}</h3><table>{head}{grids}</table></div>"
    )


def _head(lang: str) -> str:
    titles = ("datasets", "rows", "date", "quality", "licence", "sources", "missing")
    cells = "".join(f"<th>{escape(word(key, lang))}</th>" for key in titles)
    return f"<thead><tr>{cells}</tr></thead>"


def _dataset(project: Project, one: Dataset, lang: str) -> str:
    """A dataset with what is missing and its limits."""
    details = f"{one.missing.get(lang)} {one.limitations.get(lang)}"
    count = _count(lambda: len(frames.table(project, one.id)), lang)
    return _row(project, one, f"data/{one.file}", count, details, lang)


def _boundary(project: Project, one: Boundary, lang: str) -> str:
    """A boundary file with its purpose and its limits."""
    details = f"{one.purpose.get(lang)} {one.limitations.get(lang)}"
    count = _count(lambda: len(frames.boundary(project, one.id)), lang)
    return _row(project, one, f"data/boundaries/{one.file}", count, details, lang)


def _raster(project: Project, one: RasterFile, lang: str) -> str:
    """A raster file with the number of its cells and its limits."""
    count = _count(lambda: land_job.cells(project, one.id), lang)
    return _row(project, one, f"data/{one.file}", count, one.limitations.get(lang), lang)


def _count(rows: Callable[[], int], lang: str) -> str:
    """The number of rows as HTML, or why the file cannot be read."""
    try:
        return f"{rows():,}"
    except BshError as error:
        return f'<span class="bsh-unmet">{escape(error.text(lang))}</span>'


def _row(
    project: Project,
    one: Dataset | Boundary | RasterFile,
    file: str,
    count: str,
    details: str,
    lang: str,
) -> str:
    """One line of the catalogue; ``count`` is HTML already."""
    known = catalogue.load_sources(project)
    first = known[one.source[0]].title(lang) if one.source[0] in known else one.source[0]
    rest = len(one.source) - 1
    more = f" {escape(word('more_sources', lang, n=rest))}" if rest > 0 else ""
    told = origins.of_sources(project, one.source, lang, most=len(one.source))
    names = traces.traced(f'<div class="bsh-row"><span>{escape(first)}{more}</span></div>', told)
    return (
        f"<tr><td><b>{escape(one.title.get(lang))}</b><br><code>{escape(file)}</code></td>"
        f'<td class="bsh-number">{count}</td><td>{escape(one.date)}</td>'
        f"<td>{escape(QUALITY_TITLES[one.quality].get(lang))}</td>"
        f"<td>{escape(one.licence.get(lang))}</td><td>{names}</td>"
        f"<td>{escape(details)}</td></tr>"
    )


def _rows(project: Project, lang: str) -> None:
    datasets = catalogue.load_datasets(project)
    st.html(f'<h3 class="bsh-data-rows">{escape(word("view_rows", lang))}</h3>')
    chosen = st.selectbox(
        word("choose_dataset", lang),
        list(datasets),
        format_func=lambda key: datasets[key].title.get(lang),
        label_visibility="collapsed",
    )
    dataset = datasets[str(chosen)]
    rows = pd.DataFrame(frames.table(project, dataset.id)).drop(columns="geometry", errors="ignore")
    other = "_zh" if lang == "en" else "_en"
    rows = rows[[name for name in rows.columns if not name.endswith(other)]]
    titles = {
        name: column.en if lang == "en" else column.zh for name, column in dataset.columns.items()
    }
    about = f"{dataset.title.get(lang)}：" if lang == "zh" else f"{dataset.title.get(lang)}: "
    about += dataset.limitations.get(lang)
    shown = rows.rename(columns=titles)
    if "quality" in rows:
        named = {key: title.get(lang) for key, title in QUALITY_TITLES.items()}
        shown[titles.get("quality", "quality")] = rows["quality"].map(named)
    height = min(420, 35 * (len(shown) + 1) + 3)
    key = f"data-rows-{dataset.id}"
    traced_rows.show(project, shown, rows, about, lang, key, height=height)
