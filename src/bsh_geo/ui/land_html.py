"""A land report in, HTML of the land page out: bars, legend, tables, published figures, notes.

Every text is escaped here, once; colours come from class tables, which admit nothing but #rrggbb.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import pandas as pd

from bsh_geo import land_classes, land_report
from bsh_geo.land_change_report import ChangeReport
from bsh_geo.land_classes import Named
from bsh_geo.land_published import Beside, Published
from bsh_geo.land_report import (
    BEYOND_COLOUR,
    NODATA_COLOUR,
    TOTAL,
    Report,
    number,
    word,
)
from bsh_geo.ui import text

Piece = tuple[str, str, float]
"""Title, colour and share (%) of one length of a bar."""


def what_html(found: Report, lang: str) -> str:
    """One line: the file, its CRS, the class table, and the quality where it is no survey."""
    parts = [found.measured.raster, found.measured.grid.crs_name]
    if found.table is not None:
        parts.append(f"{word('table', lang)} {found.table.title.get(lang)}")
    quality = land_report.quality_text(found.declared, found.zones, lang)
    said = f"{word('quality', lang)} {quality}"
    line = " · ".join(escape(one) for one in parts)
    return f'<div class="bsh-land-what">{line} · <b>{escape(said)}</b></div>'


def _pieces(found: Report, grouped: bool, lang: str) -> dict[str, list[Piece]]:
    """The lengths of each zone's bar, in drawing order; they sum to 100."""
    percent = land_report.shares(found)
    if grouped:
        parts = land_report.by_group(found).div(found.whole, axis=0) * 100
        known = land_classes.groups(found.project)
        named = [
            (key, known[key].title.get(lang), known[key].colour)
            if key in known
            else (key, word("unknown", lang), "#9a8fa8")
            for key in parts
        ]
    else:
        parts = percent
        names = land_report.titles(found.classes, lang)
        named = [
            (one.code, title, one.colour) for one, title in zip(found.classes, names, strict=True)
        ]
    rest = [("nodata", NODATA_COLOUR), ("beyond", BEYOND_COLOUR)]
    return {
        str(zone): [(title, colour, number(parts, zone, key)) for key, title, colour in named]
        + [(word(key, lang), colour, number(percent, zone, key)) for key, colour in rest]
        for zone in percent.index
    }


def bars_html(found: Report, grouped: bool, lang: str, link: str = "") -> str:
    """A stacked bar per zone, its legend above.

    ``link`` is the address of the map with ``{area}`` in it, for zones that the map can show.
    """
    shown = land_report.with_total(found)
    bars = _pieces(shown, grouped, lang)
    used = _used(bars.values())
    legend = "".join(
        f'<span><i style="background:{colour}"></i>{escape(title)}</span>' for title, colour in used
    )
    rows = "".join(
        _bar(shown, zone, pieces, lang, link)
        for zone, pieces in sorted(bars.items(), key=lambda one: one[0] != TOTAL)
    )
    return f'<div class="bsh-land"><div class="bsh-land-legend">{legend}</div>{rows}</div>'


def _used(bars: Iterable[list[Piece]]) -> list[tuple[str, str]]:
    """Titles and colours that occur, in drawing order."""
    seen: dict[tuple[str, str], None] = {}
    kept = {(title, colour) for pieces in bars for title, colour, share in pieces if share >= 0.005}
    for pieces in bars:
        seen |= {(title, colour): None for title, colour, _ in pieces if (title, colour) in kept}
    return list(seen)


def _bar(found: Report, zone: str, pieces: list[Piece], lang: str, link: str) -> str:
    name = plain = escape(found.name(zone, lang))
    if link and zone != TOTAL:
        name = f'<a href="{escape(link.format(area=zone))}" target="_self">{name}</a>'
    lengths = "".join(
        f'<i style="width:{share:.3f}%;background:{colour}" '
        f'title="{escape(title)} {_share(share)} %"></i>'
        for title, colour, share in pieces
        if share > 0.005
    )
    total = " bsh-land-total" if zone == TOTAL else ""
    area = f"{found.measured.areas.own[zone]:,.1f} km²"
    return (
        f'<div class="bsh-land-row{total}">'
        f'<span class="bsh-land-name" title="{plain}">{name}</span>'
        f'<span class="bsh-land-bar">{lengths}</span>'
        f'<span class="bsh-land-area">{area}</span></div>'
    )


