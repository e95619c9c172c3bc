"""How much of a user's file is taken, in one place: bytes, members, features, cells, growth.

Each number is the most that is read; beyond it a file is refused in one sentence and nothing of it
is kept. ``docs/security.md`` lists them.
"""

from __future__ import annotations

from bsh_geo.errors import DataError

MOST_BYTES = 200 * 2**20
"""Of a file with places, and of what a zip file holds when unpacked."""

MOST_MEMBERS = 200
"""Files in a zip file of places."""

MOST_RATIO, FREE_BYTES = 100, 16 * 2**20
"""Growth of an archive of places when unpacked; below ``FREE_BYTES`` it is not looked at."""

MOST_FEATURES = 1_000_000
"""Of a file of places, whatever it is for; each use may take fewer."""

MOST_FIELDS = 500
"""Columns of a vector file, and different properties of a JSON file."""

MOST_JSON_NAMES, MOST_JSON_CELLS = 5_000, 50_000_000
"""Different properties of the features of a JSON file of readings, and these times its features."""

MOST_REFUSED = 300_000
"""Values of a file of readings that are refused one by one, each kept with its reason."""

MOST_TABLE_CELLS = 5_000_000
"""Rows times columns of a table of places."""

MOST_VERTICES = 5_000_000
"""Of all features of a file, also after their long edges were divided."""

MOST_OVERLAPS = 100_000
"""Pairs of areas of an import whose shared area is measured."""

MOST_CROSSINGS = 20_000
"""Places where an outline crosses itself, above which it is not mended: a scribble of 600 corners
has 60,000, and to mend it takes minutes."""

MOST_COLUMNS = 16_384
MOST_ROWS = 1_048_576
"""Of a worksheet, as Excel has them; a file may claim more."""

MOST_BOOK_BYTES = 1 << 30
"""Of a workbook's parts when unpacked."""

MOST_SHEET_CELLS = 40_000_000
"""Cells of a worksheet, blank ones before the last of each row counted."""

MOST_ENTERED_CELLS = 2_000_000
"""Cells of a sheet of targets and figures that was filled in by hand."""

MOST_COUNT_CELLS = 2_000
"""Cells of a sheet of residents by district, each of which is looked up as a name."""

MOST_TEXT = 20_000
"""Characters of one pasted line of coordinates."""

MOST_PAIRS = 100_000
"""Pasted coordinates altogether."""


def growth(unpacked: int, packed: int, ratio: int = MOST_RATIO, free: int = FREE_BYTES) -> bool:
    """Whether an archive grows without measure: a bomb, not data."""
    return unpacked > free and unpacked > ratio * max(1, packed)


def told(name: str, zh: str, en: str, found: int, most: int) -> DataError:
    """The fault of a file that has ``found`` of something of which ``most`` are read."""
    return DataError(
        f"{name} 有 {found:,} {zh}，最多 {most:,} {zh}。",
        f"{name} has {found:,} {en}; {most:,} are the most.",
    )
