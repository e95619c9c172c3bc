"""A filled briefing in, the bytes of a PDF out; a chart in, a PNG out. The same for the same input.

Text stays text, its fonts embedded and subset; maps are drawn, not photographed.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure
from PIL import Image

from bsh_geo.briefing_pages import Briefing, Ranking, TrendChart
from bsh_geo.drawing import figure_of, figure_on
from bsh_geo.flow_blocks import bars_block, chart_alone
from bsh_geo.flow_pages import Laid, bare, pages, sheet
from bsh_geo.marks import Block
from bsh_geo.print_options import PrintOptions, page_size
from bsh_geo.snapshot import settings

CHART_DPI = 220


def pdf(briefing: Briefing) -> bytes:
    """The briefing as one PDF file."""
    size = page_size(PrintOptions(size=briefing.size, orientation="portrait"))  # type: ignore[arg-type]
    made = io.BytesIO()
    metadata = {"CreationDate": None, "Creator": "bsh_geo", "Title": briefing.title}
    with settings(), PdfPages(made, metadata=metadata) as file:
        for laid in pages(briefing):
            canvas: Any = FigureCanvasPdf(_figure(laid, briefing, size))
            canvas.print_pdf(file)
    return made.getvalue()


def _figure(laid: Laid, briefing: Briefing, size: tuple[float, float]) -> Figure:
    if laid.whole is not None and laid.spec is not None:
        return figure_of(laid.spec, laid.whole)
    return figure_on(*sheet(laid, size), PrintOptions(theme=briefing.theme))


def first_png(briefing: Briefing, dpi: int) -> bytes:
    """The first page of the PDF as a PNG, for a preview."""
    size = page_size(PrintOptions(size=briefing.size, orientation="portrait"))  # type: ignore[arg-type]
    with settings():
        figure = _figure(pages(briefing)[0], briefing, size)
        figure.set_dpi(dpi)
        return _drawn(figure)


def trend_png(block: TrendChart, width: float, lang: str) -> bytes:
    """The chart of a trend without its title, as wide as told in mm."""
    with settings():
        return _png(chart_alone(block, width, lang), width)


def ranking_png(block: Ranking, width: float) -> bytes:
    """The bars of a ranking without title and note, as wide as told in mm."""
    with settings():
        return _png(bars_block(block, width), width)


def _png(block: Block, width: float) -> bytes:
    options = PrintOptions(dpi=CHART_DPI)
    return _drawn(figure_on(*bare(list(block.marks), (width, block.height)), options))


def _drawn(figure: Figure) -> bytes:
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    made = io.BytesIO()
    shown = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    shown.save(made, "png", dpi=(figure.dpi, figure.dpi), compress_level=6)
    return made.getvalue()
