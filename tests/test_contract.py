"""The import contract: modules know only what stands before them in the flow."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "bsh_geo"

ORDER = (
    # Data: from files to what a map shows.
    *(
        "errors",
        "drivers",
        "limits_in",
        "parquet_bounds",
        "book_bounds",
        "book_merges",
        "dbf_names",
        "own_journal",
        "project",
        "roles",
        "periods",
        "catalogue",
    ),
    *("outlines", "crs", "within", "long_tables", "frames", "classes", "observations"),
    *("areas", "units", "redline"),
    *("networks", "store_records", "store_queries", "store_manifest", "store_engine"),
    *("store_reader", "store_writer", "store_files", "store_tables", "store_database", "store"),
    *("reading_cells", "reading_times", "reading_units", "reading_text"),
    *("reading_books", "reading_archives"),
    *("reading_files", "reading_mapping", "reading_shapes", "reading_stations", "reading_rows"),
    *("reading_tables", "reading_plan", "reading_run"),
    *("standards", "aqi", "limits", "air_reasons", "air_days", "air_areas", "air_periods"),
    *("air_statistics", "air_trend"),
    *(
        "origins",
        "targets",
        "assessment",
        "gaps",
        "changes",
        "mapspec",
        "parks",
        "unit_figures",
        "join",
        "air_classes",
        "air_figures",
        "water_standards",
        "water",
        "water_figures",
        "water_map",
        "wetlands",
        "bays",
        "bay_texts",
        "places",
        "wording",
    ),
    *(
        "nodes",
        "coverage",
        "rasters",
        "raster_store",
        "cell_area",
        "sampling",
        "land_walk",
        "land_amounts",
        "land",
    ),
    *("land_classes", "land_change", "land_zones", "land_report", "land_change_report"),
    *("land_published", "land_job", "raster_image", "land_layer"),
    *("sentences", "choropleth", "parts"),
    *("labels", "figures", "notes", "own_cited", "tables", "air_map", "compose", "comparison"),
    *("water_report", "bay_report", "wetland_change", "wetland_report"),
    *("given", "paths", "walks", "residents", "park_access", "park_gaps", "park_people"),
    *("park_words", "park_report", "park_map"),
    *(
        "coordinates",
        "site_tables",
        "site_guards",
        "site_files",
        "site_geometry",
        "sites",
        "registers",
        "relations",
    ),
    *("redline_report", "sitecheck", "sitecheck_words", "sitecheck_map"),
    # Renderers: the printed page, then the browser.
    *("print_options", "fonts", "marks", "themes", "trend", "legend", "panel", "furniture"),
    *("print_frame", "zoom", "inset", "print_labels", "print_table", "page_grid"),
    *("page_foot", "page_layout"),
    *(
        "drawing",
        "snapshot",
        "comparison_page",
        "charts",
        "station_charts",
        *("deliveries", "map_shapes", "vector_tiles", "tile_pyramid", "tile_files"),
        *("tile_job", "tile_sets"),
        "folium_map",
        "exports",
    ),
    # Briefings: templates filled, then written in each form.
    *("links", "zip_files", "standings", "briefing", "briefing_pages", "briefing_fields"),
    *("briefing_words", "briefing_tables", "briefing_blocks", "briefing_fill"),
    *("map_pictures", "table_widths"),
    *("flow_blocks", "flow_pages", "flow_files"),
    *("slide_base", "slide_legend", "slide_objects", "slide_plans", "slides"),
    *("word_styles", "word_files"),
    *("standalone", "manifest"),
    # Doors.
    *(
        "listing",
        "water_files",
        "land_zone_files",
        "land_files",
        "sheets",
        "template",
        "sheet_rows",
        "workbook",
        "intake",
        "check",
        "server",
    ),
    *("orders", "figure_sheets", "area_tables", "atlas", "pack_log", "pack", "reproduction"),
    "pack_run",
    *("columns", "gis_classes", "gis_layers", "gis_history", "qgis_styles", "gis_files"),
    "export_files",
    *("api_query", "api_store", "api_documents", "api_tables", "api_guard", "api"),
    *("sitecheck_report", "sitecheck_print"),
    *("reading_import", "reading_lines", "reading_aqi", "reading_status"),
    *("own_datum", "own_values", "own_tables", "own_book", "own_report", "own_report_files"),
    *("own_names", "own_toml"),
    *("own_files", "own_places", "own_suspicion", "own_crs", "own_shapes", "own_kinds"),
    "park_uploads",
    *("own_options", "own_fields", "own_cells", "own_frame", "own_rows", "own_figures"),
    *(
        "own_write",
        "own_units",
        "own_targets",
        "own_preview",
        "own_marks",
        "own_history",
        "own_raster_look",
        "own_raster_classes",
        "own_raster",
        "own_import",
        "grids",
        "database_sources",
        "database_link",
        "database_tables",
        "database_reader",
        "own_database",
    ),
    *("project_folder", "settings", "doctor"),
    *("cli_app", "cli_import", "cli_targets", "cli_readings", "cli_land", "cli_sitecheck"),
    *(
        "cli_parks",
        "cli_compare",
        "cli_briefing",
        "cli_water",
        "cli_own",
        "cli_api",
        "cli",
        "__main__",
        "ui",
    ),
)
"""From the files to the doors; a module may import any that stands before it, and no other."""

UI_ORDER = (
    *(
        "text",
        "state",
        "served",
        "traces",
        "traced_rows",
        "facts",
        "map_server",
        "app_state",
        "visitor",
        "shell",
        "guard",
    ),
    "door",
    *("period_control", "water_control", "station_panel"),
    *(
        "map_frame",
        "screen_extent",
        "data_page",
        "map_page",
        "progress_html",
        "progress_page",
        "parks_html",
        "parks_files",
        "parks_page",
    ),
    *("sitecheck_html", "sitecheck_page"),
    *("land_html", "land_page"),
    "compare_page",
    "briefing_page",
    *("import_steps", "import_look", "import_drawn", "import_map", "import_raster"),
    *("import_own", "import_uses", "import_readings"),
    *("import_targets", "import_looks", "import_html", "import_said"),
    *("import_columns", "import_beside", "import_past", "import_database", "import_page"),
)
"""The same for the pages of the app."""

PRINT = set(ORDER[ORDER.index("fonts") : ORDER.index("snapshot") + 1])
"""The printed page."""

ONLY = {
    "streamlit": {"ui"},
    "streamlit_folium": {"ui"},
    "folium": {"folium_map", "ui"},
    "branca": {"folium_map"},
    "matplotlib": PRINT | {"charts", "comparison_page", "flow_files"},
    "PIL": PRINT | {"flow_files"},
    "fontTools": {"fonts"},
    "pyogrio": {"drivers", "frames", "given", "site_files", "gis_files"},
    "rasterio": {"rasters", "raster_store"},
    "pptx": {"slide_base", "slide_legend", "slide_objects", "slides"},
    "docx": {"word_styles", "word_files"},
    "pydantic": {
        "catalogue",
        "standards",
        "limits",
        "networks",
        "water_standards",
        "wetlands",
        "bays",
        "settings",
        "database_sources",
    },
    "ibis": {"store_queries", "store_tables"},
    "duckdb": {"store_engine", "store_writer"},
    "pyarrow": {
        "store_engine",
        "store_reader",
        "store_writer",
        "store_files",
        "store_tables",
        "reading_cells",
        "reading_text",
        "reading_books",
        "reading_files",
        "reading_rows",
        "gis_files",
        "parquet_bounds",
        "long_tables",
        "own_tables",
        "own_cells",
        "own_values",
    },
    "starlette": {"api", "api_guard", "ui"},
    "uvicorn": {"api"},
    "pmtiles": {"tile_files", "tile_sets"},
    "psycopg": {
        "store_tables",
        "store_database",
        "database_link",
        "database_tables",
        "database_reader",
    },
    "filelock": {"store_manifest", "own_journal"},
    "typer": {
        "cli",
        "cli_app",
        "cli_targets",
        "cli_parks",
        "cli_own",
        "cli_sitecheck",
        "cli_land",
        "cli_import",
        "cli_readings",
        "cli_api",
        "cli_compare",
        "cli_briefing",
        "cli_water",
    },
    "openpyxl": {
        "water_files",
        "listing",
        "figure_sheets",
        "template",
        "sheet_rows",
        "sitecheck_report",
        "land_files",
        "reading_books",
        "book_bounds",
        "book_merges",
        "own_book",
        "site_tables",
    },
    "rich": {"listing", "cli_land", "cli_readings", "reading_lines"},
}
"""Libraries that only these modules may import, so that they can be replaced in one place."""


def modules() -> dict[str, Path]:
    """Files of the package by dotted name, such as ``areas`` and ``ui.state``."""
    found = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "__init__.py"
    }
    assert len(found) > 25
    return found


def imported(path: Path) -> set[str]:
    """Dotted names of everything a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path.name} imports relatively"
            whole = node.module in ("bsh_geo", "bsh_geo.ui")
            found |= {f"{node.module}.{one.name}" if whole else node.module for one in node.names}
    return found


