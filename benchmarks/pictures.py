"""A4 snapshots of every layer as PNG, SVG and PDF, against geopandas' own plotting.

The peer, ``GeoDataFrame.plot`` and ``savefig``, draws the same frames in the same class colours
at the same size and resolution: the bare map. Ours also sets legend, figures, targets, trend,
labels, scale bar, sources and the embedded Chinese font, and gives the same bytes each time.
"""

from __future__ import annotations

import io
from functools import partial

import matplotlib
from matplotlib import pyplot
from report import in_turn, options, print_machine, print_table, ratio

from bsh_geo import catalogue, compose, snapshot
from bsh_geo.mapspec import MapSpec
from bsh_geo.project import open_project

INCHES = (297 / 25.4, 210 / 25.4)
DPI = 300


def plotted(spec: MapSpec, form: str) -> bytes:
    """The frames of a view as geopandas plots them, as the bytes of a file."""
    figure, axes = pyplot.subplots(figsize=INCHES)
    axes.set_xlim(spec.extent[0], spec.extent[2])
    axes.set_ylim(spec.extent[1], spec.extent[3])
    spec.neighbours.plot(ax=axes, color="#efece3", edgecolor="#d9d3c3")
    spec.ground.plot(ax=axes, color="#f7f3e8", edgecolor="#8a8f87")
    for part in spec.parts:
        styles = [part.styles[key] for key in part.frame["key"]]
        fills = [style.fill or "none" for style in styles]
        edges = [style.stroke for style in styles]
        sized = (
            {"markersize": part.frame["radius"].to_numpy() ** 2} if part.shape == "point" else {}
        )
        part.frame.plot(ax=axes, color=fills, edgecolor=edges, **sized)
    made = io.BytesIO()
    figure.savefig(made, format=form, dpi=DPI)
    pyplot.close(figure)
    return made.getvalue()


def main() -> None:
    """Measure and print."""
    arguments = options("A4 snapshots against GeoDataFrame.plot.").parse_args()
    matplotlib.use("Agg")
    print_machine("matplotlib", "geopandas", "pillow", "fonttools")
    project = open_project()
    layers, _ = catalogue.load_layers(project)
    rows = []
    for layer in layers:
        spec = compose.build(project, compose.Request(layer))
        for form in snapshot.FORMATS:
            ours, peer = partial(snapshot.render, spec, form, dpi=DPI), partial(plotted, spec, form)
            ours(), peer()  # warm: imports, fonts, glyph widths
            mine, theirs = in_turn(arguments.runs, ours, peer)
            compared = ratio(mine.median, theirs.median)
            rows.append([layer, form, "≤ 1 s", str(mine), str(theirs), compared])
    heads = ["layer", "form", "target", "ours: median (min – max)", "GeoDataFrame.plot", "ratio"]
    print_table(f"A4 at {DPI} dpi, warm", heads, rows)


if __name__ == "__main__":
    main()
