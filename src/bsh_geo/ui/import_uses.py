"""How tables of readings are read, and what the user says of their columns, in; a mapping out."""

from __future__ import annotations

from collections.abc import Mapping

from bsh_geo import reading_mapping
from bsh_geo.errors import DataError
from bsh_geo.networks import Network
from bsh_geo.reading_mapping import ROLES
from bsh_geo.reading_mapping import Mapping as ReadingMapping
from bsh_geo.reading_plan import ImportPlan


def uses_of(mapping: ReadingMapping) -> dict[str, str]:
    """What each column is used for: a role or, of a wide table, an item."""
    fields = {"code": mapping.station, "time": mapping.time, "date": mapping.date,
              "hour": mapping.hour, "item": mapping.item, "value": mapping.value,
              "unit": mapping.unit}  # fmt: skip
    found = {column: role for role, column in fields.items() if column}
    return found | (dict(mapping.items) if mapping.shape == "wide" else {})


def single_table(planned: ImportPlan) -> tuple[ReadingMapping, tuple[str, ...]] | None:
    """The mapping and the head of the files, where all have one that can be changed here."""
    found = list(planned.kinds.values())
    if not found:
        found = [[one] for one in planned.tables if one.found.recognised][:1]
    if len(found) != 1 or found[0][0].found.mapping.shape == "national":
        return None
    one = found[0][0].found
    return one.mapping, one.header


def own_mapping(base: ImportPlan, said: Mapping[str, str]) -> ReadingMapping | None:
    """The mapping with the user's choices; None where there are none."""
    single = single_table(base)
    if single is None or not said:
        return None
    mapping, header = single
    uses = uses_of(mapping)
    if all(uses.get(column, "") == use for column, use in said.items()):
        return None
    return remapped(mapping, {**uses, **said}, base.network, header)


def remapped(
    mapping: ReadingMapping, uses: Mapping[str, str], network: Network, header: tuple[str, ...]
) -> ReadingMapping:
    """A mapping whose columns are used as said.

    Raises
    ------
    DataError
        Two columns have one use, or one that the table needs has none.
    """
    by_use: dict[str, str] = {}
    for column, use in uses.items():
        if use in by_use:
            raise DataError(
                f"列“{by_use[use]}”和“{column}”不能同为一项用途。",
                f"The columns “{by_use[use]}” and “{column}” cannot have one use.",
            )
        if use and column in header:
            by_use[use] = column
    long = "item" in by_use and "value" in by_use
    roles = {str(role): by_use.get(role, "") for role in ROLES if role not in ("code", "name")}
    items = {column: use for use, column in by_use.items() if use in network.items}
    content: dict[str, object] = {
        **roles,
        "station": by_use.get("code", ""),
        "shape": "long" if long else "wide",
        "items": dict(mapping.items) if long and mapping.shape == "long" else items,
    }
    return reading_mapping.checked(mapping.model_copy(update=content), network, network.title.zh)
