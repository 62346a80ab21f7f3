"""Which hosts can be logged in to, asked before anything runs on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from gonogo.format.model import SPOKEN
from gonogo.hosts.here import LOCALHOST

from .hands import Hands
from .plan import Plan, PlannedStep
from .ports import Ended, Executor, Exit, Held, Job, Stream, Target
from .rundata import RunData
from .split import Split

OPEN = "it can be reached"


class Door:
    """A sink that lets nothing start: whoever gets as far as asking has logged in."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        """Host -> why it can't be reached; empty for those that can."""
        self._fresh: dict[str, list[str]] = {}

    async def starting(self, host: str) -> None:
        """Refuse."""
        raise Held(OPEN)

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """There is none."""

    def exited(self, host: str, end: Exit) -> None:
        """Remember how it went; of a host that nobody waited for nothing is known."""
        if end.how is not Ended.CANCELLED:
            self._find(host, "" if end.how is Ended.HELD else end.reason or end.how.value)

    def abandon(self, hosts: Iterable[str], why: str) -> None:
        """Say why the hosts that were not heard of will not be."""
        for host in hosts:
            if host not in self.found:
                self._find(host, why)

    def take(self) -> list[tuple[str, list[str]]]:
        """Return what was found since the last call: each reason ("": none) with its hosts."""
        fresh, self._fresh = self._fresh, {}
        return list(fresh.items())

    def _find(self, host: str, why: str) -> None:
        self.found[host] = why
        self._fresh.setdefault(why, []).append(host)


async def reach(executor_for: Callable[[str], Executor], targets: Sequence[Target]) -> dict[str, str]:
    """Log in to every host at once; return why each can't be reached, "" for those that can.

    No command is sent anywhere. A host of the connection `local` is always there.
    """
    hands, door = Hands(executor_for), Door()
    try:
        await Split(hands.named).run(Job(tuple(targets), ""), door)
    finally:
        await hands.close()
    return {target.name: door.found.get(target.name, "nothing was heard of it") for target in targets}


def to_reach(plan: Plan, state: RunData | None = None) -> tuple[str, ...]:
    """Return the hosts that the steps to come log in to, by SSH or here, in the plan's order."""
    names = {name for one in _to_come(plan, state) if _logs_in(one) for name in one.hosts}
    return tuple(name for name in plan.hosts if name in names and not (state and name in state.left_out))


def at_work(plan: Plan, state: RunData, without: Collection[str]) -> bool:
    """Tell whether a step to come has a host left when these are left out, or needs none."""
    return any(
        not one.hosts or LOCALHOST in one.hosts or set(one.hosts).difference(without, state.left_out)
        for one in _to_come(plan, state)
    )


def _to_come(plan: Plan, state: RunData | None) -> list[PlannedStep]:
    open_turns = [turn for turn in plan.turns if state is None or state.turns[turn.index].result is None]
    return [plan.steps[number] for number in dict.fromkeys(turn.step for turn in open_turns)]


def _logs_in(planned: PlannedStep) -> bool:
    step = planned.step
    spoken = step.script is not None and step.script.language in SPOKEN
    return bool(step.options.hosts) and not step.options.via and not spoken


def by_reason(found: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Return the hosts that can't be reached, those with like reasons together, most first.

    What follows a colon in a reason tells of one host (a fingerprint); the first host's is shown for all.
    """
    groups: dict[str, tuple[str, list[str]]] = {}
    for host, why in found.items():
        if why:
            groups.setdefault(why.partition(":")[0], (why, []))[1].append(host)
    return sorted(groups.values(), key=lambda group: -len(group[1]))
