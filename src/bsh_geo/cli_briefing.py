"""The commands of briefings: ``atlas``, ``reproduce``, ``briefing list | show | run``."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, checked_lang, done, opened, write
from bsh_geo.errors import unknown_name

PeriodOption = Annotated[
    str | None,
    typer.Option("--period", help="2025 或 2025-12，缺省为各图层最新 / period, else the newest"),
]
TemplateOption = Annotated[
    str | None, typer.Option("--template", help="模板编号或 TOML 文件 / template id or file")
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, max=64, help="进程数，缺省为核数 / processes")
]
WatchedOption = Annotated[
    bool,
    typer.Option(
        "--watched",
        help="进度逐行输出 JSON，标准输入关闭即停止 / progress as JSON, stops with stdin",
        hidden=True,
    ),
]

PackOption = Annotated[Path, typer.Option("-o", "--output", help="ZIP 文件 / file to write")]
LayersOption = Annotated[
    str, typer.Option("--layers", help="all 或编号，逗号分隔，可写 图层.指标 / all or layer ids")
]
DistrictsOption = Annotated[
    str, typer.Option("--districts", help="all（全市与各区）或区名 / all or names")
]
FormOption = Annotated[
    str, typer.Option("--format", help="png,svg,pdf,pptx,docx,xlsx,html 中任选 / any of these")
]
SizeOption = Annotated[str, typer.Option("--size", help="A4、A3、16:9 / page size")]
OrientationOption = Annotated[
    str, typer.Option("--orientation", help="landscape 横向、portrait 纵向 / of the page")
]
ThemeOption = Annotated[str, typer.Option("--theme", help="screen、print（灰度可读）/ colours")]
DpiOption = Annotated[int, typer.Option("--dpi", help="PNG 分辨率 / resolution of PNG")]
ScaleOption = Annotated[
    str, typer.Option("--scale", help="area 各区充满版面、same 各区同一比例 / of the districts")
]
ExtentOption = Annotated[
    str | None,
    typer.Option("--extent", help="地图范围：西,南,东,北（度），缺省为各区 / what all maps show"),
]
MANIFEST = "manifest.json"
"""What follows the name of a briefing in that of its manifest."""

briefing = typer.Typer(no_args_is_help=True, help="简报模板 / briefing templates")


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("atlas")(atlas)
    app.command("reproduce")(reproduce)
    app.add_typer(briefing, name="briefing")


def atlas(
    output: PackOption,
    layers: LayersOption = "all",
    districts: DistrictsOption = "all",
    period: PeriodOption = None,
    form: FormOption = "png",
    template: TemplateOption = None,
    size: SizeOption = "A4",
    orientation: OrientationOption = "landscape",
    theme: ThemeOption = "screen",
    dpi: DpiOption = 200,
    scale: ScaleOption = "area",
    extent: ExtentOption = None,
    jobs: JobsOption = None,
    watched: WatchedOption = False,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """批量制作图包 / Make a pack of pictures and documents."""
    here = opened(project, lang)
    printed = {"size": size, "orientation": orientation, "theme": theme, "dpi": dpi, "scale": scale}
    asked = {"layers": layers, "districts": districts, "forms": form, "period": period,
             "template": template, "lang": lang, "print": printed, "extent": extent}  # fmt: skip

    def action() -> Any:
        from bsh_geo import pack

        if watched:
            _aside()
        order = _order(here, asked)
        report, stop = (_json_lines, _stdin_closed()) if watched else (_bar(lang), None)
        more = {} if stop is None else {"stop": stop}
        return pack.make_pack(here, order, output, jobs, report, **more)

    made = done(action, lang)
    if not watched:
        for one in made.failures:
            typer.echo(f"✗ {one.name}: {one.en if lang == 'en' else one.zh}", err=True)
    typer.echo(str(output))


def _order(here: Any, asked: dict[str, Any]) -> Any:
    """The order of the options, with what the project's configuration prints on pictures."""
    from bsh_geo import orders as packs

    template = None if asked["template"] is None else _template(here, asked["template"])
    return packs.Order(
        packs.chosen_layers(here, asked["layers"]),
        packs.chosen_areas(here, asked["districts"]),
        packs.chosen_forms(asked["forms"]),
        asked["period"],
        asked["lang"],
        template,
        **asked["print"],
        **_marks(here),
        extent=_bounds(asked["extent"]),
    )


def _template(here: Any, name: str) -> dict[str, Any]:
    """A template as plain data, as an order keeps it."""
    from bsh_geo import briefing as templates

    return templates.template_of(here, name).model_dump(mode="json", exclude_defaults=True)


