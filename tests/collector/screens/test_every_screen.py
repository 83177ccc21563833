"""What holds for every screen: anybody can use it, on any phone, in either language, at any size."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.collector.screens.conftest import Opener

pytestmark = pytest.mark.browser
SCHOOL, DRAFT = "33010100000", "uuid%3Adraft"
SCREENS = {
    "bind": "#/",
    "home": "#/",
    "school": f"#/school/{SCHOOL}",
    "queue": "#/queue",
    "returned": "#/returned",
    "phone": "#/phone",
    "help": "#/help",
    "fill": f"#/fill/{DRAFT}",
    "queued": "#/fill/uuid%3Asent",
    "lost": "#/school/none",
    "elsewhere": "#/nowhere",
}
every_screen = pytest.mark.parametrize("screen", SCREENS)

# Codes, sizes and numbers stand in Chinese text as they are.
CODES = re.compile(r"collect:\w+|uuid:\S+|\b[kMG]B\b|\b[A-Z]{1,2}\d*(-\d+(\.\d+)*)?\b|\bF\d\d\b")


def at(opened: Opener, screen: str, **options: object) -> Page:
    return opened(SCREENS[screen], world="unbound" if screen == "bind" else "world", **options)


@every_screen
def test_no_screen_has_a_serious_violation_of_accessibility_in_light_or_dark(opened: Opener, screen: str) -> None:
    page = at(opened, screen)
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        response = Axe().run(page).response
        found = [each for each in response["violations"] if each["impact"] in ("serious", "critical")]
        assert [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found] == []
        assert len(response["passes"]) > 10


@every_screen
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_screen_scrolls_sideways_on_any_phone_at_any_size(opened: Opener, screen: str, language: str) -> None:
    page = at(opened, screen, language=language)
    for width, text in ((390, "normal"), (360, "largest"), (320, "normal"), (1440, "normal")):
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("text => { document.documentElement.dataset.text = text }", text)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (width, text)


SMALL = """() => {
  const tapped = 'button, a.btn, a.row, .nav a, summary, select, label.answer, label.tick,'
    + 'input:not([type=checkbox]):not([type=radio])';
  const sizes = [];
  for (const element of document.querySelectorAll(tapped)) {
    const { width, height } = element.getBoundingClientRect();
    const seen = element.offsetParent !== null && getComputedStyle(element).visibility !== 'hidden';
    if (seen && (Math.round(width) < 44 || Math.round(height) < 44)) sizes.push([element.outerHTML, width, height]);
  }
  return sizes;
}"""
# Text that is read, apart from what is in the other language on purpose.
READ = """() => {
  const all = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const around = walk.currentNode.parentElement;
    if (around.offsetParent !== null && !around.closest('[lang=en], script')) all.push(walk.currentNode.textContent);
  }
  for (const element of document.querySelectorAll('[aria-label]')) {
    if (!element.closest('[lang=en]')) all.push(element.getAttribute('aria-label'));
  }
  return all;
}"""


@every_screen
def test_a_chinese_screen_holds_no_english_word_and_nothing_too_small_for_a_thumb(opened: Opener, screen: str) -> None:
    page = at(opened, screen)
    assert page.evaluate(SMALL) == []
    words = [text.strip() for text in page.evaluate(READ) if re.search(r"[A-Za-z]{2}", CODES.sub("", text))]
    assert words == []


@every_screen
def test_an_english_screen_has_no_chinese_word_of_ours(opened: Opener, screen: str) -> None:
    page = at(opened, screen, language="en")
    ours = page.evaluate("Object.values(tools.TEXTS).map(([zh]) => zh).filter(zh => zh.length > 1)")
    read = {text.strip() for text in page.evaluate(READ)}
    assert read & set(ours) <= {"中文", "亮牌"}


def test_every_word_is_there_in_both_languages(opened: Opener) -> None:
    texts = opened().evaluate("tools.TEXTS")
    assert len(texts) > 200
    for key, (zh, en) in texts.items():
        assert re.search(r"[\u4e00-\u9fff]", zh) or key in ("language.switch", "known.on"), key
        assert (en and not re.search(r"[\u4e00-\u9fff]", en)) or key == "language.switch", key
        assert set(re.findall(r"\{\w+\}", zh)) == set(re.findall(r"\{\w+\}", en)), key
