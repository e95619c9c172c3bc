"""The commands of a project's own data: init, doctor, add, history, undo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_own import indicator_book, shapefile, station_csv, tree
from typer.testing import CliRunner, Result

from bsh_geo.cli import app


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run("init", tmp_path / "p").exit_code == 0
    return tmp_path / "p"


def test_init_makes_a_folder_that_all_commands_take_and_refuses_another(tmp_path: Path) -> None:
    made = run("init", tmp_path / "p")
    assert made.exit_code == 0
    assert "data/、layers/、config.toml" in made.output
    assert sorted(tree(tmp_path / "p")) == ["config.toml", "data", "layers"]
    assert "已是项目文件夹" in run("init", tmp_path / "p").output
    assert run("layers", "--project", tmp_path / "p").exit_code == 0
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("x", encoding="utf-8")
    refused = run("init", tmp_path / "other", "--lang", "en")
    assert refused.exit_code == 2
    assert "neither empty nor a project folder" in refused.output


def test_doctor_shows_what_overrides_what_and_names_broken_files(folder: Path) -> None:
    assert "没有用到" not in run("doctor", "--project", folder).output
    (folder / "data/air").mkdir()
    stations = "code,name_zh\n1,2\n"
    (folder / "data/air/stations.csv").write_text(stations, encoding="utf-8")
    (folder / "layers/broken.toml").write_text("id = 1", encoding="utf-8")
    (folder / "data/notes.csv").write_text("a\n1\n", encoding="utf-8")
    found = run("doctor", "--project", folder, "--lang", "en")
    assert found.exit_code == 1
    lines = found.output.splitlines()
    assert any("data/air/stations.csv" in one and "broken" in one for one in lines)
    assert any("layers/broken.toml" in one and "broken" in one for one in lines)
    assert any("data/notes.csv" in one and "not used" in one for one in lines)
    assert any("missing columns" in one for one in lines)


def test_a_station_file_is_asked_about_imported_listed_and_undone(
    folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "站点.csv"
    file.write_bytes(station_csv())
    before = tree(folder)
    asked = run("add", "stations", file, "--project", folder, "--yes")
    assert asked.exit_code == 2
    assert "--crs EPSG:4490" in asked.output
    assert "--datum gcj02" in asked.output
    assert "--quality official" in asked.output
    assert tree(folder) == before
    words = ("add", "stations", file, "--project", folder, "--datum", "gcj02")
    words = (*words, "--quality", "official", "--source", "市监测中心 2025年站点")
    shown = run(*words, "--dry-run", "--report", tmp_path / "r.json")
    assert shown.exit_code == 0
    assert tree(folder) == before
    told = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert told["rows"] | {} == {
        "read": 4, "imported": 4, "matched": 4, "rejected": 0, "unmatched": 0, "duplicate": 0,
        "outside": 0, "repaired": 0,
    }  # fmt: skip
    unsure = run(*words)
    assert unsure.exit_code == 2
    assert "--yes" in unsure.output
    done = run(*words, "--yes")
    assert done.exit_code == 0, done.output
    assert "第 1 次导入：4 行" in done.output
    listed = run("history", "--project", folder)
    assert "stations" in listed.output
    assert "站点.csv" in listed.output
    layers = run("doctor", "--project", folder)
    assert layers.exit_code == 0, layers.output
    assert "替换内置" in layers.output
    back = run("undo", "--project", folder)
    assert back.exit_code == 0
    assert tree(folder) == before
    assert "已撤销" in run("history", "--project", folder).output
    assert run("undo", "--project", folder).exit_code == 2


def test_a_shapefile_s_parts_and_a_workbook_come_in_by_the_command_line(
    folder: Path, tmp_path: Path
) -> None:
    import zipfile

    (tmp_path / "r.zip").write_bytes(shapefile())
    with zipfile.ZipFile(tmp_path / "r.zip") as archive:
        for one in archive.namelist():
            (tmp_path / Path(one).name).write_bytes(archive.read(one))
    shapes = run(
        "add", "redline", tmp_path / "生态红线.shp", "--project", folder,
        "--quality", "official", "--yes",
    )  # fmt: skip
    assert shapes.exit_code == 0, shapes.output
    (tmp_path / "各区.xlsx").write_bytes(indicator_book())
    book = run(
        "add", "indicators", tmp_path / "各区.xlsx", "--project", folder, "--quality", "official",
        "--name", "蒲东新区=浦东新区", "--yes", "--report", tmp_path / "r.xlsx",
    )  # fmt: skip
    assert book.exit_code == 0, book.output
    assert (tmp_path / "r.xlsx").read_bytes().startswith(b"PK")
    assert run("undo", "1", "--project", folder).exit_code == 0
    assert sorted(tree(folder)) == ["config.toml", "data", "layers"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "rivers", "x.csv"), "导入内容“rivers”不存在"),
        (("add", "stations", "none.csv"), "none.csv 不存在"),
        (("add", "stations", "x.csv", "--map", "经度"), "--map 应写作"),
        (("add", "stations", "x.csv", "--quality", "good"), "数据性质“good”不存在"),
        (("add", "stations", "x.doc"), "x.doc 是文档，请把其中的表另存为"),
        (("undo", "7"), "没有可撤销的导入"),
    ],
)
def test_what_is_asked_for_wrongly_is_told_in_a_sentence(
    folder: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "x.csv").write_text("编号,名称,经度,纬度\n1,a,121.4,31.2\n", encoding="utf-8")
    (tmp_path / "x.doc").write_text("x", encoding="utf-8")
    placed = [str(tmp_path / one) if "." in one and "/" not in one else one for one in words]
    found = run(*placed, "--project", folder)
    assert found.exit_code == 2
    assert said in found.output.replace(f"{tmp_path}/", "")
    assert "Traceback" not in found.output
