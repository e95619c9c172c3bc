"""GCJ-02 and BD-09 against pairs that others have published, and the way back."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bsh_geo import own_datum
from bsh_geo.own_datum import Datum

METRE_LON, METRE_LAT = 1 / 95_400, 1 / 110_900
"""Degrees of a metre at Shanghai."""

GCJ_PAIRS = (
    # WGS 84, GCJ-02: test pairs of the open converter "eviltransform" (Shanghai, Shenzhen, Beijing)
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
)

BD_PAIRS = (
    # GCJ-02, BD-09: README of the open converter "coordtransform"
    ((116.404, 39.915), (116.41036949371029, 39.92133699351021)),
    ((116.39762729119315, 39.90865673957631), (116.404, 39.915)),
)

BAIDU = ((114.21892734521, 29.575429778924), (114.2307519546763, 29.57908428837437))
"""WGS 84 and BD-09: the answer of Baidu's own service (geoconv, from=1, to=5)."""


def metres(found: tuple[float, float], expected: tuple[float, float]) -> float:
    east = (found[0] - expected[0]) / METRE_LON
    north = (found[1] - expected[1]) / METRE_LAT
    return float(np.hypot(east, north))


def moved(pair: tuple[float, float], source: Datum, target: Datum) -> tuple[float, float]:
    x, y = own_datum.moved(np.array([pair[0]]), np.array([pair[1]]), source, target)
    return float(x[0]), float(y[0])


@pytest.mark.parametrize(("wgs", "gcj"), GCJ_PAIRS)
def test_gcj02_agrees_with_published_pairs_both_ways_to_a_millimetre(
    wgs: tuple[float, float], gcj: tuple[float, float]
) -> None:
    assert metres(moved(wgs, "wgs84", "gcj02"), gcj) < 0.001
    assert metres(moved(gcj, "gcj02", "wgs84"), wgs) < 0.001


@pytest.mark.parametrize(("gcj", "bd"), BD_PAIRS)
def test_bd09_agrees_with_published_pairs_both_ways(
    gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    assert metres(moved(gcj, "gcj02", "bd09"), bd) < 0.1
    assert metres(moved(bd, "bd09", "gcj02"), gcj) < 0.1


def test_bd09_agrees_with_an_answer_of_baidu_to_a_metre() -> None:
    wgs, bd = BAIDU
    assert metres(moved(wgs, "wgs84", "bd09"), bd) < 1
    assert metres(moved(bd, "bd09", "wgs84"), wgs) < 1


def test_the_converted_sections_of_the_facts_agree_to_a_tenth_of_a_metre(facts: Path) -> None:
    with (facts / "water_stations.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if "treated as GCJ-02" in row["datum_note"]]
    assert len(rows) >= 15
    for row in rows:
        given = float(row["lon_src"]), float(row["lat_src"])
        expected = float(row["lon_wgs84"]), float(row["lat_wgs84"])
        if metres(given, expected) > 100:
            assert metres(moved(given, "gcj02", "wgs84"), expected) < 0.1


@given(
    st.floats(120.5, 122.5), st.floats(30.4, 32.2),
    st.sampled_from(own_datum.DATUMS), st.sampled_from(own_datum.DATUMS),
)  # fmt: skip
def test_there_and_back_is_the_same_place_to_a_millimetre(
    lon: float, lat: float, source: Datum, target: Datum
) -> None:
    there = moved((lon, lat), source, target)
    assert metres(moved(there, target, source), (lon, lat)) < 0.001


def test_in_shanghai_gcj02_is_about_480_metres_and_bd09_a_kilometre_off() -> None:
    place = (121.47, 31.23)
    assert metres(moved(place, "wgs84", "gcj02"), place) == pytest.approx(480, abs=30)
    assert metres(moved(place, "wgs84", "bd09"), place) == pytest.approx(1130, abs=150)


def test_a_missing_place_stays_missing() -> None:
    x, y = own_datum.moved(np.array([np.nan, 121.0]), np.array([np.nan, 31.0]), "bd09", "wgs84")
    assert np.isnan(x[0])
    assert np.isfinite([x[1], y[1]]).all()
