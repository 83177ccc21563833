"""Each page asks who may see it: every route against every role, and strangers from the next district."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from fastapi.routing import APIRoute
from sqlmodel import select
from starlette.routing import BaseRoute

from server.store.people import PhoneKey
from server.web.router import router
from tests.conftest import District
from tests.server.web.conftest import Seen

EVERYBODY = frozenset({"admin", "office", "amina", "leader", "jyj", "head1", "head3", "dayo", "strange"})
LOGINS = ("admin", "office", "amina", "leader", "jyj", "head1", "head3", "dayo", "strange")
BOARD = frozenset({"admin", "office", "leader"})
# Who reaches the town, the school S01 and what was seen there.
OF_S01 = BOARD | {"amina", "head1"}
MANAGERS = frozenset({"admin", "office"})
OPEN = (
    *("/static/{name:path}", "/favicon.ico", "/lifecycles/{name}.svg", "/sign-in", "/language/{code}", "/api/docs"),
    *("/collect", "/collect/{name:path}"),  # The app's files; what it shows comes by a phone's key.
)


@dataclass(frozen=True)
class Case:
    """One request to one route: who is answered, who is told "not allowed"; all others find nothing there."""

    method: str
    route: str
    url: str
    served: frozenset[str]
    forbidden: frozenset[str] = frozenset()
    data: dict[str, str] = field(default_factory=dict)
    files: bool = False


def cases(seen: Seen, key: int) -> Iterator[Case]:
    first, photo = seen.first, "%E7%8E%B0%E5%9C%BA%201.jpg"
    board_or_own = BOARD | {"strange"}
    f03 = seen.findings["f01_f03"]
    yield Case("GET", "/", "/", EVERYBODY)
    yield Case("GET", "/matrix", "/matrix", board_or_own, EVERYBODY - board_or_own)
    yield Case("GET", "/matrix", "/matrix?district=330100", BOARD, EVERYBODY - board_or_own)
    for name in ("distribution", "trend", "matrix"):
        yield Case("GET", "/charts/{name}.{kind}", f"/charts/{name}.svg", board_or_own, EVERYBODY - board_or_own)
    yield Case("GET", "/units/{code}/charts/dimensions.{kind}", "/units/S01/charts/dimensions.png", OF_S01)
    yield Case("GET", "/inspector", "/inspector", frozenset({"amina", "dayo"}), EVERYBODY - {"amina", "dayo"})
    yield Case("GET", "/school", "/school", frozenset({"head1", "head3"}), EVERYBODY - {"head1", "head3"})
    yield Case("GET", "/school", "/school?unit=S01", frozenset({"head1"}), EVERYBODY - {"head1", "head3"})
    yield Case("GET", "/department", "/department", frozenset({"jyj"}), EVERYBODY - {"jyj"})
    yield Case("GET", "/units/{code}", "/units/S01", OF_S01)
    yield Case("GET", "/units/{code}", "/units/330101", BOARD | {"amina"})
    yield Case("GET", "/units/{code}", "/units/D-JYJ", BOARD | {"jyj"})
    yield Case("GET", "/units/{code}", "/units/G-01", OF_S01)
    explain = "/units/{code}/explain/{quarter}"
    yield Case("GET", explain, "/units/S01/explain/2026Q4", OF_S01)
    yield Case("GET", f"{explain}/dimension/{{dimension}}", "/units/S01/explain/2026Q4/dimension/GP-6", OF_S01)
    yield Case("GET", f"{explain}/indicator/{{indicator}}", "/units/S01/explain/2026Q4/indicator/AQ-03", OF_S01)
    yield Case("GET", "/submissions", "/submissions", EVERYBODY)
    one = "/submissions/{instance_id}"
    yield Case("GET", one, f"/submissions/{first}", OF_S01)
    yield Case("GET", f"{one}/files/{{name}}", f"/submissions/{first}/files/{photo}", OF_S01)
    yield Case("GET", f"{one}/thumbs/{{name}}", f"/submissions/{first}/thumbs/{photo}", OF_S01)
    yield Case("GET", f"{one}/xml", f"/submissions/{first}/xml", OF_S01)
    yield Case(
        "POST", f"{one}/review", f"/submissions/{first}/review", MANAGERS, OF_S01 - MANAGERS, {"verdict": "approved"}
    )
    yield Case("GET", "/findings", "/findings", EVERYBODY)
    yield Case("GET", "/findings/{code}", f"/findings/{f03}", OF_S01)
    school_return = "/returns/return_school_year?unit=S01"
    yield Case("GET", "/returns/{form_id}", school_return, OF_S01 - {"leader"}, frozenset({"leader"}))
    yield Case(
        "POST", "/returns/{form_id}", school_return, OF_S01 - {"leader"}, frozenset({"leader"}), {"step": "refresh"}
    )
    yield from _rectification(f03)
    yield from _measures()
    yield from _checklists()
    yield from _documents(first)
    yield from _messages()
    yield from _ledgers(f03)
    yield from _administration(key)


def _rectification(code: str) -> Iterator[Case]:
    desks = EVERYBODY - {"admin"}
    yield Case("GET", "/desk", "/desk", desks, frozenset({"admin"}))
    yield Case("GET", "/desk", "/desk?role=school&unit=S01", frozenset({"head1"}), frozenset({"admin"}))
    yield Case("GET", "/desk/wall", "/desk/wall?unit=S01", OF_S01)
    yield Case("GET", "/desk/wall/pdf", "/desk/wall/pdf?unit=S01", OF_S01)
    enter = frozenset({"office", "amina", "dayo", "strange"})
    yield Case("GET", "/findings/new", "/findings/new", enter, EVERYBODY - enter)
    yield Case("POST", "/findings/new", "/findings/new", enter, EVERYBODY - enter, {"unit": "S01"})
    one, here = "/findings/{code}", f"/findings/{code}"
    step = f"{one}/steps/{{action}}"
    yield Case("POST", step, f"{here}/steps/confirm", MANAGERS, OF_S01 - MANAGERS)
    yield Case("GET", f"{one}/files/{{file_id}}", f"{here}/files/1", frozenset())
    yield Case("GET", f"{one}/thumbs/{{file_id}}", f"{here}/thumbs/1", frozenset())


def _measures() -> Iterator[Case]:
    """Of measures that are there: tests/server/web/rectify/test_measure_pages.py."""
    blind = frozenset({"amina", "dayo"})
    yield Case("GET", "/measures", "/measures", EVERYBODY - blind, blind)
    propose = frozenset({"office", "leader", "strange"})
    yield Case("GET", "/measures/new", "/measures/new", propose, EVERYBODY - propose)
    yield Case("POST", "/measures/new", "/measures/new", propose, EVERYBODY - propose, {"unit": "S01"})
    one, none = "/measures/{code}", "/measures/S01-interview-261120"
    yield Case("GET", one, none, frozenset(), blind)
    yield Case("GET", f"{one}/files/{{file_id}}", f"{none}/files/1", frozenset(), blind)
    yield Case("GET", f"{one}/thumbs/{{file_id}}", f"{none}/thumbs/1", frozenset(), blind)
    for action, route in (("steps/decide", "steps/{action}"), ("names", "names"), ("persons", "persons")):
        yield Case("POST", f"{one}/{route}", f"{none}/{action}", frozenset(), blind)


def _checklists() -> Iterator[Case]:
    ours = EVERYBODY - {"dayo", "strange"}
    here = "district=330100"
    others = EVERYBODY - MANAGERS - {"strange"}
    yield Case("GET", "/checklists", f"/checklists?{here}", ours)
    yield Case("GET", "/checklists/{form_id}", f"/checklists/f01?{here}", ours)
    compare = f"/checklists/f01/compare?old=2026112203&new=2026112203&{here}"
    yield Case("GET", "/checklists/{form_id}/compare", compare, ours)
    file = "/checklists/{form_id}/versions/{version}/{kind}"
    yield Case("GET", file, f"/checklists/f01/versions/2026112203/xform?{here}", ours)
    yield Case("GET", file, f"/checklists/f01/versions/2026112203/expanded?{here}", ours)
    yield Case("POST", "/checklists/check", "/checklists/check", MANAGERS, others, {"district": "330100"}, files=True)
    nothing = "0" * 64
    yield Case("GET", "/checklists/drafts/{digest}", f"/checklists/drafts/{nothing}?{here}", frozenset(), others)
    data = {"district": "330100", "digest": nothing}
    # The bytes that nobody uploaded are not there for anybody; the right to publish is tried with the library.
    yield Case("POST", "/checklists/publish", "/checklists/publish", frozenset(), data=data)
    shipped = "/checklists/library/{name}"
    yield Case("POST", shipped, "/checklists/library/f01", MANAGERS, others, {"district": "330100"})


def _documents(first: str) -> Iterator[Case]:
    """Of documents that are there: tests/server/documents."""
    here, others = {"district": "330100"}, EVERYBODY - MANAGERS - {"strange"}
    home = "/documents/templates"
    yield Case("GET", home, f"{home}?district=330100", MANAGERS, others)
    yield Case("GET", f"{home}/{{kind}}.docx", f"{home}/notice.docx?district=330100", MANAGERS, others)
    yield Case("POST", f"{home}/{{kind}}", f"{home}/notice", MANAGERS, others, here)
    yield Case("POST", f"{home}/{{kind}}/drop", f"{home}/notice/drop", MANAGERS, others, here)
    yield Case("POST", "/documents/head", "/documents/head", MANAGERS, others, here)
    yield Case("GET", "/documents/{document_id}/{form}", "/documents/1/pdf", frozenset())
    yield Case("GET", "/submissions/{instance_id}/feedback.pdf", f"/submissions/{first}/feedback.pdf", OF_S01)
    one, s01 = "/checklists/{form_id}", "/checklists/f01"
    yield Case("GET", f"{one}/paper.pdf", f"{s01}/paper.pdf?unit=S01", OF_S01)
    yield Case("GET", f"{one}/paper.pdf", f"{s01}/paper.pdf?district=330100", EVERYBODY - {"dayo", "strange"})
    senders, leader = OF_S01 - {"leader"}, frozenset({"leader"})
    yield Case("GET", f"{one}/key", f"{s01}/key?unit=S01", senders, leader)
    for path in ("key", "key/state"):
        yield Case("POST", f"{one}/{path}", f"{s01}/{path}?unit=S01", senders, leader, {"step": "refresh"})


def _messages() -> Iterator[Case]:
    """Everybody has an inbox of their own; nobody opens another's message."""
    yield Case("GET", "/inbox", "/inbox", EVERYBODY)
    yield Case("POST", "/inbox/read", "/inbox/read", EVERYBODY)
    yield Case("GET", "/help", "/help", EVERYBODY)
    yield Case("GET", "/inbox/choice", "/inbox/choice", EVERYBODY)
    yield Case("POST", "/inbox/choice", "/inbox/choice", EVERYBODY, data={"mode": "off"})
    yield Case("GET", "/inbox/{message_id}", "/inbox/987654", frozenset())
    admin, others = frozenset({"admin"}), EVERYBODY - {"admin"}
    yield Case("GET", "/deliveries", "/deliveries", admin, others)
    yield Case("POST", "/deliveries/{delivery_id}/again", "/deliveries/987654/again", frozenset(), others)
    robot = {"name": "群", "kind": "wecom", "url": "https://qyapi.weixin.qq.com/send?key=1", "unit": "330100"}
    yield Case("GET", "/robots", "/robots", admin, others)
    yield Case("POST", "/robots", "/robots", admin, others, {**robot, "mode": "now"})
    yield Case("POST", "/robots/{robot_id}/try", "/robots/987654/try", frozenset(), others)
    yield Case("POST", "/robots/{robot_id}/switch", "/robots/987654/switch", frozenset(), others)


