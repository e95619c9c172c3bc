"""An indicator, an area and a period in, a sentence for a briefing out, made from the same figures.

Nothing is said that the figures and the plans' wording do not say.
"""

from __future__ import annotations

import re

import pandas as pd

from bsh_geo import areas, assessment, catalogue, observations
from bsh_geo.assessment import Assessment
from bsh_geo.catalogue import Indicator, Layer, Metric
from bsh_geo.classes import number
from bsh_geo.project import Project
from bsh_geo.wording import period_text

UNITS_ZH = {
    "μg/m³": "微克/立方米",
    "mg/m³": "毫克/立方米",
    "km": "公里",
    "km²": "平方公里",
    "m²": "平方米",
    "m²/人": "平方米/人",
}
"""Units as running Chinese text writes them; others stay as they are."""

SHORT = re.compile(r"（(?!.*口径)[^（）]*）$")
"""A bracket at the end of a name; one that tells definitions apart is not left out."""


def sentence(
    project: Project, indicator_id: str, area: str, period: str | None = None, lang: str = "zh"
) -> str:
    """What is known of an indicator in an area and how far it is from its targets.

    Parameters
    ----------
    period : str, optional
        A year judges the targets as of that year; a month is stated and not judged; None takes
        the newest annual figure.
    """
    indicator = observations.indicator_of(project, indicator_id)
    if period is not None and len(period) > 4:
        return _monthly(project, indicator, area, period, lang)
    as_of = int(period) if period else None
    found = assessment.assess(project, [area], indicator_id, as_of=as_of)
    if found and all(one.value is None for one in found):
        return _to_do(project, indicator, area, found, lang)
    row = _figure(project, indicator_id, area, period)
    if row is None:
        return _unknown(project, indicator, area, period, found, lang)
    head = _stated(project, indicator, area, row, lang)
    tails = [
        _held_against(project, indicator, one, found, lang)
        for one in found
        if one.value is not None
    ]
    return _closed([head, *tails], lang)


def layer_sentence(
    project: Project,
    layer: Layer,
    metric: Metric | None,
    area: str,
    period: str | None = None,
    lang: str = "zh",
) -> str:
    """The sentence of a layer: of its metric, else of its first indicator that has a figure in the
    area, else of the first that has a target there."""
    if metric is not None and metric.source == "observations":
        return sentence(project, metric.indicator, area, period, lang)
    known = [*layer.figures, *layer.targets]
    aimed_at = set(assessment.applicable(project, area)["indicator"])
    measured = [one for one in known if len(observations.series(project, one, area))]
    aims = [one for one in known if one in aimed_at]
    told = [*measured, *aims, *known][:1]
    return sentence(project, told[0], area, None, lang) if told else ""


def phrase(indicator: Indicator, lang: str) -> str:
    """The indicator as running text names it: its phrase, else its name.

    The Chinese name loses a bracket at its end, the English one its capital unless it begins with
    an acronym (PM10, AQI); a proper name needs a phrase.
    """
    if indicator.phrase is not None:
        return indicator.phrase.get(lang)
    if lang == "zh":
        return SHORT.sub("", indicator.zh)
    rest = indicator.en.split(" ")[0][1:]
    acronym = any(sign.isupper() or sign.isdigit() for sign in rest)
    return indicator.en if acronym else indicator.en[:1].lower() + indicator.en[1:]


def unit_word(unit: str, lang: str) -> str:
    """A unit as running text writes it."""
    return observations.unit_text(unit, lang) if lang == "en" else UNITS_ZH.get(unit, unit)


def _amount(text: str, unit: str, lang: str) -> str:
    word = unit_word(unit, lang)
    if not word:
        return text
    gap = "" if lang == "zh" or word == "%" else " "
    return f"{text}{gap}{word}"


def _difference(text: str, unit: str, lang: str) -> str:
    """An amount by which two figures differ: percentages differ by percentage points."""
    if unit != "%":
        return _amount(text, unit, lang)
    if lang == "zh":
        return f"{text}{observations.difference_unit(unit, lang)}"
    word = observations.difference_unit(unit, lang)
    return f"{text} {word.removesuffix('s') if text == '1' else word}"


