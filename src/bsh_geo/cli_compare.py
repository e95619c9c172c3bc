"""The command ``compare``: two periods or two areas of one metric side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, checked_lang, done, write
from bsh_geo.errors import DataError


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("compare")(compare)


def compare(
    layer: Annotated[str, typer.Argument(help="图层编号 / layer id")],
    output: Annotated[Path, typer.Option("-o", "--output", help="png、svg、pdf / file to write")],
    periods: Annotated[
        str | None, typer.Option(help="两个时期，如 2024,2025 / two periods")
    ] = None,
    areas: Annotated[
        str | None, typer.Option(help="两个区域，如 崇明区,黄浦区 / two areas")
    ] = None,
    period: Annotated[str | None, typer.Option(help="比较两个区域时的时期 / period")] = None,
    metric: Annotated[str | None, typer.Option(help="指标编号 / metric id")] = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """两个时期或两个区域并排比较 / Two periods or two areas side by side."""
    from bsh_geo import comparison, comparison_page
    from bsh_geo.compose import Request
    from bsh_geo.print_options import PrintOptions, imprint
    from bsh_geo.project import open_project

    def action() -> None:
        checked_lang(lang)
        here = open_project(project)
        first, second = _two(periods, areas)
        request = Request(layer, metric, period=period, lang=lang)
        make = comparison.of_periods if periods else comparison.of_areas
        form = output.suffix.removeprefix(".").lower()
        options = PrintOptions(**imprint(here))
        found = make(here, request, first, second)
        write(output, comparison_page.render(found, form, options))

    done(action, lang)
    typer.echo(str(output))


def _two(periods: str | None, areas: str | None) -> tuple[str, str]:
    """The two names of whichever option is given."""
    given = [one for one in (periods, areas) if one]
    names = [name.strip() for name in given[0].replace("，", ",").split(",")] if given else []
    if len(given) != 1 or len(names) != 2 or not all(names):
        raise DataError(
            "请用 --periods 2024,2025 给出两个时期，或用 --areas 崇明区,黄浦区 给出两个区域。",
            "Give two periods by --periods 2024,2025 or two areas by --areas 崇明区,黄浦区.",
        )
    return names[0], names[1]
