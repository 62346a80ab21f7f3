"""Questions on the terminal."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from gonogo.cli.questions import sudo_password


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
