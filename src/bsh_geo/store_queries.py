"""Questions to a store of readings in, Ibis expressions out: the same for every engine.

Nothing here knows DuckDB, PostgreSQL or Spark. A table of readings has ``station``, ``time``, a
column per item and ``batch``; ``incoming`` rows have a running number ``row`` in place of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, reduce
from operator import add
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from bsh_geo.networks import Network
from bsh_geo.store_records import day_columns

WINDOW = 8
"""Hours of a running mean of ozone (HJ 663)."""

WINDOW_VALID = 6
"""Hours that such a mean needs (GB 3095 table 4)."""

_NEVER = -1e300


def readings(
    network: Network, name: str = "readings", columns: Iterable[str] | None = None
) -> ir.Table:
    """A table of readings that is bound to no engine.

    ``columns`` are those that the engine's table has, in its order, where that may differ from
    the declaration: what is asked of all of them becomes ``SELECT *``. Lacking items are missing.
    """
    if columns is None:
        return _table(network.items, name, batch="int64")
    fixed = {"station": "string", "time": "timestamp(6)", "batch": "int64"}
    table = ibis.table({one: fixed.get(one, "float64") for one in columns}, name=name)
    lacking = [item for item in network.items if item not in table.columns]
    return table.mutate(**{item: ibis.null("float64") for item in lacking}) if lacking else table


def incoming(network: Network, name: str = "incoming") -> ir.Table:
    """A table of rows to be written, numbered in the order in which they came."""
    return _table(network.items, name, row="int64")


def fresh(network: Network, name: str = "latest") -> ir.Table:
    """A table of what ``latest`` makes of the rows to be written, with the import's number."""
    return _table(network.items, name, batch="int64")


def _table(items: Iterable[str], name: str, **more: str) -> ir.Table:
    columns = dict.fromkeys(items, "float64") | more
    return ibis.table({"station": "string", "time": "timestamp(6)", **columns}, name=name)


def sql(expression: ir.Table, dialect: str) -> str:
    """The expression in the SQL of ``duckdb`` or ``postgres``."""
    return str(ibis.to_sql(expression, dialect=dialect))


@cache
def days_sql(declaration: str, dialect: str) -> str:
    """``days`` of a whole table ``readings`` as SQL; compiled once, as that takes 0.1 s.

    ``declaration`` is the network as JSON.
    """
    network = Network.model_validate_json(declaration)
    return sql(days(network, readings(network)), dialect)


@cache
def merging_sql(declaration: str, dialect: str) -> dict[str, str]:
    """What an import asks of ``incoming``, ``latest`` and ``readings``, by name, as SQL."""
    network = Network.model_validate_json(declaration)
    new, old = fresh(network), readings(network)
    asked = {
        "latest": latest(network, incoming(network)),
        "outcome": outcome(network, new, old),
        "corrections": corrections(network, new, old),
        "merged": merged(network, new, old),
        "codes": codes(new),
    }
    return {name: sql(one, dialect) for name, one in asked.items()}


# Questions


def chosen(
    rows: ir.Table,
    stations: Iterable[str] | None = None,
    first: pd.Timestamp | None = None,
    last: pd.Timestamp | None = None,
) -> ir.Table:
    """The rows of some stations with labels from ``first`` to ``last``, both included."""
    if stations is not None:
        rows = rows.filter(rows.station.isin(sorted(set(stations))))
    if first is not None:
        rows = rows.filter(rows.time >= _time(first))
    if last is not None:
        rows = rows.filter(rows.time <= _time(last))
    return rows


def of_days(
    network: Network,
    rows: ir.Table,
    stations: Iterable[str] | None = None,
    first: pd.Timestamp | None = None,
    last: pd.Timestamp | None = None,
) -> ir.Table:
    """The rows of some stations that belong to the days ``first`` to ``last``, both included."""
    late = pd.Timedelta(seconds=1 if network.grain == "hour" else 0)
    end = None if last is None else last + pd.Timedelta(days=1) + late
    rows = chosen(rows, stations, None if first is None else first + late)
    return rows if end is None else rows.filter(rows.time < _time(end))


