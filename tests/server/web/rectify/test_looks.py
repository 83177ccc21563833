"""Every page of rectification and measures in a browser: fits a phone, asks no other host, and is accessible (axe)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.conftest import District
from tests.server.web.browser import CHROMIUM, WIDTHS, Site, running, wider_than_the_window
from tests.server.web.conftest import Seen
from tests.server.web.rectify.conftest import PDF, Road, propose

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (apt-get install chromium): no browser is tried"),
]
SHOTS = os.environ.get("LIANGPAI_TEST_SHOTS", "")


@pytest.fixture(params=["sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path, seen_sqlite, sqlite_template):  # type: ignore[no-untyped-def]
    """One database is enough to look at pages."""
    url, folder = seen_sqlite
    shutil.copytree(folder / "blobs", tmp_path / "district" / "blobs")
    target = tmp_path / "district" / "liangpai.sqlite3"
    shutil.copy(url.removeprefix("sqlite:///"), target)
    return f"sqlite:///{target}", sqlite_template.people


@pytest.fixture
def site(district: District, seen: Seen) -> Iterator[Site]:
    with running(district) as site:
        yield site


def pages(road: Road) -> dict[str, tuple[tuple[str, str], ...]]:
    """What each person looks at, after some of the district's findings have moved."""
    f03, f04 = (road.seen.findings[item] for item in ("f01_f03", "f01_f04"))
    f10, a02 = (road.seen.findings[item] for item in ("f01_f10", "f01_a02"))
    road.to("rechecking")
    road.to("noticed", "f01_f04")
    road.step("head1", "ask_extension", "f01_f04", days="3", reason="配件到货需要时间")
    road.to("feedback", "f01_a02")
    road.step("head1", "state", "f01_a02", objection="fact", text="会议记录存放在镇校，检查时未调阅。")
    road.step("office", "confirm", "f01_f10", department=str(road.district.people.units["D-JYJ"]))
    road.step("office", "transfer", "f01_f10", letter="请会同市监、城管清理校门口200米内流动摊贩。")
    interview = propose(road, "interview")
    warned = propose(road, "disciplinary")
    road.measure("leader", "decide", interview, {"decision": PDF}, number="青教督〔2026〕1号")
    road.measure("office", "serve", interview, served_on="2026-11-20")
    road.measure("head1", "appeal", interview, text="逾期系配件停产所致。")
    return {
        "office": (
            ("desk-office", "/desk"),
            ("finding-stated", f"/findings/{a02}"),
            ("finding-extension", f"/findings/{f04}"),
            ("finding-new", "/findings/new"),
            ("measure-personal", f"/measures/{warned}"),
            ("measure-new", "/measures/new"),
            ("unit-review", "/units/S01"),
            ("findings", "/ledgers/rectification"),
        ),
        "leader": (("desk-leading", "/desk"), ("measure-appealed", f"/measures/{interview}")),
        "head1": (
            ("desk-school", "/desk"),
            ("finding-noticed", f"/findings/{f04}"),
            ("wall", "/desk/wall?unit=S01"),
            ("measure-school", f"/measures/{interview}"),
        ),
        "jyj": (("desk-department", "/desk"), ("finding-consulted", f"/findings/{f10}")),
        "bola": (("desk-inspector", "/desk"), ("finding-recheck", f"/findings/{f03}")),
    }


def test_each_page_fits_a_phone_fails_nowhere_and_has_no_serious_violation(site: Site, seen: Seen) -> None:
    wide, bad, axe = [], [], Axe()
    for login, listed in pages(Road(site.district, seen)).items():
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


def test_the_picture_of_the_road_is_shown_when_it_is_opened(site: Site, seen: Seen) -> None:
    for width in WIDTHS:
        page = site.open("head1", width).new_page()
        page.goto(f"{site.address}/findings/{seen.findings['f01_f03']}")
        page.click(".diagram summary")
        page.locator(".diagram img").evaluate("image => image.decode()")
        assert wider_than_the_window(page) <= 0
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"diagram-{width}.png"), full_page=True)
    assert site.wrong == []
