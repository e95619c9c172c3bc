"""A project in, a report out: everything in ``data/`` and ``layers/`` opened and held together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import (
    air_days,
    areas,
    bays,
    briefing,
    catalogue,
    compose,
    frames,
    join,
    limits,
    observations,
    park_access,
    parks,
    redline,
    registers,
    standards,
    units,
    water_standards,
    wetlands,
)
from bsh_geo.areas import Selection
from bsh_geo.catalogue import CITY, Metric
from bsh_geo.crs import DISPLAY, MEASURE, area_km2, to_measure
from bsh_geo.errors import BshError, DataError
from bsh_geo.project import Project

CITY_AREA_KM2 = 6340.50
"""区面积合计, Shanghai statistical yearbook, quoted at xzqh.org (2014)."""

REDLINE_KM2 = {"redline_area": 2527.30, "redline_land": 130.05, "redline_sea": 2397.25}
"""沪府发〔2023〕4号."""

DECLARED = (".csv", ".geojson", ".parquet", ".tif")
"""Endings of data files, each of which has to be declared."""

OVERLAP_M2 = 1.0
"""Districts may overlap by rounding of coordinates only."""

GAP_M = 20.0
"""Gaps between districts narrower than this are faults; wider ones are rivers or sea."""


@dataclass
class Report:
    """What was checked (title, count) and what is wrong (a sentence each)."""

    done: list[tuple[str, str, int]] = field(default_factory=list)
    faults: list[BshError] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """True only if something was checked and nothing is wrong."""
        return bool(self.done) and sum(count for _, _, count in self.done) > 0 and not self.faults

    def lines(self, lang: str) -> list[str]:
        """One line per check, one per fault, and the outcome."""
        found = [f"✓ {zh if lang == 'zh' else en}：{n}" for zh, en, n in self.done]
        found += [f"✗ {fault.text(lang)}" for fault in self.faults]
        total = sum(count for _, _, count in self.done)
        if not total:
            found.append("没有检查到任何内容。" if lang == "zh" else "Nothing was checked.")
        elif self.faults:
            n = len(self.faults)
            found.append(f"共 {n} 处问题。" if lang == "zh" else f"{n} faults.")
        else:
            found.append(
                f"共检查 {total} 项，没有问题。" if lang == "zh" else f"{total} checked, no faults."
            )
        return found


Check = Callable[[Project], Iterator[BshError | int]]


def run_checks(project: Project) -> Report:
    """Run every check; a fault in one does not keep the others from running."""
    report = Report()
    for zh, en, check in CHECKS:
        count, faults = _run(project, check)
        if faults:
            said = {fault.zh for fault in report.faults}
            report.faults += [
                fault for zh, fault in {f.zh: f for f in faults}.items() if zh not in said
            ]
        elif count:
            report.done.append((zh, en, count))
        else:
            report.faults.append(DataError(f"{zh}：没有可检查的内容。", f"{en}: nothing to check."))
    return report


def _run(project: Project, check: Check) -> tuple[int, list[BshError]]:
    count, faults = 0, []
    try:
        for found in check(project):
            if isinstance(found, BshError):
                faults.append(found)
            else:
                count += found
    except BshError as fault:
        faults.append(fault)
    return count, faults


def _boundaries(project: Project) -> Iterator[BshError | int]:
    for boundary_id in catalogue.load_boundaries(project):
        try:
            yield len(frames.boundary(project, boundary_id))
        except DataError as fault:
            yield fault


def _tables(project: Project) -> Iterator[BshError | int]:
    for dataset_id in catalogue.load_datasets(project):
        try:
            yield len(frames.table(project, dataset_id))
        except DataError as fault:
            yield fault


def _undeclared(project: Project) -> Iterator[BshError | int]:
    """Every table and shape under data/ is declared, so that none goes unchecked."""
    declared = {f"data/{one.file}" for one in catalogue.load_datasets(project).values()}
    declared |= {
        f"data/boundaries/{one.file}" for one in catalogue.load_boundaries(project).values()
    }
    declared |= {f"data/{one.file}" for one in catalogue.load_rasters(project).values()}
    own = [frames.own_rows(project, one) for one in catalogue.load_datasets(project).values()]
    declared |= {project.shown(one) for one in own if one is not None}
    for root in project.roots:
        for path in sorted((root / "data").rglob("*")):
            shown = project.shown(path)
            if path.suffix not in DECLARED or shown.startswith("data/sources/"):
                continue
            if shown in declared:
                yield 1
            else:
                yield DataError(
                    f"{shown} 未在 data/datasets/ 或 boundaries.toml 中声明。",
                    f"{shown} is not declared in data/datasets/ or boundaries.toml.",
                )


def _districts(project: Project) -> Iterator[BshError | int]:
    """Districts of the table and of the polygons agree; no overlap, no gap between them."""
    codes = set(areas.district_table(project).index)
    for name in ("districts", "districts_display", "land", "land_display"):
        polygons = frames.boundary(project, name)
        if set(polygons.index) != codes:
            odd = sorted(set(polygons.index) ^ codes)[0]
            yield DataError(
                f"{frames.boundary_of(project, name).file}：{odd} 与 tables/districts.csv 不一致。",
                f"{frames.boundary_of(project, name).file}: {odd} differs from districts.csv.",
            )
        yield from _coverage(to_measure(polygons), frames.boundary_of(project, name).file)
        yield len(polygons)


def _coverage(polygons: gpd.GeoDataFrame, shown: str) -> Iterator[BshError]:
    pairs = polygons.sindex.query(polygons.geometry, predicate="intersects")
    for first, second in pairs.T:
        if first >= second:
            continue
        shared = polygons.geometry.iloc[first].intersection(polygons.geometry.iloc[second]).area
        if shared > OVERLAP_M2:
            names = [str(polygons.index[number]) for number in (first, second)]
            yield DataError(
                f"{shown}：{names[0]} 与 {names[1]} 重叠 {shared:.0f} m²。",
                f"{shown}: {names[0]} and {names[1]} overlap by {shared:.0f} m².",
            )
    yield from _gaps(polygons, shown)


def _gaps(polygons: gpd.GeoDataFrame, shown: str) -> Iterator[BshError]:
    """Holes in the districts taken together, and borders that run beside each other."""
    whole = shapely.union_all(polygons.geometry.to_numpy())
    for piece in getattr(whole, "geoms", [whole]):
        for ring in piece.interiors:
            area = shapely.Polygon(ring).area
            yield DataError(
                f"{shown}：区界之间有 {area:,.0f} m² 的空洞。",
                f"{shown}: a hole of {area:,.0f} m² between districts.",
            )
    broken = shapely.coverage_invalid_edges(polygons.geometry.to_numpy(), gap_width=GAP_M)
    for code, edges in zip(polygons.index, broken, strict=True):
        if not edges.is_empty:
            place = gpd.GeoSeries([edges], crs=MEASURE).to_crs(DISPLAY).iloc[0].centroid
            yield DataError(
                f"{shown}：{code} 与邻区之间有缝隙或重叠，在 ({place.x:.5f}, {place.y:.5f}) 附近。",
                f"{shown}: a gap or overlap beside {code}, near ({place.x:.5f}, {place.y:.5f}).",
            )


def _references(project: Project) -> Iterator[BshError | int]:
    """Every id that a column refers to exists: sources, areas, indicators, other tables."""
    sources = set(catalogue.load_sources(project))
    yield from _declared_sources(project, sources)
    places = set(areas.district_table(project).index) | {CITY}
    places |= set(areas.group_names(project, "zh"))
    places |= _unit_codes(project)
    for dataset in catalogue.load_datasets(project).values():
        rows = frames.table(project, dataset.id)
        for name, column in dataset.columns.items():
            known = {"source": sources, "area": places}.get(column.type)
            if known is not None:
                yield from _known(rows, name, known, dataset.file)
        if "indicator" in dataset.columns:
            known_indicators = set(catalogue.load_indicators(project))
            yield from _known(rows, "indicator", known_indicators, dataset.file)
        for name, target in dataset.refers.items():
            yield from _known(rows, name, _keys(project, target), dataset.file)


def _unit_codes(project: Project) -> set[str]:
    """The area codes of units of boundary sets that figures are given for."""
    cells = frames.table(project, "observations")["area"]
    return units.known(project, {str(one) for one in cells.unique()})


def _declared_sources(project: Project, sources: set[str]) -> Iterator[BshError | int]:
    """The sources that boundaries, datasets and layers name in their declarations."""
    named = [(one.id, one.source) for one in catalogue.load_boundaries(project).values()]
    named += [(one.id, one.source) for one in catalogue.load_datasets(project).values()]
    named += [(one.id, one.source) for one in catalogue.load_layers(project)[0].values()]
    named += [(one.id, one.source) for one in catalogue.load_rasters(project).values()]
    for owner, listed in named:
        for one in listed:
            if one in sources:
                yield 1
            else:
                yield DataError(
                    f"{owner} 的来源“{one}”未在 data/sources/ 中登记。",
                    f"The source “{one}” of {owner} is not registered in data/sources/.",
                )


def _keys(project: Project, target: str) -> set[str]:
    """The values that ``dataset.column`` (or a registry such as ``indicators.id``) has."""
    registry, column = target.split(".")
    if registry == "indicators":
        return set(catalogue.load_indicators(project))
    if registry == "documents":
        return set(catalogue.load_documents(project))
    return {str(one) for one in frames.table(project, registry)[column].dropna()}


def _known(rows: pd.DataFrame, name: str, known: set[str], file: str) -> Iterator[BshError | int]:
    places, different = pd.factorize(rows[name].astype(object))
    counts = np.bincount(places[places >= 0], minlength=len(different))
    for at, cell in enumerate(different):  # each different cell once: a table may be long
        for one in catalogue.source_ids(str(cell)):
            if one in known:
                yield int(counts[at])
                continue
            for number in np.flatnonzero(places == at) + 2:
                yield DataError(
                    f"data/{file} 第 {number} 行：{name} 的“{one}”不存在。",
                    f"data/{file} row {number}: {name} “{one}” does not exist.",
                )


def _provenance(project: Project) -> Iterator[BshError | int]:
    """Every row of every dataset has a source and a quality."""
    for dataset in catalogue.load_datasets(project).values():
        rows = frames.table(project, dataset.id)
        needed = ["document"] if dataset.id == "targets" else ["source", "quality"]
        for name in needed:
            if name not in rows:
                yield DataError(
                    f"data/{dataset.file} 没有 {name} 列。", f"data/{dataset.file} has no {name}."
                )
                continue
            blank = rows[name].isna()
            if blank.any():
                at = int(blank.to_numpy().argmax()) + 2
                yield DataError(
                    f"data/{dataset.file} 第 {at} 行：{name} 为空。",
                    f"data/{dataset.file} row {at}: {name} is blank.",
                )
            else:
                yield len(rows)


def _stations(project: Project) -> Iterator[BshError | int]:
    """Every station lies in the district that the list states."""
    stations = join.stations(project, Selection())
    listed = frames.table(project, "stations")
    outside = sorted(set(listed["code"]) - set(stations.index))
    wrong = stations[stations["adcode"] != stations["in_adcode"]]
    for code in [*outside, *wrong.index]:
        row = listed.set_index("code").loc[code]
        yield DataError(
            f"data/air/stations.csv：站点 {code} 应在 {row['adcode']}，位置 "
            f"({row['lon']}, {row['lat']}) 不在该区。",
            f"data/air/stations.csv: station {code} should lie in {row['adcode']}, but "
            f"({row['lon']}, {row['lat']}) does not.",
        )
    yield len(stations)


def _sums(project: Project) -> Iterator[BshError | int]:
    """Official totals: district areas, the red line, and Chongming's part of it."""
    total = round(float(areas.district_table(project)["area_km2"].sum()), 2)
    yield from _equal("区面积合计", "sum of district areas", total, CITY_AREA_KM2)
    for code in (CITY, "310151"):
        parts = {}
        for indicator in REDLINE_KM2:
            row = observations.latest(project, indicator, code)
            parts[indicator] = float("nan") if row is None else float(row["value"])
        name = areas.area_name(project, code, "zh")
        land_and_sea = round(parts["redline_land"] + parts["redline_sea"], 2)
        yield from _equal(
            f"{name}红线陆海合计",
            f"red line, land and sea ({code})",
            land_and_sea,
            parts["redline_area"],
        )
        if code == CITY:
            for indicator, official in REDLINE_KM2.items():
                yield from _equal(indicator, indicator, parts[indicator], official)


