"""The account of wetlands and their change in, tables with a reader's titles out."""

from __future__ import annotations

import pandas as pd

from bsh_geo import areas, catalogue, wetlands
from bsh_geo.catalogue import QUALITY_TITLES, Text
from bsh_geo.project import Project
from bsh_geo.tables import source_text
from bsh_geo.wetland_change import Change
from bsh_geo.wetlands import BEYOND, MEASURED, Account
from bsh_geo.wording import quality_title

LEVEL_EN = {
    "国际重要湿地": "Ramsar site",
    "自然保护区": "Nature reserve",
    "市级重要湿地": "Important wetland of the city",
    "湿地公园": "Wetland park",
}

_TITLES = {
    "id": Text(zh="编号", en="Id"),
    "name": Text(zh="名称", en="Name"),
    "place": Text(zh="所属湿地（归并）", en="Place (designations joined)"),
    "ids": Text(zh="名录", en="Designations"),
    "level": Text(zh="级别", en="Grade"),
    "district": Text(zh="区", en="District"),
    "area_ha": Text(zh="公布面积 (公顷)", en="Published area (ha)"),
    "area_of": Text(zh="面积取自", en="Area of"),
    "area": Text(zh="图形面积{q} (km²)", en="Shape{q} (km²)"),
    "land": Text(zh="图形 陆域{q} (km²)", en="Shape{q}, land (km²)"),
    "outside": Text(zh="图形 市外{q} (km²)", en="Shape{q}, outside the city (km²)"),
    "sea": Text(zh="图形 海域{q} (km²)", en="Shape{q}, sea (km²)"),
    "redline": Text(zh="与示意红线重叠 (km²)", en="Inside red line, schematic (km²)"),
    "redline_share": Text(zh="与示意红线重叠 (%)", en="Inside red line, schematic (%)"),
    "reserve": Text(zh="在自然保护区图形内 (km²)", en="Inside reserves, shapes (km²)"),
    "reserve_share": Text(zh="在自然保护区图形内 (%)", en="Inside reserves, shapes (%)"),
    "geo_area": Text(zh="图形落在该区 (km²)", en="Shapes lying in it (km²)"),
    "geo_land": Text(zh="图形落在该区陆域 (km²)", en="Shapes on its land (km²)"),
    "wetlands": Text(zh="名录数", en="Designations"),
    "places": Text(zh="处数", en="Places"),
    "published": Text(zh="有公布面积的处数", en="Places with a published area"),
    "shaped": Text(zh="有图形的处数", en="Places with a shape"),
    "tasks": Text(zh="点名的规划任务", en="Tasks of the plans"),
    "shape_quality": Text(zh="图形质量", en="Quality of the shape"),
    "quality": Text(zh="质量", en="Quality"),
    "source": Text(zh="来源", en="Source"),
    "document": Text(zh="文件", en="Document"),
    "quote": Text(zh="原文", en="Quote (Chinese)"),
    "year": Text(zh="年份", en="Year"),
    "note": Text(zh="说明", en="Note"),
    "before": Text(zh="前次 (km²)", en="Before (km²)"),
    "after": Text(zh="后次 (km²)", en="After (km²)"),
    "kept": Text(zh="未变 (km²)", en="Kept (km²)"),
    "gained": Text(zh="增加 (km²)", en="Gained (km²)"),
    "lost": Text(zh="减少 (km²)", en="Lost (km²)"),
    "net": Text(zh="净变化 (km²)", en="Net change (km²)"),
    "net_share": Text(zh="净变化 (%)", en="Net change (%)"),
    "state": Text(zh="变化", en="Change"),
    "match": Text(zh="对应依据", en="Matched by"),
    "figure": Text(zh="项目", en="Figure"),
    "value": Text(zh="数值", en="Value"),
}

_STATES = {
    "same": Text(zh="未变", en="unchanged"),
    "changed": Text(zh="有变化", en="changed"),
    "new": Text(zh="后次新增", en="only in the later survey"),
    "gone": Text(zh="后次没有", en="only in the earlier survey"),
}
_MATCHES = {
    "id": Text(zh="编号", en="id"),
    "name": Text(zh="名称", en="name"),
    "ground": Text(zh="范围重叠过半", en="shared ground"),
    "": Text(zh="", en=""),
}
_SHEETS = {
    "wetlands": ("湿地名录", "Designations"),
    "places": ("归并后的湿地", "Places"),
    "levels": ("按级别", "By grade"),
    "districts": ("按区", "By district"),
    "tasks": ("规划任务", "Tasks of plans"),
    "protection": ("保护率", "Protection rate"),
    "change": ("两次调查变化", "Change"),
    "about": ("说明", "About"),
}


def _sheet(name: str, lang: str) -> str:
    return _SHEETS[name][lang == "en"]


