"""Typed or pasted coordinates in, longitude and latitude in degrees out, faults told by line.

Decimal degrees, degrees and minutes, or degrees, minutes and seconds (``121°28′32.5″E``,
``东经121度28分32.5秒``), in either order. The order is taken from the letters or, without letters,
from the figures: one above 90 can only be a longitude. Where neither tells, that is said.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_PAIRS, MOST_TEXT

MOST_LINES = 20_000
"""Longer lists belong in a file."""

_MARKS = str.maketrans(
    {
        **dict.fromkeys("º˚∘⁰度", "°"),
        **dict.fromkeys("′ʹ’‘´`＇分", "'"),
        **dict.fromkeys("″ʺ”“＂秒", '"'),
        **dict.fromkeys("−–—－", "-"),
        **dict.fromkeys("，、；", ","),
    }
)
"""Marks of degree, minute and second as people and programs write them."""

_NUMBER = r"\d+(?:\.\d+)?|\.\d+"
_SIZE = rf"""
    (?P<sign>[-+])?(?P<degrees>{_NUMBER})(?!\d)
    (?:\s*°
      (?:\s*(?P<minutes>{_NUMBER})\s*'(?!')
        (?:\s*(?P<seconds>{_NUMBER})\s*(?:"|''))?
      )?
    )?
"""
_LETTER = r"(?P<letter>(?<![A-Z])[NSEW](?![A-Z])|[东西]经|[南北]纬)"
_BEFORE = re.compile(rf"(?:{_LETTER}\s*)?{_SIZE}", re.VERBOSE | re.IGNORECASE)
_AFTER = re.compile(rf"{_SIZE}(?:\s*{_LETTER})?", re.VERBOSE | re.IGNORECASE)
_STARTS_WITH_LETTER = re.compile(rf"\W*{_LETTER}", re.IGNORECASE)
_AXIS = {
    **dict.fromkeys(("E", "东经"), ("lon", 1)),
    **dict.fromkeys(("W", "西经"), ("lon", -1)),
    **dict.fromkeys(("N", "北纬"), ("lat", 1)),
    **dict.fromkeys(("S", "南纬"), ("lat", -1)),
}
_FIRST = re.compile(r"[\d+\-−.]")
_SIDE = re.compile(r"((?<![A-Za-z])[NSEWnsew]|[东西]经|[南北]纬)\Z")
"""The first figure or sign of a line, and the side before it."""

_BETWEEN = re.compile(r"[\s,;()\[\]|/]*")


@dataclass(frozen=True)
class Angle:
    """An angle in degrees; ``axis`` is "lon" or "lat" where a letter says so, else blank."""

    degrees: float
    axis: str = ""


@dataclass(frozen=True)
class Coordinate:
    """A place in degrees, and the name that stood before it on its line."""

    lon: float
    lat: float
    label: str = ""


class _Misfit(ValueError):
    """What is wrong with one line, in both languages; the line's number is added above."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en


def plain_marks(text: str) -> str:
    """``text`` with one sign each for degree, minute, second, minus and comma, half-width."""
    return unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)


def angle(text: str) -> Angle:
    """One angle, such as a cell of a table: ``121.4757``, ``31°13′43″N``.

    Raises
    ------
    ValueError
        It is no angle, or minutes or seconds are 60 or more.
    """
    plain = plain_marks(text).strip()
    found = _form(plain).fullmatch(plain)
    if found is None:
        raise _Misfit(f"“{text}”不是角度", f"“{text}” is no angle")
    return _angle(found)


def _form(text: str) -> re.Pattern[str]:
    """Whether letters stand before or behind the figures: as with the first one of the text."""
    return _BEFORE if _STARTS_WITH_LETTER.match(text) else _AFTER


def _angle(found: re.Match[str]) -> Angle:
    minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
    for part, zh, en in ((minutes, "分", "minutes"), (seconds, "秒", "seconds")):
        if part >= 60:
            raise _Misfit(f"{zh}为 {part:g}，应小于 60", f"{part:g} {en}; less than 60 expected")
    if found["minutes"] and "." in found["degrees"]:
        raise _Misfit(
            f"“{found.group().strip()}”的度有小数又有分",
            f"“{found.group().strip()}” has decimals of a degree and minutes",
        )
    degrees = float(found["degrees"]) + minutes / 60 + seconds / 3600
    letter = (found["letter"] or "").upper()
    axis, side = _AXIS.get(letter, ("", 1))
    if found["sign"] == "-":
        if letter:
            raise _Misfit(
                f"“{found.group().strip()}”既有负号又有方位",
                f"“{found.group().strip()}” has both a minus and a letter",
            )
        side = -1
    return Angle(side * degrees, axis)


