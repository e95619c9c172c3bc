"""Everything a user can be told went wrong: one sentence, in Chinese and in English.

A message names the thing (file, row, option), what was found there and what was expected.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class BshError(Exception):
    """Base of every fault that is the data's, the layer file's or the user's, not the code's.

    ``str(error)`` is the Chinese sentence, ``error.text("en")`` the English one; both are shown
    to users as they are.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en

    def __reduce__(self) -> tuple[Any, ...]:
        """Told to another process as it is, whatever arguments a subclass takes."""
        return _told_again, (type(self), str(self), dict(self.__dict__))

    def text(self, lang: str = "zh") -> str:
        """The sentence in ``lang`` ("zh" or "en")."""
        return self.en if lang == "en" else self.zh


def _told_again(kind: type[BshError], text: str, content: dict[str, Any]) -> BshError:
    error = kind.__new__(kind, text)
    error.__dict__.update(content)
    return error


class DataError(BshError):
    """A data file or boundary is missing, broken or breaks its declaration."""


class ManyPartsError(DataError):
    """A file holds several layers or sheets, ``parts``, and none is named."""

    def __init__(self, zh: str, en: str, parts: Iterable[str]) -> None:
        super().__init__(zh, en)
        self.parts = tuple(parts)


class LayerError(BshError):
    """A layer file does not follow the schema or refers to something that is not there."""


class UnknownNameError(BshError):
    """A name given by the user (district, layer, metric, period …) is not known."""


class GlyphError(BshError):
    """The Chinese font has no glyph for a character that a picture would have to show."""


def unknown_name(
    what_zh: str, what_en: str, found: str, known: Iterable[str], shown: Iterable[str] | None = None
) -> UnknownNameError:
    """An error for ``found`` that lists close matches among ``known``, else ``shown`` or all."""
    names = list(dict.fromkeys(known))
    close = difflib.get_close_matches(found, names, n=3, cutoff=0.5)
    rest = list(dict.fromkeys(shown)) if shown is not None else names
    zh_tail = f"是否指 {'、'.join(close)}？" if close else f"可用：{'、'.join(rest) or '无'}。"
    en_tail = (
        f"Did you mean {', '.join(close)}?" if close else f"Known: {', '.join(rest) or 'none'}."
    )
    return UnknownNameError(
        f"{what_zh}“{found}”不存在。{zh_tail}", f"There is no {what_en} “{found}”. {en_tail}"
    )


class FaultsError(BshError):
    """Several faults of one file, all told at once: a line that names the file, then one each."""

    def __init__(self, zh: str, en: str, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "\n".join([zh, *(f"  {fault[0]}" for fault in self.faults)]),
            "\n".join([en, *(f"  {fault[1]}" for fault in self.faults)]),
        )
