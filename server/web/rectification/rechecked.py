"""The photos that re-checks on a phone took of a finding, for its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from forms.submission import SubmissionProblem, read_answers
from server.problems import Problem
from server.security.viewer import Viewer
from server.services.rectification.follow_recheck import CODE, PHOTO, TAKEN
from server.services.reference import definition_of
from server.store.db import ReadSession
from server.store.reading import work as reading_work
from server.web.rectification.story import ShownFile, Told
from server.web.visits.submission_view import PICTURES, Found, visible_submission

MOST: Final = 4  # re-checks looked at, the newest first
EPOCH: Final = dt.date(1970, 1, 1)


def photos(session: ReadSession, viewer: Viewer, code: str, told: Sequence[Told]) -> list[ShownFile]:
    """Those of the finding of this code in the re-checks of its story that the viewer may see."""
    named = list(dict.fromkeys(step.instance_id for step in told if step.action in TAKEN and step.instance_id))
    shown: list[ShownFile] = []
    for instance_id in named[:MOST]:
        try:
            shown += _taken(session, visible_submission(session, viewer, instance_id), code)
        except (Problem, SubmissionProblem):
            continue
    return shown


def _taken(session: ReadSession, found: Found, code: str) -> Iterator[ShownFile]:
    """The photos of the rows of a re-check that name this finding, as far as they have arrived."""
    submission = found.submission
    assert submission.id is not None
    answers = read_answers(submission.xml, definition_of(found.version))
    rows = {answer.repeat_index for answer in answers if answer.item == CODE and answer.value.strip() == code}
    names = [answer.value for answer in answers if answer.item == PHOTO and answer.repeat_index in rows]
    there = {file.name for file in reading_work.attachments(session, submission.id) if file.content_type in PICTURES}
    base = f"/submissions/{quote(submission.instance_id, safe='')}"
    for name in names:
        if name in there:
            address = quote(name, safe="")
            yield ShownFile(
                name,
                f"{base}/files/{address}",
                f"{base}/thumbs/{address}",
                picture=True,
                day=EPOCH + dt.timedelta(days=submission.observed_on),
            )
