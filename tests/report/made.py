"""Run directories made by hand: records as the writer chains them, without a run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gonogo.format.model import Kind, Options, Place, Script, Step
from gonogo.run.keeping import EXCERPT
from gonogo.run.plan import Plan, PlannedHost, PlannedStep, Turn
from gonogo.trail.output import OutputWriter, output_path
from gonogo.trail.record import GENESIS, encode

SECOND = 10**9
PLACE = Place("made.md")


def step_of(
    name: str, hosts: Sequence[str], *, batches: int = 1, script: str = "true", **more: Any
) -> PlannedStep:
    """Return a step on hosts, cut into equal batches."""
    names = tuple(hosts)
    size = -(-len(names) // batches) or 1
    cut = tuple(names[at : at + size] for at in range(0, len(names), size)) or ((),)
    kind = more.pop("kind", Kind.RUN)
    title = more.pop("title", name.capitalize())
    step = Step(name, title, kind, PLACE, Options(hosts="all", **more), Script(script))
    return PlannedStep(step, ("A part",), names, cut)


def plan_of(*steps: PlannedStep, title: str = "A change") -> Plan:
    """Return a plan with a turn for each batch."""
    turns: list[Turn] = []
    for number, one in enumerate(steps):
        for batch, hosts in enumerate(one.batches):
            turns.append(Turn(len(turns), number, batch, len(one.batches), hosts, True))
    known = {host: PlannedHost() for one in steps for host in one.hosts}
    return Plan(title, "made.md", True, "step", steps, tuple(turns), known)


class Made:
    """A run directory whose trail is written record by record; each comes a second after the one before."""

    def __init__(self, folder: Path, plan: Plan, *, hour: int = 16, **start: Any) -> None:
        self.run = folder / f"20261120T{hour:02}0000Z-made"
        (self.run / "runbook").mkdir(parents=True)
        (self.run / "output").mkdir()
        dumped = plan.dump()
        (self.run / "runbook" / "plan.json").write_bytes(dumped)
        self.plan, self._hour = plan, hour
        self._head, self._number, self.now = GENESIS, 0, 0
        self._file = (self.run / "audit.jsonl").open("wb")
        known: dict[str, Any] = {
            "v": 1,
            "run": self.run.name,
            "by": "alice@ops",
            "title": plan.title,
            "runbook": "/srv/made.md",
        }
        known |= {
            "plan": hashlib.sha256(dumped).hexdigest(),
            "sources": [],
            "tool": "0.1.0",
            "hosts": len(plan.hosts),
        }
        self.add("run.start", **known | start)

    def add(self, kind: str, *, after: int = SECOND, **fields: Any) -> None:
        """Write a record `after` nanoseconds later."""
        self.now += after if self._number else 0
        seconds, rest = divmod(self.now, SECOND)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        time = f"2026-11-20T{self._hour + hours:02}:{minutes:02}:{seconds:02}.{rest // 1000:06}Z"
        record = {"n": self._number, "t": time, "m": self.now, "d": self._number, "k": kind, **fields}
        line, self._head = encode(self._head, record)
        self._file.write(line)
        self._file.flush()
        self._number += 1

    def ask(self, turn: int = 0, at: str = "go", question: str = "Go on?", **evidence: Any) -> None:
        """Ask something about a turn."""
        step = self.plan.step_of(self.plan.turns[turn]).step.id
        fields: dict[str, Any] = {
            "gate": 1,
            "at": at,
            "turn": turn,
            "step": step,
            "question": question,
            "choices": ["go", "skip"],
        }
        self.add("gate.ask", **fields | ({"evidence": evidence} if evidence else {}))

    def answer(self, answer: str = "go", **fields: Any) -> None:
        """Answer it."""
        self.add("gate.answer", gate=1, answer=answer, **{"by": "alice@ops", **fields})

    def round(
        self,
        turn: int,
        *,
        attempt: int = 1,
        phase: str = "run",
        bad: Mapping[str, str] | None = None,
        said: Mapping[str, str] | None = None,
        hosts: Sequence[str] | None = None,
        after: int = SECOND,
    ) -> None:
        """Have a turn's hosts run and exit: `bad` ones fail for a reason, each prints what it `said`."""
        names = self.plan.turns[turn].hosts if hosts is None else hosts
        step = self.plan.step_of(self.plan.turns[turn]).step.id
        same: dict[str, Any] = {"turn": turn, "phase": phase, "attempt": attempt}
        self.add("step.plan", **same, step=step, script="0" * 64, hosts=len(names), plan="0" * 64)
        self.add("host.start", **same, hosts=list(names))
        writer = OutputWriter(output_path(self.run, turn, attempt))
        for name in names:
            text = (said or {}).get(name, "")
            writer.write(self.now, name, "o", text.encode("utf-8", "surrogatepass"))
            done = writer.finish(self.now, name)
            why = (bad or {}).get(name)
            ended: dict[str, Any] = {
                "state": "failed" if why else "ok",
                "how": "exit",
                "code": 1 if why else 0,
            }
            more: dict[str, Any] = {"why": why} if why else {}
            excerpt: dict[str, Any] = {"excerpt": text} if text else {}
            if len(text) > EXCERPT:
                excerpt = {"excerpt": f"{text[:EXCERPT]}…", "lines": len(text.splitlines())}
            sizes: dict[str, Any] = {"ns": after, "out": done.out, "err": done.err, "digest": done.digest}
            self.add("host.exit", after=0, **same, host=name, **ended, **more, **sizes, **excerpt)
        writer.close()
        self.add("round.end", after=after, turn=turn, phase=phase)

    def end(self, turn: int, result: str = "ok") -> None:
        """End a turn."""
        step = self.plan.step_of(self.plan.turns[turn]).step.id
        self.add("step.end", turn=turn, step=step, result=result, counts={})

    def close(self, result: str | None = "go") -> Path:
        """End the run and return its directory."""
        if result:
            self.add("run.end", result=result)
        self._file.close()
        return self.run


def small(folder: Path, **more: Any) -> Path:
    """Return a run with an outage, a failure that was made good, a note, a deviation and a wait."""
    hosts = [f"cp{number:02}" for number in range(1, 7)]
    stop = step_of("stop", hosts, batches=2, script="systemctl stop api")
    plan = plan_of(stop, step_of("check", hosts, script="uname -r"), step_of("last", hosts))
    made = Made(folder, plan, **more)
    made.ask(0, question="Stop on 3 hosts?", steps=3, hosts=6, changes=1)
    made.add(
        "note",
        by="bob@ops",
        text="all quiet",
        step="stop",
        tag="seen",
        link="https://example.org/1",
        after=600 * SECOND,
    )
    made.answer(reason="the window is open")
    made.add("outage.begin", service="api", step="stop")
    made.round(0, bad={"cp02": "exit code 1"}, said={"cp02": "no such unit\nFailed to stop"})
    made.ask(0, "failure", "Stop: 1 failed")
    made.answer("retry-failed", reason="a glitch")
    made.round(0, attempt=2, hosts=["cp02"])
    made.end(0)
    made.round(1)
    made.end(1)
    made.add("outage.end", service="api", step="stop", after=45 * 60 * SECOND)
    made.round(2, said={host: "6.1.0" if host != "cp05" else "5.9.0" for host in hosts})
    made.end(2)
    said: dict[str, Any] = {
        "turn": 3,
        "step": "last",
        "what": "skip",
        "hosts": hosts,
        "reason": "not tonight",
        "by": "alice@ops",
    }
    made.add("deviation", **said)
    made.add("jump", how="forward", turns=[3], by="alice@ops", reason="not tonight")
    return made.close()
