"""The right of the import page: questions with their answers, the report in short, confirmation."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import streamlit as st

from bsh_geo import catalogue, own_datum
from bsh_geo.errors import BshError
from bsh_geo.own_report import Question
from bsh_geo.project import Project
from bsh_geo.ui import import_html, shell
from bsh_geo.ui.import_look import Look
from bsh_geo.ui.import_readings import AGREE, Readings
from bsh_geo.ui.import_said import ASKED, DONE, answers, begin, choice_box, keep, widget_key
from bsh_geo.ui.import_steps import Access, Given, plain
from bsh_geo.ui.text import word

TYPED = ("crs", "period", "id", "unit")
"""Questions that may be answered by what none of the choices says."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def beside(
    project: Project, access: Access, given: Given | None, found: Look | None, lang: str
) -> None:
    if given is None:
        return
    _questions(project, found, lang)
    if found is None:
        return
    st.html(
        import_html.step(5, word("import_step_report", lang))
        + import_html.counts_html(found, lang, bool(found.questions()))
        + import_html.told_html(found.told(lang), lang)
    )
    stem = word("import_report_name", lang)
    for place, form in zip(st.columns(2), ("xlsx", "json"), strict=True):
        place.download_button(
            word(f"import_report_{form}", lang),
            data=partial(found.report, form, lang),
            file_name=f"{stem}.{form}",
            mime=XLSX if form == "xlsx" else "application/json",
            key=f"import-report-{form}",
            on_click="ignore",
            width="stretch",
        )
    _confirm(access, found, lang)


def _questions(project: Project, found: Look | None, lang: str) -> None:
    """What must be answered, and what was: an answer can be changed."""
    open_ids = {one.id for one in found.questions()} if found is not None else set()
    asked: dict[str, Question] = st.session_state.get(ASKED, {})
    agreed = set(answers().get("agreed", ()))
    open_ids -= agreed
    shown = [one for one in asked.values() if one.id in open_ids or _answered(one.id)]
    unsettled = found.unsettled() if isinstance(found, Readings) else []
    if not shown and not unsettled:
        return
    waiting = len(open_ids) + len(unsettled)
    title = word("import_waiting", lang, n=waiting) if waiting else word("import_answered", lang)
    st.html(import_html.step(3, title, "open" if waiting else "done"))
    for text in unsettled:
        shell.banner(plain(text.get(lang)))
    # Once all is answered, what was said takes one line: the report and the button come up.
    box = contextlib.nullcontext() if waiting else st.expander(_said(shown, lang))
    with box:
        for at, one in enumerate(shown):
            state = "open" if one.id in open_ids else "done"
            with st.container(key=f"import-question-{state}-{at}", border=True):
                _question(project, one, lang)


def _said(shown: Sequence[Question], lang: str) -> str:
    """The answers in short."""
    words = import_html.quality_words(lang)
    said = [
        word("import_agreed", lang)
        if one.id.startswith(AGREE)
        else words.get(str(answers().get(one.id)), _shown(one.id))
        for one in shown
    ]
    return " · ".join(dict.fromkeys(one for one in said if one))


def _shown(name: str) -> str:
    said = str(answers().get(name, ""))
    return own_datum.NAMES.get(cast(Any, said), said) if name == "datum" else said


def _answered(name: str) -> bool:
    if name.startswith(AGREE):
        return name in answers().get("agreed", ())
    return bool(answers().get(name))


def _question(project: Project, one: Question, lang: str) -> None:
    text = plain(one.text.get(lang))
    if one.id.startswith(AGREE):
        key = widget_key(f"agree-{zlib.crc32(one.id.encode())}")
        now = one.id in answers().get("agreed", ())
        st.checkbox(text, value=now, key=key, on_change=_agree, args=(one.id, key))
        return
    st.text(text)
    if one.id in ("columns", "area"):
        return
    titles = {value: plain(choice.get(lang)) for value, choice in one.choices}
    if one.id == "indicator":
        known = catalogue.load_indicators(project)
        titles = {name: item.en if lang == "en" else item.zh for name, item in known.items()}
        choice_box(one.id, text, titles, word("import_choose", lang))
        return
    if titles:
        _radio(one.id, text, titles)
    if one.id in TYPED:
        hint = {"crs": "EPSG:4549", "period": "2025", "id": "own_units", "unit": "mm"}[one.id]
        key, typed = widget_key(f"typed-{one.id}"), str(answers().get(one.id) or "")
        st.text_input(
            word(f"import_other_{one.id}", lang), value="" if typed in titles else typed, key=key,
            placeholder=hint, on_change=keep, args=(one.id, key), max_chars=80,
        )  # fmt: skip


def _radio(name: str, label: str, titles: dict[str, str]) -> None:
    """Choices of which none is taken beforehand."""
    now = answers().get(name)
    typed = bool(now) and now not in titles  # what was typed takes the choice away
    key = widget_key(f"answer-{name}{'-typed' if typed else ''}")
    st.radio(
        label,
        list(titles),
        index=list(titles).index(now) if now in titles else None,
        key=key,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        on_change=keep,
        args=(name, key),
    )


def _agree(name: str, key: str) -> None:
    agreed = set(answers().get("agreed", ()))
    now = agreed | {name} if st.session_state[key] else agreed - {name}
    answers()["agreed"] = tuple(sorted(now))


def _confirm(access: Access, found: Look, lang: str) -> None:
    """The files that are written, the button, the bar; no button for whoever may not write."""
    ready = found.ready(answers())
    st.html(import_html.step(6, word("import_step_confirm", lang), "open" if ready else ""))
    if access.folder is None:
        st.caption(word("import_only_preview", lang))
        return
    if ready:
        st.html(import_html.planned_html(found.planned(), lang))
    else:
        st.caption(word("import_not_ready", lang))
    pressed = st.button(
        word("import_confirm", lang),
        type="primary",
        disabled=not ready,
        key=widget_key("confirm"),
        width="stretch",
    )
    # A button that the page disables can still be pressed by whoever writes his own messages.
    if pressed and ready:
        _write(access, found, lang)


def _write(access: Access, found: Look, lang: str) -> None:
    assert access.folder is not None
    bar = st.progress(0.0, text=word("import_writing", lang))

    def step(share: float, what: str) -> None:
        bar.progress(min(share, 1.0), text=f"{word('import_writing', lang)} {what[-40:]}")

    try:
        done = found.write(access.folder, answers(), step)
    except BshError as error:
        bar.empty()
        shell.banner(plain(error.text(lang)))
        return
    begin(None)
    st.session_state[DONE] = done
    st.rerun()
