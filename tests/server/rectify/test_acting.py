"""A finding moves by steps of its table only; each step keeps who, when, why, before and after."""

from __future__ import annotations

import datetime as dt
import itertools
import threading

import orjson
import pytest
from PIL import ExifTags, Image
from sqlmodel import col, select

from server.problems import Problem
from server.services.rectification.rectify import Upload
from server.store.events import Event
from server.store.messages import Message
from tests.server.rectify.conftest import NOTICE, OPINION, Loop, paper, picture


def test_the_whole_loop_walks_from_the_proposal_to_the_watch(loop: Loop) -> None:
    code = loop.found()
    assert loop.finding(code).state == "proposed"
    loop.bring(code, "closed")
    found = loop.finding(code)
    assert (found.state, found.closed_on) == ("watching", loop.district.context.today())
    assert [step.action for step in loop.steps(code)] == [
        *("confirm", "give_feedback", "agree", "issue_notice", "submit_plan"),
        *("accept_plan", "submit_evidence", "recheck", "close"),
    ]
    steps = loop.steps(code)
    assert [step.number for step in steps] == list(range(1, 10))
    assert all(before.after == after.before for before, after in itertools.pairwise(steps))
    people = loop.district.people.persons
    assert [step.by_id for step in steps][:3] == [people["office"], people["bola"], people["head1"]]


def test_a_step_out_of_order_is_refused_with_its_rule_in_both_languages(loop: Loop) -> None:
    code = loop.found()
    with pytest.raises(Problem) as raised:
        loop.act("office", code, "issue_notice", NOTICE)
    assert raised.value.details["rule"] == "step.order"
    assert "前面的环节" in raised.value.message("zh") and "earlier steps" in raised.value.message("en")
    assert loop.steps(code) == []


def test_the_limit_begins_with_the_notice(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "ready")
    assert loop.finding(code).told_on is None
    loop.wait(3)
    loop.act("office", code, "issue_notice", NOTICE)
    found = loop.finding(code)
    assert found.told_on == loop.district.context.today()
    assert found.due_on > found.told_on and found.original_due_on == found.due_on
    assert found.step_due_on is not None and found.step_due_on <= found.due_on
    assert found.responsible == "校长 何"


def test_whoever_looks_at_an_older_state_is_refused(loop: Loop) -> None:
    code = loop.found()
    seen = loop.finding(code).steps
    loop.act("office", code, "confirm", seen=seen)
    assert loop.refuses("bola", code, "give_feedback", OPINION, seen=seen) == "step.stale"


def test_of_two_who_act_at_once_one_is_refused(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "ready")
    answers: list[str] = []
    start = threading.Barrier(4)

    def issue() -> None:
        start.wait()
        try:
            loop.act("office", code, "issue_notice", NOTICE)
            answers.append("done")
        except Problem as problem:
            answers.append(str(problem.details.get("rule", problem.code)))

    threads = [threading.Thread(target=issue) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "step.order", "step.order", "step.order"]
    assert [step.action for step in loop.steps(code)].count("issue_notice") == 1


def test_the_next_districts_people_see_and_do_nothing(loop: Loop) -> None:
    code = loop.found()
    for login in ("strange", "dayo"):
        assert loop.refuses(login, code, "confirm") == "not_found"
    loop.bring(code, "feedback")
    assert loop.refuses("head3", code, "agree") == "not_found", "a school never sees another's"


def test_a_department_acts_only_on_what_was_routed_to_it(loop: Loop) -> None:
    code = loop.found()
    assert loop.refuses("jyj", code, "report_progress", {"text": "x"}) == "not_found"
    units = loop.district.people.units
    change = {"route": 4, "department": units["D-JYJ"], "reason": "周边道路须由部门整治"}
    loop.act("office", code, "confirm", change)
    loop.act("office", code, "transfer", {"letter": "请协调整治"})
    found = loop.finding(code)
    assert (found.state, found.department_id, found.route) == ("transferred", units["D-JYJ"], 4)
    answer = {"answer": "take_on", "text": "列入计划", "done_on": found.due_on}
    assert loop.refuses("head1", code, "answer_consultation", answer) in ("step.role", "step.unit")
    loop.act("jyj", code, "answer_consultation", answer)
    assert loop.finding(code).department_answer == "列入计划"
    assert loop.finding(code).handed_on is not None


def test_a_school_or_a_foreign_unit_is_no_department(loop: Loop) -> None:
    code = loop.found()
    units = loop.district.people.units
    for unit in ("S02", "330200"):
        change = {"route": 4, "department": units[unit], "reason": "x"}
        assert loop.refuses("office", code, "confirm", change) == "field.department"


def test_nobody_of_another_district_can_be_asked_to_re_check(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "evidence")
    persons = loop.district.people.persons
    for login in ("dayo", "leader"):
        assert loop.refuses("office", code, "assign_recheck", {"checker": persons[login]}) == "field.checker"
    assert loop.refuses("office", code, "assign_recheck", {"checker": persons["head1"]}).startswith("recheck.")
    assert loop.refuses("office", code, "assign_recheck", {"checker": 999999}) == "field.checker"
    loop.act("office", code, "assign_recheck", {"checker": persons["bola"]})
    assert loop.finding(code).rechecker_id == persons["bola"]


