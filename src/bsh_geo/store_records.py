"""What a store of readings takes and tells: batches, their outcome, extents; rows checked.

A reading is a value of an item at a station and time. Rows are wide: ``station``, ``time`` (naive
Asia/Shanghai, the label as published), one float64 column per item (NaN: no value).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

from bsh_geo.errors import DataError
from bsh_geo.networks import Network, on_grain

Moment: TypeAlias = str | date | datetime | pd.Timestamp
Rows: TypeAlias = pd.DataFrame | Iterable[pd.DataFrame]

PATIENCE = 5.0
"""Seconds that an import waits for another one before it says so."""

SHOWN_CORRECTIONS = 1000
"""Replaced values that the outcome of an import carries; the store keeps all of them."""


@dataclass(frozen=True)
class BatchInfo:
    """Where the rows of one import come from; ``mapping`` says which column became which item."""

    file: str
    sha256: str = ""
    source: str = ""
    quality: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Written:
    """What one import did; ``read_values`` is the sum of the four counts after it.

    ``repeated`` values were given more than once for one station, time and item: the last counts.
    ``corrections`` has the first thousand replaced values with their old ones.
    """

    batch: int
    read_values: int
    stored: int
    replaced: int
    unchanged: int
    repeated: int
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    corrections: pd.DataFrame = field(compare=False)


@dataclass(frozen=True)
class Extent:
    """What a network's readings cover: labels from ``first`` to ``last``, values by item."""

    first: pd.Timestamp | None
    last: pd.Timestamp | None
    stations: tuple[str, ...]
    rows: int
    values: dict[str, int]


class Store(Protocol):
    """Readings by network id, wherever they are kept: files, PostgreSQL, or nowhere yet."""

    def exists(self, network: str) -> bool:
        """Whether there is any reading."""

    def write(self, network: str, rows: Rows, batch: BatchInfo) -> Written:
        """Store rows all at once or not at all.

        A value takes the place of an older one of its station, time and item, which is then kept
        in the corrections; an equal one changes nothing; a missing one deletes nothing. Of
        several in one import the last counts. Memory stays bounded for an iterator of frames.

        Raises
        ------
        DataError
            A row is no reading of the network, another import runs, or the store cannot be
            written. Nothing is stored then.
        """

    def batches(self, network: str) -> pd.DataFrame:
        """A row per import, oldest first; columns are ``BATCH_COLUMNS``."""

    def corrections(self, network: str, batch: int | None = None) -> pd.DataFrame:
        """A row per replaced value; columns are ``CORRECTION_COLUMNS``."""

    def extent(self, network: str) -> Extent:
        """From when to when, which stations, how many rows and values."""

    def months(self, network: str) -> tuple[str, ...]:
        """The months (``YYYY-MM``) with any row, oldest first."""

    def digest(self, network: str) -> str:
        """A short fingerprint that changes when any reading does; empty without readings."""

    def hours(
        self,
        network: str,
        stations: Iterable[str] | None = None,
        first: Moment | None = None,
        last: Moment | None = None,
        items: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Rows by station and time, both ends included, with the batch that last changed each.

        Columns: ``station``, ``time``, the items, ``batch``.
        """

    def days(
        self,
        network: str,
        stations: Iterable[str] | None = None,
        first: Moment | None = None,
        last: Moment | None = None,
    ) -> pd.DataFrame:
        """A row per station and day with any row, days ``first`` to ``last`` included.

        Raw and unrounded. Columns: ``station``, ``date`` (midnight) and ``Network.day_columns``:
        ``<item>`` the mean of the day's values, ``<item>_hours`` (``_count`` where the grain is
        not the hour) how many there are; for ozone ``o3_8h`` the largest valid mean of eight
        hours ending 08:00 … 24:00 (valid: six of them, HJ 663), ``o3_8h_windows`` how many are
        valid, ``o3_1h`` the largest hourly value, ``o3_hours``.
        """

    def verify(self, network: str) -> int:
        """Read everything against its recorded digests; how many pieces were compared."""


BATCH_COLUMNS: dict[str, str] = {
    "batch": "int64",
    "when": "datetime64[us]",
    "file": "str",
    "sha256": "str",
    "source": "str",
    "quality": "str",
    "mapping": "str",
    "note": "str",
    "read_values": "int64",
    "stored": "int64",
    "replaced": "int64",
    "unchanged": "int64",
    "repeated": "int64",
    "first": "datetime64[us]",
    "last": "datetime64[us]",
}
"""Columns of the log of imports; ``when`` is UTC, ``mapping`` is JSON."""

_TOLD = (*("batch", "read_values", "stored", "replaced", "unchanged", "repeated", "first", "last"),)

CORRECTION_COLUMNS: dict[str, str] = {
    "station": "str",
    "time": "datetime64[us]",
    "item": "str",
    "old": "float64",
    "new": "float64",
    "batch": "int64",
    "when": "datetime64[us]",
}
"""Columns of the log of replaced values; ``when`` is UTC."""


def empty(columns: dict[str, str]) -> pd.DataFrame:
    """A frame of no rows with typed columns."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})


def hour_columns(network: Network, items: Iterable[str] | None = None) -> dict[str, str]:
    """Columns of ``Store.hours`` and their types."""
    chosen = list(network.items if items is None else items)
    unknown = [item for item in chosen if item not in network.items]
    if unknown:
        raise DataError(
            f"监测网络 {network.id} 没有项目 {unknown[0]}，可用：{'、'.join(network.items)}。",
            f"The network {network.id} has no item {unknown[0]}; known: "
            f"{', '.join(network.items)}.",
        )
    return {
        "station": "str",
        "time": "datetime64[us]",
        **dict.fromkeys(chosen, "float64"),
        "batch": "int64",
    }