def _figure(project: Project, indicator_id: str, area: str, period: str | None) -> pd.Series | None:
    if period is None:
        rows = observations.series(project, indicator_id, area)
        return None if rows.empty else rows.iloc[-1]
    rows = observations.at(project, indicator_id, period)
    return pd.Series(rows.loc[area]) if area in rows.index else None


def _stated(project: Project, indicator: Indicator, area: str, row: pd.Series, lang: str) -> str:
    name = areas.area_name(project, area, lang)
    what = phrase(indicator, lang)
    amount = _amount(str(row["printed"]), indicator.unit, lang)
    if lang == "en":
        derived = " (derived)" if row["quality"] == "derived" else ""
        return f"As of {row['period']}, {what} in {name} was {amount}{derived}"
    derived = "（推算值）" if row["quality"] == "derived" else ""
    return f"截至{row['period']}年，{name}{what}为{amount}{derived}"


def _monthly(project: Project, indicator: Indicator, area: str, period: str, lang: str) -> str:
    row = _figure(project, indicator.id, area, period)
    name = areas.area_name(project, area, lang)
    what = phrase(indicator, lang).replace("年均", "月均").replace("annual mean", "monthly mean")
    when = period_text(period, lang)
    if row is None:
        if lang == "en":
            return f"No figure for {what} in {name} is published for {when}."
        return f"未见{when}{name}{what}的公布数值。"
    amount = _amount(str(row["printed"]), indicator.unit, lang)
    if lang == "en":
        return (
            f"In {when}, {what} in {name} was {amount}; months are not held against annual targets."
        )
    return f"{when}，{name}{what}为{amount}（月度数值不与年度目标比较）。"


def _target(indicator: Indicator, one: Assessment, lang: str) -> str:
    """The target as worded: 25微克/立方米左右, 不低于90%."""
    assert one.value is not None
    text = f"{one.value:,.10g}"
    amount = _amount(text, indicator.unit, lang)
    if lang == "en":
        words = {"≈": "about ", "≥": "at least ", ">": "over ", "≤": "at most ", "<": "under "}
        return words.get(one.operator, "") + amount
    before = {"≥": "不低于", ">": "大于", "≤": "不高于", "<": "低于"}
    return before.get(one.operator, "") + amount + ("左右" if one.operator == "≈" else "")


def _held_against(
    project: Project, indicator: Indicator, one: Assessment, found: list[Assessment], lang: str
) -> str:
    target = _target(indicator, one, lang)
    if one.gap is None:
        return _other_definition(one, target, lang)
    amount = _difference(number(abs(one.gap), _decimals(one)), indicator.unit, lang)
    source = _document(project, one, found, lang)
    below, level = one.gap < 0, round(one.gap, 9) == 0
    if lang == "en":
        whose = "" if one.own else "the city's "
        named = f"{whose}{one.year} target" if one.year else f"{whose}target"
        side = "equal to" if level else f"{amount} {'below' if below else 'above'}"
        return f"{side} the {named.removeprefix('the ')}{source} ({target}), {_verdict(one, lang)}"
    whose = source + ("" if one.own else "市级")
    named = f"{whose}{one.year}年目标" if one.year else f"{whose}目标"
    if level:
        return f"与{named}（{target}）持平，{_verdict(one, lang)}"
    return f"较{named}（{target}）{'低' if below else '高'}{amount}，{_verdict(one, lang)}"


def _document(project: Project, one: Assessment, found: list[Assessment], lang: str) -> str:
    """The document of a target, named only where another one asks for something else."""
    if not any(assessment.conflict(one, other) for other in found):
        return ""
    short = catalogue.load_documents(project)[one.document].short.get(lang)
    return f" of {short}" if lang == "en" else f"《{short}》"


def _other_definition(one: Assessment, target: str, lang: str) -> str:
    if lang == "en":
        whose = "the" if one.own else "the city's"
        when = f" {one.year}" if one.year else ""
        return f"{whose}{when} target is {target}; {one.reason_en}"
    whose, when = "" if one.own else "市级", f"{one.year}年" if one.year else ""
    return f"{whose}{when}目标为{target}；{one.reason_zh}"


def _decimals(one: Assessment) -> int:
    """As many decimals as the figure and the target were printed with, no more."""
    figure = len(one.printed.partition(".")[2])
    target = len(f"{one.value:.10g}".partition(".")[2])
    return max(figure, target)


