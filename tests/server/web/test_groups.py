"""One school of a group sees the group's light, and no other school's lights or findings."""

from __future__ import annotations

from server.store.units import UnitMember, unit_by_code
from tests.conftest import District
from tests.server.web.conftest import Seen


def test_a_school_sees_of_its_group_only_itself(district: District, seen: Seen) -> None:
    with district.database.write() as session:
        group = unit_by_code(session, "G-01")
        assert group is not None
        session.add(UnitMember(group_id=group.id, unit_id=district.people.units["S03"], role="member"))
    for login, shown, hidden in (("head1", "S01", "S03"), ("head3", "S03", "S01"), ("amina", "S01", "S03")):
        page = district.as_(login).get("/units/G-01").text
        assert f"/units/{shown}" in page and f"/units/{hidden}" not in page
    page = district.as_("office").get("/units/G-01").text
    assert "/units/S01" in page and "/units/S03" in page
