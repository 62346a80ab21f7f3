"""A run in which every string from outside is hostile; as a program: its screen on this terminal."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from msgspec.structs import replace

from gonogo.format.model import Kind, Monitor, Options, Script, Step
from gonogo.run.plan import PlannedHost, PlannedInput, PlannedMonitor, PlannedStep
from gonogo.run.state import Answer
from gonogo.tui.apps.home import HomeApp
from gonogo.tui.apps.run import RunApp
from gonogo.tui.mistakes import Mistake
from gonogo.tui.screens.run import RunScreen
from gonogo.tui.themed import ThemedApp

from .fake import PLACE, FakeLink, plan_of, planned

STRINGS = (
    "a[/]b",
    "[@click=app.quit]x[/]",
    "[ @click=app.exit()]y",
    "[FAILED] [/opt/x]",
    "\x1b]52;c;SEFDSw==\x07",
    "\x1b]0;owned\x07\x1b[2J\x1bc",
    "\x9b31mred\x9d0;c1\x9c",
    "\u202ekcab\u2066\u200bhidden",
    "\x00\x08\r\x7f",
)
ALL = " ".join(STRINGS)
SHOWN = " ".join(text for text in STRINGS if text.isprintable())
"""What is markup alone: only a command that can be shown as it is can be edited."""
HOSTS = tuple(f"h{number}{text}".replace(" ", "_") for number, text in enumerate(STRINGS))
FOUND = tuple(Mistake(bad, ALL, ALL, ALL) for bad in (True, False))


def failing(run: Path) -> FakeLink:
    """Stand at a failure menu whose every word is hostile."""
    steps = [
        planned(
            ALL,
            HOSTS,
            sections=(ALL, *STRINGS),
            command=f"echo {ALL} $name",
            check=ALL,
            rollback=ALL,
            prose=f"{ALL}\n\n- {ALL}\n\n```\n{ALL}\n```\n[{ALL}](http://x)",
            run_as=ALL,
            cwd=ALL,
            via=ALL,
            outage_begin=ALL,
            outage_end=ALL,
        ),
        planned(ALL, kind=Kind.CONFIRM),
    ]
    link = FakeLink(plan_of(steps, ALL, (PlannedInput("name", ALL),)), run)
    link.state.operator = ALL
    link.ask()
    link.say(Answer.GO)
    link.tell("outage.begin", service=ALL)
    link.begin(0)
    for host, text in zip(HOSTS, STRINGS, strict=True):
        state = "failed" if "[" in text else "ok"
        link.exit(0, host, state, f"{ALL}\n{text}".encode(), why=ALL * (state == "failed"), code=1)
    link.tell("round.end", turn=0)
    link.ask()
    return link


def asking(run: Path) -> FakeLink:
    """A value is asked for in hostile words."""
    one = PlannedInput("name", None, prompt=ALL, choices=STRINGS, default=ALL, reached=True)
    steps = [replace(planned(ALL, ("h",), command=f"echo {ALL} $name"), needs=("name",))]
    link = FakeLink(plan_of(steps, ALL, (one,)), run)
    link.ask()
    return link


def approving(run: Path) -> FakeLink:
    """Hostile names have signed."""
    link = FakeLink(plan_of([planned(ALL, ("h",), gate="approve", approvers=9, role=ALL)], ALL), run)
    link.state.plan = replace(link.state.plan, roles={ALL: STRINGS})
    link.state.run = ALL
    link.tell("edit", number=0, step=ALL, script=ALL, diff=ALL, by=ALL, reason=ALL)
    link.ask()
    for text in STRINGS:
        link.tell("gate.approve", gate=1, by=text, key=text, sig=text)
    link.tell("run.pause", why=ALL, by=ALL)
    return link


def rolling(run: Path) -> FakeLink:
    """The evidence between two batches is hostile, and so are the reasons for what was left out."""
    return _left_out(FakeLink(plan_of([planned(ALL, (*HOSTS, "z"), batches=2)], ALL), run))


def ending(run: Path) -> FakeLink:
    """Hosts were left out for hostile reasons."""
    link = rolling(run)
    link.say(Answer.GO)
    link.finish(1)
    link.ask()
    return link


def watched(run: Path) -> FakeLink:
    """Monitors, tests and notes are called in hostile words, and tell hostile things."""
    monitors: tuple[PlannedMonitor, ...] = ()
    tests: tuple[PlannedStep, ...] = ()
    for text in STRINGS[:3]:
        one = Step(text, text, Kind.RUN, PLACE, Options(hosts=text, every=1.0), Script(text))
        monitors += (PlannedMonitor(Monitor(one, unit=text), STRINGS),)
        tests += (PlannedStep(one, (), STRINGS, (STRINGS,)),)
    link = failing(run)
    link.state.plan = replace(link.state.plan, monitors=monitors, tests=tests)
    for watched_one in monitors:
        link.tell("monitor.sample", monitor=watched_one.name, level="failing", why=ALL, host=ALL)
        link.tell("monitor.change", monitor=watched_one.name, level="failing", was="ok", why=ALL)
    link.tell("test.begin", round=1, by=ALL, tests=len(tests))
    for at in range(len(tests)):
        link.tell("test.start", round=1, test=at, step=ALL, hosts=list(STRINGS))
        for host in STRINGS:
            link.tell(
                "test.exit", round=1, test=at, host=host, state="failed", how="exit", why=ALL, excerpt=ALL
            )
        link.tell("test.result", round=1, test=at, step=ALL, passed=False, compared="differs", diff=ALL)
    link.tell("test.end", round=1, against=ALL)
    for text in STRINGS:
        link.tell("note", text=f"{text}\n{ALL}", by=ALL, tag=text, link=text, step=ALL)
    return link


def reaching(run: Path) -> FakeLink:
    """Hosts cannot be reached for hostile reasons."""
    link = starting(run)
    hosts = {name: PlannedHost() for name in STRINGS}
    link.state.plan = replace(link.state.plan, hosts=hosts)
    link.say(Answer.REACH)
    link.tell("reach.begin", hosts=len(hosts))
    for text in STRINGS[1:]:
        link.tell("reach.found", hosts=[text], why=f"{text} {ALL}")
    link.tell("reach.end")
    link.ask()
    return link


def leaving(run: Path) -> FakeLink:
    """The path is about to be left: a command to edit, steps to jump to, hosts to pick up."""
    return _left_out(FakeLink(plan_of([planned(ALL, HOSTS, command=SHOWN) for _ in range(3)], ALL), run))


def _left_out(link: FakeLink) -> FakeLink:
    """Go on without those that failed in the first turn."""
    link.ask()
    link.say(Answer.GO)
    link.begin(0)
    for host in link.state.plan.turns[0].hosts:
        link.exit(0, host, "failed" if "[" in host else "ok", ALL.encode(), why=ALL * ("[" in host), code=1)
    link.tell("round.end", turn=0)
    link.ask()
    link.say(Answer.LEAVE_OUT, ALL)
    link.finish(0)
    link.ask()
    return link


def looking_on(run: Path) -> FakeLink:
    """The same, driven by somebody with a hostile name."""
    link = failing(run)
    link.driving = False
    return link


def over(run: Path) -> FakeLink:
    """The run was aborted for a hostile reason."""
    link = failing(run)
    link.say(Answer.ABORT, ALL)
    link.tell("run.end", result="aborted")
    return link


def gone(run: Path) -> FakeLink:
    """The run's process is gone, with a hostile last word."""
    link = failing(run)
    link.ended = ALL
    return link


