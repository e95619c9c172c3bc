"""The first rows of a table in, how it is to be read out: its shape, its columns, its units.

Three shapes: ``national`` (a column per station, the item in a column: the national platform's
daily files), ``long`` (a row per value) and ``wide`` (a column per item).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bsh_geo.catalogue import Text
from bsh_geo.networks import Network, folded, is_derived, item_of
from bsh_geo.reading_mapping import ROLES, Mapping, Role, Shape
from bsh_geo.reading_times import LOCAL, day_and_hour, moment
from bsh_geo.reading_units import factor, no_unit, spelled, unagreed

HEAD_ROWS = 30
"""Rows among which the head is looked for."""

_BRACKET = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")

_NO_NAME = re.compile(r"\d{3,5}[A-Za-z]|[-+\d.:/ T]+", re.ASCII)
"""Station codes, numbers and times: no name of a column's use (a national file has 1,600)."""

Peek = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Given:
    """What the user said beforehand: about the station, units by item, the zone of naive times."""

    station: str = ""
    units: dict[str, str] = field(default_factory=dict)
    zone: str = LOCAL


@dataclass(frozen=True)
class Recognised:
    """How a table is to be read; ``problems`` must be settled first, ``questions`` agreed to.

    Without ``recognised`` it is no table of readings as far as can be seen. ``head`` is the place
    of the head among the first rows, from 0. ``station`` is that of a table without a column of
    stations.
    """

    head: int
    header: tuple[str, ...]
    mapping: Mapping
    station: str = ""
    problems: tuple[Text, ...] = ()
    questions: tuple[Text, ...] = ()
    recognised: bool = True


@dataclass(frozen=True)
class _Columns:
    """What the cells of a head may stand for."""

    roles: dict[Role, list[int]]
    items: dict[int, tuple[str, str | None]]

    @property
    def score(self) -> int:
        return len(self.roles) + min(len(self.items), 6)

    def shape(self, width: int) -> Shape | None:
        """The shape that these columns make up; None if there is not enough of them."""
        if not ({"time", "date"} & set(self.roles)):
            return None
        used = sum(len(places) for places in self.roles.values())
        if "item" in self.roles and "value" in self.roles and len(self.items) < 2:
            return "long"
        if "item" in self.roles and not self.items and width > used:
            return "national"
        return "wide" if self.items else None


def recognise(
    peek: Peek,
    network: Network,
    knows: Callable[[str], bool],
    stems: Sequence[str] = (),
    given: Given | None = None,
) -> Recognised:
    """How a table is to be read, by the names of its columns and its first rows.

    ``knows`` says whether a text is the code or the name of a station of the project; ``stems``
    are names that may be the station's of a table without a column of stations.
    """
    looked: list[_Columns] = []
    for head, row in enumerate(peek[:HEAD_ROWS]):
        columns = _columns(row, network)
        shape = columns.shape(len(row))
        if shape is not None:
            below = peek[head + 1 :]
            found = _Finding(network, tuple(row), below, columns, shape, given or Given())
            return _settled(found, head, knows, stems)
        looked.append(columns)
    if not looked:
        return unread(network, Text(zh="没有任何行", en="there are no rows"))
    best = max(range(len(looked)), key=lambda at: looked[at].score)
    if looked[best].score < 2:  # a word that happens to be an item's, somewhere in the data
        best = next((at for at, row in enumerate(peek[:HEAD_ROWS]) if sum(map(bool, row)) > 1), 0)
    return unread(network, _incomplete(looked[best], peek[best]), tuple(peek[best]))


def unread(network: Network, why: Text, header: tuple[str, ...] = ()) -> Recognised:
    """The finding that a table holds no readings, or none that can be told."""
    mapping = Mapping(network=network.id, shape="wide")
    return Recognised(0, header, mapping, problems=(why,), recognised=False)


def _incomplete(columns: _Columns, header: Sequence[str]) -> Text:
    """Which columns are missing, beside those that there are."""
    times = bool({"time", "date"} & set(columns.roles))
    lacks_zh = ([] if times else ["时间"]) + ([] if columns.items else ["监测项目或浓度"])
    lacks_en = ([] if times else ["a time"]) + ([] if columns.items else ["items or values"])
    names = [name for name in header[:12] if name]
    return Text(
        zh=f"没有认出{'和'.join(lacks_zh)}的列，表头为：{'、'.join(names)}；"
        "请用 --mapping 说明各列",
        en=f"no column for {' and '.join(lacks_en)} was recognised among: {', '.join(names)}; say "
        "with --mapping what the columns are",
    )


