"""Reach, blind spots and probes in, sentences out: how figures came about, and what limits them."""

from __future__ import annotations

import numpy as np

from bsh_geo import areas, park_access, parks
from bsh_geo.park_access import Band, Basis
from bsh_geo.park_gaps import Gaps, Probe


def way(of: Basis, lang: str) -> str:
    """How distance is measured, in two words."""
    if of.on_foot:
        return "沿道路步行" if lang == "zh" else "on foot along ways"
    return "直线" if lang == "zh" else "straight line"


def method(of: Basis, wanted: Band, lang: str) -> tuple[str, ...]:
    """How the figures of a band came about and what limits them, one sentence each."""
    told = [_distance(of, wanted, lang), _parks(of, lang), _living(of, lang)]
    told += [_target(lang), _measure(lang)]
    told[1:1] = _unwalked(of, lang)
    if wanted.metres is None:
        part = parks.service_part(of.project)
        told[1:1] = parks.radius_notes(part, lang) if part else ()
    return tuple(told)


def _distance(of: Basis, wanted: Band, lang: str) -> str:
    speed = f"{of.walk.speed_m_s:g} m/s"
    timed = ""
    if wanted.minutes is not None:
        timed = (
            f"步行速度设为 {speed}（一般成人的平常步速，规划文件未规定，可改）。"
            if lang == "zh"
            else f" Walking speed is set to {speed} (an adult's usual pace; no plan states one)."
        )
    network = park_access.ways(of)
    if network is None or of.network is None:
        return (
            f"{timed}没有给出道路网络，按直线距离计算：实际步行可达范围不会大于此。"
            if lang == "zh"
            else "No path network was given: distances are straight lines, so what is reached on "
            f"foot is no larger.{timed}"
        )
    off = len(park_access.gates(of).off)
    walk = of.walk
    return (
        f"{timed}沿 {of.network.shown} 的道路（{network.length_km:,.0f} km，{len(network.lines):,}"
        f" 段，互不连通的部分 {network.components:,} 个）步行，不分单行；离路不超过"
        f" {walk.width_m:g} m 且计入步行距离；公园点接到 {walk.snap_m:g} m 以内最近的路，"
        f"{off} 座公园附近没有路，不计服务。"
        if lang == "zh"
        else f"Walked along the ways of {of.network.shown} ({network.length_km:,.0f} km, "
        f"{len(network.lines):,} stretches, {network.components:,} separate parts), both ways; "
        f"up to {walk.width_m:g} m off a way, counted as walked. A park's point is joined to the "
        f"nearest way within {walk.snap_m:g} m; {off} parks have none and serve nothing.{timed}"
    )


def _unwalked(of: Basis, lang: str) -> list[str]:
    """Which districts the file of ways leaves out; nothing where it leaves none out."""
    names = [areas.area_name(of.project, code, lang) for code in park_access.without_ways(of)]
    if not names:
        return []
    return [
        f"道路文件中没有这些区的道路，其 0 不是量得的，含它们的合计偏低：{'、'.join(names)}。"
        if lang == "zh"
        else f"The file of ways has none in {', '.join(names)}: their 0 is not measured, and sums "
        "with them are too low."
    ]


def _parks(of: Basis, lang: str) -> str:
    known = parks.counts(of.project)
    gone = known.listed - known.located
    shapes = (
        (f"，{known.with_shape} 座有边界" if lang == "zh" else f", {known.with_shape} a shape")
        if known.with_shape
        else ""
    )
    return (
        f"名录 {known.listed} 座公园，{known.located} 座有位置、{known.with_area} 座有面积"
        f"（两者皆有 {known.located_with_area} 座）{shapes}；无位置的 {gone} 座不计，覆盖率因此"
        "偏低。位置是一个点，多由旅游网站换算，可能不是出入口。"
        if lang == "zh"
        else f"{known.listed} parks are listed: {known.located} have a place, {known.with_area} an "
        f"area ({known.located_with_area} both){shapes}. The {gone} without a place are left out, "
        "so that shares are too low. A place is one point, mostly converted from a travel site, "
        "and may not be a gate."
    )


