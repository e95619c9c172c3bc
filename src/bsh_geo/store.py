"""A project in, its store of readings out: a database, files of its folder, or nothing yet."""

from __future__ import annotations

from urllib.parse import urlsplit

from bsh_geo.catalogue import Closed, declared
from bsh_geo.errors import DataError
from bsh_geo.project import Project, box_root
from bsh_geo.store_files import FileStore
from bsh_geo.store_records import BatchInfo, Extent, Store, Written

__all__ = ["BatchInfo", "Extent", "FileStore", "Store", "Written", "open_store"]

FOLDER = "readings"
"""Where a project folder keeps its readings."""

SCHEMES = ("postgresql", "postgres")


class StoreSettings(Closed):
    """``[store]`` of ``config.toml``."""

    url: str


def open_store(project: Project) -> Store:
    """The store of a project.

    The database that ``[store] url`` of ``config.toml`` names; without it files under
    ``readings/`` of the project folder; for the shipped data alone an empty one, which nothing
    can be written to. Nothing is opened or connected to here.

    Raises
    ------
    DataError
        ``[store]`` is not as it should be, or the driver of PostgreSQL is not installed.
    """
    settings = project.config.get("store")
    if settings is not None:
        content = settings if isinstance(settings, dict) else {"url": settings}
        return _database(project, declared(StoreSettings, content, "config.toml [store]").url)
    own = project.roots[0]
    return FileStore(project, None if own == box_root() else own / FOLDER)


def _database(project: Project, url: str) -> Store:
    try:
        scheme = urlsplit(url).scheme
        readable = urlsplit(url).port is None or scheme in SCHEMES
    except ValueError:
        scheme, readable = "", False
    if scheme not in SCHEMES or not readable:
        raise DataError(
            f"config.toml：store.url 以“{scheme}”开头，应为 postgresql://用户@主机/数据库。",
            f"config.toml: store.url begins with “{scheme}”; postgresql://user@host/database "
            "was expected.",
        )
    try:
        # The driver is wanted by those alone who name a server.
        from bsh_geo.store_database import DatabaseStore
    except ImportError as error:
        raise DataError(
            "config.toml 中写了 PostgreSQL，但没有安装驱动 psycopg[binary]。",
            "config.toml names PostgreSQL, but its driver psycopg[binary] is not installed.",
        ) from error
    return DatabaseStore(project, url)
