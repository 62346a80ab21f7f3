"""Blocks in `openstack` as an executor: each target's script in a thread of its own, one cloud for all.

The target is the cloud that `OS_CLOUD` names among the step's values or in the environment. Where a step
names hosts, its script runs once for each, and `$host` is that host's name.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Protocol, runtime_checkable

from gonogo.errors import ExecutorError, GonogoError
from gonogo.run.ports import Ended, Exit, Job, Sink, Stream, Target, Terminal

from ..command import Command as Talk
from ..each import Each
from .cloud import Cloud, Clouds
from .commands import COMMANDS, WORDS
from .language import Ask, parse
from .output import Cancelled, Control, Out
from .reads import together
from .trouble import told

MISTAKE = 2
UNASKED = 3
"""Exit codes: the block is wrong; the cloud could not be asked. 1 is: what was asked for does not hold."""
_UNDOING = 180.0
"""Seconds that a command may take, once it is to end, to take back what it made."""
_KEEPING = 10.0
"""Seconds that the record has to take what is said before something is made."""
_NO_TERMINAL = "a block in openstack has no terminal"


@runtime_checkable
class Keeper(Protocol):
    """A sink that keeps output in a buffer."""

    def flush(self) -> None:
        """Hand it to the system: what is then killed has said it."""


class OpenStackExecutor:
    """Asks clouds; each is logged in to once and kept until the executor is closed."""

    def __init__(self) -> None:
        self._each = Each()
        self._clouds = Clouds()

    async def run(self, job: Job, sink: Sink) -> None:
        """Run the script for every target."""

        async def one(target: Target) -> Exit:
            values = {**target.values, "host": target.name}
            await sink.starting(target.name)
            return await _Thread(target.name, sink).play(job, values, self._clouds)

        await self._each.run(job, sink, one)

    async def terminal(self, job: Job) -> Terminal:
        """Refuse: there is nothing to type into."""
        raise ExecutorError(_NO_TERMINAL, "Take `interactive` out.")

    def shell(self, target: Target) -> Terminal:
        """Refuse: a cloud has no shell."""
        raise ExecutorError(_NO_TERMINAL, "Use `openstack` in a shell of your own.")

    def cancel(self, host: str) -> None:
        """End what is out for this target."""
        self._each.cancel(host)

    async def close(self) -> None:
        """Close the connections."""
        self._clouds.close()


class _Thread(Talk):
    """A script in a daemon thread: one that hangs in a request never holds the run's process."""

    def __init__(self, host: str, sink: Sink) -> None:
        super().__init__(host, sink)
        self._loop = asyncio.get_running_loop()
        self._control = Control()
        self._code = UNASKED
        self._left = False

    async def play(self, job: Job, values: dict[str, str], clouds: Clouds) -> Exit:
        """Run the script to its end."""
        out = Out(self._say, keep=self._keep)

        def work() -> None:
            try:
                code = _run(job, values, clouds, out, self._control)
            except Cancelled:
                code = UNASKED
            except Exception as error:
                out.trouble(told(error))
                code = MISTAKE if isinstance(error, GonogoError) else UNASKED
            self._on_loop(self._over, code)

        threading.Thread(target=work, name="openstack", daemon=True).start()
        return await self.attend(job, self._end) or Exit(Ended.EXIT, self._code)

    def _say(self, stream: Stream, text: str) -> None:
        self._on_loop(self._heard_of, stream, text.encode("utf-8", "replace"))

    def _heard_of(self, stream: Stream, data: bytes) -> None:
        if not self._left:
            self.hear(stream, data)

    def _keep(self) -> None:
        kept = threading.Event()
        self._on_loop(self._flush, kept)
        if not kept.wait(_KEEPING):
            raise Cancelled

    def _flush(self, kept: threading.Event) -> None:
        if self._left or self._failure is not None:
            return
        try:
            if isinstance(self._sink, Keeper):
                self._sink.flush()
        except Exception as error:
            self.fail(error)
        else:
            kept.set()

    def _on_loop(self, *call: object) -> None:
        # The loop may be gone by the time that a request ends which nobody waits for.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(*call)  # type: ignore[arg-type]

    def _over(self, code: int) -> None:
        self._code = code
        self.fall_silent()
        self.exit()

    async def _end(self) -> bool:
        """Have it end. What only reads is left to itself: it changes nothing, and no more is heard of it."""
        self._control.cancel()
        if not self._control.changing:
            self._left = True
            return True
        await self.over(_UNDOING)
        return self.exited.done()


def _run(job: Job, values: dict[str, str], clouds: Clouds, out: Out, control: Control) -> int:
    asks = parse(job.script, values, WORDS)
    cloud = clouds.of(values, job.connect_timeout)
    out.trouble(f"asking {cloud.shown}")
    out = out.covering(cloud.secrets)
    alone = len(asks) == 1
    for changes, some in groupby(asks, lambda ask: COMMANDS[ask.name].changes):
        group = tuple(some)
        ran = _in_turn(cloud, group, out, control) if changes else _at_once(cloud, group, out, control, alone)
        if worst := max(ran):
            return worst
    return 0


def _in_turn(cloud: Cloud, asks: Sequence[Ask], out: Out, control: Control) -> Iterator[int]:
    """Run commands that change something, one after the other, up to the first that does not do."""
    for ask in asks:
        control.look()
        control.changing = True
        try:
            out.line(f"# {ask.text()}")
            code = _one(cloud, ask, out, control)
        finally:
            control.changing = False
        yield code
        if code:
            return


def _at_once(cloud: Cloud, asks: Sequence[Ask], out: Out, control: Control, alone: bool) -> Iterator[int]:
    """Run commands that only read, several at once; what they say comes in their order."""
    if alone:
        yield _one(cloud, asks[0], out, control)
        return

    def kept(ask: Ask) -> tuple[list[tuple[Stream, str]], int]:
        said: list[tuple[Stream, str]] = []
        own = Out(lambda stream, text: said.append((stream, text)), cloud.secrets)
        return said, _one(cloud, ask, own, control)

    for ask, (said, code) in zip(asks, together(kept, asks, control), strict=True):
        out.line(f"# {ask.text()}")
        out.again(said)
        yield code


def _one(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    control.look()
    try:
        return COMMANDS[ask.name].does(cloud, ask, out, control)
    except Cancelled:
        raise
    except GonogoError as error:
        out.trouble(told(error))
        return MISTAKE
    except Exception as error:
        out.trouble(f"{ask.name}: {told(error)}")
        return UNASKED
