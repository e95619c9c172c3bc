"""A part of the page in, the page with it out; where it fails, one sentence with a number instead.

A fault of a user's file or link is a ``BshError`` and says what is wrong. Anything else is a fault
of the program: its traceback goes to the log of the server alone, under the number that the page
shows.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import AbstractContextManager
from html import escape
from types import TracebackType

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bsh_geo.errors import BshError
from bsh_geo.ui import shell
from bsh_geo.ui.text import word

LOG = logging.getLogger("bsh_geo.ui")


class Guarded(AbstractContextManager[None]):
    """Run what is inside; an error of it is told in ``place``, and the run goes on after it.

    Streamlit's own signals (a rerun, a stop) are no ``Exception`` and pass through.
    """

    def __init__(self, lang: str, place: DeltaGenerator | None = None) -> None:
        self.lang = lang
        self.place = place

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Tell the error and keep it from going further."""
        if not isinstance(error, Exception):
            return False
        with self.place if self.place is not None else st.container():
            if isinstance(error, BshError):
                shell.fault(error, self.lang)
            else:
                st.html(fault_html(logged(error), self.lang))
        return True


def logged(error: Exception) -> str:
    """The number under which the log now has the traceback."""
    number = secrets.token_hex(3).upper()
    LOG.error("fault %s", number, exc_info=error)
    return number


def fault_html(number: str, lang: str) -> str:
    """What a reader is told; nothing of the error itself, which may quote data."""
    return (
        f'<div class="bsh-fault" role="alert"><b>{escape(word("fault", lang))}</b><br>'
        f"{escape(word('fault_program', lang, number=number))}</div>"
    )
