"""Signing in and out, the language, and the way home."""

from __future__ import annotations

import hmac
import secrets

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from server.doors.dependencies import LANGUAGE_COOKIE, SESSION_COOKIE, Write, address_of
from server.problems import Problem
from server.security.passwords import form_token
from server.services.people import sign_in
from server.services.people.attempts import sign_in_with_password
from server.web.navigation import home
from server.web.posted import Posted, field, read_form
from server.web.render import AnyPage, Page, Signed, safe_next

ENTRANCE_COOKIE = "liangpai_entrance"
YEAR = 31_536_000
router = APIRouter(include_in_schema=False)


@router.get("/")
def start(page: Signed) -> Response:
    return RedirectResponse(home(page.viewer), 303)


@router.get("/sign-in")
def sign_in_page(page: AnyPage, next: str = "/") -> Response:  # noqa: A002
    if page.viewer is not None:
        return RedirectResponse(safe_next(next), 303)
    return _sign_in_form(page, next_path=safe_next(next), signed_out="out" in page.request.query_params)


@router.post("/sign-in")
async def sign_in_post(page: AnyPage) -> Response:
    form = await read_form(page.request)
    login, next_path = field(form, "login"), safe_next(field(form, "next"))
    try:
        seed = page.request.cookies.get(ENTRANCE_COOKIE, "")
        if not seed or not hmac.compare_digest(form_token(seed).encode(), field(form, "token").encode()):
            raise Problem("auth.form_expired")
        address = address_of(page.request)
        password = str(form.get("password", ""))
        token = await run_in_threadpool(
            sign_in_with_password, page.context, login=login, password=password, address=address
        )
    except Problem as problem:
        return _sign_in_form(page, next_path=next_path, login=login, problem=problem)
    answer = RedirectResponse(next_path, 303)
    answer.delete_cookie(ENTRANCE_COOKIE)
    _set_cookie(page, answer, SESSION_COOKIE, token, page.context.settings.session_hours * 3600)
    return answer


@router.post("/sign-out")
def sign_out(page: Signed, session: Write, form: Posted) -> Response:
    sign_in.sign_out(session, page.viewer, at=page.context.clock())
    answer = RedirectResponse("/sign-in?out=1", 303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@router.get("/language/{code}")
def language(request: Request, code: str, page: AnyPage, next: str = "/") -> Response:  # noqa: A002
    if code not in ("zh", "en"):
        raise Problem("not_found")
    answer = RedirectResponse(safe_next(next), 303)
    _set_cookie(page, answer, LANGUAGE_COOKIE, code, YEAR)
    return answer


def _sign_in_form(
    page: Page, *, next_path: str, login: str = "", problem: Problem | None = None, signed_out: bool = False
) -> Response:
    seed = page.request.cookies.get(ENTRANCE_COOKIE) or secrets.token_urlsafe(24)
    shown = page.show(
        "sign_in.html",
        status=problem.status if problem else 200,
        next=next_path,
        login=login,
        problem=problem.message(page.language) if problem else "",
        signed_out=signed_out,
        form_value=form_token(seed),
    )
    if problem is not None and "Retry-After" in problem.headers:
        shown.headers["Retry-After"] = problem.headers["Retry-After"]
    _set_cookie(page, shown, ENTRANCE_COOKIE, seed, 3600)
    return shown


def _set_cookie(page: Page, answer: Response, name: str, value: str, seconds: int) -> None:
    secure = page.context.settings.secure_cookies
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)
