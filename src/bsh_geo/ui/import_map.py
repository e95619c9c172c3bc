"""The places of an import in, the MapSpec of its preview out: each marked with what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely

from bsh_geo import areas, frames, labels, own_marks
from bsh_geo.areas import Selection
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.mapspec import Bounds, DrawnPart, LegendBlock, LegendItem, MapSpec, Style
from bsh_geo.own_marks import MARKS, Mark
from bsh_geo.project import Project
from bsh_geo.ui.import_look import Places
from bsh_geo.ui.text import word

MOST_VERTICES = 60_000
"""Vertices on a map; outlines are made simpler until they have no more."""

STYLES: dict[str, Style] = {
    "fine": Style("#1f6f78", "#0f4047", 1.2, opacity=0.62),
    "doubt": Style("#e0a02e", "#8a5410", 1.4, opacity=0.75),
    "overlap": Style("#efd9a8", "#8a5410", 1.4, hatch="diagonal", opacity=0.85),
    "double": Style("#cbbfe0", "#5b3f8c", 1.6, hatch="dots", opacity=0.85),
    "repaired": Style("#6fa8dc", "#1d4f86", 1.6, opacity=0.7),
    "rejected": Style("#e9b8ae", "#8c2b1d", 1.6, dashed=True, opacity=0.8),
    "outside": Style("#b9bec2", "#3f474d", 1.6, dashed=True, opacity=0.7),
    "tiny": Style("#ffffff", "#c0392b", 2.4, opacity=0.9),
    "type": Style("#f3c6e0", "#a3176d", 2.0, opacity=0.9),
    "invalid": Style("#f4d9d2", "#c0392b", 1.8, hatch="cross", opacity=0.9),
}
DOTS: dict[str, str] = {"double": "#8a6cc0", "overlap": "#c98a3d", "invalid": "#c0392b"}
"""Fill of points of hatched marks: a dot is too small for a hatch."""

MENDED = Style(None, "#c0392b", 1.2, dashed=True)
EMPTY = Style(None, "#c0392b", 1.2, dashed=True)

RADIUS, RADIUS_MANY, MANY = 5.0, 2.6, 300
FAR = 1.5
"""Degrees around the city beyond which nothing is looked at."""


def map_spec(project: Project, places: Places | None, title: str, lang: str) -> MapSpec:
    """The preview of an import; without places that of the city alone."""
    whole = labels.extent(project, Selection(), ())
    looked = extent(places, whole)
    drawn = _drawn(places, title) if places is not None else ()
    return MapSpec(
        layer="import",
        lang=lang,
        title=title,
        subtitle=subtitle(places, lang),
        area=areas.area_name(project, "310000", lang),
        period="",
        extent=looked,
        whole=whole,
        ground=areas.outlines(project),
        neighbours=frames.boundary(project, "neighbours"),
        outline=areas.outlines(project).iloc[0:0],
        parts=drawn,
        labels=labels.district_labels(project, Selection(), lang),
        legend=_legend(places, drawn, looked, lang) if places is not None else (),
        key=None,
        figures=(),
        targets=(),
        trend=None,
        notes=(),
        quality_note="",
        sources=(),
        data_date="",
    )


def subtitle(places: Places | None, lang: str) -> str:
    """How many places there are, and how many of them are drawn."""
    if places is None:
        return ""
    count, shown = sum(places.counts.values()), len(places.frame)
    if places.is_part:
        return word("import_map_part", lang, n=f"{count:,}", shown=f"{shown:,}")
    return word("import_map_all", lang, n=f"{count:,}")


def extent(places: Places | None, whole: Bounds) -> Bounds:
    """The places with some air around; far ones do not shrink the city to nothing."""
    if places is None or not len(places.frame):
        return whole
    west, south, east, north = whole
    frame = places.frame
    near = frame.geometry.intersects(shapely.box(west - FAR, south - FAR, east + FAR, north + FAR))
    shown = frame[near & frame["mark"].ne("outside")]
    shown = shown if len(shown) else frame[near]
    if not len(shown):
        return whole
    x0, y0, x1, y1 = (float(one) for one in shown.total_bounds)
    air = max(0.02, 0.08 * max(x1 - x0, y1 - y0))
    return (
        max(x0 - air, west - FAR), max(y0 - air, south - FAR),
        min(x1 + air, east + FAR), min(y1 + air, north + FAR),
    )  # fmt: skip


def _drawn(places: Places, title: str) -> tuple[DrawnPart, ...]:
    """Areas, the former outlines of mended ones, lines and points, in this order."""
    frame = places.frame
    kinds = shapely.get_dimensions(frame.geometry.to_numpy())
    tiny = frame["mark"].eq("tiny").to_numpy()
    dots = frame[(kinds == 0) | tiny]
    dots = dots.set_geometry(shapely.centroid(dots.geometry.to_numpy()), crs=DISPLAY)
    areal = frame[(kinds == 2) & ~tiny]
    ranks = areal["mark"].map(lambda one: -MARKS.index(one))
    areal = areal.iloc[np.argsort(ranks.to_numpy(), kind="stable")]
    areal = areal.set_geometry(_simpler(areal.geometry))
    known = frame.loc[places.mended.index]
    before = known.assign(mark="mended").set_geometry(_simpler(places.mended))
    lines = {key: Style(None, one.stroke, 2.4) for key, one in STYLES.items()}
    points = {
        key: Style(DOTS.get(key, one.fill), one.stroke, one.width, one.dashed, None, one.opacity)
        for key, one in STYLES.items()
    }
    parts = [
        _part("import-areas", title, "area", areal, STYLES),
        _part("import-mended", title, "area", before, {"mended": MENDED}),
        _part("import-lines", title, "area", frame[kinds == 1], lines),
        _part("import-points", title, "point", dots, points),
    ]
    return tuple(one for one in parts if len(one.frame))


def _part(
    part_id: str,
    title: str,
    shape: Literal["area", "point"],
    rows: gpd.GeoDataFrame,
    styles: Mapping[str, Style],
) -> DrawnPart:
    made = gpd.GeoDataFrame(geometry=rows.geometry.to_numpy(), crs=DISPLAY)
    made.index = [f"{part_id}-{one}" for one in rows.index]
    made["key"] = rows["mark"].to_numpy()
    made["name"], made["lines"] = rows["name"].to_numpy(), rows["lines"].to_numpy()
    small = made["key"].eq("fine") & (len(made) > MANY)
    made["radius"] = np.where(small, RADIUS_MANY, RADIUS)
    used = set(made["key"])
    return DrawnPart(
        part_id, title, shape, made, {key: one for key, one in styles.items() if key in used}
    )


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


def _legend(
    places: Places, drawn: tuple[DrawnPart, ...], looked: Bounds, lang: str
) -> tuple[LegendBlock, ...]:
    """Each mark with the number of its rows, fine ones first."""
    shapes = {str(key): part for part in drawn for key in set(part.frame["key"])}
    items = [
        _item(mark, places, shapes[mark], looked, lang)
        for mark in reversed(MARKS)
        if places.counts.get(mark) and mark in shapes
    ]
    if len(places.mended):
        items.append(LegendItem(word("import_map_mended", lang), MENDED))
    if empty := places.counts.get("empty"):
        items.append(LegendItem(f"{word('import_map_empty', lang)} {empty:,}", EMPTY))
    title = word("import_map_legend", lang)
    return (LegendBlock(title, word(places.unit, lang), tuple(items)),) if items else ()


def _item(mark: Mark, places: Places, part: DrawnPart, looked: Bounds, lang: str) -> LegendItem:
    label = f"{own_marks.TITLES[mark].get(lang)} {places.counts[mark]:,}"
    frame = places.frame
    away = ~frame[frame["mark"].eq(mark)].geometry.intersects(shapely.box(*looked))
    if mark == "outside" and away.any():
        label += word("import_map_away" if away.all() else "import_map_away_some", lang)
    point = part.shape == "point"
    return LegendItem(
        label, part.styles[mark], "point" if point else "area", RADIUS if point else None
    )
