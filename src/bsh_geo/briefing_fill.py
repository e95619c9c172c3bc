"""A template, an area and a period in, the filled briefing out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bsh_geo import areas, briefing_blocks, catalogue, compose, water_map
from bsh_geo.briefing import PageTemplate, Template
from bsh_geo.briefing_fields import Subject, filled, missing
from bsh_geo.briefing_pages import Briefing, Page
from bsh_geo.catalogue import CITY, Metric
from bsh_geo.compose import Request
from bsh_geo.errors import DataError, UnknownNameError, unknown_name
from bsh_geo.links import link_of
from bsh_geo.mapspec import Bounds
from bsh_geo.project import Project
from bsh_geo.wording import period_text

PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)


@dataclass(frozen=True)
class Occasion:
    """For whom and when a template is filled: area code, period (None: the newest), language.

    ``extents`` are the bounds that the maps of areas keep to, so that a series has one scale.
    """

    area: str
    period: str | None = None
    lang: str = "zh"
    office: str = ""
    approval: str = ""
    logo: bytes | None = None
    stamp: str = ""
    extents: Mapping[str, Bounds] | None = None


def area_code(project: Project, name: str) -> str:
    """The code of one area's name: of the city, a district or a group."""
    code = areas.select(project, [name]).area
    if code is None:  # a group whose districts another group has too
        raise unknown_name("区", "district", name, areas.group_names(project, "zh").values())
    return code


def check_period(template: Template, period: str | None) -> None:
    """Raise for a period that is none, or of another grain than the template's.

    Raises
    ------
    UnknownNameError, DataError
        It is neither YYYY nor YYYY-MM, or a month for a template of years or the other way round.
    """
    if period is None:
        return
    if not PERIOD.fullmatch(period):
        raise wrong_period(period)
    grain = "month" if len(period) > 4 else "year"
    if template.grain not in ("any", grain):
        form = "YYYY-MM" if template.grain == "month" else "YYYY"
        raise DataError(
            f"模板“{template.title.zh}”的时期应为 {form}，而不是 {period}。",
            f"The template “{template.title.en}” takes a period {form}, not {period}.",
        )


def wrong_period(period: str) -> UnknownNameError:
    """The fault of a period that is neither a year nor a month."""
    return UnknownNameError(
        f"时期“{period}”应为 YYYY 或 YYYY-MM。",
        f"The period “{period}” should be YYYY or YYYY-MM.",
    )


def check_area(template: Template, area: str) -> None:
    """Raise a DataError for the city with a template for districts, and the other way round."""
    fits = {"any": True, "city": area == CITY, "district": area != CITY}
    if not fits[template.scope]:
        whom = ("全市", "the city") if template.scope == "city" else ("一个区", "a district")
        raise DataError(
            f"模板“{template.title.zh}”用于{whom[0]}。",
            f"The template “{template.title.en}” is for {whom[1]}.",
        )


def fill(project: Project, template: Template, occasion: Occasion) -> Briefing:
    """The briefing of one area.

    Raises
    ------
    BshError
        The period or the area does not fit the template, or a view cannot be built.
    """
    check_period(template, occasion.period)
    check_area(template, occasion.area)
    about = Subject(
        project,
        occasion.area,
        occasion.lang,
        asked=occasion.period,
        office=occasion.office,
    )
    notes: list[str] = []
    pages: list[Page] = []
    for page, area in _pages(project, template, occasion.area):
        asked = replace(about, area=area, page=len(pages) + 1)
        pages.append(_page(asked, page, occasion, notes))
    return Briefing(
        title=filled(template.heading.get(occasion.lang), about),
        subtitle=filled(template.subtitle.get(occasion.lang), _with_period(about, pages)),
        lang=occasion.lang,
        pages=tuple(pages),
        office=occasion.office,
        approval=occasion.approval,
        logo=occasion.logo,
        stamp=occasion.stamp,
        size=template.size,
        theme=template.theme,
        notes=tuple(dict.fromkeys(notes)),
    )


def _with_period(about: Subject, pages: list[Page]) -> Subject:
    """A briefing without a period asked for is of the newest period that its pages show."""
    shown = [one.request.period for one in pages if one.request and one.request.period]
    return replace(about, period=max(shown, default=None))


