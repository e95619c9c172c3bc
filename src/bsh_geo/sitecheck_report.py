"""The result of a site check in, its tables and files out: 结果, 明细, 说明; CSV, Excel, GIS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import geopandas as gpd
import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from bsh_geo import catalogue, exports, listing, sitecheck, zip_files
from bsh_geo.catalogue import QUALITY_TITLES, Text
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import unknown_name
from bsh_geo.mapspec import TableView
from bsh_geo.project import Project
from bsh_geo.registers import Register
from bsh_geo.sitecheck import SiteCheck
from bsh_geo.sitecheck_words import RELATION_TITLES, amount

FORMATS = ("csv", "xlsx", "geojson", "gpkg")

KIND_TITLES = {
    "point": Text(zh="点", en="point"),
    "line": Text(zh="线", en="line"),
    "area": Text(zh="面", en="polygon"),
}

FORM_TITLES = {
    "area": Text(zh="边界", en="boundary"),
    "point": Text(zh="仅点位", en="point only"),
}

TITLES: dict[str, Text] = {
    "number": Text(zh="序号", en="No."),
    "name": Text(zh="场址", en="Site"),
    "kind": Text(zh="几何", en="Geometry"),
    "area_m2": Text(zh="场址面积 (m²)", en="Area (m²)"),
    "length_m": Text(zh="场址长度 (m)", en="Length (m)"),
    "state": Text(zh="结论", en="Result"),
    "register": Text(zh="核查对象", en="Tested against"),
    "place": Text(zh="名称", en="Place"),
    "place_kind": Text(zh="类型", en="Type"),
    "relation": Text(zh="关系", en="Relation"),
    "nearest": Text(zh="对象", en="place"),
    "distance_m": Text(zh="距离 (m)", en="Distance (m)"),
    "overlap_m2": Text(zh="重叠面积 (m²)", en="Overlap (m²)"),
    "overlap_m": Text(zh="重叠长度 (m)", en="Length inside (m)"),
    "share": Text(zh="占场址 (%)", en="Share of site (%)"),
    "buffer_m2": Text(zh="缓冲区内面积 (m²)", en="Area within buffer (m²)"),
    "form": Text(zh="对象数据", en="Known by"),
    "quality": Text(zh="质量", en="Quality"),
    "source": Text(zh="来源", en="Source"),
    "note": Text(zh="说明", en="Note"),
    "total_m2": Text(zh="合计重叠面积（并集，m²）", en="Overlap with all (union, m²)"),
    "total_m": Text(zh="合计重叠长度（并集，m）", en="Length inside any (union, m)"),
    "total_share": Text(zh="合计占场址 (%)", en="Share of site, all (%)"),
}

SHEETS = {
    "results": Text(zh="结果", en="Results"),
    "details": Text(zh="明细", en="Details"),
    "about": Text(zh="说明", en="About"),
}


def title(name: str, lang: str) -> str:
    """A column's title."""
    return TITLES[name].get(lang)


def results(found: SiteCheck, lang: str) -> pd.DataFrame:
    """A row per site, those not tested last: its state against each register, and in total."""
    sites, sums = found.sites.frame, found.sums
    made = pd.DataFrame(index=sites.index)
    made[title("number", lang)] = sites.index
    made[title("name", lang)] = sites["name"]
    made[title("kind", lang)] = [KIND_TITLES[one].get(lang) for one in sites["kind"]]
    made[title("area_m2", lang)] = sums["area_m2"].round(1)
    made[title("length_m", lang)] = sums["length_m"].round(1)
    made[title("state", lang)] = [RELATION_TITLES[one].get(lang) for one in sums["relation"]]
    for one in found.registers:
        for head, column in _of_register(found, one, lang).items():
            made[head] = column.reindex(made.index)
    for name, of in (("total_m2", "overlap_m2"), ("total_m", "overlap_m")):
        made[title(name, lang)] = sums[of].round(1)
    made[title("total_share", lang)] = sums["share"].round(2)
    left = [name for name in made if not made[name].isna().all()]
    made = pd.concat([made[left], _rejected(found, lang)], ignore_index=True)
    return made


def _of_register(found: SiteCheck, register: Register, lang: str) -> dict[str, pd.Series]:
    """The columns of a register, by site number; none where it has nothing with a location."""
    rows = found.totals[found.totals["register"] == register.id].set_index("number")
    if not len(rows):
        return {}
    short = register.short.get(lang)
    names = found.items.frame[f"name_{lang}"].to_numpy()[rows["item"]]
    said = [RELATION_TITLES[one].get(lang) for one in rows["relation"]]
    return {
        short: pd.Series(said, index=rows.index),
        f"{short} · {title('nearest', lang)}": pd.Series(names, index=rows.index),
        f"{short} · {title('distance_m', lang)}": rows["distance_m"].round(1),
        f"{short} · {title('overlap_m2', lang)}": rows["overlap_m2"].round(1),
        f"{short} · {title('overlap_m', lang)}": rows["overlap_m"].round(1),
        f"{short} · {title('share', lang)}": rows["share"].round(2),
    }


