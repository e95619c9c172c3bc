"""Areas and places of the user's own in, the files of a boundary set or of a layer out."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import geopandas as gpd
import pandas as pd

from bsh_geo import areas, catalogue, long_tables, own_names, own_write
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


OWN_LICENCE = both("用户自有数据", "The user's own data")

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


def new_id(project: Project, text: str) -> str:
    """``text`` as the id of a boundary set of the user's own; none of the shipped ones.

    Raises
    ------
    DataError
        It has other signs than small letters, digits and underscores, or is in use.
    """
    shipped = project.roots[-1] / "data/boundaries"
    known = catalogue.load_boundaries(project)
    return _checked_id(
        text, {name for name, one in known.items() if (shipped / one.file).is_file()}
    )


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
    stated: bool = False,
) -> gpd.GeoDataFrame:
    """A boundary set: of the 16 districts, or of units of the user's own.

    ``stated`` is whether the file itself says the district of each unit.

    Raises
    ------
    DataError
        The id is not allowed, or a set of the city is to be replaced by other than its districts.
    """
    named = _named_districts(project, rows)
    whole = named is not None and len(named) == len(areas.district_table(project))
    if options.id is None:
        _ask_id(whole, ledger)
        return rows
    city = options.id in CITY_SETS
    if city and not whole:
        raise DataError(
            f"{options.id} 应恰有 16 个区各一个面，文件有 {len(rows)} 个。",
            f"{options.id} should hold one area for each of the 16 districts; the file has "
            f"{len(rows)}.",
        )
    known = catalogue.load_boundaries(project)
    name = options.id if city else new_id(project, options.id)
    table = rows[["id", "name_zh", "name_en", "adcode", "geometry"]]
    if city and named is not None:
        district = areas.district_table(project).loc[named]
        columns = {one: district[one].to_numpy() for one in ("name_zh", "name_en")}
        table = rows[["geometry"]].assign(adcode=named, **columns)
    declared = _declared(rows, "adcode" if city else "id", options, source, new=name not in known)
    if stated and not city:
        declared["district_column"] = "adcode"
    own_write.boundary_files(project, files, table, {"id": name, **declared}, city)
    return rows


def _ask_id(whole: bool, ledger: Ledger) -> None:
    choices = [("own_units", Text(zh="新的边界组（编号自定）", en="a new set, under any id"))]
    if whole:
        choices = [
            ("land", Text(zh="替换各区陆域轮廓", en="replace the land of the districts")),
            ("districts", Text(zh="替换含水域的行政区界", en="replace the districts")),
            *choices,
        ]
    zh, en = "请指定这组边界的编号", "Say under which id the boundaries go"
    ledger.ask("id", "--id", zh, en, choices)


def _declared(
    rows: gpd.GeoDataFrame, id_column: str, options: Options, source: dict[str, str], new: bool
) -> dict[str, Any]:
    """An entry of ``boundaries.toml``; one that is known keeps its title and purpose."""
    made: dict[str, Any] = {
        "id_column": id_column,
        "name_column": "name_zh",
        "crs": DISPLAY,
        "geometry": "Polygon",
        "source": [source["id"]],
        "licence": dict(OWN_LICENCE),
        "date": source.get("date", ""),
        "quality": options.quality or lowest(rows["quality"]),
        "limitations": dict(NOT_VERIFIED),
    }
    if new:
        made["title"] = _title(options, source)
        made["purpose"] = both("用户的统计单元", "Units of the user's own")
    return made


def _title(options: Options, source: dict[str, str]) -> dict[str, str]:
    return both(options.title or source["title_zh"], options.title or source["title_en"])


def _named_districts(project: Project, rows: gpd.GeoDataFrame) -> list[str] | None:
    for column in ("id", "adcode", "name_zh"):
        found = [own_names.match(project, str(one)) for one in rows[column]]
        codes = [one.code for one in found if one.code is not None]
        if len(codes) == len(rows) and len(set(codes)) == len(rows):
            return [str(one) for one in codes]
    return None


def places(
    project: Project,
    rows: gpd.GeoDataFrame,
    columns: dict[str, Column],
    options: Options,
    source: dict[str, str],
    files: Files,
    ledger: Ledger,
) -> gpd.GeoDataFrame:
    """A dataset and a layer of the user's own.

    One of theirs of the same id is replaced and that is told; without an id, only one of the same
    title is.

    Raises
    ------
    DataError
        The id is not allowed, or is that of a shipped dataset or layer.
    """
    shipped = project.roots[-1]
    taken = {path.stem for path in (shipped / "data/datasets").glob("*.toml")}
    taken |= {path.stem for path in (shipped / "layers").glob("*.toml")}
    title, quality = _title(options, source), lowest(rows["quality"])
    name = _checked_id(options.id or _free_id(project, source, title), taken)
    _tell_former(project, name, ledger)
    declared = {one: cell.model_dump(exclude_defaults=True) for one, cell in columns.items()}
    areal = "area_km2" in columns
    if areal:
        rows = rows.assign(shape_class="all")
        declared["shape_class"] = column("str", "类", "Class").model_dump(exclude_defaults=True)
    shared = {"id": name, "title": title, "source": [source["id"]], "quality": quality}
    dataset = _dataset(shared, len(rows), areal, source, declared)
    layer = {
        **shared,
        "order": 900,
        "group": both("自有数据", "Own data"),
        "summary": title,
        "limitations": [dict(NOT_VERIFIED)],
        "parts": [_part(name, title, list(columns), areal)],
    }
    own_write.layer_files(files, rows, dataset, layer)
    former = catalogue.load_datasets(project).get(name)
    if former is not None and former.file != dataset["file"]:
        files.remove(f"data/{former.file}")
    return rows


def _dataset(
    shared: dict[str, Any],
    count: int,
    areal: bool,
    source: dict[str, str],
    columns: dict[str, Any],
) -> dict[str, Any]:
    """The declaration of a dataset of the user's own."""
    return {
        **shared,
        "file": f"own/{shared['id']}{_ending(count, areal)}",
        "rows": both("每行一处", "One place per row"),
        "key": ["id"],
        "licence": dict(OWN_LICENCE),
        "date": source.get("date", ""),
        "missing": both("见导入报告", "See the import report"),
        "limitations": dict(NOT_VERIFIED),
        "crs": DISPLAY,
        **({"geometry": "Polygon"} if areal else {"lon": "lon", "lat": "lat"}),
        "columns": columns,
    }


