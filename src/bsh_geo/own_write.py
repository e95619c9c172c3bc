"""Rows that were read from a user's file in, the files of a project folder that hold them out.

A file of the project folder replaces the shipped one of its path, so whole tables are made: the
rows as they stand, those of the same id replaced, new ones behind. Nothing is written here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import catalogue, frames, long_tables, own_names, own_toml
from bsh_geo.catalogue import Text
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.errors import DataError
from bsh_geo.own_kinds import Mode
from bsh_geo.own_report import Ledger, Planned
from bsh_geo.project import Project
from bsh_geo.site_geometry import Shapes

OWN_SOURCES = "data/sources/own.csv"
SOURCE_COLUMNS = tuple(catalogue.Source.model_fields)

PLACES = 7
"""Decimals of stored degrees: a centimetre."""


@dataclass
class Files:
    """Files by path below the project folder, and what a reader is told of each."""

    content: dict[str, bytes | None] = field(default_factory=dict)
    planned: list[Planned] = field(default_factory=list)

    def add(
        self, relative: str, content: bytes, added: int, replaced: int, dropped: int = 0
    ) -> None:
        """One file."""
        self.content[relative] = content
        self.planned.append(Planned(relative, added, replaced, dropped))

    def remove(self, relative: str) -> None:
        """A file of the project folder that another one takes the place of."""
        self.content[relative] = None


def csv_bytes(names: Sequence[str], rows: Any) -> bytes:
    """A CSV file as the shipped ones are."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return made.getvalue().encode("utf-8")


def add_source(project: Project, files: Files, source: dict[str, str]) -> None:
    """The register of the user's own sources with one more, or with its newer text."""
    rows: dict[str, dict[str, str]] = {}
    path = project.files("data/sources", ".csv").get("own")
    if path is not None:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = {row["id"]: row for row in csv.DictReader(lines)}
    known = source["id"] in rows
    rows[source["id"]] = {name: source.get(name, "") for name in SOURCE_COLUMNS}
    content = csv_bytes(
        SOURCE_COLUMNS, ([row.get(name) or "" for name in SOURCE_COLUMNS] for row in rows.values())
    )
    files.add(OWN_SOURCES, content, int(not known), int(known))


def with_known_ids(
    project: Project, dataset_id: str, new: pd.DataFrame, key: str, ledger: Ledger
) -> pd.DataFrame:
    """Rows whose id was made here take that of a row of the same name and district."""
    known: dict[tuple[str, str], str] = {}
    texts = {
        name: frames.column_text(project, dataset_id, name) for name in (key, "name_zh", "adcode")
    }
    for one, name, code in zip(*texts.values(), strict=True):
        known.setdefault((own_names.plain(name), code), one)
    ids = [
        known.get((own_names.plain(name), code), one)
        for one, name, code in zip(new[key], new["name_zh"], new["adcode"], strict=True)
    ]
    same = np.array([one != old for one, old in zip(ids, new[key], strict=True)], dtype=bool)
    if same.any():
        ledger.add(
            "proposed",
            "没有编号，按名称和区认作已有的行",
            "Without an id, taken for the known row of the same name and district",
            new.index[same],
        )
    return new.assign(**{key: ids})


def merge_table(
    project: Project,
    files: Files,
    dataset_id: str,
    new: pd.DataFrame,
    given: Collection[str],
    mode: Mode,
) -> None:
    """A CSV dataset with rows replaced and added, or with the new rows alone.

    Of a row that is replaced, what the file does not say stays, and so does its source beside
    the new one.
    """
    dataset = frames.dataset_of(project, dataset_id)
    names = list(dataset.columns)
    relative = f"data/{dataset.file}"
    columns = {name: frames.column_text(project, dataset_id, name) for name in names}
    old = dict(
        zip(
            zip(*(columns[name] for name in dataset.key), strict=True),
            zip(*columns.values(), strict=True),
            strict=True,
        )
    )
    fresh = dict(
        zip(
            zip(*(new[name] for name in dataset.key), strict=True),
            zip(*(new[name] for name in names), strict=True),
            strict=True,
        )
    )
    again = fresh.keys() & old.keys()
    for one in again:
        fresh[one] = _completed(names, old[one], fresh[one], given)
    rows = {**old, **fresh} if mode == "merge" else fresh
    dropped = 0 if mode == "merge" else len(old.keys() - fresh.keys())
    files.add(
        relative, csv_bytes(names, rows.values()), len(fresh) - len(again), len(again), dropped
    )


