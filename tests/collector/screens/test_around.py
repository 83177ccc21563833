"""Around the filling: finding a school, the queue, what came back, re-checks, this phone, leaving."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.collector.screens.conftest import Opener
from tests.collector.screens.world import schools

pytestmark = pytest.mark.browser
SCHOOL = "#/school/33010100000"


def test_five_thousand_schools_are_searched_in_under_200_ms_by_name_code_town_and_initials(opened: Opener) -> None:
    page = opened(world="many")
    timed = """question => {
      const index = (globalThis.index ??= tools.buildIndex(phone.package().schools));
      const times = [];
      let result;
      for (let turn = 0; turn < 5; turn += 1) {
        const start = performance.now();
        result = tools.search(index, question);
        times.push(performance.now() - start);
      }
      return [result.found[0]?.name ?? '', result.total, times.sort((a, b) => a - b)[2]]; }"""
    wanted = schools(5000)[123]
    for question in (wanted["name"], wanted["code"], "青云 特殊", "qyxwxx", "Qingyun School 124"):
        name, total, milliseconds = page.evaluate(timed, question)
        assert total >= 1 and name, question
        assert milliseconds < 200, question
    assert page.evaluate(timed, wanted["name"])[0] == wanted["name"]
    page.locator("#school-search").fill(wanted["name"])
    expect(page.locator("section[aria-labelledby=schools-head] li")).to_have_count(1)


def test_initials_of_the_pinyin_find_a_school(opened: Opener) -> None:
    page = opened()
    page.locator("#school-search").fill("qyxwxx")
    expect(page.locator("section[aria-labelledby=schools-head] .row b").first).to_have_text("青云希望小学")
    page.locator("#school-search").fill("没有这样的学校")
    expect(page.get_by_text("没有找到“没有这样的学校”")).to_be_visible()


def test_a_starred_school_stands_among_todays_after_coming_back(opened: Opener) -> None:
    page = opened()
    page.get_by_label("今天去东湖街第一中学").click()
    expect(page.locator("section[aria-labelledby=today-head]")).to_contain_text("东湖街第一中学")
    page.reload()
    expect(page.locator("section[aria-labelledby=today-head]")).to_contain_text("东湖街第一中学")
    page.get_by_label("今天不去东湖街第一中学").first.click()
    expect(page.locator("section[aria-labelledby=today-head]")).not_to_contain_text("东湖街第一中学")


def test_a_school_shows_its_open_findings_with_old_photos_and_last_answers(opened: Opener) -> None:
    page = opened(SCHOOL)
    first = page.locator("article.finding").first
    for words in ("四级 重大", "已逾期", "二楼东侧安全出口堆放纸箱", "330101-2026-0117"):
        expect(first).to_contain_text(words)
    first.locator("img").first.click()
    expect(page.locator("dialog img.photo-large")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("联网后可看")).to_be_visible()
    page.locator("summary").click()
    expect(page.locator("dl.answers")).to_contain_text("责任督学公示牌在校门显著位置且信息正确")


def test_beginning_the_same_checklist_again_asks_which_one_is_meant(opened: Opener) -> None:
    page = opened(SCHOOL)
    page.get_by_role("button", name="责任督学经常性督导（八项）").click()
    expect(page.locator("dialog")).to_contain_text("已有一份正在填写")
    page.locator("dialog").get_by_role("button", name="取消").click()
    expect(page).to_have_url(re.compile(r"#/fill/uuid%3Adraft$"))


def test_a_recheck_has_one_row_for_each_finding_chosen_with_its_old_photos_beside(opened: Opener) -> None:
    page = opened(SCHOOL)
    page.get_by_text("逐条复查2个未销号问题").click()
    page.get_by_role("button", name="开始复查").click()
    page.wait_for_selector("form.or .question:visible")
    page.locator('label.answer:has(input[data-name$="/hd_a11"][value="1"])').click()
    session = "document.querySelector('form.or').session"
    asked = "['f12_a02', 'f12_a03', ['f12_b01', 1], ['f12_b02', 1], ['f12_b01', 2]]"
    found = page.evaluate(f"{asked}.map(each => {session}.value(...[each].flat()))")
    assert found == ["2", "1", "330101-2026-0117", "AQ-16", "330101-2026-0121"]
    expect(page.locator(".or-repeat .old-finding")).to_have_count(2)
    expect(page.locator(".or-repeat").first.locator(".old-finding img")).to_have_count(2)


def test_the_queue_says_what_each_one_is_about_and_moves_the_figure_in_place(opened: Opener) -> None:
    page = opened("#/queue")
    page.evaluate("document.querySelector('[data-focus]').setAttribute('data-same', 'yes')")
    page.evaluate("phone.tell('uuid:sending', 77)")
    expect(page.get_by_text("正在发送 77%")).to_be_visible()
    assert page.locator("[data-same]").count() == 1
    expect(page.get_by_text("已试2次")).to_be_visible()
    expect(page.get_by_text("服务器已收到")).to_be_visible()
    page.get_by_role("button", name="现在发送").click()
    assert page.evaluate("phone.sent") == ["uuid:waiting"]


def test_a_refused_one_tells_the_servers_sentence_and_what_to_do_and_opens_again(opened: Opener) -> None:
    page = opened("#/queue")
    card = page.locator(".card-bad")
    expect(card).to_contain_text("“最大班额”应在 0 到 200 人之间。")
    expect(card).to_contain_text("怎么办：取回修改")
    card.get_by_role("button", name="取回修改").click()
    page.wait_for_selector("form.or .question:visible")
    assert page.evaluate("phone.draft('uuid:refused').then(draft => draft.state)") == "draft"


def test_a_refused_one_is_exported_only_with_a_passphrase_of_eight_characters(opened: Opener) -> None:
    page = opened("#/queue")
    page.locator(".card-bad").get_by_role("button", name="导出").click()
    page.locator("dialog input").fill("short")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("dialog")).to_be_visible()
    page.locator("dialog input").fill("long enough")
    with page.expect_download() as given:
        page.locator("dialog button[type=submit]").click()
    assert given.value.suggested_filename.endswith(".lpq")


def test_a_returned_submission_opens_with_the_reviewers_remark(opened: Opener) -> None:
    page = opened("#/returned")
    expect(page.locator(".remark")).to_contain_text("食堂许可证照片看不清有效期，请补拍。")
    page.get_by_role("button", name="打开补充").click()
    expect(page.locator(".fill-remark")).to_contain_text("陪餐记录请写明日期")


def test_signing_out_warns_of_unsent_work_and_then_forgets(opened: Opener) -> None:
    page = opened("#/phone")
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator("dialog")).to_contain_text("还有4份没有发出")
    page.locator("dialog").get_by_role("button", name="取消").click()
    assert page.evaluate("phone.bound")
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("button", name="销毁并退出").click()
    expect(page.locator("h1")).to_have_text("登录本机")
    assert page.evaluate("localStorage.getItem('liangpai.collector')") is None


def test_where_the_browser_promises_nothing_it_is_said_with_what_to_do(opened: Opener) -> None:
    page = opened("#/phone")
    expect(page.get_by_text("浏览器没有承诺保留")).to_be_visible()
    page.get_by_role("button", name="请浏览器保留").click()
    expect(page.get_by_text("浏览器已承诺不会自动清除")).to_be_visible()


def test_without_a_network_every_screen_says_so_and_works(opened: Opener) -> None:
    page = opened()
    page.context.set_offline(True)
    expect(page.locator(".net")).to_be_visible()
    page.goto(page.url.split("#")[0] + SCHOOL)
    expect(page.locator("h1")).to_have_text("河口实验小学")
    page.context.set_offline(False)
    expect(page.locator(".net")).to_be_hidden()


def test_a_link_of_the_office_binds_the_phone_and_a_used_one_is_refused_in_words(opened: Opener) -> None:
    page = opened("#code=used", world="unbound")
    expect(page.get_by_text("这个链接已经用过了。")).to_be_visible()
    page = opened("#code=fresh", world="unbound")
    expect(page.locator("h1")).to_have_text("我的督导")


def test_a_phone_that_the_office_signed_out_opens_nothing_more(opened: Opener) -> None:
    page = opened()
    page.evaluate("phone.revoked = true; phone.changed()")
    expect(page.locator("h1")).to_have_text("已被督导室停用")


def test_focus_goes_into_a_sheet_and_back_to_where_it_was(opened: Opener) -> None:
    page = opened("#/fill/uuid%3Adraft")
    page.locator("[data-do=jump]").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    assert focus(page) == "jump"


def focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.dataset.do ?? ''"))


def test_a_change_told_while_an_address_changes_does_not_open_a_checklist_twice(opened: Opener) -> None:
    page = opened("#/queue")
    page.evaluate("() => { location.hash = '#/fill/uuid%3Adraft'; phone.changed(); }")
    page.wait_for_selector("form.or .question:visible")
    page.wait_for_timeout(500)
    assert page.evaluate("[phone.opens, document.querySelectorAll('form.or').length]") == [1, 1]


def test_nobody_is_shown_a_checklist_that_is_not_ready(opened: Opener) -> None:
    page = opened("#/queue")
    page.evaluate("""() => {
      globalThis.seen = [];
      const look = () => {
        const form = document.querySelector('form.or');
        const shown = form?.checkVisibility({ checkVisibilityCSS: true });
        if (shown) seen.push(Boolean(form.closest('.filling')));
        requestAnimationFrame(look);
      };
      look();
      location.hash = '#/fill/uuid%3Adraft';
    }""")
    page.wait_for_selector(".filling form.or .question:visible")
    page.wait_for_timeout(200)
    seen = page.evaluate("seen")
    assert seen and all(seen)
