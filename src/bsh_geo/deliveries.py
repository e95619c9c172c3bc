"""Content in, an address by its digest out: what a map's frame fetches instead of being sent.

An address is the SHA-256 of the content, so that a browser may keep it for ever and nobody can
guess one of data that was not shown to them. Only what a view still refers to is offered: the
shelf itself holds nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

ROUTE = "mapdata"
"""First part of an address below the server's base path."""

FROM_FRAME = f"../../{ROUTE}"
"""The same, as a component's frame (``component/<name>/index.html``) sees it."""

COMPRESSION = 6

JAVASCRIPT, JSON = "text/javascript", "application/json"


class Offered(Protocol):
    """What a shelf can offer: anything with a digest."""

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of the content."""


Kind = TypeVar("Kind", bound=Offered)


@dataclass(frozen=True, eq=False)
class Parcel:
    """One file for the browser; ``packed`` is its content after gzip."""

    digest: str
    media: str
    packed: bytes

    @property
    def url(self) -> str:
        """Where a component's frame fetches it."""
        return f"{FROM_FRAME}/{self.digest}"


class Shelf:
    """What is offered at the moment, by digest. Safe to use from any thread.

    ``served`` says whether a server answers the addresses; where none does, as in tests, maps
    carry their data.
    """

    def __init__(self) -> None:
        self.served = False
        self._lock = threading.Lock()
        self._offered: WeakValueDictionary[str, Offered] = WeakValueDictionary()

    def parcel(self, text: str, media: str) -> Parcel:
        """The parcel of a text, offered for as long as somebody keeps it."""
        content = text.encode()
        digest = hashlib.sha256(media.encode() + b"\n" + content).hexdigest()
        with self._lock:
            known = self._offered.get(digest)
        if isinstance(known, Parcel):
            return known
        packed = gzip.compress(content, COMPRESSION, mtime=0)
        return self.offer(Parcel(digest, media, packed))

    def offer(self, one: Kind) -> Kind:
        """Offer something for as long as somebody keeps it."""
        with self._lock:
            self._offered[one.digest] = one
        return one

    def find(self, digest: str) -> Offered | None:
        """What is offered under a digest."""
        with self._lock:
            return self._offered.get(digest)


@cache
def shelf() -> Shelf:
    """The shelf of this server."""
    return Shelf()
