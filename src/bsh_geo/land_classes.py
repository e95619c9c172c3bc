"""Class tables of land-cover products in, the names, colours and groups of a raster's codes out."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bsh_geo.catalogue import Closed, Colour, NamedFile, Text, declared, declared_file
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.project import Project, read_toml

FOLDER = "data/landcover"
GROUPS = "data/land/groups.toml"

UNKNOWN = "unknown"
"""The group of codes that no table names."""


class LandClass(Closed):
    """A code of a product: its name, its colour and the group it is gathered in."""

    code: int
    title: Text
    colour: Colour
    group: str


class ClassTable(NamedFile):
    """The classes of a product, a file ``data/landcover/<id>.toml``.

    ``blank`` lists codes that stand for no data even where a file does not say so.
    """

    title: Text
    version: str
    resolution: str
    source: Text
    url: str
    licence: Text
    note: Text
    blank: tuple[int, ...] = ()
    classes: tuple[LandClass, ...]


class Group(Closed):
    """Classes of several tables taken together, and the published figures they stand beside."""

    id: str
    title: Text
    colour: Colour
    indicators: tuple[str, ...] = ()


class _Groups(Closed):
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Named:
    """What a reader is told of one code; ``known`` is False where no table names it."""

    code: int
    title: Text
    colour: str
    group: str
    known: bool


@cache
def groups(project: Project) -> dict[str, Group]:
    """The groups by id, in the order they are drawn.

    Raises
    ------
    DataError
        The file is missing or broken.
    """
    content = read_toml(project.path(GROUPS), GROUPS)
    return {one.id: one for one in declared(_Groups, content, GROUPS).groups}


@cache
def tables(project: Project) -> dict[str, ClassTable]:
    """Every class table by id.

    Raises
    ------
    DataError
        A table is broken, names a code twice, or a group that there is not.
    """
    found: dict[str, ClassTable] = {}
    for name, path in project.files(FOLDER, ".toml").items():
        found[name] = declared_file(project, path, ClassTable)
        _check(project, found[name])
    return found


def _check(project: Project, table: ClassTable) -> None:
    known = groups(project)
    seen: set[int] = set()
    for one in table.classes:
        if one.code in seen or one.code in table.blank:
            raise DataError(
                f"{FOLDER}/{table.id}.toml：编码 {one.code} 重复。",
                f"{FOLDER}/{table.id}.toml: the code {one.code} is used twice.",
            )
        seen.add(one.code)
        if one.group not in known:
            raise DataError(
                f"{FOLDER}/{table.id}.toml：编码 {one.code} 的组“{one.group}”不存在，可用："
                f"{'、'.join(known)}。",
                f"{FOLDER}/{table.id}.toml: the group “{one.group}” of code {one.code} does not "
                f"exist; known: {', '.join(known)}.",
            )


def table_of(project: Project, table_id: str) -> ClassTable:
    """The table with that id, which must exist."""
    known = tables(project)
    if table_id not in known:
        raise unknown_name("类别表", "class table", table_id, known)
    return known[table_id]


def fitting(project: Project, codes: Iterable[int]) -> list[ClassTable]:
    """The tables that name every code, blank ones aside; none for fewer than two codes."""
    wanted = set(codes)
    found = []
    for table in tables(project).values():
        named = wanted - set(table.blank)
        if len(named) >= 2 and named <= {one.code for one in table.classes}:
            found.append(table)
    return found


def named(project: Project, table: ClassTable | None, codes: Iterable[int]) -> list[Named]:
    """The classes of ``codes``: those of the table in the order of the groups, then unknown ones.

    Codes that the table does not have are listed by their number, in a colour of their own; none
    is left out.
    """
    there = set(codes)
    rank = {one: number for number, one in enumerate(groups(project))}
    known = {one.code: one for one in table.classes} if table else {}
    found = [
        Named(code, known[code].title, known[code].colour, known[code].group, True)
        for code in sorted(there & set(known), key=lambda c: (rank[known[c].group], c))
    ]
    rest = sorted(there - set(known))
    return found + [_unknown(code, number) for number, code in enumerate(rest)]


def _unknown(code: int, number: int) -> Named:
    """A code without a name; the colours of neighbours in the list are far apart."""
    hue = (0.08 + number * 0.381966) % 1.0  # the golden section
    red, green, blue = colorsys.hls_to_rgb(hue, 0.68, 0.34)
    colour = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
    return Named(code, Text(zh=f"编码 {code}", en=f"Code {code}"), colour, UNKNOWN, False)
