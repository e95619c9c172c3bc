"""Values and fixed breaks in, classes out: one rule for the map, the legend and the table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsh_geo.catalogue import Metric

NO_DATA = "nodata"


@dataclass(frozen=True)
class Bin:
    """One class of a metric: values above ``low`` and up to ``high`` (both in its unit)."""

    key: str
    low: float
    high: float
    colour: str


def bins(metric: Metric) -> tuple[Bin, ...]:
    """The classes of a metric from low to high; the outer ones end at the valid range."""
    edges = (metric.valid[0], *metric.breaks, metric.valid[1])
    return tuple(
        Bin(str(number), low, high, colour)
        for number, (low, high, colour) in enumerate(
            zip(edges[:-1], edges[1:], metric.palette, strict=True)
        )
    )


def classify(values: pd.Series, metric: Metric) -> pd.Series:
    """The class key of each value; a value on a break falls in the class below it.

    Missing values and values outside the valid range are ``NO_DATA``; the index is kept.
    """
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    place = np.searchsorted(np.asarray(metric.breaks, dtype=float), numbers, side="left")
    usable = numbers.between(*metric.valid)
    keys = pd.Series(place.astype(str), index=values.index, dtype=object)
    return keys.where(usable, NO_DATA)


def number(value: float, decimals: int) -> str:
    """A number as the product writes it: thousands separated, a true minus sign."""
    return f"{value:,.{decimals}f}".replace("-", "−")


def bin_label(one: Bin, metric: Metric, lang: str) -> str:
    """How the legend names a class, such as ``≤20``, ``20–25``, ``>35``."""
    low, high = (_plain(edge) for edge in (one.low, one.high))
    if one.low == metric.valid[0]:
        return f"≤ {high}" if metric.breaks else ("全部" if lang == "zh" else "all")
    if one.high == metric.valid[1]:
        return f"> {low}"
    return f"{low} – {high}"


def _plain(edge: float) -> str:
    return f"{edge:g}".replace("-", "−")
