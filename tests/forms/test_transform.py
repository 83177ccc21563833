"""What the web collector opens is what was published, and nothing that a label's author smuggled in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from forms import transform as module
from forms.check import CheckedForm, check
from forms.labels import clean_label
from forms.shipped import shipped_checklists, shipped_workbook
from forms.transform import TransformError, available, transform

XF = "{http://www.w3.org/2002/xforms}"
pytestmark = pytest.mark.skipif(not available(), reason="the collector was never built: ./dev setup")


def workbook(
    rows: list[dict[str, str]], choices: list[dict[str, str]] | None = None
) -> dict[str, list[dict[str, str]]]:
    sheets = {"survey": rows, "settings": [{"form_id": "t", "form_title": "T", "version": "1"}]}
    return {**sheets, "choices": choices} if choices else sheets


@pytest.fixture
def made(checked: Callable[..., CheckedForm]) -> Callable[..., dict[str, Any]]:
    def make(rows: list[dict[str, str]], choices: Any = None, media: Any = None, **options: Any) -> dict[str, Any]:
        form = checked(workbook(rows, choices))
        assert form.definition is not None and form.xform is not None, form.problems
        return transform(form.xform.encode(), form.definition, media, **options)

    return make


def paths(element: Any, base: str = "") -> set[str]:
    """The XPaths below an instance's root."""
    found = set()
    for child in element:
        path = f"{base}/{child.tag.rpartition('}')[2]}"
        found |= {path} | paths(child, path)
    return found


@pytest.mark.parametrize("name", shipped_checklists())
def test_every_question_of_every_shipped_checklist_is_in_the_form_in_both_languages(name: str) -> None:
    form = check(shipped_workbook(name), filename=f"{name}.xlsx")
    assert form.definition is not None and form.xform is not None
    body = transform(form.xform.encode(), form.definition, given=("schools.csv", "units.csv"))
    tree = html.fragment_fromstring(body["html"])
    named = {control.get("name") or "" for control in tree.iter("input", "select", "textarea")}
    for item in form.definition.items:
        if item.type not in ("start", "end", "deviceid", "calculate", "today", "username", "audit"):
            assert item.path in named, item.name
    assert body["languages"] == ["zh", "en"]
    for control in tree.xpath('.//*[contains(@class, "question")][.//*[@class="question-label active"]]'):
        assert control.xpath('.//span[@lang="zh"]') and control.xpath('.//span[@lang="en"]')
    original = etree.fromstring(form.xform.encode()).find(f".//{XF}instance")[0]
    model = etree.fromstring(body["model"]).find(f"{XF}model/{XF}instance")[0]
    assert paths(model) == paths(original)
    assert (model.get("id"), model.get("version")) == (form.definition.form_id, form.definition.version)
    assert [item["name"] for item in body["items"]] == [item.name for item in form.definition.items]


def test_the_same_form_gives_the_same_body_and_another_list_another_hash(made: Callable[..., dict[str, Any]]) -> None:
    rows = [{"type": "select_one_from_file a.csv", "name": "q", "label": "Q"}]
    one = made(rows, media={"a.csv": b"name,label\n1,One\n"})
    assert made(rows, media={"a.csv": b"name,label\n1,One\n"}) == one
    assert made(rows, media={"a.csv": b"name,label\n2,Two\n"})["hash"] != one["hash"]
    assert made(rows, media={"a.csv": b"name,label\n1,One\n"}, days={1: 30})["hash"] != one["hash"]


def test_a_short_fixed_list_is_written_out_and_its_instance_dropped(made: Callable[..., dict[str, Any]]) -> None:
    choices = [{"list_name": "yn", "name": str(n), "label": f"Choice {n}"} for n in range(3)]
    body = made([{"type": "select_one yn", "name": "q", "label": "Q"}], choices)
    tree = html.fragment_fromstring(body["html"])
    assert [radio.get("value") for radio in tree.xpath('.//input[@type="radio"]')] == ["0", "1", "2"]
    assert "itemset" not in body["html"]
    assert 'id="yn"' not in body["model"]


