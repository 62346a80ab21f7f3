"""The printed story: every kind of record that the program writes has its line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gonogo.format.model import Kind, Monitor, Options, Place, Script, Step
from gonogo.report.story import SILENT, Story
from gonogo.run.fold.kinds import HANDLERS
from gonogo.run.plan import Plan, PlannedHost, PlannedMonitor, PlannedStep, Turn
from gonogo.run.state import At, RunState

ESCAPE = "\x1b]52;c;eA==\x07"
WRITERS = frozenset({"record", "_record", "add"})


def step(name: str, kind: Kind = Kind.RUN) -> Step:
    """Return a step whose script is its own name."""
    return Step(name, name.capitalize(), kind, Place("test.md"), Options(hosts="all"), Script(f"run {name}"))


def plan(*steps: Step) -> Plan:
    """Return a plan of steps on two hosts."""
    hosts = ("cp1", "cp2")
    planned = tuple(PlannedStep(one, (), hosts, (hosts,)) for one in steps)
    turns = tuple(Turn(at, at, 0, 1, hosts, opens_batch=True) for at in range(len(steps)))
    everyone = {host: PlannedHost() for host in hosts}
    looks = Monitor(step("load"))
    monitors = (PlannedMonitor(looks, hosts),)
    return Plan(
        "A plan", "test.md", True, "step", planned, turns, everyone, monitors=monitors, tests=planned[:1]
    )


def gate(at: str, **evidence: Any) -> dict[str, Any]:
    """Return the fields of a question about the first step."""
    choices = ["go", "no-go"]
    asked = {"gate": 1, "at": at, "turn": 0, "step": "stop", "question": "Stop?", "choices": choices}
    return {"k": "gate.ask", **asked, "evidence": evidence}


def answer(**fields: Any) -> dict[str, Any]:
    """Return the fields of the operator's go."""
    return {"k": "gate.answer", "gate": 1, "answer": "go", "by": "alice", **fields}


