"""A selection in, the names on the map and the view around it out."""

from __future__ import annotations

from functools import cache
from typing import Any

import geopandas as gpd
import shapely

from bsh_geo import areas
from bsh_geo.areas import Selection
from bsh_geo.crs import DISPLAY, area_km2
from bsh_geo.mapspec import Bounds, DrawnPart, Label, Parts
from bsh_geo.project import Project

ISLET_KM2 = 1.0
"""Pieces of land smaller than this do not widen the extent: 佘山岛 lies 30 km off Chongming."""

SMALL_DISTRICT_KM2 = 100.0
"""Districts below this official area give way where labels collide."""


def district_labels(project: Project, selection: Selection, lang: str) -> tuple[Label, ...]:
    """The names of the selected districts; small ones are short and give way in a crowd."""
    table = areas.district_table(project)
    anchors = _anchors(project)
    labels = []
    for code in areas.all_codes(project, selection):
        row, point = table.loc[code], anchors.geometry[code]
        small = float(str(row["area_km2"])) < SMALL_DISTRICT_KM2
        crowded = small and len(selection.codes) != 1
        text = row["short_zh"] if lang == "zh" and crowded else row[f"name_{lang}"]
        rank = 1 if crowded else 0
        labels.append(Label(str(text), float(point.x), float(point.y), rank))
    return tuple(labels)


@cache
def _anchors(project: Project) -> gpd.GeoDataFrame:
    """The point of each district that is farthest from its borders, for its label."""
    outlines = areas.outlines(project)
    pieces = outlines.geometry.apply(lambda shape: max(_pieces(shape), key=lambda one: one.area))
    circles = shapely.maximum_inscribed_circle(pieces.to_numpy(), tolerance=0.001)
    centres = shapely.get_point(circles, 0)
    return gpd.GeoDataFrame(geometry=centres, index=outlines.index, crs=DISPLAY)


def _pieces(shape: Any) -> list[Any]:
    return list(getattr(shape, "geoms", [shape]))


MOST_UNITS = 40
"""Units of a boundary set are named up to this many; of more only hovering and the table tell."""

SLIVER = 1 / 3
"""Units smaller than this part of the middle one hold no name: they are what a shore cuts off."""


def unit_labels(drawn: tuple[DrawnPart, ...]) -> tuple[Label, ...]:
    """The names of coloured units, where there is room."""
    labels = []
    for part in drawn:
        if part.boundary and len(part.frame) <= MOST_UNITS:
            sizes = area_km2(part.frame.geometry)
            large = part.frame[sizes >= SLIVER * sizes.median()]
            points = large.geometry.representative_point()
            for name, point in zip(large["name"], points, strict=True):
                labels.append(Label(str(name), float(point.x), float(point.y), 2))
    return tuple(labels)


def part_labels(drawn: tuple[DrawnPart, ...], built: Parts) -> tuple[Label, ...]:
    """Names of area features (bays, wetlands) of the layer's own parts, where there is room."""
    labels = []
    for part, _, one in built:
        if part.kind != "areas" or part.overlay:
            continue
        for found in one.drawn:
            if found.shape != "area" or len(found.frame) > 40:
                continue
            points = found.frame.geometry.representative_point()
            for name, point in zip(found.frame["label"], points, strict=True):
                labels.append(Label(str(name), float(point.x), float(point.y), 2))
    return tuple(labels)


def extent(project: Project, selection: Selection, drawn: tuple[DrawnPart, ...]) -> Bounds:
    """The bounds of the selected land and of the areas drawn over it."""
    outlines = areas.outlines(project).loc[list(areas.all_codes(project, selection))]
    pieces = outlines.geometry.explode(ignore_index=True)
    large = pieces[area_km2(pieces) >= ISLET_KM2]
    west, south, east, north = (large if len(large) else pieces).total_bounds
    for part in drawn:
        if part.shape == "area" and not part.coloured and len(part.frame):
            w, s, e, n = part.frame.total_bounds
            west, south, east, north = min(w, west), min(s, south), max(e, east), max(n, north)
    return float(west), float(south), float(east), float(north)
