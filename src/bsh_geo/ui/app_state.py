"""What the server keeps between reruns: the project, and views built once for all users.

Cached values are plain data (specs are frozen, scripts are text); the keys hold the digest of the
data files, so that a changed file is seen at the next rerun.
"""

from __future__ import annotations

import os
from dataclasses import replace

import streamlit as st

from bsh_geo import (
    air_figures,
    assessment,
    compose,
    export_files,
    folium_map,
    snapshot,
    water_figures,
)
from bsh_geo.assessment import Assessment
from bsh_geo.compose import Request
from bsh_geo.mapspec import MapSpec
from bsh_geo.print_options import PrintOptions, imprint
from bsh_geo.project import Project, open_project

PROJECT_VARIABLE = "BSH_PROJECT"
"""Environment variable that ``bsh-geo serve --project`` hands to the app."""


def current_project() -> tuple[Project, str]:
    """The project and the digest of its files; a new object when any file has changed.

    Frames are cached per project object, so a changed file must give another one.
    """
    folder = os.environ.get(PROJECT_VARIABLE) or None
    opened = open_project(folder)
    digest = f"{opened.digest()}{air_figures.state(opened)}{water_figures.state(opened)}"
    return Project(opened.roots, digest), digest


@st.cache_resource(max_entries=400, show_spinner=False)
def spec_of(_project: Project, digest: str, request: Request) -> MapSpec:
    """The MapSpec of a view; frozen, so that users may share it."""
    return compose.build(_project, request)


@st.cache_resource(max_entries=4, show_spinner=False)
def assessments(_project: Project, digest: str) -> list[Assessment]:
    """Every target held against every area; frozen, so that users may share them."""
    return assessment.assess(_project)


@st.cache_data(max_entries=400, show_spinner=False)
def script_of(_project: Project, digest: str, request: Request, area_key: str, credit: str) -> str:
    """The view's script for the browser."""
    return folium_map.view_script(spec_of(_project, digest, request), area_key, credit)


@st.cache_data(max_entries=60, show_spinner=False)
def picture_of(
    _project: Project, digest: str, request: Request, form: str, options: PrintOptions
) -> bytes:
    """The exported picture of a view, with the imprint of the project."""
    spec = spec_of(_project, digest, request)
    return snapshot.render(spec, form, replace(options, **imprint(_project)))


@st.cache_data(max_entries=100, show_spinner=False)
def rows_of(_project: Project, digest: str, request: Request, table: str, form: str) -> bytes:
    """A table of a view as a file."""
    spec = spec_of(_project, digest, request)
    return export_files.table_bytes(_project, request, table, form, spec)
