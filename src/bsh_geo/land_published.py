"""An area in, the published land figures that stand beside its measured groups out."""

from __future__ import annotations

from dataclasses import dataclass

from bsh_geo import catalogue, land_classes, land_report, observations
from bsh_geo.catalogue import CITY
from bsh_geo.land_report import Report
from bsh_geo.land_zones import DISTRICTS
from bsh_geo.project import Project
from bsh_geo.wording import period_text, quality_title


@dataclass(frozen=True)
class Published:
    """A figure as it was published, with its definition; ``value`` blank where there is none."""

    indicator: str
    title: str
    value: str
    unit: str
    period: str
    quality: str
    source: str
    definition: str


@dataclass(frozen=True)
class Beside:
    """A group of land: its measured share (%) and area (km²), and what is published of it.

    ``share`` and ``area`` are None where the raster has no class of the group, or the zones are
    not districts.
    """

    group: str
    title: str
    colour: str
    share: float | None
    area: float | None
    published: tuple[Published, ...]


def beside(found: Report, area: str, lang: str) -> list[Beside]:
    """Every group that is measured or has figures, in the order of the groups.

    ``area`` is the city's code or a district's; both columns are of it.
    """
    project = found.project
    measured = _measured(found, area)
    rows = []
    for one in land_classes.groups(project).values():
        share, km2 = measured.get(one.id, (None, None))
        figures = tuple(_figure(project, key, area, lang) for key in one.indicators)
        if share is not None or any(figure.value for figure in figures):
            rows.append(Beside(one.id, one.title.get(lang), one.colour, share, km2, figures))
    return rows


def _measured(found: Report, area: str) -> dict[str, tuple[float, float]]:
    """Share and area by group of the city (all zones together) or of one district."""
    if found.zones.id not in DISTRICTS or found.measured.kind != "classes":
        return {}
    whole = land_report.with_total(found)
    row = land_report.TOTAL if area == CITY else area
    areas = land_report.by_group(whole)
    if row not in areas.index:
        return {}
    base = float(whole.whole[row])
    found_km2 = {str(group): land_report.number(areas, row, group) for group in areas}
    return {group: (km2 / base * 100, km2) for group, km2 in found_km2.items()}


def _figure(project: Project, indicator_id: str, area: str, lang: str) -> Published:
    """The newest figure of an indicator in an area, as it was printed."""
    indicator = observations.indicator_of(project, indicator_id)
    title = indicator.en if lang == "en" else indicator.zh
    definition = indicator.definition.get(lang)
    newest = observations.latest(project, indicator_id, area)
    if newest is None:
        return Published(indicator_id, title, "", "", "", "", "", definition)
    known = catalogue.load_sources(project)
    ids = catalogue.source_ids(str(newest["source"]))
    return Published(
        indicator_id,
        title,
        str(newest["printed"]),
        observations.unit_text(indicator.unit, lang),
        period_text(str(newest["period"]), lang),
        quality_title(newest["quality"], lang),
        ("；" if lang == "zh" else "; ").join(known[one].title(lang) for one in ids),
        definition,
    )
