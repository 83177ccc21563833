"""Measures on pages: nothing is real without a decision's document, names are for few, a review marks the light."""

from __future__ import annotations

import re

import pytest
from httpx2 import Response

from server.services.measures import measures
from server.services.rectification.case import viewer_of
from server.store import measure_rows
from server.store.units import unit_by_code
from tests.conftest import Queries
from tests.server.web.rectify.conftest import PDF, Road, propose


def words(page: str) -> str:
    body = page[page.index("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def post(
    road: Road, login: str, path: str, files: dict[str, tuple[str, bytes]] | None = None, **fields: str
) -> Response:
    data = {"token": road.district.form_token(login), **{f"f.{name}": value for name, value in fields.items()}}
    sent = {f"f.{name}": given for name, given in (files or {}).items()}
    return road.district.as_(login).post(path, data=data, files=sent or None)


def decided(road: Road, kind: str = "interview") -> str:
    code = propose(road, kind)
    road.measure("leader", "decide", code, {"decision": PDF}, number="青教督〔2026〕1号")
    return code


def test_a_proposal_shows_the_rule_and_the_data_behind_it(road: Road) -> None:
    code = propose(road, "interview")
    page = road.district.as_("leader").get(f"/measures/{code}").text
    said = words(page)
    assert "规则 NX-51" in said
    assert "整改逾期三次" in said
    assert f'href="/findings/{road.seen.findings["f01_f03"]}"' in page


def test_the_data_behind_a_rule_are_told_in_words(road: Road) -> None:
    district = road.district
    data = {"lights": {"2026Q2": "red", "2026Q3": "yellow"}, "state": "rectifying", "severity": 3, "level": 2}
    with district.database.write() as session:
        unit = unit_by_code(session, "S01")
        assert unit is not None
        row = measures.propose(
            session, district.context, unit, "interview", rule="R.red_twice", data=data, at=district.clock()
        )
        assert row is not None
        code = row.code
    page = district.as_("leader").get(f"/measures/{code}").text
    said = words(page)
    assert "2026Q2 红牌、2026Q3 黄牌" in said
    assert "整改中" in said
    assert "S3 严重" in said
    assert "橙：已催办" in said
    assert "系统按规则提出" in said
    assert "decide-f-visits" not in page  # asked only for an exemption
    assert "decide-f-visits" in district.as_("leader").get(f"/measures/{propose(road, 'exempt')}").text


def test_without_the_decisions_document_nothing_becomes_real(road: Road) -> None:
    code = propose(road, "interview")
    answer = post(road, "leader", f"/measures/{code}/steps/decide", number="青教督〔2026〕1号")
    assert answer.status_code == 422
    assert re.search(r'id="decide-f-decision-problem">请填写“决定文件”', answer.text)
    assert 'value="青教督〔2026〕1号"' in answer.text
    answer = post(
        road, "leader", f"/measures/{code}/steps/decide", {"decision": ("决定.pdf", PDF)}, number="青教督〔2026〕1号"
    )
    assert answer.status_code == 303
    assert "已决定" in words(road.district.as_("head1").get(f"/measures/{code}").text)


@pytest.mark.parametrize(
    ("login", "before", "after"),
    [
        ("office", 200, 200),
        ("leader", 200, 200),
        ("admin", 200, 200),
        ("head1", 404, 200),
        ("head3", 404, 404),
        ("jyj", 404, 404),
        ("strange", 404, 404),
        ("amina", 403, 403),
        ("dayo", 403, 403),
    ],
)
def test_a_unit_sees_a_measure_once_it_is_real_and_no_other_unit_ever(
    road: Road, login: str, before: int, after: int
) -> None:
    code = propose(road, "circular")
    assert road.district.as_(login).get(f"/measures/{code}").status_code == before
    road.measure("leader", "decide", code, {"decision": PDF}, number="〔2026〕1号", reason="影响恶劣")
    assert road.district.as_(login).get(f"/measures/{code}").status_code == after


def test_only_the_leading_group_decides(road: Road) -> None:
    code = propose(road, "interview")
    answer = post(road, "office", f"/measures/{code}/steps/decide", {"decision": ("决定.pdf", PDF)}, number="1")
    assert answer.status_code == 403
    assert "您的身份不能办理“决定采取”" in answer.text


def test_a_talk_is_closed_only_with_its_record(road: Road) -> None:
    code = decided(road)
    road.measure("office", "notify", code, held_on="2026-11-23", place="督导室", subject="整改逾期")
    page = road.district.as_("office").get(f"/measures/{code}").text
    assert 'id="step-close"' not in page
    answer = post(road, "office", f"/measures/{code}/steps/hold", commitment="月底前完成", filed_with="督导委")
    assert answer.status_code == 422
    assert re.search(r'id="hold-f-record-problem">请填写“书面记录”', answer.text)
    record = {"record": ("约谈记录.pdf", PDF)}
    path = f"/measures/{code}/steps/hold"
    assert post(road, "office", path, record, commitment="月底前完成", filed_with="督导委").status_code == 303
    assert post(road, "office", f"/measures/{code}/steps/close").status_code == 303


def test_a_review_marks_the_light_of_the_unit_until_it_is_decided(road: Road) -> None:
    code = decided(road)
    assert "复核中" not in words(road.district.as_("head1").get("/units/S01").text)
    answer = post(road, "head1", f"/measures/{code}/steps/appeal", text="逾期系配件停产")
    assert answer.status_code == 303
    assert "复核中" in words(road.district.as_("head1").get("/units/S01").text)
    assert "复核中" in words(road.district.as_("leader").get(f"/measures/{code}").text)
    road.measure("leader", "withdraw", code, {"decision": PDF}, reason="事实有误")
    assert "复核中" not in words(road.district.as_("head1").get("/units/S01").text)


def test_a_withdrawn_measure_corrects_the_light_where_everybody_who_sees_the_light_sees_it(road: Road) -> None:
    code = decided(road)
    post(road, "head1", f"/measures/{code}/steps/appeal", text="逾期系配件停产")
    road.measure("leader", "withdraw", code, {"decision": PDF}, reason="事实有误")
    shown = road.district.as_("head1").get("/units/S01").text
    assert "已更正" in words(shown) and f'href="/measures/{code}"' in shown and "已撤销" in words(shown)
    assert "已更正" in words(road.district.as_("amina").get("/units/S01").text)
    assert "已更正" not in words(road.district.as_("head1").get("/units/S01?quarter=2026Q3").text)
    assert "已更正" in words(road.district.as_("head1").get(f"/measures/{code}").text)


def name(road: Road, code: str, person: str) -> None:
    district = road.district
    with district.database.write() as session:
        row = measure_rows.with_code(session, code)
        by = viewer_of(session, district.people.persons["office"])
        assert row is not None
        assert by is not None
        measures.name_person(session, row, name=person, post="副校长", by=by, at=district.clock())


def test_names_are_shown_to_few_only_when_asked_for_and_each_look_is_written_down(road: Road) -> None:
    code = propose(road, "disciplinary")
    name(road, code, "周某某")
    for login in ("office", "leader", "admin"):
        assert "周某某" not in road.district.as_(login).get(f"/measures/{code}").text
    shown = post(road, "leader", f"/measures/{code}/names")
    assert "周某某" in shown.text
    assert "查看记录（1次）" in words(road.district.as_("office").get(f"/measures/{code}").text)
    assert "领导小组 李" in words(road.district.as_("office").get(f"/measures/{code}").text)
    assert post(road, "admin", f"/measures/{code}/names").status_code == 403
    assert post(road, "head1", f"/measures/{code}/names").status_code == 404
    data = {"token": road.district.form_token("office"), "name": "吴某某", "post": "总务主任"}
    assert road.district.as_("office").post(f"/measures/{code}/persons", data=data).status_code == 303
    assert "吴某某" in post(road, "office", f"/measures/{code}/names").text


def test_papers_about_a_person_are_for_those_who_may_see_names(road: Road) -> None:
    code = propose(road, "disciplinary")
    name(road, code, "周某某")
    road.measure("office", "hear", code, {"files": PDF}, result="stated", text="已陈述")
    page = road.district.as_("office").get(f"/measures/{code}").text
    url = re.search(rf"/measures/{code}/files/\d+", page)
    assert url is not None
    assert road.district.as_("office").get(url[0]).status_code == 200
    assert url[0] not in road.district.as_("admin").get(f"/measures/{code}").text
    assert road.district.as_("admin").get(url[0]).status_code == 403
    assert "查看记录（1次）" in words(road.district.as_("leader").get(f"/measures/{code}").text)


def test_a_measure_is_proposed_by_hand_with_its_grounds(road: Road) -> None:
    values = {"unit": "S01", "kind": "commend", "rule": "督导条例 25", "grounds": "", "finding": ""}
    client, token = road.district.as_("office"), road.district.form_token("office")
    answer = client.post("/measures/new", data={"token": token, **values})
    assert answer.status_code == 422
    assert "请填写“事实和理由”" in answer.text
    values["grounds"] = "连续四季绿牌"
    answer = client.post("/measures/new", data={"token": token, **values, "finding": "S02-none"})
    assert re.search(r'id="n-finding-problem">没有该单位的这个问题编号', answer.text)
    answer = client.post("/measures/new", data={"token": token, **values})
    assert answer.status_code == 303
    said = words(client.get(answer.headers["location"]).text)
    assert "表扬" in said
    assert "连续四季绿牌" in said
    stranger = road.district.as_("strange")
    foreign = stranger.post("/measures/new", data={"token": road.district.form_token("strange"), **values})
    assert foreign.status_code == 404


def test_a_measures_page_stays_within_its_statements(road: Road, queries: Queries) -> None:
    code = decided(road)
    client = road.district.as_("office")
    client.get(f"/measures/{code}")
    queries.reset()
    assert client.get(f"/measures/{code}").status_code == 200
    assert queries.count <= 26, "\n".join(queries.statements)
    few = queries.count
    road.measure("office", "serve", code, {"files": PDF}, served_on="2026-11-20")
    road.measure("office", "serve", code, {"files": PDF}, served_on="2026-11-20")
    queries.reset()
    client.get(f"/measures/{code}")
    assert queries.count <= few + 1  # the files of its steps
