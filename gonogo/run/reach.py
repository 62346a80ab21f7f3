"""Which hosts can be logged in to, asked before anything runs on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .ports import Ended, Executor, Exit, Held, Job, Stream, Target
from .split import Split

OPEN = "it can be reached"


@dataclass(slots=True)
class _Door:
    """A sink that lets nothing start: whoever gets as far as asking has logged in."""

    ends: dict[str, Exit] = field(default_factory=dict)

    async def starting(self, host: str) -> None:
        """Refuse."""
        raise Held(OPEN)

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """There is none."""

    def exited(self, host: str, end: Exit) -> None:
        """Remember how it went."""
        self.ends[host] = end


async def reach(executor_for: Callable[[str], Executor], targets: Sequence[Target]) -> dict[str, str]:
    """Log in to every host at once; return why each can't be reached, "" for those that can.

    No command is sent anywhere. A host of the connection `local` is always there.
    """
    made: dict[str, Executor] = {}

    def named(name: str) -> Executor:
        if name not in made:
            made[name] = executor_for(name)
        return made[name]

    door = _Door()
    try:
        await Split(named).run(Job(tuple(targets), ""), door)
    finally:
        for executor in made.values():
            await executor.close()
    return {
        target.name: "" if door.ends[target.name].how is Ended.HELD else door.ends[target.name].reason
        for target in targets
    }


def by_reason(found: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Return the hosts that can't be reached, those with like reasons together, most first.

    What follows a colon in a reason tells of one host (a fingerprint); the first host's is shown for all.
    """
    groups: dict[str, tuple[str, list[str]]] = {}
    for host, why in found.items():
        if why:
            groups.setdefault(why.partition(":")[0], (why, []))[1].append(host)
    return sorted(groups.values(), key=lambda group: -len(group[1]))
