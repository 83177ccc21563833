"""Eight simulated quarters with planted recurrences: all are found, none is invented."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.shipped import shipped_rulebook
from scorecards.lifecycle.dates import months_after
from scorecards.lifecycle.recurrence import MONTHS, Known, Match, Seen, What, match
from scorecards.lifecycle.settings import settings_of

FIRST = dt.date(2025, 1, 6)
DAY = dt.timedelta(days=1)


def old(closed: dt.date | None = dt.date(2026, 3, 31), **more: object) -> Known:
    known = Known("F-1", 10, "f01_a02", 0, 2, "closed" if closed else "rectifying", dt.date(2026, 3, 2), closed)
    return replace(known, **more)  # type: ignore[arg-type]


def seen(day: dt.date, **more: object) -> Seen:
    return replace(Seen(10, "f01_a02", 0, 2, day), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "what"),
    [
        (dt.date(2026, 3, 30), What.OPEN),  # a visit before the closing that was sent in late
        (dt.date(2026, 3, 31), What.OPEN),
        (dt.date(2026, 4, 1), What.RELAPSE),
        (dt.date(2027, 3, 31), What.RELAPSE),
        (dt.date(2027, 4, 1), What.NEW),
    ],
)
def test_a_closed_finding_recurs_within_twelve_months(day: dt.date, what: What) -> None:
    assert match(seen(day), [old()]).what is what


def test_a_relapse_is_one_severity_more_at_most_s4_and_counted() -> None:
    day = dt.date(2026, 6, 1)
    assert match(seen(day), [old()]) == Match(What.RELAPSE, "F-1", 3, 1)
    assert match(seen(day, severity=1), [old()]) == Match(What.RELAPSE, "F-1", 3, 1)
    assert match(seen(day, severity=4), [old(reopened=2)]) == Match(What.RELAPSE, "F-1", 4, 3)
    assert match(seen(day), [old(severity=4)]) == Match(What.RELAPSE, "F-1", 4, 1)


def test_an_open_finding_is_not_doubled() -> None:
    assert match(seen(dt.date(2026, 6, 1)), [old(None), old(code="F-0")]) == Match(What.OPEN, "F-1", 2, 0)


@pytest.mark.parametrize(
    "other",
    [{"unit": 11}, {"item": "f01_a03"}, {"repeat_index": 1}, {"state": "withdrawn"}, {"state": "merged"}],
)
def test_another_school_item_or_instance_and_what_was_never_there_are_no_recurrence(other: dict[str, object]) -> None:
    assert match(seen(dt.date(2026, 6, 1)), [old(**other)]).what is What.NEW


def test_instances_of_a_repeat_are_each_their_own() -> None:
    assert match(seen(dt.date(2026, 6, 1), repeat_index=1), [old(repeat_index=1)]).what is What.NEW


def test_the_months_are_the_rulebooks() -> None:
    assert settings_of(shipped_rulebook())["L1.school.red.relapse.months"] == MONTHS
    assert match(seen(dt.date(2026, 7, 1)), [old()], months=3).what is What.NEW


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2024, 2, 29), 12, dt.date(2025, 2, 28)),
        (dt.date(2026, 12, 31), 12, dt.date(2027, 12, 31)),
        (dt.date(2026, 11, 22), 0, dt.date(2026, 11, 22)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(day: dt.date, months: int, later: dt.date) -> None:
    assert months_after(day, months) == later


def simulate(seed: int) -> tuple[dict[str, What], dict[str, What], int]:
    """Two years of visits: what was planted for each find, what the rule said, and how many recurrences there were.

    The plan is drawn first, find by find, from what an attentive person would write into a notebook: for each school
    and item the day on which it was last put right. The rule sees only the list of findings.
    """
    draw = random.Random(seed)
    schools, items = range(20), [f"f01_a{number:02}" for number in range(1, 16)]
    notebook: dict[tuple[int, str], tuple[str, dt.date | None]] = {}
    known: dict[str, Known] = {}
    planted: dict[str, What] = {}
    said: dict[str, What] = {}
    severities: dict[str, int] = {}
    for week in range(8 * 13):
        today = FIRST + 7 * week * DAY
        for place, (code, ended) in list(notebook.items()):
            if ended is None and draw.random() < 0.15:
                notebook[place] = (code, today - DAY)
                known[code] = replace(known[code], state="closed", closed_on=today - DAY)
        for school in schools:
            for item in draw.sample(items, draw.choice((0, 0, 1, 2))):
                find = f"{school}-{item}-{week}"
                severity = draw.randint(1, 4)
                code, ended = notebook.get((school, item), ("", None))
                if not code or (ended is not None and today > _a_year_after(ended)):
                    planted[find] = What.NEW
                else:
                    planted[find] = What.OPEN if ended is None else What.RELAPSE
                answer = match(Seen(school, item, 0, severity, today), known.values())
                said[find] = answer.what
                if planted[find] is What.NEW:
                    notebook[school, item] = (find, None)
                    known[find] = Known(find, school, item, 0, severity, "open", today)
                    severities[find] = severity
                elif planted[find] is What.RELAPSE:
                    notebook[school, item] = (code, None)
                    severities[code] = min(4, max(severities[code] + 1, severity))
                    assert (answer.code, answer.severity) == (code, severities[code])
                    assert answer.relapses == known[code].reopened + 1
                    known[code] = replace(
                        known[code],
                        state="reopened",
                        closed_on=None,
                        severity=severities[code],
                        reopened=answer.relapses,
                    )
    return planted, said, sum(what is What.RELAPSE for what in planted.values())


def _a_year_after(day: dt.date) -> dt.date:
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


@pytest.mark.parametrize("seed", range(5))
def test_in_eight_quarters_every_planted_recurrence_is_found_and_none_invented(seed: int) -> None:
    planted, said, recurrences = simulate(seed)
    assert said == planted
    assert recurrences > 100
    assert sum(what is What.NEW for what in planted.values()) > 250


@given(
    finds=st.lists(
        st.tuples(
            st.sampled_from((1, 2)), st.sampled_from(("a", "b")), st.integers(1, 4), st.integers(0, 500), st.booleans()
        ),
        max_size=25,
    )
)
@settings(max_examples=200)
def test_whatever_is_found_in_whatever_order_of_days_no_two_open_findings_say_the_same(
    finds: list[tuple[int, str, int, int, bool]],
) -> None:
    known: dict[str, Known] = {}
    for number, (unit, item, severity, days, close) in enumerate(sorted(finds, key=lambda find: find[3])):
        day = FIRST + days * DAY
        answer = match(Seen(unit, item, 0, severity, day), known.values())
        same = [one for one in known.values() if (one.unit, one.item) == (unit, item)]
        if answer.what is What.NEW:
            assert all(one.closed_on and months_after(one.closed_on, 12) < day for one in same)
            known[str(number)] = Known(str(number), unit, item, 0, severity, "open", day)
        else:
            assert answer.code in {one.code for one in same}
            was = known[answer.code]
            assert (was.closed_on is not None and was.closed_on < day) is (answer.what is What.RELAPSE)
            assert answer.severity >= was.severity
            if answer.what is What.RELAPSE:
                known[answer.code] = replace(was, closed_on=None, state="reopened", severity=answer.severity)
        if close:
            code = answer.code or str(number)
            known[code] = replace(known[code], closed_on=day, state="closed")
        places = [(one.unit, one.item) for one in known.values() if one.closed_on is None]
        assert len(places) == len(set(places))
