"""Findings follow from submissions: one for each problem, noted again while open, reopened where it comes back; a
re-check is a step of the findings that it names."""

from __future__ import annotations

import datetime as dt

import orjson
import pytest

from server.problems import Problem
from server.services.rectification.follow_row import open_by_hand
from server.store.units import Unit
from tests.server.rectify.conftest import Loop

GATE = {"f01_f01": "3"}  # a guard on duty: S3


def entry(loop: Loop, code: str, verdict: str = "done", method: str = "site", **more: str) -> dict[str, object]:
    """The answers of a re-check of one finding."""
    step = loop.inspection.definitions["f12"].choices["next"][0].name
    said = {"f12_b01": code, "f12_b02": "AQ-01", "f12_b03": method, "f12_b04": "1", "f12_b06": verdict}
    if verdict != "done":
        said["f12_b07"] = "no_measure"
    return {"f12_finding": [{**said, "f12_b08": step, **more}]}


def recheck(loop: Loop, answers: dict[str, object], *, by: str = "bola", school: str = "S01", **more: str) -> None:
    loop.inspection.visit(school, answers, form="f12", day=loop.district.context.today(), by=by, **more)  # type: ignore[arg-type]
    loop.jobs()


def actions(loop: Loop, code: str) -> list[str]:
    return [step.action for step in loop.steps(code)]


def test_a_problem_seen_again_is_noted_on_the_open_finding_and_not_doubled(loop: Loop) -> None:
    code = loop.found()
    for _ in range(2):
        loop.wait(3)
        loop.inspection.visit("S01", GATE, day=loop.district.context.today())
        loop.jobs()
    assert [finding.code for finding in loop.all()] == [code]
    assert actions(loop, code) == ["seen_again", "seen_again"]
    assert loop.finding(code).state == "proposed"


def test_what_comes_back_within_a_year_reopens_one_severity_higher_and_is_counted(loop: Loop) -> None:
    code = loop.found(answers={"f01_a02": "3"})
    first = loop.finding(code)
    loop.bring(code, "closed")
    assert loop.finding(code).closed_on is not None
    loop.wait(60)
    loop.inspection.visit("S01", {"f01_a02": "3"}, day=loop.district.context.today())
    loop.jobs()
    again = loop.finding(code)
    assert [finding.code for finding in loop.all()] == [code]
    assert (again.state, again.severity, again.reopened) == ("reopened", min(first.severity + 1, 4), 1)
    assert again.closed_on is None and again.told_on is None
    assert again.reopened_on == loop.district.context.today()
    assert again.original_severity == first.severity


def test_what_comes_back_after_more_than_a_year_is_a_new_finding(loop: Loop) -> None:
    code = loop.found(answers={"f01_a02": "3"})
    loop.bring(code, "closed")
    loop.on(loop.finding(code).closed_on + dt.timedelta(days=367))  # type: ignore[operator]
    loop.found(answers={"f01_a02": "3"})
    assert len(loop.all()) == 2
    assert loop.finding(code).reopened == 0


def test_following_the_same_events_twice_changes_nothing(loop: Loop) -> None:
    from sqlmodel import col, select

    from server.services.rectification.follow import Following
    from server.store.events import Event

    code = loop.found()
    loop.bring(code, "closed")
    loop.wait(10)
    loop.inspection.visit("S01", GATE, day=loop.district.context.today())
    loop.jobs()
    loop.wait(3)
    loop.inspection.visit("S01", GATE, day=loop.district.context.today())
    loop.jobs()
    before = (loop.all(), loop.steps(code))
    assert actions(loop, code)[-2:] == ["relapse", "seen_again"]
    with loop.district.database.write() as session:
        events = list(
            session.exec(select(Event).where(col(Event.kind).startswith("submission.")).order_by(col(Event.id)))
        )
        Following(session, loop.district.context, events, at=loop.district.clock()).run()
    assert (loop.all(), loop.steps(code)) == before


def test_a_plain_re_check_of_what_is_not_yet_rectified_is_noted_only(loop: Loop) -> None:
    code = loop.found()
    recheck(loop, entry(loop, code))
    assert loop.finding(code).state == "proposed"
    assert actions(loop, code) == ["recheck_noted"]


def test_a_re_check_by_another_inspector_verifies_and_the_office_closes(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "evidence")
    recheck(loop, entry(loop, code))
    found = loop.finding(code)
    assert (found.state, found.closed_on) == ("verified", None)
    assert found.verified_by_id == loop.district.people.persons["bola"]
    loop.act("office", code, "close")
    assert loop.finding(code).closed_on == loop.district.context.today()


@pytest.mark.parametrize(("verdict", "state"), [("done", "verified"), ("undone", "rectifying")])
def test_a_verdict_is_taken_also_where_the_same_form_finds_the_same_thing_again(
    loop: Loop, verdict: str, state: str
) -> None:
    code = loop.found(answers={"f12_a05": "3"}, form="f12")
    loop.bring(code, "evidence")
    recheck(loop, {**entry(loop, code, verdict), "f12_a05": "3"})
    assert loop.finding(code).state == state
    assert actions(loop, code)[-2:] == ["seen_again", "recheck"]
    assert [finding.code for finding in loop.all()] == [code]


