"""run.py's own decisions, with no network and no environment made."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN_PY = Path(__file__).resolve().parents[1] / "run.py"
posix_only = pytest.mark.skipif(os.name == "nt", reason="stand-in programs are shell scripts")


@pytest.fixture(scope="module")
def run():
    spec = importlib.util.spec_from_file_location("run", RUN_PY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]", encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6", encoding="utf-8")
    (tmp_path / ".venv").mkdir()
    return tmp_path


def program(folder, name, answer=0):
    """A program of that name that only exits with the answer."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {answer}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


# What the arguments ask for


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ("run", ["serve"])),
        (
            ["--port", "8600", "--project", "a b"],
            ("run", ["serve", "--port", "8600", "--project", "a b"]),
        ),
        (["layers"], ("run", ["layers"])),
        (["snapshot", "--help"], ("run", ["snapshot", "--help"])),
        (["test", "-k", "join"], ("test", ["-k", "join"])),
        (["--help"], ("help", [])),
        (["-h"], ("help", [])),
    ],
)
def test_arguments_are_passed_on_and_the_dashboard_is_the_default(run, arguments, expected):
    assert run.plan(arguments) == expected


def test_help_names_every_command_in_both_languages():
    shown = subprocess.run(
        [sys.executable, str(RUN_PY), "--help"],
        capture_output=True,
        encoding="utf-8",
        env=dict(os.environ, PYTHONUTF8="1"),
        check=True,
    ).stdout
    for word in ("check", "layers", "snapshot", "export", "test", "--port", "--project"):
        assert word in shown
    assert "启动看板" in shown
    assert "start the dashboard" in shown


# Which Python will do


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_told_what_is_needed_and_what_it_is(run, version):
    message = run.old_python_message(version)
    assert "需要 Python 3.11 或更新版本，当前是 {}.{}".format(*version) in message
    assert "Python 3.11 or newer is needed, this is {}.{}".format(*version) in message


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 9), (3, 14, 0)])
def test_a_new_enough_python_is_let_through(run, version):
    assert run.old_python_message(version) is None


def test_nothing_that_an_old_python_cannot_parse_stands_in_run_py():
    """`feature_version` has the parser refuse what 3.4 had not yet; f-strings it lets pass."""
    tree = ast.parse(RUN_PY.read_text(encoding="utf-8"), feature_version=(3, 4))
    nodes = list(ast.walk(tree))
    assert nodes
    assert not [node.lineno for node in nodes if isinstance(node, ast.JoinedStr)]
    assert not [node.lineno for node in nodes if getattr(node, "annotation", None)]
    assert not [
        node.lineno
        for node in nodes
        if isinstance(node, ast.List | ast.Tuple)
        and any(isinstance(item, ast.Starred) for item in node.elts)
    ]


# When to install


def test_the_stamp_is_the_same_for_the_same_installation(run, root):
    assert run.stamp(root, (3, 12), "/usr", {"test"}) == run.stamp(root, (3, 12), "/usr", {"test"})


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_the_stamp_changes_with_what_is_to_be_installed(run, root, name):
    before = run.stamp(root, (3, 12), "/usr", set())
    (root / name).write_text("changed", encoding="utf-8")
    assert not run.is_current(before, run.stamp(root, (3, 12), "/usr", set()))


def test_the_stamp_changes_with_the_python_and_the_folder(run, root, tmp_path_factory):
    before = run.stamp(root, (3, 12), "/usr", set())
    copy = tmp_path_factory.mktemp("copy")
    for name in ("pyproject.toml", "constraints.txt"):
        (copy / name).write_bytes((root / name).read_bytes())
    assert not run.is_current(before, run.stamp(root, (3, 13), "/usr", set()))
    assert not run.is_current(before, run.stamp(root, (3, 12), "/opt/python", set()))
    assert not run.is_current(before, run.stamp(copy, (3, 12), "/usr", set()))


def test_the_test_environment_serves_the_dashboard_but_not_the_reverse(run, root):
    plain = run.stamp(root, (3, 12), "/usr", set())
    tested = run.stamp(root, (3, 12), "/usr", {"test"})
    assert run.is_current(tested, plain)
    assert not run.is_current(plain, tested)


def test_no_stamp_and_an_unfinished_one_are_not_current(run, root):
    wanted = run.stamp(root, (3, 12), "/usr", set())
    assert run.read_stamp(root) == ""
    assert not run.is_current("", wanted)
    assert not run.is_current(run.UNFINISHED, wanted)


def test_a_current_environment_is_left_alone(run, root, capsys):
    python = run.venv_python(root)
    python.parent.mkdir(parents=True)
    python.touch()
    stamp = run.stamp(root, sys.version_info[:2], sys.base_prefix, {"test"})
    run.write_stamp(root, stamp)
    run.ensure_environment(root, set())
    assert run.read_stamp(root) == stamp
    assert capsys.readouterr() == ("", "")


