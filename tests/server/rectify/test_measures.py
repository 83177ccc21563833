"""Measures: proposed with rule and data, made real by a decision, corrected visibly, names guarded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import orjson
import pytest
from sqlmodel import col, select

from server.problems import Problem
from server.services.lights import freeze
from server.services.measures import measures
from server.services.measures.by_rule import propose_by_lights
from server.services.rectification.rectify import Upload
from server.store.cases import Look, MeasureRow
from server.store.lights import LiveCard, Snapshot
from server.store.units import Unit
from tests.server.rectify.conftest import Loop, paper

DECISION = {"decision": [paper()]}


def propose(loop: Loop, kind: str = "interview", unit: str = "S01", by: str = "", origin: str = "") -> MeasureRow:
    with loop.district.database.write() as session:
        row = measures.propose(
            session,
            loop.district.context,
            session.get_one(Unit, loop.district.people.units[unit]),
            kind,
            rule="R.red_twice",
            data={"lights": {"2026Q3": "red", "2026Q4": "red"}},
            origin=origin,
            by=loop.viewer(by) if by else None,
            at=loop.district.clock(),
        )
        assert row is not None
        return row


def act(
    loop: Loop,
    login: str,
    row: MeasureRow,
    action: str,
    fields: Mapping[str, object] | None = None,
    files: Mapping[str, Sequence[Upload]] | None = None,
) -> MeasureRow:
    viewer = loop.viewer(login) if login else None
    with loop.district.database.write() as session:
        typed = {name: str(value) for name, value in (fields or {}).items()}
        measures.act(
            session,
            loop.district.context,
            row,
            action,
            by=viewer,
            at=loop.district.clock(),
            fields=typed,
            files=files,
        )
    with loop.district.database.read() as session:
        return session.get_one(MeasureRow, row.id)


def rule(loop: Loop, login: str, row: MeasureRow, action: str, *more: object) -> str:
    with pytest.raises(Problem) as raised:
        act(loop, login, row, action, *more)  # type: ignore[arg-type]
    return str(raised.value.details.get("rule") or raised.value.code)


def held(loop: Loop) -> MeasureRow:
    """A talk that was decided, announced and held with its record."""
    row = act(loop, "leader", propose(loop), "decide", {"number": "青教督约〔2026〕1号"}, DECISION)
    day = loop.district.context.today() + dt.timedelta(days=3)
    row = act(loop, "office", row, "notify", {"held_on": day, "place": "会议室", "subject": "连续红牌"})
    loop.on(day)
    said = {"commitment": "限期整改", "filed_with": "区教育督导委员会办公室"}
    assert rule(loop, "office", row, "hold", said) == "field.record", "no talk without its written record"
    return act(loop, "office", row, "hold", said, {"record": [paper()]})


def test_only_the_leading_group_with_a_decision_document_makes_a_measure_real(loop: Loop) -> None:
    row = propose(loop)
    number = {"number": "青教督约〔2026〕1号"}
    for login in ("office", "admin"):
        assert rule(loop, login, row, "decide", number, DECISION) == "step.role"
    for login in ("head1", "jyj", "amina", "strange"):
        assert rule(loop, login, row, "decide", number, DECISION) == "not_found", login
    assert rule(loop, "leader", row, "decide", number) == "field.decision"
    assert rule(loop, "", row, "decide", number, DECISION) == "step.role", "the system never decides"
    row = act(loop, "leader", row, "decide", number, DECISION)
    assert (row.state, row.decided_on, row.decision_number) == (
        "decided",
        loop.district.context.today(),
        "青教督约〔2026〕1号",
    )


def test_a_talk_closes_with_its_record_only(loop: Loop) -> None:
    row = act(loop, "leader", propose(loop), "decide", {"number": "1号"}, DECISION)
    assert rule(loop, "office", row, "close") == "M-38"
    row = act(loop, "office", held(loop), "close")
    assert row.state == "closed" and row.held_on is not None and row.closed_on is not None


def test_an_origin_proposes_once_and_a_rule_without_data_never(loop: Loop) -> None:
    propose(loop, origin="R.red_twice/S01/20264")
    with pytest.raises(AssertionError):
        propose(loop, origin="R.red_twice/S01/20264")
    with pytest.raises(Problem) as raised, loop.district.database.write() as session:
        unit = session.get_one(Unit, loop.district.people.units["S01"])
        measures.propose(session, loop.district.context, unit, "interview", rule="", data={}, at=loop.district.clock())
    assert raised.value.details["rule"] == "M-40"


@pytest.mark.parametrize(
    ("login", "code"), [("amina", "not_found"), ("head1", "auth.forbidden"), ("strange", "not_found"), ("leader", "")]
)
def test_who_may_propose_by_hand(loop: Loop, login: str, code: str) -> None:
    if not code:
        assert propose(loop, by=login).proposed_by_id == loop.district.people.persons[login]
        return
    with pytest.raises(Problem) as raised:
        propose(loop, by=login)
    assert raised.value.code == code


def test_under_appeal_a_measure_is_marked_and_its_withdrawal_corrects_the_frozen_card(loop: Loop) -> None:
    loop.inspection.visit("S01", {})
    loop.jobs()
    project, quarter = loop.district.people.projects["330100"], 20264
    freeze.freeze(loop.district.context, project_id=project, quarter=quarter, by=None, at=loop.district.clock())
    row = held(loop)
    served = {"served_on": loop.district.context.today()}
    row = act(loop, "leader", propose(loop, "circular"), "decide", {"number": "2号"}, DECISION)
    row = act(loop, "office", row, "serve", served)
    row = act(loop, "head1", row, "appeal", {"text": "事实有出入"})
    assert (row.state, row.mark) == ("appealed", "review")
    row = act(loop, "leader", row, "withdraw", {"reason": "复核认定事实有误"}, DECISION)
    assert (row.state, row.mark) == ("withdrawn", "corrected")
    with loop.district.database.read() as session:
        versions = list(session.exec(select(Snapshot).order_by(col(Snapshot.version))))
    (correction,) = orjson.loads(versions[1].content)["extra"]["corrections"]
    assert [version.version for version in versions] == [1, 2]
    assert b"corrections" not in versions[0].content
    assert (correction["unit"], correction["measure"], correction["after"]) == ("S01", row.code, "withdrawn")
    _, differences = freeze.verify(loop.district.context, project_id=project, quarter=quarter)
    assert differences == []


def test_names_are_seen_by_the_few_roles_named_and_each_look_is_kept(loop: Loop) -> None:
    row = propose(loop, "disciplinary")
    at = loop.district.clock()
    with loop.district.database.write() as session:
        measures.name_person(session, row, name="何某", post="校长", by=loop.viewer("office"), at=at)
    for login, code in (("admin", "auth.forbidden"), ("head1", "not_found"), ("strange", "not_found")):
        with pytest.raises(Problem) as raised, loop.district.database.write() as session:
            measures.names(session, row, place="x", by=loop.viewer(login), at=at)
        assert raised.value.code == code
    for login in ("office", "leader"):
        with loop.district.database.write() as session:
            found = measures.names(session, row, place="/measures", by=loop.viewer(login), at=at)
        assert [person.name for person in found] == ["何某"]
    with loop.district.database.read() as session:
        looks = [look.person_id for look in session.exec(select(Look).order_by(col(Look.id)))]
    assert looks == [loop.district.people.persons[login] for login in ("office", "leader")]


def test_what_touches_a_person_is_referred_and_decided_after_a_hearing(loop: Loop) -> None:
    row = propose(loop, "disciplinary")
    assert rule(loop, "leader", row, "decide", {"number": "1", "reason": "x"}, DECISION) == "Q3"
    row = act(loop, "leader", row, "refer", {"body": "区纪委监委", "text": "建议", "reason": "情节严重"})
    decided = {"body": "区纪委监委", "number": "3号", "decided_on": loop.district.context.today()}
    assert rule(loop, "leader", row, "record_decision", decided, DECISION) == "M-05"
    row = act(loop, "office", row, "hear", {"result": "stated", "text": "本人陈述"})
    assert act(loop, "leader", row, "record_decision", decided, DECISION).state == "decided"


def test_red_twice_in_a_row_proposes_a_talk_once_and_green_interrupts(loop: Loop) -> None:
    units, project = loop.district.people.units, loop.district.people.projects["330100"]
    lights = {"S01": {20263: 3, 20264: 3}, "S02": {20263: 3, 20264: 1}, "S03": {20262: 3, 20264: 3}, "S04": {20264: 3}}
    lights["S04"] = {20261: 1, 20262: 1, 20263: 1, 20264: 1}
    with loop.district.database.write() as session:
        for code, quarters in lights.items():
            for quarter, light in quarters.items():
                card = LiveCard(
                    unit_id=units[code],
                    quarter=quarter,
                    light=light,
                    managed_as=light,
                    frozen=light,
                    card="{}",
                    computed_at=loop.district.clock(),
                )
                session.add(card)
    for _ in range(2):
        with loop.district.database.write() as session:
            propose_by_lights(
                session, loop.district.context, project_id=project, quarter=20264, at=loop.district.clock()
            )
    with loop.district.database.read() as session:
        found = {(row.unit_id, row.kind, row.rule) for row in session.exec(select(MeasureRow))}
    assert found == {(units["S01"], "interview", "R.red_twice"), (units["S04"], "exempt", "R.green_four")}
