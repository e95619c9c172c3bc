"""Reach, blind spots and probes in, the tables of a reader out, with shapes for the files."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from bsh_geo import areas, catalogue, park_access, park_people, parks
from bsh_geo.catalogue import CITY
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.mapspec import TableView
from bsh_geo.park_access import Band, Basis
from bsh_geo.park_gaps import Gaps, Probe
from bsh_geo.park_words import way
from bsh_geo.project import Project
from bsh_geo.wording import period_text

SOURCE = "bsh-park-service"

LEVELS = {
    "city": ("全市", "city"),
    "group": ("组团", "group"),
    "district": ("区", "district"),
}

SHARES = {
    "level": ("层级", "Level"),
    "area": ("区域", "Area"),
    "land_share": ("陆域覆盖率（%）", "Share of land (%)"),
    "covered_km2": ("覆盖陆域（km²）", "Land reached (km²)"),
    "land_km2": ("陆域（km²）", "Land (km²)"),
    "people_share": ("居民覆盖率（%）", "Share of residents (%)"),
    "people_covered": ("覆盖居民（人）", "Residents reached"),
    "people": ("居民（人）", "Residents"),
    "band": ("服务范围", "Band"),
    "way": ("测法", "Measured"),
    "quality": ("质量", "Quality"),
    "source": ("来源", "Source"),
    "note": ("备注", "Note"),
}

GAPS = {
    "rank": ("名次", "Rank"),
    "area": ("区", "District"),
    "area_ha": ("面积（公顷）", "Area (ha)"),
    "people": ("居民（人）", "Residents"),
    "park": ("最近的公园", "Nearest park"),
    "distance_m": ("直线距离（m）", "Straight line (m)"),
    "lon": ("经度", "Longitude"),
    "lat": ("纬度", "Latitude"),
    "band": ("服务范围", "Band"),
    "way": ("测法", "Measured"),
    "quality": ("质量", "Quality"),
    "source": ("来源", "Source"),
}

PROBE = {
    "area": ("区域", "Area"),
    "added_km2": ("新增覆盖（km²）", "Newly reached (km²)"),
    "land_share": ("现陆域覆盖率（%）", "Share of land now (%)"),
    "new_share": ("建成后（%）", "With the park (%)"),
    "people_added": ("新增居民（人）", "Residents newly reached"),
    "people_share": ("现居民覆盖率（%）", "Share of residents now (%)"),
    "new_people_share": ("建成后居民（%）", "Residents with the park (%)"),
}

PER_HEAD = {
    "area": ("区域", "Area"),
    "published_m2": ("公布的人均公园绿地（m²/人）", "Published green space per person (m²)"),
    "published_period": ("公布时期", "Period published"),
    "known_m2": ("已知公园面积人均（m²/人，下限）", "Known park area per person (m², at least)"),
    "people": ("人口（人）", "Population"),
    "year": ("人口年份", "Year of population"),
    "kind": ("人口口径", "Kind of population"),
    "per_100k": ("每10万人公园（座）", "Parks per 100,000"),
    "parks": ("名录公园（座）", "Listed parks"),
    "located": ("有位置（座）", "With a place"),
    "with_area": ("有面积（座）", "With an area"),
    "area_ha": ("已知面积（公顷）", "Known area (ha)"),
    "source": ("人口来源", "Source of population"),
}

KINDS = {
    "census": ("七普常住人口", "residents, 2020 census"),
    "published": ("公布的常住人口", "published residents"),
}


UNWALKED = (
    "道路文件中没有本区的道路，0 不是量得的。",
    "The file of ways has none in this district; its 0 is not measured.",
)


def _at(lang: str) -> int:
    return 1 if lang == "en" else 0


def _titled(rows: pd.DataFrame, titles: dict[str, tuple[str, str]], lang: str) -> pd.DataFrame:
    """The columns that ``titles`` names, in its order, under a reader's titles."""
    names = [name for name in titles if name in rows]
    return rows[names].rename(columns={name: titles[name][_at(lang)] for name in names})


