"""No file brings the product down: each of a corpus of bad and hostile ones, through every door.

No traceback, nothing lost without a word, memory and time bounded, nothing fetched, nothing read or
written elsewhere.
"""

from __future__ import annotations

import hashlib
import http.server
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any, ClassVar

import geopandas as gpd
import hostile
import hostile_doors
import numpy as np
import pyogrio
import pytest
import shapely
from hostile_doors import Outcome

from bsh_geo import (
    coordinates,
    drivers,
    land_zones,
    outlines,
    reading_archives,
    reading_import,
    site_files,
    sites,
    store_database,
)
from bsh_geo.catalogue import Text
from bsh_geo.errors import BshError, DataError
from bsh_geo.project import open_project
from bsh_geo.reading_archives import Limits, blob_from

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the doors are forked and measured as on Linux"
)

SECONDS, MEMORY = 10.0, 1 << 30
"""Of the processor and of memory, for one file at one door."""

LARGE = 5 << 20
"""A file of so many bytes may take twice as long: a ring of a million corners has 25 MB."""

PARTS = 2
"""Processes that share the corpus, each taking the next file that none has taken."""


@dataclass(frozen=True)
class Tried:
    """What became of the corpus: outcomes by file, sizes, and what the canary server was asked."""

    outcomes: dict[str, list[Outcome]]
    sizes: dict[str, int]
    asked: tuple[str, ...]
    left: tuple[str, ...]

    def all(self) -> Iterator[tuple[str, Outcome]]:
        """Each file with each of its doors."""
        for name, listed in self.outcomes.items():
            for one in listed:
                yield name, one


