"""What the server keeps between reruns: the project, and views built once for all users.

Cached values are plain data (specs are frozen, scripts are text); the keys hold the digest of the
data files, so that a changed file is seen at the next rerun.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import streamlit as st

from bsh_geo import (
    air_figures,
    assessment,
    compose,
    export_files,
    folium_map,
    manifest,
    snapshot,
    water_figures,
)
from bsh_geo.assessment import Assessment
from bsh_geo.compose import Request
from bsh_geo.deliveries import Parcel, shelf
from bsh_geo.folium_map import Delivered
from bsh_geo.mapspec import MapSpec
from bsh_geo.print_options import PrintOptions, imprint
from bsh_geo.project import Project, open_project

PROJECT_VARIABLE = "BSH_PROJECT"
"""Environment variable that ``bsh-geo serve --project`` hands to the app."""


def opened() -> Project:
    """The project as its files stand; nothing of its data is read."""
    return open_project(os.environ.get(PROJECT_VARIABLE) or None)


def current_project() -> tuple[Project, str]:
    """The project and the digest of its files; a new object when any file has changed.

    Frames are cached per project object, so a changed file must give another one.
    """
    found = opened()
    digest = f"{found.digest()}{air_figures.state(found)}{water_figures.state(found)}"
    return Project(found.roots, digest), digest


@st.cache_resource(max_entries=400, show_spinner=False)
def spec_of(_project: Project, digest: str, request: Request) -> MapSpec:
    """The MapSpec of a view; frozen, so that users may share it."""
    return compose.build(_project, request)


@st.cache_resource(max_entries=4, show_spinner=False)
def assessments(_project: Project, digest: str) -> list[Assessment]:
    """Every target held against every area; frozen, so that users may share them."""
    return assessment.assess(_project)


@st.cache_resource(max_entries=400, show_spinner=False)
def view_of(
    _project: Project, digest: str, request: Request, area_key: str, credit: str, fetches: bool
) -> Delivered:
    """The view for the browser; what is large of it is on the shelf where the browser ``fetches``.

    A shelf offers what somebody keeps: this cache, and the session that shows the view.
    """
    spec = spec_of(_project, digest, request)
    if not fetches:
        return Delivered(folium_map.view_script(spec, area_key, credit))
    return folium_map.delivered(spec, area_key, credit, shelf())


@st.cache_resource(max_entries=8, show_spinner=False)
def base_of(roots: tuple[Path, ...], version: str, _spec: MapSpec) -> Parcel:
    """The script and the ground under all views of a project, which its files decide."""
    return folium_map.base_parcel(_spec, shelf())


@st.cache_data(max_entries=60, show_spinner=False)
def picture_of(
    _project: Project, digest: str, request: Request, form: str, options: PrintOptions
) -> bytes:
    """The exported picture of a view, with the imprint of the project and how to open it again."""
    spec = spec_of(_project, digest, request)
    line = manifest.view_stamp(_project, request, options.extent)
    return snapshot.render(spec, form, replace(options, stamp=line, **imprint(_project)))


@st.cache_data(max_entries=100, show_spinner=False)
def rows_of(_project: Project, digest: str, request: Request, table: str, form: str) -> bytes:
    """A table of a view as a file."""
    spec = spec_of(_project, digest, request)
    return export_files.table_bytes(_project, request, table, form, spec)
