"""The application: a context, the doors, and nothing at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api.collector import router as collector
from server.api.router import router as api
from server.doors.answers import answer, install
from server.jobs.loop import Loop
from server.openrosa.router import router as openrosa
from server.problems import Problem
from server.services.context import Clock, open_context, utc_now
from server.settings import Settings
from server.web.errors import error_page
from server.web.router import router as web

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self)",
}


LONGEST_PATH = 2000


class SecurityHeaders:
    """Adds the headers to every answer and refuses impossible addresses.

    Plain ASGI: a submission must not pay for a wrapped request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        # No address of ours is that long or holds a NUL, which PostgreSQL takes in no text.
        if len(scope["path"]) > LONGEST_PATH or "\0" in scope["path"] or b"%00" in scope["query_string"]:
            refused = answer(Request(scope), Problem("request.invalid", detail="URL"), error_page)
            await refused(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)


def create_app(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    """An application for these settings. The store must have been migrated (server.store.migrate.upgrade)."""
    context = open_context(settings, clock=clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        jobs = Loop(context) if settings.jobs else None
        if jobs is not None:
            jobs.start()
        yield
        if jobs is not None:
            jobs.stop()
        context.database.close()

    app = FastAPI(title="Liangpai", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.state.context = context
    for router in (openrosa, api, collector, web):
        app.include_router(router)
    install(app, page=error_page)

    app.add_middleware(SecurityHeaders)
    return app
