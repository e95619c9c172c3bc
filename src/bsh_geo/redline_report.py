"""The account of the red line in, its tables for a reader out: by area, type and patch."""

from __future__ import annotations

import pandas as pd

from bsh_geo import areas, catalogue, redline
from bsh_geo.catalogue import QUALITY_TITLES, Text
from bsh_geo.errors import unknown_name
from bsh_geo.project import Project
from bsh_geo.redline import BEYOND, REST, Account

VIEWS = ("district", "type", "patch")

_AREAS = {
    REST: Text(zh="全市除上列各区", en="The city without the districts above"),
    BEYOND: Text(zh="区界外水域", en="Beyond the districts"),
}

_TITLES = {
    "area": Text(zh="区域", en="Area"),
    "type": Text(zh="红线类型", en="Type"),
    "name": Text(zh="斑块", en="Patch"),
    "official": Text(zh="公布 合计 (km²)", en="Published, all (km²)"),
    "official_land": Text(zh="公布 陆域 (km²)", en="Published, land (km²)"),
    "official_sea": Text(zh="公布 海域 (km²)", en="Published, sea (km²)"),
    "period": Text(zh="公布时期", en="Period"),
    "official_quality": Text(zh="公布值质量", en="Quality of published"),
    "stated": Text(zh="所列区", en="District stated"),
    "shape": Text(zh="{q}图形 按属性 (km²)", en="Shapes ({q}), as stated (km²)"),
    "shape_land": Text(zh="{q}图形 属性陆域 (km²)", en="Shapes ({q}), stated land (km²)"),
    "shape_sea": Text(zh="{q}图形 属性海域 (km²)", en="Shapes ({q}), stated sea (km²)"),
    "geo": Text(zh="{q}图形 按几何 (km²)", en="Shapes ({q}), by geometry (km²)"),
    "geo_land": Text(zh="{q}图形 几何陆域 (km²)", en="Shapes ({q}), on land (km²)"),
    "geo_sea": Text(zh="{q}图形 几何海域 (km²)", en="Shapes ({q}), off land (km²)"),
    "difference": Text(zh="差（几何−属性）(km²)", en="Geometry less statement (km²)"),
    "in_area": Text(zh="图形所在区", en="District by geometry"),
    "in_share": Text(zh="在所列区内 (%)", en="In the district stated (%)"),
    "quality": Text(zh="质量", en="Quality"),
    "source": Text(zh="来源", en="Source"),
}


def table(project: Project, by: str, lang: str) -> pd.DataFrame:
    """The account by ``district``, ``type`` or ``patch``, with a reader's titles; areas in km².

    Published areas have columns of their own. Columns of shapes carry the shapes' quality in
    their title, and no row sums them with published areas.

    Raises
    ------
    UnknownNameError
        There is no such view.
    """
    if by not in VIEWS:
        raise unknown_name("分法", "view", by, VIEWS)
    found = redline.account(project)
    made = {"district": _districts, "type": _types, "patch": _patches}[by](project, found, lang)
    quality = QUALITY_TITLES[found.quality].get(lang)
    numbers = made.select_dtypes("number").columns
    made[numbers] = made[numbers].round(2) + 0.0  # no minus before a zero
    titles = {name: _TITLES[str(name)].get(lang).format(q=quality) for name in made}
    return made.rename(columns=titles).reset_index(drop=True)


def _districts(project: Project, found: Account, lang: str) -> pd.DataFrame:
    published = found.official
    codes = [*published.index, *(c for c in found.districts.index if c not in published.index)]
    shapes = found.districts.reindex(codes)
    listed = published.reindex(codes)
    return pd.DataFrame(
        {
            "area": [_area(project, code, lang) for code in codes],
            "official": listed["area"],
            "official_land": listed["land"],
            "official_sea": listed["sea"],
            "period": listed["period"],
            "official_quality": [_quality(one, lang) for one in listed["quality"]],
            "shape": shapes["area"],
            "shape_land": shapes["land"],
            "shape_sea": shapes["sea"],
            "geo": shapes["geo_area"],
            "geo_land": shapes["geo_land"],
            "geo_sea": shapes["geo_sea"],
            "difference": shapes["difference"],
            "source": [_sources(project, one, lang) for one in listed["source"]],
        }
    ).astype({name: float for name in ("official", "official_land", "official_sea")})


def _types(project: Project, found: Account, lang: str) -> pd.DataFrame:
    names = found.patches.drop_duplicates("type_zh").set_index("type_zh")["type_en"]
    shapes = found.types
    titles = [str(names[one]) if lang == "en" else str(one) for one in shapes.index]
    return pd.DataFrame(
        {
            "type": titles,
            "shape": shapes["area"].to_numpy(),
            "shape_land": shapes["land"].to_numpy(),
            "shape_sea": shapes["sea"].to_numpy(),
            "geo_land": shapes["geo_land"].to_numpy(),
            "geo_sea": shapes["geo_sea"].to_numpy(),
            "difference": shapes["difference"].to_numpy(),
        }
    )


def _patches(project: Project, found: Account, lang: str) -> pd.DataFrame:
    rows = found.patches
    return pd.DataFrame(
        {
            "name": rows[f"name_{lang}"],
            "type": rows[f"type_{lang}"],
            "stated": [_area(project, one, lang) for one in rows["adcode"]],
            "geo": rows["area"],
            "geo_land": rows["land"],
            "geo_sea": rows["sea"],
            "in_area": [_area(project, one, lang) for one in rows["in_adcode"]],
            "in_share": rows["in_share"],
            "quality": [_quality(one, lang) for one in rows["quality"]],
            "source": [_sources(project, one, lang) for one in rows["source"]],
        }
    )


def _area(project: Project, code: object, lang: str) -> str:
    if code is None or pd.isna(code):  # type: ignore[call-overload]
        return ""
    known = _AREAS.get(str(code))
    return known.get(lang) if known else areas.area_name(project, str(code), lang)


def _quality(cell: object, lang: str) -> str:
    return QUALITY_TITLES[str(cell)].get(lang) if cell in QUALITY_TITLES else ""


def _sources(project: Project, cell: object, lang: str) -> str:
    if not isinstance(cell, str):
        return ""
    known = catalogue.load_sources(project)
    mark = "; " if lang == "en" else "；"
    return mark.join(known[one].title(lang) for one in catalogue.source_ids(cell) if one in known)


def notes(project: Project, lang: str) -> tuple[str, ...]:
    """What has to be said under every table of the account."""
    quality = QUALITY_TITLES[redline.account(project).quality].get(lang)
    if lang == "en":
        beside = (
            f"Published areas stand for themselves; areas of shapes are {quality}, stand beside "
            "them and are never added to them. Blank: no figure is published."
        )
    else:
        beside = (
            f"公布面积以文件为准；图形面积的质量为“{quality}”，只作并列，不计入公布面积。"
            "空白表示没有公布数值。"
        )
    return beside, redline.METHOD.get(lang)
