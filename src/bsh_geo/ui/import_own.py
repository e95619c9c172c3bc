"""A file of places or figures and the user's answers in; its look for the import page out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import geopandas as gpd
import pandas as pd

from bsh_geo import areas, catalogue, frames, own_fields, own_files, own_import, own_report
from bsh_geo.catalogue import CITY, QUALITY_TITLES
from bsh_geo.own_import import Options
from bsh_geo.own_kinds import kind_of
from bsh_geo.own_report import SORTS, Planned, Question
from bsh_geo.project import Project
from bsh_geo.ui.import_look import ROWS, Done, Said, Step, Told
from bsh_geo.ui.import_steps import Given, plain

_EN, _BLANK = "en", ("", None)
_PLAIN = (
    *("crs", "datum", "source", "quality", "mode", "part", "id", "title"),
    *("indicator", "period", "unit", "within"),
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


def own(project: Project, given: Given, said: Said) -> Own:
    """The look at a file of own data, as the user's answers say."""
    name, content = given.one()
    return Own(project, own_import.preview(project, given.kind, name, content, options(said)))