def ours(path: Path) -> set[str]:
    """Modules of the package that a file imports, without the package's name."""
    names = {
        name.removeprefix("bsh_geo.") for name in imported(path) if name.startswith("bsh_geo.")
    }
    return names & set(modules())


def test_every_module_has_its_place_in_the_order() -> None:
    found = {name.split(".")[0] for name in modules()}
    assert found == set(ORDER)
    assert {name.removeprefix("ui.") for name in modules() if name.startswith("ui.")} == set(
        UI_ORDER
    )


@pytest.mark.parametrize("name", sorted(modules()))
def test_a_module_imports_only_what_stands_before_it(name: str) -> None:
    first, _, page = name.partition(".")
    before = set(ORDER[: ORDER.index(first)])
    if page:
        before |= {f"ui.{one}" for one in UI_ORDER[: UI_ORDER.index(page)]}
    assert ours(modules()[name]) - before == set()


def test_the_modules_do_import_each_other() -> None:
    assert sum(len(ours(path)) for path in modules().values()) > 80


@pytest.mark.parametrize("library", sorted(ONLY))
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    found = {
        name.split(".")[0]
        for name, path in modules().items()
        if library in {one.split(".")[0] for one in imported(path)}
    }
    assert found <= ONLY[library]


def test_only_the_map_s_frame_of_the_app_imports_folium() -> None:
    found = {
        name
        for name, path in modules().items()
        if name.startswith("ui.")
        and {"folium", "streamlit_folium"} & {one.split(".")[0] for one in imported(path)}
    }
    assert found == {"ui.map_frame"}


