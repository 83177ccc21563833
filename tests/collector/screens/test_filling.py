"""Filling in a checklist: answers, photos, positions, what was known, what is missing, signing off, the sheet."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.collector.phones import until
from tests.collector.screens.conftest import Opener

pytestmark = pytest.mark.browser
DRAFT = "#/fill/uuid%3Adraft"


def tap(page: Page, item: str, value: str) -> None:
    """Tap an answer where a thumb does: on the button's words."""
    page.locator(f'label.answer:has(input[data-name$="/{item}"][value="{value}"])').first.click()


def begin(page: Page) -> None:
    """Fill in the first page."""
    for item in ("hd_a05", "hd_a10", "hd_a11"):
        tap(page, item, "1")
    page.locator('select[name$="/hd_a07"]').select_option("2")


def go_on(page: Page, times: int = 1) -> None:
    for _ in range(times):
        before = page.locator(".fill-head h2").inner_text()
        page.locator("[data-do=next]").click()
        expect(page.locator(".fill-head h2")).not_to_have_text(before)


def kept(page: Page, item: str) -> str:
    """The value in the draft's XML as it was saved."""
    page.evaluate("document.querySelector('form.or').session.flush()")
    xml = page.evaluate("phone.draft('uuid:draft').then(draft => draft.xml)")
    found = re.search(rf"<{item}>(.*?)</{item}>", xml)
    return found[1] if found else ""


def photo(folder: Path) -> Path:
    """A photo as a camera makes it: 3000 x 2000 lying on its side, with time, place and the camera's serial number."""
    exif = Image.Exif()
    exif[0x0112], exif[0x0132], exif[0xC62F] = 6, "2026:11:22 08:30:00", "SERIAL-4711"
    exif[0x8825] = {1: "N", 2: (30.0, 16.0, 26.76), 3: "E", 4: (120.0, 9.0, 18.36)}
    path = folder / "photo.jpg"
    Image.new("RGB", (3000, 2000), "#8899aa").save(path, exif=exif)
    return path


def test_each_answer_shows_its_light_as_a_word_and_a_shape(opened: Opener) -> None:
    page = opened(DRAFT)
    begin(page)
    go_on(page, 2)
    first = page.locator('.question:has(input[data-name$="/f01_a02"])').first
    words = [each.inner_text().split() for each in first.locator("label.answer").all()]
    assert words == [["是", "绿"], ["部分", "黄"], ["否", "红"], ["不适用"]]
    assert first.locator("label.answer svg.shape").count() == 4
    tap(page, "f01_a02", "3")
    assert kept(page, "f01_a02") == "3"
    tap(page, "f01_a02", "3")
    assert kept(page, "f01_a02") == ""


def test_progress_counts_answers_and_the_time_of_saving_is_shown(opened: Opener) -> None:
    page = opened(DRAFT)
    begin(page)
    expect(page.locator(".fill-where .number")).to_have_text(re.compile(r"^4/\d\d$"))
    expect(page.locator(".saved")).to_have_text(re.compile(r"^已保存 \d\d:\d\d:\d\d$"))


def test_the_language_changes_while_filling_and_every_answer_stays(opened: Opener) -> None:
    page = opened(DRAFT)
    begin(page)
    go_on(page, 2)
    tap(page, "f01_a01", "2")
    page.locator(".btn-language").click()
    expect(page.locator(".fill-head h2")).to_have_text("A Governance and implementation of rules")
    chosen = page.locator('label.answer:has(input[data-name$="/f01_a01"]:checked)')
    assert chosen.inner_text().split() == ["Partly", "Yellow"]
    assert page.locator("html").get_attribute("lang") == "en"
    assert kept(page, "f01_a01") == "2"


def test_the_keyboard_alone_fills_a_page_and_turns_it(opened: Opener) -> None:
    page = opened(DRAFT)
    page.keyboard.press("Tab")
    for _ in range(60):
        here = page.evaluate(
            "(({ dataset, name }) => [dataset.name ?? name ?? '', dataset.do ?? ''])(document.activeElement)"
        )
        if here[0].endswith(("hd_a05", "hd_a10", "hd_a11")):
            page.keyboard.press("Space")
        elif here[0].endswith("hd_a07"):
            page.keyboard.press("ArrowDown")
        elif here[1] == "next":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".fill-head h2")).to_have_text("A 到校信息（续）")
    assert page.evaluate("document.activeElement.matches('.fill-head h2')")


