"""Parts of a layer in, drawn parts out: areas, points and what points serve."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from bsh_geo import areas, frames, join, parks, places, water_map
from bsh_geo.areas import Selection
from bsh_geo.catalogue import Part
from bsh_geo.choropleth import INK, POINT_RADIUS
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.errors import LayerError
from bsh_geo.mapspec import Built, DrawnPart, LegendBlock, LegendItem, Style
from bsh_geo.project import Project
from bsh_geo.wording import fact_texts, fact_title

SERVICE_TOLERANCE_M = 3.0
"""Display simplification of service circles; their areas are measured before it."""


SIZES_HA = (1.0, 10.0, 100.0)


def build(
    project: Project, part: Part, selection: Selection, lang: str, water: str | None = None
) -> Built:
    """A part of a layer inside the selection, whatever its kind.

    ``water`` is the period of classes of water, by default the newest month with readings.
    """
    if part.kind == "service":
        return _service(project, part, selection, lang)
    if part.kind == "raster":
        from bsh_geo import land_layer  # GDAL is loaded for a layer that needs it

        return land_layer.build(project, part, selection, lang)
    table = places.derived_rows(project, part.derive, frames.table(project, part.dataset), water)
    rows = _within(project, part, pd.DataFrame(table), selection)
    return (
        _areas(project, part, rows, lang)
        if part.kind == "areas"
        else _points(project, part, rows, lang)
    )


def _within(project: Project, part: Part, rows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """The rows of a part that belong to the selection, by stated district or by geometry."""
    if part.district == "geometry":
        key = frames.dataset_of(project, part.dataset).key[0]
        points = frames.points(project, part.dataset).set_index(key, drop=False)
        joined = join.to_districts(points, frames.boundary(project, "districts"))
        rows = rows.assign(
            adcode=joined["adcode"].reindex(rows[key]).to_numpy(),
            how=joined["how"].reindex(rows[key]).to_numpy(),
        )
    if selection.is_city or "adcode" not in rows:
        return rows
    return rows[rows["adcode"].isin(selection.codes)]


def category_styles(part: Part, dashed: bool, width: float = 1.1) -> dict[str, Style]:
    return {
        one.key: Style(one.fill, one.stroke, width, dashed, one.hatch, 0.72 if dashed else 1.0)
        for one in part.categories
    }


def _plain_styles(part: Part) -> dict[str, Style]:
    colour = part.colour or "#1f6f78"
    return {
        "all": Style(colour, "#ffffff", 0.8, opacity=0.85),
        "unsized": Style("#ffffff", colour, 1.0, opacity=0.9),
    }


def _keys(part: Part, rows: pd.DataFrame) -> pd.Series:
    if part.classify is None:
        return pd.Series("all", index=rows.index)
    known = {one.key for one in part.categories}
    keys = rows[part.classify].map(lambda cell: str(cell).lower() if cell is not None else "")
    unknown = keys[~keys.isin(known)]
    if len(unknown):
        raise LayerError(
            f"内容 {part.id} 的 {part.classify} 有值“{unknown.iloc[0]}”，图层只声明了"
            f" {'、'.join(sorted(known))}。",
            f"The {part.classify} of {part.id} is “{unknown.iloc[0]}”; the layer declares only "
            f"{', '.join(sorted(known))}.",
        )
    return keys


def _lines(
    project: Project, part: Part, rows: pd.DataFrame, lang: str
) -> list[tuple[tuple[str, str], ...]]:
    titles = [fact_title(project, part, name, lang) for name in part.facts]
    texts = [fact_texts(project, name, rows, lang) for name in part.facts]
    if not texts:
        return [()] * len(rows)
    return [
        tuple((title, text) for title, text in zip(titles, row, strict=True) if text)
        for row in zip(*texts, strict=True)
    ]


def _areas(project: Project, part: Part, rows: pd.DataFrame, lang: str) -> Built:
    drawn = places.with_shapes(project, rows, part.shapes)
    styles = category_styles(part, True)
    solid = {f"{key}|solid": _solid(style) for key, style in styles.items()}
    frame = gpd.GeoDataFrame(geometry=drawn.geometry.values, crs=DISPLAY)
    frame.index = pd.Index(_feature_ids(drawn))
    keys = _keys(part, drawn).to_numpy()
    frame["key"] = [
        key if quality == "schematic" else f"{key}|solid"
        for key, quality in zip(keys, drawn["quality"], strict=True)
    ]
    frame["name"] = drawn[f"name_{lang}"].to_numpy()
    frame["label"] = drawn.get(f"label_{lang}", drawn[f"name_{lang}"]).to_numpy()
    frame["lines"] = _lines(project, part, drawn, lang)
    found = [DrawnPart(part.id, part.title.get(lang), "area", frame, {**styles, **solid})]
    rest = _unshaped(project, part, rows, drawn)
    if len(rest):
        found.append(_point_part(project, part, rest, lang, f"{part.id}-points"))
    located = set(drawn["id"]) | set(rest["id"] if len(rest) else [])
    missing = int((~rows["id"].isin(located)).sum())
    return Built(
        tuple(found),
        _with_shape_columns(rows, drawn),
        _area_legend(part, frame, rest, lang),
        missing,
        schematic=bool((drawn["quality"] == "schematic").any()),
        notes=places.conflict_notes(rows, lang),
    )


def _solid(style: Style) -> Style:
    return Style(style.fill, style.stroke, style.width, False, style.hatch, style.opacity)


def _feature_ids(drawn: pd.DataFrame) -> list[str]:
    count = drawn.groupby("id").cumcount()
    return [
        f"{one}" if number == 0 else f"{one}-{number}"
        for one, number in zip(drawn["id"], count, strict=True)
    ]


def _with_shape_columns(rows: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """The table's rows with the shapes' columns that a reader needs, summed over pieces."""
    extra = [c for c in drawn.columns if c not in rows.columns and c != "geometry"]
    if not len(drawn) or not extra:
        return rows
    numeric = {c: "sum" if pd.api.types.is_numeric_dtype(drawn[c]) else "first" for c in extra}
    return rows.merge(drawn.groupby("id").agg(numeric).reset_index(), on="id", how="left")


def _unshaped(
    project: Project, part: Part, rows: pd.DataFrame, drawn: pd.DataFrame
) -> gpd.GeoDataFrame:
    dataset = frames.dataset_of(project, part.dataset)
    rest = rows[~rows["id"].isin(drawn["id"])]
    if not (dataset.lon and dataset.lat):
        return gpd.GeoDataFrame(rest.iloc[0:0].copy(), geometry=[], crs=DISPLAY)
    rest = rest[rest[dataset.lon].notna()]
    points = gpd.points_from_xy(rest[dataset.lon], rest[dataset.lat], crs=dataset.crs)
    return gpd.GeoDataFrame(rest.copy(), geometry=points).to_crs(DISPLAY)


def _area_legend(
    part: Part, frame: gpd.GeoDataFrame, points: pd.DataFrame, lang: str
) -> LegendBlock:
    styles = {**category_styles(part, True)}
    used = set(frame["key"])
    items = []
    for one in part.categories:
        if one.key in used:
            items.append(LegendItem(one.title.get(lang), styles[one.key]))
        elif f"{one.key}|solid" in used:
            items.append(LegendItem(one.title.get(lang), _solid(styles[one.key])))
    if len(points):
        title = {"zh": "仅有点位（范围未见公布）", "en": "Point only (no extent published)"}[lang]
        items.append(LegendItem(title, Style("#ffffff", INK, 1.1), "point", POINT_RADIUS))
    if any(key and not key.endswith("|solid") for key in used):
        title = {"zh": "虚线轮廓：示意范围", "en": "Dashed outline: schematic extent"}[lang]
        items.append(LegendItem(title, Style(None, INK, 1.1, dashed=True)))
    return LegendBlock(part.title.get(lang), "", tuple(items))


def _points(project: Project, part: Part, rows: pd.DataFrame, lang: str) -> Built:
    dataset = frames.dataset_of(project, part.dataset)
    located = rows[rows[str(dataset.lon)].notna()]
    points = gpd.points_from_xy(located[dataset.lon], located[dataset.lat], crs=dataset.crs)
    frame = gpd.GeoDataFrame(located.copy(), geometry=points).to_crs(DISPLAY)
    drawn = _point_part(project, part, frame, lang, part.id)
    flagged = int((rows["how"] == "near").sum()) if "how" in rows else 0
    legend = _point_legend(part, drawn, lang) if len(frame) else None
    return Built(
        (drawn,),
        rows,
        legend,
        len(rows) - len(located),
        flagged,
        notes=water_map.notes(part.title.get(lang), rows, lang),
        sources=water_map.sources(rows),
        water=water_map.shown_period(rows, lang),
    )


def _point_part(
    project: Project, part: Part, rows: gpd.GeoDataFrame, lang: str, part_id: str
) -> DrawnPart:
    key = frames.dataset_of(project, part.dataset).key[0]
    frame = gpd.GeoDataFrame(geometry=rows.geometry.values, crs=DISPLAY)
    frame.index = pd.Index(rows[key].astype(str))
    sizes = rows[part.size] if part.size else pd.Series(dtype=float)
    frame["radius"] = [point_radius(size) for size in sizes] if part.size else POINT_RADIUS
    keys = _keys(part, rows)
    if part.size:
        keys = keys.where(sizes.notna(), "unsized")
    frame["key"] = keys.to_numpy()
    frame["name"] = rows[f"name_{lang}"].fillna(rows["name_zh"]).to_numpy()
    frame["lines"] = _lines(project, part, rows, lang)
    styles = {**category_styles(part, False), **_plain_styles(part)}
    if part.kind == "areas":
        styles = {key: Style("#ffffff", INK, 1.1) for key in styles}
    return DrawnPart(part_id, part.title.get(lang), "point", frame, styles)


def point_radius(area_ha: float | None) -> float:
    """Radius in pixels of a park's point: area grows with the park's, within readable limits."""
    if area_ha is None or pd.isna(area_ha):
        return 2.6
    return float(min(11.0, 2.4 + 0.8 * area_ha**0.5))


def _point_legend(part: Part, drawn: DrawnPart, lang: str) -> LegendBlock:
    styles = drawn.styles
    used = set(drawn.frame["key"])
    items = [
        LegendItem(one.title.get(lang), styles[one.key], "point", POINT_RADIUS)
        for one in part.categories
        if one.key in used
    ]
    if part.size and "all" in used:
        items += [
            LegendItem(
                f"{size:g} 公顷" if lang == "zh" else f"{size:g} ha",
                styles["all"],
                "point",
                point_radius(size),
            )
            for size in SIZES_HA
        ]
    elif "all" in used:
        items.append(LegendItem(part.title.get(lang), styles["all"], "point", POINT_RADIUS))
    if part.size and "unsized" in used:
        title = {"zh": "面积未见公布", "en": "area not published"}[lang]
        items.append(LegendItem(title, styles["unsized"], "point", point_radius(None)))
    return LegendBlock(part.title.get(lang), "", tuple(items))


def _service(project: Project, part: Part, selection: Selection, lang: str) -> Built:
    codes = list(areas.all_codes(project, selection))
    served = parks.service_areas(project, parks.radii_of(part), part.dataset, part.shapes)
    covered = served.loc[codes]
    shown = covered.geometry.simplify(SERVICE_TOLERANCE_M)
    keep = ~shown.is_empty
    frame = gpd.GeoDataFrame(geometry=shown[keep].values, crs=MEASURE).to_crs(DISPLAY)
    frame.geometry = frame.geometry.set_precision(1e-5)
    frame.index = pd.Index(
        [f"service-{code}" for code, one in zip(codes, keep, strict=True) if one]
    )
    frame["key"] = "all"
    frame["name"] = [
        areas.area_name(project, code, lang) for code, one in zip(codes, keep, strict=True) if one
    ]
    frame["lines"] = [
        (
            (
                part.title.get(lang),
                f"{covered.at[code.removeprefix('service-'), 'covered_km2']:.1f} km²",
            ),
        )
        for code in frame.index
    ]
    colour = part.colour or "#2f6b4a"
    style = Style(colour, colour, 0.7, opacity=0.5)
    drawn = DrawnPart(part.id, part.title.get(lang), "area", frame, {"all": style})
    legend = LegendBlock(part.title.get(lang), "", (LegendItem(part.title.get(lang), style),))
    rows = pd.DataFrame(covered[["covered_km2", "land_km2"]])
    return Built((drawn,), rows, legend, notes=parks.radius_notes(part, lang))
