"""Fills a checklist in as an inspector would at a school: what is asked, answered by the school's hidden state."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from forms.catalogue import Indicator
from forms.definition import Choice
from forms.expressions import as_text, evaluate, holds, number
from forms.meaning import Light
from server.demo import notes, photos
from server.demo.latent import SchoolState, meet
from server.demo.numbers import RANGES, SMALL_SCHOOL, numerator_for, size_of, wanted_ratio, written
from server.demo.survey import Group, Question, Survey

Values = dict[str, Any]
ABSENT = (
    ("canteen", ("食堂", "后厨", "留样", "陪餐", "餐")),
    ("boarding", ("宿舍", "寄宿", "住校")),
    ("bus", ("校车", "接送车")),
)
TEXTS = ("已查看相关记录，与台账一致。", "45/43", "3/3")
LIT = {"green", "yellow", "red"}
# Photos that need not be taken: how often they are left out.
OPTIONAL = {"ft_a14": 0.7, "f12_b05": 0.7, "hd_a14": 0.3}
GUESSES = (0, 1, 2, 3, 5, 10, 20, 30, 45, 60, 80, 100)


@dataclass(slots=True)
class Filled:
    """A filled-in checklist: values for ``build_instance`` and its files."""

    values: Values = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Visit:
    """Who fills in what, where and when. ``given`` are answers that are known beforehand, ``tables`` what
    the files beside the form say (``file:column:key:value`` to text)."""

    survey: Survey
    state: SchoolState
    begin: dt.datetime
    end: dt.datetime
    inspector: float
    certificate: str
    device: str
    given: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    drawing: bool = True


class Filler:
    """Walks one checklist once."""

    def __init__(self, visit: Visit, random_: random.Random) -> None:
        self.visit, self.random = visit, random_
        self.filled = Filled()
        self.sizes: dict[str, int] = {}
        self.questions = visit.survey.named()
        self.lights: dict[str, str] = {}

    def fill(self) -> Filled:
        """All answers in the order of the form."""
        self._group(self.visit.survey.root, self.filled.values)
        return self.filled

    def _group(self, group: Group, values: Values) -> None:
        for child in group.children:
            if isinstance(child, Question):
                self._question(child, values)
            elif holds(child.relevant, self._lookup(values)):
                if child.repeat:
                    self._repeat(child, values)
                else:
                    self._group(child, values)

    def _repeat(self, group: Group, values: Values) -> None:
        given = self.visit.given.get(group.name)
        if given is None:
            given = [{}] * self._entries(group.name)
        entries = []
        for known in given:
            entry: Values = {}
            outer = self.visit.given
            self.visit.given = {**outer, **known}
            self._group(group, _Layer(entry, values))
            self.visit.given = outer
            entries.append(entry)
        if entries:
            values[group.name] = entries

    def _entries(self, name: str) -> int:
        if name == "findings":
            return int(self.random.random() < 0.06)
        return self.random.randint(1, 3)

    def _lookup(self, values: Values, own: str = "") -> Callable[[str], str]:
        def find(name: str) -> str:
            if name == ".":
                return own
            if name == "today()":
                return self.visit.end.date().isoformat()
            if name.startswith("pulldata:"):
                return self.visit.tables.get(name.removeprefix("pulldata:"), "")
            found = values.get(name, "")
            return found if isinstance(found, str) else ""

        return find

    def _question(self, question: Question, values: Values) -> None:
        if not holds(question.row["relevant"], self._lookup(values)):
            return
        if question.name in self.visit.given:
            answer = str(self.visit.given[question.name])
        else:
            answer = self._answer(question, values)
        if answer:
            values[question.name] = answer

    def _answer(self, question: Question, values: Values) -> str:
        kind = question.type
        if kind == "start":
            return self.visit.begin.isoformat(timespec="milliseconds")
        if kind == "end":
            return self.visit.end.isoformat(timespec="milliseconds")
        if kind == "deviceid":
            return self.visit.device
        if kind == "calculate":
            return as_text(evaluate(question.row["calculation"], self._lookup(values)))
        if kind == "geopoint":
            return self._position()
        if kind == "image":
            return self._image(question)
        if kind == "date":
            return self.visit.end.date().isoformat()
        if kind == "text":
            return self._text(question)
        if kind in ("integer", "decimal"):
            return self._number(question, values)
        if kind in ("select_one", "select_multiple"):
            return self._choice(question)
        return ""

    def _position(self) -> str:
        school = self.visit.state.school
        here = (school.latitude + self.random.gauss(0, 0.0004), school.longitude + self.random.gauss(0, 0.0004))
        return f"{here[0]:.6f} {here[1]:.6f} {self.random.uniform(40, 90):.1f} {self.random.uniform(4, 25):.1f}"

    def _image(self, question: Question) -> str:
        about = question.item.companion_of
        if not question.required and question.name in OPTIONAL and self.random.random() < OPTIONAL[question.name]:
            return ""
        if not question.required and about and self.random.random() < 0.6:
            return ""
        if question.name.startswith("ft_a05") and not question.required:
            return ""
        if not self.visit.drawing:
            return ""
        if question.row["appearance"].startswith("signature"):
            name, data = "signature", photos.signature(self.random)
        elif question.name == "hd_a14":
            name, data = "gate", photos.gate(self.visit.state.school.name, self.random)
        else:
            source = self.questions[about].label if about else question.label
            name, data = "photo", photos.scene(source, self.random)
        file = f"{name}-{question.name}-{self.random.getrandbits(40):010x}.jpg"
        self.filled.files[file] = data
        return file

    def _text(self, question: Question) -> str:
        about = question.item.companion_of
        if about:
            return notes.note_for(self.questions[about].label, self.lights.get(about, "red"), self.random)
        if question.name == "hd_a08":
            return self.visit.certificate
        if question.name == "ft_a01":
            return self.random.choice(notes.HIGHLIGHTS) if self.random.random() < 0.4 else ""
        if question.name == "ft_a04":
            return self.random.choice(notes.OTHER_FINDINGS)[1]
        if question.row["readonly"] or not question.required:
            return ""
        fitting = (text for text in TEXTS if holds(question.row["constraint"], self._lookup({}, text)))
        return next(fitting, "")

    def _choice(self, question: Question) -> str:
        choices = self.visit.survey.definition.choices.get(question.item.list_name, ())
        if not choices:
            return ""
        words = {choice.light.word: choice for choice in choices if choice.light is not None}
        if words:
            return self._lit(question, choices, words)
        if question.type == "select_multiple":
            names = [choice.name for choice in choices]
            if question.item.list_name == "nine":
                count = len(names) if self._meet(question, LIT) == "green" else self.random.randint(6, 8)
                return " ".join(names[:count])
            return " ".join(self.random.sample(names, min(len(names), self.random.randint(1, 3))))
        return self._plain_choice(question, choices)

    def _plain_choice(self, question: Question, choices: tuple[Choice, ...]) -> str:
        names = [choice.name for choice in choices]
        known = {"hd_a07": self.visit.state.school.stage, "hd_a11": "1", "hd_a12": "1", "ft_a11": "1"}
        known |= {"ft_a06": "S2", "ft_a07": "R2", "ft_a09": "0"}
        if known.get(question.name) in names:
            return known[question.name]
        if question.name == "is_small":
            return "1" if self.visit.state.school.enrolment < SMALL_SCHOOL else "0"
        if set(names) == {"0", "1"} and question.feeds:
            return "1" if self._meet(question, LIT) == "green" else "0"
        if set(names) == {"0", "1"}:
            return "1" if self.random.random() < 0.9 else "0"
        return self.random.choice(names)

    def _lit(self, question: Question, choices: tuple[Choice, ...], words: Mapping[str, Choice]) -> str:
        if "na" in words and self._not_here(question.label):
            self.lights[question.name] = "na"
            return words["na"].name
        word = self._meet(question, set(words))
        fitting = [choice.name for choice in choices if choice.light is not None and choice.light.word == word]
        if not fitting:
            fitting = [choice.name for choice in choices if choice.light in (Light.GREEN, Light.NA)] or [
                choices[0].name
            ]
        return self.random.choice(fitting)

    def _meet(self, question: Question, words: set[str]) -> str:
        dimension = question.dimension or question.item.section
        day = self.visit.end.date()
        severity = question.item.severity
        word = meet(self.visit.state, question.name, dimension, severity, words, self.visit.inspector, day, self.random)
        self.lights[question.name] = word
        return word

    def _not_here(self, label: str) -> bool:
        school = self.visit.state.school
        if any(not getattr(school, what) and any(word in label for word in listed) for what, listed in ABSENT):
            return True
        if "招生季" in label:
            return self.visit.end.month not in (4, 5, 6, 7, 8, 9)
        return school.stage == "1" and any(word in label for word in ("作业", "课表", "早读", "睡眠"))

    def _number(self, question: Question, values: Values) -> str:
        wanted = self._wanted(question)
        decimals = 0 if question.type == "integer" else 2
        constraint = question.row["constraint"]
        tries: list[Fraction] = [wanted, *map(Fraction, GUESSES)]
        tries += [Fraction(number(text)) for text in values.values() if isinstance(text, str) and text.isdigit()]
        for guess in tries:
            text = written(guess, decimals)
            if holds(constraint, self._lookup(values, text)):
                return text
        raise ValueError(f"no number fits the constraint of {question.name}: {constraint}")

    def _wanted(self, question: Question) -> Fraction:
        enrolment = self.visit.state.school.enrolment
        if question.name == "hd_a16":
            return Fraction(int(enrolment * self.random.uniform(0.94, 1)))
        if question.name in RANGES:
            green, other = RANGES[question.name]
            return Fraction(self.random.randint(*(green if self._meet(question, LIT) == "green" else other)))
        if question.is_denominator:
            return Fraction(self._size(question.name))
        for feed in question.feeds:
            if not applies(feed.indicator, self.visit.state.school.stage):
                continue
            word = self._meet(question, LIT)
            ratio = wanted_ratio(feed.indicator, word, self.random)
            if ratio is None:
                continue
            if feed.denominator or feed.constant:
                size = feed.constant or self._size(feed.denominator)
                amount = numerator_for(ratio, size, feed.indicator)
                return Fraction(size - amount if feed.remainder else amount)
            return ratio * 100 if _percent(question, feed.indicator.green) else ratio
        return Fraction(size_of(question.label, enrolment, self.random))

    def _size(self, name: str) -> int:
        """How many there are in a denominator; the same whenever it is asked for."""
        given = str(self.visit.given.get(name, ""))
        if given.isdigit():
            return max(1, int(given))
        if name not in self.sizes:
            question = self.questions.get(name)
            label = question.label if question else ""
            if question and question.type == "calculate":
                fixed = number(evaluate(question.row["calculation"], lambda _name: "1"))
                return 1 if fixed.is_nan() else max(1, int(fixed))
            self.sizes[name] = max(1, size_of(label, self.visit.state.school.enrolment, self.random))
        return self.sizes[name]


def applies(indicator: Indicator, stage: str) -> bool:
    """True unless the catalogue keeps the indicator for other stages than this one."""
    stages = re.findall(r"\d+", indicator.where) if "unit.stage" in indicator.where else []
    if not stages or not stage:
        return True
    return (stage in stages) != ("!=" in indicator.where)


class _Layer(dict[str, Any]):
    """A repeat's entry over the answers outside it: reads look through, writes stay in the entry."""

    def __init__(self, entry: Values, outer: Values) -> None:
        super().__init__()
        self.entry, self.outer = entry, outer

    def __setitem__(self, name: str, value: Any) -> None:
        self.entry[name] = value

    def get(self, name: str, default: Any = None) -> Any:
        return self.entry.get(name, self.outer.get(name, default))

    def values(self) -> Any:
        return [*self.entry.values(), *self.outer.values()]


def _percent(question: Question, bound: Any) -> bool:
    """True for a percentage that is answered as 0 to 100 but whose bound is a share."""
    return bound is not None and bound.fraction <= 1 and ("%" in question.label or "100" in question.row["constraint"])
