"""The command ``liangpai``: it only reads arguments; what a command does is in server/commands, imported when run."""

from __future__ import annotations

import typer

from server.commands.console import OneSentence
from server.commands.options import DATABASE, DIRECTORY, PROJECT

app = typer.Typer(
    cls=OneSentence,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""亮牌 Liangpai: school inspection checklists in, exact traffic-light accountability out.

    Settings come from environment variables that begin with LIANGPAI_ (docs/settings.md). Every command says
    what went wrong in one sentence and ends with 0 (done), 1 (refused or failed) or 2 (wrong arguments).""",
)


def _group(name: str, text: str) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True, help=text, rich_markup_mode=None)
    app.add_typer(group, name=name)
    return group


forms = _group("forms", "Check, publish and expand checklist workbooks.")
imports = _group("import", "Import units, or rows of a spreadsheet as submissions.")
scorecards = _group("scorecards", "Freeze, verify and show a quarter.")
bench = _group("bench", "Measure this machine: ingest, score, demo, ledgers, collector, nmis.")
user = _group("user", "Accounts, passwords and roles.")
jobs = _group("jobs", "The background work.")
calendar = _group("calendar", "Working days that differ from the announced holidays.")


@app.command()
def demo(
    directory: DIRECTORY = None,
    schools: int = typer.Option(60, min=6, max=500, help="How many schools the district has."),
    quarters: int = typer.Option(4, min=1, max=12, help="How many quarters of visits, the current one included."),
    serve: bool = typer.Option(True, "--serve/--no-serve", help="Serve when built, or build and exit."),
    host: str = typer.Option("127.0.0.1", help="The address to serve at."),
    port: int = typer.Option(8000, min=1, max=65535, help="The port to serve at."),
    seed: int = typer.Option(2026, help="The same seed gives the same district."),
) -> None:
    """Build a demo district through the real doors (once), then serve it."""
    from server.commands.demo import run

    run(directory, schools=schools, quarters=quarters, serve=serve, host=host, port=port, seed=seed)


@app.command()
def serve(
    directory: DIRECTORY = None,
    database: DATABASE = None,
    host: str = typer.Option("127.0.0.1", help="The address to serve at."),
    port: int = typer.Option(8000, min=1, max=65535, help="The port to serve at."),
    workers: int = typer.Option(1, min=1, max=64, help="Processes; with more than one the jobs get their own."),
) -> None:
    """Bring the store up to date and serve phones, pages and tools."""
    from server.commands.serve import run

    run(directory, database, host=host, port=port, workers=workers)


@forms.command("check")
def forms_check(
    workbooks: list[str] = typer.Argument(help="Workbooks (.xlsx or .md), or names of shipped ones such as f01."),
    catalogue: str = typer.Option("", help="A catalogue workbook; without it the shipped one."),
    json: bool = typer.Option(False, "--json", help="Problems as JSON."),
) -> None:
    """Say what is wrong with checklist workbooks: sheet, row, column and why; 1 if any has an error."""
    from server.commands.forms import check

    check(workbooks, catalogue, as_json=json)


@forms.command("publish")
def forms_publish(
    workbooks: list[str] = typer.Argument(help="Workbooks, names of shipped ones, or 'shipped' for all of them."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
    project: PROJECT = "",
    catalogue: str = typer.Option("", help="Load this catalogue first: a workbook, or 'shipped'."),
    rulebook: str = typer.Option("", help="Load this rulebook first: a workbook, or 'shipped'."),
    media: list[str] = typer.Option([], help="A file that goes with the forms, such as principals.csv."),
) -> None:
    """Publish checklists to a project, and load its catalogue and rulebook."""
    from server.commands.forms import publish

    publish(directory, database, workbooks, project, catalogue, rulebook, media)


@forms.command("expand")
def forms_expand(
    workbook: str = typer.Argument(help="A workbook (.xlsx or .md), or the name of a shipped one."),
    output: str = typer.Argument(help="Where to write the expanded workbook (.xlsx or .md); - for Markdown here."),
) -> None:
    """Write the workbook with common header, footer and evidence questions, as phones will see it."""
    from server.commands.forms import expand

    expand(workbook, output)


@forms.command("paper")
def forms_paper(
    workbooks: list[str] = typer.Argument(help="Workbooks, names of shipped ones such as f01, or 'shipped' for all."),
    output: str = typer.Option("paper.pdf", "--output", "-o", help="The PDF to write; a folder for several workbooks."),
    unit: str = typer.Option("", help="Code of the school that the forms are for."),
    name: str = typer.Option("", help="Name of that school."),
    language: str = typer.Option("zh", help="zh or en."),
    link: str = typer.Option("", help="What the QR code on each page says; default: form, version and school."),
) -> None:
    """Print checklists as A4 paper forms with boxes, codes and skip instructions (PDF)."""
    from server.commands.paper import paper

    paper(workbooks, output, unit, name, language, link)


@imports.command("units")
def import_units(
    file: str = typer.Argument(help="CSV (UTF-8 or GB18030) or XLSX."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
    partial: bool = typer.Option(False, help="Write the good rows although others are refused."),
    json: bool = typer.Option(False, "--json", help="The report as JSON."),
) -> None:
    """Create and change units from a table, with a report for every row; all or nothing unless --partial."""
    from server.commands.imports import units

    units(directory, database, file, partial=partial, as_json=json)


@imports.command("records")
def import_records(
    file: str = typer.Argument(help="CSV or XLSX: one row a submission."),
    form: str = typer.Option(..., "--form", help="The form's identifier."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
    project: PROJECT = "",
    by: str = typer.Option("", "--by", help="Login of the person in whose name the rows are sent."),
    json: bool = typer.Option(False, "--json", help="The report as JSON."),
) -> None:
    """Take rows of a spreadsheet in as submissions of a form."""
    from server.commands.imports import records

    records(directory, database, file, form=form, project=project, by=by, as_json=json)


@app.command()
def score(
    quarter: str = typer.Argument("", help="A quarter such as 2026Q4; without it the current one."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
) -> None:
    """Compute the live lights of a quarter anew, whole."""
    from server.commands.scorecards import score as run

    run(directory, database, quarter)


@scorecards.command("freeze")
def scorecards_freeze(
    quarter: str = typer.Argument(help="A quarter such as 2026Q3."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
    project: PROJECT = "",
) -> None:
    """Keep a quarter as canonical JSON with its SHA-256."""
    from server.commands.scorecards import freeze

    freeze(directory, database, quarter, project)


@scorecards.command("verify")
def scorecards_verify(
    quarter: str = typer.Argument(help="A frozen quarter such as 2026Q3."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
    project: PROJECT = "",
) -> None:
    """Recompute a frozen quarter and compare; 1 if anything differs."""
    from server.commands.scorecards import verify

    verify(directory, database, quarter, project)


@scorecards.command("show")
def scorecards_show(
    quarter: str = typer.Argument("", help="A quarter such as 2026Q4; without it the current one."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
    unit: str = typer.Option("", help="Code of one unit: its card and the rules behind it."),
    frozen: bool = typer.Option(False, help="The frozen quarter's JSON instead of the live lights."),
    project: PROJECT = "",
) -> None:
    """Print the lights of a quarter."""
    from server.commands.scorecards import show

    show(directory, database, quarter, unit=unit, frozen=frozen, project=project)


@bench.command("nmis")
def bench_nmis(
    folder: str = typer.Argument(metavar="DIR", help="Holds schools_*.csv and lga_education_published.csv."),
    details: int = typer.Option(20, min=0, help="How many differences to print."),
    keep: str = typer.Option("", help="An empty folder: the district that is made stays there to be looked at."),
    json: bool = typer.Option(False, "--json", help="Everything as JSON."),
) -> None:
    """Recompute published district figures from school records: how many cells agree, which do not and why."""
    from server.commands.bench import nmis

    nmis(folder, details=details, keep=keep, as_json=json)


PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def _bench_command(name: str, text: str) -> None:
    @bench.command(name, help=text, context_settings=PASSED_ON, add_help_option=False)
    def run(context: typer.Context) -> None:
        from server.commands.bench import hand_over

        hand_over(name, list(context.args))


_bench_command("ingest", "Submissions through the phones' door: rate, CPU milliseconds each, p99, memory.")
_bench_command("score", "Millions of observations to school lights, beside the same work written by hand.")
_bench_command("demo", "Seconds to build the demo district, and for a page of the matrix.")
_bench_command("ledgers", "The ledgers' pages and their Excel file over 100,000 findings.")
_bench_command("collector", "The web collector on a phone: bytes, opening 250 questions, answering, kills.")


@user.command("add")
def user_add(
    login: str,
    name: str = typer.Option("", help="The person's name."),
    role: str = typer.Option("", help="administrator, office, inspector, leading, department or school."),
    unit: str = typer.Option("", help="Code of the unit at which the role is held."),
    password: str = typer.Option("", envvar="LIANGPAI_PASSWORD", help="Asked for when absent."),
    certificate: str = typer.Option("", help="An inspector's certificate number."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
) -> None:
    """Open an account, with a role if one is given."""
    from server.commands.people import add

    add(directory, database, login, name=name, role=role, unit=unit, password=password, certificate=certificate)


@user.command("password")
def user_password(
    login: str,
    password: str = typer.Option("", envvar="LIANGPAI_PASSWORD", help="Asked for when absent."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
) -> None:
    """Give a new password and end the person's sessions."""
    from server.commands.people import password as run

    run(directory, database, login, password)


@user.command("grant")
def user_grant(
    login: str,
    role: str = typer.Argument(help="administrator, office, inspector, leading, department or school."),
    unit: str = typer.Argument(help="Code of the unit; the role reaches everything below it."),
    revoke: bool = typer.Option(False, help="Take the role away instead."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
) -> None:
    """Give or take a role at a unit."""
    from server.commands.people import grant

    grant(directory, database, login, role, unit, revoke=revoke)


@user.command("list")
def user_list(directory: DIRECTORY = None, database: DATABASE = None) -> None:
    """List accounts and what they may do where."""
    from server.commands.people import show

    show(directory, database)


@jobs.command("run")
def jobs_run(
    directory: DIRECTORY = None,
    database: DATABASE = None,
    once: bool = typer.Option(False, help="Do what is waiting, then end."),
) -> None:
    """Run the background work in this process until interrupted."""
    from server.commands.jobs import run

    run(directory, database, once=once)


@calendar.command("load")
def calendar_load(
    file: str = typer.Argument(help="CSV with the columns date, day (work or free) and, if there is one, name."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
) -> None:
    """Take a year's own working days and holidays: they come before the announced ones, all or nothing."""
    from server.commands.calendar_days import load

    load(directory, database, file)


@calendar.command("show")
def calendar_show(
    year: int = typer.Argument(0, min=0, max=2200, help="A year; without it all."),
    directory: DIRECTORY = None,
    database: DATABASE = None,
) -> None:
    """List the days that differ."""
    from server.commands.calendar_days import show

    show(directory, database, year)


@app.command()
def doctor(directory: DIRECTORY = None, database: DATABASE = None) -> None:
    """Check this installation, one line a thing; 1 if something is wrong."""
    from server.commands.doctor import run

    run(directory, database)


if __name__ == "__main__":
    app()
