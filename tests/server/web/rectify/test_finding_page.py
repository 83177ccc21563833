"""A finding's page: its story, whose turn it is, and forms that lose nothing when a step is refused."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from httpx2 import Response

from server.services.rectification import rectify
from server.store.findings import Finding, with_code
from server.store.reading import cases as reading_cases
from tests.conftest import District, Queries
from tests.server.web.conftest import Seen
from tests.server.web.rectify.conftest import PDF, Road, photo


def words(page: str) -> str:
    """What people read: the page without its tags."""
    body = page[page.index("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def post(
    road: Road,
    login: str,
    action: str,
    item: str = "f01_f03",
    files: list[tuple[str, tuple[str, bytes]]] | None = None,
    **fields: object,
) -> Response:
    """Send a step's form; fields as the page names them, ``seen`` as the finding stands unless given."""
    data = {"token": road.district.form_token(login), "seen": str(road.finding(item).steps)}
    data |= {name if name in ("seen", "sure") else f"f.{name}": value for name, value in fields.items()}
    url = f"/findings/{road.seen.findings[item]}/steps/{action}"
    sent = [(f"f.{name}", given) for name, given in files or []]
    return road.district.as_(login).post(url, data=data, files=sent or None)


def test_every_step_stands_in_the_story_with_who_when_why_before_and_after(road: Road) -> None:
    road.to("planned")
    said = words(road.district.as_("head1").get(f"/findings/{road.seen.findings['f01_f03']}").text)
    assert re.search(r"提交整改方案 已发文 → 方案待审 校长 何 · 2026-11-20 10:00", said)
    assert "清理通道，划定禁停线" in said
    assert re.search(r"送达初步督导意见 已立项 → 初步反馈 督学 艾", said)
    assert said.index("提交整改方案 已发文") < said.index("送达初步督导意见 已立项")


def test_the_limit_is_told_with_its_rule_so_that_it_can_be_counted_again(road: Road) -> None:
    page = f"/findings/{road.seen.findings['f01_f03']}"
    assert "送达整改通知后起算" in words(road.district.as_("head1").get(page).text)
    road.to("noticed")
    said = words(road.district.as_("head1").get(page).text)
    assert "整改期限2026-11-25：2026-11-20起算3个工作日" in said
    assert "其间休息日2天不计" in said


def test_an_accepted_step_says_what_comes_next(road: Road) -> None:
    answer = post(road, "office", "confirm")
    assert answer.status_code == 303
    said = words(road.district.as_("office").get(answer.headers["location"]).text)
    assert "已办理：确认立项" in said
    assert "接下来由督学办理" in said
    assert road.finding().state == "open"


def test_a_refused_step_says_why_at_its_field_and_keeps_texts_and_files(road: Road) -> None:
    road.to("feedback")
    answer = post(road, "head1", "state", files=[("files", ("申辩材料.pdf", PDF))], objection="fact", text=" ")
    assert answer.status_code == 422
    assert re.search(r'id="state-f-text-problem">请填写“申辩内容”', answer.text)
    assert 'value="fact" selected' in answer.text
    seal = re.search(r'name="f.files.kept" value="([^"]+)"', answer.text)
    assert seal is not None
    assert road.finding().state == "feedback"
    kept = seal[1].replace("&#34;", '"')
    answer = post(road, "head1", "state", objection="fact", text="检修线路", **{"files.kept": kept})
    assert answer.status_code == 303
    assert "申辩材料.pdf" in road.district.as_("office").get(answer.headers["location"]).text


def test_a_kept_file_can_be_left_out_and_nobody_elses_seal_is_taken(road: Road) -> None:
    road.to("feedback")
    answer = post(road, "head1", "state", files=[("files", ("误传.pdf", PDF))], objection="fact")
    seal = re.search(r'name="f.files.kept" value="([^"]+)"', answer.text)
    assert seal is not None
    kept = seal[1].replace("&#34;", '"')
    left_out = post(road, "head1", "state", objection="fact", **{"files.kept": kept, "files.drop": kept})
    assert "误传.pdf" not in left_out.text
    forged = "0" * 64 + kept[64:]
    assert "误传.pdf" not in post(road, "head1", "state", objection="fact", **{"files.kept": forged}).text


