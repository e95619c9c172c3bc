"""Tables of a real PostGIS, read by query and imported as files are; a server of the tests' own."""

from __future__ import annotations

import importlib.util
import re
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import OwnProject
from shapely.geometry import box
from small_own import fresh, tree
from streamlit.testing.v1 import AppTest
from test_app import html_of
from test_store_engines import Server, unavailable
from test_store_engines import server as server
from typer.testing import CliRunner

from bsh_geo import (
    catalogue,
    cli,
    database_link,
    database_reader,
    database_sources,
    database_tables,
    frames,
    own_database,
    own_import,
    settings,
)
from bsh_geo.database_reader import Filter
from bsh_geo.errors import BshError, DataError
from bsh_geo.own_import import Options

SCHEMA = """
CREATE EXTENSION postgis;
CREATE SCHEMA eco;
CREATE TABLE eco.redline_2024 (
    gid integer PRIMARY KEY, "名称" text, "所在区" varchar(20), "类型" text, status text,
    surveyed timestamptz, photo bytea, geom geometry(Polygon, 4549));
INSERT INTO eco.redline_2024 SELECT v.gid, v.name, v.qu, v.kind, v.status, '2024-05-01 08:00+08',
    '\\x00ff', ST_Transform(ST_MakeEnvelope(v.w, v.s, v.e, v.n, 4326), 4549)
FROM (VALUES
    (1, '东滩核心区', '崇明区', '生物多样性维护', 'in force', 121.90, 31.48, 121.96, 31.53),
    (2, '佘山林地', '松江', '水土保持', 'in force', 121.18, 31.08, 121.20, 31.10),
    (3, '淀山湖东岸', '青浦区', '水源涵养', 'in force', 121.00, 31.09, 121.02, 31.11),
    (4, '已撤销', '青浦区', '水源涵养', 'withdrawn', 121.05, 31.12, 121.06, 31.13),
    (5, '苏州', '苏州', '水源涵养', 'in force', 119.00, 30.00, 119.02, 30.02)
) AS v (gid, name, qu, kind, status, w, s, e, n);
-- Many patches far away: only an index can leave them unread.
INSERT INTO eco.redline_2024 SELECT 100 + i, '远处' || i, '外省', '水源涵养', 'in force', now(),
    NULL, ST_Translate(ST_MakeEnvelope(0, 0, 50, 50, 4549), 100000 + i * 10, 3000000)
FROM generate_series(1, 20000) AS i;
CREATE INDEX ON eco.redline_2024 USING gist (geom);
CREATE VIEW eco.loose AS
    SELECT gid, "名称", "所在区", geom::geometry AS shape FROM eco.redline_2024 WHERE gid < 6;
CREATE TABLE eco.unsaid AS
    SELECT gid, "名称", ST_SetSRID(geom, 0)::geometry AS geom FROM eco.redline_2024 WHERE gid < 4;
CREATE TABLE eco.mixed (id integer, geom geometry);
INSERT INTO eco.mixed VALUES (1, ST_SetSRID(ST_Point(121, 31), 4326)),
    (2, ST_SetSRID(ST_Point(500000, 3400000), 4549));
CREATE TABLE eco.pair (id integer, a geometry(Point, 4326), b geometry(Point, 4326));
CREATE TABLE eco.curved (id integer, name text, geom geometry(CurvePolygon, 4326));
INSERT INTO eco.curved VALUES (1, '圆', ST_GeomFromText(
    'CURVEPOLYGON(CIRCULARSTRING(121.4 31.2, 121.5 31.3, 121.4 31.2))', 4326));
CREATE TABLE eco.stations_geog ("站点编码" text PRIMARY KEY, "站点名称" text, "所属区" text,
    at geography(Point, 4326));
INSERT INTO eco.stations_geog VALUES
    ('9001A', '莘庄自建', '闵行', 'SRID=4326;POINT(121.38 31.11)'),
    ('9002A', '南京', '', 'SRID=4326;POINT(118.8 32.05)');
CREATE TABLE eco.figures ("区" text, "PM2.5（μg/m³）" numeric(6, 1));
INSERT INTO eco.figures VALUES ('浦东', 26.5), ('闵行区', 27.0);
CREATE TABLE eco.secret (id integer, geom geometry(Point, 4326));
CREATE VIEW eco.slow AS SELECT 1 AS id, '慢' AS name, ST_SetSRID(ST_Point(121.4, 31.2), 4326)
    ::geometry(Point, 4326) AS geom FROM (SELECT pg_sleep(30)) AS s;
CREATE TABLE eco."Odd ""name" (id integer);
ANALYZE;
CREATE ROLE reader LOGIN PASSWORD 'le''se/1';
GRANT USAGE ON SCHEMA eco TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA eco TO reader;
REVOKE SELECT ON eco.secret FROM reader;
"""

