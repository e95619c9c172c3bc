"""Declared files in, validated frames out: the only module that opens data files."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from shapely.errors import GEOSException

from bsh_geo import catalogue, drivers, long_tables
from bsh_geo.catalogue import Boundary, Column, Dataset
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import DataError
from bsh_geo.project import Project

_PERIOD = re.compile(r"^\d{4}(-(0[1-9]|1[0-2]))?$")


def _read_csv(path: Path, shown: str) -> pd.DataFrame:
    """A CSV file as text; every row must have as many cells as the head."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{shown} 不是 UTF-8 编码，请另存为 UTF-8。", f"{shown} is not UTF-8; save it as UTF-8."
        ) from error
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise DataError(
            f"{shown} 无法按 CSV 读取（{error}）。", f"{shown} cannot be read as CSV ({error})."
        ) from error
    if not rows:
        raise DataError(f"{shown} 是空文件，应有表头。", f"{shown} is empty; a head was expected.")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise DataError(
                f"{shown} 第 {number} 行有 {len(row)} 个单元格，表头有 {len(rows[0])} 个。",
                f"{shown} row {number} has {len(row)} cells; the head has {len(rows[0])}.",
            )
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=object)


def _read_table(path: Path, shown: str) -> pd.DataFrame:
    if path.suffix == long_tables.ENDING:
        return long_tables.read(path, shown)
    return _read_csv(path, shown)


