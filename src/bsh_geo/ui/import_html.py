"""What was found in uploaded files in, the HTML of the import page out; every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import quote

from bsh_geo import own_kinds
from bsh_geo.catalogue import QUALITY_TITLES
from bsh_geo.own_kinds import RASTER
from bsh_geo.own_report import NAMED, Planned
from bsh_geo.project import Project
from bsh_geo.ui.import_look import Done, Look, Told
from bsh_geo.ui.import_own import fields_of
from bsh_geo.ui.import_steps import READINGS, TARGETS, Access, Given, Past, forms_of
from bsh_geo.ui.text import word

MOST_TOLD = 5
"""Findings beside the preview; the report has all."""

LAYERS = {
    "stations": "air_quality",
    "parks": "park_coverage",
    "wetlands": "wetlands",
    "redline": "ecological_red_line",
    READINGS: "air_quality",
}
"""The layer that shows what was imported."""


def heading(title: str, intro: str) -> str:
    """The head of the page."""
    return f'<div class="bsh-page-head"><h2>{escape(title)}</h2><p>{escape(intro)}</p></div>'


def step(number: int, title: str, state: str = "") -> str:
    """The heading of a step: its number, its name, and whether it waits or is done."""
    kind = f" bsh-step-{state}" if state else ""
    return f'<div class="bsh-step{kind}"><i>{number}</i>{escape(title)}</div>'


def access_html(access: Access, lang: str) -> str:
    """One sentence about why nothing can be written; nothing where it can."""
    if access.folder is not None:
        return ""
    return f'<div class="bsh-banner">{escape(word(f"import_{access.why}", lang))}</div>'


def files_html(given: Given) -> str:
    """The files that were uploaded, with their sizes."""
    rows = "".join(
        f'<li><b title="{escape(name)}">{escape(name)}</b>'
        f"<span>{escape(size_text(len(content)))}</span></li>"
        for name, content in _named(given)
    )
    return f'<ul class="bsh-files">{rows}</ul>'


def _named(given: Given) -> list[tuple[str, bytes]]:
    """The files by the name that a reader knows: rows of a database have that of their table."""
    if given.origin is None:
        return list(given.files)
    return [(given.origin.name, content) for _, content in given.files]


def size_text(count: int) -> str:
    """Bytes as a reader has them."""
    if count < 1 << 10:
        return f"{count} B"
    return f"{count / 1024:,.0f} KB" if count < 1 << 20 else f"{count / 2**20:,.1f} MB"


def start_html(project: Project, kind: str, lang: str) -> str:
    """Before there is a file: what the kind is for, its columns, and how they may be called."""
    intro = f'<p class="bsh-sentence">{escape(word(f"import_about_{kind}", lang))}</p>'
    points = "".join(f"<li>{escape(word(one, lang))}</li>" for one in _points(kind))
    listed = f'<ul class="bsh-import-points">{points}</ul>'
    table = "" if kind in (READINGS, TARGETS, RASTER) else _fields(project, kind, lang)
    return f'<div class="bsh-import-start">{intro}{listed}{table}</div>'


def _points(kind: str) -> list[str]:
    if kind == READINGS:
        return ["import_point_readings", "import_point_units", "import_point_atomic"]
    if kind == TARGETS:
        return ["import_point_template", "import_point_faults", "import_point_atomic"]
    if kind == RASTER:
        return ["import_point_raster", "import_point_codes", "import_point_atomic"]
    if kind == "indicators":
        return ["import_point_tables", "import_point_names", "import_point_atomic"]
    return ["import_point_crs", "import_point_datum", "import_point_names", "import_point_atomic"]


def _fields(project: Project, kind: str, lang: str) -> str:
    """The columns of a kind and the first heads they are recognised by."""
    titles = fields_of(project, kind, lang)
    rows = []
    for field, title in titles.items():
        heads = own_kinds.WORDS.get(field, "").split()[:7] or [field]
        rows.append(f"<tr><th>{escape(title)}</th><td>{escape(' · '.join(heads))}</td></tr>")
    head = f"<tr><th>{escape(word('import_field', lang))}</th>" + (
        f"<th>{escape(word('import_heads', lang))}</th></tr>"
    )
    return (
        f'<table class="bsh-import-fields"><thead>{head}</thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


_TONES = {"rejected": "bad", "unmatched": "bad", "outside": "warn", "duplicate": "warn",
          "proposed": "warn", "repaired": "warn"}  # fmt: skip


def counts_html(found: Look, lang: str, waiting: bool = False) -> str:
    """How much would be imported of what was read, and what became of the rest.

    While something is ``waiting`` for an answer nothing is said to be fine.
    """
    counts = found.counts()
    values = found.kind == READINGS
    unit = word(_unit(found.kind), lang)
    words = {} if values else {"outside": "away"}
    of = word("import_of", lang, n=f"{counts['read']:,}", unit=unit)
    rest = "".join(
        f'<span class="bsh-import-count bsh-import-{_TONES.get(name, "plain")}">'
        f"{escape(word(f'import_count_{words.get(name, name)}', lang))} <b>{count:,}</b></span>"
        for name, count in counts.items()
        if name not in ("read", "kept") and count
    )
    all_fine = "import_not_checked" if waiting else "import_all_fine"
    none = f'<span class="bsh-import-count">{escape(word(all_fine, lang))}</span>'
    return (
        f'<div class="bsh-key-label">{escape(word("import_kept", lang))}</div>'
        f'<div class="bsh-key bsh-key-long">{counts["kept"]:,}<span>{escape(of)}</span></div>'
        f'<div class="bsh-import-counts">{rest or none}</div>'
    )


def _unit(kind: str) -> str:
    """The word for what is counted: values, cells or rows."""
    return {READINGS: "import_values", RASTER: "import_cells"}.get(kind, "import_rows")


def facts_html(facts: Iterable[tuple[str, str]]) -> str:
    """Format, encoding, coordinate system."""
    rows = "".join(
        f'<div class="bsh-row bsh-figure"><span>{escape(head)}</span><b>{escape(cell)}</b></div>'
        for head, cell in facts
    )
    return f'<div class="bsh-import-facts">{rows}</div>' if rows else ""


def told_html(told: Sequence[Told], lang: str, most: int = MOST_TOLD) -> str:
    """Findings with the rows they are about; those that lose rows first."""
    rows = "".join(_told(one, lang) for one in told[:most])
    left = len(told) - most
    more = (
        f'<div class="bsh-meta">{escape(word("import_more", lang, n=left))}</div>'
        if left > 0
        else ""
    )
    return f'<div class="bsh-import-told">{rows}{more}</div>' if rows else ""


def _told(one: Told, lang: str) -> str:
    where = rows_text(one.rows, lang)
    if one.lost is not None:
        where += f" · {word('import_lost' if one.lost else 'import_kept_still', lang)}"
    count = f" <b>{one.count:,}</b>" if one.count > 1 else ""
    at = f'<div class="bsh-meta">{escape(where)}</div>' if where else ""
    return (
        f'<div class="bsh-import-one bsh-import-{_TONES.get(one.sort, "plain")}">'
        f"<em>{escape(one.title)}{count}</em><span>{escape(one.text)}</span>{at}</div>"
    )


def rows_text(rows: Sequence[int], lang: str, most: int = NAMED) -> str:
    """Row numbers as a reader has them: ``第 3、5 行``."""
    if not rows:
        return ""
    en = lang == "en"
    listed = (", " if en else "、").join(f"{one}" for one in rows[:most])
    if len(rows) > most:
        tail = f" … ({len(rows):,} rows)" if en else f" … 共 {len(rows):,} 行"
        return f"rows {listed}{tail}" if en else f"第 {listed}{tail}"
    return f"row{'s' if len(rows) > 1 else ''} {listed}" if en else f"第 {listed} 行"


def planned_html(files: Sequence[Planned], lang: str) -> str:
    """The files of the project folder that are written, and how many rows change in each."""
    rows = "".join(
        f"<li><code>{escape(one.file)}</code><span>{escape(_change(one, lang))}</span></li>"
        for one in files
    )
    return f'<ul class="bsh-import-files">{rows}</ul>' if rows else ""


def _change(one: Planned, lang: str) -> str:
    told = [word("import_added", lang, n=f"{one.added:,}")] if one.added else []
    told += [word("import_replaced", lang, n=f"{one.replaced:,}")] if one.replaced else []
    told += [word("import_dropped", lang, n=f"{one.dropped:,}")] if one.dropped else []
    return " · ".join(told)


def done_html(done: Done, lang: str) -> str:
    """What an import changed, with the way to where it is seen."""
    unit = word(_unit(done.kind), lang)
    said = word("import_done", lang, file=done.file, n=f"{done.rows:,}", unit=unit)
    back = "" if done.kind == READINGS else word("import_done_back", lang)
    return (
        f'<div class="bsh-import-done"><b>{escape(word("import_done_title", lang))}</b>'
        f"<p>{escape(said)}{escape(back)}</p>{planned_html(done.planned, lang)}"
        f"{_way(done, lang)}</div>"
    )


def _way(done: Done, lang: str) -> str:
    href, key = target_of(done, lang)
    return f'<a href="{escape(href)}" target="_self">{escape(word(key, lang))} →</a>'


def target_of(done: Done, lang: str) -> tuple[str, str]:
    """The address on which an import is seen, and the word that leads there."""
    tail = "lang=en" if lang == "en" else ""
    layer = LAYERS.get(done.kind, "")
    if done.kind in ("areas", RASTER):
        names = [one.file for one in done.planned if one.file.startswith("layers/")]
        layer = names[0].removeprefix("layers/").removesuffix(".toml") if names else ""
    if layer:
        query = "&".join(one for one in (f"layer={quote(layer)}", tail) if one)
        # The map is the first page: its address is that of the app.
        return f"./?{query}", "import_to_map"
    page, key = ("progress", "import_to_progress") if done.kind != "boundary" else (
        "data", "import_to_data"
    )  # fmt: skip
    return f"{page}?{tail}" if tail else page, key


def past_html(one: Past, lang: str, sources: Mapping[str, str]) -> str:
    """A line of the history."""
    state = " bsh-past-undone" if one.undone else ""
    title = word("import_undoing", lang) if one.what == "undo" else word(
        f"import_kind_{one.what}", lang
    )  # fmt: skip
    number = f"#{one.number} " if one.what != READINGS else ""
    tail = [one.file]
    if one.what == "undo":
        tail = [word("import_undid", lang, n="、".join(f"#{number}" for number in one.of))]
    elif one.rows:
        unit = word(_unit(one.what), lang)
        tail += [f"{one.rows:,} {unit}", sources.get(one.source, one.source)]
    chip = f'<span class="bsh-mark">{escape(word("import_undone", lang))}</span>'
    told = " · ".join(dict.fromkeys(part for part in tail if part))
    return (
        f'<div class="bsh-past{state}"><time>{escape(one.when[:16])}</time>'
        f"<div><b>{escape(number + title)}</b>{chip if one.undone else ''}"
        f"<div>{escape(told)}</div>"
        f'<div class="bsh-meta">{escape(" · ".join(one.files))}</div></div></div>'
    )


def quality_words(lang: str) -> dict[str, str]:
    """Qualities with their titles."""
    return {name: text.get(lang) for name, text in QUALITY_TITLES.items()}


def forms_text(kind: str, most_mb: int, lang: str) -> str:
    """Which formats a kind is read from, and how large files may be."""
    forms = " ".join(one.lstrip(".") for one in forms_of(kind))
    return word("import_forms", lang, forms=forms, mb=most_mb)
