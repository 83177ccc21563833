"""Projects, forms and their versions, the files beside them; the catalogue's and rulebook's versions."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import CheckConstraint, Column, LargeBinary, Text, UniqueConstraint, update
from sqlmodel import Field, SQLModel, col, select

from server.store.db import ReadSession, UtcDateTime, WriteSession
from server.store.units import Unit

VERSION_STATES = ("draft", "published", "closed")
REFERENCE_KINDS = ("catalogue", "rulebook")


class Project(SQLModel, table=True):
    """What ODK clients call a project: the forms of one district (or city)."""

    __tablename__ = "project"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=200)
    unit_id: int = Field(foreign_key="unit.id", unique=True)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class Form(SQLModel, table=True):
    """A checklist of a project, whatever its version."""

    __tablename__ = "form"
    __table_args__ = (UniqueConstraint("project_id", "form_id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    form_id: str = Field(max_length=200)
    kind: str = Field(max_length=32)
    title: str = Field(max_length=300)
    title_en: str = Field(default="", max_length=300)
    current_id: int | None = Field(default=None)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class FormVersion(SQLModel, table=True):
    """One version: the exact XForm bytes that are served, their MD5, and the definition that maps submissions."""

    __tablename__ = "form_version"
    __table_args__ = (
        UniqueConstraint("form_pk", "version"),
        CheckConstraint(f"state IN {VERSION_STATES}", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    form_pk: int = Field(foreign_key="form.id", index=True)
    version: str = Field(max_length=100)
    state: str = Field(max_length=16)
    xform: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    xform_md5: str = Field(max_length=32)
    workbook_sha256: str = Field(default="", max_length=64)
    workbook_name: str = Field(default="", max_length=200)
    definition: str = Field(sa_column=Column(Text, nullable=False))
    changes: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    published_by: int | None = Field(default=None, foreign_key="person.id")
    published_at: dt.datetime = Field(sa_type=UtcDateTime)


class FormMedia(SQLModel, table=True):
    """A file that belongs to a form version (a logo, a fixed list). School lists are made per inspector instead."""

    __tablename__ = "form_media"

    version_id: int = Field(foreign_key="form_version.id", primary_key=True)
    name: str = Field(primary_key=True, max_length=200)
    sha256: str = Field(max_length=64)
    md5: str = Field(max_length=32)
    size: int = Field(ge=0)


class Reference(SQLModel, table=True):
    """A version of the indicator catalogue or of the rulebook, as canonical JSON with its SHA-256."""

    __tablename__ = "reference"
    __table_args__ = (
        UniqueConstraint("project_id", "kind", "sha256"),
        CheckConstraint(f"kind IN {REFERENCE_KINDS}", name="kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    kind: str = Field(max_length=16)
    version: str = Field(max_length=100)
    sha256: str = Field(max_length=64)
    content: str = Field(sa_column=Column(Text, nullable=False))
    current: bool = Field(default=True)
    loaded_by: int | None = Field(default=None, foreign_key="person.id")
    loaded_at: dt.datetime = Field(sa_type=UtcDateTime)


def project_of_unit(session: ReadSession | WriteSession, unit_id: int) -> Project | None:
    """The project of this very unit."""
    return session.exec(select(Project).where(col(Project.unit_id) == unit_id)).first()


def all_projects(session: ReadSession | WriteSession) -> list[Project]:
    """Every project, oldest first."""
    return list(session.exec(select(Project).order_by(col(Project.id))))


def form_of(session: ReadSession | WriteSession, project_id: int, form_id: str) -> Form | None:
    """A project's form by its form_id."""
    statement = select(Form).where(col(Form.project_id) == project_id, col(Form.form_id) == form_id)
    return session.exec(statement).first()


def forms_of(session: ReadSession | WriteSession, project_id: int) -> list[Form]:
    """A project's forms by form_id."""
    return list(session.exec(select(Form).where(col(Form.project_id) == project_id).order_by(col(Form.form_id))))


def version_of(session: ReadSession | WriteSession, form_pk: int, version: str) -> FormVersion | None:
    """One version of a form by its name."""
    statement = select(FormVersion).where(col(FormVersion.form_pk) == form_pk, col(FormVersion.version) == version)
    return session.exec(statement).first()


def versions_of(session: ReadSession | WriteSession, form_pk: int) -> list[FormVersion]:
    """All versions of a form, newest first."""
    statement = select(FormVersion).where(col(FormVersion.form_pk) == form_pk).order_by(col(FormVersion.id).desc())
    return list(session.exec(statement))


def current_version(session: ReadSession | WriteSession, form: Form) -> FormVersion | None:
    """The version that phones are given, None for a form that was closed or never published."""
    return session.get(FormVersion, form.current_id) if form.current_id else None


def media_of(session: ReadSession | WriteSession, version_id: int) -> list[FormMedia]:
    """The files of a version by name."""
    statement = select(FormMedia).where(col(FormMedia.version_id) == version_id).order_by(col(FormMedia.name))
    return list(session.exec(statement))


def current_reference(session: ReadSession | WriteSession, project_id: int, kind: str) -> Reference | None:
    """The catalogue or rulebook in force."""
    statement = select(Reference).where(
        col(Reference.project_id) == project_id, col(Reference.kind) == kind, col(Reference.current)
    )
    return session.exec(statement).first()


def reference_with_sum(
    session: ReadSession | WriteSession, project_id: int, kind: str, sha256: str
) -> Reference | None:
    """The version of a catalogue or rulebook with this SHA-256."""
    statement = select(Reference).where(
        col(Reference.project_id) == project_id, col(Reference.kind) == kind, col(Reference.sha256) == sha256
    )
    return session.exec(statement).first()


def retire_references(session: WriteSession, project_id: int, kind: str) -> None:
    """No version of this kind is in force any more."""
    session.exec(
        update(Reference)
        .where(col(Reference.project_id) == project_id, col(Reference.kind) == kind)
        .values(current=False)
    )


def project_paths(session: ReadSession | WriteSession) -> dict[int, str]:
    """The path of each project's unit."""
    query = select(Project.id, Unit.path).join(Unit, col(Unit.id) == Project.unit_id)
    return {project: path for project, path in session.exec(query) if project is not None}


class ReferenceSum(NamedTuple):
    """A version of a catalogue or rulebook without its content."""

    id: int
    sha256: str


def current_sum(session: ReadSession | WriteSession, project_id: int, kind: str) -> ReferenceSum | None:
    """Which catalogue or rulebook is in force, without reading it."""
    statement = select(Reference.id, Reference.sha256).where(
        col(Reference.project_id) == project_id, col(Reference.kind) == kind, col(Reference.current)
    )
    row = session.exec(statement).first()
    return ReferenceSum(row[0] or 0, row[1]) if row else None


def reference_content(session: ReadSession | WriteSession, reference_id: int) -> str:
    """The canonical JSON of a version."""
    return session.exec(select(Reference.content).where(col(Reference.id) == reference_id)).one()


def sum_of(session: ReadSession | WriteSession, project_id: int, kind: str, sha256: str) -> ReferenceSum | None:
    """A version of a catalogue or rulebook by its SHA-256, in force or not."""
    row = reference_with_sum(session, project_id, kind, sha256)
    return ReferenceSum(row.id or 0, row.sha256) if row else None