def test_no_module_is_without_a_first_sentence() -> None:
    for name, path in modules().items():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), name


def test_no_broad_except_and_no_print_and_continue() -> None:
    broad = [
        f"{name}:{node.lineno}"
        for name, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]
    assert broad == []


def in_a_new_interpreter(code: str) -> object:
    """What ``code`` prints as JSON on its last line."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        cwd=PACKAGE.parent,  # where Streamlit finds no config.toml of its own to read
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_no_file_of_the_project_is_read_at_import() -> None:
    names = [f"bsh_geo.{name}" for name in modules() if name not in ("__main__",)]
    code = f"""
import sys, json, importlib
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
for name in {names!r}:
    importlib.import_module(name)
print(json.dumps(opened))
"""
    opened = in_a_new_interpreter(code)
    assert isinstance(opened, list)
    assert opened
    root = str(PACKAGE.parents[1])
    data = [
        path
        for path in opened
        if path.startswith(root)
        and not path.startswith(sys.prefix)  # the environment may stand inside the checkout
        and not re.search(r"\.py[co]?(\.\d+)?$", path)
    ]
    assert data == []


def test_the_command_starts_without_the_heavy_libraries() -> None:
    code = """
import sys, json
import bsh_geo.cli
heavy = ("geopandas", "pandas", "matplotlib", "streamlit", "folium", "shapely", "openpyxl")
print(json.dumps([name for name in heavy if name in sys.modules]))
"""
    assert in_a_new_interpreter(code) == []


def test_a_map_is_composed_without_the_libraries_of_the_doors() -> None:
    code = """
import sys, json
import bsh_geo.compose, bsh_geo.check
heavy = ("matplotlib", "streamlit", "folium", "branca", "typer", "mapclassify")
print(json.dumps([name for name in heavy if name in sys.modules]))
"""
    assert in_a_new_interpreter(code) == []
