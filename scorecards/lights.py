"""L0: from an indicator's amounts to its light, exactly (closed-loop D-3, L0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Final

from forms.catalogue import Indicator, Threshold
from forms.meaning import SCALE, Light
from forms.rulebook import Rulebook, share_of
from scorecards.verdict import (
    Check,
    IndicatorValue,
    Inputs,
    LightContext,
    Verdict,
    fixed_text,
    fraction_text,
    is_lit,
    worse,
)

ADMINISTRATIVE_KINDS: Final = ("A", "L")
_Judge = Callable[[Indicator, IndicatorValue, Rulebook, LightContext], Verdict | None]
_PLAIN: Final = LightContext()


def indicator_light(
    indicator: Indicator,
    value: IndicatorValue | None,
    rulebook: Rulebook,
    *,
    context: LightContext = _PLAIN,
) -> Verdict:
    """The light of one indicator, with the rule and numbers that gave it.

    Where answers with a light and reported numbers are both present each is judged by itself and the worse counts
    (L0.sources.worse). Grey never counts as green; an indicator of rule ``none`` is not applicable.
    """
    if indicator.rule == "none":
        return Verdict(Light.NA, "L0.threshold", reason="not_lit")
    verdict = _grey_before_judging(indicator, value, rulebook, context) or _judge(indicator, value, rulebook, context)
    return _with_other_sources(verdict, context.sources)


def _grey_before_judging(
    indicator: Indicator, value: IndicatorValue | None, rulebook: Rulebook, context: LightContext
) -> Verdict | None:
    """Grey for want of data, for its age, or for too small a sample."""
    if value is None:
        return _grey("L0.grey", "no_data")
    if value.observations <= 0:
        return Verdict(Light.NA, "L0.items.na", reason="not_applicable")
    limit = freshness_of(indicator, rulebook)
    if context.as_of is not None and context.as_of - value.last_on > limit:
        age = context.as_of - value.last_on
        return _grey("L0.stale", "stale", {"age_days": age, "limit_days": limit}, f"{age} > {limit}")
    if context.sample is not None:
        answered, invited = context.sample
        rule = rulebook["L0.sample"]
        fewest, share = rule.number("n"), rule.fraction("share")
        if answered < fewest or answered * share.denominator < share.numerator * invited:
            comparison = f"{answered} < {fewest}; {answered}/{invited} < {rule.parameters['share']}"
            return _grey("L0.sample", "sample", {"answered": answered, "invited": invited}, comparison)
    return None


def freshness_of(indicator: Indicator, rulebook: Rulebook) -> int:
    """How many days an observation of this indicator is valid: its own number, else the rulebook's for its kind."""
    name = "administrative_days" if indicator.kind in ADMINISTRATIVE_KINDS else "observation_days"
    return indicator.freshness or rulebook["L0.stale"].number(name)


def _judge(indicator: Indicator, value: IndicatorValue | None, rulebook: Rulebook, context: LightContext) -> Verdict:
    assert value is not None  # _grey_before_judging has answered for None
    by_answers = _by_answers(indicator, value, rulebook) if value.lights + value.grey else None
    by_amount = _AMOUNTS[indicator.rule](indicator, value, rulebook, context)
    if by_answers is None:
        return by_amount or _grey("L0.grey", "no_data")
    if by_amount is None:
        return by_answers
    return _worse_source(by_answers, by_amount)


def _by_answers(indicator: Indicator, value: IndicatorValue, rulebook: Rulebook) -> Verdict:
    """The light of the answers that carry one: zero tolerance and documents take the worst, else the shares decide."""
    if indicator.rule == "zero":
        return _zero_answers(value, rulebook)
    if not value.lights:
        return _grey("L0.grey", "verification", {"under_verification": value.grey})
    if indicator.rule == "document":
        return _document_verdict(value.red, value.yellow, value.lights)
    return _items(value, rulebook)


@lru_cache(maxsize=10_000)
def _document_verdict(red: int, yellow: int, valid: int) -> Verdict:
    light = Light.RED if red else Light.YELLOW if yellow else Light.GREEN
    inputs: Inputs = {"red": red, "yellow": yellow, "valid": valid}
    return _lit("L0.document", light, f"red {red}; yellow {yellow}", inputs)


