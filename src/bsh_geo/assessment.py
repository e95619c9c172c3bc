"""Targets and observations in, where each area stands out: state, gap, share of the way, pace.

The rule of each state is written in ``docs/assessment.md``; nothing here is estimated: a state
that the published figures do not support is "no data", with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Literal

import pandas as pd

from bsh_geo import areas, catalogue, frames, observations
from bsh_geo.catalogue import CITY, Indicator, Text
from bsh_geo.project import Project
from bsh_geo.targets import NUMERIC, is_met

State = Literal["reached", "on_track", "behind", "no_data", "other_definition", "no_year"]

STATES: dict[str, Text] = {
    "reached": Text(zh="已达成", en="reached"),
    "on_track": Text(zh="按进度", en="on track"),
    "behind": Text(zh="滞后", en="behind"),
    "no_data": Text(zh="缺数据", en="no data"),
    "other_definition": Text(zh="口径不同", en="other definition"),
    "no_year": Text(zh="无年限", en="no year"),
}
SYMBOLS: dict[str, str] = {
    "reached": "●",
    "on_track": "◐",
    "behind": "▲",
    "no_data": "—",
    "other_definition": "≠",
    "no_year": "○",
}
"""A sign beside each colour, so that the matrix reads without colour."""

BASELINE_FROM = 2020
"""The baseline is the first annual figure of the same definition from this year on."""

RATE_UNITS = ("%", "μg/m³", "mg/m³", "m²/人")
"""Units of rates and concentrations. A city's target in one of them can be held against a
district; a city's total (parks, kilometres, square kilometres) cannot."""


@dataclass(frozen=True)
class Assessment:
    """One target held against one area.

    ``gap`` is current − target and ``pace`` the change per year that is still needed, both in
    ``unit``; ``share`` is the part of the way from the baseline, in per cent (negative where
    things got worse, above 100 where the target is overshot). None where it cannot be said, as
    where the baseline satisfied the target already.
    """

    target: str
    document: str
    clause: str
    quote: str
    indicator: str
    area: str
    target_area: str
    operator: str
    value: float | None
    unit: str
    year: int | None
    state: State
    reason_zh: str = ""
    reason_en: str = ""
    current: float | None = None
    printed: str = ""
    current_year: int | None = None
    quality: str = ""
    baseline: float | None = None
    baseline_year: int | None = None
    gap: float | None = None
    share: float | None = None
    expected: float | None = None
    pace: float | None = None
    stricter: bool = False
    later: bool = False
    note_zh: str = ""
    note_en: str = ""

    @property
    def own(self) -> bool:
        """Whether the target is the area's own, not the city's held against it."""
        return self.area == self.target_area


Numbers = dict[str, float | int | None]


@dataclass(frozen=True)
class Point:
    """An annual figure."""

    year: int
    value: float


def judge(
    direction: str,
    operator: str,
    value: float,
    year: int | None,
    series: list[Point],
    baseline_from: int = BASELINE_FROM,
) -> tuple[State, Numbers]:
    """The state of a numeric target for a series of annual figures, and the numbers behind it.

    Parameters
    ----------
    direction, operator, value, year
        Of the target: lower | higher | exactly, as worded, and by when (None: no year stated).
    series : list of Point
        Annual figures of the same definition, oldest first.

    Returns
    -------
    state, numbers
        Numbers: current, current_year, baseline, baseline_year, gap, share (%), expected (on the
        straight line from baseline to target, in the current year) and pace (per year).
    """
    if not series:
        return "no_data", {}
    last = series[-1]
    first = next((point for point in series if baseline_from <= point.year < last.year), None)
    lost = first is not None and is_met(first.value - value, operator, direction)
    numbers: Numbers = {"current": last.value, "current_year": last.year, "gap": last.value - value}
    if first is not None:
        numbers |= {"baseline": first.value, "baseline_year": first.year}
        if not lost and first.value != value:
            numbers["share"] = (last.value - first.value) / (value - first.value) * 100
    if is_met(last.value - value, operator, direction):
        return "reached", numbers
    if year is None:
        return "no_year", numbers
    if last.year >= year:
        return "behind", numbers
    numbers["pace"] = (value - last.value) / (year - last.year)
    if first is None:
        return "no_data", numbers
    if lost:
        # It was reached at the baseline and is not now: no line leads from there to the target.
        return "behind", numbers
    way = (last.year - first.year) / (year - first.year)
    numbers["expected"] = expected = first.value + (value - first.value) * way
    on_track = _as_good(last.value, expected, value, direction)
    return ("on_track" if on_track else "behind"), numbers


def _as_good(current: float, expected: float, target: float, direction: str) -> bool:
    """Whether a figure is at least as good as the one expected; equal within rounding is."""
    if direction == "exactly":
        return round(abs(current - target) - abs(expected - target), 9) <= 0
    ahead = round(current - expected, 9)
    return ahead <= 0 if direction == "lower" else ahead >= 0


