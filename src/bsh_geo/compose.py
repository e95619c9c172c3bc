"""A request in, the MapSpec of that view out: the one place where a map is put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bsh_geo import (
    air_classes,
    air_figures,
    air_map,
    areas,
    catalogue,
    changes,
    choropleth,
    figures,
    frames,
    gaps,
    join,
    labels,
    notes,
    own_cited,
    sentences,
    water_map,
)
from bsh_geo import parts as layer_parts
from bsh_geo.areas import Selection
from bsh_geo.catalogue import Layer, Metric, Part
from bsh_geo.errors import LayerError, unknown_name
from bsh_geo.mapspec import (
    Built,
    DrawnPart,
    Figure,
    LegendBlock,
    LegendItem,
    MapSpec,
    Parts,
    Style,
    TableView,
)
from bsh_geo.periods import parse
from bsh_geo.project import Project
from bsh_geo.tables import district_view, part_view
from bsh_geo.wording import period_text

COLOURS = air_classes.COLOURS

NONE_STYLE = Style(None, "#b9b7b0", 0.8)


@dataclass(frozen=True)
class Request:
    """A view as the user asks for it; None means the layer's default.

    ``parts`` are the ids of what is drawn over the districts, the overlays of other layers
    included as ``layer.part``. ``mode`` "gap" colours by the distance to the target instead of the
    value, "change" by the difference from the same period of the year before, where the metric has
    breaks for it; ``against`` is another period to measure the change from. ``colours`` "safe"
    shows the classes of the AQI in colours that do not rely on red and green. ``water`` is the
    period of the overlays of water classes, by default each one's newest month with readings.
    """

    layer: str
    metric: str | None = None
    areas: tuple[str, ...] = ()
    period: str | None = None
    parts: tuple[str, ...] | None = None
    lang: str = "zh"
    mode: str = "value"
    colours: str = "official"
    against: str | None = None
    water: str | None = None


@dataclass(frozen=True)
class Option:
    """Something that can be chosen: its key and how it is named."""

    key: str
    title: str


@dataclass(frozen=True)
class Asked:
    """A request with every name resolved; ``shown`` is the metric as the map is coloured."""

    project: Project
    layer: Layer
    metric: Metric | None
    shown: Metric | None
    period: str | None
    selection: Selection
    lang: str
    against: str | None = None


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


def offered(project: Project, layer: Layer) -> tuple[Metric, ...]:
    """The metrics that can be shown: those of readings only where the project has readings."""
    return tuple(
        metric
        for metric in layer.metrics
        if metric.source != "readings" or air_figures.exist(project)
    )


def periods(project: Project, metric: Metric | None) -> list[str]:
    """The periods a metric can be shown for, the default first (the newest full one)."""
    if metric is not None and metric.source == "readings":
        return air_figures.periods(project)
    return join.periods(project, metric) if metric else []


def default_period(project: Project, metric: Metric | None) -> str | None:
    """The newest year with figures of at least one district, else the newest period."""
    if metric is not None and metric.source == "readings":
        return air_figures.period_of(project, None).key
    found = periods(project, metric)
    if metric and metric.source == "observations":
        for period in found:
            if join.with_figure(project, metric, period):
                return period
    return found[0] if found else None


def period_of(project: Project, metric: Metric | None, period: str | None) -> str | None:
    """The period asked for, else the default.

    Raises
    ------
    UnknownNameError
        There is no figure for that period.
    LayerError
        There is no figure for any period.
    """
    if metric is None or metric.source == "computed":
        if period is not None:
            raise unknown_name("时期", "period", period, ())
        return None
    if metric.source == "readings":
        return air_figures.period_of(project, period).key
    known = periods(project, metric)
    if not known:
        raise LayerError(
            f"指标 {metric.id} 没有任何数值（{metric.indicator}）。",
            f"The metric {metric.id} has no figures at all ({metric.indicator}).",
        )
    if period is None:
        return default_period(project, metric)
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
    if metric is not None and metric.source == "readings":
        metric = _for_period(project, metric, str(period), request.colours)
    asked = Asked(
        project=project,
        layer=layer,
        metric=metric,
        shown=_in_mode(metric, request.mode, request.against, period),
        period=period,
        selection=areas.select(project, request.areas),
        lang=request.lang,
        against=period_of(project, metric, request.against) if request.against else None,
    )
    main = _main(asked)
    built = _built(asked, _chosen_parts(project, layer, request), request.water)
    if metric and (metric.places == "stations" or metric.source == "readings"):
        built = [one for one in built if one[0].dataset != "stations"]
    return _spec(asked, main, built)


def _built(asked: Asked, chosen: list[tuple[Layer, Part]], water: str | None) -> Parts:
    """What is drawn over the districts; classes of water in the period asked for."""
    project = asked.project
    networks = water_map.networks_of(part for _, part in chosen)
    water_map.checked(project, networks, water)
    found = []
    for owner, declared in chosen:
        follows = declared.derive in water_map.NETWORKS
        part = water_map.dated(project, declared, water) if follows else declared
        made = _part(project, part, asked.selection, asked.lang, water if follows else None)
        found.append((part, owner, made))
    return found


def water_networks(
    project: Project, layer: Layer, shown: tuple[str, ...] | None
) -> tuple[str, ...]:
    """The networks whose classes the parts ``shown`` (None: the default) of a view show.

    Raises
    ------
    UnknownNameError
        A part is unknown.
    """
    chosen = _chosen_parts(project, layer, Request(layer.id, parts=shown))
    return water_map.networks_of(part for _, part in chosen)


def _for_period(project: Project, metric: Metric, period: str, colours: str) -> Metric:
    """A metric of readings as it is shown for a period: its statistic, classes and colours."""
    if colours not in COLOURS:
        raise unknown_name("配色", "set of colours", colours, COLOURS)
    found = air_figures.period_of(project, period)
    ruling = air_figures.ruling_of(project, found)
    return air_classes.shown_for(metric, found, ruling, colours)


def modes(metric: Metric | None, period: str | None = None) -> tuple[str, ...]:
    """How a metric can be coloured: by value; by the gap to its target and by the change from a
    year before where it has breaks for them. Three years share two with those of a year before:
    their difference would be a third of that of two single years, and is not offered."""
    if metric is None:
        return ("value",)
    apart = period is None or parse(period).grain != "three_years"
    change = metric.change_breaks if apart else None
    wanted = {"value": True, "gap": metric.gap_breaks, "change": change}
    return tuple(mode for mode, possible in wanted.items() if possible)


def _in_mode(
    metric: Metric | None, mode: str, against: str | None, period: str | None = None
) -> Metric | None:
    known = modes(metric, None if against else period)
    if mode not in known:
        raise unknown_name("着色方式", "colouring", mode, known)
    if metric is None or mode == "value":
        return metric
    return gaps.against_target(metric) if mode == "gap" else changes.since(metric, against)


@lru_cache(maxsize=256)
def _part(
    project: Project, part: Part, selection: Selection, lang: str, water: str | None
) -> Built:
    return layer_parts.build(project, part, selection, lang, water)


def _main(asked: Asked) -> Built | None:
    project, metric, period = asked.project, asked.shown, asked.period
    selection, lang, against = asked.selection, asked.lang, asked.against
    if metric is None:
        return None
    if metric.source == "readings":
        return air_map.built(project, metric, str(period), selection, lang, against)
    if metric.places == "stations":
        return choropleth.station_points(project, metric, str(period), selection, lang)
    return choropleth.choropleth(project, metric, period, selection, lang, against)


def _spec(asked: Asked, main: Built | None, built: Parts) -> MapSpec:
    project, layer, lang = asked.project, asked.layer, asked.lang
    metric, period, selection = asked.metric, asked.period, asked.selection
    drawn = _drawn(metric, main, built)
    key, current = _key(asked)
    large = figures.shown_key(project, layer, metric, period, selection)
    area = areas.selection_name(project, selection, lang)
    when = period_text(period, lang) if period else ""
    water = notes.water(built, lang)
    qualities = notes.qualities(main, built)
    return MapSpec(
        layer=layer.id,
        lang=lang,
        title=_title(layer, asked.shown, lang),
        subtitle=" · ".join(text for text in (area, when, water) if text),
        area=area,
        period=when,
        extent=labels.extent(project, selection, drawn if selection.is_city else ()),
        whole=labels.extent(project, Selection(), ()),
        ground=areas.outlines(project),
        neighbours=frames.boundary(project, "neighbours"),
        outline=areas.outlines(project).loc[list(selection.codes)],
        parts=drawn,
        labels=labels.district_labels(project, selection, lang)
        + labels.unit_labels(drawn)
        + labels.part_labels(drawn, built),
        legend=_legend(main, built, lang),
        key=key,
        figures=figures.figures(project, layer, selection, large, lang),
        targets=figures.target_lines(project, layer, metric, period, selection, current, lang),
        trend=figures.trend(project, metric, selection, lang),
        notes=notes.notes(layer, metric, main, built, "derived" in qualities, lang),
        quality_note=notes.warnings(qualities, built, lang),
        sources=_sources(asked, main, built),
        data_date=notes.joined(
            when or (key.period if key else "") or notes.dates(project, built, lang), water, lang
        ),
        tables=_tables(asked, main, built),
        stations=_station_count(project, layer, selection),
        sentences=_told(asked),
        images=tuple(image for _, _, one in built for image in one.images),
        water=water,
    )


def _sources(asked: Asked, main: Built | None, built: Parts) -> tuple[str, ...]:
    """Titles of sources, those of the user's own first."""
    project, layer, lang = asked.project, asked.layer, asked.lang
    own = own_cited.titles(project, layer, asked.metric, built, asked.selection, lang)
    return tuple(dict.fromkeys([*own, *notes.sources(project, layer, main, built, lang)]))