BATCH = {"batch": 1, "counts": {"ok": 1, "failed": 1}, "bad": ["cp2"], "slowest": "cp1"}
BATCH |= {"slowest_ns": 2 * 10**9, "left_ns": 90 * 10**9}
EXIT = {"turn": 0, "host": "cp1", "phase": "run", "attempt": 1, "how": "exit", "code": 0, "state": "ok"}
DEVIATION = {"turn": 0, "step": "stop", "what": "skip", "hosts": ["cp1", "cp2"], "reason": "old"}
TOLD: list[tuple[dict[str, Any], str]] = [
    ({"k": "run.start", "run": "one", "by": "alice"}, "A plan: 2 steps, 2 hosts"),
    ({"k": "recovered", "bytes": 12}, "recovered: 12 bytes"),
    ({"k": "run.resume", "by": "alice"}, "alice goes on with this run"),
    ({"k": "operator", "by": "bob", "was": "alice"}, "bob drives now, after alice"),
    (gate("start", steps=2, hosts=2, changes=1), "2 steps; 1 of them changes something"),
    ({"k": "run.pause", "why": "lunch", "by": "bob"}, "paused by bob: lunch"),
    (gate("input", input="release", choices=["a", "b"], type="text", secret=False), "one of a, b"),
    (answer(value="a"), "-> GO = a by alice"),
    (gate("input", input="key", choices=[], type="text", secret=True), "never written down"),
    (answer(value=None), "-> GO (a secret) by alice"),
    (gate("approve", step="stop", plan="00ff", approvers=2, role="dba", expires="2026"), "2 signatures by"),
    ({"k": "gate.approve", "gate": 1, "by": "carol", "key": "k", "sig": "s"}, "carol: signature 1 of 2"),
    ({"k": "gate.expired", "gate": 1}, "asked anew"),
    ({"k": "reach.begin", "hosts": 3}, "3 hosts are logged in to"),
    ({"k": "reach.found", "hosts": ["cp2"], "why": "connection refused"}, "cp2: connection refused"),
    ({"k": "reach.end"}, "0 of 3 hosts can be reached; 2 were not heard of"),
    ({"k": "gate.until", "gate": 1, "until": 99}, "the wait's end moves"),
    (gate("again", result="ok", by="bob", ended=3 * 10**9), "ended ok 3.0 s into the run, by bob"),
    (gate("again", result="begun", by="bob", ended=3 * 10**9), "not over when the runbook was edited, 3"),
    (gate("batch", **BATCH, differs=[{"step": "stop", "hosts": ["cp2"], "number": 1}]), "about 1 min 30 s"),
    (answer(), "-> GO by alice"),
    ({"k": "step.when", "turn": 0, "step": "stop", "when": "x", "hosts": ["cp2"], "holds": True}, "on cp2"),
    ({"k": "outage.begin", "service": "api", "step": "stop"}, "outage of api begins"),
    ({"k": "step.plan", "turn": 0, "phase": "run", "attempt": 1, "hosts": 2}, "[1/2] Stop: on 2 hosts"),
    ({"k": "host.start", "turn": 0, "hosts": ["cp1", "cp2"]}, ""),
    ({"k": "host.exit", **EXIT, "digest": "d", "excerpt": "fine"}, ""),
    ({"k": "gap", "host": "cp1", "bytes": 7, "why": "much"}, "7 bytes of cp1"),
    ({"k": "host.unknown", "turn": 0, "hosts": ["cp2"], "why": "died"}, "unknown: cp2: died"),
    ({"k": "round.end", "turn": 0, "phase": "run"}, "1 ok, 1 unknown"),
    ({"k": "host.cancelled", "turn": 0, "hosts": ["cp2"], "why": "enough"}, "cancelled: cp2: enough"),
    ({"k": "shell.begin", "host": "cp2", "by": "bob"}, "bob opens a shell on cp2"),
    ({"k": "shell.end", "host": "cp2", "by": "bob", "code": 0}, "leaves the shell on cp2, exit code 0"),
    (
        {"k": "deviation", **DEVIATION, "by": "bob"},
        "DEVIATION skip in stop on 2 hosts, cp[1-2], by bob (old)",
    ),
    ({"k": "step.settle", "turn": 0, "answer": "leave-out", "reason": "one may"}, "leave-out: one may"),
    ({"k": "step.end", "turn": 0, "step": "stop", "result": "warn"}, "ends warn"),
    ({"k": "outage.end", "service": "api", "step": "stop"}, "outage of api ends after"),
    ({"k": "pick-up", "hosts": ["cp2"], "by": "bob", "reason": ""}, "bob picks up cp2"),
    (
        {"k": "jump", "turns": [0], "to": "stop", "how": "again", "by": "bob", "reason": "x"},
        "once more [1/2]",
    ),
    (
        {"k": "edit", "number": 1, "step": "start", "script": "b", "diff": "-a\n+b", "by": "bob"},
        "[2/2] Start",
    ),
    ({"k": "monitor.sample", "monitor": "load", "value": "9.5", "level": "alarm"}, ""),
    (
        {
            "k": "monitor.change",
            "monitor": "load",
            "value": "9.5",
            "level": "alarm",
            "was": "ok",
            "host": "cp1",
        },
        "monitor load: ALARM at 9.5 on cp1, was ok",
    ),
    ({"k": "test.begin", "round": 1, "by": "bob", "tests": 1}, "bob runs the test plan: round 1, 1 test"),
    ({"k": "test.start", "round": 1, "test": 0, "step": "stop", "hosts": ["cp1"]}, ""),
    (
        {
            "k": "test.exit",
            "round": 1,
            "test": 0,
            "host": "cp1",
            "state": "failed",
            "how": "exit",
            "why": "bad",
        },
        "",
    ),
    (
        {"k": "test.result", "round": 1, "test": 0, "step": "stop", "passed": False, "compared": "first"},
        "FAILED: Stop\n               cp1: bad",
    ),
    ({"k": "test.end", "round": 1}, "tests, round 1: 1 of 1 test failed"),
    ({"k": "test.baseline", "round": 1, "by": "bob"}, "bob compares later rounds of tests with round 1"),
    (gate("end", left_out=["cp2"], number=1), "left out: cp2"),
    ({"k": "plan.change", "file": "plan-1.json", "plan": "00", "diff": "-a\n+b", "by": "bob"}, "was edited"),
    ({"k": "note", "text": "calm\nso far", "by": "eve", "tag": "hm", "link": "http://x"}, "eve: calm #hm <h"),
    ({"k": "clock.jump", "wall_ms": 3_600_000}, "jumped by 3600.0 s"),
    ({"k": "seal", "through": 41, "key": "k", "sig": "s"}, "sealed through record 41"),
    ({"k": "seal.failed", "why": "no agent"}, "NOT SEALED: no agent"),
    ({"k": "run.end", "result": "go"}, "GO: all steps are done"),
]


def tell() -> Iterator[tuple[str, str, list[str]]]:
    """Yield each kind, what its lines must hold, and its lines."""
    state = RunState.of(plan(step("stop"), step("start")))
    story = Story(state)
    for second, (fields, wanted) in enumerate(TOLD, 1):
        record = {"m": second * 10**9, "t": f"2026-11-20T16:00:{second:02d}.000000Z", **fields}
        state.apply(record)
        yield str(record["k"]), wanted, story.feed(record)


