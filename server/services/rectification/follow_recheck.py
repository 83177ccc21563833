"""What a re-check (checklist F12) says of the findings that it names: each verdict is a step of its finding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

from forms.answers import Answer
from forms.definition import FormDefinition
from server.problems import Problem
from server.security.viewer import Viewer
from server.services.context import Context
from server.services.rectification import rectify
from server.services.rectification.case import viewer_of
from server.store import case_rows
from server.store import findings as store
from server.store.db import WriteSession
from server.store.findings import Finding
from server.store.submissions import Submission
from server.store.units import Unit

# A re-check names each finding in a repeat and gives method, whether the evidence is genuine, verdict and why.
CODE, METHOD, GENUINE, VERDICT, WHY, NEXT = "f12_b01", "f12_b03", "f12_b04", "f12_b06", "f12_b07", "f12_b08"
PHOTO: Final = "f12_b05"
READ: Final = (CODE, METHOD, GENUINE, VERDICT, WHY, NEXT)
NOT_GENUINE: Final = "0"
PASSING: Final = ("done", "mostly")
CHECKED: Final = ("advised", "evidence", "rechecking")
TAKEN: Final = ("recheck", "look_back", "recheck_noted", "recheck_refused")
EPOCH: Final = dt.date(1970, 1, 1)


def recheck(
    session: WriteSession,
    context: Context,
    submission: Submission,
    unit: Unit,
    definition: FormDefinition,
    answers: Iterable[Answer],
    *,
    at: dt.datetime,
) -> None:
    """Take each verdict as the step that it is; what its lifecycle refuses is noted with the rule and moves nothing."""
    assert submission.id is not None
    entries: dict[int, dict[str, str]] = {}
    for answer in answers:
        if answer.item in READ:
            entries.setdefault(answer.repeat_index, {})[answer.item] = answer.value.strip()
    by_code = {entry.get(CODE, ""): entry for entry in entries.values()}
    # Only verdicts taken before count: the same form may have found the same thing again in an answer of its own.
    taken = case_rows.submission_steps(session, {submission.id}, TAKEN)
    checker = viewer_of(session, submission.submitter_id)
    for code, entry in by_code.items():
        finding = store.with_code(session, code)
        if finding is None or finding.unit_id != unit.id or (finding.id, submission.id) in taken:
            continue
        _judge(session, context, submission, finding, checker, _said(entry, definition), at)


def _said(entry: Mapping[str, str], definition: FormDefinition) -> dict[str, str]:
    """An entry as the fields of the step "recheck". Evidence that is not genuine is false whatever else is said."""
    verdict = "false" if entry.get(GENUINE) == NOT_GENUINE else entry.get(VERDICT, "")
    words = [_label(definition, name, entry.get(name, "")) for name in (WHY, NEXT)]
    return {"verdict": verdict, "method": entry.get(METHOD, ""), "note": ";".join(word for word in words if word)}


def _label(definition: FormDefinition, name: str, value: str) -> str:
    """A chosen answer in words."""
    item = next((item for item in definition.items if item.name == name), None)
    choices = definition.choices.get(item.list_name, ()) if item else ()
    return next((choice.labels.get("zh", value) for choice in choices if choice.name == value), value)


def _judge(
    session: WriteSession,
    context: Context,
    submission: Submission,
    finding: Finding,
    checker: Viewer | None,
    said: Mapping[str, str],
    at: dt.datetime,
) -> None:
    day = EPOCH + dt.timedelta(days=submission.observed_on)
    refusal = {"rule": "", "zh": "", "en": ""}
    action, fields = "recheck", dict(said)
    if finding.state == "watching":
        action, fields["result"] = "look_back", "held" if said["verdict"] in PASSING else "relapsed"
    elif finding.state not in CHECKED or (finding.handed_on is not None and day < finding.handed_on):
        action = ""
    if action and checker is not None:
        try:
            rectify.act(
                session,
                context,
                finding,
                action,
                by=checker,
                at=at,
                fields=fields,
                day=day,
                submission_id=submission.id,
            )
            return
        except Problem as problem:
            if problem.code not in ("step.refused", "not_found"):
                raise
            refusal = {name: str(problem.details.get(name, problem.code)) for name in refusal}
    rectify.note(
        session,
        finding,
        "recheck_refused" if refusal["rule"] else "recheck_noted",
        by=submission.submitter_id,
        at=at,
        day=day,
        fields={**said, **{name: text for name, text in refusal.items() if text}},
        submission_id=submission.id,
        reason=refusal["zh"],
    )
