"""The feedback sheet as a picture: whole, readable, with its QR code, whatever was found and said."""

from __future__ import annotations

import base64
import io
import itertools
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.collector.screens.conftest import Opener

pytestmark = pytest.mark.browser
SHEET = "#/sheet/uuid%3Adraft"
WIDTH = 750
LONG = "二楼东侧安全出口堆放纸箱、课桌椅各若干，占用疏散宽度约一半；应急照明灯两盏不亮，灭火器压力不足，" * 4
WECHAT = "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 Chrome/107 Mobile MicroMessenger/8.0.47"
# An answered draft: `count` red answers, each with `photos` photos and the words beside it.
_VISIT = """async ({ count, photos, words, statement, signed }) => {
  const draft = await phone.draft('uuid:draft');
  const body = await phone.draftBody(draft);
  const given = new Map([['hd_a01', '2026-11-22T09:05:00.000+08:00'], ['hd_a05', '1'], ['hd_a15', '王主任'],
    ['ft_a01', '食堂陪餐记录齐全'], ['ft_a11', '3'], ['ft_a12', statement]]);
  const keep = async (name, width, height, seed) => {
    phone.files_.set(`uuid:draft/${name}`, await tools.picture(width, height, seed));
    return name;
  };
  const red = (item) => item.choices.find((each) => each.light === 'red');
  const lit = body.items.filter((item) => item.role === 'item' && item.severity && red(item));
  for (const item of lit.slice(0, count)) {
    given.set(item.name, red(item).value);
    const beside = body.items.filter((each) => each.companion_of === item.name);
    const note = beside.find((each) => each.role === 'note_companion');
    if (note && words) given.set(note.name, words);
    const shots = beside.filter((each) => each.role === 'photo_companion').slice(0, photos);
    for (const { name } of shots) given.set(name, await keep(`${name}.jpg`, 1280, 960, name));
  }
  if (signed) given.set('ft_a13', await keep('sign.png', 960, 360, 'x'));
  const document = new DOMParser().parseFromString('<data/>', 'text/xml');
  for (const item of body.items.filter((each) => given.get(each.name))) {
    let node = document.documentElement;
    for (const step of item.path.split('/').slice(2)) {
      const known = [...node.children].find((each) => each.localName === step);
      node = known ?? node.appendChild(document.createElement(step));
    }
    node.textContent = given.get(item.name);
  }
  phone.put({ ...draft, state: 'waiting', xml: new XMLSerializer().serializeToString(document) });
}"""


def visit(page: Page, **made: Any) -> None:
    page.evaluate(_VISIT, {"count": 1, "photos": 0, "words": "", "statement": "", "signed": False, **made})
    page.evaluate("location.hash = '#/'")
    page.locator("#school-search").wait_for()
    page.evaluate(f"location.hash = '{SHEET}'")
    page.locator(".paper").wait_for()


def picture(page: Page, words: str = "保存为图片") -> Image.Image:
    """The picture as it is shown, decoded."""
    page.get_by_role("button", name=words).click()
    shown = page.locator("dialog img.sheet-picture")
    shown.wait_for()
    kind, _, data = str(shown.get_attribute("src")).partition(",")
    assert kind == "data:image/png;base64"
    made = Image.open(io.BytesIO(base64.b64decode(data)))
    made.load()
    return made.convert("RGB")


def summary(picture: Image.Image) -> str:
    """What the QR code in a picture says."""
    code = zxingcpp.read_barcode(picture)
    assert code is not None
    return code.text


def ink(made: Image.Image) -> list[int]:
    """The darkest grey of each row of pixels, without the margins."""
    grey = made.convert("L").crop((32, 0, made.width - 32, made.height))
    return [grey.crop((0, y, grey.width, y + 1)).getextrema()[0] for y in range(grey.height)]


def test_the_sheet_becomes_a_picture_with_the_findings_and_the_codes_summary(opened: Opener) -> None:
    page = opened()
    visit(page, count=1, photos=1, words="二楼出口堆放纸箱", statement="纸箱当天已清走", signed=True)
    on_page = summary(Image.open(io.BytesIO(page.locator(".paper .qr").screenshot())))
    made = picture(page)
    assert made.width == WIDTH
    assert summary(made) == on_page and on_page.endswith("uuid:draft")
    expect(page.locator("dialog")).to_contain_text("长按图片")
    # Ink from the first line to the code at the foot, no gap as of something that was not drawn.
    dark = [y for y, value in enumerate(ink(made)) if value < 130]
    assert dark[0] < 60 and made.height - dark[-1] < 120
    assert max(below - above for above, below in itertools.pairwise(dark)) < 160


def test_twelve_findings_are_all_in_the_picture(opened: Opener) -> None:
    page = opened()
    visit(page, count=1)
    one = picture(page)
    page.keyboard.press("Escape")
    visit(page, count=12)
    twelve = picture(page)
    assert page.locator(".paper-finding").count() == 12
    # Each has its own red square: white cross on red at the same distance from the left.
    assert len(squares_of(one)) == 1 + 1 and len(squares_of(twelve)) == 1 + 12