def written(folder: Path) -> set[str]:
    """Return the kinds that the program's source hands to its writers, alone or in lists of records."""
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            found.update(kinds_in(node))
    return found


def kinds_in(node: ast.AST) -> Iterator[str]:
    """Yield the kinds that stand in one place of the source."""
    firsts: list[ast.expr] = []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        firsts += node.args[:1] if node.func.attr in WRITERS else []
        firsts += pairs(node.args) if node.func.attr == "append" else []
    elif isinstance(node, ast.List):
        firsts += pairs(node.elts)
    for first in firsts:
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def pairs(nodes: list[ast.expr]) -> list[ast.expr]:
    """Return the first part of each pair of a kind and its fields."""
    return [
        one.elts[0]
        for one in nodes
        if isinstance(one, ast.Tuple) and len(one.elts) == 2 and isinstance(one.elts[1], ast.Dict | ast.Name)
    ]


def test_every_kind_has_its_line(root: Path) -> None:
    """Whatever the fold knows or the program writes is told; no kind is forgotten here."""
    known = {*HANDLERS, *written(root / "gonogo" / "run"), *written(root / "gonogo" / "trail")}
    told = {kind: lines for kind, _, lines in tell()}
    assert known - set(told) == set()
    assert known - set(Story(RunState.of(plan(step("one")))).kinds) == SILENT
    assert {kind for kind, lines in told.items() if not lines} == SILENT


def test_each_line_says_what_happened() -> None:
    """Names, hosts, reasons and values stand in the lines."""
    for kind, wanted, lines in tell():
        assert wanted in "\n".join(lines), (kind, lines)


def test_every_gate_can_be_told() -> None:
    """No kind of question fails, with evidence or without."""
    state = RunState.of(plan(step("stop"), step("start")))
    told = {fields["at"] for fields, _ in TOLD if fields["k"] == "gate.ask"}
    for at in set(At) - told:
        record = {"m": 1, "t": "2026-11-20T16:00:00.000000Z", "until": 61 * 10**9, **gate(at)}
        state.apply(record)
        assert at.upper() in "".join(Story(state).feed(record))


def test_a_wait_between_batches_tells_the_batch() -> None:
    """A pause has the evidence of a question."""
    state = RunState.of(plan(step("stop")))
    record = {
        "m": 0,
        "t": "2026-11-20T16:00:00.000000Z",
        "until": 61 * 10**9,
        **gate("wait", **BATCH, differs=[]),
    }
    state.apply(record)
    lines = "\n".join(Story(state).feed(record))
    assert "batch 1: 1 ok, 1 failed; slowest cp1, 2.0 s" in lines
    assert "goes on by itself in 1 min 01 s" in lines


def test_numbers_count_from_where_the_current_document_begins() -> None:
    """After the runbook was edited, the first step of its new text is number one again."""
    state = RunState.of(replace(plan(step("old"), step("new")), first=1))
    story = Story(state)
    fields = {"phase": "run", "attempt": 1, "hosts": 2, "m": 1, "t": "2026-11-20T16:00:00.000000Z"}
    for turn, wanted in ((1, "[1/1] New"), (0, "[before] Old")):
        record = {"k": "step.plan", "turn": turn, **fields}
        state.apply(record)
        assert wanted in story.feed(record)[0]


def test_a_kind_from_a_later_version_is_named() -> None:
    """What cannot be told is not passed over in silence."""
    story = Story(RunState.of(plan(step("one"))))
    assert "future.kind" in story.feed({"k": "future.kind", "t": "2026-11-20T16:00:00.000000Z"})[0]


@pytest.mark.parametrize("at", range(len(TOLD)))
def test_no_line_holds_an_escape(at: int) -> None:
    """Whatever text from outside stands in a record, its line is clean."""

    def hostile(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: hostile(one, name) for name, one in value.items()}
        free = {"by", "was", "why", "reason", "text", "tag", "link", "diff", "service", "question", "when"}
        free |= {"step", "value", "input", "plan", "role", "expires", "run", "to", "what", "result"}
        # A sample's value is read as a number: any other text is refused.
        is_text = isinstance(value, str) and (key != "value" or fields["k"] != "monitor.sample")
        return ESCAPE if is_text and key in free else value

    state = RunState.of(plan(step("stop"), step("start")))
    story = Story(state)
    for second, (fields, _) in enumerate(TOLD[: at + 1]):
        given = hostile(fields) if second == at else fields
        record = {"m": second, "t": "2026-11-20T16:00:00.000000Z", **given}
        state.apply(record)
        assert not any("\x1b" in line or "\x07" in line for line in story.feed(record))
