"""The page that says what went wrong, in the reader's language."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from server.doors.dependencies import context_of, viewer_or_none
from server.problems import Problem
from server.security.viewer import Viewer
from server.web.locale import has_text
from server.web.render import Page

FRAMED = (403, 404, 405)


def error_page(request: Request, problem: Problem, language: str) -> Response:
    """A problem as a page; who is not signed in goes to the sign-in page first and comes back after it."""
    wants_page = request.method == "GET" and "hx-request" not in request.headers
    if problem.code == "auth.required" and wants_page:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(here)}", 303)
    # Only where the store is known to work is the reader looked up for the frame around the message.
    viewer = _reader(request) if problem.status in FRAMED else None
    key = f"error.{problem.status}" if has_text(f"error.{problem.status}") else "error.other"
    hint = f"{key}.hint" if has_text(f"{key}.hint") else "error.other.hint"
    page = Page(request, context_of(request), language, viewer)
    shown = page.show("error.html", status=problem.status, title=page.t(key), problem=problem, hint=page.t(hint))
    for name, value in problem.headers.items():
        if name.lower() != "www-authenticate":
            shown.headers[name] = value
    return shown


def _reader(request: Request) -> Viewer | None:
    """Who reads the page, None too where a wrong password came along: this is no place for a second problem."""
    try:
        return viewer_or_none(request, context_of(request))
    except Problem:
        return None
