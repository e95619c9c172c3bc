"""A period's text in, its days, its neighbours and its name out: years to hours.

Three years are rolling: they are named by both ends (``2022/2024``), and the next are a year later.

An hour is named by its end, as it is published: ``2025-03-01T01`` to ``2025-03-01T24``, all of
them of 1 March (HJ 633: a day ends at its 24:00).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from bsh_geo.errors import UnknownNameError

Grain = Literal["three_years", "year", "quarter", "month", "day", "hour"]
GRAINS: tuple[Grain, ...] = ("year", "quarter", "month", "day", "hour")
"""The grains whose periods follow each other without overlap."""

_FORMS: dict[Grain, re.Pattern[str]] = {
    "three_years": re.compile(r"(\d{4})/(\d{4})", re.ASCII),
    "year": re.compile(r"(\d{4})", re.ASCII),
    "quarter": re.compile(r"(\d{4})-Q([1-4])", re.ASCII),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII),
    "day": re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})", re.ASCII),
    "hour": re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})T(0[1-9]|1\d|2[0-4])", re.ASCII),
}
_ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True, order=True)
class Period:
    """A stretch of time: its first day and, for an hour, which of the day's 24 it is."""

    first: date
    grain: Grain
    hour: int = 0

    @property
    def last(self) -> date:
        """Its last day."""
        if self.grain in ("day", "hour"):
            return self.first
        months = {"three_years": 36, "year": 12, "quarter": 3, "month": 1}[self.grain]
        year, month = divmod(self.first.year * 12 + self.first.month - 1 + months, 12)
        return date(year, month + 1, 1) - timedelta(days=1)

    @property
    def key(self) -> str:
        """The text that ``parse`` reads."""
        day = self.first
        return {
            "three_years": f"{day:%Y}/{day.year + 2:04}",
            "year": f"{day:%Y}",
            "quarter": f"{day:%Y}-Q{(day.month + 2) // 3}",
            "month": f"{day:%Y-%m}",
            "day": f"{day:%Y-%m-%d}",
            "hour": f"{day:%Y-%m-%d}T{self.hour:02}",
        }[self.grain]

    @property
    def label_time(self) -> datetime:
        """The published label of an hour: the moment it ends, 24:00 being the next day's 0:00."""
        return datetime(self.first.year, self.first.month, self.first.day) + self.hour * _ONE_HOUR

    def next(self) -> Period:
        """The period after it, of the same grain; of three years the one a year later."""
        if self.grain == "three_years":
            return Period(self.first.replace(year=self.first.year + 1), self.grain)
        if self.grain == "hour" and self.hour < 24:
            return Period(self.first, "hour", self.hour + 1)
        return Period(self.last + timedelta(days=1), self.grain, 1 if self.grain == "hour" else 0)

    def previous(self) -> Period:
        """The period before it, of the same grain; of three years the one a year earlier."""
        if self.grain == "three_years":
            return Period(self.first.replace(year=self.first.year - 1), self.grain)
        if self.grain == "hour":
            if self.hour > 1:
                return Period(self.first, "hour", self.hour - 1)
            return Period(self.first - timedelta(days=1), "hour", 24)
        return covering(self.first - timedelta(days=1), self.grain)

    def year_before(self) -> Period | None:
        """The same period a year earlier; None for 29 February."""
        year = self.first.year - 1
        if (self.first.month, self.first.day) == (2, 29) and not calendar.isleap(year):
            return None
        return Period(self.first.replace(year=year), self.grain, self.hour)

    def text(self, lang: str) -> str:
        """How a reader writes it: 2025年三季度, 2025年3月1日8时."""
        day = self.first
        if lang == "en":
            spelled = {"quarter": f"{day:%Y} Q{(day.month + 2) // 3}"}
            spelled["three_years"] = f"{day.year}–{day.year + 2}"
            spelled["hour"] = f"{day:%Y-%m-%d} {self.hour:02}:00"
            return spelled.get(self.grain, self.key)
        whole = f"{day.year}年{day.month}月{day.day}日"
        return {
            "three_years": f"{day.year}—{day.year + 2}年",
            "year": f"{day.year}年",
            "quarter": f"{day.year}年{'一二三四'[(day.month - 1) // 3]}季度",
            "month": f"{day.year}年{day.month}月",
            "day": whole,
            "hour": f"{whole}{self.hour}时",
        }[self.grain]


def parse(text: str) -> Period:
    """The period that ``text`` names.

    Its forms are ``2022/2024``, ``2025``, ``2025-Q3``, ``2025-03``, ``2025-03-01`` and
    ``2025-03-01T08``.

    Raises
    ------
    UnknownNameError
        It is none of these, or the day does not exist.
    """
    for grain, form in _FORMS.items():
        found = form.fullmatch(text)
        if found is None:
            continue
        year, *rest = (int(part) for part in found.groups())
        if grain == "three_years" and rest[0] != year + 2:
            break
        month = {"three_years": 1, "year": 1, "quarter": rest[0] * 3 - 2 if rest else 1}.get(
            grain, rest[0] if rest else 1
        )
        day = rest[1] if grain in ("day", "hour") else 1
        if year and day and day <= calendar.monthrange(year, month)[1]:
            return Period(date(year, month, day), grain, rest[2] if grain == "hour" else 0)
    raise UnknownNameError(
        f"时期“{text}”不存在。应为 2025、2025-Q3、2025-03、2025-03-01、"
        "2025-03-01T08（01–24 时）或三年 2023/2025。",
        f"There is no period “{text}”; 2025, 2025-Q3, 2025-03, 2025-03-01, 2025-03-01T08 "
        "(hours 01 to 24) or the three years 2023/2025 was expected.",
    )


def covering(day: date, grain: Grain, hour: int = 0) -> Period:
    """The period of that grain that holds a day; of three years the one that ends with its year."""
    if grain == "three_years":
        return Period(date(day.year - 2, 1, 1), grain)
    month = {"year": 1, "quarter": (day.month - 1) // 3 * 3 + 1}.get(grain, day.month)
    first = day if grain in ("day", "hour") else date(day.year, month, 1)
    return Period(first, grain, hour if grain == "hour" else 0)


def of_label(label: datetime) -> Period:
    """The hour that a published label names; 0:00 is the 24th hour of the day before."""
    day = (label - timedelta(seconds=1)).date()
    return Period(day, "hour", label.hour or 24)


def within(first: date, last: date, grain: Grain) -> list[Period]:
    """Every period of a grain from the one that holds ``first`` to the one of ``last``.

    Of three years those whose first and last years are both within.
    """
    if grain == "three_years":
        return [Period(date(one, 1, 1), grain) for one in range(first.year, last.year - 1)]
    one = covering(first, grain, 1)
    found = []
    while one.first <= last:
        found.append(one)
        one = one.next()
    return found
