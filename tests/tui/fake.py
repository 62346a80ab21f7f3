"""A link in memory: what is told to it is folded as a run's process would have it folded."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from gonogo.errors import RunError
from gonogo.format.model import Kind, Options, Place, Script, Step
from gonogo.hosts.here import LOCALHOST
from gonogo.run.acts import ACTS
from gonogo.run.link import Lend
from gonogo.run.plan import Plan, PlannedInput, PlannedStep, Turn
from gonogo.run.runner import Ask, decide, refusal
from gonogo.run.state import Answer, At, RunState
from gonogo.trail.output import OutputWriter, output_path

SECOND = 1_000_000_000
PLACE = Place("demo.md")


def planned(
    title: str,
    hosts: Sequence[str] = (),
    *,
    batches: int = 1,
    sections: tuple[str, ...] = (),
    command: str | None = "true",
    check: str | None = None,
    rollback: str | None = None,
    prose: str = "",
    kind: Kind = Kind.RUN,
    **options: Any,
) -> PlannedStep:
    """Return a step as the plan has it, its hosts cut into equal batches."""
    names = tuple(hosts) or ((LOCALHOST,) if kind is Kind.RUN else ())
    size = -(-len(names) // batches) or 1
    cut = tuple(names[at : at + size] for at in range(0, len(names), size)) or ((),)
    run, after, undo = (
        Script(text) if text and kind is Kind.RUN else None for text in (command, check, rollback)
    )
    given = Options(hosts=",".join(hosts) or None, **options)
    step = Step(title.lower().replace(" ", "-"), title, kind, PLACE, given, run, after, undo, prose)
    return PlannedStep(step, sections, names, cut)


def plan_of(
    steps: Sequence[PlannedStep], title: str = "A plan", inputs: tuple[PlannedInput, ...] = ()
) -> Plan:
    """Return a plan with a turn for each batch of each step, in order."""
    turns: list[Turn] = []
    for number, one in enumerate(steps):
        for batch, hosts in enumerate(one.batches):
            turns.append(Turn(len(turns), number, batch, len(one.batches), hosts, True))
    return Plan(title, "demo.md", True, "step", tuple(steps), tuple(turns), inputs=inputs)


class FakeLink:
    """A `Link` whose records a test writes."""

    def __init__(self, plan: Plan, directory: Path, *, driving: bool = True) -> None:
        self.state = RunState.of(plan)
        self.directory = directory
        self.driving = driving
        self.ended = ""
        self.lend: Lend | None = None
        self.records: list[dict[str, Any]] = []
        self.at = 0
        self.answers: list[tuple[int, Answer, str, str]] = []
        self.narrowed: list[tuple[str, ...] | None] = []
        self.acts: list[tuple[str, dict[str, Any]]] = []
        self.notes: list[tuple[str, str, str]] = []
        self.cancels: list[tuple[str, ...]] = []
        self._changed = asyncio.Event()
        self._gates = 0
        self._writer: OutputWriter | None = None
        self._printed: dict[str, bytes] = {}
        self.tell("run.start", run=directory.name, by="alice", t="2026-11-20T16:00:00.000000Z")

    def __del__(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def tell(self, kind: str, **fields: Any) -> None:
        """Fold a record in, a second after the one before."""
        self.at += SECOND
        self.records.append({"k": kind, "m": self.at, **fields})
        self.state.apply(dict(self.records[-1]))
        self._changed.set()

    def ask(self) -> None:
        """Ask what the runner would ask now."""
        move = decide(self.state.plan, self.state)
        assert isinstance(move, Ask), move
        self._gates += 1
        until = {} if move.seconds is None else {"until": self.at + int(move.seconds * SECOND)}
        evidence = {**move.evidence}
        if move.at is At.APPROVE:
            evidence["expires"] = "2026-11-21T16:00:00Z"
        self.tell(
            "gate.ask",
            gate=self._gates,
            at=move.at.value,
            turn=move.turn.index,
            question=move.question,
            choices=[one.value for one in move.choices],
            evidence=evidence,
            of=[one.value for one in move.of],
            **until,
        )

    def say(self, answer: Answer, reason: str = "", typed: str = "", hosts: list[str] | None = None) -> None:
        """Answer the open gate as the operator."""
        gate = self.state.gate
        assert gate is not None
        more: dict[str, Any] = {} if hosts is None else {"hosts": hosts}
        if gate.at is At.INPUT:
            more["value"] = None if gate.evidence["secret"] else typed
        self.tell("gate.answer", gate=gate.number, answer=answer.value, by="alice", reason=reason, **more)

    def begin(self, turn: int, phase: str = "run", hosts: Sequence[str] | None = None) -> None:
        """Send a turn's script out."""
        attempt = self.state.turns[turn].attempt + 1
        self._let_go()
        self.tell("step.plan", turn=turn, phase=phase, attempt=attempt)
        self.tell("host.start", turn=turn, hosts=list(hosts or self.state.turns[turn].hosts))
        self._printed.clear()
        self._writer = OutputWriter(output_path(self.directory, turn, attempt))

    def write(self, host: str, data: bytes, stream: str = "o") -> None:
        """Have a host print."""
        assert self._writer is not None
        self._writer.write(self.at, host, stream, data)
        self._writer.flush()
        self._printed[host] = self._printed.get(host, b"") + data

    def exit(
        self,
        turn: int,
        host: str,
        state: str = "ok",
        printed: bytes = b"",
        *,
        why: str = "",
        code: int | None = 0,
        took: int = SECOND,
    ) -> None:
        """End a host's command."""
        if printed:
            self.write(host, printed)
        assert self._writer is not None
        summary = self._writer.finish(self.at, host)
        self.at += took - SECOND
        one = self.state.turns[turn]
        digest = summary.digest or hashlib.sha256().hexdigest()
        self.tell(
            "host.exit",
            turn=turn,
            host=host,
            state=state,
            phase=one.phase.value,
            attempt=one.attempt,
            how="exit",
            code=code,
            why=why,
            digest=digest,
            out=summary.out,
            err=summary.err,
            excerpt=self._printed.pop(host, b"")[:2048].decode("utf-8", "backslashreplace").rstrip(),
        )
        if state in ("lost", "unreachable"):
            self.state.turns[turn].hosts[host].code = None

    def finish(self, turn: int, result: str = "ok") -> None:
        """End a turn."""
        self.tell("round.end", turn=turn)
        self.tell("step.end", turn=turn, result=result)

    def whole(self, turn: int, printed: bytes = b"") -> None:
        """Run a turn, all well."""
        self.begin(turn)
        for host in self.state.turns[turn].hosts:
            self.exit(turn, host, printed=printed, took=SECOND // 20)
        self.finish(turn)

    async def changes(self) -> AsyncIterator[None]:
        while not self.ended:
            await self._changed.wait()
            self._changed.clear()
            yield

    def now(self) -> int:
        return self.at

    async def answer(
        self,
        gate: int,
        answer: Answer,
        *,
        reason: str = "",
        typed: str = "",
        hosts: Sequence[str] | None = None,
    ) -> None:
        named = None if hosts is None else list(hosts)
        if why := refusal(self.state.plan, self.state, gate, answer, typed, reason, named):
            raise RunError(why)
        self.answers.append((gate, answer, reason, typed))
        self.narrowed.append(None if hosts is None else tuple(hosts))
        self.say(answer, reason, typed, named)

    async def act(self, name: str, **fields: Any) -> None:
        records = ACTS[name](self.state, "alice", **fields)
        self.acts.append((name, fields))
        for kind, said in records:
            self.tell(kind, **said)

    async def shell(self, host: str, *, reason: str = "") -> tuple[str, ...]:
        self.acts.append(("shell", {"host": host, "reason": reason}))
        return "true", host

    async def shell_ended(self, host: str, code: int) -> None:
        self.acts.append(("shell ended", {"host": host, "code": code}))

    async def note(self, text: str, *, tag: str = "", link: str = "") -> None:
        self.notes.append((text, tag, link))
        self.tell("note", text=text, by="alice")

    async def cancel(self, hosts: Sequence[str] = ()) -> None:
        self.cancels.append(tuple(hosts))

    async def close(self) -> None:
        self.ended = "closed"
        self._changed.set()
