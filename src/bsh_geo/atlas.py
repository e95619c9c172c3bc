"""An order in, its files planned and each of them made out.

``pack`` makes them in several processes; here nothing is shared, so that one file can be made
again alone and has the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from bsh_geo import (
    area_tables,
    areas,
    briefing_fill,
    compose,
    figure_sheets,
    flow_files,
    orders,
    slides,
    snapshot,
    standalone,
    word_files,
)
from bsh_geo.briefing import Template
from bsh_geo.briefing_fill import Occasion
from bsh_geo.briefing_pages import Briefing
from bsh_geo.catalogue import CITY
from bsh_geo.compose import Request
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.links import link_of
from bsh_geo.manifest import Made, Manifest, content_digest, content_files, libraries, stamp
from bsh_geo.mapspec import Bounds, MapSpec
from bsh_geo.orders import (
    DOCUMENTS,
    Order,
    layer_and_metric,
    print_options_of,
    request_of,
    template_of,
)
from bsh_geo.print_frame import series_extents
from bsh_geo.print_options import PrintOptions, extent_text
from bsh_geo.project import Project
from bsh_geo.wording import NO_DATA_TITLE

_NEVER = re.compile(r'[\\/:*?"<>|\s]+')


def planned(project: Project, order: Order) -> list[Made]:
    """The files of a pack in their order: each area's views and documents, then the tables."""
    template = template_of(project, order)
    forms = [one for one in order.forms if template is None or one not in DOCUMENTS]
    made: list[Made] = []
    for area in order.areas:
        if template is not None:
            made += _documents(project, order, template, area)
        for name in order.layers:
            made += _views(project, order, name, area, forms)
    if len(order.areas) > 1:
        stem = _stem(area_tables.NAMES[order.lang], order.period or "")
        for form in ("csv", *(["xlsx"] if "xlsx" in order.forms else [])):
            made.append(Made(f"{stem}.{form}", "table", form, order.areas, lang=order.lang))
    return _differing(made)


def _views(
    project: Project, order: Order, name: str, area: str, forms: Iterable[str]
) -> list[Made]:
    layer, metric = layer_and_metric(project, name)
    period, note = briefing_fill.shown_period(project, layer, metric, order.period, order.lang)
    request = request_of(area, layer, metric, period, order.lang)
    titles = [layer.title.get(order.lang)]
    if metric is not None and metric != compose.metric_of(layer, None):
        titles.append(metric.title.get(order.lang))
    place = areas.area_name(project, area, order.lang)
    stem, link = _stem(place, *titles, period or ""), link_of(project, request, order.extent)
    return [
        Made(
            f"{stem}.{form}", "view", form, (area,), layer.id, metric.id if metric else None,
            period, order.lang, link, note,
        )
        for form in forms
    ]  # fmt: skip


def _documents(project: Project, order: Order, template: Template, area: str) -> list[Made]:
    """The template for one area; nothing for an area that it is not written for."""
    try:
        briefing_fill.check_area(template, area)
    except DataError:
        return []
    place = areas.area_name(project, area, order.lang)
    stem = _stem(place, template.title.get(order.lang), order.period or "")
    return [
        Made(f"{stem}.{form}", "document", form, (area,), period=order.period, lang=order.lang)
        for form in order.forms
        if form in DOCUMENTS
    ]


def _stem(*parts: str) -> str:
    """A file's name without its ending, safe on every system: 崇明区_空气质量_2025."""
    return "_".join(_NEVER.sub("-", part.strip()).strip("-. ") for part in parts if part)


def _differing(made: list[Made]) -> list[Made]:
    """The files, those with a name that another has numbered."""
    seen: dict[str, int] = {}
    found = []
    for one in made:
        key = one.name.lower()
        seen[key] = seen.get(key, 0) + 1
        stem, _, form = one.name.rpartition(".")
        name = one.name if seen[key] == 1 else f"{stem}_{seen[key]}.{form}"
        found.append(replace(one, name=name))
    return found


def make(project: Project, order: Order, one: Made, digest: str) -> tuple[bytes, str]:
    """The bytes of a planned file and what its reader must know.

    Raises
    ------
    BshError
        The view cannot be built or drawn.
    """
    if one.kind == "table":
        return area_tables.table(project, order, one.form), ""
    if one.kind == "document":
        made = _briefing(project, order, one.areas[0], digest)
        return document(made, one.form), " ".join(made.notes)
    layer = compose.layer_of(project, one.layer)
    metric = compose.metric_of(layer, one.metric)
    request = request_of(one.areas[0], layer, metric, one.period, one.lang)
    spec = _spec(project, request)
    told = " ".join(text for text in (one.note, _without_figure(spec)) if text)
    return _view(project, order, one, spec, stamp(digest, one.link, one.lang)), told


@lru_cache(maxsize=4)
def _spec(project: Project, request: Request) -> MapSpec:
    return compose.build(project, request)


