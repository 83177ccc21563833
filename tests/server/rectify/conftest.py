"""A finding and the people who move it, by the service that everything goes through."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
import pytest
from PIL import Image
from sqlmodel import col, select

from scorecards.deadlines import add_working_days
from server.problems import Problem
from server.security.viewer import Viewer
from server.services.people.sign_in import viewer_for
from server.services.rectification import rectify
from server.services.rectification.rectify import Upload
from server.store.cases import CaseDocument, CaseFile, CaseStep
from server.store.findings import Finding
from server.store.people import person_by_login
from tests.conftest import District
from tests.server.score.conftest import Inspection, inspection

__all__ = ["inspection"]

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
OPINION = {"opinion": "消防通道堆放杂物", "delivery": "spot"}
NOTICE = {"requirement": "清理并建立巡查记录", "responsible": "校长 何"}
PLAN = {"measures": "每日清理", "responsible": "总务主任", "interim": "已封闭"}


def picture(colour: str = "green", exif: Image.Exif | None = None) -> bytes:
    """A small JPEG."""
    target = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(target, "JPEG", exif=exif or Image.Exif())
    return target.getvalue()


def photo(name: str = "after.jpg") -> Upload:
    return Upload(name, picture())


def paper(name: str = "decision.pdf") -> Upload:
    return Upload(name, b"%PDF-1.4\n%%EOF\n")


@dataclass
class Loop:
    """Acts as anybody, and looks at what came of it."""

    inspection: Inspection

    @property
    def district(self) -> District:
        return self.inspection.district

    def viewer(self, login: str) -> Viewer:
        with self.district.database.read() as session:
            person = person_by_login(session, login)
            assert person is not None, login
            return viewer_for(session, person)

    def finding(self, code: str) -> Finding:
        with self.district.database.read() as session:
            found = session.exec(select(Finding).where(col(Finding.code) == code)).first()
            assert found is not None, code
            return found

    def all(self) -> list[Finding]:
        with self.district.database.read() as session:
            return list(session.exec(select(Finding).order_by(col(Finding.id))))

    def act(
        self,
        login: str,
        code: str,
        action: str,
        fields: Mapping[str, object] | None = None,
        *,
        files: Mapping[str, Sequence[Upload]] | None = None,
        at: dt.datetime | None = None,
        seen: int | None = None,
    ) -> CaseStep:
        """Take a step; login "" is the system."""
        typed = {name: str(value) for name, value in (fields or {}).items()}
        viewer = self.viewer(login) if login else None
        finding = self.finding(code)
        with self.district.database.write() as session:
            return rectify.act(
                session,
                self.district.context,
                finding,
                action,
                by=viewer,
                at=at or self.district.clock(),
                fields=typed,
                files=files,
                seen=seen,
            )

    def refuses(self, login: str, code: str, action: str, fields: Mapping[str, object] | None = None, **more) -> str:  # type: ignore[no-untyped-def]
        """The rule that refuses a step; "not_found" or another problem's code where it is no rule."""
        before = self.finding(code)
        try:
            self.act(login, code, action, fields, **more)
        except Problem as problem:
            assert self.finding(code) == before, "a refused step leaves everything as it was"
            return str(problem.details.get("rule") or problem.code)
        raise AssertionError(f"{login or 'the system'} was allowed to {action}")

    def steps(self, code: str) -> list[CaseStep]:
        finding = self.finding(code)
        with self.district.database.read() as session:
            query = select(CaseStep).where(col(CaseStep.finding_id) == finding.id).order_by(col(CaseStep.number))
            return list(session.exec(query))

    def files(self, code: str) -> list[CaseFile]:
        ids = [step.id for step in self.steps(code)]
        with self.district.database.read() as session:
            return list(session.exec(select(CaseFile).where(col(CaseFile.step_id).in_(ids))))

    def documents(self) -> list[CaseDocument]:
        with self.district.database.read() as session:
            return list(session.exec(select(CaseDocument).order_by(col(CaseDocument.id))))

    def wait(self, days: int) -> None:
        """Let working days pass."""
        today = self.district.context.today()
        self.on(add_working_days(today, days).due)

    def on(self, day: dt.date, hour: int = 10) -> None:
        """Make it this day."""
        self.district.clock.now = dt.datetime.combine(day, dt.time(hour), SHANGHAI)

    def jobs(self) -> None:
        """Let the jobs work until nothing is waiting."""
        self.inspection.score()

    def found(self, school: str = "S01", answers: Mapping[str, str] | None = None, **more) -> str:  # type: ignore[no-untyped-def]
        """A finding proposed from a visit by amina (unless another is named) today: S3, route R3 by default."""
        day = more.pop("day", self.district.context.today())
        before = {finding.code for finding in self.all()}
        self.inspection.visit(school, answers or {"f01_f01": "3"}, day=day, **more)
        self.jobs()
        (code,) = {finding.code for finding in self.all()} - before
        return code

    def bring(self, code: str, state: str, *, rectifier: str = "head1", inspector: str = "bola") -> None:
        """Take the usual steps until a finding is in a state on the road of a notice."""
        road: dict[str, list[tuple[str, str, dict[str, object], dict[str, list[Upload]]]]] = {
            "open": [("office", "confirm", {}, {})],
            "feedback": [(inspector, "give_feedback", dict(OPINION), {})],
            "ready": [(rectifier, "agree", {}, {})],
            "noticed": [("office", "issue_notice", dict(NOTICE), {})],
            "planned": [(rectifier, "submit_plan", dict(PLAN), {})],
            "rectifying": [(inspector, "accept_plan", {}, {})],
            "evidence": [(rectifier, "submit_evidence", {"report": "已完成"}, {"photos": [photo()]})],
            "verified": [(inspector, "recheck", {"verdict": "done", "method": "site"}, {})],
            "closed": [("office", "close", {}, {})],
        }
        for name, steps in road.items():
            if self.finding(code).state == state:
                return
            if self.finding(code).state in road and list(road).index(self.finding(code).state) >= list(road).index(
                name
            ):
                continue
            for login, action, fields, files in steps:
                if action == "submit_plan":
                    fields["done_on"] = self.finding(code).due_on
                self.act(login, code, action, fields, files=files)
            if name == state:
                return

    def facts(self, code: str) -> dict[str, object]:
        found: dict[str, object] = orjson.loads(self.finding(code).facts)
        return found


@pytest.fixture
def loop(inspection: Inspection) -> Loop:
    return Loop(inspection)
