"""Who is asking, in both shapes: the token in a phone's address, or Digest, Basic, a session, a bearer token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from fastapi import Request

from server.doors.dependencies import address_of, basic_credentials, viewer_or_none
from server.openrosa.digest import Nonces, challenge, parse_digest, server_secret
from server.problems import Problem
from server.security.passwords import token_hash
from server.security.permissions import reach
from server.security.viewer import Viewer
from server.services.context import Context
from server.services.kept import Fresh, NotKept
from server.services.people import attempts, sign_in
from server.store import people
from server.store.db import ReadSession
from server.store.devices import holder_of_key
from server.store.forms import Project, all_projects
from server.store.units import Unit

KEY_FRESH: Final = 3.0
PASSWORD_FRESH: Final = 10.0


@dataclass(frozen=True, slots=True)
class Access:
    """A person at a project. ``prefix`` is the path at which this client reaches it."""

    viewer: Viewer
    project_id: int
    project_path: str
    prefix: str


class Gate:
    """Answers who is asking; one a process, keeps what it found for some seconds."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._keys: Fresh[tuple[str, int], Access] = Fresh(KEY_FRESH)
        self._passwords: Fresh[str, Viewer] = Fresh(PASSWORD_FRESH)
        self._nonces = Nonces(server_secret(context.settings.directory))

    def by_key(self, token: str, project: int, *, may_wait: bool = True) -> Access:
        """The access of a phone's key. Raises Problem("auth.token"), NotKept."""
        key = (token, project)
        kept = self._keys.get(key)
        if kept is not None:
            return kept
        if not may_wait:
            raise NotKept
        with self._context.database.read() as session:
            found = people.person_of_phone(session, token_hash(token))
            if found is None or found[1].project_id != project:
                raise Problem("auth.token")
            viewer = sign_in.viewer_for(session, found[0])
            home = session.get(Project, project)
            # Whoever moved to another district keeps the old key in the phone, and fetches nothing with it.
            if viewer.grants and (home is None or not _reaches(session, viewer, home)):
                raise Problem("auth.token")
            access = Access(viewer, project, _path_of(session, project), f"/v1/key/{token}/projects/{project}")
        self._keys.put(key, access)
        return access

    def by_credentials(self, request: Request, project: int | None) -> Access:
        """The access of a person; ``project`` None means the only one there. May take long (password hashes).

        Raises Problem: auth.required with its challenges, auth.wrong, not_found, device.revoked.
        """
        if project is not None and (device := self._of_device(request, project)) is not None:
            return device
        viewer = self._viewer(request)
        with self._context.database.read() as session:
            if project is None:
                reached = [row for row in all_projects(session) if _reaches(session, viewer, row)]
                if len(reached) != 1 or reached[0].id is None:
                    raise Problem("not_found")
                project = reached[0].id
            else:
                row = session.get(Project, project) if project < 2**31 else None
                if row is None or not _reaches(session, viewer, row):
                    raise Problem("not_found")
            return Access(viewer, project, _path_of(session, project), f"/v1/projects/{project}")

    def _of_device(self, request: Request, project: int) -> Access | None:
        """The access of a web collector, which sends its key as a Bearer token; None for any other client."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return replace(self.by_key(token, project), prefix=f"/v1/projects/{project}")
        except Problem:
            with self._context.database.read() as session:
                holder = holder_of_key(session, token_hash(token))
            if holder is None:
                return None  # Central's tools send a session's token this way.
            raise Problem("device.revoked" if not holder.good else "auth.token") from None

    def _viewer(self, request: Request) -> Viewer:
        header = request.headers.get("authorization", "")
        if header.lower().startswith("digest "):
            return self._viewer_of_digest(request, header)
        try:
            viewer = self._viewer_of_password(request, header) if basic_credentials(request) else None
            # A session's cookie counts only beside a header that no other site's form can send.
            if viewer is None and (header.lower().startswith("bearer ") or "x-openrosa-version" in request.headers):
                viewer = viewer_or_none(request, self._context)
        except Problem as problem:
            if problem.status != 401:
                raise
            raise self._ask(request, problem.code) from problem
        if viewer is None:
            raise self._ask(request, "auth.required")
        return viewer

    def _viewer_of_password(self, request: Request, header: str) -> Viewer | None:
        key = hashlib.sha256(header.encode()).hexdigest() + request.url.scheme
        kept = self._passwords.get(key)
        if kept is None:
            kept = viewer_or_none(request, self._context)
            if kept is not None:
                self._passwords.put(key, kept)
        return kept

    def _viewer_of_digest(self, request: Request, header: str) -> Viewer:
        digest = parse_digest(header)
        target = request.scope["raw_path"].decode("latin-1")
        if digest is None or digest.uri.partition("?")[0] != target:
            raise self._ask(request, "auth.wrong")
        state = self._nonces.state(digest.nonce, int(self._context.clock().timestamp()))
        if state == "unknown":
            raise self._ask(request, "auth.wrong")
        address = address_of(request)
        attempts.refuse_too_many(self._context, digest.username, address=address)
        with self._context.database.read() as session:
            person = people.person_by_login(session, digest.username)
            fits = person is not None and person.active and digest.fits(person.digest_ha1, request.method)
            viewer = sign_in.viewer_for(session, person) if person is not None and fits else None
        if viewer is None:
            attempts.count_failure(self._context, digest.username, address=address)
            raise self._ask(request, "auth.wrong")
        if state == "stale":
            raise self._ask(request, "auth.required", stale=True)
        return viewer

    def _ask(self, request: Request, code: str, *, stale: bool = False) -> Problem:
        """A 401 that offers Digest and, where it is allowed, Basic."""
        nonce = self._nonces.make(int(self._context.clock().timestamp()))
        offers = [challenge(nonce, stale=stale)]
        if self._context.settings.basic_over_http or request.url.scheme == "https":
            offers.append('Basic realm="Liangpai", charset="UTF-8"')
        return Problem(code, challenges=offers)


def _path_of(session: ReadSession, project: int) -> str:
    row = session.get(Project, project)
    unit = session.get(Unit, row.unit_id) if row else None
    if unit is None:
        raise Problem("not_found")
    return unit.path


def _reaches(session: ReadSession, viewer: Viewer, project: Project) -> bool:
    """True if the viewer has a role anywhere above or below the project's unit."""
    unit = session.get(Unit, project.unit_id)
    return unit is not None and any(
        unit.path.startswith(path) or path.startswith(unit.path) for path in reach(viewer, "form.see")
    )
