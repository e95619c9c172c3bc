"""MapSpec in, the facts column out as HTML: key figure, targets, trend, figures, sources.

Every text is escaped here, once.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from html import escape
from itertools import pairwise

from bsh_geo.mapspec import Figure, MapSpec, Trend
from bsh_geo.targets import TargetLine
from bsh_geo.ui.text import word
from bsh_geo.ui.traces import figure_line, traced

WIDTH, HEIGHT = 248, 84


def facts_html(spec: MapSpec) -> str:
    """The whole column."""
    blocks = [
        _key(spec),
        targets_html(spec),
        _trend(spec.trend) if spec.trend else "",
        _figures(spec),
        notes_html(spec),
    ]
    return f'<div class="bsh-facts">{"".join(blocks)}</div>'


def title_html(spec: MapSpec) -> str:
    """The line over the map: what, where, when."""
    return (
        f'<div class="bsh-title"><span class="bsh-title-main">{escape(spec.title)}</span>'
        f'<span class="bsh-title-sub">{escape(spec.subtitle)}</span></div>'
    )


def _key(spec: MapSpec) -> str:
    if spec.key is None:
        return f'<div class="bsh-key-label">{escape(word("no_figure", spec.lang))}</div>'
    key = spec.key
    meta = " · ".join(text for text in (key.period, key.quality) if text)
    stations = ""
    if spec.stations is not None:
        unit = word("stations_unit", spec.lang)
        stations = (
            f'<div class="bsh-meta">{escape(word("stations", spec.lang))} '
            f"{spec.stations}{f' {unit}' if unit else ''}</div>"
        )
    note = f'<div class="bsh-meta">{escape(key.note)}</div>' if key.note else ""
    return (
        f'<div class="bsh-key-label">{escape(spec.area)} · {escape(key.label)}</div>'
        f"{key_html(key)}"
        f'<div class="bsh-meta">{escape(meta)}</div>{note}{stations}'
    )


def key_html(key: Figure) -> str:
    """The large figure, which opens to its origin."""
    size = " bsh-key-long" if len(key.value) > 8 else ""
    number = f"<b>{escape(key.value)}</b><span>{escape(key.unit)}</span>"
    line = f'<div class="bsh-key{size}">{number}</div>'
    return traced(line, key.origin, kind="bsh-trace-key")


def targets_html(spec: MapSpec) -> str:
    """The targets of the view, each with its distance where there is a figure to hold it to."""
    if not spec.targets:
        return ""
    named = len({line.indicator for line in spec.targets}) > 1
    rows = "".join(_target(line, named, spec.lang) for line in spec.targets[:10])
    hint = "" if spec.figures else _hint(spec.lang)
    return f"<h4>{escape(word('targets', spec.lang))}{hint}</h4>{rows}"


def _hint(lang: str) -> str:
    """Where a reader finds out about the numbers, told once in the column."""
    return f'<span class="bsh-hint">{escape(word("trace_hint", lang))}</span>'


def _target(line: TargetLine, named: bool, lang: str) -> str:
    """One target; its indicator is named where the layer has targets of several."""
    year = line.year or word("no_year", lang)
    if lang == "zh" and line.year:
        year = f"{line.year}年"
    what = " ".join(text for text in (year, line.place or (line.label if named else "")) if text)
    state = {True: " bsh-met", False: " bsh-unmet", None: ""}[line.met]
    bar = _bar(line) if line.gap is not None and line.value else ""
    distance = (
        f'<div class="bsh-distance{state}">{escape(line.distance)}</div>' if line.distance else ""
    )
    # A target without a number says what is to be done; only "built" is short enough for the right.
    task = line.wording if line.value is None and line.operator != "done" else ""
    shown = (task, line.area if not line.place else "", line.document, line.status)
    where = " · ".join(text for text in shown if text)
    wanted = "" if task else f"<b>{escape(line.wording)}</b>"
    summary = (
        f'<div class="bsh-row"><span>{escape(what)}</span>{wanted}</div>'
        f'{bar}{distance}<div class="bsh-meta">{escape(where)}</div>'
    )
    return f'<div class="bsh-target">{traced(summary, line.origin)}</div>'


def _bar(line: TargetLine) -> str:
    """The figure as a bar on a scale that holds it and the target's mark."""
    target = float(line.value or 0)
    value = target + float(line.gap or 0)
    top = max(target, value) * 1.15 or 1
    state = "bsh-met" if line.met else "bsh-unmet"
    return (
        f'<div class="bsh-bar"><i class="{state}" style="width:{value / top * 100:.1f}%"></i>'
        f'<u style="left:{target / top * 100:.1f}%"></u></div>'
    )


