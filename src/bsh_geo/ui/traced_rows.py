"""Rows in, a sortable table out of which a clicked cell tells the origin of its row.

The words below the table are its own fragment's, so that a click runs nothing else of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from bsh_geo import origins
from bsh_geo.catalogue import Metric
from bsh_geo.project import Project
from bsh_geo.ui import traces
from bsh_geo.ui.text import word


@st.fragment
def show(
    project: Project,
    shown: pd.DataFrame,
    rows: pd.DataFrame,
    about: str,
    lang: str,
    key: str,
    metric: Metric | None = None,
    height: int = 420,
    **options: Any,
) -> None:
    """Draw ``shown``; ``rows`` are the same rows under their machine names.

    ``about`` is what the table as a whole is and lacks, ``metric`` what its values are, if any;
    ``options`` are those of Streamlit's dataframe.
    """
    chosen = st.dataframe(
        shown,
        hide_index=True,
        height=height,
        width="stretch",
        key=key,
        on_select="rerun",
        selection_mode="single-cell",
        **options,
    )
    st.html(_told(project, shown, rows, about, lang, metric, chosen.get("selection", {})))


def _told(
    project: Project,
    shown: pd.DataFrame,
    rows: pd.DataFrame,
    about: str,
    lang: str,
    metric: Metric | None,
    selection: Mapping[str, Any],
) -> str:
    cells = selection.get("cells", [])
    if not cells or int(cells[0][0]) >= len(rows):
        return f'<p class="bsh-meta">{escape(word("trace_row_hint", lang))}</p>'
    at = int(cells[0][0])
    row = rows.iloc[at]
    named = word("trace_row", lang, name=str(shown.iloc[at, 0]))
    origin = origins.of_row(project, metric, row, about, lang)
    return f'<div class="bsh-row-origin"><b>{escape(named)}</b>{traces.origin_html(origin)}</div>'
