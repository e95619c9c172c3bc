"""The typer application, and what its commands share: options, faults told, files written whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from bsh_geo.errors import BshError, DataError, unknown_name
from bsh_geo.project import Project, open_project

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="美丽上海地理监测 · Geospatial monitoring of Beautiful Shanghai",
)

ProjectOption = Annotated[
    str | None,
    typer.Option("--project", help="项目文件夹，覆盖内置数据 / project folder laid over the box"),
]
LangOption = Annotated[str, typer.Option("--lang", help="zh | en 语言 / language")]


def done(action: Callable[[], Any], lang: str = "zh") -> Any:
    """What ``action`` returns; its fault as one sentence on stderr and exit code 2."""
    try:
        return action()
    except BshError as error:
        typer.echo(f"{'Error' if lang == 'en' else '错误'}: {error.text(lang)}", err=True)
        raise typer.Exit(2) from error


def checked_lang(lang: str) -> str:
    """``lang``, which must be one of the product's."""
    if lang not in ("zh", "en"):
        raise unknown_name("语言", "language", lang, ("zh", "en"))
    return lang


def opened(project: str | None, lang: str) -> Project:
    """The project asked for, the language checked first."""
    done(lambda: checked_lang(lang))
    found: Project = done(lambda: open_project(project), lang)
    return found


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a half-written picture must not be pasted anywhere."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise DataError(
            f"无法写入 {path}：{error.strerror}。", f"Cannot write {path}: {error.strerror}."
        ) from error
