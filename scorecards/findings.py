"""Findings that a submission's answers propose, for a reviewer to confirm (closed-loop D-2, F0)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from forms.answers import Answer
from forms.catalogue import Catalogue
from forms.definition import FormDefinition, Item, item_label
from forms.meaning import Light, Measure, to_fixed
from forms.rulebook import Rulebook
from scorecards.deadlines import DEFAULT_CALENDAR, Deadline, WorkCalendar, add_calendar_days, add_working_days

ROUTE_OF_SEVERITY: Final[Mapping[int, int]] = {1: 1, 2: 2, 3: 3, 4: 3}
PARTIAL_FROM: Final = 2  # a partial answer is a finding from S2 on
_KEEP_WORDS: Final = 300

# The common footer: its findings repeat, where an inspector writes down what no item asks.
FOOTER_INDICATOR, FOOTER_FACT, FOOTER_PHOTO = "ft_a03", "ft_a04", "ft_a05"
FOOTER_SEVERITY, FOOTER_ROUTE, FOOTER_DAYS, FOOTER_AGAIN = "ft_a06", "ft_a07", "ft_a08", "ft_a09"


@dataclass(frozen=True, slots=True)
class ProposedFinding:
    """One finding proposed by the rules; nothing is opened until a reviewer confirms it.

    ``light`` is the answer's (RED or YELLOW); ``route`` 1-4 is R1-R4, of which R4 is a department's; ``days`` are
    working days, natural days for S4, whose handling is to be reported within ``report_hours`` (0 for others).
    ``photos`` are file names of the submission's attachments. ``again`` says that the inspector saw it last time too.
    """

    item: str
    repeat_index: int
    indicators: tuple[str, ...]
    labels: Mapping[str, str]
    light: Light
    severity: int
    route: int
    days: int
    due: Deadline
    fact: str
    photos: tuple[str, ...]
    veto: int = 0
    report_hours: int = 0
    again: bool = False

    @property
    def s4(self) -> bool:
        """A danger or a red line, to be dealt with at once."""
        return self.severity == 4


def propose(
    definition: FormDefinition,
    answers: Iterable[Answer],
    rulebook: Rulebook,
    *,
    found_on: dt.date,
    catalogue: Catalogue | None = None,
    calendar: WorkCalendar = DEFAULT_CALENDAR,
) -> list[ProposedFinding]:
    """The findings that the answers of one submission propose, in the order of the form.

    Red answers of any severity and partial ones of S2 and above; with a ``catalogue`` also reported cases (measure
    count above zero) of a zero-tolerance indicator; and the footer's findings. An answer without a severity, one
    under verification and one that does not apply propose nothing.
    """
    known: dict[tuple[str, int], str] = {}
    places: dict[str, set[int]] = {}
    for answer in answers:
        known[answer.item, answer.repeat_index] = answer.value
        places.setdefault(answer.item, set()).add(answer.repeat_index)
    companions = _companions(definition)
    terms = _Terms(rulebook, found_on, calendar)
    found: list[ProposedFinding] = []
    for item in definition.items:
        if item.role != "item" or not item.severity:
            continue
        for index in sorted(places.get(item.name, ())):
            light = _light(definition, item, known[item.name, index], catalogue)
            if light is Light.RED or (light is Light.YELLOW and item.severity >= PARTIAL_FROM):
                found.append(_from_item(item, index, light, known, companions.get(item.name, ()), terms))
    return found + _from_footer(definition, known, terms)


@dataclass(frozen=True, slots=True)
class _Terms:
    rulebook: Rulebook
    found_on: dt.date
    calendar: WorkCalendar

    def days(self, severity: int, own: int) -> int:
        """The item's own days, else the default of its severity (S.item_days)."""
        return own or self.rulebook[f"S{severity}"].number("days")

    def due(self, severity: int, days: int) -> Deadline:
        if severity == 4:
            return add_calendar_days(self.found_on, days)
        return add_working_days(self.found_on, days, self.calendar)

    def report_hours(self, severity: int) -> int:
        return self.rulebook["S4"].number("hours") if severity == 4 else 0


