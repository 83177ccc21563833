"""The demo's units: real names of a city, a district and its towns, invented schools, departments and groups."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass
from importlib import resources

DISTRICT, NEIGHBOUR, CITY = "430212", "430211", "430200"
CENTRE = (27.70, 113.14)
NEIGHBOUR_SCHOOLS = (
    ("430211101-S01", "群丰镇中心小学", "2", "430211101"),
    ("430211002-S01", "泰山路街道晨曦初级中学", "3", "430211002"),
)
DEPARTMENTS = ("jyj", "dds", "czj", "rsj", "bb", "zjj", "gaj", "wjj", "scjg", "xfj")
HEADER = ("code", "kind", "name", "name_en", "parent", "stage", "enrolment", "latitude", "longitude", "groups")

KINDERGARTEN, PRIMARY, JUNIOR, NINE_YEAR, SENIOR, VOCATIONAL, SPECIAL, COMPLETE = "12345678"
# Pupils by stage: the least and the most, in town and in the villages.
SIZES = {
    KINDERGARTEN: ((180, 360), (60, 160)),
    PRIMARY: ((700, 1500), (90, 420)),
    JUNIOR: ((600, 1300), (220, 560)),
    NINE_YEAR: ((900, 1700), (260, 700)),
    SENIOR: ((1400, 2400), (900, 1500)),
    VOCATIONAL: ((900, 1800), (500, 900)),
    SPECIAL: ((60, 120), (40, 80)),
    COMPLETE: ((1500, 2600), (900, 1600)),
}
VILLAGES = (
    *("青山", "龙形", "王家坝", "石塘", "柏树", "花园", "杨柳", "双江", "枫树", "大石桥"),
    *("新塘", "茶园", "上坪", "桃花", "黄泥", "莲塘", "高岭", "沙洲", "白云", "梅子"),
)


@dataclass(frozen=True, slots=True)
class School:
    """An invented school. ``canteen``, ``boarding`` and ``bus`` say what its checklists can ask about."""

    code: str
    name: str
    stage: str
    town: str
    enrolment: int
    latitude: float
    longitude: float
    canteen: bool
    boarding: bool
    bus: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """The demo's tree; ``towns`` are (code, name) of the district."""

    rows: list[dict[str, str]]
    schools: list[School]
    towns: list[tuple[str, str]]
    departments: dict[str, str]

    def csv(self) -> bytes:
        """The table that ``import units`` takes."""
        text = io.StringIO()
        writer = csv.DictWriter(text, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()


def names() -> list[dict[str, str]]:
    """The shipped extract of real names: code, kind, name, parent."""
    text = resources.files("server.demo").joinpath("names/places.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def build_places(count: int, random_: random.Random, departments: dict[str, str]) -> Places:
    """The tree with ``count`` schools. ``departments`` are the catalogue's, code to name; DEPARTMENTS says which."""
    extract = names()
    by_parent = [row for row in extract if row["parent"] == DISTRICT]
    towns = [(row["code"], row["name"]) for row in by_parent]
    rows = [{**row, "parent": "" if row["kind"] == "province" else row["parent"]} for row in extract]
    rows += [
        {"code": f"{DISTRICT}-G1", "kind": "group", "name": "渌滨教育集团", "parent": DISTRICT},
        {"code": f"{DISTRICT}-G2", "kind": "group", "name": "朱亭城乡学校共同体", "parent": DISTRICT},
    ]
    kept = {code: departments[code] for code in DEPARTMENTS if code in departments}
    for code, name in kept.items():
        rows.append({"code": f"{DISTRICT}-{code.upper()}", "kind": "department", "name": name, "parent": DISTRICT})
    schools = _schools(count, towns, random_)
    rows += [_school_row(school) for school in schools]
    for code, name, stage, town in NEIGHBOUR_SCHOOLS:
        rows.append(
            {"code": code, "kind": "school", "name": name, "parent": town, "stage": stage, "enrolment": "820"}
            | {"latitude": "27.83", "longitude": "113.08"}
        )
    return Places(rows, schools, towns, kept)


def _school_row(school: School) -> dict[str, str]:
    return {
        "code": school.code,
        "kind": "school",
        "name": school.name,
        "parent": school.town,
        "stage": school.stage,
        "enrolment": str(school.enrolment),
        "latitude": f"{school.latitude:.5f}",
        "longitude": f"{school.longitude:.5f}",
        "groups": school.group,
    }


def _schools(count: int, towns: list[tuple[str, str]], random_: random.Random) -> list[School]:
    """The first town is the seat of the district and has a quarter of the schools; the others share the rest."""
    seat = max(4, count // 4)
    shares = [seat] + [(count - seat) // (len(towns) - 1)] * (len(towns) - 1)
    for extra in range(count - sum(shares)):
        shares[1 + extra % (len(towns) - 1)] += 1
    found: list[School] = []
    for index, ((town, name), share) in enumerate(zip(towns, shares, strict=True)):
        apart = 0.19 if index else 0.0
        place = [middle + random_.uniform(-apart, apart) for middle in CENTRE]
        listed = _seat_names(share) if index == 0 else _town_names(name, share, random_)
        for number, (stage, school_name, urban) in enumerate(listed, 1):
            least, most = SIZES[stage][0 if urban else 1]
            boards = stage in (JUNIOR, NINE_YEAR, SENIOR, VOCATIONAL, COMPLETE, SPECIAL)
            found.append(
                School(
                    code=f"{town}-S{number:02d}",
                    name=school_name,
                    stage=stage,
                    town=town,
                    enrolment=random_.randint(least, most),
                    latitude=place[0] + random_.uniform(-0.03, 0.03),
                    longitude=place[1] + random_.uniform(-0.03, 0.03),
                    canteen=random_.random() < 0.95,
                    boarding=boards and (not urban or random_.random() < 0.5),
                    bus=stage == KINDERGARTEN or (not urban and random_.random() < 0.3),
                    group=_group(index, number),
                )
            )
    return found


def _group(town: int, number: int) -> str:
    if town == 0 and number in (2, 3, 6):
        return f"{DISTRICT}-G1:{'核心校' if number == 2 else '成员校'}"
    if (town, number) in ((1, 1), (1, 2), (2, 1)):
        return f"{DISTRICT}-G2:{'牵头校' if (town, number) == (1, 1) else '成员校'}"
    return ""


def _seat_names(count: int) -> list[tuple[str, str, bool]]:
    fixed = [
        (COMPLETE, "渌滨完全中学", True),
        (PRIMARY, "渌滨小学", True),
        (PRIMARY, "渌源小学", True),
        (JUNIOR, "启明初级中学", True),
        (KINDERGARTEN, "晨光幼儿园", True),
        (NINE_YEAR, "湘渌九年一贯制学校", True),
        (VOCATIONAL, "渌滨职业学校", True),
        (PRIMARY, "启明小学", True),
        (SPECIAL, "暖阳特殊教育学校", True),
        (KINDERGARTEN, "渌滨幼儿园", True),
        (SENIOR, "青云高级中学", True),
        (PRIMARY, "渌口镇中心小学", True),
        (JUNIOR, "渌口镇湾塘初级中学", True),
        (KINDERGARTEN, "渌口镇中心幼儿园", True),
        (PRIMARY, "渌口镇伏波小学", False),
    ]
    more = [(PRIMARY, f"渌口镇第{number}小学", True) for number in range(len(fixed) + 1, count + 1)]
    return (fixed + more)[:count]


def _town_names(town: str, count: int, random_: random.Random) -> list[tuple[str, str, bool]]:
    fixed = [
        (PRIMARY, f"{town}中心小学", False),
        (JUNIOR, f"{town}初级中学", False),
        (KINDERGARTEN, f"{town}中心幼儿园", False),
    ]
    villages = random_.sample(VILLAGES, len(VILLAGES))
    endings = (
        (PRIMARY, "小学"),
        (PRIMARY, "完全小学"),
        (NINE_YEAR, "学校"),
        (KINDERGARTEN, "幼儿园"),
        (PRIMARY, "小学"),
    )
    number = 0
    while len(fixed) < count:
        stage, ending = endings[number % len(endings)]
        village = villages[number % len(villages)]
        again = number // len(villages)
        fixed.append((stage, f"{town}{village}{again + 1 if again else ''}{ending}", False))
        number += 1
    return fixed[:count]