SOURCES = """
[databases.hb]
url = "$BSH_TEST_DB"
timeout = {timeout}
[databases.hb.sources.redline]
table = "eco.redline_2024"
where = "status = 'in force'"
title = {{ zh = "生态红线 2024", en = "Red line 2024" }}
kinds = ["redline", "areas"]
[databases.hb.sources.loose]
table = "eco.loose"
[databases.hb.sources.unsaid]
table = "eco.unsaid"
[databases.hb.sources.mixed]
table = "eco.mixed"
[databases.hb.sources.pair]
table = "eco.pair"
[databases.hb.sources.curved]
table = "eco.curved"
[databases.hb.sources.points]
table = "eco.stations_geog"
[databases.hb.sources.figures]
table = "eco.figures"
[databases.hb.sources.secret]
table = "eco.secret"
[databases.hb.sources.slow]
table = "eco.slow"
[databases.hb.sources.gone]
table = "eco.no_such_table"
[databases.hb.sources.column]
table = "eco.loose"
district = "no_such_column"
[databases.hb.sources.condition]
table = "eco.loose"
where = "no_such = 1"
[databases.hb.sources.writing]
table = "eco.loose"
where = "nextval('eco.counter') > 0"
"""

SECRET = "le'se/1"

ROOT = Path(__file__).resolve().parents[1]
PAGE = """
from bsh_geo.ui import import_page
import_page.page()
"""


