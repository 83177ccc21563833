"""The year of visits: who goes where on which day, what is found, and who re-checks what was found."""

from __future__ import annotations

import datetime as dt
import heapq
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from forms.instance import build_instance
from forms.meaning import quarter_bounds, quarter_name
from scorecards.deadlines import DEFAULT_CALENDAR
from server.demo.answers import Filler, Visit
from server.demo.cast import Cast, Sender, shown_school
from server.demo.latent import District, Problem, SchoolState, begin
from server.demo.phones import Sending
from server.demo.places import DISTRICT, Places, School
from server.demo.survey import Survey

REGULAR, RECHECK = "f01", "f12"
SCHOOL_RETURN, DEPARTMENT_QUARTER, DEPARTMENT_YEAR = (
    "return_school_year",
    "return_department_quarter",
    "return_department_year",
)
# Holidays of the schools: (month, day) of the first and last day without visits.
HOLIDAYS = (((1, 26), (2, 23)), ((7, 6), (8, 31)))
# Share of schools that a thematic checklist is used at in a quarter; kindergartens only get those that fit them.
THEMATIC = {"f02": 0.12, "f03": 0.25, "f04": 0.15, "f05": 0.08, "f06": 0.1, "f07": 0.06, "f08": 0.2, "f09": 0.1}
THEMATIC |= {"f10": 0.08, "f11": 0.25}
FOR_KINDERGARTENS = frozenset({"f02", "f03", "f11"})
MISSED = 40  # one school in so many is not visited at all in a quarter
# Found at the school that has a login of its own, so many days ago: a few of these, those that it never had.
SHOWN = ("f01_f04", "f01_d04", "f01_h02", "f01_g04", "f01_b01", "f01_f05", "f01_d02", "f01_h05", "f01_d07", "f01_f01")
SHOWN_COUNT = 5
RECENT = (12, 28)
VETOES = ((3, "f01_e03"), (14, "f01_e02"), (27, "f01_b05"))


@dataclass(frozen=True, slots=True)
class Recheck:
    """What a re-check will say of one finding."""

    code: str
    indicator: str
    verdict: str
    method: str = "site"


Rechecks = Callable[[School, Sender, dt.date], list[Recheck]]


@dataclass(order=True, slots=True)
class Event:
    """Something that happens at a moment; ``number`` keeps the order of equal moments."""

    moment: dt.datetime
    number: int
    act: Callable[[dt.datetime], Sending | None] = field(compare=False)


