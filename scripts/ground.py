"""The project's own boundaries, as the ground on which shapes are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import shapely
from features import COASTAL, DATA, polygons
from shapely.geometry.base import BaseGeometry

from bsh_geo.crs import MEASURE

SLIVER_M = 300.0  # what is narrower than twice this is not drawn off the shore
MAIN_ISLAND_KM2 = 20.0  # 崇明, 长兴 and 横沙 have more; the islets beside them less


@dataclass(frozen=True)
class Ground:
    """The project's own boundaries, in metres, each read once."""

    @cached_property
    def land(self) -> gpd.GeoSeries:
        """Land as it is drawn, by adcode, so that strips meet the coast on the map."""
        return _boundary("land_display", "adcode")

    @cached_property
    def neighbours(self) -> BaseGeometry:
        return _boundary("neighbours", "id").union_all()

    @cached_property
    def lakes(self) -> gpd.GeoSeries:
        return _boundary("lakes", "id")

    @cached_property
    def all_land(self) -> BaseGeometry:
        """Every land that is drawn, with the reservoir inside its dyke."""
        reservoir = self.lakes["qingcaosha-reservoir"]
        return shapely.union_all([*self.land, self.neighbours, reservoir])

    @cached_property
    def main_land(self) -> dict[str, BaseGeometry]:
        """Mainland or main islands of each coastal district, without shoals and islets."""
        found = {}
        for adcode in COASTAL:
            parts = polygons(self.land[adcode])
            big = [part for part in parts if part.area > MAIN_ISLAND_KM2 * 1e6]
            if adcode == "310115":  # Pudong: the shoals of Jiuduansha have strips of nobody
                big = [max(big, key=lambda part: part.area)]
            found[adcode] = shapely.union_all(big)
        islands = [found["310151"], self.lakes["qingcaosha-reservoir"]]
        found["310151"] = shapely.union_all(islands)
        return found


def _boundary(name: str, key: str) -> gpd.GeoSeries:
    frame = gpd.read_file(DATA / "boundaries" / f"{name}.geojson")
    series: gpd.GeoSeries = frame.set_index(key).geometry.to_crs(MEASURE)
    return series
