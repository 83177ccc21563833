"""The whole loop in a real browser: a visit's red answer, walked by its inspector, the school, the office and the
inspector who re-checks, each in a window of the own, in Chinese, on a phone where they would use one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.conftest import District
from tests.server.web.browser import CHROMIUM, WIDTHS, Site, running, wider_than_the_window
from tests.server.web.conftest import Seen
from tests.server.web.rectify.conftest import PDF, Road, photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (apt-get install chromium): no browser is tried"),
]
# Where pictures of the pages are put for people to look at; nowhere unless asked.
SHOTS = os.environ.get("LIANGPAI_TEST_SHOTS", "")


@pytest.fixture(params=["sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path, seen_sqlite, sqlite_template):  # type: ignore[no-untyped-def]
    """One database is enough to look at pages; the others are tried without a browser."""
    url, folder = seen_sqlite
    shutil.copytree(folder / "blobs", tmp_path / "district" / "blobs")
    target = tmp_path / "district" / "liangpai.sqlite3"
    shutil.copy(url.removeprefix("sqlite:///"), target)
    return f"sqlite:///{target}", sqlite_template.people


@pytest.fixture
def site(district: District, seen: Seen) -> Iterator[Site]:
    with running(district) as site:
        yield site


@dataclass
class Walker:
    """Walks a finding's page as several people."""

    site: Site
    code: str
    pages: dict[str, Page] = field(default_factory=dict)
    wide: list[str] = field(default_factory=list)
    number: int = 0

    def page(self, login: str, width: int = 1440) -> Page:
        if login not in self.pages:
            self.pages[login] = self.site.open(login, width).new_page()
        return self.pages[login]

    def see(self, login: str, path: str, name: str) -> Page:
        """Open a page at both widths; it fits, and a picture is taken where asked for."""
        page = self.page(login)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            answer = page.goto(self.site.address + path, wait_until="load")
            assert answer is not None and answer.ok, (path, answer and answer.status)
            self.shot(page, f"{name}-{width}")
        return page

    def shot(self, page: Page, name: str) -> None:
        if wider_than_the_window(page) > 0:
            self.wide.append(name)
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)

    def step(
        self, login: str, action: str, files: dict[str, list[dict[str, object]]] | None = None, **fields: str
    ) -> Page:
        """Take a step on the finding's page by its form; what is said afterwards is on the page."""
        page = self.page(login)
        page.goto(f"{self.site.address}/findings/{self.code}")
        box = page.locator(f"#step-{action}")
        if box.locator("summary").count() and box.get_attribute("open") is None:
            box.locator("summary").click()
        for name, value in fields.items():
            entry = page.locator(f"#{action}-f-{name}")
            if entry.evaluate("field => field.tagName") == "SELECT":
                entry.select_option(value)
            else:
                entry.fill(value)
        for name, given in (files or {}).items():
            page.locator(f"#{action}-f-{name}").set_input_files(given)  # type: ignore[arg-type]
        self.number += 1
        self.shot(page, f"walk-{self.number:02}-{action}")
        box.locator("button[type=submit]").click()
        page.wait_for_selector("#taken, #sure, #refused, .field-error")
        return page


def failures(site: Site) -> list[str]:
    """What went wrong in the windows: a form that came back with 422 is meant to."""
    return [text for text in site.wrong if "422" not in text]


def image(name: str, color: tuple[int, int, int]) -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(color, taken="2026:11:20 09:30:00", place=True)}


