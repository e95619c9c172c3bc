"""``[access]`` of a project's config and an address in, what its owner may do out.

A viewer looks, an editor also writes. Without ``[access]`` everybody who reaches the server does
both, which suits one desk or a trusted network. Addresses are those that the login gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bsh_geo.errors import DataError
from bsh_geo.project import Project

Role = Literal["none", "viewer", "editor"]

KEYS = ("import", "view", "require_login")
"""Of ``[access]``; another key is a fault, as one that is misspelt would leave a door open."""

Group = bool | frozenset[str]
"""Everybody, nobody, or addresses (``li@bureau.example``) and domains (``@bureau.example``) in
small letters."""


@dataclass(frozen=True)
class Rules:
    """Who may look, who may write, and whether all log in before they see anything."""

    view: Group = True
    edit: Group = True
    login: bool = False


def rules(project: Project) -> Rules:
    """The rules of a project; a list under ``view`` makes everybody log in.

    Raises
    ------
    DataError
        ``[access]`` holds another key, or a value of another kind.
    """
    declared = project.config.get("access", {})
    if not isinstance(declared, dict):
        raise _wrong("[access]", declared, "一张表", "a table")
    for key in declared:
        if key not in KEYS:
            raise DataError(
                f"config.toml：[access] 没有设置项“{key}”，可用：{'、'.join(KEYS)}。",
                f"config.toml: [access] has no setting “{key}”; there are {', '.join(KEYS)}.",
            )
    login = declared.get("require_login", False)
    if not isinstance(login, bool):
        raise _wrong("[access] require_login", login, " true 或 false", "true or false")
    view = _group(declared, "view")
    if view is False:
        raise _wrong("[access] view", view, " true 或邮箱列表", "true or a list of addresses")
    return Rules(view, _group(declared, "import"), login or view is not True)


def _group(declared: dict[str, Any], key: str) -> Group:
    said = declared.get(key, True)
    if isinstance(said, bool):
        return said
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise _wrong(
            f"[access] {key}", said, " true、false 或邮箱列表", "true, false or a list of addresses"
        )
    found = frozenset(one.strip().casefold() for one in said if one.strip())
    for one in sorted(found):
        if "@" not in one:
            raise _wrong(f"[access] {key}", f"“{one}”", "邮箱或 @域名", "an address or an @domain")
    return found


def _wrong(name: str, said: object, zh: str, en: str) -> DataError:
    return DataError(
        f"config.toml：{name} 为 {said}，应为{zh}。",
        f"config.toml: {name} is {said}; {en} was expected.",
    )


def role(stated: Rules, address: str) -> Role:
    """What the owner of an address may do; blank is somebody who did not log in."""
    who = address.strip().casefold()
    if stated.login and not who:
        return "none"
    looks = _belongs(stated.view, who)
    if stated.edit is True:
        return "editor" if looks else "none"
    # Whoever is named as an editor also looks.
    if _belongs(stated.edit, who):
        return "editor"
    return "viewer" if looks else "none"


def _belongs(group: Group, who: str) -> bool:
    if isinstance(group, bool):
        return group
    name, at, domain = who.rpartition("@")
    return bool(name and at) and not group.isdisjoint({who, f"@{domain}"})
