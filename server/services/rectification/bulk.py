"""One step taken on many findings: each in a transaction of its own, and what became of each is told."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from server.problems import Problem
from server.security.viewer import Viewer
from server.services.context import Context
from server.services.rectification import rectify
from server.services.rectification.files import Upload
from server.store.events import record
from server.store.findings import Finding

log = logging.getLogger("liangpai.bulk")
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """A finding that somebody chose, with the number of steps that it had when they looked at it."""

    finding_id: int
    code: str
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one: done, or the problem that kept it as it was."""

    code: str
    problem: Problem | None = None

    @property
    def done(self) -> bool:
        return self.problem is None


def act_on_all(
    context: Context,
    chosen: Sequence[Chosen],
    action: str,
    *,
    by: Viewer,
    at: dt.datetime,
    fields: Mapping[str, str],
    files: Mapping[str, Sequence[Upload]] | None = None,
) -> list[Fate]:
    """Take a step on each of these findings, the refusal of one leaving the others alone.

    Where the store fails, the rest is not tried and told so; what was done before stays done and is told too. Nothing
    is half done: each finding moves with its step, its document and its messages, or not at all. Raises
    Problem("bulk.too_many") beyond 200.
    """
    if len(chosen) > MOST:
        raise Problem("bulk.too_many", limit=MOST)
    fates: list[Fate] = []
    broken = False
    for entry in chosen:
        if broken:
            fates.append(Fate(entry.code, Problem("store.unavailable")))
            continue
        problem = _act(context, entry, action, by=by, at=at, fields=fields, files=files)
        broken = problem is not None and problem.code == "store.unavailable"
        fates.append(Fate(entry.code, problem))
    done = [fate.code for fate in fates if fate.done]
    if done:
        with context.database.write() as session:
            kept = len(fates) - len(done)
            record(session, "finding.bulk", subject=action, by=by.person_id, at=at, done=done, refused=kept)
    return fates


def _act(
    context: Context,
    entry: Chosen,
    action: str,
    *,
    by: Viewer,
    at: dt.datetime,
    fields: Mapping[str, str],
    files: Mapping[str, Sequence[Upload]] | None,
) -> Problem | None:
    """The problem that kept one finding from moving."""
    try:
        with context.database.write() as session:
            finding = session.get(Finding, entry.finding_id)
            if finding is None:
                return Problem("not_found")
            rectify.act(session, context, finding, action, by=by, at=at, fields=fields, files=files, seen=entry.seen)
    except Problem as problem:
        return problem
    except Exception:
        # The others must still be told of; this one is rolled back whole.
        log.exception("finding %s in a bulk step", entry.code)
        return Problem("internal", reference=entry.code)
    return None
