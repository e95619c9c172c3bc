"""The result of a site check in, its one printed page out: map, results, statement, sources."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bsh_geo import fonts, sitecheck, sitecheck_map, snapshot
from bsh_geo.catalogue import QUALITY_TITLES
from bsh_geo.inset import furnished
from bsh_geo.legend import legend_block
from bsh_geo.mapspec import MapSpec
from bsh_geo.marks import (
    HAIRLINE,
    INK,
    MUTED,
    OCHRE,
    OCHRE_TINT,
    WORDS,
    Block,
    Mark,
    Setting,
    Words,
    box,
    heading,
    line,
    moved,
    paragraph,
    space,
    stacked,
)
from bsh_geo.page_layout import Page
from bsh_geo.print_frame import graticule
from bsh_geo.print_labels import map_labels
from bsh_geo.project import Project
from bsh_geo.relations import RELATIONS
from bsh_geo.sitecheck import SiteCheck
from bsh_geo.sitecheck_map import GROUPS
from bsh_geo.sitecheck_report import totals
from bsh_geo.sitecheck_words import RELATION_TITLES, amount, percent, register_head, short_state
from bsh_geo.themes import LOOKS

SIZE = (297.0, 210.0)
"""A4 landscape, mm."""

MARGIN, TOP, BOTTOM, GUTTER = 13.0, 11.0, 202.0, 7.0
MAP_WIDTH = 108.0
LEAST_ROWS = 3
LEAST_MAP = 58.0
"""Height in mm that the map keeps whatever is said under it."""

_SIZES = (6.4, 6.1, 5.8, fonts.SMALLEST)

_TEXT = {
    "zh": {
        "results": "核查结果",
        "site": "场址",
        "total": "合计重叠",
        "places": "涉及与最近的对象",
        "against": "核查对象",
        "place": "名称",
        "relation": "关系或距离",
        "quality": "质量",
        "more": "其余 {n} 项见附表",
        "method": "方法",
        "notes": "说明",
        "totals": "合计",
        "sources": "数据来源",
    },
    "en": {
        "results": "Results",
        "site": "Site",
        "total": "All together",
        "places": "Places that matter, and the nearest",
        "against": "Register",
        "place": "Place",
        "relation": "Relation or distance",
        "quality": "Quality",
        "more": "{n} more in the attached table",
        "method": "Method",
        "notes": "Notes",
        "totals": "Totals",
        "sources": "Sources",
    },
}


def to_pdf(project: Project, found: SiteCheck, lang: str = "zh", approval: str = "") -> bytes:
    """The page as a PDF file, the same bytes for the same result.

    The most serious results stand first; those that find no room are counted. All sources are
    named. ``approval`` is the map approval number (审图号), printed where given.

    Raises
    ------
    GlyphError
        A name has a character that the Chinese font cannot show.
    """
    spec = sitecheck_map.map_spec(project, found, lang, point_names=True)
    return snapshot.page_pdf(spec, laid_out(found, spec, approval), spec.title)


@dataclass(frozen=True)
class _Column:
    """A column of the table: where it begins and ends, mm, and its head."""

    left: float
    right: float
    head: str


def laid_out(found: SiteCheck, spec: MapSpec, approval: str = "") -> Page:
    """Everything of the page in its place."""
    head = _head(spec)
    top = TOP + head.height + 2.5
    left_texts = _left(found, spec, approval)
    foot = _foot(spec)
    end = BOTTOM - foot.height - 3.0
    height = max(end - top - left_texts.height - 9.5, LEAST_MAP)
    shown = furnished(spec, (MARGIN + 3.0, top, MAP_WIDTH - 3.0, height), LOOKS["screen"])
    right = MARGIN + MAP_WIDTH + GUTTER
    width = SIZE[0] - MARGIN - right
    frame = shown.frame
    border = replace(box(*frame.box[:2], frame.width, frame.height, None, INK), width=0.6)
    around = (
        *_placed(head, MARGIN, TOP),
        *_placed(left_texts, MARGIN, top + height + 6.5),
        *_placed(_right(found, spec, width, end - top), right, top),
        *_placed(foot, MARGIN, BOTTOM - foot.height),
        *graticule(frame),
        border,
    )
    names = map_labels(spec, frame, shown.furniture)
    furniture = [mark for one in shown.furniture for mark in _placed(*one)]
    return Page(frame, around, (*names, *furniture), SIZE)


def _placed(block: Block, x: float, y: float) -> list[Mark]:
    return [moved(mark, x, y) for mark in block.marks]


def _head(spec: MapSpec) -> Block:
    title = paragraph(spec.title, SIZE[0] - 2 * MARGIN, 18.0, INK, strong=True)
    return stacked([title, paragraph(spec.subtitle, SIZE[0] - 2 * MARGIN, 8.6, MUTED)])


def _left(found: SiteCheck, spec: MapSpec, approval: str) -> Block:
    """Under the map: its legend, and its projection and approval number."""
    words = WORDS["en" if spec.lang == "en" else "zh"]
    setting = Setting(spec.lang, MAP_WIDTH, 0.82)
    facts = [f"{words['crs']}{words['colon']}{words['crs_name']}"]
    facts += [f"{words['approval']}{words['colon']}{approval}"] if approval else []
    blocks = [legend_block(one, setting) for one in spec.legend if one.items]
    blocks += [paragraph(fact, MAP_WIDTH, fonts.SMALLEST, MUTED) for fact in facts]
    return stacked(blocks, 1.6)


def _right(found: SiteCheck, spec: MapSpec, width: float, room: float) -> Block:
    """The statement, the totals, and as many rows of the table as there is room for."""
    text = _TEXT[spec.lang]
    setting = Setting(spec.lang, width, 0.9)
    said = [paragraph(one, width, 6.6, INK) for one in totals(found, spec.lang)]
    above = stacked([_statement(spec, width), heading(text["totals"], setting), *said], 1.2)
    left = room - above.height - 3.2
    table = _table(found, spec.lang, width, left)
    places = _places(found, spec.lang, width, left - table.height - 3.2)
    return stacked([above, table, *places], 3.2)


def _statement(spec: MapSpec, width: float) -> Block:
    """The plain statement, in a box that cannot be overlooked."""
    inner = paragraph(sitecheck.STATEMENT.get(spec.lang), width - 8.0, 8.2, OCHRE, strong=True)
    height = inner.height + 3.6
    marks = (
        box(0, 0, width, height, OCHRE_TINT, OCHRE),
        box(0, 0, 1.6, height, OCHRE),
        *(moved(mark, 4.6, 1.8) for mark in inner.marks),
    )
    return Block(height, marks)


def _table(found: SiteCheck, lang: str, width: float, room: float) -> Block:
    """The sites, the most serious first, a column for each register and one for all together."""
    text = _TEXT[lang]
    columns = _columns(found, lang, width)
    size = 6.6 if len(columns) <= 6 else 6.0
    title = heading(text["results"], Setting(lang, width, 0.9))
    head = _line([one.head for one in columns], columns, size, strong=True)
    lines = (_line(cells, columns, size, group) for cells, group in _rows(found, lang))
    count = len(found.sites) + len(found.sites.rejected)
    left = room - title.height - head.height - fonts.line_height(size) - 1.0
    kept: list[Block] = []
    for one in lines:
        if len(kept) >= LEAST_ROWS and one.height > left:
            break
        kept.append(one)
        left -= one.height
    more = []
    if count > len(kept):
        said = text["more"].format(n=f"{count - len(kept):,}")
        more = [space(0.8), paragraph(said, width, size, MUTED)]
    return stacked([title, head, *kept, *more])


def _places(found: SiteCheck, lang: str, width: float, room: float) -> list[Block]:
    """The places themselves, where there is room: those that matter, then the nearest ones."""
    text, size = _TEXT[lang], 6.6
    pairs = found.pairs.assign(rank=[RELATIONS.index(one) for one in found.pairs["relation"]])
    order = pairs.sort_values(["rank", "distance_m"], kind="stable")
    edges = [0.0, width * 0.17, width * 0.30, width * 0.66, width * 0.9, width]
    heads = [text[key] for key in ("site", "against", "place", "relation", "quality")]
    columns = [
        _Column(left, right - 1.5, one)
        for left, right, one in zip(edges[:-1], edges[1:], heads, strict=True)
    ]
    title = heading(text["places"], Setting(lang, width, 0.9))
    made = [title, _line(heads, columns, size, strong=True)]
    left = room - sum(one.height for one in made)
    for row in order.to_dict("records"):
        one = _line(_place(found, row, lang), columns, size)
        if one.height > left:
            break
        made.append(one)
        left -= one.height
    return [stacked(made)] if len(made) > 2 + LEAST_ROWS or len(made) == 2 + len(pairs) else []


def _place(found: SiteCheck, row: Mapping[Hashable, Any], lang: str) -> list[str]:
    """The cells of a site and a place: how they stand to each other, and the place's quality."""
    item = found.items.frame.iloc[row["item"]]
    name = str(found.sites.frame.at[row["number"], "name"])
    return [
        name if name == str(row["number"]) else f"{row['number']} {name}",
        found.register(str(row["register"])).short.get(lang),
        str(item[f"name_{lang}"]),
        short_state(row, lang),
        QUALITY_TITLES[str(item["quality"])].get(lang),
    ]


