"""Mapped columns of text in, cells as a dataset declares them out; what does not fit, by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from bsh_geo import own_values
from bsh_geo.catalogue import QUALITY_TITLES, Column
from bsh_geo.own_report import Ledger
from bsh_geo.own_tables import Ints

TRUE = ("true", "是", "1", "y", "yes", "有", "√", "对照", "对照点")
FALSE = ("false", "否", "0", "n", "no", "无", "×")

DECIMALS = {"lon": 7, "lat": 7, "area_km2": 6, "area_ha": 4}
"""Decimals of computed numbers; 1e-7 degrees are a centimetre."""


def text_of(values: np.ndarray[tuple[int], np.dtype[np.float64]], decimals: int = 10) -> pd.Series:
    """Numbers as a file has them, blank where missing."""
    rounded = np.round(np.asarray(values, dtype=float), decimals)
    written = pa.array(rounded, from_pandas=True).cast(pa.string()).fill_null("")
    return pd.Series(written.to_pandas(), dtype=str)


def codes_text(codes: np.ndarray[Any, np.dtype[np.object_]]) -> pd.Series:
    """Codes as a file has them, blank where there is none; few different ones are best."""
    places, different = pd.factorize(codes)
    words = pd.array([*map(str, different), ""], dtype="str")
    return pd.Series(words.take(np.where(places < 0, len(different), places)))


def repeated(texts: pd.Series) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which texts stand in an earlier row too."""
    if len(pc.unique(pa.array(texts, from_pandas=True))) == len(texts):
        return np.zeros(len(texts), dtype=bool)
    return texts.duplicated().to_numpy(dtype=bool)


def blank(count: int) -> pd.Series:
    """A column without any text."""
    return pd.Series([""], dtype=str).repeat(count).reset_index(drop=True)


def cells(
    texts: pd.Series, name: str, column: Column, unit: str, numbers: Ints, ledger: Ledger
) -> pd.Series:
    """A column's cells in the form of the dataset; wrong ones are blank and found."""
    if column.type in ("int", "float"):
        return _numbers(texts, name, column, unit, numbers, ledger)
    plain = texts.astype(str).str.strip()
    if _coded(name):
        plain = plain.map(own_values.half) if not plain.str.isascii().all() else plain
    if column.type == "bool":
        return _bools(plain, column, numbers, ledger)
    if column.type == "quality":
        return _qualities(plain, column, numbers, ledger)
    if column.allowed:
        wrong = (plain.ne("") & ~plain.isin(column.allowed)).to_numpy(dtype=bool)
        if wrong.any():
            listed, example = "、".join(column.allowed), plain.iloc[int(wrong.argmax())]
            ledger.add(
                "proposed",
                f"{column.zh}不是 {listed} 之一，留空（如“{example}”）",
                f"{column.en} is none of {listed} and is left blank (such as “{example}”)",
                numbers[wrong],
            )
        return plain.mask(wrong, "")
    return plain


def _coded(name: str) -> bool:
    return name in ("id", "code")


def _numbers(
    texts: pd.Series, name: str, column: Column, unit: str, numbers: Ints, ledger: Ledger
) -> pd.Series:
    values, wrong, misfit = own_values.numbers(texts, unit, column.unit or "")
    if wrong.any():
        zh, en = ("不是数字", "is not a number")
        if misfit:
            zh = f"的单位不能换算成 {column.unit}"
            en = f"has a unit that cannot be turned into {column.unit}"
        example = texts.iloc[int(wrong.argmax())]
        ledger.add(
            "rejected",
            f"{column.zh}“{example}”{zh}",
            f"{column.en} “{example}” {en}",
            numbers[wrong],
        )
    low = -np.inf if column.min is None else column.min
    high = np.inf if column.max is None else column.max
    outside = (values < low) | (values > high)
    if column.type == "int":
        outside |= np.isfinite(values) & (values % 1 != 0)
    if outside.any():
        example = f"{values[int(outside.argmax())]:g}"
        whole_zh, whole_en = ("整数，", "a whole number ") if column.type == "int" else ("", "")
        ledger.add(
            "rejected",
            f"{column.zh} {example} 应为{whole_zh}[{low:g}, {high:g}] 以内",
            f"{column.en} {example} should be {whole_en}within [{low:g}, {high:g}]",
            numbers[outside],
        )
        values = np.where(outside, np.nan, values)
    return text_of(values)


def _bools(plain: pd.Series, column: Column, numbers: Ints, ledger: Ledger) -> pd.Series:
    low = plain.str.lower()
    made = pd.Series(
        np.where(low.isin(TRUE), "true", np.where(low.isin(FALSE), "false", "")), dtype=str
    )
    wrong = (plain.ne("") & made.eq("")).to_numpy(dtype=bool)
    if wrong.any():
        example = plain.iloc[int(wrong.argmax())]
        ledger.add(
            "proposed",
            f"{column.zh}“{example}”应为是或否，留空",
            f"{column.en} “{example}” should be yes or no; left blank",
            numbers[wrong],
        )
    return made


def _qualities(plain: pd.Series, column: Column, numbers: Ints, ledger: Ledger) -> pd.Series:
    known = {one: one for one in QUALITY_TITLES}
    known |= {text.zh: one for one, text in QUALITY_TITLES.items()}
    known |= {text.en: one for one, text in QUALITY_TITLES.items()}
    made = plain.map(known).fillna("").astype(str)
    wrong = (plain.ne("") & made.eq("")).to_numpy(dtype=bool)
    if wrong.any():
        listed, example = "、".join(QUALITY_TITLES), plain.iloc[int(wrong.argmax())]
        ledger.add(
            "rejected",
            f"{column.zh}“{example}”应为 {listed} 之一",
            f"{column.en} “{example}” should be one of {listed}",
            numbers[wrong],
        )
    return made


def filled(
    found: Mapping[str, pd.Series], columns: Mapping[str, Column], count: int
) -> pd.DataFrame:
    """The cells in the order of the dataset's columns, blank where there are none."""
    empty = blank(count)
    return pd.DataFrame({name: found.get(name, empty) for name in columns}).reset_index(drop=True)
