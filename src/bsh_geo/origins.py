"""A figure or a target in, what defends it out: source, publisher, quality, method, CRS, standard.

What comes out is a tuple of (label, text) in one language, in the order a reader is told it; the
pages show it behind the number (``ui/traces.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from bsh_geo import catalogue, limits, observations, periods
from bsh_geo.catalogue import QUALITY_TITLES, Document, Indicator, Metric
from bsh_geo.limits import Ruling
from bsh_geo.project import Project

Origin = tuple[tuple[str, str], ...]
"""(label, text) pairs."""

MOST_SOURCES = 4
"""Sources told one by one; of more the number is told. The rows of the table name all."""

GEOMETRIC = frozenset({"km²", "km", "公顷", "亩", "万亩", "万m²", "m²/人"})
"""Units of areas and lengths, of which the CRS of the measuring matters."""

_WORDS = {
    "source": ("来源", "Source"),
    "quality": ("质量", "Quality"),
    "basis": ("数值", "Value"),
    "method": ("口径与方法", "Method"),
    "crs": ("坐标系", "CRS"),
    "standard": ("评价标准", "Standards in force"),
    "note": ("备注", "Note"),
    "document": ("文件", "Document"),
    "status": ("状态", "Status"),
    "clause": ("条款", "Clause"),
    "quote": ("原文", "Original text"),
}
_BASIS = {
    "stated": ("按来源所述，未改动", "as the source states it"),
    "derived": ("由来源的数字推算", "derived from figures of the source"),
}
NO_CRS = (
    "统计值，不由图形量算，不涉及坐标系",
    "a statistic, not measured from shapes; no coordinate system is involved",
)
PUBLISHED_CRS = (
    "公布值，来源未注明量算所用坐标系；不是由图形量算",
    "published; the source does not say in which system it was measured, and it is not measured "
    "from the shapes drawn",
)
PLACES_CRS = (
    "位置为 WGS 84 经纬度；由图形量算的面积、长度用 CGCS2000 椭球的兰勃特等积方位投影"
    "（中心 121.5°E，31.2°N），公布的面积、长度按来源",
    "places are longitude and latitude of WGS 84; areas and lengths measured from shapes are in "
    "Lambert azimuthal equal-area about 121.5°E, 31.2°N (CGCS2000 ellipsoid), published ones are "
    "the source's",
)
MEASURED_CRS = (
    "在 CGCS2000 椭球的兰勃特等积方位投影（中心 121.5°E，31.2°N）下量算",
    "measured in Lambert azimuthal equal-area about 121.5°E, 31.2°N (CGCS2000 ellipsoid)",
)


def word(key: str, lang: str) -> str:
    """The label of one part of an origin."""
    return _pick(_WORDS[key], lang)


def _pick(pair: tuple[str, str], lang: str) -> str:
    return pair[1 if lang == "en" else 0]


def of_sources(project: Project, ids: Sequence[str], lang: str, most: int = MOST_SOURCES) -> Origin:
    """Title, publisher and date of each source, and what is known against it."""
    known = catalogue.load_sources(project)
    told = [_source(known[one], lang) if one in known else one for one in ids[:most]]
    rest = len(ids) - most
    if rest > 0:
        told.append(
            f"另有 {rest} 个，逐行列于数据表" if lang == "zh" else f"{rest} more in the table"
        )
    return tuple((word("source", lang), text) for text in told)


def _source(one: catalogue.Source, lang: str) -> str:
    publisher = one.publisher_en if lang == "en" else one.publisher_zh
    note = one.note_en if lang == "en" else one.note_zh
    about = [text for text in (publisher, one.date) if text]
    opening, closing, comma = ("（", "）", "，") if lang == "zh" else (" (", ")", ", ")
    by = f"{opening}{comma.join(about)}{closing}" if about else ""
    told = f"{one.title(lang)}{by}"
    return f"{told}{'；' if lang == 'zh' else '; '}{note}" if note else told


def of_observation(project: Project, row: pd.Series, lang: str) -> Origin:
    """What defends one published figure, a row of the observations."""
    indicator = observations.indicator_of(project, str(row["indicator"]))
    note = row[f"note_{lang}"]
    return (
        *of_sources(project, catalogue.source_ids(str(row["source"])), lang),
        *_told("quality", QUALITY_TITLES[str(row["quality"])].get(lang), lang),
        *_told("basis", _pick(_BASIS[str(row["basis"])], lang), lang),
        *of_indicator(project, indicator, str(row["period"]), lang),
        *_told("note", "" if note is None or pd.isna(note) else str(note), lang),
    )


def of_series(project: Project, rows: pd.DataFrame, lang: str) -> Origin:
    """What defends a line of figures: each period's value with its quality and its source."""
    known = catalogue.load_sources(project)
    told = []
    for row in rows.to_dict("records"):
        ids = catalogue.source_ids(str(row["source"]))
        titles = [known[one].title(lang) if one in known else one for one in ids]
        parts = [str(row["printed"]), QUALITY_TITLES[str(row["quality"])].get(lang), *titles]
        told.append((str(row["period"]), " · ".join(parts)))
    return tuple(told)


