"""A project folder in, a read-only service out: OGC API – Features and a JSON API of figures.

GET and HEAD only; nothing is written, no other server is asked, no path names a file. Every fault
is problem JSON (RFC 9457) with one sentence in Chinese and in English.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bsh_geo import api_documents as documents
from bsh_geo import api_query, api_tables
from bsh_geo.api_documents import COMMON, GEOJSON, JSON, OPENAPI, PAGING, RESERVED, TABLES, link
from bsh_geo.api_guard import Guard, Service, answer, not_allowed, problem
from bsh_geo.api_query import Filter, Page, RequestError
from bsh_geo.api_store import Collection, State, Store
from bsh_geo.errors import BshError, FaultsError, UnknownNameError

CONNECTIONS = 200
"""Requests at a time; more are turned away with 503."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def application(service: Service | None = None) -> Starlette:
    """The ASGI application; the project is opened, and its layers made, at the first request.

    Raises
    ------
    BshError
        The project folder is unusable.
    """
    given = service or Service()
    app = Starlette(
        routes=_routes(),
        middleware=[Middleware(Guard, service=given)],
        exception_handlers={
            BshError: _told,
            HTTPException: _refused,
            500: _failed,
        },
    )
    app.state.store, app.state.base = Store(given.folder), given.base.rstrip("/")
    return app


def _routes() -> list[Route]:
    listed: list[tuple[str, Callable[[Request], Response]]] = [
        ("/", _landing),
        ("/api", _openapi),
        ("/conformance", _conformance),
        ("/collections", _collections),
        ("/collections/{collection}", _collection),
        ("/collections/{collection}/items", _items),
        ("/collections/{collection}/items/{feature}", _feature),
        *((f"/{name}", _table) for name in TABLES),
    ]
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in listed]


def _given(request: Request, *allowed: str) -> dict[str, str]:
    """The parameters of a request, all of them known, format and language among them."""
    try:
        pairs = parse_qsl(
            request.scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=40,
        )
    except ValueError as error:  # no ASCII, no UTF-8 behind the percent signs, too many fields
        raise RequestError(
            400,
            "查询参数无法读取，应为 UTF-8 的百分号编码，至多 40 个。",
            "The query cannot be read: percent-encoded UTF-8 was expected, 40 parameters at most.",
        ) from error
    found = api_query.once(pairs, (*allowed, *COMMON))
    api_query.json_only(found)
    return found


def _state(request: Request, given: Mapping[str, str]) -> State:
    store: Store = request.app.state.store
    return store.state(api_query.language(given))


def _base(request: Request) -> str:
    return str(request.app.state.base) or str(request.base_url).rstrip("/")


def _landing(request: Request) -> Response:
    given = _given(request)
    return answer(documents.landing(_base(request), api_query.language(given)))


def _openapi(request: Request) -> Response:
    state = _state(request, _given(request))
    return answer(documents.openapi(_base(request), state), OPENAPI)


def _conformance(request: Request) -> Response:
    _given(request)
    return answer(documents.conformance())


def _collections(request: Request) -> Response:
    state = _state(request, _given(request))
    return answer(documents.collections(_base(request), state))


def _collection(request: Request) -> Response:
    state = _state(request, _given(request))
    one = state.collection(request.path_params["collection"])
    return answer(documents.collection(_base(request), one))


def _items(request: Request) -> Response:
    """The features found, a page of them, as GeoJSON with links to the pages beside it."""
    lang = api_query.language(dict(request.query_params))
    one = _state(request, {"lang": lang}).collection(request.path_params["collection"])
    names = [note.name for note in one.layer.columns if note.name not in RESERVED]
    given = _given(request, *documents.ITEMS, *PAGING, *names)
    asked = Filter(
        page=api_query.page(given),
        boxes=api_query.boxes(given),
        time=api_query.interval(given),
        district=given.get("district"),
        properties=tuple((name, given[name]) for name in names if name in given),
    )
    found = one.found(asked, request.app.state.store.project())
    shown = found[asked.page.offset : asked.page.offset + asked.page.limit]
    links = _pages(request, given, asked.page, len(found), GEOJSON)
    links.append(link(f"{_base(request)}/collections/{one.layer.id}", "collection", JSON))
    head = _head("FeatureCollection", links, len(found), len(shown))
    features = ",".join(one.texts[at] for at in shown)
    text = f'{json.dumps(head, ensure_ascii=False)[:-1]},"features":[{features}]}}'
    return Response(text.encode("utf-8"), media_type=GEOJSON)


def _head(kind: str, links: list[dict[str, str]], matched: int, returned: int) -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "type": kind,
        "links": links,
        "timeStamp": now,
        "numberMatched": matched,
        "numberReturned": returned,
    }


