"""Dictation into a text: what is said is added and kept, in the language of the screen, where the browser listens."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.collector.phones import until
from tests.collector.screens.conftest import Opener

pytestmark = pytest.mark.browser
DRAFT = "#/fill/uuid%3Adraft"
_SESSION = "document.querySelector('form.or').session"
# A recogniser that hears what the test says: `ears` are those that were started, in order.
_EARS = """
globalThis.ears = [];
globalThis.webkitSpeechRecognition = globalThis.SpeechRecognition = class extends EventTarget {
  start() { this.listening = true; ears.push(this); }
  stop() { this.listening = false; this.dispatchEvent(new Event('end')); }
  hear(words, isFinal = true) {
    const results = [Object.assign([{ transcript: words }], { isFinal })];
    this.dispatchEvent(Object.assign(new Event('result'), { resultIndex: 0, results }));
  }
  fail(error) { this.dispatchEvent(Object.assign(new Event('error'), { error })); this.stop(); }
};
"""
_DEAF = "delete globalThis.SpeechRecognition; delete globalThis.webkitSpeechRecognition;"


def footer(opened: Opener, script: str, language: str = "zh") -> Page:
    """The last page of a checklist, in a browser that is what the script made of it."""
    page = opened(DRAFT, language=language)
    page.add_init_script(script)
    page.reload()
    page.locator(".filling form.or .question:visible").first.wait_for()
    page.evaluate(f"{_SESSION}.setValue('hd_a11', '1')")
    page.evaluate(f"{_SESSION}.goTo({_SESSION}.pages().length - 1)")
    return page


def highlight(page: Page) -> Locator:
    """The text and its microphone."""
    return page.locator('.question:has(textarea[name$="/ft_a01"])')


def kept(page: Page) -> str:
    """The answer as autosave has kept it, nobody having left the question."""
    xml = str(page.evaluate("phone.draft('uuid:draft').then((draft) => draft.xml)"))
    return xml.partition("<ft_a01>")[2].partition("<")[0]


def test_what_is_said_is_added_to_what_stands_there_and_kept(opened: Opener) -> None:
    page = footer(opened, _EARS)
    box, microphone = highlight(page).locator("textarea"), highlight(page).get_by_role("button", name="语音输入")
    box.fill("食堂")
    microphone.click()
    assert page.evaluate("[ears.length, ears[0].lang, ears[0].continuous]") == [1, "zh-CN", True]
    expect(microphone).to_have_attribute("aria-pressed", "true")
    page.evaluate("ears[0].hear('陪餐记', false)")  # not sure yet: nothing is written
    expect(box).to_have_value("食堂")
    page.evaluate("ears[0].hear('陪餐记录齐全')")
    page.evaluate("ears[0].hear('，每日公示')")
    expect(box).to_have_value("食堂陪餐记录齐全，每日公示")
    until(lambda: kept(page) == "食堂陪餐记录齐全，每日公示")
    microphone.click()
    expect(microphone).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("ears[0].listening") is False


def test_it_listens_in_the_language_of_the_screen_also_after_a_change(opened: Opener) -> None:
    page = footer(opened, _EARS, "en")
    box, microphone = highlight(page).locator("textarea"), highlight(page).get_by_role("button", name="Dictate")
    microphone.click()
    assert page.evaluate("ears[0].lang") == "en-US"
    page.evaluate("ears[0].hear('meals are'); ears[0].hear('recorded')")
    expect(box).to_have_value("meals are recorded")
    microphone.click()
    page.locator(".btn-language").click()
    highlight(page).get_by_role("button", name="语音输入").click()
    assert page.evaluate("ears[1].lang") == "zh-CN"


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        ("no-speech", "没有听清", "Not understood"),
        ("network", "语音输入需要网络", "Dictation needs a network"),
        ("not-allowed", "不能使用麦克风", "microphone cannot be used"),
    ],
)
def test_a_failure_is_told_in_the_language_of_the_screen(opened: Opener, error: str, zh: str, en: str) -> None:
    page = footer(opened, _EARS)
    for name, words in (("语音输入", zh), ("Dictate", en)):
        microphone = highlight(page).get_by_role("button", name=name)
        microphone.click()
        page.evaluate(f"ears.at(-1).fail('{error}')")
        expect(page.locator(".said")).to_contain_text(words)
        expect(microphone).to_have_attribute("aria-pressed", "false")
        page.locator(".btn-language").click()


def test_there_is_no_microphone_where_the_browser_does_not_listen(opened: Opener) -> None:
    page = footer(opened, _DEAF)
    expect(highlight(page).locator("textarea")).to_be_visible()
    expect(page.get_by_role("button", name="语音输入")).to_have_count(0)
