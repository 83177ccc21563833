"""What is on the phone that the screens are tried on: a town's schools, findings, drafts in every state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from forms.check import check
from forms.shipped import shipped_catalogue, shipped_workbook
from forms.transform import transform

TOWNS = ("河口镇", "东湖街道", "城关镇", "青云乡", "白沙镇")
NAMES = ("实验小学", "第一中学", "中心幼儿园", "希望小学", "九年一贯制学校", "职业高级中学", "特殊教育学校")
TITLES = {
    "f01": ("责任督学经常性督导（八项）", "Regular visit, eight items"),
    "f12": ("整改复查与回头看", "Re-check and look-back"),
    "every": ("各种题型", "Every kind of question"),
}
# One question of each kind that has a widget.
EVERY = """
## survey

| type | name | label::中文 (zh) | label::English (en) | hint::中文 (zh) | hint::English (en) | required | appearance |
| --- | --- | --- | --- | --- | --- | --- | --- |
| begin_group | a | 甲 现场 | A On site |  |  |  | field-list |
| barcode | code | 灭火器条码 | Code of the extinguisher |  |  |  |  |
| audio | memo | 语音备忘 | Voice memo |  |  |  |  |
| date | day | 上次检验日期 | Last inspected on |  |  | yes |  |
| decimal | size | 走道宽度(米) | Width of the corridor (m) | 量最窄处 | At its narrowest |  |  |
| select_multiple kinds | kinds | 堵塞物 | What blocks it |  |  |  |  |
| end_group |  |  |  |  |  |  |  |

## choices

| list_name | name | label::中文 (zh) | label::English (en) |
| --- | --- | --- | --- |
| kinds | box | 纸箱 | Boxes |
| kinds | bike | 车辆 | Bicycles |
| kinds | lock | 上锁 | Locked |

## settings

