"""The explanation of a light, down to each answer with its photos, visit and inspector."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.definition import FormDefinition, Item
from forms.meaning import SCALE
from forms.submission import SubmissionProblem, read_answers
from scorecards.explain import Explanation, Reference
from scorecards.verdict import fixed_text
from server.services.lights import cards
from server.services.reference import InForce, definition_from, in_force
from server.store.db import ReadSession
from server.store.reading import lights as reading
from server.store.reading import work as reading_work
from server.store.units import Unit
from server.web.reach import project_around
from server.web.scorecard.unit_view import day_of, percent

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnswerBehind:
    """One answer that counted: what was asked and answered, when, by whom, and the pictures beside it."""

    item: str
    label: Labels
    value: Labels
    light: int
    contribution: str
    note: str
    photos: tuple[str, ...]
    observed_on: dt.date
    person: str
    instance_id: str
    review_state: str
    form: Labels


@dataclass
class ExplainPage:
    """Everything that the page shows. ``kind`` is unit, dimension or indicator."""

    kind: str
    unit: Unit
    quarter: int
    found: Explanation
    labels: Labels
    fraction: str
    share: str
    dimension: str
    indicator: Any
    answers: list[AnswerBehind]
    parts: list[tuple[str, Labels, int]]
    measures: list[Mapping[str, Any]]
    past: list[tuple[int, int]]
    versions: Mapping[str, str]
    as_of: str
    rulebook: Any
    dimension_labels: Labels
    source: Labels
    vetoes: list[Any]


def explain_unit(session: ReadSession, unit: Unit, quarter: int) -> ExplainPage:
    """Why a unit shows its light. Raises Problem("not_found")."""
    project = project_around(session, unit)
    found = cards.explain_unit(session, project.id, unit, quarter)
    force = in_force(session, project.id)
    parts = [(code, force.catalogue.dimensions.get(code, {}), light) for code, light in found.parts.items()]
    page = _page(session, force, "unit", unit, quarter, found, {"zh": unit.name, "en": unit.name_en}, parts=parts)
    page.answers = _answers(session, found.references)
    return page


def explain_dimension(session: ReadSession, unit: Unit, quarter: int, code: str) -> ExplainPage:
    """Why a dimension shows its light. Raises Problem("not_found")."""
    project = project_around(session, unit)
    found = cards.explain_dimension(session, project.id, unit, quarter, code)
    force = in_force(session, project.id)
    known = force.catalogue.indicators
    parts = [(name, known[name].labels if name in known else {}, light) for name, light in found.parts.items()]
    labels = force.catalogue.dimensions.get(code, {})
    return _page(session, force, "dimension", unit, quarter, found, labels, parts=sorted(parts, key=_gravest))


def explain_indicator(session: ReadSession, unit: Unit, quarter: int, code: str) -> ExplainPage:
    """Why an indicator shows its light. Raises Problem("not_found")."""
    project = project_around(session, unit)
    found = cards.explain_one_indicator(session, project.id, unit, quarter, code)
    force = in_force(session, project.id)
    page = _page(session, force, "indicator", unit, quarter, found, found.labels)
    page.indicator = force.catalogue.indicators[code]
    page.dimension = page.indicator.dimension
    page.dimension_labels = force.catalogue.dimensions.get(page.dimension, {})
    page.source = force.catalogue.sources.get(page.indicator.source, {})
    page.answers = _answers(session, found.references)
    page.fraction, page.share = _amount(found)
    return page


def _gravest(part: tuple[str, Labels, int]) -> tuple[int, str]:
    return {3: 0, 2: 1, 4: 2, 1: 3}.get(part[2], 4), part[0]


def _page(
    session: ReadSession,
    force: InForce,
    kind: str,
    unit: Unit,
    quarter: int,
    found: Explanation,
    labels: Labels,
    *,
    parts: Sequence[tuple[str, Labels, int]] = (),
) -> ExplainPage:
    _row, card = cards.live_card(session, unit, quarter)
    assert unit.id is not None
    past = [(row.quarter, int(row.light)) for row in reading.cards_of(session, unit.id) if row.quarter < quarter][-4:]
    versions = {name: card.get(f"{name}_sha256", "")[:12] for name in ("catalogue", "rulebook")}
    vetoes = [force.rulebook[f"V{code}"] for code in cards.standing_vetoes(card)] if kind == "unit" else []
    return ExplainPage(
        kind,
        unit,
        quarter,
        found,
        labels,
        "",
        "",
        found.subject if kind == "dimension" else "",
        None,
        [],
        list(parts),
        card.get("measures", []) if kind == "unit" else [],
        past if kind == "unit" else [],
        versions,
        card.get("as_of", ""),
        force.rulebook,
        {},
        {},
        vetoes,
    )


def _amount(found: Explanation) -> tuple[str, str]:
    facts = found.facts
    if "green" in facts:
        valid = sum(int(facts[name]) for name in ("green", "yellow", "red"))
        return (f"{facts['green']} / {valid}", percent(int(facts["green"]), valid)) if valid else ("", "")
    if "numerator" in facts:
        top, bottom = str(facts["numerator"]), str(facts.get("denominator", ""))
        sums = [sum(getattr(ref, name) for ref in found.references) for name in ("numerator", "denominator")]
        return f"{top} / {bottom}", percent(sums[0], sums[1]) if sums[1] > 0 else ""
    return "", ""


def _answers(session: ReadSession, references: Sequence[Reference]) -> list[AnswerBehind]:
    ids = {int(reference.submission) for reference in references}
    rows = {row.id: row for row in reading_work.submissions_behind(session, ids)}
    files = reading_work.files_of(session, ids)
    read = {number: _Read(row, files.get(number, set())) for number, row in rows.items()}
    return [
        read[int(reference.submission)].answer(reference)
        for reference in references
        if int(reference.submission) in read
    ]


class _Read:
    """One submission's answers, looked up by item and place."""

    def __init__(self, row: Any, files: set[str]) -> None:
        self.row, self.files = row, files
        self.definition: FormDefinition = definition_from(row.version_id, row.definition)
        self.items = {item.name: item for item in self.definition.items}
        try:
            answers = read_answers(row.xml, self.definition)
        except SubmissionProblem:
            answers = []
        self.values = {(answer.item, answer.repeat_index): answer.value for answer in answers}

    def answer(self, reference: Reference) -> AnswerBehind:
        item = self.items.get(reference.item)
        value = self.values.get((reference.item, reference.repeat_index), "")
        companions = [entry for entry in self.definition.items if entry.companion_of == reference.item]
        said = [(entry, self.values.get((entry.name, reference.repeat_index), "")) for entry in companions]
        return AnswerBehind(
            reference.item,
            item.labels if item else {"zh": reference.item},
            value_labels(self.definition, item, value),
            reference.light,
            _contribution(reference),
            " ".join(text for entry, text in said if entry.role == "note_companion" and text),
            tuple(text for entry, text in said if entry.role == "photo_companion" and text in self.files),
            day_of(reference.observed_on),
            self.row.person_name or "",
            self.row.instance_id,
            self.row.review_state,
            {"zh": self.row.title, "en": self.row.title_en},
        )


def value_labels(definition: FormDefinition, item: Item | None, value: str) -> Labels:
    """An answer in words: the labels of what was chosen, else the value itself."""
    if item is None or not item.list_name or item.list_name not in definition.choices:
        return {"zh": value, "en": value}
    choices = {choice.name: choice.labels for choice in definition.choices[item.list_name]}
    chosen = [choices.get(name, {"zh": name}) for name in value.split()]
    return {
        "zh": "、".join(labels.get("zh") or next(iter(labels.values()), "") for labels in chosen),
        "en": ", ".join(labels.get("en") or next(iter(labels.values()), "") for labels in chosen),
    }


def _contribution(reference: Reference) -> str:
    if reference.denominator and reference.denominator != SCALE:
        return f"{fixed_text(reference.numerator)} / {fixed_text(reference.denominator)}"
    return fixed_text(reference.numerator) if reference.numerator else ""
