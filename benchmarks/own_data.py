"""A bureau's own data brought in: a million points of a CSV file, and a long red line.

Each figure is that of a process of its own, from its start to its end, with all of its imports:
seconds by the clock, seconds of all processors, and the most memory that it held. The peer reads
the same files with pandas and geopandas, joins them to the same areas and writes them; it checks
nothing, reports nothing and cannot be undone.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from report import Timing, options, print_machine, print_table, size

from bsh_geo import frames, intake, own_import, project_folder
from bsh_geo.project import box_root, open_project

TOWNS = 240
"""Units such as 街镇, to which the points are joined beside the districts."""


def points_csv(rows: int) -> bytes:
    """Points in and around the city, with a name, a number and a note, in GB18030."""
    draw = np.random.default_rng(1)
    x, y = draw.uniform(121.3, 121.6, rows), draw.uniform(31.1, 31.35, rows)
    value = draw.uniform(0, 1e6, rows)
    made = io.StringIO()
    made.write("编号,名称,经度,纬度,排放量(kg),备注\n")
    made.writelines(
        f"P{at:07d},点位{at},{a:.6f},{b:.6f},{c:.2f},上海市某处第{at % 97}号\n"
        for at, (a, b, c) in enumerate(zip(x, y, value, strict=True))
    )
    return made.getvalue().encode("gb18030")


def redline_geojson(vertices: int) -> bytes:
    """Forty wavy areas with so many vertices in all."""
    each, features = vertices // 40, []
    turn = np.linspace(0, 2 * np.pi, each, endpoint=False)
    for at in range(40):
        middle = 121.0 + 0.02 * (at % 8), 30.95 + 0.02 * (at // 8)
        radius = 0.008 * (1 + 0.05 * np.sin(turn * 97))
        ring = np.column_stack(
            [middle[0] + radius * np.cos(turn), middle[1] + radius * np.sin(turn)]
        )
        shape = json.loads(shapely.to_geojson(shapely.Polygon(ring)))
        told = {"编号": f"r{at}", "名称": f"斑块{at}", "类型": "水源涵养"}
        features.append({"type": "Feature", "properties": told, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def units_geojson(count: int) -> bytes:
    """A grid of units, such as 街镇, over the city."""
    across = 16
    features = []
    for at in range(count):
        west, south = 120.9 + 0.07 * (at % across), 30.7 + 0.08 * (at // across)
        shape = json.loads(shapely.to_geojson(shapely.box(west, south, west + 0.07, south + 0.08)))
        told = {"编号": f"u{at:03d}", "名称": f"街镇{at}"}
        features.append({"type": "Feature", "properties": told, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds by the clock and of processors, and its most memory."""

    clock: float
    processor: float
    memory: int