def parse(text: str) -> list[list[Coordinate]]:
    """The coordinates of a pasted text, in groups divided by blank lines.

    A line holds one coordinate, after an optional name and a colon, or several divided by
    semicolons. A name and a colon alone on a line name the group that follows.

    Raises
    ------
    DataError
        A line holds no pair of angles, its order cannot be told, or an angle is out of range;
        the line's number is named.
    """
    groups: list[list[Coordinate]] = [[]]
    named = ""
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise DataError(
            f"粘贴了 {len(lines):,} 行，最多 {MOST_LINES:,} 行；更多请用文件。",
            f"{len(lines):,} lines were pasted, {MOST_LINES:,} are the most; use a file for more.",
        )
    count = 0
    for number, line in enumerate(lines, start=1):
        if len(line) > MOST_TEXT:
            raise DataError(
                f"坐标第 {number} 行有 {len(line):,} 个字符，最多 {MOST_TEXT:,} 个。",
                f"Coordinates, line {number}: {len(line):,} signs; {MOST_TEXT:,} are the most.",
            )
        title, colon, rest = line.replace("：", ":").partition(":")
        if not line.strip() or (colon and not rest.strip()):
            groups.append([])
            named = title.strip()
            continue
        try:
            found = _line(line)
            count += len(found)
            if count > MOST_PAIRS:
                raise DataError(
                    f"粘贴了超过 {MOST_PAIRS:,} 个坐标；更多请用文件。",
                    f"More than {MOST_PAIRS:,} coordinates were pasted; use a file for more.",
                )
            groups[-1] += [replace(one, label=one.label or named) for one in found]
        except _Misfit as misfit:
            shown = line.strip() if len(line.strip()) <= 60 else line.strip()[:59] + "…"
            raise DataError(
                f"坐标第 {number} 行“{shown}”：{misfit.zh}。",
                f"Coordinates, line {number} “{shown}”: {misfit.en}.",
            ) from misfit
    filled = [group for group in groups if group]
    if not filled:
        raise DataError("没有坐标，请至少粘贴一行。", "There are no coordinates; paste a line.")
    return filled


def _line(line: str) -> list[Coordinate]:
    label, rest = _labelled(line)
    pieces = [one for one in re.split(r"[;；]", rest) if one.strip(" \t,，、()[]（）")]
    return [_pair(plain_marks(piece), label) for piece in pieces or [rest]]


def _labelled(line: str) -> tuple[str, str]:
    """The name before a colon or before the first figure, and the rest."""
    head, colon, tail = line.replace("：", ":").partition(":")
    if colon:
        return head.strip(), tail
    first = _FIRST.search(line)
    if first is None or not re.match(r"[-+−]?[\d.]", line[first.start() :]):
        return "", line
    before = line[: first.start()].rstrip()
    side = _SIDE.search(before)
    before = before[: side.start()] if side else before
    name = before.strip(" \t,，、([（")
    return (name, line[len(before) :]) if name else ("", line)


def _pair(text: str, label: str) -> Coordinate:
    angles, at = [], 0
    for found in _form(text).finditer(text):
        _only_separators(text[at : found.start()])
        angles.append(_angle(found))
        at = found.end()
    _only_separators(text[at:])
    if len(angles) != 2:
        raise _Misfit(
            f"有 {len(angles)} 个角度，应为经度和纬度两个；名称请写在前面并用冒号隔开",
            f"{len(angles)} angles, two (longitude and latitude) were expected; put a name "
            "first, with a colon",
        )
    lon, lat = _ordered(angles[0], angles[1])
    return Coordinate(lon, lat, label)


def _only_separators(text: str) -> None:
    rest = _BETWEEN.sub("", text)
    if rest:
        told = rest if len(rest) <= 60 else f"{rest[:59]}…"
        raise _Misfit(
            f"“{told}”无法识别；名称请写在前面并用冒号隔开",
            f"“{told}” is not understood; put a name first, with a colon",
        )


def _ordered(first: Angle, second: Angle) -> tuple[float, float]:
    """Longitude and latitude of two angles, by their letters, else by their size."""
    for one in (first, second):
        if abs(one.degrees) > 180:
            raise _Misfit(
                f"{one.degrees:.10g} 超出经纬度范围，像是米制坐标；请改用文件并说明坐标系",
                f"{one.degrees:.10g} is no longitude or latitude; it may be metres: use a file and "
                "name its CRS",
            )
    if first.axis and first.axis == second.axis:
        raise _Misfit("两个都是经度或都是纬度", "both are longitudes or both latitudes")
    swapped = _latitude_first(first, second)
    lon, lat = (second, first) if swapped else (first, second)
    if abs(lat.degrees) > 90:
        raise _Misfit(
            f"纬度 {lat.degrees:g} 超出 [-90, 90]", f"the latitude {lat.degrees:g} is beyond 90"
        )
    return lon.degrees, lat.degrees


def _latitude_first(first: Angle, second: Angle) -> bool:
    if first.axis or second.axis:
        return first.axis == "lat" or second.axis == "lon"
    large = abs(first.degrees) > 90, abs(second.degrees) > 90
    if large[0] == large[1]:
        zh = (
            "都大于 90，不是一对经纬度"
            if large[0]
            else "都不大于 90，分不清经纬度，请加 E、N 或 东经、北纬"
        )
        en = (
            "both are above 90, which is no longitude and latitude"
            if large[0]
            else "both are below 90, so their order cannot be told; add E and N"
        )
        raise _Misfit(zh, en)
    return large[1]
