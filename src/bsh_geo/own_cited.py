"""What a map shows in, the titles of the user's own sources behind it out.

A layer names the sources that it was made from; what a user imported into it has others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import cache

from bsh_geo import catalogue, observations
from bsh_geo.areas import Selection
from bsh_geo.catalogue import CITY, Layer, Metric
from bsh_geo.mapspec import Parts
from bsh_geo.project import Project

REGISTER = "own"
"""The file of ``data/sources/`` that imports write."""


def titles(
    project: Project,
    layer: Layer,
    metric: Metric | None,
    built: Parts,
    selection: Selection,
    lang: str,
) -> tuple[str, ...]:
    """The titles of own sources of the features drawn and of the figures told of the area."""
    own = _own(project)
    if not own:
        return ()
    cells = [*_of_features(built), *_of_figures(project, layer, metric, selection)]
    known = catalogue.load_sources(project)
    ids = [one for cell in cells for one in catalogue.source_ids(cell) if one in own]
    return tuple(known[one].title(lang) for one in dict.fromkeys(ids))


@cache
def _own(project: Project) -> frozenset[str]:
    path = project.files("data/sources", ".csv").get(REGISTER)
    if path is None:
        return frozenset()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return frozenset(row.get("id") or "" for row in csv.DictReader(lines))


def _of_features(built: Parts) -> Iterator[str]:
    for _, _, one in built:
        if "source" in one.rows:
            yield from _texts(one.rows["source"].dropna().unique())


def _of_figures(
    project: Project, layer: Layer, metric: Metric | None, selection: Selection
) -> Iterator[str]:
    wanted = [*layer.figures, *layer.targets]
    if metric is not None and metric.source == "observations":
        wanted.insert(0, metric.indicator)
    shown = {CITY, *selection.codes, selection.group}
    for indicator in dict.fromkeys(wanted):
        rows = observations.of_indicator(project, indicator)
        yield from _texts(rows.loc[rows["area"].isin(shown), "source"].dropna().unique())


def _texts(cells: Iterable[object]) -> Iterator[str]:
    yield from (str(one) for one in cells)
