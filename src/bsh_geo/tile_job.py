"""The folder of a source and the place of its set in, vector tiles out: run as a process of its
own by ``tile_sets.begin``, so that the dashboard goes on answering."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bsh_geo import tile_files


def main(work: str, place: str) -> int:
    """Make the set; whatever happens, nothing half-made is left."""
    try:
        tile_files.make(Path(work), Path(place))
        tile_files.clean(Path(place).parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
