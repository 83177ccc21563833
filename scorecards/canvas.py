"""A sheet measured in inches on which charts are laid out by hand, and its rendering as SVG and PNG.

Only matplotlib's object API is used: pyplot keeps global state that threads of a server would share.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from threading import Lock
from typing import Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from forms.meaning import Light
from scorecards.fonts import ems, font
from scorecards.palette import LOOKS, PAPER, QUIET, RULE, TEXT, caption

POINTS: Final = 72.0  # to the inch
MARGIN: Final = 0.35
HEAD: Final = 1.02  # inches that title, subtitle and legend take
_RENDERING: Final = Lock()  # rcParams are shared by all threads


class Sheet:
    """A white sheet of ``width`` x ``height`` inches, (0, 0) at its upper left corner."""

    def __init__(self, width: float, height: float) -> None:
        self.figure = Figure(figsize=(width, height), facecolor=PAPER)
        self.width, self.height = width, height
        axes: Any = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        self._axes = axes

    def text(self, x: float, y: float, text: str, size: float = 9.0, **style: Any) -> None:
        """Text with its left middle at (x, y) unless ``ha`` or ``va`` say otherwise."""
        settings = {"ha": "left", "va": "center_baseline", "color": TEXT, **style}
        self._axes.text(x, y, text, fontproperties=font(size), **settings)

    def box(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """A filled rectangle with its upper left corner at (x, y)."""
        self._axes.add_patch(Rectangle((x, y), width, height, facecolor=color, edgecolor=PAPER, linewidth=0.8))

    def line(self, x: float, y: float, to_x: float, to_y: float, color: str = RULE) -> None:
        self._axes.plot([x, to_x], [y, to_y], color=color, linewidth=0.8, solid_capstyle="butt")

    def head(self, title: str, subtitle: str, lights: Iterable[Light], language: str) -> None:
        """Title, subtitle and the legend of the lights shown: shape and word on their colour."""
        self.text(MARGIN, 0.32, title, 14.0)
        self.text(MARGIN, 0.58, subtitle, 9.0, color=QUIET)
        x = MARGIN
        for light in lights:
            words = caption(light, language)
            width = ems(words) * 9.0 / POINTS + 0.16
            self.box(x, 0.74, width, 0.2, LOOKS[light].fill)
            self.text(x + width / 2, 0.84, words, 9.0, color=LOOKS[light].ink, ha="center")
            x += width + 0.08


def to_svg(figure: Figure) -> bytes:
    """A figure as SVG; letters are drawn as shapes, so that it looks the same where the font is not installed.

    The same figure always gives the same bytes.
    """
    data = io.BytesIO()
    with _RENDERING, mpl.rc_context({"svg.hashsalt": "liangpai", "svg.fonttype": "path"}):
        FigureCanvasSVG(figure).print_svg(data, metadata={"Date": None, "Creator": "Liangpai"})
    return data.getvalue()


def to_png(figure: Figure, dpi: int = 144) -> bytes:
    """A figure as PNG, without a date; the same figure always gives the same bytes."""
    data = io.BytesIO()
    with _RENDERING:
        figure.set_dpi(dpi)
        FigureCanvasAgg(figure).print_png(data, metadata={"Software": "Liangpai"})
    return data.getvalue()