def _rejected(found: SiteCheck, lang: str) -> pd.DataFrame:
    """A row for each site that was not tested, with the reason."""
    untested = RELATION_TITLES["untested"].get(lang)
    return pd.DataFrame(
        [
            {
                title("number", lang): one.number,
                title("name", lang): one.name,
                title("state", lang): f"{untested}{'：' if lang == 'zh' else ': '}"
                f"{one.reason.get(lang)}",
            }
            for one in found.sites.rejected
        ]
    )


def details(project: Project, found: SiteCheck, lang: str) -> pd.DataFrame:
    """A row per site and place: those that meet, those in the buffer, else the nearest."""
    pairs = found.pairs
    items = found.items.frame.iloc[pairs["item"]].reset_index(drop=True)
    registers = {one.id: one.title.get(lang) for one in found.registers}
    titles = _source_titles(project, lang)
    columns: dict[str, object] = {
        "number": pairs["number"],
        "name": found.sites.frame["name"].loc[pairs["number"]].to_numpy(),
        "register": pairs["register"].map(registers),
        "place": items[f"name_{lang}"],
        "place_kind": items[f"kind_{lang}"],
        "relation": [RELATION_TITLES[one].get(lang) for one in pairs["relation"]],
        "distance_m": pairs["distance_m"].round(1),
        "overlap_m2": pairs["overlap_m2"].round(1),
        "overlap_m": pairs["overlap_m"].round(1),
        "share": pairs["share"].round(2),
        "buffer_m2": pairs["buffer_m2"].round(1),
        "form": [FORM_TITLES[one].get(lang) for one in items["form"]],
        "quality": [QUALITY_TITLES[one].get(lang) for one in items["quality"]],
        "source": [titles(one) for one in items["source"]],
        "note": items[f"note_{lang}"],
    }
    if not found.buffer_m:
        columns.pop("buffer_m2")
    made = pd.DataFrame(columns).reset_index(drop=True)
    if made["overlap_m"].isna().all():
        made = made.drop(columns="overlap_m")
    return made.rename(columns={name: title(str(name), lang) for name in made})


def _source_titles(project: Project, lang: str) -> Callable[[str], str]:
    known = catalogue.load_sources(project)
    mark = "；" if lang == "zh" else "; "
    cache: dict[str, str] = {}

    def titles(cell: str) -> str:
        if cell not in cache:
            ids = catalogue.source_ids(cell)
            cache[cell] = mark.join(known[one].title(lang) for one in ids if one in known)
        return cache[cell]

    return titles


def about(project: Project, found: SiteCheck, lang: str) -> list[tuple[str, str]]:
    """What a reader has to know: statement, method, CRS, quality, dates, notes, sources."""
    en = lang == "en"
    qualities = dict.fromkeys(found.items.frame["quality"])
    rows = [
        ("Statement" if en else "声明", sitecheck.STATEMENT.get(lang)),
        ("Method and CRS" if en else "方法与坐标系", sitecheck.METHOD.get(lang)),
        ("CRS of the sites" if en else "场址坐标系", found.sites.crs),
        (
            "Buffer" if en else "缓冲距离",
            f"{found.buffer_m:g} m" if found.buffer_m else _none(lang),
        ),
        (
            "Quality of the data" if en else "数据质量",
            (", " if en else "、").join(QUALITY_TITLES[one].get(lang) for one in qualities),
        ),
        ("Date of the data" if en else "数据时间", sitecheck.dates(project, found, lang)),
    ]
    rows += [(one.title.get(lang), one.note.get(lang)) for one in found.registers]
    rows += [
        ("Not tested" if en else "未核查", one) for one in sitecheck.untested(found, lang, 200)
    ]
    rows += [
        (f"{'Site' if en else '场址'} {one.number}", f"{one.name}: {one.reason.get(lang)}")
        for one in found.sites.rejected
    ]
    rows += [("Note" if en else "备注", one.get(lang)) for one in found.sites.notes]
    rows += [("Total" if en else "合计", one) for one in totals(found, lang)]
    rows += [("Source" if en else "来源", one) for one in sitecheck.sources(project, found, lang)]
    return rows


def _none(lang: str) -> str:
    return "none" if lang == "en" else "未设置"


def totals(found: SiteCheck, lang: str) -> tuple[str, ...]:
    """A sentence for each register, and for all of them, on what all sites share with them.

    Ground that several sites, places or registers share is counted once.
    """
    said = []
    for name, row in found.ground.iterrows():
        count, area, length = int(row["sites"]), float(row["overlap_m2"]), float(row["overlap_m"])
        if name == "all":
            what = (
                "All (shared ground counted once)" if lang == "en" else "全部对象（重复处只计一次）"
            )
        else:
            what = found.register(str(name)).title.get(lang)
        sizes = [amount(area, lang)] if area else []
        sizes += [f"{length:,.0f} m"] if length else []
        size = "".join(f"{', ' if lang == 'en' else '，'}{one}" for one in sizes)
        verb = _verb(found, str(name), lang)
        if lang == "en":
            noun = "site" if count == 1 else "sites"
            said.append(f"{what}: {count or 'no'} {noun} {verb}{size}.")
        else:
            some = f"{count} 个场址" if count else "没有场址"
            said.append(f"{what}：{some}{verb}{size}。")
    return tuple(said)


