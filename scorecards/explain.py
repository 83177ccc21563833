"""Why a light is what it is, as data that a stranger can recompute by hand, and as sentences in zh and en."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from forms.catalogue import Indicator, Threshold
from forms.meaning import Light, quarter_name
from forms.rulebook import Rulebook
from scorecards.sentences import LIGHT_WORDS, REASONS, name_of
from scorecards.verdict import Check, IndicatorValue, Inputs, Verdict, fixed_text, fraction_text


@dataclass(frozen=True, slots=True)
class Reference:
    """One observation behind an amount: where it stands and what it contributed.

    ``submission`` is the submission's id, ``item`` and ``repeat_index`` the place in it; numbers are fixed point.
    """

    submission: int | str
    item: str
    repeat_index: int
    measure: int
    light: int
    numerator: int
    denominator: int
    observed_on: int
    inspector: int


@dataclass(frozen=True, slots=True)
class ExplainedRule:
    """One rule put to the facts: its sentence in each language, its parameters, and the numbers compared."""

    rule: str
    labels: Mapping[str, str]
    source: str
    parameters: Mapping[str, str]
    comparison: str
    inputs: Inputs
    holds: bool
    decided: bool
    light: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one subject shows one light.

    ``kind`` is indicator, dimension, school, town, group or department; ``subject`` its code or id as text.
    ``facts`` are the amounts judged; ``parts`` the lights it was made of (dimension by indicator, school by
    dimension); ``references`` the observations behind an indicator's amounts. Fixed-point numbers are text.
    """

    kind: str
    subject: str
    labels: Mapping[str, str]
    quarter: int
    light: int
    reason: str
    conflict: bool
    rules: tuple[ExplainedRule, ...]
    facts: Mapping[str, int | str]
    parts: Mapping[str, int]
    references: tuple[Reference, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data without floats."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Explanation:
        """The inverse of ``to_json``."""
        rules = tuple(ExplainedRule(**rule) for rule in data["rules"])
        return cls(**{**data, "rules": rules, "references": tuple(Reference(**ref) for ref in data["references"])})


class Judged(Protocol):
    """Any card: dimension, school, town, department."""

    @property
    def light(self) -> Light: ...
    @property
    def checks(self) -> tuple[Check, ...]: ...


def explain_indicator(
    indicator: Indicator,
    value: IndicatorValue | None,
    verdict: Verdict,
    rulebook: Rulebook,
    *,
    quarter: int,
    observations: Iterable[Mapping[str, Any]] = (),
) -> Explanation:
    """Why an indicator shows its light.

    ``observations`` are the rows of ``analysis.frames.OBSERVATION`` that were summed; each becomes a reference.
    """
    return Explanation(
        "indicator",
        indicator.code,
        indicator.labels,
        quarter,
        int(verdict.light),
        verdict.reason,
        verdict.conflict,
        tuple(_explained(check, rulebook) for check in verdict.checks),
        _facts(indicator, value),
        {},
        tuple(_reference(row) for row in observations),
    )


def explain_card(
    kind: str,
    subject: str,
    labels: Mapping[str, str],
    card: Judged,
    rulebook: Rulebook,
    *,
    quarter: int,
    parts: Mapping[str, Light] | None = None,
    facts: Mapping[str, int | str] | None = None,
) -> Explanation:
    """Why a unit or one of its dimensions shows its light; ``parts`` are the lights it was made of."""
    return Explanation(
        kind,
        subject,
        labels,
        quarter,
        int(card.light),
        "not_applicable" if card.light is Light.NA else "",
        False,
        tuple(_explained(check, rulebook) for check in card.checks),
        dict(facts or {}),
        {name: int(light) for name, light in (parts or {}).items()},
    )


def render(explanation: Explanation, language: str) -> list[str]:
    """The explanation as plain sentences, in ``zh`` or ``en``: the light, the rules that decided, the amounts."""
    words = _WORDS[language]
    light = LIGHT_WORDS[language][Light(explanation.light)]
    subject = name_of(explanation.labels, language, explanation.subject)
    lines = [words["light"].format(subject=subject, quarter=quarter_name(explanation.quarter), light=light)]
    if explanation.reason:
        lines.append(words["because"].format(reason=REASONS[language][explanation.reason]))
    lines += [_rule_line(rule, language, words) for rule in explanation.rules if rule.decided]
    if explanation.conflict:
        lines.append(words["conflict"])
    if explanation.facts:
        listed = words["comma"].join(
            words["fact"].format(name=words.get(name, name), value=value) for name, value in explanation.facts.items()
        )
        lines.append(words["facts"].format(facts=listed))
    not_held = [rule for rule in explanation.rules if not rule.holds and rule.comparison]
    if not_held:
        listed = words["semicolon"].join(f"{rule.rule} ({rule.comparison})" for rule in not_held)
        lines.append(words["others"].format(rules=listed))
    if explanation.references:
        visits = len({reference.submission for reference in explanation.references})
        lines.append(words["answers"].format(answers=len(explanation.references), submissions=visits))
    return lines


def _rule_line(rule: ExplainedRule, language: str, words: Mapping[str, str]) -> str:
    sentence = name_of(rule.labels, language, rule.rule)
    return words["rule" if rule.comparison else "rule_alone"].format(
        rule=rule.rule, sentence=sentence, comparison=rule.comparison
    )


def _explained(check: Check, rulebook: Rulebook) -> ExplainedRule:
    rule = rulebook[check.rule]
    return ExplainedRule(
        rule.id,
        dict(rule.labels),
        rule.source,
        dict(rule.parameters),
        check.comparison,
        dict(check.inputs),
        check.holds,
        check.decided,
        None if check.light is None else int(check.light),
    )


def _facts(indicator: Indicator, value: IndicatorValue | None) -> dict[str, int | str]:
    facts: dict[str, int | str] = {}
    if value is not None:
        if value.lights or value.grey:
            facts |= {"green": value.green, "yellow": value.yellow, "red": value.red, "grey": value.grey}
        if value.numerator or value.denominator:
            facts["numerator"] = _amount(indicator, value.numerator)
            facts["denominator"] = _amount(indicator, value.denominator)
        if value.count:
            facts["count"] = fixed_text(value.count)
        facts |= {"observations": value.observations, "last_on": value.last_on}
    for name, bound in (("green_bound", indicator.green), ("yellow_bound", indicator.yellow)):
        if bound is not None:
            facts[name] = _bound(bound, indicator)
    if indicator.target is not None:
        facts["target"] = indicator.target
    return facts


def _amount(indicator: Indicator, number: int) -> str:
    """Amounts are fixed point; the coefficient of variation is a fraction of its own without a scale."""
    return str(number) if indicator.rule == "cv" else fixed_text(number)


def _bound(bound: Threshold, indicator: Indicator) -> str:
    percent = indicator.rule == "ratio" or indicator.unit == "%"
    return f"{bound.comparison} {fraction_text(bound.fraction, percent=percent)}"


def _reference(row: Mapping[str, Any]) -> Reference:
    return Reference(**{name: row[name] for name in Reference.__dataclass_fields__})


_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "light": "{subject}，{quarter}：{light}。",
        "because": "原因：{reason}。",
        "rule": "依据规则 {rule}：{sentence}。比较：{comparison}。",
        "rule_alone": "依据规则 {rule}：{sentence}。",
        "conflict": "多个来源结论不一致，已取更差的灯，待审核人裁定。",
        "facts": "数据：{facts}。",
        "fact": "{name} {value}",
        "others": "已核对但不成立的规则：{rules}。",
        "answers": "依据 {submissions} 份提交中的 {answers} 条记录。",
        "comma": "，",
        "semicolon": "；",
        "numerator": "分子",
        "denominator": "分母",
        "count": "件数",
        "green": "是（绿）",
        "yellow": "部分（黄）",
        "red": "否（红）",
        "grey": "待核（灰）",
        "observations": "有效观察",
        "last_on": "最近观察日（自1970-01-01起天数）",
        "green_bound": "绿线",
        "yellow_bound": "黄线",
        "target": "目标",
        "complete": "已有数据",
        "needed": "应有数据",
        "score": "展示分值",
    },
    "en": {
        "light": "{subject}, {quarter}: {light}.",
        "because": "Reason: {reason}.",
        "rule": "By rule {rule}: {sentence}. Compared: {comparison}.",
        "rule_alone": "By rule {rule}: {sentence}.",
        "conflict": "Sources disagree; the worse light was taken and a reviewer rules on it.",
        "facts": "Data: {facts}.",
        "fact": "{name} {value}",
        "others": "Rules examined that do not hold: {rules}.",
        "answers": "Based on {answers} observations in {submissions} submissions.",
        "comma": ", ",
        "semicolon": "; ",
        "numerator": "numerator",
        "denominator": "denominator",
        "count": "cases",
        "green": "yes (green)",
        "yellow": "partial (yellow)",
        "red": "no (red)",
        "grey": "under verification (grey)",
        "observations": "valid observations",
        "last_on": "last observed on (days since 1970-01-01)",
        "green_bound": "green bound",
        "yellow_bound": "yellow bound",
        "target": "target",
        "complete": "with data",
        "needed": "expected",
        "score": "displayed score",
    },
}
