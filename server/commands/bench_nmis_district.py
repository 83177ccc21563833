"""The survey's records through the house's own doors, into a district made for the purpose.

Units by the import of units, the form and the catalogue by publishing, each record by the import of records as a
submission; then the amounts of each district from the store's observations, as for any district.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import polars as pl
from sqlalchemy import select as select_columns

from analysis.aggregate import indicator_values
from analysis.frames import OBSERVATION as COLUMNS
from forms.catalogue import Catalogue
from forms.catalogue_workbook import read_catalogue
from forms.check import check
from forms.definition import FormDefinition
from forms.meaning import quarter_of
from forms.problems import has_errors
from forms.workbook import read_workbook
from server.commands.bench_nmis_records import Codes, Records
from server.commands.console import CommandError
from server.services.checklists import publish
from server.services.context import Context, open_context
from server.services.intake.import_records import import_records
from server.services.units.units import import_units
from server.settings import Settings
from server.store import migrate
from server.store.submissions import OBSERVATION
from server.store.units import all_units, unit_by_code

FORM: Final = "form.md"
_ROOT: Final = "survey"
_TYPES: Final = {"int64": pl.Int64, "int32": pl.Int32, "int16": pl.Int16, "text": pl.String}
_AT_ONCE: Final = 200_000
_STARTS: Final = "=@+-"


@dataclass
class Amounts:
    """Sums by (district, indicator) in fixed point: numerator, denominator, count; and what happened on the way."""

    sums: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)
    observations: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def workbooks() -> Mapping[str, bytes]:
    """The survey's form and catalogue as published: FORM and catalogue.md."""
    folder = files("server") / "benchdata" / "nmis"
    return {name: (folder / name).read_bytes() for name in (FORM, "catalogue.md")}


def load() -> tuple[FormDefinition, Catalogue]:
    """Form and catalogue, checked as any published workbook is. Raises CommandError with the first mistake's place."""
    data = workbooks()
    workbook, problems = read_workbook(data["catalogue.md"], "catalogue.md")
    if workbook is None or has_errors(problems):
        raise CommandError("NMIS 目录读不出来。", "The NMIS catalogue cannot be read.")
    catalogue, problems = read_catalogue(workbook)
    checked = check(data[FORM], filename=FORM, catalogue=catalogue)
    found = [*problems, *checked.problems]
    if checked.definition is None or has_errors(found):
        first = next(problem for problem in found if problem.level == "error")
        raise CommandError(f"{first.place()} {first.zh}", f"{first.place()} {first.en}")
    return checked.definition, catalogue


def amounts_of(records: Records, catalogue: Catalogue, directory: Path) -> Amounts:
    """Import everything into a district in ``directory`` (which must be empty) and sum up. Raises CommandError."""
    found = Amounts()
    with _district(directory, records.last) as context:
        codes = _import_units(context, records)
        project_id, form_id = _publish(context, catalogue)
        for name in dict.fromkeys(school.file for school in records.schools):
            _import_records(context, project_id, form_id, records, name, found)
        _sum_up(context, catalogue, codes, records.last, found)
    return found


@contextmanager
def _district(directory: Path, last: dt.date) -> Iterator[Context]:
    """An empty store whose clock stands at the end of the last day of the survey."""
    if directory.exists() and any(directory.iterdir()):
        raise CommandError(f"{directory} 不是空文件夹。", f"{directory} is not empty.")
    moment = dt.datetime.combine(last, dt.time(12), dt.UTC)
    settings = Settings(directory=directory, database_url="", timezone="UTC", jobs=False, group_commit=500)
    context = open_context(settings, clock=lambda: moment)
    try:
        migrate.upgrade(context.database)
        yield context
    finally:
        context.database.close()


