"""A checklist on paper: any workbook that can be published, as an A4 form with boxes, codes and skip instructions.

The numbers in the boxes are those of the keying screen's keys, so that whoever keys it in later reads and types.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from forms.expand import NO_CONFLICT
from forms.outline import Block, Outline, Question
from scorecards.documents.conditions import Conditions, short_code, words
from scorecards.documents.press import typeset
from scorecards.documents.qr import qr_svg

ENTRIES: Final = 3
MOST_CHOICES: Final = 24
# What nobody writes on paper: the phone fills it in by itself.
SILENT: Final = frozenset(
    (
        *("start", "end", "today", "deviceid", "username", "phonenumber", "email", "simserial", "subscriberid"),
        *("audit", "calculate", "hidden", "start-geopoint", "background-audio", "background-geopoint"),
        *("xml-external", "csv-external", "audio", "video", "file"),
    )
)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "school": ("学校", "School"),
    "unit": ("单位", "Unit"),
    "code": ("代码", "Code"),
    "date": ("到访日期", "Date of visit"),
    "day_filled": ("填报日期", "Filled in on"),
    "inspector": ("填表人", "Filled in by"),
    "certificate": ("证号", "Certificate"),
    "version": ("版本", "Version"),
    "page": ("第 {page} 页 共 {pages} 页", "Page {page} of {pages}"),
    "help": (
        "填写说明：方框内打“√”；横线上写数字或文字；带“*”的必填；“仅当……时填写”的，不符合时跳过。"
        "照片用手机拍摄，在“照片”后写照片编号。填完由专人录入，录入时按方框内的数字键。",
        "How to fill in: tick the box; write numbers and words on the line; * must be answered; skip what says “Only "
        "if …” where it does not apply. Take photos with a phone and write their numbers behind “photo”. The numbers "
        "in the boxes are the keys with which the form is keyed in.",
    ),
    "item": ("编号", "Code"),
    "question": ("检查内容", "Question"),
    "answer": ("检查结果", "Answer"),
    "remark": ("说明、照片", "Note, photo"),
    "photo": ("照片", "photo"),
    "photo_needed": ("照片*", "photo*"),
    "entry": ("第{number}条", "Entry {number}"),
    "several": ("可多选", "several may be ticked"),
    "from_list": ("按名单填代码", "code from the list"),
    "place": ("纸质填报不需要定位", "not needed on paper"),
    "sign": ("签名", "signature"),
    "year": ("年", "y"),
    "month": ("月", "m"),
    "day": ("日", "d"),
    "more": ("条目不够时另附纸，写明编号。", "If there are more entries, add a sheet and write the codes."),
    "check": (
        "核对：已打勾的题数 ______ 　所填数字之和 ______ 　录入人 ____________ 　录入日期 ____________",
        "Check: questions ticked ______   sum of the numbers ______   keyed in by ____________   on ____________",
    ),
}


@dataclass(frozen=True, slots=True)
class PaperUnit:
    """The school for which a form is printed, where it is known."""

    code: str
    name: str


def render_paper(
    outline: Outline, *, on: dt.date, language: str = "zh", unit: PaperUnit | None = None, link: str = ""
) -> bytes:
    """The paper form as PDF (A4, portrait). ``link`` is what the QR code on each page says, by default form, version
    and school; ``on`` is the file's date."""
    return typeset("paper", paper(outline, language=language, unit=unit, link=link), on=on)


def paper(outline: Outline, *, language: str, unit: PaperUnit | None, link: str = "") -> dict[str, Any]:
    """What the form's template prints."""
    code = unit.code if unit else ""
    printer = _Printer(outline, language)
    said = {key: pair[language == "en"] for key, pair in TEXTS.items()}
    if outline.kind.endswith("_return"):
        said |= {"school": said["unit"], "date": said["day_filled"]}
    return {
        "title": words(outline.labels, language, outline.form_id),
        "form": outline.form_id,
        "release": outline.version,
        "unit": {"code": code, "name": unit.name if unit else ""},
        "qr": qr_svg(link or f"liangpai:{outline.form_id}:{outline.version}:{code}"),
        "words": said,
        "language": "en" if language == "en" else "zh",
        "sections": printer.sections(),
    }


