"""Word files: styles, captions, repeated heads, fonts, and the text of the view."""

from __future__ import annotations

import io

import pytest
from briefing_help import (
    APPROVAL,
    OFFICE,
    STAMP,
    both,
    check_office_file,
    entries,
    filled,
    made_of,
    pages_in_libreoffice,
)
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from bsh_geo import compose, word_files
from bsh_geo.briefing_pages import Briefing, MapPicture
from bsh_geo.compose import Request
from bsh_geo.project import Project


@pytest.fixture(scope="module")
def chongming(project: Project) -> Briefing:
    return filled(project, "district_report", "310151", "2025")


@pytest.fixture(scope="module")
def content(chongming: Briefing) -> bytes:
    return word_files.docx(chongming)


@pytest.fixture(scope="module")
def document(content: bytes):
    return Document(io.BytesIO(content))


def styled(document, name: str) -> list[str]:
    return [one.text for one in document.paragraphs if one.style.name == name]


def everything(document) -> str:
    told = [one.text for one in document.paragraphs]
    told += [cell.text for one in document.tables for row in one.rows for cell in row.cells]
    return "\n".join(told)


def test_title_and_headings_have_their_styles(document, chongming):
    assert styled(document, "Title") == ["崇明区生态环境专报"]
    assert styled(document, "Subtitle") == [f"2025年 · {OFFICE}"]
    assert styled(document, "Heading 1") == [page.title for page in chongming.pages]


def test_the_page_is_a4_and_foot_and_head_say_what_it_is(document):
    section = document.sections[0]
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (210, 297)
    assert section.header.paragraphs[0].text == "崇明区生态环境专报 · 2025年"
    assert APPROVAL in section.footer.paragraphs[0].text
    assert STAMP in section.footer.paragraphs[0].text


def test_the_sentence_the_figures_and_the_sources_are_those_of_the_view(document, project):
    spec = compose.build(project, Request("air_quality", areas=("310151",), period="2025"))
    said = everything(document)
    assert spec.sentences[0] in said
    assert f"{spec.key.value} {spec.key.unit}" in said
    for source in spec.sources:
        assert source in said
    for item in spec.legend[0].items:
        assert item.label in said
    assert "数据质量：官方" in said


def test_pictures_are_described_and_captions_are_numbered_through(document, chongming):
    maps = [one.alt for page in chongming.pages for one in page.blocks
            if isinstance(one, MapPicture)]  # fmt: skip
    said = [one._inline.docPr.get("descr") for one in document.inline_shapes]
    assert [one for one in said if one in maps] == maps
    assert all(said)
    body = document.element.body
    numbers = {"Figure": [], "Table": []}
    for one in body.iter(qn("w:fldSimple")):
        kind = one.get(qn("w:instr")).split()[1]
        numbers[kind].append("".join(text.text for text in one.iter(qn("w:t"))))
    assert numbers["Figure"] == [str(at + 1) for at in range(len(document.inline_shapes))]
    assert numbers["Table"] == ["1", "2", "3", "4"]


def test_tables_repeat_their_head_and_break_no_row(document):
    tables = [one for one in document.tables if one.rows[0]._tr.find(qn("w:trPr")) is not None]
    heads = [one for one in tables if one.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None]
    assert len(heads) == 4
    for one in heads:
        for row in one.rows:
            assert row._tr.trPr.find(qn("w:cantSplit")) is not None
    districts = next(one for one in heads if one.cell(0, 0).text == "区")
    assert districts.cell(16, 1).text == "19.5"
    assert districts.cell(6, 1).text == "无数据"


def test_the_legend_has_as_many_columns_as_its_labels_have_room_for(project):
    def columns(layer: str) -> int:
        pages = [{"title": both("{layer}"), "layer": layer, "blocks": [{"kind": "map"}]}]
        made = made_of(project, pages, "310151")
        return len(Document(io.BytesIO(word_files.docx(made))).tables[0].columns) // 2

    assert columns("air_quality") == 4
    assert columns("land_cover") == 3
    assert columns("beautiful_bays") == 2


def test_a_figure_of_the_legend_keeps_its_sign_on_its_line(project):
    pages = [{"title": both("{layer}"), "layer": "land_cover", "blocks": [{"kind": "map"}]}]
    document = Document(io.BytesIO(word_files.docx(made_of(project, pages, "310151"))))
    labels = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert "近岸水域 · 22.9\u00a0%" in labels


def test_chinese_fonts_are_named_for_every_style(content):
    styles = entries(content)["word/styles.xml"].decode()
    for font in ('w:eastAsia="等线"', 'w:eastAsia="微软雅黑"', 'w:ascii="Arial"'):
        assert font in styles
    document = Document(io.BytesIO(content))
    for name in ("Normal", "Title", "Heading 1", "Caption"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in ("等线", "微软雅黑")
        assert fonts.get(qn("w:asciiTheme")) is None


def test_a_file_has_no_time_no_person_and_the_same_bytes_again(content, chongming):
    check_office_file(content)
    assert word_files.docx(chongming) == content


def test_the_english_file_is_english(project):
    document = Document(
        io.BytesIO(word_files.docx(filled(project, "single", "310109", None, "en")))
    )
    titles = styled(document, "Title") + styled(document, "Heading 1") + styled(document, "Caption")
    said = "".join(titles)
    assert "Air quality in Hongkou" in said
    assert "Figure" in said
    assert not any("一" <= sign <= "鿿" for sign in said)


def test_a_view_without_anything_in_the_area_says_so(project):
    pages = [{"title": both("{layer}"), "layer": "wetlands", "blocks": [{"kind": "map"}]}]
    made = word_files.docx(made_of(project, pages, "310101"))
    assert "所选区域内没有列入的" in everything(Document(io.BytesIO(made)))


def test_libreoffice_opens_it(content, tmp_path):
    assert pages_in_libreoffice(content, ".docx", tmp_path) >= 5
