"""A map of a briefing in, its picture out: the map alone or the printed page around it."""

from __future__ import annotations

from typing import Any

from bsh_geo import snapshot
from bsh_geo.briefing_pages import Briefing, MapPicture
from bsh_geo.print_options import PrintOptions

DPI = 220
"""Sharp in print at the size of the document, a third of the bytes of 300."""


def map_options(block: MapPicture, size: str, briefing: Briefing) -> PrintOptions:
    """How the picture is printed in a document of that page size."""
    fixed: dict[str, Any] = {
        "theme": briefing.theme,
        "extent": block.extent,
        "approval": briefing.approval,
        "dpi": DPI,
    }
    if block.whole:
        return PrintOptions(
            **fixed, office=briefing.office, logo=briefing.logo, stamp=briefing.stamp
        )
    orientation = "landscape" if size == "16:9" else "portrait"
    return PrintOptions(**fixed, size=size, orientation=orientation, map_only=True)  # type: ignore[arg-type]


def map_png(block: MapPicture, size: str, briefing: Briefing) -> bytes:
    """The picture as a PNG file."""
    return snapshot.render(block.spec, "png", map_options(block, size, briefing))
