"""What a user says of a file: its system, its columns, its source; nothing else is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bsh_geo.own_kinds import Mode


@dataclass(frozen=True)
class Options:
    """What the user says of a file.

    ``columns`` gives the field of a column by its head ("" leaves it out), ``names`` the district
    of a name; ``mode`` is "merge" (by id) or "replace" (the file's rows alone); ``part`` is a
    layer or worksheet; ``id`` and ``title`` are those of a new layer or boundary; ``indicator``
    and ``period`` are those of figures whose table does not say; ``within`` is a boundary set
    whose units are written beside each place, or that figures are of.

    Of a raster ``classes`` is the id of a class table ("none" for amounts), ``breaks`` and ``ramp``
    are how amounts are drawn, ``band`` is the one that is read, ``unknown`` is "nodata" where codes
    that the class table lacks are to count as no data, and ``period`` is the date of the cells.
    """

    crs: str | None = None
    datum: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    quality: str | None = None
    repair: bool = False
    mode: Mode | None = None
    part: str | None = None
    id: str | None = None
    title: str | None = None
    indicator: str | None = None
    period: str | None = None
    unit: str | None = None
    within: str | None = None
    classes: str | None = None
    breaks: tuple[float, ...] = ()
    ramp: str | None = None
    band: int | None = None
    unknown: str | None = None
