"""The hourly AQI of millions of station-hours, against python-aqi (HJ 633-2012, row by row).

The peer gets a share of the rows, since it would take hours for all of them; both print rows a
second. python-aqi knows the 24-hour break points only, so both are given particles, CO and the
8-hour ozone, and the results are compared before anything is timed.
"""

from __future__ import annotations

import aqi as peer
import numpy as np
import pandas as pd
from report import in_turn, options, print_machine, print_table, ratio

from bsh_geo import aqi, standards
from bsh_geo.project import open_project

PEER = {"pm25": peer.POLLUTANT_PM25, "pm10": peer.POLLUTANT_PM10, "o3_8h": peer.POLLUTANT_O3_8H}
SEED = 633


def made_up(count: int) -> pd.DataFrame:
    """Concentrations over the whole range of the tables, one in thirty missing."""
    chance = np.random.default_rng(SEED)
    top = {"pm25": 300, "pm10": 500, "o3_8h": 500}
    rows = pd.DataFrame({item: chance.integers(1, most, count) for item, most in top.items()})
    return rows.astype(float).mask(chance.random(rows.shape) < 1 / 30)


def by_peer(rows: pd.DataFrame) -> list[int]:
    """The peer's AQI of each row, missing pollutants left out."""
    found = []
    for row in rows.to_dict("records"):
        known = [(PEER[item], str(value)) for item, value in row.items() if not np.isnan(value)]
        found.append(int(peer.to_aqi(known, algo=peer.ALGO_MEP)) if known else -1)
    return found


def main() -> None:
    parser = options("AQI of many station-hours", runs=3)
    parser.add_argument("--rows", type=int, default=10_000_000, help="station-hours")
    parser.add_argument("--peer-rows", type=int, default=5_000, help="rows for the peer")
    given = parser.parse_args()
    print_machine("pandas", "numpy", "python-aqi")
    standard = standards.named(open_project(), "2012")
    items = tuple(PEER)
    rows = made_up(given.rows)
    few = rows.head(given.peer_rows)
    ours = aqi.aqi(few, standard, items)["aqi"].fillna(-1).astype(int)
    apart = np.abs(ours.to_numpy() - np.array(by_peer(few)))
    print(
        f"of {len(few):,} rows: {np.mean(apart == 0):.2%} equal, {np.mean(apart <= 1):.2%} within 1"
    )
    print(
        "(HJ 633, 6.2 rounds up; the peer rounds to the nearest and begins classes at 51, 101 …)\n"
    )
    whole, part = in_turn(given.runs, lambda: aqi.aqi(rows, standard, items), lambda: by_peer(few))
    rates = [len(rows) / whole.median, len(few) / part.median]
    table = [
        ["bsh_geo.aqi", f"{len(rows):,}", str(whole), f"{rates[0]:,.0f}", ""],
        ["python-aqi", f"{len(few):,}", str(part), f"{rates[1]:,.0f}", ratio(rates[0], rates[1])],
    ]
    print_table("AQI", ["", "rows", "seconds", "rows a second", "ours / peer"], table)


if __name__ == "__main__":
    main()