def _ledgers(finding: str) -> Iterator[Case]:
    """Every role has its ledgers, of its own units; inspectors see no measures."""
    yield Case("GET", "/ledgers", "/ledgers", EVERYBODY)
    one, no_measures = "/ledgers/{ledger}", frozenset({"amina", "dayo"})
    for name in ("rectification", "consultations", "overdue"):
        yield Case("GET", one, f"/ledgers/{name}", EVERYBODY)
    yield Case("GET", one, "/ledgers/measures", EVERYBODY - no_measures, no_measures)
    yield Case("GET", f"{one}/xlsx", "/ledgers/overdue/xlsx", EVERYBODY)
    yield Case("GET", f"{one}/xlsx", "/ledgers/measures/xlsx", EVERYBODY - no_measures, no_measures)
    yield Case("POST", f"{one}/views", "/ledgers/rectification/views", EVERYBODY, data={"name": "x"})
    yield Case("POST", "/ledgers/views/{view_id}/forget", "/ledgers/views/987654/forget", frozenset())
    yield Case("POST", "/ledgers/bulk", "/ledgers/bulk", EVERYBODY, data={"code": finding})
    # A step is refused for each finding by itself (test_bulk); the answer is the report.
    yield Case("POST", "/ledgers/bulk/{action}", "/ledgers/bulk/archive", EVERYBODY, data={"code": finding})
    yield Case("GET", "/ledgers/analysis", "/ledgers/analysis", EVERYBODY)
    ours = BOARD | {"amina"}
    yield Case("GET", "/ledgers/analysis", "/ledgers/analysis?unit=330101", ours)
    yield Case("GET", "/ledgers/analysis/charts/{name}.{kind}", "/ledgers/analysis/charts/ages.svg?unit=330101", ours)
    yield Case("GET", "/ledgers/analysis/xlsx", "/ledgers/analysis/xlsx?unit=330101", ours)


