"""A trend, a ranking or a table and a place in, a native chart or table on a slide out.

They can be edited in PowerPoint: the charts carry their figures as workbooks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Mm, Pt

from bsh_geo.briefing_pages import Ranking, Table, TrendChart
from bsh_geo.mapspec import Trend
from bsh_geo.marks import ACCENT, HAIRLINE, INK, MUTED, OCHRE, plain
from bsh_geo.slide_base import Box, colour
from bsh_geo.table_widths import heights_of, widths_of

HEAD_FILL, MARK_FILL = "#e6efee", "#f6eedd"
_LEVELS = (OCHRE, "#54456b", "#2f6b4a", MUTED)
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""No style, no grid: every cell says itself how it looks."""
_ROOM = 0.92
"""Share of a width that text may take: the reader's font may be wider than the measured one."""

_PAD = 4.6
"""Left and right margin of a cell with a little air, mm."""


def add_trend(slide: Any, box: Box, block: TrendChart, lang: str) -> Any:
    """A line of annual figures, gaps left open, and a dashed level for each target."""
    trend = block.trend
    years = years_of(trend)
    data: Any = CategoryChartData(number_format="General")  # type: ignore[no-untyped-call]
    data.categories = years
    known = dict(trend.points)
    data.add_series(trend.title, [known.get(year) for year in years])
    for year, value in trend.targets:
        data.add_series(level_name(year, value, lang), [value] * len(years))
    kind = XL_CHART_TYPE.LINE_MARKERS
    frame = slide.shapes.add_chart(kind, *(Mm(side) for side in box), data)
    _describe(frame, block.caption)
    chart = frame.chart
    _plain_chart(chart, legend=True)
    chart._chartSpace.find(".//{*}dispBlanksAs").set("val", "gap")
    lines = list(chart.plots[0].series)
    _line(lines[0], ACCENT, 2.25, marker=True)
    _label_points(lines[0], [known.get(year) for year in years])
    for one, ink in zip(lines[1:], _LEVELS * len(lines), strict=False):
        _line(one, ink, 1.5, marker=False)
    _thin_out(chart.category_axis, len(years), box[2])
    low, high = _span([*known.values(), *(value for _, value in trend.targets)])
    axis = chart.value_axis
    axis.minimum_scale, axis.maximum_scale = low, high
    axis.has_major_gridlines = True
    axis.major_gridlines.format.line.color.rgb = colour("#e4e6e1")
    axis.format.line.fill.background()
    return frame


def _describe(frame: Any, text: str) -> None:
    """Name and description, for those who cannot see the object."""
    frame.name = text
    frame._element.nvGraphicFramePr.cNvPr.set("descr", text)


def years_of(trend: Trend) -> list[str]:
    """Every year from the first to the last figure, so that missing ones stay visible."""
    labels = [label for label, _ in trend.points]
    if not all(label.isdigit() for label in labels):
        return labels
    return [str(year) for year in range(int(labels[0]), int(labels[-1]) + 1)]


