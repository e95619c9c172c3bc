"""Classes of water: limits written out, edges, properties, and a published sample judged again."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, OwnProject
from hypothesis import given, settings
from hypothesis import strategies as st

from bsh_geo import catalogue, reading_import, reading_plan, water, water_figures, water_report
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.networks import item_of, network_of
from bsh_geo.project import Project, open_project
from bsh_geo.store import BatchInfo, open_store
from bsh_geo.water_standards import WaterStandard, standard_of, water_standards

RIVER = standard_of(open_project(), "river")
SEA = standard_of(open_project(), "sea")

TABLE_1 = {
    # GB 3838-2002 table 1: item, limits of the classes I to V (mg/L).
    "do": (7.5, 6, 5, 3, 2),
    "codmn": (2, 4, 6, 10, 15),
    "cod": (15, 15, 20, 30, 40),
    "bod5": (3, 3, 4, 6, 10),
    "nh3n": (0.15, 0.5, 1.0, 1.5, 2.0),
    "tp": (0.02, 0.1, 0.2, 0.3, 0.4),
    "cu": (0.01, 1, 1, 1, 1),
    "zn": (0.05, 1, 1, 2, 2),
    "fluoride": (1, 1, 1, 1.5, 1.5),
    "se": (0.01, 0.01, 0.01, 0.02, 0.02),
    "as": (0.05, 0.05, 0.05, 0.1, 0.1),
    "hg": (0.00005, 0.00005, 0.0001, 0.001, 0.001),
    "cd": (0.001, 0.005, 0.005, 0.005, 0.01),
    "cr6": (0.01, 0.05, 0.05, 0.05, 0.1),
    "pb": (0.01, 0.01, 0.05, 0.05, 0.1),
    "cn": (0.005, 0.05, 0.2, 0.2, 0.2),
    "phenol": (0.002, 0.002, 0.005, 0.01, 0.1),
    "oil": (0.05, 0.05, 0.05, 0.5, 1.0),
    "las": (0.2, 0.2, 0.2, 0.3, 0.3),
    "sulfide": (0.05, 0.1, 0.2, 0.5, 1.0),
}
LAKE = {"tp": (0.01, 0.025, 0.05, 0.1, 0.2), "tn": (0.2, 0.5, 1.0, 1.5, 2.0)}
SEA_TABLE = {
    # GB 3097-1997 table 1, classes 1 to 4 (mg/L).
    "do": (6, 5, 4, 3),
    "cod": (2, 3, 4, 5),
    "din": (0.20, 0.30, 0.40, 0.50),
    "po4p": (0.015, 0.030, 0.030, 0.045),
    "oil": (0.05, 0.05, 0.30, 0.50),
}


def class_of(standard: WaterStandard, kind: str | None = None, **values: float) -> object:
    """The class of one reading."""
    rows = pd.DataFrame([values])
    return water.grades(rows, standard, kind or next(iter(standard.kinds)))["class"].iloc[0]


@pytest.mark.parametrize("item", TABLE_1)
def test_the_limits_of_surface_water_are_those_of_table_1(item: str) -> None:
    assert RIVER.limits_of("river")[item].values == TABLE_1[item]


@pytest.mark.parametrize("item", LAKE)
def test_lakes_have_limits_of_their_own_for_phosphorus_and_nitrogen(item: str) -> None:
    assert RIVER.limits_of("lake")[item].values == LAKE[item]


def test_rivers_have_no_limit_of_total_nitrogen() -> None:
    assert "tn" not in RIVER.limits_of("river")


@pytest.mark.parametrize("item", SEA_TABLE)
def test_the_limits_of_sea_water_are_those_of_table_1(item: str) -> None:
    assert SEA.limits_of("sea")[item].values == SEA_TABLE[item]


def test_temperature_nitrogen_and_coliforms_do_not_grade_a_river() -> None:
    assert RIVER.kinds["river"].left_out == ("temp", "tn", "coliform")
    assert not {"temp", "tn", "coliform"} & set(RIVER.graded("river"))
    assert len(RIVER.graded("river")) == 21
    assert class_of(RIVER, tp=0.01, tn=9.0, coliform=1e6, temp=40.0) == 1


def test_the_nitrogen_of_a_lake_grades_it() -> None:
    assert class_of(RIVER, "lake", tp=0.01, tn=1.6) == 5


def test_the_same_phosphorus_is_worse_in_a_lake() -> None:
    assert class_of(RIVER, "river", tp=0.1) == 2
    assert class_of(RIVER, "lake", tp=0.1) == 4


@pytest.mark.parametrize(
    ("value", "expected"),
    [(2.0, 1), (2.0001, 2), (4.0, 2), (6.0, 3), (10.0, 4), (15.0, 5), (15.0001, 6), (0.0, 1)],
)
def test_a_value_on_an_upper_limit_is_inside_the_class(value: float, expected: int) -> None:
    assert class_of(RIVER, codmn=value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7.5, 1), (7.4999, 2), (6.0, 2), (5.0, 3), (3.0, 4), (2.0, 5), (1.9999, 6), (0.0, 6)],
)
def test_less_oxygen_is_worse_and_a_value_on_a_limit_is_inside(value: float, expected: int) -> None:
    assert class_of(RIVER, do=value) == expected


@pytest.mark.parametrize(("value", "expected"), [(6.01, 1), (6.0, 2), (5.0, 3), (3.0, 5)])
def test_oxygen_of_the_sea_has_to_be_above_its_limit(value: float, expected: int) -> None:
    assert class_of(SEA, do=value) == expected


@pytest.mark.parametrize(("value", "expected"), [(6.0, 1), (9.0, 1), (5.99, 6), (9.01, 6)])
def test_ph_outside_six_to_nine_fits_no_class(value: float, expected: int) -> None:
    assert class_of(RIVER, ph=value) == expected


def test_ninety_per_cent_of_saturation_makes_class_one_but_no_other_class() -> None:
    assert class_of(RIVER, do=6.9, do_sat=90.0) == 1
    assert class_of(RIVER, do=6.9, do_sat=89.9) == 2
    assert class_of(RIVER, do=6.9) == 2
    assert class_of(RIVER, do=2.5, do_sat=80.0) == 5


def test_saturation_is_not_computed_from_the_temperature() -> None:
    # 6.9 mg/L are 91 % of what fresh water holds at 30 °C and one atmosphere.
    assert class_of(RIVER, do=6.9, temp=30.0) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1])
def test_what_is_no_concentration_is_left_out_and_listed_as_missing(value: float) -> None:
    found = water.grades(pd.DataFrame([{"codmn": value, "tp": 0.15}]), RIVER, "river").iloc[0]
    assert found["class"] == 3
    assert "codmn" in found["missing"].split(",")
    assert not found["complete"]


def test_without_any_item_there_is_no_class() -> None:
    found = water.grades(pd.DataFrame([{"tn": 3.0, "temp": 20.0}]), RIVER, "river").iloc[0]
    assert pd.isna(found["class"])
    assert pd.isna(found["good"])
    assert found["items"] == ""


def test_the_worst_items_decide_and_all_of_them_are_named() -> None:
    rows = pd.DataFrame([{"do": 4.0, "codmn": 9.0, "nh3n": 0.2, "tp": 0.05}])
    found = water.grades(rows, RIVER, "river").iloc[0]
    assert (found["class"], found["items"]) == (4, "do,codmn")
    assert not found["good"]


def test_class_one_is_decided_by_no_item() -> None:
    found = water.grades(pd.DataFrame([{"do": 9.0, "tp": 0.01}]), RIVER, "river").iloc[0]
    assert (found["class"], found["items"], bool(found["good"])) == (1, "", True)


def test_a_reading_with_all_items_is_complete() -> None:
    whole = {item: 0.0 for item in RIVER.graded("river")} | {"ph": 7.0, "do": 8.0}
    found = water.grades(pd.DataFrame([whole]), RIVER, "river").iloc[0]
    assert (bool(found["complete"]), found["missing"], found["class"]) == (True, "", 1)


@pytest.mark.parametrize(
    ("number", "good"), [(1, True), (2, True), (3, True), (4, False), (5, False), (6, False)]
)
def test_good_rivers_are_those_of_class_three_and_better(number: int, good: bool) -> None:
    value = {1: 1.0, 2: 3.0, 3: 5.0, 4: 8.0, 5: 12.0, 6: 20.0}[number]
    found = water.grades(pd.DataFrame([{"codmn": value}]), RIVER, "river").iloc[0]
    assert (found["class"], bool(found["good"])) == (number, good)


def test_good_sea_water_is_of_the_first_two_classes() -> None:
    rows = pd.DataFrame({"din": [0.1, 0.25, 0.35, 0.45, 0.6]})
    found = water.grades(rows, SEA, "sea")
    assert found["class"].tolist() == [1, 2, 3, 4, 5]
    assert found["good"].tolist() == [True, True, False, False, False]
    assert SEA.class_title(5, "zh") == "劣四类"
    assert RIVER.class_title(6, "zh") == "劣Ⅴ类"


def test_each_row_is_graded_by_its_own_kind_of_water() -> None:
    rows = pd.DataFrame({"tp": [0.1, 0.1], "tn": [3.0, 3.0]}, index=["r", "l"])
    found = water.grades(rows, RIVER, pd.Series({"l": "lake", "r": "river"}))
    assert found["class"].to_dict() == {"r": 2, "l": 6}


def test_an_unknown_kind_of_water_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="pond"):
        water.grades(pd.DataFrame([{"tp": 0.1}]), RIVER, "pond")


AMOUNTS = st.floats(0, 20, allow_nan=False)
ROWS = st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=20)
ITEMS = ["do", "codmn", "nh3n", "tp"]


@settings(deadline=None)
@given(ROWS, st.floats(0, 5), st.sampled_from(ITEMS))
def test_more_of_a_pollutant_or_less_oxygen_never_makes_water_better(
    rows: list[tuple[float, ...]], more: float, item: str
) -> None:
    before = pd.DataFrame(rows, columns=ITEMS)
    change = -more if item == "do" else more
    after = before.assign(**{item: (before[item] + change).clip(lower=0)})
    classes = [water.grades(one, RIVER, "river")["class"] for one in (before, after)]
    assert (classes[1] >= classes[0]).all()


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_does_not_matter(
    rows: list[tuple[float, ...]], random: object
) -> None:
    frame = pd.DataFrame(rows, columns=ITEMS)
    order = list(range(len(frame)))
    names = list(ITEMS)
    for one in (order, names):
        random.shuffle(one)  # type: ignore[attr-defined]
    turned = water.grades(frame.iloc[order][names], RIVER, "river").sort_index()
    straight = water.grades(frame, RIVER, "river")
    assert turned.astype(str).equals(straight.astype(str))


@settings(deadline=None)
@given(ROWS)
def test_an_item_more_never_makes_water_better(rows: list[tuple[float, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=ITEMS)
    fewer = water.grades(frame.drop(columns="codmn"), RIVER, "river")["class"]
    assert (water.grades(frame, RIVER, "river")["class"] >= fewer).all()


@settings(deadline=None)
@given(ROWS)
def test_the_class_is_that_of_the_worst_item(rows: list[tuple[float, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=ITEMS)
    single = [water.grades(frame[[item]], RIVER, "river")["class"] for item in ITEMS]
    worst = pd.concat(single, axis=1).max(axis=1)
    assert water.grades(frame, RIVER, "river")["class"].tolist() == worst.tolist()


def test_nothing_that_is_given_is_changed() -> None:
    frame = pd.DataFrame({"do": [1.0], "tp": [-1.0]})
    before = frame.copy()
    water.grades(frame, RIVER, "river")
    pd.testing.assert_frame_equal(frame, before)


# Periods


def samples(station: str, **months: float) -> pd.DataFrame:
    """One sample of the permanganate index a month: ``m01=3.0`` is that of January 2024."""
    times = [f"2024-{name[1:]}-05 10:00" for name in months]
    return pd.DataFrame(
        {
            "station": station,
            "time": pd.to_datetime(times).as_unit("us"),
            "codmn": list(months.values()),
        }
    )


def year(**months: float) -> pd.Series:
    means = water.period_means(samples("s", **months), ["codmn"], "year")
    return water.period_grades(means, RIVER, {}, "year").iloc[0]


def test_a_year_is_graded_by_the_mean_of_its_months() -> None:
    months = {f"m{number:02}": 3.0 for number in range(1, 9)}
    found = year(**(months | {"m08": 11.0}))
    # (7 × 3 + 11) / 8 = 4: on the limit of class II.
    assert (found["codmn"], found["class"], found["months"]) == (4.0, 2, 8)


def test_a_year_with_seven_months_has_no_class_and_says_why() -> None:
    found = year(**{f"m{number:02}": 3.0 for number in range(1, 8)})
    assert pd.isna(found["class"])
    assert found["reason"] == "months:7/8"
    assert "7" in water_figures.reason_text(found["reason"], "zh")


def test_an_item_with_too_few_months_does_not_decide_a_year() -> None:
    rows = samples("s", **{f"m{number:02}": 3.0 for number in range(1, 9)})
    rows["tp"] = np.nan
    rows.loc[0, "tp"] = 0.9
    means = water.period_means(rows, ["codmn", "tp"], "year")
    found = water.period_grades(means, RIVER, {}, "year").iloc[0]
    assert (found["class"], found["items"]) == (2, "codmn")
    assert "tp" in found["missing"].split(",")


def test_days_and_months_weigh_the_same_however_many_readings_they_have() -> None:
    times = ["2024-01-01 00:00", "2024-01-01 04:00", "2024-01-02 00:00", "2024-02-01 00:00"]
    rows = pd.DataFrame(
        {
            "station": "s",
            "time": pd.to_datetime(times).as_unit("us"),
            "codmn": [2.0, 4.0, 9.0, 12.0],
        }
    )
    day = water.period_means(rows, ["codmn"], "day")
    month = water.period_means(rows, ["codmn"], "month")
    quarter = water.period_means(rows, ["codmn"], "quarter")
    assert day["codmn"].tolist() == [3.0, 9.0, 12.0]
    assert month["codmn"].tolist() == [6.0, 12.0]
    assert quarter[["period", "codmn", "months", "days"]].values.tolist() == [
        ["2024-Q1", 9.0, 2, 3]
    ]


def test_a_value_on_a_limit_is_not_lost_to_binary_fractions() -> None:
    assert 0.1 + 0.2 > 0.3
    assert class_of(RIVER, tp=0.1 + 0.2) == 4


def test_the_good_rate_counts_graded_stations_only() -> None:
    rows = pd.concat([samples("a", m01=3.0), samples("b", m01=8.0), samples("c", m01=5.0)])
    rows.loc[len(rows)] = {"station": "d", "time": pd.Timestamp("2024-01-05"), "codmn": np.nan}
    graded = water.period_grades(water.period_means(rows, ["codmn"], "month"), RIVER, {}, "month")
    found = water.shares(graded, RIVER).iloc[0]
    assert (found["stations"], found["graded"], found["good"]) == (3, 3, 2)
    assert (found["class_2"], found["class_3"], found["class_4"]) == (1, 1, 1)
    assert found["good_rate"] == pytest.approx(66.6667, abs=1e-4)
    assert found["incomplete"] == 3


def test_a_period_without_a_graded_station_has_no_rate() -> None:
    graded = water.period_grades(
        water.period_means(samples("s", m01=3.0), ["codmn"], "year"), RIVER, {}, "year"
    )
    found = water.shares(graded, RIVER).iloc[0]
    assert (found["stations"], found["graded"]) == (1, 0)
    assert np.isnan(found["good_rate"])


# Declarations


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("values = [2, 4, 6, 10, 15]", "values = [2, 4, 6, 3, 15]", "由严到宽"),
        ("values = [2, 4, 6, 10, 15]", "values = [2, 4, 6, 10]", "5 个限值"),
        ('item = "codmn"', 'item = "codmm"', "codmm"),
        ("good = 3", "good = 6", "good"),
        ('network = "river"', 'network = "rivers"', "rivers"),
    ],
)
def test_a_broken_standard_is_refused_in_one_sentence(
    own_project: OwnProject, old: str, new: str, told: str
) -> None:
    own_project.change("data/standards/water/gb-3838-2002.toml", old, new)
    with pytest.raises(DataError) as raised:
        water_standards(own_project.open())
    assert told in raised.value.zh
    assert "gb-3838-2002.toml" in raised.value.en


def test_an_unconfirmed_standard_says_so_and_names_its_source(project: Project) -> None:
    for standard in water_standards(project).values():
        assert not standard.confirmed
        assert standard.note.zh
        assert standard.source in catalogue.load_sources(project)


def test_the_classes_on_the_map_have_the_colours_of_the_standards(project: Project) -> None:
    layers, _ = catalogue.load_layers(project)
    parts = {one.id: one for one in layers["beautiful_bays"].parts}
    for name, standard in (("river_classes", RIVER), ("sea_classes", SEA)):
        drawn = [(one.fill, one.title) for one in parts[name].categories if one.key != "none"]
        assert drawn == [(one.colour, one.title) for one in standard.classes]


@pytest.mark.parametrize(
    ("network", "header", "item"),
    [
        ("river", "溶解氧(mg/L)", "do"),
        ("river", "高锰酸盐指数", "codmn"),
        ("river", "化学需氧量(COD)", "cod"),
        ("river", "五日生化需氧量（mg/L）", "bod5"),
        ("river", "NH₃-N", "nh3n"),
        ("river", "CODMn", "codmn"),
        ("river", "do_mgl", "do"),
        ("river", "turb_ntu", "turbidity"),
        ("river", "电导率(μS/cm)", "ec"),
        ("river", "总磷（以P计）", "tp"),
        ("sea", "无机氮", "din"),
        ("sea", "活性磷酸盐(mg/L)", "po4p"),
        ("sea", "石油类", "oil"),
        ("sea", "pH值", "ph"),
    ],
)
def test_the_usual_heads_of_columns_are_understood(
    project: Project, network: str, header: str, item: str
) -> None:
    found = item_of(network_of(project, network), header)
    assert found is not None
    assert found[0] == item


@pytest.mark.parametrize("header", ["水质类别", "溶解氧类别", "氨氮超标倍数", "class_source"])
def test_classes_and_ratios_are_no_readings(project: Project, header: str) -> None:
    assert item_of(network_of(project, "river"), header) is None


def test_every_station_of_the_network_comes_from_the_list_of_sections_once(
    project: Project,
) -> None:
    from bsh_geo import frames

    listed = set(frames.table(project, "water_sections")["id"])
    stations = frames.table(project, "river_stations")
    points = frames.table(project, "sea_points")
    used = Counter(
        one
        for cell in [*stations["sections"], *points["sections"]]
        for one in catalogue.source_ids(cell)
    )
    assert set(used) == listed
    assert max(used.values()) == 1
    assert stations["name_zh"].is_unique


# The published sample

SAMPLE = ROOT.parent / "shared" / "samples" / "river_daily_sample.csv"
NAMES = ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"]


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    """The sample with our class and the difference in classes (positive: ours is worse)."""
    assert SAMPLE.is_file(), f"{SAMPLE} is missing: our classes cannot be compared"
    rows = pd.read_csv(SAMPLE)
    names = {"do_mgl": "do", "codmn_mgl": "codmn", "nh3n_mgl": "nh3n", "tp_mgl": "tp"}
    found = water.grades(rows.rename(columns=names), RIVER, "river")
    rows["ours"] = found["class"].astype(int)
    rows["items"] = found["items"].astype(str)
    known = rows["class_source"] != "UNKNOWN"
    rows["theirs"] = (
        rows["class_source"]
        .where(known)
        .map({name: number for number, name in enumerate(NAMES, 1)})
    )
    return rows


def test_the_sample_holds_58_published_classes_and_one_that_is_unknown(
    judged: pd.DataFrame,
) -> None:
    assert len(judged) == 59
    assert int(judged["theirs"].notna().sum()) == 58


def test_36_of_58_published_classes_are_reproduced(judged: pd.DataFrame) -> None:
    # The file's items are means of the day, its class is that of the day's first reading (the
    # program that made the file takes "mean" of numbers and "first" of texts), so the two need not
    # agree on a day on which the water changes.
    compared = judged[judged["theirs"].notna()]
    same = compared["ours"] == compared["theirs"]
    assert int(same.sum()) == 36
    by_station = same.groupby(compared["station"]).sum().to_dict()
    assert by_station == {"蕴川路桥": 21, "浙江路桥": 8, "七效港西桥": 7}


def test_the_disagreements_go_both_ways_as_a_single_reading_against_a_mean_would(
    judged: pd.DataFrame,
) -> None:
    compared = judged[judged["theirs"].notna()]
    gap = (compared["ours"] - compared["theirs"]).astype(int)
    assert Counter(gap) == {0: 36, 1: 17, -1: 3, 2: 2}
    # Had we a limit wrong, one item would always err to one side: oxygen and the permanganate
    # index, the two that change most within a day, decide all of them.
    worse = compared[gap > 0]
    assert Counter(worse["items"]) == {"do": 11, "codmn": 8}
    assert set(compared[gap < 0]["class_source"]) == {"Ⅳ"}


def test_no_disagreement_is_explained_by_another_limit(judged: pd.DataFrame) -> None:
    # Days of the same station on which the deciding item was as bad or worse have the better
    # published class, so that no set of limits on these means could give both.
    def published(station: str, date: str) -> str:
        row = judged[(judged["station"] == station) & (judged["date"] == date)].iloc[0]
        return str(row["class_source"])

    # Oxygen 4.19 and 4.54 (other items alike): Ⅳ and Ⅲ; 3.64 Ⅳ but 2.84 Ⅲ.
    assert published("蕴川路桥", "2021-05-27") == "Ⅳ"
    assert published("蕴川路桥", "2021-07-12") == "Ⅲ"
    # Permanganate index 7.34 Ⅳ, but 7.40 Ⅱ and 8.88 Ⅲ.
    assert published("七效港西桥", "2021-03-14") == "Ⅳ"
    assert published("七效港西桥", "2021-01-31") == "Ⅱ"
    assert published("七效港西桥", "2021-01-22") == "Ⅲ"


def imported(own: OwnProject) -> Project:
    """The sample in the store of a project folder, as ``import readings`` puts it there."""
    here = own.open()
    plan = reading_plan.plan(
        here, reading_plan.named_files([SAMPLE]), reading_plan.Settings(network="river")
    )
    reading_import.run(plan, "WaterExpert", "open", "", lambda file: None)
    return here


def test_the_sample_imports_whole_by_its_own_column_names(own_project: OwnProject) -> None:
    extent = open_store(imported(own_project)).extent("river")
    assert extent.stations == ("w01", "w13", "w20")
    assert (extent.rows, sum(extent.values.values())) == (59, 531)
    assert {name for name, count in extent.values.items() if count} == {
        *("temp", "ph", "do", "ec", "turbidity", "codmn", "nh3n", "tp", "tn")
    }


def test_the_months_of_the_sample_are_graded(own_project: OwnProject) -> None:
    here = imported(own_project)
    june = water_figures.status(here, "river", "2021-06")
    row = june.stations.loc["w13"]
    assert (row["class"], row["items"], row["days"]) == (4, "do", 13)
    assert row["do"] == pytest.approx(3.0508, abs=1e-4)
    assert june.stations.loc["w20", "reason"] == "period"
    assert june.shares["graded"] == 1
    assert june.quality == "derived"
    assert june.sources == ("WaterExpert",)
    whole = water_figures.status(here, "river", "2021")
    assert whole.stations.loc["w13", "reason"] == "months:4/8"
    assert water_figures.period_of(here, "river", None).key == "2025-10"


def test_a_period_outside_the_readings_or_an_hour_is_refused(own_project: OwnProject) -> None:
    here = imported(own_project)
    for period in ("2019", "2021-05-13T08"):
        with pytest.raises(UnknownNameError, match=re.escape(period)):
            water_figures.status(here, "river", period)


def test_without_readings_the_command_to_import_is_told(project: Project) -> None:
    with pytest.raises(UnknownNameError, match="--network sea"):
        water_figures.status(project, "sea", "2021")


def test_air_is_graded_by_no_standard_of_water(project: Project) -> None:
    with pytest.raises(UnknownNameError, match="air"):
        water_figures.status(project, "air", "2021")


def test_the_class_of_a_station_is_held_against_its_target(project: Project) -> None:
    rows = pd.DataFrame(
        {
            "class": pd.array([2, 4, pd.NA, 3], dtype="Int8"),
            "target_class": ["Ⅲ", "Ⅲ", "Ⅲ", None],
        }
    )
    assert water_report.meets_target(rows).tolist() == [True, False, pd.NA, pd.NA]


def test_a_station_that_the_table_does_not_know_is_graded_as_a_river(
    own_project: OwnProject, tmp_path: Path
) -> None:
    here = own_project.open()
    rows = pd.DataFrame(
        {
            "station": ["x9"],
            "time": pd.to_datetime(["2025-05-05 08:00"]).as_unit("us"),
            "tp": [0.1],
            "do": [8.0],
        }
    )
    open_store(here).write("river", rows, BatchInfo(file="t", quality="official"))
    row = water_figures.status(here, "river", "2025-05").stations.loc["x9"]
    assert (row["kind"], row["class"], row["name_zh"], bool(row["listed"])) == (
        *("river", 2, "x9"),
        False,
    )