def _administration(key: int) -> Iterator[Case]:
    chiefs = MANAGERS | {"strange"}
    not_admin = EVERYBODY - {"admin"}
    admin = frozenset({"admin"})
    yield Case("GET", "/units", "/units", chiefs, EVERYBODY - chiefs)
    yield Case("POST", "/units/import", "/units/import", chiefs, EVERYBODY - chiefs, files=True)
    yield Case("GET", "/people", "/people", admin, not_admin)
    person = {"login": "new1", "name": "新人", "password": "long enough", "role": "school", "unit": "S02"}
    yield Case("POST", "/people", "/people", admin, not_admin, person)
    yield Case("GET", "/people/{login}", "/people/head3", admin, not_admin)
    role = {"role": "school", "unit": "S04"}
    yield Case("POST", "/people/{login}/grant", "/people/head3/grant", admin, not_admin, role)
    yield Case("POST", "/people/{login}/revoke", "/people/head3/revoke", admin, not_admin, role)
    word = {"password": "another long one"}
    yield Case("POST", "/people/{login}/password", "/people/new1/password", admin, not_admin, word)
    yield Case("POST", "/people/{login}/phone", "/people/amina/phone", admin, not_admin)
    revoke = f"/people/amina/phone/{key}/revoke"
    yield Case("POST", "/people/{login}/phone/{key_id}/revoke", revoke, admin, not_admin)
    yield Case("POST", "/people/{login}/deactivate", "/people/new1/deactivate", admin, not_admin)
    phones = chiefs | {"amina", "dayo"}
    yield Case("POST", "/inspector/phone", "/inspector/phone", phones, EVERYBODY - phones)
    yield Case("GET", "/phones", "/phones", phones, EVERYBODY - phones)
    yield Case("POST", "/phones/link", "/phones/link", phones, EVERYBODY - phones)
    yield Case("POST", "/phones/{device_id}/sign-out", "/phones/99/sign-out", frozenset(), EVERYBODY - phones)
    own = f"/inspector/phone/{key}/revoke"
    yield Case("POST", "/inspector/phone/{key_id}/revoke", own, frozenset({"amina"}))
    yield Case("POST", "/sign-out", "/sign-out", EVERYBODY)


