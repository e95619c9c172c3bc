"""``[databases]`` of a project's ``config.toml`` in, the tables that may be imported from out.

Only whoever keeps the server writes that file: nothing of a user becomes an address or an
identifier of SQL, and nobody is shown an address, a login or a password.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from bsh_geo.catalogue import Closed, SchemaFault, Text, declared
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.project import Project

TABLE = "databases"
SHOWN = f"config.toml [{TABLE}]"

PREFIX = "db:"
"""How a command may write a source in the place of a file: ``db:hb/redline``."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_PART = re.compile(r"[^\s.\"\0]{1,63}")


class TableSettings(Closed):
    """``[databases.<name>.sources.<source>]``: a table or view that is offered.

    ``where`` is a condition in SQL, ``geometry`` and ``district`` name columns, ``columns`` those
    that are offered (all of them where it is blank), ``kinds`` what the page offers it for.
    """

    table: str
    where: str = ""
    geometry: str = ""
    district: str = ""
    columns: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    title: Text | None = None

    @field_validator("table")
    @classmethod
    def _plain_table(cls, text: str) -> str:
        parts = text.split(".")
        if len(parts) > 2 or not all(_PART.fullmatch(one) for one in parts):
            raise SchemaFault(
                f"表名“{text}”应写作 模式.表", f"the table “{text}” should be schema.table"
            )
        return text

    @field_validator("where")
    @classmethod
    def _one_condition(cls, text: str) -> str:
        if ";" in text or "\0" in text:
            raise SchemaFault("where 应为一个条件，不含分号", "where is one condition, without “;”")
        return text.strip()

    @property
    def name(self) -> tuple[str, str]:
        """Schema (``public`` where none is written) and table."""
        schema, _, table = self.table.rpartition(".")
        return schema or "public", table


class DatabaseSettings(Closed):
    """``[databases.<name>]``: an address, or ``$NAME`` of the variable that has it; seconds."""

    url: Any
    timeout: float = Field(default=30.0, gt=0, le=3600)
    sources: dict[str, TableSettings] = Field(min_length=1)

    @field_validator("url", mode="before")
    @classmethod
    def _address(cls, text: object) -> object:
        # The value is never repeated: it may hold a password.
        if not isinstance(text, str) or not (_is_variable(text) or _is_address(text)):
            raise SchemaFault(
                "url 应为 postgresql://… 或环境变量 $名称",
                "url should be postgresql://… or $NAME of an environment variable",
            )
        return text


def _is_variable(text: str) -> bool:
    return bool(re.fullmatch(r"\$[A-Za-z_][A-Za-z0-9_]*", text))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("postgresql", "postgres") and (parts.port or 1) > 0
    except ValueError:
        return False


@dataclass(frozen=True)
class Offered:
    """A table or view that may be imported from, by the name ``database/source``."""

    database: str
    source: str
    settings: TableSettings
    timeout: float
    said: str

    def __repr__(self) -> str:
        return f"Offered({self.name!r})"

    @property
    def name(self) -> str:
        """How the command and the page call it."""
        return f"{self.database}/{self.source}"

    @property
    def url(self) -> str:
        """The address, with the password if it has one; for the connection alone.

        Raises
        ------
        DataError
            The environment variable that should hold it is not set, or holds no address.
        """
        if not self.said.startswith("$"):
            return self.said
        name = self.said[1:]
        found = os.environ.get(name, "")
        if not _is_address(found):
            zh, en = (
                ("不是", "holds no") if found else ("没有设置，应为", "is not set; it should be a")
            )
            raise DataError(
                f"环境变量 {name} {zh} postgresql:// 地址（{SHOWN} {self.database}）。",
                f"The environment variable {name} {en} postgresql:// address ({SHOWN} "
                f"{self.database}).",
            )
        return found

    @property
    def place(self) -> str:
        """Server and database, without login and password."""
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.hostname or 'localhost'}{port}{parts.path}"

    @property
    def table(self) -> str:
        """The table as it is written in SQL without quotes."""
        return ".".join(self.settings.name)

    def title(self, lang: str) -> str:
        """The owner's title, else the name."""
        said = self.settings.title
        return f"{said.get(lang)} ({self.name})" if said is not None else self.name


def offered(project: Project) -> dict[str, Offered]:
    """Every source that the configuration offers, by ``database/source``.

    Raises
    ------
    DataError
        The configuration is faulty; its addresses are not repeated.
    """
    content = project.config.get(TABLE, {})
    found: dict[str, Offered] = {}
    for name, said in _tables(content, SHOWN).items():
        shown = f"{SHOWN} {name}"
        for source in _tables(_tables({name: said}, SHOWN)[name].get("sources", {}), shown):
            _checked_name(source, shown)
        one = declared(DatabaseSettings, said, shown)
        for source, settings in one.sources.items():
            made = Offered(name, source, settings, one.timeout, str(one.url))
            found[made.name] = made
    return found


def _tables(content: object, shown: str) -> dict[str, dict[str, Any]]:
    """A table of tables with plain names; a value that is none is not repeated."""
    if not isinstance(content, Mapping):
        raise DataError(f"{shown} 应为表。", f"{shown} should be a table.")
    for name, said in content.items():
        _checked_name(str(name), shown)
        if not isinstance(said, Mapping):
            raise DataError(f"{shown} {name} 应为表。", f"{shown} {name} should be a table.")
    return {str(name): dict(said) for name, said in content.items()}


def _checked_name(name: str, shown: str) -> None:
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{shown}：名称“{name}”应为字母、数字、“_”和“-”。",
            f"{shown}: the name “{name}” should be of letters, digits, “_” and “-”.",
        )


def source_of(project: Project, text: str) -> Offered:
    """The source of a name, which may have ``db:`` in front.

    Raises
    ------
    UnknownNameError
        There is none of that name; those there are, are listed.
    DataError
        None is configured at all.
    """
    known = offered(project)
    name = text.removeprefix(PREFIX).strip()
    if not known:
        raise DataError(
            f"config.toml 没有配置数据库，应有 [{TABLE}.名称]。",
            f"config.toml offers no database; [{TABLE}.<name>] was expected.",
        )
    if name not in known:
        raise UnknownNameError(
            f"数据库来源“{name}”不存在，可用：{'、'.join(known)}。",
            f"There is no database source “{name}”. Known: {', '.join(known)}.",
        )
    return known[name]


def sources_for(project: Project, kind: str) -> dict[str, Offered]:
    """The sources that are offered for a kind of import; the ones that name no kind are for all."""
    return {
        name: one
        for name, one in offered(project).items()
        if not one.settings.kinds or kind in one.settings.kinds
    }
