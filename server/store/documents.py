"""What a district's documents carry: its letterhead, and the Word templates with which it replaces the shipped ones."""

import datetime as dt
from typing import Any

from sqlmodel import Field, SQLModel, col, select, update

from server.store.cases import CaseDocument, CaseFile, CaseStep, DocumentFinding, MeasureRow
from server.store.db import ReadSession, UtcDateTime, WriteSession
from server.store.findings import Finding
from server.store.units import Unit

AnySession = ReadSession | WriteSession


class DocumentHead(SQLModel, table=True):
    """A district's letterhead: who issues, the beginning of its numbers (青教督), whom to call; "" the default."""

    __tablename__ = "document_head"

    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    issuer: str = Field(default="", max_length=100)
    prefix: str = Field(default="", max_length=20)
    contact: str = Field(default="", max_length=100)
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)


class DocumentTemplate(SQLModel, table=True):
    """A district's own Word template of one kind of document, a content-addressed blob."""

    __tablename__ = "document_template"

    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    kind: str = Field(primary_key=True, max_length=40)
    sha256: str = Field(max_length=64)
    name: str = Field(default="", max_length=200)
    uploaded_by: int | None = Field(default=None, foreign_key="person.id")
    uploaded_at: dt.datetime = Field(sa_type=UtcDateTime)


def head_of(session: AnySession, district_id: int) -> DocumentHead | None:
    """A district's letterhead, None where it never said anything."""
    return session.get(DocumentHead, district_id)


def template_of(session: AnySession, district_id: int, kind: str) -> DocumentTemplate | None:
    """A district's own template of a kind."""
    return session.get(DocumentTemplate, (district_id, kind))


def templates_of(session: AnySession, district_id: int) -> dict[str, DocumentTemplate]:
    """A district's own templates by kind."""
    found = session.exec(select(DocumentTemplate).where(col(DocumentTemplate.unit_id) == district_id))
    return {row.kind: row for row in found}


def document_with_id(session: AnySession, document_id: int) -> CaseDocument | None:
    """A document by its row."""
    return session.get(CaseDocument, document_id)


def findings_of(session: AnySession, document_id: int) -> list[Finding]:
    """The findings that a document is about, in its order."""
    query = (
        select(Finding)
        .join(DocumentFinding, col(DocumentFinding.finding_id) == Finding.id)
        .where(col(DocumentFinding.document_id) == document_id)
        .order_by(col(DocumentFinding.position), col(Finding.id))
    )
    return list(session.exec(query))


def step_of(session: AnySession, document: CaseDocument) -> CaseStep | None:
    """The step that produced a document."""
    return session.get(CaseStep, document.step_id) if document.step_id else None


def steps_until(session: AnySession, document: CaseDocument, finding_id: int) -> list[CaseStep]:
    """A finding's steps up to the one that produced the document, the first first."""
    query = select(CaseStep).where(col(CaseStep.finding_id) == finding_id)
    if document.step_id:
        query = query.where(col(CaseStep.id) <= document.step_id)
    return list(session.exec(query.order_by(col(CaseStep.number))))


def measure_steps(session: AnySession, document: CaseDocument) -> list[CaseStep]:
    """A measure's steps up to the one that produced the document, the first first."""
    query = select(CaseStep).where(col(CaseStep.measure_id) == document.measure_id)
    if document.step_id:
        query = query.where(col(CaseStep.id) <= document.step_id)
    return list(session.exec(query.order_by(col(CaseStep.number))))


def earlier_document(session: AnySession, document: CaseDocument, kinds: tuple[str, ...]) -> CaseDocument | None:
    """The newest document before this one, of these kinds, about its first finding."""
    finding = (
        select(DocumentFinding.finding_id)
        .where(col(DocumentFinding.document_id) == document.id)
        .order_by(col(DocumentFinding.position))
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(CaseDocument)
        .join(DocumentFinding, col(DocumentFinding.document_id) == CaseDocument.id)
        .where(col(DocumentFinding.finding_id) == finding)
        .where(col(CaseDocument.kind).in_(kinds), col(CaseDocument.id) < document.id)
        .order_by(col(CaseDocument.id).desc())
    )
    return session.exec(query).first()


def measure_of(session: AnySession, document: CaseDocument) -> MeasureRow | None:
    """The measure that a document belongs to."""
    return session.get(MeasureRow, document.measure_id) if document.measure_id else None


def finding_of(session: AnySession, measure: MeasureRow | None) -> list[Finding]:
    """The finding that a measure follows from, if it follows from one."""
    found = session.get(Finding, measure.finding_id) if measure and measure.finding_id else None
    return [found] if found else []


def file_names(session: AnySession, *, measure_id: int) -> list[str]:
    """The names of the files given with a measure's steps."""
    query = select(CaseFile.name).join(CaseStep, col(CaseStep.id) == CaseFile.step_id)
    return list(session.exec(query.where(col(CaseStep.measure_id) == measure_id).order_by(col(CaseFile.id))))


def without_files(session: AnySession, most: int, kinds: tuple[str, ...], since: dt.date) -> list[int]:
    """Documents of these kinds, issued since a day, whose files are not made yet, the oldest first."""
    query = select(CaseDocument.id).where(col(CaseDocument.pdf_sha256) == "", col(CaseDocument.kind).in_(kinds))
    query = query.where(col(CaseDocument.issued_on) >= since)
    return [number for number in session.exec(query.order_by(col(CaseDocument.id)).limit(most)) if number is not None]


def keep_files(session: WriteSession, document_id: int, *, docx: str, pdf: str) -> None:
    """Set a document's files if it has none yet: the first ones made stay."""
    session.exec(
        update(CaseDocument)
        .where(col(CaseDocument.id) == document_id, col(CaseDocument.pdf_sha256) == "")
        .values(docx_sha256=docx, pdf_sha256=pdf)
    )


def district_named(session: AnySession, unit_id: int) -> Unit:
    """The unit whose letterhead is meant."""
    return session.get_one(Unit, unit_id)


def put(session: WriteSession, row: Any) -> None:
    """Keep a letterhead or a template."""
    session.merge(row)


def forget_template(session: WriteSession, district_id: int, kind: str) -> bool:
    """Take a district's own template away; False if there was none."""
    row = template_of(session, district_id, kind)
    if row is not None:
        session.delete(row)
    return row is not None
