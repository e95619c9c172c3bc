"""Drawn classes in, the text of a QGIS style (QML) out: colours, hatches, dashes and labels.

The structure is that of files which QGIS 3 writes: a categorised renderer by the column ``class``,
one symbol for each class, simple labels with a halo. Widths are in millimetres; a pixel of the
screen is 1/96 inch.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from bsh_geo.columns import CLASS, RADIUS
from bsh_geo.gis_classes import DrawnClass
from bsh_geo.gis_layers import GisLayer
from bsh_geo.mapspec import Style

MM = 25.4 / 96
"""Millimetres in a pixel of the screen."""
VERSION = "3.22.0"
"""The oldest QGIS that the style is written for; newer ones read it."""
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei")
"""Tried in this order, as none of them is on every machine."""

INK, HALO = "34,48,47,255", "255,255,255,255"
_KIND = {"area": "fill", "point": "marker"}
_PLAIN = Style("#d8e2dc", "#6b7471", 0.8)
"""Rows that belong to no class."""
_MAP_UNITS = "3x:0,0,0,0,0,0"


def qml(layer: GisLayer) -> str:
    """The style of a layer.

    Rows are drawn by their class; those of no class, as for a missing figure, by the last entry,
    whose value is blank. A layer without classes is drawn in one symbol.
    """
    root = ET.Element(
        "qgis",
        version=VERSION,
        styleCategories="Symbology|Labeling",
        labelsEnabled="1",
        hasScaleBasedVisibilityFlag="0",
    )
    root.append(_renderer(layer))
    root.append(_labeling(layer))
    for name in ("blendMode", "featureBlendMode"):
        ET.SubElement(root, name).text = "0"
    kind = {"area": "2", "point": "0"}[layer.shape]
    ET.SubElement(root, "layerGeometryType").text = kind
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text}\n"


def colour(text: str | None) -> str:
    """``#rrggbb`` as QGIS writes it, ``r,g,b,a``; nothing drawn for None."""
    if text is None:
        return "0,0,0,0"
    red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _renderer(layer: GisLayer) -> ET.Element:
    classed = bool(layer.classes)
    made = ET.Element(
        "renderer-v2",
        type="categorizedSymbol" if classed else "singleSymbol",
        symbollevels="0",
        enableorderby="0",
        forceraster="0",
        referencescale="-1",
    )
    shown: Sequence[DrawnClass] = layer.classes or (DrawnClass("", "", _PLAIN, 4.5),)
    if classed:
        made.set("attr", CLASS)
        listed = ET.SubElement(made, "categories")
        for at, one in enumerate(shown):
            ET.SubElement(
                listed, "category", symbol=str(at), value=one.key, label=one.label, render="true",
                type="string",
            )  # fmt: skip
    symbols = ET.SubElement(made, "symbols")
    sized = RADIUS in layer.frame
    for at, one in enumerate(shown):
        symbols.append(_symbol(str(at), layer.shape, one, sized))
    ET.SubElement(made, "rotation")
    ET.SubElement(made, "sizescale")
    return made


def _symbol(name: str, shape: str, one: DrawnClass, sized: bool) -> ET.Element:
    made = _empty_symbol(name, _KIND[shape], one.style.opacity)
    if shape == "point":
        made.append(_marker(one.style, one.radius or 4.5, sized))
        return made
    made.append(_fill(one.style))
    for angle in {"diagonal": (45,), "cross": (45, 135)}.get(one.style.hatch or "", ()):
        made.append(_lines(one.style, angle, f"@{name}@{len(made) - 1}"))
    if one.style.hatch == "dots":
        made.append(_dots(one.style, f"@{name}@{len(made) - 1}"))
    return made


def _empty_symbol(name: str, kind: str, opacity: float = 1.0) -> ET.Element:
    made = ET.Element(
        "symbol", name=name, type=kind, alpha=f"{opacity:g}", clip_to_extent="1", force_rhr="0"
    )
    made.append(_properties())
    return made


def _properties(name: str = "data_defined_properties", size: str = "") -> ET.Element:
    """What depends on a row: nothing, or the size by an expression."""
    made = ET.Element(name)
    options = ET.SubElement(made, "Option", type="Map")
    ET.SubElement(options, "Option", name="name", type="QString", value="")
    own = ET.SubElement(options, "Option", name="properties")
    if size:
        own.set("type", "Map")
        by = ET.SubElement(own, "Option", name="size", type="Map")
        ET.SubElement(by, "Option", name="active", type="bool", value="true")
        ET.SubElement(by, "Option", name="expression", type="QString", value=size)
        ET.SubElement(by, "Option", name="type", type="int", value="3")
    ET.SubElement(options, "Option", name="type", type="QString", value="collection")
    return made


def _drawn(kind: str, by_row: str = "", /, **settings: str) -> ET.Element:
    """A layer of a symbol; its settings twice, as newer and older versions of QGIS read them."""
    made = ET.Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options = ET.SubElement(made, "Option", type="Map")
    for name, value in sorted(settings.items()):
        ET.SubElement(options, "Option", name=name, type="QString", value=value)
    for name, value in sorted(settings.items()):
        ET.SubElement(made, "prop", k=name, v=value)
    made.append(_properties(size=by_row))
    return made


def _mm(pixels: float) -> str:
    return f"{pixels * MM:.3g}"


def _fill(style: Style) -> ET.Element:
    return _drawn(
        "SimpleFill",
        color=colour(style.fill),
        style="no" if style.fill is None else "solid",
        outline_color=colour(style.stroke),
        outline_style="dash" if style.dashed else "solid",
        outline_width=_mm(style.width),
        outline_width_unit="MM",
        joinstyle="round",
        offset="0,0",
        offset_unit="MM",
        border_width_map_unit_scale=_MAP_UNITS,
    )


