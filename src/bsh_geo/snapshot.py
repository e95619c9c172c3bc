"""MapSpec and options in, a printed page out: PNG, SVG or PDF bytes, the same for the same input.

Nothing is fetched and no browser is needed. ``page_layout`` lays out, ``drawing`` puts the marks
on a matplotlib figure, ``render`` writes the file.
"""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from bsh_geo import fonts
from bsh_geo.drawing import figure_of, figure_on
from bsh_geo.errors import UnknownNameError
from bsh_geo.mapspec import MapSpec
from bsh_geo.page_layout import Page, page
from bsh_geo.print_options import PrintOptions

__all__ = ["FORMATS", "figure_of", "page", "page_pdf", "render", "settings"]

FORMATS = ("png", "svg", "pdf")

# Settings of matplotlib are of the whole process and so are their changes: one picture at a time.
_LOCK = threading.Lock()
_RC: dict[str, Any] = {
    "pdf.fonttype": 42,  # TrueType, so that the text of a PDF stays text
    "svg.fonttype": "none",
    "svg.hashsalt": "bsh_geo",
    "hatch.linewidth": 0.4,
    "text.hinting": "none",  # hinted glyphs would not have the widths that were measured
    "path.simplify": True,
}

_CREATOR = "bsh_geo"


def render(
    spec: MapSpec,
    form: str = "png",
    options: PrintOptions | None = None,
    *,
    approval: str | None = None,
    dpi: int | None = None,
) -> bytes:
    """The page of ``spec`` as the bytes of a PNG, SVG or PDF file.

    ``options`` are those of ``PrintOptions``, A4 landscape by default; ``approval`` and ``dpi``
    take the place of its own. Raises UnknownNameError for another form and GlyphError for a
    character without glyph.
    """
    given = {"approval": approval, "dpi": dpi}
    changes: dict[str, Any] = {name: one for name, one in given.items() if one is not None}
    options = replace(options or PrintOptions(), **changes)
    if form not in FORMATS:
        raise UnknownNameError(
            f"不能输出为“{form}”。可用：{'、'.join(FORMATS)}。",
            f"There is no output form “{form}”. Known: {', '.join(FORMATS)}.",
        )
    with settings():
        figure = figure_of(spec, options)
        return {"png": _png, "svg": _svg, "pdf": _pdf}[form](figure, spec.title)


def file_of(draw: Callable[[], Figure], form: str, title: str) -> bytes:
    """The figure that ``draw`` makes as the bytes of a file of one of ``FORMATS``."""
    with settings():
        return {"png": _png, "svg": _svg, "pdf": _pdf}[form](draw(), title)


def page_pdf(spec: MapSpec, laid: Page, title: str) -> bytes:
    """A page that is laid out already as a PDF file; the same page gives the same bytes."""
    with settings():
        return _pdf(figure_on(spec, laid, PrintOptions()), title)


@contextmanager
def settings() -> Iterator[None]:
    """matplotlib set for one page: what is drawn or measured must be within."""
    with _LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()  # a user's own matplotlibrc changes no picture
        parameters: Any = matplotlib.rcParams  # typed by literal keys
        parameters.update(_RC)
        yield


def _png(figure: Figure, title: str) -> bytes:
    """Opaque RGB; ``title`` is taken only so that all forms are called alike."""
    canvas: Any = FigureCanvasAgg(figure)  # matplotlib's canvases have no types
    canvas.draw()
    made = io.BytesIO()
    # Level 3 takes half the time of the usual 6 and gives files a tenth larger.
    Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).save(
        made, "png", dpi=(figure.dpi, figure.dpi), compress_level=3
    )
    return made.getvalue()


def _pdf(figure: Figure, title: str) -> bytes:
    """Without a date, so that the same page gives the same bytes."""
    made = io.BytesIO()
    metadata = {"CreationDate": None, "Creator": _CREATOR, "Title": title}
    canvas: Any = FigureCanvasPdf(figure)
    canvas.print_pdf(made, metadata=metadata)
    return made.getvalue()


def _svg(figure: Figure, title: str) -> bytes:
    """Text stays text; the glyphs that it uses travel in the file as a font."""
    made = io.StringIO()
    metadata = {"Date": None, "Creator": _CREATOR, "Title": title}
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(made, metadata=metadata)
    shown = {c for text in figure.findobj(Text) if isinstance(text, Text) for c in text.get_text()}
    font = base64.b64encode(fonts.woff(shown)).decode()
    face = (
        f"<style>@font-face{{font-family:'{fonts.FAMILY}';"
        f"src:url(data:font/woff;base64,{font}) format('woff');}}</style>\n "
    )
    return made.getvalue().replace("<defs>", f"{face}<defs>", 1).encode()
