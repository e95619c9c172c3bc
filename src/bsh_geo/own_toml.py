"""Declarations in, the text of their TOML files out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bsh_geo.catalogue import Closed

Table = Mapping[str, Any]


def content(one: Closed) -> dict[str, Any]:
    """A declaration as its file has it: what has its default is left out."""
    return one.model_dump(exclude_defaults=True)


def content_of(one: Closed | None) -> dict[str, Any]:
    """The content of a declaration; nothing of none."""
    return {} if one is None else content(one)


def text(table: Table) -> str:
    """A table as TOML: values first, then tables, then lists of tables."""
    return "\n".join(_lines(table, "")).strip("\n") + "\n"


def _lines(table: Table, prefix: str) -> list[str]:
    made = [
        f"{_key(name)} = {value(one)}" for name, one in table.items() if not _is_table(name, one)
    ]
    for name, one in table.items():
        if not _is_table(name, one):
            continue
        path = f"{prefix}{_key(name)}"
        if isinstance(one, Mapping):
            made += (
                ["", f"[{path}]", *_lines(one, f"{path}.")]
                if _own_values(one)
                else _lines(one, f"{path}.")
            )
        else:
            for entry in one:
                made += ["", f"[[{path}]]", *_lines(entry, f"{path}.")]
    return made


_INLINE = ("zh", "en")


def _is_table(name: str, one: Any) -> bool:
    if isinstance(one, Mapping):
        return (
            tuple(one) != _INLINE and any(isinstance(cell, Mapping) for cell in one.values())
        ) or ("type" in one)
    return (
        isinstance(one, Sequence)
        and not isinstance(one, str)
        and bool(one)
        and isinstance(one[0], Mapping)
    )


def _own_values(table: Table) -> bool:
    return any(not _is_table(name, one) for name, one in table.items()) or not table


def _key(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z0-9_-]+", name)
    return name if plain else json.dumps(name, ensure_ascii=False)


def value(one: Any) -> str:
    """A value as TOML has it; a table stands in one line."""
    if isinstance(one, bool):
        return str(one).lower()
    if isinstance(one, Mapping):
        return (
            f"{{ {', '.join(f'{_key(k)} = {value(v)}' for k, v in one.items())} }}" if one else "{}"
        )
    if isinstance(one, str):
        # A JSON string is a TOML basic string, but for one sign.
        return json.dumps(one, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(one, Sequence):
        return f"[{', '.join(value(cell) for cell in one)}]"
    return repr(one)
