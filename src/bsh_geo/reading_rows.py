"""Chunks of text and a mapping in, checked readings out, and each refused value with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bsh_geo.catalogue import Text
from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_REFUSED
from bsh_geo.networks import Network, item_of, on_grain
from bsh_geo.reading_cells import (
    Chunk,
    Flags,
    Floats,
    Ints,
    coded,
    numbers,
    texts_at,
    together,
)
from bsh_geo.reading_mapping import Mapping, columns_of, place
from bsh_geo.reading_stations import BLANK, OUT, TWICE, UNKNOWN, Stations
from bsh_geo.reading_times import TROUBLES, Times, Trouble, combined, moments
from bsh_geo.reading_units import item_factor

READING = np.dtype(
    [
        ("station", "i4"), ("item", "i2"), ("table", "i2"),
        ("time", "i8"), ("row", "i8"), ("value", "f8"),
    ]
)  # fmt: skip
"""A reading: numbers of its station, item and table, microseconds since 1970, row in the file."""

Readings = NDArray[np.void]

LONGEST = 200
"""Signs of a refused text that are kept."""

NO_STATION = {
    BLANK: Text(zh="站点为空", en="the station is blank"),
    UNKNOWN: Text(zh="站点不在项目的站点表中", en="the project does not know the station"),
    TWICE: Text(zh="站点名称对应不止一个站点", en="more than one station has this name"),
}
NO_NUMBER = Text(zh="不是数字", en="it is not a number")
A_FORMULA = Text(zh="是公式，请粘贴为数值", en="it is a formula; paste it as a value")


@dataclass(frozen=True)
class Refused:
    """A value that is not taken, as it stands in the file, and why."""

    table: str
    row: int
    station: str
    time: str
    item: str
    value: str
    reason: Text


@dataclass
class Tally:
    """Values of one file: ``read`` are all that the file gives for the network's items.

    ``read`` = ``left_out`` (stations that are not the project's) + rejected + ``repeated`` +
    those that are taken. ``missing`` are blank; ``other`` are values of items that are not read,
    ``outside`` those left out by station.
    """

    read: int = 0
    missing: int = 0
    left_out: int = 0
    rejected: int = 0
    repeated: int = 0
    other: Counter[str] = field(default_factory=Counter)
    outside: Counter[str] = field(default_factory=Counter)
    reasons: Counter[Text] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, one: Refused) -> None:
        """Count and keep a refused value.

        Raises
        ------
        DataError
            There are so many that the file is not what it was taken for.
        """
        self.rejected += 1
        if self.rejected > MOST_REFUSED:
            raise DataError(
                f"{one.table} 有超过 {MOST_REFUSED:,} 个值被拒收"
                f"（如第 {one.row} 行：{one.reason.zh}），"
                "请核对文件的格式。",
                f"More than {MOST_REFUSED:,} values of {one.table} are refused (such as row "
                f"{one.row}: {one.reason.en}); check the form of the file.",
            )
        self.reasons[one.reason] += 1
        self.refused.append(one)


@dataclass(frozen=True)
class Plan:
    """How one table is read: its columns by use, the same for each of its chunks."""

    table: str
    number: int
    network: Network
    mapping: Mapping
    header: tuple[str, ...]
    station: str
    now: datetime

    def at(self, name: str) -> int | None:
        """The place of a column of the mapping, None where it has none."""
        return place(self.header, name, self.table) if name else None

    @property
    def values(self) -> list[int]:
        """Places of the columns that hold values."""
        if self.mapping.shape == "wide":
            return [place(self.header, name, self.table) for name in self.mapping.items]
        if self.mapping.shape == "long":
            return [place(self.header, self.mapping.value, self.table)]
        used = {place(self.header, name, self.table) for name in columns_of(self.mapping)}
        return [at for at, name in enumerate(self.header) if name and at not in used]

    @property
    def shared(self) -> list[int]:
        """Places of the other columns, whose texts are few."""
        mapped = self.mapping
        names = (mapped.station, mapped.time, mapped.date, mapped.hour, mapped.item, mapped.unit)
        return [at for name in names if (at := self.at(name)) is not None]

    @property
    def wanted(self) -> list[int]:
        """Places of all columns that are read."""
        return sorted({*self.values, *self.shared})


@dataclass(frozen=True)
class _Axis:
    """Something known of each cell by its row or by its column: a number, and the text behind."""

    by_row: bool
    numbers: Ints
    texts: Sequence[str]
    places: Ints
    """Which of ``texts`` each row or column has."""

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """The numbers of cells."""
        return self.numbers[self.places[rows if self.by_row else columns]]

    def text(self, row: int, column: int) -> str:
        """The text of one cell."""
        return self.texts[int(self.places[row if self.by_row else column])]

    def count(self, rows: Ints, columns: Ints) -> Counter[str]:
        """How many of the cells have which text."""
        chosen = self.places[rows if self.by_row else columns]
        counts = np.bincount(chosen, minlength=len(self.texts))
        return Counter({self.texts[int(at)]: int(counts[at]) for at in np.flatnonzero(counts)})


def readings(plan: Plan, chunk: Chunk, stations: Stations, tally: Tally) -> Readings:
    """The readings of a chunk that pass every check, as ``READING``; the others are tallied.

    Raises
    ------
    DataError
        A unit is not the item's and no conversion was agreed on, or the values look so.
    """
    for fault in chunk.faults:
        tally.read += 1
        text = fault.text[:LONGEST]
        reason = Text(zh=fault.zh, en=fault.en)
        tally.refuse(Refused(plan.table, fault.row, "", "", "", text, reason))
    if not len(chunk.rows):
        return np.empty(0, READING)
    return _checked(_Block(plan, chunk, stations, tally))


class _Block:
    """A chunk laid out: values column below column, and what is known of rows and columns.

    Rows of items that are not read are counted and gone; ``rows`` are the places of the others.
    """

    def __init__(self, plan: Plan, chunk: Chunk, stations: Stations, tally: Tally) -> None:
        self.plan, self.chunk, self.stations, self.tally = plan, chunk, stations, tally
        self.heads = [plan.header[at] for at in plan.values]
        self.item, self.factor, self.unsure = _items(self)
        self.rows = np.arange(len(chunk.rows))
        self.texts: pa.Array = together([chunk.columns[at] for at in plan.values])
        if self.item.by_row:
            self._items_only()
        found = numbers(self.texts, plan.mapping.missing)
        self.values, self.wrong = found.values, found.wrong
        self.station = _stations(self)
        self.time, self.moments, self.troubles = _times(self)

    def _items_only(self) -> None:
        there = self.item.numbers[self.item.places] >= 0
        if there.all():
            return
        gone = np.flatnonzero(~there)
        dropped = self.texts.filter(pa.array(np.tile(~there, len(self.heads))))
        full = pc.not_equal(dropped, "").to_numpy(zero_copy_only=False)
        counts = full.reshape(len(self.heads), len(gone)).sum(axis=0)
        for at, count in zip(self.item.places[gone], counts, strict=True):
            self.tally.other[self.item.texts[int(at)]] += int(count)
        self.texts = self.texts.filter(pa.array(np.tile(there, len(self.heads))))
        self.rows = np.flatnonzero(there)

    def column(self, name: str) -> tuple[list[str], Ints]:
        """Texts of a column by its head, and which of them each row has."""
        return coded(self.chunk.columns[place(self.plan.header, name, self.plan.table)])


def _items(block: _Block) -> tuple[_Axis, Floats, set[int]]:
    """The items of cells (−1: none), the factor of each text, items whose unit nobody stated."""
    plan, mapping = block.plan, block.plan.mapping
    by_row = mapping.shape != "wide"
    texts, places = (
        block.column(mapping.item) if by_row else (block.heads, np.arange(len(block.heads)))
    )
    units = [""] * len(texts)
    if mapping.unit:
        texts, units, places = _with_units(texts, places, *block.column(mapping.unit))
    order = list(plan.network.items)
    numbers_, factors, unsure = [], [], set()
    for text, own in zip(texts, units, strict=True):
        named = item_of(plan.network, text)
        item = mapping.items.get(text) or (named[0] if named else None)
        numbers_.append(-1 if item is None else order.index(item))
        stated = own or (named[1] if named else None) or mapping.stated
        where = plan.table
        factors.append(
            1.0 if item is None else item_factor(where, plan.network, item, stated, mapping.units)
        )
        if item is not None and not stated and item not in mapping.units:
            unsure.add(order.index(item))
    axis = _Axis(by_row, np.array(numbers_, dtype=np.int64), texts, places)
    return axis, np.array(factors, dtype=float), unsure


def _with_units(
    texts: list[str], places: Ints, units: list[str], unit_places: Ints
) -> tuple[list[str], list[str], Ints]:
    """Each pair of an item's text and a unit that occurs, and which of them each row has."""
    pairs, found = np.unique(places * len(units) + unit_places, return_inverse=True)
    first, second = np.divmod(pairs, len(units))
    return [texts[at] for at in first], [units[at] for at in second], found.reshape(-1)


def _stations(block: _Block) -> _Axis:
    """The stations of cells: of the row, of the column (national), or one for the whole table."""
    plan, stations = block.plan, block.stations
    if plan.mapping.station:
        texts, places = block.column(plan.mapping.station)
        return _Axis(True, stations.numbers_of(texts), texts, places)
    if plan.mapping.shape == "national":
        found = stations.numbers_of(block.heads)
        # A column that is no station of the project is left out, whatever it is called.
        outside = np.where(np.isin(found, [UNKNOWN, TWICE]), OUT, found)
        return _Axis(False, outside, block.heads, np.arange(len(block.heads)))
    texts = [plan.station]
    places = np.zeros(len(block.heads), dtype=np.int64)
    return _Axis(False, stations.numbers_of(texts), texts, places)


def _times(block: _Block) -> tuple[_Axis, Ints, list[Trouble]]:
    """The times of rows: which of the moments (microseconds), and what is wrong with each."""
    mapping, network = block.plan.mapping, block.plan.network
    if mapping.time:
        texts, places = block.column(mapping.time)
        read = moments(texts, mapping.zone, network.grain == "hour")
    else:
        days, hours, places = _with_units(*block.column(mapping.date), *block.column(mapping.hour))
        texts = [f"{day} {hour}".strip() for day, hour in zip(days, hours, strict=True)]
        read = combined(days, hours, mapping.zone)
    troubles = _judged(read, network, block.plan.now)
    axis = _Axis(True, np.arange(len(texts)), texts, places)
    return axis, read.moments.astype(np.int64), troubles


def _judged(read: Times, network: Network, now: datetime) -> list[Trouble]:
    """Troubles of times, those that depend on the clock and on the grain among them."""
    there = ~np.isnat(read.moments)
    future = there & (read.moments > np.datetime64(now, "us"))
    off = there & ~on_grain(network, np.where(there, read.moments, np.datetime64(0, "us")))
    told: Trouble = "off_hour" if network.grain == "hour" else "off_day"
    return [
        trouble or ("future" if future[at] else told if off[at] else "")
        for at, trouble in enumerate(read.troubles)
    ]


def _checked(block: _Block) -> Readings:
    """What of a block is taken; every other value is counted, left out or refused."""
    tally = block.tally
    if not len(block.rows):
        return np.empty(0, READING)
    live = np.flatnonzero(block.wrong | ~np.isnan(block.values))
    tally.missing += len(block.values) - len(live)
    tally.read += len(live)
    columns, rows = np.divmod(live, len(block.rows))
    rows = block.rows[rows]
    station = block.station.at(rows, columns)
    out = station == OUT
    if out.any():
        tally.left_out += int(out.sum())
        tally.outside.update(block.station.count(rows[out], columns[out]))
        live, columns, rows, station = (one[~out] for one in (live, columns, rows, station))
    item = block.item.at(rows, columns)
    values = _converted(block, live, rows, columns)
    _plausible(block, item, values)
    return _taken(block, _Cells(live, rows, columns, item, station, values))


def _converted(block: _Block, live: Ints, rows: Ints, columns: Ints) -> Floats:
    values = block.values[live]
    if (block.factor == 1.0).all():
        return values
    times = block.factor[block.item.places[rows if block.item.by_row else columns]]
    # 1.1 × 1000 is 1100, not 1100.0000000000002; what needs no factor stays as it is.
    return np.where(times == 1.0, values, np.round(values * times, 9))


UGLY_LARGE, UGLY_SMALL, FEW = 100.0, 0.5, 24
"""A median above this is no mg/m³, one below that (of at least so many values) no μg/m³: CO is
0.3 to 3 mg/m³ in cities and the others are some μg/m³ at the least, so a unit was mistaken."""


def _plausible(block: _Block, item: Ints, values: Floats) -> None:
    """Refuse a table whose values look like another unit than nobody stated."""
    for number in sorted(block.unsure):
        name = list(block.plan.network.items)[number]
        unit = block.plan.network.items[name].unit
        own = values[(item == number) & ~np.isnan(values)]
        if not len(own):
            continue
        median = float(np.median(own))
        if unit == "mg/m³" and median > UGLY_LARGE:
            raise _mistaken(block.plan, name, median, "μg/m³", unit)
        if unit == "μg/m³" and len(own) >= FEW and 0 < median < UGLY_SMALL:
            raise _mistaken(block.plan, name, median, "mg/m³", unit)


def _mistaken(plan: Plan, item: str, median: float, likely: str, unit: str) -> DataError:
    title = plan.network.items[item].title
    return DataError(
        f"{plan.table}：{title.zh}的中位数为 {median:g}，像是 {likely} 而不是 {unit}；"
        f"请用 --unit {item}={likely} 或 --unit {item}={unit} 说明。",
        f"{plan.table}: the median of {title.en} is {median:g}, which looks like {likely} and not "
        f"{unit}; say --unit {item}={likely} or --unit {item}={unit}.",
    )


@dataclass(frozen=True)
class _Cells:
    """Cells that hold something for a station and an item of the project."""

    at: Ints
    rows: Ints
    columns: Ints
    item: Ints
    station: Ints
    values: Floats


def _taken(block: _Block, cells: _Cells) -> Readings:
    network = block.plan.network
    time = block.time.at(cells.rows, cells.columns)
    troubled = np.array([bool(one) for one in block.troubles])[time]
    low = np.array([one.min for one in network.items.values()])[cells.item]
    high = np.array([one.max for one in network.items.values()])[cells.item]
    outside = (cells.values < low) | (cells.values > high)
    wrong = block.wrong[cells.at]
    refused: Flags = troubled | (cells.station < 0) | wrong | outside
    if refused.any():
        _refuse(block, cells, np.flatnonzero(refused), time)
    good = ~refused
    found = np.empty(int(good.sum()), READING)
    found["station"], found["item"] = cells.station[good], cells.item[good]
    found["time"] = block.moments[time[good]]
    found["row"], found["table"] = block.chunk.rows[cells.rows[good]], block.plan.number
    found["value"] = cells.values[good]
    return found


def _refuse(block: _Block, cells: _Cells, places: Ints, time: Ints) -> None:
    texts = texts_at(block.texts, cells.at[places])
    for at, text in zip(places, texts, strict=True):
        row, column = int(cells.rows[at]), int(cells.columns[at])
        reason = _reason(block, cells, int(at), int(time[at]), text)
        block.tally.refuse(
            Refused(
                block.plan.table,
                int(block.chunk.rows[row]),
                block.station.text(row, column)[:LONGEST],
                block.time.text(row, column)[:LONGEST],
                block.item.text(row, column)[:LONGEST],
                text[:LONGEST],
                reason,
            )
        )


def _reason(block: _Block, cells: _Cells, at: int, time: int, text: str) -> Text:
    """The first reason, in the order in which a reader would look: station, time, value."""
    station = int(cells.station[at])
    if station < 0:
        return NO_STATION[station]
    trouble = block.troubles[time]
    if trouble:
        return TROUBLES[trouble]
    if block.wrong[cells.at[at]]:
        return A_FORMULA if text.lstrip().startswith("=") else NO_NUMBER
    item = list(block.plan.network.items.values())[int(cells.item[at])]
    span = f"[{item.min:g}, {item.max:g}] {item.unit}"
    return Text(zh=f"超出范围 {span}", en=f"it is outside {span}")
