"""The three worked examples of docs/own-data.md do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bsh_geo import compose, frames, observations, registers

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "own-data.md").read_text("utf-8")


def write_example(own_project, title: str) -> list[str]:
    """The files of an example written into a project folder; ``+`` adds to the shipped file."""
    text = DOCUMENT.split(f"### {title}")[1].split("\n### ")[0]
    written = []
    for block in re.findall(r"```\w+\n(.*?)```", text, re.DOTALL):
        head, body = block.split("\n", 1)
        relative, plus = re.fullmatch(r"(?:#|//) (\S+)( \+)?", head).groups()
        before = own_project.shipped(relative) if plus else ""
        own_project.write(relative, before + ("\n" if plus and "toml" in relative else "") + body)
        written.append(relative)
    assert written
    return written


def test_an_indicator_and_its_layer_are_added_by_files_alone(own_project):
    assert len(write_example(own_project, "例一")) == 4
    here = own_project.open()
    assert observations.latest(here, "night_noise", "310101")["value"] == 88.5
    spec = compose.build(here, compose.Request("night_noise"))
    assert spec.tables[0].shown.iloc[:, 1].dropna().tolist() == [88.5, 91.2]


def test_a_boundary_set_is_added_by_files_alone(own_project):
    assert len(write_example(own_project, "例二")) == 2
    here = own_project.open()
    assert list(frames.boundary(here, "grid")["name_zh"]) == ["网格1"]
    assert len(frames.boundary(here, "districts")) == 16


def test_a_register_of_the_site_check_is_added_by_a_file_alone(own_project):
    assert len(write_example(own_project, "例三")) == 1
    here = own_project.open()
    found = registers.items(here, registers.registers_of(here, ["wetland_parks"]))
    assert len(found) + len(found.untested) >= 1
    assert set(found.frame["kind_zh"]) <= {""}


@pytest.mark.parametrize(
    "option",
    ["--crs", "--datum", "--map", "--name", "--layer", "--sheet", "--source", "--quality",
     "--mode", "--id", "--title", "--indicator", "--period", "--unit", "--repair", "--dry-run",
     "--yes", "--report", "--within"],
)  # fmt: skip
def test_the_document_names_every_option(option):
    assert option in DOCUMENT
