"""What stands in the gate bar: the one question, the evidence, the keys; or progress; or the end."""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.run.state import Answer, At, Gate, RunState
from gonogo.text import clean_line

from .choices import MENU, Choice, choices
from .lines import Line, Span, fit, span, wrap
from .projection import Outline, before, evidence, left, progress
from .symbols import DONE, STEPS, TODO
from .words import clock, duration, many

BADGES: dict[At, Span] = {
    At.GO: (" GO? ", "badge-ask"),
    At.BATCH: (" GO ON? ", "badge-ask"),
    At.CONFIRM: (" IS IT SO? ", "badge-ask"),
    At.TYPED: (" GO? TYPE THE COUNT ", "badge-ask"),
    At.WAIT: (" WAITING ", "badge-run"),
    At.FAILURE: (" FAILED ", "badge-bad"),
    At.ROLLED_BACK: (" ROLLED BACK ", "badge-ask"),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key to press, its word, and the action that a click on it runs."""

    key: str
    word: str
    action: str
    strong: bool = False
    effect: str = ""
    """What it does, where the key stands in a menu."""


@dataclass(frozen=True, slots=True)
class Banner:
    """Lines, then rows of keys; each key can be clicked."""

    lines: tuple[Line, ...]
    keys: tuple[tuple[Key, ...], ...]
    tone: str
    """`ask`, `bad`, `run`, `ok` or `dim`: what the bar's edge says."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the banner must know beside the state."""

    cells: int
    short: bool
    """The terminal is low: menus take two columns."""
    driving: bool
    lost: str
    """Why the link is closed, or empty."""
    enter: bool
    """Enter answers (the eye and the focus are where the gate is)."""
    elsewhere: bool
    """The operator looks at another step than the gate's."""
    directory: str
    run: str


DETACH = Key("d", "detach", "app.detach")
NOTE = Key("o", "note", "screen.note")
HELP = Key("?", "help", "screen.help")


def banner(outline: Outline, state: RunState, now: int, sight: Sight) -> Banner:
    """Return the bar for the run as it is."""
    if state.result is not None:
        return _ended(state, sight)
    if sight.lost:
        text = wrap([(" GONE ", "badge-bad"), ("  ", ""), span(sight.lost)], sight.cells)
        back = f"gonogo resume {sight.run}"
        lines = (*text, (("Nothing that was acknowledged is lost. Go on with  ", "dim"), span(back, "title")))
        return Banner(lines, ((Key("q", "leave", "app.detach"),),), "bad")
    if state.trouble:
        lines = (((" TRAIL ", "badge-bad"), span(f"  {state.trouble}", "bad")),)
        return Banner(
            (*lines, (("Nothing new starts until the trail can be written.", ""),)), ((DETACH,),), "bad"
        )
    if state.gate is None:
        return _running(outline, state, now, sight)
    if not sight.driving:
        return _looking_on(state, state.gate, sight)
    return _asked(state, state.gate, now, sight)


def _question(state: RunState, gate: Gate, cells: int) -> list[Line]:
    turn = state.plan.turns[gate.turn]
    spans: list[Span] = [BADGES[gate.at], ("  ", ""), span(gate.question, "title")]
    if turn.batches > 1:
        spans.append((f"  batch {turn.batch + 1} of {turn.batches}", "dim"))
    spans.append((left(state.turns[gate.turn]), "warn"))
    return wrap(spans, cells, "  ")


def _asked(state: RunState, gate: Gate, now: int, sight: Sight) -> Banner:
    lines = _question(state, gate, sight.cells)
    if gate.at is At.WAIT and gate.until is not None:
        total = max(gate.until - gate.asked, 1)
        lines.append((*_bar(now - gate.asked, total, 24), (f"  {clock(gate.until - now)} left", "title")))
    elif gate.at not in MENU and (told := evidence(gate.evidence) or before(state, gate.turn)):
        lines += wrap(told, sight.cells)
    if sight.elsewhere:
        back = Key(".", "back to the step that asks", "screen.home", strong=True)
        lines.append((("You are looking at another step; answers are off meanwhile.", "warn"),))
        return Banner(tuple(lines), ((back, NOTE, HELP, DETACH),), "ask")
    ways = choices(state, gate)
    if gate.at in MENU:
        keys = (NOTE, Key("]", "next failed", "screen.bad(1)"), HELP, DETACH)
        return Banner(tuple(lines), (*_menu(ways, sight), keys), "bad" if gate.at is At.FAILURE else "ask")
    answers = tuple(
        Key(
            _go_key(way, sight),
            _go_word(way, gate),
            f"screen.answer('{way.answer.value}')",
            way.answer is Answer.GO,
        )
        for way in ways
    )
    return Banner(tuple(lines), ((*answers, NOTE, HELP, DETACH),), "ask")


def _go_key(way: Choice, sight: Sight) -> str:
    return "enter" if way.answer is Answer.GO and sight.enter else way.key


def _go_word(way: Choice, gate: Gate) -> str:
    if way.answer is not Answer.GO:
        return way.label
    return {At.WAIT: "go on now", At.CONFIRM: "yes, go"}.get(gate.at, "go")


def _menu(ways: list[Choice], sight: Sight) -> tuple[tuple[Key, ...], ...]:
    """Return the choices one to a row, or two where the terminal is low."""
    columns = 2 if sight.short and sight.cells >= 72 else 1
    room = sight.cells // columns - 18
    keys = [
        Key(
            way.key,
            way.label,
            f"screen.answer('{way.answer.value}')",
            effect=fit(way.brief if columns > 1 else way.effect, room),
        )
        for way in ways
    ]
    return tuple(tuple(keys[at : at + columns]) for at in range(0, len(keys), columns))


def _bar(done: int, total: int, cells: int) -> list[Span]:
    full = max(0, min(cells, done * cells // max(total, 1)))
    return [(DONE * full, "run"), (TODO * (cells - full), "dim")]


def _running(outline: Outline, state: RunState, now: int, sight: Sight) -> Banner:
    index = outline.current(state)
    if index is None or not state.turns[index].running:
        waits = " PAUSED " if state.paused else " … "
        return Banner((((waits, "badge-dim"), ("  one moment", "dim")),), ((NOTE, HELP, DETACH),), "dim")
    turn, planned = state.turns[index], state.plan.step_of(state.plan.turns[index])
    done = progress(turn)
    verb = {"run": " RUNNING ", "check": " CHECKING ", "rollback": " ROLLING BACK "}[turn.phase.value]
    head = wrap([(verb, "badge-run"), ("  ", ""), span(planned.step.title, "title")], sight.cells, "  ")
    spans: list[Span] = [*_bar(done.done, done.total, 20), (f"  {done.done:,}/{done.total:,} done", "")]
    if done.failed:
        spans += [(" · ", "dim"), (f"✗ {done.failed:,} failed", "bad")]
    if done.running:
        spans += [(" · ", "dim"), (f"▸ {done.running:,} running", "run")]
    if done.since is not None:
        spans += [(" · ", "dim"), (duration(now - done.since), "")]
    cancel = (Key("x", "cancel what runs", "screen.cancel"),) if sight.driving else ()
    return Banner((*head, tuple(spans)), ((*cancel, NOTE, HELP, DETACH),), "run")


def _looking_on(state: RunState, gate: Gate, sight: Sight) -> Banner:
    who = clean_line(state.operator) or "nobody"
    told = (("Looking on. ", "title"), (f"{who} drives and is asked this.", "dim"))
    return Banner((*_question(state, gate, sight.cells), told), ((NOTE, HELP, DETACH),), "dim")


_ENDS = {
    "go": (" GO ", "badge-ok", "Every step is done.", "ok"),
    "no-go": (" NO-GO ", "badge-bad", "The run was ended with no-go.", "bad"),
    "aborted": (" ABORTED ", "badge-bad", "The run was aborted.", "bad"),
}


def _ended(state: RunState, sight: Sight) -> Banner:
    badge, style, words, tone = _ENDS.get(
        state.result or "", (" ENDED ", "badge-dim", "The run is over.", "dim")
    )
    reason = (
        next((one.reason for one in reversed(state.decisions) if one.reason), "") if tone == "bad" else ""
    )
    head: list[Span] = [(badge, style), (f"  {words}", "title"), (f"  It took {duration(state.now)}.", "dim")]
    lines = wrap(head, sight.cells, "  ")
    if reason:
        lines += wrap([("Why: ", "dim"), span(reason)], sight.cells, "     ")
    lines.append(tuple(_totals(state)))
    lines += wrap([("The trail: ", "dim"), span(sight.directory, "run")], sight.cells, "  ")
    return Banner(tuple(lines), ((Key("q", "leave", "app.detach", strong=True), NOTE, HELP),), tone)


def _totals(state: RunState) -> list[Span]:
    results: dict[str, int] = {}
    for turn in state.turns:
        name = turn.result or "pending"
        results[name] = results.get(name, 0) + 1
    spans: list[Span] = []
    for name, number in results.items():
        look = STEPS[name]
        spans += [(f"{look.symbol} {number:,} {look.word}", look.style), (" · ", "dim")]
    tail = [f"{many(len(state.left_out))} left out"] if state.left_out else []
    tail += [many(len(state.notes), "note")] if state.notes else []
    tail += [many(len(state.deviations), "deviation")] if state.deviations else []
    return [*spans, (" · ".join(tail), "dim")] if tail else spans[:-1]
