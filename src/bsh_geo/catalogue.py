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
    """A number drawn per district, unit or station: where it comes from and how it is classed.

    ``boundary`` names a boundary set whose units are coloured in place of the districts.
    ``breaks`` are upper bounds, in the unit of the indicator; a value on a break falls in the
    class below it. There is one colour more than there are breaks, from low to high.
    """

    id: str
    title: Text
    places: Literal["districts", "stations"] = "districts"
    boundary: str | None = None
    indicator: str
    source: Literal["observations", "daily", "computed", "readings"] = "observations"
    dataset: str | None = None
    column: str | None = None
    compute: str | None = None
    item: str | None = None
    unit: str | None = None
    decimals: int = 1
    valid: tuple[float, float]
    breaks: tuple[float, ...]
    palette: tuple[Colour, ...]
    better: Literal["low", "high"] = "low"
    gap_breaks: tuple[float, ...] = ()
    change_breaks: tuple[float, ...] = ()
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
        self._diverging_breaks("gap_breaks", self.gap_breaks)
        self._diverging_breaks("change_breaks", self.change_breaks)
        self._names_its_source()
        self._fits_its_units()
        return self

    def _diverging_breaks(self, key: str, breaks: tuple[float, ...]) -> None:
        if breaks and (len(breaks) != 5 or list(breaks) != sorted(set(breaks))):
            raise SchemaFault(
                f"指标 {self.id} 的 {key} 应为由小到大的 5 个数",
                f"the {key} of metric {self.id} must be five rising numbers",
            )

    def _names_its_source(self) -> None:
        needs = {
            "daily": (self.dataset and self.column, "dataset 与 column", "dataset and column"),
            "computed": (self.compute, "compute", "compute"),
            "readings": (self.item, "item", "item"),
        }
        named, zh, en = needs.get(self.source, ("observations", "", ""))
        if not named:
            raise SchemaFault(
                f"指标 {self.id} 的 source 为 {self.source}，缺少相应的 {zh}",
                f"metric {self.id} with source {self.source} lacks its {en}",
            )

    def _fits_its_units(self) -> None:
        """Units have published figures or computed ones, and no targets of their own."""
        computes = self.source == "computed" and self.compute in UNIT_FIGURES
        if self.boundary is None:
            if computes:
                raise SchemaFault(
                    f"指标 {self.id} 的 compute 为 {self.compute}，应以 boundary 指定一组边界",
                    f"metric {self.id} computes {self.compute} and needs the boundary set it is "
                    "computed for (boundary)",
                )
            return
        if self.places != "districts" or self.gap_breaks or self.source in ("daily", "readings"):
            raise SchemaFault(
                f"指标 {self.id} 有 boundary，不能再有 places、gap_breaks 或 source = "
                "daily、readings",
                f"metric {self.id} has a boundary, which goes with no places, no gap_breaks and no "
                "source daily or readings",
            )
        if self.source == "computed" and not (computes and self.dataset):
            raise SchemaFault(
                f"指标 {self.id} 按单元计算，compute 应为 {'、'.join(UNIT_FIGURES)} 之一，"
                "并以 dataset 指定数据集",
                f"metric {self.id} is computed by unit: compute must be one of "
                f"{', '.join(UNIT_FIGURES)}, and dataset name what is counted",
            )
        if self.compute in ("sum", "mean") and not self.column:
            raise SchemaFault(
                f"指标 {self.id} 的 compute 为 {self.compute}，缺少 column",
                f"metric {self.id} with compute {self.compute} lacks its column",
            )


UNIT_FIGURES = ("count", "density", "sum", "mean", "cover")
"""What is computed of the places of a dataset in each unit of a boundary set."""


class SizeRadius(Closed):
    """How far a park of at least ``min_ha`` hectares serves, in metres, and why that far."""

    min_ha: float = Field(ge=0)
    radius_m: float = Field(gt=0)
    basis: Text


class Part(Closed):
    """Something drawn over the districts: areas, points, what points serve, or a raster."""

    id: str
    title: Text
    kind: Literal["areas", "points", "service", "raster"]
    dataset: str
    shapes: str | None = None
    derive: str | None = None
    district: Literal["stated", "geometry"] = "stated"
    classify: str | None = None
    categories: tuple[Category, ...] = ()
    facts: tuple[str, ...] = ()
    size: str | None = None
    radius_m: float | None = Field(default=None, gt=0)
    radii: tuple[SizeRadius, ...] = ()
    colour: Colour | None = None
    shown: bool = True
    overlay: bool = False

    @model_validator(mode="after")
    def _raster_lies_below(self) -> Part:
        if self.kind == "raster" and self.overlay:
            raise SchemaFault(
                f"内容 {self.id} 是栅格，画在各面之下，不能叠加到其他图层（overlay）",
                f"the part {self.id} is a raster, which lies below all areas: it is no overlay",
            )
        return self

    @model_validator(mode="after")
    def _radii_fit(self) -> Part:
        sizes = [one.min_ha for one in self.radii]
        if sizes and (sizes[0] != 0 or sizes != sorted(set(sizes)) or self.radius_m is None):
            raise SchemaFault(
                f"内容 {self.id} 的 radii 应由 min_ha = 0 起、由小到大且不重复，"
                "并以 radius_m 说明面积不详者的半径",
                f"the radii of {self.id} must start at min_ha = 0 and rise without repeats, and "
                "radius_m must say how far those of unknown size serve",
            )
        return self


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

    @model_validator(mode="after")
    def _no_areas_over_a_raster(self) -> Layer:
        hidden = any(part.kind == "raster" for part in self.parts)
        if hidden and any(metric.places == "districts" for metric in self.metrics):
            raise SchemaFault(
                "有栅格内容的图层不能同时有区级指标：区的颜色会盖住栅格",
                "a layer with a raster can have no metric by district: its colours would hide it",
            )
        return self

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


