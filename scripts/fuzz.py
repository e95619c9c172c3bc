"""Bytes that nobody thought of in, faults of the importers out: the targets of the tests, fuzzed.

``python scripts/fuzz.py TARGET [libFuzzer options]``, such as ``-max_total_time=120``; without a
target they are listed. It needs ``atheris``, which is no dependency of the product or its tests.
A crash leaves the bytes in a file of the folder it was started in; put them into
``tests/hostile.py`` with a name that says what is wrong with them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


def main(arguments: list[str]) -> int:
    """Fuzz one target until its time is over or a fault is found."""
    import atheris

    with atheris.instrument_imports(include=["bsh_geo", "openpyxl"]):
        import fuzz_targets
    if len(arguments) < 2 or arguments[1] not in fuzz_targets.TARGETS:
        print("\n".join(sorted(fuzz_targets.TARGETS)))
        return 2
    name = arguments[1]
    corpus = Path(tempfile.mkdtemp(prefix="bsh-fuzz-"))
    for number, seed in enumerate(fuzz_targets.seeds(name)):
        (corpus / f"seed{number}").write_bytes(seed)
    fuzz_targets.project()
    atheris.Setup([arguments[0], *arguments[2:], str(corpus)], fuzz_targets.TARGETS[name])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
