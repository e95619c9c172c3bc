"""A drawn part in, its vector tiles out: made once by a process of their own, then read.

A set of tiles lies in the cache folder of the user, under the digest of what it was made from.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pmtiles.tile
import shapely

from bsh_geo import deliveries, map_shapes
from bsh_geo.errors import DataError
from bsh_geo.mapspec import DrawnPart
from bsh_geo.tile_files import ABOUT, FACTS, TILES, Source, write_source
from bsh_geo.tile_pyramid import Features

FORM = 1
"""Of the files of a set; another number makes all sets anew."""

CACHE_VARIABLE = "BSH_CACHE"
"""Environment variable that names another cache folder."""


def cache_folder() -> Path:
    """Where sets of tiles are kept for this user."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "bsh_geo"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/bsh_geo"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bsh_geo"


def source_of(part: DrawnPart) -> Source:
    """The features of a part with all that a browser is told of them."""
    frame = part.frame
    keys = tuple(sorted(set(frame["key"])))
    numbers = {key: number for number, key in enumerate(keys)}
    radii = frame["radius"].to_numpy(float) if part.shape == "point" else None
    shapes = frame.geometry.to_numpy()
    codes = np.array([numbers[key] for key in frame["key"]], dtype=np.int64)
    facts = tuple(
        map_shapes.as_text({"id": str(one), "name": name, "lines": lines})
        for one, name, lines in zip(frame.index, frame["name"], frame["lines"], strict=True)
    )
    marks = hashlib.sha256(f"{FORM} {part.shape} {keys}\n".encode())
    marks.update(b"".join(shapely.to_wkb(shapes)))
    marks.update(codes.tobytes() + (b"" if radii is None else radii.tobytes()))
    marks.update("\n".join(facts).encode())
    return Source(Features(part.shape, shapes, codes, radii), keys, facts, marks.hexdigest())


@dataclass(eq=False)
class TileSet:
    """The tiles of a part: being made, ready to be read, or failed."""

    digest: str
    folder: Path
    _maker: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where a component's frame finds it; ``/about``, ``/z/x/y`` and ``/facts/n`` below."""
        return f"{deliveries.FROM_FRAME}/{self.digest}"

    def about(self) -> dict[str, Any]:
        """What the tiles are; only ``state`` (``making``, ``failed``) before they are ready."""
        # Asked first: what a process that has ended did not leave will never be there.
        works = self._maker is not None and self._maker.poll() is None
        if (self.folder / ABOUT).is_file():
            return {"state": "ready", **self._about}
        return {"state": "making" if works else "failed"}

    def wait(self, seconds: float) -> bool:
        """Whether the tiles are ready, after waiting for the process that makes them."""
        if self._maker is not None:
            self._maker.wait(seconds)
        return bool(self.about()["state"] == "ready")

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """A tile as it is stored, after gzip; None where it is empty."""
        try:
            place = self._places.get(pmtiles.tile.zxy_to_tileid(zoom, column, row))
        except (ValueError, OverflowError):
            return None
        return None if place is None else self._content[place[0] : place[0] + place[1]]

    def facts(self, block: int) -> bytes | None:
        """The facts of a block of features as JSON, after gzip."""
        try:
            return self._facts.read(str(block))
        except KeyError:
            return None

    @cached_property
    def _about(self) -> dict[str, Any]:
        (self.folder / ABOUT).touch()
        found: dict[str, Any] = json.loads((self.folder / ABOUT).read_text("utf-8"))
        return found

    @cached_property
    def _content(self) -> mmap.mmap:
        with (self.folder / TILES).open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    @cached_property
    def _places(self) -> dict[int, tuple[int, int]]:
        """Where each tile lies in the file, by its number."""

        def content(at: int, length: int) -> bytes:
            return self._content[at : at + length]

        header = pmtiles.tile.deserialize_header(content(0, 127))
        found: dict[int, tuple[int, int]] = {}
        folders = [(header["root_offset"], header["root_length"])]
        while folders:
            for one in pmtiles.tile.deserialize_directory(content(*folders.pop())):
                if not one.run_length:
                    folders.append((header["leaf_directory_offset"] + one.offset, one.length))
                for step in range(one.run_length):
                    place = header["tile_data_offset"] + one.offset
                    found[one.tile_id + step] = place, one.length
        return found

    @cached_property
    def _facts(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(self.folder / FACTS)


def begin(source: Source) -> TileSet:
    """The set of a source: the one in the cache, else a new one that a process begins to make.

    Raises
    ------
    DataError
        The cache folder cannot be written.
    """
    place = cache_folder() / "tiles" / source.digest
    if (place / ABOUT).is_file():
        return TileSet(source.digest, place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        work = Path(tempfile.mkdtemp(prefix=f"{source.digest}.", dir=place.parent))
        write_source(source, work)
    except OSError as error:
        raise DataError(
            f"缓存文件夹 {place.parent} 无法写入（{error.strerror}），"
            f"可用 {CACHE_VARIABLE} 另指一处。",
            f"The cache folder {place.parent} cannot be written ({error.strerror}); "
            f"{CACHE_VARIABLE} names another.",
        ) from error
    command = [sys.executable, "-m", "bsh_geo.tile_job", str(work), str(place)]
    maker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return TileSet(source.digest, place, maker)
