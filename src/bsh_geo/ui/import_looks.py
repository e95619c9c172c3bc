"""Uploaded files and the user's answers in, the look at files of that kind out."""

from __future__ import annotations

from bsh_geo.project import Project
from bsh_geo.ui.import_look import Look, Said
from bsh_geo.ui.import_own import own
from bsh_geo.ui.import_readings import readings
from bsh_geo.ui.import_steps import READINGS, TARGETS, Given
from bsh_geo.ui.import_targets import targets


def look(project: Project, given: Given, said: Said) -> Look:
    """What the files hold, as the user's answers say.

    Raises
    ------
    BshError
        A file cannot be read at all, or an answer cannot be.
    """
    if given.kind == READINGS:
        return readings(project, given, said)
    if given.kind == TARGETS:
        return targets(project, *given.one())
    return own(project, given, said)