def test_three_people_walk_a_red_answer_to_its_closing(site: Site, seen: Seen) -> None:
    walker = Walker(site, seen.findings["f01_f03"])
    persons = site.district.people.persons
    walker.page("head1", 390)
    # The office confirms what the visit's answer proposed.
    page = walker.step("office", "confirm")
    assert "已办理：确认立项" in page.inner_text("#taken")
    assert "督学" in page.inner_text("#taken")
    # The inspector gives the initial opinion; a form without it comes back and says so beside the field.
    page = walker.step("amina", "give_feedback", delivery="spot")
    assert "初步督导意见" in page.inner_text(".field-error")
    assert page.input_value("#give_feedback-f-delivery") == "spot"
    page.fill("#give_feedback-f-opinion", "一键报警现场测试未接通，请立即修复并每周自测。")
    page.click("#step-give_feedback button[type=submit]")
    page.wait_for_selector("#taken")
    # The school sees it first thing on its phone, and has nothing to object.
    phone = walker.page("head1")
    phone.goto(site.address + "/")
    assert phone.url.endswith("/desk")
    walker.shot(phone, "walk-desk-school")
    phone.click("text=一键报警现场测试接通")
    walker.step("head1", "acknowledge")
    walker.step("head1", "agree", note="情况属实")
    # The office issues the notice: the limit begins, and the document can be printed.
    page = walker.step("office", "issue_notice", requirement="修复报警装置，每周自测并登记。")
    assert "督导意见书" in page.inner_text("#documents")  # route R3: the office's own paper
    with page.expect_download() as download:
        page.click("#documents a >> text=Word")
    assert download.value.suggested_filename.endswith(".docx")
    # The school plans, reports and shows the result with photos.
    walker.step("head1", "acknowledge")
    walker.step("head1", "submit_plan", measures="更换报警主机，指定专人每周自测", done_on="2026-11-24")
    walker.step("amina", "accept_plan")
    page = walker.step("head1", "submit_evidence", report="报警主机已更换，三次测试均接通。")
    assert page.locator("#refused, .field-error").count() == 1  # nothing is shown yet
    page.locator("#submit_evidence-f-photos").set_input_files(
        [image("整改后1.jpg", (70, 140, 90)), image("整改后2.jpg", (80, 120, 160))]  # type: ignore[list-item]
    )
    page.locator("#submit_evidence-f-files").set_input_files(
        {"name": "自测记录.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.click("#step-submit_evidence button[type=submit]")
    page.wait_for_selector("#taken")
    assert page.locator("#evidence img").count() == 3
    assert "30.241667, 120.150000" in page.inner_text("#evidence")
    # Another inspector is sent, looks on site, and the office closes it.
    walker.step("office", "assign_recheck", checker=str(persons["bola"]))
    page = walker.page("bola")
    page.goto(site.address + "/desk")
    walker.shot(page, "walk-desk-inspector")
    assert "一键报警现场测试接通" in page.inner_text("main")
    walker.step("bola", "recheck", verdict="done", method="site", note="现场测试三次，均在10秒内接通。")
    page = walker.step("office", "close")
    assert "已销号观察" in page.inner_text("#standing")
    assert page.locator(".story > li").count() >= 11
    walker.see("office", f"/findings/{walker.code}", "finding-closed-office")
    walker.see("head1", f"/findings/{walker.code}", "finding-closed-school")
    assert walker.wide == []
    assert failures(site) == []


def test_what_cannot_be_taken_back_is_asked_twice_and_a_refused_step_keeps_files(site: Site, seen: Seen) -> None:
    walker = Walker(site, seen.findings["f01_f04"])
    page = walker.step("office", "dismiss", reason="误报：设备检修当日已报备。")
    assert "请再次确认" in page.inner_text("#sure")
    assert page.input_value("#dismiss-f-reason").startswith("误报")
    walker.shot(page, "sure")
    page.click("#step-dismiss button[type=submit]")
    page.wait_for_selector("#taken")
    assert "已撤销" in page.inner_text("#standing")
    road = Road(site.district, seen)
    road.to("feedback")
    walker = Walker(site, seen.findings["f01_f03"])
    walker.page("head1", 390)
    statement = {"name": "申辩材料.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page = walker.step("head1", "state", {"files": [statement]}, objection="fact")
    assert "申辩内容" in page.inner_text(".field-error")
    assert "申辩材料.pdf" in page.inner_text(".kept")
    walker.shot(page, "refused-390")
    page.fill("#state-f-text", "检查当日市局正在检修线路，有通知为证。")
    page.click("#step-state button[type=submit]")
    page.wait_for_selector("#taken")
    assert "申辩材料.pdf" in page.inner_text("#story")
    assert walker.wide == []
    assert failures(site) == []
