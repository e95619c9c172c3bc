"""A comparison in, one A4 page out: the maps side by side, one legend, the difference, bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from bsh_geo import classes, fonts
from bsh_geo.comparison import Comparison
from bsh_geo.drawing import figure_of_maps
from bsh_geo.errors import unknown_name
from bsh_geo.furniture import scale_bar
from bsh_geo.inset import Placed
from bsh_geo.legend import legend_block
from bsh_geo.mapspec import LegendBlock, MapSpec
from bsh_geo.marks import (
    ACCENT,
    HAIRLINE,
    INK,
    MUTED,
    WORDS,
    Mark,
    Setting,
    Words,
    box,
    line,
    moved,
    paragraph,
)
from bsh_geo.print_frame import MapFrame, framed
from bsh_geo.print_labels import map_labels
from bsh_geo.print_options import PrintOptions
from bsh_geo.snapshot import FORMATS, file_of
from bsh_geo.themes import LOOKS

PAGE = (297.0, 210.0)
MARGIN, TOP, GUTTER = 14.0, 12.0, 5.0
MAP_HEIGHT, CAPTION = 92.0, 7.5
BARS_TOP, BARS_HEIGHT = 156.0, 24.0
FIRST_BAR = "#a9c4c4"


def render(compared: Comparison, form: str = "png", options: PrintOptions | None = None) -> bytes:
    """The comparison as a PNG, SVG or PDF page; the same for the same input.

    Raises
    ------
    UnknownNameError
        Another form.
    """
    if form not in FORMATS:
        raise unknown_name("输出格式", "output form", form, FORMATS)
    options = options or PrintOptions()
    return file_of(lambda: _figure(compared, options), form, title_of(compared))


def title_of(compared: Comparison) -> str:
    """What is compared, as a title."""
    first, second = compared.titles
    if compared.first.lang == "zh":
        return f"{compared.first.title}：{first}与{second}"
    return f"{compared.first.title}: {first} and {second}"


def _figure(compared: Comparison, options: PrintOptions) -> Figure:
    specs = [compared.first, compared.second]
    captions = [_caption(title, spec) for title, spec in zip(compared.titles, specs, strict=True)]
    if compared.difference is not None:
        specs.append(compared.difference)
        lang = compared.first.lang
        captions.append("后者减前者" if lang == "zh" else "second minus first")
    width = (PAGE[0] - 2 * MARGIN - GUTTER * (len(specs) - 1)) / len(specs)
    top = TOP + 12.0 + CAPTION
    maps, around = [], _head(compared)
    frames = _frames(specs, width, top)
    for spec, frame, caption in zip(specs, frames, captions, strict=True):
        around += [
            moved(mark, frame.left, top - CAPTION + 1.0)
            for mark in paragraph(caption, width, 11.0, INK, strong=True).marks
        ]
        around.append(replace(box(*frame.box[:2], frame.width, frame.height, None, INK), width=0.6))
        paper = LOOKS[options.theme].paper
        bar = scale_bar(frame.scale, 26.0, frame.text, paper)
        spot = Placed(bar, frame.left + 2.0, frame.top + frame.height - bar.height - 2.0)
        names = map_labels(spec, frame, (spot,), paper)
        upon = [*names, *(moved(mark, spot.x, spot.y) for mark in bar.marks)]
        maps.append((spec, frame, upon))
    around += _legends(specs, frames, top + MAP_HEIGHT + 3.0)
    around += _bars(compared)
    around += _foot(compared, options)
    return figure_of_maps(maps, around, PAGE, options)


def _caption(title: str, spec: MapSpec) -> str:
    """What a map shows, with the figure of its whole area where there is one."""
    return f"{title}　{spec.key.value} {spec.key.unit}".rstrip() if spec.key else title


def _head(compared: Comparison) -> list[Mark]:
    width = PAGE[0] - 2 * MARGIN
    title = title_of(compared)
    size = fonts.shrink(title, width, (19, 17, 15, 13))
    return [
        moved(one, MARGIN, TOP) for one in paragraph(title, width, size, INK, strong=True).marks
    ]


def _frames(specs: Sequence[MapSpec], width: float, top: float) -> list[MapFrame]:
    """Frames side by side; of one area in one scale."""
    lefts = [MARGIN + number * (width + GUTTER) for number in range(len(specs))]
    found = [
        framed(spec, (left, top, width, MAP_HEIGHT), text=0.86)
        for spec, left in zip(specs, lefts, strict=True)
    ]
    if specs[0].area != specs[1].area:
        return found  # each area as large as can be: their scale bars tell them apart
    scale = min(frame.scale for frame in found)
    return [_scaled(frame, scale) for frame in found]


def _scaled(frame: MapFrame, scale: float) -> MapFrame:
    """The frame at another scale around the same middle."""
    west, south, east, north = frame.ground
    across, up = frame.width / scale, frame.height / scale
    return replace(
        frame, west=(west + east - across) / 2, north=(south + north + up) / 2, scale=scale
    )


def _legends(specs: Sequence[MapSpec], frames: Sequence[MapFrame], top: float) -> list[Mark]:
    """One legend for the two maps, laid across them, and one under the difference."""
    marks: list[Mark] = []
    both = frames[1].left + frames[1].width - frames[0].left
    places = [(specs[0], frames[0].left, both)]
    if len(specs) > 2:
        places.append((specs[2], frames[2].left, frames[2].width))
    for spec, left, width in places:
        if spec.legend:
            block = _flat(spec.legend[0], Setting(spec.lang, width, 0.9))
            marks += [moved(mark, left, top) for mark in block]
    return marks


def _flat(legend: LegendBlock, setting: Setting) -> list[Mark]:
    """A legend in as many columns as fit: its own block, set on the given width."""
    return list(legend_block(legend, setting).marks)


def _bars(compared: Comparison) -> list[Mark]:
    """Both figures of every district as bars, from the highest second one; values written on."""
    rows = compared.ranking.dropna(subset=["first", "second"], how="all")
    rows = rows[rows["name"].astype(bool)]
    if rows.empty:
        return []
    low, high = min(0.0, _least(rows)), max(_most(rows), 1e-9)
    room = (PAGE[0] - 2 * MARGIN) / max(len(rows), 8)
    bar = min(room * 0.32, 6.0)
    alone = compared.first.area != compared.second.area
    bottom = BARS_TOP + BARS_HEIGHT
    marks: list[Mark] = [line([(MARGIN, bottom), (PAGE[0] - MARGIN, bottom)], HAIRLINE, 0.6)]
    size = 6.2 if len(rows) > 10 else 7.0
    for place, row in enumerate(rows.to_dict("records")):
        middle = MARGIN + room * (place + 0.5)
        for side, value, colour in (
            (-1, float(row["first"]), FIRST_BAR),
            (1, float(row["second"]), ACCENT),
        ):
            if math.isnan(value):
                continue
            height = (value - low) / (high - low) * (BARS_HEIGHT - 5.0)
            left = middle - bar / 2 if alone else middle - bar if side < 0 else middle
            marks.append(box(left, bottom - height, bar, height, colour))
            text = classes.number(value, _decimals(compared))
            marks.append(Words(left + bar / 2, bottom - height - 0.9, text, 5.5, INK, "center"))
        name = fonts.cut(str(row["name"]), room, size, 1)[0]
        marks.append(Words(middle, bottom + 3.2, name, size, INK, "center"))
    return marks + _bar_key(compared)


def _least(rows: pd.DataFrame) -> float:
    return float(rows[["first", "second"]].min().min())


def _most(rows: pd.DataFrame) -> float:
    return float(rows[["first", "second"]].max().max())


def _decimals(compared: Comparison) -> int:
    table = compared.second.tables[0] if compared.second.tables else None
    return table.decimals if table is not None and table.decimals is not None else 1


def _bar_key(compared: Comparison) -> list[Mark]:
    """Which bar is which, right above them."""
    marks: list[Mark] = []
    x = PAGE[0] - MARGIN
    for name, colour in zip(reversed(compared.titles), (ACCENT, FIRST_BAR), strict=True):
        x -= fonts.width(name, 7.0)
        marks.append(Words(x, BARS_TOP - 2.0, name, 7.0, MUTED))
        marks.append(box(x - 4.2, BARS_TOP - 4.4, 3.0, 2.6, colour))
        x -= 9.0
    return marks


def _foot(compared: Comparison, options: PrintOptions) -> list[Mark]:
    """Sources of all maps, notes, date, projection and imprint, cut to what the page holds."""
    specs = [compared.first, compared.second]
    lang = compared.first.lang
    words = WORDS["en" if lang == "en" else "zh"]
    sources = dict.fromkeys(one for spec in specs for one in spec.sources)
    notes = dict.fromkeys(one for spec in specs for one in (spec.quality_note, *spec.notes) if one)
    dates = dict.fromkeys(spec.data_date for spec in specs if spec.data_date)
    lines = [
        f"{words['sources']}{words['colon']}{words['join'].join(sources)}",
        f"{words['notes']}{words['colon']}{words['join'].join(notes)}",
        words["join"].join(
            part
            for part in (
                f"{words['date']}{words['colon']}{words['join'].join(dates)}",
                f"{words['crs']}{words['colon']}{words['crs_name']}",
                f"{words['approval']}{words['colon']}{options.approval}"
                if options.approval
                else "",
                options.office,
                options.stamp,
            )
            if part
        ),
    ]
    width, top = PAGE[0] - 2 * MARGIN, 187.5
    marks: list[Mark] = [line([(MARGIN, top), (PAGE[0] - MARGIN, top)], HAIRLINE, 0.5)]
    size, y = 5.8, top + 3.4
    for text, most in zip(lines, (2, 2, 1), strict=True):
        for one in fonts.cut(text, width, size, most):
            marks.append(Words(MARGIN, y, one, size, MUTED))
            y += fonts.line_height(size)
    return marks