def _import_units(context: Context, records: Records) -> dict[str, str]:
    """The tree: the survey, its states, their districts, the schools. Gives the districts' unit codes by key."""
    taken = Codes()
    for code in (_ROOT, *(school.code for school in records.schools)):
        taken.of(code)
    names = [state for _, state in records.districts.values()] + [school.state for school in records.schools]
    states = {name: taken.of(name, "state-") for name in dict.fromkeys(names) if name}
    districts = {key: taken.of(key, "lga-") for key in records.districts}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("code", "kind", "name", "parent"))
    writer.writerow((_ROOT, "province", "survey", ""))
    for name, code in states.items():
        writer.writerow((code, "city", _plain(name, code), _ROOT))
    for key, (name, state) in records.districts.items():
        writer.writerow((districts[key], "district", _plain(name, districts[key]), states.get(state, _ROOT)))
    for school in records.schools:
        # A school of no district still hangs in the tree, and counts for none.
        above = districts.get(school.district) or states.get(school.state) or _ROOT
        writer.writerow((school.code, "school", _plain(school.name, school.code), above))
    with context.database.write() as session:
        report = import_units(session, text.getvalue().encode(), filename="units.csv", by=None, at=context.clock())
    for row in report.rows:
        if row.outcome == "refused":
            why = row.reasons[0]
            raise CommandError(f"单位第{row.number}行：{why.zh}", f"units, row {row.number}: {why.en}")
    return districts


def _plain(name: str, code: str) -> str:
    """A name that the import of units takes: printable, no formula, not too long."""
    printable = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return printable.lstrip(_STARTS).strip()[:200] or code


def _publish(context: Context, catalogue: Catalogue) -> tuple[int, str]:
    at, data = context.clock(), workbooks()[FORM]
    with context.database.write() as session:
        root = unit_by_code(session, _ROOT)
        assert root is not None and root.id is not None
        project = publish.open_project(session, unit_id=root.id, name=_ROOT, by=None, at=at)
        assert project.id is not None
        publish.load_reference(session, context, project_id=project.id, content=catalogue, by=None, at=at)
    with context.database.read() as reading:
        upload = publish.check_upload(reading, project_id=project.id, data=data, filename=FORM)
    with context.database.write() as session:
        publish.publish(
            session, context, project_id=project.id, data=data, filename=FORM, upload=upload, by=None, at=at
        )
    definition = upload.checked.definition
    assert definition is not None
    return project.id, definition.form_id


def _import_records(
    context: Context, project_id: int, form_id: str, records: Records, name: str, found: Amounts
) -> None:
    schools = [school for school in records.schools if school.file == name]
    headers = list(dict.fromkeys(header for school in schools for header in school.cells))
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, restval="")
    writer.writeheader()
    writer.writerows(school.cells for school in schools)
    report = import_records(
        context, project_id=project_id, form_id=form_id, data=text.getvalue().encode(), filename=name
    )
    places = {school.code: school.district for school in schools}
    found.refused += [(places.get(row.unit, ""), row.en) for row in report.rows if row.outcome != "created"]


def _sum_up(context: Context, catalogue: Catalogue, codes: Mapping[str, str], last: dt.date, found: Amounts) -> None:
    with context.database.read() as session:
        observations = _observations(session)
        tree = {unit.id: unit for unit in all_units(session)}
    above = {unit.id: unit.parent_id for unit in tree.values() if unit.kind == "school"}
    districts = {unit_id: parent for unit_id, parent in above.items() if parent and tree[parent].kind == "district"}
    units = pl.DataFrame(
        {"unit": list(districts), "district": list(districts.values())}, schema={"unit": pl.Int64, "district": pl.Int64}
    )
    values = indicator_values(
        observations, units, catalogue.indicators, quarter=quarter_of(last), as_of=last, level="district"
    )
    keys = {code: key for key, code in codes.items()}
    wanted = ("unit", "indicator", "numerator", "denominator", "count")
    for unit, indicator, *sums in values.select(wanted).iter_rows():
        found.sums[keys[tree[unit].code], indicator] = (sums[0], sums[1], sums[2])
    found.observations = observations.height


def _observations(session: Any) -> pl.DataFrame:
    """The store's observation table as a frame."""
    schema = {name: _TYPES[kind] for name, kind in COLUMNS.items()}
    parts = [pl.DataFrame(schema=schema)]
    rows = session.connection().execute(select_columns(*(OBSERVATION.c[name] for name in COLUMNS)))
    while some := rows.fetchmany(_AT_ONCE):
        parts.append(pl.DataFrame([tuple(row) for row in some], schema=schema, orient="row"))
    return pl.concat(parts)