def cost_of(*command: str) -> Cost:
    """Run a command to its end; what it prints is shown only where it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdout=told, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        clock = time.perf_counter() - start
        if process.returncode:
            told.seek(0)
            raise SystemExit(told.read().decode(errors="replace"))
    return Cost(clock, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def made_anew(folder: Path, said: dict[str, Path]) -> Path:
    """A project folder with the towns in it."""
    project_folder.init(folder)
    options = own_import.Options(quality="official", id="towns", title="街镇")
    project = intake.target_project(folder)
    given = own_import.preview(
        project, "boundary", "街镇.geojson", said["towns"].read_bytes(), options
    )
    own_import.confirm(folder, given)
    return folder


def command_of(case: str, files: dict[str, Path], place: Path) -> list[str]:
    """The command line of a case; ``place`` is a folder of its own."""
    python = [sys.executable]
    add = [*python, "-m", "bsh_geo", "add"]
    if case == "points":
        folder = made_anew(place, files)
        said = ["--crs", "EPSG:4490", "--id", "outlets", "--title", "排口", "--within", "towns"]
        told = ["--project", str(folder), "--quality", "official", "--yes"]
        return [*add, "areas", str(files["points"]), *said, *told]
    if case == "redline":
        folder = made_anew(place, files)
        told = ["--project", str(folder), "--quality", "official", "--mode", "replace", "--yes"]
        return [*add, "redline", str(files["redline"]), *told]
    if case == "open":
        return [*python, __file__, "--case", "open", str(files["project"])]
    place.mkdir(parents=True)
    wanted = [str(files[case.removeprefix("peer-")]), str(files["towns"]), str(place)]
    return [*python, __file__, "--case", case, *wanted]


def run_case(case: str, paths: list[str]) -> None:
    """What one process does: make the files, open a stored layer, or what the peer does."""
    if case == "files":
        place, rows, vertices = Path(paths[0]), int(paths[1]), int(paths[2])
        (place / "points.csv").write_bytes(points_csv(rows))
        (place / "redline.geojson").write_bytes(redline_geojson(vertices))
        (place / "towns.geojson").write_bytes(units_geojson(TOWNS))
    elif case == "open":
        print(len(frames.points(open_project(paths[0]), "outlets")))
    elif case == "peer-points":
        peer_points(*map(Path, paths))
    else:
        peer_redline(*map(Path, paths))


def districts() -> gpd.GeoDataFrame:
    """The shipped districts, as any program would read them."""
    return gpd.read_file(box_root() / "data/boundaries/districts.geojson")[["adcode", "geometry"]]


def peer_points(file: Path, towns: Path, place: Path) -> None:
    """Read, join twice and write, with pandas and geopandas alone."""
    table = pd.read_csv(file, encoding="gb18030")
    where = gpd.points_from_xy(table["经度"], table["纬度"], crs="EPSG:4490")
    points = gpd.GeoDataFrame(table, geometry=where).to_crs(4326)
    units = gpd.read_file(towns)[["编号", "geometry"]].rename(columns={"编号": "unit"})
    for areas in (districts(), units):
        points = points.sjoin(areas, how="left", predicate="within")
        points = points[~points.index.duplicated()].drop(columns="index_right")
    points.to_file(place / "points.gpkg")


def peer_redline(file: Path, towns: Path, place: Path) -> None:
    """Read, look for invalid and overlapping areas, join and write, with geopandas alone."""
    areas = gpd.read_file(file)
    plane = areas.to_crs(4549)
    assert plane.is_valid.all()
    pairs = plane.sjoin(plane, predicate="overlaps")
    joined = areas.sjoin(districts(), how="left", predicate="intersects")
    joined[~joined.index.duplicated()].to_file(place / "redline.geojson")
    print(len(pairs))


CASES = (
    ("points", "{rows:,} points: checked, joined to 16 districts and 240 units, stored", "≤ 10 s"),
    ("peer-points", "the same points: read_csv, two sjoin, to_file (GeoPackage)", "peer"),
    ("open", "the stored layer read as points", "—"),
    ("redline", "red line of {vertices:,} vertices: checked, joined, stored", "≤ 3 s"),
    ("peer-redline", "the same red line: read_file, overlaps, sjoin, to_file (GeoJSON)", "peer"),
)


def main() -> None:
    """Measure and print."""
    parser = options("Own data brought in, beside pandas and geopandas.", runs=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--vertices", type=int, default=200_000)
    parser.add_argument("--case", nargs="+", help="what one measured process does")
    arguments = parser.parse_args()
    if arguments.case:
        run_case(arguments.case[0], arguments.case[1:])
        return
    print_machine("geopandas", "shapely", "pandas", "pyarrow", "pyogrio")
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place), arguments.rows, arguments.vertices, arguments.runs)


def measure(place: Path, count: int, vertices: int, runs: int) -> None:
    """Every case in turn, ``runs`` times."""
    files = {"points": place / "points.csv", "redline": place / "redline.geojson"}
    files |= {"towns": place / "towns.geojson", "project": place / "points-0"}
    # In a process of its own: a child begins with the memory of the one that it comes from.
    cost_of(sys.executable, __file__, "--case", "files", str(place), str(count), str(vertices))
    costs: dict[str, list[Cost]] = {case: [] for case, _, _ in CASES}
    for run in range(runs):
        for case in costs:
            costs[case].append(cost_of(*command_of(case, files, place / f"{case}-{run}")))
    rows = []
    for case, what, target in CASES:
        clock = Timing(tuple(one.clock for one in costs[case]))
        processor = Timing(tuple(one.processor for one in costs[case]))
        memory = size(max(one.memory for one in costs[case]))
        rows.append(
            [what.format(rows=count, vertices=vertices), target, str(clock), str(processor), memory]
        )
    stored = (files["project"] / "data/own").iterdir()
    print_table(
        f"Own data: {size(files['points'].stat().st_size)} of CSV, stored as "
        + ", ".join(f"{one.name} of {size(one.stat().st_size)}" for one in stored),
        ["what, start to end of the process", "target", "clock", "processors", "memory"],
        rows,
    )


if __name__ == "__main__":
    main()
