"""One step on many findings chosen in a ledger: choose, fill in once, and read what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from posixpath import commonpath
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import FormData

from scorecards.lifecycle.rectification import TABLE
from scorecards.lifecycle.table import FieldKind, StepSpec
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.services.rectification import bulk, rectify
from server.services.rectification.bulk import Chosen
from server.store.db import ReadSession
from server.store.findings import Finding
from server.store.reading import cases as reading_cases
from server.store.reading import ledgers as store
from server.store.units import units_with_ids
from server.web.navigation import LEDGER
from server.web.posted import field
from server.web.rectification import form as rectify_form
from server.web.rectification import steps as rectify_steps
from server.web.rectification.form import StepForm, StepPosted
from server.web.render import Signed, SignedPage

router = APIRouter(include_in_schema=False)
URL: Final = "/ledgers/bulk"


@dataclass(frozen=True, slots=True)
class Offer:
    """A step, and those of the chosen findings on which it may be taken."""

    form: StepForm
    findings: list[Finding]


@dataclass
class Choice:
    """The findings chosen, as they stand now, what may be done with which of them (``fitting``, by action), and the
    codes that the reader does not see."""

    findings: list[Finding]
    units: dict[int, Any]
    unseen: list[str]
    options: rectify_form.Options
    fitting: dict[str, list[Finding]]


@router.post(URL)
def choose(page: Signed, form: StepPosted) -> Response:
    """What may be done with the findings chosen."""
    with page.context.database.read() as session:
        return _show(page, _choice(page, session, form))


@router.post(URL + "/{action}")
def act(page: Signed, form: StepPosted, action: str) -> Response:
    """Take a step on all of them; what became of each is the answer."""
    step = next((step for step in TABLE.steps if step.action == action), None)
    if step is None:
        raise Problem("not_found")
    with page.context.database.read() as session:
        chosen = _choice(page, session, form)
    typed = rectify_form.read(page.context, page.viewer.session_token, step, form)
    refusal = rectify_steps.wrong(page, step, typed)
    if refusal is not None or (step.danger and not typed.sure):
        back = rectify_form.filled(step, f"{URL}/{action}", typed, options=chosen.options, refusal=refusal, seen=0)
        return _show(page, chosen, back, 422 if refusal else 200)
    seen = _seen(form)
    wanted = [Chosen(row.id or 0, row.code, seen.get(row.code, row.steps)) for row in chosen.findings]
    fates = bulk.act_on_all(
        page.context,
        wanted,
        action,
        by=page.viewer,
        at=page.context.clock(),
        fields=typed.fields,
        files=typed.uploads(),
    )
    by_code = {row.code: row for row in chosen.findings}
    told = [(fate, by_code[fate.code], chosen.units[by_code[fate.code].unit_id]) for fate in fates]
    return page.show("bulk_done.html", step=step, told=told, unseen=chosen.unseen, back=_back(form))


def _choice(page: SignedPage, session: ReadSession, form: FormData) -> Choice:
    """Raises Problem: bulk.nothing, bulk.too_many."""
    paths = require_anywhere(page.viewer, "finding.see")
    codes = list(dict.fromkeys(str(code)[:255] for code in form.getlist("code")))
    if not codes:
        raise Problem("bulk.nothing")
    if len(codes) > bulk.MOST:
        raise Problem("bulk.too_many", limit=bulk.MOST)
    findings = store.findings_coded(session, paths, codes)
    known = {finding.code for finding in findings}
    units = units_with_ids(session, {finding.unit_id for finding in findings})
    around = commonpath([unit.path for unit in units.values()]) if units else "/"
    options = {
        FieldKind.USER: [(str(who), name) for who, name in reading_cases.inspectors_around(session, around)],
        FieldKind.UNIT: [
            (str(unit.id), page.name(unit.name, unit.name_en))
            for unit in reading_cases.departments_around(session, around)
        ],
    }
    fitting: dict[str, list[Finding]] = {}
    for finding in findings:
        for step in rectify.offered(session, page.context, finding, page.viewer).steps:
            fitting.setdefault(step.action, []).append(finding)
    return Choice(findings, units, [code for code in codes if code not in known], options, fitting)


def _show(page: SignedPage, chosen: Choice, back: StepForm | None = None, status: int = 200) -> Response:
    offers = []
    for step in _steps(chosen.fitting):
        form = rectify_form.blank(step, f"{URL}/{step.action}", start={}, options=chosen.options, seen=0)
        offers.append(Offer(form, chosen.fitting[step.action]))
    if back is not None:
        # It comes back with what was chosen for it: what does not fit is refused and told, not dropped.
        offers = [Offer(back, chosen.findings)]
    states = Counter(finding.state for finding in chosen.findings)
    return page.show("bulk.html", status=status, c=chosen, offers=offers, states=states, table=TABLE)


def _steps(fitting: Mapping[str, Sequence[Finding]]) -> Sequence[StepSpec]:
    """One declaration of each action, what fits most findings first and what cannot be taken back last."""
    found: dict[str, StepSpec] = {}
    for step in TABLE.steps:
        if step.action in fitting:
            found.setdefault(step.action, step)
    return sorted(found.values(), key=lambda step: (step.danger, -len(fitting[step.action])))


def _seen(form: FormData) -> dict[str, int]:
    """How many steps each finding had when its row was shown."""
    found = {}
    for entry in form.getlist("seen"):
        number, _, code = str(entry).partition(":")
        if number.isascii() and number.isdigit() and len(number) < 10:
            found[code] = int(number)
    return found


def _back(form: FormData) -> str:
    """The ledger from which it was chosen."""
    back = field(form, "back")
    return back if back.startswith("/ledgers/") and back.isprintable() else LEDGER
