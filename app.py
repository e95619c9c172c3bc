"""The dashboard: run it with ``bsh-geo serve`` (or ``streamlit run app.py``)."""

from __future__ import annotations

import streamlit as st
from streamlit import runtime

from bsh_geo.ui import map_server


def dashboard() -> None:
    """One run of the script: the head, and the page that is asked for."""
    # The pages declare components, which they can only to a server that runs.
    from bsh_geo.ui import (
        briefing_page,
        compare_page,
        data_page,
        door,
        guard,
        import_page,
        land_page,
        map_page,
        parks_page,
        progress_page,
        shell,
        sitecheck_page,
    )
    from bsh_geo.ui.text import word

    lang = shell.current_lang()
    entry = door.entry()
    st.set_page_config(page_title=word("brand", lang), page_icon="🌊", layout="wide")
    pages = {
        "map": st.Page(map_page.page, title=word("page_map", lang), url_path="map", default=True),
        "progress": st.Page(
            progress_page.page, title=word("page_progress", lang), url_path="progress"
        ),
        "compare": st.Page(compare_page.page, title=word("page_compare", lang), url_path="compare"),
        "parks": st.Page(parks_page.page, title=word("page_parks", lang), url_path="parks"),
        "land": st.Page(land_page.page, title=word("page_land", lang), url_path="land"),
        "sitecheck": st.Page(
            sitecheck_page.page, title=word("page_sitecheck", lang), url_path="sitecheck"
        ),
        "briefing": st.Page(
            briefing_page.page, title=word("page_briefing", lang), url_path="briefing"
        ),
        "import": st.Page(import_page.page, title=word("page_import", lang), url_path="import"),
        "data": st.Page(data_page.page, title=word("page_data", lang), url_path="data"),
    }
    chosen = st.navigation(list(pages.values()), position="hidden")
    if entry.open:
        map_page.before_widgets()
        sitecheck_page.before_widgets()
    shell.head(pages if entry.open else {}, lang, entry.role)
    # A fault of a page is told below the head, which stays usable.
    with guard.Guarded(lang, st.container()):
        if entry.open:
            chosen.run()
        else:
            door.closed(entry, lang)


if runtime.exists():
    dashboard()
else:
    # Streamlit looks for an app in this file before it serves it: ours adds the maps' own route.
    app = st.App(__file__, routes=map_server.routes())