class _Canary(http.server.BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    do_HEAD = do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    """The whole corpus through every door, by processes that fork for each."""
    root = tmp_path_factory.mktemp("hostile")
    secret = root / "secret.csv"
    secret.write_text(f"secret\n{hostile.SECRET}\n", encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _Canary.asked.clear()
    told = root / "told"
    told.mkdir()
    (told / "taken").mkdir()
    running = [_started(root, part, server.server_port, secret) for part in range(PARTS)]
    outcomes: dict[str, list[Outcome]] = {}
    sizes: dict[str, int] = {}
    for child in running:
        child.wait()  # each file ends by itself, however busy the machine
    for part, child in enumerate(running):
        assert child.returncode == 0, (told / f"{part}.err").read_text("utf-8")[-3000:]
        for line in (told / f"{part}.out").read_text("utf-8").splitlines():
            one = json.loads(line)
            sizes[one["name"]] = one["size"]
            outcomes[one["name"]] = [Outcome(**said) for said in one["outcomes"]]
    shutil.rmtree(told)
    server.shutdown()
    server.server_close()
    left = sorted(str(one.relative_to(root)) for one in root.rglob("*") if one.is_file())
    yield Tried(outcomes, sizes, tuple(_Canary.asked), tuple(left))


def _started(root: Path, part: int, port: int, secret: Path) -> subprocess.Popen[bytes]:
    folder = root / f"work{part}" / "deep" / "temporary"
    folder.mkdir(parents=True)
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, __file__, str(root / "told" / "taken"), str(port), str(secret)]
    # Into files: a pipe that nobody empties would stop one part until the other is done.
    told = root / "told" / f"{part}"
    with told.with_suffix(".out").open("wb") as out, told.with_suffix(".err").open("wb") as err:
        return subprocess.Popen(
            command,
            cwd=folder.parent,
            env=environment,
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
        )


def _taken(folder: Path, name: str) -> bool:
    """Whether this process is the one that takes a file."""
    try:
        (folder / hashlib.sha256(name.encode()).hexdigest()).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _run(taken: Path, port: int, secret: Path) -> None:
    """One process: its share of the corpus, a line of JSON for each file."""
    folder = Path(os.environ["TMPDIR"])
    project = open_project()
    sites.region(project)
    land_zones.zones_of(project, "districts")
    hostile_doors.warm(project)
    files = hostile.corpus(port, secret)
    # What takes longest comes first, else one process would wait for it at the end.
    for name in sorted(files, key=lambda one: one not in hostile_doors.HEAVY):
        if _taken(taken, name):
            content = files[name]()
            found = hostile_doors.tried(project, name, content, folder)
            told = {"name": name, "size": len(content), "outcomes": [asdict(one) for one in found]}
            print(json.dumps(told), flush=True)


def test_the_corpus_is_large_and_of_every_kind(tried: Tried) -> None:
    assert len(tried.outcomes) >= 300
    endings = {hostile_doors.ending(name) for name in tried.outcomes}
    assert endings >= {*hostile_doors.PLACES, *hostile_doors.READINGS, "tif"}
    doors = {one.door for _, one in tried.all()}
    assert doors == {
        "sites", "readings", "zones", "own redline", "own stations", "own indicators", "ways",
        "residents", "raster", "workbook", "pasted",
    }  # fmt: skip


def test_no_file_crashes_a_door_or_shows_a_traceback(tried: Tried) -> None:
    assert {f"{name} | {one.door}": one.crash for name, one in tried.all() if one.crash} == {}


def test_a_refusal_is_a_sentence_in_both_languages_without_paths(tried: Tried) -> None:
    told = [(name, one.door, one.told) for name, one in tried.all() if one.told]
    assert len(told) > 300
    for name, door, said in told:
        zh, en = said["zh"], said["en"]
        assert zh.endswith(("。", "？")) and en.endswith((".", "?")), (name, door, said)
        assert 5 < len(zh) < 1500 and 5 < len(en) < 2000, (name, door, len(zh), len(en))
        assert "Traceback" not in zh + en and "Error(" not in zh + en, (name, door, said)
        assert tempfile.gettempdir() + "/" not in zh + en, (name, door, said)


def test_every_reading_of_a_file_is_counted_once_or_the_file_has_a_fault(tried: Tried) -> None:
    reports = [
        (name, part)
        for name, one in tried.all()
        if one.door == "readings" and one.report
        for part in one.report["files"]
    ]
    assert len(reports) > 150
    for name, part in reports:
        assert part["read"] == part["sum"], (name, part)
        assert part["read"] or part["faults"] or name in NOTHING_TO_READ, (name, part)


NOTHING_TO_READ = {"head-only.csv", "ragged.csv", "quote.csv", "nul.csv", "dates.csv"}
"""Files with a head of readings and no value that can be counted."""


def test_every_site_is_tested_or_named_as_rejected(tried: Tried) -> None:
    found = [one.report for _, one in tried.all() if one.door == "sites" and one.report]
    assert len(found) > 40
    for report in found:
        assert report["numbers"] == list(range(1, len(report["numbers"]) + 1))


def test_time_and_memory_are_bounded(tried: Tried) -> None:
    slow = {
        f"{name} | {one.door}": (round(one.seconds, 1), one.memory >> 20)
        for name, one in tried.all()
        if one.seconds > SECONDS * (2 if tried.sizes[name] > LARGE else 1) or one.memory > MEMORY
    }
    assert slow == {}


def test_nothing_is_fetched_run_or_unpickled(tried: Tried) -> None:
    assert tried.asked == ()
    assert {f"{name} | {one.door}": one.did for name, one in tried.all() if one.did} == {}


def test_nothing_is_left_behind_or_written_elsewhere(tried: Tried) -> None:
    assert {f"{name} | {one.door}": one.left for name, one in tried.all() if one.left} == {}
    assert tried.left == ("secret.csv",)


def test_no_other_file_is_read(tried: Tried) -> None:
    whole = json.dumps([asdict(one) for _, one in tried.all()])
    assert hostile.SECRET not in whole
    assert "root:x:0" not in whole


# What was found with the corpus, one by one ----------------------------------------------------


def test_gdal_has_the_drivers_of_our_formats_and_no_others() -> None:
    found = set(pyogrio.list_drivers())
    assert found <= drivers.ALLOWED
    assert found >= {"GeoJSON", "GPKG", "FlatGeobuf", "ESRI Shapefile", "OpenFileGDB"}
    assert not {"OGR_VRT", "WFS", "OAPIF", "HTTP", "GDALG", "CSV"} & found


def test_the_drivers_stay_out_when_the_module_is_loaded_again() -> None:
    # As Streamlit does when a file has changed.
    importlib.reload(drivers).restrict()
    assert set(pyogrio.list_drivers()) <= drivers.ALLOWED


def test_spaces_of_a_pasted_line_are_read_at_once() -> None:
    # Of 400 of them the former expression thought for half a minute.
    with pytest.raises(DataError, match="坐标第 1 行"):
        coordinates.parse(" " * 15_000 + "x")


def test_a_pasted_line_has_a_longest_length() -> None:
    with pytest.raises(DataError, match="有 20,001 个字符，最多 20,000 个"):
        coordinates.parse("x" * 20_001)


def test_a_line_of_very_many_coordinates_is_refused() -> None:
    line = ";".join(["121.4,31.2"] * 1_500)
    with pytest.raises(DataError, match="超过 100,000 个坐标"):
        coordinates.parse("\n".join([line] * 70))


def test_a_scribble_is_tangled_and_a_bow_is_not() -> None:
    # n random corners have about n²/6 crossings: 600 some 58,000, 300 some 14,800.
    spots = np.random.default_rng(7).random((600, 2))
    assert outlines.tangled(shapely.Polygon(spots))
    assert not outlines.tangled(shapely.Polygon(spots[:300]))
    assert not outlines.tangled(shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))
    turn = np.linspace(0, 2 * np.pi, 50_000)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    circle[10] = (0, 0.5)
    assert not outlines.tangled(shapely.Polygon(circle))


