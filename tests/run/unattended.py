"""What executors that tests play with have in common."""

from __future__ import annotations

from gonogo.errors import ExecutorError
from gonogo.run.ports import Job, Target, Terminal


class Unattended:
    """All of an executor besides `run`: it has no terminal, and nothing to end or to close."""

    async def terminal(self, job: Job) -> Terminal:
        """Nothing here has a terminal."""
        raise ExecutorError("there is none")

    def shell(self, target: Target) -> Terminal:
        """Nor a shell."""
        raise ExecutorError("there is none")

    def cancel(self, host: str) -> None:
        """Nothing is cancelled alone: all is over at once."""

    async def close(self) -> None:
        """Nothing is kept open."""
