"""Answering gates by typing lines: for dumb terminals, screen readers and serial consoles."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import sys
from collections.abc import Awaitable, Callable, Iterable

import click

from gonogo.errors import GonogoError, RunError
from gonogo.hosts import pick
from gonogo.run.client import LiveLink
from gonogo.run.link import Link
from gonogo.run.runner import NEEDS_REASON
from gonogo.run.state import Answer, At, Gate
from gonogo.text import clean_line

from . import byhand_looks as looks

_SHORT = {"g": "go", "y": "go", "n": "no-go", "s": "skip", "r": "retry-failed", "c": "check-again"}
_SHORT |= {"l": "leave-out", "h": "by-hand", "b": "rollback", "a": "abort", "d": "detach", "o": "note"}
_SHORT |= {"?": "help", "t": "test"}
LOOKS = 0.3
"""Seconds between two looks whether a question is still open."""
_AT_START = {**_SHORT, "c": "reach"}
_HELP = """\
   ANSWER [on=HOSTS] [REASON]          answer; at a failure, for some of its hosts alone
   go NUMBER, go VALUE                 where the number of hosts or a value is asked for
   note TEXT                           write a note
   steps, notes                        list the steps by number, the notes
   hosts [STEP]                        how the hosts of this step stand, or of another one
   output HOST [STEP]                  what a host printed
   shell HOST [REASON]                 a shell on a host; both are recorded
   jump STEP REASON                    go on at a later step, by number or name; what lies between is skipped
   again STEP REASON                   run a step that was done once more
   undo STEP REASON                    run the rollback of a step that was done
   pick-up HOSTS [REASON]              take hosts along again that were left out
   edit [ID] REASON                    change the command of a step before it runs, in your editor
   pause REASON                        say why the run rests
   test                                run the test plan; the run stays where it is
   baseline NUMBER                     compare later rounds of tests with this one
   detach                              leave; the run waits"""


class ByHand:
    """Takes a person's lines at gates."""

    def __init__(self, link: LiveLink) -> None:
        self._link = link
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "note": self._note,
            "jump": lambda rest: self._jump(rest, "forward"),
            "again": lambda rest: self._jump(rest, "again"),
            "undo": lambda rest: self._jump(rest, "rollback"),
            "pick-up": self._pick_up,
            "edit": self._edit,
            "pause": lambda rest: self._link.act("pause", reason=rest),
            "test": self._test,
            "baseline": self._baseline,
            "help": self._help,
            "steps": lambda _: _tell(looks.steps(self._link.state)),
            "hosts": lambda rest: _tell(looks.hosts(self._link.state, rest)),
            "notes": lambda _: _tell(looks.notes(self._link.state)),
            "output": lambda rest: _tell(looks.output(self._link.directory, self._link.state, rest)),
            "shell": self._shell,
        }

    async def at_gate(self, gate: Gate) -> bool:
        """Ask until the gate is answered or gone; return False when the person leaves."""
        ring()
        while self._waits(gate):
            tests = ", test" if self._link.state.plan.tests and gate.at is not At.START else ""
            said = await _ask(f"   [{self._choices(gate)}{tests}, help, detach]: ", lambda: self._waits(gate))
            if said is None:
                return not self._waits(gate)
            word, _, rest = said.strip().partition(" ")
            short = _AT_START if gate.at is At.START else _SHORT
            word, rest = short.get(word, word), rest.strip()
            if word == "detach":
                return False
            try:
                await (
                    self._commands[word](rest) if word in self._commands else self._answer(gate, word, rest)
                )
            except GonogoError as error:
                click.echo(f"   not taken: {error}", err=True)
        return True

    def _waits(self, gate: Gate) -> bool:
        """Tell whether it is still this gate, and ours to answer: others can answer, and take over."""
        return self._link.state.gate is gate and self._link.driving

    def _choices(self, gate: Gate) -> str:
        asked = {At.TYPED: "go NUMBER-OF-HOSTS", At.INPUT: "go" if _secret(gate) else "go VALUE"}
        return ", ".join([asked.get(gate.at, "go") if one is Answer.GO else one for one in gate.choices])

    async def _answer(self, gate: Gate, word: str, rest: str) -> None:
        if not word:
            return
        try:
            answer = Answer(word)
        except ValueError:
            raise RunError(f"{word!r} is no choice", "`help` lists them.") from None
        hosts = None
        if rest.startswith("on="):
            pattern, _, rest = rest[3:].partition(" ")
            hosts = pick(pattern, gate.meant(self._link.state.turns[gate.turn]))
        if answer in NEEDS_REASON:
            rest = rest.strip() or await _ask("   reason: ") or ""
        typed = rest
        if gate.at is At.INPUT and answer is Answer.GO and _secret(gate):
            typed = await asyncio.to_thread(getpass.getpass, "   value: ")
        reason = "" if gate.at is At.INPUT else rest.strip()
        await self._link.answer(gate.number, answer, reason=reason, typed=typed, hosts=hosts)

    async def _note(self, rest: str) -> None:
        await self._link.note(rest or (await _ask("   note: ") or "").strip())

    async def _jump(self, rest: str, how: str) -> None:
        word, _, reason = rest.partition(" ")
        step = looks.step_id(self._link.state, word)
        await self._link.act("jump", to=step, how=how, reason=await _reason(reason))

    async def _pick_up(self, rest: str) -> None:
        pattern, _, reason = rest.partition(" ")
        await self._link.act("pick-up", hosts=pick(pattern, self._link.state.left_out), reason=reason)

    async def _edit(self, rest: str) -> None:
        state = self._link.state
        ids = [planned.step.id for planned in state.plan.steps]
        first, _, reason = rest.partition(" ")
        if first not in ids:
            first, reason = (
                state.plan.step_of(state.plan.turns[state.gate.turn if state.gate else 0]).step.id,
                rest,
            )
        number = len(ids) - 1 - ids[::-1].index(first)
        script = await asyncio.to_thread(click.edit, state.script_of(number), extension=".sh")
        if script is None:
            raise RunError("the command is as it was")
        await self._link.act("edit", step=first, script=script, reason=await _reason(reason))

    async def _shell(self, rest: str) -> None:
        host, _, reason = rest.partition(" ")
        lend = self._link.lend
        if not host or lend is None:
            raise RunError("name the host that the shell is to be on", "Write `shell HOST REASON`.")
        argv = await self._link.shell(host, reason=await _reason(reason))
        await self._link.shell_ended(host, lend(argv, f"a shell on {clean_line(host)}"))

    async def _test(self, _: str) -> None:
        await self._link.act("test")
        await after_tests(self._link)

    async def _baseline(self, rest: str) -> None:
        if not (rest.isascii() and rest.isdecimal() and len(rest) < 10):
            raise RunError("name a round by its number", "Write `baseline 1`.")
        await self._link.act("baseline", number=int(rest))

    async def _help(self, _: str) -> None:
        click.echo(_HELP, err=True)


