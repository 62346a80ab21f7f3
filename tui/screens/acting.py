"""What the operator does besides answering: jumps, edits, pauses, picking hosts up, shells."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gonogo.run.state import HostState
from gonogo.text import clean_line, many

from ..deeds import Jump, cancelling, difference, hosts_called, jumps, step_called, unedited
from ..lines import Line, span
from ..projection import folded
from .ask import Question
from .choose import Choose, Way
from .watching import Watching

if TYPE_CHECKING:
    from .editor import Editor

ROOM = 8
"""Lines of the terminal that a question about a difference needs besides it."""


class Acting(Watching):
    """The keys that are no answers."""

    def action_cancel(self) -> None:
        """End what is out on hosts, on the one host on the screen, or the trying between two attempts."""
        state = self.link.state
        current = self.outline.current(state)
        if not self.may_drive():
            return
        if state.testing is not None:
            self._ask_cancel(cancelling(state, ()))
            return
        if state.gate is not None or current is None:
            self.tell("Nothing runs that could be cancelled.")
            return
        out = state.turns[current].in_state(HostState.RUNNING)
        if not self.reaching and len(out) > 1 and self.seen_host in out and not self.elsewhere:
            self._choose_cancel(self.seen_host, len(out))
        else:
            self._ask_cancel(cancelling(state, out))

    def _choose_cancel(self, host: str, out: int) -> None:
        ways = (
            Way("cancel.host", "this host", f"end it on {host} alone"),
            Way("cancel.all", "all", f"end it on all {many(out)}"),
        )

        def choose(way: str | None) -> None:
            if way is not None:
                self.do(self.link.cancel((host,) if way == "cancel.host" else ()))

        self.app.push_screen(Choose("Cancel the command? What it did so far stays done.", ways), choose)

    def _ask_cancel(self, prompt: str) -> None:
        async def say(_: str) -> None:
            await self.link.cancel()

        self.ask(Question(prompt, yes=True), say)

    @property
    @abstractmethod
    def seen_host(self) -> str:
        """The host that the operator looks at alone, or empty."""

    def action_pause(self) -> None:
        state = self.link.state
        if not self.may_drive():
            return
        if state.gate is None:
            self.tell("A step is running: the run can rest at the next question.")
        elif state.paused:
            self.tell("The run rests already. The next answer goes on with it.")
        else:

            async def say(text: str) -> None:
                await self.link.act("pause", reason=text)

            self.ask(Question("The run rests here until the next answer. Why?", state.gate.number), say)

    def action_pick_up(self) -> None:
        """Take hosts that were left out along again."""
        state = self.link.state
        if not self.may_drive():
            return
        out = list(state.left_out)
        if not out:
            self.tell("No host is left out.")
            return

        def check(text: str) -> str:
            try:
                hosts_called(text, out)
            except ValueError as error:
                return f"{error}: it is not left out"
            return ""

        async def say(text: str) -> None:
            await self.link.act("pick-up", hosts=list(hosts_called(text, out)))

        lines: tuple[Line, ...] = (
            (("left out: ", "dim"), (folded(out), "warn")),
            (("Every step that went without them asks, and runs on them alone.", "dim"),),
        )
        hint = "names, ranges or * patterns · empty: all of them"
        question = Question("Pick up which hosts?", None, hint, "picks them up", lines, check)
        self.ask(replace(question, empty=True, limit=10_000), say)

    def action_jump(self) -> None:
        """Leave the document's order for the step on the screen, or for one whose number is asked."""
        if not self.may_drive():
            return
        if self.elsewhere:
            self._jump_to(self.looked_step)
            return

        def check(text: str) -> str:
            try:
                step_called(self.outline, text)
            except ValueError as error:
                return str(error)
            return ""

        wanted: list[int] = []

        async def say(text: str) -> None:
            wanted.append(step_called(self.outline, text))

        hint = f"its number, 1 to {len(self.outline.steps)}"
        question = Question("Jump to which step?", hint=hint, enter="shows the ways", check=check)
        self.ask(question, say, lambda: self._jump_to(wanted[0]))

    def _jump_to(self, step: int) -> None:
        state = self.link.state
        ways = jumps(self.outline, state, step)
        title = clean_line(state.plan.steps[step].step.title)
        if not ways:
            running = any(turn.running for turn in state.turns)
            self.tell(
                "A step is running: wait for its end, or cancel it."
                if running
                else "The run is there already."
            )
            return

        def choose(name: str | None) -> None:
            for way in ways:
                if way.name == name:
                    self._ask_jump(step, way)

        shown = [Way(one.name, one.word, one.effect) for one in ways]
        self.app.push_screen(Choose(f"Step {self.outline.place(step)}: {title}", shown), choose)

    def _ask_jump(self, step: int, way: Jump) -> None:
        planned = self.link.state.plan.steps[step].step

        async def say(text: str) -> None:
            await self.link.act("jump", to=planned.id, how=way.how, reason=text)
            self.looking = None

        self.ask(Question(way.prompt, lines=((span(way.about, "title"),),)), say)

    def action_edit(self) -> None:
        """Run another command than the document's in the step on the screen."""
        if not self.may_drive():
            return
        # A text area takes 7 ms to load, which few screens ever need.
        from ..outside import shown_whole
        from .editor import Editor

        state, step = self.link.state, self.looked_step
        if why := unedited(state.plan, state, step):
            self.tell(why)
            return
        before = state.script_of(step)
        if not shown_whole(before):
            self.tell(
                "The command holds characters that cannot be shown as they are: edit the runbook's file."
            )
            return
        planned = state.plan.steps[step].step
        lend = self.link.lend
        editor = Editor(
            planned.title, before, lambda text: self._ask_edit(editor, planned.id, before, text), lend
        )
        self.app.push_screen(editor)

    def _ask_edit(self, editor: Editor, step: str, before: str, text: str) -> None:
        lines = difference(before, text, max(self.size.width - 4, 20))
        room = max(self.size.height - ROOM, 3)
        more: tuple[Line, ...] = ()
        if len(lines) > room:
            more = (((f"… {len(lines) - room} more lines", "dim"),),)

        async def say(reason: str) -> None:
            await self.link.act("edit", step=step, script=text, reason=reason)

        self.ask(
            Question("It will run like this. Why?", lines=(*lines[:room], *more)),
            say,
            lambda: editor.dismiss(None),
        )

    @property
    def shell_host(self) -> str:
        """The host on which a shell can be opened now, or empty."""
        resting = self.link.driving and self.link.state.gate is not None
        return self.seen_host if resting and self.link.lend is not None else ""

    def action_shell(self) -> None:
        """Give the terminal to a shell on a host, and come back; both are recorded."""
        if not self.may_drive():
            return
        host = self.shell_host
        if not host:
            self.tell("A shell opens on the host whose output is on the screen, while a question waits.")
            return

        lend, argv = self.link.lend, list[str]()

        async def say(reason: str) -> None:
            argv.extend(await self.link.shell(host, reason=reason))

        async def shell() -> None:
            if lend is not None:
                await self.link.shell_ended(host, await lend(argv, f"a shell on {host}"))

        lines: tuple[Line, ...] = ((("What you do there is not in the document.", "dim"),),)
        question = Question(f"A shell on {clean_line(host)}. Why?", lines=lines)
        self.ask(question, say, lambda: self.do(shell()))
