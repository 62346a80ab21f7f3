"""The compare screen: two runs step by step, and under the steps how the chosen one differs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from gonogo.errors import GonogoError

from ..bar import Banner, Labels, relabel, rows
from ..beside import MARKS, Beside, Columns, Twin, counted, detail, head_line, summary, titles, twin_line
from ..keys.compare import BAR, BINDINGS, HELP
from ..lines import Line, clip, width
from ..offers import offered, page_lines, relabels
from ..theme import content
from ..themed import LEAST, ThemedApp
from ..widgets.gate import GateBar
from ..widgets.pane import Pane
from ..widgets.small import Small
from .ask import Ask, Question
from .help import Help
from .pick import offer


class Twins(Pane):
    """A line for each step."""

    moves_cursor = True

    def __init__(self) -> None:
        super().__init__(id="twins")
        self.twins: list[Twin] = []
        self.longest = 1
        self.titles = 0
        """Cells of the longest title of all steps."""

    @property
    def columns(self) -> Columns:
        """How a line's cells are shared."""
        return Columns.of(self.cells, self.titles)

    def line(self, y: int) -> Line:
        return twin_line(self.twins[y], self.columns, self.longest)

    def tint(self, y: int) -> str | None:
        return "pane--cursor" if y == self.cursor else None

    def move_to(self, y: int) -> None:
        super().move_to(y)
        self.post_message(self.Picked(self, self.cursor, -1))


class Detail(Pane):
    """All about the chosen step."""

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._lines: list[Line] = []

    def line(self, y: int) -> Line:
        return self._lines[y]

    def fill(self, lines: list[Line]) -> None:
        """Show lines, from the first one."""
        self._lines = lines
        self.scroll_to(y=0, animate=False)
        self.show(len(lines))


