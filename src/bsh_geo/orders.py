"""What a pack is asked for: names resolved and checked in, plain data that a manifest keeps out."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bsh_geo import areas, briefing, briefing_fill, catalogue, compose
from bsh_geo.briefing import Template
from bsh_geo.catalogue import CITY, Layer, Metric
from bsh_geo.compose import Request
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.mapspec import Bounds
from bsh_geo.print_options import PrintOptions, extent_text
from bsh_geo.project import Project

FORMS = ("png", "svg", "pdf", "pptx", "docx", "xlsx", "html")
DOCUMENTS = ("pdf", "docx", "pptx")
"""Forms that a template can be filled into."""
SCALES = ("area", "same")
"""Each district as large as its page, or all districts at one scale."""


@dataclass(frozen=True)
class Order:
    """What a pack is asked for, every name resolved; plain data, as the manifest keeps it.

    ``layers`` are ids of layers, or ``layer.metric``; ``areas`` codes; ``template`` the content of
    a briefing template; ``logo`` a picture in base64. ``period`` None is each layer's newest.
    ``extent`` is what all maps show at least, in degrees; None for the extent of each area.
    """

    layers: tuple[str, ...]
    areas: tuple[str, ...]
    forms: tuple[str, ...]
    period: str | None = None
    lang: str = "zh"
    template: Mapping[str, Any] | None = None
    size: str = "A4"
    orientation: str = "landscape"
    theme: str = "screen"
    dpi: int = 200
    scale: str = "area"
    approval: str = ""
    office: str = ""
    logo: str = ""
    extent: Bounds | None = None

    def plain(self) -> dict[str, Any]:
        """The order as JSON holds it."""
        return asdict(self)


def order_from(content: Mapping[str, Any]) -> Order:
    """The order that a manifest holds.

    Raises
    ------
    DataError
        It holds something else.
    """
    known = {one.name for one in fields(Order)}
    if set(content) | {"extent"} != known:  # manifests of before have no extent
        raise DataError(
            "清单中的 order 与本版本不符。", "The order of the manifest is not of this version."
        )
    lists = ("layers", "areas", "forms")
    tuples = {name: tuple(content[name]) for name in lists}
    extent = content.get("extent")
    return Order(**{**content, **tuples, "extent": None if extent is None else tuple(extent)})


def chosen_layers(project: Project, text: str) -> tuple[str, ...]:
    """Layer ids of ``all`` or of names joined by commas; ``layer.metric`` names a measure.

    Raises
    ------
    BshError
        A layer or a measure is unknown.
    """
    layers, _ = catalogue.load_layers(project)
    if text in ("all", "全部"):
        return tuple(layers)
    for name in _named(text):
        layer_id, _, metric_id = name.partition(".")
        layer = compose.layer_of(project, layer_id)
        if metric_id:
            compose.metric_of(layer, metric_id)
    return _named(text)


def chosen_areas(project: Project, text: str) -> tuple[str, ...]:
    """Codes of ``all`` (the city and each district) or of names joined by commas.

    Raises
    ------
    UnknownNameError
        A name is unknown.
    """
    if text in ("all", "全部"):
        return (CITY, *(str(code) for code in areas.district_table(project).index))
    return tuple(dict.fromkeys(briefing_fill.area_code(project, name) for name in _named(text)))


def chosen_forms(text: str) -> tuple[str, ...]:
    """Forms joined by commas, in the product's order.

    Raises
    ------
    UnknownNameError
        A form is unknown.
    """
    wanted = [one.lower() for one in _named(text)]
    for one in wanted:
        if one not in FORMS:
            raise unknown_name("格式", "format", one, FORMS)
    return tuple(one for one in FORMS if one in wanted)


def _named(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in re.split("[,，、]", text) if name.strip()))
    if not names:
        raise DataError("没有选择任何一项。", "Nothing was chosen.")
    return names


def check(project: Project, order: Order) -> None:
    """Raise for an order that nothing can be made of.

    Raises
    ------
    BshError
        The template, the period, the size or the resolution is wrong.
    """
    print_options_of(order)
    if order.scale not in SCALES:
        raise unknown_name("比例", "scale", order.scale, SCALES)
    if order.period is not None and not briefing_fill.PERIOD.fullmatch(order.period):
        raise briefing_fill.wrong_period(order.period)
    template = template_of(project, order)
    if template is not None:
        briefing_fill.check_period(template, order.period)
        if not set(order.forms) & set(DOCUMENTS):
            raise DataError(
                f"模板“{template.title.zh}”要填入 {'、'.join(DOCUMENTS)} 之一，请加上其格式。",
                f"The template “{template.title.en}” is filled into {', '.join(DOCUMENTS)}; "
                "add one of them to the formats.",
            )


def print_options_of(order: Order) -> PrintOptions:
    """How the pictures of an order are printed; raises for what they cannot be."""
    given: dict[str, Any] = {
        name: getattr(order, name)
        for name in ("size", "orientation", "theme", "dpi", "approval", "office")
    }
    logo = base64.b64decode(order.logo) if order.logo else None
    return PrintOptions(**given, logo=logo, extent=order.extent)


def template_of(project: Project, order: Order) -> Template | None:
    """The order's template, if it has one."""
    if order.template is None:
        return None
    return briefing.parsed(project, dict(order.template), "template")


def layer_and_metric(project: Project, name: str) -> tuple[Layer, Metric | None]:
    """The layer and the measure that a name of an order stands for."""
    layer_id, _, metric_id = name.partition(".")
    layer = compose.layer_of(project, layer_id)
    return layer, compose.metric_of(layer, metric_id or None)


def request_of(
    area: str, layer: Layer, metric: Metric | None, period: str | None, lang: str
) -> Request:
    """The view of a layer and an area, everything else by default."""
    chosen = () if area == CITY else (area,)
    return Request(layer.id, metric.id if metric else None, chosen, period, None, lang)


def order_text(order: Order) -> str:
    """The order as JSON text, which can be compared."""
    return json.dumps(order.plain(), ensure_ascii=False, sort_keys=True)


def order_of_text(text: str) -> Order:
    """The order of ``order_text``."""
    return order_from(json.loads(text))


def options_of(order: Order, project: str | None) -> list[str]:
    """The order as options of ``bsh-geo atlas``; a template is given by its id."""
    told = {
        "layers": ",".join(order.layers), "districts": ",".join(order.areas),
        "format": ",".join(order.forms), "size": order.size, "orientation": order.orientation,
        "theme": order.theme, "dpi": str(order.dpi), "scale": order.scale, "lang": order.lang,
        "period": order.period, "project": project,
        "template": order.template["id"] if order.template else None,
        "extent": extent_text(order.extent) if order.extent else None,
    }  # fmt: skip
    return [part for name, one in told.items() if one for part in (f"--{name}", one)]
