"""Uploaded files and what the user says of them in; what they hold, and what changed, out.

A look writes nothing into the project: own data are previewed, readings are read through to be
counted, a workbook of targets is merged in a folder of its own.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast

import geopandas as gpd
import pandas as pd

from bsh_geo import (
    areas,
    catalogue,
    frames,
    intake,
    listing,
    own_fields,
    own_files,
    own_import,
    own_journal,
    own_report,
    reading_mapping,
    workbook,
)
from bsh_geo.catalogue import CITY, QUALITY_TITLES, Quality, Text
from bsh_geo.errors import BshError, DataError, FaultsError
from bsh_geo.networks import Network
from bsh_geo.own_import import Options
from bsh_geo.own_kinds import kind_of
from bsh_geo.own_report import SORTS, Planned, Question
from bsh_geo.project import Project
from bsh_geo.reading_archives import archive_of, blob_from, no_bomb
from bsh_geo.reading_import import UPLOAD, Report, run
from bsh_geo.reading_mapping import ROLES
from bsh_geo.reading_mapping import Mapping as ReadingMapping
from bsh_geo.reading_plan import ImportPlan, Settings, known_stations, plan
from bsh_geo.reading_rows import Refused
from bsh_geo.reading_run import Reading, rows_of
from bsh_geo.reading_times import checked_zone
from bsh_geo.reading_units import factor, no_unit
from bsh_geo.sheets import TITLES, sheets
from bsh_geo.ui.import_steps import READINGS, TARGETS, Given, plain

ROWS = 200
"""First rows that a look shows."""

MOST_REFUSED = 20_000
"""Refused readings that a report lists; all are counted."""

Said = Mapping[str, Any]
"""What the user answered, by name; what is not there was not said."""

Step = Callable[[float, str], None]
"""Told the share of the work (0 to 1) that is done, and what is at hand."""


@dataclass(frozen=True)
class Told:
    """One finding as a reader sees it: its sort, its text, the rows it is about."""

    sort: str
    title: str
    text: str
    rows: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class Done:
    """What an import changed; ``number`` is that of the history, 0 for readings."""

    kind: str
    file: str
    rows: int
    planned: tuple[Planned, ...]
    number: int = 0
    report: Report | None = None


class Look(Protocol):
    """What files hold and what their import would do."""

    kind: str

    def counts(self) -> dict[str, int]:
        """Rows or values by what became of them."""

    def told(self, lang: str) -> list[Told]:
        """Findings, those that lose rows first."""

    def rows(self, lang: str) -> pd.DataFrame:
        """The first rows that would be imported."""

    def places(self, lang: str) -> gpd.GeoDataFrame | None:
        """What is drawn: ``geometry`` in WGS 84, ``name``, ``doubt``, ``lines``."""

    def facts(self, lang: str) -> list[tuple[str, str]]:
        """Format, encoding with a sample, coordinate system."""

    def questions(self) -> tuple[Question, ...]:
        """What must be answered first."""

    def planned(self) -> tuple[Planned, ...]:
        """Files that would be written."""

    def ready(self, said: Said) -> bool:
        """Whether it can be confirmed."""

    def report(self, form: str, lang: str) -> bytes:
        """The report as ``xlsx`` or ``json``."""

    def write(self, folder: Path, said: Said, step: Step) -> Done:
        """Confirm: all files are written or none."""


def look(project: Project, given: Given, said: Said) -> Look:
    """What the files hold, as the user's answers say.

    Raises
    ------
    BshError
        A file cannot be read at all, or an answer cannot be.
    """
    if given.kind == READINGS:
        return readings(project, given, said)
    if given.kind == TARGETS:
        return targets(project, *given.one())
    name, content = given.one()
    return Own(project, own_import.preview(project, given.kind, name, content, options(said)))


_EN, _BLANK = "en", ("", None)
_PLAIN = (
    *("crs", "datum", "source", "quality", "mode", "part", "id", "title"),
    *("indicator", "period", "unit"),
)


def options(said: Said) -> Options:
    """The answers as the importer of own data takes them."""
    plain_ones = {name: said[name] for name in _PLAIN if said.get(name) not in _BLANK}
    return Options(
        **plain_ones,
        columns=dict(said.get("columns", {})),
        names={name: code for name, code in said.get("names", {}).items() if code},
        repair=bool(said.get("repair")),
    )


# Own data ----------------------------------------------------------------------------------------

_COUNTED = ("unmatched", "duplicate", "outside", "repaired", "proposed")
_DEGREES = {"zh": ("经度", "纬度"), "en": ("Longitude", "Latitude")}
_HIDDEN = {"west", "south", "east", "north", "geometry", "shape_class", "basis", "source"}


@dataclass(frozen=True, eq=False)
class Own:
    """A file of places or figures (see ``own_import.preview``)."""

    project: Project
    found: own_import.Preview

    @property
    def kind(self) -> str:
        """The kind of the file."""
        return self.found.kind.id

    def counts(self) -> dict[str, int]:
        """See ``Look.counts``."""
        report = self.found.report
        made = {"read": report.read, "kept": report.kept, "rejected": report.rejected}
        return made | {one: report.count(cast(own_report.Sort, one)) for one in _COUNTED}

    def told(self, lang: str) -> list[Told]:
        """See ``Look.told``."""
        ordered = sorted(
            self.found.report.findings,
            key=lambda one: (not one.lost, list(SORTS).index(one.sort)),
        )
        return [
            Told(one.sort, SORTS[one.sort].get(lang), plain(one.text.get(lang)), one.rows,
                 len(one.rows))
            for one in ordered
        ]  # fmt: skip

    def rows(self, lang: str) -> pd.DataFrame:
        """See ``Look.rows``."""
        titles = field_titles(self.project, self.kind, lang)
        frame = self.found.frame
        names = [
            name
            for name in frame.columns
            if name not in _HIDDEN and frame[name].astype(str).ne("").any()
        ]
        shown = pd.DataFrame(frame[names].head(ROWS)).astype(str)
        yes_no = {"true": "yes", "false": "no"} if lang == _EN else {"true": "是", "false": "否"}
        shown = shown.replace(yes_no)
        for name in ("adcode", "area"):
            if name in shown:
                shown[name] = shown[name].map(self._district(lang))
        for name, texts in self._titles(lang).items():
            if name in shown:
                shown[name] = [texts.get(one, one) for one in shown[name]]
        titles |= dict(zip(("lon", "lat"), _DEGREES[lang], strict=True)) | self._own_heads()
        shown = shown.rename(columns={name: titles.get(name, str(name)) for name in names})
        shown = shown.loc[:, ~shown.columns.duplicated()]
        shown.insert(0, "Row" if lang == _EN else "行", shown.index.to_numpy())
        return shown

    def _titles(self, lang: str) -> dict[str, dict[str, str]]:
        """What a reader is shown in place of ids."""
        known = catalogue.load_indicators(self.project)
        return {
            "quality": {name: text.get(lang) for name, text in QUALITY_TITLES.items()},
            "indicator": {name: one.en if lang == _EN else one.zh for name, one in known.items()},
        }

    def _own_heads(self) -> dict[str, str]:
        """The heads of columns that have no field: they are stored under their place."""
        return {
            f"column_{at}": one.column for at, one in enumerate(self.found.mapping, 1) if one.column
        }

    def _district(self, lang: str) -> Callable[[str], str]:
        known = areas.district_table(self.project).index
        city = {CITY: areas.area_name(self.project, CITY, lang)}
        names = {str(code): areas.area_name(self.project, str(code), lang) for code in known}
        return lambda code: (names | city).get(code, code)

    def places(self, lang: str) -> gpd.GeoDataFrame | None:
        """See ``Look.places``."""
        frame = self.found.frame
        if "geometry" not in frame:
            return None
        there = frame[frame["geometry"].notna().to_numpy()]
        if not len(there):
            return None
        doubtful = {
            row
            for one in self.found.report.findings
            if one.sort in ("proposed", "repaired", "outside", "duplicate", "unmatched")
            for row in one.rows
        }
        made = gpd.GeoDataFrame(geometry=gpd.GeoSeries(there["geometry"]), crs=4326)
        names = there[f"name_{lang}"] if f"name_{lang}" in there else there.index.to_series()
        made["name"] = names.astype(str).to_numpy()
        made["doubt"] = [number in doubtful for number in there.index]
        head = "Row" if lang == _EN else "行"
        area, district = ("District", "区")[lang != _EN], self._district(lang)
        codes = there["adcode"] if "adcode" in there else [""] * len(there)
        made["lines"] = [
            ((head, str(number)), (area, district(str(code)) or "—"))
            for number, code in zip(there.index, codes, strict=True)
        ]
        return made

    def facts(self, lang: str) -> list[tuple[str, str]]:
        """See ``Look.facts``."""
        report = self.found.report
        zh = ("格式", "编码", "文字样例", "坐标系", "基准")
        heads = ("Format", "Encoding", "Sample", "CRS", "Datum") if lang == _EN else zh
        datum = "" if report.datum in ("", "wgs84") else report.datum.upper()
        cells = (report.form, report.encoding, report.sample, report.crs, datum)
        return [(head, cell) for head, cell in zip(heads, cells, strict=True) if cell]

    def questions(self) -> tuple[Question, ...]:
        """See ``Look.questions``."""
        return self.found.report.questions

    def planned(self) -> tuple[Planned, ...]:
        """See ``Look.planned``."""
        return self.found.report.files

    def ready(self, said: Said) -> bool:
        """See ``Look.ready``."""
        return self.found.report.ready and bool(self.found.files)

    def report(self, form: str, lang: str) -> bytes:
        """See ``Look.report``."""
        return own_report.to_bytes(self.found.report, form, lang)

    def write(self, folder: Path, said: Said, step: Step) -> Done:
        """See ``Look.write``."""
        step(0.2, self.found.report.file)
        entry = own_import.confirm(folder, self.found)
        step(1.0, self.found.report.file)
        report = self.found.report
        return Done(self.kind, report.file, report.kept, report.files, entry.number)


def field_titles(project: Project, kind: str, lang: str) -> dict[str, str]:
    """The fields that a file of a kind may have, with a reader's titles and their units."""
    one = kind_of(kind)
    fixed = {
        "id": ("编号", "Id"), "code": ("编号", "Code"), "name_zh": ("名称", "Name (Chinese)"),
        "name_en": ("英文名称", "Name (English)"), "adcode": ("区", "District"),
        "lon": ("经度或东坐标", "Longitude or easting"),
        "lat": ("纬度或北坐标", "Latitude or northing"),
        "source": ("来源", "Source"), "quality": ("数据性质", "Quality"),
        "area_km2": ("图形面积（km²）", "Area of the shape (km²)"),
    }  # fmt: skip
    titles = {name: text[lang == _EN] for name, text in fixed.items()}
    if one.table is not None:
        for name, column in frames.dataset_of(project, one.table).columns.items():
            unit = f"（{column.unit}）" if lang != _EN else f" ({column.unit})"
            title = column.en if lang == _EN else column.zh
            titles.setdefault(name, f"{title}{unit if column.unit else ''}")
    return titles


