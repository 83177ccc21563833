"""Each role and each step: allowed where the table says so, refused by name elsewhere; a stranger sees nothing."""

from __future__ import annotations

import pytest
from sqlmodel import col, update

from scorecards.lifecycle.measures import TABLE as MEASURES
from scorecards.lifecycle.rectification import TABLE
from server.problems import Problem
from server.security.viewer import Viewer
from server.services.measures import measures
from server.services.rectification import rectify
from server.store.cases import MeasureRow
from server.store.findings import Finding
from tests.server.rectify.conftest import Loop
from tests.server.rectify.test_measures import propose

# Who holds which role at the school S01 (the department consulted is D-JYJ); "" is the system.
LOGINS = {
    "office": "office",
    "administrator": "admin",
    "inspector": "amina",
    "leading": "leader",
    "school": "head1",
    "department": "jyj",
    "system": "",
}
STRANGERS = ("head3", "dayo", "strange")


def people(loop: Loop) -> dict[str, Viewer | None]:
    """By login, "" for the system."""
    return {login: loop.viewer(login) if login else None for login in (*LOGINS.values(), *STRANGERS)}


def answer(loop: Loop, viewer: Viewer | None, matter: Finding | MeasureRow, action: str) -> str:
    """ "taken", the rule that refuses, or the problem's code; what was done is rolled back."""
    at, context = loop.district.clock(), loop.district.context

    class UndoneError(Exception):
        pass

    try:
        with loop.district.database.write() as session:
            if isinstance(matter, Finding):
                rectify.act(session, context, matter, action, by=viewer, at=at)
            else:
                measures.act(session, context, matter, action, by=viewer, at=at)
            raise UndoneError
    except UndoneError:
        return "taken"
    except Problem as problem:
        return str(problem.details.get("rule") or problem.code)


@pytest.mark.one_store
def test_every_role_on_every_step_of_a_finding_is_answered_as_the_table_says(loop: Loop) -> None:
    code, who = loop.found(), people(loop)
    units = loop.district.people.units
    wrong = []
    for state in TABLE.states:
        with loop.district.database.write() as session:
            moved = {"state": state, "department_id": units["D-JYJ"]}
            session.exec(update(Finding).where(col(Finding.code) == code).values(**moved))
        finding = loop.finding(code)
        for action in sorted({step.action for step in TABLE.steps}):
            step = TABLE.step(state, action)
            for role, login in LOGINS.items():
                got = answer(loop, who[login], finding, action)
                if step is None:
                    fits = got == "step.order"
                elif role not in step.roles:
                    fits = got == "step.role"
                else:
                    fits = got not in ("step.role", "step.order", "not_found", "auth.forbidden")
                if not fits:
                    wrong.append((state, action, role, got))
    assert wrong == []
    for login in STRANGERS:
        assert {answer(loop, who[login], loop.finding(code), step.action) for step in TABLE.steps} == {"not_found"}


@pytest.mark.one_store
def test_every_role_on_every_step_of_a_measure_is_answered_as_the_table_says(loop: Loop) -> None:
    row, who = propose(loop), people(loop)
    wrong = []
    for state in MEASURES.states:
        with loop.district.database.write() as session:
            session.exec(update(MeasureRow).where(col(MeasureRow.id) == row.id).values(state=state))
        with loop.district.database.read() as session:
            row = session.get_one(MeasureRow, row.id)
        hidden = state in measures.UNDECIDED
        for action in sorted({step.action for step in MEASURES.steps}):
            step = MEASURES.step(state, action)
            for role, login in LOGINS.items():
                got = answer(loop, who[login], row, action)
                if role in ("inspector", "department") or (role == "school" and hidden):
                    fits = got == "not_found"
                elif step is None:
                    fits = got == "step.order"
                elif role not in step.roles:
                    fits = got == "step.role"
                else:
                    fits = got not in ("step.role", "step.order", "not_found", "auth.forbidden")
                if not fits:
                    wrong.append((state, action, role, got))
        for login in STRANGERS:
            assert {answer(loop, who[login], row, step.action) for step in MEASURES.steps} == {"not_found"}
    assert wrong == []


@pytest.mark.parametrize("login", STRANGERS)
def test_a_stranger_is_offered_nothing(loop: Loop, login: str) -> None:
    code = loop.found()
    with pytest.raises(Problem) as raised, loop.district.database.read() as session:
        rectify.offered(session, loop.district.context, loop.finding(code), loop.viewer(login))
    assert raised.value.code == "not_found"


def test_what_is_offered_can_be_taken_by_that_person_or_lacks_only_what_is_typed(loop: Loop) -> None:
    code = loop.found()
    seen = []
    for state in ("proposed", "open", "feedback", "ready", "noticed", "planned", "rectifying", "evidence", "verified"):
        if state != "proposed":
            loop.bring(code, state)
        for role, login in LOGINS.items():
            if role in ("system", "department"):
                continue
            with loop.district.database.read() as session:
                finding = loop.finding(code)
                offered = rectify.offered(session, loop.district.context, finding, loop.viewer(login))
            for step in offered.steps:
                got = answer(loop, loop.viewer(login), finding, step.action)
                assert got not in ("step.role", "step.order", "step.unit", "not_found"), (state, role, step.action)
                seen.append((state, step.action))
    assert {("proposed", "confirm"), ("feedback", "agree"), ("evidence", "recheck"), ("verified", "close")} <= set(seen)