def _items(value: IndicatorValue, rulebook: Rulebook) -> Verdict:
    """L0.2: any S4 item answered No is red; else the shares of No and Partial among the valid answers decide."""
    parameters = rulebook["L0.items.red_share"].parameters
    shares = (parameters["red"], parameters["yellow_partial"])
    return _items_verdict(shares, value.lights, value.red, value.yellow, value.red_s4)


@lru_cache(maxsize=50_000)
def _items_verdict(shares: tuple[str, str], valid: int, red: int, yellow: int, red_s4: int) -> Verdict:
    """The verdict of these counts. Few counts occur, in millions of cards: each is worked out once."""
    red_share, partial_share = (share_of(text) for text in shares)
    inputs: Inputs = {"red": red, "yellow": yellow, "valid": valid, "red_s4": red_s4}
    is_red = red * red_share.denominator >= red_share.numerator * valid
    too_partial = yellow * partial_share.denominator > partial_share.numerator * valid
    partial = f"{yellow}/{valid} > {shares[1]}"
    return _first(
        [
            Check("L0.items.s4", red_s4 > 0, Light.RED, f"{red_s4} >= 1", {"red_s4": red_s4}),
            Check("L0.items.red_share", is_red, Light.RED, f"{red}/{valid} >= {shares[0]}", inputs),
            Check("L0.items.red_share", red > 0, Light.YELLOW, f"{red} > 0", inputs),
            Check("L0.items.red_share", too_partial, Light.YELLOW, partial, inputs),
            Check("L0.items.red_share", True, Light.GREEN, f"{red}/{valid} = 0", inputs),
        ]
    )


def _zero_answers(value: IndicatorValue, rulebook: Rulebook) -> Verdict:
    """L0.3: one confirmed case is red, a lead under investigation grey; an approved exception may be yellow."""
    return _zero_verdict(rulebook["L0.zero"].number("red"), value.red, value.yellow, value.grey)


@lru_cache(maxsize=10_000)
def _zero_verdict(limit: int, red: int, yellow: int, grey: int) -> Verdict:
    inputs: Inputs = {"confirmed": red, "under_verification": grey}
    if red >= limit:
        return _lit("L0.zero", Light.RED, f"{red} >= {limit}", inputs)
    if grey:
        return _grey("L0.zero", "verification", inputs)
    return _lit("L0.zero", Light.YELLOW if yellow else Light.GREEN, f"{red} < {limit}", inputs)


def _zero_amount(
    indicator: Indicator, value: IndicatorValue, rulebook: Rulebook, context: LightContext
) -> Verdict | None:
    if value.amounts <= 0:
        return None
    cases, limit = value.count + value.numerator, rulebook["L0.zero"].number("red")
    # A fraction of a case (0.3 of 10,000 yuan in arrears) is above zero as well: zero tolerance knows no remainder.
    light = Light.RED if cases > (limit - 1) * SCALE else Light.GREEN
    return _lit("L0.zero", light, f"{fixed_text(cases)} > {limit - 1}", {"cases": cases})


def _ratio(indicator: Indicator, value: IndicatorValue, rulebook: Rulebook, context: LightContext) -> Verdict | None:
    """Numerators summed over denominators summed, against the catalogue's bounds by cross-multiplication."""
    if value.amounts <= 0 or indicator.green is None:
        return _grey("L0.grey", "no_threshold") if value.amounts > 0 else None
    if value.denominator <= 0:
        return _grey("L0.grey", "zero_denominator", {"numerator": value.numerator, "denominator": value.denominator})
    return _against_bounds(indicator, value.numerator, value.denominator, "L0.threshold")


def _value(indicator: Indicator, value: IndicatorValue, rulebook: Rulebook, context: LightContext) -> Verdict | None:
    """A reported number. Numbers of unit ``%`` are reported as 0 to 100 and their bounds written as shares."""
    if indicator.unit == "%":
        value = replace(value, denominator=value.denominator * 100)
    return _ratio(indicator, value, rulebook, context)


def _count(indicator: Indicator, value: IndicatorValue, rulebook: Rulebook, context: LightContext) -> Verdict | None:
    if value.amounts <= 0 or indicator.green is None:
        return _grey("L0.grey", "no_threshold") if value.amounts > 0 else None
    return _against_bounds(indicator, cases_of(value), SCALE, "L0.threshold")


