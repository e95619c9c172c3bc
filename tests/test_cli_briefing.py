"""The commands of briefings: what they write, what they print, and how they exit."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pypdf
import pytest
from docx import Document
from pptx import Presentation
from test_cli import one_sentence, run

SOURCE = Path(__file__).resolve().parents[1] / "src"
SMALL = ("--layers", "wetlands", "--districts", "崇明", "--dpi", "60", "--jobs", "1")


@pytest.mark.parametrize(
    "words", [["atlas"], ["reproduce"], ["briefing", "list"], ["briefing", "run"]]
)
def test_every_command_has_help_in_both_languages(words):
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert any("一" <= sign <= "鿿" for sign in result.stdout)
    assert " / " in result.stdout


def test_templates_are_listed_in_both_languages():
    lines = run("briefing", "list").stdout.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [
        ["city_monthly", "市级月报"],
        ["district_report", "区级专报"],
        ["single", "单图"],
    ]
    assert "District report" in run("briefing", "list", "--lang", "en").stdout


def test_a_briefing_is_written_as_word_powerpoint_and_pdf(tmp_path):
    words = ("briefing", "run", "district_report", "--area", "崇明", "--period", "2025")
    for suffix in ("docx", "pptx", "pdf"):
        path = tmp_path / f"out.{suffix}"
        result = run(*words, "-o", path)
        assert result.exit_code == 0, result.stderr
        assert result.stdout.strip() == str(path)
    title = "崇明区生态环境专报"
    assert Document(tmp_path / "out.docx").paragraphs[0].text == title
    assert Presentation(tmp_path / "out.pptx").slides[0].shapes.title.text == title
    assert title in pypdf.PdfReader(tmp_path / "out.pdf").pages[0].extract_text()


def test_a_briefing_that_shows_another_period_says_so(tmp_path):
    result = run("briefing", "run", "single", "--period", "2011", "-o", tmp_path / "o.docx")
    assert result.exit_code == 0
    assert one_sentence(result) == "空气质量 · PM2.5平均浓度没有2011年的数值，所示为2025年。"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("briefing", "run", "nope", "-o", "o.docx"), "错误: 模板“nope”不存在。"),
        (
            ("briefing", "run", "single", "-o", "o.odt"),
            "错误: 格式“odt”不存在。可用：pdf、docx、pptx",
        ),
        (("briefing", "run", "single", "--area", "崇名", "-o", "o.pdf"), "崇名"),
        (("briefing", "run", "city_monthly", "--period", "2025", "-o", "o.pdf"), "应为 YYYY-MM"),
        (("briefing", "run", "single", "--lang", "fr", "-o", "o.pdf"), "语言“fr”不存在"),
        (("atlas", "--format", "gif", "-o", "o.zip"), "格式“gif”不存在"),
        (("atlas", "--layers", "air", "-o", "o.zip"), "图层“air”不存在"),
        (("atlas", "--period", "2025-13", "-o", "o.zip"), "时期“2025-13”应为"),
        (("atlas", "--size", "A9", "-o", "o.zip"), "纸张“A9”不存在"),
        (("atlas", "-o", "o.rar"), "图包应为 .zip 文件"),
        (("reproduce", "none.json"), "无法读取 none.json"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_exit_2(tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == 2
    assert said in one_sentence(result)
    assert list(tmp_path.iterdir()) == []


def test_a_pack_is_written_and_made_again(tmp_path):
    out = tmp_path / "包.zip"
    made = run("atlas", *SMALL, "--format", "png,xlsx", "-o", out)
    assert made.exit_code == 0, made.stderr
    assert made.stdout.strip() == str(out)
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == [
            "崇明区_湿地.png", "崇明区_湿地.xlsx", "制作记录.txt", "manifest.json"
        ]  # fmt: skip
    again = run("reproduce", out, "-o", tmp_path / "again", "--jobs", "1")
    assert again.exit_code == 0, again.stdout
    assert again.stdout == "2 个文件逐字节相同。\n"
    assert (tmp_path / "again" / "崇明区_湿地.png").is_file()
    english = run("reproduce", out, "--lang", "en", "--jobs", "1")
    assert english.stdout == "2 files are equal byte by byte.\n"


def test_changed_data_are_named_with_exit_1(tmp_path, own_project):
    out = tmp_path / "pack.zip"
    assert run("atlas", *SMALL, "-o", out).exit_code == 0
    own_project.change("data/parks/parks.csv", "上海野生动物园", "上海动物园二")
    result = run("reproduce", out, "--project", own_project.root)
    assert result.exit_code == 1
    assert result.stdout == "数据已变，没有重做。\n  内容已变：data/parks/parks.csv\n"


def test_a_failed_picture_is_told_on_the_terminal_and_the_rest_is_there(tmp_path, own_project):
    own_project.write("data/wetlands/wetlands.csv", "wrong,columns\n1,2\n")
    out = tmp_path / "pack.zip"
    words = ("--layers", "air_quality,wetlands", "--districts", "崇明", "--dpi", "60")
    result = run("atlas", *words, "--jobs", "1", "--project", own_project.root, "-o", out)
    assert result.exit_code == 0
    assert one_sentence(result).startswith("✗ 崇明区_湿地.png: ")
    with zipfile.ZipFile(out) as archive:
        assert "崇明区_空气质量_2025.png" in archive.namelist()


def test_the_imprint_of_the_project_stands_on_what_is_made(tmp_path, own_project):
    own_project.write("config.toml", 'office = "某区生态环境局"\napproval = "沪S（2026）001号"\n')
    path = tmp_path / "o.docx"
    assert (
        run("briefing", "run", "single", "--project", own_project.root, "-o", path).exit_code == 0
    )
    document = Document(io.BytesIO(path.read_bytes()))
    assert "某区生态环境局" in document.paragraphs[1].text
    assert "沪S（2026）001号" in document.sections[0].footer.paragraphs[0].text


def test_a_watched_pack_tells_its_progress_and_stops_with_its_input(tmp_path):
    """As the app runs it: a line of JSON for each file; a closed input ends it, nothing is left."""
    command = [sys.executable, "-m", "bsh_geo", "atlas", "--watched", "--dpi", "60", "--jobs", "1"]
    command += ["--layers", "wetlands", "-o", str(tmp_path / "pack.zip")]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        text=True,
        encoding="utf-8",
    ) as child:
        assert child.stdin is not None and child.stdout is not None and child.stderr is not None
        first = json.loads(child.stdout.readline())
        assert (first["done"], first["failed"], first["total"]) == (1, 0, 18)
        child.stdin.close()
        start = time.monotonic()
        child.stdout.read()
        said = child.stderr.read()
        assert child.wait(60) == 2
    assert time.monotonic() - start < 30
    assert said.strip() == "错误: 已取消，没有写出文件。"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["docx", "pptx", "pdf"])
def test_a_briefing_is_made_again_by_the_manifest_beside_it(tmp_path, form):
    path = tmp_path / f"专报.{form}"
    words = ("--area", "崇明", "--period", "2025", "--extent", "121.2,31.3,121.9,31.8")
    assert run("briefing", "run", "single", *words, "-o", path).exit_code == 0
    assert {one.name for one in tmp_path.iterdir()} == {path.name, f"{path.name}.manifest.json"}
    told = json.loads((tmp_path / f"{path.name}.manifest.json").read_text(encoding="utf-8"))
    assert told["order"]["extent"] == [121.2, 31.3, 121.9, 31.8]
    assert told["files"][0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    again = run("reproduce", f"{path}.manifest.json", "-o", tmp_path / "again", "--jobs", "1")
    assert again.stdout == "1 个文件逐字节相同。\n", again.stderr
    assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_a_briefing_of_other_data_is_not_made_again(tmp_path, own_project):
    path = tmp_path / "o.pdf"
    assert run("briefing", "run", "single", "-o", path).exit_code == 0
    own_project.change("data/parks/parks.csv", "上海野生动物园", "上海动物园二")
    result = run("reproduce", f"{path}.manifest.json", "--project", own_project.root)
    assert result.exit_code == 1
    assert "内容已变：data/parks/parks.csv" in result.stdout


def test_a_pack_keeps_to_the_extent_that_is_asked_for_and_is_made_again(tmp_path):
    out = tmp_path / "pack.zip"
    words = ("--extent", "121.4,31.1,121.6,31.3", "--format", "svg,pptx,html")
    assert run("atlas", *SMALL, *words, "-o", out).exit_code == 0
    with zipfile.ZipFile(out) as archive:
        told = json.loads(archive.read("manifest.json"))
        picture = archive.read("崇明区_湿地.svg").decode()
    link = "?layer=wetlands&area=310151&extent=121.4,31.1,121.6,31.3"
    assert {one["link"] for one in told["files"]} == {link}
    assert link.replace("&", "&amp;") in picture
    again = run("reproduce", out, "--jobs", "1")
    assert again.stdout == "3 个文件逐字节相同。\n", again.stderr


def test_a_wrong_extent_of_a_pack_is_one_sentence(tmp_path):
    result = run("atlas", *SMALL, "--extent", "121.6,31.1,121.4,31.3", "-o", tmp_path / "p.zip")
    assert result.exit_code == 2
    assert "西小于东" in one_sentence(result)
