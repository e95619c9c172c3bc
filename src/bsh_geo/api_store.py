"""A project in, its layers as collections of features out, found by box, time and properties.

The files are looked at with every request: a changed one is served at once, a whole state at a
time. Features are written as JSON once and only chosen afterwards.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from bsh_geo import air_figures, areas, catalogue, gis_history, gis_layers, periods
from bsh_geo.api_query import Filter, RequestError
from bsh_geo.errors import BshError, unknown_name
from bsh_geo.gis_layers import GisLayer
from bsh_geo.project import Project, open_project

DIGITS = 7
"""Decimals of a coordinate: one centimetre."""
_ADCODE = re.compile(r"\d{6}")


@dataclass(frozen=True, eq=False)
class Collection:
    """The features of one layer, in the order of its rows.

    ``texts`` are the features as GeoJSON, ``ids`` what each is asked for by; ``spans`` are the
    first and last day of the row's period, None where it has none.
    """

    layer: GisLayer
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    geometry: npt.NDArray[np.object_]
    districts: tuple[frozenset[str], ...] | None
    spans: tuple[tuple[date, date] | None, ...] | None

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north; None without any geometry."""
        found = shapely.total_bounds(self.geometry)
        return None if np.isnan(found).any() else tuple(float(one) for one in found)  # type: ignore[return-value]

    def found(self, asked: Filter, project: Project) -> npt.NDArray[np.int64]:
        """The places of the rows that satisfy a filter, in order."""
        keep = np.ones(len(self.ids), dtype=bool)
        if asked.boxes:
            hits = [shapely.intersects(self.geometry, shapely.box(*box)) for box in asked.boxes]
            keep &= np.logical_or.reduce(hits)
        if asked.time is not None and self.spans is not None:
            first, last = asked.time
            keep &= np.array([_meets(span, first, last) for span in self.spans], dtype=bool)
        if asked.district is not None:
            keep &= self._in_district(asked.district, project)
        for name, value in asked.properties:
            keep &= _equal(self.layer.frame[name], name, value)
        return np.flatnonzero(keep)

    def _in_district(self, name: str, project: Project) -> npt.NDArray[np.bool_]:
        if self.districts is None:
            raise RequestError(
                400,
                f"{self.layer.id} 没有所在区，不能按 district 筛选。",
                f"{self.layer.id} has no districts to filter by.",
            )
        codes = set(areas.all_codes(project, areas.select(project, [name])))
        return np.array([bool(codes & own) for own in self.districts], dtype=bool)


def _meets(span: tuple[date, date] | None, first: date | None, last: date | None) -> bool:
    """Whether a row's time meets an interval; a row without time meets every one (OGC 17-069)."""
    if span is None:
        return True
    return (last is None or span[0] <= last) and (first is None or span[1] >= first)


