"""A district with all twelve checklists, its server as a process of its own, a phone's browser: what can be killed."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, Playwright
from sqlmodel import select

from forms.answers import Answer
from forms.definition import FormDefinition
from forms.shipped import shipped_catalogue, shipped_rulebook, shipped_workbook
from forms.submission import read_answers
from server.blobs.folder import BlobFolder
from server.services.checklists import publish
from server.services.collector.forms import CollectorForms
from server.services.context import open_context
from server.services.people import sign_in
from server.services.reference import definition_of
from server.settings import Settings
from server.store import migrate
from server.store.db import Database
from server.store.people import person_by_login
from server.store.submissions import Attachment, Submission
from tests.collector.phones import Browser, until
from tests.collector.proxy import Network
from tests.people import NOW, People, populate

CHECKLISTS = tuple(f"f{n:02}" for n in range(1, 13))
ROOT = Path(__file__).parents[2]
COLLECTOR = ROOT / "server" / "collector"
PAGE = (
    '<!doctype html><html lang="zh"><meta charset="utf-8"><link rel="stylesheet" href="liangpai-collector.css">'
    '<link rel="icon" href="data:,"><div id="root"></div><script src="harness.js"></script></html>'
)


@dataclass(frozen=True)
class Seed:
    """A district on disk that worlds copy, the pages of the harness, and what is in them."""

    folder: Path
    pages: Path
    people: People
    definitions: Mapping[str, FormDefinition]


def sow(folder: Path, *, checklists: tuple[str, ...] = CHECKLISTS, harness: bool = True) -> Seed:
    """A district with people and checklists. ``harness`` False leaves out the page without screens (needs npm ci)."""
    district, pages = folder / "district", folder / "pages"
    district.mkdir(parents=True)
    pages.mkdir()
    url = f"sqlite:///{district / 'liangpai.sqlite3'}"
    database = Database(url)
    migrate.upgrade(database)
    people = populate(database)
    context = open_context(Settings(directory=district, database_url=url, jobs=False), clock=lambda: NOW)
    versions = {}
    with database.write() as session:
        for content in (shipped_catalogue(), shipped_rulebook()):
            publish.load_reference(
                session, context, project_id=people.projects["330100"], content=content, by=None, at=NOW
            )
        for form in checklists:
            version = publish.publish(
                session, context, project_id=people.projects["330100"], data=shipped_workbook(form),
                filename=f"{form}.xlsx", by=None, at=NOW,
            )  # fmt: skip
            versions[form] = version
    bodies = CollectorForms(context)
    bodies.prepare(people.projects["330100"])
    if harness:
        for form, version in versions.items():
            with context.database.read() as reading:
                body = bodies.body(reading, people.projects["330100"], version)
            (pages / f"{form}.json").write_bytes(gzip.decompress(body.compressed))
    database.close()
    context.database.close()
    if harness:
        (pages / "index.html").write_text(PAGE)
        build = ["node", str(Path(__file__).with_name("build_harness.mjs")), str(COLLECTOR), str(folder / "built")]
        subprocess.run(build, check=True, timeout=120)
        shutil.copytree(folder / "built", pages, dirs_exist_ok=True)
    return Seed(district, pages, people, {form: definition_of(version) for form, version in versions.items()})


class World:
    """One district at work. ``address`` is the phone's way to it, through a network that can fail.

    ``built`` is a folder with another build of the collector than the checkout's own.
    """

    def __init__(self, seed: Seed, folder: Path, playwright: Playwright, built: Path | None = None) -> None:
        self.seed = seed
        self.folder = folder
        self._built = [str(built)] if built else []
        shutil.copytree(seed.folder, folder / "district")
        self._playwright = playwright
        self._server: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.network = Network(self.port)
        self.address = f"http://127.0.0.1:{self.network.port}"
        self.database = Database(f"sqlite:///{folder / 'district' / 'liangpai.sqlite3'}")
        self.start_server()

    def browser(self, name: str) -> Browser:
        return Browser(self._playwright, self.folder / "profiles" / name)

    @contextlib.contextmanager
    def visiting(self, name: str) -> Iterator[Browser]:
        """A browser that is closed afterwards, and whose pages must not have failed."""
        browser = self.browser(name)
        try:
            yield browser
        finally:
            browser.stop()
        assert not browser.wrong, browser.wrong

    def harness(self, browser: Browser) -> Page:
        """The page with engine, store and queue and without screens, once they are there."""
        return browser.start(f"{self.address}/harness/index.html", ready="() => globalThis.lp")

    def start_server(self) -> None:
        script = Path(__file__).with_name("site.py")
        command = [sys.executable, str(script), str(self.folder / "district"), str(self.port), str(self.seed.pages)]
        command += self._built
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._server = subprocess.Popen(command, env=environment, cwd=self.folder)
        until(self._answers, seconds=60)

    def kill_server(self) -> None:
        """SIGKILL: whatever was not on its disk is gone."""
        assert self._server is not None
        self._server.send_signal(signal.SIGKILL)
        self._server.wait(10)

    def close(self) -> None:
        self.kill_server()
        self.network.close()
        self.database.close()

    def session_token(self, login: str) -> str:
        """A browser's sign-in of this person."""
        with self.database.write() as session:
            person = person_by_login(session, login)
            assert person is not None
            return sign_in.sign_in(session, person, at=dt.datetime.now(dt.UTC), hours=48)

    def device(self, login: str = "bola") -> dict[str, Any]:
        """A phone that is bound to this person (contract.ts Device)."""
        return {
            "device": f"collect:{login}",
            "key": self.session_token(login),
            "project": self.seed.people.projects["330100"],
            "person": {"login": login, "name": login},
            "language": "zh",
        }

    def received(self, instance: str) -> list[tuple[bytes, dict[str, str], bool]]:
        """What the server holds under an instanceID: XML, SHA-256 of each file by name, whether it is complete."""
        with self.database.read() as session:
            rows = session.exec(select(Submission).where(Submission.instance_id == instance)).all()
            found = []
            for row in rows:
                files = session.exec(select(Attachment).where(Attachment.submission_id == row.id)).all()
                found.append((row.xml, {file.name: file.sha256 for file in files}, row.complete))
            return found

    def bytes_of(self, sha256: str) -> bytes:
        return BlobFolder(self.folder / "district" / "blobs").get(sha256)

    def count(self) -> int:
        with self.database.read() as session:
            return len(session.exec(select(Submission.id)).all())

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"http://127.0.0.1:{self.port}/harness/index.html", timeout=2).status_code == 200
        except httpx2.HTTPError:
            return False


def answers_of(definition: FormDefinition, xml: bytes | str) -> list[Answer]:
    """The answers as the server reads them."""
    return read_answers(xml.encode() if isinstance(xml, str) else xml, definition)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
