"""Periods: their text, their days, their neighbours."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bsh_geo import periods
from bsh_geo.errors import UnknownNameError
from bsh_geo.periods import GRAINS, Period, covering, of_label, parse, within

ANY = st.builds(
    covering,
    st.dates(date(2000, 1, 2), date(2090, 12, 30)),
    st.sampled_from(GRAINS),
    st.integers(1, 24),
)


@pytest.mark.parametrize(
    ("text", "first", "last", "zh", "en"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31), "2025年", "2025"),
        ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30), "2025年三季度", "2025 Q3"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024年2月", "2024-02"),
        ("2021-04-13", date(2021, 4, 13), date(2021, 4, 13), "2021年4月13日", "2021-04-13"),
        (
            "2021-04-13T24",
            date(2021, 4, 13),
            date(2021, 4, 13),
            "2021年4月13日24时",
            "2021-04-13 24:00",
        ),
    ],
)
def test_a_text_names_its_days(text, first, last, zh, en):
    found = parse(text)
    assert (found.first, found.last, found.key) == (first, last, text)
    assert (found.text("zh"), found.text("en")) == (zh, en)


@pytest.mark.parametrize(
    "text",
    ["", "25", "2025-13", "2025-Q5", "2025-02-29", "2025-03-01T00", "2025-03-01T25", "２０２５"],
)
def test_another_text_is_refused_in_a_sentence(text):
    with pytest.raises(UnknownNameError, match=f"时期“{text}”不存在"):
        parse(text)


def test_the_label_of_midnight_is_the_last_hour_of_the_day_before():
    found = of_label(datetime(2019, 1, 1, 0))
    assert found == Period(date(2018, 12, 31), "hour", 24)
    assert found.label_time == datetime(2019, 1, 1, 0)
    assert found.next() == of_label(datetime(2019, 1, 1, 1))


def test_the_same_period_a_year_before():
    assert parse("2025-Q1").year_before() == parse("2024-Q1")
    assert parse("2025-03-15T08").year_before() == parse("2024-03-15T08")
    assert parse("2024-02-29").year_before() is None
    assert parse("2024-02").year_before() == parse("2023-02")


def test_the_periods_of_a_stretch():
    found = within(date(2024, 11, 15), date(2025, 2, 1), "month")
    assert [one.key for one in found] == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert len(within(date(2024, 2, 28), date(2024, 3, 1), "hour")) == 72


@given(ANY)
def test_a_period_is_read_back_and_returns_from_its_neighbours(one):
    assert parse(one.key) == one
    assert one.next().previous() == one
    assert one.previous().next() == one
    if one.grain != "hour":
        assert one.next().first == one.last + timedelta(days=1)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2090, 1, 1)))
def test_every_label_belongs_to_one_hour(moment):
    label = moment.replace(minute=0, second=0, microsecond=0)
    assert periods.of_label(label).label_time == label


def test_three_years_roll_from_year_to_year():
    one = parse("2022/2024")
    assert (one.first, one.last) == (date(2022, 1, 1), date(2024, 12, 31))
    assert (one.key, one.text("zh"), one.text("en")) == ("2022/2024", "2022—2024年", "2022–2024")
    assert (one.next().key, one.previous().key) == ("2023/2025", "2021/2023")
    assert one.year_before() == parse("2021/2023")
    assert covering(date(2024, 6, 1), "three_years") == one


def test_three_years_are_listed_where_all_three_are_in_the_stretch():
    def listed(first: int, last: int) -> list[str]:
        found = within(date(first, 5, 1), date(last, 2, 1), "three_years")
        return [one.key for one in found]

    assert listed(2021, 2024) == ["2021/2023", "2022/2024"]
    assert listed(2022, 2024) == ["2022/2024"]
    assert listed(2023, 2024) == []


@pytest.mark.parametrize("text", ["2022/2023", "2022/2025", "2024/2022", "2022-2024", "0000/0002"])
def test_other_spans_of_years_are_no_period(text):
    with pytest.raises(UnknownNameError, match=f"时期“{text}”不存在"):
        parse(text)
