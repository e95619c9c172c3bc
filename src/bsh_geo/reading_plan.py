"""Files of readings in, how each of their tables will be read out; nothing is read through yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bsh_geo import catalogue, frames, reading_mapping
from bsh_geo.catalogue import Text
from bsh_geo.errors import DataError
from bsh_geo.networks import Network, network_of
from bsh_geo.project import Project
from bsh_geo.reading_archives import Blob, Limits, blob_of, digest
from bsh_geo.reading_files import Table, folder_files, parts
from bsh_geo.reading_mapping import Mapping, fingerprint, head_of
from bsh_geo.reading_shapes import (
    NO_STATION,
    Given,
    Recognised,
    converted,
    recognise,
    stem_station,
    unread,
)
from bsh_geo.reading_stations import Keep, Stations, of_table
from bsh_geo.reading_times import LOCAL
from bsh_geo.reading_units import factor


@dataclass(frozen=True)
class Settings:
    """What the user says about the files; ``mapping`` takes the place of all recognition."""

    network: str = "air"
    station: str = ""
    units: dict[str, str] = field(default_factory=dict)
    zone: str = ""
    mapping: Mapping | None = None
    keep: Keep = "known"
    now: datetime | None = None
    """What is later is of the future; the clock's time where it is not given."""


@dataclass(frozen=True)
class PlannedTable:
    """A table and how it will be read; ``origin`` says who decided that."""

    table: Table
    found: Recognised
    origin: Text

    @property
    def readable(self) -> bool:
        """Whether nothing has to be settled first."""
        return not self.found.problems


@dataclass(frozen=True)
class PlannedFile:
    """A file, its tables, or why it has none."""

    name: str
    size: int
    sha256: str
    tables: tuple[PlannedTable, ...] = ()
    fault: DataError | None = None


@dataclass(frozen=True)
class ImportPlan:
    """All files and how they will be read."""

    project: Project
    network: Network
    settings: Settings
    files: tuple[PlannedFile, ...]

    @property
    def tables(self) -> list[PlannedTable]:
        """Every table of every file."""
        return [table for file in self.files for table in file.tables]

    @property
    def kinds(self) -> dict[str, list[PlannedTable]]:
        """Readable tables by the fingerprint of their heads: each is shown once."""
        found: dict[str, list[PlannedTable]] = {}
        for one in self.tables:
            if one.readable:
                found.setdefault(fingerprint(one.found.header), []).append(one)
        return found

    @property
    def unsettled(self) -> list[tuple[str, Text]]:
        """What must be said before anything is read: tables that can be read in two ways."""
        return [
            (one.table.name, problem)
            for one in self.tables
            if one.found.recognised
            for problem in one.found.problems
        ]

    @property
    def questions(self) -> list[tuple[str, Text]]:
        """What is to be agreed to."""
        asked = [(one.table.name, ask) for one in self.tables for ask in one.found.questions]
        return list({ask: (name, ask) for name, ask in reversed(asked)}.values())[::-1]


RECOGNISED = Text(zh="按列名识别", en="recognised by the names of the columns")
GIVEN = Text(zh="按 --mapping 文件", en="as the file of --mapping says")
KEPT = Text(zh="沿用上次同一表头的映射", en="as the last file with this head was read")

MAPPINGS = "readings/mappings"


def named_files(paths: Iterable[Path]) -> list[Blob]:
    """The files named, folders replaced by what is in them.

    Raises
    ------
    DataError
        A file does not exist, or a folder holds none that can be read.
    """
    found = []
    for path in paths:
        if not path.is_dir():
            found.append(blob_of(path))
            continue
        inside = folder_files(path)
        if not inside:
            raise DataError(
                f"文件夹 {path} 中没有 csv、txt、xlsx、json、geojson、parquet、gz 或 zip 文件。",
                f"The folder {path} holds no csv, txt, xlsx, json, geojson, parquet, gz or zip "
                "files.",
            )
        found += [blob_of(one, one.relative_to(path).as_posix()) for one in inside]
    return found