class Simulation:
    """Yields what the phones send, in the order of time, up to a moment that is asked for."""

    def __init__(
        self, places: Places, cast: Cast, surveys: dict[str, Survey], zone: ZoneInfo, now: dt.datetime, seed: int
    ) -> None:
        self.places, self.cast, self.surveys = places, cast, surveys
        self.zone, self.now = zone, now.astimezone(zone)
        self.random = random.Random(seed)
        self.district: District = begin(places.schools, self.random)
        self._planned: set[tuple[str, str, dt.date]] = set()
        self.tables = principals_table(places.schools)
        self._events: list[Event] = []
        self._number = 0
        self._busy: dict[tuple[str, dt.date], int] = {}

    def run_quarter(self, quarter: int, *, first: bool) -> Iterator[Sending]:
        """Everything that is sent in a quarter, up to now."""
        self._plan(quarter, first)
        last = min(self.now, self._at(quarter_bounds(quarter)[1] + dt.timedelta(days=1), 0))
        while self._events and self._events[0].moment < last:
            event = heapq.heappop(self._events)
            sending = event.act(event.moment)
            if sending is not None:
                yield sending
        self.district.next_quarter(self.random)

    # What is planned

    def _plan(self, quarter: int, first: bool) -> None:
        days = self._visit_days(quarter)
        if not days:
            return
        for index, school in enumerate(self.places.schools):
            if index % MISSED != quarter % 10 * 7:
                self._plan_regular(school, days)
                self._plan_thematic(school, days)
            if first and SCHOOL_RETURN in self.surveys:
                self._add(self._free(school.code, days[: max(1, len(days) // 2)], 16), self._return_of(school))
            for position, item in VETOES:
                if (
                    index == position % len(self.places.schools)
                    and quarter % 10 in (2, 4)
                    and self.random.random() < 0.7
                ):
                    self.district.states[school.code].problems[item] = Problem(item, "red", days[0], planted=True)
        self._plan_departments(quarter, days, first)
        self._plan_shown([day for day in days if RECENT[0] <= (self.now.date() - day).days <= RECENT[1]])

    def _plan_shown(self, days: list[dt.date]) -> None:
        """Some weeks ago the school of the login ``school`` was found wanting, so that its desk has work."""
        if not days or REGULAR not in self.surveys:
            return
        school = shown_school(self.places.schools)
        state = self.district.states[school.code]
        visit = self._visit(REGULAR, school, self.cast.inspectors[school.code])

        def act(moment: dt.datetime) -> Sending:
            fresh = [item for item in SHOWN if item not in state.mended and item not in state.problems]
            for item in fresh[:SHOWN_COUNT]:
                word = "red" if item.startswith("f01_f") else "yellow"
                state.problems[item] = Problem(item, word, moment.date(), planted=True)
            return visit(moment)

        self._add(self._at(days[-1], 9.5), act)

    def _visit_days(self, quarter: int) -> list[dt.date]:
        start, end = quarter_bounds(quarter)
        end = min(end, self.now.date() - dt.timedelta(days=1))
        span = [start + dt.timedelta(days=step) for step in range((end - start).days + 1)]
        return [day for day in span if working(day) and not holiday(day)]

    def _plan_regular(self, school: School, days: list[dt.date]) -> None:
        """Once a month that has school days, sometimes less."""
        months = sorted({day.month for day in days})
        visited = 0
        for month in months:
            here = [day for day in days if day.month == month]
            if len(here) >= 5 and (self.random.random() < 0.8 or (month == months[-1] and not visited)):
                visited += 1
                sender = self.cast.inspectors[school.code]
                self._add(
                    self._free(sender.login, here, 8 + self.random.random() * 7), self._visit(REGULAR, school, sender)
                )

    def _plan_thematic(self, school: School, days: list[dt.date]) -> None:
        for form, share in THEMATIC.items():
            fits = school.stage != "1" or form in FOR_KINDERGARTENS
            if form in self.surveys and fits and (form != "f11" or school.canteen) and self.random.random() < share:
                sender = self.cast.inspectors[school.code]
                self._add(
                    self._free(sender.login, days, 9 + self.random.random() * 6), self._visit(form, school, sender)
                )

    def _plan_departments(self, quarter: int, days: list[dt.date], first: bool) -> None:
        forms = [(DEPARTMENT_QUARTER, quarter_name(quarter))] + [(DEPARTMENT_YEAR, str(quarter // 10))] * first
        for form, period in forms:
            for code in self.places.departments:
                unit = f"{DISTRICT}-{code.upper()}"
                if form not in self.surveys or not (parts := self._parts(form, code)):
                    continue
                day = self._at(self.random.choice(days[-8:]), 10 + self.random.random() * 6)
                self._add(day, self._return(form, unit, code, parts, period))

    def _parts(self, form: str, code: str) -> str:
        names = [choice.name for choice in self.surveys[form].definition.choices.get("parts", ())]
        return " ".join(
            name for name in names if name.split("_")[0] == code or (code == "jyj" and name in ("dwld", "city"))
        )

    def _at(self, day: dt.date, hour: float) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), self.zone) + dt.timedelta(seconds=int(hour * 3600))

    def _free(self, login: str, days: list[dt.date], hour: float) -> dt.datetime:
        """A day on which this person makes at most one other visit."""
        for _ in range(12):
            day = self.random.choice(days)
            if self._busy.get((login, day), 0) < 2:
                break
        self._busy[login, day] = self._busy.get((login, day), 0) + 1
        return self._at(day, hour)

    def _add(self, moment: dt.datetime, act: Callable[[dt.datetime], Sending | None]) -> None:
        self._number += 1
        heapq.heappush(self._events, Event(moment, self._number, act))

    # What happens

    def _visit(self, form: str, school: School, sender: Sender) -> Callable[[dt.datetime], Sending]:
        def act(moment: dt.datetime) -> Sending:
            kind, drawn = ("1", "0") if form == REGULAR else ("2", "1")
            given = {"hd_a05": kind, "hd_a06": school.code, "hd_a10": drawn}
            return self._fill(form, school, sender, moment, given)

        return act

    def _fill(
        self, form: str, school: School, sender: Sender, moment: dt.datetime, given: dict[str, Any], minutes: int = 0
    ) -> Sending:
        """Fill a checklist in at a school."""
        state = self.district.states[school.code]
        end = moment + dt.timedelta(minutes=minutes or self.random.randint(32, 75))
        visit = Visit(
            self.surveys[form],
            state,
            moment,
            end,
            sender.severity,
            sender.certificate,
            sender.device,
            given,
            self.tables,
        )
        filled = Filler(visit, self.random).fill()
        name = f"{school.name} {moment:%Y-%m-%d}"
        return self._sending(sender, visit.survey, filled.values, filled.files, end, name)

    def _sending(
        self, sender: Sender, survey: Survey, values: Any, files: dict[str, bytes], end: dt.datetime, name: str
    ) -> Sending:
        instance = f"uuid:{uuid.UUID(int=self.random.getrandbits(128), version=4)}"
        xml = build_instance(survey.definition, values, instance_id=instance, instance_name=name)
        late = self.random.choice((2, 5, 20, 45, 180))
        moment = min(end + dt.timedelta(minutes=late), self.now)
        return Sending(sender.token, sender.project_id, sender.device, xml, files, moment.timestamp())

    def plan_recheck(self, school: School, sender: Sender, day: dt.date, rechecks: Rechecks) -> None:
        """Somebody visits a school to re-check what waits there on that day; once a day is enough for each."""
        if (school.code, sender.login, day) in self._planned or RECHECK not in self.surveys:
            return
        self._planned.add((school.code, sender.login, day))
        moment = self._at(day, 9 + self.random.random() * 6)
        self._add(moment, lambda at: self._recheck(school, sender, at, rechecks(school, sender, at.date())))

    def _recheck(self, school: School, sender: Sender, moment: dt.datetime, found: list[Recheck]) -> Sending | None:
        if not found:
            return None
        entries = [
            {
                "f12_pick": one.code,
                "f12_b01": one.code,
                "f12_b02": one.indicator or "ZG-03",
                "f12_b03": one.method,
                "f12_b04": "0" if one.verdict == "false" else "1",
                "f12_b06": one.verdict,
            }
            for one in found
        ]
        count = str(len(entries))
        given = {"hd_a05": "5", "hd_a06": school.code, "hd_a10": "0", "f12_a02": count, "f12_a03": count}
        return self._fill(
            RECHECK, school, sender, moment, {**given, "f12_finding": entries}, minutes=15 + 4 * len(entries)
        )

    def _return_of(self, school: School) -> Callable[[dt.datetime], Sending]:
        def act(moment: dt.datetime) -> Sending:
            sender = self.cast.units[school.code]
            given = {"unit": school.code, "period": str(moment.year), "stage": school.stage, "is_private": "0"}
            given |= {"pupils": str(school.enrolment), "reported_on": moment.date().isoformat()}
            state = self.district.states[school.code]
            visit = Visit(
                self.surveys[SCHOOL_RETURN], state, moment, moment, 0.0, "", sender.device, given, drawing=False
            )
            filled = Filler(visit, self.random).fill()
            return self._sending(sender, visit.survey, filled.values, {}, moment, f"{school.name} {moment.year}")

        return act

    def _return(self, form: str, unit: str, code: str, parts: str, period: str) -> Callable[[dt.datetime], Sending]:
        def act(moment: dt.datetime) -> Sending:
            sender = self.cast.units[unit]
            given = {"unit": unit, "period": period, "parts": parts, "reported_on": moment.date().isoformat()}
            visit = Visit(
                self.surveys[form], self._department(code), moment, moment, 0.0, "", sender.device, given, drawing=False
            )
            filled = Filler(visit, self.random).fill()
            return self._sending(sender, visit.survey, filled.values, {}, moment, f"{unit} {period}")

        return act

    def _department(self, code: str) -> SchoolState:
        """A department as the filler sees it: a unit as large as the district, some better run than others."""
        if code not in self.district.states:
            pupils = sum(school.enrolment for school in self.places.schools)
            unit = School(code, code, "", "", pupils, 0, 0, canteen=True, boarding=True, bus=True)
            self.district.states[code] = SchoolState(unit, self.random.gauss(0.3, 0.6))
        return self.district.states[code]


@cache
def working(day: dt.date) -> bool:
    """True on a working day."""
    return DEFAULT_CALENDAR.is_working(day)


def holiday(day: dt.date) -> bool:
    """True in the schools' holidays."""
    return any(first <= (day.month, day.day) <= last for first, last in HOLIDAYS)


def principals_table(schools: list[School]) -> dict[str, str]:
    """``principals.csv`` for pulldata: how many principals a stage has and how many were graded excellent."""
    table = {}
    for stage in {school.stage for school in schools}:
        count = sum(school.stage == stage for school in schools)
        table[f"principals:n:stage:{stage}"] = str(count)
        table[f"principals:used:stage:{stage}"] = "0"
    return table


def principals_csv(schools: list[School]) -> bytes:
    """The same as the file that is sent beside the form."""
    table = principals_table(schools)
    stages = sorted({school.stage for school in schools})
    lines = [f"{stage},{table[f'principals:n:stage:{stage}']},0" for stage in stages]
    return "\n".join(["stage,n,used", *lines, ""]).encode()
