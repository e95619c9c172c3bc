"""The command ``bsh-geo``: serve, layers, check, snapshot, export; targets see ``cli_targets``.

Exit codes: 0 done; 1 ``check`` found faults; 2 what was asked for is wrong, said in a sentence.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bsh_geo import (
    __version__,
    cli_api,
    cli_briefing,
    cli_compare,
    cli_import,
    cli_land,
    cli_own,
    cli_parks,
    cli_readings,
    cli_sitecheck,
    cli_targets,
    cli_water,
)
from bsh_geo.cli_app import (
    LangOption,
    ProjectOption,
    app,
    checked_lang,
    done,
    opened,
    write,
)
from bsh_geo.project import open_project


def _version(shown: bool) -> None:
    if shown:
        typer.echo(f"bsh-geo {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 / version")
    ] = False,
) -> None:
    """美丽上海地理监测 · Geospatial monitoring of Beautiful Shanghai"""
    del version


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="端口 / port", min=1, max=65535)] = 8501,
    address: Annotated[
        str, typer.Option(help="监听地址，局域网用 0.0.0.0 / address to listen at")
    ] = "127.0.0.1",
    project: ProjectOption = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="打开浏览器 / open the browser")
    ] = True,
) -> None:
    """启动仪表盘 / Start the dashboard."""
    from bsh_geo import server

    done(lambda: server.run(port=port, address=address, project=project, browser=browser))


@app.command()
def layers(project: ProjectOption = None, lang: LangOption = "zh") -> None:
    """列出图层 / List the layers."""
    from bsh_geo import catalogue, compose

    here = opened(project, lang)
    found, faults = catalogue.load_layers(here)
    for layer in found.values():
        metrics = "、".join(metric.id for metric in compose.offered(here, layer)) or "—"
        typer.echo(f"{layer.id}\t{layer.title.get(lang)}\t{layer.quality}\t{metrics}")
    for fault in faults:
        typer.echo(f"{'Error' if lang == 'en' else '错误'}: {fault.text(lang)}", err=True)
    if faults:
        raise typer.Exit(2)


@app.command()
def check(project: ProjectOption = None, lang: LangOption = "zh") -> None:
    """检查全部数据与图层 / Check all data and layers."""
    from bsh_geo.check import run_checks

    here = opened(project, lang)
    report = run_checks(here)
    for line in report.lines(lang):
        typer.echo(line)
    if not report.passed:
        raise typer.Exit(1)


def _request(
    layer: str,
    district: list[str] | None,
    period: str | None,
    metric: str | None,
    show: list[str] | None,
    lang: str,
    water: str | None = None,
) -> Any:
    from bsh_geo.compose import Request

    checked_lang(lang)
    names = tuple(
        name for text in district or () for name in text.replace("、", ",").split(",") if name
    )
    parts = None if show is None else tuple(key for text in show for key in text.split(",") if key)
    return Request(layer, metric, names, period, parts, lang, water=water)


LayerArgument = Annotated[str, typer.Argument(help="图层编号，见 bsh-geo layers / layer id")]
DistrictOption = Annotated[
    list[str] | None,
    typer.Option("--district", help="区或组团，可多次 / district or group, may be repeated"),
]
PeriodOption = Annotated[
    str | None, typer.Option("--period", help="2025、2025-12 或 2021-04-13 / period")
]
MetricOption = Annotated[str | None, typer.Option("--metric", help="指标编号 / metric id")]
ShowOption = Annotated[
    list[str] | None,
    typer.Option("--show", help="叠加内容编号 / what is drawn over the districts"),
]
WaterOption = Annotated[
    str | None,
    typer.Option(
        "--water",
        help="水质叠加的时期 2021-06、2021-Q2 或 2021，缺省最近月 / period of water overlays",
    ),
]
OutOption = Annotated[Path, typer.Option("-o", "--output", help="输出文件 / file to write")]


@app.command()
def snapshot(
    layer: LayerArgument,
    output: OutOption,
    district: DistrictOption = None,
    period: PeriodOption = None,
    metric: MetricOption = None,
    show: ShowOption = None,
    water: WaterOption = None,
    lang: LangOption = "zh",
    approval: Annotated[str | None, typer.Option(help="审图号 / map approval number")] = None,
    dpi: Annotated[int, typer.Option(help="PNG 分辨率 / resolution", min=72, max=600)] = 300,
    page: Annotated[str, typer.Option(help="纸张 A4 | A3 | 16:9 / page size")] = "A4",
    orientation: Annotated[
        str, typer.Option(help="landscape 横向 | portrait 纵向 / orientation")
    ] = "landscape",
    theme: Annotated[
        str, typer.Option(help="screen 屏幕色 | print 印刷灰度可读 / theme")
    ] = "screen",
    extent: Annotated[
        str, typer.Option(help="area 本区 | city 全市 | “西,南,东,北” / what the map shows")
    ] = "area",
    map_only: Annotated[
        bool, typer.Option("--map-only", help="只要地图，不要标题图例 / the map alone")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """导出地图图片（PNG、SVG、PDF）/ Export a map picture."""
    from bsh_geo import compose, manifest, print_options
    from bsh_geo import snapshot as pictures

    def action() -> None:
        here = open_project(project)
        form = output.suffix.removeprefix(".").lower()
        request = _request(layer, district, period, metric, show, lang, water)
        spec = compose.build(here, request)
        bounds = print_options.extent_of(extent, spec)
        given: Any = {"size": page, "orientation": orientation, "theme": theme, "extent": bounds}
        stamp = "" if map_only else manifest.view_stamp(here, request, bounds)
        options = print_options.PrintOptions(
            **given, dpi=dpi, map_only=map_only, stamp=stamp, **print_options.imprint(here)
        )
        write(output, pictures.render(spec, form, options, approval=approval))

    done(action, lang)
    typer.echo(str(output))


@app.command()
def export(
    layer: LayerArgument,
    output: OutOption,
    district: DistrictOption = None,
    period: PeriodOption = None,
    metric: MetricOption = None,
    show: ShowOption = None,
    water: WaterOption = None,
    table: Annotated[
        str | None, typer.Option(help="表编号，缺省为第一张 / table id, the first one by default")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="csv、geojson、gpkg、xlsx、fgb、parquet、shp，缺省看文件名 / format",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="图层的全部表，存入 .gpkg 或 .zip / every table of it")
    ] = False,
    encoding: Annotated[
        str, typer.Option("--encoding", help="Shapefile 文字编码 utf-8 | gb18030 / of a Shapefile")
    ] = "utf-8",
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """导出数据表（图层写 all 为全部图层）/ Export tables; the layer all stands for every layer."""
    from bsh_geo import export_files

    def action() -> None:
        kind = export_files.form_of(output.name, form)
        request = _request(layer, district, period, metric, show, lang, water)
        here = open_project(project)
        write(
            output,
            export_files.asked_bytes(here, request, kind, output.name, table, every, encoding),
        )

    done(action, lang)
    typer.echo(str(output))


cli_targets.register(app, cli_import.imports)
cli_readings.register(app, cli_import.imports)
app.add_typer(cli_import.imports, name="import")
cli_sitecheck.register(app)
cli_parks.register(app)
cli_land.register(app)
cli_water.register(app)
cli_own.register(app, cli_import.imports)
cli_briefing.register(app)
cli_api.register(app)
cli_compare.register(app)


def main() -> None:
    """The entry point: UTF-8 whatever the console's code page is."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    app()
