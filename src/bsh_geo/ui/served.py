"""Folders of installed packages that our own server offers to the browser: Leaflet and the font."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import streamlit.components.v1 as components

from bsh_geo.errors import DataError


def _folder_of(package: str, *inside: str) -> Path:
    """A folder inside an installed package, found without running the package's own code."""
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places:
        raise DataError(
            f"缺少组件 {package}，请重新安装。", f"{package} is missing; install again."
        )
    return Path(places[0], *inside)


LEAFLET = components.declare_component(
    "leaflet", path=str(_folder_of("xstatic.pkg.leaflet", "data"))
).name
"""Component route of Leaflet's files: ``component/<LEAFLET>/leaflet.js``."""

FONT = components.declare_component("font", path=str(_folder_of("zhplot", "fonts"))).name
"""Component route of the Chinese font."""

FONT_FILE = "NotoSansSC-Regular.ttf"
