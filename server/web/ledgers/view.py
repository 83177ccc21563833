"""The rows of a ledger as pages and workbooks show them: one list of columns for both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scorecards.deadlines import WorkCalendar, working_days_between
from scorecards.documents.kinds import number_words
from scorecards.lifecycle.measures import KINDS
from scorecards.lifecycle.measures import TABLE as MEASURES
from scorecards.lifecycle.rectification import TABLE
from server.security.permissions import PERMISSIONS
from server.services.documents.values import head_words
from server.services.work_calendar import calendar_of
from server.store.db import ReadSession
from server.store.reading import ledgers as store
from server.store.reading import measures as reading_measures
from server.store.units import units_with_ids
from server.web.ledgers.query import Asked
from server.web.render import SignedPage

# The document that begins a finding's limit, the latest first: what a ledger quotes as 文号.
LIMITING: Final = ("notice", "opinion", "advice", "consultation")
CONCERNED: Final = frozenset({"school", "department"})
Cell = str | int | dt.date | None


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding in a ledger."""

    row: Any
    number: str
    state: str
    waits_for: str
    overdue: int
    days_left: int | None
    closing: bool

    @property
    def finding(self) -> Any:
        return self.row[0]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, how wide it is in a workbook, and what a line says in it."""

    title: str
    width: int
    value: Callable[[Any], Cell]


def finding_lines(page: SignedPage, session: ReadSession, ids: Sequence[int]) -> Iterator[FindingLine]:
    """The lines of these findings, in their order; a fixed number of statements for each five hundred."""
    calendar, today = calendar_of(session), page.context.today()
    prefixes: dict[int, str] = {}
    for start in range(0, len(ids), store.CHUNK):
        chunk = ids[start : start + store.CHUNK]
        documents = store.documents_about(session, chunk, LIMITING)
        districts = {found[-1].district_id for found in documents.values()} - prefixes.keys()
        for district in units_with_ids(session, districts).values() if districts else ():
            prefixes[district.id or 0] = head_words(session, district)[1]
        for row in store.finding_rows(session, chunk):
            found = documents.get(row[0].id)
            document = found[-1] if found else None
            number = (
                number_words(document.kind, prefixes[document.district_id], document.year, document.number)
                if document
                else ""
            )
            yield _line(page, row, number, today, calendar)


def _line(page: SignedPage, row: Any, number: str, today: dt.date, calendar: WorkCalendar) -> FindingLine:
    finding = row[0]
    state = TABLE.states.get(finding.state)
    told = finding.told_on is not None and finding.told_on <= today
    last = min(today, finding.handed_on or today)
    late = told and finding.closed_on is None and finding.due_on < last
    overdue = max(1, working_days_between(finding.due_on, last, calendar)) if late else 0
    ahead = finding.closed_on is None and not overdue and finding.handed_on is None
    return FindingLine(
        row,
        number,
        page.name(state.words.zh, state.words.en) if state else finding.state,
        state.waits_for if state else "",
        overdue,
        working_days_between(today, finding.due_on, calendar) if ahead else None,
        finding.closed_on is not None,
    )


def finding_columns(page: SignedPage, ledger: str) -> list[Column]:
    """The columns of a ledger of findings, as a district keeps them."""
    t = page.t
    common = [
        Column(t("ledger.code"), 26, lambda line: line.finding.code),
        Column(t("ledger.number"), 22, lambda line: line.number),
        Column(t("ledger.town"), 14, lambda line: page.name(line.row.town_name or "", line.row.town_name_en or "")),
        Column(t("ledger.unit"), 24, lambda line: page.name(line.row.unit_name, line.row.unit_name_en)),
        Column(t("ledger.title"), 44, lambda line: page.name(line.finding.title, line.finding.title_en)),
        Column(t("ledger.fact"), 36, lambda line: line.finding.fact),
        Column(t("ledger.item"), 12, lambda line: line.finding.item),
        Column(t("ledger.indicators"), 16, lambda line: line.finding.indicators),
        Column(t("severity"), 12, lambda line: t(f"severity.{line.finding.severity}")),
        Column(t("route"), 14, lambda line: t(f"route.{line.finding.route}")),
        Column(t("ledger.department"), 20, lambda line: _department(page, line)),
        Column(t("ledger.finder"), 12, lambda line: line.row.finder_name),
        Column(t("ledger.found"), 12, lambda line: line.finding.found_on),
        Column(t("ledger.told"), 12, lambda line: line.finding.told_on),
    ]
    if ledger == "consultations":
        return [
            *common,
            Column(t("ledger.answer_due"), 12, lambda line: line.finding.due_on),
            Column(t("ledger.answered"), 12, lambda line: line.finding.handed_on),
            Column(t("ledger.answer"), 40, lambda line: line.finding.department_answer),
            Column(t("ledger.state"), 14, lambda line: line.state),
            Column(t("ledger.overdue"), 10, lambda line: line.overdue or None),
            Column(t("ledger.closed"), 12, lambda line: line.finding.closed_on),
        ]
    return [
        *common,
        Column(t("ledger.responsible"), 14, lambda line: line.finding.responsible),
        Column(t("ledger.due"), 12, lambda line: line.finding.due_on),
        Column(t("ledger.state"), 14, lambda line: line.state),
        Column(t("ledger.level"), 12, lambda line: t(f"ledger.level.{line.finding.level}")),
        Column(t("ledger.overdue"), 10, lambda line: line.overdue or None),
        Column(t("ledger.extensions"), 8, lambda line: line.finding.extensions or None),
        Column(t("ledger.reopened"), 8, lambda line: line.finding.reopened or None),
        Column(t("ledger.handed"), 12, lambda line: line.finding.handed_on),
        Column(t("ledger.rechecker"), 12, lambda line: line.row.verifier_name or line.row.rechecker_name),
        Column(t("ledger.on_site"), 10, lambda line: t("yes") if line.finding.checked_on_site else None),
        Column(t("ledger.closed"), 12, lambda line: line.finding.closed_on),
    ]


def measure_columns(page: SignedPage) -> list[Column]:
    """The columns of the ledger of interviews and measures; names of persons are not in it."""
    t = page.t
    return [
        Column(t("ledger.code"), 20, lambda row: row[0].code),
        Column(t("ledger.kind"), 16, lambda row: kind_words(page, row[0].kind)),
        Column(t("ledger.unit"), 26, lambda row: page.name(row.unit_name, row.unit_name_en)),
        Column(t("ledger.rule"), 18, lambda row: row[0].rule or t("ledger.by_hand")),
        Column(t("ledger.finding"), 26, lambda row: row.finding_code),
        Column(t("ledger.proposed"), 12, lambda row: row[0].proposed_on),
        Column(t("ledger.decided"), 12, lambda row: row[0].decided_on),
        Column(t("ledger.decision"), 22, lambda row: row[0].decision_number),
        Column(t("ledger.held"), 12, lambda row: row[0].held_on),
        Column(t("ledger.appealed"), 12, lambda row: row[0].appealed_on),
        Column(t("ledger.state"), 14, lambda row: measure_state(page, row[0].state)),
        Column(t("ledger.ended"), 12, lambda row: row[0].closed_on),
    ]


def kind_words(page: SignedPage, kind: str) -> str:
    """A kind of measure in the reader's words."""
    words = KINDS.get(kind)
    return page.name(words.zh, words.en) if words else kind


