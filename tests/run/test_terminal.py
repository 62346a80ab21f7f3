"""Interactive steps and shells: in the operator's own terminal, on a pty, local and over ssh."""

from __future__ import annotations

import asyncio
import os
import pty
import stat
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from gonogo.errors import RunError
from gonogo.run.state import Answer, At, HostState
from tests.run.live import Live

ASKS = """
  - id: ask
    hosts: web
    via: local
    interactive: true
    gate: auto
    run: |
      test -t 0 && test -t 1 && test "$word" = "it's data" || exit 9
      printf 'name? '
      read -r name
      echo "$me is $name" >>said
      test "$name" != nobody
"""
INPUT = "inputs:\n  - {name: word}\n"
GIVEN = ("word=it's data",)


class Operator:
    """Sits at a terminal of their own, and types `line` whenever something asks for a name."""

    def __init__(self, line: str = "somebody") -> None:
        self.line = line
        self.seen = b""
        self.argv: list[tuple[str, ...]] = []
        self.titles: list[str] = []

    async def lend(self, argv: Sequence[str], title: str) -> int:
        """Run a program on a new terminal until it ends, and do nothing else meanwhile."""
        return self.run(argv, title)

    def run(self, argv: Sequence[str], title: str) -> int:
        """Run a program on a new terminal until it ends."""
        self.argv.append(tuple(argv))
        self.titles.append(title)
        pid, terminal = pty.fork()
        if pid == 0:
            try:
                os.execvp(argv[0], list(argv))
            finally:
                os._exit(127)
        while True:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            self.seen += data
            if data.rstrip().endswith((b"?", b"$", b"#")):
                os.write(terminal, self.line.encode() + b"\n")
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


async def nothing(argv: Sequence[str], title: str) -> int:
    """Be somebody with a terminal, where nothing is run."""
    return 0


async def _attached(live: Live, operator: Operator, *, who: str = "ann@desk") -> None:
    live.link = await live.connect(who, take=True, lend=operator.lend)


async def test_a_step_runs_in_the_operators_terminal(live: Live) -> None:
    """Host by host, with a real terminal; what they say there is not kept, and the record says so."""
    operator = Operator()
    await live.begin(ASKS, head=INPUT, inputs=GIVEN, hosts=2)
    await live.until(lambda state: state.paused)
    assert "own terminal" in live.state.paused
    await _attached(live, operator)
    assert await live.end() == "go"
    assert (live.folder / "said").read_text() == "a is somebody\nb is somebody\n"
    assert [title[-5:] for title in operator.titles] == [" on a", " on b"]
    exits = live.records("host.exit")
    assert [one["output"] for one in exits] == ["not captured: the operator's terminal"] * 2
    assert [one["host"] for one in exits] == ["a", "b"]
    assert [one["hosts"] for one in live.records("host.start")] == [["a"], ["b"]]
    assert b"somebody" not in (live.run / "audit.jsonl").read_bytes()


async def test_a_run_is_followed_while_a_program_has_the_terminal(live: Live) -> None:
    """Where the screen can: a note comes in before the program has ended."""
    operator, noted = Operator(), list[int]()
    await live.begin(ASKS, head=INPUT, inputs=GIVEN, hosts=1)
    connected = asyncio.Event()

    async def meanwhile(argv: Sequence[str], title: str) -> int:
        await connected.wait()
        await live.link.note("it asks for a name")
        noted.append(len(live.link.state.notes))
        return await asyncio.to_thread(operator.run, argv, title)

    live.link = await live.connect("ann@desk", take=True, lend=meanwhile)
    connected.set()
    assert await live.end() == "go"
    assert noted == [1]


async def test_neither_script_nor_value_is_in_the_argument_vector(live: Live) -> None:
    """They lie in a file of the operator's, which is gone before the script begins."""
    operator = Operator()
    await live.begin(ASKS, head=INPUT, inputs=GIVEN, hosts=1)
    files: list[int] = []
    lend = operator.lend

    async def looking(argv: Sequence[str], title: str) -> int:
        files.append(stat.S_IMODE(Path(argv[4]).stat().st_mode))
        return await lend(argv, title)

    live.link = await live.connect("ann@desk", take=True, lend=looking)
    assert await live.end() == "go"
    words = " ".join(operator.argv[0])
    assert "it's data" not in words
    assert "name?" not in words
    assert files == [0o600]
    assert not Path(operator.argv[0][4]).exists()


async def test_a_failure_stops_before_the_next_host(live: Live) -> None:
    """The exit code is what counts; after a bad one the operator is asked before the next host."""
    operator = Operator("nobody")
    await live.begin(ASKS, head=INPUT, inputs=GIVEN, hosts=2)
    await live.until(lambda state: state.paused)
    await _attached(live, operator)
    await live.gate(At.FAILURE)
    assert live.hosts("ask") == {"a": "failed", "b": "pending"}
    operator.line = "somebody"
    await live.say(Answer.RETRY_FAILED)
    assert await live.end() == "go"


