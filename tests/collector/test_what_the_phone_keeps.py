"""What a phone keeps: sealed for the one who is signed in, gone when he signs out, sent once, handed over whole."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page
from sqlmodel import select

from server.doors.dependencies import SESSION_COOKIE
from server.security.passwords import token_hash
from server.services.collector import devices
from server.store.devices import holder_of_key
from server.store.submissions import Submission
from tests.collector.phones import Browser, until
from tests.collector.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECRET = "只有督学知道的话"

_DRAFT = """async ([device, form, words]) => {
  const store = (await lp.Store.current()) ?? (await lp.Store.signIn(device));
  const body = await (await fetch(`/harness/${form}.json`)).json();
  await store.keepBody(body);
  const draft = await lp.beginDraft(store, body, { code: 'S01', name: '东岭镇中心小学' });
  const root = document.querySelector('#root');
  const session = await lp.openForm(root, body, draft, { keeper: store, language: 'zh', login: 'bola', device: 'd' });
  session.setValue('hd_a11', '1');
  session.setValue('ft_a01', words);
  await session.attach('hd_a14', new Blob([new TextEncoder().encode('PICTURE ' + words)], { type: 'image/jpeg' }));
  await session.flush();
  session.close();
  Object.assign(globalThis, { store, body });
  return draft.id;
}"""
# Everything that any script of this origin can read, as one text.
_RAW = """async () => {
  const seen = [];
  const text = (value) => {
    if (value instanceof ArrayBuffer) return new TextDecoder().decode(value);
    if (ArrayBuffer.isView(value)) return new TextDecoder().decode(value);
    if (value && typeof value === 'object') return Object.entries(value).map(([k, v]) => `${k}=${text(v)}`).join(';');
    return String(value);
  };
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done) => { const r = indexedDB.open(name); r.onsuccess = () => done(r.result); });
    for (const table of db.objectStoreNames) {
      const rows = await new Promise((done) => {
        const r = db.transaction(table).objectStore(table).getAll();
        r.onsuccess = () => done(r.result);
      });
      seen.push(`${name}/${table}: ` + rows.map(text).join('|'));
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const shelf = await caches.open(name);
    for (const request of await shelf.keys()) {
      const spare = new URL(request.url).pathname.startsWith('/spare/');
      seen.push(spare ? text(await (await shelf.match(request)).arrayBuffer()) : request.url);
    }
  }
  return [...seen, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join('\\n');
}"""


@pytest.fixture
def page(world: World, browser: Browser) -> Page:
    return world.harness(browser)


def bound(world: World, page: Page) -> dict[str, Any]:
    """A phone bound as people bind it: with the browser's sign-in, through the app's own code."""
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": world.session_token("bola"), "url": world.address}])
    page.evaluate("async () => { globalThis.phone = await lp.CollectPhone.start(); await phone.bind('测试手机'); }")
    found: dict[str, Any] = page.evaluate("phone.device()")
    return found


def test_nothing_that_was_written_can_be_read_in_the_browsers_storage(world: World, page: Page) -> None:
    page.evaluate(_DRAFT, [world.device(), "f01", SECRET])
    page.evaluate("store.settled()")
    raw = page.evaluate(_RAW)
    assert "liangpai." in raw and len(raw) > 20_000
    for hidden in (SECRET, "PICTURE", "东岭镇", "hd_a14", "f01_a01"):
        assert hidden not in raw


def test_signing_out_destroys_what_was_kept(world: World, page: Page) -> None:
    page.evaluate(_DRAFT, [world.device(), "f01", SECRET])
    assert page.evaluate("store.unsent().then((found) => found.length)") == 1
    page.evaluate("store.signOut()")
    assert page.evaluate("lp.Store.current()") is None
    assert page.evaluate("store.drafts().catch((error) => error.code)") == "locked"
    databases = page.evaluate("indexedDB.databases().then((all) => all.map((each) => each.name))")
    assert databases == ["liangpai.people"]
    # Whoever signs in next, the same person too, begins with an empty phone and another key.
    page.evaluate("(device) => lp.Store.signIn(device)", world.device())
    assert page.evaluate("lp.Store.current().then((store) => store.drafts())") == []


def test_two_tabs_send_once(world: World, page: Page, browser: Browser) -> None:
    instance = page.evaluate(_DRAFT, [world.device(), "f12", SECRET])
    other = page.context.new_page()
    other.goto(f"{world.address}/harness/index.html")
    other.wait_for_function("globalThis.lp")
    before = world.network.posts
    world.network.slow = 0.05
    page.evaluate("(id) => lp.enqueue(store, id)", instance)
    start = "async () => { globalThis.store ??= await lp.Store.current(); new lp.Sender(store).start(); }"
    for tab in (page, other):
        tab.evaluate(start)
    until(lambda: page.evaluate("(id) => store.draft(id).then((d) => d.state)", instance) == "sent")
    world.network.slow = 0.0
    assert world.network.posts == before + 1
    assert len(world.received(instance)) == 1


def test_an_office_signs_a_lost_phone_out_and_it_is_wiped_at_its_next_contact(world: World, page: Page) -> None:
    device = bound(world, page)
    page.evaluate(_DRAFT, [device, "f01", SECRET])
    with world.database.write() as session:
        holder = holder_of_key(session, token_hash(device["key"]))
        assert holder is not None
        devices.sign_out(session, holder, by=None, at=dt.datetime.now(dt.UTC))
    page.clock.install()
    assert page.evaluate("phone.refresh()") == "revoked"
    assert page.evaluate("phone.revoked") is True
    assert page.evaluate("(async () => phone.drafts())().catch((error) => error.code)") == "locked"
    page.clock.fast_forward(61_000)
    until(lambda: page.evaluate("lp.Store.current()") is None)
    until(lambda: SECRET not in page.evaluate(_RAW) and page.evaluate("phone.device()") is None)


def test_a_refused_submission_keeps_the_servers_sentence_and_stays_editable(world: World, page: Page) -> None:
    device = bound(world, page)
    instance = page.evaluate(_DRAFT, [device, "f01", SECRET])
    page.evaluate(
        """(id) => store.changeDraft(id, (d) => ({ ...d, xml: d.xml.replace('<hd_a06>S01<', '<hd_a06>S90<') }))""",
        instance,
    )
    page.evaluate("(id) => phone.queue(id)", instance)
    until(lambda: page.evaluate("(id) => store.draft(id).then((d) => d.state)", instance) == "refused")
    draft = page.evaluate("(id) => store.draft(id)", instance)
    assert draft["refusal"]["status"] in (400, 404, 409, 422) and "S90" in draft["refusal"]["message"]["zh"]
    assert draft["held"] == "no" and world.received(instance) == []
    again = page.evaluate("(id) => phone.reopen(id)", instance)
    assert again["id"] == instance and again["state"] == "draft"


def test_a_submission_that_the_server_may_hold_is_corrected_by_a_new_version(world: World, page: Page) -> None:
    device = bound(world, page)
    instance = page.evaluate(_DRAFT, [device, "f01", SECRET])
    page.evaluate("(id) => phone.queue(id)", instance)
    until(lambda: page.evaluate("(id) => store.draft(id).then((d) => d.state)", instance) == "sent")
    correction = page.evaluate("(id) => phone.reopen(id)", instance)
    assert correction["id"] != instance and correction["deprecated_id"] == instance
    page.evaluate(
        """async (draft) => {
          const root = document.querySelector('#root');
          const session = await lp.openForm(root, body, draft, { keeper: store, language: 'zh' });
          if (session.value('ft_a01') === '' || !(await session.fileOf('hd_a14'))) throw new Error('answers are lost');
          session.setValue('ft_a01', '更正');
          await session.flush();
          session.close();
          await phone.queue(draft.id);
        }""",
        correction,
    )
    until(lambda: page.evaluate("(id) => store.draft(id).then((d) => d.state)", correction["id"]) == "sent")
    with world.database.read() as session:
        rows = session.exec(select(Submission).where(Submission.root_id == instance).order_by(Submission.number)).all()
        assert [row.instance_id for row in rows] == [instance, correction["id"]]
        assert rows[0].superseded_by == correction["id"]
    assert [complete for _xml, _files, complete in world.received(correction["id"])] == [True]


def test_a_queue_is_handed_over_as_one_sealed_file(world: World, page: Page, browser: Browser) -> None:
    instance = page.evaluate(_DRAFT, [world.device(), "f01", SECRET])
    exported = page.evaluate(
        """async (id) => {
          const blob = await lp.exportDrafts(store, [id], '口令 一二三');
          return [...new Uint8Array(await blob.arrayBuffer())];
        }""",
        instance,
    )
    assert SECRET.encode() not in bytes(exported)
    page.evaluate("store.signOut()")
    page.evaluate(
        "(device) => lp.Store.signIn(device).then((made) => { globalThis.store = made; })", world.device("amina")
    )
    take = (
        """([bytes, words]) => lp.importDrafts(store, new Blob([new Uint8Array(bytes)]), words).catch((e) => e.code)"""
    )
    assert page.evaluate(take, [exported, "错的"]) == "passphrase"
    assert page.evaluate(take, [exported[::-1], "口令 一二三"]) == "format"
    assert page.evaluate(take, [exported, "口令 一二三"]) == 1
    assert page.evaluate(take, [exported, "口令 一二三"]) == 0  # the same again: known by its instanceID
    kept = page.evaluate("(id) => store.draft(id)", instance)
    assert SECRET in kept["xml"] and page.evaluate("(hash) => store.body(hash).then(Boolean)", kept["form_hash"])
    [log, file] = sorted(page.evaluate("(id) => store.files(id)", instance), key=lambda each: each["name"])
    assert log["name"] == "audit.csv"
    content = page.evaluate(
        "([id, name]) => store.file(id, name).then((blob) => blob.text())", [instance, file["name"]]
    )
    assert content == f"PICTURE {SECRET}"


def test_a_package_is_taken_along_once_and_again_only_where_it_changed(world: World, page: Page) -> None:
    bound(world, page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert page.evaluate("phone.refresh()") == "new"
    forms = page.evaluate("phone.forms()")
    assert len(forms) == 12 and all(form["kept"] for form in forms)
    assert sum("/collect/api/forms/" in url for url in asked) == 12
    asked.clear()
    assert page.evaluate("phone.refresh()") == "same"
    assert not any("/collect/api/forms/" in url for url in asked)
    assert page.evaluate("phone.package().schools.length") == 4 and page.evaluate("phone.refreshed()")
    page.context.set_offline(True)
    assert page.evaluate("phone.refresh()") == "offline"
    assert len(page.evaluate("phone.package().forms")) == 12


def test_a_hotels_log_in_page_is_no_receipt(world: World, page: Page) -> None:
    instance = page.evaluate(_DRAFT, [world.device(), "f01", SECRET])
    page.context.route("**/submission?*", lambda route: route.fulfill(status=200, body="<html>Wi-Fi</html>"))
    page.evaluate("(id) => lp.enqueue(store, id)", instance)
    page.evaluate("() => { globalThis.sender = new lp.Sender(store); sender.start(); }")
    until(lambda: page.evaluate("(id) => store.draft(id).then((d) => d.attempts)", instance) >= 1)
    draft = page.evaluate("(id) => store.draft(id)", instance)
    assert draft["state"] == "waiting" and draft["receipt"] is None and draft["next_try_at"]
    page.context.unroute("**/submission?*")
    page.evaluate("sender.sendNow()")
    until(lambda: page.evaluate("(id) => store.draft(id).then((d) => d.state)", instance) == "sent")
    assert httpx2.get(f"{world.address}/harness/index.html").status_code == 200
