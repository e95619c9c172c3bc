"""A block of a template and what the page is about in, its filled blocks out."""

from __future__ import annotations

from collections.abc import Callable

from bsh_geo import areas, assessment, catalogue, observations
from bsh_geo import briefing as templates
from bsh_geo.assessment import Assessment
from bsh_geo.briefing import Field, pieces
from bsh_geo.briefing_fields import Subject, filled
from bsh_geo.briefing_pages import (
    Block,
    Figures,
    MapPicture,
    Paragraph,
    Sources,
    Table,
    TrendChart,
)
from bsh_geo.briefing_tables import ROWS, of_districts
from bsh_geo.briefing_words import word
from bsh_geo.catalogue import CITY
from bsh_geo.compose import Request
from bsh_geo.mapspec import Bounds, MapSpec
from bsh_geo.project import Project
from bsh_geo.standings import Standing, standing
from bsh_geo.targets import wording
from bsh_geo.wording import NO_DATA_TITLE, period_text


def blocks_of(
    block: templates.Block, about: Subject, request: Request | None, extent: Bounds | None
) -> list[Block]:
    """What a block of the template becomes; nothing where there is nothing to show."""
    if block.kind in ("map", "page"):
        assert about.spec is not None
        return [_map(about.spec, block.kind == "page", extent)]
    if block.kind in ("ranking", "table"):
        assert request is not None
        return of_districts(block, about, request)
    return _MAKERS[block.kind](block, about)


def with_note(blocks: list[Block], note: str) -> list[Block]:
    """The blocks with a word about the period before the sources, else at the end."""
    at = next((place for place, one in enumerate(blocks) if isinstance(one, Sources)), len(blocks))
    return [*blocks[:at], Paragraph(note), *blocks[at:]]


def with_sources(blocks: list[Block], page: templates.PageTemplate, about: Subject) -> list[Block]:
    """The blocks, with the sources at the end where the template has left them out.

    Nothing is shown without source, date and quality; a printed page holds them itself.
    """
    if any(
        isinstance(one, Sources) or (isinstance(one, MapPicture) and one.whole) for one in blocks
    ):
        return blocks
    if about.spec is not None:
        lines = source_lines(about.spec, about.lang)
    else:
        lines = _indicator_sources(page, about)
    return [*blocks, Sources(lines)] if lines else blocks


def _indicator_sources(page: templates.PageTemplate, about: Subject) -> tuple[str, ...]:
    """Sources, dates and qualities of the figures that a page without a layer names."""
    lang = about.lang
    found = [one for block in page.blocks for one in _named(block, about)]
    mark = "；" if lang == "zh" else "; "
    told = []
    for key, texts in (
        ("sources", [one.source for one in found]),
        ("date", sorted(one.period for one in found if one.printed)),
        ("quality", [one.quality for one in found]),
    ):
        listed = [text for text in dict.fromkeys(texts) if text]
        told += [word(key, lang) + mark.join(listed)] if listed else []
    return tuple(told)


def _named(block: templates.Block, about: Subject) -> list[Standing]:
    """The figures that a block names."""
    project, lang = about.project, about.lang
    if block.kind == "targets":
        return [
            standing(project, one.indicator, about.area, str(one.current_year), lang)
            for one in _assessed(block, about)
            if one.printed
        ]
    if block.kind == "comparison":
        codes = [CITY, *(str(code) for code in areas.district_table(project).index)]
        periods = {name: about.asked or _newest(project, name) for name in block.indicators}
        return [
            standing(project, name, code, period, lang)
            for name, period in periods.items()
            for code in codes
        ]
    fields = pieces(block.text.get(lang)) if block.text else ()
    names = [one.indicator for one in fields if isinstance(one, Field) and one.indicator]
    return [standing(project, name, about.area, about.asked, lang) for name in names]


def _text(block: templates.Block, about: Subject) -> list[Block]:
    assert block.text is not None
    text = filled(block.text.get(about.lang), about)
    return [Paragraph(line) for line in text.splitlines() if line.strip()]


def _map(spec: MapSpec, whole: bool, extent: Bounds | None) -> MapPicture:
    return MapPicture(spec, caption_of(spec), alt_of(spec), whole, extent)


def caption_of(spec: MapSpec) -> str:
    """What a map shows, where and when."""
    where = spec.subtitle.replace(" · ", "，" if spec.lang == "zh" else ", ")
    return f"{spec.title}（{where}）" if spec.lang == "zh" else f"{spec.title} ({where})"


def alt_of(spec: MapSpec) -> str:
    """A map in words: title, key figure, what the legend tells apart."""
    lang = spec.lang
    stop = "。" if lang == "zh" else ". "
    told = [word("map", lang) + caption_of(spec)]
    if spec.key is not None:
        told.append(f"{spec.key.label} {spec.key.value} {spec.key.unit}".strip())
    names = [item.label for one in spec.legend for item in one.items]
    if names:
        told.append(word("classes", lang) + ("、" if lang == "zh" else ", ").join(names))
    if spec.quality_note:
        told.append(spec.quality_note.rstrip("。."))
    return stop.join(told) + stop.strip()


def _figures(block: templates.Block, about: Subject) -> list[Block]:
    assert about.spec is not None
    found = ([about.spec.key] if about.spec.key else []) + list(about.spec.figures)
    return [Figures(tuple(found[: block.rows or 4]))] if found else []


