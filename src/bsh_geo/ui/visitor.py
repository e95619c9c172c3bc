"""Streamlit's login in, the address of who is there out; the buttons to sign in and out.

Who may do what is said by ``roles``; here is only who asks. An address counts where the OIDC login
of the server's ``[auth]`` secrets gave it, or a proxy that its settings name as trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

import streamlit as st

from bsh_geo.ui.text import word


def offered() -> bool:
    """Whether people can sign in: Streamlit has the flag only where ``[auth]`` is configured."""
    return "is_logged_in" in st.user


def address() -> str:
    """The address of whoever signed in; blank for all others."""
    if offered():
        # An address that the provider did not verify is whatever its user typed.
        verified = str(st.user.get("email_verified", True)).lower() == "true"
        if not st.user.get("is_logged_in") or not verified:
            return ""
    elif not st.get_option("server.trustedUserHeaders"):
        return ""
    return str(st.user.get("email") or "").strip()


def signed_in() -> bool:
    """Whether somebody did, even without an address that counts."""
    return bool(st.user.get("is_logged_in"))


def providers() -> list[str]:
    """Where one can sign in, as the secrets name it; blank is the only one without a name."""
    try:
        declared = st.secrets["auth"]
    except (FileNotFoundError, KeyError):  # a login that nothing configures cannot be started
        return []
    named = [str(key) for key, value in declared.items() if isinstance(value, Mapping)]
    return ["", *named] if "client_id" in declared else named


def account(role: str, lang: str) -> None:
    """Who is signed in and the way out, or the ways in; nothing where nobody can."""
    if not offered():
        return
    if not signed_in():
        with st.popover(word("sign_in", lang), width="stretch"):
            ways_in(lang, "head")
        return
    shown = address() or str(st.user.get("name") or "?")
    with st.popover(shown.partition("@")[0][:24], width="stretch"):
        st.text(shown)
        if role:
            st.caption(word(f"role_{role}", lang))
        way_out(lang, "head")


def ways_in(lang: str, place: str) -> None:
    """A button for each provider."""
    listed = providers()
    if not listed or find_spec("authlib") is None:
        st.text(word("sign_in_missing", lang))
        return
    for name in listed:
        title = word("sign_in_with", lang, name=name) if name else word("sign_in", lang)
        if st.button(title, key=f"sign-in-{place}-{name}", width="stretch"):
            st.login(name or None)


def way_out(lang: str, place: str) -> None:
    """A button that ends the session of the login."""
    if st.button(word("sign_out", lang), key=f"sign-out-{place}", width="stretch"):
        st.logout()