def role_of(name: str) -> tuple[Role, int] | None:
    """What a column is used for by its name, and how well the name says so (0 is best)."""
    for text in (name, _BRACKET.sub("", name)):
        plain = folded(text)
        for role, names in ROLES.items():
            if plain in names:
                return role, names.index(plain)
    return None


def _columns(row: Sequence[str], network: Network) -> _Columns:
    ranked: dict[Role, list[tuple[int, int]]] = {}
    items = {}
    for at, cell in enumerate(row):
        if not cell or _NO_NAME.fullmatch(cell):
            continue
        item = item_of(network, cell)
        role = role_of(cell) if item is None else None
        if item is not None:
            items[at] = item
        elif role is not None:
            ranked.setdefault(role[0], []).append((role[1], at))
    return _Columns(
        {role: [at for _, at in sorted(found)] for role, found in ranked.items()}, items
    )


@dataclass
class _Finding:
    """A table while it is being recognised."""

    network: Network
    header: tuple[str, ...]
    rows: Peek
    columns: _Columns
    shape: Shape
    given: Given
    problems: list[Text] = field(default_factory=list)
    questions: list[Text] = field(default_factory=list)

    def first(self, role: Role) -> int | None:
        """The best column of a role."""
        return next(iter(self.columns.roles.get(role, [])), None)

    def cells(self, at: int) -> list[str]:
        """The cells of a column that are not blank."""
        return [row[at] for row in self.rows if at < len(row) and row[at]]

    def name(self, at: int | None) -> str:
        """The head of a column, which must be the only one of that name to be referred to."""
        if at is None:
            return ""
        if self.header.count(self.header[at]) > 1:
            twice = self.header[at]
            self.problems.append(
                Text(zh=f"有两列都叫“{twice}”", en=f"two columns are called “{twice}”")
            )
        return self.header[at]


def _settled(
    found: _Finding, head: int, knows: Callable[[str], bool], stems: Sequence[str]
) -> Recognised:
    station_at = None if found.shape == "national" else _station(found, knows)
    station = "" if station_at is not None or found.shape == "national" else found.given.station
    if station_at is None and found.shape != "national" and not station:
        station = stem_station(stems, knows)
        if not station:
            found.problems.append(NO_STATION)
    time, date, hour = _times(found)
    long = found.shape == "long"
    mapping = Mapping(
        network=found.network.id,
        shape=found.shape,
        station=found.name(station_at),
        time=found.name(time),
        date=found.name(date),
        hour=found.name(hour),
        item=found.name(found.first("item")) if found.shape != "wide" else "",
        value=found.name(found.first("value")) if long else "",
        unit=found.name(found.first("unit")) if long else "",
        zone=found.given.zone,
        items=_items(found) if found.shape == "wide" else {},
        stated=_stated(found) if long else "",
        units=_units(found),
    )
    return Recognised(
        head, found.header, mapping, station, tuple(found.problems), tuple(found.questions)
    )


NO_STATION = Text(
    zh="没有站点列，文件名或表名也不是站点；请用 --station 指定",
    en="there is no column of stations, and the name of the file or sheet is none; name it with "
    "--station",
)


def _station(found: _Finding, knows: Callable[[str], bool]) -> int | None:
    """The column of stations: of the code, unless only the names are known to the project."""
    places = [at for role in ("code", "name") for at in found.columns.roles.get(role, [])]
    known = [at for at in places if any(knows(cell) for cell in found.cells(at))]
    return next(iter([*known, *places]), None)


def stem_station(stems: Sequence[str], knows: Callable[[str], bool]) -> str:
    """The station that a file's or sheet's name holds, if it holds just one."""
    for stem in stems:
        pieces = dict.fromkeys([stem, *re.split(r"[_\-\s（）()，,+]+", stem)])
        named = [piece for piece in pieces if piece and knows(piece)]
        if named:
            return named[0] if len(named) == 1 else ""
    return ""


