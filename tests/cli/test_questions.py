"""Questions on the terminal."""

from __future__ import annotations

import asyncio
import os

import click
import pytest
from click.testing import CliRunner

from gonogo.cli.questions import confirm, prompt, sudo_password

from .test_byhand import PATIENCE, shown_at, terminal


async def test_what_was_typed_before_a_question_does_not_answer_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody had read that: neither its default is taken nor a yes."""
    async with asyncio.timeout(PATIENCE):
        with terminal(monkeypatch) as keyboard:
            os.write(keyboard, b"\n")
            value = asyncio.create_task(asyncio.to_thread(prompt, "Value", default="usual", err=True))
            await shown_at(keyboard, b"Value [usual]: ")
            os.write(keyboard, b"mine\n")
            assert await value == "mine"
            os.write(keyboard, b"y\n")
            sure = asyncio.create_task(asyncio.to_thread(confirm, "Sure?", err=True))
            await shown_at(keyboard, b"Sure? [y/N]: ")
            os.write(keyboard, b"n\n")
            assert not await sure


@pytest.mark.parametrize(("password", "warned"), [("12345", True), ("123456", False)])
def test_a_password_too_short_to_be_masked_is_told(password: str, warned: bool) -> None:
    """It is taken all the same: nobody can give their account another one just now."""

    @click.command()
    def ask() -> None:
        click.echo(sudo_password() == password)

    done = CliRunner().invoke(ask, input=f"{password}\n")
    assert done.stdout == "True\n"
    assert ("cannot be masked" in done.stderr) is warned
    assert password not in done.output
