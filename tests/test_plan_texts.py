"""The targets against the texts of the plans: every quote is there, and no number is left out.

Quotes and texts are compared without white space. Numbers that are no target are reviewed one by
one in ``plan_numbers.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bsh_geo import catalogue, frames
from bsh_geo.project import Project

REVIEWED = Path(__file__).with_name("plan_numbers.toml")

WORDING = {
    "%": ("%",),
    "km²": ("平方公里",),
    "km": ("公里",),
    "m²/人": ("平方米",),
    "万m²": ("万平方米",),
    "μg/m³": ("微克/立方米",),
    "公顷": ("公顷",),
    "万亩": ("万亩",),
    "万亩次": ("万亩次",),
    "万吨": ("万吨",),
    "万吨/年": ("万吨",),
    "万标准箱": ("万标准箱",),
    "万人": ("万人",),
    "个": ("个",),
    "座": ("座",),
}
"""How a plan writes a unit behind its number."""

ALL_OR_NONE = {
    100: ("全部实施", "全部安全利用", "全面执行", "全面实现", "全面新能源化", "全覆盖"),
    0: ("零填埋",),
}
"""Chinese words that stand for a percentage without a figure."""

OPERATORS = {
    "≥": r"(?:不低于|不少于|不应少于)\D{0,20}#|#以上",
    ">": r"(?:超过|大于)#",
    "≤": r"(?:不高于)#|(?:控制在|严控)\D*#以内|在#以内",
    "≈": r"#左右|约#",
}
"""How a plan words a comparison; ``#`` is the number with its unit."""

NUMBER = re.compile(
    r"\d{4}年\d{1,2}月\d{1,2}日"  # a date is one number
    r"|\d{4}[-—]\d{4}年"  # and so is a span of years
    r"|(?<![\d.])\d{1,2}\.(?=[一-鿿])"  # the number of an item, see ITEM
    r"|\d+(?:\.\d+)?"
)
ITEM = re.compile(r"\d{1,2}\.")
"""The number of an item in a list, such as 9.推进海湾生态保护, which is no quantity."""


def squeezed(text: str) -> str:
    """A text without white space."""
    return re.sub(r"\s", "", text)


def folded(text: str) -> str:
    """A text without white space and marks of headings, its brackets full-width."""
    return re.sub(r"[*#]", "", squeezed(text)).replace("(", "（").replace(")", "）")


@pytest.fixture(scope="module")
def texts(project: Project, policy_documents: Path) -> dict[str, str]:
    """The plans by id, without white space."""
    found = {}
    for code, document in catalogue.load_documents(project).items():
        path = policy_documents / document.file
        assert path.is_file(), f"{path} is missing: the quotes of {code} cannot be verified"
        found[code] = squeezed(path.read_text(encoding="utf-8"))
    assert len(found) == 5
    return found


@pytest.fixture(scope="module")
def rows(project: Project) -> list[dict[str, Any]]:
    """The targets; a blank cell is an empty string."""
    table = frames.table(project, "targets").astype(object)
    blank = table.where(table.notna(), "")
    found = [{str(name): cell for name, cell in row.items()} for row in blank.to_dict("records")]
    assert len(found) > 200
    return found


def numeric(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["value"] != ""]


# Quotes ---------------------------------------------------------------------------------------


def test_every_quote_is_in_the_text_of_its_document(
    rows: list[dict[str, Any]], texts: dict[str, str]
) -> None:
    missing = [row["id"] for row in rows if squeezed(row["quote"]) not in texts[row["document"]]]
    assert missing == []


