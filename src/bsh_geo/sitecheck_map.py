"""The result of a site check, or only its registers, in; the MapSpec of its map out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import areas, frames, labels, sitecheck
from bsh_geo.areas import Selection
from bsh_geo.catalogue import QUALITY_TITLES, Text
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.mapspec import Bounds, DrawnPart, Label, LegendBlock, LegendItem, MapSpec, Style
from bsh_geo.project import Project
from bsh_geo.registers import Items, Register, items, registers_of
from bsh_geo.relations import ARC, Places, Shapes
from bsh_geo.sitecheck import SiteCheck
from bsh_geo.sitecheck_words import short_state

MOST_DRAWN = 3_000
"""Sites on a map; a browser draws more only slowly, and a reader sees no more."""

MOST_NAMED = 40

SIMPLE_M = 8.0
"""Registers' outlines are drawn that much simpler: less than a pixel at the scale of a district."""

LEAST_SPAN = 0.06
"""Degrees that a map shows at least, so that a point is seen among its surroundings."""

MOST_AIR = 0.1
"""Degrees around the sites that a map shows at most."""

CONFLICT = Style("#c0392b", "#7f1d12", 1.8, opacity=0.82)
CLOSE = Style("#d98f2b", "#8a5410", 1.8, opacity=0.82)
CLEAR = Style("#1f6f78", "#0f4047", 1.8, opacity=0.82)
AROUND = Style(None, "#22302f", 1.2, dashed=True)
GROUPS = {
    "conflict": (
        CONFLICT,
        Text(zh="位于其内、重叠或含其点位", en="inside, overlapping, or holding a point"),
        ("inside", "overlaps", "holds"),
    ),
    "close": (
        CLOSE,
        Text(zh="相接或在缓冲区内", en="touching or within the buffer"),
        ("touches", "near"),
    ),
    "clear": (CLEAR, Text(zh="不相交", en="apart"), ("outside",)),
}
RADIUS, RADIUS_MANY = 5.5, 3.4
"""Pixels of a site that is a point: of few sites, of many."""

TITLE = Text(zh="选址核查", en="Site check")


def map_spec(
    project: Project,
    found: SiteCheck | None,
    lang: str,
    against: Sequence[str] | None = None,
    point_names: bool = False,
) -> MapSpec:
    """The map of a result; without one that of the registers alone, for the whole city.

    ``point_names`` names sites that are points too: for a renderer that sets names beside them.
    """
    registers = found.registers if found else registers_of(project, against)
    places = found.items if found else items(project, registers)
    parts = [*_registers(registers, places, lang), *(_sites(found, lang) if found else ())]
    schematic = bool((places.frame["quality"] == "schematic").any())
    note = sitecheck.STATEMENT.get(lang) if schematic else ""
    whole = labels.extent(project, Selection(), ())
    return MapSpec(
        layer="sitecheck",
        lang=lang,
        title=TITLE.get(lang),
        subtitle=subtitle(found, lang) if found else "",
        area=areas.area_name(project, "310000", lang),
        period="",
        extent=extent(found, whole) if found else whole,
        whole=whole,
        ground=areas.outlines(project),
        neighbours=frames.boundary(project, "neighbours"),
        outline=areas.outlines(project).iloc[0:0],
        parts=tuple(part for part in parts if len(part.frame)),
        labels=(*labels.district_labels(project, Selection(), lang), *_names(found, point_names)),
        legend=_legend(registers, places, found, lang),
        key=None,
        figures=(),
        targets=(),
        trend=None,
        notes=_notes(registers, found, lang),
        quality_note=note,
        sources=sitecheck.sources(project, found, lang) if found else (),
        data_date=sitecheck.dates(project, found, lang) if found else "",
    )


def _notes(registers: Sequence[Register], found: SiteCheck | None, lang: str) -> tuple[str, ...]:
    """What limits the registers, what was not tested, and what was mended."""
    said = [one.note.get(lang) for one in registers]
    if found is not None:
        said += sitecheck.untested(found, lang, most=3)
        said += [one.get(lang) for one in found.sites.notes]
    return tuple(said)


def subtitle(found: SiteCheck, lang: str) -> str:
    """How many sites were tested, with which buffer."""
    count, left = len(found.sites), len(found.sites.rejected)
    if lang == "en":
        said = [f"{count:,} {'site' if count == 1 else 'sites'}"] + (
            [f"{left} not tested"] if left else []
        )
        said += [f"buffer {found.buffer_m:,.0f} m"] if found.buffer_m else []
    else:
        said = [f"{count:,} 个场址"] + ([f"{left} 个未核查"] if left else [])
        said += [f"缓冲 {found.buffer_m:,.0f} m"] if found.buffer_m else []
    return " · ".join(said)


