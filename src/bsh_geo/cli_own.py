"""The commands of a project's own data: init, doctor, add, history, undo."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, checked_lang, done, write
from bsh_geo.errors import DataError

FolderOption = Annotated[
    Path, typer.Option("--project", help="项目文件夹，写入其中 / project folder to write into")
]

MOST_PARTS = 400 << 20


def register(app: typer.Typer, imports: typer.Typer) -> None:
    """Add the commands of this module to ``app`` and to the group ``import``."""
    app.command("init")(init)
    app.command("doctor")(doctor)
    app.command("add")(add)
    imports.command("grid")(grid)
    app.command("history")(history)
    app.command("undo")(undo)


def init(
    folder: Annotated[Path, typer.Argument(help="文件夹，不存在则新建 / folder, made if missing")],
    lang: LangOption = "zh",
) -> None:
    """建立项目文件夹 / Make a project folder."""
    from bsh_geo import project_folder

    done(lambda: checked_lang(lang))
    made = done(lambda: project_folder.init(folder), lang)
    listed = (", " if lang == "en" else "、").join(made)
    if made:
        typer.echo(f"{folder}: {listed}" if lang == "en" else f"{folder}：已建立 {listed}")
    else:
        typer.echo(
            f"{folder} is a project folder already."
            if lang == "en"
            else f"{folder} 已是项目文件夹。"
        )


def doctor(
    project: ProjectOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON，含全部编号 / with all ids")
    ] = False,
    lang: LangOption = "zh",
) -> None:
    """列出项目文件夹覆盖了什么、哪里有误 / What a project folder overrides and what is broken."""
    import json

    from bsh_geo import doctor as examined
    from bsh_geo import listing
    from bsh_geo.cli_app import opened

    here = opened(project, lang)
    found = done(lambda: examined.diagnosis(here), lang)
    if as_json:
        typer.echo(json.dumps(examined.as_dict(found), ensure_ascii=False, indent=1))
    elif not found.parts:
        typer.echo(
            "The project folder holds no files." if lang == "en" else "项目文件夹中没有文件。"
        )
    else:
        # Whole paths: they are what is looked for.
        for line in listing.lines(examined.rows(found, lang), widest=400):
            typer.echo(line)
        for line in found.notices(lang):
            typer.echo(f"? {line}")
    for one in found.broken:
        assert one.fault is not None
        typer.echo(f"✗ {one.file}: {one.fault.text(lang)}", err=True)
    if found.broken:
        raise typer.Exit(1)


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    found = {}
    for one in given or []:
        name, sign, value = one.rpartition("=")
        if not sign or not name.strip():
            raise DataError(
                f"{option} 应写作 左=右，现为“{one}”。",
                f"{option} takes left=right; found “{one}”.",
            )
        found[name.strip()] = value.strip()
    return found


def _numbers(text: str | None) -> tuple[float, ...]:
    try:
        return tuple(
            float(one) for one in (text or "").replace("，", ",").split(",") if one.strip()
        )
    except ValueError as error:
        raise DataError(
            f"--breaks 应为用逗号分开的数，现为“{text}”。",
            f"--breaks takes numbers with commas between them; found “{text}”.",
        ) from error


def _content(path: Path) -> tuple[str, bytes]:
    """A file's name and bytes; a Shapefile's parts, or a geodatabase's folder, as one zip."""
    try:
        if path.is_dir() and path.suffix.lower() == ".gdb":
            inside = {f"{path.name}/{one.name}": one for one in sorted(path.iterdir())}
            return f"{path.name}.zip", _zipped(inside)
        if path.suffix.lower() == ".shp":
            beside = {
                one.name: one
                for one in sorted(path.parent.iterdir())
                if one.stem == path.stem
                and one.suffix.lower() in (".shp", ".shx", ".dbf", ".prj", ".cpg")
            }
            return f"{path.name}.zip", _zipped(beside)
        return path.name, path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"文件 {path} 不存在。", f"There is no file {path}.") from error
    except OSError as error:
        raise DataError(
            f"无法读取 {path}：{error.strerror}。", f"Cannot read {path}: {error.strerror}."
        ) from error


