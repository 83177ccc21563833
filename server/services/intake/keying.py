"""Paper forms keyed in: the same door as a phone's submission, marked as keyed."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping

from forms.instance import Value, build_instance
from forms.keying import Judged, Keyed, Pulldata, judge
from forms.outline import Outline
from server.problems import Problem
from server.security.viewer import Viewer
from server.services.checklists.paper import outline_of
from server.services.context import Context
from server.services.intake.ingest import Arrival, Ingest
from server.services.reference import definition_of
from server.store.db import ReadSession
from server.store.events import record
from server.store.forms import FormVersion, media_of

MARK = "keyed:"
PHONES_OWN = frozenset({"start", "today"})


def asks_for_day(outline: Outline) -> bool:
    """True where the phone notes the day of the visit by itself, so that whoever keys in has to say it."""
    question = outline.question(outline.date_item) if outline.date_item else None
    return question is not None and question.type in PHONES_OWN


def judged(
    session: ReadSession, context: Context, version: FormVersion, keyed: Keyed, *, unit_code: str, day: dt.date | None
) -> Judged:
    """What was typed, judged with what is known beside it: the unit, the day of the visit, the files of the form."""
    outline = outline_of(context, version)
    given = {outline.unit_item: unit_code} if outline.unit_item else {}
    if day is not None and asks_for_day(outline):
        noon = dt.datetime(day.year, day.month, day.day, 12, tzinfo=context.settings.zone)
        given[outline.date_item] = noon.isoformat(timespec="milliseconds")
    tables = _tables(session, context, version)
    return judge(outline, keyed, given=given, today=context.today(), pulldata=tables)


def take(
    context: Context,
    version: FormVersion,
    values: Mapping[str, Value],
    *,
    instance_id: str,
    viewer: Viewer,
    project_id: int,
    project_path: str,
    filled_by: str,
    checked: bool,
    at: dt.datetime,
) -> None:
    """Send what was keyed in through the one way in, and leave a trace of who keyed in whose paper.

    ``checked`` says that it was typed twice. Raises Problem as a phone's submission does.
    """
    definition = definition_of(version)
    known = {item.name for item in definition.items} | {item.repeat.rpartition("/")[2] for item in definition.items}
    kept = {name: value for name, value in values.items() if name in known}
    try:
        xml = build_instance(definition, kept, instance_id=instance_id)
    except ValueError as error:
        raise Problem("request.invalid", detail=str(error)) from None
    ingest = Ingest(context)
    try:
        stored = ingest.take(Arrival(viewer, project_id, project_path, xml, device_id=f"{MARK}{viewer.login}"))
    finally:
        ingest.close()
    if stored.fate != "duplicate":
        with context.database.write() as session:
            record(
                session,
                "submission.keyed",
                subject=instance_id,
                by=viewer.person_id,
                at=at,
                filled_by=filled_by[:100],
                twice=checked,
            )


def _tables(session: ReadSession, context: Context, version: FormVersion) -> Pulldata:
    """pulldata() over the CSV files that were published with the form; read only if something asks."""
    files = {media.name.rpartition(".")[0]: media.sha256 for media in media_of(session, version.id or 0)}
    read: dict[str, list[dict[str, str]]] = {}

    def pulldata(name: str, column: str, key: str, value: str) -> str:
        if name not in read:
            try:
                text = context.blobs.get(files.get(name, "")).decode("utf-8-sig", "replace")
            except KeyError:
                text = ""
            read[name] = list(csv.DictReader(io.StringIO(text)))
        return next((row.get(column) or "" for row in read[name] if row.get(key) == value), "")

    return pulldata
