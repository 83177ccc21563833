"""A finding's page: its whole story, whose turn it is, and the forms of the steps that its reader may take now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from scorecards.lifecycle.measures import KINDS
from scorecards.lifecycle.measures import TABLE as MEASURES
from scorecards.lifecycle.rectification import TABLE
from scorecards.lifecycle.table import FieldKind, StateSpec, StepSpec, Words
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.security.viewer import Viewer
from server.services.rectification import rectify
from server.store.db import ReadSession
from server.store.findings import Finding
from server.store.reading import cases as reading_cases
from server.store.reading.cases import ROUTED
from server.web.measures import measures_view
from server.web.rectification import form as rectify_form
from server.web.rectification import rechecked
from server.web.rectification import story as rectify_story
from server.web.rectification.limit import Left, left_of_finding, rule_of
from server.web.render import SignedPage
from server.web.visits import submission_view

MOST_AFTER: Final = 12  # photos of the result, the newest


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding that the viewer may see: its row with unit and department, and the steps the viewer may take now."""

    row: Any
    finding: Finding
    offered: rectify.Offered
    steps: Sequence[StepSpec]

    @property
    def url(self) -> str:
        return f"/findings/{quote(self.finding.code, safe='')}"

    @property
    def unit_path(self) -> str:
        return self.offered.matter.unit.path


@dataclass(frozen=True, slots=True)
class MeasureLink:
    """A measure about a finding or a unit, where the viewer may open it."""

    code: str
    words: Words
    state: Words


@dataclass
class MatterPage:
    """Everything that a finding's page shows."""

    row: Any
    finding: Finding
    url: str
    state: StateSpec
    turn: str
    mine: bool
    left: Left
    rule: str
    forms: list[rectify_form.StepForm]
    told: Sequence[rectify_story.Told]
    before: Sequence[rectify_story.ShownFile]
    after: Sequence[rectify_story.ShownFile]
    rechecked: Sequence[rectify_story.ShownFile]
    documents: Sequence[rectify_story.ShownDocument]
    measures: Sequence[MeasureLink]
    facts: Sequence[tuple[str, str]]
    source: Any
    diagram: str
    taken: str
    collect: bool


def seen(page: SignedPage, session: ReadSession, code: str) -> Seen:
    """The finding of this code with the viewer's steps. Raises Problem("not_found")."""
    paths = require_anywhere(page.viewer, "finding.see")
    row = reading_cases.finding(session, paths, code)
    if row is None:
        raise Problem("not_found")
    offered = rectify.offered(session, page.context, row[0], page.viewer)
    return Seen(row, row[0], offered, rectify_form.ranked(offered.steps, TABLE, row[0].state))


def finding_id(page: SignedPage, session: ReadSession, code: str) -> int:
    """The id of a finding that the viewer may see. Raises Problem("not_found")."""
    row = reading_cases.finding(session, require_anywhere(page.viewer, "finding.see"), code)
    if row is None:
        raise Problem("not_found")
    assert row[0].id is not None
    number: int = row[0].id
    return number


def build(
    page: SignedPage, session: ReadSession, found: Seen, *, back: rectify_form.StepForm | None = None, taken: str = ""
) -> MatterPage:
    """The page of a finding. ``back`` is a form that comes back to be corrected or confirmed; ``taken`` the step that
    was taken a moment ago."""
    finding, row = found.finding, found.row
    assert finding.id is not None
    state = TABLE.states[finding.state]
    turn = turn_of(finding)
    story = rectify_story.of(page, session, TABLE, found.url, finding_id=finding.id)
    source = _source(session, page.viewer, row.instance_id)
    left, rule = _limit(page, found)
    step = next((entry for entry in TABLE.steps if entry.action == taken), None)
    return MatterPage(
        row,
        finding,
        found.url,
        state,
        turn,
        turn in page.viewer.roles and any(turn in step.roles for step in found.steps),
        left,
        rule,
        [back] if back else blank_forms(page, session, found),
        story.told,
        [*_before(finding, row.instance_id if source else None), *story.before],
        story.after[:MOST_AFTER],
        rechecked.photos(session, page.viewer, finding.code, story.told),
        rectify_story.documents(page, session, reading_cases.documents_of_finding(session, finding.id)),
        _measures(page, session, finding.id),
        _facts(page, session, found),
        source,
        f"/lifecycles/{TABLE.name}.svg?now={state.name}",
        page.name(step.words.zh, step.words.en) if step else "",
        any(step.action == "recheck" for step in found.steps),
    )


def turn_of(finding: Finding) -> str:
    """The role whose turn it is: of what is routed to a department the office's to send, the department's to do."""
    waits_for = TABLE.states[finding.state].waits_for
    if finding.route == ROUTED and waits_for == "school":
        return "department"
    if finding.route == ROUTED and finding.state == "open":
        return "office"
    return waits_for