class PathSettings(Closed):
    """``[paths]`` of ``config.toml``: the ways people walk on, and how reach is measured on them.

    ``speed_m_s`` turns minutes into metres. ``width_m`` is how far off a way a place may lie, and
    counts as walked. A park's point is joined to the nearest way within ``snap_m``, a park's
    shape to every way within ``gate_m`` of it. ``crossings`` says whether ways that cross without
    a shared vertex meet there (``junction``, where both are on one level) or pass (``pass``).
    ``barriers`` names a file of areas that nobody walks across off the ways, such as water.
    """

    file: str | None = None
    speed_m_s: float = Field(default=1.2, gt=0, le=3)
    width_m: float = Field(default=50, gt=0, le=200)
    snap_m: float = Field(default=200, ge=0, le=1000)
    gate_m: float = Field(default=30, ge=0, le=200)
    crossings: Literal["pass", "junction"] = "pass"
    barriers: str | None = None


class ResidentSettings(Closed):
    """``[residents]`` of ``config.toml``: where people live, as counts in areas or as a grid.

    ``file`` is a GeoTIFF of people per cell, or areas whose ``column`` holds the people in each.
    ``homes`` names a file of residential areas, to which blind spots are limited.
    """

    file: str | None = None
    column: str = "population"
    year: str = ""
    source: str = ""
    homes: str | None = None


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


class RasterFile(NamedFile):
    """A GeoTIFF under ``data/``: a file ``data/rasters/<id>.toml``.

    It holds classes, named by the class table ``classes``, or amounts in ``unit``, drawn in the
    classes of ``breaks`` (upper bounds) and ``palette`` (one colour more, low to high).
    ``schematic`` says whether any shape in it is a sketch.
    """

    file: str
    title: Text
    source: tuple[str, ...]
    licence: Text
    date: str
    quality: Quality
    schematic: bool = False
    crs: str
    band: int = Field(default=1, ge=1)
    classes: str | None = None
    breaks: tuple[float, ...] = ()
    palette: tuple[Colour, ...] = ()
    unit: str = ""
    limitations: Text

    @model_validator(mode="after")
    def _classes_or_breaks(self) -> RasterFile:
        rising = list(self.breaks) == sorted(set(self.breaks))
        fits = rising and len(self.palette) == len(self.breaks) + 1
        if (self.classes is None) != bool(self.breaks) or (self.breaks and not fits):
            raise SchemaFault(
                "栅格应有 classes（类别表），或由小到大的 breaks 与多一种颜色的 palette",
                "a raster needs classes (a class table), or rising breaks and a palette with one "
                "colour more",
            )
        return self


class Boundary(Closed):
    """A boundary file: ``[[boundary]]`` of ``data/boundaries/boundaries.toml``.

    ``district_column`` holds the adcode of the district that each unit belongs to, where the set
    says so itself; without it, a unit belongs to the district that most of its area lies in.
    """

    id: str
    file: str
    id_column: str
    name_column: str
    district_column: str | None = None
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


@cache
def load_rasters(project: Project) -> dict[str, RasterFile]:
    """Every declared raster by id."""
    paths = project.files("data/rasters", ".toml")
    return {name: declared_file(project, path, RasterFile) for name, path in paths.items()}


def raster_of(project: Project, raster_id: str) -> RasterFile:
    """The declaration of a raster, which must exist."""
    known = load_rasters(project)
    if raster_id not in known:
        raise DataError(
            f"没有名为 {raster_id} 的栅格，应有声明文件 data/rasters/{raster_id}.toml。",
            f"There is no raster {raster_id}; data/rasters/{raster_id}.toml was expected.",
        )
    return known[raster_id]


def _listed(project: Project, relative: str, table: str, model: type[Declared]) -> list[Declared]:
    """The declarations of a list; those of the user's file replace or add to the shipped ones."""
    project.path(relative)  # one of the roots must have it
    found: dict[str, Declared] = {}
    for root in reversed(project.roots):
        if (root / relative).is_file():
            entries = listed_in(root / relative, relative, table, model)
            found |= {str(entry.id): entry for entry in entries}  # type: ignore[attr-defined]
    return list(found.values())


def listed_in(path: Path, relative: str, table: str, model: type[Declared]) -> list[Declared]:
    """The declarations of one file's list ``[[table]]``, each id once."""
    content = read_toml(path, relative)
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