def _verdict(one: Assessment, lang: str) -> str:
    past = one.year is not None and one.current_year is not None and one.current_year >= one.year
    words = {
        "reached": ("已达成", "reached"),
        "on_track": ("尚未达成，进度符合要求", "not reached, on track"),
        "behind": ("到期未达成", "not reached in time")
        if past
        else ("尚未达成，滞后于进度", "not reached, behind schedule"),
        "no_year": ("尚未达成", "not reached"),
        "no_data": (
            "尚未达成，数据不足以判断进度",
            "not reached, too few figures to judge the pace",
        ),
        "other_definition": ("口径不同，不作比较", "not compared"),
    }
    return words[one.state][lang == "en"]


def _unknown(
    project: Project,
    indicator: Indicator,
    area: str,
    period: str | None,
    found: list[Assessment],
    lang: str,
) -> str:
    name, what = areas.area_name(project, area, lang), phrase(indicator, lang)
    month = None if period else observations.latest(project, indicator.id, area)
    if month is not None:
        head = _only_months(indicator, month, name, what, lang)
    elif lang == "en":
        head = f"No figure for {what} in {name} is published" + (f" for {period}" if period else "")
    else:
        head = f"未见{f'{period}年' if period else ''}{name}{what}的公布数值"
    tails = []
    for one in found:
        if one.value is None:
            continue
        target = _target(indicator, one, lang)
        source = _document(project, one, found, lang)
        whose = ("the city's " if not one.own else "the ") if lang == "en" else ""
        if one.state == "other_definition":
            tails.append(_other_definition(one, target, lang))
        elif lang == "en":
            tails.append(f"{whose}{one.year or ''} target{source} is {target}".replace("  ", " "))
        else:
            city = source + ("" if one.own else "市级")
            tails.append(f"{city}{f'{one.year}年' if one.year else ''}目标为{target}")
    return _closed([head, *tails], lang, "；" if lang == "zh" else "; ")


def _only_months(indicator: Indicator, month: pd.Series, name: str, what: str, lang: str) -> str:
    """That no annual figure is published, with the newest monthly one, which is not judged."""
    when = period_text(str(month["period"]), lang)
    amount = _amount(str(month["printed"]), indicator.unit, lang)
    if lang == "en":
        return f"No annual figure for {what} in {name} is published (in {when} it was {amount})"
    return f"未见{name}{what}的年度公布数值（{when}为{amount}）"


def _to_do(
    project: Project, indicator: Indicator, area: str, found: list[Assessment], lang: str
) -> str:
    """Targets without a number: what is to be done, by when and according to which document."""
    documents = catalogue.load_documents(project)
    name = areas.area_name(project, area, lang)
    years = list(dict.fromkeys(one.year for one in found))
    if lang == "en":
        listed = _listed(
            [f"{one.year or 'no year'} ({documents[one.document].short.en})" for one in found], ", "
        )
        tail = "; the documents differ" if len(years) > 1 else ""
        state = "reached" if any(one.state == "reached" for one in found) else found[0].reason_en
        return f"{name}, {phrase(indicator, lang)}: {listed}{tail}; {state}."
    listed = _listed(
        [
            f"{f'{one.year}年' if one.year else '未注明年限'}（{documents[one.document].short.zh}）"
            for one in found
        ],
        "、",
    )
    tail = "，各文件年限不一致" if len(years) > 1 else ""
    state = "已完成" if any(one.state == "reached" for one in found) else found[0].reason_zh
    return f"{name}{phrase(indicator, lang)}的目标为{listed}{tail}；{state}。"


def _listed(names: list[str], mark: str) -> str:
    """Names joined, each once: several places of one plan have one year."""
    return mark.join(dict.fromkeys(names))


def _closed(clauses: list[str], lang: str, mark: str | None = None) -> str:
    """Clauses as one sentence: the first target after a comma, further ones after a semicolon."""
    comma, semicolon, stop = ("，", "；", "。") if lang == "zh" else (", ", "; ", ".")
    if mark is not None:
        return mark.join(clauses) + stop
    head, *tails = clauses
    return head + (comma + semicolon.join(tails) if tails else "") + stop
