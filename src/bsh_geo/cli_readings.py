"""The commands of readings: ``import readings``, ``readings`` and ``aqi``."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, checked_lang, done, opened, write
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.project import Project

NAMED = 10
"""Tables with something unsettled that are told."""

FilesArgument = Annotated[
    list[Path], typer.Argument(help="文件或文件夹，可多个 / files or folders, any number")
]
NetworkOption = Annotated[str, typer.Option("--network", help="监测网络编号 / network id")]
StationOption = Annotated[
    str, typer.Option("--station", help="没有站点列的文件属于哪个站点 / station of the file")
]
UnitOption = Annotated[
    list[str] | None,
    typer.Option("--unit", help="文件中的单位，如 CO=mg/m3，可多次 / unit of an item in the file"),
]
ZoneOption = Annotated[
    str, typer.Option("--zone", help="未注明时区的时间属于哪个时区 / zone of times that state none")
]
MappingOption = Annotated[
    Path | None, typer.Option("--mapping", help="列映射文件 TOML / which column is what")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="不再询问 / go on without asking")]


def register(app: typer.Typer, imports: typer.Typer) -> None:
    """Add the commands of this module to ``app`` and to the group ``import``."""
    imports.command("readings")(import_readings)
    app.command("readings")(readings)
    app.command("aqi")(aqi)


def _settings(
    here: Project,
    network: str,
    station: str,
    unit: list[str] | None,
    zone: str,
    mapping: Path | None,
    keep: Any,
) -> Any:
    """What the options say about the files, checked."""
    from bsh_geo import reading_mapping
    from bsh_geo.networks import network_of
    from bsh_geo.reading_plan import Settings
    from bsh_geo.reading_times import checked_zone

    declared = network_of(here, network)
    given = None
    if mapping is not None:
        given = reading_mapping.checked(reading_mapping.read(mapping), declared, mapping.name)
    units = dict(_unit(declared, one) for one in unit or [])
    return Settings(
        network=network,
        station=station.strip(),
        units=units,
        zone=checked_zone(zone) if zone else "",
        mapping=given,
        keep=keep,
    )


def _unit(network: Any, text: str) -> tuple[str, str]:
    """The item and the unit of ``CO=mg/m3``."""
    from bsh_geo.networks import item_of
    from bsh_geo.reading_units import factor, no_unit, spelled

    name, sign, unit = text.partition("=")
    if not sign or not unit.strip():
        raise DataError(
            f"--unit 的值“{text}”应如 CO=mg/m3。",
            f"The value “{text}” of --unit should be like CO=mg/m3.",
        )
    named = item_of(network, name)
    if named is None:
        raise unknown_name("监测项目", "item", name, network.items)
    if factor(unit, network.items[named[0]].unit) is None:
        raise no_unit("--unit", network, named[0], unit.strip())
    return named[0], spelled(unit)


def _planned(here: Project, files: list[Path], settings: Any) -> Any:
    from bsh_geo import reading_plan

    with _progress("查看 / looking", 0) as step:
        blobs = reading_plan.named_files(files)
        step(None)
        return reading_plan.plan(here, blobs, settings)


def _agreed(planned: Any, yes: bool, lang: str) -> None:
    """Show how the files will be read, and go on only where that is settled and agreed to."""
    from bsh_geo.reading_import import shown
    from bsh_geo.reading_lines import aligned

    en = lang == "en"
    for tables in planned.kinds.values():
        name, shape, rows = shown(planned, tables, lang)
        typer.echo(f"{name}\n  {shape}", err=True)
        for line in aligned(rows):
            typer.echo(f"    {line}", err=True)
    _settled(planned, lang)
    asked = [text for _, text in planned.questions]
    for text in asked:
        typer.echo(f"  ! {text.get(lang)}", err=True)
    if yes:
        return
    if _on_terminal():
        typer.confirm("Go on?" if en else "按此读入？", default=not asked, abort=True, err=True)
    elif asked:
        raise DataError(
            f"{asked[0].zh}；请加 --yes 确认，或用 --unit 说明。",
            f"{asked[0].en}; say --yes to agree, or state it with --unit.",
        )


def _on_terminal() -> bool:
    """Whether somebody is there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _settled(planned: Any, lang: str) -> None:
    """Raise for what can be read in two ways, and where nothing can be read at all."""
    from bsh_geo.reading_run import faults_of

    unsettled = {problem: name for name, problem in reversed(planned.unsettled)}
    told = [(f"{name}：{text.zh}。", f"{name}: {text.en}.") for text, name in unsettled.items()]
    if not told and not planned.kinds:
        told = [(one.zh, one.en) for file in planned.files for one in faults_of(file)]
    if not told:
        return
    for zh, en in told[1:NAMED]:
        typer.echo(en if lang == "en" else zh, err=True)
    raise DataError(*told[0])


