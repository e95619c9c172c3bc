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


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("init")(init)
    app.command("doctor")(doctor)
    app.command("add")(add)
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


def doctor(project: ProjectOption = None, lang: LangOption = "zh") -> None:
    """列出项目文件夹覆盖了什么、哪里有误 / What a project folder overrides and what is broken."""
    from bsh_geo import listing, project_folder
    from bsh_geo.cli_app import opened

    here = opened(project, lang)
    parts = done(lambda: project_folder.doctor(here), lang)
    if not parts:
        typer.echo(
            "The project folder holds no files." if lang == "en" else "项目文件夹中没有文件。"
        )
        return
    rows = project_folder.rows(parts, lang)
    for line in listing.lines(rows[list(rows.columns[:3])]):
        typer.echo(line)
    broken = [one for one in parts if one.fault is not None]
    for one in broken:
        assert one.fault is not None
        typer.echo(f"✗ {one.file}: {one.fault.text(lang)}", err=True)
    if broken:
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
            "wetlands 湿地 | redline 红线 | indicators 指标数值"
        ),
    ],
    file: Annotated[Path, typer.Argument(help="文件 / file")],
    project: FolderOption,
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
        str | None, typer.Option("--within", help="归入哪组边界 / boundary set to join places to")
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
            period=period, unit=unit, within=within,
        )  # fmt: skip
        return _previewed(project, kind, file, options)

    found = done(looked, lang)
    _told(found, report, lang)
    if dry_run:
        return
    if not yes and found.report.ready:
        _sure(lang)
    entry = done(lambda: own_import.confirm(project, found), lang)
    typer.echo(
        f"Import {entry.number}: {entry.rows:,} rows into {project}"
        if lang == "en"
        else f"第 {entry.number} 次导入：{entry.rows:,} 行，写入 {project}"
    )


def _previewed(folder: Path, kind: str, file: Path, options: Any) -> Any:
    from bsh_geo import intake, own_import

    if not folder.is_dir():
        raise DataError(
            f"项目文件夹 {folder} 不存在，请先运行 bsh-geo init {folder}。",
            f"The project folder {folder} does not exist; run bsh-geo init {folder} first.",
        )
    name, content = _content(file)
    return own_import.preview(intake.target_project(folder), kind, name, content, options)


def _told(found: Any, report: Path | None, lang: str) -> None:
    from bsh_geo import own_report

    for line in own_report.lines(found.report, lang):
        typer.echo(line)
    if report is not None:
        form = report.suffix.removeprefix(".").lower()
        content = done(lambda: own_report.to_bytes(found.report, form, lang), lang)
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


def history(project: FolderOption, lang: LangOption = "zh") -> None:
    """列出导入记录 / List the imports."""
    import pandas as pd

    from bsh_geo import listing, own_import

    done(lambda: checked_lang(lang))
    entries = done(lambda: own_import.history(project), lang)
    if not entries:
        typer.echo("No imports." if lang == "en" else "没有导入记录。")
        return
    zh = ("次", "时间", "内容", "文件", "SHA-256", "行", "来源", "状态")
    en = ("No", "When", "What", "File", "SHA-256", "Rows", "Source", "State")
    gone = "undone" if lang == "en" else "已撤销"
    rows = [
        (
            one.number, one.when, one.what, one.file, one.sha256[:12], one.rows, one.source,
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
