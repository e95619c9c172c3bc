"""Sites and the registers of protected places in, how each stands to each of them out (选址核查).

Inside, overlapping, touching or how far away; the ground shared, by place and, counted once, in
total. Nothing is said about places without a location: they are named as not tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from bsh_geo import catalogue, frames, registers, relations
from bsh_geo.catalogue import Text
from bsh_geo.errors import DataError
from bsh_geo.project import Project
from bsh_geo.registers import Items, Register
from bsh_geo.relations import RELATIONS, Mask, Shapes
from bsh_geo.sites import Sites

MOST_BUFFER_M = 50_000.0

STATEMENT = Text(
    zh="示意边界不具法律效力，核查结果仅供参考，以主管部门公布的界线为准。",
    en="Schematic boundaries have no legal force. The results are for reference only; the limits "
    "published by the competent authorities prevail.",
)

METHOD = Text(
    zh="面积、长度与距离在 CGCS2000 椭球的兰勃特等积方位投影（中心 121.5°E，31.2°N）平面上量算："
    "面积无投影变形，距中心 120 km 以内长度误差小于 0.01%。边界相距 1 毫米以内视为相接。"
    "重叠面积按对象逐一列出，合计取并集，重叠处只计一次。仅有点位的对象只量距离。",
    en="Areas, lengths and distances are measured in the plane of a Lambert azimuthal equal-area "
    "projection about 121.5°E, 31.2°N on the CGCS2000 ellipsoid: areas are true, lengths within "
    "0.01 % up to 120 km from its middle. Borders within 1 mm touch. Shared ground is listed by "
    "place; totals are of the union, so that ground is counted once. Of places known by a point "
    "only the distance is measured.",
)


@dataclass(frozen=True, eq=False)
class SiteCheck:
    """The result of a check.

    Attributes
    ----------
    pairs : DataFrame
        A row for each site and place that meet or lie within the buffer, and for the nearest
        place of a register where none does. ``number`` (site), ``register``, ``item`` (position
        in ``items``), ``relation``, ``distance_m``, ``overlap_m2``, ``overlap_m`` (length, of
        lines), ``share`` (per cent of the site's area or length), ``buffer_m2``. NaN where a
        measure has no sense.
    totals : DataFrame
        A row for each site and register, the same order: the most serious ``relation``, the
        ``item`` it is of (the nearest), ``distance_m`` to it, ``places`` that meet the site, and
        ``overlap_m2``, ``overlap_m``, ``share`` of the union of what they share.
    sums : DataFrame
        Indexed by site number: ``area_m2``, ``length_m``, ``relation``, and the union of what the
        site shares with all registers as in ``totals``.
    ground : DataFrame
        Indexed by register, then "all": ``sites`` in conflict and ``overlap_m2``, ``overlap_m``
        of all sites together, ground that several share counted once.
    """

    sites: Sites
    registers: tuple[Register, ...]
    items: Items
    buffer_m: float
    pairs: pd.DataFrame
    totals: pd.DataFrame
    sums: pd.DataFrame
    ground: pd.DataFrame

    @cached_property
    def schematic(self) -> bool:
        """Whether any shape that was tested against is a sketch."""
        return bool((self.items.frame["quality"] == "schematic").any())

    def sketched(self, register_id: str) -> bool:
        """Whether every boundary of a register is a sketch."""
        rows = self.items.frame[self.items.frame["register"] == register_id]
        shaped = rows.loc[rows["form"] == "area", "quality"]
        return bool(len(shaped)) and bool((shaped == "schematic").all())

    def register(self, register_id: str) -> Register:
        """The register of that id, which must be one of those tested."""
        return next(one for one in self.registers if one.id == register_id)


def check(
    project: Project,
    sites: Sites,
    against: Sequence[str] | None = None,
    buffer_m: float = 0.0,
) -> SiteCheck:
    """Hold sites against the registers of protected places.

    Parameters
    ----------
    against : sequence of str, optional
        Ids of registers (``registers.load_registers``); all by default.
    buffer_m : float
        Places up to this far away are listed as ``near``, metres.

    Raises
    ------
    UnknownNameError, DataError
        A register is unknown or broken, or the buffer is out of range.
    """
    if not 0 <= buffer_m <= MOST_BUFFER_M:  # NaN is neither
        raise DataError(
            f"缓冲距离为 {buffer_m:g} 米，应在 0 至 {MOST_BUFFER_M:,.0f} 米之间。",
            f"The buffer is {buffer_m:g} m; 0 to {MOST_BUFFER_M:,.0f} m was expected.",
        )
    chosen = registers.registers_of(project, against)
    items = registers.items(project, chosen)
    rows, shared = relations.relate(sites.plane, items.plane, buffer_m)
    of_item = items.frame["register"].to_numpy()
    rows = rows.assign(register=of_item[rows["item"]], shared=shared)
    known = [one.id for one in chosen if (of_item == one.id).any()]
    rows = pd.concat([rows, *_nearest(sites, items, rows, known)], ignore_index=True)
    rows = _measured(rows, sites, known)
    totals, united = _totals(rows, sites, known)
    sums, whole = _sums(rows, sites)
    pairs = rows.drop(columns=["site", "shared"])
    ground = _ground(totals, sums, {**united, "all": whole})
    return SiteCheck(sites, chosen, items, float(buffer_m), pairs, totals, sums, ground)


def _nearest(
    sites: Sites, items: Items, rows: pd.DataFrame, known: list[str]
) -> Iterator[pd.DataFrame]:
    """The nearest place of each register for the sites that none of it meets or is near."""
    of_item = items.frame["register"].to_numpy()
    for one in known:
        members = np.flatnonzero(of_item == one)
        rest = np.setdiff1d(np.arange(len(sites)), rows.loc[rows["register"] == one, "site"])
        if not len(rest):
            continue
        at, distance = relations.nearest(sites.plane[rest], items.plane[members])
        item = members[at]
        areal = (shapely.get_dimensions(items.plane[item]) == 2).astype(bool)
        dimension = shapely.get_dimensions(sites.plane[rest])
        yield pd.DataFrame(
            {
                "site": rest,
                "item": item,
                "relation": "outside",
                "distance_m": distance,
                "overlap_m2": np.where(areal & (dimension == 2), 0.0, np.nan),
                "overlap_m": np.where(areal & (dimension == 1), 0.0, np.nan),
                "buffer_m2": np.where(areal, 0.0, np.nan),
                "register": one,
                "shared": None,
            }
        )


def _measured(rows: pd.DataFrame, sites: Sites, known: list[str]) -> pd.DataFrame:
    """``rows`` with the site's number and its share, by site, register, seriousness, distance."""
    size = _sizes(sites.plane)[rows["site"]]
    found = rows.assign(
        number=sites.frame.index.to_numpy()[rows["site"]],
        share=rows["overlap_m2"].fillna(rows["overlap_m"]) / size * 100,
        rank=rows["relation"].map({one: at for at, one in enumerate(RELATIONS)}),
        order=rows["register"].map({one: at for at, one in enumerate(known)}),
    )
    by = ["number", "order", "rank", "distance_m", "item"]
    order = ["number", "register", "item", "relation", "distance_m", "overlap_m2", "overlap_m"]
    return (
        found.sort_values(by)
        .reset_index(drop=True)
        .reindex(columns=[*order, "share", "buffer_m2", "site", "shared"])
    )


def _sizes(plane: Shapes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Area of polygons, length of lines, NaN for points."""
    dimension = shapely.get_dimensions(plane)
    size = np.where(dimension == 2, shapely.area(plane), shapely.length(plane))
    return np.where(dimension == 0, np.nan, size)


def _totals(
    rows: pd.DataFrame, sites: Sites, known: list[str]
) -> tuple[pd.DataFrame, dict[str, Shapes]]:
    """The row of each site and register, and the ground that they share."""
    first = rows.drop_duplicates(["number", "register"]).reset_index(drop=True)
    meets = rows["relation"].isin(("inside", "overlaps", "holds", "touches"))
    count = rows[meets].groupby(["number", "register"], sort=False).size()
    keys = pd.MultiIndex.from_frame(first[["number", "register"]])
    found = first.assign(places=count.reindex(keys, fill_value=0).to_numpy())
    united = {}
    for one in known:
        of_it = rows[rows["register"] == one]
        united[one] = relations.united(
            of_it["shared"].to_numpy(), of_it["site"].to_numpy(), len(sites)
        )
        mine = (found["register"] == one).to_numpy()
        _fill(found, mine, united[one][found.loc[mine, "site"]], sites)
    return found.drop(columns=["buffer_m2", "site", "shared"]), united


def _fill(found: pd.DataFrame, rows: Mask, ground: Shapes, sites: Sites) -> None:
    """Put the size of the united ground into the rows, where it was measured at all."""
    mine = found[rows]
    nothing = np.array([one is None for one in ground], dtype=bool)
    for name, measure in (("overlap_m2", shapely.area), ("overlap_m", shapely.length)):
        size = np.where(nothing, 0.0, measure(ground))
        found.loc[rows, name] = np.where(mine[name].isna(), np.nan, size)
    whole = _sizes(sites.plane)[mine["site"]]
    part = found[rows]["overlap_m2"].fillna(found[rows]["overlap_m"])
    found.loc[rows, "share"] = part.to_numpy() / whole * 100


def _sums(rows: pd.DataFrame, sites: Sites) -> tuple[pd.DataFrame, Shapes]:
    """The row of each site over all registers, and the ground that it shares with them."""
    rank = rows["relation"].map({one: at for at, one in enumerate(RELATIONS)})
    worst = rank.groupby(rows["site"]).min()
    measured = rows.groupby("site")[["overlap_m2", "overlap_m"]].sum(min_count=1)
    by_site = rows.sort_values("site", kind="stable")
    whole = relations.united(by_site["shared"].to_numpy(), by_site["site"].to_numpy(), len(sites))
    every = np.arange(len(sites))
    dimension = shapely.get_dimensions(sites.plane)
    found = measured.reindex(every).assign(
        site=every,
        area_m2=np.where(dimension == 2, shapely.area(sites.plane), np.nan),
        length_m=np.where(dimension == 1, shapely.length(sites.plane), np.nan),
        relation=[RELATIONS[one] for one in worst.reindex(every)],
        share=np.nan,
    )
    _fill(found, np.full(len(found), True), whole, sites)
    found.index = sites.frame.index
    order = ["area_m2", "length_m", "relation", "overlap_m2", "overlap_m", "share"]
    return found[order], whole


def _ground(totals: pd.DataFrame, sums: pd.DataFrame, united: dict[str, Shapes]) -> pd.DataFrame:
    """The ground that all sites together share with each register, and with all."""
    serious = ("inside", "overlaps", "holds")
    found = {}
    for one, shapes in united.items():
        rows = sums if one == "all" else totals[totals["register"] == one]
        parts = shapes[shapes != np.array(None)]
        dimension = shapely.get_dimensions(parts)
        found[one] = {
            "sites": int(rows["relation"].isin(serious).sum()),
            "overlap_m2": float(shapely.area(relations.together(parts[dimension == 2]))),
            "overlap_m": float(shapely.length(relations.together(parts[dimension == 1]))),
        }
    return pd.DataFrame.from_dict(found, orient="index")


def sources(project: Project, found: SiteCheck, lang: str) -> tuple[str, ...]:
    """The titles of the sources of every place that was tested against."""
    known = catalogue.load_sources(project)
    ids = [one for cell in found.items.frame["source"] for one in catalogue.source_ids(str(cell))]
    for one in found.registers:
        if one.shapes:
            ids += frames.dataset_of(project, one.shapes).source
    return tuple(known[one].title(lang) for one in dict.fromkeys(ids) if one in known)


def dates(project: Project, found: SiteCheck, lang: str) -> str:
    """The dates of the datasets that were tested against, as they state them."""
    named = [name for one in found.registers for name in (one.dataset, one.shapes) if name]
    mark = ", " if lang == "en" else "、"
    return mark.join(dict.fromkeys(frames.dataset_of(project, one).date for one in named))


def untested(found: SiteCheck, lang: str, most: int = 6) -> tuple[str, ...]:
    """A sentence for each register with places that have no location in the data."""
    said = []
    for one in found.registers:
        names = list(
            found.items.untested.loc[found.items.untested["register"] == one.id, f"name_{lang}"]
        )
        if not names:
            continue
        shown = ("、" if lang == "zh" else ", ").join(str(name) for name in names[:most])
        title = one.title.get(lang)
        if lang == "zh":
            more = f"等 {len(names)} 处" if len(names) > most else f"，共 {len(names)} 处"
            said.append(f"{title}：未核查（数据中没有位置）：{shown}{more}。")
        else:
            more = f" and {len(names) - most} more" if len(names) > most else ""
            said.append(f"{title}: not tested, no location in the data: {shown}{more}.")
    return tuple(said)
