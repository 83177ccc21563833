"""A finding taken along its road by the people whose turn it is, without a browser."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from PIL import ExifTags, Image

from server.services.measures import measures
from server.services.rectification import rectify
from server.services.rectification.case import viewer_of
from server.services.rectification.files import Upload
from server.store import measure_rows
from server.store.findings import Finding, with_code
from server.store.units import unit_by_code
from tests.conftest import District
from tests.server.web.conftest import Seen


def photo(color: tuple[int, int, int] = (90, 150, 100), *, taken: str = "", place: bool = False) -> bytes:
    """A JPEG; with the moment at which it was taken and a place, as phones write them."""
    exif = Image.Exif()
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (30.0, 14.0, 30.0)
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (120.0, 9.0, 0.0)
    target = io.BytesIO()
    Image.new("RGB", (800, 600), color).save(target, "JPEG", exif=exif)
    return target.getvalue()


PDF = b"%PDF-1.4\n%%EOF\n"


@dataclass
class Road:
    """Takes steps on the findings of a district."""

    district: District
    seen: Seen

    def finding(self, item: str = "f01_f03") -> Finding:
        with self.district.database.read() as session:
            found = with_code(session, self.seen.findings[item])  # type: ignore[arg-type]
            assert found is not None
            session.expunge(found)
            return found

    def step(
        self, login: str, action: str, item: str = "f01_f03", files: Mapping[str, bytes] | None = None, **fields: str
    ) -> None:
        """``login`` takes a step; "" is the system."""
        with self.district.database.write() as session:
            found = with_code(session, self.seen.findings[item])
            assert found is not None
            by = viewer_of(session, self.district.people.persons[login]) if login else None
            uploads = {
                name: [Upload("照片.jpg" if data[:2] == b"\xff\xd8" else "文件.pdf", data)]
                for name, data in (files or {}).items()
            }
            rectify.act(
                session,
                self.district.context,
                found,
                action,
                by=by,
                at=self.district.clock(),
                fields=fields,
                files=uploads,
            )

    def measure(
        self, login: str, action: str, code: str, files: Mapping[str, bytes] | None = None, **fields: str
    ) -> None:
        """``login`` takes a step on a measure."""
        with self.district.database.write() as session:
            row = measure_rows.with_code(session, code)
            assert row is not None
            by = viewer_of(session, self.district.people.persons[login]) if login else None
            uploads = {name: [Upload("决定.pdf", data)] for name, data in (files or {}).items()}
            at = self.district.clock()
            measures.act(session, self.district.context, row, action, by=by, at=at, fields=fields, files=uploads)

    def later(self, days: int) -> None:
        self.district.clock.now += dt.timedelta(days=days)

    def to(self, state: str, item: str = "f01_f03") -> None:
        """Take a finding of route R2 as far as a state, each step by whose turn it is."""
        persons = self.district.people.persons
        for reached, login, action, files, fields in (
            ("open", "office", "confirm", {}, {}),
            ("feedback", "amina", "give_feedback", {}, {"opinion": "消防通道堆放杂物，请清理。", "delivery": "spot"}),
            ("ready", "head1", "agree", {}, {"note": "无异议"}),
            ("noticed", "office", "issue_notice", {}, {"requirement": "清理并保持通道畅通", "responsible": "校长 何"}),
            (
                "planned",
                "head1",
                "submit_plan",
                {},
                {"measures": "清理通道，划定禁停线", "responsible": "总务 王", "done_on": "2026-11-25"},
            ),
            ("rectifying", "amina", "accept_plan", {}, {}),
            (
                "evidence",
                "head1",
                "submit_evidence",
                {"photos": photo(taken="2026:11:24 10:30:00", place=True)},
                {"report": "已清理"},
            ),
            ("rechecking", "office", "assign_recheck", {}, {"checker": str(persons["bola"])}),
            ("verified", "bola", "recheck", {}, {"verdict": "done", "method": "site", "note": "现场核验，通道畅通"}),
            ("closed", "office", "close", {}, {}),
        ):
            self.step(login, action, item, files, **fields)
            if reached == state:
                return
        raise AssertionError(state)


def propose(road: Road, kind: str, unit: str = "S01") -> str:
    """The office proposes a measure on a unit; gives its code."""
    district = road.district
    with district.database.write() as session:
        by = viewer_of(session, district.people.persons["office"])
        found = unit_by_code(session, unit)
        assert found is not None
        data = {"grounds": "整改逾期三次", "finding": road.seen.findings["f01_f03"]}
        row = measures.propose(
            session, district.context, found, kind, rule="NX-51", data=data, by=by, at=district.clock()
        )
        assert row is not None
        return row.code


@pytest.fixture
def road(district: District, seen: Seen) -> Road:
    return Road(district, seen)
