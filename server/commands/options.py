"""Options that many commands share, and what they make of them. Light: it is imported for every ``--help``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from server.services.context import Context
    from server.settings import Settings

DIRECTORY = Annotated[
    str | None, typer.Option("--dir", help="The district's folder (LIANGPAI_DIRECTORY); default: district.")
]
DATABASE = Annotated[
    str | None,
    typer.Option("--database", help="SQLAlchemy URL (LIANGPAI_DATABASE_URL); default: SQLite in the folder."),
]

PROJECT = Annotated[
    str, typer.Option("--project", help="Code of the project's unit, such as a district; default: the oldest project.")
]


def settings_of(directory: str | None, database: str | None = None) -> Settings:
    """The settings, with what the command line says put into the environment, so that child processes agree."""
    from server.settings import Settings

    if directory is not None:
        os.environ["LIANGPAI_DIRECTORY"] = directory
    if database is not None:
        os.environ["LIANGPAI_DATABASE_URL"] = database
    return Settings()


def context_of(directory: str | None, database: str | None = None, *, create: bool = False) -> Context:
    """The store and blobs of a district that is there and up to date.

    With ``create`` the folder and tables are made where they are missing; without it a folder that is not there is
    refused, so that a mistyped ``--dir`` does not become an empty district.
    """
    from server.commands.console import CommandError
    from server.services.context import open_context
    from server.store import migrate

    settings = settings_of(directory, database)
    if not create and not settings.database_url and not (settings.directory / "liangpai.sqlite3").exists():
        raise CommandError(
            f"{settings.directory}里没有地区数据，请先运行 liangpai demo、serve 或 import units。",
            f"There is no district in {settings.directory}; run liangpai demo, serve or import units first.",
        )
    context = open_context(settings)
    migrate.upgrade(context.database)
    return context


def opened(directory: str | None, database: str | None = None, *, create: bool = False) -> _Opened:
    """``context_of`` as a context manager that gives the connections back."""
    return _Opened(directory, database, create)


class _Opened:
    def __init__(self, directory: str | None, database: str | None, create: bool) -> None:
        self._arguments = (directory, database, create)

    def __enter__(self) -> Context:
        directory, database, create = self._arguments
        self.context = context_of(directory, database, create=create)
        return self.context

    def __exit__(self, *_: object) -> None:
        self.context.database.close()


def project_of(context: Context, code: str) -> tuple[int, str]:
    """The project's id and its unit's code: the one named by its unit, else the oldest, with a note on the others."""
    from server.commands.console import language
    from server.problems import Problem
    from server.services.people.people import unit_named
    from server.store.forms import all_projects, project_of_unit
    from server.store.units import Unit

    with context.database.read() as session:
        if code:
            unit = unit_named(session, code)
            found = project_of_unit(session, unit.id or 0)
            if found is None or found.id is None:
                raise Problem("project.unknown")
            return found.id, unit.code
        projects = all_projects(session)
        if not projects:
            raise Problem("project.unknown")
        codes = {project.id or 0: session.get_one(Unit, project.unit_id).code for project in projects}
        chosen, *others = codes.values()
        if others:
            rest = ", ".join(others)
            notes = (f"项目{chosen}（还有{rest}，用 --project 指明）", f"project {chosen} (or with --project: {rest})")
            typer.echo(notes[language() == "en"], err=True)
        return next(iter(codes.items()))
