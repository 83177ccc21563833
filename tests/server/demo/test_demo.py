"""The demo is honest: whatever it shows came through the phones' door, and only the places are real."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from forms.check import check
from forms.expressions import holds
from forms.instance import build_instance
from forms.shipped import shipped_catalogue, shipped_checklists, shipped_workbook
from forms.submission import parse_submission, read_answers
from server.cli import app
from server.demo import photos
from server.demo.answers import Filler, Visit
from server.demo.build import Builder, Built, is_built, logins_of
from server.demo.cast import PASSWORD
from server.demo.latent import begin
from server.demo.places import DEPARTMENTS, build_places, names
from server.demo.survey import Group, Question, Survey, read_survey
from server.services.context import Context, open_context
from server.services.people.sign_in import check_password, viewer_for
from server.settings import Settings
from server.store.events import Event
from server.store.lights import LiveCard
from server.store.submissions import Attachment, Submission
from server.store.units import Unit, unit_by_code

NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
ZONE = dt.timezone(dt.timedelta(hours=8))


@cache
def survey(form: str) -> Survey:
    catalogue = shipped_catalogue()
    return read_survey(check(shipped_workbook(form), filename=f"{form}.xlsx", catalogue=catalogue), catalogue)


def fill(form: str, seed: int) -> tuple[Survey, dict[str, object], dict[str, bytes]]:
    random_ = random.Random(seed)
    places = build_places(20, random_, {code: code for code in DEPARTMENTS})
    state = begin(places.schools, random_).states[random_.choice(places.schools).code]
    began = dt.datetime(2026, 3, 5, 9, 12, tzinfo=ZONE)
    parts = " ".join(choice.name for choice in survey(form).definition.choices.get("parts", ()))
    given = {"hd_a05": "1", "hd_a06": state.school.code, "unit": state.school.code, "reported_on": "2026-03-05"}
    given |= {
        "period": "2026Q1" if "quarter" in form else "2026",
        "parts": parts,
        "pupils": str(state.school.enrolment),
    }
    visit = Visit(survey(form), state, began, began + dt.timedelta(minutes=40), 0.5, "DX-1", "demo:x", given)
    filled = Filler(visit, random_).fill()
    return survey(form), filled.values, filled.files


def asked(group: Group, values: dict[str, object]) -> Iterator[tuple[Question, str, bool]]:
    """Every question outside repeats, its answer, and whether the form asks it."""

    def walk(inner: Group, open_: bool) -> Iterator[tuple[Question, str, bool]]:
        for child in inner.children:
            if isinstance(child, Question):
                answer = values.get(child.name, "")
                yield child, str(answer), open_ and holds(child.row["relevant"], look)
            elif not child.repeat:
                yield from walk(child, open_ and holds(child.relevant, look))

    def look(name: str) -> str:
        return {"today()": "2026-03-05"}.get(name) or str(values.get(name, ""))

    return walk(group, True)


@pytest.mark.parametrize("form", shipped_checklists())
@pytest.mark.parametrize("seed", range(4))
def test_answers_are_what_the_form_allows(form: str, seed: int) -> None:
    filled, values, _files = fill(form, seed)
    for question, answer, relevant in asked(filled.root, values):
        if not relevant:
            assert not answer, f"{question.name} is answered although it is not asked"
            continue
        if question.required and question.type not in ("note", "select_one_from_file"):
            assert answer, f"{question.name} is required"
        if answer:

            def look(name: str, own: str = answer) -> str:
                return own if name == "." else {"today()": "2026-03-05"}.get(name) or str(values.get(name, ""))

            assert holds(question.row["constraint"], look), f"{question.name} = {answer}"


@pytest.mark.parametrize("form", ["f01", "f08", "f12"])
def test_what_is_filled_in_is_read_back(form: str) -> None:
    filled, values, files = fill(form, 7)
    xml = build_instance(filled.definition, values, instance_id="uuid:1")  # type: ignore[arg-type]
    answers = read_answers(parse_submission(xml), filled.definition)
    assert {answer.value for answer in answers} >= set(files), "every photo is named by an answer"
    assert len(answers) > 20


def test_the_same_seed_gives_the_same_visit_and_another_another() -> None:
    assert fill("f01", 3)[1:] == fill("f01", 3)[1:]
    assert fill("f01", 3)[1] != fill("f01", 4)[1]


def test_photos_are_small_and_distinct() -> None:
    random_ = random.Random(1)
    drawn = [photos.scene("消防通道", random_) for _ in range(50)] + [photos.gate("启明小学", random_)]
    assert len(set(drawn)) == len(drawn)
    assert all(data.startswith(b"\xff\xd8") and len(data) < 20_000 for data in drawn)


@pytest.mark.parametrize("count", [6, 60, 333])
def test_units_are_as_many_as_asked_and_unlike(count: int) -> None:
    places = build_places(count, random.Random(1), {code: code for code in DEPARTMENTS})
    assert len(places.schools) == count
    assert len({school.code for school in places.schools}) == count
    assert len({school.name for school in places.schools}) == count
    assert {code for code, _name in places.towns} == {row["code"] for row in names() if row["parent"] == "430212"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Built, list[str]]:
    settings = Settings(directory=tmp_path_factory.mktemp("demo") / "district")
    said: list[str] = []
    builder = Builder(settings, schools=8, quarters=2, seed=5, now=NOW, say=lambda _zh, en: said.append(en))
    return settings, builder.build(), said


@pytest.fixture
def context(built: tuple[Settings, Built, list[str]]) -> Iterator[Context]:
    context = open_context(built[0])
    yield context
    context.database.close()


@pytest.mark.slow
def test_everything_came_through_the_phones_door(built: tuple[Settings, Built, list[str]], context: Context) -> None:
    with context.database.read() as session:
        rows = session.exec(select(Submission)).all()
        assert len(rows) == built[1].submissions > 40
        assert all(row.device_id.startswith("demo:") and row.submitter_id for row in rows)
        assert all(row.received_at <= NOW for row in rows)
        late = [(row.received_at.date() - dt.date(1970, 1, 1)).days - row.observed_on for row in rows]
        assert min(late) >= -1 and max(late) <= 1, "received on the day of the visit, by the district's clock"
        stored = Counter(event for event in session.exec(select(Event.kind)))
        assert stored["submission.received"] == len(rows)
        assert not stored["finding.recheck_refused"]
        photos_kept = session.exec(select(Attachment)).all()
        assert len(photos_kept) == built[1].photos and all(row.sha256 for row in photos_kept)


@pytest.mark.slow
def test_every_school_has_a_light_and_ended_quarters_are_frozen(
    built: tuple[Settings, Built, list[str]], context: Context
) -> None:
    with context.database.read() as session:
        schools = session.exec(select(Unit.id).where(Unit.kind == "school", col(Unit.code).startswith("430212"))).all()
        lit = set(session.exec(select(LiveCard.unit_id).where(LiveCard.quarter == 20264)))
        assert set(schools) <= lit
    assert built[1].frozen == ["2026Q3"]
    assert sum(built[1].lights["2026Q4"].values()) == 8


@pytest.mark.slow
def test_one_login_for_each_role_and_strangers_see_nothing(
    built: tuple[Settings, Built, list[str]], context: Context
) -> None:
    with context.database.read() as session:
        roles = set()
        for login, _zh, _en in built[1].logins:
            roles |= viewer_for(session, check_password(session, login, PASSWORD)).roles
        assert roles == {"administrator", "office", "inspector", "leading", "department", "school"}
        stranger = viewer_for(session, check_password(session, "n-office", PASSWORD))
        district = unit_by_code(session, "430212")
        assert district and not any(district.path.startswith(grant.path) for grant in stranger.grants)


@pytest.mark.slow
def test_the_second_start_finds_the_district(built: tuple[Settings, Built, list[str]]) -> None:
    settings = built[0]
    assert is_built(settings) and logins_of(settings) == built[1].logins
    result = CliRunner().invoke(app, ["demo", "--dir", str(settings.directory), "--no-serve"])
    assert result.exit_code == 0 and "inspector" in result.output and PASSWORD in result.output


def test_a_folder_with_other_data_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "liangpai.sqlite3").write_bytes(b"precious")
    result = CliRunner().invoke(app, ["demo", "--dir", str(tmp_path), "--no-serve"])
    assert result.exit_code == 1 and (tmp_path / "liangpai.sqlite3").read_bytes() == b"precious"
