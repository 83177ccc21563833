"""The look of a light, defined once for charts and pages: colour, shape and word, never colour alone.

The colours keep apart under deuteranopia and protanopia (a bluish green against a warm red of another lightness), and
``ink`` on ``fill`` reaches a contrast of 4.5 : 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from forms.meaning import Light
from scorecards.sentences import LIGHT_WORDS


@dataclass(frozen=True, slots=True)
class Look:
    """``fill`` is the surface, ``ink`` what is written on it, ``symbol`` the shape that says the same."""

    fill: str
    ink: str
    symbol: str


LOOKS: Final[Mapping[Light, Look]] = {
    Light.GREEN: Look("#1E7B5E", "#FFFFFF", "●"),
    Light.YELLOW: Look("#F2C14E", "#3A2C00", "▲"),
    Light.RED: Look("#B4373A", "#FFFFFF", "■"),
    Light.GREY: Look("#C3CBD4", "#2F3A46", "◆"),
    Light.NA: Look("#F3F5F7", "#5A6672", "–"),
}

# The order in which people read a distribution: what needs action first.
READING_ORDER: Final = (Light.RED, Light.YELLOW, Light.GREEN, Light.GREY, Light.NA)

PAPER: Final = "#FFFFFF"
TEXT: Final = "#1F2933"
QUIET: Final = "#5A6672"
RULE: Final = "#D9DFE5"


def word(light: Light, language: str) -> str:
    """The word of a light: 绿, 黄, 红, 灰, 不适用 or their English."""
    return LIGHT_WORDS[language][light]


def caption(light: Light, language: str) -> str:
    """Shape and word together, as legends and pages write it: ``■ 红``."""
    return f"{LOOKS[light].symbol} {word(light, language)}"
