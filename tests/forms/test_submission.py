"""What a phone sends is read whole, in whatever namespace; what is broken or hostile is refused with a sentence."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.check import check
from forms.definition import FormDefinition, Item
from forms.instance import build_instance
from forms.shipped import shipped_workbook
from forms.submission import (
    TEXTS,
    SubmissionProblem,
    attachment_names,
    parse_submission,
    read_answers,
    read_head,
)


def item(path: str, kind: str = "text", repeat: str = "") -> Item:
    return Item(path.rpartition("/")[2], path, kind, {}, repeat=repeat)


FORM = FormDefinition(
    "f",
    "2",
    {"zh": "表"},
    items=(
        item("/data/a"),
        item("/data/g/b"),
        item("/data/g/photo", "image"),
        item("/data/r/c", repeat="/data/r"),
        item("/data/r/d/e", repeat="/data/r"),
        item("/data/r/s/f", repeat="/data/r/s"),
        item("/data/meta/audit", "audit"),
    ),
)
META = "<meta><instanceID>uuid:1</instanceID></meta>"


def data(body: str, attributes: str = 'id="f" version="2"') -> bytes:
    return f"<data {attributes}>{body}</data>".encode()


@pytest.mark.parametrize(
    "xml",
    [
        data(META),
        b"<?xml version='1.0'?><x:data xmlns:x='urn:x' id='f' version='2'>" + META.encode() + b"</x:data>",
        data("<orx:meta><orx:instanceID> uuid:1 </orx:instanceID></orx:meta>",
             'xmlns:orx="http://openrosa.org/xforms" id="f" version="2"'),
        data("<orx:meta><instanceID>uuid:1</instanceID></orx:meta>", 'xmlns:orx="urn:o" id="f" version="2"'),
        data(f"<g>{META}</g>"),
        data("", 'id="f" version="2" instanceID="uuid:1"'),
        data(META, 'id="f" xmlns:o="urn:o" o:version="2"'),
    ],
)  # fmt: skip
def test_form_version_and_instance_id_are_found_wherever_clients_put_them(xml: bytes) -> None:
    head = read_head(xml)
    assert (head.form_id, head.version, head.instance_id, head.deprecated_id) == ("f", "2", "uuid:1", "")


def test_an_edit_names_what_it_replaces() -> None:
    head = read_head(build_instance(FORM, {}, instance_id="uuid:2", deprecated_id="uuid:1", instance_name="甲"))
    assert (head.instance_id, head.deprecated_id, head.instance_name) == ("uuid:2", "uuid:1", "甲")


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "submission.empty"),
        (b"   ", "submission.empty"),
        (b"hello", "submission.broken"),
        (b"<data id='f'>", "submission.broken"),
        (b"\xff\xfe\x00", "submission.broken"),
        (b"<?xml version='1.0' encoding='nonsense'?><data id='f'/>", "submission.broken"),
        (b"<!DOCTYPE d [<!ENTITY a 'b'>]><data id='f'>" + META.encode() + b"</data>", "submission.doctype"),
        (b"<!DOCTYPE d SYSTEM 'http://127.0.0.1:9/x'><data id='f'/>", "submission.doctype"),
        (data(META, ""), "submission.no_form_id"),
        (b"<html><body/></html>", "submission.no_form_id"),
        (data("<meta><instanceID/></meta>"), "submission.no_instance_id"),
        (data(""), "submission.no_instance_id"),
        (data(f"<meta><instanceID>{'x' * 300}</instanceID></meta>"), "submission.bad_instance_id"),
        (data("<a>" + "x" * (6 * 2**20) + "</a>"), "submission.too_large"),
        (data("<z>" * 300 + "</z>" * 300), "submission.broken"),
    ],
)
def test_a_broken_or_hostile_submission_is_refused_in_two_languages(xml: bytes, code: str) -> None:
    with pytest.raises(SubmissionProblem) as refused:
        read_head(xml)
    assert refused.value.code == code
    assert (refused.value.zh, refused.value.en) == TEXTS[code]


def test_billion_laughs_and_files_are_never_expanded() -> None:
    laughs = "<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    started = time.process_time()
    for entity in (laughs, "<!ENTITY a11 SYSTEM 'file:///etc/passwd'>"):
        with pytest.raises(SubmissionProblem):
            parse_submission(f"<!DOCTYPE d [{entity}]><data id='f'><a>&a11;</a></data>".encode())
    assert time.process_time() - started < 1


def test_the_root_of_another_form_and_too_deep_answers_are_refused() -> None:
    for xml, code in (
        (f"<other id='f'>{META}</other>".encode(), "submission.wrong_root"),
        (data("<z>" * 100 + "x" + "</z>" * 100), "submission.too_deep"),
    ):
        with pytest.raises(SubmissionProblem) as refused:
            read_answers(xml, FORM)
        assert refused.value.code == code


def test_answers_come_in_order_with_their_repeat_index_and_nothing_is_dropped() -> None:
    xml = data(
        "<a>1</a><g><b/><photo>p.jpg</photo><new>x</new></g><r><c>2</c></r><r><c/><d><e>3</e></d><s><f>4</f></s>"
        f"<s><f>5</f></s></r><!-- note -->{META}"
    )
    assert [(a.item, a.value, a.repeat_index) for a in read_answers(xml, FORM)] == [
        ("a", "1", 0), ("photo", "p.jpg", 0), ("new", "x", 0), ("c", "2", 1), ("e", "3", 2), ("f", "4", 1),
        ("f", "5", 2),
    ]  # fmt: skip


def test_attachments_are_the_files_that_answers_refer_to() -> None:
    xml = build_instance(FORM, {"a": "a.jpg", "photo": "p.jpg", "audit": "audit.csv"}, instance_id="uuid:1")
    assert attachment_names(FORM, read_answers(xml, FORM)) == ["p.jpg", "audit.csv"]


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("<>&\r\n\"'")
ANSWER = st.text(LETTERS, min_size=1).filter(lambda text: not text.isspace() and not {"\ufffe", "\uffff"} & set(text))


@given(
    a=ANSWER,
    b=ANSWER,
    entries=st.lists(
        st.fixed_dictionaries(
            {"c": ANSWER, "e": ANSWER, "s": st.lists(st.fixed_dictionaries({"f": ANSWER}), max_size=3)}
        ),
        max_size=4,
    ),
)
def test_what_is_written_is_read_back(a: str, b: str, entries: list[dict]) -> None:
    xml = build_instance(FORM, {"a": a, "b": b, "r": entries}, instance_id="uuid:1")
    expected = [("a", a, 0), ("b", b, 0)]
    for index, entry in enumerate(entries, 1):
        expected += [("c", entry["c"], index), ("e", entry["e"], index)]
        expected += [("f", inner["f"], number) for number, inner in enumerate(entry["s"], 1)]
    assert [(x.item, x.value, x.repeat_index) for x in read_answers(xml, FORM)] == expected


@pytest.mark.parametrize("values", [{"nobody": "1"}, {"a": "\x00"}, {"r": "1"}, {"a": [{}]}, {"r": [{"a": "1"}]}])
def test_an_answer_that_the_form_cannot_hold_is_an_error(values) -> None:
    with pytest.raises(ValueError):
        build_instance(FORM, values, instance_id="uuid:1")


def test_a_shipped_checklists_instance_holds_every_node_and_is_read_fast() -> None:
    form = check(shipped_workbook("f01")).definition
    assert form is not None
    values = {i.name: "1" for i in form.items if not i.repeat and i.type != "note"}
    xml = build_instance(form, {**values, "findings": [{"ft_a04": "事实"}]}, instance_id="uuid:1")
    assert len(read_answers(xml, form)) == len(values) + 1
    started = time.process_time()
    for _ in range(50):
        root = parse_submission(xml)
        read_head(root)
        read_answers(root, form)
    assert (time.process_time() - started) / 50 < 0.003
