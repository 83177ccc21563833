"""The kinds of notice and their wording: one source for the PDF and for the Word templates that are shipped.

A sentence whose ``{tag}`` has no value is left out. The clauses are those of 教育督导条例 (State Council order 624) and
of the procedure for supervision accountability; a bureau that words things otherwise replaces the Word template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Paragraph = tuple[str, ...]  # sentences

ORDER: Final = "《教育督导条例》"
ACCOUNTABILITY: Final = "《教育督导问责办法》"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of notice reads. ``columns`` are tags of the findings' table with their headings, ``fields`` tags
    shown as a table of their own; ``receipt`` adds the slip that the unit signs; ``sheet`` has no red head: it is a
    record that is filled in and signed, not a document that is issued. ``letter`` is the kind's part of a number."""

    zh: str
    en: str
    opening: tuple[Paragraph, ...] = ()
    closing: tuple[Paragraph, ...] = ()
    columns: Mapping[str, str] | None = None
    fields: Mapping[str, str] | None = None
    basis: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    receipt: bool = False
    sheet: bool = False
    to: str = "unit"
    letter: str = ""


_PROBLEM: Final = {"index": "序号", "title": "问题", "fact": "事实"}
_LIMITED: Final = {**_PROBLEM, "ask": "整改要求", "due": "整改期限"}
_LATE: Final = {**_PROBLEM, "due": "原定期限", "responsible": "责任人"}
_CHECKED: Final = {"progress": "整改情况", "method": "复查方式", "outcome": "结论"}
_ANSWERABLE: Final = ("{responsible}为整改第一责任人。", "{urging}负责督促落实。")
_CONTACT: Final = ("联系人：{contact}。",)