def amina_key(district: District) -> int:
    with district.database.read() as session:
        found = session.exec(select(PhoneKey).where(PhoneKey.person_id == district.people.persons["amina"])).first()
        assert found is not None and found.id is not None
        return found.id


def ask(district: District, case: Case, login: str, *, token: bool = True) -> tuple[int, str]:
    """The status and the address that a redirect leads to."""
    client = district.as_(login)
    if case.method == "GET":
        answer = client.get(case.url)
    else:
        data = {**case.data, **({"token": district.form_token(login)} if token and login else {})}
        files = {"unused": ("", b"")} if case.files else None
        answer = client.post(case.url, data=data, files=files)
    return answer.status_code, answer.headers.get("location", "")


@pytest.mark.parametrize("login", LOGINS)
def test_each_role_is_served_what_it_may_see_and_nothing_else(district: District, seen: Seen, login: str) -> None:
    wrong = []
    for case in cases(seen, amina_key(district)):
        status, to = ask(district, case, login)
        wanted = "served" if login in case.served else "403" if login in case.forbidden else "404"
        got = "served" if status in (200, 303, 422) and not to.startswith("/sign-in?next") else str(status)
        if got != wanted:
            wrong.append((case.method, case.url, wanted, status, to))
    assert not wrong


def test_nobody_is_served_without_signing_in(district: District, seen: Seen) -> None:
    wrong = []
    for case in cases(seen, amina_key(district)):
        status, to = ask(district, case, "")
        if (case.method, status) not in {("GET", 303), ("POST", 401)} or (
            status == 303 and not to.startswith("/sign-in")
        ):
            wrong.append((case.method, case.url, status, to))
    assert not wrong


