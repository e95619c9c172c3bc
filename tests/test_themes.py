"""Both themes can be read with a colour-blind eye and in grey: measured with CIEDE2000.

Colours are compared as they stand on the paper, thinned by their opacity. Deuteranopia and
protanopia are those of Machado, Oliveira and Fernandes (2009) at full severity, grey is relative
luminance. Two styles that differ in hatch or dashes are told apart by it.
"""

from __future__ import annotations

import itertools
import warnings

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box
from test_snapshot import small_spec

from bsh_geo import catalogue, compose, parts, themes
from bsh_geo.choropleth import metric_style
from bsh_geo.classes import NO_DATA, bins
from bsh_geo.mapspec import DrawnPart, LegendBlock, LegendItem, Style
from bsh_geo.project import Project, open_project

with warnings.catch_warnings():
    # colour-science warns of libraries for plotting that are not needed here.
    warnings.simplefilter("ignore")
    import colour

LEAST = {"screen": 5.0, "print": 6.0}
"""Least CIEDE2000 between neighbours of a legend. 1 is what a trained eye just sees on touching
patches, 2.3 the usual noticeable difference; twice that is kept for patches that stand apart, and
more in print, where paper and ink vary."""
LEAST_CATEGORIES = 6.0
"""The same between any two categories of the print theme, which have no order to lean on."""


def _seen() -> dict[str, np.ndarray]:
    grey = np.tile([0.2126, 0.7152, 0.0722], (3, 1))  # relative luminance, IEC 61966-2-1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "full colour": np.eye(3),
            "deuteranopia": colour.blindness.matrix_cvd_Machado2009("Deuteranomaly", 1.0),
            "protanopia": colour.blindness.matrix_cvd_Machado2009("Protanomaly", 1.0),
            "grey": grey,
        }


EYES = _seen()


