"""The filters of a ledger that somebody keeps under a name."""

from __future__ import annotations

import datetime as dt
from typing import Final

from server.problems import Problem
from server.store import saved_views as store
from server.store.db import WriteSession
from server.store.events import record
from server.store.saved_views import SavedView

MOST: Final = 30
LONGEST: Final = 60


def keep(
    session: WriteSession, *, person_id: int, ledger: str, name: str, query: str, by: int, at: dt.datetime
) -> SavedView:
    """Keep a ledger's filters under a name; the same name replaces what it meant before.

    Raises Problem: view.name without a name, view.too_many beyond thirty.
    """
    name = " ".join(name.split())[:LONGEST]
    if not name:
        raise Problem("view.name")
    views = store.views_of(session, person_id, ledger)
    row = next((view for view in views if view.name == name), None)
    if row is None:
        if len(views) >= MOST:
            raise Problem("view.too_many", limit=MOST)
        row = SavedView(person_id=person_id, ledger=ledger, name=name, created_at=at)
    row.query = query[:2000]
    session.add(row)
    session.flush()
    record(session, "view.kept", subject=ledger, by=by, at=at, name=name)
    return row


def forget(session: WriteSession, *, person_id: int, view_id: int, by: int, at: dt.datetime) -> str:
    """Forget one of somebody's own filters; gives its ledger. Raises Problem("not_found") for another's."""
    row = store.view_of(session, person_id, view_id)
    if row is None:
        raise Problem("not_found")
    record(session, "view.forgotten", subject=row.ledger, by=by, at=at, name=row.name)
    session.delete(row)
    return row.ledger
