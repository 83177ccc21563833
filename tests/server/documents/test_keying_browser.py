"""The keying screen in a real browser: as fast as somebody types, every key lands where it was meant."""

from __future__ import annotations

import re

import pytest
from sqlmodel import col, select

from server.store.submissions import Submission
from tests.server.web.browser import CHROMIUM, WIDTHS, Site, wider_than_the_window
from tests.server.web.conftest import seen, seen_sqlite
from tests.server.web.test_browser import site, store_url

__all__ = ["seen", "seen_sqlite", "site", "store_url"]

PAGE = "/checklists/f01/key?unit=S01"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (apt-get install chromium): no browser is tried"),
]
# What is typed, a stroke after the other, without ever waiting; "/" stands for Enter: task, type, stage, certificate,
# companions, drawn, no conflict; then certificate shown, host, pupils, f01_a01 and f01_a02 (No: a note is asked).
HEAD = "T-9/" + "1/" + "2/" + "C7/" + "13/" + "1/" + "1/"
BODY = "1/" + "2/" + "300/" + "1/" + "3/"


def test_typing_without_waiting_fills_what_is_meant(site: Site) -> None:
    page = site.open("office", 1280).new_page()
    page.goto(site.address + PAGE)
    page.fill("#visited_on", "2026-11-18")
    page.focus("#filled_by")
    for key in "/" + HEAD + BODY + "notes/" + "1/":
        page.keyboard.press("Enter" if key == "/" else key)
    page.locator('[data-name="f01_a02_nt"]').wait_for(state="visible")
    page.locator('input[name="q.f01_a03"]:checked').wait_for()
    values = page.evaluate("Object.fromEntries(new FormData(document.getElementById('keying')).entries())")
    wanted = {
        "hd_a04": "T-9",
        "hd_a05": "1",
        "hd_a07": "2",
        "hd_a08": "C7",
        "hd_a11": "1",
        "hd_a12": "1",
        "hd_a16": "300",
        "f01_a01": "1",
        "f01_a02_nt": "notes",
        "f01_a03": "1",
    }
    assert {name: values.get(f"q.{name}") for name in wanted} == wanted
    assert page.locator('input[name="q.hd_a09"]:checked').count() == 2
    page.locator("#count", has_text="已录入：10题，数字之和300").wait_for()
    assert site.wrong == []


def test_what_stops_applying_is_hidden_again_and_enter_passes_over_it(site: Site) -> None:
    page = site.open("office", 1280).new_page()
    page.goto(site.address + PAGE)
    row = page.locator('[data-name="f01_a01"]')
    assert not row.is_visible()
    page.focus('input[name="q.hd_a11"][data-key="1"]')
    page.keyboard.press("1")
    row.wait_for(state="visible")
    page.keyboard.press("2")
    row.wait_for(state="hidden")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.closest('[hidden]')") is None
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.name") == "q.hd_a11"


def test_without_scripts_the_page_is_an_ordinary_form(site: Site) -> None:
    page = site.open("office", 1280, scripts=False).new_page()
    page.goto(site.address + PAGE)
    page.check('input[name="q.hd_a11"][value="0"]')
    page.fill("#visited_on", "2026-11-18")
    page.click("button[value=refresh]")
    for name, value in (("hd_a05", "1"), ("hd_a07", "2"), ("hd_a10", "0")):
        page.check(f'input[name="q.{name}"][value="{value}"]')
    page.click("button[value=send]")
    assert "/key?" in page.url and "done=keyed" in page.url
    instance = re.search(r"last=(uuid[^&]+)", page.url)
    assert instance is not None
    with site.district.database.read() as session:
        found = session.exec(select(Submission).where(col(Submission.device_id) == "keyed:office")).one()
    assert found.instance_id == instance[1].replace("%3A", ":")


def test_no_page_of_ours_is_wider_than_a_phone(site: Site) -> None:
    for width in WIDTHS:
        window = site.open("office", width)
        page = window.new_page()
        for path in (PAGE, "/checklists/f01/key", "/documents/templates"):
            page.goto(site.address + path)
            assert wider_than_the_window(page) <= 0, (path, width)
        window.close()
    assert site.wrong == []
