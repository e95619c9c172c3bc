"""The id of zones in the box in, their named polygons out."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import shapely

from bsh_geo import areas, frames
from bsh_geo.catalogue import Text
from bsh_geo.crs import to_measure
from bsh_geo.errors import unknown_name
from bsh_geo.project import Project

TITLES = {
    "districts_land": Text(zh="各区陆域", en="Land of the districts"),
    "districts": Text(zh="各区（含近岸水域）", en="Districts with near-shore waters"),
    "red_line": Text(zh="生态保护红线斑块（示意）", en="Red-line patches (schematic)"),
    "wetlands": Text(zh="湿地（示意）", en="Wetlands (schematic)"),
}
"""The zones in the box, in the order they are offered."""

DISTRICTS = ("districts_land", "districts")
"""Zones whose ids are adcodes; together they are the city."""

_BOUNDARIES = {"districts_land": "land", "districts": "districts"}
_SHAPES = {"red_line": "redline_shapes", "wetlands": "wetland_shapes"}

OVERLAP_SHARE = 1e-4
"""Zones that share more of their area than this are not summed."""


@dataclass(frozen=True, eq=False)
class Zones:
    """What land is measured in.

    Attributes
    ----------
    frame : GeoDataFrame
        Polygons in WGS 84 indexed by id (str); columns ``name_zh``, ``name_en``, ``quality``.
    overlap : bool
        Whether some of them share ground, so that their sum would count it twice.
    remarks : tuple of Text
        What a reader must know about their shapes.
    """

    id: str
    title: Text
    frame: gpd.GeoDataFrame
    overlap: bool
    remarks: tuple[Text, ...] = ()

    @property
    def schematic(self) -> bool:
        """Whether any of the shapes is a sketch."""
        return bool((self.frame["quality"] == "schematic").any())


def zones_of(project: Project, which: str) -> Zones:
    """The zones in the box with that id.

    Raises
    ------
    UnknownNameError
        There are none of that id.
    DataError
        Their file is missing or broken.
    """
    if which in _BOUNDARIES:
        return _districts(project, which)
    if which not in _SHAPES:
        raise unknown_name("分区", "choice of zones", which, TITLES)
    shapes = frames.shapes(project, _SHAPES[which])
    found = shapes[["name_zh", "name_en", "quality", "geometry"]].set_axis(shapes["id"])
    limits = frames.dataset_of(project, _SHAPES[which]).limitations
    return made(which, TITLES[which], found.rename_axis(None), (limits,))


def _districts(project: Project, which: str) -> Zones:
    found = frames.boundary(project, _BOUNDARIES[which])
    table = areas.district_table(project)
    entry = frames.boundary_of(project, _BOUNDARIES[which])
    named = gpd.GeoDataFrame(
        {
            "name_zh": table["name_zh"].reindex(found.index),
            "name_en": table["name_en"].reindex(found.index),
            "quality": entry.quality,
        },
        geometry=found.geometry,
        crs=found.crs,
    )
    return made(which, TITLES[which], named, (entry.limitations,))


def made(which: str, title: Text, frame: gpd.GeoDataFrame, remarks: tuple[Text, ...]) -> Zones:
    """Zones of a frame as ``Zones`` describes it, their overlap found out."""
    plain = to_measure(frame).geometry
    together = float(shapely.union_all(plain.to_numpy()).area)
    overlap = bool(plain.area.sum() > together * (1 + OVERLAP_SHARE))
    return Zones(which, title, frame, overlap, remarks)
