"""Station codes and names as files write them in, the project's codes out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Keep = Literal["known", "all"]

BLANK, OUT, UNKNOWN, TWICE = -1, -2, -3, -4
"""No station in the cell; a code that is not the project's; a name that is none; one of two."""

_CODE = re.compile(r"[A-Za-z]{0,4}\d[0-9A-Za-z_.-]{1,19}", re.ASCII)
"""What a station's code looks like, as against a name: digits, perhaps letters around them."""


def folded(text: str) -> str:
    """A name without case, width and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass
class Stations:
    """The stations met so far, each with a number; those of the project by code and name.

    With ``keep`` "all" a station that the project does not know keeps the text of the file as its
    code; with "known" it is left out, or refused if it is a name and not a code.
    """

    keep: Keep
    codes: list[str] = field(default_factory=list)
    named: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    cache: dict[str, int] = field(default_factory=dict)

    def knows(self, text: str) -> bool:
        """Whether a text is the code or the name of just one station of the project."""
        return len(self.named.get(folded(text), ())) == 1

    def number(self, text: str) -> int:
        """The number of a station, or one of the four negative ones that say why there is none."""
        found = self.cache.get(text)
        if found is None:
            found = self.cache[text] = self._number(text.strip())
        return found

    def _number(self, text: str) -> int:
        if not text:
            return BLANK
        known = self.named.get(folded(text), [])
        if len(known) > 1:
            return TWICE
        if not known and self.keep == "known":
            return OUT if _CODE.fullmatch(text) else UNKNOWN
        code = known[0] if known else text
        if code not in self.numbers:
            self.numbers[code] = len(self.codes)
            self.codes.append(code)
        return self.numbers[code]

    def numbers_of(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Numbers of several texts."""
        return np.fromiter((self.number(text) for text in texts), dtype=np.int64, count=len(texts))


def of_table(table: pd.DataFrame, code: str, keep: Keep) -> Stations:
    """The stations of the project's table: the column of codes, ``name_zh``, ``name_en`` if any."""
    named: dict[str, list[str]] = {}
    codes = [str(one) for one in table[code]]
    for name in (code, "name_zh", "name_en"):
        texts: Iterable[object] = table[name] if name in table.columns else []
        for own, text in zip(codes, texts, strict=False):
            owners = named.setdefault(folded(str(text)), []) if text else []
            if own not in owners:
                owners.append(own)
    return Stations(keep, named=named)
