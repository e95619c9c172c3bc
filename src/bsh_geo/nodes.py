"""Places on a line in, their weights between evenly spaced nodes out: bilinear interpolation.

``between(hats(y, rows), values, hats(x, cols))`` are values known at nodes, at all places.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


def hats(places: Numbers, nodes: Numbers) -> Numbers:
    """Weights (places × nodes) of linear interpolation between evenly spaced nodes."""
    step = abs(nodes[1] - nodes[0])
    found: Numbers = np.clip(1 - np.abs(places[:, None] - nodes[None, :]) / step, 0, 1)
    return found


def spread(places: Numbers, most: int) -> Numbers:
    """Nodes from the first to the last place, at most ``most`` places apart."""
    if len(places) == 1:
        return np.array([places[0], places[0] + 1.0])
    return np.linspace(places[0], places[-1], max(2, -(-len(places) // most) + 1))


def between(down: Numbers, values: Numbers, across: Numbers) -> Numbers:
    """Values at nodes interpolated at all places, by the weights of their rows and columns.

    Plain loops: for so few nodes a threaded matrix product costs more than it saves.
    """
    rows: Numbers = np.einsum("rk,kn->rn", down, values)
    found: Numbers = np.einsum("rn,cn->rc", rows, across)
    return found
