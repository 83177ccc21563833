"""Charts a leading group can trust: every glyph there, every light with its shape, the same bytes each time."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Callable

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from forms.meaning import Light
from scorecards.canvas import Sheet, to_png, to_svg
from scorecards.charts import DimensionBar, MatrixRow, dimensions_chart, distribution_chart, matrix_chart, trend_chart
from scorecards.fonts import missing_glyphs
from scorecards.palette import LOOKS, READING_ORDER, caption

G, Y, R, GREY, NA = Light.GREEN, Light.YELLOW, Light.RED, Light.GREY, Light.NA
TOWNS = ["田墘街道", "遮浪街道", "东洲街道", "捷胜镇", "凤山街道", "红草镇"]
ZH = [
    "校务管理和制度执行",
    "招生、收费、择校",
    "课程开设和课堂教学",
    "学生学习、体育锻炼和课业负担",
    "教师师德和专业发展",
    "校园及周边安全、学生交通安全",
    "食堂、食品、饮水及宿舍卫生",
    "校风、教风、学风建设",
    "整改",
]
EN = [
    "School affairs and rules",
    "Enrolment, fees, choice",
    "Curriculum and teaching",
    "Learning, exercise and workload",
    "Ethics and development",
    "Safety and traffic",
    "Canteen, water, dormitories",
    "School, teaching and learning ethos",
    "Rectification",
]


def matrix(language: str, schools: int = 60) -> Figure:
    chance = random.Random(7)
    rows = []
    for number in range(schools):
        lights = tuple(chance.choices((G, Y, R, GREY, NA), (60, 20, 8, 8, 4), k=9))
        name = (
            f"{TOWNS[number * 6 // schools][:2]}第{number % 10 + 1}小学"
            if language == "zh"
            else f"No. {number + 1} Primary School"
        )
        rows.append(MatrixRow(TOWNS[number * 6 // schools], name, chance.choice((G, Y, R, GREY)), lights))
    return matrix_chart(rows, ZH if language == "zh" else EN, 20264, language)


def distribution(language: str) -> Figure:
    chance = random.Random(3)
    return distribution_chart(
        [
            (
                town,
                {R: chance.randint(0, 3), Y: chance.randint(0, 5), G: chance.randint(1, 9), GREY: chance.randint(0, 2)},
            )
            for town in TOWNS
        ],
        20264,
        language,
    )


def trend(language: str) -> Figure:
    return trend_chart(
        [
            (20261, {R: 9, Y: 20, G: 25, GREY: 6}),
            (20262, {R: 7, Y: 18, G: 31, GREY: 4}),
            (20263, {}),
            (20264, {R: 1, Y: 1, G: 57, GREY: 1}),
        ],
        language,
    )


def dimensions(language: str) -> Figure:
    chance = random.Random(5)
    names = ZH if language == "zh" else EN
    bars = [
        DimensionBar(name, light, {G: chance.randint(1, 12), Y: chance.randint(0, 4), R: int(light is R) * 3, GREY: 1})
        for name, light in zip(names, [G, Y, R, G, G, Y, GREY, G], strict=False)
    ]
    return dimensions_chart(
        "田墘街道中心小学" if language == "zh" else "Tianqian Central Primary School",
        [*bars, DimensionBar(names[8], NA, {})],
        20264,
        language,
    )


CHARTS: list[Callable[[str], Figure]] = [matrix, distribution, trend, dimensions]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("chart", CHARTS)
def test_no_glyph_is_missing(chart, language):
    assert missing_glyphs(chart(language)) == set()


def test_a_missing_glyph_and_a_foreign_font_are_noticed():
    sheet = Sheet(2, 1)
    sheet.text(0, 0, "校\U0001f600")
    assert missing_glyphs(sheet.figure) == {"\U0001f600"}
    sheet.figure.text(0, 0, "DejaVu")
    assert set("DejaVu") <= missing_glyphs(sheet.figure)


@pytest.mark.parametrize("chart", CHARTS)
def test_the_same_chart_is_the_same_bytes(chart):
    first, second = to_svg(chart("zh")), to_svg(chart("zh"))
    assert first == second
    assert b"<dc:date>" not in first
    assert to_png(chart("zh"), 72) == to_png(chart("zh"), 72)
    assert to_png(chart("zh"), 72).startswith(b"\x89PNG")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("chart", CHARTS)
def test_texts_neither_overlap_nor_leave_the_sheet(chart, language):
    figure = chart(language)
    to_png(figure, 72)
    renderer = figure.canvas.get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in figure.findobj(Text) if text.get_text()]
    width, height = figure.get_size_inches() * figure.dpi
    outside = [name for name, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]
    assert outside == []
    overlapping = []
    for number, (name, box) in enumerate(boxes):
        for other_name, other in boxes[number + 1 :]:
            if min(box.x1, other.x1) - max(box.x0, other.x0) > 1 and min(box.y1, other.y1) - max(box.y0, other.y0) > 3:
                overlapping.append((name, other_name))
    assert overlapping == []


def test_every_cell_of_the_matrix_has_its_shape():
    shapes = [
        text.get_text()
        for text in matrix("zh", 12).findobj(Text)
        if text.get_text() in {look.symbol for look in LOOKS.values()}
    ]
    assert len(shapes) == 12 * 10


def test_shapes_and_words_tell_lights_apart_without_colour():
    assert len({look.symbol for look in LOOKS.values()}) == len(Light)
    assert [caption(light, "zh") for light in READING_ORDER] == ["■ 红", "▲ 黄", "● 绿", "◆ 灰", "– 不适用"]


def luminance(color: str) -> float:
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_ink_is_readable_on_every_light():
    assert all(contrast(look.fill, look.ink) >= 4.5 for look in LOOKS.values())


def test_green_is_bluish_so_that_it_is_not_taken_for_red():
    hue, _, _ = colorsys.rgb_to_hls(*(int(LOOKS[G].fill[n : n + 2], 16) / 255 for n in (1, 3, 5)))
    assert 150 <= hue * 360 <= 190
    assert contrast(LOOKS[Y].fill, LOOKS[R].fill) > 3