def _cv(indicator: Indicator, value: IndicatorValue, rulebook: Rulebook, context: LightContext) -> Verdict | None:
    """The squared coefficient of variation against the squared bound: no root is ever taken."""
    if value.denominator <= 0 or indicator.green is None:
        return None
    squared = replace(
        indicator, green=_squared(indicator.green), yellow=_squared(indicator.yellow) if indicator.yellow else None
    )
    return _against_bounds(squared, value.numerator, value.denominator, "L0.cv")


def _squared(bound: Threshold) -> Threshold:
    return Threshold(bound.comparison, bound.numerator**2, bound.denominator**2)


def _milestone(
    indicator: Indicator, value: IndicatorValue, rulebook: Rulebook, context: LightContext
) -> Verdict | None:
    """Progress against what the plan wants by now; without a target the amounts are done over planned."""
    if value.amounts <= 0:
        return None
    if indicator.target:
        done = Fraction(*_number(value)) / indicator.target
    elif value.denominator > 0:
        done = Fraction(value.numerator, value.denominator)
    else:
        return _grey("L0.grey", "zero_denominator")
    rule, lag = rulebook["L0.milestone"], context.planned - done
    inputs: Inputs = {
        "done": fraction_text(done, percent=True),
        "planned": fraction_text(context.planned, percent=True),
        "overdue_days": context.overdue_days,
    }
    late = f"{fraction_text(lag, percent=True)} > {rule.parameters['lag']}"
    overdue = f"{context.overdue_days} > {rule.parameters['overdue_days']}"
    is_red = lag > 0 and (lag > rule.fraction("lag") or context.overdue_days > rule.number("overdue_days"))
    checks = [
        Check("L0.milestone", is_red, Light.RED, f"{late}; {overdue}", inputs),
        Check("L0.milestone", lag > 0, Light.YELLOW, f"{inputs['done']} < {inputs['planned']}", inputs),
        Check("L0.milestone", True, Light.GREEN, f"{inputs['done']} >= {inputs['planned']}", inputs),
    ]
    return _first(checks)


def _frequency(
    indicator: Indicator, value: IndicatorValue, rulebook: Rulebook, context: LightContext
) -> Verdict | None:
    """Times within the period against the target; while the period runs a scheduled visit is yellow."""
    if value.amounts <= 0:
        return None
    target, times = indicator.target or 1, cases_of(value)
    inputs: Inputs = {"times": fixed_text(times), "target": target}
    if times >= target * SCALE:
        return _lit("L0.frequency", Light.GREEN, f"{fixed_text(times)} >= {target}", inputs)
    if not context.period_ended and not context.scheduled:
        return _grey("L0.frequency", "period_open", inputs)
    light = Light.RED if context.period_ended else Light.YELLOW
    return _lit("L0.frequency", light, f"{fixed_text(times)} < {target}", inputs)


def _decrease(indicator: Indicator, value: IndicatorValue, rulebook: Rulebook, context: LightContext) -> Verdict | None:
    """This period against the last: numerator against denominator where one form asks both, else the two counts."""
    if value.amounts <= 0:
        return None
    if value.numerator or value.denominator:
        now, before = value.numerator, value.denominator
    elif context.previous is not None:
        now, before = value.count, context.previous.count
    elif value.count == 0:
        now, before = 0, 0  # none at all is no increase, whatever there was before
    else:
        return _grey("L0.decrease", "no_previous", {"now": fixed_text(value.count)})
    rule, more = rulebook["L0.decrease"], now - before
    share, most = rule.fraction("share"), rule.number("count")
    inputs: Inputs = {"now": fixed_text(now), "before": fixed_text(before)}
    few = more * share.denominator <= share.numerator * before and more <= most * SCALE
    within = f"{fixed_text(more)}/{fixed_text(before)} <= {rule.parameters['share']}; {fixed_text(more)} <= {most}"
    checks = [
        Check("L0.decrease", more <= 0, Light.GREEN, f"{fixed_text(now)} <= {fixed_text(before)}", inputs),
        Check("L0.decrease", few, Light.YELLOW, within, inputs),
        Check("L0.decrease", True, Light.RED, f"{fixed_text(now)} > {fixed_text(before)}", inputs),
    ]
    return _first(checks)


