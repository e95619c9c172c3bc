"""Reach, blind spots and a probe in, the MapSpec of the park access page out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from bsh_geo import (
    areas,
    catalogue,
    compose,
    park_access,
    park_people,
    park_report,
    park_words,
    parks,
)
from bsh_geo.areas import Selection
from bsh_geo.catalogue import QUALITY_TITLES
from bsh_geo.choropleth import POINT_RADIUS
from bsh_geo.classes import number
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.errors import LayerError
from bsh_geo.mapspec import DrawnPart, Figure, LegendBlock, LegendItem, MapSpec, Style
from bsh_geo.park_access import Band, Basis
from bsh_geo.park_gaps import Gaps, Probe
from bsh_geo.wording import period_text

REACHED = Style("#2f6b4a", "#2f6b4a", 0.6, opacity=0.38)
STRAIGHT = Style(None, "#4d7d63", 1.1, dashed=True)
"""What would be reached in a straight line, beside what is reached on foot."""
GAP = Style("#c98a3d", "#a5681a", 0.8, opacity=0.42)
ADDED = Style("#1f6f78", "#1f6f78", 1.2, opacity=0.55)
SERVED = Style(None, "#1f6f78", 1.6, dashed=True)
PLACE = Style("#ffffff", "#123f45", 2.4)

DRAWN_M = 2.5
"""Display simplification; what is measured is not simplified."""

HOLE_M2 = 2_500.0
"""Holes of reached land that are too small to see are filled on the screen, not in the figures."""

GAPS_DRAWN = 200
"""Blind spots on the map, the first ones; the table and the files hold all."""


@dataclass(frozen=True)
class Asked:
    """What a view of the page shows: the basis, the band, the districts, the language."""

    of: Basis
    band: Band
    selection: Selection
    lang: str

    def say(self, zh: str, en: str) -> str:
        """The text in the view's language."""
        return zh if self.lang == "zh" else en


def build(
    asked: Asked,
    found: Gaps | None,
    probe: Probe | None,
    corners: tuple[tuple[float, float], ...] = (),
) -> MapSpec:
    """The view: parks, what they serve, blind spots where asked for, the probe where there is one.

    ``corners`` (longitude, latitude) are those of an area that is still being drawn.

    Raises
    ------
    BshError
        The parks' layer is missing or broken, or a given file is.
    """
    base = _base(asked)
    points = [part for part in base.parts if part.shape == "point"]
    own = tuple(block for block in base.legend if block.title in {one.title for one in points})
    drawn = _parts(asked, points, found, probe, corners)
    notes = park_words.method(asked.of, asked.band, asked.lang)
    way = park_words.way(asked.of, asked.lang)
    return replace(
        base,
        layer="park_access",
        title=asked.say("公园可达", "Access to parks"),
        subtitle=" · ".join([base.area, asked.band.title(asked.lang), way]),
        period="",
        parts=tuple(drawn),
        legend=tuple(_legend(asked, drawn, found)) + own,
        key=_key(asked),
        figures=_figures(asked),
        trend=None,
        notes=notes,
        quality_note="",
        tables=(),
    )


def _parts(
    asked: Asked,
    points: list[DrawnPart],
    found: Gaps | None,
    probe: Probe | None,
    corners: tuple[tuple[float, float], ...],
) -> list[DrawnPart]:
    """What is drawn, from below; nothing that would be empty."""
    drawn = [_reached(asked)]
    if found is not None:
        drawn.append(_gaps(asked, found))
    drawn += points
    if probe is not None:
        drawn += _probe(asked, probe)
    if corners:
        drawn.append(_corners(asked, corners))
    return [part for part in drawn if len(part.frame)]


def _base(asked: Asked) -> MapSpec:
    """The parks' own layer with its points only: extent, names, targets, sources."""
    part = parks.service_part(asked.of.project)
    layer = next(
        (
            one
            for one in catalogue.load_layers(asked.of.project)[0].values()
            if part is not None and part in one.parts
        ),
        None,
    )
    if layer is None:
        raise LayerError(
            '没有图层声明公园的服务范围（kind = "service"，dataset = "parks"）。',
            'No layer declares what parks serve (kind = "service", dataset = "parks").',
        )
    points = tuple(one.id for one in layer.parts if one.kind == "points" and one.dataset == "parks")
    chosen = (asked.selection.group,) if asked.selection.group else asked.selection.codes
    return compose.build(
        asked.of.project, compose.Request(layer.id, areas=chosen, parts=points, lang=asked.lang)
    )


def _codes(asked: Asked) -> list[str]:
    return list(areas.all_codes(asked.of.project, asked.selection))


