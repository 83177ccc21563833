"""Many at once: one id is one record whoever wins, in one process or several, and nobody fails for a neighbour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from server.problems import Problem
from server.security.viewer import Viewer
from server.services.context import open_context
from server.services.intake.ingest import Arrival, Ingest
from server.services.intake.storing import Stored
from server.services.people.sign_in import viewer_for
from server.store import intake
from server.store.people import Person
from tests.conftest import District
from tests.server.openrosa.conftest import id_of, instance, new_id, publish, rows


@contextmanager
def process(district: District) -> Iterator[Ingest]:
    """What another server process is to the store: its own connections, caches and committer."""
    context = open_context(district.context.settings, clock=district.clock)
    ingest = Ingest(context)
    try:
        yield ingest
    finally:
        ingest.close()
        context.database.close()


@pytest.fixture
def arrive(district: District) -> Callable[[bytes], Arrival]:
    """Arrivals from amina's phone."""
    publish(district)
    people = district.people
    with district.database.read() as session:
        person = session.get(Person, people.persons["amina"])
        assert person is not None
        viewer: Viewer = viewer_for(session, person)
    return lambda xml: Arrival(viewer, people.projects["330100"], people.paths["330100"], xml)


def fate_of(ingest: Ingest, arrival: Arrival) -> str:
    try:
        return ingest.take(arrival).fate
    except Problem as problem:
        return problem.code


def test_one_submission_from_sixteen_threads_of_two_processes_is_one_row(
    district: District, arrive: Callable[[bytes], Arrival]
) -> None:
    arrival = arrive(instance())
    with process(district) as one, process(district) as two, ThreadPoolExecutor(16) as pool:
        fates = list(pool.map(lambda number: fate_of((one, two)[number % 2], arrival), range(48)))
    assert Counter(fates) == {"created": 1, "duplicate": 47}
    assert rows(district, "SELECT count(*) FROM submission") == [(1,)]
    assert rows(district, "SELECT count(*) FROM observation") == [(8,)]
    assert rows(district, "SELECT count(*) FROM event WHERE kind = 'submission.received'") == [(1,)]


def test_one_id_with_many_contents_keeps_exactly_one(district: District, arrive: Callable[[bytes], Arrival]) -> None:
    name = new_id()
    arrivals = [arrive(instance(instance_id=name, answers=f"{a}{b}11")) for a in "123" for b in "123"]
    with process(district) as one, process(district) as two, ThreadPoolExecutor(9) as pool:
        fates = list(pool.map(lambda pair: fate_of((one, two)[pair[0] % 2], pair[1]), enumerate(arrivals)))
    assert Counter(fates) == {"created": 1, "submission.conflict": 8}
    assert rows(district, "SELECT count(*) FROM observation") == [(8,)]


def test_of_many_edits_of_one_submission_exactly_one_wins(
    district: District, arrive: Callable[[bytes], Arrival]
) -> None:
    first = instance()
    with process(district) as one, process(district) as two, ThreadPoolExecutor(8) as pool:
        one.take(arrive(first))
        edits = [arrive(instance(deprecated=id_of(first), answers=f"{number % 3 + 1}111")) for number in range(8)]
        fates = list(pool.map(lambda pair: fate_of((one, two)[pair[0] % 2], pair[1]), enumerate(edits)))
    assert Counter(fates) == {"edited": 1, "submission.deprecated_twice": 7}
    assert rows(district, "SELECT count(*) FROM submission WHERE superseded_by = ''") == [(1,)]
    assert rows(district, "SELECT DISTINCT submission FROM observation") == [(2,)]


def test_those_that_share_a_commit_each_get_their_own_fate(
    district: District, arrive: Callable[[bytes], Arrival], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that the store cannot take is refused alone; a duplicate and a conflict beside it are told apart."""
    good, bad = [instance() for _ in range(5)], instance()
    original = intake.insert_submissions

    def fussy(session: object, some: list[intake.SubmissionRow], at: object) -> dict[str, int]:
        if any(row.instance_id == id_of(bad) for row in some):
            raise ValueError("poisoned")
        return original(session, some, at)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "insert_submissions", fussy)
    with process(district) as ingest:
        order = [good[0], bad, *good[1:], good[0], instance(instance_id=id_of(good[1]), answers="3333")]
        records = [ingest.prepare(arrive(xml)) for xml in order]
        futures = [ingest.committer.put(record) for record in records]
        found = [future.exception() or future.result() for future in futures]
    fates = [entry.fate if isinstance(entry, Stored) else type(entry).__name__ for entry in found]
    assert fates == ["created", "ValueError", "created", "created", "created", "created", "duplicate", "Problem"]
    assert rows(district, "SELECT count(*) FROM submission") == [(5,)]
    assert rows(district, "SELECT count(*) FROM observation") == [(40,)]


def test_what_waits_shares_a_commit(district: District, arrive: Callable[[bytes], Arrival]) -> None:
    district.context.settings.group_commit = 8
    with process(district) as ingest, ThreadPoolExecutor(1) as pool:
        records = [ingest.prepare(arrive(instance())) for _ in range(40)]
        sizes: list[int] = []
        write = ingest.committer._write
        ingest.committer._write = lambda batch: (sizes.append(len(batch)), write(batch))[1]
        futures = pool.submit(lambda: [ingest.committer.put(record) for record in records]).result()
        assert {future.result().fate for future in futures} == {"created"}
    assert max(sizes) <= 8
    assert sum(sizes) == 40
    assert len(sizes) < 40


def test_closing_stores_what_is_under_way(district: District, arrive: Callable[[bytes], Arrival]) -> None:
    with process(district) as ingest:
        futures = [ingest.committer.put(ingest.prepare(arrive(instance()))) for _ in range(20)]
    assert all(future.done() for future in futures)
    assert rows(district, "SELECT count(*) FROM submission") == [(20,)]
    with pytest.raises(RuntimeError):
        ingest.committer.put(ingest.prepare(arrive(instance())))


def test_a_form_that_names_no_unit_is_kept_and_asks_nothing_of_the_jobs(
    district: District, arrive: Callable[[bytes], Arrival], monkeypatch: pytest.MonkeyPatch
) -> None:
    with process(district) as ingest:
        arrival = arrive(instance(school="no unit at all"))
        found = ingest.forms.find(arrival.project_id, "visit", "1")
        free = replace(found, definition=replace(found.definition, unit_item=""))
        monkeypatch.setattr(ingest.forms, "find", lambda *_, **__: free)
        assert ingest.take(arrival).fate == "created"
    assert rows(district, "SELECT unit_id FROM submission") == [(None,)]
    assert rows(district, "SELECT count(*) FROM observation") == [(0,)]
    assert rows(district, "SELECT count(*) FROM event WHERE pending") == [(0,)]