def test_every_quote_stands_under_the_headings_of_its_clause(
    rows: list[dict[str, Any]], texts: dict[str, str]
) -> None:
    """Under the last of them directly: no heading of another target's clause comes between."""
    headings = {
        code: {folded(row["clause"].split(" · ")[-1]) for row in rows if row["document"] == code}
        for code in texts
    }
    wrong = []
    for row in rows:
        text, at = folded(texts[row["document"]]), 0
        for part in row["clause"].split(" · "):
            at = text.find(folded(part), at)
            if at < 0:
                break
        quote = text.find(folded(row["quote"]), at) if at >= 0 else -1
        between = text[at + 1 : max(quote, 0)]
        others = headings[row["document"]] - {folded(row["clause"].split(" · ")[-1])}
        if quote < 0 or any(one in between for one in others):
            wrong.append(row["id"])
    assert wrong == []


def written(value: float, unit: str) -> str:
    """The pattern of a number as a plan writes it: whole, in digits, with its unit."""
    words = "|".join(re.escape(word) for word in WORDING[unit])
    return rf"(?<![\d.]){re.escape(format(value, 'g'))}(?:{words})"


def all_or_none(row: dict[str, Any]) -> bool:
    """Whether the quote says all or none instead of the target's figure."""
    words = ALL_OR_NONE.get(row["value"], ())
    return row["unit"] == "%" and any(word in row["quote"] for word in words)


def test_every_value_is_in_its_quote_with_its_unit(rows: list[dict[str, Any]]) -> None:
    missing = [
        row["id"]
        for row in numeric(rows)
        if not re.search(written(row["value"], row["unit"]), squeezed(row["quote"]))
        and not all_or_none(row)
    ]
    assert missing == []


def test_a_percentage_that_the_text_does_not_print_is_explained(
    rows: list[dict[str, Any]],
) -> None:
    unprinted = [
        row
        for row in numeric(rows)
        if not re.search(written(row["value"], row["unit"]), squeezed(row["quote"]))
    ]
    assert unprinted
    assert [row["id"] for row in unprinted if "%收录" not in row["note_zh"]] == []


def test_every_comparison_is_that_of_its_quote(rows: list[dict[str, Any]]) -> None:
    wrong = []
    for row in numeric(rows):
        if all_or_none(row):
            said = {"="}
        else:
            number = written(row["value"], row["unit"])
            quote = squeezed(row["quote"])
            said = {
                operator
                for operator, pattern in OPERATORS.items()
                if re.search(pattern.replace("#", number), quote)
            } or {"="}
        if said != {row["operator"]}:
            wrong.append((row["id"], row["operator"], said))
    assert wrong == []


def test_what_is_strived_for_is_said_to_be(rows: list[dict[str, Any]]) -> None:
    silent = [row["id"] for row in rows if "力争" in row["quote"] and "力争" not in row["note_zh"]]
    assert silent == []


def test_a_target_without_a_year_says_so(rows: list[dict[str, Any]]) -> None:
    undated = [row for row in rows if row["year"] == ""]
    assert undated
    silent = [row["id"] for row in undated if not re.search("年", row["note_zh"])]
    assert silent == []


def test_a_target_without_a_number_has_no_unit_and_says_what_it_is(
    rows: list[dict[str, Any]],
) -> None:
    wrong = [
        row["id"]
        for row in rows
        if (row["value"] == "") is not (row["operator"] in ("done", "任务"))
        or (row["value"] == "" and (row["unit"] or not row["note_zh"] or not row["note_en"]))
    ]
    assert wrong == []


def test_targets_stand_in_the_order_of_their_document(
    rows: list[dict[str, Any]], texts: dict[str, str]
) -> None:
    places = []
    for row in rows:
        text = folded(texts[row["document"]])
        heading = text.find(folded(row["clause"].split(" · ")[-1]))
        places.append((row["document"], text.find(folded(row["quote"]), heading)))
    assert places == sorted(places)


def test_there_are_more_than_90_targets_with_a_number(rows: list[dict[str, Any]]) -> None:
    found = Counter(row["document"] for row in numeric(rows))
    assert sum(found.values()) > 90
    # The text of 002 is cut off before any figure.
    assert set(found) == {"000", "001", "003", "004"}


