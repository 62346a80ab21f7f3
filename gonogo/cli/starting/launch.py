"""Starting a run's process and waiting until screens can connect."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any, Self

from gonogo.conduct import begin
from gonogo.errors import GonogoError, RunError, TrailError


def who() -> str:
    """Return the operator as `user@host`."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


class Launch:
    """A run's process to be. It starts at once and gets ready while the plan is made; `order` sets it off.

    Use it as a context: whoever leaves without an order ends the process. The order goes through a socket, so
    that no secret is in an argument list or the environment. `ssh`: it will most likely reach hosts that way.
    """

    def __init__(self, *, ssh: bool = False) -> None:
        self._ordered = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._talk, theirs = socket.socketpair()
        try:
            with theirs:
                self.pid = begin(theirs, self._errors.fileno(), ssh=ssh)
        except OSError as error:
            raise RunError(
                f"there can be no further process: {error.strerror}", "`ulimit -u` tells how many."
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let go: a process that has no order reads the end of its input and leaves."""
        self._talk.close()
        if not self._ordered:
            os.waitpid(self.pid, 0)
        self._errors.close()

    def order(self, run: Path, order: dict[str, Any]) -> None:
        """Have the run driven; return when it can be connected to. Raise what the process says went wrong."""
        self._ordered = True
        said = b""
        with contextlib.suppress(ConnectionError), self._talk.makefile("rb") as file:
            self._talk.sendall(json.dumps({"run": str(run), **order}).encode())
            self._talk.shutdown(socket.SHUT_WR)
            said = file.readline()
        if said == b"ready\n":
            return
        os.waitpid(self.pid, 0)
        try:
            problem = json.loads(said)
        except ValueError:
            self._errors.seek(0)
            tail = self._errors.read().decode("utf-8", "replace")[-2000:]
            raise RunError(f"the run's process died at its start:\n{tail}") from None
        kind: type[GonogoError] = TrailError if problem["exit"] == TrailError.exit_code else RunError
        raise kind(problem["what"], problem["mend"])
