"""Projects to test on: the shipped one, and a folder of the test's own laid over it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from bsh_geo.project import Project, open_project

ROOT = Path(__file__).resolve().parents[1]

SLOW = (
    "test_hostile",
    "test_browser",
    "test_own_acceptance",
    "test_atlas",
    "test_large_layers",
    "test_proxy",
    "test_cli_briefing",
    "test_store",
    "test_store_engines",
    "test_briefing_page",
    "test_examples",
    "test_manifest",
)
"""Files that take half a minute or more, the slowest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow files go first, so that no core waits at the end for one of them."""
    place = {name: at for at, name in enumerate(SLOW)}
    items.sort(key=lambda one: place.get(one.path.stem, len(SLOW)))


@dataclass(frozen=True)
class OwnProject:
    """A project folder under construction; ``open`` it when its files are written."""

    root: Path

    def write(self, relative: str, content: str | bytes) -> Path:
        """A file of the folder, text in UTF-8."""
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def shipped(self, relative: str) -> str:
        """The text of the shipped file of that path."""
        return (ROOT / relative).read_text(encoding="utf-8")

    def change(self, relative: str, old: str, new: str) -> Path:
        """The file with one piece of text replaced, which must be there once."""
        own = self.root / relative
        text = own.read_text(encoding="utf-8") if own.exists() else self.shipped(relative)
        assert text.count(old) == 1, f"{relative} holds {old!r} {text.count(old)} times"
        return self.write(relative, text.replace(old, new))

    def write_rows(self, relative: str, rows: Iterable[dict[str, Any]], like: str = "") -> Path:
        """A CSV file; ``like`` names a shipped file whose columns it takes, blanks filled in."""
        listed = list(rows)
        names = self.shipped(like).splitlines()[0].split(",") if like else list(listed[0])
        made = io.StringIO()
        writer = csv.DictWriter(made, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
        return self.write(relative, made.getvalue())

    def write_shapes(
        self,
        relative: str,
        features: Iterable[tuple[dict[str, Any], BaseGeometry | None]],
        crs: str | None = None,
    ) -> Path:
        """A GeoJSON file of (properties, shape) pairs; ``crs`` as its old ``crs`` member."""
        content: dict[str, Any] = {"type": "FeatureCollection"}
        if crs:
            content["crs"] = {"type": "name", "properties": {"name": crs}}
        content["features"] = [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": None if shape is None else mapping(shape),
            }
            for properties, shape in features
        ]
        return self.write(relative, json.dumps(content, ensure_ascii=False))

    def open(self) -> Project:
        """The folder laid over the shipped project."""
        return open_project(self.root)


@pytest.fixture(scope="session")
def project() -> Project:
    """The shipped project."""
    return open_project()


@pytest.fixture
def own_project(tmp_path: Path) -> OwnProject:
    """An empty project folder to be laid over the shipped one."""
    root = tmp_path / "own"
    (root / "data").mkdir(parents=True)
    return OwnProject(root)


@pytest.fixture(scope="session")
def facts() -> Path:
    """The folder of facts that the tables were made from; without it nothing can be compared."""
    folder = ROOT.parent / "shared" / "facts"
    assert folder.is_dir(), f"{folder} is missing: the data cannot be compared with its facts"
    return folder


@pytest.fixture(scope="session")
def policy_documents() -> Path:
    """The folder of the policy documents' texts; without it no quote can be verified."""
    folder = ROOT.parent / "shared" / "policy_documents"
    assert folder.is_dir(), f"{folder} is missing: the quotes of targets.csv cannot be verified"
    return folder
