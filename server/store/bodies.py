"""Forms as the web collector opens them: which body was made of which version, and in which blob it lies."""

import datetime as dt

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel, col, select

from server.store.db import ReadSession, UtcDateTime, WriteSession
from server.store.messages import insert_or_nothing


class FormBody(SQLModel, table=True):
    """One body. ``key`` is the SHA-256 of everything that it was made of: version, lists beside it, rules in force.

    ``hash`` is the body's own name, which phones know it by, ``sha256`` the blob of its compressed bytes, and ``lists``
    the files, as a JSON array, whose rows each phone has to bring.
    """

    __tablename__ = "form_body"

    key: str = Field(primary_key=True, max_length=64)
    version_id: int = Field(foreign_key="form_version.id", index=True)
    hash: str = Field(max_length=32)
    sha256: str = Field(max_length=64)
    lists: str = Field(default="[]", sa_column=Column(Text, nullable=False))
    made_at: dt.datetime = Field(sa_type=UtcDateTime)


def body_with_key(session: ReadSession | WriteSession, key: str) -> FormBody | None:
    """The body made of exactly this."""
    return session.exec(select(FormBody).where(col(FormBody.key) == key)).first()


def keep_body(session: WriteSession, row: FormBody) -> None:
    """Keep a body; of two processes that make the same one at once, the second changes nothing."""
    session.connection().execute(insert_or_nothing(session, FormBody, ["key"]).values(**row.model_dump()))
