"""Relations, areas and distances of a site check in, words of a reader out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bsh_geo.catalogue import Text

RELATION_TITLES = {
    "inside": Text(zh="位于其内", en="inside"),
    "overlaps": Text(zh="重叠", en="overlaps"),
    "holds": Text(zh="含其点位", en="holds its point"),
    "touches": Text(zh="相接", en="touches"),
    "near": Text(zh="缓冲区内", en="within the buffer"),
    "outside": Text(zh="不相交", en="apart"),
    "untested": Text(zh="未核查", en="not tested"),
}


def amount(area_m2: float, lang: str) -> str:
    """An area in the unit that is read best: m², hectares, km²."""
    if area_m2 >= 1e7:
        return f"{area_m2 / 1e6:,.2f} km²"
    if area_m2 >= 1e4:
        return f"{area_m2 / 1e4:,.2f} {'ha' if lang == 'en' else '公顷'}"
    return f"{area_m2:,.0f} m²" if area_m2 >= 10 or area_m2 == 0 else f"{area_m2:,.2f} m²"


def short_state(row: Mapping[Any, Any], lang: str) -> str:
    """A cell of the matrix: how much is shared, or how far the nearest is."""
    relation = str(row["relation"])
    said = RELATION_TITLES[relation].get(lang)
    if relation in ("near", "outside"):
        return distance(float(row["distance_m"]))
    if relation == "overlaps" and not math.isnan(row["overlap_m2"]):
        size = f"{said} {amount(float(row['overlap_m2']), lang)}"
        part = percent(row["share"])
        return f"{size} ({part})" if lang == "en" else f"{size}（{part}）"
    if relation == "overlaps" and not math.isnan(row["overlap_m"]):
        return f"{said} {row['overlap_m']:,.0f} m"
    return said


def percent(share: float) -> str:
    """A share of the site; what is not nothing never reads 0."""
    return f"{share:.1f}%" if share >= 0.05 else "<0.1%"


def distance(metres: float) -> str:
    """A distance as it is read best."""
    return f"{metres / 1000:,.1f} km" if metres >= 10_000 else f"{metres:,.0f} m"


def register_head(title: str, sketched: bool, lang: str) -> str:
    """A register's name over a column; one whose boundaries are all sketches says so."""
    if not sketched:
        return title
    return f"{title} (schematic)" if lang == "en" else f"{title}（示意）"