def _time(moment: pd.Timestamp) -> ir.TimestampScalar:
    return ibis.timestamp(moment.isoformat())


def hours(rows: ir.Table, items: Iterable[str]) -> ir.Table:
    """The rows in order, with those items."""
    return rows.select("station", "time", *items, "batch").order_by("station", "time")


def days(network: Network, rows: ir.Table) -> ir.Table:
    """A row per station and day, in order: see ``Store.days`` for the columns."""
    late = ibis.interval(seconds=1 if network.grain == "hour" else 0)
    moment = rows.time - late
    dated = rows.mutate(date=moment.truncate("D"), hour=moment.hour() + 1)
    figures: dict[str, ir.Value] = {}
    for name, item in network.items.items():
        column = dated[name]
        figures[f"{name}_{network.counted}"] = column.count()
        if item.daily == "mean":
            figures[name] = column.mean()
        else:
            figures[f"{name}_1h"] = column.max()
            figures |= {_at(name, hour): column.max(where=dated.hour == hour) for hour in _DAY}
    made = dated.group_by("station", "date").aggregate(**figures)
    for name, item in network.items.items():
        if item.daily == "eight_hour":
            made = _eight_hours(made, name)
    return made.select("station", "date", *network.day_columns).order_by("station", "date")


_DAY = range(1, 25)
"""The hours of a day by the labels of their ends, 24 being midnight."""


def _at(name: str, hour: int) -> str:
    return f"{name}_at_{hour}"


def _eight_hours(made: ir.Table, name: str) -> ir.Table:
    """The largest valid mean of eight hours of a day whose hours stand side by side."""
    ends = _DAY[WINDOW - 1 :]
    means = made.mutate(
        **{
            f"{name}_to_{end}": _mean(
                [made[_at(name, hour)] for hour in range(end - WINDOW + 1, end + 1)]
            )
            for end in ends
        }
    )
    columns = [means[f"{name}_to_{end}"] for end in ends]
    # Engines differ in what the greatest of some nulls is; of numbers they do not.
    top = ibis.greatest(*[column.fill_null(_NEVER) for column in columns])
    counted = means.mutate(
        **{f"{name}_8h_windows": _present(columns).cast("int64"), f"{name}_8h": top}
    )
    none = counted[f"{name}_8h_windows"] == 0
    return counted.mutate(
        **{f"{name}_8h": ibis.ifelse(none, ibis.null("float64"), counted[f"{name}_8h"])}
    )


def _mean(values: list[ir.Value]) -> ir.Value:
    count = _present(values)
    total = reduce(add, [value.fill_null(0.0) for value in values])
    return ibis.ifelse(count >= WINDOW_VALID, total / count, ibis.null("float64"))


def _present(values: list[ir.Value]) -> ir.Value:
    """How many there are; PostgreSQL makes no number of a truth."""
    return reduce(add, [ibis.ifelse(value.notnull(), 1, 0) for value in values])


def day_rows(network: Network, name: str = "days") -> ir.Table:
    """A table of what ``days`` gives, bound to no engine."""
    types = {"float64": "float64", "int64": "int64", "str": "string"}
    columns = {name: types.get(kind, "timestamp(6)") for name, kind in day_columns(network).items()}
    return ibis.table(columns, name=name)


def chosen_days(
    rows: ir.Table,
    stations: Iterable[str] | None = None,
    first: pd.Timestamp | None = None,
    last: pd.Timestamp | None = None,
) -> ir.Table:
    """The days of some stations from ``first`` to ``last``, both included, in order."""
    if stations is not None:
        rows = rows.filter(rows.station.isin(sorted(set(stations))))
    if first is not None:
        rows = rows.filter(rows.date >= _time(first))
    if last is not None:
        rows = rows.filter(rows.date <= _time(last))
    return rows.order_by("station", "date")