def _equal(zh: str, en: str, found: float, expected: float) -> Iterator[BshError | int]:
    if found == expected:
        yield 1
    else:
        yield DataError(
            f"{zh}为 {found:g} km²，应为 {expected:g} km²。",
            f"The {en} is {found:g} km²; {expected:g} km² was expected.",
        )


def _measured(project: Project) -> Iterator[BshError | int]:
    """Areas that shapes state are those measured on them."""
    for dataset in catalogue.load_datasets(project).values():
        if not dataset.geometry or "area_km2" not in dataset.columns:
            continue
        rows = frames.shapes(project, dataset.id)
        measured = area_km2(rows.geometry)
        for number, stated, found in zip(rows["id"], rows["area_km2"], measured, strict=True):
            if abs(stated - found) > max(0.01, 0.001 * found):
                yield DataError(
                    f"data/{dataset.file}：{number} 的面积写为 {stated:g} km²，"
                    f"量得 {found:.3f} km²。",
                    f"data/{dataset.file}: {number} states {stated:g} km²; {found:.3f} measured.",
                )
            else:
                yield 1


def _registers(project: Project) -> Iterator[BshError | int]:
    """Every register of the site check is read, and has places in it."""
    for name in registers.load_registers(project):
        try:
            found = registers.items(project, registers.registers_of(project, [name]))
        except BshError as fault:
            yield fault
            continue
        if not len(found) and not len(found.untested):
            yield DataError(
                f"data/sitecheck/{name}.toml：没有任何对象。",
                f"data/sitecheck/{name}.toml: no place belongs to it.",
            )
        yield len(found)