def _drawn(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Shapes of ``MEASURE`` as the screen needs them, in ``DISPLAY``."""
    plain = shapes.simplify(DRAWN_M).map(_without_small_holes)
    moved: gpd.GeoSeries = gpd.GeoSeries(plain, crs=MEASURE).to_crs(DISPLAY)
    return moved


def _without_small_holes(shape: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_type_id(parts) == 3]
    if not shapely.get_num_interior_rings(polygons).sum():
        return shape
    filled = []
    for one in polygons:
        rings = [ring for ring in one.interiors if shapely.Polygon(ring).area >= HOLE_M2]
        filled.append(shapely.Polygon(one.exterior, rings))
    return shapely.multipolygons(filled)


def _part(part_id: str, title: str, rows: gpd.GeoDataFrame, style: Style) -> DrawnPart:
    shape = "point" if "radius" in rows else "area"
    kept = rows[~rows.geometry.is_empty].assign(key="all")
    kept.index = kept.index.astype(str)
    return DrawnPart(part_id, title, shape, kept, {"all": style})  # type: ignore[arg-type]


def _frame(
    shapes: gpd.GeoSeries, names: list[str], lines: list[tuple[tuple[str, str], ...]]
) -> gpd.GeoDataFrame:
    rows = gpd.GeoDataFrame({"name": names}, index=shapes.index, geometry=shapes, crs=DISPLAY)
    rows["lines"] = lines
    return rows


@lru_cache(maxsize=16)
def _reached(asked: Asked) -> DrawnPart:
    """What is reached; a click goes through it to the ground (``service`` takes no part in it)."""
    found = park_access.reach(asked.of, asked.band).areas.geometry.loc[_codes(asked)]
    names = [areas.area_name(asked.of.project, code, asked.lang) for code in found.index]
    title = _reach_title(asked)
    rows = _frame(_drawn(found), names, [()] * len(found))
    reached = _part("service", title, rows, REACHED)
    if not asked.of.on_foot:
        return reached
    rows.geometry = _drawn(
        park_access.reach(park_access.straight(asked.of), asked.band).areas.geometry.loc[rows.index]
    )
    line = (
        _part("service", title, rows, STRAIGHT)
        .frame.assign(key="straight")
        .add_prefix("straight-", axis="index")
    )
    both = gpd.GeoDataFrame(pd.concat([line, reached.frame]), crs=DISPLAY)
    return replace(reached, frame=both, styles={"straight": STRAIGHT, **reached.styles})


def _reach_title(asked: Asked) -> str:
    way = park_words.way(asked.of, asked.lang)
    return asked.say(f"公园服务范围（{way}）", f"Within reach of a park ({way})")


def _gaps(asked: Asked, found: Gaps) -> DrawnPart:
    shown = found.patches.head(GAPS_DRAWN)
    rows = park_report.gap_rows(asked.of, asked.band, found, asked.lang, GAPS_DRAWN).shown
    titles = [str(name) for name in rows.columns[2 : 6 if found.by == "people" else 5]]
    lines = [
        tuple(
            (name, f"{row[name]:,.10g}" if isinstance(row[name], float) else str(row[name]))
            for name in titles
        )
        for _, row in rows.iterrows()
    ]
    names = [
        asked.say(f"盲区第 {rank} 位 · {area}", f"Blind spot {rank} · {area}")
        for rank, area in zip(rows.iloc[:, 0], rows.iloc[:, 1], strict=True)
    ]
    shapes = _drawn(shown.geometry)
    return _part("gaps", asked.say("服务盲区", "Blind spots"), _frame(shapes, names, lines), GAP)


def _probe(asked: Asked, probe: Probe) -> list[DrawnPart]:
    """The new park, what it serves, and what of that is new."""
    title = asked.say("拟建公园", "New park")
    shapes = gpd.GeoSeries([probe.served, probe.added], crs=MEASURE)
    served, added = _drawn(shapes)
    place = gpd.GeoSeries([probe.place.representative_point()], crs=MEASURE).to_crs(DISPLAY)
    lines = [(asked.say("新增陆域", "Land added"), f"{probe.added_km2:.3f} km²")]
    if not np.isnan(probe.people_added):
        lines.append((asked.say("新增居民", "Residents added"), f"{probe.people_added:,.0f}"))
    ids = ["new"]
    found = []
    for part_id, shape, style in (("probe-added", added, ADDED), ("probe-served", served, SERVED)):
        series = gpd.GeoSeries([shape], index=ids, crs=DISPLAY)
        found.append(_part(part_id, title, _frame(series, [title], [tuple(lines)]), style))
    point = _frame(gpd.GeoSeries(place.to_numpy(), index=ids, crs=DISPLAY), [title], [tuple(lines)])
    found.append(_part("probe", title, point.assign(radius=6.5), PLACE))
    return found


def _corners(asked: Asked, corners: tuple[tuple[float, float], ...]) -> DrawnPart:
    title = asked.say("拟建公园的角点", "Corner of the new park")
    places = gpd.GeoSeries(gpd.points_from_xy(*zip(*corners, strict=True)), crs=DISPLAY)
    rows = _frame(places, [title] * len(places), [()] * len(places))
    return _part("corners", title, rows.assign(radius=4.5), PLACE)


def _legend(asked: Asked, drawn: list[DrawnPart], found: Gaps | None) -> list[LegendBlock]:
    ids = {part.id for part in drawn}
    items = [LegendItem(_reach_title(asked), REACHED)]
    if asked.of.on_foot:
        items.append(LegendItem(asked.say("直线范围", "Straight line"), STRAIGHT))
    if found is not None and "gaps" in ids:
        count = len(found.patches)
        first = (
            asked.say(f"，图上为前 {GAPS_DRAWN} 块", f", the first {GAPS_DRAWN} drawn")
            if count > GAPS_DRAWN
            else ""
        )
        text = asked.say(f"服务盲区 {count:,} 块{first}", f"{count:,} blind spots{first}")
        items.append(LegendItem(text, GAP))
    if "probe" in ids:
        items.append(LegendItem(asked.say("拟建公园", "New park"), PLACE, "point", POINT_RADIUS))
    if "probe-served" in ids:
        items.append(LegendItem(asked.say("其服务范围", "What it serves"), SERVED))
    if "probe-added" in ids:
        items.append(LegendItem(asked.say("新增覆盖", "Newly reached"), ADDED))
    return [LegendBlock(asked.band.title(asked.lang), "", tuple(items))]


def _key(asked: Asked) -> Figure:
    """The share of land that is reached in the selection."""
    row = park_access.share_row(asked.of, asked.band, tuple(_codes(asked)))
    return Figure(
        label=asked.say("陆域覆盖率", "Share of land within reach"),
        value=number(float(row["land_share"]), 1),
        unit="%",
        period="",
        quality=QUALITY_TITLES["derived"].get(asked.lang),
        note=asked.say(
            f"{row['covered_km2']:,.2f} / {row['land_km2']:,.2f} km²，只计有位置的公园，偏低",
            f"{row['covered_km2']:,.2f} of {row['land_km2']:,.2f} km²; located parks only, too low",
        ),
    )


def _figures(asked: Asked) -> tuple[Figure, ...]:
    """Residents, parks and green space per head of the selection, each with its reservation."""
    row = park_access.share_row(asked.of, asked.band, tuple(_codes(asked)))
    found = []
    derived = QUALITY_TITLES["derived"].get(asked.lang)
    if not np.isnan(row["people_share"]):
        note = asked.say(
            f"{row['people_covered']:,.0f} / {row['people']:,.0f} 人；",
            f"{row['people_covered']:,.0f} of {row['people']:,.0f}; ",
        )
        living = park_access.people(asked.of)
        method = living.method(asked.lang) if living else ""
        share = number(float(row["people_share"]), 1)
        label = asked.say("居民覆盖率", "Share of residents")
        found.append(Figure(label, share, "%", "", derived, note + method))
    return (*found, *_per_head(asked, derived))


def _per_head(asked: Asked, derived: str) -> list[Figure]:
    area = asked.selection.area
    rows = park_people.per_head(asked.of.project)
    if area is None or area not in rows.index:
        return []
    row = rows.loc[area]
    kind = park_report.KINDS[str(row["kind"])][1 if asked.lang == "en" else 0]
    people = asked.say(
        f"人口 {row['people']:,.0f}（{row['year']}，{kind}）",
        f"population {row['people']:,.0f} ({row['year']}, {kind})",
    )
    counted = asked.say(
        f"名录 {row['parks']} 座，{row['located']} 座有位置，{row['with_area']} 座有面积；",
        f"{row['parks']} listed, {row['located']} with a place, {row['with_area']} with an area; ",
    )
    found = [
        Figure(
            asked.say("名录公园", "Listed parks"), f"{row['parks']:,}", asked.say("座", ""), "",
            derived, counted + people,
        )
    ]  # fmt: skip
    if not pd.isna(row["published_m2"]):
        when = period_text(str(row["published_period"]), asked.lang)
        label = asked.say("人均公园绿地（公布）", "Park green per person, published")
        note = asked.say("所用人口文件未说明", "the population used is not stated")
        unit = asked.say("m²/人", "m²/person")
        title = QUALITY_TITLES["published"].get(asked.lang)
        found.append(Figure(label, f"{row['published_m2']:g}", unit, when, title, note))
    if not pd.isna(row["known_m2"]):
        found.append(
            Figure(
                asked.say("已知公园面积人均", "Known park area per person"),
                f"≥ {row['known_m2']:.2f}",
                asked.say("m²/人", "m²/person"),
                str(row["year"]),
                derived,
                counted + people + asked.say("；只计有面积的公园，为下限", "; a lower bound"),
            )
        )
    return found


def area_key(asked: Asked) -> str:
    """What the map's place depends on: another area moves it, another band does not."""
    return ",".join(asked.selection.codes) or "city"