def test_the_inspector_who_found_it_cannot_verify_it_and_the_refusal_is_kept(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "evidence")
    recheck(loop, entry(loop, code), by="amina")
    assert loop.finding(code).state == "evidence"
    last = loop.steps(code)[-1]
    assert last.action == "recheck_refused"
    assert orjson.loads(last.fields)["rule"] == "recheck.other_inspector"
    assert "原督学" in last.reason


def test_a_serious_finding_is_not_verified_by_papers(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "evidence")
    recheck(loop, entry(loop, code, method="papers"))
    assert loop.finding(code).state == "evidence"
    assert orjson.loads(loop.steps(code)[-1].fields)["rule"] == "D.recheck"


@pytest.mark.parametrize("how", [{"verdict": "false"}, {"verdict": "done", "f12_b04": "0"}])
def test_false_evidence_escalates_by_itself_and_cannot_be_closed(loop: Loop, how: dict[str, str]) -> None:
    code = loop.found()
    loop.bring(code, "evidence")
    recheck(loop, entry(loop, code, **how))
    found = loop.finding(code)
    assert (found.state, found.level, found.false_on) == ("false", 3, loop.district.context.today())
    assert loop.documents()[-1].kind == "supervise"
    assert loop.refuses("office", code, "close") == "step.order"
    assert loop.refuses("office", code, "withdraw", {"reason": "x"}) == "step.order"


def test_not_done_goes_back_to_the_school_with_the_reason(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "evidence")
    recheck(loop, entry(loop, code, "undone"))
    assert loop.finding(code).state == "rectifying"
    assert "无措施" in loop.steps(code)[-1].reason


def test_a_look_back_that_finds_a_relapse_reopens(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "closed")
    loop.wait(20)
    recheck(loop, entry(loop, code, "undone"))
    found = loop.finding(code)
    assert (found.state, found.reopened, found.severity) == ("reopened", 1, 4)


def test_a_re_check_before_the_evidence_says_nothing_about_it(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "rectifying")
    today = loop.district.context.today()
    loop.inspection.visit("S01", entry(loop, code), form="f12", day=today, by="bola")  # type: ignore[arg-type]
    loop.wait(2)
    loop.bring(code, "evidence")
    loop.jobs()
    assert loop.finding(code).state == "evidence"
    assert actions(loop, code)[-1] == "recheck_noted"


def test_a_re_check_of_another_schools_finding_moves_nothing(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "evidence")
    recheck(loop, entry(loop, code), school="S02")
    assert loop.finding(code).state == "evidence"
    assert actions(loop, code)[-1] == "submit_evidence"


def test_a_rejected_submission_takes_untouched_proposals_with_it_and_is_told_by_the_others(loop: Loop) -> None:
    loop.inspection.visit(
        "S01", {"f01_f01": "3", "f01_b01": "3"}, day=loop.district.context.today(), instance="uuid:one"
    )
    loop.jobs()
    touched, untouched = sorted(finding.code for finding in loop.all())
    loop.act("office", touched, "confirm")
    loop.inspection.visit("S01", {}, day=loop.district.context.today(), deprecated="uuid:one")
    loop.jobs()
    assert [finding.code for finding in loop.all()] == [touched] and untouched != touched
    assert actions(loop, touched) == ["confirm", "source_taken_back"]


def by_hand(loop: Loop, login: str, unit: str, **more: object) -> str:
    given = {"title": "围墙有裂缝", "severity": 3, **more}
    with loop.district.database.write() as session:
        found = open_by_hand(
            session,
            loop.district.context,
            session.get_one(Unit, loop.district.people.units[unit]),
            by=loop.viewer(login),
            at=loop.district.clock(),
            **given,  # type: ignore[arg-type]
        )
        return found.code


def test_a_finding_opened_by_hand_walks_like_any_other_and_its_opener_is_its_finder(loop: Loop) -> None:
    first, second = by_hand(loop, "amina", "S01"), by_hand(loop, "amina", "S01")
    assert first != second
    loop.bring(first, "evidence")
    assert loop.refuses("amina", first, "recheck", {"verdict": "done", "method": "site"}) == "recheck.other_inspector"
    loop.bring(first, "closed")
    assert loop.finding(first).closed_on is not None


def test_only_whoever_inspects_the_unit_opens_a_finding_there(loop: Loop) -> None:
    for login, unit, code in (
        ("dayo", "S01", "not_found"),
        ("head1", "S01", "auth.forbidden"),
        ("amina", "S03", "not_found"),
    ):
        with pytest.raises(Problem) as raised:
            by_hand(loop, login, unit)
        assert raised.value.code == code
    for field, value in (("title", " "), ("severity", 5), ("days", 500), ("found_on", dt.date(2020, 1, 1))):
        with pytest.raises(Problem) as raised:
            by_hand(loop, "amina", "S01", **{field: value})
        assert raised.value.details["rule"] == f"field.{field}"