def _read_shapes(path: Path, shown: str) -> gpd.GeoDataFrame:
    # Only what is plainly a FeatureCollection is given to GDAL, which guesses the format from the
    # content; ``drivers`` took out those that would follow it to other files and URLs.
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
            raise ValueError("not a FeatureCollection")
        frame = gpd.read_file(path, engine=drivers.ENGINE)
    except (
        DataSourceError, DataLayerError, FeatureError, GEOSException, ValueError, RecursionError
    ) as error:  # fmt: skip
        raise DataError(
            f"{shown} 无法按 GeoJSON（FeatureCollection）读取，文件可能已损坏。",
            f"{shown} cannot be read as a GeoJSON FeatureCollection; the file may be damaged.",
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise DataError(
            f"{shown} 中没有任何要素，应至少有一个。",
            f"{shown} holds no features; at least one was expected.",
        )
    return frame


def _check_geometry(
    frame: gpd.GeoDataFrame, crs: str, kind: str, ids: pd.Series, shown: str
) -> None:
    if frame.crs is None or frame.crs != crs:
        raise DataError(
            f"{shown} 的坐标系为 {frame.crs}，应为 {crs}。",
            f"{shown} has the CRS {frame.crs}; {crs} was expected.",
        )
    for number, shape in zip(ids, frame.geometry, strict=True):
        if shape is None or shape.is_empty:
            raise DataError(
                f"{shown} 中 {number} 的几何为空。", f"{shown}: the geometry of {number} is empty."
            )
        if shape.geom_type.removeprefix("Multi") != kind.removeprefix("Multi"):
            raise DataError(
                f"{shown} 中 {number} 的几何为 {shape.geom_type}，应为 {kind}。",
                f"{shown}: the geometry of {number} is a {shape.geom_type}; {kind} was expected.",
            )
        west, south, east, north = shape.bounds
        if crs == DISPLAY and (west < -180 or south < -90 or east > 180 or north > 90):
            raise DataError(
                f"{shown} 中 {number} 的坐标 ({west:g}, {south:g}) 超出经纬度范围，"
                "可能是米制坐标或经纬度颠倒。",
                f"{shown}: the coordinates of {number}, ({west:g}, {south:g}), are no longitude "
                "and latitude; they may be metres, or swapped.",
            )
        if not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            raise DataError(
                f"{shown} 中 {number} 的几何无效：{reason}。",
                f"{shown}: the geometry of {number} is invalid: {reason}.",
            )


def _typed(values: pd.Series, column: Column, place: str) -> pd.Series:
    """The column as its declared type; a blank is missing, any other misfit an error."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _typed_once(values, column, place)
    if column.type in ("int", "float") and pd.api.types.is_numeric_dtype(values):
        if column.required:
            _fail(place, values.isna(), values, "为空，此列必填", "is blank; a value is required")
        return _in_range(values, values, column, place)
    text = values.fillna("").astype(str).str.strip()
    blank = text.eq("")
    if column.required and blank.any():
        _fail(place, blank, text, "为空，此列必填", "is blank; a value is required")
    if column.type in ("int", "float"):
        return _numbers(text, blank, column, place)
    if column.type == "bool":
        wrong = ~text.str.lower().isin(["", "true", "false"])
        _fail(place, wrong, text, "应为 true 或 false", "should be true or false")
        return text.str.lower().map({"true": True, "false": False}).astype("boolean")
    _check_text(text, blank, column, place)
    made = text.to_numpy(dtype=object).copy()
    made[blank.to_numpy(dtype=bool)] = None
    return pd.Series(made, index=text.index, dtype=object)


def _typed_once(values: pd.Series, column: Column, place: str) -> pd.Series:
    """The same with each different text judged once; where one is wrong, its row is looked for."""
    missing = values.isna()
    if missing.all():
        return _typed(values.astype(object), column, place)
    optional = column.model_copy(update={"required": False})
    try:
        judged = _typed(pd.Series(values.cat.categories.astype("str")), optional, place)
        wrong = column.required and bool(missing.any() or judged.isna().any())
    except DataError:
        wrong = True
    if wrong:
        return _typed(values.astype(object), column, place)
    made = judged.take(values.cat.codes.clip(lower=0).to_numpy()).set_axis(values.index)
    return made.where(~missing, None) if missing.any() else made


def _numbers(text: pd.Series, blank: pd.Series, column: Column, place: str) -> pd.Series:
    numbers = pd.to_numeric(text.mask(blank), errors="coerce")
    _fail(place, numbers.isna() & ~blank, text, "不是数字", "is not a number")
    return _in_range(numbers, text, column, place)


def _in_range(numbers: pd.Series, text: pd.Series, column: Column, place: str) -> pd.Series:
    if column.type == "int":
        broken = (numbers.notna() & (numbers % 1 != 0)).astype(bool)
        _fail(place, broken, text, "应为整数", "should be a whole number")
    low = float("-inf") if column.min is None else column.min
    high = float("inf") if column.max is None else column.max
    outside = ((numbers < low) | (numbers > high)).fillna(False).astype(bool)
    _fail(place, outside, text, f"超出范围 [{low}, {high}]", f"is outside [{low}, {high}]")
    return numbers.astype("Int64" if column.type == "int" else "float64")


def _check_text(text: pd.Series, blank: pd.Series, column: Column, place: str) -> None:
    if column.type == "period":
        wrong = ~blank & ~text.str.match(_PERIOD)
        _fail(place, wrong, text, "应为 YYYY 或 YYYY-MM", "should be YYYY or YYYY-MM")
    if column.type == "date":
        dates = pd.to_datetime(text.mask(blank), format="%Y-%m-%d", errors="coerce")
        _fail(place, dates.isna() & ~blank, text, "应为 YYYY-MM-DD", "should be YYYY-MM-DD")
    qualities = tuple(catalogue.QUALITY_TITLES) if column.type == "quality" else ()
    allowed = column.allowed or qualities
    if allowed:
        wrong = ~blank & ~text.isin(allowed)
        zh, en = f"应为 {'、'.join(allowed)} 之一", f"should be one of {', '.join(allowed)}"
        _fail(place, wrong, text, zh, en)


def _fail(place: str, wrong: pd.Series, text: pd.Series, zh: str, en: str) -> None:
    """Raise for the first row where ``wrong`` holds; rows are counted as a spreadsheet does."""
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        file, name = place.split("|")
        raise DataError(
            f"{file} 第 {at + 2} 行：{name} 的值“{text.iloc[at]}”{zh}。",
            f"{file} row {at + 2}: {name} “{text.iloc[at]}” {en}.",
        )


def _check_columns(found: list[str], expected: list[str], shown: str) -> None:
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    if missing or unknown:
        zh = (f"缺少列 {'、'.join(missing)}" if missing else "") + (
            f"{'；' if missing else ''}未声明的列 {'、'.join(unknown)}" if unknown else ""
        )
        en = (f"missing columns {', '.join(missing)}" if missing else "") + (
            f"{'; ' if missing else ''}undeclared columns {', '.join(unknown)}" if unknown else ""
        )
        raise DataError(f"{shown}：{zh}。", f"{shown}: {en}.")


@cache
def table(project: Project, dataset_id: str) -> pd.DataFrame:
    """The rows of a declared dataset, typed and checked against its declaration.

    Text columns hold ``str`` or ``None``; numbers are float64 or Int64 with missing values;
    datasets with ``lon`` and ``lat`` stay plain tables (see ``points``). The frame is shared:
    copy it before changing it.

    The rows of ``<file>.own.csv`` in the project folder take the place of those of the same key,
    or are added.
    """
    dataset = dataset_of(project, dataset_id)
    relative = f"data/{dataset.file}"
    frame = _rows_of(project.path(relative), relative, dataset)
    own = own_rows(project, dataset)
    if own is None:
        return frame
    added = _rows_of(own, project.shown(own), dataset)
    key = list(dataset.key)
    kept = ~pd.MultiIndex.from_frame(frame[key]).isin(pd.MultiIndex.from_frame(added[key]))
    return pd.concat([frame[kept], added], ignore_index=True)


OWN_ROWS = ".own.csv"
"""Ending of a file that holds some rows of a table, beside the table."""


def own_rows(project: Project, dataset: Dataset) -> Path | None:
    """The file of the project folder with own rows of a table, if there is one."""
    if dataset.geometry or not dataset.file.endswith(".csv"):
        return None
    name = f"data/{dataset.file.removesuffix('.csv')}{OWN_ROWS}"
    return next((root / name for root in project.roots if (root / name).is_file()), None)


def _rows_of(path: Path, relative: str, dataset: Dataset) -> pd.DataFrame:
    """One file of a dataset, typed and checked."""
    frame = _read_shapes(path, relative) if dataset.geometry else _read_table(path, relative)
    names = [name for name in frame.columns if name != "geometry"]
    _check_columns(names, list(dataset.columns), relative)
    for name, column in dataset.columns.items():
        frame[name] = _typed(frame[name], column, f"{relative}|{column.zh}")
    _check_key(frame, dataset, relative)
    if dataset.geometry:
        _check_geometry(
            frame, dataset.crs or DISPLAY, dataset.geometry, frame[dataset.key[0]], relative
        )
    return frame


def column_text(project: Project, dataset_id: str, column: str) -> pd.Series:
    """A column of a CSV dataset as it stands in the file, row by row as in ``table``."""
    dataset = dataset_of(project, dataset_id)
    relative = f"data/{dataset.file}"
    text = _read_csv(project.path(relative), relative)
    own = own_rows(project, dataset)
    if own is None:
        return text[column].str.strip()
    added = _read_csv(own, project.shown(own))
    keys = [
        pd.MultiIndex.from_frame(one[list(dataset.key)].apply(lambda cells: cells.str.strip()))
        for one in (text, added)
    ]
    both = pd.concat([text[~keys[0].isin(keys[1])], added], ignore_index=True)
    return both[column].str.strip()


def _check_key(frame: pd.DataFrame, dataset: Dataset, shown: str) -> None:
    twice = frame.duplicated(list(dataset.key))
    if twice.any():
        at = int(twice.to_numpy().argmax())
        key = ", ".join(str(frame[name].iloc[at]) for name in dataset.key)
        raise DataError(
            f"{shown} 第 {at + 2} 行：编号 {key} 重复。",
            f"{shown} row {at + 2}: {key} is repeated.",
        )


def dataset_of(project: Project, dataset_id: str) -> Dataset:
    """The declaration of a dataset, which must exist."""
    datasets = catalogue.load_datasets(project)
    if dataset_id not in datasets:
        raise DataError(
            f"没有名为 {dataset_id} 的数据集，应有声明文件 data/datasets/{dataset_id}.toml。",
            f"There is no dataset {dataset_id}; data/datasets/{dataset_id}.toml was expected.",
        )
    return datasets[dataset_id]


def shapes(project: Project, dataset_id: str) -> gpd.GeoDataFrame:
    """The features of a declared geometry file, in ``DISPLAY``."""
    frame = table(project, dataset_id)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise DataError(
            f"数据集 {dataset_id} 没有几何，应为 GeoJSON 文件。",
            f"The dataset {dataset_id} has no geometry; a GeoJSON file was expected.",
        )
    return frame


def points(project: Project, dataset_id: str) -> gpd.GeoDataFrame:
    """The located rows of a table as points in ``DISPLAY``; the others are left out."""
    dataset = dataset_of(project, dataset_id)
    if not (dataset.lon and dataset.lat and dataset.crs):
        raise DataError(
            f"数据集 {dataset_id} 未声明 lon、lat 与 crs，无法作为点使用。",
            f"The dataset {dataset_id} does not declare lon, lat and crs, so it has no points.",
        )
    rows = table(project, dataset_id)
    there = rows[dataset.lon].notna() & rows[dataset.lat].notna()
    located = rows if there.all() else rows[there]
    geometry = gpd.points_from_xy(located[dataset.lon], located[dataset.lat], crs=dataset.crs)
    return gpd.GeoDataFrame(located.copy(deep=False), geometry=geometry).to_crs(DISPLAY)


@cache
def boundary(project: Project, boundary_id: str) -> gpd.GeoDataFrame:
    """A declared boundary file in ``DISPLAY``, indexed by its id column, checked.

    Raises
    ------
    DataError
        The file is missing or broken, has another CRS or another number of features than
        declared, a repeated id, or an empty or invalid geometry.
    """
    entry = boundary_of(project, boundary_id)
    relative = f"data/boundaries/{entry.file}"
    frame = _read_shapes(project.path(relative), relative)
    _check_boundary(frame, entry, relative)
    frame[entry.id_column] = frame[entry.id_column].astype(str)
    return frame.set_index(entry.id_column, drop=False).rename_axis(None)


def boundary_of(project: Project, boundary_id: str) -> Boundary:
    """The declaration of a boundary file, which must exist."""
    boundaries = catalogue.load_boundaries(project)
    if boundary_id not in boundaries:
        raise DataError(
            f"data/boundaries/boundaries.toml 未声明边界 {boundary_id}。",
            f"data/boundaries/boundaries.toml does not declare the boundary {boundary_id}.",
        )
    return boundaries[boundary_id]


def _check_boundary(frame: gpd.GeoDataFrame, entry: Boundary, shown: str) -> None:
    for column in (entry.id_column, entry.name_column, entry.district_column):
        if column is not None and column not in frame.columns:
            raise DataError(
                f"{shown} 缺少声明的列 {column}。", f"{shown} lacks the declared column {column}."
            )
    if len(frame) != entry.features:
        raise DataError(
            f"{shown} 有 {len(frame)} 个要素，声明为 {entry.features} 个。",
            f"{shown} has {len(frame)} features; {entry.features} are declared.",
        )
    if frame[entry.id_column].isna().any():
        at = int(frame[entry.id_column].isna().to_numpy().argmax()) + 1
        raise DataError(
            f"{shown} 第 {at} 个要素没有 {entry.id_column}。",
            f"{shown}: feature {at} has no {entry.id_column}.",
        )
    ids = frame[entry.id_column].astype(str)
    if ids.duplicated().any():
        raise DataError(
            f"{shown}：编号 {ids[ids.duplicated()].iloc[0]} 重复。",
            f"{shown}: the id {ids[ids.duplicated()].iloc[0]} is repeated.",
        )
    _check_geometry(frame, entry.crs, entry.geometry, ids, shown)
