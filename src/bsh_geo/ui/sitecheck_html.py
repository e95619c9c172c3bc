"""The result of a site check in, the HTML of the page's right column out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bsh_geo import registers, sitecheck
from bsh_geo.catalogue import QUALITY_TITLES
from bsh_geo.project import Project
from bsh_geo.registers import Register
from bsh_geo.relations import RELATIONS
from bsh_geo.sitecheck import SiteCheck
from bsh_geo.sitecheck_map import GROUPS
from bsh_geo.sitecheck_report import totals
from bsh_geo.sitecheck_words import RELATION_TITLES, register_head, short_state
from bsh_geo.tables import source_text
from bsh_geo.ui.text import word

MOST_CARDS = 25
"""Sites with a card of their own; the others are in the table."""


def statement_html(lang: str) -> str:
    """What must be read whatever else is."""
    said = escape(sitecheck.STATEMENT.get(lang))
    return f'<div class="bsh-warning bsh-site-statement">{said}</div>'


def start_html(project: Project, chosen: Sequence[Register], lang: str) -> str:
    """The column before there are sites: what to do, and what sites are tested against."""
    rows = "".join(_register(project, one, lang) for one in chosen)
    return (
        '<div class="bsh-facts bsh-notes">'
        f'<div class="bsh-site-start"><b>{escape(word("sites_start", lang))}</b>'
        f"<p>{escape(word('sites_start_text', lang))}</p></div>"
        f"{statement_html(lang)}<h4>{escape(word('sites_against', lang))}</h4>{rows}"
        f"{_method(lang)}</div>"
    )


def _register(project: Project, one: Register, lang: str) -> str:
    """A register: how many places it has and how they are known; its limits on a click."""
    found = registers.items(project, [one])
    forms = found.frame["form"]
    has = word(
        "sites_has",
        lang,
        areas=int((forms == "area").sum()),
        points=int((forms == "point").sum()),
        none=len(found.untested),
    )
    return (
        f'<details class="bsh-trace"><summary class="bsh-row"><span>{_swatch(one)}'
        f"{escape(one.title.get(lang))}</span></summary><p>{escape(one.note.get(lang))}</p>"
        f'</details><div class="bsh-meta">{escape(has)}</div>'
    )


def _swatch(one: Register) -> str:
    return f'<i class="bsh-swatch" style="background:{escape(one.colour)}"></i>'


def result_html(project: Project, found: SiteCheck, lang: str) -> str:
    """The column of a result: conflicts, totals, a card for each site, what was not tested."""
    count = int(found.ground["sites"]["all"])
    of = word("sites_of", lang, n=f"{len(found.sites):,}")
    order = found.sums.assign(rank=[RELATIONS.index(one) for one in found.sums["relation"]])
    numbers = order.sort_values("rank", kind="stable").index[:MOST_CARDS]
    cards = "".join(_card(project, found, int(number), lang) for number in numbers)
    left = len(found.sites) - len(numbers)
    more = f'<div class="bsh-meta">{escape(word("sites_more", lang, n=left))}</div>' if left else ""
    return (
        '<div class="bsh-facts">'
        f'<div class="bsh-key-label">{escape(word("sites_conflicts", lang))}</div>'
        f'<div class="bsh-key">{count:,}<span>{escape(of)}</span></div>'
        f"{statement_html(lang)}{_totals(found, lang)}"
        f"<h4>{escape(word('sites_each', lang))}</h4>{cards}{more}"
        f"{_untested(found, lang)}{_method(lang)}{_sources(project, found, lang)}</div>"
    )


def _totals(found: SiteCheck, lang: str) -> str:
    """A sentence for each register; its limits on a click."""
    notes = [one.note.get(lang) for one in found.registers if one.id in found.ground.index]
    said = list(totals(found, lang))
    rows = "".join(
        f'<details class="bsh-trace"><summary class="bsh-row"><span>{escape(one)}</span></summary>'
        f"<p>{escape(note)}</p></details>"
        for one, note in zip(said, [*notes, sitecheck.METHOD.get(lang)], strict=True)
    )
    return f"<h4>{escape(word('sites_totals', lang))}</h4>{rows}"


def _card(project: Project, found: SiteCheck, number: int, lang: str) -> str:
    """A site: its result, and a line for each register with the nearest place."""
    name = str(found.sites.frame.at[number, "name"])
    relation = str(found.sums.at[number, "relation"])
    group = next(key for key, value in GROUPS.items() if relation in value[2])
    title = name if name == str(number) else f"{number} {name}"
    rows = found.totals[found.totals["number"] == number].to_dict("records")
    lines = "".join(_line(project, found, row, lang) for row in rows)
    return (
        f'<div class="bsh-site bsh-site-{group}"><div class="bsh-row"><b>{escape(title)}</b>'
        f'<span class="bsh-site-chip">{escape(RELATION_TITLES[relation].get(lang))}</span></div>'
        f"{lines}</div>"
    )


def _line(project: Project, found: SiteCheck, row: Mapping[Any, Any], lang: str) -> str:
    """A register of a card; a click shows the place, its quality, its source."""
    item = found.items.frame.iloc[int(str(row["item"]))]
    register = found.register(str(row["register"]))
    head = register_head(register.short.get(lang), found.sketched(register.id), lang)
    colon = ": " if lang == "en" else "："
    facts = [
        str(item[f"name_{lang}"]),
        f"{word('sites_quality', lang)}{colon}{QUALITY_TITLES[str(item['quality'])].get(lang)}",
        f"{word('sites_source', lang)}{colon}{source_text(project, item['source'], lang)}",
        str(item[f"note_{lang}"]),
    ]
    told = "<br>".join(escape(one) for one in facts if one)
    return (
        f'<details class="bsh-trace"><summary class="bsh-row"><span>{escape(head)}</span>'
        f"<b>{escape(short_state(row, lang))}</b></summary><p>{told}</p></details>"
    )


def _untested(found: SiteCheck, lang: str) -> str:
    """Sites and places that were not tested, and what was mended."""
    colon = ": " if lang == "en" else "："
    said = [f"{one.number} {one.name}{colon}{one.reason.get(lang)}" for one in found.sites.rejected]
    said += [one.get(lang) for one in found.sites.notes]
    said += sitecheck.untested(found, lang)
    if not said:
        return ""
    rows = "".join(f"<li>{escape(one)}</li>" for one in said)
    title = escape(word("sites_untested", lang))
    return f'<div class="bsh-notes"><h4>{title}</h4><ul>{rows}</ul></div>'


def _method(lang: str) -> str:
    title, said = escape(word("sites_method", lang)), escape(sitecheck.METHOD.get(lang))
    return f'<div class="bsh-notes"><h4>{title}</h4><p>{said}</p></div>'


def _sources(project: Project, found: SiteCheck, lang: str) -> str:
    rows = "".join(f"<li>{escape(one)}</li>" for one in sitecheck.sources(project, found, lang))
    title = escape(word("sources", lang))
    return f'<div class="bsh-notes"><h4>{title}</h4><ul>{rows}</ul></div>'
