"""Reviewing a submission: approve it, send it back with issues, or reject it; the submission itself never changes."""

from __future__ import annotations

import datetime as dt
from typing import Final

from server.problems import Problem
from server.store.db import WriteSession
from server.store.events import record
from server.store.submissions import Submission

# What a reviewer decides, and whether it needs a reason.
VERDICTS: Final[dict[str, bool]] = {"approved": False, "has_issues": True, "rejected": True}
LONGEST_NOTE: Final = 2000


def review(
    session: WriteSession, submission: Submission, *, verdict: str, note: str = "", by: int, at: dt.datetime
) -> None:
    """Record a reviewer's verdict on the newest version of a submission; lights follow from the pending event.

    Raises Problem: review.verdict, review.superseded, review.reason where sending back or rejecting has no note.
    """
    note = note.strip()[:LONGEST_NOTE]
    if verdict not in VERDICTS:
        raise Problem("review.verdict")
    if submission.superseded_by:
        raise Problem("review.superseded")
    if VERDICTS[verdict] and not note:
        raise Problem("review.reason")
    before = submission.review_state
    submission.review_state, submission.review_note = verdict, note
    submission.reviewed_by, submission.reviewed_at = by, at
    session.add(submission)
    record(
        session,
        "submission.reviewed",
        subject=submission.instance_id,
        by=by,
        at=at,
        pending=True,
        project=submission.project_id,
        quarter=submission.quarter,
        submission=submission.id,
        unit=submission.unit_id,
        touched=[(submission.unit_id, submission.quarter)] if submission.unit_id else [],
        before=before,
        after=verdict,
        note=note,
    )
