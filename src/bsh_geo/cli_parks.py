"""The commands of parks: ``parks access``, ``bands``, ``gaps``, ``probe``, ``people``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bsh_geo.cli_app import LangOption, ProjectOption, done, opened, write
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.project import Project

NetworkOption = Annotated[
    Path | None,
    typer.Option("--network", help="道路网络：GeoPackage、GeoJSON 或 OSM 摘录 / ways to walk on"),
]
ResidentsOption = Annotated[
    Path | None,
    typer.Option("--residents", help="人口格网 GeoTIFF 或分区人口面 / people by cell or area"),
]
ColumnOption = Annotated[
    str | None, typer.Option("--column", help="分区人口的列，缺省 population / column of people")
]
HomesOption = Annotated[Path | None, typer.Option("--homes", help="居住用地面 / residential areas")]
BandOption = Annotated[
    str, typer.Option("--band", help="size、300m、500m、5min、15min … 服务范围 / how far")
]
SpeedOption = Annotated[
    float | None, typer.Option("--speed", help="步行速度 m/s，缺省 1.2 / walking speed")
]
WidthOption = Annotated[
    float | None, typer.Option("--width", help="离路最远 m，缺省 50 / how far off a way")
]
SnapOption = Annotated[
    float | None, typer.Option("--snap", help="公园点离路最远 m，缺省 200 / park to way")
]
AreaOption = Annotated[
    list[str] | None,
    typer.Option("--area", help="区或组团，可多次 / district or group, may be repeated"),
]
OutOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="csv、xlsx、json、geojson、gpkg / file; else the terminal"),
]

SHAPED = ("geojson", "gpkg")
PLAIN = ("csv", "xlsx", "json")

group = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="公园可达：覆盖、盲区、拟建公园 / Access to parks: reach, blind spots, a new park",
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.add_typer(group, name="parks")


def _basis(here: Project, network: Path | None, residents: Path | None, **changes: Any) -> Any:
    """What reach is measured by, its files checked."""
    from bsh_geo import park_access

    named = {name: str(one) if isinstance(one, Path) else one for name, one in changes.items()}
    found = park_access.basis(here, network, residents, **named)
    park_access.check(found)
    return found


def _codes(here: Project, area: list[str] | None) -> tuple[str, ...]:
    from bsh_geo import areas

    return areas.select(here, area or ()).codes


def _form(output: Path | None) -> str:
    """The format that a file's name says; a table of the terminal without a file."""
    if output is None:
        return "table"
    form = output.suffix.removeprefix(".").lower()
    if form not in (*PLAIN, *SHAPED):
        raise unknown_name("导出格式", "export format", form, (*PLAIN, *SHAPED))
    return form


def _give(view: Any, notes: tuple[str, ...], form: str, output: Path | None) -> None:
    """A table into the file or onto the terminal, there with what limits it."""
    from bsh_geo import exports, listing

    if output is None:
        typer.echo("\n".join([*listing.lines(view.shown), "", *notes]))
        return
    if form in SHAPED:
        content = exports.to_bytes(view, form)
    else:
        records = view.export.drop(columns="geometry").to_dict("records")
        content = listing.to_bytes(view.shown, records, form, view.title)
    write(output, content)
    typer.echo("\n".join([str(output), *notes]))


