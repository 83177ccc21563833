"""The statements behind scoring: observations, visits and findings in, live cards out."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import func, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, select

from analysis.reference import Observation
from server.store.db import ReadSession, WriteSession
from server.store.findings import Finding
from server.store.forms import Form, FormVersion
from server.store.lights import LiveCard
from server.store.submissions import OBSERVATION, Submission
from server.store.units import Unit, UnitMember

VISIT_KINDS = ("regular", "thematic", "recheck")
CHUNK = 400
UNIT_COLUMN = list(OBSERVATION.c).index(OBSERVATION.c.unit)
AnySession = ReadSession | WriteSession


class Visit(NamedTuple):
    """A submission that counts, as scoring needs it."""

    unit: int
    version: int
    kind: str


def _chunks(ids: Collection[int]) -> Iterator[list[int]]:
    listed = sorted(ids)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def units_below(session: AnySession, path: str) -> list[Unit]:
    """Every active unit of a subtree, ancestors before descendants."""
    query = select(Unit).where(col(Unit.path).startswith(path, autoescape=True), col(Unit.active))
    return sorted(session.exec(query), key=lambda unit: unit.path.count("/"))


def members_of_groups(session: AnySession, groups: Collection[int]) -> dict[int, list[int]]:
    """The member units of each group."""
    found: dict[int, list[int]] = {}
    for chunk in _chunks(groups):
        for row in session.exec(select(UnitMember).where(col(UnitMember.group_id).in_(chunk))):
            found.setdefault(row.group_id, []).append(row.unit_id)
    return found


def observations_of(session: AnySession, units: Collection[int], first: int, last: int) -> dict[int, list[Observation]]:
    """The observation rows of these units in the quarters first..last, by unit, columns in table order."""
    found: dict[int, list[Observation]] = {}
    for chunk in _chunks(units):
        query = OBSERVATION.select().where(
            OBSERVATION.c.unit.in_(chunk), OBSERVATION.c.quarter >= first, OBSERVATION.c.quarter <= last
        )
        result = session.connection().execute(query)
        # The driver's own tuples: they hold plain integers and text, and there are thousands.
        for row in result.cursor.fetchall():
            found.setdefault(row[UNIT_COLUMN], []).append(Observation._make(row))
        result.close()
    return found


def visits_of(session: AnySession, units: Collection[int], quarter: int) -> dict[int, list[Visit]]:
    """The submissions of a quarter that count (not superseded, not rejected), by unit."""
    found: dict[int, list[Visit]] = {}
    for chunk in _chunks(units):
        query = (
            select(Submission.unit_id, Submission.form_version_id, Form.kind)
            .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
            .join(Form, col(Form.id) == FormVersion.form_pk)
            .where(
                col(Submission.unit_id).in_(chunk),
                col(Submission.quarter) == quarter,
                col(Submission.superseded_by) == "",
                col(Submission.review_state) != "rejected",
            )
        )
        for unit, version, kind in session.exec(query):
            assert unit is not None
            found.setdefault(unit, []).append(Visit(unit, version, kind))
    return found


def findings_of(session: AnySession, units: Collection[int], until: dt.date) -> dict[int, list[Finding]]:
    """The findings made by a day, by unit."""
    found: dict[int, list[Finding]] = {}
    for chunk in _chunks(units):
        query = select(Finding).where(col(Finding.unit_id).in_(chunk), col(Finding.found_on) <= until)
        for finding in session.exec(query):
            found.setdefault(finding.unit_id, []).append(finding)
    return found


def department_findings(session: AnySession, departments: Collection[int], until: dt.date) -> dict[int, list[Finding]]:
    """The findings routed R4 to these departments, by department."""
    found: dict[int, list[Finding]] = {}
    for chunk in _chunks(departments):
        query = select(Finding).where(col(Finding.department_id).in_(chunk), col(Finding.found_on) <= until)
        for finding in session.exec(query):
            assert finding.department_id is not None
            found.setdefault(finding.department_id, []).append(finding)
    return found


def past_lights(
    session: AnySession, units: Collection[int], quarters: Sequence[int]
) -> dict[int, list[tuple[int, int]]]:
    """(quarter, light) of earlier cards by unit: the frozen light where the quarter was frozen."""
    found: dict[int, list[tuple[int, int]]] = {}
    for chunk in _chunks(units):
        query = select(LiveCard.unit_id, LiveCard.quarter, LiveCard.light, LiveCard.frozen).where(
            col(LiveCard.unit_id).in_(chunk), col(LiveCard.quarter).in_(list(quarters))
        )
        for unit, quarter, light, frozen in session.exec(query):
            found.setdefault(unit, []).append((quarter, light if frozen is None else frozen))
    return found


def frozen_lights(
    session: AnySession, units: Collection[int], quarters: Sequence[int]
) -> dict[int, list[tuple[int, int]]]:
    """(quarter, light) of these units in the quarters that are frozen, by unit."""
    found: dict[int, list[tuple[int, int]]] = {}
    for chunk in _chunks(units):
        query = select(LiveCard.unit_id, LiveCard.quarter, LiveCard.frozen).where(
            col(LiveCard.unit_id).in_(chunk),
            col(LiveCard.quarter).in_(list(quarters)),
            col(LiveCard.frozen).is_not(None),
        )
        for unit, quarter, light in session.exec(query):
            found.setdefault(unit, []).append((quarter, light or 0))
    return found


def lights_in(session: AnySession, units: Collection[int], quarter: int) -> dict[int, int]:
    """The live light of each of these units in a quarter."""
    found: dict[int, int] = {}
    for chunk in _chunks(units):
        query = select(LiveCard.unit_id, LiveCard.light).where(
            col(LiveCard.unit_id).in_(chunk), col(LiveCard.quarter) == quarter
        )
        found.update((unit, light) for unit, light in session.exec(query))
    return found


def card_quarters(session: AnySession, unit_path: str) -> list[int]:
    """The quarters in which units below a path have cards, oldest first."""
    query = (
        select(LiveCard.quarter)
        .join(Unit, col(Unit.id) == LiveCard.unit_id)
        .where(col(Unit.path).startswith(unit_path, autoescape=True))
        .distinct()
    )
    return sorted(session.exec(query))


def put_cards(session: WriteSession, cards: Iterable[dict[str, object]]) -> None:
    """Insert or replace live cards, leaving ``frozen`` as it is."""
    listed = list(cards)
    if not listed:
        return
    dialect = sqlite if session.connection().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(LiveCard)
    changed = {name: statement.excluded[name] for name in listed[0] if name not in ("unit_id", "quarter")}
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["unit_id", "quarter"], set_=changed), listed
    )


def replace_observations(
    session: WriteSession, submission: int, unit: int | None, quarter: int, rows: Sequence[dict[str, object]]
) -> None:
    """Make ``rows`` the observations of one submission."""
    connection = session.connection()
    if unit is not None:
        connection.execute(
            OBSERVATION.delete().where(
                OBSERVATION.c.unit == unit, OBSERVATION.c.quarter == quarter, OBSERVATION.c.submission == submission
            )
        )
    if rows:
        connection.execute(insert(OBSERVATION), list(rows))


def has_observations(session: AnySession, submission: Submission) -> bool:
    """True if observations of this submission are stored."""
    query = select(func.count()).where(
        OBSERVATION.c.unit == submission.unit_id,
        OBSERVATION.c.quarter == submission.quarter,
        OBSERVATION.c.submission == submission.id,
    )
    return bool(session.exec(query).one())


def forget_findings(session: WriteSession, submission_id: int) -> None:
    """Delete the findings of a submission that no longer counts, where nobody did anything about them yet."""
    untouched = (col(Finding.state) == "proposed", col(Finding.steps) == 0)
    session.exec(delete(Finding).where(col(Finding.submission_id) == submission_id, *untouched))
