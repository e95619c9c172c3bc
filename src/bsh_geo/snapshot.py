"""MapSpec in, a printed A4 page out: PNG, SVG or PDF bytes, the same for the same input.

Nothing is fetched and no browser is needed. ``page_layout`` lays out, ``drawing`` puts the marks
on a matplotlib figure, ``render`` writes the file.
"""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
from bsh_geo.drawing import figure_of
from bsh_geo.errors import UnknownNameError
from bsh_geo.mapspec import MapSpec
from bsh_geo.page_layout import page

__all__ = ["FORMATS", "figure_of", "page", "render", "settings"]

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


def render(spec: MapSpec, form: str = "png", *, approval: str = "", dpi: int = 300) -> bytes:
    """The page of ``spec`` as the bytes of a PNG, SVG or PDF file.

    ``approval`` is the map approval number (审图号), printed where given; ``dpi`` holds for PNG.
    Raises UnknownNameError for another form and GlyphError for a character without glyph.
    """
    if form not in FORMATS:
        raise UnknownNameError(
            f"不能输出为“{form}”。可用：{'、'.join(FORMATS)}。",
            f"There is no output form “{form}”. Known: {', '.join(FORMATS)}.",
        )
    with settings():
        figure = figure_of(spec, approval=approval, dpi=dpi)
        return {"png": _png, "svg": _svg, "pdf": _pdf}[form](figure, spec.title)


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
