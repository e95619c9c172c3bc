"""``config.toml`` of a project in, its settings checked out: every key, its kind and default."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import create_model

from bsh_geo import database_sources
from bsh_geo.catalogue import Closed, PathSettings, ResidentSettings, declared
from bsh_geo.project import Project
from bsh_geo.store import StoreSettings

FILE = "config.toml"


class BasemapSettings(Closed):
    """``[basemap]``: tiles of the web under the map; without it nothing is fetched."""

    name: Literal["osm", "tianditu"] | None = None
    key: str = ""


class CrsSettings(Closed):
    """``[crs]``: the city's own grid, as PROJ parameters."""

    local: str = ""


AccessSettings: type[Closed] = create_model(
    "AccessSettings",
    __base__=Closed,
    # ``import`` is no name of Python, hence no class statement.
    **{
        "import": (bool | tuple[str, ...], True),
        "view": (bool | tuple[str, ...], True),
        "require_login": (bool, False),
    },
)  # type: ignore[call-overload]


class Settings(Closed):
    """All of ``config.toml``; ``version`` is that of the product that made the folder."""

    version: str = ""
    approval: str = ""
    office: str = ""
    logo: str = ""
    crs: CrsSettings | str = CrsSettings()
    basemap: BasemapSettings = BasemapSettings()
    paths: PathSettings = PathSettings()
    residents: ResidentSettings = ResidentSettings()
    access: Any = None
    databases: Any = None
    store: StoreSettings | str | None = None


TABLES: dict[str, type[Closed]] = {
    "crs": CrsSettings,
    "basemap": BasemapSettings,
    "paths": PathSettings,
    "residents": ResidentSettings,
    "access": AccessSettings,
    "store": StoreSettings,
}
"""The tables of the file by name."""


def settings(project: Project) -> Settings:
    """The settings of a project, all at their defaults where it has none.

    Raises
    ------
    DataError
        The file is no TOML, has an unknown key, or a value of another kind.
    """
    content = project.config
    for name, model in TABLES.items():
        said = content.get(name)
        if isinstance(said, dict):
            declared(model, said, f"{FILE} [{name}]")
    database_sources.offered(project)
    return declared(Settings, content, FILE)


def files(project: Project) -> tuple[str, ...]:
    """The files that the settings name, as they are written there."""
    found = settings(project)
    named = (found.logo, found.paths.file, found.paths.barriers)
    return tuple(one for one in (*named, found.residents.file, found.residents.homes) if one)
