"""The people of every test: eight of one district, each with a role, and two strangers from the next one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.security.passwords import digest_ha1, hash_password, new_token, token_hash
from server.store.db import Database, WriteSession
from server.store.forms import Project
from server.store.people import Person, PhoneKey, RoleGrant
from server.store.units import Unit

PASSWORD = "correct horse"
NOW = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)  # 10:00 in Shanghai, a Friday

UNITS = (  # code, kind, name, parent, stage, enrolment
    ("330000", "city", "清河市", "", "", None),
    ("330100", "district", "青山区", "330000", "", None),
    ("330101", "town", "东岭镇", "330100", "", None),
    ("330102", "town", "西溪镇", "330100", "", None),
    ("S01", "school", "东岭镇中心小学", "330101", "2", 620),
    ("S02", "school", "东岭镇初级中学", "330101", "3", 540),
    ("S03", "school", "西溪镇第一小学", "330102", "2", 310),
    ("S04", "school", "西溪镇九年一贯制学校", "330102", "4", 880),
    ("D-JYJ", "department", "青山区教育局", "330100", "", None),
    ("D-CZJ", "department", "青山区财政局", "330100", "", None),
    ("330200", "district", "白水区", "330000", "", None),
    ("330201", "town", "南湖镇", "330200", "", None),
    ("S90", "school", "南湖镇中心小学", "330201", "2", 400),
)

# Login, name, role, unit codes. Amina's area is the town 东岭镇, Bola's the whole district.
PEOPLE = (
    ("admin", "管理员", "administrator", ("330000",)),
    ("office", "督导室 陈", "office", ("330100",)),
    ("amina", "督学 艾", "inspector", ("330101",)),
    ("bola", "督学 博", "inspector", ("330100",)),
    ("leader", "领导小组 李", "leading", ("330100",)),
    ("jyj", "教育局 郭", "department", ("D-JYJ",)),
    ("head1", "校长 何", "school", ("S01",)),
    ("head3", "校长 方", "school", ("S03",)),
    ("dayo", "督学 邻", "inspector", ("330200",)),
    ("strange", "邻区督导室", "office", ("330200",)),
)


@dataclass(frozen=True)
class People:
    """Ids by code and login, and the phone tokens of the inspectors."""

    units: dict[str, int]
    paths: dict[str, str]
    persons: dict[str, int]
    projects: dict[str, int]
    phones: dict[str, str]


def populate(database: Database) -> People:
    """Write the units, people and projects into an empty store."""
    with database.write() as session:
        units, paths = _units(session)
        projects = {}
        for code in ("330100", "330200"):
            project = Project(name=f"项目{code}", unit_id=units[code], created_at=NOW)
            session.add(project)
            session.flush()
            assert project.id is not None
            projects[code] = project.id
        persons, phones = {}, {}
        for login, name, role, codes in PEOPLE:
            person = Person(
                login=login,
                name=name,
                password_hash=_hashed(),
                digest_ha1=digest_ha1(login, PASSWORD),
                certificate=f"DX-{login}" if role == "inspector" else "",
                created_at=NOW,
            )
            session.add(person)
            session.flush()
            assert person.id is not None
            persons[login] = person.id
            for code in codes:
                session.add(RoleGrant(person_id=person.id, role=role, unit_id=units[code]))
            if role == "inspector":
                token = new_token()
                project = projects["330200" if login == "dayo" else "330100"]
                key = PhoneKey(token_hash=token_hash(token), person_id=person.id, project_id=project, created_at=NOW)
                session.add(key)
                phones[login] = token
        session.flush()
    return People(units, paths, persons, projects, phones)


_hash: list[str] = []


def _hashed() -> str:
    """One argon2 hash for everybody: hashing nine times would only cost time."""
    if not _hash:
        _hash.append(hash_password(PASSWORD))
    return _hash[0]


def _units(session: WriteSession) -> tuple[dict[str, int], dict[str, str]]:
    units: dict[str, int] = {}
    paths = {"": "/"}
    for code, kind, name, parent, stage, enrolment in UNITS:
        unit = Unit(
            code=code,
            kind=kind,
            name=name,
            parent_id=units.get(parent),
            stage=stage,
            enrolment=enrolment,
            created_at=NOW,
            changed_at=NOW,
        )
        session.add(unit)
        session.flush()
        assert unit.id is not None
        units[code] = unit.id
        paths[code] = unit.path = f"{paths[parent]}{unit.id}/"
    return units, paths
