"""What the documents tell a user is true: the example works, and every key and command is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bsh_geo import catalogue, cli, compose
from bsh_geo.compose import Request

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
LAYERS = (ROOT / "docs" / "layers.md").read_text("utf-8")


def test_the_readme_layer_can_be_copied_into_a_file_and_drawn(own_project):
    example = re.search(r'```toml\n(id = "pocket_parks".*?)```', README, re.DOTALL)
    assert example
    own_project.write("layers/pocket_parks.toml", example.group(1))
    spec = compose.build(own_project.open(), Request("pocket_parks"))
    values = spec.tables[0].shown.iloc[:, 1]
    assert values.sum() == 80
    assert values.notna().all()


@pytest.mark.parametrize("model", [catalogue.Layer, catalogue.Metric, catalogue.Part])
def test_the_layer_document_names_every_key(model):
    keys = set(model.model_fields)
    assert keys
    assert {key for key in keys if f"`{key}`" not in LAYERS and f"[[{key}]]" not in LAYERS} == set()


def test_the_readme_names_every_command():
    commands = {
        command.name or command.callback.__name__ for command in cli.app.registered_commands
    } | {group.name for group in cli.app.registered_groups}
    assert commands == {
        *("serve", "layers", "check", "snapshot", "export"),
        *("targets", "progress", "sentence", "template", "import", "readings", "aqi"),
        *("sitecheck", "redline", "wetlands", "bays", "parks", "land", "water"),
        *("atlas", "reproduce", "compare", "briefing"),
        *("init", "doctor", "add", "history", "undo", "api"),
    }
    assert {name for name in commands if f"bsh-geo {name}" not in README} == set()
