"""The demo's office, schools and departments at their desks: they move findings by the very service that pages use."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from forms.meaning import quarter_before, quarter_bounds, quarter_of
from scorecards.deadlines import add_working_days
from server.demo import photos
from server.demo.cast import Cast, Sender
from server.demo.desk_store import Row, follow_pending, moving, persons, talks
from server.demo.places import School
from server.demo.simulation import RECENT, Recheck, Simulation, holiday, working
from server.problems import Problem
from server.security.viewer import Viewer
from server.services.context import Context
from server.services.measures import measures
from server.services.rectification import rectify
from server.services.rectification.case import viewer_of
from server.services.rectification.clock import tick
from server.services.rectification.rectify import Upload
from server.store.db import WriteSession
from server.store.findings import Finding

PAPER: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
)
EVERY: Final = 3  # days between two looks at the desk
TOLD_FOR: Final = 45
LATE: Final = (1, 2, 3, 3, 4, 8, 18)  # working days over the limit
NEGLECTED: Final = 0.015  # share of the notices that nobody answers until they are supervised
PASSING: Final = ("done", "mostly")
FALSE, UNDONE = 0.004, 0.05  # shares of the re-checks that find evidence false, or work not done
HANDED_IN: Final = frozenset({"evidence", "rechecking", "verified", "watching", "false"})
LEFT: Final = ("submit_plan", "submit_evidence")  # what the login ``school`` finds on its desk, to be done by hand
OPINION: Final = "经查看现场和资料，存在上述问题，请学校核实。如有不同意见，请在规定期限内提出。"
Act = tuple[str, str, dict[str, str], dict[str, list[Upload]]]  # login, action, fields, files


class Desk:
    """Whoever's turn it is acts, some late, a few not at all; the same seed gives the same district."""

    def __init__(self, context: Context, cast: Cast, simulation: Simulation, seed: int) -> None:
        # What was told months ago nobody reads: messages begin some weeks before now. What is older than the last two
        # quarters is lighter too.
        today = simulation.now.date()
        self._telling_from = today - dt.timedelta(days=TOLD_FOR)
        self._left_from = today - dt.timedelta(days=RECENT[1])
        self._whole_from = quarter_bounds(quarter_before(quarter_of(today), 1))[0]
        self._context, self._cast, self._simulation, self._seed = context, cast, simulation, seed
        self._schools = {school.code: school for school in simulation.places.schools}
        self._viewers: dict[str, Viewer] = {}
        self._pictures: list[Upload] = []
        self._checked: dict[str, dt.date] = {}  # by finding: the step after which it was re-checked
        self.done: Counter[str] = Counter()
        self.last: dt.date | None = None

    def until(self, day: dt.date, turn: Callable[[dt.date], None]) -> None:
        """Work at the desk every few working days up to a day; ``turn`` turns the clock to the morning of each."""
        current = self.last + dt.timedelta(days=EVERY) if self.last else day
        while current <= day:
            if working(current):
                turn(current)
                self.work()
                self.last = current
            current += dt.timedelta(days=EVERY if self.last == current else 1)

    def work(self) -> None:
        """One look at the desk: what came in, whose turn it is, what the calendar asks for."""
        self._context.database.untold = self._context.today() < self._telling_from
        follow_pending(self._context)
        with self._context.database.write() as session:
            self._load(session)
            for finding, row in moving(session):
                self._move(session, finding, row)
        tick(self._context)
        with self._context.database.write() as session:
            self._talks(session)

    def _load(self, session: WriteSession) -> None:
        if not self._viewers:
            for login, person in persons(session).items():
                viewer = viewer_of(session, person)
                if viewer is not None:
                    self._viewers[login] = viewer
            self._bureau = self._viewers["jyj"].grants[0].unit_id
            pictures = [photos.scene("整改后", random.Random(number)) for number in range(6)]
            self._pictures = [Upload("整改后.jpg", sha256=self._context.blobs.put(data)) for data in pictures]
            self._paper = Upload("决定.pdf", sha256=self._context.blobs.put(PAPER))

    def _dice(self, row: Row, salt: str) -> float:
        return random.Random(f"{self._seed}/{row.code}/{row.reopened}/{salt}").random()

    def _move(self, session: WriteSession, finding: Finding, row: Row) -> None:
        """At most one step of a finding at each look."""
        today = self._context.today()
        handler = getattr(self, f"_{row.state}", None)
        if handler is None or row.unit_code not in self._schools:
            return
        if row.state not in HANDED_IN:
            self._simulation.district.states[row.unit_code].works_on(row.item, self._mended_on(row))
        for login, action, fields, files in handler(row, today):
            if login == "school" and action in LEFT and finding.found_on >= self._left_from:
                return
            self._take(session, finding, login, action, fields, files)

    def _take(
        self,
        session: WriteSession,
        finding: Finding,
        login: str,
        action: str,
        fields: Mapping[str, str],
        files: Mapping[str, Sequence[Upload]],
    ) -> None:
        try:
            rectify.act(
                session,
                self._context,
                finding,
                action,
                by=self._viewers[login],
                at=self._context.clock(),
                fields=fields,
                files=files,
            )
            self.done[action] += 1
        except Problem as problem:
            if problem.code != "step.refused":
                raise
            self.done[f"refused {action} {problem.details['rule']}"] += 1

    # Whose turn it is, state by state

    def _proposed(self, row: Row, today: dt.date) -> list[Act]:
        # Of what was small and is long past, most was put right on the spot: a history need not be whole.
        small = 0.06 if today >= self._whole_from else 0.7
        if row.severity == 1 and self._dice(row, "dismiss") < small:
            self._simulation.district.states[row.unit_code].works_on(row.item, today)
            return [("office", "dismiss", {"reason": "当场已整改，不再立项"}, {})]
        if row.severity < 3 and (today - row.since).days < int(self._dice(row, "confirm") * 5):
            return []
        return [("office", "confirm", {}, {}), *self._open(row, today)]

    def _open(self, row: Row, today: dt.date) -> list[Act]:
        if row.route == 4:
            letter = {"letter": f"{row.title}。请研究提出办理意见。"}
            named = {} if row.department_login else {"department": str(self._bureau)}
            return [("office", "transfer", {**letter, **named}, {})]
        if row.route == 1:
            return [(row.inspector, "give_advice", {"requirement": "请按清单要求改进，并报告结果。"}, {})]
        return [(row.inspector, "give_feedback", {"opinion": OPINION, "delivery": "spot"}, {})]

    def _feedback(self, row: Row, today: dt.date) -> list[Act]:
        dice = self._dice(row, "hearing")
        if dice < 0.06:
            text = "学校已于检查前列入维修计划，现场情况系施工所致，请予核实。"
            return [(row.school, "state", {"objection": "fact", "text": text}, {})]
        return [(row.school, "agree", {}, {})] if dice < 0.85 else []  # the others let the time lapse

    def _stated(self, row: Row, today: dt.date) -> list[Act]:
        if self._dice(row, "statement") < 0.25:
            return [("office", "accept_statement", {"result": "withdraw", "reason": "情况属实，予以撤销"}, {})]
        return [("office", "reject_statement", {"reason": "经复核，问题仍然存在"}, {})]

    def _ready(self, row: Row, today: dt.date) -> list[Act]:
        if row.route in (1, 4):
            return self._open(row, today)
        fields = {"requirement": f"请针对“{row.title[:60]}”逐项整改，举一反三，并按期报告。", "responsible": "校长"}
        notice: Act = ("office", "issue_notice", fields, {})
        if row.severity < 3 or self._is_late(row):
            return [notice]
        # What is grave is planned on the day of its notice, and danger done away with at once.
        evidence = [self._evidence_of(row)] if row.severity == 4 else []
        return [notice, *self._plan(row, today), (row.inspector, "accept_plan", {}, {}), *evidence]

    _reopened = _ready

    def _noticed(self, row: Row, today: dt.date) -> list[Act]:
        if (today - row.since).days < self._dice(row, "plan") * 6:
            return []
        if self._dice(row, "neglect") < NEGLECTED and row.level < 3:
            return []
        return self._plan(row, today)

    def _plan(self, row: Row, today: dt.date) -> list[Act]:
        plan = {
            "measures": "立即整改并建立台账，明确专人每日检查。",
            "responsible": "分管副校长",
            "interim": "已采取临时防护",
        }
        plan["done_on"] = max(row.due_on, today).isoformat()
        receipt: list[Act] = [(row.school, "acknowledge", {}, {})] if today >= self._telling_from else []
        return [*receipt, (row.school, "submit_plan", plan, {})]

    def _planned(self, row: Row, today: dt.date) -> list[Act]:
        if not row.plan_returns and self._dice(row, "return") < 0.05:
            return [(row.inspector, "return_plan", {"reason": "措施不具体，请写明责任人和时间"}, {})]
        return [(row.inspector, "accept_plan", {}, {})]

    def _rectifying(self, row: Row, today: dt.date) -> list[Act]:
        return [self._evidence_of(row)] if today >= self._done_on(row) else []

    _advised = _rectifying

    def _evidence_of(self, row: Row) -> Act:
        who = row.department_login if row.route == 4 and row.department_login else row.school
        picture = self._pictures[int(self._dice(row, "picture") * len(self._pictures))]
        return (who, "submit_evidence", {"report": "已按要求整改完毕，附整改后照片。"}, {"photos": [picture]})

    def _done_on(self, row: Row) -> dt.date:
        """When the work is done: mostly in time, in schools that take little care later."""
        if not self._is_late(row):
            return row.due_on - dt.timedelta(days=int(self._dice(row, "early") * 9) + 4)
        return add_working_days(row.due_on, LATE[int(self._dice(row, "how late") * len(LATE))]).due

    def _is_late(self, row: Row) -> bool:
        care = self._simulation.district.states[row.unit_code].care
        return self._dice(row, f"late{row.evidence_returns}") >= care

    def _mended_on(self, row: Row) -> dt.date | None:
        """When the problem is gone, some days before the evidence says so; None where the re-check will see it."""
        if self._verdict(row) not in PASSING:
            return None
        return self._done_on(row) - dt.timedelta(days=1 + int(self._dice(row, "mended") * 10))

    def _transferred(self, row: Row, today: dt.date) -> list[Act]:
        if (today - row.since).days < 2 + self._dice(row, "answer") * 11 or not row.department_login:
            return []
        done_on = add_working_days(today, 12 + int(self._dice(row, "done") * 30)).due
        answer = {"answer": "take_on", "text": "已列入计划，由业务科室牵头办理。", "interim": "先行采取临时措施"}
        return [(row.department_login, "answer_consultation", {**answer, "done_on": done_on.isoformat()}, {})]

    def _answered(self, row: Row, today: dt.date) -> list[Act]:
        return [("office", "accept_answer", {}, {})]

    def _evidence(self, row: Row, today: dt.date) -> list[Act]:
        others = [one for one in self._cast.recheckers if one.person_id != row.finder]
        sender = others[int(self._dice(row, "checker") * len(others))]
        if row.severity < 3 and not row.on_site and self._dice(row, "papers") < 0.45:
            if (today - row.since).days < 3:
                return []  # the draw first
            return [(sender.login, "recheck", {"verdict": "done", "method": "papers"}, {})]
        day = self._next_visit(today + dt.timedelta(days=2 + int(self._dice(row, "visit") * 6)))
        self._simulation.plan_recheck(self._schools[row.unit_code], sender, day, self.rechecks)
        return [("office", "assign_recheck", {"checker": str(sender.person_id)}, {})]

    def _rechecking(self, row: Row, today: dt.date) -> list[Act]:
        if (today - row.since).days > 9 and row.checker:
            sender = next(one for one in self._cast.recheckers if one.person_id == row.checker)
            self._simulation.plan_recheck(
                self._schools[row.unit_code], sender, self._next_visit(today + dt.timedelta(days=2)), self.rechecks
            )
        return []

    def _verified(self, row: Row, today: dt.date) -> list[Act]:
        return [("office", "close", {}, {})] if (today - row.since).days >= 1 else []

    def _false(self, row: Row, today: dt.date) -> list[Act]:
        if (today - row.since).days < 6:
            return []
        return [("office", "renew_limit", {"requirement": "重新整改，由督导室全程督办。"}, {})]

    def _watching(self, row: Row, today: dt.date) -> list[Act]:
        if (today - row.since).days < 35 + self._dice(row, "look back") * 40:
            return []
        return [("office2", "look_back", {"result": "held", "method": "site", "note": "现场查看，未见反弹"}, {})]

    def _next_visit(self, day: dt.date) -> dt.date:
        while not working(day) or holiday(day):
            day += dt.timedelta(days=1)
        return day

    def rechecks(self, school: School, sender: Sender, day: dt.date) -> list[Recheck]:
        """What a re-check on a day says of each finding that waits for this checker at the school."""
        with self._context.database.read() as session:
            rows = [row for _, row in moving(session, school.code) if self._waits(row, sender, day)]
        # What this visit says is read at the next look at the desk; until then nobody else says it too.
        self._checked |= {row.code: row.since for row in rows}
        return [Recheck(row.code, row.indicator, self._verdict(row)) for row in rows]

    def _waits(self, row: Row, sender: Sender, day: dt.date) -> bool:
        mine = row.state == "rechecking" and row.checker == sender.person_id
        return mine and row.since <= day and self._checked.get(row.code) != row.since

    def _verdict(self, row: Row) -> str:
        dice = self._dice(row, f"verdict{row.evidence_returns}")
        if dice < FALSE and row.route != 4 and not row.falsified:
            return "false"
        return "undone" if dice < UNDONE and not row.evidence_returns else "mostly" if dice < 0.15 else "done"

    def _talks(self, session: WriteSession) -> None:
        """The leading group decides on some of the proposals, and the office holds the talk."""
        for row in talks(session, self._context.today()):
            at = self._context.clock()
            day = self._next_visit(self._context.today() + dt.timedelta(days=4)).isoformat()
            number = f"渌教督约〔{at.year}〕{row.id}号"
            steps: dict[str, tuple[str, str, dict[str, Any], dict[str, list[Upload]]]] = {
                "proposed": (
                    "leader",
                    "decide",
                    {"number": number},
                    {"decision": [self._paper]},
                ),
                "decided": ("office", "notify", {"held_on": day, "place": "督导室会议室", "subject": "整改逾期"}, {}),
                "notified": (
                    "office",
                    "hold",
                    {"commitment": "校长承诺限期整改到位并举一反三。", "filed_with": "区教育督导委员会办公室"},
                    {"record": [self._paper]},
                ),
                "held": ("office", "close", {}, {}),
            }
            login, action, fields, files = steps[row.state]
            try:
                measures.act(
                    session, self._context, row, action, by=self._viewers[login], at=at, fields=fields, files=files
                )
                self.done[f"measure {action}"] += 1
            except Problem as problem:
                if problem.code != "step.refused":
                    raise
                self.done[f"refused measure {action} {problem.details['rule']}"] += 1
