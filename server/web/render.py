"""What a page is made with: the reader, the language, the templates, and the way back after a form was sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Query, Request
from fastapi import Path as PathParameter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from forms.meaning import quarter_name
from scorecards.deadlines import working_days_between
from scorecards.lifecycle.rectification import TABLE
from scorecards.palette import LOOKS
from server.doors.dependencies import Ctx, Language, MaybeViewer
from server.problems import Problem
from server.security.passwords import form_token
from server.security.viewer import Viewer
from server.services.context import Context
from server.store import inbox
from server.web.locale import has_text, text
from server.web.navigation import navigation
from server.web.scorecard.lights import light_badge, sprite
from server.web.static import static_url

HTML_HEADERS = {"Cache-Control": "private, no-store", "Vary": "Cookie, Accept-Language"}


@cache
def environment() -> Environment:
    """The templates: escaped always, strict about names that nobody set."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(static=static_url, sprite=sprite(), quarter_name=quarter_name, has_text=has_text)
    made.globals.update(finding_states=TABLE.states)
    made.globals.update(symbols={int(light): look.symbol for light, look in LOOKS.items()})
    made.filters.update(path=_quoted)
    return made


@lru_cache(maxsize=4096)
def _quoted(value: object) -> str:
    """A value as one part of a path."""
    return quote(str(value), safe="")


def safe_next(given: str) -> str:
    """A path of this server to go on to; "/" for anything that could lead elsewhere."""
    plain = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable() and "\\" not in given
    return given if plain else "/"


def with_query(path: str, **values: object) -> str:
    """A path with a query string of those values that are neither None nor ""."""
    kept = {name: value for name, value in values.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


@dataclass(frozen=True, slots=True)
class Page:
    """One request for a page by a reader; ``viewer`` is None before signing in."""

    request: Request
    context: Context
    language: str
    viewer: Viewer | None
    unread: int = 0

    def t(self, key: str, **values: object) -> str:
        """The words for a key in the reader's language."""
        return text(self.language, key, **values)

    def quarter_words(self, quarter: int) -> str:
        """A quarter in words."""
        return self.t("quarter.name", year=quarter // 10, number=quarter % 10)

    def name(self, zh: str, en: str) -> str:
        """The English name where the reader reads English and there is one, else the Chinese."""
        return en or zh if self.language == "en" else zh or en

    def label(self, labels: Any, fallback: str = "") -> str:
        """A label of a mapping language -> words, in the reader's language, else in any."""
        return labels.get(self.language) or next((words for words in labels.values() if words), fallback)

    def moment(self, at: dt.datetime | None) -> str:
        """A moment in the district's time zone, to the minute."""
        return at.astimezone(self.context.settings.zone).strftime("%Y-%m-%d %H:%M") if at else ""

    def day(self, number: int) -> dt.date:
        """The day that a number counts from 1970-01-01."""
        return dt.date(1970, 1, 1) + dt.timedelta(days=number)

    def days_left(self, due: dt.date) -> int:
        """Working days from today until a due date, below zero once it has passed."""
        today = self.context.today()
        return working_days_between(today, due) if due >= today else -max(1, working_days_between(due, today))

    def percent(self, part: int, whole: int) -> str:
        """A share with one decimal, for reading only."""
        tenths = (2000 * part + whole) // (2 * whole) if whole > 0 else 0
        return f"{tenths // 10}.{tenths % 10}%"

    def link(self, path: str, **values: object) -> str:
        """A path with a query string."""
        return with_query(path, **values)

    def size(self, number: int) -> str:
        """A number of bytes as people read it."""
        return f"{number / 1_000_000:.1f} MB" if number >= 1_000_000 else f"{max(1, number // 1000)} kB"

    def comparison(self, words: str) -> str:
        """A rule's exact comparison with the signs that people write."""
        return words.replace(">=", "≥").replace("<=", "≤")

    def light(self, light: int | None, **options: bool) -> Any:
        """A light with its word."""
        return light_badge(light, self.language, **options)

    def show(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """The page that a template makes of these values."""
        here = self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else "")
        frame = {
            "page": self,
            "t": self.t,
            "light": self.light,
            "language": self.language,
            "viewer": self.viewer,
            "unread": self.unread,
            "here": here if self.request.method == "GET" else self.request.url.path,
            "path": self.request.url.path,
            "nav": navigation(self.viewer) if self.viewer else (),
            "token": form_token(self.viewer.session_token) if self.viewer else "",
            "done": self.request.query_params.get("done", ""),
            "with_query": with_query,
        }
        body = environment().get_template(template).render({**frame, **values})
        return HTMLResponse(body, status, headers=dict(HTML_HEADERS))

    def go(self, path: str, *, done: str = "") -> Response:
        """Go on to a page after a form was sent, saying what was done (a key ``done.NAME``)."""
        joint = "&" if "?" in path else "?"
        return RedirectResponse(f"{path}{joint}done={done}" if done else path, 303)


@dataclass(frozen=True, slots=True)
class SignedPage(Page):
    """A page whose reader has signed in."""

    viewer: Viewer = field(kw_only=True)


def page_of(request: Request, context: Ctx, language: Language, viewer: MaybeViewer) -> Page:
    return Page(request, context, language, viewer)


def signed_page_of(request: Request, context: Ctx, language: Language, viewer: MaybeViewer) -> SignedPage:
    """Raises Problem("auth.required"), which the error page turns into the way to the sign-in page."""
    if viewer is None:
        raise Problem("auth.required")
    # Before the route has a session of its own: a page needs one connection at a time.
    with context.database.read() as session:
        unread = inbox.unread(session, viewer.person_id)
    return SignedPage(request, context, language, unread=unread, viewer=viewer)


# Numbers that a store can hold and count with.
PageNumber = Annotated[int, Query(le=1_000_000)]
RowId = Annotated[int, PathParameter(ge=1, lt=2**31)]
AnyPage = Annotated[Page, Depends(page_of, scope="function")]
Signed = Annotated[SignedPage, Depends(signed_page_of, scope="function")]
