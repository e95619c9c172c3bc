"""The spec of the park access page in, its facts column out as HTML; every text escaped once.

A click on a figure opens how it came about: what was counted, by which method, in which CRS.
"""

from __future__ import annotations

from html import escape

import pandas as pd

from bsh_geo.mapspec import Figure, MapSpec
from bsh_geo.ui.facts import notes_html, targets_html
from bsh_geo.ui.text import word


def facts_html(spec: MapSpec, probe: str = "", probe_rows: pd.DataFrame | None = None) -> str:
    """The whole column: the share, the new park, other figures, targets, method."""
    blocks = [
        _key(spec),
        _probe(probe, probe_rows, spec.lang) if probe else "",
        _figures(spec),
        targets_html(spec),
        notes_html(spec),
    ]
    return f'<div class="bsh-facts">{"".join(blocks)}</div>'


def _key(spec: MapSpec) -> str:
    if spec.key is None:
        return ""
    key = spec.key
    how = " ".join([key.note, *spec.notes])
    return (
        f'<div class="bsh-key-label">{escape(spec.area)} · {escape(key.label)}</div>'
        f'<div class="bsh-key">{escape(key.value)}<span>{escape(key.unit)}</span></div>'
        f'<div class="bsh-meta">{escape(key.quality)} · {escape(key.note)}</div>'
        '<details class="bsh-trace"><summary><div class="bsh-row"><span>'
        f"{escape(word('parks_how', spec.lang))}</span></div></summary>"
        f"<p>{escape(how)}</p></details>"
    )


def _figures(spec: MapSpec) -> str:
    if not spec.figures:
        return ""
    rows = "".join(_figure(one, spec.notes) for one in spec.figures)
    return f"<h4>{escape(word('figures', spec.lang))}</h4>{rows}"


def _figure(one: Figure, notes: tuple[str, ...]) -> str:
    """A figure that opens to its quality and what it rests on; a share also to the measuring."""
    measured = notes[-1:] if one.unit == "%" else ()
    told = " · ".join(text for text in (one.quality, one.note, *measured) if text)
    when = f"<small>{escape(one.period)}</small>" if one.period else ""
    return (
        '<details class="bsh-trace"><summary><div class="bsh-row">'
        f"<span>{escape(one.label)}{when}</span>"
        f"<b>{escape(one.value)}<em>{escape(one.unit)}</em></b></div></summary>"
        f"<p>{escape(told)}</p></details>"
    )


def _probe(sentence: str, rows: pd.DataFrame | None, lang: str) -> str:
    """What the new park adds: the sentence, and a line for each district."""
    lines = ""
    if rows is not None:
        for row in rows.itertuples(index=False):
            area, added, now, then = row[:4]
            lines += (
                f'<div class="bsh-row"><span>{escape(str(area))}</span>'
                f"<b>+{added:.3f} km²</b></div>"
                f'<div class="bsh-meta">{now:.3f}% → {then:.3f}%</div>'
            )
    return (
        f'<div class="bsh-probe"><h4>{escape(word("parks_probe", lang))}</h4>'
        f"{escape(sentence)}{lines}</div>"
    )
