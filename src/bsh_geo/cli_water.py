"""The commands of water: ``water grade``, ``water status``, ``wetlands`` and ``bays``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, done, opened, write
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.project import Project

FORMATS = ("csv", "xlsx", "json")

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="读数文件，不写则取已导入的读数 / readings files; else those in the store"),
]
OutOption = Annotated[
    Path, typer.Option("-o", "--output", help="csv、xlsx 或 json 文件 / file to write")
]
MaybeOut = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="csv、xlsx 或 json，缺省为终端 / file; else terminal"),
]
NetworkOption = Annotated[
    str, typer.Option("--network", help="river 地表水 | sea 海水 / surface or sea water")
]
PeriodOption = Annotated[
    str | None,
    typer.Option("--period", help="2021、2021-Q2、2021-06 或 2021-06-11 / period"),
]
KindOption = Annotated[
    str | None,
    typer.Option(
        "--kind", help="river 河流 | lake 湖库，用于站点表以外的站点 / of unlisted stations"
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="不再询问 / go on without asking")]

group = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="水质：单因子评价（GB 3838、GB 3097）/ Water quality: classes by the worst item",
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    group.command("grade")(grade)
    group.command("status")(status)
    app.add_typer(group, name="water")
    app.command("wetlands")(wetlands)
    app.command("bays")(bays)


def grade(
    output: OutOption,
    files: FilesArgument = None,
    network: NetworkOption = "river",
    period: PeriodOption = None,
    kind: KindOption = None,
    yes: YesOption = False,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """逐条评价水质类别 / Grade every reading of files, or of the store."""
    here = opened(project, lang)

    def action() -> list[str]:
        from bsh_geo import water_report
        from bsh_geo.networks import network_of
        from bsh_geo.water_figures import stations
        from bsh_geo.water_standards import standard_of

        form, standard = _form(output), standard_of(here, network)
        declared = network_of(here, network)
        if kind is not None and kind not in standard.kinds:
            raise unknown_name("水体类型", "kind of water", kind, standard.kinds)
        rows, told = _readings(here, files or [], network, period, yes, lang)
        listed = stations(here, declared)
        made = water_report.graded(rows, declared, standard, listed, kind, lang)
        write(output, _bytes([(_words("readings", lang), made)], form))
        return told

    for line in done(action, lang):
        typer.echo(line, err=True)
    typer.echo(str(output))


def status(
    network: NetworkOption = "river",
    period: PeriodOption = None,
    output: MaybeOut = None,
    every: Annotated[
        bool, typer.Option("--all", help="也列没有读数的断面 / stations without readings too")
    ] = False,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """各断面（点位）时段类别与优良率 / Classes by station and the share of good ones."""
    here = opened(project, lang)

    def action() -> list[str]:
        from bsh_geo import listing, water_figures, water_report

        form = _form(output) if output is not None else ""
        found = water_figures.status(here, network, period)
        rows = water_report.stations(here, found, lang, every)
        total = water_report.shares(found, lang)
        if output is None:
            return [*listing.lines(water_report.short(rows, lang)), "", *listing.lines(total)]
        sheets = [(_words("stations", lang), rows), (_words("shares", lang), total)]
        write(output, _bytes(sheets, form))
        return [str(output), *listing.lines(total)]

    for line in done(action, lang):
        typer.echo(line)


def _readings(
    here: Project, files: list[Path], network: str, period: str | None, yes: bool, lang: str
) -> tuple[Any, list[str]]:
    """Readings of files, or of the store in a period; what was refused, in sentences."""
    from bsh_geo import water_figures
    from bsh_geo.networks import network_of

    if not files:
        chosen = water_figures.period_of(here, network, period)
        return water_figures.readings(here, network_of(here, network), chosen), []
    if period is not None:
        raise DataError(
            "--period 只用于已导入的读数，不与文件同时使用。",
            "--period is for readings in the store; it does not go with files.",
        )
    return _in_files(here, files, network, yes, lang)


def _in_files(
    here: Project, files: list[Path], network: str, yes: bool, lang: str
) -> tuple[Any, list[str]]:
    import pandas as pd

    from bsh_geo import reading_plan
    from bsh_geo.reading_run import Reading, rows_of

    settings = reading_plan.Settings(network=network, keep="all")
    planned = reading_plan.plan(here, reading_plan.named_files(files), settings)
    unsettled = [(name, text) for name, text in planned.unsettled]
    if unsettled:
        name, text = unsettled[0]
        raise DataError(f"{name}：{text.zh}。", f"{name}: {text.en}.")
    asked = [text for _, text in planned.questions]
    if asked and not yes:
        raise DataError(f"{asked[0].zh}；请加 --yes 确认。", f"{asked[0].en}; say --yes to agree.")
    known = reading_plan.known_stations(here, planned.network, "all")
    reading = Reading(known)
    frames = list(rows_of(planned, reading, lambda refused: None))
    faults = [fault for one in reading.reports for fault in one.faults]
    if not frames:
        zh = faults[0].zh if faults else "文件中没有读数。"
        raise DataError(zh, faults[0].en if faults else "The files hold no readings.")
    refused = [f"{one.get(lang)}: {count:,}" for one, count in reading.reasons.most_common()]
    return pd.concat(frames, ignore_index=True), [*(one.get(lang) for one in faults), *refused]


def wetlands(
    output: MaybeOut = None,
    survey: Annotated[
        Path | None,
        typer.Option(
            "--survey", help="后一次调查的湿地面文件，统计变化 / polygons of a later survey"
        ),
    ] = None,
    before: Annotated[
        Path | None,
        typer.Option("--before", help="前一次调查的面文件，缺省为内置范围 / of the earlier survey"),
    ] = None,
    crs: Annotated[
        str | None, typer.Option("--crs", help="面文件缺坐标系时指定 / CRS of a file without one")
    ] = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """湿地账：级别、区、陆海、红线与保护区重叠、修复与变化 / The account of wetlands."""
    here = opened(project, lang)

    def action() -> list[str]:
        from bsh_geo import wetland_report

        form = _form(output) if output is not None else ""
        # The change comes first: it is what was asked for, and all that a CSV file holds.
        changed = _changed(here, survey, before, crs, lang)
        sheets = [*changed, *wetland_report.sheets(here, lang)]
        return _given(sheets, wetland_report.statements(here, lang), output, form)

    _told(action, output, lang)


def _changed(
    here: Project, survey: Path | None, before: Path | None, crs: str | None, lang: str
) -> list[tuple[str, Any]]:
    """The sheets of a change between two surveys; none without a later one."""
    from bsh_geo import wetland_change, wetland_report

    if survey is None:
        if before is not None:
            raise DataError(
                "--before 须与 --survey 同时使用。", "--before goes together with --survey."
            )
        return []
    later = _zones(survey, crs)
    earlier = wetland_change.shipped(here) if before is None else _zones(before, crs)
    drafts = wetland_change.sketched(here) if before is None else frozenset()
    found = wetland_change.compared(earlier, later)
    return wetland_report.change_sheets(found, drafts, lang)


def _zones(path: Path, crs: str | None) -> Any:
    from bsh_geo import land_zone_files

    if not path.is_file():
        raise DataError(f"没有文件 {path}。", f"There is no file {path}.")
    return land_zone_files.zones_in(path.read_bytes(), path.name, crs).frame


def bays(
    output: MaybeOut = None,
    period: PeriodOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """美丽海湾：岸线、河流、读数、目标 / Bay segments: shore, rivers, readings, targets."""
    here = opened(project, lang)

    def action() -> list[str]:
        from bsh_geo import bay_report

        form = _form(output) if output is not None else ""
        sheets = bay_report.sheets(here, period, lang)
        return _given(sheets, bay_report.statements(here, lang), output, form)

    _told(action, output, lang)


def _given(
    sheets: list[tuple[str, Any]], said: list[str], output: Path | None, form: str
) -> list[str]:
    """Sheets written to a file, what is to be known of them said; without a file both as lines."""
    from bsh_geo import listing

    if output is not None:
        write(output, _bytes(sheets, form))
        return said
    # The sheet of notes alone has one column; its lines stand below, uncut.
    shown = [(title, frame) for title, frame in sheets if frame.shape[1] > 1]
    tables = [[f"# {title}", *listing.lines(frame), ""] for title, frame in shown]
    return [*(line for one in tables for line in one), *said]


def _told(action: Callable[[], list[str]], output: Path | None, lang: str) -> None:
    """Lines on the terminal; beside a file they go to standard error, its name does not."""
    for line in done(action, lang):
        typer.echo(line, err=output is not None)
    if output is not None:
        typer.echo(str(output))


def _form(output: Path) -> str:
    form = output.suffix.removeprefix(".").lower()
    if form not in FORMATS:
        raise unknown_name("输出格式", "output format", form or str(output), FORMATS)
    return form


def _words(key: str, lang: str) -> str:
    words = {
        "readings": ("逐次类别", "Readings"),
        "stations": ("断面类别", "Stations"),
        "shares": ("优良率", "Shares"),
    }
    return words[key][lang == "en"]


def _bytes(sheets: list[tuple[str, Any]], form: str) -> bytes:
    from bsh_geo import water_files

    return water_files.to_bytes(sheets, form)
