"""A raster to be imported in, its classes as a table and its picture on the preview map out."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd

from bsh_geo import land_layer, own_raster
from bsh_geo.areas import Selection
from bsh_geo.mapspec import MapSpec
from bsh_geo.own_preview import Preview
from bsh_geo.project import Project
from bsh_geo.ui import import_map


def rows(found: Preview, lang: str) -> pd.DataFrame:
    """The codes or classes of amounts, with their cells and shares."""
    if not len(found.frame):
        return found.frame
    en = lang == "en"
    heads = {
        "code": "Code" if en else "编码",
        f"name_{lang}": "Class" if en else "类别",
        "cells": "Cells" if en else "格",
        "share": "Share of cells" if en else "占有数据的格",
    }
    shown = found.frame[list(heads)].rename(columns=heads)
    return shown.loc[:, [one for one in shown if shown[one].ne("").any()]]


def map_spec(project: Project, found: Preview, title: str, lang: str) -> MapSpec:
    """The preview of a raster as its layer will draw it; before all is answered, the city alone."""
    bare = import_map.map_spec(project, None, title, lang)
    names = own_raster.rasters_of(found.files)
    if not names:
        return bare
    with tempfile.TemporaryDirectory() as folder:
        trial = own_raster.trial_project(project, found.files, Path(folder))
        built = land_layer.build(trial, own_raster.part_of(trial, names[0]), Selection(), lang)
    legend = (built.legend,) if built.legend is not None else ()
    return replace(bare, images=built.images, legend=legend, notes=built.notes)
