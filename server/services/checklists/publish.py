"""Publishing checklists, and loading the catalogue and rulebook that they are judged by."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Literal

import orjson

from forms.catalogue import Catalogue
from forms.changes import FormChanges, compare
from forms.check import CheckedForm, check
from forms.definition import FormDefinition
from forms.problem_texts import problem
from forms.problems import FormProblem
from forms.rulebook import Rulebook
from forms.transform import available
from server.problems import Problem
from server.services.collector.forms import Unfit, transformed
from server.services.context import Context
from server.store import forms
from server.store.db import ReadSession, WriteSession
from server.store.events import record
from server.store.forms import Form, FormMedia, FormVersion, Project, Reference
from server.store.units import Unit

# The catalogue's indicators, sent to phones beside the checklists whose footer asks for one.
INDICATOR_LIST = "indicators.csv"
UNFIT = "xlsform.not_for_collector"


@dataclass(frozen=True, slots=True)
class Upload:
    """A workbook judged for a project: what is wrong, what it becomes, what it changes in the current version.

    ``current`` is the version that phones have now, ``taken`` whether its version stands for other content already.
    """

    data: bytes
    filename: str
    checked: CheckedForm
    changes: FormChanges | None = None
    current: str = ""
    taken: bool = False

    @property
    def problems(self) -> list[FormProblem]:
        return self.checked.problems

    @property
    def errors(self) -> list[FormProblem]:
        return [found for found in self.checked.problems if found.level == "error"]

    @property
    def publishable(self) -> bool:
        """True if ``publish`` will take it."""
        return self.checked.definition is not None and not self.taken


def open_project(session: WriteSession, *, unit_id: int, name: str, by: int | None, at: dt.datetime) -> Project:
    """The project of a unit, made if there is none. Raises Problem("unit.unknown")."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise Problem("unit.unknown", code=unit_id)
    found = forms.project_of_unit(session, unit_id)
    if found is not None:
        return found
    project = Project(name=name, unit_id=unit_id, created_at=at)
    session.add(project)
    session.flush()
    record(session, "project.opened", subject=unit.code, by=by, at=at, name=name)
    return project


def check_upload(session: ReadSession | WriteSession, *, project_id: int, data: bytes, filename: str) -> Upload:
    """Judge a workbook against the project's catalogue and the form's current version. Writes nothing, never raises
    for what is wrong with the workbook; takes up to ten seconds, so do it before a write session is opened."""
    upload = _judge(session, project_id, data, filename)
    return replace(upload, checked=_with_collector(upload.checked))


def _judge(session: ReadSession | WriteSession, project_id: int, data: bytes, filename: str) -> Upload:
    catalogue = _catalogue_or_none(session, project_id)
    checked = check(data, filename=filename, catalogue=catalogue)
    if checked.definition is None:
        return Upload(data, filename, checked)
    form = forms.form_of(session, project_id, checked.definition.form_id)
    if form is None or form.id is None:
        return Upload(data, filename, checked)
    current = forms.current_version(session, form)
    same = forms.version_of(session, form.id, checked.definition.version)
    taken = same is not None and not _identical(same, checked)
    if current is None:
        return Upload(data, filename, checked, taken=taken)
    previous = FormDefinition.from_json(orjson.loads(current.definition))
    checked = check(data, filename=filename, catalogue=catalogue, previous=previous)
    changes = compare(previous, checked.definition) if checked.definition else None
    return Upload(data, filename, checked, changes, current.version, taken)


def _with_collector(checked: CheckedForm) -> CheckedForm:
    """A form that only ODK Collect opens is published all the same; its author is told."""
    if checked.definition is None or checked.xform is None or not available():
        return checked
    body = transformed(checked.xform.encode(), checked.definition, {})
    if isinstance(body, Unfit):
        return replace(checked, problems=[*checked.problems, problem(UNFIT, zh=body.zh, en=body.en)])
    return checked


def publish(
    session: WriteSession,
    context: Context,
    *,
    project_id: int,
    data: bytes,
    filename: str,
    upload: Upload | None = None,
    media: Mapping[str, bytes] | None = None,
    by: int | None,
    at: dt.datetime,
) -> FormVersion:
    """Publish a workbook; phones get it from now on, and what was filled in with older versions is still taken.

    ``upload`` is a judgement of these bytes made before; ``media`` are files beside the form. Publishing the same
    content again changes nothing. When the transaction has ended, call ``CollectorForms.prepare``: what the web
    collector opens is made then. Raises Problem: form.unpublishable (its details hold ``problems``),
    form.version_taken, project.unknown.
    """
    if session.get(Project, project_id) is None:
        raise Problem("project.unknown")
    if upload is None or upload.data != data:
        upload = check_upload(session, project_id=project_id, data=data, filename=filename)
    definition, xform = upload.checked.definition, upload.checked.xform
    if definition is None or xform is None:
        raise Problem("form.unpublishable", count=len(upload.errors), problems=upload.problems)
    form = _form(session, project_id, definition, at)
    assert form.id is not None
    version = forms.version_of(session, form.id, definition.version)
    if version is not None and not _identical(version, upload.checked):
        raise Problem("form.version_taken", form=form.form_id, version=definition.version)
    if version is not None and version.state == "published" and form.current_id == version.id:
        return version
    if version is None:
        version = _new_version(session, context, form.id, upload, definition, xform, by, at)
        _keep_media(session, context, version, definition, project_id, media or {})
    version.state = "published"
    form.current_id, form.kind = version.id, definition.kind
    form.title, form.title_en = definition.title("zh"), definition.labels.get("en", "")
    session.add_all((version, form))
    record(
        session,
        "form.published",
        subject=form.form_id,
        by=by,
        at=at,
        project=project_id,
        version=version.version,
        workbook=version.workbook_sha256,
    )
    session.flush()
    return version