def _without_figure(spec: MapSpec) -> str:
    """That the area has no figure, where that is so."""
    if spec.key is not None and spec.key.value != NO_DATA_TITLE[spec.lang]:
        return ""
    return "No figure is published for this area." if spec.lang == "en" else "该区域没有公布数值。"


def _view(project: Project, order: Order, one: Made, spec: MapSpec, line: str) -> bytes:
    if one.form in snapshot.FORMATS:
        fixed = {**vars(print_options_of(order)), "stamp": line}
        fixed["extent"] = (_extents(project, order) or {}).get(one.areas[0])
        return snapshot.render(spec, one.form, PrintOptions(**fixed))
    if one.form == "xlsx":
        return figure_sheets.view_xlsx(spec, line)
    if one.form == "html":
        key = "city" if one.areas[0] == CITY else one.areas[0]
        return standalone.html(spec, key, line, order.approval)
    template = _single(spec, one)
    made = briefing_fill.fill(project, template, _occasion(project, order, one.areas[0], line))
    return document(made, one.form)


def _extents(project: Project, order: Order) -> dict[str, Bounds] | None:
    """The bounds of the areas where they are given or at one scale; None where each has its own."""
    if order.extent is not None:
        return dict.fromkeys(order.areas, order.extent)
    return None if order.scale == "area" else _at_one_scale(project, order.areas)


@lru_cache(maxsize=2)
def _at_one_scale(project: Project, codes: tuple[str, ...]) -> dict[str, Bounds]:
    return series_extents(project, [code for code in codes if code != CITY])


def _occasion(project: Project, order: Order, area: str, line: str) -> Occasion:
    options = print_options_of(order)
    return Occasion(
        area, order.period, order.lang, order.office, order.approval, options.logo, line,
        _extents(project, order),
    )  # fmt: skip


def _single(spec: MapSpec, one: Made) -> Template:
    """A briefing of one view: figure, sentence, map, trend, ranking, table, sources."""
    title = {"zh": spec.title, "en": spec.title}
    kinds = ("figures", "text", "map", "trend", "ranking", "table", "sources")
    text = {"text": {"zh": "{sentence}", "en": "{sentence}"}, "needs": ["sentence"]}
    blocks: list[dict[str, Any]] = [
        {"kind": kind, **(text if kind == "text" else {"rows": 3} if kind == "figures" else {})}
        for kind in kinds
    ]
    return Template.model_validate(
        {
            "id": "view",
            "title": title,
            "summary": title,
            "heading": {"zh": "{area}", "en": "{area}"},
            "pages": [
                {"title": _braced(spec.title), "layer": one.layer, "metric": one.metric,
                 "blocks": blocks}
            ],
        }
    )  # fmt: skip


def _braced(text: str) -> dict[str, str]:
    """Plain text as a text with fields."""
    plain = text.replace("{", "{{").replace("}", "}}")
    return {"zh": plain, "en": plain}


def single(project: Project, order: Order, name: str) -> tuple[bytes, Manifest, tuple[str, ...]]:
    """The template of an order for its one area: the file ``name``, its manifest, what to know.

    ``reproduction.reproduce`` makes the same bytes of the manifest.

    Raises
    ------
    BshError
        The order is wrong or the template is not for the area.
    """
    orders.check(project, order)
    data = content_files(project)
    digest = content_digest(data)
    area, form = order.areas[0], order.forms[0]
    made = _briefing(project, order, area, digest)
    content = document(made, form)
    one = Made(
        name, "document", form, (area,), period=order.period, lang=order.lang,
        note=" ".join(made.notes), sha256=sha256(content).hexdigest(), size=len(content),
    )  # fmt: skip
    whole = Manifest(order.plain(), digest, data, (one,), libraries=libraries())
    return content, whole, made.notes


def _briefing(project: Project, order: Order, area: str, digest: str) -> Briefing:
    template = template_of(project, order)
    assert template is not None
    told = [template.title.get(order.lang)]
    told += [f"extent={extent_text(order.extent)}"] if order.extent else []
    line = stamp(digest, " · ".join(told), order.lang)
    return briefing_fill.fill(project, template, _occasion(project, order, area, line))


def document(made: Briefing, form: str) -> bytes:
    """A filled briefing as a file.

    Raises
    ------
    UnknownNameError
        The form is not one of ``DOCUMENTS``.
    """
    if form not in DOCUMENTS:
        raise unknown_name("格式", "format", form, DOCUMENTS)
    return {"pdf": flow_files.pdf, "docx": word_files.docx, "pptx": slides.pptx}[form](made)


def preview(project: Project, order: Order, dpi: int) -> bytes:
    """The first picture of an order as a PNG; of a template its first page for the first area.

    Raises
    ------
    BshError
        It cannot be made.
    """
    digest = content_digest(content_files(project))
    if order.template is not None:
        return flow_files.first_png(_briefing(project, order, order.areas[0], digest), dpi)
    view = replace(order, forms=("png",), dpi=dpi)
    return make(project, view, planned(project, view)[0], digest)[0]
