"""Messages, ledgers and analysis in a browser: fit a phone, ask no other host, are accessible, work without scripts."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from server.services.notify import Holders, MessageWords, tell
from server.store.cases import MeasureRow
from server.store.messages import Delivery, MessageChoice, Robot
from tests.conftest import District
from tests.people import NOW
from tests.server.web.browser import CHROMIUM, WIDTHS, Site, running, wider_than_the_window
from tests.server.web.conftest import Seen
from tests.server.web.ledgers.conftest import DAY, TODAY

Fill = Callable[..., list[dict[str, Any]]]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (apt-get install chromium): no browser is tried"),
]
SHOTS = os.environ.get("LIANGPAI_TEST_SHOTS", "")
PAGES = {
    "office": (
        ("inbox", "/inbox"),
        ("ledger", "/ledgers/rectification"),
        ("ledger-further", "/ledgers/rectification?item=f01_a01&state=all"),
        ("overdue", "/ledgers/overdue"),
        ("consultations", "/ledgers/consultations?state=all"),
        ("measures", "/ledgers/measures"),
        ("analysis", "/ledgers/analysis"),
    ),
    "head1": (
        ("ledger-school", "/ledgers/rectification"),
        ("choice", "/inbox/choice"),
        ("analysis-school", "/ledgers/analysis"),
    ),
    "admin": (("deliveries", "/deliveries"), ("robots", "/robots")),
}


@pytest.fixture(params=["sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path, seen_sqlite, sqlite_template):  # type: ignore[no-untyped-def]
    """One database is enough to look at pages."""
    url, folder = seen_sqlite
    shutil.copytree(folder / "blobs", tmp_path / "district" / "blobs")
    target = tmp_path / "district" / "liangpai.sqlite3"
    shutil.copy(url.removeprefix("sqlite:///"), target)
    return f"sqlite:///{target}", sqlite_template.people


@pytest.fixture
def site(district: District, seen: Seen, fill: Fill) -> Iterator[Site]:
    """A server with something on every page."""
    fill(count=160)
    people = district.people
    with district.database.write() as session:
        for kind, state in (("interview", "proposed"), ("circular", "decided")):
            session.add(
                MeasureRow(
                    code=f"M-{kind}",
                    kind=kind,
                    unit_id=people.units["S01"],
                    quarter=20264,
                    state=state,
                    origin=kind,
                    proposed_on=TODAY - 9 * DAY,
                    created_at=NOW,
                    changed_at=NOW,
                )
            )
        office = people.persons["office"]
        session.add(MessageChoice(person_id=office, email="a@example.org", email_mode="now", changed_at=NOW))
        session.add(Robot(name="督导群", kind="wecom", url="https://x", unit_id=people.units["330100"], created_at=NOW))
        session.flush()
        words = MessageWords("催办：消防通道堆放杂物（东岭镇中心小学）", "Urged", "S01-f01_f03 S3 R2\n期限：2026-12-01")
        for number in range(12):
            at, key = NOW - number * dt.timedelta(hours=5), f"m{number}"
            to = [Holders("office", people.paths["S01"], "above"), people.persons["head1"]]
            tell(session, kind="t", to=to, subject="S01", words=words, at=at, key=key, urgent=number % 5 == 1)
        session.flush()
        first = session.get(Delivery, 1)
        assert first is not None
        first.state, first.error, first.tries = "failed", "550 no such user here", 3
        session.add(first)
    with running(district) as site:
        yield site


def test_each_page_fits_a_phone_fails_nowhere_and_has_no_serious_violation(site: Site) -> None:
    wide, bad, axe = [], [], Axe()
    for login, listed in PAGES.items():
        for width in WIDTHS:
            page = site.open(login, width).new_page()
            for name, path in listed:
                answer = page.goto(site.address + path, wait_until="load")
                assert answer is not None and answer.ok, (path, answer and answer.status)
                if wider_than_the_window(page) > 0:
                    wide.append((name, width))
                for found in axe.run(page).response["violations"]:
                    if found["impact"] in ("serious", "critical"):
                        bad.append((name, width, found["id"], found["nodes"][0]["html"][:200]))
                if SHOTS:
                    page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)
            page.context.close()
    assert wide == []
    assert bad == []
    assert site.wrong == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_filter_a_kept_view_and_a_step_on_many_work_on_a_phone(site: Site, scripts: bool) -> None:
    bad, axe = [], Axe()
    page = site.open("office", 390, scripts=scripts).new_page()
    page.goto(f"{site.address}/ledgers/rectification")
    page.select_option("#f-state", "proposed")
    if scripts:
        page.wait_for_url("**state=proposed**")
    else:
        page.click("text=筛选")
    page.wait_for_load_state("load")
    page.click(".ledger-views summary")
    page.fill("#v-name", "待我确认")
    page.click("text=保存视图")
    page.wait_for_url("**done=view_kept")
    page.click(".ledger-views summary")
    page.click(".ledger-view a")
    page.wait_for_load_state("load")
    for box in page.locator("input[name=code]").all()[:3]:
        box.check()
    page.click("text=批量办理所选")
    page.wait_for_url("**/ledgers/bulk")
    assert "已选3条" in page.inner_text("main")
    if scripts:
        bad += [found for found in axe.run(page).response["violations"] if found["impact"] in ("serious", "critical")]
    page.click("#step-confirm summary")
    page.click("#step-confirm button[type=submit]")
    page.wait_for_url("**/ledgers/bulk/confirm")
    # Of three of a made-up district, those are offered the step that no standing rule refuses it.
    assert re.search("[1-3]条全部办理完成", page.inner_text("main"))
    assert wider_than_the_window(page) <= 0
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"bulk-done-{scripts}.png"), full_page=True)
    assert bad == []
    assert site.wrong == []


def test_a_message_is_opened_from_the_bell_on_a_phone(site: Site) -> None:
    page = site.open("head1", 390).new_page()
    page.goto(f"{site.address}/ledgers/rectification")
    assert page.inner_text(".bell-count") == "12"
    page.click(".bell")
    page.wait_for_url("**/inbox")
    page.click(".inbox li:first-child a")
    page.wait_for_url("**/inbox/*")
    assert page.inner_text(".bell-count") == "11"
    assert site.wrong == []
