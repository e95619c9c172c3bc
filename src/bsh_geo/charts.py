"""Readings and statistics of one station in, charts out: PNG or SVG bytes, the same each time.

What is missing stays a gap; a class colour is the one of the map; every chart names its unit.
"""

from __future__ import annotations

import calendar
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from bsh_geo import fonts
from bsh_geo.errors import unknown_name
from bsh_geo.marks import ACCENT, HAIRLINE, INK, MUTED, OCHRE
from bsh_geo.snapshot import settings

FORMATS = ("png", "svg")
NO_DATA = "#ece9e0"
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Head:
    """What stands over and under a chart."""

    title: str
    unit: str
    source: str
    lang: str = "zh"


@dataclass(frozen=True)
class Class:
    """A class of values: above ``low``, up to ``high``, its colour and its name."""

    low: float
    high: float
    colour: str
    label: str


Draw = Callable[[], Figure]


def render(draw: Draw, form: str = "png", dpi: int = 200) -> bytes:
    """The chart that ``draw`` makes as a PNG or SVG file.

    Raises
    ------
    UnknownNameError
        Another form.
    GlyphError
        The font lacks a character of the chart.
    """
    if form not in FORMATS:
        raise unknown_name("图表格式", "chart format", form, FORMATS)
    with settings():
        figure = draw()
        for text in figure.findobj(Text):
            fonts.check_glyphs(str(getattr(text, "get_text", str)()))
        if form == "svg":
            written = io.StringIO()
            svg: Any = FigureCanvasSVG(figure)
            svg.print_svg(written, metadata={"Date": None, "Creator": "bsh_geo"})
            return written.getvalue().encode()
        figure.set_dpi(dpi)
        made = io.BytesIO()
        canvas: Any = FigureCanvasAgg(figure)
        canvas.print_png(made, metadata={"Software": None})
        return made.getvalue()


def series(
    values: pd.Series, head: Head, limits: Sequence[tuple[str, float]] = (), size: float = 190.0
) -> Figure:
    """Values over time as a line with gaps where they are missing, and limits as dashed levels.

    ``values`` is indexed by time in order, with a row for every step (NaN = missing).
    """
    figure, axes = _sheet(size, 62.0, head)
    axes.plot(values.index, values.to_numpy(dtype=float), color=ACCENT, linewidth=1.0)
    alone = values[values.notna() & values.shift().isna() & values.shift(-1).isna()]
    axes.plot(alone.index, alone.to_numpy(dtype=float), ".", color=ACCENT, markersize=2.5)
    top = max([float(values.max()) if values.notna().any() else 1.0, *(one for _, one in limits)])
    axes.set_ylim(0, top * 1.12 or 1)
    axes.set_xlim(values.index[0], values.index[-1])
    for name, level in limits:
        axes.axhline(level, color=OCHRE, linewidth=0.8, linestyle=(0, (4, 3)))
        _say(axes, 1.0, level, f"{name} {level:g}", colour=OCHRE, across=True)
    _time_ticks(axes, values.index, head.lang)
    return figure


def calendar_map(
    values: pd.Series, year: int, classes: Sequence[Class], head: Head, size: float = 190.0
) -> Figure:
    """A square per day of a year, weeks across and weekdays down, coloured by class.

    ``values`` is indexed by day; days without a figure are drawn as missing.
    """
    figure, axes = _sheet(size, 46.0, head, bare=True)
    by_day = {pd.Timestamp(day).date(): value for day, value in values.items()}  # type: ignore[arg-type]
    first = date(year, 1, 1)
    shift = first.weekday()
    days = 366 if calendar.isleap(year) else 365
    for number in range(days):
        day = date.fromordinal(first.toordinal() + number)
        week, weekday = divmod(number + shift, 7)
        colour = _colour(by_day.get(day, np.nan), classes)
        axes.add_patch(Rectangle((week, weekday), 0.88, 0.88, color=colour, linewidth=0))
        if day.day == 1:
            name = f"{day.month}月" if head.lang == "zh" else _MONTHS_EN[day.month - 1]
            _say(axes, week + (1 if weekday else 0), -0.75, name, colour=MUTED)
    axes.set_xlim(-0.2, 54)
    axes.set_ylim(7.1, -1.6)
    _key(figure, classes, head.lang)
    return figure


def rose(values: pd.Series, counts: pd.Series, head: Head, size: float = 80.0) -> Figure:
    """The mean of each hour of the day on a clock of 24 hours.

    ``values`` and ``counts`` are indexed by the hour 1 to 24; hours without readings stay empty.
    """
    figure, axes = _sheet(size, size * 0.98, head, polar=True)
    angles = np.arange(1, 25) / 24 * 2 * np.pi
    heights = values.reindex(range(1, 25)).to_numpy(dtype=float)
    polar: Any = axes
    polar.set_theta_zero_location("N")
    polar.set_theta_direction(-1)
    width = 2 * np.pi / 24 * 0.86
    axes.bar(angles, np.nan_to_num(heights), width=width, color=ACCENT, alpha=0.85, zorder=0.4)
    axes.set_axisbelow("line")
    axes.set_xticks(np.arange(0, 24, 3) / 24 * 2 * np.pi)
    axes.set_xticklabels(["24", *(str(hour) for hour in range(3, 24, 3))])
    polar.set_rlabel_position(352.5)
    axes.yaxis.set_major_locator(MaxNLocator(3))
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(_type(6.5, MUTED)["fontproperties"])
    for label in axes.get_yticklabels():
        label.set_path_effects([Stroke(linewidth=2.2, foreground="white"), Normal()])
    least = int(counts.min()) if len(counts) else 0
    words = f"每时次不少于 {least} 个读数" if head.lang == "zh" else f"at least {least} an hour"
    figure.text(0.97, 0.03, words, ha="right", **_type(5.8, MUTED))
    return figure


