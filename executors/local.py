"""Commands on the operator's own machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from msgspec.structs import replace

from gonogo.run.ports import Ended, Exit, Job, Sink, Target, Terminal
from gonogo.text import clean_line

from .descriptors import commands
from .each import Each
from .process import Process
from .script import FILE, command_line, standard_input, terminal_script, terminal_words


class LocalExecutor:
    """Runs each script in a session of its own, so that ending it ends all its processes."""

    def __init__(self) -> None:
        self._each = Each()

    async def run(self, job: Job, sink: Sink) -> None:
        """Run the script on every target, one process each: all would be too much for this machine."""
        job = replace(job, parallel=commands(job.parallel))
        command = command_line(job)
        inputs = {target.name: standard_input(job, target.values) for target in job.targets}

        async def one(target: Target) -> Exit:
            await sink.starting(target.name)
            return await _play(target.name, command, inputs[target.name], job, sink)

        await self._each.run(job, sink, one)

    async def terminal(self, job: Job) -> Terminal:
        """Keep the script in a file that only we can read, and that removes itself."""
        (target,) = job.targets
        script = terminal_script(job, target.values)
        with tempfile.NamedTemporaryFile(
            "w", prefix=f"{FILE}.", encoding="utf-8", errors="surrogateescape", newline="", delete=False
        ) as file:
            file.write(script)

        async def drop() -> None:
            Path(file.name).unlink(missing_ok=True)

        return Terminal(terminal_words(job, file.name), drop=drop)

    def shell(self, target: Target) -> Terminal:
        """Return the operator's own shell."""
        return Terminal((os.environ.get("SHELL") or "sh", "-i"))

    def cancel(self, host: str) -> None:
        """End what is out on this host."""
        self._each.cancel(host)

    async def close(self) -> None:
        """Nothing is kept open."""


async def _play(host: str, command: str, script: bytes, job: Job, sink: Sink) -> Exit:
    try:
        process = Process(host, sink, command)
    except OSError as error:
        why = clean_line(error.strerror or str(error))
        return Exit(Ended.UNREACHABLE, reason=f"no process can be started: {why}")
    try:
        process.write(script)
        return await process.attend(job, process.finish) or process.end()
    finally:
        process.close()
