"""A run told in plain lines, record by record: for terminals without a screen, and for replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gonogo.errors import TrailError
from gonogo.hosts.here import LOCALHOST
from gonogo.provenance.beginning import before_the_run
from gonogo.run.state import WHOLE, At, HostRun, Phase, Record, RunState
from gonogo.text import clean, clean_line, many

from .gates import evidence_lines
from .lookouts import baseline_text, begin_text, change_text, latest_text, planned_lines, result_lines
from .outputs import (
    SHOWN_CHANGES,
    counted,
    failures,
    first_cut,
    first_lines,
    folded,
    grouped,
    hosts_of,
    span,
    unkept,
)
from .times import clock_of, day_and_time

__all__ = ["SILENT", "Story", "span"]

SILENT = frozenset({"host.start", "host.exit", "test.start", "test.exit", "monitor.sample"})
"""Kinds that add no line of their own: `round.end` tells all hosts of a step together, `test.result` those
of a test; of a monitor only what crosses its limits is told."""


class Story:
    """Feed it every record right after it was folded into the state. `outputs`: tell what hosts printed."""

    def __init__(self, state: RunState, *, outputs: bool = True) -> None:
        self._state, self._outputs = state, outputs
        self._run = ""
        self._taught = False
        self.kinds: dict[str, Callable[[Record], list[str]]] = {
            "run.start": self._run_start,
            "run.resume": lambda record: [f"-- {_by(record)} goes on with this run"],
            "run.pause": self._run_pause,
            "run.end": self._run_end,
            "gate.ask": self._gate_ask,
            "gate.answer": self._gate_answer,
            "gate.approve": self._gate_approve,
            "gate.expired": lambda _: ["   the signatures' time is over: the question is asked anew"],
            "gate.until": lambda _: ["   the wall clock was set: the wait's end moves with it"],
            "step.when": self._step_when,
            "step.plan": self._step_plan,
            "step.settle": lambda record: [f"   {record['answer']}: {clean_line(record['reason'])}"],
            "step.end": self._step_end,
            "round.end": self._round_end,
            "host.unknown": _about_hosts("unknown"),
            "host.cancelled": _about_hosts("cancelled"),
            "reach.begin": lambda record: [f"-- can be reached? {record['hosts']} hosts are logged in to"],
            "reach.found": _reach_found,
            "reach.end": self._reach_end,
            "jump": self._jump,
            "pick-up": _pick_up,
            "edit": self._edit,
            "plan.change": _plan_change,
            "note": _note,
            "deviation": self._deviation,
            "operator": lambda record: [f"-- {_by(record)} drives now, after {clean_line(record['was'])}"],
            "outage.begin": lambda record: [f"   outage of {clean_line(record['service'])} begins"],
            "outage.end": self._outage_end,
            "monitor.change": lambda record: [f"-- {change_text(state, record)}"],
            "test.begin": lambda record: [f"-- {begin_text(record)}"],
            "test.result": lambda _: [f"   {line}" for line in result_lines(state)],
            "test.end": lambda _: [f"   {latest_text(state)}"],
            "test.baseline": lambda record: [f"-- {baseline_text(record)}"],
            "shell.begin": lambda record: [f"   {_by(record)} opens a shell on {clean_line(record['host'])}"],
            "shell.end": _shell_end,
            "seal": lambda record: [f"   sealed through record {record['through']}"],
            "seal.failed": lambda record: [f"-- NOT SEALED: {clean_line(record['why'])}"],
            "gap": lambda record: [f"   {unkept(record)}"],
            "recovered": lambda record: [f"-- recovered: {record['bytes']} bytes of a torn last line"],
            "clock.jump": lambda record: [f"-- the wall clock jumped by {record['wall_ms'] / 1000:.1f} s"],
        }

    def feed(self, record: Record) -> list[str]:
        """Return the lines that a record adds to the story, without line ends.

        Raises TrailError for a record that cannot be of this run.
        """
        kind = record["k"]
        if kind in SILENT:
            return []
        tell = self.kinds.get(kind)
        try:
            lines = tell(record) if tell else [f"-- {clean_line(str(kind))}: a later version wrote this"]
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            what = f"record {record.get('n')} ({kind}) cannot be told: {error!r}"
            raise TrailError(clean_line(what), "`gonogo verify` tells more.") from None
        clock = clock_of(record["t"])
        return [f"{clock}  {line}" if at == 0 else f"          {line}" for at, line in enumerate(lines)]

    def _name(self, turn_index: int) -> str:
        turn = self._state.plan.turns[turn_index]
        batch = f", batch {turn.batch + 1}/{turn.batches}" if turn.batches > 1 else ""
        return f"{self._step_name(turn.step)}{batch}"

    def _step_name(self, number: int) -> str:
        """Return a step's place among the current ones and its title; `before` in an older document."""
        plan = self._state.plan
        place = (
            f"{number - plan.first + 1}/{len(plan.steps) - plan.first}" if number >= plan.first else "before"
        )
        return f"[{place}] {clean_line(plan.steps[number].step.title)}"

    def _run_start(self, record: Record) -> list[str]:
        plan = self._state.plan
        self._run = clean_line(record["run"])
        hosts = sum(name != LOCALHOST for name in plan.hosts)
        first = f"== {clean_line(plan.title)}: {many(len(plan.steps), 'step')}, {many(hosts)}"
        began = day_and_time(record["t"])
        second = f"   by {_by(record)}, began {began}, run {self._run}"
        lines = [*planned_lines(plan), *before_the_run(record)]
        return [first, second, *(f"   {line}" for line in lines)]

    def _run_pause(self, record: Record) -> list[str]:
        by = f" by {_by(record)}" if "by" in record else ""
        return [f"-- paused{by}: {clean_line(record['why'])}"]

    def _run_end(self, record: Record) -> list[str]:
        words = {"go": "GO: all steps are done", "no-go": "NO-GO", "aborted": "ABORTED"}
        lines = [f"== {words.get(record['result'], clean_line(str(record['result'])))}"]
        if self._state.left_out:
            lines.append(f"   left out: {hosts_of(list(self._state.left_out))}")
        return lines

    def _gate_ask(self, record: Record) -> list[str]:
        lines = [self._name(record["turn"])] if record["at"] not in WHOLE else []
        mark = "?" if record["at"] not in (At.WAIT, At.INPUT) else ""
        lines.append(f"   {record['at'].upper()}{mark} {clean_line(record['question'])}")
        return [*lines, *(f"   {line}" for line in evidence_lines(record))]

    def _gate_answer(self, record: Record) -> list[str]:
        hosts = f" for {hosts_of(record['hosts'])}" if record.get("hosts") else ""
        return [
            f"   -> {record['answer'].upper()}{hosts}{self._value(record)} by {_by(record)}{_why(record)}"
        ]

    def _value(self, record: Record) -> str:
        if "value" not in record:
            return ""
        return " (a secret)" if record["value"] is None else f" = {clean_line(record['value'])}"

    def _gate_approve(self, record: Record) -> list[str]:
        gate = self._state.gate
        wanted = f" of {gate.evidence['approvers']}" if gate else ""
        return [f"   approved by {_by(record)}: signature {len(self._state.approvals)}{wanted}"]

    def _step_when(self, record: Record) -> list[str]:
        when = clean_line(str(record["when"]))
        if not record["holds"]:
            return [f"{self._name(record['turn'])}: not needed: {when} does not hold"]
        if record["hosts"]:
            return [f"   not needed on {hosts_of(record['hosts'])}: {when} does not hold there"]
        return [f"   {when} holds"]

    def _step_plan(self, record: Record) -> list[str]:
        turn = self._state.turns[record["turn"]]
        what = "" if record["phase"] == Phase.RUN else f" {record['phase']}"
        again = f", attempt {turn.attempt}" if turn.attempt > 1 and not what else ""
        return [f"{self._name(record['turn'])}:{what} on {_where(list(turn.hosts), record)}{again}"]

    def _round_end(self, record: Record) -> list[str]:
        turn = self._state.turns[record["turn"]]
        mine = {name: host for name, host in turn.hosts.items() if host.attempt == turn.attempt}
        lines = [counted(mine), *failures(mine)]
        if turn.phase is Phase.RUN and self._outputs:
            lines += [*grouped(mine), *self._rest(mine)]
        return [f"   {line}" for line in lines]

    def _rest(self, hosts: Mapping[str, HostRun]) -> list[str]:
        """Say once where the rest of an output is that is not told whole."""
        if self._taught or not (name := first_cut(hosts)):
            return []
        self._taught = True
        replay = f"gonogo replay {self._run}".rstrip()
        return [f"(`output {clean_line(name)}` tells the rest, `{replay}` shows all of it)"]

    def _step_end(self, record: Record) -> list[str]:
        return [] if record["result"] == "ok" else [f"   ends {clean_line(record['result'])}"]

    def _reach_end(self, _: Record) -> list[str]:
        found = self._state.reached
        if found is None:
            return []
        good = sum(not why for why in self._state.reaches.values())
        unheard = found.hosts - len(self._state.reaches)
        more = f"; {unheard} were not heard of" if unheard else ""
        return [f"   {good} of {found.hosts} hosts can be reached{more}"]

    def _jump(self, record: Record) -> list[str]:
        numbers = list(dict.fromkeys(self._state.plan.turns[turn].step for turn in record["turns"]))
        steps = "; ".join(self._step_name(number) for number in numbers)
        words = {
            "forward": "goes forward past",
            "again": "runs once more",
            "rollback": "rolls back",
        }.get(record["how"], clean_line(record["how"]))
        return [f"-- {_by(record)} {words} {steps}{_why(record)}"]

    def _edit(self, record: Record) -> list[str]:
        name = self._step_name(record["number"])
        first = f"-- {_by(record)} runs another command than the document's in {name}{_why(record)}"
        return [first, *(f" {line}" for line in first_lines(record["diff"], 0, SHOWN_CHANGES))]

    def _deviation(self, record: Record) -> list[str]:
        hosts = f" on {hosts_of(record['hosts'])}" if record["hosts"] else ""
        what = clean_line(record["what"])
        return [f"   DEVIATION {what} in {clean_line(record['step'])}{hosts}, by {_by(record)}{_why(record)}"]

    def _outage_end(self, record: Record) -> list[str]:
        begin, end = self._state.outages[record["service"]]
        return [f"   outage of {clean_line(record['service'])} ends after {span((end or begin) - begin)}"]


