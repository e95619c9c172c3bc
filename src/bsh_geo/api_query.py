"""Query parameters in, checked choices out: box, time, district, properties, page.

Everything wrong is one sentence in Chinese and in English with the status that a client sees.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bsh_geo.errors import BshError

MOST, USUAL = 10_000, 1_000
"""Features or records in one answer: at most, and where nothing is asked for."""
LONGEST_VALUE = 200
"""Characters of a parameter."""
FARTHEST = 10**9
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


class RequestError(BshError):
    """A request that cannot be answered, with its HTTP status."""

    def __init__(self, status: int, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.status = status


Box = tuple[float, float, float, float]
Interval = tuple[date | None, date | None]
"""First and last day, None where open."""


@dataclass(frozen=True)
class Page:
    """Which rows of those found are given."""

    limit: int = USUAL
    offset: int = 0


@dataclass(frozen=True)
class Filter:
    """What features must satisfy; ``boxes`` are two where a box crosses the antimeridian."""

    page: Page = field(default_factory=Page)
    boxes: tuple[Box, ...] = ()
    time: Interval | None = None
    district: str | None = None
    properties: tuple[tuple[str, str], ...] = ()


def once(pairs: Iterable[tuple[str, str]], allowed: Iterable[str]) -> dict[str, str]:
    """Parameters by name: each known, given once, of a sane length.

    Raises
    ------
    RequestError
        400, naming the parameter.
    """
    known, found = list(allowed), dict[str, str]()
    for name, value in pairs:
        if name not in known:
            raise RequestError(
                400,
                f"未知的参数“{name[:60]}”，可用：{'、'.join(known)}。",
                f"Unknown parameter “{name[:60]}”; known: {', '.join(known)}.",
            )
        if name in found:
            raise RequestError(
                400, f"参数 {name} 只能给一次。", f"The parameter {name} may be given once."
            )
        if len(value) > LONGEST_VALUE:
            raise RequestError(
                400,
                f"参数 {name} 超过 {LONGEST_VALUE} 个字符。",
                f"The parameter {name} is longer than {LONGEST_VALUE} characters.",
            )
        found[name] = value
    return found


def language(given: Mapping[str, str]) -> str:
    """``zh`` or ``en``."""
    return _one_of(given, "lang", ("zh", "en"))


def json_only(given: Mapping[str, str]) -> None:
    """Raise where another format than JSON is asked for."""
    _one_of(given, "f", ("json", "geojson"))


def _one_of(given: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = given.get(name, known[0])
    if value not in known:
        raise _wrong(name, value, "、".join(known), ", ".join(known))
    return value


def _wrong(name: str, value: str, zh: str, en: str) -> RequestError:
    return RequestError(
        400,
        f"参数 {name} 的值“{value[:60]}”不对，应为 {zh}。",
        f"The parameter {name} has “{value[:60]}”; {en} was expected.",
    )


def page(given: Mapping[str, str]) -> Page:
    """``limit`` (1 or more; at most ``MOST`` are given) and ``offset`` (0 or more)."""
    limit = whole(given, "limit", USUAL)
    offset = whole(given, "offset", 0)
    if limit < 1:
        raise _wrong("limit", given["limit"], f"1 至 {MOST} 的整数", f"1 to {MOST}")
    return Page(min(limit, MOST), min(offset, FARTHEST))


def whole(given: Mapping[str, str], name: str, default: int) -> int:
    """A whole number of 0 or more."""
    text = given.get(name)
    if text is None:
        return default
    if not _WHOLE.fullmatch(text):
        raise _wrong(name, text, "不小于 0 的整数", "a whole number of 0 or more")
    return int(text)


def year(given: Mapping[str, str], name: str) -> int | None:
    """A year of four digits, or None where it is not given."""
    text = given.get(name)
    if text is not None and not re.fullmatch(r"(19|20)\d\d", text, re.ASCII):
        raise _wrong(name, text, "四位年份", "a year of four digits")
    return None if text is None else int(text)


def boxes(given: Mapping[str, str]) -> tuple[Box, ...]:
    """``bbox`` as west, south, east, north in degrees of CRS84; of six numbers heights go unused.

    A box whose west is east of its east crosses the antimeridian and becomes two.
    """
    for name in ("bbox-crs", "crs"):
        if name in given and given[name] != CRS84:
            raise _wrong(name, given[name], CRS84, CRS84)
    text = given.get("bbox")
    if text is None:
        return ()
    numbers = _numbers(text)
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4 or not all(math.isfinite(one) for one in numbers):
        raise _wrong("bbox", text, "西,南,东,北 四个数", "west,south,east,north")
    west, south, east, north = numbers
    inside = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90
    if not inside:
        raise _wrong("bbox", text, "经纬度（西,南,东,北）", "degrees (west,south,east,north)")
    if west > east:
        return ((west, south, 180.0, north), (-180.0, south, east, north))
    return ((west, south, east, north),)


def _numbers(text: str) -> list[float]:
    try:
        return [float(one) for one in text.split(",")]
    except ValueError:
        return []


def interval(given: Mapping[str, str]) -> Interval | None:
    """``datetime`` as RFC 3339 instant or interval with ``..`` for an open end; also a year or a
    month alone."""
    text = given.get("datetime")
    if text is None:
        return None
    ends = text.split("/")
    try:
        if len(ends) == 1:
            return _first(ends[0]), _last(ends[0])
        if len(ends) == 2 and not all(one in ("", "..") for one in ends):
            first = None if ends[0] in ("", "..") else _first(ends[0])
            last = None if ends[1] in ("", "..") else _last(ends[1])
            if first is None or last is None or first <= last:
                return first, last
    except ValueError:
        pass  # said below, in one sentence for everything that is no time
    raise _wrong("datetime", text, "2025-01-01 或 2025-01-01/..", "2025-01-01 or 2025-01-01/..")


def _first(text: str) -> date:
    if not _DAY.fullmatch(text):
        return _instant(text)
    return date.fromisoformat((text + "-01-01")[:10])


def _last(text: str) -> date:
    """The last day of a year, of a month, or the day itself."""
    if not _DAY.fullmatch(text):
        return _instant(text)
    if len(text) == 10:
        return date.fromisoformat(text)
    if len(text) == 4:
        return date(int(text), 12, 31)
    start = date.fromisoformat(f"{text}-01")
    following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _instant(text: str) -> date:
    return datetime.fromisoformat(text.replace(" ", "+")).date()  # a plus sign not encoded
