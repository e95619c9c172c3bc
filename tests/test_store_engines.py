"""The same readings in DuckDB, PostgreSQL and Spark: one expression, one table.

A real PostgreSQL server is started on a folder of the test's own, and Spark in this process. Where
they are not installed the tests are skipped and say which package is wanted; with
``BSH_REQUIRE_POSTGRES=1`` or ``BSH_REQUIRE_SPARK=1`` they fail instead.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from conftest import OwnProject
from stored_readings import INFO, ITEMS, assert_same, expected_days, hourly

from bsh_geo import store_queries
from bsh_geo.errors import DataError
from bsh_geo.networks import network_of
from bsh_geo.project import Project
from bsh_geo.store import FileStore, Store, Written, open_store
from bsh_geo.store_records import BATCH_COLUMNS, CORRECTION_COLUMNS

WINTER = ("2024-12-30 01:00", "2025-02-03 00:00")
STATIONS = ("1141A", "1142A", "1143A")
MONTHS = ("2024-12", "2025-01", "2025-02")
SECRET = "ge'heim/1"


def unavailable(what: str, package: str, variable: str) -> None:
    """Skip with the reason; fail where the environment asks for the engine."""
    told = f"{what} is not here: install the package {package} to run these tests"
    if os.environ.get(variable) == "1":
        pytest.fail(told)
    pytest.skip(told)


# PostgreSQL


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on loopback."""

    port: int
    folder: Path

    def url(self, database: str, password: str = "ge%27heim%2F1") -> str:
        return f"postgresql://bsh:{password}@127.0.0.1:{self.port}/{database}"