def _key(asked: Asked) -> tuple[Figure | None, float | None]:
    """The one large figure, and its value where targets can be held against it."""
    metric, period, selection = asked.metric, asked.period, asked.selection
    if metric is not None and metric.source == "readings":
        return air_map.key_figure(asked.project, metric, str(period), selection, asked.lang)
    return figures.key_figure(asked.project, asked.layer, metric, period, selection, asked.lang)


def _told(asked: Asked) -> tuple[str, ...]:
    """What a briefing says of the area; nothing where figures of the area as such cannot exist."""
    area = asked.selection.area
    metric = asked.metric
    if area is None or (metric is not None and metric.source == "readings"):
        return ()
    if metric is not None and metric.boundary and metric.source == "computed":
        return ()
    text = sentences.layer_sentence(
        asked.project, asked.layer, asked.metric, area, asked.period, asked.lang
    )
    return (text,) if text else ()


def _drawn(metric: Metric | None, main: Built | None, built: Parts) -> tuple[DrawnPart, ...]:
    """What is drawn, from below: coloured districts, parts, coloured stations."""
    over = [one for _, _, one in built]
    if main is not None:
        on_top = metric is not None and metric.places == "stations"
        over = [*over, main] if on_top else [main, *over]
    return tuple(part for one in over for part in one.drawn if len(part.frame))