def _titled(rows: pd.DataFrame, lang: str, quality: str | None = None) -> pd.DataFrame:
    """``rows`` with a reader's titles; measured columns of sums carry the shapes' quality."""
    shown = "" if quality is None else QUALITY_TITLES[quality].get(lang)
    if shown:
        shown = f" (some {shown})" if lang == "en" else f"（含{shown}）"
    numbers = rows.select_dtypes("number").columns
    rows = rows.assign(**{name: rows[name].astype(float).round(2) + 0.0 for name in numbers})
    titles = {name: _TITLES[str(name)].get(lang).format(q=shown) for name in rows}
    return rows.rename(columns=titles).reset_index(drop=True)


def sheets(project: Project, lang: str) -> list[tuple[str, pd.DataFrame]]:
    """Every table of the account: designations, places, grades, districts, tasks, protection."""
    found = wetlands.account(project)
    made = [
        ("wetlands", _wetlands(project, found, lang)),
        ("places", _places(project, found, lang)),
        ("levels", _levels(found, lang)),
        ("districts", _districts(project, found, lang)),
        ("tasks", _tasks(project, found, lang)),
        ("protection", _protection(project, lang)),
        ("about", _about(project, lang)),
    ]
    return [(_sheet(name, lang), rows) for name, rows in made]


def level_text(level: object, lang: str) -> str:
    """A grade as a reader writes it; what a missing one means."""
    if not isinstance(level, str) or not level:
        return "no grade found" if lang == "en" else "未见定级"
    return LEVEL_EN.get(level, level) if lang == "en" else level


def _names(found: Account, ids: tuple[str, ...], lang: str) -> str:
    joint = "; " if lang == "en" else "；"
    return joint.join(str(found.wetlands.at[one, f"name_{lang}"]) for one in ids)


def _wetlands(project: Project, found: Account, lang: str) -> pd.DataFrame:
    rows = found.wetlands
    made = pd.DataFrame(
        {
            "id": rows["id"],
            "name": rows[f"name_{lang}"],
            "level": [level_text(one, lang) for one in rows["level"]],
            "place": [found.places.at[one, f"name_{lang}"] for one in rows["place"]],
            "district": [areas.area_name(project, str(one), lang) for one in rows["adcode"]],
            "area_ha": rows["area_ha"],
            **{name: rows[name] for name in MEASURED},
            "redline_share": rows["redline_share"],
            "reserve_share": rows["reserve_share"],
            "shape_quality": [quality_title(one, lang) for one in rows["shape_quality"]],
            "quality": [quality_title(one, lang) for one in rows["quality"]],
            "source": [source_text(project, one, lang) for one in rows["source"]],
            "note": rows[f"note_{lang}"].fillna(""),
        }
    )
    return _titled(made, lang)


def task_text(project: Project, found: Account, codes: tuple[str, ...], lang: str) -> str:
    """Documents and years of the targets that name a place."""
    documents = catalogue.load_documents(project)
    texts = []
    for code in codes:
        row = found.tasks.loc[code]
        short = documents[str(row["document"])].short.get(lang)
        year: str = "" if pd.isna(row["year"]) else str(row["year"])
        texts.append(f"{short} {year}".strip() if lang == "en" else f"{short}{year}")
    return ("; " if lang == "en" else "；").join(dict.fromkeys(texts))


def _places(project: Project, found: Account, lang: str) -> pd.DataFrame:
    rows = found.places
    joint = ", " if lang == "en" else "、"
    made = pd.DataFrame(
        {
            "name": rows[f"name_{lang}"],
            "ids": [_names(found, ids, lang) for ids in rows["ids"]],
            "level": [
                joint.join(level_text(one, lang) for one in levels) or level_text("", lang)
                for levels in rows["levels"]
            ],
            "district": [areas.area_name(project, str(one), lang) for one in rows["adcode"]],
            "area_ha": rows["area_ha"],
            "area_of": [
                "" if pd.isna(one) else _names(found, (str(one),), lang) for one in rows["area_of"]
            ],
            **{name: rows[name] for name in MEASURED},
            "redline_share": rows["redline_share"],
            "reserve_share": rows["reserve_share"],
            "tasks": [task_text(project, found, codes, lang) for codes in rows["tasks"]],
        }
    )
    return _titled(made, lang, found.quality)


_COUNTS = ("wetlands", "places", "published", "area_ha", "shaped")


def _levels(found: Account, lang: str) -> pd.DataFrame:
    rows = pd.concat([found.levels, found.total.to_frame("total").T.infer_objects()])
    made = rows[[*_COUNTS, *MEASURED, "redline_share", "reserve_share"]].copy()
    titles = [level_text(one, lang) for one in found.levels.index]
    every = "All (each place once)" if lang == "en" else "合计（每处一次）"
    made.insert(0, "level", [*titles, every])
    return _titled(made, lang, found.quality)


def _districts(project: Project, found: Account, lang: str) -> pd.DataFrame:
    rows = found.districts
    made = rows[[*_COUNTS, *MEASURED, "geo_area", "geo_land"]].copy()
    beyond = "Beyond the districts" if lang == "en" else "区界外水域及市外"
    names = [
        beyond if code == BEYOND else areas.area_name(project, code, lang) for code in rows.index
    ]
    made.insert(0, "district", names)
    return _titled(made, lang, found.quality)


