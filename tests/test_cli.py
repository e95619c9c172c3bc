"""The command bsh-geo: what it prints, what it writes, and how it exits."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from conftest import OwnProject
from typer.testing import CliRunner, Result

from bsh_geo import __version__
from bsh_geo.cli import app

SHIPPED = [
    *("air_quality", "beautiful_bays", "wetlands", "park_coverage", "ecological_red_line"),
    "land_cover",
]


def run(*words: str | Path) -> Result:
    """The command with these words; anything but an exit is a fault of ours."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def one_sentence(result: Result) -> str:
    """The one line on stderr."""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_layers_lists_the_six_layers_in_their_order() -> None:
    result = run("layers")
    assert result.exit_code == 0
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == SHIPPED


def test_layers_are_titled_in_the_language_asked_for() -> None:
    assert "空气质量" in run("layers").stdout
    assert "Air quality" in run("layers", "--lang", "en").stdout


def test_layers_names_a_broken_layer_and_lists_the_others(own_project: OwnProject) -> None:
    own_project.write("layers/noise.toml", 'id = "noise"\n')
    result = run("layers", "--project", own_project.root)
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == len(SHIPPED)
    assert "layers/noise.toml" in one_sentence(result)


@pytest.mark.parametrize("command", ["serve", "layers", "check", "snapshot", "export"])
def test_every_command_has_help_in_both_languages(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert any("一" <= sign <= "鿿" for sign in result.stdout)
    assert " / " in result.stdout


def test_an_unknown_district_exits_2_with_close_matches_and_leaves_no_file(
    tmp_path: Path,
) -> None:
    result = run("snapshot", "air_quality", "--district", "崇名区", "-o", tmp_path / "a.png")
    assert result.exit_code == 2
    sentence = one_sentence(result)
    assert "崇名区" in sentence
    assert "崇明区" in sentence
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_district_is_answered_in_english_where_asked(tmp_path: Path) -> None:
    words = ("snapshot", "air_quality", "--district", "Chongmin", "--lang", "en")
    result = run(*words, "-o", tmp_path / "a.png")
    assert result.exit_code == 2
    assert "Chongming" in one_sentence(result)


@pytest.mark.parametrize(
    ("words", "found", "known"),
    [
        (("snapshot", "air_qualty", "-o", "a.png"), "air_qualty", "air_quality"),
        (("snapshot", "wetlands", "-o", "a.jpg"), "jpg", "png"),
        (("snapshot", "wetlands", "-o", "a"), "", "png"),
        (("snapshot", "air_quality", "--period", "2052", "-o", "a.png"), "2052", "2025"),
        (("snapshot", "air_quality", "--metric", "pm52", "-o", "a.png"), "pm52", "pm25"),
        (("snapshot", "wetlands", "--show", "wetland", "-o", "a.png"), "wetland", "wetlands"),
        (("snapshot", "wetlands", "--lang", "fr", "-o", "a.png"), "fr", "zh"),
        (("export", "wetlands", "-o", "a.docx"), "docx", "csv"),
        (("export", "wetlands", "--table", "x", "-o", "a.csv"), "x", "wetlands.wetlands"),
        (("layers", "--lang", "fr"), "fr", "zh"),
        (("check", "--lang", "fr"), "fr", "zh"),
        (("layers", "--project", "nowhere"), "nowhere", "data/"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else one,
)
def test_a_wrong_choice_exits_2_with_what_was_found_and_what_is_known(
    words: tuple[str, ...],
    found: str,
    known: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == 2
    sentence = one_sentence(result)
    assert found in sentence
    assert known in sentence
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_is_written_and_its_path_printed(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    result = run(
        "snapshot", "ecological_red_line", "--district", "黄浦区", "--dpi", "72", "-o", path
    )
    assert result.exit_code == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    assert result.stdout.strip() == str(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_suffix_in_capitals_is_the_same_form(tmp_path: Path) -> None:
    path = tmp_path / "A.SVG"
    assert run("snapshot", "ecological_red_line", "-o", path).exit_code == 0
    assert b"<svg" in path.read_bytes()


def test_a_folder_that_does_not_exist_exits_2(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "a.svg"
    result = run("snapshot", "ecological_red_line", "-o", path)
    assert result.exit_code == 2
    assert "nowhere" in one_sentence(result)


def test_a_file_in_the_place_of_a_folder_exits_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    result = run("export", "wetlands", "-o", tmp_path / "file" / "a.csv")
    assert result.exit_code == 2
    assert "a.csv" in one_sentence(result)


def test_a_folder_in_the_place_of_the_file_exits_2_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    result = run("export", "wetlands", "-o", tmp_path / "a.csv")
    assert result.exit_code == 2
    assert "a.csv" in one_sentence(result)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_that_is_there_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old " * 100_000, encoding="utf-8")
    assert run("export", "air_quality", "-o", path).exit_code == 0
    assert "old" not in path.read_text(encoding="utf-8-sig")


def test_an_export_has_the_rows_of_the_districts_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    words = ("export", "air_quality", "--district", "崇明区,黄浦区", "--period", "2025")
    assert run(*words, "-o", path).exit_code == 0
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 3
    assert [line.split(",")[:2] for line in lines[1:]] == [["黄浦区", "27.2"], ["崇明区", "19.5"]]


def test_another_table_is_exported_by_its_id(tmp_path: Path) -> None:
    path = tmp_path / "stations.gpkg"
    result = run("export", "air_quality", "--table", "air_quality.stations", "-o", path)
    assert result.exit_code == 0
    assert len(gpd.read_file(path, layer="air_quality_stations")) == 20


def test_check_of_the_shipped_project_exits_0_and_says_what_it_checked() -> None:
    result = run("check")
    assert result.exit_code == 0, result.stdout
    assert len(result.stdout.splitlines()) > 5


def test_check_exits_1_with_a_line_for_the_fault(own_project: OwnProject) -> None:
    own_project.change("data/air/stations.csv", "310106,121.425,31.2261", "310106,122.29,30.61")
    result = run("check", "--project", own_project.root)
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if "1147A" in line]


def test_check_of_a_folder_with_a_broken_layer_exits_1(own_project: OwnProject) -> None:
    own_project.write("layers/noise.toml", "id = = 1\n")
    result = run("check", "--project", own_project.root, "--lang", "en")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if "layers/noise.toml" in line]


def test_a_broken_table_exits_2_with_its_file_and_row(
    own_project: OwnProject, tmp_path: Path
) -> None:
    own_project.change("data/air/stations.csv", "310106,121.425,31.2261", "310106,312.4,31.2261")
    words = ("snapshot", "air_quality", "--project", own_project.root, "-o", tmp_path / "a.png")
    result = run(*words)
    assert result.exit_code == 2
    sentence = one_sentence(result)
    assert "data/air/stations.csv" in sentence
    assert "312.4" in sentence
    assert not (tmp_path / "a.png").exists()


def test_the_version_is_printed() -> None:
    assert run("--version").stdout.strip().endswith(__version__)