def test_a_file_that_is_not_accepted_is_named_and_the_others_stay(road: Road) -> None:
    road.to("rectifying")
    fake = ("现场.jpg", b"no picture")
    good = ("整改后.jpg", photo())
    answer = post(road, "head1", "submit_evidence", files=[("photos", fake), ("photos", good)], report="已修复")
    assert answer.status_code == 422
    problem = re.search(r'id="submit_evidence-f-photos-problem">([^<]+)', answer.text)
    assert problem is not None
    assert "现场.jpg" in problem[1]
    kept = re.findall(r'name="f.photos.kept" value="([^"]+)"', answer.text)
    assert len(kept) == 1
    assert "整改后.jpg" in kept[0]
    program = post(road, "head1", "submit_evidence", files=[("files", ("a.exe", b"MZ"))], report="已修复")
    assert "a.exe" in program.text
    assert road.finding().state == "rectifying"


def test_a_step_that_cannot_be_taken_back_is_asked_twice(road: Road) -> None:
    once = post(road, "office", "dismiss", reason="误报")
    assert once.status_code == 200
    assert "请再次确认" in once.text
    assert ">误报</textarea>" in once.text
    assert road.finding().state == "proposed"
    assert post(road, "office", "dismiss", reason="误报", sure="yes").status_code == 303
    assert road.finding().state == "withdrawn"


def test_who_acts_on_what_has_moved_is_told_and_keeps_what_was_typed(road: Road) -> None:
    road.to("rectifying")
    before = road.finding().steps
    road.step("head1", "report_progress", text="主机已到货")
    answer = post(road, "head1", "report_progress", text="正在安装", seen=str(before))
    assert answer.status_code == 422
    assert "有人刚刚办理了这件事" in answer.text
    assert ">正在安装</textarea>" in answer.text
    fresh = re.search(r'name="seen" value="(\d+)"', answer.text)
    assert fresh is not None
    assert post(road, "head1", "report_progress", text="正在安装", seen=fresh[1]).status_code == 303


def test_a_step_that_is_over_says_so_and_gives_back_what_was_typed(road: Road) -> None:
    road.to("ready")
    answer = post(road, "head1", "state", objection="fact", text="写了很久的申辩")
    assert answer.status_code == 409
    assert "写了很久的申辩" in words(answer.text)
    assert "请先完成前面的环节" in answer.text


def test_a_role_that_may_not_take_a_step_is_told_so(road: Road) -> None:
    road.to("verified")
    answer = post(road, "head1", "close")
    assert answer.status_code == 403
    assert "您的身份不能办理“销号”" in answer.text
    assert road.finding().state == "verified"


@pytest.mark.parametrize("login", ["head3", "dayo", "strange", "jyj"])
def test_nobody_elses_school_office_or_department_sees_the_page_or_acts_on_it(road: Road, login: str) -> None:
    road.to("evidence")
    code = road.seen.findings["f01_f03"]
    with road.district.database.read() as session:
        steps = [row[0].id for row in reading_cases.steps_of(session, finding_id=road.finding().id)]
        file = reading_cases.files_of_steps(session, steps)[0]
    client = road.district.as_(login)
    for path in ("", f"/files/{file.id}", f"/thumbs/{file.id}"):
        assert client.get(f"/findings/{code}{path}").status_code == 404, path
        assert road.district.as_("head1").get(f"/findings/{code}{path}").status_code == 200, path
    assert post(road, login, "report_progress", text="x").status_code == 404


def test_another_findings_file_is_not_there(road: Road) -> None:
    road.to("evidence")
    with road.district.database.read() as session:
        steps = [row[0].id for row in reading_cases.steps_of(session, finding_id=road.finding().id)]
        file = reading_cases.files_of_steps(session, steps)[0]
    other = road.seen.findings["f01_f04"]
    assert road.district.as_("head1").get(f"/findings/{other}/files/{file.id}").status_code == 404


def test_pictures_are_shown_and_everything_else_is_only_downloaded(road: Road) -> None:
    road.to("feedback")
    post(
        road,
        "head1",
        "state",
        files=[("files", ("申辩.pdf", PDF)), ("photos", ("现场.jpg", photo()))],
        objection="fact",
        text="见附件",
    )
    code = road.seen.findings["f01_f03"]
    page = road.district.as_("office").get(f"/findings/{code}").text
    urls = set(re.findall(rf'href="(/findings/{code}/files/\d+)"', page))
    kinds = {}
    for url in urls:
        answer = road.district.as_("office").get(url)
        kinds[answer.headers["content-type"]] = answer.headers["content-disposition"].split(";")[0]
        assert "sandbox" in answer.headers["content-security-policy"]
    assert kinds == {"image/jpeg": "inline", "application/octet-stream": "attachment"}


