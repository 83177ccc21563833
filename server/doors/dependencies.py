"""What routes ask for: a session that reads or writes, the viewer, the language.

The sessions are function-scoped: the commit happens before the answer leaves, so a failed commit is a 503 and never
a 200 (FastAPI's default scope would answer first).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterator
from typing import Annotated, cast

from fastapi import Depends, Request

from server.problems import Problem
from server.security.passwords import form_token
from server.security.viewer import Viewer
from server.services.context import Context
from server.services.people import attempts, sign_in
from server.store.db import ReadSession, WriteSession

SESSION_COOKIE = "liangpai_session"
LANGUAGE_COOKIE = "liangpai_language"


def context_of(request: Request) -> Context:
    """The running server's context."""
    return cast(Context, request.app.state.context)


Ctx = Annotated[Context, Depends(context_of)]


def _read(context: Ctx) -> Iterator[ReadSession]:
    with context.database.read() as session:
        yield session


def _write(context: Ctx) -> Iterator[WriteSession]:
    with context.database.write() as session:
        yield session


Read = Annotated[ReadSession, Depends(_read, scope="function")]
Write = Annotated[WriteSession, Depends(_write, scope="function")]


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Login and password of an HTTP Basic header, or None."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        login, separator, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        return None
    return (login, password) if separator and "\0" not in login else None


def viewer_or_none(request: Request, context: Ctx) -> Viewer | None:
    """The viewer behind the session cookie, a Bearer token or Basic credentials; None if there are none.

    Raises Problem for Basic credentials: auth.wrong where they do not fit, auth.slow_down after too many of those.
    """
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else request.cookies.get(SESSION_COOKIE, "")
    if token:
        with context.database.read() as session:
            return sign_in.viewer_of_session(session, token, at=context.clock())
    credentials = basic_credentials(request)
    if credentials is None or not (context.settings.basic_over_http or request.url.scheme == "https"):
        return None
    person = attempts.check_password(context, *credentials, address=address_of(request))
    with context.database.read() as session:
        return sign_in.viewer_for(session, person)


def address_of(request: Request) -> str:
    """The address that a request comes from, "" where there is none."""
    return request.client.host if request.client else ""


MaybeViewer = Annotated[Viewer | None, Depends(viewer_or_none, scope="function")]


def signed_in(viewer: MaybeViewer) -> Viewer:
    """The viewer. Raises Problem("auth.required") if nobody is signed in."""
    if viewer is None:
        raise Problem("auth.required")
    return viewer


SignedIn = Annotated[Viewer, Depends(signed_in, scope="function")]


def check_form_token(viewer: Viewer, given: str) -> None:
    """Raises Problem("auth.form_expired") unless a page's form carries the token of the viewer's session.

    Without a session (Basic, which browsers add to what other sites make them post) there is none.
    """
    wanted = form_token(viewer.session_token)
    if not viewer.session_token or not hmac.compare_digest(given.encode(errors="replace"), wanted.encode()):
        raise Problem("auth.form_expired")


def language_of(request: Request) -> str:
    """``zh`` or ``en``: the switch's cookie, else what the reader's program prefers, else the setting."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in ("zh", "en"):
        return chosen
    accepted = request.headers.get("accept-language", "").lower()
    first = accepted.split(",")[0].strip()
    if first.startswith("zh"):
        return "zh"
    if first.startswith("en"):
        return "en"
    return context_of(request).settings.language


Language = Annotated[str, Depends(language_of)]
