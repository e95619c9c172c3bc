"""A request in, the MapSpec of that view out: the one place where a map is put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import geopandas as gpd
import pandas as pd
import shapely

from bsh_geo import areas, catalogue, classes, frames, join, observations, parks, parts, targets
from bsh_geo.areas import Selection
from bsh_geo.catalogue import CITY, Layer, Metric, Part
from bsh_geo.crs import DISPLAY, area_km2
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.mapspec import Bounds, Figure, Label, LegendBlock, MapSpec, TableView, Trend
from bsh_geo.parts import Built
from bsh_geo.project import Project
from bsh_geo.tables import district_view, part_view

ISLET_KM2 = 1.0
"""Pieces of land smaller than this do not widen the extent: 佘山岛 lies 30 km off Chongming."""

SMALL_DISTRICT_KM2 = 100.0
"""Districts below this official area give way where labels collide."""


@dataclass(frozen=True)
class Request:
    """A view as the user asks for it; None means the layer's default.

    ``parts`` are the ids of what is drawn over the districts, the overlays of other layers
    included as ``layer.part``.
    """

    layer: str
    metric: str | None = None
    areas: tuple[str, ...] = ()
    period: str | None = None
    parts: tuple[str, ...] | None = None
    lang: str = "zh"


@dataclass(frozen=True)
class Option:
    """Something that can be chosen: its key and how it is named."""

    key: str
    title: str


def layer_of(project: Project, layer_id: str) -> Layer:
    """The layer with that id.

    Raises
    ------
    LayerError, DataError
        Its file is broken.
    UnknownNameError
        There is no such layer.
    """
    path = project.files("layers", ".toml").get(layer_id)
    if path is None:
        raise unknown_name("图层", "layer", layer_id, project.files("layers", ".toml"))
    return catalogue.load_layer(project, path)


def metric_of(layer: Layer, metric_id: str | None) -> Metric | None:
    """The metric asked for, the layer's first one, or None for a layer without metrics."""
    if metric_id is None:
        return layer.metrics[0] if layer.metrics else None
    known = [metric.id for metric in layer.metrics]
    if metric_id not in known:
        raise unknown_name("指标", "metric", metric_id, known or ["—"])
    return layer.metric(metric_id)


def periods(project: Project, metric: Metric | None) -> list[str]:
    """The periods a metric can be shown for, the default first (the newest full one)."""
    return join.periods(project, metric) if metric else []


def default_period(project: Project, metric: Metric | None) -> str | None:
    """The newest year with figures of at least one district, else the newest period."""
    found = periods(project, metric)
    if metric and metric.source == "observations":
        for period in found:
            if observations.district_count(project, metric.indicator, period):
                return period
    return found[0] if found else None


def period_of(project: Project, metric: Metric | None, period: str | None) -> str | None:
    """The period asked for, else the default.

    Raises
    ------
    UnknownNameError
        There is no figure for that period.
    """
    if metric is None or metric.source == "computed":
        return None
    if period is None:
        return default_period(project, metric)
    known = periods(project, metric)
    if period not in known:
        raise unknown_name("时期", "period", period, known, known[:8])
    return period


def part_options(project: Project, layer: Layer, lang: str) -> list[Option]:
    """What can be drawn in a layer: its own parts, then the overlays of the other layers."""
    own = [Option(part.id, part.title.get(lang)) for part in layer.parts]
    return own + [
        Option(f"{other.id}.{part.id}", part.title.get(lang))
        for other, part in _overlays(project)
        if other.id != layer.id
    ]


def _overlays(project: Project) -> list[tuple[Layer, Part]]:
    layers, _ = catalogue.load_layers(project)
    return [(layer, part) for layer in layers.values() for part in layer.parts if part.overlay]


def default_parts(layer: Layer) -> tuple[str, ...]:
    """The parts a layer shows at first."""
    return tuple(part.id for part in layer.parts if part.shown)


def _chosen_parts(project: Project, layer: Layer, request: Request) -> list[tuple[Layer, Part]]:
    wanted = default_parts(layer) if request.parts is None else request.parts
    known = {part.id: (layer, part) for part in layer.parts}
    overlays = _overlays(project) if any("." in key for key in wanted) else []
    known |= {f"{other.id}.{part.id}": (other, part) for other, part in overlays}
    for key in wanted:
        if key not in known:
            raise unknown_name("叠加内容", "overlay", key, known)
    # Areas lie under points, and overlays of other layers under the layer's own points.
    chosen = [known[key] for key in known if key in wanted]
    return sorted(chosen, key=lambda pair: pair[1].kind == "points")


