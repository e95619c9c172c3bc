"""Golden pictures: each size, orientation and theme as it was when somebody looked and agreed.

After a wanted change, ``BSH_GOLDEN=write python run.py test -k golden`` writes them anew; look at
each before it is committed. They are small and have 64 colours; what is compared allows for that.
"""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bsh_geo import compose, snapshot
from bsh_geo.compose import Request
from bsh_geo.mapspec import MapSpec
from bsh_geo.print_options import PrintOptions
from bsh_geo.project import Project

GOLDEN = Path(__file__).with_name("golden")
DPI = 42
COLOURS = 64
TOLERANCE = 48
"""A pixel counts as changed when a channel differs by more than this (of 255): fewer colours and
another build of FreeType move the edges of letters by less."""
CHANGED_SHARE = 0.006
"""A changed class, name or line changes more than 0.6 % of the page at this resolution."""

VIEWS = [
    ("air_quality", (), "zh", "A4", "landscape", "screen"),
    ("air_quality", ("310151",), "zh", "A4", "landscape", "print"),
    ("park_coverage", ("310101",), "zh", "A4", "portrait", "screen"),
    ("wetlands", (), "en", "A4", "portrait", "print"),
    ("ecological_red_line", (), "zh", "A3", "landscape", "screen"),
    ("park_coverage", (), "en", "A3", "landscape", "print"),
    ("air_quality", (), "en", "A3", "portrait", "screen"),
    ("beautiful_bays", (), "zh", "A3", "portrait", "print"),
    ("wetlands", ("310151",), "zh", "16:9", "landscape", "screen"),
    ("beautiful_bays", (), "en", "16:9", "landscape", "print"),
    ("ecological_red_line", ("310151",), "en", "16:9", "portrait", "screen"),
    ("park_coverage", ("central",), "zh", "16:9", "portrait", "print"),
]


def file_name(view: tuple[str, tuple[str, ...], str, str, str, str]) -> str:
    layer, areas, lang, size, orientation, theme = view
    return "-".join([layer, *areas, lang, size.replace(":", "x"), orientation, theme]) + ".png"


@pytest.mark.parametrize("view", VIEWS, ids=file_name)
def test_the_picture_looks_as_agreed(
    project: Project, view: tuple[str, tuple[str, ...], str, str, str, str]
) -> None:
    layer, areas, lang, size, orientation, theme = view
    spec = compose.build(project, Request(layer, areas=areas, lang=lang))
    options = PrintOptions(size, orientation, theme, dpi=DPI)  # type: ignore[arg-type]
    drawn = Image.open(io.BytesIO(snapshot.render(spec, "png", options))).convert("RGB")
    path = GOLDEN / file_name(view)
    if os.environ.get("BSH_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        few = drawn.quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
    agreed = np.asarray(Image.open(path).convert("RGB")).astype(int)
    now = np.asarray(drawn).astype(int)
    assert now.shape == agreed.shape
    changed = (np.abs(now - agreed).max(axis=2) > TOLERANCE).mean()
    assert changed <= CHANGED_SHARE, f"{changed:.2%} of {path.name} changed"


def test_each_size_orientation_and_theme_has_its_picture() -> None:
    assert len({view[3:] for view in VIEWS}) == 12
    found = {path.name for path in GOLDEN.glob("*.png")}
    assert found == {file_name(view) for view in VIEWS}
    assert max(path.stat().st_size for path in GOLDEN.glob("*.png")) <= 40_000


def test_a_changed_colour_of_one_district_would_be_seen(project: Project) -> None:
    """The tolerance hides no class: one district in another colour is more than is let through."""
    spec = compose.build(project, Request("air_quality"))
    options = PrintOptions(dpi=DPI)
    before, after = (np.asarray(
        Image.open(io.BytesIO(snapshot.render(one, "png", options)))).astype(int)
        for one in (spec, _moved_up(spec))
    )  # fmt: skip
    assert (np.abs(before - after).max(axis=2) > TOLERANCE).mean() > CHANGED_SHARE


def _moved_up(spec: MapSpec) -> MapSpec:
    """The spec with 310114 (嘉定) in another class."""
    part = next(one for one in spec.parts if one.selects)
    frame = part.frame.copy()
    frame.loc["310114", "key"] = "0"
    parts = tuple(replace(one, frame=frame) if one is part else one for one in spec.parts)
    return replace(spec, parts=parts)
