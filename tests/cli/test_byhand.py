"""Plain lines at a terminal: what is typed there, at a question and while commands are out."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import select
import sys
import termios
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from gonogo.cli.answers import Answers
from gonogo.cli.plain import lines as plain_lines
from gonogo.cli.plain import looks as byhand_looks
from gonogo.cli.plain.lines import Lines, Typed
from gonogo.cli.plain.screen import PlainScreen
from gonogo.errors import RunError
from gonogo.run import server
from gonogo.run.client import LiveLink
from gonogo.run.ports import Ended, Exit, Job, Sink, Stream
from gonogo.run.state import Answer
from gonogo.trail.output import OutputWriter, output_path
from tests.run.plans import plan_of, step
from tests.run.serving import serving
from tests.run.test_server import run, served
from tests.run.unattended import Unattended

__all__ = ["run", "served"]
PATIENCE = 30.0


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Sit at a terminal: what is written to this descriptor is typed there."""
    keyboard, end = pty.openpty()
    with (
        os.fdopen(end, "r") as lines,
        os.fdopen(os.dup(end), "w", buffering=1) as shown,
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "stdin", lines)
        patch.setattr(sys, "stderr", shown)
        yield keyboard
    os.close(keyboard)


def _sit(run: Path) -> asyncio.Task[int]:
    return asyncio.create_task(PlainScreen(Answers(), interactive=True).run(run, "ann@desk"))


async def shown_at(keyboard: int, word: bytes) -> bytes:
    """Return what came to the terminal, once this word is there."""
    found = b""
    while word not in found:
        found += await asyncio.to_thread(os.read, keyboard, 4096)
    return found


@asynccontextmanager
async def _sitting(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[int, asyncio.Task[int]]]:
    """Sit at a terminal at the run's question: (what is written here is typed, the screen's work)."""
    async with asyncio.timeout(PATIENCE):
        with terminal(monkeypatch) as keyboard:
            work = _sit(run)
            await shown_at(keyboard, b"detach]: ")
            yield keyboard, work


async def _walk(keyboard: int, *steps: tuple[bytes, bytes]) -> None:
    """Type each line when the one before has shown what it should."""
    for typed, wanted in steps:
        os.write(keyboard, typed)
        await shown_at(keyboard, wanted)


