"""The heads of a file in, which field each column is used for out: guessed by name, or as told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bsh_geo import frames, own_kinds, own_values
from bsh_geo.catalogue import Text
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.networks import folded
from bsh_geo.own_kinds import Kind
from bsh_geo.own_report import Used
from bsh_geo.project import Project


@dataclass(frozen=True)
class Columns:
    """For each field the place of its column and the unit that the column's head states."""

    places: dict[str, int]
    units: dict[str, str]

    def left(self, count: int) -> list[int]:
        """The places of columns that no field uses."""
        used = set(self.places.values())
        return [at for at in range(count) if at not in used]


def fields_of(project: Project, kind: Kind) -> tuple[str, ...]:
    """The fields that a file of a kind may have, in the order in which they are looked for."""
    if kind.table is None:
        return kind.fields
    found = list(frames.dataset_of(project, kind.table).columns)
    first = [one for one in ("lon", "lat", kind.key, "name_zh") if one in found]
    if kind.want is not None:
        first = list(dict.fromkeys(["lon", "lat", *first]))
    left_out = {"west", "south", "east", "north", "located", "restoration", "location_grade"}
    return tuple(dict.fromkeys([*first, *(one for one in found if one not in left_out)]))


def heads_of(project: Project, kind: Kind, field: str) -> tuple[str, ...]:
    """The folded heads that stand for a field."""
    own: list[str] = [folded(field)]
    if kind.table is not None:
        column = frames.dataset_of(project, kind.table).columns.get(field)
        if column is not None:
            own += [folded(column.zh), folded(column.en)]
    return tuple(dict.fromkeys([*own, *own_kinds.words(field)]))


def known_heads(project: Project, kind: Kind) -> frozenset[str]:
    """All folded heads that a column of a kind may have."""
    return frozenset(
        head for field in fields_of(project, kind) for head in heads_of(project, kind, field)
    )


def plain_head(head: str) -> str:
    """A head without its unit, folded."""
    return folded(own_values.unit_of(head)[0])


DBF_BYTES = 10
"""What a Shapefile keeps of a field's name."""


def mapped(
    project: Project,
    kind: Kind,
    names: Sequence[str],
    told: Mapping[str, str],
    cut: bool = False,
) -> Columns:
    """The column of each field: as told (head to field), else by its head.

    ``cut`` says that heads may have been cut at ``DBF_BYTES``.

    Raises
    ------
    DataError
        A column or a field that is told does not exist, or a field is told twice.
    """
    fields = fields_of(project, kind)
    places, barred = _as_told(fields, names, told)
    plain = [plain_head(one) for one in names]
    for field in fields:
        if field in places:
            continue
        free = [at for at in range(len(names)) if at not in places.values() and at not in barred]
        at_head = {plain[at]: at for at in reversed(free)}
        found = next(
            (at_head[one] for one in heads_of(project, kind, field) if one in at_head), None
        )
        if found is not None:
            places[field] = found
    if cut:
        free = [at for at in range(len(names)) if at not in places.values() and at not in barred]
        for at in free:
            fitting = [one for one in fields if _cut_from(plain[at], project, kind, one)]
            if len(fitting) == 1 and fitting[0] not in places:
                places[fitting[0]] = at
    units = {field: own_values.unit_of(names[at])[1] for field, at in places.items()}
    return Columns(places, {field: unit for field, unit in units.items() if unit})


def _as_told(
    fields: Sequence[str], names: Sequence[str], told: Mapping[str, str]
) -> tuple[dict[str, int], set[int]]:
    """The columns that the user gave to fields, and those that are not to be used."""
    places: dict[str, int] = {}
    barred: set[int] = set()
    for head, field in told.items():
        at = _place(names, head)
        if field in ("", "-"):
            barred.add(at)
            continue
        if field not in fields:
            raise unknown_name("字段", "field", field, fields)
        if field in places:
            raise DataError(
                f"字段 {field} 指定了两列：{names[places[field]]}、{head}。",
                f"The field {field} is given two columns: {names[places[field]]}, {head}.",
            )
        places[field] = at
    return places, barred


def _cut_from(head: str, project: Project, kind: Kind, field: str) -> bool:
    """Whether a head is what a Shapefile keeps of a longer one of a field."""
    return any(
        len(encoded := known.encode(codec, "ignore")) > DBF_BYTES
        and encoded[:DBF_BYTES].decode(codec, "ignore") == head
        for known in heads_of(project, kind, field)
        for codec in ("gb18030", "utf-8")
    )


def _place(names: Sequence[str], head: str) -> int:
    same = [at for at, one in enumerate(names) if one == head] or [
        at for at, one in enumerate(names) if plain_head(one) == plain_head(head)
    ]
    if len(same) != 1:
        if not same:
            raise unknown_name("列", "column", head, names)
        raise DataError(
            f"有 {len(same)} 列名为“{head}”。", f"{len(same)} columns are called “{head}”."
        )
    return same[0]


def used(
    columns: Columns, names: Sequence[str], notes: Mapping[str, Text], also: Iterable[int] = ()
) -> tuple[Used, ...]:
    """What each column is used for, as a report shows it."""
    by_place = {at: field for field, at in columns.places.items()}
    kept = set(also)
    made = []
    for at, name in enumerate(names):
        field = by_place.get(at, name if at in kept else "")
        blank = Text(zh="", en="")
        made.append(Used(name or f"#{at + 1}", field, notes.get(field, blank)))
    return tuple(made)
