"""Times as files write them in, naive local time of Shanghai out (the label as published)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from bsh_geo.catalogue import Text
from bsh_geo.errors import unknown_name

LOCAL = "Asia/Shanghai"
"""The time that the store keeps, and the zone of a time that states none."""

EARLIEST = datetime(1980, 1, 1)
"""Hourly readings of the networks begin later; an earlier time is a clock that was never set."""

LATEST = 2200
"""A year that no clock shows; what is only later than now is refused with the clock in hand."""

Moments = NDArray[np.datetime64]
Trouble = Literal[
    "", "blank", "unread", "no_day", "no_hour", "early", "future", "off_hour", "off_day"
]

TROUBLES: dict[Trouble, Text] = {
    "blank": Text(zh="时间为空", en="the time is blank"),
    "unread": Text(zh="时间无法识别", en="the time cannot be read"),
    "no_day": Text(zh="没有这一天或这一时刻", en="there is no such day or hour"),
    "no_hour": Text(zh="只有日期，缺少小时", en="the hour is missing"),
    "early": Text(zh="时间早于1980年", en="the time is before 1980"),
    "future": Text(zh="时间在将来", en="the time is in the future"),
    "off_hour": Text(zh="时间不是整点", en="the time is not a full hour"),
    "off_day": Text(zh="日值的时间应只有日期", en="a daily value should have a date only"),
}
"""Why a time is refused."""

_DATE = r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
_CLOCK = (
    r"(?P<h>\d{1,2})\s*(?:[:时点]\s*(?:(?P<min>\d{1,2})\s*(?:[:分]\s*"
    r"(?:(?P<s>\d{1,2})(?P<f>\.\d+)?\s*秒?)?)?)?)?"
)
_ZONE = r"(?P<z>Z|z|UTC|[+-]\d{2}(?::?\d{2})?)"
_SPACED = re.compile(rf"{_DATE}(?:[T\s,]*{_CLOCK}\s*{_ZONE}?)?", re.ASCII)
_SOLID = re.compile(
    rf"(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})"
    rf"(?:[T\s]?(?P<h>\d{{2}})(?::?(?P<min>\d{{2}})(?::?(?P<s>\d{{2}})(?P<f>\.\d+)?)?)?{_ZONE}?)?",
    re.ASCII,
)
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
_HOUR = re.compile(r"(\d{1,2})(?:\.0+)?(?:\s*[:时点]\s*(?:00?(?::00?|分)?)?)?", re.ASCII)
_EXCEL = datetime(1899, 12, 30)
"""Day 0 of Excel's serials of today (they count a 29 February 1900 that was not)."""


@dataclass(frozen=True)
class Times:
    """Moments as ``datetime64[us]`` (NaT where there is none), and what is wrong with each."""

    moments: Moments
    troubles: list[Trouble]


def checked_zone(name: str) -> str:
    """The name of a time zone (IANA), which must be known."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise unknown_name("时区", "time zone", name, (LOCAL, "UTC", "Asia/Hong_Kong")) from error
    return name


def moments(texts: Sequence[str], zone: str, hourly: bool) -> Times:
    """Times of one column; where ``hourly``, a date without hour is refused."""
    read = [moment(text, zone, hourly) for text in texts]
    return _times(read)


def combined(days: Sequence[str], hours: Sequence[str], zone: str) -> Times:
    """Times of a column of days and one of hours (0 to 24, 24 being 0:00 of the next day)."""
    read = [day_and_hour(day, hour, zone) for day, hour in zip(days, hours, strict=True)]
    return _times(read)


def _times(read: list[tuple[datetime | None, Trouble]]) -> Times:
    made = np.array([when for when, _ in read], dtype="datetime64[us]")
    return Times(made, [trouble for _, trouble in read])


@lru_cache(maxsize=400_000)
def moment(text: str, zone: str = LOCAL, hourly: bool = True) -> tuple[datetime | None, Trouble]:
    """The moment that a text names, and what is wrong with it if it names none.

    ``2019-01-01T08:00:00+08:00``, ``2019/1/1 8:00``, ``2019年1月1日8时``, ``2019010108``, serial
    days of Excel (``43466.3333``); 24:00 is 0:00 of the next day. Seconds are rounded.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None, "blank"
    if _SERIAL.fullmatch(plain):
        return _checked(_EXCEL + timedelta(days=float(plain)), zone, None)
    found = _SPACED.fullmatch(plain) or _SOLID.fullmatch(plain)
    if found is None:
        return None, "unread"
    part = found.groupdict()
    if part["h"] is None and hourly:
        return None, "no_hour"
    clock = (
        int(part["h"] or 0),
        int(part["min"] or 0),
        float(f"{part['s'] or 0}{part['f'] or ''}"),
    )
    when = _moment(int(part["y"]), int(part["m"]), int(part["d"]), clock)
    return (None, "no_day") if when is None else _checked(when, zone, part["z"])


def _moment(year: int, month: int, day: int, clock: tuple[int, int, float]) -> datetime | None:
    hour, minute, second = clock
    whole_day = hour == 24 and minute == 0 and second == 0
    if minute > 59 or second >= 60 or (hour > 23 and not whole_day):
        return None
    try:
        start = datetime(year, month, day)
        return start + timedelta(hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError):  # no such day, or the last hour of the year 9999
        return None


def _checked(when: datetime, zone: str, stated: str | None) -> tuple[datetime | None, Trouble]:
    """The moment to the second, in local time."""
    if when.year > LATEST:
        return None, "future"
    whole = when.replace(microsecond=0) + timedelta(seconds=round(when.microsecond / 1e6))
    if whole < EARLIEST:
        return None, "early"
    if stated is None and zone == LOCAL:
        return whole, ""
    offset = ZoneInfo(zone) if stated is None else _offset(stated)
    if offset is None:
        return None, "unread"
    return whole.replace(tzinfo=offset).astimezone(ZoneInfo(LOCAL)).replace(tzinfo=None), ""


def _offset(stated: str) -> timezone | None:
    if stated in ("Z", "z", "UTC"):
        return UTC
    hours, minutes = int(stated[1:3]), int(stated[3:].lstrip(":") or 0)
    if hours > 14 or minutes > 59:
        return None
    return timezone((1 if stated[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


@lru_cache(maxsize=400_000)
def day_and_hour(day: str, hour: str, zone: str = LOCAL) -> tuple[datetime | None, Trouble]:
    """The moment of a day (``20190101``, ``2019/1/1``) and an hour (``8``, ``08:00``, ``8时``)."""
    start, trouble = moment(day, LOCAL, False)
    if start is None:
        return None, trouble
    plain = unicodedata.normalize("NFKC", hour).strip()
    if not plain:
        return None, "no_hour"
    found = _HOUR.fullmatch(plain)
    if found is None or start != start.replace(hour=0, minute=0, second=0):
        return None, "unread"
    if int(found.group(1)) > 24:
        return None, "no_day"
    return _checked(start + timedelta(hours=int(found.group(1))), zone, None)
