"""Answering gates by typing lines: for dumb terminals, screen readers and serial consoles."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable

from gonogo.errors import GonogoError, RunError
from gonogo.hosts import pick
from gonogo.run.client import LiveLink
from gonogo.run.link import Lend, Link
from gonogo.run.state import Answer, At, Gate, HostState
from gonogo.run.words import NEEDS_REASON
from gonogo.text import clean_line
from gonogo.tui.deeds import cancelling, unedited
from gonogo.tui.outside import edited_outside, shown_whole

from . import looks, watched
from .before import Before
from .lines import Lines, Typed
from .seat import Seat

_SHORT = {"g": "go", "y": "go", "n": "no-go", "s": "skip", "r": "retry-failed", "c": "check-again"}
_SHORT |= {"l": "leave-out", "h": "by-hand", "b": "rollback", "a": "abort", "d": "detach", "o": "note"}
_SHORT |= {"?": "help", "t": "test"}
_AT_START = {**_SHORT, "c": "reach"}
_HELP = """\
At a question:
   ANSWER [on=HOSTS] [REASON]          answer; at a failure, for some of its hosts alone
   go NUMBER, go VALUE                 where the number of hosts or a value is asked for
   jump STEP REASON                    go on at a later step, by number or name; what lies between is skipped
   again STEP REASON                   run a step that was done once more
   undo STEP REASON                    run the rollback of a step that was done
   pick-up HOSTS [REASON]              take hosts along again that were left out
   edit [ID] REASON                    change the command of a step before it runs, in your editor
   test                                run the test plan; the run stays where it is
   baseline NUMBER                     compare later rounds of tests with this one
While commands are out:
   cancel [HOSTS]                      end them, on all hosts or on these; what they did stays done
At any time:
   note TEXT                           write a note
   pause REASON                        the run rests at its question, or at the next one; say why
   steps, notes                        list the steps by number, the notes
   step [NUMBER]                       a step's hosts, settings, commands and words: this one's, or another's
   findings                            what check found in the runbook before the first go
   hosts [STEP]                        how the hosts of this step stand, or of another one
   output HOST [STEP]                  what a host printed
   search [step=STEP] TEXT             the lines with this text, of all hosts of the step
   monitors                            what is watched: number now, limits, course
   rounds [NUMBER]                     the rounds of the test plan; one's results, the last one's at first
   shell HOST [REASON]                 a shell on a host; both are recorded
   help                                this list; `?` is the same
   detach                              leave, as ctrl-c does; the run goes on to its next question, and waits
A word's first letter is enough for an answer (`g`, `n`, `s`, `r`, `c`, `l`, `h`, `b`, `a`), `o` is a note."""


