"""The group of commands ``import``: what is read into a project, one command per kind."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from bsh_geo.cli_app import done
from bsh_geo.errors import unknown_name


class Kinds(TyperGroup):
    """A group that names its commands where an unknown one is asked for, in our own sentence."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command of the first word."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            done(lambda: _unknown(args[0], list(self.commands)))
        return super().resolve_command(ctx, args)


def _unknown(found: str, known: list[str]) -> None:
    raise unknown_name("导入内容", "kind of import", found, known)


imports = typer.Typer(
    cls=Kinds,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="读入数据 / Read data into a project",
)
