"""A metric in, every published figure of it out as one layer: a row per district and period."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from bsh_geo import columns, frames, join, observations, tables
from bsh_geo.areas import Selection
from bsh_geo.catalogue import Layer, Metric
from bsh_geo.columns import GEOMETRY_QUALITY
from bsh_geo.crs import DISPLAY
from bsh_geo.gis_layers import GisLayer, plain_id
from bsh_geo.project import Project

_TITLE = {"zh": "{0}（各期）", "en": "{0} (all periods)"}
_NOTE = {
    "zh": "只列有公布数值的区与时期；没有列出的为无数据。",
    "en": "Districts and periods with a published figure only; what is not listed has no data.",
}


def history(project: Project, layer: Layer, metric: Metric, lang: str) -> GisLayer | None:
    """All figures of districts of a metric of observations; None where there are none."""
    made = []
    for period in observations.periods(project, metric.indicator):
        if join.with_figure(project, metric, period):
            rows = join.district_frame(project, metric, period, Selection())
            rows = rows[rows["value"].notna()]
            made.append(tables.district_view(project, metric, period, rows, lang))
    if not made:
        return None
    frame = gpd.GeoDataFrame(
        pd.concat([one.export for one in made], ignore_index=True), crs=DISPLAY
    )
    frame.insert(len(frame.columns) - 1, GEOMETRY_QUALITY,
                 frames.boundary_of(project, metric.boundary or "land").quality)  # fmt: skip
    return GisLayer(
        id=plain_id(f"{layer.id}_{metric.id}_all", False),
        title=_TITLE[lang].format(metric.title.get(lang)),
        layer=layer.id,
        frame=frame,
        shown=pd.concat([one.shown for one in made], ignore_index=True),
        shape="area",
        classes=(),
        columns=columns.noted(project, layer, None, frame),
        lang=lang,
        schematic=False,
        notes=(_NOTE[lang], *(text.get(lang) for text in layer.limitations)),
    )


def histories(project: Project, layers: list[Layer], lang: str) -> list[GisLayer]:
    """Of every metric of observations of the layers."""
    found = [
        history(project, layer, metric, lang)
        for layer in layers
        for metric in layer.metrics
        if metric.source == "observations" and metric.places == "districts"
    ]
    return [one for one in found if one is not None]
