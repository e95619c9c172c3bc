"""What the tests of briefings share: filled templates and the text of office files."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from bsh_geo import briefing, briefing_fill
from bsh_geo.briefing_fill import Occasion
from bsh_geo.briefing_pages import Briefing
from bsh_geo.project import Project

STAMP = "bsh-geo 0.1.0 · 0123456789ab · ?layer=air_quality"
OFFICE = "上海市生态环境局"
APPROVAL = "沪S（2026）000号"


def filled(
    project: Project, template: str, area: str, period: str | None, lang: str = "zh"
) -> Briefing:
    """A shipped template for an area, with everything an office prints on it."""
    occasion = Occasion(area, period, lang, OFFICE, APPROVAL, None, STAMP)
    return briefing_fill.fill(project, briefing.template_of(project, template), occasion)


def made_of(project: Project, pages: list[dict], area: str, lang: str = "zh", **more) -> Briefing:
    """A template of these pages, filled."""
    both = {"zh": "题", "en": "Title"}
    content = {"id": "own", "title": both, "summary": both, "heading": both, "pages": pages}
    template = briefing.parsed(project, content, "own.toml")
    return briefing_fill.fill(project, template, Occasion(area, lang=lang, stamp=STAMP, **more))


def both(text: str) -> dict[str, str]:
    """The same text in both languages."""
    return {"zh": text, "en": text}


def entries(content: bytes) -> dict[str, bytes]:
    """The files of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def check_office_file(content: bytes) -> None:
    """No time, name or path of the moment, the machine or the libraries' own templates."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.create_system for one in archive.infolist()} == {3}
    files = entries(content)
    core = files["docProps/core.xml"].decode()
    times = set(re.findall(r">(\d{4}-\d\d-\d\dT[\d:]+Z)<", core))
    assert times == {"2000-01-01T00:00:00Z"}
    assert "bsh_geo" in core
    everything = b"\n".join(files.values())
    for word in (b"Steve Canny", b"python-pptx", b"python-docx", b"Macintosh", b"/tmp/", b"/home/"):
        assert word not in everything
    assert not [name for name in files if "thumbnail" in name or "printerSettings" in name]
    inner = [one for name, one in files.items() if name.endswith(".xlsx")]
    for one in inner:
        check_inner(one)


def check_inner(content: bytes) -> None:
    """The workbook of a chart, which carries a time too."""
    core = entries(content)["docProps/core.xml"].decode()
    assert set(re.findall(r">(\d{4}-\d\d-\d\dT[\d:]+Z)<", core)) == {"2000-01-01T00:00:00Z"}


def pages_in_libreoffice(content: bytes, suffix: str, folder: Path) -> int:
    """How many pages LibreOffice makes of a file; the test is skipped where it is not installed."""
    import pypdf

    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed: nothing here can open the file")
    path = folder / f"made{suffix}"
    path.write_bytes(content)
    home = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [program, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)],
        check=True,
        capture_output=True,
        timeout=240,
    )
    return len(pypdf.PdfReader(folder / "made.pdf").pages)