def _lines(style: Style, angle: int, name: str) -> ET.Element:
    made = _drawn(
        "LinePatternFill",
        angle=str(angle),
        color=colour(style.stroke),
        distance="1.6",
        distance_unit="MM",
        line_width="0.18",
        line_width_unit="MM",
        offset="0",
        offset_unit="MM",
    )
    line = _empty_symbol(name, "line")
    line.append(
        _drawn(
            "SimpleLine",
            line_color=colour(style.stroke),
            line_style="solid",
            line_width="0.18",
            line_width_unit="MM",
            capstyle="square",
            joinstyle="bevel",
            offset="0",
            offset_unit="MM",
            use_custom_dash="0",
        )
    )
    made.append(line)
    return made


def _dots(style: Style, name: str) -> ET.Element:
    made = _drawn(
        "PointPatternFill",
        distance_x="1.6",
        distance_x_unit="MM",
        distance_y="1.6",
        distance_y_unit="MM",
        displacement_x="0.8",
        displacement_x_unit="MM",
        displacement_y="0",
        displacement_y_unit="MM",
    )
    dot = _empty_symbol(name, "marker")
    dot.append(_marker(Style(style.stroke, style.stroke, 0.0), 1.0, False))
    made.append(dot)
    return made


def _marker(style: Style, radius: float, sized: bool) -> ET.Element:
    """A circle, as wide as on our map; by the column ``map_radius`` where that is there."""
    by_row = f'2 * {MM:.6f} * coalesce("{RADIUS}", {radius:g})' if sized else ""
    return _drawn(
        "SimpleMarker",
        by_row,
        name="circle",
        color=colour(style.fill),
        outline_color=colour(style.stroke),
        outline_style="solid" if style.width else "no",
        outline_width=_mm(style.width),
        outline_width_unit="MM",
        size=_mm(2 * radius),
        size_unit="MM",
        scale_method="diameter",
        angle="0",
        offset="0,0",
        offset_unit="MM",
        horizontal_anchor_point="1",
        vertical_anchor_point="1",
        joinstyle="bevel",
    )


def label_expression(layer: GisLayer) -> str:
    """The name in the layer's language, the Chinese one where it is missing, and the figure."""
    wanted = dict.fromkeys((f"name_{layer.lang}", "name_zh", "id", "code"))
    quoted = [f'"{one}"' for one in wanted if one in layer.frame]
    text = f"coalesce({', '.join(quoted)})"
    if "value" not in layer.frame:
        return text
    decimals = 1 if layer.decimals is None else layer.decimals
    return f"{text} || coalesce('\\n' || format_number(\"value\", {decimals}), '')"


def _labeling(layer: GisLayer) -> ET.Element:
    made = ET.Element("labeling", type="simple")
    settings = ET.SubElement(made, "settings", calloutType="simple")
    style = ET.SubElement(
        settings, "text-style", fieldName=label_expression(layer), isExpression="1",
        fontFamily=FONTS[0], namedStyle="Regular", fontSize="8", fontSizeUnit="Point",
        fontSizeMapUnitScale=_MAP_UNITS, fontWeight="50", fontItalic="0", fontUnderline="0",
        fontStrikeout="0", fontKerning="1", fontLetterSpacing="0", fontWordSpacing="0",
        textColor=INK, textOpacity="1", textOrientation="horizontal", multilineHeight="1",
        previewBkgrdColor=HALO, blendMode="0", capitalization="0", allowHtml="0",
        useSubstitutions="0", legendString="Aa",
    )  # fmt: skip
    families = ET.SubElement(style, "families")
    for name in FONTS:
        ET.SubElement(families, "family", name=name)
    ET.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor=HALO, bufferOpacity="1", bufferNoFill="1", bufferJoinStyle="128",
        bufferBlendMode="0", bufferSizeMapUnitScale=_MAP_UNITS,
    )  # fmt: skip
    ET.SubElement(settings, "text-format", multilineAlign="1", wrapChar="", autoWrapLength="0",
                  formatNumbers="0", plussign="0", decimals="3")  # fmt: skip
    settings.append(_placement(layer))
    ET.SubElement(
        settings, "rendering", drawLabels="1", displayAll="0", obstacle="1", obstacleType="1",
        obstacleFactor="1", scaleVisibility="0", scaleMin="0", scaleMax="0", limitNumLabels="0",
        maxNumLabels="2000", minFeatureSize="0", mergeLines="0", labelPerPart="0",
        fontLimitPixelSize="0", fontMinPixelSize="3", fontMaxPixelSize="10000",
        upsidedownLabels="0", zIndex="0",
    )  # fmt: skip
    settings.append(_properties("dd_properties"))
    return made


def _placement(layer: GisLayer) -> ET.Element:
    """Names of areas inside them, names of points around them (6, cartographic)."""
    inside = layer.shape == "area"
    return ET.Element(
        "placement", placement="1" if inside else "6", dist="0" if inside else "0.6",
        distUnits="MM", distMapUnitScale=_MAP_UNITS, priority="5", quadOffset="4", xOffset="0",
        yOffset="0", offsetUnits="MM", offsetType="1", rotationAngle="0", preserveRotation="1",
        centroidWhole="1", centroidInside="1", fitInPolygonOnly="0", polygonPlacementFlags="2",
        placementFlags="10", predefinedPositionOrder="TR,TL,BR,BL,R,L,TSR,BSR",
        layerType="PolygonGeometry" if inside else "PointGeometry", repeatDistance="0",
        repeatDistanceUnits="MM", geometryGenerator="", geometryGeneratorEnabled="0",
        geometryGeneratorType="PointGeometry",
    )  # fmt: skip
