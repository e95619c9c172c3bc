"""The state of a target: hand-made series, and a small world whose numbers are worked out here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import OwnProject
from small_world import small_world

from bsh_geo import assessment
from bsh_geo.assessment import Assessment, Point, judge
from bsh_geo.project import Project


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    root = tmp_path_factory.mktemp("world")
    (root / "data").mkdir()
    yield small_world(OwnProject(root))


def series(*pairs: tuple[int, float]) -> list[Point]:
    return [Point(year, value) for year, value in pairs]


def only(found: list[Assessment]) -> Assessment:
    assert len(found) == 1
    return found[0]


# The straight line from 32 (2020) to 25 (2030) stands at 28.5 in 2025.
@pytest.mark.parametrize(
    ("current", "state"),
    [
        (28.4, "on_track"),
        (28.5, "on_track"),
        (28.6, "behind"),
        (33.0, "behind"),
        (25.1, "on_track"),
        (25.0, "reached"),
        (24.0, "reached"),
    ],
)
def test_a_falling_indicator_is_on_track_at_or_below_the_line(current: float, state: str) -> None:
    found, _ = judge("lower", "≤", 25, 2030, series((2020, 32), (2025, current)))
    assert found == state


# The straight line from 86 (2020) to 90 (2030) stands at 88 in 2025.
@pytest.mark.parametrize(
    ("current", "state"),
    [(87.9, "behind"), (88.0, "on_track"), (89.9, "on_track"), (90.0, "reached")],
)
def test_a_rising_indicator_is_on_track_at_or_above_the_line(current: float, state: str) -> None:
    found, _ = judge("higher", "≥", 90, 2030, series((2020, 86), (2025, current)))
    assert found == state


def test_a_figure_on_the_line_is_on_track_whatever_its_binary_fraction() -> None:
    # 0.1 + (0.6 − 0.1) × 2/5 is 0.30000000000000004 in binary.
    found, _ = judge("higher", "=", 0.6, 2025, series((2020, 0.1), (2022, 0.3)))
    assert found == "on_track"


def test_the_numbers_of_a_falling_indicator_are_those_of_the_hand() -> None:
    _, numbers = judge("lower", "≈", 25, 2027, series((2020, 32), (2022, 25.4), (2025, 26.3)))
    assert numbers["gap"] == pytest.approx(1.3)  # 26.3 − 25
    assert numbers["share"] == pytest.approx(81.428571)  # (32 − 26.3) / (32 − 25)
    assert numbers["expected"] == pytest.approx(27.0)  # 32 − 7 × 5/7
    assert numbers["pace"] == pytest.approx(-0.65)  # −1.3 in two years
    assert (numbers["baseline"], numbers["baseline_year"]) == (32, 2020)


def test_an_overshot_target_has_a_share_above_100() -> None:
    state, numbers = judge("higher", "=", 2000, 2035, series((2020, 1000), (2025, 2200)))
    assert state == "reached"
    assert numbers["share"] == pytest.approx(120)
    assert "pace" not in numbers


def test_what_got_worse_has_a_negative_share() -> None:
    state, numbers = judge("lower", "≤", 25, 2030, series((2020, 30), (2025, 31)))
    assert state == "behind"
    assert numbers["share"] == pytest.approx(-20)


def test_a_target_that_the_baseline_satisfied_has_no_share() -> None:
    state, numbers = judge("lower", "≈", 25, 2027, series((2024, 21.1), (2025, 19.5)))
    assert state == "reached"
    assert "share" not in numbers


def test_a_target_reached_at_the_baseline_and_lost_is_behind() -> None:
    state, numbers = judge("higher", "≥", 90, 2030, series((2020, 91), (2025, 89)))
    assert state == "behind"
    assert numbers.get("share") is None
    assert numbers.get("expected") is None
    assert numbers["pace"] == pytest.approx(0.2)


@pytest.mark.parametrize("last", [2027, 2028])
def test_a_deadline_that_passed_unreached_is_behind_without_a_pace(last: int) -> None:
    state, numbers = judge("lower", "≤", 25, 2027, series((2020, 32), (last, 25.1)))
    assert state == "behind"
    assert "pace" not in numbers


def test_a_deadline_that_passed_is_reached_where_the_latest_figure_is() -> None:
    assert judge("lower", "≤", 25, 2025, series((2020, 32), (2026, 24)))[0] == "reached"


@pytest.mark.parametrize(("value", "state"), [(25.0, "reached"), (26.0, "no_data")])
def test_one_figure_tells_whether_a_target_is_reached_but_no_pace(value: float, state: str) -> None:
    found, numbers = judge("lower", "≤", 25, 2027, series((2025, value)))
    assert found == state
    assert numbers["gap"] == pytest.approx(value - 25)
    assert "share" not in numbers


def test_figures_before_the_baseline_s_first_year_do_not_count() -> None:
    state, numbers = judge("lower", "≤", 25, 2030, series((2015, 50), (2025, 26)))
    assert state == "no_data"
    assert "baseline" not in numbers


def test_the_first_year_of_the_baseline_is_a_setting() -> None:
    # From 2015: the line 50 → 25 over 15 years stands at 33.3 in 2025.
    state, numbers = judge("lower", "≤", 25, 2030, series((2015, 50), (2025, 26)), 2015)
    assert state == "on_track"
    assert numbers["share"] == pytest.approx(96)


def test_no_figure_is_no_data() -> None:
    assert judge("lower", "≤", 25, 2030, []) == ("no_data", {})


def test_a_target_without_a_year_is_reached_or_has_no_year() -> None:
    assert judge("higher", "≥", 10, None, series((2020, 8), (2025, 10)))[0] == "reached"
    state, numbers = judge("higher", "≥", 10, None, series((2020, 8), (2025, 9)))
    assert state == "no_year"
    assert numbers["share"] == pytest.approx(50)
    assert "pace" not in numbers


@pytest.mark.parametrize(
    ("direction", "operator", "current", "state"),
    [
        ("lower", "≈", 25.0, "reached"),
        ("lower", "≈", 24.0, "reached"),
        ("lower", "≈", 25.1, "behind"),
        ("higher", "≈", 24.9, "behind"),
        ("higher", "≈", 25.1, "reached"),
        ("higher", "≥", 25.0, "reached"),
        ("higher", ">", 25.0, "behind"),
        ("higher", ">", 25.1, "reached"),
        ("lower", "≤", 25.0, "reached"),
        ("lower", "<", 25.0, "behind"),
        ("lower", "=", 24.0, "reached"),
        ("higher", "=", 26.0, "reached"),
        ("exactly", "=", 25.0, "reached"),
        ("exactly", "=", 24.9, "behind"),
        ("exactly", "=", 25.1, "behind"),
    ],
)
def test_each_operator_at_the_deadline(
    direction: str, operator: str, current: float, state: str
) -> None:
    assert judge(direction, operator, 25, 2025, series((2025, current)))[0] == state


# The line from 20 (2020) to 30 (2030), exactly, stands at 25 in 2025: five away from the target.
@pytest.mark.parametrize(("current", "state"), [(25, "on_track"), (34, "on_track"), (24, "behind")])
def test_exactly_is_on_track_while_no_further_away_than_the_line(
    current: float, state: str
) -> None:
    assert judge("exactly", "=", 30, 2030, series((2020, 20), (2025, current)))[0] == state


def held(project: Project, area: str) -> set[tuple[str, str]]:
    rows = assessment.applicable(project, area)
    return set(zip(rows["indicator"], rows["area"], strict=True))


def test_a_district_is_held_against_the_city_s_rates_but_not_its_totals(world: Project) -> None:
    found = held(world, "310101")
    assert ("good_rate", "310000") in found
    assert ("pm25", "310000") in found
    assert {name for name, _ in found} & {"parks", "greenway", "redline"} == set()


def test_a_target_of_its_own_takes_the_place_of_the_city_s(world: Project) -> None:
    found = held(world, "310151")
    assert ("pm25", "310151") in found
    assert ("pm25", "310000") not in found
    assert ("good_rate", "310000") in found


def test_the_city_is_held_against_its_own_targets_only(world: Project) -> None:
    assert {area for _, area in held(world, "310000")} == {"310000"}


def test_what_is_held_against_a_district_says_whose_it_is(world: Project) -> None:
    found = assessment.assess(world, ["310101"], "pm25")
    assert [(one.own, one.target_area, one.year) for one in found] == [
        (False, "310000", 2027),
        (False, "310000", 2035),
    ]


def test_two_values_of_one_year_conflict_and_the_stricter_and_the_later_are_marked(
    world: Project,
) -> None:
    found = assessment.assess(world, ["310000"], "good_rate")
    # b is dated 2026-02-01, a 2024; more than 92 asks for more than at least 90.
    assert [(one.document, one.stricter, one.later) for one in found] == [
        ("a", False, False),
        ("b", True, True),
    ]


def test_two_years_of_one_thing_conflict_and_the_earlier_is_the_stricter(world: Project) -> None:
    found = assessment.assess(world, ["310116"], "bay")
    assert [(one.document, one.year, one.stricter) for one in found] == [
        ("a", 2027, False),
        ("c", 2025, True),
    ]
    # The date of c is not known, so neither is called the later.
    assert [one.later for one in found] == [False, False]


def test_two_steps_of_one_document_do_not_conflict(world: Project) -> None:
    found = assessment.assess(world, ["310000"], "pm25")
    assert [(one.value, one.stricter, one.later) for one in found] == [
        (25, False, False),
        (20, False, False),
    ]


def test_chongming_agrees_with_the_hand(project: Project) -> None:
    """21.1 in 2024 and 19.5 in 2025 against about 25 (2027) and about 20 (2035).

    2027: 19.5 − 25 = −5.5, reached; 21.1 satisfied it already, so there is no share of a way.
    2035: 19.5 − 20 = −0.5, reached; (21.1 − 19.5) / (21.1 − 20) = 1.6 / 1.1 = 145.45 %.
    """
    first, second = assessment.assess(project, ["310151"], "pm25")
    assert (first.year, first.state, first.current, first.baseline) == (2027, "reached", 19.5, 21.1)
    assert first.gap == pytest.approx(-5.5)
    assert first.share is None
    assert (second.year, second.state, second.own) == (2035, "reached", True)
    assert second.gap == pytest.approx(-0.5)
    assert second.share == pytest.approx(145.4545)
    assert first.pace is second.pace is None


def test_a_past_year_is_judged_as_it_stood(world: Project) -> None:
    found = assessment.assess(world, ["310000"], "pm25", as_of=2023)
    # 2027: the line 32 → 25 stands at 29 in 2023, and 28.4 is below; 3.4 are left for four years.
    assert (found[0].current, found[0].current_year, found[0].state) == (28.4, 2023, "on_track")
    assert found[0].pace == pytest.approx(-0.85)


def test_a_past_year_without_figures_is_no_data(world: Project) -> None:
    found = assessment.assess(world, ["310000"], "pm25", as_of=2010)
    assert [one.state for one in found] == ["no_data", "no_data"]


def test_another_definition_is_not_compared_and_says_which(world: Project) -> None:
    one = only(assessment.assess(world, ["310000"], "forest"))
    assert one.state == "other_definition"
    assert one.gap is None
    assert "森林覆盖率（原口径）" in one.reason_zh
    assert "another definition" in one.reason_en


def test_one_figure_gives_the_reason_why_the_pace_is_not_judged(world: Project) -> None:
    first, second = assessment.assess(world, ["310116"], "pm25")
    assert (first.state, second.state) == ("reached", "no_data")
    assert "2020年以来" in second.reason_zh


def test_months_are_not_judged(world: Project) -> None:
    found = assessment.assess(world, ["310115"], "pm25")
    assert {one.state for one in found} == {"no_data"}
    assert {one.current for one in found} == {None}


def test_something_to_be_built_is_reached_where_an_observation_says_so(world: Project) -> None:
    assert only(assessment.assess(world, ["310151"], "bay")).state == "reached"
    assert only(assessment.assess(world, ["310151"], "bay", as_of=2024)).state == "no_data"


def test_a_document_alone_can_be_assessed(world: Project) -> None:
    found = assessment.assess(world, document="c")
    assert {one.document for one in found} == {"c"}
    assert {one.area for one in found} == {"310116", "310151"}


def test_the_table_has_a_row_for_each_and_names_the_state(world: Project) -> None:
    found = assessment.assess(world, ["310000"])
    rows = assessment.frame(world, found)
    assert len(rows) == len(found)
    assert list(rows.columns) == list(assessment.COLUMNS_ZH)
    row = rows[rows["编号"] == "t5"].iloc[0]
    assert (row["状态"], row["文件不一致"], row["目标年"]) == ("按进度", "较严、较新", 2030)
    assert list(assessment.frame(world, found, "en").columns) == list(assessment.COLUMNS_EN)