def _marks(here: Any) -> dict[str, Any]:
    """Approval number, office and logo of the project, as an order keeps them."""
    from bsh_geo.print_options import imprint

    marks = imprint(here)
    logo = marks.pop("logo", None)
    return {**marks, "logo": base64.b64encode(logo).decode() if logo else ""}


def _bounds(extent: str | None) -> Any:
    """The extent of all maps in degrees; None for that of each area."""
    from bsh_geo.print_options import parse_extent

    return None if extent in (None, "", "area") else parse_extent(str(extent))


def _bar(lang: str) -> Any:
    """A line on the terminal that is written over; nothing where the output is a file."""
    shown = sys.stderr.isatty()

    def report(progress: Any) -> None:
        if not shown:
            return
        left = ""
        if progress.left is not None:
            seconds = round(progress.left)
            left = f" · {seconds} s left" if lang == "en" else f" · 还需 {seconds} 秒"
        line = f"{progress.done}/{progress.total}{left}  {progress.name}"
        sys.stderr.write(f"\r\033[K{line}")
        if progress.done == progress.total:
            sys.stderr.write("\r\033[K")
        sys.stderr.flush()

    return report


def _json_lines(progress: Any) -> None:
    typer.echo(json.dumps(vars(progress), ensure_ascii=False))


def _aside() -> None:
    """Leave the processor to those who look at pages; workers inherit it."""
    if hasattr(os, "nice"):
        os.nice(10)


def _stdin_closed() -> Any:
    """Whether whoever started this command has closed its input, or ended."""
    closed = threading.Event()

    def watch() -> None:
        sys.stdin.read()
        closed.set()

    threading.Thread(target=watch, daemon=True).start()
    return closed.is_set


def reproduce(
    manifest: Annotated[
        Path, typer.Argument(help="图包、其中的或简报旁的 manifest.json / manifest, or the pack")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="重做的文件夹 / folder for the files")
    ] = None,
    jobs: JobsOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """按清单重做并逐字节比对 / Make the files of a manifest again and compare their bytes."""
    here = opened(project, lang)

    def action() -> Any:
        from bsh_geo import manifest as manifests
        from bsh_geo import reproduction

        return reproduction.reproduce(here, manifests.read(manifest), output, jobs, _bar(lang))

    found = done(action, lang)
    for line in _outcome(found, lang):
        typer.echo(line)
    if not found.same:
        raise typer.Exit(1)


def _outcome(found: Any, lang: str) -> list[str]:
    """What became of a manifest, a line each."""
    english = lang == "en"
    if found.changes:
        head = "Data have changed; nothing was made." if english else "数据已变，没有重做。"
        return [head, *(f"  {line}" for line in found.changes.lines(lang))]
    count = len(found.equal)
    lines = [f"{count} files are equal byte by byte." if english else f"{count} 个文件逐字节相同。"]
    lines += [f"✗ {name}" + (" differs" if english else " 不同") for name in found.different]
    lines += [f"✗ {one.name}: {one.en if english else one.zh}" for one in found.failures]
    lines += [f"  {pair[english]}" for pair in found.reasons]
    return lines


@briefing.command("list")
def listed(project: ProjectOption = None, lang: LangOption = "zh") -> None:
    """列出模板 / List the templates."""
    from bsh_geo import briefing as templates

    here = opened(project, lang)
    for one in done(lambda: templates.templates(here), lang).values():
        typer.echo(f"{one.id}\t{one.title.get(lang)}\t{one.summary.get(lang)}")


@briefing.command("run")
def run(
    template: Annotated[str, typer.Argument(help="模板编号或 TOML 文件 / template id or file")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="docx、pptx 或 pdf 文件 / file to write")
    ],
    area: Annotated[
        str, typer.Option("--area", help="全市、一个区或组团 / the city, a district or a group")
    ] = "全市",
    period: PeriodOption = None,
    extent: ExtentOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """填写一份简报，旁置清单 / Fill a briefing, its manifest beside it."""
    here = opened(project, lang)

    def action() -> tuple[str, ...]:
        from bsh_geo import atlas as packs
        from bsh_geo import briefing_fill, orders

        checked_lang(lang)
        form = output.suffix.removeprefix(".").lower()
        if form not in orders.DOCUMENTS:
            raise unknown_name("格式", "format", form, orders.DOCUMENTS)
        bounds = _bounds(extent)
        content, marks = _template(here, template), _marks(here)
        order = orders.Order(
            (), (briefing_fill.area_code(here, area),), (form,), period, lang, content,
            extent=bounds, **marks,
        )  # fmt: skip
        made, manifest, notes = packs.single(here, order, output.name)
        write(output, made)
        write(output.with_name(f"{output.name}.{MANIFEST}"), manifest.text().encode())
        return notes

    for note in done(action, lang):
        typer.echo(note, err=True)
    typer.echo(str(output))