async def test_a_question_rings_and_takes_a_typed_line(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bell calls whoever went for coffee; the answer is a word."""
    async with asyncio.timeout(PATIENCE):
        with terminal(monkeypatch) as keyboard:
            work = _sit(run)
            assert b"\a" in await shown_at(keyboard, b"detach]")
            os.write(keyboard, b"go\n")
            assert await work == 0


async def test_a_question_tells_what_runs_and_what_each_answer_does(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hosts, command, way back, and each answer on a line of its own, once and before the prompt."""
    async with asyncio.timeout(PATIENCE):
        with terminal(monkeypatch) as keyboard:
            work = _sit(run)
            told = await shown_at(keyboard, b"detach]: ")
            for line in (
                b"hosts:    4: h[0-3]",
                b"changes:  yes, it may change something",
                b"runs:",
                b"  | run stop",
                b"rollback: no way back is written in the document",
                b"go: run it on 4 hosts",
                b"no-go: end the run here (with a reason)",
            ):
                assert told.count(b"\r\n   " + line + b"\r\n") == 1
            os.write(keyboard, b"\n")
            assert b"run stop" not in await shown_at(keyboard, b"detach]: ")
            os.write(keyboard, b"go\n")
            assert await work == 0


async def test_an_answer_from_elsewhere_ends_the_question(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who took over answers, and the terminal that still asked goes on with the run's end, without a key."""
    async with _sitting(run, monkeypatch) as (_, work):
        other = await LiveLink.connect(run, "bob@sofa", take=True)
        assert other.state.gate is not None
        await other.answer(other.state.gate.number, Answer.GO)
        assert await work == 0
        await other.close()


async def test_who_is_cut_off_hears_it_and_answers_nothing(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From another screen of one's own, too; then that nobody drives any more."""
    async with _sitting(run, monkeypatch) as (keyboard, work):
        other = await LiveLink.connect(run, "ann@desk", take=True)
        await shown_at(keyboard, b"ann@desk drives from another screen now; `gonogo attach run --take`")
        await _walk(keyboard, (b"go\n", b"not taken: you are looking on; ann@desk drives this run"))
        await other.close()
        await shown_at(keyboard, b"ann@desk has left: nobody drives now")
        await _walk(keyboard, (b"pause tea\n", b"not taken: you are looking on; nobody drives this run"))
        await _walk(keyboard, (b"detach\n", b"detach\r\n"))
        assert await work == 3


async def test_steps_hosts_output_and_notes_are_told_at_a_question(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the screen shows in panes is asked for by a word; a step has a number there, a mistake is told."""
    async with _sitting(run, monkeypatch) as (keyboard, work):
        await _walk(
            keyboard,
            (b"steps\n", b"> 1. "),
            (b"step\n", b"   runs:\r\n     | run stop\r\n"),
            (b"step 7\n", b"not taken: there is no step '7'"),
            (b"findings\n", b"was not checked here"),
            (b"hosts\n", b"4 hosts pending: h[0-3]"),
            (b"notes\n", b"No note was written yet."),
            (b"note it is late\n", b"detach]"),
            (b"notes\n", b"ann@desk: it is late"),
            (b"output nobody\n", b"not taken: the step has no host 'nobody'"),
            (b"output h0 stop\n", b"(printed nothing)"),
            (b"hosts 7\n", b"not taken: there is no step '7'"),
            (b"shell\n", b"not taken: name the host"),
        )
        os.write(keyboard, b"go\n")
        assert await work == 0


async def test_a_command_is_edited_before_it_runs(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one's own editor; what it leaves is taken with a reason, unless that is the same, or it failed."""
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\n. "{tmp_path}/does"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    async with _sitting(run, monkeypatch) as (keyboard, work):
        for does, wanted in (
            (":", b"not taken: the command is as it was"),
            ("exit 3", b"editor ended with 3"),
        ):
            (tmp_path / "does").write_text(does)
            await _walk(keyboard, (b"edit\n", wanted))
        (tmp_path / "does").write_text('echo "run all" >"$1"')
        await _walk(keyboard, (b"edit stop it is late\n", b"detach]: "))
        os.write(keyboard, b"step\n")
        told = await shown_at(keyboard, b"rollback: no way back is written")
        assert b"runs: (the operator's own, not the document's)\r\n     | run all\r\n" in told
        assert b"differs:\r\n     - | run stop\r\n     + | run all\r\n" in told
        link = await LiveLink.connect(run, "bob@sofa", drive=False)
        assert link.state.script_of(0) == "run all\n"
        await link.close()
        os.write(keyboard, b"no-go enough\n")
        assert await work == 1


async def test_a_run_is_followed_while_an_editor_is_open(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However much is told meanwhile: the run does not let the screen go, which has the latest lines then."""
    monkeypatch.setattr(server, "BACKLOG", 64 << 10)
    monkeypatch.setattr(plain_lines, "HELD", 20)
    os.mkfifo(tmp_path / "closed")
    (tmp_path / "editor").write_text(f'#!/bin/sh\necho opened >&2; read end <"{tmp_path}/closed"\n')
    (tmp_path / "editor").chmod(0o755)
    monkeypatch.setenv("VISUAL", str(tmp_path / "editor"))
    async with _sitting(run, monkeypatch) as (keyboard, work):
        await _walk(keyboard, (b"edit\n", b"your editor"))
        bob = await LiveLink.connect(run, "bob@sofa", drive=False)
        for number in range(1000):
            await bob.note(f"{number} {'x' * 2000}")
        await bob.close()
        await asyncio.to_thread((tmp_path / "closed").write_text, "end\n")
        await shown_at(keyboard, b"detach]: ")
        os.write(keyboard, b"no-go enough\n")
        assert await work == 1
    told = capsys.readouterr().out
    left_out = re.findall(r"^\.\.\. ([0-9]+) lines before these are left out$", told, re.MULTILINE)
    assert left_out
    assert sum(map(int, left_out)) + told.count("xxxx\n") == 1000
    assert " 999 xxxx" in told


async def _with_lines(monkeypatch: pytest.MonkeyPatch, do: Callable[[Lines, int], Awaitable[None]]) -> None:
    """Do something at a terminal whose settings are looked at afterwards."""
    async with asyncio.timeout(PATIENCE):
        with terminal(monkeypatch) as keyboard:
            before = termios.tcgetattr(sys.stdin)
            with Lines() as lines:
                await do(lines, keyboard)
            assert termios.tcgetattr(sys.stdin) == before


async def test_what_is_told_waits_for_the_end_of_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that was begun is not torn; the prompt comes again behind what was told."""

    async def do(lines: Lines, keyboard: int) -> None:
        asked = asyncio.create_task(lines.ask("say: ", about=7))
        await shown_at(keyboard, b"say: ")
        os.write(keyboard, b"no")
        await shown_at(keyboard, b"no")
        lines.say("a story", err=True)
        os.write(keyboard, b"te\n")
        assert await shown_at(keyboard, b"story\r\n") == b"te\r\na story\r\n"
        said = await asked
        assert said is not None
        assert (said.text, said.about) == ("note", 7)
        again = asyncio.create_task(lines.ask("say: "))
        await shown_at(keyboard, b"say: ")
        lines.say("more", err=True)
        assert b"\r\nmore\r\nsay: " in await shown_at(keyboard, b"say: ")
        os.write(keyboard, b"\x04")
        assert await again is None
        assert lines.over

    await _with_lines(monkeypatch, do)


async def test_an_answered_prompt_is_not_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when its time comes together with the line's end, behind what was told."""
    monkeypatch.setattr("gonogo.cli.plain.lines.SETTLE", 0)

    async def do(lines: Lines, keyboard: int) -> None:
        asked = asyncio.create_task(lines.ask("say: "))
        await shown_at(keyboard, b"say: ")
        os.write(keyboard, b"go\n")
        assert select.select([sys.stdin], [], [], PATIENCE)[0]
        lines.say("a story", err=True)
        assert await asked == Typed("go", None)
        lines.say("the end", err=True)
        assert (await shown_at(keyboard, b"the end")).count(b"say: ") == 1

    await _with_lines(monkeypatch, do)


async def test_a_hidden_line_is_notshown_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be mended unseen and stands again behind what is told; what was typed ahead is not taken for it."""

    async def do(lines: Lines, keyboard: int) -> None:
        asked = asyncio.create_task(lines.ask("say: "))
        await shown_at(keyboard, b"say: ")
        os.write(keyboard, b"go\nahead\nbeg")
        assert await asked == Typed("go", None)
        asked = asyncio.create_task(lines.ask("value: ", hidden=True))
        await shown_at(keyboard, b"value: ")
        os.write(keyboard, b"no\x15open\x7f\x7f \tsesame\nmore")
        assert await asked == Typed("op \tsesame", None)
        lines.say("a story", err=True)
        assert b"s" not in (await shown_at(keyboard, b"a story")).replace(b"a story", b"")
        os.write(keyboard, b"seen\n")
        assert await lines.ask("say: ") == Typed("seen", None)

    await _with_lines(monkeypatch, do)


async def test_who_begins_a_line_and_leaves_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while what waited is told all the same, and the begun line stands there again."""
    monkeypatch.setattr("gonogo.cli.plain.lines.PATIENCE", 0.01)

    async def do(lines: Lines, keyboard: int) -> None:
        asked = asyncio.create_task(lines.ask("say: "))
        os.write(keyboard, b"hal")
        await shown_at(keyboard, b"hal")
        lines.say("a story", err=True)
        assert b"\r\na story\r\nsay: hal" in await shown_at(keyboard, b"say: hal")
        os.write(keyboard, b"lo\n")
        said = await asked
        assert said is not None
        assert said.text == "hallo"

    await _with_lines(monkeypatch, do)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (b"gi\x7fo\n", "go"),
        (b"wrong\x15go\r", "go"),
        (b"note one two\x17three\n", "note one three"),
        (b"\x1b[A\x1bOPg\x1b[3~o\x01\n", "go"),
        ("note d\u00e9j\u00e0 \u8a9e\x7f\n".encode(), "note d\u00e9j\u00e0 "),
        (b"\x7f\x17\x15\n", ""),
        (b"a\xff\xc2\x9bb\xe2\x80\xaec\n", "a\ufffdbc"),
    ],
)
async def test_a_line_is_mended_while_it_is_typed(
    monkeypatch: pytest.MonkeyPatch, keys: bytes, text: str
) -> None:
    """Backspace, and what takes back a word or all; arrows and unseen characters are no part of a line."""

    async def do(lines: Lines, keyboard: int) -> None:
        os.write(keyboard, keys)
        said = await lines.ask()
        assert said is not None
        assert said.text == text

    await _with_lines(monkeypatch, do)


class Holding(Unattended):
    """An executor whose commands print a line and last until they are cancelled, or `free` is set."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self._ends: dict[str, asyncio.Event] = {}

    async def run(self, job: Job, sink: Sink) -> None:
        """Run on all hosts at once."""
        await asyncio.gather(*(self._one(target.name, sink) for target in job.targets))

    async def _one(self, host: str, sink: Sink) -> None:
        self._ends[host] = asyncio.Event()
        await sink.starting(host)
        sink.output(host, Stream.OUT, f"Disk {host}\nnothing\n".encode())
        ends = [asyncio.ensure_future(one.wait()) for one in (self.free, self._ends[host])]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            sink.exited(host, Exit(Ended.CANCELLED, reason="cancelled"))
            raise
        finally:
            for one in ends:
                one.cancel()
        how = Exit(Ended.EXIT, 0) if self.free.is_set() else Exit(Ended.CANCELLED, reason="cancelled")
        sink.exited(host, how)

    def cancel(self, host: str) -> None:
        """End it on one host."""
        self._ends[host].set()


@pytest.fixture
async def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Path, Holding]]:
    """A run of two steps whose commands last, at its first gate."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    executor = Holding()
    async with serving(tmp_path / "run", plan_of(step("stop"), step("begin")), executor) as one:
        yield one.run, executor
        executor.free.set()


async def _until(keyboard: int, typed: bytes, told: bytes, wanted: bytes) -> None:
    """Type a line, which is answered with `told` at the end, until the answer has what is wanted."""
    found = b""
    while wanted not in found:
        os.write(keyboard, typed)
        found = await shown_at(keyboard, told)


async def _out(keyboard: int) -> None:
    """Say go, and look until the command is out on all four hosts, and what they printed is on disk."""
    await _walk(keyboard, (b"go\n", b"(`cancel` ends it"))
    await _until(keyboard, b"hosts\n", b"h[0-3]\r\n", b"4 hosts running")
    await _until(keyboard, b"search dISK\n", b".\r\n", b"4 lines on 4 hosts")


async def test_lines_are_taken_while_commands_are_out(
    held: tuple[Path, Holding], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looks, notes and a search; an answer is told as out of place, a pause is kept for the next question."""
    run, executor = held
    async with _sitting(run, monkeypatch) as (keyboard, work):
        await _out(keyboard)
        await _walk(
            keyboard,
            (b"search step=2 x\n", b"No line has that."),
            (b"search step=9 x\n", b"there is no step '9'"),
            (b"search\n", b"there is no text to search for"),
            (b"output h1\n", b"Disk h1"),
            (b"go\n", b"not taken: nothing is asked now"),
            (b"monitors\n", b"has no monitors"),
            (b"rounds\n", b"has no test plan"),
            (b"?\n", b"cancel [HOSTS]"),
            (b"cancel h9\n", b"not taken: "),
            (b"pause\n", b"reason: "),
            (b"lunch\n", b"will rest at its next question"),
        )
        executor.free.set()
        await shown_at(keyboard, b"detach]: ")
        await _walk(keyboard, (b"detach\n", b"detach\r\n"))
        assert await work == 3
    last = await LiveLink.connect(run, "ann@desk")
    assert last.state.paused == "lunch"
    await last.close()


async def test_cancel_asks_first_and_ends_what_it_names(
    held: tuple[Path, Holding], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one host, then on all that are left; anything but yes leaves them alone."""
    run, _ = held
    async with _sitting(run, monkeypatch) as (keyboard, work):
        await _walk(keyboard, (b"cancel\n", b"not taken: nothing is out on hosts"))
        await _out(keyboard)
        await _walk(
            keyboard,
            (b"cancel\n", b"Cancel the command on 4 hosts? What it did so far stays done."),
            (b"no\n", b"no\r\n"),
            (b"cancel h2\n", b"Cancel the command on 1 host: h2?"),
            (b"yes\n", b"yes\r\n"),
        )
        await _until(keyboard, b"hosts\n", b"]\r\n", b"3 hosts running")
        await _walk(
            keyboard,
            (b"cancel\n", b"Cancel the command on 3 hosts?"),
        )
        os.write(keyboard, b"yes\n")
        told = await shown_at(keyboard, b"detach]: ")
        assert b"\r\n   retry-failed: run it again on 4 hosts: h[0-3]\r\n" in told
        assert b"\r\n   leave-out: go on without 4 hosts, here and in later steps (with a reason)\r\n" in told
        assert b"`step` tells again what it runs." in told
        assert b"| run stop" not in told
        await _walk(keyboard, (b"abort enough\n", b"abort enough"))
        assert await work == 1


async def test_a_question_takes_back_the_one_whether_to_cancel(
    held: tuple[Path, Holding], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was to be cancelled has ended by itself: the next line belongs to the run's own question."""
    run, executor = held
    async with _sitting(run, monkeypatch) as (keyboard, work):
        await _out(keyboard)
        await _walk(keyboard, (b"cancel\n", b"[yes, no]: "))
        executor.free.set()
        await shown_at(keyboard, b"detach]: ")
        os.write(keyboard, b"go\n")
        assert await work == 0


async def test_a_line_typed_for_another_moment_is_no_answer(
    held: tuple[Path, Holding], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lines at once answer one question; one that was begun before a question does not answer it."""
    run, executor = held
    executor.free.set()
    async with _sitting(run, monkeypatch) as (keyboard, work):
        os.write(keyboard, b"go\ngo\n")
        await shown_at(keyboard, b"not taken: ")
        os.write(keyboard, b"\n")
        await shown_at(keyboard, b"detach]: ")
        os.write(keyboard, b"go\n")
        assert await work == 0


async def test_a_host_s_output_is_told_to_its_end(run: Path) -> None:
    """The latest attempt's, cleaned; of a long one the end, and how long it is."""
    link = await LiveLink.connect(run, "ann@desk")
    state = link.state
    state.turns[0].attempt = 1
    writer = OutputWriter(output_path(run, 0, 1))
    writer.write(1, "h0", "o", b"one\x1b[31m\n" + b"x" * 70_000 + b"\nlast")
    writer.write(1, "other", "o", b"not this\n")
    writer.close()
    told = list(byhand_looks.output(run, state, "h0 1"))
    assert told[0] == "... the last 65,536 of 70,014 bytes"
    assert told[-1] == "last"
    assert byhand_looks.step_number(state, "1") == byhand_looks.step_number(state, "stop") == 0
    with pytest.raises(RunError, match="there is no step '2'"):
        byhand_looks.step_number(state, "2")
    assert byhand_looks.step_to_edit(state, "stop it is late") == (0, "it is late")
    assert byhand_looks.step_to_edit(state, "2 hosts are slow") == (0, "2 hosts are slow")
    await link.close()