def _times(found: _Finding) -> tuple[int | None, int | None, int | None]:
    """The columns of the time, or of the date and the hour."""
    hourly = found.network.grain == "hour"
    date, hour = found.first("date"), found.first("hour")
    for one in [*found.columns.roles.get("time", []), *found.columns.roles.get("date", [])]:
        read = any(moment(cell, LOCAL, hourly)[0] for cell in found.cells(one))
        if read and not (one == date and hour is not None):
            return one, None, None
    clock = hour if hour is not None else found.first("time")
    if date is None and hour is not None:
        date = found.first("time")
    if date is not None and clock is not None and date != clock and _pairs(found, date, clock):
        return None, date, clock
    time = found.first("time")
    at = date if time is None else time
    if hourly and (cells := found.cells(at) if at is not None else []):
        name, cell = found.header[at or 0], cells[0]
        found.problems.append(
            Text(
                zh=f"时间列“{name}”的值“{cell}”认不出日期和小时",
                en=f"“{cell}” in the time column “{name}” names no day and hour",
            )
        )
    return at, None, None


def _pairs(found: _Finding, date: int, clock: int) -> bool:
    pairs = [
        (row[date], row[clock])
        for row in found.rows
        if len(row) > max(date, clock) and row[date] and row[clock]
    ]
    return not pairs or any(day_and_hour(*pair)[0] is not None for pair in pairs[:5])


def _items(found: _Finding) -> dict[str, str]:
    """Columns of items; two columns of one item are a problem."""
    names: dict[str, str] = {}
    for at, (item, _) in found.columns.items.items():
        other = next((name for name, same in names.items() if same == item), None)
        if other is not None:
            found.problems.append(
                Text(
                    zh=f"列“{other}”和“{found.header[at]}”都是 {item}；"
                    "请用 --mapping 在 [items] 中只留一列",
                    en=f"the columns “{other}” and “{found.header[at]}” are both {item}; keep one "
                    "of them under [items] of --mapping",
                )
            )
        else:
            names[found.name(at)] = item
    return names


def _stated(found: _Finding) -> str:
    """The unit that the head of the values states for all of them."""
    at = found.first("value")
    bracket = _BRACKET.search(found.header[at]) if at is not None else None
    text = bracket.group(1) if bracket else ""
    return (
        spelled(text) if any(factor(text, one.unit) for one in found.network.items.values()) else ""
    )


def _pairs_of_units(found: _Finding) -> list[tuple[str, str]]:
    """Items and the units that heads, or the first rows, state for them."""
    if found.shape == "wide":
        return [(item, unit) for item, unit in found.columns.items.values() if unit]
    item_at, unit_at = found.first("item"), found.first("unit")
    stated = _stated(found) if found.shape == "long" else ""
    pairs = []
    for row in found.rows:
        named = item_of(found.network, row[item_at]) if item_at is not None else None
        if named is not None:
            own = row[unit_at] if found.shape == "long" and unit_at is not None else ""
            unit = named[1] or own or stated
            pairs += [(named[0], unit)] if unit else []
    return list(dict.fromkeys(pairs))


def _units(found: _Finding) -> dict[str, str]:
    """Units by item that differ from the network's: agreed on beforehand, else asked about."""
    agreed = dict(found.given.units)
    for item, unit in _pairs_of_units(found):
        own = found.network.items[item]
        times = factor(agreed.get(item, unit), own.unit)
        if times is None:
            fault = no_unit("", found.network, item, agreed.get(item, unit))
            found.problems.append(_as_text(fault.zh, fault.en))
        elif times != 1.0 and item not in agreed:
            agreed[item] = spelled(unit)
            if found.shape == "long" and not _says_item(found, item):
                fault = unagreed("", found.network, item, unit)
                found.problems.append(_as_text(fault.zh, fault.en))
                continue
            found.questions.append(converted(found.network, item, unit, times))
    return agreed


def converted(network: Network, item: str, unit: str, times: float | None) -> Text:
    """What is asked about a unit that the file, not the user, states."""
    own = network.items[item]
    return Text(
        zh=f"{own.title.zh}的单位为 {unit}，将乘以 {times:g} 换算成 {own.unit}",
        en=f"{own.title.en} is in {unit}; it will be multiplied by {times:g} to be in {own.unit}",
    )


def _says_item(found: _Finding, item: str) -> bool:
    """Whether the unit was stated for this item, not for all values in the head."""
    return found.first("unit") is not None or not _stated(found)


def _as_text(zh: str, en: str) -> Text:
    return Text(zh=zh.removeprefix("：").rstrip("。"), en=en.removeprefix(": ").rstrip("."))


def left_out(network: Network, header: Sequence[str]) -> list[str]:
    """Heads of what is derived from items (``PM2.5_24h``, ``AQI``) and is not read."""
    return [name for name in header if name and is_derived(network, name)]
