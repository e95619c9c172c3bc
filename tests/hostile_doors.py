"""A file in, what each importer that fits it made of it out: told, counted and measured.

Every file is tried in a process of its own, forked from one that has everything loaded: it has a
bounded address space and time of the processor, an empty folder for temporary files, and a record
of what it did to sockets, programs and pickles.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bsh_geo import (
    coordinates,
    given,
    land_job,
    land_zone_files,
    land_zones,
    own_import,
    park_uploads,
    rasters,
    reading_import,
    sites,
    workbook,
)
from bsh_geo.errors import BshError
from bsh_geo.land_job import Source
from bsh_geo.own_import import Options
from bsh_geo.project import Project

SPACE = 6 << 30
"""Bytes of addresses; the libraries alone reserve more than one."""

HANGS, ASLEEP = 60, 1_200
"""Seconds of the processor, and of the clock for a whole file, after which a door is taken to hang:
what is allowed is less and of the processor alone, so that a busy machine changes nothing."""

SHAPES = ("geojson", "json", "gpkg", "zip", "kml", "fgb", "parquet")
PLACES = (*SHAPES, "csv", "xlsx", "shp")
READINGS = ("csv", "txt", "gz", "zip", "xlsx", "json", "geojson", "parquet")

Door = Callable[[Project, str, bytes], dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """What a door said: ``report`` is what it made of the file, ``told`` why it refused it.

    ``seconds`` are of the processor; ``memory`` is the most bytes that any door of the file held
    beyond those of the process it was forked from; ``did`` are events that must not be.
    """

    door: str
    told: dict[str, str] | None = None
    report: dict[str, Any] | None = None
    crash: str = ""
    seconds: float = 0.0
    memory: int = 0
    did: Sequence[str] = ()
    left: Sequence[str] = ()


def readings(project: Project, name: str, content: bytes) -> dict[str, Any]:
    """Readings, previewed: every value is counted once."""
    found = reading_import.preview(name, content, project)
    return {
        "files": [
            {
                "read": one.read,
                "sum": one.taken + one.left_out + one.rejected + one.repeated,
                "faults": [fault.zh for fault in one.faults],
            }
            for one in found.files
        ],
        "rows": len(found.rows),
    }


def places(project: Project, name: str, content: bytes) -> dict[str, Any]:
    """Sites to be checked; a file without a CRS is asked for it, and given one."""
    try:
        found = sites.read(project, content, name)
    except BshError as error:
        if "EPSG:4326" not in error.zh:
            raise
        found = sites.read(project, content, name, "EPSG:4326")
    return {
        "numbers": sorted([*map(int, found.frame.index), *(one.number for one in found.rejected)]),
        "texts": [*found.frame["name"], found.crs],
    }


def zones(project: Project, name: str, content: bytes) -> dict[str, Any]:
    """Zones of a land count."""
    found = land_zone_files.zones_in(content, name)
    return {"zones": len(found.frame)}


def raster(project: Project, name: str, content: bytes) -> dict[str, Any]:
    """A raster, measured over the districts."""
    count = rasters.band_count(content, name)
    source = Source(content, name, 1)
    land_job.run(project, source, land_zones.zones_of(project, "districts"), None, None)
    return {"bands": count}


def entered(project: Project, name: str, content: bytes) -> dict[str, Any]:
    """A filled template of targets."""
    path = Path(os.environ["TMPDIR"]) / "given.xlsx"
    path.write_bytes(content)
    try:
        found = workbook.read_targets(path, project)
    finally:
        path.unlink()
    return {"rows": sum(map(len, found.rows.values()))}


def own(kind: str) -> Door:
    """Data of the user's own of a kind, previewed."""

    def tried(project: Project, name: str, content: bytes) -> dict[str, Any]:
        said = Options(crs="EPSG:4326", datum="wgs84", quality="open", repair=True)
        found = own_import.preview(project, kind, name, content, said).report
        return {"read": found.read, "kept": found.kept, "files": len(found.files)}

    return tried


def ways(project: Project, name: str, content: bytes) -> dict[str, Any]:
    """Ways of the parks page."""
    folder = park_uploads.Folder()
    file = park_uploads.ways(content, name, folder)
    return {"lines": len(given.shapes(file.path, file.shown, "line"))}


def residents(project: Project, name: str, content: bytes) -> dict[str, Any]:
    """Residents of the parks page."""
    folder = park_uploads.Folder()
    file = park_uploads.people(project, content, name, folder)
    return {"columns": park_uploads.columns(file)}


def pasted(project: Project, name: str, content: bytes) -> dict[str, Any]:
    """Coordinates in a text field, and in a link."""
    groups = coordinates.parse(content.decode("utf-8", "replace"))
    return {"places": sum(map(len, groups))}


def ending(name: str) -> str:
    return Path(name.replace("\\", "/")).suffix.lower()[1:]


HEAVY = {
    "large-ring.geojson": "own redline",
    "one-row.xlsx": "own stations",
}
"""Files of which each door needs seconds, and the one that needs most: a tenth of each goes through
all of them (``ring.geojson``, ``row.xlsx``)."""


