"""What each new day asks for: lights that grow stale and deadlines that pass without anybody sending anything."""

from __future__ import annotations

import os
import socket

from forms.meaning import quarter_of
from server.problems import Problem
from server.services.context import Context
from server.services.lights.score import rescore
from server.store.events import slot_taken, take_slot
from server.store.forms import project_paths

HOLDER = f"{socket.gethostname()}:{os.getpid()}"


def run_due(context: Context) -> bool:
    """Rescore every project once a day in the district's time zone; True if this call did."""
    today = context.today()
    with context.database.read() as reading:
        if slot_taken(reading, "daily", today.isoformat()):
            return False
    with context.database.read() as session:
        projects = sorted(project_paths(session))
    for project in projects:
        try:
            rescore(context.database, project, quarter_of(today), today=today, at=context.clock(), only=None)
        except Problem as problem:
            if problem.code != "catalogue.missing":
                raise
    # Only now: a crash on the way costs a repetition, and not a day without fresh lights.
    with context.database.write() as session:
        return take_slot(session, "daily", today.isoformat(), holder=HOLDER, at=context.clock())
