"""A step's document is made once of what the case says, and read by whoever may."""

from __future__ import annotations

import io

import pytest
from docx import Document
from sqlmodel import col, select

from server.services.documents import documents
from server.services.measures import measures
from server.services.rectification.rectify import Upload
from server.store.cases import MeasureRow
from server.store.events import Event
from server.store.units import Unit
from tests.server.documents.conftest import text_of
from tests.server.rectify.conftest import Loop, paper


def own_template(text: str) -> bytes:
    document = Document()
    document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.fixture
def code(loop: Loop) -> str:
    """A finding that has been given notice (route R3: an opinion)."""
    code = loop.found()
    loop.bring(code, "noticed")
    return code


def newest(loop: Loop) -> int:
    number = loop.documents()[-1].id
    assert number is not None
    return number


def test_the_notice_says_what_the_office_entered_and_what_the_inspector_found(loop: Loop, code: str) -> None:
    answer = loop.district.as_("head1").get(f"/documents/{newest(loop)}/pdf")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    text = text_of(answer.content)
    finding = loop.finding(code)
    assert "青山区人民政府教育督导委员会办公室" in text
    assert "青山教督意〔2026〕1号" in text
    for words in ("东岭镇中心小学", code, "清理并建立巡查记录", "校长何为整改第一责任人", "督导意见书"):
        assert words in text
    due = finding.due_on
    assert f"{due.year}年{due.month}月{due.day}日" in text
    word = loop.district.as_("head1").get(f"/documents/{newest(loop)}/docx")
    assert "青山教督意" in "".join(p.text for p in Document(io.BytesIO(word.content)).paragraphs)


def test_the_jobs_make_the_files_and_they_stay_as_they_were_made(loop: Loop, code: str) -> None:
    assert documents.make_waiting(loop.district.context) == len(loop.documents()) == 2
    assert documents.make_waiting(loop.district.context) == 0
    before = loop.district.as_("office").get(f"/documents/{newest(loop)}/pdf").content
    form = {"token": loop.district.form_token("office"), "issuer": "另一个办公室", "prefix": "", "contact": ""}
    assert loop.district.as_("office").post("/documents/head", data=form).status_code == 303
    assert loop.district.as_("office").get(f"/documents/{newest(loop)}/pdf").content == before


