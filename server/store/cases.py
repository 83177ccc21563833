"""Rectification cases: steps taken, files, documents with their numbers, measures, the clock's keys, the calendar."""

import datetime as dt

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.store.db import UtcDateTime
from server.store.submissions import BIG_ID

ONE_MATTER = "(finding_id IS NULL) <> (measure_id IS NULL)"


class CaseStep(SQLModel, table=True):
    """One step of a finding or a measure, never changed: who, when, why, before and after, what was entered.

    ``number`` counts a matter's steps from 1; being unique it lets only one of two people act at once. ``by_id`` is
    None for the system. ``submission_id`` is the submission that the step follows from, if it does.
    """

    __tablename__ = "case_step"
    __table_args__ = (
        CheckConstraint(ONE_MATTER, name="one_matter"),
        UniqueConstraint("finding_id", "number"),
        UniqueConstraint("measure_id", "number"),
        UniqueConstraint("finding_id", "submission_id", "action"),
        Index("ix_case_step_action_at", "action", "at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BIG_ID, primary_key=True, autoincrement=True))
    finding_id: int | None = Field(default=None, foreign_key="finding.id")
    measure_id: int | None = Field(default=None, foreign_key="measure.id")
    number: int
    action: str = Field(max_length=40)
    before: str = Field(max_length=32)
    after: str = Field(max_length=32)
    by_id: int | None = Field(default=None, foreign_key="person.id")
    at: dt.datetime = Field(sa_type=UtcDateTime)
    day: dt.date
    due_on: dt.date | None = Field(default=None)
    reason: str = Field(default="", sa_column=Column(Text, nullable=False))
    fields: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    submission_id: int | None = Field(
        default=None, sa_column=Column(BIG_ID, ForeignKey("submission.id", name="fk_case_step_submission_id"))
    )


class CaseFile(SQLModel, table=True):
    """A file of a step. ``field`` is the step's field it was given for; ``role`` says what it is: before, after,
    document, decision or record. Time and place come from the picture itself (EXIF) where it has them."""

    __tablename__ = "case_file"
    __table_args__ = (CheckConstraint("role IN ('before', 'after', 'document', 'decision', 'record')", name="role"),)

    id: int | None = Field(default=None, sa_column=Column(BIG_ID, primary_key=True, autoincrement=True))
    step_id: int = Field(
        sa_column=Column(BIG_ID, ForeignKey("case_step.id", name="fk_case_file_step_id"), nullable=False, index=True)
    )
    field: str = Field(max_length=40)
    role: str = Field(max_length=16)
    name: str = Field(max_length=255)
    content_type: str = Field(max_length=100)
    size: int = Field(ge=0)
    sha256: str = Field(max_length=64, index=True)
    taken_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    latitude: str = Field(default="", max_length=24)
    longitude: str = Field(default="", max_length=24)


class DocumentSequence(SQLModel, table=True):
    """The last number given to a kind of document of a district in a year. It moves in the transaction of the
    document itself, so that no number is given twice and none is left out."""

    __tablename__ = "document_sequence"

    kind: str = Field(primary_key=True, max_length=40)
    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    year: int = Field(primary_key=True)
    last: int


class CaseDocument(SQLModel, table=True):
    """A numbered document that a step produced, about one or several findings or a measure.

    ``district_id`` is the project's unit, whose sequence it is of; ``unit_id`` whom it is addressed to. The files are
    content-addressed blobs, "" until they are made.
    """

    __tablename__ = "case_document"
    __table_args__ = (UniqueConstraint("kind", "district_id", "year", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    district_id: int = Field(foreign_key="unit.id")
    year: int
    number: int
    unit_id: int = Field(foreign_key="unit.id", index=True)
    step_id: int | None = Field(
        default=None,
        sa_column=Column(
            BIG_ID, ForeignKey("case_step.id", name="fk_case_document_step_id"), nullable=True, index=True
        ),
    )
    measure_id: int | None = Field(default=None, foreign_key="measure.id", index=True)
    issued_on: dt.date
    due_on: dt.date | None = Field(default=None)
    docx_sha256: str = Field(default="", max_length=64)
    pdf_sha256: str = Field(default="", max_length=64)
    delivered_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by_id: int | None = Field(default=None, foreign_key="person.id")


class DocumentFinding(SQLModel, table=True):
    """A finding that a document is about, in the document's order."""

    __tablename__ = "case_document_finding"

    document_id: int = Field(foreign_key="case_document.id", primary_key=True)
    finding_id: int = Field(foreign_key="finding.id", primary_key=True, index=True)
    position: int = Field(default=0)


class MeasureRow(SQLModel, table=True):
    """A measure (closed-loop Q1-Q5) or an incentive: proposed by a rule or a person, decided by an authorised body.

    ``unit_id`` is whom it concerns; ``rule`` the rule that proposed it ("" by hand) and ``data`` what it rests on,
    JSON. ``origin`` is unique: a rule proposes once for the same unit and occasion. Names of persons stand apart
    (MeasurePerson). ``mark`` is what the light carries: "" nothing, ``review`` under review, ``corrected``.
    """

    __tablename__ = "measure"
    __table_args__ = (Index("ix_measure_unit_state", "unit_id", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    kind: str = Field(max_length=32)
    unit_id: int = Field(foreign_key="unit.id")
    quarter: int
    finding_id: int | None = Field(default=None, foreign_key="finding.id", index=True)
    state: str = Field(default="proposed", max_length=32)
    rule: str = Field(default="", max_length=64)
    origin: str = Field(unique=True, max_length=200)
    data: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    mark: str = Field(default="", max_length=16)
    proposed_on: dt.date
    proposed_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_on: dt.date | None = Field(default=None)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decision_number: str = Field(default="", max_length=100)
    held_on: dt.date | None = Field(default=None)
    appealed_on: dt.date | None = Field(default=None)
    closed_on: dt.date | None = Field(default=None)
    step_due_on: dt.date | None = Field(default=None)
    steps: int = Field(default=0)
    facts: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)


class MeasurePerson(SQLModel, table=True):
    """A person that a measure concerns by name: seen by the few roles named, each look logged."""

    __tablename__ = "measure_person"

    id: int | None = Field(default=None, primary_key=True)
    measure_id: int = Field(foreign_key="measure.id", index=True)
    name: str = Field(max_length=100)
    post: str = Field(default="", max_length=100)
    person_id: int | None = Field(default=None, foreign_key="person.id")


class Look(SQLModel, table=True):
    """Somebody looked at the personal names of a measure."""

    __tablename__ = "look"

    id: int | None = Field(default=None, sa_column=Column(BIG_ID, primary_key=True, autoincrement=True))
    measure_id: int = Field(foreign_key="measure.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    place: str = Field(default="", max_length=100)


class ClockKey(SQLModel, table=True):
    """Something that the clock has done: written in the transaction of its effect, so each is done exactly once."""

    __tablename__ = "clock_key"

    key: str = Field(primary_key=True, max_length=200)
    action: str = Field(max_length=40)
    finding_id: int | None = Field(default=None, foreign_key="finding.id", index=True)
    measure_id: int | None = Field(default=None, foreign_key="measure.id", index=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)


class CalendarDay(SQLModel, table=True):
    """A day on which an office's calendar differs from weekends and the announced holidays."""

    __tablename__ = "calendar_day"

    day: dt.date = Field(primary_key=True)
    working: bool
    name: str = Field(default="", max_length=100)
    loaded_by: int | None = Field(default=None, foreign_key="person.id")
    loaded_at: dt.datetime = Field(sa_type=UtcDateTime)


class Draw(SQLModel, table=True):
    """A draw of findings for verification on site: its seed, what it was drawn from and what was drawn, JSON lists."""

    __tablename__ = "recheck_draw"
    __table_args__ = (UniqueConstraint("project_id", "occasion"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    occasion: str = Field(max_length=64)
    seed: str = Field(max_length=64)
    algorithm: str = Field(max_length=32)
    share: str = Field(max_length=16)
    pool: str = Field(sa_column=Column(Text, nullable=False))
    drawn: str = Field(sa_column=Column(Text, nullable=False))
    by_id: int | None = Field(default=None, foreign_key="person.id")
    at: dt.datetime = Field(sa_type=UtcDateTime)
