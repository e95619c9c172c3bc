"""Two periods or two areas side by side: the same classes, the difference, bars, one page."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader
from small_readings import write_readings
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from bsh_geo import comparison, comparison_page
from bsh_geo.cli import app
from bsh_geo.comparison import of_areas, of_periods
from bsh_geo.compose import Request
from bsh_geo.errors import UnknownNameError
from bsh_geo.print_options import PrintOptions
from bsh_geo.project import open_project

PROJECT = open_project()
PM25 = Request("air_quality", metric="pm25")


@pytest.fixture(scope="module")
def years():
    return of_periods(PROJECT, PM25, "2024", "2025")


def test_two_periods_share_classes_colours_and_extent(years):
    first, second = years.first, years.second
    assert [one.label for one in first.legend[0].items] == [
        one.label for one in second.legend[0].items
    ]
    assert first.extent == second.extent
    assert years.titles == ("2024年", "2025年")


def test_the_difference_is_the_second_minus_the_first_and_says_so(years):
    table = years.difference.tables[0].export.set_index("name_zh")
    # 黄浦区: 27.2 − 28.6
    assert table.at["黄浦区", "value"] == pytest.approx(-1.4)
    assert table.at["黄浦区", "note"] == "本期 27.2，2024年 28.6"
    assert years.difference.title == "空气质量 · PM2.5平均浓度与2024年之差"


def test_the_ranking_has_the_highest_second_figure_first_and_keeps_the_gaps(years):
    table = years.ranking
    assert list(table["name"][:2]) == ["嘉定区", "徐汇区"]
    assert np.isnan(table.set_index("name").at["嘉定区", "first"])
    assert np.isnan(table.set_index("name").at["青浦区", "second"])
    assert table.iloc[-1]["name"] == "青浦区"


def test_two_areas_have_no_difference_and_their_own_key_figures():
    compared = of_areas(PROJECT, Request("air_quality", metric="pm25", period="2025"),
                        "崇明区", "黄浦区")  # fmt: skip
    assert compared.difference is None
    assert (compared.first.key.value, compared.second.key.value) == ("19.5", "27.2")
    assert compared.titles == ("崇明区", "黄浦区")


def test_a_layer_without_periods_says_so():
    with pytest.raises(UnknownNameError, match="图层“生态保护红线”没有按时期的指标"):
        of_periods(PROJECT, Request("ecological_red_line"), "2024", "2025")


def test_the_history_has_the_city_first_and_blanks_where_nothing_is_published():
    table = comparison.history(PROJECT, "pm25")
    assert table.index[0] == "310000"
    assert table.at["310000", "2013"] == 62
    assert np.isnan(table.at["310151", "2013"])
    assert table.at["310151", "2025"] == 19.5


def test_months_of_readings_are_compared_too(tmp_path):
    project = write_readings(tmp_path)
    request = Request("air_quality", metric="live_pm25", areas=("浦东新区",))
    compared = of_periods(project, request, "2024-02", "2025-02")
    row = compared.difference.tables[0].export.set_index("id").loc["310115"]
    assert row["value"] == 0.0
    assert row["note"] == "本期 30，2024年2月 30"


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_comparison_gives_the_same_bytes(years, form):
    options = PrintOptions(dpi=60)
    first, second = (comparison_page.render(years, form, options) for _ in range(2))
    assert first == second
    if form == "png":
        assert Image.open(io.BytesIO(first)).size == (702, 496)


def test_the_printed_page_names_both_figures_the_source_and_the_standard(years):
    options = PrintOptions(approval="沪S(2026)000号", office="崇明区生态环境局")
    text = PdfReader(io.BytesIO(comparison_page.render(years, "pdf", options))).pages[0]
    words = text.extract_text()
    for wanted in ("28.4", "26.3", "后者减前者", "数据来源", "GB 3095-2012", "沪S(2026)000号",
                   "崇明区生态环境局"):  # fmt: skip
        assert wanted in words, wanted


def test_the_command_writes_a_file_or_says_what_is_missing(tmp_path):
    out = tmp_path / "比较.png"
    run = CliRunner().invoke(
        app, ["compare", "air_quality", "--periods", "2024,2025", "-o", str(out)]
    )
    assert run.exit_code == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    run = CliRunner().invoke(app, ["compare", "air_quality", "-o", str(out)])
    assert run.exit_code == 2
    assert "请用 --periods 2024,2025 给出两个时期" in run.output


def test_the_page_shows_the_sheet_in_both_languages(monkeypatch):
    monkeypatch.delenv("BSH_PROJECT", raising=False)

    def script() -> None:
        from bsh_geo.ui import compare_page

        compare_page.page()

    for lang, word in (("zh", "2024年与2025年"), ("en", "2024 and 2025")):
        run = AppTest.from_function(script, default_timeout=60)
        run.query_params["lang"] = lang
        run.run()
        assert not run.exception
        shown = "".join(one.proto.body for one in run.get("html"))
        assert word in shown
        assert "bsh-history" in shown