def test_a_document_that_cannot_be_made_holds_up_no_other(
    loop: Loop, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = loop.documents()[0]
    real = documents.render_pdf

    def failing(kind: str, notice: object) -> bytes:
        if kind == first.kind:
            raise RuntimeError("no ink")
        return real(kind, notice)  # type: ignore[arg-type]

    monkeypatch.setattr(documents, "render_pdf", failing)
    broken: set[int] = set()
    assert documents.make_waiting(loop.district.context, broken, most=1) == 0
    assert broken == {first.id}
    assert documents.make_waiting(loop.district.context, broken, most=1) == 1
    assert documents.make_waiting(loop.district.context, broken, most=1) == 0
    assert [bool(document.pdf_sha256) for document in loop.documents()] == [False, True]


def test_the_initial_opinion_carries_the_inspectors_words_and_the_day_for_a_statement(loop: Loop, code: str) -> None:
    first = loop.documents()[0]
    assert first.kind == "initial" and first.due_on is not None
    text = text_of(loop.district.as_("head1").get(f"/documents/{first.id}/pdf").content)
    assert "消防通道堆放杂物" in text
    assert f"可于{first.due_on.year}年{first.due_on.month}月{first.due_on.day}日前" in text


@pytest.mark.parametrize(
    ("login", "status"),
    [
        ("office", 200), ("bola", 200), ("amina", 200), ("leader", 200), ("head1", 200),
        ("head3", 404), ("strange", 404), ("dayo", 404), ("", 303),
    ],
)  # fmt: skip
def test_who_reads_a_schools_document(loop: Loop, code: str, login: str, status: int) -> None:
    assert loop.district.as_(login).get(f"/documents/{newest(loop)}/pdf").status_code == status


def test_other_addresses_are_not_found(loop: Loop, code: str) -> None:
    office = loop.district.as_("office")
    assert office.get(f"/documents/{newest(loop)}/exe").status_code == 404
    assert office.get("/documents/999999/pdf").status_code == 404


def test_the_office_replaces_a_template_and_takes_it_back(loop: Loop) -> None:
    office, token = loop.district.as_("office"), loop.district.form_token("office")
    page = office.get("/documents/templates")
    assert page.status_code == 200 and "整改通知书" in page.text
    data = own_template("自拟：{{ 单位 }}收 {{ 文号 }}")
    posted = office.post("/documents/templates/opinion", data={"token": token}, files={"template": ("我的.docx", data)})
    assert posted.status_code == 303
    assert "我的.docx" in office.get("/documents/templates").text
    assert office.get("/documents/templates/opinion.docx").content == data
    assert office.get("/documents/templates/opinion.docx?shipped=true").content != data
    loop.bring(loop.found(), "noticed")
    word = office.get(f"/documents/{newest(loop)}/docx").content
    assert "自拟：东岭镇中心小学收 青山教督意〔2026〕1号" in Document(io.BytesIO(word)).paragraphs[-1].text
    assert office.post("/documents/templates/opinion/drop", data={"token": token}).status_code == 303
    assert office.get("/documents/templates/opinion.docx").content != data
    with loop.district.database.read() as session:
        kinds = set(session.exec(select(Event.kind).where(col(Event.kind).startswith("document."))))
    assert kinds == {"document.template", "document.template_dropped"}


def test_a_wrong_tag_is_named_on_the_page_in_the_readers_language(loop: Loop) -> None:
    office, token = loop.district.as_("office"), loop.district.form_token("office")
    for language in ("zh", "en"):
        office.cookies.set("liangpai_language", language)
        files = {"template": ("a.docx", own_template("{{ 学校名称 }}"))}
        answer = office.post("/documents/templates/notice", data={"token": token}, files=files)
        assert answer.status_code == 422
        assert "学校名称" in answer.text
    assert "was not replaced" in answer.text


@pytest.mark.parametrize("login", ["amina", "head1", "leader", "jyj"])
def test_only_the_office_changes_templates_and_letterhead(loop: Loop, login: str) -> None:
    client, token = loop.district.as_(login), loop.district.form_token(login)
    files = {"template": ("a.docx", own_template("a"))}
    assert client.get("/documents/templates").status_code == 403
    assert client.post("/documents/templates/notice", data={"token": token}, files=files).status_code == 403
    assert client.post("/documents/head", data={"token": token, "issuer": "我"}).status_code == 403


def test_a_template_that_has_become_unreadable_does_not_stop_a_document(loop: Loop) -> None:
    office, token = loop.district.as_("office"), loop.district.form_token("office")
    files = {"template": ("a.docx", own_template("{{ 单位 }}"))}
    office.post("/documents/templates/opinion", data={"token": token}, files=files)
    for digest in list(loop.district.context.blobs.digests()):
        loop.district.context.blobs.path(digest).unlink()
    loop.bring(loop.found(), "noticed")
    assert office.get(f"/documents/{newest(loop)}/docx").status_code == 200


@pytest.fixture
def talk(loop: Loop) -> dict[str, int]:
    """A talk that was announced and held, and a proposal to the body with authority: document ids by kind."""
    district, at = loop.district, loop.district.clock()
    with district.database.write() as session:
        unit = session.exec(select(Unit).where(col(Unit.code) == "S01")).one()
        for kind in ("interview", "disciplinary"):
            data = {"grounds": "整改逾期三次"}
            measures.propose(
                session, district.context, unit, kind, rule="NX-51", data=data, by=loop.viewer("office"), at=at
            )

    def act(login: str, kind: str, action: str, fields: dict[str, str], **files: list[Upload]) -> None:
        viewer = loop.viewer(login)
        with district.database.write() as session:
            row = session.exec(select(MeasureRow).where(col(MeasureRow.kind) == kind)).one()
            measures.act(session, district.context, row, action, by=viewer, at=at, fields=fields, files=files)

    act("leader", "interview", "decide", {"number": "青督委〔2026〕1号"}, decision=[paper()])
    announced = {"held_on": "2026-11-27", "place": "三楼会议室", "subject": "整改不力"}
    act("office", "interview", "notify", announced)
    act("leader", "disciplinary", "refer", {"body": "区教育局党委", "text": "建议给予警告", "reason": "情节严重"})
    return {document.kind: document.id or 0 for document in loop.documents()}


def test_a_talk_is_announced_with_time_place_and_subject(loop: Loop, talk: dict[str, int]) -> None:
    text = text_of(loop.district.as_("head1").get(f"/documents/{talk['interview']}/pdf").content)
    for words in (
        "约谈通知书",
        "青山教督约〔2026〕1号",
        "2026年11月27日",
        "三楼会议室",
        "约谈事由：整改不力。",
        "东岭镇中心小学",
    ):
        assert words in text
    proposal = text_of(loop.district.as_("leader").get(f"/documents/{talk['proposal']}/pdf").content)
    for words in (
        "处理建议书",
        "区教育局党委：",
        "涉及单位：东岭镇中心小学",
        "事由：整改逾期三次",
        "建议措施：处分（建议给予警告）",
    ):
        assert words in proposal


def test_a_proposal_is_not_read_by_the_unit_and_a_talk_not_by_inspectors(loop: Loop, talk: dict[str, int]) -> None:
    readers = {"interview": {"office", "leader", "admin", "head1"}, "proposal": {"office", "leader", "admin"}}
    for kind, allowed in readers.items():
        for login in ("office", "leader", "admin", "head1", "head3", "amina", "jyj", "strange"):
            status = loop.district.as_(login).get(f"/documents/{talk[kind]}/pdf").status_code
            assert status == (200 if login in allowed else 404), (kind, login)
