"""Each of the twelve checklists, filled offline in the app as phones show it, sent, equal to what the server holds."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from forms.definition import FormDefinition
from server.doors.dependencies import SESSION_COOKIE
from server.web.collector import DIST
from tests.collector.phones import Browser, until
from tests.collector.world import CHECKLISTS, World, answers_of, digest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (DIST / "index.html").is_file(), reason="the collector is not built (./dev setup)"),
]
FILL = Path(__file__).with_name("fill.js").read_text(encoding="utf-8")
SCHOOL = "S01"
_SESSION = "document.querySelector('form.or')?.session"
_SHOWN = "document.querySelector('.filling form.or')?.session"
# In the harness, which is of the same origin: a draft of a checklist that the app begins only where findings are open.
_BEGIN = """async (form) => {
  const store = await lp.Store.current();
  const entry = (await store.package()).forms.find((one) => one.form_id === form);
  const school = (await store.package()).schools.find((one) => one.code === 'S01');
  return (await lp.beginDraft(store, await store.body(entry.hash), school)).id;
}"""
_KEPT = """async (ids) => {
  const store = await lp.Store.current();
  const kept = {};
  for (const id of ids) {
    const draft = await store.draft(id);
    const body = await store.body(draft.form_hash);
    const files = {};
    for (const { name } of await store.files(id)) {
      const sum = await crypto.subtle.digest('SHA-256', await (await store.file(id, name)).arrayBuffer());
      files[name] = [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    }
    const answers = lp.readAnswers(lp.parseInstance(draft.xml).documentElement, body.items);
    kept[draft.form_id] = { id, xml: draft.xml, receipt: draft.receipt, files, answers };
  }
  return kept;
}"""


@dataclass
class Filled:
    """What the phone held after everything was sent, by checklist; how many answers were given by real taps."""

    world: World
    kept: dict[str, Any]
    taps: dict[str, int] = field(default_factory=dict)
    scored: dict[str, dict[str, int]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def filled(world: World) -> Iterator[Filled]:
    browser = world.browser("checklists")
    result = Filled(world, {})
    try:
        page, recheck = _bind(world, browser)
        assert browser.context is not None
        browser.context.set_offline(True)
        page.goto(f"{world.address}/collect/")
        drafts = [_fill(page, form, recheck, result) for form in CHECKLISTS]
        browser.context.set_offline(False)
        page.goto(f"{world.address}/collect/#/queue")
        until(lambda: all(world.received(draft) for draft in drafts), seconds=90, every=0.3)
        until(lambda: _receipts(page, world, drafts), seconds=120)
        result.kept = page.evaluate(_KEPT, drafts)
        assert not browser.wrong, browser.wrong
        yield result
    finally:
        browser.stop()


def _receipts(page: Page, world: World, drafts: list[str]) -> bool:
    """Does the phone hold a receipt for each? If leaving the app cut an answer off, the app asks once more."""
    page.goto(f"{world.address}/collect/#/queue")
    page.wait_for_timeout(3000)
    page.goto(f"{world.address}/harness/index.html")
    page.wait_for_function("globalThis.lp")
    return _all_sent(page, drafts)


def _bind(world: World, browser: Browser) -> tuple[Page, str]:
    """Sign in, bind this phone, take everything along; gives the draft of the re-check too."""
    page = browser.start(f"{world.address}/sign-in")
    assert browser.context is not None
    token = world.session_token("bola")
    browser.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": world.address}])
    page.goto(f"{world.address}/collect/")
    page.click("button.btn-main")
    page.wait_for_selector("text=东岭镇中心小学")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.goto(f"{world.address}/harness/index.html")
    page.wait_for_function("globalThis.lp")
    # What leaving the app interrupted is taken up again by the next refresh.
    here = "lp.Store.current().then(async (s) => { await lp.refresh(s); return (await s.bodyHashes()).size; })"
    until(lambda: page.evaluate(here) == len(CHECKLISTS), seconds=90)
    return page, page.evaluate(_BEGIN, "f12")


def _fill(page: Page, form: str, recheck: str, result: Filled) -> str:
    """One checklist: begun by a tap, its first pages tapped, the rest by its own definition, handed over."""
    if form == "f12":
        page.goto(f"{result.world.address}/collect/#/fill/{recheck}")
    else:
        page.goto(f"{result.world.address}/collect/#/school/{SCHOOL}")
        page.locator("button.row", has_text=form.upper()).click()
    # The app's policy refuses eval, which waiting for a function would need.
    until(lambda: page.evaluate(f"{_SHOWN}?.body.form_id === '{form}'"))
    result.taps[form] = _tap(page)
    outcome = page.evaluate(FILL, int(form[1:]))
    assert outcome["missing"] == [], (form, outcome["missing"])
    result.scored[form] = page.evaluate(f"{_SESSION}.score()")
    draft: str = page.evaluate(f"{_SESSION}.draft.id")
    last = page.evaluate(f"{_SESSION}.pages().map((p, n) => p.relevant ? n : -1).filter((n) => n >= 0).at(-1)")
    page.evaluate(f"{_SESSION}.goTo({last})")
    page.click("[data-do=next]")
    page.locator("dialog[open] .btn-main, [role=dialog] .btn-main").last.click()
    page.wait_for_url("**/#/sheet/**")
    return draft


def _tap(page: Page) -> int:
    """Real taps, as a thumb does them: the page of the visit, then the first page of the checklist itself."""
    taps = 0
    for turn in range(3):
        questions = page.locator("form.or .question:visible .option-wrapper")
        for n in range(questions.count()):
            options = questions.nth(n).locator("label:visible")
            if options.count():
                # A person scrolls an answer away from the bar at the foot before tapping it.
                options.first.evaluate("(label) => label.scrollIntoView({ block: 'center', behavior: 'instant' })")
                options.first.click()
                taps += 1
        if turn < 2:
            page.click("[data-do=next]")
    return taps


def _all_sent(page: Page, drafts: list[str]) -> bool:
    kept = page.evaluate("lp.Store.current().then((store) => store.drafts())")
    return {draft["id"] for draft in kept if draft["state"] == "sent"} == set(drafts)


def _timed(log: str, definition: FormDefinition, answers: Sequence[tuple[str, int, str]]) -> None:
    """The server holds how long the questions took: at least one that was answered is in it."""
    header, *rows = csv.reader(log.splitlines())
    assert header == ["event", "node", "start", "end"]
    timed = {node for event, node, start, end in rows if event == "question" and int(start) <= int(end)}
    answered = {item for item, _repeat, _value in answers}
    assert timed & {item.path for item in definition.items if item.name in answered}


@pytest.mark.parametrize("form", CHECKLISTS)
def test_a_checklist_filled_offline_is_what_the_server_holds(filled: Filled, form: str) -> None:
    kept = filled.kept[form]
    definition = filled.world.seed.definitions[form]
    [(xml, files, complete)] = filled.world.received(kept["id"])
    assert complete and kept["receipt"]["message"]
    assert xml.decode() == kept["xml"]
    phone = [(answer["item"], answer["repeat"], answer["value"]) for answer in kept["answers"]]
    server = [(answer.item, answer.repeat_index, answer.value) for answer in answers_of(definition, xml)]
    assert sorted(server) == sorted(phone) and len(server) == len(set(server))
    assert files == {name: sha256 for name, sha256 in kept["files"].items() if f">{name}<" in kept["xml"]}
    assert all(digest(filled.world.bytes_of(sha256)) == sha256 for sha256 in files.values())
    assert filled.taps[form] >= 5, json.dumps(filled.taps)
    _timed(filled.world.bytes_of(files["audit.csv"]).decode(), definition, server)
    answered = {item for item, _repeat, _value in server}
    required = {item.name for item in definition.items if item.required and not item.companion_of}
    assert len(required & answered) >= len(required) // 2
