"""Answers that a phone offers for one-tap confirmation: of the last visit, and of administrative data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row

from forms.answers import Answer
from forms.definition import FormDefinition, Item
from forms.meaning import Measure
from forms.submission import SubmissionProblem, parse_submission, read_answers
from server.services.reference import definitions
from server.store.db import ReadSession, WriteSession
from server.store.reading import collector as reading_collector

OFFERED: Final = frozenset({"select_one", "select_multiple", "integer", "decimal", "text", "date"})
COUNTED: Final = frozenset({Measure.NUMERATOR, Measure.DENOMINATOR, Measure.COUNT, Measure.VALUE})
STAGE_ITEM: Final = "hd_a07"
ADMIN_KIND: Final = "school_return"
# Beyond this many schools nobody knows each of them; whoever visits one sees its last answers on its page.
MOST_SCHOOLS: Final = 400
MOST_SUBMISSIONS: Final = 240

Known = dict[tuple[str, str], dict[str, dict[str, str]]]


def known_answers(
    session: ReadSession | WriteSession,
    schools: Sequence[Row[Any]],
    current: Mapping[str, FormDefinition],
    kinds: set[str],
) -> list[dict[str, Any]]:
    """contract.ts KnownAnswers of these schools for these forms; the last visit's answer comes before an
    administrative one."""
    codes = {row.id: row.code for row in schools}
    if not codes or len(codes) > MOST_SCHOOLS:
        return []
    found: Known = {}
    _stages(found, schools, current)
    returns = reading_collector.last_submissions(session, list(codes), [ADMIN_KIND], MOST_SUBMISSIONS)
    visits = reading_collector.last_submissions(session, list(codes), sorted(kinds - {ADMIN_KIND}), MOST_SUBMISSIONS)
    read = definitions(session, frozenset(row.version_id for row in (*returns, *visits)))
    for row in reversed(returns):
        _from_return(found, codes[row.unit_id], row, read[row.version_id], current)
    for row in reversed(visits):
        if row.form_id in current:
            _from_visit(found, codes[row.unit_id], row, read[row.version_id], current[row.form_id])
    return [
        {"unit": unit, "form_id": form_id, "answers": list(answers.values())}
        for (unit, form_id), answers in sorted(found.items())
    ]


def _stages(found: Known, schools: Sequence[Row[Any]], current: Mapping[str, FormDefinition]) -> None:
    for form_id, definition in current.items():
        item = next((item for item in definition.items if item.name == STAGE_ITEM), None)
        values = {choice.name for choice in definition.choices.get(item.list_name, ())} if item else set()
        for row in schools:
            if row.stage in values:
                _put(found, row.code, form_id, STAGE_ITEM, row.stage, "admin", "")


def _from_visit(found: Known, unit: str, row: Row[Any], was: FormDefinition, now: FormDefinition) -> None:
    offered = {item.name: item for item in now.items if _offered(item)}
    before = {item.name: item for item in was.items}
    for answer in _answers(row, was):
        item, old = offered.get(answer.item), before.get(answer.item)
        if item is not None and old is not None and item.type == old.type and _still_there(now, item, answer.value):
            _put(found, unit, now.form_id, item.name, answer.value, "visit", _day(row.observed_on))


def _from_return(
    found: Known, unit: str, row: Row[Any], was: FormDefinition, current: Mapping[str, FormDefinition]
) -> None:
    """A number that a school has returned for the same indicator and measure answers the checklist's question."""
    items = {item.name: item for item in was.items}
    returned: dict[tuple[str, Measure], tuple[str, str]] = {}
    for answer in _answers(row, was):
        item = items.get(answer.item)
        for meaning in item.meanings if item and not item.repeat else ():
            if meaning.measure in COUNTED:
                returned[meaning.indicator, meaning.measure] = (answer.value, item.type if item else "")
    for form_id, definition in current.items():
        for item in definition.items:
            values = {returned.get((meaning.indicator, meaning.measure)) for meaning in item.meanings}
            match = next(iter(values), None) if len(values) == 1 else None
            if match is not None and _offered(item) and match[1] == item.type:
                _put(found, unit, form_id, item.name, match[0], "admin", _day(row.observed_on))


def _put(found: Known, unit: str, form_id: str, item: str, value: str, source: str, on: str) -> None:
    answers = found.setdefault((unit, form_id), {})
    answers[item] = {"item": item, "value": value, "source": source, "on": on}


def _offered(item: Item) -> bool:
    return item.role == "item" and not item.repeat and item.type in OFFERED


def _still_there(definition: FormDefinition, item: Item, value: str) -> bool:
    choices = {choice.name for choice in definition.choices.get(item.list_name, ())}
    return not choices or all(name in choices for name in value.split())


def _answers(row: Row[Any], definition: FormDefinition) -> list[Answer]:
    try:
        return list(read_answers(parse_submission(row.xml), definition))
    except SubmissionProblem:
        return []


def _day(number: int) -> str:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=number)).isoformat()