def test_a_filtered_list_and_one_that_a_calculation_reads_stay_lists(made: Callable[..., dict[str, Any]]) -> None:
    choices = [{"list_name": "yn", "name": str(n), "label": f"Choice {n}", "of": str(n % 2)} for n in range(3)]
    rows = [
        {"type": "text", "name": "w", "label": "W"},
        {"type": "select_one yn", "name": "q", "label": "Q", "choice_filter": "of = ${w}"},
    ]
    body = made(rows, choices)
    assert "data-items-path=\"instance('yn')/root/item[of" in body["html"]
    assert '<instance id="yn">' in body["model"]
    rows = [
        {"type": "select_one yn", "name": "q", "label": "Q"},
        {"type": "calculate", "name": "c", "calculation": "instance('yn')/root/item[name = ${q}]/of"},
    ]
    assert '<instance id="yn">' in made(rows, choices)["model"]


def test_files_beside_the_form_become_instances(made: Callable[..., dict[str, Any]]) -> None:
    rows = [
        {"type": "select_one_from_file towns.csv", "name": "town", "label": "Town"},
        {"type": "select_one_from_file wells.geojson", "name": "well", "label": "Well"},
    ]
    geojson = (
        b'{"type":"FeatureCollection","features":[{"type":"Feature","id":"w1","geometry":{"type":"Point",'
        b'"coordinates":[120.5,30.25]},"properties":{"title":"Well <1>"}}]}'
    )
    lines = "name,label,bad column\n" + "".join(f"t{n},镇 & {n},x\n" for n in range(80))
    body = made(rows, media={"towns.csv": lines.encode("utf-8-sig"), "wells.geojson": geojson})
    model = etree.fromstring(body["model"])
    towns = model.findall(f".//{XF}instance[@id='towns']/{XF}root/{XF}item")
    assert len(towns) == 80
    assert (towns[3].findtext(f"{XF}name"), towns[3].findtext(f"{XF}label")) == ("t3", "镇 & 3")
    well = model.find(f".//{XF}instance[@id='wells']/{XF}root/{XF}item")
    assert (well is None) or well.findtext(f"{XF}geometry") == "30.25 120.5 0 0"
    assert "jr://" not in body["model"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'name\n"unclosed', b"{]", b"<!DOCTYPE x><x/>"])
def test_a_file_that_is_missing_or_broken_is_an_empty_list(made: Callable[..., dict[str, Any]], content: bytes) -> None:
    for name in ("a.csv", "a.geojson", "a.xml"):
        body = made([{"type": f"select_one_from_file {name}", "name": "q", "label": "Q"}], media={name: content})
        assert "data-name" in body["html"] or "select" in body["html"]


def test_the_schools_question_takes_a_code_and_carries_no_list() -> None:
    form = check(shipped_workbook("f02"), filename="f02.xlsx")
    assert form.definition is not None and form.xform is not None
    body = transform(form.xform.encode(), form.definition, given=("schools.csv",))
    control = html.fragment_fromstring(body["html"]).xpath('.//*[@name="/data/hd_a/hd_a06"]')
    assert [(found.tag, found.get("type"), found.get("data-required")) for found in control] == [
        ("input", "text", "true()")
    ]
    assert "schools" not in body["model"]
    assert body["lists"] == []


def test_another_question_for_schools_waits_for_the_phones_own_list(made: Callable[..., dict[str, Any]]) -> None:
    rows = [{"type": "select_one_from_file schools.csv", "name": "pair", "label": "Paired school"}]
    body = made(rows, given=("schools.csv",))
    assert body["lists"] == [{"instance": "schools", "file": "schools.csv"}]
    assert '<instance id="schools"><root' in body["model"]