async def after_tests(link: Link) -> None:
    """Return when no round of tests is out, or the link is closed."""
    while _testing(link):
        async for _ in link.changes():
            break
        if link.ended:
            return


def _testing(link: Link) -> bool:
    return link.state.testing is not None


def _secret(gate: Gate) -> bool:
    return bool(gate.evidence.get("secret"))


async def _reason(given: str) -> str:
    return given.strip() or (await _ask("   reason: ") or "").strip()


async def _tell(lines: Iterable[str]) -> None:
    """Say lines aside: standard output may be read by a machine."""
    for line in lines:
        click.echo(f"   {line}", err=True)


def ring() -> None:
    """Call the person at the terminal."""
    if sys.stderr.isatty():
        sys.stderr.write("\a")


async def _ask(prompt: str, asked: Callable[[], bool] = lambda: True) -> str | None:
    """Read a line without holding up the story; None at the end of input, or when it is no longer `asked`."""
    # Standard output may be read by a machine.
    sys.stderr.write(prompt)
    sys.stderr.flush()
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, ready.set)
    try:
        while not ready.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ready.wait(), LOOKS)
            if not asked():
                sys.stderr.write("\n")
                return None
    finally:
        loop.remove_reader(sys.stdin)
    # A terminal gives whole lines, one at a time.
    return sys.stdin.readline() or None
