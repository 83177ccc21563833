"""The service worker: a new version waits until it is agreed to, a broken one changes nothing, the queue goes out with
the app closed."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Error, Page, Playwright, expect

from server.doors.dependencies import SESSION_COOKIE
from server.web.collector import DIST
from tests.collector.phones import Browser, until
from tests.collector.survival import PROMISED
from tests.collector.world import Seed, World, sow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (DIST / "index.html").is_file(), reason="the collector is not built (./dev setup)"),
]
FILL = Path(__file__).with_name("fill.js").read_text(encoding="utf-8")
OFFER = ".new-version"
WORDS = "二楼安全出口堆放纸箱"
_UPDATE = "async () => { await (await navigator.serviceWorker.ready).update().catch(() => undefined); }"
_CACHES = "() => caches.keys().then((names) => names.filter((name) => name.startsWith('liangpai-app-')))"
_FORM = "!!document.querySelector('.filling form.or')?.session"
_INSTALLED = """async () => {
  const registration = await navigator.serviceWorker.ready;
  while (registration.installing) await new Promise((done) => setTimeout(done, 50));
}"""
_LAST_PAGE = """() => {
  const { session } = document.querySelector('form.or');
  const holds = (page) => page.elements.some((element) => element.querySelector('[name$="/ft_a01"]'));
  session.goTo(session.pagesList.findIndex(holds));
}"""
_SESSION = "document.querySelector('form.or').session"


class Build:
    """The collector as a server serves it, so that a newer one can take its place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(DIST, folder)

    def renew(self, number: int) -> Path:
        """Puts a newer build in its place, as an upgrade does: its script has another name and content, the old one
        is gone. Gives the new script, which says its number as ``globalThis.build``."""
        page, worker = self.folder / "index.html", self.folder / "sw.js"
        found = re.search(r"assets/(index-[\w-]+\.js)", page.read_text())
        assert found is not None
        old = self.folder / "assets" / found[1]
        new = old.with_name(f"index-build{number}.js")
        new.write_text(f"{old.read_text()}\nglobalThis.build = {number};\n")
        text = page.read_text().replace(old.name, new.name)
        listed = _again(worker.read_text(), f"assets/{old.name}", new.read_bytes()).replace(old.name, new.name)
        worker.write_text(_again(listed, "./", text.encode()))
        for stale in (old, page, worker):
            for ending in (".br", ".gz"):
                stale.with_name(stale.name + ending).unlink(missing_ok=True)
        old.unlink()
        page.write_text(text)
        return new


def _again(worker: str, name: str, content: bytes) -> str:
    """The worker's list with this file's new hash."""
    wanted = re.compile(rf"(url:[`\"']{re.escape(name)}[`\"'],hash:[`\"'])\w+")
    assert wanted.search(worker), f"{name} is not in the worker's list"
    return wanted.sub(rf"\g<1>{hashlib.sha256(content).hexdigest()[:16]}", worker)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    return sow(tmp_path_factory.mktemp("worker"), checklists=("f01",), harness=False)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path / "built")


@pytest.fixture
def world(planted: Seed, build: Build, tmp_path: Path, playwright: Playwright) -> Iterator[World]:
    (planted.pages / "index.html").touch()
    made = World(planted, tmp_path / "world", playwright, built=build.folder)
    yield made
    made.close()


@pytest.fixture
def page(world: World, browser: Browser) -> Page:
    """The app under its worker, bound, with everything to take along."""
    page = browser.start(f"{world.address}/sign-in")
    assert browser.context is not None
    browser.context.grant_permissions(["background-sync"], origin=world.address)
    token = world.session_token("bola")
    browser.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": world.address}])
    page.goto(f"{world.address}/collect/")
    page.click("button.btn-main")
    page.wait_for_selector("text=东岭镇中心小学")
    holds(page, "navigator.serviceWorker.controller !== null")
    page.wait_for_load_state("networkidle")
    return page


