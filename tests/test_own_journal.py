"""Changes of several files: all or none, also for a writer that is killed, and taken back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_own import tree

from bsh_geo import own_journal
from bsh_geo.errors import DataError
from bsh_geo.project import open_project

SRC = Path(own_journal.__file__).resolve().parents[1]

KILLED = """
import os, signal, sys
from pathlib import Path
from bsh_geo import own_journal
real, left = os.replace, [int(sys.argv[2])]
def replace(source, target):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    real(source, target)
os.replace = replace
files = {"data/a/one.csv": b"new one", "data/b/two.csv": b"new two", "layers/x.toml": None}
own_journal.commit(Path(sys.argv[1]), files, {"what": "test"})
"""

BEFORE = {"data/a/one.csv": b"old one", "layers/x.toml": b"old layer"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in BEFORE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def killed_at(folder: Path, step: int) -> int:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(step)],
        env={**os.environ, "PYTHONPATH": str(SRC)}, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode


@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_a_writer_killed_at_any_step_leaves_the_old_state(folder: Path, step: int) -> None:
    before = tree(folder)
    assert killed_at(folder, step) == -signal.SIGKILL
    open_project(folder)
    assert tree(folder) == before
    assert own_journal.changes(folder) == []
    assert not list((folder / ".history").glob("*.open"))
    own_journal.commit(folder, {"data/a/one.csv": b"third"}, {})
    assert (folder / "data/a/one.csv").read_bytes() == b"third"


def test_a_writer_that_is_not_killed_writes_all_of_it(folder: Path) -> None:
    assert killed_at(folder, 99) == 0
    found = {name: text for name, text in tree(folder).items() if text}
    assert found == {"data/a/one.csv": b"new one", "data/b/two.csv": b"new two"}
    change = own_journal.changes(folder)[0]
    assert (change.number, change.record) == (1, {"what": "test"})
    assert own_journal.before(folder, change, "layers/x.toml") == b"old layer"
    assert own_journal.before(folder, change, "data/b/two.csv") is None


def test_a_fault_in_the_middle_leaves_the_old_state(folder: Path) -> None:
    before = tree(folder)
    with pytest.raises(DataError, match="没有改动任何文件"):
        # The last file cannot be put where a folder stands.
        own_journal.commit(folder, {"data/a/one.csv": b"new", "data/a": b"x"}, {})
    assert tree(folder) == before


def test_a_running_import_is_left_alone_by_those_that_open_the_project(folder: Path) -> None:
    unfinished = folder / ".history" / "0001.open"
    unfinished.mkdir(parents=True)
    with own_journal._lock(folder, 1.0):
        open_project(folder)
        assert unfinished.is_dir()
    open_project(folder)
    assert not unfinished.exists()


def test_a_broken_record_is_named(folder: Path) -> None:
    own_journal.commit(folder, {"data/a/one.csv": b"new"}, {})
    (folder / ".history/0001/change.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"0001/change\.json 已损坏"):
        own_journal.changes(folder)