def _equal(values: pd.Series, name: str, asked: str) -> npt.NDArray[np.bool_]:
    """Whether a column has a value, by the column's own type; a missing cell has none."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.map({True: "true", False: "false"}).eq(asked.lower()).fillna(False).to_numpy(
            dtype=bool
        )  # fmt: skip
    if pd.api.types.is_numeric_dtype(values.dtype):
        try:
            return values.eq(float(asked)).fillna(False).to_numpy(dtype=bool)
        except ValueError as error:
            raise RequestError(
                400,
                f"{name} 是数，不能等于“{asked[:60]}”。",
                f"{name} is a number and cannot be “{asked[:60]}”.",
            ) from error
    return np.array([isinstance(one, str) and one == asked for one in values], dtype=bool)


def collection_of(layer: GisLayer) -> Collection:
    """A layer made ready to be asked."""
    shapes = shapely.transform(
        layer.frame.geometry.to_numpy(), lambda points: np.round(points, DIGITS)
    )
    ids = _feature_ids(layer)
    names = [note.name for note in layer.columns]
    cells = [[_cell(one) for one in layer.frame[name]] for name in names]
    texts = [
        _feature(one, shape, dict(zip(names, row, strict=True)))
        for one, shape, row in zip(ids, shapes, zip(*cells, strict=True), strict=True)
    ]
    return Collection(
        layer=layer,
        ids=ids,
        texts=tuple(texts),
        geometry=shapes,
        districts=_districts(layer),
        spans=_spans(layer),
    )


def _feature_ids(layer: GisLayer) -> tuple[str, ...]:
    """Ids of rows as asked for: of the place, with the period where a place has several rows."""
    name = "id" if "id" in layer.frame else "code" if "code" in layer.frame else None
    if name is None:
        return tuple(str(one) for one in range(1, len(layer.frame) + 1))
    plain = [str(one) for one in layer.frame[name]]
    if len(set(plain)) < len(plain) and "period" in layer.frame:
        plain = [f"{one}@{when}" for one, when in zip(plain, layer.frame["period"], strict=True)]
    return tuple(plain)


def _cell(cell: object) -> object:
    if cell is None or cell is pd.NA or cell != cell:
        return None
    return cell.item() if hasattr(cell, "item") else cell


def _feature(one: str, shape: shapely.Geometry | None, properties: dict[str, object]) -> str:
    head = json.dumps(one, ensure_ascii=False)
    geometry = "null" if shape is None else shapely.to_geojson(shape)
    told = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    return f'{{"type":"Feature","id":{head},"geometry":{geometry},"properties":{told}}}'


def _districts(layer: GisLayer) -> tuple[frozenset[str], ...] | None:
    """The codes of the districts of each row; None where the layer does not tell."""
    frame = layer.frame
    name = next((one for one in ("in_adcode", "adcode") if one in frame), None)
    if name is None and "id" in frame and frame["id"].astype(str).str.fullmatch(r"\d{6}").all():
        name = "id"
    if name is None:
        return None
    return tuple(
        frozenset(_ADCODE.findall(one)) if isinstance(one, str) else frozenset()
        for one in frame[name]
    )


def _spans(layer: GisLayer) -> tuple[tuple[date, date] | None, ...] | None:
    if "period" not in layer.frame:
        return None
    return tuple(_span(one) for one in layer.frame["period"])


def _span(period: object) -> tuple[date, date] | None:
    if not isinstance(period, str) or not period:
        return None
    try:
        found = periods.parse(period)
    except BshError:  # a period of words, as some documents have
        return None
    return found.first, found.last


@dataclass(frozen=True, eq=False)
class State:
    """What is served until a file changes: the project and its collections by id."""

    project: Project
    lang: str
    collections: dict[str, Collection]

    def collection(self, name: str) -> Collection:
        """The collection of that id.

        Raises
        ------
        RequestError
            404: there is none; close matches are named.
        """
        if name not in self.collections:
            fault = unknown_name("要素集", "collection", name[:60], self.collections)
            raise RequestError(404, fault.zh, fault.en)
        return self.collections[name]


class Store:
    """The states of one project folder by language, made anew when a file has changed."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._digest = ""
        self._project = open_project(folder)
        self._states: dict[str, State] = {}

    def project(self) -> Project:
        """The project as its files are now."""
        with self._lock:
            return self._current()

    def state(self, lang: str) -> State:
        """The collections as the files are now.

        Raises
        ------
        BshError
            A file of the project is broken.
        """
        with self._lock:
            project = self._current()
            if lang not in self._states:
                self._states[lang] = state_of(project, lang)
            return self._states[lang]

    def _current(self) -> Project:
        opened = open_project(self._folder)
        digest = f"{opened.digest()}{air_figures.state(opened)}"
        if digest != self._digest:
            self._project = Project(opened.roots, digest)
            self._digest, self._states = digest, {}
        return self._project


def state_of(project: Project, lang: str) -> State:
    """Every layer of a project as collections, and every metric's figures of all periods."""
    layers, _ = catalogue.load_layers(project)
    every: Sequence[GisLayer] = [
        *gis_layers.of_project(project, lang),
        *gis_history.histories(project, list(layers.values()), lang),
    ]
    made = {one.id: collection_of(one) for one in every}
    return State(project, lang, made)
