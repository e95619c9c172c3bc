"""Areas and places of the user's own in, the files of a boundary set or of a layer out."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import geopandas as gpd
import pandas as pd

from bsh_geo import areas, catalogue, own_names, own_write
from bsh_geo.catalogue import Column, Text
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import DataError
from bsh_geo.own_options import Options
from bsh_geo.own_report import Ledger
from bsh_geo.own_write import Files, both
from bsh_geo.project import Project

ID = re.compile(r"[a-z][a-z0-9_]{1,39}")


CITY_SETS = ("districts", "land")
"""Boundary sets that the maps are drawn and measured with; both have a version for drawing."""


NOT_VERIFIED = both("由用户导入，未经本产品核对。", "Imported by the user and not verified.")


COLOUR, STROKE = "#5d7fa3", "#2f4a66"


def column(kind: Any, zh: str, en: str, required: bool = False, unit: str | None = None) -> Column:
    return Column(type=kind, zh=zh, en=en, required=required, unit=unit)


def lowest(qualities: pd.Series) -> str:
    order = list(catalogue.QUALITY_TITLES)
    return max((str(one) for one in qualities.unique()), key=order.index)


def _checked_id(text: str, taken: set[str]) -> str:
    if not ID.fullmatch(text) or text in taken:
        zh = "已被使用" if text in taken else "应为小写字母、数字和下划线"
        en = "is in use" if text in taken else "should be small letters, digits and underscores"
        raise DataError(f"编号 {text} {zh}。", f"The id {text} {en}.")
    return text


def _stem(name: str, fallback: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", PurePosixPath(name).stem.lower()).strip("_")
    return plain[:40] if ID.fullmatch(plain[:40]) else fallback


def boundary(
    project: Project,
    rows: gpd.GeoDataFrame,
    options: Options,
    source: dict[str, str],
    files: Files,
    ledger: Ledger,
) -> gpd.GeoDataFrame:
    """A boundary set: of the 16 districts, or of units of the user's own."""
    named = _named_districts(project, rows)
    whole = named is not None and len(set(named)) == len(rows) == len(areas.district_table(project))
    if options.id is None:
        choices = [("own_units", Text(zh="新的边界组（编号自定）", en="a new set, under any id"))]
        if whole:
            choices = [
                ("land", Text(zh="替换各区陆域轮廓", en="replace the land of the districts")),
                ("districts", Text(zh="替换含水域的行政区界", en="replace the districts")),
                *choices,
            ]
        ledger.ask(
            "id", "--id", "请指定这组边界的编号", "Say under which id the boundaries go", choices
        )
        return rows
    if options.id in CITY_SETS and not whole:
        raise DataError(
            f"{options.id} 应恰有 16 个区各一个面，文件有 {len(rows)} 个。",
            f"{options.id} should hold one area for each of the 16 districts; the file has "
            f"{len(rows)}.",
        )
    known = catalogue.load_boundaries(project)
    taken = {
        one for one in known if (project.roots[-1] / f"data/boundaries/{known[one].file}").is_file()
    }
    name = options.id if options.id in CITY_SETS else _checked_id(options.id, taken)
    id_column = "id"
    table = rows[["id", "name_zh", "name_en", "adcode", "geometry"]]
    if options.id in CITY_SETS and named is not None:
        district = areas.district_table(project).loc[named]
        id_column = "adcode"
        table = rows[["geometry"]].assign(
            adcode=named,
            name_zh=district["name_zh"].to_numpy(),
            name_en=district["name_en"].to_numpy(),
        )
    title = options.title or source["title_zh"]
    declared: dict[str, Any] = {
        "id_column": id_column, "name_column": "name_zh", "crs": DISPLAY, "geometry": "Polygon",
        "source": [source["id"]], "licence": both("用户自有数据", "The user's own data"),
        "date": source.get("date", ""), "quality": options.quality or lowest(rows["quality"]),
        "limitations": dict(NOT_VERIFIED),
    }  # fmt: skip
    if name not in known:
        declared["title"] = both(title, options.title or source["title_en"])
        declared["purpose"] = both("用户的统计单元", "Units of the user's own")
    own_write.boundary_files(project, files, table, {"id": name, **declared}, name in CITY_SETS)
    return rows


def _named_districts(project: Project, rows: gpd.GeoDataFrame) -> list[str] | None:
    for column in ("id", "adcode", "name_zh"):
        found = [own_names.match(project, str(one)) for one in rows[column]]
        codes = [one.code for one in found if one.code is not None]
        if len(codes) == len(rows) and len(set(codes)) == len(rows):
            return [str(one) for one in codes]
    return None


def places(
    rows: gpd.GeoDataFrame,
    columns: dict[str, Column],
    options: Options,
    source: dict[str, str],
    files: Files,
) -> gpd.GeoDataFrame:
    """A dataset and a layer of the user's own."""
    name = options.id or _stem(source.get("file", ""), "own_areas")
    _checked_id(name, set())
    title = options.title or source["title_zh"]
    english = options.title or source["title_en"]
    quality = lowest(rows["quality"])
    areal = "area_km2" in rows
    declared = {one: column.model_dump(exclude_defaults=True) for one, column in columns.items()}
    facts = [one for one in declared if one not in ("id", "name_zh", "name_en", "source")]
    dataset: dict[str, Any] = {
        "id": name,
        "file": f"own/{name}.{'geojson' if areal else 'csv'}",
        "title": both(title, english),
        "rows": both("每行一处", "One place per row"),
        "key": ["id"],
        "source": [source["id"]],
        "licence": both("用户自有数据", "The user's own data"),
        "date": source.get("date", ""),
        "quality": quality,
        "missing": both("见导入报告", "See the import report"),
        "limitations": both(
            "由用户导入，未经本产品核对。", "Imported by the user and not verified."
        ),
        "crs": DISPLAY,
        **({"geometry": "Polygon"} if areal else {"lon": "lon", "lat": "lat"}),
        "columns": declared,
    }
    part: dict[str, Any] = {
        "id": "places",
        "title": both(title, english),
        "kind": "areas" if areal else "points",
        "dataset": name,
        "facts": [one for one in facts if one not in ("lon", "lat", "shape_class")],
        "colour": COLOUR,
        "overlay": True,
    }
    if areal:
        rows = rows.assign(shape_class="all")
        declared["shape_class"] = column("str", "类", "Class").model_dump(exclude_defaults=True)
        part |= {"shapes": name, "classify": "shape_class", "categories": [
            {"key": "all", "title": both(title, english), "fill": COLOUR, "stroke": STROKE}
        ]}  # fmt: skip
    layer = {
        "id": name, "order": 900, "title": both(title, english),
        "group": both("自有数据", "Own data"), "summary": both(title, english),
        "source": [source["id"]], "quality": quality, "parts": [part],
        "limitations": [dict(NOT_VERIFIED)],
    }  # fmt: skip
    own_write.layer_files(files, rows, dataset, layer)
    return rows