def _rasters(project: Project) -> Iterator[BshError | int]:
    """Every raster opens in its declared CRS, and its class table names all of its codes."""
    from bsh_geo import land_job  # GDAL is loaded where there is a raster

    for raster_id in catalogue.load_rasters(project):
        try:
            yield land_job.check(project, raster_id)
        except BshError as fault:
            yield fault


def _some_periods(project: Project, metric: Metric | None) -> list[str | None]:
    """The three newest periods of a metric, or the one view of a layer without periods."""
    return [*compose.periods(project, metric)[:3]] or [None]


def _standards(project: Project) -> Iterator[BshError | int]:
    """Every version of the AQI standard is read, names its source, and they follow each other."""
    sources = catalogue.load_sources(project)
    versions = list(standards.aqi_standards(project).values())
    for one, following in zip(versions, [*versions[1:], None], strict=True):
        if one.source not in sources:
            yield DataError(
                f"data/standards/{one.id}.toml 的来源“{one.source}”未登记。",
                f"The source “{one.source}” of data/standards/{one.id}.toml is not registered.",
            )
        if one.superseded != (following.in_force if following else None):
            yield DataError(
                f"data/standards/{one.id}.toml 的 superseded 为 {one.superseded}，"
                f"应为下一版的实施日 {following.in_force if following else '（空）'}。",
                f"data/standards/{one.id}.toml is superseded on {one.superseded}; the next "
                f"version is in force from {following.in_force if following else '(none)'}.",
            )
        yield len(one.items)


