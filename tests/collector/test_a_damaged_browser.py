"""A browser that loses all its databases loses nobody's work: what stands in the second copy is brought back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from server.web.collector import DIST
from tests.collector.phones import Browser
from tests.collector.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (DIST / "index.html").is_file(), reason="the collector is not built (./dev setup)"),
]
PHOTO = 300_000
# The head of a record of 4096 bytes that never came, as a browser leaves it that is killed between two writes.
TORN = bytes([1, 2, 3, 4, 0x00, 0x10, 1])
BLOCK = 32_768  # bytes in which LevelDB lays out its log

_OPEN = """async ([device, form]) => {
  const store = (await lp.Store.current()) ?? (await lp.Store.signIn(device));
  if (!(await store.bodyHashes()).size) await store.keepBody(await (await fetch(`/harness/${form}.json`)).json());
  const known = (await store.drafts())[0];
  const hash = known?.form_hash ?? [...(await store.bodyHashes())][0];
  const body = await store.body(hash);
  const draft = known ?? (await lp.beginDraft(store, body, { code: 'S01', name: '东岭镇中心小学' }));
  const root = document.querySelector('#root');
  const session = await lp.openForm(root, body, draft, { keeper: store, language: 'zh', login: 'bola', device: 'd' });
  Object.assign(globalThis, { store, session });
  return [draft.id, store.recovered];
}"""
_ATTACH = """async (size) => {
  const bytes = new Uint8Array(size).map((_, n) => (n * 7919) % 251);
  return session.attach('hd_a14', new Blob([bytes], { type: 'image/jpeg' }));
}"""
_SETTLED = "async () => { await session.flush(); await store.settled(); }"


def opened(world: World, browser: Browser, device: dict[str, Any]) -> tuple[Page, str, bool]:
    page = world.harness(browser)
    draft, recovered = page.evaluate(_OPEN, [device, "f01"])
    return page, draft, recovered


def logs(browser: Browser) -> list[Path]:
    return list(browser.profile.glob("Default/IndexedDB/*.leveldb/*.log"))


def test_a_browser_killed_within_a_write_and_once_more_later_loses_nothing(world: World, browser: Browser) -> None:
    device = world.device()
    page, draft, _ = opened(world, browser, device)
    page.evaluate("session.setValue('hd_a11', '1')")
    page.evaluate(_SETTLED)
    browser.kill()
    (log,) = logs(browser)
    log.write_bytes(log.read_bytes() + TORN)
    page, again, recovered = opened(world, browser, device)
    assert (again, recovered) == (draft, False)
    page.evaluate("session.setValue('ft_a01', '第二次打开时写的')")
    photo = page.evaluate(_ATTACH, PHOTO)
    page.evaluate(_SETTLED)
    browser.kill()
    page, again, recovered = opened(world, browser, device)
    assert recovered, "the browser has kept its databases: this test no longer damages them"
    assert again == draft
    assert page.evaluate("session.value('hd_a11')") == "1"
    assert page.evaluate("session.value('ft_a01')") == "第二次打开时写的"
    assert page.evaluate("(name) => store.file(session.draft.id, name).then((blob) => blob.size)", photo) == PHOTO
    assert page.evaluate("store.device().then((device) => device.key)") == device["key"]
    browser.kill()
    page, again, recovered = opened(world, browser, device)
    assert (again, recovered) == (draft, False), "what was brought back stays"


def test_what_a_torn_record_swallows_without_a_word_is_brought_over(world: World, browser: Browser) -> None:
    """What is written behind a torn record vanishes silently as long as it is shorter than that record."""
    device = world.device()
    page, draft, _ = opened(world, browser, device)
    page.evaluate("session.close()")
    page.evaluate(_SETTLED)
    browser.kill()
    (log,) = logs(browser)
    while (room := BLOCK - log.stat().st_size % BLOCK - len(TORN)) < BLOCK // 2:
        page = world.harness(browser)
        page.evaluate("""async (size) => {
          const store = await lp.Store.current();
          await store.keepSetting('filler', 'x'.repeat(size));
          await store.settled();
        }""", room + 1000)  # fmt: skip
        browser.kill()
    log.write_bytes(log.read_bytes() + TORN[:4] + room.to_bytes(2, "little") + TORN[6:])
    page = world.harness(browser)
    begun = page.evaluate("""async (draft) => {
      const store = await lp.Store.current();
      const bytes = new TextEncoder().encode('a photo').buffer;
      await store.saveFile(draft, { name: 'hd_a14-second-life.jpg', type: 'image/jpeg', bytes });
      const [hash] = await store.bodyHashes();
      const begun = await lp.beginDraft(store, await store.body(hash), { code: 'S02', name: '东岭镇初级中学' });
      await lp.enqueue(store, begun.id);
      await store.settled();
      return begun.id;
    }""", draft)  # fmt: skip
    browser.kill()
    databases = """async () => {
      const db = await new Promise((done) => {
        indexedDB.databases().then((all) => {
          const { name } = all.find((each) => each.name !== 'liangpai.people');
          const request = indexedDB.open(name);
          request.onsuccess = () => done(request.result);
        });
      });
      const keys = await new Promise((done) => {
        const request = db.transaction('drafts').objectStore('drafts').getAllKeys();
        request.onsuccess = () => done(request.result);
      });
      db.close();
      return keys;
    }"""
    page = world.harness(browser)
    assert page.evaluate(databases) == [draft], "the browser has kept what was written: this test no longer tears"
    page.evaluate("async () => { globalThis.store = await lp.Store.current(); }")
    assert page.evaluate("store.recovered") is False
    assert page.evaluate("(id) => store.draft(id).then((found) => [found.state, found.unit])", begun) == [
        "waiting",
        "S02",
    ]
    words = "(id) => store.file(id, 'hd_a14-second-life.jpg').then((blob) => blob.text())"
    assert page.evaluate(words, draft) == "a photo"
    page.evaluate("store.mendSpare()")
    assert f"drafts/{begun}" in page.evaluate("store.db.spare.names()")


def test_an_answer_that_waits_for_a_slow_disk_is_there_when_the_browser_is_killed(
    world: World, browser: Browser
) -> None:
    device = world.device()
    page, draft, _ = opened(world, browser, device)
    # The disk stands still: no write of the database is ever answered.
    page.evaluate("""async () => {
      await session.flush();
      Object.getPrototypeOf(store).saveAnswers = () => new Promise(() => undefined);
    }""")
    page.evaluate("session.setValue('hd_a11', '2')")
    page.wait_for_timeout(300)
    browser.kill()
    page, again, recovered = opened(world, browser, device)
    assert (again, recovered) == (draft, False)
    assert page.evaluate("session.value('hd_a11')") == "2"


def test_what_did_not_reach_the_second_copy_is_put_there_later(world: World, browser: Browser) -> None:
    page, draft, _ = opened(world, browser, world.device())
    page.evaluate(_ATTACH, PHOTO)
    page.evaluate(_SETTLED)
    names = "async () => (await store.db.spare.names()).sort()"
    before = page.evaluate(names)
    assert f"drafts/{draft}" in before and any(name.startswith(f"bytes/{draft}/hd_a14") for name in before)
    page.evaluate("() => { session.close(); return caches.delete(store.person.database); }")
    browser.stop()
    page = world.harness(browser)
    page.evaluate("async () => { globalThis.store = await lp.Store.current(); }")
    assert page.evaluate(names) == []
    page.evaluate("store.db.spare.put('drafts/uuid:nobody', [new Uint8Array(40)], store.db.spare.now())")
    page.evaluate("store.mendSpare()")
    assert page.evaluate(names) == before


def test_signing_out_destroys_the_second_copy_and_its_key(world: World, browser: Browser) -> None:
    device = world.device()
    page, _draft, _ = opened(world, browser, device)
    page.evaluate(_SETTLED)
    held = """async () => {
      const found = [];
      for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) found.push(`${name} ${request.url}`);
      }
      return found;
    }"""
    assert any("liangpai.people" in entry for entry in page.evaluate(held))
    page.evaluate("() => { session.close(); return store.signOut(); }")
    assert page.evaluate(held) == []
    browser.kill()
    for log in logs(browser):
        shutil.rmtree(log.parent, ignore_errors=True)
    page = world.harness(browser)
    assert page.evaluate("lp.Store.current()") is None


def test_a_phone_whose_content_cannot_be_opened_says_so_and_throws_nothing_away(world: World, browser: Browser) -> None:
    page, _draft, _ = opened(world, browser, world.device())
    page.evaluate("session.close()")
    context = page.context
    context.add_init_script("""
      if (!sessionStorage.opens) IDBFactory.prototype.open = () => { throw new DOMException('no', 'UnknownError'); };
    """)
    page.goto(f"{world.address}/collect/")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "现在打不开" in alert.inner_text() and "Nothing was deleted" in alert.inner_text()
    assert browser.wrong and all("no" in each for each in browser.wrong)
    browser.wrong.clear()
    page.evaluate("sessionStorage.opens = '1'")
    page.get_by_role("button", name="再试一次").click()
    page.get_by_role("navigation").wait_for()
    assert page.get_by_role("alert").count() == 0
