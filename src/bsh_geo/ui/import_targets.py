"""A filled workbook of targets in, merged in a folder of its own; its look for the page out."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from bsh_geo import areas, catalogue, intake, listing, own_journal, workbook
from bsh_geo.errors import BshError, DataError, FaultsError
from bsh_geo.own_report import SORTS, Planned, Question
from bsh_geo.project import Project
from bsh_geo.reading_archives import archive_of, blob_from, no_bomb
from bsh_geo.reading_import import UPLOAD
from bsh_geo.sheets import TITLES, sheets
from bsh_geo.ui.import_look import ROWS, Done, Places, Said, Step, Told
from bsh_geo.ui.import_steps import TARGETS, plain

_EN = "en"

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
            shown = self._named(rows[list(titles)].head(ROWS), lang)
            made[TITLES[sheet_id]] = shown.rename(columns=titles)
        return made

    def _named(self, rows: pd.DataFrame, lang: str) -> pd.DataFrame:
        """Rows with the names of districts and indicators in place of their codes."""
        known = catalogue.load_indicators(self.project)
        titles = {name: one.en if lang == _EN else one.zh for name, one in known.items()}
        made = rows.copy()
        for name in ("area", "indicator"):
            if name in made:
                made[name] = [
                    areas.area_name(self.project, str(one), lang)
                    if name == "area"
                    else titles.get(str(one), one)
                    for one in made[name]
                ]
        return made

    def places(self, lang: str) -> Places | None:
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