def shares(of: Basis, wanted: Band, lang: str, codes: tuple[str, ...] = ()) -> TableView:
    """Reached land and residents by city, group and district; ``codes`` limits the districts.

    Its export holds what is reached of each district's land; cities and groups have no shape.
    """
    rows = park_access.shares(of, wanted)
    if codes:
        rows = rows[(rows["level"] != "district") | rows.index.isin(codes)]
    part = "组团只含有关区的一部分，这里按有关区全域计。"
    part_en = "The group takes only parts of its districts; they are counted whole."
    rows = rows.assign(
        area=[areas.area_name(of.project, str(code), lang) for code in rows.index],
        level=[LEVELS[one][_at(lang)] for one in rows["level"]],
        band=wanted.title(lang),
        way=way(of, lang),
        quality=catalogue.QUALITY_TITLES["derived"].get(lang),
        source=_source_title(of.project, lang),
        note=np.select(
            [rows["in_part"], rows.index.isin(park_access.without_ways(of))],
            [part_en if lang == "en" else part, UNWALKED[_at(lang)]],
            "",
        ),
    )
    shown = _rounded(rows, {"covered_km2": 2, "land_km2": 2, "land_share": 2, "people_share": 2})
    if of.people is None:
        shown = shown.drop(columns=["people", "people_covered", "people_share"])
    else:
        shown = _rounded(shown, {"people": 0, "people_covered": 0})
    reached = park_access.reach(of, wanted).areas.geometry.to_crs(DISPLAY)
    export = gpd.GeoDataFrame(
        shown.drop(columns="in_part").assign(code=shown.index, source=SOURCE, quality="derived"),
        geometry=reached.reindex(shown.index),
        crs=DISPLAY,
    )
    name = "公园可达" if lang == "zh" else "Park access"
    return TableView("park_access", name, _titled(shown, SHARES, lang), export, None)


def bands(of: Basis, lang: str, codes: tuple[str, ...] = ()) -> TableView:
    """Land reached within each distance and walk, straight beside on foot; residents where known.

    Its export has the land of the districts; cities and groups have no shape.
    """
    wanted = [
        park_access.band(key, of.walk.speed_m_s) for key in park_access.BANDS if key != "size"
    ]
    rows = park_access.beside(of, wanted)
    if codes:
        rows = rows[(rows["level"] != "district") | rows.index.isin(codes)]
    figures = [str(name) for name in rows if name not in ("level", "in_part")]
    rows = _rounded(rows, dict.fromkeys(figures, 2))
    rows = rows.assign(
        area=[areas.area_name(of.project, str(code), lang) for code in rows.index],
        level=[LEVELS[one][_at(lang)] for one in rows["level"]],
        note=np.where(rows.index.isin(park_access.without_ways(of)), UNWALKED[_at(lang)], ""),
    )
    titles = {name: SHARES[name] for name in ("level", "area")}
    titles |= {name: _band_title(name, of) for name in figures}
    titles |= {"note": SHARES["note"]} if (rows["note"] != "").any() else {}
    land = parks.land(of.project).geometry.to_crs(DISPLAY)
    export = gpd.GeoDataFrame(
        rows[["area", *figures, "note"]].assign(code=rows.index, source=SOURCE, quality="derived"),
        geometry=land.reindex(rows.index),
        crs=DISPLAY,
    )
    name = "各服务范围" if lang == "zh" else "Bands compared"
    return TableView("park_bands", name, _titled(rows, titles, lang), export, None)


def _band_title(name: str, of: Basis) -> tuple[str, str]:
    kind, _, key = name.partition("_")
    band = park_access.band(key, of.walk.speed_m_s)
    zh, en = {
        "straight": ("直线", "straight"),
        "walk": ("步行", "on foot"),
        "people": ("居民", "residents"),
    }[kind]
    return f"{band.title('zh')}{zh}（%）", f"{band.title('en')} {en} (%)"


