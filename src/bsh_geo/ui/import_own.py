"""A file of places or figures and the user's answers in; its look for the import page out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pandas as pd

from bsh_geo import (
    areas,
    catalogue,
    frames,
    own_crs,
    own_database,
    own_fields,
    own_import,
    own_report,
    own_report_files,
)
from bsh_geo.catalogue import CITY, QUALITY_TITLES, Text
from bsh_geo.errors import DataError
from bsh_geo.own_files import Found
from bsh_geo.own_import import Options
from bsh_geo.own_kinds import RASTER, kind_of
from bsh_geo.own_report import SORTS, Finding, Planned, Question
from bsh_geo.project import Project
from bsh_geo.ui import import_drawn, import_raster
from bsh_geo.ui.import_look import ROWS, Done, Places, Said, Step, Told
from bsh_geo.ui.import_steps import Given, plain

_EN, _BLANK = "en", ("", None)
_PLAIN = (
    *("crs", "datum", "source", "quality", "mode", "part", "id", "title"),
    *("indicator", "period", "unit", "within"),
    *("classes", "ramp", "unknown"),
)


def options(said: Said) -> Options:
    """The answers as the importer of own data takes them."""
    plain_ones = {name: said[name] for name in _PLAIN if said.get(name) not in _BLANK}
    return Options(
        **plain_ones,
        columns=dict(said.get("columns", {})),
        names={name: code for name, code in said.get("names", {}).items() if code},
        repair=bool(said.get("repair")),
        breaks=_breaks(str(said.get("breaks") or "")),
        band=int(said["band"]) if str(said.get("band") or "").isdigit() else None,
    )


def _breaks(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(one) for one in text.replace("，", ",").split(",") if one.strip())
    except ValueError as error:
        raise DataError(
            f"分级界限应为用逗号分开的数，现为“{text}”。",
            f"Breaks are numbers with commas between them; found “{text}”.",
        ) from error


_EITHER = ("duplicate", "outside", "unmatched")
"""Sorts of findings whose rows may be imported or not."""

_COUNTED = ("unmatched", "duplicate", "outside", "repaired", "proposed")
_DEGREES = {"zh": ("经度", "纬度"), "en": ("Longitude", "Latitude")}
_HIDDEN = {
    *("west", "south", "east", "north", "geometry", "shape_class", "basis", "source", "located"),
    "location_grade",
}


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
        lost = self.found.report.lost
        return [
            Told(one.sort, SORTS[one.sort].get(lang), plain(one.text.get(lang)), one.rows,
                 len(one.rows), _fate(one, lost))
            for one in ordered
        ]  # fmt: skip

    def rows(self, lang: str) -> pd.DataFrame:
        """See ``Look.rows``."""
        if self.kind == RASTER:
            return import_raster.rows(self.found, lang)
        titles = field_titles(self.project, self.kind, lang)
        frame = self.found.frame
        names = [
            name
            for name in frame.columns
            if name not in _HIDDEN and frame[name].astype(str).ne("").any()
        ]
        if lang != _EN:
            names = [name for name in names if not self._english(name)]
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

    def _english(self, name: str) -> bool:
        """Whether a column says in English what another one says in Chinese."""
        frame = self.found.frame
        twin = f"{name.removesuffix('_en')}_zh"
        if not name.endswith("_en") or twin not in frame:
            return False
        return name != "name_en" or bool(frame[name].eq(frame[twin]).all())

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

    def places(self, lang: str) -> Places | None:
        """See ``Look.places``."""
        return import_drawn.places(self.found, self._district(lang), lang)

    def _crs(self, lang: str) -> str:
        """The system by the name that the questions have for it, where they have one."""
        said = self.found.report.crs
        code = said.rpartition("(")[2].rstrip(")")
        text = {name: title for name, title in own_crs.CANDIDATES}.get(code)
        return said if text is None or lang == _EN else f"{text.zh.split('（')[0]} ({code})"

    def facts(self, lang: str) -> list[tuple[str, str]]:
        """See ``Look.facts``."""
        report = self.found.report
        zh = ("格式", "编码", "文字样例", "坐标系", "基准")
        heads = ("Format", "Encoding", "Sample", "CRS", "Datum") if lang == _EN else zh
        datum = "" if report.datum in ("", "wgs84") else report.datum.upper()
        cells = (report.form, report.encoding, report.sample, self._crs(lang), datum)
        told = [(head, cell) for head, cell in zip(heads, cells, strict=True) if cell]
        rows = f"{report.matched:,} / {report.kept:,}"
        matched = own_report.MATCHED.get(lang)
        return [*told, (matched[:1].upper() + matched[1:], rows)] if report.matched else told

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
        return own_report_files.to_bytes(self._readable(form, lang), form, lang)

    def _readable(self, form: str, lang: str) -> own_report.Report:
        """The report in the words of the page; in JSON, fields keep their names."""
        report = self.found.report
        findings = tuple(replace(one, text=_plain_text(one.text)) for one in report.findings)
        questions = tuple(replace(one, text=_plain_text(one.text)) for one in report.questions)
        made = replace(report, findings=findings, questions=questions)
        if form != "xlsx":
            return made
        titles = fields_of(self.project, self.kind, lang)
        mapping = (replace(one, field=titles.get(one.field, one.field)) for one in made.mapping)
        return replace(made, mapping=tuple(mapping))

    def write(self, folder: Path, said: Said, step: Step) -> Done:
        """See ``Look.write``."""
        step(0.2, self.found.report.file)
        entry = own_import.confirm(folder, self.found)
        step(1.0, self.found.report.file)
        report = self.found.report
        return Done(self.kind, report.file, report.kept, report.files, entry.number)


def _plain_text(text: Text) -> Text:
    return Text(zh=plain(text.zh), en=plain(text.en))


def _fate(one: Finding, lost: frozenset[int]) -> bool | None:
    """Whether the rows of a finding are lost, for any reason; None where some are or it is
    plain from its sort."""
    if one.sort not in _EITHER or not one.rows:
        return None
    gone = [row in lost for row in one.rows]
    return gone[0] if all(gone) or not any(gone) else None


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
    found = _read(project, given, part or None)
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
    answers = options(said)
    if given.kind == RASTER:
        return Own(project, own_import.preview(project, given.kind, name, content, answers))
    found = _read(project, given, answers.part)
    made = own_import.preview(project, given.kind, name, content, answers, found)
    return Own(project, made)


def _read(project: Project, given: Given, part: str | None) -> Found:
    """The file as it stands; it stays with what the session was given, and is read once."""
    key = (project, part)
    if key not in given.kept:
        name, content = given.one()
        read = own_import.read(project, given.kind, name, content, part)
        if given.origin is not None:
            read = own_database.of_table(read, given.origin)
        given.kept.clear()
        given.kept[key] = read
    return given.kept[key]
