"""Submissions as they came, their attachments, and the observations read from them."""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
)
from sqlmodel import Field, SQLModel

from server.store.db import METADATA, UtcDateTime

REVIEW_STATES = ("received", "edited", "has_issues", "rejected", "approved")
BIG_ID = BigInteger().with_variant(Integer, "sqlite")


class Submission(SQLModel, table=True):
    """One version of one submission, never changed once stored: an edit is a new row that supersedes this one.

    ``root_id`` is the first version's instanceID. ``observed_on`` counts days from 1970-01-01 in the district's time
    zone and decides ``quarter`` (year * 10 + quarter). Only ``superseded_by`` and the review columns ever change.
    """

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint(f"review_state IN {REVIEW_STATES}", name="review_state"),
        CheckConstraint("(reviewed_at IS NULL) = (reviewed_by IS NULL)", name="reviewed_pair"),
        Index("ix_submission_unit_quarter", "unit_id", "quarter"),
        Index("ix_submission_version_received", "form_version_id", "received_at"),
        Index("ix_submission_root_id", "root_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(BIG_ID, primary_key=True, autoincrement=True))
    instance_id: str = Field(unique=True, max_length=255)
    root_id: str = Field(max_length=255)
    deprecated_id: str = Field(default="", max_length=255)
    superseded_by: str = Field(default="", max_length=255)
    number: int = Field(default=1, ge=1)
    project_id: int = Field(foreign_key="project.id")
    form_version_id: int = Field(foreign_key="form_version.id")
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    submitter_id: int | None = Field(default=None, foreign_key="person.id")
    quarter: int
    observed_on: int
    received_at: dt.datetime = Field(sa_type=UtcDateTime)
    device_id: str = Field(default="", max_length=255)
    instance_name: str = Field(default="", max_length=300)
    xml: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    xml_sha256: str = Field(max_length=64)
    complete: bool = Field(default=True)
    review_state: str = Field(default="received", max_length=16)
    reviewed_by: int | None = Field(default=None, foreign_key="person.id")
    reviewed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    review_note: str = Field(default="", max_length=2000)


class Attachment(SQLModel, table=True):
    """A file that a submission names. ``sha256`` is "" until its bytes have arrived."""

    __tablename__ = "attachment"

    submission_id: int = Field(
        sa_column=Column(BIG_ID, ForeignKey("submission.id", name="fk_attachment_submission_id"), primary_key=True)
    )
    name: str = Field(primary_key=True, max_length=255)
    sha256: str = Field(default="", max_length=64, index=True)
    size: int = Field(default=0, ge=0)
    content_type: str = Field(default="", max_length=100)


# The narrow fact table of analysis.frames.OBSERVATION. Derived: it can be rebuilt from the submissions at any time.
# One index only: whoever looks up a submission's rows knows its unit and quarter, and 50 rows come with each visit.
OBSERVATION = Table(
    "observation",
    METADATA,
    Column("submission", BigInteger, nullable=False),
    Column("unit", BigInteger, nullable=False),
    Column("inspector", BigInteger, nullable=False),
    Column("quarter", Integer, nullable=False),
    Column("observed_on", Integer, nullable=False),
    Column("item", String(200), nullable=False),
    Column("indicator", String(64), nullable=False),
    Column("measure", SmallInteger, nullable=False),
    Column("light", SmallInteger, nullable=False),
    Column("numerator", BigInteger, nullable=False),
    Column("denominator", BigInteger, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("repeat_index", Integer, nullable=False),
    Column("route", SmallInteger, nullable=False),
    Column("veto", SmallInteger, nullable=False),
    Index("ix_observation_unit_quarter", "unit", "quarter"),
)