def blank_forms(page: SignedPage, session: ReadSession, found: Seen) -> list[rectify_form.StepForm]:
    """The forms of the viewer's steps before anything is entered."""
    options = options_of(page, session, found)
    heads = options.get(FieldKind.PERSON, ())
    title = page.name(found.finding.title, found.finding.title_en)
    start = {
        "responsible": found.finding.responsible or (heads[0][1] if heads else ""),
        "requirement": page.t("finding.ask", title=title),
    }
    asked = str(found.offered.matter.case.facts["extension_asked"] or "")
    number = found.finding.steps
    return [
        rectify_form.blank(
            step,
            step_url(found, step),
            start={**start, "days": asked} if step.action == "grant_extension" else start,
            options=options,
            seen=number,
        )
        for step in found.steps
    ]


def options_of(page: SignedPage, session: ReadSession, found: Seen) -> rectify_form.Options:
    """Whom and what the viewer's steps let choose: inspectors, departments, names of the school's people.

    Asked of the store only where a step asks for them.
    """
    asked = {spec.kind for step in found.steps for spec in step.fields}
    options: dict[FieldKind, Sequence[tuple[str, str]]] = {}
    if FieldKind.USER in asked:
        people = reading_cases.inspectors_around(session, found.unit_path)
        options[FieldKind.USER] = [(str(number), name) for number, name in people]
    if FieldKind.UNIT in asked:
        units = reading_cases.departments_around(session, found.unit_path)
        options[FieldKind.UNIT] = [(str(unit.id), page.name(unit.name, unit.name_en)) for unit in units]
    if FieldKind.PERSON in asked:
        names = reading_cases.heads_of(session, found.finding.unit_id)
        options[FieldKind.PERSON] = [(name, name) for name in names]
    return options


def step_url(found: Seen, step: StepSpec) -> str:
    """Where a step's form is sent."""
    return f"{found.url}/steps/{step.action}"


def _limit(page: SignedPage, found: Seen) -> tuple[Left, str]:
    """What is left of the turn's limit, or else of the finding's, and how the finding's was counted."""
    finding, calendar = found.finding, found.offered.matter.calendar
    left = left_of_finding(page, finding, calendar)
    if finding.closed_on is not None:
        return left, ""
    if finding.told_on is None:
        return left, page.t("limit.provisional", due=finding.due_on)
    natural = finding.severity == 4
    rule = rule_of(page, finding.told_on, finding.due_on, natural=natural, calendar=calendar)
    return left, page.t("limit.whole", due=finding.due_on, rule=rule)


def _facts(page: SignedPage, session: ReadSession, found: Seen) -> list[tuple[str, str]]:
    """What else is known: who is responsible, who re-checks, how it was urged."""
    finding, asked = found.finding, found.offered.matter.case.facts["extension_asked"]
    names = reading_cases.names_of(session, (finding.rechecker_id, finding.verified_by_id, finding.opened_by_id))
    checker = names.get(finding.verified_by_id or finding.rechecker_id or 0, "")
    said = [
        (page.t("finding.due"), str(finding.due_on)),
        (page.t("matter.responsible"), finding.responsible),
        (page.t("matter.rechecker"), checker),
        (page.t("matter.level"), page.t(f"matter.level.{finding.level}") if finding.level else ""),
        (page.t("matter.again"), page.t("matter.recurred", count=finding.reopened) if finding.reopened else ""),
        (page.t("matter.extension"), page.t("matter.extension.days", days=asked) if asked else ""),
        (page.t("matter.watch"), str(finding.watch_until or "")),
        (page.t("matter.opened_by"), names.get(finding.opened_by_id or 0, "")),
        (page.t("finding.closed_on"), str(finding.closed_on or "")),
    ]
    return [(words, value) for words, value in said if value]


def _measures(page: SignedPage, session: ReadSession, finding_id: int) -> list[MeasureLink]:
    above, own = measures_view.reach_of(page.viewer)
    rows = reading_cases.measures(session, above, own=own, finding_id=finding_id, most=12) if above or own else []
    return [MeasureLink(row[0].code, KINDS[row[0].kind], MEASURES.states[row[0].state].words) for row in rows]


def _source(session: ReadSession, viewer: Viewer, instance_id: str | None) -> Any:
    """The submission behind a finding where the viewer may see it."""
    try:
        return submission_view.visible_submission(session, viewer, instance_id or "") if instance_id else None
    except Problem:
        return None


def _before(finding: Finding, instance_id: str | None) -> list[rectify_story.ShownFile]:
    """The photos taken when it was found."""
    if not instance_id:
        return []
    base = f"/submissions/{quote(instance_id, safe='')}"
    return [
        rectify_story.ShownFile(
            name,
            f"{base}/files/{quote(name, safe='')}",
            f"{base}/thumbs/{quote(name, safe='')}",
            picture=True,
            day=finding.found_on,
        )
        for name in submission_view.photos_of(finding.photos)
    ]
