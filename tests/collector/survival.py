"""One phone's hard day, by seed: its browser is killed while typing, while keeping a photo and while sending; the
server is killed while receiving; an answer is lost after the commit. Nothing may be lost or arrive twice.

``run(world, seed)`` is what the suite calls five times and ``liangpai bench collector`` a hundred times.
"""

from __future__ import annotations

import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page

from tests.collector.phones import Browser, until
from tests.collector.world import World, answers_of, digest

FILL = Path(__file__).with_name("fill.js").read_text(encoding="utf-8")
PROMISED = 0.3  # seconds after which an answer is on disk, whatever happens to the browser
MISHAPS = ("browser killed", "server killed", "line cut", "answer lost")

_BOOT = """async ([device, form]) => {
  const store = (await lp.Store.current()) ?? (await lp.Store.signIn(device));
  const body = await (await fetch(`/harness/${form}.json`)).json();
  await store.keepBody(body);
  const known = (await store.drafts()).find((draft) => draft.state === 'draft');
  const draft = known ?? (await lp.beginDraft(store, body, { code: 'S01', name: '东岭镇中心小学' }));
  const problems = [];
  const session = await lp.openForm(document.querySelector('#root'), body, draft, {
    keeper: store, language: 'zh', device: device.device, login: device.person.login,
    onProblem: (error) => problems.push(String(error)),
  });
  Object.assign(globalThis, { store, body, session, draft, problems });
  return draft.id;
}"""
_SEND = """async () => {
  globalThis.store ??= await lp.Store.current();
  globalThis.sender = new lp.Sender(store);
  sender.start();
}"""
_STATE = "async (id) => (await (globalThis.store ?? (await lp.Store.current())).draft(id))?.state ?? 'gone'"
_KEPT = """async (id) => {
  const draft = await store.draft(id);
  const files = [];
  for (const { name } of await store.files(id)) {
    const bytes = new Uint8Array(await (await store.file(id, name)).arrayBuffer());
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    files.push([name, [...sum].map((byte) => byte.toString(16).padStart(2, '0')).join('')]);
  }
  const answers = lp.readAnswers(lp.parseInstance(draft.xml).documentElement, body.items);
  return { xml: draft.xml, held: draft.held, receipt: draft.receipt, files, answers };
}"""


@dataclass
class Report:
    """What happened in one run; every number is counted, none assumed."""

    seed: int
    mishap: str
    taps: int = 0
    taps_promised: int = 0
    photo_kept: bool = False
    kills: int = 0
    posts: int = 0
    answers: int = 0
    files: int = 0
    seconds: float = 0.0


def runs(world: World, seeds: range) -> list[dict[str, Any]]:
    """A report for each seed. Raises AssertionError where something was lost or came twice."""
    return [asdict(run(world, seed)) for seed in seeds]


def run(world: World, seed: int, form: str = "f01") -> Report:
    """One checklist from the first tap to the server's disk. Raises AssertionError."""
    chance = random.Random(seed)
    report = Report(seed, chance.choice(MISHAPS))
    began, posts = time.monotonic(), world.network.posts
    browser = world.browser(f"run{seed}-{time.monotonic_ns()}")
    device = world.device()
    try:
        page = world.harness(browser)
        instance = page.evaluate(_BOOT, [device, form])
        _typing(page, browser, chance, report)
        page = _reopen(world, browser, device, form, instance, report)
        _photo(page, browser, chance, report)
        page = _reopen(world, browser, device, form, instance, report)
        _finish(page, seed)
        kept = page.evaluate(_KEPT, instance)
        _send(world, browser, page, chance, instance, report)
        _same(world, form, instance, kept, report)
    finally:
        browser.stop()
    report.posts = world.network.posts - posts
    report.seconds = round(time.monotonic() - began, 1)
    assert not browser.wrong, browser.wrong
    return report


def _reopen(world: World, browser: Browser, device: dict[str, Any], form: str, instance: str, report: Report) -> Page:
    """The phone after its death: the same draft, under the same name."""
    report.kills += 1
    page = world.harness(browser)
    assert page.evaluate(_BOOT, [device, form]) == instance, "another draft was begun"
    _promise_kept(page, report)
    return page


# What was tapped when, for the run that is under way: (item, value, moment).
_tapped: list[tuple[str, str, float]] = []
_killed_at = 0.0


def _typing(page: Page, browser: Browser, chance: random.Random, report: Report) -> None:
    """Taps with the finger, words from the keyboard, then the battery dies."""
    _tapped.clear()
    page.evaluate("session.setValue('hd_a11', '1')")
    page.evaluate("session.goTo(2)")
    lit = page.evaluate(
        "body.items.filter((i) => /^f01_[ab]/.test(i.name) && i.choices.length).map((i) => [i.name, i.path])"
    )
    for name, path in chance.sample(lit, k=chance.randint(3, len(lit))):
        page.evaluate("(name) => session.goTo(name.startsWith('f01_a') ? 2 : 3)", name)
        options = page.locator(f'label:has(> input[data-name="{path}"])')
        option = options.nth(chance.randrange(options.count()))
        option.click()
        _tapped.append((name, option.locator("input").get_attribute("value") or "", time.monotonic()))
        report.taps += 1
    page.evaluate("session.goTo(2)")
    box = page.locator('input[name="/data/f01_a/f01_a05"]')
    box.click()
    number = str(chance.randint(10, 10**6))
    for length, key in enumerate(number, 1):
        page.keyboard.type(key)
        _tapped.append(("f01_a05", number[:length], time.monotonic()))
        report.taps += 1
        time.sleep(chance.choice((0.0, 0.02, 0.06)))
    time.sleep(chance.uniform(0, 0.35))
    _kill(browser)