def holds(page: Page, expression: str) -> None:
    """Waits for something in the page; the policy refuses wait_for_function, which evaluates there."""

    def true() -> bool:
        try:
            return bool(page.evaluate(expression))
        except Error:  # It is just being loaded anew.
            return False

    until(true)


def begin(page: Page) -> str:
    """An unsent draft with a half-typed answer in it; gives its instanceID."""
    page.goto(f"{page.url.partition('#')[0]}#/school/S01")
    page.locator("button.row", has_text="F01").click()
    holds(page, _FORM)
    page.evaluate(f"{_SESSION}.setValue('hd_a11', '1')")  # let in: everything else is asked
    return str(page.evaluate(f"{_SESSION}.draft.id"))


def type_words(page: Page, words: str) -> None:
    """Types into the footer's highlight and does not leave it."""
    page.evaluate(_LAST_PAGE)
    box = page.locator('form.or [name$="/ft_a01"]:visible')
    box.fill("")
    box.press_sequentially(words)


def typed(page: Page) -> str:
    holds(page, _FORM)
    return str(page.evaluate(f"{_SESSION}.value('ft_a01')"))


def finish(page: Page) -> None:
    """Fills in what is open and hands it over for sending, as the inspector does."""
    holds(page, _FORM)
    page.evaluate(FILL, 3)
    assert page.evaluate(f"{_SESSION}.missing()") == []
    page.evaluate(f"{_SESSION}.goTo({_SESSION}.pages().length - 1)")
    next_ = page.locator("[data-do=next]")
    expect(next_).to_have_text("完成")
    next_.click()
    page.locator("dialog .btn-main").click()
    page.locator(".paper").wait_for()


def whole(world: World, instance: str) -> bool:
    """Whether the server has all of it, once."""
    return [complete for _xml, _files, complete in world.received(instance)] == [True]


def test_a_new_version_waits_until_it_is_agreed_to_and_the_draft_goes_on_in_it(
    world: World, build: Build, page: Page
) -> None:
    instance = begin(page)
    type_words(page, WORDS)
    [old] = page.evaluate(_CACHES)
    build.renew(2)
    page.evaluate(_UPDATE)
    expect(page.locator(OFFER)).to_contain_text("有新版本")
    # Nothing changes by itself: not while it goes on being filled in, nor when it is opened again.
    assert page.evaluate("globalThis.build") is None
    type_words(page, f"{WORDS}，已拍照")
    time.sleep(PROMISED)
    page.reload()
    assert typed(page) == f"{WORDS}，已拍照" and page.evaluate("globalThis.build") is None
    assert old in page.evaluate(_CACHES)
    # The tap that agrees is the first thing after the last key.
    type_words(page, WORDS)
    page.locator(OFFER).get_by_text("现在更新").click()
    holds(page, "globalThis.build === 2")
    assert typed(page) == WORDS
    caches = page.evaluate(_CACHES)
    assert len(caches) == 1 and old not in caches
    assert page.evaluate(f"{_SESSION}.draft.id") == instance
    page.evaluate(f"{_SESSION}.flush()")
    finish(page)
    until(lambda: page.evaluate("1") and whole(world, instance))
    assert WORDS in world.received(instance)[0][0].decode()
    expect(page.locator(OFFER)).to_have_count(0)


