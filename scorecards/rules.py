"""How a rule is put to the facts: exact shares, and which of several rules decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from forms.meaning import Light
from forms.rulebook import Rule, Rulebook
from scorecards.verdict import Check, Inputs


def reaches(part: int | Fraction, whole: int | Fraction, share: Fraction) -> bool:
    """part / whole >= share by cross-multiplication; False where there is no whole."""
    return whole > 0 and part * share.denominator >= share.numerator * whole


def below(part: int | Fraction, whole: int | Fraction, share: Fraction) -> bool:
    """part / whole < share by cross-multiplication; False where there is no whole."""
    return whole > 0 and part * share.denominator < share.numerator * whole


def at_least(rule: Rule, parameter: str, light: Light, name: str, number: int) -> Check:
    """``number >= parameter``, a parameter that is a whole number."""
    limit = rule.number(parameter)
    return Check(rule.id, number >= limit, light, f"{number} >= {limit}", {name: number})


def more_than(rule: Rule, parameter: str, light: Light, name: str, number: int) -> Check:
    """``number > parameter``, a parameter that is a whole number."""
    limit = rule.number(parameter)
    return Check(rule.id, number > limit, light, f"{number} > {limit}", {name: number})


def some(rule: Rule, light: Light, name: str, number: int) -> Check:
    """``number >= 1``: any at all is enough."""
    return Check(rule.id, number >= 1, light, f"{number} >= 1", {name: number})


def share_reaches(
    rule: Rule, parameter: str, light: Light, part: tuple[str, int | Fraction], whole: tuple[str, int | Fraction]
) -> Check:
    """``part / whole >= parameter``, a parameter that is a share; does not hold where there is no whole."""
    holds = reaches(part[1], whole[1], rule.fraction(parameter))
    return Check(rule.id, holds, light, _text(part, ">=", whole, rule, parameter), _inputs(part, whole))


def share_below(
    rule: Rule, parameter: str, light: Light, part: tuple[str, int | Fraction], whole: tuple[str, int | Fraction]
) -> Check:
    """``part / whole < parameter``, a parameter that is a share; does not hold where there is no whole."""
    holds = below(part[1], whole[1], rule.fraction(parameter))
    return Check(rule.id, holds, light, _text(part, "<", whole, rule, parameter), _inputs(part, whole))


def otherwise(rulebook: Rulebook, rule_id: str, light: Light, inputs: Inputs) -> Check:
    """The rule that holds where none before it does."""
    return Check(rulebook[rule_id].id, True, light, "", inputs)


def decide(checks: Iterable[Check]) -> tuple[Light, tuple[Check, ...]]:
    """The light of the first check that holds, and all checks with those marked that give this light.

    ``checks`` stand in order of precedence. A check "otherwise" at the end holds only if nothing before it does.
    """
    listed = list(checks)
    first = next(check for check in listed if check.holds)
    light = first.light
    assert light is not None
    last = len(listed) - 1
    made = tuple(
        replace(check, holds=False)
        if number == last and check is not first
        else replace(check, decided=check.holds and check.light is light)
        for number, check in enumerate(listed)
    )
    return light, made


def deciding_rule(checks: Iterable[Check]) -> str:
    """The identifier of the first rule that decided."""
    return next(check.rule for check in checks if check.decided)


def _text(
    part: tuple[str, int | Fraction], sign: str, whole: tuple[str, int | Fraction], rule: Rule, parameter: str
) -> str:
    top, bottom = _bracketed(part[1]), _bracketed(whole[1])
    return f"{top}/{bottom} {sign} {rule.parameters[parameter]}"


def _bracketed(number: int | Fraction) -> str:
    return f"({number})" if isinstance(number, Fraction) and number.denominator != 1 else str(number)


def _inputs(*named: tuple[str, int | Fraction]) -> Inputs:
    return {name: number if isinstance(number, int) else str(number) for name, number in named}
