"""Measures: proposed with their grounds, decided by people with a document, under review, corrected in the open."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from scorecards.lifecycle.measures import KINDS, TABLE, is_personal
from server.doors.dependencies import Read, Write
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.services.measures import measures
from server.store.cases import CaseFile, MeasurePerson
from server.store.db import ReadSession, WriteSession
from server.store.reading import cases as reading_cases
from server.store.reading import lights as reading
from server.web.measures import measures_view
from server.web.posted import Posted, field
from server.web.reach import visible_unit
from server.web.rectification import files as rectify_files
from server.web.rectification import steps as rectify_steps
from server.web.rectification.form import StepForm, StepPosted
from server.web.render import RowId, Signed, SignedPage

BLANK: Final = dict.fromkeys(("unit", "kind", "rule", "grounds", "finding"), "")
NEEDED: Final = ("unit", "kind", "rule", "grounds")
router = APIRouter(include_in_schema=False)


@router.get("/measures")
def measure_list(page: Signed) -> Response:
    require_anywhere(page.viewer, "measure.see")
    return RedirectResponse("/ledgers/measures", 303)


@router.get("/measures/new")
def new_measure(page: Signed, session: Read, unit: str = "", finding: str = "") -> Response:
    return _new(page, session, {**BLANK, "unit": unit, "finding": finding}, {})


@router.post("/measures/new")
def propose_measure(page: Signed, form: Posted) -> Response:
    """A proposal by hand, with the clause and the facts that it rests on."""
    values = {name: field(form, name) for name in BLANK}
    problems = {name: page.t("step.missing", label=page.t(f"propose.{name}")) for name in NEEDED if not values[name]}
    if not problems:
        code, problems = rectify_steps.entered(page, lambda session: _propose(page, session, values), BLANK)
        if code:
            return page.go(f"/measures/{code}", done="proposed")
    with page.context.database.read() as reading_session:
        return _new(page, reading_session, values, problems)


def _propose(page: SignedPage, session: WriteSession, values: dict[str, str]) -> str:
    unit = visible_unit(session, page.viewer, values["unit"], "measure.propose")
    finding = reading_cases.finding_of_unit(session, values["finding"], unit.id or 0) if values["finding"] else None
    if values["finding"] and finding is None:
        refusal = ("没有该单位的这个问题编号。", "This unit has no finding with that code.")
        raise Problem("step.refused", rule="field.finding", zh=refusal[0], en=refusal[1])
    data = {"grounds": values["grounds"][:2000]} | ({"finding": finding.code} if finding else {})
    row = measures.propose(
        session,
        page.context,
        unit,
        values["kind"],
        rule=values["rule"],
        data=data,
        finding=finding,
        by=page.viewer,
        at=page.context.clock(),
    )
    assert row is not None
    return row.code


def _new(page: SignedPage, session: ReadSession, values: dict[str, str], problems: dict[str, str]) -> Response:
    paths = require_anywhere(page.viewer, "measure.propose")
    units = [unit for unit in reading.find_units(session, paths) if unit.kind in ("school", "town", "department")]
    status = 422 if problems else 200
    return page.show("measure_new.html", status=status, values=values, problems=problems, kinds=KINDS, units=units)


@router.get("/measures/{code}")
def measure_page(page: Signed, session: Read, code: str, taken: str = "") -> Response:
    found = measures_view.seen(page, session, code)
    return page.show(
        "measure.html", m=measures_view.build(page, session, found, taken=taken), back=rectify_steps.Back()
    )


@router.post("/measures/{code}/steps/{action}")
def take_step(page: Signed, form: StepPosted, code: str, action: str) -> Response:
    """Take a step; a refused one shows why at its field and keeps what was entered."""
    with page.context.database.read() as session:
        found = measures_view.seen(page, session, code)

    def build(again: ReadSession, back: StepForm | None) -> object:
        return measures_view.build(page, again, measures_view.seen(page, again, code), back=back)

    matter = rectify_steps.Taking(TABLE, found.steps, found.url, {}, found.measure, measures.act, "measure.html", build)
    return rectify_steps.take(page, matter, action, form)


@router.post("/measures/{code}/names")
def show_names(page: Signed, form: Posted, code: str) -> Response:
    """The names of the persons concerned: for the roles named, and each look is written down."""
    with page.context.database.write() as session:
        measure = measures_view.row_of(page, session, code)[0]
        by, at = page.viewer, page.context.clock()
        persons = [
            MeasurePerson(measure_id=person.measure_id, name=person.name, post=person.post)
            for person in measures.names(session, measure, place="/measures", by=by, at=at)
        ]
    with page.context.database.read() as reading_session:
        found = measures_view.seen(page, reading_session, code)
        built = measures_view.build(page, reading_session, found, persons=persons)
        return page.show("measure.html", m=built, back=rectify_steps.Back())


@router.post("/measures/{code}/persons")
def name_person(page: Signed, session: Write, form: Posted, code: str) -> Response:
    measure = measures_view.row_of(page, session, code)[0]
    by, at = page.viewer, page.context.clock()
    measures.name_person(session, measure, name=field(form, "name"), post=field(form, "post"), by=by, at=at)
    return page.go(f"/measures/{code}", done="named")


@router.get("/measures/{code}/files/{file_id}")
def measure_file(page: Signed, session: Write, code: str, file_id: RowId) -> Response:
    return rectify_files.whole(page, _file(page, session, code, file_id))


@router.get("/measures/{code}/thumbs/{file_id}")
def measure_thumb(page: Signed, session: Write, code: str, file_id: RowId) -> Response:
    return rectify_files.thumb(page, _file(page, session, code, file_id))


def _file(page: SignedPage, session: WriteSession, code: str, file_id: int) -> CaseFile | None:
    """A file of a measure; papers about a person are for those who may see names, and the look is written down."""
    measure = measures_view.row_of(page, session, code)[0]
    if is_personal(measure.kind):
        by, at = page.viewer, page.context.clock()
        measures.names(session, measure, place=f"file {file_id}", by=by, at=at)
    return reading_cases.file_of(session, file_id, measure_id=measure.id)
