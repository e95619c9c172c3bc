"""The commands of targets: list, progress, sentence, ``template`` and ``import targets``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, checked_lang, done, opened, write
from bsh_geo.errors import DataError, UnknownNameError, unknown_name
from bsh_geo.project import Project

AreaOption = Annotated[
    str | None,
    typer.Option("--area", help="全市、一个区或组团 / the city, a district or a group"),
]
IndicatorOption = Annotated[
    str | None, typer.Option("--indicator", help="指标编号，如 pm25 / indicator id")
]
DocumentOption = Annotated[
    str | None, typer.Option("--document", help="文件编号，如 004 / document id")
]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", help="table、csv、json、xlsx；缺省看输出文件名 / format"),
]
OutOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="输出文件 / file to write; else the terminal")
]
KindArgument = Annotated[str, typer.Argument(help="targets")]

_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)


def register(app: typer.Typer, imports: typer.Typer) -> None:
    """Add the commands of this module to ``app`` and to the group ``import``."""
    app.command("targets")(targets)
    app.command("progress")(progress)
    app.command("sentence")(sentence)
    app.command("template")(template)
    imports.command("targets")(import_workbook)


def _area(project: Project, name: str) -> str:
    """The area code of one name: of the city, a district or a group."""
    from bsh_geo import areas

    code = areas.select(project, [name]).area
    if code is None:  # a group whose districts another group has too
        raise unknown_name("区", "district", name, areas.group_names(project, "zh").values())
    return code


def _form(form: str | None, output: Path | None) -> str:
    """The format asked for, else the one that the file's name says, else a table."""
    from bsh_geo import listing

    suffix = output.suffix.removeprefix(".").lower() if output is not None else ""
    found = form or ("table" if suffix in ("", "txt") else suffix)
    if found not in listing.FORMATS:
        raise unknown_name("格式", "format", found, listing.FORMATS)
    if found == "xlsx" and output is None:
        raise DataError(
            "xlsx 只能写入文件，请用 -o 指定文件名。",
            "xlsx is written to a file only; name it with -o.",
        )
    return found


def _give(rows: Any, records: Any, form: str, output: Path | None, title: str) -> None:
    """Rows into the file, or onto the terminal."""
    from bsh_geo import listing

    if output is not None:
        write(output, listing.to_bytes(rows, records, form, title))
        typer.echo(str(output))
    elif form == "table":
        typer.echo("\n".join(listing.lines(rows)))
    else:
        said = listing.csv_text(rows) if form == "csv" else listing.json_text(records)
        typer.echo(said.replace("\r\n", "\n"), nl=False)


def targets(
    area: AreaOption = None,
    indicator: IndicatorOption = None,
    document: DocumentOption = None,
    form: FormatOption = None,
    output: OutOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """列出规划目标与原文 / List the targets of the plans with their quotes."""
    from bsh_geo import targets as registered

    here = opened(project, lang)

    def action() -> None:
        kind = _form(form, output)
        code = None if area is None else _area(here, area)
        rows = registered.registry(here, code, indicator, document)
        shown = registered.frame(here, rows, lang)
        _give(shown, registered.records(here, rows, lang), kind, output, "目标 Targets")

    done(action, lang)


def progress(
    area: AreaOption = None,
    indicator: IndicatorOption = None,
    document: DocumentOption = None,
    form: FormatOption = None,
    output: OutOption = None,
    baseline: Annotated[
        int, typer.Option("--baseline", help="基期不早于此年 / first year of the baseline")
    ] = 2020,
    as_of: Annotated[
        int | None, typer.Option("--as-of", help="只用到此年的数据 / figures up to this year")
    ] = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """评估各项目标的进程 / Assess where each area stands."""
    from bsh_geo import assessment
    from bsh_geo import targets as registered

    here = opened(project, lang)

    def action() -> None:
        kind = _form(form, output)
        codes = None if area is None else [_area(here, area)]
        registered.known_names(here, indicator, document)
        found = assessment.assess(here, codes, indicator, document, baseline, as_of)
        rows = assessment.frame(here, found, lang)
        if kind == "table":
            rows = rows.drop(columns=list(rows.columns[-3:]))
        _give(rows, assessment.records(here, found, lang), kind, output, "进程 Progress")

    done(action, lang)


def sentence(
    indicator: Annotated[str, typer.Option("--indicator", help="指标编号，如 pm25 / indicator id")],
    area: Annotated[
        str, typer.Option("--area", help="全市、一个区或组团 / the city, a district or a group")
    ] = "全市",
    period: Annotated[
        str | None, typer.Option("--period", help="2025 或 2025-12 / year or month")
    ] = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """写一句可用于汇报的话 / Write a sentence for a briefing."""
    from bsh_geo import sentences
    from bsh_geo import targets as registered

    here = opened(project, lang)

    def action() -> str:
        registered.known_names(here, indicator, None)
        code = _area(here, area)
        if period is not None and not _PERIOD.fullmatch(period):
            raise UnknownNameError(
                f"时期“{period}”应为 YYYY 或 YYYY-MM。",
                f"The period “{period}” should be YYYY or YYYY-MM.",
            )
        return sentences.sentence(here, indicator, code, period, lang)

    typer.echo(done(action, lang))


def _targets_only(kind: str) -> None:
    if kind != "targets":
        raise unknown_name("模板", "template", kind, ("targets",))


def template(
    kind: KindArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help="xlsx 文件 / file to write")],
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """生成 Excel 模板 / Write an Excel template."""
    from bsh_geo import template as workbook

    here = opened(project, lang)

    def action() -> None:
        _targets_only(kind)
        if output.suffix.lower() != ".xlsx":
            raise unknown_name("格式", "format", output.suffix.removeprefix("."), ("xlsx",))
        write(output, workbook.template(here))

    done(action, lang)
    typer.echo(str(output))


def import_workbook(
    file: Annotated[Path, typer.Argument(help="填好的模板 / the template, filled in")],
    project: Annotated[
        Path, typer.Option("--project", help="写入的项目文件夹 / project folder to write into")
    ],
    lang: LangOption = "zh",
) -> None:
    """读入 Excel 模板 / Read a template into a project."""
    from bsh_geo import intake, workbook

    def action() -> list[intake.Written]:
        checked_lang(lang)
        here = intake.target_project(project)
        return intake.write(here, workbook.read_targets(file, here))

    for one in done(action, lang):
        typer.echo(one.text(lang))
