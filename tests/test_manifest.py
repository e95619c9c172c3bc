"""Manifests: digests of contents, and the same bytes again in another process and place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bsh_geo import manifest, orders, pack, reproduction
from bsh_geo.errors import DataError
from bsh_geo.manifest import Changes
from bsh_geo.orders import Order

SOURCE = Path(__file__).resolve().parents[1] / "src"
ORDER = Order(("air_quality",), ("310000", "310151"), orders.FORMS, "2025", dpi=60)


def test_the_digest_follows_contents_and_not_times(own_project):
    path = own_project.write("data/extra.csv", "a\n1\n")
    first = manifest.content_files(own_project.open())
    os.utime(path, (1, 1))
    assert manifest.content_files(own_project.open()) == first
    own_project.write("data/extra.csv", "a\n2\n")
    second = manifest.content_files(own_project.open())
    assert {name for name in first if first[name] != second[name]} == {"data/extra.csv"}
    assert manifest.content_digest(first) != manifest.content_digest(second)


def test_templates_and_half_written_files_are_no_data(own_project):
    first = manifest.content_files(own_project.open())
    for name in ("data/briefings/own.toml", "data/.hidden", "data/a.csv.part", "data/~$book.xlsx"):
        own_project.write(name, "x")
    assert manifest.content_files(own_project.open()) == first


def test_a_file_laid_over_a_shipped_one_takes_its_place(own_project):
    shipped = manifest.content_files(own_project.open())
    own_project.write("data/parks/parks.csv", "x\n")
    laid = manifest.content_files(own_project.open())
    assert set(laid) == set(shipped)
    assert laid["data/parks/parks.csv"] != shipped["data/parks/parks.csv"]


def test_the_stamp_names_version_data_and_view():
    from bsh_geo import __version__

    line = manifest.stamp("0123456789abcdef", "?layer=wetlands", "zh")
    assert line == f"bsh-geo {__version__} · 数据 0123456789ab · ?layer=wetlands"


@pytest.fixture(scope="module")
def packed(project, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("pack") / "pack.zip"
    pack.make_pack(project, ORDER, out, jobs=1)
    return out


def test_a_manifest_is_read_from_its_file_and_from_the_pack(packed, tmp_path):
    with zipfile.ZipFile(packed) as archive:
        archive.extract("manifest.json", tmp_path)
    inside, outside = manifest.read(packed), manifest.read(tmp_path / "manifest.json")
    assert inside == outside
    assert orders.order_from(inside.order) == ORDER
    assert len(inside.files) == 2 * len(orders.FORMS) + 2
    assert json.loads(inside.text())["manifest"] == 1


def test_another_process_elsewhere_makes_the_same_bytes(packed, tmp_path):
    """Another directory, home, time zone, language and order of hashes; no setting is inherited."""
    home, cwd = tmp_path / "home", tmp_path / "cwd"
    home.mkdir()
    cwd.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "bsh_geo", "reproduce", str(packed), "-o", "again", "--jobs", "1"],
        cwd=cwd,
        env={
            **kept,
            "HOME": str(home),
            "TZ": "America/New_York",
            "LC_ALL": "C",
            "PYTHONHASHSEED": "4711",
            "PYTHONPATH": str(SOURCE),
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "16 个文件逐字节相同。\n"
    with zipfile.ZipFile(packed) as archive:
        made = {path.name: path.read_bytes() for path in (cwd / "again").iterdir()}
        assert len(made) == 16
        for name, content in made.items():
            assert archive.read(name) == content, name


def test_changed_data_are_named_and_nothing_is_made(packed, own_project, tmp_path):
    own_project.change("data/parks/parks.csv", "上海野生动物园", "上海动物园二")
    own_project.write("data/new.csv", "a\n")
    found = reproduction.reproduce(own_project.open(), manifest.read(packed), tmp_path / "again", 1)
    assert found.changes == Changes(("data/parks/parks.csv",), (), ("data/new.csv",))
    assert not found.same
    assert not (tmp_path / "again").exists()
    assert found.changes.lines("zh") == ["内容已变：data/parks/parks.csv", "新增：data/new.csv"]


def test_a_file_with_other_bytes_is_named_with_the_programs_that_differ(packed, project):
    made = manifest.read(packed)
    first = replace(made.files[0], sha256="0" * 64)
    other = replace(made, files=(first,), libraries={**made.libraries, "matplotlib": "1.0"})
    found = reproduction.reproduce(project, other, jobs=1)
    assert found.different == (first.name,)
    assert not found.same
    assert [en for _, en in found.reasons if en.startswith("matplotlib is")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "不是图包的 manifest.json"),
        ("[]", "不是图包的 manifest.json"),
        ('{"manifest": 9}', "manifest 为 9，本版本可读 1"),
        ('{"manifest": 1}', "不是图包的 manifest.json"),
    ],
)
def test_what_is_no_manifest_is_told(tmp_path, content, said):
    path = tmp_path / "m.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        manifest.read(path)


def test_a_missing_file_and_a_zip_without_manifest_are_told(tmp_path):
    with pytest.raises(DataError, match=r"无法读取 none\.json"):
        manifest.read(tmp_path / "none.json")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(DataError, match=r"other\.zip 不是图包"):
        manifest.read(tmp_path / "other.zip")


@pytest.mark.parametrize("name", ["../evil.png", "/etc/evil.png", "a\\..\\evil.png", "..", ""])
def test_a_name_that_leads_out_of_the_folder_is_refused(packed, tmp_path, name):
    content = json.loads(manifest.read(packed).text())
    content["files"][0]["name"] = name
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match="不是单纯的文件名"):
        manifest.read(path)


def test_an_order_of_another_shape_is_refused(packed):
    made = manifest.read(packed)
    with pytest.raises(DataError, match="order 与本版本不符"):
        orders.order_from({**made.order, "colour": "red"})