def _limits(project: Project) -> Iterator[BshError | int]:
    """Limits follow each other without a gap, and every rule of evaluation names its source."""
    sources = catalogue.load_sources(project)
    stages = []
    for version in limits.limits(project).values():
        yield from _registered(f"data/standards/limits/{version.id}.toml", version.source, sources)
        stages += [(version.id, one) for one in version.stages]
        yield sum(len(one.limits) for one in version.stages)
    for (owner, one), (_, following) in itertools.pairwise(stages):
        if one.end is None or one.end + timedelta(days=1) != following.start:
            yield DataError(
                f"data/standards/limits/{owner}.toml：阶段 {one.id} 止于 {one.end}，"
                f"而下一阶段始于 {following.start}。",
                f"data/standards/limits/{owner}.toml: the stage {one.id} ends on {one.end}; "
                f"the next one starts on {following.start}.",
            )
    for rules in limits.evaluations(project).values():
        shown = f"data/standards/evaluation/{rules.id}.toml"
        for source in [rules.source, *(one.source for one in rules.cited().values())]:
            yield from _registered(shown, source, sources)
        if rules.window_hours.value != air_days.WINDOW_HOURS:
            yield DataError(
                f"{shown}：window_hours 为 {rules.window_hours.value}，"
                f"计算所用为 {air_days.WINDOW_HOURS}。",
                f"{shown}: window_hours is {rules.window_hours.value}; "
                f"{air_days.WINDOW_HOURS} is computed with.",
            )


