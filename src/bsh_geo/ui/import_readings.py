"""Files of readings and the user's answers in; read through and counted, their look out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import pandas as pd

from bsh_geo import frames, listing
from bsh_geo.catalogue import QUALITY_TITLES, Quality, Text
from bsh_geo.networks import Network
from bsh_geo.own_report import SORTS, Planned, Question
from bsh_geo.project import Project
from bsh_geo.reading_archives import blob_from
from bsh_geo.reading_import import UPLOAD, Report, run
from bsh_geo.reading_plan import ImportPlan, Settings, known_stations, plan
from bsh_geo.reading_rows import Refused
from bsh_geo.reading_run import Reading, rows_of
from bsh_geo.reading_times import checked_zone
from bsh_geo.reading_units import factor, no_unit
from bsh_geo.ui.import_look import ROWS, Done, Places, Said, Step, Told
from bsh_geo.ui.import_steps import READINGS, Given, plain
from bsh_geo.ui.import_uses import own_mapping

_EN = "en"

MOST_REFUSED = 20_000
"""Refused readings that a report lists; all are counted."""

AGREE = "agree:"
"""How the id of a question begins that is answered by agreeing."""

QUALITY = Text(
    zh="文件没有写明数据性质，请说明：",
    en="The file does not say what its data are; say it:",
)


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

    def places(self, lang: str) -> Places | None:
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
        made["mark"] = "fine"
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
        return Places(made, {"fine": len(made)}, made.geometry.iloc[0:0], "import_stations")

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
    mapping = own_mapping(base, said.get("uses", {}))
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
