"""The dashboard: run it with ``bsh-geo serve`` (or ``streamlit run app.py``)."""

from __future__ import annotations

import streamlit as st

from bsh_geo.ui import data_page, map_page, progress_page, shell
from bsh_geo.ui.text import word

lang = shell.current_lang()
st.set_page_config(page_title=word("brand", lang), page_icon="🌊", layout="wide")
pages = {
    "map": st.Page(map_page.page, title=word("page_map", lang), url_path="map", default=True),
    "progress": st.Page(progress_page.page, title=word("page_progress", lang), url_path="progress"),
    "data": st.Page(data_page.page, title=word("page_data", lang), url_path="data"),
}
chosen = st.navigation(list(pages.values()), position="hidden")
map_page.before_widgets()
shell.head(pages, lang)
chosen.run()
