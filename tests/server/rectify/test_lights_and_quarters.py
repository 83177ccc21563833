"""Lights follow what was told and handed in; eight quarters of planted relapses are all found, and none is invented."""

from __future__ import annotations

import datetime as dt
import random

import orjson
import pytest

from forms.meaning import Light, quarter_bounds, quarter_of
from scorecards.deadlines import DEFAULT_CALENDAR, add_working_days
from server.services.lights.score import rescore
from server.store.lights import LiveCard
from tests.server.rectify.conftest import Loop, photo


def card(loop: Loop, unit: str) -> LiveCard:
    """A unit's card as it stands today."""
    context, project = loop.district.context, loop.district.people.projects["330100"]
    today = context.today()
    rescore(context.database, project, quarter_of(today), today=today, at=context.clock(), only=None)
    found = loop.inspection.card(unit, quarter_of(today))
    assert found is not None
    return found


def late(loop: Loop, unit: str = "S01") -> list[dict[str, object]]:
    found: list[dict[str, object]] = orjson.loads(card(loop, unit).card)["record"]["overdue"]
    return found


def test_a_limit_that_nobody_told_is_never_overdue_and_one_that_was_is(loop: Loop) -> None:
    code = loop.found()
    loop.wait(20)
    assert late(loop) == [], "proposed and unconfirmed"
    loop.bring(code, "ready")
    assert late(loop) == [], "confirmed, and no notice issued"
    loop.bring(code, "noticed")
    assert late(loop) == []
    loop.on(add_working_days(loop.finding(code).due_on, 7).due)
    assert [(entry["finding"], entry["days"]) for entry in late(loop)] == [(code, 7)]


def test_the_days_stand_still_while_evidence_waits_for_others(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "rectifying")
    loop.on(add_working_days(loop.finding(code).due_on, 2).due)
    loop.act("head1", code, "submit_evidence", {"report": "完成"}, files={"photos": [photo()]})
    loop.wait(9)
    assert [entry["days"] for entry in late(loop)] == [2]
    loop.act("bola", code, "recheck", {"verdict": "undone", "method": "site", "note": "未完成"})
    loop.on(add_working_days(loop.finding(code).due_on, 3).due)
    assert [entry["days"] for entry in late(loop)] == [3]


def test_what_a_department_must_do_reddens_the_department_and_not_the_school(loop: Loop) -> None:
    codes = []
    jyj = {"department": loop.district.people.units["D-JYJ"], "route": 4, "reason": "须由部门办理"}
    for school in ("S01", "S02"):
        code = loop.found(school)
        loop.act("office", code, "confirm", jyj)
        codes.append(code)
    loop.wait(30)
    assert card(loop, "D-JYJ").light != Light.RED, "a consultation that was not sent is nobody's debt"
    for code in codes:
        loop.act("office", code, "transfer", {"letter": "请协调"})
    loop.on(add_working_days(loop.finding(codes[0]).due_on, 3).due)
    assert card(loop, "D-JYJ").light == Light.RED
    assert late(loop, "S01") == late(loop, "S02") == []
    for code in codes:
        done_on = loop.district.context.today() + dt.timedelta(days=20)
        loop.act("jyj", code, "answer_consultation", {"answer": "take_on", "text": "列入计划", "done_on": done_on})
    checks = orjson.loads(card(loop, "D-JYJ").card)["checks"]
    assert not any(check["holds"] and "r4_overdue" in check["inputs"] for check in checks), "answered, though late"


def test_false_evidence_makes_the_school_red_for_the_quarter_even_under_a_new_limit(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "evidence")
    loop.act("bola", code, "recheck", {"verdict": "false", "method": "site", "note": "照片为旧照片"})
    assert orjson.loads(card(loop, "S01").card)["rule"] == "L1.school.red.false_evidence"
    loop.act("office", code, "renew_limit", {"requirement": "重新整改"})
    assert orjson.loads(card(loop, "S01").card)["rule"] == "L1.school.red.false_evidence"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_of_eight_quarters_every_planted_relapse_is_found_and_none_invented(loop: Loop) -> None:
    random_ = random.Random(8)
    items = ("f01_a02", "f01_b01", "f01_f01")
    schools = ("S01", "S02", "S03")
    heads = {"S01": "head1", "S03": "head3"}
    open_now: dict[tuple[str, str], str] = {}
    closed: dict[tuple[str, str], dt.date] = {}
    planted: list[tuple[str, str, dt.date]] = []
    fresh: list[tuple[str, str, dt.date]] = []
    again = 0
    for quarter in (20251, 20252, 20253, 20254, 20261, 20262, 20263, 20264):
        first = quarter_bounds(quarter)[0]
        day = next(first + dt.timedelta(days=n) for n in range(20, 40)
                   if DEFAULT_CALENDAR.is_working(first + dt.timedelta(days=n)))  # fmt: skip
        loop.on(day)
        for school in schools:
            wrong = [item for item in items if random_.random() < 0.45]
            loop.inspection.visit(school, dict.fromkeys(wrong, "3"), day=day, by="bola")
            for item in wrong:
                key = (school, item)
                if key in open_now:
                    again += 1
                elif key in closed and day <= closed[key].replace(year=closed[key].year + 1):
                    planted.append((*key, day))
                else:
                    fresh.append((*key, day))
                open_now.setdefault(key, "open")
        loop.jobs()
        for finding in loop.all():
            code = {number: name for name, number in loop.district.people.units.items()}[finding.unit_id]
            if finding.closed_on is not None or code not in heads or random_.random() < 0.35:
                continue
            if finding.state == "reopened":
                loop.act("office", finding.code, "issue_notice", {"requirement": "整改", "responsible": "校长"})
            _close(loop, finding.code, heads[code])
            closed[code, finding.item] = loop.finding(finding.code).closed_on  # type: ignore[assignment]
            open_now.pop((code, finding.item), None)
    assert len(planted) >= 5, "the seed must plant some"
    names = {number: name for name, number in loop.district.people.units.items()}
    found = sorted(
        (names[finding.unit_id], finding.item, step.day)
        for finding in loop.all()
        for step in loop.steps(finding.code)
        if step.action == "relapse"
    )
    assert found == sorted(planted)
    assert sorted((names[finding.unit_id], finding.item, finding.found_on) for finding in loop.all()) == sorted(fresh)
    assert sum(step.action == "seen_again" for finding in loop.all() for step in loop.steps(finding.code)) == again


def _close(loop: Loop, code: str, head: str) -> None:
    """The usual road to closing, verified by somebody else than bola, who found it."""
    for state in ("rectifying", "evidence"):
        loop.bring(code, state, rectifier=head, inspector="office")
    loop.act("office", code, "recheck", {"verdict": "done", "method": "site"})
    loop.act("office", code, "close")
