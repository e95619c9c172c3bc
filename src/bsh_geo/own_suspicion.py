"""Degrees and what the rows say of their places in, whether they are GCJ-02 or BD-09 out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bsh_geo import own_datum, own_places
from bsh_geo.catalogue import Text
from bsh_geo.own_datum import DATUMS, NAMES, Datum
from bsh_geo.own_places import Codes, Evidence, points_of
from bsh_geo.own_report import Ledger
from bsh_geo.project import Project
from bsh_geo.site_geometry import Pairs, Shapes

FAR_M, NEARER = 200.0, 0.5
"""A datum is suspected where the data lie farther off than this and another halves it."""


LEAST = 3
"""Known places, or rows on the wrong side of a border, below which nothing is concluded."""


@dataclass(frozen=True, eq=False)
class Clues:
    """What the rows themselves say of their places: known ones (degrees, NaN) and districts."""

    known: Pairs
    stated: Codes


def with_evidence(text: Text, found: Evidence) -> Text:
    x, y = found.centre
    zh = [f"{found.inside:.0%} 在本市，中位 ({x:.4f}, {y:.4f})"]
    en = [f"{found.inside:.0%} in the city, median ({x:.4f}, {y:.4f})"]
    if found.matched:
        zh.append(f"与 {found.matched} 处已知点相差中位 {found.metres:,.0f} m")
        en.append(f"median {found.metres:,.0f} m from {found.matched} known places")
    if found.stated:
        zh.append(
            f"{found.stated} 行写明区，{found.wrong} 行不在该区"
            if found.wrong
            else f"{found.stated} 行写明区，都在该区"
        )
        en.append(
            f"{found.wrong} of {found.stated} rows outside the district they name"
            if found.wrong
            else f"all {found.stated} rows in the district they name"
        )
    return Text(zh=f"{text.zh}：{'；'.join(zh)}", en=f"{text.en}: {'; '.join(en)}")


def suspected(
    project: Project, degrees: Shapes, clues: Clues
) -> tuple[Datum, dict[Datum, Evidence]]:
    """The datum that fits degrees best, with the evidence; "wgs84" unless another is far better."""
    found: dict[Datum, Evidence] = {}
    for datum in DATUMS:
        back = own_datum.shapes_moved(degrees, datum, "wgs84") if datum != "wgs84" else degrees
        found[datum] = own_places.evidence(project, points_of(back), clues.known, clues.stated)
    own = found["wgs84"]
    if own.matched >= LEAST:
        best = min(DATUMS, key=lambda one: found[one].metres)
        if own.metres > FAR_M and found[best].metres < NEARER * own.metres:
            return best, found
        return "wgs84", found
    best = min(DATUMS, key=lambda one: found[one].wrong)
    if own.wrong - found[best].wrong >= LEAST and found[best].wrong <= NEARER * own.wrong:
        return best, found
    return "wgs84", found


def shift_m(degrees: Shapes, datum: Datum) -> tuple[float, float]:
    """How far a datum is off WGS 84 at the middle of the data, in metres east and north."""
    points = points_of(degrees)
    points = points[np.isfinite(points).all(axis=1)]
    x, y = np.median(points, axis=0)[:, None] if len(points) else (np.array([0.0]),) * 2
    back_x, back_y = own_datum.moved(x, y, datum, "wgs84")
    scale = own_places.DEGREE_M
    return (
        float((x - back_x)[0] * np.cos(np.radians(float(y[0]))) * scale),
        float((y - back_y)[0] * scale),
    )


def ask_where_suspected(project: Project, degrees: Shapes, clues: Clues, ledger: Ledger) -> None:
    best, found = suspected(project, degrees, clues)
    if best == "wgs84":
        return
    own, other = found["wgs84"], found[best]
    if own.matched >= LEAST:
        east, north = own.east, own.north
        why_zh = (
            f"{own.matched} 处已知点中位相差 {own.metres:,.0f} m，按 {NAMES[best]} 换算后为 "
            f"{other.metres:,.0f} m"
        )
        why_en = (
            f"{own.matched} known places are a median of {own.metres:,.0f} m off, "
            f"{other.metres:,.0f} m once read as {NAMES[best]}"
        )
    else:
        east, north = shift_m(degrees, best)
        why_zh = (
            f"{own.stated} 行中 {own.wrong} 行不在所写的区，按 {NAMES[best]} 换算后为 "
            f"{other.wrong} 行"
        )
        why_en = (
            f"{own.wrong} of {own.stated} rows lie outside the district they name, "
            f"{other.wrong} once read as {NAMES[best]}"
        )
    size = float(np.hypot(east, north))
    shift_zh = f"偏移约 {size:,.0f} m（东 {east:+,.0f}，北 {north:+,.0f}）"
    shift_en = f"shifted by about {size:,.0f} m (east {east:+,.0f}, north {north:+,.0f})"
    ledger.ask(
        "datum",
        "--datum",
        f"坐标疑似 {NAMES[best]}：{why_zh}；{shift_zh}。请说明：",
        f"The coordinates look like {NAMES[best]}: {why_en}; {shift_en}. Say which:",
        [
            (best, Text(zh=f"按 {NAMES[best]} 换算为 WGS 84", en="turn it into WGS 84")),
            ("wgs84", Text(zh="确为 WGS 84，不换算", en="it is WGS 84; leave it")),
        ],
    )


def tell_datum(
    project: Project, degrees: Shapes, datum: Datum, clues: Clues, ledger: Ledger
) -> None:
    east, north = shift_m(degrees, datum)
    size = float(np.hypot(east, north))
    ledger.add(
        "note",
        f"按 {NAMES[datum]} 换算为 WGS 84，移动约 {size:,.0f} m（东 {-east:+,.0f}，"
        f"北 {-north:+,.0f}）",
        f"Turned from {NAMES[datum]} into WGS 84, moved by about {size:,.0f} m "
        f"(east {-east:+,.0f}, north {-north:+,.0f})",
    )
    best, found = suspected(project, degrees, clues)
    if best != datum and found[datum].matched >= LEAST:
        own, said = found[best], found[datum]
        ledger.add(
            "proposed",
            f"按 {NAMES[datum]} 换算后与 {said.matched} 处已知点中位相差 {said.metres:,.0f} m，"
            f"按 {NAMES[best]} 为 {own.metres:,.0f} m",
            f"Read as {NAMES[datum]} the data are a median of {said.metres:,.0f} m off "
            f"{said.matched} known places, as {NAMES[best]} {own.metres:,.0f} m",
        )
