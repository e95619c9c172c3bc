"""Files as bureaus have them, made for the tests of imports: a shapefile, a workbook, a CSV."""

from __future__ import annotations

import io
import tempfile
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
from openpyxl import Workbook
from shapely.geometry import box

from bsh_geo import own_datum
from bsh_geo.project import Project, open_project

REDLINE = (
    ("东滩核心区", "崇明区", box(121.90, 31.48, 121.96, 31.53)),
    ("佘山林地", "松江", box(121.18, 31.08, 121.20, 31.10)),
    ("淀山湖东岸", "青浦区", box(121.00, 31.09, 121.02, 31.11)),
)  # fmt: skip
"""Name, district and shape in WGS 84."""

STATIONS = (
    ("1141A", "普陀", "普陀区", 121.4, 31.238),
    ("1142A", "十五厂", "黄浦区", 121.478, 31.2036),
    ("1143A", "虹口", "虹口区", 121.467, 31.3008),
    ("9001A", "莘庄自建", "闵行", 121.38, 31.11),
)
"""Three national stations as shipped, and one of the user's own, in WGS 84."""


def fresh(folder: Path) -> Project:
    """The project of a folder under the digest of its files, so that nothing cached is taken."""
    opened = open_project(folder)
    return Project(opened.roots, Project(opened.roots).digest())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file and folder of a project but its history; folders are empty bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
        if ".history" not in path.parts
    }


def shapefile(
    crs: str | None = "EPSG:4549", encoding: str = "GBK", cpg: bool = False, prj: bool = True
) -> bytes:
    """The red line as a zipped shapefile; ``crs`` None leaves the .prj out (of CM 120°E)."""
    frame = gpd.GeoDataFrame(
        {"名称": [one[0] for one in REDLINE], "所在区": [one[1] for one in REDLINE],
         "类型": ["生物多样性维护", "水土保持", "水源涵养"]},
        geometry=[one[2] for one in REDLINE],
        crs="EPSG:4326",
    ).to_crs(crs or "EPSG:4549")  # fmt: skip
    made = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(made, "w") as archive:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame.to_file(Path(folder) / "hx.shp", encoding=encoding, engine="pyogrio")
        for path in sorted(Path(folder).iterdir()):
            left_out = (path.suffix == ".prj" and (crs is None or not prj)) or (
                path.suffix == ".cpg" and not cpg
            )
            if not left_out:
                archive.write(path, f"红线/生态红线{path.suffix}")
    return made.getvalue()


def workbook(
    rows: Sequence[Sequence[object]], merged: Sequence[str] = (), title: str = "Sheet"
) -> bytes:
    """A workbook of one sheet with cells merged."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(list(row))
    for area in merged:
        page.merge_cells(area)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def indicator_book() -> bytes:
    """A title, a head of two rows with units, short names, a sum, a blank row, a former county."""
    return workbook(
        [
            ["2025年各区空气质量"],
            ["区", "PM2.5（μg/m³）", None, "优良率(%)", None],
            [None, "2024年", "2025年", "2024年", "2025年"],
            ["黄浦", 29.0, 27.5, 88.3, "９０．１"],
            ["浦东", "28", 26, "89.0%", 91],
            [],
            ["崇明县", 24, 22, 93, 95],
            ["闸北区", 30, 29, 80, 81],
            ["合计", 111, 104, 350, 357],
            ["蒲东新区", 28, 26, 89, 91],
        ],
        ["B2:C2", "D2:E2", "A2:A3"],
    )


def figure_book() -> bytes:
    """Two districts by their short names under a head of two rows, one column in 万亩, a sum."""
    return workbook(
        [
            ["浦东、闵行环境指标"],
            ["区", "PM2.5（μg/m³）", None, "湿地总面积（万亩）"],
            [None, "2024年", "2025年", "2025年"],
            ["浦东", 26.5, "２４．５", 1.2],
            ["闵行", "27.0", 25.5, "0.3"],
            ["合计", None, None, 1.5],
        ],
        ["A2:A3", "B2:C2"],
        "指标",
    )


def station_csv(datum: own_datum.Datum = "gcj02", encoding: str = "gb18030") -> bytes:
    """The stations with their coordinates in a datum, with six decimals."""
    lines = ["站点编码,站点名称,所属区,经度,纬度"]
    for code, name, district, lon, lat in STATIONS:
        x, y = own_datum.moved(np.array([lon]), np.array([lat]), "wgs84", datum)
        lines.append(f"{code},{name},{district},{x[0]:.6f},{y[0]:.6f}")
    return ("\n".join(lines) + "\n").encode(encoding)