KINDS: Final[Mapping[str, Kind]] = {
    "initial": Kind(
        "初步督导意见",
        "Initial supervision opinion",
        (
            (
                "根据{basis}，现将督导中形成的初步意见向你单位反馈。",
                "{reason}。",
                "你单位如有异议，可于{reply_by}前以书面形式陈述、申辩；逾期未提出的，视为无异议。",
            ),
        ),
        (_CONTACT,),
        _PROBLEM,
        basis=(f"{ORDER}第二十条",),
        receipt=True,
        letter="初",
    ),
    "opinion": Kind(
        "督导意见书",
        "Supervision opinion",
        (
            (
                "根据{basis}，在听取你单位陈述、申辩的基础上，形成如下督导意见。",
                "{reason}。",
                "发现的问题和限期整改要求如下：",
            ),
        ),
        (
            _ANSWERABLE,
            ("请在规定期限内完成整改，并将整改情况书面报告我单位；我单位将对整改情况进行核查。",),
            _CONTACT,
        ),
        _LIMITED,
        basis=(f"{ORDER}第二十一条",),
        receipt=True,
        letter="意",
    ),
    "advice": Kind(
        "督导建议单",
        "Supervision advice",
        (("督导中发现你单位存在下列可以即时改进的问题，现提出建议，请研究落实，责任督学将在下次到校时了解情况：",),),
        (_ANSWERABLE, _CONTACT),
        {**_PROBLEM, "ask": "改进建议", "due": "完成时间"},
        basis=(f"{ORDER}第二十一条",),
        letter="建",
    ),
    "notice": Kind(
        "整改通知书",
        "Rectification notice",
        (
            (
                "经督导，你单位存在下列问题。",
                "根据{basis}，现通知你单位限期整改：",
            ),
        ),
        (
            _ANSWERABLE,
            (
                "收到本通知后，请制定整改方案，明确措施、责任人和完成时间，按期整改并报送整改报告和佐证材料。",
                "我单位将组织复查，未经复查合格的问题不予销号。",
            ),
            _CONTACT,
        ),
        _LIMITED,
        basis=(f"{ORDER}第二十一条、第二十二条",),
        receipt=True,
        letter="改",
    ),
    "urge": Kind(
        "催办单",
        "Urging letter",
        (
            (
                "下列问题的整改期限已过，至今未收到你单位的整改结果。",
                "原整改文书：{related}。",
                "请于{reply_by}前完成整改并报送整改情况；逾期仍未完成的，转入督办。",
            ),
        ),
        (_ANSWERABLE, _CONTACT),
        _LATE,
        basis=(f"{ORDER}第二十二条",),
        receipt=True,
        letter="催",
    ),
    "supervise": Kind(
        "督办单",
        "Supervised handling",
        (
            (
                "下列问题未按期整改到位，根据{basis}，现予督办。",
                "原整改文书：{related}。",
                "督办事由：{reason}。",
                "请你单位主要负责人直接组织整改，于{reply_by}前完成并书面报告。",
                "仍未完成的，按规定提请约谈、通报或者问责。",
            ),
        ),
        (_ANSWERABLE, _CONTACT),
        _LATE,
        basis=(f"{ORDER}第二十二条、第二十五条",),
        receipt=True,
        letter="办",
    ),
    "interview": Kind(
        "约谈通知书",
        "Notice of a formal interview",
        (
            (
                "根据{basis}，决定就下列事项约谈你单位主要负责人。",
                "约谈事由：{reason}。",
                "请准时参加，并携带书面的情况说明和整改措施。",
            ),
        ),
        (_CONTACT,),
        {"index": "序号", "title": "事项", "fact": "事实"},
        {"responsible": "被约谈人", "time": "约谈时间", "place": "约谈地点", "chair": "约谈人"},
        basis=(ACCOUNTABILITY,),
        receipt=True,
        letter="约",
    ),
    "record": Kind(
        "约谈记录",
        "Record of a formal interview",
        columns={"index": "序号", "title": "事项", "fact": "事实"},
        fields={
            "number": "编号",
            "unit": "被约谈单位",
            "responsible": "被约谈人",
            "time": "时间",
            "place": "地点",
            "chair": "约谈人",
            "attendees": "参加人",
            "recorder": "记录人",
            "reason": "约谈事由",
            "record": "谈话内容",
            "promise": "整改承诺",
        },
        basis=(ACCOUNTABILITY,),
        signatures=("约谈人", "被约谈人", "记录人"),
        sheet=True,
        letter="谈",
    ),
    "consultation": Kind(
        "协商意见单",
        "Consultation with a department",
        (
            (
                "督导中发现的下列问题，其成因主要不在学校，需要你部门牵头或者配合解决。",
                "{reason}。",
                "请研究提出处理意见，明确措施、责任人和完成时间，于{reply_by}前书面答复。",
            ),
        ),
        (_CONTACT,),
        {**_PROBLEM, "code": "编号", "ask": "需协商解决的事项"},
        basis=(f"{ORDER}第二十一条",),
        receipt=True,
        letter="商",
    ),
    "recheck": Kind(
        "复查表",
        "Re-check sheet",
        columns={
            "index": "序号",
            "title": "问题",
            "due": "期限",
            "progress": "整改情况",
            "method": "复查方式",
            "outcome": "结论",
        },
        fields={"number": "编号", "unit": "被复查单位", "related": "整改文书", "chair": "复查人", "time": "复查时间"},
        basis=(f"{ORDER}第二十二条",),
        signatures=("复查人", "被复查单位负责人"),
        sheet=True,
        letter="复",
    ),
    "close": Kind(
        "销号单",
        "Closing slip",
        (
            (
                "经复查，你单位下列问题已整改到位，根据{basis}，准予销号。",
                "原整改文书：{related}。",
                "销号后如发现问题反弹，将重新立案并从严处理。",
            ),
        ),
        (_CONTACT,),
        {"index": "序号", "title": "问题", **_CHECKED},
        basis=(f"{ORDER}第二十二条",),
        letter="销",
    ),
    "circular": Kind(
        "督导通报",
        "Circular",
        (("根据{basis}，现将有关情况通报如下。", "{reason}。", "{measure}"),),
        (("各单位要引以为戒，对照检查，切实做好整改工作。",), _CONTACT),
        {**_PROBLEM, "due": "整改期限"},
        basis=(f"{ORDER}第二十五条",),
        letter="通",
    ),
    "proposal": Kind(
        "处理建议书",
        "Proposal of a measure",
        (
            (
                "根据{basis}，现就下列情况向你单位提出处理建议，由你单位依照权限和程序决定。",
                "涉及单位：{unit}。",
                "事由：{reason}。",
                "建议措施：{measure}。",
            ),
        ),
        (("随附证据材料：{evidence}。",), ("请将处理决定书面告知我单位。",), _CONTACT),
        _LATE,
        basis=(f"{ORDER}第二十五条", ACCOUNTABILITY),
        receipt=True,
        to="authority",
        letter="议",
    ),
}


def number_words(kind: str, prefix: str, year: int, number: int) -> str:
    """A document's number as it is quoted: ``青教督改〔2026〕12号``. Raises KeyError for an unknown kind."""
    return f"{prefix}{KINDS[kind].letter}〔{year}〕{number}号"
