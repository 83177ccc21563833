"""What is told reaches the right inboxes, once, in the transaction of what it tells about."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlmodel import col, select

from server.services.notify import Holders, MessageWords, tell
from server.store.messages import Delivery, Message, MessageChoice, MessageCopy, Robot
from server.store.people import Person
from tests.conftest import District

NOW = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
WORDS = MessageWords("整改通知", "Notice", "请于12月1日前整改。", "Put it right by 1 December.")


def told(district: District, *to: int | Holders, key: str = "k", **options: object) -> set[str]:
    """The logins in whose inboxes a message with this key lies after telling these."""
    with district.database.write() as session:
        tell(session, kind="t", to=to, subject="S01-x", words=WORDS, at=NOW, key=key, **options)  # type: ignore[arg-type]
    with district.database.read() as session:
        query = (
            select(Person.login)
            .join(MessageCopy, col(MessageCopy.person_id) == Person.id)
            .join(Message, col(Message.id) == MessageCopy.message_id)
            .where(col(Message.key) == key)
        )
        return set(session.exec(query))


def test_a_selector_names_those_who_hold_a_role_at_above_nearest_or_below_a_unit(district: District) -> None:
    school, town = district.people.paths["S01"], district.people.paths["330101"]
    assert told(district, Holders("school", school), key="1") == {"head1"}
    assert told(district, Holders("office", school), key="2") == set()
    assert told(district, Holders("office", school, "above"), key="3") == {"office"}
    assert told(district, Holders("inspector", school, "above"), key="4") == {"amina", "bola"}
    assert told(district, Holders("inspector", school, "nearest"), key="5") == {"amina"}
    assert told(district, Holders("school", town, "within"), key="6") == {"head1"}
    assert told(district, Holders("school", district.people.paths["330100"], "within"), key="7") == {"head1", "head3"}


def test_people_and_selectors_mix_and_nobody_is_told_twice(district: District) -> None:
    office = district.people.persons["office"]
    path = district.people.paths["S01"]
    assert told(district, office, office, Holders("office", path, "above")) == {"office"}


def test_whoever_left_is_not_told(district: District) -> None:
    with district.database.write() as session:
        person = session.get(Person, district.people.persons["head1"])
        assert person is not None
        person.active = False
        session.add(person)
    path = district.people.paths["S01"]
    assert told(district, district.people.persons["head1"], Holders("school", path)) == set()


def test_the_same_key_is_told_once_whatever_is_repeated(district: District) -> None:
    path = district.people.paths["S01"]
    results = []
    for _ in range(3):
        with district.database.write() as session:
            to = [Holders("school", path)]
            results.append(tell(session, kind="t", to=to, subject="s", words=WORDS, at=NOW, key="once"))
    assert results == [True, False, False]
    with district.database.read() as session:
        assert len(session.exec(select(Message)).all()) == 1
        assert len(session.exec(select(MessageCopy)).all()) == 1


def test_two_writers_at_once_tell_once_and_neither_transaction_breaks(district: District) -> None:
    path, results = district.people.paths["S01"], []

    def writer() -> None:
        with district.database.write() as session:
            to = [Holders("school", path)]
            results.append(tell(session, kind="t", to=to, subject="s", words=WORDS, at=NOW, key="race"))

    threads = [threading.Thread(target=writer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]


def test_what_is_rolled_back_was_never_told(district: District) -> None:
    path = district.people.paths["S01"]
    with pytest.raises(RuntimeError), district.database.write() as session:
        tell(session, kind="t", to=[Holders("school", path)], subject="s", words=WORDS, at=NOW, key="undone")
        raise RuntimeError
    with district.database.read() as session:
        assert session.exec(select(Message)).all() == []
        assert session.exec(select(Delivery)).all() == []
    assert told(district, Holders("school", path), key="undone") == {"head1"}


def test_deliveries_follow_each_readers_wish_and_the_robots_of_the_unit(district: District) -> None:
    people = district.people
    with district.database.write() as session:
        for login, mode in (("head1", "now"), ("office", "digest"), ("amina", "off")):
            session.add(
                MessageChoice(
                    person_id=people.persons[login], email=f"{login}@example.org", email_mode=mode, changed_at=NOW
                )
            )
        session.flush()
        for name, unit, role, active in (
            ("office group", "330100", "office", True),
            ("another role", "330100", "leading", True),
            ("another town", "330102", "", True),
            ("switched off", "330100", "", False),
        ):
            session.add(
                Robot(
                    name=name,
                    kind="wecom",
                    url="https://x",
                    role=role,
                    unit_id=people.units[unit],
                    active=active,
                    created_at=NOW,
                )
            )
    path = people.paths["S01"]
    everyone = (Holders("school", path), Holders("office", path, "above"), people.persons["amina"])
    told(district, *everyone, key="calm")
    told(district, *everyone, key="urgent", urgent=True)
    with district.database.read() as session:
        query = select(Message.key, Delivery, Robot.name).select_from(Delivery)
        query = query.join(Message, col(Message.id) == Delivery.message_id)
        rows = session.exec(query.outerjoin(Robot, col(Robot.id) == Delivery.robot_id)).all()
        found = {(key, row.person_id or name, row.state) for key, row, name in rows}
    head, office = people.persons["head1"], people.persons["office"]
    assert found == {
        ("calm", head, "waiting"),
        ("calm", office, "held"),
        ("calm", "office group", "waiting"),
        ("urgent", head, "waiting"),
        ("urgent", office, "waiting"),
        ("urgent", "office group", "waiting"),
    }