def starting(run: Path) -> FakeLink:
    """Nothing ran yet; all that is to be known before the first go is hostile."""
    steps = [
        replace(planned(ALL, STRINGS, gate="approve", role=ALL, no_rollback=ALL), needs=("later",)),
        planned(ALL, STRINGS[:2], outage_begin=ALL),
    ]
    inputs = (PlannedInput(ALL, ALL), PlannedInput("later", None, reached=True, secret=True))
    link = FakeLink(replace(plan_of(steps, ALL, inputs), preflight=True), run)
    git = dict.fromkeys(("repository", "path", "commit", "branch", "author", "authored"), ALL)
    change = {"path": ALL, "state": "changed", "added": ALL, "removed": ALL}
    link.state.start.update(git={**git, "changes": [change]}, overlaps=[ALL])
    link.tell("seal.failed", why=ALL)
    link.state.driver, link.state.watching = ALL, STRINGS
    link.ask()
    return link


SCENES = {
    scene.__name__: scene
    for scene in (
        failing,
        asking,
        approving,
        rolling,
        ending,
        leaving,
        looking_on,
        over,
        gone,
        starting,
        watched,
        reaching,
    )
}
KEYS = (
    "]",
    "/",
    "[",
    "enter",
    "escape",
    "l",
    "[",
    "escape",
    "tab",
    "tab",
    "enter",
    "escape",
    "tab",
    "down",
    "enter",
    "escape",
    "?",
    "escape",
    "k",
    "enter",
    "ctrl+p",
    "[",
    "down",
    "escape",
    "ampersand",
    "x",
    "enter",
    "escape",
    "y",
    "w",
    "o",
    "x",
    "escape",
    "M",
    "w",
    "escape",
    "T",
    "enter",
    "escape",
    "O",
    "enter",
    "escape",
    "Y",
    "a",
    "n",
    "escape",
    "i",
    "apostrophe",
    "a",
    "P",
    "escape",
    "<",
    ">",
    "asterisk",
    "[",
    "enter",
    "escape",
)
OFF_PATH = (
    "e",
    "[",
    "ctrl+s",
    "[",
    *("escape",) * 2,
    "J",
    "[",
    "escape",
    "k",
    "J",
    "escape",
    "u",
    "[",
    "escape",
)
"""Keys for the scene that has something to edit, to jump to and to pick up."""


