"""How commands speak: one sentence for an error, an exit code, never a traceback. Light: imported for ``--help``."""

from __future__ import annotations

import os
from typing import Any

import typer
from typer.core import TyperGroup


class CommandError(Exception):
    """A command cannot do what it was asked; its sentence in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en

    def message(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh


def language() -> str:
    """What the terminal's reader reads: LIANGPAI_LANGUAGE, else the locale, else Chinese."""
    chosen = os.environ.get("LIANGPAI_LANGUAGE", "")
    if chosen in ("zh", "en"):
        return chosen
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if locale.lower().startswith("en") else "zh"


def say(zh: str, en: str) -> None:
    """A line on standard output in the reader's language."""
    typer.echo(en if language() == "en" else zh)


class OneSentence(TyperGroup):
    """The root of the commands: whatever a command raises that its user can act on becomes one sentence."""

    def invoke(self, ctx: typer.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except Exception as error:
            sentence = sentence_of(error)
            if sentence is None or os.environ.get("LIANGPAI_TRACEBACK"):
                raise
            typer.echo(sentence, err=True)
            raise typer.Exit(1) from None


def sentence_of(error: Exception) -> str | None:
    """The one sentence of an error, None for one that is our own mistake."""
    from pydantic import ValidationError
    from sqlalchemy.exc import SQLAlchemyError

    from server.problems import Problem

    if isinstance(error, Problem | CommandError):
        return error.message(language())
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        name = "LIANGPAI_" + "_".join(str(part) for part in first["loc"]).upper()
        return f"{name}: {first['msg']}"
    if isinstance(error, SQLAlchemyError):
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return f"数据库无法使用：{cause}" if language() == "zh" else f"The database cannot be used: {cause}"
    if isinstance(error, OSError):
        return f"{error.filename or ''}: {error.strerror or error}".removeprefix(": ")
    return None