def _title(layer: Layer, metric: Metric | None, lang: str) -> str:
    titles = [layer.title.get(lang)] + ([metric.title.get(lang)] if metric else [])
    return " · ".join(titles)


def _legend(main: Built | None, built: Parts, lang: str) -> tuple[LegendBlock, ...]:
    blocks = [main.legend] if main and main.legend else []
    blocks += [one.legend for _, _, one in built if one.legend and one.legend.items]
    blocks += [_nothing(part, lang) for part, _, one in built if not len(one.rows)]
    return tuple(blocks)


def _nothing(part: Part, lang: str) -> LegendBlock:
    """What the legend says of a part with nothing in the selection: an empty map is no fault."""
    text = "所选区域内没有列入的" if lang == "zh" else "none listed in this area"
    return LegendBlock(part.title.get(lang), "", (LegendItem(text, NONE_STYLE),))


def _station_count(project: Project, layer: Layer, selection: Selection) -> int | None:
    if any(part.dataset == "stations" for part in layer.parts):
        return len(join.stations(project, selection))
    return None


def _tables(asked: Asked, main: Built | None, built: Parts) -> tuple[TableView, ...]:
    project, lang = asked.project, asked.lang
    views = []
    if main is not None and asked.shown is not None and asked.shown.source == "readings":
        view = air_map.district_table(project, asked.shown, str(asked.period), main.rows, lang)
        views += [view, *main.tables]
    elif main is not None and asked.shown is not None:
        views.append(district_view(project, asked.shown, asked.period, main.rows, lang))
    for part, owner, one in built:
        if part.kind == "raster":
            views += one.tables
        elif part.kind != "service":
            views.append(part_view(project, owner, part, one.rows, lang))
    return tuple(views)
