"""liangpai calendar: the office's own working days and holidays."""

from __future__ import annotations

from pathlib import Path

import typer

from server.commands.console import CommandError, say
from server.commands.options import opened
from server.services import work_calendar
from server.store.case_rows import calendar_days


def load(directory: str | None, database: str | None, file: str) -> None:
    """Take the days of a CSV file, all or none."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"无法读取{file}:{error.strerror}。", f"{file} cannot be read: {error.strerror}.") from error
    with opened(directory, database) as context, context.database.write() as session:
        loaded = work_calendar.load(session, data, by=None, at=context.clock())
    years = "、".join(map(str, loaded.years))
    say(f"已载入{loaded.days}天（{years}年）。", f"{loaded.days} days of {', '.join(map(str, loaded.years))} loaded.")


def show(directory: str | None, database: str | None, year: int) -> None:
    """List the days that differ from the announced calendar."""
    with opened(directory, database) as context, context.database.read() as session:
        for row in calendar_days(session, year or None):
            typer.echo(f"{row.day.isoformat()} {'work' if row.working else 'free'} {row.name}".rstrip())