# Numbers --------------------------------------------------------------------------------------


def occurrences(text: str, part: str) -> Iterator[range]:
    """Where ``part`` stands in ``text``."""
    assert part
    at = text.find(part)
    while at >= 0:
        yield range(at, at + len(part))
        at = text.find(part, at + 1)


def uncovered(rows: list[dict[str, Any]], texts: dict[str, str]) -> list[tuple[str, int, str]]:
    """Document, place and digits of every number that is no quoting target's value or year."""
    found = []
    for code, text in texts.items():
        quoted = {
            (digits, place)
            for row in rows
            if row["document"] == code
            for span in occurrences(text, squeezed(row["quote"]))
            for place in span
            for digits in (value_text(row), str(row["year"]))
        }
        found += [
            (code, match.start(), match.group())
            for match in NUMBER.finditer(text)
            if not ITEM.fullmatch(match.group()) and (match.group(), match.start()) not in quoted
        ]
    return found


def value_text(row: dict[str, Any]) -> str:
    """A target's value in digits, as a plan prints it."""
    return "" if row["value"] == "" else format(row["value"], "g")


@pytest.fixture(scope="module")
def reviewed() -> list[dict[str, Any]]:
    """The numbers that were found to be no target, each with its reason."""
    with REVIEWED.open("rb") as lines:
        entries: list[dict[str, Any]] = tomllib.load(lines)["number"]
    assert entries
    return entries


def test_every_number_is_a_target_or_reviewed(
    rows: list[dict[str, Any]], texts: dict[str, str], reviewed: list[dict[str, Any]]
) -> None:
    """Whatever unit follows, and also where none does."""
    explained = {
        (entry["document"], place)
        for entry in reviewed
        for span in occurrences(texts[entry["document"]], entry["context"])
        for place in span
    }
    left = [
        f"{code}: …{texts[code][max(0, at - 15) : at + 20]}…"
        for code, at, _ in uncovered(rows, texts)
        if (code, at) not in explained
    ]
    assert left == []


def test_every_reviewed_number_is_needed(
    rows: list[dict[str, Any]], texts: dict[str, str], reviewed: list[dict[str, Any]]
) -> None:
    """Each entry explains just the numbers that it names, at every place of its context."""
    open_numbers = uncovered(rows, texts)
    wrong = []
    for entry in reviewed:
        spans = list(occurrences(texts[entry["document"]], entry["context"]))
        named = [
            [digits for code, at, digits in open_numbers if code == entry["document"] and at in one]
            for one in spans
        ]
        if not spans or any(one != entry["numbers"] for one in named):
            wrong.append((entry["document"], entry["context"], named))
    assert wrong == []


def test_no_number_is_reviewed_twice(texts: dict[str, str], reviewed: list[dict[str, Any]]) -> None:
    places = Counter(
        (entry["document"], place)
        for entry in reviewed
        for span in occurrences(texts[entry["document"]], entry["context"])
        for place in span
    )
    assert [place for place, times in places.items() if times > 1] == []


def test_every_reviewed_number_has_a_reason(reviewed: list[dict[str, Any]]) -> None:
    keys = {"document", "context", "numbers", "reason"}
    assert [entry for entry in reviewed if set(entry) != keys] == []
    assert [entry for entry in reviewed if not entry["reason"] or not entry["numbers"]] == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("到2027年，95%左右", ["2027", "95"]),
        ("2024年12月31日印发", ["2024年12月31日"]),
        ("（2023—2035年）", ["2023—2035年"]),
        ("1640.37平方公里", ["1640.37"]),
        ("9.推进海湾生态保护", []),
        ("到2030年70%左右", ["2030", "70"]),
    ],
)
def test_numbers_are_found_as_a_reader_finds_them(text: str, numbers: list[str]) -> None:
    assert [digits for _, _, digits in uncovered([], {"one": text})] == numbers