def _by(record: Record) -> str:
    return clean_line(record["by"])


def _why(record: Record) -> str:
    return f" ({clean_line(record['reason'])})" if record.get("reason") else ""


def _where(names: list[str], record: Record) -> str:
    if names == [LOCALHOST] or record["hosts"] == len(names):
        return hosts_of(names)
    return f"{record['hosts']} of {len(names)} hosts"


def _about_hosts(word: str) -> Callable[[Record], list[str]]:
    return lambda record: [f"   {word}: {folded(record['hosts'])}: {clean_line(record['why'])}"]


def _reach_found(record: Record) -> list[str]:
    """Those that can be reached are only counted, at the end."""
    why = clean_line(record["why"])
    return [f"   unreachable: {folded(record['hosts'])}: {why}"] if why else []


def _pick_up(record: Record) -> list[str]:
    return [f"-- {_by(record)} picks up {hosts_of(record['hosts'])}{_why(record)}"]


def _plan_change(record: Record) -> list[str]:
    first = f"-- the runbook was edited; {_by(record)} goes on with its new text"
    return [first, *(f" {line}" for line in first_lines(record["diff"], 0, SHOWN_CHANGES))]


def _note(record: Record) -> list[str]:
    tag = f" #{clean_line(record['tag'])}" if record.get("tag") else ""
    link = f" <{clean_line(record['link'])}>" if record.get("link") else ""
    first, *more = clean(record["text"]).splitlines() or [""]
    return [f"   note by {_by(record)}: {first}{tag}{link}", *(f"     {line}" for line in more)]


def _shell_end(record: Record) -> list[str]:
    host = clean_line(record["host"])
    return [f"   {_by(record)} leaves the shell on {host}, exit code {record['code']}"]
