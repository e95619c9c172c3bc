"""The command ``api``: the layers of a project, offered read-only to QGIS and other systems."""

from __future__ import annotations

from typing import Annotated

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, checked_lang, done


def register(app: typer.Typer) -> None:
    """Add the command of this module to ``app``."""
    app.command("api")(api)


def api(
    port: Annotated[int, typer.Option(help="端口 / port", min=0, max=65535)] = 8700,
    address: Annotated[
        str, typer.Option(help="监听地址，局域网用 0.0.0.0 / address to listen at")
    ] = "127.0.0.1",
    base: Annotated[
        str, typer.Option("--base-url", help="代理后的对外地址 / address before a proxy")
    ] = "",
    origin: Annotated[
        str, typer.Option("--allow-origin", help="允许跨域读取的网页来源 / web origin let in")
    ] = "",
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """只读数据接口（OGC API Features、JSON）/ Serve layers and figures, read only."""
    from bsh_geo import api as service

    done(lambda: checked_lang(lang))
    done(lambda: service.run(address, port, project, base, origin, typer.echo), lang)
