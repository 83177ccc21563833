"""How to use the pages, said for every role, in the words of the pages themselves."""

from __future__ import annotations

import re

from scorecards.lifecycle.measures import TABLE as MEASURES
from scorecards.lifecycle.rectification import TABLE as RECTIFICATION
from server.store.people import ROLES
from server.web.home.guide import GUIDE, guide_for
from server.web.locale import TEXTS


def test_every_role_is_told_and_reads_its_own_part_first() -> None:
    assert set(GUIDE) == set(ROLES)
    for role in ROLES:
        (first, steps, own), *others = guide_for(frozenset({role}))
        assert (first, own) == (role, True) and steps
        assert not any(mine for _role, _steps, mine in others)


def test_words_in_brackets_are_those_of_the_pages() -> None:
    shown = {zh for zh, _en in TEXTS.values()}
    shown |= {step.words.zh for table in (RECTIFICATION, MEASURES) for step in table.steps}
    told = [word for steps in GUIDE.values() for zh, _en in steps for word in re.findall("【(.+?)】", zh)]
    assert len(told) > 20
    assert [word for word in told if word not in shown] == []
