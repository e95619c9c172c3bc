"""Whatever bytes come in, every importer answers with a report or a sentence.

A number of files for each target, the same at every run; with ``BSH_FUZZ_SECONDS`` each target has
so many seconds of the processor and others at every run. ``scripts/fuzz.py`` runs the same targets
under atheris, which looks for bytes that reach new code.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache

import fuzz_targets
import pytest
from fuzz_targets import TARGETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

SECONDS = float(os.environ.get("BSH_FUZZ_SECONDS", "0"))
EXAMPLES = 1_000_000 if SECONDS else 200


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    """Good files of the target, to be spoiled."""
    return tuple(fuzz_targets.seeds(target))


Spoil = list[tuple[int, int, bytes]]


def spoiled(content: bytes, cuts: Spoil) -> bytes:
    """A good file with pieces taken out and others put in."""
    for at, length, new in cuts:
        place = at % (len(content) + 1)
        content = content[:place] + new + content[place + length :]
    return content


PIECES = some.one_of(
    some.binary(max_size=6),
    some.sampled_from(
        (b"\0", b"\xff\xff\xff\xff", b"-1", b"1e400", b"NaN", b'"', b",", b"\n", b"[" * 50, b"<!--",
         b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"{}", "经度".encode(), "\u202e".encode(), b"=1+1"),
    ),
)  # fmt: skip
CUTS = some.lists(
    some.tuples(some.integers(0, 1 << 16), some.integers(0, 40), PIECES), min_size=1, max_size=6
)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_no_bytes_bring_an_importer_down(target: str) -> None:
    use: Callable[[bytes], None] = TARGETS[target]
    until = time.process_time() + SECONDS
    tried = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=not SECONDS,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(some.one_of(some.binary(max_size=400), some.tuples(some.integers(0, 99), CUTS)))
    def tries(given_: bytes | tuple[int, Spoil]) -> None:
        if SECONDS and time.process_time() > until:
            return
        if isinstance(given_, bytes):
            content = given_
        else:
            good = seeds(target)
            content = spoiled(good[given_[0] % len(good)], given_[1])
        use(content)
        tried.append(len(content))

    tries()
    assert SECONDS or len(tried) == EXAMPLES