def test_edges_that_would_be_divided_into_too_many_are_refused() -> None:
    # Three lines of 40,000 edges of one degree each, divided into pieces of 0.001.
    content = hostile.json_files()["zigzag.geojson"]()
    with pytest.raises(DataError, match="细分后约 120,117,000 个点，最多 5,000,000 个"):
        sites.read(open_project(), content, "zigzag.geojson")


def test_archives_in_an_archive_share_its_limit() -> None:
    inner = hostile.zipped([("a.csv", hostile.GOOD_CSV * 3_000)])
    limits = Limits(size=450_000, free=1 << 30)
    one = hostile.zipped([("1.zip", inner)])
    three = hostile.zipped([(f"{at}.zip", inner) for at in range(3)])
    assert _faults(one, limits) == []
    assert _faults(three, limits) == ["a.zip/2.zip 解压后超过 0 MB，请分批导入。"]
    # And nothing is carried over to the next file.
    assert _faults(one, limits) == []


def _faults(content: bytes, limits: Limits) -> list[str]:
    found = reading_import.preview("a.zip", content, open_project(), limits=limits)
    return [fault.zh for one in found.files for fault in one.faults]


def test_growth_is_measured_from_what_was_given() -> None:
    # 40 MB of empty lines in a gz in a gz: each grows 1,000 times or less, both 100,000 times.
    content = hostile.gzip.compress(hostile.gzip.compress(hostile.GOOD_CSV + b"\n" * (40 << 20)))
    found = reading_import.preview("a.gz", content, open_project(), limits=Limits(ratio=2_000))
    assert [one.zh for one in found.files[0].faults] == [
        "a 解压后膨胀超过 2000 倍，不像监测数据，未读入。"
    ]


def test_a_parquet_file_whose_group_claims_more_rows_than_the_file_is_refused() -> None:
    # One of 880 bytes took 8 GB.
    with pytest.raises(DataError, match=r"^a\.parquet：无法按 GeoParquet 读取"):
        site_files.read(hostile.lying_group(), "a.parquet")


def test_a_name_is_shown_without_signs_that_are_not_seen() -> None:
    assert reading_archives.shown_name("a\u202egpj.exe") == "agpj.exe"
    assert blob_from("../x/\u200b正\x00常.csv", b"").name == "正常.csv"
    assert reading_archives.shown_name("\u202e") == "?"


def test_a_layer_that_is_a_view_is_named() -> None:
    content = hostile.packages()["endless-view.gpkg"]()
    with pytest.raises(DataError, match=r"a\.gpkg：图层 v 是视图，请另存为表"):
        site_files.read(content, "a.gpkg")