@contextlib.contextmanager
def _progress(title: str, total: int) -> Iterator[Callable[[Any], None]]:
    """A bar on a terminal (bytes of the files read so far), and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda file: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total or None)

        def step(file: Any) -> None:
            if file is not None:
                bar.update(task, advance=max(1, file.size), description=file.name[-40:])

        yield step


def import_readings(
    files: FilesArgument,
    project: Annotated[
        Path, typer.Option("--project", help="写入的项目文件夹 / project folder to write into")
    ],
    network: NetworkOption = "air",
    station: StationOption = "",
    unit: UnitOption = None,
    zone: ZoneOption = "",
    mapping: MappingOption = None,
    source: Annotated[
        str, typer.Option("--source", help="来源，缺省为文件名 / source; else the file's name")
    ] = "",
    quality: Annotated[
        str,
        typer.Option(
            "--quality", help="official | published | open | derived，缺省 open / quality"
        ),
    ] = "open",
    note: Annotated[str, typer.Option("--note", help="备注 / note")] = "",
    all_stations: Annotated[
        bool,
        typer.Option(
            "--all-stations", help="也存项目站点表以外的站点 / stations not of the project too"
        ),
    ] = False,
    yes: YesOption = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="报告文件 json、xlsx / report to write")
    ] = None,
    lang: LangOption = "zh",
) -> None:
    """读入监测读数 / Read readings into a project."""
    from bsh_geo import intake, reading_import, reading_lines

    def action() -> Any:
        checked_lang(lang)
        checked = _quality(quality)
        form = _report_form(report)
        here = intake.target_project(project)
        keep = "all" if all_stations else "known"
        settings = _settings(here, network, station, unit, zone, mapping, keep)
        planned = _planned(here, files, settings)
        _agreed(planned, yes, lang)
        total = sum(max(1, file.size) for file in planned.files)
        with _progress("读入 / reading", total) as step:
            found = reading_import.run(planned, source, checked, note, step)
        if report is not None:
            write(report, _report_bytes(found, form, lang))
        return found

    found = done(action, lang)
    for line in reading_lines.report_lines(found, lang):
        typer.echo(line)
    if found.faulty:
        raise typer.Exit(1)


def _quality(quality: str) -> Any:
    from bsh_geo.catalogue import QUALITY_TITLES

    known = [name for name in QUALITY_TITLES if name != "schematic"]  # readings are measured
    if quality not in known:
        raise unknown_name("质量", "quality", quality, known)
    return quality


def _report_form(report: Path | None) -> str:
    form = report.suffix.removeprefix(".").lower() if report is not None else "json"
    if form not in ("json", "xlsx"):
        raise unknown_name("报告格式", "format of the report", form, ("json", "xlsx"))
    return form


def _report_bytes(found: Any, form: str, lang: str) -> bytes:
    import json

    from bsh_geo import listing

    if form == "xlsx":
        return listing.xlsx(found.rows(lang), "导入 Import")
    return json.dumps(found.record(lang), ensure_ascii=False, indent=2).encode("utf-8")


def aqi(
    files: FilesArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help="CSV 文件 / CSV file to write")],
    standard: Annotated[
        str, typer.Option("--standard", help="2012 | 2026 | by-date 按日期 / by date")
    ] = "by-date",
    station: StationOption = "",
    unit: UnitOption = None,
    zone: ZoneOption = "",
    mapping: MappingOption = None,
    yes: YesOption = False,
    project: ProjectOption = None,
    lang: LangOption = "zh",
) -> None:
    """计算逐时 AQI / Compute the AQI of every hour of readings files."""
    from bsh_geo import reading_aqi

    here = opened(project, lang)

    def action() -> Any:
        if output.suffix.lower() != ".csv":
            raise unknown_name(
                "输出格式", "output format", output.suffix.removeprefix("."), ("csv",)
            )
        judged_by = reading_aqi.versions(here, standard)
        settings = _settings(here, "air", station, unit, zone, mapping, "all")
        planned = _planned(here, files, settings)
        _agreed(planned, yes, lang)
        with _written(output) as path:
            return reading_aqi.write_table(path, planned, judged_by, lang)

    reading = done(action, lang)
    typer.echo(str(output))
    refused = sum(one.rejected for one in reading.reports)
    if refused:
        reasons = "；".join(f"{one.get(lang)} {n:,}" for one, n in reading.reasons.most_common())
        head = f"{refused:,} values rejected" if lang == "en" else f"拒收 {refused:,} 个数值"
        typer.echo(f"{head}: {reasons}" if lang == "en" else f"{head}：{reasons}", err=True)
    faults = [fault for one in reading.reports for fault in one.faults]
    for fault in faults:
        typer.echo(fault.get(lang), err=True)
    if faults:
        raise typer.Exit(1)


@contextlib.contextmanager
def _written(path: Path) -> Iterator[Path]:
    """A file to fill that takes its name when it is whole."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        os.replace(part, path)
    except OSError as error:
        raise DataError(
            f"无法写入 {path}：{error.strerror}。", f"Cannot write {path}: {error.strerror}."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def readings(
    network: Annotated[
        str | None, typer.Option("--network", help="只看一个监测网络 / one network only")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table | json 格式 / format")] = "table",
    project: ProjectOption = None,
    lang: LangOption = "zh",
) -> None:
    """查看已存的读数 / Show what readings are stored."""
    from bsh_geo import listing, reading_status

    here = opened(project, lang)

    def action() -> None:
        if form not in ("table", "json"):
            raise unknown_name("格式", "format", form, ("table", "json"))
        found = reading_status.status(here, network)
        if form == "json":
            typer.echo(listing.json_text([one.record() for one in found]), nl=False)
            return
        for one in found:
            typer.echo("\n".join(reading_status.lines(one, lang)))

    done(action, lang)