def day_columns(network: Network) -> dict[str, str]:
    """Columns of ``Store.days`` and their types."""
    counts = ("_windows", f"_{network.counted}")
    return {
        "station": "str",
        "date": "datetime64[us]",
        **{
            name: "int64" if name not in network.items and name.endswith(counts) else "float64"
            for name in network.day_columns
        },
    }


def moment(given: Moment | None, what: str) -> pd.Timestamp | None:
    """A naive time as ``hours`` takes it; None stays None."""
    if given is None:
        return None
    try:
        found = pd.Timestamp(given)
    except ValueError as error:
        raise DataError(
            f"{what} 的值“{given}”不是时间，应如 2025-01-31 或 2025-01-31 13:00。",
            f"{what} “{given}” is no time; 2025-01-31 or 2025-01-31 13:00 was expected.",
        ) from error
    if pd.isna(found) or found.tzinfo is not None:
        raise DataError(
            f"{what} 的值“{given}”应为不带时区的北京时间。",
            f"{what} “{given}” should be a time of Asia/Shanghai without a zone.",
        )
    return found.as_unit("us")


def day(given: Moment | None, what: str) -> pd.Timestamp | None:
    """The day of such a time, as ``days`` takes it."""
    found = moment(given, what)
    return None if found is None else found.normalize()


def busy(shown: str) -> DataError:
    """The fault of an import that meets another one."""
    return DataError(
        f"另一个导入正在写入 {shown}，请待其结束后再试；未写入任何读数。",
        f"Another import is writing to {shown}; try again when it has ended. Nothing was stored.",
    )


def batch_row(written: Written, info: BatchInfo, when: datetime) -> dict[str, Any]:
    """What the log of imports keeps of one: a value for each of ``BATCH_COLUMNS``."""
    told = {name: getattr(written, name) for name in _TOLD}
    texts = asdict(info) | {"mapping": json.dumps(info.mapping, ensure_ascii=False)}
    return {**told, **texts, "when": when}


def checked(network: Network, rows: Rows) -> Iterator[pd.DataFrame]:
    """Each frame with exactly the columns of the network, typed; a row that is none is an error."""
    frames = iter([rows] if isinstance(rows, pd.DataFrame) else rows)
    while True:
        try:
            frame = next(frames, None)
        except OSError as error:
            raise DataError(
                f"要导入的数据无法读取：{error}；未写入任何读数。",
                f"What should be imported cannot be read: {error}. Nothing was stored.",
            ) from error
        if frame is None:
            return
        if len(frame):
            yield _checked(network, frame)


def _checked(network: Network, frame: pd.DataFrame) -> pd.DataFrame:
    unknown = [str(name) for name in frame.columns if name not in _columns(network)]
    missing = [name for name in ("station", "time") if name not in frame.columns]
    if unknown or missing or not set(network.items) & set(frame.columns):
        wanted = ", ".join(_columns(network))
        raise DataError(
            f"写入 {network.id} 的列为 {', '.join(map(str, frame.columns))}，应为 {wanted}。",
            f"The columns written to {network.id} are {', '.join(map(str, frame.columns))}; "
            f"{wanted} was expected.",
        )
    made = {"station": _stations(network, frame), "time": _times(network, frame["time"])}
    for name in network.items:
        if name in frame.columns:
            made[name] = _values(network, name, frame)
    return pd.DataFrame(made)


def _columns(network: Network) -> list[str]:
    return ["station", "time", *network.items]


def _stations(network: Network, frame: pd.DataFrame) -> pd.Series:
    stations = frame["station"]
    faulty = [one for one in stations.unique() if not isinstance(one, str) or one.strip() != one]
    if faulty or (stations == "").any():
        raise DataError(
            f"写入 {network.id} 的站点编码 {faulty[0] if faulty else ''!r} 应为不空的文本。",
            f"The station code {faulty[0] if faulty else ''!r} written to {network.id} should be "
            "text that is not blank.",
        )
    return stations.astype("str").reset_index(drop=True)


def _times(network: Network, times: pd.Series) -> pd.Series:
    if not (isinstance(times.dtype, np.dtype) and times.dtype.kind == "M") or times.isna().any():
        raise DataError(
            f"写入 {network.id} 的 time 应为不带时区且不缺的时间，实为 {times.dtype}。",
            f"The column time written to {network.id} should hold times without a zone and none "
            f"missing; it holds {times.dtype}.",
        )
    moments = times.to_numpy().astype("datetime64[us]")
    fits = on_grain(network, moments)
    if not fits.all():
        shown = pd.Timestamp(moments[int(fits.argmin())])
        raise DataError(
            f"{network.id} 的时间 {shown} 不合粒度 {network.grain}（整点、零点或任意）。",
            f"The time {shown} does not fit the grain {network.grain} of {network.id}.",
        )
    return pd.Series(moments)


def _values(network: Network, name: str, frame: pd.DataFrame) -> pd.Series:
    item = network.items[name]
    values = frame[name].to_numpy(dtype="float64", na_value=np.nan)
    wrong = (values < item.min) | (values > item.max)
    if wrong.any():
        at = int(wrong.argmax())
        where = f"{frame['station'].iloc[at]} {frame['time'].iloc[at]}"
        raise DataError(
            f"{where} 的 {name} 为 {values[at]:g}，超出范围 [{item.min:g}, {item.max:g}]。",
            f"{name} at {where} is {values[at]:g}, outside [{item.min:g}, {item.max:g}].",
        )
    return pd.Series(values)
