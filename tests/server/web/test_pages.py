"""The pages say what they promise: lights, why, findings with days left, submissions whole, files that only show."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from scorecards.palette import LOOKS
from server.jobs.loop import work_once
from server.store.findings import Finding
from server.store.lights import LiveCard
from server.store.submissions import Submission
from server.web.scorecard.lights import light_badge, sprite
from tests.conftest import District
from tests.server.web.conftest import Seen
from tests.server.web.rectify.conftest import Road

FIRST = "uuid:11111111-1111-4111-8111-111111111111"
PHOTO = "%E7%8E%B0%E5%9C%BA%201.jpg"


def words(page: str) -> str:
    """What people read: the page without its tags."""
    body = page[page.index("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def test_the_matrix_shows_every_school_by_dimension_in_lights(district: District) -> None:
    page = district.as_("leader").get("/matrix").text
    said = words(page)
    for name in ("东岭镇中心小学", "东岭镇初级中学", "西溪镇第一小学", "东岭镇", "青山区教育局"):
        assert name in said
    assert "南湖镇" not in said
    # Unvisited schools are grey and counted as such.
    with district.database.read() as session:
        grey = 4 - len(session.exec(select(LiveCard).where(LiveCard.quarter == 20264, LiveCard.light != 4)).all())
    assert page.count('href="/units/S0') >= 4
    assert f"灰牌{max(grey, 2)}所" in said or "灰牌" in said
    assert "/units/S01/explain/2026Q4/dimension/GP-6" in page


def test_the_matrix_sorts_and_filters_on_the_server(district: District) -> None:
    leader = district.as_("leader")
    order = [page.index("S0") for page in (leader.get("/matrix?sort=enrolment").text,)]
    assert order
    by_pupils = re.findall(r'<th scope="row"><a href="/units/(S\d+)', leader.get("/matrix?sort=enrolment").text)
    assert by_pupils == ["S04", "S01", "S02", "S03"]
    one_town = re.findall(r'<th scope="row"><a href="/units/(S\d+)', leader.get("/matrix?town=330102").text)
    assert sorted(one_town) == ["S03", "S04"]
    juniors = re.findall(r'<th scope="row"><a href="/units/(S\d+)', leader.get("/matrix?stage=3").text)
    assert juniors == ["S02"]
    named = re.findall(r'<th scope="row"><a href="/units/(S\d+)', leader.get("/matrix?q=九年").text)
    assert named == ["S04"]
    grey = re.findall(r'<th scope="row"><a href="/units/(S\d+)', leader.get("/matrix?light=4").text)
    assert {"S03", "S04"} <= set(grey)
    assert leader.get("/matrix?quarter=soon").status_code == 400


def test_a_light_is_a_shape_and_a_word_and_a_colour() -> None:
    drawn = str(sprite())
    for light, look in LOOKS.items():
        symbol = re.search(rf'<symbol id="light-{int(light)}"[^>]*>(.*?)</symbol>', drawn)
        assert symbol is not None
        assert look.fill in symbol[1] or look.ink in symbol[1]
        assert re.sub(r"<[^>]*>", "", str(light_badge(int(light), "zh")))
    shapes = [re.sub(r"#[0-9A-Fa-f]{6}", "", shape) for shape in re.findall(r"<symbol[^>]*>(.*?)</symbol>", drawn)]
    assert len(set(shapes)) == len(LOOKS)


def test_pages_and_charts_have_the_same_colours(district: District) -> None:
    css = district.client.get("/static/liangpai.css").text
    for name, light in (("green", 1), ("yellow", 2), ("red", 3), ("grey", 4)):
        look = next(look for key, look in LOOKS.items() if int(key) == light)
        assert f"--{name}: {look.fill.lower()};" in css


def test_a_stranger_can_follow_a_red_light_to_the_photo(district: District, seen: Seen) -> None:
    leader = district.as_("leader")
    explained = leader.get("/units/S01/explain/2026Q4/indicator/AQ-03")
    said = words(explained.text)
    assert "L0.items.red_share" in said
    assert "1/2 ≥ 30%" in said
    assert "red=30%" in said
    assert "一键报警现场测试接通" in said
    assert "督学 艾" in said
    assert "2026-11-10" in said
    assert f'src="/submissions/{FIRST}/thumbs/{PHOTO}"'.replace(":", "%3A") in explained.text.replace(
        f"/submissions/{FIRST}", "/submissions/" + FIRST.replace(":", "%3A")
    )
    link = re.search(r'href="(/submissions/[^"#]+)#f01_f03"', explained.text)
    assert link is not None
    assert leader.get(link[1]).status_code == 200


def test_the_explanation_of_a_unit_names_every_rule_in_order(district: District) -> None:
    said = words(district.as_("head1").get("/units/S01/explain/2026Q4").text)
    assert said.index("L1.school.veto") < said.index("L1.school.red.dimensions") < said.rindex("L1.school.green")
    assert "成立，据此判定" in said


def test_a_departments_finding_does_not_make_the_school_red(district: District, seen: Seen) -> None:
    # f01_f10 is routed R4: it is the department's, and is listed with it.
    with district.database.read() as session:
        finding = session.exec(select(Finding).where(Finding.item == "f01_f10")).one()
    assert finding.route == 4
    office = district.as_("office")
    assert f'value="{finding.code}"' in office.get("/ledgers/rectification?route=4").text
    for route in (1, 2, 3):
        assert finding.code not in office.get(f"/ledgers/rectification?route={route}").text


def test_findings_say_how_many_working_days_are_left_once_the_school_was_told(district: District, seen: Seen) -> None:
    said = words(district.as_("head1").get("/school").text)
    assert "一键报警现场测试接通" in said
    assert "期限未起算" in said
    assert "期限未起算" in words(district.as_("head1").get("/ledgers/rectification").text)
    assert "共0条" in words(district.as_("head1").get("/ledgers/rectification?overdue=yes").text)
    Road(district, seen).to("noticed")
    for path in ("/school", "/ledgers/rectification"):
        assert "剩3个工作日" in words(district.as_("head1").get(path).text)


def test_a_units_page_lists_the_open_findings_that_its_link_leads_to(district: District, seen: Seen) -> None:
    office = district.as_("office")
    for unit in ("S01", "330101", "330100"):
        page = office.get(f"/units/{unit}").text
        link = re.search(rf'href="(/ledgers/rectification\?unit={unit})">([^<]*)</a>', page)
        assert link is not None
        listed = set(re.findall(r'<a href="/findings/([^"]+)"', page))
        ledger = office.get(link[1]).text
        assert listed == set(re.findall(r'name="code" value="([^"]+)"', ledger)) != set()
        assert str(len(listed)) in link[2] and f"共{len(listed)}条" in words(ledger)
    # The filter names the school that it came from.
    assert '<option value="S01" selected>东岭镇中心小学</option>' in office.get("/ledgers/rectification?unit=S01").text


def test_findings_have_one_place_in_the_navigation(district: District, seen: Seen) -> None:
    here = '<a href="/ledgers/rectification" aria-current="page">问题台账</a>'
    finding = f"/findings/{seen.findings['f01_f03']}"
    for path in ("/ledgers/rectification", "/ledgers/overdue", "/ledgers/analysis", finding, "/findings/new"):
        page = district.as_("office").get(path).text
        navigation = page[page.index('class="nav-wide"') : page.index("</nav>")]
        assert here in navigation, path
        assert navigation.count("aria-current") == 1
        assert re.findall(r'href="(/(?:findings|ledgers)[^"]*)"', navigation) == ["/ledgers/rectification"]


def test_a_submission_shows_every_answer_and_its_history(district: District, seen: Seen) -> None:
    page = district.as_("office").get(f"/submissions/{FIRST}")
    said = words(page.text)
    assert "一键报警现场测试接通" in said
    assert "第1版" in said
    assert "待审核" in said
    assert "提交审核结论" in said
    assert "提交审核结论" not in words(district.as_("amina").get(f"/submissions/{FIRST}").text)


def review(district: District, verdict: str, note: str = "") -> int:
    data = {"token": district.form_token("office"), "verdict": verdict, "note": note}
    return district.as_("office").post(f"/submissions/{FIRST}/review", data=data).status_code


def test_a_review_is_recorded_and_the_light_follows(district: District, seen: Seen) -> None:
    assert review(district, "rejected") == 400
    assert review(district, "nonsense") == 400
    assert review(district, "rejected", "照片与学校不符") == 303
    with district.database.read() as session:
        row = session.exec(select(Submission).where(Submission.instance_id == FIRST)).one()
        assert (row.review_state, row.review_note) == ("rejected", "照片与学校不符")
        assert row.reviewed_by == district.people.persons["office"]
    while work_once(district.context):
        pass
    assert district.as_("office").get("/units/S01/explain/2026Q4/indicator/AQ-03").status_code == 404
    assert "照片与学校不符" in district.as_("amina").get(f"/submissions/{FIRST}").text


def test_pictures_are_shown_and_nothing_is_ever_run(district: District, seen: Seen) -> None:
    client = district.as_("office")
    whole = client.get(f"/submissions/{FIRST}/files/{PHOTO}")
    assert whole.headers["content-type"] == "image/jpeg"
    assert whole.headers["content-disposition"].startswith("inline; filename*=UTF-8''")
    small = client.get(f"/submissions/{FIRST}/thumbs/{PHOTO}")
    assert small.headers["content-type"] == "image/jpeg"
    assert len(small.content) < 60_000
    raw = client.get(f"/submissions/{FIRST}/xml")
    assert raw.headers["content-disposition"].startswith("attachment")
    assert raw.headers["content-type"] == "application/octet-stream"
    for answer in (whole, small, raw):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
    again = client.get(f"/submissions/{FIRST}/thumbs/{PHOTO}", headers={"if-none-match": small.headers["etag"]})
    assert again.status_code == 304
    assert client.get(f"/submissions/{FIRST}/files/..%2F..%2Fliangpai.sqlite3").status_code == 404


def test_what_people_typed_is_never_markup(district: District, seen: Seen) -> None:
    client = district.as_("office")
    for path in ("/matrix", "/submissions", "/ledgers/rectification", "/units"):
        page = client.get(path, params={"q": "<script>alert(1)</script>"})
        assert "<script>alert" not in page.text


def test_charts_are_drawn_once_and_then_not_sent_again(district: District) -> None:
    client = district.as_("leader")
    first = client.get("/charts/trend.svg")
    assert first.headers["content-type"] == "image/svg+xml"
    assert first.content.startswith(b"<?xml") or b"<svg" in first.content[:400]
    assert client.get("/charts/trend.svg", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert client.get("/charts/trend.exe").status_code == 404


def test_static_files_are_kept_by_their_content(district: District) -> None:
    page = district.client.get("/sign-in").text
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = district.client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert district.client.get(address, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    assert district.client.get("/static/../router.py").status_code == 404
    assert district.client.get("/favicon.ico").status_code == 200


def test_an_inspector_gets_a_code_for_a_phone_once_and_can_revoke_it(district: District) -> None:
    client = district.as_("amina")
    token = district.form_token("amina")
    made = client.post("/inspector/phone", data={"token": token, "name": "备用手机"})
    assert made.status_code == 200
    address = re.search(r"http://testserver(/v1/key/[^<]+)</p>", made.text)
    assert address is not None
    assert district.client.get(f"{address[1]}/formList").status_code == 200
    home = client.get("/inspector").text
    assert "备用手机" in home
    assert address[1] not in home
    newest = re.search(r'action="(/inspector/phone/\d+/revoke)"', home)
    assert newest is not None
    client.post(newest[1], data={"token": token})
    assert "备用手机" not in client.get("/inspector").text


@pytest.mark.parametrize(
    ("login", "path"),
    [
        ("leader", "/matrix"),
        ("office", "/units/S01"),
        ("office", "/submissions"),
        ("office", "/ledgers/rectification"),
        ("amina", "/inspector"),
        ("head1", "/school"),
        ("jyj", "/department"),
        ("office", "/checklists"),
        ("admin", "/people"),
    ],
)
def test_a_page_reads_in_english_too(district: District, seen: Seen, login: str, path: str) -> None:
    page = district.as_(login).get(path, headers={"accept-language": "en-GB"})
    assert page.status_code == 200
    assert '<html lang="en">' in page.text
    heading = re.search(r"<h1>(.*?)</h1>", page.text, re.S)
    assert heading is not None
