"""A text with fields and what it is about in, the text with the fields filled out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bsh_geo import areas, sentences
from bsh_geo.briefing import Field, pieces
from bsh_geo.catalogue import CITY, Layer, Metric
from bsh_geo.mapspec import Figure, MapSpec
from bsh_geo.project import Project
from bsh_geo.standings import Standing, standing
from bsh_geo.wording import NO_DATA_TITLE, period_text

NOTHING = "—"
"""What stands for a target, gap or rank that does not exist; a missing figure says so in words."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What a text is about.

    ``asked`` is the period of the briefing, ``period`` that of the page's view, both as
    ``2025-12``; None is each indicator's newest. A page without a layer has no ``spec``.
    """

    project: Project
    area: str
    lang: str
    asked: str | None = None
    period: str | None = None
    office: str = ""
    layer: Layer | None = None
    metric: Metric | None = None
    spec: MapSpec | None = None
    page: int = 0


def filled(text: str, about: Subject) -> str:
    """``text`` with its fields filled."""
    return "".join(
        value_of(one.text, about) if isinstance(one, Field) else one for one in pieces(text)
    ).strip()


def missing(text: str, about: Subject) -> bool:
    """Whether a field has nothing to say: no figure, no target, no place among others."""
    return value_of(text, about) in ("", NOTHING, NO_DATA_TITLE[about.lang])


def value_of(text: str, about: Subject) -> str:
    """What a field stands for; it was checked with the template."""
    field = Field(text=text)
    if field.name in _PLAIN:
        return _PLAIN[field.name](about)
    indicator = field.indicator
    if indicator is None and about.metric is not None and about.metric.source == "observations":
        indicator = about.metric.indicator
    if indicator is None:
        return _of_view(field.name, about)
    own = field.indicator is None
    period = about.period if own else about.asked
    if field.name == "sentence":
        return sentences.sentence(about.project, indicator, about.area, period, about.lang)
    found = standing(about.project, indicator, about.area, period, about.lang)
    if own and about.metric is not None and field.name == "name":
        return about.metric.title.get(about.lang)
    return _OF_FIGURE[field.name](found, about.lang)


def _period(about: Subject) -> str:
    """The period asked for; where none was, that of the page's view."""
    period = about.asked or about.period
    if period:
        return period_text(period, about.lang)
    return about.spec.data_date if about.spec else ""


_PLAIN: dict[str, Callable[[Subject], str]] = {
    "area": lambda about: areas.area_name(about.project, about.area, about.lang),
    "period": _period,
    "office": lambda about: about.office,
    "layer": lambda about: about.layer.title.get(about.lang) if about.layer else "",
    "metric": lambda about: (
        about.metric.title.get(about.lang)
        if about.metric
        else (about.layer.title.get(about.lang) if about.layer else "")
    ),
    "page": lambda about: str(about.page),
}

_OF_FIGURE: dict[str, Callable[[Standing, str], str]] = {
    "name": lambda one, lang: one.name,
    "value": lambda one, lang: one.printed or NO_DATA_TITLE[lang],
    "unit": lambda one, lang: one.unit if one.printed else "",
    "when": lambda one, lang: one.period,
    "quality": lambda one, lang: one.quality or NOTHING,
    "source": lambda one, lang: one.source or NOTHING,
    "target": lambda one, lang: one.target or NOTHING,
    "target_year": lambda one, lang: one.target_year or NOTHING,
    "gap": lambda one, lang: one.amount(one.gap) or NOTHING,
    "state": lambda one, lang: one.state or NOTHING,
    "rank": lambda one, lang: NOTHING if one.rank is None else str(one.rank),
    "ranked": lambda one, lang: str(one.ranked),
    "change": lambda one, lang: one.amount(one.change) or NOTHING,
}


def _of_view(name: str, about: Subject) -> str:
    """A field of a view whose figure is no published observation: from its key figure."""
    if name == "sentence":
        assert about.layer is not None
        return sentences.layer_sentence(
            about.project, about.layer, about.metric, about.area, about.period, about.lang
        )
    key = about.spec.key if about.spec else None
    blank = NO_DATA_TITLE[about.lang] if name == "value" else NOTHING
    return (_of_key(name, key) if key else "") or blank


def _of_key(name: str, key: Figure) -> str:
    return {
        "name": key.label,
        "value": key.value,
        "unit": key.unit,
        "when": key.period,
        "quality": key.quality,
    }.get(name, "")


def is_city(area: str) -> bool:
    """Whether an area code is the city's."""
    return area == CITY
