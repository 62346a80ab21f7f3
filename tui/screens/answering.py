"""Answering gates: what each answer wants to know first, and that no key answers by mistake."""

from __future__ import annotations

from msgspec.structs import replace

from gonogo.errors import GonogoError
from gonogo.run.inputs import accept, offered
from gonogo.run.state import Answer, At, Gate
from gonogo.text import many

from ..choices import NARROWED, Choice, choices, is_menu
from ..deeds import hosts_called
from ..evidence import missing
from ..lines import Line, span
from ..projection import folded
from .ask import Question, value_question
from .operating import Operating


class Answering(Operating):
    """The keys that answer."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Two answers have one key: before the first go it means the one, later the other."""
        if action == "answer" and parameters in ((Answer.REACH.value,), (Answer.CHECK_AGAIN.value,)):
            return (parameters[0] == Answer.REACH.value) is self.before_start
        return True

    def action_enter(self) -> None:
        gate = self.link.state.gate
        if gate is not None and is_menu(gate) and self.link.driving and not self.elsewhere:
            self.tell("Choose one: each choice shows its key.")
        else:
            self.action_answer(Answer.GO.value)

    def action_answer(self, value: str) -> None:
        gate, answer = self.link.state.gate, Answer(value)
        if gate is None or not self.may_drive():
            return
        if self.link.state.testing is not None:
            self.tell("The tests are out: the question waits for their end.")
        elif self.elsewhere:
            self.looking = None
            self.touch()
        elif self.guard.takes(gate.number) and gate.number != self.said:
            ways = choices(self.link.state, gate, self.picked)
            way = next((one for one in ways if one.answer is answer), None)
            if way is None:
                self.tell("It is no answer to this question; those that are stand in the bar.")
            else:
                self._put(gate, way)

    def _put(self, gate: Gate, way: Choice) -> None:
        """Say an answer, after what it wants to know first."""
        lacks = missing(self.link.state, gate) if gate.at is At.APPROVE and way.answer is Answer.GO else 0
        if lacks:
            self.tell(
                f"{many(lacks, 'signature')} missing: have them run `gonogo approve {self.link.state.run}`."
            )
        elif question := self._question(gate, way):

            async def say(text: str) -> None:
                typed, reason = ("", text) if way.reason else (text, "")
                await self._say(gate, way.answer, reason, typed)

            step = self.link.state.plan.step_of(self.link.state.plan.turns[gate.turn]).step
            about: Line = (span(step.title if gate.at is At.INPUT else gate.question, "dim"),)
            self.ask(replace(question, lines=(about, *question.lines)), say)
        else:
            self.do(self._say(gate, way.answer, "", ""))

    def _question(self, gate: Gate, way: Choice) -> Question | None:
        state = self.link.state
        if way.reason:
            return Question(way.prompt, gate.number)
        if way.prompt:
            return Question(way.prompt, gate.number, yes=True)
        if way.answer is Answer.GO and gate.at is At.TYPED:
            return self._count(gate)
        if way.answer is Answer.GO and gate.at is At.INPUT:
            return self._value(gate)
        if state.paused:
            return Question(f"The run rests: {state.paused}. Go on?", gate.number, yes=True)
        return None

    def _count(self, gate: Gate) -> Question:
        number = int(gate.evidence["number"])
        words = f"it will reach {many(number)} in all"
        hint = f"{words[:1].upper()}{words[1:]}: type that number"
        wrong = f"that is not the number: {words}"
        return Question(
            "Type the number of hosts to go.",
            gate.number,
            hint,
            "goes",
            check=lambda text: "" if text == str(number) else wrong,
        )

    def _value(self, gate: Gate) -> Question:
        plan = self.link.state.plan
        one = next(one for one in plan.inputs if one.name == gate.evidence["input"])
        about: Line = (
            ("It becomes ", "dim"),
            span(f"${one.name}", "hand"),
            (" for this step and later ones.", "dim"),
        )
        return replace(
            value_question(
                one.prompt or one.name, one.default, offered(one), secret=one.secret, about=(about,)
            ),
            gate=gate.number,
            check=lambda text: accept(one, text, plan.hosts),
            ready=lambda: self.guard.takes(gate.number),
        )

    def open_field(self, gate: Gate) -> None:
        """A value's field opens by itself, so that nothing that is typed for it meets the screen's keys."""
        if gate.at is At.INPUT and self.link.driving and self.app.screen is self:
            ways = choices(self.link.state, gate)
            self._put(gate, next(one for one in ways if one.answer is Answer.GO))

    async def _say(self, gate: Gate, answer: Answer, reason: str, typed: str) -> None:
        self.said = gate.number
        hosts = sorted(self.picked) if self.picked and answer in NARROWED else None
        try:
            await self.link.answer(gate.number, answer, reason=reason, typed=typed, hosts=hosts)
        except GonogoError:
            self.said = -1
            raise

    def _failure(self) -> Gate | None:
        """Return the question about failed hosts, where it is on the screen and this end answers it."""
        gate = self.link.state.gate
        if self.elsewhere or not self.may_drive():
            return None
        if gate is None or gate.at is not At.FAILURE:
            self.tell("Only an answer to a failure can be about some hosts.")
            return None
        return gate

    def action_pick(self) -> None:
        """Narrow the next answer to some of the hosts that the question is about."""
        gate = self._failure()
        if gate is None:
            return
        meant = gate.meant(self.link.state.turns[gate.turn])
        hint = "names, ranges or * patterns · empty: all of them"
        lines: tuple[Line, ...] = ((("of ", "dim"), (folded(meant), "warn")),)

        async def say(text: str) -> None:
            found = hosts_called(text, meant)
            self.picked = frozenset(found) if len(found) < len(meant) else frozenset()

        value = folded(sorted(self.picked)) if self.picked else ""
        question = Question(
            "Which hosts is the answer about?",
            gate.number,
            hint,
            "takes them",
            lines,
            check=lambda text: _called(text, meant),
            empty=True,
            value=value,
            limit=10_000,
        )
        self.ask(question, say)

    def toggle(self, host: str) -> None:
        """Take a host into the next answer, or out of it."""
        gate = self._failure()
        if gate is None:
            return
        if host in gate.meant(self.link.state.turns[gate.turn]):
            self.picked ^= {host}
            self.touch()
        else:
            self.tell("The question is not about this host.")


def _called(text: str, meant: list[str]) -> str:
    try:
        hosts_called(text, meant)
    except ValueError as error:
        return str(error)
    return ""