def _app(scene: str, run: Path) -> ThemedApp:
    """Return the program that shows a scene; what only one of them needs is loaded for it alone."""
    if scene == "home":
        from .shelves import Hostile

        return HomeApp(Hostile())
    if scene == "compare":
        from gonogo.tui.apps.compare import CompareApp

        from .besides import hostile

        return CompareApp(ALL, hostile)
    if scene == "replay":
        from gonogo.run.replay.recorded import Recorded
        from gonogo.tui.apps.replay import ReplayApp
        from tests.run.recorded import write_trail

        told = over(run)
        write_trail(run, told.state.plan, told.records)
        return ReplayApp(Recorded(run), title=ALL)
    if scene == "opening":
        return _opening(run)
    return RunApp(SCENES[scene](run), title=ALL, check=lambda _: FOUND)


def _opening(run: Path) -> ThemedApp:
    """Return the program that paints a frame before it has come to the run."""

    async def connect() -> FakeLink:
        app.tell(ALL)
        return failing(run)

    app = RunApp(title=ALL, connect=connect)
    return app


async def show(scene: str, run: Path) -> None:
    """Show a scene on this terminal, press keys in every pane, say a hostile thing in passing, leave."""
    app = _app(scene, run)

    async def press(pilot: object) -> None:
        for one in app.screen_stack:
            if isinstance(one, RunScreen):
                one.tell(ALL, bad=True)
        for key in OFF_PATH if scene == "leaving" else KEYS:
            await pilot.press(key)  # type: ignore[attr-defined]
            await pilot.pause(0.02)  # type: ignore[attr-defined]
        await pilot.pause(0.2)  # type: ignore[attr-defined]  # two repaints' time
        app.exit()

    await app.run_async(auto_pilot=press)


if __name__ == "__main__":
    asyncio.run(show(sys.argv[1], Path(sys.argv[2])))
