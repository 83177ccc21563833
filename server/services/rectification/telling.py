"""Whom a step of a finding concerns next, and what they are told."""

from __future__ import annotations

import datetime as dt
from typing import Final

from scorecards.lifecycle.engine import Taken
from scorecards.lifecycle.rectification import TABLE
from server.services.notify import Holders, MessageWords, above, at_unit, nearest, tell
from server.services.rectification.case import Matter
from server.store.cases import CaseStep
from server.store.db import WriteSession
from server.store.findings import Finding

# Nobody waits for these.
SILENT: Final = frozenset({"acknowledge", "archive", "merge", "dismiss"})
CHASING: Final = frozenset({"remind", "urge", "supervise", "skip"})
TO_RECTIFIER: Final = CHASING | {"grant_extension", "refuse_extension", "close", "look_back", "relapse", "withdraw"}
LETTERS: Final = {"supervise", "skip", "relapse"}


def tell_step(
    session: WriteSession,
    finding: Finding,
    matter: Matter,
    taken: Taken,
    step: CaseStep,
    roles: tuple[str, ...] | None = None,
) -> None:
    """Tell whoever's turn it is now, and whom the step itself is about; once for each step. ``roles`` say whom else."""
    if taken.step.action in SILENT:
        return
    to = _concerned(finding, matter, taken) if roles is None else [_role(finding, matter, role) for role in roles]
    if not to:
        return
    tell(
        session,
        kind=f"finding.{taken.step.action}",
        to=to,
        subject=finding.code,
        words=_words(finding, matter, taken, step.due_on),
        at=step.at,
        key=f"step-{step.id}",
        urgent=finding.severity == 4 or finding.level == 3,
        link=f"/findings/{finding.code}",
        about=matter.unit.path,
    )


def _concerned(finding: Finding, matter: Matter, taken: Taken) -> list[int | Holders]:
    action, waits_for = taken.step.action, TABLE.states[taken.after].waits_for
    rectifier = _rectifier(finding, matter)
    to: list[int | Holders] = []
    if action in TO_RECTIFIER:
        to.append(rectifier)
    if action in LETTERS or taken.after == "false":
        to += [rectifier, nearest(matter.unit, "office"), above(matter.unit, "leading")]
    if action == "ask_extension":
        to.append(nearest(matter.unit, "office"))
    if taken.before == taken.after:
        return to
    if waits_for == "office":
        to.append(nearest(matter.unit, "office"))
    elif waits_for == "inspector":
        finder = finding.rechecker_id or int(matter.case.facts["finder_id"])
        to.append(finder if finder else above(matter.unit, "inspector"))
    elif waits_for in ("school", "department"):
        to.append(rectifier)
    return to


def _role(finding: Finding, matter: Matter, role: str) -> int | Holders:
    """Whom a role means for a finding; "school" is the unit that must rectify."""
    finder = finding.rechecker_id or int(matter.case.facts["finder_id"])
    if role == "inspector" and finder:
        return finder
    if role in ("school", "department"):
        return _rectifier(finding, matter)
    return nearest(matter.unit, "office") if role == "office" else above(matter.unit, role)


def _rectifier(finding: Finding, matter: Matter) -> Holders:
    """The school, or the department to which the finding was routed."""
    if finding.route == 4 and matter.department is not None:
        return at_unit(matter.department, "department")
    return at_unit(matter.unit, "school")


def _words(finding: Finding, matter: Matter, taken: Taken, due: dt.date | None) -> MessageWords:
    step, state = taken.step.words, TABLE.states[taken.after].words
    name, name_en = matter.unit.name, matter.unit.name_en or matter.unit.name
    title_en = finding.title_en or finding.title
    limit = due or finding.due_on
    return MessageWords(
        f"{step.zh}：{finding.title}（{name}）",
        f"{step.en}: {title_en} ({name_en})",
        f"{finding.code} S{finding.severity} R{finding.route}\n目前：{state.zh}\n期限：{limit:%Y-%m-%d}",
        f"{finding.code} S{finding.severity} R{finding.route}\nNow: {state.en}\nLimit: {limit:%Y-%m-%d}",
    )