def _share(share: float) -> str:
    return "< 0.1" if 0 < share < 0.05 else f"{share:.1f}"


def table_html(rows: pd.DataFrame, lang: str, digits: int = 2) -> str:
    """A table with its head in view and numbers at the right; ids stay in the files."""
    shown = rows.drop(columns=[word("id", lang)], errors="ignore")
    head = "".join(
        f'<th class="{_side(shown, name)}">{escape(str(name))}</th>' for name in shown.columns
    )
    total = word("total", lang)
    body = "".join(
        ('<tr class="bsh-land-total">' if row[0] == total else "<tr>")
        + "".join(
            f'<{tag} class="{_side(shown, name)}">{_cell(cell, digits)}</{tag}>'
            for tag, name, cell in zip(
                ["th", *["td"] * (len(shown.columns) - 1)], shown.columns, row, strict=True
            )
        )
        + "</tr>"
        for row in shown.itertuples(index=False)
    )
    return (
        f'<div class="bsh-matrix bsh-land-table"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _side(rows: pd.DataFrame, name: object) -> str:
    return "bsh-number" if pd.api.types.is_numeric_dtype(rows[name]) else ""


def _cell(cell: object, digits: int) -> str:
    if isinstance(cell, float):
        if cell != cell:
            return "—"
        if cell == 0:
            return '<span class="bsh-land-none">0</span>'
        small = 0 < abs(cell) < 0.5 * 10**-digits
        shown = f"< {10**-digits:g}" if small else f"{cell:,.{digits}f}"
        return shown.replace("-", "−")
    return escape(str(cell))


def values_html(found: Report, lang: str) -> str:
    """The figures of a raster of amounts, four significant digits."""
    rows = land_report.wide(found, lang)
    keep = [word(key, lang) for key in ("zone", "mean", "sum", "min", "p10", "p50", "p90", "max")]
    shown = rows[keep].copy()
    for name in keep[1:]:
        shown[name] = [f"{cell:,.4g}" if cell == cell else "—" for cell in rows[name]]
    made = table_html(shown, lang)
    for name in keep[1:]:
        made = made.replace(
            f'<th class="">{escape(name)}', f'<th class="bsh-number">{escape(name)}'
        )
    return made.replace('<td class="">', '<td class="bsh-number">')


def matrix_html(change: ChangeReport, lang: str) -> str:
    """What became what, all zones together: before in rows, after in columns."""
    rows = change.transitions.dropna()
    summed = rows.groupby(["before", "after"])["km2"].sum()
    codes = [code for code in change.classes if code in set(rows["before"]) | set(rows["after"])]
    names = {code: escape(change.title(code, lang)) for code in codes}
    head = "".join(f'<th class="bsh-number">{names[code]}</th>' for code in codes)
    body = "".join(
        f"<tr><th>{names[old]}</th>"
        + "".join(
            f'<td class="bsh-number{" bsh-land-same" if old == new else ""}">'
            f"{_cell(float(summed.get((old, new), 0.0)), 2)}</td>"
            for new in codes
        )
        + "</tr>"
        for old in codes
    )
    title = escape(text.word("land_from_to", lang))
    return (
        f'<div class="bsh-matrix bsh-land-table bsh-land-change"><table><thead><tr><th>{title}</th>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def gains_html(change: ChangeReport, lang: str) -> str:
    """Gains and losses of all zones together by class, as bars about a middle line."""
    summed = change.gains.groupby("code")[["before_km2", "after_km2", "loss_km2", "gain_km2"]].sum()
    most = max(float(summed[["loss_km2", "gain_km2"]].to_numpy().max(initial=0.0)), 1e-9)
    rows = []
    for one in change.classes.values():
        if one.code not in summed.index:
            continue
        row = {str(name): number(summed, one.code, name) for name in summed}
        rows.append(_gain_row(one, row, most, lang))
    head = (
        f'<div class="bsh-land-gain bsh-land-gain-head"><span>{escape(word("class", lang))}</span>'
        f"<span>{escape(word('loss_km2', lang))}</span><span></span><span></span>"
        f"<span>{escape(word('gain_km2', lang))}</span>"
        f"<span>{escape(word('net_km2', lang))}</span></div>"
    )
    return f'<div class="bsh-land">{head}{"".join(rows)}</div>'


def _gain_row(one: Named, row: dict[str, float], most: float, lang: str) -> str:
    loss, gain = row["loss_km2"], row["gain_km2"]
    net = row["after_km2"] - row["before_km2"]
    sign = f"{net:+,.2f}".replace("-", "−")
    return (
        f'<div class="bsh-land-gain"><span><i style="background:{one.colour}"></i>'
        f"{escape(one.title.get(lang))}</span><b>{loss:,.2f}</b>"
        f'<span class="bsh-land-loss"><i style="width:{loss / most * 100:.2f}%"></i></span>'
        f'<span class="bsh-land-plus"><i style="width:{gain / most * 100:.2f}%"></i></span>'
        f"<b>{gain:,.2f}</b><b>{sign}</b></div>"
    )


def beside_html(rows: list[Beside], area: str, lang: str) -> str:
    """Published figures by group, each with its own definition, beside the measured share."""
    body = "".join(_beside(one, lang) for one in rows)
    title = f"{text.word('land_published', lang)} · {area}"
    note = text.word("land_published_note", lang)
    return f'<h4>{escape(title)}</h4><p class="bsh-meta">{escape(note)}</p>{body}'


def _beside(one: Beside, lang: str) -> str:
    if one.share is None or one.area is None:
        measured = f'<span class="bsh-meta">{escape(text.word("land_not_measured", lang))}</span>'
    else:
        measured = f"<b>{_share(one.share)} %</b>"
    head = (
        f'<div class="bsh-row"><span class="bsh-land-key"><i style="background:{one.colour}"></i>'
        f"{escape(one.title)}</span>{measured}</div>"
    )
    area = "" if one.area is None else f'<div class="bsh-meta">{one.area:,.2f} km²</div>'
    figures = "".join(_published(figure, lang) for figure in one.published)
    return f'<div class="bsh-land-group">{head}{area}{figures}</div>'


def _published(one: Published, lang: str) -> str:
    if one.value:
        value = f"{escape(one.value)} {escape(one.unit)}"
        about = " · ".join(part for part in (one.period, one.quality, one.source) if part)
    else:
        value, about = escape(text.word("land_none", lang)), ""
    tail = f'<div class="bsh-meta">{escape(about)}</div>' if about else ""
    return (
        f'<details class="bsh-trace"><summary><div class="bsh-row"><span>{escape(one.title)}</span>'
        f'<b class="{"" if one.value else "bsh-land-none"}">{value}</b></div></summary>'
        f"<p>{escape(one.definition)}</p>{tail}</details>"
    )


def about_html(found: Report, change: ChangeReport | None, lang: str) -> str:
    """Raster, class table, method and quality, then what must be known about them."""
    rows = land_report.about(found, lang)
    remark = word("remark", lang)
    facts = "".join(
        f"<p><b>{escape(key)}</b> {escape(said)}</p>"
        for key, said in rows.itertuples(index=False)
        if key != remark
    )
    said = [one.get(lang) for one in (*found.remarks, *(change.remarks if change else ()))]
    notes = "".join(f"<li>{escape(one)}</li>" for one in said)
    heading = escape(text.word("limits", lang))
    return f'<div class="bsh-notes">{facts}<h4>{heading}</h4><ul>{notes}</ul></div>'
