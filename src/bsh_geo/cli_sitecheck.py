"""The commands ``sitecheck`` (选址核查) and ``redline`` (the account of the red line)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, done, opened, write
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.project import Project

FORMS = ("csv", "xlsx", "geojson", "gpkg", "pdf")
ACCOUNTS = ("csv", "xlsx", "json", "txt")

OutOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="输出文件 / file to write; else the terminal")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("sitecheck")(sitecheck)
    app.command("redline")(redline)


def _form(output: Path | None, known: tuple[str, ...]) -> str | None:
    """The format that the file's name says; None for the terminal."""
    if output is None:
        return None
    form = output.suffix.removeprefix(".").lower()
    if form not in known:
        raise unknown_name("输出格式", "output format", form or output.name, known)
    return form


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"文件 {file} 不存在。", f"There is no file {file}.") from error
    except OSError as error:
        raise DataError(
            f"无法读取 {file}：{error.strerror}。", f"Cannot read {file}: {error.strerror}."
        ) from error


def _sites(here: Project, file: Path, crs: str | None, shape: str) -> Any:
    """The sites of a file; a ``.txt`` holds coordinates as one would paste them."""
    from bsh_geo import site_tables, sites

    content = _content(file)
    if file.suffix.lower() != ".txt":
        return sites.read(here, content, file.name, crs)
    if crs is not None and crs.upper() not in ("EPSG:4326", "EPSG:4490"):
        raise DataError(
            f"文本中的坐标只能是经纬度（EPSG:4326、EPSG:4490），不能是 {crs}。",
            f"Coordinates of a text are degrees (EPSG:4326, EPSG:4490), not {crs}.",
        )
    return sites.pasted(here, site_tables.decoded(content, file.name), shape)


def sitecheck(
    file: Annotated[
        Path,
        typer.Argument(
            help="场址：GeoJSON、GPKG、zip（Shapefile）、KML、FGB、CSV、XLSX、TXT / file with sites"
        ),
    ],
    buffer: Annotated[float, typer.Option("--buffer", help="缓冲距离 m / buffer in metres")] = 0.0,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help="redline,reserves,wetlands,water_sources,parks；缺省全部 / registers, all",
        ),
    ] = None,
    crs: Annotated[
        str | None, typer.Option("--crs", help="文件没有坐标系时指定，如 EPSG:4549 / CRS, if none")
    ] = None,
    shape: Annotated[
        str, typer.Option("--shape", help="TXT 坐标作为 points、line 或 polygon / of a TXT")
    ] = "points",
    output: OutOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """选址核查：场址与红线、保护区等的关系 / Test sites against protected places."""
    here = opened(project, lang)

    def action() -> list[str]:
        from bsh_geo import sitecheck as checks

        form = _form(output, FORMS)
        registers = None if against is None else against.replace("，", ",").split(",")
        found = checks.check(here, _sites(here, file, crs, shape), registers, buffer)
        if output is None or form is None:
            return _printed(here, found, lang)
        write(output, _file(here, found, form, lang))
        return [str(output)]

    for one in done(action, lang):
        typer.echo(one)


def _file(here: Project, found: Any, form: str, lang: str) -> bytes:
    if form == "pdf":
        from bsh_geo import sitecheck_print

        return sitecheck_print.to_pdf(here, found, lang, str(here.config.get("approval", "")))
    from bsh_geo import sitecheck_report

    return sitecheck_report.to_bytes(here, found, form, lang)


def _printed(here: Project, found: Any, lang: str) -> list[str]:
    """The details without notes and sources, the totals, what was not tested, the statement."""
    from bsh_geo import listing, sitecheck_report
    from bsh_geo import sitecheck as checks

    rows = sitecheck_report.details(here, found, lang)
    dropped = [sitecheck_report.title(one, lang) for one in ("note", "source", "number")]
    said = [*listing.lines(rows.drop(columns=dropped)), ""]
    said += [*sitecheck_report.totals(found, lang), *checks.untested(found, lang)]
    for one in found.sites.rejected:
        mark = "not tested" if lang == "en" else "未核查"
        said.append(f"{one.number} {one.name}: {mark}: {one.reason.get(lang)}")
    said += [one.get(lang) for one in found.sites.notes]
    return [*said, checks.METHOD.get(lang), checks.STATEMENT.get(lang)]


def redline(
    by: Annotated[
        str, typer.Option("--by", help="district、type、patch 分法 / how it is divided")
    ] = "district",
    output: OutOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """生态保护红线账：公布面积与图形面积并列 / The red line: published areas beside shapes."""
    here = opened(project, lang)

    def action() -> list[str]:
        from bsh_geo import listing, redline_report

        form = _form(output, ACCOUNTS)
        rows = redline_report.table(here, by, lang)
        notes = redline_report.notes(here, lang)
        if output is None or form is None:
            return [*listing.lines(rows), "", *notes]
        said = "；".join(notes)
        rows = rows.assign(**{"Note" if lang == "en" else "说明": said})
        kind = "table" if form == "txt" else form
        records = [{str(key): cell for key, cell in one.items()} for one in rows.to_dict("records")]
        write(output, listing.to_bytes(rows, records, kind, "红线账 Red line"))
        return [str(output)]

    for one in done(action, lang):
        typer.echo(one)