def _completed(
    names: list[str], old: tuple[str, ...], new: tuple[str, ...], given: Collection[str]
) -> tuple[str, ...]:
    kept = [
        (one if name in given or not before else before)
        for name, one, before in zip(names, new, old, strict=True)
    ]
    left = any(
        before and name not in given and name not in ("name_en", "source", "quality")
        for name, before in zip(names, old, strict=True)
    )
    at = names.index("source") if "source" in names else -1
    if at >= 0:
        before = [one for one in catalogue.source_ids(old[at]) if one != new[at]]
        kept[at] = ";".join([new[at], *before]) if left else new[at]
    return tuple(kept)


def rounded(found: Shapes) -> Shapes:
    """Geometries with ``PLACES`` decimals; one that this would break stays as it is."""
    made: Shapes = shapely.transform(found, lambda pairs: np.round(pairs, PLACES))
    broken = ~shapely.is_valid(made)
    made[broken] = found[broken]
    return made


def features(rows: pd.DataFrame, shapes: Shapes, numeric: Collection[str]) -> list[str]:
    """GeoJSON features as text; cells of ``numeric`` columns are numbers, blank ones null."""
    geometries = shapely.to_geojson(rounded(shapes))
    records = rows.to_dict("records")
    made = []
    for record, geometry in zip(records, geometries, strict=True):
        cells = {
            str(name): (None if one == "" else float(one) if name in numeric else one)
            for name, one in record.items()
        }
        told = json.dumps(cells, ensure_ascii=False)
        made.append(f'{{"type":"Feature","properties":{told},"geometry":{geometry}}}')
    return made


def collection(made: Sequence[str]) -> bytes:
    """A FeatureCollection of features."""
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(made) + "\n]}\n").encode()


def merge_shapes(
    project: Project, files: Files, dataset_id: str, rows: gpd.GeoDataFrame, mode: Mode
) -> None:
    """A geometry dataset with features of the same id replaced and new ones added."""
    dataset = frames.dataset_of(project, dataset_id)
    relative = f"data/{dataset.file}"
    numeric = [name for name, one in dataset.columns.items() if one.type in ("int", "float")]
    content = json.loads(project.path(relative).read_bytes())
    old = content["features"]
    ids = set(rows["id"])
    kept = [one for one in old if str(one["properties"].get("id")) not in ids]
    replaced = len(ids & {str(one["properties"].get("id")) for one in old})
    fresh = features(pd.DataFrame(rows[list(dataset.columns)]), rows.geometry.to_numpy(), numeric)
    before = [json.dumps(one, ensure_ascii=False) for one in kept] if mode == "merge" else []
    dropped = 0 if mode == "merge" else len({str(one["properties"].get("id")) for one in kept})
    files.add(relative, collection([*before, *fresh]), len(ids) - replaced, replaced, dropped)


def boundary_files(
    project: Project, files: Files, rows: gpd.GeoDataFrame, declared: dict[str, Any], simplify: bool
) -> None:
    """A boundary set and its entry in ``boundaries.toml``; with ``simplify``, one for drawing."""
    known = {
        name: own_toml.content(one) for name, one in catalogue.load_boundaries(project).items()
    }
    shapes = rows.geometry.to_numpy()
    table = pd.DataFrame(rows.drop(columns="geometry"))
    drawn = {declared["id"]: shapes}
    if simplify:
        drawn[f"{declared['id']}_display"] = for_drawing(shapes)
    for name, geometry in drawn.items():
        before = known.get(name, {})
        file = str(before.get("file", f"{name}.geojson"))
        known[name] = {**before, **declared, "id": name, "file": file, "features": len(table)}
        files.add(
            f"data/boundaries/{file}",
            collection(features(table, geometry, ())),
            len(table) - (len(table) if before else 0),
            len(table) if before else 0,
        )
    # The user's file holds what differs from the shipped one: the rest may be shipped anew.
    box = catalogue.load_boundaries(Project(project.roots[-1:]))
    own = [one for one in known.values() if one != own_toml.content_of(box.get(str(one["id"])))]
    text = own_toml.text({"boundary": own})
    files.add("data/boundaries/boundaries.toml", text.encode(), 0, len(drawn))