def build(project: Project, request: Request) -> MapSpec:
    """The MapSpec of a view.

    Raises
    ------
    BshError
        A name is unknown, or a file that the view needs is missing or broken.
    """
    layer = layer_of(project, request.layer)
    metric = metric_of(layer, request.metric)
    period = period_of(project, metric, request.period)
    selection = areas.select(project, request.areas)
    lang = request.lang
    main = _main(project, metric, period, selection, lang)
    chosen = _chosen_parts(project, layer, request)
    built = [(part, owner, _part(project, part, selection, lang)) for owner, part in chosen]
    if metric and metric.places == "stations":
        built = [one for one in built if one[0].dataset != "stations"]
    return _spec(project, layer, metric, period, selection, lang, main, built)


@lru_cache(maxsize=256)
def _part(project: Project, part: Part, selection: Selection, lang: str) -> Built:
    return parts.build(project, part, selection, lang)


def _main(
    project: Project, metric: Metric | None, period: str | None, selection: Selection, lang: str
) -> Built | None:
    if metric is None:
        return None
    if metric.places == "stations":
        return parts.station_points(project, metric, str(period), selection, lang)
    return parts.choropleth(project, metric, period, selection, lang)


Parts = list[tuple[Part, Layer, Built]]


def _spec(
    project: Project,
    layer: Layer,
    metric: Metric | None,
    period: str | None,
    selection: Selection,
    lang: str,
    main: Built | None,
    built: Parts,
) -> MapSpec:
    district_first = main is not None and metric is not None and metric.places == "districts"
    order = [main] if district_first and main else []
    every = [
        *order,
        *(one for _, _, one in built),
        *([main] if main and not district_first else []),
    ]
    drawn = tuple(part for one in every for part in one.drawn if len(part.frame))
    key, current = _key_figure(project, layer, metric, period, selection, lang)
    area = areas.selection_name(project, selection, lang)
    when = parts.period_text(period, lang) if period else ""
    qualities = _qualities(metric, main, built)
    return MapSpec(
        layer=layer.id,
        lang=lang,
        title=_title(layer, metric, lang),
        subtitle=" · ".join(text for text in (area, when) if text),
        area=area,
        period=when,
        extent=_extent(project, selection, drawn if selection.is_city else ()),
        whole=_extent(project, Selection(), ()),
        ground=areas.outlines(project),
        neighbours=frames.boundary(project, "neighbours"),
        outline=areas.outlines(project).loc[list(selection.codes)],
        parts=drawn,
        labels=_labels(project, selection, lang) + _part_labels(drawn, built),
        legend=_legend(main, built),
        key=key,
        figures=_figures(
            project, layer, selection, _shown_key(project, layer, metric, period, selection), lang
        ),
        targets=_targets(project, layer, metric, selection, current, lang),
        trend=_trend(project, metric, selection, lang),
        notes=_notes(layer, main, built, lang),
        quality_note=_quality_note(qualities, lang),
        sources=_sources(project, layer, main, built, lang),
        data_date=when or _dates(project, built, lang),
        tables=_tables(project, layer, metric, period, main, built, lang),
        stations=_station_count(project, layer, selection),
        basis=metric.basis.get(lang) if metric and metric.basis else "",
    )


def _title(layer: Layer, metric: Metric | None, lang: str) -> str:
    titles = [layer.title.get(lang)] + ([metric.title.get(lang)] if metric else [])
    return " · ".join(titles)


@cache
def _anchors(project: Project) -> gpd.GeoDataFrame:
    """The point of each district that is farthest from its borders, for its label."""
    outlines = areas.outlines(project)
    pieces = outlines.geometry.apply(lambda shape: max(_pieces(shape), key=lambda one: one.area))
    circles = shapely.maximum_inscribed_circle(pieces.to_numpy(), tolerance=0.001)
    centres = shapely.get_point(circles, 0)
    return gpd.GeoDataFrame(geometry=centres, index=outlines.index, crs=DISPLAY)