def fields_of(project: Project, kind: str, lang: str) -> dict[str, str]:
    """The fields that a column can be used for, with their titles."""
    titles = field_titles(project, kind, lang)
    left_out = {"note_en", "kind_en", "type_en", "basis"}
    names = own_fields.fields_of(project, kind_of(kind))
    return {name: titles.get(name, name) for name in names if name not in left_out}


def samples(project: Project, given: Given, part: str | None, count: int = 3) -> dict[str, str]:
    """The first different cells of each column of a file, by its head."""
    name, content = given.one()
    heads = own_fields.known_heads(project, kind_of(given.kind))
    found = own_files.read(
        content, name, lambda text: own_fields.plain_head(text) in heads, part or None
    )
    made = {}
    for at, head in enumerate(found.names()):
        cells = [str(one) for one in found.cells[at].head(60) if str(one)]
        made[head or f"#{at + 1}"] = " · ".join(
            one[:18] for one in list(dict.fromkeys(cells))[:count]
        )
    return made


AGREE = "agree:"
"""How the id of a question begins that is answered by agreeing."""

QUALITY = Text(
    zh="文件没有写明数据性质，请说明：",
    en="The file does not say what its data are; say it:",
)

# Readings ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Readings:
    """Files of readings, read through and counted.

    ``base`` is how they would be read had the user said nothing about columns; ``stations`` has a
    row per station with the count of values, the first and the last time.
    """

    base: ImportPlan
    planned_files: ImportPlan
    result: Report
    refused: tuple[Refused, ...]
    head: pd.DataFrame
    stations: pd.DataFrame
    quality: str = ""
    kind: str = READINGS

    def counts(self) -> dict[str, int]:
        """See ``Look.counts``; these are values, not rows."""
        names = {"read": "read", "kept": "taken", "rejected": "rejected", "outside": "left_out",
                 "duplicate": "repeated", "missing": "missing"}  # fmt: skip
        return {name: self.result.total(field) for name, field in names.items()}

    def told(self, lang: str) -> list[Told]:
        """See ``Look.told``."""
        en = lang == _EN
        made = [
            Told("rejected", SORTS["rejected"].get(lang), plain(fault.get(lang)), (), 0)
            for one in self.result.files
            for fault in one.faults
        ]
        for reason, count in self.result.reasons.items():
            rows = tuple(one.row for one in self.refused if one.reason == reason)
            made.append(
                Told("rejected", SORTS["rejected"].get(lang), reason.get(lang), rows, count)
            )
        left = "not a station of the project" if en else "站点不在项目中"
        for station, count in self.result.outside.items():
            made.append(Told("outside", left, station, (), count))
        other = "not an item of the network" if en else "不是该网络的项目"
        for item, count in self.result.other.items():
            made.append(Told("note", other, item, (), count))
        return made

    def rows(self, lang: str) -> pd.DataFrame:
        """See ``Look.rows``."""
        en = lang == _EN
        titles = {"station": "Station" if en else "站点", "time": "Time" if en else "时间"}
        for name, item in self.base.network.items.items():
            titles[name] = f"{item.title.get(lang)} ({item.unit})"
        shown = self.head.dropna(axis="columns", how="all").copy()
        if "time" in shown:
            shown["time"] = shown["time"].astype("datetime64[us]").dt.strftime("%Y-%m-%d %H:%M")
        return shown.rename(columns=titles)

    def places(self, lang: str) -> gpd.GeoDataFrame | None:
        """See ``Look.places``: the known stations of which there are readings."""
        network, project = self.base.network, self.base.project
        known = frames.points(project, network.stations)
        key = frames.dataset_of(project, network.stations).key[0]
        found = known[known[key].astype(str).isin(self.stations.index)]
        found = found[found.geometry.notna()]
        if not len(found):
            return None
        made = gpd.GeoDataFrame(geometry=found.geometry.to_numpy(), crs=4326)
        made.index = found[key].astype(str).to_numpy()
        made["name"] = [
            f"{name} {code}" for name, code in zip(found[f"name_{lang}"], made.index, strict=True)
        ]
        made["doubt"] = False
        heads = ("Values", "First", "Last") if lang == _EN else ("数值", "最早", "最晚")
        table = self.stations.loc[made.index]
        made["lines"] = [
            (
                (heads[0], f"{count:,}"),
                (heads[1], f"{first:%Y-%m-%d %H:%M}"),
                (heads[2], f"{last:%Y-%m-%d %H:%M}"),
            )
            for count, first, last in zip(table["n"], table["first"], table["last"], strict=True)
        ]
        return made

    def facts(self, lang: str) -> list[tuple[str, str]]:
        """See ``Look.facts``."""
        en = lang == _EN
        made = [("Network" if en else "监测网络", self.base.network.title.get(lang))]
        if len(self.stations):
            made.append(("Stations" if en else "站点", f"{len(self.stations):,}"))
            first, last = self.stations["first"].min(), self.stations["last"].max()
            span = f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M}"
            made.append(("Period" if en else "时间", span))
        return made

    def questions(self) -> tuple[Question, ...]:
        """See ``Look.questions``: what the data are, and conversions to be agreed to."""
        made = [Question(f"{AGREE}{text.zh}", "", text) for _, text in self.planned_files.questions]
        if not self.quality:
            made.append(Question("quality", "", QUALITY, tuple(QUALITY_TITLES.items())[:4]))
        return tuple(made)

    def unsettled(self) -> list[Text]:
        """What can be read in two ways."""
        return list(dict.fromkeys(text for _, text in self.planned_files.unsettled))

    def planned(self) -> tuple[Planned, ...]:
        """See ``Look.planned``."""
        return (Planned(f"readings/{self.base.network.id}", self.result.total("taken"), 0),)

    def ready(self, said: Said) -> bool:
        """See ``Look.ready``."""
        agreed = set(said.get("agreed", ()))
        waiting = [one for one in self.questions() if one.id not in agreed]
        return not waiting and not self.unsettled() and self.result.total("taken") > 0

    def report(self, form: str, lang: str) -> bytes:
        """See ``Look.report``."""
        if form == "json":
            refused = [
                {"file": one.table, "row": one.row, "station": one.station, "time": one.time,
                 "item": one.item, "value": one.value, "reason": one.reason.get(lang)}
                for one in self.refused
            ]  # fmt: skip
            told = self.result.record(lang) | {"refused": refused}
            return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()
        return listing.xlsx(self.sheet(lang), "Import report" if lang == _EN else "导入报告")

    def sheet(self, lang: str) -> pd.DataFrame:
        """A line per file with its counts, then a row per refused value."""
        zh = ("文件", "行", "站点", "时间", "项目", "值", "说明")
        heads = ("File", "Row", "Station", "Time", "Item", "Value", "What") if lang == _EN else zh
        files = self.result.rows(lang)
        counted = files.columns[1:7]
        lines: list[tuple[object, ...]] = [
            (
                *(row.iloc[0], None, "", "", "", ""),
                "; ".join(f"{name} {row[name]:,}" for name in counted)
                + (f" {row.iloc[7]}" if row.iloc[7] else ""),
            )
            for _, row in files.iterrows()
        ]
        lines += [
            (one.table, one.row, one.station, one.time, one.item, one.value, one.reason.get(lang))
            for one in self.refused
        ]
        made = pd.DataFrame(lines, columns=list(heads))
        made[heads[1]] = made[heads[1]].astype("Int64")
        return made

    def write(self, folder: Path, said: Said, step: Step) -> Done:
        """See ``Look.write``."""
        whole = max(1, sum(one.size for one in self.planned_files.files))
        done = 0

        def progress(file: Any) -> None:
            nonlocal done
            done += file.size
            # The last tenth is the store's own work, after all files are read.
            step(0.9 * done / whole, file.name)

        source = str(said.get("source") or "")
        made = run(self.planned_files, source, cast(Quality, self.quality), "", progress)
        step(1.0, "")
        written = made.written
        names = [one.file for one in made.files]
        label = names[0] if len(names) == 1 else f"{names[0]} … ({len(names)})"
        files = (
            Planned(
                f"readings/{made.network}",
                written.stored if written else 0,
                written.replaced if written else 0,
            ),
        )
        return Done(READINGS, label, made.total("taken"), files, 0, made)