def _zipped(files: dict[str, Path]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files.items():
            if path.is_file():
                archive.writestr(name, path.read_bytes())
    return made.getvalue()


def add(
    kind: Annotated[
        str,
        typer.Argument(
            help="boundary 边界 | areas 自有区域或地点 | stations 站点 | parks 公园 | "
            "wetlands 湿地 | redline 红线 | indicators 指标数值 | raster 栅格"
        ),
    ],
    project: FolderOption,
    file: Annotated[
        Path | None, typer.Argument(help="文件，或 db:库/来源 / file, or db:database/source")
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option("--from", help="config.toml 中的数据库来源 / configured table, as hb/redline"),
    ] = None,
    district: Annotated[
        str | None,
        typer.Option("--district", help="只读数据库中这个区的行 / rows of one district alone"),
    ] = None,
    crs: Annotated[
        str | None, typer.Option("--crs", help="坐标系，如 EPSG:4549 或 local / CRS")
    ] = None,
    datum: Annotated[
        str | None, typer.Option("--datum", help="wgs84 | gcj02 | bd09 坐标基准 / datum")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="列=字段，可多次；列= 表示不用 / column=field, may be repeated"),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="名称=区，可多次 / name=district, may be repeated"),
    ] = None,
    layer: Annotated[
        str | None, typer.Option("--layer", "--sheet", help="图层或工作表 / layer or worksheet")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="来源编号或说明 / id or title of the source")
    ] = None,
    quality: Annotated[
        str | None,
        typer.Option("--quality", help="official | published | open | derived | schematic"),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option("--mode", help="merge 按编号合并 | replace 只留文件中的 / by id, or alone"),
    ] = None,
    name_id: Annotated[
        str | None, typer.Option("--id", help="新图层或边界的编号 / id of a new layer or boundary")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="标题 / title")] = None,
    indicator: Annotated[
        str | None, typer.Option("--indicator", help="指标编号 / indicator id")
    ] = None,
    period: Annotated[str | None, typer.Option("--period", help="2025 或 2025-08 / period")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="数值的单位 / unit")] = None,
    within: Annotated[
        str | None,
        typer.Option(
            "--within", help="边界组：地点归入，或数值所属 / boundary set of places or figures"
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option("--classes", help="栅格的类别表，none 为数量 / class table, none: amounts"),
    ] = None,
    breaks: Annotated[
        str | None, typer.Option("--breaks", help="数量的分级界限，如 10,20,30 / breaks of amounts")
    ] = None,
    ramp: Annotated[
        str | None,
        typer.Option("--ramp", help="数量的色带 green | blue | red | purple | brown / colours"),
    ] = None,
    band: Annotated[int | None, typer.Option("--band", help="栅格的波段 / band")] = None,
    unknown: Annotated[
        str | None,
        typer.Option("--unknown", help="nodata：类别表没有的编码作为无数据 / unknown codes"),
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="修复无效几何并记录 / mend invalid geometry")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看报告 / show the report only")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="报告文件 .json 或 .xlsx / report file")
    ] = None,
    lang: LangOption = "zh",
) -> None:
    """把自己的数据导入项目文件夹 / Bring your own data into a project folder."""
    from bsh_geo import own_import

    done(lambda: checked_lang(lang))

    def looked() -> Any:
        options = own_import.Options(
            crs=crs, datum=datum, columns=_pairs(columns, "--map"),
            names=_pairs(names, "--name"), source=source, quality=quality, repair=repair,
            mode=cast(Any, mode), part=layer, id=name_id, title=title, indicator=indicator,
            period=period, unit=unit, within=within, classes=classes, breaks=_numbers(breaks),
            ramp=ramp, band=band, unknown=unknown,
        )  # fmt: skip
        return _previewed(project, kind, _where(file, origin, district), options)

    found = done(looked, lang)
    _told(found, report, lang)
    if dry_run:
        return
    if not yes and found.report.ready:
        _sure(lang)
    entry = done(lambda: own_import.confirm(project, found), lang)
    typer.echo(
        f"Import {entry.number}: {entry.rows:,} {found.report.unit.en} into {project}"
        if lang == "en"
        else f"第 {entry.number} 次导入：{entry.rows:,} {found.report.unit.zh}，写入 {project}"
    )


def _where(file: Path | None, origin: str | None, district: str | None) -> tuple[Any, str | None]:
    """The file, or the name of the configured table with the district that is asked for."""
    said = origin or ""
    if not said and file is not None and str(file).startswith("db:"):
        said, file = str(file), None
    if (file is None) == (not said):
        raise DataError(
            "应写一个文件，或 --from 库/来源，二者之一。",
            "Name a file, or --from database/source: one of the two.",
        )
    if district is not None and file is not None:
        raise DataError(
            "--district 只用于数据库来源（--from）。",
            "--district goes with a database source (--from) alone.",
        )
    return (said if file is None else file), district


