"""Why a light is what it is: a live card as explanations, down to the observations that were summed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from analysis.reference import Observation, counted
from forms.meaning import Light, Measure, quarter_before
from scorecards.explain import Explanation, Reference, explain_card, explain_indicator
from scorecards.quarter import LOOK_BACK, R4, QuarterFacts, judge_school
from scorecards.verdict import Check
from server.problems import Problem
from server.services.lights.quarter_facts import gather
from server.services.reference import InForce, in_force
from server.store import facts as store
from server.store.db import ReadSession
from server.store.lights import LiveCard
from server.store.units import Unit

VETO_RULE = "L1.school.veto"


@dataclass(frozen=True)
class _Judged:
    """A card read back from its JSON."""

    light: Light
    checks: tuple[Check, ...]


def live_card(session: ReadSession, unit: Unit, quarter: int) -> tuple[LiveCard, dict[str, Any]]:
    """A unit's live card and its content. Raises Problem("not_found") where there is none."""
    row = session.get(LiveCard, (unit.id, quarter))
    if row is None:
        raise Problem("not_found")
    return row, orjson.loads(row.card)


def explain_unit(session: ReadSession, project_id: int, unit: Unit, quarter: int) -> Explanation:
    """Why a school, town, group or department shows its light."""
    force = in_force(session, project_id)
    _row, card = live_card(session, unit, quarter)
    parts = {part["dimension"]: Light(part["light"]) for part in card.get("dimensions", ())}
    names = ("complete", "needed", "score", "on_time", "due")
    known = {name: card[name] for name in names if card.get(name) is not None}
    labels = {"zh": unit.name, "en": unit.name_en or unit.name}
    told = explain_card(
        unit.kind, unit.code, labels, _judged(card), force.rulebook, quarter=quarter, parts=parts, facts=known
    )
    standing = standing_vetoes(card)
    return replace(told, references=_veto_answers(session, unit, quarter, standing)) if standing else told


def standing_vetoes(card: Mapping[str, Any]) -> list[int]:
    """The vetoes 1-9 that hold a school red, from its card's content."""
    codes = [
        check["inputs"].get("codes", "") for check in card["checks"] if check["rule"] == VETO_RULE and check["holds"]
    ]
    return sorted({int(code.removeprefix("V")) for code in " ".join(codes).split()})


def _veto_answers(session: ReadSession, unit: Unit, quarter: int, standing: Collection[int]) -> tuple[Reference, ...]:
    """The red answers that confirmed these vetoes, newest first."""
    assert unit.id is not None
    rows = store.observations_of(session, [unit.id], quarter_before(quarter, LOOK_BACK), quarter).get(unit.id, [])
    answers: dict[tuple[int, str, int], Observation] = {}
    for row in rows:
        if row.veto in standing and row.measure == Measure.LIGHT and row.light == Light.RED:
            answers[row.submission, row.item, row.repeat_index] = row
    ordered = sorted(answers.values(), key=lambda row: (-row.observed_on, -row.submission, row.item))
    return tuple(Reference(**{name: getattr(row, name) for name in Reference.__dataclass_fields__}) for row in ordered)


def explain_dimension(session: ReadSession, project_id: int, unit: Unit, quarter: int, code: str) -> Explanation:
    """Why one dimension of a school shows its light. Raises Problem("not_found")."""
    force = in_force(session, project_id)
    _row, card = live_card(session, unit, quarter)
    found = [part for part in card.get("dimensions", ()) if part["dimension"] == code]
    if not found:
        raise Problem("not_found")
    parts = {name: Light(light) for name, light in found[0]["lights"].items()}
    known = {"complete": found[0]["complete"], "needed": found[0]["needed"]}
    labels = force.catalogue.dimensions.get(code, {})
    judged = _judged(found[0])
    return explain_card("dimension", code, labels, judged, force.rulebook, quarter=quarter, parts=parts, facts=known)


def explain_one_indicator(session: ReadSession, project_id: int, unit: Unit, quarter: int, code: str) -> Explanation:
    """Why one indicator of a school shows its light, with every observation that counted.

    Raises Problem("not_found") where the card does not know the indicator.
    """
    force = in_force(session, project_id)
    _row, card = live_card(session, unit, quarter)
    indicator = force.catalogue.indicators.get(code)
    if indicator is None or code not in card.get("indicators", {}) or unit.id is None:
        raise Problem("not_found")
    as_of = dt.date.fromisoformat(card["as_of"])
    facts = gather(session, force, quarter, as_of, only={unit.id})
    school = judge_school(facts, facts.units[unit.id], force.catalogue, force.rulebook)
    if code not in school.verdicts:
        raise Problem("not_found")
    rows = observations_behind(force, unit.id, facts, code)
    return explain_indicator(
        indicator,
        school.values.get(code),
        school.verdicts[code],
        force.rulebook,
        quarter=quarter,
        observations=[row._asdict() for row in rows],
    )


def observations_behind(force: InForce, unit: int, facts: QuarterFacts, code: str) -> list[Observation]:
    """The observations that an indicator's value of a unit sums, newest first."""
    rows = [row for row in facts.observed.get(unit, ()) if row.indicator == code]
    wanted = {code: force.catalogue.indicators[code]}
    kept = counted(rows, wanted, quarter=facts.quarter, as_of=facts.as_of, exclude_routes=(R4,))
    return sorted(kept, key=lambda row: (-row.observed_on, -row.submission, row.item, row.repeat_index))


def _judged(card: Mapping[str, Any]) -> _Judged:
    return _Judged(Light(card["light"]), tuple(_check(check) for check in card["checks"]))


def _check(data: Mapping[str, Any]) -> Check:
    light = None if data["light"] is None else Light(data["light"])
    return Check(**{**data, "light": light})
