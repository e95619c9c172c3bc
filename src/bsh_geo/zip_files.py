"""Files by name in, a ZIP archive out that has the same bytes for the same files.

Office files are archives too: what their libraries write of the moment, the writer's program and
printer is replaced here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: the first that a ZIP archive can hold."""
STAMP = "2000-01-01T00:00:00Z"
"""The time in the properties of every office file."""

_TIME = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")
_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="http://schemas.'
    b'openxmlformats.org/officeDocument/2006/extended-properties"><Application>bsh_geo'
    b"</Application></Properties>"
)
_STORED = (".png", ".jpg", ".jpeg", ".zip", ".docx", ".pptx", ".xlsx")
"""Files that are compressed already."""


def packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of the files in the given order."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files:
            archive.writestr(entry(name), content, compresslevel=6)
    return made.getvalue()


def packed_into(path: Path, files: Iterable[tuple[str, Path | bytes]]) -> None:
    """The same written to ``path``, one file in memory at a time."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files:
            held = content if isinstance(content, bytes) else content.read_bytes()
            archive.writestr(entry(name), held, compresslevel=6)


def entry(name: str) -> zipfile.ZipInfo:
    """The head of an entry, without the moment, the user or the system that wrote it."""
    head = zipfile.ZipInfo(name, MOMENT)
    head.create_system = 3  # the same on Windows
    head.external_attr = 0o644 << 16
    stored = name.lower().endswith(_STORED)
    head.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return head


def office_file(content: bytes) -> bytes:
    """A DOCX, PPTX or XLSX file with the time of ``STAMP`` wherever a time stands.

    Nothing is left of the program, the machine and the person that the libraries' own templates
    name. Workbooks inside (those of charts) are treated alike.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return packed(
            (one.filename, _timeless(one.filename, archive.read(one))) for one in archive.infolist()
        )


def _timeless(name: str, content: bytes) -> bytes:
    if name.endswith(".xlsx"):
        return office_file(content)
    if name == "docProps/core.xml":
        return _TIME.sub(rb"\g<1>" + STAMP.encode() + rb"\g<2>", content)
    if name == "docProps/app.xml":
        return _APP
    return content
