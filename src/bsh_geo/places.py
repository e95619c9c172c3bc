"""Tables of places in, rows ready to draw out: targets of bays, overlaps of wetlands, rivers."""

from __future__ import annotations

import re
from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from bsh_geo import bay_texts, bays, catalogue, frames, redline, water_map, wetlands
from bsh_geo.errors import BshError, LayerError
from bsh_geo.project import Project

CITY_OPINIONS = "000"

Derivation = Callable[[Project, pd.DataFrame], pd.DataFrame]

LEVEL_CLASS = {
    "国际重要湿地": "ramsar",
    "自然保护区": "reserve",
    "市级重要湿地": "municipal",
    "湿地公园": "park",
}


LEVEL_EN = {
    "国际重要湿地": "Ramsar site",
    "自然保护区": "Nature reserve",
    "市级重要湿地": "Important wetland of the city",
    "湿地公园": "Wetland park",
}


def bay_targets(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` of bays with the target years of every document that names them.

    Adds ``bay_class`` (type and the year of the city opinions, else of the other document),
    ``type_text_*``, ``target_text_*`` (each year with its document), ``label_*`` (name and
    years), ``conflict`` (whether documents give different years), and texts of the segment:
    ``shore_text_*``, ``controlled_text_*``, ``state_text_*``, ``water_text_*``.
    """
    targets = frames.table(project, "targets")
    built = targets[(targets["indicator"] == bays.BUILT) & (targets["operator"] == "done")]
    found = rows.copy()
    segments, waters = bays.account(project).segments, _waters(project)
    for at, row in rows.iterrows():
        own = built[built["area"] == row["adcode"]].sort_values(["year", "document"])
        years = {str(t.document): str(t.year) for t in own.itertuples()}
        first = years.get(CITY_OPINIONS) or min(years.values(), default="")
        found.loc[at, "bay_class"] = f"{row['type']}-{first}"
        stated = bays.stated_years(years)
        found.loc[at, "conflict"] = len(stated) > 1
        shown = "/".join(stated)
        for lang in ("zh", "en"):
            found.loc[at, f"label_{lang}"] = f"{row[f'name_{lang}']} {shown}"
            found.loc[at, f"type_text_{lang}"] = bay_texts.TYPES[str(row["type"])].get(lang)
            found.loc[at, f"target_text_{lang}"] = _years_text(project, years, lang)
            found.loc[at, f"shore_text_{lang}"] = bay_texts.shore_text(
                project, str(row["adcode"]), lang
            )
            if row["id"] in segments.index:
                for name, text in _bay_texts(project, str(row["id"]), waters, lang).items():
                    found.loc[at, f"{name}_{lang}"] = text
    return found


def _waters(project: Project) -> pd.DataFrame | BshError:
    """The stations of the bays; the fault of a database does not keep the bays from being drawn."""
    try:
        return bays.waters(project)
    except BshError as fault:
        return fault


def _bay_texts(
    project: Project, bay: str, waters: pd.DataFrame | BshError, lang: str
) -> dict[str, str]:
    """What is said of a segment of the project's own table."""
    state = str(bays.account(project).segments.at[bay, "state"])
    return {
        "controlled_text": ("、" if lang == "zh" else ", ").join(
            bay_texts.river_names(project, bay, lang)
        ),
        "state_text": bay_texts.state_text(state, lang),
        "water_text": waters.text(lang)
        if isinstance(waters, BshError)
        else bay_texts.water_text(waters[waters["bay"] == bay], lang),
    }


def _years_text(project: Project, years: dict[str, str], lang: str) -> str:
    """Each target year with the document that gives it."""
    documents = catalogue.load_documents(project)
    if lang == "en":
        return "; ".join(f"{year} ({documents[code].short.en})" for code, year in years.items())
    return "；".join(f"{year}年（{documents[code].short.zh}）" for code, year in years.items())


def conflict_notes(rows: pd.DataFrame, lang: str) -> tuple[str, ...]:
    """One sentence naming the bays whose documents give different years, and the years.

    The document of each year stands with the targets and in the table.
    """
    if "conflict" not in rows:
        return ()
    differing = rows[rows["conflict"].astype(bool)]
    if differing.empty:
        return ()
    named = []
    for _, row in differing.iterrows():
        years = sorted(set(re.findall(r"(?:^|; )(\d{4}) \(", str(row["target_text_en"]))))
        name = row[f"name_{lang}"]
        zh, en = f"{name}{'、'.join(years)}年", f"{name} {', '.join(years)}"
        named.append(zh if lang == "zh" else en)
    if lang == "zh":
        return (f"各文件的建成目标年不一致：{'；'.join(named)}。各年出自哪份文件见目标与数据表。",)
    return (
        f"The documents give different target years: {'; '.join(named)}. "
        "Which document gives which year stands with the targets and in the table.",
    )


def wetland_overlap(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` of wetlands with their class, shape area and overlaps.

    Adds ``level_class``, ``level_zh/_en``, ``shape_km2`` (area of the shape drawn),
    ``redline_share`` and ``reserve_share`` (per cent of the shape inside the schematic red-line
    patches and inside the shapes of reserves; NaN without a shape), ``realm_text_zh/_en`` (its land
    and sea), ``also_text_zh/_en`` (other designations of the same place) and
    ``restoration_text_zh/_en`` (documents that name it for restoration).
    """
    found = rows.copy()
    found["level_class"] = found["level"].map(LEVEL_CLASS).fillna("other")
    found["level_zh"] = found["level"]
    found["level_en"] = (
        found["level"].map(LEVEL_EN).astype(object).where(found["level"].notna(), None)
    )
    measured = wetlands.measured(project).reindex(found["id"])
    found["shape_km2"] = measured["area"].to_numpy()
    for name in ("redline_share", "reserve_share"):
        found[name] = measured[name].to_numpy()
    for lang in ("zh", "en"):
        found[f"realm_text_{lang}"] = [_realm(row, lang) for _, row in measured.iterrows()]
        found[f"also_text_{lang}"] = [_also(project, str(one), lang) for one in found["id"]]
        found[f"restoration_text_{lang}"] = [
            _documents(project, cell, lang) for cell in found["restoration"]
        ]
    return found


def _realm(row: pd.Series, lang: str) -> str | None:
    """The land and sea of a shape; what lies on neither is outside the city."""
    if pd.isna(row["area"]):
        return None
    titles = {
        "land": ("陆域", "land"),
        "outside": ("市外", "outside the city"),
        "sea": ("海域", "sea"),
    }
    parts = [
        f"{title[lang == 'en']} {row[name]:.2f} km²"
        for name, title in titles.items()
        if round(row[name], 2)
    ]
    return (", " if lang == "en" else "，").join(parts)


def _also(project: Project, wetland: str, lang: str) -> str | None:
    """The other designations of a wetland's place, with their grades."""
    own = next(
        (one.members for one in wetlands.declared_places(project).place if wetland in one.members),
        (),
    )
    table = frames.table(project, wetlands.TABLE).set_index("id")
    others = [one for one in own if one != wetland and one in table.index]
    texts = [
        str(table.at[one, f"name_{lang}"]) + _grade(table.at[one, "level"], lang) for one in others
    ]
    return ("; " if lang == "en" else "；").join(texts) or None


def _grade(level: object, lang: str) -> str:
    if not isinstance(level, str):
        return ""
    return f" ({LEVEL_EN.get(level, level)})" if lang == "en" else f"（{level}）"


def _documents(project: Project, cell: object, lang: str) -> str | None:
    """The short titles of the documents of a cell."""
    if not isinstance(cell, str):
        return None
    known = catalogue.load_documents(project)
    codes = catalogue.source_ids(cell)
    return ("、" if lang == "zh" else ", ").join(known[code].short.get(lang) for code in codes)


def nitrogen_rivers(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    """The sections that lie on an inflowing river under nitrogen control."""
    return rows[rows["river_zh"].isin(bays.controlled_rivers(project))]


DERIVED: dict[str, Derivation] = {
    "bay_targets": bay_targets,
    "wetland_overlap": wetland_overlap,
    "nitrogen_rivers": nitrogen_rivers,
    "redline_split": redline.split,
}

NAMES = (*DERIVED, *water_map.NETWORKS)
"""Everything that a part may derive."""

DERIVED_TITLES = {
    "type_text": {"zh": "类型", "en": "Type"},
    "target_text": {"zh": "建成目标年", "en": "To be built by"},
    "shape_km2": {"zh": "图形面积 (km²)", "en": "Area of shape (km²)"},
    "redline_share": {"zh": "与红线（示意）重叠 (%)", "en": "Inside red line (schematic) (%)"},
    "land_km2": {"zh": "图形陆域部分 (km²)", "en": "Shape on land (km²)"},
    "sea_km2": {"zh": "图形海域部分 (km²)", "en": "Shape off land (km²)"},
    "in_area": {"zh": "图形所在区", "en": "District of the shape"},
    "reserve_share": {
        "zh": "在自然保护区图形内 (%)",
        "en": "Inside shapes of reserves (%)",
    },
    "realm_text": {"zh": "图形的陆与海", "en": "Land and sea of the shape"},
    "also_text": {"zh": "同一处的其他名录", "en": "Also listed as"},
    "shore_text": {"zh": "岸线", "en": "Shore"},
    "controlled_text": {"zh": "总氮控制河流", "en": "Rivers under nitrogen control"},
    "class_text": {"zh": "水质类别", "en": "Class"},
    "items_text": {"zh": "定类项目", "en": "Deciding items"},
    "graded_text": {"zh": "参评均值", "en": "Means graded"},
    "missing_text": {"zh": "缺测", "en": "Missing"},
    "standard_text": {"zh": "标准", "en": "Standard"},
    "readings_text": {"zh": "读数来源", "en": "Source of the readings"},
    "period_text": {"zh": "时期", "en": "Period"},
    "reason_text": {"zh": "无类别的原因", "en": "Why no class"},
    "state_text": {"zh": "状态", "en": "State"},
    "water_text": {"zh": "水质", "en": "Water quality"},
    "restoration_text": {"zh": "点名修复的规划", "en": "Named for restoration in"},
    "method": {"zh": "图形生成方法", "en": "How the shape was made"},
    "note": {"zh": "说明", "en": "Note"},
    "how": {"zh": "归区方式", "en": "District by"},
}


def derived_rows(
    project: Project, name: str | None, rows: pd.DataFrame, water: str | None = None
) -> pd.DataFrame:
    """``rows`` after the derivation that a part names; unchanged where it names none.

    ``water`` is the period of classes of water, by default the newest month.
    """
    if name is None:
        return rows
    if name not in NAMES:
        raise LayerError(
            f"图层的 derive 为 {name}，可用：{'、'.join(NAMES)}。",
            f"A layer derives {name}; known: {', '.join(NAMES)}.",
        )
    if name in water_map.NETWORKS:
        return water_map.classes(project, water_map.NETWORKS[name], rows, water)
    return DERIVED[name](project, rows)


def with_shapes(project: Project, rows: pd.DataFrame, shapes: str | None) -> gpd.GeoDataFrame:
    """``rows`` joined by ``id`` to their shapes; a place in several pieces has several rows.

    Adds the shape's own columns that the table does not have (method, realm, area_km2 as
    ``shape_km2``) and takes the shape's quality over the row's.
    """
    if shapes is None:
        return gpd.GeoDataFrame(rows.iloc[0:0].copy(), geometry=[], crs="EPSG:4326")
    drawn = frames.shapes(project, shapes).rename(columns={"area_km2": "shape_km2"})
    own = [name for name in drawn.columns if name not in rows.columns]
    joined = drawn[["id", "quality", *own]].merge(rows.drop(columns="quality"), on="id")
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=drawn.crs)