class _Printer:
    def __init__(self, outline: Outline, language: str) -> None:
        self._outline, self._language = outline, language
        self._conditions = Conditions(outline, language)
        self._companions: dict[str, list[Question]] = {}
        for question in outline.root.questions():
            if question.companion_of:
                self._companions.setdefault(question.companion_of, []).append(question)

    def sections(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        loose: list[Question | Block] = []
        for part in (*self._outline.root.parts, Block("")):
            if isinstance(part, Question):
                loose.append(part)
                continue
            # Questions between the groups stand where they are, without a bar.
            found += [self._section(Block("", parts=loose)), self._section(part)]
            loose = []
        return [section for section in found if section["parts"]]

    def _section(self, block: Block) -> dict[str, Any]:
        parts: list[dict[str, Any]] = []
        if block.repeat:
            parts.append({**self._repeat(block), "label": ""})
        else:
            self._gather(block.parts, parts)
        only = "" if block.repeat else self._only(block.relevant)
        return {
            "label": words(block.labels, self._language),
            "hint": "" if block.repeat else words(block.hints, self._language),
            "only": only,
            "parts": parts,
        }

    def _gather(self, inside: Iterable[Question | Block], parts: list[dict[str, Any]]) -> None:
        """Rows go into tables; a repeat or a heading interrupts them."""
        for part in inside:
            if isinstance(part, Question):
                if (row := self._row(part)) is not None:
                    if not parts or parts[-1]["kind"] != "rows":
                        parts.append({"kind": "rows", "rows": []})
                    parts[-1]["rows"].append(row)
            elif part.repeat:
                parts.append(self._repeat(part))
            else:
                label, only = words(part.labels, self._language), self._only(part.relevant)
                if label or only:
                    parts.append({"kind": "heading", "label": label, "only": only})
                self._gather(part.parts, parts)

    def _repeat(self, block: Block) -> dict[str, Any]:
        rows = [row for question in block.questions() if (row := self._row(question)) is not None]
        return {
            "kind": "repeat",
            "label": words(block.labels, self._language),
            "hint": words(block.hints, self._language),
            "only": self._only(block.relevant),
            "entries": ENTRIES,
            "rows": rows,
        }

    def _row(self, question: Question) -> dict[str, Any] | None:
        """What is printed of a question, None for what is not asked on paper."""
        if question.type in SILENT or question.companion_of or question.name == self._outline.unit_item:
            return None
        only = self._only(question.relevant)
        if question.type == "note":
            if question.picture or (question.relevant and not only):
                return None
            return {"kind": "note", "label": words(question.labels, self._language), "only": only}
        companions = self._companions.get(question.name, [])
        photo = next((each for each in companions if each.type == "image"), None)
        return {
            "kind": "ask",
            "code": short_code(question.name, self._outline.form_id),
            "label": words(question.labels, self._language, question.name),
            "hint": words(question.hints, self._language),
            "only": only,
            "needed": question.required and not question.readonly and question.type != "geopoint",
            "remark": any(each.type == "text" for each in companions),
            "photo": "" if photo is None else ("photo_needed" if photo.required else "photo"),
            **self._answer(question),
        }

    def _answer(self, question: Question) -> dict[str, Any]:
        """``answer`` says how it is answered: choices, number, date, place, photo, sign, list, text or lines."""
        choices: list[dict[str, str]] = []
        answer = {
            "integer": "number",
            "decimal": "number",
            "range": "number",
            "date": "date",
            "datetime": "date",
            "geopoint": "place",
            "barcode": "text",
        }.get(question.type, "text")
        if question.type == "image":
            answer = "sign" if "signature" in question.appearance else "photo"
        elif question.type.startswith(("select_", "rank")):
            listed = self._outline.choices.get(question.list_name, ())
            answer = "choices" if 0 < len(listed) <= MOST_CHOICES else "list"
            if answer == "choices":
                choices = [
                    {"key": str(number), "label": words(choice.labels, self._language, choice.name)}
                    for number, choice in enumerate(listed, 1)
                ]
        elif "multiline" in question.appearance:
            answer = "lines"
        return {"answer": answer, "choices": choices, "several": question.type.startswith("select_multiple")}

    def _only(self, relevant: str) -> str:
        return self._conditions.only_if(relevant, given=NO_CONFLICT) if relevant else ""