class ByHand:
    """Takes a person's lines at gates."""

    def __init__(self, link: LiveLink, lines: Lines, lend: Lend) -> None:
        self._link, self._lines, self._lend = link, lines, lend
        self._rest = ""
        """Why the run is to rest at its next question."""
        self._seat, self._before = Seat(link), Before(link)
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "note": self._note,
            "jump": lambda rest: self._jump(rest, "forward"),
            "again": lambda rest: self._jump(rest, "again"),
            "undo": lambda rest: self._jump(rest, "rollback"),
            "pick-up": self._pick_up,
            "edit": self._edit,
            "pause": self._pause,
            "cancel": self._cancel,
            "test": lambda _: self._link.act("test"),
            "baseline": self._baseline,
            "help": self._help,
            "steps": lambda _: self._tell(looks.steps(link.state)),
            "step": lambda rest: self._tell(looks.step(link.state, rest)),
            "findings": lambda _: self._tell(self._before.findings()),
            "hosts": lambda rest: self._tell(looks.hosts(link.state, rest)),
            "notes": lambda _: self._tell(looks.notes(link.state)),
            "output": lambda rest: self._read(looks.output(link.directory, link.state, rest)),
            "search": lambda rest: self._read(looks.search(link.directory, link.state, rest)),
            "monitors": lambda _: self._tell(watched.monitors(link.state, link.now())),
            "rounds": lambda rest: self._tell(watched.rounds(link.state, rest)),
            "shell": self._shell,
        }

    async def at_gate(self, gate: Gate) -> bool:
        """Ask until the gate is answered or gone; return False when the person leaves."""
        ring()
        await self._rest_here()
        await self._tell(await self._before.question(gate))
        while self._waits(gate):
            if _testing(self._link):
                if not await self.meanwhile(lambda: self._waits(gate) and _testing(self._link)):
                    return False
                continue
            tests = ", test" if self._link.state.plan.tests and gate.at is not At.START else ""
            said = await self._lines.ask(
                f"   [{self._choices(gate)}{tests}, help, detach]: ",
                about=gate.number,
                asked=lambda: self._waits(gate) and not _testing(self._link),
            )
            if self._leaves(said) or (said is not None and not await self._do(said, gate)):
                return False
        return True

    async def meanwhile(self, lasts: Callable[[], bool], gate: Gate | None = None) -> bool:
        """Take lines while nothing is asked, or `gate` needs no answer; False when the person leaves."""
        if told := self._seat.look():
            self._say(told)
        if gate is not None and lasts():
            await self._tell(await self._before.question(gate))
            self._say(f"({self._choices(gate)}, help, detach: can be typed meanwhile)")

        def still() -> bool:
            return lasts() and not self._seat.changed

        while still():
            said = await self._lines.ask(about=gate.number if gate else None, asked=still)
            if self._leaves(said) or (said is not None and not await self._do(said, gate)):
                return False
        return True

    def _leaves(self, said: Typed | None) -> bool:
        return said is None and self._lines.over

    async def _do(self, said: Typed, gate: Gate | None) -> bool:
        """Do what a line says; return False for `detach`."""
        word, _, rest = said.text.strip().partition(" ")
        short = _AT_START if gate is not None and gate.at is At.START else _SHORT
        word, rest = short.get(word, word), rest.strip()
        if word == "detach":
            return False
        try:
            if word in self._commands:
                await self._commands[word](rest)
            elif word:
                await self._answer(self._asked(said, gate), word, rest)
        except GonogoError as error:
            self._say(f"not taken: {error}")
        return True

    def _waits(self, gate: Gate) -> bool:
        """Tell whether it is still this gate, and ours to answer: others can answer, and take over."""
        return self._link.state.gate is gate and self._link.driving

    def _asked(self, said: Typed, gate: Gate | None) -> Gate:
        """Return the question that a line answers; raise RunError when there is none, or a later one."""
        if not self._link.driving:
            raise self._seat.onlooker()
        if gate is None:
            raise RunError("nothing is asked now", "`help` lists what can be typed.")
        if said.about != gate.number:
            raise RunError("it was begun before this question was asked", "Read that, and type it again.")
        return gate

    def _choices(self, gate: Gate) -> str:
        asked = {At.TYPED: "go NUMBER-OF-HOSTS", At.INPUT: "go" if _secret(gate) else "go VALUE"}
        return ", ".join([asked.get(gate.at, "go") if one is Answer.GO else one for one in gate.choices])

    async def _answer(self, gate: Gate, word: str, rest: str) -> None:
        try:
            answer = Answer(word)
        except ValueError:
            raise RunError(f"{word!r} is no choice", "`help` lists them.") from None
        hosts = None
        if rest.startswith("on="):
            pattern, _, rest = rest[3:].partition(" ")
            hosts = pick(pattern, gate.meant(self._link.state.turns[gate.turn]))
        if answer in NEEDS_REASON:
            rest = await self._reason(rest)
        typed = rest
        if gate.at is At.INPUT and answer is Answer.GO and _secret(gate):
            said = await self._lines.ask("   value: ", asked=lambda: self._waits(gate), hidden=True)
            typed = said.text if said else ""
        reason = "" if gate.at is At.INPUT else rest.strip()
        await self._link.answer(gate.number, answer, reason=reason, typed=typed, hosts=hosts)

    async def _note(self, rest: str) -> None:
        await self._link.note(rest or await self._line("note: "))

    async def _jump(self, rest: str, how: str) -> None:
        word, _, reason = rest.partition(" ")
        number = looks.step_number(self._link.state, word)
        step = self._link.state.plan.steps[number].step.id
        await self._link.act("jump", to=step, how=how, reason=await self._reason(reason))

    async def _pick_up(self, rest: str) -> None:
        pattern, _, reason = rest.partition(" ")
        await self._link.act("pick-up", hosts=pick(pattern, self._link.state.left_out), reason=reason)

    async def _edit(self, rest: str) -> None:
        state = self._link.state
        number, reason = looks.step_to_edit(state, rest)
        if why := unedited(state.plan, state, number):
            raise RunError(why)
        before = state.script_of(number)
        if not shown_whole(before):
            raise RunError("the command holds what cannot be shown as it is", "Edit the runbook's file.")
        try:
            script = await edited_outside(before, self._lend)
        except (OSError, ValueError) as error:
            raise RunError(str(error)) from None
        # Editors end the last line.
        if script.rstrip("\n") == before.rstrip("\n"):
            raise RunError("the command is as it was")
        step = state.plan.steps[number].step.id
        await self._link.act("edit", step=step, script=script, reason=await self._reason(reason))

    async def _shell(self, rest: str) -> None:
        host, _, reason = rest.partition(" ")
        if not host:
            raise RunError("name the host that the shell is to be on", "Write `shell HOST REASON`.")
        argv = await self._link.shell(host, reason=await self._reason(reason))
        code = await self._lend(argv, f"a shell on {clean_line(host)}")
        await self._link.shell_ended(host, code)

    async def _pause(self, rest: str) -> None:
        reason = await self._reason(rest)
        if self._link.state.gate is not None and not _testing(self._link):
            await self._link.act("pause", reason=reason)
        elif not self._link.driving:
            raise self._seat.onlooker()
        elif not reason:
            raise RunError("that needs a reason")
        else:
            self._rest = reason
            self._say("The run will rest at its next question.")

    async def _rest_here(self) -> None:
        """Say of a question that the run rests there, if that was wished while none was asked."""
        reason, self._rest = self._rest, ""
        if reason:
            try:
                await self._link.act("pause", reason=reason)
            except GonogoError as error:
                self._say(f"not taken: {error}")

    async def _cancel(self, rest: str) -> None:
        state = self._link.state
        gate, testing = state.gate, _testing(self._link)
        current = state.turns[state.current.index] if state.current is not None else None
        out = [] if current is None or gate is not None else current.in_state(HostState.RUNNING)
        if not testing and (gate is not None or (rest and not out)):
            raise RunError("nothing is out on hosts")
        hosts = pick(rest, out) if rest and not testing else ()
        self._say(cancelling(state, out, hosts))

        def still() -> bool:
            # A question that is asked meanwhile is not to be hidden behind this one.
            return self._link.state.gate is gate and _testing(self._link) == testing

        if await self._line("[yes, no]: ", still) in ("y", "yes"):
            await self._link.cancel(hosts)

    async def _baseline(self, rest: str) -> None:
        if not (rest.isascii() and rest.isdecimal() and len(rest) < 10):
            raise RunError("name a round by its number", "Write `baseline 1`.")
        await self._link.act("baseline", number=int(rest))

    async def _help(self, _: str) -> None:
        self._say(_HELP)

    async def _reason(self, given: str) -> str:
        return given.strip() or await self._line("reason: ")

    async def _line(self, prompt: str, asked: Callable[[], bool] = lambda: True) -> str:
        """Return one more line that belongs to what is being done; empty when it is not `asked` any more."""
        said = await self._lines.ask(f"   {prompt}", asked=lambda: asked() and not self._link.ended)
        return said.text.strip() if said else ""

    async def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._say(line)

    async def _read(self, lines: Iterable[str]) -> None:
        """Tell lines that lie on disk, which may be many, without holding up the story."""
        await self._tell(await asyncio.to_thread(list, lines))

    def _say(self, line: str) -> None:
        """Say it aside: standard output may be read by a machine."""
        for part in line.split("\n"):
            self._lines.say(f"   {part}", err=True)


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


def ring() -> None:
    """Call the person at the terminal."""
    if sys.stderr.isatty():
        sys.stderr.write("\a")