def _tasks(project: Project, found: Account, lang: str) -> pd.DataFrame:
    documents = catalogue.load_documents(project)
    unlinked = "not linked to a place" if lang == "en" else "未对应到名录中的湿地"
    rows = found.tasks
    made = pd.DataFrame(
        {
            "document": [documents[str(one)].short.get(lang) for one in rows["document"]],
            "quote": rows["quote"],
            "year": ["" if pd.isna(one) else str(one) for one in rows["year"]],
            "district": [areas.area_name(project, str(one), lang) for one in rows["area"]],
            "places": [
                ("; " if lang == "en" else "；").join(
                    str(found.places.at[one, f"name_{lang}"])
                    for one in places
                    if one in found.places.index
                )
                or unlinked
                for places in rows["places"]
            ],
            "note": [one.get(lang) if isinstance(one, Text) else "" for one in rows["note"]],
        }
    )
    title = "Places named" if lang == "en" else "对应的湿地"
    return _titled(made, lang).rename(columns={_TITLES["places"].get(lang): title})


def _protection(project: Project, lang: str) -> pd.DataFrame:
    found = wetlands.protection(project)
    en = lang == "en"
    if found is None:
        return pd.DataFrame(columns=[_TITLES[one].get(lang) for one in ("figure", "value", "note")])
    year = f" ({found.period})" if en else f"（{found.period}年）"
    total = found.total_ha
    lines = [
        (
            f"Published protection rate{year}, %" if en else f"公布的湿地保护率{year}，%",
            found.published,
            source_text(project, found.source, lang),
        ),
        (
            f"Wetlands of the city{year}, ha" if en else f"全市湿地面积{year}，公顷",
            total,
            "" if total else ("not published for that year" if en else "该年未见公布"),
        ),
        (
            "Graded wetlands of the list, published areas, ha"
            if en
            else "名录中已定级湿地的公布面积，公顷",
            found.listed_ha,
            f"{found.listed} places, each once; {found.without} more have no published area"
            if en
            else f"{found.listed} 处，每处一次；另有 {found.without} 处没有公布面积",
        ),
        (
            "Their share of the city's wetlands, %" if en else "占全市湿地面积，%",
            None if found.listed_share is None else round(found.listed_share, 2),
            "a lower bound: the list is not complete, so the published rate stands"
            if en
            else "名录不全，只是下限，不替代公布的保护率",
        ),
    ]
    return pd.DataFrame(
        lines, columns=[_TITLES[one].get(lang) for one in ("figure", "value", "note")]
    )


def _about(project: Project, lang: str) -> pd.DataFrame:
    lines = list(statements(project, lang))
    for place in wetlands.declared_places(project).place:
        members = ", ".join(place.members)
        lines.append(f"{place.title.get(lang)} = {members}: {place.basis.get(lang)}")
    return pd.DataFrame({_sheet("about", lang): lines})


def statements(project: Project, lang: str) -> list[str]:
    """What every reader of the account is told."""
    found = wetlands.account(project)
    total = found.total
    quality = QUALITY_TITLES[found.quality].get(lang)
    if lang == "en":
        counted = (
            f"{total['wetlands']} designations are {total['places']} places; {total['published']} "
            f"have a published area, {total['shaped']} a shape (some {quality}). Sums of shapes "
            "are no official totals."
        )
    else:
        counted = (
            f"{total['wetlands']} 项名录归并为 {total['places']} 处；"
            f"{total['published']} 处有公布面积，{total['shaped']} 处有图形（含{quality}）。"
            "图形面积之和不是官方总数。"
        )
    return [counted, wetlands.METHOD.get(lang)]


def change_sheets(
    found: Change, sketched: frozenset[str], lang: str
) -> list[tuple[str, pd.DataFrame]]:
    """The change of each wetland, all of them together in the last row.

    ``sketched`` are ids of the earlier survey whose extents are sketches; their rows say so, and so
    does the total.
    """
    en = lang == "en"
    rows = found.wetlands
    made = pd.DataFrame({"id": rows["id"], "name": rows[f"name_{lang}"]})
    numbers = list(found.total.index)
    for name in numbers:
        made[name] = rows[name]
    made["state"] = [_STATES[one].get(lang) for one in rows["state"]]
    made["match"] = [_MATCHES[one].get(lang) for one in rows["match"]]
    last: dict[str, object] = dict.fromkeys(made.columns, "")
    last |= {"name": "All, shared ground once" if en else "合计（重叠只计一次）", **found.total}
    made = pd.concat([made, pd.DataFrame([last])], ignore_index=True)
    made[numbers] = made[numbers].astype(float).round(4) + 0.0
    if sketched:
        told = "earlier extent is schematic" if en else "前次为示意范围，不是官方变化量"
        marks = [told if one in sketched else "" for one in rows["before_id"]]
        made["note"] = [*marks, told if any(marks) else ""]
    titles = {name: _TITLES[str(name)].get(lang) for name in made}
    return [(_sheet("change", lang), made.rename(columns=titles))]
