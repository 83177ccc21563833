"""liangpai user: accounts, passwords and roles."""

from __future__ import annotations

import typer

from server.commands.console import say
from server.commands.options import opened
from server.services.people import people
from server.store.people import people_with_grants


def _asked(password: str) -> str:
    return password or typer.prompt("密码 Password", hide_input=True, confirmation_prompt="再输一次 Again")


def add(
    directory: str | None,
    database: str | None,
    login: str,
    *,
    name: str,
    role: str,
    unit: str,
    password: str,
    certificate: str,
) -> None:
    """Open an account and give its role, both or neither."""
    if bool(role) != bool(unit):
        raise typer.BadParameter("--role and --unit come together")
    with opened(directory, database) as context, context.database.write() as session:
        at = context.clock()
        people.create_person(session, login=login, name=name, password=_asked(password), by=None, at=at)
        if role == "inspector":
            people.appoint_inspector(session, login=login, certificate=certificate, areas=[unit], by=None, at=at)
        elif role:
            people.grant(session, login=login, role=role, unit_code=unit, by=None, at=at)
    say(f"已建立用户{login}。", f"The account {login} is open.")


def password(directory: str | None, database: str | None, login: str, given: str) -> None:
    """Give a new password."""
    with opened(directory, database) as context, context.database.write() as session:
        people.person_named(session, login)
        people.set_password(session, login=login, password=_asked(given), by=None, at=context.clock())
    say(f"{login}的密码已更改，原有登录已失效。", f"The password of {login} is changed; open sessions have ended.")


def grant(directory: str | None, database: str | None, login: str, role: str, unit: str, *, revoke: bool) -> None:
    """Give a role, or take it away."""
    with opened(directory, database) as context, context.database.write() as session:
        verb = people.revoke if revoke else people.grant
        verb(session, login=login, role=role, unit_code=unit, by=None, at=context.clock())
    say(
        f"{login}:{'已收回' if revoke else '已授予'}{unit}的{role}。",
        f"{login}: {role} at {unit} {'taken away' if revoke else 'given'}.",
    )


def show(directory: str | None, database: str | None) -> None:
    """A line for each role that somebody holds."""
    with opened(directory, database) as context, context.database.read() as session:
        for person, role, code, unit in people_with_grants(session):
            state = "" if person.active else "\t-"
            typer.echo(f"{person.login}\t{person.name}\t{role or '-'}\t{code} {unit}{state}".rstrip())
