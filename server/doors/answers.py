"""How a problem is answered, by the door that was asked: OpenRosa XML, Central's JSON, problem+json or a page."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from xml.sax.saxutils import escape

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException

from server.doors.dependencies import language_of
from server.problems import Problem

PageWriter = Callable[[Request, Problem, str], Response]
log = logging.getLogger("liangpai")

OPENROSA_HEADERS = {"X-OpenRosa-Version": "1.0", "X-OpenRosa-Accept-Content-Length": "100000000"}
OPENROSA_ENDS = ("/formList", "/submission", "/manifest")


def openrosa_message(message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """An OpenRosaResponse: its text is what ODK Collect shows to the inspector."""
    body = (
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f"<message>{escape(message)}</message></OpenRosaResponse>"
    )
    return Response(
        body,
        status_code=status,
        media_type="text/xml; charset=utf-8",
        headers={**OPENROSA_HEADERS, **(headers or {})},
    )


def answer(request: Request, problem: Problem, page: PageWriter | None = None) -> Response:
    """The problem in the dialect of the path that was asked."""
    language = language_of(request)
    path = request.url.path
    message = problem.message(language)
    if path.endswith(OPENROSA_ENDS) or path.startswith("/v1/key/"):
        return openrosa_message(message, problem.status, problem.headers)
    if path.startswith("/v1/"):
        number = float(f"{problem.status}.1")
        body: dict[str, object] = {"code": number, "message": message, "details": {"problem": problem.code}}
        return JSONResponse(body, problem.status, problem.headers)
    if page is None or path.startswith(("/api/", "/collect/api/")):
        body = {"type": problem.code, "code": problem.code, "title": message, "status": problem.status}
        return JSONResponse(body, problem.status, problem.headers, media_type="application/problem+json")
    return page(request, problem, language)


def install(app: FastAPI, page: PageWriter | None = None) -> None:
    """Make every error of the application one of the catalogue, answered in the door's dialect."""

    @app.exception_handler(Problem)
    def on_problem(request: Request, problem: Problem) -> Response:
        return answer(request, problem, page)

    @app.exception_handler(RequestValidationError)
    def on_invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return answer(request, Problem("request.invalid", detail=f"{where}: {first['msg']}"), page)

    @app.exception_handler(StarletteHTTPException)
    def on_http(request: Request, error: StarletteHTTPException) -> Response:
        code = {404: "not_found", 405: "method", 413: "request.too_large"}.get(error.status_code)
        problem = Problem(code or "request.invalid", detail=str(error.detail), limit="")
        return answer(request, problem, page)

    @app.exception_handler(Exception)
    def on_failure(request: Request, error: Exception) -> Response:
        reference = secrets.token_hex(4)
        log.exception("failure %s at %s %s", reference, request.method, request.url.path, exc_info=error)
        return answer(request, Problem("internal", reference=reference), page)
