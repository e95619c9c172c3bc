"""A number with its origin in, HTML out that a click or the Enter key opens: no rerun, no script.

One component for all pages: ``<details>`` whose summary is the number's own line. Every text is
escaped here, once.
"""

from __future__ import annotations

import re
from html import escape

from bsh_geo.mapspec import Figure
from bsh_geo.origins import Origin

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def origin_html(origin: Origin) -> str:
    """The opened part: a line for each thing that is known of a number."""
    rows = "".join(
        f"<dt>{escape(label)}</dt><dd{_own(label, text)}>{escape(text)}</dd>"
        for label, text in origin
        if text
    )
    return f'<dl class="bsh-origin">{rows}</dl>' if rows else ""


def _own(label: str, text: str) -> str:
    """Words of a document stay Chinese on an English page, and are marked as such."""
    return ' lang="zh"' if CHINESE.search(text) and not CHINESE.search(label) else ""


def traced(summary: str, origin: Origin, more: str = "", kind: str = "") -> str:
    """A line of HTML that opens to its origin; without an origin it is the line itself."""
    opened = origin_html(origin) + more
    if not opened:
        return summary
    name = f"bsh-trace {kind}".strip()
    return f'<details class="{name}"><summary>{summary}</summary>{opened}</details>'


def figure_line(one: Figure) -> str:
    """A figure as a line: label and period, value and unit."""
    when = f"<small>{escape(one.period)}</small>" if one.period else ""
    return (
        f'<div class="bsh-row bsh-figure"><span>{escape(one.label)}{when}</span>'
        f"<b>{escape(one.value)}<em>{escape(one.unit)}</em></b></div>"
    )


def cell(shown: str, origin: Origin, key: str, title: str) -> str:
    """A number in a table (``shown`` is HTML) that opens its origin over the page.

    ``key`` is told once on a page; the browser closes what is open at Esc or a click beside it.
    """
    opened = origin_html(origin)
    if not opened:
        return shown
    return (
        f'<button type="button" class="bsh-cell" popovertarget="bsh-o-{escape(key)}">{shown}'
        f'</button><div popover="auto" class="bsh-popover" id="bsh-o-{escape(key)}">'
        f"<h4>{escape(title)}</h4>{opened}</div>"
    )
