"""Paper is keyed in through the same door as phones' submissions, and says so."""

from __future__ import annotations

import re

import orjson
import pytest
import zxingcpp
from fastapi.testclient import TestClient
from sqlmodel import col, select

from forms.submission import read_answers
from server.services.reference import definition_of
from server.store.events import Event
from server.store.forms import FormVersion
from server.store.submissions import Submission
from tests.server.documents.conftest import page_images, text_of
from tests.server.rectify.conftest import Loop

PAGE = "/checklists/f01/key?unit=S01"


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return found[1]


def shown(html: str) -> set[str]:
    """The names of the questions that are not hidden."""
    rows = re.findall(r'<(?:fieldset|div) class="key-row[^>]*data-name="([^"]+)"([^>]*)>', html)
    return {name for name, rest in rows if "hidden" not in rest}


@pytest.fixture
def office(loop: Loop) -> TestClient:
    return loop.district.as_("office")


@pytest.fixture
def answers(loop: Loop) -> dict[str, str]:
    """A whole visit as the paper has it: every question that is asked answered, best where there is a best answer."""
    definition = loop.inspection.definitions["f01"]
    values = {"q.hd_a11": "1", "q.hd_a07": "2"}
    for item in definition.items:
        listed = definition.choices.get(item.list_name, ())
        if item.repeat or item.role == "note_companion" or f"q.{item.name}" in values:
            continue
        if item.type == "select_one" and listed:
            green = [choice.name for choice in listed if choice.light == 1]
            values[f"q.{item.name}"] = green[0] if green else listed[0].name
        elif item.type == "integer":
            values[f"q.{item.name}"] = "0"
        elif item.type == "text" and item.required:
            values[f"q.{item.name}"] = "无"
    return values | {"visited_on": "2026-11-18", "filled_by": "督学 艾", "step": "send"}


def send(loop: Loop, answers: dict[str, str], login: str = "office", page: str = PAGE) -> tuple[int, str, str]:
    """Status, page and instance of what was sent."""
    client = loop.district.as_(login)
    html = client.get(page).text
    instance = hidden(html, "instance")
    data = {"token": loop.district.form_token(login), "instance": instance, "entries": "3", **answers}
    answer = client.post(page, data=data)
    return answer.status_code, answer.text, instance


def stored(loop: Loop, instance: str) -> tuple[Submission, dict[str, str]]:
    with loop.district.database.read() as session:
        row = session.exec(select(Submission).where(col(Submission.instance_id) == instance)).one()
        definition = definition_of(session.get_one(FormVersion, row.form_version_id))
        return row, {answer.item: answer.value for answer in read_answers(row.xml, definition)}


def test_what_is_keyed_in_is_what_is_stored_marked_as_keyed(loop: Loop, answers: dict[str, str]) -> None:
    status, html, instance = send(loop, {**answers, "q.f01_f01": "3", "q.f01_f01_nt": "保安缺岗"})
    assert status == 303, re.findall(r'role="alert".*?</div>', html, re.S)
    row, said = stored(loop, instance)
    assert said["hd_a06"] == "S01" and said["f01_f01"] == "3" and said["f01_f01_nt"] == "保安缺岗"
    assert said["hd_a01"].startswith("2026-11-18T12:00:00.000")
    assert row.device_id == "keyed:office"
    assert row.submitter_id == loop.district.people.persons["office"]
    with loop.district.database.read() as session:
        event = session.exec(select(Event).where(col(Event.kind) == "submission.keyed")).one()
    assert (event.subject, orjson.loads(event.data)["filled_by"]) == (instance, "督学 艾")
    page = loop.district.as_("office").get(f"/submissions/{instance}").text
    assert "根据纸质表录入" in page
    loop.jobs()
    assert any(finding.item == "f01_f01" for finding in loop.all())


def test_sending_twice_is_one_record(loop: Loop, answers: dict[str, str]) -> None:
    client, page = loop.district.as_("office"), loop.district.as_("office").get(PAGE).text
    data = {
        "token": loop.district.form_token("office"),
        "instance": hidden(page, "instance"),
        "entries": "3",
        **answers,
    }
    assert [client.post(PAGE, data=data).status_code for _ in range(2)] == [303, 303]
    with loop.district.database.read() as session:
        assert len(session.exec(select(Event).where(col(Event.kind) == "submission.keyed")).all()) == 1


def test_what_does_not_apply_is_passed_over_and_not_sent(
    loop: Loop, answers: dict[str, str], office: TestClient
) -> None:
    html = office.get(PAGE).text
    assert "hd_a11" in shown(html) and "f01_a01" not in shown(html)
    data = {"token": loop.district.form_token("office"), "entries": "3", "q.hd_a11": "1", "q.f01_c02": "3"}
    state = office.post("/checklists/f01/key/state?unit=S01", data=data).json()
    assert {"f01_a01", "f01_c03"} <= set(state["applies"])
    assert "f01_c05" not in state["applies"]
    assert state["ticked"] == 2
    status, _, instance = send(loop, {**answers, "q.f01_c02": "1", "q.f01_c03": "2"})
    assert status == 303
    assert "f01_c03" not in stored(loop, instance)[1]


