"""Tables of places in, rows ready to draw out: targets of bays, overlaps of wetlands, rivers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import geopandas as gpd
import pandas as pd

from bsh_geo import catalogue, frames
from bsh_geo.crs import to_measure
from bsh_geo.errors import LayerError
from bsh_geo.project import Project

BAY_TYPES = {
    "green_industry": {"zh": "绿色产业型", "en": "Green industry"},
    "conservation": {"zh": "生态保育型", "en": "Ecological conservation"},
}
CITY_OPINIONS = "000"
PLAN = "001"
NITROGEN_RIVERS = ("金汇港", "南竹港", "龙泉港")
"""国控入海河流 under total-nitrogen control, as the city opinions name them (三（三）美丽海湾)."""

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
    years) and ``conflict`` (whether documents give different years).
    """
    targets = frames.table(project, "targets")
    built = targets[(targets["indicator"] == "bay_built") & (targets["operator"] == "done")]
    found = rows.copy()
    for at, row in rows.iterrows():
        own = built[built["area"] == row["adcode"]].sort_values(["year", "document"])
        years = {str(t.document): str(t.year) for t in own.itertuples()}
        first = years.get(CITY_OPINIONS) or min(years.values(), default="")
        found.loc[at, "bay_class"] = f"{row['type']}-{first}"
        stated = _stated_years(years)
        found.loc[at, "conflict"] = len(stated) > 1
        shown = "/".join(stated)
        for lang in ("zh", "en"):
            found.loc[at, f"label_{lang}"] = f"{row[f'name_{lang}']} {shown}"
            found.loc[at, f"type_text_{lang}"] = BAY_TYPES[str(row["type"])][lang]
            found.loc[at, f"target_text_{lang}"] = _years_text(project, years, lang)
    return found


def _stated_years(years: dict[str, str]) -> list[str]:
    """The different target years of a bay, in order.

    The fifteenth plan gives no year of its own; its last year counts where no other document
    asks for an earlier one, since what is built by 2027 is built within the plan.
    """
    own = {year for code, year in years.items() if code != PLAN}
    plan = {
        year for code, year in years.items() if code == PLAN and min(own, default="9999") > year
    }
    return sorted(own | plan)


def _years_text(project: Project, years: dict[str, str], lang: str) -> str:
    """Each target year with the document that gives it."""
    documents = catalogue.load_documents(project)
    if lang == "en":
        return "; ".join(f"{year} ({documents[code].short.en})" for code, year in years.items())
    return "；".join(f"{year}年（{documents[code].short.zh}）" for code, year in years.items())


def conflict_notes(rows: pd.DataFrame, lang: str) -> tuple[str, ...]:
    """A sentence for each bay whose documents give different years."""
    if "conflict" not in rows:
        return ()
    differing = rows[rows["conflict"].astype(bool)]
    word = "各文件目标年不一致" if lang == "zh" else "the documents differ"
    mark = "：" if lang == "zh" else ": "
    return tuple(
        f"{row[f'name_{lang}']}{mark}{word}{mark}{row[f'target_text_{lang}']}"
        for _, row in differing.iterrows()
    )


def wetland_overlap(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` of wetlands with their class, shape area and overlap with the red line.

    Adds ``level_class``, ``level_zh/_en``, ``shape_km2`` (area of the shape drawn),
    ``redline_share`` (per cent of the shape inside the schematic red-line patches, NaN without a
    shape) and ``restoration_text_zh/_en`` (documents that name it for restoration).
    """
    found = rows.copy()
    found["level_class"] = found["level"].map(LEVEL_CLASS).fillna("other")
    found["level_zh"] = found["level"]
    found["level_en"] = (
        found["level"].map(LEVEL_EN).astype(object).where(found["level"].notna(), None)
    )
    found["shape_km2"] = _overlaps(project)["shape_km2"].reindex(found["id"]).to_numpy()
    found["redline_share"] = _overlaps(project)["redline_share"].reindex(found["id"]).to_numpy()
    documents = catalogue.load_documents(project)
    for lang in ("zh", "en"):
        found[f"restoration_text_{lang}"] = [
            None
            if pd.isna(cell)
            else ("、" if lang == "zh" else ", ").join(
                documents[code].short.get(lang) for code in catalogue.source_ids(str(cell))
            )
            for cell in found["restoration"]
        ]
    return found


@cache
def _overlaps(project: Project) -> pd.DataFrame:
    shapes = to_measure(frames.shapes(project, "wetland_shapes")).dissolve("id")
    redline = to_measure(frames.shapes(project, "redline_shapes")).union_all()
    area = shapes.area / 1e6
    inside = shapes.geometry.intersection(redline).area / 1e6
    return pd.DataFrame({"shape_km2": area, "redline_share": inside / area * 100})


def nitrogen_rivers(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    """The sections that lie on an inflowing river under nitrogen control."""
    return rows[rows["river_zh"].isin(NITROGEN_RIVERS)]


Derivation = Callable[[Project, pd.DataFrame], pd.DataFrame]
DERIVED: dict[str, Derivation] = {
    "bay_targets": bay_targets,
    "wetland_overlap": wetland_overlap,
    "nitrogen_rivers": nitrogen_rivers,
}

DERIVED_TITLES = {
    "type_text": {"zh": "类型", "en": "Type"},
    "target_text": {"zh": "建成目标年", "en": "To be built by"},
    "shape_km2": {"zh": "图形面积 (km²)", "en": "Area of shape (km²)"},
    "redline_share": {"zh": "与红线（示意）重叠 (%)", "en": "Inside red line (schematic) (%)"},
    "restoration_text": {"zh": "点名修复的规划", "en": "Named for restoration in"},
    "method": {"zh": "图形生成方法", "en": "How the shape was made"},
    "note": {"zh": "说明", "en": "Note"},
    "how": {"zh": "归区方式", "en": "District by"},
}


def derived_rows(project: Project, name: str | None, rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` after the derivation that a part names; unchanged where it names none."""
    if name is None:
        return rows
    if name not in DERIVED:
        raise LayerError(
            f"图层的 derive 为 {name}，可用：{'、'.join(DERIVED)}。",
            f"A layer derives {name}; known: {', '.join(DERIVED)}.",
        )
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
