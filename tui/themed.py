"""What every full-screen program of ours has: themes, the operator's keys, and no value in its last words."""

from __future__ import annotations

import os
import re
import traceback
from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from msgspec.structs import replace
from rich.text import Text
from textual import events
from textual.app import App
from textual.notifications import Notification, Notify, SeverityLevel
from textual.screen import Screen

from gonogo.text import clean_line

from .lines import clip
from .settings import Settings, remember
from .theme import NIGHT, OURS, THEMES

LEAST = (60, 16)
"""Cells and lines below which the screen would hide what matters."""
WIDTHS = [(0, "-tiny"), (LEAST[0], "-slim"), (100, "-normal"), (150, "-wide")]
HEIGHTS = [(0, "-flat"), (LEAST[1], "-low"), (32, "-tall")]
"""From so many cells or lines on, the screen has this class."""
MONOCHROME = re.compile(r"vt[1234]\d\d.*|.*-m(ono)?")
"""Terminals without colours, by the names that TERM has for them."""
USUAL = Settings()
SHORTEST = 0.1
"""Seconds that a notification stands at least."""
LONGEST = 120
"""Cells of a title or a notification."""


def too_small(width: int, height: int) -> bool:
    """Tell whether so many cells and lines would hide what matters: then nothing is answered."""
    return width < LEAST[0] or height < LEAST[1]


def notification(words: str, environ: Mapping[str, str]) -> str:
    """Return what has the terminal show a notification: of the two ways, the one that it knows."""
    told = clip(words, LONGEST)
    if environ.get("TERM", "").startswith("rxvt") or "VTE_VERSION" in environ:
        return f"\x1b]777;notify;gonogo;{told}\x07"
    # A number before a semicolon would be another order.
    return f"\x1b]9;gonogo: {told}\x07"


@runtime_checkable
class TypedAhead(Protocol):
    """A screen that may have a field to type in."""

    def type_ahead(self, text: str) -> bool:
        """Keep what was typed before the field was there; tell whether it has one."""
        ...


class Passing(Notification):
    """Words in passing. Some time is always left: a timer of the toolkit that begins late spins for ever."""

    @property
    def time_left(self) -> float:
        return max(super().time_left, SHORTEST)

    @property
    def has_expired(self) -> bool:
        return super().time_left <= 0


class ThemedApp(App[str], inherit_bindings=False):
    """Looks, sounds and takes keys as its settings say."""

    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    """The screens' own way back does it in its turn: a search in a pane alone ends first."""
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def __init__(self, settings: Settings) -> None:
        # What the toolkit does with NO_COLOR leaves greys, unless it may take the terminal's own colours.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.settings = settings
        self._entitled = ""
        self._told: dict[tuple[str, str, str], tuple[Passing, int]] = {}
        """What stands in passing: words, title and severity -> how often it was said."""
        self.settled: Callable[[], None] = lambda: None
        """Called once a run is painted: what is loaded by then is there to stay."""
        # Before the stylesheet is read for the first time: it would be read twice.
        self.show_theme(settings.theme)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say something in passing; what stands there already is not said beside it, but counted."""
        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        self._told = {same: one for same, one in self._told.items() if not one[0].has_expired}
        fresh = Passing(message, title, severity, seconds, markup=markup)
        told, times = self._told.get((message, title, severity), (fresh, 0))
        self._told[message, title, severity] = told, times + 1
        if times:
            told.message = f"{message}  ×{times + 1}"
            for screen in self.screen_stack:
                for toast in screen.query("Toast"):
                    toast.refresh(layout=True)
        self.post_message(Notify(told))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return what only our themes have, for the moment before one of them is set."""
        return {name: NIGHT.variables[name] for name in OURS}

    def on_mount(self) -> None:
        if self.settings.keys:
            # Only those who have given keys others pay for knowing them.
            from .keys.run import keymap

            self.set_keymap(keymap(self.settings.keys))
        for problem in self.settings.problems[:3]:
            self.notify(problem, title="settings", severity="warning", timeout=12, markup=False)

    def get_default_screen(self) -> Screen[None]:
        """Begin with our first screen; an empty one before it would be drawn for nothing."""
        return self.first()

    @abstractmethod
    def first(self) -> Screen[None]:
        """Return the screen to begin with."""

    def way_back(self) -> str:
        """Return what to do when the screen has failed."""
        return ""

    def show_theme(self, name: str) -> None:
        """Look like one of our themes; without any colour where none is wanted, or none is seen."""
        name = "mono" if self.no_color or MONOCHROME.fullmatch(os.environ.get("TERM", "")) else name
        self.register_theme(THEMES[name])
        self.theme = THEMES[name].name

    def on_key(self, event: events.Key) -> None:
        """A key that nobody took may have been typed for a field that is still on its way."""
        typed = event.character if event.is_printable else None
        if typed and isinstance(self.screen, TypedAhead) and self.screen.type_ahead(typed):
            event.prevent_default()

    def ring(self, words: str) -> None:
        """Have the terminal call for somebody: its bell, a notification, and its title."""
        if self.settings.bell:
            self.bell()
        if self.settings.notify:
            self.entitle(words)
            self._say(notification(words, os.environ))

    def entitle(self, words: str) -> None:
        """Set the terminal's title; the one before comes back when the program leaves."""
        if self.settings.notify and words != self._entitled:
            if not self._entitled:
                self._say("\x1b[22;2t")
            self._entitled = words
            self._say(f"\x1b]2;{clip(words, LONGEST)}\x07")

    def on_unmount(self) -> None:
        if self._entitled:
            self._say("\x1b[23;2t")

    def _say(self, sequence: str) -> None:
        # The toolkit has no other way to the terminal than the one that its own bell takes.
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    def choose(self, **chosen: str | bool) -> None:
        """Take a choice made on the screen, for this screen and later ones."""
        self.settings = replace(self.settings, **chosen)
        if "theme" in chosen:
            self.show_theme(self.settings.theme)
        remember(**chosen)

    def _fatal_error(self) -> None:
        """Say where the screen failed, and how to come back.

        The toolkit's own page shows every value at hand, and one of them may be a secret just typed in.
        """
        frames = traceback.extract_tb(self._exception.__traceback__ if self._exception else None)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "start"
        what = f"The screen failed: {type(self._exception).__name__} at {place}. This is a mistake in gonogo."
        self.panic(Text(f"{what}\n{clean_line(self.way_back())}"))
