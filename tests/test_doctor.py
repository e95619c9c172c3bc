"""What a project folder overrides, adds and leaves unused; each fault in a sentence."""

from __future__ import annotations

import json

import pytest
from conftest import OwnProject
from typer.testing import CliRunner

from bsh_geo import __version__, doctor, project_folder
from bsh_geo.cli import app
from bsh_geo.doctor import Ids, Part

STATIONS = "data/air/stations.csv"


def parts(own: OwnProject) -> dict[str, Part]:
    return {one.file: one for one in doctor.diagnosis(own.open()).parts}


def test_the_shipped_data_alone_override_nothing(project) -> None:
    assert doctor.diagnosis(project).parts == ()


def test_a_changed_table_is_told_row_by_row(own_project: OwnProject) -> None:
    own_project.change(STATIONS, "310106,121.425,31.2261", "310106,121.426,31.2261")
    lines = (own_project.root / STATIONS).read_text("utf-8").splitlines()
    gone, kept = lines[1].split(",")[0], lines[:1] + lines[2:]
    new = ",".join(["X1", *lines[1].split(",")[1:]])
    own_project.write(STATIONS, "\n".join([*kept, new]) + "\n")
    found = parts(own_project)[STATIONS]
    assert found.state == "replaces"
    assert found.ids.adds == ("X1",)
    assert found.ids.drops == (gone,)
    assert found.ids.replaces == ("1147A",)
    assert found.ids.same == len(lines) - 1 - 2
    assert found.ids.text("en").startswith("replaced 1 (1147A), added 1 (X1), left out 1")


def test_an_untouched_copy_is_called_the_same(own_project: OwnProject) -> None:
    own_project.write(STATIONS, own_project.shipped(STATIONS))
    assert parts(own_project)[STATIONS].state == "same"


def test_a_list_of_declarations_is_laid_over_by_id(own_project: OwnProject) -> None:
    name = "data/targets/indicators.toml"
    blocks = own_project.shipped(name).split("[[indicator]]")
    so2 = next(one for one in blocks if 'id = "so2"' in one)
    same = next(one for one in blocks if 'id = "pm25"' in one)
    own = [so2.replace("decimals", "decimals") + "\n", same, same.replace('"pm25"', '"pm25_own"')]
    own[0] = so2.replace('unit = "μg/m³"', 'unit = "mg/m³"')
    own_project.write(name, "".join(f"[[indicator]]{one}\n" for one in own))
    found = parts(own_project)[name]
    assert (found.state, found.ids) == ("replaces", Ids(("so2",), ("pm25_own",), (), 1))
    from bsh_geo import catalogue

    known = catalogue.load_indicators(own_project.open())
    assert known["so2"].unit == "mg/m³"
    assert "pm25_own" in known and "wetland_area" in known


def test_own_rows_lie_over_a_table_by_key(own_project: OwnProject) -> None:
    from bsh_geo import frames, observations

    head = own_project.shipped("data/indicators/observations.csv").splitlines()[0]
    own_project.write(
        "data/indicators/observations.own.csv",
        f"{head}\npm25,310151,2025,19.25,μg/m³,fyp14-results,published,stated,,\n"
        "pm25,310230,2025,20,μg/m³,fyp14-results,published,stated,,\n",
    )
    here = own_project.open()
    rows = observations.at(here, "pm25", "2025")
    assert rows.at["310151", "value"] == 19.25
    assert rows.at["310151", "printed"] == "19.25"
    assert rows.at["310101", "printed"] == "27.2"
    assert len(frames.table(here, "observations")) == len(
        frames.column_text(here, "observations", "value")
    )
    found = parts(own_project)["data/indicators/observations.own.csv"]
    assert found.ids == Ids(("pm25/310151/2025",), ("pm25/310230/2025",))


@pytest.mark.parametrize(
    ("file", "near"),
    [
        ("data/air/station.csv", STATIONS),
        ("layer/noise.toml", "layers/noise.toml"),
        ("layers/noise.tml", "layers/noise.toml"),
        ("data/standard/limits/local.toml", "data/standards/limits/local.toml"),
        ("config.tml", "config.toml"),
        ("data/source/own.csv", "data/sources/own.csv"),
    ],
)
def test_a_misspelt_file_is_proposed_the_name_it_was_meant_to_have(
    own_project: OwnProject, file: str, near: str
) -> None:
    own_project.write(file, "x = 1\n")
    found = doctor.diagnosis(own_project.open())
    one = next(part for part in found.parts if part.file == file)
    assert (one.state, one.near) == ("unused", near)
    assert any(file in line and near in line for line in found.notices("zh"))
    assert any(file in line and near in line for line in found.notices("en"))


def test_a_file_like_no_other_is_unused_without_a_guess(own_project: OwnProject) -> None:
    own_project.write("data/minutes of a meeting.txt", "x")
    assert parts(own_project)["data/minutes of a meeting.txt"].near == ""


def test_a_broken_file_is_named_in_both_languages_and_hides_no_other(
    own_project: OwnProject,
) -> None:
    own_project.write("layers/one.toml", 'id = "one"\ncolour = 3\n')
    own_project.write("data/sitecheck/first.toml", 'id = "first"\n')
    own_project.write("data/sitecheck/parks.toml", own_project.shipped("data/sitecheck/parks.toml"))
    own_project.write("data/boundaries/boundaries.toml", "[[boundry]]\n")
    own_project.write("config.toml", "[path]\nfile = 'x'\n")
    found = parts(own_project)
    assert {name for name, one in found.items() if one.fault} == {
        "layers/one.toml",
        "data/sitecheck/first.toml",
        "data/boundaries/boundaries.toml",
        "config.toml",
    }
    for name, one in found.items():
        if one.fault is not None:
            for text in (one.fault.zh, one.fault.en):
                assert name in text or name.rsplit("/", 1)[1] in text
                assert text.count("\n") == 0
    assert "path" in found["config.toml"].fault.en
    assert "paths" in found["config.toml"].fault.en


def test_a_folder_of_another_version_is_told(own_project: OwnProject) -> None:
    own_project.write("config.toml", 'version = "0.0.1"\n')
    found = doctor.diagnosis(own_project.open())
    assert found.of_another_version
    assert "0.0.1" in found.notices("en")[0] and __version__ in found.notices("zh")[0]
    own_project.write("config.toml", f'version = "{__version__}"\n')
    assert doctor.diagnosis(own_project.open()).notices("en") == []


def test_a_fresh_folder_is_of_this_version_and_clean(tmp_path) -> None:
    project_folder.init(tmp_path / "p")
    said = CliRunner().invoke(app, ["doctor", "--project", str(tmp_path / "p"), "--json"])
    assert said.exit_code == 0
    found = json.loads(said.output)
    assert (found["version"], found["made_by"]) == (__version__, __version__)
    assert (found["broken"], found["notices"]) == (0, [])
    assert [one["file"] for one in found["files"]] == ["config.toml"]


def test_the_commented_settings_are_all_settings(tmp_path) -> None:
    import tomllib

    from bsh_geo import settings
    from bsh_geo.project import open_project

    lines = project_folder.CONFIG.splitlines()
    used = [
        line.removeprefix("# ") if " = " in line or line.startswith("# [") else line
        for line in lines
    ]
    text = "\n".join(used)
    assert set(tomllib.loads(text)) == set(settings.Settings.model_fields)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    found = settings.settings(open_project(tmp_path))
    assert found.office == "某区生态环境局"
    assert settings.files(open_project(tmp_path)) == (
        "logo.png", "data/paths.gpkg", "data/residents.gpkg",
    )  # fmt: skip
