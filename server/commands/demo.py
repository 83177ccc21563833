"""liangpai demo: build the demo district once, say who can sign in, and serve it."""

from __future__ import annotations

import time

import typer

from server.commands.console import CommandError, language, say
from server.commands.options import settings_of


def run(directory: str | None, *, schools: int, quarters: int, serve: bool, host: str, port: int, seed: int) -> None:
    """Build (or find) the district and serve it."""
    from server.commands.serve import check_port, serve_with_uvicorn
    from server.demo.build import is_built, logins_of
    from server.demo.cast import PASSWORD

    settings = settings_of(directory)
    if serve:
        check_port(host, port)
    if is_built(settings):
        logins = logins_of(settings)
        say(f"使用已有的演示地区：{settings.directory}", f"Using the demo district that is there: {settings.directory}")
        if serve:
            _bring_up_to_date()
    else:
        logins = _build(schools=schools, quarters=quarters, seed=seed)
    width = max(len(login) for login, _zh, _en in logins)
    say(f"登录（密码都是 {PASSWORD}）：", f"Sign in (the password is always {PASSWORD}):")
    for login, zh, en in logins:
        typer.echo(f"  {login:<{width}}  {zh} / {en}")
    if not serve:
        return
    typer.echo(f"http://{host}:{port}/")
    serve_with_uvicorn(host, port)


def _bring_up_to_date() -> None:
    from server.commands.options import context_of

    context_of(None).database.close()


def _build(*, schools: int, quarters: int, seed: int) -> list[tuple[str, str, str]]:
    from server.demo.build import Builder
    from server.services.context import utc_now

    settings = settings_of(None)
    if settings.database_url:
        raise CommandError(
            "演示地区建在自己的文件夹里，请不要设置 LIANGPAI_DATABASE_URL。",
            "The demo builds in a folder of its own; unset LIANGPAI_DATABASE_URL.",
        )
    if (settings.directory / "liangpai.sqlite3").exists():
        raise CommandError(
            f"{settings.directory}里已有别的数据或未建完的演示地区，请用 --dir 换一个文件夹或先删除它。",
            f"{settings.directory} holds other data or an unfinished demo; choose another --dir or delete it first.",
        )
    began = time.perf_counter()
    say(
        f"正在建立演示地区：{schools}所学校，{quarters}个季度（要一两分钟）……",
        f"Building the demo district: {schools} schools, {quarters} quarters (a minute or two) ...",
    )
    builder = Builder(settings, schools=schools, quarters=quarters, seed=seed, now=utc_now(), say=say)
    built = builder.build()
    took = time.perf_counter() - began
    say(
        f"完成：{built.submissions}份提交、{built.photos}张照片，共{took:.0f}秒。",
        f"Done: {built.submissions} submissions with {built.photos} photos in {took:.0f} s.",
    )
    words = {"green": "绿", "yellow": "黄", "red": "红", "grey": "灰"}
    for quarter, lights in built.lights.items():
        zh = " ".join(f"{words[word]}{lights.get(word, 0)}" for word in words)
        en = ", ".join(f"{lights.get(word, 0)} {word}" for word in words)
        say(f"  {quarter} 学校：{zh}", f"  {quarter} schools: {en}")
    if language() == "en":
        typer.echo("Places are real, everything else is invented.")
    else:
        typer.echo("地名是真的，其余全是虚构。")
    return built.logins
