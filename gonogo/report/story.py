"""A run told in plain lines, record by record: for terminals without a screen, and for replay."""

from __future__ import annotations

from collections.abc import Callable

from gonogo.hosts import fold
from gonogo.run.plan import LOCALHOST
from gonogo.run.state import BAD, At, HostRun, HostState, Phase, Record, RunState
from gonogo.text import clean, clean_line

SHOWN_LINES = 6
"""Lines of a group's output that are told; all of it is in the run's output files."""
SHOWN_GROUPS = 6


class Story:
    """Feed it every record right after it was folded into the state."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._tell: dict[str, Callable[[Record], list[str]]] = {
            "run.start": self._run_start,
            "run.resume": lambda record: [f"-- {clean_line(record['by'])} goes on with this run"],
            "run.pause": lambda record: [f"-- paused: {clean_line(record['why'])}"],
            "run.end": self._run_end,
            "gate.ask": self._gate_ask,
            "gate.answer": self._gate_answer,
            "step.plan": self._step_plan,
            "step.settle": lambda record: [f"   {record['answer']}: {clean_line(record['reason'])}"],
            "round.end": self._round_end,
            "step.end": self._step_end,
            "host.unknown": self._unknown,
            "note": lambda record: [f"   note by {clean_line(record['by'])}: {clean_line(record['text'])}"],
            "operator": lambda record: [
                f"-- {clean_line(record['by'])} drives now, after {clean_line(record['was'])}"
            ],
            "outage.begin": lambda record: [f"   outage of {clean_line(record['service'])} begins"],
            "outage.end": self._outage_end,
            "gap": lambda record: [
                f"   {record['bytes']} bytes of {clean_line(record['host'])} are not kept"
            ],
            "recovered": lambda record: [f"-- recovered: {record['bytes']} bytes of a torn last line"],
            "clock.jump": lambda record: [f"-- the wall clock jumped by {record['wall_ms'] / 1000:.1f} s"],
        }

    def feed(self, record: Record) -> list[str]:
        """Return the lines that a record adds to the story, without line ends."""
        tell = self._tell.get(record["k"])
        if tell is None:
            return []
        lines = tell(record)
        clock = str(record["t"])[11:19]
        return [f"{clock}  {line}" if at == 0 else f"          {line}" for at, line in enumerate(lines)]

    def _name(self, turn_index: int) -> str:
        turn = self._state.plan.turns[turn_index]
        planned = self._state.plan.step_of(turn)
        batch = f", batch {turn.batch + 1}/{turn.batches}" if turn.batches > 1 else ""
        number = f"[{turn.step + 1}/{len(self._state.plan.steps)}]"
        return f"{number} {clean_line(planned.step.title)}{batch}"

    def _run_start(self, record: Record) -> list[str]:
        plan = self._state.plan
        hosts = sum(name != LOCALHOST for name in plan.hosts)
        first = f"== {clean_line(plan.title)}: {len(plan.steps)} steps, {hosts} hosts"
        return [first, f"   by {clean_line(record['by'])}, run {clean_line(record['run'])}"]

    def _run_end(self, record: Record) -> list[str]:
        words = {"go": "GO: all steps are done", "no-go": "NO-GO", "aborted": "ABORTED"}
        return [f"== {words.get(record['result'], clean_line(str(record['result'])))}"]

    def _gate_ask(self, record: Record) -> list[str]:
        lines = [f"{self._name(record['turn'])}"]
        evidence = record.get("evidence", {})
        if counts := evidence.get("counts"):
            said = ", ".join(f"{number} {clean_line(state)}" for state, number in counts.items())
            lines.append(f"   so far: {said}")
        mark = "?" if record["at"] != At.WAIT else ""
        lines.append(f"   {record['at'].upper()}{mark} {clean_line(record['question'])}")
        return lines

    def _gate_answer(self, record: Record) -> list[str]:
        reason = f" ({clean_line(record['reason'])})" if record.get("reason") else ""
        return [f"   -> {record['answer'].upper()} by {clean_line(record['by'])}{reason}"]

    def _step_plan(self, record: Record) -> list[str]:
        turn = self._state.turns[record["turn"]]
        what = "" if record["phase"] == Phase.RUN else f" {record['phase']}"
        again = f", attempt {turn.attempt}" if turn.attempt > 1 and not what else ""
        return [f"{self._name(record['turn'])}:{what} on {self._where(list(turn.hosts), record)}{again}"]

    def _where(self, names: list[str], record: Record) -> str:
        if names == [LOCALHOST]:
            return "this machine"
        if record["hosts"] == len(names):
            return f"{len(names)} hosts, {clean_line(fold(names))}"
        return f"{record['hosts']} of {len(names)} hosts"

    def _round_end(self, record: Record) -> list[str]:
        turn = self._state.turns[record["turn"]]
        mine = {name: host for name, host in turn.hosts.items() if host.attempt == turn.attempt}
        lines = [f"   {counted(mine)}"]
        lines += [f"   {line}" for line in failures(mine)]
        if turn.phase is Phase.RUN:
            lines += [f"   {line}" for line in grouped(mine)]
        return lines

    def _step_end(self, record: Record) -> list[str]:
        if record["result"] == "ok":
            return []
        return [f"   ends {record['result']}"]

    def _unknown(self, record: Record) -> list[str]:
        return [f"   unknown: {clean_line(fold(record['hosts']))}: {clean_line(record['why'])}"]

    def _outage_end(self, record: Record) -> list[str]:
        begin, end = self._state.outages[record["service"]]
        return [f"   outage of {clean_line(record['service'])} ends after {span((end or begin) - begin)}"]


def counted(hosts: dict[str, HostRun]) -> str:
    """Return `38 ok, 2 failed` for hosts."""
    counts: dict[HostState, int] = {}
    for host in hosts.values():
        counts[host.state] = counts.get(host.state, 0) + 1
    return ", ".join(f"{number} {state}" for state, number in counts.items()) or "nothing ran"


def failures(hosts: dict[str, HostRun]) -> list[str]:
    """Return a line for each reason that hosts failed for, with the hosts folded."""
    why: dict[tuple[str, str], list[str]] = {}
    for name, host in hosts.items():
        if host.state in BAD:
            why.setdefault((host.state.value, host.why), []).append(name)
    return [
        f"{state}: {clean_line(fold(names))}: {clean_line(reason)}" for (state, reason), names in why.items()
    ]


def grouped(hosts: dict[str, HostRun]) -> list[str]:
    """Return identical outputs once each, the most common first, with the hosts folded."""
    groups: dict[str, list[str]] = {}
    for name, host in hosts.items():
        if host.excerpt:
            groups.setdefault(host.output, []).append(name)
    ordered = sorted(groups.values(), key=len, reverse=True)
    lines: list[str] = []
    for names in ordered[:SHOWN_GROUPS]:
        text = clean(hosts[names[0]].excerpt).splitlines()
        if names != [LOCALHOST]:
            lines.append(f"{clean_line(fold(names))} ({len(names)}):")
        lines += [f"  | {line}" for line in text[:SHOWN_LINES]]
        if len(text) > SHOWN_LINES:
            lines.append(f"  | … {len(text) - SHOWN_LINES} more lines")
    if len(ordered) > SHOWN_GROUPS:
        lines.append(f"… {len(ordered) - SHOWN_GROUPS} more different outputs")
    return lines


def span(nanoseconds: int) -> str:
    """Return a duration for a person: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 04 min`."""
    seconds = nanoseconds / 1e9
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"
    return f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60:02d} min"
