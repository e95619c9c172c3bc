"""What there is: layers, boundaries, datasets, sources, indicators, targets, as declared in files.

Every declaration has a closed schema: an unknown key is an error that names the file, the key and
the keys that are allowed. Nothing of the data itself is opened here.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bsh_geo.errors import DataError, LayerError
from bsh_geo.project import Project, read_toml

Quality = Literal["official", "published", "open", "derived", "schematic"]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Hatch = Literal["diagonal", "dots", "cross"]

CITY = "310000"
"""Area code of 上海市."""


class SchemaFault(ValueError):
    """A broken declaration in two languages; carried through pydantic to the message."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en


class Closed(BaseModel):
    """A declaration that knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(cls.model_fields))
            if unknown:
                allowed = ", ".join(cls.model_fields)
                raise SchemaFault(
                    f"未知的键 {unknown[0]}，可用的键：{allowed}",
                    f"unknown key {unknown[0]}; allowed: {allowed}",
                )
        return data


class NamedFile(Closed):
    """A declaration that is a file of its own, named by its id."""

    id: str


class Text(Closed):
    """A text in both languages of the product."""

    zh: str
    en: str

    def get(self, lang: str) -> str:
        """The text in ``lang``."""
        return self.en if lang == "en" else self.zh


class Category(Closed):
    """One class of a categorical map: how it is named and drawn."""

    key: str
    title: Text
    fill: Colour
    stroke: Colour = "#5b6664"
    hatch: Hatch | None = None


class Metric(Closed):
    """A number drawn per district or per station: where it comes from and how it is classed.

    ``breaks`` are upper bounds, in the unit of the indicator; a value on a break falls in the
    class below it. There is one colour more than there are breaks, from low to high.
    """

    id: str
    title: Text
    places: Literal["districts", "stations"] = "districts"
    indicator: str
    source: Literal["observations", "daily", "computed"] = "observations"
    dataset: str | None = None
    column: str | None = None
    compute: str | None = None
    unit: str | None = None
    decimals: int = 1
    valid: tuple[float, float]
    breaks: tuple[float, ...]
    palette: tuple[Colour, ...]
    better: Literal["low", "high"] = "low"
    gap_breaks: tuple[float, ...] = ()
    basis: Text | None = None

    @model_validator(mode="after")
    def _breaks_fit_palette(self) -> Metric:
        if list(self.breaks) != sorted(set(self.breaks)):
            raise SchemaFault(
                f"指标 {self.id} 的 breaks 应由小到大且不重复",
                f"the breaks of metric {self.id} must rise without repeats",
            )
        low, high = self.valid
        outside = [one for one in self.breaks if not low < one < high]
        if outside:
            raise SchemaFault(
                f"指标 {self.id} 的分界 {outside[0]:g} 不在有效范围 [{low:g}, {high:g}] 内",
                f"the break {outside[0]:g} of metric {self.id} is not inside its valid range "
                f"[{low:g}, {high:g}]",
            )
        if len(self.palette) != len(self.breaks) + 1:
            raise SchemaFault(
                f"指标 {self.id} 有 {len(self.breaks)} 个 breaks 和 {len(self.palette)} 种颜色，"
                "颜色应比 breaks 多一种",
                f"metric {self.id} has {len(self.breaks)} breaks and {len(self.palette)} colours; "
                "one colour more than breaks was expected",
            )
        if self.gap_breaks and (
            len(self.gap_breaks) != 5 or list(self.gap_breaks) != sorted(set(self.gap_breaks))
        ):
            raise SchemaFault(
                f"指标 {self.id} 的 gap_breaks 应为由小到大的 5 个数",
                f"the gap_breaks of metric {self.id} must be five rising numbers",
            )
        needs = {"daily": self.dataset and self.column, "computed": self.compute}
        if self.source in needs and not needs[self.source]:
            raise SchemaFault(
                f"指标 {self.id} 的 source 为 {self.source}，缺少相应的 "
                f"{'dataset 与 column' if self.source == 'daily' else 'compute'}",
                f"metric {self.id} with source {self.source} lacks its "
                f"{'dataset and column' if self.source == 'daily' else 'compute'}",
            )
        return self


class Part(Closed):
    """Something drawn over the districts: areas, points, or what points serve."""

    id: str
    title: Text
    kind: Literal["areas", "points", "service"]
    dataset: str
    shapes: str | None = None
    derive: str | None = None
    district: Literal["stated", "geometry"] = "stated"
    classify: str | None = None
    categories: tuple[Category, ...] = ()
    facts: tuple[str, ...] = ()
    size: str | None = None
    radius_m: float | None = Field(default=None, gt=0)
    colour: Colour | None = None
    shown: bool = True
    overlay: bool = False


class Layer(NamedFile):
    """One map of the product: a file ``layers/<id>.toml``."""

    order: int = 1000
    title: Text
    group: Text
    summary: Text
    metrics: tuple[Metric, ...] = ()
    parts: tuple[Part, ...] = ()
    figures: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    source: tuple[str, ...]
    quality: Quality
    limitations: tuple[Text, ...] = ()

    def metric(self, metric_id: str) -> Metric:
        """The metric with that id, which must exist."""
        return next(metric for metric in self.metrics if metric.id == metric_id)


class Column(Closed):
    """A column of a dataset: its type, name, unit and bounds."""

    type: Literal["str", "int", "float", "bool", "date", "period", "area", "source", "quality"]
    zh: str
    en: str
    unit: str | None = None
    required: bool = False
    min: float | None = None
    max: float | None = None
    allowed: tuple[str, ...] = ()


class Dataset(NamedFile):
    """A table or geometry file under ``data/``: a file ``data/datasets/<id>.toml``."""

    file: str
    title: Text
    rows: Text
    key: tuple[str, ...]
    source: tuple[str, ...]
    licence: Text
    date: str
    quality: Quality
    missing: Text
    limitations: Text
    crs: str | None = None
    lon: str | None = None
    lat: str | None = None
    geometry: str | None = None
    refers: dict[str, str] = {}
    columns: dict[str, Column]


class Boundary(Closed):
    """A boundary file: ``[[boundary]]`` of ``data/boundaries/boundaries.toml``."""

    id: str
    file: str
    id_column: str
    name_column: str
    crs: str
    features: int = Field(gt=0)
    geometry: str
    source: tuple[str, ...]
    licence: Text
    date: str
    quality: Quality
    title: Text
    purpose: Text
    limitations: Text


class Indicator(Closed):
    """What a number means: ``[[indicator]]`` of ``data/targets/indicators.toml``."""

    id: str
    zh: str
    en: str
    theme: str
    unit: str
    decimals: int = 1
    direction: Literal["lower", "higher", "exactly", "done"]
    valid: tuple[float, float]
    definition: Text
    layer: str = ""
    not_comparable: tuple[str, ...] = ()
    city_only: bool = False
    phrase: Text | None = None


class Document(Closed):
    """A policy document: ``[[document]]`` of ``data/targets/documents.toml``."""

    id: str
    title: Text
    short: Text
    issuer: Text
    date: str
    status: Text
    status_code: Literal["draft", "issued"]
    scope: str
    completeness: Text
    file: str


class Source(Closed):
    """Where a figure or a shape comes from: a row of ``data/sources/*.csv``."""

    id: str
    title_zh: str
    title_en: str
    publisher_zh: str = ""
    publisher_en: str = ""
    url: str = ""
    date: str = ""
    licence_zh: str = ""
    licence_en: str = ""
    note_zh: str = ""
    note_en: str = ""

    def title(self, lang: str) -> str:
        """Title in ``lang``."""
        return self.title_en if lang == "en" else self.title_zh


Declared = TypeVar("Declared", bound=Closed)
Named = TypeVar("Named", bound="NamedFile")


def declared(
    model: type[Declared],
    content: dict[str, Any],
    shown: str,
    fault: type[DataError] | type[LayerError] = DataError,
) -> Declared:
    """``content`` as ``model``; what is wrong becomes one sentence naming the file and the key."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        zh, en = _explain(error)
        raise fault(f"{shown}：{zh}。", f"{shown}: {en}.") from error


def _explain(error: ValidationError) -> tuple[str, str]:
    first = error.errors()[0]
    place = ".".join(str(step) for step in first["loc"])
    raised = first.get("ctx", {}).get("error")
    if isinstance(raised, SchemaFault):
        where_zh, where_en = (f"{place} 处", f" at {place}") if place else ("", "")
        return f"{where_zh}{raised.zh}", f"{raised.en}{where_en}"
    if first["type"] == "missing":
        return f"缺少键 {place}", f"the key {place} is missing"
    found = first["input"]
    return (
        f"{place} 的值 {found!r} 不合要求（{first['msg']}）",
        f"{place} has {found!r}: {first['msg']}",
    )


def declared_file(
    project: Project,
    path: Path,
    model: type[Named],
    fault: type[DataError] | type[LayerError] = DataError,
) -> Named:
    """The one declaration of a TOML file, whose id must be the file's name."""
    shown = project.shown(path)
    found = declared(model, read_toml(path, shown), shown, fault)
    if found.id != path.stem:
        raise fault(
            f"{shown}：id 为 {found.id}，应与文件名 {path.stem} 相同。",
            f"{shown}: the id is {found.id}; it should be the file's name, {path.stem}.",
        )
    return found


def load_layer(project: Project, path: Path) -> Layer:
    """The layer of one file, whose name must be its id."""
    return declared_file(project, path, Layer, LayerError)


@cache
def load_layers(project: Project) -> tuple[dict[str, Layer], list[LayerError | DataError]]:
    """Every layer by id, in display order, and the faults of those that cannot be read.

    A broken layer file does not keep the others from being shown.
    """
    layers: list[Layer] = []
    faults: list[LayerError | DataError] = []
    for path in project.files("layers", ".toml").values():
        try:
            layers.append(load_layer(project, path))
        except (LayerError, DataError) as fault:
            faults.append(fault)
    layers.sort(key=lambda layer: (layer.order, layer.id))
    return {layer.id: layer for layer in layers}, faults


@cache
def load_datasets(project: Project) -> dict[str, Dataset]:
    """Every declared dataset by id."""
    paths = project.files("data/datasets", ".toml")
    return {name: declared_file(project, path, Dataset) for name, path in paths.items()}


def _listed(project: Project, relative: str, table: str, model: type[Declared]) -> list[Declared]:
    content = read_toml(project.path(relative), relative)
    entries = content.get(table, [])
    if set(content) - {table}:
        other = sorted(set(content) - {table})[0]
        raise DataError(
            f"{relative}：未知的键 {other}，应只有 [[{table}]]。",
            f"{relative}: unknown key {other}; only [[{table}]] was expected.",
        )
    ids = [entry.get("id") for entry in entries]
    twice = [one for one in ids if ids.count(one) > 1]
    if twice:
        raise DataError(
            f"{relative}：[[{table}]] 的 id {twice[0]} 重复。",
            f"{relative}: the id {twice[0]} of [[{table}]] is used twice.",
        )
    return [
        declared(model, entry, f"{relative} [[{table}]] {entry.get('id', number)}")
        for number, entry in enumerate(entries, start=1)
    ]


@cache
def load_boundaries(project: Project) -> dict[str, Boundary]:
    """Every declared boundary file by id."""
    entries = _listed(project, "data/boundaries/boundaries.toml", "boundary", Boundary)
    return {entry.id: entry for entry in entries}


@cache
def load_indicators(project: Project) -> dict[str, Indicator]:
    """Every indicator by id."""
    entries = _listed(project, "data/targets/indicators.toml", "indicator", Indicator)
    return {entry.id: entry for entry in entries}


@cache
def load_documents(project: Project) -> dict[str, Document]:
    """The policy documents by id."""
    entries = _listed(project, "data/targets/documents.toml", "document", Document)
    return {entry.id: entry for entry in entries}


@cache
def load_sources(project: Project) -> dict[str, Source]:
    """Every source by id, from all files of ``data/sources/``."""
    found: dict[str, Source] = {}
    for path in project.files("data/sources", ".csv").values():
        shown = project.shown(path)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                source = declared(Source, dict(row), f"{shown} 第 {number} 行")
                if source.id in found:
                    raise DataError(
                        f"{shown} 第 {number} 行：来源编号 {source.id} 重复。",
                        f"{shown} line {number}: the source id {source.id} is used twice.",
                    )
                found[source.id] = source
    return found


def source_ids(cell: str) -> list[str]:
    """The ids of a ``source`` cell, which joins them with semicolons."""
    return [part.strip() for part in re.split(r"[;；]", cell) if part.strip()]


QUALITY_TITLES: dict[str, Text] = {
    "official": Text(zh="官方", en="official"),
    "published": Text(zh="公开发布", en="published"),
    "open": Text(zh="开放数据", en="open data"),
    "derived": Text(zh="推算", en="derived"),
    "schematic": Text(zh="示意", en="schematic"),
}
