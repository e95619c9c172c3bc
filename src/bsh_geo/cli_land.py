"""The command ``land``: a raster measured in zones, and the change between two rasters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, done, opened, write
from bsh_geo.errors import DataError, unknown_name

FORMATS = ("csv", "xlsx", "gpkg")


def register(app: typer.Typer) -> None:
    """Add the command of this module to ``app``."""
    app.command("land")(land)


RasterArgument = Annotated[
    str, typer.Argument(help="GeoTIFF 文件或内置栅格编号 / GeoTIFF, or the id of a raster")
]
OutOption = Annotated[
    Path, typer.Option("-o", "--output", help="csv、xlsx 或 gpkg 文件 / file to write")
]
ZonesOption = Annotated[
    str,
    typer.Option(
        "--zones",
        help="districts、districts_land、red_line、wetlands 或面文件 / or a file of polygons",
    ),
]
ClassesOption = Annotated[
    str | None,
    typer.Option("--classes", help="类别表编号，none 为不命名 / class table id, none for codes"),
]
ValuesOption = Annotated[
    bool,
    typer.Option("--values/--no-values", help="按连续数值统计 / measure amounts, not classes"),
]
ChangeOption = Annotated[
    str | None,
    typer.Option("--change", help="后一时期的栅格，统计变化 / later raster to compare with"),
]
BandOption = Annotated[int | None, typer.Option("--band", help="波段 / band", min=1)]
ZonesCrsOption = Annotated[
    str | None,
    typer.Option("--zones-crs", help="面文件缺坐标系时指定 / CRS of a file without one"),
]


def land(
    raster: RasterArgument,
    output: OutOption,
    zones: ZonesOption = "districts_land",
    classes: ClassesOption = None,
    values: ValuesOption = False,
    change: ChangeOption = None,
    band: BandOption = None,
    zones_crs: ZonesCrsOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """按分区统计栅格 / Measure a raster in zones."""
    here = opened(project, lang)

    def action() -> list[str]:
        from bsh_geo import land_files, land_job, land_zone_files

        form = _form(output)
        _check_amounts(values, classes, change)
        where = land_zone_files.chosen(here, zones, zones_crs)
        first = land_job.source_of(here, raster, band)
        later = None if change is None else land_job.source_of(here, change, band)
        with _bar(lang) as tell:
            found, changed = land_job.run(
                here, first, where, classes, "values" if values else None, later, tell
            )
        write(output, land_files.to_bytes(found, form, lang, changed))
        return [one.get(lang) for one in (*found.remarks, *(changed.remarks if changed else ()))]

    for line in done(action, lang):
        typer.echo(line, err=True)
    typer.echo(str(output))


def _check_amounts(values: bool, classes: str | None, change: str | None) -> None:
    if values and (classes is not None or change is not None):
        raise DataError(
            "--values 不能与 --classes、--change 同时使用：变化与类别表只适用于分类栅格。",
            "--values does not go with --classes or --change: both are for rasters of classes.",
        )


def _form(output: Path) -> str:
    form = output.suffix.removeprefix(".").lower()
    if form not in FORMATS:
        raise unknown_name("导出格式", "export format", form or str(output), FORMATS)
    return form


@contextmanager
def _bar(lang: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on stderr, where that is a terminal; it is gone when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns: list[Any] = [
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    ]
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("统计" if lang == "zh" else "Measuring", total=1.0)
        yield lambda share: bar.update(task, completed=share)
