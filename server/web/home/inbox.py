"""Everybody's messages, how they want to be told, and for administrators what went out by which channel."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from server.doors.dependencies import Read, Write
from server.problems import CATALOGUE, Problem
from server.security.permissions import PERMISSIONS, require_anywhere
from server.services.notify import choosing, mail
from server.store import inbox as store
from server.store import outbox
from server.store.messages import DELIVERY_STATES, EMAIL_MODES, ROBOT_KINDS
from server.store.people import ROLES
from server.web.locale import has_text
from server.web.posted import Posted, field
from server.web.render import PageNumber, RowId, Signed, SignedPage, safe_next

PAGE_SIZE, LOG_SIZE = 30, 50
router = APIRouter(include_in_schema=False)


@router.get("/inbox")
def inbox(
    page: Signed, session: Read, show: str = "", urgent: str = "", q: str = "", number: PageNumber = 1
) -> Response:
    number, text = max(1, number), q.strip()[:80]
    total, rows = store.messages(
        session,
        page.viewer.person_id,
        only_unread=show == "unread",
        urgent=urgent == "yes",
        text=text,
        start=(number - 1) * PAGE_SIZE,
        most=PAGE_SIZE,
    )
    return page.show(
        "inbox.html",
        rows=rows,
        total=total,
        number=number,
        pages=max(1, -(-total // PAGE_SIZE)),
        query={"show": show, "urgent": urgent, "q": text},
    )


@router.post("/inbox/read")
def read_all(page: Signed, session: Write, form: Posted) -> Response:
    store.mark_read(session, page.viewer.person_id, page.context.clock())
    return page.go("/inbox", done="all_read")


@router.get("/inbox/choice")
def choice(page: Signed, session: Read) -> Response:
    return _choice(page, session)


@router.post("/inbox/choice")
def choose(page: Signed, session: Write, form: Posted) -> Response:
    by, at = page.viewer.person_id, page.context.clock()
    email, mode = field(form, "email"), field(form, "mode")
    try:
        choosing.choose(session, person_id=by, email=email, mode=mode, by=by, at=at)
    except Problem as problem:
        typed = {"email": email[:300], "mode": mode, "problem": problem.message(page.language)}
        return _choice(page, session, typed, problem.status)
    return page.go("/inbox/choice", done="choice_kept")


def _choice(page: SignedPage, session: Read, typed: dict[str, str] | None = None, status: int = 200) -> Response:
    kept = store.choice_of(session, page.viewer.person_id)
    if typed is None:
        first = {"email": "", "mode": choosing.mode_of_roles(page.viewer.roles)}
        typed = {"email": kept.email, "mode": kept.email_mode} if kept else first
    return page.show(
        "inbox_choice.html",
        status=status,
        typed=typed,
        modes=EMAIL_MODES,
        mail=mail.is_set_up(page.context.settings),
        settings=page.context.settings,
        manages=bool(page.viewer.roles & PERMISSIONS["message.manage"]),
    )


@router.get("/inbox/{message_id}")
def message(page: Signed, session: Write, message_id: RowId) -> Response:
    row = store.message_for(session, page.viewer.person_id, message_id)
    if row is None:
        raise Problem("not_found")
    store.mark_read(session, page.viewer.person_id, page.context.clock(), message_id)
    left = store.unread(session, page.viewer.person_id)
    return page.show("message.html", m=row[0], unread=left, safe_link=safe_next(row[0].link))


@router.get("/deliveries")
def deliveries(page: Signed, session: Read, state: str = "", q: str = "", number: PageNumber = 1) -> Response:
    paths = require_anywhere(page.viewer, "message.manage")
    chosen, text, number = state if state in DELIVERY_STATES else "", q.strip()[:80], max(1, number)
    total, rows = outbox.log(session, paths, state=chosen, text=text, start=(number - 1) * LOG_SIZE, most=LOG_SIZE)
    return page.show(
        "deliveries.html",
        rows=rows,
        why=lambda error: _why(page, error),
        total=total,
        counted=outbox.counts(session, paths),
        states=DELIVERY_STATES,
        number=number,
        pages=max(1, -(-total // LOG_SIZE)),
        query={"state": chosen, "q": text},
        mail=mail.is_set_up(page.context.settings),
    )


def _why(page: SignedPage, error: str) -> str:
    """Why a delivery failed, in the reader's words where they are ours, else in those of the channel."""
    if error in CATALOGUE:
        return Problem(error).message(page.language)
    return page.t(error) if has_text(error) else error


@router.post("/deliveries/{delivery_id}/again")
def again(page: Signed, session: Write, form: Posted, delivery_id: RowId) -> Response:
    paths = require_anywhere(page.viewer, "message.manage")
    by, at = page.viewer.person_id, page.context.clock()
    choosing.try_again(session, delivery_id=delivery_id, by=by, at=at, within=paths)
    return page.go("/deliveries", done="delivery_again")


@router.get("/robots")
def robots(page: Signed, session: Read) -> Response:
    return _robots(page, session)


@router.post("/robots")
def add_robot(page: Signed, session: Write, form: Posted) -> Response:
    paths = require_anywhere(page.viewer, "message.manage")
    by, at = page.viewer.person_id, page.context.clock()
    typed = {name: field(form, name) for name in ("name", "kind", "role", "unit", "language", "mode")}
    try:
        with session.begin_nested():
            choosing.add_robot(
                session,
                page.context.settings,
                name=typed["name"],
                kind=typed["kind"],
                url=field(form, "url"),
                secret=field(form, "secret"),
                role=typed["role"],
                unit_code=typed["unit"],
                language=typed["language"],
                mode=typed["mode"],
                by=by,
                at=at,
                within=paths,
            )
    except Problem as problem:
        # The address and the secret are typed anew: no page ever shows them.
        return _robots(page, session, {**typed, "problem": problem.message(page.language)}, problem.status)
    return page.go("/robots", done="robot_added")


@router.post("/robots/{robot_id}/switch")
def switch_robot(page: Signed, session: Write, form: Posted, robot_id: RowId) -> Response:
    paths = require_anywhere(page.viewer, "message.manage")
    by, at = page.viewer.person_id, page.context.clock()
    active = field(form, "active") == "yes"
    choosing.switch_robot(session, robot_id=robot_id, active=active, by=by, at=at, within=paths)
    return page.go("/robots", done="robot_switched")


@router.post("/robots/{robot_id}/try")
def try_robot(page: Signed, session: Write, form: Posted, robot_id: RowId) -> Response:
    paths = require_anywhere(page.viewer, "message.manage")
    by, at = page.viewer.person_id, page.context.clock()
    choosing.try_robot(session, robot_id=robot_id, by=by, at=at, within=paths)
    return page.go("/robots", done="robot_tried")


def _robots(page: SignedPage, session: Read, typed: dict[str, str] | None = None, status: int = 200) -> Response:
    paths = require_anywhere(page.viewer, "message.manage")
    return page.show(
        "robots.html",
        status=status,
        rows=store.robots_within(session, paths),
        typed=typed or {},
        kinds=ROBOT_KINDS,
        roles=ROLES,
    )