def of_indicator(project: Project, indicator: Indicator, period: str, lang: str) -> Origin:
    """What an indicator means, the CRS where it is an area or length, and what judges it."""
    crs = PUBLISHED_CRS if indicator.unit in GEOMETRIC else NO_CRS
    judged = standards_text(project, period) if indicator.layer == "air_quality" else ""
    return (
        *_told("method", indicator.definition.get(lang), lang),
        *_crs(crs, lang),
        *_told("standard", judged, lang),
    )


def of_rows(project: Project, metric: Metric, rows: pd.DataFrame, period: str, lang: str) -> Origin:
    """What defends the range of several districts or stations: every source of the rows."""
    there = rows[rows["value"].notna()]
    if metric.source == "computed":
        notes = there[f"note_{lang}"].dropna()
        note = str(notes.iloc[0]) if len(notes) else ""
        return of_measured(project, source_ids(there["source"]), "derived", note, lang)
    indicator = observations.indicator_of(project, metric.indicator)
    judged = "" if metric.basis is None else metric.basis.get(lang)
    comma = "、" if lang == "zh" else ", "
    head = (
        *of_sources(project, source_ids(there["source"]), lang),
        *_told("quality", comma.join(_qualities(there["quality"], lang)), lang),
    )
    if metric.source == "daily":
        # The indicator's definition is of its months and years; the metric says how days are made.
        standard = _told("standard", standards_text(project, period), lang)
        return (*head, *_told("method", judged, lang), *_crs(NO_CRS, lang), *standard)
    told = of_indicator(project, indicator, period, lang)
    return (*head, *told, *_told("note", judged, lang))


def of_row(
    project: Project, metric: Metric | None, row: pd.Series, about: str, lang: str
) -> Origin:
    """What defends a row of a table behind a map, of a metric or of places; ``about`` as below.

    ``row`` has the machine's names of the columns.
    """
    if metric is None or "indicator" not in row:
        return of_place(project, row, about, lang)
    known = observations.at(project, metric.indicator, _cell(row, "period"))
    if metric.source == "observations" and _cell(row, "id") in known.index:
        return of_observation(project, pd.Series(known.loc[_cell(row, "id")]), lang)
    ids = source_ids([_cell(row, "source")])
    if metric.source == "computed":
        note = _cell(row, "note") if lang == "zh" else about
        return of_measured(project, ids, "derived", note, lang)
    quality = _cell(row, "quality")
    title = QUALITY_TITLES[quality].get(lang) if quality in QUALITY_TITLES else ""
    return (
        *of_sources(project, ids, lang),
        *_told("quality", title, lang),
        *_told("method", about, lang),
        *_crs(NO_CRS, lang),
    )


