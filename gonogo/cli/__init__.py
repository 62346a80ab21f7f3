"""The command line: the only place that wires the rooms together. Commands load when they are used."""

from __future__ import annotations

import gc
import importlib
import os
import sys

import click

from gonogo import __version__
from gonogo.defect import defect
from gonogo.errors import GonogoError, UsageError
from gonogo.near import meant
from gonogo.text import clean_line

from .unheard import open_missing

_COMMANDS = {
    "demo": "Step through a shipped runbook on an embedded fleet.",
    "run": "Start a run of a runbook.",
    "exec": "Run one command on many hosts, without a runbook.",
    "attach": "Come back to a run that goes on without a screen.",
    "watch": "Look on at a run without driving it.",
    "resume": "Go on with a run whose process is gone.",
    "reload": "Have a waiting run go on with its edited runbook.",
    "runs": "List runs.",
    "replay": "Tell a past run again, step by step.",
    "report": "Tell a run as a document: a page, a post-mortem's draft, data.",
    "compare": "Put two runs side by side, step by step.",
    "verify": "Check a run's record: its chain, seals, approvals, files and output.",
    "approve": "Approve the step that a run waits for, as a second person.",
    "shell": "Open a shell on a host of a run; it is recorded.",
    "note": "Write a note into a run from another terminal.",
    "new": "Write a new runbook, with an inventory example.",
    "check": "Find every mistake in a runbook before anything runs.",
    "show": "Print what a runbook would do, and where.",
    "schema": "Print the JSON Schema of a runbook in YAML, for editors.",
    "hosts": "Resolve a host pattern and print the hosts.",
    "lab": "Run a simulated fleet on loopback for rehearsals.",
}


class _Lazy(click.Group):
    """Loads a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, in the order of a day's work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; None when there is no such one."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"gonogo.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first word names; say which one may have been meant."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            mend = meant(args[0], _COMMANDS, "`gonogo --help` lists them.")
            raise UsageError(f"there is no command {clean_line(args[0])!r}", mend)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gonogo")
@click.pass_context
def app(ctx: click.Context) -> None:
    """Step through a production change from a runbook, with a go/no-go before every step.

    Exit codes: 0 all go; 1 ended no-go, aborted or failed; 2 usage, or an invalid runbook;
    3 waiting for a person; 4 the trail could not be written or does not verify; 70 a defect of gonogo's own;
    130 interrupted.
    """
    if ctx.invoked_subcommand is None:
        from .front import is_terminal

        if is_terminal():
            from .home import home

            sys.exit(home())
        from .waiting import lines

        for line in lines():
            click.echo(line)
        click.echo(ctx.get_help())


def main() -> None:
    """Run the command line; turn our errors into a clear message and their exit code."""
    open_missing()
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except GonogoError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away: nothing more can be said.
        sys.stderr.close()
        sys.exit(141)
    except Exception as error:
        if os.environ.get("GONOGO_DEBUG"):
            raise
        click.echo(f"error: {defect(error)}", err=True)
        sys.exit(70)
    finally:
        # Python looks through all that was loaded before it ends: a tenth of the time of `gonogo check`.
        gc.freeze()