def squares_of(made: Image.Image) -> list[int]:
    """Where the red lights of the sheet begin: runs of rows with a red pixel in them."""
    column = made.crop((32, 0, 160, made.height))
    red = [any(r > 150 and g < 90 and b < 90 for r, g, b in pixels_of(column, y)) for y in range(column.height)]
    return [y for y in range(1, len(red)) if red[y] and not red[y - 1]]


def pixels_of(made: Image.Image, y: int) -> list[tuple[int, int, int]]:
    octets = made.crop((0, y, made.width, y + 1)).tobytes()
    return [(octets[n], octets[n + 1], octets[n + 2]) for n in range(0, len(octets), 3)]


def test_photos_and_signatures_are_in_the_picture(opened: Opener) -> None:
    page = opened()
    visit(page, count=2)
    bare = picture(page)
    page.keyboard.press("Escape")
    visit(page, count=2, photos=3, signed=True)
    full = picture(page)
    wood = (93, 76, 60)  # the doorway of the drawn photo
    assert not near(bare, wood) and near(full, wood) > 10_000
    assert full.height > bare.height + 250


def near(made: Image.Image, color: tuple[int, int, int]) -> int:
    """How many pixels are of about this colour."""
    octets = made.tobytes()
    bands = [octets[n::3] for n in range(3)]
    return sum(
        all(abs(value - wanted) < 12 for value, wanted in zip(pixel, color, strict=True))
        for pixel in zip(*bands, strict=True)
    )


def test_long_words_are_wrapped_and_none_is_cut_off(opened: Opener) -> None:
    page = opened()
    address = "https://example.org/" + "a-very-long-address/" * 6
    visit(page, count=3, words=LONG, statement=f"{LONG}见{address}")
    made = picture(page)
    assert made.width == WIDTH
    margins = [made.convert("L").crop(box) for box in ((0, 14, 30, made.height), (720, 14, WIDTH, made.height))]
    assert all(margin.getextrema()[0] > 200 for margin in margins), "something is written over the edge"
    assert summary(made).endswith("uuid:draft")


def test_lines_break_as_chinese_is_set(opened: Opener) -> None:
    page = opened()
    lines = """([words, room]) => tools.lines(words, () => room, (text) => [...text].length)"""
    assert page.evaluate(lines, ["安全出口堆放纸箱，已清走。", 8]) == ["安全出口堆放纸", "箱，已清走。"]
    assert page.evaluate(lines, ["现场查看（东侧）出口", 5]) == ["现场查看", "（东侧）出", "口"]
    assert page.evaluate(lines, ["see the exit now", 8]) == ["see the", "exit now"]
    assert page.evaluate(lines, ["编号 abcdefghijkl", 6]) == ["编号", "abcdef", "ghijkl"]
    assert page.evaluate(lines, ["一\n二", 9]) == ["一", "二"]
    for words in (LONG, "a " * 40, LONG + "x" * 50):
        made = page.evaluate(lines, [words, 11])
        assert "".join("".join(made).split()) == "".join(words.split())
        assert all(len(line) <= 11 for line in made)


def test_inside_wechat_the_picture_takes_the_place_of_printing(opened: Opener) -> None:
    page = opened()
    page.add_init_script(f"Object.defineProperty(navigator, 'userAgent', {{ get: () => '{WECHAT}' }})")
    page.reload()
    page.wait_for_selector("h1")
    visit(page, words="二楼出口堆放纸箱")
    expect(page.get_by_role("button", name="打印")).to_have_count(0)
    picture(page)
    expect(page.locator("dialog")).to_contain_text("长按图片")
    expect(page.get_by_role("button", name="存为文件")).to_have_count(0)


def test_the_picture_is_kept_as_a_file_or_shared_where_the_browser_can(opened: Opener) -> None:
    page = opened()
    page.evaluate(
        """() => {
          globalThis.shared = [];
          navigator.canShare = (data) => data.files?.[0]?.type === 'image/png';
          navigator.share = async (data) => { shared.push([data.files[0].name, data.files[0].size]); };
        }"""
    )
    visit(page)
    picture(page)
    page.get_by_role("button", name="发给别人").click()
    [[name, size]] = page.evaluate("shared")
    assert name == "现场反馈单-河口实验小学-2026-11-22.png" and size > 10_000
    with page.expect_download() as kept:
        page.get_by_role("button", name="存为文件").click()
    assert kept.value.suggested_filename == name


def test_the_picture_is_in_the_language_of_the_screen(opened: Opener) -> None:
    page = opened(language="en")
    visit(page)
    assert "Red" in summary(picture(page, "Save as picture"))
    expect(page.locator("dialog")).to_contain_text("Press and hold")