def test_no_form_is_taken_without_its_token(district: District, seen: Seen) -> None:
    posts = [case for case in cases(seen, amina_key(district)) if case.method == "POST"]
    assert len(posts) > 12
    for case in posts:
        who = next((login for login in LOGINS if login in case.served), "admin")
        assert ask(district, case, who, token=False)[0] == 403, case


def test_every_route_of_the_pages_has_its_case(district: District, seen: Seen) -> None:
    tried = {(case.method, case.route) for case in cases(seen, 1)}
    there = {
        (method, route.path) for route in _routes(router.routes) for method in route.methods if route.path not in OPEN
    }
    assert there - tried == set()
    assert tried - there == set()


def _routes(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from _routes(getattr(getattr(route, "original_router", None), "routes", []))


def test_a_neighbour_sees_nothing_of_ours_in_a_list(district: District, seen: Seen) -> None:
    for login in ("strange", "dayo"):
        lists = ("/submissions", "/ledgers/rectification", "/ledgers/overdue", "/ledgers/consultations")
        for path in (*lists, *(f"{one}?unit=S01" for one in lists), "/ledgers/rectification?unit=S01&state=all"):
            page = district.as_(login).get(path)
            assert page.status_code == 200
            assert "东岭镇" not in page.text


def test_an_inspector_sees_only_the_schools_of_the_own_area(district: District) -> None:
    page = district.as_("amina").get("/inspector")
    assert "东岭镇中心小学" in page.text
    assert "西溪镇" not in page.text


def test_a_district_administrator_cannot_take_over_an_account_with_roles_elsewhere(district: District) -> None:
    admin = district.as_("admin")
    token = district.form_token("admin")
    data = {"token": token, "role": "administrator", "unit": "330100"}
    assert admin.post("/people/leader/grant", data=data).status_code == 303
    leader = district.as_("leader")
    mine = district.form_token("leader")
    assert leader.get("/people/leader").status_code == 200
    answer = leader.post("/people/admin/password", data={"token": mine, "password": "taken over now"})
    assert answer.status_code == 404
    # The city's administrator also holds a role in the district now, and still cannot be taken over from there.
    admin.post("/people/admin/grant", data={"token": token, "role": "office", "unit": "330100"})
    answer = leader.post("/people/admin/password", data={"token": mine, "password": "taken over now"})
    assert answer.status_code == 403
