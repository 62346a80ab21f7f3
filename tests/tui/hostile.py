"""A run in which every string from outside is hostile; as a program: its screen on this terminal."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gonogo.format.model import Kind
from gonogo.run.plan import PlannedInput
from gonogo.run.state import Answer
from gonogo.tui.app import RunApp

from .fake import FakeLink, plan_of, planned

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


def failing(run: Path) -> FakeLink:
    """Stand at a failure menu whose every word is hostile."""
    hosts = [f"h{number}{text}".replace(" ", "_") for number, text in enumerate(STRINGS)]
    steps = [
        planned(
            ALL,
            hosts,
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
    for host, text in zip(hosts, STRINGS, strict=True):
        state = "failed" if "[" in text else "ok"
        link.exit(0, host, state, f"{ALL}\n{text}".encode(), why=ALL * (state == "failed"), code=1)
    link.tell("round.end", turn=0)
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


SCENES = {scene.__name__: scene for scene in (failing, looking_on, over, gone)}
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
    "o",
    "x",
    "escape",
)


async def show(scene: str, run: Path) -> None:
    """Show a scene on this terminal, press keys in every pane, say a hostile thing in passing, leave."""

    async def press(pilot: object) -> None:
        app.screen_stack[-1].tell(ALL, bad=True)  # type: ignore[attr-defined]
        for key in KEYS:
            await pilot.press(key)  # type: ignore[attr-defined]
            await pilot.pause(0.02)  # type: ignore[attr-defined]
        await pilot.pause(0.2)  # type: ignore[attr-defined]  # two repaints' time
        app.action_detach()

    app = RunApp(SCENES[scene](run), title=ALL)
    await app.run_async(auto_pilot=press)


if __name__ == "__main__":
    asyncio.run(show(sys.argv[1], Path(sys.argv[2])))