def doors(name: str) -> Iterator[tuple[str, Door]]:
    """The importers that take a file of that name, and one that refuses it."""
    for door, use in _fitting(ending(name)):
        if HEAVY.get(name, door) == door:
            yield door, use


def _fitting(end: str) -> Iterator[tuple[str, Door]]:
    if end in PLACES or end not in ("tif", "txt"):
        yield "sites", places
    if end in READINGS or end not in PLACES:
        yield "readings", readings
    if end in SHAPES:
        yield "zones", zones
        yield "own redline", own("redline")
    if end in ("csv", "xlsx"):
        yield "own stations", own("stations")
        yield "own indicators", own("indicators")
    if end in park_uploads.WAYS:
        yield "ways", ways
    if end in park_uploads.PEOPLE and end not in park_uploads.WAYS:
        yield "residents", residents
    if end == "tif":
        yield "raster", raster
    if end == "xlsx":
        yield "workbook", entered
    if end == "txt":
        yield "pasted", pasted


def warm(project: Project) -> None:
    """Have what every door looks up ready before it is tried: a child that is forked keeps it."""
    good = {
        "a.csv": b"name,lon,lat\na,121.47,31.23\n",
        "b.csv": "站点,时间,PM2.5(μg/m³)\n1141A,2024-01-01 00:00,35\n".encode(),
        "c.csv": "指标,区,2023\n森林覆盖率,浦东新区,18.1\n".encode(),
        "a.geojson": json.dumps(
            {
                "type": "Polygon",
                "coordinates": [[[121.4, 31.2], [121.5, 31.2], [121.5, 31.3], [121.4, 31.2]]],
            }
        ).encode(),
    }
    for name, content in good.items():
        for _, use in doors(name):
            with suppress(BshError):
                use(project, name, content)
    gc.collect()
    gc.freeze()  # else each child's collection would copy what it shares with this process


def tried(project: Project, name: str, content: bytes, folder: Path) -> list[Outcome]:
    """What every fitting door made of a file: in one process, or in one each if that one died."""
    found = [*doors(name)]
    outcomes = _forked(project, found, name, content, folder)
    if len(found) == len(outcomes):
        return outcomes
    return [told for one in found for told in _alone(project, one, name, content, folder)]


def _alone(
    project: Project, door: tuple[str, Door], name: str, content: bytes, folder: Path
) -> list[Outcome]:
    told = _forked(project, [door], name, content, folder)
    return told or [Outcome(door[0], crash="the process died: a signal, its memory or its time")]


def _forked(
    project: Project, doors: Sequence[tuple[str, Door]], name: str, content: bytes, folder: Path
) -> list[Outcome]:
    """The outcomes that a process told, fewer than there are doors if it died."""
    before = _memory()
    seen, said = os.pipe()
    child = os.fork()
    if not child:
        os.close(seen)
        _child(project, doors, name, content, folder, said)
    os.close(said)
    with os.fdopen(seen, encoding="utf-8") as pipe:
        found = [json.loads(line) for line in pipe if line.endswith("\n")]
    _, _, used = os.wait4(child, 0)
    left = tuple(sorted(one.name for one in folder.iterdir()))
    memory = max(0, used.ru_maxrss * 1024 - before)
    return [Outcome(**{**one, "memory": memory, "left": left}) for one in found]


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec",
             "os.posix_spawn", "pickle.find_class", "urllib.Request", "ctypes.dlopen")  # fmt: skip


def _child(
    project: Project,
    doors: Sequence[tuple[str, Door]],
    name: str,
    content: bytes,
    folder: Path,
    said: int,
) -> None:
    """Try the doors one after the other and tell of each; this process never returns."""
    did: list[str] = []

    def watch(event: str, about: tuple[Any, ...]) -> None:
        if event in FORBIDDEN:
            did.append(f"{event} {about!r}"[:200])

    with suppress(BaseException):
        sys.addaudithook(watch)
        resource.setrlimit(resource.RLIMIT_AS, (SPACE, SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(ASLEEP)
        with os.fdopen(said, "w", encoding="utf-8") as pipe:
            for door, use in doors:
                did.clear()
                begun = time.process_time()
                # Only the soft limit, which may be raised again for the next door.
                limit = int(begun) + HANGS
                resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
                found = _said(project, use, name, content)
                spent = time.process_time() - begun
                told = {"door": door, "seconds": spent, "did": did, **found}
                pipe.write(json.dumps(told, default=str) + "\n")
                pipe.flush()
        # A fault may hold the frames that raised it in a ring: what they hold goes with it.
        gc.collect()
    os._exit(0)


def _said(project: Project, use: Door, name: str, content: bytes) -> dict[str, Any]:
    try:
        return {"report": use(project, name, content)}
    except BshError as error:
        return {"told": {"zh": error.zh, "en": error.en}}
    except BaseException:
        return {"crash": traceback.format_exc()}