def _light(definition: FormDefinition, item: Item, value: str, catalogue: Catalogue | None) -> Light | None:
    choices = definition.choices.get(item.list_name, ())
    lights = {choice.name: choice.light for choice in choices if choice.light is not None}
    if lights:
        chosen = [lights[name] for name in value.split() if name in lights]
        return max((light for light in chosen if light is not Light.GREY), default=None)
    if catalogue is None:
        return None
    counted = {meaning.indicator for meaning in item.meanings if meaning.measure is Measure.COUNT}
    zero = {code for code in counted if code in catalogue.indicators and catalogue.indicators[code].rule == "zero"}
    return Light.RED if zero and (to_fixed(value) or 0) > 0 else None


def _from_item(
    item: Item,
    index: int,
    light: Light,
    known: Mapping[tuple[str, int], str],
    companions: tuple[Item, ...],
    terms: _Terms,
) -> ProposedFinding:
    notes = [known.get((entry.name, index), "") for entry in companions if entry.role == "note_companion"]
    photos = [known.get((entry.name, index), "") for entry in companions if entry.role == "photo_companion"]
    days = terms.days(item.severity, item.days)
    fact = " ".join(note.strip() for note in notes if note.strip()) or item_label(item, "zh")
    return ProposedFinding(
        item.name,
        index,
        tuple(dict.fromkeys(meaning.indicator for meaning in item.meanings)),
        item.labels,
        light,
        item.severity,
        item.route or ROUTE_OF_SEVERITY[item.severity],
        days,
        terms.due(item.severity, days),
        fact[:_KEEP_WORDS],
        tuple(photo for photo in photos if photo),
        item.veto if light is Light.RED else 0,
        terms.report_hours(item.severity),
    )


def _from_footer(
    definition: FormDefinition, known: Mapping[tuple[str, int], str], terms: _Terms
) -> list[ProposedFinding]:
    """The findings repeat of the footer: one finding for each instance that has a severity or a fact."""
    labels = next((item.labels for item in definition.items if item.name == FOOTER_FACT), {})
    photo_items = [item.name for item in definition.items if item.name.startswith(FOOTER_PHOTO)]
    places = {index for name, index in known if name in (FOOTER_FACT, FOOTER_SEVERITY)}
    return [_footer_finding(index, known, labels, photo_items, terms) for index in sorted(places)]


def _footer_finding(
    index: int,
    known: Mapping[tuple[str, int], str],
    labels: Mapping[str, str],
    photo_items: list[str],
    terms: _Terms,
) -> ProposedFinding:
    severity = _level(known.get((FOOTER_SEVERITY, index), "")) or 1
    days = terms.days(severity, _whole(known.get((FOOTER_DAYS, index), "")))
    indicator = known.get((FOOTER_INDICATOR, index), "").strip()
    return ProposedFinding(
        FOOTER_FACT,
        index,
        (indicator,) if indicator else (),
        labels,
        Light.RED,
        severity,
        _level(known.get((FOOTER_ROUTE, index), "")) or ROUTE_OF_SEVERITY[severity],
        days,
        terms.due(severity, days),
        known.get((FOOTER_FACT, index), "").strip()[:_KEEP_WORDS],
        tuple(known[name, index] for name in photo_items if known.get((name, index))),
        report_hours=terms.report_hours(severity),
        again=known.get((FOOTER_AGAIN, index), "") == "1",
    )


def _level(text: str) -> int:
    """``S3``, ``R3`` or ``3`` as 3; 0 for anything else."""
    digit = text.strip().lstrip("SsRr")
    return int(digit) if digit in ("1", "2", "3", "4") else 0


def _whole(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def _companions(definition: FormDefinition) -> dict[str, tuple[Item, ...]]:
    companions: dict[str, tuple[Item, ...]] = {}
    for item in definition.items:
        if item.companion_of:
            companions[item.companion_of] = (*companions.get(item.companion_of, ()), item)
    return companions
