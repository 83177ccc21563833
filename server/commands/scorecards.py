"""liangpai score and scorecards: compute a quarter anew, freeze it, verify it, show it."""

from __future__ import annotations

import sys
from collections import Counter

import orjson
import typer

from forms.meaning import Light, parse_quarter, quarter_name, quarter_of
from server.commands.console import language, say
from server.commands.options import opened, project_of
from server.problems import Problem
from server.services.context import Context

WORDS = {
    Light.GREEN: ("绿", "green"),
    Light.YELLOW: ("黄", "yellow"),
    Light.RED: ("红", "red"),
    Light.GREY: ("灰", "grey"),
    Light.NA: ("不适用", "n/a"),
}
SHAPES = {Light.GREEN: "●", Light.YELLOW: "▲", Light.RED: "■", Light.GREY: "○", Light.NA: "–"}
SHOWN = 20
KINDS = ("town", "school", "department", "group")


def quarter_given(text: str, context: Context) -> int:
    """The quarter that was named, the current one for "". Raises Problem("quarter.invalid")."""
    if not text:
        return quarter_of(context.today())
    try:
        return parse_quarter(text)
    except ValueError as error:
        raise Problem("quarter.invalid", text=text) from error


def score(directory: str | None, database: str | None, quarter: str) -> None:
    """Rescore a quarter of every project, whole."""
    from server.services.lights.score import rescore
    from server.store.forms import all_projects

    with opened(directory, database) as context:
        wanted = quarter_given(quarter, context)
        with context.database.read() as session:
            projects = [project.id for project in all_projects(session)]
        if not projects:
            raise Problem("project.unknown")
        for project in projects:
            assert project is not None
            cards = rescore(context.database, project, wanted, today=context.today(), at=context.clock(), only=None)
            say(
                f"{quarter_name(wanted)} 项目{project}:{cards}张牌",
                f"{quarter_name(wanted)} project {project}: {cards} cards",
            )


def freeze(directory: str | None, database: str | None, quarter: str, project: str) -> None:
    """Freeze a quarter and print its SHA-256."""
    from server.services.lights.freeze import freeze as keep

    with opened(directory, database) as context:
        wanted = quarter_given(quarter, context)
        project_id, _code = project_of(context, project)
        frozen = keep(context, project_id=project_id, quarter=wanted, by=None, at=context.clock())
        row = frozen.snapshot
        zh, en = (
            ("已冻结", "frozen") if frozen.new else ("此前已冻结，内容相同", "was frozen already, the same content")
        )
        say(
            f"{quarter_name(wanted)} 第{row.version}版{zh}，SHA-256 {row.sha256}",
            f"{quarter_name(wanted)} version {row.version} {en}, SHA-256 {row.sha256}",
        )


def verify(directory: str | None, database: str | None, quarter: str, project: str) -> None:
    """Recompute a frozen quarter; print what differs and end with 1 if anything does."""
    from server.services.lights.freeze import verify as recompute

    with opened(directory, database) as context:
        wanted = quarter_given(quarter, context)
        project_id, _code = project_of(context, project)
        row, differences = recompute(context, project_id=project_id, quarter=wanted)
        for difference in differences[:SHOWN]:
            typer.echo(f"{difference.place}: {difference.frozen} → {difference.recomputed}")
        name = quarter_name(wanted)
        if differences:
            say(f"{name} 有{len(differences)}处不同。", f"{name} differs in {len(differences)} places.")
            raise typer.Exit(1)
        say(
            f"{name} 第{row.version}版重算一致，SHA-256 {row.sha256}",
            f"{name} version {row.version} recomputes to the same, SHA-256 {row.sha256}",
        )


def show(directory: str | None, database: str | None, quarter: str, *, unit: str, frozen: bool, project: str) -> None:
    """Print the lights of a quarter: all units, one unit with its rules, or the frozen JSON."""
    with opened(directory, database) as context:
        wanted = quarter_given(quarter, context)
        project_id, code = project_of(context, project)
        if frozen:
            _show_frozen(context, project_id, wanted)
        elif unit:
            _show_unit(context, unit, wanted)
        else:
            _show_all(context, code, wanted)


def _show_frozen(context: Context, project_id: int, quarter: int) -> None:
    from server.store.snapshots import newest

    with context.database.read() as session:
        row = newest(session, project_id, quarter)
        if row is None:
            raise Problem("snapshot.unknown", quarter=quarter_name(quarter))
        sys.stdout.buffer.write(row.content)
    sys.stdout.buffer.write(b"\n")


def _show_unit(context: Context, code: str, quarter: int) -> None:
    from server.services.lights.cards import live_card
    from server.services.people.people import unit_named

    with context.database.read() as session:
        unit = unit_named(session, code)
        row, card = live_card(session, unit, quarter)
        typer.echo(f"{unit.code} {unit.name} {quarter_name(quarter)} {_light(row.light)}")
        for part in card.get("dimensions", ()):
            typer.echo(f"  {part['dimension']:<5} {_light(part['light'])} {part['complete']}/{part['needed']}")
        for check in card.get("checks", ()):
            if check["holds"]:
                typer.echo(f"  {check['rule']}: {check['comparison']}".rstrip(": "))


def _show_all(context: Context, project_code: str, quarter: int) -> None:
    from server.services.people.people import unit_named
    from server.store.reading.lights import units_with_cards

    with context.database.read() as session:
        path = unit_named(session, project_code).path
        rows = units_with_cards(session, [path], quarter, KINDS)
    counted = Counter(row.light for row in rows if row.kind == "school" and row.light is not None)
    for row in sorted(rows, key=lambda row: (KINDS.index(row.kind), row.code)):
        if row.light is not None:
            lights = orjson.loads(row.dimensions or "{}")
            shapes = " ".join(SHAPES[Light(light)] for light in lights.values())
            typer.echo(f"{row.code}\t{_light(row.light)}\t{row.name}\t{shapes}".rstrip())
    total = [f"{_light(light)} {counted[light]}" for light in (1, 2, 3, 4)]
    say(f"{quarter_name(quarter)} 学校：{' '.join(total)}", f"{quarter_name(quarter)} schools: {', '.join(total)}")


def _light(light: int) -> str:
    """Shape and word: never a colour alone."""
    return f"{SHAPES[Light(light)]}{WORDS[Light(light)][language() == 'en']}"