def _columns(found: SiteCheck, lang: str, width: float) -> list[_Column]:
    named = [
        register_head(one.short.get(lang), found.sketched(one.id), lang) for one in found.registers
    ]
    heads = [_TEXT[lang]["site"], *named]
    heads += [_TEXT[lang]["total"]] if _measured(found) else []
    first = min(40.0, width * 0.24)
    step = (width - first) / (len(heads) - 1)
    edges = [0.0, *(first + step * place for place in range(len(heads)))]
    return [
        _Column(left, right - 1.5, head)
        for left, right, head in zip(edges[:-1], edges[1:], heads, strict=True)
    ]


def _line(
    cells: Sequence[str],
    columns: Sequence[_Column],
    size: float,
    group: str = "",
    strong: bool = False,
) -> Block:
    """A row over a hairline, each cell in at most two lines; a dot in the colour of its result."""
    step = fonts.line_height(size)
    marks: list[Mark] = []
    most = 1
    for place, (text, column) in enumerate(zip(cells, columns, strict=True)):
        shift = 2.6 if place == 0 and group else 0.0
        lines = fonts.cut(text, column.right - column.left - shift, size, 2) if text else ()
        most = max(most, len(lines))
        for number, one in enumerate(lines):
            y = step * (number + 0.78) + 0.5
            marks.append(Words(column.left + shift, y, one, size, INK, strong=strong))
    if group:
        style = GROUPS[group][0]
        marks.append(box(0.0, 0.5 + step * 0.22, 1.6, step * 0.56, style.fill, style.stroke))
    height = step * most + 1.3
    end = columns[-1].right + 1.5
    marks.append(line([(0, height), (end, height)], INK if strong else HAIRLINE, 0.5))
    return Block(height, tuple(marks))


