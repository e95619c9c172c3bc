"""A request in, the query of the page's address that opens the same view out."""

from __future__ import annotations

from urllib.parse import urlencode

from bsh_geo import areas, compose
from bsh_geo.compose import Request
from bsh_geo.mapspec import Bounds
from bsh_geo.print_options import extent_text
from bsh_geo.project import Project


def query_of(project: Project, request: Request, extent: Bounds | None = None) -> dict[str, str]:
    """The shortest query of the map page that shows what ``request`` asks for.

    With an ``extent`` (degrees) the map opens on it.

    Raises
    ------
    BshError
        The layer, its metric or an area is unknown.
    """
    layer = compose.layer_of(project, request.layer)
    first, metric = compose.metric_of(layer, None), compose.metric_of(layer, request.metric)
    query = {"layer": layer.id}
    if metric is not None and metric != first:
        query["metric"] = metric.id
    selection = areas.select(project, request.areas)
    if not selection.is_city:
        query["area"] = selection.group or ",".join(selection.codes)
    if request.period and (
        metric != first or request.period != compose.period_of(project, first, None)
    ):
        query["period"] = request.period
    query |= _drawn(request, compose.default_parts(layer))
    if extent is not None:
        query["extent"] = extent_text(extent)
    if request.lang != "zh":
        query["lang"] = request.lang
    return query


def _drawn(request: Request, default: tuple[str, ...]) -> dict[str, str]:
    """How the map is coloured and what is drawn over it, where that is not the default."""
    query = {}
    if request.mode != "value":
        query["mode"] = request.mode
    if request.colours != "official":
        query["colours"] = request.colours
    if request.parts is not None and set(request.parts) != set(default):
        query["show"] = ",".join(request.parts)
    if request.water:
        query["water"] = request.water
    return query


def link_of(project: Project, request: Request, extent: Bounds | None = None) -> str:
    """The query as text, such as ``?layer=air_quality&area=310151``."""
    return "?" + urlencode(query_of(project, request, extent), safe=",")
