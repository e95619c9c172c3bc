"""The findings of a report in, how each row with a place is to be marked on a map out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from bsh_geo.catalogue import Text
from bsh_geo.own_report import Finding

Mark = Literal[
    "invalid", "type", "tiny", "outside", "rejected", "repaired", "double", "overlap", "doubt",
    "fine",
]  # fmt: skip
"""Of several that a row could have, the first counts."""

MARKS: tuple[Mark, ...] = get_args(Mark)

TITLES: dict[Mark, Text] = {
    "invalid": Text(zh="几何无效，拒收", en="Invalid, rejected"),
    "type": Text(zh="类型不对，拒收", en="Wrong type, rejected"),
    "tiny": Text(zh="面积过小，拒收", en="Too small, rejected"),
    "outside": Text(zh="市外", en="Outside the city"),
    "rejected": Text(zh="其他原因拒收", en="Rejected otherwise"),
    "repaired": Text(zh="已修复", en="Mended"),
    "double": Text(zh="重复", en="Duplicate"),
    "overlap": Text(zh="相互重叠", en="Overlapping"),
    "doubt": Text(zh="待核对", en="To be looked at"),
    "fine": Text(zh="将导入", en="To be imported"),
}


def mark_of(one: Finding) -> Mark:
    """How a finding marks its rows."""
    if one.about in ("invalid", "type", "tiny", "double", "overlap"):
        return one.about
    if one.sort == "outside":
        return "outside"
    if one.sort == "duplicate":
        return "double"
    if one.lost:
        return "rejected"
    if one.sort == "repaired":
        return "repaired"
    return "doubt" if one.sort in ("proposed", "unmatched") else "fine"


def marks(findings: Iterable[Finding]) -> dict[int, Mark]:
    """The mark of each row that has one; all other rows are fine."""
    found: dict[int, Mark] = {}
    ordered = sorted(findings, key=lambda one: MARKS.index(mark_of(one)))
    for one in ordered:
        mark = mark_of(one)
        if mark != "fine":
            for row in one.rows:
                found.setdefault(row, mark)
    return found
