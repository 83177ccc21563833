"""Whom a measure's step concerns, and what they are told. No message carries a person's name."""

from __future__ import annotations

import datetime as dt
from typing import Final

from scorecards.lifecycle.engine import Taken
from scorecards.lifecycle.measures import KINDS, TABLE
from server.services.notify import Holders, MessageWords, above, at_unit, nearest, tell
from server.store.cases import CaseStep, MeasureRow
from server.store.db import WriteSession
from server.store.units import Unit

# The unit concerned hears of a measure once it is real, never of a proposal.
TOLD_TO_UNIT: Final = frozenset(
    {"decide", "record_decision", "serve", "notify", "uphold", "change", "withdraw", "expire"}
)


def tell_proposal(session: WriteSession, measure: MeasureRow, unit: Unit, at: dt.datetime) -> None:
    """Tell the office and the leading group of a proposal."""
    kind = KINDS[measure.kind]
    words = MessageWords(
        f"建议：{kind.zh}（{unit.name}）",
        f"Proposed: {kind.en} ({unit.name_en or unit.name})",
        f"{measure.code}\n依据规则：{measure.rule}",
        f"{measure.code}\nBy rule: {measure.rule}",
    )
    to: list[int | Holders] = [nearest(unit, "office"), above(unit, "leading")]
    tell(
        session,
        kind="measure.proposed",
        to=to,
        subject=measure.code,
        words=words,
        at=at,
        key=f"measure-{measure.id}",
        link=f"/measures/{measure.code}",
        about=unit.path,
    )


def tell_step(session: WriteSession, measure: MeasureRow, unit: Unit, taken: Taken, step: CaseStep) -> None:
    """Tell whoever's turn it is now, and the unit of what was decided about it; once for each step."""
    waits_for = TABLE.states[taken.after].waits_for
    to: list[int | Holders] = []
    if taken.step.action in TOLD_TO_UNIT:
        to.append(at_unit(unit, "department" if unit.kind == "department" else "school"))
    if taken.before != taken.after and waits_for == "leading":
        to.append(above(unit, "leading"))
    if taken.before != taken.after and (waits_for == "office" or TABLE.states[taken.after].closing):
        to.append(nearest(unit, "office"))
    if not to:
        return
    kind, state = KINDS[measure.kind], TABLE.states[taken.after].words
    words = MessageWords(
        f"{taken.step.words.zh}：{kind.zh}（{unit.name}）",
        f"{taken.step.words.en}: {kind.en} ({unit.name_en or unit.name})",
        f"{measure.code}\n目前：{state.zh}",
        f"{measure.code}\nNow: {state.en}",
    )
    tell(
        session,
        kind=f"measure.{taken.step.action}",
        to=to,
        subject=measure.code,
        words=words,
        at=step.at,
        key=f"step-{step.id}",
        link=f"/measures/{measure.code}",
        about=unit.path,
    )