async def test_an_operator_who_goes_away_leaves_the_host_unknown(live: Live) -> None:
    """Their terminal is gone in the middle of it: nobody knows, and the next operator is asked."""
    await live.begin(ASKS, head=INPUT, inputs=GIVEN, hosts=1)
    gone = threading.Event()

    files: list[str] = []

    async def never(argv: Sequence[str], title: str) -> int:
        files.append(argv[4])
        gone.set()
        raise OSError("the terminal went away")

    link = await live.connect("bob@sofa", take=True, lend=never)
    await asyncio.to_thread(gone.wait, 20)
    await link.close()
    live.link = await live.connect("ann@desk")
    await live.gate(At.FAILURE)
    assert live.hosts("ask") == {"a": "unknown"}
    assert live.records("host.unknown")[0]["why"] == "the terminal that it ran in went away"
    assert not Path(files[0]).exists()


async def test_what_runs_in_a_terminal_is_given_up_by_a_cancel(live: Live) -> None:
    """Whoever took over can cancel it: nobody knows then what became of it, and the run goes on."""
    await live.begin(ASKS, head=INPUT, inputs=GIVEN, hosts=1)
    bob = await live.connect("bob@sofa", take=True, lend=nothing)
    bob.lend = None
    await live.until(lambda state: state.turns[0].in_state(HostState.RUNNING))
    live.link = await live.connect("ann@desk", take=True)
    await live.link.cancel()
    await live.gate(At.FAILURE)
    assert live.hosts("ask") == {"a": "unknown"}


async def test_without_a_terminal_the_run_rests(live: Live) -> None:
    """A driver with none is told so; told to leave, the run's process leaves, and resumes there."""
    await live.begin(ASKS, head=INPUT, inputs=GIVEN, hosts=1)
    await live.until(lambda state: state.paused)
    assert live.records("host.start") == []
    await live.resume()
    await live.until(lambda state: state.paused)
    await _attached(live, Operator())
    assert await live.end() == "go"


async def test_a_shell_on_a_host_is_recorded(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may open one; that they did, why, and how it was left are in the trail."""
    monkeypatch.setenv("SHELL", "/bin/sh")
    await live.begin("  - {id: one, gate: go, run: 'true'}\n")
    await live.gate(At.GO)
    bob = await live.connect("bob@sofa", drive=False)
    with pytest.raises(RunError, match="'elsewhere' is no host"):
        await bob.shell("elsewhere")
    argv = await bob.shell("localhost", reason="to look at the disk")
    operator = Operator("exit 3")
    code = await asyncio.to_thread(operator.run, argv, "a shell")
    await bob.shell_ended("localhost", code)
    (said,) = live.records("deviation")
    assert (said["what"], said["hosts"], said["by"]) == ("shell", ["localhost"], "bob@sofa")
    assert said["reason"] == "to look at the disk"
    assert [one["code"] for one in live.records("shell.end")] == [code]
    await bob.shell("localhost")
    await bob.close()
    async with asyncio.timeout(20):
        while len(live.records("shell.end")) < 2:
            await asyncio.sleep(0.01)
    assert live.records("shell.end")[1]["code"] is None
    await live.say(Answer.GO)


BACK = """
import sys, termios
from gonogo.cli.terminal import run_in_terminal
before = termios.tcgetattr(0)
codes = [run_in_terminal(one, "a test") for one in (
    ["sh", "-c", "stty raw -echo; exit 7"], ["sh", "-c", "kill -TERM $$"], ["no-such-program-here"])]
sys.exit(0 if codes == [7, -15, 127] and termios.tcgetattr(0) == before else 1)
"""


def test_the_terminal_is_given_back_as_it_was() -> None:
    """Whatever a program did to its settings is undone, and its exit code is returned."""
    operator = Operator()
    assert operator.run([sys.executable, "-c", BACK], "") == 0
    assert b"-- a test: ended with exit code 7" in operator.seen
    assert b"error: no-such-program-here is not installed here" in operator.seen


INTERRUPTED = """
from gonogo.cli.terminal import run_in_terminal
script = "trap 'echo caught; exit 5' INT; printf 'interrupt? '; while :; do sleep 0.05; done"
raise SystemExit(run_in_terminal(["sh", "-c", script], "a test"))
"""


def test_the_interrupt_key_is_for_the_program() -> None:
    """Ctrl-C reaches what runs in the terminal, and not the screen that lent it."""
    operator = Operator("\x03")
    assert operator.run([sys.executable, "-c", INTERRUPTED], "") == 5
    assert b"caught" in operator.seen
