"""The feedback sheet of a visit, for those who may see the visit.

The QR code on it leads to the visit behind the sign-in, not to a public link: sheets hang on walls and get
photographed, schools have accounts, and a phone without a signal can draw the same code because no secret of the server
is in it.
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from scorecards.documents.feedback import render_feedback
from server.doors.dependencies import Read
from server.problems import Problem
from server.services.documents.feedback import feedback_sheet
from server.web.rectification.documents import file_answer
from server.web.render import Signed
from server.web.visits.paper import server_address
from server.web.visits.submission_view import visible_submission

router = APIRouter(include_in_schema=False)


@router.get("/submissions/{instance_id}/feedback.pdf")
def feedback_pdf(page: Signed, session: Read, instance_id: str) -> Response:
    found = visible_submission(session, page.viewer, instance_id)
    if found.unit is None or found.form.kind.endswith("_return"):
        raise Problem("not_found")
    sheet = feedback_sheet(
        session,
        page.context,
        found.submission,
        found.version,
        found.form,
        found.unit,
        found.person,
        language=page.language,
        link=f"{server_address(page)}/submissions/{quote(instance_id, safe=':')}",
    )
    name = f"{page.t('feedback.title')} {sheet.school} {sheet.visited_on.isoformat()}"
    return file_answer(render_feedback(sheet, language=page.language), "pdf", name)
