"""The clock's turn: every hour what the calendar asks for, whatever number of schedulers look."""

from __future__ import annotations

from server.jobs.daily import HOLDER
from server.services.context import Context
from server.services.rectification.clock import tick
from server.store.events import slot_taken, take_slot

JOB = "clock"


def run_clock(context: Context) -> bool:
    """Do what is due, once an hour; True if this call did.

    The hour is marked only afterwards: after a crash on the way the rest is done, and what was done is not repeated,
    since each action's key was written together with its effect.
    """
    slot = f"{context.clock().astimezone(context.settings.zone):%Y-%m-%dT%H}"
    with context.database.read() as session:
        if slot_taken(session, JOB, slot):
            return False
    tick(context)
    with context.database.write() as session:
        return take_slot(session, JOB, slot, holder=HOLDER, at=context.clock())
