"""Addresses by digest in, what maps fetch out: our own route beside Streamlit's.

``/mapdata/<digest>`` is a file of a view or of the base map, ``/mapdata/<digest>/z/x/y`` a vector
tile, ``…/facts/n`` and ``…/about`` what belongs to tiles. Only what the shelf offers is found, and
nothing can be written. ``app.py`` hands the route to Streamlit.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from streamlit import config

from bsh_geo.deliveries import JSON, ROUTE, Parcel, shelf
from bsh_geo.tile_sets import TileSet

FOR_EVER = "private, max-age=31536000, immutable"
"""The content of an address never changes; only the reader's own browser keeps it."""

TILE = "application/vnd.mapbox-vector-tile"
_HEADERS = {"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
_DIGEST = "{digest:str}"


def routes() -> list[BaseRoute]:
    """The route below the server's base path; from now on maps fetch their data."""
    shelf().served = True
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}/{ROUTE}/{_DIGEST}" if base else f"/{ROUTE}/{_DIGEST}"
    # Without a thread for each answer: they are in memory or in a file that is mapped.
    answers: Mapping[str, Callable[[Request], Awaitable[Response]]] = {
        "": _parcel,
        "/about": _about,
        "/facts/{block:int}": _facts,
        "/{zoom:int}/{column:int}/{row:int}": _tile,
    }
    return [Route(f"{root}{tail}", answer, methods=["GET"]) for tail, answer in answers.items()]


def _found(request: Request, kind: type[Parcel] | type[TileSet]) -> Parcel | TileSet | None:
    one = shelf().find(request.path_params["digest"])
    return one if isinstance(one, kind) else None


def _packed(request: Request, content: bytes, media: str) -> Response:
    """Content that is kept compressed, as it is kept where the browser takes that."""
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(content), media_type=media, headers=_HEADERS)
    headers = {**_HEADERS, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(content, media_type=media, headers=headers)


def _missing() -> Response:
    return Response(status_code=404, headers={"Cache-Control": "no-store"})


async def _parcel(request: Request) -> Response:
    one = _found(request, Parcel)
    return _packed(request, one.packed, one.media) if isinstance(one, Parcel) else _missing()


async def _about(request: Request) -> Response:
    one = _found(request, TileSet)
    if not isinstance(one, TileSet):
        return _missing()
    # Asked again while the tiles are being made.
    return Response(json.dumps(one.about()), media_type=JSON, headers={"Cache-Control": "no-store"})


async def _tile(request: Request) -> Response:
    one = _found(request, TileSet)
    if not isinstance(one, TileSet) or one.about()["state"] != "ready":
        return _missing()
    place = request.path_params
    content = one.tile(place["zoom"], place["column"], place["row"])
    if content is None:
        return Response(status_code=204, headers=_HEADERS)
    return _packed(request, content, TILE)


async def _facts(request: Request) -> Response:
    one = _found(request, TileSet)
    if not isinstance(one, TileSet) or one.about()["state"] != "ready":
        return _missing()
    content = one.facts(request.path_params["block"])
    return _missing() if content is None else _packed(request, content, JSON)
