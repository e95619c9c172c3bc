"""The table of a Shapefile in, the same with whole characters in the names of its fields out.

A name has ten bytes. Programs that write Chinese cut it there, in the middle of a character that
takes two or three, and no reader can then decode the table.
"""

from __future__ import annotations

from pathlib import Path

_HEAD, _FIELD, _NAME = 32, 32, 11
_END = 0x0D
"""dBASE III: a head of 32 bytes, 32 for each field of which 11 are its name, then 0x0D."""


def mend(path: Path) -> None:
    """Take half a character off the end of each name; only a copy of our own is ever changed."""
    content = bytearray(path.read_bytes())
    at = _HEAD
    changed = False
    while at + _FIELD <= len(content) and content[at] != _END:
        name = bytes(content[at : at + _NAME]).split(b"\0")[0]
        whole = _whole(name)
        if whole != name:
            content[at : at + _NAME] = whole.ljust(_NAME, b"\0")
            changed = True
        at += _FIELD
    if changed:
        path.write_bytes(content)


def _whole(name: bytes) -> bytes:
    """A name without the part of a character at its end; one that is whole stays.

    Two characters of UTF-8 are proof enough: text in GB18030 hardly ever happens to have them.
    """
    if len(name) < _NAME - 1 or _text(name, "utf-8") is not None:
        return name
    for cut in (1, 2):
        shorter, tail = name[:-cut], name[-cut:]
        found = _text(shorter, "utf-8")
        if found is not None and len(shorter) - len(found) >= 4 and _begun(tail):
            return shorter
    return name if _text(name, "gb18030") is not None else name[:-1]


def _text(name: bytes, codec: str) -> str | None:
    try:
        return name.decode(codec)
    except UnicodeDecodeError:
        return None


def _begun(tail: bytes) -> bool:
    """Whether these bytes begin a character of UTF-8."""
    return tail[0] >= 0xC2 and all(0x80 <= one < 0xC0 for one in tail[1:])
