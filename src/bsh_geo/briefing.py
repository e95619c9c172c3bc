"""A TOML file in, a briefing template out: pages, what stands on them in which order, their words.

The schema is closed; fields in braces (``{value:pm25}``) are filled by ``briefing_fields``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from bsh_geo import catalogue, compose
from bsh_geo.catalogue import Closed, NamedFile, Text
from bsh_geo.errors import BshError, DataError, unknown_name
from bsh_geo.project import Project, read_toml

FOLDER = "data/briefings"

PLAIN = ("area", "period", "office", "layer", "metric", "page")
"""Fields of the page: area, period asked for, unit of ``config.toml``, layer, metric, number."""
OF_FIGURE = (
    *("sentence", "name", "value", "unit", "when", "quality", "source"),
    *("target", "target_year", "gap", "state", "rank", "ranked", "change"),
)
"""Fields of a figure: of the page's metric, or with ``:indicator`` of that indicator."""

Kind = Literal[
    "text",
    "map",
    "page",
    "figures",
    "trend",
    "ranking",
    "table",
    "targets",
    "comparison",
    "sources",
]
_NEEDS_LAYER = ("map", "page", "figures", "trend", "ranking", "table", "sources")
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Block(Closed):
    """Something on a page.

    ``text`` belongs to ``text``; ``indicators`` to ``targets`` and ``comparison``; ``rows`` is the
    most a table shows. ``needs`` names fields without which the block is left out.
    """

    kind: Kind
    text: Text | None = None
    indicators: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    rows: int = 0


class PageTemplate(Closed):
    """A page, or with ``areas = "districts"`` one for each district.

    ``period`` is ``asked`` or ``latest`` (the newest full one of the layer). A page whose layer
    lacks the period asked for shows the newest and says so.
    """

    title: Text
    layer: str | None = None
    metric: str | None = None
    areas: Literal["chosen", "city", "districts"] = "chosen"
    period: Literal["asked", "latest"] = "asked"
    show: tuple[str, ...] | None = None
    mode: str = "value"
    blocks: tuple[Block, ...]


class Template(NamedFile):
    """A briefing as an office writes it once: a file ``data/briefings/<id>.toml``.

    ``scope`` is whom it is written for; ``grain`` the period that it takes.
    """

    order: int = 1000
    title: Text
    summary: Text
    scope: Literal["city", "district", "any"] = "any"
    grain: Literal["year", "month", "any"] = "any"
    heading: Text
    subtitle: Text = Text(zh="{period}", en="{period}")
    size: Literal["A4", "A3"] = "A4"
    theme: Literal["screen", "print"] = "screen"
    pages: tuple[PageTemplate, ...]


def templates(project: Project) -> dict[str, Template]:
    """Every template by id, in display order.

    Raises
    ------
    DataError
        One of them is broken.
    """
    paths = project.files(FOLDER, ".toml").values()
    found = [_checked(project, declared(project, path), project.shown(path)) for path in paths]
    return {one.id: one for one in sorted(found, key=lambda one: (one.order, one.id))}


def declared(project: Project, path: Path) -> Template:
    """The template of one file of a project, whose name must be its id."""
    return catalogue.declared_file(project, path, Template)


def template_of(project: Project, name: str) -> Template:
    """The template with that id, or of that file.

    Raises
    ------
    BshError
        There is no such template, or it is broken.
    """
    path = project.files(FOLDER, ".toml").get(name)
    if path is not None:
        return _checked(project, declared(project, path), project.shown(path))
    own = Path(name)
    if own.suffix.lower() != ".toml":
        raise unknown_name("模板", "template", name, project.files(FOLDER, ".toml"))
    try:
        return parsed(project, read_toml(own, own.name), own.name)
    except OSError as error:
        raise DataError(
            f"无法读取模板 {own.name}：{error.strerror}。",
            f"Cannot read the template {own.name}: {error.strerror}.",
        ) from error


def parsed(project: Project, content: dict[str, Any], shown: str) -> Template:
    """A template of plain data, checked against the project; ``shown`` names it in errors."""
    return _checked(project, catalogue.declared(Template, content, shown), shown)


def _checked(project: Project, template: Template, shown: str) -> Template:
    """The template, if all that it names exists.

    Raises
    ------
    DataError
        A layer, metric, indicator or field is unknown, or a block lacks what it needs.
    """
    if not template.pages:
        raise DataError(f"{shown}：pages 为空。", f"{shown}: there are no pages.")
    try:
        for text in (template.heading, template.subtitle):
            _check_fields(project, text, has_layer=False)
    except BshError as error:
        raise DataError(f"{shown}：{error.zh}", f"{shown}: {error.en}") from error
    for number, page in enumerate(template.pages, start=1):
        try:
            _check_page(project, page)
        except BshError as error:
            raise DataError(
                f"{shown} 第 {number} 页：{error.zh}", f"{shown}, page {number}: {error.en}"
            ) from error
    return template