def _pages(
    request: Request, given: Mapping[str, str], page: Page, matched: int, kind: str
) -> list[dict[str, str]]:
    """Links to this page, to the next and to the one before, with the same filters."""
    here = f"{_base(request)}{request.url.path}"

    def at(offset: int, rel: str) -> dict[str, str]:
        query = {**given, "limit": str(page.limit), "offset": str(offset)}
        return link(f"{here}?{urlencode(query)}", rel, kind)

    links = [link(f"{here}?{urlencode(given)}" if given else here, "self", kind)]
    if page.offset + page.limit < matched:
        links.append(at(page.offset + page.limit, "next"))
    if page.offset > 0:
        links.append(at(max(0, page.offset - page.limit), "prev"))
    return links


def _feature(request: Request) -> Response:
    """One feature by its id."""
    state = _state(request, _given(request))
    one: Collection = state.collection(request.path_params["collection"])
    wanted = request.path_params["feature"]
    if wanted not in one.ids:
        raise RequestError(
            404,
            f"{one.layer.id} 中没有编号为“{wanted[:60]}”的要素。",
            f"There is no feature “{wanted[:60]}” in {one.layer.id}.",
        )
    here = f"{_base(request)}/collections/{one.layer.id}"
    links = [
        link(f"{here}/items/{wanted}", "self", GEOJSON),
        link(here, "collection", JSON),
    ]
    text = one.texts[one.ids.index(wanted)]
    return Response(
        f'{text[:-1]},"links":{json.dumps(links, ensure_ascii=False)}}}'.encode(),
        media_type=GEOJSON,
    )


def _table(request: Request) -> Response:
    """Records of a table, a page of them."""
    name = request.url.path.strip("/")
    given = _given(request, *TABLES[name][1], *PAGING)
    page, lang = api_query.page(given), api_query.language(given)
    project = request.app.state.store.project()
    records = api_tables.READ[name](project, given, lang)
    shown = records[page.offset : page.offset + page.limit]
    links = _pages(request, given, page, len(records), JSON)
    links.append(link(f"{_base(request)}/", "root", JSON))
    head = _head(name, links, len(records), len(shown))
    return answer({**head, "items": [api_tables.plain(one) for one in shown]})


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, BshError)
    # What the client asked for is wrong, or else a file of the project is.
    asked = 400 if isinstance(error, UnknownNameError) else 500
    status = error.status if isinstance(error, RequestError) else asked
    return problem(status, _line(error, "zh"), _line(error, "en"))


def _line(error: BshError, lang: str) -> str:
    """The sentence of a fault on one line, the first one of several; nothing unprintable in it."""
    text = error.text(lang)
    if isinstance(error, FaultsError):
        text = text.split("\n", 1)[0]
    return "".join(one for one in " ".join(text.split()) if one.isprintable())


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return not_allowed()
    return problem(
        404,
        "没有这个地址，请从首页 / 的链接进入。",
        "There is nothing at this address; follow the links of the landing page /.",
    )


def _failed(request: Request, error: Exception) -> Response:
    return problem(500, "服务出错，请看运行窗口中的记录。",
                   "The service failed; see the log where it runs.")  # fmt: skip


def listening(address: str, port: int) -> socket.socket:
    """A socket at that address and port, where clients wait until they are served.

    Raises
    ------
    BshError
        The port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address, port))
        made.listen(CONNECTIONS)
    except OSError as error:
        made.close()
        raise BshError(
            f"无法监听 {address} 端口 {port}（{error.strerror}），请换 --port 或 --address。",
            f"Cannot listen at {address} port {port} ({error.strerror}); choose another with "
            "--port or --address.",
        ) from error
    return made


def server(service: Service) -> uvicorn.Server:
    """The server of a service, not yet running; it tells nobody what it is made with."""
    config = uvicorn.Config(
        application(service),
        http="h11",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=5,
        h11_max_incomplete_event_size=32_768,
    )
    return uvicorn.Server(config)


def run(
    address: str, port: int, folder: str | None = None, base: str = "", origin: str = "",
    announce: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """Serve until interrupted; on this machine's own address only under its own names.

    Raises
    ------
    BshError
        The project folder is unusable, a file of it broken, or the port taken.
    """
    own = (urlsplit(base).hostname or "",) if base else ()
    hosts = (*LOOPBACK, *own) if address in LOOPBACK else ()
    made = server(Service(folder, base, origin, hosts))
    found = listening(address, port)
    store: Store = made.config.app.state.store  # type: ignore[union-attr]
    count = len(store.state("zh").collections)
    shown = f"[{address}]" if ":" in address else address
    announce(f"http://{shown}:{found.getsockname()[1]}/  {count} collections")
    made.run(sockets=[found])
