"""The strict policy costs nothing: the app binds, opens a checklist, is filled and sent without one violation of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.doors.dependencies import SESSION_COOKIE
from server.web.collector import DIST, POLICY
from tests.collector.phones import until
from tests.collector.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (DIST / "index.html").is_file(), reason="the collector is not built (./dev setup)"),
]
FILL = Path(__file__).with_name("fill.js").read_text(encoding="utf-8")
WATCH = """
globalThis.violations = [];
addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective} ${event.sample}`));
"""


def test_no_screen_and_no_form_violates_the_policy(world: World) -> None:
    browser = world.browser("policy")
    refused: list[str] = []
    try:
        page = browser.start(f"{world.address}/sign-in")
        assert browser.context is not None
        browser.context.add_init_script(WATCH)
        page.on("console", lambda told: refused.append(told.text) if "Content Security Policy" in told.text else None)
        token = world.session_token("bola")
        browser.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": world.address}])
        answer = page.goto(f"{world.address}/collect/")
        assert answer is not None and answer.headers["content-security-policy"] == POLICY
        page.click("button.btn-main")
        page.wait_for_selector("text=东岭镇中心小学")
        page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        page.wait_for_load_state("networkidle")
        page.goto(f"{world.address}/collect/#/school/S01")
        page.locator("button.row", has_text="F01").click()
        page.wait_for_selector("form.or .question:visible")
        assert page.evaluate(FILL, 1)["done"]
        assert page.evaluate("() => document.querySelectorAll('form.or .question').length") > 100
        page.goto(f"{world.address}/collect/#/phone")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("() => violations") == [] and refused == []
        # The watch sees what it should see.
        page.evaluate("() => document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
        until(lambda: page.evaluate("() => violations.length") >= 1)
        assert not browser.wrong, browser.wrong
    finally:
        browser.stop()