def annual(project: Project, indicator: str, area: str) -> list[Point]:
    """The annual figures of an indicator in an area, oldest first."""
    rows = observations.series(project, indicator, area)
    return [Point(int(row["period"]), float(row["value"])) for _, row in rows.iterrows()]


def is_rate(indicator: Indicator) -> bool:
    """Whether a city's target of this indicator says something about a district."""
    return indicator.unit in RATE_UNITS and not indicator.city_only


def applicable(project: Project, area: str) -> pd.DataFrame:
    """The targets that hold for an area: its own, and the city's where it has none of its own.

    Of the city's only numeric rates and concentrations are held against a district.
    """
    every = frames.table(project, "targets")
    own = every[every["area"] == area]
    if area == CITY:
        return own
    indicators = catalogue.load_indicators(project)
    city = every[
        (every["area"] == CITY)
        & every["value"].notna()
        & ~every["indicator"].isin(set(own["indicator"]))
        & every["indicator"].map(lambda one: is_rate(indicators[one]))
    ]
    return pd.concat([own, city])


def assess(
    project: Project,
    area_codes: Iterable[str] | None = None,
    indicator: str | None = None,
    document: str | None = None,
    baseline_from: int = BASELINE_FROM,
    as_of: int | None = None,
) -> list[Assessment]:
    """Every applicable target of the areas (all by default), judged, in the plans' order.

    ``as_of`` leaves out figures of later years, so that a past year is judged as it stood.
    """
    codes = list(area_codes) if area_codes is not None else all_areas(project)
    found = []
    for area in codes:
        rows = applicable(project, area)
        if indicator is not None:
            rows = rows[rows["indicator"] == indicator]
        if document is not None:
            rows = rows[rows["document"] == document]
        found += [_assess(project, row, area, baseline_from, as_of) for _, row in rows.iterrows()]
    return mark_conflicts(project, found)


def all_areas(project: Project) -> list[str]:
    """The city, the districts, and the groups that have targets of their own."""
    named = set(frames.table(project, "targets")["area"])
    groups = [one for one in areas.group_names(project, "zh") if one in named]
    return [CITY, *areas.district_table(project).index, *groups]


def _assess(
    project: Project, row: pd.Series, area: str, baseline_from: int, as_of: int | None
) -> Assessment:
    indicator = observations.indicator_of(project, str(row["indicator"]))
    value = None if pd.isna(row["value"]) else float(row["value"])
    year = None if _blank(row["year"]) else int(str(row["year"])[:4])
    made = Assessment(
        target=str(row["id"]),
        document=str(row["document"]),
        clause=str(row["clause"]),
        quote=str(row["quote"]),
        indicator=indicator.id,
        area=area,
        target_area=str(row["area"]),
        operator=str(row["operator"]),
        value=value,
        unit=indicator.unit,
        year=year,
        state="no_data",
        note_zh="" if _blank(row["note_zh"]) else str(row["note_zh"]),
        note_en="" if _blank(row["note_en"]) else str(row["note_en"]),
    )
    series = [
        point
        for point in annual(project, indicator.id, area)
        if as_of is None or point.year <= as_of
    ]
    if value is None or made.operator not in NUMERIC:
        return _qualitative(made, series)
    return _numeric(project, made, indicator, series, baseline_from)