def test_meanings_travel_with_the_questions() -> None:
    form = check(shipped_workbook("f01"), filename="f01.xlsx")
    assert form.definition is not None and form.xform is not None
    counted = next(item for item in form.definition.items if any(m.measure.word == "count" for m in item.meanings))
    body = transform(
        form.xform.encode(), form.definition, zero_tolerance=[counted.meanings[0].indicator], days={4: 1, 1: 30}
    )
    items = {item["name"]: item for item in body["items"]}
    assert items[counted.name]["zero"] is True and items["f01_a01"]["zero"] is False
    assert [choice["light"] for choice in items["f01_a01"]["choices"]] == ["green", "yellow", "red", "na"]
    assert items["f01_a02_nt"]["companion_of"] == "f01_a02"
    assert body["days"] == {"1": 30, "4": 1}
    assert body["sections"][0]["words"] == {"zh": "A 到校信息", "en": "A Arrival"}


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](  JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html,<script>1</script>)",
    '[x](https://a.b/" onmouseover="alert(1))',
    "**<iframe srcdoc='<script>1</script>'>**",
    "<span onclick='alert(1)' style='background:url(javascript:1)'>x</span>",
    "<a href='javascript:1'>x</a>",
    "</span></label><script>alert(1)</script>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "\ue0300\ue031 \ue0320\ue033 \ue0200\ue021",
    "_<b onmouseover=1>_ # <style>*{}</style>",
)


def dangerous(text: str) -> list[str]:
    """What a browser would run or load in this HTML; parsed by html5ever's rules, as nh3 does, and by lxml's."""
    tree = html.fragment_fromstring(f"<div>{text}</div>")
    found = []
    for element in tree.iter():
        tag = element.tag if isinstance(element.tag, str) else "comment"
        if tag in ("script", "style", "svg", "math", "iframe", "object", "embed", "link", "meta", "base", "comment"):
            found.append(tag)
        for name, value in element.attrib.items():
            address = re.sub(r"[\x00-\x20]", "", value).lower()
            if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
                found.append(f"{name}={value}")
            if name in ("href", "src", "action") and re.match(r"(javascript|data|vbscript):", address):
                found.append(f"{name}={value}")
    return found


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_label_is_shown_and_never_run(made: Callable[..., dict[str, Any]], label: str) -> None:
    shown = "".join(char for char in label if not "\ue000" <= char <= "\uf8ff")
    rows = [
        {"type": "begin_group", "name": "g", "label": label, "appearance": "field-list"},
        {"type": "text", "name": "q", "label": f"{label} ${{w}}", "hint": label, "guidance_hint": label,
         "constraint": ". != 'a'", "constraint_message": label},
        {"type": "select_one yn", "name": "c", "label": "C"},
        {"type": "select_one yn", "name": "m", "label": "M", "appearance": "minimal"},
        {"type": "end_group"},
        {"type": "text", "name": "w", "label": "W"},
    ]  # fmt: skip
    choices = [{"list_name": "yn", "name": "1", "label": label}]
    body = made(rows, choices)
    assert dangerous(body["html"]) == []
    tree = html.fragment_fromstring(body["html"])
    assert len(tree.xpath(".//form")) == 0 and tree.tag == "form", "a label closed the form"
    assert len(tree.xpath('.//*[@class="or-output"]')) == 1, "the answer inside the label is lost or doubled"
    if "<script>alert(1)" in shown:
        assert "alert(1)" in tree.text_content(), "what the author typed is shown as typed"
    for words in (text for item in body["items"] for text in item["words"].values()):
        assert isinstance(words, str)  # Plain text: pages put it into textContent.


@given(st.text(alphabet=st.sampled_from(list("<>/&\"'=:()[]*_#\\!- \nabjs1.onclickhrefsvg;")), max_size=120))
@settings(max_examples=400)
def test_no_label_whatever_becomes_something_that_runs(label: str) -> None:
    assert dangerous(clean_label(label)) == []


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain", "plain"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("**bold** and __bold__", "<strong>bold</strong> and <strong>bold</strong>"),
        ("*em* and _em_", "<em>em</em> and <em>em</em>"),
        ("snake_case_name", "snake_case_name"),
        (r"\*not em\*", "*not em*"),
        ("1. 校门是否关闭?", "1. 校门是否关闭?"),
        ("# Head\nbody", "<h1>Head</h1><p>body</p>"),
        ("see\n- a\n- b", "<p>see</p><ul><li>a</li><li>b</li></ul>"),
        ("x\n1. a\n2. b", "<p>x</p><ol><li>a</li><li>b</li></ol>"),
        ("one\ntwo", "one<br>two"),
        ("H<sub>2</sub>O", "H<sub>2</sub>O"),
        ('<span style="color:red">red</span>', "red"),
        ("[link](https://a.b/c_d_e)",
         '<a href="https://a.b/c_d_e" target="_blank" rel="noopener noreferrer">link</a>'),
    ],
)  # fmt: skip
def test_markdown_of_xlsform_is_rendered(written: str, shown: str) -> None:
    assert clean_label(written) == shown


