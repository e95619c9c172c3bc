"""The source of a set of vector tiles in, its files out: tiles, facts, and what they are.

A set is a folder: ``tiles.pmtiles`` (PMTiles 3 with Mapbox Vector Tiles), ``facts.zip`` (what the
hover box says of each feature, in blocks) and ``about.json``. It is written beside its place and
renamed when it is whole. Nothing here needs pandas: the process that makes a set starts at once.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pmtiles.tile
import pmtiles.writer
import shapely

from bsh_geo import tile_pyramid, vector_tiles
from bsh_geo.tile_pyramid import Features

BLOCK = 128
"""Features whose facts come together."""

KEPT_BYTES = 2 * 2**30
"""What the sets may take together; those that were not looked at for longest go first."""

STALE_SECONDS = 86_400.0
"""After which a set that was never finished is taken away."""

ABOUT, TILES, FACTS = "about.json", "tiles.pmtiles", "facts.zip"
_INPUT, _SHAPES = "input.json", "shapes.npz"
_COMPRESSION = 6


@dataclass(frozen=True)
class Source:
    """What a set is made of: features, the keys of their classes, and their facts as JSON."""

    features: Features
    keys: tuple[str, ...]
    facts: tuple[str, ...]
    digest: str


def write_source(source: Source, folder: Path) -> None:
    """What the process reads: numbers and shapes in one file, keys and facts in another."""
    features = source.features
    radii = np.array([]) if features.radii is None else features.radii
    shapes = shapely.to_wkb(features.shapes)
    ends = np.cumsum([len(one) for one in shapes])
    content = np.frombuffer(b"".join(shapes), dtype=np.uint8)
    np.savez(folder / _SHAPES, ends=ends, content=content, keys=features.keys, radii=radii)
    told = {"kind": features.kind, "keys": source.keys, "digest": source.digest}
    head = _text(told)
    (folder / _INPUT).write_text("\n".join([head, *source.facts]), encoding="utf-8")


def read_source(folder: Path) -> Source:
    """What ``write_source`` wrote."""
    head, *facts = (folder / _INPUT).read_text("utf-8").split("\n")
    told = json.loads(head)
    with np.load(folder / _SHAPES, allow_pickle=False) as found:
        content, ends = found["content"].tobytes(), found["ends"].tolist()
        keys, radii = found["keys"], found["radii"]
    pieces = [content[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    shapes = shapely.from_wkb(np.array(pieces, dtype=object))
    features = Features(told["kind"], shapes, keys, radii if len(radii) else None)
    return Source(features, tuple(told["keys"]), tuple(facts), told["digest"])


def make(work: Path, place: Path) -> None:
    """Make the set that ``work`` has the source of, and put it in its place when it is whole."""
    source = read_source(work)
    _write_tiles(source.features, work / TILES)
    _write_facts(source.facts, work / FACTS)
    kind = source.features.kind
    about = {
        "shape": kind,
        "minzoom": tile_pyramid.FIRST,
        "maxzoom": tile_pyramid.LAST[kind],
        "keys": source.keys,
        "block": BLOCK,
        "features": len(source.facts),
    }
    (work / ABOUT).write_text(_text(about), encoding="utf-8")
    (work / _INPUT).unlink()
    (work / _SHAPES).unlink()
    try:
        os.rename(work, place)
    except OSError:
        if not (place / ABOUT).is_file():
            raise
        shutil.rmtree(work)  # another process was faster


def _text(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _write_tiles(features: Features, path: Path) -> None:
    made = {
        pmtiles.tile.zxy_to_tileid(*tile): gzip.compress(content, _COMPRESSION, mtime=0)
        for tile, content in tile_pyramid.tiles(features)
    }
    west, south, east, north = shapely.total_bounds(features.shapes)
    header = {
        "tile_type": pmtiles.tile.TileType.MVT,
        "tile_compression": pmtiles.tile.Compression.GZIP,
        "min_lon_e7": int(west * 1e7),
        "min_lat_e7": int(south * 1e7),
        "max_lon_e7": int(east * 1e7),
        "max_lat_e7": int(north * 1e7),
        "center_zoom": tile_pyramid.FIRST,
        "center_lon_e7": int((west + east) * 5e6),
        "center_lat_e7": int((south + north) * 5e6),
    }
    fields = {name: "Number" for name in vector_tiles.TAGS}
    layers = [{"id": vector_tiles.LAYER, "fields": fields}]
    with pmtiles.writer.write(str(path)) as writer:
        for number in sorted(made):
            writer.write_tile(number, made[number])
        writer.finalize(header, {"vector_layers": layers})


def _write_facts(facts: tuple[str, ...], path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for number, start in enumerate(range(0, len(facts), BLOCK)):
            text = f"[{','.join(facts[start : start + BLOCK])}]"
            file.writestr(str(number), gzip.compress(text.encode(), _COMPRESSION, mtime=0))


def clean(folder: Path, keep: int = KEPT_BYTES, now: float | None = None) -> None:
    """Take away what was never finished, and the sets looked at longest ago beyond ``keep``."""
    moment = time.time() if now is None else now
    whole = []
    for one in folder.iterdir():
        if (one / ABOUT).is_file():
            size = sum(path.stat().st_size for path in one.iterdir())
            whole.append(((one / ABOUT).stat().st_mtime, size, one))
        elif moment - one.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(one, ignore_errors=True)
    total = 0
    for _, size, one in sorted(whole, reverse=True):
        total += size
        if total > keep:
            shutil.rmtree(one, ignore_errors=True)
