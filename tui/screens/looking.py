"""What the operator does with output: search it, narrow it, wrap it, copy it, open it in a pager."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from gonogo.text import clean_line, many

from ..grouped import ONLY
from ..lists import FORMS, host_lists
from ..projection import folded
from ..widgets.output import Output
from ..widgets.wall import Wall
from ..words import clock
from .ask import Question
from .choose import Choose, Way
from .moving import Moving

if TYPE_CHECKING:
    from gonogo.run.replay.search import Hit

COPIED = 100_000
"""Characters that are copied at most: terminals refuse more, or choke on it."""


class Looking(Moving):
    """The keys that are about output; none of them reaches the run."""

    @property
    def output(self) -> Output:
        """The pane of output."""
        return self.query_one(Output)

    def action_search(self) -> None:
        """Mark a word and go from place to place."""

        async def say(text: str) -> None:
            if await self.output.seek(text):
                self.output.focus()
            else:
                self.tell("It stands nowhere in this output.")

        on, before, end = (self.label(name) for name in ("output.next", "output.previous", "look.back"))
        hint = f"whatever the case · then {on} and {before} go on, {end} ends it"
        question = Question("Search the output", None, hint, "marks it", empty=True, value=self.output.sought)
        self.ask(question, say)

    def action_search_all(self) -> None:
        """List every place where a word stands in all that the step's hosts printed."""

        async def say(text: str) -> None:
            self.app.call_later(self._list_places, text)

        hint = "in all that every host printed, whatever the case"
        question = Question("Search every host's output", None, hint, "lists it", value=self.output.sought)
        self.ask(question, say)

    def _list_places(self, text: str) -> None:
        # Few screens ever search all of their hosts.
        from gonogo.run.replay.search import find_in_turn

        from .replay_find import Find

        state, turn, run = self.link.state, self.looked, self.link.directory
        attempts = state.turns[turn].attempt

        def search(stopped: Callable[[], bool]) -> Iterator[Hit | None]:
            return find_in_turn(run, turn, attempts, text, stopped)

        def choose(found: tuple[list[Hit], int] | None) -> None:
            self.output.mark(text)
            if found is not None:
                hits, number = found
                self.places = [hit.host for hit in hits if hit.host in state.turns[turn].hosts]
                host = hits[number].host
                self._open_place(host, 1 + sum(hit.host == host for hit in hits[:number]))

        self.app.push_screen(Find(text, search, lambda at: f"+{clock(at):<8}"), choose)

    def _open_place(self, host: str, place: int) -> None:
        if host in self.link.state.turns[self.looked].hosts:
            self.open_host(host)
            self.output.go_to_place(place)
            self.output.focus()

    def on_output_past(self, event: Output.Past) -> None:
        """Go on with a search in the next host that has the word."""
        hosts = list(dict.fromkeys(self.places))
        if len(hosts) > 1 and self.output.host in hosts:
            at = (hosts.index(self.output.host) + event.by) % len(hosts)
            self._open_place(hosts[at], event.by)
        else:
            self.tell("The search went round: no other host has it, as far as was looked.")

    def action_only(self) -> None:
        """Show only what failed, then only what is odd, then all."""
        output = self.output
        output.only = ONLY[(ONLY.index(output.only) + 1) % len(ONLY)]
        if output.host and len(self.link.state.turns[self.looked].hosts) > 1:
            output.open("")
        self.touch()

    def action_narrow(self) -> None:
        """Show only lines that hold a word."""

        async def say(text: str) -> None:
            self.output.search(text)

        hint = "only lines that hold it are shown, whatever the case · empty shows all"
        wanted = self.output.wanted
        self.ask(Question("Narrow the output", None, hint, "shows them", empty=True, value=wanted), say)

    def action_hosts(self) -> None:
        """Show only some hosts in the wall."""
        wall = self.query_one(Wall)
        if not wall.display:
            self.tell("This step has no wall of hosts.")
            return

        async def say(text: str) -> None:
            wall.narrow(text)
            self.touch()

        states = sorted({state.value for state in self.link.state.turns[self.looked].counts()})
        lines = ((("states: ", "dim"), (" · ".join(["bad", *states]), "title")),)
        hint = "a state, a part of a name, or a * pattern · empty shows all"
        choices = ("bad", *states)
        wanted = wall.wanted
        question = Question(
            "Which hosts?", None, hint, "shows them", lines, empty=True, value=wanted, choices=choices
        )
        self.ask(question, say)

    def action_wrap(self) -> None:
        self.output.wraps = not self.output.wraps
        self.themed.choose(wrap=self.output.wraps)
        self.tell("Long lines are broken." if self.output.wraps else "Long lines are cut at the right.")

    def action_copy_hosts(self) -> None:
        """Choose some hosts, and how their names are written, for the clipboard."""
        state, wall = self.link.state, self.query_one(Wall)
        gate = state.gate if state.gate is not None and state.gate.turn == self.looked else None
        lists = host_lists(
            state.turns[self.looked],
            gate,
            group=self.output.group,
            shown=wall.names if wall.wanted else (),
            picked=self.picked,
        )
        ways = [Way(one.name, one.word, f"{many(len(one.hosts))}: {folded(one.hosts, 60)}") for one in lists]

        def choose(name: str | None) -> None:
            for one in lists:
                if one.name == name:
                    self._copy_hosts(one.hosts)

        if ways:
            self.app.push_screen(Choose("Copy which hosts?", ways), choose)
        else:
            self.tell("This step has no hosts but this machine.")

    def _copy_hosts(self, hosts: tuple[str, ...]) -> None:
        def choose(name: str | None) -> None:
            for form, _, _, write in FORMS:
                if form == name:
                    self._to_clipboard(write(hosts), many(len(hosts)))

        ways = [Way(name, word, effect) for name, word, effect, _ in FORMS]
        self.app.push_screen(Choose(f"Copy {many(len(hosts))} as what?", ways), choose)

    def _to_clipboard(self, text: str, what: str) -> None:
        if len(text) > COPIED:
            self.tell(f"It is too long to copy: {many(len(text), 'character')}.")
            return
        self.app.copy_to_clipboard(text)
        self.tell(f"{what} went to the clipboard, if the terminal lets them.")

    def _shown_output(self) -> str:
        return "".join(f"{self.output.text(y).rstrip()}\n" for y in range(self.output.count))

    def action_copy(self) -> None:
        self._to_clipboard(self._shown_output(), many(self.output.count, "line"))

    async def action_pager(self) -> None:
        """Give the terminal to the operator's pager, and come back."""
        lend = self.link.lend
        words = shlex.split(os.environ.get("PAGER", "")) or ["less"]
        if lend is None:
            self.tell("There is no terminal to lend to a pager.")
            return
        with tempfile.NamedTemporaryFile("w", prefix="gonogo-", suffix=".txt", encoding="utf-8") as file:
            file.write(self._shown_output())
            file.flush()
            await lend([*words, file.name], f"output in {clean_line(words[0])}")
        self.refresh(layout=True)
