"""Names of districts as files write them in, codes out, with how each was recognised.

Nothing is matched by likeness: a name that is not known is left without a code, and the names
that it may be are proposed.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bsh_geo import areas, frames, units
from bsh_geo.catalogue import CITY
from bsh_geo.project import Project

How = Literal["name", "alias", "whole", "part", "said", "none"]

CITY_NAMES = ("上海市", "上海", "全市", "全市合计", "本市", "shanghai", "city", CITY)


@dataclass(frozen=True)
class Match:
    """A name in a file and the district it is.

    ``how``: "name" (its own, short or English name, or code), "alias", "whole" (a former name of
    the same ground), "part" (a dissolved district that is part of today's), "said" (as the user
    said), "none" (``near`` are names it may be).
    """

    text: str
    code: str | None
    how: How
    since: int | None = None
    near: tuple[str, ...] = ()


def plain(text: str) -> str:
    """A name without width, space, brackets at its end and the city in front."""
    name = unicodedata.normalize("NFKC", text).strip()
    name = re.sub(r"\s+", "" if re.search("[\u4e00-\u9fff]", name) else " ", name)
    name = re.sub(r"[(（\[].*?[)）\]]$", "", name).strip()
    name = re.sub(r"\.0$", "", name) if re.fullmatch(r"\d{6}\.0", name) else name
    short = re.sub(r"^(中国)?(上海市|上海|沪)(?=.)", "", name)
    return (short if short not in ("市", "市合计") else name).casefold()


@cache
def _known(project: Project) -> dict[str, tuple[str, How, int | None]]:
    found: dict[str, tuple[str, How, int | None]] = {}
    for row in frames.table(project, "district_aliases").itertuples():
        how: How = "alias" if row.kind == "name" else ("whole" if row.kind == "whole" else "part")
        since = int(str(row.since)) if str(row.since).isdigit() else None
        found[plain(str(row.alias))] = (str(row.adcode), how, since)
    for row in areas.district_table(project).itertuples():
        code = str(row.adcode)
        english = str(row.name_en)
        short = english.removesuffix(" New Area")
        for name in (code, row.name_zh, row.short_zh, english, short, f"{short} District"):
            found[plain(str(name))] = (code, "name", None)
        # Twelve digits, or nine, as the statistics write them.
        found[f"{code}000000"] = found[f"{code}000"] = (code, "name", None)
        found[plain(english.replace("'", ""))] = (code, "name", None)
    for name in CITY_NAMES:
        found[plain(name)] = (CITY, "name", None)
    return found


def match(project: Project, text: str, said: Mapping[str, str] | None = None) -> Match:
    """The district of a name; ``said`` gives what a name stands for where the user knows."""
    for given, meant in (said or {}).items():
        if plain(given) == plain(text):
            known = _known(project).get(plain(meant))
            if known is not None:
                return Match(text, known[0], "said")
    found = _known(project).get(plain(text))
    if found is not None:
        return Match(text, *found)
    names = [str(one) for one in areas.district_table(project)["name_zh"]]
    close = difflib.get_close_matches(plain(text), names, n=3, cutoff=0.4)
    return Match(text, None, "none", None, tuple(close))


def match_unit(
    project: Project, boundary_id: str, text: str, said: Mapping[str, str] | None = None
) -> Match:
    """The area code of a unit of a boundary set by its id or name; ``said`` as in ``match``.

    A name that several units have is not taken for any of them: their ids are proposed.
    """
    known = _unit_names(project, boundary_id)
    for given, meant in (said or {}).items():
        if plain(given) == plain(text) and len(known.get(plain(meant), ())) == 1:
            return Match(text, units.area_code(boundary_id, known[plain(meant)][0]), "said")
    found = known.get(plain(text), ())
    if len(found) == 1:
        return Match(text, units.area_code(boundary_id, found[0]), "name")
    near = found or difflib.get_close_matches(plain(text), known, n=3, cutoff=0.4)
    return Match(text, None, "none", None, tuple(near))


@cache
def _unit_names(project: Project, boundary_id: str) -> dict[str, tuple[str, ...]]:
    """The ids of the units that have a name or id; an id stands before the names of others."""
    table = units.table(project, boundary_id)
    found: dict[str, list[str]] = {}
    for column in ("name_zh", "name_en"):
        for unit, name in table[column].items():
            listed = found.setdefault(plain(str(name)), [])
            if str(unit) not in listed:
                listed.append(str(unit))
    ids = {plain(str(unit)): (str(unit),) for unit in table.index}
    return {**{name: tuple(listed) for name, listed in found.items()}, **ids}


def matches(
    project: Project, texts: Iterable[str], said: Mapping[str, str] | None = None
) -> dict[str, Match]:
    """Each different name once."""
    return {one: match(project, one, said) for one in dict.fromkeys(texts)}