def close(session: WriteSession, *, project_id: int, form_id: str, by: int | None, at: dt.datetime) -> None:
    """Take no more submissions of a form, of whatever version; what has come stays. Raises Problem("form.unknown")."""
    form = forms.form_of(session, project_id, form_id)
    if form is None or form.id is None:
        raise Problem("form.unknown", form=form_id)
    for version in forms.versions_of(session, form.id):
        version.state = "closed"
        session.add(version)
    form.current_id = None
    session.add(form)
    record(session, "form.closed", subject=form_id, by=by, at=at, project=project_id)


def load_reference(
    session: WriteSession,
    context: Context,
    *,
    project_id: int,
    content: Catalogue | Rulebook,
    by: int | None,
    at: dt.datetime,
) -> Reference:
    """Put a catalogue or rulebook in force, as canonical JSON with its SHA-256; the versions before it are kept.

    Loading what is in force already changes nothing. Raises Problem("project.unknown").
    """
    if session.get(Project, project_id) is None:
        raise Problem("project.unknown")
    kind: Literal["catalogue", "rulebook"] = "catalogue" if isinstance(content, Catalogue) else "rulebook"
    text = orjson.dumps(content.to_json(), option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(text).hexdigest()
    row = forms.reference_with_sum(session, project_id, kind, digest)
    if row is not None and row.current:
        return row
    forms.retire_references(session, project_id, kind)
    if row is None:
        row = Reference(
            project_id=project_id,
            kind=kind,
            version=content.version,
            sha256=digest,
            content=text.decode(),
            loaded_by=by,
            loaded_at=at,
        )
    row.current = True
    session.add(row)
    session.flush()
    record(session, f"{kind}.loaded", subject=content.version, by=by, at=at, project=project_id, sha256=digest)
    if isinstance(content, Catalogue):
        _renew_indicator_lists(session, context, project_id, content)
    return row


def indicator_list(catalogue: Catalogue) -> bytes:
    """The catalogue's indicators as the CSV that ``select_one_from_file indicators.csv`` reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "label", "label_en"))
    for code, indicator in catalogue.indicators.items():
        zh = indicator.labels.get("zh", code)
        writer.writerow((code, f"{code} {zh}", f"{code} {indicator.labels.get('en', zh)}"))
    return text.getvalue().encode()


@lru_cache(maxsize=8)
def _read_catalogue(content: str) -> Catalogue:
    return Catalogue.from_json(orjson.loads(content))


def _catalogue_or_none(session: ReadSession | WriteSession, project_id: int) -> Catalogue | None:
    row = forms.current_reference(session, project_id, "catalogue")
    return _read_catalogue(row.content) if row else None


def _definition_json(definition: FormDefinition) -> str:
    return orjson.dumps(definition.to_json(), option=orjson.OPT_SORT_KEYS).decode()


def _identical(version: FormVersion, checked: CheckedForm) -> bool:
    """True if the version stands for what the workbook says now, whatever the bytes of the file."""
    assert checked.definition is not None and checked.xform is not None
    return version.xform == checked.xform.encode() and version.definition == _definition_json(checked.definition)


def _form(session: WriteSession, project_id: int, definition: FormDefinition, at: dt.datetime) -> Form:
    form = forms.form_of(session, project_id, definition.form_id)
    if form is None:
        form = Form(
            project_id=project_id,
            form_id=definition.form_id,
            kind=definition.kind,
            title=definition.title("zh"),
            title_en=definition.labels.get("en", ""),
            created_at=at,
        )
        session.add(form)
        session.flush()
    return form


def _new_version(
    session: WriteSession,
    context: Context,
    form_pk: int,
    upload: Upload,
    definition: FormDefinition,
    xform: str,
    by: int | None,
    at: dt.datetime,
) -> FormVersion:
    served = xform.encode()
    changes = asdict(upload.changes) if upload.changes else {}
    version = FormVersion(
        form_pk=form_pk,
        version=definition.version,
        state="published",
        xform=served,
        xform_md5=hashlib.md5(served, usedforsecurity=False).hexdigest(),
        workbook_sha256=context.blobs.put(upload.data),
        workbook_name=upload.filename[:200],
        definition=_definition_json(definition),
        changes=orjson.dumps(changes, option=orjson.OPT_SORT_KEYS).decode(),
        published_by=by,
        published_at=at,
    )
    session.add(version)
    session.flush()
    return version


def _keep_media(
    session: WriteSession,
    context: Context,
    version: FormVersion,
    definition: FormDefinition,
    project_id: int,
    media: Mapping[str, bytes],
) -> None:
    files = dict(media)
    catalogue = _catalogue_or_none(session, project_id)
    if INDICATOR_LIST in definition.media and INDICATOR_LIST not in files and catalogue is not None:
        files[INDICATOR_LIST] = indicator_list(catalogue)
    for name, content in files.items():
        _put_media(session, context, version, name, content)


def _put_media(session: WriteSession, context: Context, version: FormVersion, name: str, content: bytes) -> None:
    assert version.id is not None
    row = session.get(FormMedia, (version.id, name)) or FormMedia(
        version_id=version.id, name=name, sha256="", md5="", size=0
    )
    row.sha256, row.size = context.blobs.put(content), len(content)
    row.md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    session.add(row)


def _renew_indicator_lists(session: WriteSession, context: Context, project_id: int, catalogue: Catalogue) -> None:
    """Phones get the new catalogue's indicators with the forms that they have."""
    content = indicator_list(catalogue)
    for form in forms.forms_of(session, project_id):
        version = forms.current_version(session, form)
        if version is not None and INDICATOR_LIST in orjson.loads(version.definition)["media"]:
            _put_media(session, context, version, INDICATOR_LIST, content)