def _rows(found: SiteCheck, lang: str) -> Iterator[tuple[list[str], str]]:
    """The cells of each site and its group, the most serious first, those not tested last."""
    sums = found.sums.assign(rank=[RELATIONS.index(one) for one in found.sums["relation"]])
    share = sums["overlap_m2"].fillna(sums["overlap_m"])
    order = sums.assign(size=-share.fillna(0.0)).sort_values(["rank", "size"], kind="stable")
    cells = {
        (row["number"], row["register"]): short_state(row, lang)
        for row in found.totals.to_dict("records")
    }
    for number, row in order.iterrows():
        name = str(found.sites.frame.at[number, "name"])
        label = name if name == str(number) else f"{number} {name}"
        states = [cells.get((number, one.id), "—") for one in found.registers]
        states += [_sum(row.to_dict(), lang)] if _measured(found) else []
        group = next(key for key, value in GROUPS.items() if row["relation"] in value[2])
        yield [label, *states], group
    for one in found.sites.rejected:
        blank = [""] * (len(found.registers) - (0 if _measured(found) else 1))
        label = one.name if one.name == str(one.number) else f"{one.number} {one.name}"
        yield [label, RELATION_TITLES["untested"].get(lang), *blank], ""


def _measured(found: SiteCheck) -> bool:
    """Whether any site has an area or a length that can be shared."""
    return bool(found.sums[["overlap_m2", "overlap_m"]].notna().any(axis=None))


def _sum(row: Mapping[Any, Any], lang: str) -> str:
    """What a site shares with all registers together."""
    if row["overlap_m2"] == row["overlap_m2"]:
        if not row["overlap_m2"]:
            return "0"
        return f"{amount(row['overlap_m2'], lang)} · {percent(row['share'])}"
    if row["overlap_m"] == row["overlap_m"]:
        return f"{row['overlap_m']:,.0f} m"
    return "—"


def _foot(spec: MapSpec) -> Block:
    """Method, notes and all sources in two columns, as large as they fit a third of the page."""
    for size in _SIZES:
        made = _foot_at(spec, size)
        if made.height <= 62.0:
            break
    return made


def _foot_at(spec: MapSpec, size: float) -> Block:
    text, words = _TEXT[spec.lang], WORDS["en" if spec.lang == "en" else "zh"]
    total = SIZE[0] - 2 * MARGIN
    half = (total - GUTTER) / 2
    date = f"{words['date']}{words['colon']}{spec.data_date}"
    notes = [sitecheck.METHOD.get(spec.lang), *spec.notes, date]
    first = stacked(
        [
            paragraph(text["method"] + " · " + text["notes"], half, size, INK, strong=True),
            *(paragraph(one, half, size, MUTED) for one in notes),
        ]
    )
    second = stacked(
        [
            paragraph(text["sources"], half, size, INK, strong=True),
            paragraph(words["join"].join(spec.sources), half, size, MUTED),
        ]
    )
    marks = (
        line([(0, 0), (total, 0)], HAIRLINE, 0.5),
        *(moved(mark, 0.0, 1.6) for mark in first.marks),
        *(moved(mark, half + GUTTER, 1.6) for mark in second.marks),
    )
    return Block(max(first.height, second.height) + 1.6, marks)