| form_title | form_id | version | default_language | style | kind |
| --- | --- | --- | --- | --- | --- |
| 各种题型 | every | 1 | 中文 (zh) | pages | survey |
"""


def bodies() -> dict[str, dict[str, Any]]:
    """The bodies of a long checklist, of the re-check, and of a form with every widget."""
    rows = [
        f"{code},{code} {indicator.labels.get('zh', code)}"
        for code, indicator in sorted(shipped_catalogue().indicators.items())
    ]
    indicators = ("name,label\n" + "\n".join(row.replace('"', "") for row in rows)).encode()
    found = {}
    for name in TITLES:
        data = EVERY.encode() if name == "every" else shipped_workbook(name)
        checked = check(data, filename=f"{name}.md" if name == "every" else f"{name}.xlsx")
        assert checked.definition is not None and checked.xform is not None, checked.problems
        found[name] = transform(
            checked.xform.encode(), checked.definition, {"indicators.csv": indicators}, given=("schools.csv",)
        )
    return found


def schools(count: int) -> list[dict[str, Any]]:
    """``count`` schools of a few towns, the first of them the one that is visited."""
    made = []
    for number in range(count):
        town = TOWNS[number % len(TOWNS)]
        made.append(
            {
                "code": f"33010{number % 5 + 1}{number:05}",
                "name": f"{town[:-1]}{NAMES[number % len(NAMES)]}{'' if number < 7 else f'{number}校区'}",
                "name_en": f"{['Hekou', 'Donghu', 'Chengguan', 'Qingyun', 'Baisha'][number % 5]} School {number + 1}",
                "town": town,
                "stage": "2",
                "latitude": 30.2741,
                "longitude": 120.1551,
            }
        )
    return made


def world(count: int = 63, *, bound: bool = True) -> dict[str, Any]:
    """world.json: see World in fake.ts."""
    forms, units = bodies(), schools(count)
    here = units[0]["code"]
    return {
        "bound": bound,
        "bodies": forms,
        "package": {
            "made_at": "2026-11-22T06:10:00Z",
            "settings": {"photo_pixels": 1280, "radius_metres": 500, "capture_accuracy": 20},
            "forms": [_entry(name, body) for name, body in forms.items()],
            "schools": units,
            "findings": _findings(here, units[1]["code"]),
            "known": [_known(here)],
            "returned": [
                {
                    "instance_id": "uuid:returned",
                    "form_id": "f01",
                    "version": forms["f01"]["version"],
                    "unit": units[2]["code"],
                    "remark": "食堂许可证照片看不清有效期，请补拍。\n陪餐记录请写明日期。",
                    "reviewed_on": "2026-11-20",
                    "xml": "",
                    "files": [],
                }
            ],
        },
        "drafts": _drafts(forms, units),
    }


def _entry(name: str, body: dict[str, Any]) -> dict[str, Any]:
    zh, en = TITLES[name]
    kind = {"f01": "regular", "f12": "recheck", "every": "survey"}[name]
    return {
        "form_id": name,
        "version": body["version"],
        "title": {"zh": zh, "en": en},
        "kind": kind,
        "hash": body["hash"],
        "url": "",
        "media": [],
    }


def _findings(here: str, there: str) -> list[dict[str, Any]]:
    common = {"item": "f01_f07", "indicator": "AQ-16", "found_on": "2026-10-12"}
    return [
        {
            **common,
            "code": "330101-2026-0117",
            "unit": here,
            "title": {"zh": "消防通道畅通、器材有效", "en": "Fire exits clear, equipment in order"},
            "fact": "二楼东侧安全出口堆放纸箱，无法通行。",
            "severity": 4,
            "due_on": "2026-10-20",
            "state": "rectifying",
            "photos": [{"name": "a.jpg", "url": "one"}, {"name": "b.jpg", "url": "four"}],
        },
        {
            **common,
            "code": "330101-2026-0121",
            "unit": here,
            "item": "f01_g02",
            "indicator": "ST-02",
            "title": {"zh": "当餐陪餐人在岗并有记录", "en": "Meal companion present, with a record"},
            "fact": "9月以来陪餐记录缺6天。",
            "severity": 2,
            "due_on": "2026-12-04",
            "state": "planned",
            "photos": [{"name": "c.jpg", "url": "away"}],
        },
        {
            **common,
            "code": "330101-2026-0122",
            "unit": there,
            "title": {"zh": "专职保安在岗、装备齐全", "en": "Guards on duty and equipped"},
            "fact": "缺防刺服一件。",
            "severity": 3,
            "due_on": "2026-12-01",
            "state": "noticed",
            "photos": [],
        },
    ]


def _known(unit: str) -> dict[str, Any]:
    answers = [
        ("hd_a07", "2", "admin"),
        ("f01_a01", "1", "visit"),
        ("f01_a03", "2", "visit"),
        ("f01_b06", "44", "admin"),
    ]
    return {
        "unit": unit,
        "form_id": "f01",
        "answers": [
            {"item": item, "value": value, "source": source, "on": "2026-10-12"} for item, value, source in answers
        ],
    }


def _drafts(forms: dict[str, dict[str, Any]], units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    blank: dict[str, Any] = {
        "deprecated_id": "",
        "form_id": "f01",
        "version": forms["f01"]["version"],
        "form_hash": forms["f01"]["hash"],
        "xml": "",
        "answered": 12,
        "total": 59,
        "page": 0,
        "keyed": False,
        "created_at": "2026-11-22T05:00:00Z",
        "remark": "",
        "progress": 0,
        "refusal": None,
        "receipt": None,
        "attempts": 0,
        "next_try_at": "",
        "held": "no",
    }
    refusal = {
        "code": "submission.invalid",
        "status": 400,
        "message": {"zh": "“最大班额”应在 0 到 200 人之间。", "en": "The largest class lies between 0 and 200."},
    }
    states: list[tuple[str, dict[str, Any]]] = [
        ("draft", {}),
        ("waiting", {"attempts": 2, "next_try_at": "2026-11-22T07:30:00Z"}),
        ("sending", {"progress": 42}),
        ("refused", {"refusal": refusal}),
        ("sent", {"receipt": {"at": "2026-11-21T09:12:00Z", "message": "回执 330101-20261121-0042"}, "held": "yes"}),
    ]
    return [
        {
            **blank,
            "id": f"uuid:{state}",
            "unit": units[at]["code"],
            "unit_name": units[at]["name"],
            "state": state,
            "changed_at": f"2026-11-22T06:0{at}:00Z",
            **more,
        }
        for at, (state, more) in enumerate(states)
    ]


def write(folder: Path) -> None:
    """world.json, unbound.json and many.json (5,000 schools) into a folder."""
    made = world()
    for name, content in (
        ("world", made),
        ("unbound", {**made, "bound": False}),
        ("many", {**made, "package": {**made["package"], "schools": schools(5000)}}),
    ):
        (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