def _free_id(project: Project, source: dict[str, str], title: dict[str, str]) -> str:
    """An id after the file's name that no other layer has."""
    known = catalogue.load_datasets(project)
    stem = _stem(source.get("file", ""), "own_areas")[:36]
    for name in (stem, *(f"{stem}_{number}" for number in range(2, 1000))):
        if name not in known or known[name].title.zh == title["zh"]:
            return name
    return stem


def _tell_former(project: Project, name: str, ledger: Ledger) -> None:
    former = catalogue.load_datasets(project).get(name)
    if former is not None:
        ledger.add(
            "proposed",
            f"已有编号为 {name} 的图层“{former.title.zh}”，由这次导入替换",
            f"There is a layer {name} (“{former.title.en}”); this import takes its place",
        )


def _ending(rows: int, areal: bool) -> str:
    if areal:
        return ".geojson"
    return long_tables.ENDING if rows > long_tables.LONG else ".csv"


HIDDEN = ("id", "name_zh", "name_en", "source", "lon", "lat")


def _part(name: str, title: dict[str, str], columns: list[str], areal: bool) -> dict[str, Any]:
    """How the layer draws its places."""
    made: dict[str, Any] = {
        "id": "places",
        "title": title,
        "kind": "areas" if areal else "points",
        "dataset": name,
        "facts": [one for one in columns if one not in HIDDEN],
        "colour": COLOUR,
        "overlay": True,
    }
    if areal:
        one = {"key": "all", "title": title, "fill": COLOUR, "stroke": STROKE}
        made |= {"shapes": name, "classify": "shape_class", "categories": [one]}
    return made