DRAWN_M = 25.0


def for_drawing(shapes: Shapes) -> Shapes:
    """Areas simplified together, so that they keep their common borders."""
    plane = gpd.GeoSeries(shapes, crs=DISPLAY).to_crs(MEASURE).to_numpy()
    if shapely.coverage_is_valid(plane):
        made = shapely.coverage_simplify(plane, DRAWN_M)
    else:
        made = shapely.simplify(plane, DRAWN_M, preserve_topology=True)
    back: Shapes = gpd.GeoSeries(made, crs=MEASURE).to_crs(DISPLAY).to_numpy()
    whole = shapely.is_valid(back) & ~shapely.is_empty(back)
    return np.where(whole, back, shapes)


def as_measured(
    project: Project, files: Files, layer_id: str, dataset_id: str, quality: str
) -> None:
    """A shipped layer and dataset that call themselves schematic, once real shapes stand there."""
    layers, _ = catalogue.load_layers(project)
    layer = layers.get(layer_id)
    if layer is None or quality == "schematic":
        return
    content = _unsketched(own_toml.content(layer))
    content["quality"] = quality
    content["limitations"] = [
        {
            "zh": "图形由用户导入，来源见各斑块；官方面积不由图形计算。",
            "en": "Shapes are imported by the user, with the source of each patch; official areas "
            "are never computed from them.",
        }
    ]
    files.add(f"layers/{layer_id}.toml", own_toml.text(content).encode(), 0, 1)
    dataset = _unsketched(own_toml.content(frames.dataset_of(project, dataset_id)))
    told = {
        "zh": "由用户导入，未经本产品核对。",
        "en": "Imported by the user and not verified here.",
    }
    dataset |= {"quality": quality, "limitations": told}
    files.add(f"data/datasets/{dataset_id}.toml", own_toml.text(dataset).encode(), 0, 1)


def _unsketched(one: Any) -> Any:
    """Titles without the word schematic, and no hatch, which stands for it."""
    if isinstance(one, dict):
        return {name: _unsketched(cell) for name, cell in one.items() if name != "hatch"}
    if isinstance(one, (list, tuple)):
        return [_unsketched(cell) for cell in one]
    if isinstance(one, str):
        return (
            one.replace("（示意）", "").replace(" (schematic)", "").replace("与示意斑块", "与斑块")
        )
    return one


def layer_files(
    files: Files, rows: gpd.GeoDataFrame, dataset: dict[str, Any], layer: dict[str, Any]
) -> None:
    """A dataset of the user's own, its declaration, and the layer that draws it."""
    names = list(dataset["columns"])
    table = pd.DataFrame(rows[names])
    numeric = [name for name, one in dataset["columns"].items() if one["type"] in ("int", "float")]
    if "geometry" in dataset:
        content = collection(features(table, rows.geometry.to_numpy(), numeric))
    elif dataset["file"].endswith(long_tables.ENDING):
        types = {name: one["type"] for name, one in dataset["columns"].items()}
        content = long_tables.content(table, types)
    else:
        content = csv_bytes(names, zip(*(table[name].tolist() for name in names), strict=True))
    files.add(f"data/{dataset['file']}", content, len(rows), 0)
    files.add(f"data/datasets/{dataset['id']}.toml", own_toml.text(dataset).encode(), 1, 0)
    files.add(f"layers/{layer['id']}.toml", own_toml.text(layer).encode(), 1, 0)


def both(zh: str, en: str) -> dict[str, str]:
    """A text of a declaration."""
    return Text(zh=zh, en=en).model_dump()


def no_rows(name: str) -> DataError:
    """The fault of a file of which nothing can be imported."""
    return DataError(f"{name} 中没有可以导入的行。", f"{name} holds no row that can be imported.")
