"""The Streamlit pages: widgets choose a key, pure functions build, the page shows."""