def trend_chart(
    months: pd.Series, level: Callable[[pd.Timestamp], float] | None, words: str, head: Head,
    size: float = 190.0,
) -> Figure:  # fmt: skip
    """Deseasonalised months as dots, the Theil–Sen line where there is one, and its words."""
    figure, axes = _sheet(size, 62.0, head)
    axes.plot(months.index, months.to_numpy(dtype=float), ".", color=MUTED, markersize=3.2)
    if level is not None:
        ends = [months.index[0], months.index[-1]]
        axes.plot(ends, [level(pd.Timestamp(end)) for end in ends], color=OCHRE, linewidth=1.5)
    axes.set_xlim(months.index[0], months.index[-1])
    axes.margins(y=0.15)
    _time_ticks(axes, months.index, head.lang)
    figure.text(2.5 / size, 1 - 10.2 / 62.0, words, **_type(7.0, MUTED))
    return figure


def _sheet(
    width: float, height: float, head: Head, bare: bool = False, polar: bool = False
) -> tuple[Figure, Axes]:
    """An empty chart of that size (mm) with its head, and the place for what is drawn."""
    figure = Figure(figsize=(width / 25.4, height / 25.4), dpi=200, facecolor="white")
    left, right = (3.0, 2.0) if bare else (11.0, 24.0)
    place = (
        (0.14, 0.1, 0.72, 0.68)
        if polar
        else (left / width, 10.0 / height, 1 - (left + right) / width, 1 - 21.0 / height)
    )
    axes = figure.add_axes(place, projection="polar" if polar else None)
    unit = f"（{head.unit}）" if head.lang == "zh" else f" ({head.unit})"
    figure.text(2.5 / width, 1 - 5.6 / height, f"{head.title}{unit if head.unit else ''}",
                **_type(9.0, INK))  # fmt: skip
    figure.text(2.5 / width, 2.0 / height, head.source, **_type(5.8, MUTED))
    if bare:
        axes.set_axis_off()
        return figure, axes
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom" or polar)
        spine.set_color(HAIRLINE)
    axes.grid(True, axis="both" if polar else "y", color="#e4e6e1", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=MUTED, labelsize=6.5)
    return figure, axes


def _type(size: float, colour: str) -> dict[str, Any]:
    """The shipped font in that size and colour; a dollar sign is no formula."""
    font = fonts.properties().copy()
    font.set_size(size)
    return {"fontproperties": font, "color": colour, "parse_math": False}


def _say(axes: Axes, x: float, y: float, text: str, colour: str, across: bool = False) -> None:
    """Text beside a point; ``across`` puts it right of the axes at that height."""
    place: Any = axes.get_yaxis_transform() if across else axes.transData
    axes.text(x + (0.008 if across else 0), y, text, transform=place, va="center",
              **_type(6.2, colour))  # fmt: skip


def _time_ticks(axes: Axes, index: pd.Index, lang: str) -> None:
    """At most nine round dates under a time axis, in the language and the font of the chart."""
    times = pd.DatetimeIndex(index)
    days = max((times[-1] - times[0]).days, 1)
    steps = ((900, "%Y", "YS"), (100, "%Y-%m", "MS"), (4, "%m-%d", "D"), (0, "%d %H:00", "6h"))
    form, rule = next((form, rule) for least, form, rule in steps if days >= least)
    ticks = pd.date_range(times[0].normalize(), times[-1], freq=rule)
    ticks = ticks[ticks >= times[0]][:: max(1, -(-len(ticks) // 9))]
    to_number: Any = date2num  # without types
    axes.set_xticks(to_number(ticks.to_pydatetime()))
    axes.set_xticklabels([_tick_name(tick, form, lang) for tick in ticks])
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(_type(6.5, MUTED)["fontproperties"])


def _tick_name(tick: pd.Timestamp, form: str, lang: str) -> str:
    if lang == "en":
        return tick.strftime(form)
    zh = {
        "%Y": f"{tick.year}年",
        "%Y-%m": f"{tick.year}年{tick.month}月",
        "%m-%d": f"{tick.month}月{tick.day}日",
        "%d %H:00": f"{tick.day}日{tick.hour}时",
    }
    return zh[form]


def _colour(value: float, classes: Sequence[Class]) -> str:
    if np.isnan(value):
        return NO_DATA
    return next((one.colour for one in classes if value <= one.high), classes[-1].colour)


def _key(figure: Figure, classes: Sequence[Class], lang: str) -> None:
    """The classes as a row of swatches under a chart."""
    names = [(one.colour, one.label) for one in classes]
    names.append((NO_DATA, "无有效数据" if lang == "zh" else "no valid figure"))
    patches = [Patch(facecolor=colour, label=name, linewidth=0) for colour, name in names]
    legend = figure.legend(
        handles=patches, ncols=len(names), loc="lower right", frameon=False,
        bbox_to_anchor=(0.995, 0.005), prop=_type(6.2, MUTED)["fontproperties"],
        handlelength=1.0, handleheight=1.0, columnspacing=1.0, handletextpad=0.4,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_color(MUTED)
        text.set_parse_math(False)