def test_a_second_tab_takes_the_new_version_too_after_the_first_has(world: World, build: Build, page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("text=东岭镇中心小学")
    build.renew(2)
    page.evaluate(_UPDATE)
    expect(other.locator(OFFER)).to_be_visible()
    page.locator(OFFER).get_by_text("现在更新").click()
    holds(page, "globalThis.build === 2")
    assert other.evaluate("globalThis.build") is None
    other.locator(OFFER).get_by_text("现在更新").click()
    holds(other, "globalThis.build === 2")


def test_a_new_version_that_does_not_arrive_whole_leaves_the_old_one_working_without_a_network(
    world: World, build: Build, browser: Browser, page: Page
) -> None:
    begin(page)
    type_words(page, WORDS)
    script = build.renew(2)
    address = f"{world.address}/collect/assets/{script.name}"
    assert httpx2.get(address).status_code == 200
    content = script.read_bytes()
    script.unlink()  # The server still lists it: whoever asks for it gets 500.
    assert httpx2.get(address).status_code == 500
    page.evaluate(_UPDATE)
    page.evaluate(_INSTALLED)
    expect(page.locator(OFFER)).to_have_count(0)
    assert page.evaluate("navigator.serviceWorker.ready.then((r) => r.waiting)") is None
    world.kill_server()
    browser.stop()
    page = browser.start(f"{world.address}/collect/{page.url[page.url.index('#') :]}")
    assert typed(page) == WORDS and page.evaluate("globalThis.build") is None
    type_words(page, f"{WORDS}。")
    page.evaluate(f"{_SESSION}.flush()")
    # The next time it arrives.
    world.start_server()
    script.write_bytes(content)
    page.evaluate(_UPDATE)
    expect(page.locator(OFFER)).to_be_visible()
    page.locator(OFFER).get_by_text("现在更新").click()
    holds(page, "globalThis.build === 2")
    assert typed(page) == f"{WORDS}。"


class Syncs:
    """What the browser does when the network is back: it wakes the worker (DevTools: dispatchSyncEvent)."""

    def __init__(self, page: Page, address: str) -> None:
        self._address = address
        self._session = page.context.new_cdp_session(page)
        self._registrations: list[str] = []
        self._session.on("ServiceWorker.workerRegistrationUpdated", self._heard)
        self._session.send("ServiceWorker.enable")
        until(lambda: page.evaluate("1") and self._registrations)

    def _heard(self, told: dict[str, Any]) -> None:
        self._registrations += [each["registrationId"] for each in told["registrations"]]

    def dispatch(self) -> None:
        self._session.send(
            "ServiceWorker.dispatchSyncEvent",
            {
                "origin": self._address,
                "registrationId": self._registrations[-1],
                "tag": "liangpai-send",
                "lastChance": False,
            },
        )


def queued_without_a_network(world: World, page: Page) -> str:
    instance = begin(page)
    world.kill_server()
    finish(page)
    page.goto(f"{page.url.partition('#')[0]}#/queue")
    expect(page.locator("main")).to_contain_text("次，")  # tried once at least, in vain
    assert world.received(instance) == []
    return instance


def test_what_waited_is_sent_when_the_network_is_back_though_the_app_is_closed(world: World, page: Page) -> None:
    instance = queued_without_a_network(world, page)
    blank = page.context.new_page()
    syncs = Syncs(blank, world.address)
    page.close()
    world.start_server()
    syncs.dispatch()
    until(lambda: blank.evaluate("1") and whole(world, instance))
    blank.goto(f"{world.address}/collect/#/queue")
    expect(blank.locator("article.card-good")).to_contain_text("服务器已收到")
    assert whole(world, instance)


def test_the_worker_leaves_the_sending_to_an_open_tab(world: World, page: Page) -> None:
    answered: list[int] = []
    page.on("response", lambda answer: answered.append(answer.status) if "/submission" in answer.url else None)
    instance = queued_without_a_network(world, page)
    syncs = Syncs(page, world.address)
    page.evaluate(
        "globalThis.told = []; navigator.serviceWorker.addEventListener('message', (e) => told.push(e.data));"
    )
    world.start_server()
    syncs.dispatch()
    until(lambda: page.evaluate("told").count("send-now") >= 1)
    until(lambda: page.evaluate("1") and whole(world, instance))
    expect(page.locator("article.card-good")).to_contain_text("服务器已收到")
    # Whatever reached the server, in pieces, was answered to this page.
    assert answered == [201] * world.network.posts or answered[:-1] == [202] * (world.network.posts - 1)