def _rgb(text: str) -> np.ndarray:
    return np.array([int(text[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def lab(style: Style, paper: str, eye: str) -> np.ndarray:
    """CIE Lab of a fill on ``paper`` as ``eye`` sees it."""
    shown = _rgb(str(style.fill)) * style.opacity + _rgb(paper) * (1 - style.opacity)
    linear = EYES[eye] @ np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        xyz = colour.RGB_to_XYZ(np.clip(linear, 0, 1), "sRGB", apply_cctf_decoding=False)
        return np.asarray(colour.XYZ_to_Lab(xyz))


def difference(one: Style, other: Style, paper: str, eye: str) -> float:
    return float(colour.delta_E(lab(one, paper, eye), lab(other, paper, eye), method="CIE 2000"))


def marked_apart(one: Style, other: Style) -> bool:
    return one.hatch != other.hatch or one.dashed != other.dashed


def legends() -> dict[str, tuple[Style, ...]]:
    """Styles of every metric (value, gap, change), of every part with categories, every raster."""
    project = open_project()
    found: dict[str, tuple[Style, ...]] = {}
    layers, faults = catalogue.load_layers(project)
    assert faults == []
    for layer in layers.values():
        for metric in layer.metrics:
            for mode in compose.modes(metric):
                shown = compose._in_mode(metric, mode, None)
                assert shown is not None
                found[f"{layer.id}/{metric.id}/{mode}"] = tuple(
                    metric_style(shown, one.colour) for one in bins(shown)
                )
        for part in layer.parts:
            styles = parts.category_styles(part, part.kind == "areas").values()
            if len(styles) > 1:
                found[f"{layer.id}/{part.id}"] = tuple(styles)
        for image in compose.build(project, compose.Request(layer.id)).images:
            found[f"{layer.id}/{image.id}"] = tuple(Style(one, one) for one in image.palette)
    return found


LEGENDS = legends()
CATEGORIES = [name for name in LEGENDS if name.count("/") == 1]


def themed(name: str, theme: str) -> tuple[Style, ...]:
    """The styles of a legend in a theme, through the same door as a page."""
    metric = name.count("/") == 2
    keys = [str(number) if metric else f"key{number}" for number in range(len(LEGENDS[name]))]
    styles = dict(zip(keys, LEGENDS[name], strict=True))
    frame = gpd.GeoDataFrame(
        {"key": keys}, geometry=[box(121, 31, 122, 32)] * len(keys), crs="EPSG:4326"
    )
    part = DrawnPart("part", "legend", "area", frame, styles)
    items = tuple(LegendItem(key, style) for key, style in styles.items())
    spec = themes.themed(
        small_spec(parts=(part,), legend=(LegendBlock("legend", "", items),)), theme
    )
    assert tuple(item.style for item in spec.legend[0].items) == tuple(
        spec.parts[0].styles.values()
    )
    return tuple(spec.parts[0].styles.values())


def test_all_shipped_legends_are_looked_at() -> None:
    assert len(LEGENDS) >= 10
    assert "air_quality/pm25/gap" in LEGENDS
    assert "wetlands/wetlands" in CATEGORIES


@pytest.mark.parametrize("theme", ["screen", "print"])
@pytest.mark.parametrize("name", sorted(LEGENDS))
def test_neighbours_of_a_legend_are_told_apart_by_every_eye(name: str, theme: str) -> None:
    paper = themes.LOOKS[theme].paper
    weak = [
        (eye, place, round(difference(one, other, paper, eye), 1))
        for place, (one, other) in enumerate(itertools.pairwise(themed(name, theme)))
        for eye in EYES
        if not marked_apart(one, other) and difference(one, other, paper, eye) < LEAST[theme]
    ]
    assert weak == []


@pytest.mark.parametrize("name", CATEGORIES)
def test_any_two_categories_in_print_are_told_apart_by_every_eye(name: str) -> None:
    paper = themes.LOOKS["print"].paper
    weak = [
        (eye, a, b)
        for a, b in itertools.combinations(themed(name, "print"), 2)
        for eye in EYES
        if not marked_apart(a, b) and difference(a, b, paper, eye) < LEAST_CATEGORIES
    ]
    assert weak == []


@pytest.mark.parametrize("name", sorted(LEGENDS))
def test_the_theme_of_the_screen_shows_the_colours_of_the_layer_file(name: str) -> None:
    assert themed(name, "screen") == LEGENDS[name]


def test_two_equal_greys_are_set_apart_in_print() -> None:
    # Red and green of nearly one luminance: L* 53.2 and 50.3.
    levels = [themes.lightness(one) for one in themes._ramp(["#ff0000", "#008c00"])]
    assert levels[0] == pytest.approx(95, abs=0.5)
    assert themes.grey_difference(*levels) == pytest.approx(8.0, abs=0.2)


def test_a_ramp_that_is_legible_stays_as_it_is() -> None:
    assert themes._ramp(["#ffffff", "#808080", "#000000"]) == ["#ffffff", "#808080", "#000000"]


def test_the_high_arm_of_a_diverging_scale_is_dotted_in_print() -> None:
    styles = themed("air_quality/pm25/gap", "print")
    assert [one.hatch for one in styles] == [None, None, None, "dots", "dots", "dots"]


def test_a_part_without_classes_keeps_its_colour_in_print() -> None:
    frame = gpd.GeoDataFrame(
        {"key": ["all", NO_DATA]}, geometry=[box(121, 31, 122, 32)] * 2, crs="EPSG:4326"
    )
    styles = {"all": Style("#2f6b4a", "#2f6b4a"), NO_DATA: Style("#e6e3da", "#a9a59a")}
    part = DrawnPart("service", "service", "area", frame, styles)
    spec = themes.themed(small_spec(parts=(part,), legend=()), "print")
    assert spec.parts[0].styles == styles


@pytest.mark.parametrize(
    ("colour_text", "level"),
    [("#ffffff", 100.0), ("#000000", 0.0), ("#808080", 53.6), ("#ff0000", 53.2)],
)
def test_lightness_is_that_of_cie(colour_text: str, level: float) -> None:
    assert themes.lightness(colour_text) == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize("one", ["#1f6f78", "#fbe6c2", "#b5452f"])
def test_a_colour_at_its_own_lightness_is_itself(one: str) -> None:
    again = themes.with_lightness(one, themes.lightness(one))
    assert np.abs(_rgb(again) - _rgb(one)).max() <= 1.01 / 255


def test_the_difference_of_greys_is_that_of_colour_science() -> None:
    ours = themes.grey_difference(90.0, 80.0)
    theirs = colour.delta_E([90, 0, 0], [80, 0, 0], method="CIE 2000")
    assert ours == pytest.approx(float(theirs), abs=0.01)


def test_a_project_is_drawn_in_print_with_every_key_of_its_features(project: Project) -> None:
    spec = themes.themed(compose.build(project, compose.Request("wetlands")), "print")
    for part in spec.parts:
        assert set(part.frame["key"]) <= set(part.styles)
