"""A table's texts and a width in, the widths of its columns and the heights of its rows out, mm."""

from __future__ import annotations

from collections.abc import Sequence

from bsh_geo import fonts
from bsh_geo.briefing_pages import Table

ROOM = 0.92
"""Share of a width that text may take: the reader's font may be wider than the measured one."""
PAD = 4.6
"""Left and right margin of a cell with a little air, mm."""


def widths_of(block: Table, width: float, size: float) -> list[float]:
    """The widths of the columns in mm: after their longest text, within the table's width."""
    columns = list(zip(block.titles, *block.rows, strict=True))
    wanted = [max(_length(text, size) for text in column) / ROOM + PAD for column in columns]
    if sum(wanted) <= width:
        spare = width - sum(wanted)
        return [one + spare * one / sum(wanted) for one in wanted]
    # The long columns share what the short ones leave.
    left, shares = width, [0.0] * len(wanted)
    for done, at in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        shares[at] = min(wanted[at], left / (len(wanted) - done))
        left -= shares[at]
    return shares


def _length(text: str, size: float) -> float:
    return max((fonts.width(line, size) for line in text.splitlines()), default=0.0)


def heights_of(block: Table, widths: Sequence[float], size: float) -> list[float]:
    """The heights of the head and the rows in mm, after the lines that their cells take."""

    def height(cells: Sequence[str]) -> float:
        lines = max(
            (len(fonts.wrap(text, (room - PAD) * ROOM, size)) or 1)
            for text, room in zip(cells, widths, strict=True)
        )
        return lines * size * 0.3528 * 1.4 + 1.4

    return [height(block.titles), *(height(row) for row in block.rows)]