class CompareScreen(Screen[None], inherit_bindings=False):
    """Both runs are read once the screen is painted: `read` is called in a thread, `failed` when it can't."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]

    def __init__(self, title: str, read: Callable[[], Beside], failed: Callable[[GonogoError], None]) -> None:
        super().__init__()
        self._heading, self._read, self._failed = title, read, failed
        self.beside: Beside | None = None
        self.differing = False
        """Only steps that differ are shown."""
        self.slowest = False
        """What took longer stands first."""
        self.wanted = ""
        self._labels: Labels = {}

    def compose(self) -> ComposeResult:
        yield Static(id="compare-head")
        yield Twins()
        yield Detail()
        yield GateBar()
        yield Small()

    @property
    def themed(self) -> ThemedApp:
        assert isinstance(self.app, ThemedApp)
        return self.app

    def on_mount(self) -> None:
        self._labels = relabels(BINDINGS, self.themed.settings.keys)
        self._paint()
        self.query_one(Twins).focus()
        self.run_worker(self._begin(), exit_on_error=False)

    async def _begin(self) -> None:
        try:
            self.beside = await asyncio.to_thread(self._read)
        except GonogoError as error:
            self._failed(error)
            return
        self._fill()

    def on_resize(self) -> None:
        self.call_after_refresh(self._paint)

    @property
    def chosen(self) -> Twin | None:
        """The step under the cursor."""
        pane = self.query_one(Twins)
        return pane.twins[pane.cursor] if pane.cursor < len(pane.twins) else None

    def _fill(self) -> None:
        """Show the steps that are wanted; the cursor stays on its own."""
        if self.beside is None:
            return
        pane, before = self.query_one(Twins), self.chosen
        words = self.wanted.lower()
        found = [
            one
            for one in self.beside.twins
            if (one.mark != " " or not self.differing) and words in f"{one.title} {one.id}".lower()
        ]
        if self.slowest:
            found.sort(key=lambda one: -one.change)
        sides = (side for one in self.beside.twins for side in (one.first, one.second) if side)
        pane.twins, pane.longest = found, max((side.took for side in sides), default=1)
        pane.titles = titles(self.beside.twins)
        pane.show(len(found))
        pane.move_to(found.index(before) if before in found else 0)
        self._paint()

    def _paint(self) -> None:
        if not self.is_mounted:
            return
        self._paint_head()
        self._paint_detail()
        pane, count = self.query_one(Twins), self.beside
        words = counted(count.twins) if count is not None else "reading both runs"
        ways = [word for on, word in ((self.differing, "only these"), (self.slowest, "longer first")) if on]
        ways += [f"with {self.wanted!r}"] if self.wanted else []
        pane.head(("Steps ", "title"), (" · ".join((words, *ways)), "dim"))
        cells = max(self.query_one(GateBar).content_region.width, LEAST[0] - 4)
        bar = Banner((), rows(BAR, cells), "run")
        self.query_one(GateBar).update_banner(relabel(bar, self._labels))

    def _paint_head(self) -> None:
        cells = max(self.size.width, LEAST[0])
        pane = self.query_one(Twins)
        title = self.beside.title if self.beside is not None else self._heading
        lead: Line = ((" COMPARE ", "badge-run"), ("  ", ""))
        lines: list[Line] = [(*lead, (clip(title, cells - width(lead) - 1), "title"))]
        if self.beside is not None:
            lines += summary(self.beside, cells)[: max(self.size.height // 3, 4)]
            lines.append(((" ", ""), *head_line(pane.columns)))
        self.query_one("#compare-head", Static).update(Content("\n").join(content(one) for one in lines))

    def _paint_detail(self) -> None:
        pane, twin = self.query_one(Detail), self.chosen
        if twin is None or self.beside is None:
            pane.head(("", ""))
            nothing = "" if self.beside is None else "No step is like that."
            pane.fill([((nothing, "dim"),)])
            return
        words, style = MARKS[twin.mark]
        pane.head((f"{clip(twin.title, max(pane.cells - 30, 10))}  ", "title"), (words, style))
        pane.fill(detail(twin, pane.cells))

    def on_pane_picked(self, event: Pane.Picked) -> None:
        event.stop()
        if isinstance(event.pane, Twins):
            if event.x < 0:
                self._paint_detail()
            else:
                event.pane.move_to(event.y)

    def action_open(self) -> None:
        """Give the whole screen to the chosen step."""
        pane = self.query_one(Detail)
        if self.chosen is not None and self.maximized is None:
            pane.focus()
            self.maximize(pane, container=False)
            self.call_after_refresh(self._paint_detail)

    def action_zoom(self) -> None:
        if self.maximized is not None:
            self._minimize()
        elif isinstance(self.focused, Pane):
            self.maximize(self.focused, container=False)
            self.call_after_refresh(self._paint_detail)

    def on_pane_widened(self, event: Pane.Widened) -> None:
        event.pane.focus()
        self.action_zoom()

    def _minimize(self) -> None:
        self.minimize()
        self.call_after_refresh(self._settled)

    def _settled(self) -> None:
        """The list can have the focus again only once it is on the screen again."""
        self.query_one(Twins).focus()
        self._paint_detail()

    def action_back(self) -> None:
        """Back out of one thing: a step, a word, a filter, another order."""
        if self.maximized is not None:
            self._minimize()
            return
        if self.wanted:
            self.wanted = ""
        elif self.differing:
            self.differing = False
        else:
            self.slowest = False
        self.query_one(Twins).focus()
        self._fill()

    def action_differing(self) -> None:
        self.differing = not self.differing
        self._fill()

    def action_order(self) -> None:
        self.slowest = not self.slowest
        self._fill()

    def action_next(self, by: int) -> None:
        """Go to the next step that differs, or the one before."""
        pane = self.query_one(Twins)
        places = [y for y, one in enumerate(pane.twins) if one.mark != " " and (y - pane.cursor) * by > 0]
        if places:
            pane.move_to(min(places, key=lambda y: abs(y - pane.cursor)))
        else:
            self._tell(f"No step {'behind' if by > 0 else 'before'} this one differs.")

    def _tell(self, words: str) -> None:
        self.notify(words, timeout=6, markup=False)

    def action_find(self) -> None:
        async def say(text: str) -> None:
            self.wanted = text
            self._fill()

        hint = "only steps that hold it are shown, whatever the case · empty shows all"
        question = Question("Find steps", None, hint, "shows them", empty=True, value=self.wanted)
        self.app.push_screen(Ask(question, say))

    def action_help(self) -> None:
        lines = page_lines(HELP, BINDINGS, self.themed.settings.keys)
        lines.append((("Steps that differ", "section"),))
        lines += [((f"  {mark} ", style), (words, "")) for mark, (words, style) in MARKS.items() if words]
        self.app.push_screen(Help(lines))

    def action_palette(self) -> None:
        found = offered(BINDINGS, self.themed.settings, ("compare.palette", "compare.back", "compare.pane"))
        offer(self, found)

    def action_theme(self, name: str) -> None:
        """Look like another theme from here on."""
        self.themed.choose(theme=name)
        self._paint()
