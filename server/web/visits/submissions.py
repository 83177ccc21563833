"""Submissions: the list with its filters, one submission whole, and the reviewer's verdict."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from server.doors.dependencies import Read, Write
from server.security.permissions import may
from server.services.intake import review
from server.store.forms import forms_of
from server.store.reading import lights as reading
from server.store.reading import work as reading_work
from server.store.submissions import REVIEW_STATES
from server.web.posted import Posted, field
from server.web.render import PageNumber, Signed
from server.web.scorecard.matrix import quarter_or_none
from server.web.visits import submission_view

PAGE_SIZE = 50
router = APIRouter(include_in_schema=False)


@router.get("/submissions")
def submission_list(
    page: Signed,
    session: Read,
    form: str = "",
    unit: str = "",
    inspector: str = "",
    quarter: str = "",
    state: str = "",
    q: str = "",
    number: PageNumber = 1,
) -> Response:
    paths = submission_view.own_reach(page.viewer)
    wanted = reading_work.SubmissionFilters(form, unit, inspector, quarter_or_none(quarter) or 0, state, q.strip())
    number = max(1, number)
    total, rows = reading_work.submissions(session, paths, wanted, start=(number - 1) * PAGE_SIZE, most=PAGE_SIZE)
    projects = reading.projects_within(session, paths)
    return page.show(
        "submissions.html",
        rows=rows,
        total=total,
        number=number,
        pages=max(1, -(-total // PAGE_SIZE)),
        query={"form": form, "unit": unit, "inspector": inspector, "quarter": quarter, "state": state, "q": q},
        forms=[entry for project in projects for entry in forms_of(session, project.id)],
        inspectors=reading_work.senders(session, paths),
        quarters=reading.quarters_with_cards(session, paths),
        states=REVIEW_STATES,
    )


@router.get("/submissions/{instance_id}")
def submission_page(page: Signed, session: Read, instance_id: str) -> Response:
    found = submission_view.visible_submission(session, page.viewer, instance_id)
    return _show(page, session, found)


@router.post("/submissions/{instance_id}/review")
def review_submission(page: Signed, session: Write, form: Posted, instance_id: str) -> Response:
    found = submission_view.visible_submission(session, page.viewer, instance_id, "submission.review")
    verdict, note = field(form, "verdict"), field(form, "note")
    by, at = page.viewer.person_id, page.context.clock()
    review.review(session, found.submission, verdict=verdict, note=note, by=by, at=at)
    return page.go(f"/submissions/{instance_id}", done="reviewed")


def _show(page: Signed, session: Read, found: submission_view.Found) -> Response:
    built = submission_view.build(session, found)
    path = found.unit.path if found.unit else "/"
    may_review = may(page.viewer, "submission.review", path) and not found.submission.superseded_by
    return page.show("submission.html", s=built, f=found, may_review=may_review)