def _answers_only(
    indicator: Indicator, value: IndicatorValue, rulebook: Rulebook, context: LightContext
) -> Verdict | None:
    """Rules items and document rest on answers; numbers count too where the catalogue gives them a bound."""
    return _ratio(indicator, value, rulebook, context) if indicator.green and value.denominator > 0 else None


_AMOUNTS: Final[Mapping[str, _Judge]] = {
    "items": _answers_only,
    "document": _answers_only,
    "zero": _zero_amount,
    "ratio": _ratio,
    "value": _value,
    "count": _count,
    "cv": _cv,
    "milestone": _milestone,
    "frequency": _frequency,
    "decrease": _decrease,
}


def cases_of(value: IndicatorValue) -> int:
    """Cases or times in fixed point: the counted ones, else the sum of reported numbers."""
    return value.count or value.numerator


def _number(value: IndicatorValue) -> tuple[int, int]:
    """A reported number as a fraction: the mean of its observations, else the count."""
    return (value.numerator, value.denominator) if value.denominator > 0 else (cases_of(value), SCALE)


def _against_bounds(indicator: Indicator, numerator: int, denominator: int, rule: str) -> Verdict:
    green, yellow = indicator.green, indicator.yellow
    assert green is not None
    inputs: Inputs = {"numerator": numerator, "denominator": denominator}
    checks = [_bound_check(rule, green, Light.GREEN, numerator, denominator, inputs)]
    if yellow is not None:
        checks.append(_bound_check(rule, yellow, Light.YELLOW, numerator, denominator, inputs))
    last = checks[-1]
    checks.append(Check(rule, True, Light.RED, f"not {last.comparison}", inputs))
    return _first(checks)


def _bound_check(rule: str, bound: Threshold, light: Light, numerator: int, denominator: int, inputs: Inputs) -> Check:
    amount = fixed_text(numerator) if denominator == SCALE else f"{fixed_text(numerator)}/{fixed_text(denominator)}"
    comparison = f"{amount} {bound.comparison} {fraction_text(bound.fraction, percent=bound.denominator > 1)}"
    return Check(rule, bound.holds(numerator, denominator), light, comparison, inputs)


def _worse_source(first: Verdict, second: Verdict) -> Verdict:
    """Both sources judged: the worse counts, and lights that differ are a conflict for the reviewer."""
    if not is_lit(first.light) or not is_lit(second.light):
        kept = first if is_lit(first.light) else second if is_lit(second.light) else first
        # A case under investigation stays grey although the numbers reported so far are clean.
        held = first if first.reason == "verification" and second.light is not Light.RED else kept
        return replace(held, checks=first.checks + second.checks)
    kept = first if first.light >= second.light else second
    conflict = first.light is not second.light
    return replace(
        kept,
        rule="L0.sources.worse" if conflict else kept.rule,
        conflict=conflict,
        checks=first.checks + second.checks,
    )


def _with_other_sources(verdict: Verdict, sources: Mapping[str, Light]) -> Verdict:
    for name, light in sorted(sources.items()):
        if not is_lit(light):
            continue
        taken = worse(verdict.light, light)
        check = Check("L0.sources.worse", True, light, f"{name}: {light.word}", {"source": name}, taken is light)
        conflict = verdict.conflict or (is_lit(verdict.light) and verdict.light is not light)
        changed = taken is not verdict.light
        verdict = replace(
            verdict,
            light=taken,
            rule="L0.sources.worse" if conflict or changed else verdict.rule,
            reason="" if changed else verdict.reason,
            conflict=conflict,
            checks=(*verdict.checks, check),
        )
    return verdict


def _first(checks: list[Check]) -> Verdict:
    """The light of the first check that holds; those after it are kept, undecided, for the explanation."""
    index = next(number for number, check in enumerate(checks) if check.holds)
    decided = replace(checks[index], decided=True)
    light = decided.light
    assert light is not None
    made = (*checks[:index], decided)
    return Verdict(light, decided.rule, decided.inputs, checks=made)


def _lit(rule: str, light: Light, comparison: str, inputs: Inputs) -> Verdict:
    return Verdict(light, rule, inputs, checks=(Check(rule, True, light, comparison, inputs, True),))


def _grey(rule: str, reason: str, inputs: Inputs | None = None, comparison: str = "") -> Verdict:
    inputs = inputs or {}
    return Verdict(Light.GREY, rule, inputs, reason, checks=(Check(rule, True, Light.GREY, comparison, inputs, True),))
