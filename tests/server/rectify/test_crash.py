"""Whatever is killed and however many schedulers look: each action of the clock is done, and none twice."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
import threading
from collections import Counter

import pytest
from sqlmodel import col, select

from scorecards.deadlines import add_working_days
from server.services.context import open_context
from server.services.rectification import clock, clock_effects
from server.services.rectification.clock import tick
from server.settings import Settings
from server.store import case_rows
from server.store.cases import ClockKey
from server.store.messages import Message
from tests.server.rectify.conftest import Loop

ITEMS = ("f01_f01", "f01_b01", "f01_a02", "f01_a03", "f01_d01", "f01_f07")


def overdue(loop: Loop) -> list[str]:
    """Findings under notice or advice that nobody has done anything about for a month."""
    loop.inspection.visit("S01", dict.fromkeys(ITEMS, "3"), day=loop.district.context.today())
    loop.jobs()
    codes = [finding.code for finding in loop.all() if finding.route in (2, 3)]
    for code in codes:
        loop.bring(code, "noticed")
    loop.on(add_working_days(max(finding.due_on for finding in loop.all()), 20).due)
    return codes


def done(loop: Loop) -> tuple[Counter[str], list[str], list[str]]:
    """(steps of the system by finding and action, keys, messages of the clock)."""
    steps = Counter(
        f"{finding.code} {step.action}" for finding in loop.all() for step in loop.steps(finding.code) if not step.by_id
    )
    with loop.district.database.read() as session:
        keys = list(session.exec(select(ClockKey.key).order_by(col(ClockKey.key))))
        told = list(session.exec(select(Message.key).where(col(Message.kind).contains("supervise"))))
    return steps, keys, told


def check(loop: Loop, codes: list[str]) -> None:
    steps, keys, told = done(loop)
    assert {code: steps[f"{code} supervise"] for code in codes} == dict.fromkeys(codes, 1)
    assert max(steps.values()) == 1, steps
    assert len(set(keys)) == len(keys)
    assert len(told) == len(codes)
    assert [document.kind for document in loop.documents()].count("supervise") == len(codes)


def test_four_schedulers_at_once_do_each_action_once(loop: Loop) -> None:
    codes = overdue(loop)
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def work() -> None:
        start.wait()
        try:
            tick(loop.district.context)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    tick(loop.district.context)
    check(loop, codes)


@pytest.mark.parametrize("after_effect", [False, True], ids=["before the effect", "after the effect"])
def test_a_failure_in_the_midst_costs_a_repetition_and_nothing_else(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, after_effect: bool
) -> None:
    codes = overdue(loop)
    real, calls = clock_effects.on_finding, Counter[str]()

    def breaking(session, context, action, waiting):  # type: ignore[no-untyped-def]
        calls["all"] += 1
        if after_effect:
            real(session, context, action, waiting)
        if calls["all"] % 2:
            raise RuntimeError("power cut")
        if not after_effect:
            real(session, context, action, waiting)

    monkeypatch.setattr(clock.clock_effects, "on_finding", breaking)
    for _ in range(60):
        try:
            tick(loop.district.context)
            break
        except RuntimeError:
            continue
    monkeypatch.setattr(clock.clock_effects, "on_finding", real)
    tick(loop.district.context)
    check(loop, codes)


def die_after(url: str, folder: str, now: str, calls: int) -> None:
    """A scheduler's process that is killed by the system right after it has written a key (0: it lives)."""
    real, seen = case_rows.take_key, [0]

    def dying(*args, **more):  # type: ignore[no-untyped-def]
        taken = real(*args, **more)
        seen[0] += 1
        if seen[0] == calls:
            os.kill(os.getpid(), signal.SIGKILL)
        return taken

    clock.case_rows.take_key = dying
    settings = Settings(directory=folder, database_url=url, jobs=False)  # type: ignore[arg-type]
    context = open_context(settings, clock=lambda: dt.datetime.fromisoformat(now))
    tick(context)
    context.database.close()


def test_processes_killed_between_key_and_effect_leave_nothing_undone_and_nothing_doubled(loop: Loop) -> None:
    codes = overdue(loop)
    settings = loop.district.context.settings
    spawn = multiprocessing.get_context("spawn")
    now = loop.district.clock().isoformat()

    def scheduler(calls: int) -> multiprocessing.process.BaseProcess:
        arguments = (settings.database, str(settings.directory), now, calls)
        process = spawn.Process(target=die_after, args=arguments)
        process.start()
        return process

    killed = [scheduler(1), scheduler(3)]
    for process in killed:
        process.join(timeout=120)
    assert [process.exitcode for process in killed] == [-signal.SIGKILL] * 2
    living = [scheduler(0), scheduler(0)]
    for process in living:
        process.join(timeout=120)
    assert [process.exitcode for process in living] == [0, 0]
    check(loop, codes)
