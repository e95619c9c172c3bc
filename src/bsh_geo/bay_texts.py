"""What is known of a bay segment in, words of a reader out."""

from __future__ import annotations

import pandas as pd

from bsh_geo import bays, catalogue, water_figures
from bsh_geo.catalogue import Text
from bsh_geo.project import Project

TYPES = {
    "green_industry": Text(zh="绿色产业型", en="Green industry"),
    "conservation": Text(zh="生态保育型", en="Ecological conservation"),
}


def river_names(project: Project, bay: str, lang: str) -> list[str]:
    """The rivers of a segment that are under nitrogen control."""
    row = bays.account(project).segments.loc[bay]
    if lang == "zh" or not row["rivers_en"]:
        return list(row["controlled"])
    english = dict(
        zip(str(row["rivers_zh"]).split("、"), str(row["rivers_en"]).split(", "), strict=False)
    )
    return [english.get(one, one) for one in row["controlled"]]


def agreement(conflict: bool, lang: str) -> str:
    """Whether the documents give one year."""
    if lang == "en":
        return "the documents differ" if conflict else "yes"
    return "不一致" if conflict else "一致"


def state_text(state: str, lang: str) -> str:
    """Whether a segment is built, as far as anything says so."""
    if state == "built":
        return "built" if lang == "en" else "已建成"
    return "nothing published says that it is built" if lang == "en" else "未见建成的公布"


def years_text(project: Project, bay: str, lang: str) -> str:
    """Each target year of a segment with its document."""
    documents = catalogue.load_documents(project)
    targets = bays.account(project).targets
    own = targets[targets["bay"] == bay]
    years = [(str(one.document), str(one.year)) for one in own.itertuples()]
    if lang == "en":
        return "; ".join(
            f"{year or 'no year'} ({documents[code].short.en})" for code, year in years
        )
    return "；".join(
        f"{f'{year}年' if year else '未写年份'}（{documents[code].short.zh}）"
        for code, year in years
    )


def water_text(rows: pd.DataFrame, lang: str) -> str:
    """The classes of a segment's stations (of ``bays.waters``) in words, or why there are none."""
    joint = "; " if lang == "en" else "；"
    known = rows[rows["class"].notna()]
    if len(known):
        return joint.join(
            f"{one[f'name_{lang}']} {one[f'class_{lang}']} ({one['period']})"
            for _, one in known.iterrows()
        )
    if not len(rows):
        return "no station is listed" if lang == "en" else "没有列入的断面或点位"
    reasons = dict.fromkeys(water_figures.reason_text(str(one), lang) for one in rows["reason"])
    return joint.join(reasons)


def shore_text(project: Project, code: str, lang: str) -> str:
    """The measured shore of a district, and the published one with the difference beside it."""
    lengths = bays.shores(project)
    if code not in lengths.index:
        return ""
    main, islets = (float(lengths[name][code]) for name in ("shore_km", "islet_km"))
    known = {one.adcode: one for one in bays.shorelines(project).published}.get(code)
    en = lang == "en"
    text = f"{main:.1f} km, on the outline of land" if en else f"{main:.1f} km（陆域轮廓上量得）"
    if round(islets, 1):
        text += f"; islets and shoals {islets:.1f} km" if en else f"；小岛、沙洲 {islets:.1f} km"
    if known is not None:
        gap = main - known.km
        shown = f"{gap:+.1f}".replace("-", "−")
        text += (
            f"; published for the {known.of.en}: {known.km:g} km ({shown})"
            if en
            else f"；公布{known.of.zh} {known.km:g} km，相差 {shown} km"
        )
    return text