def test_before_and_after_stand_side_by_side_with_time_and_place(road: Road) -> None:
    road.to("evidence")
    page = road.district.as_("office").get(f"/findings/{road.seen.findings['f01_f03']}").text
    evidence = page[page.index('id="evidence"') :]
    assert "拍摄于2026-11-10" in evidence
    assert "拍摄于2026-11-24 10:30" in evidence
    assert "30.241667, 120.150000" in evidence


def test_the_schools_receipt_is_one_tap_and_stands_beside_the_document(road: Road) -> None:
    road.to("noticed")
    page = road.district.as_("head1").get(f"/findings/{road.seen.findings['f01_f03']}").text
    assert 'id="step-acknowledge"' in page
    assert "待签收" in page
    assert post(road, "head1", "acknowledge").status_code == 303
    page = road.district.as_("head1").get(f"/findings/{road.seen.findings['f01_f03']}").text
    assert "校长 何2026-11-20 10:00签收" in words(page)
    assert 'id="step-acknowledge"' not in page


def test_what_was_merely_seen_again_is_told_once_with_its_days(road: Road) -> None:
    road.to("noticed")
    district = road.district
    for day in range(3):
        with district.database.write() as session:
            row = with_code(session, road.seen.findings["f01_f03"])
            assert row is not None
            at = district.clock() + dt.timedelta(days=day)
            rectify.note(session, row, "seen_again", by=None, at=at, day=at.date(), fields={})
    said = words(district.as_("head1").get(f"/findings/{road.seen.findings['f01_f03']}").text)
    assert said.count("再次发现同一问题") == 1
    assert "共3次，2026-11-20至2026-11-22" in said


def test_a_finding_by_hand_takes_the_same_road(district: District) -> None:
    client, token = district.as_("office"), district.form_token("office")
    values = {"unit": "S01", "title": "家长来电反映食堂卫生", "fact": "", "severity": "2"}
    answer = client.post("/findings/new", data={"token": token, **values})
    assert answer.status_code == 422
    assert "请填写“事实经过”" in answer.text
    assert 'value="家长来电反映食堂卫生"' in answer.text
    answer = client.post("/findings/new", data={"token": token, **values, "fact": "后厨下水道堵塞"})
    assert answer.status_code == 303
    page = words(client.get(answer.headers["location"]).text)
    assert "家长来电反映食堂卫生" in page
    assert "待确认" in page
    assert "督导室 陈" in page
    wrong = client.post("/findings/new", data={"token": token, **values, "fact": "x", "days": "900"})
    assert re.search(r'id="h-days-problem">整改天数', wrong.text)
    strange = district.as_("strange").post(
        "/findings/new", data={"token": district.form_token("strange"), **values, "fact": "x"}
    )
    assert strange.status_code == 404


def test_the_list_names_states_in_words(road: Road, seen: Seen) -> None:
    road.to("noticed")
    page = road.district.as_("office").get("/ledgers/rectification").text
    rows = re.sub(r"<[^>]*>", " ", page[page.index("<tbody>") : page.index("</tbody>")])
    assert "已发文" in rows
    assert "noticed" not in words(page)


@pytest.mark.parametrize(
    ("state", "login", "most"), [("proposed", "office", 24), ("rechecking", "bola", 28), ("closed", "head1", 28)]
)
def test_a_findings_page_stays_within_its_statements(
    road: Road, queries: Queries, state: str, login: str, most: int
) -> None:
    if state != "proposed":
        road.to(state)
    client, path = road.district.as_(login), f"/findings/{road.seen.findings['f01_f03']}"
    client.get(path)
    queries.reset()
    assert client.get(path).status_code == 200
    assert queries.count <= most, "\n".join(queries.statements)


def test_more_steps_need_no_more_statements(road: Road, queries: Queries) -> None:
    road.to("rectifying")
    client, path = road.district.as_("head1"), f"/findings/{road.seen.findings['f01_f03']}"
    road.step("head1", "report_progress", text="第1次", files={"photos": photo()})
    client.get(path)
    queries.reset()
    client.get(path)
    few = queries.count
    for number in range(12):
        road.step("head1", "report_progress", text=f"第{number}次", files={"photos": photo((number, 9, 9))})
    queries.reset()
    client.get(path)
    assert queries.count == few
    assert isinstance(road.finding(), Finding)