def extent(found: SiteCheck, whole: Bounds) -> Bounds:
    """The sites with a third of their span around; widely scattered ones with the whole city."""
    west, south, east, north = (float(one) for one in found.sites.frame.total_bounds)
    reach = found.buffer_m / 80_000  # a degree is at least 95 km here
    span = min(max(east - west, north - south, LEAST_SPAN) / 3, MOST_AIR) + reach
    west, south, east, north = west - span, south - span, east + span, north + span
    if east - west > whole[2] - whole[0]:
        return (
            min(west, whole[0]),
            min(south, whole[1]),
            max(east, whole[2]),
            max(north, whole[3]),
        )
    return west, south, east, north


_SHAPES: tuple[Literal["area", "point"], ...] = ("area", "point")


def _registers(registers: Sequence[Register], places: Items, lang: str) -> list[DrawnPart]:
    """The boundaries of each register, then the points of those without one."""
    found = []
    for shape in _SHAPES:
        for one in reversed(registers):  # the first register lies on top
            rows = (places.frame["register"] == one.id) & (places.frame["form"] == shape)
            at = np.flatnonzero(rows)
            if len(at):
                found.append(_register(one, places, at, shape, lang))
    return found


def _register(
    one: Register, places: Items, at: Places, shape: Literal["area", "point"], lang: str
) -> DrawnPart:
    rows = places.frame.iloc[at]
    plane = shapely.simplify(places.plane[at], SIMPLE_M) if shape == "area" else places.plane[at]
    geometry = gpd.GeoSeries(plane, crs=MEASURE).to_crs(DISPLAY)
    frame = gpd.GeoDataFrame(geometry=geometry.to_numpy(), crs=DISPLAY)
    frame.index = [f"{one.id}-{name}" for name in rows["id"]]
    schematic = (rows["quality"] == "schematic").to_numpy()
    frame["key"] = np.where(schematic, "sketch", "solid")
    frame["name"] = rows[f"name_{lang}"].to_numpy()
    frame["lines"] = [_lines(one, row, lang) for _, row in rows.iterrows()]
    frame["radius"] = 2.4
    styles = _styles(one) if shape == "area" else {"solid": _dot(one), "sketch": _dot(one)}
    suffix = "" if shape == "area" else "-points"
    return DrawnPart(f"{one.id}{suffix}", one.title.get(lang), shape, frame, styles)


def _lines(one: Register, cells: pd.Series, lang: str) -> tuple[tuple[str, str], ...]:
    """What a register's place says when it is pointed at."""
    words = {
        "zh": ("核查对象", "类型", "数据", "质量"),
        "en": ("Register", "Type", "Known by", "Quality"),
    }[lang]
    form = {"area": ("边界", "boundary"), "point": ("仅点位", "point only")}
    values = (
        one.title.get(lang),
        str(cells[f"kind_{lang}"]),
        form[str(cells["form"])][lang == "en"],
        QUALITY_TITLES[str(cells["quality"])].get(lang),
    )
    return tuple((word, value) for word, value in zip(words, values, strict=True) if value)


def _styles(one: Register) -> dict[str, Style]:
    dark = _darker(one.colour)
    if one.hatch:
        plain = Style(None, dark, 1.2, hatch=one.hatch, opacity=1.0)
        return {"sketch": replace(plain, dashed=True), "solid": plain}
    return {
        "sketch": Style(one.colour, dark, 1.0, dashed=True, opacity=0.5),
        "solid": Style(one.colour, dark, 1.0, opacity=0.6),
    }


def _dot(one: Register) -> Style:
    return Style(one.colour, "#ffffff", 0.6, opacity=0.9)


