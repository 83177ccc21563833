"""The clock: every reminder, urging and proposal once, on working days, never after closing, S4 excepted."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from pathlib import Path

import orjson
import pytest
from sqlmodel import col, select

from scorecards.deadlines import DEFAULT_CALENDAR, add_working_days
from scorecards.lifecycle.draw import draw
from server.jobs.clock import run_clock
from server.services import work_calendar
from server.services.rectification.clock import tick
from server.store.cases import ClockKey, Draw, MeasureRow
from server.store.messages import Message, MessageCopy
from tests.server.rectify.conftest import OPINION, Loop, photo

SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def messages(loop: Loop) -> list[Message]:
    with loop.district.database.read() as session:
        return list(session.exec(select(Message).order_by(col(Message.id))))


def told_to(loop: Loop, message: Message) -> set[str]:
    """The logins of whoever has a message."""
    with loop.district.database.read() as session:
        found = session.exec(select(MessageCopy.person_id).where(MessageCopy.message_id == message.id))
        return {login for number in found for login, person in loop.district.people.persons.items() if person == number}


def keys(loop: Loop) -> list[ClockKey]:
    with loop.district.database.read() as session:
        return list(session.exec(select(ClockKey).order_by(col(ClockKey.at), col(ClockKey.key))))


def proposals(loop: Loop) -> list[MeasureRow]:
    with loop.district.database.read() as session:
        return list(session.exec(select(MeasureRow).order_by(col(MeasureRow.id))))


def live(loop: Loop, days: int) -> list[dt.date]:
    """Let days pass with the clock ticking each morning; gives them."""
    day, seen = loop.district.context.today(), []
    for _ in range(days):
        day += dt.timedelta(days=1)
        loop.on(day, 9)
        tick(loop.district.context)
        seen.append(day)
    return seen


def actions(loop: Loop, code: str) -> list[str]:
    return [step.action for step in loop.steps(code)]


def test_a_neglected_notice_is_reminded_urged_supervised_and_a_talk_proposed(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "noticed")
    due = loop.finding(code).due_on
    live(loop, (due - loop.district.context.today()).days + 40)
    steps = {step.action: step for step in loop.steps(code) if step.by_id is None}
    assert [step.action for step in loop.steps(code) if step.by_id is None] == ["remind", "urge", "supervise"]
    assert steps["urge"].day == add_working_days(due, 1).due
    assert steps["supervise"].day == add_working_days(due, 6).due
    assert [document.kind for document in loop.documents()][-2:] == ["urge", "supervise"]
    (talk,) = proposals(loop)
    assert (talk.kind, talk.state, talk.rule) == ("interview", "proposed", "D.interview")
    assert orjson.loads(talk.data)["finding"] == code


def test_silence_is_no_objection_after_the_limit_and_not_before(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "feedback")
    due = loop.finding(code).step_due_on
    assert due is not None
    live(loop, (due - loop.district.context.today()).days)
    assert loop.finding(code).state == "feedback"
    live(loop, 5)
    assert loop.finding(code).state == "ready"
    assert actions(loop, code)[-1] == "lapse"


def test_a_school_is_told_once_that_its_time_for_a_statement_ends(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "feedback")
    live(loop, 12)
    told = [message for message in messages(loop) if message.kind == "clock.statement"]
    assert [message.subject for message in told] == [code]
    assert "申辩期将满" in told[0].title_zh
    assert told_to(loop, told[0]) == {"head1"}


def test_the_office_is_told_once_of_a_proposal_that_nobody_confirms(loop: Loop) -> None:
    code = loop.found()
    live(loop, 20)
    told = [message for message in messages(loop) if message.kind == "clock.unconfirmed"]
    assert [message.subject for message in told] == [code]
    assert loop.finding(code).state == "proposed"
    assert told_to(loop, told[0]) == {"office"}


@SQLITE
def test_three_years_pass_in_seconds_and_nothing_happens_on_a_holiday_or_after_closing(loop: Loop) -> None:
    neglected = loop.found("S01", {"f01_f01": "3"})
    closed = loop.found("S01", {"f01_b01": "3"})
    department = loop.found("S02", {"f01_c03": "3"})
    danger = loop.found("S02", {"f01_e03": "2"})
    loop.bring(neglected, "noticed")
    loop.bring(closed, "closed")
    loop.act("office", department, "confirm", {"department": loop.district.people.units["D-JYJ"]})
    loop.act("office", department, "transfer", {"letter": "请协调"})
    loop.act("office", danger, "confirm")
    loop.act("bola", danger, "give_feedback", OPINION)
    before = len(messages(loop))
    began = time.perf_counter()
    live(loop, 365 * 3)
    seconds = time.perf_counter() - began
    told = messages(loop)[before:]
    assert {neglected, department, danger} <= {message.subject for message in told}
    severe = {danger}
    for message in told:
        day = message.at.astimezone(loop.district.context.settings.zone).date()
        if message.subject not in severe:
            assert DEFAULT_CALENDAR.is_working(day), (message.kind, message.subject, day)
        assert message.subject != closed or message.kind in ("clock.look_back", "clock.turn"), message.kind
    found = keys(loop)
    assert len({key.key for key in found}) == len(found)
    assert Counter(actions(loop, neglected)).most_common(1)[0][1] == 1
    assert actions(loop, department).count("supervise") == 1
    assert [measure.kind for measure in proposals(loop) if measure.finding_id == loop.finding(neglected).id] == [
        "interview"
    ]
    assert seconds < 120, seconds


def test_nothing_is_sent_on_a_day_that_the_office_declared_free(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "noticed")
    due = loop.finding(code).due_on
    first = add_working_days(due, 1).due
    rows = f"date,day,name\n{first.isoformat()},free,校庆\n"
    with loop.district.database.write() as session:
        loaded = work_calendar.load(session, rows.encode(), by=None, at=loop.district.clock())
    assert (loaded.days, loaded.years) == (1, (first.year,))
    live(loop, (first - loop.district.context.today()).days)
    assert "urge" not in actions(loop, code)
    live(loop, 4)
    assert actions(loop, code)[-1] == "urge"
    assert loop.steps(code)[-1].day == add_working_days(due, 2).due


@pytest.mark.parametrize(
    "text", ["date,day\n2027-02-30,work\n", "date,day\n2027-02-08,maybe\n", "when,what\n1,2\n", "", "\xff\xfe\x00"]
)
def test_a_calendar_that_cannot_be_read_changes_nothing(loop: Loop, text: str) -> None:
    from server.problems import Problem
    from server.store.case_rows import calendar_days

    with pytest.raises(Problem), loop.district.database.write() as session:
        good = "date,day\n2027-02-08,work\n" if text.startswith("date") else ""
        work_calendar.load(session, (good + text).encode("latin-1"), by=None, at=loop.district.clock())
    with loop.district.database.read() as session:
        assert calendar_days(session) == []


def test_what_a_standstill_held_back_is_made_good_with_the_highest_level_only(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "noticed")
    loop.on(add_working_days(loop.finding(code).due_on, 8).due)
    tick(loop.district.context)
    assert [action for action in actions(loop, code) if action in ("remind", "urge", "supervise")] == ["supervise"]


def test_a_tick_done_twice_does_nothing_more(loop: Loop) -> None:
    code = loop.found()
    loop.bring(code, "noticed")
    loop.on(add_working_days(loop.finding(code).due_on, 1).due)
    assert tick(loop.district.context) == 2, "the urging, and the office hears that the plan is missing"
    before = (loop.all(), messages(loop), keys(loop))
    assert tick(loop.district.context) == 0
    assert (loop.all(), messages(loop), keys(loop)) == before


def test_the_hour_is_worked_once_and_the_next_one_again(loop: Loop) -> None:
    assert run_clock(loop.district.context)
    assert not run_clock(loop.district.context)
    loop.district.clock.now += dt.timedelta(hours=1)
    assert run_clock(loop.district.context)


def test_a_finding_that_moved_meanwhile_is_left_alone(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    from server.services.rectification import clock

    code = loop.found()
    loop.bring(code, "rectifying")
    loop.on(add_working_days(loop.finding(code).due_on, 1).due)
    real = clock._do

    def late(context, todo):  # type: ignore[no-untyped-def]
        loop.act("head1", code, "submit_evidence", {"report": "完成"}, files={"photos": [photo()]})
        return real(context, todo)

    monkeypatch.setattr(clock, "_do", late)
    tick(loop.district.context)
    assert "urge" not in actions(loop, code)
    assert not [key for key in keys(loop) if key.action == "urge"]


def test_a_fifth_of_the_small_findings_is_drawn_for_a_visit_and_the_draw_can_be_repeated(loop: Loop) -> None:
    small = {"f01_a02": "3", "f01_a03": "3", "f01_a04": "3", "f01_f07": "3", "f01_c01": "2", "f01_d01": "3"}
    loop.inspection.visit("S01", small, day=loop.district.context.today())
    loop.jobs()
    codes = [finding.code for finding in loop.all() if finding.severity <= 2 and finding.route in (2, 3)]
    assert len(codes) >= 2, [(finding.item, finding.severity, finding.route) for finding in loop.all()]
    for code in codes:
        loop.bring(code, "evidence")
    tick(loop.district.context)
    with loop.district.database.read() as session:
        (row,) = session.exec(select(Draw)).all()
    pool, drawn = orjson.loads(row.pool), orjson.loads(row.drawn)
    assert pool == sorted(codes)
    assert len(drawn) * 5 >= len(pool)
    assert list(draw(pool, seed=row.seed, share=20)) == drawn
    assert sorted(finding.code for finding in loop.all() if finding.on_site) == drawn
    on_papers = {"verdict": "done", "method": "papers"}
    assert loop.refuses("bola", drawn[0], "recheck", on_papers) == "D.recheck"
    other = next(code for code in pool if code not in drawn)
    loop.act("bola", other, "recheck", on_papers)
    assert not loop.finding(other).checked_on_site
    tick(loop.district.context)
    with loop.district.database.read() as session:
        assert len(session.exec(select(Draw)).all()) == 1, "nothing new, no new draw"


def test_the_command_loads_a_years_days_and_says_which_row_is_wrong(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from server.cli import app
    from server.commands.options import context_of

    folder = str(tmp_path / "district")
    context_of(folder, create=True).database.close()
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("date,day,name\n2028-01-31,free,春节\n2028-02-05,work,补班\n", encoding="utf-8")
    bad.write_text("date,day\n2028-01-31,free\n2028-02-40,work\n", encoding="utf-8")
    runner = CliRunner()
    assert runner.invoke(app, ["calendar", "load", str(good), "--dir", folder]).exit_code == 0
    refused = runner.invoke(app, ["calendar", "load", str(bad), "--dir", folder])
    assert refused.exit_code == 1 and "3" in refused.output
    shown = runner.invoke(app, ["calendar", "show", "2028", "--dir", folder]).output
    assert shown.splitlines() == ["2028-01-31 free 春节", "2028-02-05 work 补班"]
