"""A project's files in, their digest and the line printed on pictures out; manifests read and told.

A manifest names every file of a pack with its request, its SHA-256 and that of each data file, so
that the same bytes can be made again, or it can be said which data have changed.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from bsh_geo import __version__, air_figures
from bsh_geo.compose import Request
from bsh_geo.errors import DataError
from bsh_geo.links import link_of
from bsh_geo.mapspec import Bounds
from bsh_geo.project import Project

FORM = 1
"""The form of manifests that this version writes and reads."""
NAME = "manifest.json"

_LEFT_OUT = "data/briefings/"
"""Templates say how figures are put together and hold none; a pack keeps its own copy."""
_LIBRARIES = (
    *("fonttools", "geopandas", "matplotlib", "numpy", "openpyxl", "pandas", "pillow", "pyproj"),
    *("python-docx", "python-pptx", "shapely", "xstatic-leaflet", "xlsxwriter", "zhplot"),
)
"""What draws and writes the files: another version of one of these may change their bytes."""


@dataclass(frozen=True)
class Made:
    """One file of a pack: what it shows, how to open the same view, its bytes' fingerprint.

    ``kind`` is ``view`` (one layer and area), ``document`` (the template for one area) or
    ``table`` (areas compared). ``note`` says in the pack's language what a reader must know, such
    as another period than the one asked for.
    """

    name: str
    kind: str
    form: str
    areas: tuple[str, ...]
    layer: str = ""
    metric: str | None = None
    period: str | None = None
    lang: str = "zh"
    link: str = ""
    note: str = ""
    sha256: str = ""
    size: int = 0


@dataclass(frozen=True)
class Failure:
    """A file that could not be made, and why, in both languages."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True)
class Manifest:
    """What a pack was asked for, from which data, by which programs, and what is in it."""

    order: Mapping[str, Any]
    digest: str
    data: Mapping[str, str]
    files: tuple[Made, ...]
    failures: tuple[Failure, ...] = ()
    product: str = __version__
    libraries: Mapping[str, str] = field(default_factory=dict)
    manifest: int = FORM

    def text(self) -> str:
        """The manifest as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def content_files(project: Project) -> dict[str, str]:
    """SHA-256 of every data and layer file in force, by its path in the project.

    Contents alone count: neither time nor place. Hidden files and half-written ones are none.
    Readings in a database count under ``readings`` with the fingerprint that their store gives.
    """
    found: dict[str, str] = {}
    for root in reversed(project.roots):
        for folder in ("data", "layers", "readings"):
            for path in sorted((root / folder).rglob("*")):
                name = path.relative_to(root).as_posix()
                if path.is_file() and _counts(name):
                    found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    if project.config.get("store") is not None:
        found["readings"] = air_figures.state(project)
    return dict(sorted(found.items()))


def _counts(name: str) -> bool:
    last = name.rpartition("/")[2]
    return not (name.startswith(_LEFT_OUT) or last.startswith((".", "~")) or last.endswith(".part"))


def content_digest(files: Mapping[str, str]) -> str:
    """One fingerprint of ``content_files``: of all data and layer files, by name and content."""
    whole = hashlib.sha256()
    for name, digest in files.items():
        whole.update(f"{name}\0{digest}\n".encode())
    return whole.hexdigest()


def stamp(digest: str, link: str, lang: str) -> str:
    """The line at the foot of a picture: version, data digest, query of the view."""
    data = "Data" if lang == "en" else "数据"
    return f"bsh-geo {__version__} · {data} {digest[:12]} · {link}"


def view_stamp(project: Project, request: Request, extent: Bounds | None = None) -> str:
    """The line of one picture of a view; its link opens the view, on the extent where one is given.

    Raises
    ------
    BshError
        The request names what does not exist.
    """
    digest = content_digest(content_files(project))
    return stamp(digest, link_of(project, request, extent), request.lang)


def libraries() -> dict[str, str]:
    """The versions of what draws and writes."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