def _darker(colour: str) -> str:
    """A colour at two thirds of its brightness, for outlines."""
    parts = (int(colour[at : at + 2], 16) * 2 // 3 for at in (1, 3, 5))
    return "#" + "".join(f"{one:02x}" for one in parts)


def _group(relation: str) -> str:
    return next(key for key, (_, _, members) in GROUPS.items() if relation in members)


def _sites(found: SiteCheck, lang: str) -> list[DrawnPart]:
    """The buffer around the sites, then sites by kind, in the colour of their result."""
    sites = found.sites.frame.iloc[:MOST_DRAWN]
    plane = found.sites.plane[:MOST_DRAWN]
    relation = found.sums["relation"].iloc[:MOST_DRAWN]
    frame = gpd.GeoDataFrame(geometry=sites.geometry.to_numpy(), crs=DISPLAY)
    frame.index = [f"site-{number}" for number in sites.index]
    frame["key"] = [_group(str(one)) for one in relation]
    frame["name"] = sites["name"].to_numpy()
    frame["lines"] = _site_lines(found, len(sites), lang)
    frame["radius"] = RADIUS if len(frame) <= MOST_NAMED else RADIUS_MANY
    kinds = sites["kind"].to_numpy()
    solid = {key: style for key, (style, _, _) in GROUPS.items()}
    lines = {key: Style(None, one.fill or one.stroke, 3.0) for key, one in solid.items()}
    thin = {key: replace(style, opacity=0.38, width=2.2) for key, style in solid.items()}
    dots = {key: replace(style, width=1.1) for key, style in solid.items()}
    title = {"zh": "场址", "en": "Sites"}[lang]
    parts = [
        DrawnPart("sites-areas", title, "area", frame[kinds == "area"], thin),
        DrawnPart("sites-lines", title, "area", frame[kinds == "line"], lines),
        DrawnPart("sites", title, "point", frame[kinds == "point"], dots),
    ]
    return [*_around(found, plane, frame, lang), *parts]


def _around(found: SiteCheck, plane: Shapes, frame: gpd.GeoDataFrame, lang: str) -> list[DrawnPart]:
    if not found.buffer_m:
        return []
    wide = gpd.GeoSeries(shapely.buffer(plane, found.buffer_m, quad_segs=ARC // 2), crs=MEASURE)
    made = gpd.GeoDataFrame(geometry=wide.to_crs(DISPLAY).to_numpy(), crs=DISPLAY)
    made.index = [f"buffer-{one}" for one in frame.index]
    made["key"], made["name"] = "all", frame["name"].to_numpy()
    made["lines"] = [((("缓冲区", "Buffer")[lang == "en"], f"{found.buffer_m:,.0f} m"),)] * len(
        made
    )
    title = {"zh": "缓冲区", "en": "Buffer"}[lang]
    return [DrawnPart("sites-buffer", title, "area", made, {"all": AROUND})]


def _site_lines(found: SiteCheck, count: int, lang: str) -> list[tuple[tuple[str, str], ...]]:
    """What each site says when it is pointed at: its state against each register."""
    shorts = {one.id: one.short.get(lang) for one in found.registers}
    lines: dict[int, list[tuple[str, str]]] = {}
    wanted = set(found.sites.frame.index[:count])
    for row in found.totals.to_dict("records"):
        if row["number"] in wanted:
            said = short_state(row, lang)
            lines.setdefault(row["number"], []).append((shorts[row["register"]], said))
    return [tuple(lines.get(number, ())) for number in found.sites.frame.index[:count]]


def _names(found: SiteCheck | None, points_too: bool) -> tuple[Label, ...]:
    """The names of a few sites."""
    if found is None or len(found.sites) > MOST_NAMED:
        return ()
    named = found.sites.frame
    named = named if points_too else named[named["kind"] != "point"]
    points = named.geometry.representative_point()
    return tuple(
        Label(str(name), float(point.x), float(point.y), 2)
        for name, point in zip(named["name"], points, strict=True)
    )


def _legend(
    registers: Sequence[Register], places: Items, found: SiteCheck | None, lang: str
) -> tuple[LegendBlock, ...]:
    against = [item for one in registers for item in _register_items(one, places, lang)]
    if (places.frame["quality"] == "schematic").any():
        text = {"zh": "虚线轮廓：示意范围", "en": "Dashed outline: schematic extent"}[lang]
        against.append(LegendItem(text, Style(None, "#22302f", 1.1, dashed=True)))
    blocks = [LegendBlock({"zh": "核查对象", "en": "Tested against"}[lang], "", tuple(against))]
    if found is not None:
        blocks.insert(0, _site_legend(found, lang))
    return tuple(blocks)


def _register_items(one: Register, places: Items, lang: str) -> list[LegendItem]:
    forms = set(places.frame.loc[places.frame["register"] == one.id, "form"])
    title = one.title.get(lang)
    if "area" in forms:
        return [LegendItem(title, _styles(one)["solid"])]
    tail = {"zh": "（仅点位）", "en": " (points only)"}[lang]
    return [LegendItem(f"{title}{tail}", _dot(one), "point", 3.0)] if forms else []


def _site_legend(found: SiteCheck, lang: str) -> LegendBlock:
    used = {_group(str(one)) for one in found.sums["relation"]}
    made = [
        LegendItem(text.get(lang), style, "point", RADIUS)
        for key, (style, text, _) in GROUPS.items()
        if key in used
    ]
    if found.buffer_m:
        text = {"zh": f"缓冲 {found.buffer_m:,.0f} m", "en": f"buffer {found.buffer_m:,.0f} m"}[
            lang
        ]
        made.append(LegendItem(text, AROUND))
    return LegendBlock({"zh": "场址", "en": "Sites"}[lang], "", tuple(made))