def _previewed(folder: Path, kind: str, where: tuple[Any, str | None], options: Any) -> Any:
    from bsh_geo import intake, own_import

    if not folder.is_dir():
        raise DataError(
            f"项目文件夹 {folder} 不存在，请先运行 bsh-geo init {folder}。",
            f"The project folder {folder} does not exist; run bsh-geo init {folder} first.",
        )
    here = intake.target_project(folder)
    place, district = where
    if isinstance(place, Path):
        name, content = _content(place)
        return own_import.preview(here, kind, name, content, options)
    from bsh_geo import own_database

    taken = own_database.taken(here, kind, place, options, district)
    rows = own_database.found(here, kind, taken)
    return own_import.preview(here, kind, taken.name, taken.content, options, rows)


def _told(found: Any, report: Path | None, lang: str) -> None:
    from bsh_geo import own_report, own_report_files

    for line in own_report.lines(found.report, lang):
        typer.echo(line)
    if report is not None:
        form = report.suffix.removeprefix(".").lower()
        content = done(lambda: own_report_files.to_bytes(found.report, form, lang), lang)
        done(lambda: write(report, content), lang)
        typer.echo(str(report))


def _sure(lang: str) -> None:
    if not sys.stdin.isatty():
        done(_say_yes, lang)
    if not typer.confirm("Import it?" if lang == "en" else "导入？"):
        raise typer.Exit(1)


def _say_yes() -> None:
    raise DataError(
        "尚未写入；核对报告后加 --yes 导入。",
        "Nothing was written; look at the report and add --yes to import.",
    )


def grid(
    project: FolderOption,
    size: Annotated[float, typer.Option("--km", help="边长 km / width of a square in km")] = 5.0,
    name_id: Annotated[str, typer.Option("--id", help="边界组的编号 / id of the set")] = "grid",
    lang: LangOption = "zh",
) -> None:
    """把陆域切成方格，作为一组边界 / Cut the land into squares, as a boundary set."""
    from bsh_geo import grids

    done(lambda: checked_lang(lang))
    entry = done(lambda: grids.add(project, name_id, size), lang)
    typer.echo(
        f"{name_id}: {entry.rows:,} squares of {size:g} km"
        if lang == "en"
        else f"{name_id}：{entry.rows:,} 个 {size:g} km 方格"
    )


def history(project: FolderOption, lang: LangOption = "zh") -> None:
    """列出导入记录 / List the imports."""
    import pandas as pd

    from bsh_geo import catalogue, intake, listing, own_import

    done(lambda: checked_lang(lang))
    entries = done(lambda: own_import.history(project), lang)
    known = done(lambda: catalogue.load_sources(intake.target_project(project)), lang)
    titles = {name: one.title(lang) for name, one in known.items()}
    if not entries:
        typer.echo("No imports." if lang == "en" else "没有导入记录。")
        return
    zh = ("次", "时间", "内容", "文件", "SHA-256", "行", "来源", "状态")
    en = ("No", "When", "What", "File", "SHA-256", "Rows", "Source", "State")
    gone = "undone" if lang == "en" else "已撤销"
    rows = [
        (
            one.number, one.local, one.what, one.file, one.sha256[:12], one.rows,
            titles.get(one.source, one.source),
            gone if one.undone else ("← " + ", ".join(map(str, one.of)) if one.of else ""),
        )
        for one in entries
    ]  # fmt: skip
    for line in listing.lines(pd.DataFrame(rows, columns=list(en if lang == "en" else zh))):
        typer.echo(line)


def undo(
    number: Annotated[
        int | None, typer.Argument(help="恢复到第几次导入之前，缺省为最后一次 / import to undo")
    ] = None,
    project: FolderOption = Path("."),
    lang: LangOption = "zh",
) -> None:
    """撤销导入，恢复原状 / Undo an import."""
    from bsh_geo import own_import

    done(lambda: checked_lang(lang))
    entry = done(lambda: own_import.undo(project, number), lang)
    listed = ", ".join(str(one) for one in entry.of)
    typer.echo(
        f"Undone: import {listed}; {len(entry.files)} files as before."
        if lang == "en"
        else f"已撤销第 {listed} 次导入，{len(entry.files)} 个文件恢复原状。"
    )