def _kill(browser: Browser) -> None:
    global _killed_at
    _killed_at = time.monotonic()
    browser.kill()


def _promise_kept(page: Page, report: Report) -> None:
    """Each answer older than the promise is there; a later one is there or not, but never garbled."""
    for item in dict.fromkeys(name for name, _value, _at in _tapped):
        given = [(value, at) for name, value, at in _tapped if name == item]
        safe = [n for n, (_value, at) in enumerate(given) if at < _killed_at - PROMISED]
        allowed = [value for value, _at in given[safe[-1] if safe else 0 :]] + ([] if safe else [""])
        found = page.evaluate("(item) => session.value(item)", item)
        assert found in allowed, f"{item}: {found!r} is none of {allowed}"
        report.taps_promised += len(safe)
    _tapped.clear()


def _photo(page: Page, browser: Browser, chance: random.Random, report: Report) -> None:
    """A photo is being kept when the battery dies: it is there whole, or the question is open as before."""
    size = chance.randint(50_000, 900_000)
    page.evaluate("session.setValue('f01_a02', '3')")
    page.evaluate("session.flush()")
    page.evaluate(
        """(size) => {
          const bytes = new Uint8Array(size).map((_, n) => (n * 7919) % 251);
          bytes.set([0xff, 0xd8, 0xff]);
          void session.attach('f01_a02_ev', new Blob([bytes], { type: 'image/jpeg' }));
        }""",
        size,
    )
    time.sleep(chance.uniform(0, 0.06))
    _kill(browser)
    report.photo_kept = False
    page = _open_again(browser)
    found = page.evaluate(
        """async () => {
          const store = await lp.Store.current();
          const [draft] = await store.drafts();
          const name = /<f01_a02_ev>([^<]+)</.exec(draft.xml)?.[1];
          const blob = name ? await store.file(draft.id, name) : null;
          return [name ?? '', blob ? blob.size : 0];
        }"""
    )
    assert found[0] == "" or found[1] == size, f"{found[0]}: {found[1]} of {size} bytes"
    report.photo_kept = bool(found[0])
    browser.stop()


def _open_again(browser: Browser) -> Page:
    assert browser.last_address
    return browser.start(browser.last_address, ready="() => globalThis.lp")


def _finish(page: Page, seed: int) -> None:
    """Everything else is filled in by the form's own definition, until it may be handed over."""
    filled = page.evaluate(FILL, seed)
    assert filled["missing"] == [], filled["missing"]
    assert page.evaluate("session.finish()") == []
    assert page.evaluate("problems") == []
    page.evaluate("session.close()")
    page.evaluate("lp.enqueue(store, draft.id)")


def _send(world: World, browser: Browser, page: Page, chance: random.Random, instance: str, report: Report) -> None:
    """Sending meets its mishap, then goes on by itself until there is a receipt."""
    network = world.network
    hits = network.hits
    if report.mishap == "answer lost":
        network.lose_answer = True
    else:
        network.cut_after = chance.randint(200, 60_000)
        network.then = world.kill_server if report.mishap == "server killed" else None
    if report.mishap == "browser killed":
        network.slow, network.cut_after = 0.02, None
    page.evaluate(_SEND)
    if report.mishap == "browser killed":
        until(lambda: network.posts > 0, seconds=20)
        time.sleep(chance.uniform(0, 0.25))
        _kill(browser)
        network.slow = 0.0
        report.kills += 1
        page = world.harness(browser)
        page.evaluate(_SEND)
    else:
        until(lambda: network.hits > hits or _is_sent(page, instance), seconds=30)
        if report.mishap == "server killed" and network.hits > hits:
            world.start_server()
        page.evaluate("sender.sendNow()")
    network.cut_after, network.then, network.lose_answer = None, None, False
    until(lambda: _nudged(page, instance), seconds=60, every=0.2)


def _nudged(page: Page, instance: str) -> bool:
    """True once sent; the inspector's impatience meanwhile is part of the test."""
    if _is_sent(page, instance):
        return True
    page.evaluate("sender.sendNow()")
    return False


def _is_sent(page: Page, instance: str) -> bool:
    try:
        state = page.evaluate(_STATE, instance)
    except Error:
        return False
    assert state in ("waiting", "sending", "sent"), state
    return bool(state == "sent")


def _same(world: World, form: str, instance: str, kept: dict[str, Any], report: Report) -> None:
    """What the server holds is what the phone held: once, whole, byte for byte."""
    received = world.received(instance)
    assert len(received) == 1, f"{len(received)} records"
    xml, files, complete = received[0]
    assert complete
    assert xml.decode() == kept["xml"]
    definition = world.seed.definitions[form]
    phone = {(answer["item"], answer["repeat"], answer["value"]) for answer in kept["answers"]}
    server = {(answer.item, answer.repeat_index, answer.value) for answer in answers_of(definition, xml)}
    assert server == phone
    named = {name: sha256 for name, sha256 in kept["files"] if f">{name}<" in kept["xml"]}
    assert files == named
    for name, sha256 in files.items():
        assert digest(world.bytes_of(sha256)) == sha256, name
    report.answers, report.files = len(server), len(files)