def totals(network: Network, rows: ir.Table) -> ir.Table:
    """One row: first and last label, rows, and the values of each item."""
    values = {name: rows[name].count() for name in network.items}
    return rows.aggregate(first=rows.time.min(), last=rows.time.max(), rows=rows.count(), **values)


def months(network: Network, rows: ir.Table) -> ir.Table:
    """The first day of every month with a row, in order; an hour belongs to the day it ends."""
    late = ibis.interval(seconds=1 if network.grain == "hour" else 0)
    return rows.select(month=(rows.time - late).truncate("M")).distinct().order_by("month")


def codes(rows: ir.Table) -> ir.Table:
    """Every station once, in order."""
    return rows.select("station").distinct().order_by("station")


# Writing


def latest(network: Network, came: ir.Table) -> ir.Table:
    """One row per station and time with a value: of several of an item the one that came last."""
    came = came.filter(ibis.or_(*[came[name].notnull() for name in network.items]))
    values = {
        name: came[name].argmax(came.row, where=came[name].notnull()) for name in network.items
    }
    return came.group_by("station", "time").aggregate(**values)


def outcome(network: Network, new: ir.Table, old: ir.Table) -> ir.Table:
    """One row: how many of the new values are stored, replace another one, change nothing."""
    pairs = _beside(network, new, old)
    tested: dict[str, list[ir.Value]] = {"stored": [], "replaced": [], "unchanged": []}
    for name in network.items:
        fresh, known = pairs[name], pairs[_old(name)]
        tested["stored"].append((fresh.notnull() & known.isnull()).sum())
        tested["replaced"].append((fresh != known).sum())
        tested["unchanged"].append((fresh == known).sum())
    counts: Mapping[str, Any] = {
        key: reduce(add, [count.fill_null(0) for count in each]).cast("int64")
        for key, each in tested.items()
    }
    return pairs.aggregate(**counts)


def corrections(network: Network, new: ir.Table, old: ir.Table) -> ir.Table:
    """A row per value that takes the place of another one, in order: station, time, item, both."""
    pairs = _beside(network, new, old)
    each = [
        pairs.filter(pairs[name] != pairs[_old(name)]).select(
            "station", "time", item=ibis.literal(name), old=_old(name), new=name
        )
        for name in network.items
    ]
    return ibis.union(*each).order_by("station", "time", "item")


def changed(network: Network, new: ir.Table, old: ir.Table) -> ir.Table:
    """The new rows that store or replace anything."""
    pairs = _beside(network, new, old)
    tests = [_differs(pairs[name], pairs[_old(name)]) for name in network.items]
    return pairs.filter(ibis.or_(*tests)).select("station", "time", *network.items, "batch")


def merged(network: Network, new: ir.Table, old: ir.Table) -> ir.Table:
    """The old rows with the new values laid over them, in order; a missing one deletes nothing."""
    both = new.outer_join(old, ["station", "time"], rname="{name}_old")
    tests = [_differs(both[name], both[_old(name)]) for name in network.items]
    touched = ibis.or_(both.batch_old.isnull(), *tests)
    values = {name: ibis.coalesce(both[name], both[_old(name)]) for name in network.items}
    return both.select(
        station=ibis.coalesce(both.station, both.station_old),
        time=ibis.coalesce(both.time, both.time_old),
        **values,
        batch=ibis.ifelse(touched, both.batch, both.batch_old),
    ).order_by("station", "time")


def _old(name: str) -> str:
    return f"{name}_old"


def _beside(network: Network, new: ir.Table, old: ir.Table) -> ir.Table:
    """The new rows, each with the old values of its station and time."""
    return new.left_join(old, ["station", "time"], rname="{name}_old")


def _differs(fresh: ir.Value, known: ir.Value) -> ir.Value:
    """Whether a value is stored or replaced; never null."""
    return fresh.notnull() & (known.isnull() | (fresh != known).fill_null(False))