def _living(of: Basis, lang: str) -> str:
    living = park_access.people(of)
    if living is not None:
        return living.method(lang)
    return (
        "没有给出人口格网或分区人口，不估算覆盖居民。"
        if lang == "zh"
        else "No population grid and no counts by area were given: residents are not estimated."
    )


def _target(lang: str) -> str:
    return (
        "规划的“5分钟步行可达覆盖率”说的是居民到公共开放空间，口径不同，不与这里的数值比较。"
        if lang == "zh"
        else "The plans' five-minute target is about residents and public open space: another "
        "definition, not held against these figures."
    )


def _measure(lang: str) -> str:
    return (
        "面积与距离在以 121.5°E、31.2°N 为中心的兰伯特等积投影（CGCS2000 椭球）下量算；陆域取自区"
        "陆域轮廓，含内陆水面；质量：推算。"
        if lang == "zh"
        else "Areas and distances are measured in a Lambert azimuthal equal-area projection about "
        "121.5°E, 31.2°N (CGCS2000 ellipsoid); land is that of the districts' outlines, inland "
        "water included. Quality: derived."
    )


def gap_method(found: Gaps, min_ha: float, cell_m: float, lang: str) -> str:
    """What counts as a blind spot and how the spots are ranked, in one sentence."""
    zh, en = {
        "land": (
            "未给出居民或居住用地，盲区为服务范围以外的全部陆域（含农田、水面），不等于缺公园",
            "Neither residents nor residential areas were given: blind spots are all land outside "
            "of the band, fields and water included, and do not mean that a park is missing",
        ),
        "homes": (
            "盲区为服务范围以外的居住用地",
            "Blind spots are residential areas outside of the band",
        ),
        "inhabited": (
            "盲区为服务范围以外有人居住的陆域",
            "Blind spots are inhabited land outside of the band",
        ),
    }[found.within]
    by_zh, by_en = ("居民", "residents") if found.by == "people" else ("面积", "area")
    cut_zh = f"按 {cell_m:g} m 方格切分；" if cell_m else ""
    cut_en = f" cut by squares of {cell_m:g} m;" if cell_m else ""
    return (
        f"{zh}；{cut_zh}按{by_zh}排名，相同者离公园远的在前；小于 {min_ha:g} 公顷的"
        f" {found.dropped:,} 块（共 {found.dropped_km2:.2f} km²）未列。"
        if lang == "zh"
        else f"{en};{cut_en} ranked by {by_en}, the further from a park first among equals; "
        f"{found.dropped:,} patches below {min_ha:g} ha ({found.dropped_km2:.2f} km² in all) are "
        "left out."
    )


def probe_sentence(of: Basis, found: Probe, lang: str) -> str:
    """What a new park would add, in one sentence."""
    if found.off:
        return (
            f"{of.walk.snap_m:g} m 以内没有道路，步行到不了这里：不增加覆盖。"
            if lang == "zh"
            else f"No way within {of.walk.snap_m:g} m: nobody walks here, nothing is added."
        )
    names = [areas.area_name(of.project, str(code), lang) for code in found.rows.index]
    where = ("、" if lang == "zh" else ", ").join(names)
    if not names:
        return (
            "该处已在现有公园服务范围内：不增加覆盖。"
            if lang == "zh"
            else "The place is within the band of existing parks already: nothing is added."
        )
    people = "" if np.isnan(found.people_added) else f"{found.people_added:,.0f}"
    zh = f"，新增居民约 {people} 人" if people else "；未给出人口，不估算居民"
    en = f" and about {people} residents" if people else "; residents are not estimated"
    rise = found.new_city_share - found.city_share
    return (
        f"服务半径 {found.radius_m:g} m（{way(of, lang)}）：新增覆盖陆域 {found.added_km2:.3f} km²"
        f"（{where}）{zh}；全市陆域覆盖率提高 {rise:.4f} 个百分点，至 "
        f"{found.new_city_share:.2f}%。"
        if lang == "zh"
        else f"Radius {found.radius_m:g} m ({way(of, lang)}): {found.added_km2:.3f} km² of land "
        f"newly reached ({where}){en}; the city's share of land rises by "
        f"{rise:.4f} percentage points to {found.new_city_share:.2f}%."
    )
