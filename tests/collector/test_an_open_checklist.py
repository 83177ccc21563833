"""The engine behind our contract: rows, files, audit log, language, hostile labels, what is missing, memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.collector.phones import Browser, until
from tests.collector.world import World, answers_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What the policy refuses and we can do without: rows are copied with their style attributes (what they say is in our
# style sheet), and a hostile handler is refused before it is taken out.
REFUSED = ("Applying inline style", "Executing inline event handler")
_OPEN = """async ([device, form, known]) => {
  const store = globalThis.store ?? (await lp.Store.signIn(device));
  const loaded = await (await fetch(`/harness/${form}.json`)).json();
  const body = { ...loaded, ...((body) => (CHANGE))(loaded) };
  await store.keepBody(body);
  const draft = await lp.beginDraft(store, body, { code: 'S01', name: '东岭镇中心小学' }, false, known);
  Object.assign(globalThis, { store, body, draft, problems: [] });
  globalThis.reopen = async () => {
    globalThis.session = await lp.openForm(document.querySelector('#root'), body, await store.draft(draft.id), {
      keeper: store, language: 'zh', device: device.device, login: 'bola', onProblem: (e) => problems.push(String(e)),
      prefill: await lp.prefill(store, draft), onTaken: (rest) => lp.keepPrefill(store, draft.id, rest),
      lists: globalThis.lists ?? {},
    });
  };
  await reopen();
  return draft.id;
}"""


@pytest.fixture(scope="module")
def browser(world: World) -> Iterator[Browser]:
    with world.visiting("engine") as visiting:
        yield visiting


@pytest.fixture(scope="module")
def page(world: World, browser: Browser) -> Page:
    return world.harness(browser)


@pytest.fixture
def opened(world: World, page: Page) -> Iterator[Any]:
    seen: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REFUSED):
            seen.append(message.text)

    page.on("console", listen)

    def open_one(form: str, change: str = "{}", known: Sequence[Mapping[str, Any]] = ()) -> str:
        return str(page.evaluate(_OPEN.replace("CHANGE", change), [world.device(), form, list(known)]))

    yield open_one
    page.evaluate("session.close()")
    page.remove_listener("console", listen)
    assert page.evaluate("problems") == []
    assert seen == []  # the policy refused nothing, Enketo complained of nothing


def test_a_checklist_opens_as_a_valid_openrosa_instance(world: World, page: Page, opened: Any) -> None:
    instance = opened("f01")
    xml = page.evaluate("store.draft(draft.id).then((d) => d.xml)")
    definition = world.seed.definitions["f01"]
    answers = {answer.item: answer.value for answer in answers_of(definition, xml)}
    assert f'id="f01" version="{definition.version}"' in xml and f"<instanceID>{instance}</instanceID>" in xml
    assert answers["hd_a06"] == "S01" and answers["hd_a03"] == "collect:bola"
    assert set(answers) == {"hd_a01", "hd_a02", "hd_a03", "hd_a06", "audit"}
    assert "type=" not in xml and "onsubmit" not in page.evaluate("session.root.outerHTML")


def test_the_end_is_when_it_was_finished_and_what_is_not_asked_is_not_sent(page: Page, opened: Any) -> None:
    opened("f01")
    page.evaluate("session.setValue('hd_a11', '0')")  # a conflict of interest: nothing else is asked
    for item, value in (("hd_a05", "1"), ("hd_a07", "2"), ("hd_a10", "0")):
        page.evaluate("([i, v]) => session.setValue(i, v)", [item, value])
    page.wait_for_timeout(1100)
    assert page.evaluate("session.finish()") == []
    xml = page.evaluate("store.draft(draft.id).then((d) => d.xml)")
    start, end = (xml.partition(f"<{name}>")[2].partition("<")[0] for name in ("hd_a01", "hd_a02"))
    assert start[:16] == end[:16] or start < end
    assert start != end and "<f01_a>" not in xml and "<hd_b>" not in xml


def test_what_is_missing_is_listed_with_its_page_and_wrong_answers_stop_the_way(page: Page, opened: Any) -> None:
    opened("f01")
    page.evaluate("session.setValue('hd_a11', '1')")
    missing = page.evaluate("session.missing()")
    assert {"hd_a05", "f01_a01", "f01_b06"} <= {each["item"] for each in missing}
    assert {each["kind"] for each in missing} == {"required"}
    page.evaluate("session.goTo(3)")
    page.evaluate("session.setValue('f01_b06', '500')")
    [wrong] = [each for each in page.evaluate("session.missing()") if each["kind"] == "constraint"]
    assert wrong["item"] == "f01_b06" and wrong["page"] == 3 and wrong["message"] == "班额应在 0 到 200 人之间"
    assert page.evaluate("session.next()") is False and page.evaluate("session.current()") == 3
    page.evaluate("session.setLanguage('en')")
    [wrong] = [each for each in page.evaluate("session.missing()") if each["kind"] == "constraint"]
    assert wrong["message"] == "A class size lies between 0 and 200"
    page.evaluate("session.setValue('f01_b06', '40')")
    assert page.evaluate("session.next()") is True and page.evaluate("session.current()") == 4
    assert page.evaluate("session.finish().then((found) => found.length)") > 10


def test_what_was_known_beforehand_is_put_in_once_and_stays_empty_where_it_was_emptied(page: Page, opened: Any) -> None:
    opened("f01", known=[{"item": "hd_a08", "value": "督学甲"}, {"item": "f01_a05", "value": "12"}])

    def reopened() -> list[str]:
        page.evaluate("session.flush()")
        page.evaluate("session.close()")
        page.evaluate("reopen()")
        return list(page.evaluate("['hd_a08', 'f01_a05'].map((item) => session.value(item))"))

    assert page.evaluate("session.value('hd_a08')") == "督学甲"
    page.evaluate("session.setValue('hd_a08', '')")
    assert reopened() == ["", ""]
    page.evaluate("session.setValue('hd_a11', '1')")  # From now on the rest is asked.
    until(lambda: page.evaluate("session.value('f01_a05')") == "12")
    assert reopened() == ["", "12"]
    page.evaluate("session.setValue('f01_a05', '')")
    assert reopened() == ["", ""]


def test_a_recheck_offers_the_schools_own_findings_and_takes_the_number_over(page: Page, opened: Any) -> None:
    rows = [["F-1", "一", "S01"], ["F-2", "二", "S02"]]
    page.evaluate(
        "(rows) => { globalThis.lists = { 'findings.csv': { columns: ['name', 'label', 'school'], rows } }; }", rows
    )
    opened(
        "f12", known=[{"item": "f12_b01", "value": "F-9", "row": 0}, {"item": "f12_b02", "value": "AQ-16", "row": 0}]
    )
    page.evaluate("session.setValue('hd_a11', '1')")
    until(lambda: page.evaluate("['f12_b01', 'f12_b02'].map((item) => session.value(item, 1))") == ["F-9", "AQ-16"])
    page.evaluate("session.goTo(session.pages().length - 1)")
    offered = page.evaluate(
        """() => {
          const input = document.querySelector('[name$="/f12_pick"], [data-name$="/f12_pick"]');
          const list = document.getElementById(input.getAttribute('list') ?? '-') ?? input.closest('.question');
          const all = list.querySelectorAll('option:not(.itemset-template), input[type=radio]');
          return [...all].map((one) => one.dataset.value || one.value).filter(Boolean);
        }"""
    )
    assert offered == ["F-1"]
    page.evaluate("session.setValue('f12_pick', 'F-1', 1)")
    until(lambda: page.evaluate("session.value('f12_b01', 1)") == "F-1")


def test_rows_of_a_repeat_come_back_in_order(page: Page, opened: Any) -> None:
    opened("f08")
    page.evaluate("session.setValue('hd_a11', '1')")
    for row in (1, 2, 3):
        page.evaluate("([v, n]) => session.setValue('f08_a04', v, n)", [f"4{row}/40", row])
    page.evaluate("session.flush()")
    page.evaluate("session.close()")
    page.evaluate("reopen()")
    assert page.evaluate("[1, 2, 3].map((n) => session.value('f08_a04', n))") == ["41/40", "42/40", "43/40"]


def test_a_photo_chosen_in_the_forms_own_field_is_kept_under_a_name_of_its_own(page: Page, opened: Any) -> None:
    opened("f01")
    page.evaluate("session.setValue('hd_a11', '1')")
    photo = {"name": "IMG_0001.JPG", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff first"}
    page.evaluate("globalThis.kept = []; session.root.addEventListener('file-kept', (e) => kept.push(e.detail.name))")
    field = page.locator('input[name="/data/hd_b/hd_a14"]')
    for content in (b"\xff\xd8\xff first", b"\xff\xd8\xff second"):
        field.set_input_files({**photo, "buffer": content})
        until(lambda: page.evaluate("kept.length > 0"))
        [name] = page.evaluate("kept.splice(0)")
        assert page.evaluate("session.value('hd_a14')") == name and name.startswith("hd_a14-") and name.endswith(".jpg")
        text = page.evaluate("session.fileOf('hd_a14').then((blob) => blob.text())")
        assert text.endswith(content[4:].decode())
    photos = "store.files(draft.id).then((files) => files.filter(({ type }) => type === 'image/jpeg').length)"
    assert page.evaluate(photos) == 1  # the first one was replaced, and is gone
    page.evaluate("session.detach('hd_a14')")
    assert page.evaluate(photos) == 0 and page.evaluate("session.value('hd_a14')") == ""


def test_a_form_with_an_audit_question_sends_its_log(page: Page, opened: Any) -> None:
    opened("f12")
    page.evaluate("session.setValue('hd_a11', '1')")
    page.evaluate("session.goTo(1)")
    page.evaluate("session.flush()")
    page.evaluate("session.close()")
    page.evaluate("reopen()")
    page.evaluate("session.confirmed('hd_a07')")
    page.evaluate("session.flush()")
    assert "<audit>audit.csv</audit>" in page.evaluate("store.draft(draft.id).then((d) => d.xml)")
    log = page.evaluate("store.file(draft.id, 'audit.csv').then((blob) => blob.text())").splitlines()
    assert log[0] == "event,node,start,end"
    events = [line.split(",")[0] for line in log[1:]]
    assert events[0] == "form start" and "form resume" in events and "group questions" in events
    assert any(line.startswith("answer confirmed,/data/hd_a/hd_a07,") for line in log)
    assert all(line.split(",")[2].isdigit() for line in log[1:])


def test_hostile_html_that_slipped_through_does_nothing(page: Page, opened: Any) -> None:
    opened(
        "f12",
        """{ hash: 'hostile', html: body.html.replace('<h4>', `<h4><svg onload="globalThis.hacked = 1"></svg>
        <script>globalThis.hacked = 2</scr` + `ipt><a href="javascript:globalThis.hacked=3" id="evil">x</a>
        <iframe srcdoc="<script>parent.hacked=4</scr` + `ipt>"></iframe><b style="position:fixed">y</b>`) }""",
    )
    page.evaluate("document.querySelector('#evil').click()")
    page.wait_for_timeout(100)
    assert page.evaluate("globalThis.hacked") is None
    left = page.evaluate(
        "session.root.querySelectorAll('script, iframe, [onload], [style*=fixed], [href^=java]').length"
    )
    assert left == 0


def test_closed_checklists_leave_nothing_in_memory(page: Page, opened: Any) -> None:
    opened("f01")
    devtools = page.context.new_cdp_session(page)

    def nodes() -> int:
        for _turn in range(3):
            devtools.send("HeapProfiler.collectGarbage")
        counted: int = devtools.send("Memory.getDOMCounters")["nodes"]
        return counted

    again = "async () => { for (let n = 0; n < 3; n += 1) { session.close(); await reopen(); } }"
    page.evaluate(again)
    before = nodes()
    page.evaluate(again)
    assert nodes() < before * 1.1