def _pieces(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return list(getattr(shape, "geoms", [shape]))


def _labels(project: Project, selection: Selection, lang: str) -> tuple[Label, ...]:
    table = areas.district_table(project)
    anchors = _anchors(project)
    labels = []
    for code in areas.all_codes(project, selection):
        row, point = table.loc[code], anchors.geometry[code]
        small = float(row["area_km2"]) < SMALL_DISTRICT_KM2
        text = row["short_zh"] if lang == "zh" and small else row[f"name_{lang}"]
        rank = 1 if small and len(selection.codes) != 1 else 0
        labels.append(Label(str(text), float(point.x), float(point.y), rank))
    return tuple(labels)


def _part_labels(drawn: tuple[object, ...], built: Parts) -> tuple[Label, ...]:
    """Names of area features (bays, wetlands) of the layer's own parts, where there is room."""
    labels = []
    for part, _, one in built:
        if part.kind != "areas" or part.overlay:
            continue
        for found in one.drawn:
            if found.shape != "area" or len(found.frame) > 40:
                continue
            points = found.frame.geometry.representative_point()
            for name, point in zip(found.frame["name"], points, strict=True):
                labels.append(Label(str(name), float(point.x), float(point.y), 2))
    return tuple(labels)


def _extent(project: Project, selection: Selection, drawn: tuple[object, ...]) -> Bounds:
    outlines = areas.outlines(project).loc[list(areas.all_codes(project, selection))]
    pieces = outlines.geometry.explode(ignore_index=True)
    large = pieces[area_km2(pieces) >= ISLET_KM2]
    west, south, east, north = (large if len(large) else pieces).total_bounds
    for part in drawn:
        if part.shape == "area" and not part.selects and len(part.frame):  # type: ignore[attr-defined]
            w, s, e, n = part.frame.total_bounds  # type: ignore[attr-defined]
            west, south, east, north = min(w, west), min(s, south), max(e, east), max(n, north)
    return float(west), float(south), float(east), float(north)


def _legend(main: Built | None, built: Parts) -> tuple[LegendBlock, ...]:
    blocks = [main.legend] if main and main.legend else []
    blocks += [one.legend for _, _, one in built if one.legend and one.legend.items]
    return tuple(blocks)


def _figure(
    project: Project, row: pd.Series, indicator_id: str, lang: str, named: bool = False
) -> Figure:
    """An observation for a reader; ``named`` puts the area before it."""
    indicator = observations.indicator_of(project, indicator_id)
    title = indicator.en if lang == "en" else indicator.zh
    if named:
        title = f"{areas.area_name(project, str(row['area']), lang)} {title}"
    note = row[f"note_{lang}"]
    return Figure(
        label=title,
        value=figure_number(float(row["value"]), indicator.decimals),
        unit=observations.unit_text(indicator.unit, lang),
        period=parts.period_text(str(row["period"]), lang),
        quality=parts.quality_title(row["quality"], lang),
        note="" if note is None or pd.isna(note) else str(note),
    )


def figure_number(value: float, decimals: int) -> str:
    """A published figure as it was printed: never more decimals than it has."""
    shown = classes.number(value, decimals)
    printed = f"{value:,.10f}".rstrip("0").rstrip(".")
    if len(printed.partition(".")[2]) > decimals:
        return printed.replace("-", "−")
    return shown if decimals == 0 or "." in printed else shown.rstrip("0").rstrip(".")


def _key_figure(
    project: Project,
    layer: Layer,
    metric: Metric | None,
    period: str | None,
    selection: Selection,
    lang: str,
) -> tuple[Figure | None, float | None]:
    """The one large figure of the view and its value, for the distance to targets."""
    if metric is None or metric.places == "stations":
        return _first_figure(project, layer, selection, lang)
    if metric.source == "computed":
        share = parks.share_of(project, areas.all_codes(project, selection))
        return _metric_figure(project, metric, selection, share, "", "derived", "", lang), share
    area = selection.area
    row = observations.at(project, metric.indicator, str(period))
    if area is not None and area in row.index:
        found = row.loc[area]
        value, note = float(found["value"]), found[f"note_{lang}"]
        shown = "" if note is None or pd.isna(note) else str(note)
        when = parts.period_text(str(period), lang)
        quality = str(found["quality"])
        return _metric_figure(project, metric, selection, value, when, quality, shown, lang), value
    return _range_figure(project, metric, period, selection, lang), None


def _metric_figure(
    project: Project,
    metric: Metric,
    selection: Selection,
    value: float,
    when: str,
    quality: str,
    note: str,
    lang: str,
) -> Figure:
    return Figure(
        label=metric.title.get(lang),
        value=classes.number(value, metric.decimals),
        unit=parts.unit_of(project, metric, lang),
        period=when,
        quality=parts.quality_title(quality, lang),
        note=note,
    )


def _range_figure(
    project: Project, metric: Metric, period: str | None, selection: Selection, lang: str
) -> Figure:
    """What is known of several districts together: their range, never a mean of our own."""
    rows = join.district_frame(project, metric, period, selection)
    values = rows["value"].dropna()
    when = parts.period_text(str(period), lang)
    unit = parts.unit_of(project, metric, lang)
    if values.empty:
        return Figure(metric.title.get(lang), parts.NO_DATA_TITLE[lang], "", when, "")
    low, high = (classes.number(edge, metric.decimals) for edge in (values.min(), values.max()))
    text = low if low == high else f"{low} – {high}"
    note = (
        f"{len(rows)} 个区中 {len(values)} 个有数据，为最低至最高值"
        if lang == "zh"
        else f"lowest to highest of {len(values)} of {len(rows)} districts with figures"
    )
    quality = parts.quality_title(_worst(rows["quality"].dropna()), lang)
    return Figure(metric.title.get(lang), text, unit, when, quality, note)


def _worst(qualities: pd.Series) -> str:
    order = list(catalogue.QUALITY_TITLES)
    return max((str(one) for one in qualities), key=order.index)


def _first_row(project: Project, layer: Layer, selection: Selection) -> pd.Series | None:
    for indicator_id in layer.figures:
        for area in dict.fromkeys((selection.area, CITY)):
            row = observations.latest(project, indicator_id, area) if area else None
            if row is not None:
                return row
    return None


def _first_figure(
    project: Project, layer: Layer, selection: Selection, lang: str
) -> tuple[Figure | None, float | None]:
    row = _first_row(project, layer, selection)
    if row is None:
        return None, None
    named = str(row["area"]) != selection.area
    return _figure(project, row, str(row["indicator"]), lang, named), float(row["value"])


def _figure_key(row: pd.Series) -> tuple[str, str, str]:
    """What tells one observation from another: indicator, area, period."""
    return str(row["indicator"]), str(row["area"]), str(row["period"])


def _shown_key(
    project: Project, layer: Layer, metric: Metric | None, period: str | None, selection: Selection
) -> tuple[str, str, str] | None:
    """The observation that is shown large, so that it is not repeated below."""
    if metric is not None and metric.places == "districts":
        return (metric.indicator, str(selection.area), str(period))
    row = _first_row(project, layer, selection)
    return None if row is None else _figure_key(row)


def _figures(
    project: Project,
    layer: Layer,
    selection: Selection,
    key: tuple[str, str, str] | None,
    lang: str,
) -> tuple[Figure, ...]:
    """The latest figures of the area beside the large one; the city's follow where it differs."""
    found = []
    shown_area = selection.area if selection.area and not selection.is_city else None
    for area in dict.fromkeys(one for one in (shown_area, CITY) if one):
        for indicator_id in layer.figures:
            row = observations.latest(project, indicator_id, area)
            if row is not None and _figure_key(row) != key:
                found.append(_figure(project, row, indicator_id, lang, area != selection.area))
    return tuple(found[:7])


def _targets(
    project: Project,
    layer: Layer,
    metric: Metric | None,
    selection: Selection,
    current: float | None,
    lang: str,
) -> tuple[targets.TargetLine, ...]:
    found: list[targets.TargetLine] = []
    for indicator_id in layer.targets:
        value = current if metric and metric.indicator == indicator_id else None
        rows = targets.of_indicator(project, indicator_id, selection)
        if value is None and len(rows):
            latest = observations.latest(project, indicator_id, str(rows.iloc[0]["area"]))
            value = (
                None
                if latest is None or metric_is(metric, indicator_id)
                else float(latest["value"])
            )
        found += targets.lines(project, indicator_id, selection, value, lang)
    return tuple(found)


def metric_is(metric: Metric | None, indicator_id: str) -> bool:
    """Whether the map shows that indicator itself, so that no other period may stand for it."""
    return metric is not None and metric.indicator == indicator_id and metric.places == "districts"


def _trend(
    project: Project, metric: Metric | None, selection: Selection, lang: str
) -> Trend | None:
    if metric is None or metric.source == "computed":
        return None
    area = selection.area or CITY
    rows = observations.series(project, metric.indicator, area)
    if len(rows) < 2:
        area, rows = CITY, observations.series(project, metric.indicator, CITY)
    if len(rows) < 2:
        return None
    points = tuple((str(p), float(v)) for p, v in zip(rows["period"], rows["value"], strict=True))
    wanted = targets.of_indicator(project, metric.indicator, selection).dropna(subset=["value"])
    levels = tuple(
        dict.fromkeys(
            (str(row["year"]), float(row["value"]))
            for _, row in wanted.sort_values("year").iterrows()
        )
    )
    indicator = observations.indicator_of(project, metric.indicator)
    name = areas.area_name(project, area, lang)
    title = f"{name} {indicator.en}" if lang == "en" else f"{name}{indicator.zh}"
    return Trend(title, observations.unit_text(indicator.unit, lang), points, levels)


def _notes(layer: Layer, main: Built | None, built: Parts, lang: str) -> tuple[str, ...]:
    notes = [text.get(lang) for text in layer.limitations]
    for part, _, one in built:
        if one.unlocated:
            title = part.title.get(lang)
            notes.append(
                f"{title}：{one.unlocated} 条没有公布位置，列于数据表，不上图。"
                if lang == "zh"
                else f"{title}: {one.unlocated} rows have no published location; they are listed "
                "in the table, not drawn."
            )
    flagged = sum(one.flagged for _, _, one in built) + (main.flagged if main else 0)
    if flagged:
        notes.append(
            f"{flagged} 个站点位于区界外 200 m 以内，按最近的区归入。"
            if lang == "zh"
            else f"{flagged} stations lie up to 200 m outside and were given the nearest district."
        )
    return tuple(notes)


def _qualities(metric: Metric | None, main: Built | None, built: Parts) -> set[str]:
    found: set[str] = set()
    if main is not None and "quality" in main.rows:
        found |= {str(one) for one in main.rows["quality"].dropna()}
    for _, _, one in built:
        for part in one.drawn:
            if (
                part.shape == "area"
                and any(not str(key).endswith("|solid") for key in part.frame["key"])
                and part.id != "service"
            ):
                found.add("schematic")
    return found


def _quality_note(qualities: set[str], lang: str) -> str:
    notes = []
    if "schematic" in qualities:
        notes.append(
            "示意：虚线轮廓的范围为示意图形，不是法定边界，不用于面积统计。"
            if lang == "zh"
            else "Schematic: dashed outlines are sketches, not legal boundaries, and are not "
            "summed."
        )
    if "derived" in qualities:
        notes.append(
            "含推算值：由公布数值计算得到，见数据表。"
            if lang == "zh"
            else "Some values are derived from published figures; see the table."
        )
    return ("" if lang == "zh" else " ").join(notes)


def _sources(
    project: Project, layer: Layer, main: Built | None, built: Parts, lang: str
) -> tuple[str, ...]:
    """Titles of what is shown: the figures' own sources first, then the layer's and the shapes'."""
    ids: list[str] = []
    if main is not None and "source" in main.rows:
        shown = main.rows[main.rows["value"].notna()] if "value" in main.rows else main.rows
        for cell in shown["source"].dropna():
            ids += catalogue.source_ids(str(cell))
    ids += layer.source
    for _, owner, _ in built:
        ids += owner.source
    ids += frames.boundary_of(project, "land_display").source
    known = catalogue.load_sources(project)
    unknown = [one for one in dict.fromkeys(ids) if one not in known]
    if unknown:
        raise DataError(
            f"来源 {unknown[0]} 未在 data/sources/ 中登记。",
            f"The source {unknown[0]} is not registered in data/sources/.",
        )
    return tuple(known[one].title(lang) for one in dict.fromkeys(ids))


def _dates(project: Project, built: Parts, lang: str) -> str:
    dates = {frames.dataset_of(project, part.dataset).date for part, _, _ in built}
    return ("、" if lang == "zh" else ", ").join(sorted(date for date in dates if date))


def _station_count(project: Project, layer: Layer, selection: Selection) -> int | None:
    if any(part.dataset == "stations" for part in layer.parts):
        return len(join.stations(project, selection))
    return None


def _tables(
    project: Project,
    layer: Layer,
    metric: Metric | None,
    period: str | None,
    main: Built | None,
    built: Parts,
    lang: str,
) -> tuple[TableView, ...]:
    views = []
    if main is not None and metric is not None:
        views.append(district_view(project, metric, period, main.rows, lang))
    for part, owner, one in built:
        if part.kind != "service":
            views.append(part_view(project, owner, part, one.rows, lang))
    return tuple(views)
