"""Starting a run's process and waiting until screens can connect."""

from __future__ import annotations

import contextlib
import getpass
import json
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

from gonogo.errors import GonogoError, RunError, TrailError


def who() -> str:
    """Return the operator as `user@host`."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


class Launch:
    """A run's process to be. It starts at once and gets ready while the plan is made; `order` sets it off.

    Use it as a context: whoever leaves without an order ends the process. The order goes through a pipe, so
    that no secret is in an argument list or the environment. `ssh`: it will most likely reach hosts that way.
    """

    def __init__(self, *, ssh: bool = False) -> None:
        self._ordered = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gonogo.conduct", *(["--ssh"] if ssh else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let go: a process that has no order reads the end of its input and leaves."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        if not self._ordered:
            self._process.wait()
        self._errors.close()

    def order(self, run: Path, order: dict[str, Any]) -> None:
        """Have the run driven; return when it can be connected to. Raise what the process says went wrong."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RunError("the run's process has no pipes")
        self._ordered = True
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({"run": str(run), **order}).encode())
            self._process.stdin.close()
        said = self._process.stdout.readline()
        if said == b"ready\n":
            return
        self._process.wait()
        try:
            problem = json.loads(said)
        except ValueError:
            self._errors.seek(0)
            tail = self._errors.read().decode("utf-8", "replace")[-2000:]
            raise RunError(f"the run's process died at its start:\n{tail}") from None
        kind: type[GonogoError] = TrailError if problem["exit"] == TrailError.exit_code else RunError
        raise kind(problem["what"], problem["mend"])