def test_every_hint_and_choice_is_rendered_also_after_a_label_that_shows_an_answer(
    made: Callable[..., dict[str, Any]],
) -> None:
    rows = [
        {"type": "text", "name": "w", "label": "W"},
        {"type": "text", "name": "q", "label": "**Q** ${w}!", "hint": "**H**"},
        {"type": "select_one yn", "name": "c", "label": "**C**"},
    ]
    body = made(rows, [{"list_name": "yn", "name": "1", "label": "**L**"}])
    for letter in "HCL":
        assert f"<strong>{letter}</strong>" in body["html"]
    assert re.search(r'<strong>Q</strong> <span class="or-output" data-value=" /data/w "> </span>!', body["html"])


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        (("中文 (zh)", "English (en)"), ["zh", "en"]),
        (("Chinese", "Kiswahili"), ["x-1", "x-2"]),
        (("fr", "pt-BR"), ["fr", "pt-BR"]),
    ],
)
def test_languages_are_tags_that_screen_readers_know(
    made: Callable[..., dict[str, Any]], written: tuple[str, str], tags: list[str]
) -> None:
    body = made([{"type": "text", "name": "q", **{f"label::{name}": f"Q {name}" for name in written}}])
    assert body["languages"] == tags
    tree = html.fragment_fromstring(body["html"])
    assert [span.get("lang") for span in tree.xpath('.//label/span[contains(@class, "question-label")]')] == tags


def test_nothing_of_the_html_is_refused_by_a_strict_policy(made: Callable[..., dict[str, Any]]) -> None:
    rows = [
        {"type": "image", "name": "p", "label": "P", "media::image": "logo.png"},
        {"type": "text", "name": "q", "label": "Q", "media::image": "../../etc.png", "appearance": "a'b<c multiline"},
    ]
    body = made(rows)
    assert "style=" not in body["html"] and not re.search(r"\son[a-z]+=", body["html"])
    assert 'src="jr://images/logo.png"' in body["html"]
    assert "etc.png" not in re.sub(r"jr://images/etc.png", "", body["html"])


@pytest.mark.parametrize("xform", [b"", b"<x/>", b"not xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"])
def test_what_is_no_form_is_refused_with_a_reason(xform: bytes) -> None:
    form = check(shipped_workbook("f12"), filename="f12.xlsx")
    assert form.definition is not None
    with pytest.raises(TransformError) as raised:
        transform(xform, form.definition)
    assert raised.value.zh and raised.value.en == str(raised.value)


@pytest.mark.parametrize(
    ("calculation", "opens"),
    [
        ("digest('x', 'SHA-256')", False),
        ("concat(1, digest (${a}, 'MD5'))", False),
        ("concat('digest(', ${a})", True),
        ("${digest} + 1", True),
    ],
)
def test_a_form_that_calls_what_the_collector_leaves_out_is_refused_with_a_reason(
    made: Callable[..., dict[str, Any]], calculation: str, opens: bool
) -> None:
    rows = [{"type": "text", "name": name, "label": name} for name in ("a", "digest")]
    rows.append({"type": "calculate", "name": "c", "calculation": calculation})
    if opens:
        made(rows)
        return
    with pytest.raises(TransformError, match=r"digest\(\)"):
        made(rows)


def test_without_the_stylesheets_the_reason_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    form = check(shipped_workbook("f12"), filename="f12.xlsx")
    assert form.definition is not None and form.xform is not None
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(TransformError, match=r"\./dev setup"):
        transform(form.xform.encode(), form.definition)