def test_a_finding_is_merged_into_an_open_one_of_the_same_school_only(loop: Loop) -> None:
    first = loop.found()
    second = loop.found(answers={"f01_c01": "2", "f01_a02": "1"})
    other = loop.found("S02")
    reason = {"reason": "同一件事"}
    for wrong in (other, second, "nothing"):
        assert loop.refuses("office", second, "merge", {"into": wrong, **reason}) == "field.into"
    loop.act("office", second, "merge", {"into": first, **reason})
    merged = loop.finding(second)
    assert (merged.state, merged.merged_into_id) == ("merged", loop.finding(first).id)
    assert merged.closed_on == loop.district.context.today()


def test_a_photo_keeps_when_and_where_it_was_taken(loop: Loop) -> None:
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.DateTimeOriginal: "2026:11:19 15:30:00"}
    north, east = (27.0, 42.0, 0.0), (113.0, 9.0, 36.0)
    tag = ExifTags.GPS
    exif[ExifTags.IFD.GPSInfo] = {
        tag.GPSLatitudeRef: "N", tag.GPSLatitude: north, tag.GPSLongitudeRef: "E", tag.GPSLongitude: east
    }  # fmt: skip
    code = loop.found()
    loop.bring(code, "rectifying")
    upload = Upload("整改后.jpg", picture("red", exif))
    loop.act("head1", code, "submit_evidence", {"report": "完成"}, files={"photos": [upload]})
    (file,) = loop.files(code)
    assert (file.role, file.content_type, file.name) == ("after", "image/jpeg", "整改后.jpg")
    assert file.taken_at == dt.datetime(2026, 11, 19, 7, 30, tzinfo=dt.UTC)
    assert (file.latitude, file.longitude) == ("27.700000", "113.160000")
    assert loop.district.context.blobs.get(file.sha256) == upload.data


@pytest.mark.parametrize(
    "upload",
    [
        Upload("x.jpg", b"no picture"),
        Upload("x.jpg", picture()[:200]),
        Upload("x.exe", b"MZ" + b"0" * 50),
        Upload("x.html", b"<script>alert(1)</script>"),
        Upload("x.pdf", b"no pdf"),
        Upload("x.docx", b"PK\x03\x04 no zip"),
        Upload("x.jpg", b"%PDF-1.4"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(loop: Loop, upload: Upload) -> None:
    code = loop.found()
    loop.bring(code, "rectifying")
    assert loop.refuses("head1", code, "submit_evidence", {"report": "x"}, files={"files": [upload]}) == (
        "attachment.type"
    )


def test_a_photo_field_takes_no_document_and_an_unknown_blob_is_not_found(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "rectifying")
    wrong = {"photos": [paper()]}
    assert loop.refuses("head1", code, "submit_evidence", {"report": "x"}, files=wrong) == "attachment.type"
    unknown = {"files": [Upload("x.pdf", sha256="0" * 64)]}
    assert loop.refuses("head1", code, "submit_evidence", {"report": "x"}, files=unknown) == "not_found"


def test_every_step_leaves_an_event_and_tells_whose_turn_it_is(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "noticed")
    with loop.district.database.read() as session:
        kinds = list(session.exec(select(Event.kind).where(col(Event.subject) == code).order_by(col(Event.id))))
        told = list(session.exec(select(Message.kind).where(col(Message.subject) == code).order_by(col(Message.id))))
    assert kinds == ["finding.confirm", "finding.give_feedback", "finding.agree", "finding.issue_notice"]
    assert told == kinds


def test_what_is_entered_beside_the_steps_fields_is_not_kept(loop: Loop) -> None:
    code = loop.found()
    loop.act("office", code, "confirm", {"state": "closed", "severity": "", "closed_on": "2026-01-01"})
    assert orjson.loads(loop.steps(code)[0].fields) == {}
    assert loop.finding(code).closed_on is None


def test_numbers_of_documents_have_no_gap_and_no_double(loop: Loop) -> None:
    mine = [loop.found("S01", {item: "3"}) for item in ("f01_f01", "f01_b01")]
    for code in mine:
        loop.bring(code, "ready")
    barrier = threading.Barrier(len(mine) * 2)

    def issue(code: str) -> None:
        barrier.wait()
        try:
            loop.act("office", code, "issue_notice", NOTICE)
        except Problem as problem:
            assert problem.details.get("rule") == "step.order"

    threads = [threading.Thread(target=issue, args=(code,)) for code in mine for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_kind: dict[str, list[int]] = {}
    for document in loop.documents():
        by_kind.setdefault(document.kind, []).append(document.number)
    assert by_kind["initial"] == [1, 2]
    letters = by_kind.get("notice", []) + by_kind.get("opinion", [])
    assert len(letters) == 2
    for numbers in by_kind.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_the_school_acknowledges_a_letter_once(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "noticed")
    loop.act("head1", code, "acknowledge")
    assert all(document.acknowledged_by_id for document in loop.documents())
    assert loop.refuses("head1", code, "acknowledge") == "step.once"
