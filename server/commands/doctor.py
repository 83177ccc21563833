"""liangpai doctor: is this installation sound? One line a thing, with what to do where it is not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfoNotFoundError

import typer

from server.commands.console import language
from server.commands.options import settings_of
from server.services.context import Context, open_context
from server.settings import Settings

ENOUGH_DISK = 2 * 2**30
SAMPLE_OF_BLOBS = 200


class Line(NamedTuple):
    """One thing: sound or not (None: sound, but worth knowing), in Chinese and English."""

    sound: bool | None
    zh: str
    en: str


def run(directory: str | None, database: str | None) -> None:
    """Print a line for each thing; ends with 1 if one is not sound."""
    settings = settings_of(directory, database)
    marks = {True: "✔", None: "·", False: "✘"}
    sound = True
    for line in lines(settings):
        sound &= line.sound is not False
        typer.echo(f"{marks[line.sound]} {line.en if language() == 'en' else line.zh}")
    if not sound:
        raise typer.Exit(1)


def lines(settings: Settings) -> Iterator[Line]:
    """Everything that is looked at, in order."""
    yield _python()
    yield _zone(settings)
    yield _font()
    yield _disk(settings)
    if not settings.database_url and not (settings.directory / "liangpai.sqlite3").exists():
        yield Line(
            False,
            f"数据库：{settings.directory}里还没有地区数据，请运行 liangpai demo 或 serve",
            f"store: no district in {settings.directory} yet; run liangpai demo or serve",
        )
        return
    context = open_context(settings)
    try:
        for check in (_store, _blobs, _catalogue):
            line = _guarded(check, context)
            yield line
            if check is _store and line.sound is False:
                return
    finally:
        context.database.close()


def _guarded(check: Callable[[Context], Line], context: Context) -> Line:
    try:
        return check(context)
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        name = check.__name__.removeprefix("_")
        return Line(False, f"{name}:{reason}", f"{name}: {reason}")


def _python() -> Line:
    version = ".".join(map(str, sys.version_info[:3]))
    return Line(sys.version_info >= (3, 11), f"Python {version}", f"Python {version}")


def _zone(settings: Settings) -> Line:
    try:
        return Line(True, f"时区：{settings.zone.key}", f"time zone: {settings.zone.key}")
    except (ZoneInfoNotFoundError, ValueError):
        return Line(
            False,
            f"时区：系统不认识{settings.timezone}，请安装 tzdata",
            f"time zone: {settings.timezone} is unknown here; install tzdata",
        )


def _font() -> Line:
    try:
        from scorecards.fonts import font_path

        path = font_path()
    except (ImportError, OSError) as error:
        return Line(False, f"中文字体：{error}", f"Chinese font: {error}")
    return Line(path.is_file(), f"中文字体：{path.name}", f"Chinese font: {path.name}")


def _disk(settings: Settings) -> Line:
    folder = settings.directory.resolve()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / 2**30:.1f} GB"
    return Line(True if free >= ENOUGH_DISK else None, f"磁盘：{folder}余{text}", f"disk: {text} free at {folder}")


def _store(context: Context) -> Line:
    from server.store import migrate

    kind = context.database.engine.dialect.name
    revision, newest = migrate.revision_of(context.database), migrate.newest_revision()
    if revision != newest:
        return Line(
            False,
            f"数据库：{kind}的结构是{revision or '空'}，应为{newest}，请运行 liangpai serve",
            f"store: {kind} is at migration {revision or 'none'}, not {newest}; run liangpai serve",
        )
    return Line(True, f"数据库：{kind}，结构{revision}", f"store: {kind} at migration {revision}")


def _blobs(context: Context) -> Line:
    """Writable, every attachment that the store names is there, and a sample still has its SHA-256."""
    import hashlib

    from server.store.files import named_digests

    probe = context.blobs.put(b"liangpai doctor")
    kept = context.blobs.get(probe) == b"liangpai doctor"
    context.blobs.path(probe).unlink()
    with context.database.read() as session:
        named = named_digests(session)
    there = set(context.blobs.digests())
    missing = sorted(named - there)
    sample = sorted(named & there)[:SAMPLE_OF_BLOBS]
    broken = [name for name in sample if hashlib.sha256(context.blobs.get(name)).hexdigest() != name]
    if missing or broken or not kept:
        return Line(
            False,
            f"附件：缺{len(missing)}个，损坏{len(broken)}个，请从备份恢复{context.blobs.folder}",
            f"blobs: {len(missing)} missing, {len(broken)} damaged; restore {context.blobs.folder} from the backup",
        )
    return Line(True, f"附件：{len(named)}个，齐全", f"blobs: {len(named)}, all there")


def _catalogue(context: Context) -> Line:
    from server.store import forms

    with context.database.read() as session:
        projects = forms.all_projects(session)
        loaded = [
            row
            for project in projects
            for kind in ("catalogue", "rulebook")
            if (row := forms.current_reference(session, project.id or 0, kind)) is not None
        ]
        text = ", ".join(sorted({f"{row.kind} {row.version}" for row in loaded}))
    if not projects or len(loaded) < 2 * len(projects):
        return Line(
            False,
            "指标目录：有项目还没有指标目录或规则簿，请用 liangpai forms publish --catalogue --rulebook 载入",
            "catalogue: a project lacks its catalogue or rulebook; liangpai forms publish --catalogue --rulebook",
        )
    return Line(True, f"指标目录：{text}", f"catalogue: {text}")
