"""How a light looks in a page: a shape, a word and a colour, drawn once per page and referred to."""

from __future__ import annotations

from functools import cache
from typing import Final

from markupsafe import Markup

from forms.meaning import Light
from scorecards.palette import LOOKS
from server.web.locale import text

# One shape per light, the same as in the charts, so that none is told by its colour alone. A 20 x 20 box.
SHAPES: Final[dict[int, str]] = {
    Light.GREEN: '<circle cx="10" cy="10" r="9" fill="{fill}"/><path d="M5.8 10.3l2.9 2.9 5.5-6.2" {mark}/>',
    Light.YELLOW: '<path d="M10 1.3 19.3 18.4H.7z" fill="{fill}" stroke="{edge}"/>'
    '<path d="M10 7.6v4.8M10 15v.5" {mark}/>',
    Light.RED: '<rect x="1.2" y="1.2" width="17.6" height="17.6" rx="3" fill="{fill}"/>'
    '<path d="M6.6 6.6l6.8 6.8M13.4 6.6l-6.8 6.8" {mark}/>',
    Light.GREY: '<path d="M10 .8 19.2 10 10 19.2.8 10z" fill="{fill}" stroke="{edge}"/><path d="M7 10h6" {mark}/>',
    Light.NA: '<path d="M4.5 10h11" {mark}/>',
}
# A pale fill gets an edge that can be told from white paper.
EDGES: Final[dict[int, str]] = {Light.YELLOW: "#a87400", Light.GREY: "#7b8794"}
MARK: Final = 'fill="none" stroke="{ink}" stroke-width="2.1" stroke-linecap="round" stroke-linejoin="round"'


def sprite() -> Markup:
    """The shapes as one hidden SVG that each page carries."""
    symbols = "".join(
        f'<symbol id="light-{int(light)}" viewBox="0 0 20 20">{_drawn(light, shape)}</symbol>'
        for light, shape in SHAPES.items()
    )
    return Markup(  # noqa: S704 - made of the constants above only
        f'<svg class="sprite" aria-hidden="true" focusable="false" width="0" height="0">{symbols}</svg>'
    )


def _drawn(light: int, shape: str) -> str:
    look = LOOKS[Light(light)]
    return shape.format(fill=look.fill, edge=EDGES.get(light, "none"), mark=MARK.format(ink=look.ink))


@cache
def light_badge(light: int | None, language: str, *, big: bool = False, unit: bool = False) -> Markup:
    """A light with its word: ``unit`` says 红牌 instead of 红, ``big`` is for the head of a page."""
    if light is None:
        return Markup('<span class="light light-none">{}</span>').format(text(language, "light.none"))
    key = f"light.unit.{light}" if unit and light else f"light.{light}"
    return Markup(
        '<span class="light light-{}{}"><svg aria-hidden="true"><use href="#light-{}"/></svg>{}</span>'
    ).format(light, " light-big" if big else "", light, text(language, key))
