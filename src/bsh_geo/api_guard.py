"""A request in, refused or handed on; an answer or a fault in, JSON with safe headers out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON = "application/json"
LONGEST_QUERY, LONGEST_PATH = 4096, 512
"""Bytes of a request."""
_PROBLEM = "application/problem+json"
_STATUS_TITLES = {
    400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 414: "URI Too Long",
    500: "Internal Server Error",
}  # fmt: skip


@dataclass(frozen=True)
class Service:
    """How a service is offered.

    ``base`` is the address that links begin with where a proxy stands before it, else that of the
    request. ``origin`` is the one web page allowed to read across origins, none by default.
    ``hosts`` are the names it answers to, any where empty.
    """

    folder: str | None = None
    base: str = ""
    origin: str = ""
    hosts: tuple[str, ...] = ()


def answer(content: Any, kind: str = JSON, status: int = 200) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8"), status, media_type=kind)


def problem(status: int, zh: str, en: str) -> Response:
    """A fault as problem JSON: one sentence, in both languages."""
    title = _STATUS_TITLES.get(status, "Error")
    content = {"type": "about:blank", "title": title, "status": status, "detail": zh,
               "detail_en": en}  # fmt: skip
    return answer(content, _PROBLEM, status)


def not_allowed() -> Response:
    found = problem(405, "此接口只读，只接受 GET 与 HEAD。",
                    "This service is read only: GET and HEAD are accepted.")  # fmt: skip
    found.headers["Allow"] = "GET, HEAD"
    return found


class Guard:
    """Before all routes: method, host, length and NUL; after them: headers of every answer."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {
            bytes(name).decode("latin-1"): bytes(value).decode("latin-1")
            for name, value in scope["headers"]
        }

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers(headers.get("origin"))]
            await send(message)

        refusal = self._refusal(scope, headers)
        await (refusal or self._app)(scope, receive, sent)

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> Response | None:
        hosts = self._service.hosts
        if hosts and _host(headers.get("host", "")) not in hosts:
            return problem(400, "请求的主机名不是此服务的。", "The host of the request is not that "
                           "of this service.")  # fmt: skip
        if scope["method"] not in ("GET", "HEAD"):
            return not_allowed()
        query, path = scope["query_string"], scope["path"]
        if len(query) > LONGEST_QUERY or len(path.encode("utf-8", "replace")) > LONGEST_PATH:
            return problem(
                414,
                f"地址过长：查询至多 {LONGEST_QUERY} 字节，路径至多 {LONGEST_PATH} 字节。",
                f"The address is too long: {LONGEST_QUERY} bytes of query and {LONGEST_PATH} of "
                "path at most.",
            )
        if "\0" in path or b"%00" in query or b"\0" in query:
            return problem(400, "地址中不能有空字符。", "An address holds no NUL character.")
        return None

    def _headers(self, origin: str | None) -> Iterable[tuple[bytes, bytes]]:
        yield b"x-content-type-options", b"nosniff"
        yield b"content-security-policy", b"default-src 'none'"
        yield b"cache-control", b"no-cache"
        if self._service.origin:
            yield b"vary", b"Origin"
            if origin == self._service.origin:
                yield b"access-control-allow-origin", origin.encode("latin-1")


def _host(text: str) -> str:
    """A host without its port; an IPv6 address without brackets."""
    try:
        return (urlsplit(f"//{text}").hostname or "").lower()
    except ValueError:  # brackets that do not close
        return ""
