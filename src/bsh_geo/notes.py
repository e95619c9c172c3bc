"""What is shown in, what a reader must know about it out: limits, quality, sources, dates."""

from __future__ import annotations

from bsh_geo import catalogue, frames
from bsh_geo.catalogue import Layer, Metric, Part
from bsh_geo.errors import DataError
from bsh_geo.mapspec import Built, Parts
from bsh_geo.project import Project


def notes(
    layer: Layer, metric: Metric | None, main: Built | None, built: Parts, derived: bool, lang: str
) -> tuple[str, ...]:
    """What limits the view: the standard, derived values, the layer's and the parts' limits."""
    notes = []
    if metric is not None and metric.basis is not None:
        notes.append(f"{'评价依据：' if lang == 'zh' else 'Judged by: '}{metric.basis.get(lang)}")
    readings = metric is not None and metric.source == "readings"
    if derived and not readings:
        notes.append(
            "含推算值：由公布数值计算得到，见数据表。"
            if lang == "zh"
            else "Some values are derived from published figures; see the table."
        )
    notes += main.notes if main else ()
    if not readings:  # what the layer says is of its published figures
        notes += [text.get(lang) for text in layer.limitations]
    for part, _, one in built:
        notes += one.notes
        if one.unlocated:
            title = part.title.get(lang)
            notes.append(
                f"{title}：{one.unlocated} 条没有公布位置，列于数据表，不上图。"
                if lang == "zh"
                else f"{title}: {one.unlocated} rows have no published location; they are listed "
                "in the table, not drawn."
            )
    flagged = sum(one.flagged for _, _, one in built) + (main.flagged if main else 0)
    if flagged:
        notes.append(
            f"{flagged} 个站点位于区界外 200 m 以内，按最近的区归入。"
            if lang == "zh"
            else f"{flagged} stations lie up to 200 m outside and were given the nearest district."
        )
    return tuple(notes)


def qualities(main: Built | None, built: Parts) -> set[str]:
    """The qualities of the figures shown, and ``schematic`` where a sketch is drawn."""
    found: set[str] = set()
    if main is not None and "quality" in main.rows:
        found |= {str(one) for one in main.rows["quality"].dropna()}
    if any(one.schematic for _, _, one in built) or (main is not None and main.schematic):
        found.add("schematic")
    return found


def quality_note(qualities: set[str], lang: str) -> str:
    """The word that a view with schematic shapes must carry; blank for others."""
    if "schematic" not in qualities:
        return ""
    if lang == "en":
        return "Schematic: dashed outlines are sketches, not legal boundaries, and are not summed."
    return "示意：虚线轮廓的范围为示意图形，不是法定边界，不用于面积统计。"


def warnings(qualities: set[str], built: Parts, lang: str) -> str:
    """The word about schematic shapes, and those of the parts themselves."""
    said = [quality_note(qualities, lang), *(one.caution for _, _, one in built)]
    return " ".join(text for text in said if text)


def sources(
    project: Project, layer: Layer, main: Built | None, built: Parts, lang: str
) -> tuple[str, ...]:
    """Titles of what is shown: the figures' own sources first, then the layer's and the shapes'."""
    ids: list[str] = []
    if main is not None and "source" in main.rows:
        shown = main.rows[main.rows["value"].notna()] if "value" in main.rows else main.rows
        for cell in shown["source"].dropna():
            ids += catalogue.source_ids(str(cell))
    ids += frames.dataset_of(project, "stations").source if main and main.sources else layer.source
    for _, owner, _ in built:
        ids += owner.source
    for one in main.drawn if main else ():
        ids += frames.boundary_of(project, one.boundary).source if one.boundary else ()
    ids += frames.boundary_of(project, "land_display").source
    known = catalogue.load_sources(project)
    unknown = [one for one in dict.fromkeys(ids) if one not in known]
    if unknown:
        raise DataError(
            f"来源 {unknown[0]} 未在 data/sources/ 中登记。",
            f"The source {unknown[0]} is not registered in data/sources/.",
        )
    titles = [known[one].title(lang) for one in dict.fromkeys(ids)]
    # The source of an import is an id of data/sources/ or a title as it was given.
    named = [
        *(main.sources if main else ()),
        *(name for _, _, one in built for name in one.sources),
    ]
    own = [known[one].title(lang) if one in known else one for one in named]
    return tuple(dict.fromkeys([*own, *titles]))


def water(built: Parts, lang: str) -> str:
    """Of which period the classes of water are, in words; blank where none are shown."""
    found = dict.fromkeys(one.water for _, _, one in built if one.water)
    if not found:
        return ""
    return f"water {', '.join(found)}" if lang == "en" else f"水质{'、'.join(found)}"


def joined(date: str, water: str, lang: str) -> str:
    """The date of the figures, then that of the classes of water."""
    return ("; " if lang == "en" else "；").join(text for text in (date, water) if text)


def dates(project: Project, built: Parts, lang: str) -> str:
    dates = {_date(project, part) for part, _, _ in built}
    return ("、" if lang == "zh" else ", ").join(sorted(date for date in dates if date))


def _date(project: Project, part: Part) -> str:
    if part.kind == "raster":
        return catalogue.raster_of(project, part.dataset).date
    return frames.dataset_of(project, part.dataset).date
