"""A frozen quarter is the same bytes for the same content, holds no float, and shows where a recomputation differs."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.meaning import Light
from scorecards.explain import Explanation
from scorecards.snapshot import (
    Difference,
    NotASnapshot,
    NotCanonical,
    Source,
    canonical,
    content_hash,
    freeze,
    read,
    sha256,
    verify,
)
from scorecards.verdict import IndicatorValue

CARDS = [
    Explanation(
        "school", str(unit), {"zh": f"学校{unit}"}, 20264, int(light), "", False, (), {"score": 59}, {"GP-1": 3}
    )
    for unit, light in [(1, Light.RED), (2, Light.GREEN)]
]
VALUES = [IndicatorValue(unit, 20264, code, 3, 8, observations=1) for unit in (2, 1) for code in ("B", "A")]
SOURCES = [Source(f"uuid:{name}", sha256(name.encode())) for name in "cab"]


def frozen(catalogue, rulebook, **changed: object) -> bytes:
    given_parts = {"explanations": CARDS, "values": VALUES, "submissions": SOURCES} | changed
    return freeze(20264, as_of=dt.date(2026, 12, 31), catalogue=catalogue, rulebook=rulebook, **given_parts)


def test_the_bytes_are_canonical_json_in_utf8_with_a_newline(catalogue, rulebook):
    data = frozen(catalogue, rulebook)
    assert data.endswith(b"}\n")
    assert "学校1".encode() in data
    content = json.loads(data)
    assert list(content) == sorted(content)
    assert content["catalogue"] == {"version": "test-1", "sha256": content_hash(catalogue.to_json())}
    assert content["rulebook"]["sha256"] == content_hash(rulebook.to_json())
    assert content["submissions"] == [
        [source.instance_id, source.sha256] for source in sorted(SOURCES, key=lambda s: s.instance_id)
    ]
    assert content["as_of"] == "2026-12-31"
    assert content["cards"]["school/1"]["light"] == Light.RED


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_things_come_does_not_matter(catalogue, rulebook, shuffler: random.Random):
    parts = {"explanations": list(CARDS), "values": list(VALUES), "submissions": list(SOURCES)}
    for listed in parts.values():
        shuffler.shuffle(listed)
    assert frozen(catalogue, rulebook, **parts) == frozen(catalogue, rulebook)


def test_a_changed_parameter_changes_the_content_hash(catalogue, rulebook):
    rule = rulebook["L0.items.red_share"]
    milder = replace(rulebook, rules={**rulebook.rules, rule.id: replace(rule, parameters={"red": "31%"})})
    changed = verify(frozen(catalogue, rulebook), frozen(catalogue, milder))
    assert [difference.place for difference in changed] == ["rulebook/sha256"]


@pytest.mark.parametrize(
    "where", [{"a": 1.0}, {"a": [1, {"b": 0.5}]}, {"a": float("nan")}, {1: "a"}, {"a": {1, 2}}, {"a": b"x"}]
)
def test_a_float_is_refused_wherever_it_hides(catalogue, rulebook, where):
    with pytest.raises(NotCanonical):
        frozen(catalogue, rulebook, extra=where)


def test_two_cards_of_one_subject_and_false_hashes_are_refused(catalogue, rulebook):
    with pytest.raises(ValueError, match="two explanations of school/1"):
        frozen(catalogue, rulebook, explanations=[*CARDS, CARDS[0]])
    with pytest.raises(ValueError, match="no SHA-256"):
        frozen(catalogue, rulebook, submissions=[Source("uuid:x", "abc")])


def test_verifying_names_each_place_that_differs(catalogue, rulebook):
    data = frozen(catalogue, rulebook)
    assert verify(data, frozen(catalogue, rulebook)) == []
    repainted = [replace(CARDS[0], light=1), CARDS[1]]
    other = frozen(catalogue, rulebook, explanations=repainted, submissions=SOURCES[:2])
    places = {difference.place: difference for difference in verify(data, other)}
    assert places["cards/school/1/light"] == Difference("cards/school/1/light", "3", "1")
    assert places["submissions/1/0"].frozen == "uuid:b"
    assert places["submissions/2"].recomputed == "(absent)"


def test_what_is_no_snapshot_is_refused(catalogue, rulebook):
    data = frozen(catalogue, rulebook)
    assert read(data)["quarter"] == 20264
    for broken in (
        b"",
        b"{}\n",
        b"[1.5]\n",
        data.rstrip(),
        data.replace(b'"quarter":20264', b'"quarter": 20264'),
        b"\xff",
    ):
        with pytest.raises(NotASnapshot):
            read(broken)


def test_canonical_form_has_one_way_to_write_anything():
    assert canonical({"b": [True, None, Light.RED], "a": "中"}) == '{"a":"中","b":[true,null,3]}\n'.encode()