def gap_rows(
    of: Basis, wanted: Band, found: Gaps, lang: str, first: int | None = None
) -> TableView:
    """Ranked blind spots with their shapes, all or the ``first`` ones."""
    places = parks.city_parks(of.project)
    names = places[f"name_{lang}"].fillna(places["name_zh"])
    patches = found.patches if first is None else found.patches.head(first)
    codes = patches["adcode"].unique()
    named = {code: areas.area_name(of.project, str(code), lang) for code in codes}
    rows = pd.DataFrame(patches.drop(columns="geometry")).assign(
        rank=patches.index,
        area=patches["adcode"].map(named),
        park=patches["park"].map(names),
        band=wanted.title(lang),
        way=way(of, lang),
        quality=catalogue.QUALITY_TITLES["derived"].get(lang),
        source=_source_title(of.project, lang),
    )
    rows = _rounded(rows, {"area_ha": 2, "distance_m": 0, "lon": 5, "lat": 5, "people": 0})
    if found.by == "area":
        rows = rows.drop(columns="people")
    export = gpd.GeoDataFrame(
        rows.reset_index(drop=True).assign(source=SOURCE, quality="derived"),
        geometry=patches.geometry.to_crs(DISPLAY).values,
        crs=DISPLAY,
    )
    name = "服务盲区" if lang == "zh" else "Blind spots"
    return TableView("park_gaps", name, _titled(rows, GAPS, lang), export, None)


def probe_rows(of: Basis, found: Probe, lang: str) -> TableView:
    """What a new park adds by district, the city in the last row, and the land it adds."""
    rows = found.rows.copy()
    rows["area"] = [areas.area_name(of.project, str(code), lang) for code in rows.index]
    city = {
        "area": areas.area_name(of.project, CITY, lang),
        "added_km2": found.added_km2,
        "land_share": found.city_share,
        "new_share": found.new_city_share,
        "people_added": found.people_added,
        "people_share": found.city_people_share,
        "new_people_share": found.new_city_people_share,
    }
    rows = pd.concat([rows, pd.DataFrame([city], index=[CITY])])
    rows = _rounded(rows, {"added_km2": 3, "people_added": 0})
    rows = _rounded(rows, {name: 3 for name in PROBE if name.endswith("share")})
    if of.people is None:
        rows = rows.drop(columns=["people_added", "people_share", "new_people_share"])
    added = gpd.GeoSeries([found.added], crs=MEASURE).to_crs(DISPLAY).iloc[0]
    kept = rows[[name for name in PROBE if name in rows]]
    shapes = [None] * (len(rows) - 1) + [added]
    export = gpd.GeoDataFrame(
        kept.assign(code=rows.index, source=SOURCE, quality="derived"), geometry=shapes, crs=DISPLAY
    )
    name = "拟建公园" if lang == "zh" else "New park"
    return TableView("park_probe", name, _titled(rows, PROBE, lang), export, None)


def per_head(project: Project, lang: str, codes: tuple[str, ...] = ()) -> pd.DataFrame:
    """Parks per head of city, groups and districts for a reader, beside the published figure."""
    rows = park_people.per_head(project)
    if codes:
        rows = rows[~rows.index.str.fullmatch(r"\d{6}") | rows.index.isin((*codes, CITY))]
    rows = rows.assign(
        area=[areas.area_name(project, str(code), lang) for code in rows.index],
        kind=[KINDS[one][_at(lang)] for one in rows["kind"]],
        people=rows["people"].astype(int),
        published_period=[
            period_text(str(one), lang) if one else "" for one in rows["published_period"]
        ],
        source=[_titles(project, str(one), lang) for one in rows["source"]],
    )
    rows = _rounded(rows, {"area_ha": 2, "known_m2": 2, "per_100k": 2})
    return _titled(rows, PER_HEAD, lang)


def _rounded(rows: pd.DataFrame, decimals: dict[str, int]) -> pd.DataFrame:
    """Figures without decimals that nobody measured."""
    return rows.assign(
        **{name: rows[name].astype(float).round(n) for name, n in decimals.items() if name in rows}
    )


def _titles(project: Project, cell: str, lang: str) -> str:
    known = catalogue.load_sources(project)
    names = [known[one].title(lang) for one in catalogue.source_ids(cell) if one in known]
    return ("；" if lang == "zh" else "; ").join(names)


def _source_title(project: Project, lang: str) -> str:
    return _titles(project, SOURCE, lang)
