"""Projects, forms and their versions, the files beside them; the catalogue's and rulebook's versions."""

import datetime as dt

from sqlalchemy import CheckConstraint, Column, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.store.db import UtcDateTime

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
