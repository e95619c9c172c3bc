"""``config.toml``: every key is documented with its default, and every fault is a sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import OwnProject

from bsh_geo import settings
from bsh_geo.errors import DataError
from bsh_geo.project import Project

DOCUMENT = (Path(__file__).resolve().parents[1] / "docs" / "own-data.md").read_text("utf-8")


def documented() -> dict[tuple[str, str], str]:
    """The default of each key as the document has it, by table and key."""
    text = DOCUMENT.split("## 设置：config.toml")[1].split("\n## ")[0]
    found, table = {}, ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or not (key := re.fullmatch(r"`(\w+)`", cells[1])):
            continue
        table = cells[0].strip("`[]") or table
        found[table, key[1]] = cells[2]
    return found


def declared() -> dict[tuple[str, str], object]:
    """The default of each key as the closed models have it."""
    found = {
        ("", name): field.default
        for name, field in settings.Settings.model_fields.items()
        if name not in settings.TABLES
    }
    for table, model in settings.TABLES.items():
        for name, field in model.model_fields.items():
            found[table, name] = None if field.is_required() else field.default
    return found


def test_the_document_has_every_key_and_no_other() -> None:
    assert set(documented()) == set(declared())


def test_the_document_has_the_true_defaults() -> None:
    for key, default in declared().items():
        said = documented()[key]
        assert said == ("无" if default is None else f"`{json.dumps(default)}`"), key


def test_the_tables_are_all_in_the_settings() -> None:
    assert set(settings.TABLES) <= set(settings.Settings.model_fields)


def test_without_a_file_all_is_at_its_default(project: Project) -> None:
    found = settings.settings(project)
    assert (found.approval, found.paths.width_m, found.basemap.name) == ("", 50, None)
    assert settings.files(project) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('aproval = "x"', "未知的键 aproval"),
        ("[path]\nwidth_m = 3", "未知的键 path"),
        ("[paths]\nwidht_m = 3", r"config\.toml \[paths\]：未知的键 widht_m"),
        ("[paths]\nwidth_m = 900", "width_m"),
        ('[basemap]\nname = "google"', "name"),
        ("approval = 3", "approval"),
        ("[access]\nedit = true", "未知的键 edit"),
        ("[store]", "缺少键 url"),
        ("approval = ", "不是有效的 TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    own_project: OwnProject, text: str, said: str
) -> None:
    own_project.write("config.toml", text)
    with pytest.raises(DataError, match=said) as raised:
        settings.settings(own_project.open())
    for told in (raised.value.zh, raised.value.en):
        assert "config.toml" in told and "\n" not in told
