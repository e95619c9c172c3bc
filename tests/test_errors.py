"""Faults of users: two languages, and the same in another process."""

from __future__ import annotations

import pickle

import pytest

from bsh_geo.errors import BshError, DataError, FaultsError, LayerError, unknown_name

FAULTS = [
    DataError("中文。", "English."),
    LayerError("中文。", "English."),
    unknown_name("区", "district", "普佗", ["普陀区"]),
    FaultsError("三处。", "Three.", [("一", "one"), ("二", "two")]),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: type(one).__name__)
def test_a_fault_is_told_in_another_process_as_it_was_raised(fault: BshError) -> None:
    again = pickle.loads(pickle.dumps(fault))
    assert type(again) is type(fault)
    assert (str(again), again.text("zh"), again.text("en")) == (
        str(fault), fault.text("zh"), fault.text("en"),
    )  # fmt: skip
    assert again.__dict__ == fault.__dict__
