"""The command line: reads well, says what is wrong in one sentence, and ends with the right code."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from server.cli import app

UNITS = """code,kind,name,parent,stage
33,city,甲市,,
3301,district,乙区,33,
330101,town,丙镇,3301,
S1,school,丁小学,330101,2
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIANGPAI_DIRECTORY", str(tmp_path / "district"))
    monkeypatch.setenv("LIANGPAI_LANGUAGE", "en")
    monkeypatch.delenv("LIANGPAI_DATABASE_URL", raising=False)
    return tmp_path


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def units(folder: Path, text: str = UNITS) -> str:
    path = folder / "units.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def names(command: object, prefix: str = "") -> list[str]:
    found = []
    for name, child in getattr(command, "commands", {}).items():
        found += names(child, f"{prefix}{name} ") if hasattr(child, "commands") else [f"{prefix}{name}"]
    return found


ALL = names(get_command(app))


def test_help_comes_at_once() -> None:
    began = time.perf_counter()
    answer = subprocess.run([sys.executable, "-m", "server.cli", "--help"], capture_output=True, text=True, check=True)
    assert "Commands:" in answer.stdout
    modules = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import server.cli"], capture_output=True, text=True, check=True
    ).stderr
    for heavy in ("sqlalchemy", "fastapi", "pydantic", "polars", "pyxform"):
        assert f" {heavy}\n" not in modules, f"--help must not import {heavy}"
    assert time.perf_counter() - began < 10


OWN_HELP = ("bench ingest", "bench score", "bench demo", "bench ledgers", "bench collector")


@pytest.mark.parametrize("command", [name for name in ALL if name not in OWN_HELP])
def test_every_command_explains_itself(command: str) -> None:
    text = run(*command.split(), "--help").output
    assert "Usage:" in text and len(text.splitlines()) > 5


def test_a_folder_without_a_district_is_refused_in_one_sentence(folder: Path) -> None:
    for command in (["user", "list"], ["score"], ["scorecards", "show"], ["jobs", "run", "--once"]):
        output = run(*command, code=1).output
        assert output.count("\n") == 1 and "There is no district" in output
    assert not (folder / "district").exists()


def test_wrong_arguments_end_with_2(folder: Path) -> None:
    run("nonsense", code=2)
    run("demo", "--schools", "0", code=2)
    run("import", "records", "x.csv", code=2)


def test_a_wrong_setting_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGPAI_GROUP_COMMIT", "many")
    assert "LIANGPAI_GROUP_COMMIT" in run("user", "list", code=1).output


def test_an_unreachable_database_is_one_sentence(folder: Path) -> None:
    output = run("user", "list", "--database", "postgresql://nobody@127.0.0.1:1/none", code=1).output
    assert "The database cannot be used" in output and "Traceback" not in output


def test_units_people_and_forms_from_nothing_to_a_light(folder: Path) -> None:
    assert "4 created" in run("import", "units", units(folder)).output
    assert "4 unchanged" in run("import", "units", units(folder)).output
    run("user", "add", "boss", "--role", "office", "--unit", "3301", "--password", "long enough")
    assert "boss\tboss\toffice\t3301 乙区" in run("user", "list").output
    run("user", "grant", "boss", "leading", "3301")
    run("user", "grant", "boss", "office", "3301", "--revoke")
    assert "leading" in run("user", "list").output and "office" not in run("user", "list").output
    run("user", "password", "boss", "--password", "another one")
    assert "There is no project here yet" in run("forms", "publish", "f01", code=1).output
    run("forms", "publish", "f01", "--project", "3301", "--catalogue", "shipped", "--rulebook", "shipped")
    assert "published as version" in run("forms", "publish", "f01").output
    assert "cards" in run("score", "2026Q3").output
    assert "1" in run("scorecards", "show", "2026Q3").output
    assert "is not a quarter" in run("score", "2026Q7", code=1).output
    doctor = run("doctor").output
    assert "✘" not in doctor and "catalogue" in doctor


def test_a_refused_row_is_told_and_nothing_is_written(folder: Path) -> None:
    output = run("import", "units", units(folder, UNITS + "S2,school,戊小学,99,2\n"), code=1).output
    assert "6: S2 戊小学 refused The parent 99 does not exist" in output and "nothing was written" in output
    report = orjson.loads(run("import", "units", units(folder), "--json").output)
    assert [row["outcome"] for row in report["rows"]] == ["created"] * 4


def test_doctor_says_what_is_wrong(folder: Path) -> None:
    assert "no district" in run("doctor", code=1).output
    run("import", "units", units(folder))
    assert "a project lacks its catalogue" in run("doctor", code=1).output


def test_doctor_finds_a_lost_and_a_damaged_blob(folder: Path) -> None:
    run("import", "units", units(folder))
    run("forms", "publish", "f01", "--project", "3301", "--catalogue", "shipped", "--rulebook", "shipped")
    blobs = sorted((folder / "district" / "blobs").glob("[0-9a-f][0-9a-f]/*"))
    blobs[0].write_bytes(b"damaged")
    blobs[1].unlink()
    assert "1 missing, 1 damaged" in run("doctor", code=1).output


def test_forms_check_names_sheet_and_row(folder: Path) -> None:
    bad = folder / "bad.md"
    bad.write_text(
        "## survey\n\n| type | name | label |\n| --- | --- | --- |\n| nonsense | a | A |\n", encoding="utf-8"
    )
    output = run("forms", "check", str(bad), code=1).output
    assert "survey!2" in output and "error" in output
    assert orjson.loads(run("forms", "check", str(bad), "--json", code=1).output)["bad.md"][0]["sheet"]
    assert "nothing wrong" in run("forms", "check", "f01").output
    assert "There is no file" in run("forms", "check", str(folder / "none.xlsx"), code=1).output


def test_forms_expand_shows_header_and_companions(folder: Path) -> None:
    assert "hd_a11" in run("forms", "expand", "f01", "-").output
    target = folder / "f01.xlsx"
    run("forms", "expand", "f01", str(target))
    assert target.read_bytes().startswith(b"PK")


def test_every_command_is_in_the_manual() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "commands.md").read_text(encoding="utf-8")
    assert [name for name in ALL if f"`liangpai {name}" not in manual] == []