@pytest.fixture(scope="module")
def postgis(server: Server) -> str:
    """A database with PostGIS and the tables of these tests; the address of who may read them."""
    there = Path("/usr/share/postgresql").glob("*/extension/postgis.control")
    if not list(there):
        unavailable("PostGIS", "postgresql-postgis (Debian)", "BSH_REQUIRE_POSTGRES")
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE eco_test")
    with psycopg.connect(server.url("eco_test"), autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute("CREATE SEQUENCE eco.counter")
        connection.execute("GRANT USAGE ON SEQUENCE eco.counter TO reader")
    return f"postgresql://reader:le%27se%2F1@127.0.0.1:{server.port}/eco_test"


@pytest.fixture
def folder(own_project: OwnProject, postgis: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BSH_TEST_DB", postgis)
    own_project.write("config.toml", SOURCES.format(timeout=20))
    return own_project.root


def taken(folder: Path, kind: str, name: str, **more: Any) -> own_database.Taken:
    return own_database.taken(fresh(folder), kind, name, **more)


def previewed(
    folder: Path, kind: str, name: str, options: Options | None = None, **more: Any
) -> own_import.Preview:
    project = fresh(folder)
    got = own_database.taken(project, kind, name, options, **more)
    rows = own_database.found(project, kind, got)
    return own_import.preview(project, kind, got.name, got.content, options, rows)


def add(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(cli.app, ["add", *arguments, "--project", str(folder)])


def fault(folder: Path, kind: str, name: str, **more: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        taken(folder, kind, name, **more)
    assert SECRET not in caught.value.zh + caught.value.en
    assert "reader" not in caught.value.zh + caught.value.en
    return caught.value


# What is read ---------------------------------------------------------------------------------


def test_only_the_rows_of_the_city_that_meet_the_condition_are_read(folder: Path) -> None:
    found = previewed(folder, "redline", "hb/redline", Options(quality="official"))
    assert sorted(found.frame["name_zh"]) == ["东滩核心区", "佘山林地", "淀山湖东岸"]
    assert found.report.read == 3
    assert found.report.crs == "CGCS2000 / 3-degree Gauss-Kruger CM 120E (EPSG:4549)"
    assert list(found.frame["adcode"]) == ["310151", "310117", "310118"]
    shape = found.frame.geometry.iloc[0]
    assert shape.symmetric_difference(box(121.90, 31.48, 121.96, 31.53)).area < 1e-5


def test_the_query_uses_the_index_and_reads_a_handful_of_twenty_thousand_rows(
    folder: Path, postgis: str
) -> None:
    project = fresh(folder)
    source = database_sources.source_of(project, "hb/redline")
    with database_link.connected(source) as connection:
        table = database_tables.table(connection, source)
        near = Filter((560_000.0, 3_380_000.0, 720_000.0, 3_550_000.0))
        query = database_reader.statement(source, table, ["名称"], near)
        lines = connection.execute(b"EXPLAIN (ANALYZE, FORMAT TEXT) " + query.as_bytes(None))
        plan = "\n".join(str(one) for (one,) in lines.fetchall())
    assert "redline_2024_geom_idx" in plan
    assert "Seq Scan" not in plan
    read = re.search(r"actual time=\S+ rows=(\d+)", plan)
    assert read is not None
    assert read[1] == "3"


def test_an_import_makes_no_scan_of_the_whole_table(folder: Path, server: Server) -> None:
    def scans() -> tuple[int, int]:
        with psycopg.connect(server.url("eco_test"), autocommit=True) as connection:
            row = connection.execute(
                "SELECT seq_scan, idx_scan FROM pg_stat_user_tables WHERE relname = 'redline_2024'"
            ).fetchone()
        assert row is not None
        return int(row[0]), int(row[1])

    before = scans()
    assert taken(folder, "redline", "hb/redline").content
    for _ in range(50):  # what a session counted is told when it ends, a moment later
        after = scans()
        if after[1] > before[1]:
            break
        time.sleep(0.1)
    assert after == (before[0], before[1] + 1)


def test_a_district_is_chosen_by_its_column_whatever_the_spelling(folder: Path) -> None:
    found = previewed(
        folder, "redline", "hb/redline", Options(quality="official"), district="松江区"
    )
    assert list(found.frame["name_zh"]) == ["佘山林地"]
    said = [one.text.zh for one in found.report.findings]
    assert "数据库按列“所在区”只取松江区的行" in said


def test_without_a_column_a_district_is_chosen_by_its_extent(folder: Path) -> None:
    found = previewed(
        folder, "areas", "hb/unsaid", Options(quality="official", crs="EPSG:4549", id="mine"),
        district="崇明区",
    )  # fmt: skip
    assert list(found.frame["name_zh"]) == ["东滩核心区"]
    assert any("可能含邻区的行" in one.text.zh for one in found.report.findings)


def test_a_view_without_a_registered_system_takes_that_of_its_geometry(folder: Path) -> None:
    found = previewed(folder, "redline", "hb/loose", Options(quality="official"))
    assert found.report.read == 4  # with the withdrawn one, without the one of another province
    assert "EPSG:4549" in found.report.crs


def test_geometry_without_a_system_is_asked_for_and_filtered_once_it_is_said(folder: Path) -> None:
    asked = previewed(folder, "redline", "hb/unsaid", Options(quality="official"))
    assert [one.id for one in asked.report.questions] == ["crs"]
    assert "EPSG:4549" in [value for value, _ in asked.report.questions[0].choices]
    said = previewed(folder, "redline", "hb/unsaid", Options(quality="official", crs="EPSG:4549"))
    assert not said.report.questions
    assert said.report.kept == 3
    assert any("与本市范围相交" in one.text.zh for one in said.report.findings)


def test_a_geography_is_read_and_filtered(folder: Path) -> None:
    found = previewed(folder, "stations", "hb/points", Options(quality="official"))
    assert list(found.frame["code"]) == ["9001A"]
    assert found.frame.geometry.iloc[0].coords[0] == pytest.approx((121.38, 31.11))


def test_a_table_without_geometry_gives_figures_by_district(folder: Path) -> None:
    options = Options(quality="official", period="2025")
    found = previewed(folder, "indicators", "hb/figures", options)
    assert found.report.form == "PostgreSQL"
    assert sorted(zip(found.frame["area"], found.frame["value"], strict=True)) == [
        ("310112", "27"),
        ("310115", "26.5"),
    ]
    assert list(found.frame.index) == [1, 2]


def test_columns_without_a_use_and_pictures_are_not_fetched(folder: Path) -> None:
    project = fresh(folder)
    got = own_database.taken(project, "redline", "hb/redline")
    assert own_database.found(project, "redline", got).names() == ["gid", "名称", "所在区", "类型"]
    assert any("status、surveyed" in one.zh for one in got.origin.notes)
    whole = own_database.taken(project, "redline", "hb/redline", every_column=True)
    names = own_database.found(project, "redline", whole).names()
    assert names == ["gid", "名称", "所在区", "类型", "status", "surveyed"]


def test_a_moment_is_read_as_its_day(folder: Path) -> None:
    options = Options(quality="official", id="mine")
    found = previewed(folder, "areas", "hb/redline", options, district="崇明区")
    assert found.frame["surveyed"].iloc[0] == "2024-05-01"


def test_a_curve_is_told_and_not_taken_for_something_else(folder: Path) -> None:
    found = previewed(folder, "areas", "hb/curved", Options(quality="official", id="mine"))
    said = [one.text.zh for one in found.report.findings]
    assert any("曲线" in one for one in said)
    assert found.report.kept == 0


# What becomes of it ---------------------------------------------------------------------------


def test_the_command_imports_a_table_tells_its_origin_and_undoes_it(folder: Path) -> None:
    before = {name: one for name, one in tree(folder).items() if one}
    done = add(folder, "redline", "--from", "hb/redline", "--quality", "official", "--yes")
    assert done.exit_code == 0, done.output
    project = fresh(folder)
    assert sorted(frames.table(project, "redline_patches")["name_zh"]) == [
        "东滩核心区",
        "佘山林地",
        "淀山湖东岸",
    ]
    own = {name: one for name, one in catalogue.load_sources(project).items() if "own-" in name}
    (source,) = own.values()
    assert source.title_zh == "数据库 hb 的 eco.redline_2024"
    pattern = (
        r"数据库 hb（127\.0\.0\.1:\d+/eco_test）的表 eco\.redline_2024，"
        r"条件 status = 'in force'，\d{4}-\d\d-\d\d \d\d:\d\d 读取；坐标系 .*EPSG:4549.*。"
    )
    assert re.fullmatch(pattern, source.note_zh)
    (entry,) = own_import.history(folder)
    assert (entry.what, entry.file, entry.rows) == ("redline", "hb/redline", 3)
    written = b"".join(tree(folder).values()) + b"".join(
        one.read_bytes() for one in (folder / ".history").rglob("*.json")
    )
    assert b"reader" not in written.replace(b"BSH_TEST_DB", b"")
    assert b"postgresql://" not in written
    own_import.undo(folder)
    assert {name: one for name, one in tree(folder).items() if one} == before


def test_a_file_argument_may_name_the_table(folder: Path) -> None:
    done = add(folder, "redline", "db:hb/redline", "--quality", "official", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "hb/redline · PostGIS" in done.output


def test_importing_the_same_rows_again_changes_no_row(folder: Path) -> None:
    for _ in range(2):
        done = add(folder, "redline", "--from", "hb/redline", "--quality", "official", "--yes")
        assert done.exit_code == 0, done.output
    assert len(frames.table(fresh(folder), "redline_patches")) == 3
    first, second = own_import.history(folder)
    assert first.sha256 == second.sha256
    assert first.source == second.source


# What goes wrong ------------------------------------------------------------------------------


def test_an_unknown_source_lists_those_there_are(folder: Path) -> None:
    done = add(folder, "redline", "--from", "hb/redlin")
    assert done.exit_code == 2
    assert "“hb/redlin”不存在，可用：hb/redline、hb/loose" in done.output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone", "没有表或视图 eco.no_such_table。"),
        ("column", "没有可读的列“no_such_column”，有：gid、名称、所在区、shape。"),
        ("condition", "没有所用的列（"),
        ("secret", "没有权限读取 eco.secret。"),
        ("mixed", "的几何混有几种坐标系（SRID 4326、4549），请先统一。"),
        ("pair", "有几个几何列：a、b；请在配置中写明 geometry。"),
        ("figures", "的 eco.figures 没有几何列，生态保护红线需要面。"),
        ("writing", "只许读取"),
    ],
)
def test_each_fault_is_one_sentence(folder: Path, name: str, said: str) -> None:
    found = fault(folder, "redline", f"hb/{name}")
    assert said in found.zh
    assert found.zh.endswith("。")
    assert "\n" not in found.zh + found.en


def test_what_takes_too_long_is_given_up(
    own_project: OwnProject, folder: Path, postgis: str
) -> None:
    own_project.write("config.toml", SOURCES.format(timeout=0.3))
    started = time.monotonic()
    assert "在 0.3 秒内没有读完" in fault(own_project.root, "stations", "hb/slow").zh
    assert time.monotonic() - started < 10


def test_a_server_that_is_not_there_is_told_without_the_login(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BSH_TEST_DB", "postgresql://reader:le%27se%2F1@127.0.0.1:1/eco_test")
    found = fault(folder, "redline", "hb/redline")
    assert found.zh == "无法连接数据库 hb（127.0.0.1:1/eco_test）：服务器没有应答（连接被拒绝）。"


def test_a_wrong_password_is_told_without_the_login(
    folder: Path, postgis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BSH_TEST_DB", postgis.replace("le%27se%2F1", "wrong"))
    assert "登录被拒绝" in fault(folder, "redline", "hb/redline").zh


def test_a_variable_that_is_not_set_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BSH_TEST_DB")
    assert "环境变量 BSH_TEST_DB 没有设置" in fault(folder, "redline", "hb/redline").zh


def test_more_rows_than_are_read_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_reader, "MOST_ROWS", 2)
    assert "超过 2 行" in fault(folder, "redline", "hb/redline").zh


def test_more_vertices_than_are_read_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_reader, "MOST_VERTICES", 14)  # three patches have five each
    assert "超过 14 个顶点" in fault(folder, "redline", "hb/redline").zh


def test_a_system_that_is_wrong_finds_nothing_and_says_so(folder: Path) -> None:
    options = Options(crs="EPSG:32651")
    found = fault(folder, "redline", "hb/unsaid", options=options)
    assert "没有与所选范围相交的行（坐标系 EPSG:32651）" in found.zh


def test_an_unknown_district_is_told(folder: Path) -> None:
    with pytest.raises(BshError, match="区“苏州”不存在"):
        taken(folder, "redline", "hb/redline", district="苏州")


def test_a_database_without_postgis_says_so_where_geometry_is_configured(
    own_project: OwnProject, server: Server, postgis: str
) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE plain_test")
    with psycopg.connect(server.url("plain_test"), autocommit=True) as connection:
        connection.execute('CREATE TABLE t (id integer, "名称" text, geom bytea)')
    own_project.write(
        "config.toml",
        f'[databases.p]\nurl = "{server.url("plain_test")}"\n'
        '[databases.p.sources.t]\ntable = "t"\ngeometry = "geom"\n',
    )
    with pytest.raises(DataError, match="没有 PostGIS 扩展"):
        taken(own_project.root, "areas", "p/t")


def test_neither_or_both_of_file_and_table_are_refused(folder: Path) -> None:
    assert "二者之一" in add(folder, "redline").output
    both = add(folder, "redline", "a.csv", "--from", "hb/redline")
    assert both.exit_code == 2
    assert "二者之一" in both.output
    district = add(folder, "redline", "a.csv", "--district", "松江区")
    assert "--district 只用于数据库来源" in district.output


# The page -------------------------------------------------------------------------------------


@pytest.fixture
def open_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("BSH_IMPORT", raising=False)
    monkeypatch.setenv("BSH_PROJECT", str(folder))
    app = AppTest.from_string(PAGE, default_timeout=90).run()
    app.radio(key="import-kind").set_value("redline").run()
    return app


def box_of(app: AppTest, name: str) -> Any:
    return next(one for one in app.selectbox if str(one.key).startswith(f"import-{name}-"))


def button_of(app: AppTest, name: str) -> Any:
    return next(one for one in app.button if str(one.key).startswith(f"import-{name}"))


def test_the_page_reads_a_table_asks_and_writes_as_with_a_file(
    open_page: AppTest, folder: Path
) -> None:
    app = open_page
    assert box_of(app, "database").options[0] == "生态红线 2024 (hb/redline)"
    box_of(app, "database").set_value("hb/redline").run()
    button_of(app, "database-read").click().run()
    assert not app.exception
    assert "hb/redline" in html_of(app)
    assert "只给出与本市范围相交的行" in html_of(app)
    quality = next(one for one in app.radio if str(one.key).startswith("import-answer-quality"))
    quality.set_value("official").run()
    button_of(app, "confirm").click().run()
    assert not app.exception
    assert [(one.what, one.file, one.rows) for one in own_import.history(folder)] == [
        ("redline", "hb/redline", 3)
    ]


def test_the_page_reads_one_district_alone(open_page: AppTest) -> None:
    app = open_page
    box_of(app, "database").set_value("hb/redline").run()
    box_of(app, "database-district").set_value("310117").run()
    button_of(app, "database-read").click().run()
    assert not app.exception
    assert "只取松江区的行" in html_of(app)


def test_the_page_tells_what_is_wrong_without_the_address(
    open_page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page
    monkeypatch.setenv("BSH_TEST_DB", "postgresql://reader:geheim@127.0.0.1:1/eco_test")
    box_of(app, "database").set_value("hb/redline").run()
    button_of(app, "database-read").click().run()
    assert not app.exception
    shown = html_of(app)
    assert "无法连接数据库 hb（127.0.0.1:1/eco_test）" in shown
    assert "geheim" not in shown
    assert "reader" not in shown


def test_a_visitor_who_may_not_import_is_offered_no_table(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("BSH_PROJECT", str(folder))
    monkeypatch.setenv("BSH_IMPORT", "off")
    app = AppTest.from_string(PAGE, default_timeout=90).run()
    app.radio(key="import-kind").set_value("redline").run()
    assert not [one for one in app.selectbox if str(one.key).startswith("import-database")]


def test_the_start_script_sees_the_extension(postgis: str) -> None:
    found = importlib.util.spec_from_file_location("bsh_run", ROOT / "run.py")
    assert found is not None
    assert found.loader is not None
    run = importlib.util.module_from_spec(found)
    found.loader.exec_module(run)
    assert run.has_postgis() is True


# The configuration ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[databases]\nhb = "postgresql://u:geheim@h/d"\n', "config.toml [databases] hb 应为表。"),
        ('[databases.hb]\nurl = ["postgresql://u:geheim@h/d"]\n', "url 应为 postgresql://"),
        ('[databases.hb]\nurl = "mysql://u:geheim@h/d"\n', "url 应为 postgresql://"),
        ('[databases.hb]\nurl = "$X"\n[databases.hb.sources.a]\ntable = "a.b.c"\n', "模式.表"),
        ('[databases.hb]\nurl = "$X"\n[databases.hb.sources.a]\ntable = "a"\nwhere = "1; x"\n',
         "不含分号"),
        ('[databases.hb]\nurl = "$X"\n[databases.hb.sources.a]\ntable = "a"\ntabel = "b"\n',
         "tabel"),
        ('[databases.hb]\nurl = "$X"\n', "sources"),
        ('[databases."h b"]\nurl = "$X"\n', "名称“h b”"),
    ],
)  # fmt: skip
def test_a_faulty_configuration_is_told_and_no_address_is_repeated(
    own_project: OwnProject, text: str, said: str
) -> None:
    own_project.write("config.toml", text)
    with pytest.raises(DataError) as caught:
        settings.settings(fresh(own_project.root))
    assert said in caught.value.zh
    assert "geheim" not in caught.value.zh + caught.value.en


def test_no_configured_database_is_one_sentence(own_project: OwnProject) -> None:
    own_project.write("config.toml", "")
    with pytest.raises(DataError, match="没有配置数据库"):
        taken(own_project.root, "redline", "hb/redline")


def test_an_address_is_in_no_representation(folder: Path, postgis: str) -> None:
    source = database_sources.source_of(fresh(folder), "db:hb/redline")
    assert "reader" not in repr(source) + source.place
    assert source.place.startswith("127.0.0.1:")
    assert source.title("zh") == "生态红线 2024 (hb/redline)"


def test_the_page_is_offered_the_sources_of_a_kind(folder: Path) -> None:
    project = fresh(folder)
    assert "hb/redline" in database_sources.sources_for(project, "redline")
    assert "hb/redline" not in database_sources.sources_for(project, "stations")
    assert "hb/points" in database_sources.sources_for(project, "stations")
