"""Taking a step from its form: one way for findings and measures, in which nothing entered is lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from fastapi.responses import Response
from starlette.datastructures import FormData

from scorecards.lifecycle.table import StepSpec, Table, Words
from server.problems import Problem
from server.store.cases import MeasureRow
from server.store.db import ReadSession, WriteSession
from server.store.findings import Finding
from server.web import posted
from server.web.rectification import form as rectify_form
from server.web.render import SignedPage


@dataclass
class Back:
    """What a page shows after a step that was not taken: its form again, or, where the step is not open to this reader
    any more, the sentence that says why and what had been entered."""

    form: rectify_form.StepForm | None = None
    refused: str = ""
    entered: list[tuple[Words, str]] = field(default_factory=list)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Taking:
    """A matter on which a step is taken: a row and the service's ``act`` for it. ``build`` makes what its page shows,
    with the form that comes back."""

    table: Table
    steps: Sequence[StepSpec]
    url: str
    options: rectify_form.Options
    row: Finding | MeasureRow
    act: Callable[..., object]
    template: str
    build: Callable[[ReadSession, rectify_form.StepForm | None], object]

    def show(self, page: SignedPage, back: Back) -> Response:
        """The page again, read anew."""
        with page.context.database.read() as session:
            return page.show(self.template, status=back.status, m=self.build(session, back.form), back=back)


def take(page: SignedPage, matter: Taking, action: str, form: FormData) -> Response:
    """Take a step: 303 to the matter's page, or the page again with what is wrong. Raises Problem("not_found") for a
    step that the table does not know."""
    offered = next((step for step in matter.steps if step.action == action), None)
    step = offered or next((step for step in matter.table.steps if step.action == action), None)
    if step is None:
        raise Problem("not_found")
    typed = rectify_form.read(page.context, page.viewer.session_token, step, form)
    refusal = wrong(page, step, typed) if offered else None
    if refusal is None and offered and step.danger and not typed.sure:
        return matter.show(page, Back(_form(matter, step, typed, None)))
    problem = None
    if refusal is None:
        problem = _act(page, matter, action, typed, _seen(form))
        if problem is None:
            return page.go(f"{matter.url}?taken={action}")
        refusal = _refusal(page, typed, problem)
    if offered is None:
        entered = [(spec.words, typed.fields[spec.name]) for spec in step.fields if typed.fields.get(spec.name)]
        status = 403 if refusal[0] == "step.role" else 409
        return matter.show(page, Back(None, refusal[1], entered, status))
    return matter.show(page, Back(_form(matter, step, typed, refusal), status=422))


def _form(
    matter: Taking, step: StepSpec, typed: rectify_form.Typed, refusal: tuple[str, str] | None
) -> rectify_form.StepForm:
    url = f"{matter.url}/steps/{step.action}"
    return rectify_form.filled(step, url, typed, options=matter.options, refusal=refusal, seen=matter.row.steps)


def _act(page: SignedPage, matter: Taking, action: str, typed: rectify_form.Typed, seen: int | None) -> Problem | None:
    """The problem that kept the step from being taken; nothing of it is stored then."""
    context = page.context
    try:
        with context.database.write() as session:
            row = session.get_one(type(matter.row), matter.row.id)
            by, at, files = page.viewer, context.clock(), typed.uploads()
            matter.act(session, context, row, action, by=by, at=at, fields=typed.fields, files=files, seen=seen)
    except Problem as problem:
        if not problem.code.startswith(("step.", "attachment.")):
            raise
        return problem
    return None


def wrong(page: SignedPage, step: StepSpec, typed: rectify_form.Typed) -> tuple[str, str] | None:
    """What can be said before the engine is asked: a file that is not accepted, a field that stands empty."""
    if typed.wrong is not None:
        name, problem = typed.wrong
        return f"field.{name}", problem.message(page.language)
    empty = rectify_form.missing(step, typed)
    if empty is None:
        return None
    return f"field.{empty.name}", page.t("step.missing", label=page.name(empty.words.zh, empty.words.en))


def _refusal(page: SignedPage, typed: rectify_form.Typed, problem: Problem) -> tuple[str, str]:
    """(rule, sentence) of a refusal; a file that is not accepted is left out and named at its field."""
    if problem.code == "step.refused":
        return str(problem.details["rule"]), problem.message(page.language)
    name = typed.without(str(problem.details.get("name", ""))) if problem.code.startswith("attachment.") else ""
    return f"field.{name}" if name else problem.code, problem.message(page.language)


def _seen(form: FormData) -> int | None:
    given = posted.field(form, "seen")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def entered(
    page: SignedPage, make: Callable[[WriteSession], str], names: Collection[str]
) -> tuple[str, dict[str, str]]:
    """What ``make`` gave in a transaction of its own; or, where it was refused, "" and the sentence by the name of its
    field, "" for none of ``names``."""
    try:
        with page.context.database.write() as session:
            return make(session), {}
    except Problem as problem:
        if problem.code != "step.refused":
            raise
        name = str(problem.details["rule"]).removeprefix("field.")
        return "", {name if name in names else "": problem.message(page.language)}
