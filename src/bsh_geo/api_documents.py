"""What is served in, the documents of OGC API – Features out: from landing page to OpenAPI."""

from __future__ import annotations

from typing import Any

from bsh_geo import __version__, columns
from bsh_geo.api_query import CRS84, MOST, USUAL
from bsh_geo.api_store import Collection, State

TITLE = {"zh": "美丽上海地理监测", "en": "Geospatial monitoring of Beautiful Shanghai"}
ABOUT = {
    "zh": "图层与数据表的只读接口。每条记录有来源与质量；示意图形以 geometry_quality 标明。",
    "en": "Layers and tables, read only. Every record has source and quality; sketches are named "
    "in geometry_quality.",
}
CONFORMS = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{one}"
    for one in ("core", "oas30", "geojson")
)
JSON, GEOJSON = "application/json", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

FIGURES = ("indicator", "area", "period")
TARGETS = ("indicator", "area", "document")
ASSESSMENT = ("indicator", "area", "document", "baseline", "as_of")
PAGING = ("limit", "offset")
COMMON = ("f", "lang")
TABLES = {
    "figures": ("公布的数值 Published figures", FIGURES),
    "targets": ("规划目标 Targets of the plans", TARGETS),
    "assessment": ("目标进程 Progress towards targets", ASSESSMENT),
    "indicators": ("指标 Indicators", ()),
    "areas": ("区域 Areas", ()),
    "sources": ("数据来源 Sources", ()),
}
"""The tables beside the features: what each holds, and by what it is filtered."""
ITEMS = ("bbox", "bbox-crs", "crs", "datetime", "district")
RESERVED = (*ITEMS, *PAGING, *COMMON)
"""Parameters that are no property, whatever the columns of a layer are called."""

_WHAT = {
    "bbox": "west,south,east,north (CRS84)",
    "bbox-crs": CRS84,
    "crs": CRS84,
    "datetime": "RFC 3339 instant or interval; also YYYY or YYYY-MM",
    "district": "区名或代码 name or code of a district or group",
    "indicator": "指标编号 id of an indicator",
    "area": "区域名或代码 name or code of an area",
    "period": "YYYY or YYYY-MM",
    "document": "文件编号 id of a document",
    "baseline": "基期不早于此年 first year of the baseline",
    "as_of": "只用到此年的数据 figures up to this year",
    "limit": f"1 – {MOST}",
    "offset": "0 –",
    "f": "json",
    "lang": "zh | en",
}


def link(href: str, rel: str, kind: str, title: str = "") -> dict[str, str]:
    """A link as OGC API writes it."""
    found = {"href": href, "rel": rel, "type": kind}
    return {**found, "title": title} if title else found


def landing(base: str, lang: str) -> dict[str, Any]:
    """The page at the root, from which everything is found."""
    tables = [link(f"{base}/{name}", "related", JSON, title) for name, (title, _) in TABLES.items()]
    return {
        "title": TITLE[lang],
        "description": ABOUT[lang],
        "links": [
            link(f"{base}/", "self", JSON),
            link(f"{base}/api", "service-desc", OPENAPI, "OpenAPI 3.0"),
            link(f"{base}/conformance", "conformance", JSON),
            link(f"{base}/collections", "data", JSON),
            *tables,
        ],
    }


def conformance() -> dict[str, Any]:
    """The classes of OGC API – Features that hold."""
    return {"conformsTo": list(CONFORMS)}


def collections(base: str, state: State) -> dict[str, Any]:
    """The list of collections."""
    return {
        "links": [link(f"{base}/collections", "self", JSON)],
        "collections": [collection(base, one) for one in state.collections.values()],
    }


def collection(base: str, one: Collection) -> dict[str, Any]:
    """What a collection is: title, extent, quality, whether it holds sketches, its columns."""
    layer, here = one.layer, f"{base}/collections/{one.layer.id}"
    extent: dict[str, Any] = {}
    if one.bounds is not None:
        extent["spatial"] = {"bbox": [list(one.bounds)], "crs": CRS84}
    spans = [span for span in one.spans or () if span is not None]
    if spans:
        first, last = min(span[0] for span in spans), max(span[1] for span in spans)
        days = [[f"{first}T00:00:00Z", f"{last}T23:59:59Z"]]
        extent["temporal"] = {
            "interval": days,
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return {
        "id": layer.id,
        "title": layer.title,
        "description": "\n".join(text for text in (layer.subtitle, *layer.notes) if text),
        "itemType": "feature",
        "extent": extent,
        "crs": [CRS84],
        "schematic": layer.schematic,
        "quality": columns.quality_counts(layer.frame["quality"], layer.lang),
        "date": layer.date,
        "columns": [
            {
                "name": note.name,
                "title": columns.title_of(note, layer.lang),
                "type": note.type,
                "meaning": note.meaning.get(layer.lang),
            }
            for note in layer.columns
        ],
        "links": [
            link(here, "self", JSON),
            link(f"{here}/items", "items", GEOJSON, layer.title),
            link(f"{base}/", "root", JSON),
        ],
    }


def openapi(base: str, state: State) -> dict[str, Any]:
    """The OpenAPI 3.0 description, with the properties of each collection as parameters."""
    paths: dict[str, Any] = {
        "/": _get("landing", "Landing page", (), JSON),
        "/conformance": _get("conformance", "Conformance", (), JSON),
        "/collections": _get("collections", "Collections", (), JSON),
    }
    for name, one in state.collections.items():
        here, title = f"/collections/{name}", one.layer.title
        own = tuple(note.name for note in one.layer.columns if note.name not in RESERVED)
        paths[here] = _get(f"{name}.describe", title, (), JSON)
        paths[f"{here}/items"] = _get(f"{name}.items", title, (*ITEMS, *PAGING, *own), GEOJSON)
        paths[f"{here}/items/{{featureId}}"] = _get(f"{name}.item", title, (), GEOJSON, True)
    for name, (title, filters) in TABLES.items():
        paths[f"/{name}"] = _get(name, title, (*filters, *PAGING), JSON)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLE[state.lang],
            "description": ABOUT[state.lang],
            "version": __version__,
        },
        "servers": [{"url": base}],
        "paths": paths,
    }


def _get(
    name: str, title: str, parameters: tuple[str, ...], kind: str, feature: bool = False
) -> dict[str, Any]:
    listed = [_parameter(one) for one in (*parameters, *COMMON)]
    if feature:
        listed.append(
            {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
        )
    good = {"description": "OK", "content": {kind: {"schema": {"type": "object"}}}}
    bad = {
        "description": "Problem",
        "content": {"application/problem+json": {"schema": {"type": "object"}}},
    }
    return {
        "get": {
            "operationId": name,
            "summary": title,
            "parameters": listed,
            "responses": {"200": good, "default": bad},
        }
    }


def _parameter(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if name == "limit":
        schema = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
    elif name == "offset":
        schema = {"type": "integer", "minimum": 0, "default": 0}
    elif name == "bbox":
        schema = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    found = {"name": name, "in": "query", "required": False, "schema": schema}
    if name == "bbox":
        found |= {"style": "form", "explode": False}
    return {**found, "description": _WHAT[name]} if name in _WHAT else found
