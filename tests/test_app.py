"""The pages as Streamlit runs them, without a browser: state, URL, faults, both languages."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
import streamlit as st
from small_readings import write_readings
from streamlit.testing.v1 import AppTest

from bsh_geo import assessment, catalogue, compose
from bsh_geo.compose import Request
from bsh_geo.errors import DataError
from bsh_geo.ui import data_page, map_page, progress_html

ROOT = Path(__file__).resolve().parents[1]
APP = str(ROOT / "app.py")


@pytest.fixture
def open_app(monkeypatch):
    """Run the app for a query and a project folder."""

    def start(query: dict[str, str] | None = None, project: Path | None = None) -> AppTest:
        monkeypatch.chdir(ROOT)
        if project is None:
            monkeypatch.delenv("BSH_PROJECT", raising=False)
        else:
            monkeypatch.setenv("BSH_PROJECT", str(project))
        app = AppTest.from_file(APP, default_timeout=60)
        for key, value in (query or {}).items():
            app.query_params[key] = value
        return app.run()

    return start


def html_of(app: AppTest) -> str:
    """All HTML that the page shows, but its style sheet."""
    bodies = [element.proto.body for element in app.main if element.type == "html"]
    bodies += [element.proto.body for element in app.get("html")]
    return "\n".join(body for body in bodies if "<style>" not in body)


def test_the_first_page_is_air_quality_of_the_city_in_chinese(open_app):
    app = open_app()
    assert not app.exception
    assert app.radio(key="layer").value == "air_quality"
    assert app.multiselect(key="areas").value == []
    assert "26.3" in html_of(app)
    assert dict(app.query_params) == {"layer": "air_quality"}


def test_a_shared_link_opens_the_same_view(open_app):
    app = open_app(
        {"layer": "air_quality", "metric": "aqi_good_rate", "area": "310151", "period": "2024"}
    )
    assert not app.exception
    page = html_of(app)
    assert "崇明区 · 2024年" in page
    assert "90.8" in page
    assert app.query_params["area"] == "310151"
    assert app.query_params["metric"] == "aqi_good_rate"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"layer": "air_qualty"}, "air_qualty"),
        ({"layer": "air_quality", "area": "崇名区"}, "崇名区"),
        ({"layer": "air_quality", "period": "1999"}, "1999"),
        ({"layer": "air_quality", "metric": "x"}, "x"),
        ({"layer": "air_quality", "show": "nothing"}, "nothing"),
        ({"layer": "air_quality", "colour": "red"}, "colour"),
        ({"lang": "fr"}, "fr"),
    ],
)
def test_a_tampered_link_is_said_in_a_sentence_and_the_default_view_is_shown(
    open_app, query, named
):
    app = open_app(query)
    assert not app.exception
    page = html_of(app)
    assert "链接有误" in page
    assert f"“{named}”不存在" in page
    assert "26.3" in page


def test_a_script_in_a_link_is_shown_as_text(open_app):
    page = html_of(open_app({"layer": "<script>alert(1)</script>"}))
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_switching_the_layer_keeps_the_area(open_app):
    app = open_app({"layer": "air_quality", "area": "310151"})
    app.radio(key="layer").set_value("ecological_red_line").run()
    assert not app.exception
    page = html_of(app)
    assert "1640.37" in page.replace(",", "")
    assert app.query_params["area"] == "310151"
    assert app.query_params["layer"] == "ecological_red_line"


def test_a_group_is_kept_as_a_group_in_the_url(open_app):
    app = open_app()
    app.multiselect(key="areas").set_value(["new_towns"]).run()
    assert app.query_params["area"] == "new_towns"
    assert "五个新城" in html_of(app)


@pytest.mark.parametrize(
    "layer",
    ["air_quality", "beautiful_bays", "wetlands", "park_coverage", "ecological_red_line"],
)
def test_the_english_page_has_no_chinese_left(open_app, layer):
    app = open_app({"layer": layer, "lang": "en"})
    assert not app.exception
    texts = [widget.label for widget in (*app.radio, *app.selectbox, *app.checkbox)]
    texts += [option for widget in (*app.radio, *app.selectbox) for option in widget.options]
    # The words of a Chinese document are quoted as they are, and marked as Chinese.
    texts.append(re.sub(r'<dd lang="zh">.*?</dd>', "", html_of(app)))
    assert len(texts) > 5
    left = [found for text in texts for found in re.findall(r"\S*[\u4e00-\u9fff]+\S*", text)]
    assert left == []


def test_a_broken_layer_file_is_named_and_the_others_work(open_app, tmp_path):
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "mine.toml").write_text('id = "mine"\ncolour = "red"\n', "utf-8")
    app = open_app(project=tmp_path)
    assert not app.exception
    page = html_of(app)
    assert "layers/mine.toml" in page
    assert "colour" in page
    assert "26.3" in page


def test_a_missing_data_file_is_a_sentence_in_place_of_the_map(open_app, tmp_path):
    folder = tmp_path / "data" / "datasets"
    folder.mkdir(parents=True)
    declared = (ROOT / "data/datasets/stations.toml").read_text("utf-8")
    moved = declared.replace('"air/stations.csv"', '"air/gone.csv"')
    assert moved != declared
    (folder / "stations.toml").write_text(moved, "utf-8")
    app = open_app(project=tmp_path)
    assert not app.exception
    assert "data/air/gone.csv" in html_of(app)
    app.radio(key="layer").set_value("beautiful_bays").run()
    assert "34.6" in html_of(app)


def test_the_data_page_lists_every_dataset_and_boundary(project):
    page = data_page.catalogue_html(project, "zh")
    datasets = catalogue.load_datasets(project)
    boundaries = catalogue.load_boundaries(project)
    assert len(datasets) >= 12
    assert len(boundaries) >= 6
    for entry in (*datasets.values(), *boundaries.values()):
        assert entry.title.zh in page
        assert entry.file in page


def test_colouring_by_the_distance_to_the_target_is_kept_in_the_url(open_app):
    app = open_app({"layer": "air_quality", "mode": "gap"})
    assert not app.exception
    assert "距目标" in html_of(app)
    assert app.query_params["mode"] == "gap"


def test_the_matrix_says_the_figures_of_the_map(project):
    found = assessment.assess(project)
    page = progress_html.matrix_html(project, found, "zh")
    assert "19.5" in page
    spec = compose.build(project, Request("air_quality", "pm25", ("310151",), "2025"))
    assert spec.key is not None
    shown = {one.printed for one in found if (one.indicator, one.area) == ("pm25", "310151")}
    assert shown == {spec.key.value}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_target_of_a_document_is_on_its_page_with_its_quote(project, lang):
    documents = catalogue.load_documents(project)
    assert len(documents) == 5
    for document in documents.values():
        own = [one for one in assessment.assess(project, document=document.id) if one.own]
        page = progress_html.document_html(project, document, own, lang)
        assert {one.quote for one in own if html.escape(one.quote) not in page} == set()


def test_clauses_stand_in_the_order_of_their_document():
    clauses = ["三、任务 · （十）制度", "三、任务 · （二）发展", "二、要求", "12. 气候", "5. 蓝天"]
    ordered = sorted(clauses, key=progress_html.clause_order)
    assert ordered == [
        "二、要求",
        "三、任务 · （二）发展",
        "三、任务 · （十）制度",
        "5. 蓝天",
        "12. 气候",
    ]


def test_a_gap_is_the_figure_minus_the_nearest_target(project):
    spec = compose.build(project, Request("air_quality", "pm25", (), "2025", mode="gap"))
    rows = spec.tables[0].shown.set_index("区").iloc[:, 0]
    assert rows["崇明区"] == -5.5  # 19.5 − 25, its own target for 2027
    assert rows["嘉定区"] == 3.4  # 28.4 − 25, the city's for 2027
    assert rows.isna().sum() == 9


def test_readings_are_browsed_from_year_to_hour(open_app, tmp_path):
    write_readings(tmp_path)
    app = open_app({"layer": "air_quality", "metric": "live_pm25", "area": "310115"}, tmp_path)
    assert not app.exception
    assert "2025年2月" in html_of(app)  # the last whole month
    assert app.select_slider(key="moment_slider").value == "2025-02"
    app.segmented_control(key="grain").set_value("hour").run()
    assert not app.exception
    assert dict(app.query_params)["period"] in ("2025-02-28T12", ["2025-02-28T12"])
    app.slider(key="moment_hour").set_value(24).run()
    assert dict(app.query_params)["period"] in ("2025-02-28T24", ["2025-02-28T24"])
    assert "2025年2月28日24时" in html_of(app)
    app.button(key="step›").click().run()
    assert dict(app.query_params)["period"] in ("2025-03-01T01", ["2025-03-01T01"])
    app.toggle(key="colours").set_value(True).run()
    assert dict(app.query_params)["colours"] in ("safe", ["safe"])
    app.segmented_control(key="grain").set_value("year").run()
    assert dict(app.query_params)["period"] in ("2025", ["2025"])
    assert "有效日" in html_of(app)  # no annual figure, and why


def test_a_link_to_an_hour_opens_that_hour(open_app, tmp_path):
    write_readings(tmp_path)
    query = {"layer": "air_quality", "metric": "live_aqi", "period": "2025-02-10T08"}
    app = open_app(query, tmp_path)
    assert not app.exception
    assert dict(app.query_params) == query
    assert app.slider(key="moment_hour").value == 8


def test_a_link_to_readings_that_are_not_there_says_so(open_app):
    app = open_app({"layer": "air_quality", "metric": "live_aqi"})
    assert not app.exception
    assert "项目中没有空气质量读数" in html_of(app)


def test_a_fault_of_the_program_is_a_sentence_with_a_number_and_the_rest_works(
    open_app, monkeypatch, caplog
):
    def broken() -> None:
        raise KeyError("a secret of the data")

    with monkeypatch.context() as patched:
        patched.setattr(map_page, "page", broken)
        app = open_app()
        page = html_of(app)
        assert not app.exception
        found = re.search(r"编号 ([0-9A-F]{6}) ", page)
        assert found is not None
        assert "a secret of the data" not in page
        assert "Traceback" not in page
        told = [record for record in caplog.records if found.group(1) in record.getMessage()]
        assert len(told) == 1
        assert told[0].exc_info is not None
        assert "a secret of the data" in str(told[0].exc_info[1])
        assert len(app.get("page_link")) == 9
    assert "26.3" in html_of(app.run())


def test_a_fault_of_the_program_is_told_in_english_too(open_app, monkeypatch):
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(map_page, "page", broken)
    page = html_of(open_app({"lang": "en"}))
    assert re.search(r"the number [0-9A-F]{6} to", page)


def test_a_fault_of_the_data_outside_a_page_s_own_care_says_what_is_wrong(open_app, monkeypatch):
    def broken() -> None:
        raise DataError("文件甲缺失。", "File A is missing.")

    monkeypatch.setattr(map_page, "page", broken)
    app = open_app()
    assert not app.exception
    assert "文件甲缺失。" in html_of(app)


def test_a_page_that_stops_itself_is_no_fault(open_app, monkeypatch):
    monkeypatch.setattr(map_page, "page", st.stop)
    app = open_app()
    assert not app.exception
    assert "程序出错" not in html_of(app)