def trend_image(trend: Trend, width: int = WIDTH, height: int = HEIGHT) -> str:
    """The trend as a picture of that size (pixels)."""
    return _image(trend_svg(trend, width, height))


def _image(svg: str) -> str:
    """An SVG as a picture: the page's sanitiser drops inline SVG."""
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    return f'<img class="bsh-trend" alt="" src="data:image/svg+xml;base64,{data}">'


def _trend(trend: Trend) -> str:
    head = f'<h4>{escape(trend.title)}<span class="bsh-unit">{escape(trend.unit)}</span></h4>'
    return head + traced(trend_image(trend), trend.origin, kind="bsh-trace-trend")


def spark_image(points: Sequence[float], width: int = 110, height: int = 20) -> str:
    """A line without words for a cell of a table that has the numbers beside it."""
    x = _scale(0, len(points) - 1, 3, width - 5)
    y = _scale(min(points), max(points), height - 4, 4)
    line = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in enumerate(points))
    return _image(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<polyline points="{line}" fill="none" stroke="#1f6f78" stroke-width="1.5"/>'
        f'<circle cx="{x(len(points) - 1):.1f}" cy="{y(points[-1]):.1f}" r="2.4" fill="#1f6f78"/>'
        "</svg>"
    )


def trend_svg(trend: Trend, width: int = WIDTH, height: int = HEIGHT) -> str:
    """The trend as a small line with its ends named, and the targets as dashed levels."""
    values = [value for _, value in trend.points]
    years = {value: year for year, value in reversed(trend.targets)}
    levels = list(dict.fromkeys(value for _, value in trend.targets))
    wide = width > WIDTH
    room = 86 if wide else 40
    x = _scale(int(trend.points[0][0]), int(trend.points[-1][0]), 12, width - room)
    y = _scale(min(values + levels), max(values + levels), height - 22, 14)
    line = " ".join(f"{x(int(year)):.1f},{y(value):.1f}" for year, value in trend.points)
    places = _apart([y(one) + 3 for one in levels], 10.5, height - 14)
    marks = "".join(
        f'<line x1="12" x2="{width - room + 8}" y1="{y(one):.1f}" y2="{y(one):.1f}" '
        'stroke="#c98a3d" stroke-dasharray="4 3"/>'
        + _svg_text(width - room + 12, at, _level(one, years[one], wide), "#a5681a")
        for one, at in zip(levels, places, strict=True)
    )
    first, last = trend.points[0], trend.points[-1]
    # The first words start at the edge: in the middle of their point they would reach past it.
    ends = "".join(
        _svg_text(at, y(value) - 6, f"{value:g}", "#22302f", anchor)
        + _svg_text(at, height - 4, year, "#6b7471", anchor)
        for (year, value), at, anchor in (
            (first, 2.0, "start"),
            (last, x(int(last[0])), "middle"),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{marks}'
        f'<polyline points="{line}" fill="none" stroke="#1f6f78" stroke-width="1.7"/>'
        f'<circle cx="{x(int(last[0])):.1f}" cy="{y(last[1]):.1f}" r="2.8" fill="#1f6f78"/>'
        f"{ends}</svg>"
    )


def _level(value: float, year: str, wide: bool) -> str:
    """The name of a target's line: its value, with the year where there is room."""
    return f"{year} · {value:g}" if wide and year else f"{value:g}"


def _apart(places: list[float], gap: float, lowest: float) -> list[float]:
    """Heights of labels, pushed apart to at least ``gap`` above ``lowest``, in their order."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for lower, upper in pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    over = max(moved, default=0.0) - lowest
    return [place - max(over, 0.0) for place in moved]


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    span = (high - low) or 1
    return lambda value: start + (value - low) / span * (end - start)


def _svg_text(x: float, y: float, text: str, colour: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="10" font-family="sans-serif" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _figures(spec: MapSpec) -> str:
    if not spec.figures:
        return ""
    rows = "".join(traced(figure_line(one), one.origin) for one in spec.figures)
    return f"<h4>{escape(word('figures', spec.lang))}{_hint(spec.lang)}</h4>{rows}"


def notes_html(spec: MapSpec) -> str:
    """What limits the view, and its sources."""
    parts = []
    if spec.quality_note:
        parts.append(f'<div class="bsh-warning">{escape(spec.quality_note)}</div>')
    notes = "".join(f"<li>{escape(note)}</li>" for note in spec.notes)
    sources = "".join(f"<li>{escape(source)}</li>" for source in spec.sources)
    parts.append(f"<h4>{escape(word('limits', spec.lang))}</h4><ul>{notes}</ul>")
    parts.append(f"<h4>{escape(word('sources', spec.lang))}</h4><ul>{sources}</ul>")
    return f'<div class="bsh-notes">{"".join(parts)}</div>'
