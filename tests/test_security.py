"""What ``docs/security.md`` and ``docs/nginx.conf`` promise is what the server does."""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib
import inspect
import re
import tomllib
from pathlib import Path

import fuzz_targets
import hostile
import pytest
import streamlit

from bsh_geo import (
    api,
    api_guard,
    api_query,
    cli,
    cli_api,
    deliveries,
    limits_in,
    project_folder,
    rasters,
    reading_import,
    roles,
    site_files,
)
from bsh_geo.project import Project, open_project
from bsh_geo.ui import land_page, sitecheck_page

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "bsh_geo"
DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")
NGINX = (ROOT / "docs" / "nginx.conf").read_text("utf-8")
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
MOST_MB = SETTINGS["server"]["maxUploadSize"]


def test_the_shipped_settings_protect_the_server() -> None:
    server = SETTINGS["server"]
    assert server["enableXsrfProtection"] is True
    assert server["enableCORS"] is True
    assert server["enableStaticServing"] is False
    assert server["maxUploadSize"] == 200
    assert server["maxMessageSize"] <= 200
    assert SETTINGS["browser"]["gatherUsageStats"] is False
    assert SETTINGS["client"]["showErrorDetails"] == "none"
    # Names of headers that a client could send to be somebody else.
    assert "trustedUserHeaders" not in server


def test_both_servers_listen_at_this_machine_alone() -> None:
    for command in (cli.serve, cli_api.api):
        assert inspect.signature(command).parameters["address"].default == "127.0.0.1"


# Uploads -----------------------------------------------------------------------------------------


