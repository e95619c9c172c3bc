"""Files of places in, what would make their reader run away taken out or told before it reads.

A GeoPackage is a database: a view of it may be a question without end. A KML file may be anything
that its first lines are not.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.parsers import expat

from bsh_geo.limits_in import MOST_FIELDS, told
from bsh_geo.site_tables import damaged, fault, shown

MOST_STEPS = 20_000_000
"""Steps of SQLite that looking at a file's tables may take; an honest one takes thousands."""


def plain_geopackage(path: Path, name: str) -> None:
    """Take views, triggers and virtual tables out of a copy of a GeoPackage.

    Raises
    ------
    DataError
        A layer is a view or has computed columns, or the database is damaged.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            _stop_after(base, MOST_STEPS)
            if base.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise damaged(name, "GeoPackage")
            _stop_after(base, MOST_STEPS)
            base.execute("PRAGMA writable_schema = ON")
            gone = _without_programs(base)
            _check_layers(base, name, gone)
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter tells of the former
        raise damaged(name, "GeoPackage") from error


def _stop_after(base: sqlite3.Connection, steps: int) -> None:
    """Break off a question that takes more than so many steps."""
    asked = iter(range(steps // 10_000))
    base.set_progress_handler(lambda: next(asked, None) is None, 10_000)


def _without_programs(base: sqlite3.Connection) -> set[str]:
    """Take out all that computes; the names of the views that are gone."""
    found = base.execute("SELECT name FROM sqlite_master WHERE type='view'")
    views = {str(one) for (one,) in found}
    base.execute(
        "DELETE FROM sqlite_master WHERE type IN ('view', 'trigger') OR sql LIKE 'CREATE VIRTUAL%'"
    )
    return views


def _check_layers(base: sqlite3.Connection, name: str, gone: set[str]) -> None:
    layers = [str(one) for (one,) in base.execute("SELECT table_name FROM gpkg_contents")]
    for layer in layers:
        if layer in gone:
            raise fault(
                name,
                f"图层 {layer[:60]} 是视图，请另存为表",
                f"its layer {layer[:60]} is a view; save it as a table",
            )
        columns = base.execute("SELECT hidden FROM pragma_table_xinfo(?)", [layer]).fetchall()
        if len(columns) > MOST_FIELDS:
            raise told(shown(name), "个字段", "fields", len(columns), MOST_FIELDS)
        if any(hidden for (hidden,) in columns):
            raise fault(
                name,
                f"图层 {layer[:60]} 有计算列，请另存为普通列",
                f"its layer {layer[:60]} has computed columns; save them as values",
            )


def kml_body(text: str, name: str) -> bytes:
    """KML as UTF-8 with one declaration, if it is well-formed, with ``kml`` as its only root.

    Raises
    ------
    DataError
        It is not, or has a document type, which could name other files.
    """
    # Of declarations only the first is one; what follows is left to the parser.
    plain = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text, count=1)
    try:
        body = f'<?xml version="1.0" encoding="UTF-8"?>{plain}'.encode()
        found = _root(body)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise damaged(name, "KML") from error
    if found.rpartition(":")[2] != "kml":
        raise damaged(name, "KML")
    return body


class _Refused(expat.ExpatError):
    pass


def _root(body: bytes) -> str:
    """The name of the root of a document without a document type."""
    roots: list[str] = []

    def begun(tag: str, _: dict[str, str]) -> None:
        if not roots:
            roots.append(tag)

    def typed(*_: Any) -> None:
        raise _Refused("document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begun
    parser.StartDoctypeDeclHandler = typed
    parser.Parse(body, True)
    return roots[0]