def readings(project: Project, given: Given, said: Said) -> Readings:
    """Read files of readings through; nothing is stored."""
    settings = Settings(
        network=str(said.get("network") or "air"),
        station=str(said.get("station") or "").strip(),
        zone=checked_zone(str(said["zone"])) if said.get("zone") else "",
        keep="all" if said.get("all_stations") else "known",
    )
    blobs = [blob_from(name, content) for name, content in given.files]
    base = plan(project, blobs, settings, UPLOAD)
    units = _units(base.network, said.get("units", {}))
    mapping = _own_mapping(base, said.get("uses", {}))
    whole = base
    if mapping is not None or units:
        whole = plan(project, blobs, replace(settings, mapping=mapping, units=units), UPLOAD)
    return replace(_walked(base, whole), quality=str(said.get("quality") or ""))


def _units(network: Network, said: Mapping[str, str]) -> dict[str, str]:
    for item, unit in said.items():
        if unit and factor(unit, network.items[item].unit) is None:
            raise no_unit(network.title.zh, network, item, unit)
    return {item: unit for item, unit in said.items() if unit}


def _walked(base: ImportPlan, whole: ImportPlan) -> Readings:
    reading = Reading(known_stations(whole.project, whole.network, whole.settings.keep))
    refused: list[Refused] = []
    heads: list[pd.DataFrame] = []
    counted: list[pd.DataFrame] = []
    items = list(whole.network.items)
    for rows in rows_of(
        whole, reading, lambda some: refused.extend(some[: MOST_REFUSED - len(refused)])
    ):
        if sum(len(one) for one in heads) < ROWS:
            heads.append(rows.head(ROWS))
        slim = pd.DataFrame(
            {
                "station": rows["station"].astype(str),
                "time": rows["time"],
                "n": rows[items].notna().sum(axis=1),
            }
        )
        grouped = slim.groupby("station")
        counted.append(grouped.agg(n=("n", "sum"), first=("time", "min"), last=("time", "max")))
    columns = ["station", "time", *items]
    head = pd.concat(heads).head(ROWS) if heads else pd.DataFrame(columns=columns)
    result = Report(
        whole.network.id, tuple(reading.reports), None, dict(reading.outside),
        dict(reading.other.most_common()), dict(reading.reasons.most_common()),
    )  # fmt: skip
    return Readings(
        base, whole, result, tuple(refused), head.reset_index(drop=True), _stations(counted)
    )