def _pages(project: Project, template: Template, area: str) -> Iterator[tuple[PageTemplate, str]]:
    """Each page with the area it is about; one for each district where the template says so."""
    for page in template.pages:
        if page.areas == "districts":
            yield from ((page, str(code)) for code in areas.district_table(project).index)
        else:
            yield page, CITY if page.areas == "city" else area


def _page(about: Subject, page: PageTemplate, occasion: Occasion, notes: list[str]) -> Page:
    request, note = None, ""
    if page.layer is not None:
        about, request, note = _view(about, page)
    if note:
        notes.append(note)
    title, subtitle = filled(page.title.get(about.lang), about), _subtitle(about)
    extent = (occasion.extents or {}).get(about.area)
    blocks = [
        made
        for block in page.blocks
        if not any(missing(name, about) for name in block.needs)
        for made in briefing_blocks.blocks_of(block, about, request, extent)
    ]
    blocks = briefing_blocks.with_sources(blocks, page, about)
    link = link_of(about.project, request) if request is not None else ""
    spoken = briefing_blocks.spoken(blocks, about.spec, link, about.lang)
    if note:
        blocks = briefing_blocks.with_note(blocks, note)
    return Page(title, subtitle, tuple(blocks), spoken, request)


def _subtitle(about: Subject) -> str:
    """Area and period of the page, the period being the one that is shown."""
    when = about.spec.data_date if about.spec else ""
    if about.spec is None and about.asked:
        when = period_text(about.asked, about.lang)
    name = areas.area_name(about.project, about.area, about.lang)
    return " · ".join(text for text in (name, when) if text)


def _view(about: Subject, page: PageTemplate) -> tuple[Subject, Request, str]:
    """The page's view, and a word where its period is not the one asked for."""
    layer = compose.layer_of(about.project, str(page.layer))
    metric = compose.metric_of(layer, page.metric)
    wanted = about.asked if page.period == "asked" else None
    period, note = shown_period(about.project, layer, metric, wanted, about.lang)
    water, told = shown_water(about.project, layer, page.show, wanted, about.lang)
    note = ("" if about.lang == "zh" else " ").join(text for text in (note, told) if text)
    request = Request(
        layer.id,
        metric.id if metric else None,
        () if about.area == CITY else (about.area,),
        period,
        page.show,
        about.lang,
        page.mode,
        water=water,
    )
    spec = compose.build(about.project, request)
    return replace(about, layer=layer, metric=metric, period=period, spec=spec), request, note


def shown_water(
    project: Project,
    layer: catalogue.Layer,
    show: tuple[str, ...] | None,
    wanted: str | None,
    lang: str,
) -> tuple[str | None, str]:
    """The period of a view's overlays of water classes: the wanted one where there are readings of
    it, else the newest month, and a word about it then."""
    networks = compose.water_networks(project, layer, show) if wanted else ()
    known = [key for keys in water_map.periods(project, networks).values() for key in keys]
    if wanted is None or not known or wanted in known:
        return (wanted if known else None), ""
    asked = period_text(wanted, lang)
    if lang == "en":
        return None, f"There are no readings of water for {asked}; the newest month is shown."
    return None, f"水质没有{asked}的读数，所示为最近月。"


def shown_period(
    project: Project,
    layer: catalogue.Layer,
    metric: Metric | None,
    wanted: str | None,
    lang: str,
) -> tuple[str | None, str]:
    """The period that a view shows: the wanted one, else the default, and a word about it then."""
    known = compose.periods(project, metric)
    if wanted is None or wanted in known:
        return (wanted if known else None) or compose.period_of(project, metric, None), ""
    title = " · ".join(one.title.get(lang) for one in (layer, metric) if one is not None)
    asked = period_text(wanted, lang)
    if not known:
        if lang == "en":
            return None, f"{title} is not kept by period; its newest data are shown, not {asked}."
        return None, f"{title}不分时期，所示为最新数据，不是{asked}的。"
    period = compose.period_of(project, metric, None)
    shown = period_text(str(period), lang)
    if lang == "en":
        return period, f"{title} has no figures for {asked}; {shown} is shown."
    return period, f"{title}没有{asked}的数值，所示为{shown}。"
