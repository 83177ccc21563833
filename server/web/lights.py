"""How a light looks in a page: a shape, a word and a colour, drawn once per page and referred to."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from forms.meaning import Light
from server.web.locale import text

# One shape per light, so that no light is told by its colour alone. Drawn in a 20 x 20 box.
SHAPES: Final[dict[int, str]] = {
    Light.GREEN: '<circle cx="10" cy="10" r="9" fill="{fill}"/><path d="M5.6 10.4l3 3 5.8-6.4" class="mark"/>',
    Light.YELLOW: '<path d="M10 1.2 19.4 18H.6z" fill="{fill}"/><path d="M10 7v5.2M10 15v.6" class="mark"/>',
    Light.RED: '<path d="M6.2 1h7.6L19 6.2v7.6L13.8 19H6.2L1 13.8V6.2z" fill="{fill}"/>'
    '<path d="M6.7 6.7l6.6 6.6M13.3 6.7l-6.6 6.6" class="mark"/>',
    Light.GREY: '<circle cx="10" cy="10" r="8" fill="none" stroke="{fill}" stroke-width="2" stroke-dasharray="3 2"/>'
    '<path d="M6.8 10h6.4" stroke="{fill}" stroke-width="2"/>',
    Light.NA: '<path d="M4 10h12" stroke="{fill}" stroke-width="2"/>',
}
FILLS: Final[dict[int, str]] = {
    Light.GREEN: "#2e7d4f",
    Light.YELLOW: "#c98a00",
    Light.RED: "#b3261e",
    Light.GREY: "#6b7683",
    Light.NA: "#9aa4b0",
}


def sprite() -> Markup:
    """The shapes as one hidden SVG that each page carries."""
    symbols = "".join(
        f'<symbol id="light-{int(light)}" viewBox="0 0 20 20">{shape.format(fill=FILLS[light])}</symbol>'
        for light, shape in SHAPES.items()
    )
    return Markup(  # noqa: S704 - made of the constants above only
        f'<svg class="sprite" aria-hidden="true" focusable="false" width="0" height="0">{symbols}</svg>'
    )


def light_badge(light: int | None, language: str, *, big: bool = False, unit: bool = False) -> Markup:
    """A light with its word: ``unit`` says 红牌 instead of 红, ``big`` is for the head of a page."""
    if light is None:
        return Markup('<span class="light light-none">{}</span>').format(text(language, "light.none"))
    key = f"light.unit.{light}" if unit and light else f"light.{light}"
    return Markup(
        '<span class="light light-{}{}"><svg aria-hidden="true"><use href="#light-{}"/></svg>{}</span>'
    ).format(light, " light-big" if big else "", light, text(language, key))
