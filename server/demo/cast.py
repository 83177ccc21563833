"""The demo's people: one login per role to look around with, the inspectors, and those who send returns."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from server.demo.latent import PERIOD
from server.demo.places import CITY, DISTRICT, NEIGHBOUR, NEIGHBOUR_SCHOOLS, Places, School
from server.services.checklists.publish import open_project
from server.services.people import people, phone
from server.store.db import WriteSession
from server.store.units import unit_by_code

PASSWORD = "liangpai-2026"  # noqa: S105 - printed to everybody who builds the demo
INSPECTORS = 12
SURNAMES = ("陈", "李", "王", "刘", "谭", "周", "罗", "易", "贺", "曾", "彭", "唐", "邓", "欧阳", "胡", "肖")
GIVEN = (
    *("建国", "秀英", "志强", "丽华", "卫东", "春梅", "国平", "湘云"),
    *("海波", "玉兰", "文斌", "爱民", "桂芳", "新民", "晓红", "立新"),
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody with a phone. ``severity`` shifts the log odds of what an inspector writes down."""

    login: str
    person_id: int
    project_id: int
    token: str
    certificate: str = ""
    severity: float = 0.0

    @property
    def device(self) -> str:
        return f"demo:{self.login}"


@dataclass(slots=True)
class Cast:
    """Who sends what: inspectors by school code, the two who re-check, schools and departments by unit code."""

    project_id: int
    neighbour_project_id: int
    inspectors: dict[str, Sender] = field(default_factory=dict)
    recheckers: list[Sender] = field(default_factory=list)
    units: dict[str, Sender] = field(default_factory=dict)
    neighbour: Sender | None = None
    logins: list[tuple[str, str, str]] = field(default_factory=list)


class Casting:
    """Opens accounts, grants and phone keys through the services."""

    def __init__(self, session: WriteSession, at: dt.datetime, random_: random.Random) -> None:
        self.session, self.at, self.random = session, at, random_
        self._names = [surname + given for surname in SURNAMES for given in GIVEN]
        random_.shuffle(self._names)

    def cast(self, places: Places) -> Cast:
        """Everybody. Takes a second: each password is hashed."""
        own = self._project(DISTRICT, "渌口区教育督导")
        other = self._project(NEIGHBOUR, "天元区教育督导")
        cast = Cast(own, other)
        self._offices(cast)
        self._inspectors(cast, places.schools)
        self._units(cast, places)
        self._neighbours(cast)
        return cast

    def _project(self, unit_code: str, name: str) -> int:
        unit = unit_by_code(self.session, unit_code)
        assert unit is not None and unit.id is not None
        project = open_project(self.session, unit_id=unit.id, name=name, by=None, at=self.at)
        assert project.id is not None
        return project.id

    def _person(self, login: str, name: str, role: str, unit: str, *, password: bool = True) -> int:
        person = people.create_person(
            self.session, login=login, name=name, password=PASSWORD if password else None, by=None, at=self.at
        )
        people.grant(self.session, login=login, role=role, unit_code=unit, by=None, at=self.at)
        assert person.id is not None
        return person.id

    def _sender(
        self, login: str, person_id: int, project_id: int, certificate: str = "", severity: float = 0
    ) -> Sender:
        token = phone.make_key(
            self.session, person_id=person_id, project_id=project_id, name="demo", by=None, at=self.at
        )
        return Sender(login, person_id, project_id, token, certificate, severity)

    def _offices(self, cast: Cast) -> None:
        self._person("admin", self._names.pop(), "administrator", CITY)
        office = self._person("office", self._names.pop(), "office", DISTRICT)
        second = self._person("office2", self._names.pop(), "office", DISTRICT)
        self._person("leader", self._names.pop(), "leading", DISTRICT)
        cast.recheckers = [
            self._sender("office", office, cast.project_id),
            self._sender("office2", second, cast.project_id),
        ]
        cast.logins += [
            ("admin", "管理员", "administrator"),
            ("office", "督导室", "supervision office"),
            ("leader", "领导小组", "leading group"),
        ]

    def _inspectors(self, cast: Cast, schools: list[School]) -> None:
        """Twelve inspectors with a certificate, a term of three years and about five neighbouring schools each."""
        began = dt.date(self.at.year - 1, 9, 1)
        count = min(INSPECTORS, len(schools))
        for number in range(count):
            login = "inspector" if number == 0 else f"inspector{number + 1:02d}"
            area = schools[number * len(schools) // count : (number + 1) * len(schools) // count]
            person = people.create_person(
                self.session,
                login=login,
                name=self._names.pop(),
                password=PASSWORD if number < 2 else None,
                by=None,
                at=self.at,
            )
            assert person.id is not None
            certificate = f"ZZLK-DX-{began.year}-{number + 1:03d}"
            people.appoint_inspector(
                self.session,
                login=login,
                certificate=certificate,
                term_from=began,
                term_to=began.replace(year=began.year + 3) - dt.timedelta(days=1),
                areas=[school.code for school in area],
                by=None,
                at=self.at,
            )
            sender = self._sender(login, person.id, cast.project_id, certificate, self.random.gauss(0, 0.3))
            cast.inspectors |= {school.code: sender for school in area}
        cast.logins.append(("inspector", "督学", "inspector"))

    def _units(self, cast: Cast, places: Places) -> None:
        for code, name in places.departments.items():
            login = code if code == "jyj" else f"dept-{code}"
            unit = f"{DISTRICT}-{code.upper()}"
            person = self._person(login, f"{name} {self._names.pop()}", "department", unit, password=code == "jyj")
            cast.units[unit] = self._sender(login, person, cast.project_id)
        shown = shown_school(places.schools)
        for index, school in enumerate(places.schools):
            login = "school" if school is shown else f"school{index + 1:02d}"
            name = f"校长 {self._names[index % len(self._names)]}"
            person = self._person(login, name, "school", school.code, password=school is shown)
            cast.units[school.code] = self._sender(login, person, cast.project_id)
        cast.logins += [
            ("jyj", "部门（教育局）", "department (education bureau)"),
            ("school", f"学校（{shown.name}）", "school"),
        ]

    def _neighbours(self, cast: Cast) -> None:
        """The next district has people of its own, who must see nothing of ours."""
        self._person("n-office", self._names.pop(), "office", NEIGHBOUR)
        inspector = self._person("n-inspector", self._names.pop(), "inspector", NEIGHBOUR)
        self._person("n-school", self._names.pop(), "school", NEIGHBOUR_SCHOOLS[0][0], password=False)
        cast.neighbour = self._sender("n-inspector", inspector, cast.neighbour_project_id, "ZZTY-DX-001")
        cast.logins.append(("n-office", "邻区督导室", "office of the next district"))


def shown_school(schools: list[School]) -> School:
    """The school of the login ``school``: an ordinary one."""
    return schools[PERIOD + 5 if len(schools) > PERIOD + 5 else 5]
