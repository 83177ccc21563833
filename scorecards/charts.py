"""The charts of a quarter: distribution by town, trend, matrix of schools by dimension, one school's dimensions.

Each function gives a matplotlib Figure for ``canvas.to_svg`` or ``canvas.to_png``. ``language`` is zh or en. Every
light is drawn as colour, shape and word or number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.figure import Figure

from forms.meaning import Light, quarter_name
from scorecards.canvas import HEAD, MARGIN, POINTS, Sheet
from scorecards.fonts import ems, shortened
from scorecards.palette import LOOKS, QUIET, READING_ORDER

_HEADING_LINES: Final = 4
_SHOWN: Final = READING_ORDER[:4]  # a unit's card is never "not applicable"
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "distribution": "各镇街亮牌分布",
        "distribution_note": "{quarter}，数字为学校数，共 {total} 所",
        "trend": "各季度亮牌变化",
        "trend_note": "数字为学校数",
        "matrix": "学校与维度亮牌一览",
        "matrix_note": "{quarter}，共 {total} 所学校",
        "dimensions": "{name}：各维度指标",
        "dimensions_note": "{quarter}，数字为指标数，左侧为维度灯",
        "overall": "校牌",
        "none": "无数据",
    },
    "en": {
        "distribution": "Cards by town",
        "distribution_note": "{quarter}, numbers are schools, {total} in all",
        "trend": "Cards by quarter",
        "trend_note": "Numbers are schools",
        "matrix": "Schools by dimension",
        "matrix_note": "{quarter}, {total} schools",
        "dimensions": "{name}: indicators by dimension",
        "dimensions_note": "{quarter}, numbers are indicators, the dimension's light on the left",
        "overall": "Card",
        "none": "no data",
    },
}


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One school of the matrix: its town (a heading where it changes), its name, its card, its dimensions' lights."""

    town: str
    name: str
    light: Light
    dimensions: tuple[Light, ...]


@dataclass(frozen=True, slots=True)
class DimensionBar:
    """One dimension of a school: its name, its light, and how many of its indicators show each light."""

    name: str
    light: Light
    indicators: Mapping[Light, int]


def distribution_chart(towns: Sequence[tuple[str, Mapping[Light, int]]], quarter: int, language: str = "zh") -> Figure:
    """A bar per town, as long as it has schools, stacked by light; the towns in the order given."""
    words = _WORDS[language]
    total = sum(sum(counts.values()) for _, counts in towns)
    label = _label_width([name for name, _ in towns], 9.5, 2.4)
    sheet = Sheet(9.0, HEAD + 0.42 * max(1, len(towns)) + MARGIN + 0.15)
    note = words["distribution_note"].format(quarter=quarter_name(quarter), total=total)
    sheet.head(words["distribution"], note, _SHOWN, language)
    left = MARGIN + label + 0.15
    longest = max((sum(counts.values()) for _, counts in towns), default=0)
    scale = (sheet.width - left - MARGIN - 0.45) / max(1, longest)
    for number, (name, counts) in enumerate(towns):
        y = HEAD + 0.15 + 0.42 * number
        sheet.text(left - 0.12, y + 0.15, shortened(name, label * POINTS / 9.5), 9.5, ha="right")
        end = _stack(sheet, left, y, 0.3, counts, scale, _SHOWN)
        sheet.text(end + 0.08, y + 0.15, str(sum(counts.values())), 9.0, color=QUIET)
    return sheet.figure


def trend_chart(quarters: Sequence[tuple[int, Mapping[Light, int]]], language: str = "zh") -> Figure:
    """A column per quarter, oldest first, stacked by light as shares of that quarter's schools, with their numbers."""
    words = _WORDS[language]
    width = max(5.0, 2 * MARGIN + 1.15 * len(quarters))
    sheet = Sheet(width, HEAD + 3.55)
    sheet.head(words["trend"], words["trend_note"], _SHOWN, language)
    top, tall = HEAD + 0.2, 2.7
    step = (width - 2 * MARGIN) / max(1, len(quarters))
    bar = min(0.85, step * 0.72)
    for number, (quarter, counts) in enumerate(quarters):
        x, middle = MARGIN + step * number + (step - bar) / 2, MARGIN + step * (number + 0.5)
        total = sum(counts.get(light, 0) for light in _SHOWN)
        if total:
            _column(sheet, x, top, bar, {light: tall * counts.get(light, 0) / total for light in _SHOWN}, counts)
        else:
            sheet.text(middle, top + tall / 2, words["none"], 9.0, color=QUIET, ha="center")
        sheet.text(middle, top + tall + 0.2, quarter_name(quarter), 9.5, ha="center")
    sheet.line(MARGIN, top + tall + 0.02, width - MARGIN, top + tall + 0.02)
    return sheet.figure


