"""Names of places in, a selection of districts out: aliases, groups, and close matches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from bsh_geo import catalogue, frames
from bsh_geo.catalogue import CITY
from bsh_geo.errors import unknown_name
from bsh_geo.project import Project

UNIT_MARK = ":"
"""Between a boundary set and its unit in the area code of a unit, such as ``grid:g17``."""


@dataclass(frozen=True)
class Selection:
    """The districts a view is limited to, in the order of their codes; none means the city."""

    codes: tuple[str, ...] = ()
    group: str | None = None

    @property
    def is_city(self) -> bool:
        """Whether nothing is filtered."""
        return not self.codes

    @property
    def area(self) -> str | None:
        """The one area code whose published figures fit the selection, if there is one.

        The city, a single district, or a group for which figures are published as such.
        """
        if self.is_city:
            return CITY
        if self.group:
            return self.group
        return self.codes[0] if len(self.codes) == 1 else None


def district_table(project: Project) -> pd.DataFrame:
    """The 16 districts, indexed by adcode: names, official area (km²), population."""
    return frames.table(project, "districts").set_index("adcode", drop=False).rename_axis(None)


def group_names(project: Project, lang: str) -> dict[str, str]:
    """Group id to name, in the order of the file."""
    groups = frames.table(project, "groups").drop_duplicates("group")
    return dict(zip(groups["group"], groups[f"name_{lang}"], strict=True))


def group_members(project: Project, group: str) -> tuple[str, ...]:
    """The adcodes of the districts that belong to a group, in whole or in part."""
    groups = frames.table(project, "groups")
    return tuple(sorted(groups.loc[groups["group"] == group, "adcode"]))


def _aliases(project: Project) -> dict[str, str]:
    known = dict(_group_aliases(project))
    for row in district_table(project).itertuples():
        names = (row.adcode, row.name_zh, row.short_zh, row.name_en, f"上海市{row.name_zh}")
        for name in (*names, str(row.name_en).removesuffix(" New Area")):
            known[str(name)] = str(row.adcode)
    for name in (CITY, "上海市", "上海", "全市", "city", "Shanghai", "all"):
        known[name] = CITY
    return known


def _group_aliases(project: Project) -> dict[str, str]:
    names = {group: group for group in group_names(project, "zh")}
    for lang in ("zh", "en"):
        names |= {name: group for group, name in group_names(project, lang).items()}
    return names


def select(project: Project, names: Iterable[str]) -> Selection:
    """The districts that ``names`` (codes, Chinese or English names, groups) stand for.

    Raises
    ------
    UnknownNameError
        A name is none of a district's, a group's or the city's; close matches are proposed.
    """
    known = _aliases(project)
    lowered = {name.lower(): code for name, code in known.items()}
    found: list[str] = []
    for name in names:
        # Exactly first: "pudong" is the id of a group, "Pudong" the name of the district.
        code = known.get(str(name).strip()) or lowered.get(str(name).strip().lower())
        if code is None:
            districts = district_table(project)["name_zh"]
            raise unknown_name("区", "district", str(name), known, districts)
        found.append(code)
    if not found or CITY in found:
        return Selection()
    groups = [code for code in found if not code.isdigit()]
    codes = {code for code in found if code.isdigit()}
    for group in groups:
        codes.update(group_members(project, group))
    whole = tuple(sorted(codes))
    alone = groups[0] if len(groups) == 1 and whole == group_members(project, groups[0]) else None
    return Selection(whole, alone)


def all_codes(project: Project, selection: Selection) -> tuple[str, ...]:
    """The adcodes of the selection; all 16 for the city."""
    return selection.codes or tuple(district_table(project).index)


def area_name(project: Project, code: str, lang: str) -> str:
    """The name of the city, a district, a group or a unit of a boundary set."""
    if code == CITY:
        return "Shanghai" if lang == "en" else "上海市"
    districts = district_table(project)
    if code in districts.index:
        return str(districts.at[code, f"name_{lang}"])
    if UNIT_MARK in code:
        return _unit_name(project, code, lang)
    return group_names(project, lang).get(code, code)


def _unit_name(project: Project, code: str, lang: str) -> str:
    """The name of a unit; its code where its set does not have it, which ``check`` reports."""
    owner, _, unit = code.partition(UNIT_MARK)
    entry = catalogue.load_boundaries(project).get(owner)
    if entry is None or unit not in frames.boundary(project, owner).index:
        return code
    row = frames.boundary(project, owner).loc[unit]
    for name in (f"name_{lang}", entry.name_column):
        if isinstance(row.get(name), str) and row[name]:
            return str(row[name])
    return unit


def selection_name(project: Project, selection: Selection, lang: str) -> str:
    """How a title names the selection: the place, up to three districts, or their number."""
    if selection.area:
        return area_name(project, selection.area, lang)
    names = [area_name(project, code, lang) for code in selection.codes]
    if len(names) <= 3:
        return ("、" if lang == "zh" else ", ").join(names)
    return (
        f"{names[0]}等{len(names)}个区" if lang == "zh" else f"{names[0]} and {len(names) - 1} more"
    )


def outlines(project: Project, kind: str = "land_display") -> gpd.GeoDataFrame:
    """Districts by adcode: ``land_display`` to draw, ``land`` or ``districts`` to measure."""
    return frames.boundary(project, kind)
