"""One step on many findings: each is done whole or told why not, and nothing is done unreported."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

from server.problems import Problem
from server.services.rectification import bulk, rectify
from server.store.cases import CaseStep
from server.store.events import Event
from server.store.findings import Finding
from tests.conftest import District
from tests.server.web.conftest import Seen
from tests.server.web.ledgers.conftest import finding

Fill = Callable[..., list[dict[str, Any]]]
CONFIRM = {"f.responsible": "校长 何"}


def states(district: District) -> dict[str, str]:
    with district.database.read() as session:
        return {row.code: row.state for row in session.exec(select(Finding))}


def steps(district: District) -> dict[str, int]:
    with district.database.read() as session:
        return {row.code: row.steps for row in session.exec(select(Finding))}


def post(district: District, login: str, path: str, codes: list[str], **more: Any) -> Any:
    data = {"token": district.form_token(login), "code": codes, **more}
    return district.as_(login).post(path, data=data, files={"unused": ("", b"")})


def fates(page: str) -> dict[str, str]:
    """What the page says became of each: code to reason, "" where it was done."""
    row = r'code">([^<]+)</div></th>.*?(已办理|未办理)</span>.*?<td[^>]*>([^<]*)</td></tr>'
    rows = re.findall(row, page, flags=re.S)
    return {code: "" if word == "已办理" else reason.strip() for code, word, reason in rows}


def proposed(district: District) -> list[str]:
    return sorted(code for code, state in states(district).items() if state == "proposed")


def test_a_step_is_taken_on_all_that_were_chosen_and_each_is_told(district: District, seen: Seen) -> None:
    codes = proposed(district)
    assert len(codes) > 2
    page = post(district, "office", "/ledgers/bulk", codes)
    assert page.status_code == 200
    assert f"{len(codes)}条可办" in page.text
    done = post(district, "office", "/ledgers/bulk/confirm", codes, **CONFIRM)
    assert done.status_code == 200, done.text
    assert fates(done.text) == dict.fromkeys(codes, "")
    after = states(district)
    assert {after[code] for code in codes} == {"open"}
    with district.database.read() as session:
        (event,) = session.exec(select(Event).where(col(Event.kind) == "finding.bulk")).all()
    assert event.subject == "confirm"


def test_what_cannot_be_done_is_told_with_its_reason_and_stays_as_it_was(
    district: District, seen: Seen, fill: Fill
) -> None:
    codes = proposed(district)
    fill([finding(district, 1, "S01", state="noticed")])
    done = post(district, "office", "/ledgers/bulk/confirm", [*codes, "T-000001"], **CONFIRM)
    told = fates(done.text)
    assert told.pop("T-000001") != ""
    assert set(told.values()) == {""}
    assert states(district)["T-000001"] == "noticed"


def test_somebody_elses_findings_are_not_even_named(district: District, seen: Seen) -> None:
    codes = proposed(district)
    before = states(district)
    page = post(district, "head3", "/ledgers/bulk", codes)
    assert page.status_code == 200
    assert all(code not in page.text for code in codes)
    done = post(district, "strange", "/ledgers/bulk/confirm", codes, **CONFIRM)
    assert fates(done.text) == {}
    assert f"有{len(codes)}条您看不到" in done.text
    assert states(district) == before


def test_a_role_that_may_not_is_refused_for_each(district: District, seen: Seen) -> None:
    own = [code for code in proposed(district) if code.startswith("S01")]
    before = states(district)
    done = post(district, "head1", "/ledgers/bulk/confirm", own, **CONFIRM)
    assert set(fates(done.text)) == set(own)
    assert all(fates(done.text).values())
    assert states(district) == before


def test_a_row_that_moved_since_it_was_looked_at_is_not_acted_on(district: District, seen: Seen) -> None:
    codes = proposed(district)
    old = [f"{number + 7}:{code}" for code, number in steps(district).items()]
    done = post(district, "office", "/ledgers/bulk/confirm", codes, seen=old, **CONFIRM)
    assert all(fates(done.text).values())
    assert proposed(district) == codes


def test_a_grave_step_is_asked_for_twice_and_a_missing_field_said_at_its_place(district: District, seen: Seen) -> None:
    codes = proposed(district)
    empty = post(district, "office", "/ledgers/bulk/dismiss", codes)
    assert empty.status_code == 422
    assert "field-error" in empty.text
    fields = {"f.reason": "重复登记", "f.note": "重复登记"}
    first = post(district, "office", "/ledgers/bulk/dismiss", codes, **fields)
    if 'name="sure"' in first.text:
        assert proposed(district) == codes
        assert "重复登记" in first.text
        first = post(district, "office", "/ledgers/bulk/dismiss", codes, sure="yes", **fields)
    assert set(fates(first.text).values()) == {""}
    assert proposed(district) == []


def test_nothing_chosen_too_many_or_an_unknown_step_is_said(district: District, seen: Seen) -> None:
    assert post(district, "office", "/ledgers/bulk", []).status_code == 400
    many = [f"X-{number}" for number in range(bulk.MOST + 1)]
    assert post(district, "office", "/ledgers/bulk", many).status_code == 400
    assert post(district, "office", "/ledgers/bulk/no_such_step", proposed(district)).status_code == 404


def test_when_the_store_fails_half_way_the_done_stay_done_and_the_rest_is_told(
    district: District, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = proposed(district)
    act, calls = rectify.act, []

    def failing(*args: Any, **kwargs: Any) -> CaseStep:
        calls.append(1)
        if len(calls) == 2:
            act(*args, **kwargs)  # written and then rolled back with its transaction
            raise Problem("store.unavailable")
        return act(*args, **kwargs)

    monkeypatch.setattr(rectify, "act", failing)
    done = post(district, "office", "/ledgers/bulk/confirm", codes, **CONFIRM)
    told = fates(done.text)
    assert [code for code in codes if told[code] == ""] == codes[:1]
    assert len(calls) == 2  # what comes after is not tried
    after = states(district)
    assert [after[code] for code in codes] == ["open"] + ["proposed"] * (len(codes) - 1)


def test_an_error_in_one_leaves_the_others_alone(
    district: District, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = proposed(district)
    act, calls = rectify.act, []

    def failing(*args: Any, **kwargs: Any) -> CaseStep:
        calls.append(1)
        step = act(*args, **kwargs)
        if len(calls) == 1:
            raise RuntimeError("broken")
        return step

    monkeypatch.setattr(rectify, "act", failing)
    done = post(district, "office", "/ledgers/bulk/confirm", codes, **CONFIRM)
    assert [code for code, reason in fates(done.text).items() if reason] == codes[:1]
    assert proposed(district) == codes[:1]