def _stations(counted: list[pd.DataFrame]) -> pd.DataFrame:
    if not counted:
        return pd.DataFrame({"n": [], "first": [], "last": []})
    whole = pd.concat(counted).groupby(level=0)
    return whole.agg({"n": "sum", "first": "min", "last": "max"})


def uses_of(mapping: ReadingMapping) -> dict[str, str]:
    """What each column is used for: a role or, of a wide table, an item."""
    fields = {"code": mapping.station, "time": mapping.time, "date": mapping.date,
              "hour": mapping.hour, "item": mapping.item, "value": mapping.value,
              "unit": mapping.unit}  # fmt: skip
    found = {column: role for role, column in fields.items() if column}
    return found | (dict(mapping.items) if mapping.shape == "wide" else {})


def single_table(planned: ImportPlan) -> tuple[ReadingMapping, tuple[str, ...]] | None:
    """The mapping and the head of the files, where all have one that can be changed here."""
    found = list(planned.kinds.values())
    if not found:
        found = [[one] for one in planned.tables if one.found.recognised][:1]
    if len(found) != 1 or found[0][0].found.mapping.shape == "national":
        return None
    one = found[0][0].found
    return one.mapping, one.header


def _own_mapping(base: ImportPlan, said: Mapping[str, str]) -> ReadingMapping | None:
    """The mapping with the user's choices; None where there are none."""
    single = single_table(base)
    if single is None or not said:
        return None
    mapping, header = single
    uses = uses_of(mapping)
    if all(uses.get(column, "") == use for column, use in said.items()):
        return None
    return remapped(mapping, {**uses, **said}, base.network, header)


