"""Fixtures of the whole suite: a migrated store on SQLite and on PostgreSQL, a populated district, a client."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from server.app import create_app
from server.doors.dependencies import SESSION_COOKIE
from server.security.passwords import form_token
from server.services.context import Context
from server.services.people import sign_in
from server.settings import Settings
from server.store import migrate
from server.store.db import Database
from server.store.people import person_by_login
from tests import postgres
from tests.people import NOW, PASSWORD, People, populate

# How long an example takes is the machine's matter; speed lives in the bench commands.
hypothesis.settings.register_profile("liangpai", deadline=None)
hypothesis.settings.load_profile("liangpai")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked ``one_store`` run on SQLite alone."""
    twice = [item for item in items if item.get_closest_marker("one_store") and "[postgresql" in item.name]
    config.hook.pytest_deselected(items=twice)
    items[:] = [item for item in items if item not in set(twice)]


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """Commands put their options into the environment for child processes; no test leaves them to the next."""
    before = {name: value for name, value in os.environ.items() if name.startswith("LIANGPAI_")}
    yield
    for name in [name for name in os.environ if name.startswith("LIANGPAI_")]:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test process; skipped aloud where the system has none."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql): its half of the suite is skipped")
    with postgres.server() as url:
        yield url


@dataclass
class Template:
    """A populated store that each test gets a copy of."""

    url: str
    people: People


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    url = f"sqlite:///{tmp_path_factory.mktemp('template') / 'template.sqlite3'}"
    return _fill(url)


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Template:
    _administer(postgres_url, "CREATE DATABASE template_district")
    return _fill(_at(postgres_url, "template_district"))


def _fill(url: str) -> Template:
    database = Database(url)
    migrate.upgrade(database)
    people = populate(database)
    database.close()
    return Template(url, people)


def _at(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _administer(url: str, statement: str) -> None:
    engine = Database(url).engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, People]]:
    """The URL of a populated store of this test's own, on each of the two databases, and who is in it."""
    if request.param == "sqlite":
        template: Template = request.getfixturevalue("sqlite_template")
        target = tmp_path / "district" / "liangpai.sqlite3"
        target.parent.mkdir(parents=True)
        shutil.copy(str(make_url(template.url).database), target)
        yield f"sqlite:///{target}", template.people
        return
    template = request.getfixturevalue("postgres_template")
    server: str = request.getfixturevalue("postgres_url")
    name = f"test_{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE template_district STRATEGY FILE_COPY")
    yield _at(server, name), template.people
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Clock:
    """The test's time; move it by assigning ``now``."""

    now: dt.datetime = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@dataclass
class District:
    """A running application on a populated store, and ways to ask it as somebody."""

    app: FastAPI
    people: People
    clock: Clock
    client: TestClient
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        context: Context = self.app.state.context
        return context

    @property
    def database(self) -> Database:
        return self.context.database

    def token(self, login: str) -> str:
        """A session token of this person."""
        if login not in self._tokens:
            with self.database.write() as session:
                person = person_by_login(session, login)
                assert person is not None, login
                self._tokens[login] = sign_in.sign_in(session, person, at=self.clock(), hours=12)
        return self._tokens[login]

    def as_(self, login: str) -> TestClient:
        """A browser in which this person is signed in (None-like "" for nobody); redirects are not followed."""
        client = TestClient(self.app, follow_redirects=False)
        if login:
            client.cookies.set(SESSION_COOKIE, self.token(login))
        return client

    def form_token(self, login: str) -> str:
        """The value that this person's pages carry in their forms."""
        return form_token(self.token(login))

    def key(self, login: str) -> str:
        """The OpenRosa base path in this inspector's phone."""
        project = self.people.projects["330100" if login != "dayo" else "330200"]
        return f"/v1/key/{self.people.phones[login]}/projects/{project}"


@pytest.fixture
def settings(store_url: tuple[str, People], tmp_path: Path) -> Settings:
    """Settings of a district folder in the test's own temporary folder, without jobs in the background."""
    return Settings(directory=tmp_path / "district", database_url=store_url[0], jobs=False, database_pool=4)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def district(store_url: tuple[str, People], settings: Settings, clock: Clock) -> Iterator[District]:
    """The application on each database, its people, its clock."""
    app = create_app(settings, clock=clock)
    with TestClient(app, follow_redirects=False) as client:
        yield District(app, store_url[1], clock, client)


@pytest.fixture
def password() -> str:
    """Everybody's password."""
    return PASSWORD


@dataclass
class Queries:
    """Counts the statements sent to the store."""

    count: int = 0
    statements: list[str] = field(default_factory=list)

    def reset(self) -> None:
        self.count = 0
        self.statements.clear()


@pytest.fixture
def queries(district: District) -> Iterator[Queries]:
    """A counter of statements: a page's test ends with ``assert queries.count <= N``."""
    seen = Queries()

    def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.count += 1
            seen.statements.append(statement)

    event.listen(district.database.engine, "before_cursor_execute", count)
    yield seen
    event.remove(district.database.engine, "before_cursor_execute", count)