def measure_state(page: SignedPage, state: str) -> str:
    """A measure's state in the reader's words."""
    spec = MEASURES.states.get(state)
    return page.name(spec.words.zh, spec.words.en) if spec else state


def measures(
    page: SignedPage, session: ReadSession, asked: Asked, *, start: int = 0, most: int | None = None
) -> tuple[int, list[Any]]:
    """The measures that the reader may see: whoever only answers for the unit concerned sees what was decided."""
    above = page.viewer.paths(PERMISSIONS["measure.see"] - CONCERNED)
    own = page.viewer.paths(CONCERNED)
    return reading_measures.measure_rows(session, above, asked.measures, asked.order, own=own, start=start, most=most)


def _department(page: SignedPage, line: FindingLine) -> str:
    return page.name(line.row.department_name or "", line.row.department_name_en or "")


def columns_and_rows(
    page: SignedPage, session: ReadSession, asked: Asked, paths: Sequence[str]
) -> tuple[list[Column], Iterator[Any]]:
    """Everything that a ledger's filters let through, for a workbook."""
    if asked.ledger == "measures":
        _, rows = measures(page, session, asked)
        return measure_columns(page), iter(rows)
    ids = store.finding_ids(session, paths, asked.findings, asked.order, page.context.today())
    return finding_columns(page, asked.ledger), finding_lines(page, session, ids)