def remapped(
    mapping: ReadingMapping, uses: Mapping[str, str], network: Network, header: tuple[str, ...]
) -> ReadingMapping:
    """A mapping whose columns are used as said.

    Raises
    ------
    DataError
        Two columns have one use, or one that the table needs has none.
    """
    by_use: dict[str, str] = {}
    for column, use in uses.items():
        if use in by_use:
            raise DataError(
                f"列“{by_use[use]}”和“{column}”不能同为一项用途。",
                f"The columns “{by_use[use]}” and “{column}” cannot have one use.",
            )
        if use and column in header:
            by_use[use] = column
    long = "item" in by_use and "value" in by_use
    roles = {role: by_use.get(role, "") for role in ROLES if role not in ("code", "name")}
    items = {column: use for use, column in by_use.items() if use in network.items}
    content = {
        **roles,
        "station": by_use.get("code", ""),
        "shape": "long" if long else "wide",
        "items": dict(mapping.items) if long and mapping.shape == "long" else items,
    }
    return reading_mapping.checked(mapping.model_copy(update=content), network, network.title.zh)


# Targets -----------------------------------------------------------------------------------------

BOOK = "targets.xlsx"


@dataclass(frozen=True, eq=False)
class Targets:
    """A filled workbook of documents, indicators, targets, figures and sources.

    ``faults`` are (Chinese, English), each naming sheet and row; with any nothing is imported.
    """

    project: Project
    name: str
    sha256: str
    entered: dict[str, pd.DataFrame]
    files: dict[str, bytes]
    plan: tuple[Planned, ...]
    before: dict[str, str | None]
    faults: tuple[tuple[str, str], ...] = ()
    kind: str = TARGETS

    def counts(self) -> dict[str, int]:
        """See ``Look.counts``."""
        count = sum(len(rows) for rows in self.entered.values())
        return {"read": count + len(self.faults), "kept": count, "rejected": len(self.faults)}

    def told(self, lang: str) -> list[Told]:
        """See ``Look.told``."""
        title = SORTS["rejected"].get(lang)
        return [Told("rejected", title, plain(one[lang == _EN]), (), 1) for one in self.faults]

    def rows(self, lang: str) -> pd.DataFrame:
        """See ``Look.rows``: those of the first sheet that has any."""
        return next(iter(self.tables(lang).values()), pd.DataFrame())

    def tables(self, lang: str) -> dict[str, pd.DataFrame]:
        """The first rows of each sheet by its title, with a reader's heads."""
        made = {}
        for sheet_id, rows in self.entered.items():
            columns = sheets(self.project)[sheet_id].columns
            titles = {
                name: one.en if lang == _EN else one.zh
                for name, one in columns.items()
                if rows[name].ne("").any()
            }
            made[TITLES[sheet_id]] = rows[list(titles)].head(ROWS).rename(columns=titles)
        return made

    def places(self, lang: str) -> gpd.GeoDataFrame | None:
        """See ``Look.places``; targets have none."""
        return None

    def facts(self, lang: str) -> list[tuple[str, str]]:
        """See ``Look.facts``."""
        return [("Format" if lang == _EN else "格式", "XLSX")]

    def questions(self) -> tuple[Question, ...]:
        """See ``Look.questions``; a workbook says everything itself."""
        return ()

    def planned(self) -> tuple[Planned, ...]:
        """See ``Look.planned``."""
        return self.plan

    def ready(self, said: Said) -> bool:
        """See ``Look.ready``."""
        return bool(self.files) and not self.faults

    def report(self, form: str, lang: str) -> bytes:
        """See ``Look.report``."""
        en = lang == _EN
        if form == "json":
            told = {
                "kind": TARGETS, "file": self.name, "sha256": self.sha256,
                "rows": self.counts(), "faults": [one[en] for one in self.faults],
                "files": [vars(one) for one in self.plan],
            }  # fmt: skip
            return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()
        lines = [one[en] for one in self.faults] or [
            f"{one.file}: +{one.added:,}, ↻{one.replaced:,}" for one in self.plan
        ]
        rows = pd.DataFrame({"What" if en else "说明": lines})
        return listing.xlsx(rows, "Import report" if en else "导入报告")

    def write(self, folder: Path, said: Said, step: Step) -> Done:
        """See ``Look.write``: a change of the history like those of own data."""
        step(0.2, self.name)
        for relative, old in self.before.items():
            if own_journal.digest(folder / relative) != old:
                raise DataError(
                    f"{relative} 在预览之后被改动，请重新上传。",
                    f"{relative} was changed after the preview; upload the workbook again.",
                )
        count = self.counts()["kept"]
        record = {
            "what": TARGETS,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "file": self.name,
            "sha256": self.sha256,
            "rows": count,
        }
        change = own_journal.commit(folder, dict(self.files), record)
        step(1.0, self.name)
        return Done(TARGETS, self.name, count, self.plan, change.number)


