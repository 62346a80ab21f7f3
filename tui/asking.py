"""The gate bar while a question is open: the question, its evidence, the ways on with their keys."""

from __future__ import annotations

from gonogo.format.model import Kind
from gonogo.format.moment import clock_time
from gonogo.run.state import WHOLE, Answer, At, Gate, HostState, RunState
from gonogo.text import clean_line, many

from .bar import DETACH, EDIT, FAILED, HELP, JUMP, LABEL, NOTE, PAUSE, TEST, TESTS, Banner, Key, rows
from .choices import Choice, choices, is_menu
from .evidence import about, missing
from .lines import Line, Span, clip, fit, span, whole, width, wrap
from .projection import folded
from .rounds import last_round
from .sight import Sight, progress_bar
from .turns import left
from .words import clock

BADGES: dict[At, Span] = {
    At.START: (" START? ", "badge-ask"),
    At.GO: (" GO? ", "badge-ask"),
    At.BATCH: (" GO ON? ", "badge-ask"),
    At.CONFIRM: (" IS IT SO? ", "badge-ask"),
    At.TYPED: (" GO? TYPE THE COUNT ", "badge-ask"),
    At.APPROVE: (" APPROVAL ", "badge-ask"),
    At.INPUT: (" VALUE? ", "badge-ask"),
    At.AGAIN: (" RUN AGAIN? ", "badge-ask"),
    At.WAIT: (" WAITING ", "badge-run"),
    At.FAILURE: (" FAILED ", "badge-bad"),
    At.ROLLED_BACK: (" ROLLED BACK ", "badge-ask"),
    At.END: (" END? ", "badge-ask"),
}
_TROUBLE: dict[tuple[HostState, ...], str] = {
    (HostState.UNKNOWN,): " UNKNOWN ",
    (HostState.LOST,): " LOST ",
    (HostState.UNREACHABLE,): " UNREACHABLE ",
    (HostState.CANCELLED,): " CANCELLED ",
}


def question(state: RunState, gate: Gate, cells: int) -> list[Line]:
    """Return what is asked, and where."""
    turn = state.plan.turns[gate.turn]
    badge = (_TROUBLE[gate.of], "badge-bad") if gate.of in _TROUBLE else BADGES[gate.at]
    spans: list[Span] = [badge, ("  ", ""), span(gate.question, "title")]
    if turn.batches > 1 and gate.at not in WHOLE:
        spans.append((f"  batch {turn.batch + 1} of {turn.batches}", "dim"))
    if gate.at not in WHOLE:
        spans.append((left(state.turns[gate.turn]), "warn"))
    return wrap(spans, cells, "  ")


def asked(state: RunState, gate: Gate, now: int, sight: Sight) -> Banner:
    """Return the bar for the one who is asked."""
    lines = [*question(state, gate, sight.cells), *about(state, gate, sight.cells)]
    lines += last_round(state, sight.cells)
    lines += _times(state, gate, now)
    lines += _marks(state, gate, sight)
    if sight.elsewhere:
        back = Key(".", "back to the question", "screen.home", strong=True)
        lines.append((("You are looking at another step; answers are off meanwhile.", "warn"),))
        return Banner(tuple(lines), rows((back, JUMP, EDIT, NOTE, HELP, DETACH), sight.cells), "ask")
    ways = choices(state, gate, sight.picked)
    if is_menu(gate):
        menu = (*_menu(ways, sight), *_pick_up(state, gate))
        apart = () if sight.short else ((),)
        keys = (*menu, *apart, *rows(_tools(state, gate, sight), sight.cells))
        return Banner(tuple(lines), keys, "bad" if Answer.LEAVE_OUT in gate.choices else "ask")
    answers = [_answer(state, gate, way, sight) for way in ways]
    tools = _tools(state, gate, sight)
    keys = rows([*answers, *tools], sight.cells)
    if len(keys) > 1:
        keys = (*rows(answers, sight.cells), *rows(tools, sight.cells))
    return Banner(tuple(lines), keys, "ask")


def _times(state: RunState, gate: Gate, now: int) -> list[Line]:
    """Return a wait's countdown."""
    if gate.at is not At.WAIT or gate.until is None:
        return []
    total = max(gate.until - gate.asked, 1)
    text = f"  {clock(gate.until - now)} left, then it goes on by itself"
    at = gate.evidence.get("at")
    named = f" · not before {clock_time(str(at), state.started_at, now)}" if at else ""
    return [(*progress_bar(now - gate.asked, total, 24), (text, "title"), (named, "dim"))]