def plan(
    project: Project, blobs: Iterable[Blob], settings: Settings, limits: Limits | None = None
) -> ImportPlan:
    """How the files will be read, by what the user says, by a mapping that was kept, by names."""
    network = network_of(project, settings.network)
    planner = _Planner(project, network, settings, known_stations(project, network, settings.keep))
    files = [one for blob in blobs for one in _planned(planner, blob, limits or Limits())]
    return ImportPlan(project, network, settings, tuple(files))


def known_stations(project: Project, network: Network, keep: Keep) -> Stations:
    """The stations of the project's table for a network."""
    key = catalogue.load_datasets(project)[network.stations].key[0]
    return of_table(frames.table(project, network.stations), key, keep)


@dataclass
class _Planner:
    project: Project
    network: Network
    settings: Settings
    stations: Stations
    kept: dict[str, Mapping] = field(default_factory=dict)
    headers: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, path in self.project.files(MAPPINGS, ".toml").items():
            found = reading_mapping.read(path)
            if found.network == self.network.id:
                self.kept[name] = reading_mapping.checked(found, self.network, path.name)


def _planned(planner: _Planner, blob: Blob, limits: Limits) -> Iterator[PlannedFile]:
    sha256 = digest(blob)
    for part in parts(blob, limits):
        tables = tuple(_recognised(planner, table) for table in part.tables)
        yield PlannedFile(part.name, part.size, sha256, tables, part.fault)


def _recognised(planner: _Planner, table: Table) -> PlannedTable:
    """A table as the user's mapping says, as one kept for its head says, or by its names."""
    settings = planner.settings
    if settings.mapping is not None:
        return _slim(planner, table, _by_mapping(planner, table, settings.mapping), GIVEN)
    given = Given(settings.station, settings.units, settings.zone or LOCAL)
    found = recognise(table.peek, planner.network, planner.stations.knows, table.stems, given)
    rows = [found.header] if found.recognised else [tuple(row) for row in table.peek]
    kept = next((one for row in rows if (one := planner.kept.get(fingerprint(row)))), None)
    if kept is not None:
        return _slim(planner, table, _asked_again(planner, _by_mapping(planner, table, kept)), KEPT)
    return _slim(planner, table, found, RECOGNISED)


def _slim(planner: _Planner, table: Table, found: Recognised, origin: Text) -> PlannedTable:
    """The table without its first rows, which nobody needs any more: a year has many."""
    header = planner.headers.setdefault(found.header, found.header)
    return PlannedTable(replace(table, peek=()), replace(found, header=header), origin)


def _by_mapping(planner: _Planner, table: Table, mapping: Mapping) -> Recognised:
    """A table as a mapping says, with the units and the zone that the user states now."""
    settings, network = planner.settings, planner.network
    try:
        at = head_of(table.peek, mapping, table.name)
    except DataError as fault:
        why = Text(zh=_bare(fault.zh, table.name), en=_bare(fault.en, table.name))
        return unread(network, why)
    fitted = mapping.model_copy(
        update={
            "units": {**mapping.units, **settings.units},
            "zone": settings.zone or mapping.zone,
        }
    )
    station, problems = "", tuple[Text, ...]()
    if not mapping.station and mapping.shape != "national":
        station = settings.station or stem_station(table.stems, planner.stations.knows)
        problems = () if station else (NO_STATION,)
    return Recognised(at, tuple(table.peek[at]), fitted, station, problems)


def _asked_again(planner: _Planner, found: Recognised) -> Recognised:
    """A conversion of a kept mapping is asked about each time: this file may be of another unit."""
    units = {
        item: unit
        for item, unit in found.mapping.units.items()
        if item not in planner.settings.units
    }
    asked = [
        converted(planner.network, item, unit, times)
        for item, unit in units.items()
        if (times := factor(unit, planner.network.items[item].unit)) not in (None, 1.0)
    ]
    return replace(found, questions=tuple(asked))


def _bare(sentence: str, name: str) -> str:
    return sentence.removeprefix(name).lstrip("：: ").rstrip("。.")