def _trend(block: templates.Block, about: Subject) -> list[Block]:
    assert about.spec is not None
    trend = about.spec.trend
    if trend is None or len(trend.points) < 2:
        return []
    caption = word("trend", about.lang, title=trend.title, unit=trend.unit)
    return [TrendChart(trend, caption.replace("（）", "").replace(" ()", ""))]


def _targets(block: templates.Block, about: Subject) -> list[Block]:
    """The targets of the listed indicators that hold for the area, as of the period's year."""
    project, lang = about.project, about.lang
    indicators, documents = catalogue.load_indicators(project), catalogue.load_documents(project)
    rows = []
    for one in _assessed(block, about):
        indicator = indicators[one.indicator]
        rows.append(
            (
                indicator.en if lang == "en" else indicator.zh,
                _current(one, lang),
                wording(one.operator, one.value, indicator, lang),
                str(one.year or ""),
                Standing("", "", "", "", "", "", printed=one.printed).amount(one.gap),
                assessment.STATES[one.state].get(lang),
                documents[one.document].short.get(lang),
            )
        )
    if not rows:
        return []
    heads = ("indicator", "value", "target", "year", "gap", "state", "document")
    titles = tuple(word(key, lang) for key in heads)
    caption = word("targets", lang, area=areas.area_name(project, about.area, lang))
    most = block.rows or ROWS
    note = word("more", lang, n=len(rows), shown=most) if len(rows) > most else ""
    return [Table(caption, titles, tuple(rows[:most]), frozenset({4}), note)]


def _assessed(block: templates.Block, about: Subject) -> list[Assessment]:
    """The assessments of a block, as of the year of the briefing's period."""
    as_of = int(about.asked[:4]) if about.asked else None
    return [
        one
        for name in block.indicators
        for one in assessment.assess(about.project, [about.area], name, as_of=as_of)
    ]


def _current(one: Assessment, lang: str) -> str:
    """The figure that was judged, with its unit and year."""
    if not one.printed:
        return NO_DATA_TITLE[lang]
    amount = f"{one.printed} {observations.unit_text(one.unit, lang)}".strip()
    return f"{amount} ({one.current_year})" if lang == "en" else f"{amount}（{one.current_year}年）"


def _comparison(block: templates.Block, about: Subject) -> list[Block]:
    """Areas down, indicators across, each of the period asked for, else of its newest year."""
    project, lang = about.project, about.lang
    codes = [CITY, *(str(code) for code in areas.district_table(project).index)]
    indicators = catalogue.load_indicators(project)
    titles = [word("area", lang)]
    columns: list[list[str]] = []
    for name in block.indicators:
        period = about.asked or _newest(project, name)
        found = [standing(project, name, code, period, lang) for code in codes]
        unit = observations.unit_text(indicators[name].unit, lang)
        label = indicators[name].en if lang == "en" else indicators[name].zh
        facts = [one for one in (unit, period_text(period or "", lang)) if one]
        titles.append(f"{label} ({', '.join(facts)})" if facts else label)
        columns.append([one.printed or NO_DATA_TITLE[lang] for one in found])
    names = [areas.area_name(project, code, lang) for code in codes]
    rows = tuple(zip(names, *columns, strict=True))
    marked = frozenset(at for at, code in enumerate(codes) if code == about.area)
    numeric = frozenset(range(1, len(titles)))
    return [Table(word("comparison", lang), tuple(titles), rows, numeric, "", marked)]


def _newest(project: Project, indicator: str) -> str | None:
    """The newest year with figures of districts, else the newest period."""
    known = observations.periods(project, indicator)
    of_districts = (one for one in known if observations.district_count(project, indicator, one))
    return next(of_districts, known[0] if known else None)


def _sources(block: templates.Block, about: Subject) -> list[Block]:
    """Source, date and quality, which no page may be without, then limits."""
    spec, lang = about.spec, about.lang
    assert spec is not None
    return [Sources(source_lines(spec, lang))]


def source_lines(spec: MapSpec, lang: str) -> tuple[str, ...]:
    """Sources, date, quality and limits of a view, a line each."""
    mark = "；" if lang == "zh" else "; "
    told = [word("sources", lang) + mark.join(spec.sources)]
    if spec.data_date:
        told.append(word("date", lang) + spec.data_date)
    quality = [text for text in (spec.key.quality if spec.key else "", spec.quality_note) if text]
    if quality:
        told.append(word("quality", lang) + mark.join(quality))
    if spec.notes:
        told.append(word("limits", lang) + " ".join(spec.notes))
    return tuple(told)


def spoken(blocks: list[Block], spec: MapSpec | None, link: str, lang: str) -> tuple[str, ...]:
    """What a speaker says, where it is from, and how to open the view."""
    told = list(spec.sentences) if spec is not None else []
    told += [one.text for one in blocks if isinstance(one, Paragraph)]
    for one in blocks:
        told += one.lines if isinstance(one, Sources) else ()
    if spec is not None and not any(isinstance(one, Sources) for one in blocks):
        told += source_lines(spec, lang)
    told += [word("view", lang) + link] if link else []
    return tuple(dict.fromkeys(told))


_MAKERS: dict[str, Callable[[templates.Block, Subject], list[Block]]] = {
    "text": _text,
    "figures": _figures,
    "trend": _trend,
    "targets": _targets,
    "comparison": _comparison,
    "sources": _sources,
}
