"""Golden pictures: each shipped layer drawn as it was when somebody looked at it and agreed.

After a wanted change, ``BSH_GOLDEN=write python run.py test -k golden`` writes them anew; look at
each before it is committed.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bsh_geo import compose, snapshot
from bsh_geo.compose import Request

GOLDEN = Path(__file__).with_name("golden")
DPI = 60
TOLERANCE = 40
"""A pixel counts as changed when a channel differs by more than this (of 255)."""
CHANGED_SHARE = 0.004
"""Another build of FreeType moves edges of letters by a shade; a changed class, label or line
changes more than 0.4 % of the page."""

VIEWS = [
    ("air_quality", ()),
    ("beautiful_bays", ()),
    ("wetlands", ()),
    ("park_coverage", ()),
    ("ecological_red_line", ()),
    ("air_quality", ("310151",)),
    ("park_coverage", ("310101",)),
]


@pytest.mark.parametrize(("layer", "areas"), VIEWS)
def test_the_picture_looks_as_agreed(project, layer, areas):
    name = "-".join([layer, *areas]) + ".png"
    spec = compose.build(project, Request(layer, areas=areas))
    drawn = snapshot.render(spec, "png", dpi=DPI)
    if os.environ.get("BSH_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_bytes(drawn)
    agreed = np.asarray(Image.open(GOLDEN / name).convert("RGB")).astype(int)
    now = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB")).astype(int)
    assert now.shape == agreed.shape
    changed = (np.abs(now - agreed).max(axis=2) > TOLERANCE).mean()
    assert changed <= CHANGED_SHARE, f"{changed:.2%} of {name} changed"
