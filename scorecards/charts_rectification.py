"""The charts of rectification: closure by quarter, ages of what is open, days of the stages, what comes back.

Each function gives a matplotlib Figure for ``canvas.to_svg`` or ``canvas.to_png``; ``language`` is zh or en. Every part
is told by colour, shape or words, and number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.figure import Figure

from forms.meaning import Light, quarter_name
from scorecards.canvas import HEAD, MARGIN, POINTS, Sheet
from scorecards.fonts import ems, shortened
from scorecards.palette import LOOKS, QUIET
from scorecards.rectification_figures import Age, Closure, Spread

BAR: Final = "#1D4E79"
LINE: Final = 0.42
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "closure": "各季度问题的整改情况",
        "closure_note": "按发现季度，数字为问题数",
        "in_time": "按期销号",
        "late": "逾期后销号",
        "overdue": "逾期未交",
        "running": "期限内",
        "ages": "未销号问题已过多少天",
        "ages_note": "自送达（未送达的自发现）起的自然日，■ 为S3、S4",
        "days": "{first}至{last}天",
        "more": "{first}天以上",
        "stages": "各环节用了多少天",
        "stages_note": "{quarter}结束的环节；条为中位数，竖线为九成不超过的天数",
        "opinion": "反馈与发文",
        "plan": "整改方案",
        "work": "整改",
        "department": "部门协商",
        "check": "复查与销号",
        "stage_value": "{middle}天（九成≤{most}天，{count}次）",
        "items": "哪些检查项反弹最多",
        "schools": "哪些学校反弹最多",
        "returns_note": "至{quarter}的一年内，数字为反弹次数/发现的问题数",
        "none": "无数据",
    },
    "en": {
        "closure": "How the findings of each quarter stand",
        "closure_note": "By quarter of finding; numbers are findings",
        "in_time": "closed in time",
        "late": "closed late",
        "overdue": "overdue",
        "running": "within the limit",
        "ages": "How old open findings are",
        "ages_note": "Calendar days since told (found, where not told yet); ■ S3 and S4",
        "days": "{first} to {last} days",
        "more": "{first} days and more",
        "stages": "Days of each stage",
        "stages_note": "Stages that ended in {quarter}; bar: median, line: nine tenths took no more",
        "opinion": "opinion and notice",
        "plan": "plan",
        "work": "rectification",
        "department": "department",
        "check": "re-check and closing",
        "stage_value": "{middle} days (90% ≤ {most}, {count} times)",
        "items": "Items that come back most",
        "schools": "Schools where findings come back most",
        "returns_note": "Within the year to {quarter}; numbers are returns / findings",
        "none": "no data",
    },
}
_PARTS: Final = (("in_time", Light.GREEN), ("late", Light.YELLOW), ("overdue", Light.RED), ("running", Light.GREY))


def closure_chart(rows: Sequence[Closure], language: str = "zh") -> Figure:
    """A column per quarter, oldest first: closed in time, closed late, overdue, within the limit."""
    words = _WORDS[language]
    width = max(6.4, 2 * MARGIN + 1.1 * len(rows))
    sheet = Sheet(width, HEAD + 3.55)
    sheet.head(words["closure"], words["closure_note"], (), language)
    _legend(sheet, [(f"{LOOKS[light].symbol} {words[name]}", light) for name, light in _PARTS])
    top, tall = HEAD + 0.25, 2.65
    most = max((row.found for row in rows), default=0)
    step = (width - 2 * MARGIN) / max(1, len(rows))
    bar = min(0.8, step * 0.7)
    for number, row in enumerate(rows):
        x, bottom = MARGIN + step * number + (step - bar) / 2, top + tall
        for name, light in _PARTS:
            count = getattr(row, name)
            height = tall * count / max(1, most)
            bottom -= height
            if not count:
                continue
            sheet.box(x, bottom, bar, height, LOOKS[light].fill)
            if height >= 0.17:
                written = f"{LOOKS[light].symbol} {count}"
                sheet.text(x + bar / 2, bottom + height / 2, written, 8.5, color=LOOKS[light].ink, ha="center")
        sheet.text(x + bar / 2, bottom - 0.1, str(row.found), 9.0, color=QUIET, ha="center")
        sheet.text(x + bar / 2, top + tall + 0.2, quarter_name(row.quarter), 9.5, ha="center")
    if not rows:
        sheet.text(width / 2, top + tall / 2, words["none"], 9.0, color=QUIET, ha="center")
    sheet.line(MARGIN, top + tall + 0.02, width - MARGIN, top + tall + 0.02)
    return sheet.figure


def ages_chart(rows: Sequence[Age], language: str = "zh") -> Figure:
    """A bar per age of what is open; the part of S3 and S4 comes first and is marked."""
    words = _WORDS[language]
    sheet = Sheet(7.2, HEAD + LINE * len(rows) + MARGIN)
    sheet.head(words["ages"], words["ages_note"], (), language)
    left = MARGIN + 1.5
    scale = (sheet.width - left - MARGIN - 0.5) / max(1, *(row.count for row in rows))
    red = LOOKS[Light.RED]
    for number, row in enumerate(rows):
        y = HEAD - 0.1 + LINE * number
        key = "more" if row.last is None else "days"
        sheet.text(left - 0.12, y + 0.15, words[key].format(first=row.first, last=row.last), 9.5, ha="right")
        serious, other = scale * row.serious, scale * (row.count - row.serious)
        if row.serious:
            sheet.box(left, y, serious, 0.3, red.fill)
            _inside(sheet, left, y, serious, f"{red.symbol} {row.serious}", red.ink)
        if other:
            sheet.box(left + serious, y, other, 0.3, BAR)
        sheet.text(left + serious + other + 0.08, y + 0.15, str(row.count), 9.0, color=QUIET)
    return sheet.figure


def stages_chart(rows: Sequence[Spread], quarter: int, language: str = "zh") -> Figure:
    """A bar per stage, as long as its middle number of days; a line where nine tenths end."""
    words = _WORDS[language]
    sheet = Sheet(8.2, HEAD + LINE * max(1, len(rows)) + MARGIN)
    sheet.head(words["stages"], words["stages_note"].format(quarter=quarter_name(quarter)), (), language)
    left = MARGIN + 1.6
    scale = (sheet.width - left - MARGIN - 2.5) / max(1, *(row.most_took for row in rows), 1)
    for number, row in enumerate(rows):
        y = HEAD - 0.1 + LINE * number
        sheet.text(left - 0.12, y + 0.15, words[row.stage], 9.5, ha="right")
        end = left + scale * row.middle
        if row.middle:
            sheet.box(left, y, scale * row.middle, 0.3, BAR)
        most = left + scale * row.most_took
        sheet.line(end, y + 0.15, most, y + 0.15, QUIET)
        sheet.line(most, y + 0.03, most, y + 0.27, QUIET)
        said = words["stage_value"].format(middle=row.middle, most=row.most_took, count=row.count)
        sheet.text(max(end, most) + 0.1, y + 0.15, said, 9.0, color=QUIET)
    if not rows:
        sheet.text(left, HEAD, words["none"], 9.0, color=QUIET)
    return sheet.figure


def returns_chart(what: str, rows: Sequence[tuple[str, int, int]], quarter: int, language: str = "zh") -> Figure:
    """A bar per item or school (``what``: items, schools), given as (name, times it came back, findings)."""
    words = _WORDS[language]
    sheet = Sheet(7.6, HEAD + 0.36 * max(1, len(rows)) + MARGIN)
    sheet.head(words[what], words["returns_note"].format(quarter=quarter_name(quarter)), (), language)
    label = 3.2
    left = MARGIN + label + 0.15
    scale = (sheet.width - left - MARGIN - 0.8) / max(1, *(times for _, times, _ in rows), 1)
    for number, (name, times, found) in enumerate(rows):
        y = HEAD - 0.1 + 0.36 * number
        sheet.text(left - 0.12, y + 0.13, shortened(name, label * POINTS / 9.0), 9.0, ha="right")
        sheet.box(left, y, scale * times, 0.26, BAR)
        sheet.text(left + scale * times + 0.08, y + 0.13, f"{times}/{found}", 9.0, color=QUIET)
    if not rows:
        sheet.text(MARGIN, HEAD, words["none"], 9.0, color=QUIET)
    return sheet.figure


def _legend(sheet: Sheet, entries: Sequence[tuple[str, Light]]) -> None:
    """What the parts of a chart mean, on their colours."""
    x = MARGIN
    for words, light in entries:
        width = ems(words) * 9.0 / POINTS + 0.16
        sheet.box(x, 0.74, width, 0.2, LOOKS[light].fill)
        sheet.text(x + width / 2, 0.84, words, 9.0, color=LOOKS[light].ink, ha="center")
        x += width + 0.08


def _inside(sheet: Sheet, x: float, y: float, width: float, words: str, ink: str) -> None:
    """Words in the middle of a bar that has the room for them."""
    if ems(words) * 9.0 / POINTS + 0.04 <= width:
        sheet.text(x + width / 2, y + 0.15, words, 9.0, color=ink, ha="center")
