"""A manifest in, its files made again and held against their bytes out."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bsh_geo import __version__, manifest, orders
from bsh_geo.errors import DataError
from bsh_geo.manifest import NO_CHANGES, Changes, Failure, Manifest
from bsh_geo.pack import Report, Stop, folder_of_files, made_files, never, quiet
from bsh_geo.project import Project


@dataclass(frozen=True)
class Reproduced:
    """What became of a manifest: files equal and different, failures, data that has changed."""

    equal: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    changes: Changes = NO_CHANGES
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def same(self) -> bool:
        """Whether every file has the bytes that the manifest names."""
        return not (self.different or self.failures or self.changes)


def reproduce(
    project: Project,
    made: Manifest,
    folder: Path | None = None,
    jobs: int | None = None,
    report: Report = quiet,
    stop: Stop = never,
) -> Reproduced:
    """Make the files of a manifest again and compare their bytes; keep them in ``folder``.

    Where data files have changed, nothing is made: they are named.

    Raises
    ------
    BshError
        The manifest's order is wrong, or the folder cannot be written.
    """
    changes = manifest.changes(project, made.data)
    if changes:
        return Reproduced(changes=changes)
    order = orders.order_from(made.order)
    orders.check(project, order)
    with folder_of_files() as place:
        again, failures = made_files(
            project, order, made.files, made.digest, place, jobs, report, stop
        )
        wanted = {one.name: one.sha256 for one in made.files}
        equal = tuple(one.name for one in again if one.sha256 == wanted[one.name])
        different = tuple(one.name for one in again if one.sha256 != wanted[one.name])
        if folder is not None:
            _keep(place, folder, [one.name for one in again])
    reasons = _reasons(made) if different else ()
    return Reproduced(equal, different, tuple(failures), reasons=reasons)


def _keep(place: Path, folder: Path, names: Sequence[str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.move(place / name, folder / name)
    except OSError as error:
        raise DataError(
            f"无法写入 {folder}：{error.strerror}。", f"Cannot write {folder}: {error.strerror}."
        ) from error


def _reasons(made: Manifest) -> tuple[tuple[str, str], ...]:
    """Which programs are of another version than those that the manifest names."""
    now = {"bsh-geo": __version__, **manifest.libraries()}
    then = {"bsh-geo": made.product, **made.libraries}
    return tuple(
        (
            f"{name} 为 {now.get(name) or '无'}，当时为 {then[name] or '无'}",
            f"{name} is {now.get(name) or 'absent'}, it was {then[name] or 'absent'}",
        )
        for name in then
        if now.get(name) != then[name]
    )
