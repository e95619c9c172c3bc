"""Charts of a station: what is missing stays a gap, the same input gives the same bytes."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bsh_geo import charts
from bsh_geo.charts import NO_DATA, Class, Head
from bsh_geo.errors import GlyphError, UnknownNameError
from bsh_geo.snapshot import settings

HEAD = Head("普陀 PM2.5 日均浓度", "μg/m³", "数据来源：测试", "zh")
CLASSES = (Class(0, 35, "#00E400", "优"), Class(35, 75, "#FFFF00", "良"))
DAYS = pd.date_range("2024-01-01", "2024-12-31")
VALUES = pd.Series(np.linspace(10, 70, len(DAYS)), index=DAYS)


def drawn(make):
    """The figure, made under the product's settings of matplotlib."""
    with settings():
        return make()


def test_a_missing_value_breaks_the_line():
    values = VALUES.copy()
    values.iloc[100:110] = np.nan
    line = drawn(lambda: charts.series(values, HEAD)).axes[0].lines[0]
    assert np.isnan(line.get_ydata()[100:110]).all()
    assert np.isfinite(line.get_ydata()[:100]).all()


def test_a_single_value_between_gaps_is_still_seen():
    values = pd.Series([np.nan, 5.0, np.nan, 7.0, 8.0], index=DAYS[:5])
    dots = drawn(lambda: charts.series(values, HEAD)).axes[0].lines[1]
    assert list(dots.get_ydata()) == [5.0]


def test_a_limit_is_inside_the_chart_and_named():
    figure = drawn(lambda: charts.series(VALUES, HEAD, [("二级限值", 75)]))
    axes = figure.axes[0]
    assert axes.get_ylim()[1] > 75
    assert "二级限值 75" in [text.get_text() for text in axes.texts]


def test_a_calendar_has_a_square_for_each_day_of_a_leap_year():
    values = VALUES.drop(DAYS[59])
    axes = drawn(lambda: charts.calendar_map(values, 2024, CLASSES, HEAD)).axes[0]
    colours = [matplotlib_hex(patch) for patch in axes.patches]
    assert len(colours) == 366
    # 10 + 60 · n / 365 ≤ 35 up to n = 152, 29 February (n = 59) left out.
    assert colours.count("#00e400") == 152
    assert colours.count("#ffff00") == 213
    assert [n for n, colour in enumerate(colours) if colour == NO_DATA] == [59]


def matplotlib_hex(patch) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in patch.get_facecolor()[:3])


def test_a_rose_has_the_mean_of_each_hour():
    means = pd.Series(range(1, 24), index=range(1, 24), dtype=float)
    axes = drawn(lambda: charts.rose(means, means * 0 + 30, HEAD)).axes[0]
    assert [patch.get_height() for patch in axes.patches] == [*range(1, 24), 0]


def test_a_trend_without_a_line_shows_its_months_and_words():
    months = pd.Series(np.arange(24.0), index=pd.date_range("2023-01-01", periods=24, freq="MS"))
    figure = drawn(lambda: charts.trend_chart(months, None, "数据不足", HEAD))
    assert len(figure.axes[0].lines) == 1
    assert "数据不足" in [text.get_text() for text in figure.texts]


@pytest.mark.parametrize("form", charts.FORMATS)
def test_the_same_chart_gives_the_same_bytes(form):
    first, second = (charts.render(lambda: charts.series(VALUES, HEAD), form) for _ in range(2))
    assert first == second
    if form == "png":
        assert Image.open(io.BytesIO(first)).size == (1496, 488)
    else:
        assert not re.search(rb"<dc:date>", first)


def test_english_axes_have_no_chinese():
    head = Head("Putuo PM2.5, daily mean", "μg/m³", "Source: test", "en")
    for make in (
        lambda: charts.series(VALUES, head),
        lambda: charts.calendar_map(VALUES, 2024, [Class(0, 99, "#00E400", "Good")], head),
        lambda: charts.rose(pd.Series(dtype=float), pd.Series(dtype=float), head),
    ):
        figure = drawn(make)
        shown = [text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text"))]
        assert any(shown)
        assert not re.search(r"[\u4e00-\u9fff]", "".join(shown))


def test_another_format_and_a_character_without_glyph_are_said():
    with pytest.raises(UnknownNameError, match="图表格式“gif”不存在"):
        charts.render(lambda: charts.series(VALUES, HEAD), "gif")
    with pytest.raises(GlyphError):
        charts.render(lambda: charts.series(VALUES, Head("\U0001f30a", "", "", "zh")))
