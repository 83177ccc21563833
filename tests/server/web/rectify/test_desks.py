"""Desks: each role sees what waits for it, the most pressing first, and nobody sees another's."""

from __future__ import annotations

import re

import pypdfium2
import pytest
from sqlalchemy import insert

from server.store.findings import Finding
from tests.conftest import Queries
from tests.people import NOW
from tests.server.web.rectify.conftest import PDF, Road, photo, propose


def words(page: str) -> str:
    body = page[page.index("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def desk(road: Road, login: str, query: str = "") -> str:
    answer = road.district.as_(login).get(f"/desk{query}")
    assert answer.status_code == 200
    return words(answer.text)


ALARM, CAMERAS, MEETINGS, STALLS = "一键报警现场测试接通", "监控可用、重点部位全覆盖", "党组织会议", "周边200米内"


def test_a_schools_desk_lists_what_waits_for_it_the_least_days_left_on_top(road: Road) -> None:
    road.to("noticed", "f01_f04")
    road.to("noticed")
    said = desk(road, "head1")
    assert "轮到您办理 2件" in said
    assert said.index(ALARM) < said.index(CAMERAS)  # three days for the plan of S3, five for S2
    assert "要办：提交整改方案" in said
    assert re.search(r"剩3个工作日 2026-11-25前", said)
    assert "正在由别人办理 1件" in said


def test_a_school_never_sees_anothers_matters(road: Road) -> None:
    road.to("noticed")
    assert ALARM not in desk(road, "head3")
    for path in ("/desk?role=school&unit=S01", "/desk/wall?unit=S01"):
        assert road.district.as_("head3").get(path).status_code == 404
    assert road.district.as_("head1").get("/desk?role=office").status_code == 404


def test_a_department_finds_its_consultations_and_only_those(road: Road) -> None:
    road.to("noticed")
    assert STALLS not in desk(road, "jyj")
    road.step("office", "confirm", "f01_f10", department=str(road.district.people.units["D-JYJ"]))
    road.step("office", "transfer", "f01_f10", letter="请会同清理")
    said = desk(road, "jyj")
    assert STALLS in said
    assert "要办：答复协商意见" in said
    assert ALARM not in said


def test_what_a_department_took_on_waits_for_it_and_not_for_the_school(road: Road) -> None:
    road.step("office", "confirm", "f01_f10", department=str(road.district.people.units["D-JYJ"]))
    assert STALLS in desk(road, "office")  # the office's to send, not the inspector's to give an opinion on
    said = desk(road, "bola")
    assert STALLS not in said[: said.index("正在由别人办理")]
    road.step("office", "transfer", "f01_f10", letter="请会同清理")
    road.step("jyj", "answer_consultation", "f01_f10", answer="take_on", text="本周清理", done_on="2026-12-04")
    road.step("office", "accept_answer", "f01_f10")
    assert re.search(STALLS + ".*要办：提交整改报告和证据", desk(road, "jyj"))
    page = road.district.as_("jyj").get(f"/findings/{road.seen.findings['f01_f10']}").text
    assert "轮到您 责任部门" in words(page)


def test_an_inspector_finds_the_own_rechecks_with_their_old_photos(road: Road) -> None:
    road.to("rechecking")
    page = road.district.as_("bola").get("/desk").text
    assert ALARM in page
    assert "/thumbs/" in page
    assert 'href="/collect"' in page
    said = desk(road, "amina")
    assert ALARM not in said[: said.index("正在由别人办理")]


def test_the_office_finds_each_stage_and_the_extensions_asked_for(road: Road) -> None:
    said = desk(road, "office")
    assert "待确认 4件" in said
    assert "期限未起算" in said
    assert "件逾期" not in said
    road.to("evidence")
    road.to("noticed", "f01_f04")
    road.step("head1", "ask_extension", "f01_f04", days="3", reason="等配件")
    said = desk(road, "office")
    assert "待确认 2件" in said
    assert "待复查 1件" in said
    assert re.search(r"申请延期，待批 1件 " + CAMERAS + ".*要办：批准延期、不同意延期", said)
    road.step("office", "grant_extension", "f01_f04", days="3")
    assert "申请延期" not in desk(road, "office")


def test_the_leading_group_finds_the_measures_that_wait_for_it(road: Road) -> None:
    assert "没有轮到您办理的事项" in desk(road, "leader")
    code = propose(road, "interview")
    assert "约谈 东岭镇中心小学" in desk(road, "leader")
    road.measure("leader", "decide", code, {"decision": PDF}, number="〔2026〕1号")
    assert "约谈" not in desk(road, "leader")
    assert "约谈 东岭镇中心小学" in desk(road, "office")


def test_an_overdue_matter_is_said_in_colour_shape_and_words(road: Road) -> None:
    road.to("noticed")
    road.later(12)
    road.district._tokens.clear()  # the sessions of that day are over
    page = road.district.as_("head1").get("/desk").text
    assert "1件逾期" in words(page)
    assert re.search(r'class="left left-3"><svg aria-hidden="true"><use href="#light-3"/></svg>逾期\d+个工作日', page)


def test_the_sheet_for_the_wall_lists_what_was_told_by_its_own_limit(road: Road) -> None:
    road.to("noticed")
    said = words(road.district.as_("head1").get("/desk/wall?unit=S01").text)
    assert "共1项在办" in said
    assert re.search(ALARM + r" S3 严重 校长 何 2026-11-25 剩3个工作日 已发文", said)
    assert CAMERAS not in said
    pdf = road.district.as_("head1").get("/desk/wall/pdf?unit=S01")
    assert pdf.content.startswith(b"%PDF")
    document = pypdfium2.PdfDocument(pdf.content)
    text = document[0].get_textpage().get_text_bounded().replace("\r\n", "")
    assert "清理并保持通道畅通" in text
    assert "还有3个工作日" in text


@pytest.mark.parametrize(("login", "most"), [("head1", 22), ("office", 18), ("bola", 20), ("jyj", 20), ("leader", 16)])
def test_a_desk_asks_the_store_as_often_for_many_matters_as_for_few(
    road: Road, queries: Queries, login: str, most: int
) -> None:
    road.to("rechecking")
    road.step("office", "confirm", "f01_f10", department=str(road.district.people.units["D-JYJ"]))
    road.step("office", "transfer", "f01_f10", letter="请会同清理")
    road.step("office", "confirm", "f01_a02")
    _copy(road, ("noticed", "evidence", "proposed", "open"), 1)
    client = road.district.as_(login)
    client.get("/desk")
    queries.reset()
    assert client.get("/desk").status_code == 200
    few = queries.count
    assert few <= most, "\n".join(queries.statements)
    _copy(road, ("noticed", "evidence", "rechecking", "proposed", "open"), 12)
    queries.reset()
    client.get("/desk")
    assert queries.count == few


def _copy(road: Road, states: tuple[str, ...], number: int) -> None:
    """More findings like the first in these states."""
    first = road.finding()
    columns = [column.name for column in Finding.__table__.columns if column.name != "id"]  # type: ignore[attr-defined]
    rows = []
    for state in states:
        for copy in range(number):
            row = {name: getattr(first, name) for name in columns}
            code = f"S01-{state}-{copy}-{number}"
            row |= {"code": code, "state": state, "item": code, "created_at": NOW}
            rows.append(row)
    with road.district.database.write() as session:
        session.connection().execute(insert(Finding), rows)


def test_evidence_of_a_phone_is_taken_from_the_camera_field_too(road: Road) -> None:
    road.to("rectifying")
    code = road.seen.findings["f01_f03"]
    page = road.district.as_("head1").get(f"/findings/{code}").text
    assert 'accept="image/*" capture="environment"' in page
    data = {"token": road.district.form_token("head1"), "seen": str(road.finding().steps), "f.report": "已修复"}
    both = [("f.photos", ("a.jpg", photo())), ("f.photos", ("", b"")), ("f.photos", ("b.jpg", photo((1, 2, 3))))]
    answer = road.district.as_("head1").post(f"/findings/{code}/steps/submit_evidence", data=data, files=both)
    assert answer.status_code == 303
    assert road.district.as_("head1").get(f"/findings/{code}").text.count('<figure class="evidence">') == 3