@posix_only
def test_an_unfinished_environment_is_not_usable_though_its_python_starts(run, root):
    program(run.venv_python(root).parent, "python")
    assert run.is_usable(root)
    run.write_stamp(root, run.UNFINISHED)
    assert not run.is_usable(root)


@posix_only
def test_an_environment_whose_python_fails_or_is_gone_is_not_usable(run, root):
    assert not run.is_usable(root)
    program(run.venv_python(root).parent, "python", answer=1)
    assert not run.is_usable(root)
    run.venv_python(root).write_text("no program", encoding="utf-8")
    assert not run.is_usable(root)


# From where


def test_pip_installs_the_folder_editable_at_the_pinned_versions(run, root):
    assert run.pip_arguments(root, {"test"}, None) == [
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "-c",
        str(root / "constraints.txt"),
        "-e",
        f"{root}[test]",
    ]


def test_a_folder_of_wheels_takes_the_place_of_the_network(run, root):
    assert run.wheel_folder(root, {}) is None
    (root / "wheels").mkdir()
    assert run.wheel_folder(root, {}) == root / "wheels"
    arguments = run.pip_arguments(root, set(), root / "wheels")
    assert arguments[4:7] == ["--no-index", "--find-links", str(root / "wheels")]
    assert arguments[-1] == str(root)


def test_the_named_folder_of_wheels_goes_first_and_has_to_exist(run, root):
    (root / "wheels").mkdir()
    (root / "usb").mkdir()
    assert run.wheel_folder(root, {"BSH_WHEELS": str(root / "usb")}) == root / "usb"
    with pytest.raises(run.StartError, match=r"BSH_WHEELS names no folder: .*gone"):
        run.wheel_folder(root, {"BSH_WHEELS": str(root / "gone")})


def test_of_pips_output_the_error_is_quoted(run):
    output = "WARNING: slow\nERROR: No matching distribution found for numpy\n[notice] new pip\n\n"
    assert run.last_line(output) == "ERROR: No matching distribution found for numpy"
    assert run.last_line("one\ntwo\n") == "two"
    assert run.last_line("") == ""


# The browser of the tests


@posix_only
def test_chromium_on_path_goes_before_chrome_and_edge(run, tmp_path):
    for name in ("microsoft-edge", "google-chrome", "chromium"):
        program(tmp_path / "bin", name)
    environ = {"PATH": str(tmp_path / "bin")}
    on_path = [
        path.name
        for path in run.browser_candidates(environ, tmp_path)
        if path.parent == tmp_path / "bin"
    ]
    assert on_path == ["chromium", "google-chrome", "microsoft-edge"]
    assert run.find_browser(environ, tmp_path) == tmp_path / "bin" / "chromium"


@posix_only
def test_the_browser_named_by_the_user_goes_before_path(run, tmp_path):
    program(tmp_path / "bin", "chromium")
    mine = program(tmp_path / "mine", "chrome")
    environ = {"PATH": str(tmp_path / "bin"), "BSH_CHROMIUM": str(mine)}
    assert run.find_browser(environ, tmp_path) == mine


@posix_only
def test_a_browser_that_does_not_start_is_passed_over(run, tmp_path):
    program(tmp_path / "bin", "chromium-browser", answer=1)
    program(tmp_path / "bin", "google-chrome")
    environ = {"PATH": str(tmp_path / "bin")}
    assert run.find_browser(environ, tmp_path) == tmp_path / "bin" / "google-chrome"


def test_the_usual_places_of_macos_and_windows_are_searched(run, tmp_path):
    environ = {"PATH": "", "PROGRAMFILES(X86)": "C:/Program Files (x86)"}
    candidates = run.browser_candidates(environ, tmp_path)
    assert Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome") in candidates
    chromium = "Applications/Chromium.app/Contents/MacOS/Chromium"
    assert tmp_path / chromium in candidates
    edge = "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe"
    assert Path(edge) in candidates


@posix_only
def test_the_tests_are_told_where_the_browser_is(run, tmp_path):
    chromium = program(tmp_path / "bin", "chromium")
    environ = run.test_environ({"PATH": str(tmp_path / "bin"), "LANG": "C"}, tmp_path)
    assert environ["BSH_CHROMIUM"] == str(chromium)
    assert environ["LANG"] == "C"


def test_tests_run_side_by_side_unless_the_user_says_how(run):
    assert run.side_by_side([])[:1] == ["-n"]
    assert run.side_by_side(["-k", "join"])[2:4] == ["--dist", "loadfile"]
    assert run.side_by_side(["-n", "0"]) == []
    assert run.side_by_side(["-n0"]) == []


def test_spark_is_tested_where_there_is_a_java(run, monkeypatch):
    monkeypatch.setattr(run.shutil, "which", lambda name, **_: "/usr/bin/java")
    assert run.test_extras() == {"test", "spark"}
    monkeypatch.setattr(run.shutil, "which", lambda name, **_: None)
    assert run.test_extras() == {"test"}