def test_entries_of_a_repeat(loop: Loop, answers: dict[str, str]) -> None:
    second = {
        "q.findings.2.ft_a03": "GP-1",
        "q.findings.2.ft_a04": "墙面有裂缝",
        "q.findings.2.ft_a06": "S2",
        "q.findings.2.ft_a07": "R2",
        "q.findings.2.ft_a08": "15",
        "q.findings.2.ft_a09": "0",
    }
    status, html, instance = send(loop, {**answers, **second})
    assert status == 303, re.findall(r'role="alert".*?</div>', html, re.S)
    row, said = stored(loop, instance)
    assert said["ft_a04"] == "墙面有裂缝"
    assert row.xml.decode().count("<findings>") == 1  # the empty first and third entry are not sent


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"q.f01_a05": "-1"}, "不能小于 0"),
        ({"q.f01_a05": "三"}, "请填整数"),
        ({"q.f01_a01": "77"}, "请从列表中选择"),
        ({"q.f01_a01": ""}, "这一项必填"),
        ({"visited_on": ""}, "请填到访日期"),
        ({"ticked": "3"}, "打勾的题数与纸质表不一致"),
        ({"total": "99"}, "数字之和与纸质表不一致"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(
    loop: Loop, answers: dict[str, str], wrong: dict[str, str], words: str
) -> None:
    status, html, instance = send(loop, {**answers, **wrong})
    assert status == 422 and words in html
    with loop.district.database.read() as session:
        assert session.exec(select(Submission).where(col(Submission.instance_id) == instance)).first() is None


def test_a_paper_that_lacks_an_answer_is_taken_when_somebody_says_so(loop: Loop, answers: dict[str, str]) -> None:
    status, html, _ = send(loop, {**answers, "q.f01_a01": ""})
    assert status == 422 and 'name="incomplete"' in html
    assert send(loop, {**answers, "q.f01_a01": "", "incomplete": "yes"})[0] == 303


def test_right_totals_pass(loop: Loop, answers: dict[str, str], office: TestClient) -> None:
    data = {"token": loop.district.form_token("office"), "entries": "3", **answers}
    state = office.post("/checklists/f01/key/state?unit=S01", data=data).json()
    assert state["ticked"] > 30
    assert send(loop, {**answers, "ticked": str(state["ticked"]), "total": state["total"]})[0] == 303


def test_the_second_time_of_typing_is_compared_with_the_first(loop: Loop, answers: dict[str, str]) -> None:
    _, html, _ = send(loop, {**answers, "step": "twice"})
    import html as markup

    first = markup.unescape(hidden(html, "first"))
    assert "checked" not in html
    status, html, _ = send(loop, {**answers, "q.f01_a02": "3", "first": first})
    assert status == 422 and "两遍录入不一致" in html
    assert send(loop, {**answers, "first": first})[0] == 303
    with loop.district.database.read() as session:
        event = session.exec(select(Event).where(col(Event.kind) == "submission.keyed")).one()
    assert orjson.loads(event.data)["twice"] is True


@pytest.mark.parametrize(("login", "status"), [("head3", 404), ("strange", 404), ("leader", 403), ("jyj", 404)])
def test_nobody_keys_in_for_a_unit_that_is_not_theirs(loop: Loop, login: str, status: int) -> None:
    assert loop.district.as_(login).get(PAGE).status_code == status
    data = {"token": loop.district.form_token(login), "step": "send"}
    assert loop.district.as_(login).post(PAGE, data=data).status_code == status


def test_a_form_token_is_asked_for(loop: Loop, answers: dict[str, str]) -> None:
    assert loop.district.as_("office").post(PAGE, data=answers).status_code == 403


def test_without_a_unit_its_code_is_asked_for(office: TestClient) -> None:
    page = office.get("/checklists/f01/key")
    assert page.status_code == 200 and 'name="unit"' in page.text


def test_the_paper_forms_code_leads_to_the_keying_screen_of_its_school(loop: Loop) -> None:
    answer = loop.district.as_("amina").get("/checklists/f01/paper.pdf?unit=S01")
    assert answer.status_code == 200
    images = page_images(answer.content)
    for image in images:
        (code,) = zxingcpp.read_barcodes(image)
        assert code.text.startswith("http://testserver/checklists/f01/key?unit=S01&version=")
        assert loop.district.as_("office").get(code.text.removeprefix("http://testserver")).status_code == 200
    text = text_of(answer.content)
    assert "东岭镇中心小学（S01）" in text and "仅当C02选“部分”或“否”时填写" in text


@pytest.mark.parametrize(("login", "status"), [("head1", 200), ("head3", 404), ("strange", 404), ("", 303)])
def test_who_prints_a_schools_paper(loop: Loop, login: str, status: int) -> None:
    assert loop.district.as_(login).get("/checklists/f01/paper.pdf?unit=S01").status_code == status


def test_the_feedback_sheet_of_a_visit(loop: Loop) -> None:
    instance = loop.inspection.visit("S01", {"f01_f01": "3", "f01_a02": "2", "ft_a11": "3", "ft_a12": "请复核"})
    answer = loop.district.as_("head1").get(f"/submissions/{instance}/feedback.pdf")
    assert answer.status_code == 200
    text = text_of(answer.content)
    for words in ("现场反馈单", "东岭镇中心小学", "督学艾", "S3严重", "保留意见", "请复核", "不是评定结论", instance):
        assert words in text
    (code,) = zxingcpp.read_barcodes(page_images(answer.content)[0])
    assert code.text == f"http://testserver/submissions/{instance}"
    for login, status in (("office", 200), ("amina", 200), ("head3", 404), ("strange", 404), ("", 303)):
        assert loop.district.as_(login).get(f"/submissions/{instance}/feedback.pdf").status_code == status
