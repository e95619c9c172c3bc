"""Prints how long own data take: a million points of a CSV file, and a long red line.

Run as ``python benchmarks/own_data.py [rows] [vertices]``.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

from bsh_geo import intake, own_import, project_folder
from bsh_geo.own_import import Options

DISTRICTS = ("浦东", "黄浦区", "上海市徐汇区", "310106", "闵行", "崇明县")


def points_csv(rows: int) -> bytes:
    """Points in and around the city, with a name, a district, a number and a note."""
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


def timed(folder: Path, kind: str, name: str, data: bytes, options: Options) -> None:
    """Preview and confirm one file."""
    start = time.perf_counter()
    project = intake.target_project(folder)
    given = own_import.preview(project, kind, name, data, options)
    middle = time.perf_counter()
    own_import.confirm(folder, given)
    end = time.perf_counter()
    print(
        f"{kind:10s} {len(data) / 2**20:7.1f} MB {given.report.kept:>10,} rows  "
        f"preview {middle - start:6.2f} s  confirm {end - middle:5.2f} s  "
        f"all {end - start:6.2f} s  (files {sum(map(len, given.files.values())) / 2**20:.1f} MB)"
    )


def main() -> None:
    """All of it, each in the same new project folder."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    vertices = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "project"
        project_folder.init(folder)
        said = Options(quality="official", mode="replace")
        timed(folder, "redline", "红线.geojson", redline_geojson(vertices), said)
        units = Options(quality="official", id="towns", title="街镇")
        timed(folder, "boundary", "街镇.geojson", units_geojson(240), units)
        options = Options(
            quality="official", crs="EPSG:4490", id="outlets", title="排口", within="towns"
        )
        timed(folder, "areas", "点位.csv", points_csv(rows), options)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:,.0f} MB")


if __name__ == "__main__":
    main()