def _marks(state: RunState, gate: Gate, sight: Sight) -> list[Line]:
    """Return what must not be overlooked before an answer."""
    lines: list[Line] = []
    number = state.plan.turns[gate.turn].step
    if number in state.edited and gate.at not in (*WHOLE, At.FAILURE):
        lines += wrap([("✎ the command is not the document's: it was edited", "hand")], sight.cells)
    options = state.plan.steps[number].step.options
    if gate.at in (At.GO, At.TYPED, At.APPROVE) and options.no_rollback:
        lines += wrap([("! no way back: ", "warn"), span(options.no_rollback, "warn")], sight.cells, "  ")
    if sight.picked:
        names = folded(gate.meant(state.turns[gate.turn], sight.picked))
        lines += wrap(
            [("the answer is about ", "dim"), (f"{names}", "picked"), (" alone", "dim")], sight.cells
        )
    if state.paused:
        lines += wrap([(" PAUSED ", "badge-dim"), span(f"  {state.paused}", "warn")], sight.cells, "  ")
    if state.unsealed:
        lines += wrap([("! not sealed: ", "warn"), span(state.unsealed, "warn")], sight.cells, "  ")
    return lines


def _answer(state: RunState, gate: Gate, way: Choice, sight: Sight) -> Key:
    go = way.answer is Answer.GO
    word = way.label
    lacks = missing(state, gate) if gate.at is At.APPROVE and go else 0
    if lacks:
        word = f"go, when {lacks} more {'has' if lacks == 1 else 'have'} signed"
    if go and sight.enter:
        return Key("enter", word, "screen.enter", strong=not lacks)
    return Key(way.key, word, f"screen.answer('{way.answer.value}')", strong=go and not lacks)


def _menu(ways: list[Choice], sight: Sight) -> tuple[tuple[Key, ...], ...]:
    """Return the choices one to a row, or two where lines are few; in fewer words where they were cut."""
    columns = 2 if sight.short and sight.cells >= 72 and len(ways) > 2 else 1
    room = sight.cells // columns - LABEL - 4
    keys = [
        Key(
            way.key,
            way.label,
            f"screen.answer('{way.answer.value}')",
            effect=fit(way.effect if columns == 1 and width([(way.effect, "")]) <= room else way.brief, room),
        )
        for way in ways
    ]
    return tuple(tuple(keys[at : at + columns]) for at in range(0, len(keys), columns))


def _pick_up(state: RunState, gate: Gate) -> tuple[tuple[Key, ...], ...]:
    """At the end, hosts that were left out are one of the ways on."""
    if gate.at is not At.END or not state.left_out:
        return ()
    effect = f"run what they went without on {many(len(state.left_out))}, or some of them"
    return ((Key("u", "pick up", "screen.pick_up", effect=effect),),)


def _tools(state: RunState, gate: Gate, sight: Sight) -> list[Key]:
    """Return the keys that are no answers."""
    turn, failed = state.turns[gate.turn], gate.at is At.FAILURE
    keys: list[Key] = []
    if failed:
        keys += [FAILED] if len(turn.hosts) > 1 else []
        keys += [Key("m", "only some", "screen.pick")] if len(gate.meant(turn)) > 1 else []
    if sight.shell:
        keys.append(Key("!", f"shell on {clip(sight.shell, 20)}", "screen.shell"))
    step = state.plan.step_of(state.plan.turns[gate.turn]).step
    if step.kind is Kind.RUN and gate.at not in WHOLE:
        keys.append(EDIT)
    keys += _tests(state, gate)
    keys.append(JUMP)
    if state.left_out and gate.at not in WHOLE:
        keys.append(Key("u", f"pick up {len(state.left_out)}", "screen.pick_up"))
    keys += [PAUSE] if not state.paused else []
    return [*keys, NOTE, HELP, DETACH]


def _tests(state: RunState, gate: Gate) -> list[Key]:
    """Return the keys of the test plan, where there is one."""
    if not state.plan.tests:
        return []
    return [*([TEST] if gate.at is not At.START else []), *([TESTS] if state.rounds else [])]


def _driver(state: RunState, sight: Sight) -> tuple[list[Span], Span]:
    """Say who drives, and the command to do so."""
    if state.driver == "":
        last = clean_line(state.operator) or "who drove"
        back = span(f"gonogo attach {sight.run}", "title")
        return [(f"Nobody drives now, {last} has left. ", "warn"), ("Drive with ", "dim")], back
    who = clean_line(state.operator) or "nobody"
    was = f", took over from {clean_line(sight.was)}," if sight.was else ""
    take = span(f"gonogo attach {sight.run} --take", "title")
    return [(f"{who} drives{was} and is asked this. Take over with ", "dim")], take


def looking_on(state: RunState, gate: Gate, now: int, sight: Sight) -> Banner:
    """Return the bar for those who look on: everything but the answers."""
    told, command = _driver(state, sight)
    lines = [*question(state, gate, sight.cells), *about(state, gate, sight.cells)]
    lines += [*last_round(state, sight.cells), *_times(state, gate, now)]
    if state.paused:
        lines += wrap([(" PAUSED ", "badge-dim"), span(f"  {state.paused}", "warn")], sight.cells, "  ")
    return Banner(
        (*lines, *whole([("Looking on. ", "title"), *told], command, sight.cells, "  ")),
        rows((NOTE, HELP, DETACH), sight.cells),
        "dim",
    )