def _check_page(project: Project, page: PageTemplate) -> None:
    if page.layer is not None:
        layer = compose.layer_of(project, page.layer)
        metric = compose.metric_of(layer, page.metric)
        if page.mode not in compose.modes(metric):
            raise unknown_name("着色方式", "colouring", page.mode, compose.modes(metric))
        known = [one.key for one in compose.part_options(project, layer, "zh")]
        for key in page.show or ():
            if key not in known:
                raise unknown_name("叠加内容", "overlay", key, known)
    elif page.metric is not None:
        raise DataError("有 metric 而没有 layer。", "there is a metric but no layer.")
    if not page.blocks:
        raise DataError("blocks 为空。", "there are no blocks.")
    _check_fields(project, page.title, page.layer is not None)
    for block in page.blocks:
        _check_block(project, block, page.layer is not None)


def _check_block(project: Project, block: Block, has_layer: bool) -> None:
    if block.kind in _NEEDS_LAYER and not has_layer:
        raise DataError(
            f"{block.kind} 需要本页有 layer。", f"{block.kind} needs a layer on the page."
        )
    wanted = {"text": block.kind == "text", "indicators": block.kind in ("targets", "comparison")}
    for key, belongs in wanted.items():
        if bool(getattr(block, key)) != belongs:
            say = ("缺少", "lacks") if belongs else ("不应有", "takes no")
            raise DataError(f"{block.kind} {say[0]} {key}。", f"{block.kind} {say[1]} {key}.")
    known = catalogue.load_indicators(project)
    for one in block.indicators:
        if one not in known:
            raise unknown_name("指标", "indicator", one, known)
    if block.text is not None:
        _check_fields(project, block.text, has_layer)
    for name in block.needs:
        check_field(project, name, has_layer)


def _check_fields(project: Project, text: Text, has_layer: bool) -> None:
    for lang in ("zh", "en"):
        for piece in pieces(text.get(lang)):
            if isinstance(piece, Field):
                check_field(project, piece.text, has_layer)


class Field(Closed):
    """A field of a text, as ``name`` or ``name:indicator``."""

    text: str

    @property
    def name(self) -> str:
        """What is asked for."""
        return self.text.partition(":")[0]

    @property
    def indicator(self) -> str | None:
        """Of which indicator; None for the page's own metric."""
        return self.text.partition(":")[2] or None


def pieces(text: str) -> Iterator[str | Field]:
    """Plain text and fields in turn; ``{{`` and ``}}`` are braces.

    Raises
    ------
    DataError
        A brace stands alone.
    """
    end = 0
    for found in _FIELD.finditer(text):
        yield text[end : found.start()]
        end = found.end()
        if found.group() in ("{{", "}}"):
            yield found.group()[0]
        elif found.group(1) is None:
            raise DataError(
                f"“{text}”中有单独的大括号；大括号本身写作 {{{{ 或 }}}}。",
                f"“{text}” has a brace that stands alone; write {{{{ or }}}} for a brace.",
            )
        else:
            yield Field(text=found.group(1).strip())
    yield text[end:]


def check_field(project: Project, text: str, has_layer: bool) -> None:
    """Raise for a field that nothing can fill on such a page.

    Raises
    ------
    UnknownNameError, DataError
        The field or its indicator is unknown, or it stands for a layer the page does not have.
    """
    field = Field(text=text)
    if field.indicator is not None:
        known = catalogue.load_indicators(project)
        if field.name not in OF_FIGURE:
            raise _unknown_field(text)
        if field.indicator not in known:
            raise unknown_name("指标", "indicator", field.indicator, known)
        return
    if field.name not in PLAIN + OF_FIGURE:
        raise _unknown_field(text)
    if field.name in (*OF_FIGURE, "layer", "metric") and not has_layer:
        raise DataError(
            f"字段 {{{text}}} 需要本页有 layer，或写明指标，如 {{value:pm25}}。",
            f"the field {{{text}}} needs a layer on the page, or an indicator: {{value:pm25}}.",
        )


def _unknown_field(text: str) -> DataError:
    """A fault that lists every field: whoever writes a template has no other list at hand."""
    plain, figures = "、".join(PLAIN), "、".join(OF_FIGURE)
    return DataError(
        f"字段“{text}”不存在。可用：{plain}；{figures}，后者可写明指标，如 value:pm25。",
        f"There is no field “{text}”. Known: {', '.join(PLAIN)}; {', '.join(OF_FIGURE)}, the "
        "latter also of a named indicator as in value:pm25.",
    )
