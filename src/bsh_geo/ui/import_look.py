"""What the looks at uploaded files share: what is counted, told, asked, shown and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import pandas as pd

from bsh_geo.own_report import Planned, Question
from bsh_geo.reading_import import Report

ROWS = 200
"""First rows that a look shows."""

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
    lost: bool | None = None
    """Whether these rows are not imported; None where the sort itself says it."""


@dataclass(frozen=True)
class Done:
    """What an import changed; ``number`` is that of the history, 0 for readings."""

    kind: str
    file: str
    rows: int
    planned: tuple[Planned, ...]
    number: int = 0
    report: Report | None = None


@dataclass(frozen=True, eq=False)
class Places:
    """What the map of a preview draws.

    Attributes
    ----------
    frame : GeoDataFrame
        The rows that are drawn, in WGS 84, indexed by row number: ``mark`` (see ``own_marks``),
        ``name``, ``lines`` (pairs of the hover box).
    counts : dict of str to int
        All rows by mark, also those that are not drawn; ``empty`` ones cannot be.
    mended : GeoSeries
        The outlines of mended rows as the file has them.
    unit : str
        The word (see ``text``) for what is counted.
    """

    frame: gpd.GeoDataFrame
    counts: Mapping[str, int]
    mended: gpd.GeoSeries
    unit: str = "import_rows"

    @property
    def is_part(self) -> bool:
        """Whether there are more places than are drawn."""
        return len(self.frame) < sum(self.counts.values()) - self.counts.get("empty", 0)


class Look(Protocol):
    """What files hold and what their import would do; it writes nothing until it is told to."""

    @property
    def kind(self) -> str:
        """What is brought in."""

    def counts(self) -> dict[str, int]:
        """Rows or values by what became of them."""

    def told(self, lang: str) -> list[Told]:
        """Findings, those that lose rows first."""

    def rows(self, lang: str) -> pd.DataFrame:
        """The first rows that would be imported."""

    def places(self, lang: str) -> Places | None:
        """What is drawn; None where nothing has a place."""

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