def programs() -> Path:
    """The folder of Debian's ``initdb`` and ``postgres``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        unavailable("PostgreSQL", "postgresql (Debian)", "BSH_REQUIRE_POSTGRES")
    return found[-1].parent


def as_server_user(*command: str) -> list[str]:
    """The command as the user that owns the server: PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else [*command]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server of the tests' own, stopped and removed at the end."""
    bin_ = programs()
    # Not under pytest's folder, which another user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="bsh-postgres-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    secret = folder / "secret"
    secret.write_text(SECRET, "utf-8")
    secret.chmod(0o644)
    data, port = folder / "data", free_port()
    quiet: dict[str, Any] = {"check": True, "capture_output": True, "timeout": 120, "cwd": "/"}
    try:
        initdb = [str(bin_ / "initdb"), "-D", str(data), "-U", "bsh", "-A", "scram-sha-256"]
        more = ["--pwfile", str(secret), "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(as_server_user(*initdb, *more), **quiet)
        pg_ctl = [str(bin_ / "pg_ctl"), "-D", str(data), "-w", "-t", "60"]
        settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        start = [*pg_ctl, "-l", str(folder / "log"), "-o", settings, "start"]
        # The server would keep a captured pipe open and the call from returning.
        subprocess.run(
            as_server_user(*start),
            **{**quiet, "capture_output": False, "stdout": subprocess.DEVNULL},
        )
        try:
            yield Server(port, folder)
        finally:
            subprocess.run(as_server_user(*pg_ctl, "-m", "immediate", "stop"), **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: Server, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    import psycopg

    name = f"t{abs(hash(request.node.nodeid))}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.url(name)


@pytest.fixture
def postgres(own_project: OwnProject, database: str) -> Store:
    own_project.write("config.toml", f'[store]\nurl = "{database}"\n')
    return open_store(own_project.open())


@pytest.fixture
def files(project: Project, tmp_path: Path) -> FileStore:
    return FileStore(project, tmp_path / "readings")


def one(value: float, item: str = "co") -> pd.DataFrame:
    at = pd.Timestamp("2025-01-01 08:00")
    return pd.DataFrame({"station": ["1141A"], "time": [at], item: [value]})


def four_imports(store: Store, rows: pd.DataFrame) -> list[Written]:
    """Rows in parts; the same again; some corrected, some left blank; some given twice."""
    corrected = rows.iloc[100:400].assign(pm25=rows["pm25"] + 3, co=np.nan)
    twice = pd.concat([rows.iloc[:50], rows.iloc[:50].assign(so2=7.0)])
    parts = (rows.iloc[at : at + 500] for at in range(0, len(rows), 500))
    note = 'line 1\nline "two", three; 四'
    return [
        store.write("air", parts, INFO),
        store.write("air", rows, INFO),
        store.write("air", corrected, INFO),
        store.write("air", twice, replace(INFO, note=note)),
    ]


def test_both_stores_tell_the_same_of_the_same_imports(postgres: Store, files: FileStore) -> None:
    rows = hourly(*WINTER, stations=STATIONS)
    ours, theirs = four_imports(files, rows), four_imports(postgres, rows)
    assert ours == theirs
    first, again, corrected, twice = ours
    assert first.stored == again.unchanged == int(rows[list(ITEMS)].count().sum())
    assert corrected.replaced == int(rows.iloc[100:400]["pm25"].count())
    assert twice.repeated == int(rows.iloc[:50][list(ITEMS)].count().sum())
    assert files.extent("air") == postgres.extent("air")
    assert files.months("air") == postgres.months("air") == MONTHS
    for ask in (
        lambda store: store.hours("air"),
        lambda store: store.hours("air", ["1142A"], "2025-01-31", "2025-02-01", ["o3", "co"]),
        lambda store: store.corrections("air"),
        lambda store: store.corrections("air", 3),
        lambda store: store.batches("air"),
    ):
        left, right = (
            ask(store).drop(columns="when", errors="ignore") for store in (files, postgres)
        )
        assert len(left)
        order = [name for name in ("batch", "station", "time", "item") if name in left]
        pd.testing.assert_frame_equal(
            left.sort_values(order, ignore_index=True), right.sort_values(order, ignore_index=True)
        )
    assert len(corrected.corrections) == len(theirs[2].corrections) == corrected.replaced


def test_postgresql_and_duckdb_give_the_same_days(postgres: Store, files: FileStore) -> None:
    rows = hourly(*WINTER, stations=STATIONS)
    for store in (postgres, files):
        store.write("air", rows, INFO)
    expected = expected_days(rows)
    assert len(expected) == 3 * 35
    assert_same(postgres.days("air"), expected)
    assert_same(files.days("air"), postgres.days("air"))
    asked = ("air", ["1143A", "1141A"], "2025-01-01", "2025-01-31")
    assert len(postgres.days(*asked)) == 62
    assert_same(files.days(*asked), postgres.days(*asked))


def test_an_empty_database_has_no_readings(postgres: Store) -> None:
    assert not postgres.exists("air")
    assert postgres.digest("air") == ""
    assert postgres.extent("air").rows == 0
    assert postgres.months("air") == ()
    assert len(postgres.hours("air")) == len(postgres.days("air")) == 0
    assert postgres.batches("air").dtypes.astype(str).to_dict() == BATCH_COLUMNS
    assert postgres.corrections("air").dtypes.astype(str).to_dict() == CORRECTION_COLUMNS
    assert postgres.verify("air") == 0


def test_the_digest_of_a_database_changes_with_its_readings_alone(postgres: Store) -> None:
    postgres.write("air", one(0.8), INFO)
    before = postgres.digest("air")
    postgres.write("air", one(0.8), INFO)
    assert postgres.digest("air") == before
    postgres.write("air", one(0.9), INFO)
    assert postgres.digest("air") != before


def test_a_faulty_import_into_a_database_stores_nothing(postgres: Store) -> None:
    postgres.write("air", one(0.8), INFO)
    with pytest.raises(DataError, match="co 为 -99，超出范围"):
        postgres.write("air", iter([one(0.9), one(-99)]), INFO)
    assert postgres.hours("air")["co"].tolist() == [0.8]
    assert postgres.batches("air")["batch"].tolist() == [1]


def test_a_second_import_into_a_database_waits_and_then_says_so(postgres: Store) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow() -> Iterator[pd.DataFrame]:
        started.set()
        yield one(0.8)
        go_on.wait(20)

    first = threading.Thread(target=lambda: postgres.write("air", slow(), INFO))
    first.start()
    assert started.wait(20)
    impatient = replace(postgres, patience=0.2)  # type: ignore[type-var]
    with pytest.raises(DataError, match="另一个导入正在写入 bsh_readings_air"):
        impatient.write("air", one(0.9), INFO)
    assert not postgres.exists("air")  # readers do not wait, and see what is finished
    go_on.set()
    first.join(20)
    assert postgres.hours("air")["co"].tolist() == [0.8]


def test_an_item_declared_later_becomes_a_column(own_project: OwnProject, database: str) -> None:
    own_project.write("config.toml", f'[store]\nurl = "{database}"\n')
    open_store(own_project.open()).write("air", one(0.8), INFO)
    own_project.write(
        "data/readings/air.toml",
        own_project.shipped("data/readings/air.toml")
        + '\n[items.bc]\ntitle = { zh = "黑碳", en = "Black carbon" }\nunit = "μg/m³"\n'
        "min = 0\nmax = 1000\ndecimals = 1\n",
    )
    store = open_store(replace(own_project.open(), version="more"))
    assert store.hours("air")["bc"].isna().all()
    assert store.extent("air").values["bc"] == 0
    store.write("air", one(3.5, "bc"), INFO)
    row = store.hours("air").iloc[0]
    assert (row["co"], row["bc"], row["batch"]) == (0.8, 3.5, 2)


def test_the_password_may_come_from_the_environment(
    own_project: OwnProject, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url("postgres").replace(":ge%27heim%2F1@", "@")
    own_project.write("config.toml", f'[store]\nurl = "{url}"\n')
    monkeypatch.setenv("PGPASSWORD", SECRET)
    assert not open_store(own_project.open()).exists("air")


def test_a_wrong_password_is_told_without_it(own_project: OwnProject, server: Server) -> None:
    own_project.write("config.toml", f'[store]\nurl = "{server.url("postgres", "falsch-77")}"\n')
    with pytest.raises(DataError, match=r"无法连接 PostgreSQL 读数库 127\.0\.0\.1") as fault:
        open_store(own_project.open()).exists("air")
    assert "falsch-77" not in fault.value.zh + fault.value.en
    assert "\n" not in fault.value.zh
    assert "password authentication failed" in fault.value.en


def test_a_server_that_is_not_there_is_told_in_one_sentence(own_project: OwnProject) -> None:
    port = free_port()
    own_project.write("config.toml", f'[store]\nurl = "postgresql://bsh:geheim@127.0.0.1:{port}/x"')
    store = open_store(own_project.open())
    for ask in (store.exists, store.hours, lambda net: store.write(net, one(0.8), INFO)):
        begun = time.monotonic()
        with pytest.raises(DataError) as fault:
            ask("air")
        assert time.monotonic() - begun < 10
        assert f"127.0.0.1:{port}/x" in fault.value.zh
        assert fault.value.en.startswith("Cannot connect to the PostgreSQL store")
        assert "geheim" not in fault.value.zh + fault.value.en
        assert "\n" not in fault.value.zh


def test_a_database_that_refuses_to_write_is_told(
    own_project: OwnProject, server: Server, database: str
) -> None:
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    own_project.write("config.toml", f'[store]\nurl = "{database}"\n')
    store = open_store(own_project.open())
    with pytest.raises(DataError, match=r"PostgreSQL 读数库 .*read-only transaction"):
        store.write("air", one(0.8), INFO)


# Ibis asks pandas 3 for an option that pandas no longer heeds.
@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option is deprecated")
def test_the_ibis_backend_of_postgresql_takes_the_same_expression(
    postgres: Store, project: Project, database: str
) -> None:
    rows = hourly(*WINTER, stations=STATIONS)
    postgres.write("air", rows, INFO)
    network = network_of(project, "air")
    backend = ibis.connect(database)
    try:
        table = backend.table("bsh_readings_air")
        found = store_queries.days(network, table).execute()
    finally:
        backend.disconnect()
    assert_same(found.astype(dict(expected_days(rows).dtypes)), expected_days(rows))


# Spark


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark with two workers in this process, on loopback alone."""
    if shutil.which("java") is None:
        unavailable("Java", "default-jre-headless (Debian)", "BSH_REQUIRE_SPARK")
    if find_spec("pyspark") is None:
        unavailable("Spark", "pyspark", "BSH_REQUIRE_SPARK")
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"  # else it looks for an outer address
    folder = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "Asia/Shanghai",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder),
        "spark.driver.memory": "1g",
        "spark.log.level": "ERROR",
    }
    building = SparkSession.builder.master("local[2]").appName("bsh")
    for key, value in settings.items():
        building = building.config(key, value)
    session = building.getOrCreate()
    yield session
    session.stop()


# PySpark leaves its sockets to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
# It hands pandas 3 an argument that pandas no longer heeds, and Ibis asks for such an option.
@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")
@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option is deprecated")
def test_spark_and_duckdb_give_the_same_days(
    spark: Any, files: FileStore, project: Project
) -> None:
    rows = hourly(*WINTER, stations=STATIONS)
    files.write("air", rows, INFO)
    assert files.folder
    months = files.folder / "air" / "months"
    assert len(list(months.iterdir())) == 3
    backend = ibis.pyspark.connect(spark)
    table = backend.read_parquet(str(months), table_name="readings")
    network = network_of(project, "air")
    found = store_queries.days(network, table).execute()
    assert_same(found.astype(dict(expected_days(rows).dtypes)), expected_days(rows))
    assert_same(files.days("air"), expected_days(rows))
    counted = store_queries.totals(network, table).execute().iloc[0]
    assert {item: counted[item] for item in ITEMS} == files.extent("air").values


def test_the_test_s_own_days_have_gaps_to_be_equal_about() -> None:
    days = expected_days(hourly(*WINTER, stations=STATIONS))
    assert days["o3_8h_windows"].nunique() > 3
    assert days["pm25_hours"].nunique() > 5
    assert days["pm25_hours"].min() < 20
