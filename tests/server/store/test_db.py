"""What the store promises: writers are not lost, moments are UTC, a failed commit is an error before any answer."""

import datetime as dt
import threading

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from server.doors.answers import install
from server.doors.dependencies import Write
from server.problems import Problem
from server.store.db import Database, UtcDateTime
from server.store.units import Unit
from tests.conftest import District


def test_no_read_modify_write_of_eight_threads_is_lost(district: District) -> None:
    database = district.database

    def work() -> None:
        for _ in range(10):
            with database.write() as session:
                unit = session.exec(select(Unit).where(col(Unit.code) == "S01").with_for_update()).one()
                unit.enrolment = (unit.enrolment or 0) + 1
                session.add(unit)

    with database.read() as session:
        before = session.exec(select(Unit.enrolment).where(col(Unit.code) == "S01")).one()
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        after = session.exec(select(Unit.enrolment).where(col(Unit.code) == "S01")).one()
    assert (after or 0) - (before or 0) == 80


def test_moments_come_back_in_utc_and_naive_ones_are_refused(district: District) -> None:
    with district.database.read() as session:
        assert session.exec(select(Unit)).first().created_at.tzinfo is dt.UTC  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(dt.datetime(2026, 1, 1), district.database.engine.dialect)  # noqa: DTZ001


def test_a_reading_session_keeps_nothing(district: District) -> None:
    with district.database.read() as session:
        unit = session.exec(select(Unit).where(col(Unit.code) == "S01")).one()
        unit.name = "changed"
        session.add(unit)
        session.flush()
    with district.database.read() as session:
        assert session.exec(select(Unit.name).where(col(Unit.code) == "S01")).one() != "changed"


def _break_commits(database: Database) -> None:
    @event.listens_for(database.engine, "commit")
    def fail(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))


def test_a_failed_commit_is_answered_503_and_never_200(district: District) -> None:
    app = FastAPI()
    app.state.context = district.context
    install(app)

    @app.post("/api/rename")
    def rename(session: Write) -> dict[str, bool]:
        session.exec(select(Unit).where(col(Unit.code) == "S01")).one().name = "changed"
        return {"done": True}

    _break_commits(district.database)
    answer = TestClient(app).post("/api/rename")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


def test_a_broken_commit_raises_a_problem_that_says_nothing_is_lost(district: District) -> None:
    _break_commits(district.database)
    with pytest.raises(Problem) as raised, district.database.write():
        pass
    assert "不会丢失" in raised.value.message("zh")
