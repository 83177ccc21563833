"""Builds the demo: units and people through the services, visits through the phones' door, lights by the jobs."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from forms.catalogue import Catalogue
from forms.check import CheckedForm
from forms.meaning import Light, quarter_before, quarter_bounds, quarter_name, quarter_of
from forms.shipped import shipped_catalogue, shipped_checklists, shipped_rulebook, shipped_workbook
from server.demo.cast import Cast, Casting
from server.demo.desk import EVERY, Desk
from server.demo.desk_store import follow_pending
from server.demo.phones import Senders
from server.demo.places import Places, build_places
from server.demo.simulation import Simulation, principals_csv
from server.demo.survey import Survey, read_survey
from server.demo.world import HOST, World
from server.services.checklists import publish
from server.services.collector.forms import CollectorForms
from server.services.context import Context, open_context
from server.services.lights.freeze import freeze
from server.services.lights.score import rescore
from server.services.units import units
from server.settings import Settings
from server.store import migrate
from server.store.lights import LiveCard

Say = Callable[[str, str], None]
DONE = "demo.done"


@dataclass(slots=True)
class Built:
    """What was built: logins (login, Chinese, English), counts, seconds of each phase, and steps taken."""

    logins: list[tuple[str, str, str]]
    submissions: int = 0
    photos: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    lights: dict[str, dict[str, int]] = field(default_factory=dict)
    frozen: list[str] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)


class Builder:
    """Builds once; ``now`` is the moment up to which the simulation runs."""

    def __init__(
        self, settings: Settings, *, schools: int, quarters: int, seed: int, now: dt.datetime, say: Say
    ) -> None:
        self.settings, self.schools, self.seed, self.now, self.say = settings, schools, seed, now, say
        current = quarter_of(now.astimezone(settings.zone).date())
        self.quarters = [quarter_before(current, step) for step in reversed(range(quarters))]
        self.built = Built([])

    def build(self) -> Built:
        """Everything, phase by phase."""
        start = quarter_bounds(self.quarters[0])[0]
        opening = dt.datetime.combine(start, dt.time(8), self.settings.zone)
        context = open_context(self.settings, clock=lambda: opening)
        try:
            with self._phase("数据库", "store"):
                migrate.upgrade(context.database)
            with self._phase("检查单、指标目录、规则簿", "checklists, catalogue, rulebook"):
                catalogue = shipped_catalogue()
                checked = _compile(catalogue)
            with self._phase("单位和人员", "units and people"):
                places, cast = self._people(context, catalogue)
            with self._phase("发布检查单", "publishing the checklists"):
                surveys = self._publish(context, catalogue, checked, places, cast)
        finally:
            context.database.close()
        self.built.logins = cast.logins
        self._visits(Simulation(places, cast, surveys, self.settings.zone, self.now, self.seed), cast)
        (self.settings.directory / DONE).write_text("\n".join("\t".join(row) for row in cast.logins), encoding="utf-8")
        return self.built

    @contextmanager
    def _phase(self, zh: str, en: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        took = time.perf_counter() - began
        self.built.seconds[en] = round(took, 1)
        self.say(f"  {zh}：{took:.1f} 秒", f"  {en}: {took:.1f} s")

    def _people(self, context: Context, catalogue: Catalogue) -> tuple[Places, Cast]:
        random_ = random.Random(self.seed)
        names = {code: labels.get("zh", code) for code, labels in _departments(catalogue).items()}
        places = build_places(self.schools, random_, names)
        with context.database.write() as session:
            report = units.import_units(session, places.csv(), filename="demo.csv", by=None, at=context.clock())
            refused = [row for row in report.rows if row.outcome == "refused"]
            if refused:
                raise RuntimeError(f"the demo's units are refused: {refused[0]}")
            return places, Casting(session, context.clock(), random_).cast(places)

    def _publish(
        self, context: Context, catalogue: Catalogue, checked: dict[str, CheckedForm], places: Places, cast: Cast
    ) -> dict[str, Survey]:
        rulebook, at = shipped_rulebook(), context.clock()
        for project_id in (cast.project_id, cast.neighbour_project_id):
            with context.database.write() as session:
                for content in (catalogue, rulebook):
                    publish.load_reference(session, context, project_id=project_id, content=content, by=None, at=at)
                for form, result in checked.items():
                    data, filename = shipped_workbook(form), f"{form}.xlsx"
                    media = {"principals.csv": principals_csv(places.schools)} if form == "f07" else None
                    publish.publish(
                        session,
                        context,
                        project_id=project_id,
                        data=data,
                        filename=filename,
                        upload=publish.Upload(data, filename, result),
                        media=media,
                        by=None,
                        at=at,
                    )
            CollectorForms(context).prepare(project_id)
        return {form: read_survey(result, catalogue) for form, result in checked.items()}

    def _visits(self, simulation: Simulation, cast: Cast) -> None:
        opening = dt.datetime.combine(quarter_bounds(self.quarters[0])[0], dt.time(9), self.settings.zone)
        with World(self.settings, opening) as world:
            context = open_context(self.settings, clock=world.clock)
            try:
                desk = Desk(context, cast, simulation, self.seed)
                ended: int | None = None
                for quarter in self.quarters:
                    name = quarter_name(quarter)
                    with self._phase(f"{name} 到校督导与亮牌", f"{name} visits and lights"):
                        self._quarter(context, world, simulation, desk, cast, quarter, ended)
                    ended = quarter
            finally:
                context.database.close()

    def _quarter(
        self,
        context: Context,
        world: World,
        simulation: Simulation,
        desk: Desk,
        cast: Cast,
        quarter: int,
        ended: int | None,
    ) -> None:
        """A quarter's visits; the one before is closed in its midst, on the day on which that is done."""
        with Senders(HOST, world.port, world.set_clock) as phones:
            for sending in simulation.run_quarter(quarter, first=quarter == self.quarters[0]):
                if ended is not None and sending.moment >= self._after(ended).timestamp():
                    phones.wait()
                    self._close(context, world, cast, ended)
                    ended = None
                day = dt.datetime.fromtimestamp(sending.moment, self.settings.zone).date()
                if desk.last is None or (day - desk.last).days >= EVERY:
                    phones.wait()
                    desk.until(day, lambda morning: self._morning(world, morning))
                phones.put(sending)
            phones.wait()
            self.built.submissions += phones.sent
            self.built.photos += phones.files
        if ended is not None:
            self._close(context, world, cast, ended)
        if quarter == self.quarters[-1]:
            desk.until(self.now.astimezone(self.settings.zone).date(), lambda morning: self._morning(world, morning))
            self._close(context, world, cast, quarter)
        self.built.steps = dict(desk.done)

    def _morning(self, world: World, day: dt.date) -> None:
        """Turn the clock to the morning of a day, never beyond now."""
        moment = dt.datetime.combine(day, dt.time(8, 30), self.settings.zone)
        world.set_clock(min(moment, self.now).timestamp())

    def _close(self, context: Context, world: World, cast: Cast, quarter: int) -> None:
        """Work off what the visits left to do; freeze the quarter if it has passed."""
        ended = self._after(quarter) <= self.now
        world.set_clock((self._after(quarter) if ended else self.now).timestamp())
        follow_pending(context)
        at, today = context.clock(), context.today()
        for project_id in (cast.project_id, cast.neighbour_project_id):
            rescore(context.database, project_id, quarter, today=today, at=at, only=None)
        if ended:
            self._freeze(context, cast.project_id, quarter)
        self.built.lights[quarter_name(quarter)] = self._lights(context, quarter)

    def _after(self, quarter: int) -> dt.datetime:
        """The morning on which a quarter is frozen: some days after its end."""
        return dt.datetime.combine(quarter_bounds(quarter)[1] + dt.timedelta(days=10), dt.time(9), self.settings.zone)

    def _freeze(self, context: Context, project_id: int, quarter: int) -> None:
        freeze(context, project_id=project_id, quarter=quarter, by=None, at=context.clock())
        self.built.frozen.append(quarter_name(quarter))

    def _lights(self, context: Context, quarter: int) -> dict[str, int]:
        from sqlmodel import col, select

        from server.store.units import Unit

        with context.database.read() as session:
            found = session.exec(
                select(LiveCard.light)
                .join(Unit, col(Unit.id) == LiveCard.unit_id)
                .where(
                    col(LiveCard.quarter) == quarter, col(Unit.kind) == "school", col(Unit.code).startswith("430212")
                )
            )
            return dict(Counter(Light(light).word for light in found))


def is_built(settings: Settings) -> bool:
    """True if a demo district was built in this folder, whole."""
    return (settings.directory / DONE).is_file()


def logins_of(settings: Settings) -> list[tuple[str, str, str]]:
    """The logins of a district that was built before."""
    rows = (settings.directory / DONE).read_text(encoding="utf-8").splitlines()
    return [(login, zh, en) for login, zh, en in (row.split("\t") for row in rows)]


def _compile(catalogue: Catalogue) -> dict[str, CheckedForm]:
    from forms.check import check

    found = {}
    for form in shipped_checklists():
        checked = check(shipped_workbook(form), filename=f"{form}.xlsx", catalogue=catalogue)
        if checked.definition is None:
            first = next(problem for problem in checked.problems if problem.level == "error")
            raise RuntimeError(f"{form}.xlsx {first.place()}: {first.en}")
        found[form] = replace(checked)
    return found


def _departments(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    known = getattr(catalogue, "departments", None)
    if known:
        return {code: dict(labels) for code, labels in known.items()}
    return {"jyj": {"zh": "教育局"}, "czj": {"zh": "财政局"}, "rsj": {"zh": "人社局"}, "bb": {"zh": "编办"}}
