"""liangpai import: units, and rows of a spreadsheet as submissions."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import orjson
import typer

from server.commands.console import CommandError, language, say
from server.commands.options import opened, project_of

OUTCOMES = {
    "created": ("新建", "created"),
    "changed": ("更改", "changed"),
    "unchanged": ("未变", "unchanged"),
    "refused": ("拒绝", "refused"),
}


def read_file(name: str) -> bytes:
    """The bytes of a file. Raises CommandError where there is none."""
    path = Path(name)
    if not path.is_file():
        raise CommandError(f"没有文件{name}。", f"There is no file {name}.")
    return path.read_bytes()


def units(directory: str | None, database: str | None, file: str, *, partial: bool, as_json: bool) -> None:
    """Import units and print what became of each row; ends with 1 if a row was refused."""
    from server.services.units.units import import_units

    data = read_file(file)
    with opened(directory, database, create=True) as context:
        with context.database.write() as session:
            report = import_units(session, data, filename=Path(file).name, partial=partial, by=None, at=context.clock())
        if as_json:
            typer.echo(orjson.dumps(asdict(report), option=orjson.OPT_INDENT_2).decode())
        else:
            for row in report.rows:
                if row.outcome == "unchanged":
                    continue
                word = OUTCOMES[row.outcome][language() == "en"]
                why = " ".join(reason.message(language()) for reason in row.reasons) or ", ".join(row.changed)
                typer.echo(f"{row.number}: {row.code} {row.name} {word} {why}".rstrip())
            counts = {name: report.count(name) for name in OUTCOMES}
            zh = "、".join(f"{OUTCOMES[name][0]}{count}" for name, count in counts.items())
            en = ", ".join(f"{count} {OUTCOMES[name][1]}" for name, count in counts.items())
            say(f"{zh}。", f"{en}.")
        if not report.written:
            say("有行被拒绝，未写入任何内容。", "Rows were refused, so nothing was written.")
        if report.count("refused"):
            raise typer.Exit(1)


def records(
    directory: str | None, database: str | None, file: str, *, form: str, project: str, by: str, as_json: bool
) -> None:
    """Import rows as submissions of a form."""
    from server.commands.import_records import run

    read_file(file)
    with opened(directory, database) as context:
        project_id, _ = project_of(context, project)
        run(context, project_id=project_id, file=Path(file), form_id=form, by=by, as_json=as_json)
