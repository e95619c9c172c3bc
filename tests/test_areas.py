"""Names of places to a selection of districts."""

from __future__ import annotations

import pytest

from bsh_geo import areas
from bsh_geo.areas import Selection
from bsh_geo.errors import UnknownNameError
from bsh_geo.project import Project

ALL = [
    "310101",
    "310104",
    "310105",
    "310106",
    "310107",
    "310109",
    "310110",
    "310112",
    "310113",
    "310114",
    "310115",
    "310116",
    "310117",
    "310118",
    "310120",
    "310151",
]


@pytest.mark.parametrize(
    "name",
    [
        "浦东",
        "浦东新区",
        "上海市浦东新区",
        "310115",
        "Pudong New Area",
        "pudong new area",
        " 浦东 ",
    ],
)
def test_a_district_is_known_by_each_of_its_names(project: Project, name: str) -> None:
    assert areas.select(project, [name]) == Selection(("310115",))


def test_the_english_name_pudong_means_the_district_and_not_a_group(project: Project) -> None:
    assert areas.select(project, ["Pudong"]) == Selection(("310115",))


@pytest.mark.parametrize("name", ["310000", "上海市", "上海", "全市", "Shanghai", "city"])
def test_the_city_is_the_selection_of_nothing(project: Project, name: str) -> None:
    assert areas.select(project, [name]) == Selection()


def test_no_name_is_the_city(project: Project) -> None:
    assert areas.select(project, []).is_city


def test_the_city_beside_a_district_is_the_city(project: Project) -> None:
    assert areas.select(project, ["崇明区", "上海市"]).is_city


def test_districts_are_in_the_order_of_their_codes_without_repeats(project: Project) -> None:
    found = areas.select(project, ["崇明", "黄浦", "310151"])
    assert found == Selection(("310101", "310151"))


NEW_TOWNS = ("310114", "310115", "310117", "310118", "310120")


@pytest.mark.parametrize("name", ["new_towns", "五个新城", "Five New Towns"])
def test_a_group_is_its_members(project: Project, name: str) -> None:
    assert areas.select(project, [name]) == Selection(NEW_TOWNS, "new_towns")


def test_a_group_with_a_district_outside_it_is_no_longer_the_group(project: Project) -> None:
    assert areas.select(project, ["五个新城", "崇明区"]) == Selection((*NEW_TOWNS, "310151"))


def test_the_central_city_has_seven_districts(project: Project) -> None:
    assert areas.group_members(project, "central") == tuple(ALL[:7])


def test_an_unknown_name_is_answered_with_close_matches(project: Project) -> None:
    with pytest.raises(UnknownNameError) as raised:
        areas.select(project, ["崇名区"])
    for text in (raised.value.zh, raised.value.en):
        assert "崇名区" in text
        assert "崇明区" in text


def test_a_name_like_no_other_is_answered_with_the_districts(project: Project) -> None:
    with pytest.raises(UnknownNameError) as raised:
        areas.select(project, ["XYZ-000"])
    for text in (raised.value.zh, raised.value.en):
        assert "XYZ-000" in text
        assert "黄浦区" in text
        assert "崇明区" in text


@pytest.mark.parametrize("name", ["", "  "])
def test_a_blank_name_is_not_a_district(project: Project, name: str) -> None:
    with pytest.raises(UnknownNameError):
        areas.select(project, [name])


def test_there_are_16_districts_in_the_order_of_their_codes(project: Project) -> None:
    assert areas.district_table(project).index.to_list() == ALL
    assert areas.all_codes(project, Selection()) == tuple(ALL)


def test_the_area_with_figures_of_its_own_is_the_city_a_district_or_a_group() -> None:
    assert Selection().area == "310000"
    assert Selection(("310151",)).area == "310151"
    assert Selection(("310101", "310104"), "central").area == "central"
    assert Selection(("310101", "310104")).area is None


@pytest.mark.parametrize(
    ("names", "zh", "en"),
    [
        ([], "上海市", "Shanghai"),
        (["310151"], "崇明区", "Chongming"),
        (["五个新城"], "五个新城", "Five New Towns"),
        (["黄浦区", "崇明区"], "黄浦区、崇明区", "Huangpu, Chongming"),
    ],
)
def test_a_selection_is_named_by_its_places(
    project: Project, names: list[str], zh: str, en: str
) -> None:
    selection = areas.select(project, names)
    assert areas.selection_name(project, selection, "zh") == zh
    assert areas.selection_name(project, selection, "en") == en


def test_many_districts_are_named_by_the_first_and_their_number(project: Project) -> None:
    selection = areas.select(project, ["黄浦", "徐汇", "长宁", "静安"])
    name = areas.selection_name(project, selection, "zh")
    assert "黄浦区" in name
    assert "4" in name


def test_every_english_name_is_free_of_chinese(project: Project) -> None:
    names = [*areas.district_table(project)["name_en"], *areas.group_names(project, "en").values()]
    assert len(names) == 16 + 8
    assert all(name.isprintable() and not any("一" <= c <= "鿿" for c in name) for name in names)
