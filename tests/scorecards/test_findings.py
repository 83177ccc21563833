"""Answers propose findings; a reviewer confirms them."""

from __future__ import annotations

import datetime as dt

import pytest

from forms.answers import Answer
from forms.definition import Choice, FormDefinition, Item, Meaning
from forms.meaning import Light, Measure
from scorecards.findings import propose

MONDAY = dt.date(2026, 11, 23)
YNP = tuple(
    Choice("ynp", name, {}, light)
    for name, light in [("1", Light.GREEN), ("2", Light.YELLOW), ("3", Light.RED), ("9", Light.NA)]
)
VIO = tuple(Choice("vio", name, {}, light) for name, light in [("0", Light.GREEN), ("1", Light.GREY), ("2", Light.RED)])


def item(name: str, severity: int, list_name: str = "ynp", **fields: object) -> Item:
    meaning = Meaning(f"I-{name}", Measure.LIGHT)
    return Item(
        name,
        f"/data/{name}",
        "select_one",
        {"zh": f"题{name}"},
        list_name,
        severity=severity,
        meanings=(meaning,),
        **fields,
    )


DEFINITION = FormDefinition(
    "f01",
    "1",
    {"zh": "常规"},
    items=(
        item("s1", 1),
        item("s2", 2),
        item("s2_nt", 0, role="note_companion", companion_of="s2"),
        item("s2_ev", 0, role="photo_companion", companion_of="s2"),
        item("s3", 3, days=3),
        item("s4", 4, "vio", days=1, veto=4),
        item("posts", 2, days=90, route=4),
        item("free", 0),
        Item("cases", "/data/cases", "integer", {}, severity=2, meanings=(Meaning("B1", Measure.COUNT),)),
        item("room", 2, repeat="/data/rooms"),
        Item("ft_a04", "/data/findings/ft_a04", "text", {"zh": "问题描述"}, role="footer"),
        Item("ft_a05_1", "/data/findings/ft_a05_1", "image", {}, role="footer"),
        Item("ft_a05_2", "/data/findings/ft_a05_2", "image", {}, role="footer"),
    ),
    choices={"ynp": YNP, "vio": VIO},
)


def found(rulebook, catalogue=None, **answers: str):
    listed = []
    for key, text in answers.items():
        name, _, index = key.partition("__")
        listed.append(Answer(name, "", text, int(index or 0)))
    return propose(DEFINITION, listed, rulebook, found_on=MONDAY, catalogue=catalogue)


@pytest.mark.parametrize(
    ("name", "answer", "light"),
    [
        ("s1", "3", Light.RED),
        ("s1", "2", None),  # a partial answer of S1 is no finding
        ("s2", "2", Light.YELLOW),
        ("s2", "9", None),
        ("s2", "1", None),
        ("free", "3", None),
        ("s4", "1", None),  # a lead is verified first
        ("s4", "2", Light.RED),
    ],
)
def test_red_and_serious_partial_answers_propose_findings(rulebook, name, answer, light):
    assert [finding.light for finding in found(rulebook, **{name: answer})] == ([light] if light else [])


def test_severity_gives_days_and_route_unless_the_item_says_otherwise(rulebook):
    s1, s2, s3, s4, posts = found(rulebook, s1="3", s2="3", s3="3", s4="2", posts="3")
    assert [(f.severity, f.route, f.days) for f in (s1, s2, s3, s4, posts)] == [
        (1, 1, 30), (2, 2, 15), (3, 3, 3), (4, 3, 1), (2, 4, 90),
    ]  # fmt: skip
    assert (s3.due.due, s4.due.due) == (dt.date(2026, 11, 26), dt.date(2026, 11, 24))
    assert not posts.due.certain  # ninety working days reach into a year whose holidays are unknown
    assert (s4.s4, s4.report_hours, s4.veto) == (True, 24, 4)
    assert (s3.s4, s3.report_hours, s3.veto) == (False, 0, 0)


def test_the_companions_carry_the_fact_and_the_photo(rulebook):
    (finding,) = found(rulebook, s2="2", s2_nt=" 缺两本记录 ", s2_ev="a.jpg")
    assert (finding.fact, finding.photos, finding.indicators) == ("缺两本记录", ("a.jpg",), ("I-s2",))
    (without,) = found(rulebook, s2="2")
    assert (without.fact, without.photos) == ("题s2", ())


def test_each_instance_of_a_repeat_is_its_own_finding(rulebook):
    assert [f.repeat_index for f in found(rulebook, room__1="3", room__2="1", room__3="2")] == [1, 3]


def test_reported_cases_of_zero_tolerance_are_findings(rulebook, catalogue):
    assert [f.indicators for f in found(rulebook, catalogue, cases="2")] == [("B1",)]
    assert found(rulebook, catalogue, cases="0") == []


def test_the_footers_findings_are_taken_as_the_inspector_wrote_them(rulebook):
    first, second = found(
        rulebook,
        ft_a03__1="AQ-16", ft_a04__1="通道堆物", ft_a05_1__1="x.jpg", ft_a05_2__1="y.jpg", ft_a06__1="4", ft_a07__1="2",
        ft_a08__1="2", ft_a09__1="1", ft_a04__2="墙面渗水", ft_a06__2="S2", ft_a07__2="R4",
    )  # fmt: skip
    assert (first.indicators, first.fact, first.photos) == (("AQ-16",), "通道堆物", ("x.jpg", "y.jpg"))
    assert (first.severity, first.route, first.days, first.again, first.s4) == (4, 2, 2, True, True)
    assert (second.severity, second.route, second.days, second.again) == (2, 4, 15, False)