def test_an_ordinary_geopackage_keeps_its_rows_without_its_triggers() -> None:
    found = site_files.read(hostile.package(), "a.gpkg")
    assert found.frame["name"].to_list() == ["甲", "乙"]
    assert found.layers == ("sites",)


def test_a_service_s_own_url_of_the_store_is_never_told_with_its_password() -> None:
    store = store_database.DatabaseStore(
        open_project(), "postgresql://reader:s3cr3t%21@127.0.0.1:1/air?connect_timeout=1"
    )
    with pytest.raises(BshError) as told:
        store.exists("air")
    assert "s3cr3t" not in told.value.zh + told.value.en + repr(told.value.__cause__)
    assert "127.0.0.1:1/air" in told.value.zh


# What a hostile name becomes on a page ---------------------------------------------------------

MARKUP = hostile.MARKUP


def _is_text(html: str) -> None:
    assert "<script" not in html and "<img src=x" not in html
    assert escape("<script>") in html


def test_names_of_zones_and_rasters_are_text_on_the_land_page() -> None:
    from bsh_geo import land_job, land_report
    from bsh_geo.ui import land_html

    project = open_project()
    frame = gpd.GeoDataFrame(
        {"name_zh": [MARKUP], "name_en": [MARKUP], "quality": [""]},
        geometry=[shapely.box(121.1, 31.1, 121.4, 31.4)],
        index=["a"],
        crs="EPSG:4326",
    )
    zones = land_zones.made("file", Text(zh=MARKUP, en=MARKUP), frame, ())
    source = land_job.Source(hostile.good_tif(), f"{MARKUP}.tif", 1)
    found, _ = land_job.run(project, source, zones, land_report.NO_TABLE, None)
    for lang in ("zh", "en"):
        _is_text(land_html.what_html(found, lang))
        _is_text(land_html.bars_html(found, False, lang, ""))
        _is_text(land_html.table_html(land_report.wide(found, lang), lang))
        _is_text(land_html.about_html(found, None, lang))


def test_names_of_sites_are_text_on_the_page_of_the_site_check() -> None:
    from bsh_geo import folium_map, sitecheck, sitecheck_map
    from bsh_geo.ui import sitecheck_html

    project = open_project()
    content = hostile.collection(
        hostile.feature(hostile.point(121.9, 31.5), name=MARKUP),
        hostile.feature(hostile.point(0, 0), name=MARKUP),
    )
    found = sitecheck.check(project, sites.read(project, content, f"{MARKUP}.geojson"))
    _is_text(sitecheck_html.result_html(project, found, "zh"))
    spec = sitecheck_map.map_spec(project, found, "zh", ())
    # A script is ended by this sign whatever stands around it.
    assert "</script" not in folium_map.view_script(spec, "a", "").lower()
    assert "<script>alert" not in folium_map.view_script(spec, "a", "")


def test_faults_and_lines_over_a_page_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from bsh_geo.ui import shell

    shown: list[str] = []
    monkeypatch.setattr(shell.st, "html", shown.append)
    shell.banner(MARKUP)
    shell.fault(DataError(MARKUP, MARKUP), "zh")
    assert len(shown) == 2
    for one in shown:
        _is_text(one)


def test_every_piece_of_html_is_made_where_names_are_escaped() -> None:
    """``st.html`` and ``unsafe_allow_html`` are given no value that is not escaped."""
    folder = Path(drivers.__file__).parent
    pages = [*sorted((folder / "ui").glob("*.py")), folder.parents[1] / "app.py"]
    assert len(pages) > 20
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "unsafe_allow_html" not in text, page.name
        assert "components.html(" not in text, page.name


def test_what_a_user_gave_is_cached_for_that_session_alone() -> None:
    from bsh_geo.ui import sitecheck_page

    assert 'scope="session"' in Path(sitecheck_page.__file__).read_text(encoding="utf-8")
    same = sitecheck_page.Given("file", b"a", "n", None)
    assert same.digest != sitecheck_page.Given("file", b"a", "n|", None).digest
    assert len(same.digest) == 64


if __name__ == "__main__":
    _run(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