def test_what_was_answered_last_time_is_taken_over_with_one_tap_and_marked_as_confirmed(opened: Opener) -> None:
    page = opened(DRAFT)
    begin(page)
    go_on(page, 2)
    page.get_by_text("与上次相同：是（2026-10-12）").click()
    assert kept(page, "f01_a01") == "1"
    expect(page.get_by_text("已确认沿用：是（2026-10-12），不是本次实测")).to_be_visible()
    tap(page, "f01_a01", "3")
    expect(page.get_by_text("已确认沿用：是")).to_be_hidden()


def test_a_photo_is_shrunk_turned_upright_and_keeps_only_its_time_and_place(opened: Opener, tmp_path: Path) -> None:
    page = opened(DRAFT)
    begin(page)
    go_on(page)
    page.locator('.question:has([name$="/hd_a14"]) input[capture]').set_input_files(photo(tmp_path))
    page.locator(".photo-preview img").wait_for()
    name = kept(page, "hd_a14")
    assert name.startswith("hd_a14-") and name.endswith(".jpg")
    read = "async name => [...new Uint8Array(await (await phone.file('uuid:draft', name)).arrayBuffer())]"
    octets = page.evaluate(read, name)
    with Image.open(io.BytesIO(bytes(octets))) as made:
        assert made.size == (853, 1280)
        exif = made.getexif()
    assert exif[0x0132] == "2026:11:22 08:30:00"
    assert 0x0112 not in exif and b"4711" not in bytes(octets)
    place = exif.get_ifd(0x8825)
    assert place[1] == "N" and place[3] == "E"
    assert [round(float(each), 1) for each in place[2]] == [30.0, 16.0, 26.8]


def test_a_photo_is_drawn_on_and_a_drawing_undone_leaves_it_as_it_was(opened: Opener, tmp_path: Path) -> None:
    page = opened(DRAFT)
    begin(page)
    go_on(page)
    page.locator('.question:has([name$="/hd_a14"]) input[capture]').set_input_files(photo(tmp_path))
    for undo in (True, False):
        page.locator(".photo-preview img").wait_for()
        before = kept(page, "hd_a14")
        page.get_by_label("在照片上标注").click()
        box = page.locator("canvas.drawing").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 40, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 160, box["y"] + 200, steps=5)
        page.mouse.up()
        if undo:
            page.get_by_label("撤销").click()
        page.locator("dialog .btn-main").click()
        page.locator("dialog").wait_for(state="detached")
        if undo:
            page.wait_for_timeout(400)
            assert kept(page, "hd_a14") == before
        else:
            until(lambda known=before: kept(page, "hd_a14") != known)


def test_the_position_is_kept_with_its_exactness_and_a_far_one_is_warned_of_softly(opened: Opener) -> None:
    near, far = opened(DRAFT), opened(DRAFT, at=(30.30, 120.1551))
    for page, words in ((near, "距学校约44米"), (far, "请核对学校是否选对")):
        begin(page)
        go_on(page)
        page.get_by_text("开始定位").click()
        expect(page.get_by_text("误差约12米")).to_be_visible()
        expect(page.get_by_text(words)).to_be_visible()
        assert re.fullmatch(r"30\.\d{7} 120\.\d{7} 0\.0 12\.0", kept(page, "hd_a13"))
    tap(far, "hd_a12", "1")
    go_on(far)


def test_what_is_missing_is_listed_and_leads_to_its_question(opened: Opener) -> None:
    page = opened(DRAFT)
    begin(page)
    page.locator("[data-do=jump]").click()
    page.locator("dialog .row", has_text="消防通道畅通").first.click()
    expect(page.locator(".fill-head h2")).to_have_text("F 校园及周边安全、交通")
    assert "f01_f07" in page.evaluate("document.activeElement.dataset.name")