def uploaders() -> dict[str, ast.Call]:
    """Every call of ``file_uploader`` by module and line."""
    found = {}
    for path in sorted((SOURCE / "ui").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr == "file_uploader":
                found[f"{path.stem}:{node.lineno}"] = node
    return found


def test_no_page_offers_to_take_more_than_the_server_takes() -> None:
    # Streamlit refuses whatever is above ``maxUploadSize``, whatever a page says.
    calls = uploaders()
    assert len(calls) >= 4
    for place, call in calls.items():
        module = importlib.import_module(f"bsh_geo.ui.{place.partition(':')[0]}")
        given = {one.arg: one.value for one in call.keywords}
        assert "max_upload_size" in given, place
        most = eval(ast.unparse(given["max_upload_size"]), vars(module))
        assert 1 <= most <= MOST_MB, (place, most)


def test_uploaded_bytes_are_kept_in_no_cache_that_users_share() -> None:
    """A cached function takes no bytes, unless it is cached for its session alone."""
    cached = 0
    for path in sorted((SOURCE / "ui").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                marks = [ast.unparse(one) for one in node.decorator_list]
                if not any("st.cache_" in one for one in marks):
                    continue
                cached += 1
                kinds = [ast.unparse(one.annotation or ast.Name("")) for one in node.args.args]
                private = any("scope='session'" in one for one in marks)
                takes = [one for one in kinds if one in ("bytes", "Given", "Source", "Asked")]
                assert private or not takes, f"{path.name}: {node.name}"
    assert cached >= 5


# What a spreadsheet would run --------------------------------------------------------------------

KEPT_AS_GIVEN = {
    "own_write": "data files of the project, read back as they stand",
    "intake": "data files of the project, read back as they stand",
    "own_database": "rows of a database, as the file that an import reads",
}
"""Modules that write CSV files which are no exports."""


def test_every_export_as_csv_disarms_formulas() -> None:
    writers = [
        path.stem
        for path in sorted(SOURCE.glob("*.py"))
        if re.search(r"\.to_csv\(|csv\.writer\(|csv\.DictWriter\(", path.read_text("utf-8"))
    ]
    assert len(writers) >= 5
    lacking = [one for one in writers if "neutral" not in (SOURCE / f"{one}.py").read_text("utf-8")]
    assert lacking == sorted(KEPT_AS_GIVEN)


def test_every_workbook_is_written_cell_by_cell_as_text() -> None:
    makers = [
        path
        for path in sorted(SOURCE.glob("*.py"))
        if re.search(r"\bWorkbook\(\)", path.read_text("utf-8"))
    ]
    assert len(makers) >= 5
    for path in makers:
        text = path.read_text("utf-8")
        assert re.search(r"\b(put|fill)\(", text), path.name
        assert not re.search(r"(sheet|page)\.append\(", text), path.name


# The proxy ---------------------------------------------------------------------------------------


def policy() -> dict[str, list[str]]:
    """The Content-Security-Policy of the proxy by directive."""
    found = re.search(r'add_header Content-Security-Policy "(.*?)" always;', NGINX)
    assert found
    return {one.split()[0]: one.split()[1:] for one in found.group(1).split("; ")}


def test_the_proxy_takes_what_the_server_takes() -> None:
    sizes = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    # One megabyte more for the form around the file.
    assert [int(one) for one in sizes] == [MOST_MB + 1]
    assert f"maxUploadSize of .streamlit/config.toml is {MOST_MB};" in NGINX


def test_the_proxy_asks_the_servers_where_they_listen_by_default() -> None:
    ports = {
        name: inspect.signature(command).parameters["port"].default
        for name, command in (
            ("/", cli.serve),
            (f"/{deliveries.ROUTE}/", cli.serve),
            ("/ogc/", cli_api.api),
        )
    }
    for location, port in ports.items():
        block = re.search(rf"location {location} \{{(.*?)\n    \}}", NGINX, re.DOTALL)
        assert block and f"proxy_pass http://127.0.0.1:{port}" in block.group(1)


def test_the_proxy_hides_no_page_of_the_app() -> None:
    pages = re.findall(r'url_path="(\w+)"', (ROOT / "app.py").read_text("utf-8"))
    assert len(pages) >= 8
    locations = re.findall(r"location (?:~ )?\^?/(\w+)", NGINX)
    assert locations == ["mapdata", "_stcore", "ogc"]
    assert not set(locations) & set(pages)


def test_a_session_stays_open_and_is_known_by_its_own_host() -> None:
    block = re.search(r"location / \{(.*?)\n    \}", NGINX, re.DOTALL)
    assert block
    for line in ("Upgrade $http_upgrade", "Connection $bsh_connection", "Host $http_host"):
        assert f"proxy_set_header {line};" in block.group(1)
    assert "proxy_http_version 1.1;" in block.group(1)
    assert 'proxy_cookie_path / "/; Secure";' in block.group(1)


def test_the_proxy_sends_the_headers_that_the_document_names() -> None:
    sent = set(re.findall(r"^    add_header ([\w-]+) ", NGINX, re.MULTILINE))
    assert sent == {
        *("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options"),
        *("Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"),
        "Strict-Transport-Security",
    }
    assert {one for one in sent if f"`{one}`" not in DOCUMENT} == set()


def test_the_policy_lets_no_other_host_in() -> None:
    found = policy()
    assert found["default-src"] == ["'self'"]
    assert found["object-src"] == ["'none'"]
    assert found["frame-ancestors"] == ["'self'"]
    allowed = {one for listed in found.values() for one in listed}
    assert allowed <= {"'self'", "'none'", "'unsafe-inline'", "data:", "$bsh_scripts"}
    assert "'unsafe-inline'" not in found["script-src"]


def test_the_policy_runs_the_one_script_that_streamlit_s_page_holds() -> None:
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    inline = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    marks = [base64.b64encode(hashlib.sha256(one).digest()).decode() for one in inline]
    assert marks
    default = re.search(r'default +"(.*?)";', NGINX)
    assert default
    assert default.group(1).split() == [
        "'self'",
        "'wasm-unsafe-eval'",
        *(f"'sha256-{one}'" for one in marks),
    ]


# The document ------------------------------------------------------------------------------------


def blocks(kind: str) -> list[str]:
    """The examples of a kind in the document."""
    return re.findall(rf"```{kind}\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_document_states_every_limit_as_it_is() -> None:
    stated = dict(re.findall(r"^\| `(\w+)` \| ([\d,]+(?: MB)?) \|", DOCUMENT, re.MULTILINE))
    caps = {
        name: value
        for name, value in vars(limits_in).items()
        if name.startswith("MOST_") or name == "FREE_BYTES"
    }
    assert len(caps) > 15
    real = {
        name: f"{value >> 20:,} MB" if name.endswith("BYTES") else f"{value:,}"
        for name, value in caps.items()
    }
    assert stated == {**real, "maxUploadSize": f"{MOST_MB} MB"}


@pytest.mark.parametrize(
    "said",
    [
        f"场址 {site_files.MOST_SITES:,}",
        f"场址、分区页 {sitecheck_page.UPLOAD_MB} MB",
        f"造出 {len(hostile.corpus(1, ROOT))} 个坏文件",
        f"对 {len(fuzz_targets.TARGETS)} 个入口",
        f"{len(fuzz_targets.TARGETS)} entry points are fuzzed",
        f"{len(hostile.corpus(1, ROOT))} bad and hostile files",
        f"{reading_import.UPLOAD.members} 个文件、解压后 {reading_import.UPLOAD.size >> 30} GB、"
        f"{reading_import.UPLOAD.ratio} 倍",
        f"{rasters.MOST_CELLS:,} 个像元、单块 {rasters.MOST_BLOCK_BYTES >> 20} MB",
        f"每次至多 {api_query.MOST:,} 条、查询 {api_guard.LONGEST_QUERY:,} 字节、"
        f"路径 {api_guard.LONGEST_PATH} 字节、同时 {api.CONNECTIONS} 个请求",
    ],
)
def test_the_document_states_the_other_limits_as_they_are(said: str) -> None:
    assert said in DOCUMENT


def test_both_pages_that_take_less_take_the_same() -> None:
    assert sitecheck_page.UPLOAD_MB == land_page.ZONES_MB


def test_the_example_of_roles_says_what_the_document_says(tmp_path: Path) -> None:
    example = next(one for one in blocks("toml") if "[access]" in one)
    (tmp_path / "config.toml").write_text(example, encoding="utf-8")
    stated = roles.rules(open_project(tmp_path))
    assert stated.login
    people = ("li@bureau.example", "wang@bureau.example", "x@other.example", "")
    assert [roles.role(stated, one) for one in people] == ["editor", "viewer", "none", "none"]


def test_the_example_of_the_login_has_what_streamlit_asks_for() -> None:
    example = next(one for one in blocks("toml") if "[auth]" in one)
    assert set(tomllib.loads(example)["auth"]) == {
        *("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
    }


def test_a_new_project_folder_shows_how_to_say_who_may() -> None:
    taken = re.sub(r"^# (?=\[access\]|view|import|require_login)", "", project_folder.CONFIG,
                   flags=re.MULTILINE)  # fmt: skip
    said = tomllib.loads(taken)["access"]
    assert set(said) == set(roles.KEYS)


def test_settings_of_the_server_come_from_the_server_alone() -> None:
    """Only the project's own ``config.toml`` names addresses: nothing that is uploaded is one."""
    assert Project.config.attrname == "config"
    readers = {
        path.stem
        for path in SOURCE.rglob("*.py")
        if re.search(r"\.config\.get\(\"(basemap|store)\"", path.read_text("utf-8"))
    }
    assert readers == {"map_frame", "store", "air_figures", "manifest"}