def _blank(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell != cell or cell == ""


def _qualitative(made: Assessment, series: list[Point]) -> Assessment:
    """A target without a number: reached where an observation says 1 (done), else unknown."""
    if series and series[-1].value >= 1:
        return replace(made, state="reached", current=1.0, current_year=series[-1].year)
    return replace(
        made,
        reason_zh="未见完成情况的公布",
        reason_en="nothing is published about its completion",
    )


def _numeric(
    project: Project,
    made: Assessment,
    indicator: Indicator,
    series: list[Point],
    baseline_from: int,
) -> Assessment:
    if not series:
        return _without_figure(project, made, indicator)
    assert made.value is not None
    state, numbers = judge(
        indicator.direction, made.operator, made.value, made.year, series, baseline_from
    )
    figures = observations.at(project, indicator.id, str(series[-1].year))
    latest = figures.loc[made.area]
    judged = replace(
        made,
        state=state,
        printed=str(latest["printed"]),
        quality=str(latest["quality"]),
        **numbers,  # type: ignore[arg-type]
    )
    if state != "no_data":
        return judged
    return replace(
        judged,
        reason_zh=f"{baseline_from}年以来不足两个年份的数值，无法判断进度",
        reason_en=f"fewer than two annual figures since {baseline_from}; the pace cannot be judged",
    )


def _without_figure(project: Project, made: Assessment, indicator: Indicator) -> Assessment:
    """No figure of the same definition: say so, or name the one of another definition."""
    for other_id in indicator.not_comparable:
        other = annual(project, other_id, made.area)
        if other:
            named = observations.indicator_of(project, other_id)
            return replace(
                made,
                state="other_definition",
                reason_zh=f"已公布的是“{named.zh}”，口径不同，不作比较",
                reason_en=f"what is published is “{named.en}”, another definition",
            )
    return replace(made, reason_zh="未见公布数值", reason_en="no figure is published")


def mark_conflicts(project: Project, found: list[Assessment]) -> list[Assessment]:
    """Mark, among targets of one indicator and area that differ, the stricter and the later.

    Targets conflict where they give different values for one year, or different years for one
    value (or for the same thing to be done).
    """
    documents = catalogue.load_documents(project)
    marked = []
    for one in found:
        rivals = [other for other in found if conflict(one, other)]
        if not rivals:
            marked.append(one)
            continue
        dates = [documents[other.document].date for other in (one, *rivals)]
        known = all(dates) and len(set(dates)) > 1
        marked.append(
            replace(
                one,
                stricter=all(_stricter(project, one, other) for other in rivals),
                later=known and documents[one.document].date == max(dates),
            )
        )
    return marked


def conflict(one: Assessment, other: Assessment) -> bool:
    """Whether two documents ask for different things of one area (see ``mark_conflicts``)."""
    if one.target == other.target or (one.indicator, one.area) != (other.indicator, other.area):
        return False
    if one.document == other.document:
        return False
    if one.value is None or other.value is None:
        same_thing = one.operator == other.operator == "done"
        return same_thing and one.year != other.year
    return (one.year == other.year) != (one.value == other.value)


def _stricter(project: Project, one: Assessment, other: Assessment) -> bool:
    if one.year != other.year:
        return (one.year or 9999) < (other.year or 9999)
    direction = observations.indicator_of(project, one.indicator).direction
    assert one.value is not None and other.value is not None
    return one.value < other.value if direction == "lower" else one.value > other.value


def marks(one: Assessment, lang: str) -> str:
    """Whether a target is the stricter or the later of those that conflict; blank for neither."""
    said = [("较严", "stricter")] * one.stricter + [("较新", "later")] * one.later
    return ("、" if lang == "zh" else ", ").join(pair[lang == "en"] for pair in said)


def frame(project: Project, found: list[Assessment], lang: str = "zh") -> pd.DataFrame:
    """Assessments as a table of a reader: one row each, titles in ``lang``."""
    documents = catalogue.load_documents(project)
    indicators = catalogue.load_indicators(project)
    words = COLUMNS_EN if lang == "en" else COLUMNS_ZH
    rows = []
    for one in found:
        indicator = indicators[one.indicator]
        cells = (
            areas.area_name(project, one.area, lang),
            indicator.en if lang == "en" else indicator.zh,
            one.current,
            one.current_year,
            one.baseline,
            one.baseline_year,
            one.operator,
            one.value,
            observations.unit_text(one.unit, lang),
            one.year,
            one.gap,
            one.share,
            one.pace,
            STATES[one.state].get(lang),
            one.reason_en if lang == "en" else one.reason_zh,
            marks(one, lang),
            documents[one.document].short.get(lang),
            documents[one.document].status.get(lang),
            areas.area_name(project, one.target_area, lang),
            one.clause,
            one.quote,
            one.target,
        )
        rows.append(dict(zip(words, cells, strict=True)))
    made = pd.DataFrame(rows, columns=list(words))
    whole = [words[at] for at in (3, 5, 9)]
    real = [words[at] for at in (2, 4, 7, 10, 11, 12)]
    return made.astype(dict.fromkeys(whole, "Int64") | dict.fromkeys(real, "float64"))


def records(project: Project, found: list[Assessment], lang: str = "zh") -> list[dict[str, object]]:
    """Assessments under their machine names, with the names of what the codes mean."""
    documents = catalogue.load_documents(project)
    indicators = catalogue.load_indicators(project)
    return [
        {
            **asdict(one),
            "state_title": STATES[one.state].get(lang),
            "document_title": documents[one.document].short.get(lang),
            "document_status": documents[one.document].status.get(lang),
            "area_name": areas.area_name(project, one.area, lang),
            "indicator_name": getattr(indicators[one.indicator], lang),
        }
        for one in found
    ]


COLUMNS_ZH = (
    "区域", "指标", "现状", "现状年份", "基期", "基期年份", "要求", "目标值", "单位", "目标年",
    "差距", "完成比例 (%)", "每年需变化", "状态", "说明", "文件不一致", "文件", "文件状态",
    "目标所属", "条款", "原文", "编号",
)  # fmt: skip
COLUMNS_EN = (
    "Area", "Indicator", "Current", "Year of current", "Baseline", "Year of baseline", "Operator",
    "Target", "Unit", "By", "Gap", "Share of the way (%)", "Needed per year", "State", "Reason",
    "Documents differ", "Document", "Status", "Target of", "Clause", "Quote", "Id",
)  # fmt: skip