def test_a_tap_on_next_is_not_lost_while_an_answer_changes_the_bar(opened: Opener) -> None:
    page = opened(DRAFT)
    tap(page, "hd_a11", "1")
    page.wait_for_timeout(400)
    before, title = (page.locator(part).inner_text() for part in ("[data-do=jump] .badge", ".fill-head h2"))
    box = page.locator("[data-do=next]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.evaluate("""document.querySelector('input[data-name$="/hd_a05"][value="1"]').click()""")
    expect(page.locator("[data-do=jump] .badge")).not_to_have_text(before)
    page.mouse.up()
    expect(page.locator(".fill-head h2")).not_to_have_text(title)


def test_one_question_at_a_time_shows_one_and_goes_through_all_of_a_page(opened: Opener) -> None:
    page = opened(DRAFT, single=True)
    seen = []
    for _ in range(4):
        assert page.locator("form.or .question:visible").count() == 1
        seen.append(page.locator("form.or .question:visible .question-label.active").inner_text())
        page.locator("[data-do=next]").click()
    assert [each[:4] for each in seen] == ["督导类型", "学段", "随行人员", "是否随机"]
    page.locator("[data-do=previous]").click()
    assert page.locator("form.or .question:visible .question-label.active").inner_text() == seen[3]


FILL_ALL = """(wrong) => {
  let changed = 0;
  const change = (control) => {
    for (const name of ['input', 'change']) control.dispatchEvent(new Event(name, { bubbles: true }));
    changed += 1;
  };
  for (const question of document.querySelectorAll('form.or .question')) {
    if (question.closest('[hidden], .disabled') || question.matches('.is-system, .unit-question')) continue;
    const radios = [...question.querySelectorAll('input[type=radio]')];
    if (radios.some((radio) => radio.checked)) continue;
    if (radios.length) {
      const value = wrong[radios[0].dataset.name.split('/').pop()];
      const chosen = radios.find((radio) => radio.value === value) ?? radios[0];
      chosen.checked = true;
      change(chosen);
      continue;
    }
    const text = question.querySelector('input[type=number], input[type=text]:not(.ignore):not(.is-covered)');
    if (!text || text.value || text.readOnly) continue;
    const number = text.name.endsWith('b07') ? '0' : '3';
    text.value = text.type === 'number' ? number : '二楼出口堆放纸箱';
    change(text);
  }
  return changed;
}"""


@pytest.fixture
def signed(opened: Opener, tmp_path: Path) -> Page:
    """A visit answered to the last page, with one grave finding and its photo, not signed yet."""
    page = opened(DRAFT)
    begin(page)
    while page.locator("[data-do=next]").inner_text() != "完成":
        while page.evaluate(FILL_ALL, {"f01_f07": "3", "f01_a03": "2"}):
            page.wait_for_timeout(150)
        for words in page.locator(".question:visible").get_by_text("开始定位").all():
            words.click()
            page.wait_for_timeout(200)
        if page.locator(".fill-head h2").inner_text().startswith("F "):
            page.locator('.question:has([name$="/f01_f07_ev"]) input[capture]').set_input_files(photo(tmp_path))
            page.locator(".photo-preview img:visible").wait_for()
        go_on(page)
    return page


def test_score_and_findings_are_shown_before_signing_and_the_sheet_follows_the_last_answer(
    signed: Page, tmp_path: Path
) -> None:
    page = signed
    shown = page.locator(".signoff")
    expect(shown.locator(".light-red").first).to_have_text("红1")
    expect(shown.locator(".proposal")).to_have_count(1)
    assert "四级 重大" in shown.inner_text() and "消防通道畅通、器材有效" in shown.inner_text()
    tap(page, "ft_a11", "3")
    page.locator('textarea[name$="/ft_a12"]').fill("纸箱当天已清走")

    page.locator("[data-do=next]").click()
    expect(page.locator("dialog .row").first).to_contain_text("督学签名")
    page.locator("dialog .row").first.click()
    box = page.locator("canvas.pad:visible").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 90, steps=6)
    page.mouse.up()
    expect(page.locator(".signature.is-signed")).to_have_count(1)
    page.wait_for_timeout(300)
    page.locator("[data-do=next]").click()
    page.locator("dialog .btn-main").click()

    sheet = page.locator(".paper")
    sheet.wait_for()
    words = sheet.inner_text()
    for expected in (
        "河口实验小学",
        "周明",
        "消防通道畅通、器材有效",
        "二楼出口堆放纸箱",
        "整改1个工作日",
        "纸箱当天已清走",
    ):
        assert expected in words
    expect(sheet.locator(".photos img")).to_have_count(1)
    expect(sheet.locator(".paper-sign img")).to_have_count(1)
    code = zxingcpp.read_barcode(Image.open(io.BytesIO(page.locator(".qr").screenshot())))
    assert code is not None
    assert "河口实验小学 33010100000" in code.text and "二楼出口堆放纸箱" in code.text
    assert code.text.endswith("uuid:draft")
    assert page.evaluate("phone.draft('uuid:draft').then(draft => draft.state)") == "waiting"
    printed = page.pdf(path=tmp_path / "sheet.pdf", format="A4")
    assert printed.startswith(b"%PDF")