@group.command()
def access(
    network: NetworkOption = None,
    residents: ResidentsOption = None,
    column: ColumnOption = None,
    band: BandOption = "size",
    area: AreaOption = None,
    speed: SpeedOption = None,
    width: WidthOption = None,
    snap: SnapOption = None,
    output: OutOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """陆域与居民覆盖率 / Land and residents within reach of a park."""
    from bsh_geo import park_access, park_report, park_words

    here = opened(project, lang)

    def action() -> None:
        form = _form(output)
        codes = _codes(here, area)
        changes = {"speed_m_s": speed, "width_m": width, "snap_m": snap, "column": column}
        of = _basis(here, network, residents, **changes)
        wanted = park_access.band(band, of.walk.speed_m_s)
        view = park_report.shares(of, wanted, lang, codes)
        _give(view, park_words.method(of, wanted, lang), form, output)

    done(action, lang)


@group.command()
def bands(
    network: NetworkOption = None,
    residents: ResidentsOption = None,
    column: ColumnOption = None,
    area: AreaOption = None,
    speed: SpeedOption = None,
    width: WidthOption = None,
    snap: SnapOption = None,
    output: OutOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """各距离与步行时间并列，直线与步行 / Every distance and walk, straight beside on foot."""
    from bsh_geo import park_access, park_report, park_words

    here = opened(project, lang)

    def action() -> None:
        form = _form(output)
        codes = _codes(here, area)
        changes = {"speed_m_s": speed, "width_m": width, "snap_m": snap, "column": column}
        of = _basis(here, network, residents, **changes)
        view = park_report.bands(of, lang, codes)
        last = park_access.band(park_access.BANDS[-1], of.walk.speed_m_s)
        _give(view, park_words.method(of, last, lang), form, output)

    done(action, lang)


@group.command()
def gaps(
    network: NetworkOption = None,
    residents: ResidentsOption = None,
    column: ColumnOption = None,
    homes: HomesOption = None,
    band: BandOption = "size",
    area: AreaOption = None,
    min_ha: Annotated[
        float, typer.Option("--min-ha", help="最小面积，公顷 / least size of a patch", min=0)
    ] = 1.0,
    cell: Annotated[
        float, typer.Option("--cell", help="切分方格边长 m，0 为不切 / square, 0 for none", min=0)
    ] = 1000.0,
    speed: SpeedOption = None,
    width: WidthOption = None,
    snap: SnapOption = None,
    output: OutOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """服务盲区，按居民或面积排名 / Blind spots, ranked by residents or area."""
    from bsh_geo import park_access, park_gaps, park_report, park_words

    here = opened(project, lang)

    def action() -> None:
        form = _form(output)
        codes = _codes(here, area)
        changes = {"speed_m_s": speed, "width_m": width, "snap_m": snap, "column": column}
        of = _basis(here, network, residents, homes=homes, **changes)
        wanted = park_access.band(band, of.walk.speed_m_s)
        found = park_gaps.gaps(of, wanted, codes, min_ha, cell)
        view = park_report.gap_rows(of, wanted, found, lang)
        said = park_words.gap_method(found, min_ha, cell, lang)
        _give(view, (said, *park_words.method(of, wanted, lang)), form, output)

    done(action, lang)


@group.command()
def probe(
    at: Annotated[
        str | None, typer.Option("--at", help="经度,纬度，十进制或度分秒 / longitude,latitude")
    ] = None,
    polygon: Annotated[
        Path | None, typer.Option("--polygon", help="公园范围面 / the park as an area")
    ] = None,
    size: Annotated[
        float | None, typer.Option("--size", help="公园面积，公顷 / size of the park, ha")
    ] = None,
    network: NetworkOption = None,
    residents: ResidentsOption = None,
    column: ColumnOption = None,
    band: BandOption = "size",
    speed: SpeedOption = None,
    width: WidthOption = None,
    snap: SnapOption = None,
    output: OutOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """在此新建一座公园会增加多少 / What a new park here would add."""
    from bsh_geo import park_access, park_gaps, park_report, park_words

    here = opened(project, lang)

    def action() -> None:
        form = _form(output)
        place = _place(at, polygon)
        changes = {"speed_m_s": speed, "width_m": width, "snap_m": snap, "column": column}
        of = _basis(here, network, residents, **changes)
        wanted = park_access.band(band, of.walk.speed_m_s)
        found = park_gaps.probe(of, wanted, place, size)
        view = park_report.probe_rows(of, found, lang)
        said = park_words.probe_sentence(of, found, lang)
        _give(view, (said, *park_words.method(of, wanted, lang)), form, output)

    done(action, lang)


def _place(at: str | None, polygon: Path | None) -> Any:
    """The new park in degrees: a point, or the areas of a file taken together."""
    from shapely.geometry import Point

    from bsh_geo import coordinates, given
    from bsh_geo.crs import DISPLAY

    if (at is None) == (polygon is None):
        raise DataError(
            "请用 --at 给出位置，或用 --polygon 给出范围，二者取一。",
            "Give either a place with --at or an area with --polygon.",
        )
    if polygon is not None:
        areas = given.shapes(polygon, polygon.name, "area")
        return areas.geometry.to_crs(DISPLAY).union_all()
    places = [one for listed in coordinates.parse(str(at)) for one in listed]
    if len(places) != 1:
        raise DataError(
            f"--at 给出了 {len(places)} 个位置，应为一个。",
            f"--at names {len(places)} places; one was expected.",
        )
    return Point(places[0].lon, places[0].lat)


@group.command()
def people(
    area: AreaOption = None,
    output: OutOption = None,
    lang: LangOption = "zh",
    project: ProjectOption = None,
) -> None:
    """人均公园：已知面积、人口与年份，旁列公布值 / Parks per head, beside the published figure."""
    from bsh_geo import listing, park_report

    here = opened(project, lang)

    def action() -> None:
        form = _form(output)
        if form in SHAPED:
            raise unknown_name("导出格式", "export format", form, PLAIN)
        rows = park_report.per_head(here, lang, _codes(here, area))
        if output is None:
            typer.echo("\n".join(listing.lines(rows)))
            return
        records: Any = rows.to_dict("records")
        write(output, listing.to_bytes(rows, records, form, "人均公园 Parks per head"))
        typer.echo(str(output))

    done(action, lang)