def targets(project: Project, name: str, content: bytes) -> Targets:
    """A workbook, read and merged in a folder of its own.

    Raises
    ------
    DataError
        It is not an Excel workbook, or unpacks to more than it may.
    """
    sha256 = own_journal.sha256(content)
    if content[:2] == b"PK":  # what is no archive, the reader of workbooks names
        blob = blob_from(name, content)
        with archive_of(blob) as archive:
            no_bomb(blob, archive.infolist(), UPLOAD)
    with tempfile.TemporaryDirectory(prefix="bsh-geo-") as folder:
        path = Path(folder).resolve() / BOOK
        path.write_bytes(content)
        try:
            entered = workbook.read_targets(path, project)
        except FaultsError as error:
            return Targets(project, name, sha256, {}, {}, (), {}, error.faults)
        except BshError as error:
            # The reader names the file by where it lies, which is nobody's business.
            zh, en = (one.replace(str(path), name) for one in (error.zh, error.en))
            raise DataError(zh, en) from error
        path.unlink()
        trial = Project((path.parent, *project.roots), version=f"{project.version}{sha256}")
        written = intake.write(trial, entered)
        files = {one.file: (path.parent / one.file).read_bytes() for one in written}
    planned = tuple(Planned(one.file, one.added, one.replaced) for one in written)
    before = {relative: own_journal.digest(project.roots[0] / relative) for relative in files}
    shown = {
        title: pd.DataFrame([one.cells for one in rows])
        for title, rows in entered.rows.items()
        if rows
    }
    return Targets(project, name, sha256, shown, files, planned, before)
