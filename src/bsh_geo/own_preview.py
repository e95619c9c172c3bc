"""What a file of the user's holds and would become: what is looked at, then confirmed."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from bsh_geo import own_report
from bsh_geo.own_kinds import Kind
from bsh_geo.own_options import Options
from bsh_geo.own_report import Report


@dataclass(frozen=True, eq=False)
class Preview:
    """What a file holds and what its import would write.

    Attributes
    ----------
    frame : GeoDataFrame or DataFrame
        The rows that would be imported, in the dataset's columns as text, indexed by row number;
        places have a ``geometry`` in WGS 84, None where it is not known (yet).
    files : dict of str to bytes
        Files by path below the project folder; None for one that is removed.
    before : dict of str to str or None
        Digest of each of them as it stood in the project folder.
    seen : GeoDataFrame or None
        Every row that has a geometry in WGS 84, also those that are lost, as the file has it:
        ``name`` and ``geometry``, indexed by row number.
    """

    kind: Kind
    report: Report
    frame: pd.DataFrame
    files: dict[str, bytes | None]
    before: dict[str, str | None]
    options: Options
    seen: gpd.GeoDataFrame | None = None

    @property
    def mapping(self) -> tuple[own_report.Used, ...]:
        """What each column is used for."""
        return self.report.mapping