def level_name(year: str, value: float, lang: str) -> str:
    """How the legend names the level of a target."""
    if lang == "en":
        return f"{year} target {plain(value)}".strip()
    return f"{year}年目标 {plain(value)}" if year else f"目标 {plain(value)}"


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Round ends of an axis that hold all values; not from 0, as lines show differences."""
    low, high = min(values), max(values)
    spread = (high - low) or abs(high) or 1.0
    step = 10.0 ** math.floor(math.log10(spread)) / 2
    bottom = math.floor((low - spread * 0.08) / step) * step
    return (max(bottom, 0.0) if low >= 0 else bottom), math.ceil(
        (high + spread * 0.12) / step
    ) * step


def _thin_out(axis: Any, count: int, width: float) -> None:
    """Name only as many years as stand side by side; 11 mm hold a year."""
    skip = math.ceil(count * 11.0 / max(width - 14.0, 1.0))
    place = axis._element.find("{*}noMultiLvlLbl")
    made = parse_xml(f'<c:tickLblSkip {nsdecls("c")} val="{max(skip, 1)}"/>')
    place.addprevious(made) if place is not None else axis._element.append(made)


def _plain_chart(chart: Any, legend: bool) -> None:
    chart.has_title = False
    chart.font.size, chart.font.color.rgb = Pt(10), colour(INK)
    chart.has_legend = legend
    if legend:
        chart.legend.position = XL_LEGEND_POSITION.BOTTOM
        chart.legend.include_in_layout = False
        chart.legend.font.size = Pt(9.5)
    for axis in (chart.category_axis, chart.value_axis):
        axis.tick_labels.font.size = Pt(9.5)
        axis.format.line.color.rgb = colour(HAIRLINE)
        axis.has_major_gridlines = False


def _line(series: Any, ink: str, width: float, marker: bool) -> None:
    series.smooth = False
    series.format.line.width, series.format.line.color.rgb = Pt(width), colour(ink)
    if marker:
        series.marker.style, series.marker.size = XL_MARKER_STYLE.CIRCLE, 6
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = colour(ink)
        series.marker.format.line.color.rgb = colour(ink)
    else:
        series.format.line.dash_style = MSO_LINE.DASH
        series.marker.style = XL_MARKER_STYLE.NONE


def _label_points(series: Any, values: Sequence[float | None]) -> None:
    """The first and the last figure written out; all of them where there are few."""
    known = [at for at, value in enumerate(values) if value is not None]
    for at in known if len(known) <= 7 else (known[0], known[-1]):
        label = series.points[at].data_label
        label.position = XL_LABEL_POSITION.ABOVE
        label.font.size, label.font.bold = Pt(10), at == known[-1]
        shown = label._dLbl
        for name, value in (("showVal", "1"), ("showLegendKey", "0"), ("showSerName", "0"),
                            ("showCatName", "0"), ("showPercent", "0")):  # fmt: skip
            found = shown.find(f"{{*}}{name}")
            if found is not None:
                found.set("val", value)


def add_ranking(slide: Any, box: Box, block: Ranking) -> Any:
    """Bars from high to low in the colours of the map; the page's own district is outlined."""
    data: Any = CategoryChartData(  # type: ignore[no-untyped-call]
        number_format=number_format(block.decimals)
    )
    data.categories = [bar.name for bar in block.bars]
    data.add_series(block.caption, [bar.value for bar in block.bars])
    kind = XL_CHART_TYPE.BAR_CLUSTERED
    frame = slide.shapes.add_chart(kind, *(Mm(side) for side in box), data)
    _describe(frame, f"{block.caption} {block.note}".strip())
    chart = frame.chart
    _plain_chart(chart, legend=False)
    chart.category_axis.reverse_order = True
    chart.value_axis.visible = False
    low = min(bar.value for bar in block.bars)
    if low >= 0:
        chart.value_axis.minimum_scale = 0
    plot = chart.plots[0]
    plot.gap_width, plot.vary_by_categories = 38, False
    plot.has_data_labels = True
    plot.data_labels.number_format = number_format(block.decimals)
    plot.data_labels.number_format_is_linked = False
    plot.data_labels.position = XL_LABEL_POSITION.OUTSIDE_END
    plot.data_labels.font.size = Pt(9.5)
    for bar, point in zip(block.bars, (plot.series[0].points[at] for at in range(len(block.bars))),
                          strict=True):  # fmt: skip
        point.format.fill.solid()
        point.format.fill.fore_color.rgb = colour(bar.colour)
        point.format.line.color.rgb = colour(INK if bar.chosen else "#8a8f87")
        point.format.line.width = Pt(2.0 if bar.chosen else 0.5)
    return frame


def number_format(decimals: int) -> str:
    """The format of a number in a workbook."""
    return "#,##0." + "0" * decimals if decimals else "#,##0"


def add_table(slide: Any, box: Box, block: Table, size: float) -> Any:
    """A table with a tinted head, hairlines, and the page's own rows marked."""
    left, top, width, _ = box
    widths = widths_of(block, width, size)
    heights = heights_of(block, widths, size)
    frame = slide.shapes.add_table(
        len(block.rows) + 1, len(block.titles), Mm(left), Mm(top), Mm(width), Mm(sum(heights))
    )
    _describe(frame, block.caption)
    table = frame.table
    table._tbl.tblPr.find("{*}tableStyleId").text = _NO_STYLE
    table.horz_banding, table.first_row = False, True
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = Mm(wide)
    for at, (row, cells) in enumerate(zip(table.rows, (block.titles, *block.rows), strict=True)):
        row.height = Mm(heights[at])
        fill = HEAD_FILL if at == 0 else MARK_FILL if at - 1 in block.marked else None
        for column, text in enumerate(cells):
            _cell(table.cell(at, column), text, size, column in block.numeric, at == 0, fill)
    return frame


def _cell(cell: Any, text: str, size: float, right: bool, head: bool, fill: str | None) -> None:
    cell.margin_left = cell.margin_right = Mm(1.8)
    cell.margin_top = cell.margin_bottom = Mm(0.6)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame = cell.text_frame
    frame.word_wrap = True
    if text:
        run = frame.paragraphs[0].add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size), head, colour(INK)
    frame.paragraphs[0].alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    # An empty cell is as high as the text that could be typed into it.
    end = parse_xml(f'<a:endParaRPr {nsdecls("a")} sz="{int(size * 100)}"/>')
    frame.paragraphs[0]._p.append(end)
    if fill:
        cell.fill.solid()
        cell.fill.fore_color.rgb = colour(fill)
    properties = cell._tc.get_or_add_tcPr()
    properties.insert(
        0,
        parse_xml(
            f'<a:lnB {nsdecls("a")} w="{9525 if head else 6350}"><a:solidFill><a:srgbClr '
            f'val="{(INK if head else HAIRLINE)[1:].upper()}"/></a:solidFill></a:lnB>'
        ),
    )
