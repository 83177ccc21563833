"""What a numbered document of a case says: gathered from its findings, the steps that led to it, and the letterhead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from forms.meaning import Light
from scorecards.documents.kinds import number_words
from scorecards.documents.model import FindingLine, Notice, chinese_day
from scorecards.lifecycle.measures import KINDS as MEASURES
from scorecards.lifecycle.rectification_fields import METHODS, VERDICTS
from server.store import documents as store
from server.store.cases import CaseDocument, CaseStep, MeasureRow
from server.store.documents import AnySession, DocumentHead
from server.store.findings import Finding
from server.store.units import Unit

# Documents that set the limit of the rectification; the date of all others is the day by which to answer.
LIMITING: Final = frozenset({"notice", "opinion", "advice"})
# What a finding's fact is where the inspector wrote nothing: its title is the requirement, not what was seen.
UNMET: Final = ("检查结果：不符合要求。", "检查结果：部分符合要求。")
PRINCIPAL, DEPARTMENT_HEAD = "校长", "部门主要负责人"
_AREA: Final = ("区", "县", "市", "省")


def default_head(district: Unit) -> tuple[str, str]:
    """(issuer, beginning of the numbers) of a district that set none: 青石区 gives 青石区人民政府教育督导委员会办公室
    and 青石教督."""
    name = district.name.strip()
    short = name[:-1] if len(name) > 2 and name.endswith(_AREA) else name
    return f"{name}人民政府教育督导委员会办公室", f"{short[:6]}教督"


def head_words(session: AnySession, district: Unit) -> tuple[str, str, str]:
    """(issuer, prefix, contact) of a district's documents."""
    head = store.head_of(session, district.id or 0) or DocumentHead(unit_id=0, changed_at=None)
    issuer, prefix = default_head(district)
    return head.issuer or issuer, head.prefix or prefix, head.contact


def number_of(session: AnySession, document: CaseDocument) -> str:
    """A document's number as it is quoted."""
    _, prefix, _ = head_words(session, store.district_named(session, document.district_id))
    return number_words(document.kind, prefix, document.year, document.number)


def notice_of(session: AnySession, document: CaseDocument) -> Notice:
    """Everything that the document says."""
    district = store.district_named(session, document.district_id)
    issuer, prefix, contact = head_words(session, district)
    addressed = store.district_named(session, document.unit_id)
    measure = store.measure_of(session, document)
    findings = store.findings_of(session, document.id or 0) or store.finding_of(session, measure)
    said = _said(_steps(session, document, findings))
    here = _fields(store.step_of(session, document))
    earlier = store.earlier_document(session, document, ("notice", "opinion", "advice"))
    return Notice(
        number=number_words(document.kind, prefix, document.year, document.number),
        issuer=issuer,
        unit=addressed.name,
        issued_on=document.issued_on,
        findings=tuple(_line(session, document, finding, addressed) for finding in findings),
        responsible=_responsible(addressed, findings, said),
        urging=said.get("supervisor", ""),
        reply_by=None if document.kind in LIMITING else document.due_on,
        related=number_words(earlier.kind, prefix, earlier.year, earlier.number) if earlier else "",
        reason=(_grounds(measure) if document.kind == "proposal" else "") or _reason(here, said) or _grounds(measure),
        copies=tuple(part for part in here.get("copies", "").replace("、", "，").split("，") if part.strip()),
        contact=contact,
        time=_day(said.get("held_on", "")),
        place=said.get("place", ""),
        promise=said.get("commitment", ""),
        measure=_measure(measure, here),
        authority=said.get("body", ""),
        evidence=tuple(store.file_names(session, measure_id=measure.id)) if measure and measure.id else (),
    )


def _steps(session: AnySession, document: CaseDocument, findings: Iterable[Finding]) -> list[CaseStep]:
    if document.measure_id:
        return store.measure_steps(session, document)
    return [step for finding in findings for step in store.steps_until(session, document, finding.id or 0)]


def _fields(step: CaseStep | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in orjson.loads(step.fields).items()} if step else {}


def _said(steps: Iterable[CaseStep]) -> dict[str, str]:
    """What was last entered under each name."""
    said: dict[str, str] = {}
    for step in steps:
        said |= {name: value for name, value in _fields(step).items() if value}
    return said


def _reason(here: Mapping[str, str], said: Mapping[str, str]) -> str:
    for name in ("opinion", "letter", "subject", "reason"):
        if here.get(name):
            return here[name]
    return said.get("subject", "")


def _measure(measure: MeasureRow | None, here: Mapping[str, str]) -> str:
    """The measure in words, with what exactly is proposed where that was written."""
    if measure is None:
        return ""
    words = MEASURES[measure.kind].zh.removesuffix("建议")
    return f"{words}（{here['text'].rstrip('。')}）" if here.get("text") else words


def _grounds(measure: MeasureRow | None) -> str:
    """What a measure rests on, in the words of whoever proposed it; a rule's own data are numbers, not words."""
    data = orjson.loads(measure.data) if measure else {}
    grounds = data.get("grounds", "")
    return grounds if isinstance(grounds, str) else ""


def _responsible(addressed: Unit, findings: Iterable[Finding], said: Mapping[str, str]) -> str:
    """The first responsible person: whoever was named, else the principal or the department's head."""
    named = said.get("responsible") or next((finding.responsible for finding in findings if finding.responsible), "")
    return named or (DEPARTMENT_HEAD if addressed.kind == "department" else PRINCIPAL)


def _line(session: AnySession, document: CaseDocument, finding: Finding, addressed: Unit) -> FindingLine:
    said = _said(store.steps_until(session, document, finding.id or 0))
    limiting = document.kind in LIMITING
    due = document.due_on if limiting and document.due_on else finding.due_on
    unit = "" if finding.unit_id == addressed.id else store.district_named(session, finding.unit_id).name
    return FindingLine(
        code=finding.code,
        title=f"{unit}：{finding.title}" if unit else finding.title,
        fact=finding.fact if finding.fact != finding.title else UNMET[finding.light == Light.YELLOW],
        ask=said.get("requirement", "") or (said.get("letter", "") if document.kind == "consultation" else ""),
        severity=finding.severity,
        limit=f"{finding.days}个工作日" if limiting and finding.days else "",
        due=due if limiting or finding.told_on else None,
        responsible=finding.responsible or PRINCIPAL,
        found_on=finding.found_on,
        progress=_progress(said) if document.kind in ("recheck", "close") else "",
        method=METHODS[said["method"]].zh if document.kind == "close" and said.get("method") in METHODS else "",
        outcome=VERDICTS[said["verdict"]].zh if document.kind == "close" and said.get("verdict") in VERDICTS else "",
    )


def _progress(said: Mapping[str, str]) -> str:
    return next((said[name] for name in ("report", "text", "measures") if said.get(name)), "")


def _day(text: str) -> str:
    try:
        return chinese_day(dt.date.fromisoformat(text))
    except ValueError:
        return text