def _verb(found: SiteCheck, register: str, lang: str) -> str:
    """What counts as a conflict: of places known by a point only, holding that point."""
    forms = set(found.items.frame.loc[found.items.frame["register"] == register, "form"])
    if forms == {"point"}:
        return "holding one of its points" if lang == "en" else "含其点位"
    return "inside or overlapping" if lang == "en" else "位于其内或重叠"


def to_bytes(project: Project, found: SiteCheck, form: str, lang: str = "zh") -> bytes:
    """The result as a file: ``csv`` (details), ``xlsx`` (three sheets), ``geojson``, ``gpkg``.

    The last two hold the sites with machine names, the state against each register in columns.

    Raises
    ------
    UnknownNameError
        There is no such format.
    """
    if form == "csv":
        return listing.csv_text(details(project, found, lang)).encode("utf-8-sig")
    if form == "xlsx":
        return _xlsx(project, found, lang)
    if form in ("geojson", "gpkg"):
        return exports.to_bytes(
            TableView("sitecheck", "sitecheck", pd.DataFrame(), export(project, found)), form
        )
    raise unknown_name("格式", "format", form, FORMATS)


def export(project: Project, found: SiteCheck) -> gpd.GeoDataFrame:
    """The sites with machine names, in ``DISPLAY``."""
    sites = found.sites.frame
    made = pd.DataFrame({"number": sites.index, "name": sites["name"], "kind": sites["kind"]})
    made = made.join(found.sums.round(3))
    for one in found.registers:
        rows = found.totals[found.totals["register"] == one.id].set_index("number")
        if len(rows):
            made[f"{one.id}_relation"] = rows["relation"]
            made[f"{one.id}_place"] = found.items.frame["id"].to_numpy()[rows["item"]]
            made[f"{one.id}_distance_m"] = rows["distance_m"].round(3)
            made[f"{one.id}_overlap_m2"] = rows["overlap_m2"].round(3)
            made[f"{one.id}_overlap_m"] = rows["overlap_m"].round(3)
            made[f"{one.id}_share"] = rows["share"].round(3)
            made[f"{one.id}_quality"] = found.items.frame["quality"].to_numpy()[rows["item"]]
    made["buffer_m"] = found.buffer_m
    made["crs_measured"] = "LAEA 121.5E 31.2N, GRS80"
    made["statement"] = sitecheck.STATEMENT.zh
    made["source"] = "；".join(sitecheck.sources(project, found, "zh"))
    # A site's name is a stranger's text: GIS tables are opened in spreadsheets too.
    made["name"] = [str(exports.neutral(one)) for one in made["name"]]
    return gpd.GeoDataFrame(
        made.reset_index(drop=True), geometry=sites.geometry.to_numpy(), crs=DISPLAY
    )


def _xlsx(project: Project, found: SiteCheck, lang: str) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    tables = {"results": results(found, lang), "details": details(project, found, lang)}
    for key, rows in tables.items():
        _sheet(book.create_sheet(SHEETS[key].get(lang)), rows)
    _about(book.create_sheet(SHEETS["about"].get(lang)), about(project, found, lang))
    book.properties.creator = "bsh_geo"
    return zip_files.office_file(listing.saved(book))


def _sheet(page: Worksheet, rows: pd.DataFrame) -> None:
    """Rows with a bold head that stays in view; text is never a formula."""
    for at, name in enumerate(rows.columns, start=1):
        listing.put(page.cell(1, at), str(name), bold=True)
        for number, cell in enumerate(rows[name], start=2):
            if isinstance(cell, str):
                listing.put(page.cell(number, at), str(exports.neutral(cell)) or None)
            elif not pd.isna(cell):
                listing.put(page.cell(number, at), cell.item() if hasattr(cell, "item") else cell)
    listing.fit(page, [str(name) for name in rows.columns], rows)
    page.freeze_panes = "C2"
    page.auto_filter.ref = page.dimensions


def _about(page: Worksheet, rows: Sequence[tuple[str, str]]) -> None:
    for number, (head, text) in enumerate(rows, start=1):
        listing.put(page.cell(number, 1), head)
        listing.put(page.cell(number, 2), str(exports.neutral(text)))
        page.cell(number, 1).font = Font(bold=True)
        page.cell(number, 2).alignment = Alignment(wrap_text=True, vertical="top")
    page.column_dimensions["A"].width = 22
    page.column_dimensions["B"].width = 110