@dataclass(frozen=True)
class Changes:
    """Data files that are not those of a manifest: other content, gone, or new."""

    changed: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.added)

    def lines(self, lang: str) -> list[str]:
        """A line for each file."""
        words = {
            "changed": ("内容已变", "changed"),
            "missing": ("已不存在", "missing"),
            "added": ("新增", "added"),
        }
        colon = ": " if lang == "en" else "："
        return [
            f"{words[one.name][lang == 'en']}{colon}{name}"
            for one in fields(self)
            for name in getattr(self, one.name)
        ]


NO_CHANGES = Changes((), (), ())


def changes(project: Project, made_from: Mapping[str, str]) -> Changes:
    """How the project's data files differ from those that a manifest names."""
    now = content_files(project)
    both = made_from.keys() & now.keys()
    return Changes(
        tuple(sorted(name for name in both if now[name] != made_from[name])),
        tuple(sorted(made_from.keys() - now.keys())),
        tuple(sorted(now.keys() - made_from.keys())),
    )


Part = TypeVar("Part", Made, Failure)


def read(path: Path) -> Manifest:
    """The manifest of a file, or of a pack (ZIP) that holds one.

    Raises
    ------
    DataError
        It cannot be read or is no manifest of this form.
    """
    shown = path.name
    try:
        content = _from_pack(path) if path.suffix.lower() == ".zip" else path.read_bytes()
        found = json.loads(content.decode("utf-8"))
    except OSError as error:
        raise DataError(
            f"无法读取 {shown}：{error.strerror}。", f"Cannot read {shown}: {error.strerror}."
        ) from error
    except ValueError as error:
        raise _no_manifest(shown) from error
    if not isinstance(found, dict):
        raise _no_manifest(shown)
    if found.get("manifest") != FORM:
        raise DataError(
            f"{shown} 的 manifest 为 {found.get('manifest')!r}，本版本可读 {FORM}。",
            f"{shown} has manifest {found.get('manifest')!r}; this version reads {FORM}.",
        )
    return _told(found, shown)


def _from_pack(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(NAME)
    except (zipfile.BadZipFile, KeyError) as error:
        raise _no_manifest(path.name) from error


def _no_manifest(shown: str) -> DataError:
    return DataError(
        f"{shown} 不是图包的 {NAME}，也不是含有它的 ZIP 文件。",
        f"{shown} is neither the {NAME} of a pack nor a ZIP file that holds one.",
    )


def _told(found: Mapping[str, Any], shown: str) -> Manifest:
    known = {one.name for one in fields(Manifest)}
    if set(found) != known or not _texts(found["data"]) or not isinstance(found["order"], dict):
        raise _no_manifest(shown)
    made = _parts(Made, found["files"], shown)
    for one in made:
        if one.name != Path(one.name).name or one.name in ("", ".", "..") or "\\" in one.name:
            raise DataError(
                f"{shown} 中的文件名“{one.name}”不是单纯的文件名。",
                f"The file name “{one.name}” in {shown} is more than a name.",
            )
    return Manifest(
        order=found["order"],
        digest=str(found["digest"]),
        data=dict(found["data"]),
        files=made,
        failures=_parts(Failure, found["failures"], shown),
        product=str(found["product"]),
        libraries=dict(found["libraries"]) if _texts(found["libraries"]) else {},
    )


def _texts(found: object) -> bool:
    return isinstance(found, dict) and all(isinstance(one, str) for one in found.values())


def _parts(kind: type[Part], listed: object, shown: str) -> tuple[Part, ...]:
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise _no_manifest(shown)
    made = []
    for one in listed:
        if not isinstance(one, dict) or set(one) != {each.name for each in fields(kind)}:
            raise _no_manifest(shown)
        held = {name: tuple(cell) if isinstance(cell, list) else cell for name, cell in one.items()}
        make: Any = kind  # what is held is checked by name above
        made.append(make(**held))
    return tuple(made)
