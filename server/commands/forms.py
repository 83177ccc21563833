"""liangpai forms: check, publish and expand checklist workbooks."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import typer

from forms.catalogue import Catalogue
from forms.catalogue_workbook import read_catalogue, read_rulebook
from forms.check import check as check_workbook
from forms.problems import FormProblem, has_errors
from forms.rulebook import Rulebook
from forms.shipped import shipped_catalogue, shipped_checklists, shipped_rulebook, shipped_workbook
from forms.workbook import read_workbook, write_markdown, write_xlsx
from server.commands.console import CommandError, language, say
from server.commands.options import opened, project_of
from server.services.checklists.publish import check_upload, load_reference, open_project
from server.services.checklists.publish import publish as publish_form
from server.services.collector.forms import CollectorForms
from server.services.people.people import unit_named

SHIPPED = "shipped"


def check(workbooks: list[str], catalogue: str, *, as_json: bool) -> None:
    """Print the problems of each workbook; ends with 1 if any has an error."""
    known = catalogue_named(catalogue or SHIPPED)
    found: dict[str, list[FormProblem]] = {}
    for name, data in _workbooks(workbooks):
        found[name] = check_workbook(data, filename=name, catalogue=known).problems
    if as_json:
        rows = {name: [_plain(problem) for problem in problems] for name, problems in found.items()}
        typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        for name, problems in found.items():
            _print_problems(name, problems)
    if any(has_errors(problems) for problems in found.values()):
        raise typer.Exit(1)


def publish(
    directory: str | None,
    database: str | None,
    workbooks: list[str],
    project: str,
    catalogue: str,
    rulebook: str,
    media: list[str],
) -> None:
    """Load catalogue and rulebook if asked, then publish every workbook or none. A named project is opened if new."""
    files = {Path(name).name: _read(name) for name in media}
    with opened(directory, database) as context:
        at = context.clock()
        if project:
            with context.database.write() as session:
                unit = unit_named(session, project)
                open_project(session, unit_id=unit.id or 0, name=unit.name, by=None, at=at)
        project_id, _ = project_of(context, project)
        with context.database.write() as session:
            for content in (
                catalogue_named(catalogue) if catalogue else None,
                rulebook_named(rulebook) if rulebook else None,
            ):
                if content is not None:
                    load_reference(session, context, project_id=project_id, content=content, by=None, at=at)
        with context.database.read() as session:
            uploads = [
                check_upload(session, project_id=project_id, data=data, filename=name)
                for name, data in _workbooks(workbooks)
            ]
        for upload in uploads:
            _print_problems(upload.filename, upload.problems)
        with context.database.write() as session:
            for upload in uploads:
                wanted = upload.checked.definition.media if upload.checked.definition else ()
                version = publish_form(
                    session,
                    context,
                    project_id=project_id,
                    data=upload.data,
                    filename=upload.filename,
                    upload=upload,
                    media={name: files[name] for name in wanted if name in files},
                    by=None,
                    at=at,
                )
                say(
                    f"{upload.filename}: 已发布，版本 {version.version}",
                    f"{upload.filename}: published as version {version.version}",
                )
        CollectorForms(context).prepare(project_id)


def expand(workbook: str, output: str) -> None:
    """Write the expanded workbook to a file, or as Markdown to standard output."""
    ((name, data),) = _workbooks([workbook])
    checked = check_workbook(data, filename=name)
    if checked.expanded is None:
        _print_problems(name, checked.problems)
        raise typer.Exit(1)
    if output == "-":
        sys.stdout.write(write_markdown(checked.expanded))
    elif output.endswith(".md"):
        Path(output).write_text(write_markdown(checked.expanded), encoding="utf-8")
    else:
        Path(output).write_bytes(write_xlsx(checked.expanded))


def catalogue_named(name: str) -> Catalogue:
    """A catalogue from a workbook's path, or the shipped one. Raises CommandError if it has errors."""
    if name == SHIPPED:
        return shipped_catalogue()
    workbook, problems = read_workbook(_read(name), name)
    if workbook is not None:
        found, more = read_catalogue(workbook)
        problems = [*problems, *more]
        if not has_errors(problems):
            return found
    raise _refused(name, problems)


def rulebook_named(name: str) -> Rulebook:
    """A rulebook from a workbook's path, or the shipped one. Raises CommandError if it has errors."""
    if name == SHIPPED:
        return shipped_rulebook()
    workbook, problems = read_workbook(_read(name), name)
    if workbook is not None:
        found, more = read_rulebook(workbook)
        problems = [*problems, *more]
        if not has_errors(problems):
            return found
    raise _refused(name, problems)


def _refused(name: str, problems: list[FormProblem]) -> CommandError:
    _print_problems(name, problems)
    count = sum(problem.level == "error" for problem in problems)
    return CommandError(f"{name}有{count}处错误。", f"{name} has {count} errors.")


def _workbooks(names: Iterable[str]) -> list[tuple[str, bytes]]:
    """Name and bytes of workbooks given as paths, as shipped forms' identifiers, or as ``shipped`` for all."""
    listed: list[str] = []
    for name in names:
        listed += shipped_checklists() if name == SHIPPED else [name]
    return [
        (f"{name}.xlsx", shipped_workbook(name))
        if name in shipped_checklists() and not Path(name).exists()
        else (Path(name).name, _read(name))
        for name in listed
    ]


def _read(name: str) -> bytes:
    path = Path(name)
    if not path.is_file():
        raise CommandError(f"没有文件{name}。", f"There is no file {name}.")
    return path.read_bytes()


def _plain(problem: FormProblem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "level": problem.level,
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "zh": problem.zh,
        "en": problem.en,
    }


def _print_problems(name: str, problems: list[FormProblem]) -> None:
    words = {"error": ("错误", "error"), "warning": ("提示", "warning")}
    for problem in problems:
        word = words[problem.level][language() == "en"]
        typer.echo(f"{name} {problem.place()} {word} {problem.code}: {problem.message(language())}")
    if not problems:
        say(f"{name}: 没有问题", f"{name}: nothing wrong")
