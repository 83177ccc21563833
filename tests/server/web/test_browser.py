"""In a real browser: no request to another host, no error, nothing wider than a phone, all of it without scripts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.conftest import District
from tests.server.web.browser import CHROMIUM, WIDTHS, Site, running, wider_than_the_window
from tests.server.web.conftest import Seen

FIRST = "uuid:11111111-1111-4111-8111-111111111111"
PAGES = {
    "": ("/sign-in", "/api/docs"),
    "leader": ("/matrix", "/units/330101", "/units/D-JYJ", "/units/S01/explain/2026Q4"),
    "office": (
        "/units/S01",
        "/units/S01/explain/2026Q4/dimension/GP-6",
        "/units/S01/explain/2026Q4/indicator/AQ-03",
        "/submissions",
        f"/submissions/{FIRST}",
        "/ledgers/rectification",
        "/checklists",
        "/checklists/f01",
        "/units",
    ),
    "amina": ("/inspector",),
    "head1": ("/school", "/returns/return_school_year?unit=S01"),
    "jyj": ("/department", "/returns/return_department_quarter?unit=D-JYJ"),
    "admin": ("/people", "/people/amina"),
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (apt-get install chromium): no browser is tried"),
]


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


def test_no_page_asks_another_host_or_fails_or_is_wider_than_a_phone(site: Site) -> None:
    wide = []
    for width in WIDTHS:
        for login, paths in PAGES.items():
            window = site.open(login, width)
            page = window.new_page()
            for path in paths:
                answer = page.goto(site.address + path, wait_until="load")
                assert answer is not None and answer.ok, (path, answer and answer.status)
                if (more := wider_than_the_window(page)) > 0:
                    wide.append((path, width, more))
            window.close()
    assert site.wrong == []
    assert wide == []


def test_the_api_documentation_is_drawn_from_our_own_files(site: Site) -> None:
    page = site.open("", 1440).new_page()
    page.goto(f"{site.address}/api/docs")
    page.wait_for_selector("#swagger .opblock", timeout=20_000)
    assert site.wrong == []


def test_filtering_the_matrix_changes_the_table_in_place(site: Site) -> None:
    page = site.open("leader", 1440).new_page()
    page.goto(f"{site.address}/matrix")
    page.evaluate("window.stayed = true")
    page.select_option("#f-town", "330102")
    page.locator("#schools tbody a", has_text="东岭镇中心小学").wait_for(state="detached")
    assert page.evaluate("window.stayed") is True
    assert "town=330102" in page.url
    assert site.wrong == []


def test_everything_works_without_scripts(site: Site, password: str) -> None:
    page = site.open("", 390, scripts=False).new_page()
    page.goto(f"{site.address}/matrix")
    page.fill("#login", "office")
    page.fill("#password", password)
    page.click("main button[type=submit]")
    assert page.url.endswith("/matrix")
    page.select_option("#f-town", "330102")
    page.click("#schools form button[type=submit]")
    assert "东岭镇中心小学" not in page.inner_text("#schools")
    page.goto(f"{site.address}/submissions/{FIRST}")
    page.check("#v-approved")
    page.click("#review button[type=submit]")
    assert "已通过" in page.inner_text("#review")
    page.click("summary >> text=菜单")
    page.click('.nav-narrow >> text="问题台账"')
    assert page.url.endswith("/ledgers/rectification")


def test_the_keyboard_reaches_the_content_first_and_is_seen(site: Site) -> None:
    page = site.open("leader", 1440).new_page()
    page.goto(f"{site.address}/matrix")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_every_field_has_a_label_and_every_picture_a_text(site: Site) -> None:
    missing = []
    for login, paths in PAGES.items():
        page = site.open(login, 1440).new_page()
        for path in paths:
            page.goto(site.address + path)
            found = page.evaluate(
                """() => [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]
                .filter(field => !field.labels?.length && !field.getAttribute('aria-label'))
                .map(field => field.name).concat(
                [...document.querySelectorAll('img:not([alt])')].map(image => image.src))"""
            )
            missing += [(path, name) for name in found if path != "/api/docs"]
        page.context.close()
    assert missing == []


def test_a_printed_matrix_has_the_table_and_no_navigation(site: Site) -> None:
    page = site.open("leader", 1440).new_page()
    page.goto(f"{site.address}/matrix")
    page.emulate_media(media="print")
    assert page.is_visible(".matrix")
    assert not page.is_visible(".top")
    assert not page.is_visible(".filters")
