"""Every command and every function that reads data takes a project folder."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from bsh_geo.cli import app
from bsh_geo.project import Project

WITHOUT = {
    "init": "makes a project folder, which is its argument",
}
"""Commands that read no data, and why they take no project."""


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command of the application, those of groups as ``group name``."""
    inside = getattr(command, "commands", None)
    if inside is None:
        yield " ".join(path), command
        return
    for name, one in sorted(inside.items()):
        yield from commands(one, (*path, name))


EVERY = dict(commands(typer.main.get_command(app)))


def test_the_commands_are_found_those_of_groups_too() -> None:
    assert len(EVERY) > 35
    assert {"serve", "check", "doctor", "import grid", "api", "import targets"} <= set(EVERY)
    assert set(WITHOUT) <= set(EVERY)


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_command_that_reads_data_takes_a_project(name: str) -> None:
    options = {one for param in EVERY[name].params for one in param.opts}
    assert ("--project" in options) != (name in WITHOUT)


@pytest.mark.parametrize(
    "module",
    ["compose", "exports", "gis_layers", "snapshot", "atlas", "briefing", "comparison", "check",
     "doctor", "api_tables", "land_job", "park_access", "sitecheck", "own_import", "units"],
)  # fmt: skip
def test_what_reads_files_in_the_python_interface_is_given_the_project(module: str) -> None:
    import importlib

    found = importlib.import_module(f"bsh_geo.{module}")
    opening = [
        name
        for name, one in inspect.getmembers(found, inspect.isfunction)
        if one.__module__ == found.__name__ and "open_project()" in inspect.getsource(one)
    ]
    assert opening == []  # none opens the shipped data by itself
    if module in ("exports", "snapshot"):
        return  # they draw and write what was built of a project
    taking = [
        one
        for _, one in inspect.getmembers(found, inspect.isfunction)
        if one.__module__ == found.__name__
        and next(iter(inspect.signature(one).parameters), "") == "project"
    ]
    assert taking
    for one in taking:
        assert inspect.get_annotations(one)["project"] in ("Project", Project)