def of_place(project: Project, row: pd.Series, about: str, lang: str) -> Origin:
    """What defends a row of a table of places: ``about`` says what the table is and lacks.

    ``row`` has the machine's names of the columns: ``source``, ``quality``, ``note_zh`` count.
    """
    quality, note = (_cell(row, name) for name in ("quality", f"note_{lang}"))
    title = QUALITY_TITLES[quality].get(lang) if quality in QUALITY_TITLES else ""
    return (
        *of_sources(project, source_ids([_cell(row, "source")]), lang),
        *_told("quality", title, lang),
        *_told("method", about, lang),
        *_crs(PLACES_CRS, lang),
        *_told("note", note, lang),
    )


def _cell(row: pd.Series, name: str) -> str:
    cell = row.get(name)
    return "" if cell is None or pd.isna(cell) else str(cell)


def source_ids(cells: Iterable[object]) -> list[str]:
    """The ids of the sources of several rows, each once, in their order."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    return list(dict.fromkeys(one for text in texts for one in catalogue.source_ids(text)))


def _qualities(cells: pd.Series, lang: str) -> list[str]:
    there = {str(one) for one in cells.dropna()}
    return [title.get(lang) for key, title in QUALITY_TITLES.items() if key in there]


def of_measured(
    project: Project, sources: Sequence[str], quality: str, method: str, lang: str
) -> Origin:
    """What defends a figure that this program measures from shapes."""
    return (
        *of_sources(project, sources, lang),
        *_told("quality", QUALITY_TITLES[quality].get(lang), lang),
        *_told("method", method, lang),
        *_crs(MEASURED_CRS, lang),
    )


def of_readings(
    project: Project,
    sources: Sequence[str],
    quality: str,
    rulings: Sequence[Ruling],
    method: str,
    lang: str,
) -> Origin:
    """What defends a statistic of readings: the imports, the worst quality, what judged them."""
    title = QUALITY_TITLES[quality].get(lang)
    derived = QUALITY_TITLES["derived"].get(lang)
    of_them = f"{derived}（读数：{title}）" if lang == "zh" else f"{derived} (readings: {title})"
    return (
        *of_sources(project, sources, lang),
        *_told("quality", of_them, lang),
        *_told("method", method, lang),
        *_crs(NO_CRS, lang),
        *_told("standard", _named(rulings), lang),
    )


def of_target(row: pd.Series, document: Document, lang: str) -> Origin:
    """What defends a target: document, issuer, state, clause and the words themselves."""
    about = [text for text in (document.issuer.get(lang), document.date) if text]
    opening, closing, comma = ("（", "）", "，") if lang == "zh" else (" (", ")", ", ")
    clause = row["clause"]
    return (
        *_told(
            "document", f"{document.title.get(lang)}{opening}{comma.join(about)}{closing}", lang
        ),
        *_told("status", document.status.get(lang), lang),
        *_told("clause", "" if clause is None or pd.isna(clause) else str(clause), lang),
        *_told("quote", str(row["quote"]), lang),
    )


def standards_text(project: Project, period: str) -> str:
    """The versions of GB 3095, HJ 633 and HJ 663 that judge a period, by the dates of force.

    Before the first stage of limits on record (2016) the same versions are named: the city had
    put them into force in 2013.
    """
    when = periods.parse(period)
    known = limits.rulings(project)
    ends = [one.start for one in known[1:]]
    there = [
        one
        for number, one in enumerate(known)
        if (number == 0 or one.start <= when.last)
        and (number == len(ends) or when.first < ends[number])
    ]
    return _named(there)


def _named(rulings: Iterable[Ruling]) -> str:
    ids = [one for rule in rulings for one in (rule.limits.id, rule.aqi.id, rule.evaluation.id)]
    return " · ".join(dict.fromkeys(one.upper().replace("-", " ", 1) for one in ids))


def _told(key: str, text: str, lang: str) -> Origin:
    """One pair, or none where there is nothing to tell."""
    return ((word(key, lang), text),) if text else ()


def _crs(pair: tuple[str, str], lang: str) -> Origin:
    return _told("crs", _pick(pair, lang), lang)
