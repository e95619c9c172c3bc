"""The places of an import in, the MapSpec of its preview out, doubtful places marked."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import shapely

from bsh_geo import areas, frames, labels
from bsh_geo.areas import Selection
from bsh_geo.catalogue import Text
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.mapspec import Bounds, DrawnPart, LegendBlock, LegendItem, MapSpec, Style
from bsh_geo.project import Project

MOST_POINTS, MOST_AREAS = 3_000, 3_000
"""Features on a map; a browser draws more only slowly, and a reader sees no more."""

MOST_VERTICES = 60_000
"""Vertices on a map; outlines are made simpler until they have no more."""

FINE = Style("#1f6f78", "#0f4047", 1.2, opacity=0.62)
DOUBT = Style("#d98f2b", "#8a5410", 1.4, opacity=0.75)
STYLES = {"fine": FINE, "doubt": DOUBT}
TITLES = {
    "fine": Text(zh="将导入", en="To be imported"),
    "doubt": Text(zh="将导入，有待核对之处", en="To be imported, to be looked at"),
}
RADIUS, RADIUS_MANY, MANY = 5.0, 2.6, 300


def map_spec(project: Project, places: gpd.GeoDataFrame | None, title: str, lang: str) -> MapSpec:
    """The preview of an import; without places that of the city alone."""
    whole = labels.extent(project, Selection(), ())
    shown, drawn = _drawn(places, title) if places is not None else (0, ())
    return MapSpec(
        layer="import",
        lang=lang,
        title=title,
        subtitle=_subtitle(places, shown, lang),
        area=areas.area_name(project, "310000", lang),
        period="",
        extent=extent(places, whole),
        whole=whole,
        ground=areas.outlines(project),
        neighbours=frames.boundary(project, "neighbours"),
        outline=areas.outlines(project).iloc[0:0],
        parts=drawn,
        labels=labels.district_labels(project, Selection(), lang),
        legend=_legend(drawn, lang),
        key=None,
        figures=(),
        targets=(),
        trend=None,
        notes=(),
        quality_note="",
        sources=(),
        data_date="",
    )


def _subtitle(places: gpd.GeoDataFrame | None, shown: int, lang: str) -> str:
    if places is None:
        return ""
    count = len(places)
    if shown < count:
        return (
            f"{count:,} places, the first {shown:,} drawn"
            if lang == "en"
            else f"{count:,} 处，图上为前 {shown:,} 处"
        )
    return f"{count:,} {'places' if lang == 'en' else '处'}"


def extent(places: gpd.GeoDataFrame | None, whole: Bounds) -> Bounds:
    """The places with some air around; a few far ones do not shrink the city to nothing."""
    if places is None or not len(places):
        return whole
    west, south, east, north = (float(one) for one in places.total_bounds)
    air = max(0.02, 0.08 * max(east - west, north - south))
    return (
        max(west - air, whole[0] - 1.5),
        max(south - air, whole[1] - 1.5),
        min(east + air, whole[2] + 1.5),
        min(north + air, whole[3] + 1.5),
    )


def _drawn(places: gpd.GeoDataFrame, title: str) -> tuple[int, tuple[DrawnPart, ...]]:
    """How many places are drawn, and the parts they are drawn as."""
    kinds = shapely.get_dimensions(places.geometry.to_numpy())
    dots = places[kinds == 0].head(MOST_POINTS)
    shapes = places[kinds > 0].head(MOST_AREAS)
    parts = [
        _part("import-areas", title, "area", shapes.set_geometry(_simpler(shapes.geometry))),
        _part("import-points", title, "point", dots),
    ]
    return len(dots) + len(shapes), tuple(one for one in parts if len(one.frame))


def _part(
    part_id: str, title: str, shape: Literal["area", "point"], rows: gpd.GeoDataFrame
) -> DrawnPart:
    made = gpd.GeoDataFrame(geometry=rows.geometry.to_numpy(), crs=DISPLAY)
    made.index = [f"{part_id}-{one}" for one in rows.index]
    made["key"] = np.where(rows["doubt"].to_numpy(dtype=bool), "doubt", "fine")
    made["name"], made["lines"] = rows["name"].to_numpy(), rows["lines"].to_numpy()
    made["radius"] = RADIUS if len(made) <= MANY else RADIUS_MANY
    return DrawnPart(part_id, title, shape, made, STYLES)


def _simpler(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Outlines as the screen needs them: what is measured and stored is not simplified."""
    tolerance = 4.0
    plane = shapes.to_crs(MEASURE)
    made = plane
    while len(made) and shapely.get_num_coordinates(made.to_numpy()).sum() > MOST_VERTICES:
        if tolerance > 500:
            break
        made = plane.simplify(tolerance)
        tolerance *= 2
    back: gpd.GeoSeries = made.to_crs(DISPLAY)
    return back


def _legend(drawn: tuple[DrawnPart, ...], lang: str) -> tuple[LegendBlock, ...]:
    used = {str(key) for part in drawn for key in part.frame["key"]}
    point = any(part.shape == "point" for part in drawn)
    items = tuple(
        LegendItem(
            TITLES[key].get(lang), style, "point" if point else "area", RADIUS if point else None
        )
        for key, style in STYLES.items()
        if key in used
    )
    return (LegendBlock("Preview" if lang == "en" else "预览", "", items),) if items else ()
