"""Assessments in, HTML of the progress page out: matrix, an indicator's page, a document's page.

Every text is escaped here, once.
"""

from __future__ import annotations

import re
from html import escape

import pandas as pd

from bsh_geo import areas, catalogue, frames, observations, origins, sentences
from bsh_geo.assessment import STATES, SYMBOLS, Assessment
from bsh_geo.catalogue import CITY, Document, Indicator
from bsh_geo.mapspec import Trend
from bsh_geo.origins import Origin
from bsh_geo.project import Project
from bsh_geo.targets import clause_of, wording
from bsh_geo.ui import traces
from bsh_geo.ui.facts import trend_image
from bsh_geo.ui.text import word

ORDER = ("behind", "on_track", "no_year", "reached", "other_definition", "no_data")
"""Where an area has several targets of one indicator, the state shown first in the matrix."""


def legend_html(lang: str) -> str:
    """The states with their signs and colours."""
    items = "".join(
        f'<span class="bsh-state bsh-{key}">{SYMBOLS[key]} {escape(title.get(lang))}</span>'
        for key, title in STATES.items()
    )
    city = f"<span><sup>*</sup> {escape(word('of_city', lang))}</span>"
    return f'<div class="bsh-states">{items}{city}</div>'


def matrix_html(project: Project, found: list[Assessment], lang: str) -> str:
    """Areas in rows, indicators in columns; each cell is the state of the nearest target."""
    if not found:
        return f"<p>{escape(word('no_targets', lang))}</p>"
    columns = list(dict.fromkeys(one.indicator for one in found))
    rows = list(dict.fromkeys(one.area for one in found))
    indicators = catalogue.load_indicators(project)
    head = "".join(f"<th>{escape(_name(indicators[one], lang))}</th>" for one in columns)
    body = "".join(
        f"<tr><th>{escape(areas.area_name(project, area, lang))}</th>"
        + "".join(_cell(project, found, area, indicators[indicator], lang) for indicator in columns)
        + "</tr>"
        for area in rows
    )
    return (
        f'<div class="bsh-matrix"><table><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _name(indicator: Indicator, lang: str) -> str:
    return indicator.en if lang == "en" else indicator.zh


def _cell(
    project: Project, found: list[Assessment], area: str, indicator: Indicator, lang: str
) -> str:
    mine = [one for one in found if one.area == area and one.indicator == indicator.id]
    if not mine:
        return '<td class="bsh-empty"></td>'
    nearest = min(mine, key=lambda one: (ORDER.index(one.state), one.year or 9999))
    unit = observations.unit_text(indicator.unit, lang)
    value = escape(nearest.printed)
    own = "" if nearest.own else "<sup>*</sup>"
    state = f"{STATES[nearest.state].get(lang)} · {nearest.printed} {unit}".strip(" ·")
    named = f"{areas.area_name(project, area, lang)} {_name(indicator, lang)} · {state}"
    signs = f'<span class="bsh-state bsh-{nearest.state}">{SYMBOLS[nearest.state]} {value}</span>'
    key = f"m-{indicator.id}-{area}"
    return f"<td>{traces.cell(signs, origin(project, nearest, lang), key, named)}{own}</td>"


def origin(project: Project, one: Assessment, lang: str) -> Origin:
    """What defends an assessment: its figure, where there is one, and the words of its target."""
    figure: Origin = ()
    if one.current_year is not None:
        found = observations.at(project, one.indicator, str(one.current_year))
        if one.area in found.index:
            figure = origins.of_observation(project, pd.Series(found.loc[one.area]), lang)
    rows = frames.table(project, "targets")
    row = rows[rows["id"] == one.target].iloc[0]
    document = catalogue.load_documents(project)[one.document]
    return (*figure, *origins.of_target(row, document, lang))


def indicator_html(
    project: Project, found: list[Assessment], indicator_id: str, area: str, lang: str
) -> str:
    """An indicator in one area: the sentence, the trend with target lines, each target's words."""
    indicator = observations.indicator_of(project, indicator_id)
    said = sentences.sentence(project, indicator_id, area, None, lang)
    rows = observations.series(project, indicator_id, area)
    points = tuple((str(p), float(v)) for p, v in zip(rows["period"], rows["value"], strict=True))
    levels = tuple((str(one.year or ""), one.value) for one in found if one.value is not None)
    unit = observations.unit_text(indicator.unit, lang)
    title = f"{areas.area_name(project, area, lang)} {_name(indicator, lang)}"
    picture = trend_image(Trend(title, unit, points, levels), 640, 190) if len(points) > 1 else ""
    years = origins.of_series(project, rows, lang)
    head = f'<div class="bsh-row"><span>{escape(word("by_year", lang))}</span></div>'
    series = traces.traced(head, years, kind="bsh-trace-years") if years else ""
    targets = "".join(_target(project, one, lang) for one in found)
    definition = (
        f"<p><b>{escape(word('definition', lang))}</b> {escape(indicator.definition.get(lang))}</p>"
    )
    return (
        f'<div class="bsh-indicator"><p class="bsh-sentence">{escape(said)}</p>'
        f'<div class="bsh-indicator-trend">{picture}</div>{series}{definition}{targets}</div>'
    )


def _target(project: Project, one: Assessment, lang: str) -> str:
    documents = catalogue.load_documents(project)
    document = documents[one.document]
    marks = "".join(
        f'<span class="bsh-mark">{escape(word(key, lang))}</span>'
        for key, there in (("stricter", one.stricter), ("later", one.later))
        if there
    )
    state = STATES[one.state].get(lang)
    reason = one.reason_en if lang == "en" else one.reason_zh
    indicator = observations.indicator_of(project, one.indicator)
    year = year_text(one.year, lang)
    whose = "" if one.own else f" · {word('of_city', lang)}"
    clause = f'<div class="bsh-meta">{escape(one.clause)}</div>' if lang == "zh" else ""
    note = one.note_en if lang == "en" else one.note_zh
    remark = " ".join(text for text in (reason, note) if text)
    return (
        f'<div class="bsh-row-target"><div class="bsh-row"><span>'
        f'<span class="bsh-state bsh-{one.state}">{SYMBOLS[one.state]} {escape(state)}</span> '
        f"{escape(year)}{escape(whose)} {marks}</span>"
        f"<b>{escape(wording(one.operator, one.value, indicator, lang))}</b></div>"
        f"{_traced_numbers(project, one, lang)}"
        f'<blockquote lang="zh">{escape(one.quote)}</blockquote>{clause}'
        f'<div class="bsh-meta">{escape(document.short.get(lang))} · '
        f"{escape(document.status.get(lang))}</div>"
        f'<div class="bsh-meta">{escape(remark)}</div></div>'
    )


def year_text(year: int | None, lang: str) -> str:
    """A target's year as a reader writes it."""
    if year is None:
        return word("no_year", lang)
    return f"{year}年" if lang == "zh" else str(year)


def clause_order(clause: str) -> tuple[int, ...]:
    """The place of a clause in its document, from the Chinese numbers of its section titles."""
    digits = "零一二三四五六七八九"
    found = []
    for title in clause.split(" · ")[:2]:
        match = re.match(r"[（(]?([一二三四五六七八九十]+)[）)、]|(\d+)", title)
        if not match:
            found.append(99)
        elif match.group(2):
            found.append(int(match.group(2)))
        else:
            tens, _, ones = match.group(1).rpartition("十")
            base = (digits.index(tens) if tens else 1) * 10 if "十" in match.group(1) else 0
            found.append(base + (digits.index(ones) if ones else 0))
    return tuple(found)


def _numbers(one: Assessment, lang: str) -> str:
    """Gap, share of the way and pace, where they can be said."""
    unit = observations.unit_text(one.unit, lang)
    said = []
    if one.gap is not None:
        said.append(f"{word('gap', lang)} {one.gap:+.4g} {unit}")
    if one.share is not None:
        said.append(
            f"{word('share', lang)} {one.share:.0f} % ({one.baseline_year}–{one.current_year})"
        )
    if one.pace is not None:
        said.append(f"{word('pace', lang)} {one.pace:+.3g} {unit}")
    text = " · ".join(said).replace("-", "−") if said else ""
    return f'<div class="bsh-numbers">{escape(text)}</div>' if text else ""


def _traced_numbers(project: Project, one: Assessment, lang: str) -> str:
    """The figure that the target is held against, with gap, share and pace; opens to its origin."""
    said = _numbers(one, lang)
    if one.current_year is None:
        return said
    unit = observations.unit_text(one.unit, lang)
    latest = word("current", lang)
    figure = (
        f'<div class="bsh-row bsh-figure"><span>{escape(latest)}<small>{one.current_year}</small>'
        f"</span><b>{escape(one.printed)}<em>{escape(unit)}</em></b></div>"
    )
    return traces.traced(figure, origin(project, one, lang)) + said


def document_html(project: Project, document: Document, found: list[Assessment], lang: str) -> str:
    """A document with all its targets in the order of its text."""
    facts = (
        ("issuer", document.issuer.get(lang)),
        ("date", document.date),
        ("state", document.status.get(lang)),
        ("completeness", document.completeness.get(lang)),
    )
    head = "".join(
        f"<span><b>{escape(word(key, lang))}</b> {escape(text)}</span>"
        for key, text in facts
        if text
    )
    body = "".join(_document_row(project, one, lang) for one in found)
    titles = ("target", "clause", "current", "target_year", "state")
    cells = "".join(f"<th>{escape(word(key, lang))}</th>" for key in titles)
    return (
        f'<div class="bsh-document"><h3>{escape(document.title.get(lang))}</h3>'
        f'<div class="bsh-document-facts">{head}</div>'
        f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _document_row(project: Project, one: Assessment, lang: str) -> str:
    indicator = observations.indicator_of(project, one.indicator)
    unit = observations.unit_text(one.unit, lang)
    area = "" if one.area == CITY else f"{areas.area_name(project, one.area, lang)} "
    named = _name(indicator, lang)
    wanted = wording(one.operator, one.value, indicator, lang)
    if one.value is None:
        # Without a number the note names what is to be done; the indicator is only its kind.
        note = one.note_en if lang == "en" else one.note_zh
        named = clause_of(note) or named
        wanted = wanted if one.operator == "done" else _name(indicator, lang)
    clause = one.clause if lang == "zh" else ""
    year = year_text(one.year, lang)
    figure = f"{one.printed} {unit}（{one.current_year}）" if one.printed else "—"
    if lang == "en":
        figure = figure.replace("（", " (").replace("）", ")")
    shown = escape(figure)
    if one.printed:
        told = origin(project, one, lang)
        shown = traces.cell(shown, told, f"d-{one.target}-{one.area}", f"{area}{named}")
    return (
        f"<tr><td><b>{escape(area)}{escape(named)}</b> {escape(wanted)}"
        f'<blockquote lang="zh">{escape(one.quote)}</blockquote></td>'
        f"<td>{escape(clause)}</td><td>{shown}</td><td>{escape(year)}</td>"
        f'<td><span class="bsh-state bsh-{one.state}">{SYMBOLS[one.state]} '
        f"{escape(STATES[one.state].get(lang))}</span></td></tr>"
    )