def _water(project: Project) -> Iterator[BshError | int]:
    """Every standard of water is read and names its sources; so are the places of wetlands."""
    sources = catalogue.load_sources(project)
    for one in water_standards.water_standards(project).values():
        shown = f"data/standards/water/{one.id}.toml"
        for source in (one.source, one.evaluation.source):
            yield from _registered(shown, source, sources)
        yield len(one.limits)
    yield len(wetlands.declared_places(project).place)
    for published in bays.shorelines(project).published:
        yield from _registered(bays.SHORES_FILE, published.source, sources)


def _registered(shown: str, source: str, known: Container[str]) -> Iterator[BshError | int]:
    if source in known:
        yield 1
    else:
        yield DataError(
            f"{shown} 的来源“{source}”未登记。",
            f"The source “{source}” of {shown} is not registered.",
        )


def _layers(project: Project) -> Iterator[BshError | int]:
    """Every layer file is read, and every metric, period and part of it can be drawn."""
    layers, faults = catalogue.load_layers(project)
    yield from faults
    for layer in layers.values():
        everything = tuple(part.id for part in layer.parts)
        for metric in compose.offered(project, layer) or (None,):
            try:
                for period in _some_periods(project, metric):
                    compose.build(
                        project,
                        compose.Request(
                            layer.id, metric.id if metric else None, (), period, everything
                        ),
                    )
                    yield 1
            except BshError as fault:
                yield type(fault)(
                    f"layers/{layer.id}.toml：{fault.zh}", f"layers/{layer.id}.toml: {fault.en}"
                )


def _park_access(project: Project) -> Iterator[BshError | int]:
    """The ways and residents that a project gives can be used, and some park has a place."""
    park_access.check(park_access.basis(project))
    yield len(parks.city_parks(project))


def _briefings(project: Project) -> Iterator[BshError | int]:
    """Every template with all that it names."""
    for name in project.files(briefing.FOLDER, ".toml"):
        try:
            yield len(briefing.template_of(project, name).pages)
        except BshError as fault:
            yield fault


CHECKS: tuple[tuple[str, str, Check], ...] = (
    ("边界要素", "boundary features", _boundaries),
    ("数据行", "data rows", _tables),
    ("已声明的数据文件", "declared data files", _undeclared),
    ("区界（无重叠与缝隙）", "districts without overlap or gap", _districts),
    ("引用的编号", "ids referred to", _references),
    ("来源与质量齐全的行", "rows with source and quality", _provenance),
    ("位于所属区内的站点", "stations inside their district", _stations),
    ("与官方总数一致的合计", "sums that agree with official totals", _sums),
    ("与图形一致的面积", "areas that agree with their shapes", _measured),
    ("红线账", "the account of the red line", redline.reconciliation),
    ("选址核查对象", "places of the site check", _registers),
    ("AQI 标准的项目", "items of the AQI standards", _standards),
    ("空气质量限值与评价规则", "limits and rules of air quality", _limits),
    ("栅格的单元", "cells of rasters", _rasters),
    ("可达分析的公园", "parks with a place, and given ways and residents", _park_access),
    ("水质标准、湿地归并与岸线", "standards of water, places of wetlands, shores", _water),
    ("可绘制的图层视图", "views that can be drawn", _layers),
    ("简报模板", "briefing templates", _briefings),
)
