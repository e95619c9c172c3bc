"""The URL in, the view out, and back: the address of a page holds its whole state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bsh_geo import areas, catalogue, compose, links, water_map
from bsh_geo.areas import Selection
from bsh_geo.catalogue import CITY
from bsh_geo.compose import Request
from bsh_geo.errors import BshError, DataError, UnknownNameError, unknown_name
from bsh_geo.mapspec import Bounds
from bsh_geo.print_options import parse_extent
from bsh_geo.project import Project

KEYS = ("layer", "metric", "area", "period", "mode", "colours", "show", "water", "extent", "lang")
LANGS = ("zh", "en")


@dataclass(frozen=True)
class View:
    """What one page shows; every field has a definite value."""

    layer: str
    metric: str | None
    areas: tuple[str, ...]
    period: str | None
    show: tuple[str, ...]
    lang: str
    mode: str = "value"
    colours: str = "official"
    water: str | None = None

    def request(self) -> Request:
        """The view as the composer takes it."""
        return Request(
            self.layer,
            self.metric,
            self.areas,
            self.period,
            self.show,
            self.lang,
            self.mode,
            self.colours,
            water=self.water,
        )


def default_view(project: Project, lang: str = "zh", layer_id: str | None = None) -> View:
    """The first readable layer (or ``layer_id``) for the whole city, newest period.

    Raises
    ------
    BshError
        No layer file can be read.
    """
    layers, faults = catalogue.load_layers(project)
    if not layers:
        raise faults[0] if faults else UnknownNameError("没有图层。", "There are no layers.")
    layer = layers[layer_id] if layer_id in layers else next(iter(layers.values()))
    metric = compose.metric_of(layer, None)
    return View(
        layer=layer.id,
        metric=metric.id if metric else None,
        areas=(),
        period=compose.period_of(project, metric, None),
        show=compose.default_parts(layer),
        lang=lang,
    )


def parse(project: Project, query: Mapping[str, str]) -> tuple[View, BshError | None]:
    """The view of a URL's query; where anything in it is wrong, the default view and the reason."""
    lang = query.get("lang", "zh")
    try:
        if lang not in LANGS:
            lang = "zh"
            raise unknown_name("语言", "language", query["lang"], LANGS)
        if "extent" in query:
            parse_extent(query["extent"])
        return _parsed(project, query, lang), None
    except (UnknownNameError, DataError) as error:
        return default_view(project, lang), error


def _parsed(project: Project, query: Mapping[str, str], lang: str) -> View:
    unknown = [key for key in query if key not in KEYS]
    if unknown:
        raise unknown_name("链接参数", "link parameter", unknown[0], KEYS)
    layers, _ = catalogue.load_layers(project)
    if "layer" in query and query["layer"] not in layers:
        raise unknown_name("图层", "layer", query["layer"], layers)
    view = default_view(project, lang, query.get("layer"))
    layer = layers[view.layer]
    metric = compose.metric_of(layer, query.get("metric"))
    selection = areas.select(project, _split(query.get("area", "")))
    view = replace(
        view,
        metric=metric.id if metric else None,
        areas=(selection.group,) if selection.group else selection.codes,
        period=compose.period_of(project, metric, query.get("period")),
    )
    modes = compose.modes(metric, view.period)
    if query.get("mode", "value") not in modes:
        raise unknown_name("着色方式", "colouring", query["mode"], modes)
    colours = query.get("colours", "official")
    if colours not in compose.COLOURS:
        raise unknown_name("配色", "set of colours", colours, compose.COLOURS)
    view = replace(view, mode=query.get("mode", "value"), colours=colours)
    if "show" in query:
        view = replace(view, show=_split(query["show"]))
        known = [option.key for option in compose.part_options(project, layer, lang)]
        for key in view.show:
            if key not in known:
                raise unknown_name("叠加内容", "overlay", key, known)
    networks = compose.water_networks(project, layer, view.show)
    return replace(view, water=water_map.checked(project, networks, query.get("water")))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def query_of(project: Project, view: View, extent: Bounds | None = None) -> dict[str, str]:
    """The shortest query that opens the same view again, with an ``extent`` on that."""
    return links.query_of(project, view.request(), extent)


def clicked(project: Project, view: View, district: str, more: bool) -> tuple[str, ...]:
    """The areas after a click on a district of the map.

    A click selects it alone; with a modifier key it is added or taken away; a click on the only
    selected district goes back to the city.
    """
    if district == CITY or district not in areas.district_table(project).index:
        return view.areas
    chosen: Selection = areas.select(project, view.areas)
    if more:
        left = [code for code in chosen.codes if code != district]
        return tuple(left if district in chosen.codes else sorted([*left, district]))
    return () if chosen.codes == (district,) else (district,)