def matrix_chart(rows: Sequence[MatrixRow], dimensions: Sequence[str], quarter: int, language: str = "zh") -> Figure:
    """Schools by dimension: a cell per light, the school's own card first; a heading where the town changes."""
    words = _WORDS[language]
    names = [words["overall"], *dimensions]
    label = _label_width([row.name for row in rows], 9.0, 3.0)
    cell, line = 0.9, 0.25
    lines = [_wrapped(name, cell * POINTS / 8.0 - 0.6) for name in names]
    heading = 0.16 * max(len(parts) for parts in lines) + 0.14
    towns = sum(1 for n, row in enumerate(rows) if row.town and (n == 0 or rows[n - 1].town != row.town))
    left = MARGIN + label + 0.15
    sheet = Sheet(left + cell * len(names) + 0.12 + MARGIN, HEAD + heading + line * len(rows) + 0.36 * towns + MARGIN)
    note = words["matrix_note"].format(quarter=quarter_name(quarter), total=len(rows))
    sheet.head(words["matrix"], note, READING_ORDER, language)
    columns = [left + cell * number + (0.12 if number else 0.0) for number in range(len(names))]
    for x, parts in zip(columns, lines, strict=True):
        for number, part in enumerate(reversed(parts)):
            sheet.text(x + cell / 2, HEAD + heading - 0.12 - 0.16 * number, part, 8.0, ha="center", color=QUIET)
    y = HEAD + heading
    for number, row in enumerate(rows):
        if row.town and (number == 0 or rows[number - 1].town != row.town):
            sheet.text(MARGIN, y + 0.2, row.town, 10.0)
            sheet.line(MARGIN, y + 0.34, sheet.width - MARGIN, y + 0.34)
            y += 0.36
        sheet.text(left - 0.12, y + line / 2, shortened(row.name, label * POINTS / 9.0), 9.0, ha="right")
        for x, light in zip(columns, (row.light, *row.dimensions), strict=True):
            sheet.box(x, y, cell, line, LOOKS[light].fill)
            sheet.text(x + cell / 2, y + line / 2, LOOKS[light].symbol, 8.0, color=LOOKS[light].ink, ha="center")
        y += line
    return sheet.figure


def dimensions_chart(name: str, bars: Sequence[DimensionBar], quarter: int, language: str = "zh") -> Figure:
    """One school: a bar per dimension, stacked by its indicators' lights, beside the dimension's own light."""
    words = _WORDS[language]
    label = _label_width([bar.name for bar in bars], 9.5, 3.2)
    sheet = Sheet(8.0, HEAD + 0.4 * max(1, len(bars)) + MARGIN + 0.15)
    title = words["dimensions"].format(name=shortened(name, 22))
    sheet.head(title, words["dimensions_note"].format(quarter=quarter_name(quarter)), READING_ORDER, language)
    left = MARGIN + label + 0.15
    longest = max((sum(bar.indicators.values()) for bar in bars), default=0)
    scale = (sheet.width - left - 0.5 - MARGIN) / max(1, longest)
    for number, bar in enumerate(bars):
        y = HEAD + 0.15 + 0.4 * number
        look = LOOKS[bar.light]
        sheet.text(left - 0.12, y + 0.14, shortened(bar.name, label * POINTS / 9.5), 9.5, ha="right")
        sheet.box(left, y, 0.36, 0.28, look.fill)
        sheet.text(left + 0.18, y + 0.14, look.symbol, 9.0, color=look.ink, ha="center")
        end = _stack(sheet, left + 0.46, y + 0.04, 0.2, bar.indicators, scale, READING_ORDER)
        if end == left + 0.46:
            sheet.text(end, y + 0.14, words["none"], 9.0, color=QUIET)
    return sheet.figure


def _column(
    sheet: Sheet, x: float, y: float, width: float, heights: Mapping[Light, float], counts: Mapping[Light, int]
) -> None:
    """One stacked column; the number of a part too thin for it stands beside it."""
    beside = 0.0
    for light, height in heights.items():
        if not height:
            continue
        sheet.box(x, y, width, height, LOOKS[light].fill)
        written, middle = f"{LOOKS[light].symbol} {counts[light]}", y + height / 2
        if height >= 0.18:
            sheet.text(x + width / 2, middle, written, 9.0, color=LOOKS[light].ink, ha="center")
        else:
            beside = max(middle, beside + 0.16)
            sheet.text(x + width + 0.03, beside, written, 8.0, color=QUIET)
        y += height


def _stack(
    sheet: Sheet, x: float, y: float, height: float, counts: Mapping[Light, int], scale: float, order: Sequence[Light]
) -> float:
    """One stacked bar of counts with shape and number in each part that has the room; gives its right end."""
    for light in order:
        count = counts.get(light, 0)
        if not count:
            continue
        width = scale * count
        sheet.box(x, y, width, height, LOOKS[light].fill)
        both, alone = f"{LOOKS[light].symbol} {count}", str(count)
        written = next((text for text in (both, alone) if ems(text) * 9.0 / POINTS + 0.04 <= width), "")
        if written:
            sheet.text(x + width / 2, y + height / 2, written, 9.0, color=LOOKS[light].ink, ha="center")
        x += width
    return x


def _label_width(names: Sequence[str], size: float, most: float) -> float:
    """The inches that the longest of some names takes, within bounds."""
    return min(most, max(0.8, max((ems(name) for name in names), default=0.0) * size / POINTS + 0.1))


def _wrapped(name: str, most: float) -> list[str]:
    """A heading in at most four lines of ``most`` ems: Latin words stay whole, Chinese breaks anywhere."""
    lines: list[str] = [""]
    for piece in name.split(" ") if name.isascii() else list(name):
        joint = " " if name.isascii() and lines[-1] else ""
        if lines[-1] and ems(lines[-1] + joint + piece) > most:
            lines.append(piece)
        else:
            lines[-1] += joint + piece
    kept = lines[:_HEADING_LINES]
    if len(lines) > _HEADING_LINES:
        kept[-1] = shortened(kept[-1] + " " + lines[_HEADING_LINES], most)
    return [shortened(line, most) for line in kept]
